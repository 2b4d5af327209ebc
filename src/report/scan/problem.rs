//! Failures as people read them: together under their policy, with the ways out that they
//! share. What all reports for people have in common.

use crate::finding::{Finding, PolicyInfo, Run, Severity, Totals, label};
use crate::report::words::severity_word;
use crate::text::{Lang, number};
use serde_json::Value;

/// The failures under one policy.
pub(super) struct PolicyFailures<'a> {
    pub severity: Severity,
    pub policy_id: &'a str,
    pub policy: Option<&'a PolicyInfo>,
    pub findings: Vec<&'a Finding>,
}

impl<'a> PolicyFailures<'a> {
    pub(super) fn title(&self, lang: Lang) -> &'a str {
        self.policy.map_or(self.policy_id, |policy| policy.title.say(lang))
    }

    /// The resources concerned, each once.
    pub(super) fn resources(&self, lang: Lang) -> Vec<String> {
        let mut labels: Vec<String> =
            self.findings.iter().map(|finding| label(&finding.resource, lang)).collect();
        labels.dedup();
        labels
    }
}

pub(super) fn problems(run: &Run) -> Vec<PolicyFailures<'_>> {
    let mut problems: Vec<PolicyFailures<'_>> = Vec::new();
    for finding in run.findings.iter().filter(|finding| finding.is_open_failure()) {
        match problems.last_mut() {
            Some(problem) if problem.policy_id == finding.policy && problem.severity == finding.severity => {
                problem.findings.push(finding);
            }
            _ => problems.push(PolicyFailures {
                severity: finding.severity,
                policy_id: &finding.policy,
                policy: run.policy(&finding.policy),
                findings: vec![finding],
            }),
        }
    }
    problems
}

/// `2 critical`, `5 high`.
pub(super) fn severities(totals: &Totals, lang: Lang) -> Vec<String> {
    let counts = totals.failures().map(|(severity, count)| match lang {
        Lang::En => format!("{} {}", number(count), severity_word(severity, lang)),
        Lang::Ja => format!("{} {}", severity_word(severity, lang), number(count)),
    });
    counts.collect()
}

/// `2 critical, 5 high`; in Japanese with the sum in front.
pub(super) fn by_severity(totals: &Totals, lang: Lang) -> String {
    let counts = severities(totals, lang);
    match lang {
        Lang::En => counts.join(", "),
        Lang::Ja => format!("{} 件（{}）", number(totals.failed()), counts.join("、")),
    }
}

/// `2 accepted, `, where there are some.
pub(super) fn accepted_count(totals: &Totals, lang: Lang) -> String {
    match (totals.accepted, lang) {
        (0, _) => String::new(),
        (count, Lang::En) => format!("{} accepted, ", number(count)),
        (count, Lang::Ja) => format!("受容済み {}、", number(count)),
    }
}

/// The value of a fact, in lines: a list of records has a line for each, and a sentence in
/// both languages is shown in the reader's.
pub(super) fn value_lines(value: &Value, lang: Lang) -> Vec<String> {
    match value {
        Value::Array(items) if items.iter().any(Value::is_object) && items.len() > 1 => {
            items.iter().map(|item| value_text(item, lang)).collect()
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            vec![format!(
                "[{}]",
                items.iter().map(|item| value_text(item, lang)).collect::<Vec<_>>().join(", ")
            )]
        }
        other => vec![value_text(other, lang)],
    }
}

fn value_text(value: &Value, lang: Lang) -> String {
    match value {
        Value::Object(fields) => match (fields.get("en"), fields.get("ja")) {
            (Some(Value::String(en)), Some(Value::String(ja))) => lang.pick(en, ja).to_owned(),
            _ => {
                let fields = fields.iter().filter(|(_, value)| !value.is_null());
                let parts: Vec<String> = fields
                    .map(|(name, value)| match value {
                        Value::Object(_) => value_text(value, lang),
                        _ => format!("{name}: {}", value_text(value, lang)),
                    })
                    .collect();
                parts.join(", ")
            }
        },
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The policy and the controls behind a problem.
pub(super) fn origin(problem: &PolicyFailures<'_>, lang: Lang) -> String {
    let mut parts = vec![problem.policy_id.to_owned()];
    for (framework, controls) in problem.policy.iter().flat_map(|policy| &policy.compliance) {
        parts.push(format!("{framework} {}", controls.join(" ")));
    }
    parts.join(lang.pick(", ", "、"))
}

/// The recommended way out for several findings, where it is the same but for the commands.
pub(super) struct SharedFix<'a> {
    pub title: &'a str,
    pub steps: &'a [String],
    pub commands: Vec<&'a str>,
}

pub(super) fn fixes<'a>(findings: &[&'a Finding], lang: Lang) -> Vec<SharedFix<'a>> {
    let mut fixes: Vec<SharedFix<'a>> = Vec::new();
    for remedy in findings.iter().filter_map(|finding| finding.options.first()) {
        let (title, steps) = (remedy.title.say(lang), remedy.steps.get(lang));
        let command = remedy.cli.say(lang).trim_end();
        let commands = if command.is_empty() { Vec::new() } else { vec![command] };
        match fixes.iter_mut().find(|fix| fix.title == title && fix.steps == steps) {
            Some(fix) => {
                let new = commands.into_iter().filter(|command| !fix.commands.contains(command));
                fix.commands.extend(new.collect::<Vec<_>>());
            }
            None => fixes.push(SharedFix { title, steps, commands }),
        }
    }
    fixes
}

/// The titles of the other ways out, each once.
pub(super) fn other_ways<'a>(findings: &[&'a Finding], lang: Lang) -> Vec<&'a str> {
    let mut others: Vec<&str> = Vec::new();
    for remedy in findings.iter().flat_map(|finding| finding.options.iter().skip(1)) {
        let title = remedy.title.say(lang);
        if !others.contains(&title) {
            others.push(title);
        }
    }
    others
}
