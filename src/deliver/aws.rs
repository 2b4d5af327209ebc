//! The AWS configuration of what is delivered: credentials as the AWS CLI finds them, and
//! a client that the audit does not share.

use super::Access;
use crate::ask::answer::{ANSWER_LIMIT_BYTES, Bounded};
use crate::ask::connect::https_client;
use aws_config::BehaviorVersion;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::SdkConfig;
use aws_types::region::Region;
use std::time::Duration;

/// Asked where no region is named anywhere.
const FALLBACK_REGION: &str = "us-east-1";

/// Attempts of one call: a brief network problem is not a reason to fail.
const ATTEMPTS: u32 = 4;

/// The configuration to make clients from; with other credentials where some are given.
pub(crate) async fn load(access: &Access, credentials: Option<SharedCredentialsProvider>) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_millis(3100))
        .operation_attempt_timeout(Duration::from_secs(10))
        .operation_timeout(Duration::from_secs(30))
        .build();
    let limit_bytes = access.answer_limit_bytes.unwrap_or(ANSWER_LIMIT_BYTES);
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(Bounded::client(https_client(), limit_bytes))
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .timeout_config(timeouts);
    if let Some(profile) = &access.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(endpoint) = &access.endpoint_url {
        loader = loader.endpoint_url(endpoint);
    }
    if let Some(region) = &access.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(credentials) = credentials {
        loader = loader.credentials_provider(credentials);
    }
    let config = loader.load().await;
    if config.region().is_some() {
        return config;
    }
    config.into_builder().region(Region::from_static(FALLBACK_REGION)).build()
}
