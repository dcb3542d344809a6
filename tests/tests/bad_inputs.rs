//! Bad inputs of face 1, as a table: each (endpoint, field, fault) with its documented code,
//! status and headers, on both databases. What is expected comes from the contract's rule for the
//! fault, never from what the server said.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use tests::database::Database;
use tests::finplus::{Answer, Finplus};
use tests::http::{Client, Response};
use tests::journal::Journal;
use tests::people::SAMPLE;
use tests::server::{IN_FORCE, Options, Server};

use bad_inputs::case::{Case, Request, Sent, Wanted};
use bad_inputs::native::Native;

mod bad_inputs {
    pub(crate) mod bodies;
    pub(crate) mod case;
    pub(crate) mod gateway;
    pub(crate) mod http;
    pub(crate) mod native;
    pub(crate) mod oddities;
    pub(crate) mod own;
    pub(crate) mod parameters;
    pub(crate) mod way;

    pub(crate) use super::{USED_KEY, USED_NONCE, World};
}

/// Answered with other parameters, before the first bad input.
const USED_KEY: &str = "used";
const USED_NONCE: &str = "used";

/// Who may ask, and who may not any more.
struct World {
    app_code: String,
    app_key: String,
    app_secret: String,
    foreign_app: String,
    foreign_key: String,
    foreign_secret: String,
    /// Of a merchant that has no application.
    idle_code: String,
    idle_key: String,
    idle_secret: String,
    revoked_code: String,
    revoked_key: String,
    revoked_secret: String,
    suspended_code: String,
    now_ms: i64,
}

impl World {
    fn new(server: &Server) -> Self {
        let sandbox = server.sandbox();
        for name in ["lender", "idle", "suspended"] {
            server.cli(&["merchant", "create", name]).expect_success();
        }
        let foreign_app = "7000001".to_owned();
        let terms = ["--app", &foreign_app, "--model", "german-scorecard", "--price", "35"];
        server.cli(&[&["merchant", "entitle", "lender"][..], &terms].concat()).expect_success();
        let (_, foreign_key, foreign_secret) = credential(server, "lender", "app-key");
        let (_, _, idle_code) = credential(server, "idle", "app-code");
        let (_, idle_key, idle_secret) = credential(server, "idle", "app-key");
        let (_, _, suspended_code) = credential(server, "suspended", "app-code");
        let (code_id, _, revoked_code) = credential(server, "sandbox", "app-code");
        let (key_id, revoked_key, revoked_secret) = credential(server, "sandbox", "app-key");
        for id in [code_id, key_id] {
            server.cli(&["merchant", "credential", "sandbox", "revoke", &id]).expect_success();
        }
        server.cli(&["merchant", "suspend", "suspended"]).expect_success();
        thread::sleep(IN_FORCE);
        let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
        Self {
            app_code: sandbox.app_code,
            app_key: sandbox.app_key,
            app_secret: sandbox.app_secret,
            foreign_app,
            foreign_key,
            foreign_secret,
            idle_code,
            idle_key,
            idle_secret,
            revoked_code,
            revoked_key,
            revoked_secret,
            suspended_code,
            now_ms: since.as_millis() as i64,
        }
    }

    fn cases(&self, native: &Native) -> Vec<Case> {
        [
            bad_inputs::parameters::cases(self),
            bad_inputs::bodies::cases(self),
            bad_inputs::gateway::cases(self),
            bad_inputs::own::cases(self),
            bad_inputs::http::cases(self),
            bad_inputs::native::cases(self, native),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// Id, public part and secret of a new credential.
fn credential(server: &Server, merchant: &str, kind: &str) -> (String, String, String) {
    let made = server.cli(&["merchant", "credential", merchant, "add", kind, "--json"]);
    let made = made.expect_success().json();
    let text = |name: &str| made[name].as_str().unwrap_or_default().to_owned();
    (made["id"].to_string(), text("public"), text("secret"))
}

fn send(client: &mut Client, request: &Request) -> Response {
    let headers: Vec<(&str, &str)> =
        request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = client.request(request.method, &request.target, &headers, &request.body);
    answer.expect("an answer")
}

#[test]
fn every_bad_input_is_refused_as_documented() {
    for database in Database::both() {
        let limits = "[server]\nbody_bytes_max = 65536\nbody_timeout = \"700ms\"";
        let server = Server::start(Options::on(database).configuration(limits));
        let world = World::new(&server);
        let mut finplus = server.finplus();
        assert_eq!(finplus.ask("", SAMPLE, USED_KEY).code, Some(0));
        let mut client = server.client();
        let used = send(&mut client, &bad_inputs::gateway::signed(&world, USED_NONCE));
        assert_eq!(Answer::read(used).code, Some(0));

        let native = Native::new(&server);
        let cases = world.cases(&native);
        let names: BTreeSet<_> = cases.iter().map(Case::name).collect();
        assert_eq!(names.len(), cases.len(), "each is another one");
        assert!(cases.len() >= 500, "{}", cases.len());
        let mut numbers = BTreeSet::new();
        for case in &cases {
            let answer = match &case.sent {
                Sent::Whole(request) => send(&mut client, request),
                Sent::Raw(bytes) => {
                    client = server.client();
                    client
                        .send_raw(bytes)
                        .unwrap_or_else(|error| panic!("{:?}: {error}", case.name()))
                }
            };
            case.check(&answer);
            let number = answer.header("x-ca-request-id").map(str::to_owned);
            assert!(number.is_none_or(|number| numbers.insert(number)), "{:?}", case.name());
        }
        eprintln!("{database:?}: {} bad inputs", cases.len());
        leaves_nothing_behind(&server, &mut finplus);
    }
}

/// The same ways carry good questions, so that nothing is refused for the way that it was sent.
#[test]
fn what_is_odd_but_good_is_answered() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let world = World::new(&server);
        let (mut client, mut keys) = (server.client(), BTreeSet::new());
        for (oddity, request, req_id) in bad_inputs::oddities::requests(&world) {
            let answer = Answer::read(send(&mut client, &request));
            let found = (answer.code, answer.req_id.as_ref());
            assert_eq!(found, (Some(0), Some(&req_id)), "{database:?} {oddity}: {answer:?}");
            keys.insert(req_id);
        }
        let [head, body] = bad_inputs::oddities::expecting(&world, "expecting");
        let mut stream = TcpStream::connect(server.address()).expect("it listens");
        stream.write_all(head.as_bytes()).expect("it reads");
        let mut leave = [0; 25];
        stream.read_exact(&mut leave).expect("leave to go on");
        assert_eq!(&leave, b"HTTP/1.1 100 Continue\r\n\r\n");
        stream.write_all(body.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("text");
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("\"code\":0"), "{answer}");
        assert_eq!(Journal::export(&server).rows.len(), keys.len() + 1, "{database:?}");
    }
}

/// Tables are gone beneath the server: nothing is begun, and not a word of why is said.
#[test]
fn a_broken_database_refuses_and_shows_nothing() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let native = Native::new(&server);
        for table in
            ["id_mappings", "behaviours", "batches", "batch_chunks", "coverage", "callbacks"]
        {
            drop_table(&server, table);
        }
        let mut client = server.client();
        for request in native.good(&native.feed) {
            let answer = send(&mut client, &request);
            let wanted =
                Wanted::Native { status: 503, code: "overloaded".to_owned(), field: String::new() };
            Case::new([&request.target.clone(), "", ""], Sent::Whole(request), wanted)
                .check(&answer);
        }
        let answer = server.finplus().ask("", SAMPLE, "broken");
        let message = answer.header("x-ca-error-message");
        assert_eq!((answer.status, message), (503, Some("Service Unavailable")), "{database:?}");
        assert!(answer.bytes.is_empty(), "{}", answer.text());
    }
}

fn drop_table(server: &Server, table: &str) {
    let sql = format!("DROP TABLE {table}");
    if let Some(postgres) = server.postgres() {
        let done = postgres.connect().batch_execute(&format!("{sql} CASCADE"));
        return done.expect("the table is there");
    }
    let file = server.data_folder().join("probity.db");
    let database = rusqlite::Connection::open(file).expect("the database opens");
    database.execute_batch(&sql).expect("the table is there");
}

/// A second's calls are used up on any route, and then none of them is served.
#[test]
fn a_rate_is_kept_on_every_native_route() {
    let server = Server::start(Options::on(Database::Sqlite));
    let native = Native::new(&server);
    server.cli(&["merchant", "create", "slow", "--rate", "1"]).expect_success();
    let token = tests::v1::token(&server, "slow", "ingest");
    thread::sleep(IN_FORCE);
    let mut client = server.client();
    for request in native.good(&token) {
        let answers = [(); 3].map(|()| send(&mut client, &request));
        let refused =
            answers.iter().find(|answer| answer.status == 429).expect("three in a second");
        assert_eq!(refused.header("retry-after"), Some("1"), "{request:?}");
        let wanted =
            Wanted::Native { status: 429, code: "rate_exceeded".to_owned(), field: String::new() };
        Case::new([&request.target.clone(), "", ""], Sent::Whole(request), wanted).check(refused);
    }
}

/// A refusal takes no key and stands in no journal.
fn leaves_nothing_behind(server: &Server, finplus: &mut Finplus) {
    let journal = Journal::export(server);
    assert_eq!((journal.rows.len(), journal.verify_exit), (2, 0), "{:?}", journal.rows);
    for key in ["body", "code", "bad GET 0", "bad POST JSON 3"] {
        assert_eq!(finplus.ask("", SAMPLE, key).code, Some(0), "{key}");
    }
}
