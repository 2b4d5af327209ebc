//! Buckets: all by name, and the configuration of those that load balancers log to.

use crate::ask::Ask;
use crate::ask::asked::client_config;
use crate::snapshot::elb::LoadBalancerAttributes;
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::s3::{Bucket, BucketElsewhere, S3};
use crate::snapshot::{GapId, Listing, Snapshot};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::Region;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::types::{self, ExpirationStatus, LifecycleRule, PublicAccessBlockConfiguration};
use std::collections::BTreeMap;

const BUCKETS: &Operation = named("s3", "ListBuckets");
const PUBLIC_ACCESS_BLOCK: &Operation = named("s3", "GetPublicAccessBlock");
const LOCATION: &Operation = named("s3", "GetBucketLocation");
const LIFECYCLE: &Operation = named("s3", "GetBucketLifecycleConfiguration");

/// The buckets of the account.
pub(crate) async fn collect(ask: &Ask, found: &Snapshot) -> Snapshot {
    let client = client_in(ask, ask.region());
    let destinations = log_destinations(found);
    let mut buckets = ask
        .list(
            BUCKETS,
            // S3 says a bucket's region only where pages are asked for.
            |token| client.list_buckets().max_buckets(BUCKETS.page_size).set_continuation_token(token).send(),
            |page| page.continuation_token.clone(),
            |page| page.buckets.unwrap_or_default(),
            |answer| bucket(ask.partition(), &destinations, answer),
        )
        .await;
    // Behind what the list lacks, any of them may be the account's.
    let elsewhere = match buckets.incomplete.is_empty() {
        true => elsewhere(found, &buckets),
        false => BTreeMap::new(),
    };
    let mut log_buckets_elsewhere =
        Listing::of(ask.each(elsewhere, |(name, region)| bucket_elsewhere(ask, name, region)).await);
    log_buckets_elsewhere.incomplete = buckets.incomplete.clone();
    buckets.items = ask.each(buckets.items, |bucket| with_configuration(ask, bucket)).await;
    for incomplete in [&mut buckets.incomplete, &mut log_buckets_elsewhere.incomplete] {
        incomplete.extend(hidden_destinations(found));
    }
    Snapshot { s3: S3 { buckets, log_buckets_elsewhere }, ..Snapshot::default() }
}

/// The buckets that load balancers log to and that the account does not have, with a region.
fn elsewhere(found: &Snapshot, buckets: &Listing<Bucket>) -> BTreeMap<String, String> {
    let is_own = |name: &str| buckets.iter().any(|bucket| bucket.name == name);
    let named = found.elb.load_balancers.iter().filter_map(|balancer| {
        let attributes = balancer.attributes.known()?;
        let name = attributes.access_logs_bucket.clone()?;
        let is_written = attributes.access_logs_enabled.known() == Some(&Some(true));
        (is_written && !is_own(&name)).then(|| (name, balancer.region.clone()))
    });
    named.collect()
}

/// Whether there is such a bucket. Its owner may forbid to say more, and so to say that.
async fn bucket_elsewhere(ask: &Ask, name: String, region: String) -> BucketElsewhere {
    let client = client_in(ask, &region);
    let location = async {
        match client.get_bucket_location().bucket(&name).send().await {
            Ok(_) => Ok(true),
            Err(error) if error.code() == Some("NoSuchBucket") => Ok(false),
            Err(error) => Err(error),
        }
    };
    let exists = ask.once(LOCATION, Some(&name), location).await.into();
    BucketElsewhere { region, name, exists }
}

/// The gaps behind which further log destinations may be: such a bucket is in the list, but
/// not as a destination.
fn hidden_destinations(found: &Snapshot) -> Vec<GapId> {
    let balancers = &found.elb.load_balancers;
    let is_written = |attributes: &LoadBalancerAttributes| attributes.access_logs_enabled.ask().map(drop);
    let unknown =
        balancers.iter().filter_map(|balancer| balancer.attributes.ask().and_then(is_written).err());
    balancers.incomplete.iter().cloned().chain(unknown).collect()
}

/// The buckets that load balancers write to, with the region of one that does: access logs
/// stay in the load balancer's region.
fn log_destinations(found: &Snapshot) -> BTreeMap<String, String> {
    let destination = |balancer: &crate::snapshot::elb::LoadBalancer| {
        let attributes = balancer.attributes.known()?;
        Some((attributes.access_logs_bucket.clone()?, balancer.region.clone()))
    };
    found.elb.load_balancers.iter().filter_map(destination).collect()
}

fn bucket(partition: &str, destinations: &BTreeMap<String, String>, bucket: types::Bucket) -> Option<Bucket> {
    let name = bucket.name?;
    let destination = destinations.get(&name);
    Some(Bucket {
        arn: crate::arn::arn(partition, "s3", "", "", &name),
        region: bucket.bucket_region.or_else(|| destination.cloned()).unwrap_or_default(),
        is_log_destination: destination.is_some(),
        name,
        ..Bucket::default()
    })
}

async fn with_configuration(ask: &Ask, bucket: Bucket) -> Bucket {
    if !bucket.is_log_destination {
        return bucket;
    }
    let client = client_in(ask, &bucket.region);
    let block = async {
        match client.get_public_access_block().bucket(&bucket.name).send().await {
            Ok(answer) => Ok(answer.public_access_block_configuration),
            Err(error) if error.code() == Some("NoSuchPublicAccessBlockConfiguration") => Ok(None),
            Err(error) => Err(error),
        }
    };
    let lifecycle = async {
        match client.get_bucket_lifecycle_configuration().bucket(&bucket.name).send().await {
            Ok(answer) => Ok(answer.rules.unwrap_or_default()),
            Err(error) if error.code() == Some("NoSuchLifecycleConfiguration") => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    };
    let (block, lifecycle) = tokio::join!(
        ask.once(PUBLIC_ACCESS_BLOCK, Some(&bucket.arn), block),
        ask.once(LIFECYCLE, Some(&bucket.arn), lifecycle),
    );
    Bucket {
        public_access_blocked: block.map(is_blocked).into(),
        has_lifecycle: lifecycle.map(|rules| is_any_enabled(&rules)).into(),
        ..bucket
    }
}

fn is_blocked(block: Option<PublicAccessBlockConfiguration>) -> bool {
    block.is_some_and(|block| {
        let settings = [
            block.block_public_acls,
            block.ignore_public_acls,
            block.block_public_policy,
            block.restrict_public_buckets,
        ];
        settings.iter().all(|setting| *setting == Some(true))
    })
}

fn is_any_enabled(rules: &[LifecycleRule]) -> bool {
    rules.iter().any(|rule| rule.status == ExpirationStatus::Enabled)
}

/// S3 answers about a bucket in the bucket's region alone.
fn client_in(ask: &Ask, region: &str) -> Client {
    let config = client_config!(aws_sdk_s3, ask.config())
        .region(Region::new(region.to_owned()))
        // An endpoint of one's own rarely has a DNS name for each bucket.
        .force_path_style(ask.config().endpoint_url().is_some())
        .build();
    Client::from_conf(config)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::Known;
    use crate::snapshot::elb::{LoadBalancer, LoadBalancerAttributes};

    #[test]
    fn only_log_destinations_are_asked_for() {
        let balancer = |attributes| LoadBalancer {
            region: "ap-northeast-1".to_owned(),
            attributes,
            ..LoadBalancer::default()
        };
        let logs = LoadBalancerAttributes {
            access_logs_enabled: Known::Yes(Some(true)),
            access_logs_bucket: Some("logs".to_owned()),
            ..LoadBalancerAttributes::default()
        };
        let silent = LoadBalancerAttributes {
            access_logs_enabled: Known::Yes(Some(false)),
            ..LoadBalancerAttributes::default()
        };
        let mut found = Snapshot::default().complete();
        found.elb.load_balancers.items = vec![
            balancer(Known::Yes(logs)),
            balancer(Known::Yes(silent)),
            balancer(Known::No(GapId::default())),
            // Whether it writes a log is not said.
            balancer(Known::Yes(LoadBalancerAttributes::default())),
        ];
        assert_eq!(hidden_destinations(&found), [GapId::default(), GapId::default()]);
        let destinations = log_destinations(&found);
        let answered = |name: &str| types::Bucket::builder().name(name).build();
        let logs = bucket("aws", &destinations, answered("logs")).unwrap();
        assert_eq!((logs.arn.as_str(), logs.region.as_str()), ("arn:aws:s3:::logs", "ap-northeast-1"));
        assert!(logs.is_log_destination);
        let other = bucket("aws", &destinations, answered("other")).unwrap();
        assert!(!other.is_log_destination);
        assert_eq!(other.public_access_blocked, Known::No(GapId::default()));
    }

    #[test]
    fn buckets_of_others_are_those_that_are_written_to_and_not_listed() {
        let balancer = |bucket: &str, is_enabled: bool| LoadBalancer {
            region: "ap-northeast-1".to_owned(),
            attributes: Known::Yes(LoadBalancerAttributes {
                access_logs_enabled: Known::Yes(Some(is_enabled)),
                access_logs_bucket: Some(bucket.to_owned()),
                ..LoadBalancerAttributes::default()
            }),
            ..LoadBalancer::default()
        };
        let mut found = Snapshot::default().complete();
        found.elb.load_balancers.items =
            vec![balancer("own", true), balancer("central", true), balancer("turned-off", false)];
        let own = Listing::of(vec![Bucket { name: "own".to_owned(), ..Bucket::default() }]);
        let expected = BTreeMap::from([("central".to_owned(), "ap-northeast-1".to_owned())]);
        assert_eq!(elsewhere(&found, &own), expected);
    }

    #[test]
    fn three_of_four_settings_do_not_block() {
        let block = |last: Option<bool>| {
            PublicAccessBlockConfiguration::builder()
                .block_public_acls(true)
                .ignore_public_acls(true)
                .block_public_policy(true)
                .set_restrict_public_buckets(last)
                .build()
        };
        assert!(is_blocked(Some(block(Some(true)))));
        assert!(!is_blocked(Some(block(None))));
        assert!(!is_blocked(None));
    }

    #[test]
    fn a_disabled_rule_is_no_lifecycle() {
        let rule = |status| LifecycleRule::builder().status(status).build().unwrap();
        assert!(!is_any_enabled(&[rule(ExpirationStatus::Disabled)]));
        assert!(is_any_enabled(&[rule(ExpirationStatus::Disabled), rule(ExpirationStatus::Enabled)]));
    }
}
