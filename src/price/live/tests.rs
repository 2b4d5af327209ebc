//! Answers as the Price List API gives them, with what gets in between.

use super::*;
use serde_json::json;

const TOKYO: &str = "ap-northeast-1";
const DAY: &str = "2026-11-24";

/// One product with its price by tier.
fn product(usage_type: &str, unit: &str, tiers: &[(&str, &str)], more: &[(&str, &str)]) -> String {
    let mut attributes =
        json!({ "usagetype": usage_type, "regionCode": TOKYO, "locationType": "AWS Region" });
    for (name, value) in more {
        attributes[*name] = (*value).into();
    }
    let dimensions: serde_json::Map<String, Value> = tiers
        .iter()
        .enumerate()
        .map(|(index, (from, usd))| {
            let end = tiers.get(index + 1).map_or("Inf", |(next, _)| next);
            let dimension = json!({
                "unit": unit, "beginRange": from, "endRange": end, "description": "…",
                "appliesTo": [], "rateCode": format!("X.JRTCKXETXF.{index}"), "pricePerUnit": { "USD": usd },
            });
            (format!("X.JRTCKXETXF.{index}"), dimension)
        })
        .collect();
    json!({
        "product": { "productFamily": "…", "attributes": attributes, "sku": format!("SKU-{usage_type}") },
        "serviceCode": "…",
        "terms": {
            "OnDemand": { "X.JRTCKXETXF": {
                "priceDimensions": dimensions, "sku": "X", "effectiveDate": "2026-11-01T00:00:00Z",
                "offerTermCode": "JRTCKXETXF", "termAttributes": {},
            } },
            "Reserved": { "X.ABC": { "priceDimensions": { "X.ABC.1": {
                "unit": "Hrs", "beginRange": "0", "pricePerUnit": { "USD": "0.0010000000" } } } } },
        },
        "version": "20261101000000",
        "publicationDate": "2026-11-01T00:00:00Z",
    })
    .to_string()
}

fn ask(product: &str, answer: &[String]) -> Result<Price, NoPrice> {
    question(product, TOKYO).unwrap().read(answer, DAY)
}

#[test]
fn a_load_balancer_is_not_a_trust_store_or_an_outpost() {
    let answer = [
        product("APN1-TS-LoadBalancerUsage", "Hrs", &[("0", "0.0056000000")], &[]),
        product("APN1-LoadBalancerUsage", "Hrs", &[("0", "0.0243000000")], &[]),
        product("APN1-Outposts-LoadBalancerUsage", "Hrs", &[("0", "0.0300000000")], &[]),
    ];
    let price = ask("alb-hour", &answer).unwrap();
    assert_eq!((price.usd(), price.usage_type.as_str()), (0.0243, "APN1-LoadBalancerUsage"));
    assert_eq!((price.unit.as_str(), price.as_of.as_str(), price.inferred), ("hour", DAY, None));
    // In us-east-1 usage types have no prefix, and the others still have one of their own.
    let virginia = question("alb-hour", "us-east-1").unwrap();
    let answer = [
        product("TS-LoadBalancerUsage", "Hrs", &[("0", "0.0056")], &[]),
        product("LoadBalancerUsage", "Hrs", &[("0", "0.0225")], &[]),
        product("Outposts-LoadBalancerUsage", "Hrs", &[("0", "0.03")], &[("locationType", "AWS Outposts")]),
    ];
    assert_eq!(virginia.read(&answer, DAY).unwrap().usd(), 0.0225);
}

#[test]
fn a_database_is_not_its_extended_support_nor_another_engines() {
    let key = "rds-instance-hour/postgres/db.t4g.small/single-az";
    let postgres = [("databaseEngine", "PostgreSQL")];
    let answer = [
        product("APN1-ExtendedSupport-InstanceUsage:db.t4g.small", "Hrs", &[("0", "0.2")], &postgres),
        product("APN1-InstanceUsage:db.t4g.small", "Hrs", &[("0", "0.051")], &postgres),
        product("APN1-InstanceUsage:db.t4g.small", "Hrs", &[("0", "0.049")], &[("databaseEngine", "MySQL")]),
    ];
    assert_eq!(ask(key, &answer).unwrap().usd(), 0.051);
    let filters = question(key, TOKYO).unwrap().filters;
    for filter in [("databaseEngine", "PostgreSQL"), ("deploymentOption", "Single-AZ"), ("regionCode", TOKYO)]
    {
        assert!(filters.contains(&(filter.0, filter.1.to_owned())), "{filters:?}");
    }
}

#[test]
fn storage_with_a_standby_may_be_for_any_engine() {
    let key = "rds-storage-gb-month/postgres/gp3/multi-az";
    let any =
        product("APN1-RDS:Multi-AZ-GP3-Storage", "GB-Mo", &[("0", "0.276")], &[("databaseEngine", "Any")]);
    let own = product(
        "APN1-RDS:Multi-AZ-GP3-Storage",
        "GB-Mo",
        &[("0", "0.28")],
        &[("databaseEngine", "PostgreSQL")],
    );
    let other =
        product("APN1-RDS:Multi-AZ-GP3-Storage", "GB-Mo", &[("0", "0.3")], &[("databaseEngine", "Oracle")]);
    assert_eq!(ask(key, &[any.clone(), other.clone()]).unwrap().usd(), 0.276);
    assert_eq!(ask(key, &[any, own]).unwrap().usd(), 0.28);
    assert!(matches!(ask(key, &[other]), Err(NoPrice::Empty(_))));
}

#[test]
fn tiers_are_kept_and_free_ones_are_not_taken_off() {
    let answer = [product(
        "APN1-CW:MetricMonitorUsage",
        "Metrics",
        &[("250000", "0.05"), ("0", "0.30"), ("10000", "0.10")],
        &[],
    )];
    let price = ask("cloudwatch-metric-month", &answer).unwrap();
    assert_eq!(price.tiers.iter().map(|tier| tier.from).collect::<Vec<_>>(), [0.0, 10_000.0, 250_000.0]);
    let free = [product("APN1-WebACLV2", "Month", &[("0", "0.0000000000"), ("1", "5.0000000000")], &[])];
    let price = ask("waf-web-acl-month", &free).unwrap();
    assert_eq!(price.tiers, [Tier { from: 0.0, usd: 5.0 }]);
    // A product that costs nothing at all has no price: 0 would be believed.
    let nothing = [product("APN1-WebACLV2", "Month", &[("0", "0.0000000000")], &[])];
    assert!(matches!(ask("waf-web-acl-month", &nothing), Err(NoPrice::Empty(_))));
}

#[test]
fn what_is_not_one_price_is_none() {
    assert_eq!(ask("alb-hour", &[]), Err(NoPrice::Empty("AWSELB".into())));
    let two = [
        product("APN1-NatGateway-Hours", "Hrs", &[("0", "0.062")], &[]),
        product("APN1-NatGateway-Hours", "Hrs", &[("0", "0.07")], &[("group", "NGW:NatGateway-Prvd")]),
    ];
    assert!(matches!(ask("nat-gateway-hour", &two), Err(NoPrice::Ambiguous(_))));
    let same = [
        product("APN1-RDS:ChargedBackupUsage", "GB-Mo", &[("0", "0.095")], &[("databaseEngine", "MySQL")]),
        product("APN1-RDS:ChargedBackupUsage", "GB-Mo", &[("0", "0.095")], &[("databaseEngine", "Oracle")]),
    ];
    assert_eq!(ask("rds-backup-gb-month", &same).unwrap().usd(), 0.095);
    let strange = [product("APN1-LoadBalancerUsage", "Quantity", &[("0", "0.0243")], &[])];
    assert_eq!(ask("alb-hour", &strange), Err(NoPrice::Unit("Quantity".into())));
    assert_eq!(ask("alb-hour", &["{".to_owned()]), Err(NoPrice::Unreadable));
    assert_eq!(ask("alb-hour", &["{}".to_owned()]), Err(NoPrice::Empty("AWSELB".into())));
}

#[test]
fn versions_in_extended_support_share_a_price() {
    let answer = [
        product("APN1-ExtendedSupport:Yr1-Yr2:PostgreSQL13", "vCPU-Hours", &[("0", "0.12")], &[]),
        product("APN1-ExtendedSupport:Yr1-Yr2:PostgreSQL12", "vCPU-Hours", &[("0", "0.12")], &[]),
        product("APN1-ExtendedSupport:Yr3:PostgreSQL11", "vCPU-Hours", &[("0", "0.24")], &[]),
        product("APN1-ExtendedSupport:Yr1-Yr2:AuroraPostgreSQL12", "vCPU-Hours", &[("0", "0.12")], &[]),
    ];
    assert_eq!(ask("rds-extended-support-vcpu-hour/postgres/years-1-2", &answer).unwrap().usd(), 0.12);
    assert_eq!(ask("rds-extended-support-vcpu-hour/postgres/year-3", &answer).unwrap().usd(), 0.24);
}

#[test]
fn what_the_list_does_not_have_is_not_asked() {
    for key in
        ["fargate-spot-vcpu-hour/x86-64", "external", "rds-instance-hour/oracle-ee/db.m5.large/single-az", ""]
    {
        assert_eq!(question(key, TOKYO), None, "{key}");
    }
    let transfer = question("data-out-gb", TOKYO).unwrap();
    assert!(transfer.filters.iter().all(|(name, _)| *name != "regionCode"), "{transfer:?}");
    assert_eq!(
        (api_region(TOKYO), api_region("eu-west-1"), api_region("sa-east-1")),
        ("ap-south-1", "eu-central-1", "us-east-1")
    );
}

#[test]
fn every_embedded_regional_price_can_be_asked_for_or_is_known_to_be_missing() {
    let asked =
        super::super::PriceTable::embedded().iter().filter(|price| price.region != super::super::GLOBAL);
    for price in asked {
        let question = question(&price.product, &price.region);
        let is_known = ["rds-cpu-credit-vcpu-hour/t4g", "data-inter-az-gb"].contains(&price.product.as_str());
        assert!(question.is_some() != is_known, "{}", price.product);
        // The embedded row would be chosen from an answer that has it.
        if let Some(question) = question {
            assert_eq!(question.service_code, price.service_code, "{}", price.product);
            assert_eq!(question.unit, price.unit, "{}", price.product);
            assert!(question.rank(&price.usage_type).is_some(), "{} {}", price.product, price.usage_type);
        }
    }
}
