//! Each migration exists for both databases, under the same name.

use std::collections::BTreeSet;

const FOLDERS: [&str; 2] = ["crates/store/migrations/sqlite/", "crates/store/migrations/postgres/"];

pub(crate) fn check(paths: &[&str]) -> Vec<String> {
    let [sqlite, postgres] = FOLDERS.map(|folder| {
        paths.iter().filter_map(|path| path.strip_prefix(folder)).collect::<BTreeSet<&str>>()
    });
    sqlite
        .symmetric_difference(&postgres)
        .map(|name| {
            let missing = if sqlite.contains(name) { FOLDERS[1] } else { FOLDERS[0] };
            format!("{missing}{name}: missing, the other database has it")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_or_none() {
        let [sqlite, postgres] = FOLDERS.map(|folder| format!("{folder}0001_first.sql"));
        assert!(check(&[&sqlite, &postgres, "README.md"]).is_empty());
        assert_eq!(check(&[&sqlite]), [format!("{postgres}: missing, the other database has it")]);
        assert_eq!(check(&[&postgres]), [format!("{sqlite}: missing, the other database has it")]);
    }
}
