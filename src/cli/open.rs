//! A report in the browser.

use super::Failure;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where a report is written that is to be opened, unless a flag says it.
const REPORT: &str = "tenken-report.html";

/// The file that is written and opened.
pub(crate) fn file_of(output: Option<&PathBuf>) -> PathBuf {
    output.cloned().unwrap_or_else(|| PathBuf::from(REPORT))
}

/// Hands a file to whatever the system opens such files with.
pub(crate) fn open(path: &Path) -> Result<(), Failure> {
    let mut command = opener();
    command.arg(path).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        _ => {
            let path = path.display();
            Err(Failure::new(
                format!(
                    "failed to open {path} in the browser; the report is written, so open the file yourself"
                ),
                format!(
                    "{path} をブラウザーで開けなかった。レポートは書き込み済みのため、ファイルを直接開く。"
                ),
            ))
        }
    }
}

fn opener() -> Command {
    if cfg!(target_os = "macos") {
        Command::new("open")
    } else if cfg!(target_os = "windows") {
        let mut command = Command::new("cmd");
        command.args(["/c", "start", ""]);
        command
    } else {
        Command::new("xdg-open")
    }
}
