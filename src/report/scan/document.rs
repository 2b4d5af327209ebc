//! What a scan found, for people.
//!
//! What to mend first stands at the top, each problem says what is wrong before how to
//! mend it, and what could not be judged has a part of its own, so that it is never taken
//! for a pass.

use super::past::{mark, new_because, sentence};
use super::problem::{
    PolicyFailures, accepted_count, by_severity, fixes, origins, other_ways, problems, references,
    severities, value_lines,
};
use super::{accepted, coverage, unknown};
use crate::finding::{Evidence, Finding, Run, State, Totals, kind, label};
use crate::report::page::{
    Block, Brief, Document, EvidenceLine, FoundItem, Heading, HeadingRank, Lead, Masthead, Prose, Span, Table,
};
use crate::report::words::{counted, minutes, severity_word};
use crate::text::{Lang, list, list_some, number};
use crate::work::RootCause;
use serde_json::Value;

/// The whole document.
pub(super) fn write(run: &Run, lang: Lang) -> Document {
    let totals = run.totals();
    let problems = problems(run);
    let mut blocks = vec![
        masthead(run, lang),
        Block::Verdict { text: verdict(run, &totals, lang), basis: String::new() },
        Block::Either { screen: first(&problems, lang), page: vec![counts(&totals, lang)] },
    ];
    if let Some(past) = &run.past {
        let (lead, text) = sentence(past, lang);
        let lead = Span::Strong(lead.trim_end().to_owned());
        blocks.push(Block::plain(Prose(vec![lead, Span::Plain(format!(" {text}"))])));
    }
    // Of all of them, the verdict says it.
    if !run.empty_regions.is_empty() && (run.empty_regions.len() < run.regions.len() || totals.failed() > 0) {
        let end = lang.pick(".", "。");
        blocks.push(Block::Note(format!("{}{end}", nothing_there(&run.empty_regions, lang))));
    }
    blocks.push(Block::Pictures(Vec::new()));
    blocks.push(Block::Either { screen: Vec::new(), page: overview(&problems, lang) });
    blocks.push(Block::Filters);
    let mut last = None;
    for (problem, number) in problems.iter().zip(1..) {
        if last.replace(problem.severity) != Some(problem.severity) {
            let heading = severity_heading(problem, &totals, lang);
            blocks.push(Block::Either { screen: Vec::new(), page: vec![heading] });
        }
        blocks.push(write_problem(problem, number, run, lang));
    }
    // Otherwise the summary has said it all.
    if totals.failed() + totals.accepted + totals.unknown > 0 {
        let screen = vec![Block::Figures(figures(&totals, lang))];
        blocks.push(Block::Either { screen, page: Vec::new() });
    }
    blocks.extend(accepted::write(run, lang));
    blocks.extend(unknown::write(run, lang));
    blocks.extend(coverage::write(run, lang));
    Document { lang, blocks }
}

pub(super) fn masthead(run: &Run, lang: Lang) -> Block {
    let (account, time) = (&run.account, minutes(&run.taken_at));
    let regions = run.regions.join(lang.pick(", ", "、"));
    let (title, sentence, text) = match lang {
        Lang::En => (
            format!("tenken: AWS account {account}"),
            format!("Scanned on {time} in {regions}."),
            format!("account {account} on {time}"),
        ),
        Lang::Ja => (
            format!("tenken: AWS アカウント {account}"),
            format!("{time} 時点、リージョン {regions}"),
            format!("アカウント {account}、{time} 時点"),
        ),
    };
    let scope = (lang.pick("", "リージョン ").to_owned(), list(&run.regions, lang));
    let brief = Some(Brief { command: "tenken: ".to_owned(), text, scope });
    Block::Masthead(Masthead { title, sentence, brief })
}

/// The sentence that says whether somebody has to get up tonight.
fn verdict(run: &Run, totals: &Totals, lang: Lang) -> Prose {
    let plain = |text: &str| Span::Plain(text.to_owned());
    let end = plain(lang.pick(".", "。"));
    let open = number(totals.unknown);
    let see = Span::Aside(lang.pick(" (see the end)", "（末尾を参照）").to_owned());
    // What is right with an empty account is no comfort to who meant another one.
    let nothing_there = nothing_there(&run.empty_regions, lang);
    let text = match (totals.failed(), totals.unknown) {
        (0, unknown) if !run.regions.is_empty() && run.empty_regions.len() == run.regions.len() => {
            let rest = match (unknown, lang) {
                (0, _) => String::new(),
                (_, Lang::En) => format!("; {open} could not be judged"),
                (_, Lang::Ja) => format!("。判定不能 {open} 件"),
            };
            let see = (unknown > 0).then_some(see);
            [Some(Span::Plain(format!("{nothing_there}{rest}"))), see, Some(end)]
                .into_iter()
                .flatten()
                .collect()
        }
        _ if totals.all() == 0 => vec![plain(lang.pick(
            "Nothing was judged: no policy found a resource that it applies to.",
            "判定対象なし: ポリシーの対象となるリソースが見つからなかった。",
        ))],
        (0, 0) => {
            let text = if totals.accepted > 0 {
                lang.pick(
                    "Nothing failed but what was accepted, nothing unknown",
                    "受容済みのものを除き指摘なし、判定不能なし",
                )
            } else {
                lang.pick("Nothing failed, nothing unknown", "指摘なし、判定不能なし")
            };
            let clear = all_clear(totals, lang);
            let clear = match lang {
                Lang::En => format!(": {clear}"),
                Lang::Ja => format!("（{clear}）"),
            };
            vec![plain(text), Span::Aside(clear), end]
        }
        (0, _) => {
            let text = match lang {
                Lang::En => format!("No problem found, but {open} could not be judged"),
                Lang::Ja => format!("指摘はないが、{open} 件は判定できなかった"),
            };
            vec![Span::Plain(text), see, end]
        }
        (_, 0) => {
            let by_severity = by_severity(totals, lang);
            vec![Span::Plain(format!("{}{by_severity}", lang.pick("", "指摘 "))), end]
        }
        (_, _) => {
            let by_severity = by_severity(totals, lang);
            let text = match lang {
                Lang::En => format!("{by_severity}; {open} could not be judged"),
                Lang::Ja => format!("指摘 {by_severity}。判定不能 {open} 件"),
            };
            vec![Span::Plain(text), see, end]
        }
    };
    Prose(text)
}

// That a region holds nothing of what is audited first: nobody uses it, or another one was meant.
pub(super) fn nothing_there(regions: &[String], lang: Lang) -> String {
    let regions = list(regions, lang);
    match lang {
        Lang::En => format!("No service, load balancer or database in {regions}"),
        Lang::Ja => format!("{regions} にサービス、ロードバランサー、データベースが見つからなかった"),
    }
}

fn all_clear(totals: &Totals, lang: Lang) -> String {
    let (passed, skipped) = (number(totals.passed), number(totals.skipped));
    let accepted = accepted_count(totals, lang);
    match lang {
        Lang::En => format!("{accepted}{passed} passed, {skipped} not applicable"),
        Lang::Ja => format!("{accepted}合格 {passed}、対象外 {skipped}"),
    }
}

/// How many problems of the worst severity are named first.
const MOST_FIRST: usize = 3;
/// How many resources of one problem are named.
const MOST_RESOURCES: usize = 3;

fn first(problems: &[PolicyFailures<'_>], lang: Lang) -> Vec<Block> {
    let Some(worst) = problems.first().map(|problem| problem.severity) else {
        return Vec::new();
    };
    let first: Vec<_> = problems.iter().filter(|problem| problem.severity == worst).collect();
    let lines = first.iter().take(MOST_FIRST).map(|problem| {
        let resources = list_some(&problem.resources(lang), MOST_RESOURCES, lang);
        match lang {
            Lang::En => format!("{} ({resources})", problem.title(lang)),
            Lang::Ja => format!("{}（{resources}）", problem.title(lang)),
        }
    });
    let severity = severity_word(worst, lang);
    let more = match (first.len().saturating_sub(MOST_FIRST), lang) {
        (0, _) => String::new(),
        (1, Lang::En) => format!("and 1 more that is {severity}"),
        (left, Lang::En) => format!("and {} more that are {severity}", number(left)),
        (left, Lang::Ja) => format!("ほかに「{severity}」が {} 種類", number(left)),
    };
    let lead = lang.pick("Fix first: ", "最優先: ").to_owned();
    vec![Block::Lines { lead, severity: worst, lines: lines.collect(), more }]
}

fn heads<const N: usize>(heads: [&str; N]) -> Vec<String> {
    heads.map(str::to_owned).to_vec()
}

fn counts(totals: &Totals, lang: Lang) -> Block {
    let titles = match lang {
        Lang::En => ["failed", "accepted", "passed", "not applicable", "unknown"],
        Lang::Ja => ["指摘", "受容済み", "合格", "対象外", "判定不能"],
    };
    let counts = [totals.failed(), totals.accepted, totals.passed, totals.skipped, totals.unknown];
    let row = counts.map(|count| Prose::from(number(count))).to_vec();
    Block::Table(Table { heads: heads(titles), rows: vec![row], ..Table::default() })
}

fn overview(problems: &[PolicyFailures<'_>], lang: Lang) -> Vec<Block> {
    if problems.is_empty() {
        return Vec::new();
    }
    let row = |problem: &PolicyFailures<'_>| {
        let resources = list_some(&problem.resources(lang), MOST_RESOURCES, lang);
        vec![Span::Severity(problem.severity).into(), problem.title(lang).into(), resources.into()]
    };
    let titles = match lang {
        Lang::En => ["severity", "problem", "resources"],
        Lang::Ja => ["重要度", "内容", "リソース"],
    };
    let rows = problems.iter().map(row).collect();
    vec![Block::Table(Table { heads: heads(titles), rows, ..Table::default() })]
}

fn severity_heading(problem: &PolicyFailures<'_>, totals: &Totals, lang: Lang) -> Block {
    let of_severity = totals.failures().find(|(severity, _)| *severity == problem.severity);
    let mut word = severity_word(problem.severity, lang).to_owned();
    if let Some(first) = word.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let mut heading = Heading::new(HeadingRank::Part, word);
    heading.count = counted(of_severity.map_or(0, |(_, count)| count), lang);
    Block::Section(heading, Vec::new())
}

fn write_problem(problem: &PolicyFailures<'_>, number: usize, run: &Run, lang: Lang) -> Block {
    let mut blocks = vec![Block::Note(origins(run, &problem.causes, lang))];
    let risk = problem.policy.map(|policy| policy.risk.say(lang));
    blocks.extend(risk.filter(|risk| !risk.is_empty()).map(Block::plain));
    let findings = problem.findings().into_iter();
    blocks.extend(problem.causes.iter().filter_map(|cause| one_cause(cause, lang)));
    blocks.push(Block::Findings(
        findings.map(|finding| found(finding, problem.policy_id, run, MOST_FACTS, lang)).collect(),
    ));
    write_fixes(&mut blocks, &problem.causes, lang);
    let addresses = references(run, &problem.causes);
    if !addresses.is_empty() {
        blocks.push(Block::References(addresses));
    }
    blocks.extend(coverage::prices(problem, lang));
    let facets = coverage::facets(&problem.findings(), problem.severity, number, run);
    Block::Problem { severity: problem.severity, title: problem.title(lang).to_owned(), facets, blocks }
}

/// How many facts are shown for a finding; all of them are in the JSON report.
const MOST_FACTS: usize = 6;

/// What was found, with so many of its facts; `policy` names the problem that it stands under.
pub(super) fn found(finding: &Finding, policy: &str, run: &Run, most_facts: usize, lang: Lang) -> FoundItem {
    let life = run.life(finding);
    let remark = life.filter(|life| life.state == State::New);
    let remark = remark.and_then(|life| new_because(life.new_because, lang)).unwrap_or_default();
    // What another policy found says which, and how bad that is alone.
    let other = (finding.policy != policy)
        .then(|| format!("{} {}", severity_word(finding.severity, lang), finding.policy));
    let place = [other.unwrap_or_default(), kind(&finding.resource), finding.region.clone()];
    let left = finding.evidence.len().saturating_sub(most_facts);
    FoundItem {
        mark: life.and_then(|life| mark(life, lang)).unwrap_or_default().to_owned(),
        name: label(&finding.resource, lang),
        part: finding.discriminator.clone(),
        place: place.into_iter().filter(|part| !part.is_empty()).collect(),
        id: finding.id.clone(),
        remark: remark.to_owned(),
        message: finding.message.say(lang).to_owned(),
        evidence: finding.evidence.iter().take(most_facts).map(|fact| evidence(fact, lang)).collect(),
        more: match (left, lang) {
            (0, _) => String::new(),
            (left, Lang::En) => format!("{} more", number(left)),
            (left, Lang::Ja) => format!("ほか {} 件", number(left)),
        },
    }
}

fn evidence(fact: &Evidence, lang: Lang) -> EvidenceLine {
    let lines = match &fact.value {
        // Records are easier to read without the marks of JSON; plain values keep them.
        Value::Array(items) if items.iter().any(Value::is_object) => value_lines(&fact.value, lang),
        plain => vec![plain.to_string()],
    };
    EvidenceLine { path: fact.path.clone(), json: fact.value.to_string(), lines }
}

// What several findings have in common, where it is more than their policy.
pub(super) fn one_cause(cause: &RootCause<'_>, lang: Lang) -> Option<Block> {
    let shared = cause.shared(lang);
    if cause.findings.len() < 2 || shared.is_empty() {
        return None;
    }
    let (shared, count) = (list_some(&shared, MOST_RESOURCES, lang), number(cause.findings.len()));
    Some(match lang {
        Lang::En => Block::led("One cause: ", format!("{shared}; one change closes {count} findings.")),
        Lang::Ja => {
            Block::led("共通の原因: ", format!("{shared}。1 回の変更で {count} 件の指摘を解消する。"))
        }
    })
}

fn write_fixes(blocks: &mut Vec<Block>, causes: &[RootCause<'_>], lang: Lang) {
    for fix in fixes(causes, lang) {
        for (title, steps) in fix.options {
            blocks.push(Block::Text { lead: Lead::Fix, text: title.into() });
            // Also in front of commands: they say what to check first and what it costs.
            if !steps.is_empty() {
                blocks.push(Block::Numbered(steps.to_vec()));
            }
        }
        if !fix.commands.is_empty() {
            blocks.push(Block::Commands(fix.commands));
        }
    }
    for title in other_ways(causes, lang) {
        blocks.push(Block::Text { lead: Lead::Or, text: title.into() });
    }
}

fn figures(totals: &Totals, lang: Lang) -> Vec<(String, String)> {
    let [failed, passed, skipped, unknown] =
        [totals.failed(), totals.passed, totals.skipped, totals.unknown].map(number);
    let judged = number(totals.all());
    let accepted = accepted_count(totals, lang);
    let mut figures = vec![match lang {
        Lang::En => (
            format!("{judged} {}: ", crate::text::counted(totals.all(), "verdict")),
            format!(
                "{failed} failed, {accepted}{passed} passed, {skipped} not applicable, {unknown} unknown"
            ),
        ),
        Lang::Ja => (
            format!("判定 {judged} 件: "),
            format!("指摘 {failed}、{accepted}合格 {passed}、対象外 {skipped}、判定不能 {unknown}"),
        ),
    }];
    if totals.failed() > 0 {
        let lead = lang.pick("Failed: ", "指摘の内訳: ").to_owned();
        figures.push((lead, severities(totals, lang).join(lang.pick(", ", "、"))));
    }
    figures
}
