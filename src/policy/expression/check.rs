//! Checks expressions against the snapshot's types and resolves their names.

use super::parse::{Parsed, one_line, parse};
use super::syntax::{Expression, ExpressionForm};
use super::{
    BUILTINS, Builtin, CONSTANTS, Calculation, CheckedNode, ComparisonOperator, ExpressionProblem, LoopKind,
    NamedExpression, Names, Variable,
};
use crate::conclude;
use crate::policy::legal_name;
use crate::snapshot::shape::{RecordShape, Type};
use crate::written::similar;
use std::cell::Cell;
use std::ops::Range;
use std::rc::Rc;

/// How many loops (`all`, `exists`, …) may stand inside each other.
const LOOPS_MAX: usize = 3;
/// How deep lists may stand inside lists.
const LISTS_MAX: usize = 3;
/// How many parts an expression may have, with those of the `let` names in it.
const PARTS_MAX: usize = 3_000;
/// How deep an expression may nest, with the `let` names in it.
const DEPTH_MAX: usize = 300;
/// How much of a part of an expression a message shows.
const SHOWN_MAX: usize = 100;

/// Compiles `source`.
///
/// # Errors
/// Every problem found, each a sentence that says what to write instead; none where all that is
/// wrong is an expression of `let`, whose problems were told where it is written.
pub fn compile(source: &str, names: &Names) -> Result<(CheckedNode, CheckedType), Vec<ExpressionProblem>> {
    let expression = parse(source).map_err(|problem| vec![problem])?;
    compile_parsed(source, &expression, names)
}

fn compile_parsed(
    source: &str,
    expression: &Expression,
    names: &Names,
) -> Result<(CheckedNode, CheckedType), Vec<ExpressionProblem>> {
    let mut checker = Checker {
        source,
        scope: names.variables.clone(),
        hidden: 0..0,
        names,
        problems: Vec::new(),
        compared: Vec::new(),
        loops: 0,
        parts: 0,
        depth: 0,
    };
    checker.note_compared(expression);
    let result = checker.check(expression);
    match result.1 {
        CheckedType::Broken => Err(checker.problems),
        _ if checker.problems.is_empty() => Ok(result),
        _ => Err(checker.problems),
    }
}

impl Names {
    /// Gives an expression a name, under which others may use it.
    ///
    /// # Errors
    /// Every problem of the expression. The name becomes known even so, so that each is told once.
    pub(crate) fn define(&mut self, name: &str, parsed: Parsed) -> Result<(), Vec<ExpressionProblem>> {
        let result = compile_parsed(&parsed.source, &parsed.expression, self).map(drop);
        let parsed = result.is_ok().then_some(parsed);
        self.insert(name, parsed);
        result
    }

    /// Makes a name known whose expression has a problem that was told already.
    pub(crate) fn define_broken(&mut self, name: &str) {
        self.insert(name, None);
    }

    fn insert(&mut self, name: &str, parsed: Option<Parsed>) {
        let variables = self.variables.len();
        let named = NamedExpression { parsed, variables, is_used: Cell::default() };
        self.lets.insert(name.to_owned(), Rc::new(named));
    }
}

/// What the checker knows about an expression.
#[derive(Debug, Clone, PartialEq)]
pub enum CheckedType {
    /// A type of the snapshot; `Known` is taken off.
    Of(Type),
    /// The literal `null`.
    Null,
    /// An empty list, which fits every list.
    EmptyList,
    /// Something that already had a problem.
    Broken,
}

impl CheckedType {
    /// The type without `null`, and whether null is possible.
    pub fn parts(&self) -> Option<(&Type, bool)> {
        match self {
            CheckedType::Of(Type::Nullable(inner)) => Some((bare(inner), true)),
            CheckedType::Of(ty) => Some((ty, false)),
            _ => None,
        }
    }

    fn of(ty: &Type) -> CheckedType {
        match ty {
            Type::Known(inner) => CheckedType::of(inner),
            Type::Nullable(inner) => CheckedType::Of(Type::Nullable(Box::new(bare(inner).clone()))),
            other => CheckedType::Of(other.clone()),
        }
    }

    fn or_null(self, nullable: bool) -> CheckedType {
        match self {
            CheckedType::Of(Type::Nullable(_)) => self,
            CheckedType::Of(ty) if nullable => CheckedType::Of(Type::Nullable(Box::new(ty))),
            other => other,
        }
    }

    /// How messages name it.
    pub fn name(&self) -> String {
        match self {
            CheckedType::Of(ty) => format!("{ty:?}"),
            CheckedType::Null => "null".into(),
            CheckedType::EmptyList => "an empty list".into(),
            CheckedType::Broken => "unreadable".into(),
        }
    }
}

fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Known(inner) | Type::Nullable(inner) => bare(inner),
        other => other,
    }
}

struct Checker<'n> {
    /// What is being checked: the expression, or that of a name in it.
    source: &'n str,
    scope: Vec<Variable>,
    /// The variables that the present source cannot name, because it was written outside of them.
    hidden: Range<usize>,
    names: &'n Names,
    problems: Vec<ExpressionProblem>,
    // What the whole expression compares with null: ordering it is safe.
    compared: Vec<Expression>,
    loops: usize,
    parts: usize,
    depth: usize,
}

type Checked = (CheckedNode, CheckedType);

impl<'n> Checker<'n> {
    fn note(&mut self, part: &Expression, message: String) {
        self.problems.push(ExpressionProblem { at: part.span.start, message });
    }

    fn problem(&mut self, part: &Expression, message: String) -> Checked {
        self.note(part, message);
        (CheckedNode::Null, CheckedType::Broken)
    }

    /// A part as it was written, for messages.
    fn written(&self, part: &Expression) -> String {
        let written = one_line(self.source.get(part.span.clone()).unwrap_or_default());
        match written.char_indices().nth(SHOWN_MAX) {
            Some((end, _)) => format!("{}…", written.get(..end).unwrap_or_default()),
            None => written,
        }
    }

    fn note_compared(&mut self, expression: &Expression) {
        if let ExpressionForm::Compare(
            ComparisonOperator::Equal | ComparisonOperator::NotEqual,
            left,
            right,
        ) = &expression.form
        {
            match (&left.form, &right.form) {
                (_, ExpressionForm::Null) => self.compared.push((**left).clone()),
                (ExpressionForm::Null, _) => self.compared.push((**right).clone()),
                _ => {}
            }
        }
        expression.parts().into_iter().for_each(|part| self.note_compared(part));
    }

    fn check(&mut self, expression: &Expression) -> Checked {
        self.parts += 1;
        if self.parts > PARTS_MAX || self.depth >= DEPTH_MAX {
            // Told once: everything that is left is skipped.
            let is_first = self.parts <= PARTS_MAX + 1;
            self.parts = PARTS_MAX + 1;
            if is_first {
                let message =
                    "the expression is too long with the names of `let` written out; use a conclusion";
                self.note(expression, message.to_owned());
            }
            return (CheckedNode::Null, CheckedType::Broken);
        }
        self.depth += 1;
        let checked = self.form(expression);
        self.depth -= 1;
        checked
    }

    fn form(&mut self, expression: &Expression) -> Checked {
        match &expression.form {
            ExpressionForm::Null => (CheckedNode::Null, CheckedType::Null),
            ExpressionForm::Bool(value) => (CheckedNode::Bool(*value), CheckedType::Of(Type::Bool)),
            ExpressionForm::Int(value) => (CheckedNode::Int(*value), CheckedType::Of(Type::Int)),
            ExpressionForm::Float(value) => (CheckedNode::Float(*value), CheckedType::Of(Type::Float)),
            ExpressionForm::Text(value) => (CheckedNode::Text(value.clone()), CheckedType::Of(Type::Text)),
            ExpressionForm::List(elements) => self.list(expression, elements),
            ExpressionForm::Name(name) => self.name(expression, name),
            ExpressionForm::Field(of, name) => self.field(expression, of, name),
            ExpressionForm::Index(of, index) => self.index(expression, of, index),
            ExpressionForm::Call(name, arguments) => self.call(expression, name, None, arguments),
            ExpressionForm::Method(on, name, arguments) => self.call(expression, name, Some(on), arguments),
            ExpressionForm::Loop(kind, list, variable, body) => {
                self.run_loop(expression, *kind, list, variable, body)
            }
            ExpressionForm::Not(operand) => {
                let node = self.condition(operand, "!");
                (CheckedNode::Not(Box::new(node)), CheckedType::Of(Type::Bool))
            }
            ExpressionForm::Negate(operand) => {
                let checked = self.check(operand);
                let (node, ty) = self.as_number(checked, operand);
                (CheckedNode::Negate(Box::new(node)), ty)
            }
            ExpressionForm::And(left, right) => {
                let (left, right) = (self.condition(left, "&&"), self.condition(right, "&&"));
                (CheckedNode::And(Box::new(left), Box::new(right)), CheckedType::Of(Type::Bool))
            }
            ExpressionForm::Or(left, right) => {
                let (left, right) = (self.condition(left, "||"), self.condition(right, "||"));
                (CheckedNode::Or(Box::new(left), Box::new(right)), CheckedType::Of(Type::Bool))
            }
            ExpressionForm::Compare(comparison, left, right) => self.compare(*comparison, left, right),
            ExpressionForm::Calculate(calculation, left, right) => self.calculate(*calculation, left, right),
            ExpressionForm::In(element, list) => self.contains(expression, element, list),
            ExpressionForm::Choose(condition, yes, no) => self.choose(expression, condition, yes, no),
        }
    }

    fn name(&mut self, part: &Expression, name: &str) -> Checked {
        let variables = self.scope.iter().enumerate().filter(|(index, _)| !self.hidden.contains(index));
        if let Some((index, variable)) = variables.rev().find(|(_, variable)| variable.name == name) {
            return (CheckedNode::Variable(index), CheckedType::of(&variable.ty));
        }
        let names = self.names;
        if let Some(named) = names.lets.get(name) {
            return self.named(part, named);
        }
        if let Some(parameter) = self.names.parameters.get(name) {
            return (CheckedNode::from(parameter), CheckedType::Of(parameter.ty()));
        }
        if let Some((_, value)) = CONSTANTS.iter().find(|(constant, _)| *constant == name) {
            return (CheckedNode::Int(*value), CheckedType::Of(Type::Int));
        }
        let variables = self.scope.iter().enumerate().filter(|(index, _)| !self.hidden.contains(index));
        let names: Vec<&str> = variables
            .map(|(_, variable)| variable.name.as_str())
            .chain(self.names.parameters.keys().map(String::as_str))
            .chain(self.names.lets.keys().map(String::as_str))
            .collect();
        let hint = similar(name, names.iter().copied());
        let message = format!("there is no `{name}` here; known: {}{hint}", names.join(", "));
        self.problem(part, message)
    }

    // A name of `let` stands for its expression, as if that were written here in parentheses.
    fn named(&mut self, part: &Expression, named: &'n NamedExpression) -> Checked {
        named.is_used.set(true);
        let Some(Parsed { source, expression }) = &named.parsed else {
            return (CheckedNode::Null, CheckedType::Broken);
        };
        let source = std::mem::replace(&mut self.source, source);
        let hidden = std::mem::replace(&mut self.hidden, named.variables..self.scope.len());
        let (compared, problems) = (self.compared.len(), self.problems.len());
        self.note_compared(expression);
        let checked = self.check(expression);
        self.compared.truncate(compared);
        for problem in self.problems.iter_mut().skip(problems) {
            problem.at = part.span.start;
        }
        (self.source, self.hidden) = (source, hidden);
        checked
    }

    fn field(&mut self, part: &Expression, of: &Expression, name: &str) -> Checked {
        let (node, ty) = self.check(of);
        match ty.parts() {
            None if ty == CheckedType::Broken => (CheckedNode::Null, CheckedType::Broken),
            Some((Type::Record(shape), nullable)) => {
                let shape = shape();
                match shape.field(name) {
                    Some((index, field)) => {
                        let ty = CheckedType::of(&field.ty).or_null(nullable);
                        (CheckedNode::Field(Box::new(node), index, field.name), ty)
                    }
                    None => self.no_field(part, shape, name),
                }
            }
            Some((Type::Tags, _)) => {
                let index = CheckedNode::Index(Box::new(node), Box::new(CheckedNode::Text(name.to_owned())));
                (index, CheckedType::Of(Type::Nullable(Box::new(Type::Text))))
            }
            Some((Type::List(_), _)) => {
                let written = self.written(part);
                let message = format!(
                    "`{written}`: a list has no fields; loop over it with `.all(x, …)` or `.exists(x, …)`"
                );
                self.problem(part, message)
            }
            _ => {
                let message = format!("`{}`: {} has no fields", self.written(part), ty.name());
                self.problem(part, message)
            }
        }
    }

    fn no_field(&mut self, part: &Expression, shape: &'static RecordShape, name: &str) -> Checked {
        let hint = similar(name, shape.fields.iter().map(|field| field.name));
        let known = match hint.is_empty() {
            true => format!(
                "; it has {}",
                shape.fields.iter().map(|field| field.name).collect::<Vec<_>>().join(", ")
            ),
            false => hint,
        };
        self.problem(part, format!("{} has no field `{name}`{known}", shape.name))
    }

    fn list(&mut self, part: &Expression, elements: &[Expression]) -> Checked {
        let mut nodes = Vec::new();
        let mut element_type: Option<Type> = None;
        for element in elements {
            let (node, ty) = self.check(element);
            nodes.push(node);
            match (ty.parts(), &element_type) {
                (Some((ty, false)), None) => element_type = Some(ty.clone()),
                (Some((ty, false)), Some(first)) if ty == first => {}
                (None, _) if ty == CheckedType::Broken => {}
                _ => {
                    let message = "the elements of a list must be of one type, and none may be null";
                    return self.problem(element, message.to_owned());
                }
            }
        }
        match element_type {
            Some(ty) => {
                let ty = self.list_of(part, ty);
                (CheckedNode::List(nodes), ty)
            }
            None => (CheckedNode::List(nodes), CheckedType::EmptyList),
        }
    }

    // A condition must be true, false or unknown: a null would have to be guessed at.
    fn condition(&mut self, part: &Expression, operator: &str) -> CheckedNode {
        let (node, ty) = self.check(part);
        match ty.parts() {
            Some((Type::Bool, false)) => node,
            Some((Type::Bool, true)) => {
                let written = self.written(part);
                self.problem(part, format!("`{written}` may be null; write `{written} == true`")).0
            }
            None if ty == CheckedType::Broken => node,
            _ => {
                let message =
                    format!("`{operator}` needs conditions, and `{}` is {}", self.written(part), ty.name());
                self.problem(part, message).0
            }
        }
    }

    fn as_number(&mut self, (node, ty): Checked, part: &Expression) -> Checked {
        match ty.parts() {
            Some((number @ (Type::Int | Type::Float), nullable)) => {
                if nullable {
                    self.refuse_null(part);
                }
                (node, CheckedType::Of(number.clone()))
            }
            None if ty == CheckedType::Broken => (node, ty),
            _ => {
                let message = format!("`{}` is {}, not a number", self.written(part), ty.name());
                self.problem(part, message)
            }
        }
    }

    // What is compared with null may be ordered, and so may its fields.
    fn refuse_null(&mut self, part: &Expression) {
        let mut path = part;
        while !self.compared.contains(path) {
            let ExpressionForm::Field(of, _) = &path.form else {
                let written = self.written(part);
                let message =
                    format!("`{written}` may be null; say what holds then: `{written} != null && …`");
                return self.note(part, message);
            };
            path = of;
        }
    }

    fn choose(
        &mut self,
        part: &Expression,
        condition: &Expression,
        yes: &Expression,
        no: &Expression,
    ) -> Checked {
        let condition = self.condition(condition, "?:");
        let (yes_node, yes_type) = self.check(yes);
        let (no_node, no_type) = self.check(no);
        let ty = match (&yes_type, &no_type) {
            (CheckedType::Broken, other) | (other, CheckedType::Broken) => other.clone(),
            (CheckedType::Null, other) | (other, CheckedType::Null) => other.clone().or_null(true),
            _ => match (yes_type.parts(), no_type.parts()) {
                (Some((left, left_null)), Some((right, right_null))) if same(left, right) => {
                    let ty = if left == right { left.clone() } else { Type::Float };
                    CheckedType::Of(ty).or_null(left_null || right_null)
                }
                _ => {
                    let message = format!(
                        "both sides of `?:` must be of one type: `{}` is {}, `{}` is {}",
                        self.written(yes),
                        yes_type.name(),
                        self.written(no),
                        no_type.name()
                    );
                    return self.problem(part, message);
                }
            },
        };
        (CheckedNode::Choose(Box::new(condition), Box::new(yes_node), Box::new(no_node)), ty)
    }

    fn index(&mut self, part: &Expression, list: &Expression, index: &Expression) -> Checked {
        let (list_node, list_type) = self.check(list);
        let (index_node, index_type) = self.check(index);
        let node = CheckedNode::Index(Box::new(list_node), Box::new(index_node));
        match (list_type.parts(), index_type.parts()) {
            (Some((Type::List(element), _)), Some((Type::Int, false))) => {
                (node, CheckedType::of(element).or_null(true))
            }
            (Some((Type::Tags, _)), Some((Type::Text, false))) => {
                (node, CheckedType::Of(Type::Nullable(Box::new(Type::Text))))
            }
            _ if list_type == CheckedType::Broken || index_type == CheckedType::Broken => {
                (CheckedNode::Null, CheckedType::Broken)
            }
            _ => {
                let message = format!("`{}`: index a list with a number, tags with text", self.written(part));
                self.problem(part, message)
            }
        }
    }

    fn contains(&mut self, part: &Expression, element: &Expression, list: &Expression) -> Checked {
        let (element_node, element_type) = self.check(element);
        let (list_node, list_type) = self.check(list);
        let node = CheckedNode::In(Box::new(element_node), Box::new(list_node));
        let fits = match (element_type.parts(), list_type.parts()) {
            (Some((element, _)), Some((Type::List(of), _))) => same(element, bare(of)),
            (Some((Type::Text, false)), Some((Type::Tags, _))) => true,
            _ => {
                element_type == CheckedType::Broken
                    || list_type == CheckedType::Broken
                    || list_type == CheckedType::EmptyList
            }
        };
        if fits {
            return (node, CheckedType::Of(Type::Bool));
        }
        let message =
            format!("`{}` looks for {} in {}", self.written(part), element_type.name(), list_type.name());
        self.problem(part, message)
    }

    fn compare(&mut self, comparison: ComparisonOperator, left: &Expression, right: &Expression) -> Checked {
        let (left_node, left_type) = self.check(left);
        let (right_node, right_type) = self.check(right);
        let equality = matches!(comparison, ComparisonOperator::Equal | ComparisonOperator::NotEqual);
        match (&left_type, &right_type) {
            (CheckedType::Broken, _) | (_, CheckedType::Broken) => {}
            (CheckedType::Null, other) | (other, CheckedType::Null) if equality => {
                if !matches!(other, CheckedType::Null) && !other.parts().is_some_and(|(_, nullable)| nullable)
                {
                    let side = if left_type == CheckedType::Null { right } else { left };
                    let message = format!("`{}` is never null; leave the comparison out", self.written(side));
                    self.note(side, message);
                }
            }
            (CheckedType::EmptyList, other) | (other, CheckedType::EmptyList) if equality => {
                if !matches!(other.parts(), Some((Type::List(_), _)) | None) {
                    let (left_text, right_text) = (self.written(left), self.written(right));
                    self.note(left, format!("`{left_text}` and `{right_text}` can never be equal"));
                }
            }
            _ => {
                let ordered = |ty: &Type| matches!(ty, Type::Int | Type::Float | Type::Text);
                let fits = match (left_type.parts(), right_type.parts()) {
                    (Some((left, _)), Some((right, _))) => same(left, right) && (equality || ordered(left)),
                    _ => false,
                };
                if !fits {
                    let message = format!(
                        "`{}` is {}, `{}` is {}: they cannot be compared",
                        self.written(left),
                        left_type.name(),
                        self.written(right),
                        right_type.name()
                    );
                    self.note(left, message);
                } else if !equality {
                    for (side, ty) in [(left, &left_type), (right, &right_type)] {
                        if ty.parts().is_some_and(|(_, nullable)| nullable) {
                            self.refuse_null(side);
                        }
                    }
                }
            }
        }
        (
            CheckedNode::Compare(comparison, Box::new(left_node), Box::new(right_node)),
            CheckedType::Of(Type::Bool),
        )
    }

    fn calculate(&mut self, calculation: Calculation, left: &Expression, right: &Expression) -> Checked {
        // Each side is checked once: a chain of operators would take twice as long with each.
        let (left_value, right_value) = (self.check(left), self.check(right));
        if calculation == Calculation::Add
            && let (Some((Type::Text, false)), Some((Type::Text, false))) =
                (left_value.1.parts(), right_value.1.parts())
        {
            let node = CheckedNode::Calculate(calculation, Box::new(left_value.0), Box::new(right_value.0));
            return (node, CheckedType::Of(Type::Text));
        }
        let (left_node, left_type) = self.as_number(left_value, left);
        let (right_node, right_type) = self.as_number(right_value, right);
        let float = [&left_type, &right_type].iter().any(|ty| **ty == CheckedType::Of(Type::Float));
        let ty = if float { Type::Float } else { Type::Int };
        (CheckedNode::Calculate(calculation, Box::new(left_node), Box::new(right_node)), CheckedType::Of(ty))
    }

    fn call(
        &mut self,
        part: &Expression,
        name: &str,
        on: Option<&Expression>,
        arguments: &[Expression],
    ) -> Checked {
        if on.is_none()
            && let Some(conclusion) = conclude::find(name)
        {
            return self.conclusion(part, conclusion, arguments);
        }
        let Some((_, builtin, is_method)) = BUILTINS.iter().find(|(known, _, _)| *known == name) else {
            return self.no_function(part, name, arguments);
        };
        let all: Vec<&Expression> = on.into_iter().chain(arguments).collect();
        let (expected, form) = match builtin {
            Builtin::ArnBeside => (3, format!("{name}(arn, \"service\", \"resource\")")),
            Builtin::Price => (2, "price(\"alb-hour\", lb.region)".to_owned()),
            Builtin::DaysLater => (2, format!("{name}(time, days)")),
            Builtin::LegalName => (2, format!("{name}(text, \"iam-policy\")")),
            _ if *is_method => (2, format!("text.{name}(part)")),
            _ => (1, format!("{name}(x)")),
        };
        if all.len() != expected || *is_method == on.is_none() {
            return self.problem(part, format!("write `{form}`"));
        }
        let mut nodes = Vec::new();
        for (position, argument) in all.into_iter().enumerate() {
            let (node, ty) = self.check(argument);
            self.check_argument(*builtin, position, argument, &ty);
            nodes.push(node);
        }
        let ty = match builtin {
            Builtin::Size | Builtin::Int => Type::Int,
            Builtin::Text
            | Builtin::DisplayName
            | Builtin::After
            | Builtin::ArnBeside
            | Builtin::DaysLater
            | Builtin::LegalName
            | Builtin::Japanese => Type::Text,
            Builtin::StartsWith | Builtin::EndsWith | Builtin::Contains => Type::Bool,
            Builtin::Price => Type::Float,
        };
        (CheckedNode::Function(*builtin, nodes), CheckedType::Of(ty))
    }

    fn no_function(&mut self, part: &Expression, name: &str, arguments: &[Expression]) -> Checked {
        let message = match (name, arguments) {
            ("has", [Expression { form: ExpressionForm::Field(of, field), .. }]) => {
                let written = self.written(of);
                format!(
                    "`has({written}.{field})` would turn unknown into no; compare with null, or write `\"{field}\" in {written}` for tags"
                )
            }
            ("has", _) => "`has` is not supported; compare with null".to_owned(),
            ("matches", _) => {
                "`matches` is not supported; use startsWith, endsWith, contains or `in`".to_owned()
            }
            _ => {
                let names = BUILTINS.iter().map(|(name, _, _)| *name);
                let conclusions = conclude::FUNCTIONS.iter().map(|function| function.name);
                format!("there is no function `{name}`{}", similar(name, names.chain(conclusions)))
            }
        };
        self.problem(part, message)
    }

    fn check_argument(&mut self, builtin: Builtin, position: usize, part: &Expression, ty: &CheckedType) {
        if builtin == Builtin::LegalName && position == 1 {
            let is_kind = |kind| matches!(&part.form, ExpressionForm::Text(text) if text == kind);
            if !legal_name::kinds().any(is_kind) {
                let kinds: Vec<&str> = legal_name::kinds().collect();
                let message =
                    format!("`{}` is no kind of name; write one of {}", self.written(part), kinds.join(", "));
                self.note(part, message);
            }
            return;
        }
        let Some((bare, nullable)) = ty.parts() else {
            return;
        };
        let fits = match builtin {
            Builtin::Size => matches!(bare, Type::List(_) | Type::Text | Type::Tags),
            Builtin::Text => matches!(bare, Type::Int | Type::Float | Type::Bool | Type::Text),
            Builtin::Int => matches!(bare, Type::Int | Type::Float | Type::Text),
            Builtin::DaysLater if position == 1 => matches!(bare, Type::Int),
            _ => matches!(bare, Type::Text),
        };
        if !fits {
            let message = format!("`{}` is {}, which does not fit here", self.written(part), ty.name());
            self.note(part, message);
        } else if nullable && (position == 0 || builtin == Builtin::Price) {
            self.refuse_null(part);
        }
    }

    fn conclusion(
        &mut self,
        part: &Expression,
        function: &'static conclude::Conclusion,
        arguments: &[Expression],
    ) -> Checked {
        let takes = (function.takes)().name;
        let (Some(subject), [argument]) = (self.scope.first().cloned(), arguments) else {
            return self.problem(part, format!("write `{}(x)` with the judged resource", function.name));
        };
        if argument.form != ExpressionForm::Name(subject.name.clone()) {
            let message = format!(
                "write `{}({})`: conclusions are about the judged resource",
                function.name, subject.name
            );
            return self.problem(part, message);
        }
        if !matches!(&subject.ty, Type::Record(shape) if shape().name == takes) {
            let message = format!(
                "`{}` is about a {takes}, and `{}` is a {:?}",
                function.name, subject.name, subject.ty
            );
            return self.problem(part, message);
        }
        (CheckedNode::Conclusion(function), CheckedType::of(&(function.gives)()))
    }

    fn run_loop(
        &mut self,
        part: &Expression,
        kind: LoopKind,
        list: &Expression,
        variable: &str,
        body: &Expression,
    ) -> Checked {
        let (list_node, list_type) = self.check(list);
        let element = match list_type.parts() {
            Some((Type::List(element), _)) => bare(element).clone(),
            _ if list_type == CheckedType::Broken => return (CheckedNode::Null, CheckedType::Broken),
            _ => {
                let message = format!("`{}` is {}, not a list", self.written(list), list_type.name());
                return self.problem(list, message);
            }
        };
        if self.loops >= LOOPS_MAX {
            let message = format!("more than {LOOPS_MAX} loops are nested; use a conclusion");
            return self.problem(part, message);
        }
        self.loops += 1;
        let slot = self.scope.len();
        self.scope.push(Variable { name: variable.to_owned(), ty: element.clone() });
        let (body_node, ty) = match kind {
            LoopKind::Map => {
                let (node, ty) = self.check(body);
                let inner = ty.parts().map(|(ty, _)| ty.clone()).unwrap_or(Type::Text);
                (node, self.list_of(part, inner))
            }
            LoopKind::Filter => {
                (self.condition(body, "filter"), CheckedType::Of(Type::List(Box::new(element))))
            }
            _ => (self.condition(body, "a loop"), CheckedType::Of(Type::Bool)),
        };
        self.scope.pop();
        self.loops -= 1;
        (CheckedNode::Loop(kind, Box::new(list_node), slot, Box::new(body_node)), ty)
    }

    // Every level multiplies what there is to go through.
    fn list_of(&mut self, part: &Expression, element: Type) -> CheckedType {
        let (mut levels, mut inside) = (1, &element);
        while let Type::List(of) | Type::Nullable(of) | Type::Known(of) = inside {
            levels += usize::from(matches!(inside, Type::List(_)));
            inside = of;
        }
        if levels > LISTS_MAX {
            self.note(part, format!("more than {LISTS_MAX} lists are nested; use a conclusion"));
            return CheckedType::Broken;
        }
        CheckedType::Of(Type::List(Box::new(element)))
    }
}

fn same(left: &Type, right: &Type) -> bool {
    let number = |ty: &Type| matches!(ty, Type::Int | Type::Float);
    left == right || (number(left) && number(right))
}
