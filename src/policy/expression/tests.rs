//! How expressions are read, and what is said about those that cannot be.

use super::parse::parse;
use super::syntax::{Expression, ExpressionForm};
use super::{Names, Parsed, compile};

/// The expression with every operator in parentheses.
fn grouped(expression: &Expression) -> String {
    let both = |sign: &str, left: &Expression, right: &Expression| {
        format!("({} {sign} {})", grouped(left), grouped(right))
    };
    let all = |parts: &[Expression]| parts.iter().map(grouped).collect::<Vec<_>>().join(", ");
    match &expression.form {
        ExpressionForm::Null => "null".into(),
        ExpressionForm::Bool(value) => value.to_string(),
        ExpressionForm::Int(value) => value.to_string(),
        ExpressionForm::Float(value) => format!("{value:?}"),
        ExpressionForm::Text(value) => format!("{value:?}"),
        ExpressionForm::List(parts) => format!("[{}]", all(parts)),
        ExpressionForm::Name(name) => name.clone(),
        ExpressionForm::Field(of, name) => format!("{}.{name}", grouped(of)),
        ExpressionForm::Index(of, index) => format!("{}[{}]", grouped(of), grouped(index)),
        ExpressionForm::Call(name, arguments) => format!("{name}({})", all(arguments)),
        ExpressionForm::Method(on, name, arguments) => format!("{}.{name}({})", grouped(on), all(arguments)),
        ExpressionForm::Loop(kind, list, variable, body) => {
            format!("{}.{kind:?}({variable}, {})", grouped(list), grouped(body))
        }
        ExpressionForm::Not(of) => format!("(!{})", grouped(of)),
        ExpressionForm::Negate(of) => format!("(-{})", grouped(of)),
        ExpressionForm::And(left, right) => both("&&", left, right),
        ExpressionForm::Or(left, right) => both("||", left, right),
        ExpressionForm::Compare(comparison, left, right) => both(&format!("{comparison:?}"), left, right),
        ExpressionForm::Calculate(calculation, left, right) => both(&format!("{calculation:?}"), left, right),
        ExpressionForm::In(left, right) => both("in", left, right),
        ExpressionForm::Choose(condition, yes, no) => {
            format!("({} ? {} : {})", grouped(condition), grouped(yes), grouped(no))
        }
    }
}

#[test]
fn operators_bind_as_in_cel() {
    for (source, expected) in [
        ("a || b && c || d", "((a || (b && c)) || d)"),
        ("a == b && c != d", "((a Equal b) && (c NotEqual d))"),
        ("a + b * c - d % e", "((a Add (b Multiply c)) Subtract (d Remainder e))"),
        ("a < b == c in d", "(((a Less b) Equal c) in d)"),
        ("a / b / c", "((a Divide b) Divide c)"),
        ("a - -b", "(a Subtract (-b))"),
        ("a -1", "(a Subtract 1)"),
        ("-1 + - 2.5", "(-1 Add -2.5)"),
        ("!a.b[0].c && !!d", "((!a.b[0].c) && (!(!d)))"),
        ("-a.b * c", "((-a.b) Multiply c)"),
        ("a ? b : c ? d : e", "(a ? b : (c ? d : e))"),
        ("a || b ? c && d : e", "((a || b) ? (c && d) : e)"),
        ("(a ? b : c) ? d : e", "((a ? b : c) ? d : e)"),
        ("x.all(y, y > 1 || z) && w", "(x.All(y, ((y Greater 1) || z)) && w)"),
        ("f(a, b + 1).after('x')", "f(a, (b Add 1)).after(\"x\")"),
        ("[1, 2,]", "[1, 2]"),
        ("[]", "[]"),
        ("a.in", "a.in"),
        ("0x1F + 1e3 + .5", "((31 Add 1000.0) Add 0.5)"),
        ("-9223372036854775808", "-9223372036854775808"),
        (r#""a\"b\\\n\u3042" + 'it'"#, r#"("a\"b\\\nあ" Add "it")"#),
        ("a\n  && b", "(a && b)"),
    ] {
        let read = parse(source).unwrap_or_else(|problem| panic!("{source}: {}", problem.message));
        assert_eq!(grouped(&read), expected, "{source}");
    }
}

#[test]
fn what_cannot_be_read_is_said_with_its_place_and_what_to_write() {
    for (source, at, instead) in [
        ("", 0, "the expression is empty; an expression that begins with `!` must be quoted"),
        ("a &&", 4, "`a &&` ends too early; complete the expression"),
        ("(a && b", 7, "`(a && b` ends too early; `)` is missing for `(a && b`"),
        ("a)", 1, "nothing is open that `)` would close"),
        ("f(a, b", 6, "`)` is missing for `(a, b`"),
        ("f(a, )", 5, "a value is missing before it"),
        ("a b", 2, "an operator is missing before it"),
        ("a and b", 2, "write `&&`"),
        ("a or b", 2, "write `||`"),
        ("not a", 4, "write `!` for `not`"),
        ("a is b", 2, "write `==`"),
        ("a = b", 2, "compare with `==`"),
        ("a => b", 2, "write `>=`"),
        ("a & b", 2, "write `&&`"),
        ("a | b", 2, "write `||`"),
        ("a == \"b", 5, "close the text with `\"`"),
        ("a == “b”", 5, "write text in straight quotes"),
        ("a == r\"b\"", 5, "write text as \"text\", without the `r`"),
        ("a == \"\\d\"", 5, "write `\\\\` for a backslash"),
        ("a in (1, 2)", 7, "a list is written `[a, b]`"),
        ("a..b", 2, "the name of a field is missing before it"),
        ("a[0", 3, "`]` is missing for `[0`"),
        ("{\"a\": 1}", 0, "maps and structs cannot be written in a policy"),
        ("a == 1u", 5, "write whole numbers without the `u`"),
        ("a == 9223372036854775808", 5, "the number is too large"),
        ("a == 1e999", 5, "the number is too large"),
        ("a == 1days", 5, "a name begins with a letter"),
        ("a ? b", 5, "ends too early"),
        ("a ? b ? c : d : e", 6, "put the inner `… ? … : …` into parentheses"),
        ("a.all(b.c, true)", 0, "write `list.all(x, …)`: a name for the element, and a condition"),
        ("all(a, b)", 0, "write `list.all(x, …)`"),
        ("a // b", 2, "write comments of YAML, which begin with `#`"),
        ("a == 'b\nc'", 5, "close the text with `'`"),
    ] {
        let problem = parse(source).expect_err(source);
        assert!(problem.message.contains(instead), "{source}: {}", problem.message);
        assert_eq!(problem.at, at, "{source}: {}", problem.message);
    }
}

#[test]
fn long_expressions_are_shown_where_they_break() {
    let source = format!("a{} b && c", " && a".repeat(40));
    let problem = parse(&source).unwrap_err();
    assert_eq!(
        problem.message,
        "`…&& a && a && a && a && a && a && a && a b && c` cannot be read at `b && c`; an operator is missing before it"
    );
}

#[test]
fn depth_and_length_are_bounded() {
    let nested = |levels: usize| format!("{}a{}", "(".repeat(levels), ")".repeat(levels));
    assert!(parse(&nested(12)).is_ok());
    assert!(parse(&nested(13)).unwrap_err().message.contains("nests deeper than 12 levels"));
    assert!(parse(&format!("{}a", "!".repeat(13))).unwrap_err().message.contains("nests deeper"));
    for (operators, is_read) in [(240, true), (241, false)] {
        for long in [format!("a{}", "+a".repeat(operators)), format!("a{}", ".b".repeat(operators))] {
            assert_eq!(parse(&long).is_ok(), is_read, "{operators}");
        }
    }
    assert!(parse(&"a".repeat(2_001)).unwrap_err().message.contains("more than 2000 characters"));
}

/// The names `a`, `b`, … where each is made of the one before.
fn chain(count: u8, form: impl Fn(char) -> String) -> Names {
    let mut names = Names::default();
    names.define("a", Parsed::new("1").unwrap()).unwrap();
    for (before, name) in ('a'..).zip('b'..).take(count.into()) {
        // What is too long is told where it becomes so.
        drop(names.define(&name.to_string(), Parsed::new(&form(before)).unwrap()));
    }
    names
}

#[test]
fn names_of_names_do_not_grow_without_bounds() {
    let short = chain(9, |before| format!("{before} + {before}"));
    assert!(compile("j > 0", &short).is_ok());
    let mut names = short;
    let problems = names.define("z", Parsed::new("j + j").unwrap()).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert!(problems[0].message.contains("too long with the names of `let` written out"), "{problems:?}");
    // Whoever names it is not told again.
    assert!(compile("z + z > 0", &names).is_ok());
    let mut deep = chain(2, |before| format!("{before}{}", " + 1".repeat(140)));
    let problems = deep.define("z", Parsed::new(&format!("c{}", " + 1".repeat(140))).unwrap()).unwrap_err();
    assert!(problems[0].message.contains("too long"), "{problems:?}");
}
