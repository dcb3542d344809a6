//! Face 2's bodies: every way in which real clients send them, and a table of bad ones, each with
//! the code, the status and the field that the document's rules give it.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Map, Value, json};
use tests::database::Database;
use tests::http::{Client, Response, urlencode};
use tests::qiancheng::routes::{self, Asker, Route};
use tests::qiancheng::{Answer, Person, Qiancheng};
use tests::server::{Options, Server};

const ABSENT: &str = "00000000000000000000000000000000";
const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data; boundary=------------------------d74496d66958873e";

type Way = (&'static str, &'static str, fn(&Pairs<'_>) -> Vec<u8>, bool);

/// (name, Content-Type, how the body is written, whether it is packed)
const WAYS: [Way; 10] = [
    ("urlencoded with PHP's brackets", FORM, form, false),
    ("multipart as PHP cURL sends an array", MULTIPART, multipart, false),
    ("JSON", JSON, json_of, false),
    ("JSON with a charset and a byte order mark", "application/json;charset=utf-8", marked, false),
    ("JSON without a type", "", json_of, false),
    ("a form without a type", "", form, false),
    ("multipart without its boundary over a form", "multipart/form-data", form, false),
    ("packed JSON", JSON, json_of, true),
    ("a packed form", FORM, form, true),
    ("packed multipart", MULTIPART, multipart, true),
];

type Pairs<'a> = [(&'a str, String)];

fn form(pairs: &Pairs<'_>) -> Vec<u8> {
    let pairs: Vec<(&str, &str)> =
        pairs.iter().map(|(name, text)| (*name, text.as_str())).collect();
    urlencode(&pairs).into_bytes()
}

fn multipart(pairs: &Pairs<'_>) -> Vec<u8> {
    let (_, boundary) = MULTIPART.split_once('=').expect("a boundary");
    let part = |(name, text): &(&str, String)| {
        format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
    };
    format!("{}--{boundary}--\r\n", pairs.iter().map(part).collect::<String>()).into_bytes()
}

/// Brackets become what they stand for.
fn json_of(pairs: &Pairs<'_>) -> Vec<u8> {
    let mut all = Value::Object(Map::new());
    for (name, text) in pairs {
        let mut place = &mut all;
        for step in name.split('[').map(|step| step.trim_end_matches(']')) {
            place = match step.parse::<usize>() {
                Ok(_) if place.is_array() => &mut place[0],
                Ok(_) => {
                    *place = json!([null]);
                    &mut place[0]
                }
                Err(_) => &mut place[step],
            };
        }
        *place = text.as_str().into();
    }
    all.to_string().into_bytes()
}

fn marked(pairs: &Pairs<'_>) -> Vec<u8> {
    ["\u{feff}".as_bytes(), &json_of(pairs)].concat()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

fn send(client: &mut Client, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Response {
    let headers: Vec<_> = headers.iter().filter(|(_, value)| !value.is_empty()).copied().collect();
    let answer = client.request("POST", path, &headers, body);
    answer.unwrap_or_else(|failure| panic!("{path}: {failure}"))
}

#[test]
fn every_route_reads_every_way() {
    let server = Server::start(Options::on(Database::Sqlite));
    let qiancheng = Qiancheng::log_in(&server);
    let (mut client, password) = (server.client(), server.sandbox().password);
    let (token, username) = (&*qiancheng.token, &*qiancheng.username);
    for route in routes::all(&server) {
        let mut pairs = route.form(&Asker { token, username, open_id: ABSENT });
        if route.path.ends_with("/token") {
            pairs.retain(|(name, _)| *name != "password");
            pairs.push(("password", password.clone()));
        }
        let mut answers = WAYS.map(|(way, content_type, write, is_packed)| {
            let body = write(&pairs);
            let body = if is_packed { gzip(&body) } else { body };
            let packing = if is_packed { "gzip" } else { "" };
            let headers = [("Content-Type", content_type), ("Content-Encoding", packing)];
            let answer = Answer::read(&send(&mut client, &route.path, &headers, &body));
            (way, (answer.status, answer.code, answer.msg))
        });
        // The first upload of a licence lets the openings after it go on.
        answers.rotate_left(1);
        for (way, answer) in &answers {
            assert_eq!(answer, &answers[0].1, "{}: {way}", route.path);
            assert!(!answer.2.contains("缺失"), "{}: {way}: {answer:?}", route.path);
        }
    }
}

/// What is nested arrives, whichever way; a report shows it.
#[test]
fn contacts_arrive_every_way() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let mut qiancheng = Qiancheng::log_in(&server);
        let (mut client, person) = (server.client(), Person::new(5, "0000"));
        for (number, (way, content_type, write, is_packed)) in WAYS.into_iter().enumerate() {
            let name = format!("联系人{number}");
            let mut pairs = vec![
                ("token", qiancheng.token.clone()),
                ("service_password", "a+b c&d=e%2B".to_owned()),
                ("options[contacts][0][contact_tel]", "13800138000".to_owned()),
                ("options[contacts][0][contact_name]", name.clone()),
                ("options[contacts][0][contact_type]", "1".to_owned()),
                ("options[home_addr]", "合成路1号".to_owned()),
            ];
            pairs.extend(person.fields().map(|(name, text)| (name, text.to_owned())));
            let body = if is_packed { gzip(&write(&pairs)) } else { write(&pairs) };
            let packing = if is_packed { "gzip" } else { "" };
            let headers = [("Content-Type", content_type), ("Content-Encoding", packing)];
            let answer =
                Answer::read(&send(&mut client, "/telecom/collect/open-id", &headers, &body));
            let open_id = answer.ok()["open_id"].as_str().expect("an id").to_owned();
            qiancheng.wait_for("telecom", &open_id, &[43]);
            let report = qiancheng.of(&open_id, "/telecom/data/report", &[]).ok();
            let found = &report["collection_contact"][0];
            assert_eq!(found["contact_name"], name, "{database:?} {way}: {found}");
        }
    }
}

/// cURL waits for leave before it sends a body that is not small.
#[test]
fn leave_is_given_to_go_on() {
    let server = Server::start(Options::on(Database::Sqlite));
    let sandbox = server.sandbox();
    let pairs = [("username", sandbox.username.clone()), ("password", sandbox.password)];
    let body = multipart(&pairs);
    let head = format!(
        "POST /client/authorize/token HTTP/1.1\r\nHost: a\r\nContent-Type: {MULTIPART}\r\n\
         Content-Length: {}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let mut stream = TcpStream::connect(server.address()).expect("it listens");
    stream.write_all(head.as_bytes()).expect("it reads");
    let mut leave = [0; 25];
    stream.read_exact(&mut leave).expect("leave to go on");
    assert_eq!(&leave, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(&body).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("text");
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("\"code\":0"), "{answer}");
}

/// The values of a field that are wrong, each called by its fault.
fn wrong(field: &str) -> Vec<(&'static str, Value)> {
    let long = || Value::from("长".repeat(201));
    let mut rows = match field {
        "hours" => vec![
            ("zero", json!(0)),
            ("more than 720", json!(721)),
            ("negative", json!(-1)),
            ("a part of an hour", json!(1.5)),
            ("a word", json!("day")),
        ],
        "name" => vec![
            ("too long", Value::from("长".repeat(65))),
            ("a character that is not seen", json!("张\u{200b}三")),
            ("a control character", json!("张\u{0007}三")),
        ],
        "id_card" => vec![
            ("17 characters", json!("99000019900101001")),
            ("19 characters", json!("9900001990010100170")),
            ("a letter inside", json!("99000019900a010017")),
            ("no such day", json!("990000199002300013")),
            ("a day to come", json!("990000209901010013")),
            ("a wrong check digit", json!("990000199001010010")),
        ],
        "mobile" => vec![
            ("10 digits", json!("1390000000")),
            ("12 digits", json!("139000000001")),
            ("a letter", json!("1390000000a")),
            ("no mobile's beginning", json!("12900000001")),
        ],
        "open_id" | "openId" => vec![
            ("31 characters", json!(&ABSENT[1..])),
            ("33 characters", json!(format!("{ABSENT}0"))),
            ("no hexadecimal digit", json!(ABSENT.replace('0', "g"))),
            ("capitals", json!(ABSENT.replace('0', "A"))),
            ("SQL", json!("' OR '1'='1")),
        ],
        "sync" => vec![("2", json!(2)), ("-1", json!("-1")), ("a word", json!("true"))],
        "options" => vec![("a word", json!("x")), ("a list", json!([1])), ("a number", json!(1))],
        "user_info" => vec![
            ("a word", json!("x")),
            ("no client type", json!({"city": "合成市"})),
            ("no such client type", json!({"client_type": 3})),
        ],
        "entry_id" | "login_name" | "account" | "username" => {
            vec![("too long", long()), ("a NUL", json!("a\0b"))]
        }
        _ => vec![("too long", long())],
    };
    if !["options", "user_info"].contains(&field) {
        rows.push(("true", json!(true)));
        rows.push(("a list", json!(["x"])));
        rows.push(("an object", json!({"x": 1})));
    }
    rows
}

/// Where it is nested: what is sent under `options`, and what the message names.
const NESTED: [(&str, &str); 9] = [
    (r#"{"contacts": {"contact_tel": "139"}}"#, "options.contacts"),
    (r#"{"contacts": [1]}"#, "options.contacts[0]"),
    (r#"{"contacts": [{"contact_name": "甲"}]}"#, "options.contacts[0].contact_tel"),
    (r#"{"contacts": [{"contact_tel": "12"}]}"#, "options.contacts[0].contact_tel"),
    (r#"{"contacts": [{"contact_tel": "13x00138000"}]}"#, "options.contacts[0].contact_tel"),
    (
        r#"{"contacts": [{"contact_tel": "139"}, {"contact_tel": "139", "contact_type": 7}]}"#,
        "options.contacts[1].contact_type",
    ),
    (
        r#"{"contacts": [{"contact_tel": "139", "contact_name": ["a"]}]}"#,
        "options.contacts[0].contact_name",
    ),
    (r#"{"work_addr": [1]}"#, "options.work_addr"),
    (r#"{"home_tel": {"a": 1}}"#, "options.home_tel"),
];

struct Bad {
    name: [String; 3],
    body: Value,
    /// How the message begins.
    names: String,
}

fn bad_inputs(route: &Route, right: &Value) -> Vec<Bad> {
    let mut all = Vec::new();
    let mut add = |field: &str, fault: &str, body: Value, names: &str| {
        let name = [route.path.clone(), field.to_owned(), fault.to_owned()];
        all.push(Bad { name, body, names: format!("{names}: ") });
    };
    let with = |field: &str, value: Value| {
        let mut body = right.clone();
        body[field] = value;
        body
    };
    for field in &route.fields {
        if route.required.contains(field) {
            let mut without = right.clone();
            without.as_object_mut().expect("an object").remove(field);
            add(field, "missing", without, field);
            add(field, "null", with(field, Value::Null), field);
            if field != "service_password" || !route.takes("token") {
                add(field, "empty", with(field, json!("")), field);
            }
        }
        for (fault, value) in wrong(field) {
            let inside = match (field.as_str(), fault) {
                ("user_info", fault) if fault.contains("client type") => "user_info.client_type",
                (field, _) => field,
            };
            add(field, fault, with(field, value), inside);
        }
    }
    if route.path == "/telecom/collect/open-id" {
        for (options, names) in NESTED {
            let options = serde_json::from_str(options).expect(options);
            add(names, &format!("{options}"), with("options", options), names);
        }
        let many: Vec<_> =
            (0..21).map(|n| json!({"contact_tel": 13_900_000_000_u64 + n})).collect();
        add(
            "options.contacts",
            "21",
            with("options", json!({"contacts": many})),
            "options.contacts",
        );
    }
    all
}

#[test]
fn each_bad_field_is_named() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let qiancheng = Qiancheng::log_in(&server);
        let mut client = server.client();
        let asker =
            Asker { token: &qiancheng.token, username: &qiancheng.username, open_id: ABSENT };
        let mut names = BTreeSet::new();
        for route in routes::all(&server) {
            let pairs = route.form(&asker);
            let right = pairs.iter().map(|(name, text)| ((*name).to_owned(), text.as_str().into()));
            let right = Value::Object(right.collect());
            for Bad { name, body, names: begins } in bad_inputs(&route, &right) {
                let body = body.to_string();
                let response =
                    send(&mut client, &name[0], &[("Content-Type", JSON)], body.as_bytes());
                let answer = Answer::read(&response);
                let found = (answer.status, answer.code, &answer.data);
                assert_eq!(found, (200, 1001, &Value::Null), "{name:?}: {answer:?}");
                assert!(answer.msg.starts_with(&begins), "{name:?}: {answer:?}");
                assert!(names.insert(name), "each is another one");
            }
        }
        assert!(names.len() >= 500, "{database:?}: {} bad inputs", names.len());
        eprintln!("{database:?}: {} bad inputs", names.len());
        let statement = server.cli(&["journal", "statement", "--json", "--rows"]).expect_success();
        assert!(!statement.stdout.contains("\"key\""), "nothing was begun: {}", statement.stdout);
    }
}

/// Bodies that cannot be read: what HTTP calls them, and the face's own envelope.
#[test]
fn what_cannot_be_read_is_refused_in_the_envelope() {
    let server = Server::start(Options::on(Database::Sqlite));
    let mut client = server.client();
    let packed = gzip(b"{\"open_id\":\"1\"}");
    let nested = format!("{}1{}", "{\"a\":".repeat(40), "}".repeat(40));
    // More than an application may be, too.
    let bomb = gzip(&vec![b'a'; 80 << 20]);
    let many =
        format!("{{{}}}", (0..400).map(|n| format!("\"f{n}\":1")).collect::<Vec<_>>().join(","));
    let table: [(u16, &str, &str, &[u8]); 20] = [
        (200, JSON, "", b"{"),
        (200, JSON, "", b"[]"),
        (200, JSON, "", b"\"text\""),
        (200, JSON, "", b"{\"open_id\":1,}"),
        (200, JSON, "", b"{\"open_id\":\"\xff\xfe\"}"),
        (200, JSON, "", b"{\"open_id\":\"1\",\"open_id\":\"1\"}"),
        (200, JSON, "", b"{\"open_id\":\"1\"}{}"),
        (200, JSON, "", nested.as_bytes()),
        (200, JSON, "", many.as_bytes()),
        (200, FORM, "", b"open_id=1&open_id=2"),
        (200, FORM, "", b"open_id=%ff%fe"),
        (200, JSON, "gzip", b"{\"open_id\":\"1\"}"),
        (200, JSON, "gzip", &packed[..packed.len() - 5]),
        (200, JSON, "gzip", &[&*packed, b"more"].concat()),
        (413, JSON, "gzip", &bomb),
        (415, JSON, "br", b"{}"),
        (415, JSON, "gzip, gzip", &packed),
        (415, "text/xml", "", b"<open_id>1</open_id>"),
        (415, "text/plain", "", b"open_id=1"),
        (415, "application/octet-stream", "", b"open_id=1"),
    ];
    // The list of banks takes nothing.
    for route in routes::all(&server).iter().filter(|route| !route.fields.is_empty()) {
        let path = &*route.path;
        for (status, content_type, packing, body) in table {
            let headers = [("Content-Type", content_type), ("Content-Encoding", packing)];
            let answer = Answer::read(&send(&mut client, path, &headers, body));
            let place = format!(
                "{path} {content_type} {packing} {:?}",
                String::from_utf8_lossy(&body[..body.len().min(40)])
            );
            assert_eq!(
                (answer.status, answer.code, &answer.data),
                (status, 1001, &Value::Null),
                "{place}: {answer:?}"
            );
            assert!(answer.msg.starts_with("请求内容"), "{place}: {answer:?}");
        }
    }
}
