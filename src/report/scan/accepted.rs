//! The part about failures that somebody has accepted for a while: one line for each.

use crate::finding::{Acceptance, Finding, Run, label};
use crate::report::page::screen::{BOLD, PLAIN, Page};
use crate::text::{Lang, number};

pub(super) fn write(page: &mut Page, run: &Run) {
    let accepted: Vec<(&Finding, &Acceptance)> = run
        .findings
        .iter()
        .filter_map(|finding| finding.accepted.as_ref().map(|acceptance| (finding, acceptance)))
        .collect();
    if accepted.is_empty() {
        return;
    }
    let lang = page.lang;
    let count = number(accepted.len());
    let text = match lang {
        Lang::En => format!("Accepted: {count} (not counted as failed)"),
        Lang::Ja => format!("受容済み: {count} 件（不合格には数えていない）"),
    };
    page.blank();
    page.paragraph(0, (PLAIN, ""), BOLD, &text);
    for (finding, acceptance) in accepted {
        let mut name = label(&finding.resource, lang);
        if !finding.discriminator.is_empty() {
            name = format!("{name} [{}]", finding.discriminator);
        }
        let Acceptance { reason, owner, until } = acceptance;
        let (severity, policy) =
            (crate::report::words::severity_word(finding.severity, lang), &finding.policy);
        let text = match lang {
            Lang::En => format!("{name}, {policy} ({severity}), by {owner} until {until}: {reason}"),
            Lang::Ja => format!("{name}、{policy}（{severity}）、{owner} が {until} まで: {reason}"),
        };
        page.paragraph(2, (PLAIN, "- "), PLAIN, &text);
    }
}
