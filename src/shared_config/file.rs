//! The form of the configuration and credentials files: sections, keys, values over several lines. The AWS
//! CLI reads them with Python's configparser, whose rules these are.

use super::ProfileValues;
use super::problem::{Mistake, SharedConfigError};
use std::path::Path;

/// The sections of a file in their order.
pub(super) type Sections = Vec<(String, ProfileValues)>;

/// The section whose values count in every other one.
const FOR_ALL: &str = "DEFAULT";

/// Reads a file.
///
/// # Errors
/// The first line that the AWS CLI would not read either.
pub(super) fn read(path: &Path, text: &str) -> Result<Sections, SharedConfigError> {
    let at = |line: usize, mistake| SharedConfigError::Line { file: path.to_owned(), line, mistake };
    let mut sections = Sections::new();
    // The key that an indented line continues, with the indentation of its own line.
    let mut open: Option<(String, usize)> = None;
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let content = line.trim();
        if content.is_empty() || content.starts_with(['#', ';']) {
            continue;
        }
        let indentation = line.len() - line.trim_start().len();
        if let (Some((key, own)), Some((_, values))) = (&open, sections.last_mut())
            && indentation > *own
        {
            if let Some(value) = values.get_mut(key) {
                if value.is_empty() || value.starts_with('\n') {
                    // A block of keys and values of its own, as of `s3`.
                    if !content.contains('=') {
                        return Err(at(number, Mistake::NoEqualsSign));
                    }
                }
                value.push('\n');
                value.push_str(content);
            }
            continue;
        }
        open = None;
        if let Some((header, _)) = content.strip_prefix('[').and_then(|rest| rest.rsplit_once(']')) {
            if header.is_empty() || sections.iter().any(|(name, _)| name == header) {
                return Err(at(number, Mistake::SectionTwice { section: header.to_owned() }));
            }
            sections.push((header.to_owned(), ProfileValues::new()));
            continue;
        }
        let Some((_, values)) = sections.last_mut() else {
            return Err(at(number, Mistake::NoSection));
        };
        let Some((key, value)) = content.split_once(['=', ':']) else {
            return Err(at(number, Mistake::NoEqualsSign));
        };
        let key = key.trim_end().to_lowercase();
        if key.is_empty() {
            return Err(at(number, Mistake::NoEqualsSign));
        }
        if values.insert(key.clone(), value.trim().to_owned()).is_some() {
            return Err(at(number, Mistake::KeyTwice { key }));
        }
        open = Some((key, indentation));
    }
    if let Some(index) = sections.iter().position(|(name, _)| name == FOR_ALL) {
        let (_, for_all) = sections.remove(index);
        for (_, values) in &mut sections {
            for (key, value) in &for_all {
                values.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
    }
    Ok(sections)
}
