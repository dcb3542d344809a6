//! Consent from recording to withdrawal and erasure: in force at once on every node, shown to the
//! person, and gone without a trace but the bill (I7; `common.md`, Consent).

use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tests::database::Database;
use tests::qiancheng::lender::PRODUCTS;
use tests::qiancheng::{Answer, CODE, Person, Qiancheng};
use tests::server::{IN_FORCE, Options, Server};
use tests::stored::{self, Vault};

const REFUSED: i64 = 1001;
const FAILED: i64 = 1000;

/// A merchant whose agreement does not let it declare consents.
fn asker(server: &Server) -> Qiancheng {
    server.cli(&["merchant", "create", "asker"]).expect_success();
    for product in PRODUCTS {
        server.entitle_lender("asker", product, &[]);
    }
    let add = ["merchant", "credential", "asker", "add", "password", "--json"];
    let made = server.cli(&add).expect_success().json();
    thread::sleep(IN_FORCE);
    Qiancheng::log_in_as(server, "asker", made["secret"].as_str().expect("shown this once"))
}

fn record(server: &Server, person: &Person, more: &[&str]) {
    let given = ["consent", "record", &person.id_card, "--merchant", "asker"];
    let what = ["--source", "telecom", "--for", "1h", "--evidence", "paper form 17"];
    server.cli(&[&given[..], &what, more].concat()).expect_success();
}

fn list(server: &Server, person: &Person) -> Vec<Value> {
    let listed = server.cli(&["consent", "list", &person.id_card, "--json"]).expect_success();
    listed.json().as_array().expect("a list").clone()
}

fn withdraw(server: &Server, person: &Person) {
    for consent in list(server, person) {
        let id = consent["id"].as_str().expect("an id");
        server.cli(&["consent", "withdraw", id]).expect_success();
        let again = server.cli(&["consent", "withdraw", id]);
        assert!(again.code == Some(1) && again.stderr.contains("withdrawn before"), "{again:#?}");
    }
}

fn open(qiancheng: &mut Qiancheng, person: &Person) -> Answer {
    let password = [("service_password", "synthetic")];
    let form = [person.fields().as_slice(), &password].concat();
    qiancheng.with_token("/telecom/collect/open-id", &form)
}

/// How many sessions were opened and how many steps were taken, over the nodes.
fn work_of(nodes: &[&Server]) -> (u64, u64) {
    let metrics: String = nodes
        .iter()
        .map(|node| node.client().get("/metrics", &[]).expect("an answer").text())
        .collect();
    let sum = |name: &str| -> u64 {
        let values = metrics.lines().filter(|line| line.starts_with(name));
        // One that was refused for want of consent is counted as failed, and did not leave.
        let values = values.filter(|line| !line.contains("outcome=\"failed\""));
        values.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum()
    };
    (sum("probity_sessions_opened_total"), sum("probity_steps_total"))
}

#[test]
fn a_withdrawal_is_in_force_within_a_second_on_sqlite() {
    let server = Server::start(Options::on(Database::Sqlite));
    withdrawn_at_once(&[&server]);
}

#[test]
fn a_withdrawal_is_in_force_within_a_second_on_both_nodes() {
    if Database::both().contains(&Database::Postgres) {
        let first = Server::start(Options::on(Database::Postgres));
        let second = Server::join(&first);
        withdrawn_at_once(&[&first, &second]);
    }
}

/// Withdrawn while a session waits for its captcha: neither it nor a new one gets a step.
fn withdrawn_at_once(nodes: &[&Server]) {
    let first = nodes[0];
    let asker = asker(first);
    let mut at: Vec<Qiancheng> = nodes.iter().map(|node| asker.at(node)).collect();
    for (turn, place) in (0..8).map(|turn| (turn, turn as usize % nodes.len())) {
        let person = Person::new(500 + turn, "0001");
        assert_eq!(open(&mut at[place], &person).code, REFUSED, "not yet given");
        record(first, &person, &[]);
        let data = open(&mut at[place], &person).ok();
        let open_id = data["open_id"].as_str().expect("an id");
        at[place].wait_for("telecom", open_id, &[21]);
        let before = work_of(nodes);
        withdraw(first, &person);
        // At once, on every node: the database is asked before each step.
        let begun = Instant::now();
        for qiancheng in &mut at {
            assert_eq!(open(qiancheng, &person).code, REFUSED);
        }
        let last = at.last_mut().expect("a node");
        last.of(open_id, "/telecom/collect/captcha", &[("captcha", CODE)]).ok();
        last.wait_for("telecom", open_id, &[42]);
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
        let data = last.of(open_id, "/telecom/data/raw-data", &[]);
        assert!(data.code == FAILED && data.msg.contains("授权"), "{data:?}");
        assert_eq!(work_of(nodes), before, "no session and no step since");
    }
}

/// No, expired, withdrawn and other consents in 1,000 tries: no step; then as many with one.
#[test]
fn a_merchant_that_may_not_declare_needs_a_consent_in_force() {
    const TRIES: u64 = 1_000;
    let server = Server::start(Options::on(Database::Sqlite));
    let mut asker = asker(&server);
    let persons = [1, 2, 3, 4, 5, 6].map(|number| Person::new(600 + number, "0000"));
    let [nobody, expired, withdrawn, other_purpose, other_source, given] = &persons;
    record(&server, expired, &[]);
    server.advance("61m");
    assert_eq!(list(&server, expired)[0]["in_force"], false);
    record(&server, withdrawn, &[]);
    withdraw(&server, withdrawn);
    record(&server, other_purpose, &["--purpose", "loan_management"]);
    let degree = ["--merchant", "asker", "--source", "degree", "--for", "1h", "--evidence", "x"];
    let degree = [&["consent", "record", &other_source.id_card][..], &degree].concat();
    server.cli(&degree).expect_success();
    record(&server, given, &[]);
    for person in [nobody, expired, withdrawn, other_purpose, other_source] {
        for _ in 0..TRIES / 5 {
            assert_eq!(open(&mut asker, person).code, REFUSED, "{person:?}");
        }
    }
    assert_eq!(work_of(&[&server]), (0, 0));
    for _ in 0..TRIES {
        open(&mut asker, given).ok();
    }
    let mut done = work_of(&[&server]);
    for _ in 0..200 {
        thread::sleep(Duration::from_millis(50));
        let before = std::mem::replace(&mut done, work_of(&[&server]));
        if done == before {
            break;
        }
    }
    let (sessions, steps) = done;
    assert_eq!(sessions, TRIES);
    // The login, and the look that brings the data, each once.
    assert!(steps == TRIES || steps == 2 * TRIES, "{steps} steps of {TRIES} sessions");
}

#[test]
fn a_person_is_shown_everything_and_then_erased() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let mut demo = Qiancheng::log_in(&server);
        let (person, other) = (Person::new(700, "0000"), Person::new(701, "0000"));
        let mut collect = |person: &Person| {
            let open_id = demo.open_telecom(person, "synthetic");
            demo.wait_for("telecom", &open_id, &[43]);
            demo.of(&open_id, "/telecom/data/raw-data", &[]).ok();
            open_id
        };
        let (open_id, stays) = (collect(&person), collect(&other));
        let billed = |server: &Server| {
            let statement = server.cli(&["journal", "statement", "--json"]).expect_success();
            statement.json()
        };
        let bill = billed(&server);

        let export =
            |reason: &str| server.cli(&["subject", "export", &person.id_card, "--reason", reason]);
        assert_eq!(export(" ").code, Some(1), "a reason is needed");
        let shown = export("asked for by the person").expect_success().json();
        let of = |name: &str| shown[name].as_array().unwrap_or_else(|| panic!("{name}: {shown}"));
        assert_eq!(of("sessions")[0]["open_id"], open_id.as_str());
        assert_eq!(of("sessions")[0]["name"], person.name.as_str());
        assert_eq!(of("datasets")[0]["source"], "telecom");
        let data = of("datasets")[0]["data"].to_string();
        assert!(data.contains(&person.mobile) && data.len() > 1_000, "{data}");
        assert_eq!(of("consents")[0]["kind"], "declared");
        assert_eq!(of("inquiries").len(), 1);
        let views = server.cli(&["subject", "views", "--json"]).expect_success().json();
        assert_eq!(views.as_array().map(Vec::len), Some(1), "{views}");
        assert_eq!(views[0]["reason"], "asked for by the person");
        let mut noted = tests::operators::notes(&server).into_iter();
        let noted = noted.find(|(_, action, _)| action == "unmasked.view");
        assert_eq!(noted.map(|(actor, _, _)| actor).as_deref(), Some("command line"));

        let erased = server.cli(&["subject", "erase", &person.id_card, "--json"]);
        let erased = erased.expect_success().json();
        for name in ["sessions", "datasets", "consents", "inquiries"] {
            assert_eq!(erased[name], 1, "{name}: {erased}");
        }
        // A state, and nothing else, is answered from memory for half a second.
        for path in ["/telecom/data/raw-data", "/telecom/data/report", "/telecom/collect/get-state"]
        {
            if path.ends_with("get-state") {
                thread::sleep(IN_FORCE);
            }
            let gone = demo.of(&open_id, path, &[]);
            assert_eq!((gone.code, gone.msg.as_str()), (REFUSED, "open_id: 不存在"), "{path}");
        }
        demo.of(&stays, "/telecom/data/raw-data", &[]).ok();
        let shown = export("a look after").expect_success().json();
        let rest = shown.as_object().expect("an object").values();
        assert!(rest.into_iter().all(|list| list == &Value::Array(vec![])), "{shown}");
        assert_eq!(billed(&server), bill, "the bill stays");
        server.cli(&["journal", "verify"]).expect_success();
        nothing_is_left(&server, &person);
    }
}

/// Neither in the open nor in a sealed value.
fn nothing_is_left(server: &Server, person: &Person) {
    let tables = stored::tables(server);
    let root_key = std::fs::read_to_string(server.root_key()).expect("the root key");
    let opened = Vault::open(&root_key, &tables).opened(&tables);
    assert!(opened.iter().any(|(table, _)| *table == "datasets"), "the other person's stay");
    for (table, plain) in opened {
        let text = String::from_utf8_lossy(&plain);
        let found = [&person.id_card, &person.mobile].into_iter().any(|id| text.contains(id));
        assert!(!found, "in {table}: {text}");
    }
}

/// A merchant that may declare consents cannot declare away a withdrawal (PIPL, article 15): it
/// stands until the person consents anew, and ends all that was declared before.
#[test]
fn a_declaration_does_not_undo_a_withdrawal() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let (mut lender, person) = (Qiancheng::log_in(&server), Person::new(700, "0000"));
        for _ in 0..2 {
            open(&mut lender, &person).ok();
        }
        let declared = list(&server, &person);
        assert_eq!(declared.len(), 2);
        let id = declared[0]["id"].as_str().expect("an id");
        server.cli(&["consent", "withdraw", id]).expect_success();
        assert!(list(&server, &person).iter().all(|consent| consent["in_force"] == false));
        for _ in 0..2 {
            assert_eq!(open(&mut lender, &person).code, REFUSED);
        }
        assert_eq!(list(&server, &person).len(), 2, "nothing was declared");
        let given = ["consent", "record", &person.id_card, "--merchant", "sandbox"];
        let what = ["--source", "telecom", "--for", "1h", "--evidence", "paper form 18"];
        server.cli(&[&given[..], &what].concat()).expect_success();
        open(&mut lender, &person).ok();
        assert_eq!(list(&server, &person).iter().filter(|c| c["kind"] == "declared").count(), 3);
    }
}
