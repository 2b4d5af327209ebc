//! Why a run was not possible, in both languages.

use crate::config::ConfigError;
use crate::history::pending::ChannelKind;
use crate::policy::PolicyError;
use crate::snapshot::store::StoreError;
use crate::text::Lang;
use std::path::PathBuf;

/// Why a run was not possible.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Policies cannot be used.
    #[error("load the policies:\n{0}")]
    Policies(#[from] PolicyError),
    /// The configuration cannot be used.
    #[error("use the configuration:\n{0}")]
    Config(#[from] ConfigError),
    /// The configuration cannot be read.
    #[error("read {path}: {reason}")]
    ConfigFile {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A policy was named that does not exist.
    #[error("find the policy `{id}`{hint}")]
    NoSuchPolicy {
        /// As it was named.
        id: String,
        /// What was probably meant.
        hint: String,
    },
    /// A snapshot cannot be read or written.
    #[error(transparent)]
    Snapshot(#[from] StoreError),
    /// AWS cannot be asked.
    #[cfg(feature = "aws")]
    #[error(transparent)]
    Collect(#[from] crate::ask::CollectError),
    /// A history cannot be used.
    #[error(transparent)]
    History(#[from] crate::history::store::HistoryError),
    /// There is no history yet.
    #[error("find the history {place}; `tenken scan --history` begins one")]
    NoHistory {
        /// Where it was looked for.
        place: String,
    },
    /// Something is in S3, and there is no client for it.
    #[error("use {place}: this tenken was built without AWS; name a file")]
    NoAws {
        /// What was named.
        place: String,
    },
    /// A channel was named that the configuration does not describe.
    #[error("tell {kind}: tenken.toml does not describe it; write [notify.{kind}] as docs/notify.md shows")]
    ChannelNotDescribed {
        /// The channel.
        kind: ChannelKind,
    },
    /// The address of a channel is not where it should be.
    #[error(
        "tell {kind}: the variable {name} is not set; set it to the address or token, see docs/notify.md"
    )]
    NoVariable {
        /// The channel.
        kind: ChannelKind,
        /// The variable.
        name: String,
    },
    /// There is no client for channels.
    #[error("tell {kind}: this tenken was built without AWS, and has no client for it")]
    NoClient {
        /// The channel.
        kind: ChannelKind,
    },
    /// Without a history, nobody knows what was told already.
    #[error(
        "tell anybody what changed: --notify needs --history, which keeps what was there and what was told"
    )]
    NotifyWithoutHistory,
    /// Two runs cannot be compared.
    #[error(transparent)]
    Diff(#[from] crate::history::diff::DiffError),
    /// A file cannot be compared.
    #[error("compare {path}: {reason}")]
    Compared {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Options cannot be carried out.
    #[error(transparent)]
    Simulate(#[from] crate::simulate::SimulateError),
    /// A policy file cannot be written.
    #[error("write {path}: {reason}")]
    PolicyFile {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The program's own machinery failed.
    #[error("start: {0}")]
    Start(std::io::Error),
}

impl RunError {
    /// The whole message for people: what happened, and what to do.
    pub fn text(&self, lang: Lang) -> String {
        match (self, lang) {
            #[cfg(feature = "aws")]
            (RunError::Collect(error), _) => {
                let is_japanese = lang == Lang::Ja;
                format!("{}\n{}", error.text(is_japanese), error.hint(is_japanese))
            }
            (RunError::Snapshot(error), Lang::Ja) => error.text_ja(),
            (RunError::History(error), _) => error.text(lang),
            (RunError::Diff(error), _) => error.text(lang),
            (RunError::Simulate(error), _) => error.text(lang),
            (RunError::NoHistory { place }, Lang::Ja) => {
                format!("履歴 {place} がない。`tenken scan --history` で記録を始める。")
            }
            (RunError::NoAws { place }, Lang::Ja) => {
                format!(
                    "{place} を使えない: この tenken は AWS 機能なしでビルドされている。ファイルを指定する。"
                )
            }
            (RunError::ChannelNotDescribed { kind }, Lang::Ja) => format!(
                "{kind} に通知できない: tenken.toml に設定がない。docs/notify.md を参照して [notify.{kind}] を追加する。"
            ),
            (RunError::NoVariable { kind, name }, Lang::Ja) => format!(
                "{kind} に通知できない: 環境変数 {name} が設定されていない。URL またはトークンを設定する（docs/notify.md を参照）。"
            ),
            (RunError::NoClient { kind }, Lang::Ja) => {
                format!("{kind} に通知できない: この tenken は AWS 機能なしでビルドされている。")
            }
            (RunError::NotifyWithoutHistory, Lang::Ja) => {
                "変化を通知できない: --notify には --history が必要。前回の状態と通知済みの内容を履歴に保持する。".to_owned()
            }
            (RunError::Compared { path, reason }, Lang::Ja) => {
                format!("{} を比較できない: {reason}", path.display())
            }
            (RunError::Config(error), Lang::Ja) => format!("設定ファイルを使えない。\n{}", error.text(lang)),
            (RunError::ConfigFile { path, reason }, Lang::Ja) => {
                format!("設定ファイル {} を読み込めない: {reason}", path.display())
            }
            (RunError::PolicyFile { path, reason }, Lang::Ja) => {
                format!("{} に書き込めない: {reason}", path.display())
            }
            (RunError::Start(reason), Lang::Ja) => format!("処理を開始できない: {reason}"),
            (RunError::Policies(error), Lang::Ja) => format!("ポリシーを読み込めない。\n{error}"),
            (RunError::NoSuchPolicy { id, .. }, Lang::Ja) => {
                format!("ポリシー `{id}` は存在しない。`tenken policies list` で一覧を確認できる。")
            }
            _ => format!("failed to {self}"),
        }
    }
}
