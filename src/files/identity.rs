//! Which file a path leads to, whatever it is called there.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

/// So many links are followed, as by Linux.
const MOST_LINKS: usize = 40;
/// So deep are folders looked into: links can lead in a circle.
const MOST_FOLDERS: usize = 6;

/// A file or a folder, which need not be there yet. Two paths lead to the same one where their
/// links, `..` and `.` lead to one path, or where one file has two names (a hard link, a folder that
/// is mounted twice, a file system that does not tell case apart).
#[derive(Debug, Clone)]
pub struct FileIdentity {
    path: PathBuf,
    /// Device and inode, where there is something already.
    inode: Option<(u64, u64)>,
    /// Whether it is a pipe, a terminal or another device, which takes from many.
    is_device: bool,
}

impl FileIdentity {
    /// Of what this path leads to.
    pub fn of(path: &Path) -> FileIdentity {
        let found = std::fs::metadata(path).ok();
        FileIdentity {
            path: resolved(path),
            inode: found.as_ref().and_then(inode),
            is_device: found.is_some_and(|found| !found.is_file() && !found.is_dir()),
        }
    }

    /// Whether both are one file. A device is nobody's file.
    pub fn is(&self, other: &FileIdentity) -> bool {
        let has_one_inode = self.inode.is_some() && self.inode == other.inode;
        !self.is_device && !other.is_device && (self.path == other.path || has_one_inode)
    }

    /// Whether its name ends so.
    pub(crate) fn has_ending(&self, endings: &[&str]) -> bool {
        has_ending(&self.path, endings)
    }

    /// Whether a file of this folder, at any depth and with one of these endings, is that one: by a
    /// link or under another name.
    pub(crate) fn leads_to(&self, file: &FileIdentity, endings: &[&str]) -> bool {
        let Some(inode) = file.inode.filter(|_| !file.is_device) else {
            return false;
        };
        has_inode(&self.path, inode, endings, MOST_FOLDERS)
    }

    /// Whether it is in this folder, at any depth.
    pub fn is_in(&self, folder: &FileIdentity) -> bool {
        !self.is_device && self.path != folder.path && self.path.starts_with(&folder.path)
    }
}

fn has_inode(folder: &Path, wanted: (u64, u64), endings: &[&str], depth: usize) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).any(|path| match std::fs::metadata(&path) {
        Ok(found) if found.is_dir() => depth > 0 && has_inode(&path, wanted, endings, depth - 1),
        Ok(found) => has_ending(&path, endings) && inode(&found) == Some(wanted),
        Err(_) => false,
    })
}

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    let is_one = |ending: &std::ffi::OsStr| endings.iter().any(|one| ending == *one);
    endings.is_empty() || path.extension().is_some_and(is_one)
}

#[cfg(unix)]
fn inode(found: &std::fs::Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    Some((found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn inode(_found: &std::fs::Metadata) -> Option<(u64, u64)> {
    None
}

/// Where the links of a path's last part lead, also where there is nothing yet.
pub(crate) fn target_of(path: &Path) -> PathBuf {
    let mut target = path.to_owned();
    for _ in 0..MOST_LINKS {
        let Ok(link) = std::fs::read_link(&target) else {
            break;
        };
        // An absolute one takes the place of all.
        target = target.parent().unwrap_or(Path::new("")).join(link);
    }
    target
}

// The real path of what is there, with the rest behind it.
fn resolved(path: &Path) -> PathBuf {
    let target = target_of(path);
    let whole = std::path::absolute(&target).unwrap_or(target);
    let mut rest: Vec<OsString> = Vec::new();
    let mut above = whole.as_path();
    let real = loop {
        if let Ok(real) = std::fs::canonicalize(above) {
            break real;
        }
        let Some(last) = above.components().next_back() else {
            break PathBuf::new();
        };
        rest.push(last.as_os_str().to_owned());
        let Some(parent) = above.parent() else {
            break PathBuf::new();
        };
        above = parent;
    };
    let mut path = real;
    for part in rest.iter().rev() {
        match Path::new(part).components().next() {
            Some(Component::ParentDir) => drop(path.pop()),
            Some(Component::CurDir) => {}
            _ => path.push(part),
        }
    }
    path
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn one_file_is_known_by_every_name() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("there"), "x").unwrap();
        fs::create_dir(at("inside")).unwrap();
        fs::hard_link(at("there"), at("hard")).unwrap();
        symlink("there", at("link")).unwrap();
        symlink("new", at("dangling")).unwrap();
        symlink("inside", at("folder")).unwrap();
        symlink("loop", at("loop")).unwrap();
        for (one, other, expected) in [
            ("there", "there", true),
            ("there", "./inside/../there", true),
            ("there", "hard", true),
            ("there", "link", true),
            ("link", "hard", true),
            ("new", "dangling", true),
            ("new", "none/../new", true),
            ("new", "there", false),
            ("inside/new", "folder/new", true),
            ("inside/new", "folder/other", false),
            ("none/a", "none/./a", true),
            ("none/a", "none/b", false),
            ("loop", "there", false),
        ] {
            let (one_is, other_is) = (FileIdentity::of(&at(one)), FileIdentity::of(&at(other)));
            assert_eq!(one_is.is(&other_is), expected, "{one} {other}");
            assert_eq!(other_is.is(&one_is), expected, "{other} {one}");
        }
        let inside = FileIdentity::of(&at("inside"));
        for (path, expected) in
            [("folder/new", true), ("inside/a/b", true), ("inside", false), ("there", false)]
        {
            assert_eq!(FileIdentity::of(&at(path)).is_in(&inside), expected, "{path}");
        }
        fs::write(at("policy"), "x").unwrap();
        symlink("../policy", at("inside/policy.yaml")).unwrap();
        symlink(".", at("inside/circle")).unwrap();
        for (path, endings, expected) in [
            ("policy", &["yaml"][..], true),
            ("policy", &[], true),
            ("policy", &["toml"], false),
            ("there", &[], false),
            ("new", &[], false),
        ] {
            assert_eq!(
                inside.leads_to(&FileIdentity::of(&at(path)), endings),
                expected,
                "{path} {endings:?}"
            );
        }
        let null = FileIdentity::of(Path::new("/dev/null"));
        assert!(!null.is(&null), "everybody may write there");
    }
}
