//! Whether a new task of a service would start now.
//!
//! Tasks that run keep what they were started with, so that nothing shows until the next deployment,
//! scaling or replacement. Every condition that a new task needs is looked at by itself; whatever
//! AWS would not say leaves that one open and no other.

mod addresses;
mod credentials;
mod image;
mod log;
mod quota;
mod reading;
mod way_out;

use super::facts::Facts;
use super::lookup;
use super::network;
use crate::snapshot::ecs::{Service, TaskDefinition};
use crate::snapshot::known::Known;
use crate::snapshot::{GapId, Snapshot};
use crate::text::Text;

crate::record! {
    /// Whether a new task of a service would start now, from the task definition that new tasks are
    /// started from. What hosts on EC2 have and reach is not looked at, nor registries outside the
    /// account's ECR, environment files, volumes, service control policies, and what the policies of
    /// VPC endpoints and registries refuse.
    pub(crate) struct TaskStart {
        /// Whether it would: no as soon as one condition fails, unknown when none is seen to fail and
        /// one could not be looked into.
        pub would_start: Known<bool>,
        /// Every condition that was looked at.
        pub conditions: Vec<StartCondition>,
        /// Those that fail; secrets that do not exist are left out, see broken_secret_references.
        /// Unknown only when none is seen to fail and one could not be looked into.
        pub obstacles: Known<Vec<StartObstacle>>,
        /// A whole sentence.
        pub summary: Text,
    }

    /// A condition for a new task to start.
    pub(crate) struct StartCondition {
        /// image, log-group, secret, secret-right, key, key-right, role, trust, pull-right, log-right,
        /// addresses, way-out, egress or quota.
        pub kind: String,
        /// What it is about.
        pub subject: String,
        /// Whether it holds.
        pub holds: Known<bool>,
        /// Whether a start depends on it as far as can be known: not for images in other registries.
        pub counts: bool,
        /// A whole sentence.
        pub text: Text,
    }

    /// A condition that fails.
    pub(crate) struct StartObstacle {
        /// As in StartCondition.
        pub kind: String,
        /// What is missing or not usable: an image, a log group's name, an ARN, a quota's code, or what
        /// tasks cannot reach.
        pub subject: String,
        /// The role whose rights or trust are short; empty where it is not about a role.
        pub role_name: String,
        /// The IAM actions that the role lacks.
        pub actions: Vec<String>,
        /// The subnets or route tables that it is about.
        pub resource_ids: Vec<String>,
        /// A whole sentence.
        pub text: Text,
        /// Survives deployments: the kind and what it is about.
        pub key: String,
    }
}

/// A condition, before it is told.
struct Requirement {
    kind: &'static str,
    subject: String,
    holds: Known<bool>,
    counts: bool,
    /// Whether another policy reports it.
    is_told_elsewhere: bool,
    role_name: String,
    actions: Vec<String>,
    resource_ids: Vec<String>,
    text: Text,
}

impl Requirement {
    fn new(kind: &'static str, subject: &str, holds: Known<bool>, text: Text) -> Self {
        Requirement {
            kind,
            subject: subject.to_owned(),
            holds,
            counts: true,
            is_told_elsewhere: false,
            role_name: String::new(),
            actions: Vec::new(),
            resource_ids: Vec::new(),
            text,
        }
    }

    fn fails(&self) -> bool {
        self.counts && self.holds == Known::Yes(false)
    }

    fn gap(&self) -> Option<GapId> {
        if self.counts { self.holds.ask().err() } else { None }
    }

    fn obstacle(&self) -> StartObstacle {
        StartObstacle {
            kind: self.kind.to_owned(),
            subject: self.subject.clone(),
            role_name: self.role_name.clone(),
            actions: self.actions.clone(),
            resource_ids: self.resource_ids.clone(),
            text: self.text.clone(),
            key: format!("{}/{}", self.kind, key_of(self)),
        }
    }

    fn told(self) -> StartCondition {
        StartCondition {
            kind: self.kind.to_owned(),
            subject: self.subject,
            holds: self.holds,
            counts: self.counts,
            text: self.text,
        }
    }
}

/// The tag or digest of an image is another one after each deployment.
fn key_of(condition: &Requirement) -> &str {
    match condition.kind {
        "image" => condition.subject.split(['@', ':']).next().unwrap_or(&condition.subject),
        "addresses" | "way-out" | "egress" => "network",
        _ => &condition.subject,
    }
}

/// What the conditions are drawn from.
#[derive(Clone, Copy)]
struct Scene<'a> {
    snapshot: &'a Snapshot,
    service: &'a Service,
    definition: &'a TaskDefinition,
}

impl Scene<'_> {
    /// On EC2 the host pulls images and finds its own way.
    fn is_on_fargate(&self) -> bool {
        self.service.is_on_fargate()
    }
}

/// See [`super::FUNCTIONS`].
pub(crate) fn task_start(facts: &Facts<'_>, service: &Service) -> TaskStart {
    let snapshot = facts.snapshot();
    let definition = match lookup::newest_task_definition(snapshot, service) {
        Ok(definition) => definition,
        Err(gap) => {
            return TaskStart {
                would_start: Known::No(gap.clone()),
                conditions: Vec::new(),
                obstacles: Known::No(gap),
                summary: summary(service, &[]),
            };
        }
    };
    let scene = Scene { snapshot, service, definition };
    let mut conditions = image::conditions(scene);
    conditions.extend(log::conditions(scene));
    conditions.extend(credentials::conditions(scene));
    conditions.extend(reading::conditions(scene));
    conditions.extend(addresses::condition(scene));
    conditions.extend(way_out::conditions(scene));
    conditions.extend(quota::conditions(scene, facts));
    let mut seen = std::collections::BTreeSet::new();
    conditions.retain(|condition| seen.insert((condition.kind, condition.subject.clone())));

    let gap = conditions.iter().find_map(Requirement::gap);
    let obstacles: Vec<StartObstacle> = conditions
        .iter()
        .filter(|condition| condition.fails() && !condition.is_told_elsewhere)
        .map(Requirement::obstacle)
        .collect();
    TaskStart {
        would_start: network::all(
            conditions.iter().filter(|condition| condition.counts).map(|condition| condition.holds.clone()),
        ),
        obstacles: match gap {
            Some(gap) if obstacles.is_empty() => Known::No(gap),
            _ => Known::Yes(obstacles),
        },
        summary: summary(service, &conditions),
        conditions: conditions.into_iter().map(Requirement::told).collect(),
    }
}

fn summary(service: &Service, conditions: &[Requirement]) -> Text {
    let name = &service.name;
    let failing: Vec<&Requirement> = conditions.iter().filter(|condition| condition.fails()).collect();
    if !failing.is_empty() {
        let en: Vec<&str> = failing.iter().map(|condition| condition.text.en.as_str()).collect();
        let ja: Vec<&str> = failing.iter().map(|condition| condition.text.ja.as_str()).collect();
        return Text::new(
            format!("A new task of {name} would not start. {}", en.join(" ")),
            format!("{name} の新しいタスクは起動できない。{}", ja.join("")),
        );
    }
    let open: Vec<&str> = conditions
        .iter()
        .filter(|condition| condition.holds.known().is_none())
        .map(|condition| condition.subject.as_str())
        .collect();
    match (conditions.is_empty(), open.is_empty()) {
        (true, _) => Text::new(
            format!("What a new task of {name} needs could not be determined."),
            format!("{name} の新しいタスクに必要なものを確認できない。"),
        ),
        (false, true) => Text::new(
            format!("A new task of {name} would start: nothing that was looked at stands in its way."),
            format!("{name} の新しいタスクは起動できる。確認した範囲に妨げはない。"),
        ),
        (false, false) => Text::new(
            format!(
                "Nothing is seen to keep a new task of {name} from starting; not known: {}.",
                open.join(", ")
            ),
            format!("{name} の新しいタスクの起動を妨げるものは見つからない。未確認：{}。", open.join("、")),
        ),
    }
}

#[cfg(test)]
mod tests;
