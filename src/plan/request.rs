//! What the user wrote, in the user's currency.

use super::context::{Deadline, Weights, Wishes};
use crate::price::{Currency, CurrencyError, Money};
use std::ops::RangeInclusive;

/// The rate at which the review that tenken reproduces counts; an assumption, always shown.
const YEN: f64 = 150.0;

/// What a peak factor may be.
pub const PEAK_FACTORS: RangeInclusive<f64> = 1.0..=1000.0;
/// What hours of work may be.
pub const STAFF_HOURS: RangeInclusive<f64> = 0.0..=100_000.0;
/// What the weight of a severity may be, in points.
pub(crate) const WEIGHTS: RangeInclusive<f64> = 0.0..=10_000.0;

/// What flags and `tenken.toml` say about the business. Everything may be missing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PlanRequest {
    /// The most that the account may cost a month.
    pub budget: Option<Money>,
    /// What it costs a month today.
    pub current_bill: Option<Money>,
    /// What an hour without the service costs.
    pub hour_down_cost: Option<Money>,
    /// How many times as busy the busiest time is.
    pub peak_factor: Option<f64>,
    /// Until when the first phases must be done.
    pub deadline: Option<Deadline>,
    /// Hours of work that there are until then.
    pub staff_hours: Option<f64>,
    /// Who approves.
    pub approver: Option<String>,
    /// The currency to show, three letters; otherwise that of the budget.
    pub currency: Option<String>,
    /// How much of it a dollar buys.
    pub rate: Option<f64>,
    /// Whether options whose price is not known may be planned beside a budget.
    pub allows_unknown_prices: Option<bool>,
    /// How much failures weigh.
    pub weights: Option<Weights>,
}

impl PlanRequest {
    /// This request, and `file` where it does not say.
    pub fn or(self, file: PlanRequest) -> PlanRequest {
        PlanRequest {
            budget: self.budget.or(file.budget),
            current_bill: self.current_bill.or(file.current_bill),
            hour_down_cost: self.hour_down_cost.or(file.hour_down_cost),
            peak_factor: self.peak_factor.or(file.peak_factor),
            deadline: self.deadline.or(file.deadline),
            staff_hours: self.staff_hours.or(file.staff_hours),
            approver: self.approver.or(file.approver),
            currency: self.currency.or(file.currency),
            rate: self.rate.or(file.rate),
            allows_unknown_prices: self.allows_unknown_prices.or(file.allows_unknown_prices),
            weights: self.weights.or(file.weights),
        }
    }

    /// The same in dollars. Yen without a rate are counted at 150 to the dollar, and the
    /// plan says so; any other currency needs a rate.
    ///
    /// # Errors
    /// A currency has no rate, or makes no sense.
    pub fn wishes(&self) -> Result<Wishes, CurrencyError> {
        let amounts = [&self.budget, &self.current_bill, &self.hour_down_cost];
        let foreign =
            amounts.into_iter().flatten().map(|money| money.code.as_str()).find(|code| *code != "USD");
        let code = self.currency.as_deref().or(foreign).map(str::to_ascii_uppercase);
        let is_rate_assumed = code.as_deref() == Some("JPY") && self.rate.is_none();
        let rate = if is_rate_assumed { Some(YEN) } else { self.rate };
        let currency = Currency::new(code.as_deref(), rate)?;
        let usd = |money: &Option<Money>| money.as_ref().map(|money| money.to_usd(&currency)).transpose();
        Ok(Wishes {
            budget_usd: usd(&self.budget)?,
            current_bill_usd: usd(&self.current_bill)?,
            hour_down_usd: usd(&self.hour_down_cost)?,
            peak_factor: self.peak_factor,
            deadline: self.deadline,
            staff_hours: self.staff_hours,
            approver: self.approver.clone(),
            is_rate_assumed,
            allows_unknown_prices: self.allows_unknown_prices.unwrap_or_default(),
            weights: self.weights.unwrap_or_default(),
            currency,
        })
    }
}
