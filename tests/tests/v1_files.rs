//! Files that persons hand in: read in the published layouts, kept as bank data, billed once for
//! their person, refused without consent; the report on them and on bank sessions.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tests::database::Database;
use tests::http::Response;
use tests::journal::Journal;
use tests::qiancheng::{Person, Qiancheng};
use tests::server::{IN_FORCE, Options, Server};
use tests::v1::{V1, token};

const PRODUCT: &str = "file.statement";

macro_rules! published {
    ($name:literal) => {
        include_bytes!(concat!("../../crates/sources/fixtures/file/", $name, ".csv"))
    };
}

/// (person, kind, file, status, code, what the message says)
type Bad<'f> = (Person, &'f str, &'f [u8], u16, &'f str, &'f str);

/// (kind, file, layout, encoding, rows taken, bad lines, disagreements)
type Sample = (&'static str, &'static [u8], &'static str, &'static str, u64, &'static [u64], u64);

const SAMPLES: [Sample; 6] = [
    ("alipay", published!("alipay-web"), "alipay-web", "gbk", 3, &[10], 2),
    ("alipay", published!("alipay-receipt"), "alipay-receipt", "gbk", 6, &[], 0),
    ("wechat", published!("wechat"), "wechat", "utf-8", 6, &[], 0),
    ("bank-statement", published!("bank-columns"), "bank", "gbk", 3, &[], 0),
    ("bank-statement", published!("bank-signed"), "bank", "utf-8", 4, &[6], 1),
    ("bank-statement", published!("bank-sides"), "bank", "gbk", 3, &[6], 1),
];

/// A synthetic person that the files are of, as far as they say.
fn holder() -> Person {
    Person { name: "合成三".to_owned(), ..Person::new(31, "0000") }
}

fn form(person: &Person, kind: &str, file: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in [("name", &*person.name), ("id_card", &person.id_card), ("kind", kind)] {
        let part =
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    let head = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"账单.csv\"\r\n\
                Content-Type: text/csv\r\n\r\n";
    [&body, head.as_bytes(), file, b"\r\n--b--\r\n"].concat()
}

fn hand_in(v1: &mut V1, person: &Person, kind: &str, file: &[u8]) -> Response {
    v1.post("/v1/files", "multipart/form-data; boundary=b", &form(person, kind, file))
}

#[track_caller]
fn refused(answer: &Response, status: u16, code: &str) {
    let said = &answer.json()["error"]["code"];
    assert_eq!((answer.status, said.as_str()), (status, Some(code)), "{}", answer.text());
}

#[test]
fn each_published_layout_is_read_once_and_billed_once() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let (mut v1, person) = (V1::of(&server, "files"), holder());
        let mut ids = Vec::new();
        for (kind, file, layout, encoding, taken, bad, disputed) in SAMPLES {
            let first = hand_in(&mut v1, &person, kind, file);
            let read = first.json();
            assert_eq!(first.status, 200, "{read}");
            let got = ["kind", "layout", "encoding"].map(|name| read[name].clone());
            assert_eq!(got, [kind, layout, encoding].map(Value::from));
            assert_eq!(read["taken"], taken, "{read}");
            let lines = |list: &Value| -> Vec<u64> {
                let all = list.as_array().expect("a list").iter();
                all.map(|bad| bad["line"].as_u64().expect("a line")).collect()
            };
            assert_eq!(lines(&read["bad"]), bad, "{read}");
            assert_eq!(read["disagreements"].as_array().map(Vec::len), Some(disputed as usize));
            // As JSON, and again: the same answer, and nothing more on the bill.
            let id = read["file_id"].as_str().expect("an id").to_owned();
            let sent = json!({
                "name": person.name, "id_card": person.id_card, "kind": kind,
                "file": STANDARD.encode(file),
            });
            let again = v1.post("/v1/files", "application/json", sent.to_string().as_bytes());
            assert_eq!(again.text(), first.text());
            assert_eq!(v1.get(&format!("/v1/files/{id}")).text(), first.text());
            let data = v1.get(&format!("/v1/files/{id}/data")).json();
            let cards = data["cardList"].as_array().expect("cards");
            let sheets = cards[0]["bills"].as_array().expect("months").iter();
            let sheets = sheets.map(|bill| bill["shopping_sheets"].as_array().map_or(0, Vec::len));
            assert_eq!(sheets.sum::<usize>() as u64, taken);
            ids.push(id);
        }
        let report = v1.get(&format!("/v1/files/{}/report", ids[1])).json();
        let months: Vec<_> = report["months"].as_array().expect("months").iter().collect();
        assert_eq!(months[1]["month"], "2026-09");
        assert_eq!(
            (&months[1]["income"], &months[1]["spending"]),
            (&"8000.00".into(), &"0.00".into())
        );
        let other = hand_in(&mut v1, &Person::new(32, "0000"), SAMPLES[1].0, SAMPLES[1].1);
        ids.push(other.json()["file_id"].as_str().expect("an id").to_owned());
        let rows = Journal::export(&server).rows;
        let mut billed: Vec<_> = rows.iter().filter(|row| row.billed).map(|row| &row.key).collect();
        billed.sort_unstable();
        ids.sort_unstable();
        assert_eq!(
            billed,
            ids.iter().collect::<Vec<_>>(),
            "{database:?}: each file of a person once"
        );
    }
}

#[test]
fn what_is_refused_says_why_and_is_not_kept() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let mut v1 = V1::of(&server, "files");
        let (person, (kind, file, ..)) = (holder(), SAMPLES[2]);
        refused(&hand_in(&mut V1::of(&server, "own"), &person, kind, file), 403, "not_allowed");
        refused(&V1::of(&server, "own").get("/v1/files/x"), 403, "not_allowed");
        refused(&v1.post("/v1/files", "text/csv", file), 415, "unsupported_media_type");
        let changed = |change: &dyn Fn(&mut Person)| {
            let mut person = person.clone();
            change(&mut person);
            person
        };
        let long = vec![b'x'; (8 << 20) + 1];
        let table: [Bad<'_>; 8] = [
            (
                changed(&|p| p.id_card = "11010119900101001X".into()),
                kind,
                file,
                400,
                "invalid",
                "check digit",
            ),
            (changed(&|p| p.name.clear()), kind, file, 400, "invalid", "missing"),
            (person.clone(), "paypal", file, 400, "invalid", "bank-statement, alipay, wechat"),
            (person.clone(), kind, b"", 400, "invalid", "missing or empty"),
            (person.clone(), kind, &long, 413, "too_large", "8388608"),
            (person.clone(), "alipay", file, 422, "invalid_file", "of the kind wechat"),
            (person.clone(), kind, b"a,b\n1,2\n", 422, "invalid_file", "no line names the columns"),
            (person.clone(), kind, b"\xff\xfea\0", 422, "invalid_file", "UTF-16"),
        ];
        for (person, kind, file, status, code, says) in table {
            let answer = hand_in(&mut v1, &person, kind, file);
            refused(&answer, status, code);
            assert!(answer.text().contains(says), "{}", answer.text());
        }
        // Larger than any file can make it: not even read.
        let head = "POST /v1/files HTTP/1.1\r\nHost: a\r\nContent-Length: 12582913\r\n\r\n";
        refused(&server.client().send_raw(head.as_bytes()).expect("an answer"), 413, "too_large");
        for body in ["{", "[]", r#"{"name": 1}"#, r#"{"name": "x", "file": "!"}"#] {
            refused(&v1.post("/v1/files", "application/json", body.as_bytes()), 400, "invalid");
        }
        let kept = server.cli(&["subject", "export", &person.id_card, "--reason", "test"]);
        let kept = kept.expect_success().json();
        assert_eq!((&kept["datasets"], &kept["consents"]), (&json!([]), &json!([])));
        assert!(Journal::export(&server).rows.iter().all(|row| !row.billed));
    }
}

/// Who may not ask, whose person did not consent, who has no more calls; and what is gone.
#[test]
fn consent_entitlement_limits_and_isolation() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let (person, (kind, file, ..)) = (holder(), SAMPLES[2]);
        server.cli(&["merchant", "create", "asker"]).expect_success();
        std::thread::sleep(IN_FORCE);
        let mut asker = V1::with(&server, &token(&server, "asker", "files"));
        refused(&hand_in(&mut asker, &person, kind, file), 403, "not_entitled");
        server.entitle_lender("asker", PRODUCT, &["--package", "1"]);
        std::thread::sleep(IN_FORCE);
        refused(&hand_in(&mut asker, &person, kind, file), 403, "consent_missing");
        let record =
            ["consent", "record", &person.id_card, "--merchant", "asker", "--source", "file"];
        let record = [&record[..], &["--for", "1h", "--evidence", "paper form 17"]].concat();
        server.cli(&record).expect_success();
        let taken = hand_in(&mut asker, &person, kind, file);
        assert_eq!(taken.status, 200, "{}", taken.text());
        let path = format!("/v1/files/{}", taken.json()["file_id"].as_str().expect("an id"));
        refused(&hand_in(&mut asker, &person, SAMPLES[1].0, SAMPLES[1].1), 403, "limit_reached");
        // Another merchant's file is as one that never was.
        let mut other = V1::of(&server, "files");
        let absent = "/v1/files/00000000000000000000000000000000";
        for what in ["", "/data", "/report"] {
            let foreign = other.get(&format!("{path}{what}"));
            refused(&foreign, 404, "not_found");
            assert_eq!(foreign.text(), other.get(&format!("{absent}{what}")).text());
            assert_eq!(asker.get(&format!("{path}{what}")).status, 200);
        }
        server.advance("80h");
        assert_eq!(asker.get(&path).status, 200);
        refused(&hand_in(&mut asker, &person, kind, file), 403, "consent_missing");
        server.cli(&record).expect_success();
        assert_eq!(hand_in(&mut asker, &person, kind, file).text(), taken.text());
        server.cli(&["subject", "erase", &person.id_card]).expect_success();
        refused(&asker.get(&path), 404, "not_found");
        server.cli(&record).expect_success();
        refused(&hand_in(&mut asker, &person, kind, file), 410, "gone");
        refused(&asker.get(&path), 404, "not_found");
    }
}

#[test]
fn a_bank_session_has_the_same_report() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let (mut v1, mut qiancheng) = (V1::of(&server, "own"), Qiancheng::log_in(&server));
        let person = Person::new(33, "5678");
        let path = |open_id: &str| format!("/v1/ebank/{open_id}/report");
        let open_id = qiancheng.open_ebank(&person, "icbc-login", "synth01");
        qiancheng.wait_for("ebank", &open_id, &[10]);
        let report = v1.get(&path(&open_id));
        assert_eq!((report.status, &report.json()["status"]), (200, &"正常".into()));
        assert!(report.json()["months"].as_array().is_some_and(|months| !months.is_empty()));
        let (second, _) = qiancheng.open_ebank_v2(&person);
        refused(&v1.get(&path(&second)), 409, "not_done");
        qiancheng.log_in_v2(&second, "icbc-login", "synth06").ok();
        qiancheng.wait_for("v2/ebank", &second, &[11]);
        refused(&v1.get(&path(&second)), 409, "collection_failed");
        let telecom = qiancheng.open_telecom(&person, "synthetic");
        for none in [telecom.as_str(), "x", &"0".repeat(32)] {
            refused(&v1.get(&path(none)), 404, "not_found");
        }
    }
}
