//! `tenken.toml`: whatever the text, there is a configuration or a list of problems.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use tenken::config;
use tenken::policy::PolicySet;

static POLICIES: LazyLock<PolicySet> = LazyLock::new(|| PolicySet::embedded().unwrap_or_default());

fuzz_target!(|text: &str| {
    let written = config::written::read("tenken.toml", text);
    if let Err(error) = config::Config::new(&written, &POLICIES) {
        assert!(!error.problems.is_empty(), "refused without a reason");
    }
});
