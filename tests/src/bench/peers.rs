//! The libraries that train the models, as peers: both sides are programs of their own, called in
//! turn on the same table, each on one thread. `./bench` builds them and says where they are.

use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How often each side is asked, in turn; the best of each counts.
const TURNS: usize = 3;

/// Ours, as `./bench` builds it (`crates/domain/examples/scoring_rows.rs`).
const OURS: &str = "PROBITY_BENCH_ROWS";
/// The folder of the peers: `trees` (tests/peers/trees.c) and the libraries that it loads.
const PEERS: &str = "PROBITY_BENCH_PEERS";

/// The library that trained a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Library {
    LightGbm,
    XgBoost,
}

impl Library {
    fn name(self) -> &'static str {
        match self {
            Self::LightGbm => "lightgbm",
            Self::XgBoost => "xgboost",
        }
    }

    fn object(self) -> &'static str {
        match self {
            Self::LightGbm => "lightgbm/lib/lib_lightgbm.so",
            Self::XgBoost => "xgboost/lib/libxgboost.so",
        }
    }
}

/// Rows per second.
#[derive(Clone, Debug, Default)]
pub(super) struct Rates {
    pub(super) single: f64,
    pub(super) batch: f64,
    /// All raw scores in one number; none of a scorecard.
    pub(super) bits: Option<String>,
}

impl Rates {
    /// What a program printed: a name and a value on each line.
    fn read(printed: &str) -> io::Result<Self> {
        let value = |name: &str| {
            let mut lines = printed.lines().filter_map(|line| line.split_once(' '));
            lines.find(|(one, _)| *one == name).map(|(_, value)| value.to_owned())
        };
        let rate = |name: &str| {
            let rate = value(name).and_then(|text| text.parse::<f64>().ok());
            rate.ok_or_else(|| io::Error::other(format!("no rate `{name}` in {printed:?}")))
        };
        Ok(Self { single: rate("single")?, batch: rate("batch")?, bits: value("bits") })
    }

    fn best(self, other: Self) -> Self {
        Self {
            single: self.single.max(other.single),
            batch: self.batch.max(other.batch),
            bits: other.bits,
        }
    }
}

/// A model and the table that it is measured on.
pub(super) struct Case<'c> {
    pub(super) model: &'c Path,
    pub(super) table: &'c Path,
    pub(super) columns: usize,
    pub(super) library: Option<Library>,
}

/// Our rates, and the peer's when it is there.
pub(super) fn measure(case: &Case<'_>) -> io::Result<(Rates, Option<Rates>)> {
    let folder = env::var_os(PEERS).map(PathBuf::from);
    let peer = folder.as_deref().zip(case.library);
    let (mut ours, mut theirs) = (Rates::default(), None);
    for _ in 0..TURNS {
        ours = ours.best(run(&mut our_program(case)?)?);
        if let Some((folder, library)) = peer {
            let rates = run(&mut peer_program(folder, library, case))?;
            theirs = Some(theirs.unwrap_or_else(Rates::default).best(rates));
        }
    }
    Ok((ours, theirs))
}

fn our_program(case: &Case<'_>) -> io::Result<Command> {
    let program =
        env::var_os(OURS).ok_or_else(|| io::Error::other(format!("{OURS} is not set")))?;
    let mut command = Command::new(program);
    command.arg(case.model).arg(case.table);
    Ok(command)
}

fn peer_program(folder: &Path, library: Library, case: &Case<'_>) -> Command {
    let mut command = Command::new(folder.join("trees"));
    command.env("OMP_NUM_THREADS", "1").arg(library.name()).arg(folder.join(library.object()));
    command.arg(case.model).arg(case.table).arg(case.columns.to_string());
    command
}

fn run(command: &mut Command) -> io::Result<Rates> {
    let output = command.output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(io::Error::other(format!("{command:?}: {said}")));
    }
    Rates::read(&String::from_utf8_lossy(&output.stdout))
}
