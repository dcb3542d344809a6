//! What a connector that fails costs the others: sessions of other sources while a carrier's
//! connector is well and while it has each of its twelve faults, in turn.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tests::connector::Connector;
use tests::database::Database;
use tests::figure;
use tests::qiancheng::{Person, Qiancheng};
use tests::server::{Options, Server};

/// How much the others' p99 may rise. In the continuous integration rounds are few and short, and
/// the machine has other work.
fn rise_max() -> f64 {
    figure(2.0, 1.2)
}

const TRIES: usize = 4;
const MEASURERS: u32 = 2;
const LOAD_PAUSE: Duration = Duration::from_millis(50);

#[test]
fn silence_costs_the_others_nothing() {
    cost_nothing(["hang", "late", "drip"]);
}

#[test]
fn broken_answers_cost_the_others_nothing() {
    cost_nothing(["half", "huge", "garbage"]);
}

#[test]
fn ends_cost_the_others_nothing() {
    cost_nothing(["exit", "crash-loop", "oversize-number"]);
}

#[test]
fn lies_cost_the_others_nothing() {
    cost_nothing(["wrong-session", "wrong-clock", "wrong-signature"]);
}

/// The median over the rounds of the p99 with each fault against that without. More rounds where
/// that is too much: what the machine did goes away in them, what the fault costs stays.
fn cost_nothing(faults: [&str; 3]) {
    let mut connector = Connector::start();
    // In memory where there is such a place: the disk is not what is measured.
    let folder = tempfile::tempdir_in(memory()).expect("a temporary directory");
    let options = Options::on(Database::Sqlite).data(&folder.path().join("data"));
    let mut server = connector.serve(&["telecom"], "1s", options);
    let (mut well, mut ill) = (Vec::new(), [const { Vec::new() }; 3]);
    let mut rises = [f64::INFINITY; 3];
    for _ in 0..TRIES {
        for _ in 0..figure(2, 9) {
            well.push(round(&mut server, &mut connector, ""));
            for (fault, times) in faults.iter().zip(&mut ill) {
                times.push(round(&mut server, &mut connector, fault));
            }
        }
        let well_us = median(&mut well);
        rises = ill.each_mut().map(|times| median(times) / well_us);
        eprintln!("p99 {well_us:.0} us well; {faults:?} raise it to {rises:.2?}");
        if rises.iter().all(|rise| *rise <= rise_max()) {
            break;
        }
    }
    assert!(rises.iter().all(|rise| *rise <= rise_max()), "{faults:?}: {well:?} {ill:?}");
}

/// The others' p99 while the connector has that fault, or none; its breaker forgets what was.
fn round(server: &mut Server, connector: &mut Connector, fault: &str) -> f64 {
    server.restart();
    if fault == "crash-loop" {
        // A process that comes up only to end is one that nobody can connect to.
        connector.kill();
    } else {
        connector.restart(fault);
    }
    p99_us(server)
}

fn memory() -> &'static Path {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { memory } else { Path::new("/tmp") }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// How long a degree takes, from the beginning of its session to its end, while telecom sessions
/// are begun at an even pace.
fn p99_us(server: &Server) -> f64 {
    let is_over = AtomicBool::new(false);
    let length = figure(Duration::from_millis(800), Duration::from_millis(2_500));
    let qiancheng = Qiancheng::log_in(server);
    let measure = |measurer: u32| {
        let mut qiancheng = qiancheng.at(server);
        let (begun, mut times) = (Instant::now(), Vec::new());
        while begun.elapsed() < length {
            times.push(degree_us(&mut qiancheng, measurer));
        }
        times
    };
    let measure = &measure;
    let mut times = thread::scope(|scope| {
        scope.spawn(|| {
            let mut qiancheng = qiancheng.at(server);
            for number in 0.. {
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
                let form = [("service_password", "synthetic")];
                let person = Person::new(number, "0000");
                let form = [&person.fields()[..], &form].concat();
                // Refused where the breaker is open.
                qiancheng.with_token("/telecom/collect/open-id", &form);
                thread::sleep(LOAD_PAUSE);
            }
        });
        let measurers: Vec<_> =
            (0..MEASURERS).map(|one| scope.spawn(move || measure(one))).collect();
        let times = measurers.into_iter().flat_map(|one| one.join().expect("it measured"));
        let times: Vec<f64> = times.collect();
        is_over.store(true, Ordering::Relaxed);
        times
    });
    times.sort_by(f64::total_cmp);
    times[times.len() * 99 / 100]
}

fn degree_us(qiancheng: &mut Qiancheng, number: u32) -> f64 {
    let begun = Instant::now();
    let open_id = qiancheng.open_degree(&Person::new(number, "1111"));
    let account = [("account", "a@one"), ("password", "synthetic"), ("sync", "1")];
    qiancheng.of(&open_id, "/degree/collect/login", &account).ok();
    while qiancheng.state("degree", &open_id).state() != 21 {
        thread::sleep(Duration::from_millis(1));
    }
    begun.elapsed().as_secs_f64() * 1e6
}
