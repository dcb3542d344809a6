//! Applications of about 100 KB for the risk audit: how many a second in RSA blocks and as a JWE,
//! and what of the server's time is RSA, by the same key's private operations measured in the same
//! run; decisions and features a second by the domain's own examples.

use std::hint::black_box;
use std::io;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use aws_lc_rs::rsa::{
    KeySize, Pkcs1PrivateDecryptingKey, Pkcs1PublicEncryptingKey, PrivateDecryptingKey,
};

use super::Figures;
use super::mark;
use super::processor_seconds;
use super::report::{Fact, Report, Versus};
use crate::database::Database;
use crate::qiancheng::Qiancheng;
use crate::qiancheng::audit::{Applicant, BLOCK, BLOCK_TEXT, Sealer};

/// Where `./bench` has built the examples.
const POLICY: &str = "PROBITY_BENCH_POLICY";
const FEATURES: &str = "PROBITY_BENCH_FEATURES";

/// Applications of each envelope.
const IN_BLOCKS: usize = 40;
const AS_JWE: usize = 2_000;
const QUICK: usize = 8;

/// Clients that hand in at the same time.
const CLIENTS: usize = 4;

/// What of the server's time RSA should be for blocks, and how much faster a JWE should be.
const RSA_AIM: f64 = 80.0;
const JWE_AIM: f64 = 50.0;

/// How one envelope came out.
struct Run {
    per_second: f64,
    processor_us: f64,
}

pub(super) fn measure(database: Database, figures: Figures, report: &mut Report) -> io::Result<()> {
    let own = decryptions(Duration::from_secs(2));
    report.fact(Fact::new("RSA-2048 decrypt, aws-lc", own, "/s a core"))?;
    let openssl = super::rong360::openssl_speed("sign/s");
    if let Some(rate) = openssl {
        report.fact(Fact::new("RSA-2048 private, openssl speed", rate, "/s a core"))?;
    } else {
        report.note("openssl speed is not here to be measured against")?;
    }
    let (name, _cluster, mut server) = mark::prepare(database);
    mark::start_up(&mut server);
    let (merchant, sealer) = (Qiancheng::log_in(&server), Sealer::of(&server));
    let applicant = Applicant::of(0, 1);
    let bytes = applicant.text().len();
    let blocks = bytes.div_ceil(BLOCK_TEXT);
    report.fact(Fact::new("application", bytes as f64 / 1024.0, "KiB"))?;
    let process = server.process_id().expect("it runs");
    let mut order = 0;
    let mut run = |count: usize, seal: &dyn Fn(&[u8]) -> String| -> io::Result<Run> {
        let ready: Vec<(Applicant, String)> = (0..count)
            .map(|_| {
                order += 1;
                let another = applicant.of_another(order);
                let data = seal(another.text().as_bytes());
                (another, data)
            })
            .collect();
        let before = processor_seconds(process)?;
        let begun = Instant::now();
        hand_in(&merchant, &ready);
        let length = begun.elapsed().as_secs_f64();
        // What was taken in is decided beside it, and a moment after.
        thread::sleep(Duration::from_secs(1));
        let spent = processor_seconds(process)? - before;
        Ok(Run { per_second: count as f64 / length, processor_us: spent / count as f64 * 1e6 })
    };
    let is_quick = figures.is_quick();
    let in_blocks = run(if is_quick { QUICK } else { IN_BLOCKS }, &|text| sealer.blocks(text))?;
    let as_jwe = run(if is_quick { QUICK * 20 } else { AS_JWE }, &|text| sealer.jwe(text))?;
    let rates = [Some(own), openssl].map(|rate| rate.map(|rate| blocks as f64 / rate * 1e6));
    tell(name, (&in_blocks, &as_jwe), rates, report)
}

/// `rsa_us` is what the blocks take by aws-lc and by openssl.
fn tell(
    name: &str,
    (in_blocks, as_jwe): (&Run, &Run),
    rsa_us: [Option<f64>; 2],
    report: &mut Report,
) -> io::Result<()> {
    for (what, run) in [("in blocks", in_blocks), ("as a JWE", as_jwe)] {
        report.fact(Fact::new(format!("{name} audit {what}"), run.per_second, "applications/s"))?;
        let name = format!("{name} audit {what}, processor");
        report.fact(Fact::new(name, run.processor_us / 1e3, "ms an application"))?;
    }
    let shares = rsa_us.map(|us| us.map(|us| us / in_blocks.processor_us * 100.0));
    // `openssl speed` has a key of its own: not ours, of the same size.
    for (whose, share) in ["", " by openssl speed, its own key"].into_iter().zip(shares) {
        let Some(share) = share else { continue };
        let unit = if share >= RSA_AIM { "% (aim met: 80)" } else { "% (aim missed: 80)" };
        report.fact(Fact::new(format!("{name} audit in blocks, of it RSA{whose}"), share, unit))?;
    }
    let by_processor = |run: &Run| 1e6 / run.processor_us;
    for (how, unit, ours, peer) in [
        ("", "applications/s", as_jwe.per_second, in_blocks.per_second),
        (", by processor", "a core", by_processor(as_jwe), by_processor(in_blocks)),
    ] {
        report.versus(Versus {
            name: format!("{name} audit, JWE beside blocks{how}"),
            ours,
            peer: Some(peer),
            aim: Some(JWE_AIM),
            unit,
        })?;
    }
    Ok(())
}

/// Hands all of them in, by some clients at once.
fn hand_in(merchant: &Qiancheng, ready: &[(Applicant, String)]) {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut merchant = merchant.another();
        while let Some((applicant, data)) = ready.get(next.fetch_add(1, Ordering::Relaxed)) {
            merchant.applied(applicant, data);
        }
    };
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(work);
        }
    });
}

/// What the examples of the domain say of themselves, line by line.
pub(super) fn parts(report: &mut Report) -> io::Result<()> {
    for (variable, of) in [(POLICY, "policy"), (FEATURES, "features")] {
        let Some(program) = std::env::var_os(variable) else {
            report.note(&format!("{of}: run ./bench, which builds its example"))?;
            continue;
        };
        let output = Command::new(program).output()?;
        assert!(output.status.success(), "{output:?}");
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            report.note(&format!("{of}, one core: {}", line.trim()))?;
        }
    }
    Ok(())
}

fn decryptions(length: Duration) -> f64 {
    let key = PrivateDecryptingKey::generate(KeySize::Rsa2048).expect("a key");
    let public = Pkcs1PublicEncryptingKey::new(key.public_key()).expect("a key");
    let (mut block, mut text) = ([0; BLOCK], [0; BLOCK]);
    public.encrypt(&[7; BLOCK_TEXT], &mut block).expect("it fits");
    let private = Pkcs1PrivateDecryptingKey::new(key).expect("a key");
    let (begun, mut count) = (Instant::now(), 0_u32);
    while begun.elapsed() < length {
        for _ in 0..10 {
            private.decrypt(black_box(&block), &mut text).expect("it opens");
        }
        count += 10;
    }
    f64::from(count) / begun.elapsed().as_secs_f64()
}
