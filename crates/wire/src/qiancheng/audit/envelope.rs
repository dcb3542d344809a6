//! From the field `data` as it was sent to the application inside it.
//!
//! Two envelopes are read: RSA blocks, as legacy clients send them, and a compact JWE. Whatever is
//! wrong inside either of them, from Base64 to JSON, is [`Unread::Syntax`]: one refusal, the same
//! bytes. What everybody can see from outside (how long it is, which of the two) is told.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use domain::application::Application;
use domain::keys::{AuditKey, AuditKeys, Wrapped};
use domain::secret::Secret;

use super::{DATA, Fault, Unread, jwe, read};
use crate::body::unpack;

/// What every gzip stream begins with (RFC 1952, section 2.3.1); no JSON does.
const GZIP: &[u8] = &[0x1f, 0x8b];

/// Old clients leave the padding out, or write more of it.
const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);

/// Opens what was encrypted to the platform. What it gives back for a broken text takes as long as
/// for a sound one, and is not told apart here.
pub trait Decrypt {
    /// The versions of the keys that are to be tried, the newest first.
    fn versions(&self) -> Vec<u32>;

    /// What RSA PKCS#1 v1.5 blocks stand for under that key; a text that nobody sent where they
    /// stand for nothing.
    fn blocks(&self, version: u32, cipher: &[u8]) -> Secret<Vec<u8>>;

    /// The text of a JWE.
    fn wrapped(&self, version: u32, wrapped: Wrapped<'_>) -> Option<Secret<Vec<u8>>>;
}

impl Decrypt for AuditKeys<'_> {
    fn versions(&self) -> Vec<u32> {
        self.iter().map(|(version, _)| version).collect()
    }

    fn blocks(&self, version: u32, cipher: &[u8]) -> Secret<Vec<u8>> {
        let key = self.get(version);
        key.map_or_else(|| Secret::new(Vec::new()), |key| key.open_blocks(cipher))
    }

    fn wrapped(&self, version: u32, wrapped: Wrapped<'_>) -> Option<Secret<Vec<u8>>> {
        self.get(version)?.open_wrapped(wrapped)
    }
}

/// The application in `data`. `takes_blocks` is whether the merchant asked for the legacy envelope.
///
/// It costs up to [`AuditKey::BLOCKS_MAX`] RSA operations for each key: where that matters, call it
/// on a thread of its own.
pub fn open(data: &str, takes_blocks: bool, keys: &dyn Decrypt) -> Result<Application, Unread> {
    let told = |fault| Unread::Field { path: DATA.to_owned(), fault };
    let data = data.trim();
    if data.is_empty() {
        return Err(told(Fault::MISSING));
    }
    // Neither alphabet of Base64 has a full stop.
    if data.contains('.') {
        return jwe::open(data, keys).ok_or(Unread::Syntax).and_then(|text| unpacked(&text));
    }
    if !takes_blocks {
        return Err(told(Fault::Envelope));
    }
    let cipher = STANDARD.decode(&*mended(data)).map_err(|_| Unread::Syntax)?;
    if cipher.len() > AuditKey::BLOCKS_MAX * AuditKey::BLOCK_LENGTH {
        return Err(told(Fault::TooLong));
    }
    if cipher.is_empty() || cipher.len() % AuditKey::BLOCK_LENGTH != 0 {
        return Err(Unread::Syntax);
    }
    // Blocks do not say whose they are: all keys are tried, on all that cannot be read.
    let texts = keys.versions().into_iter().map(|version| keys.blocks(version, &cipher));
    let mut read = texts.map(|text| unpacked(&text)).skip_while(|read| *read == SYNTAX);
    read.next().unwrap_or(SYNTAX)
}

const SYNTAX: Result<Application, Unread> = Err(Unread::Syntax);

/// Base64 as it arrives from PHP: in lines (`chunk_split`), with a `+` that a form turned into a
/// space, or in the alphabet of URLs.
fn mended(data: &str) -> Cow<'_, str> {
    let is_odd = |c: char| matches!(c, '\r' | '\n' | '\t' | ' ' | '-' | '_');
    if !data.contains(is_odd) {
        return Cow::Borrowed(data);
    }
    let mend = |c: char| match c {
        '\r' | '\n' | '\t' => None,
        ' ' | '-' => Some('+'),
        '_' => Some('/'),
        other => Some(other),
    };
    Cow::Owned(data.chars().filter_map(mend).collect())
}

/// The application of a text that was decrypted, and packed before that or not.
fn unpacked(text: &Secret<Vec<u8>>) -> Result<Application, Unread> {
    let text = text.expose();
    if !text.starts_with(GZIP) {
        return read(text);
    }
    let plain = unpack(text, Application::BYTES_MAX).map_err(|_| Unread::Syntax)?;
    read(Secret::new(plain).expose())
}
