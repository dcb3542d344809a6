//! `probity operator`: who works with the platform, how they sign in, and what they did.

mod log;
mod sign_in;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::operator::{Role, Totp};
use domain::secret::Secret;
use engine::{Actor, Engine, NewOperator, OperatorSummary};
use serde_json::{Value, json};

use super::acting::{Acting, first_line};
use super::output::{self, Table};
use crate::app::Location;

#[derive(Debug, Args)]
pub(crate) struct Operator {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Add an operator; what it signs in with is shown this once
    #[command(after_help = "Roles: admin keeps the operators; risk writes, signs off and runs \
        policies, and resolves reviews; support tells people why; auditor reads the audit log and \
        has no other role.\n\n\
        The first administrator is made by whoever has the root key; after that, an administrator \
        adds the others with --as FILE.\n\n\
        Examples:\n  probity operator add wang --role admin\n  \
        probity operator add chen --role risk --as wang.token")]
    Add {
        /// 3 to 32 characters of a-z, 0-9, - and _; for good
        name: String,
        /// admin, risk, support or auditor; may be given several times
        #[arg(long = "role", value_name = "ROLE", required = true, value_parser = role)]
        roles: Vec<Role>,
        #[command(flatten)]
        password: PasswordFile,
        #[command(flatten)]
        actor: Manager,
        #[arg(long)]
        json: bool,
    },
    /// List the operators, the disabled too
    List {
        #[arg(long)]
        json: bool,
    },
    /// Disable an operator for good; its tokens end now
    Disable {
        name: String,
        #[command(flatten)]
        actor: Manager,
    },
    /// Give an operator another password; its tokens end now
    ResetPassword {
        name: String,
        #[command(flatten)]
        password: PasswordFile,
        #[command(flatten)]
        actor: Manager,
        #[arg(long)]
        json: bool,
    },
    /// Give an operator another secret for its one-time codes; its tokens end now
    ResetTotp {
        name: String,
        #[command(flatten)]
        actor: Manager,
        #[arg(long)]
        json: bool,
    },
    /// Sign in: password and one-time code for a token that holds for 12 hours
    SignIn(sign_in::SignIn),
    /// End a token now
    SignOut {
        #[command(flatten)]
        acting: Acting,
    },
    /// The audit log: who did what
    #[command(subcommand)]
    Log(log::LogAction),
}

#[derive(Args, Debug)]
struct PasswordFile {
    /// A file with the password to set, its first line; without it one is made
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

/// Who keeps operators.
#[derive(Args, Debug)]
struct Manager {
    #[command(flatten)]
    acting: Acting,
    /// Act without an administrator, as whoever has the root key; it stands so in the audit log
    #[arg(long)]
    recover: bool,
}

fn role(text: &str) -> Result<Role, String> {
    let roles = Role::ALL.map(Role::as_str).join(", ");
    Role::parse(text).ok_or_else(|| format!("give one of {roles}"))
}

impl PasswordFile {
    fn read(&self) -> anyhow::Result<Option<Secret<String>>> {
        self.password_file.as_deref().map(|file| first_line(file, "the password file")).transpose()
    }
}

impl Manager {
    async fn operator(
        &self,
        engine: &Engine,
    ) -> anyhow::Result<Option<domain::operator::Operator>> {
        if self.recover { Ok(None) } else { self.acting.operator_if_any(engine).await }
    }

    fn actor<'o>(&self, operator: Option<&'o domain::operator::Operator>) -> Actor<'o> {
        operator.map_or(Actor::CommandLine { recovers: self.recover }, Actor::Operator)
    }
}

impl Operator {
    pub(crate) fn run(self, location: &Location) -> anyhow::Result<()> {
        output::run_with(location, async |engine| self.action.run(engine).await)
    }
}

impl Action {
    async fn run(self, engine: &Engine) -> anyhow::Result<()> {
        match self {
            Self::Add { name, roles, password, actor, json } => {
                let new = NewOperator { name, roles, password: password.read()? };
                add(engine, new, &actor, json).await
            }
            Self::List { json } => list(engine, json).await,
            Self::Disable { name, actor } => {
                let operator = actor.operator(engine).await?;
                engine.disable_operator(actor.actor(operator.as_ref()), &name).await?;
                output::line(format_args!("{name} is disabled; its tokens ended"))
            }
            Self::ResetPassword { name, password, actor, json } => {
                let operator = actor.operator(engine).await?;
                let actor = actor.actor(operator.as_ref());
                let password = engine.reset_password(actor, &name, password.read()?).await?;
                show(&json!({ "name": name }), Some(&password), None, json)
            }
            Self::ResetTotp { name, actor, json } => {
                let operator = actor.operator(engine).await?;
                let totp = engine.reset_totp(actor.actor(operator.as_ref()), &name).await?;
                show(&json!({ "name": name }), None, Some(&totp), json)
            }
            Self::SignIn(sign_in) => sign_in.run(engine).await,
            Self::SignOut { acting } => {
                let operator = acting.operator(engine).await?;
                if let Some(token) = acting.token()? {
                    sign_in::known(engine.sign_out(&token).await)?;
                }
                output::line(format_args!("{} is signed out", operator.name))
            }
            Self::Log(action) => action.run(engine).await,
        }
    }
}

async fn add(
    engine: &Engine,
    new: NewOperator,
    actor: &Manager,
    as_json: bool,
) -> anyhow::Result<()> {
    let operator = actor.operator(engine).await?;
    let issued = engine.add_operator(actor.actor(operator.as_ref()), new).await?;
    let roles: Vec<&str> = issued.operator.roles.iter().map(|role| role.as_str()).collect();
    let who = json!({ "name": issued.operator.name, "roles": roles });
    show(&who, Some(&issued.password), Some(&issued.totp), as_json)
}

/// Shows what an operator signs in with.
fn show(
    who: &Value,
    password: Option<&Secret<String>>,
    totp: Option<&Totp>,
    as_json: bool,
) -> anyhow::Result<()> {
    let name = who["name"].as_str().unwrap_or_default();
    let url = totp.map(|totp| totp.url(name));
    if as_json {
        let mut shown = who.clone();
        if let Some(password) = password {
            shown["password"] = json!(password.expose());
        }
        if let (Some(totp), Some(url)) = (totp, &url) {
            shown["totp_secret"] = json!(totp.base32().expose());
            shown["totp_url"] = json!(url.expose());
        }
        return output::json(&shown);
    }
    output::line(format_args!("name: {name}"))?;
    if let Some(password) = password {
        output::line(format_args!("password: {}", password.expose()))?;
    }
    if let (Some(totp), Some(url)) = (totp, &url) {
        output::line(format_args!("authenticator: {}", url.expose()))?;
        output::line(format_args!("its secret, to type: {}", totp.base32().expose()))?;
    }
    output::note("It is shown this once and cannot be read again.");
    Ok(())
}

async fn list(engine: &Engine, as_json: bool) -> anyhow::Result<()> {
    let operators = engine.operators().await?;
    let roles = |one: &OperatorSummary| -> Vec<&str> {
        one.operator.roles.iter().map(|role| role.as_str()).collect()
    };
    if as_json {
        let shown = operators.iter().map(|one| {
            json!({
                "name": one.operator.name,
                "roles": roles(one),
                "created_at": one.created_at.to_string(),
                "disabled_at": one.disabled_at.map(|at| at.to_string()),
            })
        });
        return output::json(&shown.collect::<Vec<_>>());
    }
    let mut table = Table::new(["name", "roles", "created", "disabled"]);
    for one in &operators {
        let disabled = one.disabled_at.map(|at| at.to_string()).unwrap_or_default();
        table.row([&one.operator.name, &roles(one).join(" "), &one.created_at, &disabled]);
    }
    output::line(table)
}
