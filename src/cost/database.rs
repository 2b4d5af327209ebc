//! Databases: instances with their standby, storage, backups, Extended Support.

use super::support::{SupportPhase, support_phase};
use super::{CostPlace, Draft, Group, Quantity, both, float, month_hours};
use crate::finding::day;
use crate::snapshot::Known;
use crate::snapshot::rds::DbInstance;
use crate::snapshot::rds::vcpu_count;
use std::collections::BTreeSet;

pub(super) fn databases(draft: &mut Draft<'_>) {
    let rds = &draft.snapshot.rds;
    let mut with_backups = BTreeSet::new();
    for db in rds.db_instances.iter() {
        let place = CostPlace { group: Group::Rds, resource: &db.arn, region: &db.region };
        instance(draft, place, db);
        // The storage and backups of a cluster are the cluster's.
        if db.cluster_id.is_none() {
            storage(draft, place, db);
            if db.backup_retention_days.known().is_none_or(|days| *days > 0) {
                with_backups.insert(db.region.as_str());
            }
        }
        extended_support(draft, place, db);
    }
    for cluster in rds.db_clusters.iter() {
        let place = CostPlace { group: Group::Rds, resource: &cluster.arn, region: &cluster.region };
        let product = format!("rds-cluster-storage-gb-month/{}", cluster.engine);
        let quantity = Quantity::uncounted(("the metric VolumeBytesUsed", "メトリクス VolumeBytesUsed"));
        draft.add(
            place,
            both("Storage and requests of the cluster", "クラスターのストレージとリクエスト"),
            &product,
            quantity,
            both("", ""),
        );
        with_backups.insert(cluster.region.as_str());
    }
    for region in with_backups {
        backups(draft, region);
    }
    draft.add_incomplete(Group::Rds, &rds.db_instances, ("DB instances", "DB インスタンス"));
    draft.add_incomplete(Group::Rds, &rds.db_clusters, ("DB clusters", "DB クラスター"));
}

fn zones(db: &DbInstance) -> (&'static str, &'static str) {
    match db.multi_az.known() {
        Some(true) => ("multi-az", "Multi-AZ"),
        Some(false) => ("single-az", "Single-AZ"),
        None => ("single-az", "Single-AZ / Multi-AZ"),
    }
}

/// A quantity that holds if a setting of the database is known.
fn if_known<T>(setting: &Known<T>, quantity: impl FnOnce(&T) -> Quantity) -> Quantity {
    setting.ask().map_or_else(Quantity::Hidden, quantity)
}

/// A setting in words.
fn or_mark(setting: &Known<String>) -> &str {
    setting.known().map_or("?", String::as_str)
}

fn instance(draft: &mut Draft<'_>, place: CostPlace<'_>, db: &DbInstance) {
    // A stopped instance is not charged by the hour; its storage is.
    if db.status.known().is_some_and(|status| status == "stopped") {
        return;
    }
    let (key, word) = zones(db);
    let (class, version) = (or_mark(&db.instance_class), or_mark(&db.engine_version));
    let product = format!("rds-instance-hour/{}/{class}/{key}", db.engine);
    let what = both(&format!("Instance {class}, {word}"), &format!("インスタンス {class}（{word}）"));
    let (hours, engine) = (month_hours(), &db.engine);
    let quantity = if_known(&db.status, |_| {
        if_known(&db.instance_class, |_| if_known(&db.multi_az, |_| Quantity::Units(hours)))
    });
    let basis = both(&format!("{engine} {version}, {hours} h"), &format!("{engine} {version}、{hours} 時間"));
    draft.add(place, what, &product, quantity, basis);
}

fn storage(draft: &mut Draft<'_>, place: CostPlace<'_>, db: &DbInstance) {
    let kind = db.storage_type.as_deref().unwrap_or("unnamed");
    let (key, word) = zones(db);
    let product = format!("rds-storage-gb-month/{}/{kind}/{key}", db.engine);
    let size = db.allocated_storage_gib.known().map_or("?".to_owned(), i64::to_string);
    let quantity =
        if_known(&db.multi_az, |_| if_known(&db.allocated_storage_gib, |size| Quantity::Units(float(*size))));
    draft.add(
        place,
        both(&format!("Storage, {kind} {word}"), &format!("ストレージ（{kind} {word}）")),
        &product,
        quantity,
        both(
            &format!("{size} GiB allocated, no IOPS or throughput beyond what the type includes"),
            &format!("割り当て {size} GiB。種類に含まれる分を超える IOPS とスループットはないものとする"),
        ),
    );
}

fn backups(draft: &mut Draft<'_>, region: &str) {
    let resource = draft.every("rds", region, "db:*");
    let place = CostPlace { group: Group::Rds, resource: &resource, region };
    let quantity = Quantity::assumed(
        draft.assumptions.backup_gb,
        "backup_gb",
        ("RDS:ChargedBackupUsage in Cost Explorer", "Cost Explorer の RDS:ChargedBackupUsage の値"),
    );
    draft.add(
        place,
        both("Backups beyond the size of the databases", "データベースの容量を超えるバックアップ"),
        "rds-backup-gb-month",
        quantity,
        both(
            "free up to the storage allocated to the databases of the region",
            "リージョン内のデータベースの割り当て容量までは無料",
        ),
    );
}

fn extended_support(draft: &mut Draft<'_>, place: CostPlace<'_>, db: &DbInstance) {
    let engine = db.engine.as_str();
    let version = match db.engine_version.ask() {
        Ok(version) => version,
        Err(gap) => {
            let product = format!("rds-extended-support-vcpu-hour/{engine}/years-1-2");
            let what = both(&format!("Extended Support, {engine}"), &format!("延長サポート（{engine}）"));
            let basis = both("if its version is in it", "対象のバージョンである場合");
            return draft.add(place, what, &product, Quantity::Hidden(gap), basis);
        }
    };
    let Some(phase) = day(&draft.snapshot.taken_at).and_then(|day| support_phase(engine, version, day))
    else {
        return;
    };
    let Some(product) = phase.product(engine) else {
        return;
    };
    let since = match phase {
        SupportPhase::YearsOneAndTwo { since } | SupportPhase::YearThree { since } => since,
        SupportPhase::Standard { until } => until,
    };
    let what = both(
        &format!("Extended Support, {engine} {version}"),
        &format!("延長サポート（{engine} {version}）"),
    );
    let instances = if db.multi_az.known() == Some(&true) { 2 } else { 1 };
    match db.instance_class.known().and_then(|class| vcpu_count(class)) {
        Some(vcpus) => {
            let hours = month_hours();
            let quantity = if_known(&db.multi_az, |_| Quantity::Units(float(vcpus * instances) * hours));
            let basis = both(
                &format!("{vcpus} vCPU x {instances} x {hours} h, charged since {since}, also while stopped"),
                &format!("{vcpus} vCPU × {instances} × {hours} 時間。{since} から課金（停止中も）"),
            );
            draft.add(place, what, &product, quantity, basis);
        }
        None => {
            let quantity = Quantity::uncounted(("the vCPUs of the class", "インスタンスクラスの vCPU 数"));
            let basis = both(&format!("charged since {since}"), &format!("{since} から課金"));
            draft.add(place, what, &product, quantity, basis);
        }
    }
}
