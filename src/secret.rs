//! Whether a text is a secret, decided where the text is read so that it can be dropped
//! there. Nothing in here keeps, logs or returns a secret to anybody but the caller.
//!
//! Four ways to know a secret, in this order: a form that only a secret has (a key of a
//! known issuer, a private key, a connection string with a password); a name that says
//! so; parts of JSON or of a URL's query that are named so; and text that is too random
//! to be anything else under a name that does not say otherwise.

mod disguise;
mod endpoint;
mod name;
mod patterns;
mod specimen;
mod text;
mod value;

#[cfg(test)]
mod cases;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod written_forms;

pub use disguise::in_value;
pub(crate) use disguise::{
    Seed, disguise, disguise_arguments, disguise_name, disguise_secrets, fill, is_common, is_harmless,
    secrets_in,
};
pub use endpoint::endpoint_hosts;
pub use specimen::{conceal, conceal_name, conceal_text, scrub};
pub use text::{Mention, scan_arguments, scan_text};

use hmac::{Hmac, KeyInit, Mac};
use name::{Says, Trust};
use regex::Regex;
use sha2::Sha256;
use std::ops::Range;
use std::sync::LazyLock;

/// Every kind of secret, as [`Classification::kind`] names it.
pub const KINDS: &[&str] = &[
    "access-key",
    "anthropic-key",
    "api-key",
    "aws-access-key-id",
    "aws-bedrock-key",
    "aws-secret-access-key",
    "azure-storage-key",
    "connection-string",
    "credentials",
    "discord-webhook",
    "github-token",
    "gitlab-token",
    "google-key",
    "high-entropy-hex",
    "high-entropy-text",
    "jwt",
    "npm-token",
    "openai-key",
    "password",
    "private-key",
    "secret",
    "secret-key",
    "sendgrid-key",
    "slack-token",
    "slack-webhook",
    "stripe-key",
    "token",
];

/// What a text turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Classification<'a> {
    /// What it looks like; one of [`KINDS`].
    pub kind: &'static str,
    /// Whether it is short or easy to guess.
    pub is_weak: bool,
    /// The part of the value that is the secret, for instance the password of a connection string.
    pub secret: &'a str,
}

/// A secret's place in a value.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Located {
    kind: &'static str,
    is_weak: bool,
    range: Range<usize>,
}

impl Located {
    fn shifted(mut self, by: usize) -> Self {
        self.range = self.range.start + by..self.range.end + by;
        self
    }

    fn overlaps(&self, other: &Located) -> bool {
        self.range.start < other.range.end && other.range.start < self.range.end
    }

    fn within<'a>(&self, value: &'a str) -> Option<Classification<'a>> {
        let secret = value.get(self.range.clone())?;
        Some(Classification { kind: self.kind, is_weak: self.is_weak, secret })
    }
}

/// Whether `value` under the name `name` is a secret, or contains one.
pub fn classify<'a>(name: &str, value: &'a str) -> Option<Classification<'a>> {
    locate_all(name, value).first()?.within(value)
}

/// The first sixteen hexadecimal digits of HMAC-SHA-256: equal secrets under one key have
/// equal fingerprints, and without the key nothing can be learnt from them.
pub fn fingerprint(key: &[u8], secret: &str) -> String {
    // HMAC takes keys of any length, so that the error cannot happen.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return String::new();
    };
    mac.update(secret.as_bytes());
    let mut fingerprint = hex::encode(mac.finalize().into_bytes());
    fingerprint.truncate(16);
    fingerprint
}

fn compile(pattern: &str) -> Regex {
    #[expect(clippy::expect_used, reason = "constants of this module; the tests compile all of them")]
    Regex::new(pattern).expect("a valid pattern")
}

static JSON_PAIR: LazyLock<Regex> =
    LazyLock::new(|| compile(r#""([A-Za-z0-9_.-]+)"\s*:\s*"((?:[^"\\]|\\.)+)""#));
// `name: value` of YAML and of headers, a line each.
static LINE_PAIR: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r#"(?m)^\s*(?:-\s+)?["']?([A-Za-z][A-Za-z0-9_.-]*)["']?:[ \t]+(?:"((?:[^"\\]|\\.)+)"|'([^']+)'|([^\s"'#{\[&*!|>%@][^\n]*?))[ \t]*$"#,
    )
});
// `name=value` in a row: options of a connection, of OpenTelemetry's exporters, of a configuration.
static ROW_PAIR: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r#"(?:^|[\s,;&(])([A-Za-z][A-Za-z0-9_.-]*)\s?=\s?(?:"((?:[^"\\]|\\.)+)"|'([^']+)'|((?:[Bb]earer|[Bb]asic)\s[^\s,;]+|[^\s,;&()"']+))"#,
    )
});
static QUERY_PAIR: LazyLock<Regex> = LazyLock::new(|| compile(r#"[?&#]([A-Za-z0-9_.\[\]-]+)=([^&#\s"']+)"#));
// `'name': 'value'` of Python, `name: 'value'` of Ruby and JavaScript, `'name' => 'value'` of PHP.
static CODE_PAIR: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r#"(?:^|[\s,;({\[])["']?([A-Za-z][A-Za-z0-9_.-]*)["']?\]?\s*(?:=>|:|=)\s*(?:"((?:[^"\\]|\\.)+)"|'((?:[^'\\]|\\.)+)')"#,
    )
});
static DEFINITION: LazyLock<Regex> = LazyLock::new(|| {
    compile(r#"\bdefine\(\s*["']([A-Za-z0-9_]+)["']\s*,\s*(?:"((?:[^"\\]|\\.)+)"|'((?:[^'\\]|\\.)+)')"#)
});
// Statements of SQL that make a user.
static STATEMENT: LazyLock<Regex> = LazyLock::new(|| {
    compile(r"(?i)\b(?:identified\s(?:with\s\S+\s)?by|with\s(?:encrypted\s)?password)\s+'([^']+)'")
});
// A line break that is written and not made, before another setting.
static WRITTEN_BREAK: LazyLock<Regex> =
    LazyLock::new(|| compile(r"(\\n)(?:export )?[A-Za-z_][A-Za-z0-9_.-]*="));
// `the password is …`, `パスワードは…`: a sentence that tells it.
static SENTENCE: LazyLock<Regex> = LazyLock::new(|| {
    compile(
        r#"(?i)(?:パスワード|パスフレーズ|暗証番号|\bpass(?:word|wd|phrase|code)?|\bpwd?)["']?\s*(?:は|:|：|＝|=|\sis\s)\s*["'「『]?([!-~]{8,})"#,
    )
});

/// Every secret in a value with a name, those in commands and options that it holds included.
fn locate_all(name: &str, value: &str) -> Vec<Located> {
    let mut found = locate(name, value);
    if value.contains(char::is_whitespace) || value.starts_with('-') {
        for spot in text::spots_in_text(value) {
            if !found.iter().any(|known| known.overlaps(&spot.located)) {
                found.push(spot.located);
            }
        }
    }
    found
}

/// Every secret in a value. The first is the one that says most about it.
fn locate(name: &str, value: &str) -> Vec<Located> {
    let mut found = locate_forms(value);
    // Google's keys for pages are told from the others by where they are used only.
    if name::is_read_by_browsers(name) {
        found.retain(|located| located.kind != "google-key");
    }
    if !found.is_empty() {
        return found;
    }
    let found = by_name(name, value);
    if found.is_empty() { by_randomness(name, value).into_iter().collect() } else { found }
}

/// The secrets that can be told without the value's own name.
fn locate_forms(value: &str) -> Vec<Located> {
    let mut found: Vec<Located> = Vec::new();
    let mut add = |more: Vec<Located>| {
        for located in more {
            if !found.iter().any(|known| known.overlaps(&located)) {
                found.push(located);
            }
        }
    };
    add(patterns::tokens(value));
    add(patterns::connections(value));
    let mut start = 0;
    for end in line_ends(value) {
        add(locate_pairs(value.get(start..end).unwrap_or_default(), start));
        start = end;
    }
    add(in_prose(value));
    found
}

/// Where the lines end whose breaks are written as `\n`.
fn line_ends(value: &str) -> Vec<usize> {
    let mut ends: Vec<usize> = Vec::new();
    if value.contains("\\n") {
        let breaks = WRITTEN_BREAK.captures_iter(value).filter_map(|captures| captures.get(1));
        ends.extend(breaks.map(|found| found.end()));
    }
    ends.push(value.len());
    ends
}

/// The secrets among the named parts of a value, which begins at `start` of a longer one.
fn locate_pairs(value: &str, start: usize) -> Vec<Located> {
    let mut found: Vec<Located> = Vec::new();
    let mut add = |more: Vec<Located>| {
        for located in more {
            let located = located.shifted(start);
            if !found.iter().any(|known| known.overlaps(&located)) {
                found.push(located);
            }
        }
    };
    if value.trim_start().starts_with(['{', '[']) {
        add(pairs(&JSON_PAIR, value));
    }
    if value.contains("://") || (value.contains('?') && value.contains('=')) {
        add(pairs(&QUERY_PAIR, value));
    }
    if value.contains(": ") {
        add(pairs(&LINE_PAIR, value));
    }
    if value.contains('=') {
        add(pairs(&ROW_PAIR, value));
    }
    found
}

/// The secrets in what people write: code and sentences.
fn in_prose(value: &str) -> Vec<Located> {
    let mut found = Vec::new();
    if value.contains(['"', '\'']) {
        found.extend(pairs(&CODE_PAIR, value));
        found.extend(pairs(&DEFINITION, value));
        for part in STATEMENT.captures_iter(value).filter_map(|captures| captures.get(1)) {
            let located = by_name("password", part.as_str());
            found.extend(located.into_iter().map(|located| located.shifted(part.start())));
        }
    }
    for part in SENTENCE.captures_iter(value).filter_map(|captures| captures.get(1)) {
        let text = part.as_str().trim_end_matches(['"', '\'', ')', '.', ',', ';', '!']);
        // Prose goes on about passwords; only what has letters and digits is one.
        let has = |test: fn(&char) -> bool| text.chars().any(|character| test(&character));
        let is_mixed = has(char::is_ascii_alphabetic) && has(char::is_ascii_digit);
        let is_other = value::is_reference(text) || value::is_placeholder(text) || value::is_location(text);
        if text.len() >= 8
            && is_mixed
            && !is_other
            && !text.starts_with(['[', '(', '\\', '{', '%'])
            && !value::is_words(text)
        {
            // All of it: what was cut off may be the end of the password.
            let range = part.range();
            found.push(Located { kind: "password", is_weak: value::is_weak(text), range });
        }
    }
    found
}

/// The named parts of a value whose name says that they are secrets.
fn pairs(pattern: &Regex, value: &str) -> Vec<Located> {
    let mut found = Vec::new();
    for captures in pattern.captures_iter(value) {
        if let (Some(name), Some(part)) = (captures.get(1), captures.iter().skip(2).flatten().next()) {
            // `password: at least 8 characters`, not in quotes.
            let is_prose = captures.get(4).is_some_and(|text| text.as_str().split(' ').count() > 3);
            if is_prose {
                continue;
            }
            let located = by_name(name.as_str(), part.as_str());
            found.extend(located.into_iter().map(|located| located.shifted(part.start())));
        }
    }
    found
}

/// A secret because of its name.
fn by_name(name: &str, value: &str) -> Vec<Located> {
    let Some(Says { kind, trust }) = name::says(name) else { return Vec::new() };
    let (range, text) = value::bare(value);
    let located = |is_weak| vec![Located { kind, is_weak, range: range.clone() }];
    if kind == "password" && trust == Trust::Any && value::is_default_password(text) {
        return located(true);
    }
    if value::is_reference(text) || value::is_placeholder(text) || value::is_location(text) {
        return Vec::new();
    }
    if trust != Trust::Any && (value::is_public(text) || value::is_document(text)) {
        return Vec::new();
    }
    match trust {
        Trust::Any if value::is_number_below(text, 4) => Vec::new(),
        Trust::Any => located(value::is_weak(text)),
        Trust::Digits if text.len() >= 4 && text.chars().all(|character| character.is_ascii_digit()) => {
            located(value::is_weak(text))
        }
        Trust::Pair | Trust::NamedOrPair if pair(text).is_some() => {
            pair(text).map(|found| found.shifted(range.start)).into_iter().collect()
        }
        Trust::Named | Trust::NamedOrPair
            if value::looks_random(text, 8) && !value::is_number_below(text, 8) =>
        {
            located(value::is_weak(text))
        }
        Trust::Random if value::looks_random(text, 16) && !value::is_number_below(text, 20) => {
            located(value::is_weak(text))
        }
        Trust::Header => headers(text).into_iter().map(|found| found.shifted(range.start)).collect(),
        Trust::Digits | Trust::Named | Trust::NamedOrPair | Trust::Pair | Trust::Random => Vec::new(),
    }
}

static SCHEME: LazyLock<Regex> =
    LazyLock::new(|| compile(r"(?i)^(?:bearer|token|basic|apikey|key|digest)\s+(\S{6,})$"));
static USER_AND_PASSWORD: LazyLock<Regex> = LazyLock::new(|| compile(r"^[^\s:/@]+:([^\s:]+)$"));

/// The secrets of an authorization header, or of users with their passwords in a row.
fn headers(text: &str) -> Vec<Located> {
    if !text.contains(',') || SCHEME.is_match(text) {
        return header(text).into_iter().collect();
    }
    let mut start = 0;
    let mut found = Vec::new();
    for part in text.split(',') {
        found.extend(header(part).map(|located| located.shifted(start)));
        start += part.len() + 1;
    }
    found
}

/// The secret of an authorization header, or of what is written like one.
fn header(text: &str) -> Option<Located> {
    let part = |pattern: &Regex| pattern.captures(text).and_then(|captures| captures.get(1));
    let usable = |secret: &str| !value::is_reference(secret) && !value::is_placeholder(secret);
    if let Some(secret) = part(&SCHEME) {
        let is_secret = usable(secret.as_str()) && !value::is_words(secret.as_str());
        return is_secret.then(|| Located { kind: "token", is_weak: false, range: secret.range() });
    }
    if USER_AND_PASSWORD.is_match(text) {
        return user_and_password(text);
    }
    let is_secret = value::looks_random(text, 16) && value::entropy(text) >= 3.5;
    is_secret.then_some(Located { kind: "token", is_weak: false, range: 0..text.len() })
}

/// The password of `user:password`.
fn user_and_password(text: &str) -> Option<Located> {
    let secret = USER_AND_PASSWORD.captures(text)?.get(1)?;
    let password = secret.as_str();
    let is_port = password.chars().all(|character| character.is_ascii_digit());
    if is_port || value::is_reference(password) || value::is_placeholder(password) {
        return None;
    }
    Some(Located { kind: "password", is_weak: value::is_weak(password), range: secret.range() })
}

/// The same where the name does not promise one: `provider:cognito` is none.
fn pair(text: &str) -> Option<Located> {
    user_and_password(text).filter(|found| !text.get(found.range.clone()).is_none_or(value::is_words))
}

/// A secret because nothing else looks like that, or because something that looks so wraps one.
fn by_randomness(name: &str, value: &str) -> Option<Located> {
    let (range, text) = value::bare(value);
    let kind = "high-entropy-text";
    if let Some(text) = value::decoded(text) {
        let is_secret = !locate("", &text).is_empty() || pair(text.trim()).is_some();
        return is_secret.then_some(Located { kind, is_weak: false, range });
    }
    if name::is_headers(name) {
        let parts = PART.captures_iter(text).filter_map(|captures| captures.get(1));
        let is_key =
            |text: &str| value::is_scrambled(text) || value::random_kind(text) == Some("high-entropy-text");
        let secret = parts.into_iter().find(|part| is_key(part.as_str()))?;
        let range = range.start + secret.start()..range.start + secret.end();
        return Some(Located { kind, is_weak: false, range });
    }
    if value::is_data(text) {
        return None;
    }
    if name::is_some_key(name) && !name::says_not_random(name) && value::is_scrambled(text) {
        let kind = value::random_kind(text).unwrap_or(kind);
        return Some(Located { kind, is_weak: false, range });
    }
    randomness(name, value)
}

// `name=value` of a row of headers.
static PART: LazyLock<Regex> = LazyLock::new(|| compile(r"(?:^|,)\s*[A-Za-z0-9-]+=([^,\s]+)"));

/// A text in which no order is left, or several of them in a row.
fn randomness(name: &str, value: &str) -> Option<Located> {
    let (range, text) = value::bare(value);
    if name::says_not_random(name)
        || value::is_reference(text)
        || value::is_location(text)
        || value::is_public(text)
    {
        return None;
    }
    let mut kinds = text.split([':', ',', '|']).map(value::random_kind);
    let kind = kinds.next()??;
    if kinds.any(|kind| kind.is_none()) {
        return None;
    }
    Some(Located { kind, is_weak: false, range })
}
