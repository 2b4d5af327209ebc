//! `tenken plan`.

use super::arguments::PlanFlags;
use super::front::{Front, Paper, asked};
use super::prices::{note_cache, prices};
use super::scan::idle_note;
use super::{Failure, complain};
use tenken::config::Config;
use tenken::plan::PlanRequest;
use tenken::report::plan::PlanReport;
use tenken::report::{Format, formats};
use tenken::run;
use tenken::text::Explained;

/// Plans and reports. A plan is not a verdict: the exit code is 0 wherever there is one.
pub(crate) fn plan(arguments: &PlanFlags) -> Result<u8, Failure> {
    let front =
        Front::new(&arguments.config, arguments.policies.as_deref(), &arguments.chosen, arguments.lang)?;
    let (configured, lang) = (&front.configured, front.lang);
    // Everything that can be refused is refused before AWS is asked.
    let wishes = request(arguments, &configured.config)
        .wishes()
        .map_err(|error| Failure::said(error.what().say(lang).to_owned()))?;
    let format =
        Format::choose(&[asked(&arguments.format, &arguments.output)], &formats::<PlanReport<'_>>())?;
    let mut places = front.places(&arguments.source);
    note_cache(&arguments.prices, &mut places);
    let paper = Paper::new(arguments.output.as_ref(), lang, places)?;
    let snapshot = front.snapshot(&arguments.source)?;
    let assumptions = &configured.config.costs.assumptions;
    let wanted = || run::prices_of_plan(&snapshot, &configured.policies, assumptions);
    let table = prices(&arguments.prices, &arguments.source, &front, wanted)?;
    let (judged, idle) = run::judge_configured(&snapshot, configured, table.as_ref());
    for rule in idle {
        complain(&idle_note(rule, lang));
    }
    let look = &paper.look;
    let report = if arguments.simulate.is_empty() {
        run::plan(&snapshot, &judged, &table, configured, wishes, format, look)
    } else {
        let (policies, choices) = (&configured.policies, &arguments.simulate);
        run::simulate(&snapshot, policies, &judged, choices, &wishes.currency, format, look)
            .map_err(|error| Failure::said(error.message(lang)))?
    };
    paper.write(&report)?;
    Ok(run::EXIT_CLEAN)
}

fn request(arguments: &PlanFlags, config: &Config) -> PlanRequest {
    let file = &config.settings;
    // A currency that is named by a flag does not take the rate of the file's.
    let is_other = arguments.money.currency.is_some() && arguments.money.currency != file.currency;
    let rate = if is_other { None } else { file.rate };
    let flags = PlanRequest {
        budget: arguments.budget.clone(),
        current_bill: arguments.current_bill.clone(),
        hour_down_cost: arguments.hour_down_cost.clone(),
        peak_factor: arguments.peak_factor,
        deadline: arguments.deadline,
        staff_hours: arguments.staff_hours,
        approver: arguments.approver.clone(),
        currency: arguments.money.currency.clone().or_else(|| file.currency.clone()),
        rate: arguments.money.rate.or(rate),
        allows_unknown_prices: arguments.allow_unknown_prices.then_some(true),
        weights: None,
    };
    // What options close and open does not depend on the business.
    if arguments.simulate.is_empty() { flags.or(config.plan.clone()) } else { flags }
}
