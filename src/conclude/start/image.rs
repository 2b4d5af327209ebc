//! Whether the images are there, and whether the role may pull them.

use super::credentials::{self, Right};
use super::{Requirement, Scene};
use crate::conclude::lookup;
use crate::snapshot::ecr::ImageName;
use crate::snapshot::known::Known;
use crate::snapshot::{GapId, Snapshot};
use crate::text::Text;

pub(super) fn conditions(scene: Scene<'_>) -> Vec<Requirement> {
    let mut conditions = Vec::new();
    for container in &scene.definition.containers {
        let uri = container.image.as_str();
        if uri.is_empty() {
            continue;
        }
        match ImageName::parse(uri) {
            Some(name) => {
                conditions.push(in_registry(scene.snapshot, &name));
                conditions.extend(pulling(scene, &name));
            }
            None => conditions.push(elsewhere(uri)),
        }
    }
    conditions
}

/// Docker Hub, ECR Public and others cannot be asked.
fn elsewhere(uri: &str) -> Requirement {
    let text = Text::new(
        format!("Whether image {uri} is there is its registry's to know; it was not asked."),
        format!("イメージ {uri} の有無はそのレジストリにしかわからず、確認していない。"),
    );
    Requirement { counts: false, ..Requirement::new("image", uri, Known::No(GapId::default()), text) }
}

fn in_registry(snapshot: &Snapshot, name: &ImageName<'_>) -> Requirement {
    let uri = name.uri;
    let holds = exists(snapshot, name);
    let text = match holds {
        Known::Yes(true) => Text::new(format!("Image {uri} exists."), format!("イメージ {uri} は存在する。")),
        Known::Yes(false) => {
            Text::new(format!("Image {uri} does not exist."), format!("イメージ {uri} が存在しない。"))
        }
        Known::No(_) => Text::new(
            format!("Whether image {uri} exists could not be determined."),
            format!("イメージ {uri} の有無を確認できない。"),
        ),
    };
    Requirement::new("image", uri, holds, text)
}

fn exists(snapshot: &Snapshot, name: &ImageName<'_>) -> Known<bool> {
    let about = format!("{}:{}", name.repository, name.digest.unwrap_or(name.tag));
    // Another account's registry, or a region that was not scanned.
    if name.account != snapshot.account || !snapshot.regions.iter().any(|region| region == name.region) {
        return Known::No(GapId::new("ecr:DescribeImages", name.region, Some(&about)));
    }
    let images = &snapshot.ecr.images;
    match images.iter().find(|image| image.uri == name.uri) {
        Some(image) => image.digest.clone().map(|digest| digest.is_some()),
        None => Known::No(images.hidden_by(name.region, &about)),
    }
}

/// On Fargate the execution role pulls. The policy of a repository may allow what the role's own
/// policies do not, and was not asked; only for the token there is no other way.
fn pulling(scene: Scene<'_>, name: &ImageName<'_>) -> Option<Requirement> {
    if !scene.is_on_fargate() {
        return None;
    }
    let arn = crate::arn::arn(
        &scene.snapshot.partition,
        "ecr",
        name.region,
        name.account,
        &format!("repository/{}", name.repository),
    );
    let role = credentials::execution_role(scene);
    let token = Right { action: "ecr:GetAuthorizationToken", resource: "*" };
    let layers = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
    let may_pull = || match layers.iter().find_map(|action| {
        let right = Right { action, resource: &arn };
        (right.of(&role) != Known::Yes(true)).then(|| right.of(&role))
    }) {
        None => Known::Yes(true),
        Some(Known::Yes(_)) => Known::No(GapId::new("ecr:GetRepositoryPolicy", name.region, Some(&arn))),
        Some(unknown) => unknown,
    };
    let holds = match token.of(&role) {
        Known::Yes(true) => may_pull(),
        answer => answer,
    };
    Some(credentials::right("pull-right", name.repository, &role, &[token.action], holds))
}

/// The log group of the awslogs driver, by region and name.
pub(super) fn log_group_exists(snapshot: &Snapshot, region: &str, name: &str) -> Known<bool> {
    let groups = &snapshot.logs.log_groups;
    if !snapshot.regions.iter().any(|known| known == region) {
        return Known::No(GapId::never_asked_in(region));
    }
    let found = groups.iter().any(|group| group.name == name && group.region == region);
    lookup::exists(groups, region, found)
}
