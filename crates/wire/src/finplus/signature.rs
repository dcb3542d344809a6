//! The two signatures of this face (`finplus.md`, Authentication, both ways): the marketplace's
//! gateway's over the request, and Finplus' own over the parameters. Both are made with the
//! AppSecret, and both bind the request to a quarter of an hour.

use aws_lc_rs::hmac::{self, Algorithm};
use domain::secret::Secret;

pub(super) mod aliyun;
pub(super) mod own;

/// Whether `tag` is the secret's for `text`; takes as long for a tag that is nearly right.
fn holds(algorithm: Algorithm, secret: &Secret<String>, text: &[u8], tag: &[u8]) -> bool {
    let key = hmac::Key::new(algorithm, secret.expose().as_bytes());
    hmac::verify(&key, text, tag).is_ok()
}
