//! Whether a repository's images are scanned: the registry's rules, and the repository's own setting.

use crate::snapshot::ecr::{CONTINUOUS_SCAN, Registry, Repository, SCAN_ON_PUSH};
use crate::snapshot::known::Known;
use crate::snapshot::{GapId, Snapshot};
use crate::text::Text;

crate::record! {
    /// Whether and how a repository's images are scanned for known vulnerabilities.
    pub(crate) struct ImageScanning {
        /// Whether they are scanned when they are pushed, or again and again.
        pub is_scanned: Known<bool>,
        /// BASIC, or ENHANCED for Amazon Inspector.
        pub scan_type: Known<String>,
        /// SCAN_ON_PUSH, CONTINUOUS_SCAN, MANUAL, or OFF where enhanced scanning leaves the repository out.
        pub scan_frequency: Known<String>,
        /// What decides, in words.
        pub summary: Text,
    }
}

/// Enhanced scanning of a repository that no filter names.
const OFF: &str = "OFF";
const MANUAL: &str = "MANUAL";

/// See [`super::FUNCTIONS`].
pub(crate) fn image_scanning(snapshot: &Snapshot, repository: &Repository) -> ImageScanning {
    let registries = &snapshot.ecr.registries;
    let Some(registry) = registries.iter().find(|registry| registry.region == repository.region) else {
        let gap = registries.hidden_by(&repository.region, &repository.region);
        return unknown(&gap, Known::No(gap.clone()));
    };
    match frequency(registry, repository) {
        Ok((frequency, summary)) => ImageScanning {
            is_scanned: Known::Yes([SCAN_ON_PUSH, CONTINUOUS_SCAN].contains(&frequency.as_str())),
            scan_type: Known::Yes(registry.scan_type.clone()),
            scan_frequency: Known::Yes(frequency),
            summary,
        },
        Err(gap) => unknown(&gap, Known::Yes(registry.scan_type.clone())),
    }
}

fn unknown(gap: &GapId, scan_type: Known<String>) -> ImageScanning {
    ImageScanning {
        is_scanned: Known::No(gap.clone()),
        scan_type,
        scan_frequency: Known::No(gap.clone()),
        summary: Text::new(
            "How its images are scanned is not known.",
            "イメージのスキャン方法を確認できない。",
        ),
    }
}

/// The rules replace the repositories' settings, which count where a basic registry has no rules. For a
/// setting that no rule covers AWS documents both, so that ECR's own answer decides.
fn frequency(registry: &Registry, repository: &Repository) -> Result<(String, Text), GapId> {
    let is_enhanced = registry.scan_type != "BASIC";
    let (kind_en, kind_ja) = if is_enhanced {
        ("Enhanced", "拡張スキャン")
    } else {
        ("Basic", "ベーシックスキャン")
    };
    if let Some((rule, filter)) = registry.rule_for(&repository.name) {
        let frequency = rule.scan_frequency.clone();
        let summary = Text::new(
            format!("{kind_en} scanning, {frequency} by the registry's filter {filter}."),
            format!("{kind_ja}で、レジストリのフィルター {filter} により {frequency} になっている。"),
        );
        return Ok((frequency, summary));
    }
    if is_enhanced {
        let summary = Text::new(
            "Enhanced scanning, and none of the registry's filters names it.",
            "拡張スキャンだが、レジストリのどのフィルターにも一致しない。",
        );
        return Ok((OFF.to_owned(), summary));
    }
    if registry.scan_rules.is_empty() {
        let (frequency, state_en, state_ja) =
            if repository.scan_on_push { (SCAN_ON_PUSH, "on", "有効") } else { (MANUAL, "off", "無効") };
        let summary = Text::new(
            format!("Basic scanning without filters, and the repository's own setting is {state_en}."),
            format!("ベーシックスキャンでフィルターはなく、リポジトリ自身の設定は{state_ja}になっている。"),
        );
        return Ok((frequency.to_owned(), summary));
    }
    let settled = if repository.scan_on_push { repository.scan_frequency.ask()?.clone() } else { None };
    let frequency = settled.unwrap_or_else(|| MANUAL.to_owned());
    let summary = Text::new(
        format!("Basic scanning, none of the registry's filters names it, and it is {frequency}."),
        format!("ベーシックスキャンで、レジストリのどのフィルターにも一致せず、{frequency} になっている。"),
    );
    Ok((frequency, summary))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::ecr::ScanRule;

    const REGION: &str = "ap-northeast-1";

    fn account(scan_type: &str, rules: &[(&str, &str)]) -> Snapshot {
        let mut snapshot = Snapshot::default().complete();
        snapshot.ecr.registries.items = vec![Registry {
            region: REGION.into(),
            scan_type: scan_type.into(),
            scan_rules: rules
                .iter()
                .map(|(frequency, filter)| ScanRule {
                    scan_frequency: (*frequency).into(),
                    repository_filters: vec![(*filter).into()],
                })
                .collect(),
            ..Registry::default()
        }];
        snapshot
    }

    fn repository(scan_on_push: bool) -> Repository {
        Repository {
            region: REGION.into(),
            name: "shop-api".into(),
            scan_on_push,
            scan_frequency: Known::Yes(None),
            ..Repository::default()
        }
    }

    #[test]
    fn the_rules_of_the_registry_go_before_the_setting() {
        for (scan_type, rules, scan_on_push, expected) in [
            ("BASIC", vec![], true, "SCAN_ON_PUSH"),
            ("BASIC", vec![], false, "MANUAL"),
            ("BASIC", vec![("SCAN_ON_PUSH", "shop*")], false, "SCAN_ON_PUSH"),
            ("BASIC", vec![("SCAN_ON_PUSH", "tools")], false, "MANUAL"),
            ("BASIC", vec![("SCAN_ON_PUSH", "tools")], true, "MANUAL"),
            ("ENHANCED", vec![("CONTINUOUS_SCAN", "*")], false, "CONTINUOUS_SCAN"),
            ("ENHANCED", vec![("SCAN_ON_PUSH", "tools")], true, "OFF"),
            ("ENHANCED", vec![], true, "OFF"),
        ] {
            let found = image_scanning(&account(scan_type, &rules), &repository(scan_on_push));
            assert_eq!(found.scan_frequency, Known::Yes(expected.to_owned()), "{scan_type} {rules:?}");
            assert_eq!(found.is_scanned, Known::Yes(!["MANUAL", "OFF"].contains(&expected)));
        }
    }

    #[test]
    fn what_ecr_says_settles_a_contradiction() {
        let rules = account("BASIC", &[("SCAN_ON_PUSH", "tools")]);
        let settled =
            Repository { scan_frequency: Known::Yes(Some(SCAN_ON_PUSH.into())), ..repository(true) };
        assert_eq!(image_scanning(&rules, &settled).is_scanned, Known::Yes(true));
        let gap = GapId::new("ecr:BatchGetRepositoryScanningConfiguration", REGION, None);
        let hidden = Repository { scan_frequency: Known::No(gap.clone()), ..repository(true) };
        let found = image_scanning(&rules, &hidden);
        assert_eq!((found.is_scanned, found.scan_type), (Known::No(gap), Known::Yes("BASIC".to_owned())));
    }

    #[test]
    fn a_registry_that_is_hidden_leaves_it_open() {
        let mut snapshot = Snapshot::default().complete();
        let gap = GapId::new("ecr:GetRegistryScanningConfiguration", REGION, None);
        snapshot.ecr.registries.incomplete = vec![gap.clone()];
        assert_eq!(image_scanning(&snapshot, &repository(true)).is_scanned, Known::No(gap));
    }
}
