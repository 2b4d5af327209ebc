//! The part about failures that somebody has accepted for a while: one line for each.

use crate::finding::{Acceptance, Finding, Run, label};
use crate::report::page::{Block, Heading, HeadingRank, ListItem, Prose, Span, Table};
use crate::report::words::{counted, severity_word};
use crate::text::Lang;

pub(super) fn write(run: &Run, lang: Lang) -> Option<Block> {
    let accepted: Vec<(&Finding, &Acceptance)> = run
        .findings
        .iter()
        .filter_map(|finding| finding.accepted.as_ref().map(|acceptance| (finding, acceptance)))
        .collect();
    if accepted.is_empty() {
        return None;
    }
    let heading = Heading {
        rank: HeadingRank::Part,
        text: lang.pick("Accepted", "受容済み").to_owned(),
        count: counted(accepted.len(), lang),
        remark: lang.pick("not counted as failed", "指摘には数えていない").to_owned(),
    };
    let heads = match lang {
        Lang::En => ["severity", "policy", "resource", "reason", "owner", "until"],
        Lang::Ja => ["重要度", "ポリシー", "リソース", "理由", "責任者", "期限"],
    };
    let narrow = accepted.iter().map(|(finding, acceptance)| sentence(finding, acceptance, lang)).collect();
    let table = Table {
        heads: heads.map(str::to_owned).to_vec(),
        rows: accepted.iter().map(|(finding, acceptance)| row(finding, acceptance, lang)).collect(),
        narrow: vec![Block::List(narrow)],
        ..Table::default()
    };
    Some(Block::Section(heading, vec![Block::Table(table)]))
}

fn sentence(finding: &Finding, acceptance: &Acceptance, lang: Lang) -> ListItem {
    let mut name = label(&finding.resource, lang);
    if !finding.discriminator.is_empty() {
        name = format!("{name} [{}]", finding.discriminator);
    }
    let Acceptance { reason, owner, until } = acceptance;
    let (severity, policy) = (severity_word(finding.severity, lang), &finding.policy);
    ListItem::from(match lang {
        Lang::En => format!("{name}, {policy} ({severity}), by {owner} until {until}: {reason}"),
        Lang::Ja => format!("{name}、{policy}（{severity}）、{owner} が {until} まで: {reason}"),
    })
}

fn row(finding: &Finding, acceptance: &Acceptance, lang: Lang) -> Vec<Prose> {
    let mut resource = vec![Span::Plain(label(&finding.resource, lang))];
    if !finding.discriminator.is_empty() {
        resource.extend([Span::Plain(" ".to_owned()), Span::Code(finding.discriminator.clone())]);
    }
    vec![
        Span::Severity(finding.severity).into(),
        Span::Code(finding.policy.clone()).into(),
        Prose(resource),
        acceptance.reason.as_str().into(),
        acceptance.owner.as_str().into(),
        acceptance.until.to_string().into(),
    ]
}
