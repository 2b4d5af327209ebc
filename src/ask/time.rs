//! Times as the snapshot keeps them.

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

/// RFC 3339 in UTC; `None` for times that have no such form.
pub(crate) fn rfc_3339(time: &DateTime) -> Option<String> {
    time.fmt(Format::DateTime).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_utc() {
        assert_eq!(rfc_3339(&DateTime::from_secs(1_700_000_000)).as_deref(), Some("2023-11-14T22:13:20Z"));
        assert_eq!(rfc_3339(&DateTime::from_secs(i64::MAX)), None);
    }
}
