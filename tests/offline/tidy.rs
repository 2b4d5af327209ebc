//! The structure of the project, held by tests: who may import whom, what is generated,
//! and that nothing grows without bounds.

mod imports;
mod names;
mod security;

use imports::{Crates, Use};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Module, and the modules that it may use, all of them above it. ARCHITECTURE.md shows the same table.
const IMPORTS: &[(&str, &[&str])] = &[
    ("arn", &[]),
    ("digest", &[]),
    ("text", &[]),
    ("files", &["digest", "text"]),
    ("secret", &[]),
    ("written", &["text"]),
    ("shared_config", &["text"]),
    ("snapshot", &["files", "text"]),
    ("recording", &["arn", "digest", "files", "secret", "snapshot", "text"]),
    ("terraform", &["arn", "digest", "snapshot", "text"]),
    ("conclude", &["arn", "snapshot", "terraform", "text"]),
    ("finding", &["arn", "digest", "text", "snapshot"]),
    ("price", &["text", "snapshot"]),
    (
        "policy",
        &[
            "arn",
            "digest",
            "files",
            "terraform",
            "text",
            "snapshot",
            "conclude",
            "finding",
            "price",
            "written",
        ],
    ),
    ("cost", &["arn", "finding", "price", "snapshot", "text"]),
    ("work", &["arn", "finding", "snapshot", "text", "written"]),
    ("diagram", &["arn", "conclude", "finding", "snapshot", "text"]),
    ("plan", &["arn", "cost", "finding", "price", "snapshot", "text", "work"]),
    ("history", &["arn", "digest", "files", "text", "finding", "snapshot", "work"]),
    ("simulate", &["arn", "text", "snapshot", "finding", "policy"]),
    (
        "report",
        &["text", "cost", "diagram", "finding", "history", "plan", "price", "simulate", "snapshot", "work"],
    ),
    ("fix", &["snapshot", "terraform", "text", "finding", "policy", "report", "work"]),
    ("adopt", &["finding", "snapshot", "terraform", "text"]),
    (
        "config",
        &["arn", "text", "finding", "history", "plan", "policy", "report", "cost", "price", "written"],
    ),
    ("ask", &["arn", "files", "recording", "secret", "shared_config", "snapshot", "text"]),
    ("collect", &["arn", "ask", "price", "secret", "snapshot"]),
    (
        "deliver",
        &[
            "arn",
            "ask",
            "config",
            "digest",
            "finding",
            "history",
            "report",
            "shared_config",
            "snapshot",
            "text",
        ],
    ),
    (
        "run",
        &[
            "ask",
            "collect",
            "config",
            "cost",
            "deliver",
            "diagram",
            "files",
            "finding",
            "history",
            "plan",
            "policy",
            "price",
            "recording",
            "report",
            "simulate",
            "snapshot",
            "text",
        ],
    ),
    ("lambda", &["ask", "config", "deliver", "finding", "history", "report", "run", "text", "written"]),
    (
        "cli",
        &[
            "adopt", "ask", "config", "cost", "deliver", "finding", "fix", "history", "plan", "price",
            "report", "run", "simulate", "snapshot", "text", "work",
        ],
    ),
    ("main", &["cli"]),
    ("bin", &["lambda", "run"]),
];

/// Words that a module without network, clock and environment may not use.
const OUTSIDE: &[&str] =
    &["aws_", "tokio", "SystemTime", "Instant::now", "std::env", "std::net::Tcp", "async fn"];

/// The files of `deliver` that talk to the world.
const CHANNELS: &[&str] = &["aws.rs", "channels.rs", "fetch.rs", "post.rs", "s3.rs"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.extension().is_some_and(|extension| extension == ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The files of each module of `src`, with their code: comments and tests left out.
fn modules() -> BTreeMap<String, Vec<(PathBuf, String)>> {
    let src = root().join("src");
    let mut modules: BTreeMap<String, Vec<(PathBuf, String)>> = BTreeMap::new();
    for path in files(&src, "rs") {
        let relative = path.strip_prefix(&src).unwrap();
        let first = relative.components().next().unwrap().as_os_str().to_string_lossy();
        let module = first.trim_end_matches(".rs").to_owned();
        if relative.ends_with("tests.rs") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        let code: Vec<&str> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        modules.entry(module).or_default().push((relative.to_owned(), code.join("\n")));
    }
    modules
}

/// What the files of `src` use of each other.
fn uses() -> BTreeSet<Use> {
    Crates::read(&root().join("src"), "tenken").uses()
}

/// The module at the top that a file of `src` belongs to.
fn top(file: &str) -> &str {
    file.split('/').next().unwrap_or_default().trim_end_matches(".rs")
}

#[test]
fn modules_use_only_what_the_table_allows() {
    let mut used: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut problems = Vec::new();
    let uses = uses();
    for one in &uses {
        let (from, to) = (top(&one.from), top(&one.to));
        if from == to {
            continue;
        }
        used.entry(from).or_default().insert(to);
        let allowed = IMPORTS.iter().find(|(module, _)| *module == from).map(|(_, allowed)| *allowed);
        if !allowed.unwrap_or_default().contains(&to) {
            problems.push(format!("{} uses {to}: {}", one.from, one.path));
        }
    }
    for (index, (module, allowed)) in IMPORTS.iter().enumerate() {
        for other in *allowed {
            if !IMPORTS[..index].iter().any(|(above, _)| above == other) {
                problems.push(format!("the row of {module} names {other}, which is not above it"));
            }
            if !used.get(module).is_some_and(|used| used.contains(other)) {
                problems.push(format!("the row of {module} allows {other}, which it does not use"));
            }
        }
    }
    let rows: BTreeSet<String> = IMPORTS.iter().map(|(module, _)| (*module).to_owned()).collect();
    let mut modules: BTreeSet<String> = modules().into_keys().collect();
    // It only names the modules.
    modules.remove("lib");
    assert_eq!(rows, modules, "each module has a row");
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn no_modules_use_each_other_in_a_circle() {
    let circles = imports::circles(&uses());
    assert!(circles.is_empty(), "{circles:#?}");
}

#[test]
fn only_collecting_and_running_touch_the_world() {
    let modules = modules();
    let mut problems = Vec::new();
    for module in [
        "arn",
        "digest",
        "text",
        "files",
        "secret",
        "written",
        "snapshot",
        "recording",
        "conclude",
        "finding",
        "price",
        "cost",
        "diagram",
        "plan",
        "policy",
        "report",
        "history",
        "config",
        "simulate",
    ] {
        for (path, code) in &modules[module] {
            for word in OUTSIDE.iter().filter(|word| code.contains(**word)) {
                problems.push(format!("{} says `{word}`", path.display()));
            }
        }
    }
    // What is said and when it is stored is decided without the world; only the channels touch it.
    for (path, code) in &modules["deliver"] {
        let is_channel = CHANNELS.iter().any(|name| path.ends_with(name));
        for word in OUTSIDE.iter().filter(|word| !is_channel && code.contains(**word)) {
            problems.push(format!("{} says `{word}`", path.display()));
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

/// A run, the command line and the function ask for the time in one file and for the environment in
/// another, so that a test can give them both.
#[test]
fn time_and_environment_have_one_place_each() {
    const WORDS: &[&str] =
        &["std::env", "SystemTime::now", "Instant::now", "Timestamp::now", "Zoned::now", "process::id"];
    let modules = modules();
    let mut problems = Vec::new();
    for module in ["run", "cli", "main", "lambda", "bin"] {
        for (path, code) in &modules[module] {
            let is_the_place = path.ends_with("run/clock.rs") || path.ends_with("run/environment.rs");
            for word in WORDS.iter().filter(|word| !is_the_place && code.contains(**word)) {
                problems.push(format!("{} says `{word}`", path.display()));
            }
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

/// ARCHITECTURE.md with the table of imports between its two marks.
fn with_imports() -> String {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let (begin, end) = ("<!-- imports: begin -->\n", "<!-- imports: end -->\n");
    let (before, rest) = text.split_once(begin).unwrap();
    let (_, after) = rest.split_once(end).unwrap();
    let mut table = "| module | may use |\n|---|---|\n".to_owned();
    for (module, allowed) in IMPORTS {
        let allowed = if allowed.is_empty() { "nothing of ours".to_owned() } else { allowed.join(", ") };
        table.push_str(&format!("| `{module}` | {allowed} |\n"));
    }
    format!("{before}{begin}{table}{end}{after}")
}

/// Files whose contents come from the code. `UPDATE_GENERATED=1 cargo test` rewrites them.
#[test]
fn generated_files_are_current() {
    let permissions = tenken::run::guide::permissions();
    let pretty = |schema: serde_json::Value| format!("{schema:#}\n");
    let generated = [
        ("ARCHITECTURE.md", with_imports()),
        ("docs/snapshot.schema.json", pretty(tenken::run::guide::snapshot_schema())),
        ("docs/report.schema.json", pretty(tenken::report::scan::schema())),
        ("docs/plan.schema.json", pretty(tenken::report::plan::schema())),
        ("docs/cost.schema.json", pretty(tenken::report::cost::schema())),
        ("docs/simulation.schema.json", pretty(tenken::report::simulation::schema())),
        ("docs/fix.schema.json", pretty(tenken::fix::schema())),
        ("docs/announcement.schema.json", pretty(tenken::deliver::document::schema())),
        ("docs/lambda-answer.schema.json", pretty(tenken::lambda::schema())),
        ("docs/fields.md", tenken::run::guide::field_reference()),
        ("policies/schema.json", pretty(tenken::run::guide::policy_schema())),
        ("docs/permissions.json", format!("{permissions}\n")),
        ("deploy/terraform/permissions.json", format!("{permissions}\n")),
        ("deploy/cloudformation.yaml", with_permissions("deploy/cloudformation.yaml", &permissions)),
        ("policies/README.md", tenken::run::guide::policy_index().unwrap()),
    ];
    let mut stale = Vec::new();
    for (name, text) in generated {
        let path = root().join(name);
        if std::env::var_os("UPDATE_GENERATED").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &text).unwrap();
        }
        if fs::read_to_string(&path).unwrap_or_default() != text {
            stale.push(name);
        }
    }
    assert!(
        stale.is_empty(),
        "run UPDATE_GENERATED=1 cargo test --no-default-features --test offline generated: {stale:?}"
    );
}

/// The template with the statement of `tenken permissions` between its two marks.
fn with_permissions(name: &str, permissions: &str) -> String {
    let text = fs::read_to_string(root().join(name)).unwrap();
    let (before, rest) = text.split_once("# permissions: begin\n").unwrap();
    let (_, after) = rest.split_once("# permissions: end\n").unwrap();
    let policy: serde_json::Value = serde_json::from_str(permissions).unwrap();
    let statements = policy.get("Statement").unwrap().as_array().unwrap();
    let statement = statements.first().unwrap();
    assert_eq!(statements.len(), 1, "the template holds one statement of the audit");
    assert_eq!(
        (statement.get("Effect"), statement.get("Resource")),
        (Some(&"Allow".into()), Some(&"*".into()))
    );
    let indent = " ".repeat(14);
    let mut block = format!("{indent}- Sid: {}\n", statement["Sid"].as_str().unwrap());
    block.push_str(&format!("{indent}  Effect: Allow\n{indent}  Action:\n"));
    for action in statement["Action"].as_array().unwrap() {
        block.push_str(&format!("{indent}    - {}\n", action.as_str().unwrap()));
    }
    block.push_str(&format!("{indent}  Resource: \"*\"\n"));
    format!("{before}# permissions: begin\n{block}{indent}# permissions: end\n{after}")
}

/// The READMEs show what `make demo` prints: each part between `…` stands in the expected output.
#[test]
fn readmes_show_the_real_output_of_the_demo() {
    for (readme, golden) in
        [("README.md", "screen-ec-site-en.txt"), ("README.ja.md", "screen-ec-site-ja.txt")]
    {
        let text = fs::read_to_string(root().join(readme)).unwrap();
        let golden = fs::read_to_string(root().join("tests/golden").join(golden)).unwrap();
        let block = text.split("```text\n").nth(1).and_then(|rest| rest.split("\n```").next()).unwrap();
        let (_, shown) = block.split_once('\n').unwrap();
        for part in shown.split("\n…\n") {
            assert!(
                golden.contains(part.trim_matches('\n')),
                "{readme} shows what the demo does not print:\n{part}"
            );
        }
    }
}

#[test]
fn every_dependency_says_why() {
    let text = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let mut section = String::new();
    let mut is_explained = false;
    let mut problems = Vec::new();
    for line in text.lines() {
        if line.starts_with('[') {
            section = line.to_owned();
            is_explained = false;
        } else if line.starts_with('#') {
            is_explained = true;
        } else if line.trim().is_empty() {
            is_explained = false;
        } else if section.ends_with("dependencies]") && !is_explained {
            problems.push(line.to_owned());
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

/// Cargo.toml turns tests in comments off, because there are none.
#[test]
fn no_comment_holds_an_example_in_rust() {
    let mut problems = Vec::new();
    for path in files(&root().join("src"), "rs") {
        let text = fs::read_to_string(&path).unwrap();
        let comments = text.lines().map(str::trim_start).filter(|line| line.starts_with("//"));
        let mut fences =
            comments.filter_map(|line| line.trim_start_matches(['/', '!', ' ']).strip_prefix("```"));
        while let Some(label) = fences.next() {
            if !["text", "toml", "json", "yaml", "sh"].contains(&label) {
                problems.push(format!("{}: {label:?}", path.display()));
            }
            fences.next();
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

/// A file that no `main.rs` names is never compiled, and one that lies in `tests/` itself links the
/// whole library once more.
#[test]
fn every_file_of_tests_belongs_to_a_binary() {
    let tests = root().join("tests");
    let mut problems = Vec::new();
    for folder in ["offline", "aws"] {
        let main = fs::read_to_string(tests.join(folder).join("main.rs")).unwrap();
        for entry in fs::read_dir(tests.join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let module = name.strip_suffix(".rs").filter(|module| *module != "main");
            if module.is_some_and(|module| !main.contains(&format!("\nmod {module};\n"))) {
                problems.push(format!("tests/{folder}/main.rs does not name {name}"));
            }
        }
    }
    for entry in fs::read_dir(&tests).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            problems.push(format!("{} is a binary of its own", path.display()));
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn text_speaks_of_the_project_alone() {
    let banned = ["/work/", "/root/", "crates.io-", "TODO", "FIXME"];
    let mut problems = Vec::new();
    for folder in ["src", "policies", "docs", "benches", "deploy"] {
        let folder = root().join(folder);
        for ending in ["rs", "yaml", "md", "json", "tf", "sh", "py"] {
            for path in if folder.exists() { files(&folder, ending) } else { Vec::new() } {
                let text = fs::read_to_string(&path).unwrap();
                problems.extend(
                    banned
                        .iter()
                        .filter(|word| text.contains(**word))
                        .map(|word| format!("{}: {word}", path.display())),
                );
            }
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}
