//! Certificates that are kept in IAM, where something uses one of them.

use crate::arn::Arn;
use crate::ask::Ask;
use crate::ask::asked::client;
use crate::ask::time::rfc_3339;
use crate::snapshot::iam::{Iam, ServerCertificate};
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::{GapId, Listing, Snapshot};
use aws_sdk_iam::types::ServerCertificateMetadata;

const SERVER_CERTIFICATES: &Operation = named("iam", "ListServerCertificates");

/// All of them where a listener or a distribution uses one, none where none is used: what hides a user
/// may hide a certificate then.
pub(crate) async fn server_certificates(ask: &Ask, found: &Snapshot) -> Snapshot {
    let listed = match a_listener_uses_one(found) || a_distribution_uses_one(found) {
        true => list(ask).await,
        false => Listing::with_gaps(what_hides_users(found)),
    };
    Snapshot { iam: Iam { server_certificates: listed, ..Iam::default() }, ..Snapshot::default() }
}

async fn list(ask: &Ask) -> Listing<ServerCertificate> {
    let client = client!(aws_sdk_iam, ask.config());
    ask.list(
        SERVER_CERTIFICATES,
        |marker| {
            let request = client.list_server_certificates().max_items(SERVER_CERTIFICATES.page_size);
            request.set_marker(marker).send()
        },
        |page| page.marker.clone().filter(|_| page.is_truncated),
        |page| page.server_certificate_metadata_list,
        |metadata| Some(record(ask.region(), metadata)),
    )
    .await
}

fn record(region: &str, metadata: ServerCertificateMetadata) -> ServerCertificate {
    ServerCertificate {
        not_after: metadata.expiration.as_ref().and_then(rfc_3339),
        arn: metadata.arn,
        region: region.to_owned(),
        id: metadata.server_certificate_id,
        name: metadata.server_certificate_name,
    }
}

fn a_listener_uses_one(found: &Snapshot) -> bool {
    let is_in_iam = |arn: &String| Arn::parse(arn).is_some_and(|arn| arn.service == "iam");
    let mut listeners = found.elb.load_balancers.iter().filter_map(|lb| lb.listeners.known()).flatten();
    listeners.any(|listener| {
        let further = listener.further_certificate_arns.known().into_iter().flatten();
        listener.certificate_arns.iter().chain(further).any(is_in_iam)
    })
}

/// The gaps behind which a listener or a distribution may be that uses one.
fn what_hides_users(found: &Snapshot) -> Vec<GapId> {
    let load_balancers = &found.elb.load_balancers;
    let distributions = &found.cloudfront.distributions.incomplete;
    let mut hidden: Vec<GapId> = load_balancers.incomplete.iter().chain(distributions).cloned().collect();
    for lb in load_balancers.iter() {
        match lb.listeners.ask() {
            Ok(listeners) => {
                // Whoever has no certificate has no further ones, and they were not asked for.
                let with_one = listeners.iter().filter(|listener| !listener.certificate_arns.is_empty());
                let further = with_one.map(|listener| listener.further_certificate_arns.ask());
                hidden.extend(further.filter_map(Result::err));
            }
            Err(gap) => hidden.push(gap),
        }
    }
    hidden
}

fn a_distribution_uses_one(found: &Snapshot) -> bool {
    let mut used = found.cloudfront.distributions.iter().filter(|distribution| distribution.enabled);
    used.any(|distribution| matches!(distribution.iam_certificate_id.known(), Some(Some(_))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::Known;
    use crate::snapshot::cloudfront::Distribution;
    use crate::snapshot::elb::{Listener, LoadBalancer};
    use aws_smithy_types::DateTime;

    const ACM: &str = "arn:aws:acm:ap-northeast-1:123456789012:certificate/1";
    const IAM: &str = "arn:aws:iam::123456789012:server-certificate/old";

    #[test]
    fn only_what_is_used_is_asked_for() {
        for (default, further, expected) in
            [(ACM, Some(ACM), false), (IAM, Some(ACM), true), (ACM, Some(IAM), true), (ACM, None, false)]
        {
            let further = further.map(|arn| vec![arn.to_owned()]);
            let listener = Listener {
                certificate_arns: vec![default.to_owned()],
                further_certificate_arns: further.map_or_else(Known::default, Known::Yes),
                ..Listener::default()
            };
            let mut found = Snapshot::default();
            found.elb.load_balancers.items =
                vec![LoadBalancer { listeners: Known::Yes(vec![listener]), ..LoadBalancer::default() }];
            assert_eq!(a_listener_uses_one(&found), expected, "{default}");
        }
        for (enabled, id, expected) in
            [(true, Some("ASCA"), true), (false, Some("ASCA"), false), (true, None, false)]
        {
            let mut found = Snapshot::default();
            found.cloudfront.distributions.items = vec![Distribution {
                enabled,
                iam_certificate_id: Known::Yes(id.map(str::to_owned)),
                ..Distribution::default()
            }];
            assert_eq!(a_distribution_uses_one(&found), expected);
        }
    }

    #[test]
    fn what_was_not_asked_of_plain_listeners_hides_nothing() {
        let gap =
            GapId::new("elasticloadbalancing:DescribeListenerCertificates", "eu-west-1", Some("listener"));
        for (certificates, further, expected) in [
            (Vec::new(), Known::default(), Vec::new()),
            (vec![ACM.to_owned()], Known::No(gap.clone()), vec![gap]),
        ] {
            let listener = Listener {
                certificate_arns: certificates,
                further_certificate_arns: further,
                ..Listener::default()
            };
            let mut found = Snapshot::default().complete();
            found.elb.load_balancers.items =
                vec![LoadBalancer { listeners: Known::Yes(vec![listener]), ..LoadBalancer::default() }];
            assert_eq!(what_hides_users(&found), expected);
        }
    }

    #[test]
    fn the_end_is_kept() {
        let metadata = ServerCertificateMetadata::builder()
            .path("/")
            .server_certificate_name("old")
            .server_certificate_id("ASCA1")
            .arn(IAM)
            .expiration(DateTime::from_secs(1_800_000_000))
            .build()
            .unwrap();
        let made = record("us-east-1", metadata);
        assert_eq!((made.id.as_str(), made.name.as_str()), ("ASCA1", "old"));
        assert_eq!(made.not_after.as_deref(), Some("2027-01-15T08:00:00Z"));
    }
}
