//! Recorded accounts: `account.toml`, the files' names, the answers in them, and requests to
//! them. Whatever the bytes, there is an answer or a reason. The first byte chooses the part.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value as Json;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use tenken::recording::scrub::Scrubber;
use tenken::recording::wire::{self, Protocol, RawRequest, Request};
use tenken::recording::{Account, Recording, cbor, keep, name, pages};

/// Real recorded accounts, one with refusals and pages.
static ACCOUNTS: LazyLock<Vec<Recording>> = LazyLock::new(|| {
    let mocks = Path::new(env!("CARGO_MANIFEST_DIR")).join("../mocks");
    ["ec-site", "rough-day"]
        .iter()
        .map(|account| Recording::open(&mocks.join(account)).expect("a recorded account of the repository"))
        .collect()
});

fuzz_target!(|bytes: &[u8]| {
    let Some((part, rest)) = bytes.split_first() else {
        return;
    };
    match part {
        b'a' => account(rest),
        b'c' => cbor_both_ways(rest),
        b'f' => folder(rest),
        b'x' => answer(rest, false),
        b'j' => answer(rest, true),
        _ => request(rest),
    }
});

fn account(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    match Account::parse(text) {
        Ok(account) => {
            let again = toml::to_string(&account).expect("an account can be written");
            Account::parse(&again).expect("what was written can be read");
        }
        Err(reason) => assert!(!reason.0.en.is_empty(), "refused without a reason"),
    }
}

fn cbor_both_ways(bytes: &[u8]) {
    let Ok(json) = cbor::to_json(bytes) else {
        return;
    };
    // Keys that begin with `$` may say something else on the way back.
    if let Ok(bytes) = cbor::from_json(&json) {
        drop(cbor::to_json(&bytes));
    }
}

/// A folder with one answer: `account.toml`, a line `--- FILE`, the answer. Every operation
/// that the file may answer is asked for.
fn folder(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Some((account, file)) = text.split_once("\n--- ") else {
        return;
    };
    let (path, answer) = file.split_once('\n').unwrap_or((file, ""));
    let parts: Vec<&str> = path.split('/').collect();
    let plain = |part: &&str| !part.is_empty() && !part.starts_with('.') && !part.contains('\0') && part.len() < 200;
    let [region, service, file] = parts.as_slice() else {
        return;
    };
    if !parts.iter().all(plain) {
        return;
    }
    let root = scratch();
    let inside = root.join(region).join(service);
    let written = std::fs::create_dir_all(&inside)
        .and_then(|()| std::fs::write(root.join("account.toml"), account))
        .and_then(|()| std::fs::write(inside.join(file), answer));
    if written.is_ok()
        && let Ok(recording) = Recording::open(&root)
        && recording.account.answers.is_none()
    {
        let operation = file.split(['@', '.']).next().unwrap_or_default();
        let authorization = format!("Credential=K/20260101/{region}/{service}/aws4_request");
        let target = format!("X.{operation}");
        let query = format!("Action={operation}&Version=1");
        for (amz_target, body) in [(target.as_str(), "{}"), ("", query.as_str())] {
            let mut token = None::<String>;
            // A list that never ends would be asked for again and again.
            for _ in 0..4 {
                let with_token = match (&token, amz_target.is_empty()) {
                    (None, _) => body.to_owned(),
                    (Some(token), true) => format!("{body}&NextToken={token}"),
                    (Some(token), false) => format!("{{\"NextToken\":{}}}", Json::String(token.clone())),
                };
                let raw = RawRequest {
                    method: "POST",
                    host: "x.amazonaws.com",
                    target: "/",
                    authorization: &authorization,
                    amz_target,
                    body: with_token.as_bytes(),
                };
                let Ok(reply) = recording.answer(&raw) else { break };
                let protocol = if amz_target.is_empty() { Protocol::Query } else { Protocol::Json };
                let Some((_, next)) = wire::next_token(protocol, &reply.body) else { break };
                token = Some(next);
            }
        }
        recording.not_asked();
        recording.not_recorded();
    }
    drop(std::fs::remove_dir_all(&root));
}

fn scratch() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let parent = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    parent.join(format!("tenken-fuzz-{}", std::process::id()))
}

/// An answer: a line with service, operation, size and number of a page; then the body.
fn answer(bytes: &[u8], is_json: bool) {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once('\n').unwrap_or((&text, ""));
    let mut words = head.split(' ');
    let (service, operation) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut number = || words.next().and_then(|word| word.parse().ok()).unwrap_or(1_usize);
    let (size, page) = (number(), number());
    let protocol = if is_json { Protocol::Json } else { Protocol::Query };
    let asked: Json = serde_json::from_str(body).unwrap_or(Json::Null);
    let request = Request {
        protocol,
        service: service.to_owned(),
        region: "ap-northeast-1".to_owned(),
        operation: operation.to_owned(),
        parameters: Default::default(),
        token: None,
        body: asked.clone(),
    };
    wire::next_token(protocol, body.as_bytes());
    wire::error_code(protocol, body.as_bytes());
    pages::split(&request, body.as_bytes(), size, page);
    pages::with_token(&request, body.as_bytes(), "token");
    let scrubber = Scrubber::new(b"key".to_vec());
    if is_json {
        let kept = keep(&request, None, &asked);
        keep(&request, Some(kept), &asked);
        scrubber.json(&request, &mut asked.clone());
    } else if let Ok(scrubbed) = scrubber.xml(&request, body) {
        scrubber.xml(&request, &scrubbed).expect("what was scrubbed is still XML");
    }
}

/// A request: five lines with method, host, target, signature's scope and `x-amz-target`;
/// then the body.
fn request(bytes: &[u8]) {
    let mut parts = bytes.splitn(6, |byte| *byte == b'\n');
    let mut line = || String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
    let (method, host, target, scope, amz_target) = (line(), line(), line(), line(), line());
    let body = parts.next().unwrap_or_default();
    let authorization = format!("Credential=K/{scope}/aws4_request");
    let raw = RawRequest {
        method: &method,
        host: &host,
        target: &target,
        authorization: &authorization,
        amz_target: &amz_target,
        body,
    };
    let Ok(read) = wire::read(&raw) else {
        return;
    };
    let stem = name::stem(&read);
    assert!(stem.len() < 400 + read.region.len() + read.service.len() + read.operation.len(), "{stem}");
    for account in ACCOUNTS.iter() {
        drop(account.answer(&raw));
    }
}
