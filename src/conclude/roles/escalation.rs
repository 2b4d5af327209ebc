//! What whoever takes over a task can become.

use super::administrator::{self, ANY_NAME};
use super::admits::{Who, admits};
use super::methods::{LAUNCHERS, METHODS, PARAMETER_READS};
use super::rights::{Conditions, Rights};
use crate::conclude::exposure;
use crate::conclude::lookup;
use crate::conclude::network;
use crate::snapshot::ecs::Service;
use crate::snapshot::iam::Role;
use crate::snapshot::known::Known;
use crate::snapshot::{GapId, Snapshot};
use crate::text::Text;

const ASSUME: &str = "sts:AssumeRole";
const PASS: &str = "iam:PassRole";

crate::record! {
    /// What whoever takes over one of a service's tasks can become: another role, a user, an instance,
    /// by the rights of the task role. Roles that are administrators are left out, see task_roles; so
    /// is what passes or takes on the service's own roles, or roles without more rights. Boundaries are
    /// honoured, service control policies are unknown. An allowance under conditions does not count,
    /// but for iam:PassedToService, and leaves the answer open.
    pub(crate) struct TaskEscalation {
        /// The ways. Unknown only when none is seen and one could not be looked into.
        pub methods: Known<Vec<EscalationMethod>>,
        /// Whether the internet reaches the tasks, directly or through a load balancer.
        pub is_reached_from_internet: Known<bool>,
        /// The same in a whole sentence.
        pub reach: Text,
    }

    /// A way from a task role to other rights.
    pub(crate) struct EscalationMethod {
        /// The role.
        pub role_name: String,
        /// For instance passes-role, assumes-role, function-code, session, parameters.
        pub method: String,
        /// The IAM actions that it takes.
        pub actions: Vec<String>,
        /// The policies that allow them.
        pub policy_names: Vec<String>,
        /// On what, as the policy writes it, or the ARN of the role that it leads to.
        pub resource: String,
        /// A whole sentence.
        pub text: Text,
        /// Survives deployments: the role, the method and the role that it leads to.
        pub key: String,
    }
}

/// See [`crate::conclude::FUNCTIONS`].
pub(crate) fn task_escalation(snapshot: &Snapshot, service: &Service) -> TaskEscalation {
    let reached = reached(snapshot, service);
    TaskEscalation {
        methods: methods(snapshot, service),
        reach: reach(&reached),
        is_reached_from_internet: reached,
    }
}

fn methods(snapshot: &Snapshot, service: &Service) -> Known<Vec<EscalationMethod>> {
    let (mut found, mut gap) = (Vec::new(), None);
    let own = match OwnRoles::of(snapshot, service) {
        Ok(own) => own,
        Err(gap) => return Known::No(gap),
    };
    for arn in &own.of_applications {
        let Some(role) = lookup::by_arn(&snapshot.iam.roles, arn, |role| &role.arn) else {
            gap.get_or_insert_with(|| super::hidden_role(snapshot, arn));
            continue;
        };
        // Whoever is an administrator already becomes nothing more.
        match administrator::way(snapshot, role) {
            Ok(Some(_)) => continue,
            Ok(None) => {}
            Err(why) => drop(gap.get_or_insert(why)),
        }
        let rights = Rights::of(role);
        let mut search =
            EscalationSearch { snapshot, role, rights: &rights, own: &own.all, found: Vec::new(), gap: None };
        if let Err(why) = search.all() {
            search.gap.get_or_insert(why);
        }
        found.append(&mut search.found);
        gap = gap.or(search.gap).or(rights.hidden.clone());
    }
    match gap {
        Some(gap) if found.is_empty() => Known::No(gap),
        _ => Known::Yes(found),
    }
}

/// The roles that a service has anyway.
struct OwnRoles {
    /// Those of its applications.
    of_applications: Vec<String>,
    /// Those, and the ones that start its tasks.
    all: Vec<String>,
}

impl OwnRoles {
    fn of(snapshot: &Snapshot, service: &Service) -> Result<Self, GapId> {
        let definitions = lookup::task_definitions(snapshot, service)?;
        let named = definitions.iter().filter_map(|definition| definition.task_role_arn.clone());
        let mut of_applications: Vec<String> = named.collect();
        of_applications.sort();
        of_applications.dedup();
        let starting = definitions.iter().filter_map(|definition| definition.execution_role_arn.clone());
        let all = of_applications.iter().cloned().chain(starting).collect();
        Ok(OwnRoles { of_applications, all })
    }
}

/// The search for ways from one role.
struct EscalationSearch<'a> {
    snapshot: &'a Snapshot,
    role: &'a Role,
    rights: &'a Rights,
    own: &'a [String],
    found: Vec<EscalationMethod>,
    gap: Option<GapId>,
}

impl<'a> EscalationSearch<'a> {
    fn all(&mut self) -> Result<(), GapId> {
        self.known_methods()?;
        self.parameters()?;
        self.passing()?;
        self.assuming()
    }

    /// By what takes nothing but its own actions.
    fn known_methods(&mut self) -> Result<(), GapId> {
        let name = &self.role.name;
        for method in METHODS {
            let Some(resource) = self.allowed(method.actions)? else { continue };
            let (actions, becomes) = (method.actions.join(", "), &method.becomes);
            let text = Text::new(
                format!("{name} may become {} ({actions} on {resource}).", becomes.en),
                format!("{name} は{}になれる（{resource} への {actions}）。", becomes.ja),
            );
            self.add(method.id, method.actions, &resource, "", text);
        }
        Ok(())
    }

    /// The first resource on which the actions are allowed, when all of them are somewhere. Conditions
    /// leave it open.
    fn allowed(&mut self, actions: &[&str]) -> Result<Option<String>, GapId> {
        let (mut first, mut is_open) = (None, false);
        for action in actions {
            match self.rights.somewhere(action, Conditions::Never)? {
                Some(resource) => drop(first.get_or_insert_with(|| resource.to_owned())),
                None if self.rights.somewhere(action, Conditions::Perhaps)?.is_some() => is_open = true,
                None => return Ok(None),
            }
        }
        if is_open {
            self.gap.get_or_insert_with(GapId::default);
            return Ok(None);
        }
        Ok(first)
    }

    fn parameters(&mut self) -> Result<(), GapId> {
        let (partition, account) = administrator::place(self.role);
        let any = format!("arn:{partition}:ssm:us-east-1:{account}:parameter/{ANY_NAME}");
        let name = &self.role.name;
        for action in PARAMETER_READS {
            if self.rights.allows(action, &any, Conditions::Never)? {
                let text = Text::new(
                    format!(
                        "{name} may read every parameter of Parameter Store, other systems' secrets included ({action})."
                    ),
                    format!(
                        "{name} は他のシステムの秘密情報を含め、パラメータストアのすべてのパラメータを読み取れる（{action}）。"
                    ),
                );
                self.add("parameters", &[action], "*", "", text);
                return Ok(());
            }
        }
        Ok(())
    }

    /// By handing a role to a service that runs what the caller wants.
    fn passing(&mut self) -> Result<(), GapId> {
        if self.rights.allowing(PASS).next().is_none() {
            return Ok(());
        }
        let any_role = self.any_role();
        let name = &self.role.name;
        let mut seen = Vec::new();
        let mut open_to: Vec<&str> = Vec::new();
        for launcher in LAUNCHERS {
            let to = launcher.service;
            if open_to.contains(&to) || self.allowed(launcher.actions)?.is_none() {
                continue;
            }
            let actions = [&[PASS], launcher.actions].concat();
            let by = actions.join(", ");
            if self.rights.passes(&any_role, to)? {
                open_to.push(to);
                let text = Text::new(
                    format!("{name} may become any role that {to} may take on ({by})."),
                    format!("{name} は {to} が引き受けられる任意のロールになれる（{by}）。"),
                );
                self.add("passes-any-role", &actions, "*", to, text);
                continue;
            }
            self.note_unresolved(PASS);
            for other in self.others() {
                let is_new = !seen.contains(&other.arn.as_str());
                if is_new && self.rights.passes(&other.arn, to)? && self.is_gain(other, Who::Service(to)) {
                    seen.push(other.arn.as_str());
                    let text = Text::new(
                        format!("{name} may become role {} by passing it to {to} ({by}).", other.name),
                        format!(
                            "{name} はロール {} を {to} に引き渡し、そのロールになれる（{by}）。",
                            other.name
                        ),
                    );
                    self.add("passes-role", &actions, &other.arn, &other.name, text);
                }
            }
        }
        Ok(())
    }

    fn assuming(&mut self) -> Result<(), GapId> {
        let (name, arn) = (&self.role.name, &self.role.arn);
        if self.rights.allows(ASSUME, &self.any_role(), Conditions::Never)? {
            let text = Text::new(
                format!(
                    "{name} may take on any role whose trust policy admits the account ({ASSUME} on every role)."
                ),
                format!(
                    "{name} は、信頼ポリシーでアカウントを許可している任意のロールを引き受けられる（すべてのロールへの {ASSUME}）。"
                ),
            );
            self.add("assumes-any-role", &[ASSUME], "*", "", text);
            return Ok(());
        }
        self.note_unresolved(ASSUME);
        for other in self.others() {
            if !self.rights.allows(ASSUME, &other.arn, Conditions::Never)? {
                if self.rights.allows(ASSUME, &other.arn, Conditions::Perhaps)? {
                    self.gap.get_or_insert_with(GapId::default);
                }
            } else if self.is_gain(other, Who::Role(arn)) {
                let text = Text::new(
                    format!("{name} may take on role {} ({ASSUME}).", other.name),
                    format!("{name} はロール {} を引き受けられる（{ASSUME}）。", other.name),
                );
                self.add("assumes-role", &[ASSUME], &other.arn, &other.name, text);
            }
        }
        Ok(())
    }

    fn any_role(&self) -> String {
        let (partition, account) = administrator::place(self.role);
        format!("arn:{partition}:iam::{account}:role/{ANY_NAME}")
    }

    /// The roles in sight that are not the service's own.
    fn others(&self) -> Vec<&'a Role> {
        self.snapshot.iam.roles.iter().filter(|role| !self.own.contains(&role.arn)).collect()
    }

    /// Whether a role admits who is to take it on, and has rights that this one lacks. What hides that
    /// is noted.
    fn is_gain(&mut self, other: &Role, who: Who<'_>) -> bool {
        let admitted = match (other.trust.ask(), who) {
            (Err(gap), _) => Known::No(gap),
            // The account's own principals need its permission, which they have here.
            (Ok(trust), Who::Role(arn)) => {
                network::any([admits(trust, who, ASSUME), admits(trust, Who::AccountOf(arn), ASSUME)])
            }
            (Ok(trust), _) => admits(trust, who, ASSUME),
        };
        let gains: Known<bool> = self.rights.lacks_of(&Rights::of(other)).into();
        match network::all([admitted, gains]) {
            Known::Yes(answer) => answer,
            Known::No(gap) => {
                self.gap.get_or_insert(gap);
                false
            }
        }
    }

    /// Roles that are named, or meant by a pattern, and not in sight: what they may is unknown.
    fn note_unresolved(&mut self, action: &str) {
        for statement in self.rights.allowing(action).filter(|statement| !statement.negated_resources) {
            for resource in &statement.resources {
                let is_role = resource.contains(":role/");
                let is_in_sight = self.snapshot.iam.roles.iter().any(|role| role.arn == *resource);
                if is_role && !is_in_sight && !self.rights.denies(action, resource) {
                    let is_pattern = resource.contains(['*', '?']);
                    let operation = if is_pattern { "iam:ListRoles" } else { "iam:GetRole" };
                    let region = &self.role.region;
                    self.gap.get_or_insert_with(|| GapId::new(operation, region, Some(resource)));
                }
            }
        }
    }

    fn add(&mut self, method: &str, actions: &[&str], resource: &str, target: &str, text: Text) {
        let statements = actions.iter().flat_map(|action| self.rights.allowing(action));
        let mut policies: Vec<String> = statements.map(|statement| statement.policy_name.clone()).collect();
        policies.sort();
        policies.dedup();
        let name = &self.role.name;
        let key = match target.is_empty() {
            true => format!("{name}/{method}"),
            false => format!("{name}/{method}/{target}"),
        };
        self.found.push(EscalationMethod {
            role_name: name.clone(),
            method: method.to_owned(),
            actions: actions.iter().map(|action| (*action).to_owned()).collect(),
            policy_names: policies,
            resource: resource.to_owned(),
            text,
            key,
        });
    }
}

/// Directly, or through a load balancer that faces the internet.
fn reached(snapshot: &Snapshot, service: &Service) -> Known<bool> {
    let registrations = service.load_balancers.iter();
    let groups: Vec<&str> =
        registrations.filter_map(|registration| registration.target_group_arn.as_deref()).collect();
    let (target_groups, balancers) = (&snapshot.elb.target_groups, &snapshot.elb.load_balancers);
    let is_own = |group: &&crate::snapshot::elb::TargetGroup| groups.contains(&group.arn.as_str());
    let arns: Vec<&String> =
        target_groups.iter().filter(is_own).flat_map(|group| &group.load_balancer_arns).collect();
    let is_public = balancers
        .iter()
        .any(|balancer| balancer.scheme == "internet-facing" && arns.contains(&&balancer.arn));
    let region = &service.region;
    let lists = target_groups.complete_in(region).and_then(|()| balancers.complete_in(region));
    let through = match lists {
        _ if is_public => return Known::Yes(true),
        Err(gap) if !groups.is_empty() => Known::No(gap),
        _ => Known::Yes(false),
    };
    network::any([exposure::service_exposure(snapshot, service).is_reachable, through])
}

fn reach(reached: &Known<bool>) -> Text {
    match reached {
        Known::Yes(true) => Text::new(
            "The internet reaches the service, so a single flaw in the application is enough.",
            "サービスにはインターネットから到達できるため、アプリケーションの欠陥 1 つで悪用されうる。",
        ),
        Known::Yes(false) => Text::new(
            "The internet does not reach the service itself.",
            "サービス自体にはインターネットから到達できない。",
        ),
        Known::No(_) => Text::new(
            "Whether the internet reaches the service could not be determined.",
            "サービスにインターネットから到達できるか確認できない。",
        ),
    }
}
