//! Programs that the tests start: the binary's path, signals, waiting with a limit.

use std::env;
use std::io;
use std::path::PathBuf;
use std::process::{Child, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

pub use rustix::process::Signal;

/// How often something is looked at that nobody announces.
pub(crate) const POLL: Duration = Duration::from_millis(5);

/// The binary under test: `PROBITY_BIN`, or `probity` beside the test's own directory.
pub fn binary() -> PathBuf {
    if let Some(path) = env::var_os("PROBITY_BIN") {
        return PathBuf::from(path);
    }
    // target/debug/deps/<test> or target/debug/<program>
    let own = env::current_exe().expect("a running program has a path");
    let found = own.ancestors().skip(1).take(2).map(|folder| folder.join("probity"));
    let mut found = found.filter(|path| path.is_file());
    found.next().expect("no probity binary: cargo build -p probity --features failpoints")
}

/// Sends a signal to a child that has not been waited for.
pub fn signal(child: &Child, signal: Signal) -> io::Result<()> {
    let id = i32::try_from(child.id()).expect("a process id fits");
    let id = rustix::process::Pid::from_raw(id).expect("a process id is positive");
    Ok(rustix::process::kill_process(id, signal)?)
}

/// Waits for the end of a child; an error of kind `TimedOut` when it does not come in time.
pub fn wait(child: &mut Child, limit: Duration) -> io::Result<ExitStatus> {
    let mut status = None;
    wait_until(limit, || {
        status = child.try_wait()?;
        Ok(status.is_some())
    })?;
    Ok(status.expect("set when waiting ended"))
}

/// Looks again and again until it holds; an error of kind `TimedOut` when it does not in time.
pub fn wait_until(limit: Duration, mut holds: impl FnMut() -> io::Result<bool>) -> io::Result<()> {
    let start = Instant::now();
    while !holds()? {
        if start.elapsed() > limit {
            return Err(io::ErrorKind::TimedOut.into());
        }
        thread::sleep(POLL);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::Command;

    use super::*;

    #[test]
    fn waits_with_a_limit_and_kills() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let limit = Duration::from_millis(20);
        assert_eq!(wait(&mut child, limit).unwrap_err().kind(), io::ErrorKind::TimedOut);
        signal(&child, Signal::TERM).unwrap();
        assert_eq!(wait(&mut child, Duration::from_secs(5)).unwrap().signal(), Some(15));
    }
}
