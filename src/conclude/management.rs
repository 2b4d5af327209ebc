//! Who manages the resources of an account, as far as their tags say.

use crate::arn::Arn;
use crate::snapshot::Snapshot;
use crate::snapshot::account::AuditedAccount;
use crate::snapshot::known::Known;
use crate::terraform::adoptable::{adoptables, hidden};
use crate::terraform::manager::{Manager, TagSight};
use std::collections::BTreeMap;

crate::record! {
    /// Who manages the resources of an account that Terraform can import.
    pub(crate) struct AccountManagement {
        /// Whether the tags of every resource whose tags were looked at name a manager. What AWS makes with
        /// something else, as the default security group of a VPC, is left out: stacks put no tags on it.
        pub is_managed: Known<bool>,
        /// How many resources were looked at.
        pub judged_count: i64,
        /// How many of them name no manager.
        pub unmanaged_count: i64,
        /// How many of each service name no manager, by service.
        pub unmanaged: Vec<UnmanagedService>,
        /// The managers, by kind and name.
        pub managers: Vec<ManagerShare>,
        /// How many resources `tenken adopt --all` writes import blocks for: all that name no manager, those among
        /// them whose tags were not looked at. Resources with secrets in plain text are left out.
        pub adoptable_count: i64,
    }

    /// The resources of a service that nothing manages.
    pub(crate) struct UnmanagedService {
        /// The service in ARNs, for instance elasticloadbalancing.
        pub service: String,
        /// How many.
        pub count: i64,
    }

    /// What a stack or Terraform manages.
    pub(crate) struct ManagerShare {
        /// stack or terraform.
        pub kind: String,
        /// The stack's name, or the tag that says Terraform, for instance ManagedBy=Terraform.
        pub name: String,
        /// How many resources.
        pub count: i64,
    }
}

/// See [`super::FUNCTIONS`].
pub(crate) fn account_management(snapshot: &Snapshot, _: &AuditedAccount) -> AccountManagement {
    let mut result = AccountManagement::default();
    let (mut services, mut managers) = (BTreeMap::new(), BTreeMap::new());
    let mut gap = hidden(snapshot).next().cloned();
    for one in adoptables(snapshot) {
        result.adoptable_count += i64::from(!one.is_left_out(false));
        match one.tags {
            TagSight::NotLookedAt => continue,
            TagSight::Hidden(why) => {
                gap.get_or_insert(why);
                continue;
            }
            TagSight::Nobody => {
                let service = Arn::parse(&one.arn).map_or("", |arn| arn.service).to_owned();
                *services.entry(service).or_insert(0) += 1;
                result.unmanaged_count += 1;
            }
            TagSight::Managed(manager) => *managers.entry(manager).or_insert(0) += 1,
        }
        result.judged_count += 1;
    }
    result.is_managed = match gap {
        _ if result.unmanaged_count > 0 => Known::Yes(false),
        Some(gap) => Known::No(gap),
        None => Known::Yes(true),
    };
    result.unmanaged =
        services.into_iter().map(|(service, count)| UnmanagedService { service, count }).collect();
    result.managers = managers.into_iter().map(|(manager, count)| share(manager, count)).collect();
    result
}

fn share(manager: Manager, count: i64) -> ManagerShare {
    let (kind, name) = match manager {
        Manager::Stack(name) => ("stack", name),
        Manager::Terraform(tag) => ("terraform", tag),
    };
    ManagerShare { kind: kind.to_owned(), name, count }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conclude::facts::Facts;
    use crate::snapshot::GapId;
    use crate::snapshot::ec2::{SecurityGroup, Subnet, Vpc};
    use crate::snapshot::ecs::Cluster;
    use crate::snapshot::elb::LoadBalancer;
    use crate::snapshot::listing::Listing;
    use crate::snapshot::logs::LogGroup;

    fn tags(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn vpc(id: &str, is_default: bool, pairs: &[(&str, &str)]) -> Vpc {
        let arn = format!("arn:aws:ec2:r:123456789012:vpc/{id}");
        Vpc { arn, id: id.into(), is_default, tags: tags(pairs), ..Vpc::default() }
    }

    fn cluster(name: &str, pairs: &[(&str, &str)]) -> Cluster {
        let arn = format!("arn:aws:ecs:r:123456789012:cluster/{name}");
        let status = "ACTIVE".to_owned();
        Cluster { arn, name: name.into(), status, tags: tags(pairs), ..Cluster::default() }
    }

    fn empty() -> Snapshot {
        Snapshot::new("123456789012", "aws", "2026-11-24T00:00:00Z", &["r".to_owned()]).complete()
    }

    fn concluded(snapshot: &Snapshot) -> AccountManagement {
        account_management(snapshot, Facts::new(snapshot).account())
    }

    const STACK: (&str, &str) = ("aws:cloudformation:stack-name", "shop");
    const TERRAFORM: (&str, &str) = ("ManagedBy", "Terraform");

    #[test]
    fn what_is_managed_by_nothing_is_counted_by_service_and_the_rest_by_manager() {
        let mut snapshot = empty();
        snapshot.ec2.vpcs = Listing::of(vec![
            vpc("vpc-1", false, &[]),
            vpc("vpc-2", false, &[STACK]),
            vpc("vpc-3", true, &[]),
        ]);
        snapshot.ecs.clusters =
            Listing::of(vec![cluster("a", &[]), cluster("b", &[TERRAFORM]), cluster("c", &[STACK])]);
        // Nobody asks for the tags of log groups.
        snapshot.logs.log_groups =
            Listing::of(vec![LogGroup { arn: "arn:aws:logs:r:1:log-group:a".into(), ..LogGroup::default() }]);
        let found = concluded(&snapshot);
        assert_eq!((found.judged_count, found.unmanaged_count), (5, 2));
        assert_eq!(found.adoptable_count, 4, "the default VPC and the log group are written as well");
        assert_eq!(found.is_managed, Known::Yes(false));
        let unmanaged: Vec<_> = found.unmanaged.iter().map(|one| (one.service.as_str(), one.count)).collect();
        assert_eq!(unmanaged, [("ec2", 1), ("ecs", 1)]);
        let managers: Vec<_> =
            found.managers.iter().map(|one| (one.kind.as_str(), one.name.as_str(), one.count)).collect();
        assert_eq!(managers, [("stack", "shop", 2), ("terraform", "ManagedBy=Terraform", 1)]);
    }

    #[test]
    fn what_aws_makes_with_something_else_needs_no_manager() {
        let mut snapshot = empty();
        snapshot.ec2.vpcs = Listing::of(vec![vpc("vpc-1", false, &[STACK]), vpc("vpc-2", true, &[])]);
        snapshot.ec2.subnets = Listing::of(vec![Subnet { vpc_id: "vpc-2".into(), ..Subnet::default() }]);
        let group = |tags| SecurityGroup { name: "default".into(), tags, ..SecurityGroup::default() };
        snapshot.ec2.security_groups = Listing::of(vec![group(tags(&[])), group(tags(&[TERRAFORM]))]);
        let found = concluded(&snapshot);
        assert_eq!(found.is_managed, Known::Yes(true));
        assert_eq!((found.judged_count, found.unmanaged_count), (2, 0), "what is tagged counts");
    }

    #[test]
    fn what_hides_resources_matters_only_where_the_rest_is_managed() {
        let gap = GapId::new("ec2:DescribeSubnets", "r", None);
        let mut snapshot = empty();
        assert_eq!(concluded(&snapshot).is_managed, Known::Yes(true), "there is nothing to manage");
        snapshot.ec2.subnets = Listing::with_gaps(vec![gap.clone()]);
        assert_eq!(concluded(&snapshot).is_managed, Known::No(gap.clone()));
        snapshot.ecs.clusters = Listing::of(vec![cluster("a", &[STACK])]);
        assert_eq!(concluded(&snapshot).is_managed, Known::No(gap));
        snapshot.ec2.vpcs = Listing::of(vec![vpc("vpc-1", false, &[])]);
        assert_eq!(concluded(&snapshot).is_managed, Known::Yes(false));
        // Nor do tags that AWS would not give.
        let gap = GapId::new("elasticloadbalancing:DescribeTags", "r", None);
        let mut snapshot = empty();
        snapshot.ecs.clusters = Listing::of(vec![cluster("a", &[STACK])]);
        let balancer = |tags| LoadBalancer {
            arn: "arn:aws:elasticloadbalancing:r:1:loadbalancer/a".into(),
            tags,
            ..LoadBalancer::default()
        };
        snapshot.elb.load_balancers = Listing::of(vec![balancer(Known::No(gap.clone()))]);
        let found = concluded(&snapshot);
        assert_eq!((found.is_managed, found.judged_count), (Known::No(gap), 1));
        snapshot.elb.load_balancers = Listing::of(vec![balancer(Known::Yes(tags(&[TERRAFORM])))]);
        assert_eq!(concluded(&snapshot).is_managed, Known::Yes(true));
        // A list whose tags nobody looks at hides nothing.
        let mut snapshot = empty();
        snapshot.ecs.clusters = Listing::of(vec![cluster("a", &[STACK])]);
        snapshot.logs.log_groups = Listing::with_gaps(vec![GapId::new("logs:DescribeLogGroups", "r", None)]);
        assert_eq!(concluded(&snapshot).is_managed, Known::Yes(true));
    }
}
