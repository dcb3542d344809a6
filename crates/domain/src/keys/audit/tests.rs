use std::sync::LazyLock;

use aws_lc_rs::rsa::{OaepPublicEncryptingKey, Pkcs1PublicEncryptingKey, PublicEncryptingKey};

use super::*;

mod timing;

/// One key for all tests: making one takes long.
static KEY: LazyLock<(AuditKey, PublicEncryptingKey)> = LazyLock::new(|| {
    let pkcs8 = AuditKey::generate();
    let public =
        PrivateDecryptingKey::from_pkcs8(pkcs8.expose()).expect("a fresh key").public_key();
    (AuditKey::open(&pkcs8).expect("a fresh key opens"), public)
});

/// As PHP clients encrypt: 245 bytes at a time.
fn encrypt(text: &[u8]) -> Vec<u8> {
    let key = Pkcs1PublicEncryptingKey::new(KEY.1.clone()).expect("an RSA key");
    let block = |text: &[u8]| {
        let mut cipher = [0; LENGTH];
        key.encrypt(text, &mut cipher).expect("it fits");
        cipher
    };
    text.chunks(AuditKey::BLOCK_TEXT_LENGTH).flat_map(block).collect()
}

fn wrap(algorithm: &'static aws_lc_rs::rsa::OaepAlgorithm, content_key: &[u8]) -> Vec<u8> {
    let key = OaepPublicEncryptingKey::new(KEY.1.clone()).expect("an RSA key");
    let mut wrapped = vec![0; LENGTH];
    key.encrypt(algorithm, content_key, &mut wrapped, None).expect("it fits");
    wrapped
}

#[test]
fn blocks_open_to_what_was_encrypted() {
    for length in [0, 1, 117, 245, 246, 490, 1_000] {
        let text: Vec<u8> = (0..length).map(|at| at as u8).collect();
        assert_eq!(KEY.0.open_blocks(&encrypt(&text)).expose(), &text, "{length}");
    }
}

#[test]
fn a_bent_block_opens_to_another_text_always_the_same() {
    let cipher = encrypt(&[[5; 245], [7; 245]].concat());
    let whole = KEY.0.open_blocks(&cipher);
    let mut lengths = std::collections::BTreeSet::new();
    for at in (0..LENGTH).step_by(8) {
        let mut bent = cipher.clone();
        bent[at] ^= 1;
        let (first, again) = (KEY.0.open_blocks(&bent), KEY.0.open_blocks(&bent));
        assert_eq!(first.expose(), again.expose(), "byte {at}");
        assert!(first.expose().ends_with(&[7; 245]), "the other block is untouched");
        assert!(!first.expose().starts_with(&[5; 245]) && first.expose() != whole.expose());
        lengths.insert(first.expose().len());
    }
    assert!(lengths.len() > 8, "the made-up texts have lengths of their own: {lengths:?}");
    for cipher in [&cipher[..255], &[0; LENGTH][..], &[0xff; LENGTH][..]] {
        assert!(KEY.0.open_blocks(cipher).expose().len() <= AuditKey::BLOCK_TEXT_LENGTH);
    }
}

#[test]
fn a_wrapped_text_opens_whole_or_not_at_all() {
    let content_key = [9; CONTENT_KEY_LENGTH];
    let gcm = || LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &content_key).expect("a key"));
    let mut sealed = b"an application".to_vec();
    let nonce = Nonce::assume_unique_for_key([3; NONCE_LEN]);
    gcm().seal_in_place_append_tag(nonce, Aad::from(b"head"), &mut sealed).expect("seals");
    let keys = [
        (Wrapping::Oaep256, wrap(&OAEP_SHA256_MGF1SHA256, &content_key), true),
        (Wrapping::Oaep, wrap(&OAEP_SHA1_MGF1SHA1, &content_key), true),
        (Wrapping::Oaep, wrap(&OAEP_SHA256_MGF1SHA256, &content_key), false),
        (Wrapping::Oaep256, wrap(&OAEP_SHA256_MGF1SHA256, &content_key[1..]), false),
        (Wrapping::Oaep256, encrypt(&content_key), false),
        (Wrapping::Oaep256, Vec::new(), false),
    ];
    let open = |wrapping, key: &[u8], associated: &[u8], sealed: &[u8]| {
        let wrapped =
            Wrapped { wrapping, key, nonce: [3; NONCE_LEN], associated, sealed: sealed.to_vec() };
        KEY.0.open_wrapped(wrapped).map(|text| text.expose().clone())
    };
    for (place, (wrapping, key, is_good)) in keys.iter().enumerate() {
        let text = open(*wrapping, key, b"head", &sealed);
        assert_eq!(text.as_deref(), is_good.then_some(&b"an application"[..]), "{place}");
    }
    let key = &keys[0].1;
    assert_eq!(open(Wrapping::Oaep256, key, b"other", &sealed), None);
    for at in 0..sealed.len() {
        let mut bent = sealed.clone();
        bent[at] ^= 1;
        assert_eq!(open(Wrapping::Oaep256, key, b"head", &bent), None, "byte {at}");
        assert_eq!(open(Wrapping::Oaep256, key, b"head", &sealed[..at]), None, "cut at {at}");
    }
}

#[test]
fn what_is_no_key_does_not_open() {
    let pkcs8 = AuditKey::generate();
    for length in [0, 30, pkcs8.expose().len() - 1] {
        let part = Secret::new(pkcs8.expose()[..length].to_vec());
        assert!(AuditKey::open(&part).is_none(), "{length}");
    }
}
