//! Operators: signing in, roles, and the audit log that nobody changes unseen.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Mutex;

use serde_json::Value;
use tests::database::Database;
use tests::http::Response;
use tests::operators::{self, Acting, code, notes, of_sandbox, sign_in};
use tests::server::{Options, Server};
use tests::v1::V1;

#[track_caller]
fn refused(answer: &Response, status: u16, code: &str) {
    let said = &answer.json()["error"]["code"];
    assert_eq!((answer.status, said.as_str()), (status, Some(code)), "{answer:?}");
}

#[test]
fn whoever_is_refused_learns_nothing_and_a_code_is_taken_once() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let one = of_sandbox(&server, "risk-1");
        let (name, password) = (one.name.as_str(), one.password.as_str());
        let now = || code(&one.totp_secret, 0);
        let wrong = [
            sign_in(&server, "nobody", password, &now()),
            sign_in(&server, name, "another password", &now()),
            sign_in(&server, name, password, &code(&one.totp_secret, 5)),
        ];
        for answer in &wrong {
            refused(answer, 401, "sign_in_failed");
            assert_eq!(answer.body, wrong[0].body, "{database:?}");
        }
        let first = now();
        let answer = sign_in(&server, name, password, &first);
        assert_eq!(answer.status, 200, "{database:?}: {answer:?}");
        refused(&sign_in(&server, name, password, &first), 401, "sign_in_failed");
        let before = code(&one.totp_secret, -1);
        refused(&sign_in(&server, name, password, &before), 401, "sign_in_failed");
        let mut me = V1::with(&server, answer.json()["token"].as_str().expect("a token"));
        let shown = me.get("/v1/operators/me").json();
        assert_eq!((&shown["name"], &shown["roles"][0]), (&name.into(), &"risk".into()));
        assert_eq!(me.post("/v1/operators/sign-out", "", b"").status, 200);
        refused(&me.get("/v1/operators/me"), 401, "token_unknown");
        refused(&me.post("/v1/operators/sign-out", "", b""), 401, "token_unknown");
        let noted: Vec<_> = notes(&server).into_iter().filter(|note| note.0 == name).collect();
        let actions: Vec<&str> = noted.iter().map(|note| note.1.as_str()).collect();
        assert_eq!(actions, ["policy.add", "operator.sign-in", "operator.sign-out"]);
    }
}

#[test]
fn guessing_locks_whoever_guesses() {
    let server = Server::start(Options::on(Database::Sqlite));
    let (one, two) = (of_sandbox(&server, "risk-1"), of_sandbox(&server, "risk-2"));
    for _ in 0..5 {
        let answer = sign_in(&server, &one.name, "another password", "000000");
        refused(&answer, 401, "sign_in_failed");
    }
    let right = sign_in(&server, &one.name, &one.password, &code(&one.totp_secret, 0));
    refused(&right, 401, "sign_in_failed");
    let other = sign_in(&server, &two.name, &two.password, &code(&two.totp_secret, 0));
    assert_eq!(other.status, 200, "another account is not touched: {other:?}");
    server.advance("11m");
    // What was refused has not used the code up.
    let later = sign_in(&server, &one.name, &one.password, &code(&one.totp_secret, 0));
    assert_eq!(later.status, 200, "{later:?}");
    // Where a query stands, logs keep it.
    let body = b"name=a&password=b&code=c";
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let path = "/v1/operators/sign-in?name=a";
    let answer = server.client().request("POST", path, &form, body).expect("an answer");
    refused(&answer, 400, "invalid");
}

#[test]
fn operators_are_kept_by_an_administrator() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let add = ["operator", "add", "chen", "--role", "support"];
        let refused = server.cli(&add);
        assert!(refused.code == Some(1) && refused.stderr.contains("--recover"), "{refused:?}");
        let admin = Acting::new(&server, &of_sandbox(&server, "risk-2"));
        let added = admin.cli("operator add chen --role support --json", &[]).expect_success();
        let chen = serde_json::from_value(added.json()).expect("what it signs in with");
        let mut chen_acts = Acting::new(&server, &chen);
        let denied = chen_acts.cli("operator add wang --role admin", &[]);
        assert!(denied.code == Some(1) && denied.stderr.contains("admin"), "{denied:?}");
        for (command, says) in [
            ("operator add chen --role risk", "another"),
            ("operator add Wang --role risk", "name"),
            ("operator add wang --role auditor --role risk", "auditor"),
            ("operator disable nobody", "there is no operator"),
            ("operator disable risk-2", "last administrator"),
        ] {
            let output = admin.cli(command, &[]);
            assert!(
                output.code == Some(1) && output.stderr.contains(says),
                "{command}: {output:?}"
            );
        }
        let password = server.data_folder().join("password");
        fs::write(&password, "correct horse battery\n").expect("written");
        let file = ["--password-file", password.to_str().expect("UTF-8")];
        admin.cli("operator reset-password chen", &file).expect_success();
        assert_eq!(chen_acts.v1.get("/v1/operators/me").status, 401, "its tokens ended");
        let reset = admin.cli("operator reset-totp chen --json", &[]).expect_success().json();
        let secret = reset["totp_secret"].as_str().expect("a secret");
        let url = reset["totp_url"].as_str().expect("a URL");
        assert!(url.starts_with("otpauth://totp/") && url.contains(secret), "{url}");
        let out = server.data_folder().join("chen.new");
        let sign_in = ["operator", "sign-in", "chen", "--code", &code(secret, 0)];
        let out = ["--out", out.to_str().expect("UTF-8")];
        server.cli(&[&sign_in[..], &file, &out].concat()).expect_success();
        let again = server.cli(&[&sign_in[..], &file].concat());
        assert!(again.code == Some(1) && again.stderr.contains("once"), "{again:?}");
        let typed = format!("correct horse battery\n{}\n", code(secret, 1));
        let shown = server.cli_with(&["operator", "sign-in", "chen", "--json"], &typed);
        assert!(shown.expect_success().json()["token"].is_string(), "{database:?}");
        let token = fs::read_to_string(out[1]).expect("the token");
        let mut chen_acts = V1::with(&server, token.trim());
        assert_eq!(chen_acts.get("/v1/operators/me").json()["name"], "chen");
        admin.cli("operator disable chen", &[]).expect_success();
        assert_eq!(chen_acts.get("/v1/operators/me").status, 401, "{database:?}");
        let list = server.cli(&["operator", "list", "--json"]).expect_success().json();
        assert!(list[2]["disabled_at"].is_string(), "{list}");
        let about: Vec<_> = notes(&server).into_iter().filter(|note| note.2 == "chen").collect();
        let actions: Vec<&str> = about.iter().map(|note| note.1.as_str()).collect();
        let wanted =
            ["add", "sign-in", "reset-password", "reset-totp", "sign-in", "sign-in", "disable"];
        assert_eq!(actions, wanted.map(|action| format!("operator.{action}")), "{database:?}");
        assert_eq!(about[0].0, "risk-2", "who added it");
    }
}

/// The table of docs/operators.md: by permission, the roles that have it.
fn table() -> BTreeMap<String, Vec<String>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/operators.md");
    let text = fs::read_to_string(path).expect(path);
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let mut lines = text.lines().skip_while(|line| !line.starts_with("| permission"));
    let header = cells(lines.next().expect("the table"));
    let rows = lines.skip(1).take_while(|line| line.starts_with('|')).map(cells);
    rows.map(|row| {
        let has = header.iter().zip(&row).skip(2).filter(|(_, cell)| *cell == "✓");
        let roles = has.map(|(role, _)| role.clone()).collect();
        (row[0].trim_matches('`').to_owned(), roles)
    })
    .collect()
}

/// A request that takes the permission, and what it comes to for whoever has it.
const REQUESTS: [(&str, &str, &str, u16); 6] = [
    ("see-policies", "GET", "/v1/policies", 200),
    ("see-policies", "GET", "/v1/policies/consumer-credit/1", 200),
    ("write-policies", "POST", "/v1/policies/drafts", 422),
    ("sign-off-policies", "POST", "/v1/policies/consumer-credit/1/sign-off", 409),
    ("run-policies", "POST", "/v1/policies/nothing/rollback", 409),
    ("read-log", "GET", "/v1/operators/log", 200),
];

#[test]
fn each_role_may_what_the_document_says_and_no_more() {
    let server = Server::start(Options::on(Database::Sqlite));
    let table = table();
    assert!(table.len() > 5, "{table:?}");
    for role in ["admin", "risk", "support", "auditor"] {
        let operator = operators::add(&server, &format!("one-{role}"), &[role]);
        let acting = Acting::new(&server, &operator);
        let mut v1 = acting.v1;
        let shown = v1.get("/v1/operators/me").json();
        let mut wanted: Vec<&String> = table
            .iter()
            .filter(|(_, roles)| roles.iter().any(|one| one == role))
            .map(|(p, _)| p)
            .collect();
        let mut permissions: Vec<&str> = shown["permissions"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        permissions.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(permissions, wanted, "{role}");
        for (permission, method, path, comes_to) in REQUESTS {
            let answer = v1.send(method, path, &[], b"");
            let may = table[permission].iter().any(|one| one == role);
            assert_eq!(
                answer.status,
                if may { comes_to } else { 403 },
                "{role} {path}: {answer:?}"
            );
            if !may {
                refused(&answer, 403, "not_permitted");
            }
        }
    }
}

/// What somebody who can write the database does, and the fault that tells.
const TAMPERING: [(&str, &str); 8] = [
    ("UPDATE audit_log SET actor = 'nobody' WHERE seq = 2", "row 2 of the audit log: the hash"),
    ("UPDATE audit_log SET detail = '{}' WHERE seq = 2", "row 2 of the audit log: the hash"),
    ("DELETE FROM audit_log WHERE seq = 2", "row 2 of the audit log is missing"),
    (
        "DELETE FROM audit_log WHERE seq = 2; UPDATE audit_log SET seq = seq - 1 WHERE seq > 2",
        "the hash is wrong",
    ),
    (
        "UPDATE audit_log SET seq = -1 WHERE seq = 2; UPDATE audit_log SET seq = 2 WHERE seq = 3;
         UPDATE audit_log SET seq = 3 WHERE seq = -1",
        "the hash is wrong",
    ),
    ("DELETE FROM audit_log WHERE seq = (SELECT MAX(seq) FROM audit_log)", "not what was signed"),
    ("DELETE FROM audit_log", "not what was signed"),
    ("DELETE FROM audit_log; DELETE FROM checkpoints", "signed up to row"),
];

#[test]
fn whatever_is_changed_in_the_log_is_found() {
    let mut server = Server::start(Options::on(Database::Sqlite));
    let code = server.terminate();
    assert!(code.success());
    let verify = || server.cli(&["operator", "log", "verify", "--json"]);
    let whole = verify().expect_success().json();
    assert!(whole["rows"].as_i64() > Some(3) && whole["unsigned_rows"] == 0, "{whole}");
    server.cli(&["journal", "verify"]).expect_success();
    let file = server.data_folder().join("probity.db");
    let copy = fs::read(&file).expect("the database");
    for (sql, fault) in TAMPERING {
        fs::write(&file, &copy).expect("written");
        let database = rusqlite::Connection::open(&file).expect("it opens");
        let refused = database.execute_batch("UPDATE audit_log SET actor = ''").expect_err("kept");
        assert!(refused.to_string().contains("append-only"), "{refused}");
        for table in ["audit_log", "checkpoints"] {
            for trigger in ["no_update", "no_delete"] {
                database.execute_batch(&format!("DROP TRIGGER {table}_{trigger}")).expect("runs");
            }
        }
        database.execute_batch(sql).expect("it runs");
        database.close().expect("it closes");
        let found = verify();
        let faults = found.json()["faults"].to_string();
        assert!(found.code == Some(1) && faults.contains(fault), "{sql}: {faults}");
    }
}

#[test]
fn two_nodes_write_one_chain_and_take_a_code_once() {
    if !Database::both().contains(&Database::Postgres) {
        return;
    }
    let first = Server::start(Options::on(Database::Postgres));
    let second = Server::join(&first);
    std::thread::scope(|scope| {
        for (at, server) in [&first, &second].into_iter().enumerate() {
            scope.spawn(move || {
                for number in 0..5 {
                    operators::add(server, &format!("chen-{at}-{number}"), &["support"]);
                }
            });
        }
    });
    // One code, six times at once, on both.
    let (one, statuses) = (of_sandbox(&first, "risk-1"), Mutex::new(Vec::new()));
    let taken = code(&one.totp_secret, 0);
    std::thread::scope(|scope| {
        for server in [&first, &second].repeat(3) {
            let (one, statuses, taken) = (&one, &statuses, &taken);
            scope.spawn(move || {
                let answer = sign_in(server, &one.name, &one.password, taken);
                statuses.lock().expect("nobody panics with it").push(answer.status);
            });
        }
    });
    let mut statuses = statuses.into_inner().expect("nobody panics with it");
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401, 401, 401, 401, 401]);
    let verify = ["operator", "log", "verify", "--json"];
    let found = second.cli(&verify).expect_success().json();
    assert!(found["rows"].as_i64() >= Some(10), "{found}");
    let mut postgres = first.postgres().expect("it is one").connect();
    let refused = postgres.batch_execute("TRUNCATE audit_log").expect_err("it is append-only");
    assert!(format!("{refused:?}").contains("append-only"), "{refused:?}");
}

#[test]
fn the_log_is_paged_and_every_route_asks_for_a_token() {
    let server = Server::start(Options::on(Database::Sqlite));
    let mut auditor = Acting::new(&server, &operators::add(&server, "auditor", &["auditor"]));
    let page = auditor.v1.get("/v1/operators/log?target=auditor").json();
    let notes = page["notes"].as_array().expect("notes");
    assert_eq!(notes.len(), 2, "added, signed in: {page}");
    let second = &notes[1]["seq"];
    let before = auditor.v1.get(&format!("/v1/operators/log?target=auditor&before={second}"));
    assert_eq!(before.json()["notes"].as_array().map(Vec::len), Some(0));
    refused(&auditor.v1.get("/v1/operators/log?before=x"), 400, "invalid");
    let routes = [
        ("POST", "/v1/operators/sign-out"),
        ("GET", "/v1/operators/me"),
        ("GET", "/v1/operators/log"),
        ("GET", "/v1/policies"),
        ("POST", "/v1/policies/drafts"),
        ("GET", "/v1/policies/consumer-credit/1"),
        ("POST", "/v1/policies/consumer-credit/1/shadow"),
        ("POST", "/v1/policies/consumer-credit/rollback"),
        ("GET", "/v1/reviews"),
        ("GET", "/v1/reviews/00000000000000000000000000000000"),
        ("POST", "/v1/reviews/00000000000000000000000000000000/proposal"),
        ("POST", "/v1/reviews/00000000000000000000000000000000/answer"),
    ];
    let merchant = tests::v1::token(&server, "sandbox", "own");
    for (method, path) in routes {
        let bare = server.client().request(method, path, &[], b"").expect("an answer");
        refused(&bare, 401, "token_missing");
        let answer = V1::with(&server, &merchant).send(method, path, &[], b"");
        refused(&answer, 401, "token_unknown");
    }
    let database = server.data_folder().join("probity.db");
    let database = rusqlite::Connection::open(database).expect("the database");
    // What no version writes.
    database.execute_batch("UPDATE operators SET roles = 'none'").expect("changed");
    for (method, path) in routes {
        refused(&auditor.v1.send(method, path, &[], b""), 500, "internal");
    }
    refused(&sign_in(&server, "auditor", "a password of it", "000000"), 500, "internal");
}
