//! The saved form of a history: JSON that people can read, with a version.
//!
//! A file that cannot be understood is reported and left as it is; nothing is ever written
//! over it.

mod migration;

use super::{FORMAT_VERSION, History, KIND};
use crate::finding::IDENTITY_VERSION;
use crate::text::{Explained, Text};
use serde::Deserialize;
use serde_json::Value;

/// Turns a file of a version into one of the next, in order, beginning with version 1.
const MIGRATIONS: &[fn(Value) -> Value] = &[migration::channels];

// Who raises the version must say what becomes of older files.
const _: () = assert!(MIGRATIONS.len() as u32 + 1 == FORMAT_VERSION);

/// Why a file cannot be used as a history. Completed by the file's name in front.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.what().en)]
pub enum FileError {
    /// It is something else.
    Foreign {
        /// What shows it.
        reason: Text,
    },
    /// It ends in the middle.
    CutOff {
        /// Where it ends.
        line: usize,
    },
    /// A value in it is not as it should be.
    Damaged {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is not as it should be.
        reason: Text,
    },
    /// It was written by a newer tenken.
    Newer {
        /// Its version.
        found: u64,
    },
    /// Its findings have ids that this tenken cannot compare.
    OtherIdentity {
        /// Its version.
        found: u64,
    },
}

impl Explained for FileError {
    fn what(&self) -> Text {
        match self {
            FileError::Foreign { reason } => Text::new(
                format!(
                    "it is not a tenken history ({}); it was left as it is, name another file",
                    reason.en
                ),
                format!(
                    "tenken の履歴ではない（{}）。ファイルは変更していない。別のファイルを指定する。",
                    reason.ja
                ),
            ),
            FileError::CutOff { line } => Text::new(
                format!(
                    "it ends in the middle, at line {line}, and was left as it is; restore a copy, or move it away to start a new one"
                ),
                format!(
                    "{line} 行目で途切れている。ファイルは変更していない。控えから戻すか、移動して新しく始める。"
                ),
            ),
            FileError::Damaged { line, column, reason } => Text::new(
                format!(
                    "line {line}, column {column}: {}; it was changed or damaged and was left as it is, restore a copy, or move it away to start a new one",
                    reason.en
                ),
                format!(
                    "{line} 行 {column} 桁: {}。変更または破損している。ファイルは変更していない。控えから戻すか、移動して新しく始める。",
                    reason.ja
                ),
            ),
            FileError::Newer { found } => Text::new(
                format!(
                    "it has history version {found}, and this tenken reads up to {FORMAT_VERSION}; it was left as it is, use the tenken that wrote it, or a newer one"
                ),
                format!(
                    "履歴のバージョンが {found} で、この tenken が読めるのは {FORMAT_VERSION} まで。ファイルは変更していない。書き込んだ tenken か、より新しいものを使う。"
                ),
            ),
            FileError::OtherIdentity { found } => Text::new(
                format!(
                    "its finding ids are of version {found}, and those of this tenken of version {IDENTITY_VERSION}; it was left as it is, use the tenken that wrote it, or name another file"
                ),
                format!(
                    "指摘 ID のバージョンが {found} で、この tenken は {IDENTITY_VERSION}。ファイルは変更していない。書き込んだ tenken を使うか、別のファイルを指定する。"
                ),
            ),
        }
    }
}

#[derive(Deserialize)]
struct HistoryHeader {
    kind: Option<String>,
    format_version: Option<u64>,
    identity_version: Option<u64>,
}

/// Whether the bytes say that they are a history, sound or not.
pub(crate) fn is_history(bytes: &[u8]) -> bool {
    serde_json::from_slice::<HistoryHeader>(bytes).is_ok_and(|header| header.kind.as_deref() == Some(KIND))
}

/// Reads a history.
///
/// # Errors
/// It is something else, cut off, damaged, of a newer tenken, or its ids are of another version.
pub fn parse(bytes: &[u8]) -> Result<History, FileError> {
    let foreign = |en: &str, ja: &str| FileError::Foreign { reason: Text::new(en, ja) };
    let text = std::str::from_utf8(bytes).map_err(|_| foreign("it is not text", "テキストではない"))?;
    if text.trim().is_empty() {
        return Err(foreign("it is empty", "空である"));
    }
    if !text.trim_start().starts_with('{') {
        return Err(foreign("it does not begin with `{`", "`{` で始まっていない"));
    }
    let header: HistoryHeader = serde_json::from_str(text).map_err(|error| match error.classify() {
        serde_json::error::Category::Eof if text.contains(KIND) => FileError::CutOff { line: error.line() },
        serde_json::error::Category::Syntax if text.contains(KIND) => damaged(&error),
        _ => foreign(
            &format!("line {}: not a JSON object with a `kind`", error.line()),
            &format!("{} 行目: `kind` を持つ JSON オブジェクトではない", error.line()),
        ),
    })?;
    if header.kind.as_deref() != Some(KIND) {
        return Err(foreign(&format!("it has no `kind` `{KIND}`"), &format!("`kind` が `{KIND}` ではない")));
    }
    let found = header
        .format_version
        .ok_or_else(|| foreign("it has no `format_version`", "`format_version` がない"))?;
    if found > u64::from(FORMAT_VERSION) {
        return Err(FileError::Newer { found });
    }
    let found_identity = header
        .identity_version
        .ok_or_else(|| foreign("it has no `identity_version`", "`identity_version` がない"))?;
    if found_identity != u64::from(IDENTITY_VERSION) {
        return Err(FileError::OtherIdentity { found: found_identity });
    }
    let history = if found == u64::from(FORMAT_VERSION) {
        serde_json::from_str(text).map_err(|error| damaged(&error))?
    } else {
        migrate(text, found)?
    };
    check(history)
}

fn migrate(text: &str, found: u64) -> Result<History, FileError> {
    let Some(done) = found.checked_sub(1).and_then(|done| usize::try_from(done).ok()) else {
        return Err(FileError::Foreign {
            reason: Text::new("there is no history version 0", "履歴のバージョン 0 は存在しない"),
        });
    };
    let mut value: Value = serde_json::from_str(text).map_err(|error| damaged(&error))?;
    for migration in MIGRATIONS.iter().skip(done) {
        value = migration(value);
    }
    serde_json::from_value(value).map_err(|error| damaged(&error))
}

// What the types cannot say.
fn check(history: History) -> Result<History, FileError> {
    let entries = history.findings.iter().map(|(id, entry)| (id, &entry.finding.id));
    let unknown = history.unknown.iter().map(|(id, entry)| (id, &entry.finding.id));
    match entries.chain(unknown).find(|(key, id)| key != id) {
        None => Ok(history),
        Some((key, id)) => Err(FileError::Damaged {
            line: 1,
            column: 1,
            reason: Text::new(
                format!("the finding `{key}` says that its id is `{id}`"),
                format!("指摘 `{key}` の ID が `{id}` になっている"),
            ),
        }),
    }
}

fn damaged(error: &serde_json::Error) -> FileError {
    let text = error.to_string();
    // serde_json appends the position, which is named already.
    let reason = text.split(" at line ").next().unwrap_or(&text).to_owned();
    FileError::Damaged { line: error.line(), column: error.column(), reason: Text::same(reason) }
}

/// Writes a history: the same one always as the same bytes.
pub fn render(history: &History) -> Vec<u8> {
    // Serialising fails for maps whose keys are not text; here there are none.
    let mut text = serde_json::to_string_pretty(history).unwrap_or_default();
    text.push('\n');
    text.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let history = History { account: "123456789012".into(), ..History::default() };
        assert_eq!(parse(&render(&history)).unwrap(), history);
        assert!(is_history(&render(&history)));
        assert!(!is_history(b"{\"format_version\": 1}"));
    }

    #[test]
    fn bad_files_are_told_apart() {
        let whole = String::from_utf8(render(&History::default())).unwrap();
        let replaced = |from: &str, to: &str| {
            assert!(whole.contains(from), "{from}");
            whole.replace(from, to)
        };
        let cases = [
            (String::new(), "it is empty"),
            ("hello".to_owned(), "it is not a tenken history"),
            ("[1]".to_owned(), "it is not a tenken history"),
            // A JSON report, a snapshot.
            ("{\"format_version\": 1, \"account\": \"1\"}".to_owned(), "it has no `kind`"),
            ("{\"schema_version\": 1}".to_owned(), "it has no `kind`"),
            (replaced("\"format_version\": 2", "\"format_version\": 3"), "history version 3"),
            (replaced("\"format_version\": 2", "\"format_version\": 0"), "no history version 0"),
            (replaced("\"identity_version\": 1", "\"identity_version\": 9"), "ids are of version 9"),
            (whole[..whole.len() / 2].to_owned(), "it ends in the middle"),
            (replaced("\"runs\": []", "\"runs\": 3"), "expected a sequence"),
            (replaced("\"runs\"", "\"run\""), "unknown field `run`"),
            (replaced("\"runs\": [],", "\"runs\": [] x"), "line 7"),
        ];
        for (text, expected) in cases {
            let error = parse(text.as_bytes()).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}\n{expected}");
            // Every message exists in Japanese and says that the file was not touched.
            let what = error.what();
            assert!(what.ja.contains("ファイルは変更していない"), "{}", what.ja);
            assert!(what.en.contains("left as it is"), "{error}");
        }
    }
}
