//! How many connections a database takes: the parameter `max_connections`, whose default is a
//! formula of the memory of the instance class.

/// Bytes of a GiB.
const GIB: f64 = 1_073_741_824.0;

/// AWS keeps a part of a class's memory for the operating system and RDS's own processes, and does
/// not publish how much; formulas are about the rest. What AWS's tables of defaults come to is
/// close to nine tenths.
const LEFT_FOR_THE_DATABASE: f64 = 0.9;

/// GiB of memory of the size `large` by family of instance classes, from "Hardware specifications for
/// DB instance classes" in the RDS user guide; other sizes are multiples of it.
const GIB_OF_LARGE: &[(&str, f64)] = &[
    ("c6gd", 4.0),
    ("m5", 8.0),
    ("m5d", 8.0),
    ("m6g", 8.0),
    ("m6gd", 8.0),
    ("m6i", 8.0),
    ("m6id", 8.0),
    ("m6idn", 8.0),
    ("m6in", 8.0),
    ("m7g", 8.0),
    ("m7i", 8.0),
    ("m8g", 8.0),
    ("m8gd", 8.0),
    ("r4", 15.25),
    ("r5", 16.0),
    ("r5b", 16.0),
    ("r5d", 16.0),
    ("r6g", 16.0),
    ("r6gd", 16.0),
    ("r6i", 16.0),
    ("r6id", 16.0),
    ("r6idn", 16.0),
    ("r6in", 16.0),
    ("r7g", 16.0),
    ("r7i", 16.0),
    ("r8g", 16.0),
    ("r8gd", 16.0),
    ("t2", 8.0),
    ("t3", 8.0),
    ("t4g", 8.0),
    ("x2g", 32.0),
    ("x2iedn", 64.0),
    ("z1d", 16.0),
];

/// Sizes as multiples of `large`, smallest first.
const SIZES: &[(&str, f64)] = &[
    ("micro", 0.125),
    ("small", 0.25),
    ("medium", 0.5),
    ("large", 1.0),
    ("xlarge", 2.0),
    ("2xlarge", 4.0),
    ("4xlarge", 8.0),
    ("8xlarge", 16.0),
    ("12xlarge", 24.0),
    ("16xlarge", 32.0),
    ("24xlarge", 48.0),
    ("32xlarge", 64.0),
];

fn parts(class: &str) -> Option<(&str, &str)> {
    class.strip_prefix("db.")?.split_once('.')
}

/// The memory of an instance class in GiB; `None` for a class that is not in the tables, and for
/// Aurora Serverless, whose memory changes.
pub(super) fn memory_gib(class: &str) -> Option<f64> {
    let (family, size) = parts(class)?;
    let (_, large) = GIB_OF_LARGE.iter().find(|(name, _)| *name == family)?;
    let (_, multiple) = SIZES.iter().find(|(name, _)| *name == size)?;
    Some(large * multiple)
}

/// The next class of the same family with at least twice the memory, as far as tables tell: burstable
/// ones end at 2xlarge.
pub(super) fn twice_as_large(class: &str) -> Option<String> {
    let (family, size) = parts(class)?;
    memory_gib(class)?;
    let (_, multiple) = SIZES.iter().find(|(name, _)| *name == size)?;
    let (name, multiple) = SIZES.iter().find(|(_, other)| *other >= multiple * 2.0)?;
    let is_burstable = family.starts_with('t');
    (!is_burstable || *multiple <= 4.0).then(|| format!("db.{family}.{name}"))
}

/// The default of `max_connections` by engine, as in AWS's default parameter groups.
pub(super) fn default_formula(engine: &str) -> Option<&'static str> {
    match engine {
        "postgres" | "aurora-postgresql" => Some("LEAST({DBInstanceClassMemory/9531392},5000)"),
        "mysql" | "mariadb" => Some("{DBInstanceClassMemory/12582880}"),
        "aurora-mysql" => Some(
            "GREATEST({log(DBInstanceClassMemory/805306368)*45},{log(DBInstanceClassMemory/8187281408)*1000})",
        ),
        _ => None,
    }
}

/// Whether `max_connections` is what limits connections. Other engines count processes or take tens of
/// thousands, and Aurora Serverless grows.
pub(super) fn is_limited(engine: &str, class: &str) -> bool {
    default_formula(engine).is_some() && class != "db.serverless"
}

/// What a value of `max_connections` comes to on an instance class: a number, or a formula of parameter
/// groups. `None` where it cannot be worked out.
pub(super) fn value_of(formula: &str, class: &str) -> Option<f64> {
    let text: String = formula.chars().filter(|c| !c.is_whitespace()).collect();
    let number = term(&text, class)?.floor();
    (number >= 1.0).then_some(number)
}

/// A number, `{…}`, or `LEAST`, `GREATEST` or `SUM` of such.
fn term(text: &str, class: &str) -> Option<f64> {
    if let Ok(number) = text.parse::<f64>() {
        return Some(number);
    }
    if let Some(inner) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        return product(inner, class);
    }
    let (name, rest) = text.split_once('(')?;
    let values: Option<Vec<f64>> =
        arguments(rest.strip_suffix(')')?).into_iter().map(|argument| term(argument, class)).collect();
    let values = values?.into_iter();
    match name.to_ascii_uppercase().as_str() {
        "LEAST" => values.reduce(f64::min),
        "GREATEST" => values.reduce(f64::max),
        "SUM" => Some(values.sum()),
        _ => None,
    }
}

/// What commas part that stand in no parentheses or braces.
fn arguments(text: &str) -> Vec<&str> {
    let mut depth = 0_i32;
    let parts = text.split(|c| {
        match c {
            '(' | '{' => depth += 1,
            ')' | '}' => depth -= 1,
            _ => {}
        }
        c == ',' && depth == 0
    });
    parts.collect()
}

/// `DBInstanceClassMemory`, numbers and logarithms to the base 2, with `*` and `/` from left to right.
fn product(text: &str, class: &str) -> Option<f64> {
    let mut depth = 0_i32;
    let mut signs = vec!['*'];
    let factors: Vec<&str> = text
        .split(|c| {
            match c {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            let parts = depth == 0 && matches!(c, '*' | '/');
            if parts {
                signs.push(c);
            }
            parts
        })
        .collect();
    signs.into_iter().zip(factors).try_fold(1.0, |value, (sign, text)| {
        let factor = factor(text, class)?;
        Some(if sign == '*' { value * factor } else { value / factor })
    })
}

fn factor(text: &str, class: &str) -> Option<f64> {
    if text == "DBInstanceClassMemory" {
        return memory_gib(class).map(|gib| gib * GIB * LEFT_FOR_THE_DATABASE);
    }
    match text.strip_prefix("log(").and_then(|rest| rest.strip_suffix(')')) {
        Some(inner) => product(inner, class).map(f64::log2),
        None => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_have_the_memory_of_the_user_guide() {
        for (class, gib) in [
            ("db.t4g.micro", Some(1.0)),
            ("db.t4g.small", Some(2.0)),
            ("db.t3.2xlarge", Some(32.0)),
            ("db.m6g.large", Some(8.0)),
            ("db.r6g.16xlarge", Some(512.0)),
            ("db.x2g.large", Some(32.0)),
            ("db.serverless", None),
            ("db.q9.large", None),
            ("db.r6g.huge", None),
        ] {
            assert_eq!(memory_gib(class), gib, "{class}");
        }
        assert_eq!(twice_as_large("db.t4g.small").as_deref(), Some("db.t4g.medium"));
        assert_eq!(twice_as_large("db.r6g.8xlarge").as_deref(), Some("db.r6g.16xlarge"));
        assert_eq!(twice_as_large("db.t4g.2xlarge"), None);
        assert_eq!(twice_as_large("db.serverless"), None);
    }

    /// Defaults come close to what AWS's tables and instances show: 90 and 1,000 of Aurora MySQL's,
    /// 856 of PostgreSQL with 8 GiB.
    #[test]
    fn formulas_come_to_what_instances_show() {
        let default = |engine: &str, class: &str| value_of(default_formula(engine)?, class);
        assert_eq!(default("postgres", "db.t4g.small"), Some(202.0));
        assert_eq!(default("postgres", "db.m6g.large"), Some(811.0));
        assert_eq!(default("postgres", "db.r6g.16xlarge"), Some(5000.0));
        assert_eq!(default("mysql", "db.t3.micro"), Some(76.0));
        assert_eq!(default("aurora-mysql", "db.t3.medium"), Some(101.0));
        assert_eq!(default("aurora-mysql", "db.r5.large"), Some(917.0));
        assert_eq!(default("oracle-ee", "db.r5.large"), None);
        assert_eq!(default("postgres", "db.serverless"), None);
    }

    #[test]
    fn values_that_people_set() {
        for (value, expected) in [
            ("500", Some(500.0)),
            ("LEAST({DBInstanceClassMemory/12582880}, 100)", Some(100.0)),
            ("GREATEST(20,{DBInstanceClassMemory/12582880/2})", Some(76.0)),
            ("SUM(100,{DBInstanceClassMemory/12582880})", Some(253.0)),
            ("{AllocatedStorage/2}", None),
            ("MEDIAN(1,2)", None),
            ("0", None),
            ("", None),
        ] {
            assert_eq!(value_of(value, "db.t4g.small"), expected, "{value}");
        }
    }
}
