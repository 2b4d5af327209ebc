//! Text for people: languages, columns, line breaks, and what must not reach a terminal.
//!
//! Everything here is pure. Widths are terminal columns: East Asian wide characters
//! take two (Unicode Standard Annex 11), ambiguous ones one.

mod japanese;
mod phrase;
mod system;

pub(crate) use japanese::{in_japanese, punctuated};
pub(crate) use system::system_error;

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// A language that tenken speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Japanese.
    Ja,
}

impl Lang {
    /// Every language.
    pub const ALL: [Lang; 2] = [Lang::En, Lang::Ja];

    /// The language for the values of `LC_ALL`, `LC_MESSAGES` and `LANG`: as POSIX has it,
    /// the first that is set and not empty decides. English for whatever is not Japanese.
    pub(crate) fn from_locale(lc_all: Option<&str>, lc_messages: Option<&str>, lang: Option<&str>) -> Self {
        let locale = [lc_all, lc_messages, lang].into_iter().flatten().find(|value| !value.is_empty());
        match locale {
            Some(locale) if locale.to_ascii_lowercase().starts_with("ja") => Lang::Ja,
            _ => Lang::En,
        }
    }

    /// As flags write it.
    pub fn as_str(self) -> &'static str {
        self.pick("en", "ja")
    }

    /// The one of two texts that is in this language.
    pub fn pick<'a>(self, en: &'a str, ja: &'a str) -> &'a str {
        match self {
            Lang::En => en,
            Lang::Ja => ja,
        }
    }
}

/// Something in every language that tenken speaks: one value, so that no language can be
/// forgotten or fall behind.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bilingual<T> {
    /// English.
    pub en: T,
    /// Japanese.
    pub ja: T,
}

/// A text in every language that tenken speaks.
pub type Text = Bilingual<String>;

impl<T> Bilingual<T> {
    /// What `write` makes of each language.
    pub fn of(mut write: impl FnMut(Lang) -> T) -> Self {
        Bilingual { en: write(Lang::En), ja: write(Lang::Ja) }
    }

    /// The one in this language.
    pub fn get(&self, lang: Lang) -> &T {
        match lang {
            Lang::En => &self.en,
            Lang::Ja => &self.ja,
        }
    }

    /// Both, the English one first.
    pub(crate) fn both(&self) -> [&T; 2] {
        [&self.en, &self.ja]
    }

    /// The same after `change`.
    pub fn map<U>(&self, mut change: impl FnMut(&T) -> U) -> Bilingual<U> {
        Bilingual { en: change(&self.en), ja: change(&self.ja) }
    }
}

impl Text {
    /// A text from its two forms.
    pub fn new(en: impl Into<String>, ja: impl Into<String>) -> Text {
        Text { en: en.into(), ja: ja.into() }
    }

    /// What reads the same in both languages, or is there in one alone.
    pub fn same(text: impl Into<String>) -> Text {
        let text = text.into();
        Text { en: text.clone(), ja: text }
    }

    /// The text in the reader's language, or in the other one where that is missing.
    pub fn say(&self, lang: Lang) -> &str {
        let (wanted, other) = match lang {
            Lang::En => (&self.en, &self.ja),
            Lang::Ja => (&self.ja, &self.en),
        };
        if wanted.is_empty() { other } else { wanted }
    }
}

/// An error whose message exists in every language.
///
/// `what` is the one table of an error's messages: a `match` without `_`, from which `Display`
/// takes the English form (`#[error("{}", self.what().en)]`), so that a new variant without
/// its Japanese does not compile.
pub trait Explained: std::error::Error {
    /// What happened, and what to do where that is short. The English form begins in lowercase
    /// and has no full stop: of an error that ends a command, a fragment that fits after
    /// "failed to"; of one that is only told as the reason of another, a clause.
    fn what(&self) -> Text;

    /// What to do about it, in whole sentences, where `what` does not say it.
    fn hint(&self) -> Option<Text> {
        None
    }

    /// All of it, for an error that ends a command.
    fn message(&self, lang: Lang) -> String {
        let what = self.what();
        let happened = match lang {
            Lang::En => format!("failed to {}", what.en),
            Lang::Ja => what.ja,
        };
        match self.hint() {
            Some(hint) => format!("{happened}\n{}", hint.say(lang)),
            None => happened,
        }
    }
}

/// Something that was written, as a flag, a key or a variable, and cannot be used: why, and
/// what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.en)]
pub struct Invalid(pub Text);

impl Invalid {
    /// From what is wrong, in every language.
    pub fn new(en: impl Into<String>, ja: impl Into<String>) -> Invalid {
        Invalid(Text::new(en, ja))
    }
}

impl Explained for Invalid {
    fn what(&self) -> Text {
        self.0.clone()
    }
}

impl fmt::Display for Lang {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Lang {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Lang::ALL.into_iter().find(|lang| lang.as_str() == text).ok_or_else(|| {
            let text = quoted(text);
            Invalid::new(
                format!("unknown language `{text}`; write en or ja"),
                format!("言語 `{text}` には対応していない。en または ja を指定する"),
            )
        })
    }
}

/// The columns that the text takes.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text, filled up with spaces on its right; text that is too wide stays as it is.
pub fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// The text, cut and ended with an ellipsis where it is wider than `columns`.
pub(crate) fn truncate(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let Some(room) = columns.checked_sub(1) else {
        return Cow::Borrowed("");
    };
    let (mut kept, mut used) = (String::new(), 0);
    for cluster in clusters(text) {
        used += width(cluster);
        if used > room {
            break;
        }
        kept.push_str(cluster);
    }
    kept.push('…');
    Cow::Owned(kept)
}

/// Breaks text into lines of at most `columns`.
///
/// Runs of narrow characters are never split: a word, an ARN or an address stays whole,
/// and stands on a line of its own where it is wider than that. Japanese is parted between
/// phrases, so that no word is broken in two; a phrase that is wider than a line is parted between
/// its words, and a word that is wider anywhere but before closing punctuation and after opening
/// punctuation.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    text.split('\n').flat_map(|line| wrap_line(line, columns)).collect()
}

fn wrap_line(line: &str, columns: usize) -> Vec<String> {
    let (mut lines, mut current, mut used) = (Vec::new(), String::new(), 0);
    for chunk in chunks(line, columns) {
        let mut space = usize::from(chunk.follows_space && !current.is_empty());
        let wide = width(&chunk.text);
        if !current.is_empty() && used + space + wide > columns {
            lines.push(std::mem::take(&mut current));
            (used, space) = (0, 0);
        }
        if space == 1 {
            current.push(' ');
        }
        current.push_str(&chunk.text);
        used += space + wide;
    }
    lines.push(current);
    lines
}

/// Text without a place to break it.
#[derive(Debug, Clone, Default)]
struct Chunk {
    follows_space: bool,
    /// How readily a line may begin with it.
    place: BreakPlace,
    text: String,
}

/// How readily a line may begin at a place, the least first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum BreakPlace {
    /// Within a word, where nothing else is left.
    #[default]
    Word,
    /// Between words of one phrase.
    Phrase,
    /// Between phrases.
    Sentence,
}

// What is wider than a line is parted at the next best places.
fn chunks(line: &str, columns: usize) -> Vec<Chunk> {
    let pieces = pieces(line);
    let mut chunks = Vec::new();
    for phrase in joined(&pieces, BreakPlace::Sentence) {
        if width_of(phrase) <= columns {
            chunks.push(one(phrase));
            continue;
        }
        for word in joined(phrase, BreakPlace::Phrase) {
            if width_of(word) <= columns {
                chunks.push(one(word));
            } else {
                chunks.extend(word.iter().cloned());
            }
        }
    }
    chunks
}

// Runs of pieces, of which only the first begins at such a place.
fn joined(pieces: &[Chunk], place: BreakPlace) -> impl Iterator<Item = &[Chunk]> {
    pieces.chunk_by(move |_, next| next.place < place)
}

fn one(pieces: &[Chunk]) -> Chunk {
    let mut one = pieces.first().cloned().unwrap_or_default();
    for piece in pieces.iter().skip(1) {
        if piece.follows_space {
            one.text.push(' ');
        }
        one.text.push_str(&piece.text);
    }
    one
}

fn width_of(pieces: &[Chunk]) -> usize {
    let spaces = pieces.iter().skip(1).filter(|piece| piece.follows_space).count();
    spaces + pieces.iter().map(|piece| width(&piece.text)).sum::<usize>()
}

// The least pieces that a line can begin with.
fn pieces(line: &str) -> Vec<Chunk> {
    let characters: Vec<char> = line.chars().collect();
    let (mut pieces, mut current) = (Vec::new(), Chunk::default());
    let mut previous: Option<char> = None;
    let mut at = 0;
    for cluster in clusters(line) {
        let begins_at = at;
        at += cluster.chars().count();
        let Some(first) = cluster.chars().next() else {
            continue;
        };
        if first == ' ' || first == '\t' {
            if !current.text.is_empty() {
                pieces.push(std::mem::take(&mut current));
            }
            current = Chunk { follows_space: true, ..Chunk::default() };
            previous = None;
            continue;
        }
        if previous.is_some_and(|previous| may_part(previous, first)) {
            pieces.push(std::mem::take(&mut current));
        }
        if current.text.is_empty() {
            current.place = place(&characters, begins_at);
        }
        current.text.push_str(cluster);
        previous = Some(first);
    }
    if !current.text.is_empty() {
        pieces.push(current);
    }
    pieces
}

fn place(characters: &[char], at: usize) -> BreakPlace {
    let before = |at: usize| at.checked_sub(1).and_then(|last| characters.get(last)).copied();
    let is_wide = |c: Option<char>| c.is_some_and(is_japanese);
    let (last, first) = (before(at), characters.get(at).copied());
    if last.is_some_and(|last| last == ' ' || last == '\t') {
        let space = at.saturating_sub(1);
        let parts_phrases = !is_wide(before(space)) && !is_wide(first)
            || phrase::begins(characters, at)
            || phrase::begins(characters, space);
        return if parts_phrases { BreakPlace::Sentence } else { BreakPlace::Phrase };
    }
    match (last, first) {
        _ if phrase::begins(characters, at) => BreakPlace::Sentence,
        (Some(last), Some(first)) if phrase::parts_words(last, first) => BreakPlace::Phrase,
        _ => BreakPlace::Word,
    }
}

fn is_japanese(c: char) -> bool {
    c.width() == Some(2) || ('\u{ff61}'..='\u{ff9f}').contains(&c)
}

/// Closing punctuation, small kana and the like, which must not begin a line (JIS X 4051).
const NOT_FIRST: &str = "、。，．・：；？！」』）］｝〕〉》】〙〛’”ー々ゝゞヽヾ〜～…‥％　\
    ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ｡､｣･ｰ)]},.;:!?%";

/// Opening punctuation, which must not end a line.
const NOT_LAST: &str = "「『（［｛〔〈《【〘〚‘“｢([{";

fn may_part(before: char, after: char) -> bool {
    (is_japanese(before) || is_japanese(after)) && !NOT_FIRST.contains(after) && !NOT_LAST.contains(before)
}

/// Characters together with the marks and joiners that belong to them.
fn clusters(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut joined = false;
        let end = rest
            .char_indices()
            .skip(1)
            .find(|&(_, c)| {
                let belongs = joined || c.width() == Some(0);
                joined = c == '\u{200d}';
                !belongs
            })
            .map_or(rest.len(), |(index, _)| index);
        let (cluster, remainder) = rest.split_at(end);
        rest = remainder;
        (!cluster.is_empty()).then_some(cluster)
    })
}

/// Text from AWS on one line, with nothing in it that a terminal would obey: line breaks
/// and tabs become spaces; other control characters, and the invisible ones that reorder
/// or hide text, are written out as `\u{1b}`.
pub fn harmless(text: &str) -> Cow<'_, str> {
    clean(text, false)
}

/// The same for commands, whose own line breaks stay.
pub fn harmless_lines(text: &str) -> Cow<'_, str> {
    clean(text, true)
}

fn clean(text: &str, keeps_lines: bool) -> Cow<'_, str> {
    let is_fine = |c: char| (keeps_lines && c == '\n') || !is_obeyed(c);
    if text.chars().all(is_fine) {
        return Cow::Borrowed(text);
    }
    let mut cleaned = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if is_fine(c) => cleaned.push(c),
            '\n' | '\r' | '\t' => cleaned.push(' '),
            c => cleaned.extend(c.escape_unicode()),
        }
    }
    Cow::Owned(cleaned)
}

/// Whether a terminal acts on the character instead of showing it, or a reader does not see it, so
/// that text looks like other text: controls, bidirectional formatting, line separators, and
/// everything that Unicode calls default-ignorable (joiners, fillers, selectors, tags …), the
/// annotations, joiners of hieroglyphs and what is drawn as a blank (Braille, Khitan, music) besides.
pub fn is_obeyed(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{fffe}'..='\u{ffff}'
                | '\u{13430}'..='\u{1343f}'
                | '\u{16fe4}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d159}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

/// So many characters of what somebody wrote are repeated in a message about it.
const MOST_QUOTED: usize = 80;

/// What somebody wrote, as a message repeats it: harmless, and no more of it than tells which it is.
pub fn quoted(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(MOST_QUOTED) {
        None => harmless(text),
        Some((end, _)) => {
            let kept = text.get(..end).unwrap_or_default();
            Cow::Owned(format!("{}…", harmless(kept)))
        }
    }
}

/// A number with its thousands set apart.
pub fn number(value: usize) -> String {
    let digits = value.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A regular English noun after a number: `task` after 1, `tasks` after any other.
pub(crate) fn counted<N: PartialEq + From<u8>>(number: N, noun: &str) -> String {
    if number == N::from(1) { noun.to_owned() } else { format!("{noun}s") }
}

/// Parts of a Japanese sentence, put together as Japanese is written: with a space between
/// letters or digits and wide characters, and none beside punctuation.
pub(crate) fn spaced(parts: &[&str]) -> String {
    const PUNCTUATION: &str = "、。，．・：；？！「」『』（）［］｛｝";
    let is_wide = |c: char| c.width() == Some(2);
    let mut sentence = String::new();
    for part in parts {
        if let (Some(before), Some(after)) = (sentence.chars().last(), part.chars().next())
            && is_wide(before) != is_wide(after)
            && ![before, after].iter().any(|c| c.is_whitespace() || PUNCTUATION.contains(*c))
        {
            sentence.push(' ');
        }
        sentence.push_str(part);
    }
    sentence
}

/// A list in running text: `a, b and c`, `a、b、c`.
pub fn list<T: AsRef<str>>(items: &[T], lang: Lang) -> String {
    let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    match (lang, items.split_last()) {
        (Lang::En, Some((last, rest))) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => items.join(lang.pick(", ", "、")),
    }
}

/// The first few of many, and how many more there are.
pub fn list_some<T: AsRef<str>>(items: &[T], most: usize, lang: Lang) -> String {
    let some: Vec<&str> = items.iter().take(most).map(AsRef::as_ref).collect();
    let left = items.len().saturating_sub(most);
    match (left, lang) {
        (0, _) => list(&some, lang),
        (left, Lang::En) => format!("{} and {} more", some.join(", "), number(left)),
        (left, Lang::Ja) => format!("{} ほか {} 件", some.join("、"), number(left)),
    }
}

/// What stands around a script that has to stop at the first thing that fails. Pasted into an interactive
/// shell, a missing value would stop one command and let the next ones run; a subshell ends.
const SUBSHELL: (&str, &str) = ("(\nset -euo pipefail\n", ")\n");

/// The commands in a subshell that ends at the first failure.
pub(crate) fn in_subshell(commands: &str) -> String {
    let (opens, closes) = SUBSHELL;
    format!("{opens}{commands}{closes}")
}

/// The commands of a script, for whoever puts them between braces of their own.
pub(crate) fn out_of_subshell(script: &str) -> &str {
    let (opens, closes) = SUBSHELL;
    script.strip_prefix(opens).and_then(|script| script.strip_suffix(closes)).unwrap_or(script)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_language_falls_back_to_the_other() {
        let text = Text::new("only English", "");
        assert_eq!(text.say(Lang::Ja), "only English");
        assert_eq!(Text::new("one", "二").say(Lang::Ja), "二");
    }

    #[test]
    fn the_first_locale_that_is_set_decides() {
        let table = [
            (None, None, None, Lang::En),
            (None, None, Some("ja_JP.UTF-8"), Lang::Ja),
            (None, Some("en_US.UTF-8"), Some("ja_JP.UTF-8"), Lang::En),
            (Some("C"), Some("ja_JP"), Some("ja_JP.UTF-8"), Lang::En),
            (Some(""), Some("ja"), None, Lang::Ja),
            (None, None, Some("jv_ID"), Lang::En),
        ];
        for (all, messages, lang, expected) in table {
            assert_eq!(Lang::from_locale(all, messages, lang), expected, "{all:?} {messages:?} {lang:?}");
        }
    }

    #[test]
    fn columns_are_counted_not_characters() {
        assert_eq!(width("ec-db は停止"), 12);
        assert_eq!(pad("高", 4), "高  ");
        assert_eq!(pad("critical", 4), "critical");
        assert_eq!(truncate("注文データベース", 16), "注文データベース");
        assert_eq!(truncate("注文データベース", 15), "注文データベー…");
        assert_eq!(truncate("注文データベース", 14), "注文データベ…");
        assert_eq!(truncate("abc", 1), "…");
        assert_eq!(truncate("abc", 0), "");
    }

    #[test]
    fn marks_stay_with_their_letters() {
        // か + combining dakuten; a family joined from three emoji.
        assert_eq!(clusters("か\u{3099}き").collect::<Vec<_>>(), ["か\u{3099}", "き"]);
        assert_eq!(clusters("👨\u{200d}👩\u{200d}👧!").collect::<Vec<_>>(), ["👨\u{200d}👩\u{200d}👧", "!"]);
        assert_eq!(truncate("か\u{3099}か\u{3099}か\u{3099}", 5), "か\u{3099}か\u{3099}…");
    }

    #[test]
    fn english_breaks_between_words_only() {
        assert_eq!(wrap("the database has no standby", 12), ["the database", "has no", "standby"]);
        assert_eq!(
            wrap("see arn:aws:rds:ap-northeast-1 first", 10),
            ["see", "arn:aws:rds:ap-northeast-1", "first"]
        );
        assert_eq!(wrap("one\ntwo", 80), ["one", "two"]);
        assert_eq!(wrap("", 80), [""]);
    }

    #[test]
    fn japanese_breaks_between_phrases() {
        let wide = "サブネットが起動したリソースにパブリックアドレスを自動で割り当てる";
        assert_eq!(
            wrap(wide, 40),
            ["サブネットが起動したリソースに", "パブリックアドレスを自動で割り当てる"]
        );
        assert_eq!(
            wrap("2 つのアベイラビリティゾーンにまたがる", 24),
            ["2 つの", "アベイラビリティゾーンに", "またがる"]
        );
        assert_eq!(wrap("ec-db は停止している。", 12), ["ec-db は停止", "している。"]);
        assert_eq!(
            wrap("インターネット向けロードバランサーに HTTPS リスナーがない", 50),
            ["インターネット向けロードバランサーに", "HTTPS リスナーがない"]
        );
    }

    #[test]
    fn what_is_wider_than_a_line_breaks_anywhere_but_before_closing_punctuation() {
        assert_eq!(wrap("停止している。", 12), ["停止してい", "る。"]);
        assert_eq!(wrap("停止（予定）です", 6), ["停止", "（予", "定）", "です"]);
        assert_eq!(wrap("ec-db は停止", 8), ["ec-db は", "停止"]);
        assert_eq!(wrap("サーバーー", 6), ["サー", "バーー"]);
        assert_eq!(wrap("ポート5432", 8), ["ポート", "5432"]);
    }

    #[test]
    fn no_word_of_katakana_or_chinese_characters_is_parted_where_it_fits() {
        let text = "タスク定義の環境変数にデータベースの接続情報が平文で書かれており、インターネットゲートウェイへの経路を持つサブネットで稼働している。";
        for columns in 28..60 {
            for pair in wrap(text, columns).windows(2) {
                let (last, first) = (pair[0].chars().last().unwrap(), pair[1].chars().next().unwrap());
                assert!(!phrase::is_one_word(last, first), "{columns}: {pair:?}");
            }
        }
    }

    #[test]
    fn no_line_is_wider_than_asked_and_nothing_is_lost() {
        let text = "ec-db は ap-northeast-1a のみで稼働しており、「スタンバイ」がない（要対応）。\
            Aurora への移行も検討する。";
        for columns in 20..60 {
            let lines = wrap(text, columns);
            for line in &lines {
                assert!(width(line) <= columns, "{columns}: {line}");
                let (first, last) = (line.chars().next().unwrap(), line.chars().last().unwrap());
                assert!(!NOT_FIRST.contains(first), "{columns}: {line}");
                assert!(!NOT_LAST.contains(last), "{columns}: {line}");
            }
            let squeeze = |text: &str| text.replace(' ', "");
            assert_eq!(squeeze(&lines.concat()), squeeze(text));
        }
    }

    #[test]
    fn nothing_a_terminal_obeys_comes_through() {
        let hostile = "a\u{1b}[31mb\u{7}\u{9b}2Jc\u{202e}d\r\ne\tf\u{feff}";
        let cleaned = harmless(hostile);
        assert_eq!(cleaned, "a\\u{1b}[31mb\\u{7}\\u{9b}2Jc\\u{202e}d  e f\\u{feff}");
        assert_eq!(harmless_lines("aws a \\\n  --b\r\n"), "aws a \\\n  --b \n");
        assert!(matches!(harmless("注文DB 👩 é か\u{3099}"), Cow::Borrowed(_)));
        // Emoji are shown in their parts: a joiner can hide anything.
        assert_eq!(harmless("👨\u{200d}👩"), "👨\\u{200d}👩");
    }

    #[test]
    fn little_is_repeated_of_what_is_long() {
        assert_eq!(quoted("ja"), "ja");
        assert_eq!(quoted(&"あ".repeat(80)), "あ".repeat(80));
        assert_eq!(quoted(&"あ".repeat(1_000_000)), format!("{}…", "あ".repeat(80)));
        assert_eq!(quoted("a\u{202e}b"), "a\\u{202e}b");
    }

    #[test]
    fn japanese_is_spaced_between_letters_and_wide_characters_only() {
        assert_eq!(spaced(&["i-1", "の", "tcp/443", "に到達できる。"]), "i-1 の tcp/443 に到達できる。");
        assert_eq!(spaced(&["i-1", "の", "いずれかのポート", "に"]), "i-1 のいずれかのポートに");
        assert_eq!(spaced(&["サーバー", "i-1", "（", "tcp", "）"]), "サーバー i-1（tcp）");
        assert_eq!(spaced(&[]), "");
    }

    #[test]
    fn numbers_and_lists() {
        assert_eq!([0_i64, 1, 2].map(|number| counted(number, "task")), ["tasks", "task", "tasks"]);
        assert_eq!(
            [0, 999, 1000, 1_234_567].map(number),
            ["0", "999", "1,000", "1,234,567"].map(str::to_owned)
        );
        assert_eq!(list(&["a"], Lang::En), "a");
        assert_eq!(list(&["a", "b", "c"], Lang::En), "a, b and c");
        assert_eq!(list(&["a", "b", "c"], Lang::Ja), "a、b、c");
        assert_eq!(list::<&str>(&[], Lang::En), "");
        assert_eq!(list_some(&["a", "b", "c"], 2, Lang::En), "a, b and 1 more");
        assert_eq!(list_some(&["a", "b", "c"], 2, Lang::Ja), "a、b ほか 1 件");
        assert_eq!(list_some(&["a", "b"], 2, Lang::En), "a and b");
    }
}
