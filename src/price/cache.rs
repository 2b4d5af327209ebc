//! Prices that the Price List API gave, kept so that the next run need not ask again.

use super::{Price, PriceTable, Tier};
use jiff::Span;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The version of the file. Another one is asked anew.
const VERSION: u32 = 1;

/// How long a price is believed. AWS changes prices a few times a year.
const FRESH_DAYS: i64 = 7;

/// What the API answered, by product and region.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PriceCache {
    entries: Vec<CachedPrice>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CacheFile {
    version: u32,
    prices: Vec<CachedPrice>,
}

/// One answer; without tiers, that there is no price.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CachedPrice {
    product: String,
    region: String,
    as_of: String,
    tiers: Vec<(f64, f64)>,
    unit: String,
    service_code: String,
    usage_type: String,
    sku: Option<String>,
}

impl PriceCache {
    /// What a file holds that is still fresh. A file of another version, or a damaged one, is
    /// worth nothing: everything is asked anew.
    pub fn read(text: &str, today: Date) -> PriceCache {
        let file: CacheFile = match serde_json::from_str(text) {
            Ok(file) => file,
            Err(_) => return PriceCache::default(),
        };
        if file.version != VERSION {
            return PriceCache::default();
        }
        let is_fresh = |entry: &CachedPrice| {
            let day: Option<Date> = entry.as_of.parse().ok();
            let oldest = today.checked_sub(Span::new().days(FRESH_DAYS));
            let is_sound =
                entry.tiers.iter().all(|(from, usd)| *from >= 0.0 && usd.is_finite() && *usd > 0.0);
            is_sound && day.is_some_and(|day| day <= today && oldest.is_ok_and(|oldest| day >= oldest))
        };
        PriceCache { entries: file.prices.into_iter().filter(is_fresh).collect() }
    }

    /// The file.
    pub fn text(&self) -> String {
        let file = CacheFile { version: VERSION, prices: self.entries.clone() };
        serde_json::to_string_pretty(&file).unwrap_or_default()
    }

    /// Whether the API was asked for it, whatever it answered.
    pub fn has(&self, product: &str, region: &str) -> bool {
        self.entries.iter().any(|entry| entry.product == product && entry.region == region)
    }

    /// Remembers an answer: a price, or that there is none.
    pub fn remember(&mut self, product: &str, region: &str, price: Option<&Price>, day: &str) {
        self.entries.retain(|entry| entry.product != product || entry.region != region);
        let text = |pick: fn(&Price) -> &String| price.map(pick).cloned().unwrap_or_default();
        self.entries.push(CachedPrice {
            product: product.to_owned(),
            region: region.to_owned(),
            as_of: day.to_owned(),
            tiers: price
                .map(|price| price.tiers.iter().map(|tier| (tier.from, tier.usd)).collect())
                .unwrap_or_default(),
            unit: text(|price| &price.unit),
            service_code: text(|price| &price.service_code),
            usage_type: text(|price| &price.usage_type),
            sku: price.and_then(|price| price.sku.clone()),
        });
        self.entries
            .sort_by(|left, right| (&left.product, &left.region).cmp(&(&right.product, &right.region)));
    }

    /// Puts its prices in the place of those of a table.
    pub fn apply(&self, table: &mut PriceTable) {
        for entry in self.entries.iter().filter(|entry| !entry.tiers.is_empty()) {
            table.insert(Price {
                product: entry.product.clone(),
                region: entry.region.clone(),
                tiers: entry.tiers.iter().map(|(from, usd)| Tier { from: *from, usd: *usd }).collect(),
                unit: entry.unit.clone(),
                service_code: entry.service_code.clone(),
                usage_type: entry.usage_type.clone(),
                sku: entry.sku.clone(),
                source: "Price List API".to_owned(),
                as_of: entry.as_of.clone(),
                inferred: None,
            });
        }
    }

    /// Those of the wanted products and regions that have to be asked for, each once.
    pub fn missing<'w>(&self, wanted: impl Iterator<Item = (&'w str, &'w str)>) -> Vec<(&'w str, &'w str)> {
        let wanted: BTreeSet<(&str, &str)> =
            wanted.filter(|(product, region)| !self.has(product, region)).collect();
        wanted.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const KEY: &str = "rds-instance-hour/postgres/db.t4g.small/single-az";
    const TOKYO: &str = "ap-northeast-1";

    #[test]
    fn an_answer_is_believed_for_a_week() {
        let mut price = PriceTable::embedded().find(KEY, TOKYO).unwrap().clone();
        price.tiers = vec![Tier { from: 0.0, usd: 0.052 }];
        let mut cache = PriceCache::default();
        cache.remember(KEY, TOKYO, Some(&price), "2026-11-20");
        cache.remember("alb-hour", "eu-west-9", None, "2026-11-20");
        let text = cache.text();
        assert_eq!(PriceCache::read(&text, date(2026, 11, 27)), cache);
        for day in [date(2026, 11, 28), date(2026, 11, 19)] {
            assert_eq!(PriceCache::read(&text, day), PriceCache::default(), "{day}");
        }
        // What was asked for is not asked for again, also where there is no price.
        let wanted = [(KEY, TOKYO), ("alb-hour", "eu-west-9"), ("alb-hour", TOKYO), ("alb-hour", TOKYO)];
        assert_eq!(cache.missing(wanted.into_iter()), [("alb-hour", TOKYO)]);
        let mut table = PriceTable::embedded().clone();
        cache.apply(&mut table);
        let found = table.find(KEY, TOKYO).unwrap();
        assert_eq!((found.usd(), found.as_of.as_str(), &found.inferred), (0.052, "2026-11-20", &None));
        assert_eq!(table.find("alb-hour", "eu-west-9"), None);
    }

    #[test]
    fn a_damaged_file_is_worth_nothing() {
        let today = date(2026, 11, 24);
        for text in ["", "{", "{\"version\":2,\"prices\":[]}", "[]"] {
            assert_eq!(PriceCache::read(text, today), PriceCache::default(), "{text}");
        }
        let free = r#"{"version":1,"prices":[{"product":"alb-hour","region":"x","as_of":"2026-11-24","tiers":[[0,0]],"unit":"hour","service_code":"AWSELB","usage_type":"x","sku":null}]}"#;
        assert_eq!(PriceCache::read(free, today), PriceCache::default());
    }
}
