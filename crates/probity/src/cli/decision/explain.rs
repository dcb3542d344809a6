//! A decision in words, Chinese and English side by side: for the person who asks why.

use engine::ApplicationAccount;
use serde_json::Value;

use crate::cli::output;

/// Contributions of the score that are shown.
const CONTRIBUTIONS_SHOWN: usize = 6;

/// Prints what became of an application and why.
pub(super) fn print(account: &ApplicationAccount) -> anyhow::Result<()> {
    let summary = &account.summary;
    output::line(format_args!(
        "{} (order {} of {}, {}): {}",
        summary.open_id, summary.order_id, summary.merchant, summary.at, summary.state
    ))?;
    let Some(first) = account.decisions.first() else {
        return output::line("it is not decided yet");
    };
    let record = &first.record;
    output::line(format_args!(
        "policy {} {} (SHA-256 {})",
        first.policy,
        first.policy_version,
        text(&record["decision"]["policy"]["sha256"]),
    ))?;
    score(&record["score"])?;
    reasons(&record["decision"]["reasons"])?;
    if let Some(change) = &account.nearest {
        output::line("\n如果以下情况不同，结果将为通过 / it would have been approved with:")?;
        for field in &change.fields {
            output::line(format_args!(
                "  {} / {}: {} → {}",
                field.zh,
                field.en,
                serde_json::to_string(&field.from)?,
                serde_json::to_string(&field.to)?,
            ))?;
        }
    }
    for shadow in account.decisions.iter().skip(1) {
        let (policy, version) = (&shadow.policy, shadow.policy_version);
        let outcome = shadow.outcome.as_str();
        output::line(format_args!("\nin its shadow, {policy} {version} came to: {outcome}"))?;
    }
    Ok(())
}

fn score(score: &Value) -> anyhow::Result<()> {
    if score.is_null() {
        return Ok(());
    }
    let (model, version) = (text(&score["model"]), &score["version"]);
    if score["score"].is_null() {
        return output::line(format_args!("model {model} {version}: {}", text(&score["why"])));
    }
    output::line(format_args!("model {model} {version}: score {}", score["score"]))?;
    let contributions = score["contributions"].as_array();
    for one in contributions.into_iter().flatten().take(CONTRIBUTIONS_SHOWN) {
        let contribution = one["contribution"].as_f64().unwrap_or_default();
        let (feature, shown) = (text(&one["feature"]), text(&one["shown"]));
        output::line(format_args!("  {contribution:+8.1}  {feature} = {shown}"))?;
    }
    Ok(())
}

fn reasons(reasons: &Value) -> anyhow::Result<()> {
    for reason in reasons.as_array().into_iter().flatten() {
        let doubt = if reason["is_known"] == false { " (not known)" } else { "" };
        output::line(format_args!(
            "\n{} {}{doubt}: {} / {}",
            text(&reason["rule"]),
            text(&reason["outcome"]),
            text(&reason["zh"]),
            text(&reason["en"]),
        ))?;
        for evidence in reason["evidence"].as_array().into_iter().flatten() {
            output::line(format_args!(
                "    {} is {}; the rule: {} {}",
                text(&evidence["field"]),
                evidence["value"],
                text(&evidence["operator"]),
                text(&evidence["bound"]),
            ))?;
        }
        let basis = &reason["lawful_basis"];
        output::line(format_args!("    {} / {}", text(&basis["zh"]), text(&basis["en"])))?;
    }
    Ok(())
}

/// What became of a decision with other inputs.
pub(super) fn print_change(stored: &Value, again: &Value) -> anyhow::Result<()> {
    let outcome = |record: &Value| text(&record["decision"]["outcome"]).to_owned();
    output::line(format_args!("{} → {}", outcome(stored), outcome(again)))?;
    score(&again["score"])?;
    reasons(&again["decision"]["reasons"])
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
