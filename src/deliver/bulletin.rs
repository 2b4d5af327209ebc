//! What there is to say of one run: announcements of the history, together.

use super::Telling;
use crate::digest::sha256;
use crate::finding::{Remembered, Severity};
use crate::history::BySeverity;
use crate::history::announcement::AnnouncementKind;
use crate::history::news::{Digest, NewsItem};
use crate::history::pending::Announcement;

/// Findings of one root cause that are news in the same way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewsGroup {
    /// That of the worst finding.
    pub severity: Severity,
    /// What happened to them.
    pub kind: AnnouncementKind,
    /// See [`NewsItem::cause`].
    pub cause: String,
    /// The findings, the worst first; never none.
    pub items: Vec<NewsItem>,
}

/// What there is to say of one run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bulletin {
    /// The same news have the same id.
    pub id: String,
    /// The account's twelve digits.
    pub account: String,
    /// When the run began, RFC 3339 in UTC.
    pub run: String,
    /// What fails or cannot be seen, the worst first.
    pub groups: Vec<NewsGroup>,
    /// How many findings of each kind of news there are, in the order of
    /// [`AnnouncementKind::NEWS`]; those that are only counted are among them.
    pub counts: [usize; AnnouncementKind::NEWS.len()],
    /// How many of these are only counted, by severity; resolved ones left out.
    pub left_out: BySeverity,
    /// What does not fail any more.
    pub resolved: Vec<Remembered>,
    /// How the account stands.
    pub digest: Option<Digest>,
    /// Where the whole report is.
    pub report: Option<String>,
}

impl Bulletin {
    /// What the announcements of one run say that a channel wants to be told.
    pub fn new(account: &str, announcements: &[Announcement], telling: &Telling) -> Bulletin {
        let least = telling.min_severity;
        let mut bulletin = Bulletin {
            id: id(announcements),
            account: account.to_owned(),
            run: announcements.first().map(|one| one.run.to_string()).unwrap_or_default(),
            report: telling.report.clone(),
            ..Bulletin::default()
        };
        for announcement in announcements {
            let wanted: Vec<&NewsItem> =
                announcement.items.iter().filter(|item| item.finding.severity >= least).collect();
            let uncounted = announcement.left_out.at_least(least);
            let counts = AnnouncementKind::NEWS.into_iter().zip(&mut bulletin.counts);
            for (_, count) in counts.filter(|(kind, _)| *kind == announcement.kind) {
                *count += wanted.len() + uncounted;
            }
            match announcement.kind {
                AnnouncementKind::Resolved => {
                    bulletin.resolved.extend(wanted.iter().map(|item| item.finding.clone()));
                }
                AnnouncementKind::Digest => bulletin.digest.clone_from(&announcement.digest),
                AnnouncementKind::New | AnnouncementKind::Reopened | AnnouncementKind::Unknown => {
                    for severity in Severity::ALL.into_iter().filter(|severity| *severity >= least) {
                        bulletin.left_out.add(severity, announcement.left_out.of(severity));
                    }
                    for item in wanted {
                        bulletin.add(announcement.kind, item);
                    }
                }
            }
        }
        bulletin.sort();
        bulletin
    }

    /// Whether there is nothing that the channel wants to be told.
    pub fn is_empty(&self) -> bool {
        self.counts.iter().sum::<usize>() == 0 && self.digest.is_none()
    }

    /// How many findings of a kind of news there are.
    pub fn count(&self, kind: AnnouncementKind) -> usize {
        let counts = AnnouncementKind::NEWS.into_iter().zip(self.counts);
        counts.filter(|(one, _)| *one == kind).map(|(_, count)| count).sum()
    }

    fn add(&mut self, kind: AnnouncementKind, item: &NewsItem) {
        match self.groups.iter_mut().find(|group| group.kind == kind && group.cause == item.cause) {
            Some(group) => {
                group.severity = group.severity.max(item.finding.severity);
                group.items.push(item.clone());
            }
            None => self.groups.push(NewsGroup {
                severity: item.finding.severity,
                kind,
                cause: item.cause.clone(),
                items: vec![item.clone()],
            }),
        }
    }

    fn sort(&mut self) {
        for group in &mut self.groups {
            // Stable: within a severity the order of the history stays.
            group.items.sort_by_key(|item| std::cmp::Reverse(item.finding.severity));
        }
        self.groups.sort_by(|left, right| {
            let key = |group: &NewsGroup| (std::cmp::Reverse(group.severity), group.kind);
            key(left).cmp(&key(right)).then_with(|| left.cause.cmp(&right.cause))
        });
    }
}

fn id(announcements: &[Announcement]) -> String {
    match announcements {
        [one] => one.id.clone(),
        several => {
            let ids: Vec<&str> = several.iter().map(|one| one.id.as_str()).collect();
            sha256(ids.join("\n"), 16)
        }
    }
}
