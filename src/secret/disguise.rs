//! What recordings keep of texts: their length, their shape and what makes them secrets, and nothing of
//! what they say.
//!
//! A disguise is judged as the text was: the same kinds of secrets, equally long and weak, under the same
//! names, or none. Where that cannot be had, the text is hidden all the same.

use super::specimen::{conceal_name, fake, locate_anywhere, locate_in_name, replace, specimen};
use super::{Classification, Located, compile, locate_all, name, text, value};
use regex::Regex;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// A keyed seed from a text: the same for the same text.
pub(crate) type Seed<'a> = &'a dyn Fn(&str) -> String;

/// The secret of a variable, an option or a label: the value itself, or one of the options in it, as in
/// `JAVA_OPTS=-Ddb.password=…`.
pub fn in_value<'a>(name: &str, value: &'a str) -> Option<Classification<'a>> {
    super::classify(name, value).or_else(|| {
        let options = value.contains('=') || value.contains(" -");
        options.then(|| text::scan_text(value))?.into_iter().next().map(|mention| mention.secret)
    })
}

/// Every secret in a value, in words.
pub(crate) fn secrets_in<'a>(name: &str, value: &'a str) -> Vec<&'a str> {
    locate_in_value(name, value).into_iter().filter_map(|found| value.get(found.range)).collect()
}

/// Whether others write the same without meaning the secret: what is easy to guess, and what reads as words.
pub(crate) fn is_common(secret: &str) -> bool {
    value::is_weak(secret) || value::is_words(secret) || value::is_placeholder(secret)
}

/// Letters and digits replaced by others of their sort; everything else stays. Few different ones, so that
/// nothing looks random, and the same for the same text.
pub(crate) fn fill(text: &str, seed: Seed<'_>) -> String {
    fill_except(text, &[], seed)
}

/// The same without what stands in `kept`, which is in order.
fn fill_except(text: &str, kept: &[std::ops::Range<usize>], seed: Seed<'_>) -> String {
    let digest = Sha256::digest(seed(text).as_bytes());
    let mut choices = digest.iter().cycle();
    let mut choose = |alphabet: [char; 3]| {
        let choice = choices.next().copied().unwrap_or_default();
        alphabet.get(usize::from(choice % 3)).copied().unwrap_or('x')
    };
    text.char_indices()
        .map(|(at, letter)| match letter {
            _ if kept.iter().any(|range| range.contains(&at)) => letter,
            'a'..='z' => choose(['x', 'y', 'z']),
            'A'..='Z' => choose(['X', 'Y', 'Z']),
            // No zero at the beginning: a number stays one of as many digits.
            '0'..='9' => choose(['1', '2', '1']),
            other if other.is_alphanumeric() => '字',
            other => other,
        })
        .collect()
}

/// A name that somebody chose, with specimens in the place of tokens.
pub(crate) fn disguise_name(name: &str, seed: Seed<'_>) -> Option<String> {
    replace(name, locate_in_name(name), &fake(seed))
}

/// A text that AWS wrote itself, with specimens in the place of secrets.
pub(crate) fn disguise_secrets(text: &str, seed: Seed<'_>) -> Option<String> {
    replace(text, locate_anywhere(text), &fake(seed))
}

/// Whether nothing in the text is worth hiding: a switch, a small number, a word of AWS's.
pub(crate) fn is_harmless(text: &str) -> bool {
    static FORM: LazyLock<Regex> = LazyLock::new(|| {
        compile(concat!(
            r"^[+-]?[0-9]{0,5}(?:\.[0-9]{1,4})?$|^[0-9]{1,5}(?:[kmgKMG]i?B?|ms|s|h|d|%)$|",
            // Times, regions, zones, addresses.
            r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.,]+(?:Z|[+-][0-9:]+)?)?$|",
            r"^(?:us|eu|ap|sa|ca|me|af|il|mx|cn)(?:-gov)?-[a-z]{4,9}-[1-9][a-z]?$|",
            r"^[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:/[0-9]{1,2})?$|^[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?:/[0-9]{1,3})?$|",
            // What AWS gives ids to.
            r"^(?:acl|ami|eipalloc|eni|fl|i|igw|nat|pcx|pl|rtb|sg|subnet|tgw|vgw|vol|vpc|vpce)-[0-9a-f]{8,17}$",
        ))
    });
    FORM.is_match(text) || is_known(&text.to_lowercase())
}

/// What a text is judged to be.
type Judged = Vec<(String, &'static str, usize, bool)>;

fn judged(name: &str, secret: &Classification<'_>) -> (String, &'static str, usize, bool) {
    (name.to_owned(), secret.kind, secret.secret.chars().count(), secret.is_weak)
}

/// The value of a variable, an option, a label or a tag.
pub(crate) fn disguise(name: &str, value: &str, seed: Seed<'_>) -> String {
    let found = in_value(name, value);
    if found.is_none() && is_harmless(value) {
        return value.to_owned();
    }
    let located = locate_in_value(name, value);
    let specimens = replace(value, located.clone(), &fake(seed)).unwrap_or_else(|| value.to_owned());
    let judge = |text: &str| in_value(name, text).map(|secret| judged("", &secret));
    let expected = judge(&specimens);
    let is_expected = |text: &String| {
        // The length of a secret may be that of its kind.
        judge(text).map(|(_, kind, _, weak)| (kind, weak))
            == expected.as_ref().map(|(_, kind, _, weak)| (*kind, *weak))
    };
    let mut candidates = levels(value, &located, &[], seed);
    if let Some(found) = found {
        candidates.push(alone(&found, seed));
    } else {
        candidates.push("x".repeat(value.chars().count()));
    }
    candidates.into_iter().find(is_expected).unwrap_or_else(|| fill(value, seed))
}

/// What alone is told as a secret of its kind, where what stands around it does not help.
fn alone(found: &Classification<'_>, seed: Seed<'_>) -> String {
    let secret = specimen(found.kind, &seed(found.secret), found.secret.chars().count(), found.is_weak);
    match found.kind {
        "connection-string" => format!("https://user:{secret}@host"),
        "slack-webhook" => format!("https://hooks.slack.com/services/{secret}"),
        "discord-webhook" => format!("https://discord.com/api/webhooks/{secret}"),
        "azure-storage-key" => format!("AccountKey={secret}=="),
        "token" => format!("Authorization: Bearer {secret}"),
        "password" => format!("password={secret}"),
        _ => secret,
    }
}

fn locate_in_value(name: &str, value: &str) -> Vec<Located> {
    let mut located = locate_all(name, value);
    for more in locate_anywhere(value) {
        if !located.iter().any(|known| known.overlaps(&more)) {
            located.push(more);
        }
    }
    located
}

/// The text with specimens for its secrets and less and less hidden of the rest: first everything but
/// words that everybody knows and names that a scan reports, then without what stands directly before a
/// secret, as the prefix of a token does.
fn levels(value: &str, located: &[Located], names: &[&str], seed: Seed<'_>) -> Vec<String> {
    let mut words = known_words(value, located);
    words.extend(names.iter().flat_map(|name| named(value, name, located)));
    let mut prefixes = words.clone();
    prefixes.extend(located.iter().filter_map(|found| prefix(value, found.range.start)));
    let mut suffixes = prefixes.clone();
    suffixes.extend(located.iter().filter_map(|found| suffix(value, found.range.end)));
    [words, prefixes, suffixes].iter().map(|kept| with_specimens(value, located, kept, seed)).collect()
}

/// Where a name stands in a text, by itself and outside of every secret.
fn named<'a>(
    value: &'a str,
    name: &'a str,
    located: &'a [Located],
) -> impl Iterator<Item = std::ops::Range<usize>> + 'a {
    let is_inside = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '-';
    value.match_indices(name).map(|(start, name)| start..start + name.len()).filter(move |range| {
        let before = value.get(..range.start).and_then(|text| text.chars().next_back());
        let after = value.get(range.end..).and_then(|text| text.chars().next());
        !before.is_some_and(is_inside)
            && !after.is_some_and(is_inside)
            && !located.iter().any(|found| found.range.start < range.end && range.start < found.range.end)
    })
}

fn with_specimens(
    value: &str,
    located: &[Located],
    kept: &[std::ops::Range<usize>],
    seed: Seed<'_>,
) -> String {
    let mut located = located.to_vec();
    located.sort_by_key(|found| found.range.start);
    let fake = fake(seed);
    let mut text = String::with_capacity(value.len());
    let mut position = 0;
    for found in &located {
        let (Some(before), Some(secret)) =
            (value.get(position..found.range.start), value.get(found.range.clone()))
        else {
            continue;
        };
        text.push_str(&filled_part(before, position, kept, seed));
        text.push_str(&fake(found, secret));
        position = found.range.end;
    }
    text.push_str(&filled_part(value.get(position..).unwrap_or_default(), position, kept, seed));
    text
}

fn filled_part(part: &str, start: usize, kept: &[std::ops::Range<usize>], seed: Seed<'_>) -> String {
    let kept: Vec<_> = kept
        .iter()
        .filter(|range| range.end > start && range.start < start + part.len())
        .map(|range| range.start.saturating_sub(start)..range.end - start)
        .collect();
    fill_except(part, &kept, seed)
}

/// The few letters that end a token, for instance `-us6`.
fn suffix(value: &str, start: usize) -> Option<std::ops::Range<usize>> {
    let rest = value.get(start..)?;
    let length =
        rest.find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '-')).unwrap_or(rest.len());
    (1..=6).contains(&length).then_some(start..start + length)
}

/// The few letters that begin a token, for instance `shpat_`, `base64:`.
fn prefix(value: &str, end: usize) -> Option<std::ops::Range<usize>> {
    let before = value.get(..end)?;
    let start = before.rfind(|letter: char| !(letter.is_ascii_alphanumeric() || "_.:-".contains(letter)));
    let start = start
        .map_or(0, |at| at + before.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8));
    (end > start && end - start <= 24).then_some(start..end)
}

static RUN: LazyLock<Regex> = LazyLock::new(|| compile(r"[\p{L}\p{N}][\p{L}\p{N}ー_.-]*"));
static WORD: LazyLock<Regex> = LazyLock::new(|| compile(r"[\p{L}][\p{L}\p{N}ー]*"));

/// Words of the vocabulary, and names that speak of a secret, for instance `spring.datasource.password`.
fn known_words(text: &str, located: &[Located]) -> Vec<std::ops::Range<usize>> {
    let is_free = |range: &std::ops::Range<usize>| {
        !located.iter().any(|found| found.range.start < range.end && range.start < found.range.end)
    };
    let mut kept = Vec::new();
    for run in RUN.find_iter(text) {
        if is_name_of_secret(run.as_str()) && is_free(&run.range()) {
            kept.push(run.range());
            continue;
        }
        for word in WORD.find_iter(run.as_str()) {
            let range = run.start() + word.start()..run.start() + word.end();
            if is_known(&word.as_str().to_lowercase()) && is_free(&range) {
                kept.push(range);
            }
        }
    }
    // `${VAR}`, `#{host}`: what stands for a value that is kept elsewhere, or that AWS fills in.
    static AWS_PLACEHOLDER: LazyLock<Regex> =
        LazyLock::new(|| compile(r"#\{(?:host|path|port|protocol|query)\}|<aws\.[a-z.-]{3,40}>"));
    kept.extend(AWS_PLACEHOLDER.find_iter(text).map(|found| found.range()));
    // `-u`, `-fsu`: no secret is so short, and programs tell by them what comes next.
    static SHORT_FLAG: LazyLock<Regex> = LazyLock::new(|| compile(r"(?:^|\s)(-[A-Za-z]{1,4})\b"));
    let is_whole = |range: &std::ops::Range<usize>| {
        text.get(range.end..).is_none_or(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
    };
    let flags = SHORT_FLAG.captures_iter(text).filter_map(|found| found.get(1)).map(|flag| flag.range());
    kept.extend(flags.filter(is_free).filter(is_whole));
    kept
}

fn is_name_of_secret(run: &str) -> bool {
    let bare = run.trim_start_matches('-');
    bare.chars().count() <= 60
        && name::says(bare).is_some()
        && !bare.split(['_', '.', '-']).any(|word| word.len() > 24 || value::is_scrambled(word))
        && value::random_kind(bare).is_none()
        && bare.chars().filter(char::is_ascii_digit).count() <= 2
}

/// The arguments of a command.
pub(crate) fn disguise_arguments(arguments: &[&str], seed: Seed<'_>) -> Vec<String> {
    let spots = text::spots(arguments, 0);
    let located: Vec<Vec<Located>> = (0..arguments.len())
        .map(|index| {
            spots.iter().filter(|spot| spot.index == index).map(|spot| spot.located.clone()).collect()
        })
        .collect();
    // A scan says them, and they tell one finding from another.
    let names: Vec<&str> = spots
        .iter()
        .map(|spot| spot.name.as_str())
        .filter(|name| !name.is_empty() && conceal_name(name).is_none())
        .collect();
    let fake = fake(seed);
    let specimens: Vec<String> = arguments
        .iter()
        .zip(&located)
        .map(|(argument, located)| {
            replace(argument, located.clone(), &fake).unwrap_or_else(|| (*argument).to_owned())
        })
        .collect();
    let expected = mentions(&specimens);
    let levels: Vec<Vec<String>> = arguments
        .iter()
        .zip(&located)
        .map(|(argument, located)| match *argument {
            harmless if located.is_empty() && is_harmless(harmless) => vec![harmless.to_owned()],
            argument => levels(argument, located, &names, seed),
        })
        .collect();
    let at = |level: usize| -> Vec<String> {
        levels.iter().filter_map(|texts| texts.get(level).or(texts.last()).cloned()).collect()
    };
    let mut disguised = at(0);
    if mentions(&disguised) != expected {
        // Only those that need it show more.
        for index in 0..disguised.len() {
            if mentions(&disguised) == expected {
                break;
            }
            let more = levels.get(index).and_then(|texts| texts.get(1)).cloned();
            if let (Some(place), Some(more)) = (disguised.get_mut(index), more) {
                *place = more;
            }
        }
    }
    if mentions(&disguised).len() > expected.len() {
        // Something looks like a secret that was none: nothing of the rest stays.
        for ((place, argument), located) in disguised.iter_mut().zip(arguments).zip(&located) {
            if located.is_empty() && !is_harmless(argument) {
                *place = fill(argument, seed);
            }
        }
    }
    disguised
}

fn mentions(arguments: &[String]) -> Judged {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let found = text::scan_arguments(&arguments);
    found.iter().map(|mention| judged(&mention.name, &mention.secret)).collect()
}

fn is_known(word: &str) -> bool {
    VOCABULARY.binary_search(&word).is_ok()
}

// In order. Words that say nothing about an account: what makes connection strings, headers and command lines
// ones to the detector, and what is the same in all of them.
const VOCABULARY: &[&str] = &[
    "account",
    "accountkey",
    "accountname",
    "alter",
    "amqp",
    "amqps",
    "amz",
    "apache",
    "api",
    "apikey",
    "ash",
    "asia",
    "asyncpg",
    "aurora",
    "auth",
    "authorization",
    "auths",
    "aws",
    "awscurrent",
    "awslogs",
    "awspending",
    "awsprevious",
    "bash",
    "basic",
    "bearer",
    "begin",
    "blob",
    "bot",
    "build_hooks",
    "bundle",
    "by",
    "c",
    "calendar",
    "catalog",
    "catch",
    "check",
    "clickhouse",
    "clickhouse-client",
    "cluster",
    "cmd",
    "cmd-shell",
    "cmdshell",
    "com",
    "common",
    "config",
    "configure",
    "core",
    "create",
    "credential",
    "curl",
    "dash",
    "data",
    "database",
    "datasource",
    "dbname",
    "debug",
    "default",
    "defaultendpointsprotocol",
    "define",
    "deploy",
    "dev",
    "development",
    "digest",
    "disabled",
    "discord",
    "discordapp",
    "docker",
    "dspring",
    "ecs",
    "enabled",
    "encrypted",
    "end",
    "endpoint",
    "endpointsuffix",
    "entrypoint",
    "env",
    "error",
    "example",
    "exec",
    "export",
    "failover",
    "false",
    "fatal",
    "ftp",
    "get",
    "git",
    "go",
    "goog",
    "google",
    "header",
    "headers",
    "health",
    "healthcheck",
    "healthz",
    "helm",
    "hook",
    "hooks",
    "host",
    "hostaddr",
    "html",
    "htpasswd",
    "http",
    "https",
    "ical",
    "id",
    "identified",
    "ifttt",
    "incomingwebhook",
    "index",
    "influx",
    "info",
    "initial",
    "integrations",
    "jar",
    "java",
    "jdbc",
    "json",
    "kafka",
    "key",
    "keytool",
    "kubectl",
    "lc",
    "ldap",
    "ldaps",
    "ldapsearch",
    "live",
    "livez",
    "loadbalance",
    "local",
    "localhost",
    "login",
    "machine",
    "make",
    "maker",
    "mariadb",
    "mariadb-admin",
    "mariadb-dump",
    "module",
    "mongo",
    "mongodb",
    "mongodump",
    "mongosh",
    "mqtt",
    "mssql",
    "mysql",
    "mysqladmin",
    "mysqlcheck",
    "mysqldump",
    "mysqlimport",
    "nats",
    "net",
    "netlify",
    "nil",
    "no",
    "node",
    "none",
    "npm",
    "null",
    "oci",
    "off",
    "office",
    "on",
    "openssl",
    "oracle",
    "org",
    "pass",
    "passwd",
    "password",
    "pg_dump",
    "pg_isready",
    "php",
    "ping",
    "plain",
    "plainloginmodule",
    "podman",
    "port",
    "postgres",
    "postgresql",
    "private",
    "prod",
    "production",
    "proxy",
    "proxy-authorization",
    "psql",
    "psycopg2",
    "pwd",
    "pymysql",
    "python",
    "python3",
    "qa",
    "queue",
    "rabbitmqadmin",
    "rails",
    "ready",
    "readyz",
    "realm",
    "redis",
    "redis-cli",
    "rediss",
    "replication",
    "required",
    "role",
    "ruby",
    "run",
    "s3",
    "sandbox",
    "scramloginmodule",
    "se",
    "security",
    "serve",
    "server",
    "service",
    "services",
    "set",
    "sftp",
    "sh",
    "sharedaccesskey",
    "shell",
    "sig",
    "signature",
    "slack",
    "smbclient",
    "smtp",
    "smtps",
    "snowflake",
    "snowsql",
    "source",
    "sp",
    "spring",
    "sqlcmd",
    "sqlserver",
    "srv",
    "sshpass",
    "st",
    "staging",
    "start",
    "status",
    "stg",
    "sv",
    "table",
    "task",
    "tcp",
    "test",
    "testing",
    "text",
    "thin",
    "token",
    "tokyo",
    "trace",
    "trigger",
    "triggers",
    "true",
    "uid",
    "unix",
    "us",
    "user",
    "username",
    "utc",
    "utf-8",
    "utf8",
    "v1",
    "v2",
    "valkey-cli",
    "verbose",
    "vercel",
    "warn",
    "warning",
    "webhook",
    "webhookb2",
    "webhooks",
    "wget",
    "windows",
    "with",
    "worker",
    "workflows",
    "wp",
    "ws",
    "wss",
    "www",
    "x",
    "x-api-key",
    "xms",
    "xmx",
    "yarn",
    "yes",
    "zapier",
    "zsh",
    "です",
    "は",
    "パスワード",
];
