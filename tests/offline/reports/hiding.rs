//! Characters that hide, reorder or imitate text: no output has one as it is, and where a value must
//! stay what it is, programs read the same one.

use super::documents::{Reader, each};
use super::shown;
use regex::Regex;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tenken::finding::Run;
use tenken::fix::{Choice, choose};
use tenken::policy::PolicySet;
use tenken::report::{Format, Look, Reportable, formats};
use tenken::run::judge;
use tenken::snapshot::{Snapshot, store};
use tenken::text::Lang;

/// Classes of characters, as Unicode has them, first and last.
const CLASSES: &[(&str, char, char)] = &[
    ("C0 controls", '\u{1}', '\u{8}'),
    ("C0 controls", '\u{b}', '\u{1f}'),
    ("delete and C1 controls", '\u{7f}', '\u{9f}'),
    ("soft hyphen", '\u{ad}', '\u{ad}'),
    ("combining grapheme joiner", '\u{34f}', '\u{34f}'),
    ("Arabic letter mark", '\u{61c}', '\u{61c}'),
    ("Hangul fillers", '\u{115f}', '\u{1160}'),
    ("Khmer inherent vowels", '\u{17b4}', '\u{17b5}'),
    ("Mongolian selectors and vowel separator", '\u{180b}', '\u{180f}'),
    ("zero width, joiners and marks", '\u{200b}', '\u{200f}'),
    ("line and paragraph separators", '\u{2028}', '\u{2029}'),
    ("bidirectional embeddings and overrides", '\u{202a}', '\u{202e}'),
    ("word joiner and invisible operators", '\u{2060}', '\u{2064}'),
    ("bidirectional isolates and deprecated formats", '\u{2066}', '\u{206f}'),
    ("blank Braille pattern", '\u{2800}', '\u{2800}'),
    ("Hangul filler", '\u{3164}', '\u{3164}'),
    ("variation selectors", '\u{fe00}', '\u{fe0f}'),
    ("byte order mark", '\u{feff}', '\u{feff}'),
    ("halfwidth Hangul filler", '\u{ffa0}', '\u{ffa0}'),
    ("interlinear annotation", '\u{fff9}', '\u{fffb}'),
    ("joiners of hieroglyphs", '\u{13430}', '\u{1343f}'),
    ("Khitan filler", '\u{16fe4}', '\u{16fe4}'),
    ("musical null notehead", '\u{1d159}', '\u{1d159}'),
    ("shorthand formats", '\u{1bca0}', '\u{1bca3}'),
    ("musical formats", '\u{1d173}', '\u{1d17a}'),
    ("tags", '\u{e0001}', '\u{e007f}'),
    ("variation selectors supplement", '\u{e0100}', '\u{e01ef}'),
];

/// Separators that look like a space and are none. A report shows them, a script has none as it is.
const SEPARATORS: &[(&str, char, char)] = &[
    ("no-break space", '\u{a0}', '\u{a0}'),
    ("Ogham space mark", '\u{1680}', '\u{1680}'),
    ("spaces of other widths", '\u{2000}', '\u{200a}'),
    ("narrow no-break space", '\u{202f}', '\u{202f}'),
    ("medium mathematical space", '\u{205f}', '\u{205f}'),
    ("ideographic space", '\u{3000}', '\u{3000}'),
];

/// Every character of every class, each between letters.
fn everything() -> String {
    let all = CLASSES.iter().chain(SEPARATORS).flat_map(|(_, first, last)| *first..=*last);
    all.flat_map(|c| [c, 'x']).collect()
}

/// One of each class.
fn one_of_each() -> String {
    CLASSES.iter().chain(SEPARATORS).flat_map(|(_, first, last)| [*first, 'x', *last]).collect()
}

/// The class of a character.
fn class(classes: &[(&'static str, char, char)], c: char) -> Option<&'static str> {
    classes.iter().find(|(_, first, last)| (*first..=*last).contains(&c)).map(|(name, _, _)| *name)
}

#[track_caller]
fn assert_shown(what: &str, text: &str, classes: &[(&'static str, char, char)]) {
    for (index, line) in text.lines().enumerate() {
        let hidden = line.chars().find_map(|c| class(classes, c).map(|name| (name, u32::from(c))));
        assert!(hidden.is_none(), "{what}, line {}: {hidden:x?}\n{}", index + 1, line.escape_unicode());
    }
}

struct Hiding;

impl Reader for Hiding {
    fn read<R: Reportable>(&mut self, name: &str, report: &R) {
        for (format, lang) in formats::<R>().into_iter().flat_map(|one| Lang::ALL.map(|lang| (one, lang))) {
            let text = shown(report, format, &Look { lang, width: 80, colour: false });
            assert_shown(&format!("{name} as {format}"), &text, CLASSES);
        }
    }
}

#[test]
fn no_report_hides_anything() {
    each(&everything(), &mut Hiding);
}

/// Names of the recorded accounts, in which the text is hidden.
const NAMES: [&str; 6] = ["shop-api", "shop-alb", "shop-tg", "ec-db", "rds-sg", "ecs-sg"];

/// A recorded account in which names hide this text.
fn hostile(account: &str, text: &str) -> (Snapshot, Run) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/snapshots/{account}.json"));
    let hidden = serde_json::to_string(text).unwrap();
    let mut json = fs::read_to_string(&path).unwrap();
    for name in NAMES {
        json = json.replace(name, &format!("{name}{}", hidden.trim_matches('"')));
    }
    let snapshot: Snapshot = store::parse(json.as_bytes(), &path).unwrap();
    let run = judge(&snapshot, &PolicySet::embedded().unwrap());
    (snapshot, run)
}

fn script((snapshot, run): &(Snapshot, Run), format: Format, lang: Lang) -> String {
    let fixes = choose(run, &Choice::default()).unwrap();
    assert!(fixes.len() > 10, "{} fixes", fixes.len());
    tenken::fix::render(run, &fixes, snapshot, format, lang)
}

#[test]
fn no_script_hides_anything() {
    for account in ["ec-site", "worn-site"] {
        let run = hostile(account, &format!("{}\n\t", everything()));
        for (format, lang) in tenken::fix::FORMATS.iter().flat_map(|one| Lang::ALL.map(|lang| (*one, lang))) {
            let text = script(&run, format, lang);
            assert_shown(&format!("{account} as {format}"), &text, CLASSES);
            if format != Format::Json {
                assert_shown(&format!("{account} as {format}"), &text, SEPARATORS);
            }
            assert!(text.contains("202e"), "{account} as {format}: it is shown that something is there");
            match format {
                Format::Cli => is_shell(&text),
                Format::Json => drop(serde_json::from_str::<serde_json::Value>(&text).unwrap()),
                _ => assert!(!text.contains("\\ud8") && !text.contains("\\udb"), "HCL knows no surrogates"),
            }
        }
    }
}

fn is_shell(script: &str) {
    let mut bash =
        Command::new("bash").arg("-n").stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    bash.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    let output = bash.wait_with_output().unwrap();
    assert!(output.status.success(), "{}\n{script}", String::from_utf8_lossy(&output.stderr));
}

/// Names as long as AWS takes them, and a label with characters that no name of a policy has.
fn longest_names(account: &str) -> Run {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/snapshots/{account}.json"));
    let mut json = fs::read_to_string(&path).unwrap();
    for (name, most) in
        [("shop-api", 255), ("shop-admin", 255), ("nightly-export", 64), ("ec-db", 63), ("reports", 63)]
    {
        json = json.replace(name, &format!("{name}{}", "x".repeat(most - name.len())));
    }
    // Text of a member's id is in that of its cluster.
    let mut snapshot: Snapshot = store::parse(json.as_bytes(), &path).unwrap();
    for definition in &mut snapshot.ecs.task_definitions.items {
        for secret in definition.containers.iter_mut().flat_map(|one| &mut one.plaintext_secrets) {
            (secret.place, secret.name) = ("docker-labels".into(), "com.example/db key:1".into());
        }
    }
    judge(&snapshot, &PolicySet::embedded().unwrap())
}

/// Whatever scripts make has a name that AWS takes, whatever the account calls its own.
#[test]
fn names_of_what_scripts_make_are_legal() {
    // Where such a name stands, what may be in it, and how long it may be.
    let rules: Vec<(Regex, Regex, usize)> = [
        (r"iam put-role-policy [^|]*?--policy-name (\S+)", r"^[A-Za-z0-9_+=,.@-]+$", 128),
        (r"secretsmanager create-secret [^|]*?--name (\S+)", r"^[A-Za-z0-9_/+=.@-]+$", 512),
        (r"ssm put-parameter [^|]*?--name (\S+)", r"^[A-Za-z0-9_/.-]+$", 1011),
        (r"cloudwatch put-metric-alarm [^|]*?--alarm-name (\S+)", r"^\S+$", 255),
        (r"put-scaling-policy [^|]*?--policy-name (\S+)", r"^\S+$", 256),
        (r"put-scheduled-action [^|]*?--scheduled-action-name (\S+)", r"^\S+$", 256),
        (r"--new-db-instance-identifier (\S+)", r"^[A-Za-z](-?[A-Za-z0-9])*$", 63),
        (r"rds create-db-instance --db-instance-identifier (\S+)", r"^[A-Za-z](-?[A-Za-z0-9])*$", 63),
        (r"--target-db-snapshot-identifier (\S+)", r"^[A-Za-z](-?[A-Za-z0-9])*$", 255),
        (r"rds create-db-snapshot [^|]*?--db-snapshot-identifier (\S+)", r"^[A-Za-z](-?[A-Za-z0-9])*$", 255),
        (r"logs create-log-group --log-group-name ([^\s$\x22]+)", r"^[A-Za-z0-9_./#-]+$", 512),
        (r#"\$SECRET_FOLDER"/(\S+)"#, r"^[A-Za-z0-9_.-]+$", 255),
        (r"> (task-definition[^ ;]*)", r"^[A-Za-z0-9_.-]+$", 255),
    ]
    .map(|(place, legal, most)| (Regex::new(place).unwrap(), Regex::new(legal).unwrap(), most))
    .into();
    let mut seen = vec![0; rules.len()];
    for account in ["ec-site", "worn-site"] {
        let run = longest_names(account);
        for finding in &run.findings {
            for option in &finding.options {
                let scripts = [&option.cli.en, &option.check.en, &option.undo.en];
                for line in
                    scripts.iter().flat_map(|script| script.lines()).filter(|line| !line.starts_with("# "))
                {
                    for (place, (found, legal, most)) in rules.iter().enumerate() {
                        for name in found.captures_iter(line).filter_map(|found| found.get(1)) {
                            let name = name.as_str().trim_matches(['"', '\'']);
                            if name.starts_with('$') {
                                continue;
                            }
                            seen[place] += 1;
                            let is_legal = name.len() <= *most && legal.is_match(name);
                            assert!(is_legal, "{}/{}: {name} in {line}", finding.policy, option.id);
                        }
                    }
                }
            }
        }
    }
    let unseen: Vec<&str> = seen
        .iter()
        .zip(&rules)
        .filter(|(times, _)| **times == 0)
        .map(|(_, (place, ..))| place.as_str())
        .collect();
    assert!(unseen.len() < 3, "nothing has {unseen:?}");
}

/// What the commands hand to AWS is the name as AWS has it, in every locale.
#[test]
fn commands_name_what_is_there() {
    let text = one_of_each();
    let run = hostile("ec-site", &text);
    let script = script(&run, Format::Cli, Lang::En);
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        path
    };
    write(
        "aws",
        "#!/bin/bash\nif [ \"$1\" = sts ]; then echo 123456789012; else printf '%s\\n' \"$@\" >> asked; fi\n",
    );
    // Nothing else of this machine is run but what reads and writes text.
    for name in ["cat", "sed", "grep", "mktemp", "rm", "tr", "head", "cut", "sort", "date"] {
        let found = ["/bin", "/usr/bin"].map(|place| Path::new(place).join(name));
        let program = found.iter().find(|program| program.exists()).unwrap();
        std::os::unix::fs::symlink(program, folder.path().join(name)).unwrap();
    }
    let file = write("fix.sh", &script);
    let sections: Vec<&str> =
        script.lines().filter_map(|line| line.strip_prefix("run_")?.strip_suffix("() (")).collect();
    for locale in ["C", "C.UTF-8"] {
        for section in &sections {
            let mut bash = Command::new("/bin/bash");
            bash.arg(&file).args(["run", section]).current_dir(folder.path());
            bash.env("PATH", folder.path()).env("LC_ALL", locale);
            bash.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            let mut bash = bash.spawn().unwrap();
            let begun = Instant::now();
            // What it comes to does not matter: some wait for somebody, or for an answer of AWS.
            while bash.try_wait().unwrap().is_none() && begun.elapsed() < Duration::from_secs(5) {
                std::thread::sleep(Duration::from_millis(5));
            }
            let _ = bash.kill();
            bash.wait().unwrap();
        }
        let asked = fs::read_to_string(folder.path().join("asked")).unwrap();
        fs::remove_file(folder.path().join("asked")).unwrap();
        for name in ["shop-api", "shop-alb", "ec-db", "ecs-sg"] {
            let whole = format!("{name}{text}");
            let named: Vec<&str> = asked.match_indices(name).map(|(at, _)| &asked[at..]).collect();
            assert!(
                named.iter().any(|rest| rest.starts_with(&whole)) || named.is_empty(),
                "{locale}: {name}"
            );
            // In JSON, which is read as the same.
            let escaped = format!("{name}\\u");
            let is_whole = |rest: &&str| rest.starts_with(&whole) || rest.starts_with(&escaped);
            let other = named.iter().find(|rest| !is_whole(rest));
            assert!(
                other.is_none(),
                "{locale}: {:?}",
                other.map(|rest| rest.chars().take(60).collect::<String>())
            );
        }
        assert!(asked.contains(&text), "{locale}");
    }
}
