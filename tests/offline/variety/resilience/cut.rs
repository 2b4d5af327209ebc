//! What stands once and stops the shop.

use super::*;

#[test]
fn what_stands_once_stops_the_shop() {
    let zonal = "a NAT gateway is created in a specific Availability Zone; when it fails, resources in other zones lose internet access \
        (https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html)";
    let standby = "a Single-AZ DB instance has no standby; Multi-AZ fails over automatically \
        (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZSingleStandby.html)";
    let spread = "deploy the workload to multiple locations \
        (https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_fault_isolation_multiaz_region_system.html)";
    let case = |name, account, expected, because, says| Case { name, account, expected, because, says };
    let one_gateway = |account: &mut Snapshot| {
        let table =
            account.ec2.route_tables.items.iter_mut().find(|table| table.id == "rtb-private-c").unwrap();
        table.routes[1].target = "nat-a".into();
    };
    check(
        "load-balancer-stops-with-one-loss",
        BALANCER,
        &[
            case("everything twice", shop(), PASS, spread, ""),
            case(
                "the only NAT gateway and the database in one zone",
                edited(|account| {
                    one_gateway(account);
                    account.rds.db_instances.items[0].multi_az = Known::Yes(false);
                }),
                FAIL,
                zonal,
                "Losing ap-northeast-1a is enough: database ec-db (no standby) is there, the only outbound route of shop-api (nat-a) is there.",
            ),
            case(
                "the only NAT gateway",
                edited(one_gateway),
                FAIL,
                zonal,
                "Losing ap-northeast-1a is enough",
            ),
            case(
                "a database without a standby",
                edited(|account| account.rds.db_instances.items[0].multi_az = Known::Yes(false)),
                FAIL,
                standby,
                "A failure of database ec-db (no standby) is enough.",
            ),
            case(
                "a database without a standby that the tasks do not use",
                edited(|account| {
                    account.rds.db_instances.items[0].multi_az = Known::Yes(false);
                    account.ec2.security_groups.items[1].ingress[0].peer = "sg-other".into();
                }),
                PASS,
                standby,
                "",
            ),
            case(
                "a cluster of one instance",
                edited(|account| {
                    let db = &mut account.rds.db_instances.items[0];
                    (db.multi_az, db.cluster_id) = (Known::Yes(false), Some("shop".into()));
                    account.rds.db_clusters.items = vec![DbCluster {
                        region: REGION.into(),
                        id: "shop".into(),
                        multi_az: Known::Yes(false),
                        member_ids: vec!["ec-db".into()],
                        ..DbCluster::default()
                    }];
                }),
                FAIL,
                standby,
                "A failure of database shop (one instance) is enough.",
            ),
            case(
                "one task",
                edited(|account| {
                    account.ecs.services.items[0].desired_count = 1;
                    account.ecs.tasks.items.pop();
                }),
                FAIL,
                spread,
                "the only task of shop-api",
            ),
            case(
                "two tasks in one zone",
                edited(|account| account.ecs.tasks.items[1].availability_zone = Some(format!("{REGION}a"))),
                FAIL,
                spread,
                "all tasks of shop-api are there",
            ),
            case(
                "a database that is hidden",
                edited(|account| {
                    account.rds.db_instances.items.clear();
                    account.rds.db_instances.incomplete =
                        vec![GapId::new("rds:DescribeDBInstances", REGION, None)];
                }),
                UNKNOWN,
                standby,
                "rds:DescribeDBInstances",
            ),
            case(
                "an internal load balancer",
                edited(|account| account.elb.load_balancers.items[0].scheme = "internal".into()),
                SKIP,
                spread,
                "",
            ),
        ],
    );
}

/// Money is told where somebody said what an hour earns, and left out otherwise.
#[test]
fn an_hour_costs_what_somebody_said() {
    let account = edited(|account| account.rds.db_instances.items[0].multi_az = Known::Yes(false));
    let said = found(&account, "load-balancer-stops-with-one-loss", BALANCER);
    assert!(
        !said[0].message.en.contains("USD") && !said[0].message.ja.contains("ドル"),
        "{}",
        said[0].message.en
    );
    let mut policies = PolicySet::embedded().unwrap();
    let earns = [("revenue_per_hour_usd".to_owned(), PolicyParameter::Int(1200))].into();
    policies.set_parameters("load-balancer-stops-with-one-loss", &earns).unwrap();
    let findings = judge(&account, &policies);
    let said = findings.iter().find(|finding| finding.policy == "load-balancer-stops-with-one-loss").unwrap();
    assert!(said.message.en.ends_with("Each hour costs 1200 USD of revenue."), "{}", said.message.en);
    assert!(said.message.ja.ends_with("停止 1 時間当たりの逸失売上は 1200 ドル。"), "{}", said.message.ja);
}
