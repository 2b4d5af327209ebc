//! The time of the machine.

use super::Clock;
use crate::history::Time;
use std::time::Duration;

/// The clock of the machine that delivers.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Time {
        Time::from_unix_seconds(jiff::Timestamp::now().as_second())
    }

    fn sleep(&self, time: Duration) {
        std::thread::sleep(time);
    }
}
