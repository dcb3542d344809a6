//! Policies: added, signed off by a second operator, tried, put into use, rolled back. Each step
//! is noted in the audit log, in the unit that takes it.

use domain::assessment;
use domain::audit_log::NewNote;
use domain::operator::{Operator, Permission};
use domain::policy::{PolicyFault, PolicyState, PolicyStep, PolicyVersion};
use domain::time::Timestamp;
use serde_json::json;
use store::policies::{self, StoredPolicy};
use store::{Tx, audit_log, settings};

use crate::{Engine, Error};

mod live;
mod steps;

pub use live::{LivePolicy, PolicySet};
pub(crate) use live::{live_sets, load};

/// What is wrong with a document, in words for the analyst who wrote it.
#[derive(Debug)]
pub struct PolicyFaults(pub Vec<PolicyFault>);

impl Engine {
    /// Adds a policy as the next version of its name: a draft. The document's own `version` is the
    /// author's note; ours counts.
    pub async fn add_policy(
        &self,
        author: &Operator,
        document: &[u8],
    ) -> Result<Result<(String, i64), PolicyFaults>, Error> {
        demand(author, Permission::WritePolicies)?;
        let policy = match assessment::policy(document) {
            Ok(policy) => policy,
            Err(faults) => return Ok(Err(PolicyFaults(faults))),
        };
        let draft = StoredPolicy {
            name: policy.name().to_owned(),
            version: 0,
            state: PolicyState::Draft,
            body: policy.canonical().to_vec(),
            sha256: policy.sha256().to_owned(),
            author: author.name.clone(),
            created_at: self.now(),
            sign_off: None,
            live_at: None,
        };
        let name = draft.name.clone();
        let version = self.store().unit("add_policy", move |tx| {
            let version = policies::insert(tx, &draft)?;
            let detail = json!({ "sha256": draft.sha256 });
            note(tx, (&draft.author, "add"), (&draft.name, version), &detail, draft.created_at)?;
            Ok(version)
        });
        Ok(Ok((name, version.await?)))
    }

    /// Every version of every policy, by name and version, with what is wrong with it.
    pub async fn policies(&self) -> Result<Vec<PolicyVersion>, Error> {
        let versions = self.store().read("policies", policies::versions).await?;
        let mut found = Vec::with_capacity(versions.len());
        // One by one: the documents of all versions together may be large.
        for (name, version) in versions {
            found.push(self.policy(&name, version).await?);
        }
        Ok(found)
    }

    pub async fn policy(&self, name: &str, version: i64) -> Result<PolicyVersion, Error> {
        let stored = self.find_policy(name, version).await?;
        let stored = stored.ok_or_else(|| absent(name, version))?;
        let fault = if stored.sign_off.is_some() || stored.state.is_in_use() {
            load(stored.clone(), &self.keys()).err()
        } else {
            live::check_bytes(&stored).err()
        };
        let StoredPolicy { name, version, state, body, sha256, author, .. } = stored;
        Ok(PolicyVersion {
            name,
            version,
            state,
            sha256,
            author,
            created_at: stored.created_at,
            signed: stored.sign_off.map(|sign_off| (sign_off.signer, sign_off.at)),
            live_at: stored.live_at,
            document: body,
            fault,
        })
    }

    /// Any version that was signed off, also one that is retired: what was decided by it is
    /// recomputed. It fails when the version is not what was signed.
    pub async fn stored_policy(
        &self,
        name: &str,
        version: i64,
    ) -> Result<Option<LivePolicy>, Error> {
        let stored = self.find_policy(name, version).await?;
        stored.map(|stored| load(stored, &self.keys()).map_err(Error::invalid)).transpose()
    }

    async fn find_policy(&self, name: &str, version: i64) -> Result<Option<StoredPolicy>, Error> {
        let name = name.to_owned();
        let find = move |tx: &mut Tx<'_>| policies::find(tx, &name, version);
        Ok(self.store().read("policy", find).await?)
    }

    /// Puts the policy that ships into use, where there is none of its name: the sandbox's.
    pub(crate) async fn add_default_policy(
        &self,
        author: &Operator,
        signer: &Operator,
    ) -> Result<(), Error> {
        let added = self.add_policy(author, domain::policy::DEFAULT).await?;
        let (name, version) = added.expect("the policy that ships is sound");
        self.step_policy(signer, (&name, version), PolicyStep::SignOff).await?;
        self.step_policy(signer, (&name, version), PolicyStep::Promote).await
    }
}

/// Refuses what the operator's roles do not let it.
pub(crate) fn demand(operator: &Operator, permission: Permission) -> Result<(), Error> {
    if operator.may(permission) { Ok(()) } else { Err(Error::NotPermitted(permission)) }
}

fn absent(name: &str, version: i64) -> Error {
    Error::absent(format!(
        "there is no policy {name:?} version {version}; see `probity policy list`"
    ))
}

/// Notes a step, and tells every node to read the configuration again.
fn note(
    tx: &mut Tx<'_>,
    (actor, step): (&str, &str),
    (name, version): (&str, i64),
    detail: &serde_json::Value,
    at: Timestamp,
) -> Result<(), store::StoreError> {
    let note = NewNote {
        actor,
        action: &format!("policy.{step}"),
        target: &format!("{name} {version}"),
        detail_json: &detail.to_string(),
        at,
    };
    audit_log::append(tx, &note)?;
    settings::touch_configuration(tx)
}
