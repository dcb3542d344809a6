//! Every limit of time of face 3, shortly before it and at it, by the sandbox's clock: the clock is
//! moved, the machine's own seconds run besides (`rong360.md`, Rules: Periods). The exact moments
//! are the machine's, in `crates/domain/src/session/credit`.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::connector::CONFIGURATION;
use tests::database::Database;
use tests::receiver::{Receiver, SUCCESS};
use tests::rong360::asked;
use tests::rong360::borrower::{Borrower, Card, PASSWORD, SMS};
use tests::server::{Options, Server};

/// How long before a limit a step is taken; a busy machine is slow.
const BEFORE_S: i64 = 20;

fn start(database: Database) -> Server {
    Server::start(Options::on(database).configuration(CONFIGURATION))
}

/// How often the bureau was asked, but for pictures, of which a refused login brings a new one, and
/// for what became of applications.
fn steps_asked(server: &Server) -> BTreeMap<String, u64> {
    let mut asked = asked(server);
    asked.retain(|request, _| !["picture", "poll"].contains(&request.as_str()));
    asked
}

/// A step that comes too late or twice: answered `code`, and the bureau is not asked.
#[track_caller]
fn refused(server: &Server, me: &mut Borrower, (method, given): (&str, &Value), code: i64) {
    let before = steps_asked(server);
    assert_eq!(me.code(method, given), code, "{method}");
    assert_eq!(steps_asked(server), before, "{method}: nothing is sent");
}

/// Five are answered; from the sixth on, right or wrong, nothing leaves, until ten minutes after
/// the fifth. Another merchant's user of the same login name shares nothing but the name: the lock
/// is of merchant and login name.
#[test]
fn five_wrong_passwords_lock_for_ten_minutes() {
    for database in Database::both() {
        let server = start(database);
        let mut me = Borrower::new(&server, "locked", "sandbox10");
        for turn in 0..5 {
            let answer = me.log_in_with("wrong");
            assert_eq!(answer.code, 208_101, "{turn}");
            assert!(answer.data["url"].as_str().is_some_and(|url| url.len() > 100), "a picture");
            // A wrong picture does not count.
            if turn == 2 {
                me.picture();
                let login = me.login("wrong", "zzzzzz");
                assert_eq!(me.code("login", &login), 210_101);
            }
        }
        let sent = asked(&server)["login"];
        assert!(sent >= 5, "{sent}");
        let locked = |me: &mut Borrower, when: &str| {
            for password in [PASSWORD, "wrong"] {
                assert_eq!(me.log_in_with(password).code, 508_108, "{database:?} {when}");
            }
            let mut beside = me.beside("another user", "sandbox10");
            assert_eq!(beside.log_in_with(PASSWORD).code, 508_108, "{database:?} {when}");
            assert_eq!(asked(&server)["login"], sent, "{database:?} {when}: nothing is sent");
        };
        locked(&mut me, "at once");
        me.advance(&server, 10 * 60 - BEFORE_S);
        locked(&mut me, "before the end");
        me.advance(&server, BEFORE_S);
        assert_eq!(me.log_in_with("wrong").code, 208_101, "tried again, counted from one");
        assert_eq!(me.log_in(), 0);
        assert_eq!(asked(&server)["login"], sent + 2, "{database:?}");
    }
}

#[test]
fn a_picture_holds_five_minutes_and_once() {
    let server = start(Database::Sqlite);
    let mut me = Borrower::new(&server, "pictures", "sandbox11");
    let code = |me: &mut Borrower, picture: &str| {
        let login = me.login(PASSWORD, picture);
        me.code("login", &login)
    };
    let first = me.picture();
    let second = me.picture();
    assert_eq!(code(&mut me, &first), 210_101, "replaced");
    assert_eq!(code(&mut me, &second), 210_101, "used up by a wrong one");
    let picture = format!(" {} ", me.picture().to_uppercase());
    me.advance(&server, 5 * 60 - BEFORE_S);
    assert_eq!(code(&mut me, &picture), 200, "in time, whatever the letters");
    let again = me.login(PASSWORD, &picture);
    refused(&server, &mut me, ("login", &again), 210_101);
    let picture = me.picture();
    me.advance(&server, 5 * 60);
    let late = me.login(PASSWORD, &picture);
    refused(&server, &mut me, ("login", &late), 210_101);
}

#[test]
fn a_code_by_sms_holds_five_minutes() {
    let server = start(Database::Sqlite);
    let mut me = Borrower::new(&server, "codes", "sandbox12");
    me.log_in();
    for (seconds, wanted) in [(5 * 60, 211_101), (5 * 60 - BEFORE_S, 200)] {
        me.name_card(Card::Debit);
        let holder = Value::Object(me.holder(Card::Debit));
        assert_eq!(me.code("onlineAuthentication", &holder), 211_101, "none was sent");
        me.message();
        me.advance(&server, seconds);
        match wanted {
            200 => assert_eq!(me.code("onlineAuthentication", &holder), 200, "{seconds}"),
            code => refused(&server, &mut me, ("onlineAuthentication", &holder), code),
        }
    }
    // It did its work: the step is behind the borrower.
    let holder = Value::Object(me.holder(Card::Debit));
    refused(&server, &mut me, ("onlineAuthentication", &holder), 508_101);
    let mut me = me.beside("applies", "sandbox60");
    me.log_in();
    for (seconds, wanted) in [(5 * 60, 211_101), (5 * 60 - BEFORE_S, 200)] {
        me.call("getOnlineAuthedInfo", &json!({})).ok();
        let given = json!({"message_code": SMS});
        assert_eq!(me.code("submitApplyMessageCode", &given), 211_101, "none was sent");
        me.message();
        me.advance(&server, seconds);
        match wanted {
            200 => assert_eq!(me.code("submitApplyMessageCode", &given), 200, "{seconds}"),
            code => refused(&server, &mut me, ("submitApplyMessageCode", &given), code),
        }
    }
    refused(&server, &mut me, ("submitApplyMessageCode", &json!({"message_code": SMS})), 508_101);
}

/// The code 30 minutes from its issue, once; the steps before it 30 minutes from the card.
#[test]
fn unionpay_takes_thirty_minutes() {
    let server = start(Database::Sqlite);
    let mut me = Borrower::new(&server, "unionpay", "sandbox13");
    me.log_in();
    let raise = |me: &mut Borrower, code: &str| {
        let pic_code = me.picture();
        me.code("submitOnlineAuth", &json!({"unionpay_code": code, "pic_code": pic_code}))
    };
    // The borrower is there all the while: a call each ten minutes.
    let wait = |me: &mut Borrower, seconds: i64| {
        let tens = seconds / 600;
        for _ in 0..tens {
            me.advance(&server, 600);
            me.call("getVerifyMethod", &json!({}));
        }
        me.advance(&server, seconds - tens * 600);
    };
    let code = me.authenticate(Card::Credit);
    wait(&mut me, 30 * 60 - BEFORE_S);
    assert_eq!(raise(&mut me, &code), 200);
    let again = json!({"unionpay_code": code, "pic_code": me.picture()});
    refused(&server, &mut me, ("submitOnlineAuth", &again), 508_129);

    let mut me = me.beside("slow", "sandbox14");
    me.log_in();
    let code = me.authenticate(Card::Credit);
    me.advance(&server, 30 * 60);
    let late = json!({"unionpay_code": code, "pic_code": "zzzzzz"});
    refused(&server, &mut me, ("submitOnlineAuth", &late), 508_128);

    let mut me = me.beside("slower", "sandbox15");
    me.log_in();
    me.name_card(Card::Debit);
    wait(&mut me, 30 * 60 - BEFORE_S);
    me.message();
    me.advance(&server, BEFORE_S);
    let holder = Value::Object(me.holder(Card::Debit));
    refused(&server, &mut me, ("onlineAuthentication", &holder), 508_110);
    refused(&server, &mut me, ("getQuestion", &json!({})), 508_110);
    me.log_in();
    assert_eq!(me.code("getQuestion", &json!({})), 200);
}

#[test]
fn a_login_that_is_not_used_is_over_after_twenty_minutes() {
    for database in Database::both() {
        let server = start(database);
        let mut me = Borrower::new(&server, "idle", "sandbox16");
        me.log_in();
        for _ in 0..2 {
            me.advance(&server, 20 * 60 - BEFORE_S);
            assert_eq!(me.code("getVerifyMethod", &json!({})), 200, "{database:?}");
        }
        me.advance(&server, 20 * 60);
        let before = steps_asked(&server);
        let late: Vec<(&str, Value)> = tests::rong360::after_login(&me);
        for (method, given) in &late {
            assert_eq!(me.code(method, given), 508_142, "{database:?} {method}");
        }
        assert_eq!(steps_asked(&server), before, "{database:?}: nothing is sent");
        assert_eq!(me.log_in(), 0);
        assert_eq!(me.code("getVerifyMethod", &json!({})), 200);
    }
}

/// An application that the bureau never comes back to is over after 24 hours, and told.
#[test]
fn a_report_follows_within_a_day() {
    for database in Database::both() {
        let server = start(database);
        let receiver = Receiver::always(SUCCESS);
        receiver.register(&server, "sandbox");
        let mut me = Borrower::new(&server, "pending", "sandbox64");
        me.merchant.notice_url = receiver.url();
        assert_eq!(me.log_in(), 1);
        me.advance(&server, 24 * 3600 - 2 * BEFORE_S);
        std::thread::sleep(std::time::Duration::from_secs(2));
        assert_eq!(receiver.count(), 0, "{database:?}: not yet");
        me.advance(&server, 2 * BEFORE_S);
        let told: Vec<String> = receiver.wait_for(1).into_iter().map(|one| one.body).collect();
        assert_eq!(told, ["status=6&user_id=pending"], "{database:?}");
    }
}
