//! What every collector's records go through before anything else sees them: the one place that decides
//! about free text. What has a place of its own (environments, commands, headers) was dropped where it
//! was read and never comes here.

use crate::secret;
use crate::snapshot::Snapshot;
use crate::snapshot::gap::GapId;
use crate::snapshot::shape::StoredText;
use crate::snapshot::treatment::Treatment;

/// Takes the secrets out of every text.
pub(super) fn conceal(snapshot: &mut Snapshot) {
    snapshot.each_text(&mut |place, written| match (Treatment::of(place), written) {
        (_, StoredText::Gap(gap)) => gap_without_tokens(gap),
        (Treatment::AwsId | Treatment::AwsWord | Treatment::Fingerprint, _) => {}
        (Treatment::Name | Treatment::Names, StoredText::Text(text)) => name(text),
        (_, StoredText::Text(text)) => *text = secret::conceal_text(std::mem::take(text)),
        (treatment, StoredText::Tags(tags)) => {
            *tags = std::mem::take(tags)
                .into_iter()
                .map(|(mut key, mut value)| {
                    name(&mut key);
                    match treatment {
                        Treatment::Names => name(&mut value),
                        _ => value = secret::conceal(&key, value),
                    }
                    (key, value)
                })
                .collect();
        }
    });
}

/// The questions without an answer, which name resources.
fn gap_without_tokens(gap: &mut GapId) {
    if let Some(concealed) = secret::conceal_name(gap.as_str()) {
        *gap = GapId::from_text(&concealed);
    }
}

/// A name that somebody chose.
fn name(text: &mut String) {
    if let Some(concealed) = secret::conceal_name(text) {
        *text = concealed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::ec2::{SecurityGroup, SecurityGroupRule};
    use crate::snapshot::elb::{ListenerRule, RuleCondition};
    use crate::snapshot::logs::LogGroup;

    const PASSWORD: &str = "Vf9kQ2mZx7Lp4Tr8";

    fn token() -> String {
        format!("{}_{}", "ghp", "Qw7eRt2yUi9oPa4sDf6gHj1kLz8xCv3bNm5Q")
    }

    #[test]
    fn free_text_names_and_tags_lose_their_secrets_and_nothing_else() {
        let group = SecurityGroup {
            name: "shop-web".into(),
            description: format!("web, password={PASSWORD}"),
            tags: [("db_password".to_owned(), PASSWORD.to_owned()), ("team".to_owned(), "shop".to_owned())]
                .into(),
            ingress: vec![SecurityGroupRule {
                description: Some(format!("https://shop:{PASSWORD}@example.com")),
                ..Default::default()
            }],
            ..Default::default()
        };
        let mut snapshot = Snapshot::default();
        snapshot.ec2.security_groups.items.push(group);
        snapshot.logs.log_groups.items.push(LogGroup {
            arn: format!("arn:aws:logs:eu-west-1:1:log-group:/shop/{}", token()),
            name: format!("/shop/{}", token()),
            ..Default::default()
        });
        conceal(&mut snapshot);
        let text = serde_json::to_string(&snapshot).unwrap();
        assert!(!text.contains(PASSWORD) && !text.contains(&token()), "{text}");
        let group = &snapshot.ec2.security_groups.items[0];
        assert_eq!((group.name.as_str(), group.tags["team"].as_str()), ("shop-web", "shop"));
        assert_eq!(group.description, "web, password=[secret]");
        let log = &snapshot.logs.log_groups.items[0];
        assert!(log.arn.ends_with(&log.name) && log.name.starts_with("/shop/"), "they still belong together");
    }

    #[test]
    fn paths_of_rules_are_free_text() {
        let rule = ListenerRule {
            conditions: vec![RuleCondition {
                field: "path-pattern".into(),
                values: vec![format!("/hook?token={PASSWORD}"), format!("/{}/*", token()), "/api/*".into()],
                ..Default::default()
            }],
            ..Default::default()
        };
        let mut snapshot = Snapshot::default();
        let listener = crate::snapshot::elb::Listener {
            rules: crate::snapshot::Known::Yes(vec![rule]),
            ..Default::default()
        };
        snapshot.elb.load_balancers.items.push(crate::snapshot::elb::LoadBalancer {
            listeners: crate::snapshot::Known::Yes(vec![listener]),
            ..Default::default()
        });
        conceal(&mut snapshot);
        let text = serde_json::to_string(&snapshot).unwrap();
        assert!(!text.contains(PASSWORD) && !text.contains(&token()), "{text}");
        assert!(text.contains("/api/*"));
    }
}
