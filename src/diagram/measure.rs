//! How wide text is, without a font: an upper bound for the usual sans-serif fonts.

use crate::text::harmless;
use unicode_width::UnicodeWidthChar;

/// Hundredths of the font size that a character takes at most.
fn hundredths(c: char) -> i64 {
    match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 35,
        ' ' | 'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '/' | '-' => 45,
        'm' | 'M' | 'w' | 'W' | '@' | '%' => 102,
        '0'..='9' | 'a'..='z' => 61,
        'A'..='Z' | '&' | '+' | '=' | '<' | '>' | '~' | '#' => 76,
        c if c.width() == Some(0) => 0,
        c if c.is_ascii() => 84,
        _ => 104,
    }
}

/// Pixels that a text takes at most in a font of this size.
pub(super) fn text_width(text: &str, font_size: i64) -> i64 {
    let sum: i64 = text.chars().map(hundredths).sum();
    (sum * font_size + 99) / 100
}

/// The text, harmless, and cut with an ellipsis where it would take more than `room` pixels.
pub(super) fn fitted(text: &str, room: i64, font_size: i64) -> String {
    let text = harmless(text);
    let text = text.trim();
    if text_width(text, font_size) <= room {
        return text.to_owned();
    }
    let left = room - text_width("…", font_size);
    let (mut kept, mut used) = (String::new(), 0);
    for c in text.chars() {
        used += hundredths(c) * font_size;
        if used > left * 100 {
            break;
        }
        kept.push(c);
    }
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_fits() {
        for text in ["shop-alb", "WWWWWWWWWWWWWWWW", "非常に長い名前のサービス", "a\u{202e}b\n<script>", ""]
        {
            for room in [20, 60, 100, 400] {
                let cut = fitted(text, room, 12);
                assert!(text_width(&cut, 12) <= room.max(13), "{text} {room}: {cut}");
                assert!(!cut.contains(['\n', '\u{202e}']), "{cut:?}");
            }
        }
    }
}
