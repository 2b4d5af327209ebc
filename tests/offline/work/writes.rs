//! What a script writes: resources of AWS and their arguments, read from the commands.

use std::collections::BTreeSet;

/// An argument of a resource that a script writes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Write {
    pub resource: String,
    pub argument: String,
}

/// Flags that name the resource.
const RESOURCE: &[&str] = &[
    "--db-instance-identifier",
    "--db-cluster-identifier",
    "--db-subnet-group-name",
    "--service",
    "--listener-arn",
    "--load-balancer-arn",
    "--target-group-arn",
    "--group-id",
    "--subnet-id",
    "--role-name",
    "--resource-id",
    "--repository-name",
    "--topic-arn",
    "--alarm-names",
    "--log-group-name",
    "--network-acl-id",
    "--secret-id",
    "--bucket",
];

/// Flags that change nothing by themselves.
const NO_ARGUMENT: &[&str] = &[
    "--region",
    "--query",
    "--output",
    "--apply-immediately",
    "--force-new-deployment",
    "--cluster",
    "--service-namespace",
    "--scalable-dimension",
    // What takes its place is looked at in `rollouts`.
    "--task-definition",
];

/// Operations that read, or that make something new beside what is there.
const WRITING_NOTHING: &[&str] = &[
    "describe", "list", "get", "wait", "generate", "start", "admin", "create", "copy", "restore", "register",
];

/// Everything that the script writes, each once. What is named by a variable alone is left out, unless
/// the variable goes through a list that is written out.
pub(super) fn writes(script: &str) -> BTreeSet<Write> {
    let mut found = BTreeSet::new();
    for line in script.lines().filter(|line| !line.trim_start().starts_with('#')) {
        for command in line.split("aws ").skip(1) {
            let words = words(command);
            let [service, operation, flags @ ..] = words.as_slice() else { continue };
            if WRITING_NOTHING
                .iter()
                .any(|word| operation.starts_with(word) && operation != "register-scalable-target")
            {
                continue;
            }
            for resource in resources(script, flags) {
                for argument in arguments(operation, flags) {
                    found.insert(Write { resource: format!("{service} {resource}"), argument });
                }
            }
        }
    }
    found
}

// Up to where the command ends.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for c in command.chars() {
        match (c, quote) {
            ('\'' | '"', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            (' ', None) => words.push(String::new()),
            ('|' | ';' | ')' | '#', None) => break,
            _ => words.last_mut().unwrap().push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn value<'w>(flags: &'w [String], name: &str) -> Option<&'w str> {
    let place = flags.iter().position(|flag| flag == name)?;
    flags.get(place + 1).map(String::as_str)
}

fn resources(script: &str, flags: &[String]) -> Vec<String> {
    let Some(named) = RESOURCE.iter().find_map(|flag| value(flags, flag)) else {
        return Vec::new();
    };
    match named.strip_prefix('$') {
        None if named.contains('$') => Vec::new(),
        None => vec![named.rsplit('/').next().unwrap().to_owned()],
        Some(variable) => {
            let before = format!("for {variable} in $(echo \"");
            let lists = script.split(&before).skip(1).filter_map(|rest| rest.split('"').next());
            lists.flat_map(|list| list.split(", ")).map(str::to_owned).collect()
        }
    }
}

fn arguments(operation: &str, flags: &[String]) -> Vec<String> {
    match operation {
        "authorize-security-group-ingress" | "revoke-security-group-ingress" => vec!["ingress".to_owned()],
        "modify-load-balancer-attributes"
        | "modify-listener-attributes"
        | "modify-target-group-attributes" => {
            let keys = flags.iter().filter_map(|flag| flag.strip_prefix("Key="));
            keys.map(|key| key.split(',').next().unwrap().to_owned()).collect()
        }
        "put-role-policy" | "delete-role-policy" => {
            value(flags, "--policy-name").map(|name| format!("policy {name}")).into_iter().collect()
        }
        "attach-role-policy" | "detach-role-policy" => {
            value(flags, "--policy-arn").map(|name| format!("policy {name}")).into_iter().collect()
        }
        _ => {
            let names = flags.iter().filter(|flag| flag.starts_with("--"));
            let names = names
                .filter(|flag| !RESOURCE.contains(&flag.as_str()) && !NO_ARGUMENT.contains(&flag.as_str()));
            names.map(|flag| flag.trim_start_matches("--no-").trim_start_matches("--").to_owned()).collect()
        }
    }
}

/// The files that a piece of a script writes and that are there when it has ended.
pub(super) fn left_behind(piece: &str) -> BTreeSet<String> {
    let file = |rest: &str| {
        let rest = rest.trim_start();
        let (word, quote) = match rest.strip_prefix('"') {
            Some(rest) => (rest, '"'),
            None => (rest, ' '),
        };
        word.split([quote, ';', ')', '\n']).next().unwrap_or_default().to_owned()
    };
    let mut left = BTreeSet::new();
    for line in piece.lines().filter(|line| !line.trim_start().starts_with('#')) {
        let redirected = line.match_indices(" > ").filter_map(|(at, _)| line.get(at + 3..));
        left.extend(
            redirected.map(file).filter(|name| !name.starts_with(['/', '&']) && !name.contains("$(")),
        );
        for gone in ["mv ", "rm -f "] {
            for (at, _) in line.match_indices(gone) {
                let words = line.get(at + gone.len()..).unwrap_or_default();
                left.remove(&file(words));
            }
        }
    }
    left
}

/// The services that get a task definition which the script registers, and whether it starts from the one
/// that they run then, not from a revision of the audit.
pub(super) fn rollouts(script: &str) -> Vec<(String, bool)> {
    if !script.contains("ecs register-task-definition") {
        return Vec::new();
    }
    let reads = script.lines().filter(|line| line.contains("--include TAGS"));
    let is_live = reads.clone().count() > 0
        && reads.clone().all(|line| {
            line.contains("--task-definition \"$(aws ecs describe-services")
                || line.contains("--task-definition \"$OLD_TASK_DEFINITION_ARN\"")
        });
    let lines = script
        .lines()
        .filter(|line| line.starts_with("aws ecs update-service") && line.contains("--task-definition"));
    let names = lines.filter_map(|line| line.split("--service ").nth(1)?.split(' ').next());
    names.map(|name| (name.to_owned(), is_live)).collect()
}

/// The fields of a task definition, or of its containers, that the script's programs of jq change.
pub(super) fn changed_fields(script: &str) -> BTreeSet<String> {
    let mut fields = BTreeSet::new();
    for line in script.lines().filter(|line| line.contains("jq ") && line.contains("> task-definition")) {
        for (at, operator) in
            line.match_indices(" |= ").chain(line.match_indices(" = ")).chain(line.match_indices(" += "))
        {
            assert!(!operator.is_empty());
            let before = line.get(..at).unwrap();
            let field = before.rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '.')).next().unwrap();
            let field = field.trim_start_matches('.');
            if !field.is_empty() && !["containerDefinitions", "tags"].contains(&field) {
                let container = ["--arg container \"", ".name == \""]
                    .iter()
                    .find_map(|before| line.split(before).nth(1)?.split('"').next());
                let field = field.split('.').next().unwrap();
                fields.insert(format!("{} {field}", container.unwrap_or_default()));
            }
        }
    }
    fields
}
