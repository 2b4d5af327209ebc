//! The bill on a terminal: amounts stand below each other at the right edge.

use super::{amount, arithmetic, comparison_title, item_amount, left_out, name, prices, times, total};
use crate::cost::{Comparison, CostReport, Group, Item};
use crate::report::Look;
use crate::report::page::screen::{BOLD, DIM, OPEN, PLAIN, Page};
use crate::report::words::minutes;
use crate::text::{Lang, list, pad, truncate, width};
use anstyle::Style;

/// The report.
pub(super) fn render(report: &CostReport, look: &Look) -> Vec<u8> {
    let mut page = Page::new(look);
    header(&mut page, report);
    for group in report.bill.groups() {
        page.blank();
        write_group(&mut page, report, group);
    }
    if !report.comparisons.is_empty() {
        page.blank();
        page.paragraph(
            0,
            (PLAIN, ""),
            BOLD,
            page.lang.pick("Expected, beside the list price", "想定費用と定価の比較"),
        );
        for comparison in &report.comparisons {
            write_comparison(&mut page, report, comparison);
        }
    }
    page.blank();
    page.paragraph(0, (PLAIN, ""), DIM, &left_out(report, page.lang));
    page.into_bytes()
}

fn header(page: &mut Page, report: &CostReport) {
    let (lang, time) = (page.lang, minutes(&report.taken_at));
    let text = match lang {
        Lang::En => format!("account {} on {time}", report.account),
        Lang::Ja => format!("アカウント {}、{time} 時点", report.account),
    };
    page.paragraph(0, (BOLD, "tenken cost: "), PLAIN, &text);
    let regions = list(&report.regions, lang);
    page.paragraph(13, (PLAIN, lang.pick("", "リージョン ")), PLAIN, &regions);
    page.blank();
    page.paragraph(0, (PLAIN, ""), BOLD, &total(report, lang));
    page.paragraph(0, (PLAIN, ""), DIM, &prices(report, lang));
}

/// Text at the left, an amount at the right edge.
fn row(page: &mut Page, indent: usize, (style, left): (Style, &str), (right_style, right): (Style, &str)) {
    let room = page.room(indent).saturating_sub(width(right) + 2);
    let left = pad(&truncate(left, room), room);
    page.line(indent, &[(style, &left), (PLAIN, "  "), (right_style, right)]);
}

fn write_group(page: &mut Page, report: &CostReport, group: Group) {
    let lang = page.lang;
    let title = group.title();
    let sum = amount(report, report.bill.of(group), lang);
    row(page, 0, (BOLD, title.say(lang)), (BOLD, &sum));
    let mut last = "";
    for item in report.bill.items.iter().filter(|item| item.group == group) {
        if item.resource != last {
            last = &item.resource;
            let name = name(item, lang);
            let text = match lang {
                Lang::En => format!("{name} in {}", item.region),
                Lang::Ja => format!("{name}（{}）", item.region),
            };
            page.paragraph(2, (PLAIN, ""), PLAIN, &text);
        }
        write_item(page, report, item);
    }
}

/// Columns of the arithmetic.
const ARITHMETIC: usize = 22;

fn write_item(page: &mut Page, report: &CostReport, item: &Item) {
    let lang = page.lang;
    let is_known = item.monthly_usd.usd().is_some();
    let right = format!(
        "{}  {}",
        pad(&arithmetic(item, lang), ARITHMETIC),
        left_pad(&item_amount(report, item, lang), 10)
    );
    row(page, 4, (PLAIN, item.what.say(lang)), (if is_known { PLAIN } else { OPEN }, &right));
    let basis = item.basis.say(lang);
    if !basis.is_empty() {
        page.paragraph(6, (PLAIN, ""), DIM, basis);
    }
    if let Some(settled_by) = &item.settled_by {
        page.paragraph(6, (OPEN, lang.pick("to settle: ", "解消方法: ")), PLAIN, settled_by.say(lang));
    }
}

fn left_pad(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(width(text))))
}

fn write_comparison(page: &mut Page, report: &CostReport, comparison: &Comparison) {
    let lang = page.lang;
    let expected = report.currency.format(comparison.expected_usd, lang);
    let listed = amount(report, comparison.listed, lang);
    let (title, times) = (comparison_title(comparison, lang), times(comparison, lang));
    let text = match lang {
        Lang::En => format!("{expected} expected, {listed} at list price"),
        Lang::Ja => format!("想定 {expected}、定価 {listed}"),
    };
    let text = if times.is_empty() { text } else { format!("{text}{}{times}", lang.pick("; ", "、")) };
    page.paragraph(2, (BOLD, &format!("{title}: ")), PLAIN, &text);
    for remark in &comparison.remarks {
        page.paragraph(4, (PLAIN, "- "), PLAIN, remark.say(lang));
    }
}
