//! Policy documents: percent-encoded JSON, in which most lists may be a single value.

use crate::snapshot::iam::{ResourceStatement, Statement};
use serde_json::Value;

/// The code of a gap whose answer came, but holds a policy that cannot be read to its end.
pub(crate) const UNREADABLE: &str = "UnreadablePolicyDocument";

/// The statements of a document as IAM answers it; `None` when it cannot be read to its end.
pub(crate) fn statements(policy_name: &str, encoded: &str) -> Option<Vec<Statement>> {
    let document: Value = serde_json::from_str(&decoded(encoded)?).ok()?;
    let statements = match document.get("Statement")? {
        Value::Array(statements) => statements.iter().collect(),
        single @ Value::Object(_) => vec![single],
        _ => return None,
    };
    statements.into_iter().map(|content| statement(policy_name, content)).collect()
}

fn statement(policy_name: &str, content: &Value) -> Option<Statement> {
    let effect = content.get("Effect")?.as_str()?.to_owned();
    let (actions, negated_actions) = match (content.get("Action"), content.get("NotAction")) {
        (Some(actions), None) => (texts(actions)?, false),
        (None, Some(actions)) => (texts(actions)?, true),
        _ => return None,
    };
    let (resources, negated_resources) = match (content.get("Resource"), content.get("NotResource")) {
        (Some(resources), None) => (texts(resources)?, false),
        (None, Some(resources)) => (texts(resources)?, true),
        _ => return None,
    };
    let has_conditions = match content.get("Condition") {
        None => false,
        Some(conditions) => !conditions.as_object()?.is_empty(),
    };
    let passed_to_services = content.get("Condition").and_then(passed_to_services).unwrap_or_default();
    Some(Statement {
        policy_name: policy_name.to_owned(),
        effect,
        actions,
        negated_actions,
        resources,
        negated_resources,
        has_conditions,
        passed_to_services,
    })
}

/// The services of iam:PassedToService, where that is the only condition and allows by their names.
fn passed_to_services(conditions: &Value) -> Option<Vec<String>> {
    let mut found = Vec::new();
    for (operator, keys) in conditions.as_object()? {
        let kind = operator.rsplit(':').next().unwrap_or(operator).to_ascii_lowercase();
        let kind = kind.strip_suffix("ifexists").unwrap_or(&kind);
        if !["stringequals", "stringlike", "stringequalsignorecase"].contains(&kind) {
            return None;
        }
        for (key, values) in keys.as_object()? {
            if !key.eq_ignore_ascii_case("iam:PassedToService") {
                return None;
            }
            found.extend(texts(values)?);
        }
    }
    Some(found)
}

/// The statements of a policy that a resource carries: percent-encoded where IAM answers it, plain
/// elsewhere. `None` when it cannot be read to its end.
pub(crate) fn resource_statements(document: &str) -> Option<Vec<ResourceStatement>> {
    let plain = if document.trim_start().starts_with('{') { document.to_owned() } else { decoded(document)? };
    let document: Value = serde_json::from_str(&plain).ok()?;
    let statements = match document.get("Statement")? {
        Value::Array(statements) => statements.iter().collect(),
        single @ Value::Object(_) => vec![single],
        _ => return None,
    };
    statements.into_iter().map(resource_statement).collect()
}

fn resource_statement(content: &Value) -> Option<ResourceStatement> {
    let (principals, negated_principals) = match (content.get("Principal"), content.get("NotPrincipal")) {
        (Some(value), None) => (principals(value)?, false),
        (None, Some(value)) => (principals(value)?, true),
        _ => return None,
    };
    let (actions, negated_actions) = match (content.get("Action"), content.get("NotAction")) {
        (Some(actions), None) => (texts(actions)?, false),
        (None, Some(actions)) => (texts(actions)?, true),
        _ => return None,
    };
    let has_conditions = match content.get("Condition") {
        None => false,
        Some(conditions) => !conditions.as_object()?.is_empty(),
    };
    Some(ResourceStatement {
        effect: content.get("Effect")?.as_str()?.to_owned(),
        principals,
        negated_principals,
        actions,
        negated_actions,
        has_conditions,
    })
}

/// `*`, or each principal behind its kind.
fn principals(value: &Value) -> Option<Vec<String>> {
    let Value::Object(kinds) = value else { return texts(value) };
    let mut found = Vec::new();
    for (kind, names) in kinds {
        found.extend(texts(names)?.into_iter().map(|name| format!("{kind}:{name}")));
    }
    Some(found)
}

fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) => Some(vec![text.clone()]),
        Value::Array(values) => values.iter().map(|value| value.as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}

/// Undoes RFC 3986 percent-encoding; a plus sign stays one.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let (digits, after) = after.split_at_checked(2)?;
            let digits = std::str::from_utf8(digits).ok()?;
            if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return None;
            }
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = after;
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As IAM encodes: everything but unreserved characters.
    fn encoded(text: &str) -> String {
        let mut out = String::new();
        for byte in text.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                out.push(char::from(byte));
            } else {
                out.push_str(&format!("%{byte:02X}"));
            }
        }
        out
    }

    fn read(document: &str) -> Option<Vec<Statement>> {
        let made = statements("shop", &encoded(document));
        assert_eq!(made, statements("shop", document), "a document may come unencoded");
        made
    }

    #[test]
    fn single_values_are_lists_of_one() {
        let one = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
        let many = r#"{"Statement":[{"Effect":"Allow","Action":["s3:*"],"Resource":["*"],"Condition":{}}]}"#;
        let expected = Statement {
            policy_name: "shop".to_owned(),
            effect: "Allow".to_owned(),
            actions: vec!["s3:*".to_owned()],
            resources: vec!["*".to_owned()],
            ..Statement::default()
        };
        assert_eq!(read(one), Some(vec![expected]));
        assert_eq!(read(one), read(many));
    }

    #[test]
    fn negations_and_conditions_are_kept() {
        let document = r#"{"Statement":[
            {"Effect":"Allow","NotAction":["iam:*","sts:*"],"Resource":"arn:aws:s3:::商品/*",
             "Condition":{"StringEquals":{"aws:SourceVpc":"vpc-1"}}},
            {"Effect":"Allow","Action":"s3:GetObject","NotResource":"arn:aws:s3:::private/*"},
            {"Effect":"Deny","Action":"*","NotResource":"arn:aws:s3:::shop/*"}]}"#;
        let made = read(document).unwrap();
        assert_eq!(made[0].actions, ["iam:*", "sts:*"]);
        assert!(made[0].negated_actions && made[0].has_conditions);
        assert_eq!(made[0].resources, ["arn:aws:s3:::商品/*"]);
        assert_eq!(made[1].resources, ["arn:aws:s3:::private/*"]);
        assert!(made[1].negated_resources && !made[1].has_conditions);
        assert!(made[2].negated_resources && !made[2].has_conditions);
    }

    #[test]
    fn what_cannot_be_read_is_not_half_read() {
        let documents = [
            "",
            "{}",
            "not json",
            r#"{"Statement":[{"Effect":"Allow","Resource":"*"}]}"#,
            r#"{"Statement":[{"Effect":"Allow","Action":"*","NotAction":"*","Resource":"*"}]}"#,
            r#"{"Statement":[{"Effect":"Allow","Action":[1],"Resource":"*"}]}"#,
        ];
        for document in documents {
            assert_eq!(read(document), None, "{document}");
        }
        assert_eq!(statements("shop", "%7"), None);
        assert_eq!(statements("shop", "%+1"), None);
        assert_eq!(statements("shop", "%FF"), None);
    }

    #[test]
    fn whom_roles_may_be_passed_to() {
        let passing = |conditions: &str| {
            let statement = format!(
                r#"{{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{conditions}}}"#
            );
            read(&format!(r#"{{"Statement":[{statement}]}}"#)).unwrap()[0].passed_to_services.clone()
        };
        let ecs = ["ecs-tasks.amazonaws.com"];
        assert_eq!(passing(r#"{"StringEquals":{"iam:PassedToService":"ecs-tasks.amazonaws.com"}}"#), ecs);
        assert_eq!(
            passing(r#"{"StringLikeIfExists":{"IAM:passedtoservice":["ecs-tasks.amazonaws.com"]}}"#),
            ecs
        );
        let none: [&str; 0] = [];
        assert_eq!(passing(r#"{"StringNotEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}"#), none);
        let two = r#"{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com","aws:RequestedRegion":"eu-west-1"}}"#;
        assert_eq!(passing(two), none, "another condition narrows it further");
    }

    #[test]
    fn policies_of_resources_name_principals() {
        let trust = r#"{"Statement":[
            {"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com","AWS":["123456789012"]},
             "Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"1"}}},
            {"Effect":"Deny","NotPrincipal":"*","NotAction":["kms:*"],"Resource":"*"}]}"#;
        let made = resource_statements(trust).unwrap();
        assert_eq!(made[0].principals, ["AWS:123456789012", "Service:ecs-tasks.amazonaws.com"]);
        assert_eq!(made[0].actions, ["sts:AssumeRole"]);
        assert!(made[0].has_conditions && !made[0].negated_principals && !made[0].negated_actions);
        assert_eq!(
            (made[1].principals.as_slice(), made[1].actions.as_slice()),
            (["*".to_owned()].as_slice(), ["kms:*".to_owned()].as_slice())
        );
        assert!(made[1].negated_principals && made[1].negated_actions && !made[1].has_conditions);
        assert_eq!(resource_statements(&encoded(trust)), Some(made));
        assert_eq!(resource_statements(r#"{"Statement":[{"Effect":"Allow","Action":"*"}]}"#), None);
    }

    #[test]
    fn a_plus_sign_is_no_space() {
        assert_eq!(decoded("a+b%20c%2Bd").as_deref(), Some("a+b c+d"));
    }
}
