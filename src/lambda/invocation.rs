//! A whole invocation, step by step. It blocks, and must run outside of asynchronous tasks.

use super::event::{self, CONFIG_VARIABLE, Request};
use super::log::{Level, Log};
use super::{ANSWER_VERSION, Answer, InvocationError};
use crate::ask::Counters;
use crate::config::{Notify, Place, S3Place, Settings, SlackAccess, SlackChannel, is_s3};
use crate::deliver::s3::{Condition, S3};
use crate::deliver::{Access, Channel};
use crate::finding::{Run, Severity};
use crate::history::store::Store;
use crate::report::{Format, Look, render};
use crate::run::notify::{self, NotifyDefaults};
use crate::run::{self, ConfigPlace, Configured, RunError, compare};
use crate::snapshot::Snapshot;
use crate::text::{Explained, Invalid, Lang, Text};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// What a report written to S3 is as wide as.
const REPORT_COLUMNS: usize = 80;

/// What an invocation finds around it.
#[derive(Debug, Clone, Default)]
pub struct Function {
    /// The variables of the environment.
    pub variables: Vec<(String, String)>,
}

/// Audits as the event asks, and gives a summary. `left` is the time until the invocation is
/// ended from outside.
///
/// # Errors
/// The run was not possible, or something of it could not be stored or told. What could be
/// done was done.
pub fn invoke(
    event: &Value,
    function: &Function,
    left: Duration,
    log: &Log<'_>,
) -> Result<Answer, InvocationError> {
    let answer = Invocation::begin(event, function, left, log).and_then(Invocation::run);
    match &answer {
        Ok(answer) => log.line(Level::Info, "done", json!({ "answer": answer })),
        Err(error) => {
            log.line(Level::Error, "failed", json!({ "kind": error.kind, "message": error.message }))
        }
    }
    answer
}

/// An invocation that can ask AWS: everything that can be refused before has been looked at.
struct Invocation<'i, 'w> {
    log: &'i Log<'w>,
    deadline: Instant,
    request: Request,
    configured: Configured,
    settings: Settings,
    lang: Lang,
    s3: S3,
    history: Option<Box<dyn Store>>,
    notify: Notify,
}

impl<'i, 'w> Invocation<'i, 'w> {
    fn begin(
        event: &Value,
        function: &Function,
        left: Duration,
        log: &'i Log<'w>,
    ) -> Result<Self, InvocationError> {
        let now = Instant::now();
        let deadline = now.checked_add(left).unwrap_or(now);
        let (variables, slips) = event::variables(function.variables.iter().cloned()).map_err(|error| {
            InvocationError { kind: "BadVariables", message: error.message(Lang::default()) }
        })?;
        for name in slips {
            log.line(Level::Warn, "unknown_variable", json!({ "name": name }));
        }
        let lang = variables.settings.lang.unwrap_or_default();
        let request = event::read(event)
            .map_err(|error| InvocationError { kind: "BadEvent", message: error.message(lang) })?
            .or(variables);
        let lang = request.settings.lang.unwrap_or_default();
        let s3 =
            S3::open(&Access::default()).map_err(|error| failed("Start", RunError::Start(error), lang))?;
        let place = config_place(&s3, function, lang)?;
        let chosen = request.settings.only_policies.clone().unwrap_or_default();
        let configured =
            run::configure(&place, None, &chosen).map_err(|error| failed("BadConfiguration", error, lang))?;
        let settings = request.settings.clone().or(configured.config.settings.clone());
        let lang = settings.lang.unwrap_or_default();
        if settings.external_id.is_some() && settings.role_arn.is_none() {
            let message = match lang {
                Lang::En => {
                    "failed to use the event: an external id belongs to a role; name it with `role_arn`"
                }
                Lang::Ja => "イベントを使用できない: external_id にはロールが必要。`role_arn` で指定する。",
            };
            return Err(InvocationError { kind: "BadEvent", message: message.to_owned() });
        }
        let history = open_history(settings.history.as_ref(), lang)?;
        let notify = described(&configured.config.notify, &request);
        if request.notify.as_ref().is_some_and(|channels| !channels.is_empty()) && history.is_none() {
            return Err(failed("BadConfiguration", RunError::NotifyWithoutHistory, lang));
        }
        log.line(
            Level::Info,
            "begun",
            json!({
                "regions": settings.regions,
                "role_arn": settings.role_arn,
                "policies": configured.policies.policies.len(),
                "history": settings.history.as_ref().map(ToString::to_string),
                "report": request.report.as_ref().map(ToString::to_string),
                "seconds_left": left.as_secs(),
            }),
        );
        let invocation =
            Invocation { log, deadline, request, configured, settings, lang, s3, history, notify };
        // A channel that is not described is refused before AWS is asked.
        invocation.channels(None)?;
        Ok(invocation)
    }

    fn channels(&self, report: Option<String>) -> Result<Vec<Box<dyn Channel>>, InvocationError> {
        let kinds = self.request.notify.clone().unwrap_or_default();
        let defaults = NotifyDefaults { lang: self.lang, report };
        notify::channels(&kinds, &self.notify, &Access::default(), &defaults)
            .map_err(|error| failed("BadConfiguration", error, self.lang))
    }

    fn run(self) -> Result<Answer, InvocationError> {
        let snapshot = self.collect()?;
        let mut judged = run::judge(&snapshot, &self.configured.policies);
        for idle in run::accept(&mut judged, &self.configured.config) {
            let fields = json!({ "place": idle.place, "policy": idle.policy, "resource": idle.resource });
            self.log.line(Level::Warn, "idle_acceptance", fields);
        }
        // What was found is reported even where it cannot be remembered, and told even where
        // the report cannot be written.
        let report = self.report_place(&judged, self.request.formats().first());
        let channels = self.channels(report.map(|place| place.to_string()))?;
        let remembered = self.remember(&mut judged, &channels);
        let reports = self.write_reports(&judged, &snapshot);
        remembered?;
        let told = self.tell(&channels);
        let mut answer = self.answer(&judged);
        answer.reports = reports?;
        answer.told = told?;
        Ok(answer)
    }

    fn collect(&self) -> Result<Snapshot, InvocationError> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        let time = event::collecting_time(left);
        let mut options = run::scan_options(&self.settings);
        options.timeout = Some(options.timeout.map_or(time, |timeout| timeout.min(time)));
        // What opens a scan is not bounded by its time, but by that of its calls.
        options.attempt_timeout = options.attempt_timeout.min(time);
        options.operation_timeout = options.operation_timeout.min(time);
        let counters = Arc::new(Counters::default());
        let begun = Instant::now();
        let snapshot = run::collect(&options, Arc::clone(&counters) as Arc<_>)
            .map_err(|error| failed("CannotScan", error, self.lang))?;
        let fields = json!({
            "account": snapshot.account,
            "regions": snapshot.regions,
            "calls": counters.calls.load(Ordering::Relaxed),
            "sent_again": counters.retries.load(Ordering::Relaxed),
            "gaps": snapshot.gaps.len(),
            "milliseconds": u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        });
        self.log.line(Level::Info, "collected", fields);
        for gap in snapshot.gaps.values() {
            let fields = json!({ "operation": gap.operation, "region": gap.region, "code": gap.code });
            self.log.line(Level::Warn, "gap", fields);
        }
        Ok(snapshot)
    }

    fn remember(&self, judged: &mut Run, channels: &[Box<dyn Channel>]) -> Result<(), InvocationError> {
        let Some(store) = &self.history else {
            return Ok(());
        };
        let superseded = notify::remember_with_news(judged, &**store, channels)
            .map_err(|error| failed("HistoryNotWritten", error, self.lang))?;
        let changes = changes(judged);
        let fields = json!({ "history": store.place(), "changes": changes, "superseded": superseded });
        self.log.line(Level::Info, "remembered", fields);
        Ok(())
    }

    // What could not be told is kept, and the retry of the failed invocation tells it.
    fn tell(&self, channels: &[Box<dyn Channel>]) -> Result<BTreeMap<String, usize>, InvocationError> {
        let Some(store) = &self.history else {
            return Ok(BTreeMap::new());
        };
        let told = notify::tell(&**store, channels);
        let mut counts = BTreeMap::new();
        let mut has_failed = false;
        for one in &told {
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
            self.log.line(Level::Info, "told", fields);
        }
        let texts = notify::texts(&told, self.lang);
        if has_failed {
            return Err(InvocationError { kind: "NotTold", message: texts.join("\n") });
        }
        for text in texts {
            self.log.line(Level::Warn, "telling", json!({ "message": text }));
        }
        Ok(counts)
    }

    fn report_place(&self, judged: &Run, format: Option<&String>) -> Option<S3Place> {
        let name = format!("report.{}", Format::named(format?)?.ending());
        self.request.report.as_ref().map(|prefix| prefix.object(&format!("{}/{name}", folder(judged))))
    }

    // Reports in every format that was asked for, and the snapshot, side by side under a
    // name that no other run has.
    fn write_reports(&self, judged: &Run, snapshot: &Snapshot) -> Result<Vec<String>, InvocationError> {
        let Some(prefix) = &self.request.report else {
            return Ok(Vec::new());
        };
        let look = Look { lang: self.lang, width: REPORT_COLUMNS, colour: false };
        let formats = self.request.formats();
        let mut objects = Vec::new();
        // In the order of the formats, each once.
        for format in
            Format::ALL.into_iter().filter(|format| formats.iter().any(|name| name == format.name()))
        {
            let name = format!("report.{}", format.ending());
            objects.push((name, format.media_type(), render(judged, format, &look)));
        }
        let name = "snapshot.json".to_owned();
        let bytes = run::snapshot_bytes(snapshot, &name)
            .map_err(|error| failed("ReportNotWritten", error, self.lang))?;
        objects.push((name, "application/json", bytes));
        let folder = folder(judged);
        let mut written = Vec::new();
        let mut refused = None;
        for (name, media_type, bytes) in objects {
            let place = prefix.object(&format!("{folder}/{name}"));
            match self.s3.put(&place, &bytes, media_type, Condition::Always) {
                Ok(_) => written.push(place.to_string()),
                Err(error) => refused = refused.or(Some((place, error))),
            }
        }
        self.log.line(Level::Info, "reported", json!({ "objects": written }));
        match refused {
            None => Ok(written),
            Some((place, error)) => Err(InvocationError {
                kind: "ReportNotWritten",
                message: match self.lang {
                    Lang::En => format!("failed to write {place}: {error}"),
                    Lang::Ja => format!("{place} に書き込めない: {}", error.what().ja),
                },
            }),
        }
    }

    fn answer(&self, judged: &Run) -> Answer {
        let totals = judged.totals();
        let failed = Severity::ALL.into_iter().zip(totals.failed_by_severity);
        Answer {
            format_version: ANSWER_VERSION,
            account: judged.account.clone(),
            regions: judged.regions.clone(),
            taken_at: judged.taken_at.clone(),
            exit_code: run::exit_code(judged, self.settings.fail_on.unwrap_or(Severity::Low)),
            failed: failed.map(|(severity, count)| (severity.to_string(), count)).collect(),
            accepted: totals.accepted,
            unknown: totals.unknown,
            gaps: judged.gaps.len(),
            is_cut_short: judged.gaps.values().any(|gap| gap.code == run::SCAN_TIMEOUT),
            changes: changes(judged),
            history: self.history.as_ref().map(|store| store.place()),
            reports: Vec::new(),
            told: BTreeMap::new(),
        }
    }
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

// Colons are trouble in paths of some systems.
fn folder(judged: &Run) -> String {
    format!("{}/{}", judged.account, judged.taken_at.replace(':', ""))
}

// The channels of the configuration, with Slack's address where the function says it is.
fn described(configured: &Notify, request: &Request) -> Notify {
    let mut notify = configured.clone();
    if let Some(place) = &request.slack {
        let options = notify.slack.map(|slack| slack.options).unwrap_or_default();
        notify.slack = Some(SlackChannel { access: SlackAccess::Webhook(place.clone()), options });
    }
    notify
}

fn failed(kind: &'static str, error: RunError, lang: Lang) -> InvocationError {
    InvocationError { kind, message: error.message(lang) }
}

// The configuration of the package, of a file or of an object in S3.
fn config_place(s3: &S3, function: &Function, lang: Lang) -> Result<ConfigPlace, InvocationError> {
    let named = function.variables.iter().find(|(name, value)| name == CONFIG_VARIABLE && !value.is_empty());
    let Some((_, text)) = named else {
        return Ok(ConfigPlace::WorkingDirectory);
    };
    if !is_s3(text) {
        return Ok(ConfigPlace::File(PathBuf::from(text)));
    }
    let refused = |reason: Text| InvocationError {
        kind: "BadConfiguration",
        message: match lang {
            Lang::En => format!("failed to read the configuration {text}: {}", reason.en),
            Lang::Ja => format!("設定 {text} を読み込めない: {}", reason.ja),
        },
    };
    let place: S3Place = text.parse().map_err(|error: Invalid| refused(error.what()))?;
    let object = s3.get(&place).map_err(|error| refused(error.what()))?;
    let missing = || refused(Text::new("there is no such object", "オブジェクトが存在しない"));
    let bytes = object.ok_or_else(missing)?.bytes;
    let no_text = |_| refused(Text::new("it is not text", "テキストではない"));
    let contents = String::from_utf8(bytes).map_err(no_text)?;
    Ok(ConfigPlace::Text { name: place.to_string(), contents })
}

// A history that cannot be read is refused before AWS is asked anything.
fn open_history(place: Option<&Place>, lang: Lang) -> Result<Option<Box<dyn Store>>, InvocationError> {
    let place = match place {
        None => return Ok(None),
        Some(Place::File(path)) => {
            let path = path.display();
            return Err(InvocationError {
                kind: "BadConfiguration",
                message: match lang {
                    Lang::En => format!(
                        "failed to keep a history in {path}: a function forgets its files; name s3://bucket/key"
                    ),
                    Lang::Ja => format!(
                        "履歴を {path} に保存できない: 関数のファイルは実行後に失われる。s3://bucket/key を指定する。"
                    ),
                },
            });
        }
        Some(place) => place,
    };
    let opened = compare::open_history(place, &Access::default()).and_then(|store| {
        compare::check_history(&*store)?;
        Ok(Some(store))
    });
    opened.map_err(|error| failed("HistoryNotRead", error, lang))
}
