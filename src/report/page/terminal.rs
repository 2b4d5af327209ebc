//! Draws a document of blocks on a terminal.

use super::{Block, Table};
use crate::report::Look;
use crate::report::page::screen::{BOLD, DIM, FIX, PLAIN, Page};
use crate::text::{harmless, pad, width, wrap};

pub(crate) fn terminal(blocks: &[Block], look: &Look) -> Vec<u8> {
    let mut page = Page::new(look);
    for (index, part) in blocks.iter().enumerate() {
        let follows = index.checked_sub(1).and_then(|index| blocks.get(index));
        if needs_space(part, follows) {
            page.blank();
        }
        terminal_block(&mut page, part);
    }
    page.into_bytes()
}

// What belongs together stands together.
fn needs_space(part: &Block, before: Option<&Block>) -> bool {
    !matches!(
        (part, before),
        (_, None | Some(Block::Heading(_) | Block::Item(_)))
            | (Block::Text { .. }, Some(Block::Title(_) | Block::Text { .. }))
            | (Block::Numbered(_) | Block::List(_), Some(Block::Text { .. }))
    )
}

fn terminal_block(page: &mut Page, part: &Block) {
    match part {
        Block::Title(text) => page.paragraph(0, (PLAIN, ""), BOLD, text),
        Block::Heading(text) => {
            let rule = "=".repeat(width(text).min(page.room(0)));
            page.paragraph(0, (PLAIN, ""), BOLD, text);
            page.line(0, &[(DIM, &rule)]);
        }
        Block::Item(text) => page.paragraph(0, (PLAIN, ""), FIX, text),
        Block::Text { lead, text } => page.paragraph(2, (BOLD, lead), PLAIN, text),
        Block::List(items) => items.iter().for_each(|item| page.paragraph(2, (PLAIN, "- "), PLAIN, item)),
        Block::Numbered(items) => {
            for (index, item) in items.iter().enumerate() {
                page.paragraph(4, (PLAIN, &format!("{}. ", index + 1)), PLAIN, item);
            }
        }
        Block::Commands(commands) => {
            for (index, command) in commands.iter().enumerate() {
                if index > 0 && commands.iter().any(|command| command.contains('\n')) {
                    page.blank();
                }
                // A here-document ends at its word in the first column only.
                page.command(if command.contains("<<") { 0 } else { 4 }, command);
            }
        }
        Block::Table(table) => terminal_table(page, table),
    }
}

/// The columns between two columns.
const GAP: usize = 2;
/// No column of text becomes narrower than this.
const LEAST: usize = 8;

fn terminal_table(page: &mut Page, table: &Table) {
    let widths = widths(table, page.room(2));
    let last = table.rows.len().saturating_sub(1);
    let draw = |page: &mut Page, cells: &[String], is_strong: bool| {
        let lines: Vec<Vec<String>> =
            cells.iter().zip(&widths).map(|(cell, columns)| wrap(&harmless(cell), *columns)).collect();
        let height = lines.iter().map(Vec::len).max().unwrap_or_default();
        for line in 0..height {
            let mut text = String::new();
            for ((cell, columns), right) in lines.iter().zip(&widths).zip(&table.right) {
                let part = cell.get(line).map_or("", String::as_str);
                let filled = if *right {
                    format!("{}{part}", " ".repeat(columns.saturating_sub(width(part))))
                } else {
                    pad(part, *columns)
                };
                text.push_str(&filled);
                text.push_str(&" ".repeat(GAP));
            }
            page.line(2, &[(if is_strong { BOLD } else { PLAIN }, text.trim_end())]);
        }
    };
    draw(page, &table.heads, true);
    let rule: Vec<String> = widths.iter().map(|columns| "-".repeat(*columns)).collect();
    page.line(2, &[(DIM, &rule.join(&" ".repeat(GAP)))]);
    for (index, row) in table.rows.iter().enumerate() {
        draw(page, row, table.has_sum && index == last);
    }
}

// As wide as the cells are; where that is too wide, the widest columns of text give way.
fn widths(table: &Table, room: usize) -> Vec<usize> {
    let cells = |column: usize| {
        let rows = std::iter::once(&table.heads).chain(&table.rows);
        rows.filter_map(move |row| row.get(column)).map(|cell| width(cell)).max().unwrap_or_default()
    };
    let mut widths: Vec<usize> = (0..table.heads.len()).map(cells).collect();
    // A word that cannot be parted would stand out of its column.
    let longest = |column: usize| {
        let rows = std::iter::once(&table.heads).chain(&table.rows);
        let words = rows.filter_map(move |row| row.get(column)).flat_map(|cell| wrap(cell, 1));
        words.map(|word| width(&word)).max().unwrap_or_default().max(LEAST)
    };
    let least: Vec<usize> = (0..table.heads.len()).map(longest).collect();
    let gaps = GAP * widths.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > room {
        let text = widths.iter_mut().zip(&least).zip(&table.right);
        let free = text.filter(|((columns, least), right)| !**right && **columns > **least);
        match free.max_by_key(|((columns, _), _)| **columns) {
            Some(((columns, _), _)) => *columns -= 1,
            None => break,
        }
    }
    widths
}
