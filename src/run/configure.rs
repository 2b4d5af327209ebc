//! Which policies a run judges by, and everything else that `tenken.toml` says.

use super::RunError;
use crate::config::written::{self, Written};
use crate::config::{Config, ConfigError, FILE_NAME};
use crate::policy::PolicySet;
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
    let written = read(place)?.unwrap_or_default();
    let folder = folder.map(Path::to_path_buf).or_else(|| written.policies_folder());
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
    Ok(Configured { policies: choose(policies, chosen)?, config })
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

fn read(place: &ConfigPlace) -> Result<Option<Written>, RunError> {
    let path = match place {
        ConfigPlace::Nowhere => return Ok(None),
        ConfigPlace::Text { name, contents } => return Ok(Some(written::read(name, contents))),
        ConfigPlace::File(path) => path.as_path(),
        ConfigPlace::WorkingDirectory => Path::new(FILE_NAME),
    };
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(written::read(&path.display().to_string(), &text))),
        Err(error)
            if *place == ConfigPlace::WorkingDirectory && error.kind() == std::io::ErrorKind::NotFound =>
        {
            Ok(None)
        }
        Err(error) => Err(RunError::ConfigFile { path: path.to_owned(), reason: error.to_string() }),
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
