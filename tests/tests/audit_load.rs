//! Bodies of applications at their largest: what they take of the memory is bounded, and the RSA
//! work of those who send thousands of blocks delays nobody else.

use std::fs;
use std::io::Write as _;
use std::thread;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use tests::database::Database;
use tests::figure;
use tests::http::Response;
use tests::qiancheng::audit::{Applicant, BLOCK_TEXT, Sealer, least, timed};
use tests::qiancheng::{Person, Qiancheng};
use tests::server::{Options, Server};

/// What applications may take together, as the server is configured.
const LARGE_MIB: usize = 80;
/// Times that, and what the server needs besides, is all that it may take.
const SHARE_MAX: usize = 4;
const REST_MIB: usize = 160;
const PATIENCE: Duration = Duration::from_mins(3);

/// A sound application with spaces in it up to that many bytes.
fn padded(order_id: u64, length: usize) -> Vec<u8> {
    let mut text = least(order_id).to_string().into_bytes();
    let missing = length - text.len();
    text.splice(1..1, std::iter::repeat_n(b' ', missing));
    text
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(text).expect("memory");
    packer.finish().expect("memory")
}

/// The most that the process had at once, in MiB.
fn peak_mib(server: &Server) -> usize {
    let process = server.process_id().expect("it runs");
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("its status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches(" kB").parse::<usize>().expect("a number") / 1024
}

#[test]
fn bodies_of_twenty_megabytes_at_once_are_served_or_shed_and_memory_is_bounded() {
    let configuration = format!("[server]\nlarge_bytes_max = {}", LARGE_MIB << 20);
    let server = Server::start(Options::on(Database::Sqlite).configuration(&configuration));
    let (merchant, sealer) = (Qiancheng::log_in(&server), Sealer::of(&server));
    let applicant = Applicant::with(Value::Null);
    let before = peak_mib(&server);
    let senders = figure(12, 40);
    // 15 MiB are 20 in Base64.
    let bodies: Vec<String> = (0..4).map(|at| sealer.jwe(&padded(at, 15 << 20))).collect();
    let answers: Vec<Response> = thread::scope(|scope| {
        let send = |at: usize| {
            let mut merchant = merchant.another().patient(PATIENCE);
            let (applicant, data) = (&applicant, &bodies[at % bodies.len()]);
            scope.spawn(move || merchant.hand_in(applicant, data))
        };
        let senders: Vec<_> = (0..senders).map(send).collect();
        senders.into_iter().map(|sender| sender.join().expect("an answer")).collect()
    });
    let (taken, shed) = taken_and_shed(&answers, 0);
    let peak = peak_mib(&server);
    eprintln!("{taken} served, {shed} shed; {before} MiB before, {peak} MiB at most");
    assert!(taken > 0 && peak < SHARE_MAX * LARGE_MIB + REST_MIB, "{peak} MiB");
    // All room is given back.
    let mut merchant = merchant.patient(PATIENCE);
    merchant.applied(&applicant, &bodies[0]);
}

/// How many were answered with that code, and how many were told that there is no room.
fn taken_and_shed(answers: &[Response], code: i64) -> (usize, usize) {
    let (mut taken, mut shed) = (0, 0);
    for answer in answers {
        match answer.status {
            200 => {
                assert_eq!(answer.json()["code"], code, "{}", answer.text());
                taken += 1;
            }
            503 => {
                assert!(answer.header("retry-after").is_some(), "{answer:?}");
                assert_eq!(answer.json()["code"], 1000, "{}", answer.text());
                shed += 1;
            }
            _ => panic!("{answer:?}"),
        }
    }
    (taken, shed)
}

/// A megabyte each that stands for 63, as dense as gzip is read: room is taken for what it becomes,
/// and none of it for what merely says that it is small.
#[test]
fn packed_bodies_take_the_room_of_what_they_stand_for() {
    let configuration = format!("[server]\nlarge_bytes_max = {}", LARGE_MIB << 20);
    let server = Server::start(Options::on(Database::Sqlite).configuration(&configuration));
    let (merchant, sealer) = (Qiancheng::log_in(&server), Sealer::of(&server));
    let applicant = Applicant::with(Value::Null);
    // Base64 of what cannot be packed, then what can: the first pays for the second.
    let noise = sealer.jwe(&padded(1, 700 << 10));
    let data = format!("{noise}.{}", "A".repeat(62 << 20));
    let before = peak_mib(&server);
    let send = |at: usize| {
        let mut merchant = merchant.another().patient(PATIENCE);
        let pack = |body: &[u8]| {
            let mut packed = gzip(body);
            if at % 2 == 1 {
                let length_at = packed.len() - 4;
                packed[length_at..].copy_from_slice(&1_000_u32.to_le_bytes());
            }
            packed
        };
        merchant.hand_in_packed(&applicant, &data, pack)
    };
    let answers: Vec<Response> = thread::scope(|scope| {
        let senders: Vec<_> = (0..figure(12, 19)).map(|at| scope.spawn(move || send(at))).collect();
        senders.into_iter().map(|sender| sender.join().expect("an answer")).collect()
    });
    let (taken, shed) = taken_and_shed(&answers, 1001);
    let peak = peak_mib(&server);
    eprintln!("{taken} refused, {shed} shed; {before} MiB before, {peak} MiB at most");
    assert!(taken > 0 && peak < SHARE_MAX * LARGE_MIB + REST_MIB, "{peak} MiB");
    // All room is given back.
    merchant.patient(PATIENCE).applied(&applicant, &sealer.jwe(&padded(2, 15 << 20)));
}

/// The time that the slowest hundredth takes at least.
fn p99(mut taken: Vec<Duration>) -> Duration {
    taken.sort();
    taken[taken.len() * 99 / 100]
}

#[test]
fn thousands_of_blocks_delay_nobody_else() {
    const CLIENTS: usize = 8;
    const SLOWER_MAX: u32 = 3;
    let server = Server::start(Options::on(Database::Sqlite));
    let (mut merchant, sealer) = (Qiancheng::log_in(&server), Sealer::of(&server));
    let applicant = Applicant::with(Value::Null);
    let data = sealer.blocks(&padded(1, 4_096 * BLOCK_TEXT));
    let open_id = merchant.open_telecom(&Person::new(1, "0001"), "synthetic");
    merchant.wait_for("telecom", &open_id, &[21]);
    let looks = figure(3_000, 20_000);
    let mut look = |looks: usize| -> Vec<Duration> {
        (0..looks)
            .map(|_| {
                // As pollers do, and not as fast as a line can be kept busy.
                thread::sleep(Duration::from_millis(1));
                timed(|| assert_eq!(merchant.state("telecom", &open_id).state(), 21)).0
            })
            .collect()
    };
    look(500);
    let alone = p99(look(looks));
    let stop = std::sync::atomic::AtomicBool::new(false);
    let (beside, sent) = thread::scope(|scope| {
        let senders: Vec<_> = (0..CLIENTS)
            .map(|_| {
                let mut sender = Qiancheng::log_in(&server).patient(PATIENCE);
                let (applicant, data, stop) = (&applicant, &data, &stop);
                scope.spawn(move || {
                    let mut sent = 0;
                    while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                        sender.applied(applicant, data);
                        sent += 1;
                    }
                    sent
                })
            })
            .collect();
        let begun = Instant::now();
        let mut taken = Vec::new();
        // Until some of them were opened, whatever the machine.
        while taken.len() < looks || begun.elapsed() < Duration::from_secs(4) {
            taken.extend(look(100));
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        let sent: u32 = senders.into_iter().map(|sender| sender.join().expect("an answer")).sum();
        (p99(taken), sent)
    });
    eprintln!("p99 of a look: {alone:?} alone, {beside:?} beside {sent} bodies of 4,096 blocks");
    assert!(sent > 0 && beside < alone * SLOWER_MAX, "{alone:?} {beside:?}");
}
