//! Answers of face 2 that no session's way leads to.

use tests::database::Database;
use tests::qiancheng::{Answer, Person, Qiancheng};
use tests::server::{Options, Server};

#[test]
fn a_path_that_is_none_has_the_envelope() {
    let server = Server::start(Options::on(Database::Sqlite));
    for path in ["/telecom/collect/nothing", "/v2/ebank", "/client/authorize"] {
        let response = server.client().post_form(path, &[], &[]).expect("an answer");
        let answer = Answer::read(&response);
        assert_eq!((answer.status, answer.code), (404, 1001), "{path}");
    }
}

#[test]
fn a_login_that_waits_tells_how_it_ended() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let mut merchant = Qiancheng::log_in(&server);
        for (account, code) in [("synthetic", 0), ("x@wrong", 1001), ("x@down", 1000)] {
            let open_id = merchant.open_degree(&Person::new(7, "0001"));
            let form = [("account", account), ("password", "synthetic"), ("sync", "0")];
            let answer = merchant.of(&open_id, "/degree/collect/login", &form);
            assert_eq!((answer.status, answer.code), (200, code), "{database:?} {account}");
        }
    }
}

#[test]
fn the_banks_are_listed_whatever_is_sent() {
    let server = Server::start(Options::on(Database::Sqlite));
    let bodies = [("text/xml", "<a/>"), ("application/json", "{"), ("application/json", "[]")];
    for (kind, body) in bodies {
        let headers = [("Content-Type", kind)];
        let path = "/ebank/collect/bank-info";
        let response = server.client().request("POST", path, &headers, body.as_bytes());
        let data = Answer::read(&response.expect("an answer")).ok();
        assert_eq!(data.as_array().map(Vec::len), Some(5), "{kind} {body}");
    }
}
