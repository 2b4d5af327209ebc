//! The runs of a history, a line for each.

use super::is_other_scope;
use crate::history::RunRecord;
use crate::report::page::{Block, Prose, Table};
use crate::report::words::minutes_alone;
use crate::text::{Lang, number};

// Short enough for 80 columns. `again` is reopened, `fixed` is resolved.
const HEADS_EN: [&str; 10] =
    ["run (UTC)", "crit", "high", "med", "low", "info", "unknown", "new", "again", "fixed"];
const HEADS_JA: [&str; 10] =
    ["実行（UTC）", "緊急", "高", "中", "低", "情報", "判定不能", "新規", "再発", "解決"];

/// The newest runs, as many as `most`; those that cannot be compared with `usual` are marked.
pub(super) fn write(runs: &[RunRecord], usual: &RunRecord, most: usize, lang: Lang) -> Vec<Block> {
    let left = runs.len().saturating_sub(most);
    let heads = match lang {
        Lang::En => HEADS_EN,
        Lang::Ja => HEADS_JA,
    };
    let mut blocks = Vec::new();
    if left > 0 {
        let left = number(left);
        blocks.push(Block::Note(match lang {
            Lang::En => format!("{left} earlier"),
            Lang::Ja => format!("以前の {left} 回は省略"),
        }));
    }
    blocks.push(Block::Table(Table {
        heads: heads.map(str::to_owned).to_vec(),
        rows: runs.iter().skip(left).map(|run| row(run, is_other_scope(run, usual))).collect(),
        right: (1..heads.len()).collect(),
        is_log: true,
        ..Table::default()
    }));
    blocks
}

fn row(run: &RunRecord, is_other: bool) -> Vec<Prose> {
    let failed = &run.failed;
    let counts = [
        failed.critical,
        failed.high,
        failed.medium,
        failed.low,
        failed.info,
        run.unknown,
        run.new,
        run.reopened,
        run.resolved,
    ];
    let [critical, high, medium, low, info, unknown, new, reopened, resolved] = counts.map(number);
    let taken_at = run.taken_at.to_string();
    let time = minutes_alone(&taken_at).unwrap_or(taken_at);
    let mark = if is_other { " *" } else { "" };
    let time = format!("{time}{mark}");
    let cells = [time, critical, high, medium, low, info, unknown, new, reopened, resolved];
    cells.map(Prose::from).to_vec()
}
