//! What expressions mean, case by case: the semantics that policies rely on.

use super::{Concluder, EvaluationScope, Value};
use crate::conclude;
use crate::policy::expression::{Names, Variable, compile};
use crate::policy::parameter::PolicyParameter;
use crate::policy::template::display;
use crate::snapshot::elb::{Listener, LoadBalancer};
use crate::snapshot::shape::Valued;
use crate::snapshot::{GapId, Known};
use std::collections::BTreeMap;

crate::record! {
    /// A record for tests.
    pub(crate) struct Sample {
        /// Text.
        pub name: String,
        /// A number.
        pub count: i64,
        /// A fraction.
        pub share: f64,
        /// A truth value.
        pub yes: bool,
        /// A number that is there.
        pub some: Option<i64>,
        /// A number that is not there.
        pub none: Option<i64>,
        /// An unknown truth value.
        pub dark: Known<bool>,
        /// Another one, hidden by another gap.
        pub dim: Known<bool>,
        /// An unknown number.
        pub depth: Known<i64>,
        /// An unknown list.
        pub shadows: Known<Vec<String>>,
        /// A list.
        pub words: Vec<String>,
        /// Tags.
        pub tags: BTreeMap<String, String>,
    }
}

fn sample_names() -> Names {
    let variables = vec![Variable { name: "x".into(), ty: Sample::ty() }];
    let parameters = [
        ("most".to_owned(), PolicyParameter::Int(7)),
        ("part".to_owned(), PolicyParameter::Float(0.25)),
        ("word".to_owned(), PolicyParameter::Text("ec".to_owned())),
    ];
    Names { variables, parameters: parameters.into(), ..Names::default() }
}

struct Nothing;

/// A concluder that knows one price.
struct OnePrice;

impl<'a> Concluder<'a> for OnePrice {
    fn conclude(&self, _: &'static conclude::Conclusion) -> Value<'a> {
        Value::Null
    }

    fn price(&self, product: &str, region: &str) -> Value<'a> {
        match (product, region) {
            ("alb-hour", "ec-db") => Value::Float(0.5),
            _ => Value::unknown(crate::price::gap(product, region)),
        }
    }
}

impl<'a> Concluder<'a> for Nothing {
    fn conclude(&self, _: &'static conclude::Conclusion) -> Value<'a> {
        Value::Null
    }
}

fn sample() -> Sample {
    Sample {
        name: "ec-db".into(),
        count: 7,
        share: 0.5,
        yes: true,
        some: Some(3),
        none: None,
        dark: Known::No(GapId::from_text("gap:A@r")),
        dim: Known::No(GapId::from_text("gap:B@r")),
        depth: Known::No(GapId::from_text("gap:A@r")),
        shadows: Known::No(GapId::from_text("gap:B@r")),
        words: vec!["alpha".into(), "beta".into()],
        tags: BTreeMap::from([("Name".to_owned(), "shop".to_owned())]),
    }
}

fn result(source: &str) -> String {
    let record = sample();
    let names = sample_names();
    let (node, _) = compile(source, &names).unwrap_or_else(|problems| panic!("{source}: {problems:?}"));
    let mut scope = EvaluationScope::new(vec![record.val().into()], &Nothing);
    match scope.evaluate(&node) {
        Value::Unknown(gaps) => gaps.iter().map(GapId::as_str).collect::<Vec<_>>().join(" + "),
        value => display(&value),
    }
}

#[test]
fn meaning_of_expressions() {
    let cases = [
        // Unknown matters only where the rest does not decide.
        ("x.dark && false", "false"),
        ("false && x.dark", "false"),
        ("x.dark && true", "gap:A@r"),
        ("x.dark || true", "true"),
        ("true || x.dark", "true"),
        ("x.dark || false", "gap:A@r"),
        ("x.dark && x.dim", "gap:A@r + gap:B@r"),
        ("x.dark || x.dim", "gap:A@r + gap:B@r"),
        ("!x.dark", "gap:A@r"),
        ("!(x.dark && false)", "true"),
        ("x.yes ? x.dark : true", "gap:A@r"),
        ("x.dark ? true : true", "gap:A@r"),
        // Unknown in anything else is unknown.
        ("x.depth > 3", "gap:A@r"),
        ("x.depth + 1 == 2", "gap:A@r"),
        ("x.depth == x.count", "gap:A@r"),
        ("size(x.shadows) == 0", "gap:B@r"),
        ("\"a\" in x.shadows", "gap:B@r"),
        ("x.shadows.exists(w, true)", "gap:B@r"),
        ("x.shadows.all(w, true)", "gap:B@r"),
        // Loops decide as soon as they can.
        ("x.words.all(w, w == \"alpha\" || x.dark)", "gap:A@r"),
        ("x.words.all(w, w == \"alpha\")", "false"),
        ("x.words.all(w, w != \"alpha\" && x.dark)", "false"),
        ("x.words.exists(w, w == \"beta\" || x.dark)", "true"),
        ("x.words.exists(w, w == \"gamma\" || x.dark)", "gap:A@r"),
        ("x.words.exists_one(w, w.startsWith(\"a\"))", "true"),
        ("x.words.exists_one(w, true)", "false"),
        ("x.words.filter(w, w.endsWith(\"a\"))", "alpha, beta"),
        ("x.words.filter(w, x.dark)", "gap:A@r"),
        ("x.words.map(w, size(w))", "5, 4"),
        ("x.words.filter(w, false).all(w, false)", "true"),
        ("x.words.filter(w, false).exists(w, true)", "false"),
        // Null is an answer.
        ("x.none == null", "true"),
        ("x.some == null", "false"),
        ("x.none != null && x.none > 1", "false"),
        ("x.none == null || x.none > 1", "true"),
        ("x.none == 3", "false"),
        ("x.some == 3", "true"),
        ("x.none == null ? 0 : x.none", "0"),
        // Parameters are the values they have, and a loop's variable may hide one.
        ("x.count <= most", "true"),
        ("x.depth <= most", "gap:A@r"),
        ("x.share - part", "0.25"),
        ("x.name.startsWith(word)", "true"),
        ("x.words.all(word, word != \"ec\")", "true"),
        ("x.words.map(w, size(w) + most)", "12, 11"),
        // Numbers, text, lists and tags.
        ("x.count / 2", "3"),
        ("x.count % 4", "3"),
        ("-x.count + 10 * 2", "13"),
        ("x.share * 2", "1"),
        ("x.share < 1", "true"),
        ("x.count > 6.5", "true"),
        // Arithmetic without a result is unknown, whichever way it is compared.
        ("x.count / 0 == 0", "tenken:NoResult@-"),
        ("x.count / 0 != 0", "tenken:NoResult@-"),
        ("x.count % 0 != 0", "tenken:NoResult@-"),
        ("x.share / 0 > 1", "tenken:NoResult@-"),
        ("x.count + 9223372036854775807 > 0", "tenken:NoResult@-"),
        ("-(x.count - 9223372036854775807 - 9) < 0", "tenken:NoResult@-"),
        ("int(x.share * 1e300) != 0", "tenken:NoResult@-"),
        ("int(x.name) != 0", "tenken:NoResult@-"),
        ("x.count / 0 == 0 && false", "false"),
        ("x.count / 0 == 0 || x.dark", "gap:A@r + tenken:NoResult@-"),
        ("x.name + \"!\"", "ec-db!"),
        ("x.name < \"z\"", "true"),
        ("x.name in [\"a\", \"ec-db\"]", "true"),
        ("x.words[1]", "beta"),
        ("x.words[9] == null", "true"),
        ("x.words == [\"alpha\", \"beta\"]", "true"),
        ("x.words != []", "true"),
        ("x.tags.Name", "shop"),
        ("x.tags[\"Owner\"] == null", "true"),
        ("\"Name\" in x.tags", "true"),
        ("size(x.name)", "5"),
        ("string(x.count)", "7"),
        ("int(\"12\") + 1", "13"),
        ("display_name(\"arn:aws:ecs:r:1:service/shop/api\")", "shop/api"),
        // Both sides of an unknown place are named, and one is enough.
        ("x.shadows[x.depth] == null", "gap:A@r + gap:B@r"),
        ("x.shadows[0] == null", "gap:B@r"),
        ("x.words[x.depth] == null", "gap:A@r"),
        ("x.words[0]", "alpha"),
        ("x.words[-1] == null", "true"),
        ("x.words.map(w, w)[1]", "beta"),
        ("x.words.map(w, w)[2] == null", "true"),
        ("x.dark == x.dim", "gap:A@r + gap:B@r"),
        ("x.depth in [x.depth + 1]", "gap:A@r"),
        ("x.count in [x.depth, 7]", "true"),
        ("x.count in [x.depth, 8]", "gap:A@r"),
        ("\"gamma\" in x.words", "false"),
        ("\"Owner\" in x.tags", "false"),
        // Numbers with a fraction, and whole numbers beside them.
        ("x.share + 0.25", "0.75"),
        ("x.share - 0.25", "0.25"),
        ("x.share * 0.5", "0.25"),
        ("x.share / 2", "0.25"),
        ("7.5 % 2", "1.5"),
        ("x.count + 2", "9"),
        ("x.count - 2", "5"),
        ("x.count * 2", "14"),
        ("-x.share", "-0.5"),
        ("x.count == 7.0", "true"),
        ("x.count != 7.5", "true"),
        ("x.share == 0.5", "true"),
        ("x.share >= 0.5 && x.share <= 0.5", "true"),
        ("x.share > 0.5 || x.share < 0.5", "false"),
        ("x.count >= 7 && x.count <= 7", "true"),
        ("x.count > 7 || x.count < 7", "false"),
        ("x.name <= \"ec-db\" && x.name >= \"ec-db\"", "true"),
        ("x.name > \"ec-db\"", "false"),
        ("x.yes == true", "true"),
        ("x.yes != true", "false"),
        ("x.words == [\"alpha\", \"gamma\"]", "false"),
        ("x.words == [\"alpha\"]", "false"),
        ("x.tags == x.tags", "true"),
        ("x == x", "gap:A@r + gap:B@r"),
        ("x.words.map(w, x.name) == [\"ec-db\", \"ec-db\"]", "true"),
        // One and one alone.
        ("x.words.exists_one(w, w == \"alpha\")", "true"),
        ("x.words.exists_one(w, w == \"gamma\")", "false"),
        ("x.words.exists_one(w, w == \"alpha\" || x.dark)", "gap:A@r"),
        ("[1, 2, 3].exists_one(n, n > 1 || x.dark)", "false"),
        ("[1, 2, 3].exists_one(n, n > 0)", "false"),
        ("x.words.map(w, w == \"alpha\" ? x.depth : 0)", "gap:A@r"),
        ("x.words.all(w, w == \"alpha\" ? x.dark : x.dim)", "gap:A@r + gap:B@r"),
        // Functions.
        ("size(x.words)", "2"),
        ("size(x.tags)", "1"),
        ("size(x.words.filter(w, w == \"beta\"))", "1"),
        ("string(x.name)", "ec-db"),
        ("string(x.yes)", "true"),
        ("string(x.share)", "0.5"),
        ("int(x.count)", "7"),
        ("int(7.9)", "7"),
        ("int(-9007199254740992.0)", "-9007199254740992"),
        ("int(9007199254740994.0) != 0", "tenken:NoResult@-"),
        ("x.name.contains(\"c-d\")", "true"),
        ("x.name.contains(\"x\")", "false"),
        ("x.name.endsWith(\"db\")", "true"),
        ("x.name.endsWith(\"ec\")", "false"),
        ("x.name.startsWith(\"db\")", "false"),
        ("x.name.startsWith(x.tags.Owner)", "false"),
        ("x.name.after(\"-\")", "db"),
        ("\"a-b-c\".after(\"-\")", "b-c"),
        ("x.name.after(\"x\")", "ec-db"),
        ("days_later(\"2026-11-24T00:00:00Z\", 2)", "2026-11-26T00:00:00Z"),
        ("days_later(\"2026-11-24T00:00:00Z\", -1)", "2026-11-23T00:00:00Z"),
        ("days_later(\"yesterday\", 2) == \"\"", "false"),
        ("legal_name(x.name, \"iam-policy\")", "ec-db"),
        ("legal_name(\"a/b\", \"iam-policy\")", "a-b-c14cddc0"),
        ("display_name(x.depth > 1 ? x.name : x.name)", "gap:A@r"),
        // In the partition, region and account that an ARN of the service has.
        ("arn_beside(\"arn:aws-cn:rds:r:1:db:x\", \"ec2\", \"vpc/a\")", "arn:aws-cn:ec2:r:1:vpc/a"),
        ("arn_beside(\"arn:aws:rds:r:1:db:x\", \"s3\", \"a\")", "arn:aws:s3:::a"),
        ("arn_beside(\"arn:aws:rds:r:1:db:x\", \"iam\", \"role/a\")", "arn:aws:iam::1:role/a"),
        (
            "arn_beside(\"arn:aws:rds:r:1:db:x\", \"cloudfront\", \"distribution/a\")",
            "arn:aws:cloudfront::1:distribution/a",
        ),
        ("arn_beside(\"x\", \"s3\", \"a\") == \"\"", "false"),
        ("arn_beside(\"arn:aws:rds:r:1:db:x\", \"s3\", string(x.depth))", "gap:A@r"),
    ];
    for (source, expected) in cases {
        assert_eq!(result(source), expected, "{source}");
    }
}

#[test]
fn what_an_expression_means_is_checked_before_it_runs() {
    let names = sample_names();
    let cases = [
        ("y.name", "there is no `y` here"),
        ("x.nam == \"a\"", "did you mean `name`?"),
        ("x.name == 3", "cannot be compared"),
        ("x.none > 3", "may be null"),
        ("x.none + 3 == 4", "may be null"),
        ("x.name && true", "needs conditions"),
        ("x.words.name", "a list has no fields"),
        ("x.count.size", "has no fields"),
        ("x.words.all(w, w)", "needs conditions"),
        ("x.count in x.words", "looks for"),
        ("x.name ? 1 : 2", "needs conditions"),
        ("x.yes ? 1 : \"a\"", "must be of one type"),
        ("x.name.matches(\"a\")", "`matches` is not supported"),
        ("{\"a\": 1}", "maps and structs"),
        ("1u == 1u", "without the `u`"),
        ("[1, \"a\"].exists(e, true)", "must be of one type"),
        ("database_exposure(x).is_reachable", "is about a DbInstance"),
        ("x.name = \"a\"", "cannot be read"),
        ("", "the expression is empty"),
    ];
    for (source, expected) in cases {
        let problems = compile(source, &names).expect_err(source);
        assert!(problems.iter().any(|problem| problem.message.contains(expected)), "{source}: {problems:?}");
    }
}

#[test]
fn nested_records_behind_a_question_stay_unknown() {
    let gap = GapId::new("elasticloadbalancing:DescribeListeners", "r", None);
    let dark = LoadBalancer { listeners: Known::No(gap.clone()), ..LoadBalancer::default() };
    let lit = LoadBalancer {
        listeners: Known::Yes(vec![Listener { protocol: Some("HTTPS".into()), ..Listener::default() }]),
        ..LoadBalancer::default()
    };
    let variables = vec![Variable { name: "lb".into(), ty: LoadBalancer::ty() }];
    let names = Names { variables, ..Names::default() };
    let (node, _) = compile("lb.listeners.exists(l, l.protocol == \"HTTPS\")", &names).unwrap();
    let evaluate = |lb: &LoadBalancer| {
        let mut scope = EvaluationScope::new(vec![lb.val().into()], &Nothing);
        match scope.evaluate(&node) {
            Value::Unknown(gaps) => Err(gaps.to_vec()),
            value => Ok(display(&value)),
        }
    };
    assert_eq!(evaluate(&dark), Err(vec![gap]));
    assert_eq!(evaluate(&lit), Ok("true".into()));
}

#[test]
fn prices_are_numbers_or_gaps_that_name_the_product() {
    let record = sample();
    let value = |source: &str| {
        let (node, _) = compile(source, &sample_names()).unwrap();
        let mut scope = EvaluationScope::new(vec![record.val().into()], &OnePrice);
        scope.evaluate(&node).to_json()
    };
    assert_eq!(value("price(\"alb-hour\", x.name) * hours_per_month"), 365.0);
    assert_eq!(value("price(\"alb\" + \"-hour\", x.name) * x.count"), 3.5);
    // A choice may be between a whole number and a price.
    assert_eq!(value("x.yes ? 0 : price(\"alb-hour\", x.name)"), 0);
    let (node, _) = compile("2 + price(\"nat-gateway-hour\", \"eu-west-9\")", &sample_names()).unwrap();
    for concluder in [&OnePrice as &dyn Concluder<'_>, &Nothing] {
        let mut scope = EvaluationScope::new(vec![record.val().into()], concluder);
        let gap = GapId::from_text("pricing:GetProducts@eu-west-9 about nat-gateway-hour");
        assert_eq!(scope.evaluate(&node).gaps(), Some([gap].as_slice()));
    }
}

#[test]
fn prices_need_text_that_is_never_null() {
    for (source, problem) in [
        ("price(\"alb-hour\")", "write `price(\"alb-hour\", lb.region)`"),
        ("price(x.count, x.name)", "`x.count` is int, which does not fit here"),
        ("price(x.name, x.tags.Region)", "`x.tags.Region` may be null; say what holds then"),
        ("x.name.price(x.name, x.name)", "write `price(\"alb-hour\", lb.region)`"),
        ("prices(x.name, x.name)", "there is no function `prices`; did you mean `price`?"),
    ] {
        let problems = compile(source, &sample_names()).unwrap_err();
        assert!(problems.iter().any(|found| found.message.starts_with(problem)), "{source}: {problems:?}");
    }
}

#[test]
fn work_without_bounds_is_refused_or_unknown() {
    let names = sample_names();
    // Each `+` on the way to a sum is looked at once, however many there are.
    let sum = format!("x.count{} > 0", " + 1".repeat(100));
    assert_eq!(result(&sum), "true");
    // As deep as an expression can be.
    assert_eq!(result(&format!("x.count{} > 0", " + 1".repeat(238))), "true");
    assert_eq!(result(&format!("{}x.yes{}", "!(".repeat(12), ")".repeat(12))), "true");
    let lists = "[[[[1]]]] == [[[[1]]]]";
    assert!(
        compile(lists, &names)
            .unwrap_err()
            .iter()
            .any(|problem| problem.message.contains("more than 3 lists"))
    );
    let wide = format!("[{}]", vec!["1"; 300].join(","));
    let cube = format!("{wide}.all(a, {wide}.all(b, {wide}.all(c, a != b)))");
    assert_eq!(result(&cube), "false", "nothing is worked out beyond what decides");
    let cube = format!("{wide}.all(a, {wide}.all(b, {wide}.all(c, a == c || b == b)))");
    assert_eq!(result(&cube), GapId::TOO_MUCH_WORK);
    // Text that doubles with every step.
    let doubled: String = ('a'..='z').map(|name| format!(".map({name}, {name} + {name})")).collect();
    assert_eq!(result(&format!("[\"0123456789abcdef\"]{doubled} == [\"\"]")), GapId::TOO_MUCH_WORK);
    assert_eq!(
        result(&format!("false && {cube}")),
        "false",
        "it matters only where the rest does not decide"
    );
}

#[test]
fn what_is_made_and_gone_through_is_weighed_by_what_is_in_it() {
    let ones = |count: usize| format!("[{}]", vec!["1"; count].join(","));
    // 400,000 times, each value is weighed twice: in its list, and in the list of those. Weights of 1
    // come to 1,600,000 with the loops themselves, and 2,000,000 is the end.
    let made = |value: &str| {
        let inner = format!("{}.map(a, {}.map(b, {value}))", ones(100), ones(200));
        format!("{}.all(c, size({inner}) > 0)", ones(20))
    };
    // As often, and nothing is kept.
    let read = |condition: &str| {
        format!("{}.all(a, {}.all(b, {}.all(c, {condition})))", ones(100), ones(200), ones(20))
    };
    let text = "0123456789abcdef";
    let long = text.repeat(2);
    for (source, is_refused) in [
        (made("\"0123456789abcde\""), false),
        (made(&format!("\"{text}\"")), true),
        (made("x.words"), true),
        (made("x.tags"), true),
        (made("x"), true),
        (made("[a]"), true),
        (read("x.name + x.name != \"\""), false),
        (read(&format!("\"{long}\" + \"{long}\" != \"\"")), true),
        (read("size(x.name) > 0"), false),
        (read(&format!("size(\"{long}{long}\") > 0")), true),
        (read("x.words != []"), false),
        (read("x.words == x.words && x.words == x.words"), true),
        (read("!(\"a\" in x.words) && !(\"a\" in x.words)"), true),
    ] {
        let expected = if is_refused { GapId::TOO_MUCH_WORK } else { "true" };
        assert_eq!(result(&source), expected, "{source}");
    }
}

#[test]
fn values_are_shown_as_json() {
    let record = sample();
    let json = |source: &str| {
        let (node, _) = compile(source, &sample_names()).unwrap();
        EvaluationScope::new(vec![record.val().into()], &Nothing).evaluate(&node).to_json()
    };
    let whole = serde_json::json!({
        "name": "ec-db", "count": 7, "share": 0.5, "yes": true, "some": 3, "none": null, "dark": "unknown",
        "dim": "unknown", "depth": "unknown", "shadows": "unknown", "words": ["alpha", "beta"],
        "tags": { "Name": "shop" },
    });
    assert_eq!(json("x"), whole);
    assert_eq!(json("x.words.map(w, size(w))"), serde_json::json!([5, 4]));
    assert_eq!(json("x.dark"), "unknown");
    assert_eq!(json("x.none"), serde_json::Value::Null);
}
