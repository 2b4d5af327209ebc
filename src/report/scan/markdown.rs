//! `--format markdown`: the report for a ticket or a wiki.
//!
//! CommonMark with tables. Whatever comes from AWS goes through `escape`, so that a tag or
//! a name cannot break the layout, hide a line or become a link.

use crate::finding::{Evidence, Finding, Life, Run, Severity, State, Totals, kind, label};
use crate::report::page::escape::{block, code, code_cell, prose};
use crate::report::scan::past::{mark, new_because, sentence};
use crate::report::scan::problem::{Problem, by_severity, fixes, origin, other_ways, problems};
use crate::report::scan::question::{
    about_permissions, cause_words, hanging, questions, remedy, statement, what,
};
use crate::report::words::{minutes, severity_word};
use crate::report::{Look, Reporter};
use crate::text::{Lang, list_some, number, truncate};

/// The reporter.
pub struct Markdown;

impl Reporter for Markdown {
    fn name(&self) -> &'static str {
        "markdown"
    }

    fn media_type(&self) -> &'static str {
        "text/markdown; charset=utf-8"
    }

    fn render(&self, run: &Run, look: &Look) -> Vec<u8> {
        let mut page = Page::new(look.lang);
        let totals = run.totals();
        let problems = problems(run);
        header(&mut page, run);
        summary(&mut page, &totals);
        if let Some(past) = &run.past {
            let (lead, text) = sentence(past, page.lang);
            page.part(&format!("**{}** {}", prose(lead.trim_end()), prose(&text)));
        }
        overview(&mut page, &problems);
        for severity in Severity::ALL {
            let of_severity: Vec<&Problem<'_>> =
                problems.iter().filter(|problem| problem.severity == severity).collect();
            write_severity(&mut page, severity, &of_severity, run);
        }
        write_accepted(&mut page, run);
        write_unknown(&mut page, run, &totals);
        page.into_bytes()
    }
}

pub(crate) struct Page {
    text: String,
    lang: Lang,
}

impl Page {
    pub fn new(lang: Lang) -> Self {
        Page { text: String::new(), lang }
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.text.into_bytes()
    }

    /// Something that stands by itself, with an empty line in front.
    pub fn part(&mut self, text: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(text.trim_end_matches('\n'));
        self.text.push('\n');
    }

    /// A table whose cells are Markdown already.
    pub fn table(&mut self, heads: &[&str], rows: &[Vec<String>]) {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let heads: Vec<String> = heads.iter().map(|head| (*head).to_owned()).collect();
        let mut text = line(&heads);
        text.push_str(&format!("|{}\n", "---|".repeat(heads.len())));
        text.extend(rows.iter().map(|row| line(row)));
        self.part(&text);
    }
}

fn header(page: &mut Page, run: &Run) {
    let account = prose(&run.account);
    let title = match page.lang {
        Lang::En => format!("# tenken: AWS account {account}"),
        Lang::Ja => format!("# tenken: AWS アカウント {account}"),
    };
    page.part(&title);
    let (time, regions) =
        (prose(&minutes(&run.taken_at)), prose(&run.regions.join(page.lang.pick(", ", "、"))));
    let text = match page.lang {
        Lang::En => format!("Scanned on {time} in {regions}."),
        Lang::Ja => format!("{time} 時点、リージョン {regions}"),
    };
    page.part(&text);
}

fn summary(page: &mut Page, totals: &Totals) {
    let (lang, open) = (page.lang, number(totals.unknown));
    let text = match (totals.failed(), totals.unknown, lang) {
        _ if totals.all() == 0 => lang
            .pick(
                "Nothing was judged: no policy found a resource that it applies to.",
                "判定対象なし: ポリシーの対象となるリソースが見つからなかった。",
            )
            .to_owned(),
        (0, 0, _) if totals.accepted > 0 => lang
            .pick(
                "Nothing wrong but what was accepted, nothing left open.",
                "受容済みのものを除き問題なし、不明なし。",
            )
            .to_owned(),
        (0, 0, _) => lang.pick("Nothing wrong, nothing left open.", "問題なし、不明なし。").to_owned(),
        (0, _, Lang::En) => format!("No problem found, but {open} could not be judged."),
        (0, _, Lang::Ja) => format!("問題は見つからなかったが、{open} 件は判定できなかった。"),
        (_, 0, Lang::En) => format!("{}.", by_severity(totals, lang)),
        (_, 0, Lang::Ja) => format!("問題 {}。", by_severity(totals, lang)),
        (_, _, Lang::En) => format!("{}; {open} could not be judged.", by_severity(totals, lang)),
        (_, _, Lang::Ja) => format!("問題 {}。判定不能 {open} 件。", by_severity(totals, lang)),
    };
    page.part(&format!("**{text}**"));
    let heads = match lang {
        Lang::En => ["failed", "accepted", "passed", "not applicable", "unknown"],
        Lang::Ja => ["不合格", "受容済み", "合格", "対象外", "不明"],
    };
    let counts = [totals.failed(), totals.accepted, totals.passed, totals.skipped, totals.unknown];
    page.table(&heads, &[counts.map(number).to_vec()]);
}

fn overview(page: &mut Page, problems: &[Problem<'_>]) {
    if problems.is_empty() {
        return;
    }
    let lang = page.lang;
    let rows: Vec<Vec<String>> = problems
        .iter()
        .map(|problem| {
            let resources = list_some(&problem.resources(lang), 3, lang);
            vec![
                severity_word(problem.severity, lang).to_owned(),
                prose(problem.title(lang)),
                prose(&resources),
            ]
        })
        .collect();
    let heads = match lang {
        Lang::En => ["severity", "problem", "resources"],
        Lang::Ja => ["重要度", "問題", "リソース"],
    };
    page.table(&heads, &rows);
}

fn write_severity(page: &mut Page, severity: Severity, problems: &[&Problem<'_>], run: &Run) {
    let count: usize = problems.iter().map(|problem| problem.findings.len()).sum();
    if count == 0 {
        return;
    }
    let word = severity_word(severity, page.lang);
    let word = word.get(..1).map_or(word.to_owned(), |first| {
        format!("{}{}", first.to_uppercase(), word.get(1..).unwrap_or_default())
    });
    let heading = match page.lang {
        Lang::En => format!("## {word} ({})", number(count)),
        Lang::Ja => format!("## {word}（{} 件）", number(count)),
    };
    page.part(&heading);
    for problem in problems {
        write_problem(page, problem, run);
    }
}

fn write_problem(page: &mut Page, problem: &Problem<'_>, run: &Run) {
    let lang = page.lang;
    page.part(&format!("### {}", prose(problem.title(lang))));
    page.part(&prose(&origin(problem, lang)));
    if let Some(risk) = problem.policy.map(|policy| policy.risk.say(lang)).filter(|risk| !risk.is_empty()) {
        page.part(&prose(risk));
    }
    let items: String =
        problem.findings.iter().map(|finding| item(finding, run.life(finding), lang)).collect();
    page.part(&items);
    write_fixes(page, &problem.findings);
}

/// How many facts are shown for a finding; all of them are in the JSON report.
const MOST_FACTS: usize = 6;
/// The columns after which a fact is cut.
const FACT_COLUMNS: usize = 160;

fn item(finding: &Finding, life: Option<&Life>, lang: Lang) -> String {
    let mark = life.and_then(|life| mark(life, lang)).map(|mark| format!("{mark} ")).unwrap_or_default();
    let mut text = format!("- {mark}**{}**", prose(&label(&finding.resource, lang)));
    if !finding.discriminator.is_empty() {
        text.push_str(&format!(" {}", code(&finding.discriminator)));
    }
    let message = finding.message.say(lang);
    if !message.is_empty() {
        text.push_str(&format!(": {}", prose(message)));
    }
    let kind = kind(&finding.resource);
    let place = [kind.as_str(), &finding.region, &finding.id];
    let place: Vec<String> = place.into_iter().filter(|part| !part.is_empty()).map(prose).collect();
    text.push_str(&format!("\n  - {}\n", place.join(lang.pick(", ", "、"))));
    let news = life.filter(|life| life.state == State::New);
    if let Some(why) = news.and_then(|life| new_because(life.new_because, lang)) {
        text.push_str(&format!("  - {}\n", prose(why)));
    }
    for Evidence { path, value } in finding.evidence.iter().take(MOST_FACTS) {
        text.push_str(&format!("  - {}\n", code(&truncate(&format!("{path} = {value}"), FACT_COLUMNS))));
    }
    if let Some(left) = finding.evidence.len().checked_sub(MOST_FACTS).filter(|left| *left > 0) {
        let left = number(left);
        text.push_str(&match lang {
            Lang::En => format!("  - {left} more\n"),
            Lang::Ja => format!("  - ほか {left} 件\n"),
        });
    }
    text
}

fn write_fixes(page: &mut Page, findings: &[&Finding]) {
    let lang = page.lang;
    for fix in fixes(findings, lang) {
        page.part(&format!("**{}** {}", lang.pick("Fix:", "対処:"), prose(fix.title)));
        let steps: String = fix
            .steps
            .iter()
            .enumerate()
            .map(|(index, step)| format!("{}. {}\n", index + 1, prose(step)))
            .collect();
        if !steps.is_empty() {
            page.part(&steps);
        }
        if !fix.commands.is_empty() {
            // A command of several lines would run into the next one.
            let has_lines = fix.commands.iter().any(|command| command.contains('\n'));
            page.part(&block("sh", &fix.commands.join(if has_lines { "\n\n" } else { "\n" })));
        }
    }
    for title in other_ways(findings, lang) {
        page.part(&format!("{} {}", lang.pick("Or:", "別案:"), prose(title)));
    }
}

fn write_accepted(page: &mut Page, run: &Run) {
    let lang = page.lang;
    let rows: Vec<Vec<String>> = run
        .findings
        .iter()
        .filter_map(|finding| finding.accepted.as_ref().map(|accepted| (finding, accepted)))
        .map(|(finding, accepted)| {
            let mut resource = prose(&label(&finding.resource, lang));
            if !finding.discriminator.is_empty() {
                resource.push_str(&format!(" {}", code_cell(&finding.discriminator)));
            }
            vec![
                severity_word(finding.severity, lang).to_owned(),
                code_cell(&finding.policy),
                resource,
                prose(&accepted.reason),
                prose(&accepted.owner),
                accepted.until.to_string(),
            ]
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    let count = number(rows.len());
    page.part(&match lang {
        Lang::En => format!("## Accepted ({count}, not counted as failed)"),
        Lang::Ja => format!("## 受容済み（{count} 件、不合格には数えていない）"),
    });
    let heads = match lang {
        Lang::En => ["severity", "policy", "resource", "reason", "owner", "until"],
        Lang::Ja => ["重要度", "ポリシー", "リソース", "理由", "責任者", "期限"],
    };
    page.table(&heads, &rows);
}

fn write_unknown(page: &mut Page, run: &Run, totals: &Totals) {
    let lang = page.lang;
    let questions = questions(run);
    if questions.is_empty() {
        return;
    }
    let count = number(totals.unknown);
    page.part(&match (totals.unknown, lang) {
        (0, Lang::En) => "## Questions without an answer (no verdict hangs on them)".to_owned(),
        (0, Lang::Ja) => "## 回答が得られなかった問い合わせ（判定への影響なし）".to_owned(),
        (_, Lang::En) => format!("## Could not be judged ({count}, none of them counts as passed)"),
        (_, Lang::Ja) => format!("## 判定できなかったもの（{count} 件、合格には数えていない）"),
    });
    let rows: Vec<Vec<String>> = questions
        .iter()
        .map(|(key, group)| {
            let words = what(key, lang);
            let mut question = if words == key.operation { code_cell(words) } else { words.to_owned() };
            if !group.abouts.is_empty() {
                let abouts: Vec<String> = group.abouts.iter().map(|about| label(about, lang)).collect();
                let abouts = prose(&list_some(&abouts, 5, lang));
                question.push_str(&match lang {
                    Lang::En => format!(" about {abouts}"),
                    Lang::Ja => format!("（対象: {abouts}）"),
                });
            }
            let mut why = cause_words(key, lang).to_owned();
            if !key.code.is_empty() {
                why.push_str(&format!(" {}", code_cell(key.code)));
            }
            let hanging: Vec<String> = hanging(group, lang)
                .into_iter()
                .map(|(severity, policy, names)| {
                    let names = prose(&list_some(&names, 5, lang));
                    format!("{} {}: {names}", severity_word(severity, lang), code_cell(policy))
                })
                .collect();
            let hanging = if hanging.is_empty() { "–".to_owned() } else { hanging.join("; ") };
            vec![question, prose(key.region), why, hanging, prose(&remedy(key, group, lang))]
        })
        .collect();
    let heads = match lang {
        Lang::En => ["question", "region", "why", "what hangs on it", "to settle"],
        Lang::Ja => ["問い合わせ", "リージョン", "理由", "影響する判定", "解消方法"],
    };
    page.table(&heads, &rows);
    let permissions = run.missing_permissions();
    if !permissions.is_empty() {
        page.part(&prose(about_permissions(lang)));
        page.part(&block("json", &statement(&permissions)));
    }
}
