//! The way from an alarm to a person, action by action.

use super::{AlarmPath, Text};
use crate::arn::Arn;
use crate::conclude::facts::Facts;
use crate::snapshot::cloudwatch::Alarm;
use crate::snapshot::known::Known;
use crate::snapshot::sns::Subscription;
use crate::snapshot::{GapId, Snapshot};

/// What becomes of one action.
enum PathEnd {
    Reaches(Text),
    Nobody(Text),
    Unknown(GapId, Text),
}

/// See [`crate::conclude::FUNCTIONS`].
pub(crate) fn alarm_path(facts: &Facts<'_>, alarm: &Alarm) -> AlarmPath {
    let snapshot = facts.snapshot();
    let composites = composites_of(facts, alarm);
    let is_silent_part = alarm.alarm_actions.is_empty() && !composites.is_empty();
    let (reaches_someone, reason) = if is_silent_part {
        let ends = composites.iter().flat_map(|composite| ends(snapshot, composite)).collect();
        let (reaches, reason) = sum_up(ends);
        let names = composites.iter().map(|composite| composite.name.as_str()).collect::<Vec<_>>();
        (
            reaches,
            Text::new(
                format!("Composite alarm {} includes it. {}", names.join(", "), reason.en),
                format!("複合アラーム {} が代わりに通知する。{}", names.join("、"), reason.ja),
            ),
        )
    } else {
        sum_up(ends(snapshot, alarm))
    };
    AlarmPath {
        is_for_people: !only_scales(facts, alarm) && !is_silent_part,
        reaches_someone,
        reason,
        topic_arns: alarm.alarm_actions.iter().filter(|action| is_topic(action)).cloned().collect(),
        composite_names: composites.iter().map(|composite| composite.name.clone()).collect(),
    }
}

/// Whether an alarm only triggers scaling: all its actions are scaling policies, or target
/// tracking made it. An alarm of a step scaling policy that also tells a topic is for people.
pub(crate) fn only_scales(facts: &Facts<'_>, alarm: &Alarm) -> bool {
    let actions = &alarm.alarm_actions;
    let all_scale = !actions.is_empty() && actions.iter().all(|action| is_scaling_policy(action));
    // Target tracking makes, names and deletes its alarms itself.
    all_scale
        || alarm.name.starts_with("TargetTracking-")
        || facts.alarms().is_tracking(&alarm.region, &alarm.name)
}

/// Whether an alarm, or a composite alarm that names it, does anything when it goes off.
pub(super) fn acts(facts: &Facts<'_>, alarm: &Alarm) -> bool {
    let does = |alarm: &Alarm| alarm.actions_enabled && !alarm.alarm_actions.is_empty();
    does(alarm) || composites_of(facts, alarm).into_iter().any(does)
}

fn is_scaling_policy(action: &str) -> bool {
    Arn::parse(action).is_some_and(|arn| ["autoscaling", "application-autoscaling"].contains(&arn.service))
}

fn is_topic(action: &str) -> bool {
    Arn::parse(action).is_some_and(|arn| arn.service == "sns")
}

/// The composite alarms whose rule names the alarm, by name or ARN.
fn composites_of<'a>(facts: &Facts<'a>, alarm: &Alarm) -> Vec<&'a Alarm> {
    let mut composites = facts.alarms().referring_to(&alarm.region, [&alarm.name, &alarm.arn]);
    composites.retain(|composite| composite.name != alarm.name);
    composites
}

/// Where each way out of an alarm ends.
fn ends(snapshot: &Snapshot, alarm: &Alarm) -> Vec<PathEnd> {
    if !alarm.actions_enabled {
        return vec![PathEnd::Nobody(Text::new(
            "Its actions are disabled.",
            "アクションが無効になっている。",
        ))];
    }
    if alarm.alarm_actions.is_empty() {
        // A composite alarm that was not listed may speak for it.
        return vec![match snapshot.cloudwatch.alarms.complete_in(&alarm.region) {
            Ok(()) => PathEnd::Nobody(Text::new("It has no alarm action.", "アラームアクションがない。")),
            Err(gap) => PathEnd::Unknown(
                gap,
                Text::new(
                    "It has no alarm action, and whether a composite alarm includes it is not known.",
                    "アラームアクションがなく、複合アラームが代わりに通知するかどうかは確認できない。",
                ),
            ),
        }];
    }
    alarm.alarm_actions.iter().map(|action| end_of_action(snapshot, action)).collect()
}

fn end_of_action(snapshot: &Snapshot, action: &str) -> PathEnd {
    let Some(arn) = Arn::parse(action) else {
        return PathEnd::Unknown(
            GapId::default(),
            Text::new(
                format!("What action {action} does is not known."),
                format!("アクション {action} の動作は確認できない。"),
            ),
        );
    };
    if is_scaling_policy(action) {
        let name = arn.resource.rsplit_once("policyName/").map_or(arn.name(), |(_, name)| name);
        return PathEnd::Nobody(Text::new(
            format!("It only triggers scaling policy {name}."),
            format!("スケーリングポリシー {name} を起動するだけである。"),
        ));
    }
    if arn.service == "sns" {
        return end_of_topic(snapshot, action, arn);
    }
    let (service, name) = (arn.service, arn.name());
    PathEnd::Reaches(Text::new(
        format!("It starts {service} {name}."),
        format!("{service} の {name} を起動する。"),
    ))
}

fn end_of_topic(snapshot: &Snapshot, action: &str, arn: Arn<'_>) -> PathEnd {
    let name = arn.name();
    if arn.account != snapshot.account {
        let account = arn.account;
        return PathEnd::Unknown(
            GapId::default(),
            Text::new(
                format!("Topic {name} belongs to account {account}, which was not scanned."),
                format!("トピック {name} は別のアカウント {account} にあり、確認していない。"),
            ),
        );
    }
    if !snapshot.regions.iter().any(|scanned| scanned == arn.region) {
        return PathEnd::Unknown(
            GapId::default(),
            Text::new(
                format!("Topic {name} is in {}, which was not scanned.", arn.region),
                format!("トピック {name} は {} にあり、確認していない。", arn.region),
            ),
        );
    }
    let topics = &snapshot.sns.topics;
    let Some(topic) = topics.iter().find(|topic| topic.arn == action) else {
        return match topics.complete_in(arn.region) {
            Ok(()) => PathEnd::Nobody(Text::new(
                format!("Topic {name} does not exist."),
                format!("トピック {name} が存在しない。"),
            )),
            Err(gap) => PathEnd::Unknown(
                gap,
                Text::new(
                    format!("Whether topic {name} exists is not known."),
                    format!("トピック {name} が存在するかどうか確認できない。"),
                ),
            ),
        };
    };
    match topic.subscriptions.ask() {
        Ok(subscriptions) => end_of_subscriptions(name, subscriptions),
        Err(gap) => PathEnd::Unknown(
            gap,
            Text::new(
                format!("The subscriptions of topic {name} are not known."),
                format!("トピック {name} のサブスクリプションを確認できない。"),
            ),
        ),
    }
}

fn end_of_subscriptions(name: &str, subscriptions: &[Subscription]) -> PathEnd {
    let mut protocols: Vec<&str> =
        subscriptions.iter().filter(|found| found.confirmed).map(|found| found.protocol.as_str()).collect();
    protocols.sort_unstable();
    protocols.dedup();
    if !protocols.is_empty() {
        return PathEnd::Reaches(Text::new(
            format!("Topic {name} has confirmed subscriptions ({}).", protocols.join(", ")),
            format!("トピック {name} に承認済みのサブスクリプションがある（{}）。", protocols.join("、")),
        ));
    }
    PathEnd::Nobody(if subscriptions.is_empty() {
        Text::new(
            format!("Topic {name} has no subscription."),
            format!("トピック {name} にサブスクリプションがない。"),
        )
    } else {
        Text::new(
            format!("Topic {name} has only unconfirmed subscriptions."),
            format!("トピック {name} のサブスクリプションはすべて未承認である。"),
        )
    })
}

/// One open way is enough; without one, a way that cannot be seen keeps the answer open.
fn sum_up(ends: Vec<PathEnd>) -> (Known<bool>, Text) {
    let (mut reaches, mut dead, mut gap) = (Vec::new(), Vec::new(), None);
    for end in ends {
        match end {
            PathEnd::Reaches(sentence) => reaches.push(sentence),
            PathEnd::Nobody(sentence) => dead.push(sentence),
            PathEnd::Unknown(why, sentence) => {
                gap.get_or_insert(why);
                dead.push(sentence);
            }
        }
    }
    match gap {
        _ if !reaches.is_empty() => (Known::Yes(true), join(reaches)),
        Some(gap) => (Known::No(gap), join(dead)),
        None => (Known::Yes(false), join(dead)),
    }
}

fn join(mut sentences: Vec<Text>) -> Text {
    let mut seen = Vec::new();
    sentences.retain(|sentence| {
        let is_new = !seen.contains(&sentence.en);
        seen.push(sentence.en.clone());
        is_new
    });
    let en: Vec<&str> = sentences.iter().map(|sentence| sentence.en.as_str()).collect();
    let ja: Vec<&str> = sentences.iter().map(|sentence| sentence.ja.as_str()).collect();
    Text::new(en.join(" "), ja.concat())
}
