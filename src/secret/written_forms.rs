//! Forms in which people write secrets into definitions, and what only looks like one. Tokens are put
//! together from parts, so that nothing here looks like a live credential.

use super::{classify, scan_arguments, scan_text};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

const PASSWORD: &str = "Vf9kQ2mZx7Lp4Tr8";

fn letters(count: usize) -> String {
    "Qw7eRt2yUi9oPa4sDf6gHj1kLz8xCv3bNm5".chars().cycle().take(count).collect()
}

/// As the collector of task definitions asks about a variable, an option or a label.
fn is_found(name: &str, value: &str) -> bool {
    classify(name, value).is_some() || !scan_text(value).is_empty()
}

#[test]
fn secrets_are_found_however_they_are_written() {
    let docker = BASE64_STANDARD.encode(format!(
        r#"{{"auths":{{"registry.example.com":{{"auth":"{}"}}}}}}"#,
        BASE64_STANDARD.encode(format!("shop:{PASSWORD}"))
    ));
    let basic = BASE64_STANDARD.encode(format!("shop:{PASSWORD}"));
    let cases: &[(&str, String)] = &[
        ("DB_PW", PASSWORD.to_owned()),
        ("db.pw", "sh0p-2024x".to_owned()),
        ("DB_CRED", PASSWORD.to_owned()),
        ("DB_CRED", format!("shop:{PASSWORD}")),
        ("パスワード", PASSWORD.to_owned()),
        ("DBパスワード", PASSWORD.to_owned()),
        ("APIキー", PASSWORD.to_owned()),
        ("暗証番号", "481516".to_owned()),
        ("秘密鍵", letters(40)),
        ("UPSTREAM_HEADER", format!("Authorization: Basic {basic}")),
        ("UPSTREAM_HEADER", format!("Authorization: Bearer {}", letters(32))),
        ("UPSTREAM_HEADER", format!("Bearer {}", letters(32))),
        ("AUTH_HEADER", format!("Basic {basic}")),
        ("CURLRC", format!("header = \"X-Api-Key: {}\"", letters(32))),
        ("CONFIG_YAML", format!("database:\n  user: shop\n  password: \"{PASSWORD}\"\n")),
        ("CONFIG_YAML", format!("password: '{PASSWORD}'")),
        ("CONFIG_YAML", format!("\"password\": \"{PASSWORD}\"")),
        ("NETRC", format!("machine example.com login shop password {PASSWORD}")),
        ("NETRC", format!("machine example.com\n  login shop\n  password {PASSWORD}\n")),
        ("BASIC_AUTH_USERS", format!("shop:{PASSWORD},ops:{}", letters(14))),
        ("HTPASSWD", format!("shop:$apr1${}${}", letters(8), letters(22))),
        ("HTPASSWD", format!("shop:$2y$05${}", letters(53))),
        ("DATABASE", format!("jdbc:mysql://(host=db,port=3306,user=shop,password={PASSWORD})/shop")),
        ("DATABASE", format!("jdbc:oracle:thin:shop/{PASSWORD}@db:1521/shop")),
        ("DATABASE", format!("jdbc:sqlserver://db:1433;databaseName=shop;user=sa;password={PASSWORD}")),
        ("SETTINGS", format!("password = \"{PASSWORD}\"")),
        ("JAVA_OPTS", format!("-Xmx512m -Dspring.datasource.password={PASSWORD}")),
        (
            "JAAS",
            format!(
                "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"shop\" password=\"{PASSWORD}\";"
            ),
        ),
        ("DOCKER_AUTH_CONFIG", docker),
        ("DOCKER_AUTH_CONFIG", format!(r#"{{"auths":{{"registry.example.com":{{"auth":"{basic}"}}}}}}"#)),
        ("PROBE", format!("curl -fu shop:{PASSWORD} http://localhost/health")),
        ("PROBE", format!("curl -sSfu 'shop:{PASSWORD}' http://localhost/health")),
        ("BLOB", format!("https://shop.blob.core.windows.net/x?sv=2024-01-01&sig={}%3D", letters(43))),
        ("BLOB", format!("?sv=2024-01-01&se=2026&sp=r&sig={}%3D", letters(43))),
        (
            "DOWNLOAD",
            format!(
                "https://b.s3.amazonaws.com/x?X-Amz-Credential=AKIA/x&X-Amz-Signature={}",
                "0123456789abcdef".repeat(4)
            ),
        ),
        ("TOTP_SEED", "JBSWY3DPEHPK3PXPJBSWY3DP".to_owned()),
        ("OTP", "otpauth://totp/shop?secret=JBSWY3DPEHPK3PXPJBSWY3DP&issuer=shop".to_owned()),
        ("X", format!("{}_{}", "shpat", "0123456789abcdef".repeat(2))),
        ("X", format!("key-{}", letters(32))),
        ("X", format!("{}{}", "ATATT3xFfGF0", letters(60))),
        ("X", format!("{}{}", "dapi", "0123456789abcdef".repeat(2))),
        ("X", format!("{}.{}", "hvs", letters(24))),
        ("X", format!("123456789:AA{}", letters(33))),
    ];
    let missed: Vec<String> = cases
        .iter()
        .filter(|(name, value)| !is_found(name, value))
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn commands_hold_them_in_every_form() {
    let commands: &[&[&str]] = &[
        &["curl", "-fu", "shop:Vf9kQ2mZx7Lp4Tr8", "http://localhost"],
        &["sh", "-c", "curl -fsu shop:Vf9kQ2mZx7Lp4Tr8 http://localhost"],
        &["CMD-SHELL", "mysqladmin ping -pVf9kQ2mZx7Lp4Tr8"],
        &["java", "-Ddb.password=Vf9kQ2mZx7Lp4Tr8", "-jar", "shop.jar"],
        &["redis-cli", "-a", "Vf9kQ2mZx7Lp4Tr8", "ping"],
        &["--header", "Authorization: Bearer Vf9kQ2mZx7Lp4Tr8Vf9k"],
        &["psql", "postgres://shop:Vf9kQ2mZx7Lp4Tr8@db/shop"],
        &["serve", "--db-pw", "Vf9kQ2mZx7Lp4Tr8"],
    ];
    for command in commands {
        let found = scan_arguments(command);
        assert!(
            found.iter().any(|mention| mention.secret.secret.contains("Vf9kQ2mZx7Lp4Tr8")),
            "{command:?}"
        );
    }
}

#[test]
fn what_everybody_may_see_is_none() {
    for (name, value) in [
        ("RECAPTCHA_SITE_KEY", letters(40)),
        ("GPG_KEY", "A035C8C19219BA821ECEA86B64E628F8D684696D".to_owned()),
        ("PYTHON_GPG_KEY", "A035C8C19219BA821ECEA86B64E628F8D684696D".to_owned()),
        ("TURNSTILE_SITEKEY", letters(24)),
        ("PWD", "/srv/shop".to_owned()),
        ("パスワードポリシー", "strict".to_owned()),
    ] {
        assert!(!is_found(name, &value), "{name}={value}");
    }
}
