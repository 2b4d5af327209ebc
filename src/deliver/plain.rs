//! The plain text of a bulletin: for e-mail, text messages, and where nothing else is taken.

use super::bulletin::NewsGroup;
use super::{Bulletin, words};
use crate::history::BySeverity;
use crate::report::scan::past;
use crate::text::{Lang, harmless, harmless_lines};

/// How many findings of a group are shown.
const MOST_ITEMS: usize = 3;
/// How many groups are shown.
const MOST_GROUPS: usize = 20;

/// One line.
pub fn line(bulletin: &Bulletin, lang: Lang) -> String {
    harmless(&words::headline(bulletin, lang)).into_owned()
}

/// A short text without evidence and commands, of at most so many characters.
pub fn short(bulletin: &Bulletin, lang: Lang, most_characters: usize) -> String {
    let mut lines = vec![words::headline(bulletin, lang)];
    for group in bulletin.groups.iter().take(MOST_GROUPS) {
        let names: Vec<String> = group.items.iter().map(|item| past::name(&item.finding, lang)).collect();
        let names = crate::text::list_some(&names, MOST_ITEMS, lang);
        lines.push(format!("[{}] {}: {names}", words::mark(group, lang), words::title(group, lang)));
    }
    lines.extend(words::resolved(bulletin, lang));
    lines.extend(bulletin.digest.iter().flat_map(|digest| words::digest(digest, lang)));
    lines.extend(words::more(&not_shown(bulletin, MOST_GROUPS), lang));
    lines.extend(report(bulletin, lang));
    let text = lines.iter().map(|line| harmless(line)).collect::<Vec<_>>().join("\n");
    cut(text, most_characters)
}

/// The whole text.
pub fn long(bulletin: &Bulletin, lang: Lang, most_characters: usize) -> String {
    let mut text = format!("{}\n{}\n", words::headline(bulletin, lang), words::scan_time(bulletin, lang));
    for group in bulletin.groups.iter().take(MOST_GROUPS) {
        text.push('\n');
        write_group(&mut text, group, lang);
    }
    let mut lines: Vec<String> = words::more(&not_shown(bulletin, MOST_GROUPS), lang).into_iter().collect();
    lines.extend(words::resolved(bulletin, lang));
    lines.extend(bulletin.digest.iter().flat_map(|digest| words::digest(digest, lang)));
    lines.extend(report(bulletin, lang));
    for line in lines {
        text.push_str(&format!("\n{line}\n"));
    }
    cut(harmless_lines(&text).into_owned(), most_characters)
}

fn write_group(text: &mut String, group: &NewsGroup, lang: Lang) {
    let policies = words::policies(group).join(", ");
    let (mark, title) = (words::mark(group, lang), words::title(group, lang));
    text.push_str(&match lang {
        Lang::En => format!("[{mark}] {title} ({policies})\n"),
        Lang::Ja => format!("[{mark}] {title}（{policies}）\n"),
    });
    let mut last_step = "";
    for item in group.items.iter().take(MOST_ITEMS) {
        let name = harmless(&past::name(&item.finding, lang)).into_owned();
        let message = harmless(item.finding.message.say(lang)).into_owned();
        text.push_str(&format!("- {name}, {}: {message}\n", item.finding.region));
        text.extend(words::note(item, lang).map(|note| format!("  ({note})\n")));
        for fact in &item.evidence {
            text.push_str(&format!("  | {}\n", harmless(fact)));
        }
        let step = item.step.as_ref().map(|step| step.say(lang)).unwrap_or_default();
        if !step.is_empty() && step != last_step {
            text.push_str(&format!("  {} {step}\n", lang.pick("First step:", "最初の手順:")));
        }
        last_step = step;
        if item.is_command_left_out {
            let instead = lang.pick("The command is in the report.", "コマンドはレポートを参照。");
            text.push_str(&format!("    {instead}\n"));
        }
        let command = item.command.as_ref().map(|command| lang.pick(&command.en, &command.ja));
        for line in command.iter().flat_map(|command| command.lines()) {
            text.push_str(&format!("    {line}\n"));
        }
    }
    let more = group.items.get(MOST_ITEMS..).unwrap_or_default();
    if !more.is_empty() {
        let names: Vec<String> = more.iter().map(|item| past::name(&item.finding, lang)).collect();
        let names = crate::text::list_some(&names, MOST_ITEMS, lang);
        text.push_str(&format!("- {}: {names}\n", lang.pick("also", "ほか")));
    }
}

/// How many findings are not shown where only so many groups are. What is left out of a
/// group is named there.
pub(super) fn not_shown(bulletin: &Bulletin, groups: usize) -> BySeverity {
    let mut left = bulletin.left_out;
    for item in bulletin.groups.iter().skip(groups).flat_map(|group| &group.items) {
        left.add(item.finding.severity, 1);
    }
    left
}

pub(super) fn report(bulletin: &Bulletin, lang: Lang) -> Option<String> {
    let report = bulletin.report.as_ref()?;
    Some(format!("{} {report}", lang.pick("Full report:", "レポート全文:")))
}

fn cut(text: String, most_characters: usize) -> String {
    if text.chars().count() <= most_characters {
        return text;
    }
    let mut kept: String = text.chars().take(most_characters.saturating_sub(2)).collect();
    kept.push_str("\n…");
    kept
}
