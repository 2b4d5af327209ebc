//! Where something is kept: in a file, or as an object in S3.

use crate::text::{Invalid, quoted};
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// What every place in S3 begins with.
const SCHEME: &str = "s3://";

/// A file or an object, as flags, `tenken.toml` and events write it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A file of this machine.
    File(PathBuf),
    /// An object in S3.
    S3(S3Place),
}

impl Place {
    /// The same, where a relative file is meant from this folder.
    pub(crate) fn beside(self, folder: &Path) -> Place {
        match self {
            Place::File(path) => Place::File(folder.join(path)),
            other => other,
        }
    }
}

impl FromStr for Place {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if is_s3(text) {
            return text.parse().map(Place::S3);
        }
        match text.split_once("://") {
            None if !text.is_empty() => Ok(Place::File(PathBuf::from(text))),
            _ => {
                let text = quoted(text);
                Err(Invalid::new(
                    format!("`{text}` names neither a file nor an object; write a file, or s3://bucket/key"),
                    format!(
                        "`{text}` はファイルでもオブジェクトでもない。ファイル、または s3://bucket/key の形で指定する"
                    ),
                ))
            }
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::File(path) => path.display().fmt(formatter),
            Place::S3(place) => place.fmt(formatter),
        }
    }
}

/// A bucket and what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S3Place {
    /// The bucket's name.
    pub bucket: String,
    /// The object's key; of a prefix, what keys begin with, which may be nothing.
    pub key: String,
}

impl S3Place {
    /// Reads `s3://bucket/prefix/`, under which several objects are kept. The prefix ends
    /// with a slash, written or not.
    ///
    /// # Errors
    /// What to write instead.
    pub(crate) fn prefix(text: &str) -> Result<S3Place, Invalid> {
        let (bucket, key) = split(text).ok_or_else(|| {
            let text = quoted(text);
            Invalid::new(
                format!("`{text}` is not in S3; write s3://bucket/prefix/"),
                format!("`{text}` は S3 の場所ではない。s3://bucket/prefix/ の形で指定する"),
            )
        })?;
        check_bucket(bucket)?;
        let key = key.unwrap_or_default();
        let slash = if key.is_empty() || key.ends_with('/') { "" } else { "/" };
        Ok(S3Place { bucket: bucket.to_owned(), key: format!("{key}{slash}") })
    }

    /// The object of this name under the prefix.
    pub fn object(&self, name: &str) -> S3Place {
        S3Place { bucket: self.bucket.clone(), key: format!("{}{name}", self.key) }
    }
}

impl FromStr for S3Place {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (bucket, key) = split(text).ok_or_else(|| {
            let text = quoted(text);
            Invalid::new(
                format!("`{text}` is not in S3; write s3://bucket/key"),
                format!("`{text}` は S3 の場所ではない。s3://bucket/key の形で指定する"),
            )
        })?;
        check_bucket(bucket)?;
        match key {
            Some(key) if !key.is_empty() && !key.ends_with('/') => {
                Ok(S3Place { bucket: bucket.to_owned(), key: key.to_owned() })
            }
            _ => {
                let text = quoted(text);
                Err(Invalid::new(
                    format!(
                        "`{text}` names no object; write its key, for instance {SCHEME}{bucket}/history.json"
                    ),
                    format!(
                        "`{text}` にオブジェクトのキーがない。{SCHEME}{bucket}/history.json のように指定する"
                    ),
                ))
            }
        }
    }
}

impl fmt::Display for S3Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{SCHEME}{}/{}", self.bucket, self.key)
    }
}

/// Whether this is meant to be in S3, even if it is not written well.
pub(crate) fn is_s3(text: &str) -> bool {
    text.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("s3:"))
}

// The bucket, and the key where there is a slash before one.
fn split(text: &str) -> Option<(&str, Option<&str>)> {
    let rest = text.strip_prefix(SCHEME)?;
    Some(match rest.split_once('/') {
        Some((bucket, key)) => (bucket, Some(key)),
        None => (rest, None),
    })
}

// The rules of S3's documentation that a slip breaks; S3 knows the rest.
fn check_bucket(bucket: &str) -> Result<(), Invalid> {
    let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
    if (3..=63).contains(&bucket.len()) && bucket.bytes().all(is_name) {
        return Ok(());
    }
    let bucket = quoted(bucket);
    Err(Invalid::new(
        format!("`{bucket}` is not a valid bucket name: 3 to 63 lowercase letters, digits, hyphens and dots"),
        format!(
            "`{bucket}` はバケット名として使えない。英小文字、数字、ハイフン、ドットの 3～63 文字で指定する"
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_objects_are_told_apart() {
        let place: Place = "s3://audit-logs/tenken/123456789012.json".parse().unwrap();
        let expected = S3Place { bucket: "audit-logs".into(), key: "tenken/123456789012.json".into() };
        assert_eq!(place, Place::S3(expected));
        assert_eq!(place.to_string(), "s3://audit-logs/tenken/123456789012.json");
        assert_eq!(place.clone().beside(Path::new("conf")), place);
        let file: Place = "history.json".parse().unwrap();
        assert_eq!(file.beside(Path::new("conf")), Place::File("conf/history.json".into()));
        // A folder of this name is a folder.
        assert_eq!("s3/history.json".parse(), Ok(Place::File("s3/history.json".into())));
    }

    #[test]
    fn slips_are_refused_with_what_to_write() {
        for (text, part) in [
            ("s3://audit-logs", "s3://audit-logs/history.json"),
            ("s3://audit-logs/", "names no object"),
            ("s3://audit-logs/tenken/", "names no object"),
            ("s3:audit-logs/history.json", "write s3://bucket/key"),
            ("S3://audit-logs/history.json", "write s3://bucket/key"),
            ("s3://Audit/history.json", "`Audit` is not a valid bucket name"),
            ("s3:///history.json", "`` is not a valid bucket name"),
            ("https://audit-logs.s3.amazonaws.com/history.json", "write a file, or s3://bucket/key"),
            ("", "write a file"),
        ] {
            let problem = text.parse::<Place>().unwrap_err().to_string();
            assert!(problem.contains(part), "{text}: {problem}");
        }
    }

    #[test]
    fn prefixes_end_with_a_slash() {
        let prefix = |text| S3Place::prefix(text).map(|place| place.object("a.json").to_string());
        for text in ["s3://audit-logs", "s3://audit-logs/"] {
            assert_eq!(prefix(text), Ok("s3://audit-logs/a.json".into()));
        }
        for text in ["s3://audit-logs/reports", "s3://audit-logs/reports/"] {
            assert_eq!(prefix(text), Ok("s3://audit-logs/reports/a.json".into()));
        }
        assert!(prefix("reports/").is_err());
    }
}
