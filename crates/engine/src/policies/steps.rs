//! The steps of a version's life, each in one unit with its note.

use domain::operator::{Operator, Permission};
use domain::policy::{PolicyState, PolicyStep, SignedText};
use domain::time::Timestamp;
use serde_json::json;
use store::policies::{self, SignOff, StoredPolicy};
use store::{StoreError, Tx};

use super::{absent, demand, live, load, note};
use crate::{Engine, Error};

/// Versions of a name that are tried beside the live one: each is evaluated for every application.
const SHADOWS_MAX: usize = 4;

/// What a unit did, or why it did nothing.
type Taken<T> = Result<Result<T, Error>, StoreError>;

impl Engine {
    /// Takes a step with a version; in force within a second on every node.
    pub async fn step_policy(
        &self,
        operator: &Operator,
        (name, version): (&str, i64),
        step: PolicyStep,
    ) -> Result<(), Error> {
        demand(
            operator,
            match step {
                PolicyStep::SignOff => Permission::SignOffPolicies,
                _ => Permission::RunPolicies,
            },
        )?;
        let (engine, actor, name) = (self.clone(), operator.name.clone(), name.to_owned());
        let at = self.now();
        let taken = self.store().unit("step_policy", move |tx| {
            let Some(stored) = policies::find(tx, &name, version)? else {
                return Ok(Err(absent(&name, version)));
            };
            engine.change_state(tx, &stored, (&actor, step), at)
        });
        taken.await??;
        self.refresh().await
    }

    fn change_state(
        &self,
        tx: &mut Tx<'_>,
        stored: &StoredPolicy,
        (actor, step): (&str, PolicyStep),
        at: Timestamp,
    ) -> Taken<()> {
        let id = (stored.name.as_str(), stored.version);
        let refused = |reason: String| Ok(Err(Error::invalid(reason)));
        let state = match stored.state.after(step, stored.sign_off.is_some()) {
            Ok(state) => state,
            Err(reason) => return refused(format!("policy {} {}: {reason}", id.0, id.1)),
        };
        let usable = match step {
            PolicyStep::Retire => Ok(()),
            PolicyStep::SignOff => live::check_bytes(stored),
            _ => load(stored.clone(), &self.keys()).map(drop),
        };
        if let Err(reason) = usable {
            return refused(reason);
        }
        if let Some(reason) = conflict(stored, (actor, step), &policies::in_use(tx)?) {
            return refused(reason);
        }
        match step {
            PolicyStep::SignOff => policies::sign_off(tx, id, &self.sign_off(stored, actor, at))?,
            PolicyStep::Promote => {
                retire_live(tx, id.0)?;
                policies::set_live_at(tx, id, Some(at))?;
            }
            _ => {}
        }
        policies::set_state(tx, id, state)?;
        let detail = json!({ "sha256": stored.sha256, "share": state.share() });
        note(tx, (actor, step.as_str()), id, &detail, at).map(Ok)
    }

    fn sign_off(&self, stored: &StoredPolicy, signer: &str, at: Timestamp) -> SignOff {
        let StoredPolicy { name, version, sha256, author, .. } = stored;
        let text = SignedText { name, version: *version, sha256, author, signer };
        let keys = self.keys();
        let (key_version, key) = keys.signing();
        let signature = key.sign(&text.digest());
        let key_version = i64::from(key_version);
        SignOff { signer: signer.to_owned(), at, key_version, signature }
    }

    /// Puts the version that was live before into the place of the one that is; gives both.
    /// Done again, it goes one further back.
    pub async fn roll_back_policy(
        &self,
        operator: &Operator,
        name: &str,
    ) -> Result<(Option<i64>, i64), Error> {
        demand(operator, Permission::RunPolicies)?;
        let (engine, actor, name) = (self.clone(), operator.name.clone(), name.to_owned());
        let at = self.now();
        let taken = self
            .store()
            .unit("roll_back_policy", move |tx| engine.roll_back(tx, (&actor, &name), at));
        let done = taken.await??;
        self.refresh().await?;
        Ok(done)
    }

    fn roll_back(
        &self,
        tx: &mut Tx<'_>,
        (actor, name): (&str, &str),
        at: Timestamp,
    ) -> Taken<(Option<i64>, i64)> {
        let Some(version) = policies::live_before(tx, name)? else {
            let reason =
                format!("policy {name}: no version was live before; see `probity policy list`");
            return Ok(Err(Error::invalid(reason)));
        };
        let before = policies::find(tx, name, version)?;
        if let Err(reason) = before.map_or(Ok(()), |stored| load(stored, &self.keys()).map(drop)) {
            return Ok(Err(Error::invalid(reason)));
        }
        let left = retire_live(tx, name)?;
        if let Some(left) = left {
            policies::set_live_at(tx, (name, left), None)?;
        }
        policies::set_state(tx, (name, version), PolicyState::Live)?;
        note(tx, (actor, "rollback"), (name, version), &json!({ "from": left }), at)?;
        Ok(Ok((left, version)))
    }
}

/// Takes the live version of a name out of use; gives which it was.
fn retire_live(tx: &mut Tx<'_>, name: &str) -> Result<Option<i64>, StoreError> {
    let in_use = policies::in_use(tx)?;
    let live = in_use.iter().find(|one| one.name == name && one.state == PolicyState::Live);
    let Some(live) = live else { return Ok(None) };
    policies::set_state(tx, (name, live.version), PolicyState::Retired)?;
    Ok(Some(live.version))
}

/// What stands against a step beside the version's own state.
fn conflict(
    stored: &StoredPolicy,
    (actor, step): (&str, PolicyStep),
    in_use: &[StoredPolicy],
) -> Option<String> {
    let others = || in_use.iter().filter(|one| one.name == stored.name);
    let place = format!("policy {} {}", stored.name, stored.version);
    match step {
        PolicyStep::SignOff if stored.author == actor => {
            Some(format!("{place}: its author cannot sign it off; it takes a second operator"))
        }
        PolicyStep::Challenge { .. } => {
            let other =
                others().find(|one| one.state.share().is_some() && one.version != stored.version);
            if let Some(other) = other {
                let version = other.version;
                return Some(format!(
                    "{place}: version {version} is the challenger; retire it first"
                ));
            }
            let is_live = others().any(|one| one.state == PolicyState::Live);
            (!is_live).then(|| format!("{place}: there is no live version to challenge"))
        }
        PolicyStep::Shadow => {
            let shadows = others().filter(|one| one.state == PolicyState::Shadow).count();
            (shadows >= SHADOWS_MAX).then(|| format!("{place}: at most {SHADOWS_MAX} shadows"))
        }
        _ => None,
    }
}
