//! What face 2 bills: each session with data once, each answer of the blacklist, nothing else.

use std::thread;
use std::time::{Duration, Instant};

use tests::database::Database;
use tests::journal::Journal;
use tests::process::wait_until;
use tests::qiancheng::{Person, Qiancheng};
use tests::server::{Options, Server};

/// A session and its bill are settled long before.
const END_LIMIT: Duration = Duration::from_mins(1);

#[test]
fn a_session_with_data_is_billed_once() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let mut qiancheng = Qiancheng::log_in(&server);
        let mut sessions = Vec::new();
        for (ending, end) in [("0000", 43), ("0003", 42), ("0008", 42), ("0009", 43)] {
            let open_id = qiancheng.open_telecom(&Person::new(1, ending), "synthetic");
            qiancheng.wait_for("telecom", &open_id, &[end]);
            // As often as it is read.
            for what in ["raw-data", "report", "raw-data", "report"] {
                qiancheng.of(&open_id, &format!("/telecom/data/{what}"), &[]);
            }
            sessions.push((open_id, end == 43));
        }
        for (account, has_data) in [("a@one", true), ("a@none", true), ("a@wrong", false)] {
            let open_id = qiancheng.open_degree(&Person::new(2, "1111"));
            let form = [("account", account), ("password", "synthetic"), ("sync", "0")];
            qiancheng.of(&open_id, "/degree/collect/login", &form);
            sessions.push((open_id, has_data));
        }
        for (name, end) in [("synth01", 10), ("synth06", 11)] {
            let open_id = qiancheng.open_ebank(&Person::new(3, "1111"), "icbc-login", name);
            qiancheng.wait_for("ebank", &open_id, &[end]);
            sessions.push((open_id, end == 10));
            let (open_id, _) = qiancheng.open_ebank_v2(&Person::new(3, "1111"));
            qiancheng.log_in_v2(&open_id, "icbc-login", name).ok();
            qiancheng.wait_for("v2/ebank", &open_id, &[end]);
            sessions.push((open_id, end == 10));
        }
        let person = Person::new(4, "4444");
        for path in ["/blacklist/search/single", "/v2/blacklist/black-list/search-one"] {
            let found = qiancheng.with_token(path, &person.fields()).ok();
            assert_eq!(found.get(0).unwrap_or(&found)["is_in"], true, "{path}");
        }
        Journal::export(&server).check_sessions(&sessions);
        let rows = Journal::export(&server).rows;
        let billed =
            |product| rows.iter().filter(|row| row.billed && row.product == product).count();
        let of_all = [
            ("telecom.report", 2),
            ("degree.record", 2),
            ("ebank.data", 1),
            ("ebank.data.v2", 1),
            ("blacklist.search", 2),
        ];
        for (product, bills) in of_all {
            assert_eq!(billed(product), bills, "{database:?} {product}");
        }
        assert!(rows.iter().all(|row| (row.amount > 0) == row.billed), "{rows:?}");
    }
}

/// The data is stored, then billed, then shown; wherever the process dies between, it is billed
/// once and shown after that.
#[test]
fn a_bill_stands_before_its_data_is_shown() {
    for database in Database::both() {
        let mut server = Server::start(Options::on(database));
        server.restart_with_fail_points("session.billed=return(3000)");
        let mut qiancheng = Qiancheng::log_in(&server);
        let bills = |server: &Server, open_id: &str| {
            let rows = Journal::export(server).rows;
            rows.iter().filter(|row| row.billed && row.key == open_id).count()
        };
        let raw = "/telecom/data/raw-data";
        let open_id = qiancheng.open_telecom(&Person::new(1, "0000"), "synthetic");
        qiancheng.wait_for("telecom", &open_id, &[41]);
        wait_until(Duration::from_secs(2), || Ok(bills(&server, &open_id) == 1)).expect("a bill");
        let early = qiancheng.of(&open_id, raw, &[]);
        assert_eq!((early.code, early.data.is_null()), (1003, true), "billed and not yet shown");
        qiancheng.wait_for("telecom", &open_id, &[43]);
        qiancheng.of(&open_id, raw, &[]).ok();
        let mut sessions = vec![(open_id, true)];
        for (point, billed) in [("session.collected", 0), ("session.billed", 1)] {
            server.restart_with_fail_points(&format!("{point}=return"));
            let mut qiancheng = qiancheng.at(&server);
            let open_id = qiancheng.open_telecom(&Person::new(2, "0000"), "synthetic");
            server.wait();
            assert_eq!(bills(&server, &open_id), billed, "{database:?}: dead at {point}");
            server.restart_with_fail_points("");
            let mut qiancheng = qiancheng.at(&server);
            qiancheng.wait_for("telecom", &open_id, &[43]);
            qiancheng.of(&open_id, raw, &[]).ok();
            sessions.push((open_id, true));
        }
        Journal::export(&server).check_sessions(&sessions);
    }
}

/// A node that ends between the hold of a call and the writing of its session leaves a hold that
/// nothing stands behind: it is given back, and the package with it.
#[test]
fn a_hold_that_no_session_was_written_for_is_given_back() {
    for database in Database::both() {
        let mut server = Server::start(Options::on(database));
        server.entitle_lender("sandbox", "degree.record", &["--package", "1"]);
        let qiancheng = Qiancheng::log_in(&server);
        server.restart_with_fail_points("unit.worked=sleep(1500)");
        let (mut slow, person) = (qiancheng.at(&server), Person::new(1, "1111"));
        let opening = thread::spawn(move || {
            let form = [&[("token", slow.token.clone())][..], &[]].concat();
            let token: Vec<(&str, &str)> = form.iter().map(|(name, t)| (*name, &**t)).collect();
            slow.try_post("/degree/collect/open-id", &[&token[..], &person.fields()].concat())
        });
        let phases = |server: &Server| -> Vec<String> {
            let list = ["call", "list", "--merchant", "sandbox", "--json"];
            let calls = server.cli(&list).expect_success().json();
            let calls = calls.as_array().into_iter().flatten();
            calls.map(|call| call["phase"].as_str().unwrap_or_default().to_owned()).collect()
        };
        let begun = Instant::now();
        while holds(&server) == 0 {
            assert!(begun.elapsed() < END_LIMIT, "{database:?}: no hold");
            thread::sleep(Duration::from_millis(10));
        }
        // The session is being written, for another second and a half.
        server.kill9();
        assert_eq!(opening.join().expect("it does not panic"), None);
        server.restart_with_fail_points("");
        assert_eq!(phases(&server), ["hold"]);
        server.advance("121s");
        let begun = Instant::now();
        while phases(&server) != ["hold", "void"] {
            assert!(begun.elapsed() < END_LIMIT, "{database:?}: {:?}", phases(&server));
            thread::sleep(Duration::from_millis(100));
        }
        assert_eq!(Journal::export(&server).verify_exit, 0);
        qiancheng.at(&server).open_degree(&Person::new(1, "1111"));
    }
}

/// Rows of the journal that hold a call: read by the side of the server, at once.
fn holds(server: &Server) -> i64 {
    const COUNT: &str = "SELECT COUNT(*) FROM journal WHERE phase = 1";
    if let Some(database) = server.postgres() {
        return database.connect().query_one(COUNT, &[]).expect("a count").get(0);
    }
    let database = server.data_folder().join("probity.db");
    let database = rusqlite::Connection::open(database).expect("the database");
    database.query_row(COUNT, [], |row| row.get(0)).expect("a count")
}
