//! Which findings are about the same thing: one names the other's resource.

use super::Finding;
use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap, HashSet};

/// The findings of a run, with what each of them names. Findings have the numbers in which
/// they were given.
pub(crate) struct Related<'a> {
    findings: Vec<&'a Finding>,
    words: Vec<OnceCell<HashSet<String>>>,
}

impl<'a> Related<'a> {
    /// Findings to compare.
    pub(crate) fn new(findings: Vec<&'a Finding>) -> Self {
        let words = findings.iter().map(|_| OnceCell::new()).collect();
        Related { findings, words }
    }

    /// The finding with a number.
    pub(crate) fn finding(&self, index: usize) -> Option<&'a Finding> {
        self.findings.get(index).copied()
    }

    /// Same resource, or one names the resource of the other.
    pub(crate) fn is_related(&self, one: usize, other: usize) -> bool {
        let same = match (self.finding(one), self.finding(other)) {
            (Some(one), Some(other)) => one.resource == other.resource,
            _ => false,
        };
        same || self.names(one, other) || self.names(other, one)
    }

    /// The same; and where the other finding is about a part of its resource, for instance
    /// a rule of a security group, that part is named as well.
    pub(crate) fn is_mended_by(&self, other: usize, by: usize) -> bool {
        let (Some(finding), Some(option)) = (self.finding(other), self.finding(by)) else {
            return false;
        };
        if finding.resource == option.resource {
            return true;
        }
        let names_part = words(&finding.discriminator).all(|word| self.words(by).contains(word));
        self.is_related(other, by) && (finding.discriminator.is_empty() || names_part)
    }

    /// Which of `others` are mended by which of `by`, see [`Self::is_mended_by`]: `(other, by)`.
    pub(crate) fn mended(&self, by: &[usize], others: &[usize]) -> BTreeSet<(usize, usize)> {
        let ids = |indices: &[usize]| {
            let mut ids: HashMap<&str, Vec<usize>> = HashMap::new();
            for index in indices {
                let id = self.finding(*index).and_then(|finding| words(&finding.resource).last());
                ids.entry(id.unwrap_or_default()).or_default().push(*index);
            }
            ids
        };
        let named = |indices: &[usize], ids: &HashMap<&str, Vec<usize>>| {
            let mut pairs = Vec::new();
            for index in indices {
                for other in self.words(*index).iter().filter_map(|word| ids.get(word.as_str())).flatten() {
                    pairs.push((*index, *other));
                }
            }
            pairs
        };
        let mut pairs: BTreeSet<(usize, usize)> =
            named(by, &ids(others)).into_iter().map(|(by, other)| (other, by)).collect();
        pairs.extend(named(others, &ids(by)));
        pairs.retain(|(other, by)| other != by && self.is_mended_by(*other, *by));
        pairs
    }

    /// Those among `others` that come before `mine` where an option requires their policy: the ones
    /// that are about the same thing or, where there is none, those in the same region.
    pub(crate) fn required(&self, mine: &[usize], others: &[usize]) -> Vec<usize> {
        let like = |is_like: fn(&Self, usize, usize) -> bool| -> Vec<usize> {
            let others = others.iter().copied();
            others.filter(|other| mine.iter().any(|one| is_like(self, *one, *other))).collect()
        };
        let near = like(Self::is_related);
        if near.is_empty() { like(Self::is_in_same_region) } else { near }
    }

    /// Whether both are in one region.
    pub(crate) fn is_in_same_region(&self, one: usize, other: usize) -> bool {
        match (self.finding(one), self.finding(other)) {
            (Some(one), Some(other)) => one.region == other.region,
            _ => false,
        }
    }

    fn names(&self, one: usize, other: usize) -> bool {
        let id = self.finding(other).and_then(|finding| words(&finding.resource).last());
        id.is_some_and(|id| self.words(one).contains(id))
    }

    fn words(&self, index: usize) -> &HashSet<String> {
        static NONE: std::sync::LazyLock<HashSet<String>> = std::sync::LazyLock::new(HashSet::new);
        let (Some(cell), Some(finding)) = (self.words.get(index), self.finding(index)) else {
            return &NONE;
        };
        cell.get_or_init(|| {
            let evidence = finding.evidence.iter().map(|fact| fact.value.to_string());
            let commands = finding.options.iter().map(|remedy| remedy.cli.en.clone());
            let texts = [&finding.resource, &finding.discriminator, &finding.message.en];
            let texts = texts.into_iter().cloned().chain(evidence).chain(commands);
            texts.flat_map(|text| words(&text).map(str::to_owned).collect::<Vec<_>>()).collect()
        })
    }
}

// An ARN falls into its parts, of which the last one is the id.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || "-_.".contains(c)))
        .map(|word| word.trim_end_matches('.'))
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Pillar, Severity, Verdict};
    use crate::text::Text;

    fn finding(resource: &str, region: &str, message: &str) -> Finding {
        Finding {
            id: String::new(),
            policy: "policy".into(),
            severity: Severity::High,
            pillar: Pillar::Security,
            resource: resource.into(),
            region: region.into(),
            discriminator: String::new(),
            verdict: Verdict::Fail,
            message: Text { en: message.into(), ja: String::new() },
            evidence: Vec::new(),
            options: Vec::new(),
            accepted: None,
        }
    }

    #[test]
    fn what_is_required_is_near_or_else_in_the_region() {
        let findings = [
            finding("arn:aws:rds:eu-west-1:1:db:orders", "eu-west-1", "orders is in subnet-1"),
            finding("arn:aws:ec2:eu-west-1:1:subnet/subnet-1", "eu-west-1", ""),
            finding("arn:aws:ec2:eu-west-1:1:subnet/subnet-2", "eu-west-1", ""),
            finding("arn:aws:ec2:us-east-1:1:subnet/subnet-3", "us-east-1", ""),
        ];
        let related = Related::new(findings.iter().collect());
        assert_eq!(related.required(&[0], &[1, 2, 3]), [1]);
        assert_eq!(related.required(&[0], &[2, 3]), [2]);
        assert_eq!(related.required(&[0], &[3]), [0; 0]);
    }
}
