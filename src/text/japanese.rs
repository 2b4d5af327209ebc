//! Words that programs use in data, in Japanese: kinds of resources in front of their names, places and
//! kinds of secrets. What is none of them is a name, and stays as it is.

use std::borrow::Cow;

/// Kinds of resources, as conclusions write them in front of a name.
const KINDS: &[(&str, &str)] = &[
    ("Auto Scaling group", "Auto Scaling グループ"),
    ("CloudFront distribution", "CloudFront ディストリビューション"),
    ("DB cluster", "DB クラスター"),
    ("DB instance", "DB インスタンス"),
    ("ECS cluster", "ECS クラスター"),
    ("ECS service", "ECS サービス"),
    ("NAT gateway", "NAT ゲートウェイ"),
    ("SNS topic", "SNS トピック"),
    ("alb", "ALB"),
    ("classic load balancer", "Classic Load Balancer"),
    ("db", "DB インスタンス"),
    ("db cluster", "DB クラスター"),
    ("function", "Lambda 関数"),
    ("instance", "インスタンス"),
    ("interface", "ネットワークインターフェイス"),
    ("load balancer", "ロードバランサー"),
    ("nlb", "NLB"),
    ("service", "サービス"),
    ("target group", "ターゲットグループ"),
];

/// Places and kinds of secrets, and other values that stand by themselves.
const WORDS: &[(&str, &str)] = &[
    ("access-key", "アクセスキー"),
    ("anthropic-key", "Anthropic の API キー"),
    ("api-key", "API キー"),
    ("aws-access-key-id", "AWS アクセスキー ID"),
    ("aws-bedrock-key", "Amazon Bedrock の API キー"),
    ("aws-secret-access-key", "AWS シークレットアクセスキー"),
    ("azure-storage-key", "Azure Storage のキー"),
    ("command", "コマンド"),
    ("connection-string", "接続文字列"),
    ("credentials", "認証情報"),
    ("discord-webhook", "Discord の Webhook"),
    ("docker-labels", "Docker ラベル"),
    ("entry-point", "エントリポイント"),
    ("environment", "環境変数"),
    ("github-token", "GitHub のトークン"),
    ("gitlab-token", "GitLab のトークン"),
    ("google-key", "Google の API キー"),
    ("health-check", "ヘルスチェック"),
    ("high-entropy-hex", "不規則な 16 進文字列"),
    ("high-entropy-text", "不規則な文字列"),
    ("jwt", "JWT"),
    ("log-options", "ログオプション"),
    ("npm-token", "npm のトークン"),
    ("openai-key", "OpenAI の API キー"),
    ("overridden-command", "上書きされたコマンド"),
    ("overridden-environment", "上書きされた環境変数"),
    ("password", "パスワード"),
    ("private-key", "秘密鍵"),
    ("secret", "シークレット"),
    ("secret-key", "シークレットキー"),
    ("sendgrid-key", "SendGrid の API キー"),
    ("slack-token", "Slack のトークン"),
    ("slack-webhook", "Slack の Webhook"),
    ("stripe-key", "Stripe の API キー"),
    ("token", "トークン"),
    ("volume-options", "ボリュームオプション"),
];

/// What conclusions write as `service shop/shop-api, db ec-db`, or as one word of data, in Japanese.
pub(crate) fn in_japanese(text: &str) -> String {
    text.split(", ").map(one).collect::<Vec<_>>().join("、")
}

/// A Japanese sentence into which names were put, with the marks of Japanese around them.
pub(crate) fn punctuated(text: &str) -> Cow<'_, str> {
    let is_japanese = |c: char| matches!(c, '\u{3041}'..='\u{30ff}');
    if !text.chars().any(is_japanese) || !(text.contains(", ") || text.contains(" (")) {
        return Cow::Borrowed(text);
    }
    let mut sentence = text.replace(", ", "、");
    while let Some((front, rest)) = sentence.split_once(" (")
        && let Some((inner, behind)) = rest.split_once(')')
    {
        sentence = format!("{front}（{inner}）{}", behind.strip_prefix(' ').unwrap_or(behind));
    }
    Cow::Owned(sentence)
}

fn one(text: &str) -> String {
    if let Some((_, word)) = WORDS.iter().find(|(known, _)| *known == text) {
        return (*word).to_owned();
    }
    // The longest kind counts: a cluster is no instance.
    let named = |(kind, word): &(&'static str, &'static str)| {
        let name = text.strip_prefix(kind)?.strip_prefix(' ')?;
        Some((kind.len(), *word, name))
    };
    match KINDS.iter().filter_map(named).max() {
        Some((_, word, name)) => {
            let name = name.replace(" (", "（");
            let is_open = name.contains('（') && name.ends_with(')');
            format!("{word} {}", if is_open { name.replace(')', "）") } else { name })
        }
        None => match text.strip_prefix('+').filter(|count| count.parse::<usize>().is_ok()) {
            Some(count) => format!("ほか {count} 件"),
            None => text.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_said_in_japanese_and_names_stay() {
        for (text, expected) in [
            ("service shop/shop-api, db ec-db", "サービス shop/shop-api、DB インスタンス ec-db"),
            ("db cluster reports, +2", "DB クラスター reports、ほか 2 件"),
            ("interface eni-1 (Import job)", "ネットワークインターフェイス eni-1（Import job）"),
            ("connection-string", "接続文字列"),
            ("environment", "環境変数"),
            ("80, 443", "80、443"),
            ("my-service", "my-service"),
            ("?", "?"),
            ("", ""),
        ] {
            assert_eq!(in_japanese(text), expected, "{text}");
        }
    }

    #[test]
    fn sentences_have_the_marks_of_japanese() {
        for (text, expected) in [
            (
                "グループ sg-1 (rds-sg), sg-2 (web) は tcp/80, 443 を通す",
                "グループ sg-1（rds-sg）、sg-2（web）は tcp/80、443 を通す",
            ),
            ("sg-1 (rds-sg), sg-2", "sg-1 (rds-sg), sg-2"),
            ("開いている (途中", "開いている (途中"),
        ] {
            assert_eq!(punctuated(text), expected);
        }
    }

    #[test]
    fn every_kind_of_secret_has_a_word() {
        for kind in crate::secret::KINDS {
            assert!(WORDS.iter().any(|(known, _)| known == kind), "{kind}");
        }
    }
}
