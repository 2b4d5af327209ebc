//! `tenken diff` and `tenken history`.

use super::arguments::{Diff, HistoryOf};
use super::front::Front;
use super::{Failure, columns, is_coloured, language, print_bytes};
use std::path::PathBuf;
use tenken::config::Place;
use tenken::deliver::Access;
use tenken::finding::Severity;
use tenken::report::Look;
use tenken::run::{self, compare};
use tenken::text::Lang;

/// Compares two files; gives the exit code.
pub fn diff(arguments: &Diff) -> Result<u8, Failure> {
    let front =
        Front::new(&arguments.config, arguments.policies.as_deref(), &arguments.chosen, arguments.lang)?;
    let lang = front.lang;
    let difference = compare::compare(&arguments.from, &arguments.to, &front.configured, lang)
        .map_err(|error| Failure::said(error.text(lang)))?;
    print_bytes(&compare::render_difference(&difference, look(&arguments.format, lang).as_ref()))?;
    let fail_on = arguments.fail_on.or(front.file().fail_on).unwrap_or(Severity::Low);
    Ok(compare::difference_code(&difference, fail_on))
}

/// Shows what a history says.
pub fn history(arguments: &HistoryOf) -> Result<u8, Failure> {
    let lang = language(arguments.lang);
    let default = || Place::File(PathBuf::from(compare::HISTORY_FILE));
    let place = arguments.history.clone().unwrap_or_else(default);
    let text = compare::open_history(&place, &Access::default())
        .and_then(|store| compare::render_history(&*store, look(&arguments.format, lang).as_ref()))
        .map_err(|error| Failure::said(error.text(lang)))?;
    print_bytes(&text)?;
    Ok(run::EXIT_CLEAN)
}

// None for programs.
fn look(format: &str, lang: Lang) -> Option<Look> {
    (format != "json").then(|| Look { lang, width: columns(), colour: is_coloured() })
}
