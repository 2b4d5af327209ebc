//! Options carried out on the recorded accounts: each recommended one mends what it is for, and
//! makes nothing worse. `tests/snapshots/` holds the accounts as they were collected;
//! `tests/aws/accounts.rs` keeps them true. `UPDATE_GOLDEN=1` writes the expected changes anew.

use crate::golden::assert_golden;
use crate::schema;
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use tenken::arn::display_name;
use tenken::conclude;
use tenken::conclude::facts::Facts;
use tenken::finding::{Finding, MonthlyCost, Verdict};
use tenken::policy::effect::saved;
use tenken::policy::evaluate::Value;
use tenken::policy::judge::judge;
use tenken::policy::{Policy, PolicySet};
use tenken::price::Currency;
use tenken::report::simulation::SimulationReport;
use tenken::report::{Format, Look, render};
use tenken::simulate::{ChosenOption, OptionOutcome, SimulateError, Simulation, simulate};
use tenken::snapshot::{Cause, Gap, GapId, Known, Snapshot, store};
use tenken::text::Lang;

const ACCOUNTS: &[&str] = &["ec-site", "ec-site-phase1", "worn-site"];

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn account(name: &str) -> Snapshot {
    let path = repository("tests/snapshots").join(format!("{name}.json"));
    let hint = "UPDATE_GOLDEN=1 cargo test --release --test aws accounts:: writes it anew";
    let loaded = store::load(&path);
    assert!(loaded.is_ok(), "{}; {hint}", loaded.unwrap_err());
    loaded.unwrap()
}

fn policies() -> PolicySet {
    PolicySet::embedded().unwrap()
}

fn failures(findings: &[Finding]) -> impl Iterator<Item = &Finding> {
    findings.iter().filter(|finding| finding.verdict == Verdict::Fail)
}

/// The recommended option of a failure, carried out alone.
fn mend(snapshot: &Snapshot, set: &PolicySet, before: &[Finding], finding: &Finding) -> Simulation {
    let choice = ChosenOption {
        policy: finding.policy.clone(),
        option: None,
        resource: Some(finding.resource.clone()),
    };
    simulate(snapshot, set, before, &[choice]).unwrap()
}

fn recommended<'p>(set: &'p PolicySet, finding: &Finding) -> (&'p Policy, String) {
    let policy = set.find(&finding.policy).unwrap();
    (policy, policy.options.first().unwrap().id.clone())
}

#[test]
fn the_saved_accounts_are_judged_as_the_recorded_ones() {
    for name in ACCOUNTS {
        let golden =
            std::fs::read_to_string(repository("tests/golden").join(format!("{name}.json"))).unwrap();
        let golden: Json = serde_json::from_str(&golden).unwrap();
        let text = |finding: &Json, key: &str| finding[key].as_str().unwrap().to_owned();
        let recorded: BTreeSet<(String, String)> = golden["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| (text(finding, "id"), text(finding, "verdict")))
            .collect();
        let judged = judge(&account(name), &policies());
        let judged: BTreeSet<(String, String)> =
            judged.into_iter().map(|finding| (finding.id, finding.verdict.as_str().to_owned())).collect();
        assert_eq!(judged, recorded, "{name}");
    }
}

/// What an option cannot help: whom the rules of a database admit is admitted to its new port as well, and
/// the quota on Spot is asked for where Spot is used.
fn is_elsewhere(mended: &Finding, found: &Finding) -> bool {
    let admits = [
        "db-security-group-admits-network",
        "db-security-group-open-to-world",
        "security-group-open-to-world",
    ];
    match mended.policy.as_str() {
        "rds-default-port" => admits.contains(&found.policy.as_str()),
        // A new member has what fails at those beside it.
        "rds-cluster-single-az" => found.resource.ends_with("-reader"),
        "rds-cluster-unencrypted-storage" => found.resource.ends_with("-encrypted"),
        "ecs-no-fargate-spot" => found.policy == "ecs-new-task-would-not-start",
        _ => false,
    }
}

#[test]
fn every_recommended_option_mends_its_failure_and_makes_nothing_worse() {
    let set = policies();
    let mut problems = String::new();
    let mut changes = String::new();
    for name in ACCOUNTS {
        let snapshot = account(name);
        let before = judge(&snapshot, &set);
        for finding in failures(&before) {
            let (_, option) = recommended(&set, finding);
            let what = format!("{name}: {}/{option}@{}", finding.policy, display_name(&finding.resource));
            let after = mend(&snapshot, &set, &before, finding);
            // Several failures of a resource are mended together: the first may close the others.
            let is_done = |outcome: &OptionOutcome| {
                matches!(outcome, OptionOutcome::Done | OptionOutcome::ClosedBefore)
            };
            if let Some(carried) = after.carried.iter().find(|carried| !is_done(&carried.outcome)) {
                writeln!(problems, "{what}: {:?}", carried.outcome).unwrap();
            }
            if !after.closes.iter().any(|closed| closed.id == finding.id) {
                writeln!(problems, "{what}: still fails").unwrap();
            }
            let worse = after.opens.iter().filter(|opened| opened.severity > finding.severity);
            let worse = worse.filter(|opened| !is_elsewhere(finding, opened));
            // What failed there before, and under another name now, is no worse.
            let is_moved = |opened: &&Finding| {
                let same =
                    |found: &&Finding| (&found.policy, &found.resource) == (&opened.policy, &opened.resource);
                let (closed, opened) = (after.closes.iter(), after.opens.iter());
                opened.filter(same).count() <= closed.filter(same).count()
            };
            let worse = worse.filter(|opened| !is_moved(opened));
            worse.for_each(|opened| {
                writeln!(problems, "{what}: opens {} ({})", opened.policy, opened.message.en).unwrap();
            });
            let hidden = after.unknown.iter().filter(|hidden| !is_elsewhere(finding, hidden));
            hidden.for_each(|hidden| {
                writeln!(problems, "{what}: hides {} ({})", hidden.policy, hidden.message.en).unwrap();
            });
            describe(&mut changes, &what, finding, &after);
        }
    }
    assert!(problems.is_empty(), "\n{problems}");
    assert_golden("simulate.txt", &changes);
}

/// Another way out may leave its own failure, where it only lowers the risk; what it does is told.
#[test]
fn alternatives_do_what_is_expected_of_them() {
    let set = policies();
    let mut changes = String::new();
    for name in ACCOUNTS {
        let snapshot = account(name);
        let before = judge(&snapshot, &set);
        for finding in failures(&before) {
            let policy = set.find(&finding.policy).unwrap();
            for option in policy.options.iter().skip(1).filter(|option| !option.effect.changes.is_empty()) {
                let what = format!("{name}: {}/{}@{}", policy.id, option.id, display_name(&finding.resource));
                let choice = ChosenOption {
                    policy: policy.id.clone(),
                    option: Some(option.id.clone()),
                    resource: Some(finding.resource.clone()),
                };
                let after = simulate(&snapshot, &set, &before, &[choice]).unwrap();
                let outcomes = after.carried.iter().map(|carried| &carried.outcome);
                assert!(
                    outcomes.clone().any(|outcome| *outcome == OptionOutcome::Done),
                    "{what}: {:?}",
                    after.carried
                );
                assert!(after.unknown.is_empty(), "{what}: {:?}", after.unknown);
                describe(&mut changes, &what, finding, &after);
                if after.stays.iter().any(|stays| stays.id == finding.id) {
                    writeln!(changes, "  still fails").unwrap();
                }
            }
        }
    }
    assert_golden("simulate-alternatives.txt", &changes);
}

fn describe(changes: &mut String, what: &str, finding: &Finding, after: &Simulation) {
    writeln!(changes, "{what}").unwrap();
    let key = |finding: &Finding| {
        let tail = if finding.discriminator.is_empty() { "" } else { "#" };
        format!("{}@{}{tail}{}", finding.policy, display_name(&finding.resource), finding.discriminator)
    };
    for closed in after.closes.iter().filter(|closed| closed.id != finding.id) {
        writeln!(changes, "  closes {}", key(closed)).unwrap();
    }
    for opened in &after.opens {
        writeln!(changes, "  opens {} ({})", key(opened), opened.severity).unwrap();
    }
}

/// What an example says about the answers afterwards is what the conclusions really answer.
#[test]
fn answers_become_what_the_policies_say() {
    let set = policies();
    let mut problems = Vec::new();
    for name in ACCOUNTS {
        let snapshot = account(name);
        let before = judge(&snapshot, &set);
        for finding in failures(&before) {
            let (policy, option) = recommended(&set, finding);
            if policy.each.is_some() {
                continue; // That its own element is gone is what closing it proves.
            }
            let becomes = &policy.options[0].effect.becomes;
            let after = mend(&snapshot, &set, &before, finding);
            let facts = Facts::new(&after.snapshot);
            let Some((resource, _)) = policy.subject.locate(&facts, &finding.resource) else {
                continue;
            };
            for (function, said) in becomes.iter().filter(|(name, _)| **name != policy.subject.variable) {
                let answer = (conclude::find(function).unwrap().call)(&facts, resource.as_any());
                let (said, answer) = (saved(&said.val().into()), saved(&Value::from(answer.val())));
                if !agrees(&said, &answer) {
                    problems.push(format!(
                        "{name}: {}/{option}@{}: {function} becomes {said}, not {answer}",
                        finding.policy, finding.resource
                    ));
                }
            }
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

/// Fields that an example leaves out may be anything; an account may have more than an example.
fn agrees(said: &Json, answer: &Json) -> bool {
    match (said, answer) {
        (Json::Array(said), Json::Array(answer)) if !said.is_empty() => {
            said.iter().all(|said| answer.iter().any(|answer| agrees(said, answer)))
        }
        (Json::Object(said), Json::Object(answer)) => said.iter().all(|(name, value)| {
            value.get("unknown_because").is_some()
                || answer.get(name).is_some_and(|answer| agrees(value, answer))
        }),
        // The name of a new resource may end in what the account's own have.
        (Json::String(said), Json::String(answer)) if said.contains("simulated") => answer.starts_with(said),
        _ => said == answer,
    }
}

#[test]
fn options_are_carried_out_one_after_the_other() {
    let (set, snapshot) = (policies(), account("ec-site"));
    let before = judge(&snapshot, &set);
    let all = simulate(&snapshot, &set, &before, &["all".parse().unwrap()]).unwrap();
    let failed: Vec<&Finding> = failures(&before).collect();
    assert_eq!(all.closes.len() + all.stays.len(), failed.len(), "hides: {:?}", all.unknown);
    let mut left: Vec<&str> = all.stays.iter().map(|finding| finding.policy.as_str()).collect();
    left.sort_unstable();
    assert_eq!(left, Vec::<&str>::new(), "opens: {:?}", all.opens);
    // One private subnet serves the subnet group and the VPC.
    let subnets = all.snapshot.ec2.subnets.iter().filter(|subnet| subnet.id.contains("simulated"));
    assert_eq!(subnets.count(), 1);
    let closed_before: Vec<&str> = all
        .carried
        .iter()
        .filter(|carried| carried.outcome == OptionOutcome::ClosedBefore)
        .map(|carried| carried.policy.as_str())
        .collect();
    assert!(closed_before.contains(&"private-subnets-in-one-az"), "{closed_before:?}");
    assert!(closed_before.contains(&"security-group-open-to-world"), "{closed_before:?}");
}

#[test]
fn the_snapshot_itself_stays() {
    let (set, snapshot) = (policies(), account("worn-site"));
    let before = judge(&snapshot, &set);
    let copy = snapshot.clone();
    simulate(&snapshot, &set, &before, &["all".parse().unwrap()]).unwrap();
    assert_eq!(snapshot, copy);
}

#[test]
fn what_aws_would_not_say_cannot_be_simulated() {
    let (set, mut snapshot) = (policies(), account("ec-site"));
    let gap = Gap {
        operation: "ec2:DescribeVpcs".into(),
        permissions: vec!["ec2:DescribeVpcs".into()],
        region: "ap-northeast-1".into(),
        about: None,
        cause: Cause::Denied,
        code: "UnauthorizedOperation".into(),
    };
    snapshot.ec2.vpcs.items.clear();
    snapshot.ec2.vpcs.incomplete.push(gap.id());
    snapshot.gaps.insert(gap.id(), gap.clone());
    let before = judge(&snapshot, &set);
    // Without the VPC's ranges, nobody can say where there is room for a subnet.
    let choice = ["db-subnet-group-in-one-az".parse().unwrap()];
    let after = simulate(&snapshot, &set, &before, &choice).unwrap();
    assert_eq!(after.carried[0].outcome, OptionOutcome::Unknown(vec![gap.id()]));
    assert!(after.closes.is_empty() && after.opens.is_empty());
    assert_eq!(after.snapshot, snapshot);
}

#[test]
fn what_is_unknown_stays_unknown() {
    let (set, mut snapshot) = (policies(), account("ec-site"));
    let hidden = GapId::new("elasticloadbalancing:DescribeTargetHealth", "ap-northeast-1", None);
    snapshot.elb.target_groups.items[0].targets = Known::No(hidden.clone());
    let before = judge(&snapshot, &set);
    let choice = ["target-slow-failure-detection".parse().unwrap()];
    let after = simulate(&snapshot, &set, &before, &choice).unwrap();
    assert_eq!(after.snapshot.elb.target_groups.items[0].targets, Known::No(hidden));
    assert!(after.unknown.is_empty() && after.closes.len() == 1);
}

/// The reports of two simulations: one that opens something, and one that AWS's silence stops.
#[test]
fn reports_say_what_closes_opens_and_stays() {
    let set = policies();
    let mut hidden = account("ec-site");
    let gap = GapId::new("ec2:DescribeVpcs", "ap-northeast-1", None);
    hidden.ec2.vpcs.items.clear();
    hidden.ec2.vpcs.incomplete.push(gap);
    let some = ["alb-no-https-listener", "rds-unencrypted-storage", "rds-single-az", "alb-no-waf"];
    let cases = [
        ("simulation", account("ec-site"), some.as_slice()),
        ("simulation-unknown", hidden, &["db-subnet-group-in-one-az", "log-group-no-retention"]),
    ];
    for (name, snapshot, choices) in cases {
        let mut run = tenken::run::judge(&snapshot, &set);
        // Prices change; what is said about them does not.
        for finding in &mut run.findings {
            for remedy in &mut finding.options {
                remedy.monthly_usd = match remedy.id.as_str() {
                    "copy-snapshot" => MonthlyCost::Usd(43.2),
                    "managed-rules-and-rate-limit" => MonthlyCost::Unknown(Vec::new()),
                    _ => MonthlyCost::Usd(0.0),
                };
            }
        }
        let choices: Vec<ChosenOption> = choices.iter().map(|choice| choice.parse().unwrap()).collect();
        let after = simulate(&snapshot, &set, &run.findings, &choices).unwrap();
        let files = [
            ("en.txt", "terminal", Lang::En),
            ("ja.txt", "terminal", Lang::Ja),
            ("en.md", "markdown", Lang::En),
            ("ja.md", "markdown", Lang::Ja),
            ("en.json", "json", Lang::En),
        ];
        for (ending, format, lang) in files {
            let look = Look { lang, width: 80, colour: false };
            let report = SimulationReport { simulation: &after, run: &run, currency: &Currency::default() };
            let text = render(&report, Format::named(format).unwrap(), &look);
            assert_golden(&format!("{name}-{ending}"), &String::from_utf8(text).unwrap());
        }
    }
}

#[test]
fn choices_name_policies_options_and_resources() {
    let (set, snapshot) = (policies(), account("worn-site"));
    let before = judge(&snapshot, &set);
    let carried = |choices: &[&str]| -> Result<Vec<String>, SimulateError> {
        let choices: Vec<ChosenOption> = choices.iter().map(|choice| choice.parse().unwrap()).collect();
        let after = simulate(&snapshot, &set, &before, &choices)?;
        Ok(after
            .carried
            .iter()
            .map(|carried| {
                format!("{}/{}@{}", carried.policy, carried.option, display_name(&carried.resource))
            })
            .collect())
    };
    let protection = "alb-no-deletion-protection/deletion-protection";
    let both = [format!("{protection}@shop-alb"), format!("{protection}@shop-internal")];
    assert_eq!(carried(&["alb-no-deletion-protection"]).unwrap(), both);
    let one = ["alb-no-deletion-protection@shop-alb", protection];
    assert_eq!(carried(&one).unwrap(), both, "each failure once");
    assert_eq!(
        carried(&["alb-no-deletion-protectoin"]).unwrap_err().to_string(),
        "find the policy `alb-no-deletion-protectoin`; did you mean `alb-no-deletion-protection`?"
    );
    assert_eq!(
        carried(&["alb-no-deletion-protection/protect"]).unwrap_err().to_string(),
        "find the option `protect` of alb-no-deletion-protection; it has deletion-protection"
    );
    assert_eq!(
        carried(&["alb-no-deletion-protection@shop"]).unwrap_err().to_string(),
        "find a failure for `alb-no-deletion-protection@shop`; failing there: shop-alb, shop-internal"
    );
    for text in ["", "/x", "p/", "p@", "all/x"] {
        assert!(text.parse::<ChosenOption>().is_err(), "{text}");
    }
}

fn tenken(arguments: &[&str]) -> (Option<i32>, String, String) {
    let snapshot = repository("tests/snapshots/worn-site.json");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_tenken"));
    command.args(["plan", "--no-config", "--snapshot"]).arg(snapshot).args(arguments);
    let output = command.env("LC_ALL", "C").output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_command_simulates_and_refuses() {
    let protection = "alb-no-deletion-protection/deletion-protection@shop-alb";
    let (code, report, _) = tenken(&["--simulate", protection, "rds-single-az@ec-db", "--format", "json"]);
    assert_eq!((code, report.as_str()), (Some(2), ""), "the database of this account has a standby");
    let (code, report, _) =
        tenken(&["--simulate", protection, "rds-publicly-accessible-flag", "--format", "json"]);
    let report: Json = serde_json::from_str(&report).unwrap();
    schema::check("simulation", &report);
    assert_eq!((code, &report["format_version"]), (Some(0), &Json::from(1)));
    assert_eq!(report["options"].as_array().unwrap().len(), 2);
    let closes: Vec<&str> = report["closes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|closed| closed["policy"].as_str().unwrap())
        .collect();
    let expected = ["db-exposed-to-internet", "alb-no-deletion-protection", "rds-publicly-accessible-flag"];
    assert_eq!(closes, expected);
    let (code, report, _) =
        tenken(&["--simulate", "all", "--currency", "JPY", "--rate", "160", "--lang", "ja"]);
    assert_eq!(code, Some(0));
    assert!(report.contains("1 ドルを 160 JPY として換算した。"), "{report}");
    for (arguments, expected) in [
        (
            ["--simulate", "alb-no-wav"].as_slice(),
            "tenken: failed to find the policy `alb-no-wav`; did you mean `alb-no-waf`?",
        ),
        (&["--simulate", "alb-no-wav", "--lang", "ja"], "tenken: ポリシー `alb-no-wav` は存在しない。"),
        (&["--simulate", "all/x"], "`all` always means the recommended options"),
        (&["--simulate", "all", "--budget", "100USD"], "cannot be used with"),
    ] {
        let (code, report, error) = tenken(arguments);
        assert_eq!((code, report.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(error.contains(expected), "{arguments:?}\n{error}");
    }
}
