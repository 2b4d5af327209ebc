//! Alarms, topics and who listens.

use super::writing::{list, maybe, page, query, tag};
use super::{ACCOUNT, Account, TAKEN_AT, arn, balancing, databases};
use serde_json::{Value as Json, json};

const NAMESPACE: &str = "http://sns.amazonaws.com/doc/2010-03-31/";

/// What an alarm is about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum About {
    LoadBalancer(usize),
    /// A service's metric.
    Service(usize, &'static str),
    /// One of the two alarms of a target tracking policy.
    Tracking(usize, usize),
    Database(usize, &'static str),
    Custom(usize),
    /// Two alarms of a cluster together.
    Composite(usize),
}

pub(crate) fn arn_of(name: &str) -> String {
    arn("cloudwatch", &format!("alarm:{name}"))
}

pub(crate) fn custom_name(number: usize) -> String {
    format!("queue-{number}-too-long")
}

pub(crate) fn tracking_names(service: usize) -> [String; 2] {
    ["AlarmHigh", "AlarmLow"]
        .map(|side| format!("TargetTracking-service/cluster/api-{service}-{side}-{}", super::hash(service)))
}

fn topic_arn(name: &str) -> String {
    arn("sns", name)
}

impl Account {
    pub(crate) fn alarm_list(&self) -> Vec<About> {
        let mut alarms = Vec::new();
        for balancer in (0..self.size.load_balancers).filter(|it| !self.has("alb-no-error-alarm", *it)) {
            alarms.push(About::LoadBalancer(balancer));
        }
        for service in 0..self.size.services {
            if !self.has("ecs-no-utilisation-alarm", service) {
                alarms.extend(
                    ["CPUUtilization", "MemoryUtilization"].map(|name| About::Service(service, name)),
                );
            }
            if !self.has("ecs-no-autoscaling", service) {
                alarms.extend([0, 1].map(|side| About::Tracking(service, side)));
            }
        }
        for database in (0..self.size.databases).filter(|it| !self.has("rds-no-alarm", *it)) {
            alarms.extend(
                ["CPUUtilization", "FreeStorageSpace", "DatabaseConnections"]
                    .map(|name| About::Database(database, name)),
            );
        }
        alarms.extend((0..self.custom_alarms()).map(About::Custom));
        alarms.extend((0..self.ecs_clusters()).map(About::Composite));
        alarms
    }

    /// Metric and composite alarms together make a page.
    pub(crate) fn alarm_page(&self, token: Option<&str>, size: usize) -> Json {
        let page = page(self.alarms.len(), size, token);
        let (mut metric, mut composite) = (Vec::new(), Vec::new());
        for about in self.alarms.get(page.range).unwrap_or_default() {
            match about {
                About::Composite(cluster) => composite.push(self.composite_json(*cluster)),
                about => metric.push(self.alarm_json(*about)),
            }
        }
        json!({ "MetricAlarms": metric, "CompositeAlarms": composite, "NextToken": page.next })
    }

    fn composite_json(&self, cluster: usize) -> Json {
        let name = format!("cluster-{cluster}");
        json!({
            "AlarmArn": arn_of(&name), "AlarmName": name, "ActionsEnabled": true,
            "AlarmActions": [topic_arn(&format!("alerts-{cluster}"))], "StateValue": "OK",
            "StateUpdatedTimestamp": { "$time": TAKEN_AT },
            "AlarmRule": format!("ALARM(\"api-{cluster}-CPUUtilization\") AND ALARM(\"api-{cluster}-MemoryUtilization\")"),
        })
    }

    fn alarm_json(&self, about: About) -> Json {
        let mut actions = vec![topic_arn("alerts-0")];
        let mut is_enabled = true;
        let high = ("GreaterThanThreshold", 80.0);
        let (name, namespace, metric, dimensions, statistic, (operator, threshold)) = match about {
            About::LoadBalancer(balancer) => {
                let arn = balancing::arn_of(balancer);
                let tail = arn.split_once("loadbalancer/").map_or("", |(_, tail)| tail).to_owned();
                let metric = "HTTPCode_Target_5XX_Count";
                let dimensions = vec![("LoadBalancer", tail)];
                (format!("shop-{balancer}-5xx"), "AWS/ApplicationELB", metric, dimensions, "Sum", high)
            }
            About::Service(service, metric) => {
                let cluster = service % self.ecs_clusters();
                actions = vec![topic_arn(&format!("alerts-{cluster}"))];
                let dimensions = vec![
                    ("ClusterName", format!("cluster-{cluster}")),
                    ("ServiceName", format!("api-{service}")),
                ];
                (format!("api-{service}-{metric}"), "AWS/ECS", metric, dimensions, "Average", high)
            }
            About::Tracking(service, side) => {
                let cluster = service % self.ecs_clusters();
                let id = super::hash(service);
                actions = vec![arn("autoscaling", &format!("scalingPolicy:{id}:policyName/cpu-{service}"))];
                let [above, below] = tracking_names(service);
                let dimensions = vec![
                    ("ClusterName", format!("cluster-{cluster}")),
                    ("ServiceName", format!("api-{service}")),
                ];
                let (name, bound) =
                    if side == 0 { (above, high) } else { (below, ("LessThanThreshold", 54.0)) };
                (name, "AWS/ECS", "CPUUtilization", dimensions, "Average", bound)
            }
            About::Database(database, metric) => {
                let id = databases::name(self, database);
                let bound = if metric == "FreeStorageSpace" { ("LessThanThreshold", 1e9) } else { high };
                (
                    format!("{id}-{metric}"),
                    "AWS/RDS",
                    metric,
                    vec![("DBInstanceIdentifier", id)],
                    "Average",
                    bound,
                )
            }
            About::Custom(number) => {
                if self.has("alarm-reaches-nobody", number) {
                    match number % 4 {
                        0 => actions.clear(),
                        1 => is_enabled = false,
                        2 => actions = vec![topic_arn("alerts-silent")],
                        _ => actions = vec![topic_arn("alerts-gone")],
                    }
                }
                let dimensions = vec![("Queue", format!("queue-{number}"))];
                (custom_name(number), "Shop/Queues", "Length", dimensions, "Maximum", high)
            }
            About::Composite(cluster) => return self.composite_json(cluster),
        };
        let dimensions: Vec<Json> =
            dimensions.into_iter().map(|(name, value)| json!({ "Name": name, "Value": value })).collect();
        json!({
            "AlarmArn": arn_of(&name), "AlarmName": name, "ActionsEnabled": is_enabled, "AlarmActions": actions,
            "OKActions": [], "InsufficientDataActions": [], "StateValue": "OK",
            "StateUpdatedTimestamp": { "$time": TAKEN_AT }, "Namespace": namespace, "MetricName": metric,
            "Statistic": statistic, "Dimensions": dimensions, "Period": 60, "EvaluationPeriods": 5,
            "Threshold": threshold, "ComparisonOperator": operator, "TreatMissingData": "missing",
        })
    }

    pub(crate) fn sns(&self, operation: &str, token: Option<&str>, size: usize) -> Option<String> {
        let mut names: Vec<String> =
            (0..self.ecs_clusters()).map(|cluster| format!("alerts-{cluster}")).collect();
        names.push("alerts-silent".to_owned());
        let page = page(names.len(), size, token);
        let names = names.get(page.range).unwrap_or_default().iter();
        let content = match operation {
            "ListTopics" => list("Topics", "member", names.map(|name| tag("TopicArn", topic_arn(name)))),
            "ListSubscriptions" => list(
                "Subscriptions",
                "member",
                names.map(|name| {
                    let own = match name.as_str() {
                        "alerts-silent" => "PendingConfirmation".to_owned(),
                        name => format!("{}:0a1b2c3d", topic_arn(name)),
                    };
                    format!(
                        "<TopicArn>{}</TopicArn><Protocol>email</Protocol><SubscriptionArn>{own}</SubscriptionArn>\
                         <Owner>{ACCOUNT}</Owner><Endpoint>team@example.com</Endpoint>",
                        topic_arn(name)
                    )
                }),
            ),
            _ => return None,
        };
        Some(query(operation, NAMESPACE, &(content + &maybe("NextToken", page.next))))
    }
}
