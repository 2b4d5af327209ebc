//! The roles of deployed tasks, and what their policies say.

pub(super) mod document;
mod server_certificates;

use crate::arn::Arn;
use crate::ask::Ask;
use crate::ask::asked::client;
use crate::snapshot::iam::{Iam, ResourceStatement, Role, Statement};
use crate::snapshot::operation::{Operation, named};
use crate::snapshot::{Cause, GapId, Known, Listing, Snapshot};
use aws_sdk_iam::{Client, types};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
pub(crate) use server_certificates::server_certificates;
use std::collections::{BTreeMap, BTreeSet};

const ATTACHED_POLICIES: &Operation = named("iam", "ListAttachedRolePolicies");
const INLINE_POLICIES: &Operation = named("iam", "ListRolePolicies");
const INLINE_POLICY: &Operation = named("iam", "GetRolePolicy");
const ROLE: &Operation = named("iam", "GetRole");
const POLICY: &Operation = named("iam", "GetPolicy");
const POLICY_VERSION: &Operation = named("iam", "GetPolicyVersion");

/// A role with its policies before those that several roles share are fetched.
struct Attached {
    arn: String,
    name: String,
    managed: Known<Vec<String>>,
    inline: Known<Vec<Statement>>,
    boundary: Known<Option<String>>,
    trust: Known<Vec<ResourceStatement>>,
}

/// The roles that task definitions name, and those that take their place when tasks are started.
pub(crate) async fn collect(ask: &Ask, found: &Snapshot) -> Snapshot {
    let client = client!(aws_sdk_iam, ask.config());
    let first = task_roles(found);
    let mut items = roles(ask, &client, first.clone()).await;
    // Where a role leads to another one that its policies name, that one is asked for as well.
    let mut asked = first;
    for _ in 0..MOST_STEPS {
        let next: BTreeSet<String> = items
            .iter()
            .flat_map(|role| role.statements.known().into_iter().flatten())
            .flat_map(named_roles)
            .filter(|arn| is_own_role(ask, arn) && !asked.contains(arn))
            .take(MOST_NAMED)
            .collect();
        if next.is_empty() {
            break;
        }
        asked.extend(next.iter().cloned());
        items.extend(roles(ask, &client, next).await);
    }
    // A task definition that could not be read names roles that are not here.
    let incomplete = found.ecs.task_definitions.incomplete.clone();
    let iam = Iam { roles: Listing { items, incomplete }, ..Iam::default() };
    Snapshot { iam, ..Snapshot::default() }
}

/// Steps from role to role that are followed.
const MOST_STEPS: usize = 3;

/// Roles that are asked for in one step. Whoever names more names them by a pattern.
const MOST_NAMED: usize = 20;

/// Roles with all that their policies say.
async fn roles(ask: &Ask, client: &Client, arns: BTreeSet<String>) -> Vec<Role> {
    let attached = ask.each(arns, |arn| attached(ask, client, arn)).await;
    let attached: Vec<Attached> = attached.into_iter().flatten().collect();
    let managed = attached.iter().filter_map(|role| role.managed.known()).flatten();
    let managed = managed.filter(|arn| is_customer_managed(arn));
    // What bounds a role is read whoever wrote it.
    let boundaries = attached.iter().filter_map(|role| role.boundary.known()?.as_ref());
    let own: BTreeSet<String> = managed.chain(boundaries).cloned().collect();
    let own: BTreeMap<String, Known<Vec<Statement>>> = ask
        .each(own, |arn| async {
            let statements = managed_policy(ask, client, &arn).await;
            (arn, statements.into())
        })
        .await
        .into_iter()
        .collect();
    let made = attached.into_iter().map(|role| Role {
        statements: statements(&role, &own).into(),
        boundary_statements: boundary_statements(&role, &own).into(),
        arn: role.arn,
        region: ask.region().to_owned(),
        name: role.name,
        attached_policy_arns: role.managed,
        permissions_boundary_arn: role.boundary,
        trust: role.trust,
    });
    made.collect()
}

/// The roles that a statement names, without wildcards, to be passed or taken on.
fn named_roles(statement: &Statement) -> impl Iterator<Item = String> {
    let leads = |action: &String| {
        let action = action.to_ascii_lowercase();
        ["iam:passrole", "sts:assumerole"].iter().any(|lead| action.starts_with(lead))
            || action.ends_with('*')
    };
    let is_leading =
        statement.effect == "Allow" && !statement.negated_resources && statement.actions.iter().any(leads);
    let resources = statement.resources.iter().filter(move |_| is_leading);
    resources.filter(|arn| arn.contains(":role/") && !arn.contains(['*', '?', '$'])).cloned()
}

fn is_own_role(ask: &Ask, arn: &str) -> bool {
    Arn::parse(arn).is_some_and(|parsed| {
        parsed.service == "iam" && parsed.account == ask.account() && parsed.resource.starts_with("role/")
    })
}

fn task_roles(found: &Snapshot) -> BTreeSet<String> {
    let definitions = found.ecs.task_definitions.iter();
    let arns = definitions.flat_map(|definition| [&definition.task_role_arn, &definition.execution_role_arn]);
    let runs = found.ecs.task_starters.iter().flat_map(|starter| &starter.runs);
    let in_place_of_them = runs.flat_map(|run| [&run.task_role_arn, &run.execution_role_arn]);
    arns.chain(in_place_of_them).flatten().filter(|arn| Arn::parse(arn).is_some()).cloned().collect()
}

/// AWS's own policies are known by name; only the account's say something new.
fn is_customer_managed(arn: &str) -> bool {
    Arn::parse(arn).is_none_or(|parsed| parsed.account != "aws")
}

/// All that is allowed and denied, or the first gap that hides a part of it.
fn statements(
    role: &Attached,
    own: &BTreeMap<String, Known<Vec<Statement>>>,
) -> Result<Vec<Statement>, GapId> {
    let mut statements = role.inline.ask()?.clone();
    for arn in role.managed.ask()?.iter().filter(|arn| is_customer_managed(arn)) {
        match own.get(arn) {
            Some(policy) => statements.extend_from_slice(policy.ask()?),
            None => return Err(GapId::default()),
        }
    }
    Ok(statements)
}

/// What the boundary of a role says, or the gap that hides it.
fn boundary_statements(
    role: &Attached,
    policies: &BTreeMap<String, Known<Vec<Statement>>>,
) -> Result<Vec<Statement>, GapId> {
    match role.boundary.ask()? {
        None => Ok(Vec::new()),
        Some(arn) => policies.get(arn).ok_or_else(GapId::default)?.ask().cloned(),
    }
}

/// A role, by three questions; `None` where there is no such role any more.
async fn attached(ask: &Ask, client: &Client, arn: String) -> Option<Attached> {
    let name = Arn::parse(&arn).map_or(arn.as_str(), |parsed| parsed.name()).to_owned();
    let (boundary, trust) = match itself(ask, client, &arn, &name).await {
        Ok(role) => {
            let role = role?;
            (boundary(ask, &arn, &role), trust(ask, &arn, &role))
        }
        Err(gap) => (Err(gap.clone()), Err(gap)),
    };
    let (managed, inline) =
        tokio::join!(attached_policies(ask, client, &arn, &name), inline_policies(ask, client, &arn, &name),);
    Some(Attached {
        arn,
        name,
        managed: managed.into(),
        inline: inline.into(),
        boundary: boundary.into(),
        trust: trust.into(),
    })
}

async fn itself(ask: &Ask, client: &Client, arn: &str, name: &str) -> Result<Option<types::Role>, GapId> {
    let call = async {
        match client.get_role().role_name(name).send().await {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if error.code() == Some("NoSuchEntity") => Ok(None),
            Err(error) => Err(error),
        }
    };
    let Some(answer) = ask.once(ROLE, Some(arn), call).await? else { return Ok(None) };
    answer.role.map(Some).ok_or_else(|| ask.broken(ROLE, Some(arn)))
}

fn boundary(ask: &Ask, arn: &str, role: &types::Role) -> Result<Option<String>, GapId> {
    let Some(boundary) = &role.permissions_boundary else { return Ok(None) };
    boundary.permissions_boundary_arn.clone().map(Some).ok_or_else(|| ask.broken(ROLE, Some(arn)))
}

fn trust(ask: &Ask, arn: &str, role: &types::Role) -> Result<Vec<ResourceStatement>, GapId> {
    let document = role.assume_role_policy_document.as_deref();
    let document = document.ok_or_else(|| ask.broken(ROLE, Some(arn)))?;
    document::resource_statements(document)
        .ok_or_else(|| ask.gap(ROLE, Some(arn), Cause::Failed, document::UNREADABLE))
}

async fn attached_policies(ask: &Ask, client: &Client, arn: &str, name: &str) -> Result<Vec<String>, GapId> {
    ask.all(
        ATTACHED_POLICIES,
        Some(arn),
        |marker| {
            let request = client.list_attached_role_policies().role_name(name);
            request.max_items(ATTACHED_POLICIES.page_size).set_marker(marker).send()
        },
        |page| page.marker.clone().filter(|_| page.is_truncated),
        |page| page.attached_policies.unwrap_or_default(),
        |policy| policy.policy_arn,
    )
    .await
}

async fn inline_policies(ask: &Ask, client: &Client, arn: &str, name: &str) -> Result<Vec<Statement>, GapId> {
    let names = ask
        .all(
            INLINE_POLICIES,
            Some(arn),
            |marker| {
                let request = client.list_role_policies().role_name(name);
                request.max_items(INLINE_POLICIES.page_size).set_marker(marker).send()
            },
            |page| page.marker.clone().filter(|_| page.is_truncated),
            |page| page.policy_names,
            Some,
        )
        .await?;
    let policies = ask
        .each(names, |policy| async move {
            let call = client.get_role_policy().role_name(name).policy_name(&policy).send();
            let answer = ask.once(INLINE_POLICY, Some(arn), call).await?;
            read(ask, INLINE_POLICY, arn, &policy, &answer.policy_document)
        })
        .await;
    let policies: Result<Vec<Vec<Statement>>, GapId> = policies.into_iter().collect();
    Ok(policies?.concat())
}

async fn managed_policy(ask: &Ask, client: &Client, arn: &str) -> Result<Vec<Statement>, GapId> {
    let policy = ask.once(POLICY, Some(arn), client.get_policy().policy_arn(arn).send()).await?;
    let version = policy.policy.and_then(|policy| policy.default_version_id);
    let version = version.ok_or_else(|| ask.broken(POLICY, Some(arn)))?;
    let call = client.get_policy_version().policy_arn(arn).version_id(version).send();
    let answer = ask.once(POLICY_VERSION, Some(arn), call).await?;
    let document = answer.policy_version.and_then(|version| version.document);
    let document = document.ok_or_else(|| ask.broken(POLICY_VERSION, Some(arn)))?;
    let name = Arn::parse(arn).map_or(arn, |parsed| parsed.name());
    read(ask, POLICY_VERSION, arn, name, &document)
}

fn read(
    ask: &Ask,
    operation: &'static Operation,
    about: &str,
    policy_name: &str,
    document: &str,
) -> Result<Vec<Statement>, GapId> {
    document::statements(policy_name, document)
        .ok_or_else(|| ask.gap(operation, Some(about), Cause::Failed, document::UNREADABLE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::ecs::TaskDefinition;

    const AWS_POLICY: &str = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";
    const OWN_POLICY: &str = "arn:aws:iam::123456789012:policy/shop";

    fn named_statement(policy: &str) -> Statement {
        Statement { policy_name: policy.to_owned(), ..Statement::default() }
    }

    fn role(inline: Known<Vec<Statement>>) -> Attached {
        Attached {
            arn: "arn:aws:iam::123456789012:role/shop".to_owned(),
            name: "shop".to_owned(),
            managed: Known::Yes(vec![AWS_POLICY.to_owned(), OWN_POLICY.to_owned()]),
            inline,
            boundary: Known::Yes(None),
            trust: Known::Yes(Vec::new()),
        }
    }

    #[test]
    fn each_role_is_asked_for_once() {
        let definition = |task: Option<&str>, execution: Option<&str>| TaskDefinition {
            task_role_arn: task.map(str::to_owned),
            execution_role_arn: execution.map(str::to_owned),
            ..TaskDefinition::default()
        };
        let (one, two) = ("arn:aws:iam::123456789012:role/one", "arn:aws:iam::123456789012:role/path/two");
        let mut found = Snapshot::default();
        found.ecs.task_definitions.items =
            vec![definition(Some(one), Some(two)), definition(None, Some(two)), definition(None, None)];
        assert_eq!(task_roles(&found).into_iter().collect::<Vec<_>>(), [one, two]);
    }

    #[test]
    fn roles_that_policies_lead_to_are_named_without_wildcards() {
        let deployer = "arn:aws:iam::123456789012:role/deployer";
        let statement = |action: &str, resource: &str| Statement {
            effect: "Allow".to_owned(),
            actions: vec![action.to_owned()],
            resources: vec![resource.to_owned()],
            ..Statement::default()
        };
        let named = |statement: &Statement| named_roles(statement).collect::<Vec<_>>();
        assert_eq!(named(&statement("iam:PassRole", deployer)), [deployer]);
        assert_eq!(named(&statement("sts:AssumeRole", deployer)), [deployer]);
        assert_eq!(named(&statement("iam:*", deployer)), [deployer]);
        for other in [
            statement("iam:GetRole", deployer),
            statement("iam:PassRole", "arn:aws:iam::123456789012:role/deploy*"),
            statement("iam:PassRole", "*"),
            Statement { effect: "Deny".to_owned(), ..statement("iam:PassRole", deployer) },
        ] {
            assert!(named(&other).is_empty(), "{other:?}");
        }
    }

    #[test]
    fn one_unreadable_policy_hides_the_sum_and_nothing_else_does() {
        let gap = GapId::new("iam:GetPolicy", "us-east-1", Some(OWN_POLICY));
        let mut own = BTreeMap::from([(OWN_POLICY.to_owned(), Known::Yes(vec![named_statement("shop")]))]);
        let inline = role(Known::Yes(vec![named_statement("inline")]));
        let together = statements(&inline, &own).unwrap();
        let names: Vec<&str> = together.iter().map(|statement| statement.policy_name.as_str()).collect();
        assert_eq!(names, ["inline", "shop"]);
        own.insert(OWN_POLICY.to_owned(), Known::No(gap.clone()));
        assert_eq!(statements(&inline, &own), Err(gap.clone()));
        assert_eq!(statements(&role(Known::No(gap.clone())), &own), Err(gap));
    }
}
