//! Walks a TOML table by hand: every value keeps its line, and every problem is noted
//! instead of ending the reading.

use crate::text::{Lang, Text, quoted};
use crate::written::{Line, Problem, closest, did_you_mean};
use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml::value::Datetime;

/// A value with its place.
pub(crate) type Node<'a> = Spanned<DeValue<'a>>;

/// The file as a whole, for [`Reader::entries`].
pub(crate) const FILE: &str = "the file";
/// One `[[accept]]`.
pub(crate) const ACCEPTANCE: &str = "an acceptance";

/// Reads one file and collects its problems.
pub(crate) struct Reader<'t> {
    pub file: String,
    text: &'t str,
    /// Where its lines end, so that the line of a place is found without reading up to it.
    ends: Vec<usize>,
    pub problems: Vec<Problem>,
    /// Lines that the parser stumbled over: what else seems wrong with them is a guess.
    pub damaged_lines: Vec<usize>,
}

impl<'t> Reader<'t> {
    pub(crate) fn new(file: &str, text: &'t str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect();
        Reader { file: file.to_owned(), text, ends, problems: Vec::new(), damaged_lines: Vec::new() }
    }

    /// The line of a place in the text, from 1.
    pub(crate) fn line(&self, at: usize) -> usize {
        self.ends.partition_point(|end| *end < at) + 1
    }

    // What stands on a line.
    fn written(&self, line: usize) -> &'t str {
        let begin = line.checked_sub(2).and_then(|above| self.ends.get(above)).map_or(0, |end| end + 1);
        let end = self.ends.get(line.saturating_sub(1)).copied().unwrap_or(self.text.len());
        self.text.get(begin..end).unwrap_or_default().trim()
    }

    pub(crate) fn line_of<T>(&self, node: &Spanned<T>) -> usize {
        self.line(node.span().start)
    }

    pub(crate) fn problem(&mut self, line: usize, message: Text) {
        if !self.damaged_lines.contains(&line) {
            self.problems.push(Problem { file: self.file.clone(), line, message });
        }
    }

    /// The whole file; what cannot be parsed is noted and left out.
    pub(crate) fn document(&mut self) -> DeTable<'t> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            let line = error.span().map_or(1, |span| self.line(span.start));
            let written = self.written(line);
            let message = syntax_problem(error.message(), without_secret(written));
            // One slip makes the parser stumble more than once.
            self.problem(line, message);
            self.damaged_lines.push(line);
        }
        table.into_inner()
    }

    /// The entries of a table with only the allowed keys, in the order of the file.
    pub(crate) fn entries<'n, 'a>(
        &mut self,
        table: &'n DeTable<'a>,
        what: &str,
        allowed: &[&str],
        hint: impl Fn(&str) -> Option<Text>,
    ) -> Vec<(Line<String>, &'n Node<'a>)> {
        let mut entries = Vec::new();
        for (key, value) in table {
            let name = key.get_ref().to_string();
            if allowed.is_empty() || allowed.contains(&name.as_str()) {
                entries.push((key.span().start, name, value));
                continue;
            }
            let known = hint(&name).unwrap_or_else(|| match closest(&name, allowed.iter().copied()) {
                Some(closest) => did_you_mean(closest),
                None => {
                    let names = allowed.join(", ");
                    Text::new(format!("; it takes {names}"), format!("。指定できるのは {names}"))
                }
            });
            let name = quoted(&name);
            let message = Text::new(
                format!("{} has no key `{name}`{}", whole(what, Lang::En), known.en),
                format!("{}に `{name}` というキーはない{}", whole(what, Lang::Ja), known.ja),
            );
            self.problem(self.line_of(key), message);
        }
        entries.sort_by_key(|(start, _, _)| *start);
        entries
            .into_iter()
            .map(|(start, name, value)| (Line { line: self.line(start), value: name }, value))
            .collect()
    }

    /// Text that is not empty; `form` shows how it is written.
    pub(crate) fn text(&mut self, node: &Node<'_>, key: &str, form: &str) -> Option<Line<String>> {
        let line = self.line_of(node);
        match node.get_ref() {
            DeValue::String(text) if !text.trim().is_empty() => Some(Line { line, value: text.to_string() }),
            DeValue::String(_) => {
                let message = Text::new(
                    format!("`{key}` is empty; write {key} = {form}, or remove the key"),
                    format!("`{key}` が空である。{key} = {form} のように書くか、キーを削除する"),
                );
                self.problem(line, message);
                None
            }
            other => {
                self.problem(line, is_instead(key, other, form));
                None
            }
        }
    }

    /// A list of texts that is not empty.
    pub(crate) fn texts(&mut self, node: &Node<'_>, key: &str, form: &str) -> Option<Vec<Line<String>>> {
        let line = self.line_of(node);
        let DeValue::Array(items) = node.get_ref() else {
            self.problem(line, is_instead(key, node.get_ref(), form));
            return None;
        };
        if items.is_empty() {
            let message = Text::new(
                format!("`{key}` is an empty list; write {key} = {form}, or remove the key"),
                format!("`{key}` が空のリストである。{key} = {form} のように書くか、キーを削除する"),
            );
            self.problem(line, message);
            return None;
        }
        let mut texts = Vec::new();
        for item in items.iter() {
            match item.get_ref() {
                DeValue::String(text) if !text.trim().is_empty() => {
                    texts.push(Line { line: self.line_of(item), value: text.to_string() });
                }
                other => {
                    let message = Text::new(
                        format!("`{key}` holds {}; write {key} = {form}", kind(other, Lang::En)),
                        format!("`{key}` に{}が含まれる。{key} = {form} のように書く", kind(other, Lang::Ja)),
                    );
                    self.problem(self.line_of(item), message);
                }
            }
        }
        Some(texts)
    }

    /// A number that is not negative.
    pub(crate) fn number(&mut self, node: &Node<'_>, key: &str, form: &str) -> Option<Line<f64>> {
        let line = self.line_of(node);
        let number = match node.get_ref() {
            DeValue::Integer(number) => {
                #[expect(clippy::cast_precision_loss, reason = "amounts of money are far below 2^53")]
                let whole =
                    i64::from_str_radix(number.as_str(), number.radix()).ok().map(|whole| whole as f64);
                whole
            }
            DeValue::Float(number) => number.as_str().parse().ok(),
            other => {
                self.problem(line, is_instead(key, other, form));
                return None;
            }
        };
        match number.filter(|number: &f64| number.is_finite() && *number >= 0.0) {
            Some(value) => Some(Line { line, value }),
            None => {
                let message = Text::new(
                    format!("`{key}` must be 0 or more; write {key} = {form}"),
                    format!("`{key}` は 0 以上の数でなければならない。{key} = {form} のように書く"),
                );
                self.problem(line, message);
                None
            }
        }
    }

    /// A day.
    pub(crate) fn date(&mut self, node: &Node<'_>, key: &str) -> Option<Line<Date>> {
        let line = self.line_of(node);
        let DeValue::Datetime(Datetime { date: Some(date), time: None, offset: None }) = node.get_ref()
        else {
            let written = node.get_ref();
            let message = Text::new(
                format!(
                    "`{key}` is {}; write {key} = 2027-03-31, a date without quotes or a time",
                    kind(written, Lang::En)
                ),
                format!(
                    "`{key}` が{}になっている。{key} = 2027-03-31 のように、引用符も時刻も付けずに書く",
                    kind(written, Lang::Ja)
                ),
            );
            self.problem(line, message);
            return None;
        };
        let parts = (i16::try_from(date.year), i8::try_from(date.month), i8::try_from(date.day));
        let day = match parts {
            (Ok(year), Ok(month), Ok(day)) => Date::new(year, month, day).ok(),
            _ => None,
        };
        if day.is_none() {
            let message = Text::new(
                format!("`{key}` is {date}, a date that does not exist"),
                format!("`{key}` の {date} は存在しない日付である"),
            );
            self.problem(line, message);
        }
        day.map(|value| Line { line, value })
    }
}

/// How messages name a value.
pub(crate) fn kind(value: &DeValue<'_>, lang: Lang) -> &'static str {
    match value {
        DeValue::String(text) if text.trim().is_empty() => lang.pick("empty text", "空の文字列"),
        DeValue::String(_) => lang.pick("text", "文字列"),
        DeValue::Integer(_) => lang.pick("a whole number", "整数"),
        DeValue::Float(_) => lang.pick("a number with a fraction", "小数"),
        DeValue::Boolean(_) => lang.pick("a boolean", "真偽値"),
        DeValue::Datetime(Datetime { date: Some(_), time: None, .. }) => lang.pick("a date", "日付"),
        DeValue::Datetime(_) => lang.pick("a time", "時刻"),
        DeValue::Array(_) => lang.pick("a list", "リスト"),
        DeValue::Table(_) => lang.pick("a table", "テーブル"),
    }
}

/// A value of the wrong kind, and how it is written.
pub(crate) fn is_instead(key: &str, value: &DeValue<'_>, form: &str) -> Text {
    Text::new(
        format!("`{key}` is {}; write {key} = {form}", kind(value, Lang::En)),
        format!("`{key}` が{}になっている。{key} = {form} のように書く", kind(value, Lang::Ja)),
    )
}

/// The same for a table, with the words that say how it is written.
pub(crate) fn is_no_table(key: &str, value: &DeValue<'_>, form: (&str, &str)) -> Text {
    Text::new(
        format!("`{key}` is {}; write {}", kind(value, Lang::En), form.0),
        format!("`{key}` が{}になっている。{}", kind(value, Lang::Ja), form.1),
    )
}

// Two of the places that have keys are named by words.
fn whole(what: &str, lang: Lang) -> String {
    match (what, lang) {
        (FILE, Lang::Ja) => "このファイル".to_owned(),
        (ACCEPTANCE, Lang::Ja) => "[[accept]] ".to_owned(),
        (name, Lang::Ja) => format!("{name} "),
        (name, Lang::En) => name.to_owned(),
    }
}

// An address or a token that was written without quotes stops the parser, and is not to be shown.
fn without_secret(written: &str) -> &str {
    let may_be_secret = written.contains("://") || written.contains("xox") || written.contains("Bearer");
    match written.split_once('=') {
        Some((key, _)) if may_be_secret => key.trim(),
        None if may_be_secret => "…",
        _ => written,
    }
}

// The parser's sentences are short; say where it stumbled and, for what people do, why.
fn syntax_problem(message: &str, written: &str) -> Text {
    let written = quoted(written);
    let (en, ja) = if message.contains("duplicate key") {
        ("duplicate key; keep one", "キーが重複している。どちらか一方を残す")
    } else if message.contains("date") || message.contains("month") || message.contains("day") {
        (
            "this date does not exist; write one like 2027-03-31",
            "存在しない日付である。2027-03-31 のように書く",
        )
    } else if message.contains("quoted") || message.contains("literal") {
        ("text must be in quotes", "文字列は引用符で囲む")
    } else {
        return Text::new(
            format!("TOML cannot be read here: {message} (at `{written}`)"),
            format!("TOML として読み取れない: {message}（`{written}`）"),
        );
    };
    Text::new(format!("{en} (at `{written}`)"), format!("{ja}（`{written}`）"))
}
