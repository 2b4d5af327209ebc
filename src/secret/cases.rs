//! Secrets and look-alikes, in tables. Issuers' forms are put together from parts, so
//! that nothing here looks like a live credential.

use super::specimen::specimen;
use super::*;

fn letters(count: usize) -> String {
    "Qw7eRt2yUi9oPa4sDf6gHj1kLz8xCv3bNm5".chars().cycle().take(count).collect()
}

fn check(name: &str, value: &str, expected: Option<(&str, &str, bool)>) {
    let found = classify(name, value).map(|found| (found.kind, found.secret, found.is_weak));
    assert_eq!(found, expected, "{name}={value}");
}

#[test]
fn passwords_by_name_weak_or_not() {
    let cases: &[(&str, &str, bool)] = &[
        ("DB_PASSWORD", "Sh0p-Passw0rd!2024", false),
        ("DB_PASSWORD", "k7#Lq9zR2v", false),
        ("dbPassword", "correct-horse-battery-staple", false),
        ("spring.datasource.password", "aB3$kk91xx", false),
        ("DB_PASSWORD", "password", true),
        ("DB_PASSWORD", "shop", true),
        ("DB_PASSWORD", "postgres", true),
        ("DB_PASSWORD", "Passw0rd!", true),
        ("DB_PASSWORD", "admin1234", true),
        ("DB_PASSWORD", "shop-password", false),
        ("DB_PASSWORD", "shop-pass", true),
        ("DB_PASSWORD", "123456", true),
        ("DB_PASSWORD", "20240101", true),
        ("DB_PASSWORD", "aaaaaaaaaaaaaaaa", true),
        ("DB_PASSWORD", "test", true),
        ("DB_PASSWORD", "changeme", true),
        ("PGPASSWORD", "pgsecret", true),
        ("MYSQL_PWD", "toor", true),
        ("SMTP_PASS", "Vr8-hello-91", false),
        ("DB_PASSWORD_2", "zq81-Kx0p-Aa", false),
        ("KEYSTORE_PASSPHRASE", "blue 7 whales sing", false),
        ("REDIS_PASSWD", "u8Jk2lPq0z", false),
    ];
    for (name, value, is_weak) in cases {
        check(name, value, Some(("password", value, *is_weak)));
    }
}

#[test]
fn other_secrets_by_name() {
    let cases: &[(&str, &str, &str)] = &[
        ("API_KEY", "a81kf93kd02", "api-key"),
        ("DATADOG_APIKEY", "x9d8f7a6b5c4", "api-key"),
        ("GITHUB_TOKEN", "9f8e7d6c5b4a", "token"),
        ("SESSION_TOKEN", "Zk3-9aQ_x81b", "token"),
        ("APP_SECRET", "k3jh4k5jh34k5", "secret"),
        ("STORAGE_ACCESS_KEY", "q9w8e7r6t5y4", "access-key"),
        ("ENCRYPTION_KEY", "0f1e2d3c4b5a6978", "secret-key"),
        ("SECRET_KEY_BASE", "d8f7a6b5c4e3f2a1", "secret-key"),
        ("PRIVATE_KEY", "MC4CAQAwBQYDK2VwBCIEIJ9", "private-key"),
        ("SERVICE_CREDENTIALS", "u7y6t5r4e3w2", "credentials"),
        ("PASSWORD_SALT", "4f8a1c9e7b3d5f60", "password"),
        ("AWS_SECRET_ACCESS_KEY", "Qw7eRt2yUi9oPa4sDf6gHj1kLz8xCv3bNm5Qw7eR", "aws-secret-access-key"),
    ];
    for (name, value, kind) in cases {
        check(name, value, Some((kind, value, false)));
    }
    check("JWT_SECRET", "secret", Some(("secret", "secret", true)));
    check("DJANGO_APP_SECRET_KEY", "my-shop-key", Some(("secret-key", "my-shop-key", false)));
    check("REDIS_AUTH", "default:s3cr3t-Zz9", Some(("password", "s3cr3t-Zz9", false)));
    check("AUTHORIZATION", "Bearer 9f8e7d6c5b4a", Some(("token", "9f8e7d6c5b4a", false)));
    check("DB_PASSWORD", " \"Kx81-zpQ7\" ", Some(("password", "Kx81-zpQ7", false)));
}

#[test]
fn forms_that_only_secrets_have() {
    let key_id = format!("{}{}", "AKIA", "QWERTYUIOPASDFGH");
    let cases = [
        ("aws-access-key-id", key_id),
        ("github-token", format!("{}_{}", "ghp", letters(36))),
        ("github-token", format!("{}_{}", "github_pat", letters(40))),
        ("gitlab-token", format!("{}-{}", "glpat", letters(20))),
        ("npm-token", format!("{}_{}", "npm", letters(36))),
        ("slack-token", format!("{}-{}", "xoxb", letters(30))),
        ("stripe-key", format!("{}_{}_{}", "sk", "live", letters(24))),
        ("stripe-key", format!("{}_{}", "whsec", letters(32))),
        ("sendgrid-key", format!("{}.{}.{}", "SG", letters(22), letters(43))),
        ("anthropic-key", format!("{}-{}", "sk-ant", letters(40))),
        ("openai-key", format!("{}-{}", "sk-proj", letters(48))),
        ("google-key", format!("{}{}", "AIza", letters(35))),
        ("aws-bedrock-key", format!("{}{}", "ABSK", letters(60))),
        ("jwt", format!("{}{}.{}{}.{}", "eyJ", letters(20), "eyJ", letters(30), letters(43))),
        (
            "private-key",
            format!(
                "-----BEGIN RSA {}-----\n{}\n-----END RSA {}-----",
                "PRIVATE KEY",
                letters(64),
                "PRIVATE KEY"
            ),
        ),
        ("private-key", format!("-----BEGIN {}-----\\n{}", "PRIVATE KEY", letters(64))),
        ("private-key", format!("{}{}", "LS0tLS1CRUdJTiBQUklWQVRF", letters(40))),
    ];
    for (kind, value) in &cases {
        check("SOMETHING", value, Some((kind, value, false)));
        let within = format!("{{\"x\": \"{value}\"}}");
        assert_eq!(classify("CONFIG", &within).map(|found| found.kind), Some(*kind), "{kind} in JSON");
    }
    let path = format!("T0AAAAAAA/B0BBBBBBB/{}", letters(24));
    let hook = format!("https://hooks.{}.com/services/{path}", "slack");
    check("ALERT_URL", &hook, Some(("slack-webhook", &path, false)));
    let path = format!("{}/{}", "1".repeat(18), letters(60));
    let hook = format!("https://{}.com/api/webhooks/{path}", "discord");
    check("ALERT_URL", &hook, Some(("discord-webhook", &path, false)));
}

#[test]
fn connection_strings() {
    let cases: &[(&str, &str, bool)] = &[
        ("postgres://shop:Zx91-kkQ@db.internal:5432/shop", "Zx91-kkQ", false),
        ("postgresql+asyncpg://shop:password@db:5432/shop?ssl=require", "password", true),
        ("mysql://root:p@ss-W0rd91@db/shop", "p@ss-W0rd91", false),
        ("rediss://:Qk19-zzPa@cache:6379/0", "Qk19-zzPa", false),
        ("amqps://app:Rt66-aaZq@mq:5671", "Rt66-aaZq", false),
        ("https://user:Ab12-Cd34@registry.example.com/simple", "Ab12-Cd34", false),
        ("jdbc:postgresql://db:5432/shop?user=shop&password=Zx91-kkQ", "Zx91-kkQ", false),
        ("jdbc:sqlserver://db:1433;databaseName=shop;user=sa;password=Zx91-kkQ;", "Zx91-kkQ", false),
        ("jdbc:oracle:thin:shop/Zx91-kkQ@db:1521/XE", "Zx91-kkQ", false),
        ("shop:Zx91-kkQ@tcp(db:3306)/shop?parseTime=true", "Zx91-kkQ", false),
        ("Server=db;Database=shop;User Id=sa;Password=Zx91 kkQ;Encrypt=true", "Zx91 kkQ", false),
        ("Pwd=Zx91-kkQ;Uid=sa;Server=db", "Zx91-kkQ", false),
        ("host=db port=5432 dbname=shop user=shop password=Zx91-kkQ", "Zx91-kkQ", false),
        ("password='Zx91 kkQ' host=db", "Zx91 kkQ", false),
        ("cache.internal:6380,password=Zx91-kkQ,ssl=True", "Zx91-kkQ", false),
    ];
    for (value, secret, is_weak) in cases {
        check("DATABASE_URL", value, Some(("connection-string", secret, *is_weak)));
    }
    let key = letters(86) + "==";
    let value = format!("DefaultEndpointsProtocol=https;AccountName=shop;{}={key}", "AccountKey");
    check("STORAGE", &value, Some(("azure-storage-key", &key, false)));
}

#[test]
fn named_parts() {
    check(
        "DB_CONFIG",
        r#"{"username": "shop", "password": "Zx91-kkQ"}"#,
        Some(("password", "Zx91-kkQ", false)),
    );
    check(
        "WEATHER_URL",
        "https://api.example.com/v1?city=tokyo&api_key=a81kf93kd02",
        Some(("api-key", "a81kf93kd02", false)),
    );
    check("WEATHER_URL", "https://api.example.com/v1?city=tokyo&next_token=page", None);
}

#[test]
fn told_by_what_people_write() {
    let cases: &[(&str, &str)] = &[
        ("DBのパスワード: Hokkaido#123", "Hokkaido#123"),
        ("管理画面のパスワードは momiji-1234 です", "momiji-1234"),
        ("staging, user: info; passwd: Kx81zpQ7vv", "Kx81zpQ7vv"),
        ("{'PASSWORD': 'Kx81-zpQ7', 'HOST': 'db'}", "Kx81-zpQ7"),
        ("define('SMTP_PASS', 'Kx81-zpQ7');", "Kx81-zpQ7"),
        ("<?php $db['password'] = 'Kx81-zpQ7'; ?>", "Kx81-zpQ7"),
        ("CREATE USER 'shop'@'%' IDENTIFIED BY 'Kx81-zpQ7'", "Kx81-zpQ7"),
        (r"APP_ENV=test\nDB_PASSWORD=Kx81-zpQ7\nDEBUG=no", r"Kx81-zpQ7\n"),
    ];
    for (value, secret) in cases {
        check("NOTE", value, Some(("password", secret, false)));
    }
    for value in [
        "パスワードは8文字以上32文字以下、英数字混在",
        "password: at least 8 characters with digits",
        "パスワードはSecretsManagerのprod/dbに保管",
        "Invalid password or token. Please try again.",
    ] {
        check("NOTE", value, None);
    }
}

#[test]
fn text_in_base64_is_judged_by_what_it_says() {
    use base64::Engine as _;
    let encoded = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    for text in ["host: db\nuser: shop\npassword: Kx81-zpQ7\n", r#"{"db":{"password":"Kx81-zpQ7"}}"#] {
        let value = encoded(text);
        check("SETTINGS", &value, Some(("high-entropy-text", &value, false)));
    }
    for text in
        ["server { listen 80; location / { proxy_pass http://127.0.0.1:3000; } }", r#"{"locale":"ja"}"#]
    {
        check("SETTINGS", &encoded(text), None);
    }
    check("SETTINGS", &format!("iVBORw0KGgo{}", letters(80)), None);
}

#[test]
fn numbers_and_pairs_under_names_that_promise_them() {
    check("ADMIN_PIN", "4821", Some(("password", "4821", true)));
    check("TLS_PIN", "sha256/Qw7eRt2yUi9oPa4sDf6gHj1kLz8xCv3bNm5Qw7eRt2y", None);
    check("DB_CREDS", "shop:Kx81-zpQ7", Some(("password", "Kx81-zpQ7", false)));
    check("CREDENTIALS_MODE", "iam:role", None);
    check("LOGIN", "provider:cognito", None);
    check("BUNDLE_BUILD__SASSC", "--disable-march-tune-native", None);
    check(
        "MAILER_KEY",
        "q7w2e9r4t1y8u3i6o5p0a7s2",
        Some(("high-entropy-text", "q7w2e9r4t1y8u3i6o5p0a7s2", false)),
    );
    check("EXPORT_KEY", "report-2024-04-01-v2-final", None);
    let scrubbed = scrub("ADMIN_PIN", "4821", str::to_owned).unwrap();
    assert!(classify("ADMIN_PIN", &scrubbed).is_some() && scrubbed != "4821", "{scrubbed}");
}

#[test]
fn look_alikes() {
    let documented = format!("{}{}", "AKIA", "IOSFODNN7EXAMPLE");
    let publishable = format!("{}_{}_{}", "pk", "live", letters(24));
    let cases: &[(&str, &str)] = &[
        ("DB_HOST", "shop-db.cabcdefgh.ap-northeast-1.rds.amazonaws.com"),
        ("DB_USER", "shop"),
        ("DB_PORT", "5432"),
        ("APP_ENV", "production"),
        ("DB_PASSWORD", ""),
        ("API_KEY", "changeme"),
        ("DB_PASSWORD", "change-me-please"),
        ("DB_PASSWORD", "xxxxxxxx"),
        ("DB_PASSWORD", "********"),
        ("DB_PASSWORD", "<your password>"),
        ("DB_PASSWORD", "your-password-here"),
        ("DB_PASSWORD", "example"),
        ("DB_PASSWORD", "${DB_PASSWORD}"),
        ("DB_PASSWORD", "{{resolve:ssm-secure:/shop/db:1}}"),
        ("DB_PASSWORD", "$DB_PASSWORD"),
        ("DB_PASSWORD", "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:shop/db-AbCdEf"),
        ("DB_PASSWORD", "ssm:/shop/db/password"),
        ("DB_PASSWORD", "/run/secrets/db_password"),
        ("DB_PASSWORD", "true"),
        ("DB_PASSWORD", "AQICAHhB9k2J0f3R7mXw"),
        ("DB_PASSWORD_FILE", "/run/secrets/db"),
        ("PASSWORD_MIN_LENGTH", "12"),
        ("PASSWORD_POLICY", "strict-2024"),
        ("PASSWORD_RESET_URL", "https://shop.example.com/reset"),
        ("DB_SECRET", "shop/db"),
        ("DB_SECRET", "prod/shop-db-1"),
        ("DB_SECRET_NAME", "shop-db-Zx91kkQ7"),
        ("DB_SECRET_ARN", "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:shop"),
        ("SECRETS_PREFIX", "/shop/production"),
        ("TOKEN_TTL", "3600"),
        ("MAX_TOKENS", "4096"),
        ("TOKEN_URL", "https://auth.example.com/oauth/token"),
        ("TOKEN_EXPIRATION", "15m"),
        ("CSRF_TOKEN", "enabled"),
        ("AUTH_TYPE", "password"),
        ("AUTH", "basic"),
        ("AUTH", "auth-service:8080"),
        ("ENABLE_PASSWORD", "false"),
        ("USE_TOKEN", "always"),
        ("STRIPE_PUBLISHABLE_KEY", &publishable),
        ("PARTITION_KEY", "customer_id"),
        ("CACHE_KEY", "shop-v2-products"),
        ("AWS_ACCESS_KEY_ID", &documented),
        ("PWD", "/app"),
        ("COMPASS", "north-west-1"),
        ("DATABASE_URL", "postgres://shop@db.internal:5432/shop"),
        ("DATABASE_URL", "postgres://shop:${DB_PASSWORD}@db.internal:5432/shop"),
        ("DATABASE_URL", "postgres://shop:<password>@db/shop"),
        ("CALLBACK", "https://shop.example.com:8080?to=someone@example.com"),
        ("CALLBACK", "https://shop.example.com:8080/people/someone@example.com"),
        ("IMAGE_DIGEST", "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
        ("GIT_COMMIT", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"),
        ("COGNITO_CLIENT_ID", "7k2m9q4w1e8r5t3y6u0i7o4p2a"),
        ("REQUEST_UUID", "f47ac10b-58cc-4372-a567-0e02b2c3d479"),
        ("FEATURES", "CheckoutV2-Search_Suggest-NewCart3-Basket_V4-Ab"),
        ("JAVA_OPTS", "-Xmx512m -XX:+UseG1GC -Dfile.encoding=UTF-8"),
    ];
    for (name, value) in cases {
        check(name, value, None);
    }
}

#[test]
fn too_random_to_be_anything_else() {
    let hex = "9f86d081884c7d659a2feaa0c55ad015";
    check("SOMETHING", hex, Some(("high-entropy-hex", hex, false)));
    let text = letters(40);
    check("SOMETHING", &text, Some(("high-entropy-text", &text, false)));
    check("SOMETHING", &"0".repeat(40), None);
    check("SOMETHING_HASH", hex, None);
    check("BUILD_VERSION", &text, None);
}

#[test]
fn command_lines() {
    let cases: &[(&str, &[(&str, &str)])] = &[
        ("mysql -h db -u shop -pZx91-kkQ shop", &[("-p", "Zx91-kkQ")]),
        ("/usr/bin/mysqladmin ping -proot", &[("-p", "root")]),
        ("mysql -p shop", &[]),
        ("mysql --protocol=tcp -h db", &[]),
        ("PGPASSWORD=Zx91-kkQ psql -h db", &[("PGPASSWORD", "Zx91-kkQ")]),
        ("export DB_PASSWORD='Zx91 kkQ'; ./run", &[("DB_PASSWORD", "Zx91 kkQ")]),
        ("./run --db-password=Zx91-kkQ --port=80", &[("--db-password", "Zx91-kkQ")]),
        ("./run --db-password Zx91-kkQ", &[("--db-password", "Zx91-kkQ")]),
        ("./run --password --verbose", &[]),
        ("./run --password $DB_PASSWORD", &[]),
        ("./run --password-file /run/secrets/db", &[]),
        ("redis-cli -a Zx91-kkQ ping", &[("-a", "Zx91-kkQ")]),
        ("ls -a /var", &[]),
        ("curl -u shop:Zx91-kkQ http://localhost/health", &[("-u", "Zx91-kkQ")]),
        (
            "curl -H 'Authorization: Bearer 9f8e7d6c5b4a' http://localhost",
            &[("Authorization", "9f8e7d6c5b4a")],
        ),
        ("curl -f http://localhost:8080/health || exit 1", &[]),
        ("celery -b amqp://app:Rt66-aaZq@mq:5671 worker", &[("", "Rt66-aaZq")]),
        (
            "sh -c 'mysql -pZx91-kkQ && PGPASSWORD=Ab12-Cd34 psql'",
            &[("-p", "Zx91-kkQ"), ("PGPASSWORD", "Ab12-Cd34")],
        ),
        (
            "java -Dspring.datasource.password=Zx91-kkQ -jar app.jar",
            &[("-Dspring.datasource.password", "Zx91-kkQ")],
        ),
        ("uvicorn app.main:app --host 0.0.0.0 --port 8080", &[]),
        ("git checkout 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b", &[]),
        ("echo 'not closed", &[]),
        ("docker login -u shop -p Zx91-kkQ registry.example.com", &[("-p", "Zx91-kkQ")]),
        ("docker run -p 8080:80 nginx", &[]),
        ("wp config set DB_PASSWORD Zx91-kkQ", &[("DB_PASSWORD", "Zx91-kkQ")]),
        ("wp config set DB_PASSWORD \"$DB_PASSWORD\"", &[]),
    ];
    for (text, expected) in cases {
        let found = scan_text(text);
        let found: Vec<(&str, &str)> = found.iter().map(|m| (m.name.as_str(), m.secret.secret)).collect();
        assert_eq!(&found, expected, "{text}");
    }
}

#[test]
fn arguments_have_positions_and_flags() {
    let found = scan_arguments(&["app", "--token", "9f8e7d6c5b4a", "redis://:Qk19-zzPa@cache", "--x"]);
    let found: Vec<(&str, &str)> = found.iter().map(|m| (m.name.as_str(), m.secret.secret)).collect();
    assert_eq!(found, [("--token", "9f8e7d6c5b4a"), ("argument 4", "Qk19-zzPa")]);

    let found = scan_arguments(&["CMD-SHELL", "mysqladmin ping -pZx91-kkQ"]);
    assert_eq!(found.first().map(|m| (m.name.as_str(), m.secret.secret)), Some(("-p", "Zx91-kkQ")));
    let key = format!("--key=-----BEGIN {0}-----\n{1}\n-----END {0}-----", "PRIVATE KEY", letters(64));
    let found = scan_arguments(&["app", &key]);
    assert_eq!(found.first().map(|m| (m.name.as_str(), m.secret.kind)), Some(("--key", "private-key")));
    let found = scan_arguments(&["app", "--password=two words 7"]);
    assert_eq!(found.first().map(|m| m.secret.secret), Some("two words 7"));
}

#[test]
fn specimens_are_classified_like_what_they_replace() {
    // A name under which each kind is found by name, where it is found by name.
    let named = |kind: &str| match kind {
        "password" => "DB_PASSWORD",
        "secret" => "APP_TOP_SECRET",
        "token" => "SESSION_TOKEN",
        "api-key" => "API_KEY",
        "access-key" => "STORAGE_ACCESS_KEY",
        "aws-secret-access-key" => "AWS_SECRET_ACCESS_KEY",
        "credentials" => "CREDENTIALS",
        "secret-key" => "ENCRYPTION_KEY",
        _ => "SOMETHING",
    };
    for kind in KINDS {
        for length in [8, 12, 16, 23, 40, 64, 300] {
            let (one, other) = (specimen(kind, "one", length, false), specimen(kind, "other", length, false));
            assert_ne!(one, other, "{kind}");
            assert_eq!(one, specimen(kind, "one", length, false), "{kind}");
            let value = match *kind {
                "connection-string" => format!("postgres://shop:{one}@db/shop"),
                "slack-webhook" => format!("https://hooks.slack.com/services/{one}"),
                "discord-webhook" => format!("https://discord.com/api/webhooks/{one}"),
                "azure-storage-key" => format!("AccountName=shop;AccountKey={one}"),
                _ => one.clone(),
            };
            // The pattern ends there; what follows would not be replaced in a recording.
            if length == 300 && !["password", "secret", "token"].contains(kind) {
                continue;
            }
            check(named(kind), &value, Some((kind, &one, false)));
        }
    }
    for length in [3, 4, 7, 8, 12, 20] {
        let weak = specimen("password", "one", length, true);
        assert_eq!(weak.len(), length);
        check("DB_PASSWORD", &weak, Some(("password", &weak, true)));
    }
}

#[test]
fn scrubbing_leaves_everything_else() {
    let seed = |secret: &str| fingerprint(b"key", secret);
    for (name, value) in [
        ("DATABASE_URL", "postgres://shop:Zx91-kkQ7@db.internal:5432/shop?x=1"),
        ("DB_PASSWORD", "password"),
        ("DB_PASSWORD", "shop"),
        ("DB_PASSWORD", "Sh0p-Passw0rd!2024"),
        ("DB_CONFIG", r#"{"user": "shop", "password": "Zx91-kkQ7", "token": "9f8e7d6c5b4a"}"#),
        ("API_KEY", "a81kf93kd02"),
    ] {
        let before: Vec<(&str, bool, usize)> =
            locate(name, value).iter().map(|l| (l.kind, l.is_weak, l.range.len())).collect();
        let scrubbed = scrub(name, value, seed).unwrap();
        let after: Vec<(&str, bool, usize)> =
            locate(name, &scrubbed).iter().map(|l| (l.kind, l.is_weak, l.range.len())).collect();
        assert_eq!(before, after, "{scrubbed}");
        for secret in locate(name, value).iter().filter_map(|located| located.within(value)) {
            assert!(!scrubbed.contains(secret.secret) || secret.secret == "shop", "{scrubbed}");
        }
        assert_ne!(scrubbed, value);
    }
    let scrubbed = scrub("DATABASE_URL", "postgres://shop:Zx91-kkQ7@db:5432/shop?x=1", seed).unwrap();
    assert!(scrubbed.starts_with("postgres://shop:") && scrubbed.ends_with("@db:5432/shop?x=1"));
    assert_eq!(scrub("DB_HOST", "db.internal", seed), None);
}

#[test]
fn concealing_leaves_everything_else() {
    assert_eq!(conceal("DB_PASSWORD", "Zx91-kkQ7".to_owned()), "[secret]");
    assert_eq!(
        conceal("url", "postgres://shop:Zx91-kkQ7@db/shop".to_owned()),
        "postgres://shop:[secret]@db/shop"
    );
    assert_eq!(conceal("Name", "shop".to_owned()), "shop");
    assert_eq!(
        conceal_text("login with DB_PASSWORD=Zx91-kkQ7 only".to_owned()),
        "login with DB_PASSWORD=[secret] only"
    );
    for description in
        ["ELB app/shop-alb/1b03795323c12b91", "Interface for NAT Gateway nat-0a1b2c3d4e5f60718", ""]
    {
        assert_eq!(conceal_text(description.to_owned()), description);
    }
}

#[test]
fn fingerprints_need_the_key() {
    // RFC 4231, test case 2.
    assert_eq!(fingerprint(b"Jefe", "what do ya want for nothing?"), "5bdcc146bf60754e");
    assert_ne!(fingerprint(b"one", "shop"), fingerprint(b"other", "shop"));
}

#[test]
fn strange_text_is_only_text() {
    for text in
        ["", " ", "\"", "'", "=", "-", "--", "://:@", "パスワード=秘密です", "DB_PASSWORD=\u{0}", "\\"]
    {
        classify("DB_PASSWORD", text);
        classify(text, text);
        scan_text(text);
        scan_arguments(&[text, text]);
        scrub(text, text, |_| String::new());
    }
    check("パスワード", "秘密", Some(("password", "秘密", true)));
}

#[test]
fn a_port_is_no_password_and_the_password_is_found_behind_it() {
    let plain = "jdbc:sqlserver://h:1433;database=d;user=shop@srv";
    check("JDBC_URL", plain, None);
    let with_password = format!("{plain};password=h4rbor-1");
    check("JDBC_URL", &with_password, Some(("connection-string", "h4rbor-1", false)));
    check("SMTP_URL", "smtp://h:587;from=a@b", None);
}

#[test]
fn every_user_of_a_row_is_scrubbed() {
    let row = "shop:0pen-Sesame-7,ops:cl0se-Sesame-8";
    let scrubbed = scrub("BASIC_AUTH_USERS", row, str::to_owned).unwrap();
    assert!(!scrubbed.contains("Sesame") && scrubbed.starts_with("shop:"), "{scrubbed}");
}
