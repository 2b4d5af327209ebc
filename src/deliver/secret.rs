//! Values that must not be shown.

use std::fmt;

/// A value that is never shown: it has no text form, and its debug form hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(String);

impl SecretText {
    /// Hides a value. White space around it is a slip of whoever stored it.
    pub fn new(value: &str) -> SecretText {
        SecretText(value.trim().to_owned())
    }

    /// The value, for the one request that needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_have_no_text() {
        let secret = SecretText::new(" https://hooks.slack.com/services/T/B/XXXX\n");
        assert_eq!(format!("{secret:?}"), "Secret(hidden)");
        assert_eq!(secret.reveal(), "https://hooks.slack.com/services/T/B/XXXX");
    }
}
