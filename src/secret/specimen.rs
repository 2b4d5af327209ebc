//! Fake secrets for recordings: obviously fake, told apart like the real ones, and
//! classified like the real ones.

use super::{Located, locate_all, patterns, text, value};
use sha2::{Digest, Sha256};

/// A fake secret of a kind. The same seed gives the same one, another seed another one;
/// it has `length` characters where the kind leaves the length open, and is weak if asked.
pub(crate) fn specimen(kind: &str, seed: &str, length: usize, is_weak: bool) -> String {
    let mut pool = Pool::new(seed);
    // `head`, then characters of the pool up to the wanted length, but `least` at least.
    let mut filled = |head: &str, least: usize, alphabet: &str| {
        let count = length.saturating_sub(head.len()).max(least);
        format!("{head}{}", pool.take(count, alphabet))
    };
    match kind {
        "aws-access-key-id" => format!("AKIA{}{}", "FAKE", pool.take(12, BASE32)),
        "aws-secret-access-key" => format!("{FAKE}{}", pool.take(32, ALPHANUMERIC)),
        "aws-bedrock-key" => filled(&format!("ABSK{FAKE}"), 40, ALPHANUMERIC),
        "github-token" => format!("ghp_{FAKE}{}", pool.take(28, ALPHANUMERIC)),
        "gitlab-token" => format!("glpat-{FAKE}{}", pool.take(12, ALPHANUMERIC)),
        "npm-token" => format!("npm_{FAKE}{}", pool.take(28, ALPHANUMERIC)),
        "slack-webhook" => filled(&format!("T00000000/B00000000/{FAKE}"), 16, ALPHANUMERIC),
        "slack-token" => filled(&format!("xoxb-{FAKE}"), 12, ALPHANUMERIC),
        "discord-webhook" => {
            format!("{}/{FAKE}{}", "0".repeat(18), pool.take(60, ALPHANUMERIC))
        }
        "stripe-key" => filled(&format!("sk_test_{FAKE}"), 16, ALPHANUMERIC),
        "sendgrid-key" => {
            format!("SG.{FAKE}{}.{FAKE}{}", pool.take(14, ALPHANUMERIC), pool.take(35, ALPHANUMERIC))
        }
        "anthropic-key" => filled(&format!("sk-ant-{FAKE}"), 20, ALPHANUMERIC),
        "openai-key" => filled(&format!("sk-proj-{FAKE}"), 20, ALPHANUMERIC),
        "google-key" => format!("AIza{FAKE}{}", pool.take(27, ALPHANUMERIC)),
        // {"alg":"none"} and {"fake":true}
        "jwt" => filled(&format!("eyJhbGciOiJub25lIn0.eyJmYWtlIjp0cnVlfQ.{FAKE}"), 16, ALPHANUMERIC),
        "private-key" => {
            let (begin, end) = ("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----");
            let count = length.saturating_sub(begin.len() + FAKE.len() + end.len()).max(16);
            format!("{begin}{FAKE}{}{end}", pool.take(count, ALPHANUMERIC))
        }
        "azure-storage-key" => filled(FAKE, 24, ALPHANUMERIC),
        "high-entropy-hex" => filled("facade01", 24, HEX),
        "high-entropy-text" => filled(FAKE, 15, ALPHANUMERIC),
        _ if is_weak && length >= 8 => filled("pass", 4, DIGITS),
        // Consonants, so that no word such as `no` or `null` comes about.
        _ if is_weak || length < 8 => pool.take(length.max(1), CONSONANTS),
        _ if length < 16 => filled("Fake0", 3, ALPHANUMERIC),
        _ => filled(FAKE, 8, ALPHANUMERIC),
    }
}

// Eight different characters of three sorts, so that what follows keeps its randomness.
const FAKE: &str = "FAKEkey0";
const ALPHANUMERIC: &str = "123456789BCDGHIJLMNOPQRSTUVWXYZabcdfghijlmnopqrstuvwxz";
const BASE32: &str = "BCDGHIJLMNOPQRSTUVWXYZ234567";
const HEX: &str = "0123456789abcdef";
const DIGITS: &str = "0123456789";
const CONSONANTS: &str = "bcdfghjkmpqrtvwz";

/// Characters that follow from a seed.
struct Pool<'a> {
    seed: &'a str,
    round: u32,
}

impl<'a> Pool<'a> {
    fn new(seed: &'a str) -> Self {
        Pool { seed, round: 0 }
    }

    /// `count` characters; none comes twice before all of the alphabet came once, which
    /// makes the randomness as high as the length allows.
    fn take(&mut self, count: usize, alphabet: &str) -> String {
        let mut taken = String::with_capacity(count);
        while taken.len() < count {
            let mut left: Vec<char> = alphabet.chars().collect();
            self.round += 1;
            for block in 0u32.. {
                if left.is_empty() || taken.len() == count {
                    break;
                }
                let numbers = Sha256::new()
                    .chain_update(self.seed)
                    .chain_update(self.round.to_be_bytes())
                    .chain_update(block.to_be_bytes())
                    .finalize();
                for number in numbers {
                    if left.is_empty() || taken.len() == count {
                        break;
                    }
                    taken.push(left.remove(usize::from(number) % left.len()));
                }
            }
        }
        taken
    }
}

/// What replaces a secret that a snapshot does not need.
const CONCEALED: &str = "[secret]";

/// The value, for instance of a tag, without its secrets.
pub fn conceal(name: &str, value: String) -> String {
    replace(&value, locate_all(name, &value), &|_, _| CONCEALED.to_owned()).unwrap_or(value)
}

/// A text, for instance a description, without its secrets.
pub fn conceal_text(text: String) -> String {
    replace(&text, locate_anywhere(&text), &|_, _| CONCEALED.to_owned()).unwrap_or(text)
}

/// A name that somebody chose, or an ARN with one, without its secrets; `None` where it has none. The
/// same name is the same afterwards wherever it stands.
pub fn conceal_name(name: &str) -> Option<String> {
    replace(name, locate_in_name(name), &|_, _| CONCEALED.to_owned())
}

/// The secrets of a text: those of a command line, and those that a value of any name could have.
pub(super) fn locate_anywhere(text: &str) -> Vec<Located> {
    let mut found: Vec<Located> = text::spots_in_text(text).into_iter().map(|spot| spot.located).collect();
    for located in locate_all("", text) {
        if !found.iter().any(|known| known.overlaps(&located)) {
            found.push(located);
        }
    }
    found
}

/// Tokens with a form of their own. A name may begin as they do, for instance `dapi-gateway`; what
/// follows has to be as random as only tokens are.
pub(super) fn locate_in_name(name: &str) -> Vec<Located> {
    if !may_hold_token(name) {
        return Vec::new();
    }
    let mut found = patterns::tokens(name);
    found.retain(|located| {
        name.get(located.range.clone()).is_some_and(|secret| pieces(secret).any(|(_, piece)| is_mixed(piece)))
    });
    for (start, piece) in pieces(name) {
        let located =
            Located { kind: "high-entropy-text", is_weak: false, range: start..start + piece.len() };
        let is_random = value::random_kind(piece) == Some(located.kind);
        if is_random && !found.iter().any(|known| known.overlaps(&located)) {
            found.push(located);
        }
    }
    found
}

/// Names are many, tokens are long: whether it is worth to look for one.
fn may_hold_token(name: &str) -> bool {
    pieces(name).any(|(_, piece)| piece.len() >= 18 && is_mixed(piece))
}

/// The pieces of a name between its signs, and where they begin.
fn pieces(name: &str) -> impl Iterator<Item = (usize, &str)> {
    let pieces = name.split(|character: char| !character.is_ascii_alphanumeric());
    pieces.scan(0, |position, piece| {
        let start = *position;
        // Signs that are not ASCII are longer than one byte.
        let after = name.get(start + piece.len()..).and_then(|rest| rest.chars().next());
        *position = start + piece.len() + after.map_or(0, char::len_utf8);
        Some((start, piece))
    })
}

fn is_mixed(part: &str) -> bool {
    part.bytes().any(|byte| byte.is_ascii_digit()) && part.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// The value with specimens in the place of its secrets; `None` when it has none.
/// `seed` makes a seed from a secret, best with a keyed hash.
pub fn scrub(name: &str, value: &str, seed: impl Fn(&str) -> String) -> Option<String> {
    replace(value, locate_all(name, value), &fake(seed))
}

/// A specimen like the secret.
pub(super) fn fake(seed: impl Fn(&str) -> String) -> impl Fn(&Located, &str) -> String {
    move |located, secret| {
        let (seed, length) = (seed(secret), secret.chars().count());
        // A number stays one: a PIN is told by that.
        if located.kind == "password" && secret.chars().all(|character| character.is_ascii_digit()) {
            return Pool::new(&seed).take(length, DIGITS);
        }
        specimen(located.kind, &seed, length, located.is_weak)
    }
}

pub(super) fn replace(
    value: &str,
    mut found: Vec<Located>,
    substitute: &impl Fn(&Located, &str) -> String,
) -> Option<String> {
    if found.is_empty() {
        return None;
    }
    found.sort_by_key(|located| located.range.start);
    let mut replaced = String::with_capacity(value.len());
    let mut position = 0;
    for located in found {
        let secret = value.get(located.range.clone())?;
        // Two names for the same place: the first one replaced it.
        let Some(before) = value.get(position..located.range.start) else { continue };
        replaced.push_str(before);
        replaced.push_str(&substitute(&located, secret));
        position = located.range.end;
    }
    replaced.push_str(value.get(position..)?);
    Some(replaced)
}
