use std::fs;

use super::*;

fn backup() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("probity.db");
    fs::write(&file, vec![7; 3 << 20]).unwrap();
    let at = "2026-11-21T00:00:00Z".to_owned();
    let position = JournalPosition { rows: 3, checkpoint: Some((1, "00".into())), lanes: vec![] };
    let manifest = Manifest::of(Kind::Sqlite, (&file, "probity.db"), position, at).unwrap();
    write(folder.path(), &manifest);
    folder
}

fn write(folder: &Path, manifest: &Manifest) {
    fs::write(folder.join("manifest.json"), serde_json::to_vec(manifest).unwrap()).unwrap();
}

fn check(folder: &Path) -> Result<Manifest, String> {
    Manifest::check(folder, |_| {}).map_err(|error| error.to_string())
}

#[test]
fn a_whole_backup_reads_back() {
    let folder = backup();
    let manifest = check(folder.path()).unwrap();
    assert_eq!((manifest.bytes, manifest.journal.rows), (3 << 20, 3));
    assert_eq!(manifest.schema, store::migrations::latest());
}

#[test]
fn each_damage_is_named() {
    type Damage = fn(&Path);
    let damages: [(Damage, &str); 7] = [
        (|at| fs::remove_file(at.join("manifest.json")).unwrap(), "cut short"),
        (|at| fs::write(at.join("manifest.json"), "{").unwrap(), "is damaged"),
        (|at| fs::remove_file(at.join("probity.db")).unwrap(), "cannot be read"),
        (|at| fs::write(at.join("probity.db"), [7; 100]).unwrap(), "has 100 bytes"),
        (|at| fs::write(at.join("probity.db"), vec![8; 3 << 20]).unwrap(), "was changed"),
        (|at| edit(at, |manifest| manifest.schema += 1), "newer"),
        (|at| edit(at, |manifest| manifest.file = "../a".into()), "no plain name"),
    ];
    for (damage, wanted) in damages {
        let folder = backup();
        damage(folder.path());
        let error = check(folder.path()).unwrap_err();
        assert!(error.contains(wanted), "{wanted}: {error}");
    }
}

fn edit(folder: &Path, change: fn(&mut Manifest)) {
    let mut manifest = check(folder).unwrap();
    change(&mut manifest);
    write(folder, &manifest);
}
