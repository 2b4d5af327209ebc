//! The formats that there are, and how a command comes to one.

use crate::text::{Explained, Lang, Text, list};
use std::fmt;
use std::path::{Path, PathBuf};

/// How something is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// For people, on a terminal.
    Terminal,
    /// For people, in a ticket or a wiki.
    Markdown,
    /// For people, in a browser: one file that needs nothing else.
    Html,
    /// For programs.
    Json,
    /// A shell script of commands for the AWS CLI.
    Cli,
    /// Terraform blocks.
    Terraform,
    /// A picture.
    Svg,
    /// A picture in the language that Markdown readers draw.
    Mermaid,
    /// A picture in Graphviz's language.
    Dot,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 9] = [
        Format::Terminal,
        Format::Markdown,
        Format::Html,
        Format::Json,
        Format::Cli,
        Format::Terraform,
        Format::Svg,
        Format::Mermaid,
        Format::Dot,
    ];

    /// Those that people read: every report has them.
    pub const FOR_PEOPLE: &'static [Format] = &[Format::Terminal, Format::Markdown, Format::Html];

    /// As `--format` names it.
    pub fn name(self) -> &'static str {
        match self {
            Format::Terminal => "terminal",
            Format::Markdown => "markdown",
            Format::Html => "html",
            Format::Json => "json",
            Format::Cli => "cli",
            Format::Terraform => "terraform",
            Format::Svg => "svg",
            Format::Mermaid => "mermaid",
            Format::Dot => "dot",
        }
    }

    /// What a web server would call it.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Format::Terminal | Format::Terraform | Format::Mermaid => "text/plain; charset=utf-8",
            Format::Svg => "image/svg+xml",
            Format::Dot => "text/vnd.graphviz",
            Format::Markdown => "text/markdown; charset=utf-8",
            Format::Html => "text/html; charset=utf-8",
            Format::Json => "application/json",
            Format::Cli => "text/x-shellscript; charset=utf-8",
        }
    }

    /// How the names of its files end, without the dot.
    pub fn ending(self) -> &'static str {
        match self {
            Format::Terminal => "txt",
            Format::Markdown => "md",
            Format::Html => "html",
            Format::Json => "json",
            Format::Cli => "sh",
            Format::Terraform => "tf",
            Format::Svg => "svg",
            Format::Mermaid => "mmd",
            Format::Dot => "dot",
        }
    }

    /// The format that has this name.
    pub fn named(name: &str) -> Option<Format> {
        Format::ALL.into_iter().find(|format| format.name() == name)
    }

    /// The format of a file, as far as its name tells.
    pub(crate) fn of_file(path: &Path) -> Option<Format> {
        let ending = path.extension()?;
        Format::ALL.into_iter().find(|format| ending.eq_ignore_ascii_case(format.ending()))
    }

    /// The format that is asked for, out of those that there are. Whoever is asked first
    /// decides: by the name of a format, or else by the name of the file. Where nobody says,
    /// it is the first.
    ///
    /// # Errors
    /// What is asked for is not among them.
    pub fn choose(asked: &[AskedFormat<'_>], formats: &[Format]) -> Result<Format, FormatError> {
        let known = || formats.to_vec();
        for AskedFormat { format, output } in asked {
            if let Some(name) = format {
                return Format::named(name)
                    .filter(|format| formats.contains(format))
                    .ok_or_else(|| FormatError::NotOne { name: (*name).to_owned(), formats: known() });
            }
            let Some((path, format)) = output.and_then(|path| Some((path, Format::of_file(path)?))) else {
                continue;
            };
            if formats.contains(&format) {
                return Ok(format);
            }
            return Err(FormatError::OtherEnding { path: path.to_owned(), format, formats: known() });
        }
        Ok(formats.first().copied().unwrap_or(Format::Terminal))
    }
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// What somebody says about the format: a command line, or a file of settings.
#[derive(Debug, Clone, Copy, Default)]
pub struct AskedFormat<'a> {
    /// The name of a format.
    pub format: Option<&'a str>,
    /// The file that is to be written.
    pub output: Option<&'a Path>,
}

/// Why there is no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.what().en)]
pub enum FormatError {
    /// There is no such format of this.
    NotOne {
        /// What was asked for.
        name: String,
        /// Those that there are.
        formats: Vec<Format>,
    },
    /// The name of the file stands for a format that there is not of this.
    OtherEnding {
        /// The file.
        path: PathBuf,
        /// What its name stands for.
        format: Format,
        /// Those that there are.
        formats: Vec<Format>,
    },
}

impl Explained for FormatError {
    fn what(&self) -> Text {
        let names = |formats: &[Format], lang| {
            let names: Vec<&str> = formats.iter().map(|format| format.name()).collect();
            list(&names, lang)
        };
        match self {
            FormatError::NotOne { name, formats } => Text::new(
                format!("write the format `{name}`: there are {}", names(formats, Lang::En)),
                format!("`{name}` 形式では出力できない。指定できるのは {}", names(formats, Lang::Ja)),
            ),
            FormatError::OtherEnding { path, format, formats } => {
                let path = path.display();
                Text::new(
                    format!(
                        "write {path}: its ending stands for {format}, and the formats here are {}; name another file, or a format with --format",
                        names(formats, Lang::En)
                    ),
                    format!(
                        "{path} に書き込めない: 拡張子は {format} 形式のものだが、指定できる形式は {}。ファイル名を変えるか、--format で形式を指定する",
                        names(formats, Lang::Ja)
                    ),
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const REPORT: &[Format] = &[Format::Terminal, Format::Markdown, Format::Json];

    #[test]
    fn names_and_endings_are_unique() {
        let names: BTreeSet<_> = Format::ALL.iter().map(|format| format.name()).collect();
        let endings: BTreeSet<_> = Format::ALL.iter().map(|format| format.ending()).collect();
        assert_eq!((names.len(), endings.len()), (Format::ALL.len(), Format::ALL.len()));
        for format in Format::ALL {
            assert_eq!(Format::named(format.name()), Some(format));
            let file = format!("a.b.{}", format.ending().to_uppercase());
            assert_eq!(Format::of_file(Path::new(&file)), Some(format));
        }
    }

    #[test]
    fn the_name_decides_then_the_file_then_the_settings() {
        let asked =
            |format, output: Option<&'static str>| AskedFormat { format, output: output.map(Path::new) };
        let nothing = asked(None, None);
        let table: [(&[AskedFormat<'_>], Format); 8] = [
            (&[], Format::Terminal),
            (&[nothing], Format::Terminal),
            (&[asked(Some("json"), Some("a.md"))], Format::Json),
            (&[asked(None, Some("a.md"))], Format::Markdown),
            (&[asked(None, Some("a.log"))], Format::Terminal),
            (&[asked(None, Some("a"))], Format::Terminal),
            // A command line says more than settings do, also by the name of a file.
            (&[asked(None, Some("a.md")), asked(Some("json"), None)], Format::Markdown),
            (&[asked(None, Some("a.log")), asked(Some("json"), Some("b.md"))], Format::Json),
        ];
        for (asked, expected) in table {
            assert_eq!(Format::choose(asked, REPORT), Ok(expected), "{asked:?}");
        }
    }

    #[test]
    fn what_there_is_not_is_refused_with_what_there_is() {
        for (format, output) in
            [(Some("terraform"), None), (Some("pdf"), None), (None, Some(Path::new("plan.tf")))]
        {
            let error = Format::choose(&[AskedFormat { format, output }], REPORT).unwrap_err();
            assert!(error.to_string().contains("terminal, markdown and json"), "{error}");
            assert!(error.what().ja.contains("terminal、markdown、json"), "{}", error.what().ja);
        }
    }
}
