//! What a thing costs a month.

use crate::snapshot::GapId;

/// Money a month, in US dollars before tax, or why it cannot be said.
#[derive(Debug, Clone, PartialEq)]
pub enum MonthlyCost {
    /// As much; a saving is negative.
    Usd(f64),
    /// Nobody knows; the questions that would settle it, a missing price among them as
    /// `pricing:GetProducts@<region> about <product>`.
    Unknown(Vec<GapId>),
}

impl Default for MonthlyCost {
    fn default() -> Self {
        MonthlyCost::Unknown(Vec::new())
    }
}

impl MonthlyCost {
    /// The amount, where it is known.
    pub fn usd(&self) -> Option<f64> {
        match self {
            MonthlyCost::Usd(usd) => Some(*usd),
            MonthlyCost::Unknown(_) => None,
        }
    }

    /// The questions that hide it; none where it is known.
    pub fn gaps(&self) -> &[GapId] {
        match self {
            MonthlyCost::Usd(_) => &[],
            MonthlyCost::Unknown(gaps) => gaps,
        }
    }
}
