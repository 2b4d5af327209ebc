//! What a plan says, for people.

use super::words;
use crate::finding::{Downtime, Finding, Run, label};
use crate::plan::{Candidate, Cell, CostRow, Phase, Plan, Step, TradeOff};
use crate::report::page::{Block, Document, Heading, HeadingRank, ListItem, Prose, Table};
use crate::report::words::{minutes, severity_word};
use crate::text::{Lang, Text, list_some, number};
use crate::work::RootCause;

/// The whole document.
pub(super) fn write(plan: &Plan<'_>, run: &Run, lang: Lang) -> Document {
    let mut writer = PlanWriter { plan, run, lang, blocks: Vec::new() };
    let title = writer.document_title();
    writer.section(HeadingRank::Document, title, |writer| {
        writer.opening();
        writer.overview();
        writer.blocks.push(Block::Pictures(Vec::new()));
    });
    writer.basis();
    for phase in &plan.phases {
        writer.phase(phase);
    }
    writer.costs();
    writer.improvements();
    writer.trade_offs();
    writer.left_out();
    Document { lang, blocks: writer.blocks }
}

/// How many values a cell of the table of improvements shows.
const MOST_VALUES: usize = 3;

struct PlanWriter<'w, 'a> {
    plan: &'w Plan<'a>,
    run: &'w Run,
    lang: Lang,
    blocks: Vec<Block>,
}

impl<'a> PlanWriter<'_, 'a> {
    fn pick(&self, en: &str, ja: &str) -> String {
        self.lang.pick(en, ja).to_owned()
    }

    fn text(&mut self, text: String) {
        self.blocks.push(Block::plain(text));
    }

    fn led(&mut self, lead: &str, text: String) {
        self.blocks.push(Block::led(lead, text));
    }

    // What `write` adds, by itself.
    fn within(&mut self, write: impl FnOnce(&mut Self)) -> Vec<Block> {
        let outer = std::mem::take(&mut self.blocks);
        write(self);
        std::mem::replace(&mut self.blocks, outer)
    }

    fn section(&mut self, rank: HeadingRank, title: String, write: impl FnOnce(&mut Self)) {
        let blocks = self.within(write);
        self.blocks.push(Block::Section(Heading::new(rank, title), blocks));
    }

    fn chapter(&mut self, title: String, write: impl FnOnce(&mut Self)) {
        self.section(HeadingRank::Chapter, title, write);
    }

    fn list(&mut self, lines: Vec<String>) {
        self.blocks.push(Block::List(lines.into_iter().map(ListItem::from).collect()));
    }

    fn document_title(&self) -> String {
        let account = &self.run.account;
        match self.lang {
            Lang::En => format!("tenken plan: AWS account {account}"),
            Lang::Ja => format!("tenken plan: AWS アカウント {account} の改善計画"),
        }
    }

    fn opening(&mut self) {
        let time = minutes(&self.run.taken_at);
        let regions = self.run.regions.join(self.lang.pick(", ", "、"));
        self.blocks.push(Block::plain(match self.lang {
            Lang::En => format!("From the audit of {time} in {regions}."),
            Lang::Ja => format!("監査 {time}、リージョン {regions}"),
        }));
        let (today, left) = (total(&self.plan.failures), self.plan.remaining.len());
        let text = match (today, self.lang) {
            (0, Lang::En) => "Nothing fails, so there is nothing to plan.".to_owned(),
            (0, Lang::Ja) => "指摘はなく、計画する作業はない。".to_owned(),
            (_, Lang::En) => {
                format!("The plan fixes {} of {} failures.", number(today - left), number(today))
            }
            (_, Lang::Ja) => {
                format!("指摘 {} 件のうち {} 件を解消する。", number(today), number(today - left))
            }
        };
        self.text(text);
        if self.plan.unknown > 0 {
            let unknown = number(self.plan.unknown);
            self.text(match self.lang {
                Lang::En => {
                    format!("{unknown} verdicts are unknown; the plan does not cover them.")
                }
                Lang::Ja => format!("判定不能が {unknown} 件あり、計画には含まれていない。"),
            });
        }
        if !self.plan.is_proven {
            self.text(self.pick(
                "There are too many options to prove the best choice; this plan takes the options that reduce the most risk for money and effort first.",
                "対応策の組み合わせが多いため、最適であることは証明していない。費用と作業時間あたりの効果が大きい順に選んだ。",
            ));
        }
    }

    fn overview(&mut self) {
        if self.plan.phases.is_empty() {
            return;
        }
        let (context, lang) = (&self.plan.context, self.lang);
        let heads = match lang {
            Lang::En => ["phase", "steps", "work", "interruption", "a month", "still open"],
            Lang::Ja => ["フェーズ", "作業数", "時間", "停止", "月額", "残る指摘"],
        };
        let mut rows = vec![vec![
            self.pick("today", "現状"),
            String::new(),
            String::new(),
            String::new(),
            String::new(),
            words::counts(&self.plan.failures, lang),
        ]];
        for phase in &self.plan.phases {
            rows.push(vec![
                words::phase_name(phase.kind, lang),
                number(phase.steps.len()),
                words::hours(phase.effort_hours, lang),
                if phase.downtime == Downtime::None {
                    self.pick("none", "なし")
                } else {
                    words::downtime(phase.downtime, lang).to_owned()
                },
                words::monthly(&phase.monthly, context, lang),
                words::counts(&phase.remaining, lang),
            ]);
        }
        self.table(&heads, rows, &[1, 2, 4], false);
    }

    fn table(&mut self, heads: &[&str], rows: Vec<Vec<String>>, right: &[usize], has_sum: bool) {
        let heads: Vec<String> = heads.iter().map(|head| (*head).to_owned()).collect();
        let rows = rows.into_iter().map(|row| row.into_iter().map(Prose::from).collect()).collect();
        let right = right.to_vec();
        self.blocks.push(Block::Table(Table { heads, rows, right, has_sum, ..Table::default() }));
    }

    fn basis(&mut self) {
        let given = words::given(self.plan, self.lang);
        let assumed: Vec<String> = self
            .plan
            .context
            .assumptions
            .iter()
            .map(|one| words::assumption(one, &self.plan.context, self.lang))
            .collect();
        for (en, ja, lines) in [
            ("Given", "前提", given),
            ("Assumptions where nothing was given", "指定がないため仮定したこと", assumed),
        ] {
            if !lines.is_empty() {
                self.chapter(self.pick(en, ja), |writer| writer.list(lines));
            }
        }
    }

    fn title(&self, finding: &Finding) -> String {
        let policy = self.run.policy(&finding.policy);
        policy.map_or(finding.policy.clone(), |policy| policy.title.say(self.lang).to_owned())
    }

    fn phase(&mut self, phase: &Phase<'a>) {
        let lang = self.lang;
        self.chapter(words::phase(phase.kind, &self.plan.context, lang), |writer| {
            for (index, step) in phase.steps.iter().enumerate() {
                writer.step(index + 1, step);
            }
        });
    }

    fn step(&mut self, number: usize, step: &Step<'a>) {
        let lang = self.lang;
        let mut titles: Vec<String> = Vec::new();
        for title in step.actions.iter().filter_map(Candidate::remedy).map(|remedy| remedy.title.say(lang)) {
            if !titles.iter().any(|other| other == title) {
                titles.push(title.to_owned());
            }
        }
        let blocks = self.within(|writer| writer.step_contents(step, titles.len()));
        let title = titles.join(lang.pick("; ", "、"));
        self.blocks.push(Block::Item { number: Some(number), title, blocks });
    }

    fn step_contents(&mut self, step: &Step<'a>, title_count: usize) {
        let (context, lang) = (&self.plan.context, self.lang);
        for (en, ja, findings) in
            [("Fixes: ", "解消: ", &step.mends), ("Lowers the risk of: ", "リスク低減: ", &step.lowers)]
        {
            let lines = self.problems(findings);
            if !lines.is_empty() {
                self.led(lang.pick(en, ja), lines.join(lang.pick("; ", "、")));
            }
        }
        self.led(lang.pick("Effort: ", "費用と作業: "), words::takes(step, context, lang));
        if let Some(note) = self.notes(step) {
            self.led(lang.pick("Price: ", "料金: "), note);
        }
        if let Some(why) = step.why_later.as_ref().map(|why| words::why_later(why, context, lang)) {
            self.led(lang.pick("Not earlier, because ", "後に回した理由: "), why);
        }
        if let Some(why) = words::why_before(step, 1, lang) {
            self.led(lang.pick("Order: ", "順序: "), why);
        }
        let unclear = self.unclear(step);
        if !unclear.is_empty() {
            self.led(lang.pick("Check first: ", "事前に確認: "), unclear);
        }
        let several = step.actions.len() > 1;
        let mut seen: Vec<(&str, &str)> = Vec::new();
        for action in &step.actions {
            let is_known = seen.contains(&(action.policy, action.option));
            self.action(action, several && title_count > 1 && !is_known, !is_known);
            seen.push((action.policy, action.option));
        }
        for cause in &step.causes {
            self.cause(cause);
        }
    }

    // The findings of a step by policy, with the resources they are about.
    fn problems(&self, findings: &[&'a Finding]) -> Vec<String> {
        let mut lines: Vec<(&Finding, Vec<String>)> = Vec::new();
        for finding in findings {
            let mut name = label(&finding.resource, self.lang);
            if !finding.discriminator.is_empty() {
                name = format!("{name} {}", finding.discriminator);
            }
            match lines.last_mut().filter(|(first, _)| first.policy == finding.policy) {
                Some((_, names)) => names.push(name),
                None => lines.push((finding, vec![name])),
            }
        }
        let line = |(finding, names): (&Finding, Vec<String>)| {
            let (severity, names) =
                (severity_word(finding.severity, self.lang), list_some(&names, 3, self.lang));
            match self.lang {
                Lang::En => format!("{} ({severity}: {names})", self.title(finding)),
                Lang::Ja => format!("{}（{severity}、{names}）", self.title(finding)),
            }
        };
        lines.into_iter().map(line).collect()
    }

    // What prices assume or leave out, each once.
    fn notes(&self, step: &Step<'a>) -> Option<String> {
        let mut notes: Vec<&str> = Vec::new();
        for note in step
            .actions
            .iter()
            .filter_map(Candidate::remedy)
            .filter_map(|remedy| remedy.monthly_cost_note.as_ref())
        {
            let note = note.say(self.lang);
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
        (!notes.is_empty()).then(|| notes.join(self.lang.pick(" ", "")))
    }

    fn unclear(&self, step: &Step<'a>) -> String {
        let unclear = step.actions.iter().flat_map(|action| &action.unclear);
        let mut names: Vec<String> = unclear
            .map(|finding| format!("{} ({})", finding.policy, label(&finding.resource, self.lang)))
            .collect();
        names.sort();
        names.dedup();
        match (names.is_empty(), self.lang) {
            (true, _) => String::new(),
            (false, Lang::En) => format!(
                "{} could not be judged and would have to be fixed first.",
                words::and(&names, self.lang)
            ),
            (false, Lang::Ja) => format!(
                "{} は判定できなかった。該当する場合は先に解消する必要がある。",
                words::and(&names, self.lang)
            ),
        }
    }

    fn action(&mut self, action: &Candidate<'a>, is_titled: bool, with_steps: bool) {
        let lang = self.lang;
        let Some(remedy) = action.remedy() else {
            return;
        };
        if is_titled {
            self.text(format!("{}:", remedy.title.say(lang)));
        }
        let lines = remedy.steps.get(lang);
        if with_steps && !lines.is_empty() {
            self.blocks.push(Block::Numbered(lines.to_vec()));
        }
    }

    // What findings share, and the one script that closes them.
    fn cause(&mut self, cause: &RootCause<'a>) {
        let lang = self.lang;
        let shared = cause.shared(lang);
        if cause.findings.len() > 1 && !shared.is_empty() {
            let shared = list_some(&shared, 3, lang);
            self.led(lang.pick("One cause: ", "共通の原因: "), format!("{shared}{}", lang.pick(".", "。")));
        }
        let script = cause.script().say(lang).trim_end().to_owned();
        if !script.is_empty() {
            self.blocks.push(Block::Commands(vec![script]));
        }
    }

    fn costs(&mut self) {
        if self.plan.costs.is_empty() {
            return;
        }
        self.chapter(self.pick("Costs a month", "月額費用の比較"), Self::cost_table);
    }

    fn cost_table(&mut self) {
        let (plan, lang) = (self.plan, self.lang);
        let mut heads = vec![self.pick("item", "項目"), self.pick("today", "現状")];
        heads.extend(plan.phases.iter().map(|phase| words::phase_name(phase.kind, lang)));
        heads.push(self.pick("difference", "差額"));
        let mut rows: Vec<Vec<String>> =
            plan.costs.iter().map(|row| self.cost_row(words::part(row.part, lang), row)).collect();
        let sum = |cells: Vec<Cell>| {
            cells.iter().fold(Cell::default(), |sum, cell| Cell {
                usd: sum.usd + cell.usd,
                unknown: sum.unknown + cell.unknown,
            })
        };
        let total = CostRow {
            part: crate::plan::Part::Other,
            today: Some(sum(plan.costs.iter().filter_map(|row| row.today).collect())),
            after: (0..plan.phases.len())
                .map(|index| sum(plan.costs.iter().filter_map(|row| row.after.get(index).copied()).collect()))
                .collect(),
        };
        rows.push(self.cost_row(self.pick("Total", "合計"), &total));
        let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
        let right: Vec<usize> = (1..heads.len()).collect();
        self.table(&heads, rows, &right, true);
        self.budget_sentence(&total);
    }

    fn cost_row(&self, name: String, row: &CostRow) -> Vec<String> {
        let (context, lang) = (&self.plan.context, self.lang);
        let cell = |cell: &Cell| words::cell(cell.usd, cell.unknown, context, lang);
        let mut cells = vec![name, row.today.as_ref().map_or("–".to_owned(), cell)];
        cells.extend(row.after.iter().map(cell));
        let base = row.today.unwrap_or_default();
        let last = row.after.last().copied().unwrap_or(base);
        let added = last.usd - base.usd;
        cells.push(match (last.unknown > base.unknown, added.abs() < 0.005) {
            (true, true) => self.pick("unknown", "不明"),
            (true, false) => format!("≥ {}", words::extra(added, context, lang)),
            (false, _) => words::extra(added, context, lang),
        });
        cells
    }

    fn budget_sentence(&mut self, total: &CostRow) {
        let (context, lang) = (&self.plan.context, self.lang);
        let Some(budget) = context.wishes.budget_usd else {
            return;
        };
        let last = total.after.last().copied().or(total.today).unwrap_or_default();
        let money = |usd: f64| context.wishes.currency.format(usd, lang);
        let (budget_text, left) = (money(budget), budget - last.usd);
        let text = match (last.unknown, left >= 0.0, lang) {
            (0, true, Lang::En) => {
                format!("Within the budget of {budget_text}: {} a month are left.", money(left))
            }
            (0, true, Lang::Ja) => format!("予算 {budget_text} に収まる。残りは月額 {}。", money(left)),
            (_, true, Lang::En) => format!(
                "What has a price is within the budget of {budget_text}, {} below it; items without a price come on top.",
                money(left)
            ),
            (_, true, Lang::Ja) => format!(
                "価格の分かる分は予算 {budget_text} を {} 下回る。価格不明の項目は別途かかる。",
                money(left)
            ),
            (_, false, Lang::En) => format!(
                "The account costs {} a month more than the budget of {budget_text}; only what is free or saves money was added.",
                money(-left)
            ),
            (_, false, Lang::Ja) => format!(
                "月額費用が予算 {budget_text} を {} 超えている。無料または費用を減らす作業のみを加えた。",
                money(-left)
            ),
        };
        self.text(text);
    }

    fn improvements(&mut self) {
        if self.plan.improvements.is_empty() {
            return;
        }
        self.chapter(self.pick("Improvements", "改善効果"), Self::improvement_table);
    }

    fn improvement_table(&mut self) {
        let (plan, lang) = (self.plan, self.lang);
        let mut heads = vec![self.pick("item", "指標"), self.pick("today", "現状")];
        heads.extend(plan.phases.iter().map(|phase| words::phase_name(phase.kind, lang)));
        let said = |texts: &[Text]| {
            let some: Vec<&str> = texts.iter().take(MOST_VALUES).map(|text| text.say(lang)).collect();
            let left = texts.len().saturating_sub(MOST_VALUES);
            let mut text = some.join(lang.pick("; ", "、"));
            if left > 0 {
                text.push_str(&match lang {
                    Lang::En => format!("; {} more", number(left)),
                    Lang::Ja => format!("、ほか {} 件", number(left)),
                });
            }
            text
        };
        let mut rows = Vec::new();
        for row in &plan.improvements {
            let mut cells = vec![row.metric.title().say(lang).to_owned(), said(&row.today)];
            let mut before = &row.today;
            for after in &row.after {
                // An arrow would say more than a repetition does.
                cells.push(if after == before {
                    self.pick("as before", "変化なし")
                } else {
                    said(after)
                });
                before = after;
            }
            rows.push(cells);
        }
        let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
        self.table(&heads, rows, &[], false);
    }

    fn trade_offs(&mut self) {
        if self.plan.trade_offs.is_empty() {
            return;
        }
        let plan = self.plan;
        self.chapter(self.pick("Trade-offs", "トレードオフ"), |writer| {
            let mut seen: Vec<(&str, &str)> = Vec::new();
            for trade_off in &plan.trade_offs {
                let key = (trade_off.chosen.policy, trade_off.chosen.option);
                if !seen.contains(&key) {
                    seen.push(key);
                    writer.trade_off(trade_off);
                }
            }
        });
    }

    fn trade_off(&mut self, trade_off: &TradeOff<'a>) {
        let first = trade_off.chosen.remedies.first();
        let title = first.map(|(finding, _)| self.title(finding)).unwrap_or_default();
        let blocks = self.within(|writer| writer.trade_off_contents(trade_off));
        self.blocks.push(Block::Item { number: None, title, blocks });
    }

    fn trade_off_contents(&mut self, trade_off: &TradeOff<'a>) {
        let (context, lang) = (&self.plan.context, self.lang);
        let chosen = &trade_off.chosen;
        let name = |one: &Candidate<'a>| {
            one.remedy().map(|remedy| remedy.title.say(lang).to_owned()).unwrap_or_default()
        };
        let row = |one: &Candidate<'a>, why: String| {
            vec![
                name(one),
                words::monthly(&one.monthly, context, lang),
                words::hours(one.effort_hours(), lang),
                words::downtime(one.downtime(), lang).to_owned(),
                why,
            ]
        };
        let mut rows = vec![row(chosen, self.pick("chosen", "採用"))];
        rows.extend(
            trade_off
                .others
                .iter()
                .map(|other| row(&other.option, words::why_not(&other.why_not, context, lang))),
        );
        let heads = match lang {
            Lang::En => ["option", "a month", "work", "interruption", "why"],
            Lang::Ja => ["対応策", "月額", "時間", "停止", "理由"],
        };
        self.table(&heads, rows, &[1, 2], false);
        if let Some(hours) = trade_off.break_even_hours {
            let (extra, outage) =
                (context.wishes.currency.format(trade_off.extra_usd, lang), words::outage(hours, lang));
            let peak = context
                .wishes
                .peak_factor
                .filter(|factor| *factor > 1.0)
                .map(|factor| words::outage(hours / factor, lang));
            let text = match (lang, peak) {
                (Lang::En, Some(peak)) => format!(
                    "{extra} a month pay for themselves with {outage} of outage prevented each month, {peak} at the peak."
                ),
                (Lang::En, None) => format!(
                    "{extra} a month pay for themselves with {outage} of outage prevented each month."
                ),
                (Lang::Ja, Some(peak)) => format!(
                    "月額 {extra} の追加は、月に {outage}（繁忙期は {peak}）の停止を防げば回収できる。"
                ),
                (Lang::Ja, None) => {
                    format!("月額 {extra} の追加は、月に {outage} の停止を防げば回収できる。")
                }
            };
            self.led(lang.pick("Break-even: ", "損益分岐: "), text);
        }
        if let (Downtime::Hours, Some(hour)) = (chosen.downtime(), context.wishes.hour_down_usd) {
            let cost = context.wishes.currency.format(hour, lang);
            self.led(
                lang.pick("Interruption: ", "停止の損失: "),
                match lang {
                    Lang::En => {
                        format!("each hour of it costs {cost}; do it when traffic is lowest.")
                    }
                    Lang::Ja => format!("1 時間あたり {cost}。アクセスの最も少ない時間帯に実施する。"),
                },
            );
        }
    }

    fn left_out(&mut self) {
        let (context, lang) = (&self.plan.context, self.lang);
        if !self.plan.left_out.is_empty() {
            let lines: Vec<String> = self
                .plan
                .left_out
                .iter()
                .flat_map(|one| {
                    let why = words::why_out(&one.why, context, lang);
                    self.problems(&one.findings).into_iter().map(move |problem| match lang {
                        Lang::En => format!("{problem}: {why}."),
                        Lang::Ja => format!("{problem}: {why}。"),
                    })
                })
                .collect();
            self.chapter(self.pick("Left out", "計画に含めなかったもの"), |writer| {
                writer.list(lines)
            });
        }
        let lowered: Vec<&Finding> = {
            let out: Vec<&Finding> =
                self.plan.left_out.iter().flat_map(|one| one.findings.iter().copied()).collect();
            self.plan
                .remaining
                .iter()
                .copied()
                .filter(|finding| !out.iter().any(|other| other.id == finding.id))
                .collect()
        };
        if !lowered.is_empty() {
            let lines = self.problems(&lowered);
            let title = self.pick("Remains, with a lower risk", "リスクを下げて残るもの");
            self.chapter(title, |writer| writer.list(lines));
        }
    }
}

fn total(counts: &[usize]) -> usize {
    counts.iter().sum()
}
