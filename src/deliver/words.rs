//! What messages for people have in common.

use super::Bulletin;
use super::bulletin::NewsGroup;
use crate::finding::{NewBecause, Remembered, Severity};
use crate::history::BySeverity;
use crate::history::announcement::AnnouncementKind;
use crate::history::news::{Digest, NewsItem, NewsTurn};
use crate::report::scan::past;
use crate::report::words;
use crate::text::{Lang, list_some, number};

/// How many resolved findings the line names.
const MOST_RESOLVED: usize = 5;

/// `tenken: account 123456789012: 3 new, 1 reopened`.
pub(crate) fn headline(bulletin: &Bulletin, lang: Lang) -> String {
    let account = &bulletin.account;
    let mut parts: Vec<String> = AnnouncementKind::NEWS
        .into_iter()
        .map(|kind| (kind, bulletin.count(kind)))
        .filter(|(_, count)| *count > 0)
        .map(|(kind, count)| counted(kind, count, lang))
        .collect();
    if bulletin.digest.is_some() {
        parts.push(lang.pick("weekly digest", "週次サマリー").to_owned());
    }
    match lang {
        Lang::En => format!("tenken: account {account}: {}", parts.join(", ")),
        Lang::Ja => format!("tenken: アカウント {account}: {}", parts.join("、")),
    }
}

fn counted(kind: AnnouncementKind, count: usize, lang: Lang) -> String {
    let count = number(count);
    let (en, ja) = match kind {
        AnnouncementKind::New => ("new", "新規"),
        AnnouncementKind::Reopened => ("reopened", "再発"),
        AnnouncementKind::Unknown => ("can no longer be judged", "判定不能"),
        AnnouncementKind::Resolved => ("resolved", "解決"),
        AnnouncementKind::Digest => ("digest", "サマリー"),
    };
    match lang {
        Lang::En => format!("{count} {en}"),
        Lang::Ja => format!("{ja} {count} 件"),
    }
}

/// `Scan of 2026-11-24 03:00 UTC`.
pub(crate) fn scan_time(bulletin: &Bulletin, lang: Lang) -> String {
    let time = words::minutes(&bulletin.run);
    match lang {
        Lang::En => format!("Scan of {time}"),
        Lang::Ja => format!("スキャン日時: {time}"),
    }
}

/// `critical, new`.
pub(super) fn mark(group: &NewsGroup, lang: Lang) -> String {
    let severity = words::severity_word(group.severity, lang);
    let kind = match group.kind {
        AnnouncementKind::Reopened => lang.pick("reopened", "再発"),
        AnnouncementKind::Unknown => lang.pick("cannot be judged", "判定不能"),
        _ if group.items.iter().all(|item| item.turn == NewsTurn::AcceptanceEnded) => {
            lang.pick("acceptance expired", "受容期限切れ")
        }
        _ => lang.pick("new", "新規"),
    };
    match lang {
        Lang::En => format!("{severity}, {kind}"),
        Lang::Ja => format!("{severity}・{kind}"),
    }
}

/// What a group is about: the title of its worst finding's policy.
pub(super) fn title(group: &NewsGroup, lang: Lang) -> String {
    let Some(first) = group.items.first() else {
        return String::new();
    };
    let title = first.title.say(lang);
    if title.is_empty() { first.finding.policy.clone() } else { title.to_owned() }
}

/// The policies of a group, each once.
pub(super) fn policies(group: &NewsGroup) -> Vec<&str> {
    let mut policies: Vec<&str> = Vec::new();
    for item in &group.items {
        if !policies.contains(&item.finding.policy.as_str()) {
            policies.push(&item.finding.policy);
        }
    }
    policies
}

/// What else is to be known of why a finding is news.
pub(super) fn note(item: &NewsItem, lang: Lang) -> Option<&'static str> {
    match item.turn {
        NewsTurn::UnknownWasOpen => {
            Some(lang.pick("it was open when it was last seen", "最後に確認した時点では未解決"))
        }
        NewsTurn::AcceptanceEnded => {
            Some(lang.pick("its acceptance has expired", "リスク受容の期限が切れた"))
        }
        _ => item
            .new_because
            .filter(|because| *because != NewBecause::FirstRun)
            .and_then(|because| past::new_because(because, lang)),
    }
}

/// What was resolved, in one line.
pub(super) fn resolved(bulletin: &Bulletin, lang: Lang) -> Option<String> {
    let count = bulletin.count(AnnouncementKind::Resolved);
    let names: Vec<String> = bulletin.resolved.iter().map(|finding| named(finding, lang)).collect();
    let mut text = list_some(&names, MOST_RESOLVED, lang);
    let uncounted = count.saturating_sub(names.len());
    if uncounted > 0 && names.len() <= MOST_RESOLVED {
        text = match lang {
            Lang::En => format!("{text} and {} more", number(uncounted)),
            Lang::Ja => format!("{text} ほか {} 件", number(uncounted)),
        };
    }
    (count > 0).then(|| match lang {
        Lang::En => format!("Resolved ({}): {text}", number(count)),
        Lang::Ja => format!("解決（{} 件）: {text}", number(count)),
    })
}

fn named(finding: &Remembered, lang: Lang) -> String {
    let name = past::name(finding, lang);
    match lang {
        Lang::En => format!("{name} ({})", finding.policy),
        Lang::Ja => format!("{name}（{}）", finding.policy),
    }
}

/// How many findings are not shown.
pub(super) fn more(left: &BySeverity, lang: Lang) -> Option<String> {
    let parts: Vec<String> = Severity::ALL
        .into_iter()
        .filter(|severity| left.of(*severity) > 0)
        .map(|severity| match lang {
            Lang::En => format!("{} {}", number(left.of(severity)), words::severity_word(severity, lang)),
            Lang::Ja => format!("{} {}", words::severity_word(severity, lang), number(left.of(severity))),
        })
        .collect();
    (!parts.is_empty()).then(|| match lang {
        Lang::En => format!("Not shown here: {}. The report has everything.", parts.join(", ")),
        Lang::Ja => format!("ここに表示していない指摘: {}。全件はレポートを参照。", parts.join("、")),
    })
}

/// How the account stands, in lines.
pub(super) fn digest(digest: &Digest, lang: Lang) -> Vec<String> {
    let open: Vec<String> = Severity::ALL
        .into_iter()
        .filter(|severity| digest.open.of(*severity) > 0)
        .map(|severity| match lang {
            Lang::En => {
                format!("{} {}", number(digest.open.of(severity)), words::severity_word(severity, lang))
            }
            Lang::Ja => {
                format!("{} {}", words::severity_word(severity, lang), number(digest.open.of(severity)))
            }
        })
        .collect();
    let open = match (open.is_empty(), lang) {
        (true, Lang::En) => "nothing".to_owned(),
        (true, Lang::Ja) => "なし".to_owned(),
        (false, Lang::En) => open.join(", "),
        (false, Lang::Ja) => open.join("、"),
    };
    let Digest { week, accepted, unknown, new, reopened, resolved, .. } = digest;
    let mut lines = match lang {
        Lang::En => vec![
            format!("Week from {week}. Open: {open}; accepted: {accepted}; could not be judged: {unknown}."),
            format!("Last seven days: {new} new, {reopened} reopened, {resolved} resolved."),
        ],
        Lang::Ja => vec![
            format!("{week} からの週。未解決: {open}、受容済み: {accepted}、判定不能: {unknown}。"),
            format!("直近 7 日間: 新規 {new}、再発 {reopened}、解決 {resolved}。"),
        ],
    };
    if let (Some(finding), Some(since)) = (&digest.oldest_critical, &digest.oldest_critical_since) {
        let (name, since) = (named(finding, lang), words::minutes(since));
        lines.push(match lang {
            Lang::En => format!("Oldest critical: {name}, open since {since}."),
            Lang::Ja => format!("最も古い緊急の指摘: {name}、{since} から未解決。"),
        });
    }
    lines
}
