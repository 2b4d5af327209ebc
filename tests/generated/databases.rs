//! DB instances, clusters and subnet groups.

use super::writing::{list, maybe, page, query, tag};
use super::{Account, arn, network};

const NAMESPACE: &str = "http://rds.amazonaws.com/doc/2014-10-31/";

pub(crate) fn name(account: &Account, database: usize) -> String {
    match database.checked_sub(account.standalone()) {
        Some(cluster) => format!("aurora-{cluster}-0"),
        None => format!("db-{database}"),
    }
}

pub(crate) fn arn_of(account: &Account, database: usize) -> String {
    arn("rds", &format!("db:{}", name(account, database)))
}

pub(crate) fn cluster_arn(cluster: usize) -> String {
    arn("rds", &format!("cluster:aurora-{cluster}"))
}

impl Account {
    pub(crate) fn rds(&self, operation: &str, token: Option<&str>, size: usize) -> Option<String> {
        let answer = |lists: &str, member: &str, count: usize, item: &dyn Fn(usize) -> String| {
            let page = page(count, size, token);
            let content = list(lists, member, page.range.map(item)) + &maybe("Marker", page.next);
            Some(query(operation, NAMESPACE, &content))
        };
        match operation {
            "DescribeDBInstances" => answer("DBInstances", "DBInstance", self.size.databases, &|database| {
                self.instance_item(database)
            }),
            "DescribeDBClusters" => {
                answer("DBClusters", "DBCluster", self.db_clusters(), &|cluster| self.cluster_item(cluster))
            }
            // In each VPC one with the private subnets and one with all; one with a single subnet.
            "DescribeDBSubnetGroups" => {
                answer("DBSubnetGroups", "DBSubnetGroup", self.vpcs() * 2 + 1, &|number| {
                    let home = number / 2;
                    match number {
                        last if last == self.vpcs() * 2 => subnet_group("one-zone", 0, 2..3),
                        even if even % 2 == 0 => subnet_group(&format!("private-{home}"), home, 2..4),
                        _ => subnet_group(&format!("mixed-{home}"), home, 0..4),
                    }
                })
            }
            // All use one parameter group each way, in which TLS is required; there are no snapshots, and no
            // maintenance waits.
            "DescribeDBParameters" | "DescribeDBClusterParameters" => {
                answer("Parameters", "Parameter", 1, &|_| {
                    "<ParameterName>rds.force_ssl</ParameterName><ParameterValue>1</ParameterValue><Source>user</Source>"
                    .to_owned()
                })
            }
            "DescribeDBMajorEngineVersions" => {
                let end = "2029-02-28T23:59:59Z";
                let lifecycle = format!(
                    "<LifecycleSupportName>open-source-rds-standard-support</LifecycleSupportName>\
                     <LifecycleSupportEndDate>{end}</LifecycleSupportEndDate>"
                );
                let lifecycles = list("SupportedEngineLifecycles", "SupportedEngineLifecycle", [lifecycle]);
                answer("DBMajorEngineVersions", "DBMajorEngineVersion", 2, &|number| {
                    let engine = if number == 0 { "aurora-postgresql" } else { "postgres" };
                    format!(
                        "<Engine>{engine}</Engine><MajorEngineVersion>16</MajorEngineVersion>{lifecycles}"
                    )
                })
            }
            "DescribeDBSnapshots" => answer("DBSnapshots", "DBSnapshot", 0, &|_| String::new()),
            "DescribeDBClusterSnapshots" => {
                answer("DBClusterSnapshots", "DBClusterSnapshot", 0, &|_| String::new())
            }
            "DescribePendingMaintenanceActions" => {
                answer("PendingMaintenanceActions", "ResourcePendingMaintenanceActions", 0, &|_| {
                    String::new()
                })
            }
            _ => None,
        }
    }

    fn instance_item(&self, database: usize) -> String {
        let has = |defect: &str| self.has(defect, database);
        let home = database % self.vpcs();
        let cluster = database.checked_sub(self.standalone());
        let engine = if cluster.is_some() { "aurora-postgresql" } else { "postgres" };
        let retention = match () {
            () if has("rds-no-automated-backup") => 0,
            () if has("rds-short-backup-retention") => 3,
            () => 14,
        };
        let is_exposed = has("db-exposed-to-internet");
        let group = if is_exposed { format!("mixed-{home}") } else { format!("private-{home}") };
        let subnets = if is_exposed { 0..4 } else { 2..4 };
        let exports = if has("rds-no-log-export") { vec![] } else { vec!["postgresql".to_owned()] };
        let membership = format!(
            "<VpcSecurityGroupId>{}</VpcSecurityGroupId><Status>active</Status>",
            self.group_of_database(database)
        );
        let parameter_group = "<DBParameterGroupName>shop</DBParameterGroupName>\
             <ParameterApplyStatus>in-sync</ParameterApplyStatus>"
            .to_owned();
        let id = name(self, database);
        format!(
            "<DBInstanceIdentifier>{id}</DBInstanceIdentifier><DBInstanceArn>{}</DBInstanceArn>\
             <DBInstanceClass>db.r6g.large</DBInstanceClass><Engine>{engine}</Engine>\
             <EngineVersion>16.4</EngineVersion><DBInstanceStatus>available</DBInstanceStatus>\
             <MasterUsername>shop</MasterUsername><Endpoint><Address>{id}.c1.{}.rds.amazonaws.com</Address>\
             <Port>5432</Port><HostedZoneId>Z24</HostedZoneId></Endpoint><AllocatedStorage>100</AllocatedStorage>\
             <PreferredBackupWindow>17:00-17:30</PreferredBackupWindow>\
             <BackupRetentionPeriod>{retention}</BackupRetentionPeriod>{}{}\
             <AvailabilityZone>{}</AvailabilityZone><SecondaryAvailabilityZone>{}</SecondaryAvailabilityZone>\
             <MultiAZ>{}</MultiAZ><AutoMinorVersionUpgrade>{}</AutoMinorVersionUpgrade>\
             <PubliclyAccessible>{}</PubliclyAccessible><StorageType>gp3</StorageType>\
             <StorageEncrypted>{}</StorageEncrypted><DeletionProtection>{}</DeletionProtection>\
             <PerformanceInsightsEnabled>true</PerformanceInsightsEnabled><MonitoringInterval>{}</MonitoringInterval>\
             <InstanceCreateTime>2024-01-01T00:00:00Z</InstanceCreateTime>\
             <CertificateDetails><CAIdentifier>rds-ca-rsa4096-g1</CAIdentifier>\
             <ValidTill>2099-01-01T00:00:00Z</ValidTill></CertificateDetails>{}\
             {}{}<TagList/>",
            arn_of(self, database),
            super::REGION,
            list("VpcSecurityGroups", "VpcSecurityGroupMembership", [membership]),
            tag("DBSubnetGroup", subnet_group(&group, home, subnets)),
            network::zone(0),
            network::zone(1),
            cluster.is_none() && !has("rds-single-az"),
            !has("rds-no-minor-version-upgrade"),
            is_exposed || has("rds-publicly-accessible-flag"),
            !has("rds-unencrypted-storage"),
            !has("rds-no-deletion-protection"),
            if has("rds-no-enhanced-monitoring") { 0 } else { 60 },
            list("DBParameterGroups", "DBParameterGroup", [parameter_group]),
            list("EnabledCloudwatchLogsExports", "member", exports),
            maybe("DBClusterIdentifier", cluster.map(|cluster| format!("aurora-{cluster}"))),
        )
    }

    fn cluster_item(&self, cluster: usize) -> String {
        let unless = |defect: &str| !self.has(defect, cluster);
        let database = self.standalone() + cluster;
        let membership = format!(
            "<VpcSecurityGroupId>{}</VpcSecurityGroupId><Status>active</Status>",
            self.group_of_database(database)
        );
        let member = format!(
            "<DBInstanceIdentifier>{}</DBInstanceIdentifier><IsClusterWriter>true</IsClusterWriter>",
            name(self, database)
        );
        format!(
            "<DBClusterIdentifier>aurora-{cluster}</DBClusterIdentifier><DBClusterArn>{}</DBClusterArn>\
             <Engine>aurora-postgresql</Engine><EngineVersion>16.4</EngineVersion><Status>available</Status>\
             <ClusterCreateTime>2024-01-01T00:00:00Z</ClusterCreateTime>\
             <MultiAZ>{}</MultiAZ><StorageEncrypted>{}</StorageEncrypted>\
             <BackupRetentionPeriod>{}</BackupRetentionPeriod><Port>5432</Port><DBSubnetGroup>private-{}</DBSubnetGroup>\
             <DBClusterParameterGroup>shop</DBClusterParameterGroup><DeletionProtection>{}</DeletionProtection>{}{}<TagList/>",
            cluster_arn(cluster),
            unless("rds-cluster-single-az"),
            unless("rds-cluster-unencrypted-storage"),
            if unless("rds-cluster-short-backup-retention") { 14 } else { 1 },
            database % self.vpcs(),
            unless("rds-cluster-no-deletion-protection"),
            list("DBClusterMembers", "DBClusterMember", [member]),
            list("VpcSecurityGroups", "VpcSecurityGroupMembership", [membership]),
        )
    }
}

fn subnet_group(name: &str, home: usize, places: std::ops::Range<usize>) -> String {
    let subnets = places.map(|place| {
        format!(
            "<SubnetIdentifier>{}</SubnetIdentifier><SubnetAvailabilityZone><Name>{}</Name></SubnetAvailabilityZone>\
             <SubnetStatus>Active</SubnetStatus>",
            network::subnet(home, place),
            network::zone(place),
        )
    });
    format!(
        "<DBSubnetGroupName>{name}</DBSubnetGroupName><DBSubnetGroupArn>{}</DBSubnetGroupArn><VpcId>{}</VpcId>\
         <SubnetGroupStatus>Complete</SubnetGroupStatus>{}",
        arn("rds", &format!("subgrp:{name}")),
        network::vpc(home),
        list("Subnets", "Subnet", subnets),
    )
}
