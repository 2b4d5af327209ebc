//! Every file and object that a command reads and writes, compared before anything is read or
//! written: none of them may destroy another.

use crate::config::{FILE_NAME, Place, S3Place};
use crate::files::FileIdentity;
use crate::recording;
use crate::text::{Explained, Text, quoted};
use std::path::{Path, PathBuf};

/// Where a history is kept if nobody says otherwise.
pub const HISTORY_FILE: &str = ".tenken/history.json";

/// The file of a history: that of this name, or `history.json` in a folder of this name. A name
/// that ends as folders' names do is a folder's, also where there is none yet.
pub fn history_file(path: &Path) -> PathBuf {
    let is_folder = path.is_dir() || path.to_string_lossy().ends_with(std::path::is_separator);
    if is_folder { path.join("history.json") } else { path.to_owned() }
}

/// The endings of the files of a folder that are read as policies.
const POLICY_ENDINGS: &[&str] = &["yaml", "yml"];

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

impl PlaceName {
    fn text(self) -> Text {
        match self {
            PlaceName::Flag(name) | PlaceName::Argument(name) | PlaceName::Variable(name) => Text::same(name),
            PlaceName::Key(name) => {
                Text::new(format!("{name} ({FILE_NAME})"), format!("{name}（{FILE_NAME}）"))
            }
            PlaceName::Default(name) => Text::new(format!("{name} (default)"), format!("{name}（既定値）")),
        }
    }
}

/// What is written at one place would destroy what is read or written there otherwise.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.what().en)]
pub struct SamePlace {
    /// What names it.
    first: PlaceName,
    /// What names it as well.
    second: PlaceName,
    /// The file, or the object in S3.
    place: String,
}

impl Explained for SamePlace {
    fn what(&self) -> Text {
        let place = quoted(&self.place);
        let (first, second) = (self.first.text(), self.second.text());
        Text::new(
            format!(
                "use {place} for both {} and {}: one would destroy the other; name two places. Nothing was changed",
                first.en, second.en
            ),
            format!(
                "{} と {} がどちらも {place} を指している。一方が他方を上書きするため、別の場所を指定する。何も変更していない。",
                first.ja, second.ja
            ),
        )
    }
}

/// What is at a place, and what is done there.
#[derive(Debug, Clone)]
enum PlaceUse {
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
    used: PlaceUse,
}

/// The places that a command uses.
#[derive(Debug, Clone, Default)]
pub struct Places(Vec<UsedPlace>);

impl Places {
    /// A file that is read.
    pub fn reads(&mut self, name: PlaceName, path: &Path) {
        self.file(name, path, PlaceUse::Reads);
    }

    /// A recorded account, of which every file is read.
    pub fn reads_recording(&mut self, name: PlaceName, folder: &Path) {
        for folder in recording::account_folders(folder) {
            self.file(name, &folder, PlaceUse::ReadsFolder);
        }
    }

    /// A folder of policies.
    pub fn reads_policies(&mut self, name: PlaceName, path: &Path) {
        self.file(name, path, PlaceUse::ReadsPolicies);
    }

    /// A file that is written.
    pub fn writes(&mut self, name: PlaceName, path: &Path) {
        self.file(name, path, PlaceUse::Writes);
    }

    /// A file or an object that is read.
    pub fn reads_place(&mut self, name: PlaceName, place: &Place) {
        match place {
            Place::File(path) => self.reads(name, &history_file(path)),
            Place::S3(place) => self.object(name, place, PlaceUse::ReadsObject),
        }
    }

    /// A history that a run is taken into, with the lock beside it.
    pub fn keeps_history(&mut self, name: PlaceName, place: &Place) {
        match place {
            Place::S3(place) => self.object(name, place, PlaceUse::WritesObject),
            Place::File(path) => {
                let path = history_file(path);
                let target = crate::files::target_of(&path);
                let file_name = target.file_name().unwrap_or_default();
                let mut lock = file_name.to_owned();
                lock.push(".lock");
                self.writes(name, &target.with_file_name(lock));
                self.writes(name, &path);
            }
        }
    }

    /// The objects of a run, whose keys begin so.
    pub fn writes_objects(&mut self, name: PlaceName, prefix: &S3Place) {
        self.object(name, prefix, PlaceUse::WritesObjects);
    }

    /// Whether no place that is written is used in another way as well.
    ///
    /// # Errors
    /// Two that are one.
    pub fn check(&self) -> Result<(), SamePlace> {
        for (index, one) in self.0.iter().enumerate() {
            let others = self.0.iter().skip(index + 1);
            for other in others.filter(|other| other.name != one.name) {
                if one.used.destroys(&other.used) || other.used.destroys(&one.used) {
                    return Err(SamePlace {
                        first: one.name,
                        second: other.name,
                        place: other.shown.clone(),
                    });
                }
            }
        }
        Ok(())
    }

    fn file(&mut self, name: PlaceName, path: &Path, used: impl Fn(FileIdentity) -> PlaceUse) {
        let shown = path.display().to_string();
        self.0.push(UsedPlace { name, shown, used: used(FileIdentity::of(path)) });
    }

    fn object(&mut self, name: PlaceName, place: &S3Place, used: impl Fn(S3Place) -> PlaceUse) {
        self.0.push(UsedPlace { name, shown: place.to_string(), used: used(place.clone()) });
    }
}

impl PlaceUse {
    // Whether writing here changes what is there.
    fn destroys(&self, other: &PlaceUse) -> bool {
        match (self, other) {
            (PlaceUse::Writes(file), PlaceUse::Reads(other) | PlaceUse::Writes(other)) => file.is(other),
            (PlaceUse::Writes(file), PlaceUse::ReadsFolder(folder)) => {
                file.is(folder) || file.is_in(folder) || folder.leads_to(file, &[])
            }
            (PlaceUse::Writes(file), PlaceUse::ReadsPolicies(folder)) => {
                file.is(folder)
                    || (file.is_in(folder) && file.has_ending(POLICY_ENDINGS))
                    || folder.leads_to(file, POLICY_ENDINGS)
            }
            (
                PlaceUse::WritesObject(object),
                PlaceUse::ReadsObject(other) | PlaceUse::WritesObject(other),
            ) => object == other,
            // The rest of the name is made of the account and the time of the run.
            (
                PlaceUse::WritesObjects(prefix),
                PlaceUse::ReadsObject(other) | PlaceUse::WritesObject(other),
            ) => {
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

    fn object(place: &str) -> Place {
        place.parse().unwrap()
    }

    fn complaint(places: &Places) -> String {
        places.check().unwrap_err().to_string()
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
            places.writes_objects(PlaceName::Flag("--output"), &S3Place::prefix(prefix).unwrap());
            assert_eq!(places.check().is_err(), is_one, "{config} {history} {prefix}");
        }
    }

    #[test]
    fn nothing_is_written_into_a_recording() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("mock")).unwrap();
        let account = "account = \"123456789012\"\nregions = []\ntaken_at = \"2026-11-23T03:00:00Z\"\n\
                       fingerprint_key = \"k\"\nanswers = \"../answers\"\n";
        std::fs::write(at("mock/account.toml"), account).unwrap();
        for (output, is_one) in [
            (at("answers/eu-west-1/rds/new.xml"), true),
            (at("mock/account.toml"), true),
            (at("mock/eu-west-1/rds/new.xml"), true),
            (at("mock"), true),
            (at("mock.json"), false),
            (PathBuf::from("/dev/null"), false),
        ] {
            let mut places = Places::default();
            places.reads_recording(PlaceName::Flag("--replay"), &at("mock"));
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
