//! `--live-prices` over HTTP: the Price List API is asked once for each price that a bill or a
//! plan depends on, and its answers stand instead of the prices that tenken was built with.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Output, Stdio};
use tenken::price::{Price, PriceTable};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

/// A product as the API names it, at twice the price that tenken was built with.
fn product(price: &Price) -> String {
    let unit = match price.unit.as_str() {
        "hour" => "Hrs",
        "vcpu-hour" | "gb-hour" => "hours",
        "lcu-hour" => "LCU-Hrs",
        "gb-month" => "GB-Mo",
        "gb" => "GB",
        "month" => "Months",
        "request" => "Requests",
        other => panic!("{} is sold by {other}", price.product),
    };
    let mut attributes = json!({ "usagetype": price.usage_type, "regionCode": price.region });
    let engines = BTreeMap::from([("postgres", "PostgreSQL"), ("mysql", "MySQL"), ("mariadb", "MariaDB")]);
    if let Some(engine) = price.product.split('/').nth(1).and_then(|key| engines.get(key)) {
        attributes["databaseEngine"] = (*engine).into();
    }
    let dimensions: serde_json::Map<String, Value> = price
        .tiers
        .iter()
        .map(|tier| {
            let usd = json!({ "USD": (tier.usd * 2.0).to_string() });
            let dimension = json!({ "unit": unit, "beginRange": tier.from.to_string(), "pricePerUnit": usd });
            (tier.from.to_string(), dimension)
        })
        .collect();
    let term = json!({ "effectiveDate": "2026-11-01T00:00:00Z", "priceDimensions": dimensions });
    json!({
        "product": { "attributes": attributes, "sku": price.usage_type },
        "terms": { "OnDemand": { "term": term } },
    })
    .to_string()
}

/// What the API would answer, had AWS doubled its prices: everything of the service in the region.
fn doubled(request: &Request) -> ResponseTemplate {
    let question: Value = request.body_json().unwrap();
    let filters = question["Filters"].as_array().unwrap();
    // Transfer belongs to no region; it has one that it comes from.
    let is_region = |filter: &&Value| filter["Field"] == "regionCode" || filter["Field"] == "fromRegionCode";
    let region = filters.iter().find(is_region).map(|one| &one["Value"]);
    let of_service = PriceTable::embedded().iter().filter(|price| {
        Some(price.service_code.as_str()) == question["ServiceCode"].as_str()
            && Some(price.region.as_str()) == region.and_then(Value::as_str)
    });
    let products: Vec<String> = of_service.map(product).collect();
    ResponseTemplate::new(200)
        .insert_header("content-type", "application/x-amz-json-1.1")
        .set_body_json(json!({ "FormatVersion": "aws_v1", "PriceList": products }))
}

fn denied(_: &Request) -> ResponseTemplate {
    ResponseTemplate::new(400).insert_header("content-type", "application/x-amz-json-1.1").set_body_json(
        json!({ "__type": "AccessDeniedException", "Message": "not authorized to perform: pricing:GetProducts" }),
    )
}

/// The binary, with a Price List API at the address.
fn run(address: &str, home: &Path, arguments: &[&str]) -> Output {
    std::process::Command::new(env!("CARGO_BIN_EXE_tenken"))
        .args(arguments)
        .args(["--snapshot", "tests/snapshots/ec-site.json", "--no-config", "--format", "json"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_clear()
        .env("HOME", home)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_ACCESS_KEY_ID", "testing")
        .env("AWS_SECRET_ACCESS_KEY", "testing")
        .env("AWS_REGION", "ap-northeast-1")
        .env("AWS_ENDPOINT_URL", address)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn json_of(output: &Output) -> Value {
    let message = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {message}"))
}

async fn served(answer: fn(&Request) -> ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

async fn asked(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().len()
}

fn near(one: f64, other: f64) {
    assert!((one - other).abs() < 0.001, "{one} instead of {other}");
}

/// What each chosen option costs, by policy and resource.
fn options(plan: &Value) -> BTreeMap<String, f64> {
    let steps =
        plan["phases"].as_array().unwrap().iter().flat_map(|phase| phase["steps"].as_array().unwrap());
    let actions = steps.flat_map(|step| step["actions"].as_array().unwrap());
    actions
        .filter_map(|action| {
            let key = format!("{}/{}@{}", action["policy"], action["option"], action["resource"]);
            Some((key, action["monthly"]["usd"].as_f64()?))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bills_and_plans_count_with_what_aws_says_now() {
    let server = served(doubled).await;
    let home = tempfile::tempdir().unwrap();
    let cost = |live: &[&str]| json_of(&run(&server.uri(), home.path(), &[&["cost"], live].concat()));
    let (built_in, live) = (cost(&[]), cost(&["--live-prices"]));
    assert_eq!(built_in["total"]["unknown_items"], live["total"]["unknown_items"]);
    near(live["total"]["usd"].as_f64().unwrap(), 2.0 * built_in["total"]["usd"].as_f64().unwrap());
    let of_the_bill = asked(&server).await;
    assert!(of_the_bill > 5, "{of_the_bill}");
    // A plan asks for the prices of options, too, and no price twice.
    let plan = |live: &[&str]| json_of(&run(&server.uri(), home.path(), &[&["plan"], live].concat()));
    let (built_in, live) = (plan(&[]), plan(&["--live-prices"]));
    let of_both = asked(&server).await;
    assert!(of_both > of_the_bill + 3, "{of_both} after {of_the_bill}");
    let (before, after) = (options(&built_in), options(&live));
    assert!(before.values().any(|usd| *usd > 0.0) && before.len() == after.len());
    for (option, usd) in &before {
        near(*after.get(option).unwrap_or(&f64::NAN), 2.0 * usd);
    }
    let today = |plan: &Value| -> f64 {
        plan["costs"].as_array().unwrap().iter().filter_map(|part| part["today"]["usd"].as_f64()).sum()
    };
    near(today(&live), 2.0 * today(&built_in));
    assert_eq!(plan(&["--live-prices"]), live);
    assert_eq!(asked(&server).await, of_both);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_is_told_once_and_the_prices_built_in_stand() {
    let server = served(denied).await;
    let home = tempfile::tempdir().unwrap();
    let built_in = run(&server.uri(), home.path(), &["plan"]);
    let refused = run(&server.uri(), home.path(), &["plan", "--live-prices", "--lang", "ja"]);
    assert_eq!(json_of(&refused), json_of(&built_in));
    assert_eq!(asked(&server).await, 1);
    let told = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(told.lines().count(), 1, "{told}");
    assert!(told.starts_with("AWS から単価を取得できない: alb-hour (ap-northeast-1)、"), "{told}");
    assert!(told.contains("（権限なし（AccessDeniedException））"), "{told}");
}
