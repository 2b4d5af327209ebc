//! Token buckets in front of AWS's own, so that a scan does not take the rate away from
//! the account's other users.

use crate::snapshot::operation::TokenBucket;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A region, and the name of a bucket.
type RegionAndBucket = (Arc<str>, &'static str);

/// The buckets of one account: one for each region and bucket name.
#[derive(Default)]
pub struct Pace {
    buckets: Mutex<HashMap<RegionAndBucket, Arc<Turns>>>,
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
    pub(crate) fn unlimited() -> Self {
        Pace { is_unlimited: true, ..Pace::default() }
    }

    /// Takes one token, waiting for it if the bucket is empty.
    pub async fn take(&self, region: &Arc<str>, bucket: &TokenBucket) {
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

/// Requests may overtake each other by so many milliseconds on their way. AWS's bucket has
/// to hold what comes early, or a scan at the exact rate is throttled again and again.
const EARLY_MILLISECONDS: u32 = 250;

/// What is asked of a bucket: AWS's rate, and a burst that leaves in it what comes early. A
/// bucket that is too small for that is asked a little more slowly instead.
fn quota(bucket: &TokenBucket) -> Quota {
    let at_least_one = |count: u32| NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
    let rate = at_least_one(bucket.per_second);
    let left = (bucket.per_second.saturating_mul(EARLY_MILLISECONDS)).div_ceil(1_000);
    let slowly = Duration::from_secs(1) / rate.get() * 11 / 10;
    match (bucket.capacity.checked_sub(left).and_then(NonZeroU32::new), Quota::with_period(slowly)) {
        (Some(burst), _) => Quota::per_second(rate).allow_burst(burst),
        (None, Some(slow)) => slow,
        (None, None) => Quota::per_second(rate).allow_burst(NonZeroU32::MIN),
    }
}

impl Turns {
    fn new(bucket: &TokenBucket) -> Self {
        Turns {
            queue: tokio::sync::Mutex::new(()),
            limiter: RateLimiter::direct(quota(bucket)),
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
        // A quarter of a second's worth of the ten stays in AWS's bucket.
        let bucket = TokenBucket { name: "test", capacity: 10, per_second: 20 };
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

    #[test]
    fn a_bucket_of_one_is_asked_more_slowly_than_it_fills() {
        for (capacity, per_second, burst, milliseconds) in
            [(40, 10, 37, 100), (5, 5, 3, 200), (1, 1, 1, 1_100)]
        {
            let quota = quota(&TokenBucket { name: "test", capacity, per_second });
            assert_eq!(quota.burst_size().get(), burst, "{capacity}");
            assert_eq!(quota.replenish_interval(), Duration::from_millis(milliseconds), "{capacity}");
        }
    }

    #[tokio::test]
    async fn regions_do_not_share() {
        let pace = Pace::default();
        let bucket = TokenBucket { name: "test", capacity: 1, per_second: 1 };
        let start = Instant::now();
        for region in ["eu-west-1", "eu-west-2", "eu-west-3"] {
            pace.take(&region.into(), &bucket).await;
        }
        assert!(start.elapsed() < Duration::from_millis(500));
    }
}
