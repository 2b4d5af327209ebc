//! Recordings hold no secret: an account has one of every kind wherever AWS keeps a text, and each of its answers
//! is scrubbed as the recorder does it.

use crate::planted_account::{Account, Planted, leaks};
use serde_json::Value as Json;
use std::fs;
use std::path::{Path, PathBuf};
use tenken::recording::scrub::Scrubber;
use tenken::recording::wire::{Protocol, Request};
use tenken::secret::KINDS;

fn planted_account() -> (tempfile::TempDir, PathBuf, Vec<Planted>) {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join("account");
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("mocks/worn-site");
    let planted = Account::plant(&from, &folder).planted;
    (scratch, folder, planted)
}

/// The answers of an account: where they are, the service, and the file's name.
fn answers(folder: &Path) -> Vec<(PathBuf, String, String)> {
    let under = |folder: &Path| -> Vec<PathBuf> {
        fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_dir())
            .collect()
    };
    let mut found = Vec::new();
    for service in under(folder).iter().flat_map(|region| under(region)) {
        let name = service.file_name().unwrap().to_string_lossy().into_owned();
        for file in fs::read_dir(&service).unwrap().map(|entry| entry.unwrap()) {
            found.push((file.path(), name.clone(), file.file_name().to_string_lossy().into_owned()));
        }
    }
    found
}

#[test]
fn no_answer_keeps_a_secret_when_it_is_recorded() {
    let (_scratch, folder, planted) = planted_account();
    assert!(planted.len() >= 40 * KINDS.len(), "{} secrets", planted.len());
    let scrubber = Scrubber::new(b"key".to_vec());
    let (mut there, mut found, mut scrubbed_answers) = (0, Vec::new(), 0);
    for (path, service, file) in answers(&folder) {
        // Of refusals only the code is written.
        if [".400.", ".403.", ".404."].iter().any(|status| file.contains(status)) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let request = Request {
            protocol: Protocol::Json,
            service,
            region: "ap-northeast-1".to_owned(),
            operation: file.split(['@', '.']).next().unwrap().to_owned(),
            parameters: Default::default(),
            token: None,
            body: Json::Null,
        };
        let scrubbed = if file.ends_with(".json") {
            let Ok(mut json) = serde_json::from_str(&text) else { continue };
            scrubber.json(&request, &mut json);
            json.to_string()
        } else if text.trim().is_empty() {
            continue;
        } else {
            let Ok(scrubbed) = scrubber.xml(&request, &text) else { continue };
            scrubbed
        };
        scrubbed_answers += 1;
        there += leaks(&file, &text, &planted).len();
        found.extend(leaks(&file, &scrubbed, &planted));
    }
    println!("{} secrets, {there} of them in {scrubbed_answers} answers that are recorded", planted.len());
    assert!(scrubbed_answers > 80 && there >= 35 * KINDS.len(), "{there} in {scrubbed_answers} answers");
    assert!(found.is_empty(), "{} are left: {found:#?}", found.len());
}
