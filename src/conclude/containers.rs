//! What the containers of a service may do on their host, and where their log goes.

use super::lookup;
use crate::snapshot::ecs::{Container, Service, TaskDefinition};
use crate::snapshot::known::Known;
use crate::snapshot::{GapId, Snapshot};
use std::collections::BTreeSet;

crate::record! {
    /// A container that a service runs, as its newest task definition says.
    pub(crate) struct ServiceContainer {
        /// The name, which survives deployments.
        pub name: String,
        /// The task definition, with its revision.
        pub task_definition_arn: String,
        /// Whether it is a Windows container; a definition that does not say is for Linux.
        pub is_windows: Known<bool>,
        /// The user it runs as; null for the image's.
        pub user: Option<String>,
        /// Whether its definition leaves it root, or ContainerAdministrator on Windows: by that user, or
        /// by none. The image may name another one, which the definition does not show.
        pub may_run_as_root: Known<bool>,
        /// Whether it runs with the host's rights.
        pub privileged: bool,
        /// Whether it may not write to its own file system.
        pub readonly_root_filesystem: bool,
        /// awslogs, awsfirelens, …; null for none.
        pub log_driver: Option<String>,
        /// blocking or non-blocking, as the definition or else the account says; null without a log driver.
        pub log_mode: Known<Option<String>>,
    }

    /// What the tasks of a service share with their host.
    pub(crate) struct HostSharing {
        /// Whether they use its network, by one of the task definitions that the service runs.
        pub shares_network: Known<bool>,
        /// Whether they see its processes, likewise.
        pub shares_processes: Known<bool>,
    }
}

/// The account setting for log drivers whose definition has no mode.
const LOG_DRIVER_MODE: &str = "defaultLogDriverMode";
/// What it is where nobody set it, since June 25, 2025 (Amazon ECS Developer Guide, account settings).
const DEFAULT_LOG_MODE: &str = "non-blocking";

/// See [`super::FUNCTIONS`].
///
/// Of several revisions the newest one speaks for a container. Unknown as a whole when one of them is
/// hidden: it may have containers of its own.
pub(crate) fn service_containers(snapshot: &Snapshot, service: &Service) -> Known<Vec<ServiceContainer>> {
    find(snapshot, service).into()
}

fn find(snapshot: &Snapshot, service: &Service) -> Result<Vec<ServiceContainer>, GapId> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for definition in lookup::task_definitions(snapshot, service)? {
        for container in &definition.containers {
            if seen.insert(container.name.as_str()) {
                found.push(service_container(snapshot, definition, container));
            }
        }
    }
    Ok(found)
}

/// See [`super::FUNCTIONS`].
pub(crate) fn host_sharing(snapshot: &Snapshot, service: &Service) -> HostSharing {
    let definitions = lookup::task_definitions(snapshot, service);
    let is_host = |mode: &Option<String>| mode.as_deref() == Some("host");
    let network = definitions
        .clone()
        .map(|definitions| definitions.iter().any(|definition| is_host(&definition.network_mode)));
    let processes = definitions.and_then(|definitions| {
        let mut modes = definitions.iter().map(|definition| definition.pid_mode.ask());
        match modes.clone().flatten().any(is_host) {
            true => Ok(true),
            false => modes.find_map(Result::err).map_or(Ok(false), Err),
        }
    });
    HostSharing { shares_network: network.into(), shares_processes: processes.into() }
}

fn service_container(
    snapshot: &Snapshot,
    definition: &TaskDefinition,
    container: &Container,
) -> ServiceContainer {
    let is_windows = definition
        .operating_system_family
        .clone()
        .map(|family| family.is_some_and(|family| family.to_uppercase().starts_with("WINDOWS")));
    ServiceContainer {
        name: container.name.clone(),
        task_definition_arn: definition.arn.clone(),
        may_run_as_root: may_run_as_root(&is_windows, container.user.as_deref()),
        is_windows,
        user: container.user.clone(),
        privileged: container.privileged,
        readonly_root_filesystem: container.readonly_root_filesystem,
        log_driver: container.log_driver.clone(),
        log_mode: log_mode(snapshot, &definition.region, container).into(),
    }
}

/// The user may be a name or a number, with a group behind a colon.
fn may_run_as_root(is_windows: &Known<bool>, user: Option<&str>) -> Known<bool> {
    let Some(user) = user else { return Known::Yes(true) };
    let name = user.split(':').next().unwrap_or_default();
    let is_root = ["root", "0"].contains(&name);
    let is_administrator = name.eq_ignore_ascii_case("ContainerAdministrator");
    match is_root || is_administrator {
        true => is_windows.clone().map(|is_windows| if is_windows { is_administrator } else { is_root }),
        false => Known::Yes(false),
    }
}

fn log_mode(snapshot: &Snapshot, region: &str, container: &Container) -> Result<Option<String>, GapId> {
    if container.log_driver.is_none() {
        return Ok(None);
    }
    if let Some(mode) = container.log_mode.ask()? {
        return Ok(Some(mode.clone()));
    }
    let settings = &snapshot.ecs.account_settings;
    let setting = settings.iter().find(|setting| setting.region == region && setting.name == LOG_DRIVER_MODE);
    match setting {
        Some(setting) => Ok(Some(setting.value.clone())),
        None => settings.complete_in(region).map(|()| Some(DEFAULT_LOG_MODE.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::ecs::{AccountSetting, Deployment};

    const REGION: &str = "ap-northeast-1";

    fn container(name: &str) -> Container {
        Container {
            name: name.into(),
            log_driver: Some("awslogs".into()),
            log_mode: Known::Yes(None),
            ..Container::default()
        }
    }

    fn definition(arn: &str, containers: Vec<Container>) -> TaskDefinition {
        TaskDefinition {
            arn: arn.into(),
            region: REGION.into(),
            operating_system_family: Known::Yes(None),
            pid_mode: Known::Yes(None),
            containers,
            ..TaskDefinition::default()
        }
    }

    fn service() -> Service {
        let old = Deployment {
            status: "ACTIVE".into(),
            task_definition_arn: "td:1".into(),
            ..Deployment::default()
        };
        Service {
            region: REGION.into(),
            task_definition_arn: Some("td:2".into()),
            task_sets: Known::Yes(Vec::new()),
            deployments: vec![old],
            ..Service::default()
        }
    }

    fn found(snapshot: &Snapshot) -> Vec<ServiceContainer> {
        service_containers(snapshot, &service()).known().unwrap().clone()
    }

    #[test]
    fn the_newest_revision_speaks_for_a_container() {
        let mut snapshot = Snapshot::default().complete();
        let privileged = |name: &str| Container { privileged: true, ..container(name) };
        snapshot.ecs.task_definitions.items = vec![
            definition("td:1", vec![privileged("app"), privileged("agent")]),
            definition("td:2", vec![container("app")]),
        ];
        let names: Vec<(String, bool)> =
            found(&snapshot).into_iter().map(|one| (one.name, one.privileged)).collect();
        assert_eq!(names, [("app".to_owned(), false), ("agent".to_owned(), true)]);

        let gap = GapId::new("ecs:DescribeTaskDefinition", REGION, Some("td:1"));
        snapshot.ecs.task_definitions.items.remove(0);
        snapshot.ecs.task_definitions.incomplete = vec![gap.clone()];
        assert_eq!(service_containers(&snapshot, &service()), Known::No(gap));
    }

    #[test]
    fn one_definition_that_shares_is_enough_and_one_that_is_hidden_leaves_it_open() {
        let mut snapshot = Snapshot::default().complete();
        let shares = |snapshot: &Snapshot| {
            let found = host_sharing(snapshot, &service());
            (found.shares_network, found.shares_processes)
        };
        let own = |arn: &str| definition(arn, vec![container("app")]);
        snapshot.ecs.task_definitions.items = vec![own("td:1"), own("td:2")];
        assert_eq!(shares(&snapshot), (Known::Yes(false), Known::Yes(false)));
        let old = &mut snapshot.ecs.task_definitions.items[0];
        old.network_mode = Some("host".into());
        old.pid_mode = Known::default();
        assert_eq!(shares(&snapshot), (Known::Yes(true), Known::default()));
        snapshot.ecs.task_definitions.items[1].pid_mode = Known::Yes(Some("host".into()));
        assert_eq!(shares(&snapshot), (Known::Yes(true), Known::Yes(true)));
        let gap = GapId::new("ecs:DescribeTaskDefinition", REGION, Some("td:1"));
        snapshot.ecs.task_definitions.items.remove(0);
        snapshot.ecs.task_definitions.incomplete = vec![gap.clone()];
        assert_eq!(shares(&snapshot), (Known::No(gap.clone()), Known::No(gap)));
    }

    #[test]
    fn root_by_name_number_or_silence() {
        let (linux, windows, hidden) = (Known::Yes(false), Known::Yes(true), Known::default());
        for (user, on_linux, on_windows) in [
            (None, true, true),
            (Some("root"), true, false),
            (Some("0:1000"), true, false),
            (Some("1000"), false, false),
            (Some("app:root"), false, false),
            (Some("ContainerAdministrator"), false, true),
            (Some("ContainerUser"), false, false),
        ] {
            assert_eq!(may_run_as_root(&linux, user), Known::Yes(on_linux), "{user:?}");
            assert_eq!(may_run_as_root(&windows, user), Known::Yes(on_windows), "{user:?}");
        }
        assert_eq!(may_run_as_root(&hidden, Some("1000")), Known::Yes(false));
        assert_eq!(may_run_as_root(&hidden, Some("root")), Known::default());
    }

    #[test]
    fn a_log_driver_without_a_mode_follows_the_account() {
        let mut snapshot = Snapshot::default().complete();
        let own = Container { log_mode: Known::Yes(Some("blocking".into())), ..container("own") };
        let none = Container { log_driver: None, ..container("none") };
        snapshot.ecs.task_definitions.items =
            vec![definition("td:1", vec![]), definition("td:2", vec![container("app"), own, none])];
        let modes = |snapshot: &Snapshot| -> Vec<Known<Option<String>>> {
            found(snapshot).into_iter().map(|one| one.log_mode).collect()
        };
        let yes = |mode: &str| Known::Yes(Some(mode.to_owned()));
        assert_eq!(modes(&snapshot), [yes("non-blocking"), yes("blocking"), Known::Yes(None)]);
        snapshot.ecs.account_settings.items = vec![AccountSetting {
            region: REGION.into(),
            name: LOG_DRIVER_MODE.into(),
            value: "blocking".into(),
        }];
        assert_eq!(modes(&snapshot), [yes("blocking"), yes("blocking"), Known::Yes(None)]);
        let gap = GapId::new("ecs:ListAccountSettings", REGION, None);
        snapshot.ecs.account_settings.items.clear();
        snapshot.ecs.account_settings.incomplete = vec![gap.clone()];
        assert_eq!(modes(&snapshot), [Known::No(gap), yes("blocking"), Known::Yes(None)]);
    }
}
