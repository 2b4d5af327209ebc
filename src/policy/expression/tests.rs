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

#[test]
fn words_numbers_and_texts_are_read_as_in_cel() {
    for (source, expected) in [
        (r#""\r\t\n\'\"\\""#, r#""\r\t\n'\"\\""#),
        (r#""\u00e9\U0001F600""#, r#""é😀""#),
        ("'a\"b'", "\"a\\\"b\""),
        ("'あ'", "\"あ\""),
        ("1.25", "1.25"),
        ("1e3", "1000.0"),
        ("1E+2", "100.0"),
        ("25e-2 + 1", "(0.25 Add 1)"),
        ("1.5e2", "150.0"),
        ("0xfF", "255"),
        ("007", "7"),
        ("a[1].b", "a[1].b"),
        ("_a1 + B_2", "(_a1 Add B_2)"),
        ("9223372036854775807", "9223372036854775807"),
        ("-0.5", "-0.5"),
        ("- 7", "-7"),
        ("--7", "(--7)"),
        ("!-a", "(!(-a))"),
        ("a.b.c[d.e]", "a.b.c[d.e]"),
        ("a >= b", "(a GreaterOrEqual b)"),
        ("a <= b", "(a LessOrEqual b)"),
        ("a >b", "(a Greater b)"),
        ("a <b", "(a Less b)"),
        ("a != b", "(a NotEqual b)"),
        ("true && false || null", "((true && false) || null)"),
        ("a.true", "a.true"),
        ("f()", "f()"),
        ("a.f()", "a.f()"),
        ("a.map(b, c)", "a.Map(b, c)"),
        ("a.filter(b, c)", "a.Filter(b, c)"),
        ("a.exists(b, c)", "a.Exists(b, c)"),
        ("a.exists_one(b, c)", "a.ExistsOne(b, c)"),
    ] {
        let read = parse(source).unwrap_or_else(|problem| panic!("{source}: {}", problem.message));
        assert_eq!(grouped(&read), expected, "{source}");
    }
    for (source, at, instead) in [
        (r#""\q""#, 0, "write `\\\\` for a backslash"),
        (r#""\u00g0""#, 0, "write `\\\\` for a backslash"),
        (r#""\ud800""#, 0, "write `\\\\` for a backslash"),
        (r#""\u00""#, 0, "write `\\\\` for a backslash"),
        ("\"a", 0, "close the text with `\"`"),
        ("1e", 0, "a name begins with a letter"),
        ("1_000", 0, "a name begins with a letter"),
        ("1U", 0, "without the `u`"),
        ("0xg", 0, "a name begins with a letter"),
        ("18446744073709551616", 0, "the number is too large"),
        ("-9223372036854775809", 1, "the number is too large"),
        ("a =< b", 2, "write `<=`"),
        ("a } b", 2, "maps and structs"),
        ("a == 「b」", 5, "straight quotes"),
        ("a # b", 2, "write a CEL expression"),
        ("a == b'c'", 5, "without the `b`"),
        ("in", 0, "a value is missing before it"),
        ("a in", 4, "ends too early"),
        ("a.1", 1, "an operator is missing"),
        ("a]", 1, "nothing is open that `]` would close"),
        ("(a]", 2, "an operator or a comma is missing before it"),
        ("f(a b)", 4, "an operator or a comma is missing before it"),
        ("a not in b", 2, "an operator is missing before it"),
        ("a ? b , c", 6, "goes on with `: c`"),
        ("a.map(b)", 0, "write `list.map(x, …)`: a name for the element, and what to make of it"),
        ("a.map(b, c, d)", 0, "write `list.map(x, …)`"),
        ("a.exists(1, c)", 0, "write `list.exists(x, …)`: a name for the element, and a condition"),
        ("   ", 0, "the expression is empty"),
    ] {
        let problem = parse(source).expect_err(source);
        assert!(problem.message.contains(instead), "{source}: {}", problem.message);
        assert_eq!(problem.at, at, "{source}: {}", problem.message);
    }
}

#[test]
fn what_is_shown_of_long_expressions_is_cut_on_both_sides() {
    let shown = |before: usize, after: usize| {
        let source = format!("{} b{}", "a".repeat(before), "c".repeat(after));
        let message = parse(&source).unwrap_err().message;
        message.split('`').nth(1).unwrap().to_owned()
    };
    // 80 characters are shown as they are, and of more 40 on each side of the place.
    assert_eq!(shown(39, 39), format!("{} b{}", "a".repeat(39), "c".repeat(39)));
    assert_eq!(shown(40, 39), format!("…{} b{}", "a".repeat(39), "c".repeat(39)));
    assert_eq!(shown(39, 40), format!("{} b{}…", "a".repeat(39), "c".repeat(39)));
    assert_eq!(shown(60, 60), format!("…{} b{}…", "a".repeat(39), "c".repeat(39)));
    assert!(parse(&format!("{} b", "a".repeat(1_998))).unwrap_err().message.contains("an operator"));
    assert!(parse(&format!("{} b", "a".repeat(1_999))).unwrap_err().message.contains("more than 2000"));
}

#[test]
fn names_of_an_expression_are_those_that_no_loop_gives() {
    for (source, names) in [
        ("a + b.c", vec!["a", "b"]),
        ("a.all(b, b == c)", vec!["a", "c"]),
        ("a.all(b, b == c) && b", vec!["a", "b", "c"]),
        ("a.all(b, b.all(c, c == d)) || c", vec!["a", "c", "d"]),
        ("b.all(b, b)", vec!["b"]),
        ("f(a, [b ? c : -d, !e], g[h]).after(i)", vec!["a", "b", "c", "d", "e", "g", "h", "i"]),
        ("a in b || 1 < 'c'", vec!["a", "b"]),
    ] {
        let parsed = Parsed::new(source).unwrap();
        assert_eq!(parsed.names().into_iter().collect::<Vec<_>>(), names, "{source}");
    }
}

fn database_names() -> Names {
    use crate::snapshot::rds::DbInstance;
    use crate::snapshot::shape::Valued;
    let variables = vec![super::Variable { name: "db".into(), ty: DbInstance::ty() }];
    Names { variables, ..Names::default() }
}

#[test]
fn types_of_expressions_are_those_of_their_parts() {
    let names = database_names();
    for (source, expected) in [
        ("db.multi_az && true || false", "bool"),
        ("!db.multi_az", "bool"),
        ("db.allocated_storage_gib + 1", "int"),
        ("db.allocated_storage_gib + 1.5", "float"),
        ("1.5 - db.allocated_storage_gib", "float"),
        ("db.id + \"a\"", "text"),
        ("-db.allocated_storage_gib", "int"),
        ("-0.5", "float"),
        ("db.port", "int or null"),
        ("db.tags.Name", "text or null"),
        ("db.tags[\"Name\"]", "text or null"),
        ("db.tags", "text by name"),
        ("db.security_group_ids", "list of text"),
        ("db.security_group_ids[0]", "text or null"),
        ("db.parameter_groups[0].name", "text or null"),
        ("db.created_at", "text or null"),
        ("db.replica_ids", "list of text"),
        ("[1, 2]", "list of int"),
        ("[[1]]", "list of list of int"),
        ("[]", "an empty list"),
        ("null", "null"),
        ("true ? 1 : 2", "int"),
        ("true ? 1 : 2.5", "float"),
        ("true ? db.port : 1", "int or null"),
        ("true ? 1 : db.port", "int or null"),
        ("true ? null : db.id", "text or null"),
        ("true ? db.id : null", "text or null"),
        ("true ? db.port : null", "int or null"),
        ("db.security_group_ids.filter(id, true)", "list of text"),
        ("db.parameter_groups.map(use, use.name)", "list of text"),
        ("db.security_group_ids.map(id, size(id))", "list of int"),
        ("db.security_group_ids.all(id, true)", "bool"),
        ("size(db.tags)", "int"),
        ("int(\"1\")", "int"),
        ("string(1)", "text"),
        ("display_name(db.arn)", "text"),
        ("db.id.after(\"-\")", "text"),
        ("arn_beside(db.arn, \"ec2\", \"a\")", "text"),
        ("days_later(db.id, 1)", "text"),
        ("legal_name(db.id, \"secret\")", "text"),
        ("db.id.contains(\"a\")", "bool"),
        ("price(\"a\", db.region)", "float"),
        ("hours_per_month", "int"),
        ("database_role(db)", "DatabaseRole"),
        ("database_role(db).kind", "text"),
        ("world_rules_on_database(db)", "list of WorldRule"),
    ] {
        let (_, ty) = compile(source, &names).unwrap_or_else(|problems| panic!("{source}: {problems:?}"));
        assert_eq!(ty.name(), expected, "{source}");
    }
    for source in [
        "null == null",
        "null == db.port",
        "db.port != null && db.port > 3",
        "null != db.port && db.port + 1 > 3",
        "db.port == null || 3 < db.port",
        "db.parameter_groups[0] != null && size(db.parameter_groups[0].name) > 1",
        "db.parameter_groups[0] == null || db.parameter_groups[0].name > \"a\"",
        "db.cluster_id == null || size(db.cluster_id) > 1",
        "[] == db.security_group_ids",
        "db.security_group_ids != []",
        "[] == []",
        "1 in []",
        "1.5 in [1]",
        "db.port in [1]",
        "db.id in db.tags",
        "db.multi_az == true",
        "1 == 1.5",
        "db.id < \"a\"",
        "db.id.contains(db.tags.Name)",
        "[1].all(a, [1].all(b, [1].all(c, a == c))) && [1].all(a, true)",
        "[1, 2].map(a, [[a]]) != []",
    ] {
        assert!(compile(source, &names).is_ok(), "{source}: {:?}", compile(source, &names));
    }
}

#[test]
fn whatever_does_not_fit_is_told_once_with_its_place() {
    let names = database_names();
    let idd = "DbInstance has no field `idd`; did you mean `id`?";
    let elements = "the elements of a list must be of one type, and none may be null";
    let port = "`db.port` may be null; say what holds then: `db.port != null && …`";
    let index = |written: &str| format!("`{written}`: index a list with a number, tags with text");
    for (source, at, problem) in [
        // What has a problem already gets no second one.
        ("db.idd == 3", 0, idd),
        ("3 < db.idd", 4, idd),
        ("db.idd.a.b == 1", 0, idd),
        ("!db.idd", 1, idd),
        ("-db.idd == 1", 1, idd),
        ("db.idd + 1 == 1", 0, idd),
        ("db.idd && true", 0, idd),
        ("[db.idd, 1] == []", 1, idd),
        ("[1, db.idd] == []", 4, idd),
        ("(true ? db.idd : 1) == 1", 8, idd),
        ("(true ? 1 : db.idd) == 1", 12, idd),
        ("db.idd[0] == 1", 0, idd),
        ("db.security_group_ids[db.idd] == \"\"", 22, idd),
        ("db.idd in [1]", 0, idd),
        ("1 in db.idd", 5, idd),
        ("db.idd.all(x, true)", 0, idd),
        ("size(db.idd) == 1", 5, idd),
        ("db.security_group_ids.map(x, db.idd) == []", 29, idd),
        // Names, fields and functions.
        ("dbb.id == \"\"", 0, "there is no `dbb` here; known: db; did you mean `db`?"),
        ("x == 1", 0, "there is no `x` here; known: db"),
        ("db.id.x == 1", 0, "`db.id.x`: text has no fields"),
        ("db.tags.Name.x == 1", 0, "`db.tags.Name.x`: text or null has no fields"),
        (
            "db.parameter_groups.name == 1",
            0,
            "`db.parameter_groups.name`: a list has no fields; loop over it with `.all(x, …)` or `.exists(x, …)`",
        ),
        (
            "db.parameter_groups.all(use, use.zzzzz == 1)",
            29,
            "ParameterGroupUse has no field `zzzzz`; it has name, apply_status",
        ),
        ("sizes(db.id) == 1", 0, "there is no function `sizes`; did you mean `size`?"),
        ("database_rol(db) == 1", 0, "there is no function `database_rol`; did you mean `database_role`?"),
        ("size() == 1", 0, "write `size(x)`"),
        ("size(db.id, db.id) == 1", 0, "write `size(x)`"),
        ("db.id.size() == 1", 0, "write `size(x)`"),
        ("startsWith(db.id, \"a\")", 0, "write `text.startsWith(part)`"),
        ("db.id.startsWith()", 0, "write `text.startsWith(part)`"),
        ("days_later(db.id) == \"\"", 0, "write `days_later(time, days)`"),
        ("legal_name(db.id) == \"\"", 0, "write `legal_name(text, \"iam-policy\")`"),
        (
            "legal_name(db.id, \"bucket\") == \"\"",
            18,
            "`\"bucket\"` is no kind of name; write one of alarm, db-identifier, db-snapshot, file, iam-policy, parameter, scaling-policy, secret",
        ),
        ("arn_beside(db.arn) == \"\"", 0, "write `arn_beside(arn, \"service\", \"resource\")`"),
        ("price(db.id) > 1", 0, "write `price(\"alb-hour\", lb.region)`"),
        (
            "has(db.port)",
            0,
            "`has(db.port)` would turn unknown into no; compare with null, or write `\"port\" in db` for tags",
        ),
        ("has(db)", 0, "`has` is not supported; compare with null"),
        ("matches(db.id)", 0, "`matches` is not supported; use startsWith, endsWith, contains or `in`"),
        ("database_role() == null", 0, "write `database_role(x)` with the judged resource"),
        (
            "database_role(1) == null",
            0,
            "write `database_role(db)`: conclusions are about the judged resource",
        ),
        // Arguments.
        ("size(1) == 1", 5, "`1` is int, which does not fit here"),
        ("string(db.tags) == \"\"", 7, "`db.tags` is text by name, which does not fit here"),
        ("int(true) == 1", 4, "`true` is bool, which does not fit here"),
        ("int(db.port) == 1", 4, port),
        ("db.id.contains(1)", 15, "`1` is int, which does not fit here"),
        ("days_later(1, 1) == \"\"", 11, "`1` is int, which does not fit here"),
        ("days_later(db.id, \"a\") == \"\"", 18, "`\"a\"` is text, which does not fit here"),
        (
            "size(db.cluster_id) == 1",
            5,
            "`db.cluster_id` may be null; say what holds then: `db.cluster_id != null && …`",
        ),
        (
            "price(\"a\", db.cluster_id) > 1",
            11,
            "`db.cluster_id` may be null; say what holds then: `db.cluster_id != null && …`",
        ),
        // Conditions and numbers.
        ("db.id && true", 0, "`&&` needs conditions, and `db.id` is text"),
        ("true || db.id", 8, "`||` needs conditions, and `db.id` is text"),
        ("!db.id", 1, "`!` needs conditions, and `db.id` is text"),
        ("true && null", 8, "`&&` needs conditions, and `null` is null"),
        (
            "db.performance_insights_enabled && true",
            0,
            "`db.performance_insights_enabled` may be null; write `db.performance_insights_enabled == true`",
        ),
        ("db.security_group_ids.all(x, 1)", 29, "`a loop` needs conditions, and `1` is int"),
        ("db.security_group_ids.filter(x, 1) == []", 32, "`filter` needs conditions, and `1` is int"),
        ("(db.id ? 1 : 2) == 1", 1, "`?:` needs conditions, and `db.id` is text"),
        ("-db.id == 1", 1, "`db.id` is text, not a number"),
        ("db.id - 1 == 1", 0, "`db.id` is text, not a number"),
        ("1 + db.id == 1", 4, "`db.id` is text, not a number"),
        ("1 + null == 1", 4, "`null` is null, not a number"),
        ("db.port + 1 == 1", 0, port),
        ("-db.port == 1", 1, port),
        // Comparisons.
        ("db.port > 3", 0, port),
        ("3 >= db.port", 5, port),
        ("db.port == 3 && db.port < 9", 16, port),
        ("db.cluster_id != null && db.port > 3", 25, port),
        ("db.id == null", 0, "`db.id` is never null; leave the comparison out"),
        ("null != db.id", 8, "`db.id` is never null; leave the comparison out"),
        ("[] == null", 0, "`[]` is never null; leave the comparison out"),
        ("[] == db.id", 0, "`[]` and `db.id` can never be equal"),
        ("db.id != []", 0, "`db.id` and `[]` can never be equal"),
        ("null < 3", 0, "`null` is null, `3` is int: they cannot be compared"),
        ("[] < [1]", 0, "`[]` is an empty list, `[1]` is list of int: they cannot be compared"),
        ("db.multi_az < true", 0, "`db.multi_az` is bool, `true` is bool: they cannot be compared"),
        ("db.id == 3", 0, "`db.id` is text, `3` is int: they cannot be compared"),
        // Lists, places in them, and choices.
        ("[1, \"a\"] == []", 4, elements),
        ("[null] == []", 1, elements),
        ("[1, db.port] == []", 4, elements),
        ("[1, []] == []", 4, elements),
        ("db.security_group_ids[\"a\"] == \"\"", 0, &index("db.security_group_ids[\"a\"]")),
        ("db.security_group_ids[db.port] == \"\"", 0, &index("db.security_group_ids[db.port]")),
        ("db.tags[0] == \"\"", 0, &index("db.tags[0]")),
        ("db.id[0] == \"\"", 0, &index("db.id[0]")),
        ("db.id in [1]", 0, "`db.id in [1]` looks for text in list of int"),
        ("1 in db.tags", 0, "`1 in db.tags` looks for int in text by name"),
        ("db.cluster_id in db.tags", 0, "`db.cluster_id in db.tags` looks for text or null in text by name"),
        ("1 in db.id", 0, "`1 in db.id` looks for int in text"),
        ("[] in [1]", 0, "`[] in [1]` looks for an empty list in list of int"),
        ("null in [1]", 0, "`null in [1]` looks for null in list of int"),
        ("(true ? 1 : \"a\") == 1", 0, "both sides of `?:` must be of one type: `1` is int, `\"a\"` is text"),
        ("db.id.all(x, true)", 0, "`db.id` is text, not a list"),
        (
            "[1].all(a, [1].all(b, [1].all(c, [1].all(d, true))))",
            33,
            "more than 3 loops are nested; use a conclusion",
        ),
        ("[[[[1]]]] == []", 0, "more than 3 lists are nested; use a conclusion"),
        ("[1].map(a, [[[a]]]) == []", 0, "more than 3 lists are nested; use a conclusion"),
    ] {
        let problems = compile(source, &names).expect_err(source);
        let found: Vec<(usize, &str)> =
            problems.iter().map(|problem| (problem.at, problem.message.as_str())).collect();
        assert_eq!(found, [(at, problem)], "{source}");
    }
    // Of a long part, the beginning is shown.
    let long = format!("\"{}\" && true", "a".repeat(150));
    let message = &compile(&long, &names).unwrap_err()[0].message;
    assert_eq!(*message, format!("`&&` needs conditions, and `\"{}…` is text", "a".repeat(99)));
}
