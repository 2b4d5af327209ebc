//! What leaves this machine after a run, and where it is kept there.
//!
//! Delivering has clients and permissions of its own: nothing here is among the operations
//! of an audit, which only reads. A role that is assumed for the audit is not used here.

#[cfg(feature = "aws")]
mod aws;
#[cfg(feature = "aws")]
pub mod s3;

/// With whose credentials AWS is asked to keep something. Without any word of it: as the
/// AWS CLI would.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// A profile of the AWS configuration.
    pub profile: Option<String>,
    /// One address for all services, for instance of a mock AWS.
    pub endpoint_url: Option<String>,
    /// The region to ask first, instead of that of the configuration.
    pub region: Option<String>,
}
