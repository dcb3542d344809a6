//! What operators are shown of an application: rules, reasons and the names of features to whoever
//! may see decisions; a person's values, and what people wrote, to who may see them and says why,
//! which is registered first.

use domain::policy::{FieldChange, Value as PolicyValue};
use serde_json::{Map, Value, json};
use store::views::View;

use super::people::{NotMoved, words};
use super::{ApplicationAccount, Open};
use crate::Engine;

/// What the register calls it.
const DECISION: &str = "decision";

/// Who looks at values in the clear, and why.
#[derive(Clone, Copy, Debug)]
pub struct Looking<'a> {
    pub actor: &'a str,
    pub reason: &'a str,
}

impl Engine {
    /// An application's account: in the clear for `looking`, else masked.
    pub async fn application_shown(
        &self,
        open_id: &str,
        looking: Option<Looking<'_>>,
    ) -> Result<ApplicationAccount, NotMoved> {
        if let Some(looking) = looking {
            self.note_look(open_id, looking).await?;
            return Ok(self.application_account(None, open_id).await?);
        }
        Ok(self.application_account(None, open_id).await?.masked())
    }

    /// Registers that somebody looks at what an application's decisions were made of.
    pub async fn note_look(&self, open_id: &str, looking: Looking<'_>) -> Result<(), NotMoved> {
        let reason = words(looking.reason)?;
        let Open { row, .. } = self.application_by_id(open_id).await?;
        let view = View {
            id: self.random_hex::<16>(),
            at: self.now(),
            actor: looking.actor.to_owned(),
            subject: row.subject,
            what: DECISION.to_owned(),
            reason: format!("{reason} (application {open_id})"),
        };
        let noted = self.store().unit("note_look", move |tx| store::views::note(tx, &view));
        noted.await.map_err(|error| NotMoved::Failure(self.store_failed(&error)))
    }
}

impl ApplicationAccount {
    fn masked(mut self) -> Self {
        self.is_masked = true;
        self.course = self.course.without_words();
        for decision in &mut self.decisions {
            decision.record = masked_record(&decision.record);
        }
        for field in self.nearest.iter_mut().flat_map(|change| &mut change.fields) {
            let FieldChange { from, to, .. } = field;
            (*from, *to) = (PolicyValue::Unknown, PolicyValue::Unknown);
        }
        self
    }
}

/// A decision's record without a value of the person's: what decided, the rules that hit, and the
/// names of what they read.
pub fn masked_record(record: &Value) -> Value {
    let (decision, score) = (&record["decision"], &record["score"]);
    let evidence = |one: &Value| picked(one, &["field", "operator", "bound"]);
    let named = ["rule", "outcome", "is_known", "zh", "en", "lawful_basis", "missing"];
    let reason = |one: &Value| {
        let mut reason = picked(one, &named);
        reason["evidence"] = list(&one["evidence"], evidence);
        reason
    };
    let mut shown = picked(decision, &["policy", "at", "outcome", "refused"]);
    shown["reasons"] = list(&decision["reasons"], reason);
    let mut scored = picked(score, &["model", "version", "sha256", "card_sha256", "why"]);
    scored["contributions"] = list(&score["contributions"], |one| picked(one, &["feature"]));
    let scored = if score.is_null() { Value::Null } else { scored };
    json!({
        "catalogue": record["catalogue"], "policy_version": record["policy_version"],
        "score": scored, "decision": shown,
    })
}

fn picked(from: &Value, names: &[&str]) -> Value {
    let pick = |name: &&str| Some(((*name).to_owned(), from.get(*name)?.clone()));
    Value::Object(names.iter().filter_map(pick).collect::<Map<_, _>>())
}

fn list(from: &Value, each: impl FnMut(&Value) -> Value) -> Value {
    Value::Array(from.as_array().into_iter().flatten().map(each).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every value of the record is 7 or "seven".
    #[test]
    fn a_masked_record_has_rules_and_names_and_no_value() {
        let record = json!({
            "catalogue": 1,
            "score": {
                "model": "m", "version": 2, "sha256": "ab", "score": 7, "raw": 7.0, "bias": 7.0,
                "contributions": [{ "feature": "f.a", "contribution": 7.0, "shown": "seven" }],
            },
            "decision": {
                "policy": { "name": "p" }, "at": "t", "outcome": "reject", "steps": 9,
                "reasons": [{
                    "rule": "R1", "outcome": "reject", "is_known": true, "zh": "合成", "en": "x",
                    "lawful_basis": { "zh": "合成", "en": "x" }, "missing": ["f.c"],
                    "evidence": [{ "field": "f.b", "value": 7, "operator": ">", "bound": "5" }],
                }],
                "inputs": { "f.a": 7, "f.b": "seven" },
                "trace": [{ "id": "n", "reads": { "f.a": 7 }, "writes": { "x": "seven" } }],
            },
        });
        let masked = masked_record(&record);
        let text = masked.to_string();
        assert!(!text.contains('7') && !text.contains("seven"), "{text}");
        for name in ["f.a", "f.b", "f.c", "R1", "合成", "ab", "\"bound\":\"5\""] {
            assert!(text.contains(name), "{name}: {text}");
        }
        assert_eq!(masked["decision"]["outcome"], "reject");
        assert_eq!(masked_record(&json!({ "score": null }))["score"], Value::Null);
    }
}
