//! Revisions of the families in use that nothing runs any more and that are still active.

use super::described;
use crate::collect::ask::Ask;
use crate::snapshot::ecs::{TaskDefinition, family_of};
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::{Cause, GapId, Listing};
use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::{SortOrder, TaskDefinitionStatus};
use std::cell::Cell;
use std::collections::BTreeSet;

const REVISION_ARNS: &Operation = named("ecs", "ListTaskDefinitions");

/// So many of a family are looked at: a family that is deployed every day has hundreds.
const MOST_OF_A_FAMILY: usize = 20;

/// What the gap says of a family with more revisions.
const MORE_REVISIONS: &str = "MoreRevisions";

/// The newest unused revisions of each family. A family with more leaves a gap, which names
/// the family.
pub async fn unused(ask: &Ask, client: &Client, in_use: &BTreeSet<String>) -> Listing<TaskDefinition> {
    let families: BTreeSet<&str> = in_use.iter().filter_map(|arn| family_of(arn)).collect();
    let listed = ask.each(families, |family| newest(ask, client, family, in_use)).await;
    let (mut arns, mut incomplete) = (Vec::new(), Vec::new());
    for (of_family, gap) in listed {
        arns.extend(of_family);
        incomplete.extend(gap);
    }
    let mut listing = described(ask, client, &arns).await;
    listing.incomplete.extend(incomplete);
    listing
}

async fn newest(
    ask: &Ask,
    client: &Client,
    family: &str,
    in_use: &BTreeSet<String>,
) -> (Vec<String>, Option<GapId>) {
    // Older pages are not asked for once there are enough.
    let seen = Cell::new(0);
    let pages = ask
        .pages(
            REVISION_ARNS,
            Some(family),
            |token| {
                let request = client.list_task_definitions().family_prefix(family);
                let request = request.status(TaskDefinitionStatus::Active).sort(SortOrder::Desc);
                request.max_results(REVISION_ARNS.page_size).set_next_token(token).send()
            },
            |page| {
                let unused = page.task_definition_arns().iter().filter(|arn| !in_use.contains(*arn));
                seen.set(seen.get() + unused.count());
                page.next_token.clone().filter(|_| seen.get() <= MOST_OF_A_FAMILY)
            },
        )
        .await;
    let all = pages.pages.into_iter().flat_map(|page| page.task_definition_arns.unwrap_or_default());
    // The filter is a prefix by name; other families are not meant.
    let own = all.filter(|arn| family_of(arn) == Some(family) && !in_use.contains(arn));
    let mut unused: Vec<String> = own.collect();
    let mut gap = pages.gap;
    if unused.len() > MOST_OF_A_FAMILY {
        unused.truncate(MOST_OF_A_FAMILY);
        gap = Some(ask.gap(REVISION_ARNS, Some(family), Cause::Truncated, MORE_REVISIONS));
    }
    (unused, gap)
}
