//! Why a run was not possible, in both languages.

use super::places::SamePlace;
use crate::config::ConfigError;
use crate::history::announcement::ChannelKind;
use crate::policy::{NoSuchPolicy, PolicyError};
use crate::snapshot::store::SnapshotStoreError;
use crate::text::{Explained, Text, system_error};
use std::path::{Path, PathBuf};

/// Why a run was not possible.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.what().en)]
pub enum RunError {
    /// Policies cannot be used.
    Policies(#[from] PolicyError),
    /// The configuration cannot be used.
    Config(#[from] ConfigError),
    /// The configuration cannot be read.
    ConfigFile {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: Text,
    },
    /// A policy was named that does not exist.
    NoSuchPolicy(#[from] NoSuchPolicy),
    /// A snapshot cannot be read or written.
    Snapshot(#[from] SnapshotStoreError),
    /// AWS cannot be asked.
    #[cfg(feature = "aws")]
    Collect(#[from] crate::ask::CollectError),
    /// A history cannot be used.
    History(#[from] crate::history::store::HistoryError),
    /// There is no history yet.
    NoHistory {
        /// Where it was looked for.
        place: String,
    },
    /// What is written at one place would destroy what is read or written there otherwise.
    SamePlace(#[from] SamePlace),
    /// Something is in S3, and there is no client for it.
    NoAws {
        /// What was named.
        place: String,
    },
    /// A channel was named that the configuration does not describe.
    ChannelNotDescribed {
        /// The channel.
        kind: ChannelKind,
    },
    /// The address of a channel is not where it should be.
    NoVariable {
        /// The channel.
        kind: ChannelKind,
        /// The variable.
        name: String,
    },
    /// There is nothing to ask AWS with.
    NoCollector,
    /// There is no client for channels.
    NoClient {
        /// The channel.
        kind: ChannelKind,
    },
    /// Without a history, nobody knows what was told already.
    NotifyWithoutHistory,
    /// Two runs cannot be compared.
    Diff(#[from] crate::history::diff::DiffError),
    /// A file cannot be compared.
    Compared {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: Text,
    },
    /// Options cannot be carried out.
    Simulate(#[from] crate::simulate::SimulateError),
    /// Something cannot be written.
    Unwritten {
        /// The file, or the object in S3.
        place: String,
        /// Why.
        reason: Text,
    },
    /// Standard output takes nothing.
    StandardOutput(std::io::Error),
    /// The program's own machinery failed.
    Start(std::io::Error),
}

impl RunError {
    /// A file that cannot be written.
    pub(crate) fn unwritten(path: &Path, reason: Text) -> RunError {
        RunError::Unwritten { place: path.display().to_string(), reason }
    }
}

#[cfg(feature = "aws")]
impl From<crate::deliver::OpenError> for RunError {
    fn from(error: crate::deliver::OpenError) -> Self {
        use crate::deliver::OpenError;
        match error {
            OpenError::Start(error) => RunError::Start(error),
            OpenError::SharedConfig(error) => RunError::Collect(error.into()),
        }
    }
}

impl Explained for RunError {
    fn what(&self) -> Text {
        match self {
            RunError::Policies(error) => {
                let problems = error.what();
                Text::new(
                    format!("load the policies:\n{}", problems.en),
                    format!("ポリシーを読み込めない。\n{}", problems.ja),
                )
            }
            RunError::Config(error) => {
                let problems = error.what();
                Text::new(
                    format!("use the configuration:\n{}", problems.en),
                    format!("設定ファイルを使えない。\n{}", problems.ja),
                )
            }
            RunError::ConfigFile { path, reason } => {
                let path = path.display();
                Text::new(
                    format!("read {path}: {}", reason.en),
                    format!("設定ファイル {path} を読み込めない: {}", reason.ja),
                )
            }
            RunError::NoSuchPolicy(error) => error.what(),
            RunError::Snapshot(error) => error.what(),
            #[cfg(feature = "aws")]
            RunError::Collect(error) => error.what(),
            RunError::History(error) => error.what(),
            RunError::NoHistory { place } => Text::new(
                format!("find the history {place}; `tenken scan --history` starts one"),
                format!("履歴 {place} がない。`tenken scan --history` で記録を始める。"),
            ),
            RunError::SamePlace(error) => error.what(),
            RunError::NoAws { place } => Text::new(
                format!("use {place}: this tenken was built without AWS support; name a file"),
                format!(
                    "{place} を使えない: この tenken は AWS 機能なしでビルドされている。ファイルを指定する。"
                ),
            ),
            RunError::ChannelNotDescribed { kind } => Text::new(
                format!(
                    "notify {kind}: tenken.toml does not describe it; write [notify.{kind}] as docs/notify.md shows"
                ),
                format!(
                    "{kind} に通知できない: tenken.toml に設定がない。docs/notify.md を参照して [notify.{kind}] を追加する。"
                ),
            ),
            RunError::NoVariable { kind, name } => Text::new(
                format!(
                    "notify {kind}: the variable {name} is not set; set it to the address or token, see docs/notify.md"
                ),
                format!(
                    "{kind} に通知できない: 環境変数 {name} が設定されていない。URL またはトークンを設定する（docs/notify.md を参照）。"
                ),
            ),
            RunError::NoCollector => Text::new(
                "ask AWS: this tenken was built without AWS support; give it a saved snapshot with --snapshot FILE",
                "AWS に問い合わせできない: この tenken は AWS 機能なしでビルドされている。--snapshot で保存済みのスナップショットを指定する。",
            ),
            RunError::NoClient { kind } => Text::new(
                format!("notify {kind}: this tenken was built without AWS support, and has no client for it"),
                format!("{kind} に通知できない: この tenken は AWS 機能なしでビルドされている。"),
            ),
            RunError::NotifyWithoutHistory => Text::new(
                "notify anybody: --notify needs --history, which keeps the previous state and what was sent",
                "変化を通知できない: --notify には --history が必要。前回の状態と通知済みの内容を履歴に保持する。",
            ),
            RunError::Diff(error) => error.what(),
            RunError::Compared { path, reason } => {
                let path = path.display();
                Text::new(
                    format!("compare {path}: {}", reason.en),
                    format!("{path} を比較できない: {}", reason.ja),
                )
            }
            RunError::Simulate(error) => error.what(),
            RunError::Unwritten { place, reason } => Text::new(
                format!("write {place}: {}", reason.en),
                format!("{place} に書き込めない: {}", reason.ja),
            ),
            RunError::StandardOutput(reason) => {
                let Text { en, ja } = system_error(reason);
                Text::new(format!("write to standard output: {en}"), format!("標準出力に書き込めない: {ja}"))
            }
            RunError::Start(reason) => {
                let Text { en, ja } = system_error(reason);
                Text::new(format!("start: {en}"), format!("処理を開始できない: {ja}"))
            }
        }
    }

    fn hint(&self) -> Option<Text> {
        match self {
            #[cfg(feature = "aws")]
            RunError::Collect(error) => error.hint(),
            _ => None,
        }
    }
}
