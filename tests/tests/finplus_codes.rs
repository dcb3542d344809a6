//! Every code of face 1 over HTTP: what is asked, in which way, and what stands in the answer, its
//! headers and the journal (`finplus.md`, Answer and Authentication).

use serde_json::{Value, json};
use tests::database::Database;
use tests::finplus::{Answer, Finplus, PATH};
use tests::http::urlencode;
use tests::journal::Journal;
use tests::people::{EMPTY, FAILING, SAMPLE, UNMAPPED};
use tests::server::{Options, Server};

const IDFA: &str = "BA05E270-9250-4346-8140-7C0942422FA3";
const MD5: &str = "71f1d9fcb1661cbb1d707521586e7dea";
const SHA256: &str = "14F76535AEDEB49465A88363042CD6E4803AAC7BC5C152105F1CD2D366C6CE7C";

/// The price of a score in the sandbox, in 1/10,000 分.
const PRICE: i64 = 350_000;

/// What is asked besides `reqId`, and the code that it comes to.
const QUESTIONS: [(&[(&str, &str)], i64); 28] = [
    (&[("idType", "imei"), ("idValue", SAMPLE)], 0),
    (&[("idType", "imei"), ("idValue", SAMPLE), ("appId", "1000001")], 0),
    (&[("id_type", "imei"), ("id_value", SAMPLE), ("app_id", "1000002")], 0),
    (&[("id_type", "IMEI"), ("idValue", SAMPLE), ("appId", "1000003")], 0),
    (&[("idType", "1000001"), ("idValue", SAMPLE)], 0),
    (&[("idType", "1000001"), ("idValue", SAMPLE), ("appId", "1000001")], 0),
    (&[("idType", "idfa"), ("idValue", IDFA)], 0),
    (&[("idType", "1000002"), ("idValue", IDFA)], 0),
    (&[("idType", "mobile_md5"), ("idValue", MD5)], 0),
    (&[("idType", "mobile_sha256"), ("idValue", SHA256)], 0),
    (&[("idType", "imei"), ("idValue", UNMAPPED)], 108),
    (&[("idType", "imei"), ("idValue", EMPTY)], 109),
    (&[("idType", "imei"), ("idValue", FAILING)], 1),
    // An empty value is an absent one.
    (&[("idValue", SAMPLE)], 105),
    (&[("idType", ""), ("idValue", SAMPLE)], 105),
    (&[("idType", "fax"), ("idValue", SAMPLE)], 22),
    (&[("idType", "1999999"), ("idValue", SAMPLE)], 22),
    (&[("idType", "imei")], 10),
    (&[("idType", "imei"), ("idValue", "860529038487086")], 10),
    (&[("idType", "idfa"), ("idValue", SAMPLE)], 10),
    (&[("idType", "1000001"), ("idValue", "12345")], 10),
    (&[("idType", "imei"), ("idValue", SAMPLE), ("appId", "1999999")], 10),
    (&[("idType", "1000001"), ("idValue", SAMPLE), ("appId", "1000002")], 10),
    // The checks run in the order of the document: unknown parameter, type missing, type unknown.
    (&[("colour", "red"), ("idValue", "x")], 10),
    (&[("idType", ""), ("idValue", "x"), ("appId", "1999999")], 105),
    (&[("idType", "fax"), ("idValue", "x"), ("appId", "1999999")], 22),
    (&[("idType", "imei"), ("idValue", "\u{4f60}")], 10),
    (&[("idType", "imei"), ("idValue", SAMPLE), ("IDTYPE", "imei")], 10),
];

/// `message` of each code.
fn message(code: i64) -> &'static str {
    match code {
        0 => "OK",
        1 => "cplus.error",
        10 => "cplus.invalid_parameters",
        22 => "cplus.invalid_id_type",
        105 => "credit.invalid_id_type",
        108 => "credit.id_unconverted",
        109 => "credit.empty_content",
        _ => panic!("{code} is in no table"),
    }
}

/// The ways to send the same parameters.
const WAYS: [&str; 5] = ["get", "form", "form without type", "json", "json without type"];

fn send(finplus: &mut Finplus, way: &str, parameters: &[(&str, &str)]) -> Answer {
    let form = urlencode(parameters);
    let object: Value = parameters.iter().map(|(key, value)| (*key, *value)).collect();
    let answer = match way {
        "get" => finplus.get(parameters),
        "form" => finplus.post(parameters),
        "form without type" => finplus.request("POST", "", &[], form.as_bytes()),
        "json" => finplus.post_json(parameters),
        _ => finplus.request("POST", "", &[], object.to_string().as_bytes()),
    };
    answer.expect("an answer")
}

#[test]
fn every_question_in_every_way() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let mut finplus = server.finplus();
        for (turn, (parameters, code)) in QUESTIONS.into_iter().enumerate() {
            for way in WAYS {
                let key = format!("{turn} {way}");
                let parameters = [parameters, &[("reqId", key.as_str())]].concat();
                let answer = send(&mut finplus, way, &parameters);
                let place = format!("{database:?}, {way}, {parameters:?}: {answer:?}");
                assert_eq!(answer.code, Some(code), "{place}");
                is_as_documented(&answer, code, &json!(key), &place);
            }
        }
        bills_what_code_0_answered(&server, &QUESTIONS.map(|(_, code)| code));
    }
}

/// The whole answer, so that nothing is there that should not be.
fn is_as_documented(answer: &Answer, code: i64, req_id: &Value, place: &str) {
    let body: Value = serde_json::from_slice(&answer.bytes).expect(place);
    let biz_id = answer.biz_id.as_ref().expect(place);
    assert_eq!(biz_id.len(), 36, "{place}");
    let tags = if code == 0 { body["response"]["tags"].clone() } else { Value::Null };
    let expected = json!({
        "code": code, "success": code == 0, "message": message(code),
        "response": {"tags": tags, "biz_id": biz_id, "req_id": req_id},
    });
    assert_eq!(body, expected, "{place}");
    assert_eq!(tags.is_object(), code == 0, "{place}");
    assert_eq!(answer.status, if code == 0 { 200 } else { 520 }, "{place}");
    assert_eq!(answer.header("content-type"), Some("application/json"), "{place}");
    assert_eq!(answer.header("x-biz-code"), Some(code.to_string().as_str()), "{place}");
    let error = (code != 0).then(|| message(code));
    assert_eq!(answer.header("x-ca-error-message"), error, "{place}");
    assert_eq!(answer.header("x-error-detail").is_some(), code == 10, "{place}");
    assert!(answer.header("x-ca-request-id").is_some_and(|id| id.len() == 36), "{place}");
}

/// I3 and I4: billed exactly when the code is 0, and the statement is the sum of the rows.
fn bills_what_code_0_answered(server: &Server, codes: &[i64]) {
    let journal = Journal::export(server);
    assert_eq!(journal.verify_exit, 0);
    for row in &journal.rows {
        let bill = if row.code == 0 { PRICE } else { 0 };
        assert_eq!((row.billed, row.amount), (row.code == 0, bill), "{row:?}");
    }
    let expected = |wanted: i64| codes.iter().filter(|code| **code == wanted).count() * WAYS.len();
    for code in [0, 1, 108, 109] {
        let found = journal.rows.iter().filter(|row| row.code == code).count();
        assert_eq!(found, expected(code), "code {code}");
    }
    let statement = server.cli(&["journal", "statement", "--merchant", "sandbox", "--json"]);
    let total = &statement.expect_success().json()["merchants"][0]["total"];
    assert_eq!(total["billed"], json!(expected(0)));
    assert_eq!(total["amount"], json!(expected(0) as i64 * PRICE));
    assert_eq!(total["calls"], json!(journal.rows.len()));
}

#[test]
fn tags_of_each_application() {
    let server = Server::start(Options::on(Database::Sqlite));
    let mut finplus = server.finplus();
    let mut tags = |app: &str| {
        let answer = finplus.ask(app, SAMPLE, &format!("tags {app}"));
        let body: Value = serde_json::from_slice(&answer.bytes).unwrap();
        body["response"]["tags"].clone()
    };
    let points = tags("1000001")["credit_score"].as_i64().unwrap();
    assert!((300..=850).contains(&points), "{points}");
    let probability = tags("1000002")["credit_score"].as_f64().unwrap();
    assert!((0.0..=1.0).contains(&probability), "{probability}");
    let details = tags("1000003");
    assert_eq!(details["credit_score"], json!(points));
    assert_eq!(details["loan_platforms_30d"], Value::Null, "nothing feeds it: {details}");
    assert!(details.as_object().unwrap().contains_key("overdue_count_90d"), "{details}");
    assert!(details["credit_amount"].is_number(), "{details}");
}

/// What `reqId` may be, and what is echoed of it.
#[test]
fn edges_of_the_key() {
    let server = Server::start(Options::on(Database::Sqlite));
    let mut finplus = server.finplus();
    let (longest, too_long, chinese) = ("k".repeat(64), "k".repeat(65), "\u{4fe1}".repeat(64));
    let more_chinese = "\u{4fe1}".repeat(65);
    let table = [
        ("a", 0, json!("a")),
        ("~", 0, json!("~")),
        (" ", 0, json!(" ")),
        (" two words ", 0, json!(" two words ")),
        ("two words", 0, json!("two words")),
        ("a+b&c=%41\"\\", 0, json!("a+b&c=%41\"\\")),
        (&longest, 0, json!(longest)),
        (&too_long, 10, Value::Null),
        (&chinese, 10, json!(chinese)),
        (&more_chinese, 10, Value::Null),
        ("tab\there", 10, json!("tab\there")),
        ("delete\u{7f}", 10, json!("delete\u{7f}")),
        ("", 10, Value::Null),
    ];
    for way in WAYS {
        let mut answers = Vec::new();
        for (key, code, echo) in &table {
            let parameters = [("idType", "imei"), ("idValue", SAMPLE), ("reqId", *key)];
            let answer = send(&mut finplus, way, &parameters);
            let place = format!("{way}, {key:?}: {}", answer.text());
            is_as_documented(&answer, *code, echo, &place);
            answers.push(answer.biz_id);
        }
        answers.sort();
        answers.dedup();
        assert_eq!(answers.len(), table.len(), "each key is a call of its own");
    }
    let rows = Journal::export(&server).rows;
    assert_eq!(rows.len(), 7, "the ways repeated the same keys: {rows:?}");
}

/// What the gateway in front of the product refuses: a status, two headers, no body.
#[test]
fn gateway_refusals() {
    let server = Server::start(Options::on(Database::Sqlite));
    server.cli(&["merchant", "create", "nothing-bought"]).expect_success();
    let code = ["merchant", "credential", "nothing-bought", "add", "app-code", "--json"];
    let idle = server.cli(&code).expect_success().json()["secret"].as_str().unwrap().to_owned();
    std::thread::sleep(tests::server::IN_FORCE);
    let sandbox = server.sandbox();
    let good = format!("APPCODE {}", sandbox.app_code);
    let table = [
        (None, 404, "Empty Signature"),
        (Some("Bearer x".to_owned()), 404, "Empty Signature"),
        (Some("APPCODE".to_owned()), 400, "Invalid AppCode `not exists`"),
        (Some(format!("{good}0")), 400, "Invalid AppCode `not exists`"),
        (Some(good.to_uppercase()), 400, "Invalid AppCode `not exists`"),
        (Some(format!("APPCODE {idle}")), 403, "Unauthorized"),
    ];
    for (authorization, status, message) in table {
        let headers: Vec<_> =
            authorization.iter().map(|value| ("Authorization", value.as_str())).collect();
        // Not even what is wrong with the parameters is told to a stranger.
        for query in ["idType=imei&idValue=860529038487085&reqId=a", "colour=red", "%zz"] {
            let path = format!("{PATH}?{query}");
            let answer = server.client().get(&path, &headers).unwrap();
            let place = format!("{authorization:?} {query}: {answer:?}");
            assert_eq!((answer.status, answer.body.len()), (status, 0), "{place}");
            assert_eq!(answer.header("x-ca-error-message"), Some(message), "{place}");
            assert!(answer.header("x-ca-request-id").is_some(), "{place}");
            assert_eq!(answer.header("x-biz-code"), None, "{place}");
        }
    }
    let headers = [("Authorization", good.replace("APPCODE", "appcode "))];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    let path = format!("{PATH}?idType=imei&idValue={SAMPLE}&reqId=b");
    assert_eq!(server.client().get(&path, &headers).unwrap().status, 200, "any case, any spaces");
    assert_eq!(Journal::export(&server).rows.len(), 1, "a stranger leaves no row");
}

/// Of a repeated parameter the values must agree, across query and body too.
#[test]
fn repeated_parameters() {
    let server = Server::start(Options::on(Database::Sqlite));
    let mut finplus = server.finplus();
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let table = [
        ("idType=imei&id_type=imei", "reqId=1&idValue=860529038487085", 0),
        ("idType=imei&idType=idfa", "reqId=2&idValue=860529038487085", 10),
        ("idType=imei", "idType=imei&reqId=3&idValue=860529038487085", 0),
        ("idType=imei&reqId=4", "req_id=5&idValue=860529038487085", 10),
        ("idType=imei&reqId=%6", "idValue=860529038487085", 10),
    ];
    for (query, body, code) in table {
        let answer = finplus.request("POST", query, &form, body.as_bytes()).unwrap();
        assert_eq!(answer.code, Some(code), "{query} {body}: {}", answer.text());
    }
    let twice = r#"{"idType":"imei","idValue":"860529038487085","reqId":"7","reqId":"7"}"#;
    let json = [("Content-Type", "application/json; charset=utf-8")];
    let answer = finplus.request("POST", "", &json, twice.as_bytes()).unwrap();
    assert_eq!(answer.code, Some(10), "a duplicate JSON key: {}", answer.text());
}
