//! Failures as people read them: root causes under the policy that names them, with the ways out
//! that they share. What all reports for people have in common.

use crate::finding::{Finding, PolicyInfo, Run, Severity, Totals, label};
use crate::report::words::severity_word;
use crate::text::{Lang, number, punctuated};
use crate::work::{CausePart, RootCause, recommended};
use serde_json::Value;

/// The root causes that one policy names.
pub(super) struct PolicyFailures<'a> {
    pub severity: Severity,
    pub policy_id: &'a str,
    pub policy: Option<&'a PolicyInfo>,
    /// The worst first; never none.
    pub causes: Vec<RootCause<'a>>,
}

impl<'a> PolicyFailures<'a> {
    pub(super) fn title(&self, lang: Lang) -> &'a str {
        self.policy.map_or(self.policy_id, |policy| policy.title.say(lang))
    }

    /// What the causes close: first what the policy found, then what other policies found.
    pub(super) fn findings(&self) -> Vec<&'a Finding> {
        let all = || self.causes.iter().flat_map(|cause| cause.findings.iter().copied());
        let own = all().filter(|finding| finding.policy == self.policy_id);
        own.chain(all().filter(|finding| finding.policy != self.policy_id)).collect()
    }

    /// The resources concerned, each once.
    pub(super) fn resources(&self, lang: Lang) -> Vec<String> {
        let own = self.findings().into_iter().filter(|finding| finding.policy == self.policy_id);
        let mut labels: Vec<String> = own.map(|finding| label(&finding.resource, lang)).collect();
        labels.dedup();
        labels
    }
}

pub(super) fn problems(run: &Run) -> Vec<PolicyFailures<'_>> {
    let mut problems: Vec<PolicyFailures<'_>> = Vec::new();
    for cause in recommended(&run.findings) {
        let Some(first) = cause.first() else {
            continue;
        };
        let severity = cause.severity();
        let is_it =
            |known: &&mut PolicyFailures<'_>| known.policy_id == first.policy && known.severity == severity;
        match problems.iter_mut().find(is_it) {
            Some(problem) => problem.causes.push(cause),
            None => problems.push(PolicyFailures {
                severity,
                policy_id: &first.policy,
                policy: run.policy(&first.policy),
                causes: vec![cause],
            }),
        }
    }
    problems.sort_by(|left, right| {
        right.severity.cmp(&left.severity).then_with(|| left.policy_id.cmp(right.policy_id))
    });
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

fn is_sentence(value: &Value) -> bool {
    let is_text =
        |name: &str| value.get(name).is_some_and(|text| text.as_str().is_some_and(|text| !text.is_empty()));
    is_text("en") && is_text("ja")
}

fn sentence(en: &str, ja: &str, lang: Lang) -> String {
    match lang {
        Lang::En => en.to_owned(),
        Lang::Ja => punctuated(ja).into_owned(),
    }
}

fn value_text(value: &Value, lang: Lang) -> String {
    match value {
        Value::Object(fields) => match (fields.get("en"), fields.get("ja")) {
            (Some(Value::String(en)), Some(Value::String(ja))) => sentence(en, ja, lang),
            // The sentence of a record says what its other fields say to programs.
            _ if fields.values().any(is_sentence) => {
                let sentences = fields.values().filter(|value| is_sentence(value));
                sentences.map(|value| value_text(value, lang)).collect::<Vec<_>>().join(lang.pick(" ", ""))
            }
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

// The policies behind causes: first the one that names them.
fn policies<'c>(causes: &'c [RootCause<'_>]) -> Vec<&'c str> {
    let mut ids: Vec<&str> = Vec::new();
    let findings = causes.iter().flat_map(|cause| &cause.findings);
    for finding in findings.filter(|finding| !finding.policy.is_empty()) {
        if !ids.contains(&finding.policy.as_str()) {
            ids.push(&finding.policy);
        }
    }
    ids
}

/// The policy that names the causes, and the controls behind it.
pub(super) fn origins(run: &Run, causes: &[RootCause<'_>], lang: Lang) -> String {
    let Some(id) = policies(causes).first().copied() else {
        return String::new();
    };
    let mut parts = vec![id.to_owned()];
    for (framework, controls) in run.policy(id).iter().flat_map(|policy| &policy.compliance) {
        parts.push(format!("{framework} {}", controls.join(" ")));
    }
    parts.join(lang.pick(", ", "、"))
}

/// Where to read more about all that the causes close, each address once.
pub(super) fn references(run: &Run, causes: &[RootCause<'_>]) -> Vec<String> {
    let mut addresses: Vec<String> = Vec::new();
    for address in
        policies(causes).into_iter().filter_map(|id| run.policy(id)).flat_map(|policy| &policy.references)
    {
        if !addresses.contains(address) {
            addresses.push(address.clone());
        }
    }
    addresses
}

/// The recommended way out for causes that are mended alike but for the commands.
pub(super) struct SharedFix<'a> {
    /// What is done, with the steps; several where a cause takes several options.
    pub options: Vec<(&'a str, &'a [String])>,
    /// A script for each cause.
    pub commands: Vec<String>,
}

pub(super) fn fixes<'a>(causes: &[RootCause<'a>], lang: Lang) -> Vec<SharedFix<'a>> {
    let mut fixes: Vec<SharedFix<'a>> = Vec::new();
    for cause in causes {
        let remedies = cause.parts.iter().filter_map(CausePart::first);
        let options: Vec<(&str, &[String])> =
            remedies.map(|(_, remedy)| (remedy.title.say(lang), remedy.steps.get(lang).as_slice())).collect();
        let script = cause.script().say(lang).trim_end().to_owned();
        let commands = if script.is_empty() { Vec::new() } else { vec![script] };
        match fixes.iter_mut().find(|fix| fix.options == options) {
            Some(fix) => fix.commands.extend(commands),
            None if options.is_empty() => {}
            None => fixes.push(SharedFix { options, commands }),
        }
    }
    fixes
}

/// The titles of the other ways out, each once.
pub(super) fn other_ways<'a>(causes: &[RootCause<'a>], lang: Lang) -> Vec<&'a str> {
    let mut others: Vec<&str> = Vec::new();
    let parts = causes.iter().flat_map(|cause| &cause.parts);
    for (finding, chosen) in parts.flat_map(|part| &part.remedies) {
        for remedy in finding.options.iter().filter(|remedy| remedy.id != chosen.id) {
            let title = remedy.title.say(lang);
            if !others.contains(&title) {
                others.push(title);
            }
        }
    }
    others
}
