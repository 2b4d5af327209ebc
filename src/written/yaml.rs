//! Reads YAML by hand, so that every problem of a file is reported at once, each with
//! its line and with what to write instead.

use super::{Line, Problem, similar};
use crate::text::Text;
use saphyr::{LoadableYamlNode, MarkedYaml, Scalar, YamlData};

/// Reads one document and collects its problems.
pub struct YamlReader<'t> {
    /// The file, for messages.
    pub file: String,
    /// What was found so far.
    pub problems: Vec<Problem>,
    text: &'t str,
}

impl<'t> YamlReader<'t> {
    /// A reader for `file`, which says `text`.
    pub(crate) fn new(file: &str, text: &'t str) -> Self {
        YamlReader { file: file.to_owned(), problems: Vec::new(), text }
    }

    /// Notes a problem.
    pub fn problem(&mut self, line: usize, message: impl Into<String>) {
        self.problems.push(Problem { file: self.file.clone(), line, message: Text::same(message) });
    }

    /// Notes a problem `at` so many bytes of a scalar, which may go over several lines.
    pub(crate) fn problem_at(&mut self, scalar: &Line<String>, at: usize, message: impl Into<String>) {
        self.problem(self.line_at(scalar, at), message);
    }

    // A literal scalar (`|`) keeps its lines. Every other one has them folded into spaces, and is
    // found again in the file line by line.
    fn line_at(&self, scalar: &Line<String>, at: usize) -> usize {
        let first = scalar.line.saturating_sub(1);
        if self.is_literal(first) {
            let before = scalar.value.get(..at).unwrap_or(&scalar.value);
            return scalar.line + before.matches('\n').count();
        }
        let (mut line, mut read) = (scalar.line, 0);
        for (offset, written) in self.text.lines().skip(first).enumerate() {
            let rest = scalar.value.get(read..).unwrap_or_default();
            let value = rest.trim_start();
            let start = read + rest.len() - value.len();
            if value.is_empty() || start > at {
                break;
            }
            let written = written.trim();
            if written.is_empty() {
                continue;
            }
            let length = if offset == 0 { shared_end(written, value) } else { shared_start(written, value) };
            if length == 0 {
                break;
            }
            (line, read) = (scalar.line + offset, start + length);
        }
        line
    }

    // Whether the line before (empty ones left out) begins a literal scalar.
    fn is_literal(&self, first: usize) -> bool {
        let before = self.text.lines().take(first).filter(|line| !line.trim().is_empty()).last();
        let header = before.map(|line| line.trim_end().trim_end_matches(['-', '+']));
        header.is_some_and(|header| header.ends_with('|'))
    }

    /// The only document of the text.
    pub fn document(&mut self) -> Option<MarkedYaml<'t>> {
        let text = self.text;
        match MarkedYaml::load_from_str(text) {
            Ok(mut documents) if documents.len() == 1 => documents.pop(),
            Ok(documents) => {
                self.problem(
                    1,
                    format!("the file has {} YAML documents; write one policy in it", documents.len()),
                );
                None
            }
            Err(error) => {
                let line = error.marker().line();
                let written = text.lines().nth(line.saturating_sub(1)).unwrap_or("").trim();
                self.problem(line, yaml_problem(&error.to_string(), written));
                None
            }
        }
    }

    /// The entries of a mapping with only the allowed keys; `what` names it in messages.
    pub(crate) fn mapping<'n, 'a>(
        &mut self,
        node: &'n MarkedYaml<'a>,
        what: &str,
        allowed: &[&str],
    ) -> Vec<(String, &'n MarkedYaml<'a>)> {
        let Some(mapping) = node.data.as_mapping() else {
            self.problem(line_of(node), format!("{what} must be `key: value` pairs"));
            return Vec::new();
        };
        let mut entries = Vec::new();
        for (key, value) in mapping {
            let name = scalar(key).unwrap_or_default();
            if !allowed.is_empty() && !allowed.contains(&name.as_str()) {
                let hint = similar(&name, allowed.iter().copied());
                let known = if hint.is_empty() { format!("; it takes {}", allowed.join(", ")) } else { hint };
                self.problem(line_of(key), format!("{what} has no key `{name}`{known}"));
                continue;
            }
            entries.push((name, value));
        }
        entries
    }

    /// Text, or a number or truth value as it was written.
    pub fn text(&mut self, node: &MarkedYaml<'_>, what: &str) -> Line<String> {
        let line = line_of(node);
        if let YamlData::Tagged(tag, _) = &node.data {
            let written = format!("{}{}", tag.handle, tag.suffix);
            self.problem(
                line,
                format!("{what} begins with `!`, which YAML takes for a tag (`{written}`); quote it"),
            );
            return Line { line, value: String::new() };
        }
        match scalar(node) {
            Some(value) if !value.trim().is_empty() => Line { line, value },
            Some(_) => {
                self.problem(line, format!("{what} is empty"));
                Line { line, value: String::new() }
            }
            None => {
                self.problem(line, format!("{what} must be text; quote it if it begins with [ or {{"));
                Line { line, value: String::new() }
            }
        }
    }

    /// A list.
    pub fn list<'n, 'a>(&mut self, node: &'n MarkedYaml<'a>, what: &str) -> &'n [MarkedYaml<'a>] {
        match node.data.as_vec() {
            Some(list) => list,
            None => {
                self.problem(line_of(node), format!("{what} must be a list"));
                &[]
            }
        }
    }

    /// A list of texts.
    pub fn texts(&mut self, node: &MarkedYaml<'_>, what: &str) -> Vec<Line<String>> {
        self.list(node, what).iter().map(|item| self.text(item, what)).collect()
    }

    /// A text in every language.
    pub(crate) fn bilingual(&mut self, node: &MarkedYaml<'_>, what: &str) -> (Line<String>, Line<String>) {
        let (mut en, mut ja) = (None, None);
        for (key, value) in self.mapping(node, what, &["en", "ja"]) {
            let text = self.text(value, &format!("{what}.{key}"));
            if key == "en" { en = Some(text) } else { ja = Some(text) }
        }
        for (language, text) in [("en", &en), ("ja", &ja)] {
            if text.is_none() && node.data.is_mapping() {
                self.problem(
                    line_of(node),
                    format!("{what} lacks `{language}`: everything people read exists in both languages"),
                );
            }
        }
        (en.unwrap_or_default(), ja.unwrap_or_default())
    }

    /// A plain text in every language, without templates.
    pub fn plain(&mut self, node: &MarkedYaml<'_>, what: &str) -> Text {
        let (en, ja) = self.bilingual(node, what);
        Text { en: en.value.trim().to_owned(), ja: ja.value.trim().to_owned() }
    }
}

/// The line a node begins on, from 1.
pub(crate) fn line_of(node: &MarkedYaml<'_>) -> usize {
    node.span.start.line()
}

/// A scalar as it was written, more or less.
pub(crate) fn scalar(node: &MarkedYaml<'_>) -> Option<String> {
    match &node.data {
        YamlData::Value(Scalar::String(text)) => Some(text.to_string()),
        YamlData::Value(Scalar::Boolean(value)) => Some(value.to_string()),
        YamlData::Value(Scalar::Integer(value)) => Some(value.to_string()),
        YamlData::Value(Scalar::FloatingPoint(value)) => Some(value.to_string()),
        YamlData::Value(Scalar::Null) => Some(String::new()),
        _ => None,
    }
}

// How much of a line is where a scalar that begins in it begins.
fn shared_end(line: &str, scalar: &str) -> usize {
    let ends = line.char_indices().filter_map(|(at, _)| line.get(at..));
    ends.into_iter().find(|end| scalar.starts_with(end)).map_or(0, str::len)
}

// How much of a line goes on with a scalar; quotes and brackets may close behind it.
fn shared_start(line: &str, scalar: &str) -> usize {
    let same = line.chars().zip(scalar.chars()).take_while(|(left, right)| left == right);
    same.map(|(character, _)| character.len_utf8()).sum()
}

// The parser's own sentences speak of its inside; say what people did.
fn yaml_problem(message: &str, written: &str) -> String {
    let reason = if message.contains("duplicate") {
        "duplicate key; keep one"
    } else if message.contains("mapping values are not allowed") {
        "the text contains `: `; quote it"
    } else if message.contains("tab") {
        "YAML is indented with spaces, not tabs"
    } else if message.contains("simple key") || message.contains("expected ':'") {
        "a `key: value` pair lacks its colon, or the indentation is off"
    } else {
        "YAML cannot be read here; check quotes, brackets and indentation"
    };
    format!("{reason} (at `{written}`)")
}
