//! Who uses a database: what points to it, what is told its secret, what it admits, and what is beside it.

use crate::conclude::exposure::database_traffic;
use crate::conclude::lookup;
use crate::conclude::network::Network;
use crate::snapshot::Snapshot;
use crate::snapshot::ecs::{Container, Service, TaskStarter};
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;
use crate::snapshot::rds::DbInstance;

crate::record! {
    /// Who uses a database, as far as AWS and the task definitions tell.
    pub(crate) struct DatabaseClients {
        /// The services, and the tasks without one, that use it or may, the surest first. Unknown
        /// where one of them may be hidden.
        pub clients: Known<Vec<DatabaseClient>>,
        /// The security groups of the surest of them, each with whose it is, `sg-0abc shop/shop-api`:
        /// candidates for a script. Where one client's sign is stronger, those with weaker ones are left
        /// out.
        pub group_candidates: Known<Vec<String>>,
    }

    /// What may use a database.
    pub(crate) struct DatabaseClient {
        /// The ARN of the service, or of what starts the tasks.
        pub arn: String,
        /// Cluster and service, or the name of what starts the tasks.
        pub name: String,
        /// Its security groups (awsvpc).
        pub security_group_ids: Vec<String>,
        /// Why it is here, the strongest sign: endpoint where a value in its environment names the
        /// database's host, secret-name where a secret that it is given has the database's name,
        /// security-group where the database admits its group, vpc where it is only in the same network.
        pub sign: String,
        /// Whether a value in its environment names the database's host. A name of one's own for it
        /// is not known to, nor is a host inside a secret.
        pub points_to_it: Known<bool>,
    }
}

/// The signs, the strongest first.
const SIGNS: [&str; 4] = ["endpoint", "secret-name", "security-group", "vpc"];

/// See [`super::super::FUNCTIONS`].
pub(crate) fn database_clients(snapshot: &Snapshot, db: &DbInstance) -> DatabaseClients {
    match find(snapshot, db) {
        Ok(clients) => DatabaseClients {
            group_candidates: Known::Yes(group_candidates(&clients)),
            clients: Known::Yes(clients),
        },
        Err(gap) => DatabaseClients { clients: Known::No(gap.clone()), group_candidates: Known::No(gap) },
    }
}

/// A service, or tasks that are started without one.
struct User<'a> {
    arn: &'a str,
    name: String,
    subnet_ids: Vec<&'a str>,
    security_group_ids: Vec<String>,
    /// Of every task definition that it runs.
    containers: Result<Vec<&'a Container>, GapId>,
}

/// The ARNs of the services and starters that use a database by the strongest sign that speaks for any
/// of them; none where nothing but the VPC does, or where one may be hidden.
pub(crate) fn surest_clients(snapshot: &Snapshot, db: &DbInstance) -> Vec<String> {
    let clients = find(snapshot, db).unwrap_or_default();
    let Some(strongest) = clients.first().map(|client| client.sign.clone()) else {
        return Vec::new();
    };
    let surest = clients.into_iter().filter(|client| client.sign == strongest && client.sign != "vpc");
    surest.map(|client| client.arn).collect()
}

fn find(snapshot: &Snapshot, db: &DbInstance) -> Result<Vec<DatabaseClient>, GapId> {
    let network = Network { snapshot, region: &db.region };
    snapshot.ecs.services.complete_in(&db.region)?;
    snapshot.ecs.task_starters.complete_in(&db.region)?;
    let services = snapshot.ecs.services.iter().filter(|service| service.region == db.region);
    let starters = snapshot.ecs.task_starters.iter().filter(|starter| starter.region == db.region);
    let users = services
        .map(|service| of_service(snapshot, service))
        .chain(starters.map(|starter| of_starter(snapshot, starter)));
    let mut clients = Vec::new();
    for user in users {
        clients.extend(client(&network, db, user)?);
    }
    clients.sort_by_key(|client| SIGNS.iter().position(|sign| *sign == client.sign));
    Ok(clients)
}

fn of_service<'a>(snapshot: &'a Snapshot, service: &'a Service) -> User<'a> {
    let definitions = lookup::task_definitions(snapshot, service);
    User {
        arn: &service.arn,
        name: format!("{}/{}", service.cluster_name, service.name),
        subnet_ids: service.subnet_ids.iter().map(String::as_str).collect(),
        security_group_ids: service.security_group_ids.clone(),
        containers: definitions
            .map(|definitions| definitions.into_iter().flat_map(|one| &one.containers).collect()),
    }
}

fn of_starter<'a>(snapshot: &'a Snapshot, starter: &'a TaskStarter) -> User<'a> {
    let mut groups: Vec<String> = Vec::new();
    for id in starter.runs.iter().flat_map(|run| &run.security_group_ids) {
        if !groups.contains(id) {
            groups.push(id.clone());
        }
    }
    let started = lookup::started(snapshot, starter);
    User {
        arn: &starter.arn,
        name: starter.name.clone(),
        subnet_ids: starter.runs.iter().flat_map(|run| &run.subnet_ids).map(String::as_str).collect(),
        security_group_ids: groups,
        containers: started
            .map(|started| started.into_iter().flat_map(|(_, definition)| &definition.containers).collect()),
    }
}

fn client(network: &Network<'_>, db: &DbInstance, user: User<'_>) -> Result<Option<DatabaseClient>, GapId> {
    let points_to_it = points_to(db, &user);
    let is_told = user.containers.as_ref().is_ok_and(|containers| {
        let references = containers.iter().flat_map(|container| &container.secret_references);
        references.into_iter().any(|reference| names(&reference.value_from, &db.id))
    });
    let sign = if points_to_it == Known::Yes(true) {
        "endpoint"
    } else if is_told {
        "secret-name"
    } else if is_admitted(network, db, &user)? {
        "security-group"
    } else if is_beside(network, db, &user)? {
        "vpc"
    } else {
        return Ok(None);
    };
    Ok(Some(DatabaseClient {
        arn: user.arn.to_owned(),
        name: user.name,
        security_group_ids: user.security_group_ids,
        sign: sign.to_owned(),
        points_to_it,
    }))
}

/// One container that does decides, whatever is hidden of the others.
fn points_to(db: &DbInstance, user: &User<'_>) -> Known<bool> {
    let containers = match &user.containers {
        Ok(containers) => containers,
        Err(gap) => return Known::No(gap.clone()),
    };
    let mut hidden = None;
    for container in containers {
        match container.endpoint_hosts.ask() {
            Ok(hosts) if hosts.iter().any(|host| is_host_of(db, host)) => return Known::Yes(true),
            Ok(_) => {}
            Err(gap) => hidden = Some(gap),
        }
    }
    hidden.map_or(Known::Yes(false), Known::No)
}

/// The instance's own name, or one of the names of its cluster: writer, readers, custom ones.
fn is_host_of(db: &DbInstance, host: &str) -> bool {
    let is_own = db.endpoint_address.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(host));
    is_own
        || db.cluster_id.as_deref().is_some_and(|cluster| {
            let behind = host.strip_prefix(cluster).and_then(|rest| rest.strip_prefix(".cluster-"));
            behind.is_some() && host.contains(&format!(".{}.rds.", db.region))
        })
}

/// Whether the name of a secret or parameter has an identifier in it, as a whole word.
fn names(value_from: &str, id: &str) -> bool {
    let lower = value_from.to_ascii_lowercase();
    let is_inside = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    !id.is_empty()
        && lower.match_indices(&id.to_ascii_lowercase()).any(|(at, found)| {
            let before = lower.get(..at).and_then(|text| text.chars().next_back());
            let after = lower.get(at + found.len()..).and_then(|text| text.chars().next());
            !is_inside(before) && !is_inside(after)
        })
}

fn is_admitted(network: &Network<'_>, db: &DbInstance, user: &User<'_>) -> Result<bool, GapId> {
    let traffic = database_traffic(db);
    let mut hidden = None;
    for id in &db.security_group_ids {
        let group = match network.security_group(id) {
            Ok(group) => group,
            Err(gap) => {
                hidden = Some(gap);
                continue;
            }
        };
        let theirs = |peer: &String| user.security_group_ids.contains(peer);
        for rule in group.ingress.iter().filter(|rule| rule.is_about_group() && theirs(&rule.peer)) {
            match traffic.is_matched_by(rule) {
                Known::Yes(true) => return Ok(true),
                Known::Yes(false) => {}
                Known::No(gap) => hidden = Some(gap),
            }
        }
    }
    hidden.map_or(Ok(false), Err)
}

fn is_beside(network: &Network<'_>, db: &DbInstance, user: &User<'_>) -> Result<bool, GapId> {
    let mut hidden = None;
    for id in &user.subnet_ids {
        match network.subnet(id) {
            Ok(subnet) if db.vpc_id.as_ref() == Some(&subnet.vpc_id) => return Ok(true),
            Ok(_) => {}
            Err(gap) => hidden = Some(gap),
        }
    }
    hidden.map_or(Ok(false), Err)
}

fn group_candidates(clients: &[DatabaseClient]) -> Vec<String> {
    let with_group = || clients.iter().filter(|client| !client.security_group_ids.is_empty());
    let strongest = with_group().next().map(|client| &client.sign);
    let mut candidates: Vec<(String, Vec<&str>)> = Vec::new();
    for client in with_group().filter(|client| Some(&client.sign) == strongest) {
        for id in &client.security_group_ids {
            match candidates.iter_mut().find(|(known, _)| known == id) {
                Some((_, names)) => names.push(&client.name),
                None => candidates.push((id.clone(), vec![&client.name])),
            }
        }
    }
    candidates.into_iter().map(|(id, names)| format!("{id} {}", names.join(" + "))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conclude::network::site::{self, gap, ids, rule};
    use crate::snapshot::ecs::{SecretReference, TaskRun};
    use crate::snapshot::listing::Listing;

    const HOST: &str = "ec-db.aaaa.ap-northeast-1.rds.amazonaws.com";

    // The review's account, whose database admits the whole internet, with one service.
    fn account() -> Snapshot {
        let mut snapshot = site::before();
        snapshot.ecs.task_starters = Listing::of(Vec::new());
        snapshot.rds.db_instances.items[0].endpoint_address = Some(HOST.into());
        snapshot
    }

    fn clients(snapshot: &Snapshot) -> DatabaseClients {
        database_clients(snapshot, &snapshot.rds.db_instances.items[0])
    }

    fn signs(snapshot: &Snapshot) -> Vec<(String, String)> {
        let found = clients(snapshot).clients.known().unwrap().clone();
        found.into_iter().map(|client| (client.name, client.sign)).collect()
    }

    fn container(snapshot: &mut Snapshot) -> &mut Container {
        &mut snapshot.ecs.task_definitions.items[0].containers[0]
    }

    #[test]
    fn the_strongest_sign_of_a_client_is_named() {
        let mut snapshot = account();
        let name = signs(&snapshot)[0].0.clone();
        let sign =
            |snapshot: &Snapshot| signs(snapshot).into_iter().map(|(_, sign)| sign).collect::<Vec<_>>();
        assert_eq!(sign(&snapshot), ["vpc"]);
        snapshot.ec2.security_groups.items[2].ingress = vec![rule("tcp", 5432, 5432, "sg-ecs")];
        assert_eq!(sign(&snapshot), ["security-group"]);
        snapshot.ec2.security_groups.items[2].ingress = vec![rule("tcp", 22, 22, "sg-ecs")];
        assert_eq!(sign(&snapshot), ["vpc"], "another port");
        for (value_from, expected) in [
            (
                "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:shop/ec-db/password-Ab12Cd",
                "secret-name",
            ),
            (
                "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:ec-db-password-Ab12Cd",
                "secret-name",
            ),
            ("/shop/ec-db2/password", "vpc"),
            ("/shop/sec-db/password", "vpc"),
        ] {
            let value_from = value_from.to_owned();
            container(&mut snapshot).secret_references =
                vec![SecretReference { name: "DB_PASSWORD".into(), value_from }];
            assert_eq!(sign(&snapshot), [expected]);
        }
        container(&mut snapshot).endpoint_hosts = Known::Yes(ids(&[HOST]));
        assert_eq!(sign(&snapshot), ["endpoint"]);
        let found = clients(&snapshot);
        assert_eq!(found.group_candidates, Known::Yes(vec![format!("sg-ecs {name}")]));
        // Elsewhere and with nothing that speaks for it, it is none.
        let mut snapshot = account();
        snapshot.rds.db_instances.items[0].vpc_id = Some("vpc-2".into());
        assert_eq!(sign(&snapshot), [""; 0]);
        assert_eq!(clients(&snapshot).group_candidates, Known::Yes(Vec::new()));
    }

    #[test]
    fn names_of_a_cluster_are_names_of_its_members() {
        let mut snapshot = account();
        snapshot.rds.db_instances.items[0].cluster_id = Some("ec".into());
        for (host, expected) in [
            ("ec.cluster-ro-aaaa.ap-northeast-1.rds.amazonaws.com", true),
            ("ec.cluster-aaaa.ap-northeast-1.rds.amazonaws.com", true),
            ("ec.cluster-aaaa.eu-west-1.rds.amazonaws.com", false),
            ("ec2.cluster-aaaa.ap-northeast-1.rds.amazonaws.com", false),
        ] {
            container(&mut snapshot).endpoint_hosts = Known::Yes(ids(&[host]));
            let found = clients(&snapshot).clients.known().unwrap().clone();
            assert_eq!(found[0].points_to_it, Known::Yes(expected), "{host}");
        }
    }

    #[test]
    fn weaker_signs_give_no_candidates_beside_stronger_ones() {
        let mut snapshot = account();
        let mut other = snapshot.ecs.services.items[0].clone();
        other.arn.push_str("-worker");
        other.name = "worker".into();
        other.security_group_ids = ids(&["sg-worker"]);
        snapshot.ecs.services.items.push(other);
        snapshot.ecs.task_starters.items.push(TaskStarter {
            arn: "arn:batch".into(),
            region: site::REGION.into(),
            name: "batch".into(),
            kind: "schedule".into(),
            runs: vec![TaskRun {
                task_definition_arn: snapshot.ecs.task_definitions.items[0].arn.clone(),
                subnet_ids: snapshot.ecs.services.items[0].subnet_ids.clone(),
                security_group_ids: ids(&["sg-worker"]),
                ..TaskRun::default()
            }],
        });
        let candidates = |snapshot: &Snapshot| clients(snapshot).group_candidates.known().unwrap().clone();
        let all = candidates(&snapshot);
        assert_eq!(all.len(), 2, "{all:?}");
        assert!(all[1].starts_with("sg-worker ") && all[1].ends_with("/worker + batch"), "{all:?}");
        snapshot.ec2.security_groups.items[2].ingress = vec![rule("tcp", 5432, 5432, "sg-ecs")];
        assert_eq!(candidates(&snapshot), all[..1]);
    }

    #[test]
    fn what_is_hidden_hides_what_depends_on_it() {
        // An earlier snapshot says nothing of hosts: the others signs hold.
        let snapshot = account();
        let found = clients(&snapshot).clients.known().unwrap().clone();
        assert!(matches!(found[0].points_to_it, Known::No(_)));
        for (operation, hide) in [
            (
                "ecs:ListServices",
                (|snapshot, gap| snapshot.ecs.services.incomplete = vec![gap]) as fn(&mut Snapshot, GapId),
            ),
            ("scheduler:ListSchedules", |snapshot, gap| snapshot.ecs.task_starters.incomplete = vec![gap]),
            ("ec2:DescribeSubnets", |snapshot, gap| {
                snapshot.ec2.subnets.items.clear();
                snapshot.ec2.subnets.incomplete = vec![gap];
            }),
            ("ec2:DescribeSecurityGroups", |snapshot, gap| {
                snapshot.ec2.security_groups.items.clear();
                snapshot.ec2.security_groups.incomplete = vec![gap];
            }),
        ] {
            let mut snapshot = account();
            hide(&mut snapshot, gap(operation));
            assert_eq!(clients(&snapshot).clients, Known::No(gap(operation)), "{operation}");
            assert_eq!(clients(&snapshot).group_candidates, Known::No(gap(operation)), "{operation}");
        }
        // What is known to point to it needs neither.
        let mut snapshot = account();
        container(&mut snapshot).endpoint_hosts = Known::Yes(ids(&[HOST]));
        snapshot.ec2.subnets.items.clear();
        snapshot.ec2.subnets.incomplete = vec![gap("ec2:DescribeSubnets")];
        assert_eq!(signs(&snapshot)[0].1, "endpoint");
    }
}
