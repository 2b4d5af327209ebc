//! Whatever is pasted from an output is the account's own or is asked for: no example of a network, a
//! domain, a bucket or an id is in any script, in any format, in either language.

use crate::news::Memory;
use regex::Regex;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::LazyLock;
use tenken::deliver::{Bulletin, Telling, document, plain, slack};
use tenken::finding::{Run, Verdict};
use tenken::fix::{self, Choice};
use tenken::history::announcement::{Addressee, ChannelKind};
use tenken::history::pending::claim;
use tenken::history::{Time, store};
use tenken::plan::Wishes;
use tenken::policy::PolicySet;
use tenken::price::PriceTable;
use tenken::report::{self, Format, Look};
use tenken::run;
use tenken::snapshot::Snapshot;
use tenken::text::Lang;

const ACCOUNTS: [&str; 3] = ["ec-site", "ec-site-phase1", "worn-site"];

/// The account with names and ranges that could be somebody's: recordings have those of
/// documentation, and what tenken makes up could not be told from them.
fn account(name: &str) -> Snapshot {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/snapshots/{name}.json"));
    let text = std::fs::read_to_string(path).unwrap();
    let text = text.replace("example.com", "kamoshika.jp").replace("203.0.113.", "210.148.59.");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("snapshot.json");
    std::fs::write(&path, text).unwrap();
    run::load_snapshot(&path).unwrap()
}

/// What is nobody's, wherever it stands.
static NOBODYS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"192\.0\.2\.\d|198\.51\.100\.\d|203\.0\.113\.\d|(?i)2001:db8:|\bexample\.(com|org|net)\b")
        .unwrap()
});

/// What stands for something in a command. `<<WORD` and `< file` of a shell are none.
static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| {
    let words = [
        r"[^\s…]*…",
        r"(^|[\s='\x22/])my-[a-z]",
        "XXXX",
        r"(^|[^<])<[A-Za-z][\w -]*>",
        r"subnet-[a-z]{4}\b",
        r"=family:revision\b",
        "123456789012:…",
    ];
    Regex::new(&words.join("|")).unwrap()
});

static COMMENT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(^|\s)#(\s.*)?$").unwrap());

/// The commands of a script, without what is said about them.
fn commands(script: &str) -> String {
    let lines = script.lines().map(|line| COMMENT.replace(line, "").into_owned());
    lines.collect::<Vec<_>>().join("\n")
}

/// The examples found, each with where.
#[derive(Default)]
struct Examples {
    found: BTreeSet<String>,
    outputs: usize,
    scripts: usize,
}

impl Examples {
    fn output(&mut self, place: &str, text: &str) {
        self.outputs += 1;
        for line in text.lines() {
            for hit in NOBODYS.find_iter(line) {
                self.found.insert(format!("{place}: {} in {}", hit.as_str(), cut(line)));
            }
        }
    }

    fn script(&mut self, place: &str, script: &str) {
        self.scripts += 1;
        for line in commands(script).lines() {
            if let Some(hit) = PLACEHOLDER.find(line).or_else(|| NOBODYS.find(line)) {
                self.found.insert(format!("{place}: {} in {}", hit.as_str(), cut(line)));
            }
        }
    }

    // Every text of a document for programs that is a script by its name.
    fn json(&mut self, place: &str, value: &Value) {
        match value {
            Value::Object(fields) => {
                for (key, value) in fields {
                    let is_script =
                        ["cli", "check", "undo", "terraform", "commands", "command"].contains(&key.as_str());
                    if is_script { self.texts(place, value) } else { self.json(place, value) }
                }
            }
            Value::Array(values) => values.iter().for_each(|value| self.json(place, value)),
            _ => {}
        }
    }

    fn texts(&mut self, place: &str, value: &Value) {
        match value {
            Value::String(script) => self.script(place, script),
            Value::Object(fields) => fields.values().for_each(|value| self.texts(place, value)),
            Value::Array(values) => values.iter().for_each(|value| self.texts(place, value)),
            _ => {}
        }
    }

    fn program(&mut self, place: &str, text: &str) {
        self.output(place, text);
        let value: Value = serde_json::from_str(text).unwrap();
        self.json(place, &value);
    }
}

fn cut(line: &str) -> String {
    line.trim().chars().take(140).collect()
}

/// What people see of scripts: what is fenced or stands far in, and looks like a command.
fn shown_commands(text: &str) -> String {
    let command = Regex::new(r"^[\s>│]*(aws |[A-Z][A-Z0-9_]*=|for |if |curl |jq )").unwrap();
    text.lines().filter(|line| command.is_match(line)).collect::<Vec<_>>().join("\n")
}

/// The same run with other options before the recommended ones.
fn turned(run: &Run, by: usize) -> Run {
    let mut turned = run.clone();
    for finding in &mut turned.findings {
        if by < finding.options.len() {
            finding.options.rotate_left(by);
        }
    }
    turned
}

fn reports(examples: &mut Examples, place: &str, snapshot: &Snapshot, judged: &Run) {
    for lang in Lang::ALL {
        let look = Look { lang, width: 100, colour: false };
        let wishes = Wishes { budget_usd: Some(100_000.0), staff_hours: Some(10_000.0), ..Wishes::default() };
        for format in [Format::Terminal, Format::Markdown, Format::Json] {
            let mut written = vec![("scan", report::render(judged, format, &look))];
            // JSON is in both languages.
            if format != Format::Json || lang == Lang::En {
                written.push((
                    "plan",
                    run::plan(
                        snapshot,
                        judged,
                        PriceTable::embedded(),
                        &tenken::run::Configured {
                            policies: PolicySet::embedded().unwrap(),
                            ..tenken::run::Configured::default()
                        },
                        wishes.clone(),
                        format,
                        &look,
                    ),
                ));
            }
            for (name, bytes) in written {
                let place = format!("{place} {name} {format} {lang}");
                let text = String::from_utf8(bytes).unwrap();
                if format == Format::Json {
                    examples.program(&place, &text);
                } else {
                    examples.output(&place, &text);
                    examples.script(&place, &shown_commands(&text));
                }
            }
        }
        let fixes = fix::choose(judged, &Choice::default()).unwrap();
        for format in fix::FORMATS {
            let place = format!("{place} fix {format} {lang}");
            let text = fix::render(judged, &fixes, snapshot, *format, lang);
            if *format == Format::Json {
                examples.program(&place, &text);
            } else {
                examples.output(&place, &text);
                examples.script(&place, &text);
            }
        }
    }
}

fn news(examples: &mut Examples, place: &str, judged: &Run) {
    let mut before = judged.clone();
    before.taken_at = "2020-01-01T00:00:00Z".to_owned();
    for finding in &mut before.findings {
        finding.verdict = Verdict::Pass;
        finding.options.clear();
    }
    let channel = ChannelKind::Slack;
    let store = Memory::default();
    let addressees = [Addressee { channel, digest: None }];
    store::update_with_news(&store, &before, &addressees).unwrap();
    store::update_with_news(&store, judged, &addressees).unwrap();
    let mut history = store::read(&store).unwrap();
    let now = Time::parse("2027-01-01T00:00:00Z").unwrap();
    let mut told = 0;
    loop {
        let claimed = claim(&mut history, channel, "one", now, &[]);
        if claimed.is_empty() {
            break;
        }
        let bulletin = Bulletin::new(&judged.account, &claimed, &Telling::default());
        let whole = document::document(&bulletin, usize::MAX);
        told += whole["news"].as_array().unwrap().len();
        examples.program(&format!("{place} news"), &whole.to_string());
        for lang in Lang::ALL {
            let place = format!("{place} news {lang}");
            let text = plain::long(&bulletin, lang, usize::MAX);
            examples.output(&place, &text);
            examples.script(&place, &shown_commands(&text));
            for message in slack::messages(&bulletin, lang) {
                examples.output(&place, &message.to_string());
                examples.script(&place, &shown_commands(&message.to_string().replace("\\n", "\n")));
            }
        }
    }
    assert!(told > 0, "{place}");
}

#[test]
fn no_output_has_an_example_to_paste() {
    let policies = PolicySet::embedded().unwrap();
    let mut examples = Examples::default();
    for name in ACCOUNTS {
        let snapshot = account(name);
        let judged = run::judge(&snapshot, &policies);
        let most = judged.findings.iter().map(|finding| finding.options.len()).max().unwrap();
        assert!(most > 1);
        for by in 0..most {
            let turned = turned(&judged, by);
            let place = format!("{name}, option {}", by + 1);
            reports(&mut examples, &place, &snapshot, &turned);
            news(&mut examples, &place, &turned);
        }
    }
    println!("{} outputs, {} scripts, {} examples", examples.outputs, examples.scripts, examples.found.len());
    let found: Vec<&str> = examples.found.iter().map(String::as_str).collect();
    assert!(found.is_empty(), "{} examples:\n{}", found.len(), found.join("\n"));
}

#[test]
fn what_is_an_example_is_told_from_a_command() {
    let mut examples = Examples::default();
    for script in [
        "GROUP_ID=sg-…",
        "aws a --cidr 203.0.113.0/24",
        "aws a --bucket my-logs",
        "aws a --id <id>",
        "aws a --account XXXXXXXXXXXX",
        "DOMAIN=shop.example.com  # yours",
    ] {
        examples.script(script, script);
    }
    assert_eq!(examples.found.len(), 6, "{:?}", examples.found);
    let mut examples = Examples::default();
    for script in [
        "cat <<EOF > file.json",
        "GROUP_ID=\"${GROUP_ID:-}\"  # such as sg-…",
        "while read -r A; do x; done < <(aws a) > b",
        "aws a --name shop-my-api",
    ] {
        examples.script(script, script);
    }
    assert!(examples.found.is_empty(), "{:?}", examples.found);
}
