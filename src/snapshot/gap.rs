//! What AWS would not say, and why.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Names one question that got no answer: `service:Operation@region`, followed by
/// ` about` and a resource where the question was about a single one.
///
/// The id is made from its content, so that it does not depend on the order in which
/// concurrent calls came back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GapId(Arc<str>);

impl GapId {
    /// The gap of a question that tenken itself did not ask, for instance because the
    /// call that would have named the resource failed.
    pub const NEVER_ASKED: &'static str = "tenken:NotAsked@-";

    /// The gap of arithmetic that has no result: division by zero, or a number too large to
    /// count with. No answer of AWS's would settle it.
    pub const NO_RESULT: &'static str = "tenken:NoResult@-";

    /// The gap of an expression that loops over more than can be looked at: its value is not
    /// worked out. No answer of AWS's would settle it.
    pub const TOO_MUCH_WORK: &'static str = "tenken:TooMuchWork@-";

    /// The id of the question `operation` asked in `region`, about one resource or all.
    pub fn new(operation: &str, region: &str, about: Option<&str>) -> Self {
        match about {
            Some(about) => GapId(format!("{operation}@{region} about {about}").into()),
            None => GapId(format!("{operation}@{region}").into()),
        }
    }

    /// An id as it was written down.
    pub fn from_text(text: &str) -> Self {
        GapId(text.into())
    }

    /// The region that was asked.
    pub fn region(&self) -> &str {
        let after = self.0.split_once('@').map_or("", |(_, after)| after);
        after.split_once(' ').map_or(after, |(region, _)| region)
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for GapId {
    fn default() -> Self {
        GapId(Self::NEVER_ASKED.into())
    }
}

impl fmt::Display for GapId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Why a question got no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The credentials lack a permission, or a policy denies it.
    Denied,
    /// AWS kept answering that requests come too fast.
    Throttled,
    /// No answer within the time limits, or the scan's own time was up.
    TimedOut,
    /// The service or the operation does not exist in this region or partition.
    NotOffered,
    /// The list went on, but could not be followed to its end.
    Truncated,
    /// The credentials expired or were refused while the scan ran.
    Credentials,
    /// AWS answered that it has no data, for instance no metric datapoints.
    NoData,
    /// Any other failure: a broken answer, a refused connection, an internal error.
    Failed,
}

/// One question that got no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// `service:Operation`, as AWS names it, for instance `rds:DescribeDBInstances`.
    pub operation: String,
    /// The IAM actions that allow the question, for instance `rds:DescribeDBInstances`.
    pub permissions: Vec<String>,
    /// The region that was asked.
    pub region: String,
    /// The ARN or name of the resource that the question was about; `null` for lists.
    pub about: Option<String>,
    /// Why there is no answer.
    pub cause: Cause,
    /// AWS's error code, or the kind of failure where there was no answer at all.
    /// Never AWS's message: it may repeat what was asked.
    pub code: String,
}

impl Gap {
    /// The id of this gap.
    pub fn id(&self) -> GapId {
        GapId::new(&self.operation, &self.region, self.about.as_deref())
    }
}
