//! What a history says about a run, in words: what all reports for people have in common.

use crate::finding::{Change, Life, NewBecause, Past, Remembered, Resolution, State, Turn, label};
use crate::report::words::minutes;
use crate::text::{Lang, list_some, number};

/// How many findings the sentence names of a kind.
const MOST_NAMED: usize = 3;

/// `NEW`, `REOPENED`, for failures that were not there in the run before. On the first run
/// everything is new, so that a mark would say nothing.
pub(crate) fn mark(life: &Life, lang: Lang) -> Option<&'static str> {
    match life.state {
        State::New if life.new_because == NewBecause::FirstRun => None,
        State::New => Some(lang.pick("NEW", "新規")),
        State::Reopened => Some(lang.pick("REOPENED", "再発")),
        _ => None,
    }
}

/// Why a finding is new where the account may not have changed.
pub(crate) fn new_because(because: NewBecause, lang: Lang) -> Option<&'static str> {
    match because {
        NewBecause::AccountChanged | NewBecause::FirstRun => None,
        NewBecause::PolicyIsNew => Some(
            lang.pick("new because its policy was never applied here before", "ポリシーによる初めての判定"),
        ),
        NewBecause::PolicyReturned => {
            Some(lang.pick(
                "its policy was not part of the previous run",
                "前回の実行ではこのポリシーを使っていない",
            ))
        }
        NewBecause::RegionIsNew => {
            Some(lang.pick("new because its region was never scanned before", "初めて調べたリージョン"))
        }
        NewBecause::WasUnknown => Some(lang.pick(
            "it could not be seen before, so it may be old",
            "以前は確認できなかったため、前からあった可能性がある",
        )),
    }
}

/// What shows that a finding is resolved.
pub(crate) fn resolution(resolution: Resolution, lang: Lang) -> &'static str {
    match resolution {
        Resolution::Passed => lang.pick("passes now", "合格になった"),
        Resolution::NotApplicable => lang.pick("its policy no longer applies", "対象外になった"),
        Resolution::ElementGone => lang.pick("no longer found", "該当箇所がなくなった"),
        Resolution::ResourceGone => lang.pick("the resource is gone", "リソースがなくなった"),
    }
}

/// What people call a finding's resource, with the part of it that is meant.
pub(crate) fn name(finding: &Remembered, lang: Lang) -> String {
    let name = label(&finding.resource, lang);
    if finding.discriminator.is_empty() { name } else { format!("{name} [{}]", finding.discriminator) }
}

// Their number, and which the first of them are.
fn named(changes: &[&Change], en: &str, ja: &str, lang: Lang) -> Option<String> {
    let names: Vec<String> = changes
        .iter()
        .map(|change| match lang {
            Lang::En => format!("{} ({})", name(&change.finding, lang), change.finding.policy),
            Lang::Ja => format!("{}（{}）", name(&change.finding, lang), change.finding.policy),
        })
        .collect();
    let (count, names) = (number(names.len()), list_some(&names, MOST_NAMED, lang));
    (!changes.is_empty()).then(|| match lang {
        Lang::En => format!("{count} {en}: {names}"),
        Lang::Ja => format!("{ja} {count}: {names}"),
    })
}

/// How many changes there are of each kind that has some, in words; resolved ones left out.
pub(crate) fn counts<'c>(changes: impl IntoIterator<Item = &'c Change>, lang: Lang) -> Vec<String> {
    let turns: Vec<&Turn> = changes.into_iter().map(|change| &change.turn).collect();
    type Kind = (fn(&Turn) -> bool, &'static str, &'static str);
    let kinds: [Kind; 8] = [
        (|turn| matches!(turn, Turn::New(_)), "new", "新規"),
        (|turn| *turn == Turn::Reopened, "reopened", "再発"),
        (|turn| *turn == Turn::AcceptanceEnded, "no longer accepted", "受容期限切れ"),
        (|turn| *turn == Turn::SeenAgain, "seen again", "再確認"),
        (
            |turn| *turn == Turn::Unknown { was_open: true },
            "open before and not visible now",
            "未解決のまま確認不能",
        ),
        (|turn| *turn == Turn::Unknown { was_open: false }, "newly unknown", "新たに判定不能"),
        (|turn| *turn == Turn::PolicyWithdrawn, "of policies that were not judged", "ポリシーの判定なし"),
        (|turn| matches!(turn, Turn::Accepted { .. }), "accepted", "新たに受容"),
    ];
    kinds
        .into_iter()
        .map(|(is_counted, en, ja)| (turns.iter().filter(|turn| is_counted(turn)).count(), en, ja))
        .filter(|(count, _, _)| *count > 0)
        .map(|(count, en, ja)| match lang {
            Lang::En => format!("{} {en}", number(count)),
            Lang::Ja => format!("{ja} {}", number(count)),
        })
        .collect()
}

/// What changed since the run before: a lead and a sentence.
pub(crate) fn sentence(past: &Past, lang: Lang) -> (String, String) {
    let Some(previous) = &past.previous_run else {
        return match lang {
            Lang::En => ("History: ".to_owned(), "it starts with this run.".to_owned()),
            Lang::Ja => ("履歴: ".to_owned(), "今回の実行から記録を始めた。".to_owned()),
        };
    };
    // These are named: the report itself does not show them.
    let is_hidden = |change: &&Change| change.turn == Turn::Unknown { was_open: true };
    let is_resolved = |change: &&Change| matches!(change.turn, Turn::Resolved(_));
    let (hidden, others): (Vec<&Change>, Vec<&Change>) = past.changes.iter().partition(is_hidden);
    let resolved: Vec<&Change> = others.iter().copied().filter(is_resolved).collect();
    let mut parts = counts(others, lang);
    parts.extend(named(&hidden, "open before and not visible now", "未解決のまま確認不能", lang));
    parts.extend(named(&resolved, "resolved", "解決", lang));
    let mut text = match (parts.is_empty(), lang) {
        (true, Lang::En) => "nothing new, nothing resolved.".to_owned(),
        (true, Lang::Ja) => "新規も解決もなし。".to_owned(),
        (false, Lang::En) => format!("{}.", parts.join("; ")),
        (false, Lang::Ja) => format!("{}。", parts.join("。")),
    };
    if past.not_looked_at > 0 {
        text.push_str(&not_looked_at(past.not_looked_at, lang));
    }
    match lang {
        Lang::En => (format!("Since {}: ", minutes(previous)), text),
        Lang::Ja => (format!("前回（{}）から: ", minutes(previous)), text),
    }
}

/// What stays as it was, because nobody looked.
pub(crate) fn not_looked_at(count: usize, lang: Lang) -> String {
    let count = number(count);
    match lang {
        Lang::En => format!(" {count} in regions that were not scanned are unchanged."),
        Lang::Ja => format!("調べていないリージョンの {count} 件は前回のまま。"),
    }
}
