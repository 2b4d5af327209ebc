//! Writes AWS's answers to a recorded account while they are read, without their secrets.
//!
//! Only what the audit's own clients ask is written ([`Asked`]), so that answers with
//! credentials (assumed roles, sign-ins) never are. The caller's identity is left out:
//! `account.toml` says which account it is.

use super::asked::Asked;
use super::replay::with_raw;
use crate::files;
use crate::recording::scrub::{Scrubber, SecretSearch};
use crate::recording::wire::{Protocol, Request};
use crate::recording::{ACCOUNT_FILE, Account, RecordingError, cbor, is_batch, keep, name, wire};
use crate::text::Text;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{fmt, fs};

/// Writes one recording.
pub(crate) struct Recorder {
    folder: PathBuf,
    scrubber: Scrubber,
    state: Mutex<RecorderState>,
}

#[derive(Default)]
struct RecorderState {
    /// The page that a token leads to, by stem and token.
    pages: BTreeMap<(String, String), usize>,
    /// The file of each request and page, and its status.
    written: BTreeMap<(String, usize), (PathBuf, u16)>,
    /// The batch files as they are so far.
    batches: BTreeMap<String, Json>,
    /// The first thing that could not be written.
    problem: Option<String>,
}

impl Recorder {
    /// Begins a recording in a folder that does not exist or is empty.
    pub(crate) fn create(folder: &Path, scrub_key: Vec<u8>) -> Result<Self, RecordingError> {
        let unwritable = |reason: Text| RecordingError::Unwritable { folder: folder.to_owned(), reason };
        let refused = |error: std::io::Error| unwritable(Text::same(error.to_string()));
        files::create_private_folder(folder).map_err(refused)?;
        let mut entries = fs::read_dir(folder).map_err(refused)?;
        if entries.next().is_some() {
            return Err(unwritable(Text::new("the folder is not empty", "フォルダーが空ではない")));
        }
        Ok(Recorder {
            folder: folder.to_owned(),
            scrubber: Scrubber::new(scrub_key),
            state: Mutex::default(),
        })
    }

    /// Ends the recording with its description.
    pub(crate) fn finish(&self, account: &Account) -> Result<(), RecordingError> {
        let unwritable = |reason: String| RecordingError::Unwritable {
            folder: self.folder.clone(),
            reason: Text::same(reason),
        };
        if let Some(problem) = self.state().problem.clone() {
            return Err(unwritable(problem));
        }
        self.look_through()
            .map_err(|reason| RecordingError::Unwritable { folder: self.folder.clone(), reason })?;
        let text = toml::to_string(account).map_err(|error| unwritable(error.to_string()))?;
        files::write_new(&self.folder.join(ACCOUNT_FILE), text.as_bytes())
            .map_err(|error| unwritable(error.to_string()))
    }

    /// The last look: what is left of secrets is replaced. Where that cannot be had, nothing stays of the recording.
    fn look_through(&self) -> Result<(), Text> {
        let files: Vec<PathBuf> = self.state().written.values().map(|(path, _)| path.clone()).collect();
        let search = self.scrubber.search();
        let kept =
            files.iter().find(|file| !search.as_ref().is_some_and(|search| self.is_clean(file, search)));
        let Some(left) = kept else { return Ok(()) };
        let name = left.strip_prefix(&self.folder).unwrap_or(left);
        // Its name may be what holds the secret.
        let name = if search.is_some_and(|search| !search.finds_in(&name.to_string_lossy())) {
            name.display().to_string()
        } else {
            "…".to_owned()
        };
        for file in &files {
            // What cannot be removed either is said all the same: the recording is refused.
            let _ = fs::remove_file(file);
        }
        Err(Text::new(
            format!(
                "a secret of the account is left in {name} and could not be replaced; the recording was removed. \
                 Please report the operation, not its answer"
            ),
            format!(
                "アカウントの秘密情報が {name} に残り、置き換えられなかったため、記録を削除した。\
                 回答の内容ではなく、操作名だけを報告する。"
            ),
        ))
    }

    /// Whether a file holds no secret, when what is left was replaced.
    fn is_clean(&self, file: &Path, search: &SecretSearch) -> bool {
        let Ok(text) = fs::read_to_string(file) else { return false };
        let other = if file.extension().is_some_and(|extension| extension == "json") {
            self.scrubber.json_without_rest(&text, search)
        } else if text.trim().is_empty() {
            None
        } else {
            match self.scrubber.xml_without_rest(&text, search) {
                Ok(other) => other,
                Err(_) => return false,
            }
        };
        let is_written = other.as_ref().is_none_or(|other| fs::write(file, other).is_ok());
        let name = file.strip_prefix(&self.folder).unwrap_or(file).to_string_lossy();
        is_written && !search.finds_in(other.as_ref().unwrap_or(&text)) && !search.finds_in(&name)
    }

    fn state(&self) -> MutexGuard<'_, RecorderState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps one answer.
    fn keep(&self, request: &Request, status: u16, error_type: Option<&str>, body: &[u8]) {
        let stem = name::stem(&self.scrubber.request(request));
        let mut state = self.state();
        let page = match &request.token {
            Some(_) if is_batch(request) => 1,
            None => 1,
            // A token that no answer gave cannot come up in a scan.
            Some(token) => match state.pages.get(&(stem.clone(), token.clone())) {
                Some(page) => *page,
                None => return,
            },
        };
        let text = if status >= 300 {
            let has_answer =
                state.written.get(&(stem.clone(), page)).is_some_and(|(_, written)| *written < 300);
            if has_answer {
                return;
            }
            let code = error_code(request, error_type, body).unwrap_or_else(|| format!("Http{status}"));
            String::from_utf8_lossy(&wire::error_for(request, &code)).into_owned()
        } else {
            match self.scrubbed(&mut state, request, &stem, page, body) {
                Some(text) => text,
                // What cannot be read cannot be scrubbed; the scan has a gap for it.
                None => return,
            }
        };
        let file = name::file(&stem, page, status, request.protocol.extension());
        let path = self.folder.join(file);
        let earlier = state.written.insert((stem, page), (path.clone(), status));
        let written = remove_other(earlier, &path).and_then(|()| write(&path, &text));
        if let Err(error) = written {
            state.problem.get_or_insert_with(|| error.to_string());
        }
    }

    /// An answer as it is written: without secrets, with a readable token.
    fn scrubbed(
        &self,
        state: &mut RecorderState,
        request: &Request,
        stem: &str,
        page: usize,
        body: &[u8],
    ) -> Option<String> {
        let (next, text) = match request.protocol {
            Protocol::Json | Protocol::RestJson | Protocol::Cbor => {
                let mut json: Json = match request.protocol {
                    Protocol::Cbor => cbor::to_json(body).ok()?,
                    _ => serde_json::from_slice(body).ok()?,
                };
                self.scrubber.json(request, &mut json);
                let next = wire::next_token(Protocol::Json, json.to_string().as_bytes());
                if is_batch(request) {
                    let file = keep(request, state.batches.remove(stem), &json);
                    let text = pretty(&file)?;
                    state.batches.insert(stem.to_owned(), file);
                    return Some(text);
                }
                if let (Some((field, _)), Json::Object(map)) = (&next, &mut json) {
                    map.insert((*field).to_owned(), Json::String(readable_token(page)));
                }
                (next, pretty(&json)?)
            }
            Protocol::Ec2Query | Protocol::Query | Protocol::RestXml => {
                let text = std::str::from_utf8(body).ok()?;
                let text = if text.trim().is_empty() {
                    text.to_owned()
                } else {
                    self.scrubber.xml(request, text).ok()?
                };
                let next = wire::next_token(request.protocol, text.as_bytes());
                let text = match &next {
                    Some((field, _)) => replace_element(&text, field, &readable_token(page)),
                    None => text,
                };
                (next, text)
            }
        };
        if let Some((_, token)) = next {
            // A token that comes again keeps its first meaning, as it did in the account.
            state.pages.entry((stem.to_owned(), token)).or_insert(page + 1);
        }
        Some(text)
    }
}

fn readable_token(page: usize) -> String {
    format!("page-{}", page + 1)
}

fn pretty(json: &Json) -> Option<String> {
    serde_json::to_string_pretty(json).ok().map(|text| text + "\n")
}

/// Replaces the content of the first element of a name.
fn replace_element(text: &str, element: &str, content: &str) -> String {
    let (start, end) = (format!("<{element}>"), format!("</{element}>"));
    let Some((before, rest)) = text.split_once(&start) else {
        return text.to_owned();
    };
    let Some((_, after)) = rest.split_once(&end) else {
        return text.to_owned();
    };
    format!("{before}{start}{content}{end}{after}")
}

fn error_code(request: &Request, error_type: Option<&str>, body: &[u8]) -> Option<String> {
    let json;
    let body = if request.protocol == Protocol::Cbor {
        json = cbor::to_json(body).ok()?.to_string().into_bytes();
        json.as_slice()
    } else {
        body
    };
    // `AccessDeniedException:http://…`
    let from_header = || Some(error_type?.split(':').next()?.to_owned());
    let code = wire::error_code(request.protocol, body).or_else(from_header)?;
    code.chars().all(|letter| letter.is_ascii_alphanumeric() || ".-_".contains(letter)).then_some(code)
}

fn remove_other(earlier: Option<(PathBuf, u16)>, path: &Path) -> std::io::Result<()> {
    match earlier {
        Some((earlier, _)) if earlier != path => fs::remove_file(earlier),
        _ => Ok(()),
    }
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        files::create_private_folder(folder)?;
    }
    files::write_new(path, text.as_bytes())
}

/// An HTTP client whose answers, which are [`super::answer::Bounded`], are recorded.
pub(crate) struct RecordingClient {
    inner: SharedHttpClient,
    recorder: Arc<Recorder>,
}

impl RecordingClient {
    /// Records the answers of another client.
    pub(crate) fn client(inner: SharedHttpClient, recorder: Arc<Recorder>) -> SharedHttpClient {
        SharedHttpClient::new(RecordingClient { inner, recorder })
    }
}

impl fmt::Debug for RecordingClient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RecordingClient")
    }
}

impl HttpClient for RecordingClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(RecordConnector {
            inner: self.inner.http_connector(settings, components),
            recorder: Arc::clone(&self.recorder),
        })
    }
}

struct RecordConnector {
    inner: SharedHttpConnector,
    recorder: Arc<Recorder>,
}

impl fmt::Debug for RecordConnector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RecordConnector")
    }
}

impl HttpConnector for RecordConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let asked = request.extension::<Asked>().filter(|asked| belongs_to_recordings(asked));
        let asked = asked.and_then(|asked| {
            with_raw(&request, |raw| wire::read_as(raw, &asked.service, &asked.operation)).ok()
        });
        let answer = self.inner.call(request);
        let Some(asked) = asked else {
            return answer;
        };
        let recorder = Arc::clone(&self.recorder);
        HttpConnectorFuture::new(async move {
            let response = answer.await?;
            let error_type = response.headers().get("x-amzn-errortype");
            // Bounded answers are in memory.
            let body = response.body().bytes().unwrap_or_default();
            recorder.keep(&asked, response.status().as_u16(), error_type, body);
            Ok(response)
        })
    }
}

/// Identity and regions are asked to begin a scan; a replay has them from `account.toml`.
fn belongs_to_recordings(asked: &Asked) -> bool {
    asked.service != "sts" && asked.operation != "DescribeRegions"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ask::replay::Replay;
    use crate::recording::Recording;
    use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::byte_stream::ByteStream;

    fn request(service: &str, operation: &str, token: Option<&str>) -> Request {
        Request {
            protocol: if service == "ecs" { Protocol::Json } else { Protocol::Query },
            service: service.to_owned(),
            region: "eu-west-1".to_owned(),
            operation: operation.to_owned(),
            parameters: Default::default(),
            token: token.map(str::to_owned),
            body: Json::Null,
        }
    }

    /// AWS, for a handful of requests.
    #[derive(Debug)]
    struct Aws;

    impl HttpConnector for Aws {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            let (_, target) = request.uri().split_once("amazonaws.com").unwrap();
            let (status, body) = match target {
                "/2015-03-31/functions?MaxItems=50" => {
                    (200, r#"{"Functions":[{"FunctionName":"shop"}],"NextMarker":"opaque"}"#)
                }
                "/2015-03-31/functions?MaxItems=50&Marker=opaque" => {
                    (200, r#"{"Functions":[{"FunctionName":"mail"}],"NextMarker":null}"#)
                }
                "/2015-03-31/functions/shop/configuration" => {
                    (200, r#"{"FunctionName":"shop","Description":"password=hunter2-hunter2"}"#)
                }
                "/2015-03-31/functions/mail/configuration" => (403, r#"{"Message":"user alice may not"}"#),
                _ => (200, r#"{"SecretAccessKey":"wJalrXUtnFEMI"}"#),
            };
            let mut answer = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
            if status == 403 {
                answer.headers_mut().insert("x-amzn-errortype", "AccessDeniedException:http://internal/");
            }
            HttpConnectorFuture::ready(Ok(answer))
        }
    }

    fn get(service: &str, operation: Option<&str>, target: &str) -> HttpRequest {
        let mut request = HttpRequest::empty();
        request.set_uri(format!("https://{service}.eu-west-1.amazonaws.com{target}")).unwrap();
        let scope = format!("AWS4-HMAC-SHA256 Credential=A/20260101/eu-west-1/{service}/aws4_request, x");
        request.headers_mut().insert("authorization", scope);
        if let Some(operation) = operation {
            request.add_extension(Asked { service: service.to_owned(), operation: operation.to_owned() });
        }
        request
    }

    async fn body(connector: &dyn HttpConnector, request: HttpRequest) -> (u16, Json) {
        let mut answer = connector.call(request).await.unwrap();
        let bytes = ByteStream::new(answer.take_body()).collect().await.unwrap().into_bytes();
        (answer.status().as_u16(), serde_json::from_slice(&bytes).unwrap())
    }

    fn account() -> Account {
        let text = "account = '123456789012'\nregions = ['eu-west-1']\n\
                    taken_at = '2026-01-01T00:00:00Z'\nfingerprint_key = 'key'\n";
        Account::parse(text).unwrap()
    }

    fn files(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).into_iter().flatten();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    // No client of such a service is among the dependencies: the requests are made by hand, as
    // the SDK makes them.
    #[tokio::test]
    async fn services_that_speak_paths_and_json_are_recorded_and_replayed() {
        const LIST: &str = "/2015-03-31/functions?MaxItems=50";
        const SHOP: &str = "/2015-03-31/functions/shop/configuration";
        const MAIL: &str = "/2015-03-31/functions/mail/configuration";
        let (list, configuration) = (Some("ListFunctions"), Some("GetFunctionConfiguration"));
        let folder = tempfile::tempdir().unwrap();
        let recorder = Arc::new(Recorder::create(folder.path(), b"key".to_vec()).unwrap());
        let inner = SharedHttpConnector::new(Aws);
        let live = RecordConnector { inner, recorder: Arc::clone(&recorder) };
        body(&live, get("lambda", list, LIST)).await;
        body(&live, get("lambda", list, &format!("{LIST}&Marker=opaque"))).await;
        body(&live, get("lambda", configuration, SHOP)).await;
        body(&live, get("lambda", configuration, MAIL)).await;
        recorder.finish(&account()).unwrap();
        assert_eq!(
            files(&folder.path().join("eu-west-1/lambda")),
            [
                "GetFunctionConfiguration@path=2015-03-31-functions-mail-configuration.403.json",
                "GetFunctionConfiguration@path=2015-03-31-functions-shop-configuration.json",
                "ListFunctions@path=2015-03-31-functions.json",
                "ListFunctions@path=2015-03-31-functions.page2.json",
            ]
        );

        let recording = Arc::new(Recording::open(folder.path()).unwrap());
        let replay = Replay::new(Arc::clone(&recording));
        let (_, first) = body(&replay, get("lambda", list, LIST)).await;
        assert_eq!(first["NextMarker"], "page-2");
        let (_, second) = body(&replay, get("lambda", list, &format!("{LIST}&Marker=page-2"))).await;
        // A name of a service that no table of harmless fields knows is another text of the same length.
        assert_eq!(second["Functions"][0]["FunctionName"].as_str().map(str::len), Some("mail".len()));
        let (_, shop) = body(&replay, get("lambda", configuration, SHOP)).await;
        assert_eq!(shop["FunctionName"].as_str().map(str::len), Some("shop".len()));
        assert!(!shop.to_string().contains("hunter2"), "{shop}");
        let (status, mail) = body(&replay, get("lambda", configuration, MAIL)).await;
        assert_eq!((status, mail["__type"].as_str()), (403, Some("AccessDeniedException")));
        assert!(!mail.to_string().contains("alice"), "{mail}");
        assert_eq!((recording.not_recorded(), recording.not_asked()), (Vec::new(), Vec::new()));
        let unknown = get("lambda", Some("GetPolicy"), "/2015-03-31/functions/shop/policy");
        assert!(replay.call(unknown).await.is_err());
    }

    #[tokio::test]
    async fn credentials_are_never_recorded() {
        let folder = tempfile::tempdir().unwrap();
        let recorder = Arc::new(Recorder::create(folder.path(), b"key".to_vec()).unwrap());
        let live = RecordConnector { inner: SharedHttpConnector::new(Aws), recorder };
        // The clients of credentials do not say what they ask.
        body(&live, get("sts", None, "/")).await;
        body(&live, get("portal.sso", None, "/federation/credentials")).await;
        body(&live, get("rds", None, "/")).await;
        // What begins a scan is in account.toml.
        body(&live, get("sts", Some("GetCallerIdentity"), "/")).await;
        body(&live, get("ec2", Some("DescribeRegions"), "/")).await;
        assert_eq!(files(folder.path()), Vec::<String>::new());
    }

    #[test]
    fn pages_get_readable_tokens_and_errors_lose_their_message() {
        let folder = tempfile::tempdir().unwrap();
        let recorder = Recorder::create(folder.path(), b"key".to_vec()).unwrap();
        let first = "<R><Marker>opaque&amp;1</Marker></R>";
        recorder.keep(&request("rds", "DescribeDBInstances", None), 200, None, first.as_bytes());
        let second = b"<E><Code>AccessDenied</Code><Message>user alice may not</Message></E>";
        recorder.keep(&request("rds", "DescribeDBInstances", Some("opaque&1")), 403, None, second);
        let read = |name: &str| fs::read_to_string(folder.path().join("eu-west-1/rds").join(name)).unwrap();
        assert_eq!(read("DescribeDBInstances.xml"), "<R><Marker>page-2</Marker></R>");
        let refused = read("DescribeDBInstances.page2.403.xml");
        assert!(refused.contains("AccessDenied") && !refused.contains("alice"), "{refused}");
    }

    #[test]
    fn an_answer_replaces_the_refusals_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let recorder = Recorder::create(folder.path(), b"key".to_vec()).unwrap();
        let asked = request("ecs", "ListClusters", None);
        recorder.keep(&asked, 400, None, br#"{"__type":"ThrottlingException"}"#);
        recorder.keep(&asked, 200, None, br#"{"clusterArns":[]}"#);
        let names: Vec<String> = fs::read_dir(folder.path().join("eu-west-1/ecs"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        assert_eq!(names, ["ListClusters.json"]);
    }
}
