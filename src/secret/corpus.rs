//! How much the detector finds and how often it is wrong, on specimens that it was not
//! written from (`corpus.tsv`).

use super::{classify, disguise, disguise_arguments, in_value, scan_arguments, scrub};

/// What a row of the corpus says.
struct Specimen {
    line: usize,
    is_secret: bool,
    name: String,
    value: String,
}

/// The characters that stand for a set in braces: `{h32}` is 32 hexadecimal digits.
fn alphabet(sort: char) -> Option<&'static str> {
    Some(match sort {
        'A' => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
        'a' => "abcdefghijklmnopqrstuvwxyz0123456789",
        'U' => "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
        'h' => "0123456789abcdef",
        'H' => "0123456789ABCDEF",
        'd' => "0123456789",
        'b' => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
        'u' => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
        '2' => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
        _ => return None,
    })
}

/// Small numbers in an order that looks random and is always the same (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(limit).unwrap()).unwrap()
    }
}

/// The value with every `{x20}` filled in.
fn filled(value: &str, numbers: &mut Numbers) -> String {
    let mut text = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let form = after.split_once('}').and_then(|(form, left)| {
            let mut characters = form.chars();
            let from = alphabet(characters.next()?)?;
            Some((from, characters.as_str().parse::<usize>().ok()?, left))
        });
        let Some((from, count, left)) = form else {
            text.push('{');
            rest = after;
            continue;
        };
        let from: Vec<char> = from.chars().collect();
        text.extend((0..count).map(|_| from[numbers.below(from.len())]));
        rest = left;
    }
    text.push_str(rest);
    text.replace("\\n", "\n")
}

fn specimens() -> Vec<Specimen> {
    let mut numbers = Numbers(2026);
    let mut specimens = Vec::new();
    for (index, line) in include_str!("corpus.tsv").lines().enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let [verdict, name, value] = line.splitn(3, '\t').collect::<Vec<_>>().try_into().unwrap();
        assert!(["secret", "harmless"].contains(&verdict), "line {}", index + 1);
        specimens.push(Specimen {
            line: index + 1,
            is_secret: verdict == "secret",
            name: name.to_owned(),
            value: filled(value, &mut numbers),
        });
    }
    specimens
}

#[test]
#[expect(clippy::cast_precision_loss, reason = "the figures are what the test is for")]
fn most_secrets_are_found_and_little_else() {
    let specimens = specimens();
    let (mut found, mut missed, mut wrong) = (0, Vec::new(), Vec::new());
    for specimen in &specimens {
        let line = format!("line {}: {}", specimen.line, specimen.name);
        match (specimen.is_secret, classify(&specimen.name, &specimen.value).is_some()) {
            (true, true) => found += 1,
            (true, false) => missed.push(line),
            (false, true) => wrong.push(line),
            (false, false) => {}
        }
    }
    let recall = f64::from(found) / (f64::from(found) + missed.len() as f64);
    let precision = f64::from(found) / (f64::from(found) + wrong.len() as f64);
    println!(
        "{} specimens: recall {recall:.3}, precision {precision:.3}\nmissed: {missed:#?}\nwrong: {wrong:#?}",
        specimens.len()
    );
    let harmless = specimens.iter().filter(|specimen| !specimen.is_secret).count();
    assert!(specimens.len() >= 400 && harmless * 5 >= specimens.len() * 2, "half of them harmless");
    assert!(recall >= 0.97, "recall {recall:.3}, missed: {missed:#?}");
    assert!(precision >= 0.98, "precision {precision:.3}, wrong: {wrong:#?}");
}

/// What a recording keeps of a secret is told as the secret was, so that a replay gives the
/// same findings.
#[test]
fn specimens_in_recordings_are_told_as_the_secrets_were() {
    let mut problems = Vec::new();
    for specimen in specimens().iter().filter(|specimen| specimen.is_secret) {
        let Some(found) = classify(&specimen.name, &specimen.value) else { continue };
        let scrubbed = scrub(&specimen.name, &specimen.value, |secret| format!("seed of {secret}"));
        let scrubbed = scrubbed.unwrap_or_default();
        let again = classify(&specimen.name, &scrubbed);
        let is_same = again.is_some_and(|again| (again.kind, again.is_weak) == (found.kind, found.is_weak));
        if !is_same || scrubbed.contains(found.secret) {
            problems.push(format!("line {}: {} as {}: {again:?}", specimen.line, specimen.name, found.kind));
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

/// Recordings keep less of a value: what is no secret in it goes, too.
#[test]
fn disguises_are_told_as_the_values_were_and_say_nothing() {
    let seed = |secret: &str| format!("seed of {secret}");
    let mut problems = Vec::new();
    for Specimen { line, name, value, .. } in specimens() {
        let told = |value: &str| in_value(&name, value).map(|found| (found.kind, found.is_weak));
        let disguised = disguise(&name, &value, &seed);
        if told(&disguised) != told(&value) {
            problems.push(format!("line {line}: {name} is {:?}, then {:?}", told(&value), told(&disguised)));
        }
        let secret = in_value(&name, &value).filter(|found| !found.is_weak);
        if secret.is_some_and(|found| disguised.contains(found.secret)) {
            problems.push(format!("line {line}: {name} still has its secret"));
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn disguised_commands_are_told_as_they_were() {
    let seed = |secret: &str| format!("seed of {secret}");
    let secret = "Vf9kQ2mZx7Lp4Tr8";
    let commands: &[&[&str]] = &[
        &["curl", "-fu", "acme:Vf9kQ2mZx7Lp4Tr8", "http://acme.internal/health"],
        &["CMD-SHELL", "curl -sf -u acme:Vf9kQ2mZx7Lp4Tr8 http://localhost:8080/acme || exit 1"],
        &["CMD-SHELL", "mysqladmin ping -h acme -pVf9kQ2mZx7Lp4Tr8"],
        &["sh", "-c", "PGPASSWORD=Vf9kQ2mZx7Lp4Tr8 psql -h acme -U acme"],
        &["serve", "--tenant", "acme", "--db-password", "Vf9kQ2mZx7Lp4Tr8", "--port=8080"],
        &["java", "-Dspring.datasource.password=Vf9kQ2mZx7Lp4Tr8", "-jar", "acme.jar"],
        &["run", "postgres://acme:Vf9kQ2mZx7Lp4Tr8@acme/acme"],
        &["curl", "-H", "Authorization: Bearer Vf9kQ2mZx7Lp4Tr8Vf9k", "https://acme.example.com"],
        &["node", "acme.js", "--verbose"],
        &["NONE"],
    ];
    for command in commands {
        let disguised = disguise_arguments(command, &seed);
        let arguments: Vec<&str> = disguised.iter().map(String::as_str).collect();
        let told = |arguments: &[&str]| -> Vec<(String, &'static str, bool)> {
            let found = scan_arguments(arguments);
            found.iter().map(|found| (found.name.clone(), found.secret.kind, found.secret.is_weak)).collect()
        };
        assert_eq!(told(&arguments), told(command), "{disguised:?}");
        let said = disguised.join(" ");
        assert!(!said.contains(secret) && !said.contains("acme"), "{said}");
        assert_eq!(disguised[0], command[0], "programs and words of ECS stay");
    }
}
