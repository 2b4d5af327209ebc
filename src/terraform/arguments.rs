//! The arguments of the resource types whose blocks tenken writes for what exists already, as the AWS provider has them.

use std::sync::LazyLock;

const TABLE: &str = include_str!("schema.tsv");

/// A resource type of the provider.
#[derive(Debug)]
pub(crate) struct ResourceType {
    /// Its name, for instance `aws_lb`.
    pub name: &'static str,
    /// What must be written.
    pub required: Vec<&'static str>,
    /// Blocks that may be written once.
    pub single_blocks: Vec<&'static str>,
    /// Blocks that may be written several times.
    pub repeated_blocks: Vec<&'static str>,
    /// What is written with `=`.
    pub arguments: Vec<&'static str>,
}

impl ResourceType {
    /// Of a name; `None` for what the table does not have.
    pub(crate) fn named(name: &str) -> Option<&'static ResourceType> {
        static TYPES: LazyLock<Vec<ResourceType>> = LazyLock::new(|| TABLE.lines().filter_map(row).collect());
        TYPES.iter().find(|one| one.name == name)
    }

    /// The names of all arguments and blocks, in order.
    pub(crate) fn names(&self) -> Vec<&'static str> {
        let lists = [&self.single_blocks, &self.repeated_blocks, &self.arguments];
        let mut names: Vec<&str> = lists.into_iter().flatten().copied().collect();
        names.sort_unstable();
        names
    }
}

fn row(line: &'static str) -> Option<ResourceType> {
    if line.starts_with('#') {
        return None;
    }
    let mut columns = line.split('\t');
    let name = columns.next()?;
    let mut list = || -> Vec<&'static str> {
        columns.next().unwrap_or_default().split(',').filter(|name| !name.is_empty()).collect()
    };
    let (required, single_blocks, repeated_blocks, arguments) = (list(), list(), list(), list());
    Some(ResourceType { name, required, single_blocks, repeated_blocks, arguments })
}

/// The version of the provider that the table is of.
pub(crate) fn provider_version() -> &'static str {
    let words = TABLE.lines().next().unwrap_or_default().split_whitespace();
    words.skip_while(|word| *word != "hashicorp/aws").nth(1).unwrap_or_default().trim_end_matches(',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read() {
        assert!(provider_version().starts_with("6."), "{}", provider_version());
        let listener = ResourceType::named("aws_lb_listener").unwrap();
        assert_eq!(listener.required, ["default_action", "load_balancer_arn"]);
        assert_eq!(listener.repeated_blocks, ["default_action"]);
        assert!(listener.names().is_sorted() && listener.names().contains(&"ssl_policy"));
        assert!(ResourceType::named("aws_lb_listening").is_none());
    }
}
