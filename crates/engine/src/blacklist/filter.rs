//! Which hashes are surely not listed: a split-block Bloom filter in memory, fed from the table.
//!
//! A look-up reads one block of 32 bytes for each segment and takes no lock. Nothing is ever taken
//! out: entries that were removed or expired cost a look into the database, which decides anyway.
//! When a segment is full a larger one is added, so that nothing has to be built anew.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use arc_swap::ArcSwap;
use domain::blacklist::ListedHash;

/// Words of a block; each hash sets one bit in every word.
const WORDS: usize = 8;

/// Hashes for each block, on average: 32 bits a hash, of which three in 100,000 that are not in
/// the filter pass it.
const HASHES_PER_BLOCK: usize = 8;

const CAPACITY_MIN: usize = 1 << 16;

/// Odd numbers that spread a hash's low half over the words (Apache Parquet's split-block filter).
const SALTS: [u32; WORDS] = [
    0x47b6_137b,
    0x4497_4d91,
    0x8824_ad5b,
    0xa2b7_289d,
    0x7054_95c7,
    0x2df1_424b,
    0x9efc_4947,
    0x5c6b_fb31,
];

/// Read by many, fed by one.
pub(crate) struct Filter(ArcSwap<Vec<Arc<Segment>>>);

struct Segment {
    words: Box<[AtomicU32]>,
    capacity: usize,
    used: AtomicU32,
}

impl Filter {
    /// A filter whose first segment takes `expected` hashes.
    pub(crate) fn new(expected: usize) -> Self {
        Self(ArcSwap::from_pointee(vec![Arc::new(Segment::new(expected))]))
    }

    /// False: the hash was surely never inserted.
    pub(crate) fn may_have(&self, hash: &ListedHash) -> bool {
        self.0.load().iter().any(|segment| segment.may_have(hash))
    }

    /// Inserts hashes. By one thread at a time: a second one would only waste room.
    pub(crate) fn insert(&self, hashes: impl Iterator<Item = ListedHash>) {
        for hash in hashes {
            let segments = self.0.load();
            if let Some(segment) = segments.last().filter(|segment| !segment.is_full()) {
                segment.insert(&hash);
                continue;
            }
            let larger = Segment::new(self.len());
            larger.insert(&hash);
            let segments = segments.iter().cloned().chain([Arc::new(larger)]);
            self.0.store(Arc::new(segments.collect()));
        }
    }

    /// Hashes that were inserted, those that came again included.
    pub(crate) fn len(&self) -> usize {
        let used = |segment: &Arc<Segment>| segment.used.load(Ordering::Relaxed) as usize;
        self.0.load().iter().map(used).sum()
    }

    pub(crate) fn bytes(&self) -> usize {
        self.0.load().iter().map(|segment| segment.words.len() * size_of::<u32>()).sum()
    }
}

impl Segment {
    fn new(expected: usize) -> Self {
        let capacity = expected.max(CAPACITY_MIN);
        let words = capacity.div_ceil(HASHES_PER_BLOCK) * WORDS;
        let words = (0..words).map(|_| AtomicU32::new(0)).collect();
        Self { words, capacity, used: AtomicU32::new(0) }
    }

    fn is_full(&self) -> bool {
        self.used.load(Ordering::Relaxed) as usize >= self.capacity
    }

    /// The block of a hash, and the bit that it sets in each word. The hash is an HMAC: any bits
    /// of it are as good as any others.
    fn place(&self, hash: &ListedHash) -> (&[AtomicU32], [u32; WORDS]) {
        let half = |at: usize| {
            u32::from_be_bytes([hash.0[at], hash.0[at + 1], hash.0[at + 2], hash.0[at + 3]])
        };
        let blocks = (self.words.len() / WORDS) as u64;
        let block = ((u64::from(half(0)) * blocks) >> 32) as usize;
        let bits = SALTS.map(|salt| 1 << (half(4).wrapping_mul(salt) >> 27));
        (&self.words[block * WORDS..][..WORDS], bits)
    }

    fn insert(&self, hash: &ListedHash) {
        let (words, bits) = self.place(hash);
        for (word, bit) in words.iter().zip(bits) {
            word.fetch_or(bit, Ordering::Relaxed);
        }
        self.used.fetch_add(1, Ordering::Relaxed);
    }

    fn may_have(&self, hash: &ListedHash) -> bool {
        let (words, bits) = self.place(hash);
        words.iter().zip(bits).all(|(word, bit)| word.load(Ordering::Relaxed) & bit != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Any two numbers below 2^32 give unlike hashes.
    fn hash(number: u64) -> ListedHash {
        let mut bytes = [0; 16];
        let mixed = |salt: u64| {
            let mut x = (number + salt).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb).rotate_left(32)
        };
        bytes[..8].copy_from_slice(&mixed(1).to_be_bytes());
        bytes[8..].copy_from_slice(&mixed(2).to_be_bytes());
        ListedHash(bytes)
    }

    #[test]
    fn nothing_inserted_is_missed_and_little_else_passes() {
        const COUNT: u64 = 300_000;
        for expected in [0, COUNT as usize] {
            let filter = Filter::new(expected);
            filter.insert((0..COUNT).map(hash));
            assert_eq!(filter.len() as u64, COUNT);
            assert!((0..COUNT).all(|number| filter.may_have(&hash(number))));
            let passed = (COUNT..3 * COUNT).filter(|number| filter.may_have(&hash(*number)));
            let (passed, bytes) = (passed.count(), filter.bytes());
            assert!(passed < 60, "{passed} of {} passed", 2 * COUNT);
            assert!(bytes <= COUNT as usize * 8, "{bytes} bytes");
        }
    }

    #[test]
    fn an_empty_filter_has_nothing() {
        assert!((0..1000).all(|number| !Filter::new(0).may_have(&hash(number))));
    }
}
