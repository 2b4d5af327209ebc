//! Files that are replaced in one step: a run that is killed leaves the old one or the new one.
//!
//! The new one is written beside the old one, under a name that tells whose it is, and takes its
//! place. Whoever writes holds a lock of the operating system on it: what is there without one was
//! left by a run that was killed, and the next run that writes the same file removes it. A link
//! stays a link; the file that it leads to is replaced.

use super::identity::target_of;
use crate::digest::sha256;
#[cfg(unix)]
use std::fs::Permissions;
use std::fs::{DirBuilder, File, Metadata, OpenOptions, TryLockError};
use std::io::{Error, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Who may read a file that takes the place of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Its owner alone, whatever was there.
    Private,
    /// Whoever could read the one that was there; of a new one, its owner alone.
    AsBefore,
}

/// Names of files that are being written begin so.
const PREFIX: &str = ".tenken-tmp.";
/// So often another name is tried.
const MOST_ATTEMPTS: usize = 100;

/// Numbers the files that this process writes.
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Replaces a file, or makes it. Pipes and devices take the bytes as they are.
pub(crate) fn replace(path: &Path, bytes: &[u8], mode: Mode) -> std::io::Result<()> {
    let found = std::fs::metadata(path);
    if found.as_ref().is_ok_and(|found| !found.is_file()) {
        return write_into(path, bytes, false);
    }
    let target = target_of(path);
    remove_left_behind(&target);
    let written = write_beside(&target, bytes).and_then(|(temporary, file)| {
        let keeps_mode = || match (&found, mode) {
            (Ok(found), Mode::AsBefore) => give_to_the_same(&file, found),
            _ => Ok(()),
        };
        let moved = keeps_mode().and_then(|()| std::fs::rename(&temporary, &target));
        if moved.is_err() {
            // Best effort: the error that matters is the first one.
            let _ = std::fs::remove_file(&temporary);
        }
        drop(file);
        moved
    });
    match written {
        Ok(()) => {
            sync_folder(&target);
            Ok(())
        }
        // A file may be writable in a folder that is not, or be mounted by itself.
        Err(error) if found.is_ok() && mode == Mode::AsBefore && is_about_the_folder(&error) => {
            write_into(&target, bytes, true)
        }
        Err(error) => Err(error),
    }
}

/// Writes a new file that only its owner can read, into a folder that nobody else uses.
///
/// # Errors
/// The file system said no.
pub fn write_new(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    private().write(true).create(true).truncate(true).open(path)?.write_all(bytes)
}

/// Makes a folder that only its owner can look into, and those above it, where they are missing.
///
/// # Errors
/// The file system said no.
pub fn create_private_folder(path: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.recursive(true).create(path)
}

// The file takes the mode of the one that was there, and its owner and group as far as it may. Where
// it may not have the group, the mode opens it to none: it would be another.
#[cfg(unix)]
fn give_to_the_same(file: &File, found: &Metadata) -> std::io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    let mine = file.metadata()?;
    if mine.uid() != found.uid() {
        // Only root can.
        let _ = fchown(file, Some(found.uid()), None);
    }
    let has_group = mine.gid() == found.gid() || fchown(file, None, Some(found.gid())).is_ok();
    let mode = if has_group { found.mode() } else { found.mode() & !0o070 };
    file.set_permissions(Permissions::from_mode(mode & 0o777))
}

#[cfg(not(unix))]
fn give_to_the_same(file: &File, found: &Metadata) -> std::io::Result<()> {
    file.set_permissions(found.permissions())
}

fn is_about_the_folder(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ResourceBusy | ErrorKind::CrossesDevices)
}

fn write_into(path: &Path, bytes: &[u8], truncates: bool) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).truncate(truncates).open(path)?;
    file.write_all(bytes)?;
    file.flush()
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

// What the names of a file's unfinished successors begin with. Names may have 255 bytes, so that
// there is no room for the file's own.
fn prefix_for(target: &Path) -> String {
    let name = target.file_name().unwrap_or_default();
    format!("{PREFIX}{}.", sha256(name.as_encoded_bytes(), 16))
}

fn write_beside(target: &Path, bytes: &[u8]) -> std::io::Result<(PathBuf, File)> {
    let (temporary, mut file) = create_beside(target)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    match written {
        Ok(()) => Ok((temporary, file)),
        Err(error) => {
            let _ = std::fs::remove_file(&temporary);
            Err(error)
        }
    }
}

fn create_beside(target: &Path) -> std::io::Result<(PathBuf, File)> {
    let prefix = prefix_for(target);
    for _ in 0..MOST_ATTEMPTS {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let temporary = target.with_file_name(format!("{prefix}{}.{number}", std::process::id()));
        match private().write(true).create_new(true).open(&temporary) {
            // Whoever removes what is left may have come upon it before it had its lock.
            Ok(file) if locks(&file) => return Ok((temporary, file)),
            Ok(_) => drop(std::fs::remove_file(&temporary)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(Error::from(ErrorKind::AlreadyExists))
}

// Whether the new file is ours alone. Not every file system has locks; without them, nothing is taken
// for left behind either.
fn locks(file: &File) -> bool {
    !matches!(file.try_lock(), Err(TryLockError::WouldBlock)) && is_named(file)
}

#[cfg(unix)]
fn is_named(file: &File) -> bool {
    use std::os::unix::fs::MetadataExt;
    file.metadata().is_ok_and(|found| found.nlink() > 0)
}

#[cfg(not(unix))]
fn is_named(_file: &File) -> bool {
    true
}

fn remove_left_behind(target: &Path) {
    let prefix = prefix_for(target);
    let entries = std::fs::read_dir(folder_of(target)).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_name().as_encoded_bytes().starts_with(prefix.as_bytes())) {
        let path = entry.path();
        // Opening a pipe could wait for ever; tenken makes none.
        let Ok(file) = std::fs::symlink_metadata(&path).and_then(|found| match found.is_file() {
            true => File::open(&path),
            false => Err(Error::from(ErrorKind::InvalidInput)),
        }) else {
            continue;
        };
        if file.try_lock().is_ok() {
            // The lock is held meanwhile. Whoever else finds it removes it as well.
            let _ = std::fs::remove_file(&path);
        }
    }
}

// A rename is only on the disk when its folder is. Not every file system can.
fn sync_folder(target: &Path) {
    #[cfg(unix)]
    if let Ok(folder) = File::open(folder_of(target)) {
        let _ = folder.sync_all();
    }
    #[cfg(not(unix))]
    let _ = target;
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_new_file_is_private_and_an_old_one_is_never_opened_wider() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        replace(&path, b"one", Mode::AsBefore).unwrap();
        assert_eq!(mode(&path), 0o600);
        for (before, how, after) in
            [(0o644, Mode::AsBefore, 0o644), (0o400, Mode::AsBefore, 0o400), (0o644, Mode::Private, 0o600)]
        {
            fs::set_permissions(&path, fs::Permissions::from_mode(before)).unwrap();
            replace(&path, b"two", how).unwrap();
            assert_eq!((mode(&path), fs::read(&path).unwrap()), (after, b"two".to_vec()), "{before:o}");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else stays");
    }

    #[test]
    fn a_link_stays_a_link_also_to_what_is_not_there_yet() {
        let folder = tempfile::tempdir().unwrap();
        let (inside, link, second) =
            (folder.path().join("inside"), folder.path().join("link"), folder.path().join("second"));
        fs::create_dir(&inside).unwrap();
        symlink("inside/report.json", &link).unwrap();
        symlink("link", &second).unwrap();
        for text in ["one", "two"] {
            replace(&second, text.as_bytes(), Mode::Private).unwrap();
            assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
            assert!(fs::symlink_metadata(&second).unwrap().is_symlink());
            assert_eq!(fs::read_to_string(inside.join("report.json")).unwrap(), text);
        }
    }

    #[test]
    fn the_next_run_removes_what_a_killed_one_left_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        let beside = |ending: &str| folder.path().join(format!("{}{ending}", prefix_for(&path)));
        let (dead, alive) = (beside("1.0"), beside("2.0"));
        let other = folder.path().join(format!("{}1.0", prefix_for(&folder.path().join("other.json"))));
        for file in [&dead, &alive, &other] {
            fs::write(file, "half").unwrap();
        }
        let writer = File::open(&alive).unwrap();
        writer.try_lock().unwrap();
        replace(&path, b"whole", Mode::Private).unwrap();
        assert!(!dead.exists());
        assert!(alive.exists() && other.exists());
        drop(writer);
        replace(&path, b"whole", Mode::Private).unwrap();
        assert!(!alive.exists());
    }

    #[test]
    fn runs_that_replace_one_file_at_once_do_not_disturb_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        let texts = ["a", "b", "c", "d"].map(|letter| letter.repeat(10_000));
        std::thread::scope(|scope| {
            for text in &texts {
                let path = &path;
                scope.spawn(move || {
                    (0..50).for_each(|_| replace(path, text.as_bytes(), Mode::Private).unwrap());
                });
            }
        });
        assert!(texts.contains(&fs::read_to_string(&path).unwrap()));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn devices_and_pipes_stay_what_they_are() {
        use std::os::unix::fs::FileTypeExt;
        replace(Path::new("/dev/null"), b"gone", Mode::AsBefore).unwrap();
        assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
    }

    #[test]
    fn what_cannot_be_written_leaves_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("none/report.json");
        assert_eq!(replace(&missing, b"x", Mode::Private).unwrap_err().kind(), ErrorKind::NotFound);
        let long = folder.path().join("r".repeat(255));
        replace(&long, b"x", Mode::Private).unwrap();
        assert_eq!(fs::read(&long).unwrap(), b"x");
    }
}
