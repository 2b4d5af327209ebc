//! Questions to the Price List API and what its answers mean.
//!
//! A wrong filter is answered with an empty list, not with an error, and filters that look
//! exact still let products of other kinds through: trust stores and Outposts of load
//! balancers, Extended Support of databases. Therefore every answer is checked again here, by
//! its usage type without the region's prefix, and whatever is not exactly one price is none.

use super::{Price, Tier};
use crate::text::{Explained, Text};
use serde_json::Value;

/// The nearest of the three regions that the Price List API is in.
pub fn api_region(region: &str) -> &'static str {
    match region.split('-').next() {
        Some("eu" | "me" | "af" | "il") => "eu-central-1",
        Some("ap") => "ap-south-1",
        _ => "us-east-1",
    }
}

/// A question for one price.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceQuestion {
    /// The key of the product.
    pub product: String,
    /// The region that it is sold in.
    pub region: String,
    /// AWS's code of the service.
    pub service_code: &'static str,
    /// Attributes that the products must have: name and value.
    pub filters: Vec<(&'static str, String)>,
    usage: UsageType,
    unit: &'static str,
    /// Engines whose rows count, where there are rows for several: the exact one first.
    engines: Vec<&'static str>,
}

/// The usage type without the region's prefix.
#[derive(Debug, Clone, PartialEq)]
enum UsageType {
    /// One of these; the first that the answer has.
    Exact(Vec<String>),
    /// Whatever begins so: the major versions of an engine have a usage type each.
    Begins(String),
}

/// Why an answer gives no price.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.what().en)]
pub enum NoPrice {
    /// The service has no such product there, or the filters do not fit it any more.
    Empty(String),
    /// Several, at different prices.
    Ambiguous(String),
    /// The unit is not the one that tenken counts in.
    Unit(String),
    /// Not what the API's documentation promises.
    Unreadable,
}

impl Explained for NoPrice {
    fn what(&self) -> Text {
        match self {
            NoPrice::Empty(usage) => {
                Text::new(format!("no product of {usage} matches"), format!("{usage} に該当する製品がない"))
            }
            NoPrice::Ambiguous(prices) => Text::new(
                format!("several prices match: {prices}"),
                format!("該当する単価が複数ある: {prices}"),
            ),
            NoPrice::Unit(unit) => {
                Text::new(format!("it is sold by {unit}"), format!("単位が異なる（{unit}）"))
            }
            NoPrice::Unreadable => Text::new("the answer cannot be read", "応答を解釈できない"),
        }
    }
}

/// The question for a product; `None` for products that the list does not have, as Spot, and
/// for keys that nothing is known of.
pub fn question(product: &str, region: &str) -> Option<PriceQuestion> {
    let parts: Vec<&str> = product.split('/').collect();
    let simple = |service_code, suffixes: &[&str], unit, filters: &[(&'static str, &str)]| {
        Some(PriceQuestion {
            product: product.to_owned(),
            region: region.to_owned(),
            service_code,
            filters: filters.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
            usage: UsageType::Exact(suffixes.iter().map(|suffix| (*suffix).to_owned()).collect()),
            unit,
            engines: Vec::new(),
        })
    };
    const ALB: (&str, &str) = ("productFamily", "Load Balancer-Application");
    const NLB: (&str, &str) = ("productFamily", "Load Balancer-Network");
    const NAT: (&str, &str) = ("productFamily", "NAT Gateway");
    let question = match parts.as_slice() {
        ["alb-hour"] => simple("AWSELB", &["LoadBalancerUsage"], "hour", &[ALB]),
        ["alb-lcu-hour"] => simple("AWSELB", &["LCUUsage"], "lcu-hour", &[ALB]),
        ["nlb-hour"] => simple("AWSELB", &["LoadBalancerUsage"], "hour", &[NLB]),
        ["nlb-lcu-hour"] => simple("AWSELB", &["LCUUsage"], "lcu-hour", &[NLB]),
        ["fargate-vcpu-hour", "x86-64"] => {
            simple("AmazonECS", &["Fargate-vCPU-Hours:perCPU"], "vcpu-hour", &[])
        }
        ["fargate-vcpu-hour", "arm64"] => {
            simple("AmazonECS", &["Fargate-ARM-vCPU-Hours:perCPU"], "vcpu-hour", &[])
        }
        ["fargate-gb-hour", "x86-64"] => simple("AmazonECS", &["Fargate-GB-Hours"], "gb-hour", &[]),
        ["fargate-gb-hour", "arm64"] => simple("AmazonECS", &["Fargate-ARM-GB-Hours"], "gb-hour", &[]),
        ["rds-backup-gb-month"] => simple("AmazonRDS", &["RDS:ChargedBackupUsage"], "gb-month", &[]),
        ["secret-month"] => simple("AWSSecretsManager", &["AWSSecretsManager-Secrets"], "month", &[]),
        ["secret-request"] => simple("AWSSecretsManager", &["AWSSecretsManagerAPIRequest"], "request", &[]),
        ["waf-web-acl-month"] => simple("awswaf", &["WebACLV2", "WebACL"], "month", &[]),
        ["waf-rule-month"] => simple("awswaf", &["RuleV2", "Rule"], "month", &[]),
        ["waf-request"] => simple("awswaf", &["RequestV2-Tier1", "RequestV2", "Request"], "request", &[]),
        ["cloudwatch-alarm-month"] => simple("AmazonCloudWatch", &["CW:AlarmMonitorUsage"], "month", &[]),
        ["cloudwatch-high-resolution-alarm-month"] => {
            simple("AmazonCloudWatch", &["CW:HighResAlarmMonitorUsage"], "month", &[])
        }
        ["cloudwatch-metric-month"] => simple("AmazonCloudWatch", &["CW:MetricMonitorUsage"], "month", &[]),
        ["logs-ingestion-gb"] => simple("AmazonCloudWatch", &["DataProcessing-Bytes"], "gb", &[]),
        ["logs-storage-gb-month"] => simple("AmazonCloudWatch", &["TimedStorage-ByteHrs"], "gb-month", &[]),
        ["nat-gateway-hour"] => simple("AmazonEC2", &["NatGateway-Hours"], "hour", &[NAT]),
        ["nat-gateway-gb"] => simple("AmazonEC2", &["NatGateway-Bytes"], "gb", &[NAT]),
        ["vpc-endpoint-hour"] => simple("AmazonVPC", &["VpcEndpoint-Hours"], "hour", &[]),
        ["vpc-endpoint-gb"] => simple("AmazonVPC", &["VpcEndpoint-Bytes"], "gb", &[]),
        ["public-ipv4-hour"] => simple("AmazonVPC", &["PublicIPv4:InUseAddress"], "hour", &[]),
        ["ecr-storage-gb-month"] => simple("AmazonECR", &["TimedStorage-ByteHrs"], "gb-month", &[]),
        ["s3-storage-gb-month"] => simple("AmazonS3", &["TimedStorage-ByteHrs"], "gb-month", &[]),
        ["s3-put-request"] => simple("AmazonS3", &["Requests-Tier1"], "request", &[]),
        ["s3-get-request"] => simple("AmazonS3", &["Requests-Tier2"], "request", &[]),
        ["kms-key-month"] => simple("awskms", &["KMS-Keys"], "month", &[]),
        // Transfer belongs to no region; it has one that it comes from.
        ["data-out-gb"] => {
            let from = [("fromRegionCode", region), ("transferType", "AWS Outbound")];
            return simple("AWSDataTransfer", &["DataTransfer-Out-Bytes"], "gb", &from);
        }
        ["rds-instance-hour" | "rds-storage-gb-month" | "rds-extended-support-vcpu-hour", ..] => {
            database(product, region, &parts)
        }
        _ => None,
    };
    question.map(|mut question| {
        question.filters.push(("regionCode", region.to_owned()));
        question
    })
}

fn database(product: &str, region: &str, parts: &[&str]) -> Option<PriceQuestion> {
    let engine = |key: &str| {
        Some(match key {
            "postgres" => "PostgreSQL",
            "mysql" => "MySQL",
            "mariadb" => "MariaDB",
            "aurora-postgresql" => "Aurora PostgreSQL",
            "aurora-mysql" => "Aurora MySQL",
            _ => return None,
        })
    };
    let zones = |key: &str| {
        Some(match key {
            "single-az" => (false, "Single-AZ"),
            "multi-az" => (true, "Multi-AZ"),
            _ => return None,
        })
    };
    let question = |filters, usage, unit, engines| {
        let (product, region) = (product.to_owned(), region.to_owned());
        Some(PriceQuestion { product, region, service_code: "AmazonRDS", filters, usage, unit, engines })
    };
    match parts {
        ["rds-instance-hour", key, class, zone] => {
            let (engine, (is_multi, word)) = (engine(key)?, zones(zone)?);
            let suffix =
                if is_multi { format!("Multi-AZUsage:{class}") } else { format!("InstanceUsage:{class}") };
            let filters = vec![
                ("databaseEngine", engine.to_owned()),
                ("deploymentOption", word.to_owned()),
                ("instanceType", (*class).to_owned()),
            ];
            question(filters, UsageType::Exact(vec![suffix]), "hour", vec![engine])
        }
        ["rds-storage-gb-month", key, kind @ ("gp2" | "gp3"), zone] => {
            let (engine, (is_multi, _)) = (engine(key)?, zones(zone)?);
            let between = if is_multi { "Multi-AZ-" } else { "" };
            let suffix = format!("RDS:{between}{}-Storage", kind.to_ascii_uppercase());
            // Some rows of storage with a standby are for any engine.
            question(Vec::new(), UsageType::Exact(vec![suffix]), "gb-month", vec![engine, "Any"])
        }
        ["rds-extended-support-vcpu-hour", key, years] => {
            let years = match *years {
                "years-1-2" => "Yr1-Yr2",
                "year-3" => "Yr3",
                _ => return None,
            };
            let name = engine(key)?.replace(' ', "");
            let usage = UsageType::Begins(format!("ExtendedSupport:{years}:{name}"));
            question(Vec::new(), usage, "vcpu-hour", Vec::new())
        }
        _ => None,
    }
}

/// A product of an answer that the question is about.
struct ListedPrice {
    usage_type: String,
    sku: Option<String>,
    engine: String,
    unit: String,
    tiers: Vec<Tier>,
}

impl PriceQuestion {
    /// The price in an answer: the strings of all its pages.
    ///
    /// # Errors
    /// Why there is none, or not one.
    pub fn read(&self, answer: &[String], day: &str) -> Result<Price, NoPrice> {
        let mut candidates = Vec::new();
        for text in answer {
            let value: Value = serde_json::from_str(text).map_err(|_| NoPrice::Unreadable)?;
            let attribute = |name: &str| value.pointer("/product/attributes")?.get(name)?.as_str();
            let Some(usage_type) = attribute("usagetype") else {
                continue;
            };
            if let Some(rank) = self.rank(usage_type)
                && attribute("locationType").is_none_or(|kind| kind == "AWS Region")
                && let Some((unit, tiers)) = on_demand(&value)
            {
                let engine = attribute("databaseEngine").unwrap_or_default().to_owned();
                let sku = value.pointer("/product/sku").and_then(Value::as_str).map(str::to_owned);
                candidates.push((
                    rank,
                    ListedPrice { usage_type: usage_type.to_owned(), sku, engine, unit, tiers },
                ));
            }
        }
        let best = candidates.iter().map(|(rank, _)| *rank).min();
        candidates.retain(|(rank, _)| Some(*rank) == best);
        let candidates: Vec<ListedPrice> = candidates.into_iter().map(|(_, candidate)| candidate).collect();
        self.decide(self.of_engine(candidates), day)
    }

    /// How good a usage type fits, 0 best; `None` for one that does not.
    fn rank(&self, usage_type: &str) -> Option<usize> {
        match &self.usage {
            UsageType::Exact(suffixes) => suffixes
                .iter()
                .position(|suffix| is_in_region(usage_type.strip_suffix(suffix.as_str()), &self.region)),
            UsageType::Begins(beginning) => {
                let (prefix, _) = usage_type.split_once(beginning.as_str())?;
                is_in_region(Some(prefix), &self.region).then_some(0)
            }
        }
    }

    fn of_engine(&self, candidates: Vec<ListedPrice>) -> Vec<ListedPrice> {
        let has = |engine: &str| candidates.iter().any(|candidate| candidate.engine == engine);
        let Some(engine) = self.engines.iter().find(|engine| has(engine)) else {
            return if self.engines.is_empty() { candidates } else { Vec::new() };
        };
        candidates.into_iter().filter(|candidate| candidate.engine == *engine).collect()
    }

    // The same price under several SKUs is one price.
    fn decide(&self, mut candidates: Vec<ListedPrice>, day: &str) -> Result<Price, NoPrice> {
        candidates.sort_by(|left, right| left.sku.cmp(&right.sku));
        let Some(first) = candidates.first() else {
            return Err(NoPrice::Empty(self.service_code.to_owned()));
        };
        if candidates.iter().any(|candidate| candidate.tiers != first.tiers) {
            let names: Vec<&str> = candidates.iter().map(|candidate| candidate.usage_type.as_str()).collect();
            return Err(NoPrice::Ambiguous(names.join(", ")));
        }
        if !is_unit(self.unit, &first.unit) {
            return Err(NoPrice::Unit(first.unit.clone()));
        }
        Ok(Price {
            product: self.product.clone(),
            region: self.region.clone(),
            tiers: first.tiers.clone(),
            unit: self.unit.to_owned(),
            service_code: self.service_code.to_owned(),
            usage_type: first.usage_type.clone(),
            sku: first.sku.clone(),
            source: "Price List API".to_owned(),
            as_of: day.to_owned(),
            inferred: None,
        })
    }
}

/// Whether what stands in front of a usage type is a region and nothing else: `APN1-`, `EU-`,
/// a region's whole name, or nothing, as in us-east-1. `TS-` and `Outposts-` are other products.
fn is_in_region(prefix: Option<&str>, region: &str) -> bool {
    let Some(prefix) = prefix else {
        return false;
    };
    if prefix.is_empty() {
        return true;
    }
    prefix.strip_suffix('-').is_some_and(|name| {
        let letters = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let is_short = !letters.is_empty() && letters.chars().all(|c| c.is_ascii_uppercase());
        name == "EU" || name == region || (is_short && letters.len() < name.len())
    })
}

/// AWS's words for the units that tenken counts in.
fn is_unit(ours: &str, theirs: &str) -> bool {
    let words: &[&str] = match ours {
        "hour" => &["hrs", "hours", "hour"],
        "vcpu-hour" => &["hours", "vcpu-hours", "hrs"],
        "gb-hour" => &["hours", "gb-hours", "hrs"],
        "lcu-hour" => &["lcu-hrs", "nlcu-hrs"],
        "gb-month" => &["gb-mo", "gb-month"],
        "gb" => &["gb", "gigabytes"],
        "month" => &["month", "months", "secrets", "alarms", "metrics", "keys", "rule", "webacl"],
        "request" => &["requests", "request", "api requests"],
        _ => &[],
    };
    words.contains(&theirs.to_ascii_lowercase().as_str())
}

/// The unit and tiers of the On-Demand term. Tiers without a price in front are free tiers, which
/// are not taken off.
fn on_demand(value: &Value) -> Option<(String, Vec<Tier>)> {
    let text = |value: &Value, name: &str| value.pointer(name).and_then(Value::as_str).map(str::to_owned);
    let terms = value.pointer("/terms/OnDemand")?.as_object()?;
    let newest = terms.values().max_by_key(|term| text(term, "/effectiveDate").unwrap_or_default())?;
    let mut unit = String::new();
    let mut tiers = Vec::new();
    for dimension in newest.get("priceDimensions")?.as_object()?.values() {
        let usd: f64 = text(dimension, "/pricePerUnit/USD")?.parse().ok()?;
        let from: f64 = text(dimension, "/beginRange").unwrap_or_else(|| "0".to_owned()).parse().ok()?;
        unit = text(dimension, "/unit")?;
        tiers.push(Tier { from, usd });
    }
    tiers.sort_by(|left, right| left.from.total_cmp(&right.from));
    while tiers.first().is_some_and(|tier| tier.usd <= 0.0) {
        tiers.remove(0);
    }
    tiers.first_mut()?.from = 0.0;
    tiers.iter().all(|tier| tier.usd.is_finite() && tier.usd >= 0.0).then_some((unit, tiers))
}

#[cfg(test)]
mod tests;
