//! Rules of the default event bus: those that alarms set off, and those that start tasks.

use crate::ask::Ask;
use crate::ask::asked::client;
use crate::snapshot::eventbridge::{EventPattern, EventRule, EventTarget};
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::{GapId, Known, Listing};
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::{self, RuleState, Target};
use std::collections::{BTreeMap, BTreeSet};

const RULES: &Operation = named("events", "ListRules");
const RULE_NAMES: &Operation = named("events", "ListRuleNamesByTarget");
const TARGETS: &Operation = named("events", "ListTargetsByRule");

/// What the rules of a region come to.
pub(super) struct Rules {
    /// Those that alarms can set off.
    pub alarm_rules: Listing<EventRule>,
    /// The enabled rules with a cluster among their targets, with all targets. What hides one of
    /// them is named.
    pub task_rules: Listing<TaskRule>,
}

/// A rule that starts tasks. Its targets hold what they are told, which may be secrets.
pub(super) struct TaskRule {
    pub arn: String,
    pub name: String,
    pub targets: Vec<Target>,
}

struct Rule {
    arn: String,
    name: String,
    state: String,
    is_enabled: bool,
    /// Of a rule of an AWS service, which nobody else may change and which starts no task of ECS.
    is_managed: bool,
    /// The pattern of a rule that alarms can set off.
    alarm_pattern: Option<String>,
}

/// The rules of the region. Targets are asked only of enabled rules that alarms can set off or that
/// have one of these clusters as a target: at most one question for each rule, of which a bus has 300
/// unless AWS allowed more.
pub(super) async fn rules(ask: &Ask, cluster_arns: &[String]) -> Rules {
    let client = client!(aws_sdk_eventbridge, ask.config());
    let rules = ask
        .list(
            RULES,
            |token| client.list_rules().limit(RULES.page_size).set_next_token(token).send(),
            |page| page.next_token.clone(),
            |page| page.rules.unwrap_or_default(),
            rule,
        )
        .await;
    let (of_clusters, hidden) = of_clusters(ask, &client, &rules, cluster_arns).await;
    let wanted = rules.iter().filter(|rule| {
        rule.is_enabled && (rule.alarm_pattern.is_some() || of_clusters.contains(rule.name.as_str()))
    });
    let answers = ask.each(wanted, |rule| async { (rule.name.as_str(), targets(ask, &client, rule).await) });
    let mut targets: BTreeMap<&str, Result<Vec<Target>, GapId>> = answers.await.into_iter().collect();
    let alarm_rules =
        rules.iter().filter_map(|rule| alarm_rule(ask.region(), rule, targets.get(&*rule.name)));
    let alarm_rules = Listing { items: alarm_rules.collect(), incomplete: rules.incomplete.clone() };
    let mut task_rules = Listing::with_gaps(rules.incomplete.clone());
    task_rules.incomplete.extend(hidden);
    for rule in rules.iter().filter(|rule| of_clusters.contains(&rule.name)) {
        match targets.remove(rule.name.as_str()) {
            Some(Ok(targets)) => {
                task_rules.items.push(TaskRule { arn: rule.arn.clone(), name: rule.name.clone(), targets });
            }
            Some(Err(gap)) => task_rules.incomplete.push(gap),
            None => {}
        }
    }
    Rules { alarm_rules, task_rules }
}

/// The names of the rules that have one of the clusters as a target, and what hides others. Nothing
/// is asked where no rule could be one.
async fn of_clusters(
    ask: &Ask,
    client: &Client,
    rules: &Listing<Rule>,
    cluster_arns: &[String],
) -> (BTreeSet<String>, Vec<GapId>) {
    if !rules.iter().any(|rule| rule.is_enabled && !rule.is_managed) {
        return (BTreeSet::new(), Vec::new());
    }
    let names = ask.each(cluster_arns, |arn| async move {
        ask.list_in(
            RULE_NAMES,
            Some(arn),
            |token| {
                let request = client.list_rule_names_by_target().target_arn(arn);
                request.limit(RULE_NAMES.page_size).set_next_token(token).send()
            },
            |page| page.next_token.clone(),
            |page| page.rule_names.unwrap_or_default(),
            Some,
        )
        .await
    });
    let (mut found, mut hidden) = (BTreeSet::new(), Vec::new());
    for names in names.await {
        found.extend(names.items);
        hidden.extend(names.incomplete);
    }
    (found, hidden)
}

async fn targets(ask: &Ask, client: &Client, rule: &Rule) -> Result<Vec<Target>, GapId> {
    ask.all(
        TARGETS,
        Some(&rule.arn),
        |token| {
            let request = client.list_targets_by_rule().rule(&rule.name);
            request.limit(TARGETS.page_size).set_next_token(token).send()
        },
        |page| page.next_token.clone(),
        |page| page.targets.unwrap_or_default(),
        Some,
    )
    .await
}

fn rule(item: types::Rule) -> Option<Rule> {
    let state = item.state?;
    let pattern = item.event_pattern.filter(|pattern| EventPattern::parse(pattern).may_match_alarms());
    Some(Rule {
        arn: item.arn?,
        name: item.name?,
        is_enabled: state != RuleState::Disabled,
        state: state.as_str().to_owned(),
        is_managed: item.managed_by.is_some(),
        alarm_pattern: pattern,
    })
}

/// The rule as it is kept, where alarms can set it off: of its targets, what they are.
fn alarm_rule(region: &str, rule: &Rule, targets: Option<&Result<Vec<Target>, GapId>>) -> Option<EventRule> {
    let kept = |target: &Target| EventTarget { id: target.id.clone(), arn: target.arn.clone() };
    Some(EventRule {
        arn: rule.arn.clone(),
        region: region.to_owned(),
        name: rule.name.clone(),
        state: rule.state.clone(),
        event_pattern: rule.alarm_pattern.clone()?,
        targets: match targets {
            Some(Ok(targets)) => Known::Yes(targets.iter().map(kept).collect()),
            Some(Err(gap)) => Known::No(gap.clone()),
            // Those of a disabled rule are told nothing.
            None => Known::Yes(Vec::new()),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(name: &str, state: RuleState) -> types::builders::RuleBuilder {
        types::Rule::builder().arn(format!("arn:aws:events:eu-west-1:1:rule/{name}")).name(name).state(state)
    }

    #[test]
    fn only_patterns_that_alarms_can_match_are_kept() {
        let with = |pattern: &str| {
            let answer = answer("one", RuleState::Enabled).event_pattern(pattern).build();
            rule(answer).unwrap().alarm_pattern
        };
        let alarms = r#"{"source": ["aws.cloudwatch"], "detail-type": ["CloudWatch Alarm State Change"]}"#;
        assert_eq!(with(alarms).as_deref(), Some(alarms));
        assert_eq!(with(r#"{"source": ["aws.ecs"]}"#), None);
        assert_eq!(with(r#"{"detail": {"state": {"value": ["OK"]}}}"#), None);
        let scheduled = answer("two", RuleState::Disabled).schedule_expression("rate(1 day)").build();
        let scheduled = rule(scheduled).unwrap();
        assert!(!scheduled.is_enabled && scheduled.alarm_pattern.is_none());
        assert!(rule(types::Rule::builder().name("none").build()).is_none());
    }

    #[test]
    fn what_targets_are_told_is_dropped() {
        let found = rule(
            answer("one", RuleState::Enabled).event_pattern(r#"{"source": ["aws.cloudwatch"]}"#).build(),
        );
        let target = Target::builder().id("1").arn("arn:aws:sns:eu-west-1:1:ops").input("hunter2-secret");
        let targets = Ok(vec![target.build().unwrap()]);
        let kept = alarm_rule("eu-west-1", &found.unwrap(), Some(&targets)).unwrap();
        assert_eq!(kept.targets.known().unwrap()[0].arn, "arn:aws:sns:eu-west-1:1:ops");
        assert!(!serde_json::to_string(&kept).unwrap().contains("hunter2"));
    }
}
