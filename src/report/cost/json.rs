//! The bill for programs. `docs/cost.md` describes the form; its version changes only when a
//! field goes or gets another meaning.

use crate::cost::{Comparison, CostReport, Item, Sum};
use crate::price::HOURS_PER_MONTH;
use crate::report::page::json::pretty;
use crate::text::Text;
use serde_json::{Value, json};

/// The version of the form.
pub const SCHEMA_VERSION: u32 = 1;

/// The report, the same in every language.
pub(super) fn render(report: &CostReport) -> Vec<u8> {
    let amount = |usd: f64| report.currency.from_usd(usd);
    let sum = |sum: Sum| json!({ "usd": sum.usd, "amount": amount(sum.usd), "unknown_items": sum.unknown });
    let groups: Vec<Value> = report
        .bill
        .groups()
        .map(|group| {
            let Sum { usd, unknown } = report.bill.of(group);
            json!({
                "group": group.as_str(),
                "title": text(&group.title()),
                "usd": usd,
                "amount": amount(usd),
                "unknown_items": unknown,
            })
        })
        .collect();
    let items: Vec<Value> = report.bill.items.iter().map(|item| item_form(item, &amount)).collect();
    let expected: Vec<Value> = report.comparisons.iter().map(comparison).collect();
    let form = json!({
        "schema_version": SCHEMA_VERSION,
        "account": report.account,
        "taken_at": report.taken_at,
        "regions": report.regions,
        "hours_per_month": HOURS_PER_MONTH,
        "currency": { "code": report.currency.code(), "per_usd": report.currency.per_usd() },
        "total": sum(report.bill.total()),
        "groups": groups,
        "items": items,
        "expected": expected,
    });
    pretty(&form)
}

fn text(text: &Text) -> Value {
    json!({ "en": text.en, "ja": text.ja })
}

fn item_form(item: &Item, amount: &dyn Fn(f64) -> f64) -> Value {
    let usd = item.monthly_usd.usd();
    let price = item.price.as_ref().map(|price| {
        json!({
            "unit": price.unit,
            "tiers": price.tiers.iter().map(|tier| json!({ "from": tier.from, "usd": tier.usd })).collect::<Vec<_>>(),
            "service_code": price.service_code,
            "usage_type": price.usage_type,
            "sku": price.sku,
            "source": price.source,
            "as_of": price.as_of,
            "inferred": price.inferred,
        })
    });
    let because: Vec<&str> = item.monthly_usd.gaps().iter().map(|gap| gap.as_str()).collect();
    json!({
        "group": item.group.as_str(),
        "resource": item.resource,
        "region": item.region,
        "what": text(&item.what),
        "product": item.product,
        "quantity": item.quantity,
        "price": price,
        "usd": usd,
        "amount": usd.map(amount),
        "basis": text(&item.basis),
        "unknown_because": because,
        "settled_by": item.settled_by.as_ref().map(text),
    })
}

fn comparison(comparison: &Comparison) -> Value {
    json!({
        "group": comparison.group.map(crate::cost::Group::as_str),
        "expected_usd": comparison.expected_usd,
        "listed_usd": comparison.listed.usd,
        "unknown_items": comparison.listed.unknown,
        "ratio": comparison.ratio(),
        "remarks": comparison.remarks.iter().map(text).collect::<Vec<_>>(),
    })
}
