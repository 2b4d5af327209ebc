//! What an option changes that others may share, and its commands by their stages.

use super::{Names, Parts};
use crate::finding::{CauseKind, Stage};
use crate::policy::expression::{CheckedNode, CheckedType};
use crate::policy::template::Template;
use crate::snapshot::shape::Type;
use crate::text::Bilingual;
use crate::written::yaml::line_of;
use saphyr::MarkedYaml;

/// Commands by their stages.
type Blocks = Vec<(Stage, Bilingual<Template>)>;

impl Parts<'_, '_, '_> {
    pub(super) fn causes(
        &mut self,
        node: Option<&MarkedYaml<'_>>,
        names: &Names,
    ) -> Vec<(CauseKind, CheckedNode)> {
        let kinds = CauseKind::WRITTEN.map(CauseKind::as_str);
        let entries = node.map(|node| self.reader.mapping(node, "cause", &kinds)).unwrap_or_default();
        let mut causes = Vec::new();
        for (name, value) in entries {
            let Some(kind) = CauseKind::WRITTEN.into_iter().find(|kind| kind.as_str() == name) else {
                continue;
            };
            let line = self.reader.text(value, &name);
            let Some((node, ty)) = self.expression(&name, &line, names) else {
                continue;
            };
            if is_text_or_texts(&ty) {
                causes.push((kind, node));
            } else {
                let message = format!("{name}: `{}` is {}, not text or a list of it", line.value, ty.name());
                self.reader.problem(line.line, message);
            }
        }
        causes
    }

    /// A script in one piece, or a list of blocks with their stages.
    pub(super) fn commands(
        &mut self,
        node: &MarkedYaml<'_>,
        names: &Names,
    ) -> (Option<Bilingual<Template>>, Blocks) {
        let Some(items) = node.data.as_vec() else {
            return (Some(self.script(node, "cli", names)), Vec::new());
        };
        let stages = Stage::ALL.map(Stage::as_str);
        let mut blocks: Blocks = Vec::new();
        for item in items {
            let entries = self.reader.mapping(item, "a block of cli", &stages);
            if entries.len() > 1 {
                let message = "a block of cli has one stage; begin another with `-`";
                self.reader.problem(line_of(item), message);
            }
            for (name, value) in entries {
                let Some(stage) = Stage::ALL.into_iter().find(|stage| stage.as_str() == name) else {
                    continue;
                };
                if let Some((last, _)) = blocks.last().filter(|(last, _)| *last > stage) {
                    let message = format!("`{name}` comes before `{}`; stages are in order", last.as_str());
                    self.reader.problem(line_of(value), message);
                }
                let script = self.script(value, &name, names);
                blocks.push((stage, script));
            }
        }
        let joined = |pick: fn(&Bilingual<Template>) -> &Template| {
            Template::lines(blocks.iter().map(|(_, script)| pick(script)))
        };
        let whole = Bilingual { en: joined(|script| &script.en), ja: joined(|script| &script.ja) };
        (Some(whole), blocks)
    }
}

fn is_text_or_texts(ty: &CheckedType) -> bool {
    match ty.parts() {
        Some((Type::Text, _)) => true,
        Some((Type::List(element), _)) => matches!(**element, Type::Text),
        _ => false,
    }
}
