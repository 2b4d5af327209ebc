//! The part about what could not be judged: which questions got no answer, why, what
//! depends on them and what would settle them.

use super::question::{about_permissions, cause_words, hanging, remedy, statement, what};
use crate::finding::{Run, label};
use crate::report::page::{Block, Heading, HeadingRank, Lead, Mark, MarkedLine, Prose, Span, Table};
use crate::report::words::counted;
use crate::text::{Lang, list, list_some, number};
use crate::work::{QuestionGroup, QuestionKey, questions};

/// How many resources of one question are named.
const MOST_RESOURCES: usize = 5;
/// How many regions of one question are named; of more, their number.
const MOST_REGIONS: usize = 3;

pub(super) fn write(run: &Run, lang: Lang) -> Option<Block> {
    let groups = questions(run);
    if groups.is_empty() {
        return None;
    }
    let unknown = run.totals().unknown;
    let heading = match unknown {
        0 => Heading::new(
            HeadingRank::Unknown,
            lang.pick(
                "Questions without an answer (no verdict depends on them)",
                "回答が得られなかった問い合わせ（判定への影響なし）",
            ),
        ),
        count => Heading {
            rank: HeadingRank::Unknown,
            text: lang.pick("Could not be judged", "判定できなかったもの").to_owned(),
            count: counted(count, lang),
            remark: lang.pick("none of them counts as passed", "合格には数えていない").to_owned(),
        },
    };
    let heads = match lang {
        Lang::En => ["question", "region", "why", "affects", "to resolve"],
        Lang::Ja => ["問い合わせ", "リージョン", "理由", "影響する判定", "解消方法"],
    };
    let table = Table {
        heads: heads.map(str::to_owned).to_vec(),
        rows: groups.iter().map(|(key, group)| row(key, group, lang)).collect(),
        narrow: groups.iter().map(|(key, group)| topic(key, group, unknown > 0, lang)).collect(),
        ..Table::default()
    };
    let mut blocks = vec![Block::Table(table)];
    let permissions = run.missing_permissions();
    if !permissions.is_empty() {
        blocks.push(Block::Snippet {
            caption: about_permissions(lang).to_owned(),
            language: "json",
            text: statement(&permissions),
        });
    }
    Some(Block::Section(heading, blocks))
}

fn regions(group: &QuestionGroup<'_>, lang: Lang) -> String {
    let regions: Vec<&str> = group.regions.iter().copied().collect();
    match (regions.len(), lang) {
        (..=MOST_REGIONS, _) => list(&regions, lang),
        (count, Lang::En) => format!("{} regions", number(count)),
        (count, Lang::Ja) => format!("{} リージョン", number(count)),
    }
}

fn abouts(group: &QuestionGroup<'_>, lang: Lang) -> String {
    let abouts: Vec<String> = group.abouts.iter().map(|about| label(about, lang)).collect();
    list_some(&abouts, MOST_RESOURCES, lang)
}

fn topic(key: &QuestionKey<'_>, group: &QuestionGroup<'_>, some_unknown: bool, lang: Lang) -> Block {
    let what = what(key, lang);
    let why = match key.code {
        "" => cause_words(key, lang).to_owned(),
        code => match lang {
            Lang::En => format!("{} ({code})", cause_words(key, lang)),
            Lang::Ja => format!("{}（{code}）", cause_words(key, lang)),
        },
    };
    let title = match lang {
        Lang::En => format!("{what} in {}: {why}", regions(group, lang)),
        Lang::Ja => format!("{what}、{}: {why}", regions(group, lang)),
    };
    let mut blocks = Vec::new();
    if !group.abouts.is_empty() {
        blocks.push(Block::led(lang.pick("about ", "対象: "), abouts(group, lang)));
    }
    if !group.findings.is_empty() {
        let line = |(severity, policy, names): (_, &str, Vec<String>)| MarkedLine {
            mark: Mark::Sign(severity),
            text: format!("{policy}: {}", list_some(&names, MOST_RESOURCES, lang)).into(),
            below: Vec::new(),
        };
        blocks.push(Block::Marked(hanging(group, lang).into_iter().map(line).collect()));
    } else if some_unknown {
        blocks.push(Block::Note(lang.pick("no verdict depends on it", "判定への影響なし").to_owned()));
    }
    blocks.push(Block::Text { lead: Lead::Settle, text: remedy(key, group, lang).into() });
    Block::Topic { title, blocks }
}

fn row(key: &QuestionKey<'_>, group: &QuestionGroup<'_>, lang: Lang) -> Vec<Prose> {
    let words = what(key, lang).to_owned();
    let is_operation = words == key.operation;
    let mut question = vec![if is_operation { Span::Code(words) } else { Span::Plain(words) }];
    if !group.abouts.is_empty() {
        let abouts = abouts(group, lang);
        question.push(Span::Plain(match lang {
            Lang::En => format!(" about {abouts}"),
            Lang::Ja => format!("（対象: {abouts}）"),
        }));
    }
    let mut why = vec![Span::Plain(cause_words(key, lang).to_owned())];
    if !key.code.is_empty() {
        why.extend([Span::Plain(" ".to_owned()), Span::Code(key.code.to_owned())]);
    }
    let mut verdicts = Vec::new();
    for (severity, policy, names) in hanging(group, lang) {
        if !verdicts.is_empty() {
            verdicts.push(Span::Plain("; ".to_owned()));
        }
        let names = list_some(&names, MOST_RESOURCES, lang);
        verdicts.extend([
            Span::Severity(severity),
            Span::Plain(" ".to_owned()),
            Span::Code(policy.to_owned()),
            Span::Plain(format!(": {names}")),
        ]);
    }
    vec![
        Prose(question),
        regions(group, lang).into(),
        Prose(why),
        Prose(verdicts),
        remedy(key, group, lang).into(),
    ]
}
