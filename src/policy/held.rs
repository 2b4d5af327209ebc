//! Values that people write in policies: records of the snapshot and answers of conclusions,
//! in which a field that is left out is one that AWS would not give.

use crate::snapshot::GapId;
use crate::snapshot::shape::{ListView, RecordShape, Reflect, Type, Val};
use crate::written::yaml::{YamlReader, line_of, scalar};
use saphyr::{MarkedYaml, Scalar, YamlData};
use std::any::Any;
use std::collections::BTreeMap;

/// A value that is written in a policy.
#[derive(Debug, Clone)]
pub enum Held {
    /// `null`.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Held>),
    /// Text by name.
    Tags(BTreeMap<String, String>),
    /// A record.
    Record(HeldRecord),
    /// Left out.
    Unknown(GapId),
}

impl Held {
    /// A value as a saved snapshot writes it, of type `ty`.
    pub(crate) fn from_saved(value: &serde_json::Value, ty: &Type) -> Held {
        use serde_json::Value as Json;
        if let Some(gap) = value.get("unknown_because").and_then(Json::as_str) {
            return Held::Unknown(GapId::from_text(gap));
        }
        match (ty, value) {
            (Type::Known(inner), value) => Held::from_saved(value, inner),
            (Type::Nullable(_), Json::Null) => Held::Null,
            (Type::Nullable(inner), value) => Held::from_saved(value, inner),
            (Type::Bool, Json::Bool(value)) => Held::Bool(*value),
            (Type::Int, Json::Number(value)) => value.as_i64().map_or(Held::Null, Held::Int),
            (Type::Float, Json::Number(value)) => value.as_f64().map_or(Held::Null, Held::Float),
            (Type::Text, Json::String(value)) => Held::Text(value.clone()),
            (Type::List(element), Json::Array(items)) => {
                Held::List(items.iter().map(|item| Held::from_saved(item, element)).collect())
            }
            (Type::Tags, Json::Object(entries)) => {
                let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
                Held::Tags(entries.iter().map(|(name, value)| (name.clone(), text(value))).collect())
            }
            (Type::Record(shape), Json::Object(entries)) => {
                let fields = shape().fields.iter().map(|field| match entries.get(field.name) {
                    Some(value) => Held::from_saved(value, &field.ty),
                    None => Held::Unknown(left_out(field.name)),
                });
                Held::Record(HeldRecord { shape: shape(), fields: fields.collect() })
            }
            _ => Held::Null,
        }
    }

    /// This value where `other` leaves something out, `other` everywhere else.
    pub(crate) fn overlaid(&self, other: &Held) -> Held {
        match (self, other) {
            (Held::Record(base), Held::Record(over)) => {
                let fields = base.fields.iter().zip(&over.fields).map(|(base, over)| base.overlaid(over));
                Held::Record(HeldRecord { shape: base.shape, fields: fields.collect() })
            }
            (base, Held::Unknown(_)) => base.clone(),
            (_, over) => over.clone(),
        }
    }

    /// The value as expressions see it.
    pub fn val(&self) -> Val<'_> {
        match self {
            Held::Null => Val::Null,
            Held::Bool(value) => Val::Bool(*value),
            Held::Int(value) => Val::Int(*value),
            Held::Float(value) => Val::Float(*value),
            Held::Text(value) => Val::Text(value),
            Held::List(items) => Val::List(items),
            Held::Tags(tags) => Val::Tags(tags),
            Held::Record(record) => Val::Record(record),
            Held::Unknown(gap) => Val::Unknown(gap),
        }
    }
}

impl ListView for Vec<Held> {
    fn len(&self) -> usize {
        Vec::len(self)
    }
    fn get(&self, index: usize) -> Val<'_> {
        self.as_slice().get(index).map_or(Val::Null, Held::val)
    }
}

/// A record that is written in a policy: the same shape as the real one.
#[derive(Clone)]
pub struct HeldRecord {
    shape: &'static RecordShape,
    fields: Vec<Held>,
}

impl std::fmt::Debug for HeldRecord {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {:?}", self.shape.name, self.fields)
    }
}

impl Reflect for HeldRecord {
    fn shape(&self) -> &'static RecordShape {
        self.shape
    }
    fn field(&self, index: usize) -> Val<'_> {
        self.fields.as_slice().get(index).map_or(Val::Null, Held::val)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Reads a value of type `ty`; `path` names it in messages.
pub fn read(reader: &mut YamlReader<'_>, node: &MarkedYaml<'_>, ty: &Type, path: &str) -> Held {
    let line = line_of(node);
    let value = match &node.data {
        YamlData::Value(value) => Some(value),
        _ => None,
    };
    match ty {
        Type::Known(inner) => read(reader, node, inner, path),
        Type::Nullable(_) if matches!(value, Some(Scalar::Null)) => Held::Null,
        Type::Nullable(inner) => read(reader, node, inner, path),
        Type::Bool => match value {
            Some(Scalar::Boolean(value)) => Held::Bool(*value),
            _ => misfit(reader, line, path, "true or false"),
        },
        Type::Int => match value {
            Some(Scalar::Integer(value)) => Held::Int(*value),
            _ => misfit(reader, line, path, "a whole number"),
        },
        Type::Float => match value {
            Some(Scalar::FloatingPoint(value)) => Held::Float(value.into_inner()),
            #[expect(clippy::cast_precision_loss, reason = "examples hold small numbers")]
            Some(Scalar::Integer(value)) => Held::Float(*value as f64),
            _ => misfit(reader, line, path, "a number"),
        },
        Type::Text => match scalar(node) {
            Some(text) if !matches!(value, Some(Scalar::Null)) => Held::Text(text),
            _ => misfit(reader, line, path, "text"),
        },
        Type::List(element) => {
            let items = reader.list(node, path);
            Held::List(items.iter().map(|item| read(reader, item, element, path)).collect())
        }
        Type::Tags => {
            let entries = reader.mapping(node, path, &[]);
            Held::Tags(
                entries.into_iter().map(|(key, value)| (key, scalar(value).unwrap_or_default())).collect(),
            )
        }
        Type::Record(shape) => Held::Record(record(reader, node, shape(), path)),
    }
}

fn misfit(reader: &mut YamlReader<'_>, line: usize, path: &str, expected: &str) -> Held {
    reader.problem(line, format!("`{path}` must be {expected}"));
    Held::Unknown(left_out(path))
}

fn record(
    reader: &mut YamlReader<'_>,
    node: &MarkedYaml<'_>,
    shape: &'static RecordShape,
    path: &str,
) -> HeldRecord {
    let allowed: Vec<&str> = shape.fields.iter().map(|field| field.name).collect();
    let entries = reader.mapping(node, &format!("`{path}` ({})", shape.name), &allowed);
    let fields = shape.fields.iter().map(|field| {
        let full = format!("{path}.{}", field.name);
        match entries.iter().find(|(name, _)| name == field.name) {
            Some((_, value)) => read(reader, value, &field.ty, &full),
            None => Held::Unknown(left_out(&full)),
        }
    });
    HeldRecord { shape, fields: fields.collect() }
}

/// The gap of what is left out.
pub fn left_out(what: &str) -> GapId {
    GapId::new("example:LeftOut", "-", Some(what))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::evaluate::Value;
    use crate::policy::file::tests::{edited, policy, problems};
    use serde_json::{Value as Json, json};

    crate::record! {
        /// A record with a field of each type.
        pub(crate) struct HeldSample {
            /// Text.
            pub name: String,
            /// A truth value.
            pub yes: bool,
            /// A number.
            pub count: i64,
            /// A fraction.
            pub share: f64,
            /// A number that may not be there.
            pub most: Option<i64>,
            /// What a call of its own tells.
            pub dark: crate::snapshot::Known<Option<bool>>,
            /// A list.
            pub words: Vec<String>,
            /// Tags.
            pub tags: BTreeMap<String, String>,
        }
    }

    fn shape() -> Type {
        use crate::snapshot::shape::Valued;
        HeldSample::ty()
    }

    fn shown(held: &Held) -> Json {
        Value::from(held.val()).to_json()
    }

    fn written(yaml: &str) -> (Json, Vec<String>) {
        let mut reader = YamlReader::new("a.yaml", yaml);
        let document = reader.document().unwrap();
        let held = read(&mut reader, &document, &shape(), "x");
        let problems = reader.problems.iter().map(|problem| problem.message.en.clone()).collect();
        (shown(&held), problems)
    }

    #[test]
    fn saved_values_are_read_back_by_their_types() {
        let whole = json!({
            "name": "a", "yes": true, "count": 7, "share": 0.5, "most": 3, "dark": true, "words": ["b", "c"],
            "tags": { "Name": "d" },
        });
        assert_eq!(shown(&Held::from_saved(&whole, &shape())), whole);
        let cases = [
            ("most", json!(null), json!(null)),
            ("dark", json!(null), json!(null)),
            ("dark", json!({ "unknown_because": "gap:A@r" }), json!("unknown")),
            ("share", json!(2), json!(2.0)),
            // What is of another type is not there.
            ("yes", json!(1), json!(null)),
            ("count", json!(1.5), json!(null)),
            ("name", json!(true), json!(null)),
            ("words", json!("b"), json!(null)),
            ("tags", json!([]), json!(null)),
        ];
        for (field, value, expected) in cases {
            let mut changed = whole.clone();
            changed[field] = value.clone();
            assert_eq!(shown(&Held::from_saved(&changed, &shape()))[field], expected, "{field}: {value}");
        }
        let Held::Record(record) = Held::from_saved(&json!({ "name": "a" }), &shape()) else { panic!() };
        let (index, _) = record.shape().field("count").unwrap();
        assert!(matches!(record.field(index), Val::Unknown(gap) if *gap == left_out("count")));
        assert!(matches!(record.field(99), Val::Null));
    }

    #[test]
    fn written_values_are_read_by_their_types() {
        let (json, problems) = written(
            "{ name: 7, yes: true, count: 7, share: 2, most: 3, dark: null, words: [a, b], tags: { Name: a, no: 1 } }",
        );
        assert!(problems.is_empty(), "{problems:?}");
        let expected = json!({
            "name": "7", "yes": true, "count": 7, "share": 2.0, "most": 3, "dark": null, "words": ["a", "b"],
            "tags": { "Name": "a", "no": "1" },
        });
        assert_eq!(json, expected);
        let (json, problems) = written("{ share: 0.5, most: null, dark: false }");
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(
            (&json["share"], &json["most"], &json["dark"]),
            (&json!(0.5), &json!(null), &json!(false))
        );
        assert_eq!(
            (&json["name"], &json["words"]),
            (&json!("unknown"), &json!("unknown")),
            "what is left out"
        );
        for (yaml, problem) in [
            ("{ name: null }", "`x.name` must be text"),
            ("{ name: [a] }", "`x.name` must be text"),
            ("{ yes: 1 }", "`x.yes` must be true or false"),
            ("{ count: 1.5 }", "`x.count` must be a whole number"),
            ("{ count: null }", "`x.count` must be a whole number"),
            ("{ share: much }", "`x.share` must be a number"),
            ("{ most: a }", "`x.most` must be a whole number"),
            ("{ dark: 1 }", "`x.dark` must be true or false"),
            ("{ words: a }", "x.words must be a list"),
            ("{ tags: a }", "x.tags must be `key: value` pairs"),
            ("{ nam: a }", "`x` (HeldSample) has no key `nam`; did you mean `name`?"),
        ] {
            assert_eq!(written(yaml).1, [problem], "{yaml}");
        }
    }

    #[test]
    fn what_is_left_out_stays_and_the_rest_is_laid_over() {
        let base = Held::from_saved(&json!({ "name": "a", "count": 7, "words": ["b"] }), &shape());
        let over = Held::from_saved(&json!({ "count": 8, "words": [], "yes": true }), &shape());
        let laid = shown(&base.overlaid(&over));
        assert_eq!(
            (&laid["name"], &laid["count"], &laid["words"], &laid["yes"], &laid["share"]),
            (&json!("a"), &json!(8), &json!([]), &json!(true), &json!("unknown"))
        );
        assert_eq!(shown(&Held::Int(1).overlaid(&Held::Unknown(left_out("x")))), json!(1));
        assert_eq!(shown(&Held::Int(1).overlaid(&Held::Null)), json!(null));
    }

    #[test]
    fn lists_of_examples_are_lists_of_expressions() {
        let read = policy(&edited(&[
            ("pass: db.multi_az", "pass: size(db.log_exports) == 2 && db.log_exports[1] == \"b\""),
            ("id: a, multi_az: true", "id: a, log_exports: [a, b]"),
            ("id: a, multi_az: false", "id: a, log_exports: [a]"),
        ]));
        let came: Vec<&str> =
            read.examples.iter().map(|example| crate::policy::judge::judge_example(&read, example)).collect();
        assert_eq!(came, ["pass", "fail", "unknown"]);
        let none: [&str; 0] = [];
        assert_eq!(problems(&edited(&[("db: { id: a, multi_az: true }", "db: { multi_az: true }")])), none);
    }
}
