//! Pages a second of the credit report's parser on one core, by the domain's own example.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::report::{Fact, Report};
use crate::process;

/// Where `./bench` has built the example.
const OURS: &str = "PROBITY_BENCH_PAGES";
const AIM: f64 = 10_000.0;

/// The document's sample in UTF-8, and a person of the sandbox's bureau in GBK, as the platform
/// writes it.
pub(super) fn measure(report: &mut Report) -> io::Result<()> {
    let Some(program) = std::env::var_os(OURS) else {
        return report.note("the parser is not measured: run ./bench, which builds its example");
    };
    let folder = TempDir::new()?;
    let printed = folder.path().join("page.html");
    let mut sandbox = Command::new(process::binary());
    let output = sandbox.args(["sandbox", "page", "sandbox07"]).output()?;
    assert!(output.status.success(), "{output:?}");
    fs::write(&printed, output.stdout)?;
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/domain/fixtures/pboc/sample.html");
    for (name, page) in [("the sample", Path::new(own)), ("sandbox07, GBK", &printed)] {
        let output = Command::new(&program).arg(page).output()?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let number = |word: &str| -> f64 {
            let line = said.lines().find_map(|line| line.strip_prefix(word)?.strip_prefix(' '));
            line.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{output:?}"))
        };
        let (rate, kibibytes) = (number("pages"), number("bytes") / 1024.0);
        let name = format!("parser: {name}, {kibibytes:.1} KiB");
        let met =
            if rate >= AIM { "pages/s (aim met: 10000)" } else { "pages/s (aim missed: 10000)" };
        report.fact(Fact::new(name, rate, met))?;
    }
    Ok(())
}
