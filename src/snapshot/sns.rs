//! Who is told: what SNS says about topics and their subscriptions.

use super::known::Known;
use super::listing::Listing;
use super::operation::{Operation, bucket, operation};
use super::source::SourceRow;

crate::record! {
    /// Everything asked of SNS.
    pub struct Sns {
        /// Topics (ListTopics).
        pub topics: Listing<Topic>,
    }

    /// A topic.
    pub struct Topic {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// The name.
        pub name: String,
        /// Its subscriptions (ListSubscriptions).
        pub subscriptions: Known<Vec<Subscription>>,
    }

    /// A subscription. The endpoint is dropped: it is an address of a person, or a URL
    /// that works like a password.
    pub struct Subscription {
        /// email, email-json, sms, https, http, lambda, sqs, application, firehose.
        pub protocol: String,
        /// Whether its owner agreed to it.
        pub confirmed: bool,
    }
}

/// What is asked, in the order of names.
pub const OPERATIONS: &[Operation] = &[
    operation(
        "sns",
        "ListSubscriptions",
        &["sns:ListSubscriptions"],
        bucket("sns ListSubscriptions", 30, 30),
        100,
    )
    .list("Subscriptions", "NextToken"),
    operation("sns", "ListTopics", &["sns:ListTopics"], bucket("sns ListTopics", 30, 30), 100)
        .list("Topics", "NextToken"),
];

/// Which of it answers which list or fact.
pub(crate) const SOURCES: &[SourceRow] = &[
    ("sns.topics", &["sns:ListTopics", "cloudwatch:DescribeAlarms"]),
    ("Topic.subscriptions", &["sns:ListSubscriptions"]),
];
