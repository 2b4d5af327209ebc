//! What a scan came to, on about one screen: a line for each root cause, the worst first, what could
//! not be judged with the one statement to add, and what to type next. Everything else about a cause
//! is what `tenken show` shows.

use super::accepted;
use super::document::{masthead, nothing_there};
use super::past::{mark, sentence};
use super::problem::{accepted_count, by_severity};
use super::question::{cause_words, statement, what};
use crate::finding::{Run, Severity, Totals, kind, label, telling_digits};
use crate::price::Currency;
use crate::report::page::{
    Block, CauseLine, CauseList, Document, Heading, HeadingRank, Mark, MarkedLine, Prose, Span,
};
use crate::report::words::{added_briefly, counted, hours};
use crate::text::{Lang, list_some, number};
use crate::work::{MonthlySum, QuestionGroup, QuestionKey, RootCause, questions, recommended};
use std::collections::BTreeMap;

/// What `tenken scan` shows on a terminal.
#[derive(Debug, Clone, Copy)]
pub struct ScanSummary<'r> {
    /// What was judged.
    pub run: &'r Run,
    /// What prices are shown in.
    pub currency: &'r Currency,
    /// The flags with which another command looks at the same account, for instance
    /// `--snapshot account.json`; may be empty.
    pub flags: &'r str,
}

/// So many causes have a line each.
const MOST_CAUSES: usize = 40;
/// Where there are more, so many lines go to the worst; the others are named.
const MOST_LINES: usize = 20;
/// No more policies are named.
const MOST_NAMES: usize = 100;
/// So many accepted failures have a line.
const MOST_ACCEPTED: usize = 5;
/// So many resources stand for all that a policy found.
const MOST_PLACES: usize = 3;
/// So many questions without an answer are named, and where nothing could be judged at all.
const MOST_QUESTIONS: (usize, usize) = (6, 40);

pub(super) fn write(of: &ScanSummary<'_>, lang: Lang) -> Document {
    let (run, totals) = (of.run, of.run.totals());
    let causes = recommended(&run.findings);
    let judged = totals.failed() + totals.accepted + totals.passed;
    let is_blind = judged == 0 && totals.unknown > 0;
    let mut blocks = vec![masthead(run, lang)];
    blocks.push(Block::Verdict { text: verdict(run, &totals, causes.len(), lang), basis: String::new() });
    if let Some(past) = &run.past {
        let (lead, text) = sentence(past, lang);
        blocks.push(Block::led(&lead, text));
    }
    // Of all of them, the verdict says it.
    if !run.empty_regions.is_empty() && (run.empty_regions.len() < run.regions.len() || totals.failed() > 0) {
        let end = lang.pick(".", "。");
        blocks.push(Block::Note(format!("{}{end}", nothing_there(&run.empty_regions, lang))));
    }
    blocks.extend(Screenful::new(of, &causes, lang).lists(&causes));
    match totals.accepted {
        ..=MOST_ACCEPTED => blocks.extend(accepted::write(run, lang)),
        count => blocks.push(Block::Note(match lang {
            Lang::En => format!("Accepted: {} (tenken scan --details lists them)", number(count)),
            Lang::Ja => format!("受容済み: {} 件（tenken scan --details で一覧を表示）", number(count)),
        })),
    }
    blocks.extend(unknown(run, is_blind, lang));
    if totals.all() > 0 {
        blocks.push(Block::Figures(figures(&totals, &causes, of.currency, lang)));
    }
    let hints = hints(of, &causes, lang);
    if !hints.is_empty() {
        blocks.push(Block::Hints(hints));
    }
    Document { lang, blocks }
}

// How bad it is.
fn verdict(run: &Run, totals: &Totals, causes: usize, lang: Lang) -> Prose {
    let (causes, unknown) = (number(causes), number(totals.unknown));
    let text = match (totals.failed(), totals.unknown) {
        (0, open) if !run.regions.is_empty() && run.empty_regions.len() == run.regions.len() => {
            let nothing = nothing_there(&run.empty_regions, lang);
            match (open, lang) {
                (0, Lang::En) => format!("{nothing}."),
                (0, Lang::Ja) => format!("{nothing}。"),
                (_, Lang::En) => format!("{nothing}; {unknown} could not be judged."),
                (_, Lang::Ja) => format!("{nothing}。判定不能 {unknown} 件。"),
            }
        }
        (0, 0) if totals.all() == 0 => lang
            .pick(
                "Nothing was judged: no policy found a resource that it applies to.",
                "判定対象なし: ポリシーの対象となるリソースが見つからなかった。",
            )
            .to_owned(),
        (0, 0) if totals.accepted > 0 => lang
            .pick(
                "Nothing failed but what was accepted, and nothing is unknown.",
                "受容済みのものを除き、指摘も判定不能もない。",
            )
            .to_owned(),
        (0, 0) => lang.pick("Nothing failed, nothing unknown.", "指摘も判定不能もない。").to_owned(),
        (0, _) if totals.passed + totals.accepted == 0 => match lang {
            Lang::En => format!("Nothing could be judged: all {unknown} verdicts are unknown."),
            Lang::Ja => format!("何も判定できなかった（判定不能 {unknown} 件）。"),
        },
        (0, _) => match lang {
            Lang::En => format!("No finding, but {unknown} could not be judged."),
            Lang::Ja => format!("指摘はないが、{unknown} 件は判定できなかった。"),
        },
        (failed, open) => {
            let (failed, by_severity) = (number(failed), by_severity(totals, lang));
            let causes = match lang {
                Lang::En if causes == "1" => "1 root cause".to_owned(),
                Lang::En => format!("{causes} root causes"),
                Lang::Ja => format!("根本原因 {causes} 件"),
            };
            match (open, lang) {
                (0, Lang::En) => format!("{causes} behind {failed} findings ({by_severity})."),
                (_, Lang::En) => {
                    format!(
                        "{causes} behind {failed} findings ({by_severity}); {unknown} could not be judged."
                    )
                }
                (0, Lang::Ja) => format!("{causes}、指摘 {by_severity}。"),
                (_, Lang::Ja) => format!("{causes}、指摘 {by_severity}。判定不能 {unknown} 件。"),
            }
        }
    };
    text.into()
}

/// What lines are made with.
struct Screenful<'s> {
    of: &'s ScanSummary<'s>,
    lang: Lang,
    /// How much of an id is shown.
    digits: usize,
    /// How many causes a policy names on a resource.
    alike: BTreeMap<(&'s str, &'s str), usize>,
}

impl<'s> Screenful<'s> {
    fn new(of: &'s ScanSummary<'s>, causes: &[RootCause<'s>], lang: Lang) -> Self {
        let digits = telling_digits(of.run.findings.iter().map(|finding| finding.id.as_str()));
        let mut alike = BTreeMap::new();
        for first in causes.iter().filter_map(RootCause::first) {
            *alike.entry((first.policy.as_str(), first.resource.as_str())).or_default() += 1;
        }
        Screenful { of, lang, digits, alike }
    }

    // One list for each severity. Lines are for the worst: a policy has one where its causes do not
    // fit, and where even those do not fit, policies are named.
    fn lists(&self, causes: &[RootCause<'s>]) -> Vec<Block> {
        let (mut lines_left, mut names_left) = match causes.len() {
            ..=MOST_CAUSES => (MOST_CAUSES, MOST_NAMES),
            _ => (MOST_LINES, MOST_NAMES),
        };
        let mut lists = Vec::new();
        for severity in Severity::ALL {
            let these: Vec<&RootCause<'s>> =
                causes.iter().filter(|cause| cause.severity() == severity).collect();
            if these.is_empty() {
                continue;
            }
            let policies = by_policy(&these);
            let mut list = self.list(severity, &these, lists.is_empty());
            if these.len() <= lines_left {
                list.lines = these.iter().map(|cause| self.line(cause)).collect();
            } else {
                let (lined, others) = policies.split_at(lines_left.min(policies.len()));
                list.lines = lined.iter().map(|policy| self.policy_line(policy)).collect();
                let (named, left) = others.split_at(names_left.min(others.len()));
                list.others = named.iter().map(|policy| policy_name(policy)).collect();
                list.more = left_out(left, self.lang);
                names_left -= named.len();
            }
            lines_left = lines_left.saturating_sub(list.lines.len());
            // What is less bad has no line where something worse has none.
            if !list.others.is_empty() {
                lines_left = 0;
            }
            lists.push(Block::Causes(list));
        }
        lists
    }

    fn list(&self, severity: Severity, causes: &[&RootCause<'s>], is_first: bool) -> CauseList {
        let heads =
            if is_first { self.lang.pick("effort, price a month", "作業時間、月額") } else { "" };
        CauseList {
            severity,
            count: counted(causes.len(), self.lang),
            heads: heads.to_owned(),
            lines: Vec::new(),
            others: Vec::new(),
            more: String::new(),
        }
    }

    fn line(&self, cause: &RootCause<'s>) -> CauseLine {
        let run = self.of.run;
        let first = cause.first();
        let (policy, resource) =
            first.map(|first| (first.policy.as_str(), first.resource.as_str())).unwrap_or_default();
        let is_alone = self.alike.get(&(policy, resource)).is_none_or(|count| *count < 2);
        let part =
            first.map(|first| first.discriminator.as_str()).filter(|part| !is_alone && !part.is_empty());
        let mut places = places(std::slice::from_ref(&cause), self.lang);
        if let (Some(place), Some(part)) = (places.first_mut(), part) {
            place.push_str(&format!(" [{part}]"));
        }
        CauseLine {
            id: self.id(cause),
            mark: self.mark(cause),
            title: cause.title(run).say(self.lang).to_owned(),
            place: list_some(&places, 1, self.lang),
            figures: self.figures(cause.effort_hours(), cause.monthly()),
        }
    }

    // All that a policy names, in one line.
    fn policy_line(&self, causes: &[&RootCause<'s>]) -> CauseLine {
        let [worst, rest @ ..] = causes else {
            return CauseLine {
                id: String::new(),
                mark: String::new(),
                title: String::new(),
                place: String::new(),
                figures: String::new(),
            };
        };
        if rest.is_empty() {
            return self.line(worst);
        }
        let effort = causes.iter().map(|cause| cause.effort_hours()).sum();
        let monthly = causes.iter().map(|cause| cause.monthly()).fold(MonthlySum::default(), MonthlySum::and);
        let places = list_some(&places(causes, self.lang), MOST_PLACES, self.lang);
        let (count, policy) = (number(causes.len()), policy(worst));
        CauseLine {
            id: self.id(worst),
            mark: causes
                .iter()
                .map(|cause| self.mark(cause))
                .find(|mark| !mark.is_empty())
                .unwrap_or_default(),
            title: worst.title(self.of.run).say(self.lang).to_owned(),
            place: match self.lang {
                Lang::En => format!("{count} causes: {places}; {policy}"),
                Lang::Ja => format!("{count} 件: {places}、{policy}"),
            },
            figures: self.figures(effort, monthly),
        }
    }

    fn id(&self, cause: &RootCause<'_>) -> String {
        let id = cause.first().map(|first| first.id.as_str()).unwrap_or_default();
        id.get(..self.digits).unwrap_or(id).to_owned()
    }

    fn mark(&self, cause: &RootCause<'_>) -> String {
        let lives = cause.findings.iter().filter_map(|finding| self.of.run.life(finding));
        lives.filter_map(|life| mark(life, self.lang)).next().unwrap_or_default().to_owned()
    }

    fn figures(&self, effort_hours: f64, monthly: MonthlySum) -> String {
        let (effort, price) =
            (hours(effort_hours, Lang::En), added_briefly(monthly, self.of.currency, self.lang));
        format!("{}  {price}", effort.replace(' ', ""))
    }
}

fn policy<'r>(cause: &RootCause<'r>) -> &'r str {
    cause.first().map(|first| first.policy.as_str()).unwrap_or_default()
}

// A service is called by its own name: the cluster says little, and takes the room of the title.
fn place(resource: &str, lang: Lang) -> String {
    let name = label(resource, lang);
    match name.rsplit_once('/') {
        Some((_, service)) if kind(resource) == "ecs:service" && !service.is_empty() => service.to_owned(),
        _ => name,
    }
}

// What different causes are about, each resource once.
fn places(causes: &[&RootCause<'_>], lang: Lang) -> Vec<String> {
    let mut places: Vec<String> = Vec::new();
    for cause in causes {
        let own = cause.findings.iter().filter(|finding| finding.policy == policy(cause));
        for place in own.map(|finding| place(&finding.resource, lang)) {
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
    places
}

// In the order of the first.
fn by_policy<'c, 'r>(causes: &[&'c RootCause<'r>]) -> Vec<Vec<&'c RootCause<'r>>> {
    let mut policies: Vec<Vec<&RootCause<'r>>> = Vec::new();
    for cause in causes {
        match policies.iter_mut().find(|those| those.first().is_some_and(|one| policy(one) == policy(cause)))
        {
            Some(those) => those.push(cause),
            None => policies.push(vec![cause]),
        }
    }
    policies
}

fn policy_name(causes: &Vec<&RootCause<'_>>) -> String {
    let policy = causes.first().map(|cause| policy(cause)).unwrap_or_default();
    if causes.len() > 1 { format!("{policy} ×{}", number(causes.len())) } else { policy.to_owned() }
}

fn left_out(policies: &[Vec<&RootCause<'_>>], lang: Lang) -> String {
    if policies.is_empty() {
        return String::new();
    }
    let (count, causes) = (number(policies.len()), number(policies.iter().map(Vec::len).sum()));
    match lang {
        Lang::En => format!("and {causes} more root causes of {count} policies: tenken scan --details"),
        Lang::Ja => {
            format!("ほかに {count} 種類のポリシーで根本原因 {causes} 件（tenken scan --details で表示）")
        }
    }
}

// What could not be judged, and what would change that: first the one statement to add.
fn unknown(run: &Run, is_blind: bool, lang: Lang) -> Option<Block> {
    let groups = questions(run);
    let count = run.totals().unknown;
    let permissions = run.missing_permissions();
    if groups.is_empty() || (count == 0 && permissions.is_empty()) {
        return None;
    }
    let mut heading = Heading::new(
        HeadingRank::Unknown,
        match (is_blind, count) {
            (true, _) => lang.pick("Why nothing could be judged", "何も判定できなかった理由"),
            (false, 0) => lang.pick("Questions without an answer", "回答が得られなかった問い合わせ"),
            (false, _) => lang.pick("Could not be judged", "判定できなかったもの"),
        },
    );
    if !is_blind && count > 0 {
        heading.count = counted(count, lang);
        heading.remark = lang.pick("none of them counts as passed", "合格には数えていない").to_owned();
    }
    let mut blocks = Vec::new();
    if !permissions.is_empty() {
        let caption = lang.pick(
            "Add this statement to the policy of the auditing role:",
            "監査用ロールのポリシーに次のステートメントを追加する。",
        );
        let text = statement(&permissions);
        blocks.push(Block::Snippet { caption: caption.to_owned(), language: "json", text });
    }
    let most = if is_blind { MOST_QUESTIONS.1 } else { MOST_QUESTIONS.0 };
    // The statement answers for what was denied; what follows from another question waits for that.
    let is_told = |(key, group): &&(QuestionKey<'_>, QuestionGroup<'_>)| {
        !group.findings.is_empty()
            && (is_blind || permissions.is_empty() || !is_denied(key))
            && !key.never_asked
    };
    let told: Vec<_> = groups.iter().filter(is_told).collect();
    let lines = told.iter().take(most).map(|(key, group)| question(key, group, lang));
    let mut lines: Vec<MarkedLine> = lines.collect();
    if let Some(left) = told.len().checked_sub(most).filter(|left| *left > 0) {
        let text = match lang {
            Lang::En => format!("and {} more: tenken scan --details", number(left)),
            Lang::Ja => format!("ほか {} 種類（tenken scan --details で表示）", number(left)),
        };
        lines.push(MarkedLine { mark: Mark::Words(String::new()), text: text.into(), below: Vec::new() });
    }
    if !lines.is_empty() {
        blocks.push(Block::Marked(lines));
    }
    Some(Block::Section(heading, blocks))
}

fn is_denied(key: &QuestionKey<'_>) -> bool {
    key.cause == Some(crate::snapshot::Cause::Denied)
}

// How many verdicts wait for a question.
fn question(key: &QuestionKey<'_>, group: &QuestionGroup<'_>, lang: Lang) -> MarkedLine {
    let (count, regions) = (number(group.findings.len()), group.regions.len());
    let why = match (key.code, lang) {
        ("", _) => cause_words(key, lang).to_owned(),
        (code, Lang::En) => format!("{} ({code})", cause_words(key, lang)),
        (code, Lang::Ja) => format!("{}（{code}）", cause_words(key, lang)),
    };
    let regions = match (regions, lang) {
        (..=1, _) => String::new(),
        (regions, Lang::En) => format!(" in {} regions", number(regions)),
        (regions, Lang::Ja) => format!("、{} リージョン", number(regions)),
    };
    let verdicts = match lang {
        Lang::En => format!("{count} {}", crate::text::counted(group.findings.len(), "verdict")),
        Lang::Ja => format!("判定 {count} 件"),
    };
    MarkedLine {
        mark: Mark::Words(format!("{}: ", what(key, lang))),
        text: Prose(vec![Span::Plain(match lang {
            Lang::En => format!("{verdicts}{regions}, {why}"),
            Lang::Ja => format!("{verdicts}{regions}、{why}"),
        })]),
        below: Vec::new(),
    }
}

fn figures(
    totals: &Totals,
    causes: &[RootCause<'_>],
    currency: &Currency,
    lang: Lang,
) -> Vec<(String, String)> {
    let [failed, passed, skipped, unknown, all] =
        [totals.failed(), totals.passed, totals.skipped, totals.unknown, totals.all()].map(number);
    let accepted = accepted_count(totals, lang);
    let mut figures = vec![match lang {
        Lang::En => (
            format!("{all} {}: ", crate::text::counted(totals.all(), "verdict")),
            format!(
                "{failed} failed, {accepted}{passed} passed, {skipped} not applicable, {unknown} unknown"
            ),
        ),
        Lang::Ja => (
            format!("判定 {all} 件: "),
            format!("指摘 {failed}、{accepted}合格 {passed}、対象外 {skipped}、判定不能 {unknown}"),
        ),
    }];
    if causes.len() > 1 {
        let effort = causes.iter().map(RootCause::effort_hours).sum();
        let monthly = causes.iter().map(RootCause::monthly).fold(MonthlySum::default(), MonthlySum::and);
        let (effort, price) = (hours(effort, lang), currency.format(monthly.usd, lang));
        let price = if monthly.usd > 0.0 { format!("+{price}") } else { price };
        let unknown = match (monthly.unknown_parts, lang) {
            (0, _) => String::new(),
            (1, Lang::En) => " (1 price unknown)".to_owned(),
            (count, Lang::En) => format!(" ({} prices unknown)", number(count)),
            (count, Lang::Ja) => format!("（価格不明の {} 件を除く）", number(count)),
        };
        figures.push(match lang {
            Lang::En => {
                ("To fix everything: ".to_owned(), format!("{effort} of work, {price} a month{unknown}"))
            }
            Lang::Ja => {
                ("すべてに対処する場合: ".to_owned(), format!("作業 {effort}、月額 {price}{unknown}"))
            }
        });
    }
    figures
}

// The next commands, about the same account.
fn hints(of: &ScanSummary<'_>, causes: &[RootCause<'_>], lang: Lang) -> Vec<(String, String)> {
    let Some(first) = causes.first() else {
        return Vec::new();
    };
    let flags = if of.flags.is_empty() { String::new() } else { format!(" {}", of.flags) };
    let id = Screenful::new(of, causes, lang).id(first);
    let hint =
        |en: &str, ja: &str, command: &str| (lang.pick(en, ja).to_owned(), format!("{command}{flags}"));
    let mut hints = vec![
        hint("One of them whole:", "1 件の詳細:", &format!("tenken show {id}")),
        hint("What to do first:", "優先順位と計画:", "tenken plan"),
        hint("All commands:", "対処コマンド一式:", "tenken fix"),
    ];
    if causes.len() > MOST_CAUSES {
        hints.insert(
            1,
            hint("All of a policy:", "ポリシー単位の詳細:", &format!("tenken show {}", policy(first))),
        );
    }
    hints
}
