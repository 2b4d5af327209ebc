//! Writes blocks as `terraform fmt` lays them out: two spaces for each level, `=` of neighbouring arguments in one column.

use super::fragment::comment_above;
use crate::text::{is_obeyed, width};
use hcl_edit::Decorate;
use hcl_edit::expr::{Array, Expression, Object, ObjectKey};
use hcl_edit::structure::{Attribute, Block, Body, Structure};

/// A block, with the comment above it.
pub(crate) fn block(block: &Block) -> String {
    let mut text = String::new();
    write_block(&mut text, block, 0);
    text
}

fn indent(text: &mut String, depth: usize) {
    text.push_str(&"  ".repeat(depth));
}

fn comments(text: &mut String, lines: &[String], depth: usize) {
    for line in lines {
        indent(text, depth);
        text.push_str(format!("# {line}").trim_end());
        text.push('\n');
    }
}

fn write_block(text: &mut String, block: &Block, depth: usize) {
    comments(text, &comment_above(block), depth);
    indent(text, depth);
    text.push_str(block.ident.as_str());
    for label in &block.labels {
        text.push_str(&format!(" {}", quoted(label.as_str())));
    }
    if block.body.is_empty() {
        text.push_str(" {}\n");
        return;
    }
    text.push_str(" {\n");
    write_body(text, &block.body, depth + 1);
    indent(text, depth);
    text.push_str("}\n");
}

fn write_body(text: &mut String, body: &Body, depth: usize) {
    let mut line: Vec<(String, String)> = Vec::new();
    let mut is_first = true;
    for structure in body {
        match structure {
            Structure::Attribute(attribute) => {
                let written = value(&attribute.value, depth);
                let above = comments_of(attribute);
                let is_apart = written.contains('\n') || !above.is_empty();
                let begins_group = attribute.decor().prefix().is_some_and(|above| begins_group(above));
                if is_apart || begins_group {
                    flush(text, &mut line, depth);
                }
                if begins_group && !is_first && !text.ends_with("\n\n") {
                    text.push('\n');
                }
                comments(text, &above, depth);
                line.push((attribute.key.to_string().trim().to_owned(), written));
                if line.last().is_some_and(|(_, written)| written.contains('\n')) {
                    flush(text, &mut line, depth);
                }
            }
            Structure::Block(block) => {
                flush(text, &mut line, depth);
                if !is_first && !text.ends_with("\n\n") {
                    text.push('\n');
                }
                write_block(text, block, depth);
                // What follows a block stands apart from it.
                text.push('\n');
            }
        }
        is_first = false;
    }
    flush(text, &mut line, depth);
    while text.ends_with("\n\n") {
        text.pop();
    }
}

// Whether an empty line stood above.
fn begins_group(above: &str) -> bool {
    above.starts_with('\n') || above.contains("\n\n")
}

fn comments_of(attribute: &Attribute) -> Vec<String> {
    let behind = |decor: &hcl_edit::Decor| -> Vec<String> {
        let text = decor.suffix().map(|text| text.to_string()).unwrap_or_default();
        text.split('#').skip(1).map(|line| line.trim().to_owned()).collect()
    };
    let mut lines = comment_above(attribute);
    lines.extend(behind(attribute.decor()));
    lines.extend(behind(attribute.value.decor()));
    lines
}

// Arguments that stand together.
fn flush(text: &mut String, lines: &mut Vec<(String, String)>, depth: usize) {
    let widest = lines.iter().map(|(key, _)| width(key)).max().unwrap_or_default();
    for (key, value) in lines.drain(..) {
        indent(text, depth);
        text.push_str(&format!("{key:widest$} = {value}\n"));
    }
}

/// An expression on a line of its own.
pub(crate) fn expression(expression: &Expression) -> String {
    value(expression, 0)
}

/// An expression on a line that is so deep.
fn value(expression: &Expression, depth: usize) -> String {
    match expression {
        Expression::Object(object) => of_object(object, depth),
        Expression::Array(array) => of_array(array, depth),
        Expression::String(text) => quoted(text.as_str()),
        other => {
            let mut other = other.clone();
            other.decor_mut().clear();
            visible(&other.to_string())
        }
    }
}

fn of_object(object: &Object, depth: usize) -> String {
    let items: Vec<(String, String)> = object
        .iter()
        .map(|(key, item)| {
            let key = match key {
                ObjectKey::Ident(name) => name.as_str().to_owned(),
                ObjectKey::Expression(expression) => value(expression, depth + 1),
            };
            (key, value(item.expr(), depth + 1))
        })
        .collect();
    let is_short = items.len() <= 2 && items.iter().all(|(_, value)| !value.contains(['\n', '{', '[']));
    if is_short {
        let items: Vec<String> = items.iter().map(|(key, value)| format!("{key} = {value}")).collect();
        return if items.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", items.join(", ")) };
    }
    let mut text = "{\n".to_owned();
    let mut together = Vec::new();
    for (key, value) in items {
        let is_long = value.contains('\n');
        if is_long {
            flush(&mut text, &mut together, depth + 1);
        }
        together.push((key, value));
        if is_long {
            flush(&mut text, &mut together, depth + 1);
        }
    }
    flush(&mut text, &mut together, depth + 1);
    indent(&mut text, depth);
    text.push('}');
    text
}

fn of_array(array: &Array, depth: usize) -> String {
    let items: Vec<String> = array.iter().map(|item| value(item, depth + 1)).collect();
    let one_line = format!("[{}]", items.join(", "));
    let is_short = array.len() < 2 || one_line.len() < 80;
    if is_short && !one_line.contains('\n') {
        return one_line;
    }
    let mut text = "[\n".to_owned();
    if array.iter().all(|item| item.as_variable().is_some()) {
        // Long lists of names are not read line by line.
        for line in packed(&items, 110_usize.saturating_sub(depth * 2)) {
            indent(&mut text, depth + 1);
            text.push_str(&format!("{line}\n"));
        }
        indent(&mut text, depth);
        text.push(']');
        return text;
    }
    for item in items {
        indent(&mut text, depth + 1);
        text.push_str(&item);
        text.push_str(",\n");
    }
    indent(&mut text, depth);
    text.push(']');
    text
}

fn packed(items: &[String], columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for item in items {
        match lines.last_mut().filter(|line| line.len() + item.len() + 2 <= columns) {
            Some(line) => line.push_str(&format!(" {item},")),
            None => lines.push(format!("{item},")),
        }
    }
    lines
}

/// A text in quotes, in which nothing is evaluated and nothing hides.
pub(crate) fn quoted(text: &str) -> String {
    visible(&Expression::from(text).to_string())
}

// What a terminal or an editor would obey instead of showing stands in quotes alone, where it can be written as a code.
fn visible(text: &str) -> String {
    let mut seen = String::with_capacity(text.len());
    for character in text.chars() {
        let is_hidden = is_obeyed(character) || (character.is_whitespace() && character != ' ');
        if character == '\n' || !is_hidden {
            seen.push(character);
        } else if u32::from(character) > 0xffff {
            seen.push_str(&format!("\\U{:08x}", u32::from(character)));
        } else {
            seen.push_str(&format!("\\u{:04x}", u32::from(character)));
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terraform::fragment::read;

    #[test]
    fn blocks_are_laid_out_as_terraform_does() {
        let source = "# of a\nresource \"aws_a\" \"b\" {\n a = 1 # one\n longer=[ \"x\",2 ]\n\n group = true\n c {\n  d = {e = 1}\n }\n f = {\n g = [{h = 1, i = 2}], \"j k\" = \"${l.m}\", n = {o = {p = 1}} }\n}\n";
        let body = read(source).unwrap();
        let text = block(body.blocks().next().unwrap());
        let expected = r#"# of a
resource "aws_a" "b" {
  # one
  a      = 1
  longer = ["x", 2]

  group = true

  c {
    d = { e = 1 }
  }

  f = {
    g     = [{ h = 1, i = 2 }]
    "j k" = "${l.m}"
    n = {
      o = { p = 1 }
    }
  }
}
"#;
        assert_eq!(text, expected);
        let again = read(&text).unwrap();
        assert_eq!(block(again.blocks().next().unwrap()), expected, "it means the same");
    }

    #[test]
    fn nothing_is_evaluated_and_nothing_hides() {
        assert_eq!(quoted("a\"${b}%{c}\n\u{202e}\\"), r#""a\"$${b}%%{c}\n\u202e\\""#);
        assert_eq!(quoted("\u{e0001}"), r#""\U000e0001""#);
    }
}
