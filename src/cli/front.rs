//! What every command about an account begins and ends with: the configuration, the snapshot, and
//! the place that its document goes to.

use super::arguments::{ConfigFile, SourceFlags};
use super::{Failure, columns, is_coloured, language};
use std::path::{Path, PathBuf};
#[cfg(feature = "aws")]
use std::sync::Arc;
use tenken::config::Settings;
use tenken::deliver::Access;
use tenken::report::{AskedFormat, Look};
use tenken::run::clock::SystemClock;
use tenken::run::places::{PlaceName, Places};
use tenken::run::{self, Configured, FILE_COLUMNS, Machine, SnapshotSource, World};
use tenken::snapshot::Snapshot;
use tenken::text::{Explained, Lang};

/// What a command goes by.
pub(crate) struct Front {
    /// The configuration and the policies.
    pub configured: Configured,
    /// The language of what it says.
    pub lang: Lang,
}

impl Front {
    /// Reads the configuration and the policies. A folder, policies and a language that are given
    /// here win over those of the configuration.
    pub(crate) fn new(
        config: &ConfigFile,
        folder: Option<&Path>,
        chosen: &[String],
        lang: Option<Lang>,
    ) -> Result<Front, Failure> {
        let configured = run::configure(&config.place(), folder, chosen)?;
        let lang = language(lang.or(configured.config.settings.lang));
        Ok(Front { configured, lang })
    }

    /// The configuration's settings.
    pub(crate) fn file(&self) -> &Settings {
        &self.configured.config.settings
    }

    /// What the command reads so far.
    pub(crate) fn places(&self, source: &SourceFlags) -> Places {
        let mut places = self.configured.places.clone();
        match source.place() {
            SnapshotSource::Live => {}
            SnapshotSource::Recorded(folder) => places.reads_recording(PlaceName::Flag("--replay"), &folder),
            SnapshotSource::Saved(path) => places.reads(PlaceName::Flag("--snapshot"), &path),
        }
        places
    }

    /// What the account answered.
    pub(crate) fn snapshot(&self, source: &SourceFlags) -> Result<Snapshot, Failure> {
        let place = source.place();
        let connection = connection(&place, source.connection(), self.file())?;
        Ok(machine(Access::default(), self.lang).snapshot(&place, &connection, None)?)
    }
}

/// What was said on the command line about which account, and by what it is judged: what another
/// command has to be told to look at the same.
pub(crate) struct AccountFlags<'f> {
    /// Where the snapshot comes from.
    pub source: SnapshotSource,
    /// What flags say of the account.
    pub connection: Settings,
    /// The folder of policies.
    pub policies: Option<&'f Path>,
    /// The configuration.
    pub config: &'f ConfigFile,
    /// The language.
    pub lang: Option<Lang>,
}

impl AccountFlags<'_> {
    /// The flags, a word each.
    pub(crate) fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        let mut flag = |name: &str, value: Option<String>| {
            words.extend(value.into_iter().flat_map(|value| [name.to_owned(), value]));
        };
        let path = |path: &Path| Some(path.display().to_string());
        match &self.source {
            SnapshotSource::Saved(file) => flag("--snapshot", path(file)),
            SnapshotSource::Recorded(folder) => flag("--replay", path(folder)),
            SnapshotSource::Live => {
                let of = &self.connection;
                of.regions.iter().flatten().for_each(|region| flag("--region", Some(region.clone())));
                flag("--profile", of.profile.clone());
                flag("--role-arn", of.role_arn.clone());
                flag("--external-id", of.external_id.clone());
                flag("--endpoint-url", of.endpoint_url.clone());
            }
        }
        flag("--policies", self.policies.and_then(path));
        flag("--config", self.config.config.as_deref().and_then(path));
        flag("--lang", self.lang.map(|lang| lang.to_string()));
        if self.config.no_config {
            words.push("--no-config".to_owned());
        }
        words
    }
}

/// Which account, and how to reach it: what flags say, and what the file says where they are
/// silent. A recorded account has its own regions and needs neither profile nor role.
pub(crate) fn connection(
    source: &SnapshotSource,
    flags: Settings,
    file: &Settings,
) -> Result<Settings, Failure> {
    let file = file.clone();
    let settings = match source {
        SnapshotSource::Saved(_) => return Ok(flags.or(file)),
        SnapshotSource::Recorded(_) => flags.or(file.without_connection()),
        SnapshotSource::Live => flags.or(file),
    };
    check_role(&settings)?;
    Ok(settings)
}

// Nobody would ask for an external id without a role.
fn check_role(settings: &Settings) -> Result<(), Failure> {
    if settings.external_id.is_some() && settings.role_arn.is_none() {
        return Err(Failure::new(
            "an external ID requires a role; name it with --role-arn ARN",
            "外部 ID はロールとともに使う。--role-arn でロールの ARN を指定する。",
        ));
    }
    Ok(())
}

/// This machine, with a line on the terminal while AWS is asked.
pub(crate) fn machine(access: Access, lang: Lang) -> Machine {
    let machine = Machine::new(SystemClock::start(), access);
    #[cfg(feature = "aws")]
    let machine = machine.with_progress(move || Arc::new(super::progress::ProgressLine::start(lang)));
    #[cfg(not(feature = "aws"))]
    let _ = lang;
    machine
}

/// What flags say of the format.
pub(crate) fn asked<'a>(format: &'a Option<String>, output: &'a Option<PathBuf>) -> AskedFormat<'a> {
    AskedFormat { format: format.as_deref(), output: output.as_deref() }
}

/// What the document of a command is written on: a file, or standard output.
pub(crate) struct Paper {
    file: Option<PathBuf>,
    /// How it looks there.
    pub look: Look,
}

impl Paper {
    /// The paper, if it can be written on and is none of the places that the command uses otherwise:
    /// this is asked before AWS is.
    pub(crate) fn new(file: Option<&PathBuf>, lang: Lang, mut places: Places) -> Result<Paper, Failure> {
        if let Some(path) = file {
            places.writes(PlaceName::Flag("--output"), path);
        }
        places.check().map_err(|error| Failure::said(error.message(lang)))?;
        let look = match file {
            Some(path) => {
                run::check_file(path)?;
                Look { lang, width: FILE_COLUMNS, colour: false }
            }
            None => Look { lang, width: columns(), colour: is_coloured() },
        };
        Ok(Paper { file: file.cloned(), look })
    }

    /// Writes the document.
    pub(crate) fn write(&self, bytes: &[u8]) -> Result<(), Failure> {
        match &self.file {
            Some(path) => run::write_file(path, bytes)?,
            None => run::print(bytes)?,
        }
        Ok(())
    }
}
