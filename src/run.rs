//! A whole run: collect or read, judge, and hand over what reporters need.

pub mod compare;
mod configure;
mod cost;
mod error;
pub mod guide;
mod judge;
#[cfg(feature = "aws")]
mod live;
pub mod notify;
mod plan;
mod source;

pub use configure::{ConfigPlace, Configured, configure, policies};
pub use cost::cost;
pub use error::RunError;
pub use judge::{accept, exit_code, judge, judge_at_prices};
#[cfg(feature = "aws")]
pub use live::{LivePrices, live_prices};
pub use plan::{plan, prices_of_plan, simulate};
#[cfg(feature = "aws")]
pub use source::{collect, scan_options};
pub use source::{load_snapshot, save_snapshot, snapshot_bytes};

/// The code of a question that a scan had no time left for.
#[cfg(feature = "aws")]
pub use crate::ask::SCAN_TIMEOUT;

/// Nothing at or above the threshold failed, and everything could be judged.
pub const EXIT_CLEAN: u8 = 0;
/// Something failed.
pub const EXIT_FINDINGS: u8 = 1;
/// The run was not possible: usage, configuration, credentials.
pub const EXIT_IMPOSSIBLE: u8 = 2;
/// Nothing failed, but something could not be judged.
pub const EXIT_UNKNOWN: u8 = 3;
