//! Whom the policies that resources carry admit: roles' trust, and the policies of keys and secrets.

use super::rights::names_action;
use crate::arn::Arn;
use crate::snapshot::GapId;
use crate::snapshot::iam::ResourceStatement;
use crate::snapshot::known::Known;

/// Whom a statement has to name.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Who<'a> {
    /// A service of AWS, for instance `ecs-tasks.amazonaws.com`.
    Service(&'a str),
    /// A role, by its ARN.
    Role(&'a str),
    /// The account of a role as a whole: what its own policies allow then counts.
    AccountOf(&'a str),
}

/// Whether a policy admits somebody to an action. Conditions on a service say whose resources it may
/// act for, and are taken as met; on others they leave it unknown, because what they say is not kept.
pub(crate) fn admits(statements: &[ResourceStatement], who: Who<'_>, action: &str) -> Known<bool> {
    let says = |effect: &str, conditions: Option<bool>| {
        statements.iter().any(|statement| {
            statement.effect == effect
                && conditions.is_none_or(|wanted| statement.has_conditions == wanted)
                && names_action(&statement.actions, action) != statement.negated_actions
                && names(statement, who) != statement.negated_principals
        })
    };
    if says("Deny", Some(false)) {
        return Known::Yes(false);
    }
    let is_service = matches!(who, Who::Service(_));
    if says("Allow", (!is_service).then_some(false)) {
        return Known::Yes(true);
    }
    if says("Allow", Some(true)) { Known::No(GapId::default()) } else { Known::Yes(false) }
}

fn names(statement: &ResourceStatement, who: Who<'_>) -> bool {
    statement.principals.iter().any(|principal| match who {
        Who::Service(name) => principal.strip_prefix("Service:") == Some(name),
        Who::Role(arn) => {
            principal == "*"
                || matches!(principal.strip_prefix("AWS:"), Some(named) if named == "*" || named == arn)
        }
        Who::AccountOf(arn) => principal.strip_prefix("AWS:").is_some_and(|named| is_account_of(named, arn)),
    })
}

/// `123456789012` or `arn:aws:iam::123456789012:root`.
fn is_account_of(principal: &str, role_arn: &str) -> bool {
    let account = Arn::parse(role_arn).map_or("", |arn| arn.account);
    match Arn::parse(principal) {
        Some(arn) => arn.account == account && arn.resource == "root",
        None => !account.is_empty() && principal == account,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLE: &str = "arn:aws:iam::123456789012:role/shop";
    const TASKS: &str = "ecs-tasks.amazonaws.com";

    fn statement(effect: &str, principal: &str, action: &str) -> ResourceStatement {
        ResourceStatement {
            effect: effect.into(),
            principals: vec![principal.into()],
            actions: vec![action.into()],
            ..ResourceStatement::default()
        }
    }

    fn narrowed(statement: ResourceStatement) -> ResourceStatement {
        ResourceStatement { has_conditions: true, ..statement }
    }

    #[test]
    fn services_roles_and_accounts() {
        let trust = |principal: &str| statement("Allow", principal, "sts:AssumeRole");
        let assume = |statements: &[ResourceStatement], who| admits(statements, who, "sts:AssumeRole");
        let yes = Known::Yes(true);
        let no = Known::Yes(false);
        assert_eq!(assume(&[trust("Service:ecs-tasks.amazonaws.com")], Who::Service(TASKS)), yes);
        assert_eq!(assume(&[narrowed(trust("Service:ecs-tasks.amazonaws.com"))], Who::Service(TASKS)), yes);
        assert_eq!(assume(&[trust("Service:ec2.amazonaws.com")], Who::Service(TASKS)), no);
        assert_eq!(assume(&[trust(&format!("AWS:{ROLE}"))], Who::Role(ROLE)), yes);
        assert_eq!(assume(&[trust("AWS:*")], Who::Role(ROLE)), yes);
        assert_eq!(assume(&[narrowed(trust("*"))], Who::Role(ROLE)), Known::No(GapId::default()));
        assert_eq!(assume(&[trust("AWS:123456789012")], Who::AccountOf(ROLE)), yes);
        assert_eq!(assume(&[trust("AWS:arn:aws:iam::123456789012:root")], Who::AccountOf(ROLE)), yes);
        assert_eq!(assume(&[trust("AWS:arn:aws:iam::999999999999:root")], Who::AccountOf(ROLE)), no);
        assert_eq!(assume(&[], Who::AccountOf(ROLE)), no);
    }

    #[test]
    fn a_denial_outweighs() {
        let allow = statement("Allow", "AWS:*", "kms:*");
        let deny = statement("Deny", &format!("AWS:{ROLE}"), "KMS:Decrypt");
        assert_eq!(admits(std::slice::from_ref(&allow), Who::Role(ROLE), "kms:Decrypt"), Known::Yes(true));
        assert_eq!(admits(&[allow.clone(), deny.clone()], Who::Role(ROLE), "kms:Decrypt"), Known::Yes(false));
        assert_eq!(admits(&[allow, narrowed(deny)], Who::Role(ROLE), "kms:Decrypt"), Known::Yes(true));
    }
}
