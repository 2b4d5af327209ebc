//! Distributions. CloudFront is asked once, in us-east-1.

use crate::ask::Ask;
use crate::ask::asked::client;
use crate::ask::listed::filled;
use crate::snapshot::cloudfront::{Cloudfront, Distribution, Origin, OriginHeader};
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::{GapId, Known, Snapshot};
use aws_sdk_cloudfront::types;

const DISTRIBUTIONS: &Operation = named("cloudfront", "ListDistributions");

/// The distributions of the account.
pub(crate) async fn collect(ask: &Ask, _found: &Snapshot) -> Snapshot {
    let client = client!(aws_sdk_cloudfront, ask.config());
    let distributions = ask
        .list(
            DISTRIBUTIONS,
            |marker| client.list_distributions().max_items(DISTRIBUTIONS.page_size).set_marker(marker).send(),
            |page| page.distribution_list().and_then(|list| list.next_marker.clone()),
            // An answer without its list is broken: it does not say that there are none.
            |page| match page.distribution_list {
                Some(list) => list.items.unwrap_or_default().into_iter().map(Some).collect(),
                None => vec![None],
            },
            |summary| {
                let missing = |arn: &str| ask.broken(DISTRIBUTIONS, Some(arn));
                let fingerprint = |value: &str| ask.fingerprint(value);
                Some(distribution(ask.region(), summary?, &fingerprint, &missing))
            },
        )
        .await;
    Snapshot { cloudfront: Cloudfront { distributions }, ..Snapshot::default() }
}

fn distribution(
    region: &str,
    summary: types::DistributionSummary,
    fingerprint: &dyn Fn(&str) -> String,
    missing: &dyn Fn(&str) -> GapId,
) -> Distribution {
    let default = summary.default_cache_behavior.as_ref().map(|behavior| behavior.viewer_protocol_policy());
    let others = summary.cache_behaviors.as_ref().map(|behaviors| behaviors.items()).unwrap_or_default();
    let others = others.iter().map(|behavior| behavior.viewer_protocol_policy());
    let viewer_protocol_policies =
        default.into_iter().chain(others).map(|policy| policy.as_str().to_owned()).collect();
    let certificate = summary.viewer_certificate;
    let acm = certificate.as_ref().and_then(|certificate| filled(certificate.acm_certificate_arn.clone()));
    let iam = certificate.as_ref().and_then(|certificate| filled(certificate.iam_certificate_id.clone()));
    let has_default =
        certificate.as_ref().and_then(|certificate| certificate.cloud_front_default_certificate);
    // Whoever names another certificate does not use CloudFront's own.
    let uses_default_certificate = has_default.or((acm.is_some() || iam.is_some()).then_some(false));
    let method = certificate.as_ref().and_then(|certificate| certificate.ssl_support_method());
    let ssl_support_method = match (uses_default_certificate, method) {
        // With CloudFront's own certificate the method that is answered means nothing.
        (Some(true), _) => Known::Yes(None),
        (_, Some(method)) => Known::Yes(Some(method.as_str().to_owned())),
        (_, None) => Known::No(missing(&summary.arn)),
    };
    let uses_default_certificate = uses_default_certificate.ok_or_else(|| missing(&summary.arn)).into();
    let version = certificate.as_ref().and_then(|certificate| certificate.minimum_protocol_version());
    let origins = summary.origins.map(|origins| origins.items).unwrap_or_default();
    Distribution {
        arn: summary.arn,
        region: region.to_owned(),
        id: summary.id,
        domain_name: summary.domain_name,
        aliases: summary.aliases.and_then(|aliases| aliases.items).unwrap_or_default(),
        enabled: summary.enabled,
        web_acl_id: filled(Some(summary.web_acl_id)),
        origins: origins.into_iter().map(|answered| origin(answered, fingerprint)).collect(),
        viewer_protocol_policies,
        minimum_protocol_version: version.map(|version| version.as_str().to_owned()),
        uses_default_certificate,
        acm_certificate_arn: Known::Yes(acm),
        iam_certificate_id: Known::Yes(iam),
        ssl_support_method,
    }
}

/// The headers' values often are a secret that the origin checks: they end here.
fn origin(origin: types::Origin, fingerprint: &dyn Fn(&str) -> String) -> Origin {
    let headers = origin.custom_headers.and_then(|headers| headers.items).unwrap_or_default();
    let kept = |header: types::OriginCustomHeader| OriginHeader {
        value_fingerprint: fingerprint(&header.header_value),
        name: header.header_name,
    };
    let policy = origin.custom_origin_config.map(|config| config.origin_protocol_policy);
    Origin {
        id: origin.id,
        domain_name: origin.domain_name,
        protocol_policy: policy.map(|policy| policy.as_str().to_owned()),
        custom_headers: headers.into_iter().map(kept).collect(),
        is_vpc_origin: origin.vpc_origin_config.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_cloudfront::types::{
        CustomHeaders, CustomOriginConfig, OriginCustomHeader, OriginProtocolPolicy, VpcOriginConfig,
    };

    fn header(name: &str, value: &str) -> OriginCustomHeader {
        OriginCustomHeader::builder().header_name(name).header_value(value).build().unwrap()
    }

    #[test]
    fn header_values_end_here() {
        let headers =
            CustomHeaders::builder().quantity(1).items(header("X-Origin-Verify", "s3cret")).build().unwrap();
        let config = CustomOriginConfig::builder()
            .http_port(80)
            .https_port(443)
            .origin_protocol_policy(OriginProtocolPolicy::HttpOnly)
            .build()
            .unwrap();
        let answered = types::Origin::builder()
            .id("alb")
            .domain_name("alb.example")
            .custom_headers(headers)
            .custom_origin_config(config)
            .build()
            .unwrap();
        let kept = origin(answered, &|_| "fingerprint".to_owned());
        let header = &kept.custom_headers[0];
        assert_eq!(
            (header.name.as_str(), header.value_fingerprint.as_str()),
            ("X-Origin-Verify", "fingerprint")
        );
        assert_eq!(kept.protocol_policy.as_deref(), Some("http-only"));
        assert!(!format!("{kept:?}").contains("s3cret"));
    }

    #[test]
    fn a_vpc_origin_has_no_protocol_policy() {
        let config = VpcOriginConfig::builder().vpc_origin_id("vo_1").build().unwrap();
        let answered =
            types::Origin::builder().id("alb").domain_name("alb").vpc_origin_config(config).build().unwrap();
        let kept = origin(answered, &|_| String::new());
        assert!(kept.is_vpc_origin);
        assert_eq!(kept.protocol_policy, None);
    }
}
