//! Expressions alone: whatever the text, it is refused with a reason or it can be evaluated
//! about real resources, in bounded time and memory. The first character chooses whom the
//! expression is about.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use tenken::policy::expression::{Names, Variable, compile};
use tenken::policy::judge::judge;
use tenken::policy::{Policy, PolicySet};
use tenken::snapshot::cloudwatch::Alarm;
use tenken::snapshot::ec2::SecurityGroup;
use tenken::snapshot::ecs::Service;
use tenken::snapshot::elb::{Listener, LoadBalancer};
use tenken::snapshot::rds::DbInstance;
use tenken::snapshot::shape::Type;
use tenken::snapshot::{Known, Snapshot};

/// Policies about databases, services, load balancers, listeners, security groups and alarms.
const ABOUT: [&str; 6] = [
    "rds-single-az",
    "ecs-single-task",
    "alb-no-waf",
    "alb-weak-tls",
    "security-group-open-to-world",
    "alarm-reaches-nobody",
];

static POLICIES: LazyLock<Vec<Policy>> = LazyLock::new(|| {
    let set = PolicySet::embedded().expect("the built-in policies are sound");
    ABOUT.iter().filter_map(|id| set.find(id).cloned()).collect()
});

static SNAPSHOT: LazyLock<Snapshot> = LazyLock::new(shop);

/// Records with something in every kind of field: text, numbers, lists, tags, what is not
/// there and what is not known.
fn shop() -> Snapshot {
    let region = "ap-northeast-1".to_owned();
    let arn =
        |service: &str, resource: &str| format!("arn:aws:{service}:ap-northeast-1:123456789012:{resource}");
    let texts = |count: usize| (0..count).map(|index| format!("sg-0{index}")).collect::<Vec<_>>();
    let tags: BTreeMap<String, String> = [("Name".to_owned(), "shop".to_owned())].into();
    let mut snapshot = Snapshot::new("123456789012", "aws", "2026-11-24T00:00:00Z", &[region.clone()]).complete();
    snapshot.rds.db_instances.items.push(DbInstance {
        arn: arn("rds", "db:ec-db"),
        region: region.clone(),
        id: "ec-db".to_owned(),
        security_group_ids: texts(5),
        port: Some(5432),
        tags: tags.clone(),
        ..DbInstance::default()
    });
    snapshot.ecs.services.items.push(Service {
        arn: arn("ecs", "service/shop/shop-api"),
        region: region.clone(),
        name: "shop-api".to_owned(),
        subnet_ids: texts(40),
        tags,
        ..Service::default()
    });
    let listener = Listener {
        arn: arn("elasticloadbalancing", "listener/app/shop-alb/50dc/f2f7"),
        region: region.clone(),
        protocol: Some("HTTPS".to_owned()),
        ..Listener::default()
    };
    snapshot.elb.load_balancers.items.push(LoadBalancer {
        arn: arn("elasticloadbalancing", "loadbalancer/app/shop-alb/50dc"),
        region: region.clone(),
        name: "shop-alb".to_owned(),
        listeners: Known::Yes(vec![listener; 3]),
        ..LoadBalancer::default()
    });
    snapshot.ec2.security_groups.items.push(SecurityGroup {
        arn: arn("ec2", "security-group/sg-01"),
        region: region.clone(),
        id: "sg-01".to_owned(),
        ..SecurityGroup::default()
    });
    snapshot.cloudwatch.alarms.items.push(Alarm {
        arn: arn("cloudwatch", "alarm:shop"),
        region,
        name: "shop".to_owned(),
        ..Alarm::default()
    });
    snapshot
}

fuzz_target!(|text: &str| {
    let Some(first) = text.chars().next() else {
        return;
    };
    let source = text.get(first.len_utf8()..).unwrap_or_default();
    let Some(base) = POLICIES.get(first as usize % ABOUT.len()) else {
        return;
    };
    let variable = Variable { name: base.subject.variable.clone(), ty: base.subject.ty() };
    let names = Names { variables: vec![variable], parameters: base.parameters.clone(), ..Names::default() };
    let (node, ty) = match compile(source, &names) {
        Ok(compiled) => compiled,
        Err(problems) => {
            assert!(problems.iter().any(|problem| !problem.message.is_empty()), "refused without a reason");
            return;
        }
    };
    let mut policy = base.clone();
    (policy.each, policy.when, policy.pass) = (None, None, None);
    policy.options.clear();
    match ty.parts() {
        Some((Type::Bool, false)) => policy.pass = Some(node),
        _ => policy.evidence = vec![node],
    }
    judge(&SNAPSHOT, &PolicySet { policies: vec![policy] });
});
