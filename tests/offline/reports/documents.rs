//! Every document in every format: whatever AWS says, it is shown and nothing else.

use super::{remembered, shown, with_everywhere, without_styles};
use crate::golden::assert_golden;
use pulldown_cmark::{Event, Options, Parser};
use tenken::cost::{Bill, Comparison, CostReport, Group, Item};
use tenken::finding::{MonthlyCost, Run, Verdict, day};
use tenken::history::diff::Difference;
use tenken::history::{History, step};
use tenken::plan::{Context, Wishes, make};
use tenken::price::Currency;
use tenken::report::plan::PlanReport;
use tenken::report::scan::{ScanSummary, ShowReport};
use tenken::report::simulation::SimulationReport;
use tenken::report::{AskedFormat, Format, Look, Reportable, formats};
use tenken::simulate::{CarriedOption, OptionOutcome, Simulation};
use tenken::snapshot::Snapshot;
use tenken::text::{Lang, Text, harmless, is_obeyed, width};
use tenken::work::named;

/// What is done with each document.
pub(super) trait Reader {
    fn read<R: Reportable>(&mut self, name: &str, report: &R);
}

/// Every document, with `text` behind everything that comes from AWS.
pub(super) fn each(text: &str, reader: &mut impl Reader) {
    let mut past = remembered().past.unwrap();
    for change in &mut past.changes {
        let finding = &mut change.finding;
        let message = &mut finding.message;
        for place in [&mut finding.resource, &mut finding.discriminator, &mut message.en, &mut message.ja] {
            place.push_str(text);
        }
    }
    let difference = Difference {
        account: format!("123456789012{text}"),
        from: past.previous_run.clone(),
        to: "2026-07-01T09:00:00Z".to_owned(),
        changes: past.changes.clone(),
        not_looked_at: 2,
    };
    let run = Run { past: Some(past), ..with_everywhere(text) };
    reader.read("scan", &run);
    let dollars = Currency::default();
    reader.read("summary", &ScanSummary { run: &run, currency: &dollars, flags: "--snapshot account.json" });
    let all: Vec<String> = run.findings.iter().map(|finding| finding.id.clone()).collect();
    let (shown, flags) = (named(&run, &all).unwrap(), "--snapshot account.json".to_owned());
    reader.read("show", &ShowReport { run: &run, shown, currency: dollars.clone(), flags });
    let today = day(&run.taken_at).unwrap();
    let wishes = Wishes { budget_usd: Some(1_000.0), approver: Some(text.to_owned()), ..Wishes::default() };
    // Free, dear, and of a price that nobody knows.
    let mut findings = run.findings.clone();
    for (index, finding) in findings.iter_mut().enumerate() {
        for option in &mut finding.options {
            option.monthly_usd = match index % 3 {
                0 => MonthlyCost::Usd(0.0),
                1 => MonthlyCost::Usd(1_500.0),
                _ => MonthlyCost::default(),
            };
        }
    }
    let plan = make(&findings, None, Context::new(wishes, today, None));
    assert!(!plan.phases.is_empty() && !plan.left_out.is_empty());
    reader.read("plan", &PlanReport { plan: &plan, run: &run });
    let (simulation, currency) = (simulation(&run, text), Currency::default());
    reader.read("simulation", &SimulationReport { simulation: &simulation, run: &run, currency: &currency });
    reader.read("cost", &bill(text));
    let (history, _) = step(&History::default(), &run).unwrap();
    reader.read("history", &history);
    reader.read("history", &History::default());
    reader.read("diff", &difference);
}

fn simulation(run: &Run, text: &str) -> Simulation {
    let title = Text::new(format!("Turn it on {text}"), format!("有効にする {text}"));
    let outcomes =
        [OptionOutcome::Done, OptionOutcome::ClosedBefore, OptionOutcome::Missing(text.to_owned())];
    let carried = |outcome: OptionOutcome| CarriedOption {
        finding: "26791519f612851d".to_owned(),
        policy: "rds-single-az".to_owned(),
        option: "multi-az".to_owned(),
        title: title.clone(),
        resource: format!("arn:aws:rds:ap-northeast-1:123456789012:db:ec-db{text}"),
        monthly_usd: MonthlyCost::Usd(12.5),
        outcome,
    };
    let (closes, others) = run.findings.split_at(3);
    Simulation {
        snapshot: Snapshot::default().complete(),
        carried: outcomes.map(carried).to_vec(),
        closes: closes.to_vec(),
        opens: others.to_vec(),
        unknown: closes.to_vec(),
        stays: others.to_vec(),
        findings: Vec::new(),
    }
}

fn bill(text: &str) -> CostReport {
    let both = |words: &str| Text::same(format!("{words}{text}"));
    let item = |group, monthly_usd, settled_by| Item {
        group,
        resource: format!("arn:aws:rds:ap-northeast-1:123456789012:db:ec-db{text}"),
        region: format!("ap-northeast-1{text}"),
        what: both("Instance "),
        product: "rds.postgres.db.t4g.small".to_owned(),
        quantity: Some(730.0),
        price: None,
        monthly_usd,
        basis: both("730 h "),
        settled_by,
    };
    let items = vec![
        item(Group::Rds, MonthlyCost::Usd(37.23), None),
        item(Group::CloudWatch, MonthlyCost::default(), Some(both("a metric "))),
    ];
    let bill = Bill { items };
    let comparison = |group, remarks| Comparison { group, expected_usd: 40.0, listed: bill.total(), remarks };
    CostReport {
        account: format!("123456789012{text}"),
        taken_at: "2026-07-01T09:00:00Z".to_owned(),
        regions: vec![format!("ap-northeast-1{text}")],
        comparisons: vec![
            comparison(Some(Group::Rds), vec![both("one "), both("two ")]),
            comparison(None, Vec::new()),
        ],
        bill,
        currency: Currency::default(),
    }
}

/// What a Markdown reader makes of a document: its structure without the texts, and the texts.
fn structure(report: &str) -> (Vec<String>, String) {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_MATH
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_GFM;
    let (mut parts, mut text) = (Vec::new(), String::new());
    for event in Parser::new_ext(report, options) {
        match event {
            // The reader cuts texts where something was escaped.
            Event::Text(part) => text.push_str(&part),
            Event::Code(part) => {
                parts.push("Code".to_owned());
                text.push_str(&part);
            }
            other => parts.push(format!("{other:?}")),
        }
    }
    (parts, text)
}

/// What every document says in Markdown.
struct Structures(Lang, Vec<(String, Vec<String>, String)>);

impl Reader for Structures {
    fn read<R: Reportable>(&mut self, name: &str, report: &R) {
        let look = Look { lang: self.0, width: 80, colour: false };
        let (parts, text) = structure(&shown(report, Format::Markdown, &look));
        self.1.push((name.to_owned(), parts, text));
    }
}

/// What Markdown, HTML or a terminal would obey.
pub(super) const HOSTILE: [&str; 15] = [
    "| a | b |",
    "\n\n# Heading\n\n",
    "\n---\n===\n",
    "<script>alert(1)</script>",
    "<!-- ",
    "</details><img src=x onerror=y>",
    "[link](https://example.com) ![image](https://example.com/x.png) <https://example.com>",
    "[x]: https://example.com",
    "`` ` ```\n```` ~~~\n",
    "**bold** __bold__ *it* _it_ ~~gone~~ $math$ $$math$$",
    "- item\n1. item\n+ item\n> quote\n    code\n",
    "&amp; &lt; &#x3c;",
    "\\| \\` \\",
    "[^1] [ ] {#id .class}",
    "\u{1b}]0;title\u{7}\u{9b}2J\r\u{202e}\u{200b}",
];

#[test]
fn nothing_from_aws_changes_the_structure_of_markdown() {
    let read = |text: &str, lang| {
        let mut structures = Structures(lang, Vec::new());
        each(text, &mut structures);
        structures.1
    };
    for lang in Lang::ALL {
        let expected = read("harmless", lang);
        for hostile in HOSTILE {
            for ((name, found, text), (_, expected, calm)) in read(hostile, lang).iter().zip(&expected) {
                assert_eq!(found, expected, "{name}: {hostile:?}");
                // Shown as it is, not only harmless.
                let is_shown = text.contains(harmless(hostile).trim());
                assert!(is_shown || !calm.contains("harmless"), "{name}: {hostile:?}\n{text}");
            }
        }
    }
}

/// Draws every document in every format and looks at what comes out.
#[derive(Default)]
struct Drawn(usize);

impl Reader for Drawn {
    fn read<R: Reportable>(&mut self, name: &str, report: &R) {
        for (format, lang) in formats::<R>().into_iter().flat_map(|one| Lang::ALL.map(|lang| (one, lang))) {
            for columns in [0, 40, 80, 200] {
                let draw = |colour| shown(report, format, &Look { lang, width: columns, colour });
                let plain = draw(false);
                let obeyed = plain.chars().find(|&c| c != '\n' && is_obeyed(c));
                assert_eq!(obeyed, None, "{name} as {format}:\n{plain}");
                assert!(plain.ends_with('\n'), "{name} as {format}:\n{plain}");
                assert_eq!(without_styles(&draw(true)), plain, "{name} as {format}");
                if format == Format::Json {
                    serde_json::from_str::<serde_json::Value>(&plain).unwrap();
                }
            }
        }
        assert!(formats::<R>().len() > Format::FOR_PEOPLE.len(), "{name} has no format for programs");
        self.0 += 1;
    }
}

#[test]
fn every_document_is_drawn_in_every_format_and_moves_no_cursor() {
    for text in HOSTILE {
        let mut drawn = Drawn::default();
        each(text, &mut drawn);
        assert_eq!(drawn.0, 9, "documents");
    }
}

/// No line of a document is wider than the terminal, but for what cannot be broken.
struct Wide;

impl Reader for Wide {
    fn read<R: Reportable>(&mut self, name: &str, report: &R) {
        for lang in Lang::ALL {
            let text = shown(report, Format::Terminal, &Look { lang, width: 80, colour: false });
            assert!(!text.starts_with('\n') && !text.contains("\n\n\n"), "{name}:\n{text}");
            // Commands are never broken, those of tenken itself included.
            let is_command =
                |line: &&str| line.trim_start().starts_with("aws ") || line.contains("  tenken ");
            for line in text.lines().filter(|line| !is_command(line)) {
                let has_long_word = line.split_whitespace().any(|word| width(word) > 40);
                assert!(width(line) <= 80 || has_long_word, "{name}: {line}");
                assert_eq!(line, line.trim_end(), "{name}: spaces at the end");
            }
        }
    }
}

#[test]
fn documents_fit_into_the_terminal() {
    each(" and a few more words", &mut Wide);
}

/// A difference and a history as people get them.
#[test]
fn differences_and_histories_in_both_languages() {
    let run = remembered();
    let past = run.past.clone().unwrap();
    let difference = Difference {
        account: run.account.clone(),
        from: past.previous_run,
        to: run.taken_at.clone(),
        changes: past.changes,
        not_looked_at: 2,
    };
    let mut later = run.clone();
    later.taken_at = "2026-07-08T09:00:00Z".to_owned();
    for finding in later.findings.iter_mut().filter(|finding| finding.policy == "elb-no-https") {
        finding.verdict = Verdict::Pass;
    }
    let (history, _) = step(&History::default(), &run).unwrap();
    let (history, _) = step(&history, &later).unwrap();
    for lang in Lang::ALL {
        let look = Look { lang, width: 80, colour: false };
        for (format, ending) in [(Format::Terminal, "txt"), (Format::Markdown, "md")] {
            assert_golden(&format!("diff-{lang}.{ending}"), &shown(&difference, format, &look));
            assert_golden(&format!("history-{lang}.{ending}"), &shown(&history, format, &look));
        }
    }
}

struct Choosing;

impl Reader for Choosing {
    fn read<R: Reportable>(&mut self, name: &str, _: &R) {
        let formats = formats::<R>();
        let choose = |format, output: Option<&str>| {
            let output = output.map(std::path::Path::new);
            Format::choose(&[AskedFormat { format, output }], &formats)
        };
        assert_eq!(choose(None, None), Ok(Format::Terminal), "{name}");
        for format in &formats {
            let file = format!("out/report.{}", format.ending());
            assert_eq!(choose(Some(format.name()), None), Ok(*format), "{name}");
            assert_eq!(choose(None, Some(&file)), Ok(*format), "{name}");
        }
        for format in Format::ALL.into_iter().filter(|format| !formats.contains(format)) {
            let error = choose(Some(format.name()), None).unwrap_err().to_string();
            assert!(formats.iter().all(|format| error.contains(format.name())), "{name}: {error}");
        }
    }
}

#[test]
fn every_document_chooses_its_format_in_the_same_way() {
    each("", &mut Choosing);
}
