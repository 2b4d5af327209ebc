//! Extended Support of RDS: which major versions are in it, and what it is charged by.

use jiff::civil::{Date, date};

/// How old a major version is to RDS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SupportPhase {
    /// Nothing is charged until this day.
    Standard {
        /// The last day of standard support.
        until: Date,
    },
    /// Years 1 and 2 of Extended Support.
    YearsOneAndTwo {
        /// Since when it is charged.
        since: Date,
    },
    /// Year 3 of Extended Support.
    YearThree {
        /// Since when it is charged at this price.
        since: Date,
    },
}

impl SupportPhase {
    /// The key of the price, where something is charged.
    pub(crate) fn product(self, engine: &str) -> Option<String> {
        match self {
            SupportPhase::Standard { .. } => None,
            SupportPhase::YearsOneAndTwo { .. } => {
                Some(format!("rds-extended-support-vcpu-hour/{engine}/years-1-2"))
            }
            SupportPhase::YearThree { .. } => Some(format!("rds-extended-support-vcpu-hour/{engine}/year-3")),
        }
    }
}

/// Engine, major version, last day of standard support, first day of year 3's price: the
/// release calendars in the RDS user guide and the RDS for PostgreSQL release notes.
const CALENDAR: &[(&str, &str, Date, Date)] = &[
    ("postgres", "11", date(2024, 3, 31), date(2026, 4, 1)),
    ("postgres", "12", date(2025, 2, 28), date(2027, 3, 1)),
    ("postgres", "13", date(2026, 2, 28), date(2028, 3, 1)),
    ("postgres", "14", date(2027, 2, 28), date(2029, 3, 1)),
    ("postgres", "15", date(2028, 2, 29), date(2030, 3, 1)),
    ("postgres", "16", date(2029, 2, 28), date(2031, 3, 1)),
    ("postgres", "17", date(2030, 2, 28), date(2032, 3, 1)),
    ("mysql", "5.7", date(2024, 2, 29), date(2026, 3, 1)),
    ("mysql", "8.0", date(2026, 7, 31), date(2028, 8, 1)),
];

/// The phase of an engine version on a day; `None` where the calendar does not have it.
pub(crate) fn support_phase(engine: &str, version: &str, day: Date) -> Option<SupportPhase> {
    let is_major = |major: &str| {
        version.strip_prefix(major).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let row = CALENDAR.iter().find(|(of, major, _, _)| *of == engine && is_major(major));
    row.map(|(_, _, until, year_three)| {
        if day <= *until {
            SupportPhase::Standard { until: *until }
        } else if day < *year_three {
            SupportPhase::YearsOneAndTwo { since: until.tomorrow().unwrap_or(*until) }
        } else {
            SupportPhase::YearThree { since: *year_three }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_grow_old_on_their_day() {
        let on = |version: &str, day: Date| support_phase("postgres", version, day).unwrap();
        let last = date(2026, 2, 28);
        assert_eq!(on("13.16", last), SupportPhase::Standard { until: last });
        let since = date(2026, 3, 1);
        assert_eq!(on("13", since), SupportPhase::YearsOneAndTwo { since });
        let third = date(2028, 3, 1);
        assert_eq!(on("13.16", third), SupportPhase::YearThree { since: third });
        assert_eq!(support_phase("postgres", "130.1", last), None);
        assert_eq!(support_phase("mariadb", "10.6.14", last), None);
        let mysql = support_phase("mysql", "8.0.39", date(2026, 11, 23)).unwrap();
        assert_eq!(mysql.product("mysql").unwrap(), "rds-extended-support-vcpu-hour/mysql/years-1-2");
        assert_eq!(support_phase("mysql", "8.4.3", last), None);
    }
}
