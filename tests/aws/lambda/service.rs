//! The Lambda service as a function sees it, and an AWS that answers from a recorded account
//! and keeps objects.

use crate::bucket::{Buckets, State};
use serde_json::Value;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant, SystemTime};
use tenken::recording::Recording;
use tenken::recording::wire::RawRequest;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

/// The bucket that is kept; all other requests go to the recorded account.
pub(crate) const BUCKET: &str = "/audit-logs/";

/// The key of the function, which must never be seen again.
pub(crate) const SECRET: &str = "planted-key-of-the-function";

/// An event that a function has not fetched yet.
struct Waiting {
    event: Vec<u8>,
    time: Duration,
}

/// What a function sent back.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Reply {
    /// An answer.
    Answer(Value),
    /// A failure: its type and its message.
    Failure(String, String),
}

/// The runtime API.
#[derive(Clone)]
struct RuntimeApi {
    waiting: Arc<Mutex<VecDeque<Waiting>>>,
    replies: Arc<Mutex<Sender<Reply>>>,
}

impl Respond for RuntimeApi {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let path = request.url.path();
        if path.ends_with("/invocation/next") {
            let Some(next) = self.waiting.lock().unwrap().pop_front() else {
                // Lambda freezes a function that waits; the test ends it.
                return ResponseTemplate::new(200).set_delay(Duration::from_secs(600));
            };
            let end = SystemTime::now() + next.time;
            let end = end.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
            return ResponseTemplate::new(200)
                .insert_header("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
                .insert_header("lambda-runtime-deadline-ms", end.to_string().as_str())
                .insert_header(
                    "lambda-runtime-invoked-function-arn",
                    "arn:aws:lambda:ap-northeast-1:123456789012:function:tenken",
                )
                .insert_header(
                    "lambda-runtime-trace-id",
                    "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0",
                )
                .set_body_raw(next.event, "application/json");
        }
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        let reply = if path.ends_with("/response") {
            Reply::Answer(body)
        } else {
            let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
            Reply::Failure(text("errorType"), text("errorMessage"))
        };
        self.replies.lock().unwrap().send(reply).unwrap();
        ResponseTemplate::new(202)
    }
}

/// AWS.
#[derive(Clone)]
struct Aws {
    recording: Arc<Recording>,
    buckets: Buckets,
    asked: Arc<Mutex<Vec<(Instant, String)>>>,
    slack: Slack,
}

/// The address of Slack's webhook, behind the stand-in's own.
pub(crate) const HOOK: &str = "/services/T0/B0/planted-address";

/// Slack, and Systems Manager, which knows its address.
#[derive(Debug, Clone, Default)]
pub(crate) struct Slack(pub Arc<Mutex<Channel>>);

/// A channel of Slack.
#[derive(Debug, Default)]
pub(crate) struct Channel {
    /// What was posted.
    pub messages: Vec<Value>,
    /// Slack is not well.
    pub is_down: bool,
}

impl Slack {
    fn post(&self, request: &Request) -> ResponseTemplate {
        let mut channel = self.0.lock().unwrap();
        if channel.is_down {
            return ResponseTemplate::new(410).set_body_string("channel_is_archived");
        }
        channel.messages.push(serde_json::from_slice(&request.body).unwrap());
        ResponseTemplate::new(200).set_body_string("ok")
    }
}

impl Respond for Aws {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let header = |name: &str| {
            request.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
        };
        self.asked.lock().unwrap().push((Instant::now(), request.url.path().to_owned()));
        if request.url.path() == HOOK {
            return self.slack.post(request);
        }
        if header("x-amz-target") == "AmazonSSM.GetParameter" {
            let asked: Value = serde_json::from_slice(&request.body).unwrap();
            assert_eq!((&asked["Name"], &asked["WithDecryption"]), (&"/tenken/slack".into(), &true.into()));
            let address = format!("http://{}{HOOK}", header("host"));
            let parameter =
                serde_json::json!({"Name": "/tenken/slack", "Type": "SecureString", "Value": address});
            let body = serde_json::json!({ "Parameter": parameter }).to_string();
            return ResponseTemplate::new(200).set_body_raw(body, "application/x-amz-json-1.1");
        }
        if request.url.path().starts_with(BUCKET) {
            return self.buckets.respond(request);
        }
        let query = request.url.query().map(|query| format!("?{query}")).unwrap_or_default();
        let raw = RawRequest {
            method: request.method.as_str(),
            host: request.url.host_str().unwrap_or_default(),
            target: &format!("{}{query}", request.url.path()),
            authorization: &header("authorization"),
            amz_target: &header("x-amz-target"),
            body: &request.body,
        };
        match self.recording.answer(&raw) {
            Ok(reply) => {
                let mut template = ResponseTemplate::new(reply.status).set_delay(reply.delay);
                for (name, value) in reply.headers {
                    template = template.insert_header(name, value);
                }
                template.set_body_bytes(reply.body)
            }
            // Recordings leave out what begins a scan.
            Err(_) if String::from_utf8_lossy(&request.body).contains("Action=DescribeRegions") => {
                let reply = crate::server::regions(&self.recording);
                ResponseTemplate::new(reply.status).set_body_raw(reply.body, "text/xml")
            }
            Err(_) => ResponseTemplate::new(501),
        }
    }
}

/// Everything around a function.
pub(crate) struct World {
    _runtime: tokio::runtime::Runtime,
    api: MockServer,
    aws: MockServer,
    waiting: Arc<Mutex<VecDeque<Waiting>>>,
    replies: Receiver<Reply>,
    buckets: Buckets,
    asked: Arc<Mutex<Vec<(Instant, String)>>>,
    slack: Slack,
    /// Where the package is unpacked.
    pub package: tempfile::TempDir,
}

impl World {
    /// An AWS with this recorded account.
    pub(crate) fn new(account: &Path) -> World {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (sender, replies) = channel();
        let waiting = Arc::new(Mutex::new(VecDeque::new()));
        let api = RuntimeApi { waiting: Arc::clone(&waiting), replies: Arc::new(Mutex::new(sender)) };
        let aws = Aws {
            recording: Arc::new(Recording::open(account).unwrap()),
            buckets: Buckets::default(),
            asked: Arc::default(),
            slack: Slack::default(),
        };
        let slack = aws.slack.clone();
        let (buckets, asked) = (aws.buckets.clone(), Arc::clone(&aws.asked));
        let (api, aws) = runtime.block_on(async {
            let servers = (MockServer::start().await, MockServer::start().await);
            Mock::given(any()).respond_with(api).mount(&servers.0).await;
            Mock::given(any()).respond_with(aws).mount(&servers.1).await;
            servers
        });
        let package = tempfile::tempdir().unwrap();
        World { _runtime: runtime, api, aws, waiting, replies, buckets, asked, slack, package }
    }

    /// Starts the real binary as Lambda does, sends it the events, each with the seconds that
    /// it may take, and ends it after the last reply.
    pub(crate) fn run(&self, variables: &[(&str, &str)], events: &[(Value, u64)]) -> Ended {
        let texts: Vec<(Vec<u8>, u64)> =
            events.iter().map(|(event, seconds)| (event.to_string().into_bytes(), *seconds)).collect();
        self.run_raw(variables, &texts)
    }

    /// The same with events that need not be JSON.
    pub(crate) fn run_raw(&self, variables: &[(&str, &str)], events: &[(Vec<u8>, u64)]) -> Ended {
        for (event, seconds) in events {
            let waiting = Waiting { event: event.clone(), time: Duration::from_secs(*seconds) };
            self.waiting.lock().unwrap().push_back(waiting);
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_tenken-lambda"));
        command.current_dir(self.package.path()).env_clear();
        for (name, value) in [
            ("AWS_LAMBDA_RUNTIME_API", self.api.uri().trim_start_matches("http://")),
            ("AWS_LAMBDA_FUNCTION_NAME", "tenken"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_REGION", "ap-northeast-1"),
            ("AWS_ACCESS_KEY_ID", "TESTING"),
            ("AWS_SECRET_ACCESS_KEY", SECRET),
            ("AWS_ENDPOINT_URL", &self.aws.uri()),
        ] {
            command.env(name, value);
        }
        command.envs(variables.iter().copied()).stdin(Stdio::null()).stdout(Stdio::piped());
        let started = Instant::now();
        let mut child = command.spawn().unwrap();
        let reply =
            |_| self.replies.recv_timeout(Duration::from_secs(120)).expect("the function did not reply");
        let replies = events.iter().map(reply).collect();
        let peak_kilobytes = peak_kilobytes(child.id());
        child.kill().unwrap();
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let line = |line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"));
        Ended { replies, log: text.lines().map(line).collect(), text, started, peak_kilobytes }
    }

    /// The objects, by `/bucket/key`.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.buckets.0.lock().unwrap()
    }

    /// Slack's channel.
    pub(crate) fn slack(&self) -> MutexGuard<'_, Channel> {
        self.slack.0.lock().unwrap()
    }

    /// The JSON of an object.
    pub(crate) fn json(&self, path: &str) -> Value {
        serde_json::from_slice(&self.state().objects[path]).unwrap()
    }

    /// When AWS was first asked anything.
    pub(crate) fn first(&self) -> Option<Instant> {
        self.asked.lock().unwrap().first().map(|(time, _)| *time)
    }

    /// When AWS was asked what, but for the bucket.
    pub(crate) fn asked(&self) -> Vec<Instant> {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|(_, path)| !path.starts_with(BUCKET)).map(|(time, _)| *time).collect()
    }
}

/// A function that has done its work.
pub(crate) struct Ended {
    /// What it sent back, one for each event.
    pub replies: Vec<Reply>,
    /// Its log.
    pub log: Vec<Value>,
    /// The same as it was written.
    pub text: String,
    /// When the process was started.
    pub started: Instant,
    /// The most memory it has had.
    pub peak_kilobytes: u64,
}

impl Ended {
    /// The only reply, which is an answer.
    #[track_caller]
    pub(crate) fn answer(&self) -> &Value {
        match self.replies.as_slice() {
            [Reply::Answer(answer)] => {
                crate::schema::check("lambda-answer", answer);
                answer
            }
            other => panic!("{other:?}\n{}", self.text),
        }
    }

    /// The only reply, which is a failure of this kind; gives its message.
    #[track_caller]
    pub(crate) fn failure(&self, kind: &str) -> &str {
        match self.replies.as_slice() {
            [Reply::Failure(found, message)] if found == kind => message,
            other => panic!("{other:?}\n{}", self.text),
        }
    }
}

fn peak_kilobytes(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// A folder of `mocks/`.
pub(crate) fn account(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("mocks").join(name)
}
