//! `probity merchant callback`: where a merchant may be called back, and in which form.

use clap::Subcommand;
use domain::callback::CallbackForm;
use engine::Engine;
use serde_json::json;

use crate::cli::output;

#[derive(Debug, Subcommand)]
pub(super) enum CallbackAction {
    /// Register an address
    Add { url: String },
    /// List the addresses, and the form
    List {
        #[arg(long)]
        json: bool,
    },
    /// Take an address away; what is not delivered yet is listed as `not_registered`
    Remove { url: String },
    /// Set the form: `form` (fields), or JSON signed with the platform's newest key: `json-rsa2`
    /// (SHA-256), `json-rsa` (SHA-1, as the protocol's old clients verify)
    Form {
        #[arg(value_parser = form)]
        form: CallbackForm,
    },
}

fn form(text: &str) -> Result<CallbackForm, String> {
    CallbackForm::parse(text).ok_or_else(|| "give form, json-rsa2 or json-rsa".to_owned())
}

impl CallbackAction {
    pub(super) async fn run(self, engine: &Engine, name: &str) -> anyhow::Result<()> {
        let merchant = engine.merchant(name).await?;
        match self {
            Self::Add { url } => {
                if let Some(doubt) = engine.add_callback_address(&merchant, &url).await? {
                    output::note(format_args!("It cannot be reached now ({doubt})."));
                }
                output::line(format_args!("{name} may be called back at {url} and below"))
            }
            Self::Remove { url } => {
                engine.remove_callback_address(&merchant, &url).await?;
                output::line(format_args!("{name} is not called back at {url} any more"))
            }
            Self::Form { form } => {
                let version = engine.set_callback_form(&merchant, form).await?;
                output::line(match form {
                    CallbackForm::Form => format!("{name} is sent fields of a form, not signed"),
                    CallbackForm::Json(_) => format!(
                        "{name} is sent {}, signed with version {version} of the platform's key; \
                         `probity key check` shows its public half",
                        form.as_str()
                    ),
                })
            }
            Self::List { json } => {
                let (addresses, form, version) = engine.callback_addresses(&merchant).await?;
                let form = form.as_str();
                if json {
                    return output::json(&json!({
                        "addresses": addresses, "form": form, "key_version": version,
                    }));
                }
                addresses.iter().try_for_each(output::line)?;
                output::line(format_args!("form: {form}"))
            }
        }
    }
}
