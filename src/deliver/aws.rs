//! The AWS configuration of what is delivered: credentials as the AWS CLI finds them, and
//! a client that the audit does not share.

use super::Access;
use crate::ask::answer::{ANSWER_LIMIT_BYTES, Bounded};
use crate::ask::credentials::{Wanted, sdk_config, shared_config};
use crate::ask::network::HttpNetwork;
use crate::shared_config::SharedConfigError;
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

/// Why there is no client to deliver with.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The operating system gives no sockets or timers.
    #[error(transparent)]
    Start(#[from] std::io::Error),
    /// The AWS configuration, a proxy or a file of certificates cannot be used.
    #[error(transparent)]
    SharedConfig(#[from] SharedConfigError),
}

/// The configuration to make clients from; with other credentials where some are given.
pub(crate) async fn load(
    access: &Access,
    credentials: Option<SharedCredentialsProvider>,
) -> Result<SdkConfig, SharedConfigError> {
    let shared = shared_config(access.profile.as_deref())?;
    let wanted = Wanted {
        region: access.region.as_deref(),
        endpoint_url: access.endpoint_url.as_deref(),
        retry: RetryConfig::standard().with_max_attempts(ATTEMPTS),
        timeouts: TimeoutConfig::builder()
            .connect_timeout(Duration::from_millis(3100))
            .operation_attempt_timeout(Duration::from_secs(10))
            .operation_timeout(Duration::from_secs(30))
            .build(),
    };
    let limit_bytes = access.answer_limit_bytes.unwrap_or(ANSWER_LIMIT_BYTES);
    let http = Bounded::client(HttpNetwork::for_aws(&shared)?.client(), limit_bytes);
    let config = sdk_config(&shared, http, wanted, credentials).await?;
    if config.region().is_some() {
        return Ok(config);
    }
    Ok(config.into_builder().region(Region::from_static(FALLBACK_REGION)).build())
}
