//! The order of checks, what a refusal leaves behind, and which parameters are the same content
//! (`finplus.md`, Endpoint).

use std::thread;

use tests::database::Database;
use tests::finplus::{Answer, Finplus};
use tests::journal::Journal;
use tests::people::{SAMPLE, UNMAPPED};
use tests::server::{IN_FORCE, Options, Server};

const APP: &str = "7000001";
const KEY: &str = "one key for all";

/// The terms of `merchant entitle`, in force on return.
fn entitle(server: &Server, package: &str, test_limit: &str, quota: &str) {
    let terms = ["--package", package, "--test-limit", test_limit, "--daily-quota", quota];
    let entitle = ["merchant", "entitle", "ordered", "--app", APP, "--model", "german-scorecard"];
    let price = ["--price", "35", "--default"];
    server.cli(&[&entitle[..], &price, &terms].concat()).expect_success();
    thread::sleep(IN_FORCE);
}

fn outcome(answer: &Answer) -> String {
    let code = answer.code.map(|code| code.to_string());
    let message = || answer.header("x-ca-error-message").unwrap_or_default().to_owned();
    code.unwrap_or_else(|| format!("{} {}", answer.status, message()))
}

/// Each row repairs what the row before was refused for; the key is good to the end.
#[test]
fn the_checks_run_in_order_and_no_refusal_takes_the_key() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let limits = ["--package", "1", "--test-limit", "1", "--daily-quota", "1"];
        let app_code = server.new_merchant("ordered", APP, &limits);
        let mut finplus = Finplus::new(server.client(), &app_code);
        let first = finplus.ask(APP, SAMPLE, "first");
        assert_eq!(outcome(&first), "0", "{database:?}");

        let own = "appKey=1&sign=00&timestamp=1";
        let table = [
            (format!("{own}&zzz=1&idType=fax&idValue=x&reqId=first"), "10"),
            (format!("{own}&zzz=1"), "18"),
            ("idValue=x&appId=7&reqId=first&colour=1".to_owned(), "10"),
            ("idValue=x&appId=7&reqId=first".to_owned(), "105"),
            ("idType=fax&idValue=x&appId=7&reqId=first".to_owned(), "22"),
            ("idType=imei&idValue=x&appId=7&reqId=first".to_owned(), "10"),
            (format!("idType=imei&idValue=x&appId={APP}&reqId=first"), "10"),
            (format!("idType=imei&idValue={UNMAPPED}&appId={APP}&reqId=first"), "10"),
            (format!("idType=imei&idValue={SAMPLE}&appId={APP}&reqId=first"), "0"),
        ];
        for (query, wanted) in table {
            let mut stranger = Finplus::new(server.client(), "nobody's");
            let unknown = stranger.request("GET", &query, &[], &[]).expect("an answer");
            assert_eq!(outcome(&unknown), "400 Invalid AppCode `not exists`", "{query}");
            let answer = finplus.request("GET", &query, &[], &[]).expect("an answer");
            assert_eq!(outcome(&answer), wanted, "{database:?} {query}: {}", answer.text());
        }
        let terms = [
            (["1", "1", "1"], "403 Quota Exhausted"),
            (["100", "1", "1"], "128"),
            (["100", "100", "1"], "19"),
            (["100", "100", "100"], "0"),
        ];
        for ([package, test_limit, quota], wanted) in terms {
            entitle(&server, package, test_limit, quota);
            assert_eq!(outcome(&finplus.ask(APP, SAMPLE, KEY)), wanted, "{database:?}");
            let again = finplus.ask(APP, SAMPLE, "first");
            assert_eq!(again.text(), first.text(), "a replay is not limited");
        }
        let rows = Journal::export(&server).rows;
        let billed: Vec<&str> =
            rows.iter().filter(|row| row.billed).map(|row| row.key.as_str()).collect();
        assert_eq!(billed, ["first", KEY], "{database:?}: {rows:?}");
    }
}

/// Spelling, case and way of sending make no other content, so the answer is the stored one.
#[test]
fn the_same_parameters_are_the_same_content() {
    let server = Server::start(Options::on(Database::Sqlite));
    let mut finplus = server.finplus();
    let sha256 = "14F76535AEDEB49465A88363042CD6E4803AAC7BC5C152105F1CD2D366C6CE7C";
    let ids = [
        ("imei", SAMPLE),
        ("idfa", "BA05E270-9250-4346-8140-7C0942422FA3"),
        ("mobile_md5", "71F1D9FCB1661CBB1D707521586E7DEA"),
        ("mobile_sha256", sha256),
    ];
    for (id_type, id_value) in ids {
        let first = finplus.score("1000001", id_type, id_value, id_type).expect("an answer");
        assert_eq!(first.code, Some(0), "{id_type}");
        let biz_id = first.biz_id.as_ref().expect("on every answer");
        assert_eq!(biz_id.as_bytes()[14], b'7', "a UUID of version 7: {biz_id}");
        let (upper, lower) = (id_value.to_uppercase(), id_value.to_lowercase());
        let upper_type = id_type.to_uppercase();
        let same = [
            [("idType", id_type), ("idValue", &upper), ("appId", "1000001")],
            [("id_type", &upper_type), ("id_value", &lower), ("app_id", "1000001")],
            // An application may be named instead of the type, which the value then tells.
            [("idType", "1000001"), ("idValue", &lower), ("appId", "")],
            [("idType", "1000001"), ("idValue", &upper), ("appId", "1000001")],
        ];
        for parameters in same {
            let parameters = [&parameters[..], &[("reqId", id_type)]].concat();
            for again in [finplus.get(&parameters), finplus.post_json(&parameters)] {
                let again = again.expect("an answer");
                assert_eq!(again.text(), first.text(), "{parameters:?}");
            }
        }
    }
    assert_eq!(Journal::export(&server).rows.len(), ids.len());
}
