//! An order's number names one application of its merchant's: the same content again has the same
//! id and no second bill, other content is refused, and a refused one took nothing
//! (`qiancheng.md`, last section). What became of it is its merchant's to see.

use std::collections::BTreeSet;
use std::thread;

use serde_json::{Map, Value, json};
use tests::database::Database;
use tests::journal::Journal;
use tests::qiancheng::audit::{Applicant, IN_REVIEW, Sealer, least};
use tests::qiancheng::{Answer, Qiancheng};
use tests::server::{IN_FORCE, Options, Server};

const TAKEN: &str = "data.order_detail.order_id: 已用于另一份申请";

fn start(database: Database) -> (Server, Qiancheng, Sealer) {
    let server = Server::start(Options::on(database));
    let (merchant, sealer) = (Qiancheng::log_in(&server), Sealer::of(&server));
    (server, merchant, sealer)
}

fn lender(server: &Server, name: &str, terms: &[&str]) -> Qiancheng {
    let password = server.new_lender(name, &[]);
    server.entitle_lender(name, "risk.audit", terms);
    thread::sleep(IN_FORCE);
    Qiancheng::log_in_as(server, name, &password)
}

fn bills(server: &Server) -> usize {
    let journal = Journal::export(server);
    assert_eq!(journal.verify_exit, 0);
    journal.rows.iter().filter(|row| row.product == "risk.audit" && row.billed).count()
}

/// The same content with the members of every object in the other order.
fn turned(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| format!("{name:?} : {}", turned(value));
            let members: Vec<String> = members.iter().rev().map(member).collect();
            format!("{{{}}}", members.join(" ,\n"))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(turned).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

#[test]
fn the_same_again_is_the_first_and_other_content_is_refused() {
    for database in Database::both() {
        let (server, mut merchant, sealer) = start(database);
        let applicant = Applicant::sized(3, 17, "small");
        let text = applicant.text();
        let open_id = merchant.applied(&applicant, &sealer.blocks(text.as_bytes()));
        let again = turned(&applicant.application);
        assert_ne!(again, text);
        let spelt = text.replace("moblie", "mobile");
        for (place, text) in [&text, &again, &spelt].iter().enumerate() {
            for data in [sealer.blocks(text.as_bytes()), sealer.jwe(text.as_bytes())] {
                assert_eq!(merchant.applied(&applicant, &data), open_id, "{database:?} {place}");
            }
        }
        let mut other = applicant.clone();
        other.application["order_detail"]["amount"] = json!(123_400);
        let mut somebody = Applicant::sized(4, 17, "small");
        somebody.application = applicant.application.clone();
        for other in [&other, &somebody] {
            let answer = merchant.apply(other, &sealer.jwe(other.text().as_bytes()));
            assert_eq!((answer.code, answer.msg.as_str()), (1001, TAKEN), "{database:?}");
        }
        // Another merchant has numbers of its own.
        let mut lender = lender(&server, "lender", &[]);
        assert_ne!(lender.applied(&applicant, &sealer.jwe(text.as_bytes())), open_id);
        assert_eq!(bills(&server), 2, "{database:?}");
    }
}

#[test]
fn what_is_refused_takes_no_number_and_no_bill() {
    for database in Database::both() {
        let (server, mut merchant, sealer) = start(database);
        let sound = Applicant::with(least(5));
        let mut wrong = sound.clone();
        wrong.application["order_detail"]["loan_term"] = json!(0);
        let answer = merchant.apply(&wrong, &sealer.jwe(wrong.text().as_bytes()));
        assert!(answer.msg.starts_with("data.order_detail.loan_term: "), "{answer:?}");
        let mut nobody = sound.clone();
        nobody.id_card = "990000199001010018".to_owned();
        let answer = merchant.apply(&nobody, &sealer.jwe(sound.text().as_bytes()));
        assert_eq!((answer.code, answer.msg.as_str()), (1001, "id_card: 校验位错误"));
        assert_eq!(bills(&server), 0);
        merchant.applied(&sound, &sealer.jwe(sound.text().as_bytes()));
        assert_eq!(bills(&server), 1);
        // Not bought, and used up.
        let password = server.new_lender("poor", &[]);
        let mut poor = Qiancheng::log_in_as(&server, "poor", &password);
        let answer = poor.apply(&sound, &sealer.jwe(sound.text().as_bytes()));
        assert_eq!((answer.code, answer.msg.as_str()), (1001, "未开通该产品"));
        let mut scarce = lender(&server, "scarce", &["--daily-quota", "1"]);
        scarce.applied(&sound, &sealer.jwe(sound.text().as_bytes()));
        let second = Applicant::with(least(6));
        let data = sealer.jwe(second.text().as_bytes());
        let answer = scarce.apply(&second, &data);
        assert_eq!((answer.code, answer.msg.as_str()), (1000, "调用量已达上限"));
        assert_eq!(bills(&server), 2);
        server.advance("24h");
        let mut scarce = lender_again(&server, &mut scarce);
        scarce.applied(&second, &data);
        assert_eq!(bills(&server), 3, "{database:?}");
    }
}

/// With a token for the new day.
fn lender_again(server: &Server, lender: &mut Qiancheng) -> Qiancheng {
    let renew = ["merchant", "credential", &lender.username, "add", "password", "--json"];
    let made = server.cli(&renew).expect_success().json();
    thread::sleep(IN_FORCE);
    let password = made["secret"].as_str().expect("it is shown this once");
    Qiancheng::log_in_as(server, &lender.username, password)
}

/// Copies at once, through every node.
#[test]
fn copies_at_once_are_one_application() {
    for database in Database::both() {
        let (server, merchant, sealer) = start(database);
        let node = (database == Database::Postgres).then(|| Server::join(&server));
        for order_id in 1..=5 {
            let applicant = Applicant::with(least(order_id));
            let ids: BTreeSet<String> = thread::scope(|scope| {
                let senders: Vec<_> = (0..8)
                    .map(|sender| {
                        let mut merchant = match &node {
                            Some(node) if sender % 2 == 1 => merchant.at(node),
                            _ => merchant.another(),
                        };
                        let data = sealer.jwe(applicant.text().as_bytes());
                        let applicant = &applicant;
                        scope.spawn(move || merchant.applied(applicant, &data))
                    })
                    .collect();
                senders.into_iter().map(|sender| sender.join().expect("an id")).collect()
            });
            assert_eq!(ids.len(), 1, "{database:?}: {ids:?}");
        }
        assert_eq!(bills(&server), 5);
    }
}

/// A result is told to whoever has the id, until it is final and as it is then; a username that is
/// sent must be the owner's. Foreign is as absent, byte for byte.
#[test]
fn a_result_is_its_merchants() {
    for database in Database::both() {
        let (server, mut merchant, sealer) = start(database);
        let mut other = lender(&server, "lender", &[]);
        let applicant = Applicant::sized(7, 1, "small");
        let open_id = other.applied(&applicant, &sealer.jwe(applicant.text().as_bytes()));
        let absent: String = open_id.chars().rev().collect();
        let own = [("open_id", open_id.as_str()), ("username", "lender")];
        let name = merchant.username.clone();
        let foreign = [("open_id", open_id.as_str()), ("username", name.as_str())];
        let nobody = [("open_id", absent.as_str()), ("username", name.as_str())];
        let seen = merchant.look_at(&own);
        assert_eq!(seen.header("cache-control"), Some("no-store"));
        let data = Answer::read(&seen).ok();
        let keys: Vec<&String> = data.as_object().map(Map::keys).expect("an object").collect();
        assert_eq!(keys, ["reason", "state"], "{data}");
        let absent_seen = merchant.look_at(&nobody);
        assert_eq!(Answer::read(&absent_seen).msg, "open_id: 不存在");
        for query in [&foreign[..], &[("open_id", absent.as_str())], &[("open_id", "")]] {
            let found = merchant.look_at(query);
            assert_eq!(found.header("cache-control"), Some("no-store"), "{query:?}");
            assert_eq!(found.status, 200);
            if query[0].1.len() == 32 {
                assert_eq!(found.body, absent_seen.body, "{database:?} {query:?}");
            }
        }
        let last = other.verdict(&open_id);
        assert_ne!(last["state"], IN_REVIEW);
        assert_eq!(Answer::read(&merchant.look_at(&own[..1])).ok(), last, "it stays");
        let session = other.of(&open_id, "/telecom/collect/get-state", &[]);
        assert_eq!(session.msg, "open_id: 不存在", "no session: {database:?}");
    }
}
