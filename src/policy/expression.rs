//! Expressions of policies: parsed by the `cel` crate, checked against the snapshot's
//! types, and turned into a tree in which every name is already resolved.
//!
//! Only the crate's parser is used, and only in this file. Evaluation is tenken's own
//! (`evaluate`), because an unknown value must stay unknown and name its gap, which the
//! crate's evaluator cannot express.

use super::parameter::{Parameter, Parameters};
use crate::conclude;
use crate::price::HOURS_PER_MONTH;
use crate::snapshot::shape::{RecordShape, Type};
use crate::written::similar;
use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue, SelectExpr, operators};

/// The longest expression that is accepted, in characters.
const LENGTH_MAX: usize = 2_000;
/// How deep an expression may nest.
const DEPTH_MAX: u16 = 12;
/// How many operator characters an expression may have.
const OPERATORS_MAX: usize = 160;
/// How many loops (`all`, `exists`, …) may stand inside each other.
const LOOPS_MAX: usize = 3;
/// How deep lists may stand inside lists.
const LISTS_MAX: usize = 3;

/// A checked expression.
#[derive(Debug, Clone)]
pub enum Node {
    /// `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// Text.
    Text(String),
    /// A list written in the expression.
    List(Vec<Node>),
    /// A variable, by its place in the scope.
    Variable(usize),
    /// A field of a record, by its place in the shape.
    Field(Box<Node>, usize, &'static str),
    /// An element of a list by position, or of tags by name.
    Index(Box<Node>, Box<Node>),
    /// A conclusion about the judged resource.
    Conclusion(&'static conclude::Function),
    /// `!`.
    Not(Box<Node>),
    /// `-`.
    Negate(Box<Node>),
    /// `&&`.
    And(Box<Node>, Box<Node>),
    /// `||`.
    Or(Box<Node>, Box<Node>),
    /// `condition ? this : that`.
    Choose(Box<Node>, Box<Node>, Box<Node>),
    /// `==`, `<`, …
    Compare(Comparison, Box<Node>, Box<Node>),
    /// `+`, `-`, …
    Calculate(Calculation, Box<Node>, Box<Node>),
    /// `x in list`, `"Name" in tags`.
    In(Box<Node>, Box<Node>),
    /// A loop over a list; the variable's place in the scope, and the body.
    Loop(LoopKind, Box<Node>, usize, Box<Node>),
    /// A function that tenken gives to expressions.
    Function(Builtin, Vec<Node>),
}

impl From<&Parameter> for Node {
    fn from(parameter: &Parameter) -> Self {
        match parameter {
            Parameter::Int(value) => Node::Int(*value),
            Parameter::Float(value) => Node::Float(*value),
            Parameter::Text(value) => Node::Text(value.clone()),
        }
    }
}

/// Comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// Arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calculation {
    /// `+`, also for text
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Remainder,
}

/// Loops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoopKind {
    /// `list.all(x, …)`
    All,
    /// `list.exists(x, …)`
    Exists,
    /// `list.exists_one(x, …)`
    ExistsOne,
    /// `list.filter(x, …)`
    Filter,
    /// `list.map(x, …)`
    Map,
}

/// Functions of expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Builtin {
    /// `size(list)`, `size(text)`
    Size,
    /// `string(x)`
    Text,
    /// `int(x)`
    Int,
    /// `text.startsWith(prefix)`
    StartsWith,
    /// `text.endsWith(suffix)`
    EndsWith,
    /// `text.contains(part)`
    Contains,
    /// `display_name(arn)`
    DisplayName,
    /// `price(product, region)`
    Price,
    /// `text.after(part)`: what follows the first `part`; the whole text where it has none.
    After,
    /// `arn_beside(arn, service, resource)`: an ARN in the same partition, region and account.
    ArnBeside,
    /// `days_later(time, days)`, RFC 3339
    DaysLater,
}

/// Name, function, and whether it is called on its first argument.
pub const BUILTINS: &[(&str, Builtin, bool)] = &[
    ("size", Builtin::Size, false),
    ("string", Builtin::Text, false),
    ("int", Builtin::Int, false),
    ("startsWith", Builtin::StartsWith, true),
    ("endsWith", Builtin::EndsWith, true),
    ("contains", Builtin::Contains, true),
    ("display_name", Builtin::DisplayName, false),
    ("price", Builtin::Price, false),
    ("after", Builtin::After, true),
    ("arn_beside", Builtin::ArnBeside, false),
    ("days_later", Builtin::DaysLater, false),
];

/// Values that every expression may name.
pub const CONSTANTS: &[(&str, i64)] = &[("hours_per_month", HOURS_PER_MONTH)];

/// A variable that expressions may name.
#[derive(Debug, Clone)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
}

/// What expressions may name.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// The judged resource first, then others; their order is their place in the scope.
    pub variables: Vec<Variable>,
    /// Values that are written into the expression in place of their names.
    pub parameters: Parameters,
}

/// Compiles `source`.
///
/// # Errors
/// Every problem found, each a sentence that says what to write instead.
pub fn compile(source: &str, names: &Names) -> Result<(Node, CheckedType), Vec<String>> {
    let source = source.trim();
    if source.is_empty() {
        return Err(vec![
            "the expression is empty; an expression that begins with `!` must be quoted".into(),
        ]);
    }
    if source.chars().count() > LENGTH_MAX {
        return Err(vec![format!("the expression has more than {LENGTH_MAX} characters; split the policy")]);
    }
    if let Some(problem) = too_complex(source) {
        return Err(vec![problem]);
    }
    let mut compiler = Compiler {
        scope: names.variables.clone(),
        parameters: &names.parameters,
        problems: Vec::new(),
        compared: Vec::new(),
        loops: 0,
    };
    if let Some(result) = compiler.path(source) {
        return if compiler.problems.is_empty() { Ok(result) } else { Err(compiler.problems) };
    }
    let parser = cel::parser::Parser::new().max_recursion_depth(DEPTH_MAX * 4).error_recovery_limit(1);
    let expression = match parser.parse(source) {
        Ok(expression) => expression,
        Err(errors) => {
            let first = errors.errors.first().map(|error| (error.pos, error.msg.clone()));
            let (position, message) = first.unwrap_or(((0, 0), "unreadable".into()));
            return Err(vec![parse_problem(source, position.1, &message)]);
        }
    };
    let result = compiler.compile(&expression);
    if compiler.problems.is_empty() { Ok(result) } else { Err(compiler.problems) }
}

// The parser recurses as deep as the text nests, so that depth is bounded before it sees the text.
fn too_complex(source: &str) -> Option<String> {
    let (mut depth, mut deepest, mut signs, mut operators) = (0usize, 0usize, 0usize, 0usize);
    let mut quote = None;
    for character in source.chars() {
        match (character, quote) {
            ('"' | '\'', None) => quote = Some(character),
            (_, Some(open)) => {
                if character == open {
                    quote = None;
                }
                continue;
            }
            ('(' | '[' | '{', None) => depth += 1,
            (')' | ']' | '}', None) => depth = depth.saturating_sub(1),
            _ => {}
        }
        signs = match character {
            '!' | '-' | '?' => signs + 1,
            c if c.is_whitespace() => signs,
            _ => 0,
        };
        operators += usize::from("!-+*/%<>=&|?".contains(character));
        deepest = deepest.max(depth + signs);
    }
    if deepest > usize::from(DEPTH_MAX) {
        return Some(format!("the expression nests deeper than {DEPTH_MAX} levels; split the policy"));
    }
    (operators > OPERATORS_MAX).then(|| {
        format!(
            "the expression has more than {OPERATORS_MAX} operators; split the policy or use a conclusion"
        )
    })
}

fn parse_problem(source: &str, column: isize, message: &str) -> String {
    if message.contains("recursion") {
        return format!("`{source}` nests deeper than {DEPTH_MAX} levels; split the policy");
    }
    let offset = usize::try_from(column).unwrap_or(1).saturating_sub(1);
    let rest: String = source.chars().skip(offset).take(30).collect();
    if source.matches('=').count() > 0 && rest.starts_with('=') {
        return format!("`{source}` cannot be read at `{rest}`; compare with `==`");
    }
    match rest.is_empty() {
        true => format!("`{source}` ends too early; complete the expression"),
        false => format!("`{source}` cannot be read at `{rest}`; write a CEL expression"),
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

struct Compiler<'n> {
    scope: Vec<Variable>,
    parameters: &'n Parameters,
    problems: Vec<String>,
    // Paths that the whole expression compares with null: ordering them is safe.
    compared: Vec<String>,
    loops: usize,
}

type Compiled = (Node, CheckedType);

impl Compiler<'_> {
    fn problem(&mut self, text: String) -> Compiled {
        self.problems.push(text);
        (Node::Null, CheckedType::Broken)
    }

    // Most templates are a plain path: no parser is needed for `db.id`.
    fn path(&mut self, source: &str) -> Option<Compiled> {
        let plain = |text: &str| {
            text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
                && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        let mut names = source.split('.');
        let first = names.next().filter(|name| plain(name) && !["true", "false", "null"].contains(name))?;
        if !source.split('.').all(plain) {
            return None;
        }
        let mut result = self.variable(first);
        for name in names {
            result = self.field(result, name, source);
        }
        Some(result)
    }

    fn compile(&mut self, expression: &IdedExpr) -> Compiled {
        self.collect_null_comparisons(&expression.expr);
        self.expression(&expression.expr)
    }

    fn collect_null_comparisons(&mut self, expression: &Expr) {
        match expression {
            Expr::Call(call) => {
                if let [left, right] = call.args.as_slice()
                    && (call.func_name == operators::EQUALS || call.func_name == operators::NOT_EQUALS)
                {
                    let is_null = |side: &IdedExpr| matches!(side.expr, Expr::Literal(LiteralValue::Null));
                    if is_null(right) {
                        self.compared.push(text_of(&left.expr));
                    } else if is_null(left) {
                        self.compared.push(text_of(&right.expr));
                    }
                }
                if let Some(target) = &call.target {
                    self.collect_null_comparisons(&target.expr);
                }
                for argument in &call.args {
                    self.collect_null_comparisons(&argument.expr);
                }
            }
            Expr::Comprehension(comprehension) => {
                self.collect_null_comparisons(&comprehension.iter_range.expr);
                self.collect_null_comparisons(&comprehension.loop_step.expr);
            }
            Expr::Select(select) => self.collect_null_comparisons(&select.operand.expr),
            Expr::List(list) => {
                list.elements.iter().for_each(|element| self.collect_null_comparisons(&element.expr))
            }
            _ => {}
        }
    }

    fn expression(&mut self, expression: &Expr) -> Compiled {
        match expression {
            Expr::Literal(literal) => self.literal(literal),
            Expr::Ident(name) => self.variable(name),
            Expr::Select(select) => self.select(select),
            Expr::List(list) => self.list(&list.elements),
            Expr::Call(call) => self.call(call),
            Expr::Comprehension(comprehension) => self.comprehension(comprehension),
            Expr::Map(_) | Expr::Struct(_) => {
                self.problem("maps and structs cannot be written in a policy".into())
            }
            Expr::Unspecified => self.problem("the expression is empty".into()),
        }
    }

    fn literal(&mut self, literal: &LiteralValue) -> Compiled {
        match literal {
            LiteralValue::Boolean(value) => (Node::Bool(*value.inner()), CheckedType::Of(Type::Bool)),
            LiteralValue::Int(value) => (Node::Int(*value.inner()), CheckedType::Of(Type::Int)),
            LiteralValue::Double(value) => (Node::Float(*value.inner()), CheckedType::Of(Type::Float)),
            LiteralValue::String(value) => {
                (Node::Text(value.inner().to_owned()), CheckedType::Of(Type::Text))
            }
            LiteralValue::Null => (Node::Null, CheckedType::Null),
            LiteralValue::UInt(_) => self.problem("write whole numbers without the `u`".into()),
            LiteralValue::Bytes(_) => self.problem("write text as \"text\", without the `b`".into()),
        }
    }

    fn variable(&mut self, name: &str) -> Compiled {
        if let Some(index) = self.scope.iter().rposition(|variable| variable.name == name) {
            let ty = self.scope.get(index).map(|variable| CheckedType::of(&variable.ty));
            return (Node::Variable(index), ty.unwrap_or(CheckedType::Broken));
        }
        if let Some(parameter) = self.parameters.get(name) {
            return (Node::from(parameter), CheckedType::Of(parameter.ty()));
        }
        if let Some((_, value)) = CONSTANTS.iter().find(|(constant, _)| *constant == name) {
            return (Node::Int(*value), CheckedType::Of(Type::Int));
        }
        let names: Vec<&str> = self
            .scope
            .iter()
            .map(|variable| variable.name.as_str())
            .chain(self.parameters.keys().map(String::as_str))
            .collect();
        let hint = similar(name, names.iter().copied());
        self.problem(format!("there is no `{name}` here; known: {}{hint}", names.join(", ")))
    }

    fn select(&mut self, select: &SelectExpr) -> Compiled {
        if select.test {
            let written = text_of(&select.operand.expr);
            return self.problem(format!(
                "`has({written}.{})` would turn unknown into no; compare with null, or write `\"{}\" in {written}` for tags",
                select.field, select.field
            ));
        }
        let written = format!("{}.{}", text_of(&select.operand.expr), select.field);
        let operand = self.expression(&select.operand.expr);
        self.field(operand, &select.field, &written)
    }

    fn field(&mut self, (node, ty): Compiled, name: &str, written: &str) -> Compiled {
        match ty.parts() {
            None if ty == CheckedType::Broken => (Node::Null, CheckedType::Broken),
            Some((Type::Record(shape), nullable)) => {
                let shape = shape();
                match shape.field(name) {
                    Some((index, field)) => {
                        let ty = CheckedType::of(&field.ty).or_null(nullable);
                        (Node::Field(Box::new(node), index, field.name), ty)
                    }
                    None => self.no_field(shape, name),
                }
            }
            Some((Type::Tags, _)) => {
                let index = Node::Index(Box::new(node), Box::new(Node::Text(name.to_owned())));
                (index, CheckedType::Of(Type::Nullable(Box::new(Type::Text))))
            }
            Some((Type::List(_), _)) => self.problem(format!(
                "`{written}`: a list has no fields; loop over it with `.all(x, …)` or `.exists(x, …)`"
            )),
            _ => self.problem(format!("`{written}`: {} has no fields", ty.name())),
        }
    }

    fn no_field(&mut self, shape: &'static RecordShape, name: &str) -> Compiled {
        let hint = similar(name, shape.fields.iter().map(|field| field.name));
        let known = match hint.is_empty() {
            true => format!(
                "; it has {}",
                shape.fields.iter().map(|field| field.name).collect::<Vec<_>>().join(", ")
            ),
            false => hint,
        };
        self.problem(format!("{} has no field `{name}`{known}", shape.name))
    }

    fn list(&mut self, elements: &[IdedExpr]) -> Compiled {
        let mut nodes = Vec::new();
        let mut element_type: Option<Type> = None;
        for element in elements {
            let (node, ty) = self.expression(&element.expr);
            nodes.push(node);
            match (ty.parts(), &element_type) {
                (Some((ty, false)), None) => element_type = Some(ty.clone()),
                (Some((ty, false)), Some(first)) if ty == first => {}
                (None, _) if ty == CheckedType::Broken => {}
                _ => {
                    return self
                        .problem("the elements of a list must be of one type, and none may be null".into());
                }
            }
        }
        match element_type {
            Some(ty) => {
                let ty = self.list_of(ty);
                (Node::List(nodes), ty)
            }
            None => (Node::List(nodes), CheckedType::EmptyList),
        }
    }

    fn call(&mut self, call: &CallExpr) -> Compiled {
        let name = call.func_name.as_str();
        match (name, call.target.as_deref(), call.args.as_slice()) {
            (operators::LOGICAL_NOT, None, [operand]) => {
                let node = self.boolean(&operand.expr, "!");
                (Node::Not(Box::new(node)), CheckedType::Of(Type::Bool))
            }
            (operators::LOGICAL_AND | operators::LOGICAL_OR, None, [left, right]) => {
                let word = if name == operators::LOGICAL_AND { "&&" } else { "||" };
                let (left, right) = (self.boolean(&left.expr, word), self.boolean(&right.expr, word));
                let (left, right) = (Box::new(left), Box::new(right));
                let node = if word == "&&" { Node::And(left, right) } else { Node::Or(left, right) };
                (node, CheckedType::Of(Type::Bool))
            }
            (operators::NEGATE, None, [operand]) => {
                let (node, ty) = self.number(&operand.expr);
                (Node::Negate(Box::new(node)), ty)
            }
            (operators::CONDITIONAL, None, [condition, yes, no]) => self.choose(condition, yes, no),
            (operators::INDEX, None, [list, index]) => self.index(list, index),
            (operators::IN, None, [element, list]) => self.contains(element, list),
            (_, None, [left, right]) if comparison(name).is_some() => {
                self.compare(comparison(name).unwrap_or(Comparison::Equal), left, right)
            }
            (_, None, [left, right]) if calculation(name).is_some() => {
                self.calculate(calculation(name).unwrap_or(Calculation::Add), left, right)
            }
            (_, target, arguments) => self.function(name, target, arguments),
        }
    }

    // A condition must be true, false or unknown: a null would have to be guessed at.
    fn boolean(&mut self, expression: &Expr, operator: &str) -> Node {
        let (node, ty) = self.expression(expression);
        match ty.parts() {
            Some((Type::Bool, false)) => node,
            Some((Type::Bool, true)) => {
                let written = text_of(expression);
                self.problem(format!("`{written}` may be null; write `{written} == true`")).0
            }
            None if ty == CheckedType::Broken => node,
            _ => {
                self.problem(format!(
                    "`{operator}` needs conditions, and `{}` is {}",
                    text_of(expression),
                    ty.name()
                ))
                .0
            }
        }
    }

    fn number(&mut self, expression: &Expr) -> Compiled {
        let compiled = self.expression(expression);
        self.as_number(compiled, expression)
    }

    fn as_number(&mut self, (node, ty): Compiled, expression: &Expr) -> Compiled {
        match ty.parts() {
            Some((Type::Int | Type::Float, nullable)) => {
                if nullable {
                    self.refuse_null(expression);
                }
                let bare =
                    ty.parts().map(|(ty, _)| CheckedType::Of(ty.clone())).unwrap_or(CheckedType::Broken);
                (node, bare)
            }
            None if ty == CheckedType::Broken => (node, ty),
            _ => self.problem(format!("`{}` is {}, not a number", text_of(expression), ty.name())),
        }
    }

    fn refuse_null(&mut self, expression: &Expr) {
        let written = text_of(expression);
        let guarded = self.compared.iter().any(|path| {
            written == *path || written.strip_prefix(path.as_str()).is_some_and(|rest| rest.starts_with('.'))
        });
        if !guarded {
            self.problems
                .push(format!("`{written}` may be null; say what holds then: `{written} != null && …`"));
        }
    }

    fn choose(&mut self, condition: &IdedExpr, yes: &IdedExpr, no: &IdedExpr) -> Compiled {
        let condition = self.boolean(&condition.expr, "?:");
        let (yes_node, yes_type) = self.expression(&yes.expr);
        let (no_node, no_type) = self.expression(&no.expr);
        let ty = match (&yes_type, &no_type) {
            (CheckedType::Broken, other) | (other, CheckedType::Broken) => other.clone(),
            (CheckedType::Null, other) | (other, CheckedType::Null) => other.clone().or_null(true),
            _ => match (yes_type.parts(), no_type.parts()) {
                (Some((left, left_null)), Some((right, right_null))) if same(left, right) => {
                    let ty = if left == right { left.clone() } else { Type::Float };
                    CheckedType::Of(ty).or_null(left_null || right_null)
                }
                _ => {
                    return self.problem(format!(
                        "both sides of `?:` must be of one type: `{}` is {}, `{}` is {}",
                        text_of(&yes.expr),
                        yes_type.name(),
                        text_of(&no.expr),
                        no_type.name()
                    ));
                }
            },
        };
        (Node::Choose(Box::new(condition), Box::new(yes_node), Box::new(no_node)), ty)
    }

    fn index(&mut self, list: &IdedExpr, index: &IdedExpr) -> Compiled {
        let (list_node, list_type) = self.expression(&list.expr);
        let (index_node, index_type) = self.expression(&index.expr);
        let node = Node::Index(Box::new(list_node), Box::new(index_node));
        match (list_type.parts(), index_type.parts()) {
            (Some((Type::List(element), _)), Some((Type::Int, false))) => {
                (node, CheckedType::of(element).or_null(true))
            }
            (Some((Type::Tags, _)), Some((Type::Text, false))) => {
                (node, CheckedType::Of(Type::Nullable(Box::new(Type::Text))))
            }
            _ if list_type == CheckedType::Broken || index_type == CheckedType::Broken => {
                (Node::Null, CheckedType::Broken)
            }
            _ => self.problem(format!(
                "`{}[{}]`: index a list with a number, tags with text",
                text_of(&list.expr),
                text_of(&index.expr)
            )),
        }
    }

    fn contains(&mut self, element: &IdedExpr, list: &IdedExpr) -> Compiled {
        let (element_node, element_type) = self.expression(&element.expr);
        let (list_node, list_type) = self.expression(&list.expr);
        let node = Node::In(Box::new(element_node), Box::new(list_node));
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
        self.problem(format!(
            "`{} in {}` looks for {} in {}",
            text_of(&element.expr),
            text_of(&list.expr),
            element_type.name(),
            list_type.name()
        ))
    }

    fn compare(&mut self, comparison: Comparison, left: &IdedExpr, right: &IdedExpr) -> Compiled {
        let (left_node, left_type) = self.expression(&left.expr);
        let (right_node, right_type) = self.expression(&right.expr);
        let equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        let (left_text, right_text) = (text_of(&left.expr), text_of(&right.expr));
        match (&left_type, &right_type) {
            (CheckedType::Broken, _) | (_, CheckedType::Broken) => {}
            (CheckedType::Null, other) | (other, CheckedType::Null) if equality => {
                if !matches!(other, CheckedType::Null) && !other.parts().is_some_and(|(_, nullable)| nullable)
                {
                    let path = if left_type == CheckedType::Null { &right_text } else { &left_text };
                    self.problems.push(format!("`{path}` is never null; leave the comparison out"));
                }
            }
            (CheckedType::EmptyList, other) | (other, CheckedType::EmptyList) if equality => {
                if !matches!(other.parts(), Some((Type::List(_), _)) | None) {
                    self.problems.push(format!("`{left_text}` and `{right_text}` can never be equal"));
                }
            }
            _ => {
                let ordered = |ty: &Type| matches!(ty, Type::Int | Type::Float | Type::Text);
                let fits = match (left_type.parts(), right_type.parts()) {
                    (Some((left, _)), Some((right, _))) => same(left, right) && (equality || ordered(left)),
                    _ => false,
                };
                if !fits {
                    self.problems.push(format!(
                        "`{left_text}` is {}, `{right_text}` is {}: they cannot be compared",
                        left_type.name(),
                        right_type.name()
                    ));
                } else if !equality {
                    for (side, ty) in [(left, &left_type), (right, &right_type)] {
                        if ty.parts().is_some_and(|(_, nullable)| nullable) {
                            self.refuse_null(&side.expr);
                        }
                    }
                }
            }
        }
        (Node::Compare(comparison, Box::new(left_node), Box::new(right_node)), CheckedType::Of(Type::Bool))
    }

    fn calculate(&mut self, calculation: Calculation, left: &IdedExpr, right: &IdedExpr) -> Compiled {
        // Each side is compiled once: a chain of operators would take twice as long with each.
        let (left_value, right_value) = (self.expression(&left.expr), self.expression(&right.expr));
        if calculation == Calculation::Add
            && let (Some((Type::Text, false)), Some((Type::Text, false))) =
                (left_value.1.parts(), right_value.1.parts())
        {
            let node = Node::Calculate(calculation, Box::new(left_value.0), Box::new(right_value.0));
            return (node, CheckedType::Of(Type::Text));
        }
        let (left_node, left_type) = self.as_number(left_value, &left.expr);
        let (right_node, right_type) = self.as_number(right_value, &right.expr);
        let float = [&left_type, &right_type].iter().any(|ty| **ty == CheckedType::Of(Type::Float));
        let ty = if float { Type::Float } else { Type::Int };
        (Node::Calculate(calculation, Box::new(left_node), Box::new(right_node)), CheckedType::Of(ty))
    }

    fn function(&mut self, name: &str, target: Option<&IdedExpr>, arguments: &[IdedExpr]) -> Compiled {
        if target.is_none()
            && let Some(conclusion) = conclude::find(name)
        {
            return self.conclusion(conclusion, arguments);
        }
        let Some((_, builtin, is_method)) = BUILTINS.iter().find(|(known, _, _)| *known == name) else {
            if name == "matches" {
                return self
                    .problem("`matches` is not offered; use startsWith, endsWith, contains or `in`".into());
            }
            let names = BUILTINS.iter().map(|(name, _, _)| *name);
            let conclusions = conclude::FUNCTIONS.iter().map(|function| function.name);
            let hint = similar(name, names.chain(conclusions));
            return self.problem(format!("there is no function `{name}`{hint}"));
        };
        let mut compiled = Vec::new();
        let all: Vec<&IdedExpr> = target.into_iter().chain(arguments).collect();
        let (expected, form) = match builtin {
            Builtin::ArnBeside => (3, format!("{name}(arn, \"service\", \"resource\")")),
            Builtin::Price => (2, "price(\"alb-hour\", lb.region)".to_owned()),
            Builtin::DaysLater => (2, format!("{name}(time, days)")),
            _ if *is_method => (2, format!("text.{name}(part)")),
            _ => (1, format!("{name}(x)")),
        };
        if all.len() != expected || *is_method == target.is_none() {
            return self.problem(format!("write `{form}`"));
        }
        for (position, argument) in all.iter().enumerate() {
            let (node, ty) = self.expression(&argument.expr);
            self.check_argument(*builtin, position, &argument.expr, &ty);
            compiled.push(node);
        }
        let ty = match builtin {
            Builtin::Size | Builtin::Int => Type::Int,
            Builtin::Text
            | Builtin::DisplayName
            | Builtin::After
            | Builtin::ArnBeside
            | Builtin::DaysLater => Type::Text,
            Builtin::StartsWith | Builtin::EndsWith | Builtin::Contains => Type::Bool,
            Builtin::Price => Type::Float,
        };
        (Node::Function(*builtin, compiled), CheckedType::Of(ty))
    }

    fn check_argument(&mut self, builtin: Builtin, position: usize, expression: &Expr, ty: &CheckedType) {
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
            self.problems.push(format!(
                "`{}` is {}, which does not fit here",
                text_of(expression),
                ty.name()
            ));
        } else if nullable && (position == 0 || builtin == Builtin::Price) {
            self.refuse_null(expression);
        }
    }

    fn conclusion(&mut self, function: &'static conclude::Function, arguments: &[IdedExpr]) -> Compiled {
        let takes = (function.takes)().name;
        let subject = self.scope.first().cloned();
        let written = arguments.first().map(|argument| text_of(&argument.expr)).unwrap_or_default();
        let (Some(subject), 1) = (subject, arguments.len()) else {
            return self.problem(format!("write `{}(x)` with the judged resource", function.name));
        };
        if written != subject.name {
            return self.problem(format!(
                "write `{}({})`: conclusions are about the judged resource",
                function.name, subject.name
            ));
        }
        if !matches!(&subject.ty, Type::Record(shape) if shape().name == takes) {
            return self.problem(format!(
                "`{}` is about a {takes}, and `{written}` is a {:?}",
                function.name, subject.ty
            ));
        }
        (Node::Conclusion(function), CheckedType::of(&(function.gives)()))
    }

    fn comprehension(&mut self, comprehension: &ComprehensionExpr) -> Compiled {
        let Some((kind, body)) = recognise(comprehension) else {
            return self
                .problem("this loop is not offered; use all, exists, exists_one, filter or map".into());
        };
        let list_text = text_of(&comprehension.iter_range.expr);
        let (list, list_type) = self.expression(&comprehension.iter_range.expr);
        let element = match list_type.parts() {
            Some((Type::List(element), _)) => bare(element).clone(),
            _ if list_type == CheckedType::Broken => return (Node::Null, CheckedType::Broken),
            _ => return self.problem(format!("`{list_text}` is {}, not a list", list_type.name())),
        };
        if self.loops >= LOOPS_MAX {
            return self
                .problem(format!("more than {LOOPS_MAX} loops stand inside each other; use a conclusion"));
        }
        self.loops += 1;
        let slot = self.scope.len();
        self.scope.push(Variable { name: comprehension.iter_var.clone(), ty: element.clone() });
        let (body_node, ty) = match kind {
            LoopKind::Map => {
                let (node, ty) = self.expression(body);
                let inner = ty.parts().map(|(ty, _)| ty.clone()).unwrap_or(Type::Text);
                (node, self.list_of(inner))
            }
            LoopKind::Filter => {
                (self.boolean(body, "filter"), CheckedType::Of(Type::List(Box::new(element))))
            }
            _ => (self.boolean(body, "a loop"), CheckedType::Of(Type::Bool)),
        };
        self.scope.pop();
        self.loops -= 1;
        (Node::Loop(kind, Box::new(list), slot, Box::new(body_node)), ty)
    }

    // Every level multiplies what there is to go through.
    fn list_of(&mut self, element: Type) -> CheckedType {
        let (mut levels, mut inside) = (1, &element);
        while let Type::List(of) | Type::Nullable(of) | Type::Known(of) = inside {
            levels += usize::from(matches!(inside, Type::List(_)));
            inside = of;
        }
        if levels > LISTS_MAX {
            self.problems
                .push(format!("more than {LISTS_MAX} lists stand inside each other; use a conclusion"));
            return CheckedType::Broken;
        }
        CheckedType::Of(Type::List(Box::new(element)))
    }
}

// The parser expands the loop macros; this recognises each by the step it makes.
fn recognise(comprehension: &ComprehensionExpr) -> Option<(LoopKind, &Expr)> {
    let Expr::Call(step) = &comprehension.loop_step.expr else {
        return None;
    };
    let element_of = |expression: &IdedExpr| match &expression.expr {
        Expr::Call(call) if call.func_name == operators::ADD => match &call.args.get(1)?.expr {
            Expr::List(list) => list.elements.first().map(|element| element.expr.clone()),
            _ => None,
        },
        _ => None,
    };
    match (step.func_name.as_str(), step.args.as_slice()) {
        (operators::LOGICAL_AND, [_, body]) => Some((LoopKind::All, &body.expr)),
        (operators::LOGICAL_OR, [_, body]) => Some((LoopKind::Exists, &body.expr)),
        (operators::ADD, [_, list]) => match &list.expr {
            Expr::List(list) => list.elements.first().map(|element| (LoopKind::Map, &element.expr)),
            _ => None,
        },
        (operators::CONDITIONAL, [condition, step, _]) => match element_of(step) {
            Some(Expr::Ident(name)) if name == comprehension.iter_var => {
                Some((LoopKind::Filter, &condition.expr))
            }
            Some(_) => None,
            None => Some((LoopKind::ExistsOne, &condition.expr)),
        },
        _ => None,
    }
}

fn same(left: &Type, right: &Type) -> bool {
    let number = |ty: &Type| matches!(ty, Type::Int | Type::Float);
    left == right || (number(left) && number(right))
}

fn comparison(name: &str) -> Option<Comparison> {
    Some(match name {
        operators::EQUALS => Comparison::Equal,
        operators::NOT_EQUALS => Comparison::NotEqual,
        operators::LESS => Comparison::Less,
        operators::LESS_EQUALS => Comparison::LessOrEqual,
        operators::GREATER => Comparison::Greater,
        operators::GREATER_EQUALS => Comparison::GreaterOrEqual,
        _ => return None,
    })
}

fn calculation(name: &str) -> Option<Calculation> {
    Some(match name {
        operators::ADD => Calculation::Add,
        operators::SUBSTRACT => Calculation::Subtract,
        operators::MULTIPLY => Calculation::Multiply,
        operators::DIVIDE => Calculation::Divide,
        operators::MODULO => Calculation::Remainder,
        _ => return None,
    })
}

/// How a part of an expression was written, roughly: for messages and evidence.
fn text_of(expression: &Expr) -> String {
    match expression {
        Expr::Ident(name) => name.clone(),
        Expr::Select(select) => format!("{}.{}", text_of(&select.operand.expr), select.field),
        Expr::Literal(LiteralValue::String(text)) => format!("{:?}", text.inner()),
        Expr::Literal(LiteralValue::Int(value)) => value.inner().to_string(),
        Expr::Literal(LiteralValue::Double(value)) => value.inner().to_string(),
        Expr::Literal(LiteralValue::Boolean(value)) => value.inner().to_string(),
        Expr::Literal(LiteralValue::Null) => "null".into(),
        Expr::List(list) => {
            format!(
                "[{}]",
                list.elements.iter().map(|element| text_of(&element.expr)).collect::<Vec<_>>().join(", ")
            )
        }
        Expr::Call(call) => {
            let arguments = call.args.iter().map(|argument| text_of(&argument.expr)).collect::<Vec<_>>();
            match (&call.target, arguments.as_slice()) {
                (Some(target), _) => {
                    format!("{}.{}({})", text_of(&target.expr), call.func_name, arguments.join(", "))
                }
                (None, [left, right])
                    if call.func_name.starts_with('_') || call.func_name.starts_with('@') =>
                {
                    let sign = call.func_name.trim_matches(['_', '@']);
                    format!("{left} {sign} {right}")
                }
                _ => format!("{}({})", call.func_name.trim_matches('_'), arguments.join(", ")),
            }
        }
        Expr::Comprehension(comprehension) => format!("{}.…", text_of(&comprehension.iter_range.expr)),
        _ => "…".into(),
    }
}
