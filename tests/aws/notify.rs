//! `tenken scan --notify` as people call it, against stand-ins for Slack, a webhook, SNS, and
//! the stores of secrets. The program prints no secret, whatever happens.

mod world;

use crate::{news, schema};
use serde_json::Value;
use std::fs;
use std::process::{Command, Output};
use std::sync::MutexGuard;
use tenken::config::{SecretPlace, SlackAccess};
use tenken::deliver::channels::Slack;
use tenken::deliver::{Access, SendError, Telling, deliver};
use tenken::history::announcement::{Addressee, ChannelKind};
use tenken::history::store;
use tenken::snapshot::rds::DbInstance;
use tenken::snapshot::{Known, Snapshot, store as snapshots};
use tenken::text::Lang;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer};
use world::{SECRET, State, World};

const REGION: &str = "ap-northeast-1";

struct Place {
    folder: tempfile::TempDir,
    world: World,
    address: String,
    // The server answers for as long as these live.
    _server: MockServer,
    _runtime: tokio::runtime::Runtime,
}

impl Place {
    fn new() -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let world = World::default();
        let server = runtime.block_on(async {
            let server = MockServer::start().await;
            Mock::given(any()).respond_with(world.clone()).mount(&server).await;
            server
        });
        let address = server.uri();
        world.0.lock().unwrap().address = address.clone();
        world.0.lock().unwrap().parameter_type = "SecureString";
        Place { folder: tempfile::tempdir().unwrap(), world, address, _server: server, _runtime: runtime }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.world.0.lock().unwrap()
    }

    fn answer(&self, status: u16, body: &str, header: Option<(&'static str, &str)>) {
        let header = header.map(|(name, value)| (name, value.to_owned()));
        self.state().answers.push_back((status, body.to_owned(), header));
    }

    /// A scan of a day in which the databases keep backups for so many days.
    fn scan(&self, day: u32, databases: &[(&str, i64)], config: &str, flags: &[&str]) -> Output {
        let taken_at = format!("2027-03-{day:02}T12:00:00Z");
        let mut snapshot = Snapshot::new("123456789012", "aws", &taken_at, &[REGION.to_owned()]).complete();
        for (name, days) in databases {
            snapshot.rds.db_instances.items.push(DbInstance {
                arn: format!("arn:aws:rds:{REGION}:123456789012:db:{name}"),
                region: REGION.into(),
                id: (*name).into(),
                multi_az: Known::Yes(false),
                publicly_accessible: Known::Yes(false),
                backup_retention_days: Known::Yes(*days),
                ..DbInstance::default()
            });
        }
        let path = |name: &str| self.folder.path().join(name);
        snapshots::save(&snapshot, &path("snapshot.json")).unwrap();
        fs::write(path("tenken.toml"), config).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_tenken"))
            .current_dir(self.folder.path())
            .args(["scan", "--snapshot", "snapshot.json", "--history", "h.json"])
            .args(["--policy", "rds-short-backup-retention", "--endpoint-url", &self.address])
            .args(flags)
            .env_clear()
            .env("LC_ALL", "en_US.UTF-8")
            .env("TENKEN_SLACK_WEBHOOK", format!("{}/hook/{SECRET}", self.address))
            .env("TENKEN_AUTHORIZATION", format!("Bearer {SECRET}"))
            .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .env("AWS_REGION", REGION)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .output()
            .unwrap();
        let printed = format!("{output:?}");
        assert!(!printed.contains(SECRET) && !printed.contains("/hook/"), "{printed}");
        let kept = fs::read_to_string(path("h.json")).unwrap_or_default();
        assert!(!kept.contains(SECRET), "the history has the secret");
        output
    }
}

fn error(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn text(message: &Value) -> String {
    message.to_string()
}

#[test]
fn news_is_told_to_slack_and_silence_is_kept() {
    let place = Place::new();
    let output = place.scan(1, &[("shop", 1), ("stock", 1)], "", &["--notify", "slack"]);
    assert_eq!((code(&output), error(&output)), (1, String::new()));
    let first = text(&place.state().hook[0]);
    for part in [
        "2 new",
        "`shop`",
        "`stock`",
        "aws rds modify-db-instance --db-instance-identifier shop",
        "First step:",
    ] {
        assert!(first.contains(part), "{part}\n{first}");
    }
    // Nothing changed: nothing is said.
    assert_eq!(code(&place.scan(2, &[("shop", 1), ("stock", 1)], "", &["--notify", "slack"])), 1);
    assert_eq!(place.state().hook.len(), 1);
    place.scan(3, &[("shop", 14), ("stock", 1)], "", &["--notify", "slack"]);
    place.scan(4, &[("shop", 1), ("stock", 1)], "", &["--notify", "slack"]);
    let state = place.state();
    assert!(
        text(&state.hook[1]).contains("Resolved (1): shop (rds-short-backup-retention)"),
        "{}",
        state.hook[1]
    );
    assert!(text(&state.hook[2]).contains("1 reopened"), "{}", state.hook[2]);
    assert_eq!(state.hook.len(), 3);
}

#[test]
fn an_outage_loses_nothing_and_does_not_spoil_the_report() {
    let place = Place::new();
    for _ in 0..3 {
        place.answer(503, "<html>/hook/T0SECRET1XXXX is down</html>", None);
    }
    let output = place.scan(1, &[("shop", 1)], "", &["--notify", "slack"]);
    assert_eq!(code(&output), 1);
    assert!(!output.stdout.is_empty());
    let told = error(&output);
    assert!(
        told.contains(
            "failed to notify slack: no usable answer (HTTP 503); kept for the next run: 1 announcement"
        ),
        "{told}"
    );
    // The next run tells it, and what it brought itself.
    let output = place.scan(2, &[("shop", 1), ("stock", 1)], "", &["--notify", "slack"]);
    assert_eq!((code(&output), error(&output)), (1, String::new()));
    let state = place.state();
    assert!(text(&state.hook[0]).contains("`shop`") && text(&state.hook[1]).contains("`stock`"));
    assert!(!text(&state.hook[1]).contains("`shop`"));
}

#[test]
fn a_limit_is_waited_for_and_a_long_one_is_not() {
    let place = Place::new();
    place.answer(429, "", Some(("retry-after", "1")));
    assert_eq!(error(&place.scan(1, &[("shop", 1)], "", &["--notify", "slack"])), "");
    assert_eq!(place.state().hook.len(), 1);
    place.answer(429, "", Some(("retry-after", "600")));
    let told = error(&place.scan(2, &[("shop", 1), ("stock", 1)], "", &["--notify", "slack"]));
    assert!(told.contains("too many messages") && told.contains("kept"), "{told}");
    assert_eq!(place.state().hook.len(), 1);
    place.scan(3, &[("shop", 1), ("stock", 1)], "", &["--notify", "slack"]);
    assert_eq!(place.state().hook.len(), 2);
}

#[test]
fn a_revoked_hook_says_what_to_do_in_both_languages() {
    let place = Place::new();
    for (lang, words) in [("en", "create a new one"), ("ja", "新しく発行")] {
        place.answer(404, "no_service", None);
        let output = place.scan(1, &[("shop", 1)], "", &["--notify", "slack", "--lang", lang]);
        assert_eq!(code(&output), 2);
        let told = error(&output);
        assert!(told.contains("no_service") && told.contains(words), "{told}");
    }
    assert_eq!(place.state().hook.len(), 0);
}

#[test]
fn a_refused_form_is_sent_as_plain_text() {
    let place = Place::new();
    place.answer(400, "invalid_payload", None);
    let output = place.scan(1, &[("shop", 1)], "", &["--notify", "slack"]);
    assert!(error(&output).contains("plain text"), "{}", error(&output));
    assert_eq!(code(&output), 1);
    let state = place.state();
    assert!(state.hook[0].get("blocks").is_none());
    assert!(state.hook[0]["text"].as_str().unwrap().contains("shop"));
}

#[test]
fn a_redirect_is_refused() {
    let place = Place::new();
    let elsewhere = format!("{}/elsewhere", place.address);
    place.answer(302, "", Some(("location", &elsewhere)));
    let output = place.scan(1, &[("shop", 1)], "", &["--notify", "slack"]);
    assert_eq!((code(&output), place.state().elsewhere), (2, 0));
    assert!(error(&output).contains("the address redirects"), "{}", error(&output));
}

#[test]
fn nobody_listening_is_an_outage() {
    let place = Place::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    place.state().address = format!("http://127.0.0.1:{port}");
    let config = "[notify.slack]\nwebhook = \"ssm:/tenken/slack\"";
    let output = place.scan(1, &[("shop", 1)], config, &["--notify", "slack"]);
    assert_eq!(code(&output), 1);
    assert!(error(&output).contains("no usable answer (no connection)"), "{}", error(&output));
}

const CONFIG: &str = r#"
[notify.slack]
webhook = "ssm:/tenken/slack"
lang = "ja"
report = "https://reports.example.com/today"

[notify.webhook]
url = "secretsmanager:tenken#url"
authorization = "env:TENKEN_AUTHORIZATION"

[notify.sns]
topic = "arn:aws:sns:ap-northeast-1:123456789012:tenken"
"#;

#[test]
fn secrets_come_from_where_they_are_kept() {
    let place = Place::new();
    let flags = ["--notify", "slack", "--notify", "webhook", "--notify", "sns"];
    let output = place.scan(1, &[("shop", 1)], CONFIG, &flags);
    assert_eq!((code(&output), error(&output)), (1, String::new()));
    let state = place.state();
    assert_eq!(state.secrets[0]["Name"], "/tenken/slack");
    assert_eq!(state.secrets[0]["WithDecryption"], true);
    assert_eq!(state.secrets[1]["SecretId"], "tenken");
    let slack = text(&state.hook[0]);
    assert!(slack.contains("新規 1 件") && slack.contains("<https://reports.example.com/today>"), "{slack}");
    let mut announcement = state.webhook[0].clone();
    let headers = announcement.as_object_mut().unwrap().remove("headers").unwrap();
    assert_eq!(headers["authorization"], format!("Bearer {SECRET}"));
    assert_eq!(headers["idempotency-key"], announcement["id"]);
    assert!(headers["content-type"].as_str().unwrap().starts_with("application/json"));
    schema::check("announcement", &announcement);
    let form = |name: &str| state.sns[0].iter().find(|(one, _)| one == name).map(|(_, value)| value.clone());
    assert_eq!(form("Action").as_deref(), Some("Publish"));
    assert_eq!(form("MessageStructure").as_deref(), Some("json"));
    assert_eq!(form("Subject").as_deref(), Some("tenken: account 123456789012: 1 new"));
    let message: Value = serde_json::from_str(&form("Message").unwrap()).unwrap();
    schema::check("announcement", &serde_json::from_str(message["default"].as_str().unwrap()).unwrap());
    assert!(message["email"].as_str().unwrap().contains("modify-db-instance --db-instance-identifier shop"));
    assert!(message["sms"].as_str().unwrap().chars().count() <= 140);
}

#[test]
fn a_parameter_that_everybody_can_read_is_refused() {
    let place = Place::new();
    place.state().parameter_type = "String";
    let output = place.scan(1, &[("shop", 1)], CONFIG, &["--notify", "slack"]);
    assert_eq!(code(&output), 2);
    assert!(error(&output).contains("SecureString"), "{}", error(&output));
    assert!(place.state().hook.is_empty());
    // The news is kept until it is one.
    place.state().parameter_type = "SecureString";
    assert_eq!(code(&place.scan(2, &[("shop", 1)], CONFIG, &["--notify", "slack"])), 1);
    assert_eq!(place.state().hook.len(), 1);
}

#[test]
fn one_channel_that_is_down_does_not_make_another_repeat() {
    let place = Place::new();
    let flags = ["--notify", "slack", "--notify", "webhook"];
    place.answer(403, "action_prohibited", None);
    let output = place.scan(1, &[("shop", 1)], CONFIG, &flags);
    assert_eq!(code(&output), 2);
    assert!(error(&output).contains("an administrator of the workspace"), "{}", error(&output));
    place.scan(2, &[("shop", 1)], CONFIG, &flags);
    let state = place.state();
    assert_eq!((state.hook.len(), state.webhook.len()), (1, 1));
}

#[test]
fn what_sns_refuses_names_the_permission() {
    let place = Place::new();
    let answer = "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Sender</Type>\
        <Code>AuthorizationError</Code><Message>not allowed</Message></Error><RequestId>1</RequestId></ErrorResponse>";
    place.answer(403, answer, None);
    let output = place.scan(1, &[("shop", 1)], CONFIG, &["--notify", "sns"]);
    assert_eq!(code(&output), 2);
    assert!(error(&output).contains("sns:Publish"), "{}", error(&output));
}

#[test]
fn a_bot_continues_in_its_thread() {
    let place = Place::new();
    let store = news::Memory::default();
    let names: Vec<String> = (0..30).map(|index| format!("database-{index:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut judged = news::run(1, &names);
    for (index, finding) in judged.findings.iter_mut().enumerate() {
        // Policies of their own, with long commands: several messages.
        finding.policy = format!("policy-{index}");
        for option in &mut finding.options {
            option.cli.en = format!("aws {}", "x".repeat(1400));
        }
    }
    let addressees = [Addressee { channel: ChannelKind::Slack, digest: None }];
    store::update_with_news(&store, &judged, &addressees).unwrap();
    // Any variable that is set: what is in it is sent as the token.
    let way = SlackAccess::Bot {
        token: SecretPlace::Environment { name: "CARGO_PKG_NAME".into() },
        channel: "C0123456789".into(),
    };
    let telling = Telling { lang: Lang::En, ..Telling::default() };
    let slack =
        Slack::new(&way, telling, &Access::default()).unwrap().with_api(&format!("{}/api", place.address));
    let clock = news::TestClock::default();
    // The second message fails: what follows goes on in the thread of the first.
    place.answer(200, "{\"ok\": true, \"ts\": \"9.9\"}", None);
    place.answer(200, "{\"ok\": false, \"error\": \"not_in_channel\"}", None);
    let outcome = deliver(&store, &slack, "one", &clock).unwrap();
    assert!(matches!(outcome.failure, Some(SendError::Refused { .. })), "{outcome:?}");
    let outcome = deliver(&store, &slack, "two", &clock).unwrap();
    assert_eq!((outcome.told, outcome.failure.clone()), (1, None));
    let state = place.state();
    assert!(!state.api.is_empty());
    for message in &state.api {
        assert_eq!(message["thread_ts"], "9.9");
        assert_eq!(message["channel"], "C0123456789");
        assert_eq!(message["authorization"], "Bearer tenken");
        assert!(message["blocks"][0]["type"] != "header");
    }
}
