//! The way from an alarm to a person, action by action.

use super::end::{PathEnd, end_of_topic};
use super::{AlarmPath, Text, events};
use crate::arn::Arn;
use crate::conclude::facts::Facts;
use crate::snapshot::cloudwatch::Alarm;
use crate::snapshot::known::Known;
use crate::snapshot::{GapId, Snapshot};

/// See [`crate::conclude::FUNCTIONS`].
pub(crate) fn alarm_path(facts: &Facts<'_>, alarm: &Alarm) -> AlarmPath {
    let composites = composites_of(facts, alarm);
    let is_silent_part = alarm.alarm_actions.is_empty() && !composites.is_empty();
    let (reaches_someone, reason) = if is_silent_part {
        let of_composites = composites.iter().flat_map(|composite| ends(facts, composite));
        let (reaches, reason) = sum_up(of_composites.chain(events::ends(facts, alarm)).collect());
        let names = composites.iter().map(|composite| composite.name.as_str()).collect::<Vec<_>>();
        (
            reaches,
            Text::new(
                format!("Composite alarm {} includes it. {}", names.join(", "), reason.en),
                format!("複合アラーム {} が代わりに通知する。{}", names.join("、"), reason.ja),
            ),
        )
    } else {
        sum_up(ends(facts, alarm))
    };
    let is_for_people = match only_scales(facts, alarm) || is_silent_part {
        true => Known::Yes(false),
        false => is_for_people(facts, alarm, &reaches_someone),
    };
    AlarmPath {
        is_for_people,
        reaches_someone,
        reason,
        topic_arns: alarm.alarm_actions.iter().filter(|action| is_topic(action)).cloned().collect(),
        composite_names: composites.iter().map(|composite| composite.name.clone()).collect(),
    }
}

/// Whether an alarm that does not only scale is meant for people. Without an action it may be there
/// for deployments, which look at it themselves, or to suppress the actions of a composite alarm.
fn is_for_people(facts: &Facts<'_>, alarm: &Alarm, reaches_someone: &Known<bool>) -> Known<bool> {
    if !alarm.alarm_actions.is_empty() || *reaches_someone == Known::Yes(true) {
        return Known::Yes(true);
    }
    if facts.alarms().is_looked_at(alarm) {
        return Known::Yes(false);
    }
    match hidden_onlooker(facts.snapshot(), &alarm.region) {
        Some(gap) => Known::No(gap),
        None => Known::Yes(true),
    }
}

/// What hides whether a service, a deployment group or a composite alarm looks at alarms of a region.
fn hidden_onlooker(snapshot: &Snapshot, region: &str) -> Option<GapId> {
    let services = snapshot.ecs.services.iter();
    let services = services.filter(|service| service.region == region && !service.is_inactive());
    let of_services = services.filter_map(|service| service.deployment_alarm_names.ask().err());
    let composites = snapshot.cloudwatch.alarms.iter();
    let composites = composites.filter(|alarm| alarm.region == region && alarm.kind == "composite");
    let of_composites = composites.filter_map(|composite| composite.actions_suppressor.ask().err());
    snapshot
        .ecs
        .services
        .complete_in(region)
        .err()
        .into_iter()
        .chain(of_services)
        .chain(snapshot.codedeploy.deployment_groups.complete_in(region).err())
        .chain(of_composites)
        .next()
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

/// Whether an alarm, or a composite alarm that names it, does anything when it goes off: by an
/// action, or by a rule of EventBridge that passes it on.
pub(super) fn acts(facts: &Facts<'_>, alarm: &Alarm) -> Known<bool> {
    let composites = composites_of(facts, alarm);
    let mut hidden = None;
    for one in std::iter::once(alarm).chain(composites.iter().copied()) {
        match &one.actions_enabled {
            _ if one.alarm_actions.is_empty() => {}
            Known::Yes(true) => return Known::Yes(true),
            Known::Yes(false) => {}
            Known::No(gap) => hidden = hidden.or_else(|| Some(gap.clone())),
        }
    }
    for one in std::iter::once(alarm).chain(composites) {
        match events::is_passed_on(facts, one) {
            Known::Yes(true) => return Known::Yes(true),
            Known::Yes(false) => {}
            Known::No(gap) => hidden = hidden.or(Some(gap)),
        }
    }
    hidden.map_or(Known::Yes(false), Known::No)
}

fn is_scaling_policy(action: &str) -> bool {
    Arn::parse(action).is_some_and(|arn| ["autoscaling", "application-autoscaling"].contains(&arn.service))
}

fn is_topic(action: &str) -> bool {
    Arn::parse(action).is_some_and(|arn| arn.service == "sns")
}

/// The composite alarms whose rule names the alarm, by name or ARN, or one that does.
fn composites_of<'a>(facts: &Facts<'a>, alarm: &Alarm) -> Vec<&'a Alarm> {
    let mut found: Vec<&'a Alarm> = Vec::new();
    let naming = |part: &Alarm| facts.alarms().referring_to(&part.region, [&part.name, &part.arn]);
    let mut pending = naming(alarm);
    while !pending.is_empty() {
        pending.retain(|composite| {
            composite.name != alarm.name && !found.iter().any(|known| known.name == composite.name)
        });
        found.extend(&pending);
        pending = pending.into_iter().flat_map(naming).collect();
    }
    let mut seen = Vec::new();
    found.retain(|composite| {
        let is_new = !seen.contains(&composite.name.as_str());
        seen.push(composite.name.as_str());
        is_new
    });
    found
}

/// Where each way out of an alarm ends: its actions, and the rules of EventBridge, which hears of
/// changes of state whether actions are enabled or not.
fn ends(facts: &Facts<'_>, alarm: &Alarm) -> Vec<PathEnd> {
    let mut ends = ends_of_actions(facts.snapshot(), alarm);
    ends.extend(events::ends(facts, alarm));
    ends
}

fn ends_of_actions(snapshot: &Snapshot, alarm: &Alarm) -> Vec<PathEnd> {
    if let Known::No(gap) = &alarm.actions_enabled {
        return vec![PathEnd::Unknown(
            gap.clone(),
            Text::new(
                "Whether its actions are enabled is not known.",
                "アクションが有効かどうかは確認できない。",
            ),
        )];
    }
    if alarm.actions_enabled == Known::Yes(false) {
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
    PathEnd::Reaches(match service {
        "ssm-incidents" => Text::new(
            format!("It opens an incident with response plan {name} of Incident Manager."),
            format!("Incident Manager の対応プラン {name} でインシデントを作成する。"),
        ),
        "ssm" if arn.resource.starts_with("opsitem") => {
            Text::new("It creates an OpsItem in OpsCenter.", "OpsCenter に OpsItem を作成する。")
        }
        _ => Text::new(format!("It starts {service} {name}."), format!("{service} の {name} を起動する。")),
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
