//! Whose credentials these are, and why there are none.

use super::asked::client;
use super::failure::{NO_SUCH_HOST, classify};
use super::network::{ProxyRefused, ProxyUnreachable, UntrustedCertificate};
use super::{CollectError, ScanOptions};
use crate::arn::Arn;
use crate::snapshot::Cause;
use aws_config::imds::client::error::ImdsError;
use aws_config::retry::RetryConfig;
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_sdk_sts::operation::assume_role_with_web_identity::AssumeRoleWithWebIdentityError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::SdkConfig;
use aws_types::region::Region;
use std::error::Error;

/// Where the identity is asked for when no region is known yet.
pub(super) const FALLBACK_REGION: &str = "us-east-1";

/// The account and partition of the credentials.
pub(super) async fn identity(
    config: &SdkConfig,
    options: &ScanOptions,
) -> Result<(String, String), CollectError> {
    let fallback = Region::from_static(FALLBACK_REGION);
    let region = config.region().cloned().unwrap_or(fallback.clone());
    let refused = match identity_in(config, &region, options).await {
        Err(CollectError::NoIdentity { code }) if code == NO_SUCH_HOST && region != fallback => code,
        answer => return answer,
    };
    // Either the region does not exist, whoever named it, or the network is at fault: then no
    // region answers.
    match identity_in(config, &fallback, options).await {
        Err(CollectError::NoIdentity { code }) if code == NO_SUCH_HOST => {
            Err(CollectError::NoIdentity { code: refused })
        }
        _ => Err(CollectError::UnknownRegion { region: region.to_string(), known: Vec::new() }),
    }
}

async fn identity_in(
    config: &SdkConfig,
    region: &Region,
    options: &ScanOptions,
) -> Result<(String, String), CollectError> {
    // A host that does not exist would be looked for six times.
    let retry = config.retry_config().cloned().unwrap_or_else(RetryConfig::standard).with_max_attempts(2);
    let config = config.to_builder().region(region.clone()).retry_config(retry).build();
    let answer = client!(aws_sdk_sts, &config).get_caller_identity().send().await;
    let identity = answer.map_err(|error| no_identity(&error, options))?;
    let arn = identity.arn().and_then(Arn::parse);
    match (identity.account(), arn) {
        (Some(account), Some(arn)) => Ok((account.to_owned(), arn.partition.to_owned())),
        _ => Err(CollectError::NoIdentity { code: "MalformedResponse".to_owned() }),
    }
}

fn no_identity<E>(error: &SdkError<E, HttpResponse>, options: &ScanOptions) -> CollectError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let mut link: Option<&(dyn Error + 'static)> = Some(error);
    let mut credentials = None;
    let mut is_elsewhere = false;
    let mut role_refused = None;
    while let Some(error) = link {
        if let Some(UntrustedCertificate { host, variable, issuer, distrust }) = error.downcast_ref() {
            return CollectError::UntrustedCertificate {
                host: host.clone(),
                variable: variable.clone(),
                issuer: issuer.clone(),
                distrust: *distrust,
            };
        }
        if let Some(ProxyUnreachable { variable }) = error.downcast_ref() {
            return CollectError::ProxyUnreachable { variable: variable.clone() };
        }
        if let Some(ProxyRefused { host, variable }) = error.downcast_ref() {
            return CollectError::ProxyRefused { host: host.clone(), variable: variable.clone() };
        }
        let refusal = error.downcast_ref::<SdkError<AssumeRoleError, HttpResponse>>().map(classify);
        let of_token = error.downcast_ref::<SdkError<AssumeRoleWithWebIdentityError, HttpResponse>>();
        if let Some((_, code)) = refusal.or_else(|| of_token.map(classify)) {
            role_refused =
                role_refused.or(Some(CollectError::RoleRefused { role_arn: options.role_arn.clone(), code }));
        }
        credentials = credentials.or_else(|| error.downcast_ref::<CredentialsError>());
        // The metadata service is the last place to look, and only machines in AWS have one.
        is_elsewhere |= error.is::<ImdsError>();
        link = error.source();
    }
    if let Some(refused) = role_refused {
        return refused;
    }
    match credentials {
        Some(error) if is_elsewhere || matches!(error, CredentialsError::CredentialsNotLoaded(_)) => {
            match &options.profile {
                Some(profile) => CollectError::NoCredentialsInProfile { profile: profile.clone() },
                None => CollectError::NoCredentials,
            }
        }
        Some(CredentialsError::ProviderTimedOut(_)) => CollectError::CredentialsTimedOut,
        // What the configuration reader says is about local files, for instance which
        // profile is missing.
        Some(CredentialsError::InvalidConfiguration(invalid)) => {
            CollectError::BrokenCredentials { reason: deepest(error, &format!("{invalid:?}")) }
        }
        Some(_) => CollectError::NoCredentialsFromSource,
        None => match classify(error) {
            (Cause::Credentials | Cause::Denied, code) => CollectError::CredentialsRefused { code },
            (_, code) => CollectError::NoIdentity { code },
        },
    }
}

/// The text at the end of an error's chain, where the reason is.
fn deepest(error: &(dyn Error + 'static), otherwise: &str) -> String {
    let mut reason = otherwise.to_owned();
    let mut link = error.source();
    while let Some(error) = link {
        reason = error.to_string();
        link = error.source();
    }
    reason
}
