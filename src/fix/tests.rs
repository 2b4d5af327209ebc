use super::{Choice, ChoiceError, choose, render};
use crate::finding::{OptionName, Run, Severity};
use crate::policy::{NoSuchPolicy, PolicySet};
use crate::report::Format;
use crate::run::judge;
use crate::snapshot::{Snapshot, store};
use crate::text::{Explained, Lang};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn snapshot(name: &str) -> Snapshot {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/snapshots/{name}.json"));
    store::load(&path).unwrap()
}

fn judged(snapshot: &Snapshot) -> Run {
    judge(snapshot, &PolicySet::embedded().unwrap())
}

fn policy(id: &str) -> Choice {
    Choice { policies: vec![id.to_owned()], ..Choice::default() }
}

fn is_shell(script: &str) {
    let mut bash =
        Command::new("bash").arg("-n").stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    bash.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    let output = bash.wait_with_output().unwrap();
    assert!(output.status.success(), "{}\n{script}", String::from_utf8_lossy(&output.stderr));
}

/// Runs the script with a program of our own in place of `aws`.
fn run(script: &str, arguments: &[&str], aws: &str) -> (bool, String) {
    run_with(script, arguments, &[], aws)
}

fn run_with(script: &str, arguments: &[&str], variables: &[(&str, &str)], aws: &str) -> (bool, String) {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| -> PathBuf {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        path
    };
    write("aws", &format!("#!/bin/bash\n{aws}\n"));
    let script = write("fix.sh", script);
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    let output = Command::new("bash")
        .arg(script)
        .args(arguments)
        .env("PATH", path)
        .env_remove("TENKEN_ASSUME_DONE")
        .envs(variables.iter().copied())
        .current_dir(folder.path())
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

const AWS: &str = r#"if [ "$1" = sts ]; then echo 123456789012; else printf '<%s>' "$@"; echo; fi"#;

#[test]
fn scripts_of_recorded_accounts_are_shell_in_both_languages() {
    for name in ["ec-site", "ec-site-phase1", "worn-site"] {
        let snapshot = snapshot(name);
        let run = judged(&snapshot);
        let fixes = choose(&run, &Choice::default()).unwrap();
        assert!(fixes.len() > 5);
        for lang in [Lang::En, Lang::Ja] {
            let script = render(&run, &fixes, &snapshot, Format::Cli, lang);
            is_shell(&script);
            for finding in run.findings.iter().filter(|finding| finding.is_open_failure()) {
                assert!(script.contains(&finding.id), "{}", finding.id);
            }
            assert!(!render(&run, &fixes, &snapshot, Format::Terraform, lang).contains("# # "));
        }
        let json: serde_json::Value =
            serde_json::from_str(&render(&run, &fixes, &snapshot, Format::Json, Lang::En)).unwrap();
        assert_eq!(json["fixes"].as_array().unwrap().len(), fixes.len());
        let problem = jsonschema::validate(&super::schema(), &json).err();
        assert!(problem.is_none(), "{name}: {problem:?}");
    }
}

#[test]
fn sections_run_alone_in_the_right_account_and_with_their_variables() {
    let snapshot = snapshot("ec-site");
    let judged = judged(&snapshot);
    let fixes = choose(&judged, &policy("rds-no-deletion-protection")).unwrap();
    let id = fixes[0].cause.findings[0].id.clone();
    let script = render(&judged, &fixes, &snapshot, Format::Cli, Lang::En);
    let (is_done, text) = run(&script, &["run", &id], AWS);
    assert!(is_done && text.contains("<rds><modify-db-instance>"), "{text}");
    let (is_done, text) = run(&script, &["run", &id], "echo 210987654321");
    assert!(!is_done && text.contains("another account") && !text.contains("modify"), "{text}");
    let (is_done, text) = run(&script, &[], AWS);
    assert!(is_done && text.contains(&id) && !text.contains('<'), "{text}");

    let fixes = choose(&judged, &policy("alb-no-https-listener")).unwrap();
    let id = fixes[0].cause.findings[0].id.clone();
    let (is_done, text) = run(&render(&judged, &fixes, &snapshot, Format::Cli, Lang::En), &["run", &id], AWS);
    assert!(!is_done && text.contains("DOMAIN: the name your customers use"), "{text}");
}

// A file in place of the terminal: a section that waits for somebody ends where nobody answers.
fn answered(script: &str, answer: Option<&str>) -> String {
    let answers = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(answers.path(), answer.unwrap_or_default()).unwrap();
    // Kept for as long as the script may read it.
    let (_, path) = answers.keep().unwrap();
    script.replace("/dev/tty", &path.display().to_string())
}

#[test]
fn sections_are_rehearsed_without_hands_where_that_is_asked_for() {
    let snapshot = snapshot("worn-site");
    let judged = judged(&snapshot);
    let fixes = choose(&judged, &policy("network-acl-admin-ports-open")).unwrap();
    let id = fixes[0].cause.findings[0].id.clone();
    let variables =
        |assume: &'static str| vec![("ADMIN_CIDR", "10.20.0.0/16"), ("TENKEN_ASSUME_DONE", assume)];
    for lang in Lang::ALL {
        let script = render(&judged, &fixes, &snapshot, Format::Cli, lang);
        assert!(
            script.contains("# ") && script.split("set -euo").next().unwrap().contains("TENKEN_ASSUME_DONE")
        );
        let (unanswered, entered) = (answered(&script, None), answered(&script, Some("\n")));
        let section = ["run", id.as_str()];
        // Without the value nothing is run.
        let (is_done, text) = run(&unanswered, &section, AWS);
        assert!(!is_done && text.contains("ADMIN_CIDR: ") && !text.contains("<ec2>"), "{text}");
        // With it, up to what is done by hand.
        let others = ["", "0000000000000000", ","];
        for assume in others {
            let (is_done, text) = run_with(&unanswered, &section, &variables(assume), AWS);
            assert!(!is_done && text.contains("<describe-network-acls>"), "{assume}: {text}");
            assert!(!text.contains("<create-network-acl-entry>"), "{assume}: {text}");
        }
        let ids = [id.clone(), format!("0000000000000000, {id}"), "all".to_owned()];
        for assume in ids {
            let variables = [("ADMIN_CIDR", "10.20.0.0/16"), ("TENKEN_ASSUME_DONE", assume.as_str())];
            let (is_done, text) = run_with(&unanswered, &section, &variables, AWS);
            assert!(is_done && text.contains("<create-network-acl-entry>"), "{assume}: {text}");
        }
        let (is_done, text) = run_with(&entered, &section, &variables(""), AWS);
        assert!(is_done && text.contains("<create-network-acl-entry>"), "{text}");
    }
}

#[test]
fn names_never_become_commands() {
    let evil = "x'\"`touch hit`$(touch hit); touch hit #\nrm";
    let mut snapshot = snapshot("worn-site");
    for db in &mut snapshot.rds.db_instances.items {
        db.id = evil.to_owned();
        db.arn = format!("arn:aws:rds:ap-northeast-1:123456789012:db:{evil}");
        db.subnet_group_name = Some(evil.to_owned());
    }
    for lb in &mut snapshot.elb.load_balancers.items {
        lb.name = evil.to_owned();
    }
    for group in &mut snapshot.logs.log_groups.items {
        group.name = evil.to_owned();
    }
    let judged = judged(&snapshot);
    let fixes = choose(&judged, &Choice::default()).unwrap();
    let script = render(&judged, &fixes, &snapshot, Format::Cli, Lang::En);
    is_shell(&script);
    let (is_listed, text) = run(&format!("{script}\ntest ! -e hit && echo safe"), &[], AWS);
    assert!(is_listed && text.contains("safe"), "{text}");
    for fix in fixes.iter().filter(|fix| fix.cause.findings[0].policy == "rds-no-deletion-protection") {
        let id = fix.cause.findings[0].id.as_str();
        let (is_done, text) = run(&format!("{script}\ntest ! -e hit && echo safe"), &["run", id], AWS);
        assert!(is_done && text.contains("safe") && text.contains(&format!("<{evil}>")), "{text}");
    }
    for line in render(&judged, &fixes, &snapshot, Format::Terraform, Lang::En).lines() {
        assert!(!line.starts_with("rm"), "{line}");
    }
}

#[test]
fn what_is_needed_comes_first_and_the_rest_by_severity() {
    let snapshot = snapshot("ec-site");
    let judged = judged(&snapshot);
    let fixes = choose(&judged, &Choice::default()).unwrap();
    let place = |policy: &str| {
        fixes.iter().position(|fix| fix.cause.findings.iter().any(|finding| finding.policy == policy))
    };
    let mut pairs = 0;
    for (index, fix) in fixes.iter().enumerate() {
        for name in fix.cause.parts.iter().flat_map(|part| &part.remedies[0].1.relations.requires) {
            if let Some(before) = place(&name.policy) {
                pairs += 1;
                assert!(before < index, "{} before {}", name.policy, fix.cause.findings[0].policy);
            }
        }
    }
    assert!(pairs > 0);
    assert_eq!(fixes[0].cause.findings[0].severity, crate::finding::Severity::Critical);
}

#[test]
fn scripts_wait_for_what_is_done_by_hand_in_both_languages() {
    let snapshot = snapshot("ec-site");
    let judged = judged(&snapshot);
    let fixes = choose(&judged, &policy("ecs-plaintext-secret")).unwrap();
    for (lang, words) in
        [(Lang::En, "stop here and change the secret"), (Lang::Ja, "ここで止め、認証する側の値を変更する")]
    {
        let script = render(&judged, &fixes, &snapshot, Format::Cli, lang);
        let waits = script.lines().filter(|line| line.contains("|| read -rp ") && line.contains(words));
        assert_eq!(waits.count(), fixes.len(), "{script}");
    }
}

#[test]
fn what_is_needed_is_about_the_same_thing() {
    let snapshot = snapshot("ec-site");
    let mut judged = judged(&snapshot);
    let needs = |run: &Run| -> Vec<String> {
        let fixes = choose(run, &policy("rds-single-az")).unwrap();
        let needs = fixes.iter().flat_map(|fix| &fix.needs);
        needs.map(|(_, finding)| finding.resource.clone()).collect()
    };
    let before = needs(&judged);
    assert!(!before.is_empty());
    // The same failures elsewhere in the region do not stand in the way of this database.
    let others: Vec<_> = judged
        .findings
        .iter()
        .filter(|finding| before.contains(&finding.resource))
        .map(|finding| {
            let mut other = finding.clone();
            other.id = format!("{}-other", finding.id);
            other.resource = "arn:aws:ec2:ap-northeast-1:123456789012:vpc/vpc-other".to_owned();
            other.message = Default::default();
            other.evidence.clear();
            other.options.clear();
            other
        })
        .collect();
    judged.findings.extend(others);
    assert_eq!(needs(&judged), before);
    // Where nothing is about it, they do.
    judged.findings.retain(|finding| !before.contains(&finding.resource));
    assert_eq!(needs(&judged).len(), before.len());
    assert!(needs(&judged).iter().all(|resource| resource.ends_with("vpc-other")));
}

#[test]
fn what_the_worst_needs_is_not_left_behind_the_less_bad() {
    let snapshot = snapshot("ec-site");
    let mut judged = judged(&snapshot);
    let tags = |run: &Run| -> Vec<(String, Severity)> {
        let fixes = choose(run, &Choice::default()).unwrap();
        fixes
            .iter()
            .map(|fix| (fix.cause.findings[0].policy.clone(), fix.cause.findings[0].severity))
            .collect()
    };
    let before = tags(&judged);
    // The worst gets a need: the last of the list, the least bad there.
    let (last, severity) = before.last().unwrap().clone();
    let (first, worst) = before[0].clone();
    assert!(worst == Severity::Critical && severity < Severity::High && last != first);
    let name = OptionName { policy: last.clone(), option: None };
    let findings = judged.findings.iter_mut();
    for finding in findings.filter(|finding| finding.policy == first && finding.is_open_failure()) {
        finding.options[0].relations.requires.push(name.clone());
    }
    let after = tags(&judged);
    let place = |policy: &str| after.iter().position(|(id, _)| id == policy).unwrap();
    assert!(place(&last) < place(&first), "{after:?}");
    let between = &after[..place(&first)];
    assert!(between.iter().all(|(id, one)| *one >= Severity::Critical || *id == last), "{after:?}");
    assert_eq!(after.len(), before.len());
}

#[test]
fn choices_narrow_and_name_what_is_not_there() {
    let snapshot = snapshot("ec-site");
    let judged = judged(&snapshot);
    let all = choose(&judged, &Choice::default()).unwrap();
    let id = all[0].cause.findings[0].id.clone();
    let one = choose(&judged, &Choice { findings: vec![id.clone()], ..Choice::default() }).unwrap();
    assert_eq!(one.len(), 1);
    let databases =
        choose(&judged, &Choice { resources: vec!["*:db:*".to_owned()], ..Choice::default() }).unwrap();
    assert!(
        databases.iter().all(|fix| fix.cause.findings[0].resource.contains(":db:"))
            && databases.len() < all.len()
    );
    let other = ("ecs-plaintext-secret".to_owned(), "parameter-store".to_owned());
    let chosen = Choice { options: vec![other], ..policy("ecs-plaintext-secret") };
    assert!(
        choose(&judged, &chosen)
            .unwrap()
            .iter()
            .all(|fix| fix.cause.parts[0].remedies[0].1.id == "parameter-store")
    );

    let refused = |choice: Choice| choose(&judged, &choice).unwrap_err();
    let lost = "0000000000000000".to_owned();
    assert_eq!(
        refused(Choice { findings: vec![lost.clone()], ..Choice::default() }),
        ChoiceError::NoSuchFinding { id: lost }
    );
    assert_eq!(refused(policy("nothing")), NoSuchPolicy { id: "nothing".to_owned(), meant: None }.into());
    let pattern = "*:cluster:*".to_owned();
    assert_eq!(
        refused(Choice { resources: vec![pattern.clone()], ..Choice::default() }),
        ChoiceError::NoSuchResource { pattern }
    );
    let options = vec![("ecs-plaintext-secret".to_owned(), "nothing".to_owned())];
    let error = refused(Choice { options, ..Choice::default() });
    assert!(error.what().en.contains("it has secrets-manager, parameter-store"));
    assert!(error.what().ja.contains("指定できるのは secrets-manager, parameter-store"));
}
