//! Recorded accounts: replayed in process and over real HTTP, recorded again, and free of
//! the secrets that were in the answers.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tempfile::TempDir;
use tenken::ask::{CollectError, Counters, ScanOptions};
use tenken::collect::{COLLECTORS, Scan, scan_with};
use tenken::recording::wire::RawRequest;
use tenken::recording::{Recording, RecordingError};
use tenken::snapshot::{Cause, Snapshot};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

const REGION: &str = "ap-northeast-1";
const ACCOUNT: &str = r#"
account = "123456789012"
regions = ["ap-northeast-1"]
taken_at = "2026-11-23T03:00:00Z"
fingerprint_key = "test"
"#;

/// What must not be in a recording, whatever service answered it.
const PASSWORD: &str = "Vf9kQ2mZx7Lp4Tr8";
const ORIGIN_SECRET: &str = "only-cloudfront-knows-this";
const SUBSCRIBER: &str = "alice@corp.example";

fn answers() -> Vec<(&'static str, String)> {
    let database = |name: &str| {
        format!(
            "<DBInstance><DBInstanceIdentifier>{name}</DBInstanceIdentifier><Engine>postgres</Engine>\
             <DBInstanceArn>arn:aws:rds:{REGION}:123456789012:db:{name}</DBInstanceArn>\
             <DBInstanceClass>db.t4g.small</DBInstanceClass><EngineVersion>17.2</EngineVersion>\
             <DBInstanceStatus>available</DBInstanceStatus><MultiAZ>false</MultiAZ>\
             <PubliclyAccessible>false</PubliclyAccessible>\
             <AllocatedStorage>20</AllocatedStorage><DeletionProtection>false</DeletionProtection>\
             <AutoMinorVersionUpgrade>true</AutoMinorVersionUpgrade>\
             <StorageEncrypted>false</StorageEncrypted><BackupRetentionPeriod>0</BackupRetentionPeriod>\
             <PendingModifiedValues><MasterUserPassword>{PASSWORD}</MasterUserPassword></PendingModifiedValues>\
             <TagList><Tag><Key>Name</Key><Value>a &amp; b</Value></Tag></TagList></DBInstance>"
        )
    };
    let databases = |inside: String, marker: &str| {
        format!(
            "<DescribeDBInstancesResponse xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\">\
             <DescribeDBInstancesResult>{marker}<DBInstances>{inside}</DBInstances></DescribeDBInstancesResult>\
             </DescribeDBInstancesResponse>"
        )
    };
    let cluster = format!("arn:aws:ecs:{REGION}:123456789012:cluster/shop");
    let service = format!("arn:aws:ecs:{REGION}:123456789012:service/shop/api");
    let task = format!("arn:aws:ecs:{REGION}:123456789012:task-definition/api:3");
    let task_definition = serde_json::json!({ "taskDefinition": {
        "taskDefinitionArn": task, "family": "api", "revision": 3, "cpu": "256", "memory": "512",
        "networkMode": "awsvpc", "status": "ACTIVE",
        "containerDefinitions": [{
            "name": "app", "image": "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/api:1",
            "essential": true,
            "environment": [
                { "name": "APP_ENV", "value": "production" },
                { "name": "DB_PASSWORD", "value": PASSWORD },
                { "name": "DATABASE_URL", "value": format!("postgres://app:{PASSWORD}@db:5432/shop") },
            ],
            "command": ["serve", "--db-password", PASSWORD],
        }],
    } });
    vec![
        ("rds/DescribeDBInstances.xml", databases(database("one"), "<Marker>token&amp;1</Marker>")),
        ("rds/DescribeDBInstances.page2.xml", databases(database("two"), "")),
        ("ecs/ListClusters.json", serde_json::json!({ "clusterArns": [cluster] }).to_string()),
        (
            "ecs/DescribeClusters.json",
            serde_json::json!({ "clusters": [{ "clusterArn": cluster, "clusterName": "shop", "status": "ACTIVE" }] })
                .to_string(),
        ),
        ("ecs/ListServices@cluster=shop.json", serde_json::json!({ "serviceArns": [service] }).to_string()),
        (
            "ecs/DescribeServices@cluster=shop.json",
            serde_json::json!({ "services": [{ "serviceArn": service, "serviceName": "api", "status": "ACTIVE",
                "clusterArn": cluster, "desiredCount": 2, "runningCount": 2, "taskDefinition": task,
                "launchType": "FARGATE" }], "failures": [] })
            .to_string(),
        ),
        ("ecs/ListTasks@cluster=shop.json", r#"{"taskArns":[]}"#.to_owned()),
        ("ecs/DescribeTaskDefinition@taskDefinition=api~3.json", task_definition.to_string()),
        (
            "ecs/ListTaskDefinitions@familyPrefix=api.json",
            serde_json::json!({ "taskDefinitionArns": [task] }).to_string(),
        ),
        (
            "sns/ListTopics.xml",
            format!(
                "<ListTopicsResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><ListTopicsResult><Topics>\
                 <member><TopicArn>arn:aws:sns:{REGION}:123456789012:alarms</TopicArn></member></Topics>\
                 </ListTopicsResult></ListTopicsResponse>"
            ),
        ),
        (
            "sns/ListSubscriptions.xml",
            format!(
                "<ListSubscriptionsResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">\
                 <ListSubscriptionsResult><Subscriptions><member>\
                 <TopicArn>arn:aws:sns:{REGION}:123456789012:alarms</TopicArn><Protocol>email</Protocol>\
                 <SubscriptionArn>arn:aws:sns:{REGION}:123456789012:alarms:1</SubscriptionArn>\
                 <Endpoint>{SUBSCRIBER}</Endpoint></member></Subscriptions></ListSubscriptionsResult>\
                 </ListSubscriptionsResponse>"
            ),
        ),
        (
            "cloudwatch/DescribeAlarms.json",
            serde_json::json!({ "MetricAlarms": [{ "AlarmName": "cpu",
                "AlarmArn": format!("arn:aws:cloudwatch:{REGION}:123456789012:alarm:cpu"),
                "Namespace": "AWS/ECS", "MetricName": "CPUUtilization", "Statistic": "Average",
                "Threshold": 80.0, "Period": 300, "EvaluationPeriods": 3, "ActionsEnabled": true,
                "ComparisonOperator": "GreaterThanThreshold", "StateValue": "OK",
                "StateUpdatedTimestamp": { "$time": "2026-11-20T00:00:00.123Z" },
                "Dimensions": [{ "Name": "ServiceName", "Value": "api" }, { "Name": "ClusterName", "Value": "shop" }],
                "AlarmActions": [format!("arn:aws:sns:{REGION}:123456789012:alarms")] }],
                "CompositeAlarms": [] })
            .to_string(),
        ),
        (
            "secretsmanager/ListSecrets.400.json",
            r#"{"__type":"AccessDeniedException","message":"User: arn:aws:iam::123456789012:user/alice"}"#.to_owned(),
        ),
        (
            "../us-east-1/cloudfront/ListDistributions.xml",
            format!(
                "<DistributionList xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><Marker></Marker>\
                 <MaxItems>100</MaxItems><IsTruncated>false</IsTruncated><Quantity>1</Quantity><Items>\
                 <DistributionSummary><Id>E1</Id><ARN>arn:aws:cloudfront::123456789012:distribution/E1</ARN>\
                 <DomainName>d1.cloudfront.net</DomainName><Enabled>true</Enabled><Origins><Quantity>1</Quantity><Items>\
                 <Origin><Id>alb</Id><DomainName>alb.example.com</DomainName><CustomHeaders><Quantity>1</Quantity>\
                 <Items><OriginCustomHeader><HeaderName>x-origin</HeaderName><HeaderValue>{ORIGIN_SECRET}</HeaderValue>\
                 </OriginCustomHeader></Items></CustomHeaders></Origin></Items></Origins></DistributionSummary></Items>\
                 </DistributionList>"
            ),
        ),
    ]
}

fn account(more: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("account.toml"), format!("{ACCOUNT}{more}")).unwrap();
    for (name, text) in answers() {
        let path = match name.strip_prefix("../") {
            Some(elsewhere) => folder.path().join(elsewhere),
            None => folder.path().join(REGION).join(name),
        };
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn replay(folder: &Path) -> ScanOptions {
    ScanOptions { replay: Some(folder.to_owned()), ..ScanOptions::default() }
}

async fn run(options: &ScanOptions) -> Scan {
    scan_with(COLLECTORS, options, Arc::new(Counters::default())).await.unwrap()
}

/// Fingerprints follow the key and the secret, both of which a recording replaces, as it does the values of
/// tags.
fn without_fingerprints(snapshot: &Snapshot) -> serde_json::Value {
    fn walk(json: &mut serde_json::Value) {
        match json {
            serde_json::Value::Object(map) => {
                map.retain(|key, _| !key.contains("fingerprint") && key != "tags");
                map.values_mut().for_each(walk);
            }
            serde_json::Value::Array(items) => items.iter_mut().for_each(walk),
            _ => {}
        }
    }
    let mut json = serde_json::to_value(snapshot).unwrap();
    walk(&mut json);
    json
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

#[tokio::test]
async fn a_recorded_account_is_a_whole_account() {
    let folder = account("");
    let scan = run(&replay(folder.path())).await;
    let snapshot = &scan.snapshot;
    assert_eq!((snapshot.account.as_str(), snapshot.partition.as_str()), ("123456789012", "aws"));
    assert_eq!(snapshot.taken_at, "2026-11-23T03:00:00Z");
    let databases: Vec<&str> = snapshot.rds.db_instances.iter().map(|db| db.id.as_str()).collect();
    assert_eq!(databases, ["one", "two"], "both pages");
    assert_eq!(snapshot.ecs.services.items.len(), 1);
    assert_eq!(snapshot.cloudwatch.alarms.items.len(), 1);
    assert_eq!(scan.not_asked, Vec::<String>::new());
    // Refusals are what they are; questions without a recording are failures, not denials.
    let gap = |operation: &str| snapshot.gaps.values().find(|gap| gap.operation == operation).unwrap();
    assert_eq!(gap("secretsmanager:ListSecrets").cause, Cause::Denied);
    assert_eq!(gap("ec2:DescribeVpcs").cause, Cause::Failed);
    assert_eq!(gap("ec2:DescribeVpcs").code, "NotRecorded");
    assert!(scan.not_recorded.contains(&format!("{REGION}/ec2/DescribeVpcs.xml")), "{:?}", scan.not_recorded);
    assert!(snapshot.rds.db_instances.complete_in(REGION).is_ok());
    assert!(snapshot.ec2.vpcs.complete_in(REGION).is_err());
}

#[tokio::test]
async fn twice_the_same() {
    let folder = account("");
    let first = run(&replay(folder.path())).await.snapshot;
    assert_eq!(first, run(&replay(folder.path())).await.snapshot);
}

#[tokio::test]
async fn recorded_again_it_is_the_same_without_its_secrets() {
    let folder = account("");
    let again = tempfile::tempdir().unwrap();
    let options = ScanOptions { record: Some(again.path().to_owned()), ..replay(folder.path()) };
    let first = run(&options).await;
    for path in files(again.path()) {
        let text = fs::read_to_string(&path).unwrap();
        for secret in [PASSWORD, ORIGIN_SECRET, SUBSCRIBER, "user/alice"] {
            assert!(!text.contains(secret), "{secret} is in {}", path.display());
        }
    }
    let second = run(&replay(again.path())).await;
    assert_eq!(without_fingerprints(&first.snapshot), without_fingerprints(&second.snapshot));
    assert_eq!(first.not_recorded, second.not_recorded);
    assert_eq!(second.not_asked, Vec::<String>::new());
    let key = |folder: &Path| Recording::open(folder).unwrap().account.fingerprint_key;
    assert_ne!(key(folder.path()), key(again.path()), "the scan's key was written");
}

#[tokio::test]
async fn a_recording_does_not_write_over_another() {
    let folder = account("");
    let options = ScanOptions { record: Some(folder.path().to_owned()), ..replay(folder.path()) };
    let refused = scan_with(COLLECTORS, &options, Arc::new(Counters::default())).await;
    assert!(matches!(refused, Err(CollectError::Recording(RecordingError::Unwritable { .. }))));
}

/// Serves a recorded account over HTTP.
struct Serve(Recording);

impl Respond for Serve {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let header = |name: &str| request.headers.get(name).map_or("", |value| value.to_str().unwrap());
        let target = match request.url.query() {
            Some(query) => format!("{}?{query}", request.url.path()),
            None => request.url.path().to_owned(),
        };
        let raw = RawRequest {
            method: request.method.as_str(),
            host: request.url.host_str().unwrap_or_default(),
            target: &target,
            authorization: header("authorization"),
            amz_target: header("x-amz-target"),
            body: &request.body,
        };
        let Ok(reply) = self.0.answer(&raw) else {
            return ResponseTemplate::new(404);
        };
        let headers = reply.headers.into_iter().filter(|(name, _)| *name != "content-type");
        let template = headers.fold(ResponseTemplate::new(reply.status), |template, (name, value)| {
            template.insert_header(name, value)
        });
        let content_type = if target.contains("/operation/") {
            "application/cbor"
        } else if header("x-amz-target").is_empty() {
            "text/xml"
        } else {
            "application/x-amz-json-1.1"
        };
        template.set_body_raw(reply.body, content_type).set_delay(reply.delay)
    }
}

#[tokio::test]
async fn over_http_it_is_the_same() {
    let folder = account("");
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(Serve(Recording::open(folder.path()).unwrap())).mount(&server).await;
    let options = ScanOptions { endpoint_url: Some(server.uri()), ..replay(folder.path()) };
    let over_http = run(&options).await.snapshot;
    let in_process = run(&replay(folder.path())).await.snapshot;
    // What is not recorded is an HTTP error there and NotRecorded here.
    let ids = |snapshot: &Snapshot| snapshot.gaps.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(ids(&over_http), ids(&in_process));
    let without_gaps = |mut snapshot: Snapshot| {
        snapshot.gaps.clear();
        snapshot
    };
    assert_eq!(without_gaps(over_http), without_gaps(in_process));
    let requests = server.received_requests().await.unwrap();
    let once: BTreeSet<(String, String, Vec<u8>)> = requests
        .iter()
        .map(|request| {
            let header = |name: &str| request.headers.get(name).map_or("", |value| value.to_str().unwrap());
            let scope = header("authorization").split(", ").next().unwrap_or_default();
            (scope.to_owned(), format!("{}{}", request.url, header("x-amz-target")), request.body.clone())
        })
        .collect();
    assert_eq!(once.len(), requests.len(), "something was asked twice");
}

#[tokio::test]
async fn denied_throttled_and_slow_as_the_account_says() {
    let folder = account(
        "deny = [\"rds:DescribeDBInstances\", \"ssm:DescribeParameters\", \"cloudfront:ListDistributions\"]\n\
         [throttle]\n\"ecs:ListClusters\" = 2\n\"logs:DescribeLogGroups\" = 50\n\
         [slow]\n\"secretsmanager:ListSecrets\" = 3000\n",
    );
    let options = ScanOptions {
        attempt_timeout: Duration::from_millis(100),
        operation_timeout: Duration::from_secs(2),
        ..replay(folder.path())
    };
    let counters = Arc::new(Counters::default());
    let scan = scan_with(COLLECTORS, &options, counters.clone()).await.unwrap();
    let cause = |operation: &str| {
        scan.snapshot.gaps.values().find(|gap| gap.operation == operation).map(|gap| gap.cause)
    };
    assert_eq!(cause("rds:DescribeDBInstances"), Some(Cause::Denied));
    assert_eq!(cause("ssm:DescribeParameters"), Some(Cause::Denied));
    assert_eq!(cause("cloudfront:ListDistributions"), Some(Cause::Denied));
    assert_eq!(cause("logs:DescribeLogGroups"), Some(Cause::Throttled));
    assert_eq!(cause("secretsmanager:ListSecrets"), Some(Cause::TimedOut));
    assert_eq!(cause("ecs:ListClusters"), None, "throttled twice, then answered");
    assert!(scan.snapshot.rds.db_instances.complete_in(REGION).is_err());
    assert!(counters.retries.load(Ordering::Relaxed) >= 2 + 5);
    assert_eq!(scan.not_asked, Vec::<String>::new());
}

#[tokio::test]
async fn the_whole_scan_has_a_deadline() {
    let folder = account("[slow]\n\"ecs:ListClusters\" = 60000\n");
    let options = ScanOptions { timeout: Some(Duration::from_secs(3)), ..replay(folder.path()) };
    let scan = run(&options).await;
    let gap = scan.snapshot.gaps.values().find(|gap| gap.operation == "ecs:ListClusters").unwrap();
    assert_eq!((gap.cause, gap.code.as_str()), (Cause::TimedOut, "ScanTimeout"));
    assert_eq!(scan.snapshot.rds.db_instances.items.len(), 2, "what was answered in time stays");
}

#[tokio::test]
async fn what_cannot_be_scanned_is_said() {
    let folder = account("");
    let fails = async |options: ScanOptions| {
        scan_with(COLLECTORS, &options, Arc::new(Counters::default())).await.expect_err("a failure")
    };
    let elsewhere = ScanOptions { regions: vec!["eu-west-1".to_owned()], ..replay(folder.path()) };
    let error = fails(elsewhere).await;
    assert!(matches!(&error, CollectError::UnknownRegion { known, .. } if *known == [REGION]), "{error}");
    let nowhere = ScanOptions { regions: vec!["tokyo".to_owned()], ..replay(folder.path()) };
    assert!(matches!(fails(nowhere).await, CollectError::UnknownRegion { .. }));
    let missing = fails(replay(&folder.path().join("missing"))).await;
    assert!(matches!(missing, CollectError::Recording(RecordingError::Unreadable { .. })));
    let denied = account("deny = [\"sts:GetCallerIdentity\"]\n");
    assert!(matches!(fails(replay(denied.path())).await, CollectError::CredentialsRefused { .. }));
    let typo = account("deny = [\"rds:DescribeDbInstances\"]\n");
    let typo = fails(replay(typo.path())).await;
    assert!(matches!(typo, CollectError::Recording(RecordingError::Unreadable { .. })));
}

/// The revisions of the family `api`, newest first, as one page names them.
fn revisions(numbers: impl Iterator<Item = i64>) -> Vec<String> {
    numbers.map(|number| format!("arn:aws:ecs:{REGION}:123456789012:task-definition/api:{number}")).collect()
}

#[tokio::test]
async fn a_family_with_many_revisions_is_cut_and_says_so() {
    let folder = account("");
    let ecs = folder.path().join(REGION).join("ecs");
    let definition =
        fs::read_to_string(ecs.join("DescribeTaskDefinition@taskDefinition=api~3.json")).unwrap();
    for number in 4..=40 {
        let text = definition
            .replace("api:3\"", &format!("api:{number}\""))
            .replace("\"revision\":3", &format!("\"revision\":{number}"));
        let name = format!("DescribeTaskDefinition@taskDefinition=api~{number}.json");
        fs::write(ecs.join(name), text).unwrap();
    }
    let list = |page: &str, json: serde_json::Value| {
        fs::write(ecs.join(format!("ListTaskDefinitions@familyPrefix=api{page}.json")), json.to_string())
            .unwrap();
    };
    // The second page would have been enough: the third is never asked for.
    list("", serde_json::json!({ "taskDefinitionArns": revisions((26..=40).rev()), "nextToken": "2" }));
    list(".page2", serde_json::json!({ "taskDefinitionArns": revisions((11..=25).rev()), "nextToken": "3" }));
    let scan = run(&replay(folder.path())).await;
    let unused = &scan.snapshot.ecs.unused_task_definitions;
    let mut kept: Vec<i64> = unused.iter().map(|definition| definition.revision).collect();
    kept.sort_unstable();
    assert_eq!(kept, (21..=40).collect::<Vec<i64>>(), "the newest");
    let gap = scan.snapshot.gap(&unused.incomplete[0]).unwrap();
    assert_eq!((gap.cause, gap.code.as_str()), (Cause::Truncated, "MoreRevisions"));
    assert_eq!(gap.about.as_deref(), Some("api"));
    let missing: Vec<&String> = scan.not_recorded.iter().filter(|file| file.contains("TaskDef")).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[tokio::test]
async fn the_revision_in_use_is_not_among_the_unused_and_a_short_list_is_whole() {
    let folder = account("");
    let ecs = folder.path().join(REGION).join("ecs");
    let list = serde_json::json!({ "taskDefinitionArns": revisions([3, 2].into_iter()) });
    fs::write(ecs.join("ListTaskDefinitions@familyPrefix=api.json"), list.to_string()).unwrap();
    let definition =
        fs::read_to_string(ecs.join("DescribeTaskDefinition@taskDefinition=api~3.json")).unwrap();
    let older = definition.replace("api:3\"", "api:2\"").replace("\"revision\":3", "\"revision\":2");
    fs::write(ecs.join("DescribeTaskDefinition@taskDefinition=api~2.json"), older).unwrap();
    let scan = run(&replay(folder.path())).await;
    let unused = &scan.snapshot.ecs.unused_task_definitions;
    assert_eq!(unused.iter().map(|definition| definition.revision).collect::<Vec<i64>>(), [2]);
    assert_eq!(unused.incomplete, []);
    let secrets = &unused.items[0].containers[0].plaintext_secrets;
    assert!(secrets.iter().any(|secret| secret.name == "DB_PASSWORD"), "{secrets:?}");
}
