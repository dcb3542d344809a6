//! The closing scan of a deployment: what was marked is at rest nowhere, and what is a person's
//! lies nowhere open.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::canary::Canaries;
use crate::cli;
use crate::server::Server;
use crate::stored::{self, Tables, Vault};

/// What the scan leaves for a closer look.
#[derive(Debug)]
pub struct Scanned {
    pub vault: Vault,
    folder: TempDir,
}

impl Scanned {
    /// The backup that was taken and looked through.
    pub fn backup(&self) -> PathBuf {
        self.folder.path().join("backup")
    }
}

/// Looks through metrics, `log` and what came to it since, the database with its write-ahead log, a
/// backup and the insides of every sealed value, then ends the server and looks again. `secrets`
/// (class C3) are in none of them, `private` (class C2) in the sealed values alone, where more than
/// half of it has to be: they were opened.
///
/// # Panics
/// When something is where it must not be.
pub fn nothing_is_at_rest(
    server: &mut Server,
    log: &str,
    secrets: &Canaries,
    private: &Canaries,
) -> Scanned {
    let metrics = server.client().get("/metrics", &[]).expect("an answer").body;
    let folder = TempDir::new().expect("a temporary directory");
    let backup = folder.path().join("backup");
    server.cli(&["backup", "create", "--output", cli::text(&backup)]).expect_success();
    // Running: the write-ahead log is still there.
    for (place, bytes) in [
        ("the metrics", metrics),
        ("the log", [log.as_bytes(), server.log_text().as_bytes()].concat()),
        ("the database, running", stored::raw(server)),
        ("the backup", read_all(&backup)),
    ] {
        assert!(!bytes.is_empty(), "{place} is empty");
        secrets.expect_none(place, &bytes);
        private.expect_none(place, &bytes);
    }
    let tables = stored::tables(server);
    let root_key = fs::read_to_string(server.root_key()).expect("the root key is there");
    let vault = Vault::open(&root_key, &tables);
    let inside = insides(&vault, &tables);
    secrets.expect_none("the sealed values", &inside);
    let found = private.find(&inside).len();
    assert!(found > private.len() / 2, "{found} of {}: they were opened", private.len());
    assert!(server.terminate().success());
    secrets.expect_none("the log of the end", server.log_text().as_bytes());
    secrets.expect_none("the database", &stored::raw(server));
    private.expect_none("the database", &stored::raw(server));
    Scanned { vault, folder }
}

/// What is in all sealed values, a byte between each.
///
/// # Panics
/// When there are so few that hardly anything was played.
pub fn insides(vault: &Vault, tables: &Tables) -> Vec<u8> {
    let opened = vault.opened(tables);
    assert!(opened.len() > 50, "{} sealed values", opened.len());
    opened.into_iter().flat_map(|(_, plain)| [plain, vec![0]].concat()).collect()
}

fn read_all(folder: &Path) -> Vec<u8> {
    let files = fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").path());
    files.flat_map(|file| fs::read(file).expect("readable")).collect()
}
