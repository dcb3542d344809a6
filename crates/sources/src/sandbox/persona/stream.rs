//! A stream of draws for one topic of one person.

/// SplitMix64 over a seed of person, topic and index.
pub(in crate::sandbox) struct Stream(u64);

impl Stream {
    pub(in crate::sandbox) fn new(seed: u64, topic: &str, index: i32) -> Self {
        // FNV-1a spreads the topic; the first draw mixes it.
        let name =
            topic.bytes().chain(index.to_be_bytes()).fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        Self(Self(seed ^ name).next() ^ seed.rotate_left(32))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to 1, without 1.
    pub(in crate::sandbox) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// From `low` to `high`, without `high`.
    pub(in crate::sandbox) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// 0 to `count` - 1; the bias of so short ranges does not matter here.
    pub(in crate::sandbox) fn below(&mut self, count: u64) -> u64 {
        self.next() % count
    }

    pub(in crate::sandbox) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// A whole number with this mean, spread from a third of it to five thirds.
    pub(in crate::sandbox) fn count(&mut self, mean: f64) -> u32 {
        let spread = mean * self.between(1.0 / 3.0, 5.0 / 3.0);
        (spread + self.unit()) as u32
    }

    pub(in crate::sandbox) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }
}
