//! A bill out of a snapshot.

use crate::config::Costs;
use crate::cost::{CostReport, report};
use crate::price::{Currency, PriceTable};
use crate::snapshot::Snapshot;

/// What the resources of a snapshot cost a month, as reports show it.
pub fn cost(snapshot: &Snapshot, prices: &PriceTable, costs: &Costs, currency: Currency) -> CostReport {
    let expected = costs.expected_in(&currency);
    report(snapshot, prices, &costs.assumptions, &expected, currency)
}
