//! Words and variables as a shell would read them.

/// The words of a line: quotes and backslashes join what they enclose. `None` where a quote is not closed.
pub(super) fn split(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' | '"' => {
                let quoted = word.get_or_insert_default();
                loop {
                    match letters.next()? {
                        end if end == letter => break,
                        '\\' if letter == '"' => match letters.next()? {
                            escaped @ ('"' | '\\') => quoted.push(escaped),
                            other => quoted.extend(['\\', other]),
                        },
                        other => quoted.push(other),
                    }
                }
            }
            '\\' => word.get_or_insert_default().push(letters.next()?),
            _ if letter.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    Some(words)
}

/// A command that `sh` runs as these words, whatever they contain.
pub(super) fn join(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("'{}'", word.replace('\'', "'\\''"))).collect();
    quoted.join(" ")
}

/// `$NAME` and `${NAME}` replaced by the variables that are set; others stay.
pub(super) fn expand_variables(text: &str, variable: &dyn Fn(&str) -> Option<String>) -> String {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        expanded.push_str(before);
        let (name, end) = match after.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
            Some((name, end)) => (name, end),
            None => {
                let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
                after.split_at(after.find(|c| !is_name(c)).unwrap_or(after.len()))
            }
        };
        match variable(name).filter(|_| !name.is_empty()) {
            Some(value) => {
                expanded.push_str(&value);
                rest = end;
            }
            None => {
                expanded.push('$');
                rest = after;
            }
        }
    }
    expanded.push_str(rest);
    expanded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_a_shell() {
        for (line, expected) in [
            ("profile dev", Some(vec!["profile", "dev"])),
            ("profile \"my team\"", Some(vec!["profile", "my team"])),
            ("/bin/get 'a b'c \"d\\\"e\" f\\ g ''", Some(vec!["/bin/get", "a bc", "d\"e", "f g", ""])),
            ("profile \"open", None),
        ] {
            let words = split(line);
            assert_eq!(words, expected.map(|words| words.into_iter().map(str::to_owned).collect()), "{line}");
            if let Some(words) = words {
                assert_eq!(split(&join(&words)), Some(words), "{line}");
            }
        }
    }

    #[test]
    fn variables_in_paths_are_replaced() {
        let variable = |name: &str| (name == "TEAM").then(|| "audit".to_owned());
        for (text, expected) in [
            ("/home/$TEAM/config", "/home/audit/config"),
            ("${TEAM}s/$OTHER/$", "audits/$OTHER/$"),
            ("plain", "plain"),
        ] {
            assert_eq!(expand_variables(text, &variable), expected, "{text}");
        }
    }
}
