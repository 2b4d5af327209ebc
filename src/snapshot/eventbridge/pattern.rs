//! Event patterns: whether an event of which not everything is known matches.

use serde_json::{Map, Value as Json};

/// Whether an event matches a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Matching {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// That depends on a part of the event that nobody knows beforehand, or on a pattern that is not understood.
    Maybe,
}

/// What an event has at some place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EventField {
    /// These values, one of which has to match: several for lists.
    Values(Vec<String>),
    /// One of these, and nobody knows which.
    OneOf(&'static [&'static str]),
    /// Something.
    Unknown,
}

/// An event: what is at the path of a field, for instance `detail.state.value`.
pub(crate) type Event<'e> = dyn Fn(&str) -> EventField + 'e;

/// A pattern that was read; without fields where it is none.
#[derive(Debug)]
pub struct EventPattern(Option<Map<String, Json>>);

impl EventPattern {
    /// Reads a pattern as ListRules gives it.
    pub fn parse(text: &str) -> Self {
        EventPattern(serde_json::from_str(text).ok())
    }

    /// Whether an event matches, as EventBridge compares them: every field of the pattern must
    /// match, and one of the alternatives that it lists for the field.
    pub(crate) fn matching(&self, event: &Event<'_>) -> Matching {
        self.0.as_ref().map_or(Matching::Maybe, |fields| object(fields, "", event))
    }
}

fn object(fields: &Map<String, Json>, path: &str, event: &Event<'_>) -> Matching {
    all(fields.iter().map(|(name, wanted)| {
        let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        match wanted {
            Json::Array(patterns) if name == "$or" => any(patterns.iter().map(|pattern| match pattern {
                Json::Object(fields) => object(fields, path, event),
                _ => Matching::Maybe,
            })),
            Json::Object(fields) => object(fields, &below, event),
            Json::Array(alternatives) => field(alternatives, &event(&below)),
            _ => Matching::Maybe,
        }
    }))
}

fn field(alternatives: &[Json], found: &EventField) -> Matching {
    let one = |value: &str| any(alternatives.iter().map(|wanted| alternative(wanted, value)));
    match found {
        EventField::Values(values) => any(values.iter().map(|value| one(value))),
        EventField::OneOf(values) => {
            let answers: Vec<Matching> = values.iter().map(|value| one(value)).collect();
            match answers.first() {
                Some(first) if answers.iter().all(|answer| answer == first) => *first,
                _ => Matching::Maybe,
            }
        }
        EventField::Unknown => Matching::Maybe,
    }
}

/// Compares one value with one alternative.
fn alternative(wanted: &Json, value: &str) -> Matching {
    match wanted {
        Json::String(wanted) => yes_if(wanted == value),
        Json::Null | Json::Bool(_) | Json::Number(_) => Matching::No,
        Json::Object(operators) if operators.len() == 1 => {
            let Some((operator, operand)) = operators.iter().next() else { return Matching::Maybe };
            operation(operator, operand, value)
        }
        _ => Matching::Maybe,
    }
}

fn operation(operator: &str, operand: &Json, value: &str) -> Matching {
    match (operator, operand) {
        ("exists", Json::Bool(wanted)) => yes_if(*wanted),
        ("prefix", Json::String(prefix)) => yes_if(value.starts_with(prefix.as_str())),
        ("suffix", Json::String(suffix)) => yes_if(value.ends_with(suffix.as_str())),
        ("equals-ignore-case", Json::String(wanted)) => yes_if(wanted.eq_ignore_ascii_case(value)),
        ("wildcard", Json::String(wanted)) => yes_if(wildcard(wanted, value)),
        ("prefix" | "suffix", Json::Object(_)) => {
            let Some(wanted) = operand.get("equals-ignore-case").and_then(Json::as_str) else {
                return Matching::Maybe;
            };
            let (wanted, value) = (wanted.to_ascii_lowercase(), value.to_ascii_lowercase());
            yes_if(if operator == "prefix" { value.starts_with(&wanted) } else { value.ends_with(&wanted) })
        }
        ("anything-but", Json::Array(values)) => {
            not(any(values.iter().map(|wanted| alternative(wanted, value))))
        }
        ("anything-but", Json::String(wanted)) => yes_if(wanted != value),
        ("anything-but", Json::Number(_)) => Matching::Yes,
        ("anything-but", Json::Object(inner)) => {
            let Some((operator, operand)) = inner.iter().next() else { return Matching::Maybe };
            let one = |operand: &Json| operation(operator, operand, value);
            not(match operand {
                Json::Array(operands) => any(operands.iter().map(one)),
                operand => one(operand),
            })
        }
        ("numeric" | "cidr", _) => Matching::No,
        _ => Matching::Maybe,
    }
}

/// `*` stands for any characters, `\*` for itself.
fn wildcard(pattern: &str, value: &str) -> bool {
    let mut parts = vec![String::new()];
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        match (letter, parts.last_mut()) {
            ('*', _) => parts.push(String::new()),
            ('\\', Some(part)) => part.extend(letters.next()),
            (letter, Some(part)) => part.push(letter),
            (_, None) => {}
        }
    }
    let Some((first, rest)) = parts.split_first() else { return false };
    let Some(mut value) = value.strip_prefix(first.as_str()) else { return false };
    let Some((last, middle)) = rest.split_last() else { return value.is_empty() };
    for part in middle {
        match value.split_once(part.as_str()) {
            Some((_, after)) => value = after,
            None => return false,
        }
    }
    value.ends_with(last.as_str())
}

fn yes_if(holds: bool) -> Matching {
    if holds { Matching::Yes } else { Matching::No }
}

fn not(matching: Matching) -> Matching {
    match matching {
        Matching::Yes => Matching::No,
        Matching::No => Matching::Yes,
        Matching::Maybe => Matching::Maybe,
    }
}

fn all(matches: impl Iterator<Item = Matching>) -> Matching {
    not(any(matches.map(not)))
}

fn any(matches: impl Iterator<Item = Matching>) -> Matching {
    let mut answer = Matching::No;
    for matching in matches {
        match matching {
            Matching::Yes => return Matching::Yes,
            Matching::Maybe => answer = Matching::Maybe,
            Matching::No => {}
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(path: &str) -> EventField {
        let values = |values: &[&str]| EventField::Values(values.iter().map(|text| (*text).into()).collect());
        match path {
            "source" => values(&["aws.cloudwatch"]),
            "resources" => values(&["arn:aws:cloudwatch:eu-west-1:1:alarm:shop-5xx"]),
            "detail.alarmName" => values(&["shop-5xx"]),
            "detail.previousState.value" => EventField::OneOf(&["OK", "INSUFFICIENT_DATA"]),
            _ => EventField::Unknown,
        }
    }

    #[test]
    fn every_operator_of_patterns() {
        let cases = [
            (r#"{"source": ["aws.cloudwatch"]}"#, Matching::Yes),
            (r#"{"source": ["aws.ec2", "aws.cloudwatch"]}"#, Matching::Yes),
            (r#"{"source": ["aws.ec2"]}"#, Matching::No),
            (r#"{"source": [{"prefix": "aws."}]}"#, Matching::Yes),
            (r#"{"source": [{"prefix": ""}]}"#, Matching::Yes),
            (r#"{"source": ["aws.ec2"], "detail": {"color": ["red"]}}"#, Matching::No),
            (r#"{"detail": {"color": ["red"]}}"#, Matching::Maybe),
            (r#"{"detail": {"alarmName": [{"prefix": "shop-"}]}}"#, Matching::Yes),
            (r#"{"detail": {"alarmName": [{"prefix": {"equals-ignore-case": "SHOP"}}]}}"#, Matching::Yes),
            (r#"{"detail": {"alarmName": [{"suffix": "-4xx"}]}}"#, Matching::No),
            (r#"{"detail": {"alarmName": [{"equals-ignore-case": "Shop-5XX"}]}}"#, Matching::Yes),
            (r#"{"detail": {"alarmName": [{"wildcard": "sh*5*x"}]}}"#, Matching::Yes),
            (r#"{"detail": {"alarmName": [{"wildcard": "sh*6*"}]}}"#, Matching::No),
            (r#"{"detail": {"alarmName": [{"wildcard": "shop\\*"}]}}"#, Matching::No),
            (r#"{"detail": {"alarmName": [{"anything-but": "shop-5xx"}]}}"#, Matching::No),
            (r#"{"detail": {"alarmName": [{"anything-but": ["a", "b"]}]}}"#, Matching::Yes),
            (r#"{"detail": {"alarmName": [{"anything-but": {"prefix": "shop"}}]}}"#, Matching::No),
            (r#"{"detail": {"alarmName": [{"anything-but": {"wildcard": ["x*", "*y"]}}]}}"#, Matching::Yes),
            (r#"{"detail": {"alarmName": [{"exists": true}]}}"#, Matching::Yes),
            (r#"{"detail": {"alarmName": [{"numeric": [">", 0]}]}}"#, Matching::No),
            (r#"{"detail": {"alarmName": [{"later": true}]}}"#, Matching::Maybe),
            (r#"{"detail": {"previousState": {"value": ["OK"]}}}"#, Matching::Maybe),
            (r#"{"detail": {"previousState": {"value": ["OK", "INSUFFICIENT_DATA"]}}}"#, Matching::Yes),
            (r#"{"detail": {"previousState": {"value": ["ALARM"]}}}"#, Matching::No),
            (r#"{"resources": [{"prefix": "arn:aws:cloudwatch:eu-west-1:1:alarm:shop"}]}"#, Matching::Yes),
            (r#"{"$or": [{"source": ["aws.ec2"]}, {"detail": {"alarmName": ["shop-5xx"]}}]}"#, Matching::Yes),
            (r#"{"detail": {"$or": [{"alarmName": ["a"]}, {"alarmName": ["b"]}]}}"#, Matching::No),
            ("not JSON", Matching::Maybe),
            (r#"{"source": "aws.cloudwatch"}"#, Matching::Maybe),
        ];
        for (pattern, expected) in cases {
            assert_eq!(EventPattern::parse(pattern).matching(&event), expected, "{pattern}");
        }
    }

    #[test]
    fn stars_stand_for_anything_and_nothing_else_does() {
        for (pattern, value, expected) in [
            ("*", "", true),
            ("a*", "abc", true),
            ("*c", "abc", true),
            ("a*b*c", "a-b-c", true),
            ("abc", "abc", true),
            ("abc", "abcd", false),
            ("a*a", "a", false),
            ("a?c", "abc", false),
        ] {
            assert_eq!(wildcard(pattern, value), expected, "{pattern} {value}");
        }
    }
}
