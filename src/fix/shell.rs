//! A shell script that can be reviewed and then run section by section.

use super::{Fix, comment, heading};
use crate::finding::Run;
use crate::policy::template::quote::{one_line, word};
use crate::report::words::severity_word;
use crate::text::{Lang, out_of_subshell};

/// The variable that says which sections need not wait for what is done by hand.
const ASSUME_DONE: &str = "TENKEN_ASSUME_DONE";

/// Writes the script.
pub(super) fn render(run: &Run, fixes: &[Fix<'_>], lang: Lang) -> String {
    let mut text = String::from("#!/usr/bin/env bash\n");
    let about = match lang {
        Lang::En => [
            format!("tenken fix: account {}, as of {}", run.account, run.taken_at),
            "Nothing has been changed. Review the sections, fill in their variables, then run them one by one:".to_owned(),
            "  bash FILE            lists the sections".to_owned(),
            "  bash FILE run ID     runs a section".to_owned(),
            "  bash FILE check ID   shows whether it worked; the expected answer is shown behind each command".to_owned(),
            "Each section ends with how to undo it.".to_owned(),
            "Variables take their values from the environment where they are set there: NAME=value bash FILE run ID".to_owned(),
            format!("Where something is to be done by hand, a section waits for Enter. {ASSUME_DONE}=all, or ids with commas between,"),
            "goes on without asking, for instance in a rehearsal: it says that everything by hand is done.".to_owned(),
        ],
        Lang::Ja => [
            format!("tenken fix: アカウント {}、{} 時点", run.account, run.taken_at),
            "まだ何も変更していない。各セクションを確認し、変数を埋めてから、1 つずつ実行する。".to_owned(),
            "  bash FILE            セクションの一覧を表示する".to_owned(),
            "  bash FILE run ID     セクションを実行する".to_owned(),
            "  bash FILE check ID   結果を確認する（期待する値は各コマンドの後ろに記載）".to_owned(),
            "元に戻す方法は各セクションの末尾に記載している。".to_owned(),
            "環境変数に値があれば、変数にはその値を使う: NAME=値 bash FILE run ID".to_owned(),
            format!("手作業が必要な箇所では Enter の入力を待つ。{ASSUME_DONE}=all、またはコンマ区切りの ID を指定すると、"),
            "手作業はすべて済んでいるものとみなし、確認せずに進む（リハーサルなどで使う）。".to_owned(),
        ],
    };
    about.iter().for_each(|line| comment(&mut text, "", line));
    text.push_str("set -euo pipefail\n");
    for (index, fix) in fixes.iter().enumerate() {
        text.push('\n');
        heading(&mut text, index + 1, fix, run, lang);
        section(&mut text, fix, lang);
    }
    text.push_str(&dispatch(run, fixes, lang));
    text
}

fn section(text: &mut String, fix: &Fix<'_>, lang: Lang) {
    let Some(first) = fix.first() else {
        return;
    };
    let id = &first.id;
    let pieces = fix.cause.commands();
    if pieces.is_empty() {
        let nothing = lang.pick(
            "no command does this; follow the steps above",
            "コマンドでは実施できないため、上記の手順に従う",
        );
        text.push_str(&format!("run_{id}() (\necho {}\n)\n", word(nothing)));
    } else {
        let pieces: Vec<String> =
            pieces.iter().map(|piece| out_of_subshell(piece.say(lang)).trim_end().to_owned()).collect();
        text.push_str(&format!("run_{id}() (\n{}\n)\n", pieces.join("\n")));
    }
    let check = fix.cause.check();
    let check = check.say(lang);
    if is_command(check) {
        text.push_str(&format!("check_{id}() (\n{}\n)\n", shown(out_of_subshell(check), lang).trim_end()));
    } else {
        let line = first_comment(check).unwrap_or_else(|| {
            lang.pick("no command checks this; scan again", "確認用のコマンドはないため、再スキャンする")
                .to_owned()
        });
        text.push_str(&format!("check_{id}() (\necho {}\n)\n", word(&line)));
    }
    let undo = fix.cause.undo();
    let undo = undo.say(lang);
    if !undo.is_empty() {
        comment(text, "", lang.pick("undo:", "元に戻す:"));
        undo.lines().for_each(|line| comment(text, "", &format!("  {line}")));
    }
}

fn is_command(script: &str) -> bool {
    script.lines().any(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
}

fn first_comment(script: &str) -> Option<String> {
    let lines: Vec<&str> = script.lines().map(|line| line.trim_start_matches(['#', ' '])).collect();
    let joined = lines.join(" ");
    (!joined.trim().is_empty()).then(|| joined.trim().to_owned())
}

// Who runs a check sees what the answer should be.
fn shown(check: &str, lang: Lang) -> String {
    let mut lines = Vec::new();
    for line in check.lines() {
        match line.split_once("  # => ") {
            Some((_, expected)) => {
                lines.push(line.to_owned());
                lines.push(format!(
                    "echo {}",
                    word(&format!("  {} {expected}", lang.pick("expected:", "期待する値:")))
                ));
            }
            None => lines.push(line.to_owned()),
        }
    }
    lines.join("\n")
}

fn dispatch(run: &Run, fixes: &[Fix<'_>], lang: Lang) -> String {
    let mut list = String::new();
    for fix in fixes {
        let Some(first) = fix.first() else {
            continue;
        };
        let severity = crate::text::pad(severity_word(fix.cause.severity(), lang), 8);
        let line = format!("{}  {}  {}  {}", first.id, severity, first.policy, first.resource);
        list.push_str(&format!("  echo {}\n", word(&one_line(&line))));
        for closed in fix.cause.findings.iter().filter(|finding| finding.id != first.id) {
            let also = lang.pick("also closes", "同時に解消");
            let line = format!("  {also} {}  {}  {}", closed.id, closed.policy, closed.resource);
            list.push_str(&format!("  echo {}\n", word(&one_line(&line))));
        }
    }
    if list.is_empty() {
        list = format!("  echo {}\n", word(lang.pick("nothing to fix", "対応すべき指摘はない")));
    }
    let account = word(&run.account);
    let other = word(
        lang.pick("these credentials belong to another account", "この認証情報は別のアカウントのものである"),
    );
    let which = word(lang.pick("name the sections by their ids", "セクションの ID を指定する"));
    let usage =
        word(lang.pick(
            "usage: bash FILE [run ID... | check ID...]",
            "使い方: bash FILE [run ID... | check ID...]",
        ));
    format!(
        "\n# ====\n\
         action=${{1:-list}}\n\
         case $action in\n\
         list)\n{list}  ;;\n\
         run | check)\n  \
         shift\n  \
         test \"$#\" -gt 0 || {{ echo {which} >&2; exit 2; }}\n  \
         test \"$(aws sts get-caller-identity --query Account --output text)\" = {account} || {{ echo {other} >&2; exit 2; }}\n  \
         assume_done=${{{ASSUME_DONE}:-}}\n  \
         for section in \"$@\"; do\n    \
         case \",${{assume_done// /}},\" in\n    \
         *,all,* | *\",$section,\"*) {ASSUME_DONE}=all ;;\n    \
         *) {ASSUME_DONE}='' ;;\n    \
         esac\n    \
         \"${{action}}_${{section}}\"\n  \
         done\n  ;;\n\
         *)\n  \
         echo {usage} >&2\n  \
         exit 2\n  ;;\n\
         esac\n"
    )
}
