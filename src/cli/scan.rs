//! `tenken scan`.

use super::arguments::ScanFlags;
use super::front::{AccountFlags, Front, asked, connection, machine};
use super::open;
use super::show::currency;
use super::{Failure, columns, complain, is_coloured};
use std::path::PathBuf;
use tenken::config::{DEFAULT_TIMEOUT, Settings};
use tenken::deliver::Access;
use tenken::finding::{AcceptanceRule, Run};
use tenken::report::{AskedFormat, Format, formats};
use tenken::run::audit::{AuditEvent, AuditFailure, AuditRequest, AuditStep, audit};
use tenken::run::{Detail, Output, SnapshotSource, notify};
use tenken::text::{Explained, Lang};

/// Audits and reports; gives the exit code.
pub(crate) fn scan(arguments: &ScanFlags) -> Result<u8, Failure> {
    let front =
        Front::new(&arguments.config, arguments.policies.as_deref(), &arguments.chosen, arguments.lang)?;
    let (lang, source) = (front.lang, arguments.place());
    let file = AskedFormat { format: front.file().format.as_deref(), output: front.file().output.as_deref() };
    let page = arguments.open.then(|| open::file_of(arguments.output.as_ref()));
    let wanted = page.as_ref().or(arguments.output.as_ref()).cloned();
    let format = Format::choose(&[asked(&arguments.format, &wanted), file], &formats::<Run>())?;
    let mut settings = connection(&source, flags(arguments), front.file())?;
    settings.output = page.clone().or(settings.output);
    let access = access(&settings);
    let deadline = match source {
        SnapshotSource::Live | SnapshotSource::Recorded(_) => {
            Some(settings.timeout.unwrap_or(DEFAULT_TIMEOUT))
        }
        SnapshotSource::Saved(_) => settings.timeout,
    };
    let detail =
        if arguments.details { Detail::Whole } else { summary(arguments, &front, &settings, &source) };
    let request = AuditRequest {
        configured: front.configured,
        source,
        save_snapshot: settings.save_snapshot.clone(),
        history: settings.history.clone(),
        outputs: vec![output(format, settings.output.clone())],
        detail,
        notify: arguments.notify.clone(),
        lang,
        fail_on: settings.fail_on,
        deadline,
        connection: settings,
    };
    let watch = |event: &AuditEvent<'_>| complain(&note(event, lang));
    let audit = audit(&request, &machine(access, lang), &watch).map_err(|failure| said(&failure, lang))?;
    for failure in &audit.failures {
        said(failure, lang).complain(arguments.lang);
    }
    for text in notify::texts(&audit.told, lang).into_iter().chain(audit.untold(&arguments.notify, lang)) {
        complain(&format!("tenken: {text}\n"));
    }
    if let Some(page) = page.filter(|page| audit.written.contains(&page.display().to_string())) {
        open::open(&page)?;
    }
    Ok(audit.exit_code())
}

fn flags(arguments: &ScanFlags) -> Settings {
    let flags = Settings {
        format: arguments.format.clone(),
        output: arguments.output.clone(),
        save_snapshot: arguments.save_snapshot.clone(),
        history: arguments.history.clone(),
        lang: arguments.lang,
        fail_on: arguments.fail_on,
        ..Settings::default()
    };
    flags.or(arguments.connection())
}

// What is left out of a summary is asked of other commands; of AWS's answers that are saved, without
// asking AWS again.
fn summary(arguments: &ScanFlags, front: &Front, settings: &Settings, source: &SnapshotSource) -> Detail {
    let saved = settings.save_snapshot.clone().filter(|_| !matches!(source, SnapshotSource::Saved(_)));
    let flags = AccountFlags {
        source: saved.map_or_else(|| source.clone(), SnapshotSource::Saved),
        connection: arguments.connection(),
        policies: arguments.policies.as_deref(),
        config: &arguments.config,
        lang: arguments.lang,
    };
    Detail::Summary { flags: flags.words(), currency: currency(front) }
}

fn output(format: Format, file: Option<PathBuf>) -> Output {
    match file {
        Some(path) => Output::File { format, path },
        None => Output::Screen { format, width: columns(), colour: is_coloured() },
    }
}

// With whose credentials AWS is asked to keep and to tell something.
fn access(settings: &Settings) -> Access {
    Access {
        profile: settings.profile.clone(),
        endpoint_url: settings.endpoint_url.clone(),
        region: settings.regions.iter().flatten().find(|region| *region != "all").cloned(),
        answer_limit_bytes: settings.answer_limit_bytes,
    }
}

// The language of histories and channels is that of the run, also where only the configuration
// says it.
fn said(failure: &AuditFailure, lang: Lang) -> Failure {
    match failure.step {
        AuditStep::OpenHistory | AuditStep::OpenChannels | AuditStep::Remember => {
            Failure::said(failure.error.message(lang))
        }
        AuditStep::CheckPlaces | AuditStep::TakeSnapshot | AuditStep::SaveSnapshot | AuditStep::Report => {
            Failure::from(&*failure.error)
        }
    }
}

// What people are to know before they see the report; nothing of most of what happens.
fn note(event: &AuditEvent<'_>, lang: Lang) -> String {
    match event {
        AuditEvent::Idle(rule) => idle_note(rule, lang),
        AuditEvent::Remembered { place, superseded: superseded @ 1.., .. } => match lang {
            Lang::En => format!(
                "{place}: a newer scan is in the history already; {superseded} older verdicts of this one changed nothing in it\n"
            ),
            Lang::Ja => format!(
                "{place}: より新しいスキャンが履歴に記録済みのため、今回の古い判定 {superseded} 件は反映していない\n"
            ),
        },
        _ => String::new(),
    }
}

// An acceptance that has done its work would one day cover what nobody has looked at.
pub(super) fn idle_note(rule: &AcceptanceRule, lang: Lang) -> String {
    let AcceptanceRule { place, policy, resource, .. } = rule;
    match lang {
        Lang::En => format!(
            "{place}: this acceptance covers no failure of this scan ({policy}, {resource}); remove it if the problem is fixed\n"
        ),
        Lang::Ja => format!(
            "{place}: このリスク受容に該当する指摘は今回のスキャンになかった（{policy}、{resource}）。解決済みであれば削除する\n"
        ),
    }
}
