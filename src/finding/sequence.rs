//! The order of work: what other work needs comes first, then the most urgent.

use std::cmp::Ordering;

/// Lends the urgency of work to what it waits for, also by way of other work: what urgent
/// work needs is as urgent. `needs(one, other)`: `one` cannot be done before `other`; both are
/// places in `urgencies`.
pub(crate) fn lend_urgency<U: Copy>(
    urgencies: &mut [U],
    compare: impl Fn(&U, &U) -> Ordering,
    needs: impl Fn(usize, usize) -> bool,
) {
    // Each round carries it one step further; circles cannot make it endless.
    for _ in 0..urgencies.len() {
        let before = urgencies.to_vec();
        let mut is_settled = true;
        for (place, urgency) in urgencies.iter_mut().enumerate() {
            for (other, lent) in before.iter().enumerate() {
                if needs(other, place) && compare(lent, urgency).is_gt() {
                    *urgency = *lent;
                    is_settled = false;
                }
            }
        }
        if is_settled {
            break;
        }
    }
}

/// The places of `count` pieces of work in the order to do them: again and again the most urgent
/// of those that wait for nothing. `compare(one, other)` is greater where `one` is more urgent;
/// among equals the earlier place goes first. In a circle, where everything waits, the earliest
/// place goes first.
pub(crate) fn needed_first(
    count: usize,
    compare: impl Fn(usize, usize) -> Ordering,
    needs: impl Fn(usize, usize) -> bool,
) -> Vec<usize> {
    let needed: Vec<Vec<usize>> = (0..count)
        .map(|one| (0..count).filter(|other| *other != one && needs(one, *other)).collect())
        .collect();
    let mut waiting: std::collections::BTreeSet<usize> = (0..count).collect();
    let mut ordered = Vec::with_capacity(count);
    while let Some(earliest) = waiting.first().copied() {
        let is_ready = |one: &usize| {
            needed.get(*one).is_none_or(|others| others.iter().all(|other| !waiting.contains(other)))
        };
        let ready = waiting.iter().copied().filter(is_ready);
        let next = ready.max_by(|one, other| compare(*one, *other).then(other.cmp(one)));
        let next = next.unwrap_or(earliest);
        waiting.remove(&next);
        ordered.push(next);
    }
    ordered
}

/// These pieces of work in the order of their places.
pub(crate) fn arranged<T>(work: Vec<T>, places: &[usize]) -> Vec<T> {
    let mut work: Vec<Option<T>> = work.into_iter().map(Some).collect();
    places.iter().filter_map(|place| work.get_mut(*place).and_then(Option::take)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(urgencies: &[u8], needs: &[(usize, usize)]) -> Vec<usize> {
        let needs = |one, other| needs.contains(&(one, other));
        let mut lent = urgencies.to_vec();
        lend_urgency(&mut lent, u8::cmp, needs);
        needed_first(lent.len(), |one, other| lent[one].cmp(&lent[other]), needs)
    }

    #[test]
    fn what_urgent_work_needs_is_as_urgent() {
        assert_eq!(order(&[1, 3, 2], &[]), [1, 2, 0]);
        // 0 needs 3, which needs 2: both come before the more urgent 1.
        assert_eq!(order(&[9, 5, 1, 1], &[(0, 3), (3, 2)]), [2, 3, 0, 1]);
        // What nothing needs stays where it is.
        assert_eq!(order(&[5, 5, 5], &[(0, 2)]), [1, 2, 0]);
    }

    #[test]
    fn a_circle_ends_and_loses_nothing() {
        assert_eq!(order(&[1, 2, 3], &[(0, 1), (1, 0)]), [2, 0, 1]);
        assert_eq!(order(&[1], &[(0, 0)]), [0]);
        assert_eq!(order(&[], &[]), Vec::<usize>::new());
        assert_eq!(arranged(vec!["a", "b", "c"], &[2, 0, 1]), ["c", "a", "b"]);
    }
}
