//! Objects in S3: histories, reports and snapshots of scheduled runs.
//!
//! A history is written with S3's conditional writes: `If-Match` with the ETag that was
//! read, or `If-None-Match: *` where there was nothing. Two runs at once can therefore not
//! lose each other's result, and an object is always whole. Encryption is left to the
//! bucket's default.

use super::Access;
use super::aws::{self, OpenError};
use crate::ask::failure::classify;
use crate::config::S3Place;
use crate::history::store::{Store, StoreError, Stored, Version};
use crate::snapshot::Cause;
use crate::text::{Explained, Text};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_types::SdkConfig;
use aws_types::region::Region;
use std::sync::{Mutex, PoisonError};
use tokio::runtime::Runtime;

/// How S3 says in which region a bucket really is.
const BUCKET_REGION: &str = "x-amz-bucket-region";

/// An object as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// What it holds.
    pub bytes: Vec<u8>,
    /// The ETag, which changes with the contents.
    pub etag: String,
}

/// What has to hold for an object to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition<'a> {
    /// Nothing: it replaces whatever is there.
    Always,
    /// There is nothing yet.
    Absent,
    /// It still has this ETag.
    Matches(&'a str),
}

/// Why S3 did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.what().en)]
pub enum S3Error {
    /// The condition does not hold: somebody else wrote.
    Conflict,
    /// There is no such bucket.
    NoBucket {
        /// The bucket.
        bucket: String,
    },
    /// The credentials may not.
    Denied {
        /// AWS's error code.
        code: String,
        /// The permissions that it takes.
        needed: &'static str,
    },
    /// There are no credentials, or AWS does not know them.
    Credentials {
        /// AWS's error code, or what happened.
        code: String,
    },
    /// Anything else.
    Failed {
        /// AWS's error code, or what happened.
        code: String,
    },
}

impl Explained for S3Error {
    fn what(&self) -> Text {
        match self {
            S3Error::Conflict => {
                Text::new("another run wrote in the meantime", "ほかの実行が同時に書き込んだ")
            }
            S3Error::NoBucket { bucket } => Text::new(
                format!("there is no bucket {bucket}; create it, or name another"),
                format!("バケット {bucket} は存在しない。作成するか、別の名前を指定する。"),
            ),
            S3Error::Denied { code, needed } => Text::new(
                format!(
                    "AWS denied it ({code}); the credentials that run tenken need {needed}, and kms:Decrypt and kms:GenerateDataKey where the bucket uses a customer managed key"
                ),
                format!(
                    "AWS に拒否された（{code}）。tenken を起動した認証情報に次の権限が必要: {needed}。バケットにカスタマー管理キーを使う場合は kms:Decrypt と kms:GenerateDataKey も必要。"
                ),
            ),
            S3Error::Credentials { code } => Text::new(
                format!(
                    "AWS did not accept the credentials ({code}); sign in again, or check the role of the function"
                ),
                format!(
                    "AWS が認証情報を受け付けない（{code}）。サインインし直すか、関数のロールを確認する。"
                ),
            ),
            S3Error::Failed { code } => Text::new(
                format!("S3 gave no usable answer ({code})"),
                format!("S3 から有効な応答がない（{code}）。"),
            ),
        }
    }
}

/// What reading takes. Without ListBucket, S3 answers that a missing object is forbidden.
const NEEDED_TO_READ: &str = "s3:GetObject (object), s3:ListBucket (bucket)";
/// What a plain write takes.
const NEEDED_TO_WRITE: &str = "s3:PutObject (object)";
/// What a conditional write takes.
const NEEDED_TO_REPLACE: &str = "s3:PutObject, s3:GetObject (object)";

/// S3, asked from the caller's thread, which waits: it must not be used or dropped on a
/// thread that runs asynchronous tasks.
pub struct S3Client {
    runtime: Runtime,
    config: SdkConfig,
    is_mock: bool,
    /// Where the bucket that was asked for last turned out to be.
    region: Mutex<Option<Region>>,
}

impl S3Client {
    /// Finds the credentials; S3 is not asked yet.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(access: &Access) -> Result<Self, OpenError> {
        Self::new(access, None)
    }

    /// The same with these credentials instead of the AWS CLI's.
    ///
    /// # Errors
    /// As [`S3Client::open`].
    pub fn with_credentials(
        access: &Access,
        credentials: SharedCredentialsProvider,
    ) -> Result<Self, OpenError> {
        Self::new(access, Some(credentials))
    }

    fn new(access: &Access, credentials: Option<SharedCredentialsProvider>) -> Result<Self, OpenError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let config = runtime.block_on(aws::load(access, credentials))?;
        // Mocks have no name for each bucket.
        let is_mock = config.endpoint_url().is_some() || std::env::var_os("AWS_ENDPOINT_URL_S3").is_some();
        Ok(S3Client { runtime, config, is_mock, region: Mutex::default() })
    }

    /// Reads an object; `None` where there is none.
    ///
    /// # Errors
    /// S3 would not say.
    pub fn get(&self, place: &S3Place) -> Result<Option<Object>, S3Error> {
        let send = || self.client().get_object().bucket(&place.bucket).key(&place.key).send();
        self.runtime.block_on(async {
            let mut answer = send().await;
            if answer.as_ref().is_err_and(|error| self.is_elsewhere(error)) {
                answer = send().await;
            }
            let object = match answer {
                Ok(object) => object,
                Err(error) if error.code() == Some("NoSuchKey") => return Ok(None),
                Err(error) => return Err(why(&error, place, NEEDED_TO_READ)),
            };
            let failed = |code: &str| S3Error::Failed { code: code.to_owned() };
            let etag = object.e_tag().ok_or_else(|| failed("NoETag"))?.to_owned();
            let bytes = object.body.collect().await.map_err(|_| failed("BrokenAnswer"))?.to_vec();
            Ok(Some(Object { bytes, etag }))
        })
    }

    /// Writes an object, and gives its ETag.
    ///
    /// # Errors
    /// [`S3Error::Conflict`] where the condition does not hold, or S3 would not.
    pub(crate) fn put(
        &self,
        place: &S3Place,
        bytes: &[u8],
        media_type: &str,
        condition: Condition<'_>,
    ) -> Result<String, S3Error> {
        let send = || {
            let request = self.client().put_object().bucket(&place.bucket).key(&place.key);
            let request = request.content_type(media_type).body(ByteStream::from(bytes.to_vec()));
            match condition {
                Condition::Always => request,
                Condition::Absent => request.if_none_match("*"),
                Condition::Matches(etag) => request.if_match(etag),
            }
            .send()
        };
        let needed = match condition {
            Condition::Matches(_) => NEEDED_TO_REPLACE,
            Condition::Always | Condition::Absent => NEEDED_TO_WRITE,
        };
        self.runtime.block_on(async {
            let mut answer = send().await;
            if answer.as_ref().is_err_and(|error| self.is_elsewhere(error)) {
                answer = send().await;
            }
            let written = match answer {
                Ok(written) => written,
                Err(error) if is_conflict(&error, condition) => return Err(S3Error::Conflict),
                Err(error) => return Err(why(&error, place, needed)),
            };
            written.e_tag().map(str::to_owned).ok_or_else(|| S3Error::Failed { code: "NoETag".to_owned() })
        })
    }

    fn client(&self) -> Client {
        let mut config = aws_sdk_s3::config::Builder::from(&self.config).force_path_style(self.is_mock);
        if let Some(region) = self.region.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            config = config.region(region);
        }
        Client::from_conf(config.build())
    }

    // Whether the bucket is in another region than the one that was asked, which is then
    // asked from now on.
    fn is_elsewhere<E>(&self, error: &SdkError<E, HttpResponse>) -> bool {
        let named = error.raw_response().and_then(|answer| answer.headers().get(BUCKET_REGION));
        let Some(named) = named else {
            return false;
        };
        let mut region = self.region.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = region.as_ref().or(self.config.region());
        if asked.is_some_and(|asked| asked.as_ref() == named) {
            return false;
        }
        *region = Some(Region::new(named.to_owned()));
        true
    }
}

// 412: the condition does not hold. 409: another write was under way. 404: what was to be
// replaced is gone.
fn is_conflict<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>, condition: Condition<'_>) -> bool {
    let status = error.raw_response().map(|answer| answer.status().as_u16());
    match (status, error.code()) {
        (Some(412), _) | (Some(409), Some("ConditionalRequestConflict")) => condition != Condition::Always,
        (_, Some("NoSuchKey")) => matches!(condition, Condition::Matches(_)),
        _ => false,
    }
}

fn why<E: ProvideErrorMetadata>(
    error: &SdkError<E, HttpResponse>,
    place: &S3Place,
    needed: &'static str,
) -> S3Error {
    if error.code() == Some("NoSuchBucket") {
        return S3Error::NoBucket { bucket: place.bucket.clone() };
    }
    match classify(error) {
        (Cause::Denied, code) => S3Error::Denied { code, needed },
        (Cause::Credentials, code) => S3Error::Credentials { code },
        (_, code) => S3Error::Failed { code },
    }
}

/// A history in S3.
pub struct S3Store {
    s3: S3Client,
    place: S3Place,
}

impl S3Store {
    /// The history at this place, where nothing needs to be yet.
    pub fn new(s3: S3Client, place: S3Place) -> Self {
        S3Store { s3, place }
    }
}

impl Store for S3Store {
    fn place(&self) -> String {
        self.place.to_string()
    }

    fn load(&self) -> Result<Option<Stored>, StoreError> {
        let object = self.s3.get(&self.place).map_err(store_error)?;
        Ok(object.map(|object| Stored { bytes: object.bytes, version: Version(object.etag) }))
    }

    fn store(&self, bytes: &[u8], expected: Option<&Version>) -> Result<Version, StoreError> {
        let condition = expected.map_or(Condition::Absent, |version| Condition::Matches(&version.0));
        let etag = self.s3.put(&self.place, bytes, "application/json", condition);
        etag.map(Version).map_err(store_error)
    }
}

fn store_error(error: S3Error) -> StoreError {
    match error {
        S3Error::Conflict => StoreError::Conflict,
        other => StoreError::Refused { reason: other.what() },
    }
}
