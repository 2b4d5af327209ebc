//! Draws a document of blocks in Markdown.

use super::Block;
use super::escape::{block, prose};

pub(crate) fn markdown(blocks: &[Block]) -> Vec<u8> {
    let parts: Vec<String> = blocks.iter().map(markdown_block).collect();
    let mut text = parts.join("\n");
    text.truncate(text.trim_end().len());
    text.push('\n');
    text.into_bytes()
}

fn markdown_block(part: &Block) -> String {
    match part {
        Block::Title(text) => format!("# {}\n", prose(text)),
        Block::Heading(text) => format!("## {}\n", prose(text)),
        // The number of an item is part of its heading and not of a list.
        Block::Item(text) => format!("### {}\n", prose(text).replacen("\\.", ".", 1)),
        Block::Text { lead, text } if lead.is_empty() => format!("{}\n", prose(text)),
        Block::Text { lead, text } => format!("**{}** {}\n", prose(lead.trim_end()), prose(text)),
        Block::List(items) => items.iter().map(|item| format!("- {}\n", prose(item))).collect(),
        Block::Numbered(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| format!("{}. {}\n", index + 1, prose(item)))
            .collect(),
        Block::Commands(commands) => {
            let has_lines = commands.iter().any(|command| command.contains('\n'));
            block("sh", &commands.join(if has_lines { "\n\n" } else { "\n" }))
        }
        Block::Table(table) => {
            let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
            let rule: Vec<&str> =
                table.right.iter().map(|right| if *right { "--:|" } else { "---|" }).collect();
            let last = table.rows.len().saturating_sub(1);
            let mut text = line(table.heads.iter().map(|head| prose(head)).collect());
            text.push_str(&format!("|{}\n", rule.concat()));
            for (index, row) in table.rows.iter().enumerate() {
                let cell = |text: &String| match table.has_sum && index == last {
                    true => format!("**{}**", prose(text)),
                    false => prose(text),
                };
                text.push_str(&line(row.iter().map(cell).collect()));
            }
            text
        }
    }
}
