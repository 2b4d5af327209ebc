//! What AWS would not say, and why.

use crate::text::{Bilingual, Text};
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
    /// The gap of a question that tenken itself did not ask anywhere, for instance because the
    /// call that would have named the resource failed.
    pub const NEVER_ASKED: &'static str = "tenken:NotAsked@-";

    /// The gap of arithmetic that has no result: division by zero, or a number too large to
    /// count with. No answer of AWS's would settle it.
    pub(crate) const NO_RESULT: &'static str = "tenken:NoResult@-";

    /// The gap of an expression that loops over more than can be looked at: its value is not
    /// worked out. No answer of AWS's would settle it.
    pub(crate) const TOO_MUCH_WORK: &'static str = "tenken:TooMuchWork@-";

    /// The gap of a resource that was not judged because the time of the run was up.
    pub(crate) const OUT_OF_TIME: &'static str = "tenken:OutOfTime@-";

    /// The id of the question `operation` asked in `region`, about one resource or all.
    pub fn new(operation: &str, region: &str, about: Option<&str>) -> Self {
        match about {
            Some(about) => GapId(format!("{operation}@{region} about {about}").into()),
            None => GapId(format!("{operation}@{region}").into()),
        }
    }

    /// An id as it was written down.
    pub(crate) fn from_text(text: &str) -> Self {
        GapId(text.into())
    }

    /// The id of what tenken itself did not ask in one region.
    pub fn never_asked_in(region: &str) -> Self {
        GapId::new(NOT_ASKED, region, None)
    }

    /// Operation, region and resource.
    fn parts(&self) -> (&str, &str, Option<&str>) {
        let Some((operation, rest)) = self.0.split_once('@') else {
            return ("", "", None);
        };
        match rest.split_once(" about ") {
            Some((region, about)) => (operation, region, Some(about)),
            None => (operation, rest, None),
        }
    }

    /// The question, `service:Operation`; empty for an id that names none.
    pub fn operation(&self) -> &str {
        self.parts().0
    }

    /// The service of the question as its IAM actions name it; `tenken` for what was not asked of AWS.
    pub fn service(&self) -> &str {
        let operation = self.operation();
        operation.split_once(':').map_or(operation, |(service, _)| service)
    }

    /// The region that was asked; `-` where no region in particular is meant.
    pub fn region(&self) -> &str {
        self.parts().1
    }

    /// The ARN or name of the resource that the question was about; `None` for lists.
    pub fn about(&self) -> Option<&str> {
        self.parts().2
    }

    /// Whether an answer could have named something in `region`.
    pub(crate) fn hides(&self, region: &str) -> bool {
        [region, EVERYWHERE].contains(&self.region())
    }

    /// Why the value is unknown, where it is not for want of an answer.
    pub fn own_reason(&self) -> Option<OwnReason> {
        OwnReason::of(self.operation())
    }

    /// Why the value is unknown, for sentences: the question and the cause, for instance
    /// `rds:DescribeDBInstances (permission denied)`. `gap` is the id's entry in the snapshot; an
    /// operation without one was answered without what was looked for.
    pub(crate) fn in_words(&self, gap: Option<&Gap>) -> Text {
        let because = |operation: &str, cause: Cause| {
            let Bilingual { en, ja } = cause.words();
            Text::new(format!("{operation} ({en})"), format!("{operation}（{ja}）"))
        };
        match (gap, self.own_reason()) {
            (Some(gap), _) => because(&gap.operation, gap.cause),
            (None, None) => because(self.operation(), Cause::NoData),
            (None, Some(OwnReason::NeverAsked)) => {
                Text::new("a question that was not asked", "問い合わせが行われなかった")
            }
            (None, Some(OwnReason::NoResult)) => {
                Text::new("its arithmetic has no result", "計算の結果が得られない")
            }
            (None, Some(OwnReason::OutOfTime)) => {
                Text::new("the time of the run was up", "実行の制限時間に達した")
            }
            (None, Some(OwnReason::TooMuchWork)) => {
                Text::new("its expression loops over too many elements", "式のループの対象が多すぎる")
            }
        }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The operation of what was not asked.
const NOT_ASKED: &str = "tenken:NotAsked";
/// The operation of arithmetic without a result.
const NO_RESULT: &str = "tenken:NoResult";
/// The operation of a loop that is too long.
const TOO_MUCH_WORK: &str = "tenken:TooMuchWork";

/// The operation of what there was no time to judge.
const OUT_OF_TIME: &str = "tenken:OutOfTime";

/// What stands for the region where none in particular is meant.
const EVERYWHERE: &str = "-";

/// Why a value is unknown although no answer of AWS's is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnReason {
    /// Nobody asked: [`GapId::NEVER_ASKED`], or the same in one region.
    NeverAsked,
    /// Arithmetic has no result.
    NoResult,
    /// An expression loops over more than can be looked at.
    TooMuchWork,
    /// The time of the run was up.
    OutOfTime,
}

impl OwnReason {
    /// The reason behind the operation of an id.
    pub fn of(operation: &str) -> Option<OwnReason> {
        match operation {
            NOT_ASKED => Some(OwnReason::NeverAsked),
            NO_RESULT => Some(OwnReason::NoResult),
            TOO_MUCH_WORK => Some(OwnReason::TooMuchWork),
            OUT_OF_TIME => Some(OwnReason::OutOfTime),
            _ => None,
        }
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
    /// The answer has more bytes than one may have; the rest was not read.
    TooLarge,
    /// AWS answered that it has no data, for instance no metric datapoints.
    NoData,
    /// Any other failure: a broken answer, a refused connection, an internal error.
    Failed,
}

impl Cause {
    /// Every cause.
    pub const ALL: [Cause; 9] = [
        Cause::Denied,
        Cause::Throttled,
        Cause::TimedOut,
        Cause::NotOffered,
        Cause::Truncated,
        Cause::Credentials,
        Cause::TooLarge,
        Cause::NoData,
        Cause::Failed,
    ];

    /// As saved snapshots and reports for programs write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Cause::Denied => "denied",
            Cause::Throttled => "throttled",
            Cause::TimedOut => "timed-out",
            Cause::NotOffered => "not-offered",
            Cause::Truncated => "truncated",
            Cause::Credentials => "credentials",
            Cause::TooLarge => "too-large",
            Cause::NoData => "no-data",
            Cause::Failed => "failed",
        }
    }

    /// In a word or two, the same in every report for people.
    pub fn words(self) -> Bilingual<&'static str> {
        let (en, ja) = match self {
            Cause::Denied => ("permission denied", "権限なし"),
            Cause::Throttled => ("throttled", "スロットリング"),
            Cause::TimedOut => ("timed out", "タイムアウト"),
            Cause::NotOffered => ("not offered in this region", "このリージョンでは未提供"),
            Cause::Truncated => ("list cut short", "一覧が途中まで"),
            Cause::Credentials => ("credentials expired or refused", "認証情報の期限切れまたは拒否"),
            Cause::TooLarge => ("answer too large", "応答が大きすぎる"),
            Cause::NoData => ("no data", "データなし"),
            Cause::Failed => ("failed", "失敗"),
        };
        Bilingual { en, ja }
    }
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
    /// The code of a family of task definitions with more unused revisions than are read.
    pub const MORE_REVISIONS: &'static str = "MoreRevisions";

    /// Whether tenken itself reads no further, as of old revisions, and no answer is missing.
    pub fn is_bounded_on_purpose(&self) -> bool {
        self.cause == Cause::Truncated && self.code == Self::MORE_REVISIONS
    }

    /// The id of this gap.
    pub fn id(&self) -> GapId {
        GapId::new(&self.operation, &self.region, self.about.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_comes_apart_as_it_was_made() {
        for about in [None, Some("arn:aws:ecs:eu-west-1:1:service/a@b about c")] {
            let id = GapId::new("ecs:DescribeServices", "eu-west-1", about);
            assert_eq!(
                (id.operation(), id.service(), id.region(), id.about()),
                ("ecs:DescribeServices", "ecs", "eu-west-1", about)
            );
        }
        let foreign = GapId::from_text("no question");
        assert_eq!((foreign.operation(), foreign.region(), foreign.about()), ("", "", None));
    }

    #[test]
    fn what_nobody_asked_anywhere_hides_every_region() {
        assert_eq!(GapId::default().own_reason(), Some(OwnReason::NeverAsked));
        assert!(GapId::default().hides("eu-west-1"));
        let there = GapId::never_asked_in("eu-west-1");
        assert_eq!(there.own_reason(), Some(OwnReason::NeverAsked));
        assert!(there.hides("eu-west-1") && !there.hides("eu-west-2"));
    }

    #[test]
    fn ids_of_our_own_say_their_reason() {
        for (id, reason) in [
            (GapId::NEVER_ASKED, OwnReason::NeverAsked),
            (GapId::NO_RESULT, OwnReason::NoResult),
            (GapId::TOO_MUCH_WORK, OwnReason::TooMuchWork),
            (GapId::OUT_OF_TIME, OwnReason::OutOfTime),
        ] {
            assert_eq!(GapId::from_text(id).own_reason(), Some(reason));
        }
    }

    #[test]
    fn causes_are_written_as_they_are_saved() {
        for cause in Cause::ALL {
            assert_eq!(serde_json::to_value(cause).unwrap(), cause.as_str());
        }
    }
}
