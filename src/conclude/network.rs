//! How networks are wired: which route table and ACL serve a subnet, what they and
//! security groups let through, and answers that may be unknown.

pub(super) mod filter;
pub(crate) mod lookup;
pub(crate) mod route;
#[cfg(test)]
pub(crate) mod site;

pub(super) use filter::{Ports, Traffic};
pub(super) use lookup::Network;

use super::cidr::IpFamily;
use crate::snapshot::gap::GapId;
use crate::snapshot::known::Known;

/// An answer, or the question that would have given it.
pub(super) type OrGap<T> = Result<T, GapId>;

/// Whether all hold. One that does not decides, whatever is unknown.
pub(super) fn all(answers: impl IntoIterator<Item = Known<bool>>) -> Known<bool> {
    decided_by(false, answers)
}

/// Whether one holds. One that does decides, whatever is unknown.
pub(super) fn any(answers: impl IntoIterator<Item = Known<bool>>) -> Known<bool> {
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
pub(super) fn not(answer: Known<bool>) -> Known<bool> {
    answer.map(|value| !value)
}

/// An answer for each family: a packet does not change its family on the way.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ByFamily {
    v4: Known<bool>,
    v6: Known<bool>,
}

impl ByFamily {
    /// Answers worked out family by family.
    pub(super) fn of(answer: impl Fn(IpFamily) -> Known<bool>) -> Self {
        ByFamily { v4: answer(IpFamily::V4), v6: answer(IpFamily::V6) }
    }

    /// The same answer for both.
    pub(super) fn both(answer: &Known<bool>) -> Self {
        Self::of(|_| answer.clone())
    }

    /// The answer for a family.
    pub(super) fn get(&self, family: IpFamily) -> Known<bool> {
        match family {
            IpFamily::V4 => self.v4.clone(),
            IpFamily::V6 => self.v6.clone(),
        }
    }

    /// Whether it holds for one of the families.
    pub(crate) fn either(&self) -> Known<bool> {
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
        let first = || Known::No(GapId::new("ec2:DescribeSubnets", "eu-west-1", None));
        assert_eq!(all([Known::Yes(true), first(), unknown()]), first(), "the first that is hidden is named");
        assert_eq!(any([first(), Known::Yes(false), unknown()]), first());
        assert_eq!(all([]), Known::Yes(true));
        assert_eq!(any([]), Known::Yes(false));
    }

    #[test]
    fn one_family_is_enough() {
        let v4 = ByFamily::of(|family| Known::Yes(family == IpFamily::V4));
        assert_eq!(v4.either(), Known::Yes(true));
        assert_eq!(v4.get(IpFamily::V6), Known::Yes(false));
    }
}
