//! The Terraform of `tenken fix`, read with a parser of HCL: every option of every finding of the recorded accounts, and
//! everything at once. `mocks/build/check_terraform.py` reads the same with another parser and the provider's schema.

use hcl_edit::expr::{Expression, Traversal, TraversalOperator};
use hcl_edit::structure::{Block, Body};
use hcl_edit::visit::{Visit, visit_traversal};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tenken::finding::Run;
use tenken::fix::{Choice, choose, render};
use tenken::report::Format;
use tenken::run::judge;
use tenken::snapshot::{Snapshot, store};
use tenken::text::{Bilingual, Lang};

const ACCOUNTS: [&str; 3] = ["ec-site", "ec-site-phase1", "worn-site"];

fn account(name: &str) -> (Snapshot, Run) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/snapshots/{name}.json"));
    let snapshot = store::load(&path).unwrap();
    let policies = tenken::run::policies(None, &[]).unwrap();
    let run = judge(&snapshot, &policies);
    (snapshot, run)
}

fn terraform((snapshot, run): &(Snapshot, Run), choice: &Choice, lang: Lang) -> String {
    let fixes = choose(run, choice).unwrap();
    render(run, &fixes, snapshot, Format::Terraform, lang)
}

/// What a file declares, imports and refers to.
#[derive(Default)]
struct File {
    declared: Vec<String>,
    imports: Vec<(String, String)>,
    references: BTreeSet<String>,
    blocks: BTreeMap<String, Block>,
}

impl File {
    /// A file that holds what must hold of every file.
    fn read(what: &str, text: &str) -> File {
        let body: Body = text.parse().unwrap_or_else(|error| panic!("{what}: {error}\n{text}"));
        let mut file = File::default();
        for block in body.blocks() {
            file.take(block);
        }
        assert_eq!(body.attributes().count(), 0, "{what}: nothing stands alone");
        let names: BTreeSet<&String> = file.declared.iter().collect();
        assert_eq!(names.len(), file.declared.len(), "{what}: no address twice: {:?}", file.declared);
        let lost: Vec<&String> = file.references.iter().filter(|one| !names.contains(one)).collect();
        assert!(lost.is_empty(), "{what}: not declared: {lost:?}");
        for (target, _) in &file.imports {
            assert!(names.contains(target), "{what}: {target} is imported and has no block");
        }
        let ids: BTreeSet<(&str, &str)> = file
            .imports
            .iter()
            .map(|(target, id)| (target.split('.').next().unwrap_or_default(), id.as_str()))
            .collect();
        assert_eq!(ids.len(), file.imports.len(), "{what}: nothing is imported twice");
        for name in file.declared.iter().filter(|name| name.starts_with("var.")) {
            assert!(file.references.contains(name), "{what}: {name} is not used");
            let description = file.blocks[name].body.get_attribute("description");
            assert!(
                description.is_some_and(|one| one.value.as_str().is_some_and(|text| text.len() > 5)),
                "{what}: {name} has no description"
            );
            // What the account has for it; nothing else is offered.
            let default =
                file.blocks[name].body.get_attribute("default").map(|one| one.value.as_str().unwrap());
            assert!(
                default.is_none_or(|id| id.starts_with("sg-") && !id.contains('…')),
                "{what}: {name} is guessed"
            );
        }
        file
    }

    fn take(&mut self, block: &Block) {
        let labels: Vec<&str> = block.labels.iter().map(|label| label.as_str()).collect();
        let address = match (block.ident.as_str(), labels.as_slice()) {
            ("resource", [kind, name]) => format!("{kind}.{name}"),
            ("data", [kind, name]) => format!("data.{kind}.{name}"),
            ("variable", [name]) => format!("var.{name}"),
            ("import", []) => {
                let target = block.body.get_attribute("to").unwrap().value.to_string();
                let id = block.body.get_attribute("id").unwrap().value.as_str().unwrap().to_owned();
                return self.imports.push((target.trim().to_owned(), id));
            }
            ("locals", []) => {
                self.declared
                    .extend(block.body.attributes().map(|one| format!("local.{}", one.key.as_str())));
                return self.visit_body(&block.body);
            }
            other => panic!("{other:?}"),
        };
        self.visit_body(&block.body);
        self.declared.push(address.clone());
        self.blocks.insert(address, block.clone());
    }
}

impl Visit for File {
    fn visit_traversal(&mut self, traversal: &Traversal) {
        if let Expression::Variable(root) = &traversal.expr {
            let steps: Vec<&str> = traversal
                .operators
                .iter()
                .map_while(|step| match step.value() {
                    TraversalOperator::GetAttr(name) => Some(name.as_str()),
                    _ => None,
                })
                .collect();
            match (root.as_str(), steps.as_slice()) {
                ("data", [kind, name, ..]) => drop(self.references.insert(format!("data.{kind}.{name}"))),
                (root, [name, ..]) if root.starts_with("aws_") || matches!(root, "var" | "local") => {
                    self.references.insert(format!("{root}.{name}"));
                }
                _ => {}
            }
        }
        visit_traversal(self, traversal);
    }
}

#[test]
fn every_option_of_every_finding_is_a_file() {
    let mut files = 0;
    for name in ACCOUNTS {
        let account = account(name);
        for finding in account.1.findings.iter().filter(|finding| finding.is_open_failure()) {
            for option in &finding.options {
                let choice = Choice {
                    findings: vec![finding.id.clone()],
                    options: vec![(finding.policy.clone(), option.id.clone())],
                    ..Choice::default()
                };
                for lang in Lang::ALL {
                    let what = format!("{name} {} {} {}", finding.id, finding.policy, option.id);
                    let text = terraform(&account, &choice, lang);
                    File::read(&what, &text);
                    let says_nothing = lang.pick("has no Terraform block", "Terraform のブロックがない");
                    assert_eq!(option.terraform.en.is_empty(), text.contains(says_nothing), "{what}\n{text}");
                    files += 1;
                }
            }
        }
    }
    assert!(files > 400, "{files}");
}

#[test]
fn everything_at_once_is_one_file() {
    for name in ACCOUNTS {
        let account = account(name);
        for lang in Lang::ALL {
            let text = terraform(&account, &Choice::default(), lang);
            let file = File::read(name, &text);
            assert!(file.imports.len() > 2, "{name}: {:?}", file.imports);
            for finding in account.1.findings.iter().filter(|finding| finding.is_open_failure()) {
                assert!(text.contains(&finding.id), "{name}: {}", finding.id);
            }
        }
    }
}

// An apply changes what is listed and nothing else.
#[test]
fn blocks_of_what_exists_leave_everything_else_alone() {
    let file = File::read("ec-site", &terraform(&account("ec-site"), &Choice::default(), Lang::En));
    let database = &file.blocks["aws_db_instance.ec_db"];
    let lifecycle = database.body.get_blocks("lifecycle").next().unwrap();
    let ignored = lifecycle.body.get_attribute("ignore_changes").unwrap().value.to_string();
    let written =
        |name: &str| database.body.get_attribute(name).map(|one| one.value.to_string().trim().to_owned());
    for (name, value) in [
        ("multi_az", "true"),
        ("deletion_protection", "true"),
        ("backup_retention_period", "7"),
        ("monitoring_interval", "60"),
    ] {
        assert_eq!(written(name).as_deref(), Some(value), "{name}");
        assert!(!ignored.contains(&format!(" {name},")), "{name}");
    }
    // What the provider requires is there as it is, and stays.
    assert_eq!(written("instance_class").as_deref(), Some("\"db.t4g.small\""));
    for name in ["instance_class", "password", "storage_encrypted", "tags", "engine_version"] {
        assert!(ignored.contains(&format!(" {name},")), "{name}: {ignored}");
    }
    assert!(lifecycle.body.has_attribute("prevent_destroy"));
    let listeners: Vec<&String> =
        file.declared.iter().filter(|one| one.starts_with("aws_lb_listener.")).collect();
    assert_eq!(listeners, ["aws_lb_listener.shop_alb_https", "aws_lb_listener.shop_alb_80"]);
    let target = file.imports.iter().find(|(target, _)| target == "aws_lb_listener.shop_alb_80").unwrap();
    assert!(target.1.contains(":listener/app/shop-alb/"), "{}", target.1);
}

// Two findings about one target group want different arguments of one block.
#[test]
fn what_several_findings_want_of_one_block_is_merged() {
    let choice = Choice {
        policies: ["target-slow-failure-detection", "target-health-check-path-default"]
            .map(str::to_owned)
            .to_vec(),
        ..Choice::default()
    };
    let file = File::read("ec-site", &terraform(&account("ec-site"), &choice, Lang::En));
    let group = &file.blocks["aws_lb_target_group.shop_tg"];
    let check = group.body.get_blocks("health_check").next().unwrap();
    let written: BTreeMap<&str, String> = check
        .body
        .attributes()
        .map(|one| (one.key.as_str(), one.value.to_string().trim().to_owned()))
        .collect();
    for (name, value) in
        [("interval", "10"), ("path", "\"/health\""), ("protocol", "\"HTTP\""), ("healthy_threshold", "2")]
    {
        assert_eq!(written.get(name).map(String::as_str), Some(value), "{name}: {written:?}");
    }
}

// The more urgent of two findings decides, and the file says what the other one wants.
#[test]
fn contradictions_are_said() {
    let (snapshot, mut run) = account("ec-site");
    let at = |run: &Run, policy: &str| run.findings.iter().position(|one| one.policy == policy).unwrap();
    let text = |days: u32| {
        let text =
            format!("resource \"aws_db_instance\" \"this\" {{\n  backup_retention_period = {days}\n}}\n");
        Bilingual { en: text.clone(), ja: text }
    };
    let (urgent, other) = (at(&run, "rds-no-automated-backup"), at(&run, "rds-no-deletion-protection"));
    run.findings[urgent].options[0].terraform = text(14);
    run.findings[other].options[0].terraform = text(30);
    let ids: Vec<String> = [urgent, other].map(|index| run.findings[index].id.clone()).to_vec();
    let choice = Choice { findings: ids.clone(), ..Choice::default() };
    let text = terraform(&(snapshot, run), &choice, Lang::En);
    File::read("contradiction", &text);
    assert!(text.contains("backup_retention_period = 14\n"), "{text}");
    let said = format!(
        "# the more urgent finding decides; {} rds-no-deletion-protection wants backup_retention_period = 30",
        ids[1]
    );
    assert!(text.contains(&said), "{text}");
}
