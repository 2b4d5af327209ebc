//! What remedies revoke: the very ranges that let the internet in, however they are written.

use super::*;
use tenken::simulate::{ChosenOption, simulate};

const OFFICE: &str = "203.0.113.7/32";

struct Revoked {
    name: &'static str,
    policy: &'static str,
    edit: fn(&mut Snapshot),
    /// What the script names, as it is written there.
    named: &'static str,
}

/// Who is admitted to a port of a group.
fn open(snapshot: &mut Snapshot, group: &str, port: i64, peers: &[&str]) {
    let admitted: Vec<Rule<'_>> = peers.iter().map(|peer| ("tcp", port, port, *peer)).collect();
    admit(snapshot, group, &admitted);
}

fn without_load_balancer(snapshot: &mut Snapshot) {
    snapshot.ecs.services.items[0].load_balancers.clear();
}

fn large_list(snapshot: &mut Snapshot) {
    snapshot.ec2.prefix_lists.items = vec![PrefixList {
        id: "pl-1".into(),
        region: REGION.into(),
        owner: ACCOUNT.into(),
        entries: Known::Yes(ids(&["1.0.0.0/8", "2.0.0.0/8"])),
        ..Default::default()
    }];
}

const REVOKED: &[Revoked] = &[
    Revoked {
        name: "a host, in halves",
        policy: "instance-exposed-to-internet",
        edit: |snapshot| open(snapshot, "sg-bastion", 22, &["0.0.0.0/1", OFFICE, "128.0.0.0/1"]),
        named: "OPEN_PEERS=\"0.0.0.0/1, 128.0.0.0/1\"",
    },
    Revoked {
        name: "a host, by a prefix list with large ranges",
        policy: "instance-exposed-to-internet",
        edit: |snapshot| {
            large_list(snapshot);
            open(snapshot, "sg-bastion", 22, &[OFFICE, "pl-1"]);
        },
        named: "OPEN_PEERS=\"pl-1\"",
    },
    Revoked {
        name: "a host, a half in each of two groups",
        policy: "instance-exposed-to-internet",
        edit: |snapshot| {
            open(snapshot, "sg-bastion", 22, &["0.0.0.0/1", OFFICE]);
            snapshot.ec2.security_groups.items.push(group("sg-more", &[("tcp", 22, 22, "128.0.0.0/1")]));
            snapshot.ec2.network_interfaces.items[0].security_group_ids.push("sg-more".into());
        },
        named: "OPEN_PEERS=\"0.0.0.0/1, 128.0.0.0/1\"",
    },
    Revoked {
        name: "a host, the whole and its halves: without the whole the halves are left",
        policy: "instance-exposed-to-internet",
        edit: |snapshot| {
            open(snapshot, "sg-bastion", 22, &["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", OFFICE]);
        },
        named: "OPEN_PEERS=\"0.0.0.0/0, 0.0.0.0/1, 128.0.0.0/1\"",
    },
    Revoked {
        name: "a host that a database admits, in halves",
        policy: "db-admits-exposed-host",
        edit: |snapshot| {
            open(snapshot, "sg-bastion", 22, &["0.0.0.0/1", OFFICE, "128.0.0.0/1"]);
            admit_to_database(snapshot, &["sg-bastion"]);
        },
        named: "OPEN_PEERS=\"0.0.0.0/1, 128.0.0.0/1\"",
    },
    Revoked {
        name: "a host whose address a database admits",
        policy: "db-admits-exposed-host",
        edit: |snapshot| {
            open(snapshot, "sg-bastion", 22, &["0.0.0.0/1", OFFICE]);
            admit_to_database(snapshot, &["10.0.1.10/32"]);
        },
        named: "OPEN_PEERS=\"0.0.0.0/1\"",
    },
    Revoked {
        name: "tasks without a load balancer, a half",
        policy: "task-exposed-to-internet",
        edit: |snapshot| {
            without_load_balancer(snapshot);
            open(snapshot, "sg-task", 8080, &["0.0.0.0/1", OFFICE]);
        },
        named: "OPEN_PEERS=\"0.0.0.0/1\"",
    },
    Revoked {
        name: "tasks without a load balancer, ports that nobody listens on stay out of it",
        policy: "task-exposed-to-internet",
        edit: |snapshot| {
            without_load_balancer(snapshot);
            let rules = [("tcp", 8080, 8080, "0.0.0.0/0"), ("tcp", 9999, 9999, "0.0.0.0/1")];
            admit(snapshot, "sg-task", &rules);
        },
        named: "OPEN_PEERS=\"0.0.0.0/0\"",
    },
    Revoked {
        name: "a database, a half",
        policy: "db-security-group-open-to-world",
        edit: |snapshot| admit_to_database(snapshot, &["128.0.0.0/1", OFFICE]),
        named: "OPEN_PEERS=\"128.0.0.0/1, , \"",
    },
    Revoked {
        name: "a database, by a prefix list with large ranges",
        policy: "db-security-group-open-to-world",
        edit: |snapshot| {
            large_list(snapshot);
            admit_to_database(snapshot, &["pl-1", OFFICE]);
        },
        named: "OPEN_PEERS=\", , pl-1\"",
    },
];

/// Rules are added up, so that a half or a prefix list opens a port as 0.0.0.0/0 does, and is revoked as
/// that is: <https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>
#[test]
fn remedies_revoke_what_lets_the_internet_in_and_nothing_else() {
    let policies = PolicySet::embedded().unwrap();
    for Revoked { name, policy, edit, named } in REVOKED {
        let mut snapshot = account();
        edit(&mut snapshot);
        let before = judge(&snapshot, &policies);
        let is_it = |finding: &&Finding| finding.policy == *policy && finding.verdict == Verdict::Fail;
        let found = before.iter().find(is_it);
        let found = found.unwrap_or_else(|| panic!("{name}: {policy} does not fail"));
        let option = &found.options[0];
        for script in [&option.cli, &option.check] {
            assert!(script.en.contains(named) && script.ja.contains(named), "{name}: {}", script.en);
            assert!(!script.en.contains("\"0.0.0.0/0\"`"), "{name}: {}", script.en);
            assert!(!script.en.contains(OFFICE), "{name}: {}", script.en);
        }
        let choice = ChosenOption {
            policy: (*policy).to_owned(),
            option: None,
            resource: Some(found.resource.clone()),
        };
        let after = simulate(&snapshot, &policies, &before, &[choice]).unwrap();
        assert!(after.closes.iter().any(|closed| closed.id == found.id), "{name}: {policy} still fails");
    }
}
