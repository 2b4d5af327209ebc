//! Whether the execution role may read the secrets that a task is given, and whether their keys can be
//! used.

use super::credentials::{self, ExecutionRole, Right};
use super::{Requirement, Scene};
use crate::conclude::network;
use crate::conclude::roles::admits::{Who, admits};
use crate::conclude::secrets::references::{Named, PLAIN, is_public_parameter};
use crate::snapshot::kms::Key;
use crate::snapshot::known::Known;
use crate::snapshot::{GapId, Snapshot};
use crate::text::Text;

const READ_SECRET: &str = "secretsmanager:GetSecretValue";
const READ_PARAMETER: &str = "ssm:GetParameters";
const DECRYPT: &str = "kms:Decrypt";

pub(super) fn conditions(scene: Scene<'_>) -> Vec<Requirement> {
    let mut conditions = Vec::new();
    let role = credentials::execution_role(scene);
    for reference in references(scene) {
        let named = match Named::of(scene.snapshot, &scene.service.region, reference) {
            Some(named) => named,
            None if is_public_parameter(reference) => continue,
            None => {
                conditions.push(elsewhere(reference));
                continue;
            }
        };
        let there = existence(scene.snapshot, &named);
        let is_there = there.holds == Known::Yes(true);
        conditions.push(there);
        if is_there {
            conditions.extend(reading(scene, &role, &named, reference));
        }
    }
    conditions
}

/// What the containers take their secrets and their registries' credentials from.
fn references(scene: Scene<'_>) -> Vec<&str> {
    let containers = &scene.definition.containers;
    let secrets = containers.iter().flat_map(|container| &container.secret_references);
    let credentials =
        containers.iter().filter_map(|container| container.registry_credentials.known()?.as_deref());
    secrets.map(|reference| reference.value_from.as_str()).chain(credentials).collect()
}

/// Of another account, or in a region that was not scanned.
fn elsewhere(reference: &str) -> Requirement {
    let text = Text::new(
        format!("{reference} belongs to another account or region and could not be looked at."),
        format!("{reference} は別のアカウントまたはリージョンにあり、確認できない。"),
    );
    let operation =
        if reference.contains(":secret:") { "secretsmanager:ListSecrets" } else { "ssm:DescribeParameters" };
    let region = crate::arn::Arn::parse(reference).map_or("-", |arn| arn.region);
    Requirement::new("secret", reference, Known::No(GapId::new(operation, region, Some(reference))), text)
}

fn existence(snapshot: &Snapshot, named: &Named<'_>) -> Requirement {
    let name = &named.text;
    let problem = named.problem(snapshot).map(|problem| problem.filter(|problem| *problem != PLAIN));
    let (holds, text) = match problem {
        Ok(None) => (Known::Yes(true), Text::new(format!("{name} exists."), format!("{name} は存在する。"))),
        Ok(Some(_)) => (
            Known::Yes(false),
            Text::new(
                format!("{name} does not exist or waits for its deletion."),
                format!("{name} が存在しないか、削除待ちである。"),
            ),
        ),
        Err(gap) => (
            Known::No(gap),
            Text::new(
                format!("Whether {name} exists could not be determined."),
                format!("{name} の有無を確認できない。"),
            ),
        ),
    };
    Requirement { is_told_elsewhere: true, ..Requirement::new("secret", name, holds, text) }
}

fn reading(
    scene: Scene<'_>,
    role: &ExecutionRole<'_>,
    named: &Named<'_>,
    reference: &str,
) -> Vec<Requirement> {
    let snapshot = scene.snapshot;
    let (arn, key, holds, actions) = match (named.secret(snapshot), named.parameter_record(snapshot)) {
        (Some(secret), _) => {
            let by_parameter = !reference.contains(":secret:");
            let mut actions = vec![READ_SECRET];
            let mut holds = may_read_secret(snapshot, role, &secret.arn, &named.text);
            if by_parameter {
                let right = Right { action: READ_PARAMETER, resource: &parameter_arn(snapshot, named) };
                holds = network::all([holds, right.of(role)]);
                actions.push(READ_PARAMETER);
            }
            (secret.arn.as_str(), &secret.kms_key_id, holds, actions)
        }
        (None, Some(parameter)) => {
            let right = Right { action: READ_PARAMETER, resource: &parameter.arn };
            (parameter.arn.as_str(), &parameter.kms_key_id, right.of(role), vec![READ_PARAMETER])
        }
        (None, None) => return Vec::new(),
    };
    let mut conditions = vec![credentials::right("secret-right", arn, role, &actions, holds)];
    conditions.extend(decrypting(scene, role, named.region, key, arn));
    conditions
}

fn parameter_arn(snapshot: &Snapshot, named: &Named<'_>) -> String {
    let path = named.text.split_once("parameter/").map_or(named.text.as_str(), |(_, path)| path);
    let resource = format!("parameter/{}", path.trim_start_matches('/'));
    crate::arn::arn(&snapshot.partition, "ssm", named.region, &snapshot.account, &resource)
}

/// By the role's own policies, or by the secret's.
fn may_read_secret(snapshot: &Snapshot, role: &ExecutionRole<'_>, arn: &str, written: &str) -> Known<bool> {
    let right = Right { action: READ_SECRET, resource: arn };
    let own = right.of(role);
    let ExecutionRole::Seen(record, rights) = role else { return own };
    if own == Known::Yes(true) || rights.denies(READ_SECRET, arn) {
        return own;
    }
    let policies = &snapshot.secretsmanager.resource_policies;
    let policy = policies.iter().find(|policy| policy.secret == written || policy.secret == arn);
    let by_policy = match policy {
        Some(policy) => match policy.statements.ask() {
            Ok(statements) => admits(statements, Who::Role(&record.arn), READ_SECRET),
            Err(gap) => Known::No(gap),
        },
        None => Known::No(policies.hidden_by(lookup_region(arn), written)),
    };
    network::any([own, by_policy])
}

fn lookup_region(arn: &str) -> &str {
    crate::arn::Arn::parse(arn).map_or("-", |arn| arn.region)
}

/// AWS's own keys let whoever may read the secret use them; the account's own have to be usable, and
/// the role has to have kms:Decrypt.
fn decrypting(
    scene: Scene<'_>,
    role: &ExecutionRole<'_>,
    region: &str,
    key: &Known<Option<String>>,
    encrypted: &str,
) -> Vec<Requirement> {
    let name = match key.ask() {
        Ok(None) => return Vec::new(),
        Ok(Some(name)) if is_of_aws(name) => return Vec::new(),
        Ok(Some(name)) => name,
        Err(gap) => return vec![unknown_key(encrypted, gap)],
    };
    let keys = &scene.snapshot.kms.keys;
    let found = keys.iter().find(|key| {
        key.region == region
            && (key.arn == *name || key.id == *name || key.names.iter().any(|known| known == name))
    });
    let Some(key) = found else {
        // Another account's key was not asked for.
        let gap = keys.gap_about(name).cloned();
        let gap = gap.or_else(|| keys.complete_in(region).err());
        return vec![unknown_key(
            name,
            gap.unwrap_or_else(|| GapId::new("kms:DescribeKey", region, Some(name))),
        )];
    };
    if key.manager == "AWS" {
        return Vec::new();
    }
    let usable = state(key);
    let is_usable = usable.holds == Known::Yes(true);
    let mut conditions = vec![usable];
    if is_usable {
        let holds = may_decrypt(role, key);
        conditions.push(credentials::right("key-right", &key.arn, role, &[DECRYPT], holds));
    }
    conditions
}

fn is_of_aws(name: &str) -> bool {
    name.starts_with("alias/aws/") || name.contains(":alias/aws/")
}

fn unknown_key(subject: &str, gap: GapId) -> Requirement {
    let text = Text::new(
        format!("Whether the key of {subject} can be used could not be determined."),
        format!("{subject} のキーを利用できるか確認できない。"),
    );
    Requirement::new("key", subject, Known::No(gap), text)
}

/// What is not Enabled refuses to decrypt; Updating passes by itself.
fn state(key: &Key) -> Requirement {
    let (arn, state) = (&key.arn, &key.state);
    let holds = ["Enabled", "Updating"].contains(&state.as_str());
    let text = match holds {
        true => Text::new(format!("Key {arn} can be used."), format!("キー {arn} は利用できる。")),
        false => Text::new(
            format!("Key {arn} is {state} and cannot decrypt."),
            format!("キー {arn} は {state} のため復号できない。"),
        ),
    };
    Requirement::new("key", arn, Known::Yes(holds), text)
}

/// The key's policy admits the role, or the account, whose policies then decide.
fn may_decrypt(role: &ExecutionRole<'_>, key: &Key) -> Known<bool> {
    let ExecutionRole::Seen(record, rights) = role else {
        return Right { action: DECRYPT, resource: &key.arn }.of(role);
    };
    if rights.denies(DECRYPT, &key.arn) {
        return Known::Yes(false);
    }
    let own = rights.may(DECRYPT, &key.arn);
    let statements = match key.statements.ask() {
        Ok(statements) => statements,
        Err(gap) => return Known::No(gap),
    };
    let direct = admits(statements, Who::Role(&record.arn), DECRYPT);
    let delegated = admits(statements, Who::AccountOf(&record.arn), DECRYPT);
    network::any([direct, network::all([delegated, own])])
}
