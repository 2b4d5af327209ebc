//! Which policies a run judges by, and everything else that `tenken.toml` says.

use super::RunError;
use super::places::{PlaceName, Places};
use crate::config::written::{self, Written};
use crate::config::{Config, ConfigError, FILE_NAME};
use crate::files::{self, MOST_WRITTEN};
use crate::policy::PolicySet;
use crate::text::Explained;
use std::path::{Path, PathBuf};

/// Where the configuration is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ConfigPlace {
    /// `tenken.toml` of the working directory, if it is there.
    #[default]
    WorkingDirectory,
    /// This file, which must be there.
    File(PathBuf),
    /// This text, which was read elsewhere.
    Text {
        /// Where it was read, for messages.
        name: String,
        /// The file.
        contents: String,
    },
    /// There is none.
    Nowhere,
}

/// Policies, with the configuration's parameters in them, and the configuration.
#[derive(Debug, Clone, Default)]
pub struct Configured {
    /// The policies to judge by.
    pub policies: PolicySet,
    /// The configuration; empty where there is none.
    pub config: Config,
    /// Where both were read.
    pub places: Places,
}

/// Reads the configuration and the policies. A folder and a choice of policies that are
/// given here win over those of the configuration.
///
/// # Errors
/// Every problem of the configuration and of the policies.
pub fn configure(
    place: &ConfigPlace,
    folder: Option<&Path>,
    chosen: &[String],
) -> Result<Configured, RunError> {
    let mut places = Places::default();
    let written = read(place, &mut places)?.unwrap_or_default();
    let name = match folder {
        Some(_) => PlaceName::Flag("--policies"),
        None => PlaceName::Key("policies_folder"),
    };
    let folder = folder.map(Path::to_path_buf).or_else(|| written.policies_folder());
    if let Some(folder) = &folder {
        places.reads_policies(name, folder);
    }
    let mut policies = match policies(folder.as_deref(), &[]) {
        Ok(policies) => policies,
        Err(error) => return Err(with_problems(written, error)),
    };
    let config = Config::new(&written, &policies)?;
    for (id, values) in &config.parameters {
        policies.set_parameters(id, values)?;
    }
    let chosen = match &config.settings.only_policies {
        Some(only) if chosen.is_empty() => only,
        _ => chosen,
    };
    Ok(Configured { policies: choose(policies, chosen)?, config, places })
}

/// The policies of a run: those built in, those of a folder, or a choice of them.
///
/// # Errors
/// A file of the folder has problems, or a chosen policy does not exist.
pub fn policies(folder: Option<&Path>, chosen: &[String]) -> Result<PolicySet, RunError> {
    let set = match folder {
        Some(folder) => PolicySet::with_folder(folder)?,
        None => PolicySet::embedded()?,
    };
    choose(set, chosen)
}

fn choose(mut set: PolicySet, chosen: &[String]) -> Result<PolicySet, RunError> {
    for id in chosen {
        set.named(id)?;
    }
    if !chosen.is_empty() {
        set.policies.retain(|policy| chosen.contains(&policy.id));
    }
    Ok(set)
}

fn read(place: &ConfigPlace, places: &mut Places) -> Result<Option<Written>, RunError> {
    let (name, path) = match place {
        ConfigPlace::Nowhere => return Ok(None),
        ConfigPlace::Text { name, contents } => {
            if let Ok(object) = name.parse() {
                places.reads_place(PlaceName::Variable("TENKEN_CONFIG"), &object);
            }
            let contents = contents.strip_prefix('\u{feff}').unwrap_or(contents);
            return Ok(Some(written::read(name, contents)));
        }
        ConfigPlace::File(path) => (PlaceName::Flag("--config"), path.as_path()),
        ConfigPlace::WorkingDirectory => (PlaceName::Default("--config"), Path::new(FILE_NAME)),
    };
    // Also where there is none yet: a report would be read as one the next time.
    places.reads(name, path);
    match files::read_text(path, MOST_WRITTEN) {
        Ok(text) => Ok(Some(written::read(&path.display().to_string(), &text))),
        Err(error) if *place == ConfigPlace::WorkingDirectory && error.is_missing() => Ok(None),
        Err(error) => Err(RunError::ConfigFile { path: path.to_owned(), reason: error.what() }),
    }
}

// Nobody should mend the policies first to learn of the configuration's problems.
fn with_problems(written: Written, error: RunError) -> RunError {
    match error {
        RunError::Policies(error) if !written.problems.is_empty() => {
            let mut problems = written.problems;
            problems.extend(error.problems);
            RunError::Config(ConfigError { problems })
        }
        error => error,
    }
}
