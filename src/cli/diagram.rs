//! `tenken diagram`.

use super::Failure;
use super::arguments::DiagramFlags;
use super::front::{Front, Paper, asked};
use tenken::plan::PlanRequest;
use tenken::price::PriceTable;
use tenken::report::Format;
use tenken::run::{self, DIAGRAM_FORMATS};
use tenken::text::Explained;

/// Draws the account; gives the exit code.
pub(crate) fn diagram(arguments: &DiagramFlags) -> Result<u8, Failure> {
    let front = Front::new(&arguments.config, arguments.policies.as_deref(), &[], arguments.lang)?;
    let lang = front.lang;
    let wishes = PlanRequest::default().or(front.configured.config.plan.clone()).wishes();
    let wishes = wishes.map_err(|error| Failure::said(error.what().say(lang).to_owned()))?;
    let format = Format::choose(&[asked(&arguments.format, &arguments.output)], DIAGRAM_FORMATS)?;
    let paper = Paper::new(arguments.output.as_ref(), lang, front.places(&arguments.source))?;
    let snapshot = front.snapshot(&arguments.source)?;
    let (judged, _) = run::judge_configured(&snapshot, &front.configured, PriceTable::embedded());
    let picture = run::diagram_of(&snapshot, &front.configured, &judged, wishes, arguments.after)?;
    paper.write(&run::diagram(&picture, arguments.after, format, lang))?;
    Ok(run::EXIT_CLEAN)
}
