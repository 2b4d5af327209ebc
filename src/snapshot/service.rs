//! What all services of the audit have in common: a row of the table `services!` in
//! `snapshot.rs`, as data.

use super::operation::Operation;
use super::shape::ShapeOf;
use super::source::SourceRow;

/// One service: what the audit asks of it and where the snapshot keeps the answers.
pub struct ServiceRow {
    /// Its section of the snapshot, as policies name it, for instance `elb`.
    pub section: &'static str,
    /// Its name in IAM actions, for instance `elasticloadbalancing`.
    pub prefix: &'static str,
    /// How it writes requests and answers.
    pub protocol: Protocol,
    /// The shape of its section.
    pub shape: ShapeOf,
    /// The lists in its section.
    pub listings: &'static [ListingRow],
    /// What is asked, in the order of names.
    pub operations: &'static [Operation],
    /// Which of it answers which list or fact.
    pub sources: &'static [SourceRow],
}

/// One list of a service.
pub struct ListingRow {
    /// The name of the list in its section, for instance `load_balancers`.
    pub name: &'static str,
    /// The questions that it is put together from, each asked in every region of a scan or once
    /// for the account. A list is complete in a region when all that are asked there were.
    pub questions: &'static [Scope],
}

/// Where a question is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// In every region of the scan.
    Regional,
    /// Once, in the region where the partition keeps its global services (us-east-1).
    Global,
}

/// How a service writes requests and answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// EC2: form in, XML out.
    Ec2Query,
    /// The other old services: form in, XML out.
    Query,
    /// `x-amz-target` and JSON.
    Json,
    /// CloudFront, S3 and Route 53: paths in, XML out.
    RestXml,
    /// Lambda, Backup and most young services: paths in, JSON out.
    RestJson,
    /// CloudWatch: Smithy RPC v2.
    Cbor,
}

impl Protocol {
    /// The extension of recorded answers.
    pub fn extension(self) -> &'static str {
        if self.is_json() { "json" } else { "xml" }
    }

    /// Whether recorded answers are JSON. CBOR is kept as JSON, too.
    pub fn is_json(self) -> bool {
        match self {
            Protocol::Json | Protocol::RestJson | Protocol::Cbor => true,
            Protocol::Ec2Query | Protocol::Query | Protocol::RestXml => false,
        }
    }

    /// The content type of answers.
    pub fn content_type(self) -> &'static str {
        match self {
            Protocol::Json => "application/x-amz-json-1.1",
            Protocol::RestJson => "application/json",
            Protocol::Cbor => "application/cbor",
            Protocol::Ec2Query | Protocol::Query | Protocol::RestXml => "text/xml",
        }
    }
}

/// The service with a name in IAM actions.
pub(crate) fn by_prefix(prefix: &str) -> Option<&'static ServiceRow> {
    super::SERVICES.iter().find(|service| service.prefix == prefix)
}
