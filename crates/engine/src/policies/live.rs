//! Policies in memory: read, held against their hash and their sign-off, and one of them chosen.

use std::collections::HashMap;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use domain::keys::KeyRing;
use domain::policy::{Policy, PolicyState, SignedText, is_challenged};
use store::policies::StoredPolicy;

use crate::directory::Directory;

/// A version of a policy that was signed off and is what was signed.
#[derive(Debug)]
pub struct LivePolicy {
    pub name: String,
    pub version: i64,
    pub sha256: String,
    pub policy: Policy,
}

/// The versions of one name that applications are evaluated by.
#[derive(Debug)]
pub struct PolicySet {
    pub live: Arc<LivePolicy>,
    /// With the share of the applications that it decides, in percent.
    pub challenger: Option<(Arc<LivePolicy>, u8)>,
    /// Evaluated as well; what they say decides nothing.
    pub shadows: Vec<Arc<LivePolicy>>,
}

impl PolicySet {
    /// The version that decides the application of that id (its `open_id`): the same every time.
    pub fn choose(&self, id: &[u8]) -> &Arc<LivePolicy> {
        let chosen = self
            .challenger
            .as_ref()
            .filter(|(policy, share)| is_challenged(&policy.name, (policy.version, *share), id));
        chosen.map_or(&self.live, |(policy, _)| policy)
    }
}

/// The sets of all names, each with a live version; the reason where that one cannot be used. A
/// challenger or a shadow that cannot be used is left out: the live version decides.
pub(crate) fn live_sets(
    stored: Vec<StoredPolicy>,
    keys: &KeyRing,
    before: &Directory,
) -> HashMap<String, Result<PolicySet, String>> {
    let mut sets: HashMap<String, Result<PolicySet, String>> = HashMap::new();
    let (live, others): (Vec<_>, Vec<_>) =
        stored.into_iter().partition(|policy| policy.state == PolicyState::Live);
    for policy in live {
        let (name, opened) = (policy.name.clone(), open(policy, keys, before));
        if let Err(reason) = &opened
            && before.policies(&name).err() != Some(reason.as_str())
        {
            tracing::error!(reason, "a policy cannot be used: what it would decide waits");
        }
        let set = opened.map(|live| PolicySet { live, challenger: None, shadows: Vec::new() });
        sets.insert(name, set);
    }
    for policy in others {
        let Some(Ok(set)) = sets.get_mut(&policy.name) else { continue };
        let share = policy.state.share();
        match (open(policy, keys, before), share) {
            (Ok(policy), Some(share)) => set.challenger = Some((policy, share)),
            (Ok(policy), None) => set.shadows.push(policy),
            (Err(reason), _) => tracing::error!(reason, "a policy cannot be tried beside the live"),
        }
    }
    sets
}

/// Takes a policy over from the reading before when it is the same version, and was not changed.
fn open(
    stored: StoredPolicy,
    keys: &KeyRing,
    before: &Directory,
) -> Result<Arc<LivePolicy>, String> {
    check_sign_off(&stored, keys)?;
    let known = before.policies(&stored.name).ok().and_then(|set| {
        let challenger = set.challenger.iter().map(|(policy, _)| policy);
        let mut all = [&set.live].into_iter().chain(challenger).chain(&set.shadows);
        all.find(|live| live.version == stored.version && live.sha256 == stored.sha256)
    });
    match known {
        Some(known) => Ok(Arc::clone(known)),
        None => read(stored).map(Arc::new),
    }
}

/// A version of a policy as it may decide.
///
/// # Errors
/// Why it may not: it is not what was signed off, or was not signed off.
pub(crate) fn load(stored: StoredPolicy, keys: &KeyRing) -> Result<LivePolicy, String> {
    check_sign_off(&stored, keys)?;
    read(stored)
}

fn check_sign_off(stored: &StoredPolicy, keys: &KeyRing) -> Result<(), String> {
    let StoredPolicy { name, version, sha256, author, .. } = stored;
    check_bytes(stored)?;
    let place = format!("policy {name} {version}");
    let Some(sign_off) = &stored.sign_off else {
        return Err(format!("{place}: was not signed off"));
    };
    let text = SignedText { name, version: *version, sha256, author, signer: &sign_off.signer };
    let key = u32::try_from(sign_off.key_version).ok().and_then(|version| keys.verifying(version));
    let verifies = key.is_some_and(|key| key.verifies(&text.digest(), &sign_off.signature));
    // The rule of four eyes, also against a row that was written past it.
    if verifies && sign_off.signer != *author {
        return Ok(());
    }
    Err(format!("{place}: its sign-off is not what was signed; have it signed off anew"))
}

/// Whether the stored bytes are those that were added, to the last one.
pub(crate) fn check_bytes(stored: &StoredPolicy) -> Result<(), String> {
    let found = hex::encode(digest(&SHA256, &stored.body));
    if found == stored.sha256 {
        return Ok(());
    }
    Err(format!(
        "policy {} {}: is not the document that was added: its hash is {found}, it was {}; add \
         it again and have it signed off anew",
        stored.name, stored.version, stored.sha256
    ))
}

fn read(stored: StoredPolicy) -> Result<LivePolicy, String> {
    let StoredPolicy { name, version, body, sha256, .. } = stored;
    let policy = Policy::read_signed(&body, &sha256).map_err(|faults| {
        let first = faults.first().map_or_else(String::new, ToString::to_string);
        format!("policy {name} {version}: {first}")
    })?;
    Ok(LivePolicy { name, version, sha256, policy })
}
