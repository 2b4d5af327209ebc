//! What a file of a policy says, key by key, and what is said about each mistake.

use super::*;
use crate::policy::parameter::PolicyParameter;

/// A small policy without a problem.
pub(crate) const POLICY: &str = r#"id: rds-single-az
severity: high
pillar: reliability
title: { en: Database has no standby, ja: スタンバイがない }
risk: { en: It stops., ja: 止まる。 }
for: db in rds.db_instances
pass: db.multi_az
found: { en: "{db.id} runs alone.", ja: "{db.id} は単独。" }
options:
  - id: multi-az
    title: { en: Add one, ja: 追加する }
    steps: { en: [Modify it.], ja: [変更する。] }
    effect: [ { set: db.multi_az, to: true } ]
    impact: { downtime: none, needs_test: false, effort_hours: 1 }
    monthly_cost: 0
examples:
  - pass: { db: { id: a, multi_az: true } }
  - fail: { db: { id: a, multi_az: false } }
  - unknown: { db: { id: a } }
"#;

const FILE: &str = "policies/reliability/rds-single-az.yaml";

/// [`POLICY`] with each of the texts replaced by another one.
pub(crate) fn edited(edits: &[(&str, &str)]) -> String {
    edits.iter().fold(POLICY.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    })
}

/// The policy that a text says.
pub(crate) fn policy(text: &str) -> Policy {
    read(FILE, text, &Parameters::new()).unwrap_or_else(|problems| panic!("{problems:#?}\n{text}"))
}

fn problems_in(file: &str, text: &str) -> Vec<String> {
    match read(file, text, &Parameters::new()) {
        Ok(_) => Vec::new(),
        Err(problems) => {
            problems.iter().map(|problem| format!("{}: {}", problem.line, problem.message.en)).collect()
        }
    }
}

/// The problems of a text, each with its line.
pub(crate) fn problems(text: &str) -> Vec<String> {
    problems_in(FILE, text)
}

#[test]
fn what_is_written_is_what_the_policy_has() {
    let text = edited(&[
        (
            "pass: db.multi_az\n",
            "pass: db.multi_az\npassed: { en: \"{db.id} has one.\", ja: \"{db.id} にある。\" }\nevidence: [db.engine, db.port]\ncompliance: { aws-fsbp: [RDS.5, RDS.15], cis-aws-5.0: [2.2.4] }\nreferences: [\"https://docs.aws.amazon.com/a\", \"https://docs.aws.amazon.com/b\"]\n",
        ),
        (
            "    impact: {",
            "    mends: partly\n    monthly_cost_note: { en: \"a {db.id}\", ja: \"b {db.id}\" }\n    requires: [rds-a, rds-b/c]\n    impact: {",
        ),
    ]);
    let read = policy(&text);
    assert_eq!(
        (read.id.as_str(), read.file.as_str(), read.source.as_str()),
        ("rds-single-az", FILE, text.as_str())
    );
    assert_eq!((read.severity, read.pillar), (Severity::High, Pillar::Reliability));
    assert_eq!(read.title, Text::new("Database has no standby", "スタンバイがない"));
    assert_eq!(read.risk, Text::new("It stops.", "止まる。"));
    assert_eq!((read.subject.variable.as_str(), read.subject.path.as_str()), ("db", "rds.db_instances"));
    assert_eq!(read.pass_source, "db.multi_az");
    assert!(read.pass.is_some() && read.when.is_none() && read.each.is_none() && read.passed.is_some());
    assert_eq!(read.evidence.len(), 2);
    assert_eq!(read.compliance["aws-fsbp"], ["RDS.5", "RDS.15"]);
    assert_eq!(read.compliance["cis-aws-5.0"], ["2.2.4"]);
    assert_eq!(read.compliance.len(), 2);
    assert_eq!(read.references, ["https://docs.aws.amazon.com/a", "https://docs.aws.amazon.com/b"]);
    assert_eq!(read.examples.iter().map(|example| example.line).collect::<Vec<_>>(), [24, 25, 26]);
    let [option] = read.options.as_slice() else { panic!("{:?}", read.options) };
    assert_eq!((option.id.as_str(), option.is_partial, option.links.len()), ("multi-az", true, 2));
    assert_eq!((option.steps.en.len(), option.steps.ja.len()), (1, 1));
    assert!(option.monthly_cost.is_some() && option.monthly_cost_note.is_some());
    assert!(
        option.cli.is_none() && option.check.is_none() && option.undo.is_none() && option.terraform.is_none()
    );
    assert_eq!(option.effect.changes.len(), 1);
    let plain = policy(POLICY);
    assert!(plain.passed.is_none() && plain.evidence.is_empty() && plain.compliance.is_empty());
    assert!(plain.references.is_empty() && !plain.options[0].is_partial);
}

#[test]
fn impact_is_what_is_written() {
    for (written, downtime, needs_test, effort_hours) in [
        ("downtime: none, needs_test: false, effort_hours: 0", Downtime::None, false, 0.0),
        ("downtime: seconds, needs_test: true, effort_hours: 0.5", Downtime::Seconds, true, 0.5),
        ("downtime: minutes, needs_test: true, effort_hours: 2", Downtime::Minutes, true, 2.0),
        ("downtime: hours, needs_test: false, effort_hours: 16", Downtime::Hours, false, 16.0),
    ] {
        let read = policy(&edited(&[("downtime: none, needs_test: false, effort_hours: 1", written)]));
        assert_eq!(read.options[0].impact, Impact { downtime, needs_test, effort_hours }, "{written}");
    }
    let form =
        "downtime is none, seconds, minutes or hours; needs_test is true or false; effort_hours is a number";
    for (written, problem) in [
        (
            "downtime: days, needs_test: false, effort_hours: 1",
            format!("14: `downtime: days` is not understood: {form}"),
        ),
        (
            "downtime: none, needs_test: maybe, effort_hours: 1",
            format!("14: `needs_test: maybe` is not understood: {form}"),
        ),
        (
            "downtime: none, needs_test: false, effort_hours: -1",
            format!("14: `effort_hours: -1` is not understood: {form}"),
        ),
        (
            "downtime: none, needs_test: false, effort_hours: few",
            "14: effort_hours: there is no `few` here; known: db".to_owned(),
        ),
        (
            "downtime: none, needs_test: false",
            "14: impact needs downtime, needs_test and effort_hours".to_owned(),
        ),
    ] {
        let text = edited(&[("downtime: none, needs_test: false, effort_hours: 1", written)]);
        assert_eq!(problems(&text), [problem], "{written}");
    }
    let text = edited(&[("{ downtime: none, needs_test: false, effort_hours: 1 }", "none")]);
    assert_eq!(problems(&text), ["14: impact must be `key: value` pairs"]);
}

#[test]
fn ids_are_words_in_kebab_case_and_the_name_of_the_file() {
    let found =
        |id: &str, file: &str| problems_in(file, &edited(&[("id: rds-single-az", &format!("id: {id}"))]));
    let none: [&str; 0] = [];
    assert_eq!(found("rds-single-az", "rds-single-az.yaml"), none);
    assert_eq!(found("s3-2-az", "s3-2-az.yaml"), none);
    for id in ["Rds-single", "rds--single", "rds_single", "-rds"] {
        let file = format!("{id}.yaml");
        assert_eq!(found(id, &file), [format!("1: `{id}` must be lower-case words joined by `-`")], "{id}");
    }
    let other = "1: the id `rds-other` and the file name `rds-single-az` must be the same";
    assert_eq!(found("rds-other", "rds-single-az.yaml"), [other]);
    assert_eq!(found("\"\"", "rds-single-az.yaml"), ["1: id is empty"], "an empty one is told once");
}

#[test]
fn a_pillar_is_known_and_that_of_a_folder_named_like_one() {
    let none: [&str; 0] = [];
    assert_eq!(problems_in("rds-single-az.yaml", POLICY), none);
    assert_eq!(problems_in("own/rds-single-az.yaml", POLICY), none, "other folders may have any name");
    let other = "3: the pillar `reliability` and the folder `security` must be the same";
    assert_eq!(problems_in("policies/security/rds-single-az.yaml", POLICY), [other]);
    let found = problems(&edited(&[("pillar: reliability", "pillar: safety")]));
    let names = Pillar::ALL.map(Pillar::as_str).join(", ");
    assert_eq!(found, [format!("3: `safety` is not a pillar; write one of {names}")]);
    assert_eq!(problems(&edited(&[("pillar: reliability", "pillar: \"\"")])), ["3: pillar is empty"]);
    assert_eq!(problems(&edited(&[("severity: high", "severity: \"\"")])), ["2: severity is empty"]);
}

#[test]
fn whatever_a_policy_needs_is_missed() {
    for (from, missing) in [
        ("id: rds-single-az\n", "1: the policy lacks `id`"),
        ("severity: high\n", "1: the policy lacks `severity`"),
        ("pillar: reliability\n", "1: the policy lacks `pillar`"),
        ("title: { en: Database has no standby, ja: スタンバイがない }\n", "1: the policy lacks `title`"),
        ("risk: { en: It stops., ja: 止まる。 }\n", "1: the policy lacks `risk`"),
        ("for: db in rds.db_instances\n", "1: the policy lacks `for`"),
        ("pass: db.multi_az\n", "1: the policy lacks `pass`"),
        ("found: { en: \"{db.id} runs alone.\", ja: \"{db.id} は単独。\" }\n", "1: the policy lacks `found`"),
        ("    title: { en: Add one, ja: 追加する }\n", "10: the option lacks `title`"),
        ("    steps: { en: [Modify it.], ja: [変更する。] }\n", "10: the option lacks `steps`"),
        (
            "    impact: { downtime: none, needs_test: false, effort_hours: 1 }\n",
            "10: the option lacks `impact`",
        ),
    ] {
        assert_eq!(problems(&edited(&[(from, "")])), [missing], "{from}");
    }
    let (head, rest) = POLICY.split_once("options:\n").unwrap();
    let (_, examples) = rest.split_once("examples:\n").unwrap();
    assert_eq!(problems(&format!("{head}examples:\n{examples}")), ["1: the policy lacks `options`"]);
    let empty = format!("{head}options: []\nexamples:\n{examples}");
    assert_eq!(problems(&empty), ["9: options must have at least one entry"]);
    let (head, _) = POLICY.split_once("examples:\n").unwrap();
    assert_eq!(problems(head), ["1: the policy lacks `examples`"]);
}

#[test]
fn steps_are_as_many_in_both_languages() {
    let problem = ["10: steps must be there in `en` and `ja`, the same number in both"];
    for steps in ["{ en: [], ja: [] }", "{ en: [a, b], ja: [c] }", "{ en: [a] }", "{ ja: [a] }"] {
        assert_eq!(
            problems(&edited(&[("{ en: [Modify it.], ja: [変更する。] }", steps)])),
            problem,
            "{steps}"
        );
    }
    let two = policy(&edited(&[("{ en: [Modify it.], ja: [変更する。] }", "{ en: [a, b], ja: [c, d] }")]));
    assert_eq!((two.options[0].steps.en.len(), two.options[0].steps.ja.len()), (2, 2));
}

#[test]
fn elements_are_records_with_a_key_that_is_text() {
    let each = |lines: &str| problems(&edited(&[("pass: db.multi_az\n", lines)]));
    let none: [&str; 0] = [];
    assert_eq!(
        each("each: rule in world_rules_on_database(db)\nkey: rule.group_id\n"),
        none,
        "each is a failure"
    );
    let read = policy(&edited(&[(
        "pass: db.multi_az\n",
        "each:  rule in world_rules_on_database(db)\nkey: rule.group_id\n",
    )]));
    assert_eq!(read.each.map(|each| each.variable), Some("rule".to_owned()));
    assert!(read.pass.is_none() && read.pass_source.is_empty());
    for (lines, problem) in [
        ("key: db.id\npass: db.multi_az\n", "7: `key` belongs to `each`, which is missing"),
        (
            "each: rule\nkey: db.id\npass: db.multi_az\n",
            "7: write `each: rule in world_rules_on_database(db)`",
        ),
        (
            "each: id in db.security_group_ids\nkey: id\npass: db.multi_az\n",
            "7: `each` needs a list of records, and `db.security_group_ids` is list of text",
        ),
        ("each: use in db.parameter_groups\npass: db.multi_az\n", "1: the policy lacks `key`"),
        (
            "each: use in db.parameter_groups\nkey: db.port\npass: db.multi_az\n",
            "8: `key` must be text that is never null",
        ),
        (
            "each: use in db.parameter_groups\nkey: db.cluster_id\npass: db.multi_az\n",
            "8: `key` must be text that is never null",
        ),
        (
            "parameters: { use: 7 }\neach: use in db.parameter_groups\nkey: db.id\npass: db.multi_az\n",
            "8: `use` is a parameter; give the variable another name",
        ),
    ] {
        assert_eq!(each(lines), [problem], "{lines}");
    }
}

#[test]
fn references_and_frameworks_are_known_kinds() {
    let with =
        |lines: &str| problems(&edited(&[("pass: db.multi_az\n", &format!("pass: db.multi_az\n{lines}"))]));
    let reference = "10: `http://example.com` must begin with https://";
    assert_eq!(with("references:\n  - https://example.com\n  - http://example.com\n"), [reference]);
    assert_eq!(
        with("compliance: { aws-fsb: [RDS.5] }\n"),
        ["8: compliance has no key `aws-fsb`; did you mean `aws-fsbp`?"]
    );
}

#[test]
fn what_an_option_costs_is_a_number_or_unknown_with_a_note() {
    let with = |cost: &str| edited(&[("    monthly_cost: 0\n", &format!("    monthly_cost: {cost}\n"))]);
    let cost = |cost: &str| policy(&with(cost)).options[0].monthly_cost.clone();
    assert!(matches!(cost("7"), Some(CheckedNode::Int(7))));
    assert!(matches!(cost("0.5"), Some(CheckedNode::Float(_))));
    assert!(cost("unknown\n    monthly_cost_note: { en: a, ja: b }").is_none());
    assert_eq!(
        problems(&with("unknown")),
        ["15: monthly_cost is unknown; say in `monthly_cost_note` what it depends on"]
    );
    assert_eq!(problems(&with("db.id")), ["15: monthly_cost: `db.id` is text, not a number of dollars"]);
}

#[test]
fn parameters_are_numbers_or_text_and_named_in_an_expression() {
    let with = |parameters: &str, pass: &str| {
        edited(&[("pass: db.multi_az\n", &format!("parameters: {{ {parameters} }}\npass: {pass}\n"))])
    };
    let sound = with(
        "days_min: 7, share: 0.5, name: ec",
        "db.backup_retention_days > days_min && share < 1 && db.id != name",
    );
    let read = policy(&sound);
    assert_eq!(read.parameters["days_min"], PolicyParameter::Int(7));
    assert_eq!(read.parameters["share"], PolicyParameter::Float(0.5));
    assert_eq!(read.parameters["name"], PolicyParameter::Text("ec".into()));
    let values = Parameters::from([
        ("days_min".to_owned(), PolicyParameter::Int(14)),
        // A whole number is a number; text is none.
        ("share".to_owned(), PolicyParameter::Int(1)),
        ("name".to_owned(), PolicyParameter::Int(3)),
        ("other".to_owned(), PolicyParameter::Int(3)),
    ]);
    let changed = read_with(&sound, &values);
    assert_eq!(changed["days_min"], PolicyParameter::Int(14));
    assert_eq!(changed["share"], PolicyParameter::Float(1.0));
    assert_eq!(changed["name"], PolicyParameter::Text("ec".into()));
    assert_eq!(changed.len(), 3);
    let name = |name: &str| {
        format!(
            "7: `{name}` is not a valid parameter name; write lower-case words joined by `_`, for instance `days_min`"
        )
    };
    let taken = |name: &str| format!("7: `{name}` is taken; give the parameter another name");
    for (parameters, problem) in [
        ("Days: 7", name("Days")),
        ("_days: 7", name("_days")),
        ("days-min: 7", name("days-min")),
        ("daysMin: 7", name("daysMin")),
        ("in: 7", name("in")),
        ("db: 7", taken("db")),
        ("size: 7", taken("size")),
        ("database_role: 7", taken("database_role")),
        ("hours_per_month: 7", taken("hours_per_month")),
        ("days: null", "7: the parameter `days` is ``; write its default: a number or text".to_owned()),
        ("days: .inf", "7: the parameter `days` is `inf`; write its default: a number or text".to_owned()),
        ("days_2: 7", "7: the parameter `days_2` is never used; name it in an expression".to_owned()),
    ] {
        assert_eq!(problems(&with(parameters, "db.multi_az")), [problem], "{parameters}");
    }
}

fn read_with(text: &str, values: &Parameters) -> Parameters {
    read(FILE, text, values).unwrap().parameters
}

#[test]
fn scripts_are_one_text_or_one_for_each_language() {
    let with = |lines: &str| edited(&[("    monthly_cost: 0\n", &format!("    monthly_cost: 0\n{lines}"))]);
    let slip = with("    cli: |\n      aws x {db.idd}  # first ## 一\n");
    assert_eq!(
        problems(&slip),
        ["17: cli: DbInstance has no field `idd`; did you mean `id`?"],
        "a slip in a command is told once"
    );
    let only_japanese = with("    cli: |\n      aws x  # first ## {db.idd}\n");
    assert_eq!(problems(&only_japanese), ["17: cli: DbInstance has no field `idd`; did you mean `id`?"]);
}

#[test]
fn what_plans_are_made_from_is_read_as_written() {
    let with =
        |lines: &str| edited(&[("    monthly_cost: 0\n", &format!("    monthly_cost: 0\n    {lines}\n"))]);
    let option = |lines: &str| policy(&with(lines)).options.remove(0);
    assert!(option("mends: partly").is_partial);
    assert!(!option("mends: fully").is_partial);
    assert_eq!(problems(&with("mends: \"\"")), ["16: mends is empty"]);
    assert_eq!(problems(&with("excludes: [\"\"]")), ["16: excludes is empty"]);
    let links =
        option("requires: [a, b/c]\n    excludes: [d/e]\n    resolves: [f]\n    together_with: [g]").links;
    let links: Vec<_> = links.iter().map(|link| (link.kind, link.to.to_string(), link.line)).collect();
    use crate::policy::LinkKind;
    assert_eq!(
        links,
        [
            (LinkKind::Requires, "a".to_owned(), 16),
            (LinkKind::Requires, "b/c".to_owned(), 16),
            (LinkKind::Excludes, "d/e".to_owned(), 17),
            (LinkKind::Resolves, "f".to_owned(), 18),
            (LinkKind::TogetherWith, "g".to_owned(), 19),
        ]
    );
    let improved = option("improves: [{ metric: rto, before: \"{db.id}\", after: { en: a, ja: b } }]");
    assert_eq!(improved.improves.len(), 1);
    assert_eq!(improved.improves[0].metric.as_str(), "rto");
    let known = crate::finding::Metric::ALL.map(crate::finding::Metric::as_str).join(", ");
    for (lines, problem) in [
        (
            "improves: [{ metric: zzzzzz, before: a, after: b }]",
            format!("16: there is no metric `zzzzzz`; write one of {known}"),
        ),
        ("improves: [{ metric: \"\", before: a, after: b }]", "16: metric is empty".to_owned()),
        ("improves: [{ before: a, after: b }]", "16: the improvement lacks `metric`".to_owned()),
        ("improves: [{ metric: rto, after: b }]", "16: the improvement lacks `before`".to_owned()),
        ("improves: [rto]", "16: an improvement must be `key: value` pairs".to_owned()),
    ] {
        assert_eq!(problems(&with(lines)), [problem], "{lines}");
    }
}

#[test]
fn names_of_let_are_free_and_used() {
    let with =
        |lines: &str, pass: &str| edited(&[("pass: db.multi_az\n", &format!("{lines}pass: {pass}\n"))]);
    let none: [&str; 0] = [];
    for (lines, pass, problem) in [
        (
            "let: { on: db.multi_az, off: db.id }\n",
            "on",
            "7: `off` of `let` is never used; name it in an expression",
        ),
        (
            "parameters: { days: 7 }\nlet: { days: db.id }\n",
            "db.multi_az && db.id == string(days)",
            "8: `days` is taken; give the `let` another name",
        ),
        (
            "let: { a: b && d, b: c, c: b, d: db.multi_az }\n",
            "a && c",
            "7: `let` is circular: `b` names `c` names `b`",
        ),
        (
            "let: { use: db.id }\neach: use in db.parameter_groups\nkey: use.name\n",
            "db.multi_az",
            "7: `use` is taken; give the `let` another name",
        ),
    ] {
        assert_eq!(problems(&with(lines, pass)), [problem], "{lines}");
    }
    // The variable of a loop is no name of another expression.
    assert_eq!(
        problems(&with(
            "let: { id: group == '', group: \"db.security_group_ids.all(id, id != '') ? 'a' : 'b'\" }\n",
            "id"
        )),
        none
    );
    assert_eq!(problems(&with("let: { on: db.multi_az }\n", "on")), none);
}

#[test]
fn what_is_shared_is_text_or_a_list_of_it() {
    use crate::finding::CauseKind;
    let with = |cause: &str| edited(&[("pass: db.multi_az\n", &format!("pass: db.multi_az\n{cause}\n"))]);
    let read =
        policy(&with("cause: { security-group: db.security_group_ids, argument: 'db.arn + \" multi_az\"' }"));
    let kinds: Vec<CauseKind> = read.options[0].causes.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, [CauseKind::SecurityGroup, CauseKind::Argument]);
    let own = edited(&[("    impact: {", "    cause: { topic: db.arn }\n    impact: {")]);
    assert_eq!(policy(&own).options[0].causes[0].0, CauseKind::Topic);
    assert!(policy(POLICY).options[0].causes.is_empty());
    assert_eq!(
        problems(&with("cause: { argument: db.multi_az }")),
        ["8: argument: `db.multi_az` is bool, not text or a list of it"]
    );
    assert_eq!(problems(&with("cause: { grup: db.arn }")).len(), 1);
}

#[test]
fn commands_are_one_script_or_blocks_in_the_order_of_their_stages() {
    use crate::finding::Stage;
    let with = |cli: &str| edited(&[("    impact: {", &format!("    cli:\n{cli}    impact: {{"))]);
    let read =
        policy(&with("      - add: aws x {db.id}  # a ## い\n      - add: aws y\n      - remove: aws z\n"));
    let option = &read.options[0];
    let stages: Vec<Stage> = option.blocks.iter().map(|(stage, _)| *stage).collect();
    assert_eq!(stages, [Stage::Add, Stage::Add, Stage::Remove]);
    assert!(option.cli.is_some());
    let refused = problems(&with("      - remove: aws z\n      - add: aws x\n"));
    assert_eq!(refused.len(), 1);
    assert!(refused[0].contains("`add` comes before `remove`"), "{refused:?}");
    let refused = problems(&with("      - { add: aws x, remove: aws y }\n"));
    assert!(refused[0].contains("a block of cli has one stage"), "{refused:?}");
    assert!(policy(POLICY).options[0].blocks.is_empty());
}
