//! Commands and fragments of Terraform: the same in every language, but for the comments and for what `echo` says.

use super::{Names, Parts};
use crate::policy::template::Template;
use crate::policy::template::quote::Language;
use crate::terraform::fragment;
use crate::text::Bilingual;
use crate::written::Line;
use crate::written::yaml::line_of;
use saphyr::MarkedYaml;

/// Between the English and the Japanese of a comment, or of what `echo` says.
const BETWEEN: &str = " ## ";

impl Parts<'_, '_, '_> {
    /// A script: one for both languages, whose comments may say `# English ## 日本語` and whose commands
    /// `echo "English ## 日本語"`, or a whole one for each.
    pub(super) fn script(&mut self, node: &MarkedYaml<'_>, what: &str, names: &Names) -> Bilingual<Template> {
        self.script_as_written(node, what, names).map(|script| script.clone().without_examples())
    }

    fn script_as_written(&mut self, node: &MarkedYaml<'_>, what: &str, names: &Names) -> Bilingual<Template> {
        if node.data.is_mapping() {
            return self.bilingual(node, what, names);
        }
        let line = self.reader.text(node, what);
        let Some((english, japanese)) = in_both(&line.value) else {
            let template = self.template(what, &line, names);
            return Bilingual { en: template.clone(), ja: template };
        };
        let before = self.reader.problems.len();
        let en = self.template(what, &Line { line: line.line, value: english }, names);
        // A slip in a command is in both.
        let is_sound = self.reader.problems.len() == before;
        let japanese = Line { line: line.line, value: japanese };
        let ja = if is_sound { self.template(what, &japanese, names) } else { en.clone() };
        Bilingual { en, ja }
    }

    /// A fragment of Terraform parses, whatever is filled in, and declares what it refers to.
    pub(super) fn check_terraform(&mut self, node: &MarkedYaml<'_>, script: &Bilingual<Template>) {
        let first = line_of(node);
        for template in [&script.en, &script.ja] {
            let found = fragment::problems(&template.sample_code(Language::Terraform));
            for (line, problem) in &found {
                self.reader.problem(first + line - 1, format!("terraform: {problem}"));
            }
            // A slip is in both.
            if !found.is_empty() {
                return;
            }
        }
    }
}

/// The script in English and in Japanese; `None` where nothing in it says both.
fn in_both(script: &str) -> Option<(String, String)> {
    if !script.contains(BETWEEN) {
        return None;
    }
    let pairs = script.lines().map(|line| match halves(line) {
        Some((before, english, japanese)) => {
            let (in_english, in_japanese) = said(before);
            (format!("{in_english}{english}"), format!("{in_japanese}{japanese}"))
        }
        None => said(line),
    });
    let (english, japanese): (Vec<String>, Vec<String>) = pairs.unzip();
    let (english, japanese) = (english.join("\n"), japanese.join("\n"));
    (english != japanese).then_some((english, japanese))
}

/// What precedes a text that somebody reads while the commands run.
const SAID: &str = "echo \"";

// A line whose commands say something in both languages.
fn said(line: &str) -> (String, String) {
    let (mut english, mut japanese) = (String::new(), String::new());
    let mut rest = line;
    while let Some((before, behind)) = rest.split_once(SAID) {
        let (text, after) = behind.split_once('"').unwrap_or((behind, ""));
        let (in_english, in_japanese) = text.split_once(BETWEEN).unwrap_or((text, text));
        let end = if behind.len() > text.len() { "\"" } else { "" };
        english.push_str(&format!("{before}{SAID}{in_english}{end}"));
        japanese.push_str(&format!("{before}{SAID}{in_japanese}{end}"));
        rest = after;
    }
    english.push_str(rest);
    japanese.push_str(rest);
    (english, japanese)
}

// What stands before the words of a comment, and the words in both languages.
fn halves(line: &str) -> Option<(&str, &str, &str)> {
    let starts = line.match_indices("# ").map(|(at, _)| at);
    let start = starts.into_iter().find(|at| {
        let before = line.get(..*at).unwrap_or_default();
        before.is_empty() || before.ends_with(char::is_whitespace)
    })?;
    let (before, comment) = line.split_at_checked(start + 2)?;
    let (english, japanese) = comment.split_once(BETWEEN)?;
    Some((before, english, japanese))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_divided_and_commands_are_not() {
        let script = "NAME=shop  # your name ## 名前\naws x --query 'a ## b'\n  # after that: ## その後:\naws y  # => true";
        let (english, japanese) = in_both(script).unwrap();
        assert_eq!(
            english,
            "NAME=shop  # your name\naws x --query 'a ## b'\n  # after that:\naws y  # => true"
        );
        assert_eq!(japanese, "NAME=shop  # 名前\naws x --query 'a ## b'\n  # その後:\naws y  # => true");
        assert_eq!(in_both("aws x  # => true"), None);
        assert_eq!(in_both("aws x --query 'a ## b'"), None);
    }

    #[test]
    fn what_is_said_while_commands_run_is_divided_as_well() {
        let script = "aws x || { echo \"$N is gone ## $N はない\"; false; }  # or not ## または\necho \"$N\"";
        let (english, japanese) = in_both(script).unwrap();
        assert_eq!(english, "aws x || { echo \"$N is gone\"; false; }  # or not\necho \"$N\"");
        assert_eq!(japanese, "aws x || { echo \"$N はない\"; false; }  # または\necho \"$N\"");
    }
}
