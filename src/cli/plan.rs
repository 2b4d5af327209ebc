//! `tenken plan`.

use super::arguments::Plan;
use super::prices::prices;
use super::{Failure, columns, complain, is_coloured, language, print_bytes, scan};
use tenken::config::Config;
use tenken::plan::Request;
use tenken::report::plan::PlanReport;
use tenken::report::{Asked, Format, Look, formats};
use tenken::run;
use tenken::text::Explained;

/// Plans and reports. A plan is no verdict: the exit code is 0 wherever there is one.
pub fn plan(arguments: &Plan) -> Result<u8, Failure> {
    let configured =
        run::configure(&arguments.config.place(), arguments.policies.as_deref(), &arguments.chosen)?;
    let config = &configured.config;
    let lang = language(arguments.lang.or(config.settings.lang));
    // Everything that can be refused is refused before AWS is asked.
    let wishes = request(arguments, config)
        .wishes()
        .map_err(|error| Failure::said(error.what().say(lang).to_owned()))?;
    let asked = Asked { format: arguments.format.as_deref(), output: arguments.output.as_deref() };
    let format = Format::choose(&[asked], &formats::<PlanReport<'_>>())?;
    if let Some(path) = &arguments.output {
        scan::check_writable(path)?;
    }
    let snapshot = scan::take(&arguments.source, config.settings.clone())?;
    let assumptions = &config.costs.assumptions;
    let wanted = || run::prices_of_plan(&snapshot, &configured.policies, assumptions);
    let table = prices(&arguments.prices, &arguments.source, config.settings.clone(), lang, wanted)?;
    let mut judged = run::judge_at_prices(&snapshot, &configured.policies, table.as_ref());
    for idle in run::accept(&mut judged, config) {
        complain(&scan::idle_note(idle, lang));
    }
    let to_terminal = arguments.output.is_none();
    let look =
        Look { lang, width: if to_terminal { columns() } else { 80 }, colour: to_terminal && is_coloured() };
    let report = if arguments.simulate.is_empty() {
        run::plan(&snapshot, &judged, &table, assumptions, wishes, format, &look)
    } else {
        let (policies, choices) = (&configured.policies, &arguments.simulate);
        run::simulate(&snapshot, policies, &judged, choices, &wishes.currency, format, &look)
            .map_err(|error| Failure::said(error.message(lang)))?
    };
    match &arguments.output {
        Some(path) => std::fs::write(path, report).map_err(|error| Failure::unwritten(path, &error))?,
        None => print_bytes(&report)?,
    }
    Ok(run::EXIT_CLEAN)
}

fn request(arguments: &Plan, config: &Config) -> Request {
    let file = &config.settings;
    // A currency that is named by a flag does not take the rate of the file's.
    let is_other = arguments.money.currency.is_some() && arguments.money.currency != file.currency;
    let rate = if is_other { None } else { file.rate };
    let flags = Request {
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
    // What options close and open does not hang on the business.
    if arguments.simulate.is_empty() { flags.or(config.plan.clone()) } else { flags }
}
