//! Token buckets in front of AWS's own, so that a scan does not take the rate away from
//! the account's other users.

use crate::snapshot::operation::Bucket;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The buckets of one account: one for each region and bucket name.
#[derive(Default)]
pub struct Pace {
    buckets: Mutex<HashMap<(Arc<str>, &'static str), Arc<Turns>>>,
    is_unlimited: bool,
}

/// One bucket. Callers queue for it in the order in which they came; only the first in
/// the queue looks at the limiter, so that a thousand waiting calls cost a thousand
/// timers and not a million.
struct Turns {
    queue: tokio::sync::Mutex<()>,
    limiter: DefaultDirectRateLimiter,
    clock: DefaultClock,
}

impl Pace {
    /// Buckets that are never empty, for recorded accounts: there are no other users.
    pub fn unlimited() -> Self {
        Pace { is_unlimited: true, ..Pace::default() }
    }

    /// Takes one token, waiting for it if the bucket is empty. The full burst may be taken at once.
    pub async fn take(&self, region: &Arc<str>, bucket: &Bucket) {
        if self.is_unlimited {
            return;
        }
        let turns = {
            let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
            let key = (Arc::clone(region), bucket.name);
            Arc::clone(buckets.entry(key).or_insert_with(|| Arc::new(Turns::new(bucket))))
        };
        let _first_in_the_queue = turns.queue.lock().await;
        while let Err(early) = turns.limiter.check() {
            let wait = early.wait_time_from(turns.clock.now());
            tokio::time::sleep(wait.max(Duration::from_millis(1))).await;
        }
    }
}

impl Turns {
    fn new(bucket: &Bucket) -> Self {
        let at_least_one = |count: u32| NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
        let quota =
            Quota::per_second(at_least_one(bucket.per_second)).allow_burst(at_least_one(bucket.capacity));
        Turns {
            queue: tokio::sync::Mutex::new(()),
            limiter: RateLimiter::direct(quota),
            clock: DefaultClock::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[tokio::test]
    async fn burst_first_then_the_rate() {
        let pace = Pace::default();
        let region: Arc<str> = "eu-west-1".into();
        let bucket = Bucket { name: "test", capacity: 5, per_second: 20 };
        let start = Instant::now();
        for _ in 0..5 {
            pace.take(&region, &bucket).await;
        }
        assert!(start.elapsed() < Duration::from_millis(45), "the burst waited: {:?}", start.elapsed());
        for _ in 0..4 {
            pace.take(&region, &bucket).await;
        }
        assert!(start.elapsed() >= Duration::from_millis(190), "too fast: {:?}", start.elapsed());
    }

    #[tokio::test]
    async fn regions_do_not_share() {
        let pace = Pace::default();
        let bucket = Bucket { name: "test", capacity: 1, per_second: 1 };
        let start = Instant::now();
        for region in ["eu-west-1", "eu-west-2", "eu-west-3"] {
            pace.take(&region.into(), &bucket).await;
        }
        assert!(start.elapsed() < Duration::from_millis(500));
    }
}
