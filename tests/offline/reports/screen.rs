//! What `tenken scan` shows without flags, and what `tenken show` shows of it.

use super::{sample, shown};
use crate::golden::assert_golden;
use std::collections::BTreeSet;
use std::path::Path;
use tenken::config::{Config, written};
use tenken::finding::{
    Acceptance, AcceptanceRule, Finding, Remedy, Run, Severity, Verdict, accept, day, finding_id, order,
};
use tenken::policy::PolicySet;
use tenken::price::Currency;
use tenken::report::scan::{ScanSummary, ShowReport};
use tenken::report::{Format, Look};
use tenken::run::judge;
use tenken::snapshot::{Cause, Gap, GapId, store};
use tenken::text::{Lang, width};
use tenken::work::{RootCause, Shown, named, recommended};

const ACCOUNTS: &[&str] = &["ec-site", "worn-site"];

fn account(name: &str) -> Run {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/snapshots/{name}.json"));
    judge(&store::load(&path).unwrap(), &PolicySet::embedded().unwrap())
}

fn screen(run: &Run, lang: Lang, columns: usize) -> String {
    let currency = Currency::default();
    let flags = if lang == Lang::En {
        "--replay mocks/ec-site --lang en"
    } else {
        "--replay mocks/ec-site --lang ja"
    };
    let summary = ScanSummary { run, currency: &currency, flags };
    shown(&summary, Format::Terminal, &Look { lang, width: columns, colour: false })
}

fn report<'r>(run: &'r Run, names: &[&str]) -> ShowReport<'r> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let flags = "--snapshot account.json".to_owned();
    ShowReport { run, shown: named(run, &names).unwrap(), currency: Currency::default(), flags }
}

fn show(run: &Run, names: &[&str], format: Format, lang: Lang) -> String {
    shown(&report(run, names), format, &Look { lang, width: 80, colour: false })
}

/// What `tests/aws` expects of the recorded accounts, from their saved snapshots.
#[test]
fn the_long_forms_of_the_recorded_accounts() {
    for name in ["ec-site", "ec-site-phase1", "worn-site"] {
        let run = account(name);
        for lang in Lang::ALL {
            let look = Look { lang, width: 80, colour: false };
            assert_golden(&format!("{name}-{lang}.txt"), &shown(&run, Format::Terminal, &look));
        }
        let look = Look { lang: Lang::En, width: 80, colour: false };
        assert_golden(&format!("{name}.json"), &shown(&run, Format::Json, &look));
    }
}

/// The ids in front of lines, and the policies that are named.
fn handles<'s>(screen: &'s str, run: &Run) -> (Vec<&'s str>, BTreeSet<&'s str>) {
    let is_id = |word: &&str| word.len() >= 6 && word.chars().all(|c| c.is_ascii_hexdigit());
    let words = |line: &'s str| line.split([' ', ',', '、', ';', '）', ')']);
    let ids = screen.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next().filter(is_id));
    let policies = screen.lines().flat_map(words).filter(|word| run.policy(word).is_some());
    (ids.collect(), policies.collect())
}

fn first<'r>(cause: &RootCause<'r>) -> &'r Finding {
    cause.first().unwrap()
}

#[test]
fn a_scan_fits_on_about_one_screen() {
    for name in ACCOUNTS {
        let run = account(name);
        for lang in Lang::ALL {
            let screen = screen(&run, lang, 80);
            assert_golden(&format!("screen-{name}-{lang}.txt"), &screen);
            let lines = |columns| self::screen(&run, lang, columns).lines().count();
            let (narrow, wide) = (lines(80), lines(100));
            println!("{name} {lang}: {narrow} lines with 80 columns, {wide} with 100");
            let (most_narrow, most_wide) = if *name == "ec-site" { (78, 61) } else { (88, 72) };
            assert!(narrow <= most_narrow && wide <= most_wide, "{name} {lang}: {narrow}, {wide} lines");
        }
    }
}

#[test]
fn a_small_account_has_a_line_for_each_cause() {
    let run = account("ec-site");
    for lang in Lang::ALL {
        let screen = screen(&run, lang, 100);
        let causes = recommended(&run.findings);
        let (ids, _) = handles(&screen, &run);
        assert_eq!(ids.len(), causes.len(), "{screen}");
        for (id, cause) in ids.iter().zip(&causes) {
            assert!(first(cause).id.starts_with(id), "{id}");
            let line = screen.lines().find(|line| line.trim_start().starts_with(id)).unwrap();
            let title = cause.title(&run);
            assert!(
                width(&title.en) > 60 || line.contains(title.say(lang)) || width(title.say(lang)) > 60,
                "{line}"
            );
        }
        assert!(screen.lines().count() <= 60, "{}", screen.lines().count());
    }
}

#[test]
fn every_cause_is_on_the_screen_and_every_handle_can_be_shown() {
    for name in ACCOUNTS {
        let run = account(name);
        for lang in Lang::ALL {
            let screen = screen(&run, lang, 80);
            let (ids, policies) = handles(&screen, &run);
            for cause in recommended(&run.findings) {
                let first = first(&cause);
                let is_there = ids.iter().any(|id| first.id.starts_with(id));
                assert!(
                    is_there || policies.contains(first.policy.as_str()),
                    "{name} {lang}: {}",
                    first.policy
                );
            }
            for handle in ids.into_iter().chain(policies) {
                let found = named(&run, &[handle.to_owned()]).unwrap();
                assert!(matches!(found.as_slice(), [Shown::Cause(_), ..]), "{name} {lang}: {handle}");
            }
        }
    }
}

#[test]
fn the_worst_comes_first_with_hours_price_and_what_to_type_next() {
    let run = account("ec-site");
    let screen = screen(&run, Lang::En, 100);
    let severities: Vec<usize> =
        ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFO"].map(|word| screen.find(word).unwrap()).to_vec();
    assert!(severities.is_sorted());
    for cause in recommended(&run.findings) {
        let id = &first(&cause).id[..6];
        let line = screen.lines().find(|line| line.contains(id)).unwrap();
        let hours = format!("{}h", cause.effort_hours());
        assert!(line.contains(&hours), "{line}");
        let has_price =
            ["free", "$", "unknown"].iter().any(|word| line.ends_with(word) || line.contains("$"));
        assert!(has_price, "{line}");
    }
    for command in ["tenken show ", "tenken plan --replay mocks/ec-site", "tenken fix --replay mocks/ec-site"]
    {
        assert!(screen.contains(command), "{screen}");
    }
}

#[test]
fn a_summary_marks_what_is_new() {
    let run = super::remembered();
    let english = screen(&run, Lang::En, 80);
    assert!(english.contains("NEW ") && english.contains("Since 2026-06-30 09:00 UTC:"), "{english}");
    assert!(screen(&run, Lang::Ja, 80).contains("新規 "));
    assert!(!screen(&sample::run(), Lang::En, 80).contains("NEW "));
}

/// An account in which 100 load balancers fail three policies each.
fn three_hundred() -> Run {
    let mut run = account("ec-site");
    let templates: Vec<Finding> = ["alb-no-https-listener", "alb-no-waf", "alb-no-access-log"]
        .map(|policy| run.findings.iter().find(|finding| finding.policy == policy).unwrap().clone())
        .to_vec();
    run.findings.clear();
    for number in 0..100 {
        for template in &templates {
            let mut finding = template.clone();
            finding.resource = finding.resource.replace("shop-alb", &format!("shop-alb-{number}"));
            finding.id = finding_id(&finding.policy, &finding.resource, "");
            run.findings.push(finding);
        }
    }
    run.findings.sort_by(order);
    run
}

#[test]
fn three_hundred_causes_are_grouped_and_counted() {
    let run = three_hundred();
    assert_eq!(recommended(&run.findings).len(), 300);
    for lang in Lang::ALL {
        let screen = screen(&run, lang, 80);
        assert!(screen.lines().count() <= 30, "{screen}");
        for policy in ["alb-no-https-listener", "alb-no-waf", "alb-no-access-log"] {
            assert!(screen.contains(policy), "{screen}");
        }
        assert!(screen.contains(lang.pick("97 more", "ほか 97 件")), "{screen}");
        assert!(screen.contains("300"), "{screen}");
        // The whole is a flag away, and a policy a command.
        assert!(screen.contains("tenken show alb-no-https-listener"), "{screen}");
        let all = named(&run, &["alb-no-waf".to_owned()]).unwrap();
        assert_eq!(all.len(), 100);
    }
}

#[test]
fn what_is_left_out_is_counted() {
    // A hundred and fifty policies, each with two causes.
    let mut run = account("ec-site");
    let template = run.findings.iter().find(|finding| finding.policy == "alb-no-waf").unwrap().clone();
    let info = run.policy("alb-no-waf").unwrap().clone();
    run.findings.clear();
    for policy in 0..150 {
        let id = format!("own-policy-{policy}");
        run.policies.push(tenken::finding::PolicyInfo { id: id.clone(), ..info.clone() });
        for number in 0..2 {
            let mut finding = template.clone();
            finding.policy = id.clone();
            finding.severity = if policy % 2 == 0 { Severity::Medium } else { Severity::Low };
            finding.resource = finding.resource.replace("shop-alb", &format!("alb-{policy}-{number}"));
            finding.id = finding_id(&id, &finding.resource, "");
            finding.options = vec![Remedy { id: "only".to_owned(), ..Remedy::default() }];
            run.findings.push(finding);
        }
    }
    run.findings.sort_by(order);
    for lang in Lang::ALL {
        let screen = screen(&run, lang, 80);
        assert!(screen.lines().count() <= 130, "{}", screen.lines().count());
        let (_, policies) = handles(&screen, &run);
        let left = 150 - policies.len();
        let words = lang.pick("more root causes of", "種類のポリシーで根本原因");
        let line = screen.lines().find(|line| line.contains(words)).unwrap();
        assert!(
            left > 0 && line.contains(&left.to_string()) && line.contains(&(2 * left).to_string()),
            "{line}"
        );
        assert!(screen.contains("tenken scan --details"), "{screen}");
    }
}

/// An account of which nothing was answered, in seventeen regions.
fn denied() -> Run {
    let mut run = account("ec-site");
    run.regions = (0..17).map(|number| format!("eu-test-{number}")).collect();
    let operations = ["ec2:DescribeVpcs", "ecs:ListClusters", "rds:DescribeDBInstances"];
    run.findings.retain(|finding| finding.verdict == Verdict::Fail);
    let findings = std::mem::take(&mut run.findings);
    for (place, region) in run.regions.clone().into_iter().enumerate() {
        for operation in operations {
            let gap = Gap {
                operation: operation.to_owned(),
                permissions: vec![operation.to_owned()],
                region: region.clone(),
                about: None,
                cause: Cause::Denied,
                code: "AccessDenied".to_owned(),
            };
            run.gaps.insert(gap.id(), gap);
        }
        for (number, finding) in findings.iter().enumerate() {
            let mut finding = finding.clone();
            finding.resource = finding.resource.replace("ap-northeast-1", &region);
            finding.region = region.clone();
            finding.id = finding_id(&finding.policy, &finding.resource, &place.to_string());
            finding.options.clear();
            finding.verdict = Verdict::Unknown(vec![GapId::new(operations[number % 3], &region, None)]);
            run.findings.push(finding);
        }
    }
    run
}

#[test]
fn where_nothing_could_be_judged_the_statement_comes_first() {
    let run = denied();
    for (lang, headline) in [(Lang::En, "Nothing could be judged"), (Lang::Ja, "何も判定できなかった")]
    {
        let screen = screen(&run, lang, 80);
        let lines: Vec<&str> = screen.lines().collect();
        let headline = lines.iter().position(|line| line.starts_with(headline)).unwrap();
        let statement = lines.iter().position(|line| line.contains("\"Effect\"")).unwrap();
        let count = lines.iter().position(|line| line.contains("ec2:DescribeVpcs: ")).unwrap();
        assert!(headline < statement && statement < count, "{screen}");
        // One line for the same question in seventeen regions.
        assert_eq!(lines.iter().filter(|line| line.contains("ec2:DescribeVpcs: ")).count(), 1, "{screen}");
        assert!(lines[count].contains(lang.pick("17 regions", "17 リージョン")), "{screen}");
        assert!(lines.len() < 40, "{screen}");
        // And one part of the long form.
        let look = Look { lang, width: 80, colour: false };
        let whole = shown(&run, Format::Terminal, &look);
        let parts = lang.pick("ec2:DescribeVpcs in 17 regions", "ec2:DescribeVpcs、17 リージョン");
        assert_eq!(whole.matches(parts).count(), 1, "{whole}");
    }
}

#[test]
fn one_cause_is_shown_whole() {
    let run = account("ec-site");
    let single = run.findings.iter().find(|finding| finding.policy == "rds-single-az").unwrap();
    for lang in Lang::ALL {
        for (format, ending) in [(Format::Terminal, "txt"), (Format::Markdown, "md")] {
            let text = show(&run, &[&single.id[..7], "db-security-group-open-to-world"], format, lang);
            assert_golden(&format!("show-ec-site-{lang}.{ending}"), &text);
            let causes = recommended(&run.findings);
            let cause =
                causes.iter().find(|cause| cause.findings.iter().any(|one| one.id == single.id)).unwrap();
            for line in cause.script().say(lang).lines().filter(|line| !line.trim().is_empty()) {
                assert!(text.contains(line.trim()), "{line}");
            }
            for option in &single.options {
                let is_shown =
                    text.replace('\\', "").contains(option.title.say(lang).split('、').next().unwrap());
                assert!(is_shown || format == Format::Terminal, "{}", option.title.say(lang));
            }
            for finding in &cause.findings {
                assert!(text.contains(&finding.id), "{}", finding.id);
                for address in &run.policy(&finding.policy).unwrap().references {
                    assert!(text.contains(address), "{address}");
                }
            }
            assert!(text.contains("[[accept]]") && text.contains("tenken fix --finding"), "{text}");
        }
    }
    let json = show(&run, &[&single.id], Format::Json, Lang::En);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    crate::schema::check("report", &json);
    assert_eq!(json["causes"].as_array().unwrap().len(), 1);
}

/// What `show` proposes for `tenken.toml` is what accepts the findings.
#[test]
fn what_is_proposed_accepts() {
    let run = account("ec-site");
    let policies = PolicySet::embedded().unwrap();
    for cause in recommended(&run.findings) {
        let text = show(&run, &[&first(&cause).id], Format::Terminal, Lang::En);
        let begin = text.find("[[accept]]").unwrap();
        let entries: String = text[begin..]
            .lines()
            .map(str::trim)
            .take_while(|line| line.is_empty() || line.contains(" = ") || *line == "[[accept]]")
            .map(|line| format!("{line}\n"))
            .collect();
        let entries =
            entries.replace("reason = \"\"", "reason = \"r\"").replace("owner = \"\"", "owner = \"o\"");
        let config = Config::new(&written::read("tenken.toml", &entries), &policies)
            .unwrap_or_else(|problems| panic!("{problems:?}\n{entries}"));
        let mut findings = run.findings.clone();
        let rules: Vec<AcceptanceRule> = config.acceptances;
        accept(&mut findings, &rules, day(&run.taken_at));
        let ids: BTreeSet<&str> = cause.findings.iter().map(|finding| finding.id.as_str()).collect();
        let open =
            findings.iter().filter(|finding| ids.contains(finding.id.as_str()) && finding.is_open_failure());
        assert_eq!(open.count(), cause.findings.len().saturating_sub(5), "{entries}");
    }
}

#[test]
fn other_verdicts_are_shown_too() {
    let mut run = sample::run();
    let unknown = run.findings.iter().find(|finding| matches!(finding.verdict, Verdict::Unknown(_))).unwrap();
    let text = show(&run, &[&unknown.id], Format::Terminal, Lang::En);
    assert!(text.contains("Could not be judged"), "{text}");
    let passed = run.findings.iter().find(|finding| finding.verdict == Verdict::Pass).unwrap();
    assert!(show(&run, &[&passed.id], Format::Markdown, Lang::Ja).contains("合格"));
    let failed = run.findings.iter_mut().find(|finding| finding.verdict == Verdict::Fail).unwrap();
    let acceptance =
        Acceptance { reason: "soon gone".into(), owner: "ops".into(), until: "2026-12-31".parse().unwrap() };
    failed.accepted = Some(acceptance);
    let id = failed.id.clone();
    let text = show(&run, &[&id], Format::Terminal, Lang::En);
    assert!(text.contains("accepted by ops until 2026-12-31: soon gone"), "{text}");
}

#[test]
fn a_name_that_stands_for_nothing_says_what_was_meant() {
    let run = account("ec-site");
    let refused = |name: &str| named(&run, &[name.to_owned()]).unwrap_err();
    let text = |name: &str, lang| tenken::text::Explained::message(&refused(name), lang);
    assert!(text("alb-no-wav", Lang::En).contains("did you mean `alb-no-waf`?"));
    assert!(text("alb-no-wav", Lang::Ja).contains("`alb-no-waf` のことか"));
    assert!(text("ffffffffffffffff", Lang::En).contains("tenken scan"));
    assert!(text("", Lang::Ja).contains("tenken scan"));
    assert!(text("ecs-single-task", Lang::Ja).contains("未対応の指摘はない"));
    // The beginning of two ids.
    let digits = "0123456789abcdef".chars().map(String::from);
    let several =
        digits.filter(|digit| run.findings.iter().filter(|one| one.id.starts_with(digit)).count() > 1);
    assert!(text(&several.collect::<Vec<_>>()[0], Lang::En).contains("several ids begin like that"));
}
