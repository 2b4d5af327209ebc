use super::*;
use crate::conclude::network::site;
use crate::snapshot::ec2::{NatGateway, VpcEndpoint};
use crate::snapshot::ecr::Image;
use crate::snapshot::ecs::CapacityProviderStrategyItem;
use crate::snapshot::iam::{Role, Statement};
use crate::snapshot::logs::LogGroup;
use crate::snapshot::servicequotas::{FARGATE_SPOT_VCPUS, FARGATE_VCPUS, Quota};

const IMAGE: &str = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/shop-api:v1";

/// The review's account: public subnets, no roles, no log.
fn account(digest: Known<Option<String>>) -> Snapshot {
    let mut snapshot = site::after();
    let container = &mut snapshot.ecs.task_definitions.items[0].containers[0];
    container.image = IMAGE.into();
    for subnet in &mut snapshot.ec2.subnets.items {
        subnet.available_ip_address_count = Known::Yes(100);
    }
    snapshot.ecs.task_definitions.items[0].cpu_units = Some(256);
    snapshot.ecr.images.items = vec![Image {
        uri: IMAGE.into(),
        region: site::REGION.into(),
        repository_name: "shop-api".into(),
        digest,
    }];
    snapshot
}

fn concluded(snapshot: &Snapshot) -> TaskStart {
    task_start(&Facts::new(snapshot), &snapshot.ecs.services.items[0])
}

fn kinds(conditions: &[StartCondition], holds: &Known<bool>) -> Vec<String> {
    conditions.iter().filter(|it| it.holds == *holds).map(|it| it.kind.clone()).collect()
}

#[test]
fn every_condition_is_told_with_its_answer() {
    let mut snapshot = account(Known::Yes(Some("sha256:ab".into())));
    snapshot.servicequotas.quotas.incomplete = vec![site::gap("servicequotas:GetServiceQuota")];
    let found = concluded(&snapshot);
    assert_eq!(kinds(&found.conditions, &Known::Yes(true)), ["image", "addresses", "way-out"]);
    assert_eq!(kinds(&found.conditions, &Known::Yes(false)), ["pull-right", "egress"]);
    let hidden = Known::No(site::gap("servicequotas:GetServiceQuota"));
    assert_eq!(kinds(&found.conditions, &hidden), ["quota"]);
    assert_eq!(found.would_start, Known::Yes(false), "one that fails decides");
    assert!(found.summary.en.starts_with("A new task of shop-api would not start."), "{}", found.summary.en);
}

#[test]
fn what_is_hidden_is_named_and_leaves_the_whole_open() {
    let gap = GapId::new("ecr:DescribeImages", site::REGION, Some("shop-api:v1"));
    let mut snapshot = account(Known::No(gap.clone()));
    snapshot.ecs.services.items[0].launch_type = Some("EC2".into());
    let found = concluded(&snapshot);
    assert_eq!((found.would_start, found.obstacles), (Known::No(gap.clone()), Known::No(gap)));
    assert!(found.summary.en.ends_with(&format!("not known: {IMAGE}.")), "{}", found.summary.en);
}

#[test]
fn a_registry_that_cannot_be_asked_does_not_count_and_is_named() {
    let mut snapshot = account(Known::Yes(None));
    snapshot.ecs.services.items[0].launch_type = Some("EC2".into());
    snapshot.ecs.task_definitions.items[0].containers[0].image = "nginx".into();
    let found = concluded(&snapshot);
    assert_eq!((found.would_start, found.obstacles), (Known::Yes(true), Known::Yes(Vec::new())));
    assert!(found.summary.en.ends_with("not known: nginx."), "{}", found.summary.en);
}

#[test]
fn keys_survive_deployments() {
    let mut snapshot = account(Known::Yes(None));
    snapshot.ecs.services.items[0].launch_type = Some("EC2".into());
    let obstacles = concluded(&snapshot).obstacles;
    let keys: Vec<&str> = obstacles.known().unwrap().iter().map(|obstacle| obstacle.key.as_str()).collect();
    assert_eq!(keys, ["image/123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/shop-api"]);
}

/// A private subnet behind a NAT gateway; nothing but the image and the network is needed.
fn private() -> Snapshot {
    let mut snapshot = account(Known::Yes(Some("sha256:ab".into())));
    let service = &mut snapshot.ecs.services.items[0];
    service.subnet_ids = site::ids(&["subnet-private-a"]);
    service.assign_public_ip = false;
    (service.desired_count, service.running_count) = (2, 2);
    let ec2 = &mut snapshot.ec2;
    ec2.route_tables.items[2].routes.extend(site::routes(&[("0.0.0.0/0", "nat-1", "active")]));
    for group in &mut ec2.security_groups.items {
        group.egress = vec![site::rule("-1", -1, -1, "0.0.0.0/0")];
    }
    snapshot
}

fn condition(snapshot: &Snapshot, kind: &str) -> Option<StartCondition> {
    concluded(snapshot).conditions.into_iter().find(|condition| condition.kind == kind)
}

fn holds(snapshot: &Snapshot, kind: &str) -> Option<Known<bool>> {
    condition(snapshot, kind).map(|condition| condition.holds)
}

fn quota(code: &str, region: &str, value: f64) -> Quota {
    Quota { region: region.into(), service: "fargate".into(), code: code.into(), value, ..Quota::default() }
}

#[test]
fn a_task_fits_into_the_vcpus_of_its_kind() {
    let mut snapshot = private();
    snapshot.ecs.task_definitions.items[0].cpu_units = Some(512);
    let task = crate::snapshot::ecs::Task {
        region: site::REGION.into(),
        task_definition_arn: "arn:td".into(),
        launch_type: Some("FARGATE".into()),
        ..Default::default()
    };
    snapshot.ecs.tasks.items = vec![task; 3];
    let elsewhere = quota(FARGATE_VCPUS, "eu-west-1", 0.0);
    snapshot.servicequotas.quotas.items = vec![
        elsewhere,
        quota(FARGATE_SPOT_VCPUS, site::REGION, 0.0),
        quota(FARGATE_VCPUS, site::REGION, 2.0),
    ];
    let found = condition(&snapshot, "quota").unwrap();
    assert_eq!((found.subject.as_str(), &found.holds), (FARGATE_VCPUS, &Known::Yes(true)), "all of it");
    assert_eq!(
        found.text.en,
        format!(
            "1.5 vCPU of FARGATE run in {}, a new task takes 0.5, the quota {FARGATE_VCPUS} is 2.",
            site::REGION
        )
    );
    assert!(found.text.ja.contains("1.5 vCPU が稼働中で、新しいタスクは 0.5 vCPU"), "{}", found.text.ja);
    snapshot.servicequotas.quotas.items[2].value = 1.9;
    assert_eq!(holds(&snapshot, "quota"), Some(Known::Yes(false)));
    snapshot.ecs.task_definitions.items[0].cpu_units = None;
    assert_eq!(holds(&snapshot, "quota"), Some(Known::No(GapId::default())), "a task has a size");
}

#[test]
fn a_capacity_provider_counts_where_it_has_a_weight_or_a_base() {
    let codes = |provider: &str, weight: i64, base: i64| {
        let mut snapshot = private();
        let service = &mut snapshot.ecs.services.items[0];
        service.launch_type = None;
        service.capacity_provider_strategy =
            vec![CapacityProviderStrategyItem { capacity_provider: provider.into(), weight, base }];
        let conditions = concluded(&snapshot).conditions.into_iter();
        conditions.filter(|it| it.kind == "quota").map(|it| it.subject).collect::<Vec<_>>()
    };
    assert_eq!(codes("FARGATE", 1, 0), [FARGATE_VCPUS]);
    assert_eq!(codes("FARGATE", 0, 1), [FARGATE_VCPUS]);
    assert_eq!(codes("FARGATE", 0, 0), [""; 0]);
    assert_eq!(codes("FARGATE_SPOT", 2, 0), [FARGATE_SPOT_VCPUS]);
    assert_eq!(codes("FARGATE_SPOT", 0, 2), [FARGATE_SPOT_VCPUS]);
    assert_eq!(codes("ours", 1, 1), [""; 0]);
}

#[test]
fn a_deployment_needs_addresses_for_what_it_adds() {
    let with = |free: i64, running: i64| {
        let mut snapshot = private();
        snapshot.ecs.services.items[0].running_count = running;
        for subnet in &mut snapshot.ec2.subnets.items {
            subnet.available_ip_address_count = Known::Yes(free);
        }
        condition(&snapshot, "addresses").unwrap()
    };
    let found = with(2, 2);
    assert_eq!(found.holds, Known::Yes(true));
    assert_eq!(found.text.en, "2 addresses are free in subnet-private-a; new tasks of a deployment need 2.");
    assert_eq!(with(1, 2).holds, Known::Yes(false));
    assert_eq!((with(1, 9).holds, with(0, 9).holds), (Known::Yes(true), Known::Yes(false)), "one at least");
    let mut two = private();
    two.ecs.services.items[0].subnet_ids = site::ids(&["subnet-private-a", "subnet-private-c"]);
    for subnet in &mut two.ec2.subnets.items {
        subnet.available_ip_address_count = Known::Yes(1);
    }
    assert_eq!(holds(&two, "addresses"), Some(Known::Yes(true)), "one in each");
    two.ec2.subnets.items.retain(|subnet| subnet.id != "subnet-private-c");
    two.ec2.subnets.incomplete = vec![site::gap("ec2:DescribeSubnets")];
    assert_eq!(holds(&two, "addresses"), Some(Known::No(site::gap("ec2:DescribeSubnets"))));
    two.ec2.subnets.items[2].available_ip_address_count = Known::Yes(2);
    assert_eq!(holds(&two, "addresses"), Some(Known::Yes(true)), "enough without the hidden one");
    two.ec2.subnets.items[2].cidr_block = None;
    assert_eq!(holds(&two, "addresses"), None, "IPv6 alone");
    let mut none = private();
    none.ecs.services.items[0].subnet_ids.clear();
    assert_eq!(holds(&none, "addresses"), None);
}

#[test]
fn the_default_route_decides_whether_tasks_get_out() {
    let way_out = |rows: &[(&str, &str, &str)], edit: fn(&mut Snapshot)| {
        let mut snapshot = private();
        snapshot.ec2.route_tables.items[2].routes = site::routes(rows);
        edit(&mut snapshot);
        holds(&snapshot, "way-out").unwrap().known().copied()
    };
    let nothing: fn(&mut Snapshot) = |_| {};
    let public: fn(&mut Snapshot) = |it| it.ecs.services.items[0].assign_public_ip = true;
    let v6: fn(&mut Snapshot) = |it| {
        let subnet = it.ec2.subnets.items.iter_mut().find(|subnet| subnet.id == "subnet-private-a");
        subnet.unwrap().cidr_block = None;
    };
    for (routes, edit, expected) in [
        (("0.0.0.0/0", "nat-1", "active"), nothing, Some(true)),
        (("0.0.0.0/0", "nat-1", "blackhole"), nothing, Some(false)),
        (("10.0.0.0/16", "local", "active"), nothing, Some(false)),
        (("0.0.0.0/0", "igw-1", "active"), nothing, Some(false)),
        (("0.0.0.0/0", "igw-1", "active"), public, Some(true)),
        (("::/0", "igw-1", "active"), v6, Some(true)),
        (("::/0", "eigw-1", "active"), v6, Some(true)),
        (("0.0.0.0/0", "nat-1", "active"), v6, Some(false)),
        (("0.0.0.0/0", "tgw-1", "active"), nothing, None),
        // Another network may lead on; an endpoint's own route and the others of AWS do not.
        (("192.168.0.0/16", "pcx-1", "active"), nothing, None),
        (("192.168.0.0/16", "pcx-1", "blackhole"), nothing, Some(false)),
        (("pl-1", "vpce-1", "active"), nothing, Some(false)),
        (("192.168.0.0/16", "vpce-1", "active"), nothing, None),
        (("pl-1", "tgw-1", "active"), nothing, None),
        (("192.168.0.0/16", "nat-1", "active"), nothing, Some(false)),
        (("0.0.0.0/0", "nat-1", "active"), |it| nat_gateway(it, "public", "deleted"), Some(false)),
        (("0.0.0.0/0", "nat-1", "active"), |it| nat_gateway(it, "public", "available"), Some(true)),
        (("0.0.0.0/0", "nat-1", "active"), |it| nat_gateway(it, "private", "available"), None),
    ] {
        assert_eq!(way_out(&[routes], edit), expected, "{routes:?}");
    }
}

/// A gateway that is gone comes before the one that is meant.
fn nat_gateway(snapshot: &mut Snapshot, kind: &str, state: &str) {
    let gateway = |id: &str, kind: &str, state: &str| NatGateway {
        id: id.into(),
        connectivity_type: kind.into(),
        state: state.into(),
        ..NatGateway::default()
    };
    let before = if state == "deleted" { "available" } else { "deleted" };
    snapshot.ec2.nat_gateways.items = vec![gateway("nat-0", "public", before), gateway("nat-1", kind, state)];
}

fn endpoint(name: &str) -> VpcEndpoint {
    VpcEndpoint {
        region: site::REGION.into(),
        vpc_id: "vpc-1".into(),
        service_name: format!("com.amazonaws.{}.{name}", site::REGION),
        kind: "Interface".into(),
        state: "available".into(),
        private_dns_enabled: true,
        ..VpcEndpoint::default()
    }
}

#[test]
fn endpoints_lead_where_there_is_no_way_out() {
    let shut_in = || {
        let mut snapshot = private();
        snapshot.ec2.route_tables.items[2].routes.pop();
        let s3 = VpcEndpoint {
            kind: "Gateway".into(),
            private_dns_enabled: false,
            route_table_ids: site::ids(&["rtb-private"]),
            ..endpoint("s3")
        };
        snapshot.ec2.vpc_endpoints.items = vec![endpoint("ecr.api"), endpoint("ecr.dkr"), s3];
        snapshot
    };
    let lacking = |edit: fn(&mut Snapshot)| {
        let mut snapshot = shut_in();
        edit(&mut snapshot);
        let found = condition(&snapshot, "way-out").unwrap();
        match found.holds {
            Known::Yes(true) => String::new(),
            Known::Yes(false) => found.subject,
            Known::No(_) => "?".to_owned(),
        }
    };
    type Edit = fn(&mut Snapshot);
    let cases: &[(Edit, &str)] = &[
        (|_| {}, ""),
        (|it| it.ec2.vpc_endpoints.items[0].vpc_id = "vpc-2".into(), "ecr.api"),
        (|it| it.ec2.vpc_endpoints.items[1].state = "pending".into(), "ecr.dkr"),
        (|it| it.ec2.vpc_endpoints.items[1].private_dns_enabled = false, "ecr.dkr"),
        (|it| it.ec2.vpc_endpoints.items[2].route_table_ids.clear(), "s3"),
        (|it| it.ec2.vpc_endpoints.items[2].service_name = "com.amazonaws.not-s3".into(), "s3"),
        (|it| it.ec2.vpc_endpoints.items[2].kind = "GatewayLoadBalancer".into(), "s3"),
        (|it| it.ec2.vpc_endpoints.items.clear(), "ecr.api, ecr.dkr, s3"),
        (|it| it.ecs.task_definitions.items[0].containers[0].log_driver = Some("awslogs".into()), "logs"),
        (|it| it.ecs.task_definitions.items[0].containers[0].log_driver = Some("splunk".into()), ""),
        (
            |it| {
                let container = &mut it.ecs.task_definitions.items[0].containers[0];
                container.log_driver = Some("awslogs".into());
                container.log_region = Some("eu-west-1".into());
            },
            "internet",
        ),
        (|it| it.ecs.task_definitions.items[0].containers[0].image = "nginx".into(), "internet"),
        (
            |it| {
                let image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop-api:v1";
                it.ecs.task_definitions.items[0].containers[0].image = image.into();
            },
            "internet",
        ),
        (|it| it.ecs.task_definitions.items[0].containers[0].image = String::new(), ""),
        (
            |it| {
                let container = &mut it.ecs.task_definitions.items[0].containers[0];
                let secret = |value_from: &str| crate::snapshot::ecs::SecretReference {
                    value_from: value_from.into(),
                    ..Default::default()
                };
                container.secret_references = vec![
                    secret("arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:db-1"),
                    secret("db"),
                ];
            },
            "secretsmanager, ssm",
        ),
        (
            |it| {
                it.ec2.vpc_endpoints.items.clear();
                it.ec2.vpc_endpoints.incomplete = vec![site::gap("ec2:DescribeVpcEndpoints")];
            },
            "?",
        ),
        (
            |it| {
                it.ec2.vpc_endpoints.items.clear();
                it.ec2.vpcs.items[0].arn = "arn:aws:ec2:ap-northeast-1:999999999999:vpc/vpc-1".into();
            },
            "?",
        ),
        (|it| it.ecs.services.items[0].subnet_ids.push("subnet-hidden".into()), "?"),
    ];
    for (number, (edit, expected)) in cases.iter().enumerate() {
        assert_eq!(lacking(*edit), *expected, "row {number}");
    }
    let mut snapshot = shut_in();
    snapshot.ec2.vpc_endpoints.items.clear();
    snapshot.ecs.services.items[0].subnet_ids =
        site::ids(&["subnet-private-a", "subnet-hidden", "subnet-private-c"]);
    let obstacle = concluded(&snapshot).obstacles.known().unwrap()[1].clone();
    assert_eq!((obstacle.kind.as_str(), obstacle.resource_ids), ("way-out", site::ids(&["rtb-private"])));
}

#[test]
fn one_group_has_to_let_https_out() {
    let egress = |rules: &[(&str, i64, i64)]| {
        let mut snapshot = private();
        let group = snapshot.ec2.security_groups.items.iter_mut().find(|group| group.id == "sg-ecs").unwrap();
        group.egress =
            rules.iter().map(|(kind, from, to)| site::rule(kind, *from, *to, "0.0.0.0/0")).collect();
        holds(&snapshot, "egress").unwrap()
    };
    for (rule, expected) in [
        (("tcp", 443, 443), true),
        (("6", 443, 443), true),
        (("tcp", 444, 500), false),
        (("tcp", 80, 442), false),
        (("tcp", 0, 65535), true),
        (("udp", 443, 443), false),
        (("-1", -1, -1), true),
    ] {
        assert_eq!(egress(&[rule]), Known::Yes(expected), "{rule:?}");
        assert_eq!(egress(&[("icmp", -1, -1), rule]), Known::Yes(expected), "{rule:?}");
    }
    assert_eq!(egress(&[]), Known::Yes(false));
    let mut snapshot = private();
    snapshot.ecs.services.items[0].security_group_ids = site::ids(&["sg-hidden", "sg-ecs"]);
    assert_eq!(holds(&snapshot, "egress"), Some(Known::Yes(true)), "one is enough");
    snapshot.ec2.security_groups.items[1].egress.clear();
    assert_eq!(holds(&snapshot, "egress"), Some(Known::No(GapId::default())));
    snapshot.ecs.services.items[0].security_group_ids.clear();
    assert_eq!(holds(&snapshot, "egress"), Some(Known::Yes(true)), "the VPC's own group");
    snapshot.ecs.services.items[0].launch_type = Some("EC2".into());
    assert_eq!((holds(&snapshot, "egress"), holds(&snapshot, "way-out")), (None, None), "the host's network");
}

#[test]
fn an_image_of_another_account_or_region_was_not_asked_for() {
    let image = |uri: &str, edit: fn(&mut Snapshot)| {
        let mut snapshot = private();
        snapshot.ecs.task_definitions.items[0].containers[0].image = uri.into();
        edit(&mut snapshot);
        holds(&snapshot, "image").unwrap()
    };
    assert_eq!(image(IMAGE, |_| {}), Known::Yes(true));
    let missing = IMAGE.replace("v1", "v2");
    let about = |region: &str| GapId::new("ecr:DescribeImages", region, Some("shop-api:v1"));
    assert_eq!(image(&missing, |_| {}), Known::No(GapId::default()));
    assert_eq!(image(&IMAGE.replace("123456789012", "999999999999"), |_| {}), Known::No(about(site::REGION)));
    assert_eq!(image(&IMAGE.replace(site::REGION, "eu-west-1"), |_| {}), Known::No(about("eu-west-1")));
    assert_eq!(image(IMAGE, |it| it.ecr.images.items[0].digest = Known::Yes(None)), Known::Yes(false));
    let hidden = about(site::REGION);
    let found = image(IMAGE, |it| {
        it.ecr.images.items.clear();
        let about = GapId::new("ecr:DescribeImages", site::REGION, Some("shop-api:v1"));
        it.ecr.images.incomplete = vec![about];
    });
    assert_eq!(found, Known::No(hidden));
}

#[test]
fn a_log_group_exists_or_the_task_makes_it() {
    let log = |region: Option<&str>, creates: Known<bool>, edit: fn(&mut Snapshot)| {
        let mut snapshot = private();
        let container = &mut snapshot.ecs.task_definitions.items[0].containers[0];
        container.log_group = Some("/ecs/shop".into());
        container.log_region = region.map(str::to_owned);
        container.creates_log_group = creates;
        let group = |name: &str, region: &str| LogGroup {
            name: name.into(),
            region: region.into(),
            ..LogGroup::default()
        };
        snapshot.logs.log_groups.items =
            vec![group("/ecs/shop", "eu-west-1"), group("/ecs/web", site::REGION)];
        edit(&mut snapshot);
        let right = condition(&snapshot, "log-right").map(|right| right.holds);
        (holds(&snapshot, "log-group").unwrap(), right)
    };
    let found: fn(&mut Snapshot) = |it| it.logs.log_groups.items[0].region = site::REGION.into();
    let no_role = Some(Known::Yes(false));
    assert_eq!(log(None, Known::Yes(false), found), (Known::Yes(true), no_role.clone()));
    assert_eq!(log(None, Known::Yes(false), |_| {}), (Known::Yes(false), None), "nothing to write to");
    assert_eq!(log(None, Known::Yes(true), |_| {}), (Known::Yes(true), no_role.clone()));
    let denied = || Known::No(site::gap("ecs:DescribeTaskDefinition"));
    assert_eq!(log(None, denied(), |_| {}), (denied(), no_role.clone()));
    assert_eq!(log(None, denied(), found), (Known::Yes(true), no_role.clone()));
    let unasked = Known::No(GapId::never_asked_in("us-east-1"));
    assert_eq!(log(Some("us-east-1"), Known::Yes(false), found), (unasked, no_role));
    let on_host: fn(&mut Snapshot) = |it| it.ecs.services.items[0].launch_type = Some("EC2".into());
    assert_eq!(log(None, Known::Yes(true), on_host), (Known::Yes(true), None), "the host writes it");
}

#[test]
fn writing_a_log_takes_a_right_for_each_step() {
    let lacking = |actions: &[&str], is_there: bool| {
        let mut snapshot = private();
        let arn = "arn:aws:iam::123456789012:role/exec";
        let definition = &mut snapshot.ecs.task_definitions.items[0];
        definition.execution_role_arn = Some(arn.into());
        definition.containers[0].log_group = Some("/ecs/shop".into());
        definition.containers[0].creates_log_group = Known::Yes(true);
        let allowed = Statement {
            effect: "Allow".into(),
            actions: site::ids(actions),
            resources: site::ids(&["*"]),
            ..Statement::default()
        };
        snapshot.iam.roles.items = vec![Role {
            arn: arn.into(),
            name: "exec".into(),
            attached_policy_arns: Known::Yes(Vec::new()),
            statements: Known::Yes(vec![allowed]),
            permissions_boundary_arn: Known::Yes(None),
            boundary_statements: Known::Yes(Vec::new()),
            trust: Known::Yes(Vec::new()),
            ..Role::default()
        }];
        if is_there {
            let group =
                LogGroup { name: "/ecs/shop".into(), region: site::REGION.into(), ..LogGroup::default() };
            snapshot.logs.log_groups.items = vec![group];
        }
        let found = concluded(&snapshot).obstacles.known().unwrap().clone();
        let found = found.into_iter().find(|obstacle| obstacle.kind == "log-right");
        found.map(|obstacle| (obstacle.role_name, obstacle.actions.join(" ")))
    };
    let (stream, put, group) = ("logs:CreateLogStream", "logs:PutLogEvents", "logs:CreateLogGroup");
    let of = |actions: &str| Some(("exec".to_owned(), actions.to_owned()));
    assert_eq!(lacking(&[stream, put], true), None);
    assert_eq!(lacking(&[stream], true), of(put));
    assert_eq!(lacking(&[put], true), of(stream));
    assert_eq!(lacking(&[], true), of(&format!("{stream} {put}")));
    assert_eq!(lacking(&[stream, put], false), of(group), "it has to make the group");
    assert_eq!(lacking(&[stream, put, group], false), None);
}
