use super::*;
use crate::recording::wire::Protocol;
use serde_json::json;

fn request(service: &str) -> Request {
    Request {
        protocol: Protocol::Query,
        service: service.to_owned(),
        region: "ap-northeast-1".to_owned(),
        operation: "Any".to_owned(),
        parameters: Default::default(),
        token: None,
        body: Json::Null,
    }
}

fn scrubber() -> Scrubber {
    Scrubber::new(b"key".to_vec())
}

#[test]
fn task_definitions_keep_what_is_no_secret() {
    let password = "Vf9kQ2mZx7Lp4Tr8";
    let mut answer = json!({ "taskDefinition": { "containerDefinitions": [{
        "environment": [
            { "name": "DB_HOST", "value": "db.example.internal" },
            { "name": "DB_PASSWORD", "value": password },
            { "name": "DATABASE_URL", "value": format!("postgres://app:{password}@db:5432/shop") },
        ],
        "command": ["serve", "--db-password", password],
        "healthCheck": { "command": ["CMD-SHELL", format!("curl -u app:{password} http://localhost/health")] },
        "dockerLabels": { "api_key": password, "team": "shop" },
        "logConfiguration": { "options": { "splunk-token": password, "awslogs-group": "/ecs/shop" } },
    }] } });
    scrubber().json(&request("ecs"), &mut answer);
    let text = answer.to_string();
    assert!(!text.contains(password), "{text}");
    for gone in ["db.example.internal", "app:", "/shop", "localhost/app"] {
        assert!(!text.replace("/ecs/shop", "").contains(gone), "{gone} is still in {text}");
    }
    for kept in ["postgres://", "/ecs/shop", "CMD-SHELL", "team", "serve", "--db-password", "curl -u"] {
        assert!(text.contains(kept), "{kept} is gone from {text}");
    }
    let container = &answer["taskDefinition"]["containerDefinitions"][0];
    let fake = container["environment"][1]["value"].as_str().unwrap();
    assert!(secret::classify("DB_PASSWORD", fake).is_some(), "no longer a secret");
    assert!(container["environment"][2]["value"].as_str().unwrap().contains(fake), "no longer the same");
}

#[test]
fn what_targets_are_told_keeps_its_form() {
    let password = "Vf9kQ2mZx7Lp4Tr8";
    let overrides = format!(
        r#"{{"containerOverrides": [{{"name": "report", "command": ["run", "--db-password", "{password}"],
            "environment": [{{"name": "DB_PASSWORD", "value": "{password}"}}, {{"name": "STAGE", "value": "live"}}]}}]}}"#
    );
    let template = format!(r#"{{"db_password": "{password}", "event": <event>}}"#);
    let mut answer = json!({ "Targets": [
        { "Id": "1", "Arn": "arn:aws:ecs:eu-west-1:1:cluster/shop", "Input": overrides },
        { "Id": "2", "InputTransformer": { "InputTemplate": template } },
        { "Id": "3", "Input": format!(r#"{{"db_password": "{password}"}}"#) },
        { "Id": "4", "HttpParameters": { "HeaderParameters": { "X-Api": password } } },
    ] });
    for service in ["events", "scheduler"] {
        let mut answer = answer.clone();
        scrubber().json(&request(service), &mut answer);
        assert!(!answer.to_string().contains(password), "{answer}");
    }
    scrubber().json(&request("events"), &mut answer);
    let told: Json = serde_json::from_str(answer["Targets"][0]["Input"].as_str().unwrap()).unwrap();
    let environment = &told["containerOverrides"][0]["environment"];
    assert_eq!(environment[1]["value"], "live");
    assert!(secret::classify("DB_PASSWORD", environment[0]["value"].as_str().unwrap()).is_some());
}

#[test]
fn header_secrets_stay_comparable() {
    let secret = "between-cloudfront-and-alb";
    let cloudfront = format!(
        "<D><OriginCustomHeader><HeaderName>X-Origin</HeaderName><HeaderValue>{secret}</HeaderValue></OriginCustomHeader></D>"
    );
    let rules = format!(
        "<R><HttpHeaderConfig><Values><member>{secret}</member></Values><HttpHeaderName>X-Origin</HttpHeaderName></HttpHeaderConfig></R>"
    );
    let encoded = BASE64.encode(secret);
    let mut acl = json!({ "ByteMatchStatement": { "SearchString": encoded } });
    let scrubber = scrubber();
    let cloudfront = scrubber.xml(&request("cloudfront"), &cloudfront).unwrap();
    let rules = scrubber.xml(&request("elasticloadbalancing"), &rules).unwrap();
    scrubber.json(&request("wafv2"), &mut acl);
    let fake = scrubber.opaque(secret);
    assert!(cloudfront.contains(&format!("<HeaderName>X-Origin</HeaderName><HeaderValue>{fake}<")));
    assert!(rules.contains(&format!("<member>{fake}</member>")) && rules.contains("X-Origin"));
    let searched = acl["ByteMatchStatement"]["SearchString"].as_str().unwrap();
    assert_eq!(BASE64.decode(searched).unwrap(), fake.as_bytes());
}

#[test]
fn texts_in_dns_are_replaced_and_names_stay() {
    let record = |kind: &str, value: &str| {
        format!("<R><Type>{kind}</Type><ResourceRecord><Value>{value}</Value></ResourceRecord></R>")
    };
    let text = format!("<L>{}{}</L>", record("TXT", "\"token=s3cret\""), record("CNAME", "lb.example.com"));
    let scrubbed = scrubber().xml(&request("route53"), &text).unwrap();
    assert!(!scrubbed.contains("s3cret") && scrubbed.contains("<Value>lb.example.com</Value>"), "{scrubbed}");
}

#[test]
fn endpoints_keep_their_protocol() {
    let text = "<L>\n  <Endpoint>alice@corp.example</Endpoint>\n  <Endpoint>+81901234567</Endpoint>\n  \
                <Endpoint>https://hooks.slack.com/services/T0/B0/abc</Endpoint>\n  \
                <Endpoint>arn:aws:lambda:ap-northeast-1:123456789012:function:notify</Endpoint>\n</L>";
    let scrubbed = scrubber().xml(&request("sns"), text).unwrap();
    for gone in ["alice", "corp.example", "901234567", "hooks.slack.com", "abc"] {
        assert!(!scrubbed.contains(gone), "{gone} is still in {scrubbed}");
    }
    for kept in ["@example.com", "https://example.com/", "function:notify", "<L>\n  <Endpoint>"] {
        assert!(scrubbed.contains(kept), "{kept} is not in {scrubbed}");
    }
}

#[test]
fn tags_by_their_key() {
    let text = "<T><item><key>Name</key><value>a &amp; b</value></item>\
                <item><key>Stage</key><value>production</value></item><item><key>db_password</key><value>Vf9kQ2mZx7Lp4Tr8</value></item></T>";
    let scrubbed = scrubber().xml(&request("ec2"), text).unwrap();
    // What somebody wrote keeps its shape; what is known to say nothing stays.
    assert!(!scrubbed.contains("<value>a &amp; b</value>") && scrubbed.contains(" &amp; "), "{scrubbed}");
    assert!(!scrubbed.contains("Vf9kQ2mZx7Lp4Tr8"));
    assert!(scrubbed.contains("<key>Name</key>") && scrubbed.contains("<value>production</value>"));
}

#[test]
fn what_cannot_be_read_is_not_let_through() {
    for text in ["", "no xml", "<a><b>secret", "<a></b>"] {
        assert_eq!(scrubber().xml(&request("ec2"), text), Err(NotXml), "{text}");
    }
}

/// What the classifier says of a variable, without the secret itself.
fn told(name: &str, value: &str) -> Option<(&'static str, bool)> {
    secret::in_value(name, value).map(|found| (found.kind, found.is_weak))
}

#[test]
fn values_that_scan_reports_lose_all_they_say_and_are_told_alike() {
    let password = "Vf9kQ2mZx7Lp4Tr8";
    let signature = "0123456789abcdef".repeat(4);
    let values = [
        ("JAVA_OPTS", format!("-Xmx512m -Dspring.datasource.password={password} -Dapp.tenant=acme-holding")),
        (
            "KAFKA_JAAS",
            format!(
                "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"acme\" password=\"{password}\";"
            ),
        ),
        ("CURLRC", format!("header = \"X-Api-Key: {password}{password}\"")),
        (
            "EXPORT_URL",
            format!(
                "https://acme-exports.s3.amazonaws.com/x?X-Amz-Credential=acme&X-Amz-Signature={signature}"
            ),
        ),
        ("DATABASE_URL", format!("postgres://acme:{password}@acme-db.internal:5432/acme")),
        ("SETTINGS", format!("{{\"tenant\": \"acme\", \"db_password\": \"{password}\"}}")),
        ("USERS", format!("acme:{password}")),
        ("GREETING", "welcome to acme holding".to_owned()),
        ("DB_SECRET", "acme/db".to_owned()),
        ("DB_PASSWORD", "${DB_PASSWORD}".to_owned()),
        ("DB_PASSWORD", "acme".to_owned()),
    ];
    for (name, value) in values {
        let mut answer = json!({ "environment": [{ "name": name, "value": value }] });
        scrubber().json(&request("ecs"), &mut answer);
        let replaced = answer["environment"][0]["value"].as_str().unwrap();
        for gone in [password, &signature, "acme"] {
            assert!(!replaced.contains(gone), "{name}: {replaced}");
        }
        assert_eq!(told(name, replaced), told(name, &value), "{name}: {replaced}");
    }
}

#[test]
fn free_text_of_every_service_is_replaced() {
    let said = "call Tanaka on 090-1234-5678, code kirin-42";
    let xml = |path: &str| {
        let names: Vec<&str> = path.split('/').collect();
        let open: String = names.iter().map(|name| format!("<{name}>")).collect();
        let close: String = names.iter().rev().map(|name| format!("</{name}>")).collect();
        format!("{open}{said}{close}")
    };
    for (service, path) in [
        ("elasticloadbalancing", "Rules/member/Conditions/member/PathPatternConfig/Values/member"),
        ("elasticloadbalancing", "Rules/member/Actions/member/RedirectConfig/Query"),
        ("elasticloadbalancing", "Rules/member/Actions/member/RedirectConfig/Path"),
        ("elasticloadbalancing", "Rules/member/Actions/member/FixedResponseConfig/MessageBody"),
        ("elasticloadbalancing", "LoadBalancerDescriptions/member/HealthCheck/Target"),
        ("elasticloadbalancing", "TargetGroups/member/HealthCheckPath"),
        ("ec2", "securityGroupInfo/item/groupDescription"),
        ("ec2", "securityGroupInfo/item/ipPermissions/item/ipRanges/item/description"),
        ("ec2", "networkInterfaceSet/item/description"),
        ("rds", "DBInstances/DBInstance/DBSubnetGroup/DBSubnetGroupDescription"),
        ("cloudfront", "Items/DistributionSummary/Comment"),
        ("route53", "HostedZones/HostedZone/Config/Comment"),
        ("s3", "Rule/Filter/Prefix"),
    ] {
        let scrubbed = scrubber().xml(&request(service), &xml(path)).unwrap();
        assert!(!scrubbed.contains("Tanaka") && !scrubbed.contains("kirin"), "{service} {path}: {scrubbed}");
        assert_eq!(scrubbed.len(), xml(path).len(), "{service} {path}: {scrubbed}");
    }
    for (service, mut answer) in [
        (
            "cloudwatch",
            json!({ "MetricAlarms": [{ "AlarmDescription": said, "StateReason": said, "StateReasonData": said }] }),
        ),
        ("ssm", json!({ "Parameters": [{ "AllowedPattern": said, "Description": said }] })),
        ("events", json!({ "Rules": [{ "Description": said }] })),
        ("scheduler", json!({ "Description": said, "Target": { "Input": said } })),
        ("kms", json!({ "KeyMetadata": { "Description": said } })),
        (
            "secretsmanager",
            json!({ "SecretList": [{ "Description": said, "Tags": [{ "Key": "note", "Value": said }] }] }),
        ),
        ("wafv2", json!({ "WebACL": { "CustomResponseBodies": { "body": { "Content": said } } } })),
        (
            "ecs",
            json!({ "taskDefinition": { "volumes": [{ "dockerVolumeConfiguration": { "driverOpts": { "o": said } } }],
            "containerDefinitions": [{ "extraHosts": [{ "hostname": said }], "workingDirectory": said }] } }),
        ),
        ("something-new", json!({ "Whatever": said, "List": [said] })),
    ] {
        scrubber().json(&request(service), &mut answer);
        assert!(!answer.to_string().contains("Tanaka") && !answer.to_string().contains("kirin"), "{answer}");
    }
}

#[test]
fn policies_keep_who_may_do_what() {
    let policy = json!({ "Version": "2012-10-17", "Statement": [{
        "Sid": "kirin", "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::shop/*",
        "Condition": { "StringEquals": { "sts:ExternalId": "kirin-42", "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
    }] });
    let scrubbed = scrubber().policy(&policy.to_string());
    let read: Json = serde_json::from_str(&scrubbed).unwrap();
    assert!(!scrubbed.contains("kirin"), "{scrubbed}");
    let statement = &read["Statement"][0];
    assert_eq!(statement["Action"], policy["Statement"][0]["Action"]);
    assert_eq!(statement["Resource"], policy["Statement"][0]["Resource"]);
    assert_eq!(statement["Condition"]["StringEquals"]["iam:PassedToService"], "ecs-tasks.amazonaws.com");
    // As IAM answers it.
    let encoded = "%7B%22Statement%22%3A%5B%7B%22Sid%22%3A%22kirin%22%2C%22Effect%22%3A%22Allow%22%7D%5D%7D";
    let scrubbed = scrubber().policy(encoded);
    assert!(
        scrubbed.starts_with("%7B%22") && !scrubbed.contains("kirin") && scrubbed.contains("Allow"),
        "{scrubbed}"
    );
}

#[test]
fn the_last_look_finds_what_stands_elsewhere() {
    let password = "Vf9kQ2mZx7Lp4Tr8";
    let scrubber = scrubber();
    let mut answer = json!({ "environment": [{ "name": "DB_PASSWORD", "value": password }] });
    scrubber.json(&request("ecs"), &mut answer);
    let search = scrubber.search().unwrap();
    let clean = answer.to_string();
    assert_eq!(scrubber.json_without_rest(&clean, &search), None, "a specimen is no secret");
    let name = json!({ "serviceName": format!("shop-{password}"), "clusterName": "shop" }).to_string();
    assert!(search.finds_in(&name));
    let without = scrubber.json_without_rest(&name, &search).unwrap();
    assert!(!without.contains(password) && without.contains("\"shop\""), "{without}");
    let xml = format!("<a><b>{password}</b><c>shop</c></a>");
    let without = scrubber.xml_without_rest(&xml, &search).unwrap().unwrap();
    assert!(!without.contains(password) && without.contains("<c>shop</c>"), "{without}");
    let connection = json!({ "serviceName": "postgres://shop:Kq81-zz0pAa@db/shop" }).to_string();
    let without = scrubber.json_without_rest(&connection, &search).unwrap();
    assert!(!without.contains("Kq81-zz0pAa"), "what the detector alone finds: {without}");
}

#[test]
fn pages_keep_their_tokens() {
    let token = "eyJ2IjoiMiIsImMiOiJRdzdlUnQyeVVpOW9QYTRzRGY2Z0hqMWtMejh4Q3YzYk5tNSJ9Qw7eRt2yUi9oPa4sDf6g";
    let mut answer = json!({ "nextToken": token });
    scrubber().json(&request("ecs"), &mut answer);
    assert_eq!(answer["nextToken"], token);
}
