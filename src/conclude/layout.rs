//! Where subnets are: public or private, and in which Availability Zones.

use crate::snapshot::Snapshot;
use crate::snapshot::ec2::Vpc;
use crate::snapshot::known::Known;
use crate::snapshot::rds::DbSubnetGroup;

crate::record! {
    /// Subnets by what their routes make of them.
    pub struct SubnetLayout {
        /// Subnets without a route to an internet gateway.
        pub private_subnet_ids: Known<Vec<String>>,
        /// Subnets with a route to an internet gateway.
        pub public_subnet_ids: Known<Vec<String>>,
        /// The Availability Zones of the private ones, sorted.
        pub private_zones: Known<Vec<String>>,
        /// The Availability Zones of the public ones, sorted.
        pub public_zones: Known<Vec<String>>,
        /// An Availability Zone that another private subnet could go to: one of the VPC's subnets'
        /// without a private subnet; null for none.
        pub missing_zone: Known<Option<String>>,
        /// A free range of the VPC for it, as large as the existing private subnet; null for none.
        pub free_cidr_block: Known<Option<String>>,
    }
}

/// See [`super::FUNCTIONS`].
pub fn vpc_layout(_snapshot: &Snapshot, _vpc: &Vpc) -> SubnetLayout {
    SubnetLayout::default()
}

/// See [`super::FUNCTIONS`].
pub fn subnet_group_layout(_snapshot: &Snapshot, _group: &DbSubnetGroup) -> SubnetLayout {
    SubnetLayout::default()
}
