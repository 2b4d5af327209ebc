//! Makes a script safe to paste: what only its reader knows is asked for and never an example, and
//! what is done by hand is waited for.
//!
//! Every script passes through here where it is rendered, so that no output has another one.

use super::quote::{one_line, word};
use crate::text::in_subshell;

/// What stands for a value that no policy knows.
const UNKNOWN_VALUE: char = '…';

/// How a comment begins in front of which something is to be done by hand.
const STOPS: [&str; 2] = ["stop here", "ここで止め"];

/// Begins a line of a pause. `TENKEN_ASSUME_DONE=all` goes on without asking.
const PAUSE: &str = "[ \"${TENKEN_ASSUME_DONE:-}\" = all ] || read -rp ";

/// The script with its unknown values guarded and its pauses written as commands. It is the same
/// where it has neither.
pub(crate) fn guarded(script: &str) -> String {
    let mut body = String::new();
    let mut is_guarded = false;
    for line in script.lines() {
        match guarded_line(line) {
            Some(lines) => {
                is_guarded = true;
                body.push_str(&lines);
            }
            None => body.push_str(&format!("{line}\n")),
        }
    }
    if is_guarded { in_subshell(&body) } else { script.to_owned() }
}

fn guarded_line(line: &str) -> Option<String> {
    let code = line.trim_start_matches(' ');
    let indent = line.get(..line.len() - code.len()).unwrap_or_default();
    if let Some(words) = code.strip_prefix("# ") {
        let is_stop = STOPS.iter().any(|stop| words.starts_with(stop));
        return is_stop
            .then(|| format!("{indent}{PAUSE}{} < /dev/tty\n", word(&format!("{words} [Enter] "))));
    }
    let (variable, candidates) = chosen(code).or_else(|| {
        let variable = AskedValue::of(code).filter(|variable| variable.value.contains(UNKNOWN_VALUE))?;
        Some((variable, Vec::new()))
    })?;
    Some(asked_for(indent, &variable, &candidates))
}

// What of the account it may be: the only one is taken, of several one has to be named.
fn asked_for(indent: &str, variable: &AskedValue<'_>, candidates: &[OfferedValue<'_>]) -> String {
    let name = variable.name;
    let hint = if variable.hint.is_empty() { name } else { variable.hint };
    if let [only] = candidates {
        let whose = if only.name.is_empty() { String::new() } else { format!(": {}", only.name) };
        return format!("{indent}{name}=\"${{{name}:-{}}}\"  # {hint}{whose}\n", only.value);
    }
    let list: String = candidates.iter().map(|one| format!("{indent}#   {}\n", one.shown("  "))).collect();
    let choice: Vec<String> = candidates.iter().map(|one| one.shown(" = ")).collect();
    let choice = if choice.is_empty() { String::new() } else { format!(": {}", choice.join(" / ")) };
    let comment = if variable.hint.is_empty() { String::new() } else { format!("  # {hint}") };
    format!(
        "{indent}{name}=\"${{{name}:-}}\"{comment}\n{list}{indent}: \"${{{name}:?{}}}\"\n",
        in_guard(&format!("{hint}{choice}"))
    )
}

/// What a variable may stand for.
struct OfferedValue<'a> {
    value: &'a str,
    name: &'a str,
}

impl OfferedValue<'_> {
    fn shown(&self, between: &str) -> String {
        if self.name.is_empty() {
            self.value.to_owned()
        } else {
            format!("{}{between}{}", self.value, self.name)
        }
    }
}

/// `NAME=…'value name, value name'  # hint`: what a template writes `NAME=…{list}`.
fn chosen(code: &str) -> Option<(AskedValue<'_>, Vec<OfferedValue<'_>>)> {
    let (name, behind) = code.split_once('=').filter(|(name, _)| is_name(name))?;
    let behind = behind.strip_prefix(UNKNOWN_VALUE)?;
    let (list, rest) = match behind.strip_prefix('\'') {
        Some(quoted) => quoted.split_once('\'')?,
        None => behind.split_once(' ').unwrap_or((behind, "")),
    };
    let hint = rest.trim_start().strip_prefix('#').unwrap_or_default().trim();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_:/.,".contains(c);
    let candidates = list.split(", ").filter_map(|one| {
        let (value, name) = one.split_once(' ').unwrap_or((one, ""));
        (!value.is_empty() && value.chars().all(is_plain)).then_some(OfferedValue { value, name })
    });
    Some((AskedValue { name, value: behind, hint }, candidates.collect()))
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

/// A part of a template, with [`UNKNOWN_VALUE`] wherever a variable has an example. What an account
/// calls its own looks the same and is not: it is not in the template.
pub(super) fn without_examples(text: &str) -> String {
    let lines = text.split_inclusive('\n').map(|line| {
        let variable = AskedValue::of(line.trim());
        match variable.filter(|variable| is_example(variable.value)) {
            Some(variable) => line.replacen(
                &format!("{}={}", variable.name, variable.value),
                &format!("{}={UNKNOWN_VALUE}", variable.name),
                1,
            ),
            None => line.to_owned(),
        }
    });
    lines.collect()
}

/// Networks and names that are nobody's: RFC 5737, RFC 3849 and RFC 2606.
const NOBODYS: [&str; 7] =
    ["192.0.2.", "198.51.100.", "203.0.113.", "2001:db8", "example.com", "example.net", "example.org"];

/// Whether a value is one that no account has.
fn is_example(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let is_in_brackets =
        || lower.split_once('<').is_some_and(|(_, inside)| !inside.starts_with('<') && inside.contains('>'));
    value.contains(UNKNOWN_VALUE)
        || NOBODYS.iter().any(|example| lower.contains(example))
        || lower.trim_start_matches(['\'', '"']).starts_with("my-")
        || value.contains("XXXX")
        || is_in_brackets()
}

/// `NAME=value  # hint`
struct AskedValue<'a> {
    name: &'a str,
    value: &'a str,
    hint: &'a str,
}

impl AskedValue<'_> {
    /// Only where the value is one word without anything that a shell or a template puts in.
    fn of(line: &str) -> Option<AskedValue<'_>> {
        let (assignment, hint) = line.split_once('#').unwrap_or((line, ""));
        let (name, value) = assignment.trim_end().split_once('=')?;
        let is_literal = !value.contains(['$', '`', '(', ' ', '\'', '"', '{']);
        (is_name(name) && is_literal).then(|| AskedValue { name, value, hint: hint.trim() })
    }
}

// A message inside `${NAME:?…}` between double quotes.
fn in_guard(hint: &str) -> String {
    one_line(hint).chars().filter(|c| !"\"'`$\\{}!".contains(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::out_of_subshell;

    #[test]
    fn what_only_the_reader_knows_is_asked_for_wherever_it_stands() {
        let script =
            "aws a\nGROUP_ID=sg-…  # who calls \"it\"\nif true; then\n  PORT=…\nfi\naws b \"$GROUP_ID\"\n";
        let expected = "(\nset -euo pipefail\naws a\nGROUP_ID=\"${GROUP_ID:-}\"  # who calls \"it\"\n\
                        : \"${GROUP_ID:?who calls it}\"\nif true; then\n  PORT=\"${PORT:-}\"\n  \
                        : \"${PORT:?PORT}\"\nfi\naws b \"$GROUP_ID\"\n)\n";
        assert_eq!(guarded(script), expected);
        assert_eq!(in_subshell(out_of_subshell(expected)), expected);
    }

    #[test]
    fn what_is_known_stays_as_it_is() {
        // A value of the account is quoted where it has anything but plain characters.
        for script in
            ["", "aws a\n", "aws a", "NAME='…'  # a name\n", "ID=sg-1  # … and so on\n", "# NAME=…\n"]
        {
            assert_eq!(guarded(script), script);
            assert_eq!(out_of_subshell(script), script);
        }
    }

    #[test]
    fn what_the_account_has_is_filled_in_or_offered() {
        for (list, expected) in [
            ("sg-1", "G=\"${G:-sg-1}\"  # whose\n"),
            ("'sg-1 shop/api'", "G=\"${G:-sg-1}\"  # whose: shop/api\n"),
            (
                "'sg-1 shop/api, sg-2 shop/$(job)'",
                "G=\"${G:-}\"  # whose\n#   sg-1  shop/api\n#   sg-2  shop/$(job)\n\
                 : \"${G:?whose: sg-1 = shop/api / sg-2 = shop/(job)}\"\n",
            ),
            ("''", "G=\"${G:-}\"  # whose\n: \"${G:?whose}\"\n"),
            ("'?'", "G=\"${G:-}\"  # whose\n: \"${G:?whose}\"\n"),
            ("'–'", "G=\"${G:-}\"  # whose\n: \"${G:?whose}\"\n"),
            ("$'sg-1\\n'", "G=\"${G:-}\"  # whose\n: \"${G:?whose}\"\n"),
        ] {
            let script = guarded(&format!("G=…{list}  # whose\naws a\n"));
            assert_eq!(script, in_subshell(&format!("{expected}aws a\n")), "{list}");
        }
    }

    #[test]
    fn pauses_are_commands() {
        for words in ["stop here and look at it's table", "ここで止め、表を確認する"] {
            let quoted = word(&format!("{words} [Enter] "));
            assert_eq!(
                guarded(&format!("aws a\n# {words}\naws b\n")),
                in_subshell(&format!("aws a\n{PAUSE}{quoted} < /dev/tty\naws b\n"))
            );
        }
    }

    #[test]
    fn examples_of_templates_are_no_values() {
        for (text, expected) in [
            ("DOMAIN=shop.example.com  # a name {lb.dns_name}\n", "DOMAIN=…  # a name {lb.dns_name}\n"),
            ("BUCKET=my-logs\nDAYS=90  # days\n", "BUCKET=…\nDAYS=90  # days\n"),
            ("  CIDR=203.0.113.0/24  # who\n", "  CIDR=…  # who\n"),
            ("ACCOUNT=XXXXXXXXXXXX\nUSER=<user>\n", "ACCOUNT=…\nUSER=…\n"),
            ("DOMAIN={domain}.example.com", "DOMAIN={domain}.example.com"),
            ("aws a --name my-logs\n", "aws a --name my-logs\n"),
        ] {
            assert_eq!(without_examples(text), expected);
        }
    }
}
