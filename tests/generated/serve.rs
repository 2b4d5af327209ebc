//! The account over real HTTP, with or without AWS's limits.

use super::answer::page_size;
use super::writing::page_number;
use super::{ACCOUNT, Account, REGION, TAKEN_AT};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tenken::recording::refusal::refusal;
use tenken::recording::wire::{self, Protocol, RawRequest, Request};
use tenken::snapshot::operation::{TokenBucket, find};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Respond, ResponseTemplate};

/// AWS's limits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// The time until an answer.
    pub round_trip: Duration,
}

/// What was asked.
#[derive(Debug, Default, Clone)]
pub(crate) struct Tally {
    /// Requests that were answered, by bucket: how many, and the bucket's capacity and rate.
    pub answered: BTreeMap<String, (u32, u32, u32)>,
    /// Requests that were throttled.
    pub throttled: u32,
    /// Requests by bucket that were throttled.
    pub throttled_by: BTreeMap<String, u32>,
    /// The most pages that one list had.
    pub longest_list: usize,
    /// Requests that nobody understood.
    pub refused: Vec<String>,
}

impl Tally {
    /// Every request, answered or not.
    pub(crate) fn requests(&self) -> u32 {
        self.answered.values().map(|(count, _, _)| count).sum::<u32>() + self.throttled
    }
}

/// A served account.
pub(crate) struct Served {
    server: MockServer,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    tally: Tally,
    tokens: BTreeMap<String, (f64, Instant)>,
}

struct Answers {
    account: Arc<Account>,
    limits: Option<Limits>,
    state: Arc<Mutex<State>>,
}

impl Served {
    /// Serves an account; with limits as slowly and as sparingly as AWS.
    pub(crate) async fn start(account: Arc<Account>, limits: Option<Limits>) -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let server = MockServer::builder().disable_request_recording().start().await;
        let answers = Answers { account, limits, state: Arc::clone(&state) };
        Mock::given(any()).respond_with(answers).mount(&server).await;
        Served { server, state }
    }

    /// Where it is.
    pub(crate) fn address(&self) -> String {
        self.server.uri()
    }

    /// What was asked so far.
    pub(crate) fn tally(&self) -> Tally {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).tally.clone()
    }
}

impl Respond for Answers {
    fn respond(&self, request: &wiremock::Request) -> ResponseTemplate {
        let header =
            |name: &str| request.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let target = match request.url.query() {
            Some(query) => format!("{}?{query}", request.url.path()),
            None => request.url.path().to_owned(),
        };
        let raw = RawRequest {
            method: request.method.as_str(),
            host: "127.0.0.1",
            target: &target,
            authorization: header("authorization"),
            amz_target: header("x-amz-target"),
            body: &request.body,
        };
        let read = match wire::read(&raw) {
            Ok(read) => read,
            Err(error) => {
                self.lock().tally.refused.push(error.to_string());
                return ResponseTemplate::new(400);
            }
        };
        let reply = match self.is_admitted(&read) {
            true => self.account.answer(&read),
            false => throttled(&read),
        };
        let mut response = ResponseTemplate::new(reply.status).set_body_bytes(reply.body);
        for (name, value) in reply.headers {
            response = response.insert_header(name, value);
        }
        match self.limits {
            Some(limits) => response.set_delay(limits.round_trip),
            None => response,
        }
    }
}

impl Answers {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a token, if there are limits. A refused request takes none.
    fn is_admitted(&self, request: &Request) -> bool {
        let mut state = self.lock();
        let Some(operation) = find(&request.service, &request.operation) else {
            state.tally.refused.push(format!("{}:{}", request.service, request.operation));
            return true;
        };
        let TokenBucket { name, capacity, per_second } = operation.bucket;
        let key = format!("{}/{name}", request.region);
        let now = Instant::now();
        let full = (f64::from(capacity), now);
        let (tokens, since) = state.tokens.get(&key).copied().unwrap_or(full);
        let refilled = tokens + now.duration_since(since).as_secs_f64() * f64::from(per_second);
        let tokens = refilled.min(f64::from(capacity));
        let is_admitted = self.limits.is_none() || tokens >= 1.0;
        state.tokens.insert(key.clone(), (if is_admitted { tokens - 1.0 } else { tokens }, now));
        if is_admitted {
            let pages = page_number(request.token.as_deref(), page_size(request).unwrap_or(1));
            state.tally.longest_list = state.tally.longest_list.max(pages);
            state.tally.answered.entry(key).or_insert((0, capacity, per_second)).0 += 1;
        } else {
            state.tally.throttled += 1;
            *state.tally.throttled_by.entry(key).or_default() += 1;
        }
        is_admitted
    }
}

fn throttled(request: &Request) -> tenken::recording::Reply {
    match request.protocol {
        Protocol::Ec2Query => refusal(request, 503, "RequestLimitExceeded"),
        Protocol::RestXml if request.service == "s3" => refusal(request, 503, "SlowDown"),
        Protocol::Query | Protocol::RestXml => refusal(request, 400, "Throttling"),
        Protocol::RestJson => refusal(request, 429, "TooManyRequestsException"),
        Protocol::Json | Protocol::Cbor => refusal(request, 400, "ThrottlingException"),
    }
}

/// Writes the description of a recorded account whose answers come over HTTP.
///
/// # Errors
/// What the file system says.
pub(crate) fn describe(folder: &Path) -> std::io::Result<()> {
    let text = format!(
        "account = \"{ACCOUNT}\"\nregions = [\"{REGION}\"]\ntaken_at = \"{TAKEN_AT}\"\nfingerprint_key = \"generated\"\n"
    );
    std::fs::write(folder.join("account.toml"), text)
}
