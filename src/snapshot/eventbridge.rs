//! Who is told of events: what EventBridge says about rules that alarms set off.

mod pattern;
pub(crate) mod template;

pub use pattern::EventPattern;
pub(crate) use pattern::{EventField, Matching};

use super::known::Known;
use super::listing::Listing;
use super::operation::{Operation, TokenBucket, bucket, operation};
use super::source::SourceRow;

crate::record! {
    /// Everything asked of EventBridge.
    pub struct Eventbridge {
        /// The rules of the default event bus that a change of an alarm's state can match (ListRules).
        /// Services of AWS put their events on this bus, and rules with a schedule exist on it alone.
        pub alarm_rules: Listing<EventRule>,
    }

    /// A rule that a change of an alarm's state can match.
    pub struct EventRule {
        /// The ARN.
        pub arn: String,
        /// The region.
        pub region: String,
        /// The name.
        pub name: String,
        /// ENABLED, ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS or DISABLED.
        pub state: String,
        /// The pattern of the events that it matches, as JSON.
        pub event_pattern: String,
        /// Whom it passes the events on to (ListTargetsByRule); none of a disabled rule is asked for.
        pub targets: Known<Vec<EventTarget>>,
    }

    /// Whom a rule passes events on to. What it says to them is dropped: it may hold secrets.
    pub struct EventTarget {
        /// The id within the rule.
        pub id: String,
        /// What is told: a topic, a function, a log group, …
        pub arn: String,
    }
}

/// What is known beforehand of the event that EventBridge gets when an alarm goes off, by the path of
/// a field. `alarm` has the alarm's own name, ARN, account and region.
pub(crate) fn alarm_event(path: &str, alarm: impl Fn(&str) -> EventField) -> EventField {
    let one = |text: &str| EventField::Values(vec![text.to_owned()]);
    match path {
        "source" => one("aws.cloudwatch"),
        "detail-type" => one("CloudWatch Alarm State Change"),
        "detail.state.value" => one("ALARM"),
        "detail.previousState.value" => EventField::OneOf(&["OK", "INSUFFICIENT_DATA"]),
        "resources" | "account" | "region" | "detail.alarmName" => alarm(path),
        _ => EventField::Unknown,
    }
}

impl EventPattern {
    /// Whether it can match an alarm that goes off, whichever.
    pub fn may_match_alarms(&self) -> bool {
        self.matching(&|path| alarm_event(path, |_| EventField::Unknown)) != Matching::No
    }
}

impl EventRule {
    /// Whether events are matched at all.
    pub(crate) fn is_enabled(&self) -> bool {
        self.state != "DISABLED"
    }
}

// Of EventBridge's quotas only those of PutEvents and of a few changes are numbered for each API;
// the others have 50 requests a second for each account and region.
const BUCKET: TokenBucket = bucket("events", 50, 50);

/// What is asked, in the order of names.
pub const OPERATIONS: &[Operation] = &[
    operation("events", "ListRuleNamesByTarget", &["events:ListRuleNamesByTarget"], BUCKET, 100)
        .list("RuleNames", "NextToken"),
    operation("events", "ListRules", &["events:ListRules"], BUCKET, 100).list("Rules", "NextToken"),
    operation("events", "ListTargetsByRule", &["events:ListTargetsByRule"], BUCKET, 100)
        .list("Targets", "NextToken"),
];

/// Which of it answers which list or fact.
pub(crate) const SOURCES: &[SourceRow] = &[
    ("eventbridge.alarm_rules", &["events:ListRules"]),
    ("EventRule.targets", &["events:ListTargetsByRule"]),
];
