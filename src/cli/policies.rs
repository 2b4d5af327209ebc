//! `tenken policies`.

use super::arguments::Policies;
use super::{Failure, complain, language, print};
use std::path::Path;
use tenken::run;
use tenken::text::{Lang, pad};

/// Carries out a command about policies.
pub(crate) fn run(command: &Policies) -> Result<u8, Failure> {
    match command {
        Policies::List { place, lang } => list(place.policies.as_deref(), language(*lang)),
        Policies::Show { id, place } => show(id, place.policies.as_deref()),
        Policies::Test { folder } => test(folder.as_deref()),
        Policies::New { id, folder, pillar } => new(id, folder, pillar),
    }
}

fn list(folder: Option<&Path>, lang: Lang) -> Result<u8, Failure> {
    let set = run::policies(folder, &[])?;
    let longest = set.policies.iter().map(|policy| policy.id.len()).max().unwrap_or_default();
    let mut text = String::new();
    for policy in &set.policies {
        let title = lang.pick(&policy.title.en, &policy.title.ja);
        let severity = pad(policy.severity.as_str(), 8);
        let pillar = pad(policy.pillar.as_str(), 11);
        text.push_str(&format!("{}  {severity}  {pillar}  {title}\n", pad(&policy.id, longest)));
    }
    print(&text)?;
    Ok(run::EXIT_CLEAN)
}

fn show(id: &str, folder: Option<&Path>) -> Result<u8, Failure> {
    let set = run::policies(folder, &[id.to_owned()])?;
    if let Some(policy) = set.policies.first() {
        print(&policy.source)?;
    }
    Ok(run::EXIT_CLEAN)
}

fn test(folder: Option<&Path>) -> Result<u8, Failure> {
    let (policies, examples) = run::guide::test_policies(folder)?;
    print(&match language(None) {
        Lang::En => {
            format!("{policies} policies are valid; all {examples} examples give the expected verdict.\n")
        }
        Lang::Ja => format!("ポリシー {policies} 件に誤りはなく、例 {examples} 件はすべて期待どおり。\n"),
    })?;
    Ok(run::EXIT_CLEAN)
}

fn new(id: &str, folder: &Path, pillar: &str) -> Result<u8, Failure> {
    let path = run::guide::new_policy(id, folder, pillar)?;
    let (path, folder) = (path.display(), folder.display());
    complain(&match language(None) {
        Lang::En => format!("Wrote {path}. Fill it in, then run: tenken policies test {folder}\n"),
        Lang::Ja => {
            format!("{path} を作成した。内容を記入し、次を実行する: tenken policies test {folder}\n")
        }
    });
    Ok(run::EXIT_CLEAN)
}
