//! Policies: one YAML file each, checked against the snapshot's types when loaded.
//!
//! A policy says which resources it is about, the invariant they must hold, and ways out
//! when they do not. `policies/README.md` is the guide for authors.

pub mod effect;
pub mod evaluate;
pub mod evidence;
pub mod example;
pub mod expression;
pub mod file;
pub mod held;
pub mod judge;
mod legal_name;
mod links;
pub mod mend;
pub mod parameter;
pub mod path;
pub mod reads;
pub mod schema;
pub mod subject;
pub mod template;

use crate::files::{self, MOST_WRITTEN};
use crate::finding::{CauseKind, Impact, Metric, OptionName, Pillar, Severity, Stage};
use crate::text::{Bilingual, Explained, Text, quoted};
use crate::written::{Problem, closest};
use effect::{Effect, Obstacle};
use example::{Example, ExpectedVerdict};
use expression::CheckedNode;
use include_dir::{Dir, include_dir};
use parameter::Parameters;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use subject::Subject;
use template::Template;

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/policies");

/// A checked policy.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Kebab-case; names the problem; never reused.
    pub id: String,
    /// How much it hurts when it fails.
    pub severity: Severity,
    /// Its pillar, which is its folder.
    pub pillar: Pillar,
    /// The problem in a few words.
    pub title: Text,
    /// What happens to the business if it stays.
    pub risk: Text,
    /// The resources it judges.
    pub subject: Subject,
    /// Whether a copy that a script keeps for a week may fail it until then: `kept_copies: accepted`.
    pub accepts_kept_copies: bool,
    /// Thresholds that `tenken.toml` may change, with the values in effect.
    pub parameters: Parameters,
    /// Elements of a resource that are judged one by one.
    pub each: Option<Each>,
    /// False: not applicable.
    pub when: Option<CheckedNode>,
    /// The invariant. Without it, every element of `each` is a failure.
    pub pass: Option<CheckedNode>,
    /// The invariant as it was written.
    pub pass_source: String,
    /// The message of a failure.
    pub found: Bilingual<Template>,
    /// The message of a pass.
    pub passed: Option<Bilingual<Template>>,
    /// What a finding shows besides what `pass` looks at.
    pub evidence: Vec<CheckedNode>,
    /// Ways out, the recommended one first.
    pub options: Vec<PolicyOption>,
    /// Requirements of frameworks, by framework.
    pub compliance: BTreeMap<String, Vec<String>>,
    /// Where to read more.
    pub references: Vec<String>,
    /// Resources and what they come out as.
    pub examples: Vec<Example>,
    /// The file it came from.
    pub file: String,
    /// The text of the file.
    pub source: String,
}

/// Elements of a resource that are judged one by one.
#[derive(Debug, Clone)]
pub struct Each {
    /// The variable's name.
    pub variable: String,
    /// The list.
    pub list: CheckedNode,
    /// Tells the elements apart, and survives edits of others.
    pub key: CheckedNode,
}

/// A way out.
#[derive(Debug, Clone)]
pub struct PolicyOption {
    /// Its id in the policy.
    pub id: String,
    /// What it does.
    pub title: Bilingual<Template>,
    /// What to do, step by step.
    pub steps: Bilingual<Vec<Template>>,
    /// Commands for the AWS CLI.
    pub cli: Option<Bilingual<Template>>,
    /// The same by their stages; empty where the script is one piece.
    pub blocks: Vec<(Stage, Bilingual<Template>)>,
    /// What it changes that others may share.
    pub causes: Vec<(CauseKind, CheckedNode)>,
    /// Commands that read and show whether `cli` worked, with the expected answer as a comment.
    pub check: Option<Bilingual<Template>>,
    /// Commands that restore the state before `cli`; a comment where that cannot be done.
    pub undo: Option<Bilingual<Template>>,
    /// A Terraform fragment.
    pub terraform: Option<Bilingual<Template>>,
    /// What carrying it out takes; without hours where those depend on the resource.
    pub impact: Impact,
    /// Work for one engineer, once, where it depends on the resource.
    pub effort_hours: Option<CheckedNode>,
    /// How it stands to options of other policies.
    pub links: Vec<Link>,
    /// Whether it only lowers the risk: `mends: partly`.
    pub is_partial: bool,
    /// What it changes for the better.
    pub improves: Vec<PolicyImprovement>,
    /// US dollars a month on top of today; `None` where the policy says that nobody knows.
    pub monthly_cost: Option<CheckedNode>,
    /// What that assumes, or leaves out.
    pub monthly_cost_note: Option<Bilingual<Template>>,
    /// How many times today's load what it leaves carries, before anything scales or is added.
    pub carries: Option<CheckedNode>,
    /// The same of today, where it takes away from that.
    pub carries_today: Option<CheckedNode>,
    /// What it changes.
    pub effect: Effect,
}

/// A policy or an option that an option names.
#[derive(Debug, Clone)]
pub struct Link {
    /// How they stand to each other.
    pub kind: LinkKind,
    /// What is named.
    pub to: OptionName,
    /// The line it stands on, from 1.
    pub line: usize,
}

/// How an option stands to what it names; see [`crate::finding::Relations`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkKind {
    /// `requires`
    Requires,
    /// `excludes`
    Excludes,
    /// `resolves`
    Resolves,
    /// `together_with`
    TogetherWith,
}

/// What an option changes for the better.
#[derive(Debug, Clone)]
pub struct PolicyImprovement {
    /// The line of the table.
    pub metric: Metric,
    /// How it is today.
    pub before: Bilingual<Template>,
    /// How it is afterwards.
    pub after: Bilingual<Template>,
}

/// Every policy of a run, by id.
#[derive(Debug, Clone, Default)]
pub struct PolicySet {
    /// Sorted by id.
    pub policies: Vec<Policy>,
}

/// Policies that cannot be used, with everything that is wrong with them.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.what().en)]
pub struct PolicyError {
    /// In the order of files and lines.
    pub problems: Vec<Problem>,
}

impl Explained for PolicyError {
    fn what(&self) -> Text {
        Problem::all(&self.problems)
    }
}

/// A policy was named that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.what().en)]
pub struct NoSuchPolicy {
    /// As it was named.
    pub id: String,
    /// The id that was probably meant.
    pub meant: Option<String>,
}

impl NoSuchPolicy {
    /// `id` is none of the known ones.
    pub(crate) fn new<'a>(id: &str, known: impl Iterator<Item = &'a str>) -> NoSuchPolicy {
        NoSuchPolicy { id: id.to_owned(), meant: closest(id, known).map(str::to_owned) }
    }
}

impl Explained for NoSuchPolicy {
    fn what(&self) -> Text {
        let id = quoted(&self.id);
        match &self.meant {
            Some(meant) => Text::new(
                format!("find the policy `{id}`; did you mean `{meant}`?"),
                format!("ポリシー `{id}` は存在しない。`{meant}` のことか。"),
            ),
            None => Text::new(
                format!("find the policy `{id}`; `tenken policies list` lists them all"),
                format!("ポリシー `{id}` は存在しない。`tenken policies list` で一覧を確認できる。"),
            ),
        }
    }
}

impl PolicySet {
    /// The policies of the binary. A test checks each of them when tenken is built.
    ///
    /// # Errors
    /// Never in a tested build, as that test compiles the same files.
    pub fn embedded() -> Result<PolicySet, PolicyError> {
        let files = embedded_files();
        PolicySet::compile(files.iter().map(|(name, text)| (name.as_str(), *text)), &[])
    }

    /// The policies of the binary with those of a folder added; the same id replaces.
    ///
    /// # Errors
    /// Every problem of every file of the folder, or that the folder cannot be read.
    pub(crate) fn with_folder(folder: &Path) -> Result<PolicySet, PolicyError> {
        let mut set = PolicySet::embedded()?;
        let own = PolicySet::folder(folder)?;
        set.policies.retain(|policy| !own.policies.iter().any(|other| other.id == policy.id));
        set.policies.extend(own.policies);
        set.policies.sort_by(|left, right| left.id.cmp(&right.id));
        Ok(set)
    }

    /// The policies of a folder alone: `*.yaml` in it and in its pillars' folders.
    ///
    /// # Errors
    /// Every problem of every file, or that the folder cannot be read or has no policy.
    pub fn folder(folder: &Path) -> Result<PolicySet, PolicyError> {
        let unreadable = |path: &Path, why: Text| PolicyError {
            problems: vec![Problem {
                file: path.display().to_string(),
                line: 0,
                message: Text::new(
                    format!("cannot be read: {}", why.en),
                    format!("読み込めない: {}", why.ja),
                ),
            }],
        };
        let mut paths = Vec::new();
        collect_paths(folder, 0, &mut paths)
            .map_err(|(path, error)| unreadable(&path, crate::text::system_error(&error)))?;
        paths.sort();
        if paths.is_empty() {
            let message = Text::same("has no policy (*.yaml); an audit without policies would find nothing");
            return Err(PolicyError {
                problems: vec![Problem { file: folder.display().to_string(), line: 0, message }],
            });
        }
        let mut texts = Vec::new();
        for path in paths {
            let text =
                files::read_text(&path, MOST_WRITTEN).map_err(|error| unreadable(&path, error.what()))?;
            texts.push((path.display().to_string(), text));
        }
        let beside = PolicySet::embedded()?.policies;
        PolicySet::compile(texts.iter().map(|(name, text)| (name.as_str(), text.as_str())), &beside)
    }

    // `beside`: policies that these may name.
    fn compile<'a>(
        files: impl Iterator<Item = (&'a str, &'a str)>,
        beside: &[Policy],
    ) -> Result<PolicySet, PolicyError> {
        let mut problems = Vec::new();
        let mut policies: Vec<Policy> = Vec::new();
        for (name, text) in files {
            match file::read(name, text, &Parameters::new()) {
                Ok(policy) => match policies.iter().find(|other| other.id == policy.id) {
                    Some(other) => problems.push(Problem {
                        file: name.to_owned(),
                        line: 1,
                        message: Text::same(format!("the id `{}` is taken by {}", policy.id, other.file)),
                    }),
                    None => policies.push(policy),
                },
                Err(more) => problems.extend(more),
            }
        }
        policies.sort_by(|left, right| left.id.cmp(&right.id));
        problems.extend(links::problems(&policies, beside));
        problems.sort();
        if problems.is_empty() { Ok(PolicySet { policies }) } else { Err(PolicyError { problems }) }
    }

    /// Gives parameters of a policy other values; their names and types are those that the
    /// policy declares, which the configuration has checked. Others change nothing.
    ///
    /// # Errors
    /// The policy cannot be compiled with them.
    pub fn set_parameters(&mut self, id: &str, values: &Parameters) -> Result<(), PolicyError> {
        for policy in self.policies.iter_mut().filter(|policy| policy.id == id) {
            *policy = file::read(&policy.file, &policy.source, values)
                .map_err(|problems| PolicyError { problems })?;
        }
        Ok(())
    }

    /// The policy with this id, where a person named it.
    ///
    /// # Errors
    /// There is none.
    pub fn named(&self, id: &str) -> Result<&Policy, NoSuchPolicy> {
        let known = self.policies.iter().map(|policy| policy.id.as_str());
        self.find(id).ok_or_else(|| NoSuchPolicy::new(id, known))
    }

    /// The policy with this id.
    pub fn find(&self, id: &str) -> Option<&Policy> {
        self.policies.iter().find(|policy| policy.id == id)
    }

    /// Runs every example.
    ///
    /// # Errors
    /// The examples that come out otherwise than they say.
    pub fn run_examples(&self) -> Result<usize, PolicyError> {
        let mut problems = Vec::new();
        let mut count = 0;
        for policy in &self.policies {
            for example in &policy.examples {
                count += 1;
                let verdict = judge::judge_example(policy, example);
                if verdict != example.expected.as_str() {
                    problems.push(Problem {
                        file: policy.file.clone(),
                        line: example.line,
                        message: Text::same(format!(
                            "this `{}` example comes out as {verdict}",
                            example.expected.as_str()
                        )),
                    });
                }
            }
        }
        problems.extend(self.policies.iter().flat_map(unmended));
        problems.sort();
        if problems.is_empty() { Ok(count) } else { Err(PolicyError { problems }) }
    }
}

// The recommended option must mend every example of a failure.
fn unmended(policy: &Policy) -> Vec<Problem> {
    let Some(option) = policy.options.first().filter(|option| !option.effect.is_empty()) else {
        return Vec::new();
    };
    let failures = policy.examples.iter().filter(|example| example.expected == ExpectedVerdict::Fail);
    let problem = |example: &Example| {
        let reason = match mend::judge_mended(policy, example, option) {
            Ok("pass") => return None,
            Ok(verdict) => format!("comes out as {verdict}; check `effect` and `becomes`"),
            Err(Obstacle::None(what)) => format!("cannot be shown: there is no `{what}` in the example"),
            Err(Obstacle::Unknown(gaps)) => {
                let left_out: Vec<&str> = gaps.iter().filter_map(|gap| gap.about()).collect();
                format!("cannot be shown: the example leaves out {}", left_out.join(", "))
            }
        };
        let message = format!("this `fail` example after the option `{}` {reason}", option.id);
        Some(Problem { file: policy.file.clone(), line: example.line, message: Text::same(message) })
    };
    failures.filter_map(problem).collect()
}

/// The embedded files: path relative to `policies/`, and text.
pub fn embedded_files() -> Vec<(String, &'static str)> {
    let mut files = Vec::new();
    for folder in EMBEDDED.dirs() {
        for file in
            folder.files().filter(|file| file.path().extension().is_some_and(|ending| ending == "yaml"))
        {
            if let Some(text) = file.contents_utf8() {
                files.push((format!("policies/{}", file.path().display()), text));
            }
        }
    }
    files.sort();
    files
}

// Two levels: the folder itself, and one folder for each pillar.
fn collect_paths(
    folder: &Path,
    depth: usize,
    paths: &mut Vec<PathBuf>,
) -> Result<(), (PathBuf, std::io::Error)> {
    let entries = std::fs::read_dir(folder).map_err(|error| (folder.to_owned(), error))?;
    for entry in entries {
        let path = entry.map_err(|error| (folder.to_owned(), error))?.path();
        if path.is_dir() && depth == 0 {
            collect_paths(&path, depth + 1, paths)?;
        } else if path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml") {
            paths.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use file::tests::{POLICY, edited, policy};

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    fn ids(set: &PolicySet) -> Vec<&str> {
        set.policies.iter().map(|policy| policy.id.as_str()).collect()
    }

    fn problems(error: &PolicyError) -> Vec<String> {
        error.problems.iter().map(|problem| format!("{}: {}", problem.line, problem.message.en)).collect()
    }

    #[test]
    fn a_folder_replaces_policies_of_the_same_id_and_adds_the_others() {
        let own = POLICY.replace("rds-single-az", "zz-own");
        let other = edited(&[("Database has no standby", "Alone")]);
        let folder = folder(&[("rds-single-az.yaml", &other), ("zz-own.yaml", &own)]);
        let (built_in, set) =
            (PolicySet::embedded().unwrap(), PolicySet::with_folder(folder.path()).unwrap());
        let mut expected = ids(&built_in);
        expected.push("zz-own");
        assert!(expected.is_sorted());
        assert_eq!(ids(&set), expected);
        assert_eq!(set.find("rds-single-az").unwrap().title.en, "Alone");
        assert_eq!(set.find("rds-unencrypted-storage").map(|policy| &policy.file[..9]), Some("policies/"));
    }

    #[test]
    fn policies_are_yaml_in_a_folder_and_in_its_folders() {
        let named = |id: &str| POLICY.replace("rds-single-az", id);
        let (one, two, three) = (named("b-one"), named("a-two"), named("c-three"));
        let found = folder(&[
            ("b-one.yaml", &one),
            ("own/a-two.yml", &two),
            ("own/deeper/c-three.yaml", &three),
            ("own/notes.txt", "none"),
            ("README.md", "none"),
        ]);
        assert_eq!(ids(&PolicySet::folder(found.path()).unwrap()), ["a-two", "b-one"]);
        let twice = folder(&[("a/b-one.yaml", &one), ("b/b-one.yaml", &one)]);
        let first = twice.path().join("a/b-one.yaml");
        assert_eq!(
            problems(&PolicySet::folder(twice.path()).unwrap_err()),
            [format!("1: the id `b-one` is taken by {}", first.display())]
        );
        let missing = PolicySet::folder(&found.path().join("none")).unwrap_err();
        assert!(problems(&missing)[0].starts_with("0: cannot be read: "), "{missing}");
        let empty = PolicySet::folder(&found.path().join("own/deeper/none")).unwrap_err();
        assert_eq!(empty.problems.len(), 1);
    }

    #[test]
    fn built_in_files_are_the_policies_of_the_pillars() {
        let files = embedded_files();
        assert!(files.len() > 50 && files.is_sorted(), "{}", files.len());
        for (name, text) in &files {
            let parts: Vec<&str> = name.split('/').collect();
            let [top, pillar, file] = parts.as_slice() else { panic!("{name}") };
            assert_eq!((*top, file.ends_with(".yaml")), ("policies", true), "{name}");
            assert!(Pillar::ALL.iter().any(|known| known.as_str() == *pillar), "{name}");
            assert!(text.contains(file.trim_end_matches(".yaml")), "{name}");
        }
    }

    #[test]
    fn a_policy_is_found_by_its_id_and_others_are_suggested() {
        let set = PolicySet { policies: vec![policy(POLICY)] };
        assert_eq!(set.named("rds-single-az").map(|policy| policy.id.as_str()), Ok("rds-single-az"));
        assert!(set.find("rds-single").is_none());
        let near = set.named("rds-single-zz").unwrap_err();
        assert_eq!(near.to_string(), "find the policy `rds-single-zz`; did you mean `rds-single-az`?");
        assert!(near.what().ja.contains("`rds-single-az` のことか"));
        let far = set.named("x").unwrap_err();
        assert_eq!(far.to_string(), "find the policy `x`; `tenken policies list` lists them all");
        assert!(far.what().ja.contains("`tenken policies list`"));
    }

    #[test]
    fn parameters_of_other_policies_change_nothing() {
        let text = edited(&[(
            "pass: db.multi_az",
            "parameters: { days_min: 7 }\npass: db.backup_retention_days > days_min",
        )]);
        let mut set = PolicySet { policies: vec![policy(&text)] };
        let days = |set: &PolicySet| set.policies[0].parameters["days_min"].clone();
        let values = Parameters::from([("days_min".to_owned(), parameter::PolicyParameter::Int(9))]);
        set.set_parameters("other", &values).unwrap();
        assert_eq!(days(&set), parameter::PolicyParameter::Int(7));
        set.set_parameters("rds-single-az", &values).unwrap();
        assert_eq!(days(&set), parameter::PolicyParameter::Int(9));
    }

    #[test]
    fn examples_are_counted_and_those_that_come_out_otherwise_are_told() {
        let set = |text: &str| PolicySet { policies: vec![policy(text)] };
        assert_eq!(set(POLICY).run_examples().unwrap(), 3);
        let twice = edited(&[("  - unknown:", "  - pass: { db: { id: b, multi_az: true } }\n  - unknown:")]);
        assert_eq!(set(&twice).run_examples().unwrap(), 4);
        for (from, to, expected) in [
            ("multi_az: true } }", "multi_az: false } }", "17: this `pass` example comes out as fail"),
            (
                "effect: [ { set: db.multi_az, to: true } ]",
                "effect: [ { set: db.publicly_accessible, to: true } ]",
                "18: this `fail` example after the option `multi-az` comes out as fail; check `effect` and `becomes`",
            ),
            (
                "effect: [ { set: db.multi_az, to: true } ]",
                "effect: [ { set: db.multi_az, to: db.publicly_accessible } ]",
                "18: this `fail` example after the option `multi-az` cannot be shown: the example leaves out db.publicly_accessible",
            ),
            (
                "effect: [ { set: db.multi_az, to: true } ]",
                "effect: [ { set: db.id, to: '{db.cluster_id}' } ]\n    becomes: { db: { cluster_id: b } }",
                "19: this `fail` example after the option `multi-az` comes out as fail; check `effect` and `becomes`",
            ),
        ] {
            let error = set(&edited(&[(from, to)])).run_examples().unwrap_err();
            assert_eq!(problems(&error), [expected], "{to}");
        }
        // An option of which nothing is known to change is not tried.
        let mut untold = policy(&edited(&[("to: true", "to: false")]));
        untold.options[0].effect = Effect::default();
        assert_eq!(PolicySet { policies: vec![untold] }.run_examples().unwrap(), 3);
    }
}
