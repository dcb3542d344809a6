//! Sessions whose source is a connector: whole, without consent, and with each fault.

use std::thread;
use std::time::{Duration, Instant};

use tests::cli;
use tests::connector::Connector;
use tests::database::Database;
use tests::journal::Journal;
use tests::process::wait_until;
use tests::qiancheng::{CODE, Person, QUERY_PASSWORD, Qiancheng};
use tests::server::{IN_FORCE, Options};

const ALLOWED: i64 = 0;
const REFUSED: i64 = 1001;
const FAILED: i64 = 1000;

/// Nothing but a fault may come near this.
const AMPLE: &str = "30s";

fn moves(connector: &Connector) -> Vec<String> {
    let last = |line: &String| line.rsplit(' ').next().unwrap_or_default().to_owned();
    connector.asked().iter().map(last).collect()
}

#[test]
fn a_session_goes_to_its_connector_and_each_step_once() {
    for database in Database::both() {
        let connector = Connector::start();
        let server = connector.serve(&["telecom"], AMPLE, Options::on(database));
        let mut qiancheng = Qiancheng::log_in(&server);
        let open_id = qiancheng.open_telecom(&Person::new(1, "0002"), "synthetic");
        qiancheng.wait_for("telecom", &open_id, &[21]);
        qiancheng.of(&open_id, "/telecom/collect/captcha", &[("captcha", CODE)]).ok();
        qiancheng.wait_for("telecom", &open_id, &[31]);
        let query = [("query_password", QUERY_PASSWORD)];
        qiancheng.of(&open_id, "/telecom/collect/query-password", &query).ok();
        qiancheng.wait_for("telecom", &open_id, &[43]);
        let data = qiancheng.of(&open_id, "/telecom/data/raw-data", &[]).ok();
        assert_eq!(data["transactions"][0]["calls"][0]["other_cell_phone"], "12000000001");
        assert_eq!(moves(&connector), ["login", "answer", "answer"]);
    }
}

/// Without a consent in force no byte leaves for the source (I7).
#[test]
fn a_connector_counts_nothing_without_consent_and_everything_with_it() {
    const TRIES: usize = 250;
    let connector = Connector::start();
    let server = connector.serve(&["ebank"], AMPLE, Options::on(Database::Sqlite));
    let mut qiancheng = Qiancheng::log_in(&server);
    let username = qiancheng.username.clone();
    let record = |person: &Person, length: &str, more: &[&str]| {
        let asked = ["consent", "record", &person.id_card, "--merchant", &username];
        let given = ["--source", "ebank", "--for", length, "--evidence", "synthetic"];
        server.cli(&[&asked[..], &given, more].concat()).expect_success();
    };
    let persons = [1, 2, 3, 4, 5].map(|number| Person::new(number, "0000"));
    let [nobody, expired, withdrawn, other, given] = &persons;
    record(expired, "1m", &[]);
    record(withdrawn, "9h", &[]);
    record(other, "9h", &["--purpose", "loan_management"]);
    record(given, "9h", &[]);
    let list = ["consent", "list", &withdrawn.id_card, "--json"];
    let listed = server.cli(&list).expect_success().json();
    let id = listed[0]["id"].as_str().expect("a consent has an id");
    server.cli(&["consent", "withdraw", id]).expect_success();
    server.advance("61s");

    let mut open = |person: &Person| {
        let account = [("entry_id", "icbc-login"), ("login_name", "synth01"), ("password", "x")];
        let form = [person.fields().as_slice(), &account].concat();
        qiancheng.with_token("/ebank/collect/open-id", &form).code
    };
    for person in [nobody, expired, withdrawn, other] {
        for _ in 0..TRIES {
            assert_eq!(open(person), REFUSED, "{person:?}");
        }
    }
    assert_eq!(connector.asked(), Vec::<String>::new());
    for tries in 1..=4 * TRIES {
        assert_eq!(open(given), ALLOWED);
        // The example is no match for the server: let it catch up.
        if tries % 50 == 0 {
            let caught_up =
                wait_until(Duration::from_mins(1), || Ok(connector.asked().len() >= tries));
            assert!(caught_up.is_ok(), "{} of {tries} reached it", connector.asked().len());
        }
    }
    thread::sleep(Duration::from_millis(300));
    assert_eq!(connector.asked().len(), 4 * TRIES);
}

/// However a connector fails, the session ends, nothing is submitted twice, and the other
/// sources go on.
fn ends(fault: &str) {
    let is_there = fault != "crash-loop";
    let mut connector = Connector::with_fault(if is_there { fault } else { "" });
    let server = connector.serve(&["telecom"], "1s", Options::on(Database::Sqlite));
    if !is_there {
        // A process that comes up only to end is one that nobody can connect to.
        connector.kill();
    }
    let mut qiancheng = Qiancheng::log_in(&server);
    let begun = Instant::now();
    let open_id = qiancheng.open_telecom(&Person::new(1, "0001"), "synthetic");
    let degree = qiancheng.open_degree(&Person::new(2, "0001"));
    let account = [("account", "synthetic@one"), ("password", "synthetic"), ("sync", "1")];
    qiancheng.of(&degree, "/degree/collect/login", &account).ok();
    qiancheng.wait_for("degree", &degree, &[21]);
    qiancheng.wait_for("telecom", &open_id, &[42]);
    // A second to the deadline, and four looks, a second each, with 10.2 s between them.
    assert!(begun.elapsed() < Duration::from_secs(19), "{fault}: {:?}", begun.elapsed());
    let data = qiancheng.of(&open_id, "/telecom/data/raw-data", &[]);
    assert_eq!((data.code, data.data.is_null()), (FAILED, true), "{fault}");
    assert_eq!(connector.asked().len(), usize::from(is_there), "{fault}");
}

#[test]
fn with_any_fault_the_session_ends_by_its_deadline() {
    const FAULTS: [&str; 12] = [
        "hang",
        "drip",
        "half",
        "huge",
        "garbage",
        "wrong-session",
        "exit",
        "crash-loop",
        "late",
        "wrong-clock",
        "wrong-signature",
        "oversize-number",
    ];
    // Four at once: a fault costs waiting, not work.
    for some in FAULTS.chunks(4) {
        thread::scope(|scope| {
            for fault in some {
                scope.spawn(move || ends(fault));
            }
        });
    }
}

/// A login with `sync` 0 returns after 30 s at the latest (document 001), whatever the
/// register does; the session goes on.
#[test]
fn a_degree_login_waits_half_a_minute_at_most() {
    let connector = Connector::with_fault("hang");
    let server = connector.serve(&["degree"], "60s", Options::on(Database::Sqlite));
    let mut qiancheng = Qiancheng::log_in(&server).patient(Duration::from_mins(1));
    let open_id = qiancheng.open_degree(&Person::new(1, "1111"));
    let account = [("account", "a@one"), ("password", "synthetic"), ("sync", "0")];
    let begun = Instant::now();
    let answer = qiancheng.of(&open_id, "/degree/collect/login", &account);
    let waited = begun.elapsed().as_secs_f64();
    assert_eq!((answer.code, answer.data.is_null()), (ALLOWED, true), "{answer:?}");
    assert!((29.9..31.0).contains(&waited), "{waited} s");
    assert_eq!(qiancheng.state("degree", &open_id).state(), 11);
}

#[test]
fn an_answer_that_was_lost_is_asked_for_and_not_submitted_again() {
    let mut connector = Connector::with_fault("exit");
    let server = connector.serve(&["telecom"], AMPLE, Options::on(Database::Sqlite));
    let mut qiancheng = Qiancheng::log_in(&server);
    let open_id = qiancheng.open_telecom(&Person::new(1, "0001"), "synthetic");
    // It takes the login, records the result, and dies before it answers.
    connector.wait();
    connector.restart("");
    qiancheng.wait_for("telecom", &open_id, &[21]);
    qiancheng.of(&open_id, "/telecom/collect/captcha", &[("captcha", CODE)]).ok();
    qiancheng.wait_for("telecom", &open_id, &[43]);
    assert_eq!(moves(&connector), ["login", "answer"]);
}

/// What nobody can tell waits for the operator, who says it once, with a reason.
#[test]
fn a_call_of_unknown_outcome_is_resolved_by_the_operator() {
    for database in Database::both() {
        let connector = Connector::with_fault("hang");
        let server = connector.serve(&["telecom"], "1s", Options::on(database));
        let mut qiancheng = Qiancheng::log_in(&server);
        let mut open = |number| {
            let person = Person::new(number, "0001");
            qiancheng.open_telecom(&person, "synthetic")
        };
        let sessions = [open(1), open(2)];
        for open_id in &sessions {
            qiancheng.wait_for("telecom", open_id, &[42]);
        }
        let unknown = || server.cli(&["session", "unknown", "--json"]).expect_success().json();
        let found = wait_until(Duration::from_secs(5), || {
            Ok(unknown().as_array().is_some_and(|list| list.len() == 2))
        });
        assert!(found.is_ok(), "{}", unknown());
        assert_eq!(unknown()[0]["provider"], "remote-telecom");
        let [posted, voided] = &sessions;
        let resolve = |open_id: &str, verdict: &str, reason: &str| {
            server.cli(&["session", "resolve", open_id, verdict, "--reason", reason])
        };
        assert_eq!(resolve(posted, "post", " ").code, Some(1), "without a reason");
        resolve(posted, "post", "its log has the login").expect_success();
        resolve(voided, "void", "its log has nothing").expect_success();
        for (open_id, verdict) in [(posted, "void"), (posted, "post"), (&"0".repeat(32), "void")] {
            assert_eq!(resolve(open_id, verdict, "again").code, Some(1), "{verdict}");
        }
        assert_eq!(unknown(), serde_json::json!([]));
        let said = server.cli(&["session", "resolutions", "--json"]).expect_success().json();
        let said: Vec<_> =
            said.as_array().into_iter().flatten().map(|one| &one["reason"]).collect();
        assert_eq!(said, ["its log has nothing", "its log has the login"]);
        let journal = Journal::export(&server);
        assert_eq!(journal.verify_exit, 0);
        let billed = journal.rows.iter().filter(|row| row.billed).map(|row| &row.key);
        assert_eq!(billed.collect::<Vec<_>>(), [posted], "{database:?}");
        assert_eq!(qiancheng.of(posted, "/telecom/data/raw-data", &[]).code, FAILED);
        // The connector hung all the while: it was not asked again.
        assert_eq!(connector.asked().len(), 2);
    }
}

/// The banks that a connector lists are those of bank-info, and lead to it alone.
#[test]
fn a_connectors_banks_are_listed_and_asked() {
    for database in Database::both() {
        let connector = Connector::start();
        let server = connector.serve(&["ebank"], AMPLE, Options::on(database));
        let mut qiancheng = Qiancheng::log_in(&server);
        let codes = |qiancheng: &mut Qiancheng| -> Vec<String> {
            let banks = qiancheng.post("/ebank/collect/bank-info", &[]).ok();
            let banks = banks.as_array().expect("banks").iter();
            banks.map(|bank| bank["bankCode"].as_str().unwrap_or_default().to_owned()).collect()
        };
        assert!(!codes(&mut qiancheng).contains(&"SYNTH".to_owned()));
        let config = connector.configuration_file();
        let check = ["source", "check", "remote-ebank", "--config", cli::text(&config)];
        server.cli(&check).expect_success();
        thread::sleep(IN_FORCE);
        assert!(codes(&mut qiancheng).contains(&"SYNTH".to_owned()));
        let person = Person::new(1, "0000");
        let open_id = qiancheng.open_ebank(&person, "synth-login", "synth01");
        qiancheng.wait_for("ebank", &open_id, &[10]);
        assert_eq!(moves(&connector), ["login"]);
        // Nobody is left who takes the sandbox's.
        let (open_id, _) = qiancheng.open_ebank_v2(&person);
        let banks = qiancheng.of(&open_id, "/v2/ebank/collect/bank-list", &[]).ok();
        assert_eq!(banks.as_array().map(Vec::len), Some(1), "{banks}");
        assert_eq!(qiancheng.log_in_v2(&open_id, "icbc-login", "synth01").code, REFUSED);
        qiancheng.log_in_v2(&open_id, "synth-login", "synth01").ok();
        qiancheng.wait_for("v2/ebank", &open_id, &[10]);
    }
}
