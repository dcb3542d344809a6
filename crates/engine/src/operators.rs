//! Operators, as an administrator keeps them. Each change is noted in the audit log, in its unit.

use domain::audit_log::NewNote;
use domain::keys::Place;
use domain::operator::{Operator, Permission, Role, Totp, TotpStep, role_fault};
use domain::secret::Secret;
use domain::time::Timestamp;
use serde_json::{Value, json};
use store::operators::{self, StoredOperator};
use store::{StoreError, Tx, audit_log};

use crate::policies::demand;
use crate::{Engine, Error, merchants};

mod sign_in;

pub use sign_in::SignedIn;

/// Who acts when nobody signed in: whoever may run commands on this machine, with the root key.
pub const COMMAND_LINE: &str = "command line";

/// Who changes operators.
#[derive(Clone, Copy, Debug)]
pub enum Actor<'a> {
    Operator(&'a Operator),
    /// Whoever has the root key: to make the first administrator, or with `recovers`, when no
    /// administrator can sign in any more.
    CommandLine {
        recovers: bool,
    },
}

/// An operator to be made; without a password one is made at random.
#[derive(Debug)]
pub struct NewOperator {
    pub name: String,
    pub roles: Vec<Role>,
    pub password: Option<Secret<String>>,
}

/// What a new operator signs in with; shown this once.
pub struct IssuedOperator {
    pub operator: Operator,
    pub password: Secret<String>,
    pub totp: Totp,
}

/// An operator, for those who look after them.
#[derive(Clone, Debug)]
pub struct OperatorSummary {
    pub operator: Operator,
    pub created_at: Timestamp,
    pub disabled_at: Option<Timestamp>,
}

impl Engine {
    pub async fn add_operator(
        &self,
        actor: Actor<'_>,
        new: NewOperator,
    ) -> Result<IssuedOperator, Error> {
        let actor = self.manager(actor).await?;
        let NewOperator { name, mut roles, password } = new;
        check_name(&name)?;
        roles.sort_unstable();
        roles.dedup();
        if let Some(fault) = role_fault(&roles) {
            return Err(Error::invalid(fault));
        }
        let password = password.unwrap_or_else(|| Secret::new(self.random_hex::<16>()));
        let hash = Secret::new(self.hash_password(&password).await?);
        let (totp, at, engine) = (Totp::generate(self.entropy()), self.now(), self.clone());
        let secret = Secret::new(totp.bytes().to_vec());
        let (kept_name, kept_roles) = (name.clone(), roles.clone());
        let id = self.store().unit("add_operator", move |tx| {
            if operators::by_name(tx, &kept_name)?.is_some() {
                return Ok(None);
            }
            let id = operators::next_id(tx)?;
            let operator = StoredOperator {
                id,
                name: kept_name.clone(),
                roles: kept_roles.clone(),
                password: engine.seal_for(PASSWORD, id, hash.expose().as_bytes()),
                totp: engine.seal_for(TOTP, id, secret.expose()),
                totp_step: TotpStep(0),
                created_at: at,
                disabled_at: None,
            };
            operators::insert(tx, &operator)?;
            let roles: Vec<&str> = kept_roles.iter().map(|role| role.as_str()).collect();
            note(tx, (&actor, "add"), &kept_name, &json!({ "roles": roles }), at)?;
            Ok(Some(id))
        });
        let id = id.await?.ok_or_else(|| {
            Error::invalid("name: there is an operator of this name, or was one; take another")
        })?;
        Ok(IssuedOperator { operator: Operator { id, name, roles }, password, totp })
    }

    /// All of them, the disabled too.
    pub async fn operators(&self) -> Result<Vec<OperatorSummary>, Error> {
        let all = self.store().read("operators", operators::all).await?;
        let summary = |stored: StoredOperator| OperatorSummary {
            created_at: stored.created_at,
            disabled_at: stored.disabled_at,
            operator: operator(stored),
        };
        Ok(all.into_iter().map(summary).collect())
    }

    /// Disables an operator for good, and ends its tokens. The last administrator stays: there
    /// would be nobody left to make another.
    pub async fn disable_operator(&self, actor: Actor<'_>, name: &str) -> Result<(), Error> {
        self.change_operator(actor, name, "disable", move |tx, stored, at| {
            let others = operators::all(tx)?.into_iter().any(|other| {
                other.id != stored.id && other.disabled_at.is_none() && is_admin(&other)
            });
            if is_admin(stored) && !others {
                let reason = "it is the last administrator in force; add another first";
                return Ok(Err(Error::invalid(format!("{}: {reason}", stored.name))));
            }
            operators::disable(tx, stored.id, at)?;
            Ok(Ok(()))
        })
        .await
    }

    /// Gives an operator another password, the given one or one made at random, and ends its
    /// tokens.
    pub async fn reset_password(
        &self,
        actor: Actor<'_>,
        name: &str,
        password: Option<Secret<String>>,
    ) -> Result<Secret<String>, Error> {
        let password = password.unwrap_or_else(|| Secret::new(self.random_hex::<16>()));
        let hash = Secret::new(self.hash_password(&password).await?);
        let engine = self.clone();
        self.change_operator(actor, name, "reset-password", move |tx, stored, _| {
            let sealed = engine.seal_for(PASSWORD, stored.id, hash.expose().as_bytes());
            operators::set_password(tx, stored.id, &sealed).map(Ok)
        })
        .await?;
        Ok(password)
    }

    /// Gives an operator another secret for its one-time codes, and ends its tokens.
    pub async fn reset_totp(&self, actor: Actor<'_>, name: &str) -> Result<Totp, Error> {
        let (totp, engine) = (Totp::generate(self.entropy()), self.clone());
        let secret = Secret::new(totp.bytes().to_vec());
        self.change_operator(actor, name, "reset-totp", move |tx, stored, _| {
            let sealed = engine.seal_for(TOTP, stored.id, secret.expose());
            operators::set_totp(tx, stored.id, &sealed).map(Ok)
        })
        .await?;
        Ok(totp)
    }

    /// A change of an operator in force, with its note; its tokens end.
    async fn change_operator<F>(
        &self,
        actor: Actor<'_>,
        name: &str,
        action: &'static str,
        mut work: F,
    ) -> Result<(), Error>
    where
        F: FnMut(&mut Tx<'_>, &StoredOperator, Timestamp) -> Result<Result<(), Error>, StoreError>
            + Send
            + 'static,
    {
        let actor = self.manager(actor).await?;
        let (name, at) = (name.to_owned(), self.now());
        let changed = self.store().unit("change_operator", move |tx| {
            let found = operators::by_name(tx, &name)?;
            let Some(stored) = found.filter(|stored| stored.disabled_at.is_none()) else {
                return Ok(Err(Error::absent(format!(
                    "there is no operator {name:?} in force; see `probity operator list`"
                ))));
            };
            if let Err(error) = work(tx, &stored, at)? {
                return Ok(Err(error));
            }
            operators::end_tokens(tx, stored.id, at)?;
            note(tx, (&actor, action), &stored.name, &json!({}), at)?;
            Ok(Ok(()))
        });
        changed.await?
    }

    /// The name of who acts, when it may keep operators.
    async fn manager(&self, actor: Actor<'_>) -> Result<String, Error> {
        match actor {
            Actor::Operator(operator) => {
                demand(operator, Permission::ManageOperators)?;
                Ok(operator.name.clone())
            }
            Actor::CommandLine { recovers } => {
                let all = self.store().read("operators", operators::all).await?;
                let is_kept = all.iter().any(|one| one.disabled_at.is_none() && is_admin(one));
                if is_kept && !recovers {
                    return Err(Error::invalid(
                        "an administrator keeps the operators: sign in as one (`probity operator \
                         sign-in`) and name the token with --as FILE; when none can, --recover",
                    ));
                }
                Ok(COMMAND_LINE.to_owned())
            }
        }
    }

    fn seal_for(&self, what: &str, id: i64, plain: &[u8]) -> Vec<u8> {
        let row = id.to_be_bytes();
        self.keys().seal(Place { table: what, row: &row }, plain, self.entropy())
    }

    fn unseal_for(&self, what: &str, id: i64, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        let row = id.to_be_bytes();
        Ok(self.keys().unseal(Place { table: what, row: &row }, sealed)?)
    }
}

/// What is sealed of an operator, each for a place of its own.
const PASSWORD: &str = "operators.password";
const TOTP: &str = "operators.totp";

fn operator(stored: StoredOperator) -> Operator {
    Operator { id: stored.id, name: stored.name, roles: stored.roles }
}

fn is_admin(stored: &StoredOperator) -> bool {
    stored.roles.contains(&Role::Admin)
}

/// A name as merchants have them; not that of the platform's own acts.
fn check_name(name: &str) -> Result<(), Error> {
    if name == "system" {
        return Err(Error::invalid("name: `system` is the platform itself; take another"));
    }
    merchants::check_name(name)
}

fn note(
    tx: &mut Tx<'_>,
    (actor, action): (&str, &str),
    target: &str,
    detail: &Value,
    at: Timestamp,
) -> Result<(), StoreError> {
    let (action, detail) = (format!("operator.{action}"), detail.to_string());
    let note = NewNote { actor, action: &action, target, detail_json: &detail, at };
    audit_log::append(tx, &note).map(drop)
}
