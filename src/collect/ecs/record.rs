//! From what ECS answered to the snapshot's records.
//!
//! `None` where an answer lacks what identifies the resource or is documented as always
//! there: the caller makes a gap of it.

use super::overrides::{self, Overrides};
use super::{secrets, size};
use crate::arn::Arn;
use crate::ask::listed::filled;
use crate::ask::time::rfc_3339;
use crate::secret;
use crate::snapshot::GapId;
use crate::snapshot::ecs::{
    AccountSetting, CapacityProvider, CapacityProviderStrategyItem, Cluster, Container, ContainerInstance,
    Deployment, HostPort, SecretReference, Service, ServiceLoadBalancer, Task, TaskDefinition, TaskSet,
};
use crate::snapshot::known::Known;
use aws_sdk_ecs::types::{self, ClusterSettingName, LogDriver};
use std::collections::BTreeMap;

pub(super) fn cluster(
    region: &str,
    cluster: types::Cluster,
    missing: &dyn Fn(&str) -> GapId,
) -> Option<Cluster> {
    let arn = cluster.cluster_arn.clone()?;
    let insights = cluster
        .settings()
        .iter()
        .find(|setting| setting.name() == Some(&ClusterSettingName::ContainerInsights))
        .and_then(|setting| setting.value().map(str::to_owned));
    Some(Cluster {
        // Asked for, and answered of every cluster, whatever the account's default is.
        container_insights: insights.ok_or_else(|| missing(&arn)).into(),
        arn,
        region: region.to_owned(),
        name: cluster.cluster_name?,
        status: cluster.status?,
        capacity_providers: cluster.capacity_providers.unwrap_or_default(),
        default_capacity_provider_strategy: strategy(cluster.default_capacity_provider_strategy),
        active_services_count: cluster.active_services_count.into(),
        running_tasks_count: cluster.running_tasks_count.into(),
        tags: tags(cluster.tags),
    })
}

fn strategy(items: Option<Vec<types::CapacityProviderStrategyItem>>) -> Vec<CapacityProviderStrategyItem> {
    let item = |item: types::CapacityProviderStrategyItem| CapacityProviderStrategyItem {
        capacity_provider: item.capacity_provider,
        base: item.base.into(),
        weight: item.weight.into(),
    };
    items.unwrap_or_default().into_iter().map(item).collect()
}

fn tags(tags: Option<Vec<types::Tag>>) -> BTreeMap<String, String> {
    let pair = |found: types::Tag| Some((found.key?, found.value.unwrap_or_default()));
    tags.unwrap_or_default().into_iter().filter_map(pair).collect()
}

pub(super) fn service(
    region: &str,
    service: types::Service,
    missing: &dyn Fn(&str) -> GapId,
) -> Option<Service> {
    let arn = service.service_arn?;
    // CodeDeploy and external controllers keep these in task sets; the primary one serves.
    let sets = service.task_sets.unwrap_or_default();
    let mut task_sets: Vec<TaskSet> = sets.iter().map(task_set).collect::<Option<_>>()?;
    task_sets.sort_by_key(|set| set.status != "PRIMARY");
    let set = sets.into_iter().find(|set| set.status() == Some("PRIMARY"));
    let set = set.unwrap_or_else(|| types::TaskSet::builder().build());
    let network = service.network_configuration.or(set.network_configuration);
    let network = network.and_then(|network| network.awsvpc_configuration);
    let load_balancers = service.load_balancers.filter(|list| !list.is_empty()).or(set.load_balancers);
    let providers = service.capacity_provider_strategy.filter(|list| !list.is_empty());
    // What DescribeServices documents: only rolling updates behind no Classic Load Balancer have a state.
    let is_rolling = service
        .deployment_controller
        .as_ref()
        .is_none_or(|controller| controller.r#type == types::DeploymentControllerType::Ecs);
    let is_behind_classic =
        load_balancers.iter().flatten().any(|balancer| balancer.load_balancer_name.is_some());
    let has_state = is_rolling && !is_behind_classic;
    let mut deployments: Vec<Deployment> = service
        .deployments
        .unwrap_or_default()
        .into_iter()
        .map(|found| deployment(found, has_state, &|| missing(&arn)))
        .collect::<Option<_>>()?;
    deployments.sort_by_key(|deployment| deployment.status != "PRIMARY");
    let rules = service.deployment_configuration;
    let alarms = rules.as_ref().and_then(|rules| rules.alarms.as_ref()).filter(|alarms| alarms.enable);
    // Other controllers have no such switch.
    let breaker = match rules.as_ref().and_then(|rules| rules.deployment_circuit_breaker.as_ref()) {
        None if is_rolling => Known::No(missing(&arn)),
        breaker => Known::Yes(breaker),
    };
    let launch_type = service.launch_type.or(set.launch_type).map(|kind| kind.as_str().to_owned());
    let strategy = strategy(providers.or(set.capacity_provider_strategy));
    let cluster_arn = service.cluster_arn?;
    Some(Service {
        arn,
        region: region.to_owned(),
        name: service.service_name?,
        cluster_name: Arn::parse(&cluster_arn).map_or(cluster_arn.as_str(), |arn| arn.name()).to_owned(),
        cluster_arn,
        status: service.status?,
        launch_type,
        capacity_provider_strategy: strategy,
        // Empty, or left out, where the tasks run on hosts.
        platform_version: filled(service.platform_version).or(filled(set.platform_version)),
        platform_family: Known::Yes(service.platform_family.or(set.platform_family)),
        // CreateService documents REPLICA and ECS as what is meant where nothing is said.
        scheduling_strategy: service
            .scheduling_strategy
            .map_or("REPLICA".to_owned(), |kind| kind.as_str().to_owned()),
        desired_count: service.desired_count.into(),
        running_count: service.running_count.into(),
        pending_count: service.pending_count.into(),
        task_definition_arn: filled(service.task_definition).or(set.task_definition),
        load_balancers: load_balancers
            .unwrap_or_default()
            .into_iter()
            .map(load_balancer)
            .collect::<Option<_>>()?,
        subnet_ids: network.as_ref().map(|network| network.subnets.clone()).unwrap_or_default(),
        security_group_ids: network
            .as_ref()
            .map(|network| network.security_groups().to_vec())
            .unwrap_or_default(),
        assign_public_ip: network.as_ref().and_then(|network| network.assign_public_ip())
            == Some(&types::AssignPublicIp::Enabled),
        health_check_grace_period_seconds: service.health_check_grace_period_seconds.map(i64::from),
        deployment_controller: service
            .deployment_controller
            .map_or("ECS".to_owned(), |controller| controller.r#type.as_str().to_owned()),
        deployment_strategy: Known::Yes(
            rules
                .as_ref()
                .and_then(|rules| rules.strategy.as_ref())
                .map_or("ROLLING".to_owned(), |strategy| strategy.as_str().to_owned()),
        ),
        task_sets: Known::Yes(task_sets),
        circuit_breaker_enabled: breaker.clone().map(|breaker| breaker.map(|breaker| breaker.enable)),
        circuit_breaker_rollback: breaker.map(|breaker| breaker.map(|breaker| breaker.rollback)),
        deployment_alarm_names: Known::Yes(
            alarms.map(|alarms| alarms.alarm_names.clone()).unwrap_or_default(),
        ),
        minimum_healthy_percent: rules
            .as_ref()
            .and_then(|rules| rules.minimum_healthy_percent)
            .map(i64::from),
        maximum_percent: rules.as_ref().and_then(|rules| rules.maximum_percent).map(i64::from),
        deployments,
        enable_execute_command: service.enable_execute_command,
        tags: tags(service.tags),
    })
}

/// A target group, or the name of a Classic Load Balancer.
fn load_balancer(balancer: types::LoadBalancer) -> Option<ServiceLoadBalancer> {
    if balancer.target_group_arn.is_none() && balancer.load_balancer_name.is_none() {
        return None;
    }
    Some(ServiceLoadBalancer {
        target_group_arn: balancer.target_group_arn,
        container_name: balancer.container_name,
        container_port: balancer.container_port.map(i64::from),
        alternate_target_group_arn: Known::Yes(
            balancer.advanced_configuration.and_then(|more| filled(more.alternate_target_group_arn)),
        ),
    })
}

fn task_set(set: &types::TaskSet) -> Option<TaskSet> {
    Some(TaskSet {
        id: set.id.clone()?,
        status: set.status.clone()?,
        task_definition_arn: set.task_definition.clone()?,
        desired_count: set.computed_desired_count.into(),
        running_count: set.running_count.into(),
        pending_count: set.pending_count.into(),
        stability_status: set.stability_status.as_ref().map(|status| status.as_str().to_owned()),
    })
}

pub(super) fn account_setting(region: &str, setting: types::Setting) -> Option<AccountSetting> {
    Some(AccountSetting {
        region: region.to_owned(),
        name: setting.name?.as_str().to_owned(),
        value: setting.value?,
    })
}

fn deployment(
    deployment: types::Deployment,
    has_state: bool,
    missing: &dyn Fn() -> GapId,
) -> Option<Deployment> {
    let state = deployment.rollout_state.map(|state| state.as_str().to_owned());
    Some(Deployment {
        id: deployment.id?,
        status: deployment.status?,
        task_definition_arn: deployment.task_definition?,
        desired_count: deployment.desired_count.into(),
        running_count: deployment.running_count.into(),
        failed_tasks: deployment.failed_tasks.into(),
        rollout_state: match state {
            None if has_state => Known::No(missing()),
            state => Known::Yes(state),
        },
    })
}

pub(super) fn task_definition(
    region: &str,
    definition: types::TaskDefinition,
    fingerprint: &dyn Fn(&str) -> String,
) -> Option<TaskDefinition> {
    // A size that is there and cannot be read must not look like none.
    let cpu_units = match filled(definition.cpu) {
        Some(text) => Some(size::cpu_units(&text)?),
        None => None,
    };
    let memory_mib = match filled(definition.memory) {
        Some(text) => Some(size::memory_mib(&text)?),
        None => None,
    };
    let compatibilities = definition.requires_compatibilities.unwrap_or_default();
    let platform = definition.runtime_platform;
    let containers = definition.container_definitions?;
    let volumes = definition.volumes.unwrap_or_default();
    Some(TaskDefinition {
        arn: definition.task_definition_arn?,
        region: region.to_owned(),
        family: definition.family?,
        revision: definition.revision.into(),
        status: definition.status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
        cpu_units,
        memory_mib,
        network_mode: definition.network_mode.map(|mode| mode.as_str().to_owned()),
        requires_compatibilities: compatibilities.iter().map(|kind| kind.as_str().to_owned()).collect(),
        execution_role_arn: filled(definition.execution_role_arn),
        task_role_arn: filled(definition.task_role_arn),
        cpu_architecture: platform
            .as_ref()
            .and_then(|platform| platform.cpu_architecture.as_ref())
            .map(|architecture| architecture.as_str().to_owned()),
        operating_system_family: Known::Yes(
            platform
                .and_then(|platform| platform.operating_system_family)
                .map(|family| family.as_str().to_owned()),
        ),
        pid_mode: Known::Yes(definition.pid_mode.map(|mode| mode.as_str().to_owned())),
        containers: containers
            .into_iter()
            .map(|definition| container(definition, &volumes, fingerprint))
            .collect::<Option<_>>()?,
    })
}

fn container(
    container: types::ContainerDefinition,
    volumes: &[types::Volume],
    fingerprint: &dyn Fn(&str) -> String,
) -> Option<Container> {
    let mut plaintext_secrets = secrets::plaintext_secrets(&container, fingerprint);
    plaintext_secrets.extend(secrets::volume_secrets(&container, volumes, fingerprint));
    let endpoint_hosts = endpoint_hosts(container.environment());
    let health_check = container.health_check.map(|check| check.command).unwrap_or_default();
    let log = container.log_configuration;
    let of_awslogs = |option: &str| {
        let log = log.as_ref().filter(|log| log.log_driver == LogDriver::Awslogs)?;
        log.options()?.get(option).cloned()
    };
    let reference =
        |secret: types::Secret| SecretReference { name: secret.name, value_from: secret.value_from };
    Some(Container {
        name: container.name?,
        image: container.image?,
        // What ECS documents as meant where nothing is said: essential, without the host's
        // rights, writing allowed.
        essential: container.essential.unwrap_or(true),
        privileged: container.privileged.unwrap_or(false),
        readonly_root_filesystem: container.readonly_root_filesystem.unwrap_or(false),
        container_ports: container.port_mappings.unwrap_or_default().iter().flat_map(ports).collect(),
        user: filled(container.user),
        environment_names: container
            .environment
            .unwrap_or_default()
            .into_iter()
            .filter_map(|variable| variable.name)
            .collect(),
        endpoint_hosts: Known::Yes(endpoint_hosts),
        plaintext_secrets,
        secret_references: container.secrets.unwrap_or_default().into_iter().map(reference).collect(),
        environment_files: container
            .environment_files
            .unwrap_or_default()
            .into_iter()
            .map(|file| file.value)
            .collect(),
        log_driver: log.as_ref().map(|log| log.log_driver.as_str().to_owned()),
        log_group: of_awslogs("awslogs-group"),
        log_region: of_awslogs("awslogs-region"),
        creates_log_group: Known::Yes(
            of_awslogs("awslogs-create-group").is_some_and(|text| text.eq_ignore_ascii_case("true")),
        ),
        registry_credentials: Known::Yes(
            container.repository_credentials.map(|credentials| credentials.credentials_parameter),
        ),
        log_mode: Known::Yes(log.as_ref().and_then(|log| log.options()?.get("mode").cloned())),
        // `NONE` switches off the one of the image.
        has_health_check: health_check.first().is_some_and(|first| first != "NONE"),
        stop_timeout_seconds: container.stop_timeout.map(i64::from),
    })
}

/// Where the values of variables lead, as far as AWS named it; the values end here.
fn endpoint_hosts(variables: &[types::KeyValuePair]) -> Vec<String> {
    let mut hosts: Vec<String> =
        variables.iter().filter_map(|variable| variable.value()).flat_map(secret::endpoint_hosts).collect();
    hosts.sort();
    hosts.dedup();
    hosts
}

/// A mapping has one port, or a range such as `8000-8010`.
fn ports(mapping: &types::PortMapping) -> Vec<i64> {
    let bounds = bounds(mapping.container_port(), mapping.container_port_range());
    bounds.map(|(first, last)| (first..=last).collect()).unwrap_or_default()
}

/// The first and the last port of what has one port, or a range such as `8000-8010`.
fn bounds(port: Option<i32>, range: Option<&str>) -> Option<(i64, i64)> {
    if let Some(port) = port {
        return Some((port.into(), port.into()));
    }
    let (first, last) = range?.split_once('-')?;
    Some((first.parse::<u16>().ok()?.into(), last.parse::<u16>().ok()?.into()))
}

/// Where a container is reached on its host. Docker names an IPv4 and an IPv6 binding of the same port.
fn host_ports(container: &types::Container) -> impl Iterator<Item = HostPort> {
    container.network_bindings().iter().filter_map(|binding| {
        let (from_port, to_port) = bounds(binding.host_port(), binding.host_port_range())?;
        let (container_port, _) = bounds(binding.container_port(), binding.container_port_range())?;
        let protocol = binding.protocol().map_or("tcp", |protocol| protocol.as_str()).to_owned();
        Some(HostPort { protocol, from_port, to_port, container_port })
    })
}

pub(super) fn container_instance(
    region: &str,
    cluster_arn: &str,
    instance: types::ContainerInstance,
) -> Option<ContainerInstance> {
    Some(ContainerInstance {
        arn: instance.container_instance_arn?,
        region: region.to_owned(),
        cluster_arn: cluster_arn.to_owned(),
        // A machine outside of AWS has the id of a managed node: mi-….
        ec2_instance_id: instance.ec2_instance_id.filter(|id| id.starts_with("i-")),
        status: instance.status?,
    })
}

/// A task with what is told of its start and belongs to no record of its own.
pub(super) struct FoundTask {
    pub task: Task,
    /// Who started it, as far as they say so.
    pub started_by: Option<String>,
    /// What was changed of its task definition.
    pub overrides: Overrides,
}

pub(super) fn found_task(
    region: &str,
    mut found: types::Task,
    fingerprint: &dyn Fn(&str) -> String,
) -> Option<FoundTask> {
    let overrides = found.overrides.take();
    let overrides = overrides.map(|overrides| overrides::of_task(overrides, fingerprint)).unwrap_or_default();
    let started_by = filled(found.started_by.take());
    Some(FoundTask { task: task(region, found)?, started_by, overrides })
}

fn task(region: &str, task: types::Task) -> Option<Task> {
    let interface = task
        .attachments()
        .iter()
        .filter(|attachment| attachment.r#type() == Some("ElasticNetworkInterface"))
        .flat_map(|attachment| attachment.details())
        .find(|detail| detail.name() == Some("networkInterfaceId"))
        .and_then(|detail| detail.value().map(str::to_owned));
    let service = task.group().and_then(|group| group.strip_prefix("service:")).map(str::to_owned);
    let mut ports: Vec<HostPort> = Vec::new();
    for port in task.containers().iter().flat_map(host_ports) {
        if !ports.contains(&port) {
            ports.push(port);
        }
    }
    Some(Task {
        arn: task.task_arn?,
        region: region.to_owned(),
        cluster_arn: task.cluster_arn?,
        task_definition_arn: task.task_definition_arn?,
        service_name: service,
        availability_zone: task.availability_zone,
        last_status: task.last_status?,
        launch_type: task.launch_type.map(|kind| kind.as_str().to_owned()),
        capacity_provider: filled(task.capacity_provider_name),
        network_interface_id: interface,
        started_at: task.started_at.as_ref().and_then(rfc_3339),
        container_instance_arn: Known::Yes(filled(task.container_instance_arn)),
        host_ports: Known::Yes(ports),
    })
}

pub(super) fn capacity_provider(region: &str, provider: types::CapacityProvider) -> Option<CapacityProvider> {
    Some(CapacityProvider {
        arn: provider.capacity_provider_arn?,
        region: region.to_owned(),
        name: provider.name?,
        status: provider.status?.as_str().to_owned(),
        auto_scaling_group_arn: provider
            .auto_scaling_group_provider
            .map(|provider| provider.auto_scaling_group_arn),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLUSTER: &str = "arn:aws:ecs:ap-northeast-1:123456789012:cluster/shop";

    fn gap(arn: &str) -> GapId {
        GapId::new("ecs:DescribeServices", "ap-northeast-1", Some(arn))
    }

    fn answer() -> types::builders::ServiceBuilder {
        types::Service::builder()
            .service_arn("arn:1")
            .service_name("shop-api")
            .cluster_arn(CLUSTER)
            .status("ACTIVE")
            .launch_type(types::LaunchType::Fargate)
    }

    #[test]
    fn services_read_the_primary_task_set_where_codedeploy_brings_them_out() {
        let network = types::AwsVpcConfiguration::builder()
            .subnets("subnet-1")
            .security_groups("sg-1")
            .assign_public_ip(types::AssignPublicIp::Enabled)
            .build()
            .unwrap();
        let set = |status: &str, definition: &str| {
            types::TaskSet::builder()
                .id(definition)
                .status(status)
                .computed_desired_count(2)
                .stability_status(types::StabilityStatus::Stabilizing)
                .task_definition(definition)
                .launch_type(types::LaunchType::Fargate)
                .network_configuration(
                    types::NetworkConfiguration::builder().awsvpc_configuration(network.clone()).build(),
                )
                .load_balancers(
                    types::LoadBalancer::builder().target_group_arn("tg").container_port(80).build(),
                )
                .build()
        };
        let answer = answer()
            .set_launch_type(None)
            .task_sets(set("ACTIVE", "new"))
            .task_sets(set("PRIMARY", "old"))
            .build();
        let service = service("ap-northeast-1", answer, &gap).unwrap();
        assert_eq!(service.cluster_name, "shop");
        assert_eq!(service.task_definition_arn.as_deref(), Some("old"));
        assert_eq!(service.launch_type.as_deref(), Some("FARGATE"));
        assert_eq!((service.subnet_ids.len(), service.security_group_ids.len()), (1, 1));
        assert!(service.assign_public_ip);
        assert_eq!(service.load_balancers[0].container_port, Some(80));
        assert_eq!(service.deployment_controller, "ECS");
        assert_eq!(service.circuit_breaker_enabled, Known::No(gap("arn:1")));
        let sets = service.task_sets.known().unwrap();
        assert_eq!(sets.iter().map(|set| set.status.as_str()).collect::<Vec<_>>(), ["PRIMARY", "ACTIVE"]);
        assert_eq!((sets[1].desired_count, sets[1].running_count), (2, 0));
        assert_eq!(sets[1].stability_status.as_deref(), Some("STABILIZING"));
        assert_eq!(service.deployment_strategy, Known::Yes("ROLLING".to_owned()));
    }

    #[test]
    fn a_service_that_exchanges_two_target_groups_knows_both() {
        let second = types::AdvancedConfiguration::builder().alternate_target_group_arn("green").build();
        let balancer = types::LoadBalancer::builder()
            .target_group_arn("blue")
            .container_port(80)
            .advanced_configuration(second)
            .build();
        let rules =
            types::DeploymentConfiguration::builder().strategy(types::DeploymentStrategy::BlueGreen).build();
        let answer = answer()
            .platform_family("Linux")
            .deployment_configuration(rules)
            .load_balancers(balancer)
            .build();
        let service = service("ap-northeast-1", answer, &gap).unwrap();
        assert_eq!(service.deployment_strategy, Known::Yes("BLUE_GREEN".to_owned()));
        assert_eq!(service.platform_family, Known::Yes(Some("Linux".to_owned())));
        let second = &service.load_balancers[0].alternate_target_group_arn;
        assert_eq!(*second, Known::Yes(Some("green".to_owned())));
        assert_eq!(service.task_sets, Known::Yes(Vec::new()));
    }

    #[test]
    fn the_primary_deployment_comes_first() {
        let deployment = |id: &str, status: &str| {
            types::Deployment::builder().id(id).status(status).task_definition("arn:td").build()
        };
        let answer = answer()
            .deployments(deployment("old", "ACTIVE"))
            .deployments(deployment("new", "PRIMARY"))
            .build();
        let service = service("ap-northeast-1", answer, &gap).unwrap();
        let ids: Vec<&str> = service.deployments.iter().map(|deployment| deployment.id.as_str()).collect();
        assert_eq!(ids, ["new", "old"]);
    }

    #[test]
    fn alarms_of_deployments_count_where_they_are_enabled() {
        for (enable, expected) in [(true, vec!["shop-5xx".to_owned()]), (false, vec![])] {
            let alarms = types::DeploymentAlarms::builder().alarm_names("shop-5xx").enable(enable);
            let rules =
                types::DeploymentConfiguration::builder().alarms(alarms.rollback(true).build().unwrap());
            let answer = answer().deployment_configuration(rules.build()).build();
            let service = service("ap-northeast-1", answer, &gap).unwrap();
            assert_eq!(service.deployment_alarm_names, Known::Yes(expected));
        }
    }

    #[test]
    fn what_a_service_always_has_is_unknown_where_it_is_left_out() {
        let deployment = types::Deployment::builder().id("new").status("PRIMARY").task_definition("arn:td");
        let read = |answer: types::builders::ServiceBuilder| service("ap-northeast-1", answer.build(), &gap);
        let rolling = read(answer().deployments(deployment.clone().build())).unwrap();
        assert_eq!(rolling.deployments[0].rollout_state, Known::No(gap("arn:1")));
        assert_eq!(rolling.circuit_breaker_enabled, Known::No(gap("arn:1")));
        let by_codedeploy = types::DeploymentController::builder()
            .r#type(types::DeploymentControllerType::CodeDeploy)
            .build()
            .unwrap();
        let other = answer().deployment_controller(by_codedeploy).deployments(deployment.clone().build());
        let other = read(other).unwrap();
        assert_eq!(other.deployments[0].rollout_state, Known::Yes(None));
        assert_eq!(other.circuit_breaker_enabled, Known::Yes(None));
        let classic = types::LoadBalancer::builder().load_balancer_name("shop").build();
        let behind = read(answer().load_balancers(classic).deployments(deployment.build())).unwrap();
        assert_eq!(behind.deployments[0].rollout_state, Known::Yes(None));
        // Before Fargate nothing was said, and EC2 was meant.
        assert_eq!(read(answer().set_launch_type(None)).unwrap().launch_type, None);
        // Neither a target group nor a name of a Classic Load Balancer.
        assert_eq!(read(answer().load_balancers(types::LoadBalancer::builder().build())), None);
    }

    fn definition() -> types::builders::TaskDefinitionBuilder {
        types::TaskDefinition::builder()
            .task_definition_arn("arn:aws:ecs:ap-northeast-1:123456789012:task-definition/shop:3")
            .family("shop")
            .revision(3)
            .status(types::TaskDefinitionStatus::Active)
    }

    #[test]
    fn a_size_that_cannot_be_read_is_not_none() {
        let container = types::ContainerDefinition::builder().name("app").image("shop").build();
        let read = |builder: types::builders::TaskDefinitionBuilder| {
            let answer = builder.container_definitions(container.clone()).build();
            task_definition("ap-northeast-1", answer, &|_| String::new())
        };
        let sizes = |definition: &TaskDefinition| (definition.cpu_units, definition.memory_mib);
        assert_eq!(sizes(&read(definition()).unwrap()), (None, None));
        assert_eq!(
            sizes(&read(definition().cpu(".5 vCPU").memory("1 GB")).unwrap()),
            (Some(512), Some(1024))
        );
        assert_eq!(read(definition().cpu("plenty")), None);
        assert_eq!(task_definition("ap-northeast-1", definition().build(), &|_| String::new()), None);
    }

    #[test]
    fn containers_follow_documented_defaults() {
        let log = types::LogConfiguration::builder()
            .log_driver(LogDriver::Awslogs)
            .options("awslogs-group", "/ecs/shop")
            .options("mode", "blocking")
            .build()
            .unwrap();
        let answer = types::ContainerDefinition::builder()
            .name("app")
            .image("shop")
            .port_mappings(types::PortMapping::builder().container_port(8080).build())
            .port_mappings(types::PortMapping::builder().container_port_range("9000-9002").build())
            .environment(types::KeyValuePair::builder().name("DB_PASSWORD").value("shop").build())
            .health_check(types::HealthCheck::builder().command("NONE").build().unwrap())
            .log_configuration(log)
            .build();
        let container = container(answer, &[], &|_| "fingerprint".to_owned()).unwrap();
        assert!(container.essential && !container.privileged && !container.readonly_root_filesystem);
        assert_eq!(container.container_ports, [8080, 9000, 9001, 9002]);
        assert_eq!(container.environment_names, ["DB_PASSWORD"]);
        assert_eq!(container.endpoint_hosts, Known::Yes(Vec::new()));
        assert_eq!(container.plaintext_secrets[0].fingerprint, "fingerprint");
        assert!(!container.has_health_check);
        assert_eq!(container.log_group.as_deref(), Some("/ecs/shop"));
        assert_eq!(container.log_region, None);
        assert_eq!(container.log_mode, Known::Yes(Some("blocking".to_owned())));
    }

    #[test]
    fn of_the_values_of_variables_only_hosts_of_aws_are_kept() {
        let variable =
            |name: &str, value: &str| types::KeyValuePair::builder().name(name).value(value).build();
        let host = "ec-db.aaaaaaaaaa.ap-northeast-1.rds.amazonaws.com";
        let answer = types::ContainerDefinition::builder()
            .name("app")
            .image("shop")
            .environment(variable("DATABASE_URL", &format!("postgres://shop:hunter2@{host}:5432/shop")))
            .environment(variable("DB_HOST", host))
            .environment(variable("CACHE_HOST", "cache.internal"))
            .environment(types::KeyValuePair::builder().name("EMPTY").build())
            .build();
        let container = container(answer, &[], &|_| String::new()).unwrap();
        assert_eq!(container.endpoint_hosts, Known::Yes(vec![host.to_owned()]));
        let text = format!("{container:?}");
        assert!(!text.contains("hunter2") && !text.contains("cache.internal"));
    }

    #[test]
    fn tasks_know_their_service_and_interface() {
        let interface = types::Attachment::builder()
            .r#type("ElasticNetworkInterface")
            .details(types::KeyValuePair::builder().name("subnetId").value("subnet-1").build())
            .details(types::KeyValuePair::builder().name("networkInterfaceId").value("eni-1").build())
            .build();
        let answer = types::Task::builder()
            .task_arn("arn:task")
            .cluster_arn(CLUSTER)
            .task_definition_arn("arn:td")
            .last_status("RUNNING")
            .group("service:shop-api")
            .attachments(interface)
            .build();
        let found = task("ap-northeast-1", answer).unwrap();
        assert_eq!(found.service_name.as_deref(), Some("shop-api"));
        assert_eq!(found.network_interface_id.as_deref(), Some("eni-1"));
        let alone = types::Task::builder()
            .task_arn("arn:task")
            .cluster_arn(CLUSTER)
            .task_definition_arn("arn:td")
            .last_status("RUNNING")
            .group("family:shop")
            .build();
        assert_eq!(task("ap-northeast-1", alone).unwrap().service_name, None);
    }

    #[test]
    fn tasks_say_which_ports_of_their_host_lead_to_them() {
        let binding = |address: &str, host: i32| {
            types::NetworkBinding::builder()
                .bind_ip(address)
                .container_port(8080)
                .host_port(host)
                .protocol(types::TransportProtocol::Tcp)
                .build()
        };
        let range = types::NetworkBinding::builder()
            .container_port_range("9000-9010")
            .host_port_range("40000-40010")
            .protocol(types::TransportProtocol::Udp)
            .build();
        let container = types::Container::builder()
            .network_bindings(binding("0.0.0.0", 32768))
            .network_bindings(binding("::", 32768))
            .network_bindings(range)
            .build();
        let answer = types::Task::builder()
            .task_arn("arn:task")
            .cluster_arn(CLUSTER)
            .task_definition_arn("arn:td")
            .last_status("RUNNING")
            .container_instance_arn("arn:host")
            .containers(container)
            .build();
        let task = task("ap-northeast-1", answer).unwrap();
        assert_eq!(task.container_instance_arn, Known::Yes(Some("arn:host".into())));
        let ports = task.host_ports.known().unwrap();
        let seen: Vec<_> = ports
            .iter()
            .map(|port| (port.protocol.as_str(), port.from_port, port.to_port, port.container_port))
            .collect();
        assert_eq!(seen, [("tcp", 32768, 32768, 8080), ("udp", 40000, 40010, 9000)]);
    }

    #[test]
    fn a_machine_outside_of_aws_is_no_instance() {
        let host = |id: &str| {
            let answer = types::ContainerInstance::builder()
                .container_instance_arn("arn:host")
                .ec2_instance_id(id)
                .status("ACTIVE")
                .build();
            container_instance("ap-northeast-1", CLUSTER, answer).unwrap().ec2_instance_id
        };
        assert_eq!(host("i-0abc").as_deref(), Some("i-0abc"));
        assert_eq!(host("mi-0abc"), None);
    }
}
