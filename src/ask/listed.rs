//! From what AWS answered to what the snapshot keeps.
//!
//! A record that cannot be made, because AWS left out what identifies it or decides
//! about it, is a gap as well: the list it belongs to is not whole.

use super::Ask;
use crate::snapshot::operation::Operation;
use crate::snapshot::{Cause, GapId, Listing};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// The code of gaps whose answer came, but lacks what AWS documents as always there.
pub(crate) const INCOMPLETE_ANSWER: &str = "IncompleteAnswer";

impl Ask {
    /// Lists the resources of the region, page by page, and names the gaps that hide others.
    ///
    /// `call` asks for the page of a token, `None` for the first; `token` finds the token of
    /// the next page in an answer, `items` what it lists, `record` what is kept of an item.
    pub async fn list<P, E, Fut, I, R>(
        &self,
        operation: &'static Operation,
        call: impl Fn(Option<String>) -> Fut,
        token: impl Fn(&P) -> Option<String>,
        items: impl Fn(P) -> Vec<I>,
        record: impl Fn(I) -> Option<R>,
    ) -> Listing<R>
    where
        Fut: Future<Output = Result<P, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata,
    {
        self.list_in(operation, None, call, token, items, record).await
    }

    /// The same for resources that AWS lists by what they belong to. `about` names that, and
    /// so do the gaps.
    pub(crate) async fn list_in<P, E, Fut, I, R>(
        &self,
        operation: &'static Operation,
        about: Option<&str>,
        call: impl Fn(Option<String>) -> Fut,
        token: impl Fn(&P) -> Option<String>,
        items: impl Fn(P) -> Vec<I>,
        record: impl Fn(I) -> Option<R>,
    ) -> Listing<R>
    where
        Fut: Future<Output = Result<P, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata,
    {
        let pages = self.pages(operation, about, call, token).await;
        let mut listing = Listing::with_gaps(pages.gap.into_iter().collect());
        self.keep(&mut listing, operation, about, pages.pages.into_iter().flat_map(items), record);
        listing
    }

    /// All that AWS lists about one resource, or the gap that hides a part of it: for facts
    /// that say nothing when they are not whole.
    pub async fn all<P, E, Fut, I, R>(
        &self,
        operation: &'static Operation,
        about: Option<&str>,
        call: impl Fn(Option<String>) -> Fut,
        token: impl Fn(&P) -> Option<String>,
        items: impl Fn(P) -> Vec<I>,
        record: impl Fn(I) -> Option<R>,
    ) -> Result<Vec<R>, GapId>
    where
        Fut: Future<Output = Result<P, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata,
    {
        let listing = self.list_in(operation, about, call, token, items, record).await;
        match listing.incomplete.into_iter().next() {
            None => Ok(listing.items),
            Some(gap) => Err(gap),
        }
    }

    /// Keeps the records of what an answer lists; where one cannot be made, that is a gap.
    pub fn keep<I, R>(
        &self,
        listing: &mut Listing<R>,
        operation: &'static Operation,
        about: Option<&str>,
        items: impl IntoIterator<Item = I>,
        record: impl Fn(I) -> Option<R>,
    ) {
        let mut is_whole = true;
        for item in items {
            match record(item) {
                Some(record) => listing.items.push(record),
                None => is_whole = false,
            }
        }
        if !is_whole {
            listing.incomplete.push(self.broken(operation, about));
        }
    }

    /// The gap of an answer that lacks what AWS documents as always there.
    pub fn broken(&self, operation: &'static Operation, about: Option<&str>) -> GapId {
        self.gap(operation, about, Cause::Failed, INCOMPLETE_ANSWER)
    }
}

/// Text that is there and not empty: several services answer `""` for what is not set.
pub(crate) fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}
