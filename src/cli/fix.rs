//! `tenken fix`.

use super::arguments::Fix;
use super::scan::{check_writable, take};
use super::{Failure, language, print};
use tenken::fix::{Choice, FORMATS, choose, render};
use tenken::report::{Asked, Format};
use tenken::run;
use tenken::text::Explained;

/// Writes the work; gives the exit code.
pub fn fix(arguments: &Fix) -> Result<u8, Failure> {
    // Everything that can be refused is refused before AWS is asked.
    let configured = run::configure(&arguments.config.place(), arguments.policies.as_deref(), &[])?;
    let lang = language(arguments.lang.or(configured.config.settings.lang));
    let asked = Asked { format: arguments.format.as_deref(), output: arguments.output.as_deref() };
    let format = Format::choose(&[asked], FORMATS)?;
    if let Some(path) = &arguments.output {
        check_writable(path)?;
    }
    let snapshot = take(&arguments.source, configured.config.settings.clone())?;
    let mut judged = run::judge(&snapshot, &configured.policies);
    run::accept(&mut judged, &configured.config);
    let choice = Choice {
        findings: arguments.findings.clone(),
        policies: arguments.chosen.clone(),
        resources: arguments.resources.clone(),
        options: arguments.options.clone(),
    };
    let fixes = choose(&judged, &choice).map_err(|error| Failure::said(error.message(lang)))?;
    let text = render(&judged, &fixes, format, lang);
    match &arguments.output {
        Some(path) => std::fs::write(path, text).map_err(|error| Failure::unwritten(path, &error))?,
        None => print(&text)?,
    }
    Ok(run::EXIT_CLEAN)
}
