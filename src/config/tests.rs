use super::keys::{ACCEPT_KEYS, KEYS};
use super::written::read;
use super::{Config, Place, SecretPlace, Settings, SlackAccess, duration};
use crate::finding::Severity;
use crate::policy::PolicySet;
use crate::policy::parameter::PolicyParameter;
use crate::text::{Lang, Text};
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

const GOOD: &str = r#"history = "s3://audit-logs/tenken/history.json"
regions = ["ap-northeast-1", "us-east-1"]
profile = "audit"
role_arn = "arn:aws:iam::123456789012:role/audit"
external_id = "shop"
endpoint_url = "http://localhost:5000"
timeout = "5m"
attempt_timeout = "10s"
operation_timeout = "60s"
policies_folder = "own"
only_policies = ["alb-no-cdn", "rds-single-az"]
format = "json"
output = "report.json"
save_snapshot = "snapshot.json"
lang = "ja"
fail_on = "high"
answer_limit = "32MB"
[parameters.rds-short-backup-retention]
retention_days_min = 14

[[accept]]
policy = "alb-no-cdn"
resource = "arn:aws:elasticloadbalancing:*:loadbalancer/app/shop-alb/*"
discriminator = "x/*"
reason = "No static content"
owner = "ops@example.com"
until = 2027-03-31

[[accept]]
policy = "rds-single-az"
resource = "arn:aws:rds:*:db:report-db"
reason = "Rebuilt daily"
owner = "data@example.com"
until = 2026-12-31
"#;

const COSTS: &str = r#"currency = "JPY"
rate = 150

[cost]
average_lcus = 0.5
data_out_gb = 100

[cost.expected]
total = 80000
rds = 50000

[plan]
budget = "150000JPY"
"#;

fn config(text: &str) -> Result<Config, Vec<String>> {
    static POLICIES: LazyLock<PolicySet> = LazyLock::new(|| PolicySet::embedded().unwrap());
    Config::new(&read("conf/tenken.toml", text), &POLICIES).map_err(|error| {
        // Whatever is wrong, it is said in Japanese, too, with the same names in it.
        for Text { en, ja } in error.problems.iter().map(|one| &one.message) {
            assert!(en.is_ascii() || !ja.is_ascii(), "{en}");
            assert!(!ja.is_ascii() && en != ja, "{en}");
            let named = en.split('`').nth(1).unwrap_or_default();
            assert!(ja.contains(named), "{en}\n{ja}");
        }
        error.problems.iter().map(|one| format!("{}: {}", one.line, one.message.en)).collect()
    })
}

#[test]
fn every_key_is_understood() {
    let config = config(GOOD).unwrap();
    let settings = &config.settings;
    assert_eq!(
        settings.regions.as_deref(),
        Some(["ap-northeast-1".to_owned(), "us-east-1".into()].as_slice())
    );
    assert_eq!(settings.profile.as_deref(), Some("audit"));
    assert_eq!(settings.role_arn.as_deref(), Some("arn:aws:iam::123456789012:role/audit"));
    assert_eq!(settings.external_id.as_deref(), Some("shop"));
    assert_eq!(settings.endpoint_url.as_deref(), Some("http://localhost:5000"));
    assert_eq!(settings.timeout, Some(Duration::from_secs(300)));
    assert_eq!(settings.attempt_timeout, Some(Duration::from_secs(10)));
    assert_eq!(settings.operation_timeout, Some(Duration::from_secs(60)));
    assert_eq!(settings.answer_limit_bytes, Some(32_000_000));
    // Paths begin at the file's folder.
    assert_eq!(settings.policies_folder.as_deref(), Some(Path::new("conf/own")));
    assert_eq!(settings.output.as_deref(), Some(Path::new("conf/report.json")));
    assert_eq!(settings.save_snapshot.as_deref(), Some(Path::new("conf/snapshot.json")));
    let history = settings.history.as_ref().map(ToString::to_string);
    assert_eq!(history.as_deref(), Some("s3://audit-logs/tenken/history.json"));
    assert_eq!(settings.only_policies.as_ref().map(Vec::len), Some(2));
    assert_eq!(settings.format.as_deref(), Some("json"));
    assert_eq!(settings.lang, Some(Lang::Ja));
    assert_eq!(settings.fail_on, Some(Severity::High));
    assert_eq!(
        config.parameters["rds-short-backup-retention"]["retention_days_min"],
        PolicyParameter::Int(14)
    );
    let [first, second] = config.acceptances.as_slice() else {
        panic!("{:?}", config.acceptances);
    };
    assert_eq!(first.discriminator.as_deref(), Some("x/*"));
    assert_eq!(first.place, "conf/tenken.toml:21");
    assert_eq!(first.acceptance.until.to_string(), "2027-03-31");
    assert_eq!(second.discriminator, None);
    assert_eq!(second.acceptance.owner, "data@example.com");
    // Nothing is left that the test does not know of.
    for (key, _) in KEYS.iter().chain(ACCEPT_KEYS) {
        let is_known = [GOOD, CHANNELS, COSTS].iter().any(|text| text.contains(key));
        assert!(is_known, "{key}");
    }
}

#[test]
fn flags_win_over_the_file() {
    let file = config(GOOD).unwrap().settings;
    let flags = Settings {
        regions: Some(vec!["eu-west-1".into()]),
        fail_on: Some(Severity::Low),
        ..Settings::default()
    };
    let merged = flags.clone().or(file.clone());
    assert_eq!((merged.regions.as_ref(), merged.fail_on), (flags.regions.as_ref(), Some(Severity::Low)));
    let rest = Settings { regions: file.regions.clone(), fail_on: file.fail_on, ..merged };
    assert_eq!(rest, file);
    assert_eq!(Settings::default().or(file.clone()), file);
    // A recorded account is asked in its own way.
    let recorded = file.clone().without_connection();
    assert_eq!((&recorded.regions, &recorded.profile, &recorded.role_arn), (&None, &None, &None));
    assert_eq!((&recorded.external_id, &recorded.endpoint_url, recorded.timeout), (&None, &None, None));
    assert_eq!((recorded.history, recorded.answer_limit_bytes), (None, None));
    assert_eq!((recorded.lang, recorded.output), (file.lang, file.output));
}

#[test]
fn an_empty_file_says_nothing() {
    assert_eq!(config(""), Ok(Config::default()));
}

/// What is replaced, by what, and the problem that comes of it.
const MISTAKES: &[(&str, &str, &str)] = &[
    // Keys.
    ("regions =", "regoins =", "2: the file has no key `regoins`; did you mean `regions`?"),
    ("role_arn =", "role-arn =", "4: the file has no key `role-arn`; did you mean `role_arn`?"),
    ("policies_folder =", "policies =", "10: the file has no key `policies`; write `policies_folder`"),
    ("only_policies =", "policy =", "11: the file has no key `policy`; write `only_policies`"),
    ("profile =", "colour =", "3: the file has no key `colour`; it takes regions, profile, "),
    ("profile = ", "regions = ", "3: duplicate key; keep one (at `regions = \"audit\"`)"),
    ("owner = \"ops", "ower = \"ops", "26: an acceptance has no key `ower`; did you mean `owner`?"),
    (
        "until = 2026",
        "fail_on = \"low\"\nuntil = 2026",
        "34: an acceptance has no key `fail_on`; it belongs above the first [table] of the file",
    ),
    // Types.
    ("\"audit\"", "7", "3: `profile` is a whole number; write profile = \"audit\""),
    ("\"audit\"", "\"\"", "3: `profile` is empty; write profile = \"audit\", or remove the key"),
    ("\"audit\"", "audit", "3: text must be in quotes (at `profile = audit`)"),
    ("\"5m\"", "300", "7: `timeout` is a whole number; write timeout = \"15m\""),
    (
        "\"5m\"",
        "\"300\"",
        "7: `timeout`: `300` is not a time; write a number with s, m or h, for instance 90s or 5m",
    ),
    ("\"5m\"", "\"25h\"", "7: `timeout`: `25h` is out of range; write a time from 1s to 24h"),
    (
        "[\"ap-northeast-1\", \"us-east-1\"]",
        "\"ap-northeast-1\"",
        "2: `regions` is text; write regions = [\"ap-northeast-1\", \"us-east-1\"]",
    ),
    (
        "[\"ap-northeast-1\", \"us-east-1\"]",
        "[\"ap-northeast-1\",\n1]",
        "3: `regions` holds a whole number; write regions = ",
    ),
    ("[\"ap-northeast-1\", \"us-east-1\"]", "[]", "2: `regions` is an empty list; write regions = "),
    // Values.
    ("\"json\"", "\"jsn\"", "12: there is no format `jsn`; did you mean `json`?"),
    ("\"json\"", "\"tapestry\"", "12: there is no format `tapestry`; write one of terminal, "),
    ("\"ja\"", "\"fr\"", "15: `lang`: unknown language `fr`; write en or ja"),
    ("\"high\"", "\"grave\"", "16: `fail_on`: unknown severity `grave`; write critical, high, "),
    (
        "[\"alb-no-cdn\", ",
        "[\"alb-no-cnd\", ",
        "11: there is no policy `alb-no-cnd`; did you mean `alb-no-cdn`?",
    ),
    (
        "s3://audit-logs/tenken/history.json",
        "s3://audit-logs",
        "1: `history`: `s3://audit-logs` names no object; write its key, for instance s3://audit-logs/history.json",
    ),
    (
        "s3://audit-logs/tenken/history.json",
        "http://audit-logs/history.json",
        "1: `history`: `http://audit-logs/history.json` names neither a file nor an object; write a file, or s3://bucket/key",
    ),
    (
        "\"32MB\"",
        "\"32\"",
        "17: `answer_limit`: `32` is not a size; write a number with KB, MB or GB, for instance 64MB",
    ),
    ("\"32MB\"", "\"1KB\"", "17: `answer_limit`: `1KB` is out of range; write a size from 100KB to 4GB"),
    ("\"32MB\"", "\"99999999999999999999GB\"", "17: `answer_limit`: `99999999999999999999GB` is not a size"),
    (
        "\"32MB\"",
        "\"18446744073709551615GB\"",
        "17: `answer_limit`: `18446744073709551615GB` is out of range",
    ),
    // Parameters.
    (
        "[parameters.rds-short-backup-retention]",
        "[parameters.rds-short-backup-retentoin]",
        "18: there is no policy `rds-short-backup-retentoin`; did you mean `rds-short-backup-retention`?",
    ),
    (
        "retention_days_min",
        "retention_days_max",
        "19: the policy `rds-short-backup-retention` has no parameter `retention_days_max`; did you mean `retention_days_min`?",
    ),
    (
        "[parameters.rds-short-backup-retention]",
        "[parameters.rds-single-az]",
        "19: the policy `rds-single-az` has no parameter `retention_days_min`; it has none",
    ),
    (
        "= 14",
        "= \"14\"",
        "19: `retention_days_min` is text; write a whole number like its default, retention_days_min = 7",
    ),
    (
        "= 14",
        "= 14.5",
        "19: `retention_days_min` is a number; write a whole number like its default, retention_days_min = 7",
    ),
    ("= 14", "= true", "19: `retention_days_min` is a boolean; write a number, or text in quotes"),
    (
        "[parameters.rds-short-backup-retention]",
        "[parameters]",
        "19: `retention_days_min` needs the policy that it belongs to; write [parameters.POLICY-ID] and below it retention_days_min = value",
    ),
    // Acceptances.
    (
        "owner = \"ops@example.com\"\n",
        "",
        "21: the acceptance lacks `owner`; write owner = \"ops@example.com\"",
    ),
    ("until = 2027-03-31\n", "", "21: the acceptance lacks `until`; write until = 2027-03-31"),
    ("reason = \"No static content\"\n", "", "21: the acceptance lacks `reason`; write reason = "),
    ("\"No static content\"", "\" \"", "25: `reason` is empty; write reason = \"why it may stay\""),
    (
        "2027-03-31",
        "\"2027-03-31\"",
        "27: `until` is text; write until = 2027-03-31, a date without quotes or a time",
    ),
    ("2027-03-31", "2027-03-31T00:00:00Z", "27: `until` is a time; write until = 2027-03-31, a date "),
    (
        "2027-03-31",
        "2027-02-30",
        "27: this date does not exist; write one like 2027-03-31 (at `until = 2027-02-30`)",
    ),
    (
        "2027-03-31",
        "2027-13-01",
        "27: this date does not exist; write one like 2027-03-31 (at `until = 2027-13-01`)",
    ),
    (
        "\"alb-no-cdn\"\n",
        "\"alb-no-cnd\"\n",
        "22: there is no policy `alb-no-cnd`; did you mean `alb-no-cdn`?",
    ),
    (
        "arn:aws:rds:*:db:report-db",
        "*",
        "31: `resource` is `*`, which accepts everything; name the resource, for instance arn:aws:rds:*:db:shop-db",
    ),
    ("arn:aws:rds:*:db:report-db", "arn:aws:**", "31: `resource` is `arn:aws:**`, which accepts everything"),
    (
        "arn:aws:rds:*:db:report-db",
        "report-db",
        "31: `resource` is `report-db`, which matches no ARN; write the ARN of the report, or *:report-db",
    ),
    ("\"x/*\"", "\"*\"", "24: `discriminator` is `*`; remove the key, which means the same"),
];

#[test]
fn every_mistake_is_named_with_its_line_and_what_to_write() {
    for (good, bad, expected) in MISTAKES {
        assert!(GOOD.contains(good), "{good}");
        let found = config(&GOOD.replacen(good, bad, 1)).expect_err(bad);
        assert!(found.iter().any(|problem| problem.starts_with(expected)), "{bad}\n{expected}\n{found:#?}");
        // One mistake, one problem; the parser may stumble once more over the rest of a line.
        assert_eq!(found.len(), 1, "{bad}: {found:#?}");
    }
}

#[test]
fn a_history_in_a_file_begins_at_the_files_folder() {
    let config = config("history = \"kept/history.json\"").unwrap();
    assert_eq!(config.settings.history, Some(Place::File("conf/kept/history.json".into())));
}

#[test]
fn mistakes_of_tables_are_told_from_mistakes_of_values() {
    let one = config("[accept]\npolicy = \"alb-no-cdn\"\n").unwrap_err();
    assert_eq!(one, ["1: there may be several acceptances; write [[accept]] with two brackets"]);
    let number = config("accept = 1\nparameters = 2\n").unwrap_err();
    assert_eq!(
        number,
        [
            "1: `accept` is a whole number; write [[accept]] and below it policy = …",
            "2: `parameters` is a whole number; write [parameters.POLICY-ID] and below it name = value",
        ]
    );
    assert!(config("accept = [1]").unwrap_err()[0].starts_with("1: `accept` holds a whole number"));
}

#[test]
fn all_problems_come_at_once() {
    let text = GOOD
        .replace("\"audit\"", "audit")
        .replace("\"5m\"", "300")
        .replace("\"high\"", "\"grave\"")
        .replace("= 14", "= \"14\"")
        .replace("policy = \"rds-single-az\"", "policy = \"rds-single-zone\"")
        .replace("2027-03-31", "2027-02-30");
    let found = config(&text).unwrap_err();
    let lines: Vec<&str> = found.iter().filter_map(|problem| problem.split(':').next()).collect();
    assert_eq!(lines, ["3", "7", "16", "19", "27", "30"], "{found:#?}");
}

#[test]
fn times_need_a_unit() {
    assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
    assert_eq!(duration("5m"), Ok(Duration::from_secs(300)));
    for bad in ["", "5", "0s", "m", "-1s", "48h", "9999999999999999999h"] {
        assert!(duration(bad).is_err(), "{bad}");
    }
}

#[test]
fn the_documentation_knows_every_key() {
    let text = include_str!("../../docs/configuration.md");
    for (key, _) in KEYS.iter().chain(ACCEPT_KEYS) {
        assert!(text.contains(&format!("`{key}`")), "docs/configuration.md lacks `{key}`");
    }
    let example = text.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    assert_eq!(config(example).map(|config| config.acceptances.len()), Ok(1), "the example is not sound");
}

const CHANNELS: &str = r#"
[notify.slack]
webhook = "ssm:/tenken/slack"
min_severity = "high"
weekly_digest = "Monday"
utc_offset = "+09:00"
lang = "ja"
report = "https://reports.example.com/tenken"

[notify.webhook]
url = "secretsmanager:tenken#url"
authorization = "env:TENKEN_AUTHORIZATION"

[notify.sns]
topic = "arn:aws:sns:ap-northeast-1:123456789012:tenken"
min_severity = "critical"
"#;

#[test]
fn channels_are_understood() {
    let notify = config(CHANNELS).unwrap().notify;
    let slack = notify.slack.unwrap();
    assert_eq!(slack.access, SlackAccess::Webhook(SecretPlace::parse("ssm:/tenken/slack").unwrap()));
    assert_eq!(slack.options.min_severity, Some(Severity::High));
    assert_eq!(slack.options.lang, Some(Lang::Ja));
    assert_eq!(slack.options.weekly_digest.unwrap().utc_offset_seconds, 9 * 3600);
    assert!(slack.options.report.unwrap().starts_with("https://"));
    let webhook = notify.webhook.unwrap();
    assert_eq!(webhook.url.to_string(), "secretsmanager:tenken#url");
    assert_eq!(webhook.authorization.unwrap().to_string(), "env:TENKEN_AUTHORIZATION");
    assert!(notify.sns.unwrap().topic.ends_with(":tenken"));
    let bot = "[notify.slack]\ntoken = \"env:SLACK_TOKEN\"\nchannel = \"C0123456789\"";
    assert!(matches!(
        config(bot).unwrap().notify.slack.unwrap().access,
        SlackAccess::Bot { channel, .. } if channel == "C0123456789"
    ));
}

#[test]
fn problems_of_channels_say_what_to_write() {
    let table = [
        (
            "webhook = \"ssm:/tenken/slack\"",
            "webhook = \"https://hooks.slack.com/services/T/B/XXXX\"",
            "3: `webhook` is the secret itself",
        ),
        (
            "webhook = \"ssm:/tenken/slack\"",
            "webhook = https://hooks.slack.com/services/T/B/XXXX",
            "3: text must be in quotes (at `webhook`)",
        ),
        (
            "webhook = \"ssm:/tenken/slack\"",
            "token = \"xoxb-XXXX\"\nchannel = \"C0123456789\"",
            "3: `token` is the secret itself",
        ),
        (
            "webhook = \"ssm:/tenken/slack\"",
            "token = \"env:T\"\nchannel = \"#alerts\"",
            "4: `channel` is `#alerts`; write the channel's id",
        ),
        (
            "webhook = \"ssm:/tenken/slack\"",
            "",
            "2: [notify.slack] lacks `webhook`, or `token` and `channel`",
        ),
        (
            "webhook = \"ssm:/tenken/slack\"",
            "webhook = \"env:A\"\ntoken = \"env:B\"",
            "3: a webhook belongs to one channel",
        ),
        (
            "webhook = \"ssm:/tenken/slack\"",
            "webhok = \"ssm:/tenken/slack\"",
            "3: notify.slack has no key `webhok`",
        ),
        (
            "min_severity = \"high\"",
            "min_severity = \"urgent\"",
            "4: `min_severity`: unknown severity `urgent`",
        ),
        ("\"Monday\"", "\"1st\"", "5: `weekly_digest` is `1st`; write a day of the week, monday to sunday"),
        ("\"+09:00\"", "\"JST\"", "6: `utc_offset` is `JST`; write hours and minutes"),
        ("weekly_digest = \"Monday\"\n", "", "5: `utc_offset` says when the day of `weekly_digest` begins"),
        (
            "url = \"secretsmanager:tenken#url\"\n",
            "",
            "10: [notify.webhook] lacks `url`; write url = \"ssm:/tenken/webhook\"",
        ),
        (
            "arn:aws:sns:ap-northeast-1:123456789012:tenken",
            "tenken",
            "15: `topic` is `tenken`; write the topic's ARN",
        ),
        ("[notify.sns]", "[notify.teams]", "14: notify has no key `teams`"),
    ];
    for (written, instead, expected) in table {
        assert!(CHANNELS.contains(written), "{written}");
        let problems = config(&CHANNELS.replacen(written, instead, 1)).unwrap_err();
        assert!(problems.iter().any(|problem| problem.starts_with(expected)), "{problems:#?}\n{expected}");
        assert!(problems.iter().all(|problem| !problem.contains("XXXX")), "{problems:#?}");
        // One slip is one problem, but for a misspelt table, whose keys belong to nothing.
        assert!(problems.len() == 1, "{problems:#?}");
    }
    assert!(config("notify = \"slack\"").unwrap_err()[0].contains("write [notify.slack]"));
}

#[test]
fn costs_are_read_with_their_lines() {
    let read = config(COSTS).unwrap();
    assert_eq!((read.settings.currency.as_deref(), read.settings.rate), (Some("JPY"), Some(150.0)));
    assert_eq!(
        (read.costs.assumptions.average_lcus, read.costs.assumptions.data_out_gb),
        (Some(0.5), Some(100.0))
    );
    let yen = crate::price::Currency::new(Some("JPY"), Some(160.0)).unwrap();
    let expected = read.costs.expected_in(&yen);
    assert_eq!((expected.total, expected.groups[&crate::cost::Group::Rds]), (Some(500.0), 312.5));
    for (text, problem) in [
        ("rate = \"150\"", "1: `rate` is text; write rate = 150"),
        ("rate = 0", "1: `rate` must be more than 0: how much of the currency a dollar buys"),
        ("rate = -1", "1: `rate` must be 0 or more; write rate = 150"),
        (
            "currency = \"yen\u{ff01}\"",
            "1: `currency`: `yen\u{ff01}` is not a currency code; write its three letters, for instance JPY",
        ),
        ("cost = 5", "1: `cost` is a whole number; write [cost] and below it name = number"),
        ("[cost]\nlcus = 1", "2: cost has no key `lcus`"),
        ("[cost]\ndata_out_gb = \"1 TB\"", "2: `data_out_gb` is text; write data_out_gb = 1000"),
        (
            "[cost]\nexpected = 80000",
            "2: `expected` is a whole number; write [cost.expected] and below it total = 80000",
        ),
        ("[cost.expected]\nalb = 5", "2: cost.expected has no key `alb`"),
        ("[cost.expected]\nrds = -5", "2: `rds` must be 0 or more"),
        ("[cost]\nrate = 150", "2: cost has no key `rate`; it belongs above the first [table] of the file"),
    ] {
        let problems = config(text).unwrap_err();
        assert!(problems[0].starts_with(problem), "{text}: {problems:?}");
    }
}
