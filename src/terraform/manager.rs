//! What manages a resource already, as its tags say.

use crate::snapshot::{GapId, Known, Snapshot};
use crate::text::{Text, harmless};
use std::collections::BTreeMap;

/// What made a resource, and would undo what is changed beside it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Manager {
    /// A CloudFormation stack of this name; CDK and SAM deploy such stacks.
    Stack(String),
    /// Terraform or OpenTofu, with the tag that says so.
    Terraform(String),
}

impl Manager {
    /// Where a change belongs, and what becomes of one that is made elsewhere.
    pub(crate) fn warning(&self) -> Text {
        match self {
            Manager::Stack(stack) => {
                let stack = harmless(stack);
                Text::new(
                    format!(
                        "Managed by the stack {stack}: change it there, or the next deployment undoes this."
                    ),
                    format!(
                        "スタック {stack} で管理されているため、変更はスタック側で行う。直接変更しても、次のデプロイで元に戻る。"
                    ),
                )
            }
            Manager::Terraform(tag) => {
                let tag = harmless(tag);
                Text::new(
                    format!(
                        "Managed by Terraform (tag {tag}): change it there, or the next apply undoes this."
                    ),
                    format!(
                        "Terraform で管理されているため（タグ {tag}）、変更は構成ファイル側で行う。直接変更しても、次の apply で元に戻る。"
                    ),
                )
            }
        }
    }
}

/// What the tags of a resource say about who manages it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum TagSight {
    /// Nobody looks at its tags, or nobody expects any: AWS made it with something else.
    #[default]
    NotLookedAt,
    /// AWS would not give its tags.
    Hidden(GapId),
    /// They name no manager.
    Nobody,
    /// They name this one.
    Managed(Manager),
}

impl TagSight {
    /// What these tags say.
    pub(crate) fn of(tags: &BTreeMap<String, String>) -> TagSight {
        manager(tags).map_or(TagSight::Nobody, TagSight::Managed)
    }

    /// The same of tags that are a fact of their own.
    pub(crate) fn of_known(tags: &Known<BTreeMap<String, String>>) -> TagSight {
        match tags {
            Known::Yes(tags) => TagSight::of(tags),
            Known::No(gap) => TagSight::Hidden(gap.clone()),
        }
    }

    /// Who manages the resource, as far as that is known.
    pub(crate) fn manager(&self) -> Option<&Manager> {
        match self {
            TagSight::Managed(manager) => Some(manager),
            TagSight::NotLookedAt | TagSight::Hidden(_) | TagSight::Nobody => None,
        }
    }
}

/// The resources that are managed, by ARN, as far as the snapshot has their tags.
pub(crate) fn managers(snapshot: &Snapshot) -> BTreeMap<&str, Manager> {
    let (ec2, rds, ecs, elb) = (&snapshot.ec2, &snapshot.rds, &snapshot.ecs, &snapshot.elb);
    let known = (ec2.route_tables.iter().map(|one| (&one.arn, &one.tags)))
        .chain(ec2.network_acls.iter().map(|one| (&one.arn, &one.tags)))
        .chain(ec2.internet_gateways.iter().map(|one| (&one.arn, &one.tags)))
        .chain(ec2.nat_gateways.iter().map(|one| (&one.arn, &one.tags)))
        .chain(ec2.vpc_endpoints.iter().map(|one| (&one.arn, &one.tags)))
        .chain(elb.load_balancers.iter().map(|one| (&one.arn, &one.tags)))
        .chain(elb.target_groups.iter().map(|one| (&one.arn, &one.tags)))
        .chain(snapshot.secretsmanager.secrets.iter().map(|one| (&one.arn, &one.tags)));
    let known = known.filter_map(|(arn, tags)| Some((arn, tags.known()?)));
    let tagged = (ec2.vpcs.iter().map(|one| (&one.arn, &one.tags)))
        .chain(ec2.subnets.iter().map(|one| (&one.arn, &one.tags)))
        .chain(ec2.security_groups.iter().map(|one| (&one.arn, &one.tags)))
        .chain(rds.db_instances.iter().map(|one| (&one.arn, &one.tags)))
        .chain(rds.db_clusters.iter().map(|one| (&one.arn, &one.tags)))
        .chain(ecs.clusters.iter().map(|one| (&one.arn, &one.tags)))
        .chain(ecs.services.iter().map(|one| (&one.arn, &one.tags)));
    tagged.chain(known).filter_map(|(arn, tags)| Some((arn.as_str(), manager(tags)?))).collect()
}

/// The tag that CloudFormation puts on what a stack makes.
const STACK: &str = "aws:cloudformation:stack-name";

/// Tags under which teams note what made a resource, in lower case, without signs.
const NOTES: &[&str] = &["managedby", "createdby", "provisioner", "provisionedby", "iac", "tool"];

/// Who manages a resource with these tags.
pub(crate) fn manager(tags: &BTreeMap<String, String>) -> Option<Manager> {
    if let Some(stack) = tags.get(STACK) {
        return Some(Manager::Stack(stack.clone()));
    }
    let found = tags.iter().find(|(key, value)| is_of_terraform(key, value))?;
    Some(Manager::Terraform(format!("{}={}", found.0, found.1)))
}

fn is_of_terraform(key: &str, value: &str) -> bool {
    let plain = |text: &str| -> String {
        text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
    };
    let (key, value) = (plain(key), plain(value));
    let is_tool =
        |text: &str| ["terraform", "opentofu", "terragrunt"].iter().any(|tool| text.starts_with(tool));
    if is_tool(&key) {
        return !matches!(value.as_str(), "false" | "no" | "0" | "none");
    }
    NOTES.contains(&key.as_str()) && is_tool(&value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_say_who_manages() {
        let of = |key: &str, value: &str| manager(&BTreeMap::from([(key.to_owned(), value.to_owned())]));
        assert_eq!(of("aws:cloudformation:stack-name", "shop"), Some(Manager::Stack("shop".to_owned())));
        for (key, value) in [
            ("terraform", "true"),
            ("Terraform", ""),
            ("ManagedBy", "Terraform"),
            ("managed-by", "terraform"),
            ("managed_by", "OpenTofu"),
            ("terraform:workspace", "production"),
            ("Provisioner", "terragrunt"),
        ] {
            assert_eq!(of(key, value), Some(Manager::Terraform(format!("{key}={value}"))));
        }
        for (key, value) in
            [("terraform", "false"), ("Name", "terraform-test"), ("ManagedBy", "hand"), ("team", "shop")]
        {
            assert_eq!(of(key, value), None, "{key}={value}");
        }
    }
}
