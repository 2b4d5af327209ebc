//! Words and signs that every document says the same way.

use crate::finding::{Downtime, Severity};
use crate::price::Currency;
use crate::text::{Lang, number};
use crate::work::MonthlySum;

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

/// Hours as people say them: `2 h`, `0.5 h`.
pub(crate) fn hours(hours: f64, lang: Lang) -> String {
    let text = format!("{hours:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    format!("{text} {}", lang.pick("h", "時間"))
}

pub(crate) fn downtime(downtime: Downtime, lang: Lang) -> &'static str {
    match downtime {
        Downtime::None => lang.pick("no interruption", "停止なし"),
        Downtime::Seconds => lang.pick("down for less than a minute", "1 分未満の停止"),
        Downtime::Minutes => lang.pick("down for less than an hour", "1 時間未満の停止"),
        Downtime::Hours => lang.pick("down for an hour or more", "1 時間以上の停止"),
    }
}

/// What is added to the bill a month: `+$9.20`, `free`.
pub(crate) fn added(sum: MonthlySum, currency: &Currency, lang: Lang) -> String {
    let amount = currency.format(sum.usd, lang);
    let amount = if sum.usd > 0.0 { format!("+{amount}") } else { amount };
    match (sum.unknown_parts, sum.usd.abs() < 0.005, lang) {
        (0, true, _) => lang.pick("free", "無料").to_owned(),
        (0, false, _) => amount,
        (_, true, _) => lang.pick("price unknown", "価格不明").to_owned(),
        (_, false, Lang::En) => format!("at least {amount}"),
        (_, false, Lang::Ja) => format!("{amount} 以上"),
    }
}

/// The same at a glance: `+$9.60`, `≥ $40`.
pub(crate) fn added_briefly(sum: MonthlySum, currency: &Currency, lang: Lang) -> String {
    let amount = currency.glance(sum.usd, lang);
    match (sum.unknown_parts, sum.usd.abs() < 0.005) {
        (0, true) => lang.pick("free", "無料").to_owned(),
        (0, false) if sum.usd > 0.0 => format!("+{amount}"),
        (0, false) => amount,
        (_, true) => lang.pick("unknown", "不明").to_owned(),
        (_, false) => format!("≥ {amount}"),
    }
}

/// In front of where to read more.
pub(crate) fn references(lang: Lang) -> &'static str {
    lang.pick("references: ", "参考: ")
}

/// How many there are, as a heading says it: `3`, `3 件`.
pub(crate) fn counted(count: usize, lang: Lang) -> String {
    format!("{}{}", number(count), lang.pick("", " 件"))
}
