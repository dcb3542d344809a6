//! The same `reqId` again: replayed, joined, tried anew or refused (`finplus.md`, Repeats).

use std::thread;
use std::time::{Duration, Instant};

use tests::database::Database;
use tests::finplus::Answer;
use tests::journal::{Journal, Row};
use tests::people::{EMPTY, FAILING, FAILING_ONCE, SAMPLE, SLOW, UNMAPPED};
use tests::server::{Options, Server};

fn rows_of(server: &Server, key: &str) -> Vec<Row> {
    let journal = Journal::export(server);
    assert_eq!(journal.verify_exit, 0);
    journal.rows.into_iter().filter(|row| row.key == key).collect()
}

/// Same bytes, status and business headers.
#[track_caller]
fn assert_replayed(first: &Answer, again: &Answer, place: &str) {
    assert_eq!(again.text(), first.text(), "{place}");
    assert_eq!(again.status, first.status, "{place}");
    for name in ["content-type", "x-biz-code", "x-ca-error-message"] {
        assert_eq!(again.header(name), first.header(name), "{place}: {name}");
    }
    assert_ne!(again.header("x-ca-request-id"), first.header("x-ca-request-id"), "{place}");
}

#[test]
fn final_outcomes_are_replayed_whichever_way_they_are_sent() {
    for database in Database::both() {
        let mut server = Server::start(Options::on(database));
        let cases = [("0", SAMPLE, 0), ("108", UNMAPPED, 108), ("109", EMPTY, 109)];
        let firsts = cases.map(|(key, imei, code)| {
            let mut finplus = server.finplus();
            let first = finplus.ask("1000001", imei, key);
            assert_eq!(first.code, Some(code));
            let camel =
                [("idType", "imei"), ("idValue", imei), ("reqId", key), ("appId", "1000001")];
            let snake =
                [("req_id", key), ("app_id", "1000001"), ("id_value", imei), ("id_type", "imei")];
            let by_type = [("idType", "1000001"), ("idValue", imei), ("reqId", key)];
            for parameters in [&camel[..], &snake, &by_type] {
                let place = format!("{database:?} {parameters:?}");
                assert_replayed(&first, &finplus.get(parameters).unwrap(), &place);
                assert_replayed(&first, &finplus.post(parameters).unwrap(), &place);
                assert_replayed(&first, &finplus.post_json(parameters).unwrap(), &place);
            }
            first
        });
        server.restart();
        for ((key, imei, code), first) in cases.into_iter().zip(firsts) {
            let again = server.finplus().ask("1000001", imei, key);
            assert_replayed(&first, &again, "after a restart");
            let rows = rows_of(&server, key);
            assert_eq!(rows.len(), 1, "{rows:?}");
            assert_eq!((rows[0].code, rows[0].billed), (code, code == 0));
            assert_eq!(Some(&rows[0].biz_id), first.biz_id.as_ref());
        }
    }
}

#[test]
fn other_content_under_the_same_key_is_refused() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let mut finplus = server.finplus();
        let first = finplus.ask("1000001", SAMPLE, "k");
        for (app, imei) in [("1000001", UNMAPPED), ("1000002", SAMPLE), ("", SAMPLE)] {
            let other = finplus.ask(app, imei, "k");
            assert_eq!(other.code, Some(10), "{app} {imei}");
            let detail = other.header("x-error-detail").unwrap_or_default();
            assert!(detail.contains("other parameters"), "{detail}");
            assert_ne!(other.biz_id, first.biz_id);
            assert_eq!(other.req_id.as_deref(), Some("k"));
        }
        assert_replayed(&first, &finplus.ask("1000001", SAMPLE, "k"), "the first one stands");
        assert_eq!(rows_of(&server, "k").len(), 1);
    }
}

#[test]
fn a_refusal_does_not_take_the_key() {
    let server = Server::start(Options::on(Database::Sqlite));
    let mut finplus = server.finplus();
    let refused: [(&[(&str, &str)], i64); 4] = [
        (&[("reqId", "k"), ("idType", "imei"), ("idValue", "1")], 10),
        (&[("reqId", "k"), ("idType", "fax"), ("idValue", SAMPLE)], 22),
        (&[("reqId", "k"), ("idValue", SAMPLE)], 105),
        (&[("reqId", "k"), ("idType", "imei"), ("idValue", SAMPLE), ("appId", "7")], 10),
    ];
    for (parameters, code) in refused {
        assert_eq!(finplus.get(parameters).unwrap().code, Some(code), "{parameters:?}");
    }
    assert_eq!(finplus.ask("1000001", SAMPLE, "k").code, Some(0));
    assert_eq!(rows_of(&server, "k").len(), 1);
}

#[test]
fn an_internal_error_is_tried_anew() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let mut finplus = server.finplus();
        let always: Vec<Answer> =
            (0..3).map(|_| finplus.ask("1000001", FAILING, "always")).collect();
        let once: Vec<Answer> =
            (0..3).map(|_| finplus.ask("1000001", FAILING_ONCE, "once")).collect();
        let codes = |answers: &[Answer]| -> Vec<i64> {
            answers.iter().map(|answer| answer.code.unwrap()).collect()
        };
        assert_eq!((codes(&always), codes(&once)), (vec![1, 1, 1], vec![1, 0, 0]));
        assert_ne!(always[0].biz_id, always[1].biz_id, "each attempt is a call of its own");
        assert_ne!(once[0].biz_id, once[1].biz_id);
        assert_replayed(&once[1], &once[2], "final now");
        let codes = |key| -> Vec<(i64, bool)> {
            rows_of(&server, key).iter().map(|row| (row.code, row.billed)).collect()
        };
        assert_eq!(codes("always"), [(1, false); 3], "{database:?}");
        assert_eq!(codes("once"), [(1, false), (0, true)], "{database:?}");
    }
}

/// Two copies at the same time, and a third two seconds later.
#[test]
fn a_running_call_is_joined() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let start = Instant::now();
        let answers: Vec<(Answer, Duration)> = thread::scope(|scope| {
            let copies: Vec<_> = [0, 0, 2_000]
                .into_iter()
                .map(|late_ms| {
                    let mut finplus = server.finplus();
                    scope.spawn(move || {
                        thread::sleep(Duration::from_millis(late_ms));
                        (finplus.ask("1000001", SLOW, "slow"), start.elapsed())
                    })
                })
                .collect();
            let mut other = server.finplus();
            thread::sleep(Duration::from_millis(500));
            let different = other.ask("1000001", SAMPLE, "slow");
            assert_eq!(different.code, Some(10), "the key is taken by the one that runs");
            copies.into_iter().map(|copy| copy.join().unwrap()).collect()
        });
        for (answer, took) in &answers {
            assert_eq!(answer.code, Some(0), "{}", answer.text());
            assert_replayed_or_same(&answers[0].0, answer);
            let took = took.as_secs_f64();
            assert!((4.9..8.0).contains(&took), "{database:?}: {took} s, all end together");
        }
        let again = Instant::now();
        assert_replayed_or_same(&answers[0].0, &server.finplus().ask("1000001", SLOW, "slow"));
        assert!(again.elapsed() < Duration::from_secs(2), "a replay is not slow");
        let rows = rows_of(&server, "slow");
        assert_eq!(rows.iter().map(|row| row.billed).collect::<Vec<_>>(), [true], "{rows:?}");
    }
}

#[track_caller]
fn assert_replayed_or_same(first: &Answer, again: &Answer) {
    assert_eq!((again.text(), again.status), (first.text(), first.status));
}

/// The attempt that crosses another node's: both are worked out, one is kept, both say the same.
#[test]
fn a_call_that_runs_on_another_node_is_billed_once() {
    if !Database::both().contains(&Database::Postgres) {
        return;
    }
    let first = Server::start(Options::on(Database::Postgres));
    let second = Server::join(&first);
    let answers: Vec<Answer> = thread::scope(|scope| {
        let ask = |node: &Server| {
            let mut finplus = node.finplus();
            scope.spawn(move || finplus.ask("1000001", SLOW, "slow"))
        };
        [&first, &second, &first, &second].map(ask).map(|copy| copy.join().unwrap()).to_vec()
    });
    for answer in &answers {
        assert_replayed_or_same(&answers[0], answer);
    }
    assert_eq!(answers[0].code, Some(0));
    assert_eq!(rows_of(&first, "slow").len(), 1);
}
