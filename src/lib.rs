//! tenken 点検: a live, read-only AWS account auditor.
//!
//! ```text
//!              main.rs (arguments in, exit code out)
//!                              │
//!                             run
//!  AWS ─► ask ─► collect ─► snapshot ◄─ conclude ◄─ policy ─► finding ◄─ report ─► bytes
//! ```
//!
//! AWS is asked once. The answers and the refusals are kept in a [`snapshot`]. Everything
//! after that is a pure function of what was kept.

pub mod adopt;
pub mod arn;
#[cfg(feature = "aws")]
pub mod ask;
#[cfg(feature = "aws")]
pub mod collect;
pub mod conclude;
pub mod config;
pub mod cost;
pub mod deliver;
pub mod diagram;
pub mod digest;
pub mod files;
pub mod finding;
pub mod fix;
pub mod history;
pub mod lambda;
pub mod plan;
pub mod policy;
pub mod price;
pub mod recording;
pub mod report;
pub mod run;
pub mod secret;
pub mod shared_config;
pub mod simulate;
pub mod snapshot;
pub(crate) mod terraform;
pub mod text;
pub mod work;
pub mod written;
