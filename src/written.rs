//! What people write: values with their lines, problems that say what to write instead, and
//! what was probably meant. Policies, configuration and events read through here.

mod similar;
pub(crate) mod toml;
pub(crate) mod yaml;

pub(crate) use similar::{closest, did_you_mean, similar};

use crate::text::{Lang, Text};

/// A problem in a file that a person wrote.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file.
    pub file: String,
    /// The line, from 1; 0 for the file as a whole.
    pub line: usize,
    /// What is wrong and what to write instead.
    pub message: Text,
}

impl Problem {
    /// Problems with their places, a line each.
    pub fn all(problems: &[Problem]) -> Text {
        Text::of(|lang| problems.iter().map(|problem| problem.text(lang)).collect::<Vec<_>>().join("\n"))
    }

    /// The problem with its place, for people.
    pub fn text(&self, lang: Lang) -> String {
        format!("{}:{}: {}", self.file, self.line, self.message.say(lang))
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.text(Lang::En))
    }
}

/// A scalar with the line it stands on.
#[derive(Debug, Clone, Default)]
pub struct Line<T> {
    /// The line, from 1.
    pub line: usize,
    /// The value.
    pub value: T,
}
