//! Alarms: who hears of them, and what they watch.

use tenken::policy::PolicySet;
use tenken::policy::judge::judge;
use tenken::snapshot::cloudwatch::{Alarm, AlarmExpression, AlarmMetric};
use tenken::snapshot::codedeploy::DeploymentGroup;
use tenken::snapshot::ecs::Service;
use tenken::snapshot::elb::LoadBalancer;
use tenken::snapshot::eventbridge::{EventRule, EventTarget};
use tenken::snapshot::rds::DbInstance;
use tenken::snapshot::sns::{Subscription, Topic};
use tenken::snapshot::{GapId, Known, Snapshot};

const ACCOUNT: &str = "123456789012";
const REGION: &str = "ap-northeast-1";
const TOPIC: &str = "arn:aws:sns:ap-northeast-1:123456789012:ops";
const ALARM: &str = "arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:shop-5xx";
const BALANCER: &str =
    "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:loadbalancer/app/shop-alb/50dc6c49";
const DATABASE: &str = "arn:aws:rds:ap-northeast-1:123456789012:db:shop-db";
const EVERY_ALARM: &str =
    r#"{"source": ["aws.cloudwatch"], "detail-type": ["CloudWatch Alarm State Change"]}"#;

const PASS: &str = "pass";
const FAIL: &str = "fail";
const UNKNOWN: &str = "unknown";
const SKIP: &str = "skip";

/// An account, the verdict expected for a policy and a resource, and AWS's words for it.
struct Case {
    account: Snapshot,
    policy: &'static str,
    resource: &'static str,
    expected: &'static str,
    because: &'static str,
}

fn check(cases: Vec<Case>) {
    let policies = PolicySet::embedded().unwrap();
    let mut problems = Vec::new();
    for Case { account, policy, resource, expected, because } in cases {
        let findings = judge(&account, &policies);
        let found =
            findings.iter().filter(|finding| finding.policy == policy && finding.resource == resource);
        let found: Vec<_> = found.collect();
        let verdicts: Vec<&str> = found.iter().map(|finding| finding.verdict.as_str()).collect();
        if verdicts != [expected] {
            let said = found.first().map_or("", |finding| finding.message.en.as_str());
            problems.push(format!("{policy}: {verdicts:?} instead of {expected} ({said}); {because}"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn alarm(name: &str, actions: &[&str]) -> Alarm {
    Alarm {
        arn: format!("arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"),
        region: REGION.into(),
        name: name.into(),
        kind: "metric".into(),
        metrics: vec![AlarmMetric {
            namespace: "AWS/ApplicationELB".into(),
            metric_name: "HTTPCode_Target_5XX_Count".into(),
            statistic: Some("Sum".into()),
            dimensions: [("LoadBalancer".to_owned(), "app/shop-alb/50dc6c49".to_owned())].into(),
            ..AlarmMetric::default()
        }],
        actions_enabled: Known::Yes(true),
        alarm_actions: actions.iter().map(|action| (*action).to_owned()).collect(),
        state: "OK".into(),
        comparison_operator: Some("GreaterThanThreshold".into()),
        threshold: Some(10.0),
        actions_suppressor: Known::Yes(None),
        ..Alarm::default()
    }
}

fn composite(name: &str, rule: &str, actions: &[&str]) -> Alarm {
    Alarm { kind: "composite".into(), metrics: vec![], rule: Some(rule.into()), ..alarm(name, actions) }
}

/// An alarm without an action, a topic with somebody who listens, a load balancer and a database.
fn account() -> Snapshot {
    let mut account = Snapshot::new(ACCOUNT, "aws", "2026-01-01T00:00:00Z", &[REGION.to_owned()]).complete();
    account.cloudwatch.alarms.items = vec![alarm("shop-5xx", &[])];
    account.sns.topics.items = vec![Topic {
        arn: TOPIC.into(),
        region: REGION.into(),
        name: "ops".into(),
        // A channel of Slack, through Amazon Q Developer in chat applications.
        subscriptions: Known::Yes(vec![Subscription { protocol: "https".into(), confirmed: true }]),
    }];
    account.elb.load_balancers.items = vec![LoadBalancer {
        arn: BALANCER.into(),
        region: REGION.into(),
        name: "shop-alb".into(),
        kind: "application".into(),
        scheme: "internet-facing".into(),
        ..LoadBalancer::default()
    }];
    account.rds.db_instances.items = vec![DbInstance {
        arn: DATABASE.into(),
        region: REGION.into(),
        id: "shop-db".into(),
        engine: "postgres".into(),
        ..DbInstance::default()
    }];
    account
}

fn edited(edit: impl FnOnce(&mut Snapshot)) -> Snapshot {
    let mut account = account();
    edit(&mut account);
    account
}

fn rule(pattern: &str, targets: &[&str]) -> EventRule {
    EventRule {
        arn: format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/alarms"),
        region: REGION.into(),
        name: "alarms".into(),
        state: "ENABLED".into(),
        event_pattern: pattern.into(),
        targets: Known::Yes(
            targets.iter().map(|arn| EventTarget { id: "1".into(), arn: (*arn).into() }).collect(),
        ),
    }
}

fn with_rule(rule: EventRule) -> Snapshot {
    edited(|account| account.eventbridge.alarm_rules.items.push(rule))
}

fn path(account: Snapshot, expected: &'static str, because: &'static str) -> Case {
    Case { account, policy: "alarm-reaches-nobody", resource: ALARM, expected, because }
}

#[test]
fn rules_of_eventbridge_pass_alarms_on() {
    let named = r#"{"source": ["aws.cloudwatch"], "detail": {"alarmName": [{"prefix": "shop-"}]}}"#;
    let by_arn = r#"{"resources": ["arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:shop-5xx"]}"#;
    let others = r#"{"source": ["aws.cloudwatch"], "detail": {"alarmName": [{"prefix": "bank-"}]}}"#;
    let recovered = r#"{"source": ["aws.cloudwatch"], "detail": {"state": {"value": ["OK"]}}}"#;
    let by_metric =
        r#"{"source": ["aws.cloudwatch"], "detail": {"configuration": {"metrics": {"id": ["m1"]}}}}"#;
    let function = "arn:aws:lambda:ap-northeast-1:123456789012:function:page";
    let incident = "arn:aws:ssm-incidents::123456789012:response-plan/shop";
    let log_group = "arn:aws:logs:ap-northeast-1:123456789012:log-group:/aws/events/alarms";
    let central = "arn:aws:events:ap-northeast-1:999999999999:event-bus/central";
    let denied = GapId::new("events:ListRules", REGION, None);
    let hidden = GapId::new("events:ListTargetsByRule", REGION, Some("alarms"));
    check(vec![
        path(account(), FAIL, "An alarm without an action or a rule tells nobody."),
        path(
            with_rule(rule(EVERY_ALARM, &[TOPIC])),
            PASS,
            "CloudWatch sends events to EventBridge whenever an alarm changes its state.",
        ),
        path(
            with_rule(rule(named, &[function])),
            PASS,
            "A pattern may match alarms by the prefix of their name.",
        ),
        path(with_rule(rule(by_arn, &[incident])), PASS, "resources holds the alarm's ARN."),
        path(
            edited(|account| {
                account.cloudwatch.alarms.items[0].actions_enabled = Known::Yes(false);
                account.eventbridge.alarm_rules.items.push(rule(EVERY_ALARM, &[TOPIC]));
            }),
            PASS,
            "Disabled actions do not stop the events.",
        ),
        path(
            with_rule(EventRule { state: "DISABLED".into(), ..rule(EVERY_ALARM, &[TOPIC]) }),
            FAIL,
            "A disabled rule matches no events.",
        ),
        path(with_rule(rule(others, &[TOPIC])), FAIL, "Another alarm's rule."),
        path(with_rule(rule(recovered, &[TOPIC])), FAIL, "The rule matches the end of an alarm alone."),
        path(with_rule(rule(EVERY_ALARM, &[])), FAIL, "A rule without a target does nothing."),
        path(with_rule(rule(EVERY_ALARM, &[log_group])), FAIL, "A log group is read by nobody at night."),
        path(
            with_rule(rule(EVERY_ALARM, &["arn:aws:sns:ap-northeast-1:123456789012:gone"])),
            FAIL,
            "The target was deleted.",
        ),
        path(
            with_rule(rule(EVERY_ALARM, &[central])),
            UNKNOWN,
            "What another account's bus does is not seen.",
        ),
        path(
            with_rule(rule(by_metric, &[TOPIC])),
            UNKNOWN,
            "What a pattern compares is not all known beforehand.",
        ),
        path(
            with_rule(EventRule { targets: Known::No(hidden), ..rule(EVERY_ALARM, &[]) }),
            UNKNOWN,
            "Targets that AWS would not name may be anybody.",
        ),
        path(
            edited(|account| account.eventbridge.alarm_rules.incomplete = vec![denied]),
            UNKNOWN,
            "Rules that AWS would not list may pass it on.",
        ),
        path(
            edited(|account| {
                account.eventbridge.alarm_rules.incomplete =
                    vec![GapId::new("events:ListRules", REGION, None)];
                account.cloudwatch.alarms.items[0].alarm_actions = vec![TOPIC.into()];
            }),
            PASS,
            "One open way is enough.",
        ),
    ]);
}

#[test]
fn actions_that_reach_people_in_other_ways() {
    let with = |action: &str| {
        edited(|account| account.cloudwatch.alarms.items[0].alarm_actions = vec![action.to_owned()])
    };
    check(vec![
        path(
            with(TOPIC),
            PASS,
            "Amazon Q Developer in chat applications subscribes its endpoint to the topic.",
        ),
        path(
            with("arn:aws:ssm-incidents::123456789012:response-plan/shop"),
            PASS,
            "CloudWatch creates an incident in Incident Manager.",
        ),
        path(
            with("arn:aws:ssm:ap-northeast-1:123456789012:opsitem:2#CATEGORY=Availability"),
            PASS,
            "CloudWatch creates an OpsItem in OpsCenter.",
        ),
        path(with("arn:aws:automate:ap-northeast-1:ec2:recover"), PASS, "EC2 recovers the instance."),
        path(
            with("arn:aws:lambda:ap-northeast-1:123456789012:function:page:live"),
            PASS,
            "CloudWatch invokes the function.",
        ),
        path(
            with("arn:aws:aiops:ap-northeast-1:123456789012:investigation-group/default"),
            PASS,
            "CloudWatch investigations begins an investigation.",
        ),
    ]);
}

#[test]
fn alarms_that_deployments_and_other_alarms_look_at_are_not_for_people() {
    let service = |alarms: Known<Vec<String>>| Service {
        arn: "arn:aws:ecs:ap-northeast-1:123456789012:service/shop/shop-api".into(),
        region: REGION.into(),
        name: "shop-api".into(),
        status: "ACTIVE".into(),
        deployment_alarm_names: alarms,
        ..Service::default()
    };
    let group = |names: &[&str]| DeploymentGroup {
        region: REGION.into(),
        name: "production".into(),
        application_name: "shop".into(),
        alarm_names: names.iter().map(|name| (*name).to_owned()).collect(),
    };
    let denied = |operation: &str| GapId::new(operation, REGION, None);
    let with_service =
        |alarms: Known<Vec<String>>| edited(|account| account.ecs.services.items = vec![service(alarms)]);
    check(vec![
        path(
            with_service(Known::Yes(vec!["shop-5xx".into()])),
            SKIP,
            "deploymentConfiguration.alarms: ECS looks at the alarm's state and fails the deployment.",
        ),
        path(with_service(Known::Yes(vec!["other".into()])), FAIL, "Another alarm watches the deployments."),
        path(with_service(Known::Yes(vec![])), FAIL, "No alarm watches the deployments."),
        path(with_service(Known::default()), UNKNOWN, "A snapshot that does not say which alarms those are."),
        path(
            edited(|account| account.codedeploy.deployment_groups.items = vec![group(&["shop-5xx"])]),
            SKIP,
            "CodeDeploy stops a deployment when an alarm of its group goes off.",
        ),
        path(
            edited(|account| account.codedeploy.deployment_groups.items = vec![group(&["other"])]),
            FAIL,
            "Another alarm is the group's.",
        ),
        path(
            edited(|account| {
                account.codedeploy.deployment_groups.incomplete = vec![denied("codedeploy:ListApplications")];
            }),
            UNKNOWN,
            "A group that was not listed may look at it.",
        ),
        path(
            edited(|account| {
                let calm = Alarm {
                    actions_suppressor: Known::Yes(Some(ALARM.into())),
                    ..composite("shop-down", "ALARM(cpu)", &[TOPIC])
                };
                account.cloudwatch.alarms.items.push(calm);
            }),
            SKIP,
            "ActionsSuppressor: the composite alarm looks at its state.",
        ),
        path(
            edited(|account| {
                let middle = composite("shop-errors", "ALARM(\"shop-5xx\")", &[]);
                let top = composite("shop-down", "ALARM(\"shop-errors\")", &[TOPIC]);
                account.cloudwatch.alarms.items.extend([middle, top]);
            }),
            SKIP,
            "A composite alarm may name other composite alarms, which speak for their parts.",
        ),
    ]);
}

fn on_database(name: &str, metric: &str, operator: &str, actions: &[&str]) -> Alarm {
    Alarm {
        metrics: vec![AlarmMetric {
            namespace: "AWS/RDS".into(),
            metric_name: metric.into(),
            statistic: Some("Average".into()),
            dimensions: [("DBInstanceIdentifier".to_owned(), "shop-db".to_owned())].into(),
            ..AlarmMetric::default()
        }],
        comparison_operator: Some(operator.into()),
        ..alarm(name, actions)
    }
}

fn math(expression: &str) -> Vec<AlarmExpression> {
    vec![AlarmExpression { id: "e1".into(), expression: expression.into() }]
}

#[test]
fn databases_are_watched_by_alarms_of_every_kind() {
    let storage = || on_database("storage", "FreeStorageSpace", "LessThanThreshold", &[]);
    let connections = || on_database("connections", "DatabaseConnections", "GreaterThanThreshold", &[TOPIC]);
    let used = Alarm {
        comparison_operator: Some("GreaterThanThreshold".into()),
        expressions: math("100 - 100 * m1 / 21474836480"),
        alarm_actions: vec![TOPIC.into()],
        ..storage()
    };
    let band = Alarm {
        comparison_operator: Some("LessThanLowerThreshold".into()),
        threshold: None,
        expressions: math("ANOMALY_DETECTION_BAND(m1, 2)"),
        alarm_actions: vec![TOPIC.into()],
        ..storage()
    };
    let upper = Alarm { comparison_operator: Some("GreaterThanUpperThreshold".into()), ..band.clone() };
    let mut theirs = Alarm { alarm_actions: vec![TOPIC.into()], ..storage() };
    theirs.metrics[0].account_id = Some("999999999999".into());
    let watched = |alarm: Alarm, edit: fn(&mut Snapshot)| {
        edited(|account| {
            account.cloudwatch.alarms.items = vec![alarm, connections()];
            edit(account);
        })
    };
    let nothing: fn(&mut Snapshot) = |_| {};
    let query = Alarm {
        metrics: vec![],
        expressions: math("SELECT MIN(FreeStorageSpace) FROM SCHEMA(\"AWS/RDS\", DBInstanceIdentifier)"),
        ..alarm("query", &[TOPIC])
    };
    let case = |account, expected, because| Case {
        account,
        policy: "rds-no-alarm",
        resource: DATABASE,
        expected,
        because,
    };
    check(vec![
        case(watched(storage(), nothing), FAIL, "An alarm that does nothing warns nobody."),
        case(
            watched(storage(), |account| {
                account.eventbridge.alarm_rules.items.push(rule(EVERY_ALARM, &[TOPIC]))
            }),
            PASS,
            "A rule of EventBridge does what an action would.",
        ),
        case(
            watched(storage(), |account| {
                account.eventbridge.alarm_rules.incomplete =
                    vec![GapId::new("events:ListRules", REGION, None)];
            }),
            UNKNOWN,
            "A rule that was not listed may do so.",
        ),
        case(
            watched(storage(), |account| {
                let middle = composite("database", "ALARM(storage)", &[]);
                let top = composite("shop-down", "ALARM(database)", &[TOPIC]);
                account.cloudwatch.alarms.items.extend([middle, top]);
            }),
            PASS,
            "The composite of a composite alarm delivers.",
        ),
        case(watched(used, nothing), PASS, "Metric math may turn free space into used space."),
        case(watched(band, nothing), PASS, "An anomaly alarm goes off below the band."),
        case(watched(upper, nothing), FAIL, "One that only goes off above the band never sees a full disk."),
        case(watched(theirs, nothing), FAIL, "Another account's database of the same name."),
        case(watched(query, nothing), UNKNOWN, "A query of Metrics Insights may watch it."),
        case(
            watched(
                Alarm {
                    metrics: vec![],
                    expressions: math("SELECT MAX(CPUUtilization) FROM \"AWS/EC2\""),
                    ..alarm("query", &[TOPIC])
                },
                nothing,
            ),
            FAIL,
            "A query on another namespace does not.",
        ),
    ]);
}

#[test]
fn load_balancers_are_watched_by_math_on_their_errors() {
    let averaged = |expressions| {
        edited(|account| {
            let found = &mut account.cloudwatch.alarms.items[0];
            found.metrics[0].statistic = Some("Average".into());
            found.expressions = expressions;
        })
    };
    let case = |account, expected, because| Case {
        account,
        policy: "alb-no-error-alarm",
        resource: BALANCER,
        expected,
        because,
    };
    check(vec![
        case(averaged(math("100 * m1")), PASS, "Metric math may bring it over any threshold."),
        case(averaged(vec![]), FAIL, "The average of these counts is 1 and never passes 10."),
    ]);
}
