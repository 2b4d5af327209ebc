//! A file of prices: the rows of one region.

use super::{Price, Tier};
use serde::Deserialize;

/// A file of prices that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("read the prices of {file}: {reason}")]
pub(crate) struct PriceFileError {
    /// The file.
    pub file: String,
    /// What is wrong with it.
    pub reason: String,
}

/// What the unit of a product may be.
const UNITS: &[&str] = &["hour", "vcpu-hour", "gb-hour", "lcu-hour", "gb-month", "gb", "month", "request"];
const SOURCES: &[&str] = &["offer file", "Price List API", "pricing page"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenPrices {
    region: String,
    price: Vec<PriceRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PriceRow {
    product: String,
    usd: Option<f64>,
    tiers: Option<Vec<WrittenTier>>,
    unit: String,
    service_code: String,
    usage_type: String,
    sku: Option<String>,
    as_of: String,
    source: String,
    inferred: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTier {
    from: f64,
    usd: f64,
}

/// Reads one file.
///
/// # Errors
/// The first thing that is wrong with it.
pub(super) fn read(file: &str, text: &str) -> Result<Vec<Price>, PriceFileError> {
    let failed = |reason: String| PriceFileError { file: file.to_owned(), reason };
    let written: WrittenPrices = toml::from_str(text).map_err(|error| failed(error.to_string()))?;
    let mut prices: Vec<Price> = Vec::new();
    for row in written.price {
        let product = row.product.clone();
        let price = check(row, &written.region).map_err(|reason| failed(format!("{product}: {reason}")))?;
        if prices.iter().any(|other| other.product == product) {
            return Err(failed(format!("{product} is duplicated")));
        }
        prices.push(price);
    }
    Ok(prices)
}

fn check(row: PriceRow, region: &str) -> Result<Price, &'static str> {
    let tiers: Vec<Tier> = match (row.usd, row.tiers) {
        (Some(usd), None) => vec![Tier { from: 0.0, usd }],
        (None, Some(tiers)) => {
            tiers.into_iter().map(|WrittenTier { from, usd }| Tier { from, usd }).collect()
        }
        _ => return Err("it needs either `usd` or `tiers`"),
    };
    let is_first = |tier: &Tier| tier.from == 0.0;
    if !tiers.first().is_some_and(is_first) || !tiers.is_sorted_by(|left, right| left.from < right.from) {
        return Err("its tiers must begin at 0 and grow");
    }
    if tiers.iter().any(|tier| !tier.usd.is_finite() || tier.usd <= 0.0) {
        return Err("a price must be more than 0");
    }
    if !UNITS.contains(&row.unit.as_str()) {
        return Err("its unit is not known");
    }
    if !SOURCES.contains(&row.source.as_str()) {
        return Err("its source is none of offer file, Price List API and pricing page");
    }
    if row.as_of.parse::<jiff::civil::Date>().is_err() {
        return Err("its date cannot be read; write it like 2026-09-11");
    }
    let is_key = |part: &str| {
        !part.is_empty()
            && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.')
    };
    if !row.product.split('/').all(is_key) {
        return Err("its key must be lower-case words joined by `-`, its parts joined by `/`");
    }
    if row.service_code.is_empty() || row.usage_type.is_empty() {
        return Err("it lacks a service code or a usage type");
    }
    Ok(Price {
        product: row.product,
        region: region.to_owned(),
        tiers,
        unit: row.unit,
        service_code: row.service_code,
        usage_type: row.usage_type,
        sku: row.sku,
        source: row.source,
        as_of: row.as_of,
        inferred: row.inferred,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = "region = \"eu-west-1\"\n[[price]]\nproduct = \"alb-hour\"\nusd = 0.0252\nunit = \"hour\"\n\
        service_code = \"AWSELB\"\nusage_type = \"EU-LoadBalancerUsage\"\nas_of = \"2026-09-11\"\nsource = \"offer file\"\n";

    #[test]
    fn a_row_that_cannot_be_trusted_is_refused() {
        assert_eq!(read("eu-west-1.toml", ROW).unwrap().len(), 1);
        for (good, bad, reason) in [
            ("usd = 0.0252", "usd = 0", "a price must be more than 0"),
            ("usd = 0.0252", "usd = -0.0252", "a price must be more than 0"),
            ("usd = 0.0252\n", "", "it needs either `usd` or `tiers`"),
            ("usd = 0.0252", "tiers = [{ from = 1, usd = 0.1 }]", "its tiers must begin at 0"),
            ("usd = 0.0252", "tiers = [{ from = 0, usd = 0.1 }, { from = 0, usd = 0.2 }]", "its tiers must"),
            ("unit = \"hour\"", "unit = \"hours\"", "its unit is not known"),
            ("2026-09-11", "2026-09-31", "its date cannot be read"),
            ("offer file", "a blog", "its source is none of"),
            ("alb-hour", "ALB hour", "its key must be"),
            ("EU-LoadBalancerUsage", "", "it lacks a service code or a usage type"),
            ("as_of", "asof", "unknown field `asof`"),
        ] {
            let error = read("eu-west-1.toml", &ROW.replace(good, bad)).unwrap_err();
            assert!(error.reason.contains(reason), "{bad}: {error}");
        }
        let twice = format!("{ROW}{}", ROW.split_once('\n').unwrap().1);
        assert_eq!(read("f", &twice).unwrap_err().reason, "alb-hour is duplicated");
    }
}
