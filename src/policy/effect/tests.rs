//! What a policy may write as `effect`, what it comes to, and what is said about mistakes.

use super::*;
use crate::policy::Policy;
use crate::policy::file::tests::{edited, policy, problems};
use crate::policy::judge::judge_example;
use crate::policy::mend;
use crate::policy::path::PathStep;
use crate::snapshot::ec2::{SecurityGroup, SecurityGroupRule};
use crate::snapshot::elb::{Listener, LoadBalancer};
use crate::snapshot::rds::{DbInstance, ParameterGroupUse};
use crate::snapshot::{GapId, Known};
use serde_json::{Value as Json, json};

/// The text of a policy whose option makes these changes.
fn changing(changes: &str) -> String {
    edited(&[("effect: [ { set: db.multi_az, to: true } ]", &format!("effect: [ {changes} ]"))])
}

fn told(changes: &str) -> Vec<String> {
    problems(&changing(changes))
}

#[test]
fn changes_are_checked_against_the_types_of_the_snapshot() {
    let none: [&str; 0] = [];
    for changes in [
        "{ set: db.multi_az, to: db.id == taken_at }",
        "{ set: db.port, to: null }",
        "{ set: db.port, to: 'db.multi_az ? null : 1' }",
        "{ set: db.port, to: db.port }",
        "{ set: db.created_at, to: null }",
        "{ set: db.created_at, to: '{taken_at}' }",
        "{ set: db.security_group_ids, to: 'db.security_group_ids.filter(id, id != \"\")' }",
        "{ set: db.security_group_ids, to: '[]' }",
        "{ set: db.security_group_ids, to: [] }",
        "{ set: db.security_group_ids, to: [a, '{db.id}'] }",
        "{ set: db.replica_ids, to: db.security_group_ids }",
        "{ set: db.tags, to: { Name: '{db.id}' } }",
        "{ set: db.tags, to: db.tags }",
        "{ add: db.security_group_ids, value: '{db.id}' }",
        "{ add: db.parameter_groups, value: { name: a } }",
        "{ for: one in rds.db_instances, set: one.port, to: db.port }",
        "{ for: one_2 in rds.db_instances, where: one_2.id == db.id, once: true, set: one_2.port, to: 1 }",
        "{ for: [a in rds.db_instances, b in a.parameter_groups], remove: b }",
        "{ for: [a in ec2.vpcs, b in ec2.vpcs, c in ec2.vpcs, d in ec2.vpcs], remove: d }",
        "{ remove: db }",
        "{ set: db.multi_az, to: true }, { set: db.port, to: 1 }",
    ] {
        assert_eq!(told(changes), none, "{changes}");
    }
    let form = "13: a change is `set` with `to`, `add` with `value`, or `remove`";
    let once = "13: once: write `once: true` beside `for`: the first record alone";
    for (change, problem) in [
        ("", "13: effect is empty; leave it out where the option changes no fact"),
        ("{ set: db.port }", form),
        ("{ add: db.security_group_ids }", form),
        ("{ to: 1 }", form),
        ("{ add: db.security_group_ids, value: a, remove: db }", form),
        ("{ set: db.multi_az, to: '' }", "13: to is empty"),
        ("{ set: db.multi_az, to: 1 }", "13: to: `1` is int, and bool is wanted"),
        ("{ set: db.multi_az, to: null }", "13: `to` is never null"),
        ("{ set: db.multi_az, to: db.performance_insights_enabled, once: true }", once),
        ("{ for: one in ec2.vpcs, once: false, remove: one }", once),
        ("{ set: db.port, to: db.id }", "13: to: `db.id` is text, and int or null is wanted"),
        ("{ set: db.port, to: 1.5 }", "13: to: `1.5` is float, and int or null is wanted"),
        (
            "{ set: db.security_group_ids, to: '[1]' }",
            "13: to: `[1]` is list of int, and list of text is wanted",
        ),
        ("{ set: db.port, to: '[]' }", "13: to: `[]` is an empty list, and int or null is wanted"),
        ("{ set: db.tags, to: { Name: '' } }", "13: `to` must be text"),
        ("{ set: db.id, to: ' ' }", "13: `to` must be text"),
        ("{ set: db.id, to: '{db.idd}' }", "13: to: DbInstance has no field `idd`; did you mean `id`?"),
        ("{ set: db.idd, to: 1 }", "13: set: DbInstance has no field `idd`; did you mean `id`?"),
        ("{ set: dbb.id, to: a }", "13: set: there is no `dbb` here; did you mean `db`?"),
        ("{ set: ecc2.id, to: a }", "13: set: there is no `ecc2` here; did you mean `ec2`?"),
        ("{ set: rds, to: a }", "13: set: `rds` names no field"),
        (
            "{ set: taken_at, to: a }",
            "13: set: `taken_at` is not a record of the snapshot, and nothing else can be changed; find one with `for`",
        ),
        ("{ set: '', to: a }", "13: set is empty"),
        ("{ set: db.tags.Name, to: a }", "13: set: `db.tags.Name`: text by name has no fields"),
        (
            "{ set: db.parameter_groups.name, to: a }",
            "13: set: `db.parameter_groups.name`: list of ParameterGroupUse has no fields; look for its records with `for`",
        ),
        ("{ add: db.tags, value: 1 }", "13: value: `1` is int, and text by name is wanted"),
        ("{ add: db.port, value: 1 }", "13: add: `db.port` is int or null, not a list; use `set`"),
        (
            "{ add: db.parameter_groups, value: { names: a } }",
            "13: value: ParameterGroupUse has no field `names`; did you mean `name`?",
        ),
        (
            "{ add: db.parameter_groups, value: { like: db.id } }",
            "13: like: `db.id` is text, and ParameterGroupUse is wanted",
        ),
        ("{ add: db.parameter_groups, value: { name: null } }", "13: `value.name` is never null"),
        ("{ remove: rds }", "13: remove: `rds` is not a record; name it with `for` first"),
        (
            "{ for: one in db.security_group_ids, remove: one }",
            "13: for: `db.security_group_ids` is list of text, not a list of records",
        ),
        ("{ for: one in db.port, remove: one }", "13: for: `db.port` is int or null, not a list of records"),
        ("{ for: one, remove: one }", "13: `one` is not understood; write `for: table in ec2.route_tables`"),
        ("{ for: one-2 in ec2.vpcs, remove: db }", "13: for: `one-2` is not a valid name"),
        ("{ for: ' in ec2.vpcs', remove: db }", "13: for: `` is not a valid name"),
        ("{ for: db in ec2.vpcs, remove: db }", "13: for: `db` is taken; give the record another name"),
        (
            "{ for: taken_at in ec2.vpcs, remove: db }",
            "13: for: `taken_at` is taken; give the record another name",
        ),
        (
            "{ for: one in ec2.vpcs, where: one.id, remove: one }",
            "13: where: `one.id` is text, not a condition",
        ),
        (
            "{ for: one in rds.db_instances, where: one.performance_insights_enabled, remove: one }",
            "13: where: `one.performance_insights_enabled` may be null; write `one.performance_insights_enabled == true`",
        ),
        (
            "{ for: one in ec2.vpcs, where: one.idd == '', remove: one }",
            "13: where: Vpc has no field `idd`; did you mean `id`?",
        ),
        (
            "{ for: [a in ec2.vpcs, b in ec2.vpcs, c in ec2.vpcs, d in ec2.vpcs, e in ec2.vpcs], remove: e }",
            "13: for: a change looks for 4 records at most, one within the other",
        ),
        // Lists made from lists.
        (
            "{ set: db.parameter_groups, to: [ { each: id in db.security_group_ids, name: '{id}' } ] }",
            "13: each: `id in db.security_group_ids` goes through no list of records",
        ),
        (
            "{ set: db.parameter_groups, to: [ { each: one in db.parameter_group, name: a } ] }",
            "13: each: DbInstance has no field `parameter_group`; did you mean `parameter_groups`?",
        ),
        (
            "{ set: db.parameter_groups, to: [ { each: one in db.parameter_groups, where: one.name, name: a } ] }",
            "13: where: `one.name` is text, and bool is wanted",
        ),
    ] {
        assert_eq!(told(change), [problem], "{change}");
    }
    // The elements that a policy judges are answers, and no records of the account.
    let each = changing("{ set: one.name, to: a }")
        .replace("pass: db.multi_az\n", "each: one in db.parameter_groups\nkey: one.name\n");
    assert_eq!(
        problems(&each),
        [
            "14: set: `one` is not a record of the snapshot, and nothing else can be changed; find one with `for`"
        ]
    );
    let sound = each.replace("set: one.name, to: a", "set: db.multi_az, to: one.name == taken_at");
    assert_eq!(problems(&sound), none);
    let named = changing("{ for: days in ec2.vpcs, remove: db }")
        .replace("pass: db.multi_az\n", "parameters: { days: 7 }\npass: db.backup_retention_days > days\n");
    assert_eq!(problems(&named), ["14: for: `days` is taken; give the record another name"]);
    let named = changing("{ for: days in ec2.vpcs, remove: db }")
        .replace("pass: db.multi_az\n", "let: { days: db.multi_az }\npass: days\n");
    assert_eq!(problems(&named), ["14: for: `days` is taken; give the record another name"]);
    let folded = changing(
        "\n      { for: one in ec2.vpcs,\n        where: one.id ==\n          one.idd, remove: one } ",
    );
    assert_eq!(problems(&folded), ["16: where: Vpc has no field `idd`; did you mean `id`?"]);
}

#[test]
fn what_becomes_of_conclusions_is_that_of_the_judged_resource() {
    let with = |becomes: &str| {
        edited(&[("    impact: {", &format!("    becomes: {{ {becomes} }}\n    impact: {{"))])
    };
    let none: [&str; 0] = [];
    for becomes in
        ["db: { port: 1 }", "database_role: { kind: a }", "db: { port: 1 }, database_role: { kind: a }"]
    {
        assert_eq!(problems(&with(becomes)), none, "{becomes}");
    }
    let neither = |name: &str, hint: &str| {
        format!("14: becomes gives `db` and conclusions about it; `{name}` is neither{hint}")
    };
    for (becomes, problem) in [
        ("dbb: { port: 1 }", neither("dbb", "; did you mean `db`?")),
        ("database_rol: { kind: a }", neither("database_rol", "; did you mean `database_role`?")),
        // A conclusion about something else.
        ("listener_tls: { }", neither("listener_tls", "")),
        ("db: { port: a }", "14: `db.port` must be a whole number".to_owned()),
    ] {
        assert_eq!(problems(&with(becomes)), [problem], "{becomes}");
    }
}

#[test]
fn what_an_option_does_to_the_resource_itself_is_known() {
    let effect = |changes: &str| policy(&changing(changes)).options.remove(0).effect;
    for (changes, removes, leaves) in [
        ("{ remove: db }", true, vec![true]),
        ("{ remove: db, where: db.multi_az }", false, vec![true]),
        ("{ for: one in ec2.vpcs, remove: db }", false, vec![true]),
        ("{ for: one in ec2.vpcs, remove: one }", false, vec![true]),
        ("{ for: one in db.parameter_groups, remove: one }", false, vec![false]),
        ("{ for: one in db.parameter_groups, set: one.name, to: a }", false, vec![false]),
        ("{ set: db.port, to: 1 }", false, vec![false]),
        ("{ add: ec2.vpcs, value: { id: a } }", false, vec![true]),
        ("{ set: db.port, to: 1 }, { remove: db }", true, vec![false, true]),
    ] {
        let effect = effect(changes);
        assert_eq!(effect.removes_the_resource(), removes, "{changes}");
        let found: Vec<bool> = effect.changes.iter().map(FactChange::leaves_the_resource).collect();
        assert_eq!(found, leaves, "{changes}");
        assert!(!effect.is_empty(), "{changes}");
    }
    assert!(Effect::default().is_empty());
    let answers = Effect { becomes: BTreeMap::from([("db".to_owned(), Held::Null)]), ..Effect::default() };
    assert!(!answers.is_empty());
}

const ARN: &str = "arn:aws:rds:r:123456789012:db:a";

fn account() -> Snapshot {
    let mut snapshot = Snapshot::new("123456789012", "aws", "2026-11-24T00:00:00Z", &[]).complete();
    let group = |name: &str| ParameterGroupUse { name: name.into(), apply_status: "in-sync".into() };
    let database = |id: &str| DbInstance {
        arn: format!("arn:aws:rds:r:123456789012:db:{id}"),
        region: "r".into(),
        id: id.into(),
        security_group_ids: vec!["sg-1".into()],
        parameter_groups: Known::Yes(vec![group("one"), group("two")]),
        storage_encrypted: Known::No(GapId::from_text("gap:S@r")),
        tags: [("Name".to_owned(), "shop".to_owned())].into(),
        multi_az: Known::Yes(false),
        ..DbInstance::default()
    };
    snapshot.rds.db_instances.items = vec![database("a"), database("b")];
    let security_group = |id: &str| SecurityGroup {
        id: id.into(),
        ingress: vec![SecurityGroupRule { peer: "x".into(), ..SecurityGroupRule::default() }],
        ..SecurityGroup::default()
    };
    snapshot.ec2.security_groups.items = vec![security_group("sg-1"), security_group("sg-2")];
    let balancer =
        |name: &str, listeners| LoadBalancer { name: name.into(), listeners, ..LoadBalancer::default() };
    snapshot.elb.load_balancers.items = vec![
        balancer("one", Known::Yes(vec![Listener { port: Some(80), ..Listener::default() }])),
        balancer("two", Known::No(GapId::from_text("gap:L@r"))),
    ];
    snapshot
}

fn written(path: &[PathStep]) -> String {
    let steps = path.iter().map(|step| match step {
        PathStep::Field(name) => format!(".{name}"),
        PathStep::Element(index) => format!("[{index}]"),
    });
    steps.collect::<String>().trim_start_matches('.').to_owned()
}

/// The edits that changes come to for the first database of the account.
fn edits_of(
    policy: &Policy,
    resource: &str,
    discriminator: &str,
) -> Result<Option<Vec<(String, Json)>>, Obstacle> {
    let edits = mend::edits(&account(), policy, &policy.options[0], resource, discriminator)?;
    let shown = |edit| match edit {
        Edit::Set(path, value) => (written(&path), value),
        Edit::Add(path, value) => (format!("{}[]", written(&path)), value),
        Edit::Remove(path) => (format!("-{}", written(&path)), Json::Null),
    };
    Ok(edits.map(|edits| edits.into_iter().map(shown).collect()))
}

#[test]
fn changes_come_to_edits_of_the_account() {
    let db = "rds.db_instances[0]";
    let group = |name: &str, status: &str| json!({ "name": name, "apply_status": status });
    for (changes, expected) in [
        ("{ set: db.multi_az, to: true }", vec![(format!("{db}.multi_az"), json!(true))]),
        (
            "{ set: db.id, to: '{db.region}-{taken_at}' }",
            vec![(format!("{db}.id"), json!("r-2026-11-24T00:00:00Z"))],
        ),
        ("{ set: db.port, to: null }", vec![(format!("{db}.port"), json!(null))]),
        (
            "{ set: db.subnet_group_name, to: '{db.cluster_id}' }",
            vec![(format!("{db}.subnet_group_name"), json!(null))],
        ),
        ("{ set: db.port, to: 1, where: db.id == 'b' }", vec![]),
        ("{ set: db.port, to: 1, where: db.id == 'a' }", vec![(format!("{db}.port"), json!(1))]),
        ("{ remove: db }", vec![(format!("-{db}"), json!(null))]),
        (
            "{ add: db.security_group_ids, value: 'x' }",
            vec![(format!("{db}.security_group_ids[]"), json!("x"))],
        ),
        (
            "{ set: db.tags, to: { Name: '{db.id}', Owner: 'x' } }",
            vec![(format!("{db}.tags"), json!({ "Name": "a", "Owner": "x" }))],
        ),
        (
            "{ set: db.security_group_ids, to: [x, '{db.id}'] }",
            vec![(format!("{db}.security_group_ids"), json!(["x", "a"]))],
        ),
        // Records: neutral, or like another one.
        (
            "{ add: db.parameter_groups, value: { name: x } }",
            vec![(format!("{db}.parameter_groups[]"), group("x", ""))],
        ),
        (
            "{ for: one in db.parameter_groups, where: one.name == 'two', add: db.parameter_groups, value: { like: one, name: x } }",
            vec![(format!("{db}.parameter_groups[]"), group("x", "in-sync"))],
        ),
        (
            "{ set: db.parameter_groups, to: [ { each: one in db.parameter_groups, where: one.name != 'one', like: one }, { where: db.multi_az, name: never }, { where: db.id == 'a', name: last } ] }",
            vec![(format!("{db}.parameter_groups"), json!([group("two", "in-sync"), group("last", "")]))],
        ),
        // Records that are looked for: all of them, those that are meant, the first.
        (
            "{ for: one in rds.db_instances, set: one.port, to: 1 }",
            vec![
                ("rds.db_instances[0].port".to_owned(), json!(1)),
                ("rds.db_instances[1].port".to_owned(), json!(1)),
            ],
        ),
        (
            "{ for: one in rds.db_instances, once: true, set: one.port, to: 1 }",
            vec![("rds.db_instances[0].port".to_owned(), json!(1))],
        ),
        (
            "{ for: one in rds.db_instances, once: true, where: one.id == 'b', set: one.port, to: 1 }",
            vec![("rds.db_instances[1].port".to_owned(), json!(1))],
        ),
        (
            "{ for: [one in ec2.security_groups, rule in one.ingress], where: one.id in db.security_group_ids, remove: rule }",
            vec![("-ec2.security_groups[0].ingress[0]".to_owned(), json!(null))],
        ),
        (
            "{ for: [one in ec2.security_groups, two in rds.db_instances], once: true, where: two.id == 'b', set: one.name, to: '{two.id}{one.id}' }",
            vec![("ec2.security_groups[0].name".to_owned(), json!("bsg-1"))],
        ),
        (
            "{ for: one in ec2.vpcs, remove: one }, { set: db.port, to: 1 }",
            vec![(format!("{db}.port"), json!(1))],
        ),
        // What is hidden matters only where it could be meant.
        (
            "{ for: [lb in elb.load_balancers, one in lb.listeners], where: 'lb.name == \"one\" && one.port == 80', set: one.port, to: 81 }",
            vec![("elb.load_balancers[0].listeners[0].port".to_owned(), json!(81))],
        ),
        (
            "{ for: [one in rds.db_instances, lb in elb.load_balancers, x in lb.listeners], where: 'lb.name == \"one\" && one.id == \"b\"', set: x.port, to: 81 }",
            vec![("elb.load_balancers[0].listeners[0].port".to_owned(), json!(81))],
        ),
    ] {
        let found = edits_of(&policy(&changing(changes)), ARN, "");
        assert_eq!(found, Ok(Some(expected)), "{changes}");
    }
}

#[test]
fn what_is_not_known_or_not_there_stops_an_option() {
    let unknown = |gap: &str| Obstacle::Unknown(vec![GapId::from_text(gap)]);
    let none = |what: &str| Obstacle::None(what.to_owned());
    for (changes, obstacle) in [
        ("{ set: db.multi_az, to: db.storage_encrypted }", unknown("gap:S@r")),
        ("{ set: db.multi_az, to: true, where: db.storage_encrypted }", unknown("gap:S@r")),
        ("{ set: db.id, to: '{db.cluster_id}' }", none("{db.cluster_id}")),
        ("{ set: db.id, to: 'x-{db.cluster_id} ' }", none("x-{db.cluster_id}")),
        ("{ set: db.id, to: '{db.id}{db.storage_encrypted}' }", unknown("gap:S@r")),
        ("{ set: db.allocated_storage_gib, to: db.port }", none("db.port")),
        ("{ set: db.tags, to: { Name: '{db.cluster_id}' } }", none("{db.cluster_id}")),
        (
            "{ add: db.parameter_groups, value: { like: 'db.parameter_groups[7]' } }",
            none("db.parameter_groups[7]"),
        ),
        ("{ add: db.parameter_groups, value: { name: '{db.cluster_id}' } }", none("{db.cluster_id}")),
        ("{ add: db.replica_ids, value: x }", Obstacle::Unknown(vec![GapId::default()])),
        (
            "{ set: db.parameter_groups, to: [ { where: db.storage_encrypted, name: a } ] }",
            unknown("gap:S@r"),
        ),
        (
            "{ for: lb in elb.load_balancers, where: lb.name == 'two', set: db.parameter_groups, to: [ { each: x in lb.listeners, name: a } ] }",
            unknown("gap:L@r"),
        ),
        (
            "{ for: [lb in elb.load_balancers, one in lb.listeners], set: one.port, to: 81 }",
            unknown("gap:L@r"),
        ),
        (
            "{ for: [lb in elb.load_balancers, one in lb.listeners], where: lb.name == 'two', set: one.port, to: 81 }",
            unknown("gap:L@r"),
        ),
        (
            "{ for: [lb in elb.load_balancers, one in lb.listeners, x in one.default_actions], where: lb.name == 'two', remove: x }",
            unknown("gap:L@r"),
        ),
    ] {
        let found = edits_of(&policy(&changing(changes)), ARN, "");
        assert_eq!(found, Err(obstacle), "{changes}");
    }
}

#[test]
fn only_a_failure_that_is_there_is_mended() {
    let mended =
        |policy: &Policy, resource: &str, key: &str| edits_of(policy, resource, key).unwrap().is_some();
    let failing = policy(&changing("{ set: db.multi_az, to: true }"));
    assert!(mended(&failing, ARN, ""));
    assert!(!mended(&failing, "arn:aws:rds:r:123456789012:db:c", ""));
    let passing = policy(
        &changing("{ set: db.multi_az, to: true }").replace("pass: db.multi_az", "pass: db.id == 'a'"),
    );
    assert!(!mended(&passing, ARN, ""));
    assert!(mended(&passing, "arn:aws:rds:r:123456789012:db:b", ""));
    let each = changing("{ set: db.id, to: '{one.name}' }").replace(
        "pass: db.multi_az\n",
        "each: one in db.parameter_groups\nkey: one.name\npass: one.name != 'two'\n",
    );
    let each = policy(&each);
    assert_eq!(
        edits_of(&each, ARN, "two"),
        Ok(Some(vec![("rds.db_instances[0].id".to_owned(), json!("two"))]))
    );
    assert!(!mended(&each, ARN, "one"), "this one passes");
    assert!(!mended(&each, ARN, "three"), "there is none");
}

#[test]
fn examples_are_judged_as_they_are_afterwards() {
    let fail = "fail: { db: { id: a, multi_az: false } }";
    let after = |pass: &str, effect: &str, example: &str| {
        let policy = policy(&edited(&[
            ("pass: db.multi_az\n", &format!("{pass}\n")),
            ("effect: [ { set: db.multi_az, to: true } ]", effect),
            (fail, &format!("fail: {{ {example} }}")),
        ]));
        let example = policy.examples.iter().find(|one| one.expected.as_str() == "fail").unwrap();
        assert_eq!(judge_example(&policy, example), "fail", "{pass}");
        mend::judge_mended(&policy, example, &policy.options[0])
    };
    let left_out = |what: &str| Err(Obstacle::Unknown(vec![crate::policy::held::left_out(what)]));
    let alone = "db: { id: a, multi_az: false }";
    let role = "database_role(db).kind == 'x' && !database_role(db).is_custom && db.id == 'z'";
    let known = "db: { id: a }, database_role: { kind: y, is_custom: false }";
    for (pass, effect, example, expected) in [
        ("pass: db.multi_az", "effect: [ { set: db.multi_az, to: true } ]", alone, Ok("pass")),
        ("pass: db.multi_az", "effect: [ { set: db.port, to: 1 } ]", alone, Ok("fail")),
        ("pass: db.multi_az", "effect: [ { remove: db } ]", alone, Ok("pass")),
        ("pass: db.multi_az", "effect: [ { remove: db, where: db.id == 'a' } ]", alone, Ok("fail")),
        // What lies beyond the resource is not there in an example.
        ("pass: db.multi_az", "effect: [ { for: one in ec2.vpcs, remove: one } ]", alone, Ok("fail")),
        (
            "pass: db.multi_az",
            "effect: [ { set: db.multi_az, to: db.publicly_accessible } ]",
            alone,
            left_out("db.publicly_accessible"),
        ),
        (
            "pass: db.multi_az",
            "effect: [ { set: db.multi_az, to: db.publicly_accessible } ]\n    becomes: { db: { multi_az: true } }",
            alone,
            Ok("pass"),
        ),
        (
            "pass: db.multi_az",
            "effect: [ { set: db.id, to: '{db.cluster_id}' } ]",
            "db: { id: a, multi_az: false, cluster_id: null }",
            Err(Obstacle::None("{db.cluster_id}".to_owned())),
        ),
        // Answers of conclusions, and fields of the resource, as the policy says; the rest stays.
        (
            &format!("pass: {role}"),
            "effect: [ { set: db.id, to: z } ]\n    becomes: { database_role: { kind: x } }",
            known,
            Ok("pass"),
        ),
        (&format!("pass: {role}"), "effect: [ { set: db.id, to: z } ]", known, Ok("fail")),
        (
            &format!("pass: {role}"),
            "effect: [ { set: db.id, to: z } ]\n    becomes: { db: { id: y }, database_role: { kind: x } }",
            known,
            Ok("fail"),
        ),
        (
            "pass: db.id == 'z' && database_role(db).kind == 'x'",
            "effect: [ { set: db.id, to: z } ]\n    becomes: { database_role: { kind: x } }",
            "db: { id: a }",
            Ok("pass"),
        ),
        // The first element is the one that failed.
        (
            "each: one in db.parameter_groups\nkey: one.name\npass: db.id == one.name",
            "effect: [ { set: db.id, to: '{one.name}' } ]",
            "db: { id: a, parameter_groups: [ { name: x } ] }",
            Ok("pass"),
        ),
    ] {
        assert_eq!(after(pass, effect, example), expected, "{pass} {effect}");
    }
}
