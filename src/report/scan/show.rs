//! One root cause whole: what was found and from what, the ways out with what they take, the script,
//! where to read more, and how to live with it.

use super::coverage;
use super::document::{found, masthead, one_cause};
use super::json;
use super::problem::{fixes, origins, references};
use super::question::{about_permissions, statement};
use crate::finding::{Finding, Remedy, Run, Verdict, label};
use crate::price::Currency;
use crate::report::page::{Block, Document, Heading, HeadingRank, Lead, ListItem, Prose, Span, Table};
use crate::report::words::{added, downtime, hours, severity_word};
use crate::report::{Format, ProgramFormat, Reportable};
use crate::snapshot::Cause;
use crate::text::{Lang, Text, number};
use crate::work::{CausePart, MonthlySum, RootCause, Shown};
use std::collections::BTreeSet;

/// What `tenken show` shows.
#[derive(Debug, Clone)]
pub struct ShowReport<'r> {
    /// What was judged.
    pub run: &'r Run,
    /// What is shown of it.
    pub shown: Vec<Shown<'r>>,
    /// What prices are shown in.
    pub currency: Currency,
    /// The flags with which another command looks at the same account; may be empty.
    pub flags: String,
}

impl Reportable for ShowReport<'_> {
    fn document(&self, lang: Lang) -> Document {
        let mut blocks = vec![masthead(self.run, lang)];
        blocks.extend((1..).zip(&self.shown).map(|(number, named)| match named {
            Shown::Cause(cause) => self.cause(number, cause, lang),
            Shown::Verdict(finding) => self.verdict(finding, lang),
        }));
        Document { lang, blocks }
    }

    /// The same as the report, of what is shown alone.
    fn programs() -> Vec<ProgramFormat<Self>> {
        vec![(Format::Json, |show| json::render(&show.part()))]
    }
}

/// So many acceptances are written out.
const MOST_ACCEPTANCES: usize = 5;
/// An acceptance is proposed until so many days after the scan.
const ACCEPTANCE_DAYS: i64 = 90;

impl ShowReport<'_> {
    // The run as if nothing else had been judged.
    fn part(&self) -> Run {
        let ids: BTreeSet<&str> = self
            .shown
            .iter()
            .flat_map(|named| match named {
                Shown::Cause(cause) => cause.findings.clone(),
                Shown::Verdict(finding) => vec![*finding],
            })
            .map(|finding| finding.id.as_str())
            .collect();
        let run = self.run;
        let findings: Vec<Finding> =
            run.findings.iter().filter(|finding| ids.contains(finding.id.as_str())).cloned().collect();
        let is_named = |id: &str| findings.iter().any(|finding| finding.policy == id);
        let gaps = run.gaps.iter().filter(|(id, _)| {
            findings
                .iter()
                .any(|finding| matches!(&finding.verdict, Verdict::Unknown(ids) if ids.contains(id)))
        });
        Run {
            gaps: gaps.map(|(id, gap)| (id.clone(), gap.clone())).collect(),
            policies: run.policies.iter().filter(|policy| is_named(&policy.id)).cloned().collect(),
            findings,
            past: None,
            ..run.clone()
        }
    }

    fn cause(&self, number: usize, cause: &RootCause<'_>, lang: Lang) -> Block {
        let run = self.run;
        let policy_id = cause.first().map(|first| first.policy.as_str()).unwrap_or_default();
        let policy = run.policy(policy_id);
        let severity = Prose(vec![Span::Severity(cause.severity())]);
        let mut blocks = vec![
            Block::Either {
                screen: Vec::new(),
                page: vec![Block::led(lang.pick("Severity: ", "重要度: "), severity)],
            },
            Block::Note(origins(run, std::slice::from_ref(cause), lang)),
        ];
        let risk = policy.map(|policy| policy.risk.say(lang));
        blocks.extend(risk.filter(|risk| !risk.is_empty()).map(Block::plain));
        blocks.extend(one_cause(cause, lang));
        let findings = cause.findings.iter().map(|finding| found(finding, policy_id, run, usize::MAX, lang));
        blocks.push(Block::Findings(findings.collect()));
        let accepted: Vec<ListItem> =
            cause.findings.iter().filter_map(|finding| accepted(finding, lang)).collect();
        if !accepted.is_empty() {
            blocks.push(Block::List(accepted));
        }
        blocks.extend(self.ways(cause, lang));
        self.script(&mut blocks, cause, lang);
        let addresses = references(run, std::slice::from_ref(cause));
        if !addresses.is_empty() {
            blocks.push(Block::References(addresses));
        }
        blocks.extend(self.acceptance(cause, lang));
        Block::Problem {
            severity: cause.severity(),
            title: cause.title(run).say(lang).to_owned(),
            facets: coverage::facets(&cause.findings, cause.severity(), number, run),
            blocks,
        }
    }

    // Every way out: what it takes, what it costs and what it stops.
    fn ways(&self, cause: &RootCause<'_>, lang: Lang) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut named: Vec<(&str, &str)> = Vec::new();
        for (finding, remedy) in cause.parts.iter().filter_map(CausePart::first) {
            named.push((&finding.policy, &remedy.id));
            blocks.push(Block::Text { lead: Lead::Fix, text: remedy.title.say(lang).into() });
            let monthly = part_of(cause, &finding.policy, remedy);
            blocks.push(Block::Note(self.takes(remedy, monthly, lang)));
            blocks
                .extend(remedy.monthly_cost_note.as_ref().map(|note| Block::Note(note.say(lang).to_owned())));
            let steps = remedy.steps.get(lang);
            if !steps.is_empty() {
                blocks.push(Block::Numbered(steps.clone()));
            }
        }
        let mut rows = Vec::new();
        let mut narrow = Vec::new();
        for (finding, _) in cause.parts.iter().flat_map(|part| &part.remedies) {
            for other in &finding.options {
                if named.contains(&(finding.policy.as_str(), other.id.as_str())) {
                    continue;
                }
                named.push((&finding.policy, &other.id));
                let mut monthly = MonthlySum::default();
                monthly.add(other);
                let choice = format!("--option {}={}", finding.policy, other.id);
                let title = other.title.say(lang);
                rows.push(vec![
                    title.into(),
                    hours(other.impact.effort_hours, lang).into(),
                    downtime(other.impact.downtime, lang).into(),
                    added(monthly, &self.currency, lang).into(),
                    Span::Code(choice.clone()).into(),
                ]);
                narrow.push(Block::Text { lead: Lead::Or, text: title.into() });
                narrow.push(Block::Note(self.takes(other, monthly, lang)));
                narrow.push(Block::Note(format!("tenken fix {choice}")));
            }
        }
        if !rows.is_empty() {
            let heads = match lang {
                Lang::En => ["instead", "effort", "interruption", "price a month", "for tenken fix"],
                Lang::Ja => ["別案", "作業時間", "停止", "月額", "tenken fix での指定"],
            };
            let heads = heads.map(str::to_owned).to_vec();
            blocks.push(Block::Table(Table { heads, rows, narrow, ..Table::default() }));
        }
        blocks
    }

    fn takes(&self, remedy: &Remedy, monthly: MonthlySum, lang: Lang) -> String {
        let (effort, price) = (hours(remedy.impact.effort_hours, lang), added(monthly, &self.currency, lang));
        let downtime = downtime(remedy.impact.downtime, lang);
        let has_amount = monthly.usd.abs() >= 0.005;
        let price = match lang {
            _ if !has_amount => price,
            Lang::En => format!("{price} a month"),
            Lang::Ja => format!("月額 {price}"),
        };
        let test = match (remedy.impact.needs_test, lang) {
            (false, _) => "",
            (true, Lang::En) => ", test it elsewhere first",
            (true, Lang::Ja) => "、事前の検証が必要",
        };
        match lang {
            Lang::En => format!("{effort} of work, {downtime}, {price}{test}"),
            Lang::Ja => format!("作業 {effort}、{downtime}、{price}{test}"),
        }
    }

    fn script(&self, blocks: &mut Vec<Block>, cause: &RootCause<'_>, lang: Lang) {
        let commands: Vec<String> =
            fixes(std::slice::from_ref(cause), lang).into_iter().flat_map(|fix| fix.commands).collect();
        let mut part = |title: &str, commands: Vec<String>| {
            if !commands.is_empty() {
                let heading = Heading::new(HeadingRank::Part, title);
                blocks.push(Block::Section(heading, vec![Block::Commands(commands)]));
            }
        };
        let one = |text: Text| {
            let text = text.say(lang).trim_end().to_owned();
            if text.is_empty() { Vec::new() } else { vec![text] }
        };
        part(lang.pick("Commands", "コマンド"), commands);
        part(lang.pick("How to check", "確認方法"), one(cause.check()));
        part(lang.pick("How to go back", "元に戻す方法"), one(cause.undo()));
        let id = cause.first().map(|first| first.id.as_str()).unwrap_or_default();
        let flags = if self.flags.is_empty() { String::new() } else { format!(" {}", self.flags) };
        let hint = |en: &str, ja: &str, more: &str| {
            (lang.pick(en, ja).to_owned(), format!("tenken fix --finding {id}{more}{flags}"))
        };
        if !cause.parts.is_empty() && cause.findings.iter().any(|finding| finding.is_open_failure()) {
            blocks.push(Block::Hints(vec![
                hint("As a script:", "スクリプトで出力:", ""),
                hint("As Terraform:", "Terraform で出力:", " --format terraform"),
            ]));
        }
    }

    // What to write into tenken.toml.
    fn acceptance(&self, cause: &RootCause<'_>, lang: Lang) -> Option<Block> {
        let open: Vec<&&Finding> =
            cause.findings.iter().filter(|finding| finding.is_open_failure()).collect();
        let until = crate::finding::day(&self.run.taken_at)?
            .checked_add(jiff::Span::new().days(ACCEPTANCE_DAYS))
            .ok()?;
        if open.is_empty() {
            return None;
        }
        let toml = |text: &str| serde_json::Value::from(text).to_string();
        let entries = open.iter().take(MOST_ACCEPTANCES).map(|finding| {
            let part = match finding.discriminator.as_str() {
                "" => String::new(),
                part => format!("discriminator = {}\n", toml(part)),
            };
            format!(
                "[[accept]]\npolicy = {}\nresource = {}\n{part}reason = \"\"\nowner = \"\"\nuntil = {until}\n",
                toml(&finding.policy),
                toml(&finding.resource)
            )
        });
        let text = entries.collect::<Vec<_>>().join("\n");
        let left = open.len().saturating_sub(MOST_ACCEPTANCES);
        let more = match (left, lang) {
            (0, _) => String::new(),
            (left, Lang::En) => format!(" The other {} findings take an entry each.", number(left)),
            (left, Lang::Ja) => format!("残り {} 件の指摘にも同じ形の項目が必要になる。", number(left)),
        };
        let caption = match lang {
            Lang::En => {
                format!("To live with it for a while, fill in reason and owner in tenken.toml.{more}")
            }
            Lang::Ja => format!(
                "受容する場合は、理由（reason）と責任者（owner）を記入して tenken.toml に追加する。{more}"
            ),
        };
        Some(Block::Snippet { caption, language: "toml", text })
    }

    // What is no failure has no way out: it passed, it does not apply, or nobody knows.
    fn verdict(&self, finding: &Finding, lang: Lang) -> Block {
        let run = self.run;
        let policy = run.policy(&finding.policy);
        let title = policy.map_or(finding.policy.as_str(), |policy| policy.title.say(lang));
        let word = match finding.verdict {
            Verdict::Pass => lang.pick("Passed", "合格"),
            Verdict::Skip => lang.pick("Not applicable", "対象外"),
            Verdict::Unknown(_) => lang.pick("Could not be judged", "判定不能"),
            Verdict::Fail => lang.pick("Failed", "指摘"),
        };
        let mut blocks = vec![
            Block::led(
                lang.pick("Verdict: ", "判定: "),
                match lang {
                    Lang::En => format!("{word} ({} if it failed)", severity_word(finding.severity, lang)),
                    Lang::Ja => {
                        format!("{word}（該当した場合の重要度: {}）", severity_word(finding.severity, lang))
                    }
                },
            ),
            Block::Findings(vec![found(finding, &finding.policy, run, usize::MAX, lang)]),
        ];
        if let Verdict::Unknown(ids) = &finding.verdict {
            let items =
                ids.iter().map(|id| ListItem::from(id.in_words(run.gaps.get(id)).say(lang).to_owned()));
            let items: Vec<ListItem> = items.collect();
            if !items.is_empty() {
                blocks.push(Block::List(items));
            }
            let denied =
                ids.iter().filter_map(|id| run.gaps.get(id)).filter(|gap| gap.cause == Cause::Denied);
            let permissions: BTreeSet<&str> =
                denied.flat_map(|gap| &gap.permissions).map(String::as_str).collect();
            if !permissions.is_empty() {
                let permissions: Vec<&str> = permissions.into_iter().collect();
                let (caption, text) = (about_permissions(lang).to_owned(), statement(&permissions));
                blocks.push(Block::Snippet { caption, language: "json", text });
            }
        }
        let addresses = policy.map(|policy| policy.references.clone()).unwrap_or_default();
        if !addresses.is_empty() {
            blocks.push(Block::References(addresses));
        }
        Block::Topic { title: format!("{title}: {}", label(&finding.resource, lang)), blocks }
    }
}

// What one part of a cause costs: what is done once for several findings is paid once.
fn part_of(cause: &RootCause<'_>, policy: &str, remedy: &Remedy) -> MonthlySum {
    let is_it = |part: &&CausePart<'_>| {
        part.first().is_some_and(|(finding, first)| finding.policy == policy && first.id == remedy.id)
    };
    let parts = cause.parts.iter().filter(is_it).cloned().collect();
    RootCause { keys: Vec::new(), findings: Vec::new(), parts }.monthly()
}

fn accepted(finding: &Finding, lang: Lang) -> Option<ListItem> {
    let acceptance = finding.accepted.as_ref()?;
    let (name, owner, until) = (label(&finding.resource, lang), &acceptance.owner, acceptance.until);
    let reason = &acceptance.reason;
    Some(ListItem::from(match lang {
        Lang::En => format!("{name} is accepted by {owner} until {until}: {reason}"),
        Lang::Ja => format!("{name} は {owner} が {until} まで受容している（理由: {reason}）"),
    }))
}
