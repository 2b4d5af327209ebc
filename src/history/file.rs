//! The saved form of a history: JSON that people can read, with a version.
//!
//! A file that cannot be understood is reported and left as it is; nothing is ever written
//! over it.

mod migration;

use super::{FORMAT_VERSION, History, KIND};
use crate::finding::IDENTITY_VERSION;
use crate::text::Lang;
use serde::Deserialize;
use serde_json::Value;

/// Turns a file of a version into one of the next, in order, beginning with version 1.
const MIGRATIONS: &[fn(Value) -> Value] = &[migration::channels];

// Who raises the version must say what becomes of older files.
const _: () = assert!(MIGRATIONS.len() as u32 + 1 == FORMAT_VERSION);

/// Why a file is no history that can be used. Completed by the file's name in front.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// It is something else.
    #[error("it is no tenken history ({reason}); it was left as it is, name another file")]
    Foreign {
        /// What shows it.
        reason: String,
    },
    /// It ends in the middle.
    #[error(
        "it ends in the middle, at line {line}, and was left as it is; bring back a copy, or move it away to begin anew"
    )]
    CutOff {
        /// Where it ends.
        line: usize,
    },
    /// A value in it is not as it should be.
    #[error(
        "line {line}, column {column}: {reason}; it was changed or damaged and was left as it is, bring back a copy, or move it away to begin anew"
    )]
    Damaged {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is not as it should be.
        reason: String,
    },
    /// It was written by a newer tenken.
    #[error(
        "it has history version {found}, and this tenken reads up to {FORMAT_VERSION}; it was left as it is, use the tenken that wrote it, or a newer one"
    )]
    Newer {
        /// Its version.
        found: u64,
    },
    /// Its findings have ids that this tenken cannot compare.
    #[error(
        "its finding ids are of version {found}, and those of this tenken of version {IDENTITY_VERSION}; it was left as it is, use the tenken that wrote it, or name another file"
    )]
    OtherIdentity {
        /// Its version.
        found: u64,
    },
}

impl FileError {
    /// What is wrong, in the reader's language.
    pub fn text(&self, lang: Lang) -> String {
        match (self, lang) {
            (error, Lang::En) => error.to_string(),
            (FileError::Foreign { reason }, Lang::Ja) => format!(
                "tenken の履歴ではない（{reason}）。ファイルは変更していない。別のファイルを指定する。"
            ),
            (FileError::CutOff { line }, Lang::Ja) => format!(
                "{line} 行目で途切れている。ファイルは変更していない。控えから戻すか、移動して新しく始める。"
            ),
            (FileError::Damaged { line, column, reason }, Lang::Ja) => format!(
                "{line} 行 {column} 桁: {reason}。変更または破損している。ファイルは変更していない。控えから戻すか、移動して新しく始める。"
            ),
            (FileError::Newer { found }, Lang::Ja) => format!(
                "履歴のバージョンが {found} で、この tenken が読めるのは {FORMAT_VERSION} まで。ファイルは変更していない。書き込んだ tenken か、より新しいものを使う。"
            ),
            (FileError::OtherIdentity { found }, Lang::Ja) => format!(
                "検出結果 ID のバージョンが {found} で、この tenken は {IDENTITY_VERSION}。ファイルは変更していない。書き込んだ tenken を使うか、別のファイルを指定する。"
            ),
        }
    }
}

#[derive(Deserialize)]
struct Header {
    kind: Option<String>,
    format_version: Option<u64>,
    identity_version: Option<u64>,
}

/// Whether the bytes say that they are a history, sound or not.
pub fn is_history(bytes: &[u8]) -> bool {
    serde_json::from_slice::<Header>(bytes).is_ok_and(|header| header.kind.as_deref() == Some(KIND))
}

/// Reads a history.
///
/// # Errors
/// It is something else, cut off, damaged, of a newer tenken, or its ids are of another version.
pub fn parse(bytes: &[u8]) -> Result<History, FileError> {
    let foreign = |reason: &str| FileError::Foreign { reason: reason.to_owned() };
    let text = std::str::from_utf8(bytes).map_err(|_| foreign("it is not text"))?;
    if text.trim().is_empty() {
        return Err(foreign("it is empty"));
    }
    if !text.trim_start().starts_with('{') {
        return Err(foreign("it does not begin with `{`"));
    }
    let header: Header = serde_json::from_str(text).map_err(|error| match error.classify() {
        serde_json::error::Category::Eof if text.contains(KIND) => FileError::CutOff { line: error.line() },
        serde_json::error::Category::Syntax if text.contains(KIND) => damaged(&error),
        _ => foreign(&format!("line {}: not a JSON object with a `kind`", error.line())),
    })?;
    if header.kind.as_deref() != Some(KIND) {
        return Err(foreign(&format!("it has no `kind` `{KIND}`")));
    }
    let found = header.format_version.ok_or_else(|| foreign("it has no `format_version`"))?;
    if found > u64::from(FORMAT_VERSION) {
        return Err(FileError::Newer { found });
    }
    let found_identity = header.identity_version.ok_or_else(|| foreign("it has no `identity_version`"))?;
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
        return Err(FileError::Foreign { reason: "there is no history version 0".to_owned() });
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
            reason: format!("the finding `{key}` says that its id is `{id}`"),
        }),
    }
}

fn damaged(error: &serde_json::Error) -> FileError {
    let text = error.to_string();
    // serde_json appends the position, which is named already.
    let reason = text.split(" at line ").next().unwrap_or(&text).to_owned();
    FileError::Damaged { line: error.line(), column: error.column(), reason }
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
            ("hello".to_owned(), "it is no tenken history"),
            ("[1]".to_owned(), "it is no tenken history"),
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
            assert!(error.text(Lang::Ja).contains("ファイルは変更していない"), "{}", error.text(Lang::Ja));
            assert!(error.text(Lang::En).contains("left as it is"), "{error}");
        }
    }
}
