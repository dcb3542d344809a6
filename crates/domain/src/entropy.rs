//! Randomness as an argument: the trait that the composition root implements once.

/// A source of unpredictable bytes. The server's is the operating system's; tests seed theirs.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` with bytes that nobody can foresee.
    fn fill(&self, bytes: &mut [u8]);
}

/// `N` fresh bytes.
pub fn bytes<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    bytes
}
