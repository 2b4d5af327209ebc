//! What needs no AWS SDK. One binary, because each one links the whole library: a file of its
//! own in `tests/` would be one more.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail by panicking"
)]

#[path = "../shared/golden.rs"]
mod golden;
#[path = "../shared/news.rs"]
mod news;
#[path = "../shared/planted.rs"]
mod planted_account;
#[path = "../shared/schema.rs"]
mod schema;

mod adopt;
mod configuration;
mod cost;
mod deliver;
mod deliver_killed;
mod diagram;
mod effects;
mod files;
mod glossary;
mod history;
mod history_store;
mod pasteable;
mod plan;
mod planted;
mod policies;
mod reports;
mod schemas;
mod secrets;
mod simulate;
mod terraform;
mod tidy;
mod unasked;
mod variety;
mod work;
