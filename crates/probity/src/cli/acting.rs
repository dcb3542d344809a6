//! Who runs a command, where one acts as an operator.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use domain::operator::{Operator, Permission};
use domain::secret::Secret;
use engine::{Engine, Error};

use crate::seams::environment;

/// The variable that may hold an operator's token instead of a file.
const TOKEN_VARIABLE: &str = "PROBITY_OPERATOR_TOKEN";

/// The token of an operator who signed in.
#[derive(Args, Clone, Debug)]
pub(crate) struct Acting {
    /// A file with an operator's token [default: the variable PROBITY_OPERATOR_TOKEN]; see `probity
    /// operator sign-in`
    #[arg(long = "as", value_name = "FILE")]
    token_file: Option<PathBuf>,
}

impl Acting {
    /// The operator; an error without a token, or when it holds no longer.
    pub(crate) async fn operator(&self, engine: &Engine) -> anyhow::Result<Operator> {
        match self.operator_if_any(engine).await? {
            Some(operator) => Ok(operator),
            None => bail!(
                "this takes an operator: sign in with `probity operator sign-in NAME --out FILE`, \
                 then give --as FILE or {TOKEN_VARIABLE}"
            ),
        }
    }

    /// The operator, or nothing when no token is given.
    pub(crate) async fn operator_if_any(
        &self,
        engine: &Engine,
    ) -> anyhow::Result<Option<Operator>> {
        let Some(token) = self.token()? else { return Ok(None) };
        let operator = engine.operator_by_token(&token).await;
        let operator = operator.ok().context(
            "the token is not known or its time is over; sign in again with `probity operator \
             sign-in`",
        )?;
        Ok(Some(operator))
    }

    /// The name that stands in a register: the operator's, when it has the permission; without a
    /// token that of whoever has the root key.
    pub(crate) async fn actor(
        &self,
        engine: &Engine,
        permission: Permission,
    ) -> anyhow::Result<String> {
        match self.operator_if_any(engine).await? {
            None => Ok(engine::COMMAND_LINE.to_owned()),
            Some(operator) if operator.may(permission) => Ok(operator.name),
            Some(_) => Err(Error::NotPermitted(permission).into()),
        }
    }

    /// The token as it is given.
    pub(super) fn token(&self) -> anyhow::Result<Option<Secret<String>>> {
        match &self.token_file {
            Some(file) => first_line(file, "the token").map(Some),
            None => {
                Ok(environment(TOKEN_VARIABLE).filter(|text| !text.is_empty()).map(Secret::new))
            }
        }
    }
}

/// The first line of a file with a secret.
pub(super) fn first_line(file: &Path, what: &str) -> anyhow::Result<Secret<String>> {
    let text = fs::read_to_string(file).with_context(|| format!("{what} {}", file.display()))?;
    let text = Secret::new(text);
    Ok(Secret::new(text.expose().lines().next().unwrap_or_default().trim().to_owned()))
}
