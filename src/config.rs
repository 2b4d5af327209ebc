//! `tenken.toml`: what a scan's flags do, thresholds of policies, and accepted failures.
//!
//! Read in two stages, so that every problem is reported at once, with its line and with
//! what to write instead: what was written ([`written`]), then what it means
//! ([`Config::new`]). Nothing here opens a file or reads a clock.

mod keys;
mod meaning;
mod notify;
mod place;
mod plan;
mod secret_place;
pub mod written;

pub use notify::{
    Notify, NotifyOptions, SlackAccess, SlackChannel, SnsChannel, WebhookChannel, WrittenChannel,
};
pub(crate) use place::is_s3;
pub use place::{Place, S3Place};
pub use plan::PLAN_KEYS;
pub(crate) use secret_place::SECRET_FORMS;
pub use secret_place::SecretPlace;

use crate::cost::{Assumptions, Expected, Group};
use crate::finding::{AcceptanceRule, Severity};
use crate::plan::PlanRequest;
use crate::policy::parameter::Parameters;
use crate::price::Currency;
use crate::text::{Explained, Invalid, Lang, Text, quoted};
use crate::written::Problem;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// The file that is read where no other is named.
pub(crate) const FILE_NAME: &str = "tenken.toml";

/// What the file means.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Config {
    /// What flags do as well; a flag wins.
    pub settings: Settings,
    /// Values for parameters, by policy; each is one that the policy declares.
    pub parameters: BTreeMap<String, Parameters>,
    /// Decisions to live with failures.
    pub acceptances: Vec<AcceptanceRule>,
    /// Who can be told what changed.
    pub notify: Notify,
    /// What `tenken cost` assumes and compares with.
    pub costs: Costs,
    /// What `tenken plan` is told of the business; a flag wins. Currency and rate are in the
    /// settings.
    pub plan: PlanRequest,
}

/// What `tenken cost` assumes and compares with.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Costs {
    /// Quantities that the configuration of an account does not show.
    pub assumptions: Assumptions,
    /// What people expect to pay a month in all, in the currency of the settings.
    pub expected_total: Option<f64>,
    /// The same for parts of the bill.
    pub expected: BTreeMap<Group, f64>,
}

impl Costs {
    /// The expected amounts in dollars.
    pub(crate) fn expected_in(&self, currency: &Currency) -> Expected {
        Expected {
            total: self.expected_total.map(|amount| currency.to_usd(amount)),
            groups: self.expected.iter().map(|(group, amount)| (*group, currency.to_usd(*amount))).collect(),
        }
    }
}

/// The time of a run that asks AWS, where nobody says otherwise.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(15 * 60);

/// What flags do as well. `None`: the file does not say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings {
    /// `--region`
    pub regions: Option<Vec<String>>,
    /// `--profile`
    pub profile: Option<String>,
    /// `--role-arn`
    pub role_arn: Option<String>,
    /// `--external-id`
    pub external_id: Option<String>,
    /// `--endpoint-url`
    pub endpoint_url: Option<String>,
    /// `--timeout`
    pub timeout: Option<Duration>,
    /// `--attempt-timeout`
    pub attempt_timeout: Option<Duration>,
    /// `--operation-timeout`
    pub operation_timeout: Option<Duration>,
    /// `answer_limit`, which has no flag: the bytes that one answer may have.
    pub answer_limit_bytes: Option<usize>,
    /// `--policies`; from the working directory, like the other paths.
    pub policies_folder: Option<PathBuf>,
    /// `--policy`
    pub only_policies: Option<Vec<String>>,
    /// `--format`
    pub format: Option<String>,
    /// `--output`
    pub output: Option<PathBuf>,
    /// `--save-snapshot`
    pub save_snapshot: Option<PathBuf>,
    /// `--history`
    pub history: Option<Place>,
    /// `--lang`
    pub lang: Option<Lang>,
    /// `--fail-on`
    pub fail_on: Option<Severity>,
    /// `--currency`
    pub currency: Option<String>,
    /// `--rate`
    pub rate: Option<f64>,
}

impl Settings {
    /// These settings, and those of `file` where these do not say.
    pub fn or(self, file: Settings) -> Settings {
        Settings {
            regions: self.regions.or(file.regions),
            profile: self.profile.or(file.profile),
            role_arn: self.role_arn.or(file.role_arn),
            external_id: self.external_id.or(file.external_id),
            endpoint_url: self.endpoint_url.or(file.endpoint_url),
            timeout: self.timeout.or(file.timeout),
            attempt_timeout: self.attempt_timeout.or(file.attempt_timeout),
            operation_timeout: self.operation_timeout.or(file.operation_timeout),
            answer_limit_bytes: self.answer_limit_bytes.or(file.answer_limit_bytes),
            policies_folder: self.policies_folder.or(file.policies_folder),
            only_policies: self.only_policies.or(file.only_policies),
            format: self.format.or(file.format),
            output: self.output.or(file.output),
            save_snapshot: self.save_snapshot.or(file.save_snapshot),
            history: self.history.or(file.history),
            lang: self.lang.or(file.lang),
            fail_on: self.fail_on.or(file.fail_on),
            currency: self.currency.or(file.currency),
            rate: self.rate.or(file.rate),
        }
    }

    /// Without what says which account to ask, and how: for a recorded account, which
    /// has its own regions and needs neither profile nor role. A history of the file is one of
    /// the real account.
    pub fn without_connection(self) -> Settings {
        Settings {
            regions: None,
            profile: None,
            role_arn: None,
            external_id: None,
            endpoint_url: None,
            timeout: None,
            attempt_timeout: None,
            operation_timeout: None,
            answer_limit_bytes: None,
            history: None,
            ..self
        }
    }
}

/// A file that cannot be used, with everything that is wrong with it; displayed in English.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.what().en)]
pub struct ConfigError {
    /// In the order of lines.
    pub problems: Vec<Problem>,
}

impl Explained for ConfigError {
    fn what(&self) -> Text {
        Problem::all(&self.problems)
    }
}

/// Reads a time as flags and the file write it: `90s`, `5m`, `1h`.
///
/// # Errors
/// What to write instead.
pub fn duration(text: &str) -> Result<Duration, Invalid> {
    let unreadable = || {
        let text = quoted(text);
        Invalid::new(
            format!("`{text}` is not a time; write a number with s, m or h, for instance 90s or 5m"),
            format!("`{text}` は時間として読めない。90s や 5m のように、数と単位（s、m、h）で指定する"),
        )
    };
    let split = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err(unreadable()),
    };
    let count: u64 = number.parse().map_err(|_| unreadable())?;
    match count.checked_mul(seconds) {
        Some(total) if total > 0 && total <= 86_400 => Ok(Duration::from_secs(total)),
        _ => {
            let text = quoted(text);
            Err(Invalid::new(
                format!("`{text}` is out of range; write a time from 1s to 24h"),
                format!("`{text}` は範囲外である。1s から 24h の範囲で指定する"),
            ))
        }
    }
}

/// Reads a number of bytes as the file writes it: `500KB`, `64MB`, `1GB`, in thousands.
///
/// # Errors
/// What to write instead.
pub fn bytes(text: &str) -> Result<usize, Invalid> {
    let unreadable = || {
        Invalid::new(
            format!("`{text}` is not a size; write a number with KB, MB or GB, for instance 64MB"),
            format!("`{text}` はサイズとして読めない。64MB のように、数と単位（KB、MB、GB）で指定する"),
        )
    };
    let split = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let unit: usize = match unit {
        "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        _ => return Err(unreadable()),
    };
    let count: usize = number.parse().map_err(|_| unreadable())?;
    match count.checked_mul(unit) {
        Some(total) if (100_000..=4_000_000_000).contains(&total) => Ok(total),
        _ => Err(Invalid::new(
            format!("`{text}` is out of range; write a size from 100KB to 4GB"),
            format!("`{text}` は範囲外である。100KB から 4GB の範囲で指定する"),
        )),
    }
}

#[cfg(test)]
mod tests;
