//! `tenken cost`.

use super::arguments::{Cost, MoneyFlags};
#[cfg(feature = "aws")]
use super::complain;
use super::scan::{check_writable, take};
#[cfg(feature = "aws")]
use super::scan::{connection, options};
use super::{Failure, columns, is_coloured, language, print_bytes};
#[cfg(feature = "aws")]
use std::path::PathBuf;
use tenken::config::Settings;
#[cfg(feature = "aws")]
use tenken::cost::CostReport;
use tenken::price::{Currency, PriceTable};
use tenken::report::Look;
#[cfg(feature = "aws")]
use tenken::report::say;
use tenken::run;
use tenken::text::Lang;

/// Shows the bill; gives the exit code.
pub fn cost(arguments: &Cost) -> Result<u8, Failure> {
    // Everything that can be refused is refused before AWS is asked.
    let config = run::configure(&arguments.config.place(), None, &[])?.config;
    let lang = language(arguments.lang.or(config.settings.lang));
    let currency = currency(&arguments.money, &config.settings, lang)?;
    if let Some(path) = &arguments.output {
        check_writable(path)?;
    }
    let snapshot = take(&arguments.source, config.settings.clone())?;
    let report = run::cost(&snapshot, PriceTable::embedded(), &config.costs, currency.clone());
    #[cfg(feature = "aws")]
    let report = if arguments.live_prices {
        let table = live_table(arguments, config.settings.clone(), &report, lang)?;
        run::cost(&snapshot, &table, &config.costs, currency)
    } else {
        report
    };
    let to_terminal = arguments.output.is_none();
    let look =
        Look { lang, width: if to_terminal { columns() } else { 80 }, colour: to_terminal && is_coloured() };
    let text = tenken::report::cost::render(&report, &arguments.format, &look);
    match &arguments.output {
        Some(path) => std::fs::write(path, text)
            .map_err(|error| Failure(format!("failed to write {}: {error}", path.display())))?,
        None => print_bytes(&text)?,
    }
    Ok(if report.bill.total().unknown == 0 { run::EXIT_CLEAN } else { run::EXIT_UNKNOWN })
}

// What AWS says now; what it would not say is told, and the prices built in stand for it.
#[cfg(feature = "aws")]
fn live_table(
    arguments: &Cost,
    file: Settings,
    report: &CostReport,
    lang: Lang,
) -> Result<PriceTable, Failure> {
    let settings = connection(&arguments.source.connection).or(file);
    let cache = arguments.price_cache.clone().or_else(cache_file);
    let live = run::live_prices(&options(&settings, None, None)?, report, cache.as_deref())?;
    for (what, reason) in &live.unanswered {
        let reason = say(reason, lang);
        complain(&match lang {
            Lang::En => format!("no price from AWS for {what}: {reason}\n"),
            Lang::Ja => format!("AWS から単価を取得できない: {what}（{reason}）\n"),
        });
    }
    Ok(live.table)
}

/// `tenken/prices.json` in the user's cache folder, where there is one.
#[cfg(feature = "aws")]
fn cache_file() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || folder("HOME");
    let base = if cfg!(windows) {
        folder("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        home().map(|home| home.join("Library").join("Caches"))
    } else {
        folder("XDG_CACHE_HOME").or_else(|| home().map(|home| home.join(".cache")))
    };
    base.map(|base| base.join("tenken").join("prices.json"))
}

/// The currency that flags name, or else the file.
pub(super) fn currency(flags: &MoneyFlags, file: &Settings, lang: Lang) -> Result<Currency, Failure> {
    // A currency that is named by a flag does not take the rate of the file's.
    let (code, rate) = match (&flags.currency, flags.rate) {
        (Some(code), rate) if file.currency.as_ref() != Some(code) => (Some(code), rate),
        (code, rate) => (code.as_ref().or(file.currency.as_ref()), rate.or(file.rate)),
    };
    Currency::new(code.map(String::as_str), rate).map_err(|error| Failure(error.text(lang)))
}
