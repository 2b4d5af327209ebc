//! What may be typed.

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use std::path::{Path, PathBuf};
#[cfg(feature = "aws")]
use std::time::Duration;
#[cfg(feature = "aws")]
use tenken::config::duration;
use tenken::config::{Place, Settings};
use tenken::cost::CostReport;
use tenken::finding::{Run, Severity};
use tenken::history::History;
use tenken::history::announcement::ChannelKind;
use tenken::history::diff::Difference;
use tenken::plan::{Deadline, PEAK_FACTORS, STAFF_HOURS};
use tenken::price::Money;
use tenken::report::plan::PlanReport;
use tenken::report::scan::ShowReport;
use tenken::report::{Format, formats};
use tenken::run::{AfterPhase, ConfigPlace, DIAGRAM_FORMATS, SnapshotSource};
use tenken::simulate::ChosenOption;
use tenken::text::{Invalid, Lang};

/// A live, read-only AWS account auditor.
#[derive(Parser)]
#[command(name = "tenken", version, about, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 nothing found, 1 findings, 2 could not run, 3 nothing found but something that counts stayed unknown."
)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Audit an account, a recorded account or a saved snapshot
    Scan(Box<ScanFlags>),
    /// Record an account's answers, without the secrets, to replay them later
    #[cfg(feature = "aws")]
    Record(Box<RecordFlags>),
    /// Show root causes whole: evidence, options with price and downtime, commands, references
    #[command(after_help = "Exit codes: 0 shown, 2 could not run.")]
    Show(Box<ShowFlags>),
    /// Show what changed between two scans, or since a history
    #[command(
        after_help = "Exit codes: 0 nothing new, 1 something new or reopened, 2 could not compare, 3 nothing new but something became unknown."
    )]
    Diff(Box<Diff>),
    /// Draw the account: networks, what stands in them, who reaches whom, and where the problems are
    #[command(after_help = "Exit codes: 0 drawn, 2 could not run.")]
    Diagram(Box<DiagramFlags>),
    /// Write the commands or Terraform blocks that fix findings, with checks and rollbacks; nothing is run
    #[command(after_help = "Exit codes: 0 written, 2 could not run.")]
    Fix(Box<FixFlags>),
    /// Write Terraform's import blocks for what exists, so that it can be managed as code; changes nothing
    #[command(
        after_help = "Without --policy and --all: the resources of open failures. Exit codes: 0 written, 2 could not run."
    )]
    Adopt(Box<AdoptFlags>),
    /// Show the trend, the oldest critical finding and the time to fix of a history
    History(HistoryOf),
    /// Show what the audited resources cost a month at list price
    #[command(
        after_help = "Exit codes: 0 every item has an amount, 2 could not run, 3 something stayed unknown: the total is a lower bound."
    )]
    Cost(Box<Cost>),
    /// Plan what to do first: within a budget, until a deadline, in which order, and why
    #[command(after_help = "Exit codes: 0 there is a plan, 2 could not plan.")]
    Plan(Box<PlanFlags>),
    /// List, show, test and create policies
    Policies {
        /// What to do with policies.
        #[command(subcommand)]
        command: Policies,
    },
    /// Print the least IAM policy that a scan needs: read-only
    Permissions {
        #[command(flatten)]
        place: PolicyPlace,
        /// Only what this policy needs; may be repeated
        #[arg(long = "policy", value_name = "ID")]
        chosen: Vec<String>,
        /// Print instead what notifying this channel needs, as tenken.toml describes it; may be repeated
        #[arg(long = "notify", value_name = "CHANNEL")]
        notify: Vec<ChannelKind>,
        #[command(flatten)]
        config: ConfigFile,
    },
    /// Print a JSON Schema, or the field reference for policy authors
    Schema {
        /// Which one.
        kind: SchemaKind,
    },
    /// Print a shell completion script, for instance `source <(tenken completions bash)`
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

impl Command {
    /// The language that was asked for.
    pub(crate) fn lang(&self) -> Option<Lang> {
        match self {
            Command::Scan(of) => of.lang,
            Command::Diff(of) => of.lang,
            Command::Show(of) => of.lang,
            Command::Diagram(of) => of.lang,
            Command::Fix(of) => of.lang,
            Command::Adopt(of) => of.lang,
            Command::History(of) => of.lang,
            Command::Cost(of) => of.lang,
            Command::Plan(of) => of.lang,
            Command::Policies { command: Policies::List { lang, .. } } => *lang,
            _ => None,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum SchemaKind {
    /// A saved snapshot.
    Snapshot,
    /// A policy file.
    Policy,
    /// The fields that expressions can name, in Markdown.
    Fields,
}

#[derive(Args)]
pub(crate) struct ScanFlags {
    #[cfg(feature = "aws")]
    #[command(flatten)]
    pub connection: Connection,
    /// Answer from this recorded account instead of AWS
    #[cfg(feature = "aws")]
    #[arg(long, value_name = "DIR", conflicts_with = "snapshot")]
    pub replay: Option<PathBuf>,
    /// Judge this saved snapshot instead of AWS
    #[arg(long, value_name = "FILE")]
    pub snapshot: Option<PathBuf>,
    /// Save AWS's answers, for --snapshot; only the file's owner can read it
    #[arg(long, value_name = "FILE")]
    pub save_snapshot: Option<PathBuf>,
    /// Add policies from this folder; the same id replaces a built-in one
    #[arg(long, value_name = "DIR")]
    pub policies: Option<PathBuf>,
    /// Judge only this policy; may be repeated
    #[arg(long = "policy", value_name = "ID")]
    pub chosen: Vec<String>,
    /// Keep a history in this file, folder or s3://bucket/key, and say what is new, reopened and resolved [default file: .tenken/history.json]
    #[arg(long, value_name = "PLACE", num_args = 0..=1, default_missing_value = tenken::run::places::HISTORY_FILE)]
    pub history: Option<Place>,
    /// Notify this channel of what changed: slack, webhook or sns, as tenken.toml describes it; may be repeated
    #[arg(long = "notify", value_name = "CHANNEL")]
    pub notify: Vec<ChannelKind>,
    /// Show everything on the terminal, not just a line for each root cause
    #[arg(long)]
    pub details: bool,
    /// Format of the report [default: by the extension of --output, otherwise terminal]
    #[arg(long, value_name = "FORMAT", value_parser = names(&formats::<Run>()))]
    pub format: Option<String>,
    /// Write the report to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write the report as an HTML file and open it in the browser [default file: tenken-report.html]
    #[arg(long)]
    pub open: bool,
    /// Language of the report: en or ja; by default from the locale
    #[arg(long, value_name = "LANG")]
    pub lang: Option<Lang>,
    /// The lowest severity that makes the exit code 1 or 3 [default: low]
    #[arg(long, value_name = "SEVERITY")]
    pub fail_on: Option<Severity>,
    #[command(flatten)]
    pub config: ConfigFile,
}

#[derive(Args)]
pub(crate) struct PlanFlags {
    #[command(flatten)]
    pub source: SourceFlags,
    /// Add policies from this folder; the same id replaces a built-in one
    #[arg(long, value_name = "DIR")]
    pub policies: Option<PathBuf>,
    /// Judge only this policy; may be repeated
    #[arg(long = "policy", value_name = "ID")]
    pub chosen: Vec<String>,
    /// The most the account may cost a month, for instance 150000JPY or 1000USD
    #[arg(long, value_name = "MONEY")]
    pub budget: Option<Money>,
    /// What the account costs a month today [default: what the audited resources cost at list price]
    #[arg(long, value_name = "MONEY")]
    pub current_bill: Option<Money>,
    /// What an hour of downtime costs, for instance 300000JPY
    #[arg(long, value_name = "MONEY")]
    pub hour_down_cost: Option<Money>,
    /// Peak traffic as a multiple of the usual traffic
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub peak_factor: Option<f64>,
    /// Deadline of the first phases: a date, or a period such as 4w or 30d [default: 4w]
    #[arg(long, value_name = "DAY")]
    pub deadline: Option<Deadline>,
    /// Hours of work available until the deadline [default: 10 a week]
    #[arg(long, value_name = "N", value_parser = not_negative)]
    pub staff_hours: Option<f64>,
    /// Who approves the plan; shown in it
    #[arg(long, value_name = "NAME")]
    pub approver: Option<String>,
    #[command(flatten)]
    pub money: MoneyFlags,
    #[command(flatten)]
    pub prices: PriceFlags,
    /// Plan options whose price is unknown as well; without this flag, a budget leaves them out
    #[arg(long)]
    pub allow_unknown_prices: bool,
    /// Instead of planning, simulate these options and judge the result: POLICY, POLICY/OPTION, POLICY@RESOURCE or all
    #[arg(long, value_name = "CHOICE", num_args = 1.., conflicts_with_all = ["budget", "current_bill", "hour_down_cost", "peak_factor", "deadline", "staff_hours", "approver", "allow_unknown_prices"])]
    pub simulate: Vec<ChosenOption>,
    /// Format [default: by the extension of --output, otherwise terminal]
    #[arg(long, value_name = "FORMAT", value_parser = names(&formats::<PlanReport<'_>>()))]
    pub format: Option<String>,
    /// Write the plan to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Language of the plan: en or ja; by default from the locale
    #[arg(long, value_name = "LANG")]
    pub lang: Option<Lang>,
    #[command(flatten)]
    pub config: ConfigFile,
}

#[derive(Args)]
pub(crate) struct ShowFlags {
    /// Finding, by its id or the beginning of it, or policy, for everything that it found
    #[arg(value_name = "ID", required = true)]
    pub names: Vec<String>,
    #[command(flatten)]
    pub source: SourceFlags,
    /// Add policies from this folder; the same id replaces a built-in one
    #[arg(long, value_name = "DIR")]
    pub policies: Option<PathBuf>,
    /// Format [default: by the extension of --output, otherwise terminal]
    #[arg(long, value_name = "FORMAT", value_parser = names(&formats::<ShowReport<'_>>()))]
    pub format: Option<String>,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Language: en or ja; by default from the locale
    #[arg(long, value_name = "LANG")]
    pub lang: Option<Lang>,
    #[command(flatten)]
    pub config: ConfigFile,
}

#[derive(Args)]
pub(crate) struct DiagramFlags {
    #[command(flatten)]
    pub source: SourceFlags,
    /// Mark what a phase of the plan adds and removes, the phases before it included: phase-0, phase-1, phase-2 or plan for all of them; [plan] of tenken.toml says for which budget and deadline
    #[arg(long, value_name = "PHASE")]
    pub after: Option<AfterPhase>,
    /// Format [default: by the extension of --output, otherwise svg]
    #[arg(long, value_name = "FORMAT", value_parser = names(DIAGRAM_FORMATS))]
    pub format: Option<String>,
    /// Write the picture to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Add policies from this folder; the same id replaces a built-in one
    #[arg(long, value_name = "DIR")]
    pub policies: Option<PathBuf>,
    /// Language of the picture: en or ja; by default from the locale
    #[arg(long, value_name = "LANG")]
    pub lang: Option<Lang>,
    #[command(flatten)]
    pub config: ConfigFile,
}

#[derive(Args)]
pub(crate) struct FixFlags {
    #[command(flatten)]
    pub source: SourceFlags,
    /// Only this finding, by its id or the beginning of it; may be repeated [default: every open failure]
    #[arg(long = "finding", value_name = "ID")]
    pub findings: Vec<String>,
    /// Only findings of this policy; may be repeated
    #[arg(long = "policy", value_name = "ID")]
    pub chosen: Vec<String>,
    /// Only resources whose ARN matches this, `*` for anything; may be repeated
    #[arg(long = "resource", value_name = "PATTERN")]
    pub resources: Vec<String>,
    /// Use this option instead of the recommended one; may be repeated
    #[arg(long = "option", value_name = "POLICY=OPTION", value_parser = option_name)]
    pub options: Vec<(String, String)>,
    /// What to write: a shell script for the AWS CLI, Terraform blocks, or JSON [default: by the extension of --output, otherwise cli]
    #[arg(long, value_name = "FORMAT", value_parser = names(tenken::fix::FORMATS))]
    pub format: Option<String>,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Add policies from this folder; the same id replaces a built-in one
    #[arg(long, value_name = "DIR")]
    pub policies: Option<PathBuf>,
    /// Language of the comments: en or ja; by default from the locale
    #[arg(long, value_name = "LANG")]
    pub lang: Option<Lang>,
    #[command(flatten)]
    pub config: ConfigFile,
}

#[derive(Args)]
pub(crate) struct AdoptFlags {
    #[command(flatten)]
    pub source: SourceFlags,
    /// Only resources that fail this policy; may be repeated
    #[arg(long = "policy", value_name = "ID", conflicts_with = "all")]
    pub chosen: Vec<String>,
    /// Every audited resource that Terraform can import
    #[arg(long)]
    pub all: bool,
    /// Only resources whose ARN matches this, `*` for anything; may be repeated
    #[arg(long = "resource", value_name = "PATTERN")]
    pub resources: Vec<String>,
    /// Also what a CloudFormation stack or Terraform manages already, by its tags
    #[arg(long)]
    pub include_managed: bool,
    /// Write a file for each part of the account into this folder, none of which may be there, instead of all to standard output
    #[arg(long, value_name = "DIR")]
    pub output_dir: Option<PathBuf>,
    /// Add policies from this folder; the same id replaces a built-in one
    #[arg(long, value_name = "DIR")]
    pub policies: Option<PathBuf>,
    /// Language of the comments: en or ja; by default from the locale
    #[arg(long, value_name = "LANG")]
    pub lang: Option<Lang>,
    #[command(flatten)]
    pub config: ConfigFile,
}

fn option_name(text: &str) -> Result<(String, String), Invalid> {
    match text.split_once('=') {
        Some((policy, option)) if !policy.is_empty() && !option.is_empty() => {
            Ok((policy.to_owned(), option.to_owned()))
        }
        _ => Err(Invalid::new(
            "write POLICY=OPTION, for instance rds-single-az=multi-az",
            "rds-single-az=multi-az のように POLICY=OPTION の形で指定する",
        )),
    }
}

#[derive(Args)]
pub(crate) struct Cost {
    #[command(flatten)]
    pub source: SourceFlags,
    #[command(flatten)]
    pub money: MoneyFlags,
    #[command(flatten)]
    pub prices: PriceFlags,
    /// Format of the report [default: by the extension of --output, otherwise terminal]
    #[arg(long, value_name = "FORMAT", value_parser = names(&formats::<CostReport>()))]
    pub format: Option<String>,
    /// Write the report to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Language of the report: en or ja; by default from the locale
    #[arg(long, value_name = "LANG")]
    pub lang: Option<Lang>,
    #[command(flatten)]
    pub config: ConfigFile,
}

/// Where the account's answers come from.
#[derive(Args)]
pub(crate) struct SourceFlags {
    #[cfg(feature = "aws")]
    #[command(flatten)]
    pub connection: Connection,
    /// Answer from this recorded account instead of AWS
    #[cfg(feature = "aws")]
    #[arg(long, value_name = "DIR", conflicts_with = "snapshot")]
    pub replay: Option<PathBuf>,
    /// Use this saved snapshot instead of AWS
    #[arg(long, value_name = "FILE")]
    pub snapshot: Option<PathBuf>,
}

impl ScanFlags {
    /// Where the snapshot comes from.
    pub(crate) fn place(&self) -> SnapshotSource {
        #[cfg(feature = "aws")]
        let recorded = self.replay.as_deref();
        #[cfg(not(feature = "aws"))]
        let recorded = None;
        snapshot_source(recorded, self.snapshot.as_deref())
    }

    /// What flags say of the account.
    pub(crate) fn connection(&self) -> Settings {
        #[cfg(feature = "aws")]
        let settings = self.connection.settings();
        #[cfg(not(feature = "aws"))]
        let settings = Settings::default();
        settings
    }
}

impl SourceFlags {
    /// Where the snapshot comes from.
    pub(crate) fn place(&self) -> SnapshotSource {
        #[cfg(feature = "aws")]
        let recorded = self.replay.as_deref();
        #[cfg(not(feature = "aws"))]
        let recorded = None;
        snapshot_source(recorded, self.snapshot.as_deref())
    }

    /// What flags say of the account.
    pub(crate) fn connection(&self) -> Settings {
        #[cfg(feature = "aws")]
        let settings = self.connection.settings();
        #[cfg(not(feature = "aws"))]
        let settings = Settings::default();
        settings
    }
}

// No command takes both.
fn snapshot_source(recorded: Option<&Path>, saved: Option<&Path>) -> SnapshotSource {
    match (recorded, saved) {
        (_, Some(path)) => SnapshotSource::Saved(path.to_owned()),
        (Some(folder), None) => SnapshotSource::Recorded(folder.to_owned()),
        (None, None) => SnapshotSource::Live,
    }
}

/// Where prices come from.
#[derive(Args)]
pub(crate) struct PriceFlags {
    /// Ask AWS's Price List API for the prices (needs pricing:GetProducts); kept for a week
    #[cfg(feature = "aws")]
    #[arg(long)]
    pub live_prices: bool,
    /// Keep those prices in this file [default: tenken/prices.json in the user's cache folder]
    #[cfg(feature = "aws")]
    #[arg(long, value_name = "FILE", requires = "live_prices")]
    pub price_cache: Option<PathBuf>,
}

/// What amounts are shown in.
#[derive(Args)]
pub(crate) struct MoneyFlags {
    /// Show amounts in this currency, for instance JPY; needs a rate [default: USD]
    #[arg(long, value_name = "CODE")]
    pub currency: Option<String>,
    /// How much of the currency a dollar buys, for instance 150
    #[arg(long, value_name = "NUMBER")]
    pub rate: Option<f64>,
}

#[derive(Args)]
pub(crate) struct Diff {
    /// The older one: a saved snapshot, a JSON report or a history, which may be s3://bucket/key
    pub from: Place,
    /// The newer one: a saved snapshot or a JSON report
    pub to: PathBuf,
    /// Judge snapshots with the policies of this folder added
    #[arg(long, value_name = "DIR")]
    pub policies: Option<PathBuf>,
    /// Judge snapshots by this policy only; may be repeated
    #[arg(long = "policy", value_name = "ID")]
    pub chosen: Vec<String>,
    /// Format [default: by the extension of --output, otherwise terminal]
    #[arg(long, value_name = "FORMAT", value_parser = names(&formats::<Difference>()))]
    pub format: Option<String>,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Language: en or ja; by default from the locale
    #[arg(long, value_name = "LANG")]
    pub lang: Option<Lang>,
    /// The lowest severity that makes the exit code 1 or 3 [default: low]
    #[arg(long, value_name = "SEVERITY")]
    pub fail_on: Option<Severity>,
    #[command(flatten)]
    pub config: ConfigFile,
}

#[derive(Args)]
pub(crate) struct HistoryOf {
    /// The history: a file, a folder, or s3://bucket/key [default: .tenken/history.json]
    pub history: Option<Place>,
    /// Format [default: by the extension of --output, otherwise terminal]
    #[arg(long, value_name = "FORMAT", value_parser = names(&formats::<History>()))]
    pub format: Option<String>,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Language: en or ja; by default from the locale
    #[arg(long, value_name = "LANG")]
    pub lang: Option<Lang>,
}

/// Where flags may be kept.
#[derive(Args)]
pub(crate) struct ConfigFile {
    /// Read settings, thresholds and accepted findings from this file [default: tenken.toml, if it exists]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Read no configuration, not even tenken.toml
    #[arg(long, conflicts_with = "config")]
    pub no_config: bool,
}

impl ConfigFile {
    /// As runs take it.
    pub(crate) fn place(&self) -> ConfigPlace {
        match &self.config {
            Some(path) => ConfigPlace::File(path.clone()),
            None if self.no_config => ConfigPlace::Nowhere,
            None => ConfigPlace::WorkingDirectory,
        }
    }
}

/// Which account, and how to reach it.
#[cfg(feature = "aws")]
#[derive(Args)]
pub(crate) struct Connection {
    /// Region to audit; may be repeated; `all` for every enabled region; by default the profile's
    #[arg(long = "region", value_name = "REGION")]
    pub regions: Vec<String>,
    /// Profile of the AWS configuration
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Role to assume for the audit
    #[arg(long, value_name = "ARN")]
    pub role_arn: Option<String>,
    /// External ID that the role requires
    #[arg(long, value_name = "ID")]
    pub external_id: Option<String>,
    /// Send requests to this endpoint instead of AWS, for instance a mock
    #[arg(long, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// Time for the whole run, for instance 90s or 5m; what has not been answered by then is unknown [default: 15m]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// Time for one attempt of a call [default: 10s]
    #[arg(long, value_name = "TIME", value_parser = duration, hide_short_help = true)]
    pub attempt_timeout: Option<Duration>,
    /// Time for a call including retries [default: 60s]
    #[arg(long, value_name = "TIME", value_parser = duration, hide_short_help = true)]
    pub operation_timeout: Option<Duration>,
}

#[cfg(feature = "aws")]
impl Connection {
    /// As a run takes it.
    pub(crate) fn settings(&self) -> Settings {
        Settings {
            regions: (!self.regions.is_empty()).then(|| self.regions.clone()),
            profile: self.profile.clone(),
            role_arn: self.role_arn.clone(),
            external_id: self.external_id.clone(),
            endpoint_url: self.endpoint_url.clone(),
            timeout: self.timeout,
            attempt_timeout: self.attempt_timeout,
            operation_timeout: self.operation_timeout,
            ..Settings::default()
        }
    }
}

#[cfg(feature = "aws")]
#[derive(Args)]
pub(crate) struct RecordFlags {
    /// Folder to write; must not exist or be empty
    pub folder: PathBuf,
    #[command(flatten)]
    pub connection: Connection,
    #[command(flatten)]
    pub config: ConfigFile,
}

#[derive(Subcommand)]
pub(crate) enum Policies {
    /// List every policy
    List {
        #[command(flatten)]
        place: PolicyPlace,
        /// Language: en or ja
        #[arg(long, value_name = "LANG")]
        lang: Option<Lang>,
    },
    /// Show one policy with its examples
    Show {
        /// The policy's id.
        id: String,
        #[command(flatten)]
        place: PolicyPlace,
    },
    /// Check a folder of policies and run their examples; without a folder, the built-in ones
    Test {
        /// The folder.
        folder: Option<PathBuf>,
    },
    /// Create a policy: writes PILLAR/ID.yaml into the folder
    New {
        /// The new policy's id: kebab-case, names the problem.
        id: String,
        /// Where policies are kept
        #[arg(long, value_name = "DIR", default_value = "policies")]
        folder: PathBuf,
        /// security, reliability, operations, performance or cost
        #[arg(long, value_name = "PILLAR", default_value = "security")]
        pillar: String,
    },
}

#[derive(Args)]
pub(crate) struct PolicyPlace {
    /// Add policies from this folder
    #[arg(long, value_name = "DIR")]
    pub policies: Option<PathBuf>,
}

/// What `shell` needs to complete commands and flags.
pub(crate) fn completions(shell: clap_complete::Shell) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "tenken", &mut script);
    script
}

fn names(formats: &[Format]) -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(formats.iter().map(|format| format.name()))
}

/// The language that a command line asks for, even where the rest of it cannot be used.
pub(crate) fn asked_language(arguments: impl Iterator<Item = String>) -> Option<Lang> {
    let mut is_next = false;
    for argument in arguments {
        let value = if is_next { Some(argument.as_str()) } else { argument.strip_prefix("--lang=") };
        if let Some(lang) = value.and_then(|value| value.parse().ok()) {
            return Some(lang);
        }
        is_next = argument == "--lang";
    }
    None
}

fn at_least_one(text: &str) -> Result<f64, Invalid> {
    let number = text.parse().ok().filter(|number: &f64| PEAK_FACTORS.contains(number));
    number.ok_or_else(|| {
        Invalid::new("write a number from 1, for instance 3", "3 のように 1 以上の数で指定する")
    })
}

fn not_negative(text: &str) -> Result<f64, Invalid> {
    let number = text.parse().ok().filter(|number: &f64| STAFF_HOURS.contains(number));
    number.ok_or_else(|| {
        Invalid::new("write a number of hours, for instance 40", "40 のように時間数で指定する")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_language_of_an_unusable_command_line_is_known() {
        let asked = |line: &str| asked_language(line.split(' ').map(str::to_owned));
        assert_eq!(asked("tenken scan --fail-on grave --lang ja"), Some(Lang::Ja));
        assert_eq!(asked("tenken scan --lang=en --fail-on grave"), Some(Lang::En));
        assert_eq!(asked("tenken scan --lang fr --fail-on grave"), None);
    }

    #[test]
    fn every_shell_completes_commands_and_flags() {
        for shell in clap_complete::Shell::value_variants() {
            let script = String::from_utf8(completions(*shell)).unwrap();
            for word in ["tenken", "scan", "permissions", "save-snapshot", "completions"] {
                assert!(script.contains(word), "{shell} lacks {word}");
            }
        }
    }
}
