//! What the file means, beside the policies it speaks of.

use super::keys::of_key;
use super::written::{Written, WrittenAcceptance, WrittenParameter};
use super::{Config, ConfigError, Costs, Place, Settings, bytes, duration, is_s3};
use crate::cost::Group;
use crate::finding::{Acceptance, AcceptanceRule, Run};
use crate::policy::PolicySet;
use crate::policy::parameter::PolicyParameter;
use crate::price::{Currency, CurrencyError};
use crate::report::formats;
use crate::text::{Invalid, Text, quoted};
use crate::written::{Line, Problem, closest, did_you_mean};
use std::path::{Path, PathBuf};

impl Config {
    /// What the file means; `policies` are all that could be judged.
    ///
    /// # Errors
    /// Every problem of the file.
    pub fn new(written: &Written, policies: &PolicySet) -> Result<Config, ConfigError> {
        let mut reading = ConfigReading { written, policies, problems: written.problems.clone() };
        let settings = reading.settings();
        let mut config =
            Config { settings, costs: costs(written), plan: written.plan.clone(), ..Config::default() };
        for parameter in &written.parameters {
            if let Some(value) = reading.parameter(parameter) {
                let values = config.parameters.entry(parameter.policy.value.clone()).or_default();
                values.insert(parameter.name.clone(), value);
            }
        }
        config.acceptances = written.acceptances.iter().filter_map(|one| reading.acceptance(one)).collect();
        config.notify =
            super::notify::meaning(&written.channels, &mut |line, message| reading.problem(line, message));
        let mut problems = reading.problems;
        problems.sort();
        if problems.is_empty() { Ok(config) } else { Err(ConfigError { problems }) }
    }
}

impl Written {
    /// The folder of policies, which is needed before the rest can be understood.
    pub(crate) fn policies_folder(&self) -> Option<PathBuf> {
        self.path("policies_folder")
    }

    fn path(&self, key: &str) -> Option<PathBuf> {
        self.text(key).map(|line| self.folder().join(&line.value))
    }

    // Paths are written from the file's own folder, wherever tenken is started. A file that
    // is not a file of this machine has none.
    fn folder(&self) -> &Path {
        match Path::new(&self.file).parent() {
            Some(folder) if !is_s3(&self.file) => folder,
            _ => Path::new(""),
        }
    }
}

fn costs(written: &Written) -> Costs {
    let mut costs = Costs::default();
    for (key, value) in &written.assumptions {
        costs.assumptions.set(&key.value, *value);
    }
    for (key, amount) in &written.expected_costs {
        match Group::ALL.into_iter().find(|group| group.as_str() == key.value) {
            Some(group) => drop(costs.expected.insert(group, *amount)),
            None => costs.expected_total = Some(*amount),
        }
    }
    costs
}

struct ConfigReading<'w> {
    written: &'w Written,
    policies: &'w PolicySet,
    problems: Vec<Problem>,
}

impl ConfigReading<'_> {
    fn problem(&mut self, line: usize, message: Text) {
        if !self.written.damaged_lines.contains(&line) {
            self.problems.push(Problem { file: self.written.file.clone(), line, message });
        }
    }

    fn settings(&mut self) -> Settings {
        let written = self.written;
        let text = |key: &str| written.text(key).map(|line| line.value.clone());
        let list = |key: &str| -> Option<Vec<String>> {
            written.list(key).map(|lines| lines.iter().map(|line| line.value.clone()).collect())
        };
        for line in written.list("only_policies").unwrap_or_default() {
            self.policy(line);
        }
        Settings {
            regions: list("regions"),
            profile: text("profile"),
            role_arn: text("role_arn"),
            external_id: text("external_id"),
            endpoint_url: text("endpoint_url"),
            timeout: self.parsed("timeout", duration),
            attempt_timeout: self.parsed("attempt_timeout", duration),
            operation_timeout: self.parsed("operation_timeout", duration),
            answer_limit_bytes: self.parsed("answer_limit", bytes),
            policies_folder: written.policies_folder(),
            only_policies: list("only_policies"),
            format: self.format(),
            output: written.path("output"),
            save_snapshot: written.path("save_snapshot"),
            history: self.place("history"),
            lang: self.parsed("lang", str::parse),
            fail_on: self.parsed("fail_on", str::parse),
            currency: text("currency"),
            rate: self.rate(),
        }
    }

    // Whether they fit together can only be said when flags are known, too; but not this.
    fn rate(&mut self) -> Option<f64> {
        let rate = self.written.numbers.iter().find(|(name, _)| *name == "rate").map(|(_, line)| line);
        if let Some(line) = self.written.text("currency")
            && let Err(error) = Currency::new(Some(&line.value), Some(1.0))
            && matches!(error, CurrencyError::Code(_))
        {
            let message = of_key("currency", &error);
            self.problem(line.line, message);
        }
        match rate {
            Some(line) if line.value == 0.0 => {
                let message = Text::new(
                    "`rate` must be more than 0: how much of the currency a dollar buys",
                    "`rate` は 0 より大きくなければならない。1 ドル当たりの金額を書く",
                );
                self.problem(line.line, message);
                None
            }
            rate => rate.map(|line| line.value),
        }
    }

    fn parsed<T>(&mut self, key: &str, parse: impl Fn(&str) -> Result<T, Invalid>) -> Option<T> {
        let line = self.written.text(key)?;
        match parse(&line.value) {
            Ok(value) => Some(value),
            Err(problem) => {
                self.problem(line.line, of_key(key, &problem));
                None
            }
        }
    }

    fn place(&mut self, key: &str) -> Option<Place> {
        self.parsed(key, str::parse).map(|place: Place| place.beside(self.written.folder()))
    }

    fn format(&mut self) -> Option<String> {
        let line = self.written.text("format")?;
        let names = || formats::<Run>().into_iter().map(|format| format.name());
        if names().any(|name| name == line.value) {
            return Some(line.value.clone());
        }
        let hint = closest(&line.value, names()).map(did_you_mean).unwrap_or_else(|| {
            let known = names().collect::<Vec<_>>().join(", ");
            Text::new(format!("; write one of {known}"), format!("。{known} のいずれかを書く"))
        });
        let value = quoted(&line.value);
        let message = Text::new(
            format!("there is no format `{value}`{}", hint.en),
            format!("`{value}` という形式はない{}", hint.ja),
        );
        self.problem(line.line, message);
        None
    }

    // Whether the policy exists.
    fn policy(&mut self, id: &Line<String>) -> bool {
        if self.policies.find(&id.value).is_some() {
            return true;
        }
        let known = self.policies.policies.iter().map(|policy| policy.id.as_str());
        let hint = closest(&id.value, known).map(did_you_mean).unwrap_or_else(|| {
            Text::new(
                "; `tenken policies list` lists them all",
                "。`tenken policies list` で一覧を確認できる",
            )
        });
        let value = quoted(&id.value);
        let message = Text::new(
            format!("there is no policy `{value}`{}", hint.en),
            format!("ポリシー `{value}` は存在しない{}", hint.ja),
        );
        // A table of parameters names its policy once, however many it holds.
        if !self.problems.iter().any(|problem| problem.line == id.line && problem.message == message) {
            self.problem(id.line, message);
        }
        false
    }

    fn parameter(&mut self, written: &WrittenParameter) -> Option<PolicyParameter> {
        if !self.policy(&written.policy) {
            return None;
        }
        let (id, name) = (&written.policy.value, &written.name);
        let declared = &self.policies.find(id)?.parameters;
        let Some(default) = declared.get(name) else {
            let known = declared.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            let hint = match closest(name, declared.keys().map(String::as_str)) {
                _ if declared.is_empty() => Text::new("; it has none", "。このポリシーにパラメータはない"),
                Some(closest) => did_you_mean(closest),
                None => Text::new(format!("; it has {known}"), format!("。指定できるのは {known}")),
            };
            let name = quoted(name);
            let message = Text::new(
                format!("the policy `{id}` has no parameter `{name}`{}", hint.en),
                format!("ポリシー `{id}` に `{name}` というパラメータはない{}", hint.ja),
            );
            self.problem(written.value.line, message);
            return None;
        };
        let value = default.accept(&written.value.value);
        if value.is_none() {
            let message = Text::new(
                format!(
                    "`{name}` is {}; write {} like its default, {name} = {default}",
                    written.value.value.kind(),
                    default.kind()
                ),
                format!("`{name}` の値の種類が違う。既定値にならい {name} = {default} のように書く"),
            );
            self.problem(written.value.line, message);
        }
        value
    }

    fn acceptance(&mut self, written: &WrittenAcceptance) -> Option<AcceptanceRule> {
        let is_known = written.policy.as_ref().is_some_and(|policy| self.policy(policy));
        let is_narrow = written.resource.as_ref().is_some_and(|resource| self.resource(resource));
        if let Some(pattern) = &written.discriminator
            && pattern.value.chars().all(|c| c == '*')
        {
            let message = Text::new(
                "`discriminator` is `*`; remove the key, which means the same",
                "`discriminator` が `*` になっている。キーを削除しても意味は同じである",
            );
            self.problem(pattern.line, message);
        }
        let rule = AcceptanceRule {
            policy: written.policy.clone()?.value,
            resource: written.resource.clone()?.value,
            discriminator: written.discriminator.clone().map(|line| line.value),
            acceptance: Acceptance {
                reason: written.reason.clone()?.value,
                owner: written.owner.clone()?.value,
                until: written.until.clone()?.value,
            },
            place: format!("{}:{}", self.written.file, written.line),
        };
        (is_known && is_narrow).then_some(rule)
    }

    // A pattern must name something: an acceptance of everything would turn a policy off
    // without saying so.
    fn resource(&mut self, pattern: &Line<String>) -> bool {
        let names_something = pattern
            .value
            .split([':', '*'])
            .any(|part| !part.is_empty() && !["arn", "aws", "aws-cn", "aws-us-gov"].contains(&part));
        let value = quoted(&pattern.value);
        if !names_something {
            let message = Text::new(
                format!(
                    "`resource` is `{value}`, which accepts everything; name the resource, for instance arn:aws:rds:*:db:shop-db"
                ),
                format!(
                    "`resource` の `{value}` はすべてに一致する。arn:aws:rds:*:db:shop-db のようにリソースを指定する"
                ),
            );
            self.problem(pattern.line, message);
            return false;
        }
        if !pattern.value.starts_with("arn:") && !pattern.value.starts_with('*') {
            let message = Text::new(
                format!(
                    "`resource` is `{value}`, which matches no ARN; write the ARN of the report, or *:{value}"
                ),
                format!(
                    "`resource` の `{value}` に一致する ARN はない。レポートの ARN、または *:{value} と書く"
                ),
            );
            self.problem(pattern.line, message);
            return false;
        }
        true
    }
}
