//! Changes to bytes, from a seed alone: the same seed makes the same changes.

/// Pieces that matter to one reader or another.
const WORDS: [&[u8]; 24] = [
    b"&",
    b"=",
    b"%",
    b"%00",
    b"[",
    b"]",
    b"[]",
    b"{",
    b"}",
    b"\"",
    b",",
    b":",
    b"\\u",
    b"\r\n",
    b"\r\n\r\n",
    b"--b",
    b"--",
    b";",
    b"\0",
    b"\xff",
    b"9999999999",
    b"-",
    b"\n",
    b" ",
];

/// Numbers at which one reader or another has an edge.
const NUMBERS: [&[u8]; 12] = [
    b"0",
    b"1",
    b"-1",
    b"2",
    b"1.5",
    b"64",
    b"255",
    b"65536",
    b"-2147483648",
    b"1e39",
    b"1e308",
    b"nan",
];

/// Texts grow to this at most.
const LENGTH_MAX: usize = 4096;

/// A source of changes (xorshift64*).
pub struct Mutation(u64);

impl Mutation {
    pub fn new(seed: u64) -> Self {
        Self(seed.max(1))
    }

    /// A number below `limit`, which is not 0.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        number as usize % limit
    }

    /// `bytes` with one to four changes; `other` lends pieces.
    pub fn change(&mut self, bytes: &[u8], other: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for _ in 0..=self.below(4) {
            self.change_once(&mut bytes, other);
            bytes.truncate(LENGTH_MAX);
        }
        bytes
    }

    fn change_once(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        let at = self.below(bytes.len() + 1);
        let end = at + self.below(bytes.len() - at + 1);
        match self.below(8) {
            0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
            1 if at < bytes.len() => bytes[at] = self.below(256) as u8,
            2 => drop(bytes.splice(at..at, WORDS[self.below(WORDS.len())].iter().copied())),
            3 => drop(bytes.drain(at..end)),
            4 => {
                let again = bytes[at..end].to_vec();
                bytes.splice(end..end, again);
            }
            5 => bytes.truncate(at),
            6 => self.change_number(bytes, at),
            _ => {
                let from = self.below(other.len() + 1);
                let until = from + self.below(other.len() - from + 1);
                bytes.splice(at..end, other[from..until].iter().copied());
            }
        }
    }

    /// Makes the next number behind `at` another one.
    fn change_number(&mut self, bytes: &mut Vec<u8>, at: usize) {
        let Some(first) = bytes[at..].iter().position(u8::is_ascii_digit) else { return };
        let first = at + first;
        let is_part = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'-');
        let length = bytes[first..].iter().take_while(|byte| is_part(byte)).count();
        let number = NUMBERS[self.below(NUMBERS.len())];
        bytes.splice(first..first + length, number.iter().copied());
    }
}
