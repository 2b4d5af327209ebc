//! What a policy may write as `effect`: checked when it is loaded, and made as it says.

use tenken::policy::judge::judge;
use tenken::policy::{PolicyError, PolicySet};
use tenken::simulate::{OptionOutcome, Simulation, simulate};
use tenken::snapshot::ec2::{RouteTable, SecurityGroup, SecurityGroupRule};
use tenken::snapshot::elb::{Listener, LoadBalancer};
use tenken::snapshot::rds::DbInstance;
use tenken::snapshot::{GapId, Known, Snapshot};

const POLICY: &str = r#"
id: db-flag
severity: high
pillar: reliability
title: { en: Database has no standby, ja: スタンバイがない }
risk: { en: It stops., ja: 止まる。 }
for: db in rds.db_instances
parameters: { days_min: 7 }
pass: db.multi_az && days_min > 0
found: { en: "{db.id} runs alone.", ja: "{db.id} は単独。" }
options:
  - id: mend
    title: { en: Add one, ja: 追加する }
    steps: { en: [Modify it.], ja: [変更する。] }
    effect:
EFFECT
    impact: { downtime: none, needs_test: false, effort_hours: 1 }
    monthly_cost: 0
examples:
  - pass: { db: { id: a, multi_az: true } }
  - fail: { db: { id: a, multi_az: false } }
  - unknown: { db: { id: a } }
"#;

const MEND: &str = "{ set: db.multi_az, to: true }";

fn load(changes: &[&str]) -> Result<PolicySet, Vec<String>> {
    let set = compile(changes).and_then(|set| set.run_examples().map(|_| set));
    set.map_err(|error| {
        error.problems.iter().map(|problem| format!("{}: {}", problem.line, problem.message.en)).collect()
    })
}

fn compile(changes: &[&str]) -> Result<PolicySet, PolicyError> {
    let folder = tempfile::tempdir().unwrap();
    let lines: Vec<String> = changes.iter().map(|change| format!("      - {change}")).collect();
    std::fs::write(folder.path().join("db-flag.yaml"), POLICY.replace("EFFECT", &lines.join("\n"))).unwrap();
    PolicySet::folder(folder.path())
}

#[test]
fn every_mistake_has_its_line_and_a_way_out() {
    assert!(load(&[MEND]).is_ok());
    let cases = [
        (
            "{ set: db.multi_azz, to: true }",
            "16: set: DbInstance has no field `multi_azz`; did you mean `multi_az`?",
        ),
        ("{ set: dbb.multi_az, to: true }", "16: set: there is no `dbb` here; did you mean `db`?"),
        ("{ set: db, to: true }", "16: set: `db` names no field"),
        ("{ set: db.multi_az, to: 1 }", "16: to: `1` is int, and bool is wanted"),
        ("{ set: db.multi_az, to: null }", "16: `to` is never null"),
        ("{ set: db.multi_az, to: db.idd }", "16: to: DbInstance has no field `idd`; did you mean `id`?"),
        ("{ set: db.id, to: \"{db.idd}\" }", "16: to: DbInstance has no field `idd`; did you mean `id`?"),
        ("{ set: db.id.length, to: true }", "16: set: `db.id.length`: text has no fields"),
        (
            "{ set: rds.db_instances.multi_az, to: true }",
            "16: set: `rds.db_instances.multi_az`: list of DbInstance has no fields; look for its records with `for`",
        ),
        ("{ set: db.multi_az }", "16: a change is `set` with `to`, `add` with `value`, or `remove`"),
        (
            "{ set: db.multi_az, to: true, remove: db }",
            "16: a change is `set` with `to`, `add` with `value`, or `remove`",
        ),
        ("{ sett: db.multi_az, to: true }", "16: a change has no key `sett`; did you mean `set`?"),
        ("{ add: db.multi_az, value: true }", "16: add: `db.multi_az` is bool, not a list; use `set`"),
        (
            "{ add: ec2.subnets, value: { idd: a } }",
            "16: value: Subnet has no field `idd`; did you mean `id`?",
        ),
        ("{ add: ec2.subnets, value: { like: db } }", "16: like: `db` is DbInstance, and Subnet is wanted"),
        ("{ add: db.log_exports, value: '' }", "16: `value` must be text"),
        (
            "{ remove: rds.db_instances }",
            "16: remove: `rds.db_instances` is not a record; name it with `for` first",
        ),
        (
            "{ for: table in ec2.route_table, remove: table }",
            "16: for: Ec2 has no field `route_table`; did you mean `route_tables`?",
        ),
        ("{ for: table in ec2, remove: table }", "16: for: `ec2` names no field"),
        (
            "{ for: db in ec2.route_tables, remove: db }",
            "16: for: `db` is taken; give the record another name",
        ),
        (
            "{ for: days_min in ec2.route_tables, remove: db }",
            "16: for: `days_min` is taken; give the record another name",
        ),
        (
            "{ for: id in db.security_group_ids, remove: id }",
            "16: for: `db.security_group_ids` is list of text, not a list of records",
        ),
        (
            "{ for: ec2.route_tables, remove: table }",
            "16: `ec2.route_tables` is not understood; write `for: table in ec2.route_tables`",
        ),
        (
            "{ for: t in ec2.route_tables, where: t.idd == \"a\", remove: t }",
            "16: where: RouteTable has no field `idd`; did you mean `id`?",
        ),
        (
            "{ for: t in ec2.route_tables, where: t.id, remove: t }",
            "16: where: `t.id` is text, not a condition",
        ),
        (
            "{ for: [a in ec2.vpcs, b in ec2.vpcs, c in ec2.vpcs, d in ec2.vpcs, e in ec2.vpcs], remove: e }",
            "16: for: a change looks for 4 records at most, one within the other",
        ),
        (
            "{ set: db.multi_az, to: true, once: true }",
            "16: once: write `once: true` beside `for`: the first record alone",
        ),
    ];
    for (change, expected) in cases {
        let found = load(&[change]).unwrap_err();
        assert!(
            found.iter().any(|problem| problem.starts_with(expected)),
            "{change}\nexpected {expected}\nfound {found:#?}"
        );
    }
    let twice = load(&["{ set: db.multi_azz, to: true }", "{ set: db.idd, to: a }"]).unwrap_err();
    assert_eq!(twice.len(), 2, "all problems come at once: {twice:#?}");
}

#[test]
fn a_recommended_option_must_mend_the_failures_it_shows() {
    let problems = load(&["{ set: db.storage_encrypted, to: true }"]).unwrap_err();
    let expected =
        "21: this `fail` example after the option `mend` comes out as fail; check `effect` and `becomes`";
    assert_eq!(problems, [expected]);
    let problems = load(&["{ set: db.multi_az, to: db.storage_encrypted }"]).unwrap_err();
    let expected = "21: this `fail` example after the option `mend` cannot be shown: the example leaves out db.storage_encrypted";
    assert_eq!(problems, [expected]);
}

fn snapshot() -> Snapshot {
    let mut snapshot =
        Snapshot::new("123456789012", "aws", "2026-11-24T00:00:00Z", &["eu-west-1".to_owned()]).complete();
    let region = || "eu-west-1".to_owned();
    let db = |id: &str, groups: &[&str]| DbInstance {
        arn: format!("arn:aws:rds:eu-west-1:123456789012:db:{id}"),
        region: region(),
        id: id.into(),
        multi_az: Known::Yes(false),
        security_group_ids: groups.iter().map(|group| (*group).to_owned()).collect(),
        ..DbInstance::default()
    };
    snapshot.rds.db_instances.items = vec![db("one", &["sg-1"])];
    let rule = |peer: &str, port: Option<i64>| SecurityGroupRule {
        protocol: "tcp".into(),
        from_port: port,
        to_port: port,
        peer_kind: "ipv4".into(),
        peer: peer.into(),
        ..SecurityGroupRule::default()
    };
    let group = |id: &str, ingress: Vec<SecurityGroupRule>| SecurityGroup {
        arn: format!("arn:aws:ec2:eu-west-1:123456789012:security-group/{id}"),
        region: region(),
        id: id.into(),
        ingress,
        ..SecurityGroup::default()
    };
    snapshot.ec2.security_groups.items = vec![
        group("sg-1", vec![rule("0.0.0.0/0", Some(1)), rule("10.0.0.0/8", Some(2)), rule("::/0", None)]),
        group("sg-2", vec![rule("0.0.0.0/0", Some(3))]),
    ];
    let lb = |name: &str, listeners: Known<Vec<Listener>>| LoadBalancer {
        arn: format!("arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/{name}/1"),
        region: region(),
        name: name.into(),
        listeners,
        ..LoadBalancer::default()
    };
    let hidden = GapId::new("elasticloadbalancing:DescribeListeners", "eu-west-1", Some("b"));
    let listener = Listener { arn: "listener-a".into(), port: Some(80), ..Listener::default() };
    snapshot.elb.load_balancers.items = vec![lb("a", Known::Yes(vec![listener])), lb("b", Known::No(hidden))];
    snapshot.ec2.route_tables.items =
        vec![RouteTable { id: "rtb-1".into(), region: region(), ..RouteTable::default() }];
    snapshot
}

fn carry(snapshot: &Snapshot, changes: &[&str]) -> Simulation {
    let mut changes = changes.to_vec();
    changes.push(MEND);
    let set = compile(&changes).unwrap();
    simulate(snapshot, &set, &judge(snapshot, &set), &["all".parse().unwrap()]).unwrap()
}

#[test]
fn elements_leave_and_come_in_nested_lists() {
    let before = snapshot();
    let after = carry(
        &before,
        &[
            "{ for: [group in ec2.security_groups, rule in group.ingress], where: 'group.id in db.security_group_ids && rule.peer in [\"0.0.0.0/0\", \"::/0\"]', remove: rule }",
            "{ for: group in ec2.security_groups, where: group.id in db.security_group_ids, add: group.ingress, value: { protocol: tcp, from_port: size(db.security_group_ids), peer_kind: ipv4, peer: '{db.id}/32' } }",
        ],
    );
    assert_eq!(after.carried[0].outcome, OptionOutcome::Done);
    assert_eq!(after.closes.len(), 1);
    let rules = |index: usize| -> Vec<(String, Option<i64>)> {
        let group = &after.snapshot.ec2.security_groups.items[index];
        group.ingress.iter().map(|rule| (rule.peer.clone(), rule.from_port)).collect()
    };
    assert_eq!(rules(0), [("10.0.0.0/8".to_owned(), Some(2)), ("one/32".to_owned(), Some(1))]);
    assert_eq!(rules(1), [("0.0.0.0/0".to_owned(), Some(3))], "the other group stays");
    let added = after.snapshot.ec2.security_groups.items[0].ingress.last().unwrap();
    assert_eq!((added.to_port, &added.description, added.peer_account.as_deref()), (None, &None, None));
}

#[test]
fn every_change_sees_the_account_as_it_was() {
    let after = carry(&snapshot(), &["{ set: db.id, to: two }", "{ set: db.engine, to: '{db.id}' }"]);
    let db = &after.snapshot.rds.db_instances.items[0];
    assert_eq!((db.id.as_str(), db.engine.as_str()), ("two", "one"));
}

#[test]
fn a_resource_that_is_there_already_stays_as_it_is() {
    let add = "{ add: elb.ssl_policies, value: { region: '{db.region}', name: tls, protocols: [TLSv1.3] } }";
    let mut before = snapshot();
    let after = carry(&before, &[add, add]);
    assert_eq!(after.snapshot.elb.ssl_policies.items.len(), 1);
    before.elb.ssl_policies.items = after.snapshot.elb.ssl_policies.items.clone();
    before.elb.ssl_policies.items[0].protocols = vec!["TLSv1.2".into()];
    let after = carry(&before, &[add]);
    assert_eq!(after.snapshot.elb.ssl_policies.items, before.elb.ssl_policies.items);
}

#[test]
fn records_are_like_others_and_lists_made_from_lists() {
    let after = carry(
        &snapshot(),
        &[
            "{ for: group in ec2.security_groups, where: 'group.id == \"sg-1\"', add: ec2.security_groups, value: { like: group, id: sg-3, arn: '{arn_beside(db.arn, \"ec2\", \"security-group/sg-3\")}', ingress: [ { each: rule in group.ingress, where: rule.from_port != null, like: rule, peer: '{rule.peer} {days_min}' }, { where: db.multi_az, peer: never }, { peer: last } ] } }",
        ],
    );
    let group = after.snapshot.ec2.security_groups.items.iter().find(|group| group.id == "sg-3").unwrap();
    assert_eq!(group.arn, "arn:aws:ec2:eu-west-1:123456789012:security-group/sg-3");
    assert_eq!(group.region, "eu-west-1");
    let peers: Vec<&str> = group.ingress.iter().map(|rule| rule.peer.as_str()).collect();
    assert_eq!(peers, ["0.0.0.0/0 7", "10.0.0.0/8 7", "last"]);
    assert_eq!(group.ingress[0].from_port, Some(1));
}

#[test]
fn once_takes_the_first_alone() {
    let change =
        "{ for: group in ec2.security_groups, once: true, set: group.name, to: '{days_later(taken_at, 2)}' }";
    let after = carry(&snapshot(), &[change]);
    let names: Vec<&str> =
        after.snapshot.ec2.security_groups.items.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(names, ["2026-11-26T00:00:00Z", ""]);
}

#[test]
fn a_hidden_list_stops_only_who_needs_it() {
    let change = |name: &str| {
        format!(
            "{{ for: [lb in elb.load_balancers, listener in lb.listeners], where: 'lb.name == \"{name}\" && listener.port == 80', set: listener.port, to: 81 }}"
        )
    };
    let after = carry(&snapshot(), &[&change("a")]);
    assert_eq!(after.carried[0].outcome, OptionOutcome::Done);
    assert_eq!(after.snapshot.elb.load_balancers.items[0].listeners.known().unwrap()[0].port, Some(81));
    let before = snapshot();
    let after = carry(&before, &[&change("b")]);
    let gap = GapId::new("elasticloadbalancing:DescribeListeners", "eu-west-1", Some("b"));
    assert_eq!(after.carried[0].outcome, OptionOutcome::Unknown(vec![gap]));
    assert_eq!(after.snapshot, before, "an option is carried out wholly or not at all");
}

#[test]
fn none_where_something_is_needed_stops_the_option() {
    let before = snapshot();
    let after = carry(&before, &["{ set: db.id, to: '{db.cluster_id}-reader' }"]);
    assert_eq!(after.carried[0].outcome, OptionOutcome::Missing("{db.cluster_id}-reader".into()));
    assert_eq!(after.snapshot, before);
    // A field that may be null takes it.
    let after = carry(&before, &["{ set: db.subnet_group_name, to: '{db.cluster_id}' }"]);
    assert_eq!(after.carried[0].outcome, OptionOutcome::Done);
}

#[test]
fn the_resource_itself_may_go() {
    let text = ["{ remove: db }"];
    let set = load(&text).unwrap();
    let before = snapshot();
    let after = simulate(&before, &set, &judge(&before, &set), &["db-flag@one".parse().unwrap()]).unwrap();
    assert!(after.snapshot.rds.db_instances.items.is_empty());
    assert_eq!((after.closes.len(), after.stays.len()), (1, 0));
}
