//! What a role may do: the statements of its policies as IAM evaluates them.
//!
//! Looked at are identity policies and the permissions boundary. Service control policies and
//! policies of resources are not: they are other people's, and what they say is unknown.

use crate::arn::Arn;
use crate::snapshot::iam::{Role, Statement};
use crate::snapshot::{GapId, Known};

/// Policies of AWS whose rights matter here, as AWS's managed policy reference gives them: name, actions, and whether the actions are those left out (NotAction).
const AWS_POLICIES: &[(&str, &[&str], bool)] = &[
    ("AdministratorAccess", &["*"], false),
    ("PowerUserAccess", &["iam:*", "organizations:*", "account:*"], true),
    ("IAMFullAccess", &["iam:*"], false),
    ("SecretsManagerReadWrite", &["secretsmanager:*"], false),
    ("AmazonECSTaskExecutionRolePolicy", TASK_EXECUTION, false),
    ("AmazonEC2ContainerRegistryFullAccess", &["ecr:*"], false),
    ("AmazonEC2ContainerRegistryReadOnly", IMAGE_PULL, false),
    ("AmazonEC2ContainerRegistryPowerUser", IMAGE_PULL, false),
    ("AmazonSSMFullAccess", &["ssm:*", "logs:*"], false),
    ("AmazonSSMReadOnlyAccess", &["ssm:Describe*", "ssm:Get*", "ssm:List*"], false),
    ("CloudWatchLogsFullAccess", &["logs:*"], false),
    ("AWSLambda_FullAccess", &["lambda:*"], false),
    ("AmazonEC2FullAccess", &["ec2:*"], false),
    ("AmazonECS_FullAccess", &["ecs:*", "cloudformation:CreateStack", "cloudformation:UpdateStack"], false),
    ("AWSCloudFormationFullAccess", &["cloudformation:*"], false),
    ("AmazonS3FullAccess", &["s3:*"], false),
    ("AmazonS3ReadOnlyAccess", &["s3:Get*", "s3:List*", "s3:Describe*"], false),
    ("AWSXRayDaemonWriteAccess", &["xray:Put*", "xray:Get*"], false),
];

/// What it takes to pull an image from a private repository of ECR.
const IMAGE_PULL: &[&str] = &[
    "ecr:GetAuthorizationToken",
    "ecr:BatchCheckLayerAvailability",
    "ecr:GetDownloadUrlForLayer",
    "ecr:BatchGetImage",
];

/// The same, and what it takes to write a log.
const TASK_EXECUTION: &[&str] = &[
    "ecr:GetAuthorizationToken",
    "ecr:BatchCheckLayerAvailability",
    "ecr:GetDownloadUrlForLayer",
    "ecr:BatchGetImage",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
];

/// What a role may do.
pub(crate) struct Rights {
    allowed: Vec<Statement>,
    // `None` for no boundary.
    boundary: Option<Result<Vec<Statement>, GapId>>,
    /// What hides a part of the policies.
    pub hidden: Option<GapId>,
    /// The first policy of AWS's that is attached and whose rights are not known here.
    unread: Option<GapId>,
}

/// How an allowance with conditions is taken: what they say is not kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Conditions {
    /// They are never met.
    Never,
    /// They may be met.
    Perhaps,
}

impl Rights {
    /// What is seen of a role's policies.
    pub(crate) fn of(role: &Role) -> Self {
        let mut allowed = Vec::new();
        let (mut hidden, mut unread) = (None, None);
        match role.attached_policy_arns.ask() {
            Ok(arns) => {
                allowed.extend(arns.iter().filter_map(|arn| of_aws(arn)));
                let is_unread = |arn: &&String| {
                    Arn::parse(arn).is_some_and(|it| it.account == "aws") && of_aws(arn).is_none()
                };
                unread = arns
                    .iter()
                    .find(is_unread)
                    .map(|arn| GapId::new("iam:GetPolicyVersion", &role.region, Some(arn)));
            }
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
        Rights { allowed, boundary, hidden, unread }
    }

    /// Whether an action on a resource is allowed, where it matters that it is not: unknown where a
    /// policy that was not read, or a condition, may allow it after all.
    pub(crate) fn may(&self, action: &str, resource: &str) -> Known<bool> {
        match self.allows(action, resource, Conditions::Never) {
            Ok(false) => {}
            answer => return answer.into(),
        }
        if self.denies(action, resource) {
            return Known::Yes(false);
        }
        if let Some(gap) = self.hidden.as_ref().or(self.unread.as_ref()) {
            return Known::No(gap.clone());
        }
        match self.allows(action, resource, Conditions::Perhaps) {
            // What the conditions say is not kept.
            Ok(true) => Known::No(GapId::default()),
            answer => answer.into(),
        }
    }

    /// Whether a policy denies an action on a resource without conditions, whoever allows it.
    pub(crate) fn denies(&self, action: &str, resource: &str) -> bool {
        let bounding = self.boundary.iter().flatten().flatten();
        self.allowed.iter().chain(bounding).any(|statement| {
            statement.effect == "Deny"
                && !statement.has_conditions
                && takes_action(statement, action)
                && takes_resource(statement, resource)
        })
    }

    /// Whether a boundary is seen to bound it.
    pub(crate) fn is_bounded(&self) -> bool {
        matches!(self.boundary, Some(Ok(_)))
    }

    /// Whether an action is allowed on some resource.
    pub(super) fn allows_somewhere(&self, action: &str, conditions: Conditions) -> Result<bool, GapId> {
        self.somewhere(action, conditions).map(|resource| resource.is_some())
    }

    /// A resource, as a policy writes it, on which an action is allowed.
    pub(super) fn somewhere(&self, action: &str, conditions: Conditions) -> Result<Option<&str>, GapId> {
        let allowing = self.allowing(action).filter(|statement| !statement.negated_resources);
        let resources = allowing.flat_map(|statement| &statement.resources).map(String::as_str);
        for resource in resources.chain(["*"]) {
            if self.allows(action, &example_of(resource), conditions)? {
                return Ok(Some(resource));
            }
        }
        Ok(None)
    }

    /// The statements that allow an action somewhere, whatever their conditions.
    pub(super) fn allowing(&self, action: &str) -> impl Iterator<Item = &Statement> {
        self.allowed
            .iter()
            .filter(move |statement| statement.effect == "Allow" && takes_action(statement, action))
    }

    /// Whether a role may be passed to a service: without conditions, or under the one that names it.
    pub(super) fn passes(&self, role_arn: &str, service: &str) -> Result<bool, GapId> {
        let is_allowed = self.allowing(PASS_ROLE).any(|statement| {
            let names_service = statement
                .passed_to_services
                .iter()
                .any(|pattern| wildcard(&pattern.to_ascii_lowercase(), service));
            (!statement.has_conditions || names_service) && takes_resource(statement, role_arn)
        });
        if !is_allowed || self.denies(PASS_ROLE, role_arn) {
            return Ok(false);
        }
        match &self.boundary {
            None => Ok(true),
            Some(Ok(statements)) => Ok(decides(statements, PASS_ROLE, role_arn, Conditions::Perhaps)),
            Some(Err(gap)) => Err(gap.clone()),
        }
    }

    /// Whether another role is seen to have a right that this one lacks; the gap hides some of the
    /// other's.
    pub(super) fn lacks_of(&self, other: &Rights) -> Result<bool, GapId> {
        let examples = |patterns: &[String], is_negated: bool, unnamed: &str| match is_negated {
            true => vec![unnamed.to_owned()],
            false => patterns.iter().map(|pattern| example_of(pattern)).collect(),
        };
        for statement in other.allowed.iter().filter(|statement| statement.effect == "Allow") {
            let actions = examples(&statement.actions, statement.negated_actions, UNNAMED_ACTION);
            let resources = examples(&statement.resources, statement.negated_resources, UNNAMED_RESOURCE);
            for action in &actions {
                for resource in &resources {
                    if other.allows(action, resource, Conditions::Perhaps)?
                        && !self.allows(action, resource, Conditions::Never)?
                    {
                        return Ok(true);
                    }
                }
            }
        }
        let hidden = other.hidden.as_ref().or(other.unread.as_ref());
        hidden.map_or(Ok(false), |gap| Err(gap.clone()))
    }

    /// Whether an action on a resource is allowed: allowed by some statement and denied by none, in
    /// the policies and in the boundary. A denial with conditions is one that does not always hold.
    /// The gap is a boundary's that could not be looked into.
    pub(crate) fn allows(&self, action: &str, resource: &str, conditions: Conditions) -> Result<bool, GapId> {
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

/// What lets a role be handed to a service.
const PASS_ROLE: &str = "iam:PassRole";

/// An action and a resource that no policy was written for.
const UNNAMED_ACTION: &str = "zq7service:AnyAction";
const UNNAMED_RESOURCE: &str = "arn:aws:zq7service:::Zq7.tenken_Any-x9Kd3w";

/// A name that a pattern takes.
fn example_of(pattern: &str) -> String {
    pattern.replace(['*', '?'], "q")
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
    names_action(&statement.actions, action) != statement.negated_actions
}

/// Whether one of the patterns of a policy takes an action, in whatever case it is written.
pub(crate) fn names_action(patterns: &[String], action: &str) -> bool {
    let action = action.to_ascii_lowercase();
    patterns.iter().any(|pattern| wildcard(&pattern.to_ascii_lowercase(), &action))
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
mod tests;
