//! The bills of the recorded accounts, as people and programs get them. `UPDATE_GOLDEN=1` writes
//! the expected files anew.

use crate::golden::assert_golden;
use crate::schema;
use std::path::{Path, PathBuf};
use tenken::config::Costs;
use tenken::cost::{Assumptions, CostReport, Group};
use tenken::price::{Currency, PriceTable};
use tenken::report::{Format, Look};
use tenken::run;
use tenken::text::{Lang, width};

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The review's account with what the review expects it to cost.
fn report(account: &str) -> CostReport {
    let snapshot = run::load_snapshot(&repository(&format!("tests/snapshots/{account}.json"))).unwrap();
    let costs = Costs {
        assumptions: Assumptions { average_lcus: Some(0.5), ..Assumptions::default() },
        expected_total: Some(76_000.0),
        expected: [
            (Group::LoadBalancing, 3_000.0),
            (Group::Fargate, 6_000.0),
            (Group::Rds, 50_000.0),
            (Group::CloudWatch, 2_000.0),
            (Group::DataTransfer, 15_000.0),
        ]
        .into(),
    };
    let yen = Currency::new(Some("JPY"), Some(150.0)).unwrap();
    run::cost(&snapshot, PriceTable::embedded(), &costs, yen)
}

fn render(account: &str, format: &str, lang: Lang) -> String {
    let look = Look { lang, width: 80, colour: false };
    String::from_utf8(tenken::report::render(&report(account), Format::named(format).unwrap(), &look))
        .unwrap()
}

#[test]
fn the_bill_of_the_reviews_account() {
    assert_golden("cost-ec-site-en.txt", &render("ec-site", "terminal", Lang::En));
    assert_golden("cost-ec-site-ja.txt", &render("ec-site", "terminal", Lang::Ja));
    assert_golden("cost-ec-site-en.md", &render("ec-site", "markdown", Lang::En));
    assert_golden("cost-ec-site-ja.md", &render("ec-site", "markdown", Lang::Ja));
    assert_golden("cost-ec-site.json", &render("ec-site", "json", Lang::En));
}

#[test]
fn phase_one_costs_what_its_options_say() {
    // The bill after phase 1 and the options of the account before agree on the database.
    let before = report("ec-site").bill.of(Group::Rds);
    let after = report("ec-site-phase1").bill.of(Group::Rds);
    assert!((after.usd - before.usd - 39.99).abs() < 0.001, "{before:?} {after:?}");
    let snapshot = run::load_snapshot(&repository("tests/snapshots/ec-site.json")).unwrap();
    let judged = run::judge(&snapshot, &run::policies(None, &[]).unwrap());
    let finding = judged.findings.iter().find(|finding| finding.policy == "rds-single-az").unwrap();
    assert!((finding.options[0].monthly_usd.usd().unwrap() - 39.99).abs() < 0.001);
}

#[test]
fn no_option_of_the_recorded_accounts_lacks_a_price_without_saying_why() {
    for account in ["ec-site", "ec-site-phase1", "worn-site"] {
        let snapshot = run::load_snapshot(&repository(&format!("tests/snapshots/{account}.json"))).unwrap();
        let judged = run::judge(&snapshot, &run::policies(None, &[]).unwrap());
        for finding in judged.findings.iter().filter(|finding| finding.is_open_failure()) {
            for option in &finding.options {
                let cost = &option.monthly_usd;
                let is_explained = option.monthly_cost_note.is_some() || !cost.gaps().is_empty();
                assert!(cost.usd().is_some() || is_explained, "{} {}", finding.policy, option.id);
            }
        }
    }
}

#[test]
fn lines_of_the_terminal_are_never_too_wide() {
    for account in ["ec-site", "ec-site-phase1", "worn-site"] {
        for lang in [Lang::En, Lang::Ja] {
            for line in render(account, "terminal", lang).lines() {
                assert!(width(line) <= 80, "{account}: {line}");
            }
        }
    }
}

#[test]
fn programs_can_add_the_items_up() {
    let value: serde_json::Value =
        serde_json::from_str(&render("worn-site", "json", Lang::En)).expect("the report is JSON");
    schema::check("cost", &value);
    let items = value["items"].as_array().unwrap();
    let sum: f64 = items.iter().filter_map(|item| item["usd"].as_f64()).sum();
    assert!((sum - value["total"]["usd"].as_f64().unwrap()).abs() < 1e-9);
    let unknown = items.iter().filter(|item| item["usd"].is_null());
    let mut count = 0;
    for item in unknown {
        count += 1;
        assert!(item["settled_by"]["en"].as_str().is_some_and(|text| !text.is_empty()), "{item}");
        assert!(item["amount"].is_null());
    }
    assert_eq!(value["total"]["unknown_items"], count);
    assert!(count > 0);
}
