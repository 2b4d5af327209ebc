//! Takes everything out of AWS's answers that judging does not need, before they are written to a recording.
//!
//! Whatever is not known to be a name, an identifier or a word of AWS's is replaced, by text of the
//! same length and shape. Where a secret may be among other values (environment variables, commands, labels,
//! tags) it is replaced by a fake of the same kind, so that a replay judges as the scan did. Equal values stay
//! equal, because reports compare them; the key of that is never written.

mod document;
mod fields;
mod search;

pub use search::SecretSearch;

use super::wire::{Request, TOKENS};
use crate::secret::{self, Seed};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use fields::is_kept;
use quick_xml::Reader;
use quick_xml::events::Event;
use search::Met;
use serde_json::Value as Json;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Replaces the secrets of one recording.
pub struct Scrubber {
    key: Vec<u8>,
    met: Mutex<Met>,
}

/// XML that ends early or is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("read the answer: it is not XML")]
pub struct NotXml;

/// An element that is being read.
struct Open {
    name: String,
    /// Where its content begins.
    start: usize,
    has_children: bool,
    has_text: bool,
    /// The text of its `Key` or name, for the value that follows.
    key: Option<String>,
}

impl Scrubber {
    /// Replaces with fakes that follow from `key`, which must not be kept.
    pub fn new(key: Vec<u8>) -> Self {
        Scrubber { key, met: Mutex::default() }
    }

    fn met(&self) -> MutexGuard<'_, Met> {
        self.met.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn seed(&self, secret: &str) -> String {
        secret::fingerprint(&self.key, secret)
    }

    /// The same word for the same value.
    fn opaque(&self, value: &str) -> String {
        format!("recorded-{}", self.seed(value))
    }

    /// An address of the same protocol. ARNs name queues and functions, not people.
    fn endpoint(&self, value: &str) -> String {
        let seed = self.seed(value);
        let short = seed.get(..8).unwrap_or(&seed);
        if value.starts_with("arn:") {
            self.name(value)
        } else if value.contains("://") {
            let scheme = value.split("://").next().unwrap_or("https");
            format!("{scheme}://example.com/{short}")
        } else if value.contains('@') {
            format!("subscriber-{short}@example.com")
        } else {
            "+10000000000".to_owned()
        }
    }

    /// A name that somebody chose, without tokens.
    fn name(&self, text: &str) -> String {
        secret::disguise_name(text, &|secret| self.seed(secret)).unwrap_or_else(|| text.to_owned())
    }

    /// What somebody wrote.
    fn written(&self, text: &str) -> String {
        let written = match text {
            arn if arn.starts_with("arn:aws") && !arn.contains(char::is_whitespace) => self.name(arn),
            harmless if secret::is_harmless(harmless) => harmless.to_owned(),
            text => secret::fill(text, &|text| self.seed(text)),
        };
        self.met().note("", text, &written);
        written
    }

    /// The value of a variable, an option, a label or a tag.
    fn named(&self, name: &str, text: &str) -> String {
        let is_arn = text.starts_with("arn:aws") && secret::in_value(name, text).is_none();
        let disguise =
            if is_arn { self.name(text) } else { secret::disguise(name, text, &|secret| self.seed(secret)) };
        self.met().note(name, text, &disguise);
        disguise
    }

    /// A path, or the pattern of one.
    fn path(&self, text: &str) -> String {
        self.named("", text)
    }

    fn arguments(&self, items: &mut [Json]) {
        let arguments: Vec<&str> = items.iter().map(|item| item.as_str().unwrap_or_default()).collect();
        let seed: Seed<'_> = &|secret| self.seed(secret);
        let scrubbed = secret::disguise_arguments(&arguments, seed);
        self.met().note_all(&arguments, &scrubbed);
        for (item, scrubbed) in items.iter_mut().zip(scrubbed) {
            if item.is_string() {
                *item = Json::String(scrubbed);
            }
        }
    }

    /// A request whose names are those that its answer has in the recording.
    pub fn request(&self, request: &Request) -> Request {
        let mut scrubbed = request.clone();
        for value in scrubbed.parameters.values_mut().flatten() {
            *value = self.name(value);
        }
        scrubbed
    }

    /// Scrubs an XML answer. Everything that is not replaced stays as it is, byte for byte.
    pub fn xml(&self, request: &Request, text: &str) -> Result<String, NotXml> {
        each_text(text, |path, key, value| {
            let replaced = self.leaf(&request.service, path, key, value);
            (replaced != value).then_some(replaced)
        })
    }

    /// Scrubs a JSON answer.
    pub fn json(&self, request: &Request, answer: &mut Json) {
        self.walk(&request.service, &mut Vec::new(), answer);
    }

    /// Replaces what is in a part of an answer, which is at `path`.
    fn walk(&self, service: &str, path: &mut Vec<String>, json: &mut Json) {
        let at = path.last().map(String::as_str).unwrap_or_default();
        match json {
            Json::Array(items) if matches!(at, "command" | "entryPoint") => self.arguments(items),
            Json::Array(items) => {
                for item in items {
                    self.item(service, path, None, item);
                }
            }
            Json::Object(map) => {
                if is_map(at) {
                    *map = std::mem::take(map)
                        .into_iter()
                        .map(|(key, value)| (self.map_key(&key), value))
                        .collect();
                }
                let name = ["name", "Name", "key", "Key"].iter().find_map(|field| map.get(*field)?.as_str());
                let name = name.map(str::to_owned);
                for (field, value) in map.iter_mut() {
                    path.push(field.clone());
                    self.item(service, path, name.as_deref(), value);
                    path.pop();
                }
            }
            Json::String(_) | Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }

    fn item(&self, service: &str, path: &mut Vec<String>, name: Option<&str>, json: &mut Json) {
        match json {
            Json::String(text) => {
                let at: Vec<&str> = path.iter().map(String::as_str).collect();
                *text = self.leaf(service, &at, name, text);
            }
            other => self.walk(service, path, other),
        }
    }

    /// A key that somebody chose.
    fn map_key(&self, key: &str) -> String {
        let named = self.name(key);
        if secret::classify("", key).is_some() {
            secret::fill(&named, &|text| self.seed(text))
        } else {
            named
        }
    }

    /// What is written in the place of a text: `path` is where it is, `key` the name beside it, if it has one.
    fn leaf(&self, service: &str, path: &[&str], key: Option<&str>, text: &str) -> String {
        let within = |container: &str| path.contains(&container);
        match (service, path) {
            (_, []) => self.written(text),
            // The next question has to find its page by it; the recorder writes another one in its place.
            (_, [.., field]) if TOKENS.contains(field) => text.to_owned(),
            // Between a distribution, a load balancer and a web ACL, equal secrets stay equal.
            ("cloudfront", [.., "OriginCustomHeader", "HeaderValue"])
            | ("wafv2", [.., "InsertHeaders", "Value"]) => self.opaque(text),
            ("elasticloadbalancing", [.., "HttpHeaderConfig", "Values" | "RegexValues", "member"])
            | ("elasticloadbalancing", [.., "QueryStringConfig", "Values", "member", "Key" | "Value"])
            | ("elasticloadbalancing", [.., "QueryStringConfig", "RegexValues", "member"]) => {
                // `*` and `?` accept anything.
                if text.chars().all(|sign| matches!(sign, '*' | '?')) {
                    text.to_owned()
                } else {
                    self.opaque(text)
                }
            }
            ("wafv2", [.., "SearchString"]) => {
                let searched = BASE64.decode(text).ok();
                let searched = searched.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
                BASE64.encode(self.opaque(searched.as_deref().unwrap_or(text)))
            }
            // Of DNS records only those between quotes are free text.
            ("route53", [.., "ResourceRecord", "Value"]) => {
                if text.contains('"') {
                    self.opaque(text)
                } else {
                    self.name(text)
                }
            }
            ("sns", [.., "Endpoint"]) => self.endpoint(text),
            (_, [.., "MasterUserPassword"]) => self.opaque(text),
            // What targets of rules and schedules are told, JSON as a rule.
            ("events" | "scheduler", [.., "Input" | "InputTemplate"]) => self.input(text),
            ("events", [.., "EventPattern"]) => self.pattern(text),
            (_, [.., "HeaderParameters" | "QueryStringParameters", _]) => self.opaque(text),
            ("iam" | "kms" | "secretsmanager" | "ecr" | "s3", [.., field])
                if ["PolicyDocument", "AssumeRolePolicyDocument", "Document", "Policy", "ResourcePolicy"]
                    .contains(field) =>
            {
                self.policy(text)
            }
            ("elasticloadbalancing", [.., "Values", "member"]) => self.condition(path, text),
            ("elasticloadbalancing", [.., "RedirectConfig", "Host"]) => self.host(text),
            ("elasticloadbalancing", [.., "HealthCheckPath"]) => self.path(text),
            ("elasticloadbalancing", [.., "RedirectConfig", _]) if !is_kept(service, path) => self.path(text),
            ("elasticloadbalancing", [.., "Attributes", "member", "Key"]) => text.to_owned(),
            ("elasticloadbalancing", [.., "Attributes", "member", "Value"]) => {
                self.attribute(key.unwrap_or_default(), text)
            }
            ("rds", [.., "ParameterValue"]) => self.parameter(key.unwrap_or_default(), text),
            // AWS's own words, which are shown.
            ("rds", [.., "PendingMaintenanceAction", "Description"]) => {
                secret::disguise_secrets(text, &|secret| self.seed(secret)).unwrap_or_else(|| text.to_owned())
            }
            // Whose the interface is, is told by what AWS writes here.
            ("ec2", [.., "networkInterfaceSet", "item", "description"]) if is_of_aws(text) => self.name(text),
            ("ecs", [.., "startedBy"]) if text.contains('/') && text.chars().all(is_of_names) => {
                self.name(text)
            }
            ("ecs", [.., "attributes" | "details", "name"]) => self.name(text),
            ("ecs", [.., "details", "value"]) if key.is_some_and(|key| key.ends_with("Id")) => {
                self.name(text)
            }
            (_, [.., field]) if is_kept(service, path) || (is_key(field) && !within("Input")) => {
                self.name(text)
            }
            (_, [.., "value" | "Value"]) => self.named(key.unwrap_or_default(), text),
            (_, [.., map, field]) if is_map(map) => self.named(field, text),
            _ => self.written(text),
        }
    }

    /// What a rule of a listener looks for: hosts, methods and addresses are names, paths are free text.
    fn condition(&self, path: &[&str], text: &str) -> String {
        let of = path.iter().rev().nth(2).copied().unwrap_or_default();
        let is_path = of == "PathPatternConfig" || (of != "HostHeaderConfig" && text.contains('/'));
        if ["SourceIpConfig", "HttpRequestMethodConfig"].contains(&of) {
            text.to_owned()
        } else if is_path {
            self.path(text)
        } else {
            self.host(text)
        }
    }

    /// A name of DNS, or the pattern of one.
    fn host(&self, text: &str) -> String {
        let is_part = |sign: char| sign.is_ascii_alphanumeric() || ".-*?_#{}".contains(sign);
        // A name of one word may be anything.
        let is_host = text.contains(['.', '*', '#']) && text.chars().all(is_part);
        if is_host { self.name(text) } else { self.path(text) }
    }

    /// The value of an attribute of a load balancer, a listener or a target group. Headers that are added to
    /// answers, and prefixes, are what somebody wrote.
    fn attribute(&self, key: &str, text: &str) -> String {
        let is_transport = key.ends_with("strict_transport_security.header_value");
        let is_plain = |text: &str| {
            let is_word = |word: &str| {
                let word = word.trim().to_ascii_lowercase();
                word.strip_prefix("max-age=")
                    .is_some_and(|age| age.chars().all(|digit| digit.is_ascii_digit()))
                    || ["", "includesubdomains", "preload"].contains(&word.as_str())
            };
            text.split(';').all(is_word)
        };
        if is_transport && is_plain(text) {
            text.to_owned()
        } else if key.contains("header_value") || key.ends_with("prefix") {
            self.path(text)
        } else {
            self.name(text)
        }
    }

    /// The value of a parameter of a database: of those that are judged, a number, a switch or a formula.
    fn parameter(&self, name: &str, text: &str) -> String {
        let is_formula =
            text.chars().all(|sign| sign.is_ascii_alphanumeric() || "{}()/*+-,._ ".contains(sign))
                && text.contains('{');
        if is_formula { self.name(text) } else { self.named(name, text) }
    }
}

/// The text of XML with what `replacement` gives in the place of texts, from where they are, the name beside
/// them and themselves. Everything else stays as it is, byte for byte.
fn each_text(
    text: &str,
    replacement: impl Fn(&[&str], Option<&str>, &str) -> Option<String>,
) -> Result<String, NotXml> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Open> = Vec::new();
    let mut scrubbed = String::with_capacity(text.len());
    let mut copied = 0;
    let mut has_root = false;
    loop {
        let before = position(&reader);
        match reader.read_event().map_err(|_| NotXml)? {
            Event::Start(start) => {
                has_root = true;
                if let Some(parent) = open.last_mut() {
                    parent.has_children = true;
                    // Between elements no program reads a text, and nothing would replace it.
                    if parent.has_text {
                        return Err(NotXml);
                    }
                }
                let name = start.local_name().as_ref().to_owned();
                let start = position(&reader);
                open.push(Open { name, start, has_children: false, has_text: false, key: None });
            }
            Event::End(_) => {
                let Some(element) = open.pop() else { return Err(NotXml) };
                if element.has_children {
                    continue;
                }
                let raw = text.get(element.start..before).ok_or(NotXml)?;
                let value = quick_xml::escape::unescape(raw).map_err(|_| NotXml)?;
                let path = || open.iter().map(|above| above.name.as_str()).chain([element.name.as_str()]);
                let path: Vec<&str> = path().collect();
                let key = open.last().and_then(|parent| parent.key.as_deref());
                let replaced = replacement(&path, key, &value);
                if let Some(replaced) = replaced {
                    scrubbed.push_str(text.get(copied..element.start).ok_or(NotXml)?);
                    scrubbed.push_str(&quick_xml::escape::escape(replaced.as_str()));
                    copied = before;
                }
                if is_key(&element.name)
                    && let Some(parent) = open.last_mut()
                {
                    parent.key = Some(value.into_owned());
                }
            }
            Event::Empty(_) => {
                has_root = true;
                if let Some(parent) = open.last_mut() {
                    parent.has_children = true;
                }
            }
            Event::Eof => break,
            Event::Text(content) if !content.as_ref().trim_ascii().is_empty() => match open.last_mut() {
                Some(parent) if !parent.has_children => parent.has_text = true,
                _ => return Err(NotXml),
            },
            // Nothing that a program reads is in comments.
            Event::Comment(_) | Event::PI(_) | Event::CData(_) => return Err(NotXml),
            _ => {}
        }
    }
    if !open.is_empty() || !has_root {
        return Err(NotXml);
    }
    scrubbed.push_str(text.get(copied..).ok_or(NotXml)?);
    Ok(scrubbed)
}

/// Whether a field names what is beside it.
fn is_key(field: &str) -> bool {
    ["Key", "key", "name", "Name", "ParameterName"].contains(&field)
}

/// Whether the keys of an object are what somebody chose.
fn is_map(field: &str) -> bool {
    [
        "dockerLabels",
        "options",
        "driverOpts",
        "labels",
        "tags",
        "Tags",
        "HeaderParameters",
        "QueryStringParameters",
    ]
    .contains(&field)
}

/// Whether names of AWS's resources have such a sign.
fn is_of_names(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || "/_.-".contains(sign)
}

/// Whether AWS wrote the description of a network interface.
fn is_of_aws(description: &str) -> bool {
    (description.starts_with("arn:aws") && !description.contains(char::is_whitespace))
        || description == "RDSNetworkInterface"
        || ["ELB ", "Interface for NAT Gateway nat-", "VPC Endpoint Interface vpce-", "AWS Lambda VPC ENI-"]
            .iter()
            .filter_map(|begin| description.strip_prefix(begin))
            .any(|name| name.chars().all(is_of_names))
}

fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests;
