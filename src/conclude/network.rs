//! How networks are wired: which route table and ACL serve a subnet, what they and
//! security groups let through, and answers that may be unknown.

pub mod filter;
pub mod lookup;
pub mod route;
#[cfg(test)]
pub mod site;

pub use filter::{Ports, Traffic};
pub use lookup::Network;

use super::cidr::Family;
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;

/// An answer, or the question that would have given it.
pub type Answer<T> = Result<T, GapId>;

/// Whether all hold. One that does not decides, whatever is unknown.
pub fn all(answers: impl IntoIterator<Item = Known<bool>>) -> Known<bool> {
    decided_by(false, answers)
}

/// Whether one holds. One that does decides, whatever is unknown.
pub fn any(answers: impl IntoIterator<Item = Known<bool>>) -> Known<bool> {
    decided_by(true, answers)
}

fn decided_by(decisive: bool, answers: impl IntoIterator<Item = Known<bool>>) -> Known<bool> {
    let mut result = Known::Yes(!decisive);
    for answer in answers {
        match answer {
            Known::Yes(value) if value == decisive => return Known::Yes(decisive),
            Known::No(gap) if result.known().is_some() => result = Known::No(gap),
            _ => {}
        }
    }
    result
}

/// The opposite.
pub fn not(answer: Known<bool>) -> Known<bool> {
    answer.map(|value| !value)
}

/// An answer for each family: a packet does not change its family on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct ByFamily {
    v4: Known<bool>,
    v6: Known<bool>,
}

impl ByFamily {
    /// Answers worked out family by family.
    pub fn of(answer: impl Fn(Family) -> Known<bool>) -> Self {
        ByFamily { v4: answer(Family::V4), v6: answer(Family::V6) }
    }

    /// The same answer for both.
    pub fn both(answer: &Known<bool>) -> Self {
        Self::of(|_| answer.clone())
    }

    /// The answer for a family.
    pub fn get(&self, family: Family) -> Known<bool> {
        match family {
            Family::V4 => self.v4.clone(),
            Family::V6 => self.v6.clone(),
        }
    }

    /// Whether it holds for one of the families.
    pub fn either(&self) -> Known<bool> {
        any([self.v4.clone(), self.v6.clone()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_decides_is_not_hidden_by_what_is_unknown() {
        let unknown = || Known::No(GapId::default());
        assert_eq!(all([unknown(), Known::Yes(false)]), Known::Yes(false));
        assert_eq!(all([unknown(), Known::Yes(true)]), unknown());
        assert_eq!(any([unknown(), Known::Yes(true)]), Known::Yes(true));
        assert_eq!(any([Known::Yes(false), unknown()]), unknown());
        assert_eq!(all([]), Known::Yes(true));
        assert_eq!(any([]), Known::Yes(false));
    }

    #[test]
    fn one_family_is_enough() {
        let v4 = ByFamily::of(|family| Known::Yes(family == Family::V4));
        assert_eq!(v4.either(), Known::Yes(true));
        assert_eq!(v4.get(Family::V6), Known::Yes(false));
    }
}
