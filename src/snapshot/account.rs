//! The account itself, for policies about all of it.

use super::Snapshot;

crate::record! {
    /// The account as a whole. Nothing is asked for it: it is the one that was audited.
    pub struct AuditedAccount {
        /// That of its root, for instance arn:aws:iam::123456789012:root.
        pub arn: String,
        /// Empty: it belongs to no region.
        pub region: String,
        /// The twelve digits.
        pub id: String,
    }
}

impl AuditedAccount {
    /// The account of a snapshot.
    pub(crate) fn of(snapshot: &Snapshot) -> AuditedAccount {
        AuditedAccount {
            arn: format!("arn:{}:iam::{}:root", snapshot.partition, snapshot.account),
            region: String::new(),
            id: snapshot.account.clone(),
        }
    }
}
