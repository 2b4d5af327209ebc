//! A bulletin as messages of Slack's Block Kit.
//!
//! Limits that Slack documents: 50 blocks a message, 150 characters a header, 3,000 a section.
//! One that it does not: about 13,200 characters over all blocks of a message. What is longer
//! is split into several messages.
//!
//! Names come from AWS, where anybody who may name a resource chooses them. They must not
//! mention people, form links or leave the place that they are given.

use super::bulletin::NewsGroup;
use super::{Bulletin, plain, words};
use crate::report::scan::past;
use crate::text::{Lang, harmless, harmless_lines, list_some};
use serde_json::{Value, json};

/// Blocks of a message; Slack takes 50.
const MOST_BLOCKS: usize = 45;
/// Characters over all blocks of a message; Slack refuses at about 13,200.
const MOST_MESSAGE_CHARACTERS: usize = 11_000;
/// Characters of a section; Slack takes 3,000.
const MOST_SECTION_CHARACTERS: usize = 2_900;
/// Characters of a header; Slack takes 150.
const MOST_HEADER_CHARACTERS: usize = 150;
/// Characters of the plain message where Slack refused the blocks.
const MOST_FALLBACK_CHARACTERS: usize = 2_000;
/// Characters over all groups of a bulletin: what is more is counted, and in the report.
const MOST_CHARACTERS: usize = 24_000;
/// Groups of a bulletin.
const MOST_GROUPS: usize = 12;
/// Findings of a group.
const MOST_ITEMS: usize = 3;
/// Characters of one sentence from AWS's names.
const MOST_SENTENCE: usize = 600;

/// The messages, in order; never none.
pub fn messages(bulletin: &Bulletin, lang: Lang) -> Vec<Value> {
    let mut pages = SlackPages::new(bulletin, lang);
    let (mut shown, mut characters) = (0, 0);
    for group in bulletin.groups.iter().take(MOST_GROUPS) {
        let paragraphs = group_paragraphs(group, lang);
        characters += paragraphs.iter().map(|text| length(text)).sum::<usize>();
        // The first is shown whatever its length: a message must say something.
        if characters > MOST_CHARACTERS && shown > 0 {
            break;
        }
        pages.is_parted = shown > 0;
        pages.paragraphs(&paragraphs);
        shown += 1;
    }
    pages.paragraphs(&closing(bulletin, shown, lang));
    pages.finish()
}

/// A plain message, which hardly anything can be wrong with.
pub fn fallback(bulletin: &Bulletin, lang: Lang) -> Value {
    let text = plain::short(bulletin, lang, MOST_FALLBACK_CHARACTERS);
    json!({ "text": escape_entities(&text), "mrkdwn": false, "unfurl_links": false, "unfurl_media": false })
}

fn closing(bulletin: &Bulletin, shown_groups: usize, lang: Lang) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    texts.extend(words::more(&plain::not_shown(bulletin, shown_groups), lang).map(|text| sentence(&text)));
    texts.extend(words::resolved(bulletin, lang).map(|text| sentence(&text)));
    if let Some(digest) = &bulletin.digest {
        let lines = words::digest(digest, lang);
        texts.push(lines.iter().map(|line| sentence(line)).collect::<Vec<_>>().join("\n"));
    }
    texts.extend(bulletin.report.as_ref().map(|report| {
        let lead = lang.pick("Full report:", "レポート全文:");
        let is_link = report.starts_with("https://") && !report.contains(['|', '>', '<', ' ']);
        let shown = if is_link { format!("<{}>", escape_entities(report)) } else { code(report) };
        format!("{lead} {shown}")
    }));
    texts
}

// A group as paragraphs, each short enough for a section.
fn group_paragraphs(group: &NewsGroup, lang: Lang) -> Vec<String> {
    let policies: Vec<String> = words::policies(group).into_iter().map(code).collect();
    let mut paragraphs = vec![format!(
        "{} *{}* ({})",
        sign(group),
        sentence(&format!("{}: {}", words::mark(group, lang), words::title(group, lang))),
        policies.join(", ")
    )];
    let mut last_step = "";
    for item in group.items.iter().take(MOST_ITEMS) {
        let mut text = format!(
            "• {} {}: {}",
            code(&past::name(&item.finding, lang)),
            sentence(&item.finding.region),
            sentence(item.finding.message.say(lang))
        );
        text.extend(words::note(item, lang).map(|note| format!(" _({note})_")));
        for fact in &item.evidence {
            text.push_str(&format!("\n    {}", code(fact)));
        }
        let step = item.step.as_ref().map(|step| step.say(lang)).unwrap_or_default();
        if !step.is_empty() && step != last_step {
            text.push_str(&format!("\n{} {}", lang.pick("First step:", "最初の手順:"), sentence(step)));
        }
        last_step = step;
        paragraphs.push(text);
        let instead = lang.pick("The command is in the report.", "コマンドはレポートを参照。");
        if item.is_command_left_out {
            paragraphs.push(instead.to_owned());
        }
        if let Some(command) = &item.command {
            let command = format!(
                "```\n{}\n```",
                escape_entities(&unfence(&harmless_lines(lang.pick(&command.en, &command.ja))))
            );
            let is_short = length(&command) <= MOST_SECTION_CHARACTERS;
            paragraphs.push(if is_short { command } else { instead.to_owned() });
        }
    }
    let more = group.items.get(MOST_ITEMS..).unwrap_or_default();
    if !more.is_empty() {
        let names: Vec<String> = more.iter().map(|item| code(&past::name(&item.finding, lang))).collect();
        paragraphs.push(format!("{} {}", lang.pick("Also:", "ほか:"), list_some(&names, MOST_ITEMS, lang)));
    }
    paragraphs
}

fn sign(group: &NewsGroup) -> &'static str {
    use crate::finding::Severity;
    match group.severity {
        Severity::Critical => ":red_circle:",
        Severity::High => ":large_orange_circle:",
        Severity::Medium => ":large_yellow_circle:",
        Severity::Low | Severity::Info => ":white_circle:",
    }
}

/// Collects blocks into messages.
struct SlackPages {
    summary: String,
    messages: Vec<Value>,
    blocks: Vec<Value>,
    characters: usize,
    /// Whether a line stands before the next block, unless that begins a message.
    is_parted: bool,
}

impl SlackPages {
    fn new(bulletin: &Bulletin, lang: Lang) -> SlackPages {
        let headline = plain::line(bulletin, lang);
        let mut pages = SlackPages {
            summary: escape_entities(&headline),
            messages: Vec::new(),
            blocks: Vec::new(),
            characters: 0,
            is_parted: false,
        };
        let header = cut(&headline, MOST_HEADER_CHARACTERS);
        pages.block(
            json!({ "type": "header", "text": { "type": "plain_text", "text": header, "emoji": false } }),
            150,
        );
        let time = words::scan_time(bulletin, lang);
        let elements = json!([{ "type": "plain_text", "text": harmless(&time), "emoji": false }]);
        pages.block(json!({ "type": "context", "elements": elements }), length(&time));
        pages
    }

    // Paragraphs that fit share a section.
    fn paragraphs(&mut self, paragraphs: &[String]) {
        let mut section = String::new();
        for paragraph in paragraphs {
            let paragraph = cut_markup(paragraph);
            if !section.is_empty() && length(&section) + 1 + length(&paragraph) > MOST_SECTION_CHARACTERS {
                self.section(&std::mem::take(&mut section));
            }
            if !section.is_empty() {
                section.push('\n');
            }
            section.push_str(&paragraph);
        }
        if !section.is_empty() {
            self.section(&section);
        }
    }

    fn section(&mut self, text: &str) {
        let text_object = json!({ "type": "mrkdwn", "text": text, "verbatim": true });
        self.block(json!({ "type": "section", "text": text_object }), length(text));
    }

    fn block(&mut self, block: Value, characters: usize) {
        let is_full = self.blocks.len() + usize::from(self.is_parted) >= MOST_BLOCKS
            || self.characters + characters > MOST_MESSAGE_CHARACTERS;
        if is_full && !self.blocks.is_empty() {
            self.page();
        } else if self.is_parted {
            self.blocks.push(json!({ "type": "divider" }));
        }
        self.is_parted = false;
        self.characters += characters;
        self.blocks.push(block);
    }

    fn page(&mut self) {
        let blocks = std::mem::take(&mut self.blocks);
        self.characters = 0;
        self.messages.push(json!({
            "text": self.summary,
            "blocks": blocks,
            "unfurl_links": false,
            "unfurl_media": false,
        }));
    }

    fn finish(mut self) -> Vec<Value> {
        self.page();
        self.messages
    }
}

/// Slack counts as JavaScript does: characters beyond the first plane are two.
fn length(text: &str) -> usize {
    text.encode_utf16().count()
}

fn cut(text: &str, most: usize) -> String {
    if length(text) <= most {
        return text.to_owned();
    }
    let (mut kept, mut used) = (String::new(), 1);
    for character in text.chars() {
        used += character.len_utf16();
        if used > most {
            break;
        }
        kept.push(character);
    }
    kept.push('…');
    kept
}

// All parts of a paragraph are bounded, so that this only happens to what nobody thought of.
// Cut markup could leave a code span or an entity open: then it goes on without markup.
fn cut_markup(paragraph: &str) -> String {
    if length(paragraph) <= MOST_SECTION_CHARACTERS {
        return paragraph.to_owned();
    }
    let bare: String =
        paragraph.chars().filter(|c| !matches!(c, '`' | '*' | '_' | '~' | '&' | '<' | '>')).collect();
    cut(&bare, MOST_SECTION_CHARACTERS)
}

/// The three characters that Slack reads as the beginning of something.
fn escape_entities(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A sentence with names in it. Slack has no escape for its own marks, so those that would
/// format are shown by their look-alikes; names stand in [`code`] as they are.
fn sentence(text: &str) -> String {
    let text = cut(&harmless(text), MOST_SENTENCE);
    let characters: Vec<char> = text.chars().collect();
    let is_word = |index: Option<usize>| {
        index.and_then(|index| characters.get(index)).is_some_and(|character| character.is_alphanumeric())
    };
    let mut safe = String::with_capacity(text.len());
    for (index, character) in characters.iter().enumerate() {
        match character {
            '*' => safe.push('∗'),
            '~' => safe.push('∼'),
            '`' => safe.push('ˋ'),
            // Within a word it formats nothing.
            '_' if !(is_word(index.checked_sub(1)) && is_word(Some(index + 1))) => safe.push('＿'),
            other => safe.push(*other),
        }
    }
    escape_entities(&safe)
}

/// A name or a fact, as it is.
fn code(text: &str) -> String {
    let text = cut(&harmless(text), MOST_SENTENCE).replace('`', "ˋ");
    let text = text.trim();
    if text.is_empty() { String::new() } else { format!("`{}`", escape_entities(text)) }
}

// Single backticks stand in a fenced block as they are, as the AWS CLI's queries need them.
fn unfence(command: &str) -> String {
    command.replace("```", "ˋˋˋ")
}

#[cfg(test)]
mod tests;
