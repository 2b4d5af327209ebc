//! `tenken diff` and `tenken history`.

use super::arguments::{Diff, HistoryOf};
use super::front::{Front, Paper, asked};
use super::{Failure, language};
use std::path::PathBuf;
use tenken::config::Place;
use tenken::deliver::Access;
use tenken::finding::Severity;
use tenken::history::History;
use tenken::history::diff::Difference;
use tenken::report::{Format, formats};
use tenken::run::places::{HISTORY_FILE, PlaceName, Places};
use tenken::run::{self, compare};
use tenken::text::Explained;

/// Compares two files; gives the exit code.
pub(crate) fn diff(arguments: &Diff) -> Result<u8, Failure> {
    let front =
        Front::new(&arguments.config, arguments.policies.as_deref(), &arguments.chosen, arguments.lang)?;
    let format = Format::choose(&[asked(&arguments.format, &arguments.output)], &formats::<Difference>())?;
    let mut places = front.configured.places.clone();
    places.reads_place(PlaceName::Argument("FROM"), &arguments.from);
    places.reads(PlaceName::Argument("TO"), &arguments.to);
    let paper = Paper::new(arguments.output.as_ref(), front.lang, places)?;
    let difference = compare::compare(&arguments.from, &arguments.to, &front.configured)
        .map_err(|error| Failure::said(error.message(front.lang)))?;
    paper.write(&compare::render_difference(&difference, format, &paper.look))?;
    let fail_on = arguments.fail_on.or(front.file().fail_on).unwrap_or(Severity::Low);
    Ok(compare::difference_code(&difference, fail_on))
}

/// Shows what a history says.
pub(crate) fn history(arguments: &HistoryOf) -> Result<u8, Failure> {
    let lang = language(arguments.lang);
    let format = Format::choose(&[asked(&arguments.format, &arguments.output)], &formats::<History>())?;
    let default = || Place::File(PathBuf::from(HISTORY_FILE));
    let place = arguments.history.clone().unwrap_or_else(default);
    let mut places = Places::default();
    let name = match &arguments.history {
        Some(_) => PlaceName::Argument("HISTORY"),
        None => PlaceName::Default("HISTORY"),
    };
    places.reads_place(name, &place);
    let paper = Paper::new(arguments.output.as_ref(), lang, places)?;
    let text = compare::open_history(&place, &Access::default())
        .and_then(|store| compare::render_history(&*store, format, &paper.look))
        .map_err(|error| Failure::said(error.message(lang)))?;
    paper.write(&text)?;
    Ok(run::EXIT_CLEAN)
}
