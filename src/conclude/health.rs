//! How long a load balancer takes to notice.

use crate::snapshot::Snapshot;
use crate::snapshot::elb::TargetGroup;
use crate::text::Text;

crate::record! {
    /// How long a load balancer takes to notice that a target failed, or that it is good again.
    pub struct HealthCheckTiming {
        /// Seconds until a failed target is taken out: interval × unhealthy threshold; null where
        /// health is not checked or AWS did not mention one of the two.
        pub detection_seconds: Option<i64>,
        /// Seconds until a good target is taken in: interval × healthy threshold; null likewise.
        pub recovery_seconds: Option<i64>,
        /// The arithmetic, in words.
        pub arithmetic: Text,
    }
}

/// See [`super::FUNCTIONS`].
pub(crate) fn health_check_timing(_snapshot: &Snapshot, group: &TargetGroup) -> HealthCheckTiming {
    if group.health_check_enabled == Some(false) {
        return HealthCheckTiming {
            arithmetic: Text::new("Its health is not checked.", "ヘルスチェックが無効になっている。"),
            ..HealthCheckTiming::default()
        };
    }
    let interval = group.health_check_interval_seconds;
    let after = |count: Option<i64>| Some((interval?, count?, interval?.saturating_mul(count?)));
    let detection = after(group.unhealthy_threshold_count);
    let recovery = after(group.healthy_threshold_count);
    HealthCheckTiming {
        detection_seconds: detection.map(|(_, _, seconds)| seconds),
        recovery_seconds: recovery.map(|(_, _, seconds)| seconds),
        arithmetic: Text::new(
            format!(
                "{} until a failed target is removed, {} until a healthy one is added.",
                product(detection, "s", "an unknown time"),
                product(recovery, "s", "an unknown time"),
            ),
            format!(
                "異常なターゲットの切り離しまで {}、正常なターゲットの組み込みまで {}。",
                product(detection, "秒", "不明"),
                product(recovery, "秒", "不明"),
            ),
        ),
    }
}

fn product(factors: Option<(i64, i64, i64)>, seconds: &str, unknown: &str) -> String {
    match factors {
        Some((interval, count, product)) => {
            format!("{interval} {seconds} × {count} = {product} {seconds}")
        }
        None => unknown.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(interval: Option<i64>, healthy: Option<i64>, unhealthy: Option<i64>) -> TargetGroup {
        TargetGroup {
            health_check_enabled: Some(true),
            health_check_interval_seconds: interval,
            healthy_threshold_count: healthy,
            unhealthy_threshold_count: unhealthy,
            ..TargetGroup::default()
        }
    }

    #[test]
    fn the_default_finds_a_dead_target_in_60_seconds_and_a_good_one_in_150() {
        let timing = health_check_timing(&Snapshot::default().complete(), &group(Some(30), Some(5), Some(2)));
        assert_eq!((timing.detection_seconds, timing.recovery_seconds), (Some(60), Some(150)));
        assert_eq!(
            timing.arithmetic.en,
            "30 s × 2 = 60 s until a failed target is removed, 30 s × 5 = 150 s until a healthy one is added."
        );
        assert!(timing.arithmetic.ja.contains("30 秒 × 5 = 150 秒"), "{}", timing.arithmetic.ja);
    }

    #[test]
    fn what_is_not_checked_or_not_said_has_no_time() {
        let off = TargetGroup { health_check_enabled: Some(false), ..group(Some(30), Some(5), Some(2)) };
        let timing = health_check_timing(&Snapshot::default().complete(), &off);
        assert_eq!((timing.detection_seconds, timing.recovery_seconds), (None, None));
        let timing = health_check_timing(&Snapshot::default().complete(), &group(Some(30), None, Some(2)));
        assert_eq!((timing.detection_seconds, timing.recovery_seconds), (Some(60), None));
        assert!(timing.arithmetic.en.ends_with("an unknown time until a healthy one is added."));
        let timing = health_check_timing(&Snapshot::default().complete(), &group(None, Some(5), Some(2)));
        assert_eq!((timing.detection_seconds, timing.recovery_seconds), (None, None));
    }
}
