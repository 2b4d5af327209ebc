//! `tenken scan` and `tenken record`.

#[cfg(feature = "aws")]
use super::arguments::{Connection, Record};
use super::arguments::{Scan, Source};
#[cfg(feature = "aws")]
use super::progress::ProgressLine;
use super::{Failure, columns, complain, is_coloured, language, print_bytes};
use std::path::Path;
#[cfg(feature = "aws")]
use std::path::PathBuf;
#[cfg(feature = "aws")]
use tenken::ask::ScanOptions;
use tenken::config::{Notify, Place, Settings};
use tenken::deliver::{Access, Channel};
use tenken::finding::Run;
use tenken::finding::{AcceptanceRule, Severity};
use tenken::history::store::Store;
use tenken::report::{Asked, Format, Look, formats, render};
use tenken::run;
use tenken::run::compare::HISTORY_FILE;
use tenken::run::notify::{self, NotifyDefaults};
use tenken::snapshot::Snapshot;
use tenken::text::{Explained, Lang};

/// Audits and reports; gives the exit code.
pub fn scan(arguments: &Scan) -> Result<u8, Failure> {
    // Everything that can be refused is refused before AWS is asked.
    let configured =
        run::configure(&arguments.config.place(), arguments.policies.as_deref(), &arguments.chosen)?;
    let flags = Asked { format: arguments.format.as_deref(), output: arguments.output.as_deref() };
    let file = &configured.config.settings;
    let file = Asked { format: file.format.as_deref(), output: file.output.as_deref() };
    let format = Format::choose(&[flags, file], &formats::<Run>())?;
    let settings = settings(arguments, configured.config.settings.clone());
    let (output, save_snapshot) = (settings.output.as_ref(), settings.save_snapshot.as_ref());
    for path in [output, save_snapshot].into_iter().flatten() {
        check_writable(path)?;
    }
    let history = match &settings.history {
        Some(place) => Some(open_history(place, &settings)?),
        None => None,
    };
    let history = history.as_deref();
    let channels = open_channels(arguments, &configured.config.notify, &settings)?;
    let snapshot = match &arguments.snapshot {
        Some(path) => run::load_snapshot(path)?,
        None => collect(arguments, &settings)?,
    };
    if let Some(path) = save_snapshot {
        run::save_snapshot(&snapshot, path)?;
    }
    let lang = language(settings.lang);
    let mut judged = run::judge(&snapshot, &configured.policies);
    for idle in run::accept(&mut judged, &configured.config) {
        complain(&idle_note(idle, lang));
    }
    // What was found is reported even where it cannot be remembered.
    let not_remembered = history.and_then(|store| remember(&mut judged, store, &channels, lang).err());
    let to_terminal = output.is_none();
    let look =
        Look { lang, width: if to_terminal { columns() } else { 80 }, colour: to_terminal && is_coloured() };
    let report = render(&judged, format, &look);
    match output {
        Some(path) => std::fs::write(path, report).map_err(|error| Failure::unwritten(path, &error))?,
        None => print_bytes(&report)?,
    }
    if let Some(failure) = not_remembered {
        return Err(failure);
    }
    let code = run::exit_code(&judged, settings.fail_on.unwrap_or(Severity::Low));
    // Last, so that nobody waits for the report.
    let told = history.map(|store| notify::tell(store, &channels)).unwrap_or_default();
    let untold = history
        .filter(|_| !channels.is_empty())
        .and_then(|store| notify::untold(store, &arguments.notify, lang));
    for text in notify::texts(&told, lang).into_iter().chain(untold) {
        complain(&format!("tenken: {text}\n"));
    }
    Ok(notify::exit_code(code, &told))
}

// What flags say, and what the file says where they are silent.
fn settings(arguments: &Scan, file: Settings) -> Settings {
    let flags = Settings {
        format: arguments.format.clone(),
        output: arguments.output.clone(),
        save_snapshot: arguments.save_snapshot.clone(),
        history: arguments.history.clone(),
        lang: arguments.lang,
        fail_on: arguments.fail_on,
        ..Settings::default()
    };
    #[cfg(feature = "aws")]
    let (flags, file) = {
        let is_recorded = arguments.replay.is_some();
        let file = if is_recorded { file.without_connection() } else { file };
        (flags.or(connection(&arguments.connection)), file)
    };
    flags.or(file)
}

#[cfg(feature = "aws")]
pub(super) fn connection(flags: &Connection) -> Settings {
    Settings {
        regions: (!flags.regions.is_empty()).then(|| flags.regions.clone()),
        profile: flags.profile.clone(),
        role_arn: flags.role_arn.clone(),
        external_id: flags.external_id.clone(),
        endpoint_url: flags.endpoint_url.clone(),
        timeout: flags.timeout,
        attempt_timeout: flags.attempt_timeout,
        operation_timeout: flags.operation_timeout,
        ..Settings::default()
    }
}

// What can be refused of a history is refused before AWS is asked.
fn open_history(place: &Place, settings: &Settings) -> Result<Box<dyn Store>, Failure> {
    // Only the default may make its folder: another is more likely a slip.
    if let Place::File(path) = place
        && path != Path::new(HISTORY_FILE)
    {
        check_writable(&run::compare::history_file(path))?;
    }
    let lang = language(settings.lang);
    let failed = |error: run::RunError| Failure::said(error.message(lang));
    let store = run::compare::open_history(place, &access(settings)).map_err(failed)?;
    run::compare::check_history(&*store).map_err(failed)?;
    Ok(store)
}

// With whose credentials AWS is asked to keep and to tell something.
fn access(settings: &Settings) -> Access {
    Access {
        profile: settings.profile.clone(),
        endpoint_url: settings.endpoint_url.clone(),
        region: settings.regions.iter().flatten().find(|region| *region != "all").cloned(),
    }
}

fn open_channels(
    arguments: &Scan,
    described: &Notify,
    settings: &Settings,
) -> Result<Vec<Box<dyn Channel>>, Failure> {
    let lang = language(settings.lang);
    let failed = |error: run::RunError| Failure::said(error.message(lang));
    if !arguments.notify.is_empty() && settings.history.is_none() {
        return Err(failed(run::RunError::NotifyWithoutHistory));
    }
    let report = settings.output.as_ref().map(|path| path.display().to_string());
    let defaults = NotifyDefaults { lang, report };
    notify::channels(&arguments.notify, described, &access(settings), &defaults).map_err(failed)
}

fn remember(
    judged: &mut Run,
    store: &dyn Store,
    channels: &[Box<dyn Channel>],
    lang: Lang,
) -> Result<(), Failure> {
    let superseded = notify::remember_with_news(judged, store, channels)
        .map_err(|error| Failure::said(error.message(lang)))?;
    if superseded > 0 {
        let path = store.place();
        complain(&match lang {
            Lang::En => format!(
                "{path}: a newer scan is in the history already; {superseded} older verdicts of this one changed nothing in it\n"
            ),
            Lang::Ja => format!(
                "{path}: より新しいスキャンが履歴に記録済みのため、今回の古い判定 {superseded} 件は反映していない\n"
            ),
        });
    }
    Ok(())
}

// An acceptance that has done its work would one day cover what nobody has looked at.
pub(super) fn idle_note(rule: &AcceptanceRule, lang: Lang) -> String {
    let AcceptanceRule { place, policy, resource, .. } = rule;
    match lang {
        Lang::En => format!(
            "{place}: this acceptance covers no failure of this scan ({policy}, {resource}); take it out if the problem is gone\n"
        ),
        Lang::Ja => format!(
            "{place}: このリスク受容に該当する不合格は今回のスキャンになかった（{policy}、{resource}）。解決済みであれば削除する\n"
        ),
    }
}

// A scan of minutes must not end in "no such folder".
pub(super) fn check_writable(path: &Path) -> Result<(), Failure> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if path.is_dir() {
        let path = path.display();
        return Err(Failure::new(
            format!("failed to write {path}: it is a folder; name a file in it"),
            format!("{path} に書き込めない: フォルダーである。その中のファイルを指定する。"),
        ));
    }
    if folder.is_dir() {
        return Ok(());
    }
    let (path, folder) = (path.display(), folder.display());
    Err(Failure::new(
        format!("failed to write {path}: there is no folder {folder}; make it first"),
        format!("{path} に書き込めない: フォルダー {folder} がない。先に作成する。"),
    ))
}

/// The answers of an account, for commands that do not judge them.
#[cfg(not(feature = "aws"))]
pub(super) fn take(source: &Source, _file: Settings) -> Result<Snapshot, Failure> {
    match &source.snapshot {
        Some(path) => Ok(run::load_snapshot(path)?),
        None => Err(without_aws()),
    }
}

/// The answers of an account, for commands that do not judge them.
#[cfg(feature = "aws")]
pub(super) fn take(source: &Source, file: Settings) -> Result<Snapshot, Failure> {
    if let Some(path) = &source.snapshot {
        return Ok(run::load_snapshot(path)?);
    }
    let file = if source.replay.is_some() { file.without_connection() } else { file };
    let settings = connection(&source.connection).or(file);
    gather(&options(&settings, source.replay.clone(), None)?)
}

#[cfg(not(feature = "aws"))]
fn without_aws() -> Failure {
    Failure::new(
        "this tenken was built without AWS; give it a saved snapshot with --snapshot FILE",
        "この tenken は AWS 機能なしでビルドされている。--snapshot で保存済みのスナップショットを指定する。",
    )
}

#[cfg(not(feature = "aws"))]
fn collect(_arguments: &Scan, _settings: &Settings) -> Result<Snapshot, Failure> {
    Err(without_aws())
}

#[cfg(feature = "aws")]
fn collect(arguments: &Scan, settings: &Settings) -> Result<Snapshot, Failure> {
    let options = options(settings, arguments.replay.clone(), None)?;
    gather(&options)
}

#[cfg(feature = "aws")]
fn gather(options: &ScanOptions) -> Result<Snapshot, Failure> {
    let line = ProgressLine::start();
    let snapshot = run::collect(options, line.progress());
    line.finish();
    Ok(snapshot?)
}

#[cfg(feature = "aws")]
pub(super) fn options(
    settings: &Settings,
    replay: Option<PathBuf>,
    record: Option<PathBuf>,
) -> Result<ScanOptions, Failure> {
    if settings.external_id.is_some() && settings.role_arn.is_none() {
        return Err(Failure::new(
            "an external id belongs to a role; name it with --role-arn ARN",
            "外部 ID はロールとともに使う。--role-arn でロールの ARN を指定する。",
        ));
    }
    Ok(ScanOptions { replay, record, ..run::scan_options(settings) })
}

/// Records an account.
#[cfg(feature = "aws")]
pub fn record(arguments: &Record) -> Result<u8, Failure> {
    let folder = &arguments.folder;
    let is_used = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if is_used {
        let folder = folder.display();
        return Err(Failure::new(
            format!("failed to record into {folder}: it is not empty; name a new folder"),
            format!("{folder} に記録できない: 空ではない。新しいフォルダーを指定する。"),
        ));
    }
    let configured = run::configure(&arguments.config.place(), None, &[])?;
    let settings = connection(&arguments.connection).or(configured.config.settings);
    let snapshot = gather(&options(&settings, None, Some(folder.clone()))?)?;
    let folder = folder.display();
    let gaps = snapshot.gaps.len();
    let account = &snapshot.account;
    complain(&match language(None) {
        Lang::En => format!(
            "Recorded account {account} into {folder}, without secrets; {gaps} questions had no answer.\nReplay it with: tenken scan --replay {folder}\n"
        ),
        Lang::Ja => format!(
            "アカウント {account} を {folder} に記録した（秘密情報は含まない）。回答を得られなかった問い合わせは {gaps} 件。\n再生: tenken scan --replay {folder}\n"
        ),
    });
    Ok(if gaps == 0 { run::EXIT_CLEAN } else { run::EXIT_UNKNOWN })
}
