//! From what AWS answered to what the snapshot keeps.
//!
//! A record that cannot be made, because AWS left out what identifies it or decides
//! about it, is a gap as well: the list it belongs to is not whole.

use super::{Ask, Pages};
use crate::secret;
use crate::snapshot::operation::Operation;
use crate::snapshot::{Cause, GapId, Known, Listing};

/// The code of gaps whose answer came, but lacks what AWS documents as always there.
pub const INCOMPLETE_ANSWER: &str = "IncompleteAnswer";

/// The resources on `pages`, and the gaps that hide others.
pub fn listed<P, I, R>(
    ask: &Ask,
    operation: &'static Operation,
    pages: Pages<P>,
    items: impl Fn(P) -> Vec<I>,
    record: impl Fn(I) -> Option<R>,
) -> Listing<R> {
    let mut listing = Listing { items: Vec::new(), incomplete: pages.gap.into_iter().collect() };
    let mut is_whole = true;
    for item in pages.pages.into_iter().flat_map(items) {
        match record(item) {
            Some(record) => listing.items.push(record),
            None => is_whole = false,
        }
    }
    if !is_whole {
        listing.incomplete.push(broken(ask, operation, None));
    }
    listing
}

/// Everything on `pages` about one resource; nothing of it when something is missing.
pub fn all<P, I, R>(
    ask: &Ask,
    operation: &'static Operation,
    about: &str,
    pages: Pages<P>,
    items: impl Fn(P) -> Vec<I>,
    record: impl Fn(I) -> Option<R>,
) -> Known<Vec<R>> {
    if let Some(gap) = pages.gap {
        return Known::No(gap);
    }
    let records: Option<Vec<R>> = pages.pages.into_iter().flat_map(items).map(record).collect();
    match records {
        Some(records) => Known::Yes(records),
        None => Known::No(broken(ask, operation, Some(about))),
    }
}

/// The gap of an answer that lacks what AWS documents as always there.
pub fn broken(ask: &Ask, operation: &'static Operation, about: Option<&str>) -> GapId {
    ask.gap(operation, about, Cause::Failed, INCOMPLETE_ANSWER)
}

/// Text that is there and not empty: several services answer `""` for what is not set.
pub fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// A tag, without what is a secret in it.
pub fn tag(key: String, value: String) -> (String, String) {
    let value = secret::conceal(&key, value);
    (key, value)
}
