//! Names in DNS: what Route 53 says about those that distributions fetch from. Route 53 is
//! global; its region here is us-east-1.

use super::listing::Listing;
use super::operation::{Operation, bucket, global};
use super::source::SourceRow;

crate::record! {
    /// Everything asked of Route 53.
    pub struct Route53 {
        /// The records of the names that enabled distributions fetch from, as far as no AWS service
        /// gave them, and of the names that those lead to; those of the account's public zones alone
        /// (ListHostedZones, ListResourceRecordSets).
        pub records: Listing<DnsRecord>,
    }

    /// A record: where a name leads.
    pub struct DnsRecord {
        /// Zone, name, type and set identifier.
        pub id: String,
        /// us-east-1, where Route 53 is asked.
        pub region: String,
        /// Its hosted zone, for instance Z0123456789ABC. Whether the internet asks this zone or another
        /// one of the same name is not seen from here.
        pub zone_id: String,
        /// The name that was looked for, in small letters and without the final dot.
        pub name: String,
        /// A, AAAA or CNAME.
        pub kind: String,
        /// Tells records of one name and type apart, for instance those of a weighted set; null for a simple one.
        pub set_identifier: Option<String>,
        /// Whether it is the record of a wildcard (*.example.com).
        pub is_wildcard: bool,
        /// Whether it leads to a name inside AWS (an alias) and not to what its value says.
        pub is_alias: bool,
        /// Where it leads: names in small letters and without the final dot, or IP addresses.
        pub targets: Vec<String>,
    }
}

/// How many names a name may lead through before it is given up.
pub(crate) const MOST_STEPS: usize = 8;

/// A host name as it compares: in small letters, without the final dot and without the
/// prefix that asks for both IP versions.
pub(crate) fn host(name: &str) -> String {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name.strip_prefix("dualstack.").map_or(name.clone(), str::to_owned)
}

/// Whether an AWS service gave the name, so that no record of anybody's says where it leads.
pub(crate) fn is_named_by_aws(host: &str) -> bool {
    const SUFFIXES: [&str; 6] = [
        ".amazonaws.com",
        ".amazonaws.com.cn",
        ".on.aws",
        ".awsapprunner.com",
        ".cloudfront.net",
        ".api.aws",
    ];
    SUFFIXES.iter().any(|suffix| host.ends_with(suffix))
}

// One bucket for the whole of Route 53, and for the whole account.
const fn route53(name: &'static str, permissions: &'static [&'static str], page_size: i32) -> Operation {
    global("route53", name, permissions, bucket("route53", 5, 5), page_size)
}

/// What is asked, in the order of names.
pub const OPERATIONS: &[Operation] = &[
    route53("ListHostedZones", &["route53:ListHostedZones"], 100)
        .list("HostedZones", "NextMarker")
        .at("GET /2013-04-01/hostedzone"),
    // From one name on: only that name's records are read of a zone.
    route53("ListResourceRecordSets", &["route53:ListResourceRecordSets"], 0)
        .at("GET /2013-04-01/hostedzone/{HostedZoneId}/rrset"),
];

/// Which of it answers which list or fact.
pub(crate) const SOURCES: &[SourceRow] = &[(
    "route53.records",
    &["cloudfront:ListDistributions", "route53:ListHostedZones", "route53:ListResourceRecordSets"],
)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_compare_without_case_dot_and_prefix() {
        assert_eq!(
            host("DualStack.Shop-1.ap-northeast-1.ELB.amazonaws.com."),
            "shop-1.ap-northeast-1.elb.amazonaws.com"
        );
        assert_eq!(host("origin.example.com"), "origin.example.com");
    }

    #[test]
    fn an_accelerator_may_lead_to_a_load_balancer() {
        assert!(is_named_by_aws("shop-1.ap-northeast-1.elb.amazonaws.com"));
        assert!(!is_named_by_aws("a1b2.awsglobalaccelerator.com"));
        assert!(!is_named_by_aws("amazonaws.com.example.com"));
    }
}
