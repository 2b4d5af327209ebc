//! Which operations answer which question: the way from a policy to the permissions it needs.

use super::SERVICES;
use super::operation::{self, Operation};

/// A list (`rds.db_instances`) or a fact that a call of its own fetches
/// (`LoadBalancer.listeners`), and the operations behind it as `service:Operation`. A list
/// that is asked for on the way to another counts for both. Each service's file lists its own.
pub type SourceRow = (&'static str, &'static [&'static str]);

fn sources() -> impl Iterator<Item = &'static SourceRow> {
    SERVICES.iter().flat_map(|service| service.sources)
}

/// The operations that a list or fact comes from; none for a name that is neither.
pub fn operations(source: &str) -> impl Iterator<Item = &'static Operation> {
    let found = sources().find(|(name, _)| *name == source);
    let ids = found.map(|(_, ids)| *ids).unwrap_or_default();
    ids.iter()
        .filter_map(|id| id.split_once(':'))
        .filter_map(|(service, name)| operation::find(service, name))
}

/// Whether a list or fact has a source.
pub(crate) fn is_source(source: &str) -> bool {
    sources().any(|(name, _)| *name == source)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::Snapshot;
    use crate::snapshot::shape::{RecordShape, Type};

    fn facts(shape: &'static RecordShape, seen: &mut Vec<&'static str>, found: &mut Vec<String>) {
        if seen.contains(&shape.name) {
            return;
        }
        seen.push(shape.name);
        for field in &shape.fields {
            if matches!(field.ty, Type::Known(_)) {
                found.push(format!("{}.{}", shape.name, field.name));
            }
            let mut ty = &field.ty;
            while let Type::Known(inner) | Type::Nullable(inner) | Type::List(inner) = ty {
                ty = inner;
            }
            if let Type::Record(inner) = ty {
                facts(inner(), seen, found);
            }
        }
    }

    #[test]
    fn every_list_and_fact_has_its_operations_and_they_are_in_the_table() {
        let mut expected = Vec::new();
        let mut seen = Vec::new();
        for (section, shape) in Snapshot::section_shapes() {
            for listing in &shape().fields {
                expected.push(format!("{section}.{}", listing.name));
            }
            facts(shape(), &mut seen, &mut expected);
        }
        let mut named: Vec<&str> = sources().map(|(name, _)| *name).collect();
        named.sort_unstable();
        expected.sort();
        assert_eq!(named, expected);
        for (name, ids) in sources() {
            assert_eq!(
                operations(name).count(),
                ids.len(),
                "{name} names an operation that is not in the table"
            );
        }
    }

    #[test]
    fn every_operation_answers_something() {
        let used: Vec<&Operation> = sources().flat_map(|(name, _)| operations(name)).collect();
        for operation in operation::OPERATIONS {
            let is_opening =
                ["sts:GetCallerIdentity", "ec2:DescribeRegions"].contains(&operation.id().as_str());
            assert!(is_opening || used.contains(operation), "{} answers nothing", operation.id());
        }
    }
}
