//! Which lists a scan asked for, and where: what it did not ask for stays unknown.

use super::service::{ListingRow, Scope};
use super::{SERVICES, Snapshot};
use std::collections::BTreeMap;

/// The questions that the parts of a scan asked, counted while they come in. A list is put
/// together from as many questions as its row of `services!` says; one of them alone answers
/// for nothing.
#[derive(Debug, Default)]
pub struct Coverage {
    /// Section, list and region.
    questions: BTreeMap<(&'static str, &'static str, String), usize>,
}

impl Coverage {
    /// Takes down what one part of a scan asked in `region`: the lists that are filled in it,
    /// also with nothing.
    pub fn note(&mut self, region: &str, part: &Snapshot) {
        for (section, listing) in part.asked_lists() {
            let count = self.questions.entry((section, listing, region.to_owned())).or_default();
            *count = count.saturating_add(1);
        }
    }

    /// Whether all questions for a list were asked in `region`.
    fn is_whole(&self, section: &'static str, row: &ListingRow, region: &str, scope: &[Scope]) -> bool {
        let wanted = row.questions.iter().filter(|question| scope.contains(question)).count();
        let key = (section, row.name, region.to_owned());
        self.questions.get(&key).copied().unwrap_or(0) >= wanted
    }

    /// The regions of a scan in which some question for a list was not asked, in their order.
    fn missing<'r>(
        &self,
        section: &'static str,
        row: &ListingRow,
        regions: &'r [String],
        global_region: &'r str,
    ) -> Vec<&'r str> {
        let mut missing: Vec<&str> = Vec::new();
        for region in regions {
            let is_global = region == global_region;
            let scope: &[Scope] =
                if is_global { &[Scope::Regional, Scope::Global] } else { &[Scope::Regional] };
            if !self.is_whole(section, row, region, scope) {
                missing.push(region);
            }
        }
        let is_apart = !regions.iter().any(|region| region == global_region);
        if is_apart && !self.is_whole(section, row, global_region, &[Scope::Global]) {
            missing.push(global_region);
        }
        missing
    }
}

impl Snapshot {
    /// Ends the merging of a scan's parts: lists that were not asked for everywhere say where
    /// they are unknown. `global_region` is where the partition's global services are asked.
    pub fn leave_unknown(&mut self, coverage: &Coverage, global_region: &str) {
        let regions = self.regions.clone();
        for service in SERVICES {
            for row in service.listings {
                let missing = coverage.missing(service.section, row, &regions, global_region);
                if let Some(listing) = self.listing_mut(service.section, row.name) {
                    listing.leave_unknown_in(&missing);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::{GapId, Listing};

    const TOKYO: &str = "ap-northeast-1";
    const VIRGINIA: &str = "us-east-1";

    /// A part that was answered with nothing for one list.
    fn part(fill: impl FnOnce(&mut Snapshot)) -> Snapshot {
        let mut part = Snapshot::default();
        fill(&mut part);
        part
    }

    fn scan(regions: &[&str], parts: Vec<(&str, Snapshot)>) -> Snapshot {
        let regions: Vec<String> = regions.iter().map(|region| (*region).to_owned()).collect();
        let mut whole = Snapshot::new("123456789012", "aws", "2026-11-24T00:00:00Z", &regions);
        let mut coverage = Coverage::default();
        for (region, part) in parts {
            coverage.note(region, &part);
            whole.merge(part);
        }
        whole.leave_unknown(&coverage, VIRGINIA);
        whole
    }

    fn vpcs() -> Snapshot {
        part(|part| part.ec2.vpcs = Listing::of(Vec::new()))
    }

    fn web_acls() -> Snapshot {
        part(|part| part.wafv2.web_acls = Listing::of(Vec::new()))
    }

    #[test]
    fn what_no_part_asked_for_is_unknown_in_every_region() {
        let whole = scan(&[TOKYO, VIRGINIA], Vec::new());
        for region in [TOKYO, VIRGINIA] {
            assert_eq!(whole.ec2.vpcs.complete_in(region), Err(GapId::never_asked_in(region)));
        }
        // What is asked once for the account was to be asked in one region.
        assert_eq!(whole.iam.roles.incomplete, [GapId::never_asked_in(VIRGINIA)]);
    }

    #[test]
    fn what_was_asked_in_some_regions_is_unknown_in_the_others() {
        let whole = scan(&[TOKYO, VIRGINIA], vec![(TOKYO, vpcs())]);
        assert_eq!(whole.ec2.vpcs.incomplete, [GapId::never_asked_in(VIRGINIA)]);
        let whole = scan(&[TOKYO, VIRGINIA], vec![(TOKYO, vpcs()), (VIRGINIA, vpcs())]);
        assert_eq!(whole.ec2.vpcs, Listing::of(Vec::new()));
    }

    #[test]
    fn one_of_two_questions_answers_for_nothing_where_both_are_asked() {
        let regional = vec![(TOKYO, web_acls()), (VIRGINIA, web_acls())];
        let whole = scan(&[TOKYO, VIRGINIA], regional);
        assert_eq!(whole.wafv2.web_acls.incomplete, [GapId::never_asked_in(VIRGINIA)]);
        let whole = scan(&[TOKYO], vec![(TOKYO, web_acls())]);
        assert_eq!(whole.wafv2.web_acls.incomplete, [GapId::never_asked_in(VIRGINIA)]);
        let whole = scan(&[TOKYO], vec![(VIRGINIA, web_acls())]);
        assert_eq!(whole.wafv2.web_acls.incomplete, [GapId::never_asked_in(TOKYO)]);
        let whole = scan(&[TOKYO], vec![(VIRGINIA, web_acls()), (TOKYO, web_acls())]);
        assert_eq!(whole.wafv2.web_acls, Listing::of(Vec::new()));
    }
}
