//! What a scan came to, for people and for programs.

mod accepted;
pub(crate) mod document;
pub(crate) mod json;
pub(crate) mod markdown;
pub(crate) mod past;
pub(crate) mod problem;
mod question;
pub mod read;
mod unknown;

pub use json::schema;
pub use question::cause_word;
