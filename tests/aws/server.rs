//! A recorded account over real HTTP, with one fault. The server speaks plain HTTP/1.1 on
//! sockets of its own, because it has to break off, fall silent and close as no library for
//! servers would.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tenken::recording::wire::{self, Protocol, RawRequest};
use tenken::recording::{Recording, Reply, cbor, pages, refusal};
use tenken::snapshot::operation::{Operation, find};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// What goes wrong with an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The caller may not ask.
    Denied,
    /// AWS answers that requests come too fast, and goes on so.
    Throttled,
    /// AWS answers with an internal error.
    ServerError,
    /// The connection is closed before an answer.
    Closed,
    /// The connection is closed in the middle of the answer.
    Truncated,
    /// The answer is whole for HTTP, but its second half is missing.
    Malformed,
    /// A success without a body.
    Empty,
    /// Every page names the same next page.
    RepeatedToken,
    /// Nothing comes.
    Silent,
    /// The credentials expire when the operation is first asked, for all that follows.
    Expired,
    /// The answer has no end.
    Endless(Endless),
    /// AWS answers that it is too busy, and asks for an hour's pause.
    LongPause,
    /// A list without elements, which only the regions of an account can never be.
    NoItems,
}

/// How an answer without an end is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Endless {
    /// With a length that no memory holds.
    Announced,
    /// In pieces, each with its length.
    Chunked,
    /// Until somebody closes the connection.
    UntilClosed,
    /// In pieces that say they are compressed: a bomb for whoever undoes that.
    Compressed,
}

impl Endless {
    pub(crate) const ALL: [Endless; 4] =
        [Endless::Announced, Endless::Chunked, Endless::UntilClosed, Endless::Compressed];

    fn head(self) -> &'static str {
        match self {
            Endless::Announced => "HTTP/1.1 200 x\r\ncontent-length: 1099511627776\r\n\r\n",
            Endless::Chunked => "HTTP/1.1 200 x\r\ntransfer-encoding: chunked\r\n\r\n",
            Endless::UntilClosed => "HTTP/1.1 200 x\r\nconnection: close\r\n\r\n",
            Endless::Compressed => {
                "HTTP/1.1 200 x\r\ncontent-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n"
            }
        }
    }

    /// Sends an answer until the other side has enough of it; gives how many bytes of a body that were.
    pub(crate) async fn send(self, stream: &mut TcpStream) -> u64 {
        const PIECE: [u8; 16 * 1024] = [b' '; 16 * 1024];
        let is_chunked = matches!(self, Endless::Chunked | Endless::Compressed);
        let mut piece = Vec::new();
        if is_chunked {
            piece.extend_from_slice(format!("{:x}\r\n", PIECE.len()).as_bytes());
        }
        piece.extend_from_slice(&PIECE);
        if is_chunked {
            piece.extend_from_slice(b"\r\n");
        }
        let mut sent = 0;
        if stream.write_all(self.head().as_bytes()).await.is_err() {
            return sent;
        }
        while stream.write_all(&piece).await.is_ok() {
            sent += PIECE.len() as u64;
        }
        sent
    }
}

impl Fault {
    pub(crate) const ALL: [Fault; 11] = [
        Fault::Denied,
        Fault::Throttled,
        Fault::ServerError,
        Fault::Closed,
        Fault::Truncated,
        Fault::Malformed,
        Fault::Empty,
        Fault::RepeatedToken,
        Fault::Silent,
        Fault::Expired,
        Fault::Endless(Endless::Chunked),
    ];
}

/// A server; it ends with this value.
pub(crate) struct Served {
    /// Its address.
    pub url: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    recording: Recording,
    /// `service:Operation` and what goes wrong with it.
    fault: Option<(String, Fault)>,
    asked: Mutex<BTreeSet<String>>,
    unanswered: Mutex<BTreeSet<String>>,
    /// The first page of every list, for the fault that gives it again.
    first_pages: Mutex<BTreeMap<String, Reply>>,
    /// The IAM actions that are allowed; all where there is no such list.
    allowed: Option<BTreeSet<String>>,
    /// The bytes that were taken of the longest answer without an end.
    longest: AtomicU64,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Served {
    /// With `*` for an operation, the fault is one of all but `sts:GetCallerIdentity`.
    pub(crate) async fn start(account: &Path, fault: Option<(String, Fault)>) -> Served {
        Served::serve(account, fault, None).await
    }

    /// An account that answers what takes no other IAM actions than these.
    pub(crate) async fn allowing(account: &Path, actions: BTreeSet<String>) -> Served {
        Served::serve(account, None, Some(actions)).await
    }

    async fn serve(
        account: &Path,
        fault: Option<(String, Fault)>,
        allowed: Option<BTreeSet<String>>,
    ) -> Served {
        let recording = Recording::open(account).unwrap();
        let shared = Arc::new(Shared {
            recording,
            fault,
            asked: Mutex::default(),
            unanswered: Mutex::default(),
            first_pages: Mutex::default(),
            allowed,
            longest: AtomicU64::new(0),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let for_task = Arc::clone(&shared);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(talk(stream, Arc::clone(&for_task)));
            }
        });
        Served { url, shared, task }
    }

    /// The operations that were asked so far, as `service:Operation`.
    pub(crate) fn asked(&self) -> BTreeSet<String> {
        self.shared.asked.lock().unwrap().clone()
    }

    /// The bytes that were taken of the longest answer without an end, those on their way included.
    pub(crate) fn longest(&self) -> u64 {
        self.shared.longest.load(Ordering::SeqCst)
    }

    /// What the account has no answer for.
    pub(crate) fn unanswered(&self) -> BTreeSet<String> {
        self.shared.unanswered.lock().unwrap().clone()
    }
}

/// What both ends of a connection may hold of an answer that nobody has read.
pub(crate) const ON_THE_WAY: u64 = 40_000_000;

/// What the server does with a request.
enum Act {
    Answer(Reply),
    /// The whole answer's length, but only half of it.
    BreakOff(Reply),
    Close,
    StaySilent,
    SendWithoutEnd(Endless),
}

async fn talk(mut stream: TcpStream, shared: Arc<Shared>) {
    let mut received = Vec::new();
    while let Some(request) = next_request(&mut stream, &mut received).await {
        match shared.act(&request) {
            Act::Answer(reply) => {
                tokio::time::sleep(reply.delay).await;
                let mut bytes = head(&reply);
                bytes.extend_from_slice(&reply.body);
                if stream.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            Act::BreakOff(reply) => {
                let mut bytes = head(&reply);
                bytes.extend_from_slice(&reply.body[..reply.body.len() / 2]);
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
                return;
            }
            Act::Close => return,
            Act::SendWithoutEnd(form) => {
                let sent = form.send(&mut stream).await;
                shared.longest.fetch_max(sent, Ordering::SeqCst);
                return;
            }
            Act::StaySilent => {
                // Until the other side gives up.
                while stream.read(&mut [0; 64]).await.is_ok_and(|count| count > 0) {}
                return;
            }
        }
    }
}

struct Incoming {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Incoming {
    fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(header, _)| header == name);
        found.map_or("", |(_, value)| value)
    }
}

async fn next_request(stream: &mut TcpStream, received: &mut Vec<u8>) -> Option<Incoming> {
    let end = loop {
        if let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        more(stream, received).await?;
    };
    let text = String::from_utf8_lossy(&received[..end]).into_owned();
    let mut lines = text.split("\r\n");
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length.map_or(0, |(_, value)| value.parse().unwrap());
    let begin = end + 4;
    while received.len() < begin + length {
        more(stream, received).await?;
    }
    let body = received[begin..begin + length].to_vec();
    received.drain(..begin + length);
    Some(Incoming { method, target, headers, body })
}

async fn more(stream: &mut TcpStream, received: &mut Vec<u8>) -> Option<()> {
    let mut chunk = [0; 16 * 1024];
    let count = stream.read(&mut chunk).await.ok().filter(|count| *count > 0)?;
    received.extend_from_slice(&chunk[..count]);
    Some(())
}

fn head(reply: &Reply) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {} x\r\ncontent-length: {}\r\n", reply.status, reply.body.len());
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    head.into_bytes()
}

impl Shared {
    fn act(&self, incoming: &Incoming) -> Act {
        let raw = RawRequest {
            method: &incoming.method,
            host: incoming.header("host").split(':').next().unwrap_or_default(),
            target: &incoming.target,
            authorization: incoming.header("authorization"),
            amz_target: incoming.header("x-amz-target"),
            body: &incoming.body,
        };
        let Ok(request) = wire::read(&raw) else {
            return self.unanswered(&incoming.target);
        };
        let id = format!("{}:{}", request.service, request.operation);
        self.asked.lock().unwrap().insert(id.clone());
        if let Some(allowed) = &self.allowed {
            let operation = find(&request.service, &request.operation);
            let is_allowed =
                |operation: &Operation| operation.permissions.iter().all(|action| allowed.contains(*action));
            if !operation.is_some_and(is_allowed) {
                return Act::Answer(refusal::denied(&request));
            }
        }
        let fault = match &self.fault {
            Some((operation, fault)) if operation == "*" && id != "sts:GetCallerIdentity" => Some(*fault),
            Some((operation, Fault::Expired)) if self.asked.lock().unwrap().contains(operation) => {
                Some(Fault::Expired)
            }
            Some((operation, fault)) if *operation == id => Some(*fault),
            _ => None,
        };
        match fault {
            Some(Fault::Denied) => return Act::Answer(refusal::denied(&request)),
            Some(Fault::Throttled) => return Act::Answer(refusal::throttled(&request)),
            Some(Fault::ServerError) => {
                return Act::Answer(refusal::refusal(&request, 500, "InternalFailure"));
            }
            Some(Fault::Expired) => return Act::Answer(refusal::expired(&request)),
            Some(Fault::Closed) => return Act::Close,
            Some(Fault::Silent) => return Act::StaySilent,
            Some(Fault::LongPause) => {
                let mut reply = refusal::refusal(&request, 503, "ServiceUnavailable");
                reply.headers.push(("retry-after", "3600"));
                reply.headers.push(("x-amz-retry-after", "3600000"));
                return Act::Answer(reply);
            }
            Some(Fault::NoItems) => return Act::Answer(regions_of(&[])),
            Some(Fault::Endless(form)) => return Act::SendWithoutEnd(form),
            Some(Fault::RepeatedToken) => {
                let question = format!("{id} {} {:?}", request.region, request.parameters);
                if let Some(page) = self.first_pages.lock().unwrap().get(&question) {
                    return Act::Answer(page.clone());
                }
            }
            _ => {}
        }
        let reply = match (self.recording.answer(&raw), id.as_str()) {
            (Ok(reply), _) => reply,
            // Recordings leave out what begins a scan.
            (Err(_), "ec2:DescribeRegions") => regions(&self.recording),
            (Err(missing), _) => return self.unanswered(&missing.file),
        };
        match fault {
            Some(Fault::Truncated) => Act::BreakOff(reply),
            Some(Fault::Malformed) => {
                let half = reply.body.len() / 2;
                Act::Answer(Reply { body: reply.body[..half].to_vec(), ..reply })
            }
            Some(Fault::Empty) => Act::Answer(Reply { body: Vec::new(), ..reply }),
            Some(Fault::RepeatedToken) => {
                let page = with_token(&request, reply);
                let question = format!("{id} {} {:?}", request.region, request.parameters);
                self.first_pages.lock().unwrap().insert(question, page.clone());
                Act::Answer(page)
            }
            _ => Act::Answer(reply),
        }
    }

    fn unanswered(&self, what: &str) -> Act {
        self.unanswered.lock().unwrap().insert(what.to_owned());
        Act::Close
    }
}

/// The first page again, with the token that led to it.
fn with_token(request: &wire::Request, reply: Reply) -> Reply {
    let is_cbor = request.protocol == Protocol::Cbor;
    let written =
        if is_cbor { cbor::to_json(&reply.body).unwrap().to_string().into_bytes() } else { reply.body };
    let changed = pages::with_token(request, &written, "again").unwrap_or(written);
    let body =
        if is_cbor { cbor::from_json(&serde_json::from_slice(&changed).unwrap()).unwrap() } else { changed };
    Reply { body, ..reply }
}

/// What AWS answers about the regions of a recorded account.
pub(crate) fn regions(recording: &Recording) -> Reply {
    regions_of(&recording.account.regions)
}

fn regions_of(names: &[String]) -> Reply {
    let named = names.iter().map(|region| {
        format!("<item><regionName>{region}</regionName><optInStatus>opted-in</optInStatus></item>")
    });
    let items: String = named.collect();
    let body = format!(
        "<DescribeRegionsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>recorded</requestId>\
         <regionInfo>{items}</regionInfo></DescribeRegionsResponse>"
    );
    Reply {
        status: 200,
        headers: vec![("content-type", "text/xml")],
        body: body.into_bytes(),
        delay: Default::default(),
    }
}
