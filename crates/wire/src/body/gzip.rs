//! `Content-Encoding: gzip`: one layer, unpacked by increments, so that a small body that stands
//! for a huge one costs no more memory than a body may.

use std::io::Read as _;

use flate2::bufread::GzDecoder;

/// Unpacked at once; a limit is overstepped by no more than this before it is noticed.
const STEP_BYTES: usize = 16 * 1024;
/// Real data packs to a hundredth at best; a bomb to a thousandth.
const RATIO_MAX: usize = 100;
/// What may come on top of the ratio: small bodies that repeat themselves are honest.
const RATIO_SLACK_BYTES: usize = 1024 * 1024;

/// Why a packed body is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GzipFault {
    /// Not gzip, cut short, or its checksum is wrong.
    Broken,
    /// Larger than allowed when unpacked.
    TooLarge,
    /// Grows more than a hundredfold.
    TooDense,
    /// Something follows the end of the stream; another reader might take it for a part of it.
    Trailing,
}

impl GzipFault {
    /// What is wrong, in words for the merchant's developer.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Broken => "the body is not gzip, or is cut short",
            Self::TooLarge => "the body is too large when unpacked",
            Self::TooDense => "the body grows more than a hundredfold when unpacked",
            Self::Trailing => "something follows the end of the gzip stream of the body",
        }
    }
}

/// What every gzip stream begins with (RFC 1952, section 2.3.1).
const MAGIC: &[u8] = &[0x1f, 0x8b];

/// Bytes that `packed` says it stands for (`ISIZE`, its last field); none when it is no gzip.
/// [`unpack`] gives no more than that, so room for it can be had before.
pub fn unpacked_bytes(packed: &[u8]) -> usize {
    let size = packed.last_chunk().filter(|_| packed.starts_with(MAGIC));
    size.map_or(0, |size| u32::from_le_bytes(*size) as usize)
}

/// What `packed` stands for, at most `max_bytes` of it.
pub fn unpack(packed: &[u8], max_bytes: usize) -> Result<Vec<u8>, GzipFault> {
    let mut decoder = GzDecoder::new(packed);
    let mut plain = Vec::new();
    let mut step = vec![0; STEP_BYTES];
    loop {
        let length = decoder.read(&mut step).map_err(|_| GzipFault::Broken)?;
        if length == 0 {
            break;
        }
        plain.extend_from_slice(&step[..length]);
        if plain.len() > max_bytes {
            return Err(GzipFault::TooLarge);
        }
        if plain.len() > unpacked_bytes(packed) {
            return Err(GzipFault::Broken);
        }
        let consumed = packed.len() - decoder.get_ref().len();
        if plain.len() > consumed * RATIO_MAX + RATIO_SLACK_BYTES {
            return Err(GzipFault::TooDense);
        }
    }
    if decoder.get_ref().is_empty() { Ok(plain) } else { Err(GzipFault::Trailing) }
}
