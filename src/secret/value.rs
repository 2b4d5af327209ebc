//! What a value looks like, whatever it is called.

use super::compile;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
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
        r"^\$\$?[a-z_][a-z0-9_]*$|^%%?[a-z_][a-z0-9_]*%%?$|^__[a-z0-9_]+__$|^@@?[a-z0-9_]+@@?$|",
        r"^<.*>$|^\[.*\]$|^\(.*\)$|^（.*）$|^【.*】$|^＜.*＞$|^@microsoft\.keyvault|",
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
        r"^(?:change|replace)(?:me|it|this)$|^(?:change|replace)(?:me|it|this)(?:now|later|please|before|in|to)|^replacewith|",
        r"^example|example(?:key|secret|password|token)?$|^dummy|^placeholder|placeholder$|",
        r"^(?:todo|tbd|fixme|none|null|nil|undefined|unset|notset|empty|redacted|hidden|masked|na|",
        r"true|false|yes|no|on|off|enabled|disabled|enable|disable|optional|required|default)$|",
        r"^x{3,}$|^(?:xxx+[a-z]*)$|x{6,}|",
        r"^(?:未設定|別途|要変更|要設定|ここに)|^(?:なし|省略|非公開|パスワード)$|",
        r"(?:を参照|から取得|から読み?込む|で管理|に保管|に保存|を入力)(?:する|してください)?$",
    ))
});

static YOURS: LazyLock<Regex> =
    LazyLock::new(|| compile(r"^(?:your|insert|enter|putyour|addyour|setyour)[a-z]"));
// What `YOUR_PASSWORD` has none of and a password has: `yourStrong(!)Password`.
const SIGNS: &[char] = &['!', '#', '$', '%', '&', '*', '+', '=', '@', '^', '~', '|'];

/// Whether the value only holds a place, or is a switch.
pub(super) fn is_placeholder(text: &str) -> bool {
    let letters: String =
        text.chars().filter(|character| character.is_alphanumeric()).collect::<String>().to_lowercase();
    // Nothing but `***`, `...`, `----`.
    let is_yours = YOURS.is_match(&letters) && !text.contains(SIGNS);
    letters.is_empty() || is_yours || PLACEHOLDER.is_match(&letters)
}

/// Whether the value is a password that products come with: it asks to be changed, and it
/// lets everybody in until then.
pub(super) fn is_default_password(text: &str) -> bool {
    text == "changeme"
}

static PUBLIC: LazyLock<Regex> = LazyLock::new(|| {
    compile(r"^pk_(?:live|test)_|^pk\.eyJ|^pub[0-9a-f]{32}$|^(?i:sha(?:1|256|384|512))[-/:]")
});

/// Whether the value has a form that is meant to be seen: a publishable key of Stripe or
/// Mapbox, a client token of Datadog, a digest.
pub(super) fn is_public(text: &str) -> bool {
    PUBLIC.is_match(text)
}

/// Whether the value is a document of JSON, whose parts are looked at one by one.
pub(super) fn is_document(text: &str) -> bool {
    (text.starts_with('{') && text.ends_with('}')) || (text.starts_with('[') && text.ends_with(']'))
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

// `XXXXX-XXXXX-XXXXX-XXXXX`, as licenses are printed.
static PRODUCT_KEY: LazyLock<Regex> = LazyLock::new(|| compile(r"^[A-Z0-9]{4,12}(?:-[A-Z0-9]{4,12}){3,}$"));

/// Whether the value reads as words: a name, an option, a path of names.
pub(super) fn is_words(text: &str) -> bool {
    let count = text.chars().count();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    // `django.contrib.auth.hashers.Argon2PasswordHasher`: a class or a module.
    if DOTTED.is_match(text) && digits * 8 <= count {
        return text.split('.').all(|part| part.len() < 20 || entropy(part) < 4.3);
    }
    if PRODUCT_KEY.is_match(text) && digits >= 2 {
        return false;
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

static SCRAMBLED: LazyLock<Regex> = LazyLock::new(|| compile(r"^[A-Za-z0-9_+=-]{20,}$"));
static UUID: LazyLock<Regex> =
    LazyLock::new(|| compile(r"^(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$"));

/// Whether capitals, small letters and digits take turns as nobody writes them, in one piece
/// and without being a UUID: a key that no prefix tells, of small letters only for instance.
pub(super) fn is_scrambled(text: &str) -> bool {
    if !SCRAMBLED.is_match(text) || UUID.is_match(text) || entropy(text) < 3.5 || is_words(text) {
        return false;
    }
    // Words begin with a capital, and parts of a name may be numbers: neither is a turn.
    let is_turn = |(one, next): (char, char)| {
        let is_of_letters = one.is_ascii_alphanumeric() && next.is_ascii_alphanumeric();
        let is_changed = one.is_ascii_digit() != next.is_ascii_digit();
        is_of_letters && (is_changed || (one.is_ascii_lowercase() && next.is_ascii_uppercase()))
    };
    let turns = text.chars().zip(text.chars().skip(1)).filter(|two| is_turn(*two)).count();
    // Names in camel case stay below.
    turns * 4 >= text.len()
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
    // PNG, JPEG, GIF, WebP, icons, PDF, ZIP.
    let is_file = ["iVBORw0KGgo", "/9j/", "R0lGOD", "UklGR", "AAABAA", "JVBERi", "UEsDB"];
    let parts = text.split(['-', '_', '/', '+']).count();
    // An alphabet in its order is a setting of an encoder.
    if text.contains("ABCDEFGH") || text.contains("abcdefgh") {
        return None;
    }
    if is_encoded.iter().chain(&is_file).any(|prefix| text.starts_with(prefix)) || text.len() < parts * 8 {
        return None;
    }
    Some("high-entropy-text")
}

/// The text that the value is the Base64 of, if it is one.
pub(super) fn decoded(text: &str) -> Option<String> {
    if text.len() < 24 || !BASE64.is_match(text) {
        return None;
    }
    let bytes = STANDARD.decode(text).or_else(|_| URL_SAFE_NO_PAD.decode(text.trim_end_matches('='))).ok()?;
    let decoded = String::from_utf8(bytes).ok()?;
    let is_text = decoded.chars().all(|character| !character.is_control() || "\n\r\t".contains(character));
    is_text.then_some(decoded)
}

// Longer than any token: pictures, compiled schemas, archives.
const LONGEST_TOKEN: usize = 400;

/// Whether the value is too long for a key.
pub(super) fn is_data(text: &str) -> bool {
    text.len() > LONGEST_TOKEN
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
