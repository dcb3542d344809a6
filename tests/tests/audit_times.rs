//! A block with a wrong padding takes as long as one with a right padding and no JSON in it, seen
//! from where an attacker sits: over HTTP, within the failures that merchants are given
//! (`qiancheng.md`, last section).

use std::thread;
use std::time::{Duration, Instant};

use aws_lc_rs::digest::{SHA256, digest};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::Value;
use tests::database::Database;
use tests::figure;
use tests::qiancheng::Qiancheng;
use tests::qiancheng::audit::{Applicant, BLOCK, Sealer, UNREADABLE};
use tests::server::{IN_FORCE, Options, Server};
use tests::welch::{self, Comparison};

/// What the harness must find when it is there.
const SEEDED: Duration = Duration::from_micros(20);
const WRONG_PADDING: usize = 1;
/// Failures of a merchant in an hour, all but one.
const TRIES_AN_HOUR: usize = 19;
/// For how many hours a token is had, and asked for anew.
const TOKEN_HOURS: usize = 20;

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

    /// Blocks of one kind, as random as those of the other.
    fn blocks(&self, kind: usize, count: usize) -> Vec<String> {
        let garbage = |number: usize| {
            let seed = digest(&SHA256, &number.to_be_bytes());
            // Eight times the digest; the first byte keeps it below the modulus.
            let mut block = seed.as_ref().repeat(BLOCK / 32);
            block[0] = 0;
            BASE64_STANDARD.encode(block)
        };
        let sound = |number: usize| self.sealer.blocks(format!("{number:0>200}x").as_bytes());
        (0..count).map(|at| if kind == WRONG_PADDING { garbage(at) } else { sound(at) }).collect()
    }

    fn compare(&mut self, tries: usize, seeded: Duration) -> Comparison {
        let applicant = Applicant::with(Value::Null);
        let an_hour = self.accounts.len() * TRIES_AN_HOUR;
        let blocks = [0, 1].map(|kind| self.blocks(kind, tries));
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
                let answer = merchant.hand_in(&applicant, &blocks[kind][at]);
                assert!(answer.text().contains(UNREADABLE), "{}", answer.text());
                let answered = Instant::now();
                while kind == WRONG_PADDING && answered.elapsed() < seeded {}
            })
        })
    }
}

#[test]
fn a_wrong_padding_takes_as_long_as_a_right_one() {
    let tries = figure(1_000, 10_000);
    let mut world = World::new(figure(20, 50));
    let found = world.compare(tries, SEEDED);
    eprintln!("with {SEEDED:?} seeded: {found:?}");
    assert!(found.differ() && found.t < 0.0, "a seeded difference is not found: {found:?}");
    let mut found = world.compare(tries, Duration::ZERO);
    eprintln!("{found:?}");
    // What is there is there the second time as well; what the machine did is not.
    if found.differ() {
        found = world.compare(tries, Duration::ZERO);
    }
    assert!(!found.differ(), "{found:?}");
}
