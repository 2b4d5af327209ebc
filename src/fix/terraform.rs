//! One Terraform file for all chosen work: a block for each resource, with what every option wants of it, `import` blocks for
//! what exists already, and variables for what nobody but the reader knows.
//!
//! A block about a resource that exists says only what is to change. Everything else that the resource type has is
//! in `ignore_changes`, so that an apply leaves it alone; what the provider requires is there as it is now. Where the snapshot
//! does not know all of that, the block is a comment, for the configuration that the resource already has or is to be adopted into.

use super::{Fix, comment, heading};
use crate::finding::{Finding, Run};
use crate::snapshot::Snapshot;
use crate::terraform::adoptable::{Adoptable, adoptables, label_of};
use crate::terraform::arguments::{ResourceType, provider_version};
use crate::terraform::fragment::{self, OWN, comment_above, identifier};
use crate::terraform::layout;
use crate::text::Lang;
use hcl_edit::expr::{Expression, Object, ObjectKey, Traversal, TraversalOperator};
use hcl_edit::structure::{Attribute, Block, BlockLabel, Body, Structure};
use hcl_edit::visit_mut::{VisitMut, visit_traversal_mut};
use hcl_edit::{Decorate, Decorated, Ident};
use std::collections::{BTreeMap, BTreeSet};

/// Writes the file.
pub(super) fn render(run: &Run, fixes: &[Fix<'_>], snapshot: &Snapshot, lang: Lang) -> String {
    let mut file = TerraformFile::new(adoptables(snapshot), fixes, lang);
    for fix in fixes {
        file.take(fix);
    }
    file.finish(run, fixes)
}

/// A block that exists already or is to be made, with where it came from.
struct Declared {
    block: Block,
    /// The piece of work under which it is written.
    section: usize,
    /// Where it exists.
    existing: Option<Adoptable>,
    /// What options want of an existing one, in order of urgency.
    wanted: Vec<WantedArgument>,
}

/// An argument or the blocks of one name that a finding's option wants.
struct WantedArgument {
    name: String,
    parts: Vec<Structure>,
    /// The finding's id and policy.
    by: String,
}

/// The file while it is put together.
struct TerraformFile {
    adoptables: Vec<Adoptable>,
    /// The region of most of the work, which the provider is configured for.
    home: String,
    lang: Lang,
    declared: Vec<Declared>,
    /// Addresses of blocks by what they say, so that the same block is declared once.
    same: BTreeMap<String, String>,
    addresses: BTreeSet<String>,
    variables: Vec<(usize, Block)>,
    /// What is merged into other people's blocks: by the name of the local.
    locals: BTreeMap<String, (usize, Vec<String>, Object)>,
    /// For each piece of work: the addresses that it needs, and what it sets there.
    uses: Vec<Vec<String>>,
    /// For each piece of work: lines for blocks that the file cannot write.
    elsewhere: Vec<Vec<String>>,
}

impl TerraformFile {
    fn new(adoptables: Vec<Adoptable>, fixes: &[Fix<'_>], lang: Lang) -> Self {
        let mut regions: BTreeMap<&str, usize> = BTreeMap::new();
        for finding in fixes.iter().flat_map(|fix| &fix.cause.findings) {
            if is_region(&finding.region) {
                *regions.entry(&finding.region).or_default() += 1;
            }
        }
        let home = regions.iter().max_by_key(|(_, times)| **times).map(|(region, _)| (*region).to_owned());
        TerraformFile {
            adoptables,
            home: home.unwrap_or_default(),
            lang,
            declared: Vec::new(),
            same: BTreeMap::new(),
            addresses: BTreeSet::new(),
            variables: Vec::new(),
            locals: BTreeMap::new(),
            uses: Vec::new(),
            elsewhere: Vec::new(),
        }
    }

    // The blocks of one piece of work.
    fn take(&mut self, fix: &Fix<'_>) {
        let section = self.uses.len();
        self.uses.push(Vec::new());
        self.elsewhere.push(Vec::new());
        let mut seen: Vec<&str> = Vec::new();
        for (finding, remedy) in fix.cause.parts.iter().flat_map(|part| &part.remedies) {
            let text = self.lang.pick(&remedy.terraform.en, &remedy.terraform.ja);
            if !seen.contains(&text) {
                seen.push(text);
                self.take_blocks(section, finding, text);
            }
        }
    }

    fn take_blocks(&mut self, section: usize, finding: &Finding, text: &str) {
        // Policies are checked to parse; what a value made of a text still says what is to be done.
        let Ok(mut body) = fragment::read(text) else {
            let lines = text.lines().map(str::to_owned).collect();
            return self.note_elsewhere(section, lines);
        };
        let prefix =
            self.adoptable(finding).map_or_else(|| label_of(&finding.resource), |own| own.label.clone());
        let mut names = BTreeMap::new();
        for block in body.blocks() {
            self.name(block, finding, &prefix, &mut names);
        }
        Renames(&names).visit_body_mut(&mut body);
        for block in body.into_blocks() {
            self.place(block, finding, &prefix, section, &names);
        }
    }

    fn adoptable(&self, finding: &Finding) -> Option<&Adoptable> {
        self.adoptables.iter().find(|one| one.arn == finding.resource)
    }

    // The resource that a block is about, where it exists: the audited one, or one that its arguments name.
    fn existing(&self, block: &Block, finding: &Finding) -> Option<&Adoptable> {
        let [kind, name] = block.labels.as_slice() else { return None };
        if !block.has_ident("resource") {
            return None;
        }
        if name.as_str() == OWN {
            // A policy about databases writes of one type what it finds on two.
            let kinds = [(kind.as_str(), kind.as_str()), ("aws_db_instance", "aws_rds_cluster_instance")];
            let own = self.adoptable(finding)?;
            return kinds.contains(&(kind.as_str(), own.kind)).then_some(own);
        }
        self.adoptables.iter().find(|one| one.is_meant_by(kind.as_str(), &block.body))
    }

    // What the file calls that which a fragment declares.
    fn name(&self, block: &Block, finding: &Finding, prefix: &str, names: &mut BTreeMap<String, String>) {
        if block.has_ident("locals") {
            for local in block.body.attributes() {
                let key = local.key.as_str();
                names.insert(format!("local.{key}"), format!("local.{key}_{prefix}"));
            }
        }
        let Some(address) = fragment::address(block) else { return };
        if let Some(existing) = self.existing(block, finding) {
            names.insert(address, existing.address());
            return;
        }
        let mut body = block.clone();
        Renames(names).visit_block_mut(&mut body);
        let known = self.same.get(&self.content(&body, finding));
        let renamed = known.cloned().unwrap_or_else(|| self.free(&address, finding, prefix));
        names.insert(address, renamed);
    }

    // What makes two blocks the same: all but their own name.
    fn content(&self, block: &Block, finding: &Finding) -> String {
        let mut block = block.clone();
        block.decor_mut().clear();
        block.labels.pop();
        let region = if self.is_elsewhere(&block, finding) { finding.region.as_str() } else { "" };
        let above = if block.has_ident("variable") { finding.resource.as_str() } else { "" };
        format!("{region}\n{above}\n{}", layout::block(&block))
    }

    // An address that nothing has: the fragment's name behind that of the resource.
    fn free(&self, address: &str, finding: &Finding, prefix: &str) -> String {
        let (kind, name) = address.rsplit_once('.').unwrap_or(("", address));
        let name = if name == OWN { prefix.to_owned() } else { format!("{prefix}_{name}") };
        let plain = format!("{kind}.{name}");
        if !self.addresses.contains(&plain) {
            return plain;
        }
        let digits = finding.id.get(..8).unwrap_or(&finding.id);
        let mut numbers = std::iter::successors(Some(1_u32), |number| number.checked_add(1));
        let candidate = numbers.find_map(|number| {
            let tail = if number == 1 { String::new() } else { format!("_{number}") };
            let candidate = format!("{plain}_{digits}{tail}");
            (!self.addresses.contains(&candidate)).then_some(candidate)
        });
        candidate.unwrap_or(plain)
    }

    // Whether a new block needs a region of its own.
    fn is_elsewhere(&self, block: &Block, finding: &Finding) -> bool {
        let kind = block.labels.first().map_or("", BlockLabel::as_str);
        let is_global = GLOBAL.iter().any(|prefix| kind.starts_with(prefix));
        !is_global
            && matches!(block.ident.as_str(), "resource" | "data")
            && is_region(&finding.region)
            && finding.region != self.home
    }

    fn place(
        &mut self,
        mut block: Block,
        finding: &Finding,
        prefix: &str,
        section: usize,
        names: &BTreeMap<String, String>,
    ) {
        if block.has_ident("locals") {
            return self.merge_locals(block, prefix, section);
        }
        let Some(address) = fragment::address(&block) else { return };
        let existing = self.existing(&block, finding).cloned();
        if let Some(existing) = existing {
            return self.want(block, finding, existing, section);
        }
        if block.labels.last().is_some_and(|label| label.as_str() == OWN) && block.has_ident("resource") {
            // The audited resource is none that the snapshot knows well enough.
            return self.write_elsewhere(&block, finding, section);
        }
        let content = self.content(&block, finding);
        let Some(renamed) = names.get(&address) else { return };
        if self.same.contains_key(&content) {
            if !block.has_ident("variable") {
                self.note(section, renamed.clone());
            }
            return;
        }
        if self.is_elsewhere(&block, finding) && !block.body.has_attribute("region") {
            block.body.insert(0, Attribute::new(Ident::new_sanitized("region"), finding.region.as_str()));
        }
        self.same.insert(content, renamed.clone());
        self.addresses.insert(renamed.clone());
        let name = renamed.rsplit('.').next().unwrap_or_default();
        if let Some(label) = block.labels.last_mut() {
            *label = BlockLabel::from(name);
        }
        if block.has_ident("variable") {
            return self.variables.push((section, described(&block)));
        }
        self.note(section, renamed.clone());
        self.declared.push(Declared { block, section, existing: None, wanted: Vec::new() });
    }

    fn note(&mut self, section: usize, what: String) {
        if let Some(uses) = self.uses.get_mut(section)
            && !uses.contains(&what)
        {
            uses.push(what);
        }
    }

    fn note_elsewhere(&mut self, section: usize, lines: Vec<String>) {
        if let Some(known) = self.elsewhere.get_mut(section) {
            known.extend(lines);
        }
    }

    // What an option wants of a resource that exists.
    fn want(&mut self, block: Block, finding: &Finding, existing: Adoptable, section: usize) {
        let Some(kind) = writable(&existing, &block) else {
            return self.write_elsewhere(&block, finding, section);
        };
        let identity: Vec<String> = existing
            .block
            .iter()
            .flat_map(Body::attributes)
            .map(|known| known.key.as_str().to_owned())
            .collect();
        let known = kind.names();
        let mut wanted: Vec<WantedArgument> = Vec::new();
        let above = comment_above(&block);
        let by = format!("{} {}", finding.id, finding.policy);
        for structure in block.body.clone() {
            let name = match &structure {
                Structure::Attribute(attribute) => attribute.key.as_str().to_owned(),
                Structure::Block(block) if block.has_ident("dynamic") => {
                    block.labels.first().map_or_else(String::new, |label| label.as_str().to_owned())
                }
                Structure::Block(block) => block.ident.as_str().to_owned(),
            };
            // The name of the resource is no change; neither is what another type of resource does not have.
            let is_said =
                existing.block.as_ref().and_then(|body| body.get_attribute(&name)).is_some_and(|said| {
                    structure.as_attribute().is_some_and(|attribute| attribute.value == said.value)
                });
            let is_known = known.contains(&name.as_str()) || name == DEPENDS_ON;
            if is_said && identity.contains(&name) || !is_known {
                continue;
            }
            match wanted.iter_mut().find(|one| one.name == name) {
                Some(one) => one.parts.push(structure),
                None => wanted.push(WantedArgument { name, parts: vec![structure], by: by.clone() }),
            }
        }
        let names: Vec<&str> =
            wanted.iter().map(|one| one.name.as_str()).filter(|name| *name != DEPENDS_ON).collect();
        if names.is_empty() {
            // A resource of another type has no such arguments.
            return self.write_elsewhere(&block, finding, section);
        }
        let address = existing.address();
        self.note(section, format!("{address}: {}", names.join(", ")));
        self.addresses.insert(address.clone());
        let place = self
            .declared
            .iter_mut()
            .find(|one| one.existing.as_ref().is_some_and(|known| known.address() == address));
        match place {
            Some(declared) => {
                let lines = comment_above(&declared.block).into_iter().chain(above).collect();
                set_comment(&mut declared.block, lines);
                declared.wanted.extend(wanted);
            }
            None => {
                let mut block = Block::new(Ident::new_sanitized("resource"));
                block.labels = vec![existing.kind.into(), existing.label.as_str().into()];
                set_comment(&mut block, above);
                self.declared.push(Declared { block, section, existing: Some(existing), wanted });
            }
        }
    }

    // A block that is for a configuration which has the whole of it.
    fn write_elsewhere(&mut self, block: &Block, finding: &Finding, section: usize) {
        let kind = block.labels.first().map_or("", BlockLabel::as_str);
        let mut block = block.clone();
        block.labels.truncate(1);
        let mut lines = vec![match self.lang {
            Lang::En => {
                format!("in the block of {} ({kind}), once your configuration has it:", finding.resource)
            }
            Lang::Ja => format!("{} のブロック（{kind}）を構成に取り込んだうえで反映する:", finding.resource),
        }];
        lines.extend(comment_above(&block));
        block.decor_mut().clear();
        lines.extend(layout::block(&block).lines().map(str::to_owned));
        self.note_elsewhere(section, lines);
    }

    // Objects of one name and one resource become one.
    fn merge_locals(&mut self, block: Block, prefix: &str, section: usize) {
        let above = comment_above(&block);
        for local in block.body.into_attributes() {
            let name = format!("{}_{prefix}", local.key.as_str());
            let Expression::Object(object) = local.value else { continue };
            self.note(section, format!("local.{name}"));
            self.addresses.insert(format!("local.{name}"));
            let (_, comments, merged) =
                self.locals.entry(name).or_insert_with(|| (section, Vec::new(), Object::new()));
            merge(merged, &object);
            for line in &above {
                if !comments.contains(line) {
                    comments.push(line.clone());
                }
            }
        }
    }

    fn finish(mut self, run: &Run, fixes: &[Fix<'_>]) -> String {
        let mut text = String::new();
        let declared: Vec<(usize, String)> =
            self.declared.iter().map(|one| (one.section, self.written(one))).collect();
        let mut blocks = String::new();
        declared.iter().for_each(|(_, block)| blocks.push_str(block));
        for (name, (_, above, object)) in &self.locals {
            blocks.push_str(&local(name, above, object));
        }
        let used = fragment::read(&blocks).map(|body| fragment::references(&body)).unwrap_or_default();
        let is_used = |(_, variable): &(usize, Block)| {
            fragment::address(variable).is_none_or(|address| used.contains(&address))
        };
        let (variables, idle): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.variables).into_iter().partition(is_used);
        for (section, variable) in idle {
            // It is for a block that the file does not write.
            let description = variable.body.get_attribute("description").and_then(|one| one.value.as_str());
            let address = fragment::address(&variable).unwrap_or_default();
            self.note_elsewhere(section, vec![format!("{address}: {}", description.unwrap_or_default())]);
        }
        let unknown = variables.len();
        let is_adopting = self.declared.iter().any(|one| one.existing.is_some());
        for line in about(run, &self.home, self.lang) {
            comment(&mut text, "", &line);
        }
        if is_adopting {
            adopting(self.lang).iter().for_each(|line| comment(&mut text, "", line));
        }
        if unknown > 0 {
            let line = match self.lang {
                Lang::En => format!(
                    "Variables without a default: {unknown}. Nothing here stands in for what you have to know."
                ),
                Lang::Ja => {
                    format!("既定値のない変数は {unknown} 個。仮の値は入れていないため、実際の値を指定する。")
                }
            };
            comment(&mut text, "", &line);
        }
        text.push('\n');
        text.push_str(&guard(&run.account, self.lang));
        for (_, variable) in &variables {
            text.push('\n');
            text.push_str(&layout::block(variable));
        }
        for (section, fix) in fixes.iter().enumerate() {
            text.push('\n');
            heading(&mut text, section + 1, fix, run, self.lang);
            let uses = self.uses.get(section).map_or(&[][..], Vec::as_slice);
            for (position, line) in uses.iter().enumerate() {
                let label = if position == 0 { self.lang.pick("blocks", "ブロック") } else { " " };
                comment(&mut text, label, line);
            }
            let elsewhere = self.elsewhere.get(section).map_or(&[][..], Vec::as_slice);
            for line in elsewhere {
                comment(&mut text, "", line);
            }
            if uses.is_empty() && elsewhere.is_empty() {
                comment(
                    &mut text,
                    "",
                    self.lang.pick(
                        "this policy has no Terraform block; follow the steps above",
                        "このポリシーには Terraform のブロックがないため、上記の手順に従う",
                    ),
                );
            }
            let locals = self.locals.iter().filter(|(_, (at, _, _))| *at == section);
            let locals = locals.map(|(name, (_, above, object))| local(name, above, object));
            let blocks = declared.iter().filter(|(at, _)| *at == section).map(|(_, block)| block.clone());
            for block in locals.chain(blocks) {
                text.push('\n');
                text.push_str(&block);
            }
        }
        text
    }

    // A block, behind its import where it exists already.
    fn written(&self, declared: &Declared) -> String {
        let Some(existing) = &declared.existing else {
            return layout::block(&declared.block);
        };
        let is_elsewhere = is_region(&existing.region) && existing.region != self.home;
        let id = if is_elsewhere {
            format!("{}@{}", existing.import_id, existing.region)
        } else {
            existing.import_id.clone()
        };
        let mut text =
            format!("import {{\n  to = {}\n  id = {}\n}}\n\n", existing.address(), layout::quoted(&id));
        let mut block = declared.block.clone();
        block.body = merged(existing, &declared.wanted, is_elsewhere, self.lang);
        text.push_str(&layout::block(&block));
        text
    }
}

/// What Terraform itself reads in every block.
const DEPENDS_ON: &str = "depends_on";

/// The type of a resource about which a block can be written: all that the provider requires is known.
fn writable(existing: &Adoptable, block: &Block) -> Option<&'static ResourceType> {
    let kind = ResourceType::named(existing.kind)?;
    let known = existing.block.as_ref()?;
    let is_there = |name: &&str| {
        [known, &block.body].iter().any(|body| body.has_attribute(name) || body.has_blocks(name))
    };
    kind.required.iter().all(is_there).then_some(kind)
}

/// What belongs to no region.
const GLOBAL: &[&str] = &["aws_cloudfront_", "aws_iam_", "aws_route53_"];

fn is_region(region: &str) -> bool {
    region.contains('-')
}

// Names in expressions become those of the file.
struct Renames<'a>(&'a BTreeMap<String, String>);

impl VisitMut for Renames<'_> {
    fn visit_traversal_mut(&mut self, traversal: &mut Traversal) {
        if let Some((address, steps)) = fragment::reference(traversal)
            && let Some(renamed) = self.0.get(&address)
        {
            let mut parts = renamed.split('.').map(identifier);
            let mut root = Expression::from(parts.next().unwrap_or_else(|| identifier(&address)));
            *root.decor_mut() = traversal.expr.decor().clone();
            traversal.expr = root;
            let new = parts.map(|part| Decorated::new(TraversalOperator::GetAttr(Decorated::new(part))));
            traversal.operators.splice(..steps, new);
        }
        visit_traversal_mut(self, traversal);
    }
}

// A variable says what it is for. What the account has for it is its default where there is one; several are named, and
// the reader decides.
fn described(block: &Block) -> Block {
    let mut block = block.clone();
    let mut description = comment_above(&block).join(" ");
    let candidates =
        block.body.remove_attribute("default").and_then(|one| one.value.as_str().map(str::to_owned));
    match candidates
        .as_deref()
        .map(|text| text.split(", ").filter(|one| !matches!(*one, "" | "?")).collect::<Vec<_>>())
    {
        Some(list) if list.len() == 1 => {
            let value = list.first().copied().unwrap_or_default();
            block.body.push(Attribute::new(Ident::new_sanitized("default"), value));
        }
        Some(list) if !list.is_empty() => description.push_str(&format!(" ({})", list.join(", "))),
        _ => {}
    }
    block.decor_mut().clear();
    block.body.remove_attribute("description");
    block.body.push(Attribute::new(Ident::new_sanitized("description"), description));
    block
}

fn set_comment(block: &mut Block, mut lines: Vec<String>) {
    let mut seen = BTreeSet::new();
    lines.retain(|line| seen.insert(line.clone()));
    let text: String = lines.iter().map(|line| format!("# {line}\n")).collect();
    block.decor_mut().set_prefix(text);
}

// Adds the items of one object to another; objects in it are merged, lists are joined.
fn merge(into: &mut Object, from: &Object) {
    for (key, item) in from.iter() {
        let known =
            into.iter().find(|(known, _)| key_text(known) == key_text(key)).map(|(key, _)| key.clone());
        let Some(known) = known.and_then(|key| into.get_mut(&key)) else {
            into.insert(key.clone(), item.clone());
            continue;
        };
        match (known.expr_mut(), item.expr()) {
            (Expression::Object(into), Expression::Object(from)) => merge(into, from),
            (Expression::Array(into), Expression::Array(from)) => {
                for one in from.iter() {
                    let is_there =
                        into.iter().any(|known| layout::expression(known) == layout::expression(one));
                    if !is_there {
                        into.push(one.clone());
                    }
                }
            }
            // The first is the more urgent.
            _ => {}
        }
    }
}

fn key_text(key: &ObjectKey) -> String {
    match key {
        ObjectKey::Ident(name) => name.as_str().to_owned(),
        ObjectKey::Expression(Expression::String(text)) => text.as_str().to_owned(),
        ObjectKey::Expression(other) => layout::expression(other),
    }
}

fn local(name: &str, above: &[String], object: &Object) -> String {
    let mut block = Block::new(Ident::new_sanitized("locals"));
    block.body.push(Attribute::new(identifier(name), object.clone()));
    set_comment(&mut block, above.to_vec());
    layout::block(&block)
}

// What the provider requires, what is wanted, and that nothing else is touched.
fn merged(existing: &Adoptable, wanted: &[WantedArgument], is_elsewhere: bool, lang: Lang) -> Body {
    let mut body = existing.block.clone().unwrap_or_default();
    if is_elsewhere {
        body.insert(0, Attribute::new(Ident::new_sanitized("region"), existing.region.as_str()));
    }
    let Some(kind) = ResourceType::named(existing.kind) else { return body };
    let mut decided: BTreeMap<&str, &WantedArgument> = BTreeMap::new();
    let mut refused: Vec<(&WantedArgument, &WantedArgument)> = Vec::new();
    let mut singles: BTreeMap<&str, (Body, Vec<String>)> = BTreeMap::new();
    for one in wanted.iter().filter(|one| one.name != DEPENDS_ON) {
        let name = one.name.as_str();
        if kind.single_blocks.contains(&name) {
            // What is known of it, then what each wants; the first is the more urgent.
            let known = || body.get_blocks(name).next().map(|block| block.body.clone()).unwrap_or_default();
            let (merged, set) = singles.entry(name).or_insert_with(|| (known(), Vec::new()));
            for part in one.parts.iter().filter_map(Structure::as_block) {
                lay_over(merged, &part.body, set, one, lang);
            }
            decided.entry(name).or_insert(one);
            continue;
        }
        match decided.get(name) {
            None => drop(decided.insert(name, one)),
            Some(first) if said(first) == said(one) => {}
            Some(first) => refused.push((first, one)),
        }
    }
    for (name, (merged, _)) in singles {
        body.remove_blocks(name);
        let mut block = Block::new(Ident::new_sanitized(name));
        block.body = merged;
        body.push(block);
    }
    for (name, one) in &decided {
        if kind.single_blocks.contains(name) {
            continue;
        }
        body.remove_attribute(name);
        body.remove_blocks(name);
        let lines: Vec<String> = refused
            .iter()
            .filter(|(first, _)| first.name == *name)
            .map(|(_, other)| conflict(other, lang))
            .collect();
        for (position, part) in one.parts.iter().enumerate() {
            let mut part = part.clone();
            if position == 0 && !lines.is_empty() {
                let text: String = lines.iter().map(|line| format!("# {line}\n")).collect();
                part.decor_mut().set_prefix(text);
            }
            body.push(part);
        }
    }
    let mut first: Vec<Expression> = Vec::new();
    for part in wanted.iter().filter(|one| one.name == DEPENDS_ON).flat_map(|one| &one.parts) {
        let list = part.as_attribute().and_then(|attribute| attribute.value.as_array());
        for one in list.into_iter().flat_map(|list| list.iter()) {
            if !first.contains(one) {
                first.push(one.clone());
            }
        }
    }
    if !first.is_empty() {
        body.push(Attribute::new(Ident::new_sanitized(DEPENDS_ON), first));
    }
    let mut ordered: Vec<Structure> = Vec::new();
    let (attributes, blocks): (Vec<Structure>, Vec<Structure>) =
        body.into_iter().partition(Structure::is_attribute);
    ordered.extend(attributes);
    ordered.extend(blocks);
    let mut body: Body = ordered.into_iter().collect();
    body.push(lifecycle(kind, &decided, existing));
    body
}

// Lays what an option wants over what is known of a block.
fn lay_over(known: &mut Body, wanted: &Body, set: &mut Vec<String>, by: &WantedArgument, lang: Lang) {
    for structure in wanted {
        let Some(attribute) = structure.as_attribute() else {
            known.push(structure.clone());
            continue;
        };
        let name = attribute.key.as_str();
        let is_same = known
            .get_attribute(name)
            .is_some_and(|known| layout::expression(&known.value) == layout::expression(&attribute.value));
        if set.iter().any(|done| done == name) {
            if !is_same {
                let other = WantedArgument {
                    name: name.to_owned(),
                    parts: vec![structure.clone()],
                    by: by.by.clone(),
                };
                let line = format!("# {}\n", conflict(&other, lang));
                if let Some(mut first) = known.get_attribute_mut(name) {
                    first.decor_mut().set_prefix(line);
                }
            }
            continue;
        }
        set.push(name.to_owned());
        known.remove_attribute(name);
        known.push(attribute.clone());
    }
}

// What is wanted, without how it was laid out.
fn said(wanted: &WantedArgument) -> String {
    let parts = wanted.parts.iter().map(|part| match part {
        Structure::Attribute(attribute) => layout::expression(&attribute.value),
        Structure::Block(block) => {
            let mut block = block.clone();
            block.decor_mut().clear();
            layout::block(&block).split_whitespace().collect::<Vec<_>>().join(" ")
        }
    });
    parts.collect::<Vec<_>>().join(" ")
}

// Two findings want different values of one argument: the more urgent one decides, and the file says so.
fn conflict(other: &WantedArgument, lang: Lang) -> String {
    let value = said(other);
    match lang {
        Lang::En => format!("the more urgent finding decides; {} wants {} = {value}", other.by, other.name),
        Lang::Ja => {
            format!("より緊急の指摘を優先した。{} では {} = {value} とする必要がある", other.by, other.name)
        }
    }
}

fn lifecycle(kind: &ResourceType, decided: &BTreeMap<&str, &WantedArgument>, existing: &Adoptable) -> Block {
    let ignored = kind.names().into_iter().filter(|name| !decided.contains_key(name));
    let mut ignored: Vec<Expression> = ignored.map(|name| Expression::from(identifier(name))).collect();
    // Of a health check, the snapshot does not know the port.
    if existing.kind == "aws_lb_target_group" && decided.contains_key("health_check") {
        ignored.extend("health_check[0].port".parse::<Expression>().ok());
    }
    let mut block = Block::new(Ident::new_sanitized("lifecycle"));
    block.body.push(Attribute::new(Ident::new_sanitized("prevent_destroy"), true));
    block.body.push(Attribute::new(Ident::new_sanitized("ignore_changes"), ignored));
    block
}

// The plan stops in another account.
fn guard(account: &str, lang: Lang) -> String {
    let message = lang.pick("These blocks are for another account.", "このファイルは別のアカウント用。");
    format!(
        "data \"aws_caller_identity\" \"tenken\" {{\n  lifecycle {{\n    postcondition {{\n      condition     = self.account_id == {}\n      \
         error_message = {}\n    }}\n  }}\n}}\n",
        layout::quoted(account),
        layout::quoted(message)
    )
}

fn about(run: &Run, home: &str, lang: Lang) -> Vec<String> {
    let version = provider_version();
    match lang {
        Lang::En => vec![
            format!("tenken fix: account {}, as of {}", run.account, run.taken_at),
            format!(
                "Nothing has been changed. Read it, then `AWS_REGION={home} terraform plan` in an empty folder, or in your own configuration."
            ),
            format!(
                "Terraform 1.5 or later, or OpenTofu 1.6 or later; hashicorp/aws {version} or later, before 7."
            ),
        ],
        Lang::Ja => vec![
            format!("tenken fix: アカウント {}、{} 時点", run.account, run.taken_at),
            format!(
                "まだ何も変更していない。内容を確認し、空のフォルダーか自身の構成の中で `AWS_REGION={home} terraform plan` を実行する。"
            ),
            format!(
                "Terraform 1.5 以降または OpenTofu 1.6 以降、hashicorp/aws {version} 以降（7 未満）が必要。"
            ),
        ],
    }
}

fn adopting(lang: Lang) -> &'static [&'static str] {
    match lang {
        Lang::En => &[
            "Resources that exist are imported. Their blocks say what is to change; what the provider requires stands beside it as it",
            "is now, and ignore_changes lists all other arguments, so that an apply changes nothing else. The plan must show no",
            "destroy and no replace. Where your configuration already has a resource, put the changed arguments into its block and",
            "leave out the one here with its import. To keep a resource in Terraform, adopt it whole: `terraform plan",
            "-generate-config-out` with its import, then put the arguments into the block that this writes.",
        ],
        Lang::Ja => &[
            "既存のリソースは import ブロックで取り込む。各ブロックに書いてあるのは変更する引数と、プロバイダーの必須引数（現在の値）だけで、",
            "それ以外の引数は ignore_changes に列挙しているため、apply しても変わらない。plan に destroy や replace が出ないことを確認する。",
            "すでに構成にあるリソースは、変更する引数だけをそのブロックに反映し、ここのブロックと import は使わない。",
            "Terraform で管理し続ける場合は、import ブロックだけを残して `terraform plan -generate-config-out` を実行し、",
            "生成されたブロックに変更する引数を反映する。",
        ],
    }
}
