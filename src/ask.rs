//! How AWS is asked: paced, paged, bounded in time, with a gap for every question that gets
//! no answer.
//!
//! What makes a whole scan impossible (no credentials, no region) is a [`CollectError`].

pub mod answer;
pub(crate) mod asked;
pub(crate) mod connect;
pub(crate) mod credentials;
pub mod error;
pub(crate) mod failure;
mod identity;
mod issuer;
pub(crate) mod listed;
pub(crate) mod network;
mod options;
pub mod pace;
mod record;
pub(crate) mod regions;
mod replay;
pub(crate) mod session;
pub(crate) mod time;

pub use error::CollectError;
pub use options::{Counters, Progress, ScanOptions};

use crate::secret;
use crate::snapshot::operation::Operation;
use crate::snapshot::{Cause, Gap, GapId};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::SdkConfig;
use aws_types::region::Region;
use futures_util::StreamExt;
use pace::Pace;
use std::collections::{BTreeMap, HashSet};
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::time::Instant;

/// Pages that one question may have. The largest accounts need a few hundred.
const MOST_PAGES: usize = 10_000;

/// Items that one `each` works on at the same time.
const ITEMS_AT_ONCE: usize = 16;

/// Calls of the whole scan that may be under way at the same time. More only make
/// every single one slower, until attempts time out.
const CALLS_AT_ONCE: usize = 64;

/// The code of a question that the scan had no time left for.
pub(crate) const SCAN_TIMEOUT: &str = "ScanTimeout";

/// Asks one region of the account.
#[derive(Clone)]
pub struct Ask {
    shared: Arc<Shared>,
    region: Arc<str>,
    config: Arc<SdkConfig>,
}

/// What the asks of all regions share.
struct Shared {
    account: String,
    partition: String,
    taken_at_seconds: i64,
    fingerprint_key: Vec<u8>,
    base: SdkConfig,
    pace: Pace,
    under_way: tokio::sync::Semaphore,
    deadline: Option<Instant>,
    gaps: Mutex<BTreeMap<GapId, Gap>>,
    progress: Arc<dyn Progress>,
}

/// What a scan knows before it asks its first question.
pub struct Setting {
    /// The account's twelve digits.
    pub account: String,
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
    /// When the scan began, in seconds since 1970.
    pub taken_at_seconds: i64,
    /// The key of the secrets' fingerprints.
    pub fingerprint_key: Vec<u8>,
    /// Credentials, HTTP client, retries and time limits; the region is set per question.
    pub config: SdkConfig,
    /// How fast it may ask.
    pub pace: Pace,
    /// When the scan has to end.
    pub deadline: Option<Instant>,
    /// Who is told about calls and gaps.
    pub progress: Arc<dyn Progress>,
}

/// What a list answered, page by page, and what hides the rest.
#[derive(Debug)]
pub struct Pages<T> {
    /// The pages that were answered.
    pub pages: Vec<T>,
    /// The gap behind which the rest of the list is.
    pub gap: Option<GapId>,
}

impl Ask {
    /// Asks `region` of the account in `setting`.
    pub fn new(setting: Setting, region: &str) -> Self {
        let config = in_region(&setting.config, region);
        let shared = Shared {
            account: setting.account,
            partition: setting.partition,
            taken_at_seconds: setting.taken_at_seconds,
            fingerprint_key: setting.fingerprint_key,
            base: setting.config,
            pace: setting.pace,
            under_way: tokio::sync::Semaphore::new(CALLS_AT_ONCE),
            deadline: setting.deadline,
            gaps: Mutex::default(),
            progress: setting.progress,
        };
        Ask { shared: Arc::new(shared), region: region.into(), config: Arc::new(config) }
    }

    /// The same account in another region, with the same buckets, gaps and deadline.
    pub(crate) fn in_region(&self, region: &str) -> Self {
        let config = in_region(&self.shared.base, region);
        Ask { shared: Arc::clone(&self.shared), region: region.into(), config: Arc::new(config) }
    }

    /// The region that is asked.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The account's twelve digits.
    pub fn account(&self) -> &str {
        &self.shared.account
    }

    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub fn partition(&self) -> &str {
        &self.shared.partition
    }

    /// The ARN of a resource in this region and account.
    pub fn arn(&self, service: &str, resource: &str) -> String {
        crate::arn::arn(self.partition(), service, &self.region, self.account(), resource)
    }

    /// The configuration for clients in this region: `aws_sdk_ec2::Client::new(ask.config())`.
    pub fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// When the scan began, in seconds since 1970. Time windows are counted from here and
    /// never from the clock, so that a recorded account is asked the same again.
    pub fn taken_at_seconds(&self) -> i64 {
        self.shared.taken_at_seconds
    }

    /// A keyed fingerprint that recognises the same secret in several places: the first
    /// sixteen hexadecimal digits of its HMAC-SHA-256. Nobody without the key can check guesses.
    pub fn fingerprint(&self, secret: &str) -> String {
        secret::fingerprint(&self.shared.fingerprint_key, secret)
    }

    /// Asks a question that has one answer. `about` names the resource it is about; leave
    /// it out for lists. The error is the gap, which is already recorded.
    ///
    /// An error code that is an answer ("there is no such configuration") is turned into
    /// one inside `call`:
    /// `async { match request.send().await { Err(e) if e.code() == Some("NoSuch…") => Ok(None), … } }`.
    pub async fn once<T, E>(
        &self,
        operation: &'static Operation,
        about: Option<&str>,
        call: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, GapId>
    where
        E: ProvideErrorMetadata,
    {
        let paced = async {
            self.shared.pace.take(&self.region, &operation.bucket).await;
            // The semaphore is never closed, so that a permit always comes.
            let _permit = self.shared.under_way.acquire().await;
            self.shared.progress.call(operation, &self.region);
            call.await
        };
        let result = match self.shared.deadline {
            None => paced.await,
            // A timeout polls once even when the time is up, which would send the call.
            Some(deadline) if Instant::now() >= deadline => return Err(self.time_is_up(operation, about)),
            Some(deadline) => match tokio::time::timeout_at(deadline, paced).await {
                Ok(result) => result,
                Err(_elapsed) => return Err(self.time_is_up(operation, about)),
            },
        };
        result.map_err(|error| {
            let (cause, code) = failure::classify(&error);
            self.gap(operation, about, cause, &code)
        })
    }

    /// Asks for all pages of a list. `call` gets the token of the page, `None` for the
    /// first; `next` finds the token of the next one in an answer.
    ///
    /// A failure on a later page keeps the earlier ones. A token that comes again, or a
    /// list without an end, is a gap and not a loop.
    pub async fn pages<T, E, F, Fut>(
        &self,
        operation: &'static Operation,
        about: Option<&str>,
        call: F,
        next: impl Fn(&T) -> Option<String>,
    ) -> Pages<T>
    where
        F: Fn(Option<String>) -> Fut,
        Fut: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata,
    {
        let mut pages = Vec::new();
        let mut seen = HashSet::new();
        let mut token = None;
        loop {
            match self.once(operation, about, call(token)).await {
                Ok(page) => {
                    token = next(&page).filter(|token| !token.is_empty());
                    pages.push(page);
                }
                Err(gap) => return Pages { pages, gap: Some(gap) },
            }
            let code = match &token {
                None => return Pages { pages, gap: None },
                Some(again) if !seen.insert(again.clone()) => "RepeatedToken",
                Some(_) if pages.len() >= MOST_PAGES => "TooManyPages",
                Some(_) => continue,
            };
            let gap = self.gap(operation, about, Cause::Truncated, code);
            return Pages { pages, gap: Some(gap) };
        }
    }

    /// Works on many items, a bounded number at the same time. The results come in the
    /// order of the items.
    pub async fn each<I, T, Fut>(&self, items: impl IntoIterator<Item = I>, work: impl Fn(I) -> Fut) -> Vec<T>
    where
        Fut: Future<Output = T>,
    {
        futures_util::stream::iter(items.into_iter().map(work)).buffered(ITEMS_AT_ONCE).collect().await
    }

    /// Records that a question got no answer, and gives the gap's id. The first reason stays.
    pub fn gap(&self, operation: &'static Operation, about: Option<&str>, cause: Cause, code: &str) -> GapId {
        let gap = Gap {
            operation: operation.id(),
            permissions: operation.permissions.iter().map(|action| (*action).to_owned()).collect(),
            region: self.region().to_owned(),
            about: about.map(|name| secret::conceal_name(name).unwrap_or_else(|| name.to_owned())),
            cause,
            code: code.to_owned(),
        };
        let id = gap.id();
        let mut gaps = self.shared.gaps.lock().unwrap_or_else(PoisonError::into_inner);
        if !gaps.contains_key(&id) {
            self.shared.progress.gap(&gap);
            gaps.insert(id.clone(), gap);
        }
        id
    }

    /// The gaps that were recorded so far, in all regions.
    pub fn gaps(&self) -> BTreeMap<GapId, Gap> {
        self.shared.gaps.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn time_is_up(&self, operation: &'static Operation, about: Option<&str>) -> GapId {
        self.gap(operation, about, Cause::TimedOut, SCAN_TIMEOUT)
    }
}

fn in_region(config: &SdkConfig, region: &str) -> SdkConfig {
    config.to_builder().region(Region::new(region.to_owned())).build()
}
