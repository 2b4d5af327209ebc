//! `--format terminal`: the report for people, made for 80 columns.
//!
//! What to mend first stands at the top, each problem says what is wrong before how to
//! mend it, and what could not be judged has a part of its own, so that it is never taken
//! for a pass. Severities are words and signs; colour only repeats them. Structure is
//! drawn in ASCII, because other line drawing is two columns wide in some Japanese
//! terminals.

use super::{accepted, unknown};
use crate::finding::{Evidence, Finding, Life, Past, Run, State, Totals, kind, label};
use crate::report::page::screen::{BOLD, DIM, FIX, NEWS, PLAIN, Page, severity_style};
use crate::report::scan::past::{mark, new_because, sentence};
use crate::report::scan::problem::{
    Problem, accepted_count, by_severity, fixes, origin, other_ways, problems, severities, value_lines,
};
use crate::report::words::{minutes, severity_sign, severity_word};
use crate::report::{Look, Reporter};
use crate::text::{Lang, harmless, list, list_some, number, truncate, width, wrap};
use serde_json::Value;

/// The reporter.
pub struct Terminal;

impl Reporter for Terminal {
    fn name(&self) -> &'static str {
        "terminal"
    }

    fn media_type(&self) -> &'static str {
        "text/plain; charset=utf-8"
    }

    fn render(&self, run: &Run, look: &Look) -> Vec<u8> {
        let mut page = Page::new(look);
        let totals = run.totals();
        let problems = problems(run);
        header(&mut page, run);
        summary(&mut page, &totals, &problems);
        if let Some(past) = &run.past {
            let (lead, text) = sentence(past, page.lang);
            page.paragraph(0, (PLAIN, ""), PLAIN, &format!("{lead}{text}"));
        }
        for problem in &problems {
            page.blank();
            write_problem(&mut page, problem, run.past.as_ref());
        }
        // Otherwise the summary has said it all.
        if totals.failed() + totals.accepted + totals.unknown > 0 {
            page.blank();
            write_totals(&mut page, &totals);
        }
        accepted::write(&mut page, run);
        unknown::write(&mut page, run);
        page.into_bytes()
    }
}

fn header(page: &mut Page, run: &Run) {
    let (regions, time) = (list(&run.regions, page.lang), minutes(&run.taken_at));
    let text = match page.lang {
        Lang::En => format!("account {} on {time}", run.account),
        Lang::Ja => format!("アカウント {}、{time} 時点", run.account),
    };
    page.paragraph(0, (BOLD, "tenken: "), PLAIN, &text);
    page.paragraph(8, (PLAIN, page.lang.pick("", "リージョン ")), PLAIN, &regions);
}

/// The lines that say whether somebody has to get up tonight.
fn summary(page: &mut Page, totals: &Totals, problems: &[Problem<'_>]) {
    let lang = page.lang;
    page.blank();
    let open = number(totals.unknown);
    let text = match (totals.failed(), totals.unknown, lang) {
        _ if totals.all() == 0 => lang
            .pick(
                "Nothing was judged: no policy found a resource that it applies to.",
                "判定対象なし: ポリシーの対象となるリソースが見つからなかった。",
            )
            .to_owned(),
        (0, 0, Lang::En) if totals.accepted > 0 => {
            format!("Nothing wrong but what was accepted, nothing left open: {}.", all_clear(totals, lang))
        }
        (0, 0, Lang::Ja) if totals.accepted > 0 => {
            format!("受容済みのものを除き問題なし、不明なし（{}）。", all_clear(totals, lang))
        }
        (0, 0, Lang::En) => format!("Nothing wrong, nothing left open: {}.", all_clear(totals, lang)),
        (0, 0, Lang::Ja) => format!("問題なし、不明なし（{}）。", all_clear(totals, lang)),
        (0, _, Lang::En) => format!("No problem found, but {open} could not be judged (see the end)."),
        (0, _, Lang::Ja) => format!("問題は見つからなかったが、{open} 件は判定できなかった（末尾を参照）。"),
        (_, 0, Lang::En) => format!("{}.", by_severity(totals, lang)),
        (_, 0, Lang::Ja) => format!("問題 {}。", by_severity(totals, lang)),
        (_, _, Lang::En) => {
            format!("{}; {open} could not be judged (see the end).", by_severity(totals, lang))
        }
        (_, _, Lang::Ja) => {
            format!("問題 {}。判定不能 {open} 件（末尾を参照）。", by_severity(totals, lang))
        }
    };
    page.paragraph(0, (PLAIN, ""), BOLD, &text);
    fix_first(page, problems);
}

fn all_clear(totals: &Totals, lang: Lang) -> String {
    let (passed, skipped) = (number(totals.passed), number(totals.skipped));
    let accepted = accepted_count(totals, lang);
    match lang {
        Lang::En => format!("{accepted}{passed} passed, {skipped} not applicable"),
        Lang::Ja => format!("{accepted}合格 {passed}、対象外 {skipped}"),
    }
}

/// How many problems of the worst severity the summary names.
const MOST_FIRST: usize = 3;

fn fix_first(page: &mut Page, problems: &[Problem<'_>]) {
    let lang = page.lang;
    let Some(worst) = problems.first().map(|problem| problem.severity) else {
        return;
    };
    let first: Vec<_> = problems.iter().filter(|problem| problem.severity == worst).collect();
    let lead = lang.pick("Fix first: ", "最優先: ");
    for (index, problem) in first.iter().take(MOST_FIRST).enumerate() {
        let resources = list_some(&problem.resources(lang), 3, lang);
        let text = match lang {
            Lang::En => format!("{} ({resources})", problem.title(lang)),
            Lang::Ja => format!("{}（{resources}）", problem.title(lang)),
        };
        let lead = if index == 0 { lead.to_owned() } else { " ".repeat(width(lead)) };
        page.paragraph(0, (severity_style(worst), &lead), PLAIN, &text);
    }
    let left = number(first.len().saturating_sub(MOST_FIRST));
    if first.len() > MOST_FIRST {
        let severity = severity_word(worst, lang);
        let text = match lang {
            Lang::En if left == "1" => format!("and 1 more that is {severity}"),
            Lang::En => format!("and {left} more that are {severity}"),
            Lang::Ja => format!("ほかに「{severity}」が {left} 種類"),
        };
        page.line(width(lead), &[(DIM, &text)]);
    }
}

fn write_problem(page: &mut Page, problem: &Problem<'_>, past: Option<&Past>) {
    let lang = page.lang;
    let word = severity_word(problem.severity, lang).to_uppercase();
    let lead = format!("{word} {}  ", severity_sign(problem.severity));
    page.paragraph(0, (severity_style(problem.severity), &lead), BOLD, problem.title(lang));
    page.paragraph(2, (PLAIN, ""), DIM, &origin(problem, lang));
    if let Some(policy) = problem.policy {
        page.paragraph(2, (PLAIN, ""), PLAIN, policy.risk.say(lang));
    }
    for finding in &problem.findings {
        page.blank();
        write_finding(page, finding, past);
    }
    write_fixes(page, &problem.findings);
}

fn write_finding(page: &mut Page, finding: &Finding, past: Option<&Past>) {
    let lang = page.lang;
    let mut name = label(&finding.resource, lang);
    if !finding.discriminator.is_empty() {
        name = format!("{name} [{}]", finding.discriminator);
    }
    let kind = kind(&finding.resource);
    let place: Vec<&str> =
        [kind.as_str(), &finding.region].into_iter().filter(|part| !part.is_empty()).collect();
    let place = place.join(lang.pick(", ", "、"));
    let life = past.and_then(|past| past.lives.get(&finding.id));
    let mark = life.and_then(|life| mark(life, lang)).map(|mark| format!("{mark} ")).unwrap_or_default();
    if width(&mark) + width(&name) + width(&place) + width(&finding.id) + 4 <= page.room(2) {
        let parts = [(NEWS, mark.as_str()), (BOLD, &name), (PLAIN, "  "), (PLAIN, &place)];
        page.line(2, &[parts.as_slice(), &[(DIM, "  "), (DIM, &finding.id)]].concat());
    } else {
        page.paragraph(2, (NEWS, &mark), BOLD, &name);
        page.paragraph(4, (PLAIN, ""), DIM, &format!("{place} {}", finding.id));
    }
    let is_new = |life: &&Life| life.state == State::New;
    if let Some(why) = life.filter(is_new).and_then(|life| new_because(life.new_because, lang)) {
        page.paragraph(4, (PLAIN, ""), DIM, why);
    }
    page.paragraph(4, (PLAIN, ""), PLAIN, finding.message.say(lang));
    write_evidence(page, &finding.evidence);
}

/// How many facts are shown for a finding; all of them are in the JSON report.
const MOST_FACTS: usize = 6;

fn write_evidence(page: &mut Page, evidence: &[Evidence]) {
    for fact in evidence.iter().take(MOST_FACTS) {
        let lines = match &fact.value {
            // Records are easier to read without the marks of JSON; plain values keep them.
            Value::Array(items) if items.iter().any(Value::is_object) => value_lines(&fact.value, page.lang),
            plain => vec![plain.to_string()],
        };
        if let [line] = lines.as_slice() {
            write_fact(page, &format!("{} = {line}", fact.path));
        } else {
            write_fact(page, &format!("{}:", fact.path));
            // The hops of a path are read to their end.
            let room = page.room(10);
            for line in &lines {
                for (index, part) in wrap(&harmless(line), room).iter().enumerate() {
                    write_fact(page, &format!("{}{part}", if index == 0 { "- " } else { "  " }));
                }
            }
        }
    }
    if let Some(left) = evidence.len().checked_sub(MOST_FACTS).filter(|left| *left > 0) {
        let left = number(left);
        let text = match page.lang {
            Lang::En => format!("{left} more"),
            Lang::Ja => format!("ほか {left} 件"),
        };
        page.line(4, &[(DIM, "| "), (DIM, &text)]);
    }
}

fn write_fact(page: &mut Page, text: &str) {
    page.line(4, &[(DIM, "| "), (DIM, &truncate(&harmless(text), page.room(6)))]);
}

fn write_fixes(page: &mut Page, findings: &[&Finding]) {
    let lang = page.lang;
    for fix in fixes(findings, lang) {
        page.blank();
        page.paragraph(2, (FIX, lang.pick("fix: ", "対処: ")), PLAIN, fix.title);
        // Also in front of commands: they say what to check first and what it costs.
        for (index, step) in fix.steps.iter().enumerate() {
            page.paragraph(4, (PLAIN, &format!("{}. ", index + 1)), PLAIN, step);
        }
        for (index, command) in fix.commands.iter().enumerate() {
            // Prose, and a command of several lines, would run into the next command.
            let follows_prose = index == 0 && !fix.steps.is_empty();
            let has_lines = fix.commands.iter().any(|command| command.contains('\n'));
            if follows_prose || (index > 0 && has_lines) {
                page.blank();
            }
            // A here-document ends at its word in the first column only.
            page.command(if command.contains("<<") { 0 } else { 4 }, command);
        }
    }
    for title in other_ways(findings, lang) {
        page.paragraph(2, (DIM, lang.pick("or:  ", "別案: ")), PLAIN, title);
    }
}

fn write_totals(page: &mut Page, totals: &Totals) {
    let lang = page.lang;
    let [failed, passed, skipped, unknown] =
        [totals.failed(), totals.passed, totals.skipped, totals.unknown].map(number);
    let judged = number(totals.all());
    let accepted = accepted_count(totals, lang);
    let (lead, text) = match lang {
        Lang::En => (
            format!("{judged} verdicts: "),
            format!(
                "{failed} failed, {accepted}{passed} passed, {skipped} not applicable, {unknown} unknown"
            ),
        ),
        Lang::Ja => (
            format!("判定 {judged} 件: "),
            format!("不合格 {failed}、{accepted}合格 {passed}、対象外 {skipped}、不明 {unknown}"),
        ),
    };
    page.paragraph(0, (BOLD, &lead), PLAIN, &text);
    if totals.failed() > 0 {
        let lead = lang.pick("Failed: ", "不合格の内訳: ");
        page.paragraph(0, (BOLD, lead), PLAIN, &severities(totals, lang).join(lang.pick(", ", "、")));
    }
}
