//! The topics that somebody hears.

use crate::snapshot::Snapshot;
use crate::snapshot::known::Known;

/// The topics of a region with a confirmed subscription, each with its name behind its ARN. Unknown
/// where one may be hidden: the only one that is known need not be the only one.
pub(super) fn heard_in(snapshot: &Snapshot, region: &str) -> Known<Vec<String>> {
    let topics = &snapshot.sns.topics;
    if let Err(gap) = topics.complete_in(region) {
        return Known::No(gap);
    }
    let mut heard = Vec::new();
    for topic in topics.iter().filter(|topic| topic.region == region) {
        match topic.subscriptions.ask() {
            Ok(subscriptions) if subscriptions.iter().any(|one| one.confirmed) => {
                heard.push(format!("{} {}", topic.arn, topic.name));
            }
            Ok(_) => {}
            Err(gap) => return Known::No(gap),
        }
    }
    Known::Yes(heard)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::gap::GapId;
    use crate::snapshot::listing::Listing;
    use crate::snapshot::sns::{Subscription, Topic};

    fn topic(name: &str, region: &str, confirmed: &[bool]) -> Topic {
        let subscriptions = confirmed
            .iter()
            .map(|confirmed| Subscription { protocol: "email".into(), confirmed: *confirmed });
        Topic {
            arn: format!("arn:aws:sns:{region}:123456789012:{name}"),
            region: region.into(),
            name: name.into(),
            subscriptions: Known::Yes(subscriptions.collect()),
        }
    }

    #[test]
    fn candidates_are_topics_that_somebody_hears() {
        let mut snapshot = Snapshot::default();
        snapshot.sns.topics = Listing::of(vec![
            topic("duty", "eu-west-1", &[false, true]),
            topic("silent", "eu-west-1", &[false]),
            topic("empty", "eu-west-1", &[]),
            topic("elsewhere", "us-east-1", &[true]),
        ]);
        let duty = "arn:aws:sns:eu-west-1:123456789012:duty duty".to_owned();
        assert_eq!(heard_in(&snapshot, "eu-west-1"), Known::Yes(vec![duty]));
        let gap = GapId::new("sns:ListSubscriptions", "eu-west-1", None);
        snapshot.sns.topics.items[2].subscriptions = Known::No(gap.clone());
        assert_eq!(heard_in(&snapshot, "eu-west-1"), Known::No(gap));
        let gap = GapId::new("sns:ListTopics", "eu-west-1", None);
        snapshot.sns.topics.incomplete = vec![gap.clone()];
        assert_eq!(heard_in(&snapshot, "eu-west-1"), Known::No(gap));
    }
}
