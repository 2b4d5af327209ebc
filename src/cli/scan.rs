//! `tenken scan` and `tenken record`.

use super::arguments::Scan;
#[cfg(feature = "aws")]
use super::arguments::{Connection, Record};
#[cfg(feature = "aws")]
use super::progress::ProgressLine;
use super::{Failure, columns, complain, is_coloured, language, print_bytes};
use std::path::Path;
#[cfg(feature = "aws")]
use std::path::PathBuf;
use tenken::report::{Look, REPORTERS};
use tenken::run;

/// Audits and reports; gives the exit code.
pub fn scan(arguments: &Scan) -> Result<u8, Failure> {
    // Everything that can be refused is refused before AWS is asked.
    let policies = run::policies(arguments.policies.as_deref(), &arguments.chosen)?;
    for path in [&arguments.output, &arguments.save_snapshot].into_iter().flatten() {
        check_writable(path)?;
    }
    let snapshot = match &arguments.snapshot {
        Some(path) => run::load_snapshot(path)?,
        None => collect(arguments)?,
    };
    if let Some(path) = &arguments.save_snapshot {
        run::save_snapshot(&snapshot, path)?;
    }
    let judged = run::judge(&snapshot, &policies);
    let to_terminal = arguments.output.is_none();
    let look = Look {
        lang: language(arguments.lang),
        width: if to_terminal { columns() } else { 80 },
        colour: to_terminal && is_coloured(),
    };
    let reporter = REPORTERS.iter().find(|reporter| reporter.name() == arguments.format);
    let report = reporter.map(|reporter| reporter.render(&judged, &look)).unwrap_or_default();
    match &arguments.output {
        Some(path) => std::fs::write(path, report)
            .map_err(|error| Failure(format!("failed to write {}: {error}", path.display())))?,
        None => print_bytes(&report)?,
    }
    Ok(run::exit_code(&judged, arguments.fail_on))
}

// A scan of minutes must not end in "no such folder".
fn check_writable(path: &Path) -> Result<(), Failure> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if path.is_dir() {
        return Err(Failure(format!(
            "failed to write {}: it is a folder; name a file in it",
            path.display()
        )));
    }
    if folder.is_dir() {
        return Ok(());
    }
    Err(Failure(format!(
        "failed to write {}: there is no folder {}; make it first",
        path.display(),
        folder.display()
    )))
}

#[cfg(not(feature = "aws"))]
fn collect(_arguments: &Scan) -> Result<tenken::run::SnapshotHandle, Failure> {
    let _ = complain;
    Err(Failure("this tenken was built without AWS; give it a saved snapshot with --snapshot FILE".into()))
}

#[cfg(feature = "aws")]
fn collect(arguments: &Scan) -> Result<run::SnapshotHandle, Failure> {
    let options = options(&arguments.connection, arguments.replay.clone(), None);
    gather(&options)
}

#[cfg(feature = "aws")]
fn gather(options: &tenken::collect::ScanOptions) -> Result<run::SnapshotHandle, Failure> {
    let line = ProgressLine::start();
    let snapshot = run::collect(options, line.progress());
    line.finish();
    Ok(snapshot?)
}

#[cfg(feature = "aws")]
fn options(
    connection: &Connection,
    replay: Option<PathBuf>,
    record: Option<PathBuf>,
) -> tenken::collect::ScanOptions {
    tenken::collect::ScanOptions {
        regions: connection.regions.clone(),
        profile: connection.profile.clone(),
        role_arn: connection.role_arn.clone(),
        external_id: connection.external_id.clone(),
        endpoint_url: connection.endpoint_url.clone(),
        timeout: Some(connection.timeout),
        attempt_timeout: connection.attempt_timeout,
        operation_timeout: connection.operation_timeout,
        replay,
        record,
    }
}

/// Records an account.
#[cfg(feature = "aws")]
pub fn record(arguments: &Record) -> Result<u8, Failure> {
    let folder = &arguments.folder;
    let is_used = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if is_used {
        let folder = folder.display();
        return Err(Failure(format!("failed to record into {folder}: it is not empty; name a new folder")));
    }
    let snapshot = gather(&options(&arguments.connection, None, Some(folder.clone())))?;
    let folder = folder.display();
    let gaps = snapshot.gaps.len();
    complain(&format!(
        "Recorded account {} into {folder}, without secrets; {gaps} questions had no answer.\nReplay it with: tenken scan --replay {folder}\n",
        snapshot.account
    ));
    Ok(if gaps == 0 { run::EXIT_CLEAN } else { run::EXIT_UNKNOWN })
}
