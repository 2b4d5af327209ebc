//! Texts with expressions in braces: `{db.id} runs in {db.availability_zone} alone`.

pub(crate) mod quote;

use super::evaluate::{EvaluationScope, Value};
use super::expression::{self, CheckedNode, CheckedType, ExpressionProblem, Names};
use crate::snapshot::shape::Type;

/// A checked template.
#[derive(Debug, Clone, Default)]
pub struct Template {
    segments: Vec<Segment>,
}

#[derive(Debug, Clone)]
enum Segment {
    Text(String),
    Expression(CheckedNode),
}

impl Template {
    /// Compiles a template. `{{` and `}}` stand for braces.
    ///
    /// # Errors
    /// Every problem found.
    pub fn compile(source: &str, names: &Names) -> Result<Template, Vec<ExpressionProblem>> {
        let mut template = Template::default();
        let mut problems = Vec::new();
        let mut text = String::new();
        let problem = |at: usize, message: &str| ExpressionProblem { at, message: message.to_owned() };
        let mut characters = source.char_indices().peekable();
        while let Some((at, character)) = characters.next() {
            match character {
                '{' | '}' if characters.peek().is_some_and(|(_, next)| *next == character) => {
                    characters.next();
                    text.push(character);
                }
                '}' => problems.push(problem(at, "unmatched `}`; write `}}` for a brace")),
                '{' => {
                    let Some(inside) = inside_braces(&mut characters) else {
                        problems.push(problem(at, "a `{` is never closed; write `{{` for a brace"));
                        break;
                    };
                    match compile_segment(&inside, names) {
                        Ok(node) => {
                            if !text.is_empty() {
                                template.segments.push(Segment::Text(std::mem::take(&mut text)));
                            }
                            template.segments.push(Segment::Expression(node));
                        }
                        Err(more) => problems.extend(
                            more.into_iter()
                                .map(|problem| ExpressionProblem { at: at + 1 + problem.at, ..problem }),
                        ),
                    }
                }
                _ => text.push(character),
            }
        }
        if !text.is_empty() {
            template.segments.push(Segment::Text(text));
        }
        if problems.is_empty() { Ok(template) } else { Err(problems) }
    }

    /// The expressions in it.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = &CheckedNode> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Expression(node) => Some(node),
            Segment::Text(_) => None,
        })
    }

    /// The text with the values of `scope` in it, or null where it is nothing but an expression
    /// that is; unknown where part of it is.
    pub fn value<'a>(&self, scope: &mut EvaluationScope<'a, '_>) -> Value<'a> {
        if let [Segment::Expression(node)] = self.segments.as_slice() {
            return match scope.evaluate(node) {
                unsure @ (Value::Null | Value::Unknown(_)) => unsure,
                value => Value::Text(display(&value).into()),
            };
        }
        let mut text = String::new();
        for segment in &self.segments {
            match segment {
                Segment::Text(part) => text.push_str(part),
                Segment::Expression(node) => match scope.evaluate(node) {
                    unsure @ (Value::Null | Value::Unknown(_)) => return unsure,
                    value => text.push_str(&display(&value)),
                },
            }
        }
        Value::Text(text.into())
    }

    /// The text as code of `language`, with the values of `scope` quoted where they stand.
    pub(crate) fn render_code(
        &self,
        language: quote::Language,
        scope: &mut EvaluationScope<'_, '_>,
    ) -> String {
        let mut writer = quote::CodeWriter::new(language);
        for segment in &self.segments {
            match segment {
                Segment::Text(part) => writer.text(part),
                Segment::Expression(node) => writer.value(&display(&scope.evaluate(node))),
            }
        }
        writer.finish()
    }

    /// The text with the values of `scope` in it.
    pub fn render(&self, scope: &mut EvaluationScope<'_, '_>) -> String {
        let mut text = String::new();
        for segment in &self.segments {
            match segment {
                Segment::Text(part) => text.push_str(part),
                Segment::Expression(node) => text.push_str(&display(&scope.evaluate(node))),
            }
        }
        text
    }
}

fn compile_segment(inside: &str, names: &Names) -> Result<CheckedNode, Vec<ExpressionProblem>> {
    let (node, ty) = expression::compile(inside, names)?;
    let printable = match ty.parts() {
        Some((Type::Record(_) | Type::Tags, _)) => false,
        Some((Type::List(element), _)) => !matches!(**element, Type::Record(_) | Type::Tags | Type::List(_)),
        _ => ty != CheckedType::Null,
    };
    if printable {
        return Ok(node);
    }
    let message = format!("`{inside}` is {}, which is not text; name a field of it", ty.name());
    Err(vec![ExpressionProblem { at: 0, message }])
}

// Up to the closing brace; braces inside quotes do not count.
fn inside_braces(characters: &mut std::iter::Peekable<std::str::CharIndices<'_>>) -> Option<String> {
    let mut inside = String::new();
    let mut quote = None;
    for (_, character) in characters.by_ref() {
        match (character, quote) {
            ('}', None) => return Some(inside),
            // No expression has a brace: an earlier one was not closed.
            ('{', None) => return None,
            ('"' | '\'', None) => quote = Some(character),
            (_, Some(open)) if open == character => quote = None,
            _ => {}
        }
        inside.push(character);
    }
    None
}

/// A value as people read it: lists with commas, `–` for none, `?` for unknown.
pub fn display(value: &Value<'_>) -> String {
    match value {
        Value::Null => "–".into(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => number(*value),
        Value::Text(value) => value.clone().into_owned(),
        Value::List(list) => {
            (0..list.len()).map(|index| display(&list.get(index).into())).collect::<Vec<_>>().join(", ")
        }
        Value::Items(items) => items.iter().map(display).collect::<Vec<_>>().join(", "),
        Value::Tags(_) | Value::Record(_) => value.to_json().to_string(),
        Value::Unknown(_) => "?".into(),
    }
}

// One decimal is enough to read a load or a size by; below one, that would lose a price
// such as 0.095.
fn number(value: f64) -> String {
    let rounded = if value.abs() < 1.0 { format!("{value:.4}") } else { format!("{value:.1}") };
    rounded.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_keep_what_people_need_of_them() {
        for (value, text) in
            [(0.095, "0.095"), (0.4, "0.4"), (0.0, "0"), (99.96, "100"), (12.34, "12.3"), (100.0, "100")]
        {
            assert_eq!(number(value), text);
        }
    }
}
