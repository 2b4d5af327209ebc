//! What the roles of tasks may do.

mod administrator;
pub(super) mod admits;
mod escalation;
mod methods;
pub(super) mod rights;

use super::lookup;
use crate::arn::Arn;
use crate::snapshot::ecs::{Service, TaskStarter};
use crate::snapshot::iam::Role;
use crate::snapshot::known::Known;
use crate::snapshot::{GapId, Snapshot};
use crate::text::Text;
pub(crate) use escalation::{TaskEscalation, task_escalation};
use rights::{Conditions, Rights};

crate::record! {
    /// What the roles of tasks may do: the task role and the execution role of every task
    /// definition that a service runs, or that is run without one. Looked at are policies and permissions boundaries;
    /// service control policies, which may take rights away, are unknown.
    pub struct TaskRoles {
        /// Those that may do everything, or may give themselves any right: by IAM's actions that
        /// change what roles may do, or by passing any role, or one with such rights, to a service
        /// that runs code with it. Allowances under conditions do not count. Unknown only when none
        /// was seen and one could not be looked into, or may do everything under conditions.
        pub administrator_role_names: Known<Vec<String>>,
        /// How each of them may, in words.
        pub administrator_ways: Text,
        /// Those that may read the value of every secret in Secrets Manager. Unknown only when none
        /// was seen and one could not be looked into.
        pub reads_every_secret: Known<Vec<String>>,
    }
}

/// See [`super::FUNCTIONS`].
pub(crate) fn task_roles(snapshot: &Snapshot, service: &Service) -> TaskRoles {
    rights_of(snapshot, &service.region, role_arns(snapshot, service))
}

/// See [`super::FUNCTIONS`].
pub(crate) fn starter_roles(snapshot: &Snapshot, starter: &TaskStarter) -> TaskRoles {
    let mut arns: Vec<&str> = Vec::new();
    let mut hidden = None;
    for run in &starter.runs {
        let definition = lookup::started_definition(snapshot, &starter.region, run);
        let definition = definition.map_err(|gap| hidden.get_or_insert(gap).clone()).ok();
        let task = definition.and_then(|definition| definition.task_role_arn.as_deref());
        let execution = definition.and_then(|definition| definition.execution_role_arn.as_deref());
        arns.extend(run.task_role_arn.as_deref().or(task));
        arns.extend(run.execution_role_arn.as_deref().or(execution));
    }
    arns.sort_unstable();
    arns.dedup();
    rights_of(snapshot, &starter.region, (arns, hidden))
}

/// What roles may do, and the gap that hides some of them.
fn rights_of(snapshot: &Snapshot, region: &str, roles: (Vec<&str>, Option<GapId>)) -> TaskRoles {
    let mut ways = Vec::new();
    let administrators = roles_that(snapshot, roles.clone(), |role| {
        let way = administrator::way(snapshot, role)?;
        let is_one = way.is_some();
        ways.extend(way);
        Ok(is_one)
    });
    let join = |texts: Vec<&str>, space: &str| texts.join(space);
    TaskRoles {
        administrator_role_names: administrators,
        administrator_ways: Text::new(
            join(ways.iter().map(|way| way.en.as_str()).collect(), " "),
            join(ways.iter().map(|way| way.ja.as_str()).collect(), ""),
        ),
        reads_every_secret: roles_that(snapshot, roles, |role| reads_every_secret(region, role)),
    }
}

/// Whether a role may read a secret that no policy was written for.
fn reads_every_secret(region: &str, role: &Role) -> Result<bool, GapId> {
    let (partition, account) =
        Arn::parse(&role.arn).map_or(("aws", ""), |parsed| (parsed.partition, parsed.account));
    let name = administrator::ANY_NAME;
    let secret = format!("arn:{partition}:secretsmanager:{region}:{account}:secret:{name}");
    let rights = Rights::of(role);
    match rights.allows("secretsmanager:GetSecretValue", &secret, Conditions::Never) {
        Ok(false) => rights.hidden.map_or(Ok(false), Err),
        answer => answer,
    }
}

/// The names of the roles of which something holds.
fn roles_that(
    snapshot: &Snapshot,
    (arns, mut gap): (Vec<&str>, Option<GapId>),
    mut holds: impl FnMut(&Role) -> Result<bool, GapId>,
) -> Known<Vec<String>> {
    let mut names = Vec::new();
    for arn in arns {
        let Some(role) = lookup::by_arn(&snapshot.iam.roles, arn, |role| &role.arn) else {
            gap.get_or_insert_with(|| hidden_role(snapshot, arn));
            continue;
        };
        match holds(role) {
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
    let gap = about.cloned().or_else(|| lookup::complete_everywhere(roles).err());
    // A role that is named and does not exist.
    gap.unwrap_or_else(|| GapId::new("iam:GetRole", "-", Some(arn)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::ecs::TaskDefinition;
    use crate::snapshot::iam::Statement;

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
            permissions_boundary_arn: Known::Yes(None),
            boundary_statements: Known::Yes(Vec::new()),
            ..Role::default()
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
        assert_eq!(found.administrator_ways.en, "shop-task may do everything.");
        // A policy of the account's own that only has the name.
        let own = "arn:aws:iam::123456789012:policy/AdministratorAccess";
        let roles = vec![role(TASK, &[own], vec![]), role(EXECUTION, &[], vec![])];
        assert_eq!(task_roles(&account(roles), &service()).administrator_role_names, Known::Yes(vec![]));

        let everything = statement("Allow", &["*"], &["*"]);
        let found = with_statements(vec![everything.clone()]);
        assert_eq!(found.administrator_role_names, Known::Yes(vec!["shop-task".to_owned()]));
        for narrower in [
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
    fn without_roles_and_without_a_definition() {
        let mut snapshot = account(vec![]);
        snapshot.ecs.task_definitions.items[0].execution_role_arn = None;
        snapshot.ecs.task_definitions.items[0].task_role_arn = None;
        assert_eq!(task_roles(&snapshot, &service()).administrator_role_names, Known::Yes(vec![]));
        snapshot.ecs.task_definitions.items.clear();
        assert_eq!(task_roles(&snapshot, &service()).reads_every_secret.known(), None);
    }

    #[test]
    fn everything_under_conditions_is_unknown() {
        let found =
            with_statements(vec![Statement { has_conditions: true, ..statement("Allow", &["*"], &["*"]) }]);
        assert_eq!(found.administrator_role_names, Known::No(GapId::default()));
        assert_eq!(found.reads_every_secret, Known::Yes(vec![]));
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
        let gone = GapId::new("iam:GetRole", "-", Some(EXECUTION));
        assert_eq!(task_roles(&snapshot, &service()).reads_every_secret, Known::No(gone));
        snapshot.iam.roles.incomplete.push(gap.clone());
        assert_eq!(task_roles(&snapshot, &service()).reads_every_secret, Known::No(gap));
    }
}
