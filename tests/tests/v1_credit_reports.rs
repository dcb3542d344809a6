//! A person's own credit report, handed in as the page that was saved: the same parser, the same
//! data, billed once, refused for another person and without consent.

use std::thread;

use serde_json::{Value, json};
use tests::database::Database;
use tests::http::Response;
use tests::journal::Journal;
use tests::server::{IN_FORCE, Options, Server};
use tests::v1::{V1, token};

const LOGIN_NAME: &str = "sandbox07";

/// A registered person of the sandbox's bureau, as the command line lists it.
fn person(server: &Server, login_name: &str) -> Value {
    let people = server.cli(&["sandbox", "people", "--json"]).expect_success().json();
    let all = people["people"].as_array().expect("people");
    all.iter().find(|one| one["login_name"] == login_name).expect("registered").clone()
}

/// The page, in GBK as the platform writes it.
fn page(server: &Server) -> Vec<u8> {
    let printed = server.command(&["sandbox", "page", LOGIN_NAME]).output().expect("it runs");
    assert!(printed.status.success());
    printed.stdout
}

fn hand_in(v1: &mut V1, person: &Value, page: &[u8]) -> Response {
    let text = |key: &str| person[key].as_str().expect("a text").to_owned();
    let mut body = Vec::new();
    for (name, value) in [("name", text("name")), ("id_card", text("id_card"))] {
        let part =
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    let head = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"report.html\"\r\n\
                Content-Type: text/html\r\n\r\n";
    let body = [&body, head.as_bytes(), page, b"\r\n--b--\r\n"].concat();
    v1.post("/v1/credit-reports", "multipart/form-data; boundary=b", &body)
}

#[track_caller]
fn refused(answer: &Response, status: u16, code: &str) {
    let said = &answer.json()["error"]["code"];
    assert_eq!((answer.status, said.as_str()), (status, Some(code)), "{}", answer.text());
}

#[test]
fn a_page_is_read_once_and_billed_once() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let (person, page) = (person(&server, LOGIN_NAME), page(&server));
        let mut v1 = V1::of(&server, "files");
        let first = hand_in(&mut v1, &person, &page);
        let read = first.json();
        assert_eq!((first.status, &read["unread"]), (200, &json!([])), "{read}");
        let report = &read["report"];
        assert_eq!(report["name"], person["name"]);
        let tail = person["id_card"].as_str().expect("a text").split_at(14).1.to_owned();
        assert_eq!(report["idCard"], format!("*****{tail}"));
        let sentences = ["overdue", "unOverdue"].map(|group| &report["creditCards"][group]);
        let count: usize =
            sentences.iter().map(|list| list.as_array().expect("a list").len()).sum();
        assert_eq!(report["informatonAbstract"]["creditCard"]["A"], count, "{report}");
        assert!(count > 0);
        // Again, and by its number: the same answer, and nothing more on the bill.
        assert_eq!(hand_in(&mut v1, &person, &page).text(), first.text());
        let id = read["report_id"].as_str().expect("an id");
        assert_eq!(v1.get(&format!("/v1/credit-reports/{id}")).text(), first.text());
        refused(&v1.get(&format!("/v1/credit-reports/{}", "0".repeat(32))), 404, "not_found");
        let rows = Journal::export(&server).rows;
        let billed: Vec<_> = rows.iter().filter(|row| row.billed).map(|row| &row.key).collect();
        assert_eq!(billed, [id], "{database:?}");
        // The person's own, by the ID card.
        let id_card = person["id_card"].as_str().expect("a text");
        let export = ["subject", "export", id_card, "--reason", "the person asked"];
        let kept = server.cli(&export).expect_success().json();
        assert_eq!(kept["datasets"][0]["source"], "credit", "{kept}");
    }
}

#[test]
fn a_page_of_somebody_else_or_of_nothing_is_refused() {
    let server = Server::start(Options::on(Database::Sqlite));
    let (owner, page) = (person(&server, LOGIN_NAME), page(&server));
    let mut v1 = V1::of(&server, "files");
    refused(&hand_in(&mut v1, &person(&server, "sandbox08"), &page), 422, "invalid_file");
    refused(&hand_in(&mut v1, &owner, b"<html><body>nothing</body></html>"), 422, "invalid_file");
    refused(&v1.post("/v1/credit-reports", "text/html", &page), 415, "unsupported_media_type");
    let mut own = V1::of(&server, "own");
    refused(&hand_in(&mut own, &owner, &page), 403, "not_allowed");
    for path in ["/v1/credit-reports/x", "/v1/files/x/data", "/v1/files/x/report"] {
        refused(&own.get(path), 403, "not_allowed");
    }
    assert!(Journal::export(&server).rows.iter().all(|row| !row.billed));
}

/// Who may not ask, whose person did not consent, who has no more calls; and what is gone.
#[test]
fn entitlement_consent_limits_and_isolation() {
    let server = Server::start(Options::on(Database::Sqlite));
    let (owner, page) = (person(&server, LOGIN_NAME), page(&server));
    let id_card = owner["id_card"].as_str().expect("a text");
    server.cli(&["merchant", "create", "asker"]).expect_success();
    thread::sleep(IN_FORCE);
    let mut asker = V1::with(&server, &token(&server, "asker", "files"));
    refused(&hand_in(&mut asker, &owner, &page), 403, "not_entitled");
    server.entitle_lender("asker", "file.statement", &["--package", "1"]);
    thread::sleep(IN_FORCE);
    refused(&hand_in(&mut asker, &owner, &page), 403, "consent_missing");
    let record = ["consent", "record", id_card, "--merchant", "asker", "--source", "credit"];
    let record = [&record[..], &["--for", "1h", "--evidence", "paper form 17"]].concat();
    server.cli(&record).expect_success();
    let taken = hand_in(&mut asker, &owner, &page);
    assert_eq!(taken.status, 200, "{}", taken.text());
    // Another page of the same person, and no call left.
    refused(&hand_in(&mut asker, &owner, &[&page[..], b"\n"].concat()), 403, "limit_reached");
    let path = format!("/v1/credit-reports/{}", taken.json()["report_id"].as_str().expect("an id"));
    refused(&V1::of(&server, "files").get(&path), 404, "not_found");
    server.advance("80h");
    assert_eq!(asker.get(&path).status, 200);
    server.cli(&["subject", "erase", id_card]).expect_success();
    refused(&asker.get(&path), 404, "not_found");
    server.cli(&record).expect_success();
    refused(&hand_in(&mut asker, &owner, &page), 410, "gone");
}
