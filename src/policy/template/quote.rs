//! Puts values into commands and Terraform blocks so that they stay values: a name or a tag
//! with `$(…)`, a quote or a line break never becomes code.
//!
//! The template's own text is trusted and read along, so that each value is quoted as the
//! place where it stands wants it.

use crate::text::is_obeyed;

/// What a text is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// Commands for a POSIX shell.
    Shell,
    /// A Terraform block.
    Terraform,
}

/// Where the end of the text that was written so far is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Surroundings {
    /// Between words. In a shell, `$(…)` and `(…)` are such a place again.
    Code,
    /// Between double quotes.
    Double,
    /// Between single quotes.
    Single,
    /// Behind `#`.
    Comment,
    /// In a here-document up to a line of this word; whether `$` means something in it.
    Document(String, bool),
}

/// Writes a text and quotes what is put into it.
pub(crate) struct CodeWriter {
    language: Language,
    written: String,
    places: Vec<Surroundings>,
    /// Whether a `"` of JSON in single quotes or a here-document is open.
    is_in_json_text: bool,
    /// Here-documents that begin on the next line.
    documents: Vec<(String, bool)>,
}

impl CodeWriter {
    /// Begins a text.
    pub(crate) fn new(language: Language) -> Self {
        CodeWriter {
            language,
            written: String::new(),
            places: Vec::new(),
            is_in_json_text: false,
            documents: Vec::new(),
        }
    }

    /// The text.
    pub(crate) fn finish(self) -> String {
        self.written
    }

    fn place(&self) -> Surroundings {
        self.places.last().cloned().unwrap_or(Surroundings::Code)
    }

    /// Writes a part of the template.
    pub(crate) fn text(&mut self, text: &str) {
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            let before = self.written.chars().next_back();
            self.written.push(character);
            match self.place() {
                Surroundings::Code => self.code(character, before, &mut characters),
                Surroundings::Double => match (character, characters.peek()) {
                    ('\\', Some(_)) => self.copy(&mut characters),
                    ('"', _) => drop(self.places.pop()),
                    ('$', Some('(')) if self.language == Language::Shell => self.open(&mut characters),
                    ('$' | '%', Some('{')) if self.language == Language::Terraform => {
                        self.open(&mut characters);
                    }
                    _ => {}
                },
                Surroundings::Single => match character {
                    '\'' => drop(self.places.pop()),
                    '"' => self.is_in_json_text = !self.is_in_json_text,
                    '\\' if self.is_in_json_text => self.copy(&mut characters),
                    _ => {}
                },
                Surroundings::Comment if character == '\n' => {
                    self.places.pop();
                    self.begin_document();
                }
                Surroundings::Comment => {}
                Surroundings::Document(word, _) => match character {
                    '"' => self.is_in_json_text = !self.is_in_json_text,
                    '\n' => self.end_document(&word),
                    _ => {}
                },
            }
        }
    }

    fn copy(&mut self, characters: &mut std::iter::Peekable<std::str::Chars<'_>>) {
        self.written.extend(characters.next());
    }

    fn open(&mut self, characters: &mut std::iter::Peekable<std::str::Chars<'_>>) {
        self.copy(characters);
        self.places.push(Surroundings::Code);
    }

    fn code(
        &mut self,
        character: char,
        before: Option<char>,
        characters: &mut std::iter::Peekable<std::str::Chars<'_>>,
    ) {
        let is_shell = self.language == Language::Shell;
        match character {
            '"' => self.places.push(Surroundings::Double),
            '\'' if is_shell => self.places.push(Surroundings::Single),
            '\\' if is_shell => self.copy(characters),
            '(' if is_shell => self.places.push(Surroundings::Code),
            ')' if is_shell => drop(self.places.pop()),
            '{' if !is_shell => self.places.push(Surroundings::Code),
            '}' if !is_shell => drop(self.places.pop()),
            '#' if before.is_none_or(|before| before.is_whitespace() || ";|&(".contains(before)) => {
                self.places.push(Surroundings::Comment);
            }
            '<' if characters.peek() == Some(&'<') => self.document(characters),
            '\n' => {
                self.is_in_json_text = false;
                self.begin_document();
            }
            ' ' => self.is_in_json_text = false,
            _ => {}
        }
    }

    // `<<WORD`, `<<-WORD`, `<<'WORD'`
    fn document(&mut self, characters: &mut std::iter::Peekable<std::str::Chars<'_>>) {
        self.copy(characters);
        let mut word = String::new();
        let mut means_something = true;
        while let Some(next) = characters.peek().copied() {
            match next {
                '-' | '"' | '\'' => means_something &= next == '-',
                next if next.is_ascii_alphanumeric() || next == '_' => word.push(next),
                _ => break,
            }
            self.copy(characters);
        }
        if !word.is_empty() {
            self.documents.push((word, means_something));
        }
    }

    fn begin_document(&mut self) {
        if !self.documents.is_empty() {
            let (word, means_something) = self.documents.remove(0);
            self.is_in_json_text = false;
            self.places.push(Surroundings::Document(word, means_something));
        }
    }

    fn end_document(&mut self, word: &str) {
        let lines = self.written.trim_end_matches('\n');
        if lines.rsplit('\n').next().is_some_and(|line| line.trim() == word) {
            self.places.pop();
            self.begin_document();
        }
    }

    /// Writes a value.
    pub(crate) fn value(&mut self, value: &str) {
        let quoted = match self.language {
            Language::Shell => self.shell(value),
            Language::Terraform => self.terraform(value),
        };
        self.written.push_str(&quoted);
    }

    fn shell(&self, value: &str) -> String {
        let is_json = self.is_in_json_text;
        match self.place() {
            Surroundings::Code => word(value),
            Surroundings::Double => double(value),
            Surroundings::Single if is_json => json(value).replace('\'', r"'\''"),
            Surroundings::Single => {
                pieces(&on_one_line(value), |text| text.replace('\'', r"'\''"), ["'", "'"])
            }
            Surroundings::Comment => one_line(value),
            Surroundings::Document(_, false) if is_json => json(value),
            // Such a document knows no escapes: that something is there can be shown, and no more.
            Surroundings::Document(_, false) => one_line(value),
            Surroundings::Document(_, true) if is_json => escape(&json(value), DOCUMENT),
            Surroundings::Document(_, true) => parts(
                &on_one_line(value),
                |text| escape(text, DOCUMENT),
                |hidden| format!("$(printf '{}')", bytes(hidden, |byte| format!("\\{byte:03o}"))),
            ),
        }
    }

    fn terraform(&self, value: &str) -> String {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
        match self.place() {
            Surroundings::Code if !value.is_empty() && value.chars().all(is_plain) => value.to_owned(),
            Surroundings::Code => format!("\"{}\"", terraform_text(value)),
            Surroundings::Comment => one_line(value),
            Surroundings::Document(..) => parts(
                &on_one_line(value),
                |text| text.replace("${", "$${").replace("%{", "%%{"),
                |hidden| format!("${{\"{}\"}}", terraform_text(hidden)),
            ),
            Surroundings::Double | Surroundings::Single => terraform_text(value),
        }
    }
}

/// What a here-document takes for more than text.
const DOCUMENT: &[char] = &['\\', '$', '`'];

/// A value as one word of a shell.
pub(crate) fn word(value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_./:@%+=,-".contains(c);
    if !value.is_empty() && value.chars().all(is_plain) {
        return value.to_owned();
    }
    if !value.contains(is_hidden) {
        return format!("'{}'", value.replace('\'', r"'\''"));
    }
    let text = escape(value, &['\\', '\'']);
    format!("$'{}'", parts(&text, str::to_owned, hidden_in_shell))
}

/// A value between double quotes of a shell. Between them no backslash keeps an interactive
/// shell from taking `!` for a command of its history.
pub(crate) fn double(value: &str) -> String {
    let plain = |text: &str| escape(text, &['\\', '"', '$', '`']).replace('!', "\"'!'\"");
    pieces(value, plain, ["\"", "\""])
}

/// A value as one line: what a comment can hold. What nobody would see is written out.
pub(crate) fn one_line(value: &str) -> String {
    let escaped = |hidden: &str| hidden.chars().map(|c| c.escape_unicode().to_string()).collect();
    parts(&on_one_line(value), str::to_owned, escaped)
}

// Whether a reviewer sees nothing, or cannot tell it from a space.
fn is_hidden(c: char) -> bool {
    is_obeyed(c) || (c.is_whitespace() && c != ' ')
}

/// A value as text of a Terraform string, without its quotes.
pub(crate) fn terraform_text(value: &str) -> String {
    let text = escape(value, &['\\', '"']).replace("${", "$${").replace("%{", "%%{");
    parts(&text, str::to_owned, |hidden| {
        hidden
            .chars()
            .map(|c| match (c, u32::from(c)) {
                ('\n', _) => "\\n".to_owned(),
                ('\r', _) => "\\r".to_owned(),
                ('\t', _) => "\\t".to_owned(),
                (_, code @ ..=0xffff) => format!("\\u{code:04x}"),
                (_, code) => format!("\\U{code:08x}"),
            })
            .collect()
    })
}

// Text in quotes of a shell, with what nobody would see in quotes of its own: `'a'$'\xe2\x80\xae''b'`.
fn pieces(value: &str, plain: impl Fn(&str) -> String, [close, open]: [&str; 2]) -> String {
    parts(value, plain, |hidden| format!("{close}$'{}'{open}", hidden_in_shell(hidden)))
}

// What nobody would see, between `$'` and `'`. Bytes mean the same in every locale, and to the
// shells that do not know `\u`.
fn hidden_in_shell(hidden: &str) -> String {
    bytes(hidden, |byte| match byte {
        b'\n' => "\\n".to_owned(),
        b'\r' => "\\r".to_owned(),
        b'\t' => "\\t".to_owned(),
        byte => format!("\\x{byte:02x}"),
    })
}

fn bytes(text: &str, one: impl Fn(u8) -> String) -> String {
    text.bytes().map(one).collect()
}

// The text with its runs of characters that nobody would see written in one way and the others in
// another.
fn parts(value: &str, plain: impl Fn(&str) -> String, hidden: impl Fn(&str) -> String) -> String {
    let mut written = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(first) = rest.chars().next() {
        let hides = is_hidden(first);
        let end = rest.find(|c| is_hidden(c) != hides).unwrap_or(rest.len());
        let (part, behind) = rest.split_at(end);
        written.push_str(&if hides { hidden(part) } else { plain(part) });
        rest = behind;
    }
    written
}

// Where the text around it stands on one line, the value does so, too.
fn on_one_line(value: &str) -> String {
    value.replace(['\n', '\r', '\t'], " ")
}

fn escape(value: &str, special: &[char]) -> String {
    let mut escaped = String::with_capacity(value.len());
    for character in value.chars() {
        if special.contains(&character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

// Text of a JSON string.
fn json(value: &str) -> String {
    let quoted = serde_json::Value::from(value).to_string();
    let text = quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or_default();
    parts(text, str::to_owned, |hidden| hidden.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVIL: &str = "a'b\"$(touch x)`id`\\!\n# c";

    fn written(language: Language, before: &str, value: &str, after: &str) -> String {
        let mut writer = CodeWriter::new(language);
        writer.text(before);
        writer.value(value);
        writer.text(after);
        writer.finish()
    }

    /// What a shell makes of the text.
    fn run(script: &str) -> String {
        let output = std::process::Command::new("bash").args(["-c", script]).output().unwrap();
        assert!(output.status.success(), "{script}\n{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    #[test]
    fn plain_values_are_written_as_they_are() {
        for (before, after) in [("aws x --id ", ""), ("aws x --id \"", "\""), ("echo '{\"a\":\"", "\"}'")] {
            assert_eq!(written(Language::Shell, before, "ec-db", after), format!("{before}ec-db{after}"));
        }
        assert_eq!(
            written(Language::Shell, "for x in $(echo \"", "sg-1, sg-2", "\")"),
            "for x in $(echo \"sg-1, sg-2\")"
        );
    }

    #[test]
    fn a_value_never_becomes_code_wherever_it_stands() {
        for (before, after) in [
            ("printf %s ", ""),
            ("printf %s \"", "\""),
            ("printf %s \"$(printf %s ", ")\""),
            ("printf %s \"$(printf %s \"", "\")\""),
            ("( printf %s ", " ) # it's"),
            ("X=", "; printf %s \"$X\""),
            ("X=\"", "\"; printf %s \"$X\""),
        ] {
            assert_eq!(run(&written(Language::Shell, before, EVIL, after)), EVIL, "{before}…{after}");
        }
        let value = EVIL.replace('\n', " ");
        assert_eq!(run(&written(Language::Shell, "printf %s '", EVIL, "'")), value);
        assert_eq!(run(&written(Language::Shell, "cat <<'END'\n", EVIL, "\nEND\n")), format!("{value}\n"));
        assert_eq!(run(&written(Language::Shell, "cat <<END\n", EVIL, "\nEND\n")), format!("{value}\n"));
        assert_eq!(run(&written(Language::Shell, "echo a  # ", EVIL, "\n")), "a\n");
        assert_eq!(
            run(&written(Language::Shell, "cat <<'END'\nx\nEND\nprintf %s ", EVIL, "")),
            format!("x\n{EVIL}")
        );
    }

    const HIDING: &str = "a\u{202e}b\u{1b}c\u{e0041}\u{200d}1'\u{7f}\\d\u{2028}$e\u{a0}f\u{3000}";

    #[test]
    fn what_nobody_would_see_is_written_out_and_stays_the_same() {
        for (before, after) in [
            ("printf %s ", ""),
            ("printf %s \"", "\""),
            ("printf %s '", "'"),
            ("printf %s \"$(printf %s ", ")\""),
            ("X=\"", "\"; printf %s \"$X\""),
            ("printf %s \"$(cat <<END\n", "\nEND\n)\""),
        ] {
            let script = written(Language::Shell, before, HIDING, after);
            assert!(!script.chars().any(|c| c != '\n' && is_hidden(c)), "{}", script.escape_unicode());
            for locale in ["C", "C.UTF-8"] {
                assert_eq!(run(&format!("LC_ALL={locale}\n{script}")), HIDING, "{script}");
            }
        }
        // Nothing but text can stand there.
        for before in ["echo a  # ", "cat <<'END'\n"] {
            let script = written(Language::Shell, before, HIDING, "\nEND\n");
            assert!(script.contains("a\\u{202e}b\\u{1b}c\\u{e0041}\\u{200d}1"), "{script}");
            assert!(script.contains("$e\\u{a0}f\\u{3000}"), "{script}");
        }
        let json = run(&written(Language::Shell, "printf %s '{\"name\":\"", HIDING, "\"}'"));
        assert!(json.contains("\\u202e") && json.contains("\\udb40\\udc41"), "{json}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap()["name"], HIDING);
    }

    #[test]
    fn terraform_has_escapes_of_its_own() {
        let name = "\"a\\u202eb\\u001bc\\U000e0041\\u200d1'\\u007f\\\\d\\u2028$e\\u00a0f\\u3000\"";
        assert_eq!(written(Language::Terraform, "a = ", HIDING, ""), format!("a = {name}"));
        // A heredoc has none, but a template in it has.
        let document = written(Language::Terraform, "a = <<END\n", "a\u{202e}b", "\nEND\n");
        assert_eq!(document, "a = <<END\na${\"\\u202e\"}b\nEND\n");
        let comment = written(Language::Terraform, "# ", "a\u{202e}b\n", "\n");
        assert_eq!(comment, "# a\\u{202e}b \n");
    }

    #[test]
    fn json_in_commands_stays_json() {
        for (before, after) in [
            ("printf %s '{\"name\":\"", "\"}'"),
            ("B=b; printf %s '{\"b\":\"'\"$B\"'\",\"name\":\"", "\"}'"),
            ("cat <<'END'\n{\"name\":\"", "\"}\nEND\n"),
            ("cat <<END\n{\"name\":\"", "\"}\nEND\n"),
        ] {
            let json: serde_json::Value =
                serde_json::from_str(&run(&written(Language::Shell, before, EVIL, after))).unwrap();
            assert_eq!(json["name"], EVIL, "{before}…{after}");
        }
    }

    #[test]
    fn terraform_keeps_values_text() {
        let evil = "a\"${file(\"x\")}%{ if true }\n";
        let block = written(Language::Terraform, "resource \"a\" \"b\" {\n  name = \"", evil, "\"\n}\n");
        assert_eq!(
            block,
            "resource \"a\" \"b\" {\n  name = \"a\\\"$${file(\\\"x\\\")}%%{ if true }\\n\"\n}\n"
        );
        assert_eq!(written(Language::Terraform, "a = ", "7", "\n"), "a = 7\n");
        assert_eq!(written(Language::Terraform, "a = ", "x y", "\n"), "a = \"x y\"\n");
        assert_eq!(written(Language::Terraform, "# in \"", "x\ny = 1", "\"\n"), "# in \"x y = 1\"\n");
        assert_eq!(
            written(Language::Terraform, "a = \"${b.c[\"", "x\"", "\"]}\"\n"),
            "a = \"${b.c[\"x\\\"\"]}\"\n"
        );
    }

    #[test]
    fn values_are_quoted_for_the_place_where_they_stand() {
        use Language::{Shell, Terraform};
        for (language, before, value, written_as) in [
            // Between words.
            (Shell, "x ", "", "''"),
            (Shell, "x ", "a_b./:@%+=,-9", "a_b./:@%+=,-9"),
            (Shell, "x ", "a b", "'a b'"),
            (Shell, "x ", "a\nb", "$'a\\nb'"),
            (Shell, "x ", "a\t\r'\\", "$'a\\t\\r\\'\\\\'"),
            (Shell, "x \\\" ", "a b", "'a b'"),
            (Shell, "x \\' ", "a b", "'a b'"),
            // Between double quotes, and behind what stands between them.
            (Shell, "x \"", "a\"b", "a\\\"b"),
            (Shell, "x \"\\\" ", "a\"b", "a\\\"b"),
            (Shell, "x \"${X} ", "a\"b", "a\\\"b"),
            (Shell, "x \"$(date) ", "a\"b", "a\\\"b"),
            (Shell, "x \"$( { date; } ) ", "a\"b", "a\\\"b"),
            (Shell, "x \"$( { date; } ", "a b", "'a b'"),
            (Shell, "x \"$( (date) ", "a b", "'a b'"),
            (Shell, "x \"a\" ", "a b", "'a b'"),
            // Between single quotes.
            (Shell, "x '", "a'b", "a'\\''b"),
            (Shell, "x '\\' ", "a b", "'a b'"),
            (Shell, "x '{\"a\":\"", "a\"b", "a\\\"b"),
            (Shell, "x '{\"a\\\"b\":\"", "a\"b", "a\\\"b"),
            (Shell, "x '{\"a\":", "a\"b", "a\"b"),
            (Shell, "x '\"' '", "a\\b", "a\\b"),
            (Shell, "x '\"'\ny '", "a\\b", "a\\b"),
            // In comments, which begin with a word.
            (Shell, "# ", "a'b", "a'b"),
            (Shell, "x;# ", "a'b", "a'b"),
            (Shell, "x &# ", "a'b", "a'b"),
            (Shell, "(# ", "a'b", "a'b"),
            (Shell, "x #", "a'b", "a'b"),
            (Shell, "x#", "a b", "'a b'"),
            (Shell, "x a#'", "a'b", "a'\\''b"),
            (Shell, "# it's\nx ", "a b", "'a b'"),
            (Shell, "# it's\nx \"", "a\"b", "a\\\"b"),
            // In here-documents, which begin on the next line and end with their word alone.
            (Shell, "x <<END\n", "$a'b", "\\$a'b"),
            (Shell, "x <<END_2\nEND\n", "$a'b", "\\$a'b"),
            (Shell, "x <<-END\n", "$a'b", "\\$a'b"),
            (Shell, "x <<'END'\n", "$a'b", "$a'b"),
            (Shell, "x <<\"END\"\n", "$a'b", "$a'b"),
            (Shell, "x <<-'END'\n", "$a'b", "$a'b"),
            (Shell, "x <<'END' ", "$a", "'$a'"),
            (Shell, "x <<END # it's\n", "$a'b", "\\$a'b"),
            (Shell, "x <<'END'\nfirst\n", "$a'b", "$a'b"),
            (Shell, "x <<END\nfirst\nEND\ny ", "$a", "'$a'"),
            (Shell, "x <<ONE <<'TWO'\n", "$a", "\\$a"),
            (Shell, "x <<ONE <<'TWO'\nfirst\nONE\n", "$a'b", "$a'b"),
            (Shell, "x <<ONE <<'TWO'\nfirst\nONE\nsecond\nTWO\n", "$a'b", "'$a'\\''b'"),
            (Shell, "x <<END\n{\"a\":\"", "a\"$b", "a\\\\\"\\$b"),
            (Shell, "x <<'END'\n{\"a\":\"", "a\"$b", "a\\\"$b"),
            (Shell, "x <<'END'\n{\"a\":\"b\",", "a\"$b", "a\"$b"),
            (Shell, "x <", "a b", "'a b'"),
            (Shell, "x <\"", "a b", "a b"),
            (Shell, "x << ", "a b", "'a b'"),
            (Shell, "x <<\ny ", "a b", "'a b'"),
            // Terraform has no other quotes than double ones, and its templates are code.
            (Terraform, "a = ", "", "\"\""),
            (Terraform, "a = ", "a_b.c-9", "a_b.c-9"),
            (Terraform, "a = ", "a/b", "\"a/b\""),
            (Terraform, "a = it's ", "a b", "\"a b\""),
            (Terraform, "a = \"", "a b\"", "a b\\\""),
            (Terraform, "a = \"\\\" ", "a b", "a b"),
            (Terraform, "a = \"$(", "a b", "a b"),
            (Terraform, "a = \"${", "a b", "\"a b\""),
            (Terraform, "a = \"%{ if ", "a b", "\"a b\""),
            (Terraform, "a = \"${f(a)} ", "a b", "a b"),
            (Terraform, "a = \"${f(a) ", "a b", "\"a b\""),
            (Terraform, "a {\n  b = \"${{c = d}} ", "a b", "a b"),
            (Terraform, "# it's ", "a\nb", "a b"),
            (Terraform, "# it's\na = ", "a b", "\"a b\""),
            (Terraform, "a = <<END\n", "a\n${b}%{c}", "a $${b}%%{c}"),
            (Terraform, "a = <<END\nfirst\nEND\nb = ", "a b", "\"a b\""),
            (Terraform, "a = ", "a\r\t\u{1}", "\"a\\r\\t\\u0001\""),
        ] {
            assert_eq!(written(language, before, value, ""), format!("{before}{written_as}"), "{before}");
        }
    }
}
