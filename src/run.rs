//! A whole run ([`audit`]) and its parts, as the command line and the function ask for them. Only
//! [`clock`] asks for the time, and only [`environment`] for variables.

pub mod audit;
pub mod clock;
pub mod compare;
mod configure;
mod cost;
mod diagram;
pub mod environment;
mod error;
pub mod guide;
mod judge;
mod kept;
#[cfg(feature = "aws")]
mod live;
mod machine;
pub mod notify;
mod output;
pub mod places;
mod plan;
mod source;
mod world;

pub use configure::{ConfigPlace, Configured, configure, policies};
pub use cost::cost;
pub use diagram::{AfterPhase, DIAGRAM_FORMATS, diagram, diagram_of};
pub use error::RunError;
pub use judge::{exit_code, judge, judge_configured};
#[cfg(feature = "aws")]
pub use live::{LivePrices, live_prices};
pub use machine::{Machine, check_file, print, write_file, write_new_files};
pub use output::{Destination, Detail, FILE_COLUMNS, Output, OutputDocument, command_line};
pub use plan::{plan, prices_of_plan, simulate};
pub(crate) use source::snapshot_bytes;
pub use source::{SnapshotSource, load_snapshot, save_snapshot};
#[cfg(feature = "aws")]
pub use source::{collect, scan_options};
pub use world::World;

/// Nothing at or above the threshold failed, and everything could be judged.
pub const EXIT_CLEAN: u8 = 0;
/// Something failed.
pub const EXIT_FINDINGS: u8 = 1;
/// The run was not possible: usage, configuration, credentials.
pub const EXIT_IMPOSSIBLE: u8 = 2;
/// Nothing failed, but something could not be judged.
pub const EXIT_UNKNOWN: u8 = 3;
