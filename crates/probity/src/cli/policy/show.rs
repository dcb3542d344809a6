//! What `probity policy` shows.

use domain::policy::Policy;
use engine::Engine;
use serde_json::{Value, json};
use wire::v1::policy_shown;

use crate::cli::output::{self, Table};

pub(super) async fn list(engine: &Engine, as_json: bool) -> anyhow::Result<()> {
    let versions = engine.policies().await?;
    if as_json {
        return output::json(&versions.iter().map(policy_shown).collect::<Vec<Value>>());
    }
    let mut table = Table::new(["name", "version", "state", "author", "signer", "sha256", "fault"]);
    for one in &versions {
        let state = one.state.share().map_or_else(
            || one.state.as_str().to_owned(),
            |share| format!("{} {share} %", one.state.as_str()),
        );
        table.row([
            &one.name,
            &one.version,
            &state,
            &one.author,
            &one.signed.as_ref().map_or("", |(signer, _)| signer),
            &one.sha256.get(..16).unwrap_or_default(),
            &one.fault.as_deref().unwrap_or_default(),
        ]);
    }
    output::line(table)?;
    let waiting = engine.applications_waiting().await?;
    if waiting > 0 {
        output::note(format_args!(
            "{waiting} applications wait to be decided; without a policy that can be used they stay"
        ));
    }
    Ok(())
}

pub(super) async fn one(
    engine: &Engine,
    name: &str,
    version: i64,
    as_json: bool,
) -> anyhow::Result<()> {
    let one = engine.policy(name, version).await?;
    let document: Value = serde_json::from_slice(&one.document).unwrap_or_default();
    if as_json {
        let mut shown = policy_shown(&one);
        shown["document"] = document;
        return output::json(&shown);
    }
    let fault = one.fault.as_deref().unwrap_or("none");
    let signed = one.signed.as_ref().map_or("not signed off".to_owned(), |(signer, at)| {
        format!("signed off by {signer} at {at}")
    });
    output::line(format_args!(
        "{name}, version {version}, {}, by {}, {signed}\nsha256: {}\nfault: {fault}\n",
        one.state.as_str(),
        one.author,
        one.sha256
    ))?;
    output::json(&document)
}

pub(super) fn diff(before: &Policy, after: &Policy, as_json: bool) -> anyhow::Result<()> {
    let changes = before.changes(after);
    if as_json {
        let change = changes
            .iter()
            .map(|one| json!({ "place": one.place, "before": one.before, "after": one.after }));
        return output::json(&change.collect::<Vec<_>>());
    }
    if changes.is_empty() {
        return output::line("The two are the same.");
    }
    changes.iter().try_for_each(output::line)
}
