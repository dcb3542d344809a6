//! Without a consent nothing reaches the bureau, with one it does, and its withdrawal stops it at
//! once (I7; `common.md`, Consent). Counted where requests leave.

use serde_json::json;
use tests::database::Database;
use tests::rong360::borrower::Borrower;
use tests::rong360::merchant::Merchant;
use tests::server::{Options, Server};

const REFUSED: i64 = 100_007;
const PRODUCTS: [(&str, &str); 1] = [("credit.report", "200")];

/// How often the bureau was asked for anything.
fn asked(server: &Server) -> u64 {
    tests::rong360::asked(server).values().sum()
}

fn record(server: &Server, merchant: &str, user_id: &str) {
    let given = ["consent", "record", "--user", user_id, "--merchant", merchant];
    let what = ["--source", "credit", "--for", "2d", "--evidence", "paper form 17"];
    server.cli(&[given, what].concat()).expect_success();
}

fn withdraw(server: &Server, merchant: &str, user_id: &str) {
    let list = ["consent", "list", "--user", user_id, "--merchant", merchant, "--json"];
    let listed = server.cli(&list).expect_success().json();
    for consent in
        listed.as_array().expect("a list").iter().filter(|one| one["withdrawn_at"].is_null())
    {
        let id = consent["id"].as_str().expect("an id");
        server.cli(&["consent", "withdraw", id]).expect_success();
    }
}

#[test]
fn no_consent_no_request() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let asker = Merchant::create(&server, ("asker", "3000001"), &PRODUCTS, &[]);
        let mut me = Borrower::of(&server, &asker, "用户 1", "sandbox08");
        assert_eq!(me.code("getLoginInfo", &json!({})), 200, "a form needs none");
        assert_eq!(me.code("getPicCode", &json!({})), REFUSED);
        let login = me.login("Passw0rd", "abcdef");
        assert!([REFUSED, 210_101].contains(&me.code("login", &login)));
        assert_eq!(asked(&server), 0, "{database:?}");
        // Of another borrower, and of the same name at another merchant: none of this one's.
        record(&server, "asker", "用户 2");
        record(&server, "sandbox", "用户 1");
        assert_eq!(me.code("getPicCode", &json!({})), REFUSED);
        assert_eq!(asked(&server), 0, "{database:?}");

        record(&server, "asker", "用户 1");
        me.get_report(&server);
        let before = asked(&server);
        assert!(before >= 6, "{database:?}: {before}");
        withdraw(&server, "asker", "用户 1");
        for (method, given) in tests::rong360::after_login(&me) {
            let code = me.code(method, &given);
            // What the flow refuses by itself needs no consent, and asks nobody.
            assert!(
                code == REFUSED || method == "getVerifyMethod" || code > 200_000,
                "{method} {code}"
            );
        }
        for method in ["getPicCode", "getQuestion", "viewReport"] {
            let given = json!({"message_code": "sandbx"});
            assert_eq!(me.code(method, &given), REFUSED, "{database:?} {method}");
        }
        assert_eq!(asked(&server), before, "{database:?}: nothing since");
    }
}

/// Who may declare consents declares them by the first call; one that was withdrawn is given anew
/// by the person alone.
#[test]
fn a_withdrawn_consent_is_not_declared_again() {
    let server = Server::start(Options::on(Database::Sqlite));
    let mut me = Borrower::new(&server, "declared", "sandbox18");
    me.log_in();
    withdraw(&server, "sandbox", "declared");
    let before = asked(&server);
    for method in ["getPicCode", "getQuestion"] {
        assert_eq!(me.code(method, &json!({})), REFUSED, "{method}");
    }
    assert_eq!(asked(&server), before);
    record(&server, "sandbox", "declared");
    me.log_in();
    me.pass_questions();
    // While the application runs: nobody is asked after it any more.
    withdraw(&server, "sandbox", "declared");
    let before = asked(&server);
    me.advance(&server, 11);
    std::thread::sleep(std::time::Duration::from_secs(2));
    assert_eq!(asked(&server), before, "the application is not followed");
}

/// A consent serves until its report is read; a new report takes one that is newer than the kept
/// one, and without it the bureau is not asked for any (`common.md`, Consent; `rong360.md`, Rules).
#[test]
fn a_new_report_takes_a_newer_consent() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let asker = Merchant::create(&server, ("asker", "3000001"), &PRODUCTS, &[]);
        let mut me = Borrower::of(&server, &asker, "用户 1", "sandbox08");
        let record = |me: &Borrower| {
            let user = me.merchant.user_id.as_str();
            let given = ["consent", "record", "--user", user, "--merchant", "asker"];
            let what = ["--source", "credit", "--for", "90d", "--evidence", "paper form 18"];
            server.cli(&[given, what].concat()).expect_success();
        };
        record(&me);
        let first = me.get_report(&server);
        me.advance(&server, 33 * 86_400);
        assert_eq!(me.log_in(), 5);
        // What is kept may be shown again, outdated; the questions may be looked at.
        assert_eq!(me.view().ok()["reportId"], first["reportId"]);
        me.call("getQuestion", &json!({})).ok();
        let (answers, before) = (me.answers(), asked(&server));
        assert_eq!(me.code("submitQuestion", &answers), REFUSED, "{database:?}");
        assert_eq!(asked(&server), before, "{database:?}");
        record(&me);
        me.call("submitQuestion", &answers).ok();
        me.wait_for_report(&server);
        assert_ne!(me.view().ok()["updateTime"], first["updateTime"], "{database:?}");
    }
}
