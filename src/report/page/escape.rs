//! Text from AWS and from policies as Markdown that shows it and nothing else.

use crate::text::{harmless, harmless_lines};

/// Characters that begin something in CommonMark, GitHub's and GitLab's Markdown.
const SIGNS: &str = "\\`*_[]{}~#|$";

/// A text on one line, of which nothing is taken for markup: usable in paragraphs, list
/// items, headings and table cells.
pub(super) fn prose(text: &str) -> String {
    let text = harmless(text);
    let text = text.trim();
    let mut escaped = String::with_capacity(text.len());
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    for (index, c) in text.char_indices() {
        let begins_list =
            (index == 0 && "-+=".contains(c)) || (index > 0 && index == digits && ".)".contains(c));
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            c if begins_list || SIGNS.contains(c) => escaped.extend(['\\', c]),
            c => escaped.push(c),
        }
    }
    if escaped.is_empty() { "–".to_owned() } else { escaped }
}

/// A text in a code span.
pub(super) fn code(text: &str) -> String {
    let text = harmless(text);
    let text = text.trim();
    if text.is_empty() {
        return "–".to_owned();
    }
    let fence = "`".repeat(longest_run(text) + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// The same for a table cell, which a `|` would end even there.
pub(super) fn code_cell(text: &str) -> String {
    code(text).replace('|', "\\|")
}

/// An address that can be followed; whatever is no plain one is shown as it is.
pub(super) fn link(address: &str) -> String {
    let is_plain = |c: char| c.is_ascii_graphic() && !"<>\\\"`|".contains(c);
    if address.starts_with("https://") && address.chars().all(is_plain) {
        format!("<{address}>")
    } else {
        prose(address)
    }
}

/// Lines for the clipboard.
pub(super) fn block(language: &str, text: &str) -> String {
    let text = harmless_lines(text.trim_end());
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let fence = "`".repeat((longest_run(&text) + 1).max(3));
    format!("{fence}{language}\n{}\n{fence}\n", lines.join("\n"))
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_shows_what_it_is_given() {
        let table = [
            ("a | b", "a \\| b"),
            ("<img src=x onerror=y> & co", "&lt;img src=x onerror=y&gt; &amp; co"),
            ("`code` *bold* _it_ ~~no~~ $x$", "\\`code\\` \\*bold\\* \\_it\\_ \\~\\~no\\~\\~ \\$x\\$"),
            ("[a](javascript:b)", "\\[a\\](javascript:b)"),
            ("# no heading", "\\# no heading"),
            ("- no item", "\\- no item"),
            ("+ no item", "\\+ no item"),
            ("===", "\\==="),
            ("12. no item", "12\\. no item"),
            ("3) no item", "3\\) no item"),
            ("sg-1 - 10.0.0.0/8", "sg-1 - 10.0.0.0/8"),
            ("    no code", "no code"),
            ("two\nlines", "two lines"),
            ("back\\|slash", "back\\\\\\|slash"),
            ("\u{1b}[2J", "\\\\u\\{1b\\}\\[2J"),
            ("", "–"),
        ];
        for (text, expected) in table {
            assert_eq!(prose(text), expected, "{text}");
        }
    }

    #[test]
    fn only_plain_addresses_become_links() {
        assert_eq!(link("https://docs.aws.amazon.com/a_b?c=d#e"), "<https://docs.aws.amazon.com/a_b?c=d#e>");
        for address in ["javascript:alert(1)", "https://a/> <b>", "https://a/`", "https://a/ b", "http://a/"]
        {
            assert!(!link(address).starts_with('<'), "{address}");
        }
    }

    #[test]
    fn code_spans_and_blocks_cannot_be_left() {
        assert_eq!(code("db.multi_az"), "`db.multi_az`");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("``"), "``` `` ```");
        assert_eq!(code("a\nb"), "`a b`");
        assert_eq!(code_cell("a|b"), "`a\\|b`");
        assert_eq!(block("sh", "aws a \\\n  --b  \n"), "```sh\naws a \\\n  --b\n```\n");
        assert_eq!(block("", "```\nout"), "````\n```\nout\n````\n");
    }
}
