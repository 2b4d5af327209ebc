//! Lines of a terminal: indentation, wrapping and styles in one place.

use crate::finding::Severity;
use crate::report::Look;
use crate::text::{Lang, harmless, harmless_lines, width, wrap};
use anstyle::{AnsiColor, Style};

/// No line of prose is longer, however wide the terminal is: it would be hard to read.
const MOST_COLUMNS: usize = 100;
/// Narrower terminals get lines that they wrap themselves.
const LEAST_COLUMNS: usize = 40;
/// How much further right a heading goes on.
const HEADING_HANG: usize = 4;

pub(super) const PLAIN: Style = Style::new();
pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const FIX: Style = AnsiColor::Green.on_default().bold();
pub(super) const NEWS: Style = AnsiColor::Yellow.on_default().bold();
pub(super) const OPEN: Style = AnsiColor::Magenta.on_default().bold();

pub(super) fn severity_style(severity: Severity) -> Style {
    match severity {
        Severity::Critical | Severity::High => AnsiColor::Red.on_default().bold(),
        Severity::Medium => AnsiColor::Yellow.on_default().bold(),
        Severity::Low => AnsiColor::Cyan.on_default().bold(),
        Severity::Info => BOLD,
    }
}

/// What is being written. Whatever goes in is made harmless here.
pub(super) struct Screen {
    text: String,
    /// The reader's language.
    pub lang: Lang,
    columns: usize,
    colour: bool,
}

impl Screen {
    pub(super) fn new(look: &Look) -> Self {
        Screen {
            text: String::new(),
            lang: look.lang,
            columns: look.width.clamp(LEAST_COLUMNS, MOST_COLUMNS),
            colour: look.colour,
        }
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.text.into_bytes()
    }

    /// The columns that are left beside an indentation.
    pub(crate) fn room(&self, indent: usize) -> usize {
        self.columns.saturating_sub(indent)
    }

    pub(crate) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// One line of several styles, each part separated by its own spaces. Not wrapped.
    pub(super) fn line(&mut self, indent: usize, parts: &[(Style, &str)]) {
        self.text.push_str(&" ".repeat(indent));
        for (style, part) in parts {
            self.styled(*style, &harmless(part));
        }
        self.text.push('\n');
    }

    /// A paragraph behind a lead such as `fix: `; its other lines start below its first.
    pub(crate) fn paragraph(&mut self, indent: usize, lead: (Style, &str), style: Style, text: &str) {
        self.hanging(indent, lead, 0, style, text);
    }

    /// A heading: what does not fit goes on further right than what stands below it.
    pub(crate) fn heading(&mut self, indent: usize, lead: (Style, &str), style: Style, text: &str) {
        let further = if lead.1.is_empty() { HEADING_HANG } else { 0 };
        self.hanging(indent, lead, further, style, text);
    }

    fn hanging(&mut self, indent: usize, lead: (Style, &str), further: usize, style: Style, text: &str) {
        let (lead_style, lead) = lead;
        let text = harmless(text);
        let first = wrap(&text, self.room(indent + width(lead)));
        let hang = indent + width(lead) + if first.len() > 1 { further } else { 0 };
        for (index, line) in wrap(&text, self.room(hang)).iter().enumerate() {
            if index == 0 {
                self.text.push_str(&" ".repeat(indent));
                self.styled(lead_style, lead);
            } else {
                self.text.push_str(&" ".repeat(hang));
            }
            self.styled(style, line);
            self.text.push('\n');
        }
    }

    /// Lines for the clipboard: they keep their own breaks and are never wrapped.
    pub(super) fn command(&mut self, indent: usize, text: &str) {
        for line in harmless_lines(text.trim_end()).lines() {
            if !line.trim().is_empty() {
                self.text.push_str(&" ".repeat(indent));
                self.text.push_str(line.trim_end());
            }
            self.text.push('\n');
        }
    }

    fn styled(&mut self, style: Style, text: &str) {
        if text.is_empty() {
            return;
        }
        if self.colour && style != PLAIN {
            self.text.push_str(&format!("{style}{text}{style:#}"));
        } else {
            self.text.push_str(text);
        }
    }
}
