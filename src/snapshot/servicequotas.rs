//! Quotas: how much of something AWS lets an account have.

use super::listing::Listing;
use super::operation::{Operation, bucket, operation};
use super::source::SourceRow;

crate::record! {
    /// Everything asked of Service Quotas.
    pub struct Servicequotas {
        /// The quotas that what runs draws from (GetServiceQuota).
        pub quotas: Listing<Quota>,
    }

    /// A quota of a service.
    pub struct Quota {
        /// The region.
        pub region: String,
        /// The service, for instance fargate.
        pub service: String,
        /// For instance L-3032A538.
        pub code: String,
        /// For instance Fargate On-Demand vCPU resource count.
        pub name: String,
        /// How much the account may have in the region.
        pub value: f64,
    }
}

/// The vCPUs of on-demand Fargate tasks and pods that may run at the same time in a region.
pub(crate) const FARGATE_VCPUS: &str = "L-3032A538";

/// The same on Fargate Spot.
pub(crate) const FARGATE_SPOT_VCPUS: &str = "L-36FBB829";

/// What is asked, in the order of names.
pub const OPERATIONS: &[Operation] = &[operation(
    "servicequotas",
    "GetServiceQuota",
    &["servicequotas:GetServiceQuota"],
    bucket("servicequotas GetServiceQuota", 5, 5),
    0,
)];

/// Which of it answers which list or fact.
pub(crate) const SOURCES: &[SourceRow] = &[(
    "servicequotas.quotas",
    &["ecs:ListClusters", "ecs:ListServices", "ecs:DescribeServices", "servicequotas:GetServiceQuota"],
)];
