//! Face 3's envelope over the wire: what real clients send is read, each fault has its code, and an
//! equal signature is one request, on every node and across restarts.

use std::fs;
use std::thread;

use serde_json::json;
use tests::database::Database;
use tests::http::urlencode;
use tests::rong360::borrower::{Borrower, Card};
use tests::rong360::{Answer, Rong360, Signer, now_ms};
use tests::server::{IN_FORCE, Options, Server};

type Fields = Vec<(String, String)>;

fn start(database: Database) -> Server {
    Server::start(Options::on(database))
}

fn with(mut fields: Fields, name: &str, value: &str) -> Fields {
    let field = fields.iter_mut().find(|(known, _)| known == name).expect("a field");
    value.clone_into(&mut field.1);
    fields
}

/// Each of the fourteen methods is signed by each client under each hash, and succeeds.
#[test]
fn every_method_succeeds_for_every_client_under_both_hashes() {
    for database in Database::both() {
        let (server, mut ahead_ms) = (start(database), 0);
        for sign_type in ["RSA", "RSA2"] {
            for (place, signer) in Signer::all().into_iter().enumerate() {
                let user_id = format!("{place} {sign_type} 张三+&=%");
                let me = Borrower::new(&server, &user_id, "sandbox03");
                let mut me = me.signed_by(signer, sign_type);
                me.merchant.ahead_ms = ahead_ms;
                both_ways(&server, &mut me);
                ahead_ms = me.merchant.ahead_ms;
            }
        }
    }
}

/// One borrower to its report by the questions, another to its application by a card.
fn both_ways(server: &Server, me: &mut Borrower) {
    let mut other = me.beside(&format!("{} too", me.merchant.user_id), "sandbox14");
    other.log_in();
    let code = other.authenticate(Card::Credit);
    other.raise(&code);
    other.call("getOnlineAuthedInfo", &json!({})).ok();
    other.apply();
    me.call("getLoginInfo", &json!({})).ok();
    me.log_in();
    me.call("getVerifyMethod", &json!({})).ok();
    me.pass_questions();
    me.wait_for_report(server);
    assert_eq!(me.view().ok()["loginName"], "sandbox03");
}

/// Without a field of its own each method still answers in its own name.
#[test]
fn every_method_answers_every_client_in_its_name() {
    const METHODS: [&str; 14] = [
        "getPicCode",
        "getLoginInfo",
        "login",
        "getVerifyMethod",
        "getQuestion",
        "submitQuestion",
        "onlineValidateCard",
        "getOnlineMessageCode",
        "onlineAuthentication",
        "submitOnlineAuth",
        "getOnlineAuthedInfo",
        "submitApplyMessageCode",
        "getViewReportInfo",
        "viewReport",
    ];
    let server = start(Database::Sqlite);
    for (place, mut signer) in Signer::all().into_iter().enumerate() {
        let mut merchant = Rong360::new(&server, &format!("u-{place}"));
        for method in METHODS {
            let answer = merchant.call(&mut signer, method, &json!({}));
            let name = format!("\"crawler_api_zx_{method}_response\":");
            assert!(answer.text.contains(&name), "{place} {method}: {answer:?}");
            let is_envelope = (100_001..=100_005).contains(&answer.code);
            assert!(answer.status == 200 && !is_envelope, "{place} {method}: {answer:?}");
        }
    }
}

#[test]
fn spellings_and_times_of_real_clients_are_read_and_faults_have_their_codes() {
    let server = start(Database::Sqlite);
    let mut signer = Signer::node();
    let mut merchant = Rong360::new(&server, "u-1");
    let sound = |merchant: &Rong360| merchant.fields("getLoginInfo", &json!({}));
    let now = now_ms();
    let minutes_15 = 15 * 60 * 1000;
    // A few seconds from the limits, for slow machines; the exact ones are tested with a fixed
    // clock.
    let near = minutes_15 - 20_000;
    let times = [
        (now.to_string(), 200),
        ((now / 1000).to_string(), 200),
        ((now - near).to_string(), 200),
        ((now + near).to_string(), 200),
        (((now - near) / 1000).to_string(), 200),
        ((now - minutes_15 - 5_000).to_string(), 100_003),
        ((now + minutes_15 + 20_000).to_string(), 100_003),
        (((now - minutes_15) / 1000 - 5).to_string(), 100_003),
        (String::new(), 100_003),
        ("yesterday".to_owned(), 100_003),
    ];
    let times = times.iter().map(|(time, code)| ("timestamp", time.as_str(), *code));
    let others = [
        ("version", "1.0", 200),
        ("version", "2.0", 100_006),
        ("format", "JSON", 200),
        ("format", "xml", 100_006),
        ("method", " crawler.api.zx.getLoginInfo ", 200),
        ("method", "crawler.api.zx.register", 100_005),
        ("method", "", 100_006),
        ("app_id", "7654321", 100_001),
        ("app_id", "", 100_006),
        ("biz_data", "", 100_006),
        ("biz_data", "{\"user_id\":", 100_006),
    ];
    for (name, value, code) in times.chain(others) {
        let fields = with(sound(&merchant), name, value);
        let body = signer.sign(&merchant.private_key, &fields);
        let answer = merchant.send("getLoginInfo", &body);
        assert_eq!((answer.status, answer.code), (200, code), "{name}={value}: {answer:?}");
    }

    let body = signer.sign(&merchant.private_key, &sound(&merchant));
    let (unsigned, _) = body.rsplit_once("&sign=").expect("the last field");
    for (body, code) in [
        (unsigned.to_owned(), 100_002),
        (format!("{unsigned}&sign=AAAA"), 100_002),
        (format!("{body}&more=1"), 100_002),
        (body.replace("user_id", "user_ib"), 100_002),
        (format!("{body}&format=json"), 200),
        (format!("{body}&format=JSON"), 100_006),
        (format!("{body}&app_id=7654321"), 100_006),
        (body.split('&').rev().collect::<Vec<_>>().join("&"), 200),
    ] {
        let answer = merchant.send("getLoginInfo", &body);
        assert_eq!(answer.code, code, "{body}: {answer:?}");
    }
    let answer =
        merchant.client.request("POST", "/gateway", &[("Content-Type", "text/xml")], b"<a/>");
    assert_eq!(answer.expect("an answer").status, 415);
}

/// Who is not the merchant, or not any more, is refused; what the operator sets is in force.
#[test]
fn terms_and_keys_are_the_operators() {
    let server = start(Database::Sqlite);
    let mut signer = Signer::node();
    let mut merchant = Rong360::new(&server, "u-1");
    let call = |merchant: &mut Rong360, signer: &mut Signer| {
        merchant.call(signer, "getLoginInfo", &json!({}))
    };
    let set = |terms: &[&str]| {
        let command = [&["merchant", "rong360", "sandbox", "set"], terms].concat();
        server.cli(&command).expect_success();
        thread::sleep(IN_FORCE);
    };
    assert_eq!(call(&mut merchant, &mut signer).code, 200);
    set(&["--success", "0", "--field-types", "later", "--sign-type", "RSA2"]);
    let answer = call(&mut merchant, &mut signer);
    let types: Vec<_> = answer.data["next"]["param"]
        .as_array()
        .expect("a form")
        .iter()
        .map(|param| param["type"].as_i64())
        .collect();
    assert_eq!((answer.code, types), (0, vec![Some(1), Some(7), Some(8)]));
    merchant.sign_type = "RSA";
    assert_eq!(call(&mut merchant, &mut signer).code, 100_002, "SHA-1 was not agreed on");
    merchant.sign_type = "RSA2";
    let alias = json!({"merchant_id": "123124"});
    assert_eq!(merchant.call(&mut signer, "getLoginInfo", &alias).code, 0);
    set(&["--alias", "none", "--app-id", "3000001", "--success", "200"]);
    assert_eq!(call(&mut merchant, &mut signer).code, 100_001, "the app id was changed");
    merchant.app_id = "3000001".to_owned();
    assert_eq!(call(&mut merchant, &mut signer).code, 200);
    assert_eq!(merchant.call(&mut signer, "getLoginInfo", &alias).code, 100_006);

    let file = server.data_folder().join("key.pem");
    fs::write(&file, OTHER_KEY).expect("a file");
    set(&["--public-key", file.to_str().expect("a path")]);
    assert_eq!(call(&mut merchant, &mut signer).code, 200, "both keys hold");
    let shown = server.cli(&["merchant", "show", "sandbox", "--json"]).expect_success();
    let first = shown.json()["credentials"]
        .as_array()
        .expect("credentials")
        .iter()
        .find(|one| one["kind"] == "rsa-public-key")
        .expect("a key")["id"]
        .to_string();
    server.cli(&["merchant", "credential", "sandbox", "revoke", &first]).expect_success();
    thread::sleep(IN_FORCE);
    assert_eq!(call(&mut merchant, &mut signer).code, 100_002, "the key was revoked");

    for (terms, word) in [
        (&["--app-id", "123456"][..], "seven digits"),
        (&["--alias", "a b"], "alias"),
        (&["--public-key", "/nowhere"], "/nowhere"),
        (&["--success", "1"], "200 or 0"),
    ] {
        let command = [&["merchant", "rong360", "sandbox", "set"], terms].concat();
        let refused = server.cli(&command);
        assert!(refused.code != Some(0) && refused.stderr.contains(word), "{terms:?}: {refused:?}");
    }
}

/// Synthetic, of nobody: its private half was thrown away.
const OTHER_KEY: &str = include_str!("../../crates/wire/fixtures/rong360/signature/key.pem");

/// The first answer again, byte for byte: from the same node, from another, after a restart.
#[test]
fn an_equal_signature_is_one_request_everywhere() {
    for database in Database::both() {
        let mut server = start(database);
        let second = (database == Database::Postgres).then(|| Server::join(&server));
        let mut signer = Signer::node();
        for (method, members) in [("getPicCode", json!({"type": 2})), ("getLoginInfo", json!({}))] {
            let mut merchant = Rong360::new(&server, "u-1");
            let body = signer.sign(&merchant.private_key, &merchant.fields(method, &members));
            let first = merchant.send(method, &body);
            assert_eq!(first.code, 200, "{first:?}");
            let again = |merchant: &mut Rong360| merchant.send(method, &body).text;
            assert_eq!(again(&mut merchant), first.text, "{method}");
            let other = merchant.call(&mut signer, method, &members);
            assert_ne!(other.request_id, first.request_id);
            if let Some(node) = &second {
                merchant.client = node.client();
                assert_eq!(again(&mut merchant), first.text, "{method} at another node");
            }
            server.kill9();
            server.launch().expect("a start");
            merchant.client = server.client();
            assert_eq!(again(&mut merchant), first.text, "{method} after a restart");
        }
    }
}

/// Ten at once: one does it, nine are told what it was told.
#[test]
fn equal_signatures_at_once_are_one_request() {
    let server = start(Database::Sqlite);
    let merchant = Rong360::new(&server, "u-1");
    let body =
        Signer::node().sign(&merchant.private_key, &merchant.fields("getPicCode", &json!({})));
    let answers: Vec<Answer> = thread::scope(|scope| {
        let send = || Rong360::new(&server, "u-1").send("getPicCode", &body);
        let threads: Vec<_> = (0..10).map(|_| scope.spawn(send)).collect();
        threads.into_iter().map(|thread| thread.join().expect("an answer")).collect()
    });
    assert_eq!(answers[0].code, 200);
    assert!(answers.iter().all(|answer| answer.text == answers[0].text));
}

/// A node that dies between doing and answering: whatever was done is not done again.
#[test]
fn a_signature_whose_answer_was_lost_is_used_up() {
    let server = start(Database::Sqlite);
    let mut merchant = Rong360::new(&server, "u-1");
    let body =
        Signer::node().sign(&merchant.private_key, &merchant.fields("getPicCode", &json!({})));
    assert_eq!(merchant.send("getPicCode", &body).code, 200);
    // As if it had died before the answer was kept.
    let database = rusqlite::Connection::open(server.data_folder().join("probity.db"));
    let removed = database.expect("the database").execute("DELETE FROM answers", []);
    assert_eq!(removed.expect("a statement"), 1);
    assert_eq!(merchant.send("getPicCode", &body).code, 100_004);
}

/// The examples of the document, as it prints them, with a token.
#[test]
fn the_documents_own_json_is_served_to_those_switched_to_it() {
    const REQUESTS: &str = include_str!("../../crates/wire/fixtures/rong360/requests.txt");
    let server = start(Database::Sqlite);
    let mut merchant = Rong360::new(&server, "u-1");
    let token = server.cli(&["merchant", "credential", "sandbox", "token", "--json"]);
    let token = token.expect_success().json()["token"].as_str().expect("a token").to_owned();
    for request in REQUESTS.split("\n----\n") {
        let (_, rest) = request.split_once("crawler.api.zx.").expect("a method");
        let method = rest.split(['"', ' ']).next().expect("a name");
        let answer = merchant.send_json(method, &token, request);
        let is_envelope = (100_001..=100_007).contains(&answer.code);
        assert!(answer.status == 200 && !is_envelope, "{method}: {answer:?}");
    }
    let info = "{\"method\":\"crawler.api.zx.getLoginInfo\",\"biz_data\":";
    let call = format!("{info}{}}}", merchant.biz_data(&json!({})));
    let doubtful = call.replace("\"platform\"", "\"platform\":\"app\",\" platform\"");
    assert_eq!(merchant.send_json("getLoginInfo", &token, &call).code, 200);
    assert_eq!(merchant.send_json("getLoginInfo", &token, &doubtful).code, 100_006);
    assert_eq!(merchant.send_json("getLoginInfo", &"0".repeat(32), &call).code, 100_002);
    let off = ["merchant", "rong360", "sandbox", "set", "--plain-json", "false"];
    server.cli(&off).expect_success();
    thread::sleep(IN_FORCE);
    assert_eq!(merchant.send_json("getLoginInfo", &token, &call).code, 100_002);
}

#[test]
fn what_never_reaches_the_face_is_answered_in_its_way() {
    let server = start(Database::Sqlite);
    let mut client = server.client();
    let form = urlencode(&[("app_id", "2000001")]);
    for (method, path, body, status) in [
        ("GET", "/gateway", "", 405),
        ("PUT", "/gateway", form.as_str(), 405),
        ("POST", "/gateway/login", form.as_str(), 404),
    ] {
        let response = client.request(method, path, &[], body.as_bytes()).expect("an answer");
        let answer = Answer::read(&response);
        assert_eq!((answer.status, answer.code), (status, 100_006), "{method} {path}");
    }
}
