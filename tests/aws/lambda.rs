//! The real Lambda binary, between a stand-in of Lambda's runtime API and a recorded account
//! over HTTP.

mod service;

use crate::bucket::Fault;
use crate::schema;
use serde_json::{Value, json};
use service::{Reply, SECRET, World, account};
use std::fs;
use std::path::Path;
use std::time::Instant;

const HISTORY: &str = "s3://audit-logs/history/123456789012.json";
const HISTORY_PATH: &str = "/audit-logs/history/123456789012.json";

/// A recorded account with more lines in its `account.toml`.
fn altered(folder: &Path, lines: &str) {
    let about = fs::read_to_string(account("ec-site").join("account.toml")).unwrap();
    let answers = account("ec-site");
    fs::write(folder.join("account.toml"), format!("{about}\nanswers = {answers:?}\n{lines}\n")).unwrap();
}

#[test]
fn an_event_gives_a_summary_a_report_and_a_history() {
    let world = World::new(&account("ec-site"));
    let event = json!({
        "regions": ["ap-northeast-1"], "history": HISTORY, "report": "s3://audit-logs/reports",
        "lang": "ja", "fail_on": "high",
    });
    let ended = world.run(&[], &[(event, 900)]);
    let answer = ended.answer();
    // What `tenken scan --replay mocks/ec-site` says.
    assert_eq!(answer["account"], "123456789012");
    assert_eq!(answer["failed"], json!({"critical": 5, "high": 10, "medium": 15, "low": 15, "info": 1}));
    assert_eq!(
        (&answer["unknown"], &answer["gaps"], &answer["exit_code"]),
        (&json!(0), &json!(0), &json!(1))
    );
    assert_eq!((&answer["is_cut_short"], &answer["history"]), (&json!(false), &json!(HISTORY)));
    assert_eq!(answer["changes"]["new"], 46);
    let reports: Vec<&str> =
        answer["reports"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    let taken_at = answer["taken_at"].as_str().unwrap().replace(':', "");
    let names = ["report.md", "report.json", "snapshot.json"];
    assert_eq!(reports, names.map(|name| format!("s3://audit-logs/reports/123456789012/{taken_at}/{name}")));
    let object = |name: &str| format!("/audit-logs/reports/123456789012/{taken_at}/{name}");
    let markdown = String::from_utf8(world.state().objects[&object("report.md")].clone()).unwrap();
    assert!(markdown.contains("ロードバランサー"), "{markdown}");
    assert_eq!(world.json(&object("report.json"))["totals"]["fail"], 46);
    schema::check("report", &world.json(&object("report.json")));
    // The snapshot is one that `tenken scan --snapshot` judges alike.
    let path = world.package.path().join("snapshot.json");
    fs::write(&path, &world.state().objects[&object("snapshot.json")]).unwrap();
    let snapshot = tenken::run::load_snapshot(&path).unwrap();
    let judged = tenken::run::judge(&snapshot, &tenken::run::policies(None, &[]).unwrap());
    assert_eq!(judged.totals().failed(), 46);
    assert_eq!(world.json(HISTORY_PATH)["account"], "123456789012");
    let events: Vec<&str> = ended.log.iter().map(|line| line["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["begun", "collected", "remembered", "reported", "done"]);
    for line in &ended.log {
        assert_eq!(line["requestId"], "8476a536-e9f4-11e8-9739-2dfe598c3fcd");
        assert!(line["timestamp"].as_str().is_some_and(|time| time.ends_with('Z')), "{line}");
        assert_eq!(line["level"], "INFO");
    }
    assert!(!ended.text.contains(SECRET));
}

#[test]
fn events_come_twice_and_bad_ones_between() {
    // Runs of the same second are the same run.
    let folder = tempfile::tempdir().unwrap();
    altered(folder.path(), "[slow]\n\"ec2:DescribeVpcs\" = 1200");
    let world = World::new(folder.path());
    let variables =
        [("TENKEN_HISTORY", HISTORY), ("TENKEN_REGIONS", "ap-northeast-1"), ("TENKEN_HISTROY", "x")];
    let ended = world.run(&variables, &[(json!({}), 900), (json!({"regoins": []}), 900), (json!({}), 900)]);
    let [Reply::Answer(first), Reply::Failure(kind, message), Reply::Answer(second)] =
        ended.replies.as_slice()
    else {
        panic!("{:?}", ended.replies);
    };
    assert_eq!(first["changes"]["new"], 46);
    assert_eq!(second["changes"], json!({}));
    assert_eq!(second["failed"], first["failed"]);
    assert_eq!(kind, "BadEvent");
    assert_eq!(message, "failed to use the event: there is no key `regoins`; did you mean `regions`?");
    assert_eq!(world.json(HISTORY_PATH)["runs"].as_array().unwrap().len(), 2);
    let slips: Vec<&Value> = ended.log.iter().filter(|line| line["event"] == "unknown_variable").collect();
    assert_eq!(slips.len(), 3);
    assert_eq!(slips[0]["name"], "TENKEN_HISTROY");
}

/// Lambda takes JSON that no reader of ours does. Whatever is wrong with an event, its error type is
/// one that the documentation has, the log says it too, and the next event is served.
#[test]
fn broken_events_have_one_error_type() {
    let world = World::new(&account("ec-site"));
    let deep = format!("{}1{}", "[".repeat(1_000), "]".repeat(1_000));
    let broken: Vec<Vec<u8>> = vec![
        b"{".to_vec(),
        b"{} {}".to_vec(),
        b"not JSON".to_vec(),
        b"{\"lang\": \"\xff\"}".to_vec(),
        b"\xff\xfe{}".to_vec(),
        b"{\"lang\": \"\\ud800\"}".to_vec(),
        b"{\"timeout\": 1e999}".to_vec(),
        deep.into_bytes(),
        b"[]".to_vec(),
        b"\"x\"".to_vec(),
        b"{\"regoins\": []}".to_vec(),
    ];
    let mut events: Vec<(Vec<u8>, u64)> = broken.into_iter().map(|event| (event, 900)).collect();
    let count = events.len();
    events.push((b"{}".to_vec(), 900));
    let ended = world.run_raw(&[], &events);
    for (reply, (event, _)) in ended.replies.iter().zip(&events).take(count) {
        let event = String::from_utf8_lossy(event);
        let Reply::Failure(kind, message) = reply else { panic!("{event}: {reply:?}") };
        assert_eq!(kind, "BadEvent", "{event}: {message}");
        assert!(message.starts_with("failed to use the event: "), "{event}: {message}");
    }
    assert!(matches!(ended.replies.last(), Some(Reply::Answer(_))), "{:?}", ended.replies.last());
    let failed = ended.log.iter().filter(|line| line["event"] == "failed" && line["kind"] == "BadEvent");
    assert_eq!(failed.count(), count);
}

/// RDS does not answer in time: what is known by then is judged, kept and answered.
#[test]
fn the_end_of_the_time_makes_gaps_and_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    altered(folder.path(), "[slow]\n\"rds:DescribeDBInstances\" = 60000");
    let world = World::new(folder.path());
    let event = json!({"history": HISTORY, "report": "s3://audit-logs/reports/"});
    let ended = world.run(&[], &[(event, 8)]);
    let answer = ended.answer();
    assert_eq!(answer["is_cut_short"], true);
    assert!(answer["unknown"].as_u64().unwrap() > 0, "{answer}");
    assert!(answer["failed"]["critical"].as_u64().unwrap() > 0, "{answer}");
    assert_eq!(answer["reports"].as_array().unwrap().len(), 3);
    assert!(!world.json(HISTORY_PATH)["unknown"].as_object().unwrap().is_empty());
    let is_of_databases =
        |line: &&Value| line["event"] == "gap" && line["operation"] == "rds:DescribeDBInstances";
    let gap = ended.log.iter().find(is_of_databases).unwrap();
    assert_eq!(gap["level"], json!("WARN"));
}

#[test]
fn what_cannot_be_used_is_refused_before_aws_is_asked() {
    let world = World::new(&account("ec-site"));
    world
        .state()
        .objects
        .insert("/audit-logs/damaged.json".into(), b"{\"kind\": \"tenken-history\", ".to_vec());
    world.state().objects.insert("/audit-logs/tenken.toml".into(), b"regoins = [\"a\"]\n".to_vec());
    fs::write(world.package.path().join("local.toml"), "history = \"history.json\"\n").unwrap();
    for (variables, event, kind, part) in [
        (
            vec![],
            json!({"history": "history.json"}),
            "BadEvent",
            "`history`: `history.json` is not in S3; write s3://bucket/key",
        ),
        (vec![], json!({"external_id": "shop"}), "BadEvent", "an external ID requires a role"),
        (vec![], json!({"only_policies": ["rds-single-ax"]}), "BadConfiguration", "rds-single-az"),
        (
            vec![],
            json!({"history": "s3://audit-logs/damaged.json"}),
            "HistoryNotRead",
            "it ends in the middle",
        ),
        (vec![("TENKEN_LANG", "fr")], json!({}), "BadVariables", "TENKEN_LANG: unknown language `fr`"),
        (
            vec![("TENKEN_CONFIG", "s3://audit-logs/tenken.toml")],
            json!({}),
            "BadConfiguration",
            "s3://audit-logs/tenken.toml:1: the file has no key `regoins`",
        ),
        (
            vec![("TENKEN_CONFIG", "s3://audit-logs/other.toml")],
            json!({"lang": "ja"}),
            "BadConfiguration",
            "オブジェクトが存在しない",
        ),
        (
            vec![("TENKEN_CONFIG", "local.toml")],
            json!({}),
            "BadConfiguration",
            "a function forgets its files",
        ),
    ] {
        let ended = world.run(&variables, &[(event, 900)]);
        let message = ended.failure(kind);
        assert!(message.contains(part), "{message}\n{part}");
        let last = ended.log.last().unwrap();
        assert_eq!(
            (&last["event"], &last["level"], &last["kind"]),
            (&json!("failed"), &json!("ERROR"), &json!(kind))
        );
        assert_eq!(last["message"], message);
    }
    assert_eq!(world.asked().len(), 0);
    assert!(world.state().writes.is_empty());
}

#[test]
fn the_configuration_comes_from_the_package_or_from_s3() {
    let accepted = "only_policies = [\"rds-single-az\"]\n[[accept]]\npolicy = \"rds-single-az\"\n\
                    resource = \"*:db:ec-db\"\nreason = \"Rebuilt daily\"\nowner = \"ops\"\nuntil = 2099-12-31\n";
    let world = World::new(&account("ec-site"));
    fs::write(world.package.path().join("tenken.toml"), accepted).unwrap();
    let packed = world.run(&[], &[(json!({}), 900)]);
    assert_eq!((&packed.answer()["accepted"], &packed.answer()["exit_code"]), (&json!(1), &json!(0)));
    world
        .state()
        .objects
        .insert("/audit-logs/tenken.toml".into(), accepted.replace("*:db:ec-db", "*:db:no-db").into());
    let stored = world.run(&[("TENKEN_CONFIG", "s3://audit-logs/tenken.toml")], &[(json!({}), 900)]);
    assert_eq!((&stored.answer()["accepted"], &stored.answer()["exit_code"]), (&json!(0), &json!(1)));
    let idle = stored.log.iter().find(|line| line["event"] == "idle_acceptance").unwrap();
    assert_eq!(idle["place"], "s3://audit-logs/tenken.toml:2");
    // No history was asked for.
    assert_eq!((&stored.answer()["changes"], &stored.answer()["history"]), (&Value::Null, &Value::Null));
}

#[test]
fn what_cannot_be_written_fails_and_the_rest_is_done() {
    let world = World::new(&account("ec-site"));
    let event = json!({"history": HISTORY, "report": "s3://audit-logs/reports/", "formats": ["json"]});
    // The history, the report, the snapshot: faults are taken from the end.
    world.state().faults = vec![Fault::Denied];
    let ended = world.run(&[], &[(event.clone(), 900)]);
    let message = ended.failure("HistoryNotWritten");
    assert!(message.contains("s3:PutObject"), "{message}");
    assert_eq!(world.state().objects.len(), 2);
    assert!(!world.state().objects.contains_key(HISTORY_PATH));
    // The history is begun; the second write is refused.
    let world = World::new(&account("ec-site"));
    world.state().faults = vec![Fault::Denied];
    let with_report_alone = json!({"report": "s3://audit-logs/reports/", "formats": ["json"]});
    let ended = world.run(&[], &[(with_report_alone, 900)]);
    let message = ended.failure("ReportNotWritten");
    assert!(message.starts_with("failed to write s3://audit-logs/reports/123456789012/"), "{message}");
    assert!(message.contains("report.json: AWS denied it (AccessDenied)"), "{message}");
    // The snapshot was written all the same.
    assert_eq!(world.state().objects.len(), 1);
}

/// Everything that is found is told once; an outage of Slack fails the invocation and loses
/// nothing; nothing is told where nothing changed.
#[test]
fn slack_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    altered(folder.path(), "[slow]\n\"ec2:DescribeVpcs\" = 1200");
    let world = World::new(folder.path());
    let variables =
        [("TENKEN_HISTORY", HISTORY), ("TENKEN_NOTIFY", "slack"), ("TENKEN_SLACK", "ssm:/tenken/slack")];
    let event = json!({"report": "s3://audit-logs/reports/"});
    world.slack().is_down = true;
    let failed = world.run(&variables, &[(event.clone(), 900)]);
    let message = failed.failure("NotTold");
    assert!(message.starts_with("failed to notify slack: "), "{message}");
    assert_eq!(world.json(HISTORY_PATH)["pending"].as_array().unwrap().len(), 1);
    world.slack().is_down = false;
    let told = world.run(&variables, &[(event.clone(), 900)]);
    assert_eq!(told.answer()["told"], json!({"slack": 1}));
    let messages = std::mem::take(&mut world.slack().messages);
    assert!(!messages.is_empty());
    let said = messages.iter().map(Value::to_string).collect::<String>();
    assert!(said.contains("ec-db") && said.contains("s3://audit-logs/reports/123456789012/"), "{said}");
    let silent = world.run(&variables, &[(event, 900)]);
    assert_eq!(silent.answer()["told"], json!({"slack": 0}));
    assert!(world.slack().messages.is_empty());
    for ended in [failed, told, silent] {
        assert!(!ended.text.contains("planted-address"), "{}", ended.text);
    }
    // Without a history nobody would know what was told.
    let ended = world.run(&[("TENKEN_NOTIFY", "slack")], &[(json!({}), 900)]);
    assert!(ended.failure("BadConfiguration").contains("history"));
}

#[test]
fn an_account_that_cannot_be_asked_is_a_failure() {
    let world = World::new(&account("ec-site"));
    // Nobody answers sts:AssumeRole here.
    let event = json!({"role_arn": "arn:aws:iam::123456789012:role/audit", "external_id": "planted-id"});
    let ended = world.run(&[], &[(event, 900)]);
    let message = ended.failure("CannotScan");
    assert!(message.contains("assume the role arn:aws:iam::123456789012:role/audit"), "{message}");
    assert!(!ended.text.contains("planted-id"), "{}", ended.text);
}

/// Not a test: prints the time from the start of the process to its first question to AWS,
/// and the most memory it takes, with history and report.
#[test]
#[ignore = "figures, for --nocapture on a quiet machine"]
fn figures() {
    let mut starts: Vec<u128> = Vec::new();
    let mut peak = 0;
    for _ in 0..11 {
        let world = World::new(&account("ec-site"));
        let event = json!({"history": HISTORY, "report": "s3://audit-logs/reports/"});
        let ended = world.run(&[], &[(event, 900)]);
        assert_eq!(ended.answer()["gaps"], 0);
        let first: Instant = world.first().unwrap();
        starts.push((first - ended.started).as_micros());
        peak = peak.max(ended.peak_kilobytes);
    }
    starts.sort_unstable();
    println!("cold start: median {} µs, {} to {}; peak memory {peak} kB", starts[5], starts[0], starts[10]);
}
