//! Lengths: functions, files, lines.

use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

use super::source::Source;

const FUNCTION_LINES_MAX: usize = 70;
const FILE_LINES_MAX: usize = 600;
const LINE_COLUMNS_MAX: usize = 100;

pub(crate) fn check(source: &Source) -> Vec<String> {
    let mut violations = long_lines(source);
    let lines = source.text.lines().count();
    if lines > FILE_LINES_MAX {
        violations.push(format!("{}: {lines} lines, at most {FILE_LINES_MAX}", source.path));
    }
    match syn::parse_file(&source.text) {
        Ok(file) => {
            let mut functions = Functions { path: &source.path, violations: Vec::new() };
            functions.visit_file(&file);
            violations.extend(functions.violations);
        }
        Err(error) => violations.push(format!("{}: does not parse: {error}", source.path)),
    }
    violations
}

fn long_lines(source: &Source) -> Vec<String> {
    source
        .lines()
        // A link cannot be broken.
        .filter(|(_, line)| line.chars().count() > LINE_COLUMNS_MAX && !line.contains("https://"))
        .map(|(number, line)| {
            let columns = line.chars().count();
            format!("{}:{number}: {columns} columns, at most {LINE_COLUMNS_MAX}", source.path)
        })
        .collect()
}

struct Functions<'a> {
    path: &'a str,
    violations: Vec<String>,
}

impl Functions<'_> {
    /// Counts from the signature to the closing brace, comments and blank lines included.
    fn measure(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let first = signature.span().start().line;
        let lines = block.span().end().line - first + 1;
        if lines > FUNCTION_LINES_MAX {
            let (path, name) = (self.path, &signature.ident);
            self.violations.push(format!(
                "{path}:{first}: fn {name} has {lines} lines, at most {FUNCTION_LINES_MAX}"
            ));
        }
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.measure(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.measure(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.measure(&item.sig, block);
        }
        visit::visit_trait_item_fn(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str) -> usize {
        check(&Source::new("a.rs", text)).len()
    }

    fn function(body_lines: usize) -> String {
        format!("fn f() {{\n{}}}\n", "    // a line\n".repeat(body_lines))
    }

    #[test]
    fn functions() {
        assert_eq!(count(&function(68)), 0);
        assert_eq!(count(&function(69)), 1);
        assert_eq!(count(&format!("struct A;\nimpl A {{ {} }}", function(69))), 1);
        assert_eq!(count(&format!("trait A {{ {} }}", function(69))), 1);
        assert_eq!(count(&format!("mod m {{ fn outer() {{ {} }} }}", function(69))), 2);
    }

    #[test]
    fn files() {
        assert_eq!(count(&"// a\n".repeat(600)), 0);
        assert_eq!(count(&"// a\n".repeat(601)), 1);
    }

    #[test]
    fn lines() {
        assert_eq!(count(&format!("//{}", "x".repeat(98))), 0);
        assert_eq!(count(&format!("//{}", "x".repeat(99))), 1);
        assert_eq!(count(&format!("//{}", "信".repeat(98))), 0);
        assert_eq!(count(&format!("// https://{}", "x".repeat(98))), 0);
    }

    #[test]
    fn a_file_that_does_not_parse_is_no_excuse() {
        assert_eq!(count("fn {"), 1);
    }
}
