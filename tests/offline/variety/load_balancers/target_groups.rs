//! Which target groups of a load balancer are in service.

use super::*;

const UNHEALTHY: &str = "target-group-no-healthy-target";

/// "0 to 999": no request goes to a group of weight 0.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupTuple.html>
#[test]
fn a_target_group_of_weight_0_is_not_in_service() {
    const SLOW: &str = "target-slow-failure-detection";
    const PATH: &str = "target-health-check-path-default";
    check(&[
        Case {
            name: "the idle half of a pair is broken, the other is not",
            edit: |_| {},
            expected: &[
                (UNHEALTHY, BLUE, "skip"),
                (UNHEALTHY, GREEN, "pass"),
                (SLOW, BLUE, "skip"),
                (SLOW, GREEN, "fail"),
                (PATH, BLUE, "skip"),
                (PATH, GREEN, "fail"),
            ],
        },
        Case {
            name: "the idle half has targets and the other has none: they do not help",
            edit: |snapshot| {
                snapshot.elb.target_groups.items =
                    vec![target_group(BLUE, &["healthy"]), target_group(GREEN, &[])];
            },
            expected: &[(UNHEALTHY, GREEN, "fail")],
        },
        Case {
            name: "both halves serve during a canary",
            edit: |snapshot| {
                lb(snapshot).listeners =
                    Known::Yes(vec![listener(80, "HTTP", vec![forward(&[(BLUE, 5), (GREEN, 95)])])]);
            },
            expected: &[(UNHEALTHY, BLUE, "fail"), (UNHEALTHY, GREEN, "pass")],
        },
        Case {
            name: "a rule on another listener sends there",
            edit: |snapshot| {
                let mut test = listener(8443, "HTTPS", vec![forward(&[(GREEN, 1)])]);
                test.rules = Known::Yes(vec![ListenerRule {
                    priority: "1".into(),
                    actions: vec![forward(&[(BLUE, 1)])],
                    ..Default::default()
                }]);
                let http = listener(80, "HTTP", vec![forward(&[(BLUE, 0), (GREEN, 100)])]);
                lb(snapshot).listeners = Known::Yes(vec![http, test]);
            },
            expected: &[(UNHEALTHY, BLUE, "fail")],
        },
        Case {
            name: "rules that AWS would not say may send there",
            edit: |snapshot| {
                let mut hidden = listener(80, "HTTP", vec![forward(&[(BLUE, 0), (GREEN, 100)])]);
                hidden.rules = Known::No(GapId::new("elasticloadbalancing:DescribeRules", REGION, None));
                lb(snapshot).listeners = Known::Yes(vec![hidden]);
            },
            expected: &[(UNHEALTHY, BLUE, "unknown"), (UNHEALTHY, GREEN, "pass")],
        },
        Case {
            name: "a snapshot from before weights were kept does not say which half serves",
            edit: |snapshot| {
                let mut old = forward(&[(BLUE, 0), (GREEN, 100)]);
                old.target_groups = Known::default();
                lb(snapshot).listeners = Known::Yes(vec![listener(80, "HTTP", vec![old])]);
            },
            expected: &[(UNHEALTHY, BLUE, "unknown"), (UNHEALTHY, GREEN, "pass")],
        },
        Case {
            name: "of a single group it does",
            edit: |snapshot| {
                let mut old = forward(&[(BLUE, 1)]);
                old.target_groups = Known::default();
                lb(snapshot).listeners = Known::Yes(vec![listener(80, "HTTP", vec![old])]);
            },
            expected: &[(UNHEALTHY, BLUE, "fail")],
        },
    ]);
}

#[test]
fn zones_of_the_idle_half_are_not_missed() {
    const ZONE: &str = "alb-zone-without-healthy-target";
    check(&[
        Case {
            name: "both targets of blue are in one zone, and no request goes there",
            edit: |snapshot| {
                snapshot.elb.target_groups.items = vec![target_group(BLUE, &["healthy", "healthy"])];
            },
            expected: &[(ZONE, LB, "pass")],
        },
        Case {
            name: "those of green, where they all go",
            edit: |snapshot| {
                snapshot.elb.target_groups.items = vec![target_group(GREEN, &["healthy", "healthy"])];
            },
            expected: &[(ZONE, LB, "fail")],
        },
    ]);
}

#[test]
fn the_https_listener_does_what_the_http_listener_does() {
    let judged = findings(&account());
    for policy in [HTTPS, ORIGIN] {
        let mut snapshot = account();
        if policy == ORIGIN {
            locked(&mut snapshot);
        }
        let judged = findings(&snapshot);
        let found = judged.iter().find(|finding| finding.policy == policy).unwrap();
        assert_eq!(found.verdict, Verdict::Fail);
        for option in &found.options {
            let script = &option.cli.en;
            for part in [
                "describe-listeners --listener-arns",
                "--default-actions file://default-actions.json",
                "aws elbv2 create-rule --cli-input-json",
            ] {
                assert!(script.contains(part), "{policy}/{}: {part}", option.id);
            }
            assert!(!script.contains("TargetGroupArn="), "{policy}/{} picks one group", option.id);
        }
    }
    let found = judged.iter().find(|finding| finding.policy == HTTPS).unwrap();
    let terraform = &found.options[0].terraform;
    let shares = format!("split(\", \", \"{}, {}\"), split(\", \", \"0, 100\")", elb(BLUE), elb(GREEN));
    assert!(terraform.en.contains(&shares), "{}", terraform.en);
    let found = judged.iter().find(|finding| finding.policy == REDIRECT).unwrap();
    let undo = &found.options[0].undo;
    assert!(undo.en.contains("file://default-actions.json"), "{}", undo.en);
}
