//! The prices that a command counts with.

use super::Failure;
use super::arguments::{PriceFlags, SourceFlags};
use super::front::Front;
#[cfg(feature = "aws")]
use super::front::connection;
use std::borrow::Cow;
use std::collections::BTreeSet;
#[cfg(feature = "aws")]
use std::path::PathBuf;
use tenken::price::PriceTable;
#[cfg(feature = "aws")]
use tenken::run::environment::{Environment, ProcessEnvironment};
#[cfg(feature = "aws")]
use tenken::run::places::PlaceName;
use tenken::run::places::Places;
#[cfg(feature = "aws")]
use tenken::run::{self, SnapshotSource};
#[cfg(feature = "aws")]
use tenken::text::{Lang, list_some};

/// So many prices are named that AWS did not give for one reason.
#[cfg(feature = "aws")]
const MOST_NAMES: usize = 3;

/// The prices built in; with `--live-prices` what AWS says now about the `wanted` products and
/// regions. What it would not say is told, and the prices built in stand for it.
pub(crate) fn prices(
    flags: &PriceFlags,
    source: &SourceFlags,
    front: &Front,
    wanted: impl FnOnce() -> BTreeSet<(String, String)>,
) -> Result<Cow<'static, PriceTable>, Failure> {
    #[cfg(feature = "aws")]
    if flags.live_prices {
        return live(flags, source, front, &wanted()).map(Cow::Owned);
    }
    // Without a client for AWS there is nothing to ask, and no flag for it.
    #[cfg(not(feature = "aws"))]
    let _ = (flags, source, front, wanted);
    Ok(Cow::Borrowed(PriceTable::embedded()))
}

/// Notes the file in which prices of AWS are kept.
pub(crate) fn note_cache(flags: &PriceFlags, places: &mut Places) {
    #[cfg(feature = "aws")]
    if let Some((name, path)) = cache(flags).filter(|_| flags.live_prices) {
        places.writes(name, &path);
    }
    #[cfg(not(feature = "aws"))]
    let _ = (flags, places);
}

#[cfg(feature = "aws")]
fn cache(flags: &PriceFlags) -> Option<(PlaceName, PathBuf)> {
    match &flags.price_cache {
        Some(path) => Some((PlaceName::Flag("--price-cache"), path.clone())),
        None => Some((PlaceName::Default("--price-cache"), ProcessEnvironment.price_cache()?)),
    }
}

#[cfg(feature = "aws")]
fn live(
    flags: &PriceFlags,
    source: &SourceFlags,
    front: &Front,
    wanted: &BTreeSet<(String, String)>,
) -> Result<PriceTable, Failure> {
    // Prices are AWS's own, also where the account is a recorded or a saved one.
    let settings = connection(&SnapshotSource::Live, source.connection(), front.file())?;
    let cache = cache(flags).map(|(_, path)| path);
    let live = run::live_prices(&run::scan_options(&settings), wanted, cache.as_deref())?;
    let lang = front.lang;
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
