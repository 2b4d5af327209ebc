//! Questions without an answer as people read them: why there is none, what depends on it,
//! and what would settle it. What all reports for people have in common.

use crate::finding::{Severity, label};
use crate::snapshot::{Cause, Gap, OwnReason};
use crate::text::Lang;
use crate::work::{QuestionGroup, QuestionKey};

/// The verdicts that depend on a question: severity, policy and resources.
pub(super) fn hanging<'a>(group: &QuestionGroup<'a>, lang: Lang) -> Vec<(Severity, &'a str, Vec<String>)> {
    let mut policies: Vec<(Severity, &str, Vec<String>)> = Vec::new();
    for finding in &group.findings {
        let mut name = label(&finding.resource, lang);
        if !finding.discriminator.is_empty() {
            name = format!("{name} [{}]", finding.discriminator);
        }
        match policies.iter_mut().find(|(_, policy, _)| *policy == finding.policy) {
            Some((_, _, names)) if names.last() == Some(&name) => {}
            Some((_, _, names)) => names.push(name),
            None => policies.push((finding.severity, &finding.policy, vec![name])),
        }
    }
    policies
}

/// What was asked, for people.
pub(super) fn what<'a>(key: &QuestionKey<'a>, lang: Lang) -> &'a str {
    match OwnReason::of(key.operation) {
        Some(OwnReason::NeverAsked) => lang.pick("not asked", "未照会"),
        Some(OwnReason::NoResult) => lang.pick("arithmetic", "計算"),
        Some(OwnReason::TooMuchWork) => lang.pick("loops of an expression", "式のループ"),
        Some(OwnReason::OutOfTime) => lang.pick("not judged", "未判定"),
        None if key.operation.is_empty() => lang.pick("not asked", "未照会"),
        None => key.operation,
    }
}

pub(super) fn cause_words(key: &QuestionKey<'_>, lang: Lang) -> &'static str {
    match (key.cause, OwnReason::of(key.operation)) {
        (Some(cause), _) => cause.words().get(lang),
        (None, Some(OwnReason::NoResult)) => lang.pick(
            "no result (division by zero, or a number too large)",
            "結果が得られない（ゼロ除算または桁あふれ）",
        ),
        (None, Some(OwnReason::OutOfTime)) => {
            lang.pick("the time of the run was up", "実行の制限時間に達した")
        }
        (None, Some(OwnReason::TooMuchWork)) => {
            lang.pick("too many elements to evaluate", "対象が多すぎるため評価を中止")
        }
        (None, _) => lang.pick("an earlier question got no answer", "前提となる問い合わせに回答なし"),
    }
}

pub(super) fn remedy(key: &QuestionKey<'_>, group: &QuestionGroup<'_>, lang: Lang) -> String {
    let text = match key.cause {
        Some(Cause::Denied) if !group.permissions.is_empty() => {
            let permissions: Vec<&str> = group.permissions.iter().copied().collect();
            let permissions = permissions.join(lang.pick(", ", "、"));
            return match lang {
                Lang::En => format!("allow {permissions}"),
                Lang::Ja => format!("{permissions} を許可する"),
            };
        }
        Some(Cause::Denied) => lang.pick(
            "remove the policy that denies the call to these credentials",
            "この認証情報による呼び出しを拒否しているポリシーを見直す",
        ),
        Some(Cause::Throttled) => lang
            .pick("run again when fewer clients call this API", "この API の利用が少ない時間帯に再実行する"),
        Some(Cause::TimedOut) => lang.pick(
            "run again; check the network path to this region if it stays",
            "再実行する。続く場合はこのリージョンまでのネットワークを確認する",
        ),
        Some(Cause::NotOffered) => lang.pick(
            "not possible: AWS does not offer it there",
            "解消できない（AWS がこのリージョンで提供していない）",
        ),
        Some(Cause::Truncated) if key.code == Gap::MORE_REVISIONS => lang.pick(
            "deregister revisions that nothing needs; only the newest unused ones of each family are read",
            "不要なリビジョンを登録解除する（未使用のリビジョンはファミリーごとに新しいものだけを読み取る）",
        ),
        Some(Cause::Truncated) => lang.pick(
            "run again; the rest of the list could not be read",
            "再実行する（一覧の残りを読み取れなかった）",
        ),
        Some(Cause::Credentials) => lang.pick("sign in again, then run again", "ログインし直して再実行する"),
        Some(Cause::TooLarge) => lang.pick(
            "raise `answer_limit` in tenken.toml, if it is AWS that answers",
            "応答しているのが AWS であれば、tenken.toml の `answer_limit` を引き上げる",
        ),
        Some(Cause::NoData) => {
            lang.pick("run again when AWS has recorded some data", "AWS にデータが記録されてから再実行する")
        }
        Some(Cause::Failed) => lang
            .pick("run again; the code says what AWS answered", "再実行する（括弧内は AWS が返したコード）"),
        None if OwnReason::of(key.operation) == Some(OwnReason::OutOfTime) => lang.pick(
            "raise --timeout, or judge fewer regions or policies in one run",
            "--timeout を延ばすか、1 回の実行で判定するリージョンやポリシーを減らす",
        ),
        None if OwnReason::of(key.operation).is_some() => lang.pick(
            "change the parameters or the expression of the policy",
            "ポリシーのパラメータまたは式を見直す",
        ),
        None => lang
            .pick("the other questions listed here come first", "ここに挙げたほかの問い合わせを先に解消する"),
    };
    text.to_owned()
}

/// What stands in front of [`statement`].
pub(super) fn about_permissions(lang: Lang) -> &'static str {
    lang.pick(
        "Missing permissions, as a statement for the auditing role's policy. If they are \
         allowed already, a service control policy, a permissions boundary or an explicit \
         deny blocks them.",
        "不足している権限（監査用ロールのポリシーに追加するステートメント）。すでに許可している場合は、\
         サービスコントロールポリシー、アクセス許可の境界、または明示的な拒否が妨げている。",
    )
}

/// No line of a statement is longer, where it can be broken.
const STATEMENT_COLUMNS: usize = 72;

/// A policy statement that allows the actions, for the clipboard. Lines hold as many as fit: a hundred
/// lines of one action each would hide what stands above them.
pub(super) fn statement(permissions: &[&str]) -> String {
    let mut lines = Vec::new();
    let mut line = String::new();
    for (index, action) in permissions.iter().enumerate() {
        let comma = if index + 1 < permissions.len() { "," } else { "" };
        let action = format!("{}{comma}", serde_json::Value::from(*action));
        if !line.is_empty() && line.len() + 1 + action.len() > STATEMENT_COLUMNS {
            lines.push(std::mem::take(&mut line));
        }
        line.push_str(if line.is_empty() { "    " } else { " " });
        line.push_str(&action);
    }
    lines.push(line);
    let actions = lines.join("\n");
    format!("{{\n  \"Effect\": \"Allow\",\n  \"Action\": [\n{actions}\n  ],\n  \"Resource\": \"*\"\n}}")
}
