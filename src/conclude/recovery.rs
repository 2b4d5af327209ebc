//! What a database comes back to, and how: the recovery point and the recovery time that its
//! configuration gives.

use crate::arn::Arn;
use crate::snapshot::Snapshot;
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use crate::snapshot::rds::{DbCluster, DbInstance};
use crate::text::{Text, counted};
use jiff::Timestamp;

crate::record! {
    /// What a database comes back to after a loss, and how.
    pub struct Recovery {
        /// Minutes of writes that a restore loses: 5, or the age of the latest time that it can be
        /// restored to where that is more; null without automated backups.
        pub lost_minutes: Known<Option<i64>>,
        /// Seconds until a standby has taken over when the Availability Zone is lost; null where it is
        /// restored from a backup or a replica is promoted by hand.
        pub failover_seconds: Known<Option<i64>>,
        /// Read replicas in another Availability Zone of the region, which somebody may promote.
        pub promotable_ids: Known<Vec<String>>,
        /// The regions that hold a copy which AWS keeps up to date: replicated automated backups or read
        /// replicas. Copies of snapshots and what AWS Backup keeps are not among them.
        pub other_regions: Known<Vec<String>>,
        /// Whether the KMS key of its storage and backups can be used; a key that is disabled or waits for
        /// its deletion makes both unreadable. Yes where nothing is encrypted.
        pub is_key_usable: Known<bool>,
        /// What is lost and how it comes back, in words; times of a restore left out.
        pub summary: Text,
    }

    /// What a DB cluster comes back to after a loss.
    pub struct ClusterRecovery {
        /// Minutes of writes that a restore loses: 5, or the age of the latest time that it can be
        /// restored to where that is more.
        pub lost_minutes: Known<i64>,
        /// Seconds until another instance has taken over when the Availability Zone is lost; null where it
        /// has instances in one zone alone.
        pub failover_seconds: Known<Option<i64>>,
        /// The regions that hold a copy which AWS keeps up to date: read replicas; or `global`, where the
        /// cluster belongs to a global database.
        pub other_regions: Known<Vec<String>>,
        /// What is lost and how it comes back, in words.
        pub summary: Text,
    }
}

/// RDS uploads transaction logs to S3 every five minutes, and Aurora's latest restorable time is
/// typically within the last five minutes.
const LOG_MINUTES: i64 = 5;
/// The state of a key that can be used.
const USABLE: &str = "Enabled";
/// A failover of a Multi-AZ DB instance typically takes 60 to 120 seconds.
const INSTANCE_FAILOVER_SECONDS: i64 = 120;
/// A failover of a Multi-AZ DB cluster typically takes under 35 seconds.
const CLUSTER_FAILOVER_SECONDS: i64 = 35;
/// Aurora's service is typically restored in less than 60 seconds where there is a replica.
const AURORA_FAILOVER_SECONDS: i64 = 60;

/// See [`super::FUNCTIONS`].
pub(crate) fn database_recovery(snapshot: &Snapshot, db: &DbInstance) -> Recovery {
    let latest = Ok(db.latest_restorable_at.as_deref());
    let lost: Result<Option<i64>, GapId> = match db.backup_retention_days.ask() {
        Ok(1..) => lost_minutes(snapshot, &db.status, latest, "rds:DescribeDBInstances", &db.region, &db.arn)
            .map(Some),
        Ok(_) => Ok(None),
        Err(gap) => Err(gap),
    };
    let failover_seconds = db.multi_az.ask().map(|on| on.then_some(INSTANCE_FAILOVER_SECONDS));
    let promotable = promotable(snapshot, db);
    let other_regions = other_regions(db);
    let key = key_state(snapshot, db);
    let mut said = vec![
        recovery_point(snapshot, &lost),
        zone_loss(&failover_seconds, &promotable),
        region_loss(snapshot, &other_regions),
        deletion(&db.deletion_protection),
    ];
    if let Ok(Some(state)) = &key
        && state != USABLE
    {
        said.push(Text::new(
            format!("its KMS key is {state}, and without it neither storage nor backups can be read"),
            format!("KMS キーの状態が {state} で、ストレージもバックアップも読めなくなる"),
        ));
    }
    let summary = parts(&said);
    Recovery {
        is_key_usable: key.map(|state| state.is_none_or(|state| state == USABLE)).into(),
        lost_minutes: lost.into(),
        failover_seconds: failover_seconds.into(),
        promotable_ids: promotable.into(),
        other_regions: other_regions.into(),
        summary,
    }
}

/// See [`super::FUNCTIONS`].
pub(crate) fn cluster_recovery(snapshot: &Snapshot, cluster: &DbCluster) -> ClusterRecovery {
    let latest = cluster.latest_restorable_at.ask().map(Option::as_deref);
    let operation = "rds:DescribeDBClusters";
    let lost = lost_minutes(snapshot, &cluster.status, latest, operation, &cluster.region, &cluster.arn);
    let seconds =
        if cluster.engine.starts_with("aurora") { AURORA_FAILOVER_SECONDS } else { CLUSTER_FAILOVER_SECONDS };
    let failover_seconds = cluster.multi_az.ask().map(|on| on.then_some(seconds));
    let other_regions = cluster_regions(cluster);
    let summary = parts(&[
        recovery_point(snapshot, &lost.clone().map(Some)),
        match failover_seconds {
            Ok(Some(_)) | Err(_) => zone_loss(&failover_seconds, &Ok(Vec::new())),
            Ok(None) => Text::new(
                "zone lost: an instance has to be made in another zone",
                "ゾーン障害時は別のゾーンにインスタンスを作成する必要がある",
            ),
        },
        region_loss(snapshot, &other_regions),
        deletion(&cluster.deletion_protection),
    ]);
    ClusterRecovery {
        lost_minutes: lost.into(),
        failover_seconds: failover_seconds.into(),
        other_regions: other_regions.into(),
        summary,
    }
}

/// How old the latest time is that a database can be restored to. A database that does not run is
/// written to by nobody.
fn lost_minutes(
    snapshot: &Snapshot,
    status: &Known<String>,
    latest: Result<Option<&str>, GapId>,
    operation: &str,
    region: &str,
    arn: &str,
) -> Result<i64, GapId> {
    if status.ask()? != "available" {
        return Ok(LOG_MINUTES);
    }
    let not_said = || GapId::new(operation, region, Some(arn));
    let time = |text: &str| text.parse::<Timestamp>().ok();
    let latest = latest?.and_then(time).ok_or_else(not_said)?;
    let taken = time(&snapshot.taken_at).ok_or_else(not_said)?;
    Ok(((taken.as_second() - latest.as_second()) / 60).max(LOG_MINUTES))
}

/// The state of the key of a database's storage; `None` where nothing is encrypted.
fn key_state(snapshot: &Snapshot, db: &DbInstance) -> Result<Option<String>, GapId> {
    if !*db.storage_encrypted.ask()? {
        return Ok(None);
    }
    let name = db.kms_key_id.as_ref().ok_or_else(GapId::default)?;
    let keys = &snapshot.kms.keys;
    let key =
        keys.iter().find(|key| key.region == db.region && (key.arn == *name || key.names.contains(name)));
    key.map(|key| Some(key.state.clone())).ok_or_else(|| keys.hidden_by(&db.region, name))
}

/// The replicas of a database in other zones of its region.
fn promotable(snapshot: &Snapshot, db: &DbInstance) -> Result<Vec<String>, GapId> {
    let instances = &snapshot.rds.db_instances;
    let is_its = |replica: &&DbInstance| {
        replica.region == db.region
            && replica.replication_source_id.as_ref().is_some_and(|id| *id == db.id || *id == db.arn)
            && replica.availability_zone.is_some()
            && replica.availability_zone != db.availability_zone
    };
    let found: Vec<String> = instances.iter().filter(is_its).map(|replica| replica.id.clone()).collect();
    match instances.complete_in(&db.region) {
        Err(gap) if found.is_empty() => Err(gap),
        _ => Ok(found),
    }
}

fn regions_of<'a>(arns: impl Iterator<Item = &'a String>, own: &str) -> Vec<String> {
    let regions = arns.filter_map(|arn| Arn::parse(arn)).map(|arn| arn.region.to_owned());
    let mut regions: Vec<String> = regions.filter(|region| region != own && !region.is_empty()).collect();
    regions.sort();
    regions.dedup();
    regions
}

/// A copy that is seen is one, whatever else is not known.
fn other_regions(db: &DbInstance) -> Result<Vec<String>, GapId> {
    let lists = [db.backup_replication_arns.ask(), db.replica_ids.ask()];
    let arns = lists.iter().filter_map(|list| list.as_ref().ok()).copied().flatten();
    let found = regions_of(arns, &db.region);
    match lists.into_iter().find_map(Result::err) {
        Some(gap) if found.is_empty() => Err(gap),
        _ => Ok(found),
    }
}

fn cluster_regions(cluster: &DbCluster) -> Result<Vec<String>, GapId> {
    let global = cluster.global_cluster_id.ask();
    if let Ok(Some(_)) = global {
        return Ok(vec!["global".to_owned()]);
    }
    let replicas = cluster.replica_ids.ask();
    let found = regions_of(replicas.iter().copied().flatten(), &cluster.region);
    if found.is_empty() {
        global?;
        replicas?;
    }
    Ok(found)
}

fn recovery_point(snapshot: &Snapshot, lost: &Result<Option<i64>, GapId>) -> Text {
    match lost {
        Ok(None) => Text::new(
            "no recovery point: automated backups are off",
            "目標復旧時点なし（自動バックアップが無効）",
        ),
        Ok(Some(minutes)) => Text::new(
            format!("a restore loses the last {minutes} {}", counted(*minutes, "minute")),
            format!("復元時に直近 {minutes} 分のデータを失う"),
        ),
        Err(gap) => {
            let words = gap.in_words(snapshot.gap(gap));
            Text::new(
                format!("the latest restorable time is not known: {}", words.en),
                format!("復元可能な最新時刻を確認できない（{}）", words.ja),
            )
        }
    }
}

fn zone_loss(failover_seconds: &Result<Option<i64>, GapId>, promotable: &Result<Vec<String>, GapId>) -> Text {
    match (failover_seconds, promotable) {
        (Err(_), _) => Text::new(
            "zone lost: whether there is a standby is not known",
            "ゾーン障害時に切り替わるスタンバイの有無を確認できない",
        ),
        (Ok(Some(seconds)), _) => Text::new(
            format!("zone lost: failover within about {seconds} seconds"),
            format!("ゾーン障害時は約 {seconds} 秒以内にフェイルオーバーする"),
        ),
        (Ok(None), Ok(ids)) if !ids.is_empty() => {
            let ids = ids.join(", ");
            Text::new(
                format!("zone lost: {ids} can be promoted by hand"),
                format!("ゾーン障害時は {ids} を手動で昇格できる"),
            )
        }
        (Ok(None), Ok(_)) => Text::new(
            "zone lost: a restore by hand in another zone",
            "ゾーン障害時は別のゾーンに手動で復元する",
        ),
        (Ok(None), Err(_)) => Text::new(
            "zone lost: whether there is a replica is not known",
            "ゾーン障害時に昇格できるレプリカの有無を確認できない",
        ),
    }
}

fn region_loss(snapshot: &Snapshot, regions: &Result<Vec<String>, GapId>) -> Text {
    match regions {
        Ok(regions) if regions.is_empty() => Text::new(
            "region lost: no replica or replicated backup elsewhere",
            "リージョン障害時に使えるレプリカもバックアップの複製もない",
        ),
        Ok(regions) if regions.iter().any(|region| region == "global") => Text::new(
            "region lost: another region of the global database takes over",
            "リージョン障害時はグローバルデータベースの別のリージョンに切り替える",
        ),
        Ok(regions) => {
            let regions = regions.join(", ");
            Text::new(
                format!("region lost: a copy in {regions}"),
                format!("リージョン障害時は {regions} のコピーを使う"),
            )
        }
        Err(gap) => {
            let words = gap.in_words(snapshot.gap(gap));
            Text::new(
                format!("region lost: not known ({})", words.en),
                format!("リージョン障害時の備えは確認できない（{}）", words.ja),
            )
        }
    }
}

fn deletion(is_protected: &Known<bool>) -> Text {
    match is_protected {
        Known::Yes(true) => Text::new("deletion is refused", "削除保護あり"),
        Known::Yes(false) => Text::new("deletion is not refused", "削除保護なし"),
        Known::No(_) => Text::new("whether deletion is refused is unknown", "削除保護の有無は不明"),
    }
}

fn parts(parts: &[Text]) -> Text {
    let en: Vec<&str> = parts.iter().map(|part| part.en.as_str()).collect();
    let ja: Vec<&str> = parts.iter().map(|part| part.ja.as_str()).collect();
    Text::new(en.join("; "), ja.join("、"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::kms::Key;

    const REGION: &str = "ap-northeast-1";

    fn db() -> DbInstance {
        DbInstance {
            arn: format!("arn:aws:rds:{REGION}:123456789012:db:ec-db"),
            region: REGION.into(),
            id: "ec-db".into(),
            engine: "postgres".into(),
            status: "available".into(),
            availability_zone: Some(format!("{REGION}a")),
            multi_az: Known::Yes(false),
            storage_encrypted: Known::Yes(false),
            deletion_protection: Known::Yes(false),
            backup_retention_days: Known::Yes(7),
            latest_restorable_at: Some("2026-01-04T23:57:00Z".into()),
            replica_ids: Known::Yes(Vec::new()),
            backup_replication_arns: Known::Yes(Vec::new()),
            ..DbInstance::default()
        }
    }

    fn account(instances: Vec<DbInstance>) -> Snapshot {
        let mut snapshot =
            Snapshot { taken_at: "2026-01-05T00:00:00Z".into(), ..Snapshot::default().complete() };
        snapshot.rds.db_instances.items = instances;
        snapshot
    }

    fn recovery(edit: impl FnOnce(&mut DbInstance)) -> Recovery {
        let mut db = db();
        edit(&mut db);
        database_recovery(&account(vec![db.clone()]), &db)
    }

    #[test]
    fn what_a_restore_loses() {
        assert_eq!(recovery(|_| ()).lost_minutes, Known::Yes(Some(5)));
        assert_eq!(recovery(|db| db.backup_retention_days = Known::Yes(0)).lost_minutes, Known::Yes(None));
        let late = |db: &mut DbInstance| db.latest_restorable_at = Some("2026-01-04T20:00:00Z".into());
        assert_eq!(recovery(late).lost_minutes, Known::Yes(Some(240)));
        let stopped = |db: &mut DbInstance| {
            late(db);
            db.status = Known::Yes("stopped".into());
        };
        assert_eq!(recovery(stopped).lost_minutes, Known::Yes(Some(5)));
        let found = recovery(|db| db.latest_restorable_at = None);
        assert_eq!(
            found.lost_minutes,
            Known::No(GapId::new("rds:DescribeDBInstances", REGION, Some(&db().arn)))
        );
        assert!(
            found.summary.en.starts_with("the latest restorable time is not known"),
            "{}",
            found.summary.en
        );
    }

    #[test]
    fn a_lost_zone() {
        assert_eq!(recovery(|db| db.multi_az = Known::Yes(true)).failover_seconds, Known::Yes(Some(120)));
        assert_eq!(recovery(|_| ()).failover_seconds, Known::Yes(None));
        let unsaid = recovery(|db| db.multi_az = Known::default());
        assert_eq!(unsaid.failover_seconds, Known::default());
        assert!(
            unsaid.summary.en.contains("whether there is a standby is not known"),
            "{}",
            unsaid.summary.en
        );
        let replica = |zone: &str| DbInstance {
            id: "ec-db-replica".into(),
            availability_zone: Some(format!("{REGION}{zone}")),
            replication_source_id: Some("ec-db".into()),
            ..db()
        };
        let with = |zone| database_recovery(&account(vec![db(), replica(zone)]), &db());
        assert_eq!(with("c").promotable_ids, Known::Yes(vec!["ec-db-replica".into()]));
        assert_eq!(with("a").promotable_ids, Known::Yes(Vec::new()), "the same zone");
        let mut hidden = account(vec![db()]);
        let gap = GapId::new("rds:DescribeDBInstances", REGION, None);
        hidden.rds.db_instances.incomplete = vec![gap.clone()];
        assert_eq!(database_recovery(&hidden, &db()).promotable_ids, Known::No(gap));
    }

    #[test]
    fn a_lost_region() {
        let found = recovery(|_| ());
        assert_eq!(found.other_regions, Known::Yes(Vec::new()));
        assert_eq!(
            found.summary.en,
            "a restore loses the last 5 minutes; zone lost: a restore by hand in another zone; \
             region lost: no replica or replicated backup elsewhere; deletion is not refused"
        );
        let copied = |db: &mut DbInstance| {
            let arn = "arn:aws:rds:ap-northeast-3:123456789012:auto-backup:ab-1".to_owned();
            db.backup_replication_arns = Known::Yes(vec![arn]);
            db.replica_ids = Known::default();
        };
        assert_eq!(recovery(copied).other_regions, Known::Yes(vec!["ap-northeast-3".into()]));
        let beside = |db: &mut DbInstance| db.replica_ids = Known::Yes(vec!["ec-db-replica".into()]);
        assert_eq!(recovery(beside).other_regions, Known::Yes(Vec::new()), "in the same region");
        let hidden = |db: &mut DbInstance| db.replica_ids = Known::default();
        assert_eq!(recovery(hidden).other_regions, Known::default());
    }

    #[test]
    fn a_key_that_cannot_be_used_takes_the_backups_along() {
        const KEY: &str = "arn:aws:kms:ap-northeast-1:123456789012:key/1";
        let db = DbInstance { storage_encrypted: Known::Yes(true), kms_key_id: Some(KEY.into()), ..db() };
        let with = |state: &str| {
            let mut snapshot = account(vec![db.clone()]);
            let key = Key { arn: KEY.into(), region: REGION.into(), state: state.into(), ..Key::default() };
            snapshot.kms.keys.items = vec![key];
            database_recovery(&snapshot, &db)
        };
        assert_eq!(with("Enabled").is_key_usable, Known::Yes(true));
        let pending = with("PendingDeletion");
        assert_eq!(pending.is_key_usable, Known::Yes(false));
        assert!(pending.summary.en.contains("its KMS key is PendingDeletion"), "{}", pending.summary.en);
        assert_eq!(with("Disabled").is_key_usable, Known::Yes(false));
        assert_eq!(recovery(|_| ()).is_key_usable, Known::Yes(true), "not encrypted");
        let mut hidden = account(vec![db.clone()]);
        let gap = GapId::new("kms:DescribeKey", REGION, Some(KEY));
        hidden.kms.keys.incomplete = vec![gap.clone()];
        assert_eq!(database_recovery(&hidden, &db).is_key_usable, Known::No(gap));
        // The key of another account is nobody's to ask about.
        assert_eq!(database_recovery(&account(vec![db.clone()]), &db).is_key_usable, Known::default());
    }

    #[test]
    fn clusters() {
        let cluster = |multi_az: bool, engine: &str| DbCluster {
            region: REGION.into(),
            engine: engine.into(),
            status: "available".into(),
            multi_az: Known::Yes(multi_az),
            deletion_protection: Known::Yes(false),
            latest_restorable_at: Known::Yes(Some("2026-01-04T23:58:00Z".into())),
            replica_ids: Known::Yes(Vec::new()),
            global_cluster_id: Known::Yes(None),
            ..DbCluster::default()
        };
        let of = |cluster: &DbCluster| cluster_recovery(&account(Vec::new()), cluster);
        let seconds = |multi_az, engine| of(&cluster(multi_az, engine)).failover_seconds;
        assert_eq!(seconds(true, "aurora-mysql"), Known::Yes(Some(60)));
        assert_eq!(seconds(true, "postgres"), Known::Yes(Some(35)));
        assert_eq!(seconds(false, "aurora-mysql"), Known::Yes(None));
        assert_eq!(of(&cluster(true, "postgres")).lost_minutes, Known::Yes(5));
        let global =
            DbCluster { global_cluster_id: Known::Yes(Some("shop".into())), ..cluster(true, "aurora-mysql") };
        assert_eq!(of(&global).other_regions, Known::Yes(vec!["global".into()]));
        let unknown = DbCluster { replica_ids: Known::default(), ..cluster(true, "aurora-mysql") };
        assert_eq!(of(&unknown).other_regions, Known::default());
        assert_eq!(of(&cluster(true, "aurora-mysql")).other_regions, Known::Yes(Vec::new()));
    }
}
