//! Prices that AWS gives now, over those that tenken was built with.

use super::RunError;
use super::clock::today;
use crate::ask::ScanOptions;
use crate::collect::prices::{Refusal, ask_prices};
use crate::files::{self, MOST_WRITTEN, Mode};
use crate::price::live::{PriceQuestion, question};
use crate::price::{PriceCache, PriceTable};
use crate::text::{Explained, Text};
use std::collections::BTreeSet;
use std::path::Path;

/// Prices, and what did not work on the way to them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LivePrices {
    /// AWS's prices where it gave them, those that tenken was built with elsewhere.
    pub table: PriceTable,
    /// Products and regions without an answer, and why, each a fragment for people.
    pub unanswered: Vec<(String, Text)>,
}

/// Asks the Price List API what these products cost now, each in its region. What it said within the last week
/// is taken from the cache, a file; a cache that cannot be written is said, not fatal.
///
/// # Errors
/// The AWS configuration cannot be used, or the program's own machinery failed.
pub fn live_prices(
    options: &ScanOptions,
    wanted: &BTreeSet<(String, String)>,
    cache_file: Option<&Path>,
) -> Result<LivePrices, RunError> {
    let today = today();
    let text = cache_file.and_then(|path| files::read_text(path, MOST_WRITTEN).ok()).unwrap_or_default();
    let mut cache = PriceCache::read(&text, today);
    let wanted = wanted.iter().map(|(product, region)| (product.as_str(), region.as_str()));
    let questions: Vec<PriceQuestion> =
        cache.missing(wanted).into_iter().filter_map(|(product, region)| question(product, region)).collect();
    let mut unanswered = Vec::new();
    if !questions.is_empty() {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(RunError::Start)?;
        let answers = runtime.block_on(ask_prices(options, &questions))?;
        let day = today.to_string();
        for (question, answer) in questions.iter().zip(answers) {
            let (product, region) = (&question.product, &question.region);
            let name = format!("{product} ({region})");
            match answer.map(|products| question.read(&products, &day)) {
                Ok(Ok(price)) => cache.remember(product, region, Some(&price), &day),
                Ok(Err(reason)) => {
                    cache.remember(product, region, None, &day);
                    unanswered.push((name, reason.what()));
                }
                // Nothing was learnt: it is asked again the next time.
                Err(refusal) => unanswered.push((name, words(&refusal))),
            }
        }
        if let Some(path) = cache_file
            && let Err(error) = write(path, &cache.text())
        {
            unanswered.push((path.display().to_string(), crate::text::system_error(&error)));
        }
    }
    let mut table = PriceTable::embedded().clone();
    cache.apply(&mut table);
    Ok(LivePrices { table, unanswered })
}

fn words(refusal: &Refusal) -> Text {
    let words = refusal.cause.words();
    Text::new(format!("{} ({})", words.en, refusal.code), format!("{}（{}）", words.ja, refusal.code))
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    files::replace(path, text.as_bytes(), Mode::AsBefore)
}
