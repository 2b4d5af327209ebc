//! The way from an alarm to a person through EventBridge, which hears of every change of state.

use super::Text;
use super::end::{PathEnd, end_of_topic};
use crate::arn::Arn;
use crate::conclude::facts::Facts;
use crate::snapshot::cloudwatch::Alarm;
use crate::snapshot::eventbridge::{EventField, EventPattern, EventRule, EventTarget, Matching, alarm_event};
use crate::snapshot::known::Known;
use crate::snapshot::{GapId, Snapshot};

/// Where the rules that an alarm sets off lead.
pub(super) fn ends(facts: &Facts<'_>, alarm: &Alarm) -> Vec<PathEnd> {
    let snapshot = facts.snapshot();
    let mut ends = Vec::new();
    for (rule, pattern) in facts.alarms().rules(&alarm.region) {
        let name = &rule.name;
        match (matches(snapshot, pattern, alarm), rule.targets.ask()) {
            (Matching::No, _) => {}
            (Matching::Maybe, _) => ends.push(PathEnd::Unknown(
                undecided(rule),
                Text::new(
                    format!("Whether it sets off EventBridge rule {name} is not known."),
                    format!("EventBridge ルール {name} に一致するかどうか確認できない。"),
                ),
            )),
            (Matching::Yes, Err(gap)) => ends.push(PathEnd::Unknown(
                gap,
                Text::new(
                    format!("The targets of EventBridge rule {name} are not known."),
                    format!("EventBridge ルール {name} のターゲットを確認できない。"),
                ),
            )),
            (Matching::Yes, Ok(targets)) if targets.is_empty() => ends.push(PathEnd::Nobody(Text::new(
                format!("EventBridge rule {name} has no target."),
                format!("EventBridge ルール {name} にターゲットがない。"),
            ))),
            (Matching::Yes, Ok(targets)) => {
                ends.extend(targets.iter().map(|target| end_of_target(snapshot, rule, target)));
            }
        }
    }
    if let Err(gap) = facts.eventbridge.alarm_rules.complete_in(&alarm.region) {
        ends.push(PathEnd::Unknown(
            gap,
            Text::new(
                "Whether an EventBridge rule passes it on is not known.",
                "EventBridge ルールが転送するかどうか確認できない。",
            ),
        ));
    }
    ends
}

/// Whether a rule that an alarm sets off has a target.
pub(super) fn is_passed_on(facts: &Facts<'_>, alarm: &Alarm) -> Known<bool> {
    let mut hidden = facts.eventbridge.alarm_rules.complete_in(&alarm.region).err();
    for (rule, pattern) in facts.alarms().rules(&alarm.region) {
        match (matches(facts.snapshot(), pattern, alarm), rule.targets.ask()) {
            (Matching::No, _) => {}
            (_, Ok(targets)) if targets.is_empty() => {}
            (Matching::Yes, Ok(_)) => return Known::Yes(true),
            (Matching::Maybe, Ok(_)) => hidden = hidden.or_else(|| Some(undecided(rule))),
            (_, Err(gap)) => hidden = hidden.or(Some(gap)),
        }
    }
    hidden.map_or(Known::Yes(false), Known::No)
}

/// The question whose answer does not say whether the alarm matches.
fn undecided(rule: &EventRule) -> GapId {
    GapId::new("events:ListRules", &rule.region, Some(&rule.arn))
}

fn matches(snapshot: &Snapshot, pattern: &EventPattern, alarm: &Alarm) -> Matching {
    let own = |path: &str| {
        EventField::Values(vec![match path {
            "resources" => alarm.arn.clone(),
            "account" => snapshot.account.clone(),
            "region" => alarm.region.clone(),
            _ => alarm.name.clone(),
        }])
    };
    pattern.matching(&|path| alarm_event(path, own))
}

fn end_of_target(snapshot: &Snapshot, rule: &EventRule, target: &EventTarget) -> PathEnd {
    let name = &rule.name;
    let Some(arn) = Arn::parse(&target.arn) else {
        return PathEnd::Unknown(
            undecided(rule),
            Text::new(
                format!("What EventBridge rule {name} does with it is not known."),
                format!("EventBridge ルール {name} の動作は確認できない。"),
            ),
        );
    };
    let through = |text: Text| {
        Text::new(
            format!("EventBridge rule {name} passes it on. {}", text.en),
            format!("EventBridge ルール {name} が転送する。{}", text.ja),
        )
    };
    let (service, named) = (arn.service, arn.name());
    match service {
        "sns" => match end_of_topic(snapshot, &target.arn, arn) {
            PathEnd::Reaches(text) => PathEnd::Reaches(through(text)),
            PathEnd::Nobody(text) => PathEnd::Nobody(through(text)),
            PathEnd::Unknown(gap, text) => PathEnd::Unknown(gap, through(text)),
        },
        "logs" => PathEnd::Nobody(Text::new(
            format!("EventBridge rule {name} only writes it to log group {named}."),
            format!("EventBridge ルール {name} はロググループ {named} に書き込むだけである。"),
        )),
        // The rules of other buses, here or in another account, are not asked for.
        "events" if arn.resource.starts_with("event-bus/") => PathEnd::Unknown(
            GapId::new("events:ListRules", arn.region, Some(&target.arn)),
            Text::new(
                format!(
                    "EventBridge rule {name} passes it on to event bus {named}, whose rules are not known."
                ),
                format!(
                    "EventBridge ルール {name} がイベントバス {named} に転送するが、そのルールは確認できない。"
                ),
            ),
        ),
        _ => PathEnd::Reaches(Text::new(
            format!("EventBridge rule {name} passes it on to {service} {named}."),
            format!("EventBridge ルール {name} が {service} の {named} に転送する。"),
        )),
    }
}
