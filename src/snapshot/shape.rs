//! The snapshot's types as data: what the policy checker, the field reference and the
//! JSON Schema are made from, and how expressions read fields without copying them.

use super::gap::GapId;
use super::known::Known;
use crate::text::Text;
use std::any::Any;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The type of a field.
#[derive(Clone)]
pub enum Type {
    /// True or false.
    Bool,
    /// A whole number.
    Int,
    /// A number with a fraction.
    Float,
    /// Text.
    Text,
    /// A list.
    List(Box<Type>),
    /// Text by name, for instance tags.
    Tags,
    /// A record, by its shape; a function, because records may nest.
    Record(fn() -> &'static RecordShape),
    /// `null` where AWS says that there is none.
    Nullable(Box<Type>),
    /// Asked for with a call of its own, so that it may be unknown.
    Known(Box<Type>),
}

impl PartialEq for Type {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Type::Bool, Type::Bool)
            | (Type::Int, Type::Int)
            | (Type::Float, Type::Float)
            | (Type::Text, Type::Text)
            | (Type::Tags, Type::Tags) => true,
            (Type::List(left), Type::List(right))
            | (Type::Nullable(left), Type::Nullable(right))
            | (Type::Known(left), Type::Known(right)) => left == right,
            // Names of records are unique: one namespace for policies and the field reference.
            (Type::Record(left), Type::Record(right)) => left().name == right().name,
            _ => false,
        }
    }
}

impl std::fmt::Debug for Type {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Type::Bool => formatter.write_str("bool"),
            Type::Int => formatter.write_str("int"),
            Type::Float => formatter.write_str("float"),
            Type::Text => formatter.write_str("text"),
            Type::List(element) => write!(formatter, "list of {element:?}"),
            Type::Tags => formatter.write_str("text by name"),
            Type::Record(shape) => formatter.write_str(shape().name),
            Type::Nullable(inner) => write!(formatter, "{inner:?} or null"),
            Type::Known(inner) => write!(formatter, "{inner:?}"),
        }
    }
}

/// A record's name, meaning and fields.
pub struct RecordShape {
    /// The Rust type's name, which error messages and the field reference use.
    pub name: &'static str,
    /// What the record stands for.
    pub doc: String,
    /// In the order in which they are written down.
    pub fields: Vec<FieldShape>,
}

impl RecordShape {
    /// The position and shape of a field.
    pub fn field(&self, name: &str) -> Option<(usize, &FieldShape)> {
        self.fields.iter().enumerate().find(|(_, field)| field.name == name)
    }
}

/// Gives the shape of a record; a function, because records may nest.
pub type ShapeOf = fn() -> &'static RecordShape;

/// A field's name, meaning and type.
pub struct FieldShape {
    /// As expressions and the saved snapshot name it.
    pub name: &'static str,
    /// What it means, with units.
    pub doc: String,
    /// Its type.
    pub ty: Type,
}

/// A value seen through its type, borrowed from the snapshot.
#[derive(Clone, Copy)]
pub enum Val<'a> {
    /// AWS says that there is none.
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// Text.
    Text(&'a str),
    /// A list.
    List(&'a dyn ListView),
    /// Text by name.
    Tags(&'a BTreeMap<String, String>),
    /// A record.
    Record(&'a dyn Reflect),
    /// AWS would not say.
    Unknown(&'a GapId),
}

/// A list whose elements are looked at one by one.
pub trait ListView {
    /// How many elements are known.
    fn len(&self) -> usize;
    /// Whether no element is known.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The element at `index`; `Null` beyond the end.
    fn get(&self, index: usize) -> Val<'_>;
    /// The questions without an answer that would have listed more.
    fn incomplete(&self) -> &[GapId] {
        &[]
    }
}

/// A record whose fields can be read by position.
pub trait Reflect: Any {
    /// Its shape.
    fn shape(&self) -> &'static RecordShape;
    /// The value of the field at `index` of the shape; `Null` beyond the end.
    fn field(&self, index: usize) -> Val<'_>;
    /// For conclusions, which work on the real type.
    fn as_any(&self) -> &dyn Any;
    /// A field read by name: for the few names every resource has.
    fn text_field(&self, name: &str) -> &str {
        match self.shape().field(name).map(|(index, _)| self.field(index)) {
            Some(Val::Text(text)) => text,
            _ => "",
        }
    }
}

/// A field of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldPlace {
    /// The record's name.
    pub record: &'static str,
    /// The field's name.
    pub field: &'static str,
}

/// Text in a record, to be changed where it stands.
#[derive(Debug)]
pub enum StoredText<'a> {
    /// A text.
    Text(&'a mut String),
    /// Text by name.
    Tags(&'a mut BTreeMap<String, String>),
    /// The question that has no answer, which may name a resource.
    Gap(&'a mut GapId),
}

/// What is done to every text of a record.
pub type Visit<'a> = dyn FnMut(FieldPlace, StoredText<'_>) + 'a;

/// A type that expressions can see.
pub trait Valued {
    /// Its type.
    fn ty() -> Type
    where
        Self: Sized;
    /// The value, borrowed.
    fn val(&self) -> Val<'_>;
    /// Shows every text in the value, which is the one of a field.
    fn each_text(&mut self, at: FieldPlace, visit: &mut Visit<'_>);
}

impl Valued for bool {
    fn ty() -> Type {
        Type::Bool
    }
    fn val(&self) -> Val<'_> {
        Val::Bool(*self)
    }
    fn each_text(&mut self, _: FieldPlace, _: &mut Visit<'_>) {}
}

impl Valued for i64 {
    fn ty() -> Type {
        Type::Int
    }
    fn val(&self) -> Val<'_> {
        Val::Int(*self)
    }
    fn each_text(&mut self, _: FieldPlace, _: &mut Visit<'_>) {}
}

impl Valued for f64 {
    fn ty() -> Type {
        Type::Float
    }
    fn val(&self) -> Val<'_> {
        Val::Float(*self)
    }
    fn each_text(&mut self, _: FieldPlace, _: &mut Visit<'_>) {}
}

impl Valued for String {
    fn ty() -> Type {
        Type::Text
    }
    fn val(&self) -> Val<'_> {
        Val::Text(self)
    }
    fn each_text(&mut self, at: FieldPlace, visit: &mut Visit<'_>) {
        visit(at, StoredText::Text(self));
    }
}

/// A text as policies see it: the record `Sentence` with the fields `en` and `ja`.
fn sentence_shape() -> &'static RecordShape {
    static SHAPE: OnceLock<RecordShape> = OnceLock::new();
    let field = |name, doc: &str| FieldShape { name, doc: doc.to_owned(), ty: Type::Text };
    SHAPE.get_or_init(|| RecordShape {
        name: "Sentence",
        doc: "A sentence in both languages.".to_owned(),
        fields: vec![field("en", "English."), field("ja", "Japanese.")],
    })
}

impl Reflect for Text {
    fn shape(&self) -> &'static RecordShape {
        sentence_shape()
    }
    fn field(&self, index: usize) -> Val<'_> {
        self.both().get(index).map_or(Val::Null, |text| Val::Text(text))
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Valued for Text {
    fn ty() -> Type {
        Type::Record(sentence_shape)
    }
    fn val(&self) -> Val<'_> {
        Val::Record(self)
    }
    // A sentence of tenken's own, which only conclusions have.
    fn each_text(&mut self, _: FieldPlace, _: &mut Visit<'_>) {}
}

impl<T: Valued> Valued for Option<T> {
    fn ty() -> Type {
        Type::Nullable(Box::new(T::ty()))
    }
    fn val(&self) -> Val<'_> {
        self.as_ref().map_or(Val::Null, Valued::val)
    }
    fn each_text(&mut self, at: FieldPlace, visit: &mut Visit<'_>) {
        self.iter_mut().for_each(|value| value.each_text(at, visit));
    }
}

impl<T: Valued> Valued for Known<T> {
    fn ty() -> Type {
        Type::Known(Box::new(T::ty()))
    }
    fn val(&self) -> Val<'_> {
        match self {
            Known::Yes(value) => value.val(),
            Known::No(gap) => Val::Unknown(gap),
        }
    }
    fn each_text(&mut self, at: FieldPlace, visit: &mut Visit<'_>) {
        match self {
            Known::Yes(value) => value.each_text(at, visit),
            Known::No(gap) => visit(at, StoredText::Gap(gap)),
        }
    }
}

impl<T: Valued> Valued for Vec<T> {
    fn ty() -> Type {
        Type::List(Box::new(T::ty()))
    }
    fn val(&self) -> Val<'_> {
        Val::List(self)
    }
    fn each_text(&mut self, at: FieldPlace, visit: &mut Visit<'_>) {
        self.iter_mut().for_each(|value| value.each_text(at, visit));
    }
}

impl<T: Valued> ListView for Vec<T> {
    fn len(&self) -> usize {
        Vec::len(self)
    }
    fn get(&self, index: usize) -> Val<'_> {
        self.as_slice().get(index).map_or(Val::Null, Valued::val)
    }
}

impl Valued for BTreeMap<String, String> {
    fn ty() -> Type {
        Type::Tags
    }
    fn val(&self) -> Val<'_> {
        Val::Tags(self)
    }
    fn each_text(&mut self, at: FieldPlace, visit: &mut Visit<'_>) {
        visit(at, StoredText::Tags(self));
    }
}

/// Joins the lines of a doc comment as `record!` collects them.
pub(crate) fn doc_text(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Declares a record of the snapshot or of a conclusion: a struct with public fields
/// that is saved as JSON, and whose names, types and doc comments policies can see.
///
/// Every field needs a doc comment: it is the reference that policy authors read. A list or a
/// `Known` that earlier snapshots lack says `#[serde(default)]`, and is unknown where it lacks.
#[macro_export]
macro_rules! record {
    ($(
        $(#[doc = $doc:literal])+
        $visibility:vis struct $name:ident {
            $(
                $(#[doc = $field_doc:literal])+
                $(#[serde($serde:ident)])?
                pub $field:ident: $ty:ty,
            )+
        }
    )+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        $visibility struct $name {
            $(
                $(#[doc = $field_doc])+
                $(#[serde($serde)])?
                pub $field: $ty,
            )+
        }

        impl $name {
            /// The record's name, meaning and fields.
            $visibility fn record_shape() -> &'static $crate::snapshot::shape::RecordShape {
                static SHAPE: std::sync::OnceLock<$crate::snapshot::shape::RecordShape> =
                    std::sync::OnceLock::new();
                SHAPE.get_or_init(|| $crate::snapshot::shape::RecordShape {
                    name: stringify!($name),
                    doc: $crate::snapshot::shape::doc_text(&[$($doc),+]),
                    fields: vec![$(
                        $crate::snapshot::shape::FieldShape {
                            name: stringify!($field),
                            doc: $crate::snapshot::shape::doc_text(&[$($field_doc),+]),
                            ty: <$ty as $crate::snapshot::shape::Valued>::ty(),
                        }
                    ),+],
                })
            }
        }

        impl $crate::snapshot::shape::Reflect for $name {
            fn shape(&self) -> &'static $crate::snapshot::shape::RecordShape {
                Self::record_shape()
            }
            fn field(&self, index: usize) -> $crate::snapshot::shape::Val<'_> {
                let mut position = 0;
                $(
                    if index == position {
                        return $crate::snapshot::shape::Valued::val(&self.$field);
                    }
                    position += 1;
                )+
                let _ = position;
                $crate::snapshot::shape::Val::Null
            }
            fn as_any(&self) -> &dyn std::any::Any {
                self
            }
        }

        impl $crate::snapshot::shape::Valued for $name {
            fn ty() -> $crate::snapshot::shape::Type {
                $crate::snapshot::shape::Type::Record(Self::record_shape)
            }
            fn val(&self) -> $crate::snapshot::shape::Val<'_> {
                $crate::snapshot::shape::Val::Record(self)
            }
            fn each_text(
                &mut self,
                _: $crate::snapshot::shape::FieldPlace,
                visit: &mut $crate::snapshot::shape::Visit<'_>,
            ) {
                $(
                    let place = $crate::snapshot::shape::FieldPlace {
                        record: stringify!($name),
                        field: stringify!($field),
                    };
                    $crate::snapshot::shape::Valued::each_text(&mut self.$field, place, visit);
                )+
            }
        }
    )+};
}
