//! Until when AWS supports a database's major version.

use super::times::days_until;
use crate::snapshot::Snapshot;
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use crate::snapshot::rds::{DbInstance, MajorEngineVersion, vcpu_count};

crate::record! {
    /// Until when AWS supports the major version of a database.
    pub(crate) struct DatabaseSupport {
        /// Its major version, for instance 15; null where AWS lists none for its engine version.
        pub major_version: Known<Option<String>>,
        /// The end of standard support, RFC 3339; null where AWS names none.
        pub standard_support_ends_at: Known<Option<String>>,
        /// Days until then, negative afterwards; null where AWS names none.
        pub standard_support_days: Known<Option<i64>>,
        /// The end of Extended Support, after which RDS upgrades the database by itself, RFC 3339;
        /// null where AWS names none.
        pub extended_support_ends_at: Known<Option<String>>,
        /// The major version of its engine whose standard support ends last; null where AWS names no end.
        pub longest_supported_version: Known<Option<String>>,
        /// The vCPUs of its class; null for classes that have none, and for those that are not known.
        pub vcpus: Option<i64>,
    }
}

/// See [`super::super::FUNCTIONS`].
pub(crate) fn database_support(snapshot: &Snapshot, db: &DbInstance) -> DatabaseSupport {
    let found = major_version(snapshot, db);
    let of = |value: fn(&MajorEngineVersion) -> Option<String>| -> Known<Option<String>> {
        found.clone().map(|version| version.and_then(value)).into()
    };
    let standard_support_days = found.clone().and_then(|version| {
        let end = version.and_then(|version| version.standard_support_ends_at.as_deref());
        end.map(|end| days_until(snapshot, end)).transpose()
    });
    DatabaseSupport {
        major_version: of(|version| Some(version.major_version.clone())),
        standard_support_ends_at: of(|version| version.standard_support_ends_at.clone()),
        standard_support_days: standard_support_days.into(),
        extended_support_ends_at: of(|version| version.extended_support_ends_at.clone()),
        longest_supported_version: longest_supported(snapshot, db).into(),
        vcpus: db.instance_class.known().and_then(|class| vcpu_count(class)),
    }
}

/// The most exact of the versions that begin the database's: 5.7.44 is of 5.7, 15.4 of 15.
fn major_version<'a>(
    snapshot: &'a Snapshot,
    db: &DbInstance,
) -> Result<Option<&'a MajorEngineVersion>, GapId> {
    let versions = &snapshot.rds.major_engine_versions;
    let engine_version = db.engine_version.ask()?;
    let is_major = |version: &&MajorEngineVersion| {
        version.region == db.region
            && version.engine == db.engine
            && engine_version
                .strip_prefix(&version.major_version)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    match versions.iter().filter(is_major).max_by_key(|version| version.major_version.len()) {
        Some(found) => Ok(Some(found)),
        None => versions.complete_in(&db.region).map(|()| None),
    }
}

fn longest_supported(snapshot: &Snapshot, db: &DbInstance) -> Result<Option<String>, GapId> {
    let versions = &snapshot.rds.major_engine_versions;
    versions.complete_in(&db.region)?;
    let of_engine = versions.iter().filter(|it| it.region == db.region && it.engine == db.engine);
    // RFC 3339 in UTC is in the order of time.
    let last =
        of_engine.filter_map(|it| Some((it.standard_support_ends_at.as_deref()?, it))).max_by_key(|it| it.0);
    Ok(last.map(|(_, version)| version.major_version.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGION: &str = "ap-northeast-1";

    fn version(engine: &str, major: &str, end: Option<&str>) -> MajorEngineVersion {
        MajorEngineVersion {
            region: REGION.into(),
            name: format!("{engine} {major}"),
            engine: engine.into(),
            major_version: major.into(),
            standard_support_ends_at: end.map(str::to_owned),
            extended_support_ends_at: None,
        }
    }

    fn db(engine: &str, version: &str) -> DbInstance {
        DbInstance {
            region: REGION.into(),
            engine: engine.into(),
            engine_version: version.into(),
            instance_class: "db.r6g.large".into(),
            ..Default::default()
        }
    }

    #[test]
    fn the_version_that_begins_the_databases() {
        let mut snapshot = Snapshot::default().complete();
        snapshot.taken_at = "2026-11-24T00:00:00Z".into();
        snapshot.rds.major_engine_versions.items = vec![
            version("mysql", "5.7", Some("2024-02-29T23:59:59Z")),
            version("mysql", "8.0", Some("2026-07-31T23:59:59Z")),
            version("postgres", "1", None),
            version("postgres", "15", Some("2028-02-29T23:59:59Z")),
            version("aurora-postgresql", "15", None),
        ];
        for (engine, of, major, days) in [
            ("mysql", "5.7.44", Some("5.7"), Some(-999)),
            ("mysql", "8.0.39", Some("8.0"), Some(-116)),
            ("postgres", "15.4", Some("15"), Some(462)),
            ("postgres", "150.1", None, None),
            ("aurora-postgresql", "15.4", Some("15"), None),
            ("oracle-ee", "19.0", None, None),
        ] {
            let found = database_support(&snapshot, &db(engine, of));
            assert_eq!(found.major_version, Known::Yes(major.map(str::to_owned)), "{engine} {of}");
            assert_eq!(found.standard_support_days, Known::Yes(days), "{engine} {of}");
            assert_eq!(found.vcpus, Some(2));
            let longest =
                ["mysql", "postgres"].contains(&engine).then(|| if engine == "mysql" { "8.0" } else { "15" });
            assert_eq!(found.longest_supported_version, Known::Yes(longest.map(str::to_owned)), "{engine}");
        }
    }

    #[test]
    fn what_aws_would_not_say_is_unknown() {
        let mut snapshot = Snapshot::default().complete();
        let gap = GapId::new("rds:DescribeDBMajorEngineVersions", REGION, None);
        snapshot.rds.major_engine_versions.incomplete = vec![gap.clone()];
        let found = database_support(&snapshot, &db("postgres", "15.4"));
        assert_eq!(found.standard_support_days, Known::No(gap.clone()));
        assert_eq!(found.longest_supported_version, Known::No(gap.clone()));
        assert_eq!(found.standard_support_ends_at, Known::No(gap));
    }
}
