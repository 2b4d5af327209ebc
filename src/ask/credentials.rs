//! From what the AWS configuration says to what the SDK asks for credentials with.

use super::identity::FALLBACK_REGION;
use super::network::surroundings;
use crate::shared_config::source::{CredentialPlan, CredentialSource, plan};
use crate::shared_config::{SharedConfig, SharedConfigError};
use aws_config::BehaviorVersion;
use aws_config::credential_process::CredentialProcessProvider;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::imds;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::imds::region::ImdsRegionProvider;
use aws_config::meta::region::ProvideRegion;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::SdkConfig;
use aws_types::region::Region;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

/// What is asked for, beside what variables and files say.
pub(crate) struct Wanted<'a> {
    /// The region, instead of that of the configuration.
    pub region: Option<&'a str>,
    /// One address for all services that are audited; credentials come from where they always do.
    pub endpoint_url: Option<&'a str>,
    /// How often a call is sent.
    pub retry: RetryConfig,
    /// How long a call may take.
    pub timeouts: TimeoutConfig,
}

/// The files that the AWS CLI would read, and the profile that it would use.
///
/// # Errors
/// They cannot be read, or the profile does not exist.
pub(crate) fn shared_config(profile: Option<&str>) -> Result<SharedConfig, SharedConfigError> {
    SharedConfig::read(profile, &surroundings())
}

/// The configuration to make clients from: credentials, region and addresses as the AWS CLI finds them, or
/// the credentials that are given.
///
/// # Errors
/// The AWS configuration cannot be used.
pub(crate) async fn sdk_config(
    shared: &SharedConfig,
    http: SharedHttpClient,
    wanted: Wanted<'_>,
    credentials: Option<SharedCredentialsProvider>,
) -> Result<SdkConfig, SharedConfigError> {
    let around = surroundings();
    // The plan first: what is wrong with it is said before anybody is asked.
    let plan = match credentials {
        Some(_) => None,
        None => Some(plan(shared, &around)?),
    };
    let settings = shared.settings("")?;
    let provider = ProviderConfig::without_region()
        .with_http_client(http.clone())
        .with_retry_config(wanted.retry.clone())
        .with_timeout_config(wanted.timeouts.clone());
    let region = wanted.region.map(str::to_owned).or_else(|| shared.region(&around)).map(Region::new);
    let region = match region {
        Some(region) => Some(region),
        None => of_instance(shared, &provider).await,
    };
    let load = async |region: Option<Region>, endpoint: Option<&str>| {
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .http_client(http.clone())
            .retry_config(wanted.retry.clone())
            .timeout_config(wanted.timeouts.clone())
            .region(SettledRegion(region))
            .no_credentials();
        loader = in_memory(settings.clone(), |files| loader.profile_files(files).profile_name("default"));
        if let Some(endpoint) = endpoint {
            loader = loader.endpoint_url(endpoint);
        }
        loader.load().await
    };
    let credentials = match (credentials, plan) {
        (Some(credentials), _) => credentials,
        (None, Some(plan)) => {
            let region = region.clone().unwrap_or(Region::from_static(FALLBACK_REGION));
            let provider = provider.with_region(Some(region.clone()));
            let sts = load(Some(region), None).await;
            provide(plan, shared, &provider, &sts).await?
        }
        (None, None) => return Ok(load(region, wanted.endpoint_url).await),
    };
    let config = load(region, wanted.endpoint_url).await;
    Ok(config.into_builder().credentials_provider(credentials).build())
}

/// A region that is known, or none.
#[derive(Debug)]
struct SettledRegion(Option<Region>);

impl ProvideRegion for SettledRegion {
    fn region(&self) -> aws_config::meta::region::future::ProvideRegion<'_> {
        aws_config::meta::region::future::ProvideRegion::ready(self.0.clone())
    }
}

/// Hands a configuration file to the SDK that is in no folder: ours is read, theirs is not.
#[expect(deprecated, reason = "the crate with the new names would be a dependency for these two alone")]
fn in_memory<T>(
    settings: String,
    hand_over: impl FnOnce(aws_config::profile::profile_file::ProfileFiles) -> T,
) -> T {
    use aws_config::profile::profile_file::{ProfileFileKind, ProfileFiles};
    hand_over(ProfileFiles::builder().with_contents(ProfileFileKind::Config, settings).build())
}

/// The region of the EC2 instance, where this is one.
async fn of_instance(shared: &SharedConfig, provider: &ProviderConfig) -> Option<Region> {
    let client = metadata_client(shared, provider)?;
    ImdsRegionProvider::builder().configure(provider).imds_client(client).build().region().await
}

/// The metadata service that variables and the profile name.
fn metadata_client(shared: &SharedConfig, provider: &ProviderConfig) -> Option<imds::Client> {
    let around = surroundings();
    let says = |variable: &str, key: &str| {
        (around.variable)(variable).or_else(|| shared.get(key).map(str::to_owned))
    };
    let mode = says("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode");
    let usual = match mode {
        Some(mode) if mode.eq_ignore_ascii_case("ipv6") => "http://[fd00:ec2::254]",
        _ => "http://169.254.169.254",
    };
    let endpoint = says("AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint");
    let endpoint = endpoint.unwrap_or_else(|| usual.to_owned());
    Some(imds::Client::builder().configure(provider).endpoint(endpoint).ok()?.build())
}

async fn provide(
    plan: CredentialPlan,
    shared: &SharedConfig,
    provider: &ProviderConfig,
    sts: &SdkConfig,
) -> Result<SharedCredentialsProvider, SharedConfigError> {
    let mut credentials = match plan.source {
        CredentialSource::Keys(keys) => {
            let keys = Credentials::new(keys.id, keys.secret, keys.token, None, "tenken");
            SharedCredentialsProvider::new(keys)
        }
        CredentialSource::Process { command } => {
            SharedCredentialsProvider::new(CredentialProcessProvider::new(command))
        }
        CredentialSource::Container => {
            SharedCredentialsProvider::new(EcsCredentialsProvider::builder().configure(provider).build())
        }
        CredentialSource::InstanceMetadata => {
            let mut builder = ImdsCredentialsProvider::builder().configure(provider);
            if let Some(client) = metadata_client(shared, provider) {
                builder = builder.imds_client(client);
            }
            SharedCredentialsProvider::new(builder.build())
        }
        CredentialSource::WebIdentity { role_arn, token_file, session_name } => {
            SharedCredentialsProvider::new(WebIdentity {
                role_arn,
                token_file,
                session_name: session_name.unwrap_or_else(|| "tenken".to_owned()),
                client: aws_sdk_sts::Client::new(sts),
            })
        }
        CredentialSource::Sso { session, start_url, region, account_id, role_name } => {
            let of_profile = match &session {
                Some(session) => format!(
                    "sso_session = {session}\nsso_account_id = {account_id}\nsso_role_name = {role_name}\n"
                ),
                None => format!(
                    "sso_start_url = {start_url}\nsso_region = {region}\nsso_account_id = {account_id}\n\
                     sso_role_name = {role_name}\n"
                ),
            };
            let mut settings = shared.settings(&of_profile)?;
            if let Some(session) = &session {
                settings.push_str(&format!(
                    "[sso-session {session}]\nsso_start_url = {start_url}\nsso_region = {region}\n"
                ));
            }
            from_profile(settings, provider)
        }
        CredentialSource::Login { session } => {
            from_profile(shared.settings(&format!("login_session = {session}\n"))?, provider)
        }
    };
    for role in plan.roles {
        let mut builder = AssumeRoleProvider::builder(role.role_arn).configure(sts);
        builder = builder.session_name(role.session_name.unwrap_or_else(|| "tenken".to_owned()));
        if let Some(external_id) = role.external_id {
            builder = builder.external_id(external_id);
        }
        if let Some(seconds) = role.duration_seconds {
            builder = builder.session_length(Duration::from_secs(seconds.into()));
        }
        credentials = SharedCredentialsProvider::new(builder.build_from_provider(credentials).await);
    }
    Ok(credentials)
}

fn from_profile(settings: String, provider: &ProviderConfig) -> SharedCredentialsProvider {
    let builder = ProfileFileCredentialsProvider::builder().configure(provider);
    let builder = in_memory(settings, |files| builder.profile_files(files).profile_name("default"));
    SharedCredentialsProvider::new(builder.build())
}

/// A role for the token of another identity provider. The SDK's own provider would not look at the
/// addresses of the profile.
#[derive(Debug)]
struct WebIdentity {
    role_arn: String,
    token_file: PathBuf,
    session_name: String,
    client: aws_sdk_sts::Client,
}

impl WebIdentity {
    async fn credentials(&self) -> Result<Credentials, CredentialsError> {
        let token = std::fs::read_to_string(&self.token_file).map_err(|error| {
            // The name of the file alone: its content is a secret.
            let file = self.token_file.display();
            CredentialsError::invalid_configuration(std::io::Error::other(format!("{file}: {error}")))
        })?;
        let answer = self
            .client
            .assume_role_with_web_identity()
            .role_arn(&self.role_arn)
            .role_session_name(&self.session_name)
            .web_identity_token(token)
            .send()
            .await
            .map_err(CredentialsError::provider_error)?;
        let Some(keys) = answer.credentials else {
            return Err(CredentialsError::provider_error("no credentials in the answer"));
        };
        let expires = SystemTime::try_from(keys.expiration).ok();
        Ok(Credentials::new(
            keys.access_key_id,
            keys.secret_access_key,
            Some(keys.session_token),
            expires,
            "WebIdentity",
        ))
    }
}

impl ProvideCredentials for WebIdentity {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}
