//! What changed, for people.

use crate::finding::{Change, Turn};
use crate::history::diff::Difference;
use crate::report::page::{
    Below, Block, Brief, Document, Heading, HeadingRank, Mark, MarkedLine, Masthead, Prose, Span,
};
use crate::report::scan::past::{counts, name, new_because, not_looked_at, resolution};
use crate::report::words::minutes;
use crate::text::{Lang, list, number};

/// The whole document.
pub(super) fn write(difference: &Difference, lang: Lang) -> Document {
    let mut blocks = vec![
        masthead(difference, lang),
        Block::Verdict { text: verdict(difference, lang).into(), basis: String::new() },
    ];
    let mut rest = difference.changes.as_slice();
    while let Some(first) = rest.first() {
        let title = heading(&first.turn, lang);
        let end = rest.iter().position(|change| heading(&change.turn, lang) != title);
        let (group, others) = rest.split_at(end.unwrap_or(rest.len()));
        let lines = group.iter().map(|change| line(change, lang)).collect();
        blocks.push(Block::Section(Heading::new(HeadingRank::Part, title), vec![Block::Marked(lines)]));
        rest = others;
    }
    Document { lang, blocks }
}

fn masthead(difference: &Difference, lang: Lang) -> Block {
    let Difference { account, from, to, .. } = difference;
    let to = minutes(to);
    let (title, span) = match (from, lang) {
        (Some(from), Lang::En) => ("AWS account", format!("from {} to {to}", minutes(from))),
        (Some(from), Lang::Ja) => ("AWS アカウント", format!("{} から {to} まで", minutes(from))),
        (None, Lang::En) => ("AWS account", format!("everything until {to}")),
        (None, Lang::Ja) => ("AWS アカウント", format!("{to} までのすべて")),
    };
    let text = match lang {
        Lang::En => format!("account {account}, {span}"),
        Lang::Ja => format!("アカウント {account}、{span}"),
    };
    let sentence = match lang {
        Lang::En => format!("What changed: {span}."),
        Lang::Ja => format!("変更点: {span}。"),
    };
    let brief = Brief { command: "tenken diff: ".to_owned(), text, scope: <(String, String)>::default() };
    Block::Masthead(Masthead {
        title: format!("tenken diff: {title} {account}"),
        sentence,
        brief: Some(brief),
    })
}

fn verdict(difference: &Difference, lang: Lang) -> String {
    let Difference { changes, not_looked_at: untouched, .. } = difference;
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
    text
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
            "Policy no longer judged (neither open nor resolved)",
            "ポリシーが使われなくなったもの（未解決でも解決でもない）",
        ),
        Turn::Accepted { .. } => lang.pick("Accepted", "新たに受容したもの"),
        Turn::Resolved(_) => lang.pick("Resolved", "解決"),
    }
}

fn line(change: &Change, lang: Lang) -> MarkedLine {
    let finding = &change.finding;
    let name = format!("{}{}", name(finding, lang), lang.pick(", ", "、"));
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
    let message = Some(finding.message.say(lang)).filter(|message| is_current && !message.is_empty());
    let message = message.map(|message| Below::Text(message.to_owned()));
    MarkedLine {
        mark: Mark::Severity(finding.severity),
        text: Prose(vec![Span::Plain(name), Span::Code(finding.policy.clone())]),
        below: message.into_iter().chain(why.map(Below::Note)).collect(),
    }
}
