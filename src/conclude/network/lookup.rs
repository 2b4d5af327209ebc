//! From one network resource to another, with the gap that hides it where it is missing.

use super::OrGap;
use crate::arn::Arn;
use crate::conclude::cidr::CidrBlock;
use crate::conclude::lookup::exists;
use crate::snapshot::Snapshot;
use crate::snapshot::ec2::{
    NetworkAcl, NetworkInterface, PrefixList, RouteTable, SecurityGroup, Subnet, Vpc,
    VpcBlockPublicAccessExclusion,
};
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use crate::snapshot::listing::Listing;

/// A region's networks.
#[derive(Clone, Copy)]
pub(crate) struct Network<'a> {
    /// What AWS said.
    pub snapshot: &'a Snapshot,
    /// Ids are looked up in this region.
    pub region: &'a str,
}

/// A resource of a list, or the gap that hides the one called `about`.
pub(crate) fn find<'a, T>(
    listing: &'a Listing<T>,
    region: &str,
    about: &str,
    is_it: impl Fn(&T) -> bool,
) -> OrGap<&'a T> {
    listing.iter().find(|item| is_it(item)).ok_or_else(|| listing.hidden_by(region, about))
}

impl<'a> Network<'a> {
    /// A resource of the account's own, by its ARN. Those that other accounts share have
    /// another one.
    fn own<T>(
        &self,
        listing: &'a Listing<T>,
        kind: &str,
        id: &str,
        arn_of: impl Fn(&T) -> &str,
    ) -> Option<&'a T> {
        let Snapshot { partition, account, .. } = self.snapshot;
        let arn = crate::arn::arn(partition, "ec2", self.region, account, &format!("{kind}/{id}"));
        let place = listing.items.binary_search_by(|item| arn_of(item).cmp(arn.as_str())).ok()?;
        listing.items.get(place)
    }

    /// A VPC by its id.
    pub(crate) fn vpc(&self, id: &str) -> OrGap<&'a Vpc> {
        find(&self.snapshot.ec2.vpcs, self.region, id, |vpc| vpc.id == id && vpc.region == self.region)
    }

    /// A subnet by its id.
    pub(crate) fn subnet(&self, id: &str) -> OrGap<&'a Subnet> {
        let subnets = &self.snapshot.ec2.subnets;
        let own = self.own(subnets, "subnet", id, |subnet| &subnet.arn);
        match own.filter(|subnet| subnet.id == id && subnet.region == self.region) {
            Some(subnet) => Ok(subnet),
            None => find(subnets, self.region, id, |subnet| subnet.id == id && subnet.region == self.region),
        }
    }

    /// Whether a resource belongs to another account, which shared it with this one.
    pub(crate) fn is_foreign(&self, arn: &str) -> bool {
        Arn::parse(arn).is_some_and(|arn| arn.account != self.snapshot.account)
    }

    /// Whether a VPC belongs to another account. Of such a VPC the account sees the subnets that
    /// were shared with it, their route tables and ACLs, and nothing else: what is not in sight
    /// there is unknown, never absent.
    pub(crate) fn is_foreign_vpc(&self, vpc_id: &str) -> bool {
        let subnets = || self.snapshot.ec2.subnets.iter();
        self.vpc(vpc_id).is_ok_and(|vpc| self.is_foreign(&vpc.arn))
            || subnets().any(|subnet| subnet.vpc_id == vpc_id && self.is_foreign(&subnet.arn))
    }

    /// Every subnet of a VPC; of another account's VPC not all are in sight.
    pub(crate) fn subnets_of(&self, vpc_id: &str) -> OrGap<Vec<&'a Subnet>> {
        let subnets = &self.snapshot.ec2.subnets;
        subnets.complete_in(self.region)?;
        if self.is_foreign_vpc(vpc_id) {
            return Err(GapId::default());
        }
        let is_in = |subnet: &&Subnet| subnet.vpc_id == vpc_id && subnet.region == self.region;
        Ok(subnets.iter().filter(is_in).collect())
    }

    /// A security group by its id.
    pub(crate) fn security_group(&self, id: &str) -> OrGap<&'a SecurityGroup> {
        let groups = &self.snapshot.ec2.security_groups;
        let own = self.own(groups, "security-group", id, |group| &group.arn);
        match own.filter(|group| group.id == id && group.region == self.region) {
            Some(group) => Ok(group),
            None => find(groups, self.region, id, |group| group.id == id && group.region == self.region),
        }
    }

    /// A network interface by its id.
    pub(crate) fn network_interface(&self, id: &str) -> OrGap<&'a NetworkInterface> {
        let interfaces = &self.snapshot.ec2.network_interfaces;
        let own = self.own(interfaces, "network-interface", id, |interface| &interface.arn);
        match own.filter(|interface| interface.id == id && interface.region == self.region) {
            Some(interface) => Ok(interface),
            None => find(interfaces, self.region, id, |interface| {
                interface.id == id && interface.region == self.region
            }),
        }
    }

    /// Whether the region has an interface of a kind. That there is none needs the whole list.
    pub(crate) fn has_interfaces(&self, is_one: impl Fn(&NetworkInterface) -> bool) -> Known<bool> {
        let interfaces = &self.snapshot.ec2.network_interfaces;
        let found = interfaces.iter().any(|interface| interface.region == self.region && is_one(interface));
        exists(interfaces, self.region, found)
    }

    /// The group that AWS gives to whatever names none.
    pub(crate) fn default_security_group(&self, vpc_id: &str) -> OrGap<&'a SecurityGroup> {
        let groups = &self.snapshot.ec2.security_groups;
        find(groups, self.region, vpc_id, |group| {
            group.name == "default" && group.vpc_id == vpc_id && group.region == self.region
        })
    }

    /// How people know a group: its id and name.
    pub(crate) fn group_label(&self, id: &str) -> String {
        match self.security_group(id) {
            Ok(group) if !group.name.is_empty() => format!("{id} ({})", group.name),
            _ => id.to_owned(),
        }
    }

    /// How people know a prefix list: its id and name.
    pub(crate) fn prefix_list_label(&self, id: &str) -> String {
        match self.prefix_list(id) {
            Ok(list) if !list.name.is_empty() => format!("{id} ({})", list.name),
            _ => id.to_owned(),
        }
    }

    /// A prefix list by its id.
    pub(crate) fn prefix_list(&self, id: &str) -> OrGap<&'a PrefixList> {
        let lists = &self.snapshot.ec2.prefix_lists;
        find(lists, self.region, id, |list| list.id == id && list.region == self.region)
    }

    /// The ranges of a prefix list. AWS's own lists hold the ranges of AWS services and
    /// never the whole internet, so that their entries need not be known.
    pub(crate) fn prefix_list_blocks(&self, id: &str) -> OrGap<Vec<CidrBlock>> {
        let list = self.prefix_list(id)?;
        match &list.entries {
            Known::Yes(entries) => Ok(entries.iter().filter_map(|entry| CidrBlock::parse(entry)).collect()),
            Known::No(_) if list.is_of_aws() => Ok(Vec::new()),
            Known::No(gap) => Err(gap.clone()),
        }
    }

    /// The route table that serves a subnet: the one that it names, or the VPC's main one.
    pub(crate) fn route_table_of(&self, subnet: &Subnet) -> OrGap<&'a RouteTable> {
        let tables = &self.snapshot.ec2.route_tables;
        // A list that is cut off may hide the table that the subnet names.
        match find(tables, self.region, &subnet.id, |table| table.subnet_ids.contains(&subnet.id)) {
            Ok(table) => Ok(table),
            Err(_) if tables.complete_in(self.region).is_ok() => {
                find(tables, self.region, &subnet.id, |table| table.is_main && table.vpc_id == subnet.vpc_id)
            }
            Err(gap) => Err(gap),
        }
    }

    /// The network ACL that filters at a subnet's border.
    pub(crate) fn network_acl_of(&self, subnet: &Subnet) -> OrGap<&'a NetworkAcl> {
        let acls = &self.snapshot.ec2.network_acls;
        match find(acls, self.region, &subnet.id, |acl| acl.subnet_ids.contains(&subnet.id)) {
            Ok(acl) => Ok(acl),
            Err(_) if acls.complete_in(self.region).is_ok() => {
                find(acls, self.region, &subnet.id, |acl| acl.is_default && acl.vpc_id == subnet.vpc_id)
            }
            Err(gap) => Err(gap),
        }
    }

    /// Whether VPC Block Public Access keeps the internet out of a subnet. It is set for the VPCs
    /// that the account owns; what the owner of a shared subnet set is not in sight.
    pub(crate) fn is_blocked(&self, subnet: &Subnet) -> Known<bool> {
        let settings = &self.snapshot.ec2.vpc_block_public_access;
        if self.is_foreign(&subnet.arn) {
            return Known::Yes(false);
        }
        let Some(setting) = settings.iter().find(|setting| setting.region == self.region) else {
            return settings.complete_in(self.region).map(|()| false).into();
        };
        if setting.is_off() {
            return Known::Yes(false);
        }
        let resources = [format!("subnet/{}", subnet.id), format!("vpc/{}", subnet.vpc_id)];
        let is_about = |exclusion: &&VpcBlockPublicAccessExclusion| {
            Arn::parse(&exclusion.resource_arn)
                .is_some_and(|arn| resources.iter().any(|id| *id == arn.resource))
        };
        let mut exclusions = match &setting.exclusions {
            Known::Yes(exclusions) => exclusions.iter().filter(is_about),
            Known::No(gap) => return Known::No(gap.clone()),
        };
        // What is on its way to another state may hold or not.
        let mut is_changing = setting.state == "update-in-progress";
        let lets_in = exclusions.any(|exclusion| {
            is_changing |= exclusion.state.ends_with("-in-progress");
            let is_in_effect = matches!(exclusion.state.as_str(), "create-complete" | "update-complete");
            is_in_effect && exclusion.mode == "allow-bidirectional"
        });
        match (lets_in, is_changing) {
            (true, _) => Known::Yes(false),
            (false, true) => Known::No(GapId::default()),
            (false, false) => Known::Yes(true),
        }
    }

    /// Whether an internet gateway is attached to a VPC, and which. An active route to one
    /// proves it, whatever the list says: the route of a gateway that was detached is a blackhole,
    /// and gateways of another account's VPC are never listed.
    pub(crate) fn internet_gateway_of(&self, vpc_id: &str) -> OrGap<Option<&'a str>> {
        let gateways = &self.snapshot.ec2.internet_gateways;
        let attached = gateways.iter().find(|gateway| gateway.vpc_ids.iter().any(|id| id == vpc_id));
        if let Some(gateway) = attached {
            return Ok(Some(&gateway.id));
        }
        let tables = self.snapshot.ec2.route_tables.iter().filter(|table| table.vpc_id == vpc_id);
        let proof = tables
            .flat_map(|table| &table.routes)
            .find(|route| route.target.starts_with("igw-") && route.is_active());
        match (proof, gateways.complete_in(self.region)) {
            (Some(route), _) => Ok(Some(&route.target)),
            (None, Err(gap)) => Err(gap),
            (None, Ok(())) if self.is_foreign_vpc(vpc_id) => Err(GapId::default()),
            (None, Ok(())) => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests;
