//! The runs of a history, a line for each.

use crate::history::RunRecord;
use crate::report::history::document::is_other_scope;
use crate::report::page::screen::{DIM, PLAIN, Page};
use crate::report::words::minutes;
use crate::text::{Lang, number, width};

// Short enough for 80 columns. `again` is reopened, `fixed` is resolved.
const HEADS_EN: [&str; 10] =
    ["run (UTC)", "crit", "high", "med", "low", "info", "unknown", "new", "again", "fixed"];
const HEADS_JA: [&str; 10] =
    ["実行（UTC）", "緊急", "高", "中", "低", "情報", "不明", "新規", "再発", "解決"];

/// The newest runs, as many as `most`; those that cannot be compared with `usual` are marked.
pub(super) fn write(page: &mut Page, runs: &[RunRecord], usual: &RunRecord, most: usize) {
    let left = runs.len().saturating_sub(most);
    let heads = match page.lang {
        Lang::En => HEADS_EN,
        Lang::Ja => HEADS_JA,
    };
    let mut rows = vec![heads.map(str::to_owned)];
    rows.extend(runs.iter().skip(left).map(|run| row(run, is_other_scope(run, usual))));
    let columns: Vec<usize> = (0..heads.len())
        .map(|index| rows.iter().filter_map(|row| row.get(index)).map(|cell| width(cell)).max().unwrap_or(0))
        .collect();
    if left > 0 {
        let left = number(left);
        let text = match page.lang {
            Lang::En => format!("{left} earlier"),
            Lang::Ja => format!("以前の {left} 回は省略"),
        };
        page.line(0, &[(DIM, &text)]);
    }
    for (index, row) in rows.iter().enumerate() {
        let cells: Vec<String> = row
            .iter()
            .zip(&columns)
            .enumerate()
            .map(|(column, (cell, columns))| {
                let space = " ".repeat(columns.saturating_sub(width(cell)));
                // Numbers end in the same column, times begin in it.
                if column == 0 { format!("{cell}{space}") } else { format!("{space}{cell}") }
            })
            .collect();
        let style = if index == 0 { DIM } else { PLAIN };
        page.line(0, &[(style, cells.join("  ").trim_end())]);
    }
}

fn row(run: &RunRecord, is_other: bool) -> [String; 10] {
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
    let time = minutes(&run.taken_at.to_string());
    let mark = if is_other { " *" } else { "" };
    let time = format!("{}{mark}", time.trim_end_matches(" UTC"));
    [time, critical, high, medium, low, info, unknown, new, reopened, resolved]
}
