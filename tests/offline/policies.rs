//! Every policy that is built in loads, and its examples come out as they say.

use std::collections::BTreeSet;
use tenken::conclude::FUNCTIONS;
use tenken::finding::{MonthlyCost, Verdict};
use tenken::policy::judge::judge;
use tenken::policy::parameter::PolicyParameter;
use tenken::policy::{PolicySet, embedded_files};
use tenken::snapshot::rds::DbInstance;
use tenken::snapshot::shape::{RecordShape, Type};
use tenken::snapshot::{Known, Snapshot};

#[test]
fn built_in_policies_load_and_their_examples_hold() {
    let set = match PolicySet::embedded() {
        Ok(set) => set,
        Err(error) => panic!("{} problems:\n{error}", error.problems.len()),
    };
    if let Err(error) = set.run_examples() {
        panic!("{} examples come out otherwise:\n{error}", error.problems.len());
    }
}

const POLICY: &str = r#"
id: rds-single-az
severity: high
pillar: reliability
title: { en: Database has no standby, ja: スタンバイがない }
risk: { en: It stops., ja: 止まる。 }
for: db in rds.db_instances
when: db.cluster_id == null
pass: db.multi_az
found: { en: "{db.id} runs in {db.availability_zone} alone.", ja: "{db.id} は {db.availability_zone} のみ。" }
options:
  - id: multi-az
    title: { en: Add one, ja: 追加する }
    steps: { en: [Modify it.], ja: [変更する。] }
    effect: [ { set: db.multi_az, to: true } ]
    impact: { downtime: none, needs_test: false, effort_hours: 1 }
    monthly_cost: 0
examples:
  - pass: { db: { id: a, multi_az: true, cluster_id: null } }
  - fail: { db: { id: a, multi_az: false, cluster_id: null } }
  - unknown: { db: { id: a, cluster_id: null } }
  - skip: { db: { id: a, cluster_id: b } }
"#;

fn problems(text: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rds-single-az.yaml"), text).unwrap();
    match PolicySet::folder(folder.path()) {
        Ok(set) => set.run_examples().map(|_| Vec::new()).unwrap_or_else(|error| {
            error.problems.iter().map(|p| format!("{}: {}", p.line, p.message.en)).collect()
        }),
        Err(error) => {
            error.problems.iter().map(|problem| format!("{}: {}", problem.line, problem.message.en)).collect()
        }
    }
}

#[test]
fn a_good_policy_has_no_problem() {
    assert_eq!(problems(POLICY), Vec::<String>::new());
}

#[test]
fn what_plans_are_made_from_is_checked_across_policies() {
    let with = |lines: &str| {
        let impact = "    impact: { downtime: none, needs_test: false, effort_hours: 1 }\n";
        problems(&POLICY.replace(impact, &format!("{impact}{lines}")))
    };
    let good = "    requires: [db-subnet-group-in-one-az]
    excludes: [rds-unencrypted-storage/replicate]
    resolves: [rds-cluster-single-az]
    together_with: [rds-unencrypted-storage/copy-snapshot, rds-no-automated-backup]
    improves:
      - { metric: rto, before: { en: hours, ja: 数時間 }, after: { en: minutes, ja: 数分 } }
      - { metric: database-failover, before: \"{db.availability_zone}\", after: Multi-AZ }
";
    assert_eq!(with(good), Vec::<String>::new());
    let cases: &[(&str, &str)] = &[
        ("requires: [rds-no-backup]", "17: there is no policy `rds-no-backup`"),
        (
            "requires: [rds-no-automated-backups]",
            "17: there is no policy `rds-no-automated-backups`; did you mean `rds-no-automated-backup`?",
        ),
        (
            "together_with: [rds-no-automated-backup/automated-backup]",
            "17: the policy `rds-no-automated-backup` has no option `automated-backup`; did you mean `automated-backups`?",
        ),
        (
            "excludes: [rds-no-automated-backup]",
            "17: `excludes` names options; write `rds-no-automated-backup/` and the option's id",
        ),
        (
            "excludes: [rds-single-az/multi-az]",
            "17: the options of one policy exclude each other anyway; remove this",
        ),
        (
            "resolves: [rds-no-automated-backup/automated-backups]",
            "17: `resolves` names policies; write `rds-no-automated-backup`",
        ),
        ("requires: [rds-single-az]", "17: `rds-single-az` is of this policy itself; name another one"),
        (
            "improves: [{ metric: rtoo, before: a, after: b }]",
            "17: there is no metric `rtoo`; did you mean `rto`?",
        ),
        ("mends: a bit", "17: `mends: a bit` is not understood; write fully or partly"),
        ("improves: [{ metric: rto, before: a }]", "17: the improvement lacks `after`"),
        (
            "improves: [{ metric: rto, before: \"{db.idd}\", after: b }]",
            "17: before: DbInstance has no field `idd`; did you mean `id`?",
        ),
    ];
    for (line, problem) in cases {
        let found = with(&format!("    {line}\n"));
        assert!(found.contains(&(*problem).to_owned()), "{line}: {found:#?}");
    }
}

#[test]
fn requirements_that_go_in_a_circle_are_told_once() {
    let folder = tempfile::tempdir().unwrap();
    for (id, requires) in [("rds-a", "rds-b"), ("rds-b", "rds-c/multi-az"), ("rds-c", "rds-a")] {
        let text = POLICY
            .replace("id: rds-single-az", &format!("id: {id}"))
            .replace("effort_hours: 1 }\n", &format!("effort_hours: 1 }}\n    requires: [{requires}]\n"));
        std::fs::write(folder.path().join(format!("{id}.yaml")), text).unwrap();
    }
    let error = PolicySet::folder(folder.path()).unwrap_err();
    let messages: Vec<&str> = error.problems.iter().map(|problem| problem.message.en.as_str()).collect();
    let circle = "`requires` is circular, so nothing could come first: rds-a requires rds-b requires rds-c requires rds-a";
    assert_eq!(messages, [circle]);
}

#[test]
fn every_mistake_is_named_with_its_line_and_what_to_write() {
    let cases: &[(&str, &str, &str)] = &[
        (
            "pass: db.multi_az\n",
            "pass: db.multi_azz\n",
            "9: pass: DbInstance has no field `multi_azz`; did you mean `multi_az`?",
        ),
        (
            "pass: db.multi_az\n",
            "pass: db.port > 3\n",
            "9: pass: `db.port` may be null; say what holds then: `db.port != null && …`",
        ),
        (
            "pass: db.multi_az\n",
            "pass: db.id > 3\n",
            "9: pass: `db.id` is text, `3` is int: they cannot be compared",
        ),
        (
            "pass: db.multi_az\n",
            "pass: db.id == null\n",
            "9: pass: `db.id` is never null; leave the comparison out",
        ),
        ("pass: db.multi_az\n", "pass: db.id\n", "9: pass: `db.id` is text, not a condition"),
        (
            "pass: db.multi_az\n",
            "pass: db.performance_insights_enabled\n",
            "9: pass: `db.performance_insights_enabled` may be null; write `db.performance_insights_enabled == true`",
        ),
        (
            "pass: db.multi_az\n",
            "pass: sizes(db.id) == 1\n",
            "9: pass: there is no function `sizes`; did you mean `size`?",
        ),
        (
            "pass: db.multi_az\n",
            "pass: has(db.port)\n",
            "9: pass: `has(db.port)` would turn unknown into no; compare with null, or write `\"port\" in db` for tags",
        ),
        (
            "pass: db.multi_az\n",
            "pass: db.multi_az &&\n",
            "9: pass: `db.multi_az &&` ends too early; complete the expression",
        ),
        (
            "pass: db.multi_az\n",
            "pass: !db.multi_az\n",
            "9: pass begins with `!`, which YAML takes for a tag (`!db.multi_az`); quote it",
        ),
        (
            "pass: db.multi_az\n",
            "passs: db.multi_az\n",
            "9: a policy has no key `passs`; did you mean `pass`?",
        ),
        (
            "for: db in rds.db_instances",
            "for: db in rds.db_instance",
            "7: Rds has no list `db_instance`; did you mean `db_instances`?",
        ),
        (
            "for: db in rds.db_instances",
            "for: db in rdss.db_instances",
            "7: there is no service `rdss`; did you mean `rds`?",
        ),
        (
            "severity: high",
            "severity: grave",
            "3: unknown severity `grave`; write critical, high, medium, low or info",
        ),
        (
            "id: rds-single-az",
            "id: rds-single",
            "2: the id `rds-single` and the file name `rds-single-az` must be the same",
        ),
        (
            ", ja: スタンバイがない }",
            " }",
            "5: title lacks `ja`: everything people read exists in both languages",
        ),
        ("{db.id} runs", "{db.idd} runs", "10: found.en: DbInstance has no field `idd`; did you mean `id`?"),
        ("{db.id} runs", "{db.id runs", "10: found.en: a `{` is never closed"),
        (
            "multi_az: true, cluster_id: null } }",
            "multi_az: false, cluster_id: null } }",
            "19: this `pass` example comes out as fail",
        ),
        (
            "  - unknown: { db: { id: a, cluster_id: null } }\n",
            "",
            "19: examples lack a `unknown`; show one resource that comes out so",
        ),
        ("multi_az: true, cluster", "multi_az: 1, cluster", "19: `db.multi_az` must be true or false"),
        (
            "for: db in",
            "parameters: { Days: 7, size: 7, db: 7, days: true, port_max: 7 }\nfor: db in",
            "7: `Days` is not a valid parameter name; write lower-case words joined by `_`",
        ),
        (
            "for: db in",
            "parameters: { size: 7 }\nfor: db in",
            "7: `size` is taken; give the parameter another name",
        ),
        (
            "for: db in",
            "parameters: { db: 7 }\nfor: db in",
            "7: `db` is taken; give the parameter another name",
        ),
        (
            "for: db in",
            "parameters: { days: true }\nfor: db in",
            "7: the parameter `days` is `true`; write its default: a number or text",
        ),
        (
            "for: db in",
            "parameters: { port_max: 7 }\nfor: db in",
            "7: the parameter `port_max` is never used; name it in an expression",
        ),
        (
            "pass: db.multi_az\n",
            "parameters: { port_max: 7 }\npass: db.multi_az && db.backup_retention_days < port_maxx\n",
            "10: pass: there is no `port_maxx` here; known: db, port_max; did you mean `port_max`?",
        ),
        (
            "pass: db.multi_az\n",
            "parameters: { name: ec }\npass: db.backup_retention_days > name\n",
            "10: pass: `db.backup_retention_days` is int, `name` is text: they cannot be compared",
        ),
        (
            "monthly_cost: 0",
            "monthly_cost: db.id",
            "17: monthly_cost: `db.id` is text, not a number of dollars",
        ),
        (
            "monthly_cost: 0",
            "monthly_cost: price(\"alb-hour\")",
            "17: monthly_cost: write `price(\"alb-hour\", lb.region)`",
        ),
        ("    monthly_cost: 0\n", "", "12: the option lacks `monthly_cost`"),
        (
            "    effect: [ { set: db.multi_az, to: true } ]\n",
            "",
            "12: the recommended option lacks `effect`; say what the account looks like afterwards",
        ),
        (
            "monthly_cost: 0",
            "monthly_cost: unknown",
            "17: monthly_cost is unknown; say in `monthly_cost_note` what it depends on",
        ),
        (
            "for: db in",
            "parameters: { hours_per_month: 7 }\nfor: db in",
            "7: `hours_per_month` is taken; give the parameter another name",
        ),
        ("downtime: none", "downtime: never", "16: `downtime: never` is not understood"),
    ];
    for (good, bad, expected) in cases {
        assert!(POLICY.contains(good), "{good}");
        let found = problems(&POLICY.replace(good, bad));
        assert!(
            found.iter().any(|problem| problem.starts_with(expected)),
            "{bad}\nexpected {expected}\nfound {found:#?}"
        );
    }
}

#[test]
fn problems_in_texts_of_several_lines_have_the_line_that_they_are_on() {
    let folded = "pass: >-\n  db.multi_az\n  && db.idd == \"a\"\n\n  && db.port > 3\n";
    let plain = "pass: db.multi_az\n  && db.idd == \"a\"\n\n  && db.port > 3\n";
    let quoted = "pass: \"db.multi_az\n  && db.idd == 'a'\n\n  && db.port > 3\"\n";
    let literal = "pass: |\n  db.multi_az\n  && db.idd == \"a\"\n\n  && db.port > 3\n";
    for (text, lines) in [(folded, [11, 13]), (plain, [10, 12]), (quoted, [10, 12]), (literal, [11, 13])] {
        let found = problems(&POLICY.replace("pass: db.multi_az\n", text));
        let expected = [
            format!("{}: pass: DbInstance has no field `idd`; did you mean `id`?", lines[0]),
            format!("{}: pass: `db.port` may be null; say what holds then: `db.port != null && …`", lines[1]),
        ];
        assert_eq!(found, expected, "{text}");
    }
    let cut_off = POLICY.replace("pass: db.multi_az\n", "pass: >-\n  db.multi_az\n  && (db.port == null\n");
    let problem = "`db.multi_az && (db.port == null` ends too early; `)` is missing for `(db.port == null`";
    assert_eq!(problems(&cut_off), [format!("11: pass: {problem}")]);
    let prose = "found:\n  en: >-\n    {db.id} runs\n    in {db.availability_zon} alone.\n  ja: \"{db.id} は単独。\"\n";
    let found = "found: { en: \"{db.id} runs in {db.availability_zone} alone.\", ja: \"{db.id} は {db.availability_zone} のみ。\" }\n";
    assert!(POLICY.contains(found));
    assert_eq!(
        problems(&POLICY.replace(found, prose)),
        ["13: found.en: DbInstance has no field `availability_zon`; did you mean `availability_zone`?"]
    );
    let each = "each: >-\n  rule in\n  world_rules_on_database(dbb)\nkey: rule.group_id\npass: db.multi_az\n";
    let found = problems(&POLICY.replace("pass: db.multi_az\n", each));
    assert!(
        found.contains(
            &"11: each: write `world_rules_on_database(db)`: conclusions are about the judged resource"
                .to_owned()
        ),
        "{found:#?}"
    );
}

/// The policy with `let` at its top, and `pass`.
fn with_let(lets: &str, pass: &str) -> String {
    POLICY.replace("pass: db.multi_az\n", &format!("let: {{ {lets} }}\npass: {pass}\n"))
}

#[test]
fn names_of_let_stand_for_their_expressions() {
    let sound = [
        ("standby: db.multi_az", "standby"),
        // Whatever the order they are written in.
        ("b: a && db.multi_az, a: c == false, c: db.id == \"no\"", "b"),
        ("size_gb: db.allocated_storage_gib + 1", "db.multi_az || size_gb * 2 == 0"),
        // A loop's variable hides a name, and no loop's variable is seen by one.
        ("group: db.id", "db.multi_az && db.security_group_ids.all(group, group != \"\") || group == \"\""),
        ("own: db.id", "'db.security_group_ids.all(db, db != own) ? db.multi_az : db.multi_az'"),
        (
            "groups: \"db.security_group_ids.filter(id, id != db.id)\"",
            "db.multi_az || groups.all(id, groups.exists(other, other == id))",
        ),
    ];
    for (lets, pass) in sound {
        let text = with_let(lets, pass).replace(
            "multi_az: true, cluster_id: null }",
            "multi_az: true, cluster_id: null, allocated_storage_gib: 9, security_group_ids: [] }",
        );
        let text = text.replace(
            "multi_az: false, cluster_id: null }",
            "multi_az: false, cluster_id: null, allocated_storage_gib: 9, security_group_ids: [] }",
        );
        let found = problems(&text);
        let unsound: Vec<&String> = found.iter().filter(|problem| !problem.contains("example")).collect();
        assert!(unsound.is_empty(), "{lets}: {found:#?}");
    }
    let option = "    monthly_cost: hour * hours_per_month\n    let: { hour: 'price(\"public-ipv4-hour\", db.region)' }\n";
    assert_eq!(problems(&POLICY.replace("    monthly_cost: 0\n", option)), Vec::<String>::new());
}

#[test]
fn mistakes_in_let_are_told_once_with_their_line() {
    for (lets, pass, expected) in [
        (
            "on: db.multi_azz",
            "on && on",
            "9: on: DbInstance has no field `multi_azz`; did you mean `multi_az`?",
        ),
        ("on: db.multi_az &&", "on", "9: on: `db.multi_az &&` ends too early; complete the expression"),
        ("on: db.multi_az, off: db.id", "on", "9: `off` of `let` is never used; name it in an expression"),
        (
            "on: db.multi_az",
            "on && onn",
            "10: pass: there is no `onn` here; known: db, on; did you mean `on`?",
        ),
        ("on: off, off: on", "on || off", "9: `let` is circular: `off` names `on` names `off`"),
        ("on: on && db.multi_az", "on", "9: `let` is circular: `on` names `on`"),
        ("db: db.multi_az", "db.multi_az", "9: `db` is taken; give the `let` another name"),
        ("size: db.multi_az", "db.multi_az", "9: `size` is taken; give the `let` another name"),
        (
            "On: db.multi_az",
            "db.multi_az",
            "9: `On` is not a valid `let` name; write lower-case words joined by `_`, for instance `days_min`",
        ),
        ("on: \"\"", "on", "9: on is empty"),
        (
            "port: db.port",
            "port > 3",
            "10: pass: `port` may be null; say what holds then: `port != null && …`",
        ),
        ("on: db.performance_insights_enabled", "on", "10: pass: `on` may be null; write `on == true`"),
        (
            "hidden: id",
            "\"db.security_group_ids.all(id, hidden == id)\"",
            "9: hidden: there is no `id` here; known: db",
        ),
    ] {
        let found = problems(&with_let(lets, pass));
        assert_eq!(found, [expected], "{lets}");
    }
    // The names of an option are no others' names, and no second ones.
    let option = POLICY
        .replace("pass: db.multi_az\n", "let: { on: db.multi_az }\npass: on\n")
        .replace("    monthly_cost: 0\n", "    monthly_cost: size\n    let: { on: 1, size_gb: 2 }\n");
    assert_eq!(
        problems(&option),
        [
            "18: monthly_cost: there is no `size` here; known: db, on, size_gb",
            "19: `on` is taken; give the `let` another name",
            "19: `size_gb` of `let` is never used; name it in an expression",
        ]
    );
}

#[test]
fn names_that_use_an_element_are_known_where_there_is_one() {
    let text = POLICY.replace(
        "pass: db.multi_az\n",
        "let: { rules: world_rules_on_database(db), group: rule.group_id }\neach: rule in rules\nkey: group\npass: db.multi_az\npassed: { en: \"{group}\", ja: \"{db.id}\" }\n",
    );
    assert_eq!(
        problems(&text),
        ["13: passed.en: there is no `group` here; known: db, rules"],
        "the rest of the policy knows both"
    );
}

#[test]
fn all_problems_come_at_once() {
    let text = POLICY
        .replace("severity: high", "severity: grave")
        .replace("pass: db.multi_az\n", "pass: db.multi_azz\n");
    assert!(problems(&text).len() >= 2);
}

#[test]
fn a_folder_without_policies_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert!(PolicySet::folder(folder.path()).unwrap_err().to_string().contains("has no policy"));
}

#[test]
fn deep_long_and_looping_expressions_are_refused() {
    let deep = format!("pass: {}db.multi_az{}\n", "(".repeat(200), ")".repeat(200));
    let long = format!("pass: db.multi_az{}\n", " && db.multi_az".repeat(300));
    let wide = format!("pass: \"{}db.multi_az\"\n", "!".repeat(100));
    let loops = "pass: \"[1].all(a, [1].all(b, [1].all(c, [1].all(d, a == d))))\"\n";
    for (text, expected) in [
        (deep.as_str(), "nests deeper"),
        (&long, "more than 2000 characters"),
        (&wide, "nests deeper"),
        (loops, "loops are nested"),
    ] {
        let found = problems(&POLICY.replace("pass: db.multi_az\n", text));
        assert!(found.iter().any(|problem| problem.contains(expected)), "{expected}: {found:#?}");
    }
}

#[test]
fn parameters_change_verdicts_texts_and_commands_and_nothing_else() {
    let id = "rds-short-backup-retention";
    let mut set = PolicySet::embedded().unwrap();
    let mut snapshot = Snapshot::new("123456789012", "aws", "2026-11-24T00:00:00Z", &[]).complete();
    snapshot.rds.db_instances.items.push(DbInstance {
        arn: "arn:aws:rds:ap-northeast-1:123456789012:db:ec-db".into(),
        id: "ec-db".into(),
        backup_retention_days: Known::Yes(7),
        ..DbInstance::default()
    });
    let verdict = |set: &PolicySet| {
        let findings = judge(&snapshot, set);
        findings.into_iter().find(|finding| finding.policy == id).unwrap()
    };
    assert_eq!(verdict(&set).verdict, Verdict::Pass);
    let others: Vec<String> = set.policies.iter().map(|policy| policy.id.clone()).collect();
    set.set_parameters(id, &[("retention_days_min".to_owned(), PolicyParameter::Int(14))].into()).unwrap();
    let finding = verdict(&set);
    assert_eq!(finding.verdict, Verdict::Fail);
    assert!(finding.message.en.ends_with("for 7 days; it should be 14 or more."), "{}", finding.message.en);
    assert!(finding.options[0].cli.en.contains("--backup-retention-period 14 "));
    assert_eq!(others, set.policies.iter().map(|policy| policy.id.clone()).collect::<Vec<_>>());
    assert_eq!(set.find(id).unwrap().parameters["retention_days_min"], PolicyParameter::Int(14));
}

#[test]
fn check_and_undo_are_one_text_or_both_languages_and_reach_the_remedy() {
    let cli = "    effect: [ { set: db.multi_az, to: true } ]\n";
    let keys = r##"    check: "aws rds describe-db-instances --db-instance-identifier {db.id}  # => true"
    undo:
      en: "# {db.id} cannot go back"
      ja: "# {db.id} は元に戻せない"
"##;
    let folder = tempfile::tempdir().unwrap();
    let text = POLICY.replace(cli, &format!("{cli}{keys}"));
    std::fs::write(folder.path().join("rds-single-az.yaml"), &text).unwrap();
    let mut snapshot = Snapshot::new("123456789012", "aws", "2026-11-24T00:00:00Z", &[]).complete();
    snapshot.rds.db_instances.items.push(DbInstance {
        id: "ec-db".into(),
        multi_az: Known::Yes(false),
        ..DbInstance::default()
    });
    let findings = judge(&snapshot, &PolicySet::folder(folder.path()).unwrap());
    let option = &findings[0].options[0];
    assert_eq!(option.check.en, "aws rds describe-db-instances --db-instance-identifier ec-db  # => true");
    assert_eq!(option.check.ja, option.check.en);
    assert_eq!(option.undo.en, "# ec-db cannot go back");
    assert_eq!(option.undo.ja, "# ec-db は元に戻せない");

    let mistakes = [
        ("      ja: \"# {db.id} は元に戻せない\"\n", "", "undo lacks `ja`"),
        ("{db.id}  #", "{db.idd}  #", "`idd`"),
    ];
    for (from, to, expected) in mistakes {
        let found = problems(&text.replace(from, to));
        assert!(found.iter().any(|problem| problem.contains(expected)), "{expected}: {found:#?}");
    }
}

#[test]
fn options_cost_what_the_price_list_says_or_nobody_knows() {
    let set = PolicySet::embedded().unwrap();
    let mut snapshot = Snapshot::new("123456789012", "aws", "2026-11-24T00:00:00Z", &[]).complete();
    let database = |region: &str| DbInstance {
        arn: format!("arn:aws:rds:{region}:123456789012:db:ec-db"),
        region: region.into(),
        engine: "postgres".into(),
        instance_class: "db.t4g.small".into(),
        multi_az: Known::Yes(false),
        allocated_storage_gib: Known::Yes(20),
        storage_type: Some("gp3".into()),
        publicly_accessible: Known::Yes(true),
        deletion_protection: Known::Yes(false),
        ..DbInstance::default()
    };
    snapshot.rds.db_instances.items = vec![database("ap-northeast-1"), database("eu-west-9")];
    let findings = judge(&snapshot, &set);
    let cost = |policy: &str, region: &str, option: usize| {
        let found = findings.iter().find(|finding| finding.policy == policy && finding.region == region);
        found.unwrap().options[option].monthly_usd.clone()
    };
    let near = |cost: MonthlyCost, usd: f64| assert!((cost.usd().unwrap() - usd).abs() < 0.001, "{cost:?}");
    // Twice the instance and twice the storage: 0.051 x 730 + 20 x 0.138 more.
    near(cost("rds-single-az", "ap-northeast-1", 0), 39.99);
    assert_eq!(cost("rds-single-az", "ap-northeast-1", 1), MonthlyCost::Usd(0.0));
    near(cost("rds-publicly-accessible-flag", "ap-northeast-1", 0), -3.65);
    near(cost("rds-no-alarm", "ap-northeast-1", 0), 0.4);
    // A region without prices: unknown, with every price that is missing, and never zero.
    let unknown = cost("rds-single-az", "eu-west-9", 0);
    assert_eq!((unknown.usd(), unknown.gaps().len()), (None, 4));
    assert!(unknown.gaps().iter().all(|gap| gap.region() == "eu-west-9"), "{unknown:?}");
    assert_eq!(cost("rds-no-deletion-protection", "eu-west-9", 0), MonthlyCost::Usd(0.0));
}

/// What people read in a script is there in both languages: `# English ## 日本語`.
#[test]
fn comments_in_words_are_in_both_languages() {
    let is_word = |word: &str| word.len() > 1 && word.chars().all(|c| c.is_ascii_lowercase());
    let mut comments = 0;
    for policy in PolicySet::embedded().unwrap().policies {
        let mut key = String::new();
        for (number, line) in policy.source.lines().enumerate() {
            if let Some((name, _)) = line.strip_prefix("    ").and_then(|rest| rest.split_once(':'))
                && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')
            {
                key = name.to_owned();
            }
            let comment = [" # ", "\"# "].iter().find_map(|start| line.split_once(start));
            let Some((_, comment)) =
                comment.filter(|_| ["cli", "check", "terraform"].contains(&key.as_str()))
            else {
                continue;
            };
            let words: Vec<&str> =
                comment.split_whitespace().map(|word| word.trim_end_matches([',', ';', ':', '.'])).collect();
            let is_prose = words.windows(2).any(|pair| pair.iter().all(|word| is_word(word)));
            let is_in_both = comment.split_once(" ## ").is_some_and(|(_, other)| !other.is_ascii());
            assert!(is_in_both || !is_prose, "{}:{}: {comment}", policy.file, number + 1);
            comments += usize::from(is_in_both);
        }
    }
    assert!(comments > 90, "{comments}");
}

/// So is what a script says while it runs: `echo "English ## 日本語"`.
#[test]
fn what_commands_say_in_words_is_in_both_languages() {
    let is_word = |word: &str| word.len() > 1 && word.chars().all(|c| c.is_ascii_lowercase());
    let (mut said, mut japanese) = (0, 0);
    for policy in PolicySet::embedded().unwrap().policies {
        for (number, line) in policy.source.lines().enumerate() {
            for text in line.split("echo \"").skip(1).filter_map(|rest| rest.split('"').next()) {
                let (english, other) = text.split_once(" ## ").unwrap_or((text, ""));
                let words: Vec<&str> = english.split([' ', ',', ':']).collect();
                let is_prose = words.windows(2).any(|pair| pair.iter().all(|word| is_word(word)));
                assert!(!other.is_ascii() || !is_prose, "{}:{}: {text}", policy.file, number + 1);
                said += usize::from(is_prose);
            }
        }
    }
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/worn-site.json");
    let snapshot = tenken::snapshot::store::load(&path).unwrap();
    for option in judge(&snapshot, &PolicySet::embedded().unwrap()).iter().flat_map(|one| &one.options) {
        let both =
            [&option.cli, &option.check, &option.undo].map(|script| format!("{}{}", script.en, script.ja));
        assert!(both.iter().all(|script| !script.contains(" ## ")), "{both:?}");
        assert!(!option.cli.ja.contains("make this change in the definition"), "{}", option.cli.ja);
        japanese += usize::from(option.cli.ja.contains("がデプロイする定義に加える\""));
    }
    assert!(said > 30 && japanese > 15, "{said} {japanese}");
}

/// The record that a conclusion answers with; none for a list, whose elements are judged one by one
/// and are evidence as a whole.
fn answer(ty: &Type) -> Option<&'static RecordShape> {
    match ty {
        Type::Nullable(inner) | Type::Known(inner) => answer(inner),
        Type::Record(shape) => Some(shape()),
        _ => None,
    }
}

/// Whether a text reads a field: not a function or a longer name.
fn reads(text: &str, field: &str) -> bool {
    text.match_indices(&format!(".{field}")).any(|(at, found)| {
        let next = text[at + found.len()..].chars().next();
        !next.is_some_and(|next| next.is_alphanumeric() || next == '_' || next == '(')
    })
}

#[test]
fn whatever_a_conclusion_says_is_read_by_some_policy() {
    // Examples and `becomes` say what a conclusion answers; they read nothing.
    let is_answer = |line: &&str| line.trim_start().starts_with("becomes:");
    let policies: Vec<String> = embedded_files()
        .into_iter()
        .map(|(_, text)| {
            let text = text.split("\nexamples:").next().unwrap_or_default();
            text.lines().filter(|line| !is_answer(line)).collect::<Vec<_>>().join("\n")
        })
        .collect();
    let mut unread = BTreeSet::new();
    let mut read = BTreeSet::new();
    for function in FUNCTIONS {
        let Some(shape) = answer(&(function.gives)()) else { continue };
        let call = format!("{}(", function.name);
        let callers: Vec<&String> = policies.iter().filter(|text| text.contains(&call)).collect();
        for field in &shape.fields {
            let name = format!("{}.{}", shape.name, field.name);
            match callers.iter().any(|text| reads(text, field.name)) {
                true => read.insert(name),
                false => unread.insert(name),
            };
        }
    }
    // Several conclusions may answer with one record.
    let unread: Vec<&String> = unread.difference(&read).collect();
    assert!(unread.is_empty(), "use it or drop it: {unread:?}");
    assert!(read.len() > 100, "{}", read.len());
}
