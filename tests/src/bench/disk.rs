//! What the disk itself can do: the limit of every durable write.

use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use super::report::Fact;

/// Appends of one page, each followed by `fdatasync`, in the directory that the servers use.
pub(super) fn syncs_per_second(length: Duration) -> io::Result<Fact> {
    let mut file = tempfile::tempfile()?;
    let (start, mut syncs) = (Instant::now(), 0_u32);
    while start.elapsed() < length {
        file.write_all(&[0; 4096])?;
        file.sync_data()?;
        syncs += 1;
    }
    let rate = f64::from(syncs) / start.elapsed().as_secs_f64();
    Ok(Fact::new("disk: write 4 KiB and fdatasync", rate, "1/s"))
}
