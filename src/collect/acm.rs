//! Certificates: the list, and a call for each.

use crate::ask::Ask;
use crate::ask::asked::client;
use crate::ask::listed::filled;
use crate::ask::regions::global_region;
use crate::ask::time::rfc_3339;
use crate::snapshot::acm::{Acm, Certificate};
use crate::snapshot::elb::{Listener, LoadBalancer};
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::{GapId, Known, Listing, Snapshot};
use aws_sdk_acm::Client;
use aws_sdk_acm::types::{CertificateDetail, CertificateSummary, Filters, KeyAlgorithm};
use std::collections::BTreeSet;

const CERTIFICATES: &Operation = named("acm", "ListCertificates");
const CERTIFICATE: &Operation = named("acm", "DescribeCertificate");

/// The certificates of a region, where something may show one: a listener with TLS, or a distribution,
/// whose certificates are in us-east-1.
pub(crate) async fn collect(ask: &Ask, found: &Snapshot) -> Snapshot {
    if !is_one_shown(ask, found) {
        let certificates = Listing::with_gaps(hidden(ask, found));
        return Snapshot { acm: Acm { certificates }, ..Snapshot::default() };
    }
    let client = client!(aws_sdk_acm, ask.config());
    // Without this, ACM lists certificates with RSA keys of 1024 and 2048 bits alone.
    let every_key = KeyAlgorithm::values().iter().map(|name| KeyAlgorithm::from(*name)).collect();
    let includes = Filters::builder().set_key_types(Some(every_key)).build();
    let mut certificates = ask
        .list(
            CERTIFICATES,
            |token| {
                let request = client.list_certificates().includes(includes.clone());
                request.max_items(CERTIFICATES.page_size).set_next_token(token).send()
            },
            |page| page.next_token.clone(),
            |page| page.certificate_summary_list.unwrap_or_default(),
            |summary| certificate(ask.region(), &summary),
        )
        .await;
    certificates.items = ask.each(certificates.items, |item| with_detail(ask, &client, item)).await;
    Snapshot { acm: Acm { certificates }, ..Snapshot::default() }
}

/// Whether something is known to show a certificate of the region.
fn is_one_shown(ask: &Ask, found: &Snapshot) -> bool {
    let shows = |lb: &LoadBalancer| {
        let listeners = lb.listeners.known().map(Vec::as_slice).unwrap_or_default();
        lb.region == ask.region() && listeners.iter().any(Listener::speaks_tls)
    };
    let is_for_distributions = ask.region() == global_region(ask.partition());
    found.elb.load_balancers.iter().any(shows)
        || (is_for_distributions && !found.cloudfront.distributions.items.is_empty())
}

/// What may hide something that shows one.
fn hidden(ask: &Ask, found: &Snapshot) -> Vec<GapId> {
    let balancers = &found.elb.load_balancers;
    let mut hidden: Vec<GapId> = balancers.hidden_in(ask.region()).cloned().collect();
    let here = balancers.iter().filter(|lb| lb.region == ask.region());
    hidden.extend(here.filter_map(|lb| lb.listeners.ask().err()));
    if ask.region() == global_region(ask.partition()) {
        hidden.extend(found.cloudfront.distributions.incomplete.iter().cloned());
    }
    hidden
}

/// The certificates that distributions use, where the scan does not list their region anyway.
pub(crate) async fn collect_of_distributions(ask: &Ask, found: &Snapshot) -> Snapshot {
    // Distributions that are not known may show certificates that are not asked for.
    let mut certificates = Listing::with_gaps(found.cloudfront.distributions.incomplete.clone());
    if !found.regions.iter().any(|region| region == ask.region()) {
        let client = client!(aws_sdk_acm, ask.config());
        let named = named_by_distributions(found);
        for answer in ask.each(named, |arn| described(ask, &client, arn)).await {
            match answer {
                Ok(certificate) => certificates.items.push(certificate),
                Err(gap) => certificates.incomplete.push(gap),
            }
        }
    }
    Snapshot { acm: Acm { certificates }, ..Snapshot::default() }
}

fn named_by_distributions(found: &Snapshot) -> BTreeSet<String> {
    let used = found.cloudfront.distributions.iter().filter(|distribution| distribution.enabled);
    used.filter_map(|distribution| distribution.acm_certificate_arn.known()?.clone()).collect()
}

async fn described(ask: &Ask, client: &Client, arn: String) -> Result<Certificate, GapId> {
    let call = client.describe_certificate().certificate_arn(&arn).send();
    let answer = ask.once(CERTIFICATE, Some(&arn), call).await?;
    let detail = answer.certificate.ok_or_else(|| ask.broken(CERTIFICATE, Some(&arn)))?;
    let nothing = Certificate { arn, region: ask.region().to_owned(), ..Certificate::default() };
    Ok(detailed(nothing, detail))
}

fn certificate(region: &str, summary: &CertificateSummary) -> Option<Certificate> {
    Some(Certificate {
        arn: summary.certificate_arn.clone()?,
        region: region.to_owned(),
        domain_name: summary.domain_name.clone().unwrap_or_default(),
        status: summary.status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
        kind: summary.r#type().map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        not_after: summary.not_after().and_then(rfc_3339),
        ..Certificate::default()
    })
}

async fn with_detail(ask: &Ask, client: &Client, certificate: Certificate) -> Certificate {
    let call = client.describe_certificate().certificate_arn(&certificate.arn).send();
    let detail = match ask.once(CERTIFICATE, Some(&certificate.arn), call).await {
        Ok(answer) => answer.certificate.ok_or_else(|| ask.broken(CERTIFICATE, Some(&certificate.arn))),
        Err(gap) => Err(gap),
    };
    match detail {
        Ok(detail) => detailed(certificate, detail),
        Err(gap) => Certificate {
            names: Known::No(gap.clone()),
            in_use_by: Known::No(gap.clone()),
            renewal_status: Known::No(gap),
            ..certificate
        },
    }
}

fn detailed(certificate: Certificate, detail: CertificateDetail) -> Certificate {
    let renewal = detail.renewal_summary.as_ref();
    let renewal_status = renewal.map(|summary| summary.renewal_status().as_str().to_owned());
    // What the list leaves out, the detail says.
    let or = |listed: String, detailed: Option<String>| filled(Some(listed)).or(detailed).unwrap_or_default();
    let status = detail.status.as_ref().map(|status| status.as_str().to_owned());
    let kind = detail.r#type.as_ref().map(|kind| kind.as_str().to_owned());
    let mut names = detail.subject_alternative_names.unwrap_or_default();
    let domain_name = or(certificate.domain_name, detail.domain_name);
    if !domain_name.is_empty() && !names.contains(&domain_name) {
        names.insert(0, domain_name.clone());
    }
    Certificate {
        domain_name,
        status: or(certificate.status, status),
        kind: or(certificate.kind, kind),
        not_after: certificate.not_after.or(detail.not_after.as_ref().and_then(rfc_3339)),
        names: Known::Yes(names),
        in_use_by: Known::Yes(detail.in_use_by.unwrap_or_default()),
        renewal_status: Known::Yes(renewal_status),
        arn: certificate.arn,
        region: certificate.region,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::cloudfront::Distribution;
    use aws_sdk_acm::types::{CertificateStatus, CertificateType};
    use aws_smithy_types::DateTime;

    fn listed() -> CertificateSummary {
        CertificateSummary::builder().certificate_arn("arn:1").domain_name("shop.example").build()
    }

    #[test]
    fn the_detail_fills_in_what_the_list_leaves_out() {
        let detail = CertificateDetail::builder()
            .status(CertificateStatus::Issued)
            .r#type(CertificateType::Imported)
            .not_after(DateTime::from_secs(1_800_000_000))
            .subject_alternative_names("www.shop.example")
            .in_use_by("arn:lb")
            .build();
        let made = detailed(certificate("us-east-1", &listed()).unwrap(), detail);
        assert_eq!((made.status.as_str(), made.kind.as_str()), ("ISSUED", "IMPORTED"));
        assert_eq!(made.not_after.as_deref(), Some("2027-01-15T08:00:00Z"));
        let names = made.names.known().unwrap();
        assert_eq!(*names, ["shop.example", "www.shop.example"]);
        assert_eq!(made.renewal_status, Known::Yes(None));
    }

    #[test]
    fn a_certificate_that_was_not_issued_has_no_end() {
        let made =
            detailed(certificate("us-east-1", &listed()).unwrap(), CertificateDetail::builder().build());
        assert_eq!(made.not_after, None);
        assert_eq!(made.in_use_by, Known::Yes(Vec::new()));
    }

    #[test]
    fn distributions_name_their_certificates_once_and_only_while_they_answer() {
        let distribution = |enabled: bool, arn: Option<&str>| Distribution {
            enabled,
            acm_certificate_arn: Known::Yes(arn.map(str::to_owned)),
            ..Distribution::default()
        };
        let mut found = Snapshot::default();
        found.cloudfront.distributions.items = vec![
            distribution(true, Some("arn:1")),
            distribution(true, Some("arn:1")),
            distribution(false, Some("arn:2")),
            distribution(true, None),
        ];
        assert_eq!(named_by_distributions(&found).into_iter().collect::<Vec<_>>(), ["arn:1"]);
    }

    #[test]
    fn every_key_algorithm_is_asked_for() {
        assert!(KeyAlgorithm::values().contains(&"EC_prime256v1"));
        assert!(KeyAlgorithm::values().contains(&"RSA_4096"));
    }
}
