//! Commands and flags, and what the terminal shows while a scan runs.

mod adopt;
mod arguments;
mod cost;
mod diagram;
mod fix;
mod front;
mod history;
mod japanese;
mod open;
mod plan;
mod policies;
mod prices;
#[cfg(feature = "aws")]
mod progress;
#[cfg(feature = "aws")]
mod record;
mod scan;
mod show;

use arguments::{Arguments, Command, SchemaKind};
use clap::error::ContextKind;
use clap::{CommandFactory, FromArgMatches, Parser};
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use tenken::history::announcement::ChannelKind;
use tenken::run::environment::{Environment, ProcessEnvironment, arguments as typed};
use tenken::run::{EXIT_IMPOSSIBLE, RunError};
use tenken::text::{Explained, Invalid, Lang, Text, harmless_lines, quoted};

/// Why a command could not be carried out; the message is for people.
pub(crate) struct Failure(Text);

impl Failure {
    /// A message in every language.
    pub(crate) fn new(en: impl Into<String>, ja: impl Into<String>) -> Failure {
        Failure(Text { en: en.into(), ja: ja.into() })
    }

    /// A message in the language that the command speaks.
    pub(crate) fn said(message: String) -> Failure {
        Failure(Text { en: message.clone(), ja: message })
    }

    /// Says it, in the language of the command line.
    pub(crate) fn complain(&self, asked: Option<Lang>) {
        complain(&format!("tenken: {}\n", self.0.say(language(asked))));
    }
}

impl From<tenken::report::FormatError> for Failure {
    fn from(error: tenken::report::FormatError) -> Self {
        let Text { en, ja } = error.what();
        Failure::new(format!("failed to {en}"), format!("{ja}。"))
    }
}

impl From<&RunError> for Failure {
    fn from(error: &RunError) -> Self {
        Failure(Text::of(|lang| error.message(lang)))
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        Failure::from(&error)
    }
}

/// Carries out the command line.
pub(crate) fn main() -> ExitCode {
    let parsed = match language(arguments::asked_language(typed())) {
        Lang::En => Arguments::try_parse(),
        Lang::Ja => japanese::translated(Arguments::command())
            .try_get_matches()
            .and_then(|matches| Arguments::from_arg_matches(&matches)),
    };
    let arguments = match parsed {
        Ok(arguments) => arguments,
        Err(error) => return refuse(&error),
    };
    let asked = arguments.command.lang();
    let result = match arguments.command {
        Command::Scan(scan) => scan::scan(&scan),
        #[cfg(feature = "aws")]
        Command::Record(record) => record::record(&record),
        Command::Cost(cost) => cost::cost(&cost),
        Command::Show(of) => show::show(&of),
        Command::Diagram(of) => diagram::diagram(&of),
        Command::Fix(fix) => fix::fix(&fix),
        Command::Adopt(of) => adopt::adopt(&of),
        Command::Diff(diff) => history::diff(&diff),
        Command::History(of) => history::history(&of),
        Command::Plan(of) => plan::plan(&of),
        Command::Policies { command } => policies::run(&command),
        Command::Permissions { notify, config, .. } if !notify.is_empty() => {
            notify_permissions(&notify, &config)
        }
        Command::Permissions { place, chosen, .. } => permissions(&place, &chosen),
        Command::Schema { kind } => print(&schema(kind)).map(|()| 0),
        Command::Completions { shell } => print_bytes(&arguments::completions(shell)).map(|()| 0),
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            failure.complain(asked);
            ExitCode::from(EXIT_IMPOSSIBLE)
        }
    }
}

// What clap says about the command line is English, and said in the reader's language where that is another.
fn refuse(error: &clap::Error) -> ExitCode {
    let asked = arguments::asked_language(typed());
    let invalid = std::error::Error::source(error).and_then(|source| source.downcast_ref::<Invalid>());
    match (invalid, language(asked)) {
        (Some(invalid), Lang::Ja) => {
            let value = |kind| error.get(kind).map(ToString::to_string).unwrap_or_default();
            let (flag, value) = (value(ContextKind::InvalidArg), value(ContextKind::InvalidValue));
            let value = quoted(&value);
            complain(&format!(
                "tenken: {flag} の値 `{value}` を使えない: {}\n\n詳しくは --help を参照。\n",
                invalid.what().ja
            ));
        }
        (None, Lang::Ja) if error.use_stderr() && japanese::usage_error(error).is_some() => {
            complain(&japanese::usage_error(error).unwrap_or_default());
        }
        // Help and version are no complaints.
        _ if !error.use_stderr() || !has_long_word(&error.to_string()) => drop(error.print()),
        _ => complain(&shortened(&error.to_string())),
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(EXIT_IMPOSSIBLE))
}

/// No word of ours is as long: it is what was typed.
const MOST_OF_WORD: usize = 200;

fn has_long_word(text: &str) -> bool {
    text.split_whitespace().any(|word| word.len() > MOST_OF_WORD)
}

// What was typed, repeated in part.
fn shortened(text: &str) -> String {
    let short = |word: &str| match word.len() > MOST_OF_WORD {
        true => quoted(word).into_owned(),
        false => word.to_owned(),
    };
    text.split_inclusive(char::is_whitespace).map(short).collect()
}

fn permissions(place: &arguments::PolicyPlace, chosen: &[String]) -> Result<u8, Failure> {
    // Read in any case, so that a mistake in them is said.
    let policies = tenken::run::policies(place.policies.as_deref(), chosen)?;
    let document = match chosen {
        [] => tenken::run::guide::permissions(),
        _ => tenken::run::guide::permissions_of(&policies),
    };
    print(&format!("{document}\n"))?;
    Ok(tenken::run::EXIT_CLEAN)
}

fn notify_permissions(kinds: &[ChannelKind], config: &arguments::ConfigFile) -> Result<u8, Failure> {
    let configured = tenken::run::configure(&config.place(), None, &[])?;
    print(&format!("{}\n", tenken::run::notify::permissions(kinds, &configured.config.notify)?))?;
    Ok(tenken::run::EXIT_CLEAN)
}

fn schema(kind: SchemaKind) -> String {
    match kind {
        SchemaKind::Snapshot => format!("{:#}\n", tenken::run::guide::snapshot_schema()),
        SchemaKind::Policy => format!("{:#}\n", tenken::run::guide::policy_schema()),
        SchemaKind::Fields => tenken::run::guide::field_reference(),
    }
}

/// The language of people: as asked, else the locale's.
pub(crate) fn language(asked: Option<Lang>) -> Lang {
    asked.unwrap_or_else(|| ProcessEnvironment.lang())
}

/// Whether standard output may be coloured.
pub(crate) fn is_coloured() -> bool {
    std::io::stdout().is_terminal() && ProcessEnvironment.allows_colour()
}

/// Columns of the terminal; 80 where there is none.
pub(crate) fn columns() -> usize {
    let size = terminal_size::terminal_size_of(std::io::stdout());
    size.map_or(80, |(width, _)| usize::from(width.0)).clamp(40, 120)
}

/// Writes to standard output. A reader that went away, as `head` does, is not a failure.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    print_bytes(text.as_bytes())
}

/// The same for bytes.
pub(crate) fn print_bytes(bytes: &[u8]) -> Result<(), Failure> {
    Ok(tenken::run::print(bytes)?)
}

/// Writes to standard error, and nothing that a terminal would obey. There is nowhere to complain when that fails.
pub(crate) fn complain(text: &str) {
    let _ = std::io::stderr().lock().write_all(harmless_lines(text).as_bytes());
}
