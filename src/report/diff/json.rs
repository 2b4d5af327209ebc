//! What changed, for programs.

use crate::history::diff::Difference;
use crate::report::page::json::pretty;
use crate::report::scan::json::ChangeForm;
use serde::Serialize;

/// The version of the form.
pub(crate) const FORMAT_VERSION: u32 = 1;

#[derive(Serialize)]
struct DifferenceForm<'a> {
    /// [`FORMAT_VERSION`].
    format_version: u32,
    account: &'a str,
    /// When the base began; null for an empty history.
    from: Option<&'a str>,
    /// When the second run began.
    to: &'a str,
    /// What changed.
    changes: Vec<ChangeForm<'a>>,
    /// Findings in regions that the second did not look at.
    not_looked_at: usize,
}

/// The difference, the same in every language.
pub(super) fn render(difference: &Difference) -> Vec<u8> {
    pretty(&DifferenceForm {
        format_version: FORMAT_VERSION,
        account: &difference.account,
        from: difference.from.as_deref(),
        to: &difference.to,
        changes: difference.changes.iter().map(ChangeForm::new).collect(),
        not_looked_at: difference.not_looked_at,
    })
}
