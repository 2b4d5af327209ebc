//! Draws a document in Markdown, for a ticket or a wiki: CommonMark with tables. Every text
//! goes through `escape`, so that a tag or a name from AWS cannot break the layout, hide a
//! line or become a link.

use super::escape::{block, code, code_cell, link, prose};
use super::{
    Below, Block, CauseLine, CauseList, Document, Figure, FoundItem, Heading, HeadingRank, Lead, Ledger,
    LedgerItem, ListItem, Mark, MarkedLine, Masthead, Medium, Prose, Span, Table,
};
use crate::diagram::mermaid;
use crate::report::words::{fix, or, references, severity_word, to_settle};
use crate::text::{Lang, truncate};

/// The columns after which a fact is cut.
const FACT_COLUMNS: usize = 160;

/// The document.
pub(in crate::report) fn draw(document: &Document) -> Vec<u8> {
    let mut page = MarkdownPage { text: String::new(), lang: document.lang };
    page.blocks(&document.on(Medium::Page));
    page.text.into_bytes()
}

struct MarkdownPage {
    text: String,
    lang: Lang,
}

impl MarkdownPage {
    /// Something that stands by itself, with an empty line in front.
    fn part(&mut self, text: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(text.trim_end_matches('\n'));
        self.text.push('\n');
    }

    fn blocks(&mut self, blocks: &[Block]) {
        blocks.iter().for_each(|block| self.block(block));
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Masthead(Masthead { title, sentence, .. }) => {
                self.part(&format!("# {}", prose(title)));
                if !sentence.is_empty() {
                    self.part(&prose(sentence));
                }
            }
            Block::Section(heading, blocks) => {
                let rank = if heading.rank == HeadingRank::Document { "#" } else { "##" };
                self.part(&format!("{rank} {}", prose(&self.heading(heading))));
                self.blocks(blocks);
            }
            Block::Item { number, title, blocks } => {
                // The number of an item is part of its heading and not of a list.
                let number = number.map(|number| format!("{number}. ")).unwrap_or_default();
                self.part(&format!("### {number}{}", prose(title)));
                self.blocks(blocks);
            }
            Block::Problem { title, blocks, .. } | Block::Topic { title, blocks } => {
                self.part(&format!("### {}", prose(title)));
                self.blocks(blocks);
            }
            Block::Verdict { text, basis } => {
                let verdict = format!("**{}**", self.inline(text));
                self.part(&match basis.as_str() {
                    "" => verdict,
                    basis => format!("{verdict} {}", prose(basis)),
                });
            }
            Block::Text { lead, text } => self.paragraph(lead, text),
            Block::Note(text) => self.part(&prose(text)),
            Block::Lines { lead, lines, more, .. } => {
                let mut text: String = lines.iter().map(|line| format!("- {}\n", prose(line))).collect();
                if !more.is_empty() {
                    text.push_str(&format!("- {}\n", prose(more)));
                }
                self.part(&strong(lead));
                self.part(&text);
            }
            Block::List(items) => self.list(items, list_item),
            Block::Numbered(items) => {
                let numbered = items.iter().enumerate();
                let text: String =
                    numbered.map(|(index, item)| format!("{}. {}\n", index + 1, prose(item))).collect();
                self.part(&text);
            }
            Block::Commands(commands) => {
                // A command of several lines would run into the next one.
                let has_lines = commands.iter().any(|command| command.contains('\n'));
                self.part(&fenced("sh", &commands.join(if has_lines { "\n\n" } else { "\n" })));
            }
            Block::Snippet { caption, language, text } => {
                self.part(&prose(caption));
                self.part(&fenced(language, text));
            }
            Block::Table(table) => self.table(table),
            Block::Figures(figures) => {
                self.list(figures, |(name, text)| format!("- {} {}\n", strong(name), prose(text)));
            }
            Block::Findings(findings) => {
                let lang = self.lang;
                self.list(findings, |finding| finding_item(finding, lang));
            }
            Block::Marked(entries) => {
                let lang = self.lang;
                self.list(entries, |entry| entry_item(entry, lang));
            }
            Block::Ledger(ledger) => self.ledger(ledger),
            Block::Causes(list) => self.causes(list),
            Block::Hints(hints) => {
                self.list(hints, |(what, command)| format!("- {}: {}\n", prose(what), code(command)));
            }
            Block::References(addresses) => {
                self.part(&strong(&capitalised(references(self.lang))));
                self.list(addresses, |address| format!("- {}\n", link(address)));
            }
            Block::Pictures(figures) => figures.iter().for_each(|figure| self.picture(figure)),
            Block::Folded { .. } | Block::Filters | Block::Extra(_) => {}
            Block::Either { page, .. } => self.blocks(page),
        }
    }

    /// What readers of Markdown draw themselves, unless it is more than they take.
    fn picture(&mut self, figure: &Figure) {
        const MOST_LETTERS: usize = 45_000;
        let text = mermaid::draw(&figure.picture, figure.view, self.lang);
        if text.len() <= MOST_LETTERS {
            self.part(&prose(figure.caption.say(self.lang)));
            self.part(&fenced("mermaid", &text));
        }
    }

    fn heading(&self, heading: &Heading) -> String {
        let figures: Vec<&str> = [&heading.count, &heading.remark]
            .into_iter()
            .filter(|part| !part.is_empty())
            .map(String::as_str)
            .collect();
        match (figures.is_empty(), self.lang) {
            (true, _) => heading.text.clone(),
            (false, Lang::En) => format!("{} ({})", heading.text, figures.join(", ")),
            (false, Lang::Ja) => format!("{}（{}）", heading.text, figures.join("、")),
        }
    }

    fn inline(&self, text: &Prose) -> String {
        inline(text, code, self.lang)
    }

    fn paragraph(&mut self, lead: &Lead, text: &Prose) {
        let text = self.inline(text);
        let lead = match lead {
            Lead::None => return self.part(&text),
            Lead::Words(words) => strong(words),
            Lead::Settle => strong(&capitalised(to_settle(self.lang))),
            Lead::Fix => strong(&capitalised(fix(self.lang))),
            Lead::Or => capitalised(or(self.lang)).trim_end().to_owned(),
        };
        self.part(&format!("{lead} {text}"));
    }

    fn list<T>(&mut self, items: &[T], item: impl Fn(&T) -> String) {
        let text: String = items.iter().map(item).collect();
        self.part(&text);
    }

    fn table(&mut self, table: &Table) {
        let last = table.rows.len().saturating_sub(1);
        let rows = table.rows.iter().enumerate().map(|(index, row)| {
            let is_sum = table.has_sum && index == last;
            let cell = |cell: &Prose| {
                let text = inline(cell, code_cell, self.lang);
                if is_sum { format!("**{text}**") } else { text }
            };
            row.iter().map(cell).collect()
        });
        let rows: Vec<Vec<String>> = rows.collect();
        self.grid(&table.heads, &rows, &table.right);
    }

    /// A table whose cells are Markdown already.
    fn grid(&mut self, heads: &[String], rows: &[Vec<String>], right: &[usize]) {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let heads: Vec<String> = heads.iter().map(|head| prose(head)).collect();
        let mut text = line(&heads);
        let rule = |column: usize| if right.contains(&column) { "--:|" } else { "---|" };
        text.push_str(&format!("|{}\n", (0..heads.len()).map(rule).collect::<String>()));
        text.extend(rows.iter().map(|row| line(row)));
        self.part(&text);
    }

    fn causes(&mut self, causes: &CauseList) {
        let CauseList { severity, count, lines, others, more, .. } = causes;
        let word = capitalised(severity_word(*severity, self.lang));
        self.part(&format!("{} {}", strong(&word), prose(count)));
        let line = |line: &CauseLine| {
            let CauseLine { id, mark, title, place, figures } = line;
            let mark = if mark.is_empty() { String::new() } else { format!("{mark} ") };
            format!("- {} {mark}{} {}, {}\n", code(id), strong(title), prose(place), prose(figures))
        };
        let names = others.iter().map(|name| format!("- {}\n", prose(name)));
        let mut text: String = lines.iter().map(line).chain(names).collect();
        if !more.is_empty() {
            text.push_str(&format!("- {}\n", prose(more)));
        }
        self.part(&text);
    }

    fn ledger(&mut self, ledger: &Ledger) {
        let (title, heads) = &ledger.by_part;
        let mut rows: Vec<Vec<String>> =
            ledger.parts.iter().map(|part| vec![prose(&part.title), prose(&part.sum)]).collect();
        let (word, total) = &ledger.total;
        rows.push(vec![strong(word), strong(total)]);
        self.part(&format!("## {}", prose(title)));
        self.grid(heads, &rows, &[]);
        let resources = ledger.parts.iter().flat_map(|part| &part.resources);
        let rows: Vec<Vec<String>> = resources
            .flat_map(|resource| resource.items.iter().map(move |item| (resource, item)))
            .map(|(resource, item)| {
                let cells = [&resource.name, &resource.region, &item.what, &item.arithmetic, &item.amount];
                cells.into_iter().chain([&self.basis(item)]).map(|cell| prose(cell)).collect()
            })
            .collect();
        if !rows.is_empty() {
            let (title, heads) = &ledger.by_item;
            self.part(&format!("## {}", prose(title)));
            self.grid(heads, &rows, &[]);
        }
    }

    // What an amount rests on, or would have to.
    fn basis(&self, item: &LedgerItem) -> String {
        let mut parts = vec![item.basis.clone()];
        if !item.settle.is_empty() {
            parts.push(format!("{}{}", to_settle(self.lang), item.settle));
        }
        parts.retain(|part| !part.is_empty());
        parts.join(self.lang.pick("; ", "。"))
    }
}

fn fenced(language: &str, text: &str) -> String {
    block(language, text)
}

fn strong(text: &str) -> String {
    format!("**{}**", prose(text))
}

/// As a paragraph begins.
fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().iter().flat_map(|first| first.to_uppercase()).collect();
    format!("{first}{}", chars.as_str())
}

/// Text within a line. What is empty in the end is a dash.
fn inline(text: &Prose, code: fn(&str) -> String, lang: Lang) -> String {
    let mut line = String::new();
    for span in &text.0 {
        match span {
            Span::Plain(text) => line.push_str(&within(text)),
            Span::Code(text) => line.push_str(&code(text)),
            Span::Strong(text) => line.push_str(&strong(text)),
            Span::Severity(severity) => line.push_str(severity_word(*severity, lang)),
            // A page shows at a glance what an aside tells.
            Span::Aside(_) => {}
            Span::Break => line.push_str("<br>"),
        }
    }
    match line.trim() {
        "" => "–".to_owned(),
        line => line.to_owned(),
    }
}

/// A piece of a line, whose spaces at its ends part it from its neighbours.
fn within(text: &str) -> String {
    let is_space = |c: Option<char>| c.is_some_and(char::is_whitespace);
    if text.trim().is_empty() {
        return if text.is_empty() { String::new() } else { " ".to_owned() };
    }
    let space = |there: bool| if there { " " } else { "" };
    let (before, after) = (is_space(text.chars().next()), is_space(text.chars().next_back()));
    format!("{}{}{}", space(before), prose(text), space(after))
}

fn list_item(item: &ListItem) -> String {
    let ListItem { lead, text, below } = item;
    let lead = if lead.is_empty() { String::new() } else { format!("{} ", strong(lead)) };
    let mut line = format!("- {lead}{}\n", prose(text));
    if !below.is_empty() {
        line.push_str(&format!("  <br>{}\n", prose(below)));
    }
    line
}

fn finding_item(finding: &FoundItem, lang: Lang) -> String {
    let FoundItem { mark, name, part, place, id, remark, message, evidence, more } = finding;
    let mark = if mark.is_empty() { String::new() } else { format!("{mark} ") };
    let mut text = format!("- {mark}{}", strong(name));
    if !part.is_empty() {
        text.push_str(&format!(" {}", code(part)));
    }
    if !message.is_empty() {
        text.push_str(&format!(": {}", prose(message)));
    }
    let place = place.iter().chain([id]).filter(|part| !part.is_empty()).map(|part| prose(part));
    let place: Vec<String> = place.collect();
    text.push_str(&format!("\n  - {}\n", place.join(lang.pick(", ", "、"))));
    if !remark.is_empty() {
        text.push_str(&format!("  - {}\n", prose(remark)));
    }
    for fact in evidence {
        let line = format!("{} = {}", fact.path, fact.json);
        text.push_str(&format!("  - {}\n", code(&truncate(&line, FACT_COLUMNS))));
    }
    if !more.is_empty() {
        text.push_str(&format!("  - {}\n", prose(more)));
    }
    text
}

fn entry_item(entry: &MarkedLine, lang: Lang) -> String {
    let mark = match &entry.mark {
        Mark::Severity(severity) | Mark::Sign(severity) => strong(severity_word(*severity, lang)),
        Mark::Words(words) => strong(words),
    };
    let mut line = format!("- {mark} {}\n", inline(&entry.text, code, lang));
    for below in &entry.below {
        let (Below::Text(text) | Below::Note(text) | Below::Remark(text)) = below;
        line.push_str(&format!("  - {}\n", prose(text)));
    }
    line
}
