//! From the text of an expression to its words and signs.

use std::ops::Range;

/// A word or a sign, and the bytes that it is made of.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub kind: TokenKind,
    pub span: Range<usize>,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum TokenKind {
    /// A name or a word such as `true`.
    Word(String),
    /// A whole number without its sign.
    Int(u64),
    /// A number with a fraction.
    Float(f64),
    /// Text, without its quotes.
    Text(String),
    /// An operator, a bracket, a comma or a dot.
    Sign(&'static str),
    /// What no expression has; what to write instead.
    Bad(String),
    /// Behind the last one.
    End,
}

/// The longer first, so that `<=` is not `<` and `=`.
const SIGNS: &[&str] = &[
    "==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "-", "+", "*", "/", "%", "?", ":", "(", ")", "[", "]",
    ",", ".",
];

/// The tokens of `source`, [`TokenKind::End`] last.
pub(super) fn tokens(source: &str) -> Vec<Token> {
    let mut lexer = Lexer { source, at: 0 };
    let mut tokens = Vec::new();
    loop {
        lexer.skip(|c| c.is_ascii_whitespace());
        let start = lexer.at;
        let kind = lexer.kind();
        let is_last = matches!(kind, TokenKind::End | TokenKind::Bad(_));
        tokens.push(Token { kind, span: start..lexer.at });
        if is_last {
            return tokens;
        }
    }
}

struct Lexer<'s> {
    source: &'s str,
    at: usize,
}

impl<'s> Lexer<'s> {
    fn rest(&self) -> &'s str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip(&mut self, belongs: impl Fn(char) -> bool) -> &'s str {
        let rest = self.rest();
        let length = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    fn kind(&mut self) -> TokenKind {
        let rest = self.rest();
        let Some(first) = self.peek() else {
            return TokenKind::End;
        };
        let begins_with_digit = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
        if begins_with_digit(rest) || rest.strip_prefix('.').is_some_and(begins_with_digit) {
            return self.number();
        }
        if first.is_ascii_alphabetic() || first == '_' {
            let word = self.skip(|c| c.is_ascii_alphanumeric() || c == '_');
            return match self.peek() {
                Some('"' | '\'') => TokenKind::Bad(format!("write text as \"text\", without the `{word}`")),
                _ => TokenKind::Word(word.to_owned()),
            };
        }
        if first == '"' || first == '\'' {
            return self.text(first);
        }
        if rest.starts_with("//") {
            return TokenKind::Bad("write comments of YAML, which begin with `#`".to_owned());
        }
        match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            Some(sign) => {
                self.at += sign.len();
                TokenKind::Sign(sign)
            }
            None => TokenKind::Bad(instead_of(rest).to_owned()),
        }
    }

    fn number(&mut self) -> TokenKind {
        if let Some(hexadecimal) = self.rest().strip_prefix("0x") {
            let length = hexadecimal.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(hexadecimal.len());
            let digits = hexadecimal.get(..length).unwrap_or_default();
            self.at += 2 + length;
            return self.whole(u64::from_str_radix(digits, 16).ok());
        }
        let start = self.at;
        self.skip(|c| c.is_ascii_digit());
        let mut is_whole = true;
        // `x[1].name` has no digit behind the dot.
        if self.rest().strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
            self.at += 1;
            self.skip(|c| c.is_ascii_digit());
            is_whole = false;
        }
        if let Some(exponent) = self.rest().strip_prefix(['e', 'E']) {
            let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            if unsigned.starts_with(|c: char| c.is_ascii_digit()) {
                self.at += 1 + exponent.len() - unsigned.len();
                self.skip(|c| c.is_ascii_digit());
                is_whole = false;
            }
        }
        let written = self.source.get(start..self.at).unwrap_or_default();
        if is_whole {
            return self.whole(written.parse().ok());
        }
        match written.parse::<f64>() {
            Ok(number) if number.is_finite() => TokenKind::Float(number),
            _ => TokenKind::Bad("the number is too large".to_owned()),
        }
    }

    fn whole(&mut self, number: Option<u64>) -> TokenKind {
        match (self.peek(), number) {
            (Some('u' | 'U'), _) => TokenKind::Bad("write whole numbers without the `u`".to_owned()),
            (Some(c), _) if c.is_ascii_alphabetic() || c == '_' => {
                TokenKind::Bad("a name begins with a letter, and a number has none".to_owned())
            }
            (_, Some(number)) => TokenKind::Int(number),
            (_, None) => TokenKind::Bad("the number is too large".to_owned()),
        }
    }

    fn text(&mut self, quote: char) -> TokenKind {
        let mut text = String::new();
        let mut characters = self.rest().char_indices().skip(1);
        while let Some((at, character)) = characters.next() {
            match character {
                _ if character == quote => {
                    self.at += at + 1;
                    return TokenKind::Text(text);
                }
                '\\' => {
                    let Some(escaped) = escape(&mut characters) else {
                        let instead = "this escape is not supported; write `\\\\` for a backslash";
                        return TokenKind::Bad(instead.to_owned());
                    };
                    text.push(escaped);
                }
                '\n' => break,
                _ => text.push(character),
            }
        }
        TokenKind::Bad(format!("close the text with `{quote}`"))
    }
}

// What stands behind a backslash.
fn escape(characters: &mut impl Iterator<Item = (usize, char)>) -> Option<char> {
    let (_, sign) = characters.next()?;
    let length = match sign {
        'n' => return Some('\n'),
        'r' => return Some('\r'),
        't' => return Some('\t'),
        '\\' | '"' | '\'' => return Some(sign),
        'u' => 4,
        'U' => 8,
        _ => return None,
    };
    let mut code = 0;
    for _ in 0..length {
        let (_, digit) = characters.next()?;
        code = code * 16 + digit.to_digit(16)?;
    }
    char::from_u32(code)
}

fn instead_of(rest: &str) -> &'static str {
    match rest.chars().next().unwrap_or_default() {
        '=' if rest.starts_with("=>") => "write `>=`",
        '=' if rest.starts_with("=<") => "write `<=`",
        '=' => "compare with `==`",
        '&' => "write `&&`",
        '|' => "write `||`",
        '{' | '}' => "maps and structs cannot be written in a policy",
        '“' | '”' | '„' | '‘' | '’' | '「' | '」' => "write text in straight quotes, \"text\"",
        _ => "write a CEL expression",
    }
}
