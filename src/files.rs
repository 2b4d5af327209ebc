//! Files of this machine: read within bounds, replaced in one step, told apart.

mod identity;
mod replace;

pub use identity::FileIdentity;
pub(crate) use identity::target_of;
pub(crate) use replace::{Mode, replace};
pub use replace::{create_private_folder, write_new};

use crate::text::{Explained, Text};
use std::fs::{File, Metadata};
use std::io::Read;
use std::path::Path;

/// The most bytes of a file that a person writes: a configuration, a policy.
pub(crate) const MOST_WRITTEN: u64 = 16 << 20;
/// The most bytes of a file that tenken writes: a snapshot, a report, a history, an answer.
pub(crate) const MOST_SAVED: u64 = 2 << 30;

/// Why a file cannot be read. Completed by the file's name in front.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.what().en)]
pub enum FileReadError {
    /// The file system says no.
    System(#[from] std::io::Error),
    /// It is a folder, a pipe or a device.
    NotRegular {
        /// What it is.
        kind: Text,
    },
    /// It has more bytes than are read.
    TooLarge {
        /// The most bytes that are read.
        most: u64,
    },
    /// It is not UTF-8.
    NotText {
        /// Whether it is text of another encoding.
        is_utf16: bool,
    },
}

impl FileReadError {
    /// Whether there is no such file.
    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, FileReadError::System(error) if error.kind() == std::io::ErrorKind::NotFound)
    }
}

impl Explained for FileReadError {
    fn what(&self) -> Text {
        match self {
            FileReadError::System(error) => crate::text::system_error(error),
            FileReadError::NotRegular { kind } => Text::new(
                format!("it is {}, not a file; name a regular file", kind.en),
                format!("{}であり、ファイルではない。通常のファイルを指定する。", kind.ja),
            ),
            FileReadError::TooLarge { most } => {
                let megabytes = most >> 20;
                Text::new(
                    format!("it is larger than {megabytes} MiB; this is not the file that was meant"),
                    format!("{megabytes} MiB を超えている。目的のファイルではないと思われる。"),
                )
            }
            FileReadError::NotText { is_utf16: true } => Text::new(
                "it is UTF-16 text; save it as UTF-8",
                "UTF-16 のテキストである。UTF-8 で保存する。",
            ),
            FileReadError::NotText { is_utf16: false } => {
                Text::new("it is not UTF-8 text", "UTF-8 のテキストではない。")
            }
        }
    }
}

/// The bytes of a regular file of at most so many, without the byte order mark that some editors
/// put in front. Pipes are refused: whoever opens one may wait for ever.
pub(crate) fn read(path: &Path, most: u64) -> Result<Vec<u8>, FileReadError> {
    check_kind(&std::fs::metadata(path)?)?;
    let file = File::open(path)?;
    let found = file.metadata()?;
    // It may have become another one in between.
    check_kind(&found)?;
    if found.len() > most {
        return Err(FileReadError::TooLarge { most });
    }
    let mut bytes = Vec::with_capacity(usize::try_from(found.len()).unwrap_or_default());
    // It may grow while it is read, or say nothing of its length.
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > most {
        return Err(FileReadError::TooLarge { most });
    }
    if bytes.starts_with(BYTE_ORDER_MARK) {
        bytes.drain(..BYTE_ORDER_MARK.len());
    }
    Ok(bytes)
}

/// The same of a file that is text.
pub(crate) fn read_text(path: &Path, most: u64) -> Result<String, FileReadError> {
    String::from_utf8(read(path, most)?).map_err(|error| FileReadError::NotText {
        is_utf16: [[0xff, 0xfe], [0xfe, 0xff]].iter().any(|mark| error.as_bytes().starts_with(mark)),
    })
}

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

fn check_kind(found: &Metadata) -> Result<(), FileReadError> {
    if found.is_file() {
        return Ok(());
    }
    Err(FileReadError::NotRegular { kind: kind(found) })
}

#[cfg(unix)]
fn kind(found: &Metadata) -> Text {
    use std::os::unix::fs::FileTypeExt;
    let kind = found.file_type();
    if kind.is_dir() {
        Text::new("a folder", "フォルダー")
    } else if kind.is_fifo() {
        Text::new("a pipe", "パイプ")
    } else if kind.is_socket() {
        Text::new("a socket", "ソケット")
    } else {
        Text::new("a device", "デバイス")
    }
}

#[cfg(not(unix))]
fn kind(found: &Metadata) -> Text {
    if found.is_dir() {
        Text::new("a folder", "フォルダー")
    } else {
        Text::new("a device", "デバイス")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(path: &Path) -> String {
        read_text(path, 100).unwrap_err().to_string()
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.toml");
        std::fs::write(&path, "\u{feff}lang = \"ja\"\n").unwrap();
        assert_eq!(read_text(&path, 100).unwrap(), "lang = \"ja\"\n");
        std::fs::write(&path, b"\xff\xfel\0a\0").unwrap();
        assert!(complaint(&path).contains("UTF-16"));
        std::fs::write(&path, b"\xc3(").unwrap();
        assert_eq!(complaint(&path), "it is not UTF-8 text");
    }

    #[test]
    fn what_is_no_file_or_too_large_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.toml");
        std::fs::write(&path, "a".repeat(100)).unwrap();
        assert_eq!(read_text(&path, 100).unwrap().len(), 100);
        std::fs::write(&path, "a".repeat(101)).unwrap();
        assert!(complaint(&path).starts_with("it is larger than"));
        assert!(complaint(folder.path()).starts_with("it is a folder"));
        assert!(read(&folder.path().join("none"), 100).unwrap_err().is_missing());
        #[cfg(target_os = "linux")]
        assert!(complaint(Path::new("/dev/zero")).starts_with("it is a device"));
    }
}
