//! When the certificates of listeners and distributions end.

use super::ServedCertificate;
use crate::arn::Arn;
use crate::conclude::lookup;
use crate::snapshot::acm::Certificate;
use crate::snapshot::cloudfront::Distribution;
use crate::snapshot::elb::Listener;
use crate::snapshot::iam::ServerCertificate;
use crate::snapshot::known::Known;
use crate::snapshot::{GapId, Snapshot};
use crate::text::Text;
use jiff::Timestamp;

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// See [`crate::conclude::FUNCTIONS`].
pub(crate) fn listener_certificates(snapshot: &Snapshot, listener: &Listener) -> Vec<ServedCertificate> {
    if !listener.speaks_tls() {
        return Vec::new();
    }
    let named = |arn: &String, is_default: bool| served_by_arn(snapshot, &listener.region, arn, is_default);
    let mut served: Vec<ServedCertificate> =
        listener.certificate_arns.iter().map(|arn| named(arn, true)).collect();
    match listener.further_certificate_arns.ask() {
        Ok(further) => {
            let others = further.iter().filter(|arn| !listener.certificate_arns.contains(arn));
            served.extend(others.map(|arn| named(arn, false)));
        }
        // What is known of the default certificate stays known.
        Err(gap) => served.push(hidden("", false, "none", &gap)),
    }
    served
}

/// See [`crate::conclude::FUNCTIONS`].
pub(crate) fn distribution_certificates(
    snapshot: &Snapshot,
    distribution: &Distribution,
) -> Known<Vec<ServedCertificate>> {
    let acm = distribution.acm_certificate_arn.ask();
    let iam = distribution.iam_certificate_id.ask();
    let served = acm.and_then(|acm| {
        let mut served = Vec::new();
        served.extend(acm.as_ref().map(|arn| served_by_arn(snapshot, &distribution.region, arn, true)));
        served.extend(iam?.as_ref().map(|id| served_by_id(snapshot, id)));
        Ok(served)
    });
    served.into()
}

fn served_by_arn(snapshot: &Snapshot, region: &str, arn: &str, is_default: bool) -> ServedCertificate {
    if Arn::parse(arn).is_some_and(|arn| arn.service == "iam") {
        let certificates = &snapshot.iam.server_certificates;
        return match lookup::by_arn(certificates, arn, |certificate| &certificate.arn) {
            Some(certificate) => of_iam(snapshot, certificate, is_default),
            None => hidden(arn, is_default, "iam", &server_certificate_gap(snapshot, arn)),
        };
    }
    let certificates = &snapshot.acm.certificates;
    match lookup::by_arn(certificates, arn, |certificate| &certificate.arn) {
        Some(certificate) => of_acm(snapshot, certificate, is_default),
        None => {
            // A complete list lacks what another account owns, or what is gone.
            let asked =
                certificates.gap_about(arn).cloned().or_else(|| certificates.complete_in(region).err());
            let gap = asked.unwrap_or_else(|| GapId::new("acm:DescribeCertificate", region, Some(arn)));
            hidden(arn, is_default, "acm", &gap)
        }
    }
}

fn served_by_id(snapshot: &Snapshot, id: &str) -> ServedCertificate {
    match snapshot.iam.server_certificates.iter().find(|certificate| certificate.id == id) {
        Some(certificate) => of_iam(snapshot, certificate, true),
        None => hidden(id, true, "iam", &server_certificate_gap(snapshot, id)),
    }
}

fn server_certificate_gap(snapshot: &Snapshot, about: &str) -> GapId {
    let first = snapshot.iam.server_certificates.incomplete.first().cloned();
    first.unwrap_or_else(|| GapId::new("iam:ListServerCertificates", "us-east-1", Some(about)))
}

fn of_acm(snapshot: &Snapshot, certificate: &Certificate, is_default: bool) -> ServedCertificate {
    let expires_in_days = days_left(snapshot, certificate.not_after.as_deref());
    let status = Some(certificate.status.clone());
    ServedCertificate {
        arn: certificate.arn.clone(),
        is_default,
        store: "acm".to_owned(),
        domain_names: certificate.names.clone(),
        is_in_use: certificate.in_use_by.clone().map(|users| !users.is_empty()),
        is_renewed_by_aws: Known::Yes(certificate.kind != "IMPORTED"),
        renewal_status: certificate.renewal_status.clone(),
        summary: summary(&expires_in_days, status.as_deref(), &certificate.renewal_status),
        status: Known::Yes(status),
        expires_in_days,
    }
}

fn of_iam(snapshot: &Snapshot, certificate: &ServerCertificate, is_default: bool) -> ServedCertificate {
    let expires_in_days = match certificate.not_after.as_deref() {
        None => {
            Known::No(GapId::new("iam:ListServerCertificates", &certificate.region, Some(&certificate.arn)))
        }
        end => days_left(snapshot, end),
    };
    ServedCertificate {
        arn: certificate.arn.clone(),
        is_default,
        store: "iam".to_owned(),
        domain_names: Known::Yes(Vec::new()),
        is_in_use: Known::Yes(true),
        status: Known::Yes(None),
        is_renewed_by_aws: Known::Yes(false),
        renewal_status: Known::Yes(None),
        summary: summary(&expires_in_days, None, &Known::Yes(None)),
        expires_in_days,
    }
}

fn hidden(arn: &str, is_default: bool, store: &str, gap: &GapId) -> ServedCertificate {
    let expires_in_days = Known::No(gap.clone());
    ServedCertificate {
        arn: arn.to_owned(),
        is_default,
        store: store.to_owned(),
        domain_names: Known::No(gap.clone()),
        is_in_use: Known::No(gap.clone()),
        status: Known::No(gap.clone()),
        is_renewed_by_aws: Known::No(gap.clone()),
        renewal_status: Known::No(gap.clone()),
        summary: summary(&expires_in_days, None, &Known::No(gap.clone())),
        expires_in_days,
    }
}

/// Days from the scan to the end of a certificate; null for one that has none yet.
fn days_left(snapshot: &Snapshot, not_after: Option<&str>) -> Known<Option<i64>> {
    match not_after {
        None => Known::Yes(None),
        Some(end) => {
            let days = days_between(&snapshot.taken_at, end);
            days.map(Some).ok_or_else(GapId::default).into()
        }
    }
}

fn days_between(from: &str, to: &str) -> Option<i64> {
    let from: Timestamp = from.parse().ok()?;
    let to: Timestamp = to.parse().ok()?;
    Some((to.as_second() - from.as_second()).div_euclid(DAY_SECONDS))
}

fn summary(days: &Known<Option<i64>>, status: Option<&str>, renewal: &Known<Option<String>>) -> Text {
    let (en, ja) = match (days, status) {
        (_, Some("REVOKED")) => ("has been revoked".to_owned(), "取り消されている".to_owned()),
        (Known::No(_), _) => ("ends on a day that is not known".to_owned(), "期限を確認できない".to_owned()),
        (Known::Yes(None), status) => {
            let status = status.unwrap_or("-");
            (format!("was never issued (status {status})"), format!("発行されていない（状態 {status}）"))
        }
        (Known::Yes(Some(days)), _) if *days < 0 => {
            let ago = days.saturating_neg();
            (format!("expired {} ago", in_days(ago)), format!("{ago} 日前に有効期限が切れた"))
        }
        (Known::Yes(Some(days)), _) => {
            let failed = matches!(renewal, Known::Yes(Some(status)) if status == "FAILED");
            match failed {
                true => (
                    format!("expires in {}, and its renewal has failed", in_days(*days)),
                    format!("あと {days} 日で有効期限が切れるが、自動更新に失敗している"),
                ),
                false => {
                    (format!("expires in {}", in_days(*days)), format!("あと {days} 日で有効期限が切れる"))
                }
            }
        }
    };
    Text::new(en, ja)
}

fn in_days(days: i64) -> String {
    if days == 1 { "1 day".to_owned() } else { format!("{days} days") }
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

    fn listener(default: &[&str], further: Known<Vec<String>>) -> Listener {
        Listener {
            region: REGION.into(),
            protocol: Some("HTTPS".into()),
            certificate_arns: default.iter().map(|arn| (*arn).to_owned()).collect(),
            further_certificate_arns: further,
            ..Listener::default()
        }
    }

    fn found(snapshot: &Snapshot, arn: &str) -> ServedCertificate {
        listener_certificates(snapshot, &listener(&[arn], Known::Yes(Vec::new()))).remove(0)
    }

    #[test]
    fn days_are_counted_from_the_scan() {
        for (end, days, words) in [
            ("2026-01-31T12:00:00Z", 30, "expires in 30 days"),
            ("2026-01-31T11:59:59Z", 29, "expires in 29 days"),
            ("2026-01-02T13:00:00Z", 1, "expires in 1 day"),
            ("2026-01-01T13:00:00+00:00", 0, "expires in 0 days"),
            ("2026-01-01T11:59:59Z", -1, "expired 1 day ago"),
        ] {
            let certificate = found(&account(vec![certificate(SHOP, Some(end))]), SHOP);
            assert_eq!(certificate.expires_in_days, Known::Yes(Some(days)), "{end}");
            assert_eq!(certificate.summary.en, words);
        }
    }

    #[test]
    fn every_certificate_speaks_for_itself() {
        let imported = Certificate {
            kind: "IMPORTED".into(),
            names: Known::Yes(vec!["other.example.com".into()]),
            ..certificate(OTHER, Some("2026-01-11T12:00:00Z"))
        };
        let snapshot = account(vec![certificate(SHOP, Some("2026-06-01T00:00:00Z")), imported]);
        let further = Known::Yes(vec![OTHER.to_owned(), SHOP.to_owned()]);
        let served = listener_certificates(&snapshot, &listener(&[SHOP], further));
        let told: Vec<_> = served
            .iter()
            .map(|one| (one.arn.as_str(), one.is_default, one.expires_in_days.clone()))
            .collect();
        assert_eq!(
            told,
            [(SHOP, true, Known::Yes(Some(150))), (OTHER, false, Known::Yes(Some(10)))],
            "the default one is not named twice"
        );
        assert_eq!(served[1].is_renewed_by_aws, Known::Yes(false));
        assert_eq!(served[1].domain_names, Known::Yes(vec!["other.example.com".to_owned()]));
        let plain = Listener { protocol: Some("HTTP".into()), ..listener(&[SHOP], Known::default()) };
        assert_eq!(listener_certificates(&snapshot, &plain), []);
    }

    #[test]
    fn unlisted_further_certificates_hide_only_themselves() {
        let snapshot = account(vec![certificate(SHOP, Some("2026-06-01T00:00:00Z"))]);
        let gap =
            GapId::new("elasticloadbalancing:DescribeListenerCertificates", REGION, Some("arn:listener"));
        let served = listener_certificates(&snapshot, &listener(&[SHOP], Known::No(gap.clone())));
        assert_eq!(served[0].expires_in_days, Known::Yes(Some(150)));
        assert_eq!((served[1].arn.as_str(), &served[1].expires_in_days), ("", &Known::No(gap)));
    }

    #[test]
    fn certificates_of_iam() {
        let mut snapshot = account(vec![]);
        let unlisted = GapId::new("iam:ListServerCertificates", "us-east-1", Some(KEPT_IN_IAM));
        assert_eq!(found(&snapshot, KEPT_IN_IAM).expires_in_days, Known::No(unlisted));
        snapshot.iam.server_certificates.items = vec![ServerCertificate {
            arn: KEPT_IN_IAM.into(),
            id: "ASCA1".into(),
            not_after: Some("2026-01-04T12:00:00Z".into()),
            ..ServerCertificate::default()
        }];
        let served = found(&snapshot, KEPT_IN_IAM);
        assert_eq!((served.expires_in_days, served.store.as_str()), (Known::Yes(Some(3)), "iam"));
        assert_eq!((served.is_renewed_by_aws, served.status), (Known::Yes(false), Known::Yes(None)));
        let distribution = Distribution {
            acm_certificate_arn: Known::Yes(None),
            iam_certificate_id: Known::Yes(Some("ASCA1".into())),
            ..Distribution::default()
        };
        let served = distribution_certificates(&snapshot, &distribution);
        assert_eq!(served.known().unwrap()[0].arn, KEPT_IN_IAM);
        let denied = GapId::new("iam:ListServerCertificates", "us-east-1", None);
        snapshot.iam.server_certificates.items.clear();
        snapshot.iam.server_certificates.incomplete = vec![denied.clone()];
        let served = distribution_certificates(&snapshot, &distribution);
        assert_eq!(served.known().unwrap()[0].expires_in_days, Known::No(denied));
    }

    #[test]
    fn distributions_name_one_certificate_or_none() {
        let snapshot = account(vec![certificate(SHOP, Some("2026-01-31T12:00:00Z"))]);
        let distribution = |acm: Known<Option<String>>| Distribution {
            region: "us-east-1".into(),
            acm_certificate_arn: acm,
            iam_certificate_id: Known::Yes(None),
            ..Distribution::default()
        };
        let served = |acm| distribution_certificates(&snapshot, &distribution(acm));
        assert_eq!(served(Known::Yes(None)), Known::Yes(Vec::new()));
        let one = served(Known::Yes(Some(SHOP.into())));
        assert_eq!(one.known().unwrap()[0].expires_in_days, Known::Yes(Some(30)));
        let unlisted = GapId::new("acm:DescribeCertificate", "us-east-1", Some(OTHER));
        let one = served(Known::Yes(Some(OTHER.into())));
        assert_eq!(one.known().unwrap()[0].expires_in_days, Known::No(unlisted));
        assert_eq!(served(Known::default()), Known::No(GapId::default()), "an older snapshot");
    }

    #[test]
    fn an_unlisted_certificate_stays_open() {
        let gap = GapId::new("acm:ListCertificates", REGION, None);
        let mut snapshot = account(vec![certificate(SHOP, Some("2026-06-01T00:00:00Z"))]);
        snapshot.acm.certificates.incomplete.push(gap.clone());
        assert_eq!(found(&snapshot, SHOP).expires_in_days, Known::Yes(Some(150)));
        assert_eq!(found(&snapshot, OTHER).expires_in_days, Known::No(gap));
        // Another account's, or one that is gone.
        let unlisted = GapId::new("acm:DescribeCertificate", REGION, Some(OTHER));
        assert_eq!(found(&account(vec![]), OTHER).expires_in_days, Known::No(unlisted));
        let unreadable = account(vec![certificate(SHOP, Some("soon"))]);
        assert_eq!(found(&unreadable, SHOP).expires_in_days, Known::No(GapId::default()));
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
        let first = found(&account(vec![hidden]), SHOP);
        assert_eq!(first.expires_in_days, Known::Yes(Some(30)));
        assert_eq!((first.domain_names, first.is_in_use), (Known::No(gap.clone()), Known::No(gap)));
    }

    #[test]
    fn what_is_wrong_besides_the_end_is_said() {
        let failed = Certificate {
            renewal_status: Known::Yes(Some("FAILED".into())),
            ..certificate(SHOP, Some("2026-02-15T12:00:00Z"))
        };
        let summary = found(&account(vec![failed]), SHOP).summary;
        assert_eq!(summary.en, "expires in 45 days, and its renewal has failed");
        assert_eq!(summary.ja, "あと 45 日で有効期限が切れるが、自動更新に失敗している");
        let pending = Certificate { status: "PENDING_VALIDATION".into(), ..certificate(SHOP, None) };
        let served = found(&account(vec![pending]), SHOP);
        assert_eq!(served.expires_in_days, Known::Yes(None));
        assert_eq!(served.summary.en, "was never issued (status PENDING_VALIDATION)");
        let revoked =
            Certificate { status: "REVOKED".into(), ..certificate(SHOP, Some("2026-06-01T00:00:00Z")) };
        assert_eq!(found(&account(vec![revoked]), SHOP).summary.en, "has been revoked");
    }
}
