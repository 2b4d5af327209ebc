use super::*;
use crate::deliver::Telling;
use crate::finding::{NewBecause, Pillar, Remembered, Severity};
use crate::history::announcement::AnnouncementKind;
use crate::history::news::{NewsItem, NewsTurn};
use crate::history::pending::Announcement;
use crate::history::{BySeverity, Time};
use crate::text::Text;

fn same(command: String) -> Text {
    Text { en: command.clone(), ja: command }
}

fn item(index: usize, severity: Severity, cause: &str, message: &str) -> NewsItem {
    NewsItem {
        turn: NewsTurn::New,
        new_because: Some(NewBecause::AccountChanged),
        finding: Remembered {
            id: format!("{index:016x}"),
            policy: "rds-single-az".into(),
            severity,
            pillar: Pillar::Reliability,
            resource: format!("arn:aws:rds:ap-northeast-1:123456789012:db:db-{index}"),
            region: "ap-northeast-1".into(),
            discriminator: String::new(),
            message: Text { en: message.into(), ja: message.into() },
        },
        first_seen: "2026-11-24T03:00:00Z".into(),
        title: Text { en: "Database has no standby".into(), ja: "スタンバイがない".into() },
        cause: cause.into(),
        evidence: vec!["db.multi_az = false".into()],
        step: Some(Text { en: "Turn on Multi-AZ.".into(), ja: "マルチ AZ を有効化する。".into() }),
        command: Some(same(format!(
            "aws rds modify-db-instance --db-instance-identifier db-{index} --multi-az"
        ))),
        is_command_left_out: false,
    }
}

fn bulletin(items: Vec<NewsItem>) -> Bulletin {
    let announcement = Announcement {
        id: "0123456789abcdef".into(),
        run: Time::parse("2026-11-24T03:00:00Z").unwrap(),
        kind: AnnouncementKind::New,
        findings: items.iter().map(|item| item.finding.id.clone()).collect(),
        items,
        left_out: BySeverity::default(),
        digest: None,
        deliveries: Vec::new(),
    };
    Bulletin::new("123456789012", &[announcement], &Telling::default())
}

/// Everything that Slack would show of the messages.
fn shown(messages: &[Value]) -> String {
    fn collect(value: &Value, texts: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    match value {
                        Value::String(text) if name == "text" => texts.push(text.clone()),
                        other => collect(other, texts),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
            _ => {}
        }
    }
    let mut texts = Vec::new();
    messages.iter().for_each(|message| collect(message, &mut texts));
    texts.join("\n")
}

/// What Slack documents, and what it does not.
fn assert_accepted(messages: &[Value]) {
    for message in messages {
        let blocks = message["blocks"].as_array().unwrap();
        assert!((1..=50).contains(&blocks.len()), "{} blocks", blocks.len());
        let mut all = 0;
        for block in blocks {
            let text = block["text"]["text"].as_str().unwrap_or_default();
            all += length(text);
            match block["type"].as_str().unwrap() {
                "header" => assert!((1..=150).contains(&length(text))),
                "section" => {
                    assert!((1..=3000).contains(&length(text)), "{} characters", length(text));
                    // Fences and spans end where they began.
                    assert!(text.matches("```").count().is_multiple_of(2), "{text}");
                }
                "context" => assert!(block["elements"].as_array().unwrap().len() <= 10),
                "divider" => {}
                other => panic!("{other}"),
            }
        }
        assert!(all <= 12_000, "{all} characters");
        assert!(length(message["text"].as_str().unwrap()) <= 3000);
    }
}

#[test]
fn a_finding_has_its_resource_evidence_step_and_command() {
    for (lang, step) in
        [(Lang::En, "First step: Turn on Multi-AZ."), (Lang::Ja, "最初の手順: マルチ AZ を有効化する。")]
    {
        let messages = messages(&bulletin(vec![item(1, Severity::High, "a", "db-1 is alone.")]), lang);
        assert_accepted(&messages);
        let text = shown(&messages);
        for part in [
            "`db-1`",
            "db-1 is alone.",
            "`db.multi_az = false`",
            step,
            "--db-instance-identifier db-1 --multi-az",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }
}

#[test]
fn names_cannot_mention_link_format_or_break_out() {
    let hostile =
        "<!channel> <https://evil.example|click> & *bold* _slanted_ ~gone~ `code` ```\n> quote \u{202e}";
    let mut one = item(1, Severity::High, "a", hostile);
    one.finding.discriminator = hostile.into();
    one.evidence = vec![hostile.into()];
    one.title = Text { en: hostile.into(), ja: hostile.into() };
    one.step = Some(Text { en: hostile.into(), ja: hostile.into() });
    one.command = Some(same(format!("aws x --query 'a==`1`' {hostile}")));
    let mut bulletin = bulletin(vec![one.clone(), item(2, Severity::Low, "b", "fine")]);
    bulletin.report = Some("https://reports.example/a|b>c".into());
    bulletin.resolved = vec![one.finding];
    bulletin.counts[3] = 1;
    let messages = messages(&bulletin, Lang::En);
    assert_accepted(&messages);
    let text = shown(&messages);
    assert!(!text.contains("<!") && !text.contains("<http") && !text.contains('\u{202e}'), "{text}");
    // Outside of code, nothing formats.
    let outside: String = text.split("```").step_by(2).collect();
    let outside: String = outside.split('`').step_by(2).collect();
    for marked in ["*bold*", "_slanted_", "~gone~"] {
        assert!(text.contains(marked) && !outside.contains(marked), "{outside}");
    }
    // A command keeps its own backticks: without them it is another command.
    assert!(text.contains("'a==`1`'"), "{text}");
    let fallback = fallback(&bulletin, Lang::En);
    assert!(!fallback["text"].as_str().unwrap().contains('<'));
    assert_eq!(fallback["mrkdwn"], false);
}

#[test]
fn whatever_its_size_a_bulletin_keeps_the_limits_of_slack() {
    let long = "長い名前と & < > ".repeat(400);
    for count in [1, 3, 12, 40, 200] {
        for causes in [1, 5, 200] {
            let items = (0..count).map(|index| {
                let mut item =
                    item(index, Severity::ALL[index % 5], &format!("cause {}", index % causes), &long);
                item.evidence = vec![long.clone(); 3];
                item.title = Text { en: long.clone(), ja: long.clone() };
                item.step = Some(Text { en: format!("{index} {long}"), ja: long.clone() });
                item.command = Some(same("aws <x> & y; ".repeat(100)));
                item.finding.discriminator = "🔥".repeat(2000);
                item
            });
            let mut bulletin = bulletin(items.collect());
            bulletin.report = Some(long.clone());
            for lang in Lang::ALL {
                let messages = messages(&bulletin, lang);
                assert_accepted(&messages);
                assert!(
                    messages.len() <= 6,
                    "{count} findings, {causes} causes: {} messages",
                    messages.len()
                );
                assert!(length(fallback(&bulletin, lang)["text"].as_str().unwrap()) <= 3000 * 2);
            }
        }
    }
}

#[test]
fn what_is_not_shown_is_counted() {
    let items = (0..60).map(|index| item(index, Severity::High, &format!("cause {index:02}"), "alone"));
    let messages = messages(&bulletin(items.collect()), Lang::En);
    assert_accepted(&messages);
    let text = shown(&messages);
    assert!(text.contains("60 new") && text.contains("Not shown here: 48 high."), "{text}");
}

#[test]
fn what_is_long_goes_into_several_messages_under_one_headline() {
    let items = (0..12).map(|index| {
        let mut item = item(index, Severity::High, &format!("cause {index:02}"), "alone");
        item.command = Some(same(format!("aws a {}", "b".repeat(1400))));
        item
    });
    let messages = messages(&bulletin(items.collect()), Lang::En);
    assert_accepted(&messages);
    assert!(messages.len() > 1);
    let headers: Vec<bool> =
        messages.iter().map(|message| message["blocks"][0]["type"] == "header").collect();
    assert_eq!(headers.iter().filter(|is_header| **is_header).count(), 1);
    assert!(headers[0]);
}

#[test]
fn a_command_that_is_left_out_is_in_the_report() {
    let mut one = item(1, Severity::High, "a", "alone");
    (one.command, one.is_command_left_out) = (None, true);
    assert!(shown(&messages(&bulletin(vec![one]), Lang::En)).contains("The command is in the report."));
}

#[test]
fn no_message_begins_or_ends_with_a_line() {
    for characters in [200, 700, 1400] {
        let items = (0..12).map(|index| {
            let mut item = item(index, Severity::High, &format!("cause {index:02}"), "alone");
            item.command = Some(same(format!("aws a {}", "b".repeat(characters))));
            item
        });
        for message in messages(&bulletin(items.collect()), Lang::En) {
            let blocks = message["blocks"].as_array().unwrap();
            assert!(blocks[0]["type"] != "divider" && blocks[blocks.len() - 1]["type"] != "divider");
        }
    }
}

#[test]
fn one_cause_is_told_once() {
    let items = vec![
        item(1, Severity::High, "security-group r sg-1", "the group is open"),
        item(2, Severity::Critical, "security-group r sg-1", "the database is open"),
        item(3, Severity::High, "policy rds-single-az", "alone"),
    ];
    let bulletin = bulletin(items);
    assert_eq!(bulletin.groups.len(), 2);
    assert_eq!(bulletin.groups[0].severity, Severity::Critical);
    let text = shown(&messages(&bulletin, Lang::En));
    assert_eq!(text.matches(":red_circle:").count(), 1, "{text}");
    // The worst of it first.
    assert!(text.find("the database is open").unwrap() < text.find("the group is open").unwrap());
}
