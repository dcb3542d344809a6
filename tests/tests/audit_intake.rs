//! Applications come in encrypted: what does not open is one answer, whoever tries too often is
//! refused, keys change without anybody being shut out, and the sizes hold (`qiancheng.md`, last
//! section).

use std::io::Write as _;
use std::thread;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine as _};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use tests::database::Database;
use tests::journal::Journal;
use tests::qiancheng::audit::{Applicant, BLOCK, BLOCK_TEXT, Sealer, UNREADABLE, least};
use tests::qiancheng::{Answer, Qiancheng};
use tests::rong360::signing::Key;
use tests::server::{IN_FORCE, Options, Server};

const USED_UP: &str = "data: 无法解密的次数过多，请一小时后再试";
/// Texts of one merchant that may fail to open in an hour.
const FAILED_MAX: usize = 20;
/// By then what failed stands in the database.
const NOTED: Duration = Duration::from_millis(100);

fn start(database: Database) -> (Server, Qiancheng, Sealer) {
    let server = Server::start(Options::on(database));
    let (merchant, sealer) = (Qiancheng::log_in(&server), Sealer::of(&server));
    (server, merchant, sealer)
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(text).expect("memory");
    packer.finish().expect("memory")
}

fn text(order_id: u64) -> Vec<u8> {
    least(order_id).to_string().into_bytes()
}

/// The text with spaces in it up to that many bytes.
fn padded(order_id: u64, length: usize) -> Vec<u8> {
    let mut text = text(order_id);
    let missing = length - text.len();
    text.splice(1..1, std::iter::repeat_n(b' ', missing));
    text
}

/// The same packed stream, with another length at its end.
fn lying(mut packed: Vec<u8>, length: u32) -> Vec<u8> {
    let at = packed.len() - 4;
    packed[at..].copy_from_slice(&length.to_le_bytes());
    packed
}

/// One more lender with risk audits; it may not send blocks.
fn lender(server: &Server, name: &str) -> Qiancheng {
    let password = server.new_lender(name, &[]);
    server.entitle_lender(name, "risk.audit", &[]);
    thread::sleep(IN_FORCE);
    Qiancheng::log_in_as(server, name, &password)
}

/// Texts that are no application, as they would be before they are encrypted.
fn broken_texts() -> Vec<Vec<u8>> {
    let sound = text(1);
    let packed = gzip(&sound);
    let mut bent = packed.clone();
    let middle = bent.len() / 2;
    bent[middle] ^= 1;
    let mut odd = sound.clone();
    odd[30] = 0xff;
    vec![
        Vec::from(b" "),
        Vec::from(b"no JSON"),
        sound[..sound.len() - 1].to_vec(),
        [&sound[..], b"}"].concat(),
        odd,
        packed[..packed.len() - 9].to_vec(),
        bent,
        [&packed[..], b"x"].concat(),
        gzip(&sound[1..]),
        gzip(&vec![b' '; 49 << 20]),
    ]
}

/// Sound cipher, spoilt.
fn broken_blocks(sealer: &Sealer) -> Vec<String> {
    let base64 = |bytes: &[u8]| BASE64_STANDARD.encode(bytes);
    let cipher = sealer.cipher(&text(1));
    let mut wrong = vec![
        base64(&cipher[..cipher.len() - 1]),
        base64(&cipher[..cipher.len() - BLOCK]),
        base64(&cipher[BLOCK..]),
        base64(&[&cipher[..], b"x"].concat()),
        base64(&[0; BLOCK]),
        base64(&[0xff; 2 * BLOCK]),
        base64(&cipher) + "!",
        format!("*{}", base64(&cipher)),
        "AAAA".to_owned(),
        Sealer::of_pem(&Key::generate().public_pem()).blocks(&text(1)),
    ];
    wrong.extend([0, 1, BLOCK + 100, cipher.len() - 1].map(|at| {
        let mut bent = cipher.clone();
        bent[at] ^= 1;
        base64(&bent)
    }));
    wrong
}

/// A sound JWE, spoilt in each of its five parts, and headers that promise something else.
fn broken_jwes(sealer: &Sealer) -> Vec<String> {
    let sound = sealer.jwe(&text(1));
    let parts: Vec<&str> = sound.split('.').collect();
    let with = |place: usize, part: String| {
        let mut parts: Vec<String> = parts.iter().map(|part| (*part).to_owned()).collect();
        parts[place] = part;
        parts.join(".")
    };
    let mut wrong: Vec<String> = (0..5)
        .flat_map(|place| {
            let mut bytes = BASE64_URL_SAFE_NO_PAD.decode(parts[place]).expect("Base64");
            let last = bytes.len() - 1;
            bytes[last] ^= 1;
            [with(place, BASE64_URL_SAFE_NO_PAD.encode(bytes)), with(place, String::new())]
        })
        .collect();
    let headers = [
        r#"{"alg":"RSA1_5","enc":"A256GCM"}"#,
        r#"{"alg":"RSA-OAEP-256","enc":"A128CBC-HS256"}"#,
        r#"{"alg":"RSA-OAEP-256","enc":"A256GCM","zip":"DEF"}"#,
        r#"{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"7"}"#,
    ];
    wrong.extend(headers.map(|header| sealer.jwe_headed(header, &text(1))));
    wrong.push(parts[..4].join("."));
    wrong.push(format!("{sound}."));
    wrong.push(Sealer::of_pem(&Key::generate().public_pem()).jwe(&text(1)));
    wrong
}

#[test]
fn whatever_does_not_open_is_one_answer() {
    let (server, mut merchant, sealer) = start(Database::Sqlite);
    let applicant = Applicant::with(Value::Null);
    let texts = broken_texts();
    let mut wrong: Vec<String> = texts.iter().map(|text| sealer.jwe(text)).collect();
    // The last unpacks to more than an application may be.
    wrong.extend(texts[..texts.len() - 1].iter().map(|text| sealer.blocks(text)));
    wrong.extend(broken_blocks(&sealer));
    wrong.extend(broken_jwes(&sealer));
    assert!(wrong.len() > 45, "{}", wrong.len());
    let expected = json!({"code": 1001, "msg": UNREADABLE, "data": null});
    let mut bodies = Vec::new();
    for (place, data) in wrong.iter().enumerate() {
        if place > 0 && place % FAILED_MAX == 0 {
            server.advance("61m");
        }
        let answer = merchant.hand_in(&applicant, data);
        let shown = (answer.status, answer.json(), answer.header("cache-control"));
        assert_eq!(shown, (200, expected.clone(), Some("no-store")), "{place}: {data:.80}");
        bodies.push(answer.body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1);
    // None of them took the order's number, or was billed.
    server.advance("61m");
    merchant.applied(&applicant, &sealer.jwe(&text(1)));
    assert_eq!(Journal::export(&server).rows.len(), 1);
}

#[test]
fn whoever_fails_too_often_is_refused_for_an_hour_and_nobody_else() {
    let (server, mut merchant, sealer) = start(Database::Sqlite);
    let mut other = lender(&server, "other");
    let applicant = Applicant::with(Value::Null);
    let garbage = BASE64_STANDARD.encode([1; BLOCK]);
    // Fields that are wrong are no failures to decrypt.
    let field = sealer.jwe(least(1).to_string().replace("200000", "0").as_bytes());
    for _ in 0..2 * FAILED_MAX {
        let answer = merchant.apply(&applicant, &field);
        assert!(answer.msg.starts_with("data.order_detail.amount: "), "{answer:?}");
    }
    for failed in 0..FAILED_MAX {
        assert_eq!(merchant.apply(&applicant, &garbage).msg, UNREADABLE, "{failed}");
    }
    for data in [&garbage, &sealer.jwe(&text(1)), &sealer.blocks(&text(1))] {
        let answer = merchant.apply(&applicant, data);
        assert_eq!((answer.code, answer.msg.as_str()), (1001, USED_UP));
    }
    other.applied(&applicant, &sealer.jwe(&text(1)));
    server.advance("59m");
    assert_eq!(merchant.apply(&applicant, &garbage).msg, USED_UP);
    server.advance("2m");
    merchant.applied(&applicant, &sealer.blocks(&text(1)));
}

/// What one node saw fail counts on the others, and after a start.
#[test]
fn the_budget_is_one_over_nodes_and_starts() {
    for database in Database::both() {
        let (mut server, mut merchant, sealer) = start(database);
        let node = (database == Database::Postgres).then(|| Server::join(&server));
        let applicant = Applicant::with(Value::Null);
        let garbage = BASE64_STANDARD.encode([1; BLOCK]);
        let sound = sealer.jwe(&text(1));
        let mut other = node.as_ref().map(|node| merchant.at(node));
        if let Some(other) = &mut other {
            // It has looked, and knows of none.
            other.applied(&applicant, &sound);
        }
        for failed in 0..FAILED_MAX {
            if failed == FAILED_MAX / 2 {
                thread::sleep(NOTED);
                server.restart();
                merchant = merchant.at(&server);
            }
            let at = other.as_mut().filter(|_| failed % 2 == 0).unwrap_or(&mut merchant);
            assert_eq!(at.apply(&applicant, &garbage).msg, UNREADABLE, "{database:?} {failed}");
            // As one after the other: what is answered is noted a moment later.
            thread::sleep(NOTED);
        }
        for at in [Some(&mut merchant), other.as_mut()].into_iter().flatten() {
            assert_eq!(at.apply(&applicant, &sound).msg, USED_UP, "{database:?}");
        }
        server.restart();
        let mut merchant = merchant.at(&server);
        assert_eq!(merchant.apply(&applicant, &sound).msg, USED_UP, "{database:?}");
        server.advance("61m");
        merchant.applied(&applicant, &sound);
    }
}

#[test]
fn blocks_are_for_those_who_asked_for_them() {
    let (server, _, sealer) = start(Database::Sqlite);
    let mut other = lender(&server, "other");
    let applicant = Applicant::with(Value::Null);
    let (blocks, jwe) = (sealer.blocks(&text(1)), sealer.jwe(&text(1)));
    let refused = other.apply(&applicant, &blocks);
    assert!(refused.code == 1001 && refused.msg.starts_with("data: 应为JWE"), "{refused:?}");
    let open_id = other.applied(&applicant, &jwe);
    server.cli(&["merchant", "takes-blocks", "other", "true"]).expect_success();
    thread::sleep(IN_FORCE);
    assert_eq!(other.applied(&applicant, &blocks), open_id);
    server.cli(&["merchant", "takes-blocks", "other", "false"]).expect_success();
    thread::sleep(IN_FORCE);
    assert_eq!(other.apply(&applicant, &blocks), refused);
}

/// What is encrypted to the two keys before the newest goes on being opened, on every node, for a
/// while.
#[test]
fn keys_change_without_anybody_being_shut_out() {
    for database in Database::both() {
        let (server, merchant, first) = start(database);
        let node = (database == Database::Postgres).then(|| Server::join(&server));
        let applicant = Applicant::with(Value::Null);
        let mut keys = vec![first];
        for round in 1..=3_u64 {
            server.cli(&["key", "rotate", "--audit"]).expect_success();
            keys.push(Sealer::of(&server));
            assert_ne!(keys[keys.len() - 1].pem, keys[keys.len() - 2].pem);
            thread::sleep(IN_FORCE);
            for (version, key) in (1..).zip(&keys) {
                let kid = format!(r#"{{"alg":"RSA-OAEP-256","enc":"A256GCM","kid":"{version}"}}"#);
                let text = text(100 * round + version);
                let sent = [key.jwe_headed(&kid, &text), key.jwe(&text), key.blocks(&text)];
                let mut nodes = vec![merchant.another()];
                nodes.extend(node.as_ref().map(|node| merchant.at(node)));
                for (place, data) in sent.iter().enumerate() {
                    for node in &mut nodes {
                        let answer = node.apply(&applicant, data);
                        let is_known = version + 3 > keys.len() as u64;
                        let found = (answer.code, answer.msg.as_str());
                        let expected = if is_known { (0, "") } else { (1001, UNREADABLE) };
                        assert_eq!(found, expected, "{database:?} {round} {version} {place}");
                    }
                }
            }
        }
        // For 90 days after the next one came.
        let [.., old, new] = &keys[..] else { panic!("there are two") };
        for (days, is_open) in [("89d", true), ("2d", false)] {
            server.cli(&["sandbox", "clock", "advance", days]).expect_success();
            thread::sleep(IN_FORCE);
            let mut merchant = Qiancheng::log_in(&server);
            for (key, opens) in [(old, is_open), (new, true)] {
                let order = 1_000 + u64::from(is_open) * 10 + u64::from(opens);
                let answer = merchant.apply(&applicant, &key.jwe(&text(order)));
                assert_eq!(answer.code, if opens { 0 } else { 1001 }, "{database:?} {days}");
            }
        }
    }
}

type Pack<'p> = &'p dyn Fn(&[u8]) -> Vec<u8>;

/// A body that is no sound gzip, or stands for more than an application may be, is told from
/// outside: in the envelope, without a try counted.
#[test]
fn packed_bodies_that_are_none_are_refused_in_the_envelope() {
    let (_server, mut merchant, sealer) = start(Database::Sqlite);
    let applicant = Applicant::with(Value::Null);
    let data = sealer.jwe(&text(1));
    let short = |body: &[u8]| gzip(body)[..40].to_vec();
    let cases: [(u16, Pack<'_>); 6] = [
        (413, &|body| gzip(&[body, &vec![b'A'; 80 << 20]].concat())),
        (413, &|body| gzip(&[body, &vec![b'A'; 20 << 20]].concat())),
        (200, &|body| lying(gzip(&[body, &vec![b'A'; 900 << 10]].concat()), 9)),
        (200, &|body| lying(gzip(body), u32::MAX)),
        (200, &short),
        (200, &|body| body.to_vec()),
    ];
    for _ in 0..FAILED_MAX / 4 {
        for (place, (status, pack)) in cases.iter().enumerate() {
            let response = merchant.hand_in_packed(&applicant, &data, pack);
            let answer = Answer::read(&response);
            let found = (answer.status, answer.code, &answer.data);
            assert_eq!(found, (*status, 1001, &Value::Null), "{place}: {answer:?}");
            assert!(answer.msg.starts_with("请求内容"), "{place}: {answer:?}");
        }
    }
    let answer = Answer::read(&merchant.hand_in_packed(&applicant, &data, gzip));
    let open_id = answer.ok()["open_id"].clone();
    assert_eq!(open_id, merchant.applied(&applicant, &data));
}

#[test]
fn sizes_hold() {
    let (_server, merchant, sealer) = start(Database::Sqlite);
    let mut merchant = merchant.patient(Duration::from_mins(2));
    let applicant = Applicant::with(Value::Null);
    let most = 4_096 * BLOCK_TEXT;
    merchant.applied(&applicant, &sealer.blocks(&padded(1, most)));
    let answer = merchant.apply(&applicant, &sealer.blocks(&padded(2, most + 1)));
    assert_eq!((answer.code, answer.msg.as_str()), (1001, "data: 过长"));
    let largest = sealer.jwe(&padded(3, 48 << 20));
    let open_id = merchant.applied(&applicant, &largest);
    // The interface's description prints `Content-Encoding: gzip` for this body.
    let packed = Answer::read(&merchant.hand_in_packed(&applicant, &largest, gzip));
    assert_eq!(packed.ok()["open_id"], open_id);
    let answer = merchant.apply(&applicant, &sealer.jwe(&padded(4, 49 << 20)));
    assert!(answer.code == 1001, "{answer:?}");
    // Rows of a section, and one more.
    let contact = json!({"mobile": "12000000001", "name": "合成"});
    let call = json!({
        "phone": "12000000001", "last_contact_date": "2026-01-30 21:12:05",
        "talk_seconds": "1", "talk_cnt": "1",
    });
    for (section, row, max) in [
        ("/basic_info/user_contact", &contact, 50),
        ("/user_mobile_contacts", &contact, 20_000),
        ("/app_info", &json!({"app_name": "合成"}), 5_000),
        ("/telecom_data/contact_list", &call, 100_000),
    ] {
        let mut send = |rows: usize| -> Answer {
            let mut whole = least(10 + max as u64);
            if section == "/app_info" {
                whole["app_info"] = json!([]);
            }
            let place = whole.pointer_mut(section).expect("it has the section");
            *place = vec![row.clone(); rows].into();
            merchant.apply(&applicant, &sealer.jwe(whole.to_string().as_bytes()))
        };
        let path = section.replace('/', ".");
        assert_eq!(send(max + 1).msg, format!("data{path}: 项数过多"));
        assert_eq!(send(max).code, 0, "{section}");
    }
}
