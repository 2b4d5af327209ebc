//! The environment of the process: its variables and what no other process has. Nothing else of a
//! run, of the command line or of the function asks for it.

use super::clock;
use crate::text::Lang;
use std::ffi::OsString;
use std::path::PathBuf;

/// Variables, and what they mean for a run.
pub trait Environment {
    /// The variable of this name; `None` where it is not set.
    fn variable(&self, name: &str) -> Option<OsString>;

    /// Whether the variable is set to something.
    fn is_set(&self, name: &str) -> bool {
        self.variable(name).is_some_and(|value| !value.is_empty())
    }

    /// The variable as text; `None` where it is not set or is not text.
    fn text(&self, name: &str) -> Option<String> {
        self.variable(name)?.into_string().ok()
    }

    /// The language of the locale.
    fn lang(&self) -> Lang {
        let (all, messages, lang) = (self.text("LC_ALL"), self.text("LC_MESSAGES"), self.text("LANG"));
        Lang::from_locale(all.as_deref(), messages.as_deref(), lang.as_deref())
    }

    /// Whether a terminal may be written to in colour.
    fn allows_colour(&self) -> bool {
        !self.is_set("NO_COLOR") && self.text("TERM").is_none_or(|term| term != "dumb")
    }

    /// `tenken/prices.json` in the user's cache folder, where there is one.
    fn price_cache(&self) -> Option<PathBuf> {
        let folder = |name: &str| self.variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let home = || folder("HOME");
        let base = if cfg!(windows) {
            folder("LOCALAPPDATA")
        } else if cfg!(target_os = "macos") {
            home().map(|home| home.join("Library").join("Caches"))
        } else {
            folder("XDG_CACHE_HOME").or_else(|| home().map(|home| home.join(".cache")))
        };
        base.map(|base| base.join("tenken").join("prices.json"))
    }
}

/// The environment of this process.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProcessEnvironment;

impl Environment for ProcessEnvironment {
    fn variable(&self, name: &str) -> Option<OsString> {
        std::env::var_os(name)
    }
}

/// Every variable of this process that is text.
pub fn variables() -> Vec<(String, String)> {
    let text =
        |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
    std::env::vars_os().filter_map(text).collect()
}

/// What was typed, the program's name first. What is not text is converted as closely as possible.
pub fn arguments() -> impl Iterator<Item = String> {
    std::env::args_os().map(|argument| argument.to_string_lossy().into_owned())
}

/// A name for a run of this process that no other run has, here or elsewhere.
pub(crate) fn run_name() -> String {
    let mut random = [0; 8];
    // Without random numbers, process and time have to do.
    let _ = getrandom::fill(&mut random);
    let random = hex::encode(random);
    format!("process {} since {} {random}", std::process::id(), clock::timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    impl Environment for BTreeMap<&str, &str> {
        fn variable(&self, name: &str) -> Option<OsString> {
            self.get(name).map(OsString::from)
        }
    }

    #[test]
    fn the_locale_says_the_language() {
        for (variables, expected) in [
            (BTreeMap::new(), Lang::En),
            (BTreeMap::from([("LANG", "ja_JP.UTF-8")]), Lang::Ja),
            (BTreeMap::from([("LANG", "ja_JP.UTF-8"), ("LC_ALL", "C")]), Lang::En),
            (BTreeMap::from([("LANG", "C"), ("LC_ALL", ""), ("LC_MESSAGES", "ja")]), Lang::Ja),
        ] {
            assert_eq!(variables.lang(), expected, "{variables:?}");
        }
    }

    #[test]
    fn colour_is_left_out_where_it_is_unwanted() {
        for (variables, expected) in [
            (BTreeMap::new(), true),
            (BTreeMap::from([("TERM", "xterm-256color"), ("NO_COLOR", "")]), true),
            (BTreeMap::from([("TERM", "xterm-256color"), ("NO_COLOR", "1")]), false),
            (BTreeMap::from([("TERM", "dumb")]), false),
        ] {
            assert_eq!(variables.allows_colour(), expected, "{variables:?}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn prices_are_kept_in_the_cache_folder() {
        for (variables, expected) in [
            (BTreeMap::new(), None),
            (BTreeMap::from([("HOME", "/home/me")]), Some("/home/me/.cache/tenken/prices.json")),
            (BTreeMap::from([("HOME", "/home/me"), ("XDG_CACHE_HOME", "/c")]), Some("/c/tenken/prices.json")),
        ] {
            assert_eq!(variables.price_cache(), expected.map(PathBuf::from), "{variables:?}");
        }
    }

    #[test]
    fn no_two_runs_have_one_name() {
        assert_ne!(run_name(), run_name());
    }
}
