//! How much of the internet gets in, and on which ports.

use super::*;

/// Everything but 8.8.8.8, as people write it who block one address.
const ALL_BUT_ONE: [&str; 32] = [
    "0.0.0.0/5",
    "8.0.0.0/13",
    "8.8.0.0/21",
    "8.8.8.0/29",
    "8.8.8.9/32",
    "8.8.8.10/31",
    "8.8.8.12/30",
    "8.8.8.16/28",
    "8.8.8.32/27",
    "8.8.8.64/26",
    "8.8.8.128/25",
    "8.8.9.0/24",
    "8.8.10.0/23",
    "8.8.12.0/22",
    "8.8.16.0/20",
    "8.8.32.0/19",
    "8.8.64.0/18",
    "8.8.128.0/17",
    "8.9.0.0/16",
    "8.10.0.0/15",
    "8.12.0.0/14",
    "8.16.0.0/12",
    "8.32.0.0/11",
    "8.64.0.0/10",
    "8.128.0.0/9",
    "9.0.0.0/8",
    "10.0.0.0/7",
    "12.0.0.0/6",
    "16.0.0.0/4",
    "32.0.0.0/3",
    "64.0.0.0/2",
    "128.0.0.0/1",
];

/// "0.0.0.0/0" is not the only way to write anybody: security group rules are added up.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>
#[test]
fn large_parts_of_the_internet_are_the_internet_at_every_hop() {
    let exposed: &[(&str, &str, &str)] = &[
        ("db-exposed-to-internet", "db:shop", "fail"),
        ("db-security-group-open-to-world", "db:shop", "fail"),
    ];
    let closed: &[(&str, &str, &str)] = &[
        ("db-exposed-to-internet", "db:shop", "pass"),
        ("db-security-group-open-to-world", "db:shop", "pass"),
    ];
    check(&[
        Case {
            name: "every address but one",
            edit: |snapshot| admit_to_database(snapshot, &ALL_BUT_ONE),
            expected: exposed,
        },
        Case {
            name: "a half",
            edit: |snapshot| admit_to_database(snapshot, &["0.0.0.0/1"]),
            expected: exposed,
        },
        Case {
            name: "many large ranges",
            edit: |snapshot| {
                admit_to_database(snapshot, &["126.0.0.0/9", "133.0.0.0/9", "150.0.0.0/10", "210.0.0.0/10"]);
            },
            expected: exposed,
        },
        Case {
            name: "a prefix list with large ranges",
            edit: |snapshot| {
                snapshot.ec2.prefix_lists.items = vec![PrefixList {
                    id: "pl-1".into(),
                    region: REGION.into(),
                    owner: ACCOUNT.into(),
                    entries: Known::Yes(ids(&["1.0.0.0/8", "2.0.0.0/8"])),
                    ..Default::default()
                }];
                admit_to_database(snapshot, &["pl-1"]);
            },
            expected: exposed,
        },
        Case {
            name: "an office",
            edit: |snapshot| admit_to_database(snapshot, &["8.8.8.8/32"]),
            expected: closed,
        },
        Case {
            name: "a handful of offices",
            edit: |snapshot| admit_to_database(snapshot, &["8.8.8.8/29", "52.196.30.0/24", "52.68.0.0/16"]),
            expected: closed,
        },
        Case {
            name: "private ranges alone",
            edit: |snapshot| admit_to_database(snapshot, &["10.0.0.0/8", "192.168.0.0/16"]),
            expected: closed,
        },
        Case {
            name: "a route for a half of the internet",
            edit: |snapshot| {
                admit_to_database(snapshot, &["0.0.0.0/0"]);
                snapshot.ec2.route_tables.items[1].routes[1].destination = "0.0.0.0/2".into();
            },
            expected: &[("db-exposed-to-internet", "db:shop", "fail")],
        },
        Case {
            name: "a route to a partner alone",
            edit: |snapshot| {
                admit_to_database(snapshot, &["0.0.0.0/0"]);
                snapshot.ec2.route_tables.items[1].routes[1].destination = "8.8.8.0/24".into();
            },
            expected: &[("db-exposed-to-internet", "db:shop", "pass")],
        },
        Case {
            name: "an ACL for a half of the internet",
            edit: |snapshot| {
                admit_to_database(snapshot, &["0.0.0.0/0"]);
                snapshot.ec2.network_acls.items[0].entries[0].cidr_block = Some("64.0.0.0/2".into());
            },
            expected: &[("db-exposed-to-internet", "db:shop", "fail")],
        },
        Case {
            name: "halves that do not meet",
            edit: |snapshot| {
                admit_to_database(snapshot, &["0.0.0.0/1"]);
                snapshot.ec2.network_acls.items[0].entries[0].cidr_block = Some("128.0.0.0/1".into());
            },
            expected: &[("db-exposed-to-internet", "db:shop", "pass")],
        },
    ]);
    let mut snapshot = account();
    admit_to_database(&mut snapshot, &["0.0.0.0/1"]);
    let found = messages(&snapshot, "db-security-group-open-to-world", "db:shop");
    assert_eq!(
        found,
        ["shop: db (sg-db) admits 0.0.0.0/1 (56% of the internet's IPv4 addresses) to tcp/5432."]
    );
}

fn acl_in(snapshot: &mut Snapshot, ports: &[(i64, i64)]) {
    let entries = &mut snapshot.ec2.network_acls.items[0].entries;
    entries.retain(|entry| entry.egress);
    for (number, ports) in (100..).zip(ports) {
        entries.push(entry(number, false, "6", Some(*ports), "0.0.0.0/0"));
    }
}

/// A packet has one port from the first hop to the last, and its answer goes to the client's
/// ephemeral port, which a stateless ACL must let out.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/nacl-ephemeral-ports.html>
#[test]
fn a_port_is_open_where_every_hop_opens_it() {
    const INSTANCE: &str = "instance-exposed-to-internet";
    check(&[
        Case {
            name: "the group admits 22, the ACL what web servers need",
            edit: |snapshot| {
                admit(snapshot, "sg-bastion", &[("tcp", 22, 22, "0.0.0.0/0")]);
                acl_in(snapshot, &[(80, 80), (443, 443), (1024, 65535)]);
            },
            expected: &[(INSTANCE, "eni-bastion", "pass")],
        },
        Case {
            name: "the group admits UDP, the ACL TCP",
            edit: |snapshot| {
                admit(snapshot, "sg-bastion", &[("udp", 500, 500, "0.0.0.0/0")]);
                acl_in(snapshot, &[(0, 65535)]);
            },
            expected: &[(INSTANCE, "eni-bastion", "pass")],
        },
        Case {
            name: "answers get out to no client",
            edit: |snapshot| {
                admit(snapshot, "sg-bastion", &[("tcp", 22, 22, "0.0.0.0/0")]);
                snapshot.ec2.network_acls.items[0].entries[1] =
                    entry(100, true, "6", Some((443, 443)), "0.0.0.0/0");
            },
            expected: &[(INSTANCE, "eni-bastion", "pass")],
        },
        Case {
            name: "answers get out to clients of another part of the internet",
            edit: |snapshot| {
                admit(snapshot, "sg-bastion", &[("tcp", 22, 22, "0.0.0.0/1")]);
                snapshot.ec2.network_acls.items[0].entries[1] =
                    entry(100, true, "6", Some((1024, 65535)), "128.0.0.0/1");
            },
            expected: &[(INSTANCE, "eni-bastion", "pass")],
        },
    ]);
    let mut snapshot = account();
    admit(&mut snapshot, "sg-bastion", &[("tcp", 22, 22, "0.0.0.0/0"), ("tcp", 3000, 4000, "0.0.0.0/1")]);
    acl_in(&mut snapshot, &[(22, 22), (3500, 5000)]);
    assert_eq!(
        messages(&snapshot, INSTANCE, "eni-bastion"),
        [
            "The internet reaches i-bastion on tcp/22, tcp/3500-4000: every hop is open. Its address is 52.196.30.20."
        ]
    );
    let mut snapshot = account();
    admit(&mut snapshot, "sg-task", &[("tcp", 8080, 8080, "0.0.0.0/0")]);
    snapshot.ecs.services.items[0].load_balancers.clear();
    assert_eq!(
        messages(&snapshot, "task-exposed-to-internet", "service/shop/shop"),
        ["The internet reaches shop on tcp/8080: every hop is open."]
    );
}
