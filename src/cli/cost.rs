//! `tenken cost`.

use super::Failure;
use super::arguments::{Cost, MoneyFlags};
use super::front::{Front, Paper, asked};
use super::prices::{note_cache, prices};
use tenken::config::Settings;
use tenken::cost::CostReport;
use tenken::price::{Currency, PriceTable};
use tenken::report::{Format, formats, render};
use tenken::run;
use tenken::text::{Explained, Lang};

/// Shows the bill; gives the exit code.
pub(crate) fn cost(arguments: &Cost) -> Result<u8, Failure> {
    let front = Front::new(&arguments.config, None, &[], arguments.lang)?;
    let format = Format::choose(&[asked(&arguments.format, &arguments.output)], &formats::<CostReport>())?;
    let currency = currency(&arguments.money, front.file(), front.lang)?;
    let mut places = front.places(&arguments.source);
    note_cache(&arguments.prices, &mut places);
    let paper = Paper::new(arguments.output.as_ref(), front.lang, places)?;
    let snapshot = front.snapshot(&arguments.source)?;
    let costs = &front.configured.config.costs;
    let bill = |table: &PriceTable| run::cost(&snapshot, table, costs, currency.clone());
    let wanted = || {
        let items = bill(PriceTable::embedded()).bill.items;
        items.into_iter().map(|item| (item.product, item.region)).collect()
    };
    let table = prices(&arguments.prices, &arguments.source, &front, wanted)?;
    let report = bill(&table);
    let text = render(&report, format, &paper.look);
    paper.write(&text)?;
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
