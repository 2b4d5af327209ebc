//! Which findings are one, and which options mend them all.

use std::collections::BTreeSet;

/// Numbers that fall into sets; the least of a set names it.
pub(crate) struct DisjointSets {
    parent: Vec<usize>,
}

impl DisjointSets {
    /// Every number up to `count` alone.
    pub(crate) fn new(count: usize) -> Self {
        DisjointSets { parent: (0..count).collect() }
    }

    /// The least number of its set.
    pub(crate) fn root(&self, mut index: usize) -> usize {
        while let Some(parent) = self.parent.get(index).filter(|parent| **parent != index) {
            index = *parent;
        }
        index
    }

    /// Makes one set of two.
    pub(crate) fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        let (least, most) = (one.min(other), one.max(other));
        if let Some(parent) = self.parent.get_mut(most) {
            *parent = least;
        }
    }
}

/// The parts that are left when those go whose findings are all mended by others that stay. What
/// mends the least besides its own goes first; `mended` holds pairs of a finding and one whose
/// option mends it. Findings come the worst first, and `rank` tells how bad one is: the way out of what
/// is bad does not wait for that of what is less so.
pub(super) fn needed_parts<R: Ord>(
    parts: Vec<Vec<usize>>,
    mended: &BTreeSet<(usize, usize)>,
    rank: impl Fn(usize) -> R,
) -> Vec<Vec<usize>> {
    let reach = |part: &[usize]| {
        let others = mended.iter().filter(|(other, by)| part.contains(by) && !part.contains(other));
        others.map(|(other, _)| other).collect::<BTreeSet<_>>().len()
    };
    let mut order: Vec<(usize, usize)> =
        parts.iter().enumerate().map(|(place, part)| (reach(part), place)).collect();
    // Among equals the less bad go first.
    order.sort_by(|left, right| left.0.cmp(&right.0).then(right.1.cmp(&left.1)));
    let mut stays = vec![true; parts.len()];
    for (_, place) in order {
        let without = |other: usize| other != place && stays.get(other).is_some_and(|stays| *stays);
        let is_mended = |finding: &usize| {
            let mut others = parts.iter().enumerate().filter(|(other, _)| without(*other));
            others.any(|(_, part)| {
                part.iter().any(|by| mended.contains(&(*finding, *by)) && rank(*by) >= rank(*finding))
            })
        };
        // What went before must not have relied on it.
        let mut gone = parts.iter().enumerate().filter(|(other, _)| !without(*other));
        if gone.all(|(_, part)| part.iter().all(is_mended))
            && let Some(stays) = stays.get_mut(place)
        {
            *stays = false;
        }
    }
    let mut stays = stays.into_iter();
    parts.into_iter().filter(|_| stays.next().unwrap_or(true)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_mend_is_not_done_again() {
        let parts = || vec![vec![0], vec![1, 2], vec![3]];
        let mended = |pairs: &[(usize, usize)]| pairs.iter().copied().collect::<BTreeSet<_>>();
        assert_eq!(needed_parts(parts(), &mended(&[]), |_| 0), parts());
        assert_eq!(needed_parts(parts(), &mended(&[(1, 0)]), |_| 0), parts(), "one of two is left");
        assert_eq!(needed_parts(parts(), &mended(&[(1, 0), (2, 3)]), |_| 0), [vec![0], vec![3]]);
        // Two that mend each other: one stays.
        assert_eq!(needed_parts(vec![vec![0], vec![1]], &mended(&[(0, 1), (1, 0)]), |_| 0), [vec![0]]);
        // The worse does not go for the less bad.
        assert_eq!(
            needed_parts(vec![vec![0], vec![1]], &mended(&[(0, 1)]), std::cmp::Reverse),
            [vec![0], vec![1]]
        );
        // What is mended by something that goes itself stays.
        assert_eq!(needed_parts(parts(), &mended(&[(3, 1), (1, 0), (2, 0)]), |_| 0), [vec![0], vec![1, 2]]);
    }
}
