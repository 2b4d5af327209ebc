//! An invocation: what an event and the function's variables ask for, as a run takes it, and what
//! the run came to, as Lambda and the log take it. It blocks, and must run outside of asynchronous
//! tasks.

use super::event::{self, CONFIG_VARIABLE, EventRequest};
use super::log::{Level, Log};
use super::{ANSWER_VERSION, Answer, ErrorType, InvocationError};
use crate::ask::{Counters, Progress, SCAN_TIMEOUT};
use crate::config::{Notify, Place, S3Place, SlackAccess, SlackChannel, is_s3};
use crate::deliver::Access;
use crate::deliver::s3::S3Client;
use crate::finding::{Run, Severity};
use crate::report::Format;
use crate::run::audit::{Audit, AuditEvent, AuditFailure, AuditRequest, AuditStep, audit};
use crate::run::clock::SystemClock;
use crate::run::{self, ConfigPlace, Detail, Machine, Output, RunError, SnapshotSource, notify};
use crate::text::{Explained, Invalid, Lang, Text};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// What an invocation finds around it.
#[derive(Debug, Clone, Default)]
pub struct Function {
    /// The variables of the environment.
    pub variables: Vec<(String, String)>,
}

/// Audits as the event asks, which is the text that Lambda hands over, and gives a summary. `left`
/// is the time until the invocation is ended from outside.
///
/// # Errors
/// The run was not possible, or something of it could not be stored or told. What could be
/// done was done.
pub fn invoke(
    event: &str,
    function: &Function,
    left: Duration,
    log: &Log<'_>,
) -> Result<Answer, InvocationError> {
    let answer = carry_out(event, function, left, log);
    match &answer {
        Ok(answer) => log.line(Level::Info, "done", json!({ "answer": answer })),
        Err(error) => {
            log.line(Level::Error, "failed", json!({ "kind": error.kind.as_str(), "message": error.message }))
        }
    }
    answer
}

fn carry_out(
    event: &str,
    function: &Function,
    left: Duration,
    log: &Log<'_>,
) -> Result<Answer, InvocationError> {
    let clock = SystemClock::start();
    let request = AuditRequest { deadline: Some(left), ..request(event, function, log)? };
    let counters = Arc::new(Counters::default());
    let access = Access { answer_limit_bytes: request.connection.answer_limit_bytes, ..Access::default() };
    let counted = Arc::clone(&counters) as Arc<dyn Progress>;
    let machine = Machine::new(clock, access).with_progress(move || Arc::clone(&counted));
    let watch = |event: &AuditEvent<'_>| write_event(event, &request, &counters, left, log);
    let audit = audit(&request, &machine, &watch).map_err(|failure| why(&failure, request.lang))?;
    answer(audit, request.lang, log)
}

/// What the event asks for, the variables where it is silent, and the configuration where both are.
fn request(event: &str, function: &Function, log: &Log<'_>) -> Result<AuditRequest, InvocationError> {
    let (variables, slips) = event::variables(function.variables.iter().cloned()).map_err(|error| {
        InvocationError { kind: ErrorType::BadVariables, message: error.message(Lang::default()) }
    })?;
    for name in slips {
        log.line(Level::Warn, "unknown_variable", json!({ "name": name }));
    }
    let lang = variables.settings.lang.unwrap_or_default();
    let asked = event::parse(event)
        .map_err(|error| InvocationError { kind: ErrorType::BadEvent, message: error.message(lang) })?
        .or(variables);
    let lang = asked.settings.lang.unwrap_or_default();
    let place = config_place(function, lang)?;
    let chosen = asked.settings.only_policies.clone().unwrap_or_default();
    let mut configured = run::configure(&place, None, &chosen)
        .map_err(|error| failed(ErrorType::BadConfiguration, &error, lang))?;
    let settings = asked.settings.clone().or(configured.config.settings.clone());
    let lang = settings.lang.unwrap_or_default();
    if settings.external_id.is_some() && settings.role_arn.is_none() {
        let message = lang.pick(
            "failed to use the event: an external ID requires a role; name it with `role_arn`",
            "イベントを使用できない: external_id にはロールが必要。`role_arn` で指定する。",
        );
        return Err(InvocationError { kind: ErrorType::BadEvent, message: message.to_owned() });
    }
    check_history_place(settings.history.as_ref(), lang)?;
    configured.config.notify = described(configured.config.notify, &asked);
    // Their names have been checked where they were written.
    let formats = asked.formats().iter().filter_map(|name| Format::named(name)).collect();
    Ok(AuditRequest {
        configured,
        source: SnapshotSource::Live,
        save_snapshot: None,
        history: settings.history.clone(),
        outputs: asked.report.map(|prefix| Output::Folder { formats, prefix }).into_iter().collect(),
        detail: Detail::Whole,
        notify: asked.notify.unwrap_or_default(),
        lang,
        fail_on: settings.fail_on,
        deadline: None,
        connection: settings,
    })
}

fn write_event(
    event: &AuditEvent<'_>,
    request: &AuditRequest,
    counters: &Counters,
    left: Duration,
    log: &Log<'_>,
) {
    match event {
        AuditEvent::Begun => {
            let fields = json!({
                "regions": request.connection.regions,
                "role_arn": request.connection.role_arn,
                "policies": request.configured.policies.policies.len(),
                "history": request.history.as_ref().map(ToString::to_string),
                "report": request.outputs.first().map(|output| output.destination().to_string()),
                "seconds_left": left.as_secs(),
            });
            log.line(Level::Info, "begun", fields);
        }
        AuditEvent::Taken { snapshot, took } => {
            let fields = json!({
                "account": snapshot.account,
                "regions": snapshot.regions,
                "calls": counters.calls.load(Ordering::Relaxed),
                "sent_again": counters.retries.load(Ordering::Relaxed),
                "gaps": snapshot.gaps.len(),
                "milliseconds": u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            });
            log.line(Level::Info, "collected", fields);
            for gap in snapshot.gaps.values() {
                let fields = json!({ "operation": gap.operation, "region": gap.region, "code": gap.code });
                log.line(Level::Warn, "gap", fields);
            }
        }
        AuditEvent::Idle(idle) => {
            let fields = json!({ "place": idle.place, "policy": idle.policy, "resource": idle.resource });
            log.line(Level::Warn, "idle_acceptance", fields);
        }
        AuditEvent::Remembered { place, judged, superseded } => {
            let fields = json!({ "history": place, "changes": changes(judged), "superseded": superseded });
            log.line(Level::Info, "remembered", fields);
        }
        AuditEvent::Reported(written) => log.line(Level::Info, "reported", json!({ "objects": written })),
    }
}

// The first thing that failed makes the invocation fail, and its retry does everything again. What
// could not be told is kept, and the retry tells it.
fn answer(audit: Audit, lang: Lang, log: &Log<'_>) -> Result<Answer, InvocationError> {
    let told = told(&audit, lang, log);
    if let Some(failure) = audit.failures.first() {
        return Err(why(failure, lang));
    }
    let told = told?;
    let judged = &audit.judged;
    let totals = judged.totals();
    let failed = Severity::ALL.into_iter().zip(totals.failed_by_severity);
    Ok(Answer {
        format_version: ANSWER_VERSION,
        account: judged.account.clone(),
        regions: judged.regions.clone(),
        taken_at: judged.taken_at.clone(),
        exit_code: audit.findings_code,
        failed: failed.map(|(severity, count)| (severity.to_string(), count)).collect(),
        accepted: totals.accepted,
        unknown: totals.unknown,
        gaps: judged.gaps.len(),
        is_cut_short: judged.is_out_of_time() || judged.gaps.values().any(|gap| gap.code == SCAN_TIMEOUT),
        changes: changes(judged),
        history: audit.history.as_ref().map(|store| store.place()),
        reports: audit.written,
        told,
    })
}

// How many announcements each channel was told.
fn told(audit: &Audit, lang: Lang, log: &Log<'_>) -> Result<BTreeMap<String, usize>, InvocationError> {
    let mut counts = BTreeMap::new();
    let mut has_failed = false;
    for one in &audit.told {
        let Ok(outcome) = one else {
            has_failed = true;
            continue;
        };
        has_failed |= outcome.failure.is_some() || outcome.not_recorded.is_some();
        counts.insert(outcome.channel.to_string(), outcome.told);
        let fields = json!({
            "channel": outcome.channel.to_string(),
            "told": outcome.told,
            "messages": outcome.messages,
            "left_out": outcome.left_out,
            "waiting": outcome.waiting,
        });
        log.line(Level::Info, "told", fields);
    }
    let texts = notify::texts(&audit.told, lang);
    if has_failed {
        return Err(InvocationError { kind: ErrorType::NotTold, message: texts.join("\n") });
    }
    for text in texts {
        log.line(Level::Warn, "telling", json!({ "message": text }));
    }
    Ok(counts)
}

// How many of each kind; None without a history.
fn changes(judged: &Run) -> Option<BTreeMap<String, usize>> {
    let past = judged.past.as_ref()?;
    let mut counts = BTreeMap::new();
    for change in &past.changes {
        *counts.entry(change.turn.as_str().to_owned()).or_default() += 1;
    }
    Some(counts)
}

// The channels of the configuration, with Slack's address where the function says it is.
fn described(configured: Notify, request: &EventRequest) -> Notify {
    let mut notify = configured;
    if let Some(place) = &request.slack {
        let options = notify.slack.map(|slack| slack.options).unwrap_or_default();
        notify.slack = Some(SlackChannel { access: SlackAccess::Webhook(place.clone()), options });
    }
    notify
}

fn why(failure: &AuditFailure, lang: Lang) -> InvocationError {
    let kind = match failure.step {
        AuditStep::CheckPlaces => ErrorType::Start,
        AuditStep::OpenHistory => ErrorType::HistoryNotRead,
        AuditStep::OpenChannels => ErrorType::BadConfiguration,
        AuditStep::TakeSnapshot => ErrorType::CannotScan,
        AuditStep::Remember => ErrorType::HistoryNotWritten,
        AuditStep::SaveSnapshot | AuditStep::Report => ErrorType::ReportNotWritten,
    };
    failed(kind, &failure.error, lang)
}

fn failed(kind: ErrorType, error: &RunError, lang: Lang) -> InvocationError {
    InvocationError { kind, message: error.message(lang) }
}

// The configuration of the package, of a file or of an object in S3.
fn config_place(function: &Function, lang: Lang) -> Result<ConfigPlace, InvocationError> {
    let named = function.variables.iter().find(|(name, value)| name == CONFIG_VARIABLE && !value.is_empty());
    let Some((_, text)) = named else {
        return Ok(ConfigPlace::WorkingDirectory);
    };
    if !is_s3(text) {
        return Ok(ConfigPlace::File(PathBuf::from(text)));
    }
    let refused = |reason: Text| InvocationError {
        kind: ErrorType::BadConfiguration,
        message: match lang {
            Lang::En => format!("failed to read the configuration {text}: {}", reason.en),
            Lang::Ja => format!("設定 {text} を読み込めない: {}", reason.ja),
        },
    };
    let place: S3Place = text.parse().map_err(|error: Invalid| refused(error.what()))?;
    let s3 = S3Client::open(&Access::default())
        .map_err(|error| failed(ErrorType::Start, &RunError::from(error), lang))?;
    let object = s3.get(&place).map_err(|error| refused(error.what()))?;
    let missing = || refused(Text::new("there is no such object", "オブジェクトが存在しない"));
    let bytes = object.ok_or_else(missing)?.bytes;
    let no_text = |_| refused(Text::new("it is not text", "テキストではない"));
    let contents = String::from_utf8(bytes).map_err(no_text)?;
    Ok(ConfigPlace::Text { name: place.to_string(), contents })
}

fn check_history_place(place: Option<&Place>, lang: Lang) -> Result<(), InvocationError> {
    let Some(Place::File(path)) = place else {
        return Ok(());
    };
    let path = path.display();
    Err(InvocationError {
        kind: ErrorType::BadConfiguration,
        message: match lang {
            Lang::En => format!(
                "failed to keep a history in {path}: a function forgets its files; name s3://bucket/key"
            ),
            Lang::Ja => format!(
                "履歴を {path} に保存できない: 関数のファイルは実行後に失われる。s3://bucket/key を指定する。"
            ),
        },
    })
}
