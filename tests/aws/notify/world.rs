//! Slack, a webhook and AWS, as far as telling news needs them.

use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use wiremock::{Request, Respond, ResponseTemplate};

/// What nobody may ever see.
pub(crate) const SECRET: &str = "T0SECRET1XXXX";

/// Name and value.
pub(crate) type Header = (&'static str, String);

/// What came, and what is answered.
#[derive(Default)]
pub(crate) struct State {
    /// Bodies for the hook of Slack, as JSON.
    pub hook: Vec<Value>,
    /// Bodies for Slack's API, with the token in `authorization`.
    pub api: Vec<Value>,
    /// Bodies for the webhook, with their headers under `headers`.
    pub webhook: Vec<Value>,
    /// Forms for SNS, as pairs.
    pub sns: Vec<Vec<(String, String)>>,
    /// What was asked for of secrets.
    pub secrets: Vec<Value>,
    /// Requests to where nothing should come.
    pub elsewhere: usize,
    /// Answers to the next requests of a channel: status, body, header.
    pub answers: VecDeque<(u16, String, Option<Header>)>,
    /// The type of the parameter.
    pub parameter_type: &'static str,
    /// Where the server is.
    pub address: String,
}

/// The server.
#[derive(Clone, Default)]
pub(crate) struct World(pub Arc<Mutex<State>>);

impl Respond for World {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut state = self.0.lock().unwrap();
        let header = |name: &str| request.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        let body = || serde_json::from_slice::<Value>(&request.body).unwrap_or_default();
        match (request.url.path(), header("x-amz-target").as_deref()) {
            (_, Some("AmazonSSM.GetParameter")) => {
                state.secrets.push(body());
                let value = format!("{}/hook/{SECRET}", state.address);
                let name = body()["Name"].clone();
                let parameter = json!({ "Name": name, "Type": state.parameter_type, "Value": value, "Version": 1 });
                ResponseTemplate::new(200).set_body_json(json!({ "Parameter": parameter }))
            }
            (_, Some("secretsmanager.GetSecretValue")) => {
                state.secrets.push(body());
                let value = json!({ "url": format!("{}/webhook/{SECRET}", state.address) }).to_string();
                ResponseTemplate::new(200).set_body_json(json!({ "Name": "tenken", "SecretString": value }))
            }
            (path, _) if path.starts_with("/elsewhere") => {
                state.elsewhere += 1;
                ResponseTemplate::new(200).set_body_string("ok")
            }
            (path, _) if path.starts_with("/hook/") => {
                planned(&mut state).unwrap_or_else(|| {
                    state.hook.push(body());
                    ResponseTemplate::new(200).set_body_string("ok")
                })
            }
            ("/api/chat.postMessage", _) => planned(&mut state).unwrap_or_else(|| {
                let mut message = body();
                message["authorization"] = json!(header("authorization"));
                state.api.push(message);
                let ts = format!("1.{}", state.api.len());
                ResponseTemplate::new(200).set_body_json(json!({ "ok": true, "ts": ts }))
            }),
            (path, _) if path.starts_with("/webhook/") => planned(&mut state).unwrap_or_else(|| {
                let mut message = body();
                message["headers"] = json!({
                    "authorization": header("authorization"),
                    "idempotency-key": header("idempotency-key"),
                    "content-type": header("content-type"),
                });
                state.webhook.push(message);
                ResponseTemplate::new(204)
            }),
            _ => planned(&mut state).unwrap_or_else(|| {
                state.sns.push(url_pairs(&request.body));
                let answer = "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>\
                    <MessageId>1</MessageId></PublishResult><ResponseMetadata><RequestId>1</RequestId>\
                    </ResponseMetadata></PublishResponse>";
                ResponseTemplate::new(200).set_body_raw(answer, "text/xml")
            }),
        }
    }
}

fn planned(state: &mut State) -> Option<ResponseTemplate> {
    let (status, body, header) = state.answers.pop_front()?;
    let mut answer = ResponseTemplate::new(status).set_body_string(body);
    if let Some((name, value)) = header {
        answer = answer.insert_header(name, value.as_str());
    }
    Some(answer)
}

/// A form's names and values.
fn url_pairs(body: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(body).into_owned().collect()
}
