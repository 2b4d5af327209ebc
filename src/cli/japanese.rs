//! The command line in Japanese: help, and what is wrong with what was typed.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command};
use tenken::text::quoted;

/// What help says, in English as the arguments have it, and in Japanese.
const HELP: &[(&str, &str)] = &[
    (
        "A live, read-only AWS account auditor that says what is wrong, what it could not see, and what to type",
        "稼働中の AWS アカウントを読み取り専用で監査し、指摘、確認できなかったこと、実行すべきことを示す",
    ),
    (
        "Audit an account, a recorded account or a saved snapshot",
        "アカウント、記録済みのアカウント、保存済みのスナップショットを監査する",
    ),
    (
        "Record an account's answers, without the secrets, to replay them later",
        "アカウントの応答を、後で再生できるように秘密情報を除いて記録する",
    ),
    (
        "Show root causes whole: evidence, options with price and downtime, commands, references",
        "根本原因の詳細を表示する（根拠、対応策の費用と停止、コマンド、参考資料）",
    ),
    (
        "Write the report as an HTML file and open it in the browser [default file: tenken-report.html]",
        "レポートを HTML ファイルに出力し、ブラウザーで開く [既定のファイル: tenken-report.html]",
    ),
    (
        "Draw the account: networks, what stands in them, who reaches whom, and where the problems are",
        "アカウントの構成図を出力する（ネットワーク、リソースの配置、到達経路、指摘のある箇所）",
    ),
    ("Exit codes: 0 drawn, 2 could not run.", "終了コード: 0 出力した、2 実行できなかった。"),
    (
        "Mark what a phase of the plan adds and removes, the phases before it included: phase-0, phase-1, phase-2 or plan for all of them; [plan] of tenken.toml says for which budget and deadline",
        "計画のフェーズで追加・削除されるものに印を付ける（それ以前のフェーズを含む）。phase-0、phase-1、phase-2、またはすべてを表す plan を指定する。予算と期限は tenken.toml の [plan] による",
    ),
    (
        "Format [default: by the extension of --output, otherwise svg]",
        "形式 [既定: --output の拡張子による。なければ svg]",
    ),
    (
        "Write the picture to this file instead of standard output",
        "構成図を標準出力ではなくこのファイルに書き込む",
    ),
    (
        "Language of the picture: en or ja; by default from the locale",
        "構成図の言語。en または ja（既定はロケールによる）",
    ),
    (
        "Show what changed between two scans, or since a history",
        "2 回のスキャンの差分、または履歴からの変化を表示する",
    ),
    (
        "Write the commands or Terraform blocks that fix findings, with checks and rollbacks; nothing is run",
        "指摘に対処するコマンドまたは Terraform のブロックを、確認方法と元に戻す方法とともに出力する（実行はしない）",
    ),
    (
        "Write Terraform's import blocks for what exists, so that it can be managed as code; changes nothing",
        "既存のリソースを Terraform で管理するための import ブロックを出力する（変更はしない）",
    ),
    (
        "Show the trend, the oldest critical finding and the time to fix of a history",
        "履歴から、推移、最も古い緊急の指摘、解決までの時間を表示する",
    ),
    (
        "Show what the audited resources cost a month at list price",
        "監査対象のリソースの月額を定価で表示する",
    ),
    (
        "Plan what to do first: within a budget, until a deadline, in which order, and why",
        "予算と期限の中で、何をどの順に行うかを理由とともに計画する",
    ),
    ("List, show, test and create policies", "ポリシーの一覧、表示、テスト、作成"),
    (
        "Print the least IAM policy that a scan needs: read-only",
        "スキャンに必要な最小限の IAM ポリシー（読み取り専用）を出力する",
    ),
    ("Only what this policy needs; may be repeated", "このポリシーに必要なものだけを出力する（複数指定可）"),
    (
        "Print instead what notifying this channel needs, as tenken.toml describes it; may be repeated",
        "代わりに、tenken.toml に記載した通知先への通知に必要なものを出力する（複数指定可）",
    ),
    (
        "Print a JSON Schema, or the field reference for policy authors",
        "JSON Schema、またはポリシー作成者向けのフィールド一覧を出力する",
    ),
    ("Which one", "種類"),
    (
        "Print a shell completion script, for instance `source <(tenken completions bash)`",
        "シェルの補完スクリプトを出力する（例: `source <(tenken completions bash)`）",
    ),
    ("The shell", "シェル"),
    ("A saved snapshot", "保存済みのスナップショット"),
    ("A policy file", "ポリシーファイル"),
    ("The fields that expressions can name, in Markdown", "式で参照できるフィールド（Markdown）"),
    ("Answer from this recorded account instead of AWS", "AWS の代わりに、記録済みのこのアカウントを使う"),
    ("Judge this saved snapshot instead of AWS", "AWS の代わりに、保存済みのこのスナップショットを判定する"),
    (
        "Save AWS's answers, for --snapshot; only the file's owner can read it",
        "AWS の応答を --snapshot 用に保存する（ファイルの所有者だけが読める）",
    ),
    (
        "Add policies from this folder; the same id replaces a built-in one",
        "このフォルダーのポリシーを追加する（ID が同じ組み込みのポリシーは置き換える）",
    ),
    ("Judge only this policy; may be repeated", "このポリシーだけで判定する（複数指定可）"),
    (
        "Keep a history in this file, folder or s3://bucket/key, and say what is new, reopened and resolved [default file: .tenken/history.json]",
        "このファイル、フォルダー、または s3://bucket/key に履歴を保存し、新規、再発、解決を表示する [既定のファイル: .tenken/history.json]",
    ),
    (
        "Notify this channel of what changed: slack, webhook or sns, as tenken.toml describes it; may be repeated",
        "tenken.toml に記載した通知先（slack、webhook、sns）に変化を通知する（複数指定可）",
    ),
    (
        "Show everything on the terminal, not just a line for each root cause",
        "根本原因ごとの 1 行ではなく、すべての詳細を端末に表示する",
    ),
    (
        "Format of the report [default: by the extension of --output, otherwise terminal]",
        "レポートの形式 [既定: --output の拡張子に従い、なければ terminal]",
    ),
    (
        "Write the report to this file instead of standard output",
        "標準出力の代わりに、このファイルにレポートを書き込む",
    ),
    (
        "Language of the report: en or ja; by default from the locale",
        "レポートの言語（en または ja）。既定はロケールに従う",
    ),
    (
        "The lowest severity that makes the exit code 1 or 3 [default: low]",
        "終了コードを 1 または 3 にする最低の重要度 [既定: low]",
    ),
    (
        "The most the account may cost a month, for instance 150000JPY or 1000USD",
        "アカウントの月額の上限（例: 15万円、150000JPY、1000USD）",
    ),
    (
        "What the account costs a month today [default: what the audited resources cost at list price]",
        "アカウントの現在の月額 [既定: 監査対象のリソースの定価]",
    ),
    (
        "What an hour of downtime costs, for instance 300000JPY",
        "1 時間の停止による損失（例: 30万円、300000JPY）",
    ),
    ("Peak traffic as a multiple of the usual traffic", "繁忙期のトラフィック（通常に対する倍率）"),
    (
        "Deadline of the first phases: a date, or a period such as 4w or 30d [default: 4w]",
        "最初のフェーズの期限。日付、または 4w や 30d などの期間 [既定: 4w]",
    ),
    (
        "Hours of work available until the deadline [default: 10 a week]",
        "期限までに使える作業時間 [既定: 週 10 時間]",
    ),
    ("Who approves the plan; shown in it", "計画の承認者（計画に表示する）"),
    (
        "Plan options whose price is unknown as well; without this flag, a budget leaves them out",
        "価格不明の対応策も計画に含める（指定しない場合、予算があれば含めない）",
    ),
    (
        "Instead of planning, simulate these options and judge the result: POLICY, POLICY/OPTION, POLICY@RESOURCE or all",
        "計画の代わりに、これらの対応策をシミュレーションして結果を判定する（POLICY、POLICY/OPTION、POLICY@RESOURCE、all）",
    ),
    (
        "Format [default: by the extension of --output, otherwise terminal]",
        "形式 [既定: --output の拡張子に従い、なければ terminal]",
    ),
    (
        "Write the plan to this file instead of standard output",
        "標準出力の代わりに、このファイルに計画を書き込む",
    ),
    (
        "Language of the plan: en or ja; by default from the locale",
        "計画の言語（en または ja）。既定はロケールに従う",
    ),
    (
        "Finding, by its id or the beginning of it, or policy, for everything that it found",
        "指摘の ID またはその先頭部分、あるいはポリシー（そのポリシーのすべての指摘）",
    ),
    ("Write to this file instead of standard output", "標準出力の代わりに、このファイルに書き込む"),
    (
        "Only this finding, by its id or the beginning of it; may be repeated [default: every open failure]",
        "この指摘だけを対象にする。ID またはその先頭部分（複数指定可） [既定: 未対応のすべての指摘]",
    ),
    ("Only findings of this policy; may be repeated", "このポリシーの指摘だけを対象にする（複数指定可）"),
    (
        "Only resources whose ARN matches this, `*` for anything; may be repeated",
        "ARN がこれに一致するリソースだけを対象にする。`*` は任意の文字列（複数指定可）",
    ),
    (
        "Use this option instead of the recommended one; may be repeated",
        "推奨の代わりに、この対応策を使う（複数指定可）",
    ),
    (
        "What to write: a shell script for the AWS CLI, Terraform blocks, or JSON [default: by the extension of --output, otherwise cli]",
        "出力するもの。AWS CLI のシェルスクリプト、Terraform のブロック、JSON [既定: --output の拡張子に従い、なければ cli]",
    ),
    (
        "Language of the comments: en or ja; by default from the locale",
        "コメントの言語（en または ja）。既定はロケールに従う",
    ),
    (
        "Only resources that fail this policy; may be repeated",
        "このポリシーの指摘があるリソースだけを対象にする（複数指定可）",
    ),
    (
        "Every audited resource that Terraform can import",
        "Terraform でインポートできる監査対象のリソースすべて",
    ),
    (
        "Also what a CloudFormation stack or Terraform manages already, by its tags",
        "タグから CloudFormation スタックや Terraform の管理下と分かるものも含める",
    ),
    (
        "Write a file for each part of the account into this folder, none of which may be there, instead of all to standard output",
        "標準出力の代わりに、アカウントの部分ごとのファイルをこのフォルダーに書き込む（既存のファイルがあってはならない）",
    ),
    ("Use this saved snapshot instead of AWS", "AWS の代わりに、保存済みのこのスナップショットを使う"),
    (
        "Ask AWS's Price List API for the prices (needs pricing:GetProducts); kept for a week",
        "AWS の Price List API に価格を問い合わせる（pricing:GetProducts が必要。1 週間保持する）",
    ),
    (
        "Keep those prices in this file [default: tenken/prices.json in the user's cache folder]",
        "その価格をこのファイルに保持する [既定: ユーザーのキャッシュフォルダーの tenken/prices.json]",
    ),
    (
        "Show amounts in this currency, for instance JPY; needs a rate [default: USD]",
        "金額をこの通貨で表示する（例: JPY）。レートが必要 [既定: USD]",
    ),
    ("How much of the currency a dollar buys, for instance 150", "1 ドル当たりの金額（例: 150）"),
    (
        "The older one: a saved snapshot, a JSON report or a history, which may be s3://bucket/key",
        "古い方。保存済みのスナップショット、JSON のレポート、または履歴（s3://bucket/key も可）",
    ),
    (
        "The newer one: a saved snapshot or a JSON report",
        "新しい方。保存済みのスナップショットまたは JSON のレポート",
    ),
    (
        "Judge snapshots with the policies of this folder added",
        "このフォルダーのポリシーを追加してスナップショットを判定する",
    ),
    (
        "Judge snapshots by this policy only; may be repeated",
        "このポリシーだけでスナップショットを判定する（複数指定可）",
    ),
    (
        "The history: a file, a folder, or s3://bucket/key [default: .tenken/history.json]",
        "履歴。ファイル、フォルダー、または s3://bucket/key [既定: .tenken/history.json]",
    ),
    (
        "Read settings, thresholds and accepted findings from this file [default: tenken.toml, if it exists]",
        "設定、しきい値、受容済みの指摘をこのファイルから読み取る [既定: tenken.toml があればそのファイル]",
    ),
    ("Read no configuration, not even tenken.toml", "tenken.toml を含め、設定を読み取らない"),
    (
        "Region to audit; may be repeated; `all` for every enabled region; by default the profile's",
        "監査するリージョン（複数指定可）。`all` は有効なすべてのリージョン。既定はプロファイルのリージョン",
    ),
    ("Profile of the AWS configuration", "AWS の設定のプロファイル"),
    ("Role to assume for the audit", "監査で引き受けるロール"),
    ("External ID that the role requires", "ロールが要求する外部 ID"),
    (
        "Send requests to this endpoint instead of AWS, for instance a mock",
        "AWS の代わりに、このエンドポイントにリクエストを送る（モックなど）",
    ),
    (
        "Time for the whole run, for instance 90s or 5m; what has not been answered by then is unknown [default: 15m]",
        "実行全体の制限時間（例: 90s、5m）。それまでに回答がないものは判定不能になる [既定: 15m]",
    ),
    ("Time for one attempt of a call [default: 10s]", "呼び出し 1 回の試行の制限時間 [既定: 10s]"),
    ("Time for a call including retries [default: 60s]", "再試行を含む呼び出しの制限時間 [既定: 60s]"),
    ("Folder to write; must not exist or be empty", "書き込むフォルダー（存在しないか空であること）"),
    ("List every policy", "すべてのポリシーを一覧表示する"),
    ("Language: en or ja; by default from the locale", "言語（en または ja）。既定はロケールに従う"),
    ("Language: en or ja", "言語（en または ja）"),
    ("Show one policy with its examples", "ポリシーを例とともに表示する"),
    ("The policy's id", "ポリシーの ID"),
    (
        "Check a folder of policies and run their examples; without a folder, the built-in ones",
        "フォルダーのポリシーを検査し、例を実行する。フォルダーを省略すると組み込みのポリシー",
    ),
    ("The folder", "フォルダー"),
    (
        "Create a policy: writes PILLAR/ID.yaml into the folder",
        "ポリシーを作成する（フォルダーに PILLAR/ID.yaml を書き込む）",
    ),
    (
        "The new policy's id: kebab-case, names the problem",
        "新しいポリシーの ID（ケバブケースで、何が悪いかを表す名前）",
    ),
    ("Where policies are kept", "ポリシーの保管先"),
    (
        "security, reliability, operations, performance or cost",
        "security、reliability、operations、performance、cost のいずれか",
    ),
    ("Add policies from this folder", "このフォルダーのポリシーを追加する"),
    (
        "Exit codes: 0 nothing found, 1 findings, 2 could not run, 3 nothing found but something that counts stayed unknown.",
        "終了コード: 0 指摘なし、1 指摘あり、2 実行できなかった、3 指摘はないが判定不能が残った。",
    ),
    ("Exit codes: 0 shown, 2 could not run.", "終了コード: 0 表示した、2 実行できなかった。"),
    (
        "Exit codes: 0 nothing new, 1 something new or reopened, 2 could not compare, 3 nothing new but something became unknown.",
        "終了コード: 0 新規なし、1 新規または再発あり、2 比較できなかった、3 新規はないが判定不能になったものがある。",
    ),
    ("Exit codes: 0 written, 2 could not run.", "終了コード: 0 出力した、2 実行できなかった。"),
    (
        "Without --policy and --all: the resources of open failures. Exit codes: 0 written, 2 could not run.",
        "--policy も --all も指定しない場合は、未対応の指摘があるリソース。終了コード: 0 出力した、2 実行できなかった。",
    ),
    (
        "Exit codes: 0 every item has an amount, 2 could not run, 3 something stayed unknown: the total is a lower bound.",
        "終了コード: 0 すべての項目に金額がある、2 実行できなかった、3 不明な項目があり合計は下限。",
    ),
    (
        "Exit codes: 0 there is a plan, 2 could not plan.",
        "終了コード: 0 計画を作成した、2 計画を作成できなかった。",
    ),
];

/// How help is laid out.
const TEMPLATE: &str = "{about-with-newline}\n使い方: {usage}\n\n{all-args}{after-help}";

fn say(english: &str) -> Option<&'static str> {
    let english = english.trim_end_matches('.');
    HELP.iter().find(|(known, _)| known.trim_end_matches('.') == english).map(|(_, japanese)| *japanese)
}

/// The command with everything that help says in Japanese.
pub(super) fn translated(command: Command) -> Command {
    let is_root = !command.is_disable_version_flag_set() && command.get_version().is_some();
    let about = command.get_about().and_then(|text| say(&text.to_string()));
    let after = command.get_after_help().and_then(|text| say(&text.to_string()));
    let has_subcommands = command.has_subcommands();
    let mut command = command
        .mut_args(|arg| {
            let help = arg.get_help().and_then(|text| say(&text.to_string()));
            let heading = if arg.is_positional() { "引数" } else { "オプション" };
            let arg = arg.help_heading(heading);
            match help {
                Some(help) => arg.help(help),
                None => arg,
            }
        })
        .mut_subcommands(translated)
        .help_template(TEMPLATE)
        .subcommand_help_heading("コマンド")
        .subcommand_value_name("コマンド")
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .arg(flag("help", 'h', "ヘルプを表示する", ArgAction::Help));
    if is_root {
        command = command.disable_version_flag(true).arg(flag(
            "version",
            'V',
            "バージョンを表示する",
            ArgAction::Version,
        ));
    }
    if has_subcommands {
        command = command.help_template("{about-with-newline}\n使い方: {usage}\n\nコマンド:\n{subcommands}\n\nオプション:\n{options}{after-help}");
    }
    if let Some(about) = about {
        command = command.about(about);
    }
    if let Some(after) = after {
        command = command.after_help(after);
    }
    command
}

fn flag(name: &'static str, short: char, help: &'static str, action: ArgAction) -> Arg {
    Arg::new(name).long(name).short(short).help(help).help_heading("オプション").action(action)
}

/// What is wrong with what was typed; none where clap has more to say than is translated.
pub(super) fn usage_error(error: &clap::Error) -> Option<String> {
    let one = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => quoted(text).into_owned(),
        Some(ContextValue::Strings(texts)) => list(texts),
        Some(other) => quoted(&other.to_string()).into_owned(),
        None => String::new(),
    };
    let meant = |kind| match one(kind).replace('、', "`、`") {
        text if text.is_empty() => String::new(),
        text => format!("。`{text}` のことか"),
    };
    let arg = || one(ContextKind::InvalidArg);
    let what = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let name = one(ContextKind::InvalidSubcommand);
            format!("`{name}` というコマンドはない{}", meant(ContextKind::SuggestedSubcommand))
        }
        ErrorKind::UnknownArgument => {
            format!("`{}` という引数はない{}", arg(), meant(ContextKind::SuggestedArg))
        }
        ErrorKind::InvalidValue => {
            let (value, valid) = (one(ContextKind::InvalidValue), one(ContextKind::ValidValue));
            let valid = if valid.is_empty() { valid } else { format!("。指定できるのは {valid}") };
            let said = match value.as_str() {
                "" => format!("{} に値がない", arg()),
                value => format!("{} に `{value}` は指定できない", arg()),
            };
            format!("{said}{valid}{}", meant(ContextKind::SuggestedValue))
        }
        ErrorKind::ArgumentConflict => match one(ContextKind::PriorArg) {
            prior if prior.is_empty() || prior == arg() => format!("{} を 2 回以上指定した", arg()),
            prior => format!("{} は {prior} と同時に指定できない", arg()),
        },
        ErrorKind::MissingRequiredArgument => format!("必要な引数がない: {}", arg()),
        ErrorKind::NoEquals => format!("{} の値は = に続けて指定する", arg()),
        ErrorKind::TooManyValues => {
            format!("{} の値 `{}` が余分である", arg(), one(ContextKind::InvalidValue))
        }
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => format!("{} の値の数が違う", arg()),
        ErrorKind::InvalidUtf8 => "引数に UTF-8 でない文字が含まれている".to_owned(),
        _ => return None,
    };
    Some(format!("tenken: {what}。\n\n詳しくは --help を参照。\n"))
}

fn list(texts: &[String]) -> String {
    texts.iter().map(|text| quoted(text).into_owned()).collect::<Vec<_>>().join("、")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::arguments::Arguments;
    use clap::CommandFactory;

    fn helps(command: &Command, found: &mut Vec<String>) {
        found.extend(command.get_about().map(ToString::to_string));
        found.extend(command.get_after_help().map(ToString::to_string));
        let of_arg = |arg: &Arg| arg.get_help().map(ToString::to_string);
        found.extend(command.get_arguments().filter_map(of_arg));
        command.get_subcommands().for_each(|command| helps(command, found));
    }

    #[test]
    fn everything_that_help_says_has_its_japanese() {
        let mut english = Vec::new();
        helps(&Arguments::command(), &mut english);
        assert!(english.len() > 60);
        let missing: Vec<&String> = english.iter().filter(|text| say(text).is_none()).collect();
        assert!(missing.is_empty(), "{missing:#?}");
        // What only a build with AWS has is in the source.
        let source = concat!(include_str!("arguments.rs"), include_str!("../../Cargo.toml"));
        for (english, _) in HELP {
            assert!(source.contains(english.trim_end_matches('.')), "nobody says {english:?}");
        }
    }

    #[test]
    fn help_is_japanese() {
        let mut command = translated(Arguments::command());
        command.build();
        let whole = command.render_help().to_string();
        assert!(whole.contains("使い方: tenken") && whole.contains("根本原因の詳細を表示する"), "{whole}");
        for english in ["Usage", "Options", "Commands", "Print help"] {
            assert!(!whole.contains(english), "{whole}");
        }
        let scan = command.find_subcommand_mut("scan").unwrap().render_long_help().to_string();
        assert!(scan.contains("使い方: tenken scan") && scan.contains("ヘルプを表示する"), "{scan}");
        assert!(!scan.contains("Options") && !scan.contains("Print"), "{scan}");
    }

    #[test]
    fn mistakes_are_told_in_japanese_with_what_was_meant() {
        for (line, expected) in [
            ("tenken scna", "`scna` というコマンドはない。`"),
            ("tenken scan --detials", "`--detials` という引数はない。`--details` のことか。"),
            ("tenken scan --format pdf", "指定できるのは terminal、markdown"),
            ("tenken scan --config a --no-config", "と同時に指定できない。"),
            ("tenken show", "必要な引数がない: "),
            ("tenken scan --output", "に値がない"),
        ] {
            let error = Arguments::command().try_get_matches_from(line.split(' ')).unwrap_err();
            let said = usage_error(&error).unwrap();
            assert!(said.contains(expected), "{line}: {said}");
        }
    }
}
