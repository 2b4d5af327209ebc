//! What a value looks like, whatever it is called.

use super::compile;
use regex::Regex;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

/// The value without spaces and one pair of quotes around it, and where it is.
pub(super) fn bare(value: &str) -> (Range<usize>, &str) {
    let mut text = value.trim();
    let mut start = value.len() - value.trim_start().len();
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            text = inner;
            start += 1;
            break;
        }
    }
    (start..start + text.len(), text)
}

static REFERENCE: LazyLock<Regex> = LazyLock::new(|| {
    compile(concat!(
        r"(?i)\$\{|%\{|\{\{|\$\(|#\{|",
        r"^\$[a-z_][a-z0-9_]*$|^%[a-z_][a-z0-9_]*%$|^<.*>$|^\[.*\]$|^\(.*\)$|^@microsoft\.keyvault|",
        r"^(?:arn|ssm|secretsmanager|aws-?sm|awsssm|vault|secret|op|sm|env|ref\+[a-z]+|valueFrom):|",
        r"^projects/[^/]+/secrets/|^enc[(\[]|^AQICAH",
    ))
});

/// Whether the value stands for one that is kept elsewhere, or is encrypted.
pub(super) fn is_reference(text: &str) -> bool {
    REFERENCE.is_match(text)
}

static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| {
    compile(concat!(
        r"^(?:change|replace)(?:me|it|this)$|^(?:change|replace)(?:me|it|this)(?:now|later|please|before|in|to)|^replacewith|^(?:your|insert|enter|putyour|addyour|setyour)[a-z]|",
        r"^example|example(?:key|secret|password|token)?$|^dummy|^placeholder|placeholder$|",
        r"^(?:todo|tbd|fixme|none|null|nil|undefined|unset|notset|empty|redacted|hidden|masked|na|",
        r"true|false|yes|no|on|off|enabled|disabled|enable|disable|optional|required|default)$|",
        r"^x{3,}$|^(?:xxx+[a-z]*)$",
    ))
});

/// Whether the value only holds a place, or is a switch.
pub(super) fn is_placeholder(text: &str) -> bool {
    let letters: String =
        text.chars().filter(|character| character.is_alphanumeric()).collect::<String>().to_lowercase();
    // Nothing but `***`, `...`, `----`.
    letters.is_empty() || PLACEHOLDER.is_match(&letters)
}

static URL: LazyLock<Regex> = LazyLock::new(|| compile(r"(?i)^[a-z][a-z0-9+.-]{1,30}://\S*$|^jdbc:\S+$"));
static FILE: LazyLock<Regex> =
    LazyLock::new(|| compile(r"^(?:/|\./|\.\./|~/)[\w.@+ -]+(?:/[\w.@+ -]+)*/?$|^[A-Za-z]:\\|^/$|^file:"));

/// Whether the value is a URL or a path. A password in a URL is looked for before this.
pub(super) fn is_location(text: &str) -> bool {
    URL.is_match(text) || (FILE.is_match(text) && random_kind(text).is_none())
}

/// Whether the value is a whole number of fewer than `digits` digits.
pub(super) fn is_number_below(text: &str, digits: usize) -> bool {
    text.len() < digits && text.chars().all(|character| character.is_ascii_digit())
}

static SLUG: LazyLock<Regex> =
    LazyLock::new(|| compile(r"^[A-Za-z][A-Za-z0-9]{0,19}(?:[-_./: ][A-Za-z0-9]{1,20})*$"));

static DOTTED: LazyLock<Regex> = LazyLock::new(|| compile(r"^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*){2,}$"));

/// Whether the value reads as words: a name, an option, a path of names.
pub(super) fn is_words(text: &str) -> bool {
    let count = text.chars().count();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    // `django.contrib.auth.hashers.Argon2PasswordHasher`: a class or a module.
    if DOTTED.is_match(text) && digits * 8 <= count {
        return true;
    }
    if digits == 0 {
        let is_plain =
            text.chars().all(|character| character.is_alphabetic() || "-_./: ".contains(character));
        return is_plain && (count < 20 || entropy(text) < 4.2);
    }
    // A number or two after words: `shop/db-1`, `oauth2-proxy`.
    let is_one_case = !text.chars().any(char::is_uppercase) || !text.chars().any(char::is_lowercase);
    let is_joined = text.contains(['-', '_', '.', '/', ':', ' ']);
    SLUG.is_match(text) && is_one_case && is_joined && digits * 4 <= count
}

/// Whether the value is long and mixed enough for a generated one.
pub(super) fn looks_random(text: &str, least: usize) -> bool {
    let count = text.chars().count();
    if count < least || text.contains(char::is_whitespace) || is_words(text) {
        return false;
    }
    // Eight characters cannot have more than three bits each.
    #[expect(clippy::cast_precision_loss, reason = "values are far shorter than 2^52 characters")]
    let attainable = (count as f64).log2();
    entropy(text) >= (0.75 * attainable).min(3.0)
}

static HEX: LazyLock<Regex> = LazyLock::new(|| compile(r"^(?:[0-9a-f]{32,}|[0-9A-F]{32,})$"));
static BASE64: LazyLock<Regex> = LazyLock::new(|| compile(r"^[A-Za-z0-9+/_-]{20,}={0,2}$"));

/// The kind of a value that is random enough to be a secret under any name.
pub(super) fn random_kind(text: &str) -> Option<&'static str> {
    let has = |test: fn(&char) -> bool| text.chars().any(|character| test(&character));
    if HEX.is_match(text) {
        let is_hex = entropy(text) >= 3.0 && has(char::is_ascii_alphabetic);
        return is_hex.then_some("high-entropy-hex");
    }
    if !BASE64.is_match(text) || entropy(text) < 4.5 {
        return None;
    }
    if !(has(char::is_ascii_digit) && has(char::is_ascii_uppercase) && has(char::is_ascii_lowercase)) {
        return None;
    }
    // Certificates, public keys and JSON in base64; names joined by many separators.
    let is_encoded = ["LS0tLS1CRUdJTi", "MIIB", "MIIC", "MIID", "MIIE", "MIIF", "MIIG", "eyJ", "H4sI"];
    let parts = text.split(['-', '_', '/', '+']).count();
    // An alphabet in its order is a setting of an encoder.
    if text.contains("ABCDEFGH") || text.contains("abcdefgh") {
        return None;
    }
    if is_encoded.iter().any(|prefix| text.starts_with(prefix)) || text.len() < parts * 8 {
        return None;
    }
    Some("high-entropy-text")
}

/// Shannon entropy in bits per character.
pub(super) fn entropy(text: &str) -> f64 {
    let mut counts: BTreeMap<char, f64> = BTreeMap::new();
    for character in text.chars() {
        *counts.entry(character).or_default() += 1.0;
    }
    let total: f64 = counts.values().sum();
    counts.values().map(|count| -(count / total) * (count / total).log2()).sum()
}

// What people type first; without numbers and signs at the end, and with letters for the
// signs that replace them.
const COMMON: &[&str] = &[
    "abc",
    "abcd",
    "abcdef",
    "admin",
    "administrator",
    "app",
    "asdf",
    "asdfgh",
    "company",
    "database",
    "db",
    "demo",
    "dev",
    "develop",
    "django",
    "docker",
    "dragon",
    "guest",
    "hello",
    "iloveyou",
    "laravel",
    "letmein",
    "local",
    "localhost",
    "login",
    "mariadb",
    "master",
    "mongo",
    "mongodb",
    "monkey",
    "my",
    "mysecret",
    "mysql",
    "oracle",
    "pass",
    "passwd",
    "password",
    "postgres",
    "postgresql",
    "prod",
    "production",
    "pw",
    "qwer",
    "qwerty",
    "rails",
    "redis",
    "root",
    "secret",
    "service",
    "shop",
    "sample",
    "staging",
    "super",
    "supersecret",
    "temp",
    "test",
    "testing",
    "user",
    "web",
    "welcome",
    "zaq",
];

/// Whether a password is short or easy to guess.
pub(super) fn is_weak(secret: &str) -> bool {
    let count = secret.chars().count();
    let is_one_sort = secret.chars().all(char::is_numeric) || secret.chars().all(char::is_alphabetic);
    if count < 8 || entropy(secret) < 2.0 || (is_one_sort && count < 12) {
        return true;
    }
    let skeleton: String = secret
        .to_lowercase()
        .trim_end_matches(|character: char| !character.is_alphabetic())
        .chars()
        .map(|character| match character {
            '0' => 'o',
            '1' | '!' => 'i',
            '3' => 'e',
            '4' | '@' => 'a',
            '5' | '$' => 's',
            other => other,
        })
        .collect();
    if COMMON.contains(&skeleton.as_str()) {
        return true;
    }
    let mut words = skeleton.split(['-', '_', '.', ' ']).filter(|word| !word.is_empty());
    count < 12 && words.all(|word| COMMON.contains(&word))
}
