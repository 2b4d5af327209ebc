//! What could be done: for each cause under a policy, the policy's options.

use super::context::Context;
use crate::finding::{CauseKey, Downtime, Finding, OptionName, Related, Remedy, Severity, Verdict};
use crate::snapshot::GapId;
use crate::text::Text;
use crate::work::{CausePart, DisjointSets, is_within_reach, keys};
use std::collections::BTreeMap;

/// Money a month in dollars, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Amount {
    /// What is known of it; a saving is negative.
    pub usd: f64,
    /// How many parts of it have no known price.
    pub unknown_parts: usize,
    /// The questions that hide them.
    pub gaps: Vec<GapId>,
}

impl Amount {
    /// Whether all of it is known.
    pub fn is_known(&self) -> bool {
        self.unknown_parts == 0
    }

    /// Whether it is known to cost nothing, or less.
    pub(crate) fn is_free(&self) -> bool {
        self.is_known() && self.usd < 0.005
    }

    /// Adds another amount.
    pub(crate) fn add(&mut self, other: &Amount) {
        self.usd += other.usd;
        self.unknown_parts += other.unknown_parts;
        self.gaps.extend(other.gaps.iter().cloned());
        self.gaps.sort();
        self.gaps.dedup();
    }

    /// What options cost together.
    pub fn sum<'r>(amounts: impl Iterator<Item = &'r Amount>) -> Amount {
        amounts.fold(Amount::default(), |mut sum, amount| {
            sum.add(amount);
            sum
        })
    }
}

/// One option for all resources that it mends at once: what a plan chooses or leaves.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    /// The policy's id.
    pub policy: &'a str,
    /// The option's id.
    pub option: &'a str,
    /// The ARN of the resource; of several, the first.
    pub resource: &'a str,
    /// The region.
    pub region: &'a str,
    /// The worst severity of its findings.
    pub severity: Severity,
    /// Its findings, each with the option as rendered for it.
    pub remedies: Vec<(&'a Finding, &'a Remedy)>,
    /// What it costs a month.
    pub monthly: Amount,
    /// Its place among the options of its policy; 0 is recommended. Where the peak is known, those that
    /// carry it come first.
    pub rank: usize,
    /// Where it does not carry the peak: at how many times today's load it ends, and how many there are.
    pub short_of_peak: Option<(f64, f64)>,
    /// Whether another option of its group does.
    pub(super) has_peak_rival: bool,
    /// Whether it takes away what would carry the peak.
    pub(super) narrows: bool,
    /// Whether its own findings stay, with a lower risk.
    pub is_partial: bool,
    /// The group of options of which one is chosen: those of one policy for one cause.
    pub(super) group: usize,
    /// The findings that are mended, its own (unless partial) and others, by index.
    pub(super) mends: Vec<usize>,
    /// The findings whose risk is only lowered.
    pub(super) lowers: Vec<usize>,
    /// What must be done first.
    pub(super) needs: Vec<Need>,
    /// Candidates that are impossible beside it.
    pub(super) excludes: Vec<usize>,
    /// One piece of work with all others of this number.
    pub(super) work: usize,
    /// Verdicts of what it requires that are not known.
    pub unclear: Vec<&'a Finding>,
}

impl Candidate<'_> {
    /// What the option takes.
    pub(crate) fn remedy(&self) -> Option<&Remedy> {
        self.remedies.first().map(|(_, remedy)| *remedy)
    }

    /// Whether something is said of the load that it carries.
    fn carries_peak(&self) -> bool {
        self.remedies.iter().any(|(_, remedy)| remedy.carries.is_some())
    }

    /// What it changes.
    fn keys(&self) -> Vec<CauseKey> {
        let mut all: Vec<CauseKey> =
            self.remedies.iter().flat_map(|(finding, remedy)| keys(finding, Some(remedy))).collect();
        all.sort();
        all.dedup();
        all
    }

    /// The commands for all of its findings, in the order in which they run.
    pub(crate) fn script(&self) -> Text {
        CausePart { remedies: self.remedies.clone() }.script()
    }

    /// Hours of work.
    pub(crate) fn effort_hours(&self) -> f64 {
        self.remedy().map_or(0.0, |remedy| remedy.impact.effort_hours)
    }

    /// How long the service is interrupted.
    pub(crate) fn downtime(&self) -> Downtime {
        self.remedy().map_or(Downtime::None, |remedy| remedy.impact.downtime)
    }

    /// Whether it should be tried elsewhere first.
    pub(crate) fn needs_test(&self) -> bool {
        self.remedy().is_some_and(|remedy| remedy.impact.needs_test)
    }
}

/// Findings that must be mended first.
#[derive(Debug, Clone)]
pub(super) struct Need {
    pub findings: Vec<usize>,
    pub name: OptionName,
}

/// Everything that a plan chooses from.
pub(super) struct Field<'a> {
    /// The failures, by index; accepted ones among them weigh nothing.
    pub findings: Vec<&'a Finding>,
    /// In points, by index of the finding.
    pub points: Vec<f64>,
    /// By policy, resource and the order of options.
    pub candidates: Vec<Candidate<'a>>,
    pub groups: usize,
}

impl<'a> Field<'a> {
    pub(super) fn new(all: &'a [Finding], context: &Context) -> Field<'a> {
        let peak_factor = context.wishes.peak_factor;
        let mut judged: Vec<&Finding> = all.iter().filter(|finding| counts(finding)).collect();
        judged.sort_by(|left, right| key(left).cmp(&key(right)));
        let related = Related::new(judged);
        let failures: Vec<usize> = (0..)
            .map_while(|index| related.finding(index).map(|f| (index, f)))
            .filter(|(_, finding)| finding.verdict == Verdict::Fail)
            .map(|(index, _)| index)
            .collect();
        let by_policy = by_policy(&related);
        let mut field = Field { findings: Vec::new(), points: Vec::new(), candidates: Vec::new(), groups: 0 };
        // Unknown verdicts keep their index, so that one numbering serves everything.
        for finding in (0..).map_while(|index| related.finding(index)) {
            let points = if finding.is_open_failure() {
                context.points(finding.severity, finding.pillar)
            } else {
                0.0
            };
            field.findings.push(finding);
            field.points.push(points);
        }
        for group in groups(&related, &failures) {
            field.add_group(&group, peak_factor);
        }
        let links = Links { related: &related, by_policy: &by_policy };
        links.connect(&mut field.candidates);
        field
    }

    fn add_group(&mut self, group: &[usize], peak_factor: Option<f64>) {
        let findings: Vec<&'a Finding> =
            group.iter().filter_map(|index| self.findings.get(*index).copied()).collect();
        let Some(first) = findings.first().copied() else {
            return;
        };
        let begin = self.candidates.len();
        for (rank, option) in first.options.iter().enumerate() {
            let remedies: Vec<(&'a Finding, &'a Remedy)> = findings
                .iter()
                .filter_map(|finding| {
                    finding
                        .options
                        .iter()
                        .find(|other| other.id == option.id)
                        .map(|remedy| (*finding, remedy))
                })
                .collect();
            let amounts = amounts(&remedies);
            let is_partial = option.relations.is_partial;
            let short_of_peak = short_of_peak(&remedies, peak_factor);
            let narrows = short_of_peak.is_some() && remedies.iter().any(|(_, remedy)| takes_away(remedy));
            let own = group.to_vec();
            self.candidates.push(Candidate {
                policy: &first.policy,
                option: &option.id,
                resource: &first.resource,
                region: &first.region,
                severity: findings.iter().map(|finding| finding.severity).max().unwrap_or(first.severity),
                monthly: Amount::sum(amounts.iter()),
                remedies,
                rank,
                short_of_peak,
                has_peak_rival: false,
                narrows,
                is_partial,
                group: self.groups,
                mends: if is_partial { Vec::new() } else { own.clone() },
                lowers: if is_partial { own } else { Vec::new() },
                needs: Vec::new(),
                excludes: Vec::new(),
                work: self.candidates.len(),
                unclear: Vec::new(),
            });
        }
        if let Some(options) = self.candidates.get_mut(begin..) {
            peak_first(options);
        }
        self.groups += 1;
    }
}

// Every resource of it has to carry the peak: the one that ends first decides.
fn short_of_peak(remedies: &[(&Finding, &Remedy)], peak_factor: Option<f64>) -> Option<(f64, f64)> {
    let factor = peak_factor?;
    let carries = remedies.iter().filter_map(|(_, remedy)| remedy.carries).reduce(f64::min)?;
    (carries < factor).then_some((carries, factor))
}

// Before the peak nothing is made smaller than the peak needs.
fn takes_away(remedy: &Remedy) -> bool {
    remedy.carries.zip(remedy.carries_today).is_some_and(|(after, today)| after < today)
}

// What carries the peak is better than what the policy recommends for any load.
fn peak_first(options: &mut [Candidate<'_>]) {
    let mut places: Vec<(bool, usize)> =
        options.iter().map(|one| (one.short_of_peak.is_some(), one.rank)).collect();
    places.sort_unstable();
    let carries_it = options.iter().any(|one| one.short_of_peak.is_none() && one.carries_peak());
    for option in options {
        option.has_peak_rival = option.short_of_peak.is_some() && carries_it;
        let own = (option.short_of_peak.is_some(), option.rank);
        option.rank = places.iter().position(|place| *place == own).unwrap_or(option.rank);
    }
}

fn counts(finding: &Finding) -> bool {
    matches!(finding.verdict, Verdict::Fail | Verdict::Unknown(_))
}

fn key(finding: &Finding) -> (&str, &str, &str, &str) {
    (&finding.policy, &finding.resource, &finding.discriminator, &finding.id)
}

// What is done once for several findings is paid once.
fn amounts(remedies: &[(&Finding, &Remedy)]) -> Vec<Amount> {
    let mut done: Vec<&Text> = Vec::new();
    let mut amounts = Vec::new();
    for (_, remedy) in remedies {
        if remedy.cli.en.is_empty() || !done.contains(&&remedy.cli) {
            amounts.push(amount(remedy));
            done.push(&remedy.cli);
        }
    }
    amounts
}

fn amount(remedy: &Remedy) -> Amount {
    match remedy.monthly_usd.usd() {
        Some(usd) => Amount { usd, ..Amount::default() },
        None => Amount { usd: 0.0, unknown_parts: 1, gaps: remedy.monthly_usd.gaps().to_vec() },
    }
}

fn by_policy<'a>(related: &Related<'a>) -> BTreeMap<&'a str, Vec<usize>> {
    let mut by_policy: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, finding) in (0..).map_while(|index| related.finding(index).map(|f| (index, f))) {
        by_policy.entry(&finding.policy).or_default().push(index);
    }
    by_policy
}

// The failures of one policy that have one cause are mended together. An accepted failure is in a
// group of its own: it is mended only where something else requires it.
fn groups(related: &Related<'_>, failures: &[usize]) -> Vec<Vec<usize>> {
    let mut sets = DisjointSets::new(failures.len());
    let mut by_key: BTreeMap<(&str, bool, CauseKey), usize> = BTreeMap::new();
    for (place, index) in failures.iter().enumerate() {
        let Some(finding) = related.finding(*index) else {
            continue;
        };
        // Options differ in what they change; what is recommended says what belongs together.
        for key in keys(finding, finding.options.first()) {
            let key = (finding.policy.as_str(), finding.accepted.is_some(), key);
            let first = *by_key.entry(key).or_insert(place);
            sets.join(first, place);
        }
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (place, index) in failures.iter().enumerate() {
        groups.entry(sets.root(place)).or_default().push(*index);
    }
    groups.into_values().collect()
}

struct Links<'l, 'a> {
    related: &'l Related<'a>,
    by_policy: &'l BTreeMap<&'a str, Vec<usize>>,
}

impl<'a> Links<'_, 'a> {
    fn connect(&self, candidates: &mut [Candidate<'a>]) {
        let own: Vec<Vec<usize>> =
            candidates.iter().map(|one| [one.mends.as_slice(), one.lowers.as_slice()].concat()).collect();
        let names: Vec<(&str, &str)> = candidates.iter().map(|one| (one.policy, one.option)).collect();
        let mut works = DisjointSets::new(candidates.len());
        let changed: Vec<Vec<CauseKey>> = candidates.iter().map(Candidate::keys).collect();
        let mut by_key: BTreeMap<&CauseKey, usize> = BTreeMap::new();
        for (index, keys) in changed.iter().enumerate() {
            for key in keys {
                let first = *by_key.entry(key).or_insert(index);
                works.join(first, index);
            }
        }
        for (index, candidate) in candidates.iter_mut().enumerate() {
            let Some((_, remedy)) = candidate.remedies.first().copied() else {
                continue;
            };
            let mine = own.get(index).cloned().unwrap_or_default();
            let changes = changed.get(index).map(Vec::as_slice).unwrap_or_default();
            for policy in &remedy.relations.resolves {
                let others = self.by_policy.get(policy.as_str()).into_iter().flatten();
                let mended = others.filter(|other| {
                    let finding = self.related.finding(**other);
                    let theirs = finding.map(|finding| keys(finding, finding.options.first()));
                    is_within_reach(changes, &theirs.unwrap_or_default())
                        && mine.iter().any(|by| self.related.is_mended_by(**other, *by))
                });
                candidate.mends.extend(mended.copied());
            }
            for name in &remedy.relations.requires {
                self.require(candidate, name, &mine);
            }
            for name in &remedy.relations.excludes {
                candidate.excludes.extend(self.named(name, &names, &own, &mine, index));
            }
            for name in &remedy.relations.together_with {
                for other in self.named(name, &names, &own, &mine, index) {
                    works.join(index, other);
                }
            }
            candidate.mends.sort_unstable();
            candidate.mends.dedup();
        }
        // Whatever excludes is excluded.
        let pairs: Vec<(usize, usize)> = candidates
            .iter()
            .enumerate()
            .flat_map(|(index, one)| {
                one.excludes.iter().map(move |other| (*other, index)).collect::<Vec<_>>()
            })
            .collect();
        for (one, other) in pairs {
            if let Some(candidate) = candidates.get_mut(one) {
                candidate.excludes.push(other);
            }
        }
        for (index, candidate) in candidates.iter_mut().enumerate() {
            candidate.excludes.sort_unstable();
            candidate.excludes.dedup();
            candidate.work = works.root(index);
        }
    }

    // What fails on a related resource, or else in the same region, comes first. What could
    // not be judged may fail as well: the plan says so.
    fn require(&self, candidate: &mut Candidate<'a>, name: &OptionName, mine: &[usize]) {
        let others = self.by_policy.get(name.policy.as_str()).map(Vec::as_slice).unwrap_or_default();
        let chosen = self.related.required(mine, others);
        let (failing, unclear): (Vec<usize>, Vec<usize>) = chosen.into_iter().partition(|index| {
            self.related.finding(*index).is_some_and(|finding| finding.verdict == Verdict::Fail)
        });
        candidate.unclear.extend(unclear.iter().filter_map(|index| self.related.finding(*index)));
        if !failing.is_empty() {
            candidate.needs.push(Need { findings: failing, name: name.clone() });
        }
    }

    // The candidates of a name that are about the same thing; of the same policy, in the region.
    fn named(
        &self,
        name: &OptionName,
        names: &[(&str, &str)],
        own: &[Vec<usize>],
        mine: &[usize],
        index: usize,
    ) -> Vec<usize> {
        let is_near = |other: usize| {
            let is_same_policy = names.get(index).is_some_and(|(policy, _)| *policy == name.policy);
            own.get(other).into_iter().flatten().any(|theirs| {
                mine.iter().any(|one| match is_same_policy {
                    true => self.related.is_in_same_region(*one, *theirs),
                    false => self.related.is_related(*one, *theirs),
                })
            })
        };
        let matching = names.iter().enumerate().filter(|(_, (policy, option))| name.names(policy, option));
        matching.map(|(other, _)| other).filter(|other| *other != index && is_near(*other)).collect()
    }
}
