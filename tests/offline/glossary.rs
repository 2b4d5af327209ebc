//! `docs/glossary.md` against every text that people read.

use regex::Regex;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A row of the table.
struct Term {
    english: String,
    japanese: String,
    not_english: Vec<String>,
    not_japanese: Vec<String>,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn terms() -> Vec<Term> {
    let text = fs::read_to_string(root().join("docs/glossary.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| English"));
    let terms: Vec<Term> = rows
        .map(|row| {
            let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
            let words = |cell: &str| {
                cell.split(", ").filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>()
            };
            assert_eq!(cells.len(), 5, "{row}");
            Term {
                english: cells[0].to_owned(),
                japanese: cells[1].to_owned(),
                not_english: words(cells[3]),
                not_japanese: words(cells[4]),
            }
        })
        .collect();
    assert!(terms.len() > 20);
    terms
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

fn is_japanese(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '\u{3041}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}'))
}

/// What people read of a file: texts in English and in Japanese, with their lines.
#[derive(Default)]
struct Texts {
    english: Vec<(String, String)>,
    japanese: Vec<(String, String)>,
}

impl Texts {
    fn all() -> Texts {
        let mut texts = Texts::default();
        let mut paths = Vec::new();
        for folder in ["src", "policies", "docs"] {
            files(&root().join(folder), &mut paths);
        }
        paths.extend(
            ["README.md", "README.ja.md", "SECURITY.md", "SECURITY.ja.md"].map(|name| root().join(name)),
        );
        for path in paths {
            let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
            if name == "docs/glossary.md" || name == "src/text/phrases.json" {
                continue;
            }
            let whole = fs::read_to_string(&path).unwrap_or_default();
            match name.rsplit('.').next().unwrap() {
                "rs" => texts.literals(&name, whole.split("#[cfg(test)]\nmod ").next().unwrap_or_default()),
                "yaml" => texts.policy(&name, &whole),
                "md" => texts.lines(&name, &whole),
                _ => {}
            }
        }
        texts
    }

    fn add(&mut self, place: &str, text: &str) {
        let side = if is_japanese(text) { &mut self.japanese } else { &mut self.english };
        side.push((place.to_owned(), text.to_owned()));
    }

    fn literals(&mut self, name: &str, code: &str) {
        if name.ends_with("tests.rs") {
            return;
        }
        let literal = Regex::new(r#""((?:[^"\\]|\\.)*)""#).unwrap();
        for (index, line) in code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"))
        {
            let place = format!("{name}:{}", index + 1);
            literal.captures_iter(line).for_each(|found| self.add(&place, &found[1]));
        }
    }

    // What stands behind `en:` and `ja:`, the lines of lists below them, and both sides of comments of scripts.
    fn policy(&mut self, name: &str, text: &str) {
        let said = Regex::new(r#"(?:en|ja): ("(?:[^"\\]|\\.)*"|'[^']*'|[^{}]*)"#).unwrap();
        for (index, line) in text.lines().enumerate() {
            let place = format!("{name}:{}", index + 1);
            said.captures_iter(line).for_each(|found| self.add(&place, &found[1]));
            if let Some(item) = line.trim_start().strip_prefix("- ").filter(|item| !item.contains("ja: ")) {
                self.add(&place, item);
            }
            if let Some((_, japanese)) = line.split_once(" ## ") {
                self.add(&place, japanese);
            }
        }
    }

    fn lines(&mut self, name: &str, text: &str) {
        for (index, line) in text.lines().enumerate() {
            let place = format!("{name}:{}", index + 1);
            // Tables of policies and conclusions have both languages in one line.
            line.split('|').for_each(|cell| self.add(&place, cell));
        }
    }
}

#[test]
fn one_thing_has_one_name() {
    let terms = terms();
    let english: BTreeSet<&str> = terms.iter().map(|term| term.english.as_str()).collect();
    let japanese: BTreeSet<&str> = terms.iter().map(|term| term.japanese.as_str()).collect();
    assert_eq!((english.len(), japanese.len()), (terms.len(), terms.len()), "a term stands twice");
    let texts = Texts::all();
    assert!(texts.english.len() > 1_000 && texts.japanese.len() > 1_000);
    let mut problems = Vec::new();
    for term in &terms {
        let uses = |texts: &[(String, String)], word: &str| {
            texts.iter().any(|(_, text)| text.to_lowercase().contains(&word.to_lowercase()))
        };
        if !uses(&texts.english, &term.english) || !uses(&texts.japanese, &term.japanese) {
            problems.push(format!("nobody says {} or {}", term.english, term.japanese));
        }
        for (texts, words) in [(&texts.english, &term.not_english), (&texts.japanese, &term.not_japanese)] {
            for word in words {
                // A long vowel at the end makes another word of a short one.
                let longer = format!("{word}ー");
                let says = |text: &str| text.replace(&longer, "").contains(word.as_str());
                let found = texts.iter().filter(|(_, text)| says(text));
                problems.extend(found.map(|(place, text)| format!("{place}: {word} in {text:?}")));
            }
        }
    }
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}

/// Words of data that stood in Japanese sentences.
#[test]
fn no_word_of_data_stands_in_a_japanese_sentence() {
    let fragments = Regex::new(
        r"（(environment|command|password|connection-string|[a-z-]+-key)、|(^|[^\w-])(service|instance|interface|function|db cluster) [\w/-]+ (に|が|を|は|の|経由)|is_open: |kind: [a-z]",
    )
    .unwrap();
    let mut problems = Vec::new();
    for name in ["ec-site", "worn-site"] {
        for form in [format!("{name}-ja.txt"), format!("screen-{name}-ja.txt")] {
            let text = fs::read_to_string(root().join("tests/golden").join(&form)).unwrap();
            // Evidence is data, and commands are commands.
            let lines = text
                .lines()
                .filter(|line| !line.trim_start().starts_with("| ") || line.contains("is_open: "));
            problems
                .extend(lines.filter(|line| fragments.is_match(line)).map(|line| format!("{form}: {line}")));
        }
    }
    assert!(problems.is_empty(), "{} fragments:\n{}", problems.len(), problems.join("\n"));
}
