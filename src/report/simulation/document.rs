//! What `plan --simulate` says: what chosen options close, open and leave, and what they cost.

use super::SimulationReport;
use crate::finding::{Finding, Run, Severity, label};
use crate::price::Currency;
use crate::report::page::{Block, Document, Heading, HeadingRank, ListItem, Masthead};
use crate::report::words::{minutes, severity_word};
use crate::simulate::{CarriedOption, OptionOutcome, OptionsCost, Simulation};
use crate::snapshot::GapId;
use crate::text::{Lang, counted, list, list_some, number};

/// How many resources of one policy are named.
const MOST_RESOURCES: usize = 5;

/// The whole document.
pub(super) fn write(report: &SimulationReport<'_>, lang: Lang) -> Document {
    let SimulationReport { simulation, run, currency } = *report;
    Document { lang, blocks: SimulationWriter { simulation, run, currency, lang }.blocks() }
}

struct SimulationWriter<'w> {
    simulation: &'w Simulation,
    run: &'w Run,
    currency: &'w Currency,
    lang: Lang,
}

impl SimulationWriter<'_> {
    fn blocks(&self) -> Vec<Block> {
        let simulation = self.simulation;
        let (title, sentence) = (self.title(), String::new());
        let mut blocks = vec![
            Block::Masthead(Masthead { title, sentence, brief: None }),
            Block::plain(self.summary()),
            Block::plain(self.cost()),
        ];
        let mut section = |en: &str, ja: &str, items: Vec<ListItem>| {
            if !items.is_empty() {
                let heading = Heading::new(HeadingRank::Part, self.lang.pick(en, ja));
                blocks.push(Block::Section(heading, vec![Block::List(items)]));
            }
        };
        let carried = simulation.carried.iter().map(|carried| self.carried(carried)).collect();
        section("Applied", "実施する対応策", carried);
        section("Closes", "解消する指摘", self.grouped(&simulation.closes));
        section("Opens", "新たな指摘", self.single(&simulation.opens));
        section("Can no longer be judged", "判定できなくなるもの", self.single(&simulation.unknown));
        section("Still fails", "残る指摘", self.grouped(&simulation.stays));
        blocks
    }

    fn title(&self) -> String {
        let (account, time) = (&self.run.account, minutes(&self.run.taken_at));
        let count = self.simulation.carried.len();
        match self.lang {
            Lang::En => format!(
                "tenken: account {account} on {time}, if {} {} were applied",
                number(count),
                counted(count, "option")
            ),
            Lang::Ja => {
                format!(
                    "tenken: アカウント {account}（{time} 時点）で対応策 {} 件を実施した場合",
                    number(count)
                )
            }
        }
    }

    fn summary(&self) -> String {
        let Simulation { closes, opens, unknown, stays, .. } = self.simulation;
        let [closes, opens, hidden, stays] = [closes, opens, unknown, stays].map(|found| number(found.len()));
        let mut text = match self.lang {
            Lang::En => format!("Failures: {closes} closed, {opens} opened, {stays} left."),
            Lang::Ja => format!("指摘: 解消 {closes} 件、新規 {opens} 件、残り {stays} 件。"),
        };
        if !unknown.is_empty() {
            text.push_str(&match self.lang {
                Lang::En => format!(" {hidden} can no longer be judged."),
                Lang::Ja => format!("判定できなくなるもの {hidden} 件。"),
            });
        }
        text
    }

    fn cost(&self) -> String {
        let OptionsCost { usd, unknown } = self.simulation.monthly_cost();
        let amount = self.currency.format(usd.abs(), self.lang);
        let is_zero = amount == self.currency.format(0.0, self.lang);
        let mut text = match (is_zero, usd > 0.0, self.lang) {
            (true, _, Lang::En) if !unknown.is_empty() => {
                "As far as prices are known, the monthly bill stays the same.".to_owned()
            }
            (true, _, Lang::Ja) if !unknown.is_empty() => {
                "価格が分かる範囲では、月額費用は変わらない。".to_owned()
            }
            (true, _, Lang::En) => "They do not change the monthly bill.".to_owned(),
            (true, _, Lang::Ja) => "月額費用は変わらない。".to_owned(),
            (false, true, Lang::En) => format!("They cost {amount} more a month at list price."),
            (false, true, Lang::Ja) => format!("月額費用は定価で {amount} 増える。"),
            (false, false, Lang::En) => format!("They save {amount} a month at list price."),
            (false, false, Lang::Ja) => format!("月額費用は定価で {amount} 減る。"),
        };
        if !self.currency.is_usd() && !is_zero {
            let (rate, code) = (self.currency.per_usd(), self.currency.code());
            text.push_str(&match self.lang {
                Lang::En => format!(" One US dollar is converted to {rate} {code}."),
                Lang::Ja => format!("1 ドルを {rate} {code} として換算した。"),
            });
        }
        if !unknown.is_empty() {
            let options = list_some(&unknown, MOST_RESOURCES, self.lang);
            text.push_str(&match self.lang {
                Lang::En => format!(" Not counted, because the price is not known: {options}."),
                Lang::Ja => format!("価格が不明なため含んでいないもの: {options}。"),
            });
        }
        text
    }

    fn carried(&self, carried: &CarriedOption) -> ListItem {
        let lang = self.lang;
        let (title, resource) = (carried.title.say(lang), label(&carried.resource, lang));
        let below = match (&carried.outcome, lang) {
            (OptionOutcome::Done, _) => String::new(),
            (OptionOutcome::ClosedBefore, _) => lang
                .pick("An option before it has closed this failure.", "先に実施した対応策で解消済み。")
                .to_owned(),
            (OptionOutcome::Unknown(gaps), Lang::En) => {
                format!("Not simulated: what it changes depends on {}.", questions(gaps, lang))
            }
            (OptionOutcome::Unknown(gaps), Lang::Ja) => {
                format!("シミュレーション不可: {} の結果が不明。", questions(gaps, lang))
            }
            (OptionOutcome::Missing(what), Lang::En) => format!("Not simulated: there is no {what}."),
            (OptionOutcome::Missing(what), Lang::Ja) => format!("シミュレーション不可: {what} がない。"),
        };
        let text = match lang {
            Lang::En => format!("{title} ({resource})"),
            Lang::Ja => format!("{title}（{resource}）"),
        };
        ListItem { lead: format!("{}/{}: ", carried.policy, carried.option), text, below }
    }

    /// One line for each policy.
    fn grouped(&self, findings: &[Finding]) -> Vec<ListItem> {
        let mut groups: Vec<(&str, Vec<&Finding>)> = Vec::new();
        for finding in findings {
            match groups.iter_mut().find(|(policy, _)| *policy == finding.policy) {
                Some((_, group)) => group.push(finding),
                None => groups.push((&finding.policy, vec![finding])),
            }
        }
        let item = |(policy, group): (&str, Vec<&Finding>)| {
            let mut resources: Vec<String> =
                group.iter().map(|finding| label(&finding.resource, self.lang)).collect();
            resources.dedup();
            let resources = list_some(&resources, MOST_RESOURCES, self.lang);
            let severity = group.first().map_or(Severity::Info, |finding| finding.severity);
            let title = self.title_of(policy);
            let text = match self.lang {
                Lang::En => format!("{title} ({resources})"),
                Lang::Ja => format!("{title}（{resources}）"),
            };
            ListItem { lead: self.severity(severity), text, below: String::new() }
        };
        groups.into_iter().map(item).collect()
    }

    /// One line for each finding, with what is found.
    fn single(&self, findings: &[Finding]) -> Vec<ListItem> {
        let item = |finding: &Finding| ListItem {
            lead: self.severity(finding.severity),
            text: self.title_of(&finding.policy).to_owned(),
            below: finding.message.say(self.lang).to_owned(),
        };
        findings.iter().map(item).collect()
    }

    fn severity(&self, severity: Severity) -> String {
        format!("{}: ", severity_word(severity, self.lang))
    }

    fn title_of<'t>(&'t self, policy: &'t str) -> &'t str {
        self.run.policy(policy).map_or(policy, |info| info.title.say(self.lang))
    }
}

fn questions(gaps: &[GapId], lang: Lang) -> String {
    let mut operations: Vec<&str> = gaps.iter().map(GapId::operation).collect();
    operations.dedup();
    list(&operations, lang)
}
