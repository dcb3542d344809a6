//! The list of fail points and their uses are the same set.
//!
//! The crash tests go through the list; a point that is not in it is never exercised.

use std::collections::BTreeSet;

use syn::visit::{self, Visit};

use super::source::Source;

const LIST: &str = "crates/store/src/fail_points.rs";
const CALL: &str = concat!("fail_", "point!(");

pub(crate) fn check(sources: &[Source]) -> Vec<String> {
    let Some(list) = sources.iter().find(|source| source.path == LIST) else {
        eprintln!("tidy: no {LIST} yet, fail points not compared");
        return Vec::new();
    };
    let listed = literals(&list.text);
    let mut used = BTreeSet::new();
    let mut violations = Vec::new();
    let product = |source: &&Source| source.path.starts_with("crates/") && source.path != LIST;
    for source in sources.iter().filter(|source| source.is_rust()).filter(product) {
        for (number, name) in uses(&source.text) {
            if !listed.contains(&name) {
                let path = &source.path;
                violations.push(format!("{path}:{number}: fail point `{name}` is not in {LIST}"));
            }
            used.insert(name);
        }
    }
    let unused = listed.difference(&used);
    violations.extend(unused.map(|name| format!("{LIST}: fail point `{name}` is used nowhere")));
    violations
}

/// The names in the list: every text literal in its code (not in comments, attributes or macros).
fn literals(text: &str) -> BTreeSet<String> {
    struct Literals(BTreeSet<String>);
    impl<'ast> Visit<'ast> for Literals {
        fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
        fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
            if item.ident != "tests" {
                visit::visit_item_mod(self, item);
            }
        }
        fn visit_lit_str(&mut self, literal: &'ast syn::LitStr) {
            self.0.insert(literal.value());
        }
    }
    let mut literals = Literals(BTreeSet::new());
    if let Ok(file) = syn::parse_file(text) {
        literals.visit_file(&file);
    }
    literals.0
}

/// Line and name of each fail point; a name that is no literal comes out as its expression, which
/// no list holds, and so is reported.
fn uses(text: &str) -> Vec<(usize, String)> {
    text.match_indices(CALL)
        .map(|(at, _)| {
            let line = text[..at].matches('\n').count() + 1;
            let argument = text[at + CALL.len()..].split([',', ')']).next().unwrap_or_default();
            (line, argument.trim().trim_matches('"').to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violations(list: &str, code: &str) -> usize {
        check(&[Source::new(LIST, list), Source::new("crates/store/src/calls.rs", code)]).len()
    }

    #[test]
    fn list_and_uses_agree() {
        let list = "//! \"quoted\"\n/// A \"doc\".\npub const ALL: [&str; 2] = [\"a\", \"b\"];";
        let both = format!("fn f() {{ {CALL}\"a\"); {CALL}\n  \"b\", |_| Err(x)); }}");
        assert_eq!(violations(list, &both), 0);
        assert_eq!(violations(list, &format!("{CALL}\"a\")")), 1, "b is never used");
        assert_eq!(violations(list, &format!("{both} {CALL}\"c\")")), 1, "c is not listed");
        assert_eq!(violations(list, &format!("{both} {CALL}NAME)")), 1, "not a literal");
    }

    #[test]
    fn nothing_to_compare_yet() {
        assert!(check(&[Source::new("crates/a/src/a.rs", "")]).is_empty());
    }
}
