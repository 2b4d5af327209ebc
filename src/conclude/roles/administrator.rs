//! Rights that are an administrator's, or that lead there.

use super::methods::LAUNCHERS;
use super::rights::{Conditions, Rights};
use crate::arn::Arn;
use crate::snapshot::iam::Role;
use crate::snapshot::{GapId, Snapshot};
use crate::text::Text;

/// A name that no policy was written for: what takes it takes every name.
pub(super) const ANY_NAME: &str = "Zq7.tenken_Any-x9Kd3w";

/// Actions that, on every role or policy, give any rights to anybody, each by itself: IAM checks
/// who may change a policy, not what is written into it.
const ON_EVERY_ROLE: &[&str] = &["iam:AttachRolePolicy", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"];

/// The same for users, to whom a key is given next; all of a row are needed.
const ON_EVERY_USER: &[&[&str]] =
    &[&["iam:AttachUserPolicy", "iam:CreateAccessKey"], &["iam:PutUserPolicy", "iam:CreateAccessKey"]];

/// How a role comes to administrator's rights; `None` when what is seen does not lead there. The gap
/// says what hides the answer.
pub(super) fn way(snapshot: &Snapshot, role: &Role) -> Result<Option<Text>, GapId> {
    let rights = Rights::of(role);
    let found = with(snapshot, role, &rights, Conditions::Never, &mut vec![role.arn.as_str()])?;
    if found.is_some() {
        return Ok(found);
    }
    if let Some(gap) = rights.hidden {
        return Err(gap);
    }
    // An allowance of everything under conditions is neither nothing nor everything.
    match everything(role, &rights, Conditions::Perhaps)? {
        true => Err(GapId::default()),
        false => Ok(None),
    }
}

fn with<'a>(
    snapshot: &'a Snapshot,
    role: &'a Role,
    rights: &Rights,
    conditions: Conditions,
    seen: &mut Vec<&'a str>,
) -> Result<Option<Text>, GapId> {
    let name = &role.name;
    if everything(role, rights, conditions)? {
        return Ok(Some(Text::new(
            format!("{name} may do everything."),
            format!("{name} はすべての操作を実行できる。"),
        )));
    }
    let every_role = arn(role, "role/");
    for action in ON_EVERY_ROLE {
        // Its own policies as well, unless a boundary stays above them.
        let own = *action != "iam:UpdateAssumeRolePolicy" && !rights.is_bounded();
        let targets = [Some(every_role.as_str()), own.then_some(role.arn.as_str())];
        for target in targets.into_iter().flatten() {
            if rights.allows(action, target, conditions)? {
                return Ok(Some(grants(name, action)));
            }
        }
    }
    if rights.allows("iam:CreatePolicyVersion", &arn(role, "policy/"), conditions)? {
        return Ok(Some(grants(name, "iam:CreatePolicyVersion")));
    }
    if !rights.is_bounded() {
        for policy in role.attached_policy_arns.known().into_iter().flatten() {
            let is_own = Arn::parse(policy).is_some_and(|parsed| parsed.account != "aws");
            if is_own && rights.allows("iam:CreatePolicyVersion", policy, conditions)? {
                return Ok(Some(grants(name, "iam:CreatePolicyVersion")));
            }
        }
    }
    let every_user = arn(role, "user/");
    for actions in ON_EVERY_USER {
        if all(rights, actions, &every_user, conditions)? {
            return Ok(Some(grants(name, &actions.join(", "))));
        }
    }
    passes(snapshot, role, rights, conditions, seen)
}

/// Whether a role can be passed that leads on: any role of the account, or one that is seen to.
fn passes<'a>(
    snapshot: &'a Snapshot,
    role: &'a Role,
    rights: &Rights,
    conditions: Conditions,
    seen: &mut Vec<&'a str>,
) -> Result<Option<Text>, GapId> {
    let Some(launcher) = launcher(rights, conditions)? else { return Ok(None) };
    let name = &role.name;
    if rights.allows("iam:PassRole", &arn(role, "role/"), conditions)? {
        return Ok(Some(Text::new(
            format!("{name} may pass every role of the account (iam:PassRole with {launcher})."),
            format!("{name} はアカウント内のすべてのロールを引き渡せる（iam:PassRole と {launcher}）。"),
        )));
    }
    for other in snapshot.iam.roles.iter() {
        if seen.contains(&other.arn.as_str()) || !rights.allows("iam:PassRole", &other.arn, conditions)? {
            continue;
        }
        seen.push(&other.arn);
        // A role that cannot be looked into is not known to lead anywhere.
        if let Ok(Some(next)) = with(snapshot, other, &Rights::of(other), conditions, seen) {
            let passed = &other.name;
            return Ok(Some(Text::new(
                format!("{name} may pass role {passed} (iam:PassRole with {launcher}). {}", next.en),
                format!("{name} はロール {passed} を引き渡せる（iam:PassRole と {launcher}）。{}", next.ja),
            )));
        }
    }
    Ok(None)
}

/// What runs the caller's code with the rights of a role that is passed to it.
fn launcher(rights: &Rights, conditions: Conditions) -> Result<Option<String>, GapId> {
    'launchers: for launcher in LAUNCHERS {
        for action in launcher.actions {
            if !rights.allows_somewhere(action, conditions)? {
                continue 'launchers;
            }
        }
        return Ok(Some(launcher.actions.join(", ")));
    }
    Ok(None)
}

/// Whether everything is allowed: an action of a service that no policy names, and IAM's.
fn everything(role: &Role, rights: &Rights, conditions: Conditions) -> Result<bool, GapId> {
    let (partition, account) = place(role);
    let unnamed = format!("arn:{partition}:zq7service:{}:{account}:{ANY_NAME}", role.region);
    Ok(rights.allows("zq7service:AnyAction", &unnamed, conditions)?
        && rights.allows("iam:PutRolePolicy", &arn(role, "role/"), conditions)?)
}

fn all(rights: &Rights, actions: &[&str], resource: &str, conditions: Conditions) -> Result<bool, GapId> {
    for action in actions {
        if !rights.allows(action, resource, conditions)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A resource of IAM in the role's account that no policy was written for.
fn arn(role: &Role, kind: &str) -> String {
    let (partition, account) = place(role);
    format!("arn:{partition}:iam::{account}:{kind}{ANY_NAME}")
}

pub(super) fn place(role: &Role) -> (&str, &str) {
    Arn::parse(&role.arn).map_or(("aws", ""), |parsed| (parsed.partition, parsed.account))
}

fn grants(name: &str, actions: &str) -> Text {
    Text::new(
        format!("{name} may give itself any right ({actions})."),
        format!("{name} は自身に任意の権限を付与できる（{actions}）。"),
    )
}
