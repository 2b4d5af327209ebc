//! How much the detector of secrets finds and how often it is wrong, on specimens whose
//! writer had not seen it (`secrets/held_out.tsv`).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use tenken::secret::{classify, scan_arguments, scan_text, scrub};

const SPECIMENS: &str = include_str!("secrets/held_out.tsv");

/// A line of the list, its placeholders filled in.
struct Specimen {
    line: usize,
    is_secret: bool,
    name: String,
    as_written: &'static str,
    value: String,
}

impl Specimen {
    fn shown(&self) -> String {
        format!("{}: {} {}", self.line, self.name, self.as_written)
    }

    /// As the collector of task definitions asks about a variable or an argument.
    fn is_found(&self) -> bool {
        if self.name == "-" {
            return !scan_arguments(&[&self.value]).is_empty();
        }
        let has_options = self.value.contains('=') || self.value.contains(" -");
        classify(&self.name, &self.value).is_some() || (has_options && !scan_text(&self.value).is_empty())
    }
}

/// Numbers that look random and are the same on every run (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next().to_le_bytes()[0]).collect()
    }

    fn text(&mut self, alphabet: &str, length: usize) -> String {
        let alphabet: Vec<char> = alphabet.chars().collect();
        let many = u64::try_from(alphabet.len()).unwrap();
        (0..length).map(|_| alphabet[usize::try_from(self.next() % many).unwrap()]).collect()
    }

    fn uuid(&mut self) -> String {
        let mut part = |length| self.text("0123456789abcdef", length);
        format!("{}-{}-4{}-a{}-{}", part(8), part(4), part(3), part(3), part(12))
    }
}

/// What stands for a simple placeholder, which is given without its braces.
fn simple(form: &str, numbers: &mut Numbers) -> Option<String> {
    match form {
        "u" => return Some(numbers.uuid()),
        "nl" => return Some("\n".to_owned()),
        _ => {}
    }
    if let Some(count) = form.strip_prefix("b64:") {
        return Some(STANDARD.encode(numbers.bytes(count.parse().ok()?)));
    }
    let alphabet = match form.chars().next()? {
        'h' => "0123456789abcdef",
        'H' => "0123456789ABCDEF",
        'a' => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
        'A' => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
        'l' => "abcdefghijklmnopqrstuvwxyz0123456789",
        'd' => "0123456789",
        _ => return None,
    };
    Some(numbers.text(alphabet, form.get(1..)?.parse().ok()?))
}

/// The text with its placeholders filled in.
fn filled(text: &str, numbers: &mut Numbers) -> String {
    let Some((before, after)) = text.split_once('{') else { return text.to_owned() };
    let mut filled_in = before.to_owned();
    for (prefix, is_padded) in [("enc<", true), ("url<", false)] {
        if let Some((inner, rest)) = after.strip_prefix(prefix).and_then(|inner| inner.split_once(">}")) {
            let inner = filled(inner, numbers);
            filled_in += &if is_padded { STANDARD.encode(inner) } else { URL_SAFE_NO_PAD.encode(inner) };
            return filled_in + &filled(rest, numbers);
        }
    }
    let whole = after.split_once('}').and_then(|(form, rest)| Some((simple(form, numbers)?, rest)));
    let (stands_for, rest) = whole.unwrap_or_else(|| ("{".to_owned(), after));
    filled_in += &stands_for;
    filled_in + &filled(rest, numbers)
}

fn specimens() -> Vec<Specimen> {
    let mut numbers = Numbers(7);
    let lines = SPECIMENS.lines().enumerate().filter(|(_, line)| !line.starts_with('#'));
    lines
        .map(|(index, line)| {
            let [label, name, value] = line.splitn(3, '\t').collect::<Vec<_>>().try_into().unwrap();
            assert!(["secret", "harmless"].contains(&label), "line {}", index + 1);
            Specimen {
                line: index + 1,
                is_secret: label == "secret",
                name: name.to_owned(),
                as_written: value,
                value: filled(value, &mut numbers),
            }
        })
        .collect()
}

#[test]
#[expect(clippy::cast_precision_loss, reason = "hundreds of specimens")]
fn the_detector_holds_on_specimens_it_was_not_written_from() {
    let specimens = specimens();
    let (secrets, harmless): (Vec<_>, Vec<_>) = specimens.iter().partition(|specimen| specimen.is_secret);
    assert!(specimens.len() >= 450 && harmless.len() >= secrets.len(), "half of them harmless");
    let missed: Vec<String> =
        secrets.iter().filter(|specimen| !specimen.is_found()).map(|specimen| specimen.shown()).collect();
    let wrong: Vec<String> =
        harmless.iter().filter(|specimen| specimen.is_found()).map(|specimen| specimen.shown()).collect();
    let found = (secrets.len() - missed.len()) as f64;
    let recall = found / secrets.len() as f64;
    let precision = found / (found + wrong.len() as f64);
    println!(
        "{} secrets, {} harmless: recall {recall:.3}, precision {precision:.3}",
        secrets.len(),
        harmless.len()
    );
    println!("missed: {missed:#?}\nwrong: {wrong:#?}");
    assert!(recall >= 0.97, "recall {recall:.3}, missed: {missed:#?}");
    assert!(precision >= 0.98, "precision {precision:.3}, wrong: {wrong:#?}");
}

/// A recording keeps a specimen in a secret's place, which has to be told as the secret was,
/// and nothing of the secret.
#[test]
fn recordings_keep_nothing_of_the_secrets_and_are_told_alike() {
    let mut problems = Vec::new();
    for specimen in specimens().iter().filter(|specimen| specimen.name != "-") {
        let Some(found) = classify(&specimen.name, &specimen.value) else { continue };
        let seed = |secret: &str| format!("seed of {secret}");
        let scrubbed = scrub(&specimen.name, &specimen.value, seed).unwrap_or_default();
        let again = classify(&specimen.name, &scrubbed);
        let is_alike = again.is_some_and(|again| (again.kind, again.is_weak) == (found.kind, found.is_weak));
        // A user may be called as the password is.
        let is_alone = specimen.value.matches(found.secret).count() == 1;
        if !is_alike || (is_alone && scrubbed.contains(found.secret)) {
            problems.push(format!("{} is {} and then {again:?}", specimen.shown(), found.kind));
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn placeholders_are_filled_alike_on_every_run() {
    let once = filled("{h8} {u} {b64:6} {enc<a{d2}b>} ${VAR} {{x}} {nl}", &mut Numbers(1));
    assert_eq!(once, filled("{h8} {u} {b64:6} {enc<a{d2}b>} ${VAR} {{x}} {nl}", &mut Numbers(1)));
    let parts: Vec<&str> = once.split(' ').collect();
    assert_eq!(parts[0].len(), 8);
    assert_eq!(parts[1].len(), 36);
    assert_eq!(parts[2].len(), 8);
    assert_eq!(STANDARD.decode(parts[3]).unwrap().len(), 4);
    assert_eq!(parts[4..], ["${VAR}", "{{x}}", "\n"]);
}
