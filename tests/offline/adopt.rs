//! `tenken adopt`: the import blocks of the recorded accounts.

use hcl_edit::structure::Body;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tenken::adopt::{Adoption, AdoptionChoice, AdoptionError, adopt};
use tenken::finding::Run;
use tenken::run::{judge, write_new_files};
use tenken::snapshot::{Known, Snapshot, store};
use tenken::text::Lang;

fn account(name: &str) -> (Snapshot, Run) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/snapshots/{name}.json"));
    let snapshot = store::load(&path).unwrap();
    let run = judge(&snapshot, &tenken::run::policies(None, &[]).unwrap());
    (snapshot, run)
}

fn everything() -> AdoptionChoice {
    AdoptionChoice { is_everything: true, ..AdoptionChoice::default() }
}

/// The targets in their order, with the ids.
fn imports(adoption: &Adoption) -> Vec<(String, String)> {
    let body: Body = adoption.one_text().parse().unwrap();
    let attribute = |block: &hcl_edit::structure::Block, name: &str| {
        let value = &block.body.get_attribute(name).unwrap().value;
        value.as_str().map_or_else(|| value.to_string().trim().to_owned(), str::to_owned)
    };
    let blocks = body.blocks().filter(|block| block.has_ident("import"));
    blocks.map(|block| (attribute(block, "to"), attribute(block, "id"))).collect()
}

#[test]
fn everything_is_imported_once() {
    for name in ["ec-site", "ec-site-phase1", "worn-site"] {
        let (snapshot, run) = account(name);
        for lang in Lang::ALL {
            let adoption = adopt(&run, &snapshot, &everything(), lang).unwrap();
            adoption.provider.text.parse::<Body>().unwrap();
            assert!(adoption.provider.text.contains("allowed_account_ids = [\"123456789012\"]"));
            let imports = imports(&adoption);
            assert!(imports.len() > 25, "{name}: {}", imports.len());
            let targets: BTreeSet<&String> = imports.iter().map(|(target, _)| target).collect();
            assert_eq!(targets.len(), imports.len(), "{name}: no address twice");
            let kind = |target: &str| target.split('.').next().unwrap_or_default().to_owned();
            let ids: BTreeSet<(String, &String)> =
                imports.iter().map(|(target, id)| (kind(target), id)).collect();
            assert_eq!(ids.len(), imports.len(), "{name}: nothing twice");
            assert!(adoption.about.iter().any(|line| line.contains("-generate-config-out=")));
        }
    }
}

// The forms that the provider's documentation gives under "Import".
#[test]
fn ids_have_the_form_that_the_provider_imports() {
    let (snapshot, run) = account("worn-site");
    let imports: BTreeMap<String, String> =
        imports(&adopt(&run, &snapshot, &everything(), Lang::En).unwrap()).into_iter().collect();
    for (target, id) in [
        ("aws_ecs_service.shop_shop_api", "shop/shop-api"),
        ("aws_ecs_cluster.shop", "shop"),
        ("aws_db_instance.ec_db", "ec-db"),
        ("aws_rds_cluster.reports", "reports"),
        ("aws_cloudwatch_log_group.ecs_shop_api", "/ecs/shop-api"),
        ("aws_ecr_repository.shop_api", "shop-api"),
    ] {
        assert_eq!(imports.get(target).map(String::as_str), Some(id), "{target}: {imports:#?}");
    }
    let of = |kind: &str| {
        let prefix = format!("{kind}.");
        let found: Vec<&String> =
            imports.iter().filter(|(target, _)| target.starts_with(&prefix)).map(|(_, id)| id).collect();
        assert!(!found.is_empty(), "{kind}: {imports:#?}");
        found
    };
    for kind in ["aws_lb", "aws_lb_listener", "aws_lb_target_group", "aws_secretsmanager_secret"] {
        assert!(of(kind).iter().all(|id| id.starts_with("arn:aws:")), "{kind}");
    }
    assert!(of("aws_wafv2_web_acl").iter().all(|id| id.split('/').count() == 3 && id.ends_with("/REGIONAL")));
    for (kind, prefix) in [
        ("aws_vpc", "vpc-"),
        ("aws_subnet", "subnet-"),
        ("aws_security_group", "sg-"),
        ("aws_default_security_group", "sg-"),
        ("aws_default_route_table", "vpc-"),
        ("aws_route_table", "rtb-"),
    ] {
        assert!(of(kind).iter().all(|id| id.starts_with(prefix)), "{kind}: {:?}", of(kind));
    }
    let scaled = of("aws_appautoscaling_target");
    assert!(
        scaled.iter().all(|id| id.starts_with("ecs/service/") && id.ends_with("/ecs:service:DesiredCount"))
    );
}

#[test]
fn what_others_depend_on_comes_first() {
    let (snapshot, run) = account("ec-site");
    let imports = imports(&adopt(&run, &snapshot, &everything(), Lang::En).unwrap());
    let place = |kind: &str, of: fn(&mut dyn Iterator<Item = usize>) -> Option<usize>| {
        let prefix = format!("{kind}.");
        let mut places = imports
            .iter()
            .enumerate()
            .filter(|(_, (target, _))| target.starts_with(&prefix))
            .map(|(at, _)| at);
        of(&mut places).unwrap_or_else(|| panic!("{kind}"))
    };
    let (first, last) = (
        |places: &mut dyn Iterator<Item = usize>| places.min(),
        |places: &mut dyn Iterator<Item = usize>| places.max(),
    );
    for (before, after) in [
        ("aws_vpc", "aws_subnet"),
        ("aws_subnet", "aws_lb"),
        ("aws_security_group", "aws_lb"),
        ("aws_lb_target_group", "aws_lb_listener"),
        ("aws_lb", "aws_lb_listener"),
        ("aws_db_subnet_group", "aws_db_instance"),
        ("aws_security_group", "aws_db_instance"),
        ("aws_ecs_cluster", "aws_ecs_service"),
        ("aws_lb_target_group", "aws_ecs_service"),
    ] {
        assert!(place(before, last) < place(after, first), "{before} before {after}");
    }
}

// A stack or another configuration would fight with a second one.
#[test]
fn what_is_managed_already_is_left_out_and_named() {
    let (mut snapshot, run) = account("ec-site");
    let tags = &mut snapshot.rds.db_instances.items[0].tags;
    tags.insert("aws:cloudformation:stack-name".to_owned(), "shop-data".to_owned());
    snapshot.ecs.services.items[0].tags.insert("ManagedBy".to_owned(), "terraform".to_owned());
    let adoption = adopt(&run, &snapshot, &everything(), Lang::En).unwrap();
    let targets: BTreeSet<String> = imports(&adoption).into_iter().map(|(target, _)| target).collect();
    for (target, why) in [
        ("aws_db_instance.ec_db", "the stack shop-data manages it"),
        ("aws_ecs_service.shop_shop_api", "as the tag ManagedBy=terraform says"),
        // Its variables hold passwords in plain text.
        ("aws_ecs_task_definition.shop_api_1", "secrets are in it in plain text"),
    ] {
        assert!(!targets.contains(target), "{target}");
        let said = adoption.about.iter().any(|line| line.contains(target) && line.contains(why));
        assert!(said, "{target}: {:#?}", adoption.about);
    }
    let all = AdoptionChoice { includes_managed: true, ..everything() };
    let targets: BTreeSet<String> = imports(&adopt(&run, &snapshot, &all, Lang::En).unwrap())
        .into_iter()
        .map(|(target, _)| target)
        .collect();
    assert!(targets.contains("aws_db_instance.ec_db") && targets.contains("aws_ecs_service.shop_shop_api"));
    assert!(!targets.contains("aws_ecs_task_definition.shop_api_1"));
}

#[test]
fn policies_and_patterns_choose() {
    let (snapshot, run) = account("ec-site");
    let chosen = |policies: &[&str], resources: &[&str]| {
        let owned = |list: &[&str]| list.iter().map(|one| (*one).to_owned()).collect::<Vec<String>>();
        let choice = AdoptionChoice {
            policies: owned(policies),
            resources: owned(resources),
            ..AdoptionChoice::default()
        };
        adopt(&run, &snapshot, &choice, Lang::En)
            .map(|adoption| imports(&adoption).into_iter().map(|(target, _)| target).collect::<Vec<_>>())
    };
    assert_eq!(chosen(&["rds-single-az"], &[]).unwrap(), ["aws_db_instance.ec_db"]);
    assert_eq!(chosen(&[], &["*:db:*"]).unwrap(), ["aws_db_instance.ec_db"]);
    assert_eq!(chosen(&["no-such"], &[]), Err(AdoptionError::NoSuchPolicy { id: "no-such".to_owned() }));
    assert_eq!(chosen(&[], &["*:db:other"]), Err(AdoptionError::Nothing));
}

#[test]
fn files_that_are_there_stay() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("new");
    let files = [("a.tf", "a"), ("b.tf", "b")];
    write_new_files(&folder, &files).unwrap();
    std::fs::remove_file(folder.join("a.tf")).unwrap();
    std::fs::write(folder.join("b.tf"), "mine").unwrap();
    write_new_files(&folder, &files).unwrap_err();
    assert!(!folder.join("a.tf").exists(), "none is written");
    assert_eq!(std::fs::read_to_string(folder.join("b.tf")).unwrap(), "mine");
}

// What is changed beside a stack comes back with its next deployment: every format says so, because the message does.
#[test]
fn findings_of_what_is_managed_say_where_to_change_it() {
    let (mut snapshot, before) = account("ec-site");
    let database = snapshot.rds.db_instances.items[0].arn.clone();
    let service = snapshot.ecs.services.items[0].arn.clone();
    let tags = &mut snapshot.rds.db_instances.items[0].tags;
    tags.insert("aws:cloudformation:stack-name".to_owned(), "shop-data".to_owned());
    snapshot.ecs.services.items[0].tags.insert("managed-by".to_owned(), "terraform".to_owned());
    let run = judge(&snapshot, &tenken::run::policies(None, &[]).unwrap());
    let mut said = 0;
    for (finding, old) in run.findings.iter().zip(&before.findings) {
        assert_eq!(finding.id, old.id);
        let (en, ja) = match &finding.resource {
            arn if *arn == database => {
                ("Managed by the stack shop-data: change it there", "スタック shop-data で管理")
            }
            arn if *arn == service => {
                ("Managed by Terraform (tag managed-by=terraform)", "タグ managed-by=terraform")
            }
            // What is managed is counted there.
            _ if finding.policy == "resources-not-managed" => continue,
            _ => {
                assert_eq!(finding.message, old.message);
                continue;
            }
        };
        if !finding.is_open_failure() {
            assert_eq!(finding.message, old.message, "{}", finding.policy);
            continue;
        }
        said += 1;
        assert!(finding.message.en.contains(en) && finding.message.ja.contains(ja), "{:?}", finding.message);
        for option in finding.options.iter().filter(|option| !option.cli.en.is_empty()) {
            // In the subshell of a script that asks for values.
            let script = option.cli.en.strip_prefix("(\nset -euo pipefail\n").unwrap_or(&option.cli.en);
            assert!(script.starts_with(&format!("# {en}")), "{script}");
        }
        let choice =
            tenken::fix::Choice { findings: vec![finding.id.clone()], ..tenken::fix::Choice::default() };
        let fixes = tenken::fix::choose(&run, &choice).unwrap();
        for format in tenken::fix::FORMATS {
            for (lang, expected) in [(Lang::En, en), (Lang::Ja, ja)] {
                let text = tenken::fix::render(&run, &fixes, &snapshot, *format, lang);
                assert!(text.contains(expected), "{format}: {text}");
            }
        }
    }
    assert!(said > 10, "{said}");
}

fn adoption_finding(run: &Run) -> &tenken::finding::Finding {
    let found: Vec<_> = run.findings.iter().filter(|one| one.policy == "resources-not-managed").collect();
    let [finding] = found.as_slice() else { panic!("{found:#?}") };
    finding
}

#[test]
fn adoption_is_one_work_item_whose_hours_grow_with_the_account() {
    let mut hours = Vec::new();
    for name in ["ec-site", "worn-site"] {
        let (snapshot, run) = account(name);
        let finding = adoption_finding(&run);
        assert_eq!(finding.resource, "arn:aws:iam::123456789012:root");
        assert!(finding.is_open_failure());
        let [option] = finding.options.as_slice() else { panic!("{:#?}", finding.options) };
        assert!(
            option.cli.en.contains("\ntenken adopt --all ")
                && option.cli.ja.contains("\ntenken adopt --all ")
        );
        assert!(option.cli.en.contains("plan -generate-config-out="));
        // As many as the command writes.
        let imports = imports(&adopt(&run, &snapshot, &everything(), Lang::En).unwrap()).len();
        assert!(option.steps.en[1].contains(&format!("for {imports} resources")), "{:#?}", option.steps.en);
        let minutes = 4 * 60 + imports * 5;
        assert_eq!(option.impact.effort_hours, minutes.div_ceil(60) as f64);
        hours.push(option.impact.effort_hours);
    }
    assert!(hours[0] < hours[1], "{hours:?}");
}

#[test]
fn nothing_is_left_to_adopt_once_everything_says_who_manages_it() {
    let (mut snapshot, _) = account("worn-site");
    let policies = tenken::run::policies(None, &[]).unwrap();
    let stack = ("aws:cloudformation:stack-name".to_owned(), "shop".to_owned());
    let terraform = ("ManagedBy".to_owned(), "Terraform".to_owned());
    snapshot.ec2.vpcs.items.iter_mut().for_each(|one| one.tags.extend([stack.clone()]));
    snapshot.ec2.subnets.items.iter_mut().for_each(|one| one.tags.extend([stack.clone()]));
    snapshot.ec2.security_groups.items.iter_mut().for_each(|one| one.tags.extend([terraform.clone()]));
    snapshot.rds.db_clusters.items.iter_mut().for_each(|one| one.tags.extend([terraform.clone()]));
    snapshot.rds.db_instances.items.iter_mut().for_each(|one| one.tags.extend([terraform.clone()]));
    snapshot.ecs.clusters.items.iter_mut().for_each(|one| one.tags.extend([terraform.clone()]));
    let managed = || Known::Yes(BTreeMap::from([terraform.clone()]));
    snapshot.ec2.internet_gateways.items.iter_mut().for_each(|one| one.tags = managed());
    snapshot.ec2.nat_gateways.items.iter_mut().for_each(|one| one.tags = managed());
    snapshot.ec2.route_tables.items.iter_mut().for_each(|one| one.tags = managed());
    snapshot.ec2.network_acls.items.iter_mut().for_each(|one| one.tags = managed());
    snapshot.ec2.vpc_endpoints.items.iter_mut().for_each(|one| one.tags = managed());
    snapshot.elb.load_balancers.items.iter_mut().for_each(|one| one.tags = managed());
    snapshot.elb.target_groups.items.iter_mut().for_each(|one| one.tags = managed());
    snapshot.secretsmanager.secrets.items.iter_mut().for_each(|one| one.tags = managed());
    let run = judge(&snapshot, &policies);
    assert_eq!(adoption_finding(&run).verdict.as_str(), "fail", "the services are left");
    snapshot.ecs.services.items.iter_mut().for_each(|one| one.tags.extend([terraform.clone()]));
    let run = judge(&snapshot, &policies);
    let finding = adoption_finding(&run);
    assert_eq!(finding.verdict.as_str(), "pass");
    assert!(finding.message.en.contains("ManagedBy=Terraform "), "{:?}", finding.message);
    assert!(finding.message.en.contains("(shop "), "{:?}", finding.message);
    // A list that AWS did not give may hide what nobody manages.
    snapshot.ecs.services.items.clear();
    snapshot.ecs.services.incomplete =
        vec![tenken::snapshot::GapId::new("ecs:ListServices", "ap-northeast-1", None)];
    assert_eq!(adoption_finding(&judge(&snapshot, &policies)).verdict.as_str(), "unknown");
}
