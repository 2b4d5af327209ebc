//! What is known about the business, and what a plan assumes where nobody said.

use crate::finding::{Pillar, Severity};
use crate::price::Currency;
use crate::text::{Invalid, quoted};
use jiff::civil::Date;

/// What the user said. Everything may be missing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wishes {
    /// The most that the account may cost a month, in dollars.
    pub budget_usd: Option<f64>,
    /// What it costs a month today, in dollars.
    pub current_bill_usd: Option<f64>,
    /// What an hour without the service costs, in dollars.
    pub hour_down_usd: Option<f64>,
    /// How many times as busy the busiest time is.
    pub peak_factor: Option<f64>,
    /// Until when the first phases must be done.
    pub deadline: Option<Deadline>,
    /// Hours of work that there are until then.
    pub staff_hours: Option<f64>,
    /// Who approves.
    pub approver: Option<String>,
    /// How amounts are shown.
    pub currency: Currency,
    /// Whether nobody named the rate of the currency, so that it is an assumption.
    pub is_rate_assumed: bool,
    /// Whether options whose price is not known may be planned beside a budget.
    pub allows_unknown_prices: bool,
    /// How much failures weigh.
    pub weights: Weights,
}

/// A day, or a time from the day of the scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deadline {
    /// The last day.
    Day(Date),
    /// As many days after the scan.
    Days(i64),
}

impl std::str::FromStr for Deadline {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let form = || {
            let text = quoted(text);
            Invalid::new(
                format!(
                    "`{text}` is not a deadline; write a date like 2027-03-31, or a period like 4w or 30d"
                ),
                format!(
                    "`{text}` は期限として読めない。2027-03-31 のような日付、または 4w や 30d のような期間で指定する"
                ),
            )
        };
        let counted = |days: i64| {
            let number = text.get(..text.len() - 1).and_then(|number| number.parse::<i64>().ok());
            number.filter(|number| (1..=520).contains(number)).map(|number| Deadline::Days(number * days))
        };
        match text.chars().last() {
            Some('w') => counted(7).ok_or_else(form),
            Some('d') => counted(1).ok_or_else(form),
            _ => text.parse().map(Deadline::Day).map_err(|_| form()),
        }
    }
}

/// How much the failure of a policy weighs, by its severity, in points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    /// For critical.
    pub critical: f64,
    /// For high.
    pub high: f64,
    /// For medium.
    pub medium: f64,
    /// For low.
    pub low: f64,
    /// For info.
    pub info: f64,
}

impl Default for Weights {
    fn default() -> Self {
        Weights { critical: 100.0, high: 40.0, medium: 10.0, low: 3.0, info: 1.0 }
    }
}

impl Weights {
    /// The weight of a severity.
    pub fn of(&self, severity: Severity) -> f64 {
        match severity {
            Severity::Critical => self.critical,
            Severity::High => self.high,
            Severity::Medium => self.medium,
            Severity::Low => self.low,
            Severity::Info => self.info,
        }
    }

    /// Gives a severity another weight.
    pub fn set(&mut self, severity: Severity, points: f64) {
        *match severity {
            Severity::Critical => &mut self.critical,
            Severity::High => &mut self.high,
            Severity::Medium => &mut self.medium,
            Severity::Low => &mut self.low,
            Severity::Info => &mut self.info,
        } = points;
    }
}

/// Something the plan took for granted because nobody said.
#[derive(Debug, Clone, PartialEq)]
pub enum Assumption {
    /// There is no limit.
    NoBudget,
    /// A dollar is worth this much.
    Rate {
        /// The currency's three letters.
        code: String,
        /// How much of it a dollar buys.
        per_usd: f64,
    },
    /// Today's bill is what the audited resources cost at list price.
    ListPrices {
        /// Whether every item of it has a price; otherwise it is more.
        is_complete: bool,
    },
    /// Nobody knows today's bill, so the whole budget counts as free.
    NoBill,
    /// The deadline.
    Deadline(Date),
    /// The hours of work until the deadline.
    StaffHours(f64),
    /// Every hour is worth the same.
    NoPeak,
    /// An hour down has no price, so that nothing can be set against it.
    NoHourDown,
}

/// What a plan is made for: wishes, with assumptions in place of what is missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Context {
    /// What the user said.
    pub wishes: Wishes,
    /// The day of the scan.
    pub today: Date,
    /// The last day of the first phases.
    pub deadline: Date,
    /// The hours of work until then.
    pub staff_hours: f64,
    /// Today's bill a month in dollars, where it is known.
    pub bill_usd: Option<f64>,
    /// What was assumed, in the order of reports.
    pub assumptions: Vec<Assumption>,
}

/// The weeks until a deadline that nobody named.
const WEEKS: i64 = 4;
/// The hours a week that one engineer finds for it beside the daily work.
const HOURS_A_WEEK: f64 = 10.0;
/// An hour down counts for as many monthly budgets at most.
const MOST_BUDGETS: f64 = 3.0;

impl Context {
    /// Completes the wishes. `listed_usd` is what the audited resources cost at list price.
    pub fn new(wishes: Wishes, today: Date, listed: Option<&super::Today>) -> Context {
        let mut assumptions = Vec::new();
        if wishes.is_rate_assumed {
            let code = wishes.currency.code().to_owned();
            assumptions.push(Assumption::Rate { code, per_usd: wishes.currency.per_usd() });
        }
        if wishes.budget_usd.is_none() {
            assumptions.push(Assumption::NoBudget);
        }
        let bill_usd = wishes.current_bill_usd.or(listed.map(|today| today.total_usd()));
        if wishes.current_bill_usd.is_none() {
            assumptions.push(match listed {
                Some(today) => Assumption::ListPrices { is_complete: today.is_complete() },
                None => Assumption::NoBill,
            });
        }
        let after = |days: i64| today.checked_add(jiff::Span::new().days(days)).unwrap_or(Date::MAX);
        let deadline = match wishes.deadline {
            Some(Deadline::Day(day)) => day,
            Some(Deadline::Days(days)) => after(days),
            None => {
                let deadline = after(WEEKS * 7);
                assumptions.push(Assumption::Deadline(deadline));
                deadline
            }
        };
        let staff_hours = wishes.staff_hours.unwrap_or_else(|| {
            let days = today.until(deadline).map_or(0, |span| span.get_days()).max(0);
            // Half hours say that it is an estimate.
            let hours = (f64::from(days) / 7.0 * HOURS_A_WEEK * 2.0).round() / 2.0;
            assumptions.push(Assumption::StaffHours(hours));
            hours
        });
        if wishes.peak_factor.is_none() {
            assumptions.push(Assumption::NoPeak);
        }
        if wishes.hour_down_usd.is_none() {
            assumptions.push(Assumption::NoHourDown);
        }
        Context { wishes, today, deadline, staff_hours, bill_usd, assumptions }
    }

    /// What may be spent a month on top of today; `None` without a budget.
    pub fn headroom_usd(&self) -> Option<f64> {
        self.wishes.budget_usd.map(|budget| budget - self.bill_usd.unwrap_or_default())
    }

    /// How much a failure weighs, in points. What keeps the service up weighs more where
    /// peaks are high and an hour down is dear.
    pub(crate) fn points(&self, severity: Severity, pillar: Pillar) -> f64 {
        let weight = self.wishes.weights.of(severity);
        if matches!(pillar, Pillar::Reliability) { weight * self.reliability_factor() } else { weight }
    }

    /// The factor for the pillar reliability: the peak factor, times one more for each
    /// monthly budget (or bill) that an hour down costs, up to three.
    pub(crate) fn reliability_factor(&self) -> f64 {
        let month = self.wishes.budget_usd.or(self.bill_usd).filter(|usd| *usd > 0.0);
        let budgets = match (self.wishes.hour_down_usd, month) {
            (Some(hour), Some(month)) => (hour / month).min(MOST_BUDGETS),
            _ => 0.0,
        };
        self.wishes.peak_factor.unwrap_or(1.0).max(1.0) * (1.0 + budgets)
    }

    /// Hours of outage a month that cost as much as `usd` a month: what the money must
    /// prevent to pay for itself.
    pub(crate) fn break_even_hours(&self, usd: f64) -> Option<f64> {
        let hour = self.wishes.hour_down_usd.filter(|hour| *hour > 0.0)?;
        (usd > 0.0).then_some(usd / hour)
    }
}
