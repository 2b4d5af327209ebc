//! What a database is among others: backups, a standby and encryption are the duty of whoever
//! holds the data.

use crate::snapshot::Snapshot;
use crate::snapshot::known::Known;
use crate::snapshot::rds::DbInstance;

crate::record! {
    /// What a DB instance is among others.
    pub(crate) struct DatabaseRole {
        /// standalone, member of a cluster, replica of another database, green copy of a blue/green
        /// deployment, or retired by one. Only a standalone one has duties of its own: a member has
        /// its cluster's settings, a replica and a green copy are made anew from their source, and
        /// nobody uses a retired one.
        pub kind: Known<String>,
        /// Whether it is an RDS Custom instance, which has no deletion protection, no Multi-AZ by the
        /// API's switch and no minor versions from RDS.
        pub is_custom: bool,
    }
}

/// See [`super::super::FUNCTIONS`].
pub(crate) fn database_role(snapshot: &Snapshot, db: &DbInstance) -> DatabaseRole {
    let of = |kind: &str| Known::Yes(kind.to_owned());
    let copy = green_of(&db.id).map(|blue| ("green", blue));
    let copy = copy.or_else(|| retired_by(&db.id).map(|new| ("retired", new)));
    let kind = if db.cluster_id.is_some() {
        of("member")
    } else if db.replication_source_id.is_some() {
        of("replica")
    } else if let Some((kind, other)) = copy {
        let instances = &snapshot.rds.db_instances;
        let is_there = instances.iter().any(|it| it.region == db.region && it.id == other);
        match instances.complete_in(&db.region) {
            _ if is_there => of(kind),
            Ok(()) => of("standalone"),
            Err(gap) => Known::No(gap),
        }
    } else {
        of("standalone")
    };
    DatabaseRole { kind, is_custom: db.engine.starts_with("custom-") }
}

/// The blue database of a green one: RDS names green ones `shop-green-` and six random characters.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/blue-green-deployments-creating.html>
fn green_of(id: &str) -> Option<&str> {
    let (blue, random) = id.rsplit_once("-green-")?;
    let is_random = random.len() == 6 && random.bytes().all(|it| it.is_ascii_alphanumeric());
    (is_random && !blue.is_empty()).then_some(blue)
}

/// The database that took the name of a blue one at the switchover: RDS renames the old one to
/// `shop-old1`.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/blue-green-deployments-switching.html>
fn retired_by(id: &str) -> Option<&str> {
    let (new, number) = id.rsplit_once("-old")?;
    let is_number = !number.is_empty() && number.bytes().all(|it| it.is_ascii_digit());
    (is_number && !new.is_empty()).then_some(new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::GapId;

    const REGION: &str = "ap-northeast-1";

    fn db(id: &str) -> DbInstance {
        DbInstance { region: REGION.into(), id: id.into(), engine: "postgres".into(), ..Default::default() }
    }

    fn account(ids: &[&str]) -> Snapshot {
        let mut snapshot = Snapshot::default().complete();
        snapshot.rds.db_instances.items = ids.iter().map(|id| db(id)).collect();
        snapshot
    }

    #[test]
    fn each_kind_by_what_rds_says_or_names() {
        let account = account(&["shop", "other"]);
        let role = |db: &DbInstance| database_role(&account, db).kind;
        let of = |kind: &str| Known::Yes(kind.to_owned());
        let member = DbInstance { cluster_id: Some("aurora".into()), ..db("aurora-1") };
        let replica = DbInstance { replication_source_id: Some("shop".into()), ..db("shop-replica") };
        assert_eq!(role(&member), of("member"));
        assert_eq!(role(&replica), of("replica"));
        for (id, expected) in [
            ("shop", "standalone"),
            ("shop-green-a1b2c3", "green"),
            ("shop-green-tea", "standalone"),
            // There is no blue one: a name that somebody gave.
            ("gone-green-a1b2c3", "standalone"),
            ("shop-old1", "retired"),
            ("shop-old", "standalone"),
            ("gone-old1", "standalone"),
        ] {
            assert_eq!(role(&db(id)), of(expected), "{id}");
        }
    }

    #[test]
    fn a_blue_one_may_be_hidden() {
        let mut account = account(&[]);
        let gap = GapId::new("rds:DescribeDBInstances", REGION, None);
        account.rds.db_instances.incomplete = vec![gap.clone()];
        assert_eq!(database_role(&account, &db("shop-green-a1b2c3")).kind, Known::No(gap));
        assert_eq!(database_role(&account, &db("shop")).kind, Known::Yes("standalone".into()));
    }

    #[test]
    fn custom_by_its_engine() {
        let custom = DbInstance { engine: "custom-sqlserver-se".into(), ..db("erp") };
        assert!(database_role(&account(&[]), &custom).is_custom);
        assert!(!database_role(&account(&[]), &db("shop")).is_custom);
    }
}
