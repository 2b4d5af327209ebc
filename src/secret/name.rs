//! What the name of a variable, flag, label or option says about its value.

/// What a name promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Says {
    /// The kind of secret.
    pub(super) kind: &'static str,
    /// How much the value has to add.
    pub(super) trust: Trust,
}

/// How far a name alone is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trust {
    /// Whatever the value is: `DB_PASSWORD=shop` is a password, if a bad one.
    Any,
    /// The value may also be the name of a secret kept elsewhere, as in `DB_SECRET=shop/db`.
    Named,
    /// The value has to look random: the keyword is not what the name is about.
    Random,
    /// The value is a header, a user with a password, or random.
    Header,
    /// The value is a user with a password, `user:password`.
    Pair,
    /// The value is random, or a user with a password.
    NamedOrPair,
    /// The value is a number, as of a cash card.
    Digits,
}

// A last word that makes the value something about the secret and not the secret.
const ABOUT: &[&str] = &[
    "AGE",
    "ALG",
    "ALPHABET",
    "ALGORITHM",
    "ALGO",
    "ALIAS",
    "ARN",
    "ARNS",
    "ATTEMPTS",
    "AUDIENCE",
    "BACKEND",
    "BUCKET",
    "CHARSET",
    "CHECKSUM",
    "CLASS",
    "COLUMN",
    "COOKIE",
    "COUNT",
    "DAYS",
    "DIGEST",
    "DIR",
    "DIRECTORY",
    "DISABLED",
    "DOMAIN",
    "ENABLED",
    "ENCODING",
    "ENDPOINT",
    "ENDPOINTS",
    "ENGINE",
    "FIELD",
    "FILE",
    "FILENAME",
    "FILES",
    "FORMAT",
    "HASH",
    "HASHER",
    "HASHERS",
    "HEADER",
    "HINT",
    "HOST",
    "HOSTNAME",
    "HOSTS",
    "HOURS",
    "ID",
    "IDS",
    "INTERVAL",
    "ISSUER",
    "KIND",
    "LABEL",
    "LENGTH",
    "LIFETIME",
    "LIMIT",
    "LOCATION",
    "MANAGER",
    "MAX",
    "METHOD",
    "MIN",
    "MINUTES",
    "MODE",
    "MS",
    "NAME",
    "NAMES",
    "NAMESPACE",
    "PARAM",
    "PARAMETER",
    "PATH",
    "PATHS",
    "PATTERN",
    "POLICY",
    "PORT",
    "PREFIX",
    "PROVIDER",
    "REF",
    "REGEX",
    "REGEXP",
    "REGION",
    "REQUIRED",
    "RETRIES",
    "ROTATION",
    "RULE",
    "RULES",
    "SCOPE",
    "SCOPES",
    "SECONDS",
    "SERVER",
    "SERVICE",
    "SIZE",
    "SOURCE",
    "STATUS",
    "STORE",
    "STRATEGY",
    "SUFFIX",
    "TIMEOUT",
    "TTL",
    "TYPE",
    "URI",
    "URL",
    "URLS",
    "USER",
    "USERNAME",
    "VALIDATOR",
    "VALIDATORS",
    "VERSION",
];

// The same at the end of a Japanese name, where words are not parted.
const ABOUT_JA: &[&str] = &[
    "ID",
    "URL",
    "ファイル",
    "ヒント",
    "ポリシー",
    "回数",
    "変更",
    "更新日",
    "期間",
    "期限",
    "桁数",
    "文字数",
    "設定",
    "長さ",
];

// Japanese names of secrets, by their end: `管理者パスワード`, `API キー`, `接続用トークン`.
const JAPANESE: &[(&str, &str, Trust)] = &[
    ("パスワード", "password", Trust::Any),
    ("パスフレーズ", "password", Trust::Any),
    ("パスコード", "password", Trust::Any),
    ("暗証番号", "password", Trust::Any),
    ("合言葉", "password", Trust::Any),
    ("秘密鍵", "private-key", Trust::Named),
    ("秘密キー", "private-key", Trust::Named),
    ("暗号鍵", "secret-key", Trust::Named),
    ("暗号化キー", "secret-key", Trust::Named),
    ("暗号化鍵", "secret-key", Trust::Named),
    ("共通鍵", "secret-key", Trust::Named),
    ("署名鍵", "secret-key", Trust::Named),
    ("アクセスキー", "access-key", Trust::Named),
    ("API キー", "api-key", Trust::Named),
    ("シークレット", "secret", Trust::Named),
    ("トークン", "token", Trust::Named),
    ("認証情報", "credentials", Trust::Named),
    ("資格情報", "credentials", Trust::Named),
];

// A first word that makes the value a switch or a number.
const SWITCH: &[&str] =
    &["ALLOW", "DISABLE", "ENABLE", "HAS", "IS", "MAX", "MIN", "NO", "NUM", "REQUIRE", "SHOW", "SKIP", "USE"];

// Anywhere: what is meant to be seen by everybody.
const PUBLIC: &[&str] = &["PUBLIC", "PUBLISHABLE", "PUBKEY"];

// Before KEY: what makes a key a secret one. `PARTITION_KEY` and `CACHE_KEY` are not.
const KEYS: &[(&str, &str)] = &[
    ("API", "api-key"),
    ("APP", "api-key"),
    ("APPLICATION", "api-key"),
    ("SUBSCRIPTION", "api-key"),
    ("LICENSE", "api-key"),
    ("SERVICE", "api-key"),
    ("ACCESS", "access-key"),
    ("ACCOUNT", "access-key"),
    ("CLIENT", "access-key"),
    ("PRIVATE", "private-key"),
    ("PRIV", "private-key"),
    ("SSH", "private-key"),
    ("RSA", "private-key"),
    ("AES", "secret-key"),
    ("AUTH", "secret-key"),
    ("CIPHER", "secret-key"),
    ("COOKIE", "secret-key"),
    ("CRYPT", "secret-key"),
    ("DATABASE", "secret-key"),
    ("DB", "secret-key"),
    ("ENCRYPTION", "secret-key"),
    ("HASHING", "secret-key"),
    ("HMAC", "secret-key"),
    ("INTERNAL", "secret-key"),
    ("JWT", "secret-key"),
    ("MASTER", "secret-key"),
    ("SECRET", "secret-key"),
    ("SESSION", "secret-key"),
    ("SHARED", "secret-key"),
    ("SIGNATURE", "secret-key"),
    ("SIGNING", "secret-key"),
    ("WEBHOOK", "secret-key"),
];

// Before SECRET or SECRET_KEY: an application's own secret, never the name of one kept elsewhere.
const OWN: &[&str] = &[
    "APP", "CLIENT", "CONSUMER", "COOKIE", "CSRF", "HMAC", "JWT", "NEXTAUTH", "OAUTH", "SESSION", "SHARED",
    "SIGNING", "WEBHOOK",
];

// At the end: which of several secrets it is.
const WHICH: &[&str] = &[
    "CURRENT",
    "DEFAULT",
    "DEV",
    "NEW",
    "OLD",
    "PLAIN",
    "PLAINTEXT",
    "PREVIOUS",
    "PROD",
    "PRODUCTION",
    "RAW",
    "STAGING",
    "STG",
    "VALUE",
];

/// What the name says; `None` when it does not speak of a secret, or only about one.
pub(super) fn says(name: &str) -> Option<Says> {
    let words = words(name);
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    while words.len() > 1 && words.last().is_some_and(|last| WHICH.contains(last)) {
        words.pop();
    }
    let (first, last) = (*words.first()?, *words.last()?);
    if ABOUT.contains(&last)
        || last.starts_with("EXPIR")
        || (words.len() > 1 && SWITCH.contains(&first))
        || words.iter().any(|word| PUBLIC.contains(word))
        || ["PWD", "OLDPWD"].contains(&name)
    {
        return None;
    }
    if let Some(says) = says_in_japanese(&words) {
        return says;
    }
    if is_password(last) {
        return Some(Says { kind: "password", trust: Trust::Any });
    }
    if let Some(kind) = key(&words) {
        // What a page is built with is in the page.
        if kind == "api-key" && is_for_browsers(&words) {
            return None;
        }
        return Some(Says { kind, trust: key_trust(&words) });
    }
    if last.ends_with("SECRET") || last == "SECRETS" {
        let before = words.len().checked_sub(2).and_then(|index| words.get(index));
        let is_own = before.is_some_and(|word| OWN.contains(word));
        return Some(Says { kind: "secret", trust: if is_own { Trust::Any } else { Trust::Named } });
    }
    if last.ends_with("TOKEN") || last == "TOKENS" {
        return Some(Says { kind: "token", trust: Trust::Named });
    }
    if ["CRED", "CREDENTIAL", "CREDENTIALS", "CREDS"].contains(&last) {
        return Some(Says { kind: "credentials", trust: Trust::NamedOrPair });
    }
    // `BUNDLE_GEMS__EXAMPLE__COM=user:password` is how Bundler signs in to a server of gems.
    if last == "LOGIN" || (first == "BUNDLE" && name.contains("__")) {
        return Some(Says { kind: "password", trust: Trust::Pair });
    }
    if last == "PIN" || words.ends_with(&["PIN", "CODE"]) || last == "PINCODE" {
        return Some(Says { kind: "password", trust: Trust::Digits });
    }
    // The seed of one-time passwords is the secret that makes all of them.
    if last == "SEED" && words.iter().any(|word| ["OTP", "TOTP", "HOTP", "MFA"].contains(word)) {
        return Some(Says { kind: "secret", trust: Trust::Named });
    }
    if ["AUTH", "AUTHORIZATION"].contains(&last) || is_users(&words) {
        return Some(Says { kind: "token", trust: Trust::Header });
    }
    let mentioned = |kind| Some(Says { kind, trust: Trust::Random });
    // `PASS_THROUGH_HEADERS` passes something on.
    if words.iter().any(|word| is_password(word) && *word != "PASS") {
        return mentioned("password");
    }
    if words.iter().any(|word| word.ends_with("SECRET") || ["SALT", "PEPPER"].contains(word)) {
        return mentioned("secret");
    }
    if words.iter().any(|word| word.ends_with("TOKEN")) {
        return mentioned("token");
    }
    None
}

/// What a Japanese name says; `Some(None)` for one that speaks about a secret only.
fn says_in_japanese(words: &[&str]) -> Option<Option<Says>> {
    if words.iter().all(|word| word.is_ascii()) {
        return None;
    }
    // `APIキー` is two words, `API` and `キー`; `管理者パスワード` is one.
    let name = words.join(" ");
    if ABOUT_JA.iter().any(|end| name.ends_with(end)) {
        return Some(None);
    }
    let (_, kind, trust) = JAPANESE.iter().find(|(end, ..)| name.ends_with(end))?;
    Some(Some(Says { kind, trust: *trust }))
}

// `BASIC_AUTH_USERS=shop:password,ops:password`.
fn is_users(words: &[&str]) -> bool {
    matches!(words, [.., "AUTH", "USERS" | "ACCOUNTS"])
}

fn is_password(word: &str) -> bool {
    let is_other_word = ["BYPASS", "COMPASS", "ENCOMPASS", "SURPASS"].contains(&word);
    ["PASSWORD", "PASSWORDS", "PASSWD", "PASSPHRASE", "PASSCODE", "PWD", "PW", "PSK"]
        .iter()
        .any(|suffix| word.ends_with(suffix))
        || (word.ends_with("PASS") && !is_other_word)
}

/// The kind of key that the name speaks of.
fn key(words: &[&str]) -> Option<&'static str> {
    if words.windows(3).any(|three| three == ["SECRET", "ACCESS", "KEY"]) {
        return Some("aws-secret-access-key");
    }
    // `SECRET_KEY_BASE` still is a key; `API_KEY_ROTATION` was sorted out before.
    // One of the eight that WordPress signs its cookies with.
    if words.ends_with(&["LOGGED", "IN", "KEY"]) || words == ["NONCE", "KEY"] {
        return Some("secret-key");
    }
    let pair = words.windows(2).find_map(|two| match two {
        [before, "KEY" | "KEYS"] => KEYS.iter().find(|(word, _)| word == before),
        _ => None,
    });
    let (_, kind) = pair.or_else(|| {
        let last = *words.last()?;
        let before = last.strip_suffix("KEY")?;
        KEYS.iter().find(|(word, _)| before.ends_with(word))
    })?;
    Some(kind)
}

fn key_trust(words: &[&str]) -> Trust {
    let is_own = words.windows(3).any(|three| match three {
        [before, "SECRET", "KEY"] => OWN.contains(before),
        _ => false,
    });
    if is_own { Trust::Any } else { Trust::Named }
}

// Words under which random-looking text is expected and harmless.
const RANDOM_BY_NATURE: &[&str] = &[
    "ARN",
    "ASSET",
    "AVATAR",
    "BUILD",
    "CERT",
    "CERTIFICATE",
    "CHECKSUM",
    "COMMIT",
    "DESCRIPTOR",
    "DIGEST",
    "ETAG",
    "FILE",
    "FINGERPRINT",
    "GUID",
    "HASH",
    "HOST",
    "ID",
    "IDS",
    "IMAGE",
    "INTEGRITY",
    "NAME",
    "PATH",
    "POOL",
    "PUBKEY",
    "PUBLIC",
    "PUBLISHABLE",
    "QUEUE",
    "RELEASE",
    "REV",
    "REVISION",
    "SHA",
    "SUBNETS",
    "TAG",
    "TRACE",
    "URI",
    "URL",
    "UUID",
    "VERSION",
];

/// Whether the name promises something that looks random without being a secret.
pub(super) fn says_not_random(name: &str) -> bool {
    words(name)
        .iter()
        .any(|word| RANDOM_BY_NATURE.contains(&word.as_str()) || ["MD", "GIT"].contains(&word.as_str()))
        || is_public_key(name)
        || is_read_by_browsers(name)
}

/// Whether the name is one whose value a bundler writes into the page for all to see.
pub(super) fn is_read_by_browsers(name: &str) -> bool {
    let words = words(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    is_for_browsers(&words)
}

fn is_for_browsers(words: &[&str]) -> bool {
    matches!(
        words,
        ["NEXT" | "NUXT" | "EXPO", "PUBLIC", ..]
            | ["REACT" | "VUE", "APP", ..]
            | ["VITE" | "MIX" | "GATSBY" | "PUBLIC", ..]
    )
}

/// Whether the name speaks of a key, whichever: `MAILER_KEY`.
pub(super) fn is_some_key(name: &str) -> bool {
    let words = words(name);
    let last = words.last().map(String::as_str);
    let is_other = ["CACHE", "IDEMPOTENCY", "KMS", "OBJECT", "PARTITION"];
    matches!(last, Some("KEY" | "KEYS")) && !words.iter().any(|word| is_other.contains(&word.as_str()))
}

/// Whether the value is a row of headers: `OTEL_EXPORTER_OTLP_HEADERS`.
pub(super) fn is_headers(name: &str) -> bool {
    words(name).last().is_some_and(|last| last == "HEADERS")
}

/// A key that everybody may see, without the word `public`: a captcha's site key stands in
/// the page, and `GPG_KEY` is how Docker's official images name a fingerprint.
fn is_public_key(name: &str) -> bool {
    let words = words(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    matches!(words.as_slice(), [.., "SITE" | "GPG" | "PGP", "KEY"] | [.., "SITEKEY"])
}

/// The words of a name in capitals, however they are joined: `db_password`, `db-password`,
/// `db.password`, `dbPassword`. Numbers at the end of a word are dropped.
fn words(name: &str) -> Vec<String> {
    let characters: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = vec![String::new()];
    for (index, character) in characters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|index| characters.get(index));
        let after = characters.get(index + 1);
        let begins_word = character.is_uppercase()
            && before.is_some_and(|before| {
                before.is_lowercase()
                    || (before.is_uppercase() && after.is_some_and(|after| after.is_lowercase()))
            });
        let changes_script = character.is_alphanumeric()
            && before
                .is_some_and(|before| before.is_alphanumeric() && before.is_ascii() != character.is_ascii());
        if begins_word || changes_script || !is_part(*character) {
            words.push(String::new());
        }
        if is_part(*character)
            && let Some(word) = words.last_mut()
        {
            word.extend(character.to_uppercase());
        }
    }
    for word in &mut words {
        let length = word.trim_end_matches(|character: char| character.is_ascii_digit()).len();
        word.truncate(length);
    }
    words.retain(|word| !word.is_empty());
    words
}

// The mark of long vowels is a letter to Unicode's rules of words, too.
fn is_part(character: char) -> bool {
    character.is_alphanumeric() || character == 'ー'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_however_they_are_joined() {
        for name in ["db_password", "DB-PASSWORD", "db.password", "dbPassword", "DBPassword", "DB_PASSWORD_2"]
        {
            assert_eq!(words(name), ["DB", "PASSWORD"], "{name}");
        }
        assert_eq!(words("DBパスワード"), ["DB", "パスワード"]);
        assert_eq!(words("APIキー"), ["API", "キー"]);
        assert_eq!(words(""), Vec::<String>::new());
    }
}
