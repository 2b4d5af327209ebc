//! What a way out takes, what it depends on, and what it changes for the better: what a
//! plan is made from.

use crate::text::Text;
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;

/// How long the service is interrupted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Downtime {
    /// Not at all.
    #[default]
    None,
    /// Less than a minute.
    Seconds,
    /// Less than an hour.
    Minutes,
    /// An hour or more.
    Hours,
}

impl Downtime {
    /// As policies write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Downtime::None => "none",
            Downtime::Seconds => "seconds",
            Downtime::Minutes => "minutes",
            Downtime::Hours => "hours",
        }
    }
}

/// What carrying an option out takes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Impact {
    /// How long the service is interrupted.
    pub downtime: Downtime,
    /// Whether it should be tried elsewhere first.
    pub needs_test: bool,
    /// Work for one engineer, once.
    pub effort_hours: f64,
}

/// A policy, or one option of it, as another option names it: `rds-single-az` or
/// `rds-single-az/multi-az`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OptionName {
    /// The policy's id.
    pub policy: String,
    /// The option's id; `None` for any option of the policy.
    pub option: Option<String>,
}

impl OptionName {
    /// Whether this option of this policy is meant.
    pub fn names(&self, policy: &str, option: &str) -> bool {
        self.policy == policy && self.option.as_deref().is_none_or(|id| id == option)
    }
}

impl fmt::Display for OptionName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.policy)?;
        self.option.iter().try_for_each(|option| write!(formatter, "/{option}"))
    }
}

/// How an option stands to options of other policies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Relations {
    /// What must be mended first, where it fails: on the same or a related resource, or
    /// else in the same region.
    pub requires: Vec<OptionName>,
    /// What is pointless or impossible beside it, besides the other options of its policy.
    pub excludes: Vec<OptionName>,
    /// The policies whose failures on the same or a related resource it fixes as well.
    pub resolves: Vec<String>,
    /// What is one piece of work with it: effort and interruption count once, the larger
    /// of the two.
    pub together_with: Vec<OptionName>,
    /// Whether it only lowers the risk, so that its own finding stays.
    pub is_partial: bool,
}

/// A line of the table of improvements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "their names in both languages say what they are")]
pub enum Metric {
    EncryptionInTransit,
    Exposure,
    Secrets,
    WebAttacks,
    EncryptionAtRest,
    DatabaseFailover,
    Rpo,
    Rto,
    Redundancy,
    Autoscaling,
    FailureDetection,
    DeploymentRollback,
    Alarms,
    Observability,
    DeletionProtection,
    Permissions,
    Vulnerabilities,
    ContentDelivery,
    CostEfficiency,
}

impl Metric {
    /// Every metric, in the order of the table.
    pub const ALL: [Metric; 19] = [
        Metric::EncryptionInTransit,
        Metric::Exposure,
        Metric::Secrets,
        Metric::WebAttacks,
        Metric::EncryptionAtRest,
        Metric::DatabaseFailover,
        Metric::Rpo,
        Metric::Rto,
        Metric::Redundancy,
        Metric::Autoscaling,
        Metric::FailureDetection,
        Metric::DeploymentRollback,
        Metric::Alarms,
        Metric::Observability,
        Metric::DeletionProtection,
        Metric::Permissions,
        Metric::Vulnerabilities,
        Metric::ContentDelivery,
        Metric::CostEfficiency,
    ];

    /// As policies write it.
    pub fn as_str(self) -> &'static str {
        self.names().0
    }

    /// As people read it.
    pub fn title(self) -> Text {
        let (_, en, ja) = self.names();
        Text { en: en.to_owned(), ja: ja.to_owned() }
    }

    fn names(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Metric::EncryptionInTransit => ("encryption-in-transit", "Encryption in transit", "通信の暗号化"),
            Metric::Exposure => ("exposure", "Exposure to the internet", "インターネットへの露出"),
            Metric::Secrets => ("secrets", "Secrets", "シークレット管理"),
            Metric::WebAttacks => ("web-attacks", "Web attacks", "Web 攻撃への対策"),
            Metric::EncryptionAtRest => ("encryption-at-rest", "Encryption at rest", "保存データの暗号化"),
            Metric::DatabaseFailover => ("database-failover", "Database failover", "DB 自動フェイルオーバー"),
            Metric::Rpo => ("rpo", "RPO (potential data loss)", "RPO（失われうるデータ）"),
            Metric::Rto => ("rto", "RTO (time to recover)", "RTO（復旧までの時間）"),
            Metric::Redundancy => ("redundancy", "Redundancy", "冗長化"),
            Metric::Autoscaling => ("autoscaling", "Auto Scaling", "Auto Scaling"),
            Metric::FailureDetection => ("failure-detection", "Failure detection", "異常の検知"),
            Metric::DeploymentRollback => {
                ("deployment-rollback", "Failed deployments", "デプロイ失敗時の対応")
            }
            Metric::Alarms => ("alarms", "Alarms", "アラーム"),
            Metric::Observability => ("observability", "Metrics and logs", "メトリクスとログ"),
            Metric::DeletionProtection => ("deletion-protection", "Deletion protection", "削除保護"),
            Metric::Permissions => ("permissions", "Permissions", "権限"),
            Metric::Vulnerabilities => ("vulnerabilities", "Vulnerable images", "イメージの脆弱性"),
            Metric::ContentDelivery => ("content-delivery", "Content delivery", "コンテンツ配信"),
            Metric::CostEfficiency => ("cost-efficiency", "Wasted spend", "無駄な費用"),
        }
    }
}

/// What an option changes for the better, in the resource's own values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Improvement {
    /// The line of the table.
    pub metric: Metric,
    /// How it is today.
    pub before: Text,
    /// How it is afterwards.
    pub after: Text,
}
