//! A fact, or the reason why it is not known.

use super::gap::GapId;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A fact that a call of its own had to fetch.
///
/// In a saved snapshot an unknown fact is `{"unknown_because": "<gap id>"}`, so that
/// "AWS says there is none" (`null`), "AWS would not say" and "the file is damaged"
/// (no key) are three different things. The default is *unknown*: a value that nobody
/// filled in must never look like an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Known<T> {
    /// AWS answered.
    Yes(T),
    /// AWS did not; the gap says why.
    No(GapId),
}

impl<T> Default for Known<T> {
    fn default() -> Self {
        Known::No(GapId::default())
    }
}

impl<T> Known<T> {
    /// The fact, if there is one.
    pub fn known(&self) -> Option<&T> {
        match self {
            Known::Yes(value) => Some(value),
            Known::No(_) => None,
        }
    }

    /// The fact, or the gap that hides it, for use with `?`.
    pub fn ask(&self) -> Result<&T, GapId> {
        match self {
            Known::Yes(value) => Ok(value),
            Known::No(gap) => Err(gap.clone()),
        }
    }

    /// The same with another type of fact.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Known<U> {
        match self {
            Known::Yes(value) => Known::Yes(change(value)),
            Known::No(gap) => Known::No(gap),
        }
    }
}

impl<T> From<Result<T, GapId>> for Known<T> {
    fn from(result: Result<T, GapId>) -> Self {
        match result {
            Ok(value) => Known::Yes(value),
            Err(gap) => Known::No(gap),
        }
    }
}

impl From<&str> for Known<String> {
    fn from(text: &str) -> Self {
        Known::Yes(text.to_owned())
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Unknown {
    unknown_because: GapId,
}

impl<T: Serialize> Serialize for Known<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Known::Yes(value) => value.serialize(serializer),
            Known::No(gap) => Unknown { unknown_because: gap.clone() }.serialize(serializer),
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Known<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<serde_json::value::RawValue>::deserialize(deserializer)?;
        let text = raw.get();
        let marker = text.strip_prefix('{').map(str::trim_start);
        if marker.is_some_and(|rest| rest.starts_with("\"unknown_because\"")) {
            let unknown: Unknown = serde_json::from_str(text).map_err(D::Error::custom)?;
            return Ok(Known::No(unknown.unknown_because));
        }
        serde_json::from_str(text).map(Known::Yes).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_unknown_and_missing_are_three_things() {
        let none: Known<Option<i64>> = Known::Yes(None);
        let unknown: Known<Option<i64>> = Known::No(GapId::new("rds:DescribeDBInstances", "eu-west-1", None));
        for value in [none, unknown, Known::Yes(Some(3))] {
            let text = serde_json::to_string(&value).unwrap();
            assert_eq!(serde_json::from_str::<Known<Option<i64>>>(&text).unwrap(), value, "{text}");
        }
    }

    #[test]
    fn nobody_filled_it_in_is_unknown() {
        assert_eq!(Known::<bool>::default().known(), None);
    }

    crate::record! {
        /// A record with a field that earlier snapshots lack.
        pub(crate) struct Grown {
            /// There from the beginning.
            pub name: String,
            /// Added later.
            #[serde(default)]
            pub is_locked: Known<Option<bool>>,
        }
    }

    #[test]
    fn a_field_that_earlier_snapshots_lack_is_unknown_and_no_other_may_be_absent() {
        let read = |text: &str| serde_json::from_str::<Grown>(text);
        assert_eq!(read(r#"{ "name": "a" }"#).unwrap().is_locked, Known::default());
        assert_eq!(read(r#"{ "name": "a", "is_locked": null }"#).unwrap().is_locked, Known::Yes(None));
        assert!(read(r#"{ "is_locked": true }"#).unwrap_err().to_string().contains("missing field `name`"));
    }
}
