//! Where `./test` installs the public clients, and what else the tests have other languages do.

use std::env;
use std::path::{Path, PathBuf};

/// The folder of that kind (`node`, `python`), when it is installed. When it is not, the test says
/// so and leaves out what needs it.
///
/// # Panics
/// In the continuous integration, where a gap would go unnoticed.
pub fn installed(kind: &str) -> Option<PathBuf> {
    let folder = env::var_os("PROBITY_TEST_CLIENTS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/clients"),
        PathBuf::from,
    );
    let folder = folder.join(kind);
    if !folder.is_dir() {
        assert!(env::var_os("CI").is_none(), "CI without the public clients: run ./test");
        eprintln!("public clients are missing in {}: run ./test", folder.display());
        return None;
    }
    Some(folder)
}
