//! What variables and the AWS configuration files say about how AWS is reached: profile, credentials,
//! region, proxies, trusted certificates. They are read as the AWS CLI reads them, from what is handed in:
//! nothing here asks for a variable or a file by itself.

mod file;
pub mod network;
mod problem;
mod shell;
pub mod source;

pub use problem::SharedConfigError;

use file::Sections;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The keys and values of a profile.
pub type ProfileValues = BTreeMap<String, String>;

/// Where variables and files come from.
pub struct HostEnvironment<'a> {
    /// The variable of a name, where it is set and is text.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// The bytes of a file; `None` where there is no regular file of this name.
    pub read: &'a ReadFile<'a>,
}

/// Reads a file; the error says why one that is there cannot be read.
pub type ReadFile<'a> = dyn Fn(&Path) -> Result<Option<Vec<u8>>, String> + 'a;

impl HostEnvironment<'_> {
    /// A path as it is written in a variable: with `~` and the variables that it names.
    pub fn expand(&self, path: &str) -> PathBuf {
        let path = shell::expand_variables(path, self.variable);
        match (path.strip_prefix('~'), (self.variable)("HOME")) {
            (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => {
                PathBuf::from(format!("{}{rest}", home.trim_end_matches('/')))
            }
            _ => PathBuf::from(path),
        }
    }
}

/// The AWS configuration, with the profile that was chosen.
#[derive(Debug, Clone)]
pub struct SharedConfig {
    /// The profile's name; `default` where none is named.
    pub profile: String,
    /// Whether the profile is named by a flag or a setting: variables with credentials do not count then.
    pub is_explicit: bool,
    /// The configuration file and the credentials file, there or not.
    pub files: [PathBuf; 2],
    /// Every profile, its values of both files together.
    profiles: BTreeMap<String, ProfileValues>,
    /// The profiles of the configuration file alone.
    config_profiles: BTreeMap<String, ProfileValues>,
    /// The sections of the credentials file alone.
    credentials_profiles: BTreeMap<String, ProfileValues>,
    sso_sessions: BTreeMap<String, ProfileValues>,
    services: BTreeMap<String, ProfileValues>,
}

impl SharedConfig {
    /// Reads both files and chooses the profile: the one that is named, that of AWS_DEFAULT_PROFILE or
    /// AWS_PROFILE, or `default`.
    ///
    /// # Errors
    /// A file has a mistake, or a profile that is named does not exist.
    pub fn read(
        named: Option<&str>,
        around: &HostEnvironment<'_>,
    ) -> Result<SharedConfig, SharedConfigError> {
        let path = |variable: &str, usual: &str| {
            around.expand((around.variable)(variable).as_deref().unwrap_or(usual))
        };
        let files = [
            path("AWS_CONFIG_FILE", "~/.aws/config"),
            path("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"),
        ];
        let [config, credentials] = [sections(&files[0], around)?, sections(&files[1], around)?];
        let mut shared = SharedConfig {
            profile: "default".to_owned(),
            is_explicit: named.is_some(),
            files,
            profiles: BTreeMap::new(),
            config_profiles: BTreeMap::new(),
            credentials_profiles: BTreeMap::new(),
            sso_sessions: BTreeMap::new(),
            services: BTreeMap::new(),
        };
        for (section, values) in config {
            // Of two sections with one meaning, as [default] and [profile default], the later one counts.
            let place = match section.as_str() {
                "default" => Some((&mut shared.config_profiles, "default".to_owned())),
                _ if section.starts_with("profile") => {
                    second_word(&section).map(|name| (&mut shared.config_profiles, name))
                }
                _ if section.starts_with("sso-session") => {
                    second_word(&section).map(|name| (&mut shared.sso_sessions, name))
                }
                _ if section.starts_with("services") => {
                    second_word(&section).map(|name| (&mut shared.services, name))
                }
                _ => None,
            };
            if let Some((kind, name)) = place {
                kind.insert(name, values);
            }
        }
        shared.profiles.clone_from(&shared.config_profiles);
        for (name, values) in credentials {
            shared.profiles.entry(name.clone()).or_default().extend(values.clone());
            shared.credentials_profiles.insert(name, values);
        }
        shared.choose(named, around)?;
        Ok(shared)
    }

    fn choose(&mut self, named: Option<&str>, around: &HostEnvironment<'_>) -> Result<(), SharedConfigError> {
        let of_variable = ["AWS_DEFAULT_PROFILE", "AWS_PROFILE"]
            .into_iter()
            .find_map(|name| Some((Some(name), (around.variable)(name)?)));
        let Some((variable, name)) = named.map(|name| (None, name.to_owned())).or(of_variable) else {
            return Ok(());
        };
        if !self.profiles.contains_key(&name) {
            return Err(SharedConfigError::UnknownProfile {
                profile: name,
                variable,
                files: self.files.clone(),
                known: self.profiles.keys().cloned().collect(),
            });
        }
        self.profile = name;
        Ok(())
    }

    fn values(&self, profile: &str) -> Option<&ProfileValues> {
        self.profiles.get(profile)
    }

    /// What the chosen profile says about a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.values(&self.profile)?.get(key).map(String::as_str)
    }

    /// The region of the variables or of the chosen profile.
    pub fn region(&self, around: &HostEnvironment<'_>) -> Option<String> {
        let variable = |name| (around.variable)(name).filter(|value| !value.is_empty());
        let of_profile = || self.get("region").filter(|region| !region.is_empty()).map(str::to_owned);
        variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION")).or_else(of_profile)
    }

    /// Everything about the chosen profile that is no credential, in the form of a configuration file with
    /// the one profile `default`: settings of the SDK, and the addresses of services. The lines of `first` come
    /// before them.
    ///
    /// # Errors
    /// The profile names a section of services that does not exist.
    pub fn settings(&self, first: &str) -> Result<String, SharedConfigError> {
        let mut text = format!("[default]\n{first}");
        for (key, value) in self.values(&self.profile).into_iter().flatten() {
            let is_plain = value.lines().count() == 1 && is_word(key);
            if is_plain && !source::is_about_credentials(key) && key != "services" {
                text.push_str(&format!("{key} = {value}\n"));
            }
        }
        if let Some(name) = self.get("services") {
            let Some(services) = self.services.get(name) else {
                return Err(SharedConfigError::UnknownServices {
                    profile: self.profile.clone(),
                    services: name.to_owned(),
                    file: self.files[0].clone(),
                });
            };
            text.push_str("services = all\n[services all]\n");
            for (service, lines) in services.iter().filter(|(service, _)| is_word(service)) {
                text.push_str(&format!("{service} =\n"));
                for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
                    text.push_str(&format!("  {line}\n"));
                }
            }
        }
        Ok(text)
    }
}

fn is_word(key: &str) -> bool {
    key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

fn second_word(section: &str) -> Option<String> {
    match <[String; 2]>::try_from(shell::split(section)?) {
        Ok([_, name]) => Some(name),
        Err(_) => None,
    }
}

fn sections(path: &Path, around: &HostEnvironment<'_>) -> Result<Sections, SharedConfigError> {
    let unreadable = |reason| SharedConfigError::UnreadableFile { file: path.to_owned(), reason };
    let Some(bytes) = (around.read)(path).map_err(unreadable)? else {
        return Ok(Sections::new());
    };
    match String::from_utf8(bytes) {
        Ok(text) => file::read(path, &text),
        Err(error) => {
            let before = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            Err(SharedConfigError::Line { file: path.to_owned(), line, mistake: problem::Mistake::NotText })
        }
    }
}

#[cfg(test)]
mod tests;
