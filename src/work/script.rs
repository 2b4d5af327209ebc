//! The commands of a cause: what its findings need alike stands there once, and what they need each
//! for itself one after the other, stage by stage.

use super::{CausePart, RootCause};
use crate::finding::{Remedy, Stage};
use crate::text::{Text, in_subshell, out_of_subshell};

impl RootCause<'_> {
    /// The commands, in pieces that run one after the other; none where there is no command.
    pub fn commands(&self) -> Vec<&Text> {
        let mut pieces: Vec<&Text> = Vec::new();
        for stage in Stage::ALL {
            let mut blocks: Vec<&Text> = Vec::new();
            for part in &self.parts {
                part.blocks(stage).into_iter().for_each(|text| push(&mut blocks, text));
            }
            pieces.extend(blocks);
        }
        let mut whole: Vec<&Text> = Vec::new();
        for remedy in self.all().filter(|remedy| remedy.blocks.is_empty()) {
            push(&mut whole, &remedy.cli);
        }
        pieces.extend(whole);
        pieces
    }

    /// The same as one script.
    pub fn script(&self) -> Text {
        joined(&self.commands())
    }

    /// How to see whether it worked.
    pub fn check(&self) -> Text {
        self.texts(|remedy| &remedy.check)
    }

    /// How to go back: what was done last is undone first.
    pub fn undo(&self) -> Text {
        let mut texts: Vec<&Text> = Vec::new();
        self.all().for_each(|remedy| push(&mut texts, &remedy.undo));
        texts.reverse();
        joined(&texts)
    }

    /// Blocks of Terraform.
    pub fn terraform(&self) -> Vec<&Text> {
        let mut texts: Vec<&Text> = Vec::new();
        self.all().for_each(|remedy| push(&mut texts, &remedy.terraform));
        texts
    }

    fn texts(&self, pick: fn(&Remedy) -> &Text) -> Text {
        let mut texts: Vec<&Text> = Vec::new();
        self.all().for_each(|remedy| push(&mut texts, pick(remedy)));
        joined(&texts)
    }

    fn all(&self) -> impl Iterator<Item = &Remedy> {
        self.parts.iter().flat_map(|part| &part.remedies).map(|(_, remedy)| *remedy)
    }
}

impl CausePart<'_> {
    /// The commands of the option, for all of its findings.
    pub(crate) fn script(&self) -> Text {
        let cause = RootCause { keys: Vec::new(), findings: Vec::new(), parts: vec![self.clone()] };
        cause.script()
    }

    // The blocks of a stage: the first of every finding, then the second.
    fn blocks(&self, stage: Stage) -> Vec<&Text> {
        let mut blocks = Vec::new();
        for place in 0.. {
            let at_place = self.remedies.iter().filter_map(|(_, remedy)| {
                remedy.blocks.iter().filter(|block| block.stage == stage).nth(place)
            });
            let before = blocks.len();
            blocks.extend(at_place.map(|block| &block.text));
            if blocks.len() == before {
                break;
            }
        }
        blocks
    }
}

fn push<'t>(texts: &mut Vec<&'t Text>, text: &'t Text) {
    if !text.en.is_empty() && !texts.contains(&text) {
        texts.push(text);
    }
}

// What one of them has to stop for, the whole stops for.
fn joined(texts: &[&Text]) -> Text {
    if let [only] = texts {
        return (*only).clone();
    }
    let join = |pick: fn(&Text) -> &str| {
        let commands = |text: &&Text| out_of_subshell(pick(text)).trim_end().to_owned();
        let lines: Vec<String> = texts.iter().map(commands).collect();
        let is_guarded = texts.iter().any(|text| out_of_subshell(pick(text)) != pick(text));
        let lines = lines.join("\n");
        if is_guarded { in_subshell(&format!("{lines}\n")) } else { lines }
    };
    Text { en: join(|text| &text.en), ja: join(|text| &text.ja) }
}
