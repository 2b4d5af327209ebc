//! Terraform blocks with the real ids, and `import` blocks for what exists already.

use super::{Fix, comment, heading};
use crate::arn::{Arn, display_name};
use crate::finding::{Finding, Run};
use crate::policy::template::quote::terraform_text;
use crate::text::Lang;
use std::collections::BTreeSet;

/// Writes the file.
pub(super) fn render(run: &Run, fixes: &[Fix<'_>], lang: Lang) -> String {
    let mut text = String::new();
    let about = match lang {
        Lang::En => [
            format!("tenken fix: account {}, as of {}", run.account, run.taken_at),
            "Nothing has been changed. `terraform plan -generate-config-out=existing.tf` writes the blocks of what is".to_owned(),
            "imported; put the commented attributes into them. Resources that your configuration already has need no import.".to_owned(),
        ],
        Lang::Ja => [
            format!("tenken fix: アカウント {}、{} 時点", run.account, run.taken_at),
            "まだ何も変更していない。インポートするリソースのブロックは `terraform plan -generate-config-out=existing.tf` で".to_owned(),
            "生成し、コメントの属性を反映する。すでに管理しているリソースの import ブロックは不要。".to_owned(),
        ],
    };
    about.iter().for_each(|line| comment(&mut text, "", line));
    let mut imported = BTreeSet::new();
    for (index, fix) in fixes.iter().enumerate() {
        let Some(first) = fix.first() else {
            continue;
        };
        text.push('\n');
        heading(&mut text, index + 1, fix, run, lang);
        let existing = existing(first);
        if let Some((kind, id)) = &existing {
            let address = format!("{kind}.{}", label(first));
            if imported.insert(address.clone()) {
                text.push_str(&format!(
                    "import {{\n  to = {address}\n  id = \"{}\"\n}}\n",
                    terraform_text(id)
                ));
            }
        }
        let blocks: Vec<&str> =
            fix.cause.terraform().into_iter().map(|block| block.say(lang).trim_end()).collect();
        if blocks.is_empty() {
            comment(
                &mut text,
                "",
                lang.pick(
                    "this policy has no Terraform block; follow the steps above",
                    "このポリシーには Terraform のブロックがないため、上記の手順に従う",
                ),
            );
        }
        for block in blocks {
            if is_block(block) {
                text.push_str(&renamed(block, first));
                text.push('\n');
            } else {
                block.lines().for_each(|line| comment(&mut text, "", line.trim_start_matches("# ")));
            }
        }
    }
    text
}

// Attributes alone are no file; they belong into the block of the resource.
fn is_block(text: &str) -> bool {
    let code = text.lines().find(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    code.is_some_and(|line| ["resource ", "data ", "module "].iter().any(|word| line.starts_with(word)))
}

// Policies call their resources `this`; a file with several findings needs names of its own.
fn renamed(block: &str, finding: &Finding) -> String {
    let label = label(finding);
    block.replace(" \"this\" {", &format!(" \"{label}\" {{")).replace(".this.", &format!(".{label}."))
}

fn label(finding: &Finding) -> String {
    let mut label: String = display_name(&finding.resource)
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' })
        .collect();
    if !label.starts_with(|c: char| c.is_ascii_alphabetic()) {
        label.insert_str(0, "r_");
    }
    if !finding.discriminator.is_empty() {
        label.push('_');
        label.push_str(finding.id.get(..8).unwrap_or(&finding.id));
    }
    label
}

/// The resource type of Terraform's AWS provider and the id under which it imports the resource.
fn existing(finding: &Finding) -> Option<(&'static str, String)> {
    // One resource of several findings would be imported under several names.
    if !finding.discriminator.is_empty() {
        return None;
    }
    let arn = Arn::parse(&finding.resource)?;
    let (kind, rest) = arn.resource.split_once(['/', ':']).unwrap_or((arn.resource, ""));
    let whole = || finding.resource.clone();
    Some(match (arn.service, kind) {
        ("elasticloadbalancing", "loadbalancer") => ("aws_lb", whole()),
        ("elasticloadbalancing", "listener") => ("aws_lb_listener", whole()),
        ("elasticloadbalancing", "targetgroup") => ("aws_lb_target_group", whole()),
        ("rds", "db") => ("aws_db_instance", rest.to_owned()),
        ("rds", "cluster") => ("aws_rds_cluster", rest.to_owned()),
        ("rds", "subgrp") => ("aws_db_subnet_group", rest.to_owned()),
        ("ecs", "service") => ("aws_ecs_service", rest.to_owned()),
        ("ecs", "cluster") => ("aws_ecs_cluster", rest.to_owned()),
        ("ecr", "repository") => ("aws_ecr_repository", rest.to_owned()),
        ("ec2", "security-group") => ("aws_security_group", rest.to_owned()),
        ("ec2", "vpc") => ("aws_vpc", rest.to_owned()),
        ("logs", "log-group") => ("aws_cloudwatch_log_group", rest.trim_end_matches(":*").to_owned()),
        ("cloudwatch", "alarm") => ("aws_cloudwatch_metric_alarm", rest.to_owned()),
        ("ssm", "parameter") => ("aws_ssm_parameter", format!("/{rest}")),
        _ => return None,
    })
}
