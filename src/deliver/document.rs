//! A bulletin as JSON, for programs. The structs here are the form, and
//! `docs/announcement.schema.json` is made from them.

use super::Bulletin;
use crate::finding::{NewBecause, Pillar, Remembered, Severity};
use crate::history::BySeverity;
use crate::history::announcement::AnnouncementKind;
use crate::history::news::{Digest, NewsItem, NewsTurn};
use crate::report::page::json::{CountsForm, TextForm, schema_of, sorted};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// The version of the form.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// What tells an announcement from other JSON.
pub(crate) const KIND: &str = "tenken-announcement";

/// The document, with at most so many findings.
pub fn document(bulletin: &Bulletin, most_items: usize) -> Value {
    let mut left_out = bulletin.left_out;
    let mut news: Vec<&NewsItem> = bulletin.groups.iter().flat_map(|group| &group.items).collect();
    // The worst first, whatever they have in common.
    news.sort_by_key(|item| std::cmp::Reverse(item.finding.severity));
    for item in news.iter().skip(most_items) {
        left_out.add(item.finding.severity, 1);
    }
    sorted(&AnnouncementForm {
        kind: KIND,
        format_version: FORMAT_VERSION,
        id: &bulletin.id,
        account: &bulletin.account,
        run: &bulletin.run,
        counts: NewsCountsForm::new(bulletin),
        news: news.into_iter().take(most_items).map(ToldItemForm::new).collect(),
        left_out: by_severity(&left_out),
        resolved: bulletin.resolved.iter().take(most_items).map(ToldFindingForm::new).collect(),
        digest: bulletin.digest.as_ref().map(DigestForm::new),
        report: bulletin.report.as_deref(),
    })
}

/// The document with as many findings as fit into so many bytes.
pub fn document_within(bulletin: &Bulletin, most_bytes: usize) -> Value {
    let mut most_items = usize::MAX;
    loop {
        let document = document(bulletin, most_items);
        let size = document.to_string().len();
        if size <= most_bytes || most_items == 0 {
            return document;
        }
        let items: usize = bulletin.groups.iter().map(|group| group.items.len()).sum();
        most_items = most_items.min(items.max(bulletin.resolved.len())) / 2;
    }
}

/// The JSON Schema of the form: `docs/announcement.schema.json`.
pub fn schema() -> Value {
    schema_of::<AnnouncementForm<'_>>()
}

/// What changed in an account, as webhooks and SNS topics receive it, version 1. New keys may
/// appear within a version; a removal or a change of meaning raises `format_version`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "tenken announcement")]
struct AnnouncementForm<'a> {
    /// What tells an announcement from other JSON.
    #[schemars(extend("const" = KIND))]
    kind: &'a str,
    /// The version of this form.
    #[schemars(extend("const" = FORMAT_VERSION))]
    format_version: u32,
    /// The same news always has the same id.
    id: &'a str,
    /// The account's twelve digits.
    #[schemars(regex(pattern = "^[0-9]{12}$"))]
    account: &'a str,
    /// When the run began that brought the news, RFC 3339 in UTC.
    #[schemars(extend("format" = "date-time"))]
    run: &'a str,
    counts: NewsCountsForm,
    /// What fails or cannot be judged, the worst first.
    news: Vec<ToldItemForm<'a>>,
    /// How many are counted and not among `news`.
    left_out: CountsForm,
    /// What does not fail any more.
    resolved: Vec<ToldFindingForm<'a>>,
    /// How the account stands, once a week where it is asked for.
    digest: Option<DigestForm<'a>>,
    /// Where the whole report is: a link or the name of a file.
    report: Option<&'a str>,
}

/// How many findings there are of each kind of news.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NewsCounts")]
struct NewsCountsForm {
    new: usize,
    reopened: usize,
    unknown: usize,
    resolved: usize,
}

impl NewsCountsForm {
    fn new(bulletin: &Bulletin) -> Self {
        NewsCountsForm {
            new: bulletin.count(AnnouncementKind::New),
            reopened: bulletin.count(AnnouncementKind::Reopened),
            unknown: bulletin.count(AnnouncementKind::Unknown),
            resolved: bulletin.count(AnnouncementKind::Resolved),
        }
    }
}

/// A finding.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Finding")]
struct ToldFindingForm<'a> {
    /// The finding's id: the same in every run, report and history.
    #[schemars(regex(pattern = "^[0-9a-f]{16}$"))]
    id: &'a str,
    /// The policy's id.
    policy: &'a str,
    severity: Severity,
    pillar: Pillar,
    /// The resource's ARN.
    resource: &'a str,
    /// The region of the resource.
    region: &'a str,
    /// Tells findings of one policy on one resource apart; empty where there is one.
    discriminator: &'a str,
    /// What was last found.
    message: TextForm<'a>,
}

impl<'a> ToldFindingForm<'a> {
    fn new(finding: &'a Remembered) -> Self {
        ToldFindingForm {
            id: &finding.id,
            policy: &finding.policy,
            severity: finding.severity,
            pillar: finding.pillar,
            resource: &finding.resource,
            region: &finding.region,
            discriminator: &finding.discriminator,
            message: TextForm::new(&finding.message),
        }
    }
}

/// A finding that is news.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Item")]
struct ToldItemForm<'a> {
    #[serde(flatten)]
    finding: ToldFindingForm<'a>,
    turn: NewsTurn,
    /// For a new one: why it was not known before, see history.md.
    new_because: Option<NewBecause>,
    /// When it first failed, or was first unknown, RFC 3339 in UTC.
    #[schemars(extend("format" = "date-time"))]
    first_seen: &'a str,
    /// The problem in a few words.
    title: TextForm<'a>,
    /// Findings of one root cause have the same text here.
    cause: &'a str,
    /// Facts, for instance `db.multi_az = false`; at most three.
    evidence: &'a [String],
    /// The first step of the recommended way to mend it.
    first_step: Option<TextForm<'a>>,
    /// Its command for the AWS CLI; null where there is none, or it is long.
    command: Option<TextForm<'a>>,
}

impl<'a> ToldItemForm<'a> {
    fn new(item: &'a NewsItem) -> Self {
        ToldItemForm {
            finding: ToldFindingForm::new(&item.finding),
            turn: item.turn,
            new_because: item.new_because,
            first_seen: &item.first_seen,
            title: TextForm::new(&item.title),
            cause: &item.cause,
            evidence: &item.evidence,
            first_step: item.step.as_ref().map(TextForm::new),
            command: item.command.as_ref().map(TextForm::new),
        }
    }
}

/// How an account stands.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Digest")]
struct DigestForm<'a> {
    /// The first day of the week, `2026-11-23`.
    week: &'a str,
    /// The failures that nobody has accepted.
    open: CountsForm,
    /// The failures that somebody lives with.
    accepted: usize,
    /// What could not be judged.
    unknown: usize,
    /// New findings of the runs of the last seven days.
    new: usize,
    /// Findings of these runs that failed again.
    reopened: usize,
    /// Findings of these runs that do not fail any more.
    resolved: usize,
    /// The critical failure that has been open for longest; null where there is none.
    oldest_critical: Option<ToldFindingForm<'a>>,
    /// Since when, RFC 3339 in UTC.
    #[schemars(extend("format" = "date-time"))]
    oldest_critical_since: Option<&'a str>,
}

impl<'a> DigestForm<'a> {
    fn new(digest: &'a Digest) -> Self {
        DigestForm {
            week: &digest.week,
            open: by_severity(&digest.open),
            accepted: digest.accepted,
            unknown: digest.unknown,
            new: digest.new,
            reopened: digest.reopened,
            resolved: digest.resolved,
            oldest_critical: digest.oldest_critical.as_ref().map(ToldFindingForm::new),
            oldest_critical_since: digest.oldest_critical_since.as_deref(),
        }
    }
}

fn by_severity(counts: &BySeverity) -> CountsForm {
    CountsForm::new(Severity::ALL.map(|severity| counts.of(severity)))
}
