//! In the binary, only the composition root (`app.rs`, `app/`) opens the store and the sources.

use super::source::Source;

const ROOT: &str = "crates/probity/src/";

pub(crate) fn check(source: &Source) -> Vec<String> {
    let Some(path) = source.path.strip_prefix(ROOT) else {
        return Vec::new();
    };
    if path == "app.rs" || path.starts_with("app/") {
        return Vec::new();
    }
    source
        .lines()
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .filter_map(|(number, line)| {
            let name = ["store", "sources"].into_iter().find(|name| names_crate(line, name))?;
            Some(format!(
                "{}:{number}: only app.rs opens `{name}`; go through the engine",
                source.path
            ))
        })
        .collect()
}

/// Whether the line has the path `name::…` (or `use name`) of the crate, not of a module so named.
fn names_crate(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + name.len()..]);
        let opens = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
        let inside_other = before.strip_suffix("::").is_some_and(|outer| {
            outer.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '>')
        });
        let used = before.trim_end().ends_with("use") && after.starts_with([' ', ';']);
        opens && !inside_other && (after.starts_with("::") || used)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_root_may() {
        let bad = "use store::Store;\nlet a = ::sources::sandbox();\nuse store as s;\n";
        let count = |path: &str, text: &str| check(&Source::new(path, text)).len();
        assert_eq!(count("crates/probity/src/cli/serve.rs", bad), 3);
        assert_eq!(count("crates/probity/src/app.rs", bad), 0);
        assert_eq!(count("crates/probity/src/app/open.rs", bad), 0);
        assert_eq!(count("crates/engine/src/calls.rs", bad), 0);
        let good =
            "// store::Store is closed\nuse crate::store::A;\nrestore::b();\na.store::<u8>();";
        assert_eq!(count("crates/probity/src/cli/serve.rs", good), 0);
    }
}
