//! Collection sessions: what an open one costs in memory, how many states a second are told while
//! very many are open, and how many sessions a second go from their beginning to their bill.

use std::io;
use std::time::{Duration, Instant};

use super::generator::{self, Load, Requests, Run};
use super::report::{Fact, Report};
use super::{Figures, echo, mark, processor_seconds, score};
use crate::blacklist::{Searcher, id_card};
use crate::database::Database;
use crate::process;
use crate::server::Server;

/// A carrier's person whose data is there at once (`sandbox.md`, telecom 0000).
const AT_ONCE: &str = "0000";
/// Opened before the memory is read for the first time: pools and caches are as large as they get.
const OPENED_BEFORE: u64 = 2_000;
const END_LIMIT: Duration = Duration::from_mins(5);

pub(super) fn measure(database: Database, figures: Figures, report: &mut Report) -> io::Result<()> {
    let (name, _cluster, mut server) = mark::prepare(database);
    mark::start_up(&mut server);
    let limit = echo_run(&server, figures, report)?;

    let count = figures.sessions;
    let mut opening = opening(&server, "degree", count / 4).on(figures.connections);
    generator::run_calls(server.address(), &mut opening, OPENED_BEFORE);
    let fact =
        |what: &str, value: f64, unit| Fact::new(format!("{name} sessions, {what}"), value, unit);
    // The login's memory is given back meanwhile.
    std::thread::sleep(figures.idle);
    let (before, begun) = (resident_bytes(&server)?, Instant::now());
    generator::run_calls(server.address(), &mut opening, count as u64);
    let seconds = begun.elapsed().as_secs_f64();
    let opened = counted(&server, "probity_sessions_opened_total", "degree");
    // Each connection finishes the call that it has under way.
    assert!(opened >= (count as u64 + OPENED_BEFORE) as f64, "{opened} opened: some were refused");
    report.fact(fact("open", opened, ""))?;
    report.fact(fact("opened", count as f64 / seconds, "/s"))?;
    let each = |bytes: f64| (bytes - before) / count as f64;
    report.fact(fact("memory of an open one", each(resident_bytes(&server)?), "bytes"))?;

    let mut polls = polls(&server).on(figures.connections);
    generator::run_calls(server.address(), &mut polls, count as u64);
    report.fact(fact("memory of a polled one", each(resident_bytes(&server)?), "bytes"))?;
    let used = processor_seconds(process_id(&server))?;
    let run = generator::run(server.address(), &mut polls, figures.measure);
    let used = processor_seconds(process_id(&server))? - used;
    report.load(&against(&format!("{name} get-state"), &run, (used, &limit)))?;
    complete(&server, (name, figures), &limit, report)
}

/// Sessions that are begun until the time is over, and all of them at their end.
fn complete(
    server: &Server,
    (name, figures): (&str, Figures),
    limit: &Run,
    report: &mut Report,
) -> io::Result<()> {
    let mut opening = opening(server, "telecom", 20_000).on(figures.connections);
    generator::run(server.address(), &mut opening, figures.warm_up);
    let is_over = |wanted: f64| {
        move || Ok(counted(server, "probity_sessions_ended_total", "outcome=\"ready\"") >= wanted)
    };
    let opened = || counted(server, "probity_sessions_opened_total", "telecom");
    process::wait_until(END_LIMIT, is_over(opened()))?;
    let (before, begun) = (opened(), Instant::now());
    let used = processor_seconds(process_id(server))?;
    let run = generator::run(server.address(), &mut opening, figures.measure);
    process::wait_until(END_LIMIT, is_over(opened()))?;
    let (ended, seconds) = (opened() - before, begun.elapsed().as_secs_f64());
    let used = processor_seconds(process_id(server))? - used;
    let run = run.until_done(ended as u64, seconds);
    report.load(&against(&format!("{name} sessions completed"), &run, (used, limit)))
}

fn echo_run(server: &Server, figures: Figures, report: &mut Report) -> io::Result<Run> {
    let echo = echo::Echo::start(100);
    let mut requests = score::requests(server).on(figures.connections);
    generator::run(echo.address(), &mut requests, figures.warm_up);
    let used = processor_seconds(echo.process_id())?;
    let run = generator::run(echo.address(), &mut requests, figures.measure);
    let used = processor_seconds(echo.process_id())? - used;
    report.load(&Load::named("echo", &run, used))?;
    Ok(run)
}

fn against(name: &str, run: &Run, (used, limit): (f64, &Run)) -> Load {
    let ratio = run.calls_per_second() / limit.calls_per_second();
    Load { ratio_to_echo: Some(ratio), ..Load::named(name, run, used) }
}

/// Begins sessions of so many persons; the key of a request is the end of the name.
fn opening(server: &Server, product: &str, persons: usize) -> Requests {
    let token = Searcher::new(server).token;
    let head = |person: usize| {
        let (id_card, mobile) = (id_card(person), format!("139{:04}{AT_ONCE}", person % 10_000));
        let body = format!(
            "token={token}&id_card={id_card}&mobile={mobile}&service_password=synthetic&name=A"
        );
        post(server, &format!("/{product}/collect/open-id"), &body)
    };
    Requests::new((1..=persons).map(head).collect(), Vec::new(), std::process::id())
}

/// Looks at each session that is there, in turn; the key of a request says nothing.
fn polls(server: &Server) -> Requests {
    let username = server.sandbox().username;
    let head = |open_id: String| {
        let body = format!("username={username}&open_id={open_id}&key=");
        post(server, "/degree/collect/get-state", &body)
    };
    Requests::new(open_ids(server).into_iter().map(head).collect(), Vec::new(), 0)
}

/// A request whose body ends with a key of 16 digits.
fn post(server: &Server, path: &str, body: &str) -> Vec<u8> {
    let (address, length) = (server.address(), body.len() + 16);
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nUser-Agent: bench\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    head.into_bytes()
}

fn open_ids(server: &Server) -> Vec<String> {
    const SQL: &str = "SELECT open_id FROM sessions";
    if let Some(postgres) = server.postgres() {
        let rows = postgres.connect().query(SQL, &[]).expect("the statement is legal");
        return rows.iter().map(|row| row.get(0)).collect();
    }
    let path = server.data_folder().join("probity.db");
    let connection = rusqlite::Connection::open(path).expect("the file is there");
    let mut statement = connection.prepare(SQL).expect("the statement is legal");
    let rows = statement.query_map([], |row| row.get(0)).expect("it runs");
    rows.collect::<Result<_, _>>().expect("texts")
}

/// The sum of a counter's lines with that label.
fn counted(server: &Server, name: &str, label: &str) -> f64 {
    let text = server.client().get("/metrics", &[]).expect("the server answers").text();
    let lines = text.lines().filter(|line| line.starts_with(name) && line.contains(label));
    lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}

fn resident_bytes(server: &Server) -> io::Result<f64> {
    Ok(mark::resident_mib(process_id(server))? * f64::from(1 << 20))
}

fn process_id(server: &Server) -> u32 {
    server.process_id().expect("it runs")
}
