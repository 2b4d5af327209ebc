//! Whether a database refuses connections without TLS.

use crate::snapshot::Snapshot;
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use crate::snapshot::rds::{DbCluster, DbInstance, ParameterGroup};

crate::record! {
    /// Whether a database refuses connections without TLS.
    pub(crate) struct DatabaseTransport {
        /// The parameter that says so: rds.force_ssl or require_secure_transport; null where the
        /// engine has none.
        pub parameter: Option<String>,
        /// The parameter group that holds it; null where there is none.
        pub group_name: Known<Option<String>>,
        /// Whether that is a default group, which cannot be changed.
        pub is_default_group: Known<bool>,
        /// The value of the parameter; null where the engine's own default applies.
        pub value: Known<Option<String>>,
        /// Whether connections without TLS are refused.
        pub is_required: Known<bool>,
        /// Whether the group's values are in force; false while they wait for a reboot.
        pub is_in_force: Known<bool>,
    }
}

/// See [`super::super::FUNCTIONS`].
pub(crate) fn database_transport(snapshot: &Snapshot, db: &DbInstance) -> DatabaseTransport {
    let groups = db.parameter_groups.ask();
    let group = groups.map(|groups| groups.first().map(|group| group.name.as_str()));
    let in_force = db.parameter_groups.ask();
    let in_force = in_force.map(|groups| groups.iter().all(|group| group.apply_status == "in-sync"));
    let place = ParameterPlace { region: &db.region, kind: ":pg:", group };
    transport(snapshot, &db.engine, &db.engine_version, &place, in_force.into())
}

/// See [`super::super::FUNCTIONS`].
pub(crate) fn cluster_transport(snapshot: &Snapshot, cluster: &DbCluster) -> DatabaseTransport {
    let group = cluster.parameter_group_name.ask().map(Option::as_deref);
    let place = ParameterPlace { region: &cluster.region, kind: ":cluster-pg:", group };
    // Both parameters are dynamic, and RDS says nothing about the state of a cluster's group.
    transport(snapshot, &cluster.engine, &cluster.engine_version, &place, Known::Yes(true))
}

/// Where the parameter stands.
struct ParameterPlace<'a> {
    region: &'a str,
    /// What its group's ARN has before the name.
    kind: &'a str,
    group: Result<Option<&'a str>, GapId>,
}

fn transport(
    snapshot: &Snapshot,
    engine: &str,
    version: &Known<String>,
    place: &ParameterPlace<'_>,
    is_in_force: Known<bool>,
) -> DatabaseTransport {
    // A version that is not known may have the parameter: a connection is required to use TLS or not by
    // its value, wherever it has one.
    let parameter = match version {
        Known::Yes(version) => parameter_of(engine, version),
        Known::No(_) => parameter_of(engine, NEWEST),
    };
    let group_name = place.group.clone();
    let value = match (parameter, &group_name) {
        (None, _) => Ok(None),
        (Some(parameter), Ok(Some(name))) => value_of(snapshot, place, name, parameter),
        (Some(_), Ok(None)) => Err(GapId::default()),
        (Some(_), Err(gap)) => Err(gap.clone()),
    };
    let is_required = value.clone().and_then(|value| match (parameter, value) {
        (None, _) => Ok(false),
        (Some(_), Some(value)) => Ok(is_on(&value)),
        (Some(_), None) => version.ask().map(|version| is_on_by_default(engine, version)),
    });
    DatabaseTransport {
        parameter: parameter.map(str::to_owned),
        is_default_group: group_name
            .clone()
            .map(|name| name.is_some_and(|name| name.starts_with("default.")))
            .into(),
        group_name: group_name.map(|name| name.map(str::to_owned)).into(),
        value: value.into(),
        is_required: is_required.into(),
        is_in_force,
    }
}

fn value_of(
    snapshot: &Snapshot,
    place: &ParameterPlace<'_>,
    name: &str,
    parameter: &str,
) -> Result<Option<String>, GapId> {
    let groups = &snapshot.rds.parameter_groups;
    let is_it = |group: &&ParameterGroup| {
        group.region == place.region && group.name == name && group.arn.contains(place.kind)
    };
    let Some(group) = groups.iter().find(is_it) else {
        let hiding = groups.hidden_in(place.region);
        let about = hiding.clone().find(|gap| gap.about().is_some_and(|arn| arn.ends_with(name)));
        return Err(about.or_else(|| hiding.clone().next()).cloned().unwrap_or_default());
    };
    let found = group.parameters.iter().find(|it| it.name == parameter);
    Ok(found.and_then(|parameter| parameter.value.clone()))
}

/// The parameter by which an engine refuses connections without TLS.
/// A version that has whatever any version has.
const NEWEST: &str = "999.0";

fn parameter_of(engine: &str, version: &str) -> Option<&'static str> {
    match engine {
        "postgres" | "aurora-postgresql" => Some("rds.force_ssl"),
        engine if engine.starts_with("sqlserver") => Some("rds.force_ssl"),
        "mysql" | "aurora-mysql" => is_from(version, (5, 7)).then_some("require_secure_transport"),
        "mariadb" => is_from(version, (10, 5)).then_some("require_secure_transport"),
        _ => None,
    }
}

fn is_on(value: &str) -> bool {
    value == "1" || value.eq_ignore_ascii_case("on") || value.eq_ignore_ascii_case("true")
}

/// What RDS does where its answer names no value.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html>
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/mysql-ssl-connections.require-ssl.html>
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/mariadb-ssl-connections.require-ssl.html>
fn is_on_by_default(engine: &str, version: &str) -> bool {
    match engine {
        "postgres" => is_from(version, (15, 0)),
        "mysql" => is_from(version, (9, 7)),
        "mariadb" => is_from(version, (11, 8)),
        _ => false,
    }
}

/// Whether a version is this one or a later one.
fn is_from(version: &str, first: (u32, u32)) -> bool {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) >= first
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::rds::{DbParameter, ParameterGroupUse};

    const REGION: &str = "ap-northeast-1";

    fn account(kind: &str, parameters: &[(&str, Option<&str>)]) -> Snapshot {
        let mut snapshot = Snapshot::default().complete();
        let parameter = |(name, value): &(&str, Option<&str>)| DbParameter {
            name: (*name).to_owned(),
            value: value.map(str::to_owned),
            source: "user".into(),
        };
        snapshot.rds.parameter_groups.items = vec![ParameterGroup {
            arn: format!("arn:aws:rds:{REGION}:123456789012:{kind}:shop"),
            region: REGION.into(),
            name: "shop".into(),
            parameters: parameters.iter().map(parameter).collect(),
        }];
        snapshot
    }

    fn db(engine: &str, version: &str, status: &str) -> DbInstance {
        let group = ParameterGroupUse { name: "shop".into(), apply_status: status.into() };
        DbInstance {
            region: REGION.into(),
            engine: engine.into(),
            engine_version: version.into(),
            parameter_groups: Known::Yes(vec![group]),
            ..Default::default()
        }
    }

    #[test]
    fn each_engine_by_its_parameter_and_its_default() {
        for (engine, version, value, required) in [
            ("postgres", "14.9", Some("1"), true),
            ("postgres", "15.4", Some("0"), false),
            ("postgres", "15.4", None, true),
            ("postgres", "14.9", None, false),
            ("sqlserver-se", "15.00", None, false),
            ("sqlserver-se", "15.00", Some("1"), true),
            ("mysql", "8.0.39", Some("ON"), true),
            ("mysql", "8.0.39", Some("OFF"), false),
            ("mysql", "8.4.3", None, false),
            ("mariadb", "11.8.1", None, true),
            ("mariadb", "10.11.9", None, false),
        ] {
            let db = db(engine, version, "in-sync");
            let name = parameter_of(engine, version).unwrap();
            let found = database_transport(&account("pg", &[(name, value)]), &db);
            assert_eq!(found.is_required, Known::Yes(required), "{engine} {version} {value:?}");
            // A parameter that the answer leaves out is one without a value.
            if value.is_none() {
                assert_eq!(database_transport(&account("pg", &[]), &db).is_required, Known::Yes(required));
            }
        }
        for (engine, version) in [("oracle-ee", "19"), ("mariadb", "10.4.2"), ("mysql", "5.6.1")] {
            assert_eq!(parameter_of(engine, version), None);
        }
    }

    #[test]
    fn what_waits_for_a_reboot_is_not_in_force() {
        let account = account("pg", &[("rds.force_ssl", Some("1"))]);
        for (status, in_force) in [("in-sync", true), ("pending-reboot", false)] {
            let found = database_transport(&account, &db("postgres", "14.9", status));
            assert_eq!(found.is_in_force, Known::Yes(in_force), "{status}");
        }
    }

    #[test]
    fn a_group_that_was_not_answered_is_unknown() {
        let mut account = account("cluster-pg", &[("rds.force_ssl", Some("1"))]);
        let cluster = DbCluster {
            region: REGION.into(),
            engine: "aurora-postgresql".into(),
            engine_version: "15.4".into(),
            parameter_group_name: Known::Yes(Some("shop".into())),
            ..Default::default()
        };
        assert_eq!(cluster_transport(&account, &cluster).is_required, Known::Yes(true));
        // The instance's group of the same name is another one.
        let gap = GapId::new("rds:DescribeDBParameters", REGION, Some("arn:aws:rds:r:a:pg:shop"));
        account.rds.parameter_groups.incomplete = vec![gap.clone()];
        let found = database_transport(&account, &db("postgres", "14.9", "in-sync"));
        assert_eq!((found.is_required, found.value), (Known::No(gap.clone()), Known::No(gap)));
        let old = DbInstance { parameter_groups: Known::default(), ..db("postgres", "14.9", "in-sync") };
        assert_eq!(database_transport(&account, &old).is_required, Known::default());
    }
}
