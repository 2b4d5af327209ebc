//! The bill for programs. The structs here are the form: `docs/cost.schema.json` is made from
//! them, and `docs/cost.md` describes it. Keys come in alphabetical order. The version changes
//! only when a field goes or gets another meaning.

use crate::cost::{Comparison, CostReport, Group, Item, Sum};
use crate::price::{Currency, HOURS_PER_MONTH, Price};
use crate::report::page::json::{TextForm, pretty, schema_of, sorted};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// The version of the form.
pub(crate) const SCHEMA_VERSION: u32 = 1;

/// The report, the same in every language.
pub(super) fn render(report: &CostReport) -> Vec<u8> {
    let titles: Vec<_> = report.bill.groups().map(|group| (group, group.title())).collect();
    let groups = titles.iter().map(|(group, title)| GroupForm {
        group: *group,
        title: TextForm::new(title),
        sum: SumForm::new(report.bill.of(*group), &report.currency),
    });
    pretty(&sorted(&CostForm {
        schema_version: SCHEMA_VERSION,
        account: &report.account,
        taken_at: &report.taken_at,
        regions: &report.regions,
        hours_per_month: HOURS_PER_MONTH,
        currency: CurrencyForm { code: report.currency.code(), per_usd: report.currency.per_usd() },
        total: SumForm::new(report.bill.total(), &report.currency),
        groups: groups.collect(),
        items: report.bill.items.iter().map(|item| ItemForm::new(item, &report.currency)).collect(),
        expected: report.comparisons.iter().map(ExpectedForm::new).collect(),
    }))
}

/// The JSON Schema of the form: `docs/cost.schema.json`.
pub fn schema() -> Value {
    schema_of::<CostForm<'_>>()
}

/// The output of `tenken cost --format json`, version 1: what the audited resources cost a month
/// at list price before tax. New keys may appear within a version; a removal or a change of
/// meaning raises `schema_version`.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "tenken cost")]
struct CostForm<'a> {
    /// The version of this form.
    #[schemars(extend("const" = SCHEMA_VERSION))]
    schema_version: u32,
    /// The account's twelve digits.
    #[schemars(regex(pattern = "^[0-9]{12}$"))]
    account: &'a str,
    /// When the scan began, RFC 3339 in UTC.
    #[schemars(extend("format" = "date-time"))]
    taken_at: &'a str,
    /// The regions that were asked, sorted.
    regions: &'a [String],
    /// The hours that a month is counted as.
    hours_per_month: i64,
    currency: CurrencyForm<'a>,
    /// Everything.
    total: SumForm,
    /// The parts of the bill that have items.
    groups: Vec<GroupForm<'a>>,
    /// In the order of groups, regions and resources.
    items: Vec<ItemForm<'a>>,
    /// What people expect beside it.
    expected: Vec<ExpectedForm<'a>>,
}

/// What amounts are shown in.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Currency")]
struct CurrencyForm<'a> {
    /// The currency's three letters.
    code: &'a str,
    /// How much of it a dollar buys.
    per_usd: f64,
}

/// An amount: at least so much, and whether that is all.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Sum")]
struct SumForm {
    /// US dollars of the items that are known.
    usd: f64,
    /// The same in the currency.
    amount: f64,
    /// How many items are not known; above 0, the amounts are least amounts.
    unknown_items: usize,
}

impl SumForm {
    fn new(sum: Sum, currency: &Currency) -> Self {
        SumForm { usd: sum.usd, amount: currency.convert_usd(sum.usd), unknown_items: sum.unknown }
    }
}

/// A part of the bill.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "GroupSum")]
struct GroupForm<'a> {
    group: Group,
    /// What people call it.
    title: TextForm<'a>,
    #[serde(flatten)]
    sum: SumForm,
}

/// One line of the bill.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Item")]
struct ItemForm<'a> {
    group: Group,
    /// The ARN of the resource; with `*` in place of the name where the item counts several.
    resource: &'a str,
    /// The region of the resource.
    region: &'a str,
    /// What is paid for.
    what: TextForm<'a>,
    /// The key of its price, see `prices/README.md`.
    product: &'a str,
    /// How many units a month; null where that is not known.
    quantity: Option<f64>,
    /// Where the price came from; null where there is none.
    price: Option<PriceForm<'a>>,
    /// US dollars a month; null where they are not known.
    usd: Option<f64>,
    /// The same in the currency.
    amount: Option<f64>,
    /// What the quantity is made of, or assumes.
    basis: TextForm<'a>,
    /// The ids of the gaps that keep the amount unknown.
    unknown_because: Vec<&'a str>,
    /// What would make an unknown amount known.
    settled_by: Option<TextForm<'a>>,
}

impl<'a> ItemForm<'a> {
    fn new(item: &'a Item, currency: &Currency) -> Self {
        let usd = item.monthly_usd.usd();
        ItemForm {
            group: item.group,
            resource: &item.resource,
            region: &item.region,
            what: TextForm::new(&item.what),
            product: &item.product,
            quantity: item.quantity,
            price: item.price.as_ref().map(PriceForm::new),
            usd,
            amount: usd.map(|usd| currency.convert_usd(usd)),
            basis: TextForm::new(&item.basis),
            unknown_because: item.monthly_usd.gaps().iter().map(|gap| gap.as_str()).collect(),
            settled_by: item.settled_by.as_ref().map(TextForm::new),
        }
    }
}

/// A list price.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Price")]
struct PriceForm<'a> {
    /// What is counted, for instance `hour` or `gb-month`.
    unit: &'a str,
    /// The prices by quantity in a month; the first begins at 0.
    tiers: Vec<TierForm>,
    /// AWS's code of the service, for instance `AmazonRDS`.
    service_code: &'a str,
    /// AWS's usage type, as bills show it.
    usage_type: &'a str,
    /// AWS's id of the product; null where the source did not name it.
    sku: Option<&'a str>,
    /// The kind of source: `offer file`, `Price List API` or `pricing page`.
    source: &'a str,
    /// The day of the source, for instance 2026-09-11.
    as_of: &'a str,
    /// Why it is believed, where no source states this very price; otherwise null.
    inferred: Option<&'a str>,
}

/// A price that holds from a quantity on.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Tier")]
struct TierForm {
    /// The quantity in a month above which it holds.
    from: f64,
    /// US dollars for a unit.
    usd: f64,
}

impl<'a> PriceForm<'a> {
    fn new(price: &'a Price) -> Self {
        PriceForm {
            unit: &price.unit,
            tiers: price.tiers.iter().map(|tier| TierForm { from: tier.from, usd: tier.usd }).collect(),
            service_code: &price.service_code,
            usage_type: &price.usage_type,
            sku: price.sku.as_deref(),
            source: &price.source,
            as_of: &price.as_of,
            inferred: price.inferred.as_deref(),
        }
    }
}

/// An expected amount beside the list price.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Expected")]
struct ExpectedForm<'a> {
    /// The part of the bill; null for everything.
    group: Option<Group>,
    /// US dollars that are expected.
    expected_usd: f64,
    /// What the resources cost.
    listed_usd: f64,
    /// How many items of that are not known.
    unknown_items: usize,
    /// How many times the list price is expected; null where that is nothing.
    ratio: Option<f64>,
    /// What is known about the difference.
    remarks: Vec<TextForm<'a>>,
}

impl<'a> ExpectedForm<'a> {
    fn new(comparison: &'a Comparison) -> Self {
        ExpectedForm {
            group: comparison.group,
            expected_usd: comparison.expected_usd,
            listed_usd: comparison.listed.usd,
            unknown_items: comparison.listed.unknown,
            ratio: comparison.ratio(),
            remarks: comparison.remarks.iter().map(TextForm::new).collect(),
        }
    }
}
