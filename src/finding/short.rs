//! Ids as people type them: by their beginnings.

/// No beginning that is shown has fewer digits.
const LEAST_DIGITS: usize = 6;

/// How many digits of these ids tell all of them apart; at least six.
pub fn telling_digits<'i>(ids: impl IntoIterator<Item = &'i str>) -> usize {
    let mut ids: Vec<&str> = ids.into_iter().collect();
    ids.sort_unstable();
    ids.dedup();
    let alike = |left: &str, right: &str| left.chars().zip(right.chars()).take_while(|(l, r)| l == r).count();
    let pairs = ids.iter().zip(ids.iter().skip(1));
    pairs.map(|(left, right)| alike(left, right) + 1).max().unwrap_or_default().max(LEAST_DIGITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_digits_as_it_takes() {
        assert_eq!(telling_digits([]), 6);
        assert_eq!(telling_digits(["a629020c65adcd53"]), 6);
        assert_eq!(telling_digits(["a629020c65adcd53", "a62902", "20d81749d51c9f38"]), 7);
        assert_eq!(telling_digits(["a629020c65adcd53", "a629020c65adcd53"]), 6);
        assert_eq!(telling_digits(["a629020c65adcd53", "a629020c65ad0000", "b"]), 13);
    }
}
