//! Draws a document as one HTML file that needs nothing else: no request leaves it, and it is whole
//! without script. Templates escape whatever they show; a content security policy names the hashes of
//! the one style sheet and the one script, so that nothing else could run even where escaping failed.

use super::{
    Below, Block, CauseLine, CauseList, Document, Figure, FoundItem, Heading, HeadingRank, Lead, Ledger,
    ListItem, Mark, MarkedLine, Masthead, Medium, ProblemFacets, Prose, Span, Table,
};
use crate::diagram::{place, svg};
use crate::finding::{Pillar, Severity};
use crate::report::words::{fix, or, references, severity_word, to_settle};
use crate::text::{Lang, harmless, harmless_lines, number};
use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

const STYLE: &str = concat!(include_str!("html/page.css"), "\n", include_str!("../../diagram/svg.css"));
const SCRIPT: &str = include_str!("html/page.js");

/// Text from wherever, as a page shows it: harmless. The templates escape it besides.
struct PageWords<'t>(&'t str);

impl fmt::Display for PageWords<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&harmless(self.0))
    }
}

impl PageWords<'_> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The same for commands, whose lines stay.
struct CommandLines<'t>(&'t str);

impl fmt::Display for CommandLines<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&harmless_lines(self.0))
    }
}

#[derive(Template)]
#[template(path = "page.html")]
struct WholePage<'t> {
    lang: Lang,
    policy: String,
    title: PageWords<'t>,
    style: &'t str,
    script: &'t str,
    copy: &'t str,
    copied: &'t str,
    shown: &'t str,
    skip: &'t str,
    contents: Vec<(String, PageWords<'t>)>,
    contents_label: &'t str,
    body: &'t str,
    footer: &'t str,
}

#[derive(Template)]
#[template(path = "filters.html")]
struct FilterForm<'t> {
    label: &'t str,
    all: &'t str,
    filters: Vec<PageFilter>,
}

struct PageFilter {
    name: &'static str,
    label: &'static str,
    values: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPart<'t> {
    number: usize,
    severity: Severity,
    word: &'t str,
    pillar: &'t str,
    services: PageWords<'t>,
    states: &'t str,
    is_open: bool,
    title: PageWords<'t>,
    blocks: String,
}

#[derive(Template)]
#[template(path = "findings.html")]
struct FindingsPart<'t> {
    evidence_word: &'t str,
    findings: Vec<FindingPart<'t>>,
}

struct FindingPart<'t> {
    mark: PageWords<'t>,
    name: PageWords<'t>,
    part: PageWords<'t>,
    message: PageWords<'t>,
    place: String,
    remark: PageWords<'t>,
    evidence: Vec<FactPart<'t>>,
    more: PageWords<'t>,
}

struct FactPart<'t> {
    path: PageWords<'t>,
    lines: Vec<PageWords<'t>>,
}

#[derive(Template)]
#[template(path = "table.html")]
struct TablePart<'t> {
    label: &'t str,
    heads: Vec<(PageWords<'t>, bool)>,
    rows: Vec<PageRow>,
}

struct PageRow {
    is_sum: bool,
    /// Each cell is markup already.
    cells: Vec<(String, bool)>,
}

#[derive(Template)]
#[template(path = "code.html")]
struct CodePart<'t> {
    caption: PageWords<'t>,
    label: &'t str,
    texts: Vec<CommandLines<'t>>,
}

#[derive(Template)]
#[template(path = "figure.html")]
struct FigurePart<'t> {
    caption: PageWords<'t>,
    svg: String,
}

#[derive(Template)]
#[template(path = "folded.html")]
struct FoldedPart<'t> {
    id: String,
    title: PageWords<'t>,
    summary: PageWords<'t>,
    blocks: String,
}

#[derive(Template)]
#[template(source = "{{ text }}", ext = "html")]
struct EscapedText<'t> {
    text: PageWords<'t>,
}

/// The document.
pub(in crate::report) fn draw(document: &Document) -> Vec<u8> {
    let blocks = document.on(Medium::Page);
    let lang = document.lang;
    let mut page = HtmlPage {
        lang,
        is_long: found_items(&blocks) > MOST_WHOLE,
        body: String::new(),
        contents: Vec::new(),
        title: String::new(),
        figures: 0,
        filters: facets_of(&blocks),
    };
    page.blocks(&blocks);
    let digest = |text: &str| STANDARD.encode(Sha256::digest(text));
    let whole = WholePage {
        lang,
        policy: format!(
            "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src data:; base-uri 'none'; form-action 'none'",
            digest(STYLE),
            digest(SCRIPT)
        ),
        title: PageWords(&page.title),
        style: STYLE,
        script: SCRIPT,
        copy: lang.pick("Copy", "コピー"),
        copied: lang.pick("Copied", "コピーした"),
        shown: lang.pick("{} of {} problems shown", "{} / {} 種類の指摘を表示"),
        skip: lang.pick("Skip to the report", "本文へ移動"),
        contents: page.contents.iter().map(|(id, text)| (id.clone(), PageWords(text))).collect(),
        contents_label: lang.pick("Contents", "目次"),
        body: &page.body,
        footer: lang.pick(
            "Written by tenken, which only reads. Amounts are list prices unless stated otherwise.",
            "読み取り専用の監査ツール tenken が作成。金額は特記のない限り定価による。",
        ),
    };
    let mut whole = rendered(&whole);
    if !whole.ends_with('\n') {
        whole.push('\n');
    }
    whole.into_bytes()
}

// A template that only writes into a string cannot fail.
fn rendered(template: &impl Template) -> String {
    template.render().unwrap_or_default()
}

fn escaped(text: &str) -> String {
    rendered(&EscapedText { text: PageWords(text) })
}

/// An address as a link, where it is one that a browser may follow.
fn link(address: &str) -> String {
    let text = escaped(address);
    match text.strip_prefix("https://") {
        Some(shown) => format!("<a href=\"{text}\">{shown}</a>"),
        None => text,
    }
}

/// What there is to choose problems by.
fn facets_of(blocks: &[Block]) -> Vec<ProblemFacets> {
    let mut found = Vec::new();
    for block in blocks {
        match block {
            Block::Problem { facets, .. } => found.push(facets.clone()),
            Block::Section(_, blocks) => found.extend(facets_of(blocks)),
            _ => {}
        }
    }
    found
}

/// So many findings are shown with all that is known of them. A page of more shows evidence and commands of
/// the first ones of each problem, so that it can still be opened, sent and printed.
const MOST_WHOLE: usize = 300;
const FIRST_EVIDENCE: usize = 1;
const FIRST_COMMANDS: usize = 1;

fn found_items(blocks: &[Block]) -> usize {
    let count = |block: &Block| match block {
        Block::Findings(findings) => findings.len(),
        Block::Section(_, blocks) | Block::Problem { blocks, .. } => found_items(blocks),
        _ => 0,
    };
    blocks.iter().map(count).sum()
}

struct HtmlPage {
    lang: Lang,
    /// Whether there is so much that not everything has its evidence and its commands.
    is_long: bool,
    body: String,
    /// The sections, by their ids.
    contents: Vec<(String, String)>,
    title: String,
    figures: usize,
    filters: Vec<ProblemFacets>,
}

impl HtmlPage {
    fn pick(&self, en: &'static str, ja: &'static str) -> &'static str {
        self.lang.pick(en, ja)
    }

    fn push(&mut self, markup: &str) {
        self.body.push_str(markup);
        self.body.push('\n');
    }

    /// What `write` adds, by itself.
    fn within(&mut self, write: impl FnOnce(&mut Self)) -> String {
        let outer = std::mem::take(&mut self.body);
        write(self);
        std::mem::replace(&mut self.body, outer)
    }

    fn blocks(&mut self, blocks: &[Block]) {
        blocks.iter().for_each(|block| self.block(block));
    }

    fn element(&mut self, open: &str, text: &str, close: &str) {
        let markup = format!("{open}{}{close}", escaped(text));
        self.push(&markup);
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Masthead(Masthead { title, sentence, .. }) => {
                self.first_heading(title);
                if !sentence.is_empty() {
                    self.element("<p class=\"meta\">", sentence, "</p>");
                }
            }
            Block::Section(heading, blocks) => self.section(heading, blocks),
            Block::Item { number, title, blocks } => {
                let number = number.map(|number| format!("{number}. ")).unwrap_or_default();
                self.element("<h3>", &format!("{number}{title}"), "</h3>");
                self.blocks(blocks);
            }
            Block::Problem { severity, title, facets, blocks } => {
                self.problem(*severity, title, facets, blocks);
            }
            Block::Topic { title, blocks } => {
                self.element("<h3>", title, "</h3>");
                self.blocks(blocks);
            }
            Block::Verdict { text, basis } => {
                let text = self.inline(text);
                self.push(&format!("<p class=\"verdict\">{text}</p>"));
                if !basis.is_empty() {
                    self.element("<p class=\"note\">", basis, "</p>");
                }
            }
            Block::Text { lead, text } => self.paragraph(lead, text),
            Block::Note(text) => self.element("<p class=\"note\">", text, "</p>"),
            Block::Lines { lead, lines, more, .. } => {
                self.element("<p class=\"lead\">", lead, "</p>");
                let more = (!more.is_empty()).then_some(more);
                let items = lines.iter().chain(more).map(|line| format!("<li>{}</li>", escaped(line)));
                let items: String = items.collect();
                self.push(&format!("<ul>{items}</ul>"));
            }
            Block::List(items) => {
                let items: String = items.iter().map(list_item).collect();
                self.push(&format!("<ul>\n{items}</ul>"));
            }
            Block::Numbered(items) => {
                let items: String =
                    items.iter().map(|item| format!("<li>{}</li>\n", escaped(item))).collect();
                self.push(&format!("<ol>\n{items}</ol>"));
            }
            Block::Commands(commands) => self.commands(commands),
            Block::Snippet { caption, text, .. } => self.code(caption, std::slice::from_ref(text)),
            Block::Table(table) => self.table(table),
            Block::Figures(figures) => {
                let items = figures.iter().map(|(name, text)| {
                    format!("<li><strong>{}</strong> {}</li>\n", escaped(name.trim()), escaped(text))
                });
                let items: String = items.collect();
                self.push(&format!("<ul>\n{items}</ul>"));
            }
            Block::Findings(findings) => self.findings(findings),
            Block::Marked(entries) => {
                let items: String = entries.iter().map(|entry| self.entry(entry)).collect();
                self.push(&format!("<ul>\n{items}</ul>"));
            }
            Block::Ledger(ledger) => self.ledger(ledger),
            Block::Causes(list) => self.causes(list),
            Block::Hints(hints) => {
                let items = hints.iter().map(|(what, command)| {
                    format!("<li>{} <code>{}</code></li>\n", escaped(what.trim()), escaped(command))
                });
                let items: String = items.collect();
                self.push(&format!("<ul>\n{items}</ul>"));
            }
            Block::References(addresses) => {
                self.element("<p class=\"lead\">", references(self.lang).trim_end(), "</p>");
                let items = addresses.iter().map(|address| format!("<li>{}</li>\n", link(address)));
                let items: String = items.collect();
                self.push(&format!("<ul>\n{items}</ul>"));
            }
            Block::Pictures(figures) => self.pictures(figures),
            Block::Folded { title, summary, blocks } => {
                let id = self.contents_entry(title);
                let blocks = self.within(|page| page.blocks(blocks));
                let part = FoldedPart { id, title: PageWords(title), summary: PageWords(summary), blocks };
                self.push(&rendered(&part));
            }
            Block::Filters => {
                if !self.filters.is_empty() {
                    let filters = self.filters();
                    self.push(&filters);
                }
            }
            Block::Extra(blocks) => self.blocks(blocks),
            Block::Either { page, .. } => self.blocks(page),
        }
    }

    fn causes(&mut self, causes: &CauseList) {
        let CauseList { severity, count, lines, others, more, .. } = causes;
        let heading = format!("{} {count}", severity_word(*severity, self.lang));
        self.element("<p class=\"lead\">", &heading, "</p>");
        let line = |line: &CauseLine| {
            let CauseLine { id, mark, title, place, figures } = line;
            let words = [mark, title, place, figures].map(|part| escaped(part));
            let [mark, title, place, figures] = words;
            format!(
                "<li><code>{}</code> {mark} <strong>{title}</strong> {place}, {figures}</li>\n",
                escaped(id)
            )
        };
        let more = (!more.is_empty()).then_some(more);
        let names = others.iter().chain(more).map(|name| format!("<li>{}</li>\n", escaped(name)));
        let items: String = lines.iter().map(line).chain(names).collect();
        self.push(&format!("<ul>\n{items}</ul>"));
    }

    fn first_heading(&mut self, title: &str) {
        if self.title.is_empty() {
            self.title = title.to_owned();
        }
        self.element("<h1>", title, "</h1>");
    }

    fn contents_entry(&mut self, text: &str) -> String {
        let id = format!("section-{}", self.contents.len() + 1);
        self.contents.push((id.clone(), text.to_owned()));
        id
    }

    fn section(&mut self, heading: &Heading, blocks: &[Block]) {
        let figures: Vec<&str> = [&heading.count, &heading.remark]
            .into_iter()
            .filter(|part| !part.is_empty())
            .map(String::as_str)
            .collect();
        let text = match (figures.is_empty(), self.lang) {
            (true, _) => heading.text.clone(),
            (false, Lang::En) => format!("{} ({})", heading.text, figures.join(", ")),
            (false, Lang::Ja) => format!("{}（{}）", heading.text, figures.join("、")),
        };
        if heading.rank == HeadingRank::Document {
            self.first_heading(&text);
        } else {
            let id = self.contents_entry(&heading.text);
            self.element(&format!("<h2 id=\"{id}\">"), &text, "</h2>");
        }
        self.blocks(blocks);
    }

    fn problem(&mut self, severity: Severity, title: &str, facets: &ProblemFacets, blocks: &[Block]) {
        let blocks = self.within(|page| page.blocks(blocks));
        let services = facets.services.join(" ");
        let part = ProblemPart {
            number: facets.number,
            severity,
            word: severity_word(severity, self.lang),
            pillar: facets.pillar.as_str(),
            services: PageWords(&services),
            states: &facets.states.join(" "),
            is_open: severity >= Severity::High,
            title: PageWords(title),
            blocks,
        };
        let markup = rendered(&part);
        self.push(&markup);
    }

    fn filters(&self) -> String {
        let all = &self.filters;
        let severities: Vec<(String, String)> = Severity::ALL
            .into_iter()
            .filter(|severity| all.iter().any(|one| one.severity == *severity))
            .map(|severity| (severity.to_string(), severity_word(severity, self.lang).to_owned()))
            .collect();
        let pillars: Vec<(String, String)> = Pillar::ALL
            .into_iter()
            .filter(|pillar| all.iter().any(|one| one.pillar == *pillar))
            .map(|pillar| (pillar.as_str().to_owned(), pillar_word(pillar, self.lang).to_owned()))
            .collect();
        let services: BTreeSet<&String> = all.iter().flat_map(|one| &one.services).collect();
        let services = services.into_iter().map(|service| harmless(service).into_owned());
        let states: BTreeMap<&str, &str> =
            all.iter().flat_map(|one| &one.states).map(|state| (*state, *state)).collect();
        let filter = |name, label, values: Vec<(String, String)>| PageFilter { name, label, values };
        let mut filters = vec![
            filter("severity", self.pick("Severity", "重要度"), severities),
            filter("pillar", self.pick("Pillar", "柱"), pillars),
            filter(
                "service",
                self.pick("Service", "サービス"),
                services.map(|one| (one.clone(), one)).collect(),
            ),
            filter(
                "state",
                self.pick("State", "状態"),
                states
                    .into_keys()
                    .map(|state| (state.to_owned(), state_word(state, self.lang).to_owned()))
                    .collect(),
            ),
        ];
        filters.retain(|filter| filter.values.len() > 1);
        rendered(&FilterForm {
            label: self.pick("FilterForm", "絞り込み"),
            all: self.pick("all", "すべて"),
            filters,
        })
    }

    fn inline(&self, text: &Prose) -> String {
        let mut line = String::new();
        for span in &text.0 {
            match span {
                Span::Plain(text) => line.push_str(&escaped(text)),
                Span::Code(text) => line.push_str(&format!("<code>{}</code>", escaped(text))),
                Span::Strong(text) => line.push_str(&format!("<strong>{}</strong>", escaped(text))),
                Span::Severity(severity) => line.push_str(&format!(
                    "<span class=\"sev {severity}\">{}</span>",
                    severity_word(*severity, self.lang)
                )),
                Span::Aside(_) => {}
                Span::Break => line.push_str("<br>"),
            }
        }
        if line.trim().is_empty() { "–".to_owned() } else { line }
    }

    fn paragraph(&mut self, lead: &Lead, text: &Prose) {
        let words = match lead {
            Lead::None => "",
            Lead::Words(words) => words.as_str(),
            Lead::Settle => to_settle(self.lang),
            Lead::Fix => fix(self.lang),
            Lead::Or => or(self.lang),
        };
        let text = self.inline(text);
        let lead = match words {
            "" => String::new(),
            words => format!("<span class=\"lead\">{}</span> ", escaped(words.trim())),
        };
        self.push(&format!("<p>{lead}{text}</p>"));
    }

    fn findings(&mut self, findings: &[FoundItem]) {
        let mut parts: Vec<FindingPart<'_>> =
            findings.iter().map(|finding| finding_part(finding, self.lang)).collect();
        let mut is_cut = false;
        if self.is_long {
            for part in parts.iter_mut().skip(FIRST_EVIDENCE).filter(|part| !part.evidence.is_empty()) {
                part.evidence.clear();
                is_cut = true;
            }
        }
        let part = FindingsPart { evidence_word: self.pick("Evidence", "根拠"), findings: parts };
        self.push(&rendered(&part));
        if is_cut {
            let note = self.pick(
                "The evidence of the others is in the JSON report.",
                "残りの根拠は JSON 形式のレポートにある。",
            );
            self.element("<p class=\"note\">", note, "</p>");
        }
    }

    fn commands(&mut self, commands: &[String]) {
        let shown = if self.is_long { commands.len().min(FIRST_COMMANDS) } else { commands.len() };
        self.code("", commands.get(..shown).unwrap_or(commands));
        let left = commands.len() - shown;
        if left > 0 {
            let left = number(left);
            let note = match self.lang {
                Lang::En => format!("{left} more scripts of this kind: tenken fix writes all of them."),
                Lang::Ja => {
                    format!("同種のスクリプトがほかに {left} 件ある。tenken fix ですべて出力できる。")
                }
            };
            self.element("<p class=\"note\">", &note, "</p>");
        }
    }

    fn code(&mut self, caption: &str, texts: &[String]) {
        let part = CodePart {
            caption: PageWords(caption),
            label: self.pick("Commands", "コマンド"),
            texts: texts.iter().map(|text| CommandLines(text.trim_end())).collect(),
        };
        let markup = rendered(&part);
        self.push(&markup);
    }

    fn table(&mut self, table: &Table) {
        let last = table.rows.len().saturating_sub(1);
        let rows = table.rows.iter().enumerate().map(|(index, row)| PageRow {
            is_sum: table.has_sum && index == last,
            cells: row
                .iter()
                .enumerate()
                .map(|(column, cell)| (self.inline(cell), table.right.contains(&column)))
                .collect(),
        });
        let rows = rows.collect();
        self.grid(&table.heads, rows, &table.right);
    }

    fn grid(&mut self, heads: &[String], rows: Vec<PageRow>, right: &[usize]) {
        let heads = heads.iter().enumerate();
        let part = TablePart {
            label: self.pick("Table", "表"),
            heads: heads.map(|(index, head)| (PageWords(head), right.contains(&index))).collect(),
            rows,
        };
        let markup = rendered(&part);
        self.push(&markup);
    }

    fn entry(&self, entry: &MarkedLine) -> String {
        let mark = match &entry.mark {
            Mark::Severity(severity) | Mark::Sign(severity) => {
                format!("<span class=\"sev {severity}\">{}</span>", severity_word(*severity, self.lang))
            }
            Mark::Words(words) => format!("<strong>{}</strong>", escaped(words.trim())),
        };
        let below = entry.below.iter().map(|below| {
            let (Below::Text(text) | Below::Note(text) | Below::Remark(text)) = below;
            format!("<br><span class=\"meta\">{}</span>", escaped(text))
        });
        format!("<li>{mark} {}{}</li>\n", self.inline(&entry.text), below.collect::<String>())
    }

    fn ledger(&mut self, ledger: &Ledger) {
        let plain = |cells: Vec<String>, is_sum: bool| PageRow {
            is_sum,
            cells: cells.into_iter().map(|cell| (cell, false)).collect(),
        };
        let cell = |text: &str| if text.trim().is_empty() { "–".to_owned() } else { escaped(text) };
        let (title, heads) = &ledger.by_part;
        let mut rows: Vec<PageRow> =
            ledger.parts.iter().map(|part| plain(vec![cell(&part.title), cell(&part.sum)], false)).collect();
        let (word, total) = &ledger.total;
        rows.push(plain(vec![cell(word), cell(total)], true));
        let id = self.contents_entry(title);
        self.element(&format!("<h2 id=\"{id}\">"), title, "</h2>");
        self.grid(heads, rows, &[1]);
        let resources = ledger.parts.iter().flat_map(|part| &part.resources);
        let rows: Vec<PageRow> = resources
            .flat_map(|resource| resource.items.iter().map(move |item| (resource, item)))
            .map(|(resource, item)| {
                let mut basis = vec![item.basis.clone()];
                if !item.settle.is_empty() {
                    basis.push(format!("{}{}", to_settle(self.lang), item.settle));
                }
                basis.retain(|part| !part.is_empty());
                let basis = basis.join(self.lang.pick("; ", "。"));
                let cells = [&resource.name, &resource.region, &item.what, &item.arithmetic, &item.amount];
                plain(cells.into_iter().chain([&basis]).map(|text| cell(text)).collect(), false)
            })
            .collect();
        if !rows.is_empty() {
            let (title, heads) = &ledger.by_item;
            let id = self.contents_entry(title);
            self.element(&format!("<h2 id=\"{id}\">"), title, "</h2>");
            self.grid(heads, rows, &[4]);
        }
    }

    fn pictures(&mut self, figures: &[Figure]) {
        if figures.is_empty() {
            return;
        }
        let title = self.pick("Diagram", "構成図");
        let id = self.contents_entry(title);
        self.element(&format!("<h2 id=\"{id}\">"), title, "</h2>");
        for figure in figures {
            for sheet in place(&figure.picture, self.lang) {
                self.figures += 1;
                let caption = format!("{} ({})", figure.caption.say(self.lang), sheet.title);
                let prefix = format!("diagram-{}", self.figures);
                let svg = svg::embedded(&sheet, figure.view, &prefix, self.lang);
                let part = FigurePart { caption: PageWords(&caption), svg };
                let markup = rendered(&part);
                self.push(&markup);
            }
        }
    }
}

fn list_item(item: &ListItem) -> String {
    let ListItem { lead, text, below } = item;
    let lead = match lead.trim() {
        "" => String::new(),
        lead => format!("<strong>{}</strong> ", escaped(lead)),
    };
    let below = match below.as_str() {
        "" => String::new(),
        below => format!("<br><span class=\"meta\">{}</span>", escaped(below)),
    };
    format!("<li>{lead}{}{below}</li>\n", escaped(text))
}

fn finding_part(finding: &FoundItem, lang: Lang) -> FindingPart<'_> {
    let FoundItem { mark, name, part, place, id, remark, message, evidence, more } = finding;
    let place: Vec<String> = place
        .iter()
        .chain([id])
        .filter(|part| !part.is_empty())
        .map(|part| harmless(part).into_owned())
        .collect();
    FindingPart {
        mark: PageWords(mark),
        name: PageWords(name),
        part: PageWords(part),
        message: PageWords(message),
        place: place.join(lang.pick(", ", "、")),
        remark: PageWords(remark),
        evidence: evidence
            .iter()
            .map(|fact| FactPart {
                path: PageWords(&fact.path),
                lines: fact.lines.iter().map(|line| PageWords(line)).collect(),
            })
            .collect(),
        more: PageWords(more),
    }
}

fn pillar_word(pillar: Pillar, lang: Lang) -> &'static str {
    match pillar {
        Pillar::Security => lang.pick("Security", "セキュリティ"),
        Pillar::Reliability => lang.pick("Reliability", "信頼性"),
        Pillar::Operations => lang.pick("Operational excellence", "運用上の優秀性"),
        Pillar::Performance => lang.pick("Performance efficiency", "パフォーマンス効率"),
        Pillar::Cost => lang.pick("Cost optimization", "コスト最適化"),
    }
}

fn state_word(state: &str, lang: Lang) -> &str {
    match state {
        "new" => lang.pick("new", "新規"),
        "reopened" => lang.pick("reopened", "再発"),
        "open" => lang.pick("open before", "継続"),
        other => other,
    }
}
