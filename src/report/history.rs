//! Differences and trends, for people and for programs.

pub mod document;
mod table;
