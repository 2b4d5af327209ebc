//! The sentences of a plan in both languages.

use crate::finding::Severity;
use crate::plan::{
    Amount, Assumption, Context, Part, PhaseKind, Plan, Step, Weights, WhyBefore, WhyLater, WhyOut,
};
use crate::price::missing_price;
use crate::report::words::severity_word;
pub(super) use crate::report::words::{downtime, hours};
use crate::snapshot::GapId;
use crate::text::{Lang, list, list_some, number};

/// Hours of outage, down to seconds.
pub(super) fn outage(hours: f64, lang: Lang) -> String {
    let (amount, en, ja) = match hours {
        hours if hours >= 1.0 => (hours, "hours", "時間"),
        hours if hours * 60.0 >= 1.0 => (hours * 60.0, "minutes", "分"),
        hours => (hours * 3600.0, "seconds", "秒"),
    };
    let text = if amount >= 10.0 { format!("{amount:.0}") } else { format!("{amount:.1}") };
    let text = text.strip_suffix(".0").unwrap_or(&text).to_owned();
    format!("{text} {}", lang.pick(en, ja))
}

/// Dollars a month on top of today, with a sign.
pub(super) fn extra(usd: f64, context: &Context, lang: Lang) -> String {
    let text = context.wishes.currency.format(usd, lang);
    if usd > 0.0 { format!("+{text}") } else { text }
}

/// What an option adds to the bill.
pub(super) fn monthly(amount: &Amount, context: &Context, lang: Lang) -> String {
    match (amount.is_known(), amount.usd.abs() < 0.005) {
        (true, true) => lang.pick("free", "無料").to_owned(),
        (true, false) => extra(amount.usd, context, lang),
        (false, true) => lang.pick("price unknown", "価格不明").to_owned(),
        (false, false) => least(&extra(amount.usd, context, lang), lang),
    }
}

pub(super) fn a_month(amount: &Amount, context: &Context, lang: Lang) -> String {
    let text = monthly(amount, context, lang);
    match (amount.usd.abs() < 0.005, lang) {
        (true, _) => text,
        (false, Lang::En) => format!("{text} a month"),
        (false, Lang::Ja) => format!("月額 {text}"),
    }
}

pub(super) fn least(amount: &str, lang: Lang) -> String {
    match lang {
        Lang::En => format!("at least {amount}"),
        Lang::Ja => format!("{amount}以上"),
    }
}

/// An amount of the table of costs.
pub(super) fn cell(usd: f64, unknown: usize, context: &Context, lang: Lang) -> String {
    let text = context.wishes.currency.format(usd, lang);
    match (unknown, usd.abs() < 0.005) {
        (0, _) => text,
        (_, true) => lang.pick("unknown", "不明").to_owned(),
        (_, false) => format!("≥ {text}"),
    }
}

pub(super) fn part(part: Part, lang: Lang) -> String {
    match part {
        Part::Group(group) => {
            let title = group.title();
            lang.pick(&title.en, &title.ja).to_owned()
        }
        Part::Unexplained => lang.pick("Not explained by list prices", "定価では説明できない分").to_owned(),
        Part::Other => lang.pick("Other", "その他").to_owned(),
    }
}

pub(super) fn phase(kind: PhaseKind, context: &Context, lang: Lang) -> String {
    let number = kind.number();
    let (deadline, has_budget) = (context.deadline, context.wishes.budget_usd.is_some());
    match (kind, lang) {
        (PhaseKind::Tonight, Lang::En) => format!("Phase {number}: tonight, free and urgent"),
        (PhaseKind::Tonight, Lang::Ja) => format!("フェーズ {number}: 今夜（無料・緊急）"),
        (PhaseKind::BeforeDeadline, Lang::En) if has_budget => {
            format!("Phase {number}: until {deadline}, within the budget")
        }
        (PhaseKind::BeforeDeadline, Lang::Ja) if has_budget => {
            format!("フェーズ {number}: {deadline} まで（予算内）")
        }
        (PhaseKind::BeforeDeadline, Lang::En) => format!("Phase {number}: until {deadline}"),
        (PhaseKind::BeforeDeadline, Lang::Ja) => format!("フェーズ {number}: {deadline} まで"),
        (PhaseKind::Afterwards, Lang::En) => format!("Phase {number}: after {deadline}"),
        (PhaseKind::Afterwards, Lang::Ja) => format!("フェーズ {number}: {deadline} より後"),
    }
}

pub(super) fn phase_name(kind: PhaseKind, lang: Lang) -> String {
    format!("{} {}", lang.pick("phase", "フェーズ"), kind.number())
}

/// `1 critical, 2 high`; none where there are none.
pub(super) fn counts(counts: &[usize], lang: Lang) -> String {
    let parts: Vec<String> = crate::finding::Severity::ALL
        .into_iter()
        .zip(counts)
        .filter(|(_, count)| **count > 0)
        .map(|(severity, count)| match lang {
            Lang::En => format!("{} {}", number(*count), severity_word(severity, lang)),
            Lang::Ja => format!("{} {}", severity_word(severity, lang), number(*count)),
        })
        .collect();
    if parts.is_empty() { lang.pick("none", "なし").to_owned() } else { parts.join(lang.pick(", ", "、")) }
}

/// What the user said, a line each.
pub(super) fn given(plan: &Plan<'_>, lang: Lang) -> Vec<String> {
    let (context, wishes) = (&plan.context, &plan.context.wishes);
    let money = |usd: f64| wishes.currency.format(usd, lang);
    let mut lines = Vec::new();
    if let Some(budget) = wishes.budget_usd {
        lines.push(match lang {
            Lang::En => format!("Budget: {} a month", money(budget)),
            Lang::Ja => format!("予算: 月額 {}", money(budget)),
        });
    }
    if let Some(bill) = wishes.current_bill_usd {
        lines.push(match lang {
            Lang::En => format!("Today's bill: {} a month", money(bill)),
            Lang::Ja => format!("現在の請求額: 月額 {}", money(bill)),
        });
    }
    if wishes.deadline.is_some() {
        lines.push(match lang {
            Lang::En => format!("Deadline: {}", context.deadline),
            Lang::Ja => format!("期限: {}", context.deadline),
        });
    }
    if wishes.staff_hours.is_some() {
        lines.push(match lang {
            Lang::En => format!("Hours of work available until then: {}", hours(context.staff_hours, lang)),
            Lang::Ja => format!("期限までの作業時間: {}", hours(context.staff_hours, lang)),
        });
    }
    if let Some(hour) = wishes.hour_down_usd {
        lines.push(match lang {
            Lang::En => format!("An hour of downtime costs: {}", money(hour)),
            Lang::Ja => format!("1 時間停止した場合の損失: {}", money(hour)),
        });
    }
    if let Some(peak) = wishes.peak_factor {
        lines.push(match lang {
            Lang::En => format!("Peak: {peak} times the usual traffic"),
            Lang::Ja => format!("繁忙期: 通常の {peak} 倍"),
        });
    }
    let factor = context.reliability_factor();
    if factor > 1.0 {
        lines.push(match lang {
            Lang::En => format!("Availability therefore counts {factor:.1} times"),
            Lang::Ja => format!("このため、稼働に関わる指摘の重みを {factor:.1} 倍にした"),
        });
    }
    if wishes.weights != Weights::default() {
        let weights = Severity::ALL
            .map(|severity| format!("{} {}", severity_word(severity, lang), wishes.weights.of(severity)));
        lines.push(match lang {
            Lang::En => format!("Weight of a failure, in points: {}", weights.join(", ")),
            Lang::Ja => format!("指摘の重み（ポイント）: {}", weights.join("、")),
        });
    }
    if let Some(approver) = &wishes.approver {
        lines.push(match lang {
            Lang::En => format!("Approved by: {approver}"),
            Lang::Ja => format!("承認者: {approver}"),
        });
    }
    lines
}

/// What was assumed, and how to say otherwise.
pub(super) fn assumption(assumption: &Assumption, context: &Context, lang: Lang) -> String {
    match (assumption, lang) {
        (Assumption::NoBudget, Lang::En) => "There is no budget limit (--budget 150000JPY sets one).".into(),
        (Assumption::NoBudget, Lang::Ja) => "予算の上限なし（--budget 150000JPY で指定）。".into(),
        (Assumption::Rate { code, per_usd }, Lang::En) => {
            format!(
                "A dollar buys {per_usd} {code}: an example, not today's rate (--rate {per_usd}, or `rate` in tenken.toml)."
            )
        }
        (Assumption::Rate { code, per_usd }, Lang::Ja) => {
            format!(
                "1 ドル = {per_usd} {code}（例示であり、現在のレートではない。--rate {per_usd} または tenken.toml の `rate` で指定）。"
            )
        }
        (Assumption::ListPrices { is_complete }, _) => {
            let bill = context.wishes.currency.format(context.bill_usd.unwrap_or_default(), lang);
            let bill = if *is_complete { bill } else { least(&bill, lang) };
            match lang {
                Lang::En => format!(
                    "Today's bill is {bill} a month: what the audited resources cost at list price (--current-bill; `tenken cost` shows the items)."
                ),
                Lang::Ja => format!(
                    "現在の費用は月額 {bill}: 監査対象のリソースを定価で積算した額（--current-bill で指定。内訳は `tenken cost`）。"
                ),
            }
        }
        (Assumption::NoBill, Lang::En) => {
            "Today's bill is not known, so the whole budget counts as free (--current-bill).".into()
        }
        (Assumption::NoBill, Lang::Ja) => {
            "現在の費用が分からないため、予算全額を追加に使えるものとした（--current-bill で指定）。".into()
        }
        (Assumption::Deadline(day), Lang::En) => {
            format!("The deadline is {day}, four weeks after the scan (--deadline).")
        }
        (Assumption::Deadline(day), Lang::Ja) => {
            format!("期限は監査から 4 週間後の {day}（--deadline で指定）。")
        }
        (Assumption::StaffHours(given), Lang::En) => {
            format!(
                "{} of work are available until then: one engineer, 10 hours a week (--staff-hours).",
                hours(*given, lang)
            )
        }
        (Assumption::StaffHours(given), Lang::Ja) => {
            format!(
                "期限までの作業時間は {}: エンジニア 1 名が週 10 時間（--staff-hours で指定）。",
                hours(*given, lang)
            )
        }
        (Assumption::NoPeak, Lang::En) => "Traffic is even over time (--peak-factor).".into(),
        (Assumption::NoPeak, Lang::Ja) => "繁忙期は考慮しない（--peak-factor で指定）。".into(),
        (Assumption::NoHourDown, Lang::En) => {
            "The cost of an hour of downtime is not given, so outages are not weighed against costs (--hour-down-cost).".into()
        }
        (Assumption::NoHourDown, Lang::Ja) => {
            "停止による損失額が不明なため、費用との比較は行わない（--hour-down-cost で指定）。".into()
        }
    }
}

/// Why a step comes before the next one. `numbers` are those of the steps of the phase.
pub(super) fn why_before(step: &Step<'_>, first_number: usize, lang: Lang) -> Option<String> {
    let text = match (step.before_next?, lang) {
        (WhyBefore::Needed, Lang::En) => "before the next one, which needs it.".to_owned(),
        (WhyBefore::Needed, Lang::Ja) => "次の作業の前提になる。".to_owned(),
        (WhyBefore::NeededBy(place), Lang::En) => {
            format!("before the next one, because step {} needs it and is more urgent.", place + first_number)
        }
        (WhyBefore::NeededBy(place), Lang::Ja) => {
            format!("次の作業より急ぐ {} 番の前提になる。", place + first_number)
        }
        (WhyBefore::Worse(this, next), Lang::En) => format!(
            "before the next one, because what it fixes is {}; there it is {}.",
            severity_word(this, lang),
            severity_word(next, lang)
        ),
        (WhyBefore::Worse(this, next), Lang::Ja) => format!(
            "解消する指摘が「{}」で、次の作業（「{}」）より重い。",
            severity_word(this, lang),
            severity_word(next, lang)
        ),
        (WhyBefore::MoreRisk(this, next), Lang::En) => format!(
            "before the next one, because it reduces more risk: {} points against {} for each percent of the available money and hours.",
            score(this),
            score(next)
        ),
        (WhyBefore::MoreRisk(this, next), Lang::Ja) => format!(
            "費用と作業時間の 1 % あたりのリスク低減が次の作業より大きい（{} 点、次は {} 点）。",
            score(this),
            score(next)
        ),
        (WhyBefore::Equal, Lang::En) => "as good as the next one; either may come first.".to_owned(),
        (WhyBefore::Equal, Lang::Ja) => "次の作業と効果が同じで、どちらが先でもよい。".to_owned(),
    };
    Some(text)
}

fn score(score: f64) -> String {
    if score < 10.0 { format!("{score:.1}") } else { format!("{score:.0}") }
}

// Rounded down: what is a little short does not look enough.
fn times(factor: f64) -> f64 {
    (factor * 10.0).floor() / 10.0
}

pub(super) fn why_later(why: &WhyLater, context: &Context, lang: Lang) -> String {
    let money = |usd: f64| context.wishes.currency.format(usd, lang);
    match (why, lang) {
        (WhyLater::Hours(needed, left), Lang::En) => {
            format!("its effort is {}, and {} were left before the deadline.", hours(*needed, lang), hours(*left, lang))
        }
        (WhyLater::Hours(needed, left), Lang::Ja) => {
            format!("作業に {} かかるが、期限までの残りは {}。", hours(*needed, lang), hours(*left, lang))
        }
        (WhyLater::Money(needed, left), Lang::En) => {
            format!("it costs {} a month, and {} were left before earlier steps saved money.", money(*needed), money(*left))
        }
        (WhyLater::Money(needed, left), Lang::Ja) => {
            format!("月額 {} かかるが、削減前の残りは {}。", money(*needed), money(*left))
        }
        (WhyLater::Peak(carries, factor), Lang::En) => {
            format!("it leaves room for {} times today's load, and the peak is {} times; it waits until the peak is over.", times(*carries), times(*factor))
        }
        (WhyLater::Peak(carries, factor), Lang::Ja) => {
            format!("実施後に耐えられる負荷は現在の {} 倍で、繁忙期の {} 倍に足りない。繁忙期が終わってから実施する。", times(*carries), times(*factor))
        }
        (WhyLater::Needs, Lang::En) => "other options were worth more for the hours and money until the deadline, or it needs a step that comes now.".into(),
        (WhyLater::Needs, Lang::Ja) => "期限までの作業時間と費用は、より効果の大きい作業に充てた。または、このフェーズの作業が前提になる。".into(),
    }
}

/// The same for a cell of a table.
pub(super) fn why_not(why: &WhyOut<'_>, context: &Context, lang: Lang) -> String {
    match why {
        WhyOut::PriceUnknown(_) => lang.pick("its price is not known", "価格が不明").to_owned(),
        other => why_out(other, context, lang),
    }
}

pub(super) fn why_out(why: &WhyOut<'_>, context: &Context, lang: Lang) -> String {
    let money = |usd: f64| context.wishes.currency.format(usd, lang);
    match (why, lang) {
        (WhyOut::OverBudget(needed, left), Lang::En) => {
            format!("it costs {} a month, and {} are left of the budget", money(*needed), money(*left))
        }
        (WhyOut::OverBudget(needed, left), Lang::Ja) => {
            format!("月額 {} かかり、予算の残り {} を超える", money(*needed), money(*left))
        }
        (WhyOut::PriceUnknown(gaps), _) => price_unknown(gaps, lang),
        (WhyOut::NeedsLeftOut(policy), Lang::En) => {
            format!("it needs {policy} fixed, which is not in the plan")
        }
        (WhyOut::NeedsLeftOut(policy), Lang::Ja) => {
            format!("前提となる {policy} の解消が計画に含まれていない")
        }
        (WhyOut::Excluded(policy, option), Lang::En) => format!("{policy}/{option} rules it out"),
        (WhyOut::Excluded(policy, option), Lang::Ja) => format!("{policy}/{option} と両立しない"),
        (WhyOut::Recommended, Lang::En) => "the recommended one fits into the plan".into(),
        (WhyOut::Recommended, Lang::Ja) => "推奨案が予算と時間に収まる".into(),
        (WhyOut::ShortOfPeak(carries, factor), Lang::En) => {
            format!(
                "by itself it carries {} times today's load, and the peak is {} times",
                times(*carries),
                times(*factor)
            )
        }
        (WhyOut::ShortOfPeak(carries, factor), Lang::Ja) => {
            format!(
                "単独で耐えられる負荷は現在の {} 倍で、繁忙期の {} 倍に足りない",
                times(*carries),
                times(*factor)
            )
        }
        (WhyOut::Dearer, Lang::En) => "it costs more".into(),
        (WhyOut::Dearer, Lang::Ja) => "費用が高い".into(),
        (WhyOut::MendsLess, Lang::En) => "it only lowers the risk".into(),
        (WhyOut::MendsLess, Lang::Ja) => "リスクを下げるのみで解消しない".into(),
        (WhyOut::MoreWork, Lang::En) => "it is more work or a longer interruption".into(),
        (WhyOut::MoreWork, Lang::Ja) => "作業時間または停止時間が長い".into(),
        (WhyOut::WorthLess, Lang::En) => {
            "the rest of the plan reduces more risk for the same money and hours".into()
        }
        (WhyOut::WorthLess, Lang::Ja) => "同じ費用と時間では、計画の他の作業の方が効果が大きい".into(),
    }
}

fn price_unknown(gaps: &[GapId], lang: Lang) -> String {
    let products: Vec<&str> = gaps.iter().filter_map(missing_price).map(|(product, _)| product).collect();
    let others: Vec<&str> =
        gaps.iter().filter(|gap| missing_price(gap).is_none()).map(GapId::operation).collect();
    let all = list_some(&[products, others].concat(), 3, lang);
    match (all.is_empty(), lang) {
        (true, Lang::En) => {
            "its price is not known, and the budget must not be exceeded (--allow-unknown-prices plans it anyway)"
                .into()
        }
        (true, Lang::Ja) => {
            "価格が不明で、予算に収まるか判断できない（--allow-unknown-prices を付けると計画に含める）".into()
        }
        (false, Lang::En) => format!(
            "its price is not known ({all}), and the budget must not be exceeded (--allow-unknown-prices plans it anyway)"
        ),
        (false, Lang::Ja) => format!(
            "価格（{all}）が不明で、予算に収まるか判断できない（--allow-unknown-prices を付けると計画に含める）"
        ),
    }
}

/// What a step takes.
pub(super) fn takes(step: &Step<'_>, context: &Context, lang: Lang) -> String {
    let mut parts = vec![
        a_month(&step.monthly, context, lang),
        match lang {
            Lang::En => format!("{} of work", hours(step.effort_hours, lang)),
            Lang::Ja => format!("作業 {}", hours(step.effort_hours, lang)),
        },
        downtime(step.downtime, lang).to_owned(),
    ];
    if step.actions.iter().any(|action| action.needs_test()) {
        parts.push(lang.pick("test it elsewhere first", "事前の検証が必要").to_owned());
    }
    if step.actions.len() > 1 {
        parts.push(lang.pick("done together", "まとめて実施").to_owned());
    }
    match lang {
        Lang::En => format!("{}.", parts.join(", ")),
        Lang::Ja => format!("{}。", parts.join("、")),
    }
}

pub(super) fn and(items: &[String], lang: Lang) -> String {
    list(items, lang)
}
