//! `tenken show`.

use super::Failure;
use super::arguments::ShowFlags;
use super::front::{AccountFlags, Front, Paper, asked};
use tenken::price::{Currency, PriceTable};
use tenken::report::scan::ShowReport;
use tenken::report::{Format, formats, render};
use tenken::run;
use tenken::text::Explained;
use tenken::work::named;

/// Shows what was asked for; gives the exit code.
pub(crate) fn show(arguments: &ShowFlags) -> Result<u8, Failure> {
    let front = Front::new(&arguments.config, arguments.policies.as_deref(), &[], arguments.lang)?;
    let lang = front.lang;
    let format =
        Format::choose(&[asked(&arguments.format, &arguments.output)], &formats::<ShowReport<'_>>())?;
    let paper = Paper::new(arguments.output.as_ref(), lang, front.places(&arguments.source))?;
    let snapshot = front.snapshot(&arguments.source)?;
    let (judged, _) = run::judge_configured(&snapshot, &front.configured, PriceTable::embedded());
    let shown = named(&judged, &arguments.names).map_err(|error| Failure::said(error.message(lang)))?;
    let flags = AccountFlags {
        source: arguments.source.place(),
        connection: arguments.source.connection(),
        policies: arguments.policies.as_deref(),
        config: &arguments.config,
        lang: arguments.lang,
    };
    let report = ShowReport {
        run: &judged,
        shown,
        currency: currency(&front),
        flags: run::command_line(&flags.words()),
    };
    paper.write(&render(&report, format, &paper.look))?;
    Ok(run::EXIT_CLEAN)
}

/// What the configuration says that prices are shown in; dollars where it does not, or lacks the rate.
pub(super) fn currency(front: &Front) -> Currency {
    let file = front.file();
    Currency::new(file.currency.as_deref(), file.rate).unwrap_or_default()
}
