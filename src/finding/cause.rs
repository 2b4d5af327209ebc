//! What has to be changed to mend a finding, and in which stages: what several findings share is
//! changed once.

use crate::text::{Lang, Text};
use schemars::JsonSchema;
use serde::Serialize;

/// What kind of thing is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CauseKind {
    /// The rules of a security group.
    SecurityGroup,
    /// A task definition.
    TaskDefinition,
    /// A topic of Amazon SNS.
    Topic,
    /// One argument of a resource.
    Argument,
    /// The resource as one policy sees it: where findings share nothing else.
    Resource,
    /// A right that the audit lacks.
    Permission,
    /// A question without an answer.
    Question,
}

impl CauseKind {
    /// Those that a policy may name.
    pub(crate) const WRITTEN: [CauseKind; 4] =
        [CauseKind::SecurityGroup, CauseKind::TaskDefinition, CauseKind::Topic, CauseKind::Argument];

    /// As policies and JSON write it.
    pub fn as_str(self) -> &'static str {
        match self {
            CauseKind::SecurityGroup => "security-group",
            CauseKind::TaskDefinition => "task-definition",
            CauseKind::Topic => "topic",
            CauseKind::Argument => "argument",
            CauseKind::Resource => "resource",
            CauseKind::Permission => "permission",
            CauseKind::Question => "question",
        }
    }

    /// For people.
    pub(crate) fn words(self, lang: Lang) -> &'static str {
        match self {
            CauseKind::SecurityGroup => lang.pick("security group", "セキュリティグループ"),
            CauseKind::TaskDefinition => lang.pick("task definition", "タスク定義"),
            CauseKind::Topic => lang.pick("SNS topic", "SNS トピック"),
            CauseKind::Argument => lang.pick("setting", "設定"),
            CauseKind::Resource => lang.pick("resource", "リソース"),
            CauseKind::Permission => lang.pick("permission", "権限"),
            CauseKind::Question => lang.pick("question", "問い合わせ"),
        }
    }
}

/// One thing that is changed. Findings with the same are mended by one change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CauseKey {
    /// What kind of thing.
    pub kind: CauseKind,
    /// Which one: an id or ARN; for an argument followed by its name.
    pub about: String,
}

/// When a block of commands runs. What several findings need of one stage runs before anything
/// of the next: everybody is admitted before anything is revoked, and the new works before the old
/// goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Variables that the reader fills in, and what must hold before anything is changed.
    Prepare,
    /// What is new and stands beside the old: secrets, rights, rules.
    Add,
    /// What AWS holds is read into a file.
    Read,
    /// The file is changed.
    Change,
    /// What the file says takes the place of what AWS holds.
    Apply,
    /// What was readable gets another value.
    Renew,
    /// How things are is shown, before something goes.
    Confirm,
    /// The old goes.
    Remove,
}

impl Stage {
    /// Every stage, in order.
    pub(crate) const ALL: [Stage; 8] = [
        Stage::Prepare,
        Stage::Add,
        Stage::Read,
        Stage::Change,
        Stage::Apply,
        Stage::Renew,
        Stage::Confirm,
        Stage::Remove,
    ];

    /// As policies write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::Prepare => "prepare",
            Stage::Add => "add",
            Stage::Read => "read",
            Stage::Change => "change",
            Stage::Apply => "apply",
            Stage::Renew => "renew",
            Stage::Confirm => "confirm",
            Stage::Remove => "remove",
        }
    }
}

/// Commands of one stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageBlock {
    /// When they run.
    pub stage: Stage,
    /// The commands; the languages differ in comments alone.
    pub text: Text,
}
