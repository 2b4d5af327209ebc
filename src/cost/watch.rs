//! Secrets, web ACLs, alarms, Container Insights and logs.

use super::{CostPlace, Draft, Group, Quantity, both, count, float};
use crate::snapshot::known::Known;
use crate::snapshot::wafv2::{WebAcl, WebAclRule};
use crate::text::counted;
use std::collections::BTreeMap;

pub(super) fn secrets(draft: &mut Draft<'_>) {
    let secrets = &draft.snapshot.secretsmanager.secrets;
    for secret in secrets.iter().filter(|secret| secret.deleted_at.is_none()) {
        let place = CostPlace { group: Group::SecretsManager, resource: &secret.arn, region: &secret.region };
        let basis =
            both("calls not counted (0.05 USD for 10,000)", "API 呼び出し（1 万回で 0.05 ドル）は含まない");
        draft.add(place, both("Secret", "シークレット"), "secret-month", Quantity::Units(1.0), basis);
    }
    draft.add_incomplete(Group::SecretsManager, secrets, ("secrets", "シークレット"));
}

/// Managed rule groups that AWS charges for beyond the rule itself.
const PAID_GROUPS: &[&str] = &[
    "AWSManagedRulesBotControlRuleSet",
    "AWSManagedRulesATPRuleSet",
    "AWSManagedRulesACFPRuleSet",
    "AWSManagedRulesAntiDDoSRuleSet",
];

pub(super) fn web_acls(draft: &mut Draft<'_>) {
    let web_acls = &draft.snapshot.wafv2.web_acls;
    for acl in web_acls.iter() {
        let place = CostPlace { group: Group::Waf, resource: &acl.arn, region: &acl.region };
        draft.add(
            place,
            both("Web ACL", "ウェブ ACL"),
            "waf-web-acl-month",
            Quantity::Units(1.0),
            both("", ""),
        );
        rules(draft, place, acl);
        let assumed = draft.assumptions.waf_requests;
        let basis = match assumed {
            Some(requests) => both(&format!("assumed: {requests}"), &format!("仮定: {requests} 件")),
            None => both("", ""),
        };
        let quantity = Quantity::assumed(
            assumed,
            "waf_requests",
            (
                "the metrics AllowedRequests and BlockedRequests",
                "メトリクス AllowedRequests と BlockedRequests の合計",
            ),
        );
        draft.add(place, both("Requests", "リクエスト"), "waf-request", quantity, basis);
    }
    draft.add_incomplete(Group::Waf, web_acls, ("web ACLs", "ウェブ ACL"));
}

fn rules(draft: &mut Draft<'_>, place: CostPlace<'_>, acl: &WebAcl) {
    let what = both("Rules and rule groups", "ルールとルールグループ");
    let rules: &Vec<WebAclRule> = match &acl.rules {
        Known::Yes(rules) => rules,
        Known::No(gap) => {
            return draft.add(place, what, "waf-rule-month", Quantity::Hidden(gap.clone()), both("", ""));
        }
    };
    if !rules.is_empty() {
        let number = rules.len();
        let basis = both(
            &format!("{number}; the rules inside groups of the account's own are not counted"),
            &format!("{number} 件。独自ルールグループ内のルールは含まない"),
        );
        draft.add(place, what, "waf-rule-month", Quantity::Units(count(number)), basis);
    }
    for group in rules.iter().filter_map(|rule| rule.managed_rule_group.as_deref()) {
        if PAID_GROUPS.contains(&group) {
            let what = both(&format!("Fees of {group}"), &format!("{group} の追加料金"));
            let quantity = Quantity::uncounted(("the bill", "請求書"));
            draft.add(
                place,
                what,
                &format!("waf-managed-group/{}", group.to_ascii_lowercase()),
                quantity,
                both("", ""),
            );
        }
    }
}

pub(super) fn cloudwatch(draft: &mut Draft<'_>) {
    alarms(draft);
    container_insights(draft);
    logs(draft);
}

fn alarms(draft: &mut Draft<'_>) {
    let alarms = &draft.snapshot.cloudwatch.alarms;
    // By region and product: alarms, and the metrics that they look at.
    let mut kinds: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
    for alarm in alarms.iter() {
        let is_quick = alarm.period_seconds.is_some_and(|seconds| seconds < 60);
        let product = match (alarm.kind.as_str(), is_quick) {
            ("composite", _) => "cloudwatch-composite-alarm-month",
            (_, true) => "cloudwatch-high-resolution-alarm-month",
            _ => "cloudwatch-alarm-month",
        };
        let entry = kinds.entry((&alarm.region, product)).or_default();
        entry.0 += 1;
        entry.1 += alarm.metrics.len().max(1);
    }
    for ((region, product), (number, metrics)) in kinds {
        let resource = draft.every("cloudwatch", region, "alarm:*");
        let place = CostPlace { group: Group::CloudWatch, resource: &resource, region };
        let what = match product {
            "cloudwatch-composite-alarm-month" => both("Composite alarms", "複合アラーム"),
            "cloudwatch-high-resolution-alarm-month" => both("High-resolution alarms", "高解像度アラーム"),
            _ => both("Alarms", "アラーム"),
        };
        let basis = both(
            &format!("{number}, metrics they watch: {metrics}; the account's 10 free ones are not deducted"),
            &format!("{number} 件、メトリクス {metrics} 個。アカウントの無料枠 10 件は差し引いていない"),
        );
        draft.add(place, what, product, Quantity::Units(count(metrics)), basis);
    }
    draft.add_incomplete(Group::CloudWatch, alarms, ("alarms", "アラーム"));
}

// The metrics that AWS documents for Container Insights: ten for the cluster, thirteen for each
// service, eight for each task family, of which a service has one.
fn metrics_of(active_services: i64) -> f64 {
    float(10 + 21 * active_services)
}

fn container_insights(draft: &mut Draft<'_>) {
    for cluster in draft.snapshot.ecs.clusters.iter() {
        let place = CostPlace { group: Group::CloudWatch, resource: &cluster.arn, region: &cluster.region };
        let what = both("Container Insights", "Container Insights");
        let insights = cluster.container_insights.known().map(String::as_str);
        match (insights, draft.assumptions.insights_metrics) {
            (Some("enabled" | "enhanced"), Some(metrics)) => {
                let is_enhanced = insights == Some("enhanced");
                let product = if is_enhanced { ENHANCED_METRIC } else { "cloudwatch-metric-month" };
                let basis =
                    both(&format!("assumed: {metrics} metrics"), &format!("仮定: メトリクス {metrics} 個"));
                draft.add(place, what, product, Quantity::Units(metrics), basis);
            }
            (Some("enabled"), None) => {
                let services = cluster.active_services_count;
                let basis = both(
                    &format!(
                        "10 metrics for the cluster and 21 for each of {services} services with its task family"
                    ),
                    &format!(
                        "クラスターに 10 個、サービス {services} 個（タスク定義ファミリーを含む）に 21 個ずつのメトリクス"
                    ),
                );
                draft.add(
                    place,
                    what,
                    "cloudwatch-metric-month",
                    Quantity::Units(metrics_of(services)),
                    basis,
                );
            }
            (Some("enhanced"), None) => {
                let from = (
                    "the number of metrics in the namespace ECS/ContainerInsights",
                    "名前空間 ECS/ContainerInsights のメトリクス数",
                );
                let quantity = Quantity::assumed(None, "insights_metrics", from);
                let basis = both("a metric for every task and container", "タスクとコンテナごとのメトリクス");
                draft.add(place, what, ENHANCED_METRIC, quantity, basis);
            }
            _ => {
                if let Known::No(gap) = &cluster.container_insights {
                    let quantity = Quantity::Hidden(gap.clone());
                    draft.add(place, what, "cloudwatch-metric-month", quantity, both("", ""));
                }
            }
        }
    }
}

const ENHANCED_METRIC: &str = "container-insights-enhanced-metric-month";

const BYTES_PER_GB: f64 = 1_073_741_824.0;

fn logs(draft: &mut Draft<'_>) {
    let groups = &draft.snapshot.logs.log_groups;
    let mut stored: BTreeMap<&str, (usize, i64)> = BTreeMap::new();
    for group in groups.iter() {
        let entry = stored.entry(&group.region).or_default();
        entry.0 += 1;
        entry.1 += group.stored_bytes.unwrap_or(0);
    }
    for (region, (number, bytes)) in stored {
        let resource = draft.every("logs", region, "log-group:*");
        let place = CostPlace { group: Group::CloudWatch, resource: &resource, region };
        let gb = float(bytes) / BYTES_PER_GB;
        let basis = both(
            &format!(
                "{gb:.2} GB in {number} {} as AWS reports them; billing is by compressed size, which is smaller",
                counted(number, "log group")
            ),
            &format!(
                "ロググループ {number} 個に {gb:.2} GB（AWS の報告値。課金は圧縮後の容量のため、これより少ない）"
            ),
        );
        draft.add(
            place,
            both("Stored logs", "保存ログ"),
            "logs-storage-gb-month",
            Quantity::Units(gb),
            basis,
        );
        let assumed = draft.assumptions.log_ingestion_gb;
        let quantity = Quantity::assumed(
            assumed,
            "log_ingestion_gb",
            ("the metric IncomingBytes", "メトリクス IncomingBytes の合計"),
        );
        let basis = match assumed {
            Some(gb) => both(&format!("assumed: {gb} GB"), &format!("仮定: {gb} GB")),
            None => both("", ""),
        };
        draft.add(place, both("Ingested logs", "ログの取り込み"), "logs-ingestion-gb", quantity, basis);
    }
    draft.add_incomplete(Group::CloudWatch, groups, ("log groups", "ロググループ"));
}
