//! Where a way from an alarm ends: what becomes of it at a topic.

use super::Text;
use crate::arn::Arn;
use crate::snapshot::sns::Subscription;
use crate::snapshot::{GapId, Snapshot};

/// What becomes of one action, or of one target of a rule.
pub(super) enum PathEnd {
    Reaches(Text),
    Nobody(Text),
    Unknown(GapId, Text),
}

pub(super) fn end_of_topic(snapshot: &Snapshot, action: &str, arn: Arn<'_>) -> PathEnd {
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
