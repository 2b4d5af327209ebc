//! Examples of policies: records written in YAML, in which a field that is left out is
//! one that AWS would not give.

use super::effect::{self, Edit, saved};
use super::evaluate::{Concluder, Value};
use super::subject::Subject;
use crate::conclude;
use crate::snapshot::GapId;
use crate::snapshot::shape::{ListView, RecordShape, Reflect, Type, Val};
use crate::written::similar;
use crate::written::yaml::{Reader, line_of, scalar};
use saphyr::{MarkedYaml, Scalar, YamlData};
use std::any::Any;
use std::collections::BTreeMap;

/// A value of an example.
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
    Record(ExampleRecord),
    /// Left out.
    Unknown(GapId),
}

impl Held {
    /// A value as a saved snapshot writes it, of type `ty`.
    pub fn from_saved(value: &serde_json::Value, ty: &Type) -> Held {
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
                Held::Record(ExampleRecord { shape: shape(), fields: fields.collect() })
            }
            _ => Held::Null,
        }
    }

    /// This value where `other` leaves something out, `other` everywhere else.
    pub fn overlaid(&self, other: &Held) -> Held {
        match (self, other) {
            (Held::Record(base), Held::Record(over)) => {
                let fields = base.fields.iter().zip(&over.fields).map(|(base, over)| base.overlaid(over));
                Held::Record(ExampleRecord { shape: base.shape, fields: fields.collect() })
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

/// A record of an example: the same shape as the real one.
#[derive(Clone)]
pub struct ExampleRecord {
    shape: &'static RecordShape,
    fields: Vec<Held>,
}

impl std::fmt::Debug for ExampleRecord {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {:?}", self.shape.name, self.fields)
    }
}

impl Reflect for ExampleRecord {
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

/// What an example must come out as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Pass.
    Pass,
    /// Fail.
    Fail,
    /// Unknown.
    Unknown,
    /// Not applicable.
    Skip,
}

impl Expected {
    /// The key in the file.
    pub fn as_str(self) -> &'static str {
        match self {
            Expected::Pass => "pass",
            Expected::Fail => "fail",
            Expected::Unknown => "unknown",
            Expected::Skip => "skip",
        }
    }
}

/// One example of a policy.
#[derive(Debug, Clone)]
pub struct Example {
    /// The line in the file.
    pub line: usize,
    /// What must come out.
    pub expected: Expected,
    /// The judged resource.
    pub subject: Held,
    /// What conclusions give, by function name.
    pub conclusions: BTreeMap<String, Held>,
    /// As it was written, for `policies show`.
    pub source: serde_json::Value,
}

impl<'a> Concluder<'a> for &'a Example {
    fn conclude(&self, function: &'static conclude::Function) -> Value<'a> {
        match self.conclusions.get(function.name) {
            Some(held) => held.val().into(),
            None => Value::Unknown(std::rc::Rc::new(vec![left_out(function.name)])),
        }
    }
}

impl Example {
    /// The example as it is after an option's edits of the judged resource, and with the
    /// answers that conclusions give then.
    ///
    /// # Errors
    /// An edit leads to a place that the example does not have.
    pub fn after(
        &self,
        edits: Vec<Edit>,
        becomes: &BTreeMap<String, Held>,
        about: &Subject,
    ) -> Result<Example, String> {
        let mut subject = saved(&self.subject.val().into());
        effect::apply(&mut subject, edits)?;
        let mut subject = Held::from_saved(&subject, &about.ty());
        let mut conclusions = self.conclusions.clone();
        for (name, answer) in becomes {
            if *name == about.variable {
                subject = subject.overlaid(answer);
                continue;
            }
            let before = conclusions.get(name);
            let after = before.map_or_else(|| answer.clone(), |before| before.overlaid(answer));
            conclusions.insert(name.clone(), after);
        }
        Ok(Example { subject, conclusions, ..self.clone() })
    }
}

fn left_out(what: &str) -> GapId {
    GapId::new("example:LeftOut", "-", Some(what))
}

/// Reads the examples of a policy about `subject`.
pub fn read(reader: &mut Reader, node: &MarkedYaml<'_>, variable: &str, subject: &Type) -> Vec<Example> {
    let mut examples = Vec::new();
    let keys = [Expected::Pass, Expected::Fail, Expected::Unknown, Expected::Skip];
    for item in reader.list(node, "examples") {
        for (key, value) in reader.mapping(item, "an example", &["pass", "fail", "unknown", "skip"]) {
            let Some(expected) = keys.into_iter().find(|expected| expected.as_str() == key) else {
                continue;
            };
            if let Some(example) = read_one(reader, value, variable, subject, expected) {
                examples.push(example);
            }
        }
    }
    for needed in [Expected::Pass, Expected::Fail, Expected::Unknown] {
        if !examples.iter().any(|example| example.expected == needed) {
            let needed = needed.as_str();
            reader.problem(
                line_of(node),
                format!("examples lack a `{needed}`; show one resource that comes out so"),
            );
        }
    }
    examples
}

fn read_one(
    reader: &mut Reader,
    node: &MarkedYaml<'_>,
    variable: &str,
    subject: &Type,
    expected: Expected,
) -> Option<Example> {
    let mut example = Example {
        line: line_of(node),
        expected,
        subject: Held::Unknown(left_out(variable)),
        conclusions: BTreeMap::new(),
        source: to_json(node),
    };
    let mut has_subject = false;
    for (key, value) in reader.mapping(node, "an example", &[]) {
        if key == variable {
            example.subject = held(reader, value, subject, &key);
            has_subject = true;
        } else if let Some(function) = conclude::find(&key) {
            let answer = held(reader, value, &(function.gives)(), &key);
            example.conclusions.insert(key, answer);
        } else {
            let names = conclude::FUNCTIONS.iter().map(|function| function.name).chain([variable]);
            let hint = similar(&key, names);
            reader.problem(
                line_of(value),
                format!("an example gives `{variable}` and conclusions; `{key}` is neither{hint}"),
            );
        }
    }
    if !has_subject {
        reader.problem(example.line, format!("the example lacks `{variable}`"));
        return None;
    }
    Some(example)
}

/// Reads a value of type `ty`; `path` names it in messages.
pub(super) fn held(reader: &mut Reader, node: &MarkedYaml<'_>, ty: &Type, path: &str) -> Held {
    let line = line_of(node);
    let value = match &node.data {
        YamlData::Value(value) => Some(value),
        _ => None,
    };
    match ty {
        Type::Known(inner) => held(reader, node, inner, path),
        Type::Nullable(_) if matches!(value, Some(Scalar::Null)) => Held::Null,
        Type::Nullable(inner) => held(reader, node, inner, path),
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
            Held::List(items.iter().map(|item| held(reader, item, element, path)).collect())
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

fn misfit(reader: &mut Reader, line: usize, path: &str, expected: &str) -> Held {
    reader.problem(line, format!("`{path}` must be {expected}"));
    Held::Unknown(left_out(path))
}

fn record(
    reader: &mut Reader,
    node: &MarkedYaml<'_>,
    shape: &'static RecordShape,
    path: &str,
) -> ExampleRecord {
    let allowed: Vec<&str> = shape.fields.iter().map(|field| field.name).collect();
    let entries = reader.mapping(node, &format!("`{path}` ({})", shape.name), &allowed);
    let fields = shape.fields.iter().map(|field| {
        let full = format!("{path}.{}", field.name);
        match entries.iter().find(|(name, _)| name == field.name) {
            Some((_, value)) => held(reader, value, &field.ty, &full),
            None => Held::Unknown(left_out(&full)),
        }
    });
    ExampleRecord { shape, fields: fields.collect() }
}

fn to_json(node: &MarkedYaml<'_>) -> serde_json::Value {
    match &node.data {
        YamlData::Value(Scalar::Null) => serde_json::Value::Null,
        YamlData::Value(Scalar::Boolean(value)) => (*value).into(),
        YamlData::Value(Scalar::Integer(value)) => (*value).into(),
        YamlData::Value(Scalar::FloatingPoint(value)) => value.into_inner().into(),
        YamlData::Value(Scalar::String(text)) => text.as_ref().into(),
        YamlData::Sequence(items) => items.iter().map(to_json).collect(),
        YamlData::Mapping(entries) => entries
            .iter()
            .map(|(key, value)| (scalar(key).unwrap_or_default(), to_json(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        _ => serde_json::Value::Null,
    }
}
