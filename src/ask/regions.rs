//! The regions to ask: those that were named, or all that the account has enabled.

use super::asked::client;
use super::failure::classify;
use super::{CollectError, ScanOptions};
use crate::snapshot::Cause;
use aws_types::SdkConfig;
use aws_types::region::Region;

/// What stands for every region that the account has enabled.
pub(super) const ALL_REGIONS: &str = "all";

/// The region in which a partition's global services are asked.
pub(crate) fn global_region(partition: &str) -> &'static str {
    match partition {
        "aws-cn" => "cn-north-1",
        "aws-us-gov" => "us-gov-west-1",
        _ => "us-east-1",
    }
}

/// The regions of a scan.
pub(super) struct Regions {
    /// Their names.
    pub names: Vec<String>,
    /// Why nobody could say whether the account has them.
    pub unchecked: Option<Unlisted>,
}

/// Why AWS listed no regions: the cause, and its code or what happened.
pub(super) type Unlisted = (Cause, String);

/// The regions to ask, each of which the account has, as far as AWS says.
pub(super) async fn regions(
    options: &ScanOptions,
    config: &SdkConfig,
    partition: &str,
) -> Result<Regions, CollectError> {
    let checked = |names| Ok(Regions { names, unchecked: None });
    if options.regions.is_empty() {
        let region = config.region().ok_or(CollectError::NoRegion)?;
        return checked(vec![region.to_string()]);
    }
    let wants_all = options.regions.iter().any(|region| region == ALL_REGIONS);
    let listed = list_regions(config, partition).await;
    match listed {
        Ok(known) if wants_all => {
            let enabled = known.into_iter().filter(|region| region.is_enabled);
            let names: Vec<String> = enabled.map(|region| region.name).collect();
            // Every account has regions. Without any, nothing would be asked and all be well.
            if names.is_empty() {
                Err(unlisted((Cause::Failed, NO_REGIONS.to_owned())))
            } else {
                checked(names)
            }
        }
        Err(why) if wants_all => Err(unlisted(why)),
        Ok(known) => checked(check_regions(&options.regions, &known)?),
        // Names that AWS would not let us check are asked as they are.
        Err(why) => Ok(Regions { names: options.regions.clone(), unchecked: Some(why) }),
    }
}

fn unlisted((cause, code): Unlisted) -> CollectError {
    CollectError::NoRegionList { cause, code }
}

/// The code of an answer that names no region.
const NO_REGIONS: &str = "NoRegions";

/// A region of the partition.
struct KnownRegion {
    name: String,
    is_enabled: bool,
}

async fn list_regions(config: &SdkConfig, partition: &str) -> Result<Vec<KnownRegion>, Unlisted> {
    // The region may not exist, and the partition's main one may be closed by a policy.
    let main = Region::from_static(global_region(partition));
    let first = config.region().cloned().unwrap_or(main.clone());
    match list_regions_in(config, first.clone()).await {
        Err(_) if first != main => list_regions_in(config, main).await,
        answer => answer,
    }
}

async fn list_regions_in(config: &SdkConfig, region: Region) -> Result<Vec<KnownRegion>, Unlisted> {
    let config = config.to_builder().region(region).build();
    let answer = client!(aws_sdk_ec2, &config).describe_regions().all_regions(true).send().await;
    let answer = answer.map_err(|error| classify(&error))?;
    let known: Vec<KnownRegion> = answer
        .regions()
        .iter()
        .filter_map(|region| {
            let name = region.region_name()?.to_owned();
            Some(KnownRegion { name, is_enabled: region.opt_in_status() != Some("not-opted-in") })
        })
        .collect();
    // A list without regions says nothing about those that were named.
    if known.is_empty() { Err((Cause::Failed, NO_REGIONS.to_owned())) } else { Ok(known) }
}

fn check_regions(wanted: &[String], known: &[KnownRegion]) -> Result<Vec<String>, CollectError> {
    for region in wanted {
        match known.iter().find(|known| known.name == *region) {
            Some(known) if known.is_enabled => {}
            Some(_) => return Err(CollectError::RegionNotEnabled { region: region.clone() }),
            None => {
                let known = known.iter().map(|known| known.name.clone()).collect();
                return Err(CollectError::UnknownRegion { region: region.clone(), known });
            }
        }
    }
    Ok(wanted.to_vec())
}

/// Region names look like `ap-northeast-1` or `us-gov-west-1`.
pub(super) fn looks_like_region(name: &str) -> bool {
    let mut parts = name.rsplit('-');
    let number = parts.next().unwrap_or_default();
    let words: Vec<&str> = parts.collect();
    !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && words.len() >= 2
        && words.iter().all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn region_names() {
        for name in ["ap-northeast-1", "us-gov-west-1", "eu-isoe-west-1"] {
            assert!(looks_like_region(name), "{name}");
        }
        for name in ["", "tokyo", "ap-northeast", "ap_northeast_1", "ap-northeast-1a", "-1", "https://x-y-1"]
        {
            assert!(!looks_like_region(name), "{name}");
        }
    }

    #[test]
    fn a_region_that_is_not_enabled_is_not_unknown() {
        let known = [
            KnownRegion { name: "us-east-1".to_owned(), is_enabled: true },
            KnownRegion { name: "af-south-1".to_owned(), is_enabled: false },
        ];
        assert!(check_regions(&["us-east-1".to_owned()], &known).is_ok());
        assert!(matches!(
            check_regions(&["af-south-1".to_owned()], &known),
            Err(CollectError::RegionNotEnabled { .. })
        ));
        assert!(matches!(
            check_regions(&["us-east-9".to_owned()], &known),
            Err(CollectError::UnknownRegion { .. })
        ));
    }
}
