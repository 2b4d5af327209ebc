//! A bulletin as JSON, for programs. `docs/announcement.schema.json` describes it.

use super::Bulletin;
use crate::finding::Remembered;
use crate::history::BySeverity;
use crate::history::news::{Digest, NewsItem};
use crate::text::Text;
use serde_json::{Value, json};

/// The version of the form.
pub const FORMAT_VERSION: u32 = 1;

/// What tells an announcement from other JSON.
pub const KIND: &str = "tenken-announcement";

/// The document, with at most so many findings.
pub fn document(bulletin: &Bulletin, most_items: usize) -> Value {
    let mut left_out = bulletin.left_out;
    let mut news: Vec<&NewsItem> = bulletin.groups.iter().flat_map(|group| &group.items).collect();
    // The worst first, whatever they have in common.
    news.sort_by_key(|item| std::cmp::Reverse(item.finding.severity));
    for item in news.iter().skip(most_items) {
        left_out.add(item.finding.severity, 1);
    }
    let resolved = bulletin.resolved.iter().take(most_items).map(remembered);
    let counts = crate::history::announcement::AnnouncementKind::NEWS
        .map(|kind| (kind.as_str(), bulletin.count(kind)));
    json!({
        "kind": KIND,
        "format_version": FORMAT_VERSION,
        "id": bulletin.id,
        "account": bulletin.account,
        "run": bulletin.run,
        "counts": counts.into_iter().map(|(name, count)| (name.to_owned(), json!(count))).collect::<serde_json::Map<_, _>>(),
        "news": news.into_iter().take(most_items).map(item).collect::<Vec<_>>(),
        "left_out": by_severity(&left_out),
        "resolved": resolved.collect::<Vec<_>>(),
        "digest": bulletin.digest.as_ref().map(digest),
        "report": bulletin.report,
    })
}

/// The document with as many findings as fit into so many bytes.
pub fn document_within(bulletin: &Bulletin, most_bytes: usize) -> Value {
    let mut most_items = usize::MAX;
    loop {
        let document = document(bulletin, most_items);
        let size = document.to_string().len();
        if size <= most_bytes || most_items == 0 {
            return document;
        }
        let items: usize = bulletin.groups.iter().map(|group| group.items.len()).sum();
        most_items = most_items.min(items.max(bulletin.resolved.len())) / 2;
    }
}

fn item(item: &NewsItem) -> Value {
    let mut value = remembered(&item.finding);
    if let Some(fields) = value.as_object_mut() {
        fields.insert("turn".to_owned(), json!(item.turn.as_str()));
        fields.insert("new_because".to_owned(), json!(item.new_because.map(|because| because.as_str())));
        fields.insert("first_seen".to_owned(), json!(item.first_seen));
        fields.insert("title".to_owned(), text(&item.title));
        fields.insert("cause".to_owned(), json!(item.cause));
        fields.insert("evidence".to_owned(), json!(item.evidence));
        fields.insert("first_step".to_owned(), item.step.as_ref().map_or(Value::Null, text));
        fields.insert("command".to_owned(), item.command.as_ref().map_or(Value::Null, text));
    }
    value
}

fn remembered(finding: &Remembered) -> Value {
    json!({
        "id": finding.id,
        "policy": finding.policy,
        "severity": finding.severity.as_str(),
        "pillar": finding.pillar.as_str(),
        "resource": finding.resource,
        "region": finding.region,
        "discriminator": finding.discriminator,
        "message": text(&finding.message),
    })
}

fn digest(digest: &Digest) -> Value {
    json!({
        "week": digest.week,
        "open": by_severity(&digest.open),
        "accepted": digest.accepted,
        "unknown": digest.unknown,
        "new": digest.new,
        "reopened": digest.reopened,
        "resolved": digest.resolved,
        "oldest_critical": digest.oldest_critical.as_ref().map(remembered),
        "oldest_critical_since": digest.oldest_critical_since,
    })
}

fn text(text: &Text) -> Value {
    json!({ "en": text.en, "ja": text.ja })
}

fn by_severity(counts: &BySeverity) -> Value {
    json!({
        "critical": counts.critical,
        "high": counts.high,
        "medium": counts.medium,
        "low": counts.low,
        "info": counts.info,
    })
}
