//! A policy file, from text to a checked policy, with every problem it has.

mod cause;
mod lets;
mod parameter;
mod planning;
mod script;

use super::effect::{self, Effect};
use super::expression::{self, CheckedNode, CheckedType, ExpressionProblem, Names, Variable};
use super::parameter::Parameters;
use super::subject::Subject;
use super::template::Template;
use super::{Each, Policy, PolicyOption, example};
use crate::finding::{CauseKind, Downtime, Impact, Pillar, Severity};
use crate::snapshot::shape::Type;
use crate::text::{Bilingual, Text};
use crate::written::yaml::{YamlReader, line_of, scalar};
use crate::written::{Line, Problem};
use lets::Lets;
use saphyr::MarkedYaml;
use std::collections::BTreeMap;
use std::path::Path;

const KEYS: &[&str] = &[
    "id",
    "severity",
    "pillar",
    "title",
    "risk",
    "for",
    "kept_copies",
    "parameters",
    "let",
    "each",
    "key",
    "cause",
    "when",
    "pass",
    "found",
    "evidence",
    "passed",
    "options",
    "compliance",
    "references",
    "examples",
];
const FRAMEWORKS: &[&str] = &["aws-fsbp", "cis-aws-5.0", "aws-well-architected"];

/// Reads a policy; `values` replace the defaults of its parameters.
///
/// # Errors
/// Every problem of the file.
pub fn read(file: &str, text: &str, values: &Parameters) -> Result<Policy, Vec<Problem>> {
    let mut reader = YamlReader::new(file, text);
    let Some(document) = reader.document() else {
        return Err(reader.problems);
    };
    let entries = reader.mapping(&document, "a policy", KEYS);
    let policy = Parts { reader: &mut reader, entries: &entries }.policy(values);
    if let Some(policy) = &policy {
        note_unused(&mut reader, text, &policy.parameters);
    }
    match policy {
        Some(policy) if reader.problems.is_empty() => Ok(Policy { source: text.to_owned(), ..policy }),
        _ => Err(reader.problems),
    }
}

// A threshold that is declared but written out as a number could be changed without effect.
fn note_unused(reader: &mut YamlReader<'_>, text: &str, parameters: &Parameters) {
    for name in parameters.keys().filter(|name| text.matches(name.as_str()).count() < 2) {
        let line = text.lines().position(|line| line.contains(name.as_str())).unwrap_or_default() + 1;
        reader.problem(line, format!("the parameter `{name}` is never used; name it in an expression"));
    }
}

struct Parts<'r, 'n, 'a> {
    reader: &'r mut YamlReader<'a>,
    entries: &'n [(String, &'n MarkedYaml<'a>)],
}

impl<'n, 'a> Parts<'_, 'n, 'a> {
    fn node(&self, key: &str) -> Option<&'n MarkedYaml<'a>> {
        self.entries.iter().find(|(name, _)| name == key).map(|(_, node)| *node)
    }

    fn needed(&mut self, key: &str) -> Option<&'n MarkedYaml<'a>> {
        let node = self.node(key);
        if node.is_none() {
            self.reader.problem(1, format!("the policy lacks `{key}`"));
        }
        node
    }

    fn line(&mut self, key: &str) -> Line<String> {
        match self.needed(key) {
            Some(node) => self.reader.text(node, key),
            None => Line::default(),
        }
    }

    fn optional(&mut self, key: &str) -> Option<Line<String>> {
        let node = self.node(key)?;
        Some(self.reader.text(node, key))
    }

    fn plain(&mut self, key: &str) -> Text {
        match self.needed(key) {
            Some(node) => self.reader.plain(node, key),
            None => Text::default(),
        }
    }

    fn policy(mut self, values: &Parameters) -> Option<Policy> {
        let id = self.id();
        let severity = self.severity();
        let pillar = self.pillar();
        let accepts_kept_copies = self.accepts_kept_copies();
        let (title, risk) = (self.plain("title"), self.plain("risk"));
        let about = self.line("for");
        let subject = match Subject::parse(&about.value) {
            Ok(subject) => subject,
            Err(problem) => {
                if !about.value.is_empty() {
                    self.reader.problem(about.line, problem);
                }
                return None;
            }
        };
        let variables = vec![Variable { name: subject.variable.clone(), ty: subject.ty() }];
        let parameters = match self.node("parameters") {
            Some(node) => parameter::read(self.reader, node, &variables, values),
            None => Parameters::new(),
        };
        let mut resource_names = Names { variables, parameters, ..Names::default() };
        let element = self.node("each").and_then(scalar);
        let element =
            element.as_deref().and_then(|each| each.split_once(" in ")).map(|(name, _)| name.trim());
        let mut lets = match self.node("let") {
            Some(node) => Lets::read(self.reader, node, &resource_names, element),
            None => Lets::default(),
        };
        lets.define(self.reader, &mut resource_names, element);
        let mut names = resource_names.clone();
        let each = self.each(&mut names, &mut lets);
        lets.define(self.reader, &mut names, None);
        let when = self.optional("when").and_then(|line| self.condition("when", &line, &names));
        let (pass, pass_source) = self.pass(each.is_some(), &names);
        let found = self.templates("found", &names, true);
        let passed = self.node("passed").is_some().then(|| self.templates("passed", &resource_names, false));
        let evidence = self.evidence(&names);
        let causes = self.causes(self.node("cause"), &names);
        let options = self.options(&names, &subject, &causes);
        lets.note_unused(self.reader, &names);
        let compliance = self.compliance();
        let references = self.references();
        let examples = match self.needed("examples") {
            Some(node) => example::read(self.reader, node, &subject.variable, &subject.ty()),
            None => Vec::new(),
        };
        Some(Policy {
            id,
            severity: severity?,
            pillar: pillar?,
            title,
            risk,
            subject,
            accepts_kept_copies,
            parameters: resource_names.parameters,
            each,
            when,
            pass,
            pass_source,
            found,
            passed,
            evidence,
            options,
            compliance,
            references,
            examples,
            file: self.reader.file.clone(),
            source: String::new(),
        })
    }

    fn id(&mut self) -> String {
        let id = self.line("id");
        let stem = Path::new(&self.reader.file).file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let kebab = id.value.split('-').all(|word| {
            !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        });
        if !id.value.is_empty() && !kebab {
            self.reader.problem(id.line, format!("`{}` must be lower-case words joined by `-`", id.value));
        } else if let Some(stem) = stem.filter(|stem| *stem != id.value && !id.value.is_empty()) {
            self.reader.problem(
                id.line,
                format!("the id `{}` and the file name `{stem}` must be the same", id.value),
            );
        }
        id.value
    }

    fn severity(&mut self) -> Option<Severity> {
        let line = self.line("severity");
        match line.value.parse() {
            Ok(severity) => Some(severity),
            Err(problem) => {
                if !line.value.is_empty() {
                    self.reader.problem(line.line, problem.to_string());
                }
                None
            }
        }
    }

    fn accepts_kept_copies(&mut self) -> bool {
        let Some(node) = self.node("kept_copies") else {
            return false;
        };
        let line = self.reader.text(node, "kept_copies");
        if line.value != "accepted" {
            self.reader.problem(line.line, "kept_copies is `accepted`, or not there");
        }
        true
    }

    fn pillar(&mut self) -> Option<Pillar> {
        let line = self.line("pillar");
        let pillar = Pillar::ALL.into_iter().find(|pillar| pillar.as_str() == line.value);
        if pillar.is_none() && !line.value.is_empty() {
            let names = Pillar::ALL.map(Pillar::as_str).join(", ");
            self.reader.problem(line.line, format!("`{}` is not a pillar; write one of {names}", line.value));
        }
        let folder = Path::new(&self.reader.file)
            .parent()
            .and_then(Path::file_name)
            .map(|name| name.to_string_lossy().into_owned());
        // A folder of a user's own may be flat; a folder named like a pillar must be the right one.
        let other = Pillar::ALL.into_iter().find(|pillar| Some(pillar.as_str()) == folder.as_deref());
        if let (Some(pillar), Some(other)) = (pillar, other)
            && pillar != other
        {
            self.reader.problem(
                line.line,
                format!(
                    "the pillar `{}` and the folder `{}` must be the same",
                    pillar.as_str(),
                    other.as_str()
                ),
            );
        }
        pillar
    }

    fn each(&mut self, names: &mut Names, lets: &mut Lets) -> Option<Each> {
        let Some(line) = self.optional("each") else {
            if let Some(key) = self.node("key") {
                self.reader.problem(line_of(key), "`key` belongs to `each`, which is missing");
            }
            return None;
        };
        let Some((variable, list)) = line.value.split_once(" in ") else {
            self.reader.problem(line.line, "write `each: rule in world_rules_on_database(db)`");
            return None;
        };
        let list_at = line.value.len() - list.len();
        let (node, ty) = self.expression_from("each", &line, list_at, names)?;
        let element = match ty.parts() {
            Some((Type::List(element), false)) if matches!(**element, Type::Record(_)) => (**element).clone(),
            _ => {
                self.reader.problem(
                    line.line,
                    format!("`each` needs a list of records, and `{}` is {}", list.trim(), ty.name()),
                );
                return None;
            }
        };
        if names.parameters.contains_key(variable.trim()) {
            self.reader.problem(
                line.line,
                format!("`{}` is a parameter; give the variable another name", variable.trim()),
            );
            return None;
        }
        names.variables.push(Variable { name: variable.trim().to_owned(), ty: element });
        lets.define(self.reader, names, None);
        let key = self.line("key");
        let (key_node, key_type) = self.expression("key", &key, names)?;
        if !matches!(key_type.parts(), Some((Type::Text, false))) {
            self.reader.problem(key.line, "`key` must be text that is never null");
        }
        Some(Each { variable: variable.trim().to_owned(), list: node, key: key_node })
    }

    fn pass(&mut self, has_each: bool, names: &Names) -> (Option<CheckedNode>, String) {
        match self.optional("pass") {
            Some(line) => (self.condition("pass", &line, names), line.value),
            None if has_each => (None, String::new()),
            None => {
                self.reader.problem(1, "the policy lacks `pass`");
                (None, String::new())
            }
        }
    }

    fn expression(
        &mut self,
        key: &str,
        line: &Line<String>,
        names: &Names,
    ) -> Option<(CheckedNode, CheckedType)> {
        self.expression_from(key, line, 0, names)
    }

    // The expression begins `from` so many bytes of the scalar.
    fn expression_from(
        &mut self,
        key: &str,
        line: &Line<String>,
        from: usize,
        names: &Names,
    ) -> Option<(CheckedNode, CheckedType)> {
        if line.value.is_empty() {
            return None;
        }
        match expression::compile(line.value.get(from..).unwrap_or_default(), names) {
            Ok(compiled) => Some(compiled),
            Err(problems) => {
                for ExpressionProblem { at, message } in problems {
                    self.reader.problem_at(line, from + at, format!("{key}: {message}"));
                }
                None
            }
        }
    }

    fn condition(&mut self, key: &str, line: &Line<String>, names: &Names) -> Option<CheckedNode> {
        let (node, ty) = self.expression(key, line, names)?;
        match ty.parts() {
            Some((Type::Bool, false)) => Some(node),
            Some((Type::Bool, true)) => {
                self.reader.problem(
                    line.line,
                    format!("{key}: `{}` may be null; write `{} == true`", line.value, line.value),
                );
                None
            }
            _ => {
                self.reader
                    .problem(line.line, format!("{key}: `{}` is {}, not a condition", line.value, ty.name()));
                None
            }
        }
    }

    fn evidence(&mut self, names: &Names) -> Vec<CheckedNode> {
        let Some(node) = self.node("evidence") else {
            return Vec::new();
        };
        let lines = self.reader.texts(node, "evidence");
        lines
            .iter()
            .filter_map(|line| self.expression("evidence", line, names))
            .map(|(node, _)| node)
            .collect()
    }

    fn template(&mut self, what: &str, line: &Line<String>, names: &Names) -> Template {
        match Template::compile(line.value.trim_end(), names) {
            Ok(template) => template,
            Err(problems) => {
                for ExpressionProblem { at, message } in problems {
                    self.reader.problem_at(line, at, format!("{what}: {message}"));
                }
                Template::default()
            }
        }
    }

    fn bilingual(&mut self, node: &MarkedYaml<'_>, what: &str, names: &Names) -> Bilingual<Template> {
        let (en, ja) = self.reader.bilingual(node, what);
        Bilingual {
            en: self.template(&format!("{what}.en"), &en, names),
            ja: self.template(&format!("{what}.ja"), &ja, names),
        }
    }

    fn templates(&mut self, key: &str, names: &Names, is_needed: bool) -> Bilingual<Template> {
        let node = if is_needed { self.needed(key) } else { self.node(key) };
        match node {
            Some(node) => self.bilingual(node, key, names),
            None => Bilingual::default(),
        }
    }

    fn options(
        &mut self,
        names: &Names,
        subject: &Subject,
        causes: &[(CauseKind, CheckedNode)],
    ) -> Vec<PolicyOption> {
        let Some(node) = self.needed("options") else {
            return Vec::new();
        };
        let items = self.reader.list(node, "options");
        if items.is_empty() {
            self.reader.problem(line_of(node), "options must have at least one entry");
        }
        let options: Vec<PolicyOption> =
            items.iter().filter_map(|item| self.option(item, names, subject, causes)).collect();
        let has_effect = |item: &MarkedYaml<'_>| item.data.as_mapping_get("effect").is_some();
        if let Some(first) = items.first().filter(|first| !has_effect(first)) {
            self.reader.problem(
                line_of(first),
                "the recommended option lacks `effect`; say what the account looks like afterwards",
            );
        }
        options
    }

    fn option(
        &mut self,
        item: &MarkedYaml<'_>,
        names: &Names,
        subject: &Subject,
        causes: &[(CauseKind, CheckedNode)],
    ) -> Option<PolicyOption> {
        let allowed = [
            "id",
            "title",
            "steps",
            "cause",
            "cli",
            "check",
            "undo",
            "terraform",
            "impact",
            "requires",
            "excludes",
            "resolves",
            "together_with",
            "mends",
            "improves",
            "let",
            "monthly_cost",
            "monthly_cost_note",
            "carries",
            "carries_today",
            "effect",
            "becomes",
        ];
        let entries = self.reader.mapping(item, "an option", &allowed);
        let get = |key: &str| entries.iter().find(|(name, _)| name == key).map(|(_, node)| *node);
        for needed in ["id", "title", "steps", "impact", "monthly_cost"] {
            if get(needed).is_none() {
                self.reader.problem(line_of(item), format!("the option lacks `{needed}`"));
            }
        }
        let mut names = names.clone();
        let mut lets = match get("let") {
            Some(node) => Lets::read(self.reader, node, &names, None),
            None => Lets::default(),
        };
        lets.define(self.reader, &mut names, None);
        let names = &names;
        let id = self.reader.text(get("id")?, "an option's id").value;
        let title = self.bilingual(get("title")?, "title", names);
        let mut steps = Bilingual::default();
        for (language, list) in self.reader.mapping(get("steps")?, "steps", &["en", "ja"]) {
            let lines = self.reader.texts(list, "a step");
            let written: Vec<Template> =
                lines.iter().map(|line| self.template("a step", line, names)).collect();
            if language == "en" { steps.en = written } else { steps.ja = written }
        }
        if steps.en.is_empty() || steps.en.len() != steps.ja.len() {
            self.reader
                .problem(line_of(item), "steps must be there in `en` and `ja`, the same number in both");
        }
        let causes = match get("cause") {
            Some(node) => self.causes(Some(node), names),
            None => causes.to_vec(),
        };
        let (cli, blocks) = match get("cli") {
            Some(node) => self.commands(node, names),
            None => (None, Vec::new()),
        };
        let mut script = |key: &str| Some(self.script(get(key)?, key, names));
        let (check, undo) = (script("check"), script("undo"));
        let terraform = script("terraform");
        if let (Some(node), Some(script)) = (get("terraform"), &terraform) {
            self.check_terraform(node, script);
        }
        let (impact, effort_hours) = self.impact(get("impact")?, names);
        let (links, improves) = (self.links(&entries), self.improvements(get("improves"), names));
        let monthly_cost = get("monthly_cost")
            .and_then(|node| self.monthly_cost(node, get("monthly_cost_note").is_some(), names));
        let note = get("monthly_cost_note");
        let monthly_cost_note = note.map(|node| self.bilingual(node, "monthly_cost_note", names));
        let mut factor = |key: &str| get(key).and_then(|node| self.factor(node, key, names));
        let (carries, carries_today) = (factor("carries"), factor("carries_today"));
        let is_partial = get("mends").is_some_and(|node| self.is_partial(node));
        let changes = get("effect").map(|node| effect::read(self.reader, node, names)).unwrap_or_default();
        let becomes = get("becomes").map(|node| effect::read_becomes(self.reader, node, subject));
        let effect = Effect { changes, becomes: becomes.unwrap_or_default() };
        lets.note_unused(self.reader, names);
        Some(PolicyOption {
            id,
            title,
            steps,
            cli,
            blocks,
            causes,
            check,
            undo,
            terraform,
            impact,
            effort_hours,
            links,
            is_partial,
            improves,
            monthly_cost,
            monthly_cost_note,
            carries,
            carries_today,
            effect,
        })
    }

    // `unknown` is an answer, too: what a third party asks, or what only a bill can tell.
    fn monthly_cost(&mut self, node: &MarkedYaml<'_>, has_note: bool, names: &Names) -> Option<CheckedNode> {
        let line = self.reader.text(node, "monthly_cost");
        if line.value == "unknown" {
            if !has_note {
                let message = "monthly_cost is unknown; say in `monthly_cost_note` what it depends on";
                self.reader.problem(line.line, message);
            }
            return None;
        }
        let (node, ty) = self.expression("monthly_cost", &line, names)?;
        if matches!(ty.parts(), Some((Type::Int | Type::Float, _))) {
            return Some(node);
        }
        let message = format!("monthly_cost: `{}` is {}, not a number of dollars", line.value, ty.name());
        self.reader.problem(line.line, message);
        None
    }

    // How many times today's load.
    fn factor(&mut self, node: &MarkedYaml<'_>, key: &str, names: &Names) -> Option<CheckedNode> {
        let line = self.reader.text(node, key);
        let (node, ty) = self.expression(key, &line, names)?;
        if matches!(ty.parts(), Some((Type::Int | Type::Float, _))) {
            return Some(node);
        }
        self.reader.problem(line.line, format!("{key}: `{}` is {}, not a number", line.value, ty.name()));
        None
    }

    // The hours are a number, or an expression.
    fn impact(&mut self, node: &MarkedYaml<'_>, names: &Names) -> (Impact, Option<CheckedNode>) {
        let mut effort_hours = None;
        let mut impact = Impact { downtime: Downtime::None, needs_test: false, effort_hours: 0.0 };
        let mut seen = 0;
        for (key, value) in self.reader.mapping(node, "impact", &["downtime", "needs_test", "effort_hours"]) {
            seen += 1;
            let line = self.reader.text(value, &key);
            match (key.as_str(), line.value.as_str()) {
                ("downtime", "none") => impact.downtime = Downtime::None,
                ("downtime", "seconds") => impact.downtime = Downtime::Seconds,
                ("downtime", "minutes") => impact.downtime = Downtime::Minutes,
                ("downtime", "hours") => impact.downtime = Downtime::Hours,
                ("needs_test", "true") => impact.needs_test = true,
                ("needs_test", "false") => impact.needs_test = false,
                ("effort_hours", number) if number.parse::<f64>().is_ok_and(|hours| hours >= 0.0) => {
                    impact.effort_hours = number.parse().unwrap_or_default();
                }
                ("effort_hours", written) if written.parse::<f64>().is_err() => {
                    effort_hours = self.factor(value, "effort_hours", names);
                }
                _ => self.reader.problem(
                    line.line,
                    format!("`{key}: {}` is not understood: downtime is none, seconds, minutes or hours; needs_test is true or false; effort_hours is a number", line.value),
                ),
            }
        }
        if seen < 3 && node.data.is_mapping() {
            self.reader.problem(line_of(node), "impact needs downtime, needs_test and effort_hours");
        }
        (impact, effort_hours)
    }

    fn compliance(&mut self) -> BTreeMap<String, Vec<String>> {
        let Some(node) = self.node("compliance") else {
            return BTreeMap::new();
        };
        let entries = self.reader.mapping(node, "compliance", FRAMEWORKS);
        entries
            .into_iter()
            .map(|(name, list)| {
                let lines = self.reader.texts(list, "a requirement");
                (name, lines.into_iter().map(|line| line.value).collect())
            })
            .collect()
    }

    fn references(&mut self) -> Vec<String> {
        let Some(node) = self.node("references") else {
            return Vec::new();
        };
        let lines = self.reader.texts(node, "a reference");
        for line in &lines {
            if !line.value.starts_with("https://") {
                self.reader.problem(line.line, format!("`{}` must begin with https://", line.value));
            }
        }
        lines.into_iter().map(|line| line.value).collect()
    }
}

#[cfg(test)]
pub(crate) mod tests;
