//! What AWS leaves out is not known: every field of every recorded answer is left out in turn, as an
//! older API or another service behind the same protocol leaves it out, and the account is read and
//! judged without it.
//!
//! No verdict turns from fail to pass or from pass to fail, but where AWS documents what is meant
//! ([`DEFAULTS`]). And no resource is lost, but for what it is made of: without its name, or what has
//! been a part of it since its operation exists ([`PARTS`]), it is a gap. What was found by way of such a
//! resource goes with it. What AWS's models call required (`absent/required.tsv`) is not tried. Fields of
//! different operations are left out of one account together, and one after the other where something is
//! wrong then. One field in eight is tried with the other tests; `ABSENT_ALL=1` tries all of them,
//! `ABSENT_ONLY=rds` the operations of one service, `ABSENT_ALONE=1` each field alone.

mod tree;

use crate::spread::{account, spread};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tenken::ask::{Counters, ScanOptions};
use tenken::collect::{COLLECTORS, scan_with};
use tenken::finding::{Run, Verdict};
use tenken::policy::PolicySet;
use tenken::run;
use tenken::snapshot::Snapshot;
use tree::{Field, Tree};

const ACCOUNTS: &[&str] = &["worn-site", "ec-site"];

/// Fields whose absence has a meaning of its own: the operation, how the path ends, and where AWS says so.
const DEFAULTS: &[(&str, &str, &str)] = &[
    ("ec2:DescribeNetworkInterfaces", "item.association", "API_NetworkInterface: of a public address"),
    (
        "ec2:DescribeNetworkInterfaces",
        "item.attachment",
        "API_NetworkInterface: there is one while it is attached",
    ),
    (
        "ec2:DescribeNetworkInterfaces",
        "attachment.instanceId",
        "API_NetworkInterfaceAttachment: of an instance",
    ),
    ("ec2:DescribeNetworkInterfaces", "item.description", "API_CreateNetworkInterface: optional"),
    (
        "ec2:DescribeSecurityGroups",
        "securityGroupInfo.item.vpcId",
        "API_SecurityGroup: groups of EC2-Classic have none",
    ),
    ("ecs:DescribeServices", "capacityProviderStrategy.[].weight", "API_CapacityProviderStrategyItem: 0"),
    ("ecs:DescribeServices", "deploymentConfiguration.maximumPercent", "API_DeploymentConfiguration: 200"),
    (
        "ecs:DescribeServices",
        "deploymentConfiguration.minimumHealthyPercent",
        "API_DeploymentConfiguration: 100",
    ),
    // The model of the API gives these numbers a default, which is why the SDK has no absence for them.
    ("ecs:DescribeServices", "desiredCount", "model of ECS: 0"),
    ("ecs:DescribeServices", "runningCount", "model of ECS: 0"),
    (
        "ecs:DescribeServices",
        "services.[].deploymentConfiguration",
        "API_DeploymentConfiguration: of its parts",
    ),
    (
        "ecs:DescribeServices",
        "services.[].launchType",
        "API_CreateService: EC2, before there was anything else",
    ),
    ("ecs:DescribeServices", "networkConfiguration", "API_Service: of tasks with interfaces of their own"),
    (
        "ecs:DescribeServices",
        "awsvpcConfiguration",
        "API_NetworkConfiguration: of tasks with interfaces of their own",
    ),
    (
        "ecs:DescribeServices",
        "awsvpcConfiguration.assignPublicIp",
        "API_AwsVpcConfiguration: DISABLED for services",
    ),
    ("ecs:DescribeServices", "platformVersion", "API_Service: LATEST"),
    ("ecs:DescribeTaskDefinition", "taskDefinition.executionRoleArn", "API_TaskDefinition: no role"),
    ("ecs:DescribeTaskDefinition", "taskDefinition.taskRoleArn", "API_TaskDefinition: no role"),
    ("ecs:DescribeTaskDefinition", "taskDefinition.networkMode", "API_TaskDefinition: bridge"),
    ("ecs:DescribeTaskDefinition", "taskDefinition.pidMode", "API_TaskDefinition: a private namespace"),
    ("ecs:DescribeTaskDefinition", "[].logConfiguration", "API_ContainerDefinition: the driver of the host"),
    (
        "elasticloadbalancing:DescribeListeners",
        "RedirectConfig.Protocol",
        "API_RedirectActionConfig: as it was asked",
    ),
    ("events:ListTargetsByRule", "[].EcsParameters", "API_Target: of targets that are tasks"),
    ("events:ListTargetsByRule", "EcsParameters.NetworkConfiguration", "API_EcsParameters: of awsvpc"),
    (
        "events:ListTargetsByRule",
        "NetworkConfiguration.awsvpcConfiguration",
        "API_NetworkConfiguration: of awsvpc",
    ),
    ("rds:DescribeDBInstances", "DBInstance.Endpoint", "API_DBInstance: not shown while it is created"),
    ("secretsmanager:ListSecrets", "[].RotationEnabled", "API_DescribeSecret: never configured"),
];

/// What a resource is made of: the operation and how the path ends. Each is as old as the operation, so
/// that an answer without it is no older answer but a broken one; nothing can be said of the resource
/// then, and its record is a gap.
const PARTS: &[(&str, &[&str])] = &[
    ("cloudwatch:DescribeAlarms", &["MetricName", "Namespace", "StateValue"]),
    (
        "ec2:DescribeNetworkAcls",
        &[
            "default",
            "associationSet.item.subnetId",
            "vpcId",
            "item.egress",
            "item.protocol",
            "item.ruleAction",
            "item.ruleNumber",
            "item.cidrBlock",
        ],
    ),
    ("ec2:DescribeNatGateways", &["item.subnetId", "item.vpcId", "item.state"]),
    (
        "ec2:DescribeNetworkInterfaces",
        &["item.subnetId", "item.vpcId", "groupSet.item.groupId", "association.publicIp"],
    ),
    (
        "ec2:DescribeRouteTables",
        &[
            "item.vpcId",
            "associationSet.item.subnetId",
            "associationSet.item.main",
            // One of several targets.
            "routeSet.item.gatewayId",
            "routeSet.item.natGatewayId",
            "routeSet.item.vpcPeeringConnectionId",
            "routeSet.item.destinationCidrBlock",
            "routeSet.item.state",
        ],
    ),
    (
        "ec2:DescribeSecurityGroups",
        &[
            "item.groupName",
            "item.ipProtocol",
            "item.cidrIp",
            "item.cidrIpv6",
            "item.prefixListId",
            "groups.item.groupId",
        ],
    ),
    ("ec2:DescribeManagedPrefixLists", &["item.prefixListName"]),
    ("ec2:DescribeSubnets", &["item.availabilityZone", "item.vpcId"]),
    ("ecs:DescribeCapacityProviders", &["[].status"]),
    ("ecs:DescribeClusters", &["[].status"]),
    ("ecs:DescribeContainerInstances", &["[].status"]),
    (
        "ecs:DescribeServices",
        &[
            "services.[].status",
            "services.[].clusterArn",
            "deployments.[].id",
            "deployments.[].status",
            "deployments.[].taskDefinition",
            // A target group or a Classic Load Balancer.
            "loadBalancers.[].targetGroupArn",
        ],
    ),
    ("ecs:DescribeTaskDefinition", &["containerDefinitions.[].image", "containerDefinitions.[].name"]),
    ("ecs:DescribeTasks", &["[].clusterArn", "[].lastStatus", "[].taskDefinitionArn"]),
    ("ecs:ListAccountSettings", &["[].value"]),
    (
        "elasticloadbalancing:DescribeListeners",
        &[
            "member.ListenerArn",
            "member.SslPolicy",
            "member.Port",
            "member.Protocol",
            "member.RedirectConfig",
        ],
    ),
    ("elasticloadbalancing:DescribeLoadBalancerAttributes", &["Attributes.member.Key"]),
    (
        "elasticloadbalancing:DescribeLoadBalancers",
        &[
            "member.Type",
            "member.DNSName",
            "member.Scheme",
            "member.VpcId",
            "AvailabilityZones.member.ZoneName",
        ],
    ),
    (
        "elasticloadbalancing:DescribeTargetGroups",
        &["HealthCheckIntervalSeconds", "HealthyThresholdCount", "UnhealthyThresholdCount"],
    ),
    ("elasticloadbalancing:DescribeSSLPolicies", &["Ciphers.member.Name", "member.SslProtocols"]),
    ("events:ListRules", &["[].State"]),
    ("kms:DescribeKey", &["KeyMetadata.KeyState", "KeyMetadata.KeyManager"]),
    ("rds:DescribeDBClusterParameters", &["Parameter.Source", "Parameter.ParameterName"]),
    ("rds:DescribeDBClusterSnapshots", &["DBClusterSnapshot.Engine"]),
    (
        "rds:DescribeDBClusters",
        &[
            "DBCluster.Engine",
            "DBClusterMember.DBInstanceIdentifier",
            "VpcSecurityGroupMembership.VpcSecurityGroupId",
        ],
    ),
    (
        "rds:DescribeDBInstances",
        &[
            "DBInstance.Engine",
            "DBParameterGroup.DBParameterGroupName",
            "DBParameterGroup.ParameterApplyStatus",
            "Endpoint.Address",
            "Endpoint.Port",
            "VpcSecurityGroupMembership.VpcSecurityGroupId",
        ],
    ),
    ("rds:DescribeDBParameters", &["Parameter.Source", "Parameter.ParameterName"]),
    ("rds:DescribeDBSnapshots", &["DBSnapshot.Engine"]),
    ("rds:DescribeDBSubnetGroups", &["Subnet.SubnetIdentifier", "DBSubnetGroup.VpcId"]),
    ("scheduler:GetSchedule", &["Target.EcsParameters", "Target"]),
    ("servicequotas:GetServiceQuota", &["Quota.QuotaCode", "Quota.ServiceCode", "Quota.Value"]),
    ("ssm:DescribeParameters", &["[].Type"]),
    ("scheduler:ListSchedules", &["[].GroupName", "[].State", "[].Target"]),
];

/// One field of so many is tried where nobody asks for all: all of them take minutes.
const SHARE: u64 = 8;

/// The operation and the path of every recorded field that AWS's model of the API calls required;
/// `mocks/build/required_members.py` writes it.
const REQUIRED: &str = include_str!("absent/required.tsv");

/// A field of an operation's answers, in all files that are such an answer.
#[derive(Clone)]
struct Case {
    account: &'static str,
    operation: String,
    path: tree::Path,
    field: Field,
    files: Vec<PathBuf>,
}

impl Case {
    fn label(&self) -> String {
        format!("{} {} without {}", self.account, self.operation, self.path.join("."))
    }

    /// Whether verdicts may turn without the field: AWS says what its absence means, or it is a list.
    fn may_turn(&self) -> bool {
        self.is_documented() || self.is_empty_list()
    }

    /// Whether it is how a service writes that there is nothing.
    fn is_empty_list(&self) -> bool {
        self.field.is_list && !is_list_of_settings(&self.path)
    }

    /// Whether AWS says what the absence of the field means.
    fn is_documented(&self) -> bool {
        let path = self.path.join(".");
        DEFAULTS.iter().any(|(operation, end, _)| self.operation == *operation && ends_with(&path, end))
    }

    /// Whether a resource without the field is no resource.
    fn is_part(&self) -> bool {
        let path = self.path.join(".");
        let of_operation = PARTS.iter().filter(|(operation, _)| self.operation == *operation);
        of_operation.flat_map(|(_, ends)| *ends).any(|end| ends_with(&path, end))
    }

    /// Whether it is the whole answer, or the whole of what was asked for in it.
    fn is_whole_answer(&self) -> bool {
        let name = self.operation.split_once(':').map_or("", |(_, name)| name);
        self.path.len() == 1
            || self.path.last().is_some_and(|last| {
                last.strip_prefix(name).is_some_and(|rest| ["Response", "Result"].contains(&rest))
            })
    }

    fn is_required(&self) -> bool {
        REQUIRED.lines().any(|line| line == format!("{}\t{}", self.operation, self.path.join(".")))
    }
}

/// Whether a path ends with whole names.
fn ends_with(path: &str, end: &str) -> bool {
    path.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

/// `service:Operation` of an answer's file; none for refusals and for `account.toml`.
fn operation(folder: &Path, file: &Path) -> Option<String> {
    let name = file.file_name()?.to_str()?;
    let is_refusal = [".400.", ".403.", ".404."].iter().any(|status| name.contains(status));
    let service = file.parent()?.file_name()?.to_str()?;
    let operation = name.split(['@', '.']).next()?;
    (file.parent()? != folder && !is_refusal).then(|| format!("{service}:{operation}"))
}

fn cases(name: &'static str) -> Vec<Case> {
    let folder = account(name);
    let mut all = Vec::new();
    files(&folder, &mut all);
    let only = std::env::var("ABSENT_ONLY").ok();
    let mut found: BTreeMap<(String, tree::Path), Case> = BTreeMap::new();
    for file in all {
        let Some(operation) = operation(&folder, &file) else { continue };
        if only.as_ref().is_some_and(|only| !operation.starts_with(only.as_str())) {
            continue;
        }
        let tree = Tree::read(&std::fs::read_to_string(&file).unwrap());
        for (path, field) in tree.fields() {
            let case = found.entry((operation.clone(), path.clone())).or_insert_with(|| Case {
                account: name,
                operation: operation.clone(),
                path,
                field: Field::default(),
                files: Vec::new(),
            });
            case.field.is_list |= field.is_list;
            case.field.is_element |= field.is_element;
            case.field.texts.extend(field.texts);
            case.files.push(file.strip_prefix(&folder).unwrap().to_owned());
        }
    }
    // An element of a list is no field.
    found.into_values().filter(|case| !case.field.is_element && !case.is_required()).collect()
}

struct Baseline {
    snapshot: Json,
    run: Run,
}

async fn replay(folder: &Path) -> Snapshot {
    let options = ScanOptions { replay: Some(folder.to_owned()), ..ScanOptions::default() };
    scan_with(COLLECTORS, &options, Arc::new(Counters::default())).await.unwrap().snapshot
}

/// A copy of a recorded account, whose files are those of the account but for one field.
fn copy(name: &str, to: &Path) {
    let folder = account(name);
    let mut all = Vec::new();
    files(&folder, &mut all);
    for file in all {
        let copied = to.join(file.strip_prefix(&folder).unwrap());
        std::fs::create_dir_all(copied.parent().unwrap()).unwrap();
        std::fs::copy(&file, copied).unwrap();
    }
}

/// What names a resource.
fn identity(item: &Json) -> Option<(String, &str)> {
    let field =
        ["arn", "resource_id", "id", "name", "metric_name"].into_iter().find(|key| item[*key].is_string())?;
    let place = item["region"].as_str().unwrap_or_default();
    Some((format!("{field} {}", item[field]), item[field].as_str()?))
        .map(|(key, text)| (format!("{place} {key}"), text))
}

/// Whether a removed field named the resource, as a part of its name or as the whole.
fn named(texts: &[String], baseline: &Json, identity: &str) -> bool {
    let common = [baseline["account"].as_str().unwrap(), "aws"];
    texts.iter().any(|text| {
        let is_common =
            common.contains(&text.as_str()) || baseline["regions"].to_string().contains(text.as_str());
        text.len() > 1 && !is_common && (identity.contains(text.as_str()) || text.contains(identity))
    })
}

/// Resources that are gone although nothing that they are made of was removed. Whoever loses a resource
/// says so in a gap, and loses with it what was found by way of it.
fn lost(cases: &[Case], baseline: &Json, found: &Snapshot) -> Vec<String> {
    let has_gaps = !found.gaps.is_empty();
    let found = serde_json::to_value(found).unwrap();
    let mut problems = Vec::new();
    let mut is_explained = cases.iter().all(|case| case.is_empty_list() || case.is_documented())
        || has_gaps && cases.iter().all(|case| case.is_part() || case.is_whole_answer());
    for (section, lists) in baseline.as_object().unwrap() {
        for (list, listing) in lists.as_object().into_iter().flatten() {
            let Some(items) = listing["items"].as_array() else { continue };
            let now = found[section][list]["items"].as_array().unwrap();
            let now: BTreeSet<String> = now.iter().filter_map(identity).map(|(key, _)| key).collect();
            for (key, text) in items.iter().filter_map(identity) {
                if now.contains(&key) {
                    continue;
                }
                match cases.iter().any(|case| named(&case.field.texts, baseline, text)) {
                    // Of several, another may be the one that loses what is not explained by this one.
                    true => is_explained |= has_gaps && cases.len() == 1,
                    false => problems.push(format!("{section}.{list} lost {text}")),
                }
            }
        }
    }
    problems.truncate(3);
    if is_explained { Vec::new() } else { problems }
}

/// Verdicts that are the opposite of what they were.
fn turned(cases: &[Case], baseline: &Run, found: &Run) -> Vec<String> {
    // Without a list there is nothing in it: that is how services write an empty one.
    if cases.iter().all(|case| case.may_turn()) {
        return Vec::new();
    }
    let now: BTreeMap<&str, &Verdict> =
        found.findings.iter().map(|finding| (finding.id.as_str(), &finding.verdict)).collect();
    let mut problems = BTreeSet::new();
    for finding in &baseline.findings {
        let turn = match (&finding.verdict, now.get(finding.id.as_str())) {
            (Verdict::Fail, Some(Verdict::Pass)) => "passes",
            (Verdict::Fail, Some(Verdict::Skip)) => "is out of scope",
            (Verdict::Pass, Some(Verdict::Fail)) => "fails",
            _ => continue,
        };
        problems.insert(format!("{} {turn}", finding.policy));
    }
    problems.into_iter().collect()
}

/// Lists of settings are always whole: each setting has a value.
fn is_list_of_settings(path: &[String]) -> bool {
    path.last().is_some_and(|last| last == "Attributes" || last == "settings")
}

/// The account without the fields of all cases, in a copy of it; the files are put back.
async fn problems(cases: &[Case], folder: &Path, baseline: &Baseline, policies: &PolicySet) -> Vec<String> {
    for case in cases {
        let mut removed = 0;
        for file in &case.files {
            let mut tree = Tree::read(&std::fs::read_to_string(folder.join(file)).unwrap());
            removed += tree.without(&case.path);
            std::fs::write(folder.join(file), tree.write()).unwrap();
        }
        assert!(removed > 0, "{}", case.label());
    }
    let found = replay(folder).await;
    for case in cases {
        for file in &case.files {
            std::fs::copy(account(case.account).join(file), folder.join(file)).unwrap();
        }
    }
    let mut problems = lost(cases, &baseline.snapshot, &found);
    problems.extend(turned(cases, &baseline.run, &run::judge(&found, policies)));
    problems
}

/// The problems of each case.
async fn check(cases: Vec<Case>, folder: &Path, baseline: &Baseline, policies: &PolicySet) -> Vec<String> {
    if cases.len() > 1 && problems(&cases, folder, baseline, policies).await.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for case in cases {
        let alone = problems(std::slice::from_ref(&case), folder, baseline, policies).await;
        found.extend(alone.into_iter().map(|problem| format!("{}: {problem}", case.label())));
    }
    found
}

/// Whether the field names a resource, so that the resource is gone without it.
fn names_a_resource(case: &Case, baseline: &Json) -> bool {
    let lists = baseline.as_object().unwrap().values().filter_map(Json::as_object).flat_map(|it| it.values());
    let items = lists.filter_map(|listing| listing["items"].as_array()).flatten();
    items.filter_map(identity).any(|(_, text)| named(&case.field.texts, baseline, text))
}

/// Groups of cases that are tried together: of each operation one, and alone what takes whole resources
/// away, because nothing else is seen where they are not there.
fn groups(cases: Vec<Case>, baseline: &Json) -> Vec<Vec<Case>> {
    let is_alone = std::env::var("ABSENT_ALONE").is_ok();
    let mut groups: Vec<Vec<Case>> = Vec::new();
    let mut together: Vec<Vec<Case>> = Vec::new();
    for case in cases {
        let takes_resources = case.field.is_list || case.is_whole_answer() || case.is_part();
        if is_alone || takes_resources || names_a_resource(&case, baseline) {
            groups.push(vec![case]);
            continue;
        }
        let place = together.iter_mut().find(|group| group.iter().all(|it| it.operation != case.operation));
        match place {
            Some(group) => group.push(case),
            None => together.push(vec![case]),
        }
    }
    groups.extend(together);
    groups
}

#[test]
fn what_aws_leaves_out_is_unknown() {
    let policies = run::policies(None, &[]).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let is_whole = ["ABSENT_ALL", "ABSENT_ONLY"].iter().any(|name| std::env::var(name).is_ok());
    let count = AtomicUsize::new(0);
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    for name in ACCOUNTS {
        let snapshot = runtime.block_on(replay(&account(name)));
        let run = run::judge(&snapshot, &policies);
        let baseline = Baseline { snapshot: serde_json::to_value(&snapshot).unwrap(), run };
        let mut all = cases(name);
        // What the account before has is not tried again.
        all.retain(|case| seen.insert((case.operation.clone(), case.path.clone())));
        if !is_whole {
            all.retain(|case| case.label().bytes().map(u64::from).sum::<u64>() % SHARE == 0);
        }
        count.fetch_add(all.len(), Ordering::Relaxed);
        let groups = groups(all, &baseline.snapshot);
        let halves = groups.chunks(groups.len().div_ceil(2).max(1)).map(<[Vec<Case>]>::to_vec).collect();
        problems.extend(spread(halves, 1, |half: Vec<Vec<Case>>| {
            let (policies, baseline) = (&policies, &baseline);
            async move {
                let folder = tempfile::tempdir().unwrap();
                copy(name, folder.path());
                let mut problems = Vec::new();
                for group in half {
                    problems.extend(check(group, folder.path(), baseline, policies).await);
                }
                problems
            }
        }));
    }
    problems.sort();
    // Past the test's capture, so that the number is always seen.
    let line = format!("absent: {} fields\n", count.into_inner());
    let _ = std::io::stdout().write_all(line.as_bytes());
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
}
