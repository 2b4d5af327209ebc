//! Draws a document on a terminal, made for 80 columns. Severities are words and signs;
//! colour only repeats them. Structure is drawn in ASCII, because other line drawing is two
//! columns wide in some Japanese terminals.

use super::screen::{BOLD, DIM, FIX, NEWS, OPEN, PLAIN, Screen, severity_style};
use super::{
    Below, Block, CauseLine, CauseList, Document, FoundItem, Heading, HeadingRank, Lead, Ledger, LedgerItem,
    ListItem, Mark, MarkedLine, Masthead, Medium, Prose, Span, Table,
};
use crate::finding::Severity;
use crate::report::Look;
use crate::report::words::{fix, or, references, severity_sign, severity_word, to_settle};
use crate::text::{Lang, harmless, pad, truncate, width, wrap};
use anstyle::Style;

/// What belongs to something stands so many columns to its right.
const STEP: usize = 2;

/// The document; the language is its own.
pub(in crate::report) fn draw(document: &Document, look: &Look) -> Vec<u8> {
    let mut screen = Screen::new(&Look { lang: document.lang, ..*look });
    draw_blocks(&mut screen, &document.on(Medium::Screen), 0);
    screen.into_bytes()
}

fn draw_blocks(screen: &mut Screen, blocks: &[Block], indent: usize) {
    let mut before = None;
    for block in blocks {
        if needs_space(block, before) {
            screen.blank();
        }
        draw_block(screen, block, indent);
        before = Some(block);
    }
}

// What belongs together stands together.
fn needs_space(block: &Block, before: Option<&Block>) -> bool {
    let is_text = |block: &Block| {
        matches!(
            block,
            Block::Verdict { .. }
                | Block::Text { .. }
                | Block::Note(_)
                | Block::Lines { .. }
                | Block::Marked(_)
        )
    };
    let Some(before) = before else {
        return matches!(block, Block::Topic { .. });
    };
    match (block, before) {
        (Block::Text { lead: Lead::Fix, .. }, _) => true,
        (Block::Causes(_), Block::Causes(_))
        | (Block::Text { lead: Lead::Or, .. }, _)
        | (Block::Numbered(_) | Block::List(_), Block::Text { .. })
        | (Block::Numbered(_), Block::Note(_))
        | (Block::Commands(_), Block::Text { lead: Lead::Fix, .. })
        | (Block::Table(_), Block::Note(_))
        | (Block::Note(_), Block::Table(_)) => false,
        (block, before) => !(is_text(block) && is_text(before)),
    }
}

fn draw_block(screen: &mut Screen, block: &Block, indent: usize) {
    match block {
        Block::Masthead(masthead) => draw_masthead(screen, masthead, indent),
        Block::Section(heading, blocks) => {
            draw_heading(screen, heading, indent);
            draw_blocks(screen, blocks, indent + STEP);
        }
        Block::Item { number, title, blocks } => {
            let number = number.map(|number| format!("{number}. ")).unwrap_or_default();
            // As far left as the heading above it, so that what belongs to it stands apart.
            let left = indent.saturating_sub(STEP);
            screen.heading(left, (FIX, &number), FIX, title);
            draw_blocks(screen, blocks, indent);
        }
        Block::Problem { severity, title, blocks, .. } => {
            let word = severity_word(*severity, screen.lang).to_uppercase();
            let lead = format!("{word} {}  ", severity_sign(*severity));
            screen.heading(indent, (severity_style(*severity), &lead), BOLD, title);
            draw_blocks(screen, blocks, indent + STEP);
        }
        Block::Topic { title, blocks } => {
            screen.heading(indent, (PLAIN, ""), BOLD, title);
            draw_blocks(screen, blocks, indent + STEP);
        }
        Block::Verdict { text, basis } => {
            screen.paragraph(indent, (PLAIN, ""), BOLD, &plain(text, screen.lang));
            if !basis.is_empty() {
                screen.paragraph(indent, (PLAIN, ""), DIM, basis);
            }
        }
        Block::Text { lead, text } => draw_text(screen, lead, text, indent),
        Block::Note(text) => screen.paragraph(indent, (PLAIN, ""), DIM, text),
        Block::Lines { lead, severity, lines, more } => {
            let space = " ".repeat(width(lead));
            for (index, line) in lines.iter().enumerate() {
                let lead = if index == 0 { lead } else { &space };
                screen.paragraph(indent, (severity_style(*severity), lead), PLAIN, line);
            }
            if !more.is_empty() {
                screen.line(indent + width(lead), &[(DIM, more)]);
            }
        }
        Block::List(items) => {
            for ListItem { lead, text, below } in items {
                screen.paragraph(indent, (PLAIN, "- "), PLAIN, &format!("{lead}{text}"));
                if !below.is_empty() {
                    screen.paragraph(indent + STEP, (PLAIN, ""), DIM, below);
                }
            }
        }
        Block::Numbered(items) => {
            for (index, item) in items.iter().enumerate() {
                screen.paragraph(indent + STEP, (PLAIN, &format!("{}. ", index + 1)), PLAIN, item);
            }
        }
        Block::Commands(commands) => draw_commands(screen, commands, indent + STEP),
        Block::Snippet { caption, text, .. } => {
            screen.paragraph(indent, (PLAIN, ""), PLAIN, caption);
            screen.command(indent + STEP, text);
        }
        Block::Table(table) => draw_table(screen, table, indent),
        Block::Figures(figures) => {
            for (name, text) in figures {
                screen.paragraph(indent, (BOLD, name), PLAIN, text);
            }
        }
        Block::Findings(findings) => {
            for (index, finding) in findings.iter().enumerate() {
                if index > 0 {
                    screen.blank();
                }
                draw_finding(screen, finding, indent);
            }
        }
        Block::Marked(entries) => entries.iter().for_each(|entry| draw_entry(screen, entry, indent)),
        Block::Ledger(ledger) => draw_ledger(screen, ledger, indent),
        Block::Causes(list) => draw_causes(screen, list, indent),
        Block::Hints(hints) => {
            let columns = hints.iter().map(|(what, _)| width(what)).max().unwrap_or_default();
            for (what, command) in hints {
                screen.line(indent, &[(PLAIN, &pad(what, columns)), (PLAIN, "  "), (BOLD, command)]);
            }
        }
        Block::References(addresses) => {
            screen.line(indent, &[(BOLD, references(screen.lang).trim_end())]);
            addresses.iter().for_each(|address| screen.line(indent + STEP, &[(DIM, address)]));
        }
        Block::Pictures(_) | Block::Folded { .. } | Block::Filters | Block::Extra(_) => {}
        Block::Either { screen: blocks, .. } => draw_blocks(screen, blocks, indent),
    }
}

// A terminal has no styles within a paragraph: they would have to survive wrapping.
fn plain(prose: &Prose, lang: Lang) -> String {
    let spans = prose.0.iter().map(|span| match span {
        Span::Plain(text) | Span::Code(text) | Span::Strong(text) | Span::Aside(text) => text,
        Span::Severity(severity) => severity_word(*severity, lang),
        Span::Break => " ",
    });
    spans.collect()
}

fn draw_masthead(screen: &mut Screen, masthead: &Masthead, indent: usize) {
    let Masthead { title, sentence, brief } = masthead;
    let Some(brief) = brief else {
        screen.paragraph(indent, (PLAIN, ""), BOLD, title);
        if !sentence.is_empty() {
            screen.paragraph(indent, (PLAIN, ""), PLAIN, sentence);
        }
        return;
    };
    screen.paragraph(indent, (BOLD, &brief.command), PLAIN, &brief.text);
    let (lead, scope) = &brief.scope;
    if !scope.is_empty() {
        screen.paragraph(indent + width(&brief.command), (PLAIN, lead), PLAIN, scope);
    }
}

fn draw_heading(screen: &mut Screen, heading: &Heading, indent: usize) {
    let mut text = heading.text.clone();
    if !heading.count.is_empty() {
        text.push_str(&format!(": {}", heading.count));
    }
    if !heading.remark.is_empty() {
        text.push_str(&match screen.lang {
            Lang::En => format!(" ({})", heading.remark),
            Lang::Ja => format!("（{}）", heading.remark),
        });
    }
    let lead = if heading.rank == HeadingRank::Unknown { "??? " } else { "" };
    screen.heading(indent, (OPEN, lead), BOLD, &text);
    if heading.rank == HeadingRank::Chapter {
        let rule = "=".repeat(width(&text).min(screen.room(indent)));
        screen.line(indent, &[(DIM, &rule)]);
    }
}

fn draw_text(screen: &mut Screen, lead: &Lead, text: &Prose, indent: usize) {
    let lang = screen.lang;
    let text = plain(text, lang);
    // The ways out of a problem stand below each other.
    let columns = width(fix(lang)).max(width(or(lang)));
    let (style, lead) = match lead {
        Lead::None => (PLAIN, String::new()),
        Lead::Words(words) => (BOLD, words.clone()),
        Lead::Settle => (OPEN, to_settle(lang).to_owned()),
        Lead::Fix => (FIX, pad(fix(lang), columns)),
        Lead::Or => (DIM, pad(or(lang), columns)),
    };
    screen.paragraph(indent, (style, &lead), PLAIN, &text);
}

fn draw_commands(screen: &mut Screen, commands: &[String], indent: usize) {
    // A command of several lines would run into the next one.
    let has_lines = commands.iter().any(|command| command.contains('\n'));
    for (index, command) in commands.iter().enumerate() {
        if index > 0 && has_lines {
            screen.blank();
        }
        // A here-document ends at its word in the first column only.
        screen.command(if command.contains("<<") { 0 } else { indent }, command);
    }
}

fn draw_finding(screen: &mut Screen, finding: &FoundItem, indent: usize) {
    let FoundItem { mark, name, part, place, id, remark, message, evidence, more } = finding;
    let mark = if mark.is_empty() { String::new() } else { format!("{mark} ") };
    let name = if part.is_empty() { name.clone() } else { format!("{name} [{part}]") };
    let place = place.join(screen.lang.pick(", ", "、"));
    let inner = indent + STEP;
    if width(&mark) + width(&name) + width(&place) + width(id) + 4 <= screen.room(indent) {
        let parts = [(NEWS, mark.as_str()), (BOLD, &name), (PLAIN, "  "), (PLAIN, &place)];
        screen.line(indent, &[parts.as_slice(), &[(DIM, "  "), (DIM, id)]].concat());
    } else {
        screen.paragraph(indent, (NEWS, &mark), BOLD, &name);
        screen.paragraph(inner, (PLAIN, ""), DIM, &format!("{place} {id}"));
    }
    if !remark.is_empty() {
        screen.paragraph(inner, (PLAIN, ""), DIM, remark);
    }
    if !message.is_empty() {
        screen.paragraph(inner, (PLAIN, ""), PLAIN, message);
    }
    for fact in evidence {
        if let [line] = fact.lines.as_slice() {
            draw_fact(screen, &format!("{} = {line}", fact.path), inner);
            continue;
        }
        draw_fact(screen, &format!("{}:", fact.path), inner);
        // The hops of a path are read to their end.
        let room = screen.room(inner + 6);
        for line in &fact.lines {
            for (index, part) in wrap(&harmless(line), room).iter().enumerate() {
                draw_fact(screen, &format!("{}{part}", if index == 0 { "- " } else { "  " }), inner);
            }
        }
    }
    if !more.is_empty() {
        draw_fact(screen, more, inner);
    }
}

fn draw_fact(screen: &mut Screen, text: &str, indent: usize) {
    let room = screen.room(indent + STEP);
    screen.line(indent, &[(DIM, "| "), (DIM, &truncate(&harmless(text), room))]);
}

fn draw_entry(screen: &mut Screen, entry: &MarkedLine, indent: usize) {
    let lang = screen.lang;
    let (style, lead) = match &entry.mark {
        Mark::Severity(severity) => {
            (severity_style(*severity), format!("{}  ", severity_word(*severity, lang)))
        }
        Mark::Sign(severity) => {
            let words = Severity::ALL.map(|severity| width(severity_word(severity, lang)));
            let word = pad(severity_word(*severity, lang), words.into_iter().max().unwrap_or_default());
            (PLAIN, format!("{} {word}  ", pad(severity_sign(*severity), 3)))
        }
        Mark::Words(words) => (BOLD, words.clone()),
    };
    screen.paragraph(indent, (style, &lead), PLAIN, &plain(&entry.text, lang));
    for below in &entry.below {
        let (lead, style, text) = match below {
            Below::Text(text) => ("", PLAIN, text),
            Below::Note(text) => ("", DIM, text),
            Below::Remark(text) => ("- ", PLAIN, text),
        };
        screen.paragraph(indent + STEP, (PLAIN, lead), style, text);
    }
}

fn draw_causes(screen: &mut Screen, list: &CauseList, indent: usize) {
    let CauseList { severity, count, heads, lines, others, more } = list;
    let word = severity_word(*severity, screen.lang).to_uppercase();
    let word = format!("{word} {}", severity_sign(*severity));
    let room = screen.room(indent);
    let used = width(&word) + GAP + width(count) + width(heads);
    let gap = " ".repeat(room.saturating_sub(used));
    let mut parts = vec![(severity_style(*severity), word.as_str()), (PLAIN, "  "), (PLAIN, count)];
    if !heads.is_empty() && used + GAP <= room {
        parts.extend([(PLAIN, gap.as_str()), (DIM, heads)]);
    }
    screen.line(indent, &parts);
    lines.iter().for_each(|line| draw_cause(screen, line, indent + STEP));
    if !others.is_empty() {
        let names = others.join(screen.lang.pick(", ", "、"));
        let lead = if lines.is_empty() { "" } else { screen.lang.pick("also: ", "ほか: ") };
        screen.paragraph(indent + STEP, (DIM, lead), PLAIN, &names);
    }
    if !more.is_empty() {
        screen.paragraph(indent + STEP, (PLAIN, ""), DIM, more);
    }
}

// The figures stand at the right edge of the first line; what has no room beside them goes on below.
fn draw_cause(screen: &mut Screen, cause: &CauseLine, indent: usize) {
    let CauseLine { id, mark, title, place, figures } = cause;
    let text = match screen.lang {
        _ if place.is_empty() => title.clone(),
        Lang::En => format!("{title} ({place})"),
        Lang::Ja => format!("{title}（{place}）"),
    };
    let mark = if mark.is_empty() { String::new() } else { format!("{mark} ") };
    let hang = indent + width(id) + GAP;
    let room = screen.room(hang).saturating_sub(width(&mark) + width(figures) + GAP);
    let lines = wrap(&harmless(&text), room);
    for (index, line) in lines.iter().enumerate() {
        if index > 0 {
            screen.line(hang + width(&mark), &[(PLAIN, line)]);
            continue;
        }
        let gap = " ".repeat(room.saturating_sub(width(line)) + GAP);
        let front = [(DIM, id.as_str()), (PLAIN, "  "), (NEWS, &mark), (PLAIN, line)];
        screen.line(indent, &[front.as_slice(), &[(PLAIN, gap.as_str()), (PLAIN, figures)]].concat());
    }
}

fn draw_ledger(screen: &mut Screen, ledger: &Ledger, indent: usize) {
    for (index, part) in ledger.parts.iter().enumerate() {
        if index > 0 {
            screen.blank();
        }
        draw_amount(screen, indent, (BOLD, &part.title), (BOLD, &part.sum));
        for resource in &part.resources {
            screen.paragraph(indent + STEP, (PLAIN, ""), PLAIN, &resource.place);
            resource.items.iter().for_each(|item| draw_ledger_item(screen, item, indent + 2 * STEP));
        }
    }
}

/// Columns of the arithmetic behind an amount, and of the amount.
const ARITHMETIC: (usize, usize) = (22, 10);

fn draw_ledger_item(screen: &mut Screen, item: &LedgerItem, indent: usize) {
    let (arithmetic, amount) = ARITHMETIC;
    let right = format!("{}  {}", pad(&item.arithmetic, arithmetic), left_pad(&item.amount, amount));
    let style = if item.is_known { PLAIN } else { OPEN };
    draw_amount(screen, indent, (PLAIN, &item.what), (style, &right));
    if !item.basis.is_empty() {
        screen.paragraph(indent + STEP, (PLAIN, ""), DIM, &item.basis);
    }
    if !item.settle.is_empty() {
        let lead = to_settle(screen.lang);
        screen.paragraph(indent + STEP, (OPEN, lead), PLAIN, &item.settle);
    }
}

/// Text at the left, an amount at the right edge.
fn draw_amount(screen: &mut Screen, indent: usize, left: (Style, &str), right: (Style, &str)) {
    let room = screen.room(indent).saturating_sub(width(right.1) + GAP);
    let text = pad(&truncate(left.1, room), room);
    screen.line(indent, &[(left.0, &text), (PLAIN, "  "), right]);
}

fn left_pad(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(width(text))))
}

/// The columns between two columns.
const GAP: usize = 2;
/// No column of text becomes narrower than this.
const LEAST: usize = 8;

/// A table whose cells are text of one style.
struct Grid {
    heads: Vec<String>,
    rows: Vec<Vec<String>>,
    right: Vec<bool>,
}

fn draw_table(screen: &mut Screen, table: &Table, indent: usize) {
    let lang = screen.lang;
    let cells = |row: &Vec<Prose>| row.iter().map(|cell| plain(cell, lang)).collect();
    let grid = Grid {
        heads: table.heads.clone(),
        rows: table.rows.iter().map(cells).collect(),
        right: (0..table.heads.len()).map(|column| table.right.contains(&column)).collect(),
    };
    let widths = widths(&grid, screen.room(indent));
    let draw = |screen: &mut Screen, cells: &[String], style: Style| {
        let lines: Vec<Vec<String>> =
            cells.iter().zip(&widths).map(|(cell, columns)| wrap(&harmless(cell), *columns)).collect();
        let height = lines.iter().map(Vec::len).max().unwrap_or_default();
        for line in 0..height {
            let mut text = String::new();
            for ((cell, columns), right) in lines.iter().zip(&widths).zip(&grid.right) {
                let part = cell.get(line).map_or("", String::as_str);
                text.push_str(&if *right { left_pad(part, *columns) } else { pad(part, *columns) });
                text.push_str(&" ".repeat(GAP));
            }
            screen.line(indent, &[(style, text.trim_end())]);
        }
    };
    draw(screen, &grid.heads, if table.is_log { DIM } else { BOLD });
    if !table.is_log {
        let rule: Vec<String> = widths.iter().map(|columns| "-".repeat(*columns)).collect();
        screen.line(indent, &[(DIM, &rule.join(&" ".repeat(GAP)))]);
    }
    let last = grid.rows.len().saturating_sub(1);
    for (index, row) in grid.rows.iter().enumerate() {
        draw(screen, row, if table.has_sum && index == last { BOLD } else { PLAIN });
    }
}

// As wide as the cells are; where that is too wide, the widest columns of text give way.
fn widths(grid: &Grid, room: usize) -> Vec<usize> {
    let column = |column: usize| {
        let rows = std::iter::once(&grid.heads).chain(&grid.rows);
        rows.filter_map(move |row| row.get(column))
    };
    let columns = 0..grid.heads.len();
    let widest = |index: usize| column(index).map(|cell| width(cell)).max().unwrap_or_default();
    let mut widths: Vec<usize> = columns.clone().map(widest).collect();
    // A word that cannot be parted would stand out of its column.
    let longest = |index: usize| {
        let words = column(index).flat_map(|cell| wrap(cell, 1));
        words.map(|word| width(&word)).max().unwrap_or_default().max(LEAST)
    };
    let least: Vec<usize> = columns.map(longest).collect();
    let gaps = GAP * widths.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > room {
        let text = widths.iter_mut().zip(&least).zip(&grid.right);
        let free = text.filter(|((columns, least), right)| !**right && **columns > **least);
        match free.max_by_key(|((columns, _), _)| **columns) {
            Some(((columns, _), _)) => *columns -= 1,
            None => break,
        }
    }
    widths
}
