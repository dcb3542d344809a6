//! Face 3 from the picture to the report: three ways, what the merchant is told meanwhile, what the
//! report says, and what it costs (`rong360.md`, Methods, Rules, Callbacks).

use std::time::Duration;

use serde_json::{Value, json};
use tests::connector::CONFIGURATION;
use tests::database::Database;
use tests::journal::{Journal, Row};
use tests::process::wait_until;
use tests::receiver::{Receiver, SUCCESS};
use tests::rong360::borrower::{
    Borrower, Card, IDENTITY_CODE, PASSWORD, Registered, options, unionpay_code,
};
use tests::rong360::merchant::Merchant;
use tests::server::{Options, Server};

/// The document's sample report, with its sentences and counts.
const SAMPLE: &str = include_str!("../../crates/wire/fixtures/rong360/document-002.json");

/// A server with a receiver that the demo merchant has registered.
fn start(database: Database) -> (Server, Receiver) {
    let server = Server::start(Options::on(database).configuration(CONFIGURATION));
    let receiver = Receiver::always(SUCCESS);
    receiver.register(&server, "sandbox");
    (server, receiver)
}

fn borrower(server: &Server, receiver: &Receiver, user_id: &str, login_name: &str) -> Borrower {
    let mut borrower = Borrower::new(server, user_id, login_name);
    borrower.merchant.notice_url = receiver.url();
    borrower
}

/// The bodies of the callbacks so far, which must be so many.
fn told(receiver: &Receiver, count: usize) -> Vec<String> {
    receiver.wait_for(count).into_iter().map(|one| one.body).collect()
}

/// The method that a form leads to and its keys.
fn form(data: &Value) -> (&str, Vec<&str>) {
    let next = &data["next"];
    let params = next["param"].as_array().unwrap_or_else(|| panic!("no form: {data}"));
    let keys = params.iter().map(|param| param["key"].as_str().expect("a key")).collect();
    (next["method"].as_str().expect("a method"), keys)
}

/// Logs in for the first time; each form leads to the next method.
fn enter(me: &mut Borrower) {
    let data = me.call("getLoginInfo", &json!({})).ok();
    assert_eq!(form(&data), ("login", vec!["login_name", "password", "pic_code"]));
    let data = me.log_in_with(PASSWORD).ok();
    let fresh = json!({"user_status": 0, "unionpay_auth": 0, "apply_type": "", "url": ""});
    assert_eq!(data, fresh);
    let rules = me.call("getVerifyMethod", &json!({"type": 1})).ok()["rules"].clone();
    let told = |at: usize| (rules[at]["title"].clone(), rules[at]["id"].clone());
    assert_eq!(told(0), (json!("银联验证"), json!(2)));
    assert_eq!(told(1), (json!("问题验证"), json!(1)));
}

fn by_questions(me: &mut Borrower) {
    let data = me.call("getQuestion", &json!({})).ok();
    let keys: Vec<String> = (0..5).map(|i| format!("kbaList[{i}].options")).collect();
    assert_eq!(form(&data), ("submitQuestion", keys.iter().map(String::as_str).collect()));
    for question in data["next"]["param"].as_array().expect("five") {
        let shown = question["options"].as_array().expect("options");
        assert_eq!((shown.len(), &shown[4]["title"]), (5, &json!("以上都不是")), "{question}");
    }
    let answers = me.answers();
    assert_eq!(me.call("submitQuestion", &answers).ok(), json!({}));
}

fn by_card(me: &mut Borrower, card: Card) {
    let data = me.name_card(card);
    let (number, keys) = match card {
        Card::Debit => (1, &["password"][..]),
        Card::Credit => (2, &["last_three", "month"][..]),
    };
    let keys = [&["real_name", "id_card", "cellphone"][..], keys, &["message_code"]].concat();
    assert_eq!((&data["cardtype"], form(&data)), (&json!(number), ("onlineAuthentication", keys)));
    let mobile = json!({"cellphone": me.person.mobile});
    assert_eq!(me.call("getOnlineMessageCode", &mobile).ok(), json!({}));
    let holder = Value::Object(me.holder(card));
    let data = me.call("onlineAuthentication", &holder).ok();
    assert_eq!(form(&data), ("submitOnlineAuth", vec!["unionpay_code", "pic_code"]));
    let data = me.raise(&unionpay_code(&data));
    assert_eq!(form(&data), ("submitApplyMessageCode", vec!["message_code"]));
    me.apply();
}

type Way = fn(&mut Borrower);

#[test]
fn three_ways_lead_to_a_report() {
    let ways: [(&str, &str, Way); 3] = [
        ("问题 1", "sandbox03", by_questions),
        ("debit+1", "sandbox14", |me| by_card(me, Card::Debit)),
        ("credit&1", "sandbox25", |me| by_card(me, Card::Credit)),
    ];
    for database in Database::both() {
        let (server, receiver) = start(database);
        let mut ahead_ms = 0;
        for (at, (user_id, login_name, way)) in ways.into_iter().enumerate() {
            let mut me = borrower(&server, &receiver, user_id, login_name);
            me.merchant.ahead_ms = ahead_ms;
            enter(&mut me);
            way(&mut me);
            assert_eq!(me.code("getViewReportInfo", &json!({})), 508_101, "{user_id}: early");
            assert_eq!(me.log_in(), 1, "{user_id}: under way");
            me.wait_for_report(&server);
            ahead_ms = me.merchant.ahead_ms;
            let told = told(&receiver, at + 1);
            let encoded: String = tests::http::urlencode(&[("user_id", user_id)]);
            let wanted = format!("status=2&{}", encoded.replace("%20", "+"));
            assert_eq!(told[at], wanted, "{database:?}");
            assert_eq!(me.log_in(), 2);
            let data = me.call("getViewReportInfo", &json!({})).ok();
            assert_eq!(form(&data), ("viewReport", vec!["message_code"]));
            assert_eq!(data["param"], data["next"]["param"]);
            report_is_whole(&me.view().ok(), &me);
            assert_eq!(me.log_in(), 4, "{user_id}: kept here");
        }
        assert_eq!(products(&server), ["credit.report"; 3], "{database:?}");
        assert_eq!(receiver.count(), 3, "once each");
    }
}

/// Every key of the document's report and of the lists of real consumers, of the right kind.
fn report_is_whole(report: &Value, me: &Borrower) {
    for (key, wanted) in [
        ("loginName", &me.person.login_name),
        ("name", &me.person.name),
        ("idCard", &format!("*****{}", &me.person.id_card[14..])),
    ] {
        assert_eq!(report[key], json!(wanted));
    }
    let sample: Value = serde_json::from_str(SAMPLE).expect("JSON");
    same_shape(&sample, report, "");
    for key in [
        "credit_card_detail",
        "house_loan_detail",
        "other_loan_detail",
        "guarantee_for_others",
        "publiCrecords",
    ] {
        assert!(!report[key].is_null(), "{key} of {report}");
    }
    assert!(report["score"].as_i64().is_some_and(|score| (0..=1000).contains(&score)));
    assert_eq!(report["expire"], 0);
}

/// Objects have the same keys, down to lists and single values, which are of the same kind.
fn same_shape(wanted: &Value, found: &Value, path: &str) {
    match (wanted, found) {
        (Value::Object(wanted), Value::Object(found)) => {
            for (key, value) in wanted {
                let path = format!("{path}.{key}");
                let Some(found) = found.get(key) else { panic!("{path} is missing") };
                same_shape(value, found, &path);
            }
        }
        (Value::Array(_), Value::Array(_))
        | (Value::Null, Value::Null)
        | (Value::String(_), Value::String(_))
        | (Value::Number(_), Value::Number(_)) => {}
        _ => panic!("{path}: {found} for {wanted}"),
    }
}

fn rows(server: &Server) -> Vec<Row> {
    let journal = Journal::export(server);
    assert_eq!(journal.verify_exit, 0);
    let mut rows = journal.rows;
    rows.retain(|row| row.product.starts_with("credit."));
    rows
}

fn products(server: &Server) -> Vec<String> {
    rows(server).into_iter().map(|row| row.product).collect()
}

/// 3 not passed and 6 not made are told as well; the borrower may apply again after either.
#[test]
fn a_failed_application_is_told_and_may_be_made_again() {
    for database in Database::both() {
        let (server, receiver) = start(database);
        let mut me = borrower(&server, &receiver, "failing", "sandbox21");
        me.log_in();
        me.call("getQuestion", &json!({})).ok();
        let mut wrong = me.person.options();
        wrong[4] = wrong[4] % 4 + 1;
        assert_eq!(me.call("submitQuestion", &options(wrong)).ok(), json!({}));
        assert_eq!(told(&receiver, 1), ["status=3&user_id=failing"], "{database:?}");
        assert_eq!(me.log_in(), 3);
        me.pass_questions();
        me.wait_for_report(&server);
        assert_eq!(told(&receiver, 2)[1], "status=2&user_id=failing", "{database:?}");

        let mut other = me.beside("unmade", "sandbox66");
        assert_eq!(other.log_in(), 6);
        other.pass_questions();
        assert_eq!(other.log_in(), 1);
        other.advance(&server, 11);
        assert_eq!(told(&receiver, 3)[2], "status=6&user_id=unmade", "{database:?}");
        assert_eq!(other.log_in(), 6);
        assert_eq!(other.code("getViewReportInfo", &json!({})), 508_132);
        assert_eq!(rows(&server), [], "nothing was shown");
    }
}

/// A user has one account at a time: who logs in with another gives up the application of the
/// first, and the merchant does not wait for it in vain.
#[test]
fn another_account_gives_up_the_application_of_the_first() {
    for database in Database::both() {
        let (server, receiver) = start(database);
        let mut me = borrower(&server, &receiver, "two accounts", "sandbox22");
        me.log_in();
        me.pass_questions();
        me.person = Registered::find("sandbox23");
        assert_eq!(me.log_in(), 0, "{database:?}");
        assert_eq!(told(&receiver, 1), ["status=6&user_id=two+accounts"], "{database:?}");
        // The way of the second goes on, and nothing more is told of the first.
        me.pass_questions();
        me.wait_for_report(&server);
        assert_eq!(told(&receiver, 2)[1], "status=2&user_id=two+accounts", "{database:?}");
        assert_eq!(me.view().ok()["loginName"], "sandbox23");
        assert_eq!(receiver.count(), 2, "{database:?}");
    }
}

/// With a person goes what its merchants were answered, repeats of equal signatures included.
#[test]
fn an_erased_person_is_gone_from_repeats_too() {
    for database in Database::both() {
        let (server, receiver) = start(database);
        let mut me = borrower(&server, &receiver, "to be erased", "sandbox24");
        me.get_report(&server);
        let form = me.form("viewReport", &json!({"message_code": IDENTITY_CODE}));
        let first = me.merchant.send("viewReport", &form);
        assert_eq!(first.code, 200);
        assert_eq!(me.merchant.send("viewReport", &form).text, first.text, "{database:?}");
        server.cli(&["subject", "erase", &me.person.id_card]).expect_success();
        let again = me.merchant.send("viewReport", &form);
        assert_eq!((again.code, &again.data), (100_004, &json!({})), "{database:?}");
        assert_eq!(me.view().code, 508_110, "{database:?}: nobody by that name");
    }
}

/// What is kept of a borrower is forgotten after 90 days; a later report is another, and billed.
#[test]
fn a_forgotten_borrower_begins_anew() {
    let (server, receiver) = start(Database::Sqlite);
    let mut me = borrower(&server, &receiver, "comes back", "sandbox26");
    let first = me.get_report(&server);
    me.advance(&server, 91 * 86_400);
    let forgotten = wait_until(Duration::from_mins(1), || Ok(me.log_in() == 0));
    forgotten.expect("the row is purged");
    let second = me.get_report(&server);
    assert_ne!(second["updateTime"], first["updateTime"]);
    let keys: Vec<String> = rows(&server).into_iter().map(|row| row.key).collect();
    assert!(keys.len() == 2 && keys[0] != keys[1], "{keys:?}");
}

#[test]
fn what_an_account_stands_at_is_told_at_login() {
    let (server, receiver) = start(Database::Sqlite);
    let first = borrower(&server, &receiver, "0", "sandbox00");
    let table = [
        ("sandbox00", 0, 0, ""),
        ("sandbox60", 0, 1, "银联认证"),
        ("sandbox61", 2, 0, "问题验证"),
        ("sandbox62", 4, 0, "问题验证"),
        ("sandbox63", 5, 0, "问题验证"),
        ("sandbox64", 1, 0, "问题验证"),
        ("sandbox65", 3, 0, "问题验证"),
        ("sandbox66", 6, 0, "问题验证"),
    ];
    for (login_name, status, is_authenticated, apply_type) in table {
        let mut me = first.beside(login_name, login_name);
        let data = me.log_in_with(PASSWORD).ok();
        let wanted = json!({"user_status": status, "unionpay_auth": is_authenticated,
            "apply_type": apply_type, "url": ""});
        assert_eq!(data, wanted, "{login_name}");
    }
    // Who is verified needs no card: straight to the form that applies.
    let mut me = first.beside("verified", "sandbox60");
    me.log_in();
    let data = me.call("getOnlineAuthedInfo", &json!({"login_name": "sandbox60"})).ok();
    assert_eq!(form(&data), ("submitApplyMessageCode", vec!["message_code"]));
    me.apply();
    me.wait_for_report(&server);
    me.view().ok();
}

/// The document's sample, through page and parser: its sentences, its counts, its words.
#[test]
fn the_documents_sample_is_read_as_printed() {
    let (server, receiver) = start(Database::Sqlite);
    let mut me = borrower(&server, &receiver, "xiong", "xiongwei08");
    assert_eq!(me.log_in(), 2);
    me.call("getViewReportInfo", &json!({})).ok();
    let report = me.view().ok();
    let sample: Value = serde_json::from_str(SAMPLE).expect("JSON");
    for pointer in [
        "/informatonAbstract",
        "/creditCards",
        "/houseLoans",
        "/otherLoans",
        "/publicRecords",
        "/newPublicRecords",
        "/personalQueryRecords",
        "/orgnizationQueryRecords",
        "/overdue",
        "/interpretation",
        "/reportId",
        "/reportTime",
        "/queryTime",
        "/query365",
        "/marriage",
        "/idType",
    ] {
        assert_eq!(plain(report.pointer(pointer)), plain(sample.pointer(pointer)), "{pointer}");
    }
    let card = &report["informatonAbstract"]["creditCard"];
    assert_eq!(*card, json!({"A": 7, "B": 5, "D": 2, "E": 0, "C": 0}));
    assert_eq!(report["overdue"], json!({"overdueNo": 2, "message": "您有 2 条违约记录"}));
    assert_eq!(report["interpretation"]["overdue"], "您的信用卡有 2 个账户，累计 13 个月逾期");
    assert_eq!(report["interpretation"]["detail"][0]["type"], 5);
}

/// Spaces are the typesetter's.
fn plain(value: Option<&Value>) -> String {
    value.unwrap_or_else(|| panic!("there is none")).to_string().replace([' ', '\u{3000}'], "")
}

/// Read once, shown often; then outdated, and read anew after a new application.
#[test]
fn a_report_costs_once_and_less_again() {
    for database in Database::both() {
        let (server, receiver) = start(database);
        let mut me = borrower(&server, &receiver, "reader", "sandbox07");
        let first = me.get_report(&server);
        for _ in 0..2 {
            assert_eq!(me.view().ok(), first, "the same report");
        }
        let wanted = ["credit.report", "credit.cached", "credit.cached"];
        assert_eq!(products(&server), wanted, "{database:?}");
        assert_eq!((rows(&server)[0].amount, rows(&server)[1].amount), (2_000_000, 200_000));
        assert_eq!(me.log_in(), 4);
        me.call("getQuestion", &json!({})).ok();
        let answers = me.answers();
        assert_eq!(me.code("submitQuestion", &answers), 508_111, "there is one");

        me.advance(&server, 33 * 86_400);
        assert_eq!(me.code("getViewReportInfo", &json!({})), 508_142);
        assert_eq!(me.log_in(), 5);
        let old = me.view().ok();
        assert_eq!((&old["expire"], &old["reportId"]), (&json!(1), &first["reportId"]));
        assert_eq!(products(&server).len(), 4);
        let second = me.get_report(&server);
        assert_eq!(me.log_in(), 4);
        assert!(second["expire"] == 0 && second["updateTime"] != first["updateTime"]);
        let rows = rows(&server);
        let reads: Vec<&Row> = rows.iter().filter(|row| row.product == "credit.report").collect();
        assert!(reads.len() == 2 && reads[0].key != reads[1].key, "{reads:?}");
        assert!(rows.iter().all(|row| row.billed), "{rows:?}");
    }
}

/// Who has no price for kept reports pays the first time alone; who has none for reports, nothing
/// is read for.
#[test]
fn the_price_table_is_the_merchants() {
    let server = Server::start(Options::on(Database::Sqlite));
    let declares = &["--declares-consent"][..];
    let plain =
        Merchant::create(&server, ("plain", "3000001"), &[("credit.report", "150")], declares);
    let mut me = Borrower::of(&server, &plain, "reader", "sandbox07");
    let first = me.get_report(&server);
    for _ in 0..3 {
        assert_eq!(me.view().ok(), first);
    }
    let rows = rows(&server);
    let found: Vec<_> = rows.iter().map(|row| (row.product.as_str(), row.amount)).collect();
    assert_eq!(found, [("credit.report", 1_500_000)]);
    // Its address is registered by nobody: the calls went on, and that it was not called is listed.
    let list = ["callback", "list", "--merchant", "plain", "--json"];
    let listed = server.cli(&list).expect_success().json();
    let states: Vec<_> =
        listed.as_array().expect("a list").iter().map(|one| &one["state"]).collect();
    assert_eq!(states, ["not_registered"], "{listed}");

    let idle = Merchant::create(&server, ("idle", "3000002"), &[("credit.cached", "1")], declares);
    let mut me = Borrower::of(&server, &idle, "reader", "sandbox07");
    me.merchant.ahead_ms = 11_000;
    assert_eq!(me.code("getPicCode", &json!({})), 100_007);
}
