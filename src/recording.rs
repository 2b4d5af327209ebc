//! Recorded accounts: a folder of AWS's answers as they came over the wire.
//!
//! ```text
//! mocks/ec-site/
//!   account.toml
//!   ap-northeast-1/ec2/DescribeVpcs.xml
//!   ap-northeast-1/rds/DescribeDBInstances.xml, DescribeDBInstances.page2.xml
//!   ap-northeast-1/ecs/DescribeServices@cluster=shop.json
//!   ap-northeast-1/elasticloadbalancing/DescribeListeners@LoadBalancerArn=app-shop-alb-50dc.xml
//!   ap-northeast-1/secretsmanager/ListSecrets.400.json
//!   us-east-1/cloudfront/ListDistributions.xml
//! ```
//!
//! A request is answered by the file `<region>/<service>/<Operation>[@selector][.pageN][.status].{xml,json}`:
//!
//! - **region** is the one the request was signed for; global services are in `us-east-1`.
//! - **service** is the prefix of its IAM actions: `elasticloadbalancing`, `cloudwatch`.
//! - **selector** is what tells the request from others of its operation: `name=value`
//!   pairs by name, joined by `+`; values of a list by `,`. Page sizes, tokens, `include`
//!   and time windows are not part of it. ARNs are cut to what follows the resource type;
//!   `/` is written `-`, `:` is written `~`, other special characters `_`. A selector
//!   longer than 100 characters is cut to 60, `~` and a hash.
//! - **page**: the first has no number. Page N+1 answers the request with the token that
//!   page N contains; what the token says does not matter.
//! - **status** is the HTTP status of an error answer (`.403`, `.400`); without one it is 200.
//!
//! XML answers are kept as they are, JSON answers with their keys sorted. CloudWatch
//! speaks CBOR, which is kept as JSON (see [`cbor`]). Three kinds of answers share
//! one file, from which the answer is put together, whatever the batches of the request:
//! `ecs/DescribeClusters.json`, `ecs/DescribeServices@cluster=….json` and
//! `ecs/DescribeTasks@cluster=….json` hold all elements, `cloudwatch/GetMetricData.json`
//! holds the series by what they measure:
//! `{"AWS/RDS/CPUUtilization{DBInstanceIdentifier=shop} Maximum 3600s": {"Timestamps": […], "Values": […]}}`.
//! A series without holes may have `"Newest": "2026-11-23T02:55:00Z"` in place of its timestamps.
//!
//! `account.toml`:
//!
//! ```toml
//! account = "123456789012"
//! partition = "aws"                       # the default
//! regions = ["ap-northeast-1"]
//! taken_at = "2026-11-23T03:00:00Z"       # the clock of the scan
//! fingerprint_key = "any text"            # the key of the secrets' fingerprints
//! deny = ["rds:DescribeDBInstances"]      # answered with AccessDenied, whatever is recorded
//! answers = "../ec-site"                  # take the answers from this folder instead
//!
//! [throttle]                              # how many times each request is throttled first
//! "ec2:DescribeVpcs" = 2
//!
//! [broken]                                # how many times each request is then answered with
//! "rds:DescribeDBInstances" = 1           # an error of the server, or of a proxy before it
//!
//! [slow]                                  # milliseconds before the answer
//! "ecs:ListClusters" = 1500
//!
//! [pages]                                 # elements on each page of a list that was recorded
//! "ec2:DescribeSubnets" = 1               # as one page; the second page is empty
//! ```
//!
//! `sts:GetCallerIdentity` is answered from `account.toml` when there is no file for it.
//! With `answers`, an account shows how the same answers fare in other circumstances: its
//! own folder holds no answers, and nothing has to ask for all of the other's.

mod batch;
pub mod cbor;
pub mod name;
pub mod pages;
pub mod refusal;
pub mod scrub;
pub mod wire;

pub(crate) use batch::is_batch;
pub use batch::keep;

use crate::files::{self, MOST_SAVED, MOST_WRITTEN};
use crate::snapshot::operation;
use crate::text::{Explained, Invalid, Text};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use wire::{Protocol, RawRequest, Request};

/// The file that describes a recorded account.
pub(crate) const ACCOUNT_FILE: &str = "account.toml";

/// What `account.toml` says.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The account's twelve digits.
    pub account: String,
    /// `aws`, `aws-cn` or `aws-us-gov`.
    #[serde(default = "default_partition")]
    pub partition: String,
    /// The regions that were asked.
    pub regions: Vec<String>,
    /// The time of the scan, RFC 3339.
    pub taken_at: String,
    /// The key of the secrets' fingerprints.
    pub fingerprint_key: String,
    /// Operations (`service:Operation`) that are denied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deny: Vec<String>,
    /// Where the answers are, seen from this account's folder; in it when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<PathBuf>,
    /// How many times each request of an operation is throttled before its answer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub throttle: BTreeMap<String, u32>,
    /// How many times each request of an operation is then answered with an error of the
    /// server before its answer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub broken: BTreeMap<String, u32>,
    /// Milliseconds that an operation takes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub slow: BTreeMap<String, u64>,
    /// Elements on each page of an operation's list.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub pages: BTreeMap<String, usize>,
}

impl Account {
    /// Reads `account.toml`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Account, Invalid> {
        let account: Account =
            toml::from_str(text).map_err(|error| Invalid(Text::same(error.to_string())))?;
        match account.problem() {
            Some(problem) => Err(problem),
            None => Ok(account),
        }
    }

    /// The first operation that is named and not in the table, or has no pages and is to
    /// have some.
    fn problem(&self) -> Option<Invalid> {
        let counted = self.throttle.keys().chain(self.broken.keys()).chain(self.slow.keys());
        for id in self.deny.iter().chain(counted).chain(self.pages.keys()) {
            let known = id.split_once(':').filter(|(service, name)| operation::find(service, name).is_some());
            let Some((service, name)) = known else {
                return Some(Invalid::new(
                    format!("{id} is not an operation of the audit"),
                    format!("{id} は監査で使用する操作ではない"),
                ));
            };
            if self.pages.contains_key(id) && !pages::can_split(service, name) {
                return Some(Invalid::new(
                    format!("{id} has no list that can be split into pages"),
                    format!("{id} にはページに分割できるリストがない"),
                ));
            }
        }
        let empty = self.pages.iter().find(|(_, size)| **size == 0);
        empty.map(|(id, _)| {
            Invalid::new(
                format!("a page of {id} must hold at least one element"),
                format!("{id} の 1 ページの要素数は 1 以上でなければならない"),
            )
        })
    }
}

fn default_partition() -> String {
    "aws".to_owned()
}

/// An answer as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(&'static str, &'static str)>,
    /// The body.
    pub body: Vec<u8>,
    /// How long the answer takes.
    pub delay: Duration,
}

/// What is wrong with a recorded account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.what().en)]
pub enum RecordingError {
    /// It cannot be read.
    Unreadable {
        /// The folder.
        folder: PathBuf,
        /// What is wrong.
        reason: Text,
    },
    /// It cannot be written.
    Unwritable {
        /// The folder.
        folder: PathBuf,
        /// What is wrong.
        reason: Text,
    },
}

impl Explained for RecordingError {
    fn what(&self) -> Text {
        match self {
            RecordingError::Unreadable { folder, reason } => Text::new(
                format!("read the recorded account in {}: {}", folder.display(), reason.en),
                format!("記録されたアカウント {} を読み取れない: {}", folder.display(), reason.ja),
            ),
            RecordingError::Unwritable { folder, reason } => Text::new(
                format!("write the recording to {}: {}", folder.display(), reason.en),
                format!("記録を {} に書き込めない: {}", folder.display(), reason.ja),
            ),
        }
    }

    fn hint(&self) -> Option<Text> {
        Some(match self {
            RecordingError::Unreadable { .. } => Text::new(
                "A recorded account is a folder with an account.toml; mocks/README.md describes it.",
                "記録されたアカウントは account.toml を含むフォルダーである。形式は mocks/README.md を参照。",
            ),
            RecordingError::Unwritable { .. } => Text::new(
                "Choose a folder that does not exist yet and can be written to.",
                "まだ存在しない、書き込み可能なフォルダーを指定する。",
            ),
        })
    }
}

/// A request that no recording answers.
#[derive(Debug, thiserror::Error)]
#[error("no recording answers the request; looked for {file}")]
pub struct NotRecorded {
    /// The file that would have answered, relative to the recorded account.
    pub file: String,
}

/// A recorded account, ready to answer.
#[derive(Debug)]
pub struct Recording {
    /// The folder.
    pub folder: PathBuf,
    /// The folder in which the answers are, mostly the same.
    answers: PathBuf,
    /// What `account.toml` says.
    pub account: Account,
    /// The files by their path without status and extension.
    files: BTreeMap<String, File>,
    state: Mutex<ReplayState>,
}

#[derive(Debug)]
struct File {
    /// The path inside the folder.
    path: String,
    status: u16,
}

#[derive(Debug, Default)]
struct ReplayState {
    used: BTreeSet<String>,
    missing: BTreeSet<String>,
    /// How often each request was asked so far, where its first answers are refusals.
    asked: BTreeMap<String, u32>,
}

/// The folders of which every file belongs to a recorded account: its own, and that of the answers
/// where they are elsewhere.
pub fn account_folders(folder: &Path) -> Vec<PathBuf> {
    let text = files::read_text(&folder.join(ACCOUNT_FILE), MOST_WRITTEN).ok();
    // What is wrong with it is said when the account is opened.
    let account = text.and_then(|text| Account::parse(&text).ok());
    let answers = account.and_then(|account| account.answers).map(|answers| folder.join(answers));
    [folder.to_owned()].into_iter().chain(answers).collect()
}

impl Recording {
    /// Opens a folder.
    ///
    /// # Errors
    /// [`RecordingError::Unreadable`] where `account.toml` or the folder with the answers cannot
    /// be read, or two files answer the same request.
    pub fn open(folder: &Path) -> Result<Self, RecordingError> {
        let unreadable = |reason: Text| RecordingError::Unreadable { folder: folder.to_owned(), reason };
        let in_file = |reason: Text| unreadable(reason.map(|reason| format!("{ACCOUNT_FILE}: {reason}")));
        let text = files::read_text(&folder.join(ACCOUNT_FILE), MOST_WRITTEN)
            .map_err(|error| in_file(error.what()))?;
        let account = Account::parse(&text).map_err(|error| in_file(error.what()))?;
        let answers = account.answers.as_ref().map_or(folder.to_owned(), |answers| folder.join(answers));
        let files = files(&answers).map_err(|error| match &account.answers {
            Some(named) => {
                in_file(error.what().map(|reason| format!("answers, {}: {reason}", named.display())))
            }
            None => unreadable(error.what()),
        })?;
        Ok(Recording { folder: folder.to_owned(), answers, account, files, state: Mutex::default() })
    }

    /// Answers a request of which no more is known than what is on the wire.
    ///
    /// # Errors
    /// No file answers it.
    pub fn answer(&self, raw: &RawRequest<'_>) -> Result<Reply, NotRecorded> {
        self.reply_to(wire::read(raw))
    }

    /// Answers a request of which the service and the operation are known.
    ///
    /// # Errors
    /// No file answers it.
    pub fn answer_as(
        &self,
        raw: &RawRequest<'_>,
        service: &str,
        operation: &str,
    ) -> Result<Reply, NotRecorded> {
        self.reply_to(wire::read_as(raw, service, operation))
    }

    fn reply_to(&self, request: Result<Request, wire::Unreadable>) -> Result<Reply, NotRecorded> {
        let request = request.map_err(|error| self.missing(error.to_string()))?;
        let operation = format!("{}:{}", request.service, request.operation);
        let delay = Duration::from_millis(self.account.slow.get(&operation).copied().unwrap_or(0));
        let stem = name::stem(&request);
        let mut reply = if self.account.deny.contains(&operation) {
            self.mark_as_used(&stem);
            refusal::denied(&request)
        } else {
            match self.refused_first(&request, &operation, &stem) {
                Some(refusal) => {
                    self.mark_as_used(&stem);
                    refusal
                }
                None => self.recorded(&request, &operation, &stem)?,
            }
        };
        reply.delay = delay;
        Ok(reply)
    }

    /// The requests that no file answered: the files that would have.
    pub fn not_recorded(&self) -> Vec<String> {
        self.state().missing.iter().cloned().collect()
    }

    /// The files that no request asked for; none where they are another account's.
    pub fn not_asked(&self) -> Vec<String> {
        if self.account.answers.is_some() {
            return Vec::new();
        }
        let state = self.state();
        let paths = self.files.values().map(|file| &file.path);
        paths.filter(|path| !state.used.contains(*path)).cloned().collect()
    }

    fn state(&self) -> MutexGuard<'_, ReplayState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn missing(&self, file: String) -> NotRecorded {
        self.state().missing.insert(file.clone());
        NotRecorded { file }
    }

    /// A denied or throttled operation may have no use for its files, which belong to the
    /// account anyway.
    fn mark_as_used(&self, stem: &str) {
        let mut state = self.state();
        for (key, file) in &self.files {
            if key.strip_prefix(stem).is_some_and(|rest| rest.is_empty() || rest.starts_with(".page")) {
                state.used.insert(file.path.clone());
            }
        }
    }

    /// The throttling and the errors that come before a request's answer.
    fn refused_first(&self, request: &Request, operation: &str, stem: &str) -> Option<Reply> {
        let throttled = self.account.throttle.get(operation).copied().unwrap_or(0);
        let broken = self.account.broken.get(operation).copied().unwrap_or(0);
        let refused = throttled.saturating_add(broken);
        if refused == 0 {
            return None;
        }
        let mut state = self.state();
        let question = format!("{stem} {}", request.token.as_deref().unwrap_or_default());
        let asked = state.asked.entry(question).or_default();
        *asked = asked.saturating_add(1);
        if *asked <= throttled {
            return Some(refusal::throttled(request));
        }
        (*asked <= refused).then(|| refusal::broken(request, *asked))
    }

    fn recorded(&self, request: &Request, operation: &str, stem: &str) -> Result<Reply, NotRecorded> {
        let split = request.token.as_deref().and_then(pages::page_of);
        let page = match &request.token {
            None => 1,
            // Batch files hold all pages, and so do files that are split.
            Some(_) if is_batch(request) || split.is_some() => 1,
            Some(token) => self.page_after(request.protocol, stem, token).ok_or_else(|| {
                self.missing(format!("{stem}.pageN.{} after an unknown token", request.protocol.extension()))
            })?,
        };
        let path = name::file(stem, page, 200, request.protocol.extension());
        let key = read_name(&path).map_or(stem.to_owned(), |(key, _)| key);
        let Some(file) = self.files.get(&key) else {
            return match identity(request, &self.account) {
                Some(body) => Ok(reply(request.protocol, 200, body)),
                None => Err(self.missing(path)),
            };
        };
        let mut body = files::read(&self.answers.join(&file.path), MOST_SAVED)
            .map_err(|_| self.missing(file.path.clone()))?;
        self.state().used.insert(file.path.clone());
        if let Some(size) = self.account.pages.get(operation).filter(|_| file.status < 300) {
            let page = pages::split(request, &body, *size, split.unwrap_or(1));
            body = page.unwrap_or(body);
        }
        if file.status >= 300 || !request.protocol.is_json() {
            return Ok(reply(request.protocol, file.status, encoded(request.protocol, body)));
        }
        if !is_batch(request) {
            return Ok(reply(request.protocol, file.status, encoded(request.protocol, body)));
        }
        let whole =
            serde_json::from_slice(&body).map_err(|_| self.missing(format!("{}: is not JSON", file.path)))?;
        let picked = batch::pick(request, &whole)
            .map_err(|lacking| self.missing(format!("{}: has no {lacking}", file.path)))?;
        let text = picked.to_string().into_bytes();
        Ok(reply(request.protocol, file.status, encoded(request.protocol, text)))
    }

    /// The page that follows the one in which the token is.
    fn page_after(&self, protocol: Protocol, stem: &str, token: &str) -> Option<usize> {
        for page in 1.. {
            let path = name::file(stem, page, 200, protocol.extension());
            let file = self.files.get(&read_name(&path)?.0)?;
            let body = files::read(&self.answers.join(&file.path), MOST_SAVED).ok()?;
            if wire::next_token(protocol, &body).is_some_and(|(_, next)| next == token) {
                return Some(page + 1);
            }
        }
        None
    }
}

/// The answers in a folder, by their path without status and extension.
fn files(folder: &Path) -> Result<BTreeMap<String, File>, Invalid> {
    let mut files = BTreeMap::new();
    let text = |error: std::io::Error| Invalid(crate::text::system_error(&error));
    for region in folders(folder).map_err(text)? {
        for service in folders(&folder.join(&region)).map_err(text)? {
            for entry in std::fs::read_dir(folder.join(&region).join(&service)).map_err(text)? {
                let file_name = entry.map_err(text)?.file_name().to_string_lossy().into_owned();
                let Some((stem, status)) = read_name(&file_name) else { continue };
                let key = format!("{region}/{service}/{stem}");
                let path = format!("{region}/{service}/{file_name}");
                if let Some(other) = files.insert(key, File { path: path.clone(), status }) {
                    let other = other.path;
                    return Err(Invalid::new(
                        format!("{other} and {path} answer the same request"),
                        format!("{other} と {path} が同じリクエストへの応答になっている"),
                    ));
                }
            }
        }
    }
    Ok(files)
}

/// The folders in a folder, by name.
fn folders(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// A file name without extension and status, and the status. Other files (notes) are `None`.
fn read_name(file_name: &str) -> Option<(String, u16)> {
    let stem = file_name.strip_suffix(".xml").or_else(|| file_name.strip_suffix(".json"))?;
    let status = stem.rsplit_once('.').and_then(|(before, status)| {
        let number: u16 = status.parse().ok()?;
        (status.len() == 3 && (300..600).contains(&number)).then_some((before, number))
    });
    Some(match status {
        Some((before, status)) => (before.to_owned(), status),
        None => (stem.to_owned(), 200),
    })
}

/// CloudWatch's answers go over the wire as CBOR. A file that is not JSON goes as it is:
/// the account's broken answers are recorded like that.
fn encoded(protocol: Protocol, body: Vec<u8>) -> Vec<u8> {
    if protocol != Protocol::Cbor {
        return body;
    }
    let converted = serde_json::from_slice(&body).ok().and_then(|json| cbor::from_json(&json).ok());
    converted.unwrap_or(body)
}

fn reply(protocol: Protocol, status: u16, body: Vec<u8>) -> Reply {
    let mut headers = vec![("content-type", protocol.content_type())];
    if protocol == Protocol::Cbor {
        headers.push(("smithy-protocol", "rpc-v2-cbor"));
    }
    Reply { status, headers, body, delay: Duration::ZERO }
}

fn identity(request: &Request, account: &Account) -> Option<Vec<u8>> {
    if request.service != "sts" || request.operation != "GetCallerIdentity" {
        return None;
    }
    let Account { account, partition, .. } = account;
    let text = format!(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
         <Arn>arn:{partition}:sts::{account}:assumed-role/recorded/tenken</Arn><UserId>recorded</UserId>\
         <Account>{account}</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>recorded</RequestId>\
         </ResponseMetadata></GetCallerIdentityResponse>"
    );
    Some(text.into_bytes())
}
