//! The bill at list price, for people.

use crate::cost::{Comparison, CostReport, Group, Item, Sum};
use crate::finding::label;
use crate::price::format_rate;
use crate::report::page::{
    Below, Block, Brief, Document, Heading, HeadingRank, Ledger, LedgerItem, LedgerPart, LedgerResource,
    Mark, MarkedLine, Masthead, Prose, Span, Table,
};
use crate::report::words::minutes;
use crate::text::{Lang, list, number};

/// The whole document.
pub(super) fn write(report: &CostReport, lang: Lang) -> Document {
    let verdict = Block::Verdict { text: total(report, lang).into(), basis: prices(report, lang) };
    let mut blocks = vec![masthead(report, lang), verdict, Block::Ledger(ledger(report, lang))];
    if !report.comparisons.is_empty() {
        let title = lang.pick("Expected amounts and the list price", "想定費用と定価の比較");
        let table = Block::Table(comparisons(report, lang));
        blocks.push(Block::Section(Heading::new(HeadingRank::Part, title), vec![table]));
    }
    blocks.push(Block::Note(left_out(report, lang)));
    Document { lang, blocks }
}

fn masthead(report: &CostReport, lang: Lang) -> Block {
    let (account, time) = (&report.account, minutes(&report.taken_at));
    let regions = report.regions.join(lang.pick(", ", "、"));
    let (title, sentence, text) = match lang {
        Lang::En => (
            format!("tenken cost: AWS account {account}"),
            format!("As of {time} in {regions}."),
            format!("account {account} on {time}"),
        ),
        Lang::Ja => (
            format!("tenken cost: AWS アカウント {account}"),
            format!("{time} 時点、リージョン {regions}"),
            format!("アカウント {account}、{time} 時点"),
        ),
    };
    let scope = (lang.pick("", "リージョン ").to_owned(), list(&report.regions, lang));
    let brief = Some(Brief { command: "tenken cost: ".to_owned(), text, scope });
    Block::Masthead(Masthead { title, sentence, brief })
}

fn ledger(report: &CostReport, lang: Lang) -> Ledger {
    let (by_part, by_item) = match lang {
        Lang::En => (
            ("By part", ["Part", "A month"]),
            ("By resource", ["Resource", "Region", "Item", "Quantity x unit price", "A month", "Basis"]),
        ),
        Lang::Ja => (
            ("内訳", ["項目", "月額"]),
            ("リソース別", ["リソース", "リージョン", "項目", "数量 × 単価", "月額", "根拠"]),
        ),
    };
    Ledger {
        by_part: (by_part.0.to_owned(), by_part.1.map(str::to_owned)),
        by_item: (by_item.0.to_owned(), by_item.1.map(str::to_owned)),
        parts: report.bill.groups().map(|group| part(report, group, lang)).collect(),
        total: (lang.pick("Total", "合計").to_owned(), amount(report, report.bill.total(), lang)),
    }
}

fn part(report: &CostReport, group: Group, lang: Lang) -> LedgerPart {
    let mut resources: Vec<LedgerResource> = Vec::new();
    let mut last = None;
    for item in report.bill.items.iter().filter(|item| item.group == group) {
        if last.replace(&item.resource) != Some(&item.resource) {
            let (name, region) = (name(item, lang), item.region.clone());
            let place = match lang {
                Lang::En => format!("{name} in {region}"),
                Lang::Ja => format!("{name}（{region}）"),
            };
            resources.push(LedgerResource { name, region, place, items: Vec::new() });
        }
        if let Some(resource) = resources.last_mut() {
            resource.items.push(ledger_item(report, item, lang));
        }
    }
    let sum = amount(report, report.bill.of(group), lang);
    LedgerPart { title: group.title().say(lang).to_owned(), sum, resources }
}

fn ledger_item(report: &CostReport, item: &Item, lang: Lang) -> LedgerItem {
    LedgerItem {
        what: item.what.say(lang).to_owned(),
        arithmetic: arithmetic(item, lang),
        amount: item_amount(report, item, lang),
        is_known: item.monthly_usd.usd().is_some(),
        basis: item.basis.say(lang).to_owned(),
        settle: item.settled_by.as_ref().map(|by| by.say(lang).to_owned()).unwrap_or_default(),
    }
}

fn comparisons(report: &CostReport, lang: Lang) -> Table {
    let heads = match lang {
        Lang::En => ["Part", "Expected", "List price", "Ratio", "Why"],
        Lang::Ja => ["項目", "想定", "定価", "倍率", "理由"],
    };
    let lines = report.comparisons.iter().map(|comparison| sentence(report, comparison, lang)).collect();
    Table {
        heads: heads.map(str::to_owned).to_vec(),
        rows: report.comparisons.iter().map(|comparison| row(report, comparison, lang)).collect(),
        narrow: vec![Block::Marked(lines)],
        ..Table::default()
    }
}

fn row(report: &CostReport, comparison: &Comparison, lang: Lang) -> Vec<Prose> {
    let mut remarks = Vec::new();
    for remark in &comparison.remarks {
        if !remarks.is_empty() {
            remarks.push(Span::Break);
        }
        remarks.push(Span::Plain(remark.say(lang).to_owned()));
    }
    vec![
        comparison_title(comparison, lang).into(),
        report.currency.format(comparison.expected_usd, lang).into(),
        amount(report, comparison.listed, lang).into(),
        times(comparison, lang).into(),
        Prose(remarks),
    ]
}

fn sentence(report: &CostReport, comparison: &Comparison, lang: Lang) -> MarkedLine {
    let expected = report.currency.format(comparison.expected_usd, lang);
    let listed = amount(report, comparison.listed, lang);
    let (title, times) = (comparison_title(comparison, lang), times(comparison, lang));
    let text = match lang {
        Lang::En => format!("{expected} expected, {listed} at list price"),
        Lang::Ja => format!("想定 {expected}、定価 {listed}"),
    };
    let text = if times.is_empty() { text } else { format!("{text}{}{times}", lang.pick("; ", "、")) };
    let remarks = comparison.remarks.iter();
    MarkedLine {
        mark: Mark::Words(format!("{title}: ")),
        text: text.into(),
        below: remarks.map(|remark| Below::Remark(remark.say(lang).to_owned())).collect(),
    }
}

/// `$37.23`, `at least $37.23`, `unknown`.
fn amount(report: &CostReport, sum: Sum, lang: Lang) -> String {
    let text = report.currency.format(sum.usd, lang);
    match (sum.unknown, lang) {
        (0, _) => text,
        (_, Lang::En) if sum.usd == 0.0 => "unknown".to_owned(),
        (_, Lang::Ja) if sum.usd == 0.0 => "不明".to_owned(),
        (_, Lang::En) => format!("at least {text}"),
        (_, Lang::Ja) => format!("{text} 以上"),
    }
}

fn item_amount(report: &CostReport, item: &Item, lang: Lang) -> String {
    match item.monthly_usd.usd() {
        Some(usd) => report.currency.format(usd, lang),
        None => lang.pick("unknown", "不明").to_owned(),
    }
}

/// `730 x $0.051`; `~` marks a price that is inferred. Empty where both are unknown.
fn arithmetic(item: &Item, lang: Lang) -> String {
    let times = lang.pick("x", "×");
    let quantity = item.quantity.map_or_else(|| "?".to_owned(), quantity);
    match &item.price {
        Some(price) => {
            let mark = if price.inferred.is_some() { "~" } else { "" };
            format!("{quantity} {times} {mark}{}", format_rate(price.usd()))
        }
        None if item.product.is_empty() => String::new(),
        None => format!("{quantity} {times} ?"),
    }
}

/// A quantity with at most two digits behind the point.
fn quantity(value: f64) -> String {
    let rounded = (value * 100.0).round() / 100.0;
    let text = format!("{rounded}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), number);
    if fraction.is_empty() { whole } else { format!("{whole}.{fraction}") }
}

/// The sentence with the total.
fn total(report: &CostReport, lang: Lang) -> String {
    let sum = report.bill.total();
    let text = report.currency.format(sum.usd, lang);
    let unknown = number(sum.unknown);
    match (sum.unknown, lang) {
        (0, Lang::En) => format!("{text} a month at list price."),
        (0, Lang::Ja) => format!("定価で月 {text}。"),
        (1, Lang::En) => format!("At least {text} a month at list price; 1 item is unknown."),
        (_, Lang::En) => format!("At least {text} a month at list price; {unknown} items are unknown."),
        (_, Lang::Ja) => format!("定価で月 {text} 以上（不明な項目 {unknown} 件）。"),
    }
}

/// What the prices are, and how old.
fn prices(report: &CostReport, lang: Lang) -> String {
    let mut text = lang
        .pick(
            "AWS list prices, On-Demand, before tax, for a month of 730 hours",
            "AWS の定価（オンデマンド、税抜）、1 か月 730 時間で計算",
        )
        .to_owned();
    if let Some((oldest, newest)) = report.bill.price_days() {
        text.push_str(&match lang {
            Lang::En => format!("; retrieved between {oldest} and {newest}"),
            Lang::Ja => format!("。単価は {oldest}〜{newest} 時点"),
        });
    }
    if !report.currency.is_usd() {
        let (rate, code) = (report.currency.per_usd(), report.currency.code());
        text.push_str(&match lang {
            Lang::En => format!("; 1 USD = {rate} {code}, as given"),
            Lang::Ja => format!("。1 ドル = {rate} {code}（指定のレート）"),
        });
    }
    text.push_str(lang.pick(".", "。"));
    text
}

/// What is not in the bill at all.
fn left_out(report: &CostReport, lang: Lang) -> String {
    let mut text = lang
        .pick(
            "Not included: what tenken does not audit (EC2 instances, EBS, S3, Route 53, KMS, idle addresses and \
             others), free tiers, discounts, Savings Plans, tax.",
            "含まれないもの: tenken が監査しないリソース（EC2 インスタンス、EBS、S3、Route 53、KMS、未使用の Elastic IP \
             など）、無料枠、割引、Savings Plans、税。",
        )
        .to_owned();
    let is_inferred = |item: &Item| item.price.as_ref().is_some_and(|price| price.inferred.is_some());
    if report.bill.items.iter().any(is_inferred) {
        text.push_str(lang.pick(
            " Prices with ~ are inferred from other regions; --live-prices confirms them.",
            "「~」の付いた単価は他リージョンからの推定（--live-prices で確認できる）。",
        ));
    }
    text
}

/// `8.3 times the list price`; at most so often where some of the list price is unknown, and
/// empty where it is nothing.
fn times(comparison: &Comparison, lang: Lang) -> String {
    match (comparison.ratio(), comparison.listed.unknown, lang) {
        (None, ..) => String::new(),
        (Some(ratio), 0, Lang::En) => format!("{ratio:.1} times the list price"),
        (Some(ratio), 0, Lang::Ja) => format!("定価の {ratio:.1} 倍"),
        (Some(ratio), _, Lang::En) => format!("at most {ratio:.1} times the list price"),
        (Some(ratio), _, Lang::Ja) => format!("最大で定価の {ratio:.1} 倍"),
    }
}

/// What people call the resource of an item; an item that counts several is of its region.
fn name(item: &Item, lang: Lang) -> String {
    match (item.resource.ends_with('*'), lang) {
        (false, _) => label(&item.resource, lang),
        (true, Lang::En) => "everything".to_owned(),
        (true, Lang::Ja) => "全体".to_owned(),
    }
}

fn comparison_title(comparison: &Comparison, lang: Lang) -> String {
    match comparison.group {
        Some(group) => group.title().say(lang).to_owned(),
        None => lang.pick("Total", "合計").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_short() {
        assert_eq!(quantity(730.0), "730");
        assert_eq!(quantity(1460.0), "1,460");
        assert_eq!(quantity(0.123_456), "0.12");
        assert_eq!(quantity(3_000_000.0), "3,000,000");
    }
}
