//! The degree register's collection: every row of the sandbox's table, both ways to wait, both
//! printed paths, the records.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tests::database::Database;
use tests::qiancheng::shapes::{first, has_keys, length};
use tests::qiancheng::walk::{SLOW_MS, Walk, side_by_side, slow};
use tests::qiancheng::{Answer, Person, Qiancheng};
use tests::server::{Options, Server};

const RECORD: &str = "real_name sex date_birth nation id_card academy_name academic_level \
    major_name length_school education_background learning_form series class student_number \
    date_enrollment date_graduation school_status exam_number branch_courts education_type";

/// (account, the way, code of a login that waits, degrees or the reason of the failure)
const ROWS: [(&str, &str, i64, Result<usize, &str>); 6] = [
    ("synthetic@one", "11 21", 0, Ok(1)),
    ("1390000", "11 21", 0, Ok(1)),
    ("a@two", "11 21", 0, Ok(2)),
    ("a@none", "11 21", 0, Ok(0)),
    ("a@wrong", "11 22", 1001, Err("账户或密码错误")),
    ("a@down", "11 22", 1000, Err("暂时无法访问")),
];

fn log_in(qiancheng: &mut Qiancheng, open_id: &str, account: &str, sync: &str) -> Answer {
    let form = [("account", account), ("password", "synthetic"), ("sync", sync)];
    qiancheng.of(open_id, "/degree/collect/login", &form)
}

fn check_end(qiancheng: &mut Qiancheng, open_id: &str, end: Result<usize, &str>) {
    let answer = qiancheng.of(open_id, "/degree/data/raw-data", &[]);
    match end {
        Ok(degrees) => {
            let data = answer.ok();
            assert_eq!(length(&data, "education"), degrees, "{data}");
            if degrees > 0 {
                has_keys(first(&data, "education"), RECORD);
            }
        }
        Err(why) => {
            assert_eq!((answer.code, &answer.data), (1000, &Value::Null), "{answer:?}");
            assert!(answer.msg.contains(why), "{answer:?}");
        }
    }
}

#[test]
fn every_row_of_the_sandbox() {
    for database in Database::both() {
        let server = Server::start(slow(database, SLOW_MS));
        let qiancheng = Qiancheng::log_in(&server);
        side_by_side(ROWS.into_iter().enumerate(), |(row, (account, script, waited, end))| {
            let mut qiancheng = qiancheng.at(&server);
            let person = Person::new(row as u32, "1111");
            let open_id = qiancheng.open_degree(&person);
            let mut walk = Walk::new(&mut qiancheng, "degree", open_id.clone());
            walk.play("0");
            let early = walk.qiancheng.of(&open_id, "/degree/data/raw-data", &[]);
            assert_eq!((early.code, &early.data), (1003, &Value::Null));
            log_in(walk.qiancheng, &open_id, account, "1").ok();
            walk.play(script);
            check_end(&mut qiancheng, &open_id, end);
            let again = log_in(&mut qiancheng, &open_id, account, "1");
            assert_eq!((again.code, again.msg.as_str()), (1001, "采集流程已结束"));

            // The other printed path, and a login that waits for the end.
            let open_id = qiancheng.open_degree(&person);
            let form = [("account", account), ("password", "synthetic"), ("sync", "0")];
            let answer = qiancheng.of(&open_id, "/telecom/collect/login", &form);
            assert_eq!(
                (answer.code, &answer.data),
                (waited, &Value::Null),
                "{account}: {answer:?}"
            );
            let ended = qiancheng.state("degree", &open_id).state();
            assert_eq!(ended, if end.is_ok() { 21 } else { 22 }, "{account}: it waited");
            check_end(&mut qiancheng, &open_id, end);
        });
    }
}

/// While the login is with the register, the same one is taken as said, another is not.
#[test]
fn a_login_that_is_submitted() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let mut qiancheng = Qiancheng::log_in(&server);
        let open_id = qiancheng.open_degree(&Person::new(1, "1111"));
        log_in(&mut qiancheng, &open_id, "a@slow", "1").ok();
        log_in(&mut qiancheng, &open_id, "a@slow", "1").ok();
        let other_password = [("account", "a@slow"), ("password", "other"), ("sync", "1")];
        for other in [
            log_in(&mut qiancheng, &open_id, "b@slow", "1"),
            qiancheng.of(&open_id, "/degree/collect/login", &other_password),
        ] {
            assert_eq!((other.code, other.msg.as_str()), (1001, "已提交，正在处理中"));
        }
        assert_eq!(qiancheng.state("degree", &open_id).state(), 11);
        // 15 s by the sandbox's clock; a login that waits for them waits so long and no longer.
        let begun = Instant::now();
        let mut waiting = qiancheng.at(&server);
        let waited = thread::scope(|scope| {
            let waiter = scope.spawn(|| log_in(&mut waiting, &open_id, "a@slow", "0"));
            server.advance("14s");
            waiter.join().expect("an answer")
        });
        waited.ok();
        assert!(begun.elapsed() < Duration::from_secs(14), "{:?}", begun.elapsed());
        assert_eq!(qiancheng.state("degree", &open_id).state(), 21, "{database:?}");
        check_end(&mut qiancheng, &open_id, Ok(1));
    }
}

#[test]
fn both_printed_paths_and_a_look_without_a_name() {
    let server = Server::start(Options::on(Database::Sqlite));
    let mut qiancheng = Qiancheng::log_in(&server);
    let open_id = qiancheng.open_degree(&Person::new(2, "1111"));
    let form = [("account", "a@two"), ("password", "synthetic"), ("sync", "0")];
    qiancheng.of(&open_id, "/degree/collect/login", &form).ok();
    let look = |qiancheng: &mut Qiancheng, form: &[(&str, &str)]| {
        let session = [("open_id", open_id.as_str())];
        let answer = qiancheng.post("/degree/collect/get-state", &[&session, form].concat());
        (answer.code, answer.state())
    };
    assert_eq!(look(&mut qiancheng, &[]), (0, 21));
    assert_eq!(look(&mut qiancheng, &[("username", "")]), (0, 21));
    assert_eq!(look(&mut qiancheng, &[("username", "sandbox")]), (0, 21));
    assert_eq!(look(&mut qiancheng, &[("username", "another")]), (1001, -1));
    check_end(&mut qiancheng, &open_id, Ok(2));
    // The person says what it is; the record says the same.
    let data = qiancheng.of(&open_id, "/degree/data/raw-data", &[]).ok();
    let person = Person::new(2, "1111");
    let record = first(&data, "education");
    assert_eq!(
        (&record["real_name"], &record["id_card"]),
        (&person.name.into(), &person.id_card.into())
    );
    assert_eq!(record["date_birth"], "1990-01-01");
}
