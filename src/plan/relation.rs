//! Which findings are about the same thing: one names the other's resource.

use crate::finding::Finding;
use std::cell::OnceCell;
use std::collections::HashSet;

/// The findings of a run, with what each of them names.
pub struct Related<'a> {
    findings: Vec<&'a Finding>,
    words: Vec<OnceCell<HashSet<String>>>,
}

impl<'a> Related<'a> {
    pub fn new(findings: Vec<&'a Finding>) -> Self {
        let words = findings.iter().map(|_| OnceCell::new()).collect();
        Related { findings, words }
    }

    pub fn finding(&self, index: usize) -> Option<&'a Finding> {
        self.findings.get(index).copied()
    }

    /// Same resource, or one names the resource of the other.
    pub fn is_related(&self, one: usize, other: usize) -> bool {
        let same = match (self.finding(one), self.finding(other)) {
            (Some(one), Some(other)) => one.resource == other.resource,
            _ => false,
        };
        same || self.names(one, other) || self.names(other, one)
    }

    /// The same; and where the other finding is about a part of its resource, for instance
    /// a rule of a security group, that part is named as well.
    pub fn is_mended_by(&self, other: usize, by: usize) -> bool {
        let (Some(finding), Some(option)) = (self.finding(other), self.finding(by)) else {
            return false;
        };
        if finding.resource == option.resource {
            return true;
        }
        let names_part = words(&finding.discriminator).all(|word| self.words(by).contains(word));
        self.is_related(other, by) && (finding.discriminator.is_empty() || names_part)
    }

    pub fn is_in_same_region(&self, one: usize, other: usize) -> bool {
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
            let commands = finding.options.iter().map(|remedy| remedy.cli.clone());
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
