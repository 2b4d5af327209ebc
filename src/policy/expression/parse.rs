//! Reads expressions: a subset of Google's CEL, by operator precedence.
//!
//! How deep an expression nests and how many operators it has is bounded here, so that
//! whatever walks the tree may recurse.

use super::lex::{self, Token, TokenKind};
use super::syntax::{Expression, ExpressionForm};
use super::{Calculation, ComparisonOperator, ExpressionProblem, LOOPS, LoopKind};
use std::collections::BTreeSet;
use std::ops::Range;

/// The longest expression that is accepted, in characters.
const LENGTH_MAX: usize = 2_000;
/// How many brackets and signs such as `!` may stand inside each other.
const DEPTH_MAX: usize = 12;
/// How many operators, fields and calls an expression may have.
const OPERATORS_MAX: usize = 240;
/// How much of an expression a message shows.
const SHOWN_MAX: usize = 80;

/// How tightly operators bind, the loosest first; `?:` is looser than all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Power {
    Or,
    And,
    Relation,
    Sum,
    Product,
}

/// An expression that can be read, before its names mean anything.
#[derive(Debug)]
pub(crate) struct Parsed {
    pub(super) source: String,
    pub(super) expression: Expression,
}

impl Parsed {
    /// Reads an expression.
    ///
    /// # Errors
    /// Where it cannot be read, and what to write instead.
    pub(crate) fn new(source: &str) -> Result<Parsed, ExpressionProblem> {
        Ok(Parsed { source: source.to_owned(), expression: parse(source)? })
    }

    /// The names in it that are not those of loops.
    pub(crate) fn names(&self) -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        self.expression.free_names(&mut Vec::new(), &mut names);
        names
    }
}

/// Reads an expression.
///
/// # Errors
/// Where it cannot be read, and what to write instead.
pub(super) fn parse(source: &str) -> Result<Expression, ExpressionProblem> {
    if source.trim().is_empty() {
        let message = "the expression is empty; an expression that begins with `!` must be quoted";
        return Err(ExpressionProblem { at: 0, message: message.to_owned() });
    }
    if source.chars().count() > LENGTH_MAX {
        let message = format!("the expression has more than {LENGTH_MAX} characters; split the policy");
        return Err(ExpressionProblem { at: 0, message });
    }
    let mut tokens = lex::tokens(source).into_iter();
    let next = tokens.next();
    let mut parser = Parser { source, tokens, next, end: 0, open: Vec::new(), operators: 0 };
    let expression = parser.expression()?;
    match parser.peek() {
        TokenKind::End => Ok(expression),
        _ => Err(parser.unexpected("an operator is missing before it")),
    }
}

struct Parser<'s> {
    source: &'s str,
    tokens: std::vec::IntoIter<Token>,
    next: Option<Token>,
    /// Where the last token ended.
    end: usize,
    /// The brackets that are open: what closes each, and where it stands.
    open: Vec<(&'static str, usize)>,
    operators: usize,
}

type ParsedPart = Result<Expression, ExpressionProblem>;

impl Parser<'_> {
    fn peek(&self) -> &TokenKind {
        self.next.as_ref().map_or(&TokenKind::End, |token| &token.kind)
    }

    fn at(&self) -> usize {
        self.next.as_ref().map_or(self.source.len(), |token| token.span.start)
    }

    fn advance(&mut self) {
        let next = self.tokens.next();
        if let Some(token) = std::mem::replace(&mut self.next, next) {
            self.end = token.span.end;
        }
    }

    fn is(&self, sign: &str) -> bool {
        matches!(self.peek(), TokenKind::Sign(found) if *found == sign)
    }

    fn take(&mut self, sign: &str) -> bool {
        let is = self.is(sign);
        if is {
            self.advance();
        }
        is
    }

    /// Counts an operator, a field or a call.
    fn operator(&mut self) -> Result<(), ExpressionProblem> {
        self.operators += 1;
        if self.operators <= OPERATORS_MAX {
            return Ok(());
        }
        let message = format!(
            "the expression has more than {OPERATORS_MAX} operators; split the policy or use a conclusion"
        );
        Err(ExpressionProblem { at: self.at(), message })
    }

    /// `signs`: how many signs such as `!` stand before the present part.
    fn check_depth(&self, signs: usize) -> Result<(), ExpressionProblem> {
        if self.open.len() + signs <= DEPTH_MAX {
            return Ok(());
        }
        let message = format!("the expression nests deeper than {DEPTH_MAX} levels; split the policy");
        Err(ExpressionProblem { at: self.at(), message })
    }

    /// Opens a bracket; `close` is what must come.
    fn open(&mut self, close: &'static str) -> Result<(), ExpressionProblem> {
        self.open.push((close, self.at()));
        self.advance();
        self.check_depth(0)
    }

    fn close(&mut self) -> Result<(), ExpressionProblem> {
        let Some((close, _)) = self.open.last().copied() else {
            return Ok(());
        };
        if !self.is(close) {
            return Err(self.unexpected("an operator or a comma is missing before it"));
        }
        self.open.pop();
        self.advance();
        Ok(())
    }

    // `a ? b : c ? d : e`: the last part may be another choice, without going deeper.
    fn expression(&mut self) -> ParsedPart {
        let mut choices = Vec::new();
        let last = loop {
            let condition = self.binary(Power::Or)?;
            if !self.take("?") {
                break condition;
            }
            self.operator()?;
            let yes = self.binary(Power::Or)?;
            if self.is("?") {
                return Err(self.unexpected("put the inner `… ? … : …` into parentheses"));
            }
            if !self.take(":") {
                return Err(self.unexpected("`a ? b` goes on with `: c`"));
            }
            choices.push((condition, yes));
        };
        let fold = |no: Expression, (condition, yes): (Expression, Expression)| {
            let span = condition.span.start..no.span.end;
            Expression {
                form: ExpressionForm::Choose(Box::new(condition), Box::new(yes), Box::new(no)),
                span,
            }
        };
        Ok(choices.into_iter().rev().fold(last, fold))
    }

    // Operators of one power are taken from the left.
    fn binary(&mut self, least: Power) -> ParsedPart {
        let mut left = self.unary()?;
        while let Some((operator, power)) = self.infix().filter(|(_, power)| *power >= least) {
            self.operator()?;
            self.advance();
            let right = match power {
                Power::Or => self.binary(Power::And),
                Power::And => self.binary(Power::Relation),
                Power::Relation => self.binary(Power::Sum),
                Power::Sum => self.binary(Power::Product),
                Power::Product => self.unary(),
            }?;
            let span = left.span.start..right.span.end;
            left = Expression { form: operator(Box::new(left), Box::new(right)), span };
        }
        Ok(left)
    }

    fn infix(&self) -> Option<(Join, Power)> {
        let sign = match self.peek() {
            TokenKind::Sign(sign) => sign,
            TokenKind::Word(word) if word == "in" => "in",
            _ => return None,
        };
        Some(match sign {
            "||" => (ExpressionForm::Or as Join, Power::Or),
            "&&" => (ExpressionForm::And as Join, Power::And),
            "in" => (ExpressionForm::In as Join, Power::Relation),
            "==" => (
                |left, right| ExpressionForm::Compare(ComparisonOperator::Equal, left, right),
                Power::Relation,
            ),
            "!=" => (
                |left, right| ExpressionForm::Compare(ComparisonOperator::NotEqual, left, right),
                Power::Relation,
            ),
            "<" => (
                |left, right| ExpressionForm::Compare(ComparisonOperator::Less, left, right),
                Power::Relation,
            ),
            "<=" => (
                |left, right| ExpressionForm::Compare(ComparisonOperator::LessOrEqual, left, right),
                Power::Relation,
            ),
            ">" => (
                |left, right| ExpressionForm::Compare(ComparisonOperator::Greater, left, right),
                Power::Relation,
            ),
            ">=" => (
                |left, right| ExpressionForm::Compare(ComparisonOperator::GreaterOrEqual, left, right),
                Power::Relation,
            ),
            "+" => (|left, right| ExpressionForm::Calculate(Calculation::Add, left, right), Power::Sum),
            "-" => (|left, right| ExpressionForm::Calculate(Calculation::Subtract, left, right), Power::Sum),
            "*" => {
                (|left, right| ExpressionForm::Calculate(Calculation::Multiply, left, right), Power::Product)
            }
            "/" => {
                (|left, right| ExpressionForm::Calculate(Calculation::Divide, left, right), Power::Product)
            }
            "%" => {
                (|left, right| ExpressionForm::Calculate(Calculation::Remainder, left, right), Power::Product)
            }
            _ => return None,
        })
    }

    fn unary(&mut self) -> ParsedPart {
        let mut signs = Vec::new();
        while self.is("!") || self.is("-") {
            signs.push((self.is("!"), self.at()));
            self.check_depth(signs.len())?;
            self.operator()?;
            self.advance();
        }
        // The sign belongs to the number: only so the smallest one can be written.
        let is_negative = matches!(
            (signs.last(), self.peek()),
            (Some((false, _)), TokenKind::Int(_) | TokenKind::Float(_))
        );
        let mut operand = if is_negative {
            let start = signs.pop().map_or(0, |(_, at)| at);
            let number = self.number(true)?;
            self.postfix(Expression { form: number, span: start..self.end })?
        } else {
            let primary = self.primary()?;
            self.postfix(primary)?
        };
        for (is_not, start) in signs.into_iter().rev() {
            let span = start..operand.span.end;
            let of = Box::new(operand);
            operand = Expression {
                form: if is_not { ExpressionForm::Not(of) } else { ExpressionForm::Negate(of) },
                span,
            };
        }
        Ok(operand)
    }

    fn number(&mut self, is_negative: bool) -> Result<ExpressionForm, ExpressionProblem> {
        let form = match self.peek() {
            TokenKind::Float(number) => {
                Some(ExpressionForm::Float(if is_negative { -number } else { *number }))
            }
            TokenKind::Int(number) if is_negative => {
                0_i64.checked_sub_unsigned(*number).map(ExpressionForm::Int)
            }
            TokenKind::Int(number) => i64::try_from(*number).ok().map(ExpressionForm::Int),
            _ => None,
        };
        let form = form.ok_or_else(|| self.unexpected("the number is too large"))?;
        self.advance();
        Ok(form)
    }

    fn primary(&mut self) -> ParsedPart {
        let start = self.at();
        let form = match self.peek().clone() {
            TokenKind::Int(_) | TokenKind::Float(_) => self.number(false)?,
            TokenKind::Text(text) => {
                self.advance();
                ExpressionForm::Text(text)
            }
            TokenKind::Word(word) if word != "in" => {
                self.advance();
                match word.as_str() {
                    "null" => ExpressionForm::Null,
                    "true" => ExpressionForm::Bool(true),
                    "false" => ExpressionForm::Bool(false),
                    _ if self.is("(") => {
                        let arguments = self.arguments(")")?;
                        called(None, word, arguments, start..self.end)?
                    }
                    _ => ExpressionForm::Name(word),
                }
            }
            TokenKind::Sign("(") => {
                self.open(")")?;
                let inner = self.expression()?;
                if self.is(",") {
                    return Err(self.unexpected("a list is written `[a, b]`"));
                }
                self.close()?;
                inner.form
            }
            TokenKind::Sign("[") => ExpressionForm::List(self.arguments("]")?),
            _ => return Err(self.unexpected("a value is missing before it")),
        };
        Ok(Expression { form, span: start..self.end })
    }

    fn postfix(&mut self, mut of: Expression) -> ParsedPart {
        loop {
            let start = of.span.start;
            let form = if self.is(".") {
                self.operator()?;
                self.advance();
                let TokenKind::Word(name) = self.peek().clone() else {
                    return Err(self.unexpected("the name of a field is missing before it"));
                };
                self.advance();
                if self.is("(") {
                    let arguments = self.arguments(")")?;
                    called(Some(of), name, arguments, start..self.end)?
                } else {
                    ExpressionForm::Field(Box::new(of), name)
                }
            } else if self.is("[") {
                self.operator()?;
                self.open("]")?;
                let index = self.expression()?;
                self.close()?;
                ExpressionForm::Index(Box::new(of), Box::new(index))
            } else {
                return Ok(of);
            };
            of = Expression { form, span: start..self.end };
        }
    }

    /// What stands between brackets, with commas.
    fn arguments(&mut self, close: &'static str) -> Result<Vec<Expression>, ExpressionProblem> {
        self.operator()?;
        self.open(close)?;
        let mut arguments = Vec::new();
        while !self.is(close) {
            arguments.push(self.expression()?);
            // The last element of a list may have a comma, the last argument of a call may not.
            if !self.take(",") {
                break;
            }
            if close == ")" && self.is(close) {
                return Err(self.unexpected("a value is missing before it"));
            }
        }
        self.close()?;
        Ok(arguments)
    }

    fn follows(&self, word: &str) -> bool {
        let before = self.source.get(..self.at()).unwrap_or_default();
        before.split_whitespace().last() == Some(word)
    }

    fn unexpected(&self, missing: &str) -> ExpressionProblem {
        let at = self.at();
        let shown = shown(self.source, at);
        let message = match self.peek() {
            TokenKind::End => match self.open.last() {
                Some((close, opened)) => {
                    format!(
                        "`{shown}` ends too early; `{close}` is missing for `{}`",
                        rest(self.source, *opened)
                    )
                }
                None => format!("`{shown}` ends too early; complete the expression"),
            },
            TokenKind::Bad(instead) => {
                format!("`{shown}` cannot be read at `{}`; {instead}", rest(self.source, at))
            }
            kind => {
                let instead = match kind {
                    TokenKind::Sign(sign @ (")" | "]")) if self.open.is_empty() => {
                        format!("nothing is open that `{sign}` would close")
                    }
                    TokenKind::Word(word) if word == "and" => "write `&&`".to_owned(),
                    TokenKind::Word(word) if word == "or" => "write `||`".to_owned(),
                    _ if self.follows("not") => "write `!` for `not`".to_owned(),
                    TokenKind::Word(word) if word == "is" => "write `==`".to_owned(),
                    _ => missing.to_owned(),
                };
                format!("`{shown}` cannot be read at `{}`; {instead}", rest(self.source, at))
            }
        };
        ExpressionProblem { at, message }
    }
}

/// Joins two operands.
type Join = fn(Box<Expression>, Box<Expression>) -> ExpressionForm;

// A loop is written like a call, and its first argument is the variable.
fn called(
    on: Option<Expression>,
    name: String,
    arguments: Vec<Expression>,
    span: Range<usize>,
) -> Result<ExpressionForm, ExpressionProblem> {
    let Some((word, kind)) = LOOPS.iter().find(|(word, _)| *word == name) else {
        return Ok(match on {
            Some(on) => ExpressionForm::Method(Box::new(on), name, arguments),
            None => ExpressionForm::Call(name, arguments),
        });
    };
    let mut arguments = arguments.into_iter();
    match (on, arguments.next().map(|variable| variable.form), arguments.next(), arguments.next()) {
        (Some(list), Some(ExpressionForm::Name(variable)), Some(body), None) => {
            Ok(ExpressionForm::Loop(*kind, Box::new(list), variable, Box::new(body)))
        }
        _ => {
            let body = if *kind == LoopKind::Map { "what to make of it" } else { "a condition" };
            let message = format!("write `list.{word}(x, …)`: a name for the element, and {body}");
            Err(ExpressionProblem { at: span.start, message })
        }
    }
}

/// The part of an expression around a place, all of it where it is short.
fn shown(source: &str, at: usize) -> String {
    let source = source.trim_end();
    if source.chars().count() <= SHOWN_MAX {
        return one_line(source);
    }
    let before: Vec<char> = source.get(..at.min(source.len())).unwrap_or_default().chars().collect();
    let from = before.len().saturating_sub(SHOWN_MAX / 2);
    let before: String = before.iter().skip(from).collect();
    let after = source.get(at..).unwrap_or_default();
    let ellipsis = |is_cut: bool| if is_cut { "…" } else { "" };
    let is_cut = after.chars().count() > SHOWN_MAX / 2;
    let after: String = after.chars().take(SHOWN_MAX / 2).collect();
    one_line(&format!("{}{before}{after}{}", ellipsis(from > 0), ellipsis(is_cut)))
}

fn rest(source: &str, at: usize) -> String {
    let rest: String = source.get(at..).unwrap_or_default().chars().take(30).collect();
    one_line(&rest)
}

/// A text of several lines in one, without their indentation.
pub(crate) fn one_line(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}
