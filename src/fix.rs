//! `tenken fix`: for chosen findings, the commands or Terraform blocks with the real ids, in
//! order, each with how to check and how to undo. Nothing here changes anything.

mod json;
mod shell;
mod terraform;

pub use json::schema;

use crate::finding::{
    Finding, OptionName, Related, Remedy, Run, Severity, arranged, lend_urgency, matches, needed_first,
};
use crate::policy::NoSuchPolicy;
use crate::report::Format;
use crate::report::words::severity_word;
use crate::snapshot::Snapshot;
use crate::text::{Explained, Lang, Text};
use crate::work::{CausePart, NameError, RootCause, causes, finding_named};

/// The formats of the work, the default first.
pub const FORMATS: &[Format] = &[Format::Cli, Format::Terraform, Format::Json];

/// What was asked for. Everything that is left empty chooses nothing out.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Ids of findings, or their beginnings.
    pub findings: Vec<String>,
    /// Ids of policies.
    pub policies: Vec<String>,
    /// Patterns of ARNs, in which `*` stands for anything.
    pub resources: Vec<String>,
    /// Options other than the recommended ones: policy and option.
    pub options: Vec<(String, String)>,
}

/// Why nothing can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.what().en)]
pub enum ChoiceError {
    /// No open failure has this id.
    NoSuchFinding {
        /// What was asked for.
        id: String,
    },
    /// Ids of several findings begin like that.
    SeveralFindings(#[from] NameError),
    /// The run has no such policy.
    NoSuchPolicy(#[from] NoSuchPolicy),
    /// The policy has no such option.
    NoSuchOption {
        /// The policy.
        policy: String,
        /// What was asked for.
        option: String,
        /// The options it has.
        known: String,
    },
    /// No ARN of an open failure is like the pattern.
    NoSuchResource {
        /// What was asked for.
        pattern: String,
    },
}

impl Explained for ChoiceError {
    fn what(&self) -> Text {
        match self {
            ChoiceError::NoSuchFinding { id } => Text::new(
                format!("find an open failure with the id {id}; `tenken scan` lists them"),
                format!("ID が {id} の未対応の指摘はない。`tenken scan` で確認できる。"),
            ),
            ChoiceError::SeveralFindings(error) => error.what(),
            ChoiceError::NoSuchPolicy(error) => error.what(),
            ChoiceError::NoSuchOption { policy, option, known } => Text::new(
                format!("find the option `{option}` of {policy}; it has {known}"),
                format!("{policy} に対応策 `{option}` はない。指定できるのは {known}。"),
            ),
            ChoiceError::NoSuchResource { pattern } => Text::new(
                format!("find an open failure of a resource that matches {pattern}; `*` stands for anything"),
                format!("{pattern} に一致するリソースに未対応の指摘はない。`*` は任意の文字列を表す。"),
            ),
        }
    }
}

/// One piece of work.
#[derive(Debug, Clone)]
pub struct Fix<'r> {
    /// What it mends, and how.
    pub cause: RootCause<'r>,
    /// Open failures that have to be mended before it, chosen or not, each with the name under which
    /// an option requires it.
    pub needs: Vec<(&'r OptionName, &'r Finding)>,
}

impl<'r> Fix<'r> {
    /// The finding that names it.
    pub fn first(&self) -> Option<&'r Finding> {
        self.cause.first()
    }

    // Whether an option is to be carried out before this one.
    fn comes_after(&self, other: &Fix<'_>) -> bool {
        self.needs.iter().any(|(name, finding)| {
            let is_mended = other.cause.findings.iter().any(|mended| mended.id == finding.id);
            let mut options = other.cause.parts.iter().filter_map(CausePart::first);
            is_mended && options.any(|(_, remedy)| name.names(&finding.policy, &remedy.id))
        })
    }
}

/// The chosen work: the worst first, but nothing before what it needs, which is as urgent.
///
/// # Errors
/// Something was named that is not there.
pub fn choose<'r>(run: &'r Run, choice: &Choice) -> Result<Vec<Fix<'r>>, ChoiceError> {
    let open: Vec<&Finding> = run.findings.iter().filter(|finding| finding.is_open_failure()).collect();
    let ids = ids(&open, choice)?;
    check(run, &open, choice)?;
    let is_chosen = |finding: &Finding| {
        let named = |list: &[String], id: &String| list.is_empty() || list.contains(id);
        (ids.is_empty() || ids.contains(&finding.id.as_str()))
            && named(&choice.policies, &finding.policy)
            && (choice.resources.is_empty()
                || choice.resources.iter().any(|pattern| matches(pattern, &finding.resource)))
    };
    let mut chosen = Vec::new();
    for finding in open.iter().copied().filter(|finding| is_chosen(finding)) {
        if let Some(remedy) = option_of(finding, choice)? {
            chosen.push((finding, Some(remedy)));
        }
    }
    let related = Related::new(open);
    let mut fixes = Vec::new();
    for cause in causes(chosen) {
        fixes.push(Fix { needs: needs(&related, &cause), cause });
    }
    Ok(in_order(fixes))
}

fn needs<'r>(open: &Related<'r>, cause: &RootCause<'r>) -> Vec<(&'r OptionName, &'r Finding)> {
    let numbered = || (0..).map_while(|index| open.finding(index).map(|finding| (index, finding)));
    let those = |is_one: &dyn Fn(&Finding) -> bool| -> Vec<usize> {
        numbered().filter(|(_, finding)| is_one(finding)).map(|(index, _)| index).collect()
    };
    let mine = those(&|finding| cause.findings.iter().any(|own| own.id == finding.id));
    let mut needs = Vec::new();
    for (_, remedy) in cause.parts.iter().filter_map(CausePart::first) {
        for name in &remedy.relations.requires {
            let others = those(&|finding| finding.policy == name.policy);
            let required = open.required(&mine, &others).into_iter();
            // What one section mends comes in it.
            let required = required.filter(|index| !mine.contains(index));
            needs.extend(required.filter_map(|index| Some((name, open.finding(index)?))));
        }
    }
    needs
}

// The ids that were meant.
fn ids<'r>(open: &[&'r Finding], choice: &Choice) -> Result<Vec<&'r str>, ChoiceError> {
    let id = |name: &String| match finding_named(open.iter().copied(), name)? {
        Some(finding) => Ok(finding.id.as_str()),
        None => Err(ChoiceError::NoSuchFinding { id: name.clone() }),
    };
    choice.findings.iter().map(id).collect()
}

fn check(run: &Run, open: &[&Finding], choice: &Choice) -> Result<(), ChoiceError> {
    let lacks = |known: &dyn Fn(&Finding) -> bool| !open.iter().any(|finding| known(finding));
    let named = choice.policies.iter().chain(choice.options.iter().map(|(policy, _)| policy));
    for id in named {
        if !run.policies.iter().any(|policy| policy.id == *id) {
            return Err(NoSuchPolicy::new(id, run.policies.iter().map(|policy| policy.id.as_str())).into());
        }
    }
    let lost = choice.resources.iter().find(|pattern| lacks(&|finding| matches(pattern, &finding.resource)));
    match lost {
        Some(pattern) => Err(ChoiceError::NoSuchResource { pattern: pattern.clone() }),
        None => Ok(()),
    }
}

fn option_of<'r>(finding: &'r Finding, choice: &Choice) -> Result<Option<&'r Remedy>, ChoiceError> {
    let Some((policy, id)) = choice.options.iter().find(|(policy, _)| *policy == finding.policy) else {
        return Ok(finding.options.first());
    };
    match finding.options.iter().find(|option| option.id == *id) {
        Some(option) => Ok(Some(option)),
        None => Err(ChoiceError::NoSuchOption {
            policy: policy.clone(),
            option: id.clone(),
            known: finding.options.iter().map(|option| option.id.as_str()).collect::<Vec<_>>().join(", "),
        }),
    }
}

// They come the worst first; among equally urgent ones it stays so, but the bad themselves come
// before what the equally bad only wait for.
fn in_order(fixes: Vec<Fix<'_>>) -> Vec<Fix<'_>> {
    let needs = |one: usize, other: usize| match (fixes.get(one), fixes.get(other)) {
        (Some(one), Some(other)) => one.comes_after(other),
        _ => false,
    };
    let own: Vec<Option<Severity>> = fixes.iter().map(|fix| Some(fix.cause.severity())).collect();
    let mut lent = own.clone();
    lend_urgency(&mut lent, Ord::cmp, needs);
    let compare = |one: usize, other: usize| {
        lent.get(one).cmp(&lent.get(other)).then(own.get(one).cmp(&own.get(other)))
    };
    let places = needed_first(fixes.len(), compare, needs);
    arranged(fixes, &places)
}

/// The work in one of [`FORMATS`]. [`Format::choose`] keeps others out; they would give the
/// script.
pub fn render(run: &Run, fixes: &[Fix<'_>], snapshot: &Snapshot, format: Format, lang: Lang) -> String {
    match format {
        Format::Terraform => terraform::render(run, fixes, snapshot, lang),
        Format::Json => json::render(run, fixes),
        _ => shell::render(run, fixes, lang),
    }
}

// Lines of a comment: one text for each line, whatever AWS put into it.
fn comment(text: &mut String, label: &str, value: &str) {
    let value = crate::policy::template::quote::one_line(value);
    let label = if label.is_empty() { String::new() } else { crate::text::pad(label, 10) };
    text.push_str(format!("# {label}{value}").trim_end());
    text.push('\n');
}

// What reviewers read about a piece of work, in the form of comments.
fn heading(text: &mut String, number: usize, fix: &Fix<'_>, run: &Run, lang: Lang) {
    let title = fix.cause.title(run);
    comment(text, "", &format!("==== {number}. {} ====", title.say(lang)));
    for shared in fix.cause.shared(lang) {
        comment(text, lang.pick("cause", "原因"), &shared);
    }
    for finding in &fix.cause.findings {
        comment(
            text,
            lang.pick("finding", "指摘"),
            &format!("{} {} {}", finding.id, severity_word(finding.severity, lang), finding.policy),
        );
        comment(text, lang.pick("resource", "リソース"), &finding.resource);
        comment(text, lang.pick("found", "内容"), lang.pick(&finding.message.en, &finding.message.ja));
    }
    for (_, remedy) in fix.cause.parts.iter().filter_map(CausePart::first) {
        let title = lang.pick(&remedy.title.en, &remedy.title.ja);
        comment(text, lang.pick("option", "対応策"), &format!("{}: {title}", remedy.id));
        for (position, step) in remedy.steps.get(lang).iter().enumerate() {
            let label = if position == 0 { lang.pick("steps", "手順") } else { " " };
            comment(text, label, &format!("{}. {step}", position + 1));
        }
    }
    comment(text, lang.pick("effort", "作業"), &takes(fix, lang));
    for name in unmet(fix) {
        comment(text, lang.pick("first", "前提"), &name);
    }
}

fn takes(fix: &Fix<'_>, lang: Lang) -> String {
    let (hours, downtime) = (fix.cause.effort_hours(), fix.cause.downtime().as_str());
    let test = match (fix.cause.needs_test(), lang) {
        (true, Lang::En) => ", test it elsewhere first",
        (true, Lang::Ja) => "、事前の検証が必要",
        (false, _) => "",
    };
    match lang {
        Lang::En => format!("{hours} h, interruption: {downtime}{test}"),
        Lang::Ja => format!(
            "{hours} 時間、停止: {}{test}",
            match downtime {
                "none" => "なし",
                "seconds" => "数秒",
                "minutes" => "数分",
                _ => "1 時間以上",
            }
        ),
    }
}

// What has to be mended first.
fn unmet(fix: &Fix<'_>) -> Vec<String> {
    let mut names: Vec<String> =
        fix.needs.iter().map(|(_, finding)| format!("{} {}", finding.id, finding.policy)).collect();
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests;
