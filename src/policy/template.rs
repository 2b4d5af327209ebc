//! Texts with expressions in braces: `{db.id} runs in {db.availability_zone} alone`.

pub(crate) mod guard;
pub(crate) mod quote;

use super::evaluate::{EvaluationScope, Value};
use super::expression::{self, CheckedNode, CheckedType, ExpressionProblem, Names};
use crate::snapshot::shape::Type;
use crate::text::{Lang, punctuated};

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

    /// These one after the other, each on lines of its own.
    pub(crate) fn lines<'t>(parts: impl Iterator<Item = &'t Template>) -> Template {
        let mut whole = Template::default();
        for part in parts {
            if !whole.segments.is_empty() {
                whole.segments.push(Segment::Text("\n".to_owned()));
            }
            whole.segments.extend(part.segments.iter().cloned());
        }
        whole
    }

    /// The expressions in it.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = &CheckedNode> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Expression(node) => Some(node),
            Segment::Text(_) => None,
        })
    }

    /// The template of a script, without the examples that its variables have: whoever runs it is
    /// asked for what they stand for.
    pub(super) fn without_examples(mut self) -> Template {
        for segment in &mut self.segments {
            if let Segment::Text(text) = segment {
                *text = guard::without_examples(text);
            }
        }
        self
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

    /// The text as code of `language` with a number in place of each expression, to look at its form.
    pub(crate) fn sample_code(&self, language: quote::Language) -> String {
        let mut writer = quote::CodeWriter::new(language);
        for segment in &self.segments {
            match segment {
                Segment::Text(part) => writer.text(part),
                Segment::Expression(_) => writer.value("1"),
            }
        }
        writer.finish()
    }

    /// The text with the values of `scope` in it.
    pub fn render(&self, scope: &mut EvaluationScope<'_, '_>) -> String {
        self.render_in(Lang::En, scope)
    }

    /// The same in a language, which says what stands between the values of a list.
    pub(crate) fn render_in(&self, lang: Lang, scope: &mut EvaluationScope<'_, '_>) -> String {
        let between = lang.pick(", ", "、");
        let mut text = String::new();
        for segment in &self.segments {
            match segment {
                Segment::Text(part) => text.push_str(part),
                Segment::Expression(node) => {
                    let value = displayed(&scope.evaluate(node), between);
                    match lang {
                        Lang::En => text.push_str(&value),
                        Lang::Ja => text.push_str(&punctuated(&value)),
                    }
                }
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
    displayed(value, ", ")
}

fn displayed(value: &Value<'_>, between: &str) -> String {
    match value {
        Value::Null => "–".into(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => number(*value),
        Value::Text(value) => value.clone().into_owned(),
        Value::List(list) => {
            (0..list.len()).map(|index| display(&list.get(index).into())).collect::<Vec<_>>().join(between)
        }
        Value::Items(items) => items.iter().map(display).collect::<Vec<_>>().join(between),
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
    use super::*;
    use crate::policy::evaluate::Concluder;
    use crate::policy::expression::Variable;
    use crate::snapshot::rds::DbInstance;
    use crate::snapshot::shape::Valued;
    use crate::snapshot::{GapId, Known};

    struct Nothing;

    impl<'a> Concluder<'a> for Nothing {
        fn conclude(&self, _: &'static crate::conclude::Conclusion) -> Value<'a> {
            Value::Null
        }
    }

    fn names() -> Names {
        let variables = vec![Variable { name: "db".into(), ty: DbInstance::ty() }];
        Names { variables, ..Names::default() }
    }

    fn database() -> DbInstance {
        DbInstance {
            id: "a b".into(),
            allocated_storage_gib: Known::Yes(7),
            multi_az: Known::Yes(false),
            security_group_ids: vec!["sg-1".into(), "sg-2".into()],
            storage_encrypted: Known::No(GapId::from_text("gap:A@r")),
            ..DbInstance::default()
        }
    }

    #[test]
    fn texts_have_the_values_of_their_expressions() {
        let database = database();
        let mut scope = EvaluationScope::new(vec![database.val().into()], &Nothing);
        for (source, text, code) in [
            ("plain", "plain", "plain"),
            ("", "", ""),
            ("{db.id}", "a b", "'a b'"),
            ("<{db.id}> {db.allocated_storage_gib}", "<a b> 7", "<'a b'> 7"),
            ("{db.id}{db.allocated_storage_gib}.", "a b7.", "'a b'7."),
            ("{{{db.allocated_storage_gib}}}", "{7}", "{7}"),
            ("{{}} }} {{", "{} } {", "{} } {"),
            ("{db.security_group_ids}", "sg-1, sg-2", "'sg-1, sg-2'"),
            ("{db.security_group_ids.map(id, id + \"}\")}", "sg-1}, sg-2}", "'sg-1}, sg-2}'"),
            ("{db.id + '{\"'}", "a b{\"", "'a b{\"'"),
            ("{db.port} {db.storage_encrypted} {db.multi_az}", "– ? false", "'–' '?' false"),
        ] {
            let template = Template::compile(source, &names()).unwrap();
            assert_eq!(template.render(&mut scope), text, "{source}");
            assert_eq!(template.render_code(quote::Language::Shell, &mut scope), code, "{source}");
        }
    }

    #[test]
    fn values_of_records_are_text_or_nothing_or_unknown() {
        let database = database();
        let mut scope = EvaluationScope::new(vec![database.val().into()], &Nothing);
        let mut value = |source: &str| match Template::compile(source, &names()).unwrap().value(&mut scope) {
            Value::Text(text) => text.into_owned(),
            Value::Null => "null".to_owned(),
            Value::Unknown(gaps) => gaps[0].to_string(),
            other => panic!("{source}: {}", other.to_json()),
        };
        for (source, expected) in [
            ("{db.id}", "a b"),
            ("{db.allocated_storage_gib}", "7"),
            ("{db.id}-{db.allocated_storage_gib}", "a b-7"),
            ("{db.port}", "null"),
            ("{db.id}:{db.port}", "null"),
            ("{db.storage_encrypted}", "gap:A@r"),
            ("{db.id} {db.storage_encrypted}", "gap:A@r"),
            ("a", "a"),
        ] {
            assert_eq!(value(source), expected, "{source}");
        }
        let nodes = |source: &str| Template::compile(source, &names()).unwrap().nodes().count();
        assert_eq!((nodes("a"), nodes("{db.id} a {db.port}")), (0, 2));
    }

    #[test]
    fn mistakes_in_texts_are_told_with_their_place() {
        let tags = "`db.tags` is text by name, which is not text; name a field of it";
        for (source, at, problem) in [
            ("a } b", 2, "unmatched `}`; write `}}` for a brace"),
            ("a {db.id", 2, "a `{` is never closed; write `{{` for a brace"),
            ("a {db.id {db.id}", 2, "a `{` is never closed; write `{{` for a brace"),
            ("a {'}' == db.idd}", 10, "DbInstance has no field `idd`; did you mean `id`?"),
            ("あ{db.idd}", 4, "DbInstance has no field `idd`; did you mean `id`?"),
            ("{db}", 1, "`db` is DbInstance, which is not text; name a field of it"),
            ("{db.tags}", 1, tags),
            ("{null}", 1, "`null` is null, which is not text; name a field of it"),
            (
                "{db.parameter_groups}",
                1,
                "`db.parameter_groups` is list of ParameterGroupUse, which is not text; name a field of it",
            ),
            ("{[[1]]}", 1, "`[[1]]` is list of list of int, which is not text; name a field of it"),
        ] {
            let problems = Template::compile(source, &names()).unwrap_err();
            let expected = ExpressionProblem { at, message: problem.to_owned() };
            assert_eq!(problems, [expected], "{source}");
        }
        assert_eq!(Template::compile("} {db.idd} }", &names()).unwrap_err().len(), 3, "all come at once");
    }

    #[test]
    fn values_are_shown_as_people_read_them() {
        let items = Value::Items(std::rc::Rc::new(vec![Value::Int(1), Value::Bool(true), Value::Null]));
        assert_eq!(display(&items), "1, true, –");
        assert_eq!(display(&Value::Tags(&[("a".to_owned(), "b".to_owned())].into())), "{\"a\":\"b\"}");
        assert_eq!(display(&Value::unknown(GapId::default())), "?");
    }

    #[test]
    fn numbers_keep_what_people_need_of_them() {
        for (value, text) in [
            (0.095, "0.095"),
            (0.4, "0.4"),
            (0.0, "0"),
            (1.0, "1"),
            (-1.04, "-1"),
            (-0.25, "-0.25"),
            (99.96, "100"),
            (12.34, "12.3"),
            (100.0, "100"),
            (1.0004, "1"),
        ] {
            assert_eq!(number(value), text);
        }
    }
}
