//! Who asks, where and when: credentials and regions as the AWS CLI finds them.

use super::ask::{Ask, Setting};
use super::connect::{Watched, https_client};
use super::error::CollectError;
use super::failure::{NO_SUCH_HOST, classify};
use super::listed::INCOMPLETE_ANSWER;
use super::pace::Pace;
use super::record::{Record, Recorder};
use super::replay::Replay;
use super::{Progress, ScanOptions};
use crate::arn::Arn;
use crate::recording::{Account, Recording, RecordingError};
use crate::snapshot::Cause;
use aws_config::BehaviorVersion;
use aws_config::imds::client::error::ImdsError;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::SystemTimeSource;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_types::SdkConfig;
use aws_types::region::Region;
use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Attempts of one call. Bursts of other users may throttle several in a row.
const ATTEMPTS: u32 = 6;

/// Where the identity is asked for when no region is known yet.
const FALLBACK_REGION: &str = "us-east-1";

/// What stands for every region that the account has enabled.
const ALL_REGIONS: &str = "all";

/// A scan that can begin.
pub struct Session {
    /// The account's twelve digits.
    pub account: String,
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
    /// The regions to ask.
    pub regions: Vec<String>,
    /// When the scan began, RFC 3339 in UTC, whole seconds.
    pub taken_at: String,
    taken_at_seconds: i64,
    fingerprint_key: Vec<u8>,
    config: SdkConfig,
    deadline: Option<Instant>,
    progress: Arc<dyn Progress>,
    recorder: Option<Arc<Recorder>>,
    recording: Option<Arc<Recording>>,
}

impl Session {
    /// Finds credentials, account and regions.
    pub async fn open(options: &ScanOptions, progress: Arc<dyn Progress>) -> Result<Self, CollectError> {
        for region in options.regions.iter().filter(|region| *region != ALL_REGIONS) {
            if !looks_like_region(region) {
                return Err(CollectError::UnknownRegion { region: region.clone(), known: Vec::new() });
            }
        }
        let deadline = options.timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let recording = match &options.replay {
            Some(folder) => Some(Arc::new(Recording::open(folder)?)),
            None => None,
        };
        let recorder = match &options.record {
            Some(folder) => Some(Arc::new(Recorder::create(folder, random_key()?)?)),
            None => None,
        };
        let mut http = match &recording {
            Some(recording) if options.endpoint_url.is_none() => Replay::client(Arc::clone(recording)),
            _ => https_client(),
        };
        if let Some(recorder) = &recorder {
            http = Record::client(http, Arc::clone(recorder));
        }
        let http = Watched::new(http, Arc::clone(&progress));
        let config = match &recording {
            Some(recording) => recorded_config(options, http, recording),
            None => load(options, http).await,
        };
        let (account, partition) = identity(&config, options).await?;
        let (regions, now, fingerprint_key) = match &recording {
            Some(recording) => (
                recorded_regions(options, &recording.account)?,
                recorded_time(recording)?,
                recording.account.fingerprint_key.clone().into_bytes(),
            ),
            None => (regions(options, &config, &partition).await?, jiff::Timestamp::now(), random_key()?),
        };
        Ok(Session {
            account,
            partition,
            regions,
            taken_at: now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            taken_at_seconds: now.as_second(),
            fingerprint_key,
            config,
            deadline,
            progress,
            recorder,
            recording,
        })
    }

    /// Asks with this session; the region is set for each question.
    pub fn ask(&self) -> Ask {
        let setting = Setting {
            account: self.account.clone(),
            partition: self.partition.clone(),
            taken_at_seconds: self.taken_at_seconds,
            fingerprint_key: self.fingerprint_key.clone(),
            config: self.config.clone(),
            pace: if self.recording.is_some() { Pace::unlimited() } else { Pace::default() },
            deadline: self.deadline,
            progress: Arc::clone(&self.progress),
        };
        Ask::new(setting, global_region(&self.partition))
    }

    /// Writes the description of what was recorded.
    pub fn end_recording(&self) -> Result<(), CollectError> {
        let Some(recorder) = &self.recorder else {
            return Ok(());
        };
        // A key of its own: with the scan's key, guesses could be checked against the
        // fingerprints in the scan's own snapshot.
        let key: String = random_key()?.iter().map(|byte| format!("{byte:02x}")).collect();
        let account = Account {
            account: self.account.clone(),
            partition: self.partition.clone(),
            regions: self.regions.clone(),
            taken_at: self.taken_at.clone(),
            fingerprint_key: key,
            deny: Vec::new(),
            answers: None,
            throttle: BTreeMap::new(),
            broken: BTreeMap::new(),
            slow: BTreeMap::new(),
            pages: BTreeMap::new(),
        };
        Ok(recorder.finish(&account)?)
    }

    /// In a replay: the files that were missing, and those that nothing asked for.
    pub fn replay_fit(&self) -> (Vec<String>, Vec<String>) {
        match &self.recording {
            Some(recording) => (recording.not_recorded(), recording.not_asked()),
            None => (Vec::new(), Vec::new()),
        }
    }
}

/// The configuration for a recorded account: nothing of the environment is in it.
fn recorded_config(options: &ScanOptions, http: SharedHttpClient, recording: &Recording) -> SdkConfig {
    let credentials = Credentials::new("RECORDED", "recorded", None, None, "recorded account");
    let region = recording.account.regions.first().map_or(FALLBACK_REGION, String::as_str);
    let retry =
        RetryConfig::standard().with_max_attempts(ATTEMPTS).with_initial_backoff(Duration::from_millis(10));
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .http_client(http)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .region(Region::new(region.to_owned()))
        .retry_config(retry)
        .timeout_config(timeouts(options))
        .sleep_impl(TokioSleep::new())
        .time_source(SystemTimeSource::new());
    config.set_endpoint_url(options.endpoint_url.clone());
    config.build()
}

fn recorded_regions(options: &ScanOptions, account: &Account) -> Result<Vec<String>, CollectError> {
    if options.regions.is_empty() || options.regions.iter().any(|region| region == ALL_REGIONS) {
        return Ok(account.regions.clone());
    }
    match options.regions.iter().find(|region| !account.regions.contains(region)) {
        Some(region) => {
            Err(CollectError::UnknownRegion { region: region.clone(), known: account.regions.clone() })
        }
        None => Ok(options.regions.clone()),
    }
}

fn recorded_time(recording: &Recording) -> Result<jiff::Timestamp, RecordingError> {
    recording.account.taken_at.parse().map_err(|_| RecordingError::Unreadable {
        folder: recording.folder.clone(),
        reason: format!("taken_at is not a time like 2026-11-23T03:00:00Z: {}", recording.account.taken_at),
    })
}

/// The region in which a partition's global services are asked.
pub fn global_region(partition: &str) -> &'static str {
    match partition {
        "aws-cn" => "cn-north-1",
        "aws-us-gov" => "us-gov-west-1",
        _ => "us-east-1",
    }
}

fn random_key() -> Result<Vec<u8>, CollectError> {
    let mut key = vec![0; 32];
    getrandom::fill(&mut key).map_err(|_| CollectError::NoRandomness)?;
    Ok(key)
}

fn timeouts(options: &ScanOptions) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_millis(3100))
        .operation_attempt_timeout(options.attempt_timeout)
        .operation_timeout(options.operation_timeout)
        .build()
}

/// The configuration for AWS: credentials as the AWS CLI finds them, or the role that is named.
pub(super) async fn load(options: &ScanOptions, http: SharedHttpClient) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(http)
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .timeout_config(timeouts(options));
    if let Some(profile) = &options.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(endpoint) = &options.endpoint_url {
        loader = loader.endpoint_url(endpoint);
    }
    if let [first, ..] = options.regions.as_slice()
        && first != ALL_REGIONS
    {
        loader = loader.region(Region::new(first.clone()));
    }
    let config = loader.load().await;
    let Some(role) = &options.role_arn else {
        return config;
    };
    let mut provider = AssumeRoleProvider::builder(role)
        .session_name("tenken")
        .region(config.region().cloned().unwrap_or(Region::from_static(FALLBACK_REGION)))
        .configure(&config);
    if let Some(external_id) = &options.external_id {
        provider = provider.external_id(external_id);
    }
    let provider = provider.build().await;
    config.into_builder().credentials_provider(SharedCredentialsProvider::new(provider)).build()
}

/// The account and partition of the credentials.
async fn identity(config: &SdkConfig, options: &ScanOptions) -> Result<(String, String), CollectError> {
    let fallback = Region::from_static(FALLBACK_REGION);
    let region = config.region().cloned().unwrap_or(fallback.clone());
    let refused = match identity_in(config, &region, options).await {
        Err(CollectError::NoIdentity { code }) if code == NO_SUCH_HOST && region != fallback => code,
        answer => return answer,
    };
    // Either the region does not exist, or the network is at fault: then no region answers.
    let is_given = options.regions.iter().any(|given| given == region.as_ref());
    match identity_in(config, &fallback, options).await {
        Err(CollectError::NoIdentity { code }) if code == NO_SUCH_HOST => {
            Err(CollectError::NoIdentity { code: refused })
        }
        _ if is_given => Err(CollectError::UnknownRegion { region: region.to_string(), known: Vec::new() }),
        answer => answer,
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
    let answer = aws_sdk_sts::Client::new(&config).get_caller_identity().send().await;
    let identity = answer.map_err(|error| no_identity(&error, options))?;
    let arn = identity.arn().and_then(Arn::parse);
    match (identity.account(), arn) {
        (Some(account), Some(arn)) => Ok((account.to_owned(), arn.partition.to_owned())),
        _ => Err(CollectError::NoIdentity { code: "MalformedResponse".to_owned() }),
    }
}

fn no_identity<E>(error: &SdkError<E, HttpResponse>, options: &ScanOptions) -> CollectError
where
    E: aws_smithy_types::error::metadata::ProvideErrorMetadata + Error + 'static,
{
    let mut link: Option<&(dyn Error + 'static)> = Some(error);
    let mut credentials = None;
    let mut is_elsewhere = false;
    while let Some(error) = link {
        if let Some(refusal) = error.downcast_ref::<SdkError<AssumeRoleError, HttpResponse>>() {
            let (_, code) = classify(refusal);
            return CollectError::RoleRefused { role_arn: options.role_arn.clone(), code };
        }
        credentials = credentials.or_else(|| error.downcast_ref::<CredentialsError>());
        // The metadata service is the last place to look, and only machines in AWS have one.
        is_elsewhere |= error.is::<ImdsError>();
        link = error.source();
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

async fn regions(
    options: &ScanOptions,
    config: &SdkConfig,
    partition: &str,
) -> Result<Vec<String>, CollectError> {
    if options.regions.is_empty() {
        let region = config.region().ok_or(CollectError::NoRegion)?;
        return Ok(vec![region.to_string()]);
    }
    let wants_all = options.regions.iter().any(|region| region == ALL_REGIONS);
    let listed = list_regions(config, partition).await;
    match listed {
        Ok(known) if wants_all => {
            let enabled = known.into_iter().filter(|region| region.is_enabled);
            let names: Vec<String> = enabled.map(|region| region.name).collect();
            // Every account has regions. Without any, nothing would be asked and all be well.
            if names.is_empty() {
                return Err(CollectError::NoRegionList { code: INCOMPLETE_ANSWER.to_owned() });
            }
            Ok(names)
        }
        Err(code) if wants_all => Err(CollectError::NoRegionList { code }),
        Ok(known) => check_regions(&options.regions, &known),
        // Names that AWS would not let us check are asked as they are.
        Err(_) => Ok(options.regions.clone()),
    }
}

/// A region of the partition.
struct KnownRegion {
    name: String,
    is_enabled: bool,
}

async fn list_regions(config: &SdkConfig, partition: &str) -> Result<Vec<KnownRegion>, String> {
    // The region may not exist, and the partition's main one may be closed by a policy.
    let main = Region::from_static(global_region(partition));
    let first = config.region().cloned().unwrap_or(main.clone());
    match list_regions_in(config, first.clone()).await {
        Err(_) if first != main => list_regions_in(config, main).await,
        answer => answer,
    }
}

async fn list_regions_in(config: &SdkConfig, region: Region) -> Result<Vec<KnownRegion>, String> {
    let config = config.to_builder().region(region).build();
    let answer = aws_sdk_ec2::Client::new(&config).describe_regions().all_regions(true).send().await;
    let answer = answer.map_err(|error| classify(&error).1)?;
    Ok(answer
        .regions()
        .iter()
        .filter_map(|region| {
            let name = region.region_name()?.to_owned();
            Some(KnownRegion { name, is_enabled: region.opt_in_status() != Some("not-opted-in") })
        })
        .collect())
}

fn check_regions(wanted: &[String], known: &[KnownRegion]) -> Result<Vec<String>, CollectError> {
    for region in wanted {
        match known.iter().find(|known| known.name == *region) {
            Some(known) if known.is_enabled => {}
            Some(_) => return Err(CollectError::RegionNotEnabled { region: region.clone() }),
            None => {
                let known = known.iter().map(|known| known.name.clone()).collect();
                return Err(CollectError::UnknownRegion { region: region.clone(), known });
            }
        }
    }
    Ok(wanted.to_vec())
}

/// Region names look like `ap-northeast-1` or `us-gov-west-1`.
fn looks_like_region(name: &str) -> bool {
    let mut parts = name.rsplit('-');
    let number = parts.next().unwrap_or_default();
    let words: Vec<&str> = parts.collect();
    !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && words.len() >= 2
        && words.iter().all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn region_names() {
        for name in ["ap-northeast-1", "us-gov-west-1", "eu-isoe-west-1"] {
            assert!(looks_like_region(name), "{name}");
        }
        for name in ["", "tokyo", "ap-northeast", "ap_northeast_1", "ap-northeast-1a", "-1", "https://x-y-1"]
        {
            assert!(!looks_like_region(name), "{name}");
        }
    }

    #[test]
    fn a_region_that_is_not_enabled_is_not_unknown() {
        let known = [
            KnownRegion { name: "us-east-1".to_owned(), is_enabled: true },
            KnownRegion { name: "af-south-1".to_owned(), is_enabled: false },
        ];
        assert!(check_regions(&["us-east-1".to_owned()], &known).is_ok());
        assert!(matches!(
            check_regions(&["af-south-1".to_owned()], &known),
            Err(CollectError::RegionNotEnabled { .. })
        ));
        assert!(matches!(
            check_regions(&["us-east-9".to_owned()], &known),
            Err(CollectError::UnknownRegion { .. })
        ));
    }
}
