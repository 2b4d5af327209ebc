//! Why something was not delivered. No text here ever holds an address or a token.

use crate::text::Lang;
use std::time::Duration;

/// Why a message was not delivered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The address is not valid any more.
    #[error(
        "the address or token is not valid any more ({code}): make a new one and store it where the old one was"
    )]
    Revoked {
        /// What was answered.
        code: String,
    },
    /// The channel takes nothing from us until somebody changes something.
    #[error("it was refused ({code}): {hint}")]
    Refused {
        /// What was answered.
        code: String,
        /// What to do.
        hint: &'static str,
        /// The same in Japanese.
        hint_ja: &'static str,
    },
    /// The address or token cannot be had.
    #[error("{reason}")]
    NoSecret {
        /// From where, and why not.
        reason: String,
        /// The same in Japanese.
        reason_ja: String,
    },
    /// Too many messages; not before this time has passed.
    #[error("too many messages, for longer than this run waits")]
    RateLimited {
        /// As the channel asks.
        after: Duration,
    },
    /// No answer, or one that says that the channel itself is not well.
    #[error("no usable answer ({reason})")]
    Unreachable {
        /// What happened, in fixed words.
        reason: String,
    },
    /// The channel does not take the form of the message.
    #[error("the form of the message was refused ({code})")]
    BadMessage {
        /// What was answered.
        code: String,
    },
}

impl SendError {
    /// Whether it stays like this until somebody does something.
    pub fn is_lasting(&self) -> bool {
        match self {
            SendError::Revoked { .. }
            | SendError::Refused { .. }
            | SendError::NoSecret { .. }
            | SendError::BadMessage { .. } => true,
            SendError::RateLimited { .. } | SendError::Unreachable { .. } => false,
        }
    }

    /// What happened and what to do, without a full stop.
    pub fn text(&self, lang: Lang) -> String {
        if lang == Lang::En {
            return self.to_string();
        }
        match self {
            SendError::Revoked { code } => {
                format!(
                    "URL またはトークンが無効になっている（{code}）。新しく発行し、保存場所の値を置き換える"
                )
            }
            SendError::Refused { code, hint_ja, .. } => format!("拒否された（{code}）。{hint_ja}"),
            SendError::NoSecret { reason_ja, .. } => reason_ja.clone(),
            SendError::RateLimited { .. } => {
                "送信数の制限が、この実行で待てる時間を超えて続いている".to_owned()
            }
            SendError::Unreachable { reason } => format!("有効な応答がない（{reason}）"),
            SendError::BadMessage { code } => format!("メッセージの形式が受け付けられない（{code}）"),
        }
    }
}
