//! What needs the AWS SDK: recorded accounts in process and over HTTP, and the real binaries.
//! One binary, because each one links the whole SDK.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail by panicking"
)]

#[path = "../generated/account.rs"]
mod generated;
#[path = "../shared/golden.rs"]
mod golden;
#[path = "../shared/news.rs"]
#[expect(dead_code, reason = "it has more than these tests need")]
mod news;
#[path = "../shared/planted.rs"]
mod planted_account;
#[path = "../shared/schema.rs"]
mod schema;

mod absent;
mod accounts;
mod bucket;
mod cli;
mod collect_faults;
mod collect_recordings;
mod compare;
mod faults;
mod history_s3;
#[cfg(feature = "lambda")]
mod lambda;
mod limits;
mod live_prices;
mod notify;
mod planted;
mod properties;
mod scale;
mod server;
mod spread;
