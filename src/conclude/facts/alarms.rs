//! Alarms by what they watch and by the composite alarms that name them.

use crate::snapshot::Snapshot;
use crate::snapshot::cloudwatch::Alarm;
use crate::snapshot::eventbridge::{EventPattern, EventRule};
use std::collections::{HashMap, HashSet};

/// Alarms by what they say; every list is in the order of the snapshot.
#[derive(Default)]
pub struct AlarmIndex<'a> {
    /// By the value of some dimension of some metric.
    by_dimension: HashMap<&'a str, Vec<&'a Alarm>>,
    /// Composite alarms by the names and ARNs in their rules.
    by_reference: HashMap<&'a str, Vec<(usize, &'a Alarm)>>,
    /// Regions and names of the alarms that target tracking made.
    tracking: HashSet<(&'a str, &'a str)>,
    /// Alarms on a query, which hides its metrics.
    on_queries: Vec<&'a Alarm>,
    /// Regions and names, or ARNs, of the alarms that deployments or composite alarms look at themselves.
    looked_at: HashSet<(&'a str, &'a str)>,
    /// The enabled rules that alarms can set off, with their patterns.
    rules: Vec<(&'a EventRule, EventPattern)>,
}

impl<'a> AlarmIndex<'a> {
    /// Puts the alarms in order, once for all conclusions.
    pub fn of(snapshot: &'a Snapshot) -> Self {
        let mut index = AlarmIndex::default();
        for (place, alarm) in snapshot.cloudwatch.alarms.iter().enumerate() {
            for value in alarm.metrics.iter().flat_map(|metric| metric.dimensions.values()) {
                let alarms = index.by_dimension.entry(value).or_default();
                if !alarms.last().is_some_and(|last| std::ptr::eq(*last, alarm)) {
                    alarms.push(alarm);
                }
            }
            for reference in alarm.rule.as_deref().map(rule_references).unwrap_or_default() {
                index.by_reference.entry(reference).or_default().push((place, alarm));
            }
            let has_query = alarm.expressions.iter().any(|expression| expression.is_query());
            if alarm.kind == "metric" && (alarm.metrics.is_empty() || has_query) {
                index.on_queries.push(alarm);
            }
            if let Some(Some(suppressor)) = alarm.actions_suppressor.known() {
                index.looked_at.insert((&alarm.region, suppressor));
            }
        }
        for service in snapshot.ecs.services.iter().filter(|service| !service.is_inactive()) {
            let names = service.deployment_alarm_names.known().into_iter().flatten();
            index.looked_at.extend(names.map(|name| (service.region.as_str(), name.as_str())));
        }
        for group in snapshot.codedeploy.deployment_groups.iter() {
            index
                .looked_at
                .extend(group.alarm_names.iter().map(|name| (group.region.as_str(), name.as_str())));
        }
        let rules = snapshot.eventbridge.alarm_rules.iter().filter(|rule| rule.is_enabled());
        index.rules = rules.map(|rule| (rule, EventPattern::parse(&rule.event_pattern))).collect();
        for policy in snapshot.application_autoscaling.scaling_policies.iter() {
            if policy.kind == "TargetTrackingScaling" {
                let names = policy.alarm_names.iter().map(|name| (policy.region.as_str(), name.as_str()));
                index.tracking.extend(names);
            }
        }
        index
    }

    /// The alarms of a region with a metric that has a dimension of this value.
    pub(crate) fn on(&self, region: &str, value: &str) -> impl Iterator<Item = &'a Alarm> {
        let alarms = self.by_dimension.get(value).into_iter().flatten().copied();
        alarms.filter(move |alarm| alarm.region == region)
    }

    /// The composite alarms of a region whose rule has one of these names or ARNs, each once.
    pub(crate) fn referring_to(&self, region: &str, names: [&str; 2]) -> Vec<&'a Alarm> {
        let found = names.into_iter().filter_map(|name| self.by_reference.get(name)).flatten();
        let mut found: Vec<&(usize, &Alarm)> = found.filter(|(_, alarm)| alarm.region == region).collect();
        found.sort_by_key(|(place, _)| *place);
        found.dedup_by_key(|(place, _)| *place);
        found.into_iter().map(|(_, alarm)| *alarm).collect()
    }

    /// Whether target tracking made an alarm.
    pub(crate) fn is_tracking(&self, region: &str, name: &str) -> bool {
        self.tracking.contains(&(region, name))
    }

    /// An alarm of a region that may watch metrics of a namespace by a query, which hides them.
    pub(crate) fn on_queries(&self, region: &str, namespaces: &[&str]) -> Option<&'a Alarm> {
        // A query has its namespace in quotes: FROM "AWS/RDS", FROM SCHEMA("AWS/RDS", …).
        let names_one = |text: &str| namespaces.iter().any(|namespace| text.contains(namespace));
        let may_watch = |alarm: &&Alarm| {
            let mut queries = alarm.expressions.iter().filter(|expression| expression.is_query()).peekable();
            queries.peek().is_none() || queries.any(|query| names_one(&query.expression))
        };
        self.on_queries.iter().copied().filter(|alarm| alarm.region == region).find(may_watch)
    }

    /// Whether a service's deployments, a deployment group or a composite alarm looks at an alarm
    /// itself, without being told.
    pub(crate) fn is_looked_at(&self, alarm: &Alarm) -> bool {
        let names = [alarm.name.as_str(), alarm.arn.as_str()];
        names.into_iter().any(|name| self.looked_at.contains(&(alarm.region.as_str(), name)))
    }

    /// The enabled rules of a region that alarms can set off.
    pub(crate) fn rules(&self, region: &str) -> impl Iterator<Item = &(&'a EventRule, EventPattern)> {
        self.rules.iter().filter(move |(rule, _)| rule.region == region)
    }
}

/// The alarms that the rule of a composite alarm names: what is in the parentheses
/// of ALARM, OK and INSUFFICIENT_DATA, with or without quotes.
fn rule_references(rule: &str) -> Vec<&str> {
    let mut references = Vec::new();
    let mut rest = rule;
    while let Some((before, after)) = rest.split_once('(') {
        rest = after;
        let word = before.trim_end().rsplit(|c: char| !c.is_ascii_alphabetic() && c != '_').next();
        if !matches!(word, Some("ALARM" | "OK" | "INSUFFICIENT_DATA")) {
            continue;
        }
        let (reference, remainder) = match after.trim_start().strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after.split_once(')').unwrap_or((after, "")),
        };
        references.push(reference.trim());
        rest = remainder;
    }
    references
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::cloudwatch::AlarmMetric;

    #[test]
    fn alarms_are_found_by_any_dimension_in_their_region_alone() {
        let mut snapshot = Snapshot::default().complete();
        let alarm = |name: &str, region: &str| Alarm {
            name: name.into(),
            region: region.into(),
            metrics: vec![AlarmMetric {
                dimensions: [("A", "one"), ("B", "one"), ("C", "two")]
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .into(),
                ..AlarmMetric::default()
            }],
            ..Alarm::default()
        };
        snapshot.cloudwatch.alarms.items = vec![alarm("here", "eu-west-1"), alarm("there", "eu-west-2")];
        let index = AlarmIndex::of(&snapshot);
        let names = |value: &str| -> Vec<&str> {
            let alarms = index.on("eu-west-1", value);
            alarms.map(|alarm| alarm.name.as_str()).collect()
        };
        assert_eq!((names("one"), names("two"), names("three")), (vec!["here"], vec!["here"], vec![]));
    }

    #[test]
    fn rules_name_alarms_in_every_form() {
        let rule = r#"(ALARM("api (prod) 5xx") OR ALARM(cpu)) AND NOT (OK ( "arn:aws:cloudwatch:eu-west-1:1:alarm:m" )) AND INSUFFICIENT_DATA(x) AND TRUE"#;
        assert_eq!(
            rule_references(rule),
            ["api (prod) 5xx", "cpu", "arn:aws:cloudwatch:eu-west-1:1:alarm:m", "x"]
        );
        assert!(rule_references("TRUE").is_empty());
        assert_eq!(rule_references("ALARM(broken"), ["broken"]);
    }
}
