//! What people expect to pay beside what the resources cost at list price, and where the
//! difference is known to come from.

use super::support::{SupportPhase, support_phase};
use super::{Bill, Group, Sum, both, float, month_hours};
use crate::finding::day;
use crate::price::PriceTable;
use crate::snapshot::Snapshot;
use crate::snapshot::rds::DbInstance;
use crate::snapshot::rds::vcpu_count;
use crate::text::Text;
use std::collections::BTreeMap;

/// Amounts that people expect, in US dollars a month.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Expected {
    /// Everything together.
    pub total: Option<f64>,
    /// Parts of the bill.
    pub groups: BTreeMap<Group, f64>,
}

/// An expected amount beside the list price.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The part of the bill; `None` for everything.
    pub group: Option<Group>,
    /// US dollars that are expected.
    pub expected_usd: f64,
    /// What the resources cost.
    pub listed: Sum,
    /// What is known about the difference.
    pub remarks: Vec<Text>,
}

impl Comparison {
    /// How many times the list price is expected; `None` where that is nothing.
    pub(crate) fn ratio(&self) -> Option<f64> {
        (self.listed.usd > 0.0).then(|| self.expected_usd / self.listed.usd)
    }
}

/// From here on an expectation is not explained by rounding or traffic.
const FAR_ABOVE: f64 = 1.5;

/// Compares; a part that nobody expects anything of is not in it.
pub fn compare(
    snapshot: &Snapshot,
    prices: &PriceTable,
    bill: &Bill,
    expected: &Expected,
) -> Vec<Comparison> {
    let of_group = |(group, usd): (&Group, &f64)| {
        let listed = bill.of(*group);
        let mut comparison =
            Comparison { group: Some(*group), expected_usd: *usd, listed, remarks: Vec::new() };
        let is_far_above = comparison.ratio().is_some_and(|ratio| ratio >= FAR_ABOVE);
        match group {
            Group::Rds if is_far_above => comparison.remarks = databases(snapshot, prices, bill),
            Group::DataTransfer => comparison.remarks.extend(transfer(bill, *usd)),
            _ => {}
        }
        comparison.remarks.extend(unknown(bill, *group));
        comparison
    };
    let mut comparisons: Vec<Comparison> = expected.groups.iter().map(of_group).collect();
    if let Some(expected_usd) = expected.total {
        comparisons.push(Comparison { group: None, expected_usd, listed: bill.total(), remarks: Vec::new() });
    }
    comparisons
}

// The one charge that multiplies the bill of a small instance is Extended Support.
fn databases(snapshot: &Snapshot, prices: &PriceTable, bill: &Bill) -> Vec<Text> {
    let day = day(&snapshot.taken_at);
    let instances = snapshot.rds.db_instances.iter();
    let is_billed = |db: &&DbInstance| bill.items.iter().any(|item| item.resource == db.arn);
    let remarks = instances.filter(is_billed).filter_map(|db| {
        let (version, class) = (db.engine_version.known()?, db.instance_class.known()?);
        let phase = support_phase(&db.engine, version, day?)?;
        let vcpus = vcpu_count(class)?;
        let product = format!("rds-extended-support-vcpu-hour/{}/years-1-2", db.engine);
        let rate = prices.find(&product, &db.region)?.usd();
        let single = float(vcpus) * month_hours() * rate;
        let id = &db.id;
        Some(match phase {
            SupportPhase::Standard { until } => both(
                &format!(
                    "Extended Support would add ${single:.2} a month to a {class} (${:.2} with a standby), but {id} runs {} {version}, which is in standard support until {until}. Nothing else in its configuration comes close to the expected amount.",
                    single * 2.0, db.engine
                ),
                &format!(
                    "延長サポートなら {class} に月 ${single:.2}（スタンバイ込みで ${:.2}）が加わるが、{id} の {} {version} は {until} まで標準サポート期間内であり、該当しない。設定からわかる範囲で、想定額に近づく要因はほかにない。",
                    single * 2.0, db.engine
                ),
            ),
            SupportPhase::YearsOneAndTwo { .. } | SupportPhase::YearThree { .. } => both(
                &format!("Extended Support is included: {id} runs {} {version}. An upgrade removes it.", db.engine),
                &format!("延長サポートの料金を含む。{id} は {} {version} で稼働しており、アップグレードすれば課金されなくなる。", db.engine),
            ),
        })
    });
    remarks.collect()
}

// An amount of money for transfer is a number of gigabytes.
fn transfer(bill: &Bill, expected_usd: f64) -> Option<Text> {
    let item = bill.items.iter().find(|item| item.group == Group::DataTransfer)?;
    let rate = item.price.as_ref()?.usd();
    let gb = expected_usd / rate + 100.0;
    Some(both(
        &format!("the price of {gb:.0} GB to the internet, at ${rate} a GB after the 100 free ones"),
        &format!(
            "インターネットへの転送 {gb:.0} GB 分に相当する（無料の 100 GB を超える分は 1 GB 当たり ${rate}）"
        ),
    ))
}

fn unknown(bill: &Bill, group: Group) -> Option<Text> {
    let unknown: Vec<_> = bill
        .items
        .iter()
        .filter(|item| item.group == group && item.monthly_usd.usd().is_none())
        .map(|item| &item.what)
        .collect();
    if unknown.is_empty() {
        return None;
    }
    let mut en: Vec<&str> = unknown.iter().map(|what| what.en.as_str()).collect();
    let mut ja: Vec<&str> = unknown.iter().map(|what| what.ja.as_str()).collect();
    en.dedup();
    ja.dedup();
    Some(both(
        &format!("not in the list price, because unknown: {}", en.join(", ")),
        &format!("不明のため定価に含まれないもの: {}", ja.join("、")),
    ))
}
