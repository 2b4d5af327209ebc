//! Private image repositories, and the images that run.

use crate::arn::Arn;
use crate::ask::Ask;
use crate::ask::asked::client;
use crate::snapshot::ecr::{Ecr, Image, ImageName, Registry, Repository, ScanRule};
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::{GapId, Known, Listing, Snapshot};
use aws_sdk_ecr::operation::get_registry_scanning_configuration::GetRegistryScanningConfigurationOutput;
use aws_sdk_ecr::{Client, types};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::collections::{BTreeMap, BTreeSet};

const IMAGES: &Operation = named("ecr", "DescribeImages");
const REGISTRY: &Operation = named("ecr", "GetRegistryScanningConfiguration");
const REPOSITORY_SCANNING: &Operation = named("ecr", "BatchGetRepositoryScanningConfiguration");
const REPOSITORIES: &Operation = named("ecr", "DescribeRepositories");

/// The image repositories of a region.
pub(crate) async fn collect(ask: &Ask, _found: &Snapshot) -> Snapshot {
    let client = client!(aws_sdk_ecr, ask.config());
    let mut repositories = ask
        .list(
            REPOSITORIES,
            |token| {
                let request = client.describe_repositories().max_results(REPOSITORIES.page_size);
                request.set_next_token(token).send()
            },
            |page| page.next_token.clone(),
            |page| page.repositories.unwrap_or_default(),
            |item| repository(ask.region(), item),
        )
        .await;
    let registries = registry(ask, &client, &repositories).await;
    settle(ask, &client, &registries, &mut repositories.items).await;
    Snapshot { ecr: Ecr { repositories, registries, ..Ecr::default() }, ..Snapshot::default() }
}

/// How the registry scans, asked where there is something to scan.
async fn registry(ask: &Ask, client: &Client, repositories: &Listing<Repository>) -> Listing<Registry> {
    if repositories.items.is_empty() {
        return Listing::with_gaps(repositories.incomplete.clone());
    }
    let answer = ask.once(REGISTRY, None, client.get_registry_scanning_configuration().send()).await;
    let registry = answer
        .and_then(|answer| registry_record(ask.region(), answer).ok_or_else(|| ask.broken(REGISTRY, None)));
    match registry {
        Ok(registry) => Listing::of(vec![registry]),
        Err(gap) => Listing::with_gaps(vec![gap]),
    }
}

fn registry_record(region: &str, answer: GetRegistryScanningConfigurationOutput) -> Option<Registry> {
    let scanning = answer.scanning_configuration?;
    let rule = |rule: types::RegistryScanningRule| ScanRule {
        scan_frequency: rule.scan_frequency.as_str().to_owned(),
        repository_filters: rule.repository_filters.into_iter().map(|filter| filter.filter).collect(),
    };
    Some(Registry {
        id: answer.registry_id?,
        region: region.to_owned(),
        // PutRegistryScanningConfiguration documents BASIC for a registry that says nothing.
        scan_type: scanning.scan_type.map_or("BASIC".to_owned(), |kind| kind.as_str().to_owned()),
        scan_rules: scanning.rules.unwrap_or_default().into_iter().map(rule).collect(),
    })
}

/// Asks ECR what holds for repositories that scan on push by their own setting and that no rule of the
/// registry names. For all others the rules decide, or there are none.
async fn settle(ask: &Ask, client: &Client, registries: &Listing<Registry>, repositories: &mut [Repository]) {
    let registry = registries.iter().find(|registry| registry.region == ask.region());
    // Without the registry's rules it is not known of which repositories ECR has to be asked.
    let settled = match registries.incomplete.first() {
        Some(gap) => Known::No(gap.clone()),
        None => Known::Yes(None),
    };
    for repository in repositories.iter_mut() {
        repository.scan_frequency = settled.clone();
    }
    let Some(registry) = registry else { return };
    let is_in_doubt = |repository: &Repository| contradicts(registry, repository);
    let names: Vec<String> =
        repositories.iter().filter(|one| is_in_doubt(one)).map(|one| one.name.clone()).collect();
    let most = usize::try_from(REPOSITORY_SCANNING.page_size).unwrap_or(1).max(1);
    let answers = ask
        .each(names.chunks(most), |batch| async move {
            let request = client.batch_get_repository_scanning_configuration();
            let request = request.set_repository_names(Some(batch.to_vec())).send();
            let answer = ask.once(REPOSITORY_SCANNING, None, request).await;
            (batch, answer.map(|answer| answer.scanning_configurations.unwrap_or_default()))
        })
        .await;
    let mut frequencies: BTreeMap<String, Known<Option<String>>> = BTreeMap::new();
    for (batch, answer) in answers {
        let found = answer.map(frequencies_by_name);
        for name in batch {
            let frequency = found.clone().and_then(|found| {
                found.get(name).cloned().ok_or_else(|| ask.broken(REPOSITORY_SCANNING, Some(name)))
            });
            frequencies.insert(name.clone(), frequency.map(Some).into());
        }
    }
    for repository in repositories {
        if let Some(frequency) = frequencies.remove(&repository.name) {
            repository.scan_frequency = frequency;
        }
    }
}

fn contradicts(registry: &Registry, repository: &Repository) -> bool {
    registry.scan_type == "BASIC"
        && !registry.scan_rules.is_empty()
        && repository.scan_on_push
        && registry.rule_for(&repository.name).is_none()
}

fn frequencies_by_name(answer: Vec<types::RepositoryScanningConfiguration>) -> BTreeMap<String, String> {
    let pair = |one: types::RepositoryScanningConfiguration| {
        Some((one.repository_name?, one.scan_frequency?.as_str().to_owned()))
    };
    answer.into_iter().filter_map(pair).collect()
}

fn repository(region: &str, repository: types::Repository) -> Option<Repository> {
    let arn = repository.repository_arn?;
    let name = repository.repository_name?;
    Some(Repository {
        uri: repository.repository_uri.or_else(|| uri(&arn, &name))?,
        arn,
        region: region.to_owned(),
        name,
        // CreateRepository documents off and MUTABLE for repositories that say nothing.
        scan_on_push: repository.image_scanning_configuration.is_some_and(|scanning| scanning.scan_on_push),
        scan_frequency: Known::default(),
        tag_mutability: repository
            .image_tag_mutability
            .map_or("MUTABLE".to_owned(), |mutability| mutability.as_str().to_owned()),
    })
}

/// The address of a private repository, as Amazon ECR documents it, where an answer leaves it out.
fn uri(arn: &str, name: &str) -> Option<String> {
    let arn = Arn::parse(arn)?;
    let domain = if arn.partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
    Some(format!("{}.dkr.ecr.{}.{domain}/{name}", arn.account, arn.region))
}

/// The images in the region's private repositories that task definitions in use refer to.
pub(crate) async fn images(ask: &Ask, found: &Snapshot) -> Snapshot {
    let client = &client!(aws_sdk_ecr, ask.config());
    let definitions = &found.ecs.task_definitions;
    let containers = definitions.iter().flat_map(|definition| &definition.containers);
    let uris: BTreeSet<&str> = containers.map(|container| container.image.as_str()).collect();
    let named = uris.into_iter().filter_map(ImageName::parse);
    let own = named.filter(|image| image.account == ask.account() && image.region == ask.region());
    let items = ask
        .each(own, |image| async move {
            let about = ask.arn("ecr", &format!("repository/{}", image.repository));
            let digest = digest(ask, client, &about, &image).await;
            Image {
                uri: image.uri.to_owned(),
                region: ask.region().to_owned(),
                repository_name: image.repository.to_owned(),
                digest: digest.into(),
            }
        })
        .await;
    // A task definition that could not be read names images that are not here.
    let images = Listing { items, incomplete: definitions.incomplete.clone() };
    Snapshot { ecr: Ecr { images, ..Ecr::default() }, ..Snapshot::default() }
}

/// The digest behind a tag or digest; `None` when there is no such image, or no such repository.
async fn digest(
    ask: &Ask,
    client: &Client,
    about: &str,
    image: &ImageName<'_>,
) -> Result<Option<String>, GapId> {
    let id = types::ImageIdentifier::builder();
    let id = match image.digest {
        Some(digest) => id.image_digest(digest),
        None => id.image_tag(image.tag),
    };
    let request = client.describe_images().registry_id(image.account).repository_name(image.repository);
    let call = async {
        match request.image_ids(id.build()).send().await {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if error.code().is_some_and(is_missing) => Ok(None),
            Err(error) => Err(error),
        }
    };
    let about = format!("{about}:{}", image.digest.unwrap_or(image.tag));
    let Some(answer) = ask.once(IMAGES, Some(&about), call).await? else { return Ok(None) };
    let details = answer.image_details.unwrap_or_default();
    let digest = details.into_iter().find_map(|detail| detail.image_digest);
    digest.map(Some).ok_or_else(|| ask.broken(IMAGES, Some(&about)))
}

fn is_missing(code: &str) -> bool {
    ["ImageNotFoundException", "RepositoryNotFoundException"].contains(&code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_is_documented_where_nothing_is_said() {
        let answer = types::Repository::builder()
            .repository_arn("arn:1")
            .repository_name("shop")
            .repository_uri("uri");
        let plain = repository("ap-northeast-1", answer.clone().build()).unwrap();
        assert_eq!((plain.scan_on_push, plain.tag_mutability.as_str()), (false, "MUTABLE"));
        let scanning = types::ImageScanningConfiguration::builder().scan_on_push(true).build();
        let strict = answer
            .image_scanning_configuration(scanning)
            .image_tag_mutability(types::ImageTagMutability::Immutable)
            .build();
        let strict = repository("ap-northeast-1", strict).unwrap();
        assert_eq!((strict.scan_on_push, strict.tag_mutability.as_str()), (true, "IMMUTABLE"));
    }

    #[test]
    fn has_an_address_whether_it_is_said_or_not() {
        let answer = types::Repository::builder()
            .repository_arn("arn:aws:ecr:us-west-2:012345678910:repository/ubuntu")
            .repository_name("ubuntu")
            .build();
        let found = repository("us-west-2", answer).unwrap();
        assert_eq!(found.uri, "012345678910.dkr.ecr.us-west-2.amazonaws.com/ubuntu");
    }

    #[test]
    fn a_registry_that_says_nothing_scans_basically_and_without_rules() {
        let answer = |scanning: types::RegistryScanningConfiguration| {
            GetRegistryScanningConfigurationOutput::builder()
                .registry_id("123456789012")
                .scanning_configuration(scanning)
                .build()
        };
        let silent = types::RegistryScanningConfiguration::builder().build();
        let found = registry_record("ap-northeast-1", answer(silent)).unwrap();
        assert_eq!((found.scan_type.as_str(), found.scan_rules.len()), ("BASIC", 0));
        let filter = types::ScanningRepositoryFilter::builder()
            .filter("prod*")
            .filter_type(types::ScanningRepositoryFilterType::Wildcard)
            .build()
            .unwrap();
        let rule = types::RegistryScanningRule::builder()
            .scan_frequency(types::ScanFrequency::ContinuousScan)
            .repository_filters(filter)
            .build()
            .unwrap();
        let enhanced = types::RegistryScanningConfiguration::builder()
            .scan_type(types::ScanType::Enhanced)
            .rules(rule)
            .build();
        let found = registry_record("ap-northeast-1", answer(enhanced)).unwrap();
        assert_eq!(found.scan_type, "ENHANCED");
        assert_eq!(found.scan_rules[0].scan_frequency, "CONTINUOUS_SCAN");
        assert_eq!(found.scan_rules[0].repository_filters, ["prod*"]);
        assert_eq!(
            registry_record("ap-northeast-1", GetRegistryScanningConfigurationOutput::builder().build()),
            None
        );
    }

    #[test]
    fn only_a_setting_that_no_rule_covers_is_in_doubt() {
        let rule =
            ScanRule { scan_frequency: "SCAN_ON_PUSH".into(), repository_filters: vec!["prod*".into()] };
        let basic = Registry { scan_type: "BASIC".into(), scan_rules: vec![rule], ..Registry::default() };
        let repository = |name: &str, scan_on_push: bool| Repository {
            name: name.into(),
            scan_on_push,
            ..Repository::default()
        };
        assert!(contradicts(&basic, &repository("shop-api", true)));
        assert!(!contradicts(&basic, &repository("shop-api", false)));
        assert!(!contradicts(&basic, &repository("prod-api", true)));
        let enhanced = Registry { scan_type: "ENHANCED".into(), ..basic.clone() };
        assert!(!contradicts(&enhanced, &repository("shop-api", true)));
        let silent = Registry { scan_rules: Vec::new(), ..basic };
        assert!(!contradicts(&silent, &repository("shop-api", true)));
    }
}
