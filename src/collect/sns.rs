//! Topics with their subscriptions.

use crate::arn::Arn;
use crate::ask::Ask;
use crate::ask::asked::client;
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::sns::{Sns, Subscription, Topic};
use crate::snapshot::{GapId, Known, Listing, Snapshot};
use aws_sdk_sns::types;
use std::collections::BTreeMap;

const SUBSCRIPTIONS: &Operation = named("sns", "ListSubscriptions");
const TOPICS: &Operation = named("sns", "ListTopics");

/// The topics of a region. Nothing is asked where no alarm is known: what is told through a topic
/// is all that is judged of it.
pub(crate) async fn collect(ask: &Ask, found: &Snapshot) -> Snapshot {
    let alarms = &found.cloudwatch.alarms;
    if !alarms.iter().any(|alarm| alarm.region == ask.region()) {
        // An alarm that was not listed may have one.
        let hidden = alarms.hidden_in(ask.region()).cloned().collect();
        let topics = Listing::with_gaps(hidden);
        return Snapshot { sns: Sns { topics }, ..Snapshot::default() };
    }
    let client = client!(aws_sdk_sns, ask.config());
    // SNS fixes the size of these pages itself.
    let mut topics = ask
        .list(
            TOPICS,
            |token| client.list_topics().set_next_token(token).send(),
            |page| page.next_token.clone(),
            |page| page.topics.unwrap_or_default(),
            |item| topic(ask.region(), item),
        )
        .await;
    // Without topics there is nobody to whom subscriptions could be given.
    if !topics.items.is_empty() {
        let subscriptions = ask
            .all(
                SUBSCRIPTIONS,
                None,
                |token| client.list_subscriptions().set_next_token(token).send(),
                |page| page.next_token.clone(),
                |page| page.subscriptions.unwrap_or_default(),
                subscription,
            )
            .await;
        give(&mut topics.items, subscriptions);
    }
    Snapshot { sns: Sns { topics }, ..Snapshot::default() }
}

/// Gives every topic its subscriptions: all of them, or the gap.
fn give(topics: &mut [Topic], subscriptions: Result<Vec<(String, Subscription)>, GapId>) {
    let by_topic = subscriptions.map(|subscriptions| {
        let mut by_topic: BTreeMap<String, Vec<Subscription>> = BTreeMap::new();
        for (topic_arn, subscription) in subscriptions {
            by_topic.entry(topic_arn).or_default().push(subscription);
        }
        by_topic
    });
    for topic in topics {
        topic.subscriptions = match &by_topic {
            Ok(by_topic) => Known::Yes(by_topic.get(&topic.arn).cloned().unwrap_or_default()),
            Err(gap) => Known::No(gap.clone()),
        };
    }
}

/// The topic and what subscribes to it. The endpoint is dropped here.
fn subscription(item: types::Subscription) -> Option<(String, Subscription)> {
    // Until its owner confirms, a subscription has the word `PendingConfirmation` for an
    // ARN; `Deleted` for a moment after its end.
    let confirmed = item.subscription_arn?.starts_with("arn:");
    Some((item.topic_arn?, Subscription { protocol: item.protocol?, confirmed }))
}

fn topic(region: &str, item: types::Topic) -> Option<Topic> {
    let arn = item.topic_arn?;
    let name = Arn::parse(&arn)?.name().to_owned();
    Some(Topic { arn, region: region.to_owned(), name, ..Topic::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:sns:ap-northeast-1:123456789012:alerts";

    fn answer(arn: &str) -> types::Subscription {
        types::Subscription::builder()
            .topic_arn(ARN)
            .subscription_arn(arn)
            .protocol("email")
            .endpoint("someone@example.com")
            .build()
    }

    #[test]
    fn a_subscription_counts_when_its_owner_agreed() {
        for (arn, confirmed) in [(format!("{ARN}:1"), true), ("PendingConfirmation".to_owned(), false)] {
            let (topic, found) = subscription(answer(&arn)).unwrap();
            assert_eq!((topic.as_str(), found.confirmed), (ARN, confirmed));
        }
    }

    #[test]
    fn topics_have_none_only_when_all_subscriptions_are_known() {
        let answered = types::Topic::builder().topic_arn(ARN).build();
        let mut topics = [topic("ap-northeast-1", answered).unwrap()];
        give(&mut topics, Ok(vec![]));
        assert_eq!(topics[0].subscriptions, Known::Yes(vec![]));
        assert_eq!(topics[0].name, "alerts");
        let gap = GapId::new("sns:ListSubscriptions", "ap-northeast-1", None);
        give(&mut topics, Err(gap.clone()));
        assert_eq!(topics[0].subscriptions, Known::No(gap));
    }
}
