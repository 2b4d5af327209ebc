//! The part about what could not be judged: which questions got no answer, why, what
//! hangs on them and what would settle them.

use crate::finding::{Run, Severity, label};
use crate::report::page::screen::{BOLD, DIM, OPEN, PLAIN, Page};
use crate::report::scan::question::{
    Group, Key, about_permissions, cause_words, hanging, questions, remedy, statement, what,
};
use crate::report::words::{severity_sign, severity_word};
use crate::text::{Lang, list_some, number, pad, width};

pub(super) fn write(page: &mut Page, run: &Run) {
    let groups = questions(run);
    if groups.is_empty() {
        return;
    }
    let lang = page.lang;
    let unknown = run.totals().unknown;
    page.blank();
    let text = match (unknown, lang) {
        (0, Lang::En) => "Questions without an answer (no verdict hangs on them)".to_owned(),
        (0, Lang::Ja) => "回答が得られなかった問い合わせ（判定への影響なし）".to_owned(),
        (count, Lang::En) => {
            format!("Could not be judged: {} (none of them counts as passed)", number(count))
        }
        (count, Lang::Ja) => {
            format!("判定できなかったもの: {} 件（合格には数えていない）", number(count))
        }
    };
    page.paragraph(0, (OPEN, "??? "), BOLD, &text);
    for (key, group) in &groups {
        page.blank();
        write_group(page, key, group, unknown > 0);
    }
    write_permissions(page, &run.missing_permissions());
}

fn write_group(page: &mut Page, key: &Key<'_>, group: &Group<'_>, some_unknown: bool) {
    let lang = page.lang;
    let what = what(key, lang);
    let why = match key.code {
        "" => cause_words(key, lang).to_owned(),
        code => match lang {
            Lang::En => format!("{} ({code})", cause_words(key, lang)),
            Lang::Ja => format!("{}（{code}）", cause_words(key, lang)),
        },
    };
    let heading = match lang {
        Lang::En => format!("{what} in {}: {why}", key.region),
        Lang::Ja => format!("{what}、{}: {why}", key.region),
    };
    page.paragraph(2, (PLAIN, ""), BOLD, &heading);
    if !group.abouts.is_empty() {
        let abouts: Vec<String> = group.abouts.iter().map(|about| label(about, lang)).collect();
        page.paragraph(4, (PLAIN, lang.pick("about ", "対象: ")), PLAIN, &list_some(&abouts, 5, lang));
    }
    write_hanging(page, group, some_unknown);
    let settle = lang.pick("to settle: ", "解消方法: ");
    page.paragraph(4, (OPEN, settle), PLAIN, &remedy(key, group, lang));
}

/// The verdicts that hang on a question, a line for each policy.
fn write_hanging(page: &mut Page, group: &Group<'_>, some_unknown: bool) {
    let lang = page.lang;
    if group.findings.is_empty() {
        if some_unknown {
            page.line(4, &[(DIM, lang.pick("no verdict hangs on it", "判定への影響なし"))]);
        }
        return;
    }
    let words = Severity::ALL.map(|severity| width(severity_word(severity, lang)));
    let columns = words.into_iter().max().unwrap_or(0);
    for (severity, policy, names) in hanging(group, lang) {
        let word = pad(severity_word(severity, lang), columns);
        let lead = format!("{} {word}  ", pad(severity_sign(severity), 3));
        let text = format!("{policy}: {}", list_some(&names, 5, lang));
        page.paragraph(4, (PLAIN, &lead), PLAIN, &text);
    }
}

/// A policy statement with everything that was denied, for the clipboard.
fn write_permissions(page: &mut Page, permissions: &[&str]) {
    if permissions.is_empty() {
        return;
    }
    let lang = page.lang;
    page.blank();
    page.paragraph(2, (PLAIN, ""), PLAIN, about_permissions(lang));
    page.command(4, &statement(permissions));
}
