//! Databases that a script keeps for a week after it has replaced them: what they lack is accepted until
//! the day that the script wrote on them, and no longer.

use crate::finding::{Acceptance, AcceptanceRule, day};
use crate::policy::PolicySet;
use crate::snapshot::Snapshot;
use jiff::ToSpan;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// The tag that scripts put on what they keep: the last day, for instance 2026-12-07.
const KEPT_UNTIL: &str = "tenken:kept-until";

/// A day further off than this keeps nothing: a tag must not hide a database.
const MOST_DAYS: i64 = 31;

/// What policies say of kept copies, as acceptances. They are in the report beside those that somebody wrote,
/// are no news while they hold, and are news once they have ended.
pub(super) fn kept_copies(snapshot: &Snapshot, policies: &PolicySet) -> Vec<AcceptanceRule> {
    let Some(today) = day(&snapshot.taken_at) else {
        return Vec::new();
    };
    let instances = snapshot.rds.db_instances.iter().map(|db| (&db.arn, &db.tags));
    let clusters = snapshot.rds.db_clusters.iter().map(|cluster| (&cluster.arn, &cluster.tags));
    let kept = instances.chain(clusters).filter_map(|(arn, tags)| Some((arn, kept_until(tags, today)?)));
    kept.flat_map(|(arn, until)| {
        let sparing = policies.policies.iter().filter(|policy| policy.accepts_kept_copies);
        sparing.map(move |policy| AcceptanceRule {
            policy: policy.id.clone(),
            resource: arn.clone(),
            discriminator: None,
            acceptance: Acceptance {
                reason: "kept copy, to be deleted (切り替え前のコピー、削除予定)".to_owned(),
                owner: KEPT_UNTIL.to_owned(),
                until,
            },
            place: format!("{arn} {KEPT_UNTIL}"),
        })
    })
    .collect()
}

fn kept_until(tags: &BTreeMap<String, String>, today: Date) -> Option<Date> {
    let until: Date = tags.get(KEPT_UNTIL)?.parse().ok()?;
    let last = today.checked_add(MOST_DAYS.days()).ok()?;
    (until <= last).then_some(until)
}

#[cfg(test)]
mod tests {
    use crate::finding::{Finding, Run, Verdict};
    use crate::history::{self, History};
    use crate::policy::PolicySet;
    use crate::run::judge;
    use crate::snapshot::{Snapshot, store};
    use std::path::Path;

    const COPY: &str = "arn:aws:rds:ap-northeast-1:123456789012:db:ec-db-plain";

    /// The review's account after the script: the database encrypted, the old one stopped beside it.
    fn switched(tag: Option<&str>) -> Snapshot {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/ec-site.json");
        let mut snapshot = store::load(&path).unwrap();
        let databases = &mut snapshot.rds.db_instances.items;
        let mut copy = databases[0].clone();
        databases[0].storage_encrypted = crate::snapshot::Known::Yes(true);
        copy.id = "ec-db-plain".into();
        copy.arn = COPY.into();
        copy.status = "stopped".into();
        copy.endpoint_address = Some("ec-db-plain.aaaaaaaaaa.ap-northeast-1.rds.amazonaws.com".into());
        copy.tags.extend(tag.map(|day| (super::KEPT_UNTIL.to_owned(), day.to_owned())));
        databases.push(copy);
        snapshot
    }

    fn judged(tag: Option<&str>) -> Run {
        judge(&switched(tag), &PolicySet::embedded().unwrap())
    }

    fn failures(run: &Run) -> (Vec<&Finding>, Vec<&Finding>) {
        let of_copy = run.findings.iter().filter(|one| one.resource == COPY && one.verdict == Verdict::Fail);
        of_copy.partition(|finding| finding.accepted.is_some())
    }

    #[test]
    fn a_kept_copy_is_shown_as_one_until_its_day() {
        // The account was recorded on 2026-11-23.
        let untagged = judged(None);
        let (accepted, open) = failures(&untagged);
        assert!(accepted.is_empty() && open.len() >= 7, "{}", open.len());
        for day in ["2026-11-23", "2026-11-30"] {
            let run = judged(Some(day));
            let (accepted, still_open) = failures(&run);
            assert!(accepted.len() >= 7, "{day}: {}", accepted.len());
            assert_eq!(accepted.len() + still_open.len(), open.len());
            assert!(accepted.iter().any(|finding| finding.policy == "rds-unencrypted-storage"));
            // Whoever may reach it is not accepted with it.
            let is_about_access = |finding: &&Finding| finding.policy == "db-security-group-open-to-world";
            assert!(still_open.iter().any(is_about_access));
        }
        for day in ["2026-11-22", "2027-06-01", "soon", ""] {
            let run = judged(Some(day));
            assert_eq!(failures(&run).0.len(), 0, "{day}");
            assert_eq!(failures(&run).1.len(), open.len(), "{day}");
        }
        let overdue = judged(Some("2026-11-22"));
        let message = |finding: &Finding| finding.message.en.clone() + &finding.message.ja;
        let unencrypted =
            failures(&overdue).1.into_iter().find(|one| one.policy == "rds-unencrypted-storage");
        let text = message(unencrypted.unwrap());
        assert!(text.contains("expired on 2026-11-22: kept copy") && text.contains("削除予定"), "{text}");
    }

    #[test]
    fn a_kept_copy_is_news_once_it_is_overdue() {
        let mut before = judged(None);
        before.findings.retain(|finding| finding.resource != COPY);
        before.taken_at = "2026-11-22T03:00:00Z".into();
        let told = |changes: &history::Changes| -> Vec<String> {
            let news =
                changes.past.changes.iter().filter(|change| history::news::NewsTurn::of(change).is_some());
            let about = news.filter(|change| change.finding.resource == COPY);
            about.map(|change| change.finding.policy.clone()).collect()
        };
        let (history, _) = history::step(&History::default(), &before).unwrap();
        let kept = judged(Some("2026-11-30"));
        let (history, changes) = history::step(&history, &kept).unwrap();
        let policies: Vec<&str> = failures(&kept).0.iter().map(|one| one.policy.as_str()).collect();
        let news = told(&changes);
        assert!(news.iter().all(|policy| !policies.contains(&policy.as_str())), "{news:?}");
        // A week later it is still there.
        let mut snapshot = switched(Some("2026-11-30"));
        snapshot.taken_at = "2026-12-01T03:00:00Z".into();
        let overdue = judge(&snapshot, &PolicySet::embedded().unwrap());
        let (_, changes) = history::step(&history, &overdue).unwrap();
        assert!(told(&changes).contains(&"rds-unencrypted-storage".to_owned()));
    }
}
