//! What a simulation came to, for people and for programs.

mod document;
mod json;

pub use document::{FORMATS, render};
pub use json::{FORMAT_VERSION, schema};
