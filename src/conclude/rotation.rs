//! How old a secret's value is, and whether anybody reads it.

use crate::snapshot::known::Known;
use crate::snapshot::secretsmanager::Secret;
use crate::snapshot::{GapId, Snapshot};
use jiff::Timestamp;

crate::record! {
    /// The age of a secret on the day of the scan.
    pub(crate) struct SecretAge {
        /// Days since its last rotation, or since it was made where it never had one; null where AWS
        /// gives neither.
        pub rotated_days_ago: Known<Option<i64>>,
        /// Days since its rotation was due, less than 0 before; null without an interval in days.
        pub overdue_days: Known<Option<i64>>,
        /// Days since its value was read, or since it was made where nobody ever read it; null where
        /// AWS gives neither. AWS gives the day of the last reading, without the time.
        pub unused_days: Known<Option<i64>>,
    }
}

const DAY_SECONDS: i64 = 86_400;

/// See [`super::FUNCTIONS`].
pub(crate) fn secret_age(snapshot: &Snapshot, secret: &Secret) -> SecretAge {
    let since = |time: &str| days_since(time, &snapshot.taken_at);
    let since_made =
        || -> Result<Option<i64>, GapId> { secret.created_at.ask()?.as_deref().map(since).transpose() };
    let rotated = match secret.last_rotated_at.as_deref() {
        Some(time) => since(time).map(Some),
        None => since_made(),
    };
    let overdue = || -> Result<Option<i64>, GapId> {
        let days = secret.rotation_days.ask()?;
        match (secret.last_rotated_at.as_deref(), days) {
            (_, None) => Ok(None),
            (Some(time), Some(days)) => Ok(Some(since(time)?.saturating_sub(*days))),
            // Rotation that was just turned on has its first day ahead.
            (None, Some(_)) => secret.next_rotation_at.ask()?.as_deref().map(since).transpose(),
        }
    };
    let unused = || -> Result<Option<i64>, GapId> {
        match secret.last_accessed_at.ask()?.as_deref() {
            Some(time) => since(time).map(Some),
            None => since_made(),
        }
    };
    SecretAge {
        rotated_days_ago: rotated.into(),
        overdue_days: overdue().into(),
        unused_days: unused().into(),
    }
}

/// Whole days; a time that cannot be read is one that nobody gave.
fn days_since(time: &str, now: &str) -> Result<i64, GapId> {
    let read = |text: &str| text.parse::<Timestamp>().map_err(|_| GapId::default());
    Ok((read(now)?.as_second() - read(time)?.as_second()).div_euclid(DAY_SECONDS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> Snapshot {
        Snapshot { taken_at: "2026-06-30T12:00:00Z".into(), ..Snapshot::default().complete() }
    }

    fn secret() -> Secret {
        Secret {
            rotation_enabled: true,
            rotation_days: Known::Yes(Some(30)),
            next_rotation_at: Known::Yes(Some("2026-07-10T00:00:00Z".into())),
            created_at: Known::Yes(Some("2026-01-01T12:00:00Z".into())),
            last_accessed_at: Known::Yes(None),
            ..Secret::default()
        }
    }

    #[test]
    fn ages_are_counted_from_what_happened_last() {
        let age = secret_age(&account(), &secret());
        assert_eq!(age.rotated_days_ago, Known::Yes(Some(180)));
        assert_eq!(age.overdue_days, Known::Yes(Some(-10)), "the first rotation is ahead");
        assert_eq!(age.unused_days, Known::Yes(Some(180)));

        let rotated = Secret {
            last_rotated_at: Some("2026-05-01T12:00:00Z".into()),
            last_accessed_at: Known::Yes(Some("2026-06-30T00:00:00Z".into())),
            ..secret()
        };
        let age = secret_age(&account(), &rotated);
        assert_eq!(age.rotated_days_ago, Known::Yes(Some(60)));
        assert_eq!(age.overdue_days, Known::Yes(Some(30)));
        assert_eq!(age.unused_days, Known::Yes(Some(0)));
    }

    #[test]
    fn what_is_not_said_has_no_age() {
        let silent = Secret { rotation_days: Known::Yes(None), created_at: Known::Yes(None), ..secret() };
        let age = secret_age(&account(), &silent);
        assert_eq!((age.rotated_days_ago, age.overdue_days), (Known::Yes(None), Known::Yes(None)));
        assert_eq!(age.unused_days, Known::Yes(None));
        let older = Secret { name: "of an older snapshot".into(), ..Secret::default() };
        let age = secret_age(&account(), &older);
        assert_eq!((age.overdue_days, age.unused_days), (Known::default(), Known::default()));
    }
}
