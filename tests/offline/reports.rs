//! Reports as people and programs get them. `UPDATE_GOLDEN=1` writes the expected files anew.

mod documents;
mod hiding;
mod pages;
mod sample;
mod screen;

use crate::golden::assert_golden;
use crate::schema::check;
use serde_json::Value;
use tenken::finding::{Acceptance, AcceptanceRule, Run, Severity, Verdict, accept, day};
use tenken::history::{History, step};
use tenken::report::{Format, Look, Reportable};
use tenken::snapshot::GapId;
use tenken::text::{Lang, is_obeyed, width};

fn render(format: &str, run: &Run, lang: Lang, columns: usize, colour: bool) -> String {
    shown(run, Format::named(format).unwrap(), &Look { lang, width: columns, colour })
}

fn shown<R: Reportable>(report: &R, format: Format, look: &Look) -> String {
    String::from_utf8(tenken::report::render(report, format, look)).unwrap()
}

fn plain(run: &Run, lang: Lang) -> String {
    render("terminal", run, lang, 80, false)
}

#[test]
fn terminal_report_in_english() {
    assert_golden("report-en.txt", &plain(&sample::run(), Lang::En));
}

#[test]
fn terminal_report_in_japanese() {
    assert_golden("report-ja.txt", &plain(&sample::run(), Lang::Ja));
}

#[test]
fn markdown_report_in_english() {
    assert_golden("report-en.md", &render("markdown", &accepted(), Lang::En, 80, false));
}

#[test]
fn markdown_report_in_japanese() {
    assert_golden("report-ja.md", &render("markdown", &accepted(), Lang::Ja, 80, false));
}

/// The sample with `text` behind everything that comes from AWS.
fn with_everywhere(text: &str) -> Run {
    let mut run = accepted();
    run.account.push_str(text);
    run.regions.push(text.to_owned());
    for finding in &mut run.findings {
        let message = &mut finding.message;
        for place in [&mut finding.resource, &mut finding.discriminator, &mut message.en, &mut message.ja] {
            place.push_str(text);
        }
        finding.message.en.insert_str(0, text);
        for fact in &mut finding.evidence {
            fact.value = Value::from(text);
        }
        if let Some(accepted) = &mut finding.accepted {
            accepted.reason.push_str(text);
            accepted.owner.push_str(text);
        }
        for remedy in &mut finding.options {
            remedy.title.en.push_str(text);
            remedy.cli.en.push_str(text);
            remedy.cli.ja.push_str(text);
            remedy.steps.en.push(text.to_owned());
        }
    }
    for gap in run.gaps.values_mut() {
        gap.code.push_str(text);
        gap.about = Some(text.to_owned());
    }
    run
}

#[test]
fn json_report() {
    assert_golden("report.json", &render("json", &sample::run(), Lang::En, 80, false));
}

#[test]
fn json_report_depends_on_neither_language_nor_terminal() {
    let run = sample::run();
    assert_eq!(render("json", &run, Lang::En, 80, false), render("json", &run, Lang::Ja, 120, true));
}

/// The lines of every command in the sample, as they are written.
fn command_lines(run: &Run) -> Vec<&str> {
    let remedies = run.findings.iter().flat_map(|finding| &finding.options);
    remedies.flat_map(|remedy| remedy.cli.en.lines()).map(str::trim).collect()
}

#[test]
fn only_commands_are_wider_than_the_terminal() {
    let run = sample::run();
    let commands = command_lines(&run);
    for lang in Lang::ALL {
        for columns in [72, 80, 100] {
            for line in render("terminal", &run, lang, columns, false).lines() {
                let is_address = line.trim_start().starts_with("https://");
                let fits = width(line) <= columns || is_address || commands.contains(&line.trim());
                assert!(fits, "{columns} columns: {line}");
                assert_eq!(line, line.trim_end(), "spaces at the end");
            }
        }
    }
}

#[test]
fn commands_come_out_as_they_were_written() {
    let run = sample::run();
    let report = plain(&run, Lang::En);
    let failures = run.findings.iter().filter(|finding| finding.verdict == Verdict::Fail);
    for remedy in failures.filter_map(|finding| finding.options.first()) {
        let indented: String = remedy.cli.en.lines().map(|line| format!("    {line}\n")).collect();
        assert!(report.contains(&indented), "{indented}");
    }
}

#[test]
fn here_documents_start_in_the_first_column() {
    let mut run = sample::run();
    let command = "cat > a.json <<JSON\n{ }\nJSON\naws s3api list-buckets\n";
    for remedy in run.findings.iter_mut().filter_map(|finding| finding.options.first_mut()) {
        remedy.cli.en = command.to_owned();
    }
    assert!(plain(&run, Lang::En).contains(&format!("\n{command}")));
}

#[test]
fn colour_only_adds_escape_sequences() {
    let run = sample::run();
    for lang in Lang::ALL {
        let (plain, coloured) = (plain(&run, lang), render("terminal", &run, lang, 80, true));
        assert!(!plain.contains('\u{1b}'));
        assert!(coloured.contains('\u{1b}'));
        assert_eq!(without_styles(&coloured), plain);
    }
}

/// Takes out `ESC [ … m`, and nothing else: another sequence would stay and fail the test.
fn without_styles(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut plain = parts.next().unwrap().to_owned();
    for part in parts {
        let (style, rest) = part.split_once('m').unwrap();
        assert!(style.chars().all(|c| c.is_ascii_digit() || c == ';'), "{style}");
        plain.push_str(rest);
    }
    plain
}

#[test]
fn nothing_from_aws_moves_the_cursor() {
    let mut run = sample::run();
    let hostile = "\u{1b}]0;title\u{7}\u{9b}2J\r\u{202e}\u{200b}";
    run.account.push_str(hostile);
    run.taken_at.push_str(hostile);
    run.regions.push(hostile.to_owned());
    for finding in &mut run.findings {
        for text in [
            &mut finding.id,
            &mut finding.resource,
            &mut finding.region,
            &mut finding.discriminator,
            &mut finding.message.en,
            &mut finding.message.ja,
        ] {
            text.push_str(hostile);
        }
        for fact in &mut finding.evidence {
            fact.path.push_str(hostile);
            fact.value = Value::from(hostile);
        }
        for remedy in &mut finding.options {
            remedy.title.en.push_str(hostile);
            remedy.cli.en.push_str(hostile);
            remedy.cli.ja.push_str(hostile);
            remedy.steps.en.push(hostile.to_owned());
        }
    }
    for gap in run.gaps.values_mut() {
        gap.code.push_str(hostile);
        gap.about = Some(hostile.to_owned());
        gap.permissions.push(hostile.to_owned());
    }
    for lang in Lang::ALL {
        for format in ["terminal", "markdown", "json"] {
            let report = render(format, &run, lang, 80, false);
            let obeyed = report.chars().find(|&c| c != '\n' && is_obeyed(c));
            assert_eq!(obeyed, None, "{format}");
        }
    }
    // Escaped in JSON, but not changed.
    let json: Value = serde_json::from_str(&render("json", &run, Lang::En, 80, false)).unwrap();
    assert!(json["account"].as_str().unwrap().ends_with(hostile));
}

#[test]
fn an_unknown_verdict_never_looks_like_a_pass() {
    let mut run = sample::run();
    run.findings.retain(|finding| matches!(finding.verdict, Verdict::Pass | Verdict::Unknown(_)));
    let english = plain(&run, Lang::En);
    assert!(english.contains("No problem found, but 4 could not be judged"), "{english}");
    assert!(english.contains("0 failed, 3 passed, 0 not applicable, 4 unknown"), "{english}");
    assert!(!english.contains("Nothing wrong"));
    let markdown = render("markdown", &run, Lang::En, 80, false);
    assert!(markdown.contains("**No problem found, but 4 could not be judged.**"), "{markdown}");
    assert!(markdown.contains("| 0 | 0 | 3 | 0 | 4 |"), "{markdown}");
    let japanese = plain(&run, Lang::Ja);
    assert!(japanese.contains("4 件は判定できなかった"), "{japanese}");
    assert!(!japanese.contains("指摘なし"));
}

#[test]
fn every_unknown_verdict_is_listed_even_without_a_reason() {
    let mut run = sample::run();
    for finding in &mut run.findings {
        if let Verdict::Unknown(gaps) = &mut finding.verdict {
            gaps.clear();
        }
    }
    run.gaps.clear();
    let report = plain(&run, Lang::En);
    for line in [
        "ecs-plaintext-secret: shop/管理画面",
        "elb-no-waf: admin-alb and shop-alb",
        "logs-kept-forever: every logs:log-group",
    ] {
        assert!(report.contains(line), "{report}");
    }
    assert!(report.contains("not asked in ap-northeast-1"), "{report}");
    // An id that no gap stands behind is a question that was not asked, never silence.
    let mut run = sample::run();
    run.gaps.clear();
    let report = plain(&run, Lang::En);
    assert!(
        report.contains("wafv2:ListResourcesForWebACL in ap-northeast-1: an earlier question"),
        "{report}"
    );
}

#[test]
fn missing_permissions_can_be_pasted_into_a_policy() {
    let report = plain(&sample::run(), Lang::En);
    let start = report.rfind("    {\n").unwrap();
    let statement: Value = serde_json::from_str(&report[start..]).unwrap();
    let actions: Vec<&str> =
        statement["Action"].as_array().unwrap().iter().map(|action| action.as_str().unwrap()).collect();
    // Throttled calls are allowed already, so that only the denied ones are listed.
    assert_eq!(
        actions,
        [
            "elasticloadbalancing:DescribeWebACLAssociation",
            "ssm:DescribeParameters",
            "wafv2:ListResourcesForWebACL",
        ]
    );
    assert_eq!(statement["Effect"], "Allow");
}

#[test]
fn a_clean_account_gets_one_line() {
    let mut run = sample::run();
    run.findings.retain(|finding| matches!(finding.verdict, Verdict::Pass | Verdict::Skip));
    run.gaps.clear();
    let expected = "\
tenken: account 123456789012 on 2026-07-01 09:00 UTC
        ap-northeast-1 and us-east-1

Nothing failed, nothing unknown: 3 passed, 1 not applicable.
";
    assert_eq!(plain(&run, Lang::En), expected);
    assert!(plain(&run, Lang::Ja).contains("指摘なし、判定不能なし（合格 3、対象外 1）。"));
    let expected = "\
# tenken: AWS account 123456789012

Scanned on 2026-07-01 09:00 UTC in ap-northeast-1, us-east-1.

**Nothing failed, nothing unknown.**

| failed | accepted | passed | not applicable | unknown |
|---|---|---|---|---|
| 0 | 0 | 3 | 1 | 0 |
";
    assert_eq!(render("markdown", &run, Lang::En, 80, false), expected);
    run.findings.clear();
    let nothing = plain(&run, Lang::En);
    assert!(nothing.contains("Nothing was judged") && !nothing.contains("Nothing wrong"), "{nothing}");
}

#[test]
fn the_summary_names_the_worst_and_counts_the_rest() {
    let report = plain(&sample::run(), Lang::En);
    let lines: Vec<&str> = report.lines().collect();
    assert_eq!(lines[3], "3 critical, 3 high, 1 medium, 1 low; 4 could not be judged (see the end).");
    assert_eq!(lines[4], "Fix first: Secret in plain text in a task definition (shop/shop-api)");
    assert_eq!(lines[5], "           Database can be reached from the internet (ec-db)");
    let mut run = sample::run();
    let template = run.findings.iter().find(|finding| finding.verdict == Verdict::Fail).unwrap().clone();
    for policy in ["zz-one", "zz-two"] {
        let mut finding = template.clone();
        finding.policy = policy.to_owned();
        finding.severity = Severity::Critical;
        run.findings.push(finding);
    }
    run.findings.sort_by(tenken::finding::order);
    assert!(plain(&run, Lang::En).contains("\n           and 1 more that is critical\n"));
}

/// The sample, in which the database's failures and one of the alarm are accepted.
fn accepted() -> Run {
    let mut run = sample::run();
    let rule = |policy: &str, reason: &str| AcceptanceRule {
        policy: policy.to_owned(),
        resource: "arn:*".to_owned(),
        discriminator: None,
        acceptance: Acceptance {
            reason: reason.to_owned(),
            owner: "ops@example.com".to_owned(),
            until: "2026-12-31".parse().unwrap(),
        },
        place: "tenken.toml:1".to_owned(),
    };
    let rules = [
        rule("rds-single-az", "Rebuilt from the warehouse | every night"),
        rule("cloudwatch-alarm-reaches-nobody", "電話当番が監視画面を見ている"),
    ];
    assert!(accept(&mut run.findings, &rules, day(&run.taken_at)).is_empty());
    run
}

#[test]
fn accepted_failures_are_listed_and_do_not_count() {
    let run = accepted();
    let (before, after) = (sample::run().totals(), run.totals());
    assert_eq!(after.accepted, 3);
    assert_eq!(after.failed() + 3, before.failed());
    assert_eq!(after.all(), before.all());
    let report = plain(&run, Lang::En);
    assert!(report.contains("16 verdicts: 5 failed, 3 accepted, 3 passed"), "{report}");
    let (problems, list) = report.split_once("Accepted: 3 (not counted as failed)\n").unwrap();
    assert!(!problems.contains("rds-single-az"), "{problems}");
    assert!(
        list.starts_with("  - ec-db, rds-single-az (high), by ops@example.com until 2026-12-31:"),
        "{list}"
    );
    let japanese = plain(&run, Lang::Ja);
    assert!(japanese.contains("受容済み: 3 件（指摘には数えていない）"), "{japanese}");
    let json: Value = serde_json::from_str(&render("json", &run, Lang::En, 80, false)).unwrap();
    assert_eq!(json["totals"]["fail"], 5);
    assert_eq!(json["totals"]["accepted"], 3);
    check("report", &json);
    for (form, finding) in json["findings"].as_array().unwrap().iter().zip(&run.findings) {
        assert_eq!(form["accepted"].is_object(), finding.accepted.is_some());
        assert_eq!(form["verdict"], finding.verdict.as_str());
    }
    // With nothing else, the report does not say that nothing is wrong.
    let mut run = accepted();
    run.findings.retain(|finding| finding.verdict == Verdict::Pass || finding.accepted.is_some());
    run.gaps.clear();
    let report = plain(&run, Lang::En);
    assert!(
        report.contains("Nothing failed but what was accepted, nothing unknown: 3 accepted, 3 passed,"),
        "{report}"
    );
    assert!(plain(&run, Lang::Ja).contains("受容済みのものを除き指摘なし"));
}

#[test]
fn json_report_says_every_verdict_and_why() {
    let run = sample::run();
    let report: Value = serde_json::from_str(&render("json", &run, Lang::En, 80, false)).unwrap();
    assert_eq!(report["format_version"], 1);
    check("report", &report);
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), run.findings.len());
    for (form, finding) in findings.iter().zip(&run.findings) {
        assert_eq!(form["id"], finding.id);
        assert_eq!(form["verdict"], finding.verdict.as_str());
        let gaps = form["unknown_because"].as_array().unwrap();
        assert_eq!(gaps.is_empty(), !matches!(finding.verdict, Verdict::Unknown(_)));
        for gap in gaps {
            let listed = report["gaps"].as_array().unwrap().iter().any(|listed| listed["id"] == *gap);
            assert!(listed || gap == GapId::NEVER_ASKED, "{gap}");
        }
        let fails = finding.verdict == Verdict::Fail;
        assert_eq!(form["options"].as_array().unwrap().is_empty(), !fails);
    }
}

/// The sample a day after another run, of which something changed in every way.
fn remembered() -> Run {
    let run = sample::run();
    let mut before = run.clone();
    before.taken_at = "2026-06-30T09:00:00Z".into();
    let fails = |finding: &&mut tenken::finding::Finding| finding.verdict == Verdict::Fail;
    // The first failure was not there; what passes and what is unknown now failed; a policy
    // and a resource are gone since.
    before.findings.iter_mut().find(fails).unwrap().verdict = Verdict::Pass;
    for finding in before.findings.iter_mut().filter(|finding| finding.verdict != Verdict::Skip) {
        if finding.discriminator.is_empty() && finding.verdict != Verdict::Fail {
            finding.verdict = Verdict::Fail;
        }
    }
    let single = |finding: &&tenken::finding::Finding| {
        finding.policy == "rds-single-az" && finding.verdict == Verdict::Fail
    };
    let mut gone = before.findings.iter().find(single).unwrap().clone();
    gone.resource = gone.resource.replace("report-db", "old-db").replace("ec-db", "old-db");
    gone.id = tenken::finding::finding_id(&gone.policy, &gone.resource, "");
    let mut withdrawn = gone.clone();
    withdrawn.policy = "rds-old-policy".into();
    withdrawn.id = tenken::finding::finding_id(&withdrawn.policy, &withdrawn.resource, "");
    before.findings.extend([gone, withdrawn]);
    let (history, _) = step(&History::default(), &before).unwrap();
    let (_, changes) = step(&history, &run).unwrap();
    Run { past: Some(changes.past), ..run }
}

#[test]
fn reports_say_what_a_history_knows() {
    let run = remembered();
    let turns: Vec<&str> =
        run.past.as_ref().unwrap().changes.iter().map(|change| change.turn.as_str()).collect();
    for turn in ["new", "unknown-was-open", "policy-withdrawn", "resolved"] {
        assert!(turns.contains(&turn), "{turns:?}");
    }
    let text = render("json", &run, Lang::En, 80, false);
    assert_golden("report-remembered.json", &text);
    let report: Value = serde_json::from_str(&text).unwrap();
    check("report", &report);
    assert_eq!(report["history"]["changes"].as_array().unwrap().len(), turns.len());
    let without: Value = serde_json::from_str(&render("json", &sample::run(), Lang::En, 80, false)).unwrap();
    assert!(without.get("history").is_none());
    for format in ["terminal", "markdown"] {
        let english = render(format, &run, Lang::En, 80, false);
        assert!(english.contains("NEW ") && english.contains("Since 2026-06-30 09:00 UTC:"), "{english}");
        assert!(!render(format, &sample::run(), Lang::En, 80, false).contains("NEW "));
        let japanese = render(format, &run, Lang::Ja, 80, false);
        assert!(
            japanese.contains("新規 ") && japanese.contains("前回（2026-06-30 09:00 UTC）から:"),
            "{japanese}"
        );
    }
    let commands = command_lines(&run);
    for lang in Lang::ALL {
        let text = plain(&run, lang);
        for line in text.lines() {
            let is_address = line.trim_start().starts_with("https://");
            assert!(width(line) <= 80 || is_address || commands.contains(&line.trim()), "{line}");
        }
        assert_eq!(without_styles(&render("terminal", &run, lang, 80, true)), text);
    }
    // The first run marks nothing.
    let (_, changes) = step(&History::default(), &sample::run()).unwrap();
    let first = plain(&Run { past: Some(changes.past), ..sample::run() }, Lang::En);
    assert!(first.contains("History: it starts with this run.") && !first.contains("NEW "), "{first}");
}

/// What a second run tells: something new, something resolved, something that cannot be seen any
/// more, and a digest.
fn bulletin(lang: Lang) -> tenken::deliver::Bulletin {
    use tenken::history::announcement::{Addressee, ChannelKind, DigestDay};
    use tenken::history::pending::{claim, queue};
    let mut first = sample::run();
    let mended: Vec<String> = first.findings.iter().step_by(2).take(2).map(|one| one.id.clone()).collect();
    for finding in first.findings.iter_mut().filter(|finding| mended.contains(&finding.id)) {
        finding.verdict = Verdict::Pass;
    }
    let (history, _) = step(&History::default(), &first).unwrap();
    let mut second = sample::run();
    second.taken_at = "2026-07-06T09:00:00Z".into();
    let gap = second.gaps.keys().next().unwrap().clone();
    for finding in second.findings.iter_mut().filter(|finding| finding.verdict == Verdict::Fail) {
        match finding.policy.as_str() {
            "elb-no-https" => finding.verdict = Verdict::Pass,
            "rds-single-az" => finding.verdict = Verdict::Unknown(vec![gap.clone()]),
            _ => {}
        }
    }
    let (mut history, changes) = step(&history, &second).unwrap();
    let monday = DigestDay { weekday: jiff::civil::Weekday::Monday, utc_offset_seconds: 9 * 3600 };
    let addressee = Addressee { channel: ChannelKind::Slack, digest: Some(monday) };
    queue(&mut history, &second, &changes, &[addressee]);
    let now = tenken::history::Time::parse(&second.taken_at).unwrap();
    let claimed = claim(&mut history, ChannelKind::Slack, "test", now, &[]);
    let report = Some("https://reports.example.com/2026-07-06.html".to_owned());
    let telling = tenken::deliver::Telling { lang, report, ..Default::default() };
    tenken::deliver::Bulletin::new(&history.account, &claimed, &telling)
}

#[test]
fn announcements_in_both_languages() {
    let document = tenken::deliver::document::document(&bulletin(Lang::En), usize::MAX);
    check("announcement", &document);
    assert_golden("announcement.json", &format!("{document:#}\n"));
    for lang in Lang::ALL {
        let bulletin = bulletin(lang);
        let messages = tenken::deliver::slack::messages(&bulletin, lang);
        let json = serde_json::to_string_pretty(&messages).unwrap();
        assert_golden(&format!("announcement-slack-{lang}.json"), &format!("{json}\n"));
        let long = tenken::deliver::plain::long(&bulletin, lang, 20_000);
        let short = tenken::deliver::plain::short(&bulletin, lang, 2_000);
        assert_golden(&format!("announcement-{lang}.txt"), &format!("{long}\n----\n{short}\n"));
    }
}
