//! Documents inside of answers: policies, patterns of events, and what targets are told.

use super::Scrubber;
use crate::secret;
use crate::snapshot::eventbridge::template;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value as Json;

/// What RFC 3986 does not reserve, as IAM encodes.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What of a pattern is compared with an alarm's event.
const COMPARED: &[&str] = &["source", "detail-type", "resources", "account", "region", "alarmName", "value"];

/// What of a target's input is no free text, in small letters: EventBridge's and the API's own names differ.
const STRUCTURE: &[&str] = &[
    "assignpublicip",
    "capacityprovider",
    "cluster",
    "executionrolearn",
    "group",
    "launchtype",
    "platformversion",
    "securitygroups",
    "subnets",
    "taskdefinition",
    "taskrolearn",
];

impl Scrubber {
    /// A policy: who may do what on which resource, without names of statements and values of conditions. A text
    /// that is none is free text.
    pub(super) fn policy(&self, text: &str) -> String {
        let is_plain = text.trim_start().starts_with('{');
        let decoded = percent_decode_str(text).decode_utf8_lossy();
        let document = if is_plain { serde_json::from_str(text) } else { serde_json::from_str(&decoded) };
        let Ok(before @ Json::Object(_)) = document else { return self.written(text) };
        let mut document = before.clone();
        self.statement("", &mut document);
        if document == before {
            return text.to_owned();
        }
        let document = document.to_string();
        if is_plain { document } else { utf8_percent_encode(&document, RESERVED).to_string() }
    }

    /// A part of a policy, which `field` holds.
    fn statement(&self, field: &str, json: &mut Json) {
        match json {
            Json::String(text) => {
                let stays = ["Version", "Effect", "Action", "NotAction", "Resource", "NotResource"]
                    .contains(&field)
                    || ["AWS", "Service", "Federated", "CanonicalUser", "Principal", "NotPrincipal"]
                        .contains(&field)
                    || field.eq_ignore_ascii_case("iam:PassedToService");
                *text = if stays { self.name(text) } else { self.written(text) };
            }
            Json::Array(items) => items.iter_mut().for_each(|item| self.statement(field, item)),
            Json::Object(map) => {
                for (field, value) in map.iter_mut() {
                    self.statement(field, value);
                }
            }
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }

    /// The pattern of a rule: names of what it is compared with stay.
    pub(super) fn pattern(&self, text: &str) -> String {
        match serde_json::from_str::<Json>(text) {
            Ok(mut json @ Json::Object(_)) => {
                self.compared(false, &mut json);
                json.to_string()
            }
            _ => self.written(text),
        }
    }

    fn compared(&self, stays: bool, json: &mut Json) {
        match json {
            Json::String(text) => *text = if stays { self.name(text) } else { self.written(text) },
            Json::Array(items) => items.iter_mut().for_each(|item| self.compared(stays, item)),
            Json::Object(map) => {
                for (field, value) in map.iter_mut() {
                    self.compared(stays || COMPARED.contains(&field.as_str()), value);
                }
            }
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }

    /// What a target is told: its form with disguised values where it is JSON, or a template of it; a word for it
    /// where it is neither.
    pub(super) fn input(&self, text: &str) -> String {
        match template::read(text) {
            Some(mut json @ (Json::Object(_) | Json::Array(_))) => {
                self.told("", &mut json);
                json.to_string()
            }
            _ => self.opaque(text),
        }
    }

    fn told(&self, field: &str, json: &mut Json) {
        match json {
            Json::Array(items)
                if field.eq_ignore_ascii_case("command") && items.iter().all(Json::is_string) =>
            {
                self.arguments(items);
            }
            Json::Array(items) => {
                for item in items {
                    match item {
                        Json::String(text) => *text = self.told_text(field, field, text),
                        other => self.told(field, other),
                    }
                }
            }
            Json::Object(map) => {
                let name = ["name", "Name", "key", "Key"].iter().find_map(|field| map.get(*field)?.as_str());
                let name = name.map(str::to_owned);
                for (field, value) in map.iter_mut() {
                    let is_value = field.eq_ignore_ascii_case("value");
                    let name = name.as_deref().filter(|_| is_value).unwrap_or(field);
                    match value {
                        Json::String(text) => *text = self.told_text(field, name, text),
                        other => self.told(field, other),
                    }
                }
                *map =
                    std::mem::take(map).into_iter().map(|(key, value)| (self.map_key(&key), value)).collect();
            }
            // Numbers that are told are what somebody wrote as well: a PIN, a telephone number.
            Json::Number(number) if !secret::is_harmless(&number.to_string()) => *json = Json::from(0),
            Json::String(_) | Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }

    fn told_text(&self, field: &str, name: &str, text: &str) -> String {
        let small = field.to_ascii_lowercase();
        if STRUCTURE.contains(&small.as_str()) || small == "name" {
            self.name(text)
        } else {
            self.named(name, text)
        }
    }
}
