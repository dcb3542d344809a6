//! Limits of face 1 and what the sandbox's clock does to them: package, test stage, daily quota,
//! the 180 days of behaviours, the 72 hours of answers.

use std::time::{Duration, Instant};

use tests::database::Database;
use tests::finplus::{Answer, Finplus};
use tests::journal::Journal;
use tests::people::{EMPTY, FAILING_ONCE, SAMPLE, UNMAPPED};
use tests::server::{IN_FORCE, Options, Server};

/// Asks one after the other; keys are the numbers from 0. Gives the codes, 403 for the gateway's.
fn codes(finplus: &mut Finplus, app: &str, imeis: &[&str]) -> Vec<i64> {
    let ask = |(number, imei): (usize, &&str)| {
        let answer = finplus.ask(app, imei, &format!("{app} {number}"));
        answer.code.unwrap_or_else(|| i64::from(answer.status))
    };
    imeis.iter().enumerate().map(ask).collect()
}

#[test]
fn the_daily_quota_counts_each_key_that_reached_the_score() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let mut finplus = server.finplus();
        // 108 and 109 count, and a system error with its retry counts once.
        let mut ask = |imei, key: &str| finplus.ask("1000008", imei, key);
        assert_eq!(ask(FAILING_ONCE, "a").code, Some(1), "one");
        assert_eq!(ask(FAILING_ONCE, "a").code, Some(0), "the same one");
        assert_eq!(ask(UNMAPPED, "b").code, Some(108), "two");
        assert_eq!(ask(EMPTY, "c").code, Some(109), "three");
        let refused = ask(SAMPLE, "d");
        assert_eq!((refused.code, refused.status, refused.success), (Some(19), 520, false));
        assert_eq!(refused.message.as_deref(), Some("cplus.insufficient_quota"));
        assert_eq!(ask(SAMPLE, "d").code, Some(19), "again, and under another number");
        assert_eq!(ask(FAILING_ONCE, "a").code, Some(0), "a replay is not counted");
        assert_eq!(ask(SAMPLE, "a").code, Some(10), "other parameters come before the quota");
        server.advance("24h");
        assert_eq!(ask(SAMPLE, "d").code, Some(0), "a new day, and the key was not taken");
        let rows = Journal::export(&server).rows;
        let of = |code| rows.iter().filter(|row| row.code == code && row.key == "d").count();
        assert_eq!(
            (of(19), of(0)),
            (2, 1),
            "{database:?}: refusals stand in the journal, unbilled"
        );
        assert!(rows.iter().all(|row| row.billed == (row.code == 0)));
    }
}

#[test]
fn a_package_is_a_number_of_billed_calls() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let mut finplus = server.finplus();
        let imeis = [UNMAPPED, SAMPLE, EMPTY, SAMPLE, SAMPLE, SAMPLE, UNMAPPED];
        let expected = [108, 0, 109, 0, 0, 403, 403];
        assert_eq!(codes(&mut finplus, "1000007", &imeis), expected, "{database:?}");
        assert_eq!(codes(&mut finplus, "1000007", &imeis), expected, "{database:?}: again");
        let refused = finplus.ask("1000007", SAMPLE, "more");
        assert_eq!(refused.header("x-ca-error-message"), Some("Quota Exhausted"));
        assert!(refused.bytes.is_empty() && refused.header("x-ca-request-id").is_some());
        server.advance("24h");
        assert_eq!(finplus.ask("1000007", SAMPLE, "more").status, 403, "a new day changes nothing");
        let billed = Journal::export(&server).rows.iter().filter(|row| row.billed).count();
        assert_eq!(billed, 3);
    }
}

#[test]
fn the_test_stage_ends() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let mut finplus = server.finplus();
        let imeis = [SAMPLE, UNMAPPED, SAMPLE, EMPTY, SAMPLE, SAMPLE, UNMAPPED];
        let expected = [0, 108, 0, 109, 0, 128, 128];
        assert_eq!(codes(&mut finplus, "1000009", &imeis), expected, "{database:?}");
        server.advance("24h");
        assert_eq!(codes(&mut finplus, "1000009", &imeis), expected, "{database:?}: for good");
        let refused = finplus.ask("1000009", SAMPLE, "more");
        assert_eq!(refused.message.as_deref(), Some("credit.test_limit"));
    }
}

/// A second's worth may come at once, over all nodes; what is more is refused at the gateway and
/// leaves nothing behind. Each node grants its share, which the nodes balance each second.
#[test]
fn a_rate_is_kept() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let second = (database == Database::Postgres).then(|| Server::join(&server));
        let app_code = server.new_merchant("fast", "7000001", &[]);
        let mut nodes: Vec<Finplus> = [Some(&server), second.as_ref()]
            .into_iter()
            .flatten()
            .map(|node| Finplus::new(node.client(), &app_code))
            .collect();
        server.cli(&["merchant", "rate", "fast", "10"]).expect_success();
        std::thread::sleep(2 * IN_FORCE);
        let start = Instant::now();
        let mut passed = Vec::new();
        for number in 0..60 {
            let key = number.to_string();
            for node in &mut nodes {
                let answer = node.ask("", SAMPLE, &key);
                if answer.code == Some(0) {
                    passed.push(key.clone());
                    continue;
                }
                assert_eq!((answer.status, answer.bytes.len()), (403, 0), "{answer:?}");
                let message = answer.header("x-ca-error-message");
                assert_eq!(message, Some("Throttled by APP Flow Control"));
                assert!(answer.header("x-ca-request-id").is_some());
            }
        }
        let most = 10.0 * (1.0 + start.elapsed().as_secs_f64()) + 1.0;
        let count = passed.len() as f64;
        assert!((10.0..=most).contains(&count), "{database:?}: {count} of {most}");
        passed.dedup();
        assert_eq!(Journal::export(&server).rows.len(), passed.len(), "{database:?}");
        // The calls that were refused did not take their keys.
        server.cli(&["merchant", "rate", "fast", "none"]).expect_success();
        std::thread::sleep(IN_FORCE);
        assert_eq!(nodes[0].ask("", UNMAPPED, "59").code, Some(108), "{database:?}");
    }
}

/// The sandbox's behaviours are a day old when they are loaded.
#[test]
fn behaviours_count_for_180_days() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let mut finplus = server.finplus();
        assert_eq!(finplus.ask("1000001", SAMPLE, "day 0").code, Some(0));
        server.advance("4295h"); // 179 days less one hour
        assert_eq!(finplus.ask("1000001", SAMPLE, "before").code, Some(0), "{database:?}");
        server.advance("61m");
        let after = finplus.ask("1000001", SAMPLE, "after");
        assert_eq!((after.code, after.success), (Some(109), false), "{database:?}");
    }
}

#[test]
fn answers_are_kept_for_72_hours_and_keys_for_good() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let mut finplus = server.finplus();
        let first = finplus.ask("1000001", SAMPLE, "old");
        server.advance("71h");
        let young = finplus.ask("1000001", UNMAPPED, "young");
        assert_eq!(finplus.ask("1000001", SAMPLE, "old").bytes, first.bytes, "{database:?}: 71 h");
        server.advance("61m");
        let gone = until_code_10(&mut finplus);
        let detail = gone.header("x-error-detail").unwrap_or_default();
        assert!(detail.contains("no longer kept"), "{detail}");
        assert_eq!(finplus.ask("1000001", UNMAPPED, "young").bytes, young.bytes, "an hour old");
        let journal = Journal::export(&server);
        assert_eq!((journal.rows.len(), journal.verify_exit), (2, 0));
    }
}

/// The purge is a job of its own; a replay is right until it ran.
fn until_code_10(finplus: &mut Finplus) -> Answer {
    let start = Instant::now();
    loop {
        let answer = finplus.ask("1000001", SAMPLE, "old");
        if answer.code == Some(10) {
            return answer;
        }
        assert!(start.elapsed() < Duration::from_secs(10), "not purged: {}", answer.text());
        std::thread::sleep(Duration::from_millis(50));
    }
}
