//! What a history says about a long time, for people.

use super::{is_other_scope, table};
use crate::finding::State;
use crate::history::trend::Trend;
use crate::history::{History, RunRecord};
use crate::report::page::{Block, Brief, Document, Masthead};
use crate::report::scan::past::name;
use crate::text::{Lang, counted, number};

/// How many runs are shown.
const MOST_ROWS: usize = 20;

/// The whole document.
pub(super) fn write(history: &History, lang: Lang) -> Document {
    let trend = Trend::new(history);
    let Some(usual) = usual(trend.runs) else {
        let text = lang.pick(
            "The history is empty. `tenken scan --history` starts one.",
            "履歴は空。`tenken scan --history` で記録を始める。",
        );
        return Document { lang, blocks: vec![Block::plain(text)] };
    };
    let mut blocks = vec![masthead(&history.account, trend.runs, lang)];
    blocks.extend(table::write(trend.runs, usual, MOST_ROWS, lang));
    if trend.runs.iter().any(|run| is_other_scope(run, usual)) {
        let text = lang.pick(
            "* other regions or policies than most runs: not comparable with them",
            "* ほかの多くの実行とはリージョンまたはポリシーが異なるため比較できない",
        );
        blocks.push(Block::Note(text.to_owned()));
    }
    blocks.push(Block::Figures(answers(&trend, lang)));
    Document { lang, blocks }
}

fn masthead(account: &str, runs: &[RunRecord], lang: Lang) -> Block {
    let count = number(runs.len());
    let runs = match lang {
        Lang::En => format!("{count} {}", counted(runs.len(), "run")),
        Lang::Ja => format!("実行 {count} 回"),
    };
    let (title, text, sentence) = match lang {
        Lang::En => ("AWS account", format!("account {account}, {runs}"), format!("It holds {runs}.")),
        Lang::Ja => ("AWS アカウント", format!("アカウント {account}、{runs}"), format!("{runs}分の記録。")),
    };
    let brief = Brief { command: "tenken history: ".to_owned(), text, scope: <(String, String)>::default() };
    Block::Masthead(Masthead {
        title: format!("tenken history: {title} {account}"),
        sentence,
        brief: Some(brief),
    })
}

// A run with the regions and policies that most runs have; the newest of several.
fn usual(runs: &[RunRecord]) -> Option<&RunRecord> {
    runs.iter().max_by_key(|run| runs.iter().filter(|other| !is_other_scope(run, other)).count())
}

fn answers(trend: &Trend<'_>, lang: Lang) -> Vec<(String, String)> {
    let states: Vec<String> = trend
        .states
        .iter()
        .map(|(state, count)| match lang {
            Lang::En => format!("{} {}", number(*count), state_word(*state, lang)),
            Lang::Ja => format!("{} {}", state_word(*state, lang), number(*count)),
        })
        .collect();
    let none = || lang.pick("none", "なし").to_owned();
    let states = if states.is_empty() { none() } else { states.join(lang.pick(", ", "、")) };
    let oldest = trend.oldest_critical.map_or_else(none, |oldest| {
        let (finding, age) = (&oldest.entry.finding, span(oldest.age_seconds, lang));
        let name = name(finding, lang);
        let unseen = match oldest.entry.state {
            State::UnknownWasOpen => lang.pick(" (not visible now)", "（現在は確認不能）"),
            _ => "",
        };
        match lang {
            Lang::En => format!("{age}, {name}, {}{unseen}", finding.policy),
            Lang::Ja => format!("{age}、{name}、{}{unseen}", finding.policy),
        }
    });
    let time_to_fix = trend.time_to_fix.map_or_else(none, |fix| {
        let (median, count) = (span(fix.median_seconds, lang), number(fix.count));
        match lang {
            Lang::En => format!("{median} (of {count} resolved)"),
            Lang::Ja => format!("{median}（解決 {count} 件）"),
        }
    });
    let answers = [
        (lang.pick("Findings: ", "指摘: "), states),
        (lang.pick("Oldest open critical finding: ", "最も古い未解決の緊急: "), oldest),
        (lang.pick("Median time to fix: ", "解決までの時間（中央値）: "), time_to_fix),
    ];
    answers.map(|(name, text)| (name.to_owned(), text)).to_vec()
}

fn state_word(state: State, lang: Lang) -> &'static str {
    match state {
        State::New => lang.pick("new", "新規"),
        State::Open => lang.pick("open", "未解決"),
        State::Reopened => lang.pick("reopened", "再発"),
        State::Accepted => lang.pick("accepted", "受容済み"),
        State::UnknownWasOpen => lang.pick("open before and not visible now", "未解決のまま確認不能"),
        State::Resolved => lang.pick("resolved", "解決済み"),
        State::PolicyWithdrawn => lang.pick("of policies no longer judged", "ポリシーの判定なし"),
    }
}

/// A length of time in its largest unit that fits: minutes, hours or days.
fn span(seconds: i64, lang: Lang) -> String {
    let (count, en, ja) = match seconds {
        86_400.. => (seconds / 86_400, "day", "日"),
        3_600.. => (seconds / 3_600, "hour", "時間"),
        _ => (seconds.max(0) / 60, "minute", "分"),
    };
    let figure = number(usize::try_from(count).unwrap_or_default());
    match lang {
        Lang::En => format!("{figure} {}", counted(count, en)),
        Lang::Ja => format!("{figure} {ja}"),
    }
}
