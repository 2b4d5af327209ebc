//! VPC Block Public Access overrides whatever routes, ACLs and groups say:
//! <https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html>

use super::network::{ACCOUNT, Case, REGION, admit, arn, check, findings, verdict};
use tenken::snapshot::Snapshot;
use tenken::snapshot::ec2::{VpcBlockPublicAccess, VpcBlockPublicAccessExclusion};
use tenken::snapshot::gap::GapId;
use tenken::snapshot::known::Known;

const DB: &str = "db-exposed-to-internet";
const INSTANCE: &str = "instance-exposed-to-internet";

/// Everything is open but for what Block Public Access does.
fn open(snapshot: &mut Snapshot) {
    admit(snapshot, "sg-db", &[("tcp", 5432, 5432, "0.0.0.0/0")]);
    admit(snapshot, "sg-bastion", &[("tcp", 22, 22, "0.0.0.0/0")]);
}

fn block(snapshot: &mut Snapshot, mode: &str, state: &str, exclusions: &[(&str, &str, &str)]) {
    open(snapshot);
    let exclusions = exclusions.iter().map(|(resource, mode, state)| {
        let (kind, id) = resource.split_once('/').unwrap();
        VpcBlockPublicAccessExclusion {
            id: format!("vpcbpa-exclude-{id}"),
            resource_arn: arn(ACCOUNT, kind, id),
            mode: (*mode).into(),
            state: (*state).into(),
        }
    });
    snapshot.ec2.vpc_block_public_access.items = vec![VpcBlockPublicAccess {
        region: REGION.into(),
        mode: mode.into(),
        state: state.into(),
        exclusions: Known::Yes(exclusions.collect()),
    }];
}

const OPEN: &[(&str, &str, &str)] = &[(DB, "db:shop", "fail"), (INSTANCE, "eni-bastion", "fail")];
const CLOSED: &[(&str, &str, &str)] = &[(DB, "db:shop", "pass"), (INSTANCE, "eni-bastion", "pass")];
const UNKNOWN: &[(&str, &str, &str)] = &[(DB, "db:shop", "unknown"), (INSTANCE, "eni-bastion", "unknown")];

#[test]
fn the_internet_does_not_come_past_block_public_access() {
    check(&[
        Case { name: "nothing is blocked", edit: open, expected: OPEN },
        Case { name: "off", edit: |snapshot| block(snapshot, "off", "default-state", &[]), expected: OPEN },
        Case {
            name: "both ways",
            edit: |snapshot| block(snapshot, "block-bidirectional", "update-complete", &[]),
            expected: CLOSED,
        },
        Case {
            name: "the way in",
            edit: |snapshot| block(snapshot, "block-ingress", "update-complete", &[]),
            expected: CLOSED,
        },
        Case {
            name: "the VPC is exempt",
            edit: |snapshot| {
                let exempt = [("vpc/vpc-1", "allow-bidirectional", "create-complete")];
                block(snapshot, "block-bidirectional", "update-complete", &exempt);
            },
            expected: OPEN,
        },
        Case {
            name: "the subnet is exempt",
            edit: |snapshot| {
                let exempt = [("subnet/subnet-public", "allow-bidirectional", "update-complete")];
                block(snapshot, "block-ingress", "update-complete", &exempt);
            },
            expected: OPEN,
        },
        Case {
            name: "another subnet is exempt",
            edit: |snapshot| {
                let exempt = [("subnet/subnet-private", "allow-bidirectional", "create-complete")];
                block(snapshot, "block-ingress", "update-complete", &exempt);
            },
            expected: CLOSED,
        },
        Case {
            // Outbound traffic of the excluded VPC is allowed, inbound traffic is blocked.
            name: "the VPC may go out",
            edit: |snapshot| {
                let exempt = [("vpc/vpc-1", "allow-egress", "create-complete")];
                block(snapshot, "block-bidirectional", "update-complete", &exempt);
            },
            expected: CLOSED,
        },
        Case {
            name: "the exemption was deleted",
            edit: |snapshot| {
                let exempt = [("vpc/vpc-1", "allow-bidirectional", "delete-complete")];
                block(snapshot, "block-bidirectional", "update-complete", &exempt);
            },
            expected: CLOSED,
        },
        Case {
            name: "the organisation allows no exemptions any more",
            edit: |snapshot| {
                let exempt = [("vpc/vpc-1", "allow-bidirectional", "disable-complete")];
                block(snapshot, "block-bidirectional", "update-complete", &exempt);
            },
            expected: CLOSED,
        },
        Case {
            name: "the exemption is being made",
            edit: |snapshot| {
                let exempt = [("vpc/vpc-1", "allow-bidirectional", "create-in-progress")];
                block(snapshot, "block-bidirectional", "update-complete", &exempt);
            },
            expected: UNKNOWN,
        },
        Case {
            name: "it is being turned on",
            edit: |snapshot| block(snapshot, "block-bidirectional", "update-in-progress", &[]),
            expected: UNKNOWN,
        },
    ]);
}

/// What was not answered matters only where everything else is open.
#[test]
fn a_denied_answer_hides_only_what_it_decides() {
    let denied = GapId::new("ec2:DescribeVpcBlockPublicAccessOptions", REGION, None);
    let mut snapshot = super::network::account();
    open(&mut snapshot);
    snapshot.ec2.vpc_block_public_access.incomplete = vec![denied.clone()];
    let judged = findings(&snapshot);
    assert_eq!(verdict(&judged, DB, "db:shop"), "unknown");
    assert_eq!(verdict(&judged, INSTANCE, "eni-bastion"), "unknown");
    let of_db = judged.iter().find(|finding| finding.policy == DB).unwrap();
    assert!(format!("{of_db:?}").contains("DescribeVpcBlockPublicAccessOptions"), "{of_db:?}");
    admit(&mut snapshot, "sg-db", &[("tcp", 5432, 5432, "sg-task")]);
    assert_eq!(verdict(&findings(&snapshot), DB, "db:shop"), "pass", "the group holds, whatever is blocked");
    let mut snapshot = super::network::account();
    block(&mut snapshot, "block-bidirectional", "update-complete", &[]);
    let exclusions = GapId::new("ec2:DescribeVpcBlockPublicAccessExclusions", REGION, None);
    snapshot.ec2.vpc_block_public_access.items[0].exclusions = Known::No(exclusions);
    assert_eq!(verdict(&findings(&snapshot), DB, "db:shop"), "unknown");
}

#[test]
fn what_is_open_behind_it_is_said_to_wait() {
    let mut snapshot = super::network::account();
    block(&mut snapshot, "block-ingress", "update-complete", &[]);
    let judged = findings(&snapshot);
    let of_db = judged.iter().find(|finding| finding.policy == DB).unwrap();
    let said = &of_db.message.en;
    assert!(
        said.contains("VPC Block Public Access keeps the internet out of subnet subnet-public"),
        "{said}"
    );
    assert!(said.contains("is exposed as soon as this changes"), "{said}");
}
