use super::*;
use crate::entropy::Entropy;
use crate::secret::Private;

/// A stream that is random enough for tests and the same every time.
struct Counter(std::sync::Mutex<u8>);

impl Entropy for Counter {
    fn fill(&self, bytes: &mut [u8]) {
        let mut next = self.0.lock().expect("not poisoned");
        for byte in bytes {
            *next = next.wrapping_mul(5).wrapping_add(113);
            *byte = *next;
        }
    }
}

fn entropy() -> Counter {
    Counter(std::sync::Mutex::new(7))
}

fn ring(root: &RootKey, versions: u32) -> Vec<SealedKey> {
    let entropy = entropy();
    KeyPurpose::ALL
        .into_iter()
        .flat_map(|purpose| (1..=versions).map(move |version| (purpose, version)))
        .map(|(purpose, version)| SealedKey::generate(purpose, version, root, &entropy))
        .collect()
}

const PLACE: Place<'_> = Place { table: "answers", row: b"1" };

#[test]
fn a_root_key_survives_its_file() {
    let root = RootKey::generate(&entropy());
    let read = RootKey::parse(root.to_text().expose()).expect("our own text");
    assert!(read.matches(&root.check_value()));
    assert_eq!(RootKey::parse("abc").err(), Some(RootKeyError));
}

#[test]
fn a_wrong_root_key_is_told_and_opens_nothing() {
    let (right, wrong) = (RootKey::parse(&"11".repeat(32)), RootKey::parse(&"22".repeat(32)));
    let (right, wrong) = (right.expect("a key"), wrong.expect("a key"));
    assert!(!wrong.matches(&right.check_value()));
    assert_eq!(KeyRing::open(&wrong, &ring(&right, 1)).err(), Some(SealError::Broken));
}

#[test]
fn what_is_sealed_opens_in_its_place_only() {
    let root = RootKey::generate(&entropy());
    let keys = KeyRing::open(&root, &ring(&root, 1)).expect("opens");
    let sealed = keys.seal(PLACE, b"697", &entropy());
    assert_eq!(keys.unseal(PLACE, &sealed), Ok(b"697".to_vec()));
    let elsewhere = Place { row: b"2", ..PLACE };
    assert_eq!(keys.unseal(elsewhere, &sealed), Err(SealError::Broken));
    for at in 0..sealed.len() {
        let mut bent = sealed.clone();
        bent[at] ^= 1;
        assert!(keys.unseal(PLACE, &bent).is_err(), "byte {at}");
        assert!(keys.unseal(PLACE, &sealed[..at]).is_err(), "cut at {at}");
    }
}

#[test]
fn old_versions_still_open_after_a_rotation() {
    let root = RootKey::generate(&entropy());
    let sealed_keys = ring(&root, 2);
    let first: Vec<_> = sealed_keys.iter().filter(|k| k.version == 1).cloned().collect();
    let sealed = KeyRing::open(&root, &first).expect("opens").seal(PLACE, b"x", &entropy());
    let both = KeyRing::open(&root, &sealed_keys).expect("opens");
    assert_eq!(both.unseal(PLACE, &sealed), Ok(b"x".to_vec()));
    let newer = both.seal(PLACE, b"x", &entropy());
    let only_first = KeyRing::open(&root, &first).expect("opens");
    assert_eq!(only_first.unseal(PLACE, &newer), Err(SealError::VersionUnknown(2)));
}

#[test]
fn a_new_root_key_takes_over_the_sealed_keys() {
    let (old, new) = (RootKey::generate(&entropy()), RootKey::parse(&"33".repeat(32)).expect("k"));
    let sealed = ring(&old, 1);
    let before = KeyRing::open(&old, &sealed).expect("opens");
    let rewrapped: Result<Vec<_>, _> =
        sealed.iter().map(|key| key.rewrap(&old, &new, &entropy())).collect();
    let after = KeyRing::open(&new, &rewrapped.expect("rewraps")).expect("opens");
    let text = Private::new("imei:1".to_owned());
    assert_eq!(before.index("ids", &text), after.index("ids", &text));
}

#[test]
fn a_signature_holds_for_its_message_only() {
    let root = RootKey::generate(&entropy());
    let keys = KeyRing::open(&root, &ring(&root, 1)).expect("opens");
    let (version, key) = keys.signing();
    let signature = key.sign(b"head");
    let verifying = keys.verifying(version).expect("is there");
    assert!(verifying.verifies(b"head", &signature));
    assert!(!verifying.verifies(b"heaD", &signature));
}
