//! The prices that a command counts with.

use super::Failure;
use super::arguments::{PriceFlags, Source};
#[cfg(feature = "aws")]
use super::scan::{connection, options};
use std::borrow::Cow;
use std::collections::BTreeSet;
#[cfg(feature = "aws")]
use std::path::PathBuf;
use tenken::config::Settings;
use tenken::price::PriceTable;
#[cfg(feature = "aws")]
use tenken::run;
use tenken::text::Lang;
#[cfg(feature = "aws")]
use tenken::text::list_some;

/// So many prices are named that AWS did not give for one reason.
#[cfg(feature = "aws")]
const MOST_NAMES: usize = 3;

/// The prices built in; with `--live-prices` what AWS says now about the `wanted` products and
/// regions. What it would not say is told, and the prices built in stand for it.
pub fn prices(
    flags: &PriceFlags,
    source: &Source,
    file: Settings,
    lang: Lang,
    wanted: impl FnOnce() -> BTreeSet<(String, String)>,
) -> Result<Cow<'static, PriceTable>, Failure> {
    #[cfg(feature = "aws")]
    if flags.live_prices {
        return live(flags, source, file, lang, &wanted()).map(Cow::Owned);
    }
    // Without a client for AWS there is nothing to ask, and no flag for it.
    #[cfg(not(feature = "aws"))]
    let _ = (flags, source, file, lang, wanted);
    Ok(Cow::Borrowed(PriceTable::embedded()))
}

#[cfg(feature = "aws")]
fn live(
    flags: &PriceFlags,
    source: &Source,
    file: Settings,
    lang: Lang,
    wanted: &BTreeSet<(String, String)>,
) -> Result<PriceTable, Failure> {
    let settings = connection(&source.connection).or(file);
    let cache = flags.price_cache.clone().or_else(cache_file);
    let live = run::live_prices(&options(&settings, None, None)?, wanted, cache.as_deref())?;
    // Where AWS refuses, it refuses all of them for one reason.
    let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
    for (what, reason) in &live.unanswered {
        let reason = reason.say(lang);
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, names)) => names.push(what.clone()),
            None => reasons.push((reason, vec![what.clone()])),
        }
    }
    for (reason, names) in reasons {
        let names = list_some(&names, MOST_NAMES, lang);
        super::complain(&match lang {
            Lang::En => format!("no price from AWS for {names}: {reason}\n"),
            Lang::Ja => format!("AWS から単価を取得できない: {names}（{reason}）\n"),
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
