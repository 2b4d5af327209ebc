//! `tenken adopt`: `import` blocks that bring what exists into Terraform, in the order in which resources depend on each
//! other, a file for each part of the account. Terraform writes the configuration itself from them.

use crate::finding::{Run, matches};
use crate::snapshot::Snapshot;
use crate::terraform::adoptable::{Adoptable, adoptables};
use crate::terraform::arguments::provider_version;
use crate::terraform::layout::quoted;
use crate::terraform::manager::Manager;
use crate::text::{Explained, Lang, Text, harmless};
use std::collections::BTreeMap;

/// Which resources are adopted.
#[derive(Debug, Clone, Default)]
pub struct AdoptionChoice {
    /// Policies whose open failures say which; all policies where it is empty.
    pub policies: Vec<String>,
    /// Patterns of ARNs, in which `*` stands for anything; any where it is empty.
    pub resources: Vec<String>,
    /// Everything that was audited and that Terraform can import, whether it failed or not.
    pub is_everything: bool,
    /// What a stack or Terraform manages already as well.
    pub includes_managed: bool,
}

/// Why nothing can be adopted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.what().en)]
pub enum AdoptionError {
    /// The run has no such policy.
    NoSuchPolicy {
        /// What was asked for.
        id: String,
    },
    /// Nothing that Terraform can import is meant.
    Nothing,
}

impl Explained for AdoptionError {
    fn what(&self) -> Text {
        match self {
            AdoptionError::NoSuchPolicy { id } => Text::new(
                format!("find the policy {id}; `tenken policies list` shows all"),
                format!("ポリシー {id} はない。`tenken policies list` で確認できる。"),
            ),
            AdoptionError::Nothing => Text::new(
                "find a resource to adopt: none that is meant can be imported, or all are managed already; \
                 --all takes every audited resource, --include-managed those that are managed",
                "取り込めるリソースがない。対象にインポートできるものがないか、すべて管理済みである。--all で監査したすべてのリソース、\
                 --include-managed で管理済みのリソースも対象になる。",
            ),
        }
    }
}

/// A file of `import` blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdoptionFile {
    /// Its name, which says its place in the order.
    pub name: String,
    /// What it says.
    pub text: String,
}

/// What is adopted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adoption {
    /// What people read first: what to do next, and what was left out, a line for each.
    pub about: Vec<String>,
    /// The provider, for a folder without a configuration of its own.
    pub provider: AdoptionFile,
    /// The blocks, a file for each part of the account, in order.
    pub files: Vec<AdoptionFile>,
}

impl Adoption {
    /// All in one text, for a configuration that has its provider.
    pub fn one_text(&self) -> String {
        let mut text: String =
            self.about.iter().map(|line| format!("# {line}").trim_end().to_owned() + "\n").collect();
        for file in &self.files {
            text.push('\n');
            text.push_str(&file.text);
        }
        text
    }
}

/// The blocks for what is chosen.
///
/// # Errors
/// A policy that is not there, or nothing to adopt.
pub fn adopt(
    run: &Run,
    snapshot: &Snapshot,
    choice: &AdoptionChoice,
    lang: Lang,
) -> Result<Adoption, AdoptionError> {
    if let Some(id) = choice.policies.iter().find(|id| !run.policies.iter().any(|policy| policy.id == **id)) {
        return Err(AdoptionError::NoSuchPolicy { id: id.clone() });
    }
    let failed = |arn: &str| {
        run.findings.iter().filter(|finding| finding.is_open_failure()).any(|finding| {
            finding.resource == arn
                && (choice.policies.is_empty() || choice.policies.contains(&finding.policy))
        })
    };
    let is_meant = |one: &Adoptable| {
        (choice.is_everything || failed(&one.arn))
            && (choice.resources.is_empty()
                || choice.resources.iter().any(|pattern| matches(pattern, &one.arn)))
    };
    let meant: Vec<Adoptable> = adoptables(snapshot).into_iter().filter(is_meant).collect();
    let (left_out, taken): (Vec<Adoptable>, Vec<Adoptable>) =
        meant.into_iter().partition(|one| one.is_left_out(choice.includes_managed));
    if taken.is_empty() {
        return Err(AdoptionError::Nothing);
    }
    let home = home(&taken);
    let mut services: Vec<(&str, Vec<&Adoptable>)> = Vec::new();
    for one in &taken {
        match services.iter_mut().find(|(service, _)| *service == one.service) {
            Some((_, list)) => list.push(one),
            None => services.push((one.service, vec![one])),
        }
    }
    let files = services
        .iter()
        .enumerate()
        .map(|(index, (service, list))| AdoptionFile {
            name: format!("imports_{}_{service}.tf", index + 1),
            text: list.iter().map(|one| import(one, &home)).collect::<Vec<_>>().join("\n"),
        })
        .collect();
    Ok(Adoption {
        about: about(run, &home, &taken, &left_out, lang),
        provider: AdoptionFile { name: "providers.tf".to_owned(), text: provider(&run.account, &home) },
        files,
    })
}

// The region of most resources, which the provider is configured for.
fn home(taken: &[Adoptable]) -> String {
    let mut regions: BTreeMap<&str, usize> = BTreeMap::new();
    for one in taken.iter().filter(|one| is_region(&one.region)) {
        *regions.entry(&one.region).or_default() += 1;
    }
    regions
        .iter()
        .max_by_key(|(_, times)| **times)
        .map_or_else(String::new, |(region, _)| (*region).to_owned())
}

fn is_region(region: &str) -> bool {
    region.contains('-')
}

fn import(one: &Adoptable, home: &str) -> String {
    let elsewhere =
        if is_region(&one.region) && one.region != home { format!("@{}", one.region) } else { String::new() };
    let id = quoted(&format!("{}{elsewhere}", one.import_id));
    format!("import {{\n  to = {}\n  id = {id}\n}}\n", one.address())
}

fn provider(account: &str, home: &str) -> String {
    format!(
        "terraform {{\n  required_version = \">= 1.5\"\n\n  required_providers {{\n    aws = {{\n      source  = \"hashicorp/aws\"\n      \
         version = \">= {}, < 7\"\n    }}\n  }}\n}}\n\nprovider \"aws\" {{\n  region              = {}\n  allowed_account_ids = [{}]\n}}\n",
        provider_version(),
        quoted(home),
        quoted(account)
    )
}

fn about(run: &Run, home: &str, taken: &[Adoptable], left_out: &[Adoptable], lang: Lang) -> Vec<String> {
    let (count, version) = (taken.len(), provider_version());
    let mut lines = match lang {
        Lang::En => vec![
            format!("tenken adopt: account {}, as of {}: {count} resources", run.account, run.taken_at),
            "Nothing has been changed. An import changes nothing in AWS either; it writes Terraform's state.".to_owned(),
            format!("Terraform 1.5 or later, or OpenTofu 1.6 or later; hashicorp/aws {version} or later, before 7."),
            "1. terraform init".to_owned(),
            format!("2. AWS_REGION={home} terraform plan -generate-config-out=adopted.tf"),
            "3. Read adopted.tf. Take out arguments that contradict each other, and values of secrets.".to_owned(),
            format!("4. AWS_REGION={home} terraform plan: only imports, nothing to add, change or destroy. Then apply."),
            "5. Delete the import blocks, set default_tags of the provider to ManagedBy = \"Terraform\", and apply: only tags change, and show what is managed. From here on, change resources in the configuration alone.".to_owned(),
        ],
        Lang::Ja => vec![
            format!("tenken adopt: アカウント {}、{} 時点: {count} 個のリソース", run.account, run.taken_at),
            "まだ何も変更していない。インポートしても AWS 側は変わらず、Terraform のステートに書き込まれるだけである。".to_owned(),
            format!("Terraform 1.5 以降または OpenTofu 1.6 以降、hashicorp/aws {version} 以降（7 未満）が必要。"),
            "1. terraform init".to_owned(),
            format!("2. AWS_REGION={home} terraform plan -generate-config-out=adopted.tf"),
            "3. adopted.tf を確認し、互いに競合する引数とシークレットの値を取り除く。".to_owned(),
            format!("4. AWS_REGION={home} terraform plan を実行し、インポートだけで追加・変更・削除がないことを確認してから apply する。"),
            "5. import ブロックを削除し、プロバイダーの default_tags に ManagedBy = \"Terraform\" を設定して apply する。変わるのはタグだけで、管理されているリソースが分かるようになる。以後の変更は必ず構成ファイルで行う。".to_owned(),
        ],
    };
    lines.extend(left_out.iter().map(|one| {
        let why = why_left_out(one, lang);
        let line = match lang {
            Lang::En => format!("left out: {} ({}): {why}", one.address(), one.arn),
            Lang::Ja => format!("対象外: {}（{}）: {why}", one.address(), one.arn),
        };
        harmless(&line).into_owned()
    }));
    lines
}

fn why_left_out(one: &Adoptable, lang: Lang) -> String {
    match (one.manager(), lang) {
        (Some(Manager::Stack(stack)), Lang::En) => format!("the stack {stack} manages it"),
        (Some(Manager::Stack(stack)), Lang::Ja) => format!("スタック {stack} で管理されている"),
        (Some(Manager::Terraform(tag)), Lang::En) => format!("Terraform manages it, as the tag {tag} says"),
        (Some(Manager::Terraform(tag)), Lang::Ja) => format!("Terraform で管理されている（タグ {tag}）"),
        (None, Lang::En) => {
            "secrets are in it in plain text; an import would write them into the configuration. Move them first".to_owned()
        }
        (None, Lang::Ja) => {
            "シークレットが平文で含まれており、インポートすると構成ファイルに書き出される。先に移行する".to_owned()
        }
    }
}
