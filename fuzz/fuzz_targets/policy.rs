//! Policy files: whatever the text, there is a policy or a list of problems. A policy's
//! examples are run, so that its expressions are evaluated as well.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tenken::policy::parameter::Parameters;
use tenken::policy::{file, judge};

fuzz_target!(|text: &str| {
    match file::read("policies/security/fuzz.yaml", text, &Parameters::default()) {
        Ok(policy) => {
            for example in &policy.examples {
                judge::judge_example(&policy, example);
            }
        }
        Err(problems) => assert!(!problems.is_empty(), "refused without a reason"),
    }
});
