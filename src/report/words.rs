//! Words and signs that every document says the same way.

use crate::finding::Severity;
use crate::text::{Lang, number};

/// `2026-07-01T09:00:00Z` without its seconds and letters; other text as it is.
pub(crate) fn minutes(time: &str) -> String {
    minutes_alone(time).map_or_else(|| time.to_owned(), |minutes| format!("{minutes} UTC"))
}

/// The same without its zone, for columns that name it once; `None` for what is not such a time.
pub(crate) fn minutes_alone(time: &str) -> Option<String> {
    let (date, clock) = time.strip_suffix('Z')?.split_once('T')?;
    Some(format!("{date} {}", clock.get(..5)?))
}

pub(crate) fn severity_word(severity: Severity, lang: Lang) -> &'static str {
    match severity {
        Severity::Critical => lang.pick("critical", "緊急"),
        Severity::High => lang.pick("high", "高"),
        Severity::Medium => lang.pick("medium", "中"),
        Severity::Low => lang.pick("low", "低"),
        Severity::Info => lang.pick("info", "情報"),
    }
}

/// How bad it is, at a glance.
pub(crate) fn severity_sign(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "!!!",
        Severity::High => "!!",
        Severity::Medium => "!",
        Severity::Low => "-",
        Severity::Info => ".",
    }
}

/// In front of what would settle something unknown.
pub(crate) fn to_settle(lang: Lang) -> &'static str {
    lang.pick("to resolve: ", "解消方法: ")
}

/// In front of the recommended way out.
pub(crate) fn fix(lang: Lang) -> &'static str {
    lang.pick("fix: ", "対処: ")
}

/// In front of another way out.
pub(crate) fn or(lang: Lang) -> &'static str {
    lang.pick("or: ", "別案: ")
}

/// How many there are, as a heading says it: `3`, `3 件`.
pub(crate) fn counted(count: usize, lang: Lang) -> String {
    format!("{}{}", number(count), lang.pick("", " 件"))
}
