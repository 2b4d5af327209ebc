//! Short names for long texts.

use sha2::{Digest, Sha256};

/// The first so many hexadecimal digits of SHA-256, of which there are 64.
pub(crate) fn sha256(bytes: impl AsRef<[u8]>, digits: usize) -> String {
    let mut digest = hex::encode(Sha256::digest(bytes));
    digest.truncate(digits);
    digest
}

#[cfg(test)]
mod tests {
    use super::sha256;

    #[test]
    fn digits_are_those_of_the_standard() {
        // FIPS 180-2, appendix B.1.
        let whole = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        for digits in [0, 8, 16, 64, 100] {
            assert_eq!(sha256("abc", digits), whole[..digits.min(64)]);
        }
    }
}
