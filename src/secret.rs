//! Whether a text is a secret, decided where the text is read so that it can be dropped
//! there. Nothing in here keeps, logs or returns a secret to anybody but the caller.
//!
//! Four ways to know a secret, in this order: a form that only a secret has (a key of a
//! known issuer, a private key, a connection string with a password); a name that says
//! so; parts of JSON or of a URL's query that are named so; and text that is too random
//! to be anything else under a name that does not say otherwise.

mod name;
mod patterns;
mod specimen;
mod text;
mod value;

#[cfg(test)]
mod cases;
#[cfg(test)]
mod corpus;

pub use specimen::{conceal, conceal_text, scrub};
pub(crate) use specimen::{scrub_arguments, scrub_text};
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
static QUERY_PAIR: LazyLock<Regex> = LazyLock::new(|| compile(r#"[?&]([A-Za-z0-9_.-]+)=([^&#\s"']+)"#));

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
    let found = locate_forms(value);
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
    if value.trim_start().starts_with(['{', '[']) {
        add(pairs(&JSON_PAIR, value));
    }
    if value.contains("://") {
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

/// The named parts of a value whose name says that they are secrets.
fn pairs(pattern: &Regex, value: &str) -> Vec<Located> {
    let mut found = Vec::new();
    for captures in pattern.captures_iter(value) {
        if let (Some(name), Some(part)) = (captures.get(1), captures.iter().skip(2).flatten().next()) {
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
    if value::is_reference(text) || value::is_placeholder(text) || value::is_location(text) {
        return Vec::new();
    }
    match trust {
        Trust::Any if value::is_number_below(text, 4) => Vec::new(),
        Trust::Any => located(value::is_weak(text)),
        Trust::Named if value::looks_random(text, 8) && !value::is_number_below(text, 8) => {
            located(value::is_weak(text))
        }
        Trust::Random if value::looks_random(text, 16) && !value::is_number_below(text, 20) => {
            located(value::is_weak(text))
        }
        Trust::Header => headers(text).into_iter().map(|found| found.shifted(range.start)).collect(),
        Trust::Named | Trust::Random => Vec::new(),
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
    if let Some(secret) = part(&USER_AND_PASSWORD) {
        let is_port = secret.as_str().chars().all(|character| character.is_ascii_digit());
        let is_weak = value::is_weak(secret.as_str());
        return (usable(secret.as_str()) && !is_port).then(|| Located {
            kind: "password",
            is_weak,
            range: secret.range(),
        });
    }
    let is_secret = value::looks_random(text, 16) && value::entropy(text) >= 3.5;
    is_secret.then_some(Located { kind: "token", is_weak: false, range: 0..text.len() })
}

/// A secret because nothing else looks like that.
fn by_randomness(name: &str, value: &str) -> Option<Located> {
    let (range, text) = value::bare(value);
    if name::says_not_random(name) || value::is_reference(text) || value::is_location(text) {
        return None;
    }
    let kind = value::random_kind(text)?;
    Some(Located { kind, is_weak: false, range })
}
