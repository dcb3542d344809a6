//! Signed calls of face 3 a second, beside how many signatures the same machine can verify: the
//! envelope alone (a form that needs no borrower), and a step of a borrower that is logged in,
//! whose signature is claimed, whose state is written and whose answer is kept for a repeat.

use std::hint::black_box;
use std::io;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{self, KeyPair as _, ParsedPublicKey};
use serde_json::json;

use super::Figures;
use super::generator::{self, Load, Requests};
use super::mark;
use super::processor_seconds;
use super::report::{Fact, Report, Versus};
use crate::database::Database;
use crate::rong360::borrower::Borrower;
use crate::rong360::merchant::Merchant;
use crate::server::Server;

/// Borrowers that are logged in: more than there are connections, so that two calls of one seldom
/// meet.
const BORROWERS: usize = 256;
/// Calls of each method, before the measurement and in it.
const WARM_UP: usize = 4_000;
const CALLS: usize = 40_000;
const QUICK: usize = 6_000;

/// Verifications a second of one processor.
pub(super) struct Limit {
    own: f64,
    openssl: Option<f64>,
}

/// What the machine can do, by the library that the server uses and by `openssl speed`.
pub(super) fn limit(report: &mut Report) -> io::Result<Limit> {
    let own = verifications(Duration::from_secs(3));
    let openssl = openssl_speed("verify/s");
    report.fact(Fact::new("RSA-2048 verify, aws-lc", own, "/s a core"))?;
    if let Some(rate) = openssl {
        report.fact(Fact::new("RSA-2048 verify, openssl speed", rate, "/s a core"))?;
    } else {
        report.note("openssl speed is not here to be measured against")?;
    }
    Ok(Limit { own, openssl })
}

pub(super) fn measure(
    database: Database,
    figures: Figures,
    limit: &Limit,
    report: &mut Report,
) -> io::Result<()> {
    let (name, _cluster, mut server) = mark::prepare(database);
    mark::start_up(&mut server);
    let merchant = Merchant::demo(&server);
    let first = Borrower::of(&server, &merchant, "bench-0", "sandbox00");
    let mut borrowers: Vec<Borrower> = (0..BORROWERS)
        .map(|at| first.beside(&format!("bench-{at}"), &format!("sandbox{:02}", at % 60)))
        .collect();
    for borrower in &mut borrowers {
        borrower.log_in();
    }
    let calls = if figures.is_quick() { QUICK } else { CALLS };
    for (method, what) in [("getLoginInfo", "envelope"), ("getVerifyMethod", "step")] {
        let wanted = WARM_UP + calls + 2 * figures.connections;
        let requests = signed(&server, &mut borrowers, method, wanted);
        let mut requests = Requests::whole(requests, b"\"error\":200").on(figures.connections);
        generator::run_calls(server.address(), &mut requests, WARM_UP as u64);
        let process = server.process_id().expect("it runs");
        let before = processor_seconds(process)?;
        let run = generator::run_calls(server.address(), &mut requests, calls as u64);
        let spent = processor_seconds(process)? - before;
        let name = format!("{name} signed {what}");
        let load = Load::named(&name, &run, spent);
        report.load(&load)?;
        beside(report, &name, &load, limit)?;
    }
    Ok(())
}

/// The calls beside the verifications, and what of the server's time these are.
fn beside(report: &mut Report, name: &str, load: &Load, limit: &Limit) -> io::Result<()> {
    report.versus(Versus {
        name: format!("{name}, of one core's verifications"),
        ours: load.calls_per_second,
        peer: Some(limit.openssl.unwrap_or(limit.own)),
        aim: None,
        unit: "calls/s",
    })?;
    let share = 1e6 / limit.own / load.processor_us_per_call * 100.0;
    report.fact(Fact::new(format!("{name}, processor time that verifies"), share, "%"))
}

/// So many forms of the borrowers in turn, no two with the same signature, by all processors.
fn signed(server: &Server, borrowers: &mut [Borrower], method: &str, count: usize) -> Vec<Vec<u8>> {
    let address = server.address();
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let each = count.div_ceil(borrowers.len());
    let share = borrowers.len().div_ceil(threads);
    let mut forms: Vec<Vec<Vec<u8>>> = thread::scope(|scope| {
        let sign = |borrowers: &mut [Borrower]| -> Vec<Vec<Vec<u8>>> {
            let form = |borrower: &mut Borrower| {
                let body = borrower.form(method, &json!({}));
                let length = body.len();
                format!(
                    "POST /gateway HTTP/1.1\r\nHost: {address}\r\nContent-Type: \
                     application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
                )
                .into_bytes()
            };
            borrowers.iter_mut().map(|one| (0..each).map(|_| form(one)).collect()).collect()
        };
        let parts: Vec<_> =
            borrowers.chunks_mut(share).map(|part| scope.spawn(move || sign(part))).collect();
        parts.into_iter().flat_map(|part| part.join().expect("it signs")).collect()
    });
    // Borrower after borrower, so that one's calls are far apart.
    let mut all = Vec::with_capacity(count);
    for _ in 0..each {
        all.extend(forms.iter_mut().filter_map(Vec::pop));
    }
    all
}

fn verifications(length: Duration) -> f64 {
    let (key, text) = (KeyPair::generate(KeySize::Rsa2048).expect("a key"), [7; 600]);
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&signature::RSA_PKCS1_SHA256, &SystemRandom::new(), &text, &mut signature)
        .expect("a signature");
    let algorithm = &signature::RSA_PKCS1_2048_8192_SHA256;
    let public = ParsedPublicKey::new(algorithm, key.public_key().as_ref()).expect("a key");
    let (begin, mut count) = (Instant::now(), 0_u32);
    while begin.elapsed() < length {
        for _ in 0..100 {
            public.verify_sig(black_box(&text), black_box(&signature)).expect("it holds");
        }
        count += 100;
    }
    f64::from(count) / begin.elapsed().as_secs_f64()
}

/// What `openssl speed` says of 2,048 bits in that column, where it is.
pub(super) fn openssl_speed(column: &str) -> Option<f64> {
    let mut command = Command::new("openssl");
    let output = command.args(["speed", "-seconds", "3", "rsa2048"]).output().ok()?;
    per_second(&String::from_utf8_lossy(&output.stdout), column)
}

/// The columns are named by the line above: `sign verify sign/s verify/s`, with more of them in
/// later versions. The row's own name has three words more.
fn per_second(said: &str, column: &str) -> Option<f64> {
    let mut lines = said.lines().skip_while(|line| !line.contains(column));
    let (names, row) = (lines.next()?, lines.next()?);
    let at = names.split_whitespace().position(|name| name == column)?;
    row.strip_prefix("rsa")?.split_once("bits")?.1.split_whitespace().nth(at)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_tables_of_openssl_are_read() {
        for said in [
            "                  sign    verify    sign/s verify/s\n\
             rsa  2048 bits 0.000553s 0.000016s   1807.5  61804.0\n",
            "CPUINFO: N/A\n  sign  verify  encrypt  decrypt  sign/s verify/s encr./s decr./s\n\
             rsa  2048 bits 0.0005s 0.00002s 0.00002s 0.0006s 1807.5 61804.0 59000.1 1700.2\n",
        ] {
            assert_eq!(per_second(said, "verify/s"), Some(61_804.0));
            assert_eq!(per_second(said, "sign/s"), Some(1_807.5));
        }
        assert_eq!(per_second("openssl: no such command", "verify/s"), None);
    }
}
