//! What a scan did not ask is unknown: a list that no collector filled must not pass for a
//! list without resources. The recorded accounts are judged once more for every list, as if
//! nobody had asked for it. `tests/aws/properties.rs` does so with the collectors themselves.

use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tenken::finding::{Finding, Verdict};
use tenken::policy::PolicySet;
use tenken::policy::judge::judge;
use tenken::snapshot::{GapId, Snapshot, source, store};

const ACCOUNTS: &[&str] = &["ec-site-phase1", "ec-site"];

fn account(name: &str) -> Snapshot {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(format!("{name}.json"));
    store::load(&path).unwrap()
}

/// Every list: section and name.
fn lists() -> Vec<(&'static str, &'static str)> {
    let sections = Snapshot::section_shapes();
    sections
        .iter()
        .flat_map(|(section, shape)| shape().fields.iter().map(|list| (*section, list.name)))
        .collect()
}

/// The snapshot with another value for a list.
fn with_list(snapshot: &Snapshot, (section, list): (&str, &str), value: Json) -> Snapshot {
    let mut json = serde_json::to_value(snapshot).unwrap();
    json[section][list] = value;
    serde_json::from_str(&json.to_string()).unwrap()
}

/// The snapshot of a scan in which nobody asked for a list.
fn never_asked(snapshot: &Snapshot, list: (&str, &str)) -> Snapshot {
    let nothing = serde_json::to_value(Snapshot::default()).unwrap();
    with_list(snapshot, list, nothing[list.0][list.1].clone())
}

/// The snapshot of a scan in which AWS denied everything that would fill a list.
fn denied(snapshot: &Snapshot, (section, list): (&str, &str)) -> Snapshot {
    let operation = source::operations(&format!("{section}.{list}")).last().unwrap().id();
    let regions = snapshot.regions.iter().map(String::as_str).chain(["us-east-1"]);
    let gaps: BTreeSet<GapId> = regions.map(|region| GapId::new(&operation, region, None)).collect();
    with_list(snapshot, (section, list), json!({ "items": [], "incomplete": gaps }))
}

fn by_id(findings: &[Finding]) -> BTreeMap<&str, &Finding> {
    findings.iter().map(|finding| (finding.id.as_str(), finding)).collect()
}

fn word(finding: Option<&&Finding>) -> &'static str {
    finding.map_or("nothing", |finding| finding.verdict.as_str())
}

#[test]
fn what_nobody_asked_is_as_unknown_as_what_aws_denied() {
    let policies = PolicySet::embedded().unwrap();
    for name in ACCOUNTS {
        let snapshot = account(name);
        let complete = judge(&snapshot, &policies);
        let (mut problems, mut changed) = (Vec::new(), 0);
        for list in lists() {
            let denied = judge(&denied(&snapshot, list), &policies);
            let unasked = judge(&never_asked(&snapshot, list), &policies);
            let (denied, unasked) = (by_id(&denied), by_id(&unasked));
            for finding in &complete {
                let id = finding.id.as_str();
                let (expected, found) = (word(denied.get(id)), word(unasked.get(id)));
                changed += usize::from(found != finding.verdict.as_str());
                if expected != found {
                    problems.push(format!(
                        "without {list:?} {} on {} is {found} and not {expected}",
                        finding.policy, finding.resource
                    ));
                }
            }
        }
        assert!(problems.is_empty(), "{name}: {problems:#?}");
        assert!(changed > 100, "{name}: only {changed} verdicts depend on a list");
    }
}

#[test]
fn a_policy_never_passes_on_a_list_that_nobody_asked_for() {
    let policies = PolicySet::embedded().unwrap();
    let snapshot = account("ec-site-phase1");
    let complete = judge(&snapshot, &policies);
    let complete = by_id(&complete);
    for (section, list) in lists() {
        let name = format!("{section}.{list}");
        let findings = judge(&never_asked(&snapshot, (section, list)), &policies);
        for policy in &policies.policies {
            let own: Vec<&Finding> = findings.iter().filter(|finding| finding.policy == policy.id).collect();
            let is_unknown = |finding: &&Finding| matches!(finding.verdict, Verdict::Unknown(_));
            if policy.subject.path.split('[').next() == Some(&name) {
                assert!(!own.is_empty(), "{} says nothing of {name}", policy.id);
                assert!(own.iter().all(is_unknown), "{} knows {name}", policy.id);
            }
            // Whoever looks at it on the way says what all the answers say, or does not know.
            for finding in own.iter().filter(|finding| !is_unknown(finding)) {
                let expected = complete.get(finding.id.as_str()).map(|finding| &finding.verdict);
                assert_eq!(Some(&finding.verdict), expected, "{} on {}", policy.id, finding.resource);
            }
        }
    }
}
