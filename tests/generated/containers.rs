//! Clusters, services, task definitions, tasks, how services scale, and their metrics.

use super::writing::{Cbor, page};
use super::{Account, REGION, arn, hash, network, number_after};
use serde_json::{Value as Json, json};
use tenken::recording::wire::Request;

pub(crate) fn cluster_arn(cluster: usize) -> String {
    arn("ecs", &format!("cluster/cluster-{cluster}"))
}

fn definition_arn(service: usize) -> String {
    arn("ecs", &format!("task-definition/api-{service}:3"))
}

pub(crate) fn secret_arn(service: usize) -> String {
    arn("secretsmanager", &format!("secret:api-{service}/database-Ab12Cd"))
}

/// The texts of a list in a request.
fn texts<'a>(request: &'a Request, list: &str) -> impl Iterator<Item = &'a str> {
    request.body.get(list).and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str)
}

impl Account {
    pub(crate) fn service_arn(&self, service: usize) -> String {
        arn("ecs", &format!("service/cluster-{}/api-{service}", service % self.ecs_clusters()))
    }

    pub(crate) fn desired_count(&self, service: usize) -> usize {
        if self.has("ecs-single-task", service) { 1 } else { 2 }
    }

    /// The number of a task is at the end of its ARN.
    fn task_arn(&self, task: usize) -> String {
        let cluster = self.tasks.get(task).map_or(0, |service| service % self.ecs_clusters());
        arn("ecs", &format!("task/cluster-{cluster}/{}{task:016x}", hash(task)))
    }

    pub(crate) fn ecs(&self, request: &Request, token: Option<&str>, size: usize) -> Option<Json> {
        let cluster =
            request.parameters.get("cluster").and_then(|values| number_after(values.first()?, "cluster-"));
        let arns = |name: &str, all: Vec<String>| {
            let page = page(all.len(), size, token);
            Some(json!({ name: all.get(page.range), "nextToken": page.next }))
        };
        match request.operation.as_str() {
            "ListClusters" => arns("clusterArns", (0..self.ecs_clusters()).map(cluster_arn).collect()),
            "DescribeClusters" => {
                let numbers = texts(request, "clusters").filter_map(|arn| number_after(arn, "cluster-"));
                let clusters: Vec<Json> = numbers.map(|cluster| self.cluster_json(cluster)).collect();
                Some(json!({ "clusters": clusters, "failures": [] }))
            }
            "ListServices" => {
                let services = (cluster?..self.size.services).step_by(self.ecs_clusters());
                arns("serviceArns", services.map(|service| self.service_arn(service)).collect())
            }
            "DescribeServices" => {
                let numbers = texts(request, "services").filter_map(|arn| number_after(arn, "/api-"));
                let services: Vec<Json> = numbers.map(|service| self.service_json(service)).collect();
                Some(json!({ "services": services, "failures": [] }))
            }
            "ListTasks" => {
                let is_here = |task: &usize| {
                    self.tasks
                        .get(*task)
                        .is_some_and(|service| Some(service % self.ecs_clusters()) == cluster)
                };
                let tasks = (0..self.tasks.len()).filter(is_here);
                arns("taskArns", tasks.map(|task| self.task_arn(task)).collect())
            }
            "DescribeTasks" => {
                let number =
                    |arn: &str| usize::from_str_radix(arn.get(arn.len().checked_sub(16)?..)?, 16).ok();
                let tasks: Vec<Json> = texts(request, "tasks")
                    .filter_map(number)
                    .filter_map(|task| self.task_json(task))
                    .collect();
                Some(json!({ "tasks": tasks, "failures": [] }))
            }
            // Every service is on Fargate.
            "ListContainerInstances" => arns("containerInstanceArns", Vec::new()),
            "DescribeContainerInstances" => Some(json!({ "containerInstances": [], "failures": [] })),
            "ListTaskDefinitions" => {
                let family = request.parameters.get("familyPrefix")?.first()?;
                let service = family.strip_prefix("api-")?.parse().ok()?;
                arns("taskDefinitionArns", vec![definition_arn(service)])
            }
            "DescribeTaskDefinition" => {
                let arn = request.parameters.get("taskDefinition")?.first()?;
                Some(json!({ "taskDefinition": self.definition_json(number_after(arn, "/api-")?) }))
            }
            "ListAccountSettings" => Some(json!({ "settings": [
                { "name": "defaultLogDriverMode", "value": "non-blocking" }] })),
            "DescribeCapacityProviders" => {
                let providers = ["FARGATE", "FARGATE_SPOT"].map(|name| {
                    json!({ "capacityProviderArn": arn("ecs", &format!("capacity-provider/{name}")),
                            "name": name, "status": "ACTIVE" })
                });
                Some(json!({ "capacityProviders": providers }))
            }
            _ => None,
        }
    }

    fn cluster_json(&self, cluster: usize) -> Json {
        let insights = if self.has("ecs-no-container-insights", cluster) { "disabled" } else { "enabled" };
        json!({
            "clusterArn": cluster_arn(cluster), "clusterName": format!("cluster-{cluster}"), "status": "ACTIVE",
            "settings": [{ "name": "containerInsights", "value": insights }],
            "capacityProviders": ["FARGATE", "FARGATE_SPOT"], "defaultCapacityProviderStrategy": [],
            "activeServicesCount": self.size.services / self.ecs_clusters(), "runningTasksCount": 0, "tags": [],
        })
    }

    fn service_json(&self, service: usize) -> Json {
        let desired = self.desired_count(service);
        let spot = json!({ "capacityProvider": "FARGATE_SPOT", "base": 0, "weight": 1 });
        let mut strategy = vec![json!({ "capacityProvider": "FARGATE", "base": 2, "weight": 1 })];
        if !self.has("ecs-no-fargate-spot", service) {
            strategy.push(spot);
        }
        let breaks = !self.has("ecs-no-deployment-circuit-breaker", service);
        let maximum = if self.has("ecs-deployment-cannot-proceed", service) { 100 } else { 200 };
        let minimum = if self.has("ecs-deployment-drops-capacity", service) { 50 } else { 100 };
        let state = if self.has("ecs-deployment-failed", service) { "FAILED" } else { "COMPLETED" };
        let home = self.vpc_of_service(service);
        let events: Vec<Json> = (0..20)
            .map(|number| {
                json!({ "id": hash(number), "createdAt": 1.76e9,
                        "message": format!("(service api-{service}) has reached a steady state.") })
            })
            .collect();
        json!({
            "serviceArn": self.service_arn(service), "serviceName": format!("api-{service}"),
            "clusterArn": cluster_arn(service % self.ecs_clusters()), "status": "ACTIVE",
            "desiredCount": desired, "runningCount": desired, "pendingCount": 0,
            "capacityProviderStrategy": strategy, "platformVersion": "LATEST", "schedulingStrategy": "REPLICA",
            "taskDefinition": definition_arn(service), "deploymentController": { "type": "ECS" },
            "deploymentConfiguration": {
                "deploymentCircuitBreaker": { "enable": breaks, "rollback": breaks },
                "maximumPercent": maximum, "minimumHealthyPercent": minimum,
            },
            "deployments": [{
                "id": format!("ecs-svc/{service}"), "status": "PRIMARY", "taskDefinition": definition_arn(service),
                "desiredCount": desired, "runningCount": desired, "pendingCount": 0, "failedTasks": 0,
                "rolloutState": state,
            }],
            "loadBalancers": [{ "targetGroupArn": super::balancing::target_group_arn(service),
                                "containerName": "app", "containerPort": 8080 }],
            "networkConfiguration": { "awsvpcConfiguration": {
                "subnets": [network::subnet(home, 2), network::subnet(home, 3)],
                "securityGroups": [self.group_of_service(service)], "assignPublicIp": "DISABLED" } },
            "healthCheckGracePeriodSeconds": 60, "enableExecuteCommand": false, "events": events,
            "tags": [{ "key": "team", "value": format!("team-{}", service % 7) }],
        })
    }

    fn task_json(&self, task: usize) -> Option<Json> {
        let service = *self.tasks.get(task)?;
        let details = json!([
            { "name": "subnetId", "value": network::subnet(self.vpc_of_service(service), 2 + task % 2) },
            { "name": "networkInterfaceId", "value": self.interface_of_task(task) },
        ]);
        Some(json!({
            "taskArn": self.task_arn(task), "clusterArn": cluster_arn(service % self.ecs_clusters()),
            "taskDefinitionArn": definition_arn(service), "group": format!("service:api-{service}"),
            "availabilityZone": network::zone(task), "lastStatus": "RUNNING", "desiredStatus": "RUNNING",
            "launchType": "FARGATE", "capacityProviderName": "FARGATE", "startedAt": 1.76e9,
            "attachments": [{ "id": hash(task), "type": "ElasticNetworkInterface", "status": "ATTACHED",
                              "details": details }],
        }))
    }

    fn definition_json(&self, service: usize) -> Json {
        let variable = |name: &str, value: &str| json!({ "name": name, "value": value });
        let mut environment = vec![
            variable("PORT", "8080"),
            variable("LOG_LEVEL", "info"),
            variable("NODE_ENV", "production"),
            variable("DB_HOST", "db.internal"),
            variable("FEATURES", "search,recommendations"),
        ];
        if self.has("ecs-plaintext-secret", service) {
            environment.push(variable("DB_PASSWORD", "Zx91-kkQ7-mmP3"));
        }
        let mut secrets = vec![
            json!({ "name": "DATABASE_URL", "valueFrom": secret_arn(service) }),
            json!({ "name": "SESSION", "valueFrom": arn("ssm", &format!("parameter/api-{service}/session")) }),
        ];
        if self.has("ecs-secret-reference-broken", service) {
            secrets.push(
                json!({ "name": "API_TOKEN", "valueFrom": arn("secretsmanager", "secret:gone-Ab12Cd") }),
            );
        }
        if self.has("ecs-secret-reference-unencrypted", service) {
            let parameter = arn("ssm", &format!("parameter/api-{service}/setting"));
            secrets.push(json!({ "name": "SETTING", "valueFrom": parameter }));
        }
        json!({
            "taskDefinitionArn": definition_arn(service), "family": format!("api-{service}"), "revision": 3,
            "status": "ACTIVE", "cpu": "512", "memory": "1024", "networkMode": "awsvpc",
            "requiresCompatibilities": ["FARGATE"], "taskRoleArn": self.task_role_arn(service),
            "executionRoleArn": super::roles::arn_of("execution"),
            "runtimePlatform": { "cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX" },
            "containerDefinitions": [{
                "name": "app",
                "image": format!("{}.dkr.ecr.{REGION}.amazonaws.com/api-{service}:3", super::ACCOUNT),
                "essential": true, "portMappings": [{ "containerPort": 8080, "protocol": "tcp" }],
                "environment": environment, "secrets": secrets, "readonlyRootFilesystem": true, "user": "1000",
                "logConfiguration": { "logDriver": "awslogs", "options": {
                    "awslogs-group": format!("/ecs/api-{service}"), "awslogs-region": REGION } },
            }],
        })
    }

    pub(crate) fn scaling(&self, operation: &str, token: Option<&str>, size: usize) -> Option<Json> {
        let scaled: Vec<usize> =
            (0..self.size.services).filter(|service| !self.has("ecs-no-autoscaling", *service)).collect();
        let common = |service: usize| {
            json!({ "ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount", "CreationTime": 1.7e9,
                    "ResourceId": format!("service/cluster-{}/api-{service}", service % self.ecs_clusters()) })
        };
        let with = |service: usize, more: Json| match (common(service), more) {
            (Json::Object(mut common), Json::Object(more)) => {
                common.extend(more);
                Json::Object(common)
            }
            (_, more) => more,
        };
        let answer = |name: &str, services: &[usize], item: &dyn Fn(usize) -> Json| {
            let page = page(services.len(), size, token);
            let items: Vec<Json> =
                services.get(page.range).unwrap_or_default().iter().map(|service| item(*service)).collect();
            Some(json!({ name: items, "NextToken": page.next }))
        };
        match operation {
            "DescribeScalableTargets" => answer("ScalableTargets", &scaled, &|service| {
                with(
                    service,
                    json!({ "MinCapacity": 2, "MaxCapacity": 10, "RoleARN": super::roles::arn_of("scaling") }),
                )
            }),
            "DescribeScalingPolicies" => answer("ScalingPolicies", &scaled, &|service| {
                let alarms = super::alarms::tracking_names(service)
                    .map(|name| json!({ "AlarmName": name, "AlarmARN": super::alarms::arn_of(&name) }));
                let tracking = json!({ "TargetValue": 60.0, "PredefinedMetricSpecification": {
                    "PredefinedMetricType": "ECSServiceAverageCPUUtilization" } });
                let arn =
                    arn("autoscaling", &format!("scalingPolicy:{}:policyName/cpu-{service}", hash(service)));
                with(
                    service,
                    json!({
                        "PolicyARN": arn, "PolicyName": format!("cpu-{service}"), "PolicyType": "TargetTrackingScaling",
                        "TargetTrackingScalingPolicyConfiguration": tracking, "Alarms": alarms,
                    }),
                )
            }),
            "DescribeScheduledActions" => {
                let some: Vec<usize> = scaled.iter().copied().step_by(25).collect();
                answer("ScheduledActions", &some, &|service| {
                    let arn = arn("autoscaling", &format!("scheduledAction:{}:sale", hash(service)));
                    with(
                        service,
                        json!({
                            "ScheduledActionARN": arn, "ScheduledActionName": "sale", "Schedule": "cron(0 9 * * ? *)",
                            "ScalableTargetAction": { "MinCapacity": 4, "MaxCapacity": 20 },
                        }),
                    )
                })
            }
            _ => None,
        }
    }

    /// Every point that the request asks for, in CBOR.
    pub(crate) fn metric_data(&self, request: &Request) -> Option<Vec<u8>> {
        let seconds = |name: &str| {
            let text = request.body.get(name)?.get("$time")?;
            let parsed = text.as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok());
            parsed.map(|time| time.as_second()).or(text.as_f64().map(|seconds| seconds as i64))
        };
        let (start, end) = (seconds("StartTime")?, seconds("EndTime")?);
        let queries = request.body.get("MetricDataQueries")?.as_array()?;
        let mut cbor = Cbor::default();
        cbor.map(2);
        cbor.text("Messages");
        cbor.array(0);
        cbor.text("MetricDataResults");
        cbor.array(queries.len());
        for query in queries {
            let period_seconds = query.get("MetricStat")?.get("Period")?.as_i64()?;
            let count = usize::try_from((end - start) / period_seconds).ok()?;
            let metric = query.get("MetricStat")?.get("Metric")?;
            let base = match metric.get("Namespace")?.as_str()? {
                "AWS/ECS" => {
                    let dimensions = metric.get("Dimensions")?.as_array()?;
                    let mut named =
                        dimensions.iter().filter_map(|dimension| dimension.get("Value")?.as_str());
                    let service = named.find_map(|value| number_after(value, "api-"))?;
                    if self.has("fargate-size-mismatch", service) { 8.0 } else { 55.0 }
                }
                // Units or bytes of an hour.
                _ => 2.0,
            };
            cbor.map(5);
            for (key, value) in
                [("Id", query.get("Id")?.as_str()?), ("Label", "generated"), ("StatusCode", "Complete")]
            {
                cbor.text(key);
                cbor.text(value);
            }
            cbor.text("Timestamps");
            cbor.array(count);
            for point in 0..count {
                cbor.time(end - period_seconds * (point as i64 + 1));
            }
            cbor.text("Values");
            cbor.array(count);
            for point in 0..count {
                cbor.double(base + (point * 37 % 101) as f64 / 50.0);
            }
        }
        Some(cbor.0)
    }

    pub(crate) fn repositories(&self, token: Option<&str>, size: usize) -> Json {
        let page = page(self.size.services, size, token);
        let items: Vec<Json> = page
            .range
            .map(|service| {
                let name = format!("api-{service}");
                json!({ "repositoryArn": arn("ecr", &format!("repository/{name}")), "repositoryName": name,
                        "repositoryUri": format!("{}.dkr.ecr.{REGION}.amazonaws.com/{name}", super::ACCOUNT),
                        "imageTagMutability": "IMMUTABLE",
                        "imageScanningConfiguration": { "scanOnPush": !self.has("ecr-no-scan-on-push", service) } })
            })
            .collect();
        json!({ "repositories": items, "nextToken": page.next })
    }

    /// Every image that is asked for is there.
    pub(crate) fn image(&self) -> Json {
        let digest = format!("sha256:{}", "ab".repeat(32));
        json!({ "imageDetails": [{ "registryId": super::ACCOUNT, "imageDigest": digest }] })
    }

    /// Room for twice the tasks that run, of half a vCPU each.
    pub(crate) fn fargate_quota(&self) -> Json {
        json!({ "Quota": { "ServiceCode": "fargate", "QuotaCode": "L-3032A538",
                           "QuotaName": "Fargate On-Demand vCPU resource count",
                           "Value": f64::from(u32::try_from(self.tasks.len()).unwrap_or(u32::MAX)) + 1.0 } })
    }

    pub(crate) fn log_groups(&self, token: Option<&str>, size: usize) -> Json {
        let page = page(self.size.services, size, token);
        let items: Vec<Json> = page
            .range
            .map(|service| {
                let name = format!("/ecs/api-{service}");
                let plain = arn("logs", &format!("log-group:{name}"));
                let mut group = json!({ "logGroupName": name, "arn": format!("{plain}:*"), "logGroupArn": plain,
                                        "storedBytes": 1000, "creationTime": 1_700_000_000_000_i64 });
                if let Some(group) = group.as_object_mut()
                    && !self.has("log-group-no-retention", service)
                {
                    group.insert("retentionInDays".to_owned(), json!(90));
                }
                group
            })
            .collect();
        json!({ "logGroups": items, "nextToken": page.next })
    }

    pub(crate) fn secrets(&self, token: Option<&str>, size: usize) -> Json {
        let page = page(self.size.services, size, token);
        let items: Vec<Json> = page
            .range
            .map(|service| json!({ "ARN": secret_arn(service), "Name": format!("api-{service}/database"), "RotationEnabled": true }))
            .collect();
        json!({ "SecretList": items, "NextToken": page.next })
    }

    /// A parameter for every service, and plain ones where defects want them.
    pub(crate) fn parameters(&self, token: Option<&str>, size: usize) -> Json {
        let plain = (self.plan.places("ssm-parameter-plain-secret").into_iter())
            .map(|service| (format!("/legacy/{service}/password"), "String"));
        let settings = (self.plan.places("ecs-secret-reference-unencrypted").into_iter())
            .map(|service| (format!("/api-{service}/setting"), "String"));
        let sound =
            (0..self.size.services).map(|service| (format!("/api-{service}/session"), "SecureString"));
        let all: Vec<(String, &str)> = sound.chain(plain).chain(settings).collect();
        let page = page(all.len(), size, token);
        let items: Vec<Json> = all
            .get(page.range)
            .unwrap_or_default()
            .iter()
            .map(|(name, kind)| json!({ "Name": name, "ARN": arn("ssm", &format!("parameter{name}")), "Type": kind }))
            .collect();
        json!({ "Parameters": items, "NextToken": page.next })
    }
}
