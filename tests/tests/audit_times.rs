//! A block with a wrong padding takes as long as one with a right padding and no JSON in it, and so
//! do the other ways in which a text does not open; seen from where an attacker sits: over HTTP,
//! within the failures that merchants are given (`qiancheng.md`, last section). What each
//! comparison is for stands in `docs/adr/0009-what-a-wrong-text-tells.md`.

use std::thread;
use std::time::{Duration, Instant};

use aws_lc_rs::digest::{SHA256, digest};
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD as URL, Engine as _};
use serde_json::Value;
use tests::database::Database;
use tests::figure;
use tests::qiancheng::Qiancheng;
use tests::qiancheng::audit::{Applicant, BLOCK, Sealer, UNREADABLE};
use tests::server::{IN_FORCE, Options, Server};
use tests::welch::{self, Comparison};

/// What the harness must find when it is there.
const SEEDED: Duration = Duration::from_micros(20);
/// What is told apart or not: the second of each pair takes as long as the first.
const PAIRS: [(Wrong, Wrong); 5] = [
    (Wrong::Json, Wrong::Padding),
    (Wrong::Json, Wrong::Utf8),
    (Wrong::Json, Wrong::Gzip),
    (Wrong::Tag, Wrong::Key),
    (Wrong::Tag, Wrong::Text),
];
/// The second of a pair, in the harness.
const SECOND: usize = 1;
/// Failures of a merchant in an hour, all but one.
const TRIES_AN_HOUR: usize = 19;
/// For how many hours a token is had, and asked for anew.
const TOKEN_HOURS: usize = 20;

/// What is wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    /// Of one block: its padding; or it opens, and is no JSON, no UTF-8, no whole gzip.
    Padding,
    Json,
    Utf8,
    Gzip,
    /// Of a JWE: the wrapped key is none; or the key is one, and tag or text do not fit.
    Key,
    Tag,
    Text,
}

impl Wrong {
    /// One such text, each another.
    fn text(self, sealer: &Sealer, number: usize) -> String {
        let seed = digest(&SHA256, &number.to_be_bytes());
        let noise = seed.as_ref().repeat(BLOCK / 32);
        let plain = format!("{number:0>200}x").into_bytes();
        let block = |head: &[u8]| sealer.blocks(&[head, &plain[head.len()..]].concat());
        let jwe = |part: usize, bytes: &[u8]| {
            let sound = sealer.jwe(&plain);
            let mut parts: Vec<String> = sound.split('.').map(str::to_owned).collect();
            let length = URL.decode(&parts[part]).expect("Base64").len();
            parts[part] = URL.encode(&bytes[..length]);
            parts.join(".")
        };
        // The first byte keeps it below the modulus.
        let number = [&[0], &noise[1..]].concat();
        match self {
            Self::Padding => BASE64_STANDARD.encode(number),
            Self::Json => block(b""),
            Self::Utf8 => block(b"\xff\xfe"),
            Self::Gzip => block(b"\x1f\x8b\x08\0\0\0\0\0\0\x03"),
            Self::Key => jwe(1, &number),
            Self::Text => jwe(3, &noise),
            Self::Tag => jwe(4, &noise),
        }
    }
}

/// Merchants enough for the tries between two moves of the clock.
struct World {
    server: Server,
    sealer: Sealer,
    accounts: Vec<(String, String)>,
    /// In all, over every comparison.
    tries: usize,
}

impl World {
    fn new(merchants: usize) -> Self {
        let server = Server::start(Options::on(Database::Sqlite));
        let accounts = (0..merchants).map(|number| {
            let name = format!("guesser-{number}");
            server.cli(&["merchant", "create", &name, "--takes-blocks"]).expect_success();
            server.entitle_lender(&name, "risk.audit", &[]);
            let add = ["merchant", "credential", &name, "add", "password", "--json"];
            let made = server.cli(&add).expect_success().json();
            (name, made["secret"].as_str().expect("it is shown this once").to_owned())
        });
        let accounts = accounts.collect();
        thread::sleep(IN_FORCE);
        let sealer = Sealer::of(&server);
        Self { server, sealer, accounts, tries: 0 }
    }

    fn log_in(&self) -> Vec<Qiancheng> {
        let log_in = |(name, password): &(String, String)| {
            Qiancheng::log_in_as(&self.server, name, password)
        };
        self.accounts.iter().map(log_in).collect()
    }

    fn compare(&mut self, pair: (Wrong, Wrong), tries: usize, seeded: Duration) -> Comparison {
        let applicant = Applicant::with(Value::Null);
        let an_hour = self.accounts.len() * TRIES_AN_HOUR;
        let texts = [pair.0, pair.1].map(|wrong| -> Vec<String> {
            (0..tries).map(|at| wrong.text(&self.sealer, at)).collect()
        });
        let mut merchants = self.log_in();
        welch::compare_fastest(tries, |kind, at| {
            if self.tries > 0 && self.tries.is_multiple_of(an_hour) {
                self.server.advance("61m");
                if (self.tries / an_hour).is_multiple_of(TOKEN_HOURS) {
                    merchants = self.log_in();
                }
            }
            let number = self.tries % merchants.len();
            let merchant = &mut merchants[number];
            self.tries += 1;
            welch::time(|| {
                let answer = merchant.hand_in(&applicant, &texts[kind][at]);
                assert!(answer.text().contains(UNREADABLE), "{}", answer.text());
                let answered = Instant::now();
                while kind == SECOND && answered.elapsed() < seeded {}
            })
        })
    }
}

#[test]
fn whatever_is_wrong_takes_as_long() {
    let tries = figure(2_000, 10_000);
    let mut world = World::new(figure(40, 50));
    // What is there is there the second time as well; what the machine did is not.
    let mut judged = |pair, seeded, differs| {
        let found = world.compare(pair, tries, seeded);
        eprintln!("{pair:?}, {seeded:?} seeded: {found:?}");
        if found.differ() == differs { found } else { world.compare(pair, tries, seeded) }
    };
    for pair in [PAIRS[0], PAIRS[3]] {
        let found = judged(pair, SEEDED, true);
        assert!(found.differ() && found.t < 0.0, "a seeded difference is not found: {found:?}");
    }
    for pair in PAIRS {
        let found = judged(pair, Duration::ZERO, false);
        assert!(!found.differ(), "{pair:?}: {found:?}");
    }
}
