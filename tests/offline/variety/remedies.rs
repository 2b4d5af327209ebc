//! No remedy harms: what the scripts of all policies may do, and in which order.

mod contents;

use saphyr::{LoadableYamlNode, Yaml};
use std::fmt::Write as _;
use std::path::Path;

/// A part of an option's commands as it stands in its policy, in one language.
struct Script {
    place: String,
    text: String,
}

/// What one line of a script does, in the order of the script.
#[derive(Debug, PartialEq, Eq)]
enum Act {
    /// A person reads, looks and goes on.
    Stop,
    /// Shows on the screen how things are, or waits until they are so.
    Look,
    /// Changes something, and leaves what there was.
    Change(String),
    /// Takes away what was there.
    Destroy(String),
}

// The first words of the operations in the AWS models (botocore 1.44.8, the services that the
// scripts use) that change nothing …
const LOOKS: &[&str] = &[
    "batch-get",
    "check",
    "describe",
    "discover",
    "download",
    "filter",
    "generate",
    "get",
    "head",
    "list",
    "ls",
    "search",
    "select",
    "simulate",
    "start-session",
    "test",
    "validate",
    "verify",
    "wait",
];
// … that take something away: data, access, protection, or what runs …
const DESTROYS: &[&str] = &[
    "abort",
    "archive",
    "cancel",
    "deactivate",
    "deauthorize",
    "delete",
    "deprovision",
    "deregister",
    "detach",
    "disable",
    "disassociate",
    "disconnect",
    "purge",
    "rb",
    "reboot",
    "reject",
    "release",
    "remove",
    "reset",
    "retire",
    "revoke",
    "rm",
    "rotate",
    "schedule",
    "stop",
    "suspend",
    "terminate",
    "unassign",
    "unmonitor",
    "unsubscribe",
    "untag",
    "withdraw",
];
// … and that make or change something.
const CHANGES: &[&str] = &[
    "add",
    "allocate",
    "apply",
    "associate",
    "attach",
    "authorize",
    "copy",
    "cp",
    "create",
    "enable",
    "execute",
    "import",
    "mb",
    "modify",
    "promote",
    "put",
    "register",
    "replace",
    "request",
    "restore",
    "run",
    "set",
    "start",
    "subscribe",
    "switchover",
    "tag",
    "update",
];

// The options of all policies: `cli`, `check` and `undo`, both languages.
fn scripts(part: &str) -> Vec<Script> {
    let mut found = Vec::new();
    for pillar in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("policies")).unwrap() {
        let pillar = pillar.unwrap().path();
        if !pillar.is_dir() {
            continue;
        }
        for file in std::fs::read_dir(pillar).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            let document = Yaml::load_from_str(&text).unwrap().remove(0);
            let policy = document["id"].as_str().unwrap().to_owned();
            for option in document["options"].as_vec().unwrap() {
                let place = format!("{policy}/{} {part}", option["id"].as_str().unwrap());
                let Some(script) = option.as_mapping_get(part) else {
                    continue;
                };
                for (at, language) in ["en", "ja"].iter().enumerate() {
                    let text = match script.as_vec() {
                        // Blocks with their stages, in order.
                        Some(blocks) => {
                            let blocks = blocks.iter().map(|block| {
                                let (_, text) = block.as_mapping().unwrap().iter().next().unwrap();
                                one_script(text, at, language)
                            });
                            blocks.map(|text| text.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
                        }
                        None => one_script(script, at, language),
                    };
                    found.push(Script { place: format!("{place} ({language})"), text });
                }
            }
        }
    }
    found.sort_by(|one, other| one.place.cmp(&other.place));
    found
}

fn one_script(script: &Yaml<'_>, at: usize, language: &str) -> String {
    match script.as_str() {
        Some(both) => both.lines().map(|line| in_language(line, at)).collect::<Vec<_>>().join("\n"),
        None => script[language].as_str().unwrap().to_owned(),
    }
}

// A line with the words of its comment in one language.
fn in_language(line: &str, at: usize) -> String {
    match (line.split_once(" ## "), line.find("# ")) {
        (Some((english, _)), _) if at == 0 => english.to_owned(),
        (Some((_, japanese)), Some(comment)) => format!("{}{japanese}", &line[..comment + 2]),
        _ => line.to_owned(),
    }
}

// What a script does, line by line; an operation that is in no list is a mistake of this test.
fn acts(script: &str) -> Result<Vec<Act>, String> {
    let mut acts = Vec::new();
    for line in script.lines() {
        // `tenken fix` waits at a comment at the beginning of a line, not within a loop.
        if line.starts_with("# stop here") || line.starts_with("# ここで止め") {
            acts.push(Act::Stop);
            continue;
        }
        let code = line.trim_start();
        if code.starts_with('#') {
            continue;
        }
        if ["curl ", "diff ", "test "].iter().any(|command| code.starts_with(command)) {
            acts.push(Act::Look);
        }
        let code = code.split("  # ").next().unwrap_or_default();
        for (at, _) in code.match_indices("aws ") {
            let before = &code[..at];
            if !(before.is_empty() || before.ends_with([' ', '(', '|', ';'])) {
                continue;
            }
            let mut words = code[at + 4..].split([' ', ')', ';', '"']);
            let (Some(service), Some(operation)) = (words.next(), words.next()) else {
                continue;
            };
            let is = |verbs: &[&str]| {
                verbs.iter().any(|verb| operation == *verb || operation.starts_with(&format!("{verb}-")))
            };
            let name = format!("{service} {operation}");
            if is(LOOKS) {
                // What goes into a variable or another command is not seen by anybody.
                if before.is_empty() || before == "! " {
                    acts.push(Act::Look);
                }
            } else if is(DESTROYS) {
                acts.push(Act::Destroy(name));
            } else if is(CHANGES) {
                acts.push(Act::Change(name));
            } else {
                return Err(format!("`{name}` is neither known to look, to change nor to destroy"));
            }
        }
    }
    Ok(acts)
}

// What is wrong with the order of a script.
fn hasty(acts: &[Act]) -> Option<String> {
    for (at, act) in acts.iter().enumerate() {
        let Act::Destroy(name) = act else {
            continue;
        };
        // Since the last change. What was destroyed right before belongs to the same step.
        let since =
            acts[..at].iter().rposition(|act| matches!(act, Act::Change(_))).map_or(0, |last| last + 1);
        let before = &acts[since..at];
        let Some(stop) = before.iter().rposition(|act| *act == Act::Stop) else {
            return Some(format!("{name} without a stop since the last change"));
        };
        if !before[..stop].contains(&Act::Look) {
            return Some(format!("{name}: nothing is looked at before the stop"));
        }
        let admits = |act: &Act| matches!(act, Act::Change(later) if later.contains(" authorize-") || later.contains(" attach-role"));
        let takes_away = name.contains(" revoke-") || name.contains(" detach-");
        if takes_away && acts[at..].iter().any(admits) {
            return Some(format!("{name} comes before somebody is admitted"));
        }
    }
    None
}

#[test]
fn nothing_is_destroyed_before_a_person_has_looked() {
    let mut problems = String::new();
    let (mut read, mut destroyed) = (0, 0);
    for script in scripts("cli") {
        match acts(&script.text) {
            Ok(acts) => {
                read += 1;
                destroyed += acts.iter().filter(|act| matches!(act, Act::Destroy(_))).count();
                if let Some(problem) = hasty(&acts) {
                    writeln!(problems, "{}: {problem}", script.place).unwrap();
                }
            }
            Err(problem) => writeln!(problems, "{}: {problem}", script.place).unwrap(),
        }
    }
    assert_eq!(problems, "");
    assert!(read > 100 && destroyed > 20, "{read} scripts were read, {destroyed} deletions found");
}

#[test]
fn a_hasty_script_is_noticed() {
    let made = "aws ssm put-parameter --name b";
    let look = "aws ssm describe-parameters  # both";
    let stop = "# stop here and see that nothing reads a";
    let gone = "aws ssm delete-parameter --name a";
    let cases: &[(&str, &[&str], Option<&str>)] = &[
        ("looked, stopped, deleted", &[made, look, stop, gone], None),
        ("two deletions in one step", &[look, stop, gone, gone], None),
        (
            "in the same breath",
            &[made, gone],
            Some("ssm delete-parameter without a stop since the last change"),
        ),
        ("no look", &[made, stop, gone], Some("ssm delete-parameter: nothing is looked at before the stop")),
        (
            "a stop before what was made",
            &[look, stop, made, gone],
            Some("ssm delete-parameter without a stop since the last change"),
        ),
        (
            "looked after the stop",
            &[made, stop, look, gone],
            Some("ssm delete-parameter: nothing is looked at before the stop"),
        ),
        (
            "what a variable holds, nobody sees",
            &[made, "X=$(aws ssm describe-parameters)", stop, gone],
            Some("ssm delete-parameter: nothing is looked at before the stop"),
        ),
        (
            "a stop within a loop stops nobody",
            &[look, "  # stop here and look", gone],
            Some("ssm delete-parameter without a stop since the last change"),
        ),
        (
            "revoked before somebody is admitted",
            &[
                look,
                stop,
                "aws ec2 revoke-security-group-ingress",
                "aws ec2 authorize-security-group-ingress",
            ],
            Some("ec2 revoke-security-group-ingress comes before somebody is admitted"),
        ),
        (
            "within a loop",
            &[
                "for X in $(aws ec2 describe-security-group-rules); do aws ec2 revoke-security-group-ingress; done",
            ],
            Some("ec2 revoke-security-group-ingress without a stop since the last change"),
        ),
    ];
    for (name, lines, expected) in cases {
        assert_eq!(hasty(&acts(&lines.join("\n")).unwrap()).as_deref(), *expected, "{name}");
    }
    assert!(acts("aws ssm vaporise-parameter").is_err());
}
