//! Where a Japanese sentence may go on in the next line: between phrases, so that no word is broken in two.
//!
//! The model is that of BudouX 0.10.1 (Copyright 2021 Google LLC, Apache License 2.0): what the
//! characters around a place say for or against a phrase that begins there.
//! <https://github.com/google/budoux>. The crate of that name holds a model of 2021.

use std::collections::HashMap;
use std::sync::LazyLock;
use unicode_width::UnicodeWidthChar;

/// Features by the place of their first character beside a boundary, and by up to three characters; the
/// rest is filled with NUL.
struct PhraseModel {
    weights: HashMap<(i8, [char; 3]), i32>,
    /// Half of what all weights sum up to, in halves.
    base: i32,
}

/// Name of a feature, where it begins (-1 is the character before the boundary), and its length.
const FEATURES: [(&str, i8, usize); 13] = [
    ("UW1", -3, 1),
    ("UW2", -2, 1),
    ("UW3", -1, 1),
    ("UW4", 0, 1),
    ("UW5", 1, 1),
    ("UW6", 2, 1),
    ("BW1", -2, 2),
    ("BW2", -1, 2),
    ("BW3", 0, 2),
    ("TW1", -3, 3),
    ("TW2", -2, 3),
    ("TW3", -1, 3),
    ("TW4", 0, 3),
];

static MODEL: LazyLock<PhraseModel> = LazyLock::new(|| PhraseModel::read(include_str!("phrases.json")));

impl PhraseModel {
    // A model that cannot be read would break nowhere; a test sees that it can.
    fn read(text: &str) -> PhraseModel {
        let written: HashMap<String, HashMap<String, i32>> = serde_json::from_str(text).unwrap_or_default();
        let base = written.values().flat_map(HashMap::values).sum();
        let mut weights = HashMap::new();
        for (name, begin, _) in FEATURES {
            for (characters, weight) in written.get(name).into_iter().flatten() {
                weights.insert((begin, padded(characters.chars())), *weight);
            }
        }
        PhraseModel { weights, base }
    }

    // Twice what speaks for a phrase that begins at `at`.
    fn score(&self, text: &[char], at: usize) -> i32 {
        let weight = |(_, begin, length): (&str, i8, usize)| {
            let first = at.checked_add_signed(isize::from(begin))?;
            let characters = text.get(first..first + length)?;
            self.weights.get(&(begin, padded(characters.iter().copied()))).copied()
        };
        2 * FEATURES.into_iter().filter_map(weight).sum::<i32>() - self.base
    }
}

fn padded(characters: impl Iterator<Item = char>) -> [char; 3] {
    let mut padded = ['\0'; 3];
    for (place, character) in padded.iter_mut().zip(characters) {
        *place = character;
    }
    padded
}

/// What a character belongs to; words are of one kind, mostly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    Kanji,
    Katakana,
    Other,
}

fn script(character: char) -> Script {
    match character {
        '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '々' => Script::Kanji,
        '\u{30a0}'..='\u{30ff}' | '\u{ff66}'..='\u{ff9f}' => Script::Katakana,
        _ => Script::Other,
    }
}

/// Whether both characters belong to one word of Chinese characters or one of katakana.
pub(super) fn is_one_word(before: char, after: char) -> bool {
    script(before) != Script::Other && script(before) == script(after)
}

/// Whether a word ends between two characters of one phrase. Endings in hiragana belong to the Chinese
/// characters in front of them; behind katakana they are words of their own.
pub(super) fn parts_words(before: char, after: char) -> bool {
    let is_ending = matches!(after, '\u{3041}'..='\u{309f}') && script(before) != Script::Katakana;
    !is_ending && !is_one_word(before, after) && before.width() == Some(2)
}

/// Whether a phrase begins at the character `at` of the text.
pub(super) fn begins(text: &[char], at: usize) -> bool {
    let Some((before, after)) = at.checked_sub(1).and_then(|last| Some((*text.get(last)?, *text.get(at)?)))
    else {
        return false;
    };
    if is_one_word(before, after) {
        return false;
    }
    // Marks end or begin a phrase whatever stands beside them.
    "、。，．；！？）」』】〉》".contains(before)
        || "（「『【〈《".contains(after)
        || MODEL.score(text, at) > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phrases(text: &str) -> Vec<String> {
        let characters: Vec<char> = text.chars().collect();
        let mut phrases = vec![String::new()];
        for (at, character) in characters.iter().enumerate() {
            if begins(&characters, at) {
                phrases.push(String::new());
            }
            phrases.last_mut().unwrap().push(*character);
        }
        phrases
    }

    #[test]
    fn the_model_is_all_there() {
        assert_eq!(MODEL.weights.len(), 2850);
        assert!(MODEL.base != 0);
    }

    #[test]
    fn sentences_fall_into_phrases() {
        assert_eq!(
            phrases("データベースが別のアベイラビリティゾーンにスタンバイを持っていない"),
            ["データベースが", "別の", "アベイラビリティゾーンに", "スタンバイを", "持っていない"]
        );
        assert_eq!(phrases("未使用のリビジョンを読み取る。"), ["未使用の", "リビジョンを", "読み取る。"]);
        assert_eq!(
            phrases("セキュリティグループ（sg-1）を許可する"),
            ["セキュリティグループ", "（sg-1）", "を", "許可する"]
        );
    }
}
