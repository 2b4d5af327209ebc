//! What only a page that can fold shows of a scan: prices of ways out, what passed, and which controls of
//! which framework that answers.

use super::problem::PolicyFailures;
use crate::finding::{Downtime, Finding, Pillar, PolicyInfo, Run, Severity, State, Verdict, kind, label};
use crate::report::page::{Block, ProblemFacets, Prose, Span, Table};
use crate::report::words::counted;
use crate::text::{Lang, list_some, number};
use std::collections::{BTreeMap, BTreeSet};

/// What readers choose by what several findings say together.
pub(super) fn facets(findings: &[&Finding], severity: Severity, number: usize, run: &Run) -> ProblemFacets {
    let services: BTreeSet<String> = findings.iter().map(|finding| service(finding)).collect();
    let states: BTreeSet<&'static str> = findings
        .iter()
        .filter_map(|finding| run.life(finding))
        .filter_map(|life| match life.state {
            State::New => Some("new"),
            State::Open => Some("open"),
            State::Reopened => Some("reopened"),
            _ => None,
        })
        .collect();
    ProblemFacets {
        number,
        severity,
        pillar: findings.first().map_or(Pillar::Security, |finding| finding.pillar),
        services: services.into_iter().filter(|service| !service.is_empty()).collect(),
        states: states.into_iter().collect(),
    }
}

// One word, whatever the ARN says.
fn service(finding: &Finding) -> String {
    let kind = kind(&finding.resource);
    let name = kind.split(':').next().unwrap_or_default();
    name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect()
}

/// What an option costs and takes for all findings of a problem: money adds up, work is done at once.
#[derive(Default)]
struct OptionPrice {
    usd: f64,
    /// Whether a part of the price is not known.
    is_open: bool,
    hours: f64,
    downtime: Downtime,
}

/// What the ways out of a problem cost and take, each in a row.
pub(super) fn prices(problem: &PolicyFailures<'_>, lang: Lang) -> Option<Block> {
    let mut rows: BTreeMap<(String, String), OptionPrice> = BTreeMap::new();
    let findings = problem.findings().into_iter().filter(|finding| finding.policy == problem.policy_id);
    for remedy in findings.flat_map(|finding| &finding.options) {
        let key = (remedy.id.clone(), remedy.title.say(lang).to_owned());
        let row = rows.entry(key).or_default();
        match remedy.monthly_usd.usd() {
            Some(usd) => row.usd += usd,
            None => row.is_open = true,
        }
        row.hours = row.hours.max(remedy.impact.effort_hours);
        row.downtime = row.downtime.max(remedy.impact.downtime);
    }
    if rows.is_empty() {
        return None;
    }
    let heads = match lang {
        Lang::En => ["option", "a month, US dollars", "work, hours", "interruption"],
        Lang::Ja => ["対応策", "月額（米ドル）", "作業時間", "停止"],
    };
    let rows = rows.into_iter().map(|((_, title), option)| {
        let price = match option.is_open {
            true => lang.pick("not known", "不明").to_owned(),
            false => format!("{:+.2}", option.usd),
        };
        let downtime = downtime_words(option.downtime, lang).to_owned();
        [title, price, option.hours.to_string(), downtime].map(Prose::from).to_vec()
    });
    let table = Table {
        heads: heads.map(str::to_owned).to_vec(),
        rows: rows.collect(),
        right: vec![1, 2],
        ..Table::default()
    };
    Some(Block::Extra(vec![Block::Table(table)]))
}

fn downtime_words(downtime: Downtime, lang: Lang) -> &'static str {
    match downtime {
        Downtime::None => lang.pick("none", "なし"),
        Downtime::Seconds => lang.pick("seconds", "数秒"),
        Downtime::Minutes => lang.pick("minutes", "数分"),
        Downtime::Hours => lang.pick("hours", "数時間"),
    }
}

/// How many resources of a policy are named.
const MOST_RESOURCES: usize = 8;

/// What a control came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum ControlState {
    Failed,
    Unknown,
    Accepted,
    Passed,
    NotApplicable,
}

impl ControlState {
    const ALL: [ControlState; 5] = [
        ControlState::Failed,
        ControlState::Unknown,
        ControlState::Accepted,
        ControlState::Passed,
        ControlState::NotApplicable,
    ];

    fn words(self, lang: Lang) -> &'static str {
        match self {
            ControlState::Failed => lang.pick("failed", "指摘あり"),
            ControlState::Unknown => lang.pick("unknown", "判定不能"),
            ControlState::Accepted => lang.pick("accepted", "受容済み"),
            ControlState::Passed => lang.pick("passed", "合格"),
            ControlState::NotApplicable => lang.pick("not applicable", "対象外"),
        }
    }

    fn of<'f>(findings: impl Iterator<Item = &'f Finding>) -> ControlState {
        let states = findings.map(|finding| match &finding.verdict {
            Verdict::Fail if finding.accepted.is_some() => ControlState::Accepted,
            Verdict::Fail => ControlState::Failed,
            Verdict::Unknown(_) => ControlState::Unknown,
            Verdict::Pass => ControlState::Passed,
            Verdict::Skip => ControlState::NotApplicable,
        });
        states.min().unwrap_or(ControlState::NotApplicable)
    }
}

/// The frameworks, and what passed.
pub(super) fn write(run: &Run, lang: Lang) -> Vec<Block> {
    let mut by_policy: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in &run.findings {
        by_policy.entry(&finding.policy).or_default().push(finding);
    }
    frameworks(run, &by_policy, lang).into_iter().chain(passed(run, &by_policy, lang)).collect()
}

fn passed(run: &Run, by_policy: &BTreeMap<&str, Vec<&Finding>>, lang: Lang) -> Option<Block> {
    let mut rows = Vec::new();
    let mut count = 0;
    for policy in &run.policies {
        let findings = by_policy.get(policy.id.as_str()).map(Vec::as_slice).unwrap_or_default();
        let good = findings.iter().filter(|finding| finding.verdict == Verdict::Pass);
        let names: Vec<String> = good.map(|finding| label(&finding.resource, lang)).collect();
        if !names.is_empty() {
            count += names.len();
            rows.push(vec![
                Span::Code(policy.id.clone()).into(),
                policy.title.say(lang).into(),
                list_some(&names, MOST_RESOURCES, lang).into(),
            ]);
        }
    }
    if rows.is_empty() {
        return None;
    }
    let heads = match lang {
        Lang::En => ["policy", "problem that was looked for and not found", "resources"],
        Lang::Ja => ["ポリシー", "判定して該当しなかった内容", "リソース"],
    };
    let summary = match lang {
        Lang::En => format!("{} verdicts of {} policies passed", number(count), number(rows.len())),
        Lang::Ja => format!("{} 個のポリシーで {} 件が合格", number(rows.len()), number(count)),
    };
    let table = Table { heads: heads.map(str::to_owned).to_vec(), rows, ..Table::default() };
    Some(Block::Folded {
        title: lang.pick("Passed", "合格したもの").to_owned(),
        summary,
        blocks: vec![Block::Table(table)],
    })
}

/// The frameworks by the names that policies give them.
fn framework_name(id: &str) -> &str {
    match id {
        "aws-fsbp" => "AWS Foundational Security Best Practices (FSBP)",
        "cis-aws-5.0" => "CIS AWS Foundations Benchmark v5.0",
        "aws-well-architected" => "AWS Well-Architected Framework",
        other => other,
    }
}

fn frameworks(run: &Run, by_policy: &BTreeMap<&str, Vec<&Finding>>, lang: Lang) -> Option<Block> {
    let mut frameworks: BTreeMap<&str, BTreeMap<&str, Vec<&PolicyInfo>>> = BTreeMap::new();
    for policy in &run.policies {
        for (framework, controls) in &policy.compliance {
            for control in controls {
                frameworks.entry(framework).or_default().entry(control).or_default().push(policy);
            }
        }
    }
    if frameworks.is_empty() {
        return None;
    }
    let mut blocks = vec![Block::Note(
        lang.pick(
            "A control counts as covered where a policy of tenken looks at it; a policy may look at a part of it. Controls that are not listed are not covered by tenken.",
            "tenken のポリシーが対応するコントロールだけを示す。ポリシーがコントロールの一部だけを調べる場合もある。ここにないコントロールは tenken の対象外である。",
        )
        .to_owned(),
    )];
    let mut parts = Vec::new();
    for (framework, controls) in &frameworks {
        let mut counts = [0_usize; ControlState::ALL.len()];
        let mut rows = Vec::new();
        for (control, policies) in controls {
            let findings = policies.iter().filter_map(|policy| by_policy.get(policy.id.as_str())).flatten();
            let state = ControlState::of(findings.copied());
            for (known, count) in ControlState::ALL.into_iter().zip(&mut counts) {
                *count += usize::from(known == state);
            }
            let ids: Vec<Span> = policies
                .iter()
                .enumerate()
                .flat_map(|(index, policy)| {
                    let space = (index > 0).then(|| Span::Plain(" ".to_owned()));
                    space.into_iter().chain([Span::Code(policy.id.clone())])
                })
                .collect();
            rows.push(vec![Prose::from(*control), state.words(lang).into(), Prose(ids)]);
        }
        let counted_states: Vec<String> = ControlState::ALL
            .into_iter()
            .zip(counts)
            .filter(|(_, count)| *count > 0)
            .map(|(state, count)| format!("{} {}", state.words(lang), number(count)))
            .collect();
        let name = framework_name(framework);
        let sum = counted_states.join(lang.pick(", ", "、"));
        let heads = match lang {
            Lang::En => ["control", "result", "policies"],
            Lang::Ja => ["コントロール", "結果", "ポリシー"],
        };
        let table = Table { heads: heads.map(str::to_owned).to_vec(), rows, ..Table::default() };
        let title = match lang {
            Lang::En => format!("{name}: {} covered ({sum})", number(controls.len())),
            Lang::Ja => format!("{name}: 対応 {}（{sum}）", counted(controls.len(), lang)),
        };
        blocks.push(Block::Topic { title, blocks: vec![Block::Table(table)] });
        parts.push(name.split(" (").next().unwrap_or(name).to_owned());
    }
    Some(Block::Folded {
        title: lang.pick("Coverage by framework", "フレームワーク別の対応状況").to_owned(),
        summary: parts.join(lang.pick(", ", "、")),
        blocks,
    })
}
