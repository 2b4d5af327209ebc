//! What a database's dates come to on the day of the scan.

use crate::snapshot::Snapshot;
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use crate::snapshot::rds::{DbCluster, DbInstance, MaintenanceAction};
use jiff::Timestamp;

const DAY_SECONDS: i64 = 24 * 60 * 60;
const MINUTE_SECONDS: i64 = 60;

crate::record! {
    /// The dates of a DB instance, counted from the scan.
    pub(crate) struct DatabaseTimes {
        /// How long it exists, in whole days; null while it is being made.
        pub age_days: Known<Option<i64>>,
        /// How far the latest time that it can be restored to lies back, in minutes; null where it
        /// cannot be restored to any.
        pub restorable_lag_minutes: Known<Option<i64>>,
        /// Days until its server certificate expires, negative afterwards; null where AWS names no end.
        pub certificate_days: Known<Option<i64>>,
    }

    /// The dates of a DB cluster, counted from the scan.
    pub(crate) struct ClusterTimes {
        /// How long it exists, in whole days; null while it is being made.
        pub age_days: Known<Option<i64>>,
        /// How far the latest time that it can be restored to lies back, in minutes; null where it
        /// cannot be restored to any.
        pub restorable_lag_minutes: Known<Option<i64>>,
    }

    /// Maintenance with a date.
    pub(crate) struct DueMaintenance {
        /// system-update, os-upgrade, db-upgrade, hardware-maintenance, ca-certificate-rotation, …
        pub action: String,
        /// The instance, or its cluster.
        pub resource_arn: String,
        /// What it does, in AWS's words.
        pub description: Option<String>,
        /// When it is done, RFC 3339: the time chosen, or else the maintenance window after this
        /// time, or else the time at which AWS does it whatever the window.
        pub due_at: String,
        /// Days until then, negative afterwards.
        pub days_left: i64,
    }
}

/// See [`super::super::FUNCTIONS`].
pub(crate) fn database_times(snapshot: &Snapshot, db: &DbInstance) -> DatabaseTimes {
    let certificate = db.certificate_valid_until.ask().and_then(|end| match end {
        Some(end) => days_until(snapshot, end).map(Some),
        None => Ok(None),
    });
    DatabaseTimes {
        age_days: age_days(snapshot, &db.created_at),
        restorable_lag_minutes: lag_minutes(snapshot, db.latest_restorable_at.as_deref()).into(),
        certificate_days: certificate.into(),
    }
}

/// See [`super::super::FUNCTIONS`].
pub(crate) fn cluster_times(snapshot: &Snapshot, cluster: &DbCluster) -> ClusterTimes {
    let latest = cluster.latest_restorable_at.ask();
    ClusterTimes {
        age_days: age_days(snapshot, &cluster.created_at),
        restorable_lag_minutes: latest.and_then(|latest| lag_minutes(snapshot, latest.as_deref())).into(),
    }
}

/// See [`super::super::FUNCTIONS`].
pub(crate) fn database_maintenance(snapshot: &Snapshot, db: &DbInstance) -> Known<Vec<DueMaintenance>> {
    maintenance(snapshot, db).into()
}

fn maintenance(snapshot: &Snapshot, db: &DbInstance) -> Result<Vec<DueMaintenance>, GapId> {
    let pending = &snapshot.rds.pending_maintenance;
    pending.complete_in(&db.region)?;
    let cluster = match &db.cluster_id {
        Some(id) => snapshot.rds.db_clusters.iter().find(|it| it.region == db.region && it.id == *id),
        None => None,
    };
    if db.cluster_id.is_some() && cluster.is_none() {
        snapshot.rds.db_clusters.complete_in(&db.region)?;
    }
    let is_own = |action: &&MaintenanceAction| {
        action.resource_arn == db.arn || cluster.is_some_and(|cluster| action.resource_arn == cluster.arn)
    };
    let mut due = Vec::new();
    for action in pending.iter().filter(is_own) {
        let dates = [&action.applied_at, &action.auto_applied_after, &action.forced_at];
        if let Some(due_at) = dates.into_iter().flatten().next() {
            due.push(DueMaintenance {
                action: action.action.clone(),
                resource_arn: action.resource_arn.clone(),
                description: action.description.clone(),
                due_at: due_at.clone(),
                days_left: days_until(snapshot, due_at)?,
            });
        }
    }
    Ok(due)
}

/// Days from the scan to `end`, negative afterwards.
pub(super) fn days_until(snapshot: &Snapshot, end: &str) -> Result<i64, GapId> {
    Ok(seconds_between(&snapshot.taken_at, end)?.div_euclid(DAY_SECONDS))
}

fn age_days(snapshot: &Snapshot, created_at: &Known<Option<String>>) -> Known<Option<i64>> {
    let age = created_at.ask().and_then(|created| match created {
        Some(created) => Ok(Some(seconds_between(created, &snapshot.taken_at)?.div_euclid(DAY_SECONDS))),
        None => Ok(None),
    });
    age.into()
}

fn lag_minutes(snapshot: &Snapshot, latest: Option<&str>) -> Result<Option<i64>, GapId> {
    let seconds = latest.map(|latest| seconds_between(latest, &snapshot.taken_at)).transpose()?;
    // The clocks of AWS and of the scan are not the same to the second.
    Ok(seconds.map(|seconds| seconds.max(0) / MINUTE_SECONDS))
}

fn seconds_between(from: &str, to: &str) -> Result<i64, GapId> {
    let second = |time: &str| time.parse::<Timestamp>().map(|time| time.as_second());
    match (second(from), second(to)) {
        (Ok(from), Ok(to)) => Ok(to - from),
        _ => Err(GapId::default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGION: &str = "ap-northeast-1";

    fn account() -> Snapshot {
        let mut snapshot = Snapshot::default().complete();
        snapshot.taken_at = "2026-11-24T03:00:00Z".into();
        snapshot
    }

    fn db() -> DbInstance {
        DbInstance { arn: "arn:db".into(), region: REGION.into(), ..Default::default() }
    }

    #[test]
    fn counted_from_the_scan() {
        let db = DbInstance {
            created_at: Known::Yes(Some("2026-11-23T02:00:00Z".into())),
            latest_restorable_at: Some("2026-11-24T02:54:30Z".into()),
            certificate_valid_until: Known::Yes(Some("2026-12-24T03:00:00Z".into())),
            ..db()
        };
        let times = database_times(&account(), &db);
        assert_eq!(times.age_days, Known::Yes(Some(1)));
        assert_eq!(times.restorable_lag_minutes, Known::Yes(Some(5)));
        assert_eq!(times.certificate_days, Known::Yes(Some(30)));
    }

    #[test]
    fn what_is_not_there_is_null_and_what_is_not_known_is_unknown() {
        let times = database_times(&account(), &db());
        assert_eq!(times.restorable_lag_minutes, Known::Yes(None));
        assert_eq!(times.age_days, Known::default());
        assert_eq!(times.certificate_days, Known::default());
        let times = cluster_times(&account(), &DbCluster::default());
        assert_eq!(times.restorable_lag_minutes, Known::default());
        let unreadable = DbInstance { latest_restorable_at: Some("soon".into()), ..db() };
        assert_eq!(database_times(&account(), &unreadable).restorable_lag_minutes, Known::default());
        let later = DbInstance { latest_restorable_at: Some("2026-11-24T03:00:02Z".into()), ..db() };
        assert_eq!(database_times(&account(), &later).restorable_lag_minutes, Known::Yes(Some(0)));
    }

    #[test]
    fn a_cluster_is_counted_like_an_instance() {
        let cluster = DbCluster {
            created_at: Known::Yes(Some("2026-11-14T02:00:00Z".into())),
            latest_restorable_at: Known::Yes(Some("2026-11-24T02:48:59Z".into())),
            ..Default::default()
        };
        let times = cluster_times(&account(), &cluster);
        assert_eq!(times.age_days, Known::Yes(Some(10)), "whole days");
        assert_eq!(times.restorable_lag_minutes, Known::Yes(Some(11)), "whole minutes");
        let made = DbCluster {
            created_at: Known::Yes(None),
            latest_restorable_at: Known::Yes(None),
            ..Default::default()
        };
        let times = cluster_times(&account(), &made);
        assert_eq!((times.age_days, times.restorable_lag_minutes), (Known::Yes(None), Known::Yes(None)));
        let gap = GapId::new("rds:DescribeDBClusters", REGION, None);
        let hidden = DbCluster { latest_restorable_at: Known::No(gap.clone()), ..Default::default() };
        assert_eq!(cluster_times(&account(), &hidden).restorable_lag_minutes, Known::No(gap));
    }

    /// The time chosen comes before the maintenance window, the window before the last date:
    /// <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_PendingMaintenanceAction.html>.
    #[test]
    fn the_first_date_that_is_set_decides() {
        let due = |applied: Option<&str>, after: Option<&str>, forced: Option<&str>| {
            let owned = |date: Option<&str>| date.map(str::to_owned);
            let mut snapshot = account();
            snapshot.rds.pending_maintenance.items = vec![MaintenanceAction {
                resource_arn: "arn:db".into(),
                region: REGION.into(),
                applied_at: owned(applied),
                auto_applied_after: owned(after),
                forced_at: owned(forced),
                ..Default::default()
            }];
            let found = database_maintenance(&snapshot, &db());
            found.known().unwrap().iter().map(|it| it.days_left).collect::<Vec<_>>()
        };
        let (tomorrow, soon, late) = ("2026-11-25T03:00:00Z", "2026-12-04T03:00:00Z", "2026-12-24T03:00:00Z");
        assert_eq!(due(Some(tomorrow), Some(soon), Some(late)), [1]);
        assert_eq!(due(None, Some(soon), Some(late)), [10]);
        assert_eq!(due(None, None, Some(late)), [30]);
        assert_eq!(due(None, None, None), [0; 0]);
    }

    #[test]
    fn a_member_of_a_cluster_that_is_not_listed_may_have_more() {
        let member = DbInstance { cluster_id: Some("it".into()), ..db() };
        assert_eq!(database_maintenance(&account(), &member), Known::Yes(Vec::new()));
        let gap = GapId::new("rds:DescribeDBClusters", REGION, None);
        let mut hidden = account();
        hidden.rds.db_clusters.incomplete = vec![gap.clone()];
        assert_eq!(database_maintenance(&hidden, &member), Known::No(gap));
        assert_eq!(database_maintenance(&hidden, &db()), Known::Yes(Vec::new()), "it has no cluster");
        let cluster = |region: &str| DbCluster {
            arn: "cluster".into(),
            region: region.into(),
            id: "it".into(),
            ..Default::default()
        };
        let mut elsewhere = account();
        elsewhere.rds.db_clusters.items = vec![cluster("eu-west-1")];
        elsewhere.rds.pending_maintenance.items = vec![MaintenanceAction {
            resource_arn: "cluster".into(),
            region: "eu-west-1".into(),
            forced_at: Some("2026-11-25T03:00:00Z".into()),
            ..Default::default()
        }];
        assert_eq!(database_maintenance(&elsewhere, &member), Known::Yes(Vec::new()), "another region's");
    }

    #[test]
    fn maintenance_of_an_instance_and_of_its_cluster() {
        let action = |arn: &str, applied: Option<&str>, forced: Option<&str>| MaintenanceAction {
            resource_arn: arn.into(),
            region: REGION.into(),
            action: format!("upgrade-of-{arn}"),
            applied_at: applied.map(str::to_owned),
            forced_at: forced.map(str::to_owned),
            ..Default::default()
        };
        let mut snapshot = account();
        snapshot.rds.db_clusters.items = vec![DbCluster {
            arn: "cluster".into(),
            region: REGION.into(),
            id: "it".into(),
            ..Default::default()
        }];
        snapshot.rds.pending_maintenance.items = vec![
            action("arn:db", Some("2026-12-01T03:00:00Z"), Some("2027-01-01T00:00:00Z")),
            action("arn:db", None, None),
            action("cluster", None, Some("2026-11-23T00:00:00Z")),
            action("arn:other", Some("2026-12-01T03:00:00Z"), None),
        ];
        let days = |db: &DbInstance| -> Option<Vec<i64>> {
            let found = database_maintenance(&snapshot, db);
            found.known().map(|them| them.iter().map(|it| it.days_left).collect())
        };
        assert_eq!(days(&db()), Some(vec![7]));
        assert_eq!(days(&DbInstance { cluster_id: Some("it".into()), ..db() }), Some(vec![7, -2]));
        let gap = GapId::new("rds:DescribePendingMaintenanceActions", REGION, None);
        snapshot.rds.pending_maintenance.incomplete = vec![gap.clone()];
        assert_eq!(database_maintenance(&snapshot, &db()), Known::No(gap));
    }
}
