//! A plan out of a run, and what its options would change.

use super::diagram::plan_figures;
use super::{Configured, RunError};
use crate::cost::{Assumptions, bill};
use crate::finding::{Run, day};
use crate::plan::{Context, Today, Wishes, make};
use crate::policy::PolicySet;
use crate::price::{Currency, NotedPrices, PriceTable};
use crate::report::plan::PlanReport;
use crate::report::simulation::SimulationReport;
use crate::report::{Format, Look, render, render_with};
use crate::simulate::{ChosenOption, simulate as carry_out};
use crate::snapshot::Snapshot;
use std::collections::BTreeSet;

/// Plans what to do about the failures of a run.
pub fn plan(
    snapshot: &Snapshot,
    judged: &Run,
    prices: &PriceTable,
    configured: &Configured,
    wishes: Wishes,
    format: Format,
    look: &Look,
) -> Vec<u8> {
    let today = Today::new(&bill(snapshot, prices, &configured.config.costs.assumptions));
    // A snapshot without a readable time can only come from a damaged file.
    let scanned = day(&judged.taken_at).unwrap_or_default();
    let context = Context::new(wishes, scanned, Some(&today));
    let plan = make(&judged.findings, Some(&today), context);
    let figures = plan_figures(snapshot, &configured.policies, judged, &plan, format);
    render_with(&PlanReport { plan: &plan, run: judged }, figures, format, look)
}

/// The products and regions whose prices a plan depends on: those of the bill and of the options.
pub fn prices_of_plan(
    snapshot: &Snapshot,
    policies: &PolicySet,
    assumptions: &Assumptions,
) -> BTreeSet<(String, String)> {
    let noted = NotedPrices::new(PriceTable::embedded());
    super::judge::judge_at_prices(snapshot, policies, &noted);
    let mut wanted = noted.asked();
    let items = bill(snapshot, PriceTable::embedded(), assumptions).items;
    wanted.extend(items.into_iter().map(|item| (item.product, item.region)));
    wanted
}

/// Carries options out on a snapshot and says what that closes, opens and leaves; `judged`
/// is the snapshot as it is.
///
/// # Errors
/// A choice names nothing, or an option whose policy does not say what it changes.
pub fn simulate(
    snapshot: &Snapshot,
    policies: &PolicySet,
    judged: &Run,
    choices: &[ChosenOption],
    currency: &Currency,
    format: Format,
    look: &Look,
) -> Result<Vec<u8>, RunError> {
    let simulation = carry_out(snapshot, policies, &judged.findings, choices)?;
    let report = SimulationReport { simulation: &simulation, run: judged, currency };
    Ok(render(&report, format, look))
}
