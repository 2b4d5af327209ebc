//! Topics with their subscriptions.

use super::{Collector, Scope};
use crate::arn::Arn;
use crate::ask::listed::{broken, listed};
use crate::ask::{Ask, Pages};
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::sns::{Sns, Subscription, Topic};
use crate::snapshot::{GapId, Known, Snapshot};
use aws_sdk_sns::operation::list_subscriptions::ListSubscriptionsOutput;
use aws_sdk_sns::{Client, types};
use std::collections::BTreeMap;
use std::pin::Pin;

const SUBSCRIPTIONS: &Operation = named("sns", "ListSubscriptions");
const TOPICS: &Operation = named("sns", "ListTopics");

/// Collects topics.
pub struct Topics;

impl Collector for Topics {
    fn service(&self) -> &'static str {
        "sns"
    }

    fn scope(&self) -> Scope {
        Scope::Regional
    }

    fn collect<'a>(
        &'a self,
        ask: &'a Ask,
        _found: &'a Snapshot,
    ) -> Pin<Box<dyn Future<Output = Snapshot> + 'a>> {
        Box::pin(async move {
            let client = Client::new(ask.config());
            // SNS fixes the size of these pages itself.
            let (topics, subscriptions) = tokio::join!(
                ask.pages(
                    TOPICS,
                    None,
                    |token| client.list_topics().set_next_token(token).send(),
                    |page| page.next_token.clone(),
                ),
                ask.pages(
                    SUBSCRIPTIONS,
                    None,
                    |token| client.list_subscriptions().set_next_token(token).send(),
                    |page| page.next_token.clone(),
                )
            );
            let subscriptions = by_topic(ask, subscriptions);
            let topics = listed(
                ask,
                TOPICS,
                topics,
                |page| page.topics.unwrap_or_default(),
                |item| topic(ask.region(), item, &subscriptions),
            );
            Snapshot { sns: Sns { topics }, ..Snapshot::default() }
        })
    }
}

type ByTopic = BTreeMap<String, Vec<Subscription>>;

/// The region's subscriptions by their topic; all of them, or the gap.
fn by_topic(ask: &Ask, pages: Pages<ListSubscriptionsOutput>) -> Result<ByTopic, GapId> {
    if let Some(gap) = pages.gap {
        return Err(gap);
    }
    let items = pages.pages.into_iter().flat_map(|page| page.subscriptions.unwrap_or_default());
    let read: Option<Vec<(String, Subscription)>> = items.map(subscription).collect();
    let mut found = ByTopic::new();
    for (topic_arn, subscription) in read.ok_or_else(|| broken(ask, SUBSCRIPTIONS, None))? {
        found.entry(topic_arn).or_default().push(subscription);
    }
    Ok(found)
}

/// The topic and what subscribes to it. The endpoint is dropped here.
fn subscription(item: types::Subscription) -> Option<(String, Subscription)> {
    // Until its owner confirms, a subscription has the word `PendingConfirmation` for an
    // ARN; `Deleted` for a moment after its end.
    let confirmed = item.subscription_arn?.starts_with("arn:");
    Some((item.topic_arn?, Subscription { protocol: item.protocol?, confirmed }))
}

fn topic(region: &str, item: types::Topic, subscriptions: &Result<ByTopic, GapId>) -> Option<Topic> {
    let arn = item.topic_arn?;
    let subscriptions = match subscriptions {
        Ok(found) => Known::Yes(found.get(&arn).cloned().unwrap_or_default()),
        Err(gap) => Known::No(gap.clone()),
    };
    Some(Topic { name: Arn::parse(&arn)?.name().to_owned(), region: region.to_owned(), subscriptions, arn })
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
        let item = || types::Topic::builder().topic_arn(ARN).build();
        let none = topic("ap-northeast-1", item(), &Ok(ByTopic::new())).unwrap();
        assert_eq!(none.subscriptions, Known::Yes(vec![]));
        assert_eq!(none.name, "alerts");
        let gap = GapId::new("sns:ListSubscriptions", "ap-northeast-1", None);
        let unknown = topic("ap-northeast-1", item(), &Err(gap.clone())).unwrap();
        assert_eq!(unknown.subscriptions, Known::No(gap));
    }
}
