//! The names that expressions may use, each with its type and what is known about its values.

use std::collections::BTreeMap;

use super::decimal::Decimal;
use super::value::Type;

/// What values a name can have, as far as the policy declares it. Checks of tables use it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) is_integer: bool,
    pub(super) min: Option<Decimal>,
    pub(super) max: Option<Decimal>,
    /// All texts there are.
    pub(super) texts: Option<Vec<String>>,
}

#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) name: String,
    pub(super) of: Type,
    pub(super) range: Range,
}

/// All values of a policy, each set once in a decision, and which of them are visible here.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    slots: Vec<Slot>,
    visible: BTreeMap<String, usize>,
}

impl Scope {
    /// Adds a value, visible under its name. Nothing when the name is taken.
    pub(super) fn add(&mut self, name: &str, of: Type, range: Range) -> Option<usize> {
        if self.visible.contains_key(name) {
            return None;
        }
        let slot = self.slots.len();
        self.slots.push(Slot { name: name.to_owned(), of, range });
        self.visible.insert(name.to_owned(), slot);
        Some(slot)
    }

    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.visible.get(name).copied()
    }

    pub(super) fn slot(&self, slot: usize) -> &Slot {
        &self.slots[slot]
    }

    /// Forgets what values the place can have.
    pub(super) fn widen(&mut self, slot: usize) {
        self.slots[slot].range = Range::default();
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn visible(&self) -> &BTreeMap<String, usize> {
        &self.visible
    }

    /// Shows exactly these names.
    pub(super) fn show(&mut self, visible: BTreeMap<String, usize>) {
        self.visible = visible;
    }

    /// Words about a name that there is not: the most similar ones that there are.
    pub(super) fn unknown_name(&self, name: &str) -> String {
        let similar = similar(name, self.visible.keys().map(String::as_str));
        match similar.as_slice() {
            [] if self.visible.is_empty() => {
                format!("there is no `{name}`: no inputs are declared")
            }
            [] => format!("there is no `{name}` among the inputs and results"),
            names => format!("there is no `{name}`; similar: {}", names.join(", ")),
        }
    }
}

/// Up to three of the names that are most like this one, the nearest first.
pub(crate) fn similar<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    let last = |name: &str| name.rsplit('.').next().map(str::to_owned);
    let limit = 2.max(name.len() / 2);
    let mut found: Vec<(usize, &str)> = names
        .filter_map(|other| {
            let far = distance(&name.to_lowercase(), &other.to_lowercase());
            // `m7` for `lenders.m7` is far in letters and near in meaning.
            let same_end = last(name) == last(other);
            (far <= limit || same_end).then_some((if same_end { far.min(1) } else { far }, other))
        })
        .collect();
    found.sort_unstable();
    found.into_iter().take(3).map(|(_, other)| other).collect()
}

/// How many letters must be added, left out or changed (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similar_names() {
        let names = ["lenders.m7", "lenders.m30", "calls.night_share", "income"];
        for (name, expected) in [
            ("lender.m7", vec!["lenders.m7", "lenders.m30"]),
            ("m30", vec!["lenders.m30"]),
            ("calls.nightshare", vec!["calls.night_share"]),
            ("INCOME", vec!["income"]),
            ("zzzzzz", vec![]),
        ] {
            assert_eq!(similar(name, names.into_iter()), expected, "{name}");
        }
        for (one, other, far) in [("", "", 0), ("abc", "", 3), ("kitten", "sitting", 3)] {
            assert_eq!(distance(one, other), far);
        }
    }
}
