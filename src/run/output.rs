//! What a run writes, in which form, and where.

use super::diagram::today_figures;
use super::{RunError, snapshot_bytes};
use crate::config::S3Place;
use crate::finding::Run;
use crate::policy::template::quote::word;
use crate::price::Currency;
use crate::report::scan::ScanSummary;
use crate::report::{Format, Look, render, render_with};
use crate::snapshot::Snapshot;
use crate::text::Lang;
use std::fmt;
use std::path::PathBuf;

/// Columns of a report that is not shown in a terminal.
pub const FILE_COLUMNS: usize = 80;

/// How much a report says on a terminal. In other formats, reports are always whole.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Detail {
    /// Everything about every finding.
    #[default]
    Whole,
    /// About one screen.
    Summary {
        /// The flags with which another command looks at the same account.
        flags: Vec<String>,
        /// What prices are shown in.
        currency: Currency,
    },
}

/// A report, and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// One report to standard output.
    Screen {
        /// The format.
        format: Format,
        /// Columns of the terminal.
        width: usize,
        /// Whether the terminal may be written to in colour.
        colour: bool,
    },
    /// One report to a file.
    File {
        /// The format.
        format: Format,
        /// The file.
        path: PathBuf,
    },
    /// A report in each format and the snapshot, side by side in a folder that no other run has.
    Folder {
        /// The formats.
        formats: Vec<Format>,
        /// What the folder's name begins with.
        prefix: S3Place,
    },
}

/// Where bytes are written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// Standard output.
    Screen,
    /// A file of this machine.
    File(PathBuf),
    /// An object in S3.
    Object(S3Place),
}

impl fmt::Display for Destination {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Destination::Screen => formatter.write_str("standard output"),
            Destination::File(path) => path.display().fmt(formatter),
            Destination::Object(place) => place.fmt(formatter),
        }
    }
}

/// A document as bytes, and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputDocument {
    /// Where it goes.
    pub destination: Destination,
    /// What a web server would call it.
    pub media_type: &'static str,
    /// What it says.
    pub bytes: Vec<u8>,
}

impl Detail {
    fn render(&self, run: &Run, snapshot: &Snapshot, format: Format, look: &Look) -> Vec<u8> {
        match (self, format) {
            (Detail::Summary { flags, currency }, Format::Terminal) => {
                let flags = command_line(flags);
                render(&ScanSummary { run, currency, flags: &flags }, format, look)
            }
            _ => render_with(run, today_figures(snapshot, run, format), format, look),
        }
    }
}

/// Flags as they are typed into a shell.
pub fn command_line(flags: &[String]) -> String {
    flags.iter().map(|flag| word(flag)).collect::<Vec<_>>().join(" ")
}

impl Output {
    /// Where it goes, as far as that is known before the run.
    pub(crate) fn destination(&self) -> Destination {
        match self {
            Output::Screen { .. } => Destination::Screen,
            Output::File { path, .. } => Destination::File(path.clone()),
            Output::Folder { prefix, .. } => Destination::Object(prefix.clone()),
        }
    }

    /// What a message names as the report of a run; `None` where nobody could open it later.
    pub(crate) fn name_of_report(&self, run: &Run) -> Option<String> {
        match self {
            Output::Screen { .. } => None,
            Output::File { path, .. } => Some(path.display().to_string()),
            Output::Folder { formats, prefix } => {
                let format = formats.first()?;
                Some(object(prefix, run, &report(*format)).to_string())
            }
        }
    }

    /// What is to be written, each by itself, so that one that fails keeps no other back.
    pub(super) fn documents(
        &self,
        run: &Run,
        snapshot: &Snapshot,
        lang: Lang,
        detail: &Detail,
    ) -> Vec<Result<OutputDocument, RunError>> {
        let in_file = Look { lang, width: FILE_COLUMNS, colour: false };
        let document = |destination: Destination, format: Format, look: &Look| OutputDocument {
            destination,
            media_type: format.media_type(),
            bytes: detail.render(run, snapshot, format, look),
        };
        match self {
            Output::Screen { format, width, colour } => {
                let look = Look { lang, width: *width, colour: *colour };
                vec![Ok(document(Destination::Screen, *format, &look))]
            }
            Output::File { format, path } => {
                vec![Ok(document(Destination::File(path.clone()), *format, &in_file))]
            }
            Output::Folder { formats, prefix } => {
                let place = |name: &str| Destination::Object(object(prefix, run, name));
                // In the order of the formats, each once.
                let wanted = Format::ALL.into_iter().filter(|format| formats.contains(format));
                let reports = wanted.map(|format| Ok(document(place(&report(format)), format, &in_file)));
                let snapshot = snapshot_bytes(snapshot, SNAPSHOT).map(|bytes| OutputDocument {
                    destination: place(SNAPSHOT),
                    media_type: "application/json",
                    bytes,
                });
                reports.chain([snapshot]).collect()
            }
        }
    }
}

/// The name of a snapshot beside reports.
const SNAPSHOT: &str = "snapshot.json";

fn report(format: Format) -> String {
    format!("report.{}", format.ending())
}

// Colons are trouble in paths of some systems.
fn object(prefix: &S3Place, run: &Run, name: &str) -> S3Place {
    prefix.object(&format!("{}/{}/{name}", run.account, run.taken_at.replace(':', "")))
}
