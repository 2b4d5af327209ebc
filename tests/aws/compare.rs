//! What a scan with gaps may say, beside what the same account says without: the same, or
//! that it does not know.

use std::collections::{BTreeMap, BTreeSet};
use tenken::finding::{Finding, Run, Verdict};
use tenken::policy::{PolicySet, reads};
use tenken::snapshot::GapId;

fn by_id(run: &Run) -> BTreeMap<&str, &Finding> {
    run.findings.iter().map(|finding| (finding.id.as_str(), finding)).collect()
}

/// The operations that each policy says it needs, as `service:Operation`.
pub(crate) fn needs(policies: &PolicySet) -> BTreeMap<String, BTreeSet<String>> {
    let of = |policy| reads::operations(policy).iter().map(|operation| operation.id()).collect();
    policies.policies.iter().map(|policy| (policy.id.clone(), of(policy))).collect()
}

/// Where a run with gaps says something that the run without does not say.
pub(crate) fn contradictions(
    complete: &Run,
    partial: &Run,
    needs: &BTreeMap<String, BTreeSet<String>>,
) -> Vec<String> {
    let mut problems = Vec::new();
    let (with_all, with_gaps) = (by_id(complete), by_id(partial));
    if with_gaps.len() != partial.findings.len() {
        problems.push("a finding comes twice".to_owned());
    }
    for (id, finding) in &with_gaps {
        let name = format!("{} on {} {}", finding.policy, finding.resource, finding.discriminator);
        match (&finding.verdict, with_all.get(id).map(|finding| &finding.verdict)) {
            (Verdict::Unknown(gaps), _) => problems.extend(unexplained(&name, finding, gaps, partial, needs)),
            (verdict, Some(expected)) if *verdict == *expected => {}
            (verdict, Some(expected)) => {
                problems.push(format!("{name}: {} instead of {}", verdict.as_str(), expected.as_str()));
            }
            (verdict, None) => problems.push(format!("{name}: {} out of nowhere", verdict.as_str())),
        }
    }
    let unknown: BTreeSet<&str> = partial
        .findings
        .iter()
        .filter(|finding| matches!(finding.verdict, Verdict::Unknown(_)))
        .map(|finding| finding.policy.as_str())
        .collect();
    for (id, finding) in &with_all {
        if !with_gaps.contains_key(id) && !unknown.contains(finding.policy.as_str()) {
            problems.push(format!("{} on {}: vanished without a word", finding.policy, finding.resource));
        }
    }
    problems
}

/// An unknown verdict names its gaps; each is one of the run's, and of a question that
/// the policy says it asks.
fn unexplained(
    name: &str,
    finding: &Finding,
    gaps: &[GapId],
    run: &Run,
    needs: &BTreeMap<String, BTreeSet<String>>,
) -> Vec<String> {
    let mut problems = Vec::new();
    if gaps.is_empty() {
        problems.push(format!("{name}: unknown without a reason"));
    }
    for id in gaps {
        let Some(gap) = run.gaps.get(id) else {
            problems.push(format!("{name}: unknown because of {id}, which is no gap"));
            continue;
        };
        if !needs[&finding.policy].contains(&gap.operation) {
            problems.push(format!("{name}: its permissions do not name {}", gap.operation));
        }
        if !finding.message.en.contains(&gap.operation) || !finding.message.ja.contains(&gap.operation) {
            problems.push(format!("{name}: the message does not name {}", gap.operation));
        }
    }
    problems
}
