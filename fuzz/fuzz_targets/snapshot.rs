//! Saved snapshots: whatever the bytes, there is a snapshot or an error; a snapshot can be
//! judged, reported and saved again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::path::Path;
use std::sync::LazyLock;
use tenken::finding::Run;
use tenken::policy::PolicySet;
use tenken::report::{Look, formats, render};
use tenken::run;
use tenken::snapshot::store;
use tenken::text::Lang;

static POLICIES: LazyLock<PolicySet> = LazyLock::new(|| PolicySet::embedded().unwrap_or_default());

fuzz_target!(|bytes: &[u8]| {
    let Ok(snapshot) = store::parse(bytes, Path::new("snapshot.json")) else {
        return;
    };
    let judged = run::judge(&snapshot, &POLICIES);
    for format in formats::<Run>() {
        render(&judged, format, &Look { lang: Lang::Ja, width: 80, colour: true });
    }
});
