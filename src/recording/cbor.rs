//! CBOR as JSON that people can read and diff, and back.
//!
//! JSON lacks four things, which are written as an object with one key:
//!
//! | key | CBOR |
//! |---|---|
//! | `$time` | tag 1: `"2026-11-23T03:00:00Z"`, or seconds where milliseconds are not enough |
//! | `$double` | a double that JSON has no number for (`"NaN"`, `"Infinity"`, `"-Infinity"`) |
//! | `$bytes` | a byte string, hexadecimal |
//! | `$tagged` | any other tag: `[number, value]` |
//!
//! Numbers with a point are doubles, others integers, in both directions.

use ciborium::Value as Cbor;
use serde_json::{Map, Value as Json, json};

/// What is not CBOR, or has no JSON form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("convert CBOR: {0}")]
pub struct CborError(pub &'static str);

/// CBOR bytes as JSON.
pub fn to_json(bytes: &[u8]) -> Result<Json, CborError> {
    let value: Cbor = ciborium::from_reader(bytes).map_err(|_| CborError("the bytes are not CBOR"))?;
    json_of(value)
}

/// JSON as CBOR bytes.
pub fn from_json(json: &Json) -> Result<Vec<u8>, CborError> {
    let mut bytes = Vec::new();
    ciborium::into_writer(&cbor_of(json)?, &mut bytes)
        .map_err(|_| CborError("the value cannot be written"))?;
    Ok(bytes)
}

fn json_of(value: Cbor) -> Result<Json, CborError> {
    Ok(match value {
        Cbor::Null => Json::Null,
        Cbor::Bool(bool) => Json::Bool(bool),
        Cbor::Text(text) => Json::String(text),
        Cbor::Integer(integer) => {
            let wide = i128::from(integer);
            match (i64::try_from(wide), u64::try_from(wide)) {
                (Ok(number), _) => number.into(),
                (_, Ok(number)) => number.into(),
                _ => return Err(CborError("an integer is too large")),
            }
        }
        Cbor::Float(double) => double_as_json(double),
        Cbor::Bytes(bytes) => json!({ "$bytes": hex::encode(&bytes) }),
        Cbor::Array(items) => Json::Array(items.into_iter().map(json_of).collect::<Result<_, _>>()?),
        Cbor::Map(entries) => {
            let mut map = Map::new();
            for (key, value) in entries {
                let Cbor::Text(key) = key else {
                    return Err(CborError("a key is not text"));
                };
                map.insert(key, json_of(value)?);
            }
            Json::Object(map)
        }
        Cbor::Tag(1, seconds) => time_as_json(*seconds)?,
        Cbor::Tag(tag, value) => json!({ "$tagged": [tag, json_of(*value)?] }),
        _ => return Err(CborError("a value of an unknown type")),
    })
}

fn double_as_json(double: f64) -> Json {
    match serde_json::Number::from_f64(double) {
        Some(number) => Json::Number(number),
        None if double.is_nan() => json!({ "$double": "NaN" }),
        None if double > 0.0 => json!({ "$double": "Infinity" }),
        None => json!({ "$double": "-Infinity" }),
    }
}

fn time_as_json(seconds: Cbor) -> Result<Json, CborError> {
    match seconds {
        Cbor::Integer(integer) => {
            let seconds =
                i64::try_from(i128::from(integer)).map_err(|_| CborError("a time is too far away"))?;
            Ok(match jiff::Timestamp::from_second(seconds) {
                Ok(time) => json!({ "$time": time.to_string() }),
                Err(_) => json!({ "$time": seconds }),
            })
        }
        Cbor::Float(seconds) => {
            let whole_milliseconds = (seconds * 1000.0).round();
            #[expect(clippy::cast_possible_truncation, reason = "checked by converting back")]
            let milliseconds = whole_milliseconds as i64;
            let time = jiff::Timestamp::from_millisecond(milliseconds).ok();
            Ok(match time {
                Some(time) if seconds_of(time) == seconds && time.subsec_nanosecond() != 0 => {
                    json!({ "$time": time.to_string() })
                }
                // A double without a fraction stays one, because integers are written as text.
                _ => json!({ "$time": double_as_json(seconds) }),
            })
        }
        _ => Err(CborError("a time is not a number")),
    }
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 have fewer than 53 bits")]
fn seconds_of(time: jiff::Timestamp) -> f64 {
    time.as_millisecond() as f64 / 1000.0
}

fn cbor_of(json: &Json) -> Result<Cbor, CborError> {
    Ok(match json {
        Json::Null => Cbor::Null,
        Json::Bool(bool) => Cbor::Bool(*bool),
        Json::String(text) => Cbor::Text(text.clone()),
        Json::Number(number) => number_as_cbor(number)?,
        Json::Array(items) => Cbor::Array(items.iter().map(cbor_of).collect::<Result<_, _>>()?),
        Json::Object(map) => match single(map) {
            Some(("$time", value)) => Cbor::Tag(1, Box::new(time_as_cbor(value)?)),
            Some(("$double", Json::String(text))) => {
                Cbor::Float(text.parse().map_err(|_| CborError("$double is not a number"))?)
            }
            Some(("$bytes", Json::String(text))) => {
                Cbor::Bytes(hex::decode(text).map_err(|_| CborError("$bytes is not hexadecimal"))?)
            }
            Some(("$tagged", Json::Array(pair))) => match pair.as_slice() {
                [tag, value] => {
                    let tag = tag.as_u64().ok_or(CborError("$tagged has no number"))?;
                    Cbor::Tag(tag, Box::new(cbor_of(value)?))
                }
                _ => return Err(CborError("$tagged is not a pair")),
            },
            _ => Cbor::Map(
                map.iter()
                    .map(|(key, value)| Ok((Cbor::Text(key.clone()), cbor_of(value)?)))
                    .collect::<Result<_, CborError>>()?,
            ),
        },
    })
}

fn single(map: &Map<String, Json>) -> Option<(&str, &Json)> {
    let mut entries = map.iter();
    match (entries.next(), entries.next()) {
        (Some((key, value)), None) if key.starts_with('$') => Some((key, value)),
        _ => None,
    }
}

fn number_as_cbor(number: &serde_json::Number) -> Result<Cbor, CborError> {
    if let Some(integer) = number.as_i64() {
        return Ok(Cbor::Integer(integer.into()));
    }
    if let Some(integer) = number.as_u64() {
        return Ok(Cbor::Integer(integer.into()));
    }
    number.as_f64().map(Cbor::Float).ok_or(CborError("a number is too large"))
}

fn time_as_cbor(value: &Json) -> Result<Cbor, CborError> {
    match value {
        Json::String(text) => {
            let time: jiff::Timestamp =
                text.parse().map_err(|_| CborError("$time is not an RFC 3339 time"))?;
            Ok(if time.subsec_nanosecond() == 0 {
                Cbor::Integer(time.as_second().into())
            } else {
                Cbor::Float(seconds_of(time))
            })
        }
        other => cbor_of(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(value: Cbor) -> (Cbor, Json) {
        let mut bytes = Vec::new();
        ciborium::into_writer(&value, &mut bytes).unwrap();
        let json = to_json(&bytes).unwrap();
        let text = serde_json::to_string(&json).unwrap();
        let read: Json = serde_json::from_str(&text).unwrap();
        let again: Cbor = ciborium::from_reader(from_json(&read).unwrap().as_slice()).unwrap();
        (again, json)
    }

    #[test]
    fn nothing_is_lost() {
        let cases = [
            Cbor::Null,
            Cbor::Integer((-3).into()),
            Cbor::Integer(u64::MAX.into()),
            Cbor::Float(80.0),
            Cbor::Float(0.1 + 0.2),
            Cbor::Float(-0.0),
            Cbor::Float(1.797_693_134_862_315_7e308),
            Cbor::Float(2.225_073_858_507_201e-308),
            Cbor::Float(f64::INFINITY),
            Cbor::Tag(1, Box::new(Cbor::Integer(1_763_859_600.into()))),
            Cbor::Tag(1, Box::new(Cbor::Float(1_763_859_600.123))),
            Cbor::Tag(1, Box::new(Cbor::Float(1_763_859_600.0))),
            Cbor::Tag(1, Box::new(Cbor::Float(1_763_859_600.123_456))),
            Cbor::Tag(24, Box::new(Cbor::Bytes(vec![1, 255]))),
            Cbor::Array(vec![Cbor::Bool(true), Cbor::Text("é".to_owned())]),
            Cbor::Map(vec![(Cbor::Text("$ref".to_owned()), Cbor::Text("x".to_owned()))]),
        ];
        for value in cases {
            assert_eq!(round_trip(value.clone()).0, value);
        }
    }

    #[test]
    fn every_double_comes_back() {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..20_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let double = f64::from_bits(state);
            let Cbor::Float(again) = round_trip(Cbor::Float(double)).0 else { panic!("not a double") };
            assert!(again.to_bits() == double.to_bits() || (again.is_nan() && double.is_nan()), "{double:?}");
        }
    }

    #[test]
    fn bytes_are_hexadecimal() {
        let read = |text: &str| from_json(&json!({ "$bytes": text }));
        assert_eq!(to_json(&read("00FFa0").unwrap()).unwrap(), json!({ "$bytes": "00ffa0" }));
        assert_eq!(to_json(&read("").unwrap()).unwrap(), json!({ "$bytes": "" }));
        for broken in ["0", "0g", "+1", " 00", "é"] {
            assert!(read(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn times_are_readable() {
        let (_, json) = round_trip(Cbor::Tag(1, Box::new(Cbor::Integer(1_763_859_600.into()))));
        assert_eq!(json, serde_json::json!({ "$time": "2025-11-23T01:00:00Z" }));
    }
}
