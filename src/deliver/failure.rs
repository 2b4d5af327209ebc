//! Why something was not delivered. No text here ever holds an address or a token.

use crate::text::{Explained, Text};
use std::time::Duration;

/// Why a message was not delivered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.what().en)]
pub enum SendError {
    /// The address is not valid any more.
    Revoked {
        /// What was answered.
        code: String,
    },
    /// The channel takes nothing from us until somebody changes something.
    Refused {
        /// What was answered.
        code: String,
        /// What to do.
        hint: Text,
    },
    /// The address or token cannot be had.
    NoSecret {
        /// From where, and why not.
        reason: Text,
    },
    /// Too many messages; not before this time has passed.
    RateLimited {
        /// As the channel asks.
        after: Duration,
    },
    /// No answer, or one that says that the channel itself is not well.
    Unreachable {
        /// What happened, in fixed words.
        reason: Text,
    },
    /// The channel does not take the form of the message.
    BadMessage {
        /// What was answered.
        code: String,
    },
}

impl SendError {
    /// Whether it stays like this until somebody does something.
    pub(crate) fn is_lasting(&self) -> bool {
        match self {
            SendError::Revoked { .. }
            | SendError::Refused { .. }
            | SendError::NoSecret { .. }
            | SendError::BadMessage { .. } => true,
            SendError::RateLimited { .. } | SendError::Unreachable { .. } => false,
        }
    }
}

impl Explained for SendError {
    fn what(&self) -> Text {
        match self {
            SendError::Revoked { code } => Text::new(
                format!(
                    "the address or token is no longer valid ({code}): create a new one and store it where the old one was"
                ),
                format!(
                    "URL またはトークンが無効になっている（{code}）。新しく発行し、保存場所の値を置き換える"
                ),
            ),
            SendError::Refused { code, hint } => Text::new(
                format!("it was refused ({code}): {}", hint.en),
                format!("拒否された（{code}）。{}", hint.ja),
            ),
            SendError::NoSecret { reason } => reason.clone(),
            SendError::RateLimited { .. } => Text::new(
                "too many messages, for longer than this run waits",
                "送信数の制限が、この実行で待てる時間を超えて続いている",
            ),
            SendError::Unreachable { reason } => Text::new(
                format!("no usable answer ({})", reason.en),
                format!("有効な応答がない（{}）", reason.ja),
            ),
            SendError::BadMessage { code } => Text::new(
                format!("the format of the message was rejected ({code})"),
                format!("メッセージの形式が受け付けられない（{code}）"),
            ),
        }
    }
}
