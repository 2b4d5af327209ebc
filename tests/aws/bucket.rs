//! S3 as far as tenken uses it: objects, ETags, conditional writes, and what goes wrong.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex};
use wiremock::{Request, Respond, ResponseTemplate};

/// What happens to the next write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Another conditional write is under way.
    Busy,
    /// It is written, and the answer does not say so.
    AnswerLost,
    /// Trouble that passes.
    Internal,
    /// Throttled.
    SlowDown,
    /// Not allowed.
    Denied,
    /// The bucket is gone.
    NoBucket,
    /// The credentials have ended.
    ExpiredToken,
    /// Something that nobody expects.
    Odd,
}

/// A write, as it came.
#[derive(Debug, Clone)]
pub(crate) struct Write {
    /// `/bucket/key`
    pub path: String,
    /// The `If-Match` header.
    pub if_match: Option<String>,
    /// The `If-None-Match` header.
    pub if_none_match: Option<String>,
}

/// What the stand-in holds and has seen.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// By `/bucket/key`.
    pub objects: BTreeMap<String, Vec<u8>>,
    /// Every attempt, the oldest first.
    pub writes: Vec<Write>,
    /// What happens to the next writes, the last first.
    pub faults: Vec<Fault>,
    /// How many writes met another's.
    pub conflicts: usize,
    /// How many requests went to the wrong region.
    pub redirects: usize,
    /// Without `s3:ListBucket`: a missing object is forbidden.
    pub hides_missing: bool,
    /// The region of the buckets; any where `None`.
    pub region: Option<String>,
}

/// Buckets.
#[derive(Debug, Clone, Default)]
pub(crate) struct Buckets(pub Arc<Mutex<State>>);

impl Respond for Buckets {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut state = self.0.lock().unwrap();
        let header = |name: &str| request.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        let signed = header("authorization").unwrap_or_default();
        if let Some(region) = state.region.clone()
            && !signed.contains(&format!("/{region}/s3/"))
        {
            state.redirects += 1;
            return error(301, "PermanentRedirect").insert_header("x-amz-bucket-region", region.as_str());
        }
        let path = request.url.path().to_owned();
        match request.method.as_str() {
            "GET" => read(&state, &path),
            "PUT" => {
                let write =
                    Write { path, if_match: header("if-match"), if_none_match: header("if-none-match") };
                state.writes.push(write.clone());
                state.write(&write, &request.body)
            }
            _ => error(405, "MethodNotAllowed"),
        }
    }
}

impl State {
    fn write(&mut self, write: &Write, body: &[u8]) -> ResponseTemplate {
        let fault = self.faults.pop();
        match fault {
            Some(Fault::Busy) => {
                self.conflicts += 1;
                return error(409, "ConditionalRequestConflict");
            }
            Some(Fault::Internal) => return error(500, "InternalError"),
            Some(Fault::SlowDown) => return error(503, "SlowDown"),
            Some(Fault::Denied) => return error(403, "AccessDenied"),
            Some(Fault::NoBucket) => return error(404, "NoSuchBucket"),
            Some(Fault::ExpiredToken) => return error(400, "ExpiredToken"),
            Some(Fault::Odd) => return error(400, "InvalidArgument"),
            Some(Fault::AnswerLost) | None => {}
        }
        let held = self.objects.get(&write.path).map(|bytes| etag(bytes));
        match (&write.if_match, &write.if_none_match, held) {
            (Some(_), _, None) => return error(404, "NoSuchKey"),
            (Some(expected), _, Some(held)) if *expected != held => {
                self.conflicts += 1;
                return error(412, "PreconditionFailed");
            }
            (None, Some(_), Some(_)) => {
                self.conflicts += 1;
                return error(412, "PreconditionFailed");
            }
            _ => {}
        }
        self.objects.insert(write.path.clone(), body.to_vec());
        match fault {
            Some(_) => error(500, "InternalError"),
            None => ResponseTemplate::new(200).insert_header("etag", etag(body).as_str()),
        }
    }
}

fn read(state: &State, path: &str) -> ResponseTemplate {
    match state.objects.get(path) {
        Some(bytes) => ResponseTemplate::new(200)
            .insert_header("etag", etag(bytes).as_str())
            .set_body_bytes(bytes.clone()),
        None if state.hides_missing => error(403, "AccessDenied"),
        None => error(404, "NoSuchKey"),
    }
}

fn etag(bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    format!("\"{:016x}\"", hasher.finish())
}

fn error(status: u16, code: &str) -> ResponseTemplate {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>-</Message></Error>"
    );
    ResponseTemplate::new(status).set_body_raw(body, "application/xml")
}
