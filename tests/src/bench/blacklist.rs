//! The blacklist at its size: how long a load takes and what memory, how long a start, and how
//! many look-ups a second come out, in a process of their own and over HTTP.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::generator::{self, Load, Requests};
use super::report::{Fact, Report};
use super::{Figures, mark, processor_seconds};
use crate::blacklist::{
    Searcher, count, hashes, id_card, metric, mobile, run_watched, write_entries,
};
use crate::cli::text;
use crate::database::Database;
use crate::process;
use crate::server::Server;

/// Persons of the file that is searched; none of them is listed.
const PERSONS: usize = 500_000;
const READ_LIMIT: Duration = Duration::from_mins(10);

pub(super) fn measure(database: Database, figures: Figures, report: &mut Report) -> io::Result<()> {
    let (name, _cluster, mut server) = mark::prepare(database);
    let folder = TempDir::new()?;
    mark::start_up(&mut server);
    let fact = |what: &str, value: f64, unit| Fact::new(format!("{name} {what}"), value, unit);
    let entries = folder.path().join("entries.csv");
    write_entries(&entries, figures.entries)?;
    let mut load = server.command(&["blacklist", "load", text(&entries), "--json"]);
    let start = Instant::now();
    let (output, peak) = run_watched(&mut load);
    let seconds = start.elapsed().as_secs_f64();
    output.expect_success();
    std::fs::remove_file(&entries)?;
    let count = count_when_read(&server)?;
    report.fact(fact("blacklist, entries", count as f64, ""))?;
    report.fact(fact("blacklist, load", figures.entries as f64 / seconds, "rows/s"))?;
    report.fact(fact("blacklist, load, most memory", peak as f64 / f64::from(1 << 20), "MiB"))?;

    server.terminate();
    let start = mark::start_up(&mut server);
    report.fact(fact("blacklist, start, ready", start.as_secs_f64() * 1e3, "ms"))?;
    let start = Instant::now();
    process::wait_until(READ_LIMIT, || Ok(hashes(&server) >= count))?;
    report.fact(fact("blacklist, then in memory", start.elapsed().as_secs_f64(), "s"))?;
    let filter = metric(&server, "probity_blacklist_filter_bytes") / f64::from(1 << 20);
    report.fact(fact("blacklist, filter", filter, "MiB"))?;
    let resident = mark::resident_mib(server.process_id().unwrap_or_default())?;
    report.fact(fact("blacklist, server's memory, all of it", resident, "MiB"))?;

    let (persons, found) = (folder.path().join("persons.csv"), folder.path().join("found.csv"));
    write_persons(&persons, figures.entries)?;
    let search = ["blacklist", "search", text(&persons), "--output", text(&found), "--json"];
    let searched = server.cli(&search).expect_success().json();
    let rate = searched["rows_per_second"].as_f64().unwrap_or(0.0);
    report.fact(fact("blacklist, searched in process", rate, "persons/s"))?;

    let mut requests = requests(&server, figures.entries).on(figures.connections);
    generator::run(server.address(), &mut requests, figures.warm_up);
    let process = server.process_id().unwrap_or_default();
    let used = processor_seconds(process)?;
    let run = generator::run(server.address(), &mut requests, figures.measure);
    let used = processor_seconds(process)? - used;
    report.load(&Load::named(&format!("{name} blacklist over HTTP"), &run, used))
}

/// Waits until the server has all entries; gives how many.
fn count_when_read(server: &Server) -> io::Result<u64> {
    let count = count(server);
    process::wait_until(READ_LIMIT, || Ok(hashes(server) >= count))?;
    Ok(count)
}

fn write_persons(path: &Path, after: usize) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "name,id_card,mobile")?;
    for row in after + 1..=after + PERSONS {
        writeln!(file, "王芳,{},{}", id_card(row), mobile(row))?;
    }
    file.flush()
}

/// Searches for persons who are not listed; the key of a request is the end of the name.
fn requests(server: &Server, after: usize) -> Requests {
    let token = Searcher::new(server).token;
    let head = |row: usize| {
        let (id_card, mobile) = (id_card(row), mobile(row));
        let body = format!("token={token}&id_card={id_card}&mobile={mobile}&name=A");
        let (address, length) = (server.address(), body.len() + 16);
        format!(
            "POST /blacklist/search/single HTTP/1.1\r\nHost: {address}\r\nUser-Agent: bench\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n\
             {body}"
        )
    };
    let heads = (after + 1..=after + 1_000).map(|row| head(row).into_bytes());
    Requests::new(heads.collect(), Vec::new(), std::process::id())
}
