//! The secrets that a container definition holds in plain text. They are looked at here
//! and nowhere else: what leaves is their names, kinds, lengths and fingerprints.

use crate::secret::{Classification, Mention, in_value, scan_arguments};
use crate::snapshot::ecs::PlaintextSecret;
use aws_sdk_ecs::types::{ContainerDefinition, Volume};
use std::collections::{BTreeMap, HashMap};

fn plaintext_secret(
    place: &str,
    name: &str,
    secret: &Classification<'_>,
    fingerprint: &dyn Fn(&str) -> String,
) -> PlaintextSecret {
    PlaintextSecret {
        place: place.to_owned(),
        name: name.to_owned(),
        kind: secret.kind.to_owned(),
        length: i64::try_from(secret.secret.chars().count()).unwrap_or(i64::MAX),
        fingerprint: fingerprint(secret.secret),
        is_weak: secret.is_weak,
    }
}

/// The secrets in the driver's options of the volumes that a container mounts: a CIFS share's password.
pub(super) fn volume_secrets(
    container: &ContainerDefinition,
    volumes: &[Volume],
    fingerprint: &dyn Fn(&str) -> String,
) -> Vec<PlaintextSecret> {
    let is_mounted = |volume: &&Volume| {
        let mut mounts = container.mount_points().iter();
        mounts.any(|mount| mount.source_volume().is_some() && mount.source_volume() == volume.name())
    };
    let mut found = Vec::new();
    for volume in volumes.iter().filter(is_mounted) {
        let docker = volume.docker_volume_configuration();
        let options = sorted(docker.and_then(|docker| docker.driver_opts()));
        let labels = sorted(docker.and_then(|docker| docker.labels()));
        for (name, value) in options.into_iter().chain(labels) {
            if let Some(secret) = in_value(name, value) {
                let name = format!("{}.{name}", volume.name().unwrap_or_default());
                found.push(plaintext_secret("volume-options", &name, &secret, fingerprint));
            }
        }
    }
    found
}

/// The secrets of a container, in the order of its definition.
pub(super) fn plaintext_secrets(
    container: &ContainerDefinition,
    fingerprint: &dyn Fn(&str) -> String,
) -> Vec<PlaintextSecret> {
    let mut found = Vec::new();
    let mut add = |place: &str, name: &str, secret: Classification<'_>| {
        found.push(plaintext_secret(place, name, &secret, fingerprint));
    };
    for variable in container.environment() {
        let name = variable.name().unwrap_or_default();
        if let Some(secret) = in_value(name, variable.value().unwrap_or_default()) {
            add("environment", name, secret);
        }
    }
    let health_check = container.health_check().map(|check| check.command()).unwrap_or_default();
    for (place, arguments) in [
        ("command", container.command()),
        ("entry-point", container.entry_point()),
        ("health-check", health_check),
    ] {
        for Mention { name, secret } in in_arguments(arguments) {
            add(place, &name, secret);
        }
    }
    let log_options = container.log_configuration().and_then(|log| log.options());
    let router_options = container.firelens_configuration().and_then(|router| router.options());
    for (place, values) in [
        ("docker-labels", container.docker_labels()),
        ("log-options", log_options),
        ("log-options", router_options),
    ] {
        for (name, value) in sorted(values) {
            if let Some(secret) = in_value(name, value) {
                add(place, name, secret);
            }
        }
    }
    found
}

fn in_arguments(arguments: &[String]) -> Vec<Mention<'_>> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    scan_arguments(&arguments)
}

fn sorted(values: Option<&HashMap<String, String>>) -> BTreeMap<&str, &str> {
    values.into_iter().flatten().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ecs::types::{DockerVolumeConfiguration, LogConfiguration, LogDriver, MountPoint};
    use aws_sdk_ecs::types::{FirelensConfiguration, FirelensConfigurationType, HealthCheck, KeyValuePair};

    fn variable(name: &str, value: &str) -> KeyValuePair {
        KeyValuePair::builder().name(name).value(value).build()
    }

    #[test]
    fn every_place_is_looked_at_and_no_value_is_kept() {
        let container = ContainerDefinition::builder()
            .environment(variable("DB_HOST", "db.internal"))
            .environment(variable("DB_PASSWORD", "Zx91-kkQ7"))
            .environment(variable("JAVA_OPTS", "-Xmx512m -Dspring.datasource.password=Zx91-kkQ7"))
            .command("serve")
            .command("--token=9f8e7d6c5b4a")
            .command("redis://:Qk19-zzPa@cache")
            .entry_point("sh")
            .docker_labels("com.example.api_key", "a81kf93kd02")
            .health_check(
                HealthCheck::builder()
                    .command("CMD-SHELL")
                    .command("mysqladmin ping -proot")
                    .build()
                    .unwrap(),
            )
            .log_configuration(
                LogConfiguration::builder()
                    .log_driver(LogDriver::Splunk)
                    .options("splunk-token", "5f3c9a1e-0b7d-4e2f-8a6c-1d9b3e5f7a2c")
                    .options("splunk-url", "https://splunk.example.com")
                    .build()
                    .unwrap(),
            )
            .firelens_configuration(
                FirelensConfiguration::builder()
                    .r#type(FirelensConfigurationType::Fluentbit)
                    .options("password", "shop")
                    .build()
                    .unwrap(),
            )
            .build();
        let found = plaintext_secrets(&container, &|secret| format!("length {}", secret.len()));
        let places: Vec<(&str, &str, &str, i64)> =
            found.iter().map(|s| (s.place.as_str(), s.name.as_str(), s.kind.as_str(), s.length)).collect();
        assert_eq!(
            places,
            [
                ("environment", "DB_PASSWORD", "password", 9),
                ("environment", "JAVA_OPTS", "password", 9),
                ("command", "--token", "token", 12),
                ("command", "argument 3", "connection-string", 9),
                ("health-check", "-p", "password", 4),
                ("docker-labels", "com.example.api_key", "api-key", 11),
                ("log-options", "splunk-token", "token", 36),
                ("log-options", "password", "password", 4),
            ]
        );
        assert_eq!(found[0].fingerprint, found[1].fingerprint);
        assert!(found[4].is_weak && !found[0].is_weak);
        let kept = serde_json::to_string(&found).unwrap();
        for value in ["Zx91", "9f8e7", "Qk19", "a81kf", "5f3c9", "\"root", "\"shop"] {
            assert!(!kept.contains(value), "{value}");
        }
    }

    #[test]
    fn options_of_a_volume_belong_to_whoever_mounts_it() {
        let volume = |name: &str, option: &str, value: &str| {
            let docker = DockerVolumeConfiguration::builder().driver("local").driver_opts(option, value);
            Volume::builder().name(name).docker_volume_configuration(docker.build()).build()
        };
        let volumes = [
            volume("share", "o", "addr=10.0.1.4,username=shop,password=Zx91-kkQ7,vers=3.0"),
            volume("cache", "type", "tmpfs"),
            volume("other", "password", "Qk19-zzPa"),
            Volume::builder().name("plain").build(),
        ];
        let mounting = |names: &[&str]| {
            let mounts = names.iter().map(|name| MountPoint::builder().source_volume(*name).build());
            let container = ContainerDefinition::builder().set_mount_points(Some(mounts.collect())).build();
            let found = volume_secrets(&container, &volumes, &|secret| format!("length {}", secret.len()));
            let kept = serde_json::to_string(&found).unwrap();
            assert!(!kept.contains("Zx91") && !kept.contains("Qk19"), "{kept}");
            let found = found.into_iter();
            found.map(|found| (found.place, found.name, found.kind, found.length)).collect::<Vec<_>>()
        };
        let expected =
            |name: &str, kind: &str| ("volume-options".to_owned(), name.to_owned(), kind.to_owned(), 9);
        assert_eq!(mounting(&["share", "cache", "plain"]), [expected("share.o", "connection-string")]);
        assert_eq!(mounting(&["other"]), [expected("other.password", "password")]);
        assert_eq!(mounting(&[]), []);
    }
}
