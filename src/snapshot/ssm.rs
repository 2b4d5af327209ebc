//! Parameters by name: what Systems Manager's Parameter Store lists; never a value.

use super::listing::Listing;

crate::record! {
    /// Everything asked of Parameter Store.
    pub struct Ssm {
        /// Parameters (DescribeParameters).
        pub parameters: Listing<Parameter>,
    }

    /// A parameter, without its value.
    pub struct Parameter {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// The name.
        pub name: String,
        /// String, StringList or SecureString.
        pub kind: String,
    }
}
