//! What manages a resource already, as its tags say.

use std::collections::BTreeMap;

/// What made a resource, and would undo what is changed beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Manager {
    /// A CloudFormation stack of this name; CDK and SAM deploy such stacks.
    Stack(String),
    /// Terraform or OpenTofu, with the tag that says so.
    Terraform(String),
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
