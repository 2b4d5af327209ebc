//! `tenken cost`.

use super::arguments::{Cost, MoneyFlags};
use super::prices::prices;
use super::scan::{check_writable, take};
use super::{Failure, columns, is_coloured, language, print_bytes};
use tenken::config::Settings;
use tenken::cost::CostReport;
use tenken::price::{Currency, PriceTable};
use tenken::report::{Asked, Format, Look, formats, render};
use tenken::run;
use tenken::text::{Explained, Lang};

/// Shows the bill; gives the exit code.
pub fn cost(arguments: &Cost) -> Result<u8, Failure> {
    // Everything that can be refused is refused before AWS is asked.
    let config = run::configure(&arguments.config.place(), None, &[])?.config;
    let lang = language(arguments.lang.or(config.settings.lang));
    let asked = Asked { format: arguments.format.as_deref(), output: arguments.output.as_deref() };
    let format = Format::choose(&[asked], &formats::<CostReport>())?;
    let currency = currency(&arguments.money, &config.settings, lang)?;
    if let Some(path) = &arguments.output {
        check_writable(path)?;
    }
    let snapshot = take(&arguments.source, config.settings.clone())?;
    let bill = |table: &PriceTable| run::cost(&snapshot, table, &config.costs, currency.clone());
    let wanted = || {
        let items = bill(PriceTable::embedded()).bill.items;
        items.into_iter().map(|item| (item.product, item.region)).collect()
    };
    let table = prices(&arguments.prices, &arguments.source, config.settings.clone(), lang, wanted)?;
    let report = bill(&table);
    let to_terminal = arguments.output.is_none();
    let look =
        Look { lang, width: if to_terminal { columns() } else { 80 }, colour: to_terminal && is_coloured() };
    let text = render(&report, format, &look);
    match &arguments.output {
        Some(path) => std::fs::write(path, text).map_err(|error| Failure::unwritten(path, &error))?,
        None => print_bytes(&text)?,
    }
    Ok(if report.bill.total().unknown == 0 { run::EXIT_CLEAN } else { run::EXIT_UNKNOWN })
}

/// The currency that flags name, or else the file.
pub(super) fn currency(flags: &MoneyFlags, file: &Settings, lang: Lang) -> Result<Currency, Failure> {
    // A currency that is named by a flag does not take the rate of the file's.
    let (code, rate) = match (&flags.currency, flags.rate) {
        (Some(code), rate) if file.currency.as_ref() != Some(code) => (Some(code), rate),
        (code, rate) => (code.as_ref().or(file.currency.as_ref()), rate.or(file.rate)),
    };
    Currency::new(code.map(String::as_str), rate)
        .map_err(|error| Failure::said(error.what().say(lang).to_owned()))
}
