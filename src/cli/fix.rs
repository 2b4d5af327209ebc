//! `tenken fix`.

use super::Failure;
use super::arguments::FixFlags;
use super::front::{Front, Paper, asked};
use tenken::fix::{Choice, FORMATS, choose, render};
use tenken::price::PriceTable;
use tenken::report::Format;
use tenken::run;
use tenken::text::Explained;

/// Writes the work; gives the exit code.
pub(crate) fn fix(arguments: &FixFlags) -> Result<u8, Failure> {
    let front = Front::new(&arguments.config, arguments.policies.as_deref(), &[], arguments.lang)?;
    let lang = front.lang;
    let format = Format::choose(&[asked(&arguments.format, &arguments.output)], FORMATS)?;
    let paper = Paper::new(arguments.output.as_ref(), lang, front.places(&arguments.source))?;
    let snapshot = front.snapshot(&arguments.source)?;
    let (judged, _) = run::judge_configured(&snapshot, &front.configured, PriceTable::embedded());
    let choice = Choice {
        findings: arguments.findings.clone(),
        policies: arguments.chosen.clone(),
        resources: arguments.resources.clone(),
        options: arguments.options.clone(),
    };
    let fixes = choose(&judged, &choice).map_err(|error| Failure::said(error.message(lang)))?;
    paper.write(render(&judged, &fixes, &snapshot, format, lang).as_bytes())?;
    Ok(run::EXIT_CLEAN)
}
