//! Revisions of the families in use that nothing runs any more and that are still active.

use super::definitions;
use crate::ask::Ask;
use crate::snapshot::ecs::{TaskDefinition, family_of};
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::{Cause, Gap, GapId, Listing};
use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::{SortOrder, TaskDefinitionStatus};
use std::cell::Cell;
use std::collections::BTreeSet;

const REVISION_ARNS: &Operation = named("ecs", "ListTaskDefinitions");

/// So many of a family are looked at: a family that is deployed every day has hundreds.
const MOST_OF_A_FAMILY: usize = 20;

/// So many of a region, the newest of each family first: AWS answers 20 such questions a second,
/// and nobody should wait for old revisions much longer than for everything else.
const MOST_OF_A_REGION: usize = 200;

/// The newest revisions of each family that are not among those `in_use`. A family with more than are looked at leaves a gap,
/// which names the family.
pub(crate) async fn unused(
    ask: &Ask,
    client: &Client,
    families: &BTreeSet<String>,
    in_use: &BTreeSet<String>,
) -> Listing<TaskDefinition> {
    let listed = ask.each(families, |family| newest(ask, client, family, in_use)).await;
    let counts: Vec<usize> = listed.iter().map(|family| family.unused.len()).collect();
    let most = most_of_each(&counts);
    let (mut arns, mut incomplete) = (Vec::new(), Vec::new());
    for mut family in listed {
        let is_cut = family.unused.len() > most;
        family.unused.truncate(most);
        arns.extend(family.unused);
        // A list that broke off is a worse reason than one that was long.
        let cut = || ask.gap(REVISION_ARNS, Some(family.name), Cause::Truncated, Gap::MORE_REVISIONS);
        incomplete.extend(family.gap.or_else(|| is_cut.then(cut)));
    }
    let mut listing = definitions(ask, client, &arns).await;
    listing.incomplete.extend(incomplete);
    listing
}

/// How many revisions of each family are looked at, one at least.
fn most_of_each(counts: &[usize]) -> usize {
    let asked = |most: usize| counts.iter().map(|count| *count.min(&most)).sum::<usize>();
    (1..=MOST_OF_A_FAMILY).rev().find(|most| asked(*most) <= MOST_OF_A_REGION).unwrap_or(1)
}

/// The unused revisions of a family, the newest first; those beyond what is looked at may be
/// missing.
struct Family<'f> {
    name: &'f str,
    unused: Vec<String>,
    gap: Option<GapId>,
}

async fn newest<'f>(ask: &Ask, client: &Client, family: &'f str, in_use: &BTreeSet<String>) -> Family<'f> {
    // The filter is a prefix by name; other families are not meant.
    let is_own = |arn: &str| family_of(arn) == Some(family) && !in_use.contains(arn);
    // Older pages are not asked for once there are enough.
    let seen = Cell::new(0);
    let unused = ask
        .list_in(
            REVISION_ARNS,
            Some(family),
            |token| {
                let request = client.list_task_definitions().family_prefix(family);
                let request = request.status(TaskDefinitionStatus::Active).sort(SortOrder::Desc);
                request.max_results(REVISION_ARNS.page_size).set_next_token(token).send()
            },
            |page| {
                // Only what counts below: another family's revisions must not end the reading.
                let unused = page.task_definition_arns().iter().filter(|arn| is_own(arn));
                seen.set(seen.get() + unused.count());
                page.next_token.clone().filter(|_| seen.get() <= MOST_OF_A_FAMILY)
            },
            |page| {
                let mut arns = page.task_definition_arns.unwrap_or_default();
                arns.retain(|arn| is_own(arn));
                arns
            },
            Some,
        )
        .await;
    Family { name: family, unused: unused.items, gap: unused.incomplete.into_iter().next() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_with_many_families_looks_at_fewer_of_each() {
        assert_eq!(most_of_each(&[]), 20);
        assert_eq!(most_of_each(&[300; 10]), 20);
        assert_eq!(most_of_each(&[300; 11]), 18);
        // Small families leave room for the others.
        assert_eq!(most_of_each(&[[2; 50].as_slice(), &[300; 10]].concat()), 10);
        assert_eq!(most_of_each(&[300; 200]), 1);
        assert_eq!(most_of_each(&[300; 500]), 1);
    }
}
