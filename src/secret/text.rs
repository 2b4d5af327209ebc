//! Secrets in command lines: `--password=…`, `mysql -p…`, `PGPASSWORD=… psql`.

use super::{Classification, Located, compile, in_prose, locate, locate_forms, name, value};
use regex::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// A secret in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention<'a> {
    /// The flag, variable or header it is the value of, as written. Otherwise `argument 3`
    /// for lists of arguments, counted from 1, and empty for texts.
    pub name: String,
    /// The secret.
    pub secret: Classification<'a>,
}

/// A secret's place in one of several texts.
pub(super) struct Spot {
    /// Which of the texts.
    pub(super) index: usize,
    /// The flag, variable or header; empty for none.
    pub(super) name: String,
    /// Where in that text.
    pub(super) located: Located,
}

/// The secrets in a command line, for instance of a health check.
pub fn scan_text(text: &str) -> Vec<Mention<'_>> {
    let mention = |spot: Spot| Some(Mention { name: spot.name, secret: spot.located.within(text)? });
    spots_in_text(text).into_iter().filter_map(mention).collect()
}

/// The secrets in a command given as a list of arguments.
pub fn scan_arguments<'a>(arguments: &[&'a str]) -> Vec<Mention<'a>> {
    let mention = |spot: Spot| {
        let secret = spot.located.within(arguments.get(spot.index)?)?;
        let name = if spot.name.is_empty() { format!("argument {}", spot.index + 1) } else { spot.name };
        Some(Mention { name, secret })
    };
    spots(arguments, 0).into_iter().filter_map(mention).collect()
}

/// The places of secrets in a command line.
pub(super) fn spots_in_text(text: &str) -> Vec<Spot> {
    nested(text, 0)
}

// A shell in a shell in a shell is deep enough.
const DEEPEST: usize = 3;

fn nested(text: &str, depth: usize) -> Vec<Spot> {
    let ranges = split(text);
    let parts: Vec<&str> = ranges.iter().filter_map(|range| text.get(range.clone())).collect();
    let mut found = spots(&parts, depth);
    for spot in &mut found {
        let start = ranges.get(spot.index).map_or(0, |range| range.start);
        spot.located = spot.located.clone().shifted(start);
        spot.index = 0;
    }
    for located in in_prose(text) {
        if !found.iter().any(|known| known.located.overlaps(&located)) {
            found.push(Spot { index: 0, name: String::new(), located });
        }
    }
    found
}

static HEADER: LazyLock<Regex> = LazyLock::new(|| compile(r"^([A-Za-z][A-Za-z0-9-]{1,40}):\s+(.+)$"));
// Values of several lines, as private keys are, belong to their name as well.
static VARIABLE: LazyLock<Regex> = LazyLock::new(|| compile(r"(?s)^([A-Za-z_][A-Za-z0-9_.-]*)=(.+)$"));
static FLAG: LazyLock<Regex> = LazyLock::new(|| compile(r"(?s)^(--?[A-Za-z][A-Za-z0-9_.-]*)=(.+)$"));

/// The places of secrets in a list of arguments.
pub(super) fn spots(arguments: &[&str], depth: usize) -> Vec<Spot> {
    let mut found = Vec::new();
    let mut program = "";
    let mut waiting: Option<Waiting> = None;
    let has_login = arguments.contains(&"login");
    for (index, argument) in arguments.iter().enumerate() {
        let (range, text) = value::bare(argument.trim_end_matches(';'));
        let mut keep = |name: &str, start: usize, located: Vec<Located>| {
            found.extend(located.into_iter().map(|located| Spot {
                index,
                name: name.to_owned(),
                located: located.shifted(range.start + start),
            }));
        };
        if let Some(flag) = waiting.take()
            && !text.starts_with('-')
        {
            keep(&flag.written, 0, locate(&flag.meaning, text));
            continue;
        }
        if let Some((flag, part)) = pair(&FLAG, text) {
            keep(flag, part.start, locate(flag, text.get(part).unwrap_or_default()));
            continue;
        }
        // An option and its value in one argument.
        if text.starts_with('-') && depth < DEEPEST && split(text).len() > 1 {
            for spot in nested(text, depth + 1) {
                keep(&spot.name, 0, vec![spot.located]);
            }
            continue;
        }
        if text.starts_with('-') {
            if let Some((flag, meaning)) = attached(program, text) {
                let password = text.get(flag.len()..).unwrap_or_default();
                keep(flag, flag.len(), locate(meaning, password));
            } else {
                waiting = separate(program, text);
                keep("", 0, locate_forms(text));
            }
            continue;
        }
        // `aws configure set aws_secret_access_key …`, `wp config set DB_PASSWORD …`.
        if index.checked_sub(1).and_then(|before| arguments.get(before)) == Some(&"set")
            && name::says(text).is_some()
        {
            waiting = Some(Waiting { written: text.to_owned(), meaning: text.to_owned() });
            continue;
        }
        if let Some((header, part)) = pair(&HEADER, text) {
            let located = locate(header, text.get(part.clone()).unwrap_or_default());
            if !located.is_empty() {
                keep(header, part.start, located);
                continue;
            }
        }
        if depth < DEEPEST && split(text).len() > 1 {
            for spot in nested(text, depth + 1) {
                keep(&spot.name, 0, vec![spot.located]);
            }
        } else if let Some((variable, part)) = pair(&VARIABLE, text) {
            keep(variable, part.start, locate(variable, text.get(part).unwrap_or_default()));
        } else {
            // `docker run -p 8080:80` opens a port.
            program = known_program(text).filter(|known| *known != "docker" || has_login).unwrap_or(program);
            keep("", 0, locate_forms(text));
        }
    }
    found
}

/// A name and the place of its value.
fn pair<'a>(pattern: &Regex, text: &'a str) -> Option<(&'a str, Range<usize>)> {
    let captures = pattern.captures(text)?;
    Some((captures.get(1)?.as_str(), captures.get(2)?.range()))
}

/// A flag whose value comes next.
struct Waiting {
    written: String,
    meaning: String,
}

/// A short flag that means a password to some programs.
struct ShortFlag {
    programs: &'static [&'static str],
    flag: &'static str,
    meaning: &'static str,
    is_attached: bool,
}

const MYSQL: &[&str] = &[
    "mariadb",
    "mariadb-admin",
    "mariadb-dump",
    "mysql",
    "mysqladmin",
    "mysqlcheck",
    "mysqldump",
    "mysqlimport",
];

// `mysql -p NAME` asks for the password and opens NAME: only the attached form holds one.
const SHORT_FLAGS: &[ShortFlag] = &[
    ShortFlag { programs: MYSQL, flag: "-p", meaning: "password", is_attached: true },
    ShortFlag { programs: &["sshpass"], flag: "-p", meaning: "password", is_attached: true },
    ShortFlag { programs: &["sqlcmd"], flag: "-P", meaning: "password", is_attached: true },
    ShortFlag {
        programs: &["sshpass", "docker", "mongo", "mongosh", "mongodump", "rabbitmqadmin"],
        flag: "-p",
        meaning: "password",
        is_attached: false,
    },
    ShortFlag { programs: &["sqlcmd"], flag: "-P", meaning: "password", is_attached: false },
    ShortFlag { programs: &["redis-cli", "valkey-cli"], flag: "-a", meaning: "password", is_attached: false },
    ShortFlag {
        programs: &["ldapsearch", "ldapmodify"],
        flag: "-w",
        meaning: "password",
        is_attached: false,
    },
    ShortFlag { programs: &["curl"], flag: "-u", meaning: "auth", is_attached: false },
    ShortFlag { programs: &["curl"], flag: "--user", meaning: "auth", is_attached: false },
];

fn known_program(text: &str) -> Option<&'static str> {
    let name = text.rsplit('/').next().unwrap_or(text);
    SHORT_FLAGS.iter().flat_map(|flag| flag.programs).find(|program| **program == name).copied()
}

/// `-fu` of `curl -fu user:password`: short flags written as one, of which the last has a value.
fn last_of_several(text: &str) -> Option<String> {
    let flags = text.strip_prefix('-')?;
    let is_several = flags.len() > 1 && flags.chars().all(|flag| flag.is_ascii_alphabetic());
    Some(format!("-{}", is_several.then(|| flags.chars().last())??))
}

/// Whether a flag's rest is no port, no path and not the rest of a longer flag's name.
fn is_no_word(text: &str) -> bool {
    let has = |test: fn(&char) -> bool| text.chars().any(|character| test(&character));
    let is_mixed =
        has(char::is_ascii_digit) && has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase);
    is_mixed && !text.contains([':', '/', '.', '=']) && value::looks_random(text, 8)
}

fn attached(program: &str, text: &str) -> Option<(&'static str, &'static str)> {
    let is_meant = |flag: &&ShortFlag| {
        flag.is_attached && flag.programs.contains(&program) && text.len() > flag.flag.len()
    };
    if program.is_empty()
        && let Some(password) = text.strip_prefix("-p")
        && is_no_word(password)
    {
        return Some(("-p", "password"));
    }
    let flag = SHORT_FLAGS.iter().filter(is_meant).find(|flag| text.starts_with(flag.flag))?;
    // `--protocol` is not `-p`; the second dash tells.
    Some((flag.flag, flag.meaning))
}

fn separate(program: &str, text: &str) -> Option<Waiting> {
    let last = last_of_several(text);
    let of_program = SHORT_FLAGS
        .iter()
        .find(|flag| {
            let is_meant = flag.flag == text || (program == "curl" && last.as_deref() == Some(flag.flag));
            !flag.is_attached && is_meant && flag.programs.contains(&program)
        })
        .map(|flag| flag.meaning);
    let meaning = of_program.or_else(|| name::says(text).map(|_| text))?;
    Some(Waiting { written: text.to_owned(), meaning: meaning.to_owned() })
}

/// Where the words of a command line are, as a shell would part them; quotes stay.
pub(super) fn split(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut start: Option<usize> = None;
    let mut quote: Option<char> = None;
    let mut is_escaped = false;
    for (position, character) in text.char_indices() {
        let is_end = quote.is_none() && !is_escaped && character.is_whitespace();
        if is_end {
            ranges.extend(start.take().map(|start| start..position));
            continue;
        }
        start.get_or_insert(position);
        if is_escaped {
            is_escaped = false;
        } else if character == '\\' {
            is_escaped = true;
        } else if quote == Some(character) {
            quote = None;
        } else if quote.is_none() && ['"', '\''].contains(&character) {
            quote = Some(character);
        }
    }
    ranges.extend(start.map(|start| start..text.len()));
    ranges
}
