//! Saving a snapshot and reading it back.

use super::{SCHEMA_VERSION, Snapshot};
use crate::files::{self, FileReadError, MOST_SAVED, Mode};
use crate::text::{Explained, Text, quoted, system_error};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Why a snapshot could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.what().en)]
pub enum SnapshotStoreError {
    /// The file cannot be read.
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: FileReadError,
    },
    /// The file cannot be written.
    Write {
        /// The file.
        path: PathBuf,
        /// What the file system said.
        source: std::io::Error,
    },
    /// The file ends in the middle.
    CutOff {
        /// The file.
        path: PathBuf,
        /// Where it ends.
        line: usize,
    },
    /// The file is not a snapshot.
    Foreign {
        /// The file.
        path: PathBuf,
        /// What shows it.
        reason: Text,
    },
    /// The file is a snapshot of another version.
    OtherVersion {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
    },
    /// The file is a snapshot, but a value in it is not as it should be.
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is not as it should be.
        reason: String,
    },
}

impl Explained for SnapshotStoreError {
    fn what(&self) -> Text {
        match self {
            SnapshotStoreError::Read { path, source } => {
                let path = path.display();
                let why = source.what();
                Text::new(format!("read {path}: {}", why.en), format!("{path} を読み込めない: {}", why.ja))
            }
            SnapshotStoreError::Write { path, source } => {
                let path = path.display();
                let Text { en, ja } = system_error(source);
                Text::new(format!("write {path}: {en}"), format!("{path} に書き込めない: {ja}"))
            }
            SnapshotStoreError::CutOff { path, line } => {
                let path = path.display();
                Text::new(
                    format!(
                        "read {path}: it ends in the middle, at line {line}; it was cut off while written or copied, so save it again"
                    ),
                    format!(
                        "{path} は {line} 行目で途切れている。保存またはコピーの途中で切れたため、保存し直す。"
                    ),
                )
            }
            SnapshotStoreError::Foreign { path, reason } => {
                let path = path.display();
                Text::new(
                    format!(
                        "read {path}: it is not a tenken snapshot ({}); `tenken scan --save-snapshot FILE` writes one",
                        reason.en
                    ),
                    format!(
                        "{path} は tenken のスナップショットではない（{}）。`tenken scan --save-snapshot FILE` で作成する。",
                        reason.ja
                    ),
                )
            }
            SnapshotStoreError::OtherVersion { path, found } => {
                let path = path.display();
                let hint = match *found > SCHEMA_VERSION {
                    true => Text::new(
                        "use the tenken that wrote it, or a newer one",
                        "保存した tenken か、より新しい tenken を使う。",
                    ),
                    false => Text::new("scan again to get one of this version", "スキャンし直して保存する。"),
                };
                Text::new(
                    format!(
                        "read {path}: it has snapshot version {found}, and this tenken reads {SCHEMA_VERSION}; {}",
                        hint.en
                    ),
                    format!(
                        "{path} はスナップショットのバージョン {found} で、この tenken が読めるのは {SCHEMA_VERSION}。{}",
                        hint.ja
                    ),
                )
            }
            SnapshotStoreError::Damaged { path, line, column, reason } => {
                let path = path.display();
                Text::new(
                    format!(
                        "read {path}: line {line}, column {column}: {reason}; the file was changed or damaged, so save it again"
                    ),
                    format!(
                        "{path} の {line} 行 {column} 桁: {reason}。ファイルが変更または破損しているため、保存し直す。"
                    ),
                )
            }
        }
    }
}

#[derive(Deserialize)]
struct SnapshotHeader {
    schema_version: Option<u32>,
}

/// Reads a saved snapshot.
///
/// # Errors
/// The file cannot be read, is cut off, is not a snapshot, is of another version or damaged.
pub fn load(path: &Path) -> Result<Snapshot, SnapshotStoreError> {
    let bytes = files::read(path, MOST_SAVED)
        .map_err(|source| SnapshotStoreError::Read { path: path.to_owned(), source })?;
    parse(&bytes, path)
}

/// Reads a snapshot from bytes; `path` is for messages.
///
/// # Errors
/// See [`load`].
pub fn parse(bytes: &[u8], path: &Path) -> Result<Snapshot, SnapshotStoreError> {
    let path = || path.to_owned();
    let foreign =
        |en: &str, ja: &str| SnapshotStoreError::Foreign { path: path(), reason: Text::new(en, ja) };
    let text = std::str::from_utf8(bytes).map_err(|_| foreign("it is not text", "テキストではない"))?;
    if text.trim().is_empty() {
        return Err(foreign("it is empty", "空である"));
    }
    if !text.trim_start().starts_with('{') {
        return Err(foreign("it does not begin with `{`", "`{` で始まっていない"));
    }
    let header: SnapshotHeader = serde_json::from_str(text).map_err(|error| match error.classify() {
        serde_json::error::Category::Eof => SnapshotStoreError::CutOff { path: path(), line: error.line() },
        _ => foreign(
            &format!("line {}: not a JSON object with a `schema_version`", error.line()),
            &format!("{} 行目: `schema_version` を持つ JSON オブジェクトではない", error.line()),
        ),
    })?;
    match header.schema_version {
        None => return Err(foreign("it has no `schema_version`", "`schema_version` がない")),
        Some(SCHEMA_VERSION) => {}
        Some(found) => {
            return Err(SnapshotStoreError::OtherVersion { path: path(), found });
        }
    }
    let snapshot: Snapshot = serde_json::from_str(text).map_err(|error| SnapshotStoreError::Damaged {
        path: path(),
        line: error.line(),
        column: error.column(),
        reason: reason(&error),
    })?;
    match unlike(&snapshot) {
        None => Ok(snapshot),
        Some((key, value)) => {
            let line =
                text.lines().position(|line| line.contains(&format!("\"{key}\""))).map_or(1, |at| at + 1);
            let reason = format!("`{key}` is `{}`, which AWS does not use", quoted(value));
            Err(SnapshotStoreError::Damaged { path: path(), line, column: 1, reason })
        }
    }
}

// What names of files, keys of objects and commands are made of is as AWS has it: nobody leads a
// run to `../../etc/passwd` by way of a snapshot.
fn unlike(snapshot: &Snapshot) -> Option<(&'static str, &str)> {
    let is_name = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let is_account = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_time = |text: &str| text.parse::<jiff::Timestamp>().is_ok();
    let Snapshot { account, partition, taken_at, .. } = snapshot;
    if !is_account(account) {
        return Some(("account", account));
    }
    if !is_name(partition) {
        return Some(("partition", partition));
    }
    if !is_time(taken_at) {
        return Some(("taken_at", taken_at));
    }
    let region = snapshot.regions.iter().find(|region| !is_name(region));
    region.map(|region| ("regions", region.as_str()))
}

// serde_json appends the position, which the caller already names.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}

/// A snapshot as it is saved; `path` is for messages.
///
/// # Errors
/// It cannot be written as JSON.
pub fn render(snapshot: &Snapshot, path: &Path) -> Result<Vec<u8>, SnapshotStoreError> {
    let mut bytes = serde_json::to_vec_pretty(snapshot)
        .map_err(|error| SnapshotStoreError::Write { path: path.to_owned(), source: error.into() })?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Writes a snapshot so that only its owner can read it. A file that is already there
/// is replaced in one step: a run that is killed leaves the old one or the new one.
///
/// # Errors
/// The file system said no.
pub fn save(snapshot: &Snapshot, path: &Path) -> Result<(), SnapshotStoreError> {
    let failed = |source: std::io::Error| SnapshotStoreError::Write { path: path.to_owned(), source };
    files::replace(path, &render(snapshot, path)?, Mode::Private).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::{Cause, Gap, Known};

    fn sample() -> Snapshot {
        let regions = ["ap-northeast-1".to_owned()];
        let mut snapshot = Snapshot::new("123456789012", "aws", "2026-11-24T00:00:00Z", &regions);
        let gap = Gap {
            operation: "elasticloadbalancing:DescribeRules".into(),
            permissions: vec!["elasticloadbalancing:DescribeRules".into()],
            region: "ap-northeast-1".into(),
            about: None,
            cause: Cause::Denied,
            code: "AccessDenied".into(),
        };
        let lb = crate::snapshot::elb::LoadBalancer { listeners: Known::No(gap.id()), ..Default::default() };
        snapshot.elb.load_balancers.items.push(lb);
        snapshot.elb.load_balancers.incomplete.push(gap.id());
        snapshot.gaps.insert(gap.id(), gap);
        snapshot
    }

    #[test]
    fn comes_back_as_it_was_and_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("snapshot.json");
        save(&sample(), &path).unwrap();
        save(&sample(), &path).unwrap();
        assert_eq!(load(&path).unwrap(), sample());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file stays");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn what_an_older_tenken_did_not_ask_is_unknown() {
        let mut json = serde_json::to_value(sample()).unwrap();
        json.as_object_mut().unwrap().remove("ecr").unwrap();
        let older = parse(json.to_string().as_bytes(), Path::new("snapshot.json")).unwrap();
        assert!(!older.ecr.repositories.was_asked());
        assert!(older.ecr.repositories.complete_in("ap-northeast-1").is_err());
        // What identifies a resource or decides about it is never made up.
        for needed in ["/elb/load_balancers", "/elb/load_balancers/items/0/dns_name"] {
            let (above, name) = needed.rsplit_once('/').unwrap();
            let mut json = serde_json::to_value(sample()).unwrap();
            json.pointer_mut(above).unwrap().as_object_mut().unwrap().remove(name).unwrap();
            let error = parse(json.to_string().as_bytes(), Path::new("snapshot.json")).unwrap_err();
            assert!(error.to_string().contains(&format!("missing field `{name}`")), "{error}");
        }
    }

    #[test]
    fn bad_files_are_told_apart() {
        let whole = serde_json::to_string_pretty(&sample()).unwrap();
        let cases = [
            ("", "it is empty"),
            ("hello", "it is not a tenken snapshot"),
            ("[1]", "it is not a tenken snapshot"),
            ("{\"Version\": \"2012-10-17\"}", "it has no `schema_version`"),
            (&whole.replace("\"schema_version\": 1", "\"schema_version\": 7"), "snapshot version 7"),
            (&whole.replace("\"schema_version\": 1", "\"schema_version\": 0"), "scan again"),
            (&whole[..whole.len() / 2], "it ends in the middle"),
            (
                &whole.replace("\"dns_name\": \"\"", "\"dns_name\": 3"),
                "invalid type: integer `3`, expected a string",
            ),
            (&whole.replace("\"dns_name\"", "\"dns_nam\""), "unknown field `dns_nam`"),
            (&whole.replace("\"123456789012\"", "\"../../etc/passwd\""), "`account` is `../../etc/passwd`"),
            (&whole.replace("\"123456789012\"", "\"\""), "`account` is ``"),
            (&whole.replace("\"aws\"", "\"aws/..\""), "`partition` is `aws/..`"),
            (&whole.replace("2026-11-24T00:00:00Z", "../x"), "`taken_at` is `../x`"),
            (&whole.replacen("\"ap-northeast-1\"", "\"../ap\"", 1), "`regions` is `../ap`"),
        ];
        for (text, expected) in cases {
            let error = parse(text.as_bytes(), Path::new("snapshot.json")).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}\n{expected}");
            assert!(error.contains("snapshot.json"), "{error}");
        }
    }
}
