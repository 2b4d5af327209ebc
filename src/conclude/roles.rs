//! What the roles of a service's tasks may do.

use super::lookup;
use crate::arn::Arn;
use crate::snapshot::ecs::Service;
use crate::snapshot::iam::{Role, Statement};
use crate::snapshot::known::Known;
use crate::snapshot::{GapId, Snapshot};

crate::record! {
    /// What the roles of a service's tasks may do: the task role and the execution role of
    /// every task definition that it runs.
    pub struct TaskRoles {
        /// Those that may do everything: AdministratorAccess, or every action on every resource
        /// without a condition. Unknown only when none was seen and one could not be looked into.
        pub administrator_role_names: Known<Vec<String>>,
        /// Those that may read the value of every secret in Secrets Manager. Unknown likewise.
        pub reads_every_secret: Known<Vec<String>>,
        /// Whether new tasks run as the role that starts them; false where one of the two is missing.
        pub same_role: Known<bool>,
        /// The role of the application in new tasks; null for none.
        pub task_role_arn: Known<Option<String>>,
        /// The role that starts new tasks; null for none.
        pub execution_role_arn: Known<Option<String>>,
    }
}

/// Managed policies of AWS that allow everything.
const ADMINISTRATOR_POLICIES: [&str; 1] = ["AdministratorAccess"];

/// Managed policies of AWS that allow to read every secret.
const SECRET_READER_POLICIES: [&str; 3] =
    ["AdministratorAccess", "PowerUserAccess", "SecretsManagerReadWrite"];

/// See [`super::FUNCTIONS`].
pub(crate) fn task_roles(snapshot: &Snapshot, service: &Service) -> TaskRoles {
    let newest = lookup::newest_task_definition(snapshot, service);
    let task_role = newest.clone().map(|definition| definition.task_role_arn.clone());
    let execution_role = newest.clone().map(|definition| definition.execution_role_arn.clone());
    let same_role = newest.map(|definition| {
        definition.task_role_arn.is_some() && definition.task_role_arn == definition.execution_role_arn
    });
    TaskRoles {
        administrator_role_names: roles_that(snapshot, service, &ADMINISTRATOR_POLICIES, |role| {
            allows(role, "*", |resource| resource == "*")
        }),
        reads_every_secret: roles_that(snapshot, service, &SECRET_READER_POLICIES, |role| {
            allows(role, "secretsmanager:GetSecretValue", is_every_secret)
        }),
        same_role: same_role.into(),
        task_role_arn: task_role.into(),
        execution_role_arn: execution_role.into(),
    }
}

/// The names of the roles that a managed policy or a statement allows something.
fn roles_that(
    snapshot: &Snapshot,
    service: &Service,
    policies: &[&str],
    by_statements: impl Fn(&[Statement]) -> bool,
) -> Known<Vec<String>> {
    let (arns, mut gap) = role_arns(snapshot, service);
    let mut names = Vec::new();
    for arn in arns {
        let Some(role) = lookup::by_arn(&snapshot.iam.roles, arn, |role| &role.arn) else {
            gap.get_or_insert_with(|| hidden_role(snapshot, arn));
            continue;
        };
        match is_allowed(role, policies, &by_statements) {
            Ok(true) => names.push(role.name.clone()),
            Ok(false) => {}
            Err(why) => {
                gap.get_or_insert(why);
            }
        }
    }
    match gap {
        Some(gap) if names.is_empty() => Known::No(gap),
        _ => Known::Yes(names),
    }
}

/// The roles of every task definition that is in sight, and the gap that hides one.
fn role_arns<'a>(snapshot: &'a Snapshot, service: &'a Service) -> (Vec<&'a str>, Option<GapId>) {
    let definitions = match lookup::task_definitions(snapshot, service) {
        Ok(definitions) => definitions,
        Err(gap) => {
            let newest = lookup::newest_task_definition(snapshot, service).ok();
            return (roles_of(newest), Some(gap));
        }
    };
    (roles_of(definitions), None)
}

fn roles_of<'a>(
    definitions: impl IntoIterator<Item = &'a crate::snapshot::ecs::TaskDefinition>,
) -> Vec<&'a str> {
    let mut arns: Vec<&str> = definitions
        .into_iter()
        .flat_map(|definition| {
            [definition.task_role_arn.as_deref(), definition.execution_role_arn.as_deref()]
        })
        .flatten()
        .collect();
    arns.sort_unstable();
    arns.dedup();
    arns
}

fn hidden_role(snapshot: &Snapshot, arn: &str) -> GapId {
    let roles = &snapshot.iam.roles;
    let name = Arn::parse(arn).map_or(arn, |arn| arn.name());
    let about = roles.incomplete.iter().find(|gap| [Some(arn), Some(name)].contains(&gap.about()));
    about.cloned().or_else(|| lookup::complete_everywhere(roles).err()).unwrap_or_default()
}

fn is_allowed(
    role: &Role,
    policies: &[&str],
    by_statements: impl Fn(&[Statement]) -> bool,
) -> Result<bool, GapId> {
    let by_policy = role.attached_policy_arns.ask().map(|arns| {
        arns.iter().any(|arn| {
            Arn::parse(arn).is_some_and(|arn| arn.account == "aws" && policies.contains(&arn.name()))
        })
    });
    let by_statements = role.statements.ask().map(|statements| by_statements(statements));
    match (by_policy, by_statements) {
        (Ok(true), _) | (_, Ok(true)) => Ok(true),
        (Err(gap), _) | (_, Err(gap)) => Err(gap),
        _ => Ok(false),
    }
}

/// Whether statements allow an action on all of a kind of resources, without a condition
/// and without a statement that takes it away again.
fn allows(statements: &[Statement], action: &str, covers: impl Fn(&str) -> bool) -> bool {
    let says = |effect: &str| {
        statements.iter().any(|statement| {
            let names_action = statement.actions.iter().any(|pattern| is_match(pattern, action));
            // NotAction allows what it does not name, which is never everything.
            let is_partial = effect == "Allow" && action == "*" && statement.negated_actions;
            statement.effect == effect
                && !is_partial
                && !statement.has_conditions
                && names_action != statement.negated_actions
                && statement.resources.iter().any(|resource| covers(resource))
        })
    };
    says("Allow") && !says("Deny")
}

/// Whether a pattern with `*` and `?` takes an action, whatever the case. The action `*`
/// stands for all of them, which only `*` and `*:*` take.
fn is_match(pattern: &str, action: &str) -> bool {
    if action == "*" {
        return ["*", "*:*"].contains(&pattern);
    }
    wildcard(&pattern.to_ascii_lowercase(), &action.to_ascii_lowercase())
}

fn wildcard(pattern: &str, text: &str) -> bool {
    match pattern.chars().next() {
        None => text.is_empty(),
        Some('*') => {
            let rest = pattern.get(1..).unwrap_or_default();
            let mut tails = text.char_indices().map(|(at, _)| text.get(at..).unwrap_or_default());
            tails.any(|tail| wildcard(rest, tail)) || wildcard(rest, "")
        }
        Some(first) => {
            let mut rest = text.chars();
            let matches = rest.next().is_some_and(|found| first == '?' || first == found);
            matches && wildcard(pattern.get(first.len_utf8()..).unwrap_or_default(), rest.as_str())
        }
    }
}

/// Whether a resource pattern takes every secret: its name part is `*` alone.
fn is_every_secret(resource: &str) -> bool {
    if resource == "*" {
        return true;
    }
    let Some(arn) = Arn::parse(resource) else {
        return false;
    };
    wildcard(arn.service, "secretsmanager") && ["*", "secret:*"].contains(&arn.resource)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::ecs::TaskDefinition;

    const TASK: &str = "arn:aws:iam::123456789012:role/shop-task";
    const EXECUTION: &str = "arn:aws:iam::123456789012:role/shop-execution";

    fn service() -> Service {
        Service {
            region: "ap-northeast-1".into(),
            task_definition_arn: Some("arn:td:1".into()),
            ..Service::default()
        }
    }

    fn role(arn: &str, policies: &[&str], statements: Vec<Statement>) -> Role {
        Role {
            arn: arn.into(),
            region: "us-east-1".into(),
            name: arn.rsplit('/').next().unwrap().into(),
            attached_policy_arns: Known::Yes(policies.iter().map(|policy| (*policy).to_owned()).collect()),
            statements: Known::Yes(statements),
        }
    }

    fn statement(effect: &str, actions: &[&str], resources: &[&str]) -> Statement {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Statement {
            effect: effect.into(),
            actions: owned(actions),
            resources: owned(resources),
            ..Statement::default()
        }
    }

    fn account(roles: Vec<Role>) -> Snapshot {
        let mut snapshot = Snapshot::default().complete();
        snapshot.ecs.task_definitions.items.push(TaskDefinition {
            arn: "arn:td:1".into(),
            task_role_arn: Some(TASK.into()),
            execution_role_arn: Some(EXECUTION.into()),
            ..TaskDefinition::default()
        });
        snapshot.iam.roles.items = roles;
        snapshot
    }

    fn with_statements(statements: Vec<Statement>) -> TaskRoles {
        let roles = vec![role(TASK, &[], statements), role(EXECUTION, &[], vec![])];
        task_roles(&account(roles), &service())
    }

    #[test]
    fn administrators_by_policy_and_by_statement() {
        let execution = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";
        let administrator = "arn:aws:iam::aws:policy/AdministratorAccess";
        let found = task_roles(
            &account(vec![role(TASK, &[administrator], vec![]), role(EXECUTION, &[execution], vec![])]),
            &service(),
        );
        assert_eq!(found.administrator_role_names, Known::Yes(vec!["shop-task".to_owned()]));
        assert_eq!(found.reads_every_secret, Known::Yes(vec!["shop-task".to_owned()]));
        assert_eq!(found.same_role, Known::Yes(false));
        // A policy of the account's own that only has the name.
        let own = "arn:aws:iam::123456789012:policy/AdministratorAccess";
        let roles = vec![role(TASK, &[own], vec![]), role(EXECUTION, &[], vec![])];
        assert_eq!(task_roles(&account(roles), &service()).administrator_role_names, Known::Yes(vec![]));

        let everything = statement("Allow", &["*"], &["*"]);
        let found = with_statements(vec![everything.clone()]);
        assert_eq!(found.administrator_role_names, Known::Yes(vec!["shop-task".to_owned()]));
        for narrower in [
            Statement { has_conditions: true, ..everything.clone() },
            Statement { negated_actions: true, ..statement("Allow", &["iam:*"], &["*"]) },
            statement("Allow", &["s3:*"], &["*"]),
            statement("Allow", &["*"], &["arn:aws:s3:::shop/*"]),
            statement("Deny", &["*"], &["*"]),
        ] {
            let found = with_statements(vec![narrower.clone()]);
            assert_eq!(found.administrator_role_names, Known::Yes(vec![]), "{narrower:?}");
        }
    }

    #[test]
    fn readers_of_every_secret() {
        let read = "secretsmanager:GetSecretValue";
        let cases = [
            (statement("Allow", &[read], &["*"]), true),
            (statement("Allow", &["SecretsManager:get*"], &["*"]), true),
            (statement("Allow", &[read], &["arn:aws:secretsmanager:*:123456789012:secret:*"]), true),
            (statement("Allow", &["secretsmanager:*"], &["arn:aws:secretsmanager:*:*:*"]), true),
            (statement("Allow", &[read], &["arn:aws:secretsmanager:*:*:secret:shop/*"]), false),
            (statement("Allow", &["secretsmanager:DescribeSecret"], &["*"]), false),
            (statement("Allow", &["ssm:GetParameters"], &["*"]), false),
            // Everything but IAM, as PowerUserAccess has it.
            (Statement { negated_actions: true, ..statement("Allow", &["iam:*"], &["*"]) }, true),
            (Statement { negated_actions: true, ..statement("Allow", &["secretsmanager:*"], &["*"]) }, false),
        ];
        for (statement, reads) in cases {
            let found = with_statements(vec![statement.clone()]);
            let expected = if reads { vec!["shop-task".to_owned()] } else { vec![] };
            assert_eq!(found.reads_every_secret, Known::Yes(expected), "{statement:?}");
        }
        let taken_away = vec![
            statement("Allow", &["*"], &["*"]),
            statement("Deny", &["secretsmanager:GetSecret*"], &["*"]),
        ];
        let found = with_statements(taken_away);
        assert_eq!(found.reads_every_secret, Known::Yes(vec![]));
        assert_eq!(found.administrator_role_names, Known::Yes(vec!["shop-task".to_owned()]));
    }

    #[test]
    fn one_role_for_both() {
        let mut snapshot = account(vec![]);
        snapshot.ecs.task_definitions.items[0].execution_role_arn = Some(TASK.into());
        assert_eq!(task_roles(&snapshot, &service()).same_role, Known::Yes(true));
        snapshot.ecs.task_definitions.items[0].execution_role_arn = None;
        snapshot.ecs.task_definitions.items[0].task_role_arn = None;
        let found = task_roles(&snapshot, &service());
        assert_eq!((found.same_role, found.task_role_arn), (Known::Yes(false), Known::Yes(None)));
        assert_eq!(found.administrator_role_names, Known::Yes(vec![]));
        snapshot.ecs.task_definitions.items.clear();
        let found = task_roles(&snapshot, &service());
        assert_eq!((found.same_role.known(), found.reads_every_secret.known()), (None, None));
    }

    #[test]
    fn a_role_that_is_seen_to_do_everything_outweighs_a_hidden_one() {
        let gap = GapId::new("iam:ListRolePolicies", "us-east-1", Some("shop-execution"));
        let hidden = Role { statements: Known::No(gap.clone()), ..role(EXECUTION, &[], vec![]) };
        let harmless = role(TASK, &[], vec![]);
        let found = task_roles(&account(vec![harmless, hidden.clone()]), &service());
        assert_eq!(found.administrator_role_names, Known::No(gap.clone()));
        let mighty = role(TASK, &[], vec![statement("Allow", &["*"], &["*"])]);
        let found = task_roles(&account(vec![mighty.clone(), hidden]), &service());
        assert_eq!(found.administrator_role_names, Known::Yes(vec!["shop-task".to_owned()]));

        let mut snapshot = account(vec![role(TASK, &[], vec![])]);
        assert_eq!(task_roles(&snapshot, &service()).reads_every_secret, Known::No(GapId::default()));
        snapshot.iam.roles.incomplete.push(gap.clone());
        assert_eq!(task_roles(&snapshot, &service()).reads_every_secret, Known::No(gap));
    }

    #[test]
    fn wildcards() {
        assert!(wildcard("s3:get*", "s3:getobject"));
        assert!(wildcard("s3:?etobject", "s3:getobject"));
        assert!(wildcard("*", ""));
        assert!(wildcard("a*c*e", "abcde"));
        assert!(!wildcard("a*c", "abcd"));
        assert!(!wildcard("", "a"));
        assert!(!wildcard("?", ""));
    }
}
