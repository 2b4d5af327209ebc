//! What an invocation asks for: the event, and variables of the function where the event is
//! silent. `tenken.toml` says the rest.

use crate::config::{Place, S3Place, SecretPlace, Settings, duration};
use crate::finding::{Run, Severity};
use crate::history::announcement::ChannelKind;
use crate::report::formats;
use crate::text::{Explained, Invalid, Lang, Text, quoted};
use crate::written::{closest, did_you_mean};
use serde_json::{Map, Value};

/// The keys of an event, each with how it is written. The variable of a key is `TENKEN_` and
/// the key in capitals; a list stands in it with commas.
pub(crate) const KEYS: &[(&str, &str)] = &[
    ("regions", "[\"ap-northeast-1\"], or [\"all\"]"),
    ("role_arn", "\"arn:aws:iam::123456789012:role/audit\""),
    ("external_id", "\"the id that the role asks for\""),
    ("only_policies", "[\"rds-single-az\"]"),
    ("history", "\"s3://bucket/history/123456789012.json\""),
    ("report", "\"s3://bucket/reports/\""),
    ("formats", "[\"json\", \"markdown\"]"),
    ("notify", "[\"slack\"]"),
    ("slack", "\"ssm:/tenken/slack\""),
    ("lang", "\"ja\""),
    ("fail_on", "\"high\""),
    ("timeout", "\"5m\""),
];

/// The keys that take lists.
const LISTS: &[&str] = &["regions", "only_policies", "formats", "notify"];

/// The variable that names the configuration.
pub const CONFIG_VARIABLE: &str = "TENKEN_CONFIG";

/// What variables of tenken begin with.
const PREFIX: &str = "TENKEN_";

/// The formats that are written where nobody says which.
const FORMATS: &[&str] = &["json", "markdown"];

/// An event or variables that cannot be used: everything that is wrong with them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.what().en)]
pub struct EventError {
    /// Where they are.
    pub origin: RequestOrigin,
    /// What is wrong, and what to write instead.
    pub problems: Vec<Text>,
}

impl Explained for EventError {
    fn what(&self) -> Text {
        let problems = |lang: Lang| {
            let problems: Vec<&str> = self.problems.iter().map(|problem| problem.say(lang)).collect();
            problems.join(lang.pick("; ", "。"))
        };
        let (en, ja) = (problems(Lang::En), problems(Lang::Ja));
        match self.origin {
            RequestOrigin::Event => {
                Text::new(format!("use the event: {en}"), format!("イベントを使用できない: {ja}"))
            }
            RequestOrigin::Variables => Text::new(
                format!("use the function's variables: {en}"),
                format!("関数の環境変数を使用できない: {ja}"),
            ),
        }
    }
}

/// Where options are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestOrigin {
    /// In the event.
    Event,
    /// In the variables of the function.
    Variables,
}

impl RequestOrigin {
    // What a key is called in messages.
    fn name(self, key: &str) -> String {
        match self {
            RequestOrigin::Event => format!("`{key}`"),
            RequestOrigin::Variables => format!("{PREFIX}{}", key.to_ascii_uppercase()),
        }
    }
}

/// What is asked for. `None`: nobody says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EventRequest {
    /// Regions, role, policies, history, language, threshold, time.
    pub settings: Settings,
    /// Where reports and the snapshot go.
    pub report: Option<S3Place>,
    /// The formats of the report.
    pub formats: Option<Vec<String>>,
    /// The channels that are told.
    pub notify: Option<Vec<ChannelKind>>,
    /// Where the address of Slack's webhook is kept, instead of what the configuration says.
    pub slack: Option<SecretPlace>,
}

impl EventRequest {
    /// This request, and what another says where this one is silent.
    pub fn or(self, other: EventRequest) -> EventRequest {
        EventRequest {
            settings: self.settings.or(other.settings),
            report: self.report.or(other.report),
            formats: self.formats.or(other.formats),
            notify: self.notify.or(other.notify),
            slack: self.slack.or(other.slack),
        }
    }

    /// The formats to write.
    pub fn formats(&self) -> Vec<String> {
        let default = || FORMATS.iter().map(|format| (*format).to_owned()).collect();
        self.formats.clone().unwrap_or_else(default)
    }
}

/// Reads an event as Lambda hands it over: JSON, which Lambda takes in forms that no reader of ours
/// does (nested without end, numbers beyond all bounds, half of a pair of surrogates).
///
/// # Errors
/// It is not such JSON, or as [`read`].
pub fn parse(event: &str) -> Result<EventRequest, EventError> {
    let value = serde_json::from_str(event).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let problem = Text::new(
            format!(
                "it cannot be read as JSON at line {line}, column {column}; send an object, for instance {{}}"
            ),
            format!("{line} 行 {column} 桁で JSON として読み取れない。{{}} のようにオブジェクトを渡す"),
        );
        EventError { origin: RequestOrigin::Event, problems: vec![problem] }
    })?;
    read(&value)
}

/// Reads an event: an object with some of the keys that `docs/lambda.md` lists, or nothing. What EventBridge sends where
/// a schedule has no input of its own is an envelope; then its `detail` is read.
///
/// # Errors
/// Every problem of it.
pub fn read(event: &Value) -> Result<EventRequest, EventError> {
    let origin = RequestOrigin::Event;
    let refused = |problem| Err(EventError { origin, problems: vec![problem] });
    let nothing = Map::new();
    let parsed;
    let options = match event {
        Value::Null => &nothing,
        Value::Object(object) if is_envelope(object) => match object.get("detail") {
            Some(Value::Object(detail)) => detail,
            // EventBridge Scheduler writes it as text.
            Some(Value::String(detail)) => match serde_json::from_str(detail) {
                Ok(Value::Object(detail)) => {
                    parsed = detail;
                    &parsed
                }
                _ => {
                    return refused(Text::new(
                        "its `detail` is not an object",
                        "`detail` がオブジェクトではない",
                    ));
                }
            },
            _ => &nothing,
        },
        Value::Object(object) => object,
        other => {
            return refused(Text::new(
                format!("it is {}; send an object, for instance {{}}", kind(other, Lang::En)),
                format!("{}になっている。{{}} のようにオブジェクトを渡す", kind(other, Lang::Ja)),
            ));
        }
    };
    let mut reading = RequestReading { origin, problems: Vec::new() };
    for key in options.keys().filter(|key| !KEYS.iter().any(|(known, _)| known == key)) {
        let hint = closest(key, known_keys()).map(did_you_mean).unwrap_or_else(|| {
            let known = known_keys().collect::<Vec<_>>().join(", ");
            Text::new(format!("; it takes {known}"), format!("。指定できるのは {known}"))
        });
        reading.problems.push(Text::new(
            format!("there is no key `{key}`{}", hint.en),
            format!("`{key}` というキーはない{}", hint.ja),
        ));
    }
    reading.request(options)
}

/// Reads the variables of the function: `TENKEN_REGIONS=ap-northeast-1,us-east-1`. Gives the
/// request, and the names that look like a slip.
///
/// # Errors
/// Every problem of them.
pub fn variables(
    variables: impl Iterator<Item = (String, String)>,
) -> Result<(EventRequest, Vec<String>), EventError> {
    let mut options = Map::new();
    let mut slips = Vec::new();
    for (name, value) in variables {
        let Some(key) = name.strip_prefix(PREFIX).map(str::to_ascii_lowercase) else {
            continue;
        };
        let is_known = KEYS.iter().any(|(known, _)| *known == key);
        if is_known && LISTS.contains(&key.as_str()) {
            let parts = value.split(',').map(str::trim).filter(|part| !part.is_empty());
            options.insert(key, parts.collect::<Vec<&str>>().into());
        } else if is_known {
            options.insert(key, value.into());
        } else if closest(&key, known_keys()).is_some() {
            slips.push(name);
        }
    }
    // A variable that a template leaves empty says nothing.
    options.retain(|_, value| {
        value.as_str() != Some("") && value.as_array().is_none_or(|list| !list.is_empty())
    });
    let reading = RequestReading { origin: RequestOrigin::Variables, problems: Vec::new() };
    Ok((reading.request(&options)?, slips))
}

fn is_envelope(object: &Map<String, Value>) -> bool {
    let is_from = |source: &str| source == "aws.scheduler" || source == "aws.events";
    object.contains_key("detail-type") && object.get("source").and_then(Value::as_str).is_some_and(is_from)
}

fn kind(value: &Value, lang: Lang) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => lang.pick("a boolean", "真偽値"),
        Value::Number(_) => lang.pick("a number", "数値"),
        Value::String(_) => lang.pick("text", "文字列"),
        Value::Array(_) => lang.pick("a list", "リスト"),
        Value::Object(_) => lang.pick("an object", "オブジェクト"),
    }
}

fn known_keys() -> impl Iterator<Item = &'static str> {
    KEYS.iter().map(|(key, _)| *key)
}

struct RequestReading {
    origin: RequestOrigin,
    problems: Vec<Text>,
}

impl RequestReading {
    fn request(mut self, options: &Map<String, Value>) -> Result<EventRequest, EventError> {
        let settings = Settings {
            regions: self.list(options, "regions"),
            role_arn: self.text(options, "role_arn"),
            external_id: self.text(options, "external_id"),
            only_policies: self.list(options, "only_policies"),
            history: self.parsed(options, "history", |text| text.parse().map(Place::S3)),
            lang: self.parsed(options, "lang", str::parse::<Lang>),
            fail_on: self.parsed(options, "fail_on", str::parse::<Severity>),
            timeout: self.parsed(options, "timeout", duration),
            ..Settings::default()
        };
        let request = EventRequest {
            settings,
            report: self.parsed(options, "report", S3Place::prefix),
            formats: self.list(options, "formats"),
            notify: self.channels(options),
            slack: self.secret(options, "slack"),
        };
        for format in request.formats.iter().flatten() {
            let names = || formats::<Run>().into_iter().map(|format| format.name());
            if !names().any(|name| name == format) {
                let known = names().collect::<Vec<_>>().join(", ");
                let name = self.origin.name("formats");
                let format = quoted(format);
                self.problems.push(Text::new(
                    format!("{name}: unknown format `{format}`; write one or more of {known}"),
                    format!("{name}: `{format}` という形式はない。{known} から指定する"),
                ));
            }
        }
        if self.problems.is_empty() {
            Ok(request)
        } else {
            Err(EventError { origin: self.origin, problems: self.problems })
        }
    }

    fn channels(&mut self, options: &Map<String, Value>) -> Option<Vec<ChannelKind>> {
        let mut channels = Vec::new();
        for text in self.list(options, "notify")? {
            match text.parse() {
                Ok(channel) => channels.push(channel),
                Err(problem) => self.invalid("notify", &problem),
            }
        }
        Some(channels)
    }

    // What is written may be the secret itself, and is not repeated.
    fn secret(&mut self, options: &Map<String, Value>, key: &str) -> Option<SecretPlace> {
        let text = self.text(options, key)?;
        match SecretPlace::parse(&text) {
            Ok(place) => Some(place),
            Err(problem) => {
                let name = self.origin.name(key);
                self.problems
                    .push(Text::new(format!("{name} {}", problem.en), format!("{name} {}", problem.ja)));
                None
            }
        }
    }

    fn invalid(&mut self, key: &str, problem: &Invalid) {
        let name = self.origin.name(key);
        let Text { en, ja } = problem.what();
        self.problems.push(Text::new(format!("{name}: {en}"), format!("{name}: {ja}")));
    }

    fn wrong(&mut self, key: &str, value: &Value) {
        let form = KEYS.iter().find(|(known, _)| *known == key).map_or("", |(_, form)| *form);
        let name = self.origin.name(key);
        self.problems.push(Text::new(
            format!("{name} is {}; write {form}", kind(value, Lang::En)),
            format!("{name} が{}になっている。{form} のように書く", kind(value, Lang::Ja)),
        ));
    }

    fn text(&mut self, options: &Map<String, Value>, key: &str) -> Option<String> {
        match options.get(key)? {
            Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
            other => {
                self.wrong(key, other);
                None
            }
        }
    }

    fn list(&mut self, options: &Map<String, Value>, key: &str) -> Option<Vec<String>> {
        let value = options.get(key)?;
        let texts: Option<Vec<String>> = value
            .as_array()
            .map(|list| list.iter().map(|text| text.as_str().map(str::to_owned)).collect())
            .unwrap_or_default();
        match texts {
            Some(texts) if !texts.is_empty() => Some(texts),
            _ => {
                self.wrong(key, value);
                None
            }
        }
    }

    fn parsed<T>(
        &mut self,
        options: &Map<String, Value>,
        key: &str,
        parse: impl Fn(&str) -> Result<T, Invalid>,
    ) -> Option<T> {
        let text = self.text(options, key)?;
        match parse(&text) {
            Ok(value) => Some(value),
            Err(problem) => {
                self.invalid(key, &problem);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::time::Duration;

    #[test]
    fn every_key_is_understood() {
        let event = json!({
            "regions": ["ap-northeast-1", "us-east-1"],
            "role_arn": "arn:aws:iam::123456789012:role/audit",
            "external_id": "shop",
            "only_policies": ["rds-single-az"],
            "history": "s3://audit-logs/history.json",
            "report": "s3://audit-logs/reports",
            "formats": ["markdown"],
            "notify": ["slack", "sns"],
            "slack": "ssm:/tenken/slack",
            "lang": "ja",
            "fail_on": "high",
            "timeout": "5m",
        });
        let keys: Vec<&str> = KEYS.iter().map(|(key, _)| *key).collect();
        assert!(
            keys.iter().all(|key| event.get(key).is_some()) && event.as_object().unwrap().len() == keys.len()
        );
        let request = read(&event).unwrap();
        let settings = &request.settings;
        assert_eq!(settings.regions.as_ref().map(Vec::len), Some(2));
        assert_eq!(settings.role_arn.as_deref(), Some("arn:aws:iam::123456789012:role/audit"));
        assert_eq!(settings.external_id.as_deref(), Some("shop"));
        assert_eq!(settings.only_policies.as_deref(), Some(["rds-single-az".to_owned()].as_slice()));
        assert_eq!(
            settings.history.as_ref().map(ToString::to_string).as_deref(),
            Some("s3://audit-logs/history.json")
        );
        assert_eq!((settings.lang, settings.fail_on), (Some(Lang::Ja), Some(Severity::High)));
        assert_eq!(settings.timeout, Some(Duration::from_secs(300)));
        assert_eq!(
            request.report.as_ref().map(ToString::to_string).as_deref(),
            Some("s3://audit-logs/reports/")
        );
        assert_eq!(request.formats(), ["markdown"]);
        assert_eq!(request.notify.as_deref(), Some([ChannelKind::Slack, ChannelKind::Sns].as_slice()));
        assert_eq!(request.slack.as_ref().map(ToString::to_string).as_deref(), Some("ssm:/tenken/slack"));
        // The same from variables, which the event wins over.
        let variable = |key: &&str| {
            let value = match &event[*key] {
                Value::Array(list) => {
                    list.iter().map(|text| text.as_str().unwrap()).collect::<Vec<_>>().join(", ")
                }
                other => other.as_str().unwrap().to_owned(),
            };
            (format!("TENKEN_{}", key.to_uppercase()), value)
        };
        let (from_variables, slips) = variables(keys.iter().map(variable)).unwrap();
        assert_eq!((&from_variables, slips.len()), (&request, 0));
        let english = read(&json!({"lang": "en"})).unwrap().or(from_variables);
        assert_eq!((english.settings.lang, english.report), (Some(Lang::En), request.report));
    }

    #[test]
    fn schedules_send_little_or_an_envelope() {
        let envelope = json!({
            "version": "0", "id": "7f9c", "detail-type": "Scheduled Event", "source": "aws.scheduler",
            "account": "123456789012", "time": "2026-11-24T00:00:00Z", "region": "ap-northeast-1",
            "resources": ["arn:aws:scheduler:ap-northeast-1:123456789012:schedule/default/tenken"],
            "detail": "{}",
        });
        for nothing in [json!({}), Value::Null, envelope.clone()] {
            assert_eq!(read(&nothing), Ok(EventRequest::default()));
        }
        let mut rule = envelope;
        rule["source"] = "aws.events".into();
        rule["detail"] = json!({"lang": "ja"});
        assert_eq!(read(&rule).unwrap().settings.lang, Some(Lang::Ja));
        rule["detail"] = "7".into();
        assert!(read(&rule).is_err());
    }

    #[test]
    fn every_mistake_is_named_with_what_to_write() {
        for (event, expected) in [
            (json!({"regoins": ["a"]}), "there is no key `regoins`; did you mean `regions`?"),
            (json!({"bucket": "a"}), "there is no key `bucket`; it takes regions, role_arn, "),
            (json!({"regions": "ap-northeast-1"}), "`regions` is text; write [\"ap-northeast-1\"]"),
            (json!({"regions": []}), "`regions` is a list; write"),
            (json!({"regions": [1]}), "`regions` is a list; write"),
            (json!({"lang": "fr"}), "`lang`: unknown language `fr`; write en or ja"),
            (json!({"lang": null}), "`lang` is null; write \"ja\""),
            (json!({"fail_on": "grave"}), "`fail_on`: unknown severity `grave`; write critical"),
            (
                json!({"history": "history.json"}),
                "`history`: `history.json` is not in S3; write s3://bucket/key",
            ),
            (json!({"report": "reports/"}), "`report`: `reports/` is not in S3; write s3://bucket/prefix/"),
            (json!({"formats": ["pdf"]}), "`formats`: unknown format `pdf`; write one or more of terminal, "),
            (json!({"timeout": "5"}), "`timeout`: `5` is not a time; write a number with s, m or h"),
            (json!([1]), "it is a list; send an object"),
            (json!("x"), "it is text; send an object"),
        ] {
            let error = read(&event).unwrap_err();
            assert_eq!(error.problems.len(), 1, "{error}");
            assert!(error.problems[0].en.starts_with(expected), "{error}\n{expected}");
        }
        let address = "https://hooks.slack.com/services/T0/B0/planted";
        let secret = read(&json!({ "slack": address })).unwrap_err().to_string();
        assert!(secret.contains("`slack` is the secret itself") && !secret.contains("planted"), "{secret}");
        let channel = read(&json!({"notify": ["slak"]})).unwrap_err().to_string();
        assert!(
            channel.contains("`notify`: unknown channel `slak`; write slack, webhook or sns"),
            "{channel}"
        );
        let both = read(&json!({"lang": "fr", "fail_on": 7})).unwrap_err();
        assert_eq!(both.problems.len(), 2);
    }

    #[test]
    fn what_is_not_json_is_one_problem_of_the_event() {
        let deep = format!("{}1{}", "[".repeat(1_000), "]".repeat(1_000));
        let huge = "{\"timeout\": 1e999}";
        let half = "{\"lang\": \"\\ud800\"}";
        for broken in ["", "{", "{} {}", "{\"lang\": \"ja\",}", "\u{feff}{}", "ja", &deep, huge, half] {
            let error = parse(broken).unwrap_err();
            assert_eq!(error.origin, RequestOrigin::Event, "{broken}");
            let [problem] = error.problems.as_slice() else { panic!("{error}") };
            assert!(problem.en.starts_with("it cannot be read as JSON at line "), "{broken}: {error}");
            assert!(error.what().ja.contains("桁で JSON として読み取れない"), "{broken}: {error}");
        }
        assert_eq!(parse("\n {\"lang\": \"ja\"} ").unwrap().settings.lang, Some(Lang::Ja));
        assert!(parse(&deep[..]).is_err_and(|error| error.to_string().contains("line 1, column 128")));
    }

    #[test]
    fn variables_are_named_as_they_are_written() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let error = variables([pair("TENKEN_LANG", "fr")].into_iter()).unwrap_err();
        assert!(
            error.to_string().starts_with("use the function's variables: TENKEN_LANG: unknown language `fr`"),
            "{error}"
        );
        let others =
            [pair("TENKEN_REPORTS", "s3://b/"), pair("TENKEN_SLACK_WEBHOOK", "x"), pair("PATH", "/bin")];
        let (request, slips) = variables(others.into_iter()).unwrap();
        assert_eq!((request, slips), (EventRequest::default(), vec!["TENKEN_REPORTS".to_owned()]));
        let empty = [pair("TENKEN_NOTIFY", ""), pair("TENKEN_LANG", "")];
        assert_eq!(variables(empty.into_iter()).unwrap().0, EventRequest::default());
    }

    #[test]
    fn the_documentation_knows_every_key() {
        let text = include_str!("../../docs/lambda.md");
        for (key, _) in KEYS {
            assert!(text.contains(&format!("| `{key}` | `TENKEN_{}` |", key.to_uppercase())), "{key}");
        }
    }
}
