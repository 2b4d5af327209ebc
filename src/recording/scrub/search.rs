//! The last look at a recording: whether a secret is left in it.
//!
//! What was found while the answers were scrubbed is remembered until the recording ends, in memory alone. Then
//! every file is looked through for it wherever it stands, and with the detector, which has to find nothing but
//! specimens.

use super::{NotXml, Scrubber};
use crate::secret;
use aho_corasick::AhoCorasick;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// Shorter secrets are words that stand elsewhere as well: `shop`, `password`.
const SHORTEST: usize = 8;

/// What the answers held, and what was written in its place.
#[derive(Default)]
pub(super) struct Met {
    secrets: BTreeSet<String>,
    specimens: BTreeSet<String>,
}

impl Met {
    /// Takes down what a text held and what its disguise holds.
    pub(super) fn note(&mut self, name: &str, text: &str, disguise: &str) {
        let found = secret::secrets_in(name, text).into_iter();
        let is_telling = |secret: &&str| secret.chars().count() >= SHORTEST && !secret::is_common(secret);
        self.secrets.extend(found.filter(is_telling).map(str::to_owned));
        self.specimens.extend(secret::secrets_in(name, disguise).into_iter().map(str::to_owned));
        self.specimens.extend(secret::secrets_in("", disguise).into_iter().map(str::to_owned));
    }

    /// The same for the arguments of a command.
    pub(super) fn note_all(&mut self, arguments: &[&str], disguises: &[String]) {
        let found = secret::scan_arguments(arguments).into_iter().map(|mention| mention.secret.secret);
        let is_telling = |secret: &&str| secret.chars().count() >= SHORTEST && !secret::is_common(secret);
        self.secrets.extend(found.filter(is_telling).map(str::to_owned));
        let disguises: Vec<&str> = disguises.iter().map(String::as_str).collect();
        let specimens = secret::scan_arguments(&disguises).into_iter().map(|mention| mention.secret.secret);
        self.specimens.extend(specimens.map(str::to_owned));
        for (argument, disguise) in arguments.iter().zip(&disguises) {
            self.note("", argument, disguise);
        }
    }
}

/// Every form in which a secret can stand in a file.
fn forms(secret: &str) -> BTreeSet<String> {
    let quoted = Json::from(secret).to_string();
    let quoted = quoted.trim_matches('"').to_owned();
    let twice = Json::from(quoted.as_str()).to_string();
    [
        secret.to_owned(),
        twice.trim_matches('"').to_owned(),
        quoted,
        quick_xml::escape::escape(secret).into_owned(),
        utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
    ]
    .into()
}

/// Looks for secrets that were met.
pub struct SecretSearch {
    automaton: Option<AhoCorasick>,
}

impl SecretSearch {
    /// Whether one of them is in the text, in whatever form.
    pub fn finds_in(&self, text: &str) -> bool {
        self.automaton.as_ref().is_some_and(|automaton| automaton.is_match(text))
    }
}

impl Scrubber {
    /// What looks for the secrets that were met so far; `None` where there are too many to look for.
    pub fn search(&self) -> Option<SecretSearch> {
        let met = self.met();
        let specimens = &met.specimens;
        let secrets = met.secrets.iter().filter(|secret| !specimens.contains(*secret));
        let forms: BTreeSet<String> = secrets.flat_map(|secret| forms(secret)).collect();
        if forms.is_empty() {
            return Some(SecretSearch { automaton: None });
        }
        AhoCorasick::new(forms).ok().map(|automaton| SecretSearch { automaton: Some(automaton) })
    }

    /// What the detector still finds in a text and what is no specimen, replaced; `None` where there is nothing.
    fn left(&self, text: &str, search: &SecretSearch) -> Option<String> {
        let found = secret::secrets_in("", text);
        let is_left =
            found.iter().any(|secret| !self.met().specimens.contains(*secret) && !is_specimen(secret));
        (is_left || search.finds_in(text)).then(|| secret::fill(text, &|text| self.seed(text)))
    }

    /// A file of JSON without what is left in it; `None` where nothing is.
    pub fn json_without_rest(&self, text: &str, search: &SecretSearch) -> Option<String> {
        let mut json: Json = serde_json::from_str(text).ok()?;
        let is_changed = self.replace_rest(&mut json, search);
        is_changed.then(|| serde_json::to_string_pretty(&json).ok().map(|text| text + "\n"))?
    }

    fn replace_rest(&self, json: &mut Json, search: &SecretSearch) -> bool {
        match json {
            Json::String(text) => self.left(text, search).map(|other| *text = other).is_some(),
            Json::Array(items) => {
                let mut is_changed = false;
                for item in items {
                    is_changed |= self.replace_rest(item, search);
                }
                is_changed
            }
            Json::Object(map) => {
                let mut is_changed = false;
                *map = std::mem::take(map)
                    .into_iter()
                    .map(|(key, mut value)| {
                        is_changed |= self.replace_rest(&mut value, search);
                        let other = self.left(&key, search);
                        is_changed |= other.is_some();
                        (other.unwrap_or(key), value)
                    })
                    .collect();
                is_changed
            }
            Json::Null | Json::Bool(_) | Json::Number(_) => false,
        }
    }

    /// A file of XML without what is left in it; `None` where nothing is.
    pub fn xml_without_rest(&self, text: &str, search: &SecretSearch) -> Result<Option<String>, NotXml> {
        let other = super::each_text(text, |_, _, text| self.left(text, search))?;
        Ok((other != text).then_some(other))
    }
}

/// Whether a secret says itself that it is none.
fn is_specimen(secret: &str) -> bool {
    secret.contains("FAKEkey0") || secret.contains("facade01") || secret.starts_with("recorded-")
}
