//! What is different between two policies, place by place, as an analyst reads it.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value as Json;

use super::Policy;

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentChange {
    /// `rules R101, when`.
    pub place: String,
    /// What stood there, as JSON; nothing when it was added.
    pub before: Option<String>,
    /// What stands there; nothing when it was removed.
    pub after: Option<String>,
}

impl fmt::Display for DocumentChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => write!(f, "{}: {before} → {after}", self.place),
            (Some(before), None) => write!(f, "{}: removed, was {before}", self.place),
            (None, after) => {
                write!(f, "{}: added, {}", self.place, after.as_deref().unwrap_or_default())
            }
        }
    }
}

impl Policy {
    /// What `other` has otherwise. Inputs, rules, cut-offs, nodes and columns are known by their id
    /// or name, wherever they stand in their list.
    pub fn changes(&self, other: &Self) -> Vec<DocumentChange> {
        let json = |policy: &Self| serde_json::from_slice(&policy.canonical).unwrap_or_default();
        let mut changes = Vec::new();
        compare("", &json(self), &json(other), &mut changes);
        changes
    }
}

fn compare(place: &str, before: &Json, after: &Json, changes: &mut Vec<DocumentChange>) {
    if before == after {
        return;
    }
    match (members(before), members(after)) {
        (Some(old), Some(new)) if before.is_object() == after.is_object() => {
            let names: BTreeSet<&String> = old.iter().chain(&new).map(|(name, _)| name).collect();
            for name in names {
                let find = |all: &[(String, &Json)]| -> Option<Json> {
                    let found = all.iter().find(|(known, _)| known == name);
                    found.map(|(_, value)| (*value).clone())
                };
                let inner = within(place, name, before.is_array());
                match (find(&old), find(&new)) {
                    (Some(old), Some(new)) => compare(&inner, &old, &new, changes),
                    (old, new) => changes.push(change(&inner, old.as_ref(), new.as_ref())),
                }
            }
        }
        _ => changes.push(change(place, Some(before), Some(after))),
    }
}

fn change(place: &str, before: Option<&Json>, after: Option<&Json>) -> DocumentChange {
    let text = |json: Option<&Json>| json.map(ToString::to_string);
    DocumentChange { place: place.to_owned(), before: text(before), after: text(after) }
}

/// `rules` and `R101` make `rules R101`; `rules R101` and `when` make `rules R101, when`.
fn within(place: &str, name: &str, is_in_list: bool) -> String {
    match place {
        "" => name.to_owned(),
        _ if is_in_list => format!("{place} {name}"),
        _ => format!("{place}, {name}"),
    }
}

/// The members of an object; the items of a list by their own id or name, else by their place from
/// 1 (rows of a table, constants). Nothing for what has no parts, or whose names come twice.
fn members(json: &Json) -> Option<Vec<(String, &Json)>> {
    match json {
        Json::Object(map) => Some(map.iter().map(|(name, value)| (name.clone(), value)).collect()),
        Json::Array(items) => {
            let own_name = |item: &Json| {
                let name = item.get("id").or_else(|| item.get("name"))?;
                name.as_str().map(str::to_owned)
            };
            let of_their_own = items.iter().map(own_name).collect::<Option<Vec<String>>>();
            let is_unique =
                |names: &Vec<String>| names.iter().collect::<BTreeSet<_>>().len() == names.len();
            let names = of_their_own
                .filter(is_unique)
                .unwrap_or_else(|| (1..=items.len()).map(|at| at.to_string()).collect());
            Some(names.into_iter().zip(items).collect())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::DEFAULT;
    use super::*;

    fn changed(edit: impl FnOnce(&mut Json)) -> Vec<String> {
        let mut json: Json = serde_json::from_slice(DEFAULT).expect("JSON");
        edit(&mut json);
        let read = |bytes: &[u8]| Policy::read(bytes).expect("a policy");
        let changes = read(DEFAULT).changes(&read(json.to_string().as_bytes()));
        changes.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_change_is_told_where_it_is() {
        assert_eq!(changed(|_| ()), [""; 0]);
        assert_eq!(changed(|json| json["version"] = "2".into()), [r#"version: "1" → "2""#],);
        let id = |json: &Json| json["rules"][0]["id"].as_str().expect("an id").to_owned();
        let mut first = String::new();
        let told = changed(|json| {
            first = id(json);
            let rules = json["rules"].as_array_mut().expect("rules");
            rules[0]["then"] = "review".into();
            // Where a rule stands does not matter.
            rules.rotate_left(1);
        });
        assert_eq!(told, [format!(r#"rules {first}, then: "reject" → "review""#)]);
        let told = changed(|json| {
            first = id(json);
            json["rules"].as_array_mut().expect("rules").remove(0);
        });
        assert_eq!(told.len(), 1);
        assert!(told[0].starts_with(&format!("rules {first}: removed, was {{")), "{told:?}");
    }
}
