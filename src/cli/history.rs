//! `tenken diff` and `tenken history`.

use super::arguments::{Diff, HistoryOf};
use super::scan::check_writable;
use super::{Failure, columns, is_coloured, language, print_bytes};
use std::path::{Path, PathBuf};
use tenken::config::Place;
use tenken::deliver::Access;
use tenken::finding::Severity;
use tenken::history::History;
use tenken::history::diff::Difference;
use tenken::report::{Asked, Format, Look, formats};
use tenken::run::{self, compare};
use tenken::text::{Explained, Lang};

/// Compares two files; gives the exit code.
pub fn diff(arguments: &Diff) -> Result<u8, Failure> {
    let configured =
        run::configure(&arguments.config.place(), arguments.policies.as_deref(), &arguments.chosen)?;
    let settings = &configured.config.settings;
    let lang = language(arguments.lang.or(settings.lang));
    let asked = Asked { format: arguments.format.as_deref(), output: arguments.output.as_deref() };
    let format = Format::choose(&[asked], &formats::<Difference>())?;
    if let Some(path) = &arguments.output {
        check_writable(path)?;
    }
    let difference = compare::compare(&arguments.from, &arguments.to, &configured)
        .map_err(|error| Failure::said(error.message(lang)))?;
    let report = compare::render_difference(&difference, format, &look(arguments.output.as_deref(), lang));
    write(arguments.output.as_deref(), &report)?;
    let fail_on = arguments.fail_on.or(settings.fail_on).unwrap_or(Severity::Low);
    Ok(compare::difference_code(&difference, fail_on))
}

/// Shows what a history says.
pub fn history(arguments: &HistoryOf) -> Result<u8, Failure> {
    let lang = language(arguments.lang);
    let asked = Asked { format: arguments.format.as_deref(), output: arguments.output.as_deref() };
    let format = Format::choose(&[asked], &formats::<History>())?;
    let default = || Place::File(PathBuf::from(compare::HISTORY_FILE));
    let place = arguments.history.clone().unwrap_or_else(default);
    let text = compare::open_history(&place, &Access::default())
        .and_then(|store| compare::render_history(&*store, format, &look(arguments.output.as_deref(), lang)))
        .map_err(|error| Failure::said(error.message(lang)))?;
    write(arguments.output.as_deref(), &text)?;
    Ok(run::EXIT_CLEAN)
}

fn look(output: Option<&Path>, lang: Lang) -> Look {
    match output {
        Some(_) => Look { lang, width: 80, colour: false },
        None => Look { lang, width: columns(), colour: is_coloured() },
    }
}

fn write(output: Option<&Path>, report: &[u8]) -> Result<(), Failure> {
    match output {
        Some(path) => std::fs::write(path, report).map_err(|error| Failure::unwritten(path, &error)),
        None => print_bytes(report),
    }
}
