//! Who asks, where and when: credentials and regions as the AWS CLI finds them.

use super::answer::Bounded;
use super::connect::Watched;
use super::credentials::{Wanted, sdk_config, shared_config};
use super::failure::TIMEOUT;
use super::identity::{FALLBACK_REGION, identity};
use super::network::HttpNetwork;
use super::pace::Pace;
use super::record::{Recorder, RecordingClient};
use super::regions::{ALL_REGIONS, Regions, Unlisted, global_region, looks_like_region, regions};
use super::replay::Replay;
use super::{Ask, CollectError, Progress, ScanOptions, Setting};
use crate::recording::{Account, Recording, RecordingError};
use crate::shared_config::SharedConfig;
use crate::snapshot::operation::find;
use crate::text::Text;
use aws_config::BehaviorVersion;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::SystemTimeSource;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::SdkConfig;
use aws_types::region::Region;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Attempts of one call. Bursts of other users may throttle several in a row.
const ATTEMPTS: u32 = 6;

/// A scan that can begin.
pub(crate) struct Session {
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
    unchecked_regions: Option<Unlisted>,
}

impl Session {
    /// Finds credentials, account and regions.
    pub(crate) async fn open(
        options: &ScanOptions,
        progress: Arc<dyn Progress>,
    ) -> Result<Self, CollectError> {
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
        let shared = match &recording {
            Some(_) => None,
            None => Some(shared_config(options.profile.as_deref())?),
        };
        let mut http = match (&recording, &shared) {
            (Some(recording), _) if options.endpoint_url.is_none() => {
                SharedHttpClient::new(Replay::new(Arc::clone(recording)))
            }
            (_, Some(shared)) => {
                Bounded::client(HttpNetwork::for_aws(shared)?.client(), options.answer_limit_bytes)
            }
            _ => Bounded::client(HttpNetwork::default().client(), options.answer_limit_bytes),
        };
        if let Some(recorder) = &recorder {
            http = RecordingClient::client(http, Arc::clone(recorder));
        }
        let http = Watched::new(http, Arc::clone(&progress));
        let config = match (&recording, &shared) {
            (Some(recording), _) => recorded_config(options, http, recording),
            // Credentials come later, but a metadata service may be asked for the region.
            (None, Some(shared)) => {
                in_time(deadline, "sts:GetCallerIdentity", load(options, shared, http)).await?
            }
            (None, None) => return Err(CollectError::NoCredentials),
        };
        let mut unchecked = None;
        let identity = in_time(deadline, "sts:GetCallerIdentity", identity(&config, options));
        let (account, partition) = identity.await?;
        let (regions, now, fingerprint_key) = match &recording {
            Some(recording) => (
                recorded_regions(options, &recording.account)?,
                recorded_time(recording)?,
                recording.account.fingerprint_key.clone().into_bytes(),
            ),
            None => {
                let regions = in_time(deadline, "ec2:DescribeRegions", regions(options, &config, &partition));
                let Regions { names, unchecked: why } = regions.await?;
                unchecked = why;
                (names, jiff::Timestamp::now(), random_key()?)
            }
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
            unchecked_regions: unchecked,
        })
    }

    /// Asks with this session; the region is set for each question.
    pub(crate) fn ask(&self) -> Ask {
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
        let ask = Ask::new(setting, global_region(&self.partition));
        if let (Some((cause, code)), Some(operation)) =
            (&self.unchecked_regions, find("ec2", "DescribeRegions"))
        {
            ask.gap(operation, None, *cause, code);
        }
        ask
    }

    /// Writes the description of what was recorded.
    pub(crate) fn end_recording(&self) -> Result<(), CollectError> {
        let Some(recorder) = &self.recorder else {
            return Ok(());
        };
        // A key of its own: with the scan's key, guesses could be checked against the
        // fingerprints in the scan's own snapshot.
        let key = hex::encode(random_key()?);
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
    pub(crate) fn replay_fit(&self) -> (Vec<String>, Vec<String>) {
        match &self.recording {
            Some(recording) => (recording.not_recorded(), recording.not_asked()),
            None => (Vec::new(), Vec::new()),
        }
    }
}

/// What opens a scan, unless the scan's time is up before.
async fn in_time<T>(
    deadline: Option<Instant>,
    operation: &'static str,
    opening: impl Future<Output = Result<T, CollectError>>,
) -> Result<T, CollectError> {
    let Some(deadline) = deadline else {
        return opening.await;
    };
    match tokio::time::timeout_at(deadline, opening).await {
        Err(_elapsed) => Err(CollectError::OpeningTimedOut { operation }),
        // A connection that was given up in the same moment: what ended is the time of the scan.
        Ok(Err(CollectError::NoIdentity { code })) if code == TIMEOUT && Instant::now() >= deadline => {
            Err(CollectError::OpeningTimedOut { operation })
        }
        Ok(answer) => answer,
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
        reason: Text::new(
            format!("taken_at is not a time like 2026-11-23T03:00:00Z: {}", recording.account.taken_at),
            format!("taken_at が 2026-11-23T03:00:00Z のような時刻ではない: {}", recording.account.taken_at),
        ),
    })
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
pub(crate) async fn load(
    options: &ScanOptions,
    shared: &SharedConfig,
    http: SharedHttpClient,
) -> Result<SdkConfig, CollectError> {
    let wanted = Wanted {
        region: options.regions.first().map(String::as_str).filter(|first| *first != ALL_REGIONS),
        endpoint_url: options.endpoint_url.as_deref(),
        retry: RetryConfig::standard().with_max_attempts(ATTEMPTS),
        timeouts: timeouts(options),
    };
    let config = sdk_config(shared, http, wanted, None).await?;
    let Some(role) = &options.role_arn else {
        return Ok(config);
    };
    let mut provider = AssumeRoleProvider::builder(role)
        .session_name("tenken")
        .region(config.region().cloned().unwrap_or(Region::from_static(FALLBACK_REGION)))
        .configure(&config);
    if let Some(external_id) = &options.external_id {
        provider = provider.external_id(external_id);
    }
    let provider = provider.build().await;
    Ok(config.into_builder().credentials_provider(SharedCredentialsProvider::new(provider)).build())
}
