use super::*;
use crate::finding::Pillar;
use crate::text::Text;

fn finding(severity: Severity, verdict: Verdict) -> Finding {
    Finding {
        id: "0123456789ab".to_owned(),
        policy: "rds-single-az".to_owned(),
        severity,
        pillar: Pillar::Reliability,
        resource: "arn:aws:rds:eu-west-3:123456789012:db:shop".to_owned(),
        region: "eu-west-3".to_owned(),
        discriminator: String::new(),
        verdict,
        message: Text::default(),
        evidence: Vec::new(),
        options: Vec::new(),
        accepted: None,
    }
}

fn gap(operation: &str, about: Option<&str>, cause: Cause, code: &str) -> Gap {
    Gap {
        operation: operation.to_owned(),
        permissions: Vec::new(),
        region: "eu-west-3".to_owned(),
        about: about.map(str::to_owned),
        cause,
        code: code.to_owned(),
    }
}

#[test]
fn a_gap_counts_by_the_severity_of_what_it_leaves_undecided() {
    let denied = gap("rds:DescribeDBInstances", None, Cause::Denied, "AccessDenied");
    let no_data = gap("cloudwatch:GetMetricData", Some("shop-api"), Cause::NoData, "NoData");
    let bounded = gap("ecs:ListTaskDefinitions", Some("shop-api"), Cause::Truncated, Gap::MORE_REVISIONS);
    let broken_off = gap("ecs:ListTaskDefinitions", Some("shop-web"), Cause::Truncated, "RepeatedToken");
    let unknown = |severity, gaps: &[&Gap]| {
        finding(severity, Verdict::Unknown(gaps.iter().map(|gap| gap.id()).collect()))
    };
    let (low, medium, high) = (Severity::Low, Severity::Medium, Severity::High);
    let cases = [
        ("nothing was judged", vec![], vec![], low, EXIT_CLEAN),
        ("everything passed", vec![finding(high, Verdict::Pass)], vec![], low, EXIT_CLEAN),
        ("a failure", vec![finding(high, Verdict::Fail)], vec![], low, EXIT_FINDINGS),
        ("a failure below", vec![finding(low, Verdict::Fail)], vec![], medium, EXIT_CLEAN),
        ("undecided", vec![unknown(high, &[&denied])], vec![&denied], low, EXIT_UNKNOWN),
        (
            "undecided at the least severity",
            vec![unknown(medium, &[&denied])],
            vec![&denied],
            medium,
            EXIT_UNKNOWN,
        ),
        ("undecided below", vec![unknown(medium, &[&denied])], vec![&denied], high, EXIT_CLEAN),
        (
            "a failure decides before what is undecided",
            vec![unknown(high, &[&denied]), finding(low, Verdict::Fail)],
            vec![&denied],
            low,
            EXIT_FINDINGS,
        ),
        (
            "a failure below, undecided above",
            vec![unknown(high, &[&denied]), finding(low, Verdict::Fail)],
            vec![&denied],
            medium,
            EXIT_UNKNOWN,
        ),
        (
            "a gap on which no verdict depends",
            vec![finding(high, Verdict::Pass)],
            vec![&denied],
            low,
            EXIT_CLEAN,
        ),
        ("a service without metrics", vec![unknown(low, &[&no_data])], vec![&no_data], medium, EXIT_CLEAN),
        ("the same where it counts", vec![unknown(low, &[&no_data])], vec![&no_data], low, EXIT_UNKNOWN),
        (
            "old revisions beyond those read",
            vec![unknown(high, &[&bounded])],
            vec![&bounded],
            low,
            EXIT_CLEAN,
        ),
        (
            "a list of revisions that broke off",
            vec![unknown(high, &[&broken_off])],
            vec![&broken_off],
            low,
            EXIT_UNKNOWN,
        ),
        (
            "bounded, and denied besides",
            vec![unknown(high, &[&bounded, &denied])],
            vec![&bounded, &denied],
            low,
            EXIT_UNKNOWN,
        ),
        (
            "arithmetic without a result",
            vec![finding(high, Verdict::Unknown(Vec::new()))],
            vec![],
            low,
            EXIT_UNKNOWN,
        ),
    ];
    for (name, findings, gaps, fail_on, expected) in cases {
        let gaps = gaps.into_iter().map(|gap| (gap.id(), gap.clone())).collect();
        let run = Run { findings, gaps, ..Run::default() };
        assert_eq!(exit_code(&run, fail_on), expected, "{name}");
    }
}
