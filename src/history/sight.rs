//! What a run saw, and what it could not see: whether a finding that is not there any more
//! is gone or only hidden.

use super::{GLOBAL, History, Time};
use crate::arn::Arn;
use crate::finding::{Finding, Remembered, Resolution, Run, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// What a run says about a finding that failed before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Fate<'r> {
    /// It fails.
    Fails(&'r Finding),
    /// It was seen not to fail.
    Resolved(Resolution),
    /// It cannot be seen.
    Hidden,
    /// Its policy was not part of the run.
    PolicyWithdrawn,
    /// The run did not look there.
    NotLookedAt,
}

/// A run, indexed by what a history asks.
pub(super) struct Sight<'r> {
    pub run: &'r Run,
    pub time: Time,
    policies: BTreeSet<&'r str>,
    findings: BTreeMap<&'r str, &'r Finding>,
    on_resource: BTreeMap<(&'r str, &'r str), Vec<&'r Finding>>,
    /// The regions of the lists that are not complete, by policy.
    incomplete: BTreeMap<&'r str, BTreeSet<&'r str>>,
    /// Resources that a question without an answer was about, by ARN or name.
    asked_about: BTreeSet<&'r str>,
}

impl<'r> Sight<'r> {
    pub(super) fn new(run: &'r Run, time: Time) -> Self {
        let mut sight = Sight {
            run,
            time,
            policies: run.policies.iter().map(|policy| policy.id.as_str()).collect(),
            findings: BTreeMap::new(),
            on_resource: BTreeMap::new(),
            incomplete: BTreeMap::new(),
            asked_about: run.gaps.values().filter_map(|gap| gap.about.as_deref()).collect(),
        };
        for finding in &run.findings {
            // Elements with the same key share an id: a failure is a failure, and what is
            // unknown does not pass.
            let kept = sight.findings.entry(&finding.id).or_insert(finding);
            if weight(finding) > weight(kept) {
                *kept = finding;
            }
            let (policy, resource) = (finding.policy.as_str(), finding.resource.as_str());
            sight.on_resource.entry((policy, resource)).or_default().push(finding);
            if stands_for_list(finding) {
                sight.incomplete.entry(policy).or_default().insert(&finding.region);
            }
        }
        sight
    }

    /// The findings, each id once.
    pub(super) fn findings(&self) -> impl Iterator<Item = &'r Finding> + '_ {
        self.findings.values().copied()
    }

    /// Whether the run asked in a region. What belongs to no region is asked by every run.
    pub(crate) fn looked_at(&self, place: &str) -> bool {
        place == GLOBAL || self.run.regions.iter().any(|region| region == place)
    }

    /// Whether the policy was judged.
    pub(super) fn judged(&self, policy: &str) -> bool {
        self.policies.contains(policy)
    }

    /// What the run says about a finding that failed before. `previous` tells how far
    /// earlier runs looked.
    pub(crate) fn fate(&self, known: &Remembered, previous: &History) -> Fate<'r> {
        if let Some(finding) = self.findings.get(known.id.as_str()) {
            return match finding.verdict {
                Verdict::Fail => Fate::Fails(finding),
                Verdict::Pass => Fate::Resolved(Resolution::Passed),
                Verdict::Skip => Fate::Resolved(Resolution::NotApplicable),
                Verdict::Unknown(_) => Fate::Hidden,
            };
        }
        if !self.looked_at(place(&known.resource, &known.region)) {
            return Fate::NotLookedAt;
        }
        if !self.judged(&known.policy) {
            return Fate::PolicyWithdrawn;
        }
        match self.on_resource.get(&(known.policy.as_str(), known.resource.as_str())) {
            Some(others) if others.iter().any(|other| hides_elements(other)) => Fate::Hidden,
            Some(others) if others.iter().all(|other| other.verdict == Verdict::Skip) => {
                Fate::Resolved(Resolution::NotApplicable)
            }
            Some(_) => Fate::Resolved(Resolution::ElementGone),
            None if self.may_hide(known) => Fate::Hidden,
            None if !self.looked_as_far(known, previous) => Fate::NotLookedAt,
            None => Fate::Resolved(Resolution::ResourceGone),
        }
    }

    // The resource is in no list. It is gone only if nothing could have hidden it.
    fn may_hide(&self, known: &Remembered) -> bool {
        let name = Arn::parse(&known.resource).map(|arn| arn.name());
        if self.asked_about.contains(known.resource.as_str())
            || name.is_some_and(|name| self.asked_about.contains(name))
        {
            return true;
        }
        let is_global = place(&known.resource, &known.region) == GLOBAL;
        // A list that was not asked in a region of the run could be of any region.
        let hides = |region: &&str| *region == known.region || is_global || !self.looked_at(region);
        self.incomplete.get(known.policy.as_str()).is_some_and(|regions| regions.iter().any(hides))
    }

    // Roles and buckets are looked for from the regions of a run: a run of fewer regions
    // lists fewer of them.
    fn looked_as_far(&self, known: &Remembered, previous: &History) -> bool {
        if place(&known.resource, &known.region) != GLOBAL {
            return true;
        }
        let looks = previous.policies.get(&known.policy);
        looks.is_none_or(|looks| looks.keys().all(|place| self.looked_at(place)))
    }
}

fn weight(finding: &Finding) -> u8 {
    match finding.verdict {
        Verdict::Fail => 3,
        Verdict::Unknown(_) => 2,
        Verdict::Pass => 1,
        Verdict::Skip => 0,
    }
}

/// Whether a finding stands for everything that a list without an end would have named:
/// its discriminator is then the gap.
pub(super) fn stands_for_list(finding: &Finding) -> bool {
    match &finding.verdict {
        Verdict::Unknown(gaps) => gaps.iter().any(|gap| gap.as_str() == finding.discriminator),
        Verdict::Pass | Verdict::Fail | Verdict::Skip => false,
    }
}

// The elements of a resource, or the keys that tell them apart, could not be read. A key
// that is not known is written `?`.
fn hides_elements(finding: &Finding) -> bool {
    let key = &finding.discriminator;
    matches!(finding.verdict, Verdict::Unknown(_))
        && (key.is_empty() || key.contains('?') || stands_for_list(finding))
}

/// Where a resource is looked for: its region, or [`GLOBAL`] where it belongs to none.
pub(super) fn place<'a>(resource: &str, region: &'a str) -> &'a str {
    let is_global = Arn::parse(resource).is_some_and(|arn| {
        // The web ACLs of CloudFront have a region in their ARN and belong to none.
        arn.region.is_empty() || (arn.service == "wafv2" && arn.resource.starts_with("global/"))
    });
    if is_global { GLOBAL } else { region }
}
