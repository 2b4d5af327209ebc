//! The time of the machine. Nothing else of a run, of the command line or of the function asks
//! for it, so that a test can say what time it is.

use crate::deliver::Clock;
use crate::history::Time;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::time::{Duration, Instant, SystemTime};

/// The time, as far as a run needs it.
pub trait RunClock: Clock {
    /// How long ago this clock was started. It never goes back, whatever the calendar does.
    fn elapsed(&self) -> Duration;
}

/// The clock of this machine.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// A clock that starts now.
    pub fn start() -> SystemClock {
        SystemClock { started: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Time {
        Time::from_unix_seconds(Timestamp::now().as_second())
    }

    fn sleep(&self, time: Duration) {
        std::thread::sleep(time);
    }
}

impl RunClock for SystemClock {
    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

/// Now, RFC 3339 in UTC, as exact as the machine knows it.
pub fn timestamp() -> String {
    Timestamp::now().to_string()
}

/// The day in UTC.
pub fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

/// The time until then; none where it is over.
pub fn time_until(end: SystemTime) -> Duration {
    end.duration_since(SystemTime::now()).unwrap_or(Duration::ZERO)
}
