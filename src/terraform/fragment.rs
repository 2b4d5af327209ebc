//! Fragments of Terraform as policies write them: blocks of resources, data sources, variables and locals, read with
//! a parser of HCL. What is no file by itself, or refers to what it does not declare, is a problem.

use hcl_edit::expr::{Expression, Traversal, TraversalOperator};
use hcl_edit::structure::{Block, Body, Structure};
use hcl_edit::visit::{Visit, visit_traversal};
use hcl_edit::{Decorate, Ident};
use std::collections::BTreeSet;

/// The label of the block that stands for the audited resource itself.
pub(crate) const OWN: &str = "this";

/// Reads a fragment.
///
/// # Errors
/// The line, and what is wrong there.
pub(crate) fn read(text: &str) -> Result<Body, (usize, String)> {
    text.parse().map_err(|error: hcl_edit::parser::Error| {
        (error.location().line(), format!("not Terraform: {}", error.message()))
    })
}

/// The name under which expressions refer to what a block declares: `aws_lb.this`, `data.aws_region.here`, `var.name`.
pub(crate) fn address(block: &Block) -> Option<String> {
    let labels: Vec<&str> = block.labels.iter().map(|label| label.as_str()).collect();
    Some(match (block.ident.as_str(), labels.as_slice()) {
        ("resource", [kind, name]) => format!("{kind}.{name}"),
        ("data", [kind, name]) => format!("data.{kind}.{name}"),
        ("variable", [name]) => format!("var.{name}"),
        _ => return None,
    })
}

/// Everything that a fragment declares.
pub(crate) fn declared(body: &Body) -> Vec<String> {
    let mut declared = Vec::new();
    for block in body.blocks() {
        declared.extend(address(block));
        if block.has_ident("locals") {
            declared.extend(block.body.attributes().map(|local| format!("local.{}", local.key.as_str())));
        }
    }
    declared
}

/// Everything that expressions refer to, in order.
pub(crate) fn references(body: &Body) -> BTreeSet<String> {
    let mut found = References::default();
    found.visit_body(body);
    found.0
}

/// What an expression leads to, as [`address`] writes it, and how many of its steps that takes.
pub(crate) fn reference(traversal: &Traversal) -> Option<(String, usize)> {
    let Expression::Variable(root) = &traversal.expr else {
        return None;
    };
    let step = |at: usize| match traversal.operators.get(at).map(|step| step.value()) {
        Some(TraversalOperator::GetAttr(name)) => Some(name.as_str()),
        _ => None,
    };
    match root.as_str() {
        "data" => Some((format!("data.{}.{}", step(0)?, step(1)?), 2)),
        root @ ("var" | "local") => Some((format!("{root}.{}", step(0)?), 1)),
        // Others are names of `dynamic` blocks and of `for`.
        root if root.starts_with("aws_") => Some((format!("{root}.{}", step(0)?), 1)),
        _ => None,
    }
}

#[derive(Default)]
struct References(BTreeSet<String>);

impl Visit for References {
    fn visit_traversal(&mut self, traversal: &Traversal) {
        self.0.extend(reference(traversal).map(|(address, _)| address));
        visit_traversal(self, traversal);
    }
}

/// The words of the comment above a block or an argument.
pub(crate) fn comment_above(item: &impl Decorate) -> Vec<String> {
    let above = item.decor().prefix().map(|text| text.to_string()).unwrap_or_default();
    let lines = above.lines().filter_map(|line| line.trim().strip_prefix('#'));
    lines.map(|line| line.trim().to_owned()).collect()
}

/// What is wrong with a fragment: lines, and what there.
pub(crate) fn problems(text: &str) -> Vec<(usize, String)> {
    let body = match read(text) {
        Ok(body) => body,
        Err(problem) => return vec![problem],
    };
    let mut problems = Vec::new();
    for structure in &body {
        match structure {
            Structure::Attribute(attribute) => problems.push(format!(
                "`{}` is in no block; write the block of its resource, with the label \"{OWN}\" for the audited one",
                attribute.key.as_str()
            )),
            Structure::Block(block) => problems.extend(of_block(block)),
        }
    }
    let declared = declared(&body);
    let mut seen = BTreeSet::new();
    problems.extend(
        declared
            .iter()
            .filter(|one| !seen.insert(*one))
            .map(|address| format!("`{address}` is declared twice")),
    );
    let references = references(&body);
    let lost = references.iter().filter(|address| !declared.contains(address));
    problems.extend(lost.map(|address| {
        format!("`{address}` is not declared; write its block, a data source or a variable with a comment above it")
    }));
    let idle =
        declared.iter().filter(|address| address.starts_with("var.") && !references.contains(*address));
    problems.extend(idle.map(|address| format!("`{address}` is not used")));
    problems.into_iter().map(|problem| (1, problem)).collect()
}

fn of_block(block: &Block) -> Option<String> {
    let (kind, labels) = (block.ident.as_str(), block.labels.len());
    match (kind, labels) {
        ("resource" | "data", 2) | ("locals", 0) => None,
        ("variable", 1) if comment_above(block).is_empty() => {
            Some("a variable has no comment above it; the comment becomes its description".to_owned())
        }
        ("variable", 1) => None,
        _ => Some(format!(
            "a block `{kind}` with {labels} labels; resource, data, variable and locals are known"
        )),
    }
}

/// A name as an identifier of Terraform.
pub(crate) fn identifier(name: &str) -> Ident {
    Ident::new_sanitized(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> Vec<String> {
        problems(text).into_iter().map(|(_, problem)| problem).collect()
    }

    #[test]
    fn whole_fragments_are_sound() {
        let text = "# the group ## x\nvariable \"group\" {\n  type = string\n}\n\ndata \"aws_region\" \"here\" {}\n\n\
                    resource \"aws_lb\" \"this\" {\n  name = \"a${var.group}\"\n\n  dynamic \"x\" {\n    for_each = [1]\n    \
                    content {\n      y = x.value\n      z = [for one in local.a : one.name if data.aws_region.here.id != one]\n    \
                    }\n  }\n}\n\nlocals {\n  a = { b = aws_lb.this.arn }\n}\n";
        assert_eq!(wrong(text), Vec::<String>::new());
        let body = read(text).unwrap();
        let expected = ["aws_lb.this", "data.aws_region.here", "local.a", "var.group"];
        assert_eq!(references(&body).into_iter().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_is_no_file_by_itself_is_a_problem() {
        for (text, expected) in [
            ("a = 1\n", "`a` is in no block"),
            ("resource \"a\" \"b\" {\n  c = 1\n  c = 2\n}\n", "not Terraform"),
            ("\"mode\": \"x\"\n", "not Terraform"),
            ("resource \"aws_a\" \"b\" {}\nresource \"aws_a\" \"b\" {}\n", "declared twice"),
            ("resource \"aws_a\" \"b\" {\n  c = \"x${aws_d.e.f}\"\n}\n", "`aws_d.e` is not declared"),
            ("resource \"aws_a\" \"b\" {\n  c = data.aws_d.e.f\n}\n", "`data.aws_d.e` is not declared"),
            ("resource \"aws_a\" \"b\" {\n  c = var.d\n}\n", "`var.d` is not declared"),
            ("variable \"a\" {}\n", "no comment"),
            ("# a\nvariable \"a\" {}\n", "not used"),
            ("module \"a\" {}\n", "resource, data, variable and locals"),
        ] {
            let found = wrong(text);
            assert!(found.iter().any(|problem| problem.contains(expected)), "{text}: {found:?}");
        }
    }
}
