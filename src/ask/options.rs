//! What a scan is told, and whom it tells how it goes on.

use super::answer::ANSWER_LIMIT_BYTES;
use crate::snapshot::Gap;
use crate::snapshot::operation::Operation;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// What to scan, and how.
#[derive(Debug, Clone)]
pub struct ScanOptions {
    /// The regions to ask. `all` stands for every region that the account has enabled;
    /// none for the region of the profile or environment.
    pub regions: Vec<String>,
    /// A profile of the AWS configuration; otherwise the one that the AWS CLI would use.
    pub profile: Option<String>,
    /// A role to assume with those credentials.
    pub role_arn: Option<String>,
    /// The external id that the role's trust policy asks for.
    pub external_id: Option<String>,
    /// One address for all services, for instance of a mock AWS. In a replay: where the
    /// recorded account is served over HTTP, instead of in process.
    pub endpoint_url: Option<String>,
    /// The time for the whole scan. What is not asked by then is a gap.
    pub timeout: Option<Duration>,
    /// The time for one attempt of a call.
    pub attempt_timeout: Duration,
    /// The time for a call with all its attempts.
    pub operation_timeout: Duration,
    /// The bytes that one answer may have. A longer one is a gap.
    pub answer_limit_bytes: usize,
    /// Answers from this recorded account instead of AWS.
    pub replay: Option<PathBuf>,
    /// Writes what AWS answers to this folder, without the secrets.
    pub record: Option<PathBuf>,
}

impl Default for ScanOptions {
    fn default() -> Self {
        ScanOptions {
            regions: Vec::new(),
            profile: None,
            role_arn: None,
            external_id: None,
            endpoint_url: None,
            timeout: Some(Duration::from_secs(15 * 60)),
            attempt_timeout: Duration::from_secs(10),
            operation_timeout: Duration::from_secs(60),
            answer_limit_bytes: ANSWER_LIMIT_BYTES,
            replay: None,
            record: None,
        }
    }
}

/// Who is told how a scan goes on. Called from the scan's thread; must not block.
pub trait Progress: Send + Sync {
    /// A call is about to be sent.
    fn call(&self, operation: &'static Operation, region: &str) {
        let _ = (operation, region);
    }

    /// A call is retried, after AWS throttled it or the answer was broken.
    fn retry(&self, service: &str, region: &str) {
        let _ = (service, region);
    }

    /// A question will have no answer.
    fn gap(&self, gap: &Gap) {
        let _ = gap;
    }
}

/// Counts calls, retries and gaps; all that a progress line needs.
#[derive(Debug, Default)]
pub struct Counters {
    /// Calls that were sent, without their retries.
    pub calls: AtomicUsize,
    /// Calls that were retried.
    pub retries: AtomicUsize,
    /// Questions without an answer.
    pub gaps: AtomicUsize,
}

impl Progress for Counters {
    fn call(&self, _operation: &'static Operation, _region: &str) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }

    fn retry(&self, _service: &str, _region: &str) {
        self.retries.fetch_add(1, Ordering::Relaxed);
    }

    fn gap(&self, _gap: &Gap) {
        self.gaps.fetch_add(1, Ordering::Relaxed);
    }
}
