//! What face 2 bills: each session with data once, each answer of the blacklist, nothing else;
//! also when the process dies at any durable step of a session.

use std::thread;
use std::time::{Duration, Instant};

use tests::database::Database;
use tests::figure;
use tests::journal::Journal;
use tests::qiancheng::{Person, Qiancheng};
use tests::server::{Options, Server};

const POINTS: [&str; 4] = ["unit.worked", "unit.committed", "settle.committed", "settle.kept"];
/// After what a start passes by itself.
const FIRST_PASS: usize = 30;
const OPENINGS: [(&str, &str); 3] = [
    ("telecom", "/telecom/collect/open-id"),
    ("degree", "/degree/collect/open-id"),
    ("v2/ebank", "/v2/ebank/collect/open-id"),
];
const END_LIMIT: Duration = Duration::from_mins(1);

/// The bills of a session: at most one, and one exactly when its data can be had.
fn check_bills(server: &Server, sessions: &[(String, bool)]) {
    let journal = Journal::export(server);
    assert_eq!(journal.verify_exit, 0);
    for (open_id, has_data) in sessions {
        let bills = journal.rows.iter().filter(|row| row.billed && row.key == *open_id);
        assert_eq!(bills.count(), usize::from(*has_data), "{open_id}");
    }
}

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
        check_bills(&server, &sessions);
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

#[test]
fn a_death_at_any_step_on_sqlite() {
    die_at_every_step(Database::Sqlite, figure(40, 160));
}

#[test]
fn a_death_at_any_step_on_postgres() {
    if Database::both().contains(&Database::Postgres) {
        die_at_every_step(Database::Postgres, figure(10, 40));
    }
}

/// Each round passes a fail point a few times more before it kills, so that the deaths fall on
/// other steps of the three sessions that are open meanwhile.
fn die_at_every_step(database: Database, rounds: usize) {
    let mut server = Server::start(Options::on(database));
    let mut qiancheng = Qiancheng::log_in(&server);
    let mut sessions = Vec::new();
    for round in 0..rounds {
        let point = POINTS[round % POINTS.len()];
        let turn = round / POINTS.len();
        // Only calls are kept; on SQLite they are committed together with what else is written.
        let passes = if point == "settle.kept" { turn % 8 } else { FIRST_PASS + turn % 24 };
        server.restart_with_fail_points(&format!("{point}={passes}*off->return"));
        let begun = Instant::now();
        let mut open = Vec::new();
        while server.is_running() && begun.elapsed() < Duration::from_secs(10) {
            step(&mut qiancheng.at(&server), round, &mut open);
        }
        server.restart_with_fail_points("");
        qiancheng = qiancheng.at(&server);
        for (product, open_id) in open {
            let has_data = finish(&mut qiancheng, product, &open_id);
            sessions.push((open_id, has_data));
        }
    }
    check_bills(&server, &sessions);
    let with_data = sessions.iter().filter(|(_, has_data)| *has_data).count();
    eprintln!("{database:?}: {rounds} deaths, {} sessions, {with_data} with data", sessions.len());
    assert!(with_data > rounds / 2, "{with_data} of {}", sessions.len());
}

/// Begins a session, or takes the last three a step further until all are at their end.
fn step(qiancheng: &mut Qiancheng, round: usize, open: &mut Vec<(&'static str, String)>) {
    let last = &open[open.len() - open.len().min(OPENINGS.len())..];
    if open.len().is_multiple_of(OPENINGS.len()) {
        let ends = ["telecom 43", "degree 21", "v2/ebank 10", "v2/ebank 11"];
        let at_end = |(product, open_id): &(&str, String)| {
            let state = advance(qiancheng, product, open_id).unwrap_or_default();
            ends.contains(&format!("{product} {state}").as_str())
        };
        if last.iter().map(at_end).filter(|at_end| !at_end).count() > 0 {
            return;
        }
    }
    let person = Person::new(round as u32, "0002");
    let token = qiancheng.token.clone();
    let form = [("token", token.as_str()), ("service_password", "s")];
    let form = [&form[..], &person.fields()].concat();
    let (product, path) = OPENINGS[open.len() % OPENINGS.len()];
    if let Some(answer) = qiancheng.try_post(path, &form)
        && let Some(open_id) = answer.data["open_id"].as_str()
    {
        open.push((product, open_id.to_owned()));
    }
}

/// What a session asks for is given. Gives its state, where the server is there to tell it.
fn advance(qiancheng: &mut Qiancheng, product: &str, open_id: &str) -> Option<i64> {
    let username = qiancheng.username.clone();
    let owner = [("username", username.as_str()), ("open_id", open_id)];
    let state = qiancheng.try_post(&format!("/{product}/collect/get-state"), &owner)?.state();
    let entry = [("entry_id", "icbc-login"), ("login_name", "synth03"), ("password", "s")];
    let steps: &[(&str, &[(&str, &str)])] = match (product, state) {
        ("telecom", 0) => &[("service-password", &[("service_password", "s")])],
        ("telecom", 21) => &[("captcha", &[("captcha", tests::qiancheng::CODE)])],
        ("telecom", 31) => {
            &[("query-password", &[("query_password", tests::qiancheng::QUERY_PASSWORD)])]
        }
        ("degree", 0) => &[("login", &[("account", "a@one"), ("password", "s"), ("sync", "1")])],
        ("v2/ebank", 0) => &[("license-upload", &entry), ("login", &entry)],
        ("v2/ebank", 6) => &[("captcha", &[("verify_code", tests::qiancheng::CODE)])],
        _ => &[],
    };
    for (step, form) in steps {
        qiancheng.try_post(&format!("/{product}/collect/{step}"), &[&owner, *form].concat())?;
    }
    Some(state)
}

/// Answers again where an answer was lost, until the session is at its end; whether it has data.
/// A bank's visit that broke off is over: the borrower begins again.
fn finish(qiancheng: &mut Qiancheng, product: &str, open_id: &str) -> bool {
    let begun = Instant::now();
    loop {
        let state = advance(qiancheng, product, open_id);
        let data = qiancheng.of(open_id, &format!("/{product}/data/raw-data"), &[]);
        match (product, state) {
            ("telecom", Some(43)) | ("degree", Some(21)) | ("v2/ebank", Some(10)) => {
                data.ok();
                return true;
            }
            ("v2/ebank", Some(11)) => {
                assert!(data.msg.contains("服务中断"), "{data:?}");
                return false;
            }
            ("telecom", Some(42)) | ("degree", Some(22)) => panic!("{product} failed: {data:?}"),
            _ => {}
        }
        assert!(begun.elapsed() < END_LIMIT, "{product} stays in {state:?}");
        thread::sleep(Duration::from_millis(20));
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
    match server.postgres() {
        Some(database) => database.connect().query_one(COUNT, &[]).expect("a count").get(0),
        None => {
            let database = server.data_folder().join("probity.db");
            let database = rusqlite::Connection::open(database).expect("the database");
            database.query_row(COUNT, [], |row| row.get(0)).expect("a count")
        }
    }
}
