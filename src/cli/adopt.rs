//! `tenken adopt`.

use super::Failure;
use super::arguments::AdoptFlags;
use super::front::{Front, Paper};
use tenken::adopt::{AdoptionChoice, adopt as adoption};
use tenken::price::PriceTable;
use tenken::run;
use tenken::text::Explained;

/// Writes the blocks; gives the exit code.
pub(crate) fn adopt(arguments: &AdoptFlags) -> Result<u8, Failure> {
    let front = Front::new(&arguments.config, arguments.policies.as_deref(), &[], arguments.lang)?;
    let lang = front.lang;
    let paper = Paper::new(None, lang, front.places(&arguments.source))?;
    let snapshot = front.snapshot(&arguments.source)?;
    let (judged, _) = run::judge_configured(&snapshot, &front.configured, PriceTable::embedded());
    let choice = AdoptionChoice {
        policies: arguments.chosen.clone(),
        resources: arguments.resources.clone(),
        is_everything: arguments.all,
        includes_managed: arguments.include_managed,
    };
    let adopted =
        adoption(&judged, &snapshot, &choice, lang).map_err(|error| Failure::said(error.message(lang)))?;
    let Some(folder) = &arguments.output_dir else {
        paper.write(adopted.one_text().as_bytes())?;
        return Ok(run::EXIT_CLEAN);
    };
    let mut files: Vec<(&str, &str)> = vec![(&adopted.provider.name, &adopted.provider.text)];
    files.extend(adopted.files.iter().map(|file| (file.name.as_str(), file.text.as_str())));
    run::write_new_files(folder, &files)?;
    let mut about = adopted.about.join("\n");
    for (name, _) in files {
        about.push_str(&format!("\n{}", folder.join(name).display()));
    }
    about.push('\n');
    paper.write(about.as_bytes())?;
    Ok(run::EXIT_CLEAN)
}
