//! Every file and object that a command reads and writes, compared before anything is read or
//! written: none of them may destroy another.

use super::compare::history_file;
use super::{Destination, Output, RunError};
use crate::config::{Place, S3Place};
use crate::files::FileIdentity;
use std::fmt;
use std::path::Path;

/// What names a place, for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceName {
    /// A flag, with its dashes.
    Flag(&'static str),
    /// A key of the configuration.
    Key(&'static str),
    /// What stands behind the command without a flag.
    Argument(&'static str),
    /// What a command uses where nobody says anything.
    Default(&'static str),
    /// A variable of the function.
    Variable(&'static str),
}

impl fmt::Display for PlaceName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PlaceName::Flag(name) | PlaceName::Argument(name) | PlaceName::Variable(name) => {
                write!(formatter, "{name}")
            }
            PlaceName::Key(name) => write!(formatter, "{name} (tenken.toml)"),
            PlaceName::Default(name) => write!(formatter, "{name} (default)"),
        }
    }
}

/// What is at a place, and what is done there.
#[derive(Debug, Clone)]
enum Use {
    /// A file is read.
    Reads(FileIdentity),
    /// Every file in a folder is read.
    ReadsFolder(FileIdentity),
    /// The policies of a folder are read.
    ReadsPolicies(FileIdentity),
    /// A file is written.
    Writes(FileIdentity),
    /// An object is read.
    ReadsObject(S3Place),
    /// An object is written.
    WritesObject(S3Place),
    /// Objects are written, which begin with this.
    WritesObjects(S3Place),
}

/// A place that a command uses.
#[derive(Debug, Clone)]
struct UsedPlace {
    name: PlaceName,
    /// As it was written.
    shown: String,
    used: Use,
}

/// The places that a command uses.
#[derive(Debug, Clone, Default)]
pub struct Places(Vec<UsedPlace>);

impl Places {
    /// A file that is read.
    pub fn reads(&mut self, name: PlaceName, path: &Path) {
        self.file(name, path, Use::Reads);
    }

    /// A folder of which every file is read.
    pub fn reads_folder(&mut self, name: PlaceName, path: &Path) {
        self.file(name, path, Use::ReadsFolder);
    }

    /// A folder of policies.
    pub fn reads_policies(&mut self, name: PlaceName, path: &Path) {
        self.file(name, path, Use::ReadsPolicies);
    }

    /// A file that is written.
    pub fn writes(&mut self, name: PlaceName, path: &Path) {
        self.file(name, path, Use::Writes);
    }

    /// A file or an object that is read.
    pub fn reads_place(&mut self, name: PlaceName, place: &Place) {
        match place {
            Place::File(path) => self.reads(name, &history_file(path)),
            Place::S3(place) => self.object(name, place, Use::ReadsObject),
        }
    }

    /// A history that a run is taken into, with the files beside it.
    pub fn keeps_history(&mut self, name: PlaceName, place: &Place) {
        match place {
            Place::S3(place) => self.object(name, place, Use::WritesObject),
            Place::File(path) => {
                let path = history_file(path);
                let target = crate::files::target_of(&path);
                let file_name = target.file_name().unwrap_or_default();
                for ending in [".lock", ".tmp"] {
                    let mut beside = file_name.to_owned();
                    beside.push(ending);
                    self.writes(name, &target.with_file_name(beside));
                }
                self.writes(name, &path);
            }
        }
    }

    /// What an output writes.
    pub(super) fn writes_output(&mut self, name: PlaceName, output: &Output) {
        match output.destination() {
            Destination::Screen => {}
            Destination::File(path) => self.writes(name, &path),
            Destination::Object(prefix) => self.object(name, &prefix, Use::WritesObjects),
        }
    }

    /// Whether no place that is written is used in another way as well.
    ///
    /// # Errors
    /// Two that are one.
    pub fn check(&self) -> Result<(), RunError> {
        for (index, one) in self.0.iter().enumerate() {
            let others = self.0.iter().skip(index + 1);
            for other in others.filter(|other| other.name != one.name) {
                if one.used.destroys(&other.used) || other.used.destroys(&one.used) {
                    return Err(RunError::OnePlace {
                        first: one.name,
                        second: other.name,
                        place: other.shown.clone(),
                    });
                }
            }
        }
        Ok(())
    }

    fn file(&mut self, name: PlaceName, path: &Path, used: impl Fn(FileIdentity) -> Use) {
        let shown = path.display().to_string();
        self.0.push(UsedPlace { name, shown, used: used(FileIdentity::of(path)) });
    }

    fn object(&mut self, name: PlaceName, place: &S3Place, used: impl Fn(S3Place) -> Use) {
        self.0.push(UsedPlace { name, shown: place.to_string(), used: used(place.clone()) });
    }
}

impl Use {
    // Whether writing here changes what is there.
    fn destroys(&self, other: &Use) -> bool {
        match (self, other) {
            (Use::Writes(file), Use::Reads(other) | Use::Writes(other)) => file.is(other),
            (Use::Writes(file), Use::ReadsFolder(folder)) => file.is(folder) || file.is_in(folder),
            (Use::Writes(file), Use::ReadsPolicies(folder)) => {
                file.is(folder) || (file.is_in(folder) && file.has_ending(&["yaml", "yml"]))
            }
            (Use::WritesObject(object), Use::ReadsObject(other) | Use::WritesObject(other)) => {
                object == other
            }
            // The rest of the name is made of the account and the time of the run.
            (Use::WritesObjects(prefix), Use::ReadsObject(other) | Use::WritesObject(other)) => {
                prefix.bucket == other.bucket && other.key.strip_prefix(&prefix.key).is_some_and(is_of_a_run)
            }
            _ => false,
        }
    }
}

// `123456789012/2026-11-29T030000Z/report.json`, as the objects of a run are called.
fn is_of_a_run(name: &str) -> bool {
    let mut parts = name.split('/');
    let is_account = |part: &str| part.len() == 12 && part.bytes().all(|byte| byte.is_ascii_digit());
    let begins = parts.next().is_some_and(is_account) && parts.next().is_some();
    begins && parts.next().is_some() && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Format;
    use std::path::PathBuf;

    fn object(place: &str) -> Place {
        place.parse().unwrap()
    }

    fn complaint(places: &Places) -> String {
        places.check().unwrap_err().to_string()
    }

    fn reports(prefix: &str) -> Output {
        Output::Folder { formats: vec![Format::Json], prefix: S3Place::prefix(prefix).unwrap() }
    }

    #[test]
    fn objects_are_compared_as_files_are() {
        const CONFIG: PlaceName = PlaceName::Variable("TENKEN_CONFIG");
        const HISTORY: PlaceName = PlaceName::Key("history");
        let run = "s3://b-1/r/123456789012/2026-11-29T030000Z";
        for (config, history, prefix, is_one) in [
            ("s3://b-1/tenken.toml", "s3://b-1/tenken.toml", "s3://b-2/", true),
            ("s3://b-1/tenken.toml", "s3://b-2/tenken.toml", "s3://b-1/", false),
            ("s3://b-1/tenken.toml", "s3://b-1/history.json", "s3://b-1/", false),
            ("s3://b-1/r/tenken.toml", "s3://b-1/r/history.json", "s3://b-1/r/", false),
            ("s3://b-1/c", &format!("{run}/report.json"), "s3://b-1/r", true),
            (&format!("{run}/snapshot.json"), "s3://b-1/h", "s3://b-1/r/", true),
            (&format!("{run}/snapshot.json"), "s3://b-1/h", "s3://b-1/q/", false),
        ] {
            let mut places = Places::default();
            places.reads_place(CONFIG, &object(config));
            places.keeps_history(HISTORY, &object(history));
            places.writes_output(PlaceName::Flag("--output"), &reports(prefix));
            assert_eq!(places.check().is_err(), is_one, "{config} {history} {prefix}");
        }
    }

    #[test]
    fn nothing_is_written_into_a_recording() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for (output, is_one) in [
            (at("mock/account.toml"), true),
            (at("mock/eu-west-1/rds/new.xml"), true),
            (at("mock"), true),
            (at("mock.json"), false),
            (PathBuf::from("/dev/null"), false),
        ] {
            let mut places = Places::default();
            places.reads_folder(PlaceName::Flag("--replay"), &at("mock"));
            places.writes(PlaceName::Flag("--output"), &output);
            assert_eq!(places.check().is_err(), is_one, "{}", output.display());
        }
    }

    #[test]
    fn the_message_names_both_and_the_place() {
        let mut places = Places::default();
        places.reads(PlaceName::Default("--config"), Path::new("tenken.toml"));
        places.writes(PlaceName::Key("output"), Path::new("./tenken.toml"));
        let said = complaint(&places);
        for part in ["--config (default)", "output (tenken.toml)", "./tenken.toml", "Nothing was changed"] {
            assert!(said.contains(part), "{said}");
        }
    }
}
