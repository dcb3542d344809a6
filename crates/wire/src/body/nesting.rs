//! PHP's brackets: the lists and maps that names like `a[]` and `options[contacts][0][tel]` stand
//! for (`http_build_query` writes them, `$_POST` reads them).

use std::collections::BTreeMap;

use domain::failure::Failure;

use super::pairs::plain_name;
use super::{Limits, Value, parameter};

/// The tree that `entries` (name and text, in their order) stand for.
///
/// Errors: [`Failure::Parameter`] when one name is given two values, or is a value and a list at
/// once, or a limit is overstepped.
pub(super) fn tree(
    entries: impl Iterator<Item = (String, String)>,
    limits: &Limits,
) -> Result<Vec<(String, Value)>, Failure> {
    let mut root = Branch::default();
    for (name, text) in entries {
        let path = path(&name, limits.depth_max)
            .ok_or_else(|| parameter(format!("nested deeper than {} levels", limits.depth_max)))?;
        root.put(&path, text, limits.items_max).map_err(|fault| match fault {
            Fault::Contradiction => contradiction(&name),
            Fault::Crowded => parameter(format!("a list has more than {} items", limits.items_max)),
        })?;
    }
    Ok(root.members())
}

pub(super) fn contradiction(name: &str) -> Failure {
    let name = plain_name(name).unwrap_or("a parameter");
    parameter(format!("{name} is given more than once, with different values"))
}

/// The steps of a name: its head, then what stands in brackets (`[]` is an empty step). A name
/// whose brackets are not well-formed up to its end is one literal step: a dotted name after a
/// bracket is a plain name of face 3. Nothing when it is too deep.
fn path(name: &str, depth_max: usize) -> Option<Vec<&str>> {
    let literal = Some(vec![name]);
    let Some((head, rest)) = name.split_once('[') else { return literal };
    if head.is_empty() {
        return literal;
    }
    let Some(steps) = rest.strip_suffix(']') else { return literal };
    let steps: Vec<&str> = std::iter::once(head).chain(steps.split("][")).collect();
    if steps[1..].iter().any(|step| step.contains(['[', ']'])) {
        return literal;
    }
    (steps.len() <= depth_max).then_some(steps)
}

enum Fault {
    Contradiction,
    Crowded,
}

enum Node {
    Leaf(String),
    Branch(Branch),
}

#[derive(Default)]
struct Branch {
    members: Vec<(String, Node)>,
    /// Where in `members` a name is.
    places: BTreeMap<String, usize>,
    /// The index that `[]` takes.
    next: u64,
}

impl Branch {
    fn put(&mut self, path: &[&str], text: String, items_max: usize) -> Result<(), Fault> {
        let [step, rest @ ..] = path else { return Ok(()) };
        let name = if step.is_empty() { self.next.to_string() } else { (*step).to_owned() };
        let known = self.places.get(&name).copied();
        let place = match known {
            None if self.members.len() >= items_max => return Err(Fault::Crowded),
            None if rest.is_empty() => {
                self.add(name, Node::Leaf(text));
                return Ok(());
            }
            None => self.add(name, Node::Branch(Self::default())),
            Some(place) => place,
        };
        match (&mut self.members[place].1, rest) {
            (Node::Leaf(known), []) if *known == text => Ok(()),
            (Node::Branch(branch), [_, ..]) => branch.put(rest, text, items_max),
            _ => Err(Fault::Contradiction),
        }
    }

    fn add(&mut self, name: String, node: Node) -> usize {
        let place = self.members.len();
        if let Some(index) = index(&name) {
            self.next = self.next.max(index + 1);
        }
        self.places.insert(name.clone(), place);
        self.members.push((name, node));
        place
    }

    fn members(self) -> Vec<(String, Value)> {
        self.members.into_iter().map(|(name, node)| (name, node.value())).collect()
    }
}

impl Node {
    /// What has indexes only is a list, in their order; a gap is what PHP leaves where it took an
    /// item out, and closes.
    fn value(self) -> Value {
        let branch = match self {
            Self::Leaf(text) => return Value::Text(text),
            Self::Branch(branch) => branch,
        };
        let mut items = Vec::new();
        for (place, (name, _)) in branch.members.iter().enumerate() {
            match index(name) {
                Some(index) => items.push((index, place)),
                None => return Value::Map(branch.members()),
            }
        }
        items.sort_unstable();
        let mut members: Vec<_> = branch.members().into_iter().map(Some).collect();
        let taken = items.into_iter().filter_map(|(_, place)| members[place].take());
        Value::List(taken.map(|(_, value)| value).collect())
    }
}

/// An index as PHP writes it: no sign, no leading zero.
fn index(name: &str) -> Option<u64> {
    let is_canonical = name == "0" || !name.starts_with('0');
    let is_short = (1..=9).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_digit());
    (is_canonical && is_short).then(|| name.parse().ok())?
}
