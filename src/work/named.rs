//! What somebody names: a finding by its id or the beginning of it, or all that a policy found.

use super::{RootCause, causes, recommended};
use crate::finding::{Finding, Run, Verdict};
use crate::text::{Explained, Lang, Text, list, quoted};
use crate::written::closest;

/// What a name stands for.
#[derive(Debug, Clone)]
pub enum Shown<'r> {
    /// The root cause of a failure, with everything that it closes.
    Cause(RootCause<'r>),
    /// A verdict that is no failure.
    Verdict(&'r Finding),
}

/// Why a name stands for nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.what().en)]
pub enum NameError {
    /// Neither a finding nor a policy is called that.
    Nobody {
        /// What was written.
        name: String,
        /// The policy that was probably meant.
        meant: Option<String>,
    },
    /// Several ids begin like that.
    Several {
        /// What was written.
        name: String,
        /// The ids, sorted.
        ids: Vec<String>,
    },
    /// The policy has nothing open.
    NothingOpen {
        /// The policy's id.
        policy: String,
    },
}

/// So many ids are repeated in a message.
const MOST_IDS: usize = 5;

impl Explained for NameError {
    fn what(&self) -> Text {
        match self {
            NameError::Nobody { name, meant: Some(meant) } => {
                let name = quoted(name);
                Text::new(
                    format!("find a finding or a policy `{name}`; did you mean `{meant}`?"),
                    format!("`{name}` という指摘もポリシーもない。`{meant}` のことか。"),
                )
            }
            NameError::Nobody { name, meant: None } => {
                let name = quoted(name);
                Text::new(
                    format!("find a finding or a policy `{name}`; `tenken scan` shows the ids"),
                    format!("`{name}` という指摘もポリシーもない。ID は `tenken scan` で確認できる。"),
                )
            }
            NameError::Several { name, ids } => {
                let name = quoted(name);
                let ids: Vec<&str> = ids.iter().take(MOST_IDS).map(String::as_str).collect();
                Text::new(
                    format!(
                        "tell which finding `{name}` is: several ids begin like that ({})",
                        list(&ids, Lang::En)
                    ),
                    format!(
                        "`{name}` で始まる指摘が複数ある（{}）。ID をもっと長く指定する。",
                        list(&ids, Lang::Ja)
                    ),
                )
            }
            NameError::NothingOpen { policy } => Text::new(
                format!("find anything open under the policy {policy}: it found nothing to mend here"),
                format!("ポリシー {policy} に未対応の指摘はない。"),
            ),
        }
    }
}

/// The finding whose id this is, or begins like this; none where no id does.
///
/// # Errors
/// Several ids begin like this.
pub(crate) fn finding<'r>(
    findings: impl IntoIterator<Item = &'r Finding>,
    name: &str,
) -> Result<Option<&'r Finding>, NameError> {
    if name.is_empty() {
        return Ok(None);
    }
    let name = name.to_ascii_lowercase();
    let mut alike: Vec<&Finding> =
        findings.into_iter().filter(|finding| finding.id.starts_with(&name)).collect();
    alike.sort_by(|left, right| left.id.cmp(&right.id));
    alike.dedup_by(|left, right| left.id == right.id);
    match alike.as_slice() {
        [] => Ok(None),
        [only] => Ok(Some(*only)),
        several => {
            Err(NameError::Several { name, ids: several.iter().map(|finding| finding.id.clone()).collect() })
        }
    }
}

/// What the names stand for, in their order, each cause once.
///
/// # Errors
/// One of them stands for nothing, or for several findings.
pub fn named<'r>(run: &'r Run, names: &[String]) -> Result<Vec<Shown<'r>>, NameError> {
    let open = recommended(&run.findings);
    let mut found: Vec<Shown<'r>> = Vec::new();
    for name in names {
        let these = match finding(&run.findings, name)? {
            Some(finding) => vec![of_finding(finding, &open)],
            None => of_policy(run, name, &open)?,
        };
        for one in these {
            let is_there = found.iter().any(|other| first(other).is_some_and(|id| Some(id) == first(&one)));
            if !is_there {
                found.push(one);
            }
        }
    }
    Ok(found)
}

fn first<'n>(named: &'n Shown<'_>) -> Option<&'n str> {
    match named {
        Shown::Cause(cause) => cause.first().map(|finding| finding.id.as_str()),
        Shown::Verdict(finding) => Some(finding.id.as_str()),
    }
}

fn of_finding<'r>(finding: &'r Finding, open: &[RootCause<'r>]) -> Shown<'r> {
    let closes = |cause: &&RootCause<'r>| cause.findings.iter().any(|other| other.id == finding.id);
    if let Some(cause) = open.iter().find(closes) {
        return Shown::Cause(cause.clone());
    }
    // An accepted failure waits for nobody, and is mended by itself.
    let accepted =
        (finding.verdict == Verdict::Fail).then(|| causes(vec![(finding, finding.options.first())]));
    match accepted.and_then(|causes| causes.into_iter().next()) {
        Some(cause) => Shown::Cause(cause),
        None => Shown::Verdict(finding),
    }
}

fn of_policy<'r>(run: &'r Run, name: &str, open: &[RootCause<'r>]) -> Result<Vec<Shown<'r>>, NameError> {
    let Some(policy) = run.policy(name) else {
        let ids = run.policies.iter().map(|policy| policy.id.as_str());
        return Err(NameError::Nobody {
            name: name.to_owned(),
            meant: closest(name, ids).map(str::to_owned),
        });
    };
    let is_its = |finding: &&Finding| finding.policy == policy.id;
    let causes = open.iter().filter(|cause| cause.findings.iter().any(is_its));
    let unknown =
        run.findings.iter().filter(is_its).filter(|finding| matches!(finding.verdict, Verdict::Unknown(_)));
    let found: Vec<Shown<'r>> =
        causes.cloned().map(Shown::Cause).chain(unknown.map(Shown::Verdict)).collect();
    if found.is_empty() { Err(NameError::NothingOpen { policy: policy.id.clone() }) } else { Ok(found) }
}
