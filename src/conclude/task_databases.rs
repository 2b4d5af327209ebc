//! Which databases a service's tasks may use.

use super::cidr::CidrBlock;
use super::exposure::database_traffic;
use super::network::filter::rule_blocks;
use super::network::{Network, OrGap};
use crate::snapshot::ec2::{SecurityGroupRule, Subnet};
use crate::snapshot::ecs::Service;
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use crate::snapshot::rds::DbInstance;

/// The databases of a region that admit a service's tasks, and what may hide more of them.
pub(super) struct Databases<'a> {
    /// Those that are known to.
    pub found: Vec<&'a DbInstance>,
    /// The question that would have shown more.
    pub hidden: Option<GapId>,
}

/// The databases that admit a service's tasks: by their security groups, or by the addresses of their
/// subnets. What tasks really connect to is in their configuration, whose values are never kept;
/// a database behind a proxy admits the proxy and is not among them.
pub(super) fn databases_of<'a>(network: &Network<'a>, service: &Service) -> Databases<'a> {
    let listing = &network.snapshot.rds.db_instances;
    let mut hidden = listing.complete_in(network.region).err();
    let mut subnets = Vec::new();
    for id in &service.subnet_ids {
        match network.subnet(id) {
            Ok(subnet) => subnets.push(subnet),
            Err(gap) => hidden = hidden.or(Some(gap)),
        }
    }
    let mut found = Vec::new();
    for db in listing.iter().filter(|db| db.region == network.region && db.is_relational()) {
        match admits(network, db, service, &subnets) {
            Known::Yes(true) => found.push(db),
            Known::Yes(false) => {}
            Known::No(gap) => hidden = hidden.or(Some(gap)),
        }
    }
    Databases { found, hidden }
}

/// A rule that admits the tasks decides, whatever else is hidden.
fn admits(network: &Network<'_>, db: &DbInstance, service: &Service, subnets: &[&Subnet]) -> Known<bool> {
    let traffic = database_traffic(db);
    let mut hidden = None;
    for id in &db.security_group_ids {
        let group = match network.security_group(id) {
            Ok(group) => group,
            Err(gap) => {
                hidden = hidden.or(Some(gap));
                continue;
            }
        };
        for rule in &group.ingress {
            match (names_tasks(network, db, rule, service, subnets), traffic.is_matched_by(rule)) {
                (Ok(true), Known::Yes(true)) => return Known::Yes(true),
                (Ok(false), _) | (_, Known::Yes(false)) => {}
                (Err(gap), _) | (Ok(true), Known::No(gap)) => hidden = hidden.or(Some(gap)),
            }
        }
    }
    hidden.map_or(Known::Yes(false), Known::No)
}

/// Whether a rule admits the tasks' groups, or every address of one of their subnets.
fn names_tasks(
    network: &Network<'_>,
    db: &DbInstance,
    rule: &SecurityGroupRule,
    service: &Service,
    subnets: &[&Subnet],
) -> OrGap<bool> {
    if rule.is_about_group() {
        return Ok(service.security_group_ids.contains(&rule.peer));
    }
    let blocks = rule_blocks(network, rule)?;
    Ok(subnets.iter().filter(|subnet| db.vpc_id.as_ref() == Some(&subnet.vpc_id)).any(|subnet| {
        let ranges = subnet.cidr_block.iter().chain(&subnet.ipv6_cidr_blocks);
        let mut ranges = ranges.filter_map(|range| CidrBlock::parse(range));
        ranges.any(|range| blocks.iter().any(|block| block.contains(&range)))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conclude::network::site::{self, gap, ids, rule};
    use crate::snapshot::Snapshot;

    fn found(snapshot: &Snapshot) -> (Vec<&str>, Option<GapId>) {
        let network = Network { snapshot, region: site::REGION };
        let databases = databases_of(&network, &snapshot.ecs.services.items[0]);
        (databases.found.iter().map(|db| db.id.as_str()).collect(), databases.hidden)
    }

    #[test]
    fn groups_and_ranges_admit_tasks() {
        assert_eq!(found(&site::before()), (vec!["ec-db"], None), "the whole internet");
        let mut snapshot = site::after();
        assert_eq!(found(&snapshot), (vec!["ec-db"], None), "the tasks' group");
        for (peer, expected) in [
            ("sg-other", vec![]),
            ("10.0.2.0/23", vec!["ec-db"]),
            ("10.0.1.7/32", vec![]),
            ("10.9.0.0/16", vec![]),
        ] {
            snapshot.ec2.security_groups.items[2].ingress = vec![rule("tcp", 5432, 5432, peer)];
            assert_eq!(found(&snapshot), (expected, None), "{peer}");
        }
        snapshot.ec2.security_groups.items[2].ingress = vec![rule("tcp", 22, 22, "sg-ecs")];
        assert_eq!(found(&snapshot), (vec![], None), "another port");
        snapshot.ec2.security_groups.items[2].ingress = vec![rule("tcp", 5432, 5432, "10.0.0.0/16")];
        snapshot.rds.db_instances.items[0].vpc_id = Some("vpc-2".into());
        assert_eq!(found(&snapshot), (vec![], None), "the same range in another VPC");
        snapshot.ec2.security_groups.items[2].ingress = vec![rule("tcp", 5432, 5432, "sg-ecs")];
        snapshot.rds.db_instances.items[0].engine = "docdb".into();
        assert_eq!(found(&snapshot), (vec![], None), "not a database of RDS");
    }

    #[test]
    fn what_is_hidden_is_named() {
        let mut snapshot = site::after();
        snapshot.rds.db_instances.incomplete = vec![gap("rds:DescribeDBInstances")];
        assert_eq!(found(&snapshot), (vec!["ec-db"], Some(gap("rds:DescribeDBInstances"))));
        let mut snapshot = site::after();
        snapshot.ec2.security_groups.items.retain(|group| group.id != "sg-rds");
        snapshot.ec2.security_groups.incomplete = vec![gap("ec2:DescribeSecurityGroups")];
        assert_eq!(found(&snapshot), (vec![], Some(gap("ec2:DescribeSecurityGroups"))));
        let mut snapshot = site::after();
        snapshot.ecs.services.items[0].subnet_ids = ids(&["subnet-gone"]);
        snapshot.ec2.subnets.incomplete = vec![gap("ec2:DescribeSubnets")];
        assert_eq!(found(&snapshot).1, Some(gap("ec2:DescribeSubnets")));
    }
}
