//! What tenken says about itself: its policies and their examples, the permissions that they take,
//! and the references that are generated from the code.

use super::RunError;
use crate::finding::Pillar;
use crate::policy::{Policy, PolicySet};
use crate::snapshot::operation::{OPERATIONS, Operation, find};
use crate::text::Text;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Checks the policies of a folder, or those built in, and runs their examples; gives
/// the number of policies and of examples.
///
/// # Errors
/// Every problem of every file, or every example that comes out otherwise.
pub fn test_policies(folder: Option<&Path>) -> Result<(usize, usize), RunError> {
    let set = match folder {
        Some(folder) => PolicySet::folder(folder)?,
        None => PolicySet::embedded()?,
    };
    let examples = set.run_examples()?;
    Ok((set.policies.len(), examples))
}

/// Writes the beginning of a policy into `folder/pillar/id.yaml`: a complete, sound
/// policy to change.
///
/// # Errors
/// The id or pillar is not usable, the file exists, or the file system says no.
pub fn new_policy(id: &str, folder: &Path, pillar: &str) -> Result<PathBuf, RunError> {
    let path = folder.join(pillar).join(format!("{id}.yaml"));
    let failed = |reason: Text| RunError::unwritten(&path, reason);
    let unwritten = |error: std::io::Error| failed(crate::text::system_error(&error));
    let text = include_str!("../policy/new.yaml").replace("ID", id).replace("PILLAR", pillar);
    if let Err(problems) = crate::policy::file::read(&path.display().to_string(), &text, &Default::default())
    {
        let first = problems.into_iter().next().map(|problem| problem.message).unwrap_or_default();
        return Err(failed(first));
    }
    std::fs::create_dir_all(folder.join(pillar)).map_err(unwritten)?;
    // A link that leads nowhere yet is somebody's as well.
    let created = std::fs::File::create_new(&path);
    let mut file = created.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            failed(Text::new("it exists already; choose another id", "すでに存在する。別の ID を指定する。"))
        }
        _ => unwritten(error),
    })?;
    file.write_all(text.as_bytes()).map_err(unwritten)?;
    Ok(path)
}

/// The IAM policy of a whole scan, as JSON: what its collectors send, whether a verdict, the bill or
/// nothing yet depends on the answer. With these permissions a scan has no gap for want of one.
pub fn permissions() -> String {
    policy_document(OPERATIONS.iter().copied())
}

/// The least IAM policy that the verdicts of these policies need, as JSON. What opens a scan (naming the
/// account, listing regions for `--region all`) is always in it. A scan asks more than that, and is
/// refused what nothing here depends on.
pub fn permissions_of(policies: &PolicySet) -> String {
    let opening = find("ec2", "DescribeRegions");
    policy_document(policies.policies.iter().flat_map(crate::policy::reads::operations).chain(opening))
}

fn policy_document<'o>(needed: impl Iterator<Item = &'o Operation>) -> String {
    let actions: BTreeSet<&str> = needed.flat_map(|operation| operation.permissions).copied().collect();
    let policy = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{ "Sid": "TenkenReadsConfiguration", "Effect": "Allow", "Action": actions, "Resource": "*" }],
    });
    format!("{policy:#}")
}

/// The JSON Schema of a saved snapshot.
pub fn snapshot_schema() -> serde_json::Value {
    crate::snapshot::schema::snapshot_schema()
}

/// The JSON Schema of a policy file, for editors.
pub fn policy_schema() -> serde_json::Value {
    crate::policy::schema::policy_schema()
}

/// The fields that expressions can name, and the conclusions they can call, in Markdown.
pub fn field_reference() -> String {
    let mut text = crate::snapshot::schema::field_reference();
    text.push_str(&crate::policy::schema::conclusion_reference());
    text
}

/// The guide for authors and the index of the built-in policies, in Markdown.
///
/// # Errors
/// Never in a tested build.
pub fn policy_index() -> Result<String, RunError> {
    let set = PolicySet::embedded()?;
    let mut text = include_str!("../policy/guide.md").to_owned();
    for pillar in Pillar::ALL {
        let mut rows: Vec<&Policy> = set.policies.iter().filter(|policy| policy.pillar == pillar).collect();
        rows.sort_by(|left, right| right.severity.cmp(&left.severity).then_with(|| left.id.cmp(&right.id)));
        if rows.is_empty() {
            continue;
        }
        text.push_str(&format!(
            "\n### {}\n\n| policy | severity | English | 日本語 | mapping |\n|---|---|---|---|---|\n",
            pillar.as_str()
        ));
        for policy in rows {
            let mapping: Vec<String> = policy
                .compliance
                .iter()
                .map(|(framework, ids)| format!("{framework} {}", ids.join(", ")))
                .collect();
            text.push_str(&format!(
                "| [`{id}`]({pillar}/{id}.yaml) | {} | {} | {} | {} |\n",
                policy.severity,
                policy.title.en,
                policy.title.ja,
                mapping.join("; "),
                id = policy.id,
                pillar = pillar.as_str(),
            ));
        }
    }
    Ok(text)
}
