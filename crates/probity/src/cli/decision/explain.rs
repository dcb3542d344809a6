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
    if let Some(before) = &account.after_override {
        output::line(format_args!(
            "people look at it: they overturned the refusal of {before}, of the same person's"
        ))?;
    }
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
            let (zh, en) = (&field.zh, &field.en);
            if account.is_masked {
                output::line(format_args!("  {zh} / {en}"))?;
                continue;
            }
            let [from, to] = [&field.from, &field.to].map(serde_json::to_string);
            output::line(format_args!("  {zh} / {en}: {} → {}", from?, to?))?;
        }
    }
    for shadow in account.decisions.iter().skip(1) {
        let (policy, version) = (&shadow.policy, shadow.policy_version);
        let outcome = shadow.outcome.as_str();
        output::line(format_args!("\nin its shadow, {policy} {version} came to: {outcome}"))?;
    }
    if account.is_masked {
        output::note("the person's values are not shown; --reason shows them, and is noted");
    }
    Ok(())
}

fn score(score: &Value) -> anyhow::Result<()> {
    if score.is_null() {
        return Ok(());
    }
    let (model, version) = (text(&score["model"]), &score["version"]);
    if !score["why"].is_null() {
        return output::line(format_args!("model {model} {version}: {}", text(&score["why"])));
    }
    if score["score"].is_null() {
        return output::line(format_args!("model {model} {version}"));
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
            let [field, operator, bound] =
                ["field", "operator", "bound"].map(|name| text(&evidence[name]));
            match evidence.get("value") {
                Some(value) => output::line(format_args!(
                    "    {field} is {value}; the rule: {operator} {bound}"
                ))?,
                None => output::line(format_args!("    {field}; the rule: {operator} {bound}"))?,
            }
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
