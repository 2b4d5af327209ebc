//! The bill as tables, for a ticket or a wiki.

use super::{amount, arithmetic, comparison_title, item_amount, left_out, name, prices, times, total};
use crate::cost::CostReport;
use crate::report::page::escape::prose;
use crate::report::scan::markdown::Page;
use crate::report::words::minutes;
use crate::text::Lang;

/// The report.
pub(super) fn render(report: &CostReport, lang: Lang) -> Vec<u8> {
    let mut page = Page::new(lang);
    let account = prose(&report.account);
    page.part(&match lang {
        Lang::En => format!("# tenken cost: AWS account {account}"),
        Lang::Ja => format!("# tenken cost: AWS アカウント {account}"),
    });
    let time = prose(&minutes(&report.taken_at));
    let regions = prose(&report.regions.join(lang.pick(", ", "、")));
    page.part(&match lang {
        Lang::En => format!("As of {time} in {regions}."),
        Lang::Ja => format!("{time} 時点、リージョン {regions}"),
    });
    page.part(&format!("**{}** {}", prose(&total(report, lang)), prose(&prices(report, lang))));
    groups(&mut page, report, lang);
    items(&mut page, report, lang);
    comparisons(&mut page, report, lang);
    page.part(&prose(&left_out(report, lang)));
    page.into_bytes()
}

fn groups(page: &mut Page, report: &CostReport, lang: Lang) {
    let mut rows: Vec<Vec<String>> = report
        .bill
        .groups()
        .map(|group| {
            let sum = amount(report, report.bill.of(group), lang);
            vec![prose(group.title().say(lang)), prose(&sum)]
        })
        .collect();
    let sum = amount(report, report.bill.total(), lang);
    rows.push(vec![format!("**{}**", lang.pick("Total", "合計")), format!("**{}**", prose(&sum))]);
    page.part(lang.pick("## By part", "## 内訳"));
    page.table(&[lang.pick("Part", "項目"), lang.pick("A month", "月額")], &rows);
}

fn items(page: &mut Page, report: &CostReport, lang: Lang) {
    let rows: Vec<Vec<String>> = report
        .bill
        .items
        .iter()
        .map(|item| {
            let mut basis = item.basis.say(lang).to_owned();
            if let Some(settled_by) = &item.settled_by {
                let lead = lang.pick("to settle: ", "解消方法: ");
                let gap = if basis.is_empty() { "" } else { lang.pick("; ", "。") };
                basis = format!("{basis}{gap}{lead}{}", settled_by.say(lang));
            }
            vec![
                prose(&name(item, lang)),
                prose(&item.region),
                prose(item.what.say(lang)),
                prose(&arithmetic(item, lang)),
                prose(&item_amount(report, item, lang)),
                prose(&basis),
            ]
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    page.part(lang.pick("## By resource", "## リソース別"));
    let heads = match lang {
        Lang::En => ["Resource", "Region", "Item", "Quantity x unit price", "A month", "What it rests on"],
        Lang::Ja => ["リソース", "リージョン", "項目", "数量 × 単価", "月額", "根拠"],
    };
    page.table(&heads, &rows);
}

fn comparisons(page: &mut Page, report: &CostReport, lang: Lang) {
    if report.comparisons.is_empty() {
        return;
    }
    let row = |comparison: &crate::cost::Comparison| {
        let remarks: Vec<String> = comparison.remarks.iter().map(|remark| prose(remark.say(lang))).collect();
        vec![
            prose(&comparison_title(comparison, lang)),
            prose(&report.currency.format(comparison.expected_usd, lang)),
            prose(&amount(report, comparison.listed, lang)),
            prose(&times(comparison, lang)),
            if remarks.is_empty() { "–".to_owned() } else { remarks.join("<br>") },
        ]
    };
    let rows: Vec<Vec<String>> = report.comparisons.iter().map(row).collect();
    page.part(lang.pick("## Expected, beside the list price", "## 想定費用と定価の比較"));
    let heads = match lang {
        Lang::En => ["Part", "Expected", "List price", "Ratio", "Why"],
        Lang::Ja => ["項目", "想定", "定価", "倍率", "理由"],
    };
    page.table(&heads, &rows);
}
