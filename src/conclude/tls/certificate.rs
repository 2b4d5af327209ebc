//! When a listener's certificate ends.

use super::ListenerCertificate;
use crate::arn::Arn;
use crate::conclude::lookup;
use crate::snapshot::acm::Certificate;
use crate::snapshot::elb::Listener;
use crate::snapshot::known::Known;
use crate::snapshot::{GapId, Snapshot};
use jiff::Timestamp;

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// See [`crate::conclude::FUNCTIONS`].
pub(crate) fn listener_certificate(snapshot: &Snapshot, listener: &Listener) -> ListenerCertificate {
    match first_to_end(snapshot, listener) {
        Ok(Some((certificate, days))) => ListenerCertificate {
            certificate_arn: Known::Yes(Some(certificate.arn.clone())),
            expires_in_days: Known::Yes(days),
            domain_names: certificate.names.clone(),
            is_in_use: certificate.in_use_by.clone().map(|users| !users.is_empty()),
            status: Known::Yes(Some(certificate.status.clone())),
            is_renewed_by_aws: Known::Yes(certificate.kind != "IMPORTED"),
            renewal_status: certificate.renewal_status.clone(),
        },
        Ok(None) => ListenerCertificate {
            certificate_arn: Known::Yes(None),
            expires_in_days: Known::Yes(None),
            domain_names: Known::Yes(Vec::new()),
            is_in_use: Known::Yes(false),
            status: Known::Yes(None),
            is_renewed_by_aws: Known::Yes(false),
            renewal_status: Known::Yes(None),
        },
        Err(gap) => ListenerCertificate {
            certificate_arn: Known::No(gap.clone()),
            expires_in_days: Known::No(gap.clone()),
            domain_names: Known::No(gap.clone()),
            is_in_use: Known::No(gap.clone()),
            status: Known::No(gap.clone()),
            is_renewed_by_aws: Known::No(gap.clone()),
            renewal_status: Known::No(gap),
        },
    }
}

/// The certificate that ends first, and the days until then. Certificates kept in IAM are
/// not Certificate Manager's and left out. One that was never issued has no end: it comes
/// first only when no other one has.
fn first_to_end<'a>(
    snapshot: &'a Snapshot,
    listener: &Listener,
) -> Result<Option<(&'a Certificate, Option<i64>)>, GapId> {
    let certificates = &snapshot.acm.certificates;
    let mut first: Option<(&Certificate, Option<i64>)> = None;
    let managed = listener.certificate_arns.iter().filter(|arn| is_managed(arn));
    for arn in managed {
        let found = lookup::by_arn(certificates, arn, |certificate| &certificate.arn);
        let certificate = found.ok_or_else(|| certificates.hidden_by(&listener.region, arn))?;
        let days = match certificate.not_after.as_deref() {
            Some(end) => Some(days_between(&snapshot.taken_at, end).ok_or_else(GapId::default)?),
            None => None,
        };
        let is_sooner = match (&first, days) {
            (None, _) | (Some((_, None)), Some(_)) => true,
            (Some((_, Some(earliest))), Some(days)) => days < *earliest,
            (Some(_), None) => false,
        };
        if is_sooner {
            first = Some((certificate, days));
        }
    }
    Ok(first)
}

fn is_managed(arn: &str) -> bool {
    Arn::parse(arn).is_some_and(|arn| arn.service == "acm")
}

fn days_between(from: &str, to: &str) -> Option<i64> {
    let from: Timestamp = from.parse().ok()?;
    let to: Timestamp = to.parse().ok()?;
    Some((to.as_second() - from.as_second()).div_euclid(DAY_SECONDS))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGION: &str = "ap-northeast-1";
    const SHOP: &str = "arn:aws:acm:ap-northeast-1:123456789012:certificate/shop";
    const OTHER: &str = "arn:aws:acm:ap-northeast-1:123456789012:certificate/other";
    const KEPT_IN_IAM: &str = "arn:aws:iam::123456789012:server-certificate/old";

    fn certificate(arn: &str, not_after: Option<&str>) -> Certificate {
        Certificate {
            arn: arn.into(),
            region: REGION.into(),
            status: "ISSUED".into(),
            kind: "AMAZON_ISSUED".into(),
            not_after: not_after.map(str::to_owned),
            names: Known::Yes(vec!["shop.example.com".into()]),
            in_use_by: Known::Yes(vec!["arn:lb".into()]),
            renewal_status: Known::Yes(None),
            ..Certificate::default()
        }
    }

    fn account(certificates: Vec<Certificate>) -> Snapshot {
        let mut snapshot =
            Snapshot::new("123456789012", "aws", "2026-01-01T12:00:00Z", &[REGION.to_owned()]).complete();
        snapshot.acm.certificates.items = certificates;
        snapshot
    }

    fn found(snapshot: &Snapshot, arns: &[&str]) -> ListenerCertificate {
        let listener = Listener {
            region: REGION.into(),
            certificate_arns: arns.iter().map(|arn| (*arn).to_owned()).collect(),
            ..Listener::default()
        };
        listener_certificate(snapshot, &listener)
    }

    #[test]
    fn days_are_counted_from_the_scan() {
        for (end, days) in [
            ("2026-01-31T12:00:00Z", 30),
            ("2026-01-31T11:59:59Z", 29),
            ("2026-01-01T13:00:00+00:00", 0),
            ("2026-01-01T11:59:59Z", -1),
        ] {
            let certificate = found(&account(vec![certificate(SHOP, Some(end))]), &[SHOP]);
            assert_eq!(certificate.expires_in_days, Known::Yes(Some(days)), "{end}");
        }
    }

    #[test]
    fn the_first_to_end_speaks() {
        let later = certificate(SHOP, Some("2026-06-01T00:00:00Z"));
        let sooner = Certificate {
            kind: "IMPORTED".into(),
            names: Known::Yes(vec!["other.example.com".into()]),
            ..certificate(OTHER, Some("2026-01-11T12:00:00Z"))
        };
        let first = found(&account(vec![later.clone(), sooner]), &[SHOP, OTHER]);
        assert_eq!(first.certificate_arn, Known::Yes(Some(OTHER.to_owned())));
        assert_eq!(first.expires_in_days, Known::Yes(Some(10)));
        assert_eq!(first.domain_names, Known::Yes(vec!["other.example.com".to_owned()]));
        assert_eq!((first.is_renewed_by_aws, first.is_in_use), (Known::Yes(false), Known::Yes(true)));

        let pending = certificate(OTHER, None);
        let first = found(&account(vec![later, pending.clone()]), &[OTHER, SHOP]);
        assert_eq!(first.certificate_arn, Known::Yes(Some(SHOP.to_owned())));
        let first = found(&account(vec![pending]), &[OTHER]);
        assert_eq!(
            (first.certificate_arn.known().cloned(), first.expires_in_days),
            (Some(Some(OTHER.to_owned())), Known::Yes(None))
        );
    }

    #[test]
    fn none_or_none_of_certificate_managers_is_null() {
        for arns in [&[][..], &[KEPT_IN_IAM][..]] {
            let first = found(&account(vec![]), arns);
            assert_eq!((first.certificate_arn, first.expires_in_days), (Known::Yes(None), Known::Yes(None)));
        }
    }

    #[test]
    fn an_unlisted_certificate_stays_open() {
        let gap = GapId::new("acm:ListCertificates", REGION, None);
        let mut snapshot = account(vec![certificate(SHOP, Some("2026-06-01T00:00:00Z"))]);
        snapshot.acm.certificates.incomplete.push(gap.clone());
        assert_eq!(found(&snapshot, &[SHOP]).expires_in_days, Known::Yes(Some(150)));
        assert_eq!(found(&snapshot, &[SHOP, OTHER]).expires_in_days, Known::No(gap));
        // Certificate Manager leaves certificates with some kinds of keys out unless asked.
        assert_eq!(found(&account(vec![]), &[OTHER]).expires_in_days, Known::No(GapId::default()));
        let unreadable = account(vec![certificate(SHOP, Some("soon"))]);
        assert_eq!(found(&unreadable, &[SHOP]).expires_in_days, Known::No(GapId::default()));
    }

    #[test]
    fn hidden_details_hide_only_themselves() {
        let gap = GapId::new("acm:DescribeCertificate", REGION, Some(SHOP));
        let hidden = Certificate {
            names: Known::No(gap.clone()),
            in_use_by: Known::No(gap.clone()),
            renewal_status: Known::No(gap.clone()),
            ..certificate(SHOP, Some("2026-01-31T12:00:00Z"))
        };
        let first = found(&account(vec![hidden]), &[SHOP]);
        assert_eq!(first.expires_in_days, Known::Yes(Some(30)));
        assert_eq!((first.domain_names, first.is_in_use), (Known::No(gap.clone()), Known::No(gap)));
    }
}
