//! What the audited resources cost a month at list price, item by item.
//!
//! An item is a quantity and a unit price. Where one of the two is not known the item is
//! unknown, says what would settle it, and the total is a least amount. Quantities that only
//! a bill or a metric knows (requests, gigabytes) come from the snapshot's metrics or from what
//! the user assumes; nothing is assumed silently.

mod database;
mod expected;
mod fargate;
mod network;
mod support;
mod traffic;
mod watch;

pub use expected::{Comparison, Expected, compare};

use crate::finding::MonthlyCost;
use crate::price::{self, Currency, HOURS_PER_MONTH, PriceTable, missing_price};
use crate::snapshot::{GapId, Listing, OwnReason, Snapshot};
use crate::text::Text;
use schemars::JsonSchema;
use serde::Serialize;

/// A part of the bill, as AWS's own bills are divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// Load balancers.
    LoadBalancing,
    /// ECS tasks on Fargate.
    Fargate,
    /// Databases.
    Rds,
    /// Secrets.
    SecretsManager,
    /// Web ACLs.
    Waf,
    /// Alarms, Container Insights, logs.
    #[serde(rename = "cloudwatch")]
    CloudWatch,
    /// NAT gateways, endpoints, public addresses.
    Network,
    /// To the internet.
    DataTransfer,
    /// Distributions.
    #[serde(rename = "cloudfront")]
    CloudFront,
    /// Images.
    Ecr,
}

impl Group {
    /// Every group, in the order of reports.
    pub const ALL: [Group; 10] = [
        Group::LoadBalancing,
        Group::Fargate,
        Group::Rds,
        Group::SecretsManager,
        Group::Waf,
        Group::CloudWatch,
        Group::Network,
        Group::DataTransfer,
        Group::CloudFront,
        Group::Ecr,
    ];

    /// As JSON and `tenken.toml` write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Group::LoadBalancing => "load-balancing",
            Group::Fargate => "fargate",
            Group::Rds => "rds",
            Group::SecretsManager => "secrets-manager",
            Group::Waf => "waf",
            Group::CloudWatch => "cloudwatch",
            Group::Network => "network",
            Group::DataTransfer => "data-transfer",
            Group::CloudFront => "cloudfront",
            Group::Ecr => "ecr",
        }
    }

    /// What people call it.
    pub fn title(self) -> Text {
        let (en, ja) = match self {
            Group::LoadBalancing => ("Load balancers", "ロードバランサー"),
            Group::Fargate => ("ECS Fargate", "ECS Fargate"),
            Group::Rds => ("RDS", "RDS"),
            Group::SecretsManager => ("Secrets Manager", "Secrets Manager"),
            Group::Waf => ("AWS WAF", "AWS WAF"),
            Group::CloudWatch => ("CloudWatch", "CloudWatch"),
            Group::Network => {
                ("NAT, endpoints and public addresses", "NAT・エンドポイント・パブリック IP アドレス")
            }
            Group::DataTransfer => ("Data transfer", "データ転送"),
            Group::CloudFront => ("CloudFront", "CloudFront"),
            Group::Ecr => ("ECR", "ECR"),
        };
        both(en, ja)
    }
}

/// One line of the bill.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The part of the bill.
    pub group: Group,
    /// The ARN of the resource; with `*` in place of the name where the item counts several.
    pub resource: String,
    /// The region.
    pub region: String,
    /// What is paid for.
    pub what: Text,
    /// The key of its price, see `prices/README.md`.
    pub product: String,
    /// How many units a month, where that is known.
    pub quantity: Option<f64>,
    /// Where the price came from, where there is one.
    pub price: Option<price::Price>,
    /// The amount.
    pub monthly_usd: MonthlyCost,
    /// What the quantity is made of, or assumes.
    pub basis: Text,
    /// What would make an unknown amount known.
    pub settled_by: Option<Text>,
}

/// What the audited resources cost a month.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bill {
    /// In the order of groups, regions and resources.
    pub items: Vec<Item>,
}

/// A bill and what a report says around it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CostReport {
    /// The account's twelve digits.
    pub account: String,
    /// When the scan began, RFC 3339 in UTC.
    pub taken_at: String,
    /// The regions that were asked, sorted.
    pub regions: Vec<String>,
    /// What the resources cost.
    pub bill: Bill,
    /// What people expect beside it.
    pub comparisons: Vec<Comparison>,
    /// What the amounts are shown in.
    pub currency: Currency,
}

/// The bill of a snapshot, as reports show it.
pub fn report(
    snapshot: &Snapshot,
    prices: &PriceTable,
    assumptions: &Assumptions,
    expected: &Expected,
    currency: Currency,
) -> CostReport {
    let bill = bill(snapshot, prices, assumptions);
    CostReport {
        account: snapshot.account.clone(),
        taken_at: snapshot.taken_at.clone(),
        regions: snapshot.regions.clone(),
        comparisons: compare(snapshot, prices, &bill, expected),
        bill,
        currency,
    }
}

/// What an amount is known to be: at least so much, and whether that is all.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sum {
    /// US dollars of the items that are known.
    pub usd: f64,
    /// How many items are not.
    pub unknown: usize,
}

impl Bill {
    /// Everything.
    pub fn total(&self) -> Sum {
        sum(self.items.iter())
    }

    /// One part.
    pub fn of(&self, group: Group) -> Sum {
        sum(self.items.iter().filter(|item| item.group == group))
    }

    /// The parts that have items, in the order of reports.
    pub fn groups(&self) -> impl Iterator<Item = Group> + '_ {
        let has_items = |group: &Group| self.items.iter().any(|item| item.group == *group);
        Group::ALL.into_iter().filter(has_items)
    }

    /// The days of the oldest and the newest price in it.
    pub(crate) fn price_days(&self) -> Option<(&str, &str)> {
        let days =
            || self.items.iter().filter_map(|item| item.price.as_ref()).map(|price| price.as_of.as_str());
        Some((days().min()?, days().max()?))
    }
}

fn sum<'a>(items: impl Iterator<Item = &'a Item>) -> Sum {
    let mut sum = Sum::default();
    for item in items {
        match item.monthly_usd.usd() {
            Some(usd) => sum.usd += usd,
            None => sum.unknown += 1,
        }
    }
    sum
}

/// Quantities of a month that the configuration of an account does not show. `None`: not assumed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Assumptions {
    /// Load balancer capacity units that each load balancer uses on average.
    pub average_lcus: Option<f64>,
    /// Gigabytes to the internet, in each region that is reachable from there.
    pub data_out_gb: Option<f64>,
    /// Gigabytes through each NAT gateway.
    pub nat_gb: Option<f64>,
    /// Gigabytes of logs taken in, in each region.
    pub log_ingestion_gb: Option<f64>,
    /// Requests that each web ACL looks at.
    pub waf_requests: Option<f64>,
    /// Gigabytes of images, in each region.
    pub image_gb: Option<f64>,
    /// Gigabytes of backups beyond the size of the databases, in each region.
    pub backup_gb: Option<f64>,
    /// Custom metrics that Container Insights makes of each cluster.
    pub insights_metrics: Option<f64>,
}

impl Assumptions {
    /// The keys under `[cost]` of `tenken.toml`, each with an example.
    pub(crate) const KEYS: [(&'static str, &'static str); 8] = [
        ("average_lcus", "0.5"),
        ("data_out_gb", "1000"),
        ("nat_gb", "50"),
        ("log_ingestion_gb", "5"),
        ("waf_requests", "3000000"),
        ("image_gb", "10"),
        ("backup_gb", "20"),
        ("insights_metrics", "40"),
    ];

    /// Assumes a quantity under its key; another key changes nothing.
    pub fn set(&mut self, key: &str, value: f64) {
        let place = match key {
            "average_lcus" => &mut self.average_lcus,
            "data_out_gb" => &mut self.data_out_gb,
            "nat_gb" => &mut self.nat_gb,
            "log_ingestion_gb" => &mut self.log_ingestion_gb,
            "waf_requests" => &mut self.waf_requests,
            "image_gb" => &mut self.image_gb,
            "backup_gb" => &mut self.backup_gb,
            "insights_metrics" => &mut self.insights_metrics,
            _ => return,
        };
        *place = Some(value);
    }
}

/// What the resources of a snapshot cost a month at these prices.
pub(crate) fn bill(snapshot: &Snapshot, prices: &PriceTable, assumptions: &Assumptions) -> Bill {
    let mut draft = Draft { snapshot, prices, assumptions, items: Vec::new() };
    network::load_balancers(&mut draft);
    fargate::tasks(&mut draft);
    database::databases(&mut draft);
    watch::secrets(&mut draft);
    watch::web_acls(&mut draft);
    watch::cloudwatch(&mut draft);
    network::network(&mut draft);
    network::edge(&mut draft);
    let key = |item: &Item| (item.group, item.region.clone(), item.resource.clone());
    draft.items.sort_by_key(key);
    Bill { items: draft.items }
}

/// A bill that is being written.
struct Draft<'a> {
    snapshot: &'a Snapshot,
    prices: &'a PriceTable,
    assumptions: &'a Assumptions,
    items: Vec<Item>,
}

/// Where an item belongs.
#[derive(Clone, Copy)]
struct CostPlace<'p> {
    group: Group,
    resource: &'p str,
    region: &'p str,
}

/// How many units a month.
enum Quantity {
    /// As many.
    Units(f64),
    /// AWS would not say.
    Hidden(GapId),
    /// Only a metric, a bill or the user knows.
    Usage(Usage),
}

/// A quantity that the configuration of an account does not show.
#[derive(Clone, Copy)]
struct Usage {
    /// The key of `[cost]` that says it; `None` where tenken does not take it in.
    key: Option<&'static str>,
    /// Where it can be read, in English and Japanese.
    from: (&'static str, &'static str),
}

impl Quantity {
    /// What the user assumes under `key`, or that nobody knows.
    fn assumed(assumption: Option<f64>, key: &'static str, from: (&'static str, &'static str)) -> Quantity {
        assumption.map_or(Quantity::Usage(Usage { key: Some(key), from }), Quantity::Units)
    }

    /// A quantity that tenken does not take in.
    fn uncounted(from: (&'static str, &'static str)) -> Quantity {
        Quantity::Usage(Usage { key: None, from })
    }
}

impl Draft<'_> {
    fn add(&mut self, place: CostPlace<'_>, what: Text, product: &str, quantity: Quantity, basis: Text) {
        let price = self.prices.ask(product, place.region);
        let units = match &quantity {
            Quantity::Units(units) => Some(*units),
            Quantity::Hidden(_) | Quantity::Usage(_) => None,
        };
        let mut gaps = Vec::new();
        if let Quantity::Hidden(gap) = &quantity {
            gaps.push(gap.clone());
        }
        if let Err(gap) = &price {
            gaps.push(gap.clone());
        }
        let monthly_usd = match (units, &price) {
            (Some(units), Ok(price)) => MonthlyCost::Usd(price.cost(units)),
            _ => MonthlyCost::Unknown(gaps.clone()),
        };
        let settled_by = match monthly_usd {
            MonthlyCost::Usd(_) => None,
            MonthlyCost::Unknown(_) => Some(settled_by(&quantity, &gaps)),
        };
        self.items.push(Item {
            group: place.group,
            resource: place.resource.to_owned(),
            region: place.region.to_owned(),
            what,
            product: product.to_owned(),
            quantity: units,
            price: price.ok().cloned(),
            monthly_usd,
            basis,
            settled_by,
        });
    }

    /// An item for whatever a list would have named and does not.
    fn add_incomplete<T>(&mut self, group: Group, listing: &Listing<T>, what: (&str, &str)) {
        for gap in &listing.incomplete {
            let resource = self.every(gap.service(), gap.region(), "*");
            self.items.push(Item {
                group,
                resource,
                region: gap.region().to_owned(),
                what: both(
                    &format!("{} that AWS did not list", what.0),
                    &format!("一覧を取得できなかった{}", what.1),
                ),
                product: String::new(),
                quantity: None,
                price: None,
                monthly_usd: MonthlyCost::Unknown(vec![gap.clone()]),
                basis: Text::default(),
                settled_by: Some(settled_by(&Quantity::Hidden(gap.clone()), &[])),
            });
        }
    }

    /// The ARN of all resources of a kind in a region.
    fn every(&self, service: &str, region: &str, resource: &str) -> String {
        crate::arn::arn(&self.snapshot.partition, service, region, &self.snapshot.account, resource)
    }
}

fn settled_by(quantity: &Quantity, gaps: &[GapId]) -> Text {
    let (mut en, mut ja) = (Vec::new(), Vec::new());
    match quantity {
        Quantity::Usage(Usage { key: Some(key), from }) => {
            en.push(format!("{}, written as `{key}` under [cost] in tenken.toml", from.0));
            ja.push(format!("{}を tenken.toml の [cost] に `{key}` として記載", from.1));
        }
        Quantity::Usage(Usage { key: None, from }) => {
            en.push(from.0.to_owned());
            ja.push(from.1.to_owned());
        }
        Quantity::Hidden(gap) => {
            let was_asked = gap.own_reason() != Some(OwnReason::NeverAsked);
            en.push(match was_asked {
                true => format!("an answer of {}", gap.operation()),
                false => "an answer to a question that was not asked".to_owned(),
            });
            ja.push(match was_asked {
                true => format!("{} への回答", gap.operation()),
                false => "行われなかった問い合わせへの回答".to_owned(),
            });
        }
        Quantity::Units(_) => {}
    }
    if let Some((product, region)) = gaps.iter().find_map(missing_price) {
        en.push(format!("a price for {product} in {region} (--live-prices asks AWS)"));
        ja.push(format!("{region} の {product} の単価（--live-prices で AWS に照会）"));
    }
    Text { en: en.join("; "), ja: ja.join("、") }
}

fn both(en: &str, ja: &str) -> Text {
    Text { en: en.to_owned(), ja: ja.to_owned() }
}

// What an assumption is shown as.
fn basis_of(assumption: Option<f64>, unit: &str) -> Text {
    match assumption {
        Some(value) => both(&format!("assumed: {value} {unit}"), &format!("仮定: {value} {unit}")),
        None => both("", ""),
    }
}

/// The hours of a month as a quantity.
fn month_hours() -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "730 is exact")]
    let hours = HOURS_PER_MONTH as f64;
    hours
}

#[expect(clippy::cast_precision_loss, reason = "counts of resources, sizes and bytes are below 2^53")]
fn float(count: i64) -> f64 {
    count as f64
}

fn count(items: usize) -> f64 {
    float(i64::try_from(items).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
