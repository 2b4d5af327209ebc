//! Images and secrets that tasks start from.

use super::*;

fn images(scan_on_push: bool, registry: Option<(&str, &[(&str, &str)])>) -> Snapshot {
    let mut account = account();
    account.ecr.repositories.items = vec![Repository {
        arn: REPOSITORY.into(),
        region: REGION.into(),
        name: "shop-api".into(),
        uri: "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/shop-api".into(),
        scan_on_push,
        scan_frequency: Known::Yes(None),
        tag_mutability: "MUTABLE".into(),
    }];
    match registry {
        Some((scan_type, rules)) => {
            let rule = |(frequency, filter): &(&str, &str)| ScanRule {
                scan_frequency: (*frequency).into(),
                repository_filters: vec![(*filter).into()],
            };
            account.ecr.registries.items = vec![Registry {
                id: "123456789012".into(),
                region: REGION.into(),
                scan_type: scan_type.into(),
                scan_rules: rules.iter().map(rule).collect(),
            }];
        }
        None => {
            account.ecr.registries.incomplete =
                vec![GapId::new("ecr:GetRegistryScanningConfiguration", REGION, None)];
        }
    }
    account
}

#[test]
fn the_registry_decides_what_is_scanned() {
    let because = "repositories that no filter of a basic registry names are scanned by hand, those that no filter \
        of an enhanced registry names not at all; a filter without * names every repository that contains it \
        (https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-filters.html)";
    let case = |name, account, expected| Case {
        name,
        account,
        policy: "ecr-no-scan-on-push",
        resource: REPOSITORY,
        expected,
    };
    let rules = |own, kind, rules: &'static [(&str, &str)]| images(own, Some((kind, rules)));
    let settled = |frequency: Known<Option<String>>| {
        let mut account = rules(true, "BASIC", &[("SCAN_ON_PUSH", "batch-*")]);
        account.ecr.repositories.items[0].scan_frequency = frequency;
        account
    };
    let tags = |mutability: &str| {
        let mut account = images(true, Some(("BASIC", &[])));
        account.ecr.repositories.items[0].tag_mutability = mutability.into();
        account
    };
    let tag = |name, account, expected| Case { policy: "ecr-mutable-tags", ..case(name, account, expected) };
    check(
        because,
        &[
            case("the repository's own setting", rules(true, "BASIC", &[]), PASS),
            case("no setting", rules(false, "BASIC", &[]), FAIL),
            case("a rule for all", rules(false, "BASIC", &[("SCAN_ON_PUSH", "*")]), PASS),
            case("a rule for a part of the name", rules(false, "BASIC", &[("SCAN_ON_PUSH", "shop")]), PASS),
            case("a rule for others", rules(false, "BASIC", &[("SCAN_ON_PUSH", "batch-*")]), FAIL),
            case("Inspector, on push", rules(false, "ENHANCED", &[("SCAN_ON_PUSH", "*")]), PASS),
            case("Inspector, continuously", rules(false, "ENHANCED", &[("CONTINUOUS_SCAN", "shop*")]), PASS),
            case("Inspector, for others", rules(true, "ENHANCED", &[("CONTINUOUS_SCAN", "batch")]), FAIL),
            case("Inspector, for none", rules(true, "ENHANCED", &[]), FAIL),
            case(
                "a setting that no rule covers, and ECR says on push",
                settled(Known::Yes(Some("SCAN_ON_PUSH".into()))),
                PASS,
            ),
            case(
                "a setting that no rule covers, and ECR says by hand",
                settled(Known::Yes(Some("MANUAL".into()))),
                FAIL,
            ),
            case("a setting that no rule covers, and ECR does not say", settled(Known::default()), UNKNOWN),
            case("a registry that is hidden", images(true, None), UNKNOWN),
            tag("tags that move", tags("MUTABLE"), FAIL),
            tag("tags that stay", tags("IMMUTABLE"), PASS),
            tag("tags that stay but for some", tags("IMMUTABLE_WITH_EXCLUSION"), PASS),
            tag("tags that move but for some", tags("MUTABLE_WITH_EXCLUSION"), FAIL),
        ],
    );
}

#[test]
fn secrets_are_changed_and_used() {
    let because = "SecretsManager.1 to SecretsManager.4 \
        (https://docs.aws.amazon.com/securityhub/latest/userguide/secretsmanager-controls.html)";
    let secret = |edit: fn(&mut Secret)| {
        let mut secret = Secret {
            tags: tenken::snapshot::Known::Yes(Default::default()),
            arn: SECRET.into(),
            region: REGION.into(),
            name: "shop/db".into(),
            rotation_enabled: true,
            last_rotated_at: Some("2026-06-15T12:00:00Z".into()),
            rotation_days: Known::Yes(Some(30)),
            next_rotation_at: Known::Yes(Some("2026-07-15T12:00:00Z".into())),
            created_at: Known::Yes(Some("2025-01-01T00:00:00Z".into())),
            last_accessed_at: Known::Yes(Some("2026-06-30T00:00:00Z".into())),
            owning_service: Known::Yes(None),
            primary_region: Known::Yes(None),
            kms_key_id: Known::Yes(None),
            deleted_at: None,
        };
        edit(&mut secret);
        let mut account = account();
        account.secretsmanager.secrets.items = vec![secret];
        account
    };
    let case = |policy, name, account, expected| Case { name, account, policy, resource: SECRET, expected };
    let rotation = |name, account, expected| case("secret-no-rotation", name, account, expected);
    let overdue = |name, account, expected| case("secret-rotation-overdue", name, account, expected);
    let unused = |name, account, expected| case("secret-unused", name, account, expected);
    fn by_hand(secret: &mut Secret) {
        secret.rotation_enabled = false;
    }
    check(
        because,
        &[
            rotation("rotated", secret(|_| ()), PASS),
            rotation("by hand", secret(by_hand), FAIL),
            rotation(
                "another service's",
                secret(|one| {
                    by_hand(one);
                    one.owning_service = Known::Yes(Some("events".into()));
                }),
                SKIP,
            ),
            rotation(
                "a replica",
                secret(|one| {
                    by_hand(one);
                    one.primary_region = Known::Yes(Some("us-east-1".into()));
                }),
                SKIP,
            ),
            rotation(
                "a secret with replicas",
                secret(|one| {
                    by_hand(one);
                    one.primary_region = Known::Yes(Some(REGION.into()));
                }),
                FAIL,
            ),
            rotation(
                "to be deleted",
                secret(|one| one.deleted_at = Some("2026-07-20T00:00:00Z".into())),
                SKIP,
            ),
            rotation(
                "an owner that is hidden",
                secret(|one| {
                    by_hand(one);
                    one.owning_service = Known::default();
                }),
                UNKNOWN,
            ),
            overdue("in time", secret(|_| ()), PASS),
            overdue(
                "a rotation that fails",
                secret(|one| one.last_rotated_at = Some("2026-05-01T12:00:00Z".into())),
                FAIL,
            ),
            overdue(
                "a rotation within its window",
                secret(|one| one.last_rotated_at = Some("2026-05-30T12:00:00Z".into())),
                PASS,
            ),
            overdue(
                "once a year",
                secret(|one| {
                    one.last_rotated_at = Some("2026-01-15T12:00:00Z".into());
                    one.rotation_days = Known::Yes(Some(365));
                }),
                FAIL,
            ),
            overdue("by hand", secret(by_hand), SKIP),
            overdue("a schedule that is hidden", secret(|one| one.rotation_days = Known::default()), UNKNOWN),
            unused("read today", secret(|_| ()), PASS),
            unused(
                "read in spring",
                secret(|one| one.last_accessed_at = Known::Yes(Some("2026-03-01T00:00:00Z".into()))),
                FAIL,
            ),
            unused("never read", secret(|one| one.last_accessed_at = Known::Yes(None)), FAIL),
            unused(
                "made yesterday",
                secret(|one| {
                    one.last_accessed_at = Known::Yes(None);
                    one.created_at = Known::Yes(Some("2026-06-29T00:00:00Z".into()));
                }),
                PASS,
            ),
            unused("of an older snapshot", secret(|one| one.last_accessed_at = Known::default()), UNKNOWN),
        ],
    );
}
