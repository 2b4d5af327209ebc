//! Differences and trends for people and for programs: pure functions to bytes.

use super::table;
use crate::finding::{Change, State, Turn};
use crate::history::diff::Difference;
use crate::history::trend::Trend;
use crate::history::{BySeverity, RunRecord};
use crate::report::Look;
use crate::report::page::json::pretty;
use crate::report::page::screen::{BOLD, DIM, PLAIN, Page, severity_style};
use crate::report::scan::json::ChangeForm;
use crate::report::scan::past::{counts, name, new_because, not_looked_at, resolution};
use crate::report::words::{minutes, severity_word};
use crate::text::{Lang, list, number};
use serde::Serialize;

/// The version of the JSON of differences and trends.
pub const FORMAT_VERSION: u32 = 1;

/// A difference for people.
pub fn difference(difference: &Difference, look: &Look) -> Vec<u8> {
    let mut page = Page::new(look);
    let lang = look.lang;
    let Difference { account, from, to, changes, not_looked_at: untouched } = difference;
    let to = minutes(to);
    let text = match (from, lang) {
        (Some(from), Lang::En) => format!("account {account}, from {} to {to}", minutes(from)),
        (Some(from), Lang::Ja) => format!("アカウント {account}、{} から {to} まで", minutes(from)),
        (None, Lang::En) => format!("account {account}, everything until {to}"),
        (None, Lang::Ja) => format!("アカウント {account}、{to} までのすべて"),
    };
    page.paragraph(0, (BOLD, "tenken diff: "), PLAIN, &text);
    page.blank();
    let mut parts = counts(changes, lang);
    let resolved = changes.iter().filter(|change| matches!(change.turn, Turn::Resolved(_))).count();
    if resolved > 0 {
        parts.push(match lang {
            Lang::En => format!("{} resolved", number(resolved)),
            Lang::Ja => format!("解決 {}", number(resolved)),
        });
    }
    let mut text = match (parts.is_empty(), lang) {
        (true, _) => lang.pick("No difference.", "差分なし。").to_owned(),
        (false, Lang::En) => format!("{}.", parts.join(", ")),
        (false, Lang::Ja) => format!("{}。", list(&parts, lang)),
    };
    if *untouched > 0 {
        text.push_str(&not_looked_at(*untouched, lang));
    }
    page.paragraph(0, (PLAIN, ""), BOLD, &text);
    let mut last = None;
    for change in changes {
        let title = heading(&change.turn, lang);
        if last != Some(title) {
            page.blank();
            page.paragraph(0, (PLAIN, ""), BOLD, title);
            last = Some(title);
        }
        write_change(&mut page, change);
    }
    page.into_bytes()
}

fn heading(turn: &Turn, lang: Lang) -> &'static str {
    match turn {
        Turn::New(_) => lang.pick("New", "新規"),
        Turn::Reopened => lang.pick("Reopened: resolved once, failing again", "再発（一度解決したもの）"),
        Turn::AcceptanceEnded => lang.pick("No longer accepted", "受容の期限切れ"),
        Turn::SeenAgain => lang.pick("Seen again, still failing", "再び確認できたもの（未解決）"),
        Turn::Unknown { was_open: true } => lang.pick(
            "Open before, not visible now (not resolved)",
            "未解決のまま確認できなくなったもの（解決ではない）",
        ),
        Turn::Unknown { was_open: false } => lang.pick("Newly unknown", "新たに判定できなくなったもの"),
        Turn::PolicyWithdrawn => lang.pick(
            "Policy not judged any more (neither open nor resolved)",
            "ポリシーが使われなくなったもの（未解決でも解決でもない）",
        ),
        Turn::Accepted { .. } => lang.pick("Accepted", "新たに受容したもの"),
        Turn::Resolved(_) => lang.pick("Resolved", "解決"),
    }
}

fn write_change(page: &mut Page, change: &Change) {
    let (lang, finding) = (page.lang, &change.finding);
    let word = severity_word(finding.severity, lang);
    let text = format!("{}{}{}", name(finding, lang), lang.pick(", ", "、"), finding.policy);
    page.paragraph(2, (severity_style(finding.severity), &format!("{word}  ")), PLAIN, &text);
    let why = match &change.turn {
        Turn::New(because) => new_because(*because, lang).map(str::to_owned),
        Turn::Resolved(how) => Some(resolution(*how, lang).to_owned()),
        Turn::Accepted { until } => Some(match lang {
            Lang::En => format!("until {until}"),
            Lang::Ja => format!("{until} まで"),
        }),
        _ => None,
    };
    // Of what is resolved or not judged, the message is the last one: it is not true any more.
    let is_current = !matches!(change.turn, Turn::Resolved(_) | Turn::PolicyWithdrawn);
    let message = finding.message.say(lang);
    if is_current && !message.is_empty() {
        page.paragraph(4, (PLAIN, ""), PLAIN, message);
    }
    if let Some(why) = why {
        page.paragraph(4, (PLAIN, ""), DIM, &why);
    }
}

#[derive(Serialize)]
struct DifferenceForm<'a> {
    /// [`FORMAT_VERSION`].
    format_version: u32,
    account: &'a str,
    /// When the base began; null for an empty history.
    from: Option<&'a str>,
    /// When the second run began.
    to: &'a str,
    /// What changed.
    changes: Vec<ChangeForm<'a>>,
    /// Findings in regions that the second did not look at.
    not_looked_at: usize,
}

/// A difference for programs.
pub fn difference_json(difference: &Difference) -> Vec<u8> {
    pretty(&DifferenceForm {
        format_version: FORMAT_VERSION,
        account: &difference.account,
        from: difference.from.as_deref(),
        to: &difference.to,
        changes: difference.changes.iter().map(ChangeForm::new).collect(),
        not_looked_at: difference.not_looked_at,
    })
}

/// How many runs the trend shows.
const MOST_ROWS: usize = 20;

/// A trend for people.
pub fn trend(account: &str, trend: &Trend<'_>, look: &Look) -> Vec<u8> {
    let mut page = Page::new(look);
    let lang = look.lang;
    let Some(usual) = usual(trend.runs) else {
        let text = lang.pick(
            "The history is empty. `tenken scan --history` begins it.",
            "履歴は空。`tenken scan --history` で記録を始める。",
        );
        page.paragraph(0, (PLAIN, ""), PLAIN, text);
        return page.into_bytes();
    };
    let count = number(trend.runs.len());
    let text = match lang {
        Lang::En if trend.runs.len() == 1 => format!("account {account}, 1 run"),
        Lang::En => format!("account {account}, {count} runs"),
        Lang::Ja => format!("アカウント {account}、実行 {count} 回"),
    };
    page.paragraph(0, (BOLD, "tenken history: "), PLAIN, &text);
    page.blank();
    table::write(&mut page, trend.runs, usual, MOST_ROWS);
    if trend.runs.iter().any(|run| is_other_scope(run, usual)) {
        let text = lang.pick(
            "* other regions or policies than most runs: not comparable with them",
            "* ほかの多くの実行とはリージョンまたはポリシーが異なるため比較できない",
        );
        page.paragraph(0, (PLAIN, ""), DIM, text);
    }
    page.blank();
    write_answers(&mut page, trend);
    page.into_bytes()
}

// A run with the regions and policies that most runs have; the newest of several.
fn usual(runs: &[RunRecord]) -> Option<&RunRecord> {
    runs.iter().max_by_key(|run| runs.iter().filter(|other| !is_other_scope(run, other)).count())
}

pub(super) fn is_other_scope(run: &RunRecord, usual: &RunRecord) -> bool {
    run.regions != usual.regions || run.policies_digest != usual.policies_digest
}

fn write_answers(page: &mut Page, trend: &Trend<'_>) {
    let lang = page.lang;
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
    page.paragraph(0, (BOLD, lang.pick("Findings: ", "検出結果: ")), PLAIN, &states);
    let text = trend.oldest_critical.map_or_else(none, |oldest| {
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
    page.paragraph(
        0,
        (BOLD, lang.pick("Oldest open critical finding: ", "最も古い未解決の緊急: ")),
        PLAIN,
        &text,
    );
    let text = trend.time_to_fix.map_or_else(none, |fix| {
        let (median, count) = (span(fix.median_seconds, lang), number(fix.count));
        match lang {
            Lang::En => format!("{median} (of {count} resolved)"),
            Lang::Ja => format!("{median}（解決 {count} 件）"),
        }
    });
    page.paragraph(0, (BOLD, lang.pick("Median time to fix: ", "解決までの時間（中央値）: ")), PLAIN, &text);
}

fn state_word(state: State, lang: Lang) -> &'static str {
    match state {
        State::New => lang.pick("new", "新規"),
        State::Open => lang.pick("open", "未解決"),
        State::Reopened => lang.pick("reopened", "再発"),
        State::Accepted => lang.pick("accepted", "受容済み"),
        State::UnknownWasOpen => lang.pick("open before and not visible now", "未解決のまま確認不能"),
        State::Resolved => lang.pick("resolved", "解決済み"),
        State::PolicyWithdrawn => lang.pick("of policies not judged any more", "ポリシーの判定なし"),
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
        Lang::En if count == 1 => format!("1 {en}"),
        Lang::En => format!("{figure} {en}s"),
        Lang::Ja => format!("{figure} {ja}"),
    }
}

#[derive(Serialize)]
struct TrendForm<'a> {
    /// [`FORMAT_VERSION`].
    format_version: u32,
    account: &'a str,
    /// The oldest first.
    runs: Vec<RunForm<'a>>,
    /// How many findings are in each state that has some.
    states: Vec<StateForm>,
    /// The critical finding that has been open the longest; null for none.
    oldest_critical: Option<OldestForm<'a>>,
    /// Null where nothing was resolved yet.
    time_to_fix: Option<TimeToFixForm>,
}

#[derive(Serialize)]
struct RunForm<'a> {
    taken_at: String,
    regions: &'a [String],
    policy_count: usize,
    failed: &'a BySeverity,
    accepted: usize,
    unknown: usize,
    new: usize,
    reopened: usize,
    resolved: usize,
}

#[derive(Serialize)]
struct StateForm {
    state: &'static str,
    count: usize,
}

#[derive(Serialize)]
struct OldestForm<'a> {
    id: &'a str,
    policy: &'a str,
    resource: &'a str,
    region: &'a str,
    discriminator: &'a str,
    state: &'static str,
    age_seconds: i64,
}

#[derive(Serialize)]
struct TimeToFixForm {
    median_seconds: i64,
    count: usize,
}

/// A trend for programs.
pub fn trend_json(account: &str, trend: &Trend<'_>) -> Vec<u8> {
    let runs = trend.runs.iter().map(|run| RunForm {
        taken_at: run.taken_at.to_string(),
        regions: &run.regions,
        policy_count: run.policy_count,
        failed: &run.failed,
        accepted: run.accepted,
        unknown: run.unknown,
        new: run.new,
        reopened: run.reopened,
        resolved: run.resolved,
    });
    let states = trend.states.iter().map(|(state, count)| StateForm { state: state.as_str(), count: *count });
    pretty(&TrendForm {
        format_version: FORMAT_VERSION,
        account,
        runs: runs.collect(),
        states: states.collect(),
        oldest_critical: trend.oldest_critical.map(|oldest| {
            let finding = &oldest.entry.finding;
            OldestForm {
                id: &finding.id,
                policy: &finding.policy,
                resource: &finding.resource,
                region: &finding.region,
                discriminator: &finding.discriminator,
                state: oldest.entry.state.as_str(),
                age_seconds: oldest.age_seconds,
            }
        }),
        time_to_fix: trend
            .time_to_fix
            .map(|fix| TimeToFixForm { median_seconds: fix.median_seconds, count: fix.count }),
    })
}
