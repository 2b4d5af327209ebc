//! Names for what scripts make. They begin with what the account calls its own, which may have characters, or a
//! length, that AWS takes in one place and not in another.

use crate::digest::sha256;

/// The name in expressions, what may be in it besides letters and digits of ASCII, and how long it may be.
const KINDS: &[(&str, &str, usize)] = &[
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    ("alarm", " !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", 255),
    // https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
    ("db-identifier", "-", 63),
    // https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSnapshot.html
    ("db-snapshot", "-", 255),
    // One part of a path.
    ("file", "._-", 200),
    // https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
    ("iam-policy", "_+=,.@-", 128),
    // https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html; with the ARN
    // before it there are 1011 characters.
    ("parameter", "/_.-", 900),
    // https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html
    ("scaling-policy", "_+=,.@-/", 256),
    // https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
    ("secret", "/_+=.@-", 512),
];

/// The digits behind a name that was changed, so that no two become one.
const DIGITS: usize = 8;

/// The kinds of names, for messages.
pub(crate) fn kinds() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(kind, _, _)| *kind)
}

/// The text where it is a legal name of this kind; otherwise one that is, and that nothing else becomes.
/// `None` for a kind that there is not.
pub(crate) fn legal_name(text: &str, kind: &str) -> Option<String> {
    let (_, signs, most) = KINDS.iter().find(|(known, _, _)| *known == kind)?;
    let is_legal = |c: char| c.is_ascii_alphanumeric() || signs.contains(c);
    let is_reserved = kind == "parameter" && is_reserved_parameter(text);
    let is_of_database = kind.starts_with("db-");
    let is_misplaced = is_of_database
        && (!text.starts_with(|c: char| c.is_ascii_alphabetic())
            || text.ends_with('-')
            || text.contains("--"));
    let is_hidden = kind == "file" && text.starts_with('.');
    if !text.is_empty()
        && text.len() <= *most
        && text.chars().all(is_legal)
        && !is_reserved
        && !is_misplaced
        && !is_hidden
    {
        return Some(text.to_owned());
    }
    let mut name: String = text.chars().map(|c| if is_legal(c) { c } else { '-' }).collect();
    if is_reserved {
        let slash = if name.starts_with('/') { "/" } else { "" };
        name = format!("{slash}of-{}", name.trim_start_matches('/'));
    }
    if is_of_database && !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        name.insert_str(0, "of-");
    }
    if is_hidden {
        name.insert_str(0, "of-");
    }
    while is_of_database && name.contains("--") {
        name = name.replace("--", "-");
    }
    // Every character is one byte now.
    name.truncate(most - DIGITS - 1);
    Some(format!("{}-{}", name.trim_end_matches('-'), sha256(text, DIGITS)))
}

/// Names that begin with these are AWS's.
fn is_reserved_parameter(text: &str) -> bool {
    let name = text.trim_start_matches('/').to_ascii_lowercase();
    ["aws", "ssm"].iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn what_is_legal_stays() {
        for (text, kind) in [
            ("shop-api/app/DB_PASSWORD", "secret"),
            ("/shop/shop-api/DB_PASSWORD", "parameter"),
            ("read-shop-api-app-DB_PASSWORD", "iam-policy"),
            ("shop-api-cpu", "alarm"),
            ("ec-db-encrypted", "db-identifier"),
            ("app.DB_PASSWORD", "file"),
        ] {
            assert_eq!(legal_name(text, kind).as_deref(), Some(text));
        }
        assert_eq!(legal_name("a", "no-such-kind"), None);
    }

    #[test]
    fn whatever_is_not_becomes_a_name_of_its_own() {
        for (text, kind, expected) in [
            ("read-shop-com.example/key", "iam-policy", "read-shop-com.example-key-"),
            ("app.com.example/key", "file", "app.com.example-key-"),
            ("..", "file", "of-..-"),
            ("/aws-shop/KEY", "parameter", "/of-aws-shop/KEY-"),
            ("rds:ec-db-2026-encrypted", "db-snapshot", "rds-ec-db-2026-encrypted-"),
            ("パスワード", "secret", "-"),
        ] {
            let name = legal_name(text, kind).unwrap();
            let digits = name.strip_prefix(expected).unwrap_or_else(|| panic!("{name}"));
            assert!(digits.len() == DIGITS && digits.chars().all(|c| c.is_ascii_hexdigit()), "{name}");
        }
    }

    /// Everything that a name of ours may begin with, in every kind.
    #[test]
    fn hostile_names_are_legal_and_stay_apart() {
        let long = "a".repeat(255);
        let hostile = [
            "",
            "a/b",
            "a b",
            "a:b",
            "a\"b",
            "$(a)",
            "a'b",
            "-",
            "--",
            "a--b",
            ".",
            "/",
            "//",
            "aws",
            "/SSM",
            "9a",
            "é",
            "日本",
            "a\nb",
            long.as_str(),
        ];
        for kind in kinds() {
            let mut names = BTreeSet::new();
            let (_, signs, most) = KINDS.iter().find(|(known, _, _)| *known == kind).unwrap();
            for text in hostile {
                for behind in ["", "-encrypted"] {
                    let text = format!("{text}{behind}");
                    let name = legal_name(&text, kind).unwrap();
                    assert!(!name.is_empty() && name.len() <= *most, "{kind}: {name}");
                    assert!(
                        name.chars().all(|c| c.is_ascii_alphanumeric() || signs.contains(c)),
                        "{kind}: {name}"
                    );
                    assert!(kind != "file" || (!name.starts_with('.') && !name.contains('/')), "{name}");
                    assert!(names.insert(name), "{kind}: {text:?} is called as another one");
                }
            }
            let long = format!("{long}{long}{long}{long}{long}");
            assert!(legal_name(&long, kind).unwrap().len() <= *most);
        }
        for text in hostile {
            let name = legal_name(text, "db-identifier").unwrap();
            assert!(name.starts_with(|c: char| c.is_ascii_alphabetic()), "{text:?}: {name}");
            assert!(!name.contains("--") && !name.ends_with('-'), "{text:?}: {name}");
        }
    }
}
