//! What a role may do: the statements of its policies as IAM evaluates them.
//!
//! Looked at are identity policies and the permissions boundary. Service control policies and
//! policies of resources are not: they are other people's, and what they say is unknown.

use crate::arn::Arn;
use crate::snapshot::GapId;
use crate::snapshot::iam::{Role, Statement};

/// Policies of AWS whose rights lead to administrator's or to every secret, as AWS's managed policy
/// reference gives them: name, actions, and whether the actions are those left out (NotAction).
const AWS_POLICIES: &[(&str, &[&str], bool)] = &[
    ("AdministratorAccess", &["*"], false),
    ("PowerUserAccess", &["iam:*", "organizations:*", "account:*"], true),
    ("IAMFullAccess", &["iam:*"], false),
    ("SecretsManagerReadWrite", &["secretsmanager:*"], false),
];

/// What a role may do.
pub(super) struct Rights {
    allowed: Vec<Statement>,
    // `None` for no boundary.
    boundary: Option<Result<Vec<Statement>, GapId>>,
    /// What hides a part of the policies.
    pub hidden: Option<GapId>,
}

/// How an allowance with conditions is taken: what they say is not kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Conditions {
    /// They are never met.
    Never,
    /// They may be met.
    Perhaps,
}

impl Rights {
    /// What is seen of a role's policies.
    pub(super) fn of(role: &Role) -> Self {
        let mut allowed = Vec::new();
        let mut hidden = None;
        match role.attached_policy_arns.ask() {
            Ok(arns) => allowed.extend(arns.iter().filter_map(|arn| of_aws(arn))),
            Err(gap) => hidden = Some(gap),
        }
        match role.statements.ask() {
            Ok(statements) => allowed.extend(statements.iter().cloned()),
            Err(gap) => hidden = hidden.or(Some(gap)),
        }
        let boundary = match role.permissions_boundary_arn.ask() {
            Ok(None) => None,
            Ok(Some(_)) => Some(role.boundary_statements.ask().cloned()),
            Err(gap) => Some(Err(gap)),
        };
        Rights { allowed, boundary, hidden }
    }

    /// Whether a boundary is seen to bound it.
    pub(super) fn is_bounded(&self) -> bool {
        matches!(self.boundary, Some(Ok(_)))
    }

    /// Whether an action is allowed on some resource.
    pub(super) fn allows_somewhere(&self, action: &str, conditions: Conditions) -> Result<bool, GapId> {
        let allowing = self.allowed.iter().filter(|statement| {
            statement.effect == "Allow" && !statement.negated_resources && takes_action(statement, action)
        });
        let resources = allowing.flat_map(|statement| &statement.resources).map(String::as_str);
        for resource in resources.chain(["*"]) {
            // Any name that the pattern takes.
            let example = resource.replace(['*', '?'], "q");
            if self.allows(action, &example, conditions)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether an action on a resource is allowed: allowed by some statement and denied by none, in
    /// the policies and in the boundary. A denial with conditions is one that does not always hold.
    /// The gap is a boundary's that could not be looked into.
    pub(super) fn allows(&self, action: &str, resource: &str, conditions: Conditions) -> Result<bool, GapId> {
        if !decides(&self.allowed, action, resource, conditions) {
            return Ok(false);
        }
        match &self.boundary {
            None => Ok(true),
            Some(Ok(statements)) => Ok(decides(statements, action, resource, conditions)),
            Some(Err(gap)) => Err(gap.clone()),
        }
    }
}

fn of_aws(arn: &str) -> Option<Statement> {
    let parsed = Arn::parse(arn).filter(|arn| arn.account == "aws")?;
    let (name, actions, negated) = AWS_POLICIES.iter().find(|(name, ..)| *name == parsed.name())?;
    Some(Statement {
        policy_name: (*name).to_owned(),
        effect: "Allow".to_owned(),
        actions: actions.iter().map(|action| (*action).to_owned()).collect(),
        negated_actions: *negated,
        resources: vec!["*".to_owned()],
        ..Statement::default()
    })
}

fn decides(statements: &[Statement], action: &str, resource: &str, conditions: Conditions) -> bool {
    let says = |effect: &str, conditions: Conditions| {
        statements.iter().any(|statement| {
            statement.effect == effect
                && (conditions == Conditions::Perhaps || !statement.has_conditions)
                && takes_action(statement, action)
                && takes_resource(statement, resource)
        })
    };
    says("Allow", conditions) && !says("Deny", Conditions::Never)
}

fn takes_action(statement: &Statement, action: &str) -> bool {
    let action = action.to_ascii_lowercase();
    let names = statement.actions.iter().any(|pattern| wildcard(&pattern.to_ascii_lowercase(), &action));
    names != statement.negated_actions
}

fn takes_resource(statement: &Statement, resource: &str) -> bool {
    let names = statement.resources.iter().any(|pattern| matches_resource(pattern, resource));
    names != statement.negated_resources
}

/// Whether a resource of a policy takes a resource's ARN. An ARN with fewer than six fields is
/// completed with wildcards.
fn matches_resource(pattern: &str, resource: &str) -> bool {
    if wildcard(pattern, resource) {
        return true;
    }
    let missing = 6_usize.saturating_sub(pattern.split(':').count());
    pattern.starts_with("arn:")
        && missing > 0
        && wildcard(&(pattern.to_owned() + &":*".repeat(missing)), resource)
}

/// Whether a pattern takes a text: `*` stands for any characters, `?` for one. Each star is tried
/// no further than the next one needs, so that no pattern takes long.
fn wildcard(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut here) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(found) = text.get(here) {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, here));
                at += 1;
            }
            Some(wanted) if *wanted == '?' || wanted == found => {
                at += 1;
                here += 1;
            }
            _ => match star {
                Some((place, taken)) => {
                    star = Some((place, taken + 1));
                    at = place + 1;
                    here = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(at).all(|rest| *rest == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards() {
        for (pattern, text) in [
            ("s3:get*", "s3:getobject"),
            ("s3:?etobject", "s3:getobject"),
            ("*", ""),
            ("**", "a"),
            ("a*c*e", "abcde"),
            ("a*bc", "abcbc"),
        ] {
            assert!(wildcard(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("a*c", "abcd"), ("", "a"), ("?", ""), ("a?", "a"), ("*b", "abc")] {
            assert!(!wildcard(pattern, text), "{pattern} {text}");
        }
        assert!(!wildcard(&"*a".repeat(40), &"a".repeat(39)), "and is quick");
    }

    #[test]
    fn resources_are_completed() {
        let secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/db-AbCdEf";
        for pattern in [
            "*",
            "arn:aws:*",
            "arn:aws:secretsmanager",
            "arn:aws:secretsmanager:*",
            "arn:aws:secretsmanager:*:*",
            "arn:aws:secretsmanager:*:123456789012:secret:*",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret*",
            "arn:*:secret:*-??????",
        ] {
            assert!(matches_resource(pattern, secret), "{pattern}");
        }
        for pattern in
            ["arn:aws:s3:*", "arn:aws:secretsmanager:us-east-1", "arn:aws:secretsmanager:*:*:secret:Shop/*"]
        {
            assert!(!matches_resource(pattern, secret), "{pattern}");
        }
    }
}
