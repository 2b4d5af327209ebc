//! Takes secrets out of AWS's answers before they are written to a recording.
//!
//! What is a secret for sure (headers that prove where a request came from, addresses of
//! people) is replaced whatever it looks like; where a secret may be among other values
//! (environment variables, commands, labels, tags, descriptions) only what is classified
//! as one, by a fake of the same kind. Equal values stay equal, because reports compare
//! them; the key of that is never written.

use super::wire::Request;
use crate::secret;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value as Json;

/// Replaces the secrets of one recording.
pub struct Scrubber {
    key: Vec<u8>,
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
    /// The text of its `Key`, for the `Value` that follows.
    key: Option<String>,
}

impl Scrubber {
    /// Replaces with fakes that follow from `key`, which must not be kept.
    pub fn new(key: Vec<u8>) -> Self {
        Scrubber { key }
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
            value.to_owned()
        } else if value.contains("://") {
            let scheme = value.split("://").next().unwrap_or("https");
            format!("{scheme}://example.com/{short}")
        } else if value.contains('@') {
            format!("subscriber-{short}@example.com")
        } else {
            "+10000000000".to_owned()
        }
    }

    /// Scrubs an XML answer. Everything that is not replaced stays as it is, byte for byte.
    pub fn xml(&self, request: &Request, text: &str) -> Result<String, NotXml> {
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
                    }
                    let name = start.local_name().as_ref().to_owned();
                    open.push(Open { name, start: position(&reader), has_children: false, key: None });
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
                    if let Some(fake) = self.leaf(request, &path, key, &value) {
                        scrubbed.push_str(text.get(copied..element.start).ok_or(NotXml)?);
                        scrubbed.push_str(&quick_xml::escape::escape(fake.as_str()));
                        copied = before;
                    }
                    if matches!(element.name.as_str(), "Key" | "key")
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
                _ => {}
            }
        }
        if !open.is_empty() || !has_root {
            return Err(NotXml);
        }
        scrubbed.push_str(text.get(copied..).ok_or(NotXml)?);
        Ok(scrubbed)
    }

    /// What replaces a text in XML; `None` where it stays.
    fn leaf(&self, request: &Request, path: &[&str], key: Option<&str>, value: &str) -> Option<String> {
        let service = request.service.as_str();
        match path {
            [.., "OriginCustomHeader", "HeaderValue"] if service == "cloudfront" => Some(self.opaque(value)),
            [.., "HttpHeaderConfig", "Values" | "RegexValues", "member"]
            | [.., "QueryStringConfig", "Values", "member", "Key" | "Value"]
            | [.., "QueryStringConfig", "RegexValues", "member"]
                if service == "elasticloadbalancing" =>
            {
                Some(self.opaque(value))
            }
            // Of DNS records only those between quotes are free text.
            [.., "ResourceRecord", "Value"] if service == "route53" => {
                value.contains('"').then(|| self.opaque(value))
            }
            [.., "Endpoint"] if service == "sns" => Some(self.endpoint(value)),
            [.., "MasterUserPassword"] => Some(self.opaque(value)),
            [.., "Value" | "value"] => secret::scrub(key?, value, |secret| self.seed(secret)),
            [.., "Description" | "description" | "groupDescription" | "Comment"] => {
                secret::scrub_text(value, |secret| self.seed(secret))
            }
            _ => None,
        }
    }

    /// Scrubs a JSON answer.
    pub fn json(&self, request: &Request, answer: &mut Json) {
        // Dimensions of metrics look like tags, and CloudWatch has no place for secrets.
        if request.service != "cloudwatch" {
            self.walk(&request.service, "", answer);
        }
    }

    fn walk(&self, service: &str, key: &str, json: &mut Json) {
        match json {
            Json::Array(items) if matches!(key, "command" | "entryPoint") => self.arguments(items),
            Json::Array(items) if key != "Dimensions" => {
                for item in items {
                    self.walk(service, key, item);
                }
            }
            Json::Object(map) => {
                let name = ["name", "Name", "key", "Key"].iter().find_map(|field| map.get(*field)?.as_str());
                let name = name.map(str::to_owned);
                for (field, value) in map.iter_mut() {
                    match value {
                        Json::String(text) => {
                            let fake = self.field(service, (key, field), name.as_deref(), text);
                            if let Some(fake) = fake {
                                *text = fake;
                            }
                        }
                        other => self.walk(service, field, other),
                    }
                }
            }
            _ => {}
        }
    }

    /// What replaces a string in JSON: `key` is where the object around it
    /// is, `name` its own name if it has one.
    fn field(
        &self,
        service: &str,
        (key, field): (&str, &str),
        name: Option<&str>,
        text: &str,
    ) -> Option<String> {
        let by_name = |name: &str| secret::scrub(name, text, |secret| self.seed(secret));
        match (key, field) {
            (_, "SearchString") if service == "wafv2" => {
                let searched = BASE64.decode(text).ok();
                let searched = searched.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
                let fake = self.opaque(searched.as_deref().unwrap_or(text));
                Some(BASE64.encode(fake))
            }
            ("InsertHeaders", "Value") if service == "wafv2" => Some(self.opaque(text)),
            // What targets of rules and schedules are told, JSON as a rule.
            (_, "Input" | "InputTemplate") if is_event(service) => Some(self.input(text)),
            ("HeaderParameters" | "QueryStringParameters", _) if is_event(service) => Some(self.opaque(text)),
            ("dockerLabels" | "options" | "driverOpts" | "labels", _) => by_name(field),
            (_, "value" | "Value") => by_name(name?),
            (_, "description" | "Description" | "Comment") => {
                secret::scrub_text(text, |secret| self.seed(secret))
            }
            _ => None,
        }
    }

    /// What a target is told: without its secrets where it is JSON, which may be anything; a word for
    /// it where it is none.
    fn input(&self, text: &str) -> String {
        match serde_json::from_str::<Json>(text) {
            Ok(mut json) if json.is_object() || json.is_array() => {
                self.told(&mut json);
                json.to_string()
            }
            _ => self.opaque(text),
        }
    }

    fn told(&self, json: &mut Json) {
        match json {
            Json::Array(items) if items.iter().all(Json::is_string) => self.arguments(items),
            Json::Array(items) => items.iter_mut().for_each(|item| self.told(item)),
            Json::Object(map) => {
                let name = ["name", "Name", "key", "Key"].iter().find_map(|field| map.get(*field)?.as_str());
                let name = name.map(str::to_owned);
                for (field, value) in map.iter_mut() {
                    let is_value = field.eq_ignore_ascii_case("value");
                    let name = name.as_deref().filter(|_| is_value).unwrap_or(field);
                    match value {
                        Json::String(text) => {
                            let seed = |secret: &str| self.seed(secret);
                            if let Some(fake) =
                                secret::scrub(name, text, seed).or_else(|| secret::scrub_text(text, seed))
                            {
                                *text = fake;
                            }
                        }
                        other => self.told(other),
                    }
                }
            }
            _ => {}
        }
    }

    fn arguments(&self, items: &mut [Json]) {
        let arguments: Vec<&str> = items.iter().map(|item| item.as_str().unwrap_or_default()).collect();
        let scrubbed = secret::scrub_arguments(&arguments, |secret| self.seed(secret));
        for (item, scrubbed) in items.iter_mut().zip(scrubbed) {
            if item.is_string() {
                *item = Json::String(scrubbed);
            }
        }
    }
}

/// Whether a service passes on what it was given when something happens.
fn is_event(service: &str) -> bool {
    ["events", "scheduler"].contains(&service)
}

fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::wire::Protocol;
    use serde_json::json;

    fn request(service: &str) -> Request {
        Request {
            protocol: Protocol::Query,
            service: service.to_owned(),
            region: "ap-northeast-1".to_owned(),
            operation: "Any".to_owned(),
            parameters: Default::default(),
            token: None,
            body: Json::Null,
        }
    }

    fn scrubber() -> Scrubber {
        Scrubber::new(b"key".to_vec())
    }

    #[test]
    fn task_definitions_keep_what_is_no_secret() {
        let password = "Vf9kQ2mZx7Lp4Tr8";
        let mut answer = json!({ "taskDefinition": { "containerDefinitions": [{
            "environment": [
                { "name": "DB_HOST", "value": "db.example.internal" },
                { "name": "DB_PASSWORD", "value": password },
                { "name": "DATABASE_URL", "value": format!("postgres://app:{password}@db:5432/shop") },
            ],
            "command": ["serve", "--db-password", password],
            "healthCheck": { "command": ["CMD-SHELL", format!("curl -u app:{password} http://localhost/health")] },
            "dockerLabels": { "api_key": password, "team": "shop" },
            "logConfiguration": { "options": { "splunk-token": password, "awslogs-group": "/ecs/shop" } },
        }] } });
        scrubber().json(&request("ecs"), &mut answer);
        let text = answer.to_string();
        assert!(!text.contains(password), "{text}");
        for kept in
            ["db.example.internal", "postgres://app:", "@db:5432/shop", "/ecs/shop", "CMD-SHELL", "team"]
        {
            assert!(text.contains(kept), "{kept} is gone from {text}");
        }
        let container = &answer["taskDefinition"]["containerDefinitions"][0];
        let fake = container["environment"][1]["value"].as_str().unwrap();
        assert!(secret::classify("DB_PASSWORD", fake).is_some(), "no longer a secret");
        assert!(container["environment"][2]["value"].as_str().unwrap().contains(fake), "no longer the same");
    }

    #[test]
    fn what_targets_are_told_keeps_its_form() {
        let password = "Vf9kQ2mZx7Lp4Tr8";
        let overrides = format!(
            r#"{{"containerOverrides": [{{"name": "report", "command": ["run", "--db-password", "{password}"],
                "environment": [{{"name": "DB_PASSWORD", "value": "{password}"}}, {{"name": "STAGE", "value": "live"}}]}}]}}"#
        );
        let template = format!(r#"{{"db_password": "{password}", "event": <event>}}"#);
        let mut answer = json!({ "Targets": [
            { "Id": "1", "Arn": "arn:aws:ecs:eu-west-1:1:cluster/shop", "Input": overrides },
            { "Id": "2", "InputTransformer": { "InputTemplate": template } },
            { "Id": "3", "Input": format!(r#"{{"db_password": "{password}"}}"#) },
            { "Id": "4", "HttpParameters": { "HeaderParameters": { "X-Api": password } } },
        ] });
        for service in ["events", "scheduler"] {
            let mut answer = answer.clone();
            scrubber().json(&request(service), &mut answer);
            assert!(!answer.to_string().contains(password), "{answer}");
        }
        scrubber().json(&request("events"), &mut answer);
        let told: Json = serde_json::from_str(answer["Targets"][0]["Input"].as_str().unwrap()).unwrap();
        let environment = &told["containerOverrides"][0]["environment"];
        assert_eq!(environment[1]["value"], "live");
        assert!(secret::classify("DB_PASSWORD", environment[0]["value"].as_str().unwrap()).is_some());
    }

    #[test]
    fn header_secrets_stay_comparable() {
        let secret = "between-cloudfront-and-alb";
        let cloudfront = format!(
            "<D><OriginCustomHeader><HeaderName>X-Origin</HeaderName><HeaderValue>{secret}</HeaderValue></OriginCustomHeader></D>"
        );
        let rules = format!(
            "<R><HttpHeaderConfig><Values><member>{secret}</member></Values><HttpHeaderName>X-Origin</HttpHeaderName></HttpHeaderConfig></R>"
        );
        let encoded = BASE64.encode(secret);
        let mut acl = json!({ "ByteMatchStatement": { "SearchString": encoded } });
        let scrubber = scrubber();
        let cloudfront = scrubber.xml(&request("cloudfront"), &cloudfront).unwrap();
        let rules = scrubber.xml(&request("elasticloadbalancing"), &rules).unwrap();
        scrubber.json(&request("wafv2"), &mut acl);
        let fake = scrubber.opaque(secret);
        assert!(cloudfront.contains(&format!("<HeaderName>X-Origin</HeaderName><HeaderValue>{fake}<")));
        assert!(rules.contains(&format!("<member>{fake}</member>")) && rules.contains("X-Origin"));
        let searched = acl["ByteMatchStatement"]["SearchString"].as_str().unwrap();
        assert_eq!(BASE64.decode(searched).unwrap(), fake.as_bytes());
    }

    #[test]
    fn texts_in_dns_are_replaced_and_names_stay() {
        let record = |kind: &str, value: &str| {
            format!("<R><Type>{kind}</Type><ResourceRecord><Value>{value}</Value></ResourceRecord></R>")
        };
        let text =
            format!("<L>{}{}</L>", record("TXT", "\"token=s3cret\""), record("CNAME", "lb.example.com"));
        let scrubbed = scrubber().xml(&request("route53"), &text).unwrap();
        assert!(
            !scrubbed.contains("s3cret") && scrubbed.contains("<Value>lb.example.com</Value>"),
            "{scrubbed}"
        );
    }

    #[test]
    fn endpoints_keep_their_protocol() {
        let text = "<L>\n  <Endpoint>alice@corp.example</Endpoint>\n  <Endpoint>+81901234567</Endpoint>\n  \
                    <Endpoint>https://hooks.slack.com/services/T0/B0/abc</Endpoint>\n  \
                    <Endpoint>arn:aws:lambda:ap-northeast-1:123456789012:function:notify</Endpoint>\n</L>";
        let scrubbed = scrubber().xml(&request("sns"), text).unwrap();
        for gone in ["alice", "corp.example", "901234567", "hooks.slack.com", "abc"] {
            assert!(!scrubbed.contains(gone), "{gone} is still in {scrubbed}");
        }
        for kept in ["@example.com", "https://example.com/", "function:notify", "<L>\n  <Endpoint>"] {
            assert!(scrubbed.contains(kept), "{kept} is not in {scrubbed}");
        }
    }

    #[test]
    fn tags_by_their_key() {
        let text = "<T><item><key>Name</key><value>a &amp; b</value></item>\
                    <item><key>db_password</key><value>Vf9kQ2mZx7Lp4Tr8</value></item></T>";
        let scrubbed = scrubber().xml(&request("ec2"), text).unwrap();
        assert!(scrubbed.contains("<value>a &amp; b</value>"));
        assert!(!scrubbed.contains("Vf9kQ2mZx7Lp4Tr8"));
    }

    #[test]
    fn what_cannot_be_read_is_not_let_through() {
        for text in ["", "no xml", "<a><b>secret", "<a></b>"] {
            assert_eq!(scrubber().xml(&request("ec2"), text), Err(NotXml), "{text}");
        }
    }
}
