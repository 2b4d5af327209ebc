//! AWS's list prices: On-Demand, in US dollars before tax, each with where and when it was read.
//!
//! A price that is not known is a gap that names the product, never zero. `prices/README.md`
//! says where the rows come from and what the product keys mean.

mod cache;
mod currency;
mod file;
pub mod live;

pub use cache::PriceCache;
pub(crate) use currency::format_rate;
pub use currency::{Currency, CurrencyError, Money};
pub(crate) use file::PriceFileError;

use crate::snapshot::GapId;
use include_dir::{Dir, include_dir};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/prices");

// A test reads the same files and fails on whatever is wrong with them; if they were damaged
// nevertheless, every price would be unknown.
static EMBEDDED: LazyLock<PriceTable> = LazyLock::new(|| PriceTable::from_files().unwrap_or_default());

/// The hours of a month, as AWS's own price pages count them.
pub(crate) const HOURS_PER_MONTH: i64 = 730;

/// The operation that would answer what a product costs, as gaps name it.
pub(crate) const OPERATION: &str = "pricing:GetProducts";

/// The region of products whose price does not depend on one.
pub(crate) const GLOBAL: &str = "global";

/// What one unit of a product costs in one region.
#[derive(Debug, Clone, PartialEq)]
pub struct Price {
    /// The key, for instance `rds-instance-hour/postgres/db.t4g.small/single-az`.
    pub product: String,
    /// The region, or `global`.
    pub region: String,
    /// The prices by quantity in a month; the first begins at 0. Most products have one.
    pub tiers: Vec<Tier>,
    /// What is counted, for instance `hour` or `gb-month`.
    pub unit: String,
    /// AWS's code of the service, for instance `AmazonRDS`.
    pub service_code: String,
    /// AWS's usage type, as bills show it, for instance `APN1-InstanceUsage:db.t4g.small`.
    pub usage_type: String,
    /// AWS's id of the product, where the source named it.
    pub sku: Option<String>,
    /// The kind of source: `offer file`, `Price List API` or `pricing page`.
    pub source: String,
    /// The day of the source, for instance 2026-09-11.
    pub as_of: String,
    /// Why it is believed, where no source states this very price.
    pub inferred: Option<String>,
}

/// A price that holds from a quantity on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tier {
    /// The quantity in a month above which it holds.
    pub from: f64,
    /// US dollars for a unit.
    pub usd: f64,
}

impl Price {
    /// US dollars for a unit, at the quantities that small accounts have: the first tier.
    pub fn usd(&self) -> f64 {
        self.tiers.first().map_or(0.0, |tier| tier.usd)
    }

    /// US dollars for a quantity in a month, each part at the price of its tier.
    pub fn cost(&self, quantity: f64) -> f64 {
        let ends = self.tiers.iter().skip(1).map(|tier| tier.from).chain([f64::INFINITY]);
        let parts = self.tiers.iter().zip(ends).map(|(tier, end)| {
            let within = quantity.min(end) - tier.from;
            within.max(0.0) * tier.usd
        });
        parts.sum()
    }
}

/// Whoever knows prices.
pub trait Prices {
    /// What a product costs in a region.
    ///
    /// # Errors
    /// The gap that says which price is missing.
    fn ask(&self, product: &str, region: &str) -> Result<&Price, GapId>;
}

impl Prices for PriceTable {
    fn ask(&self, product: &str, region: &str) -> Result<&Price, GapId> {
        PriceTable::ask(self, product, region)
    }
}

/// Passes questions on to a table and remembers them: the products and regions to ask AWS about.
#[derive(Debug)]
pub(crate) struct NotedPrices<'t> {
    table: &'t PriceTable,
    asked: RefCell<BTreeSet<(String, String)>>,
}

impl<'t> NotedPrices<'t> {
    /// Before the first question.
    pub(crate) fn new(table: &'t PriceTable) -> Self {
        NotedPrices { table, asked: RefCell::default() }
    }

    /// The products, each with its region, that were asked for.
    pub(crate) fn asked(self) -> BTreeSet<(String, String)> {
        self.asked.into_inner()
    }
}

impl Prices for NotedPrices<'_> {
    fn ask(&self, product: &str, region: &str) -> Result<&Price, GapId> {
        self.asked.borrow_mut().insert((product.to_owned(), region.to_owned()));
        self.table.ask(product, region)
    }
}

/// Prices by region and product.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PriceTable {
    prices: BTreeMap<String, BTreeMap<String, Price>>,
}

impl PriceTable {
    /// The prices that tenken was built with.
    pub fn embedded() -> &'static PriceTable {
        &EMBEDDED
    }

    /// Reads the files that tenken was built with.
    ///
    /// # Errors
    /// The first row that is incomplete, senseless or there twice.
    pub(crate) fn from_files() -> Result<PriceTable, PriceFileError> {
        let mut table = PriceTable::default();
        for file in FILES.files() {
            let name = file.path().display().to_string();
            if let Some(text) = file.contents_utf8().filter(|_| name.ends_with(".toml")) {
                for price in file::read(&name, text)? {
                    table.insert(price);
                }
            }
        }
        Ok(table)
    }

    /// What a product costs in a region; products with one price everywhere are found in all.
    pub fn find(&self, product: &str, region: &str) -> Option<&Price> {
        let of = |region: &str| self.prices.get(region)?.get(product);
        of(region).or_else(|| of(GLOBAL))
    }

    /// The same, or the gap that says which price is missing.
    ///
    /// # Errors
    /// The gap.
    pub fn ask(&self, product: &str, region: &str) -> Result<&Price, GapId> {
        self.find(product, region).ok_or_else(|| gap(product, region))
    }

    /// Adds a price; one of the same product and region is replaced.
    pub fn insert(&mut self, price: Price) {
        let of_region = self.prices.entry(price.region.clone()).or_default();
        of_region.insert(price.product.clone(), price);
    }

    /// Every price, by region and product.
    pub fn iter(&self) -> impl Iterator<Item = &Price> {
        self.prices.values().flat_map(BTreeMap::values)
    }

    /// The regions that some product has a price in.
    pub fn regions(&self) -> impl Iterator<Item = &str> {
        self.prices.keys().map(String::as_str)
    }
}

/// The gap of a price that is not known.
pub fn gap(product: &str, region: &str) -> GapId {
    GapId::new(OPERATION, region, Some(product))
}

/// The product and region of a gap that [`gap`] made.
pub(crate) fn missing_price(gap: &GapId) -> Option<(&str, &str)> {
    let product = gap.about().filter(|_| gap.operation() == OPERATION)?;
    Some((product, gap.region()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKYO: &str = "ap-northeast-1";

    #[test]
    fn every_embedded_row_is_sound() {
        let table = PriceTable::from_files().unwrap();
        let regions: Vec<&str> = table.regions().collect();
        assert_eq!(regions, [TOKYO, GLOBAL, "us-east-1"]);
        for price in table.iter() {
            let (product, region) = (&price.product, &price.region);
            assert_eq!(table.find(product, region), Some(price));
            // Nothing here is sold by the hour for more than a few dollars, or by the request for a cent.
            let most = match price.unit.as_str() {
                "request" => 0.01,
                "month" => 10.0,
                _ => 1.0,
            };
            assert!(price.tiers.iter().all(|tier| tier.usd <= most), "{product} in {region} costs a lot");
        }
        // What both regions have differs by little: a slip of a digit would not.
        for price in table.iter().filter(|price| price.region == TOKYO) {
            if let Some(other) = table.find(&price.product, "us-east-1") {
                let ratio = price.usd() / other.usd();
                assert!((0.5..2.0).contains(&ratio), "{}: {ratio}", price.product);
            }
        }
    }

    #[test]
    fn questions_are_noted_once_whether_they_have_an_answer_or_not() {
        let noted = NotedPrices::new(PriceTable::embedded());
        let price = noted.ask("secret-month", TOKYO).map(Price::usd);
        assert_eq!(price, PriceTable::embedded().ask("secret-month", TOKYO).map(Price::usd));
        assert!(noted.ask("secret-month", TOKYO).is_ok());
        assert!(noted.ask("moon-hour", TOKYO).is_err());
        let pair = |product: &str| (product.to_owned(), TOKYO.to_owned());
        assert_eq!(noted.asked(), [pair("moon-hour"), pair("secret-month")].into());
    }

    #[test]
    fn a_missing_price_is_a_gap_that_names_the_product() {
        let table = PriceTable::embedded();
        let product = "rds-instance-hour/postgres/db.t4g.small/single-az";
        assert_eq!(table.ask(product, TOKYO).map(Price::usd), Ok(0.051));
        let gap = table.ask(product, "eu-west-9").unwrap_err();
        assert_eq!(gap.as_str(), format!("pricing:GetProducts@eu-west-9 about {product}"));
        assert_eq!(missing_price(&gap), Some((product, "eu-west-9")));
        assert_eq!(missing_price(&GapId::new("rds:DescribeDBInstances", TOKYO, None)), None);
        assert!(table.find("cloudfront-origin-gb/japan", TOKYO).is_some());
    }

    #[test]
    fn tiers_price_each_part_of_a_quantity() {
        let metric = PriceTable::embedded().find("cloudwatch-metric-month", TOKYO).unwrap();
        let near = |quantity: f64, expected: f64| {
            let cost = metric.cost(quantity);
            assert!((cost - expected).abs() < 1e-6, "{quantity} cost {cost}, not {expected}");
        };
        near(0.0, 0.0);
        near(17.0, 5.1);
        near(10_000.0, 3000.0);
        near(10_010.0, 3001.0);
        near(300_000.0, 3000.0 + 24_000.0 + 2500.0);
    }
}
