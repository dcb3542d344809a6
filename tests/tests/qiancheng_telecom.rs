//! The carrier's collection: every row of the sandbox's table, every state on the way, what is
//! collected and derived, and what is refused.

use serde_json::Value;
use tests::database::Database;
use tests::qiancheng::lender::PRODUCTS;
use tests::qiancheng::shapes::{first, has_keys, length};
use tests::qiancheng::walk::{SLOW_MS, VERY_SLOW_MS, Walk, side_by_side, slow};
use tests::qiancheng::{CODE, Person, Qiancheng};
use tests::server::{Options, Server};

const OVER: &str = "采集流程已结束";
const NOT_ASKED: &str = "当前状态不接受该操作";
const SUBMITTED: &str = "已提交，正在处理中";
const RESENDS_USED_UP: &str = "验证码发送次数已达上限";

/// (ending of the mobile number, service password, the way, the reason of a failure)
const ROWS: [(&str, &str, &str, &str); 15] = [
    ("0000", "s", "11 41 43", ""),
    ("0001", "s", "11 21 captcha:123456 22 41 43", ""),
    ("8642", "s", "11 21 captcha:123456 22 41 43", ""),
    ("0002", "s", "11 21 captcha:123456 22 31 query:654321 32 41 43", ""),
    ("0003", "s", "11 42", "账户或密码错误"),
    ("0005", "s", "11 21 captcha:123456 22 1 21 captcha:123456 22 41 43", ""),
    ("0007", "s", "11 21 captcha:123456 22 23 resend 24 captcha:123456 22 41 43", ""),
    ("0007", "s", "11 21 resend 24 captcha:654321 22 23 captcha:123456 22 41 43", ""),
    ("0008", "s", "11 42", "无法解析"),
    ("0009", "s", "11 41 43", ""),
    ("0000", "", "0 service:synthetic 11 41 43", ""),
    (
        "0001",
        "",
        "0 service:x 11 21 captcha:1 22 23 captcha:1 22 23 captcha:1 22 23 captcha:1 22 23 \
         captcha:1 22 42",
        "错误次数过多",
    ),
    (
        "0001",
        "s",
        "11 21 captcha:1 22 23 captcha:2 22 23 resend 24 captcha:3 22 23 captcha:4 22 23 \
         captcha:123456 22 41 43",
        "",
    ),
    (
        "0002",
        "s",
        "11 21 captcha:1 22 23 captcha:123456 22 31 query:123456 32 33 query:123456 32 33 \
         query:1 32 33 query:2 32 33 query:3 32 42",
        "错误次数过多",
    ),
    (
        "0002",
        "s",
        "11 21 captcha:123456 22 31 query:1 32 33 query:2 32 33 query:3 32 33 query:4 32 33 \
         query:654321 32 41 43",
        "",
    ),
];

fn person(row: usize, ending: &str) -> Person {
    Person::new(row as u32, ending)
}

#[test]
fn every_row_of_the_sandbox_on_sqlite() {
    every_row(Database::Sqlite);
}

#[test]
fn every_row_of_the_sandbox_on_postgres() {
    if Database::both().contains(&Database::Postgres) {
        every_row(Database::Postgres);
    }
}

fn every_row(database: Database) {
    let server = Server::start(slow(database, SLOW_MS));
    let qiancheng = Qiancheng::log_in(&server);
    side_by_side(ROWS.into_iter().enumerate(), |(row, (ending, password, script, why))| {
        let mut qiancheng = qiancheng.at(&server);
        let open_id = qiancheng.open_telecom(&person(row, ending), password);
        Walk::new(&mut qiancheng, "telecom", open_id.clone()).play(script);
        let data = qiancheng.of(&open_id, "/telecom/data/raw-data", &[]);
        let report = qiancheng.of(&open_id, "/telecom/data/report", &[]);
        if why.is_empty() {
            check_data(&data.ok(), ending);
            check_report(&report.ok(), ending);
        } else {
            for answer in [data, report] {
                assert_eq!((answer.code, &answer.data), (1000, &Value::Null), "{script}");
                assert!(answer.msg.contains(why), "{answer:?} should say {why}");
            }
        }
    });
}

fn check_data(data: &Value, ending: &str) {
    assert_eq!(length(data, "transactions"), 1);
    let data = first(data, "transactions");
    has_keys(data, "basic calls smses nets transactions");
    has_keys(&data["basic"], "update_time cell_phone real_name idcard reg_time");
    assert!(data["basic"]["cell_phone"].as_str().is_some_and(|phone| phone.ends_with(ending)));
    if ending == "0009" {
        assert!(
            ["calls", "smses", "nets", "transactions"].iter().all(|key| length(data, key) == 0)
        );
        return;
    }
    has_keys(
        first(data, "calls"),
        "start_time init_type use_time place other_cell_phone cell_phone subtotal call_type \
         update_time",
    );
    let calls = data["calls"].as_array().expect("calls");
    assert!(calls.iter().all(|call| call["init_type"] == "主叫" || call["init_type"] == "被叫"));
    has_keys(first(data, "smses"), "start_time init_type place other_cell_phone cell_phone");
    has_keys(first(data, "nets"), "start_time use_time subflow net_type place cell_phone");
    has_keys(first(data, "transactions"), "bill_cycle cell_phone total_amt pay_amt plan_amt");
}

const CONTACT: &str = "phone_num contact_name call_cnt call_len call_out_cnt call_in_cnt \
    contact_1w contact_1m contact_3m contact_night contact_weekday contact_weekend";

fn check_report(report: &Value, ending: &str) {
    has_keys(
        report,
        "report person application_check behavior_check cell_behavior contact_list contact_region \
         collection_contact main_service deliver_address ebusiness_expense trip_info",
    );
    has_keys(&report["report"], "update_time");
    has_keys(first(report, "application_check"), "app_point check_points");
    let checks = "check_point check_point_cn result evidence score";
    report["behavior_check"].as_array().into_iter().flatten().for_each(|one| has_keys(one, checks));
    assert!(length(report, "behavior_check") > 10);
    if ending == "0009" {
        assert_eq!(report["report"]["status"], "无数据");
        let empty = ["cell_behavior", "contact_list", "contact_region", "main_service"];
        assert!(empty.iter().all(|key| length(report, key) == 0), "{report}");
        return;
    }
    let list = report["contact_list"].as_array().expect("contacts");
    let number = |one: &Value, key: &str| one[key].as_f64().expect("a number");
    for one in list {
        has_keys(one, CONTACT);
        let out_and_in = number(one, "call_out_cnt") + number(one, "call_in_cnt");
        assert!((number(one, "call_cnt") - out_and_in).abs() < 0.5, "{one}");
        let windows = ["contact_1w", "contact_1m", "contact_3m"].map(|key| number(one, key));
        assert!(windows.is_sorted(), "{one}");
    }
    let months = first(report, "cell_behavior");
    has_keys(months, "phone_num behavior");
    has_keys(first(months, "behavior"), "cell_mth call_cnt call_out_cnt call_in_cnt sms_cnt");
    has_keys(first(report, "contact_region"), "region_loc region_call_in_cnt region_call_out_cnt");
    has_keys(first(report, "main_service"), "company_name company_type total_service_cnt");
}

/// In each state that lasts: what it asks for it takes, everything else is refused, and changes
/// nothing.
#[test]
fn what_a_state_does_not_ask_for_changes_nothing() {
    let rows = [
        ("0002", "", "0", "service"),
        ("0004", "s", "11", ""),
        ("0001", "s", "11 21", "captcha resend"),
        ("0001", "s", "11 21 captcha:1 22 23", "captcha resend"),
        ("0001", "s", "11 21 resend 24", "captcha resend"),
        ("0005", "s", "11 21 captcha:123456 22 1", ""),
        ("0002", "s", "11 21 captcha:123456 22 31", "query"),
        ("0002", "s", "11 21 captcha:123456 22 31 query:1 32 33", "query"),
        ("0006", "s", "11 41", ""),
        ("0003", "s", "11 42", ""),
        ("0000", "s", "11 41 43", ""),
    ];
    for database in Database::both() {
        let server = Server::start(slow(database, SLOW_MS));
        let qiancheng = Qiancheng::log_in(&server);
        side_by_side(rows.into_iter().enumerate(), |(row, (ending, password, script, takes))| {
            let mut qiancheng = qiancheng.at(&server);
            let open_id = qiancheng.open_telecom(&person(row, ending), password);
            let mut walk = Walk::new(&mut qiancheng, "telecom", open_id);
            walk.play(script);
            let state = walk.state.expect("played");
            for word in ["service:other", "captcha:123456", "query:654321", "resend"] {
                if takes.split(' ').any(|verb| word.starts_with(verb)) {
                    continue;
                }
                let answer = walk.act(word);
                let expected = match (state, word) {
                    (11, "service:other") => SUBMITTED,
                    (41.., _) => OVER,
                    _ => NOT_ASKED,
                };
                let found = (answer.status, answer.code, answer.msg.as_str(), &answer.data);
                assert_eq!(found, (200, 1001, expected, &Value::Null), "{script}: {word}");
                assert_eq!(walk.look().state(), state, "{database:?} {script}: {word}");
            }
            let early = walk.qiancheng.of(&walk.open_id, "/telecom/data/raw-data", &[]);
            let expected = if state == 42 { 1000 } else { i64::from(state != 43) * 1003 };
            assert_eq!(early.code, expected, "{script}");
        });
    }
}

/// While an answer is with the carrier, the same one is taken as said, and submitted once.
#[test]
fn the_same_answer_counts_once_while_it_is_submitted() {
    let server = Server::start(slow(Database::Sqlite, VERY_SLOW_MS));
    let mut qiancheng = Qiancheng::log_in(&server);
    let open_id = qiancheng.open_telecom(&person(1, "0002"), "synthetic");
    let mut walk = Walk::new(&mut qiancheng, "telecom", open_id);
    walk.play("11 21");
    let mut twice = |right: &str, wrong: &str, (submitted, refused): (i64, i64)| {
        // Four of five may be wrong: three that counted twice were too many.
        for _ in 0..3 {
            assert_eq!(walk.act(wrong).code, 0, "{wrong}");
            assert_eq!(walk.act(wrong).code, 0, "{wrong} again");
            assert_eq!(walk.look().state(), submitted);
            let other = walk.act(right);
            assert_eq!((other.code, other.msg.as_str()), (1001, SUBMITTED));
            walk.play(&refused.to_string());
        }
        assert_eq!((walk.act(right).code, walk.act(right).code), (0, 0));
        assert_eq!(walk.look().state(), submitted);
        walk.play(if submitted == 22 { "31" } else { "41 43" });
    };
    twice("captcha:123456", "captcha:111111", (22, 23));
    twice("query:654321", "query:123456", (32, 33));
}

#[test]
fn codes_are_sent_again_so_often_only() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let password = server.new_lender("lender", &PRODUCTS);
        let mut first = Qiancheng::log_in(&server);
        let mut second = Qiancheng::log_in_as(&server, "lender", &password);
        // Three for a session, five an hour for a telephone, whoever asks.
        let telephone = Person::new(77, "0001");
        resends(&mut first, &telephone, &[0, 0, 0, 1001]);
        resends(&mut second, &telephone, &[0, 0, 1001]);
        resends(&mut first, &telephone, &[1001]);
        resends(&mut second, &Person::new(78, "0001"), &[0]);
        server.advance("61m");
        resends(&mut second, &telephone, &[0, 0, 0, 1001]);
    }
}

fn resends(qiancheng: &mut Qiancheng, person: &Person, expected: &[i64]) {
    let open_id = qiancheng.open_telecom(person, "synthetic");
    qiancheng.wait_for("telecom", &open_id, &[21]);
    for expected in expected {
        let state = qiancheng.state("telecom", &open_id).state();
        let answer = qiancheng.of(&open_id, "/telecom/collect/resend-captcha", &[]);
        assert_eq!(answer.code, *expected, "{answer:?}");
        if *expected == 0 {
            qiancheng.wait_for("telecom", &open_id, &[24]);
        } else {
            assert_eq!(answer.msg, RESENDS_USED_UP);
            assert_eq!(qiancheng.state("telecom", &open_id).state(), state, "it stays");
        }
        // The next is another step only when this one is over.
        std::thread::sleep(std::time::Duration::from_millis(300));
    }
    // The code that came is as good as the first.
    qiancheng.of(&open_id, "/telecom/collect/captcha", &[("captcha", CODE)]).ok();
    qiancheng.wait_for("telecom", &open_id, &[43]);
}

/// Section 4.1.2 prints the degree's login under this path; a telecom session has none.
#[test]
fn a_telecom_session_has_no_login() {
    let server = Server::start(Options::on(Database::Sqlite));
    let mut qiancheng = Qiancheng::log_in(&server);
    let open_id = qiancheng.open_telecom(&person(1, "0001"), "");
    let form = [("account", "a@one"), ("password", "synthetic"), ("sync", "1")];
    for path in ["/telecom/collect/login", "/degree/collect/login"] {
        let answer = qiancheng.of(&open_id, path, &form);
        assert_eq!((answer.code, answer.msg.as_str()), (1001, "open_id: 不存在"));
    }
    assert_eq!(qiancheng.state("telecom", &open_id).state(), 0);
}
