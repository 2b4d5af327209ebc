//! Acceptances: somebody's decision to live with a failure for a while.

use super::{Finding, Verdict};
use jiff::civil::Date;
use std::collections::{HashMap, HashSet};

/// A decision to live with a failure until a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// Why it may stay.
    pub reason: String,
    /// Who decided, and answers for it.
    pub owner: String,
    /// The last day on which it holds, in UTC.
    pub until: Date,
}

/// An acceptance, and the failures it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptanceRule {
    /// The policy's id.
    pub policy: String,
    /// The resource's ARN, in which `*` stands for anything.
    pub resource: String,
    /// The finding's discriminator, in which `*` stands for anything; every one if absent.
    pub discriminator: Option<String>,
    /// The decision.
    pub acceptance: Acceptance,
    /// Where it is written, for instance `tenken.toml:12`.
    pub place: String,
}

impl AcceptanceRule {
    /// Whether it is about this finding, whatever the verdict and the day.
    pub(crate) fn covers(&self, finding: &Finding) -> bool {
        self.policy == finding.policy
            && matches(&self.resource, &finding.resource)
            && self.discriminator.as_ref().is_none_or(|pattern| matches(pattern, &finding.discriminator))
    }
}

/// The day of an RFC 3339 time, in UTC.
pub fn day(taken_at: &str) -> Option<Date> {
    let time: jiff::Timestamp = taken_at.parse().ok()?;
    Some(jiff::tz::TimeZone::UTC.to_datetime(time).date())
}

/// Marks the failures that are accepted on the day of the scan. Where an acceptance has
/// ended, the failure stays one and its message says so. Without a day, none holds.
///
/// Gives the rules that cover no failure, so that they can be taken out. A rule whose
/// policy was not judged, or could not judge something, is not among them.
pub fn accept<'r>(
    findings: &mut [Finding],
    rules: &'r [AcceptanceRule],
    day: Option<Date>,
) -> Vec<&'r AcceptanceRule> {
    let index = RuleIndex::new(rules);
    let (mut judged, mut unsure) = (HashSet::new(), HashSet::new());
    let mut is_needed = vec![false; rules.len()];
    for finding in findings {
        judged.insert(finding.policy.clone());
        match finding.verdict {
            Verdict::Unknown(_) => drop(unsure.insert(finding.policy.clone())),
            Verdict::Fail => {
                let covering = index.covering(finding);
                for (number, _) in &covering {
                    is_needed.get_mut(*number).into_iter().for_each(|needed| *needed = true);
                }
                let acceptances = covering.iter().map(|(_, rule)| &rule.acceptance);
                let Some((day, last)) = day.zip(acceptances.max_by_key(|acceptance| acceptance.until)) else {
                    continue;
                };
                if day <= last.until {
                    finding.accepted = Some(last.clone());
                } else {
                    say_ended(finding, last);
                }
            }
            Verdict::Pass | Verdict::Skip => {}
        }
    }
    let is_idle = |rule: &AcceptanceRule| judged.contains(&rule.policy) && !unsure.contains(&rule.policy);
    rules
        .iter()
        .zip(is_needed)
        .filter(|(rule, needed)| !needed && is_idle(rule))
        .map(|(rule, _)| rule)
        .collect()
}

/// Rules by what they are about, so that thousands of them are not each tried on every finding.
struct RuleIndex<'r> {
    /// Those of one resource, by policy and ARN; each with its number.
    exact: HashMap<(&'r str, &'r str), Vec<(usize, &'r AcceptanceRule)>>,
    /// Those with a `*` in the ARN, by policy.
    patterns: HashMap<&'r str, Vec<(usize, &'r AcceptanceRule)>>,
}

impl<'r> RuleIndex<'r> {
    fn new(rules: &'r [AcceptanceRule]) -> Self {
        let mut index = RuleIndex { exact: HashMap::new(), patterns: HashMap::new() };
        for (number, rule) in rules.iter().enumerate() {
            let rules = match rule.resource.contains('*') {
                true => index.patterns.entry(rule.policy.as_str()).or_default(),
                false => index.exact.entry((rule.policy.as_str(), rule.resource.as_str())).or_default(),
            };
            rules.push((number, rule));
        }
        index
    }

    // In the order of the file, in which the last of equals counts.
    fn covering(&self, finding: &Finding) -> Vec<(usize, &'r AcceptanceRule)> {
        let exact = self.exact.get(&(finding.policy.as_str(), finding.resource.as_str()));
        let patterns = self.patterns.get(finding.policy.as_str());
        let those = exact.into_iter().chain(patterns).flatten().copied();
        let mut covering: Vec<_> = those.filter(|(_, rule)| rule.covers(finding)).collect();
        covering.sort_by_key(|(number, _)| *number);
        covering
    }
}

fn say_ended(finding: &mut Finding, acceptance: &Acceptance) {
    let Acceptance { reason, owner, until } = acceptance;
    let reason = reason.trim_end_matches(['.', '。']);
    finding.message.en.push_str(&format!(" The acceptance by {owner} expired on {until}: {reason}."));
    finding
        .message
        .ja
        .push_str(&format!("{owner} によるリスク受容は {until} に終了した（理由: {reason}）。"));
}

/// Whether the text is as the pattern, in which `*` stands for anything, also nothing.
pub fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        // No `*` at all.
        return rest.is_empty();
    };
    // The first place where a part fits leaves the most room for the parts behind it.
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Pillar, Severity};
    use crate::snapshot::GapId;
    use crate::text::Text;

    const DB: &str = "arn:aws:rds:ap-northeast-1:123456789012:db:ec-db";

    fn finding(discriminator: &str, verdict: Verdict) -> Finding {
        Finding {
            id: String::new(),
            policy: "rds-single-az".into(),
            severity: Severity::High,
            pillar: Pillar::Reliability,
            resource: DB.into(),
            region: "ap-northeast-1".into(),
            discriminator: discriminator.into(),
            verdict,
            message: Text { en: "ec-db is alone.".into(), ja: "ec-db は単独。".into() },
            evidence: Vec::new(),
            options: Vec::new(),
            accepted: None,
        }
    }

    fn rule(resource: &str, until: &str) -> AcceptanceRule {
        let acceptance = Acceptance {
            reason: "Rebuilt daily.".into(),
            owner: "ops".into(),
            until: until.parse().unwrap(),
        };
        AcceptanceRule {
            policy: "rds-single-az".into(),
            resource: resource.into(),
            discriminator: None,
            acceptance,
            place: "tenken.toml:1".into(),
        }
    }

    #[test]
    fn a_star_stands_for_anything() {
        let table = [
            (DB, true),
            ("arn:aws:rds:*:db:ec-db", true),
            ("arn:*:db:*", true),
            ("*db", true),
            ("arn:aws:rds:*:db:ec", false),
            ("arn:aws:rds:*:db:ec-db?", false),
            ("rds:*", false),
            ("arn:*ec-db*ec-db", false),
            ("", false),
        ];
        for (pattern, expected) in table {
            assert_eq!(matches(pattern, DB), expected, "{pattern}");
        }
        // Parts may not overlap, and many of them cost little.
        assert!(!matches("a*a", "a"));
        assert!(matches("a*a", "aa"));
        assert!(!matches(&"*a".repeat(2_000), &"a".repeat(1_999)));
        assert!(matches("注文*DB", "注文管理DB"));
    }

    #[test]
    fn an_acceptance_holds_on_its_last_day_and_not_after() {
        for (taken_at, holds) in [
            ("2027-03-31T23:59:59Z", true),
            ("2027-04-01T00:00:00Z", false),
            ("2027-04-01T08:00:00+09:00", true),
            ("some time", false),
        ] {
            let mut findings = [finding("", Verdict::Fail)];
            assert!(accept(&mut findings, &[rule(DB, "2027-03-31")], day(taken_at)).is_empty());
            assert_eq!(findings[0].accepted.is_some(), holds, "{taken_at}");
        }
    }

    #[test]
    fn an_ended_acceptance_is_told_unless_another_holds() {
        let rules = [rule(DB, "2027-03-31"), rule("arn:*", "2026-12-31")];
        let mut findings = [finding("", Verdict::Fail)];
        accept(&mut findings, &rules, day("2027-01-01T00:00:00Z"));
        assert_eq!(findings[0].accepted.as_ref(), Some(&rules[0].acceptance));
        assert_eq!(findings[0].message.en, "ec-db is alone.");
        let mut findings = [finding("", Verdict::Fail)];
        accept(&mut findings, &rules, day("2027-06-01T00:00:00Z"));
        assert_eq!(findings[0].accepted, None);
        assert_eq!(
            findings[0].message.en,
            "ec-db is alone. The acceptance by ops expired on 2027-03-31: Rebuilt daily."
        );
        assert!(findings[0].message.ja.contains("ops によるリスク受容は 2027-03-31 に終了した"));
    }

    #[test]
    fn only_failures_are_accepted_and_idle_rules_are_named() {
        let unknown = Verdict::Unknown(vec![GapId::default()]);
        for (verdict, idle) in [
            (Verdict::Pass, 1),
            (Verdict::Skip, 1),
            (Verdict::Fail, 0),
            // It may be what the rule is about.
            (unknown, 0),
        ] {
            let mut findings = [finding("", verdict.clone())];
            let rules = [rule(DB, "2027-03-31")];
            let named = accept(&mut findings, &rules, day("2027-01-01T00:00:00Z"));
            assert_eq!(named.len(), idle, "{verdict:?}");
            assert_eq!(findings[0].accepted.is_some(), verdict == Verdict::Fail);
        }
        // The policy was not judged: nothing can be said.
        assert!(accept(&mut [], &[rule(DB, "2027-03-31")], None).is_empty());
    }

    #[test]
    fn a_discriminator_narrows_an_acceptance() {
        let mut rules = [rule(DB, "2027-03-31")];
        rules[0].discriminator = Some("app/*".into());
        let mut findings = [finding("app/KEY", Verdict::Fail), finding("web/KEY", Verdict::Fail)];
        accept(&mut findings, &rules, day("2027-01-01T00:00:00Z"));
        assert!(findings[0].accepted.is_some());
        assert!(findings[1].accepted.is_none());
    }
}
