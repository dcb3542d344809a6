//! The banks' collection, both versions: every row of the sandbox's table, every state on the
//! way, licences, lists of banks, inputs, routing, data.

use std::collections::BTreeSet;

use serde_json::Value;
use tests::database::Database;
use tests::qiancheng::shapes::{first, has_keys, length};
use tests::qiancheng::walk::{SLOW_MS, VERY_SLOW_MS, Walk, side_by_side, slow};
use tests::qiancheng::{CODE, Person, Qiancheng};
use tests::server::{Options, Server};

const CONSENT_MISSING: &str = "缺少有效的用户授权";
const ENTRY_UNUSABLE: &str = "entry_id: 银行入口不存在或已停用";
const ID_NUMBER: &str = "990000199001010017";

/// (entry, login name, the way, the reason of a failure)
const ROWS: [(&str, &str, &str, &str); 18] = [
    ("icbc-login", "synth01", "1 10", ""),
    ("ccb-login", "synth02", "1 4 picture 5 10", ""),
    ("icbc-login", "synth02", "1 4 code:0000 5 8 4 code:0000 5 8 4 picture 5 10", ""),
    ("cmb-login", "synth03", "1 6 code:123456 7 10", ""),
    ("icbc-login", "synth03", "1 6 code:1 7 8 code:1 7 8 code:123456 7 10", ""),
    ("icbc-login", "synth04", "1 2 code:246810 3 10", ""),
    ("icbc-login", "synth04", "1 2 code:1 3 8 code:1 3 8 code:246810 3 10", ""),
    ("icbc-login", "synth05", "1 4 picture 5 6 code:123456 7 10", ""),
    ("icbc-login", "synth06", "1 11", "账户或密码错误"),
    ("icbc-login", "synth07", "1 11", "暂时无法访问"),
    ("icbc-login", "synth08", "1 6 code:1 7 8 9 code:123456 7 10", ""),
    ("icbc-login", "synth08", "1 6 code:1 7 8 code:123456 7 10", ""),
    ("icbc-login", "synthetic", "1 6 code:123456 7 10", ""),
    ("ceb-login", "synth03", "1 6 code:123456 7 10", ""),
    ("ccb-card", "6222000000000001", "1 6 code:123456 7 10", ""),
    ("icbc-id", ID_NUMBER, "1 6 code:123456 7 10", ""),
    (
        "icbc-login",
        "synth02",
        "1 4 code:0000 5 8 4 code:0000 5 8 4 code:0000 5 8 4 code:0000 5 8 4 code:0000 5 11",
        "错误次数过多",
    ),
    (
        "icbc-login",
        "synth03",
        "1 6 code:1 7 8 code:2 7 8 code:3 7 8 code:4 7 8 code:5 7 11",
        "错误次数过多",
    ),
];

#[test]
fn every_row_of_the_sandbox_on_sqlite() {
    every_row(Database::Sqlite);
}

#[test]
fn every_row_of_the_sandbox_on_postgres() {
    if Database::both().contains(&Database::Postgres) {
        every_row(Database::Postgres);
    }
}

fn every_row(database: Database) {
    let server = Server::start(slow(database, SLOW_MS));
    let qiancheng = Qiancheng::log_in(&server);
    let both = ROWS.into_iter().enumerate().flat_map(|row| [(row, 1), (row, 2)]);
    side_by_side(both, |((number, row), version)| {
        let (mut qiancheng, person) = (qiancheng.at(&server), Person::new(number as u32, "5678"));
        if version == 1 {
            walk_row(&mut qiancheng, &person, row);
        } else {
            walk_row_v2(&mut qiancheng, &person, row);
        }
    });
}

fn walk_row(
    qiancheng: &mut Qiancheng,
    person: &Person,
    (entry, login_name, script, why): (&str, &str, &str, &str),
) {
    let open_id = qiancheng.open_ebank(person, entry, login_name);
    Walk::new(qiancheng, "ebank", open_id.clone()).play(script);
    // Both spellings of the id are read.
    let username = qiancheng.username.clone();
    for spelling in ["openId", "open_id"] {
        let form = [("username", username.as_str()), (spelling, &open_id)];
        let answer = qiancheng.post("/ebank/data/raw-data", &form);
        check_end(&answer.data, (answer.code, &answer.msg), (entry, why));
    }
}

fn walk_row_v2(
    qiancheng: &mut Qiancheng,
    person: &Person,
    (entry, login_name, script, why): (&str, &str, &str, &str),
) {
    let (open_id, provider) = qiancheng.open_ebank_v2(person);
    assert!((1..=3).contains(&provider));
    let mut walk = Walk::new(qiancheng, "v2/ebank", open_id.clone());
    walk.play("0");
    let answer = walk.qiancheng.log_in_v2(&open_id, entry, login_name);
    assert_eq!((answer.code, answer.state()), (0, 1), "{answer:?}");
    walk.play(script);
    let answer = qiancheng.of(&open_id, "/v2/ebank/data/raw-data", &[]);
    check_end(&answer.data, (answer.code, &answer.msg), (entry, why));
}

fn check_end(data: &Value, (code, msg): (i64, &str), (entry, why): (&str, &str)) {
    if !why.is_empty() {
        assert!(code == 1000 && data.is_null() && msg.contains(why), "{code} {msg}: {why}");
        return;
    }
    assert_eq!((code, msg), (0, ""));
    has_keys(data, "baseInfo cardList");
    for card in data["cardList"].as_array().expect("cards") {
        has_keys(
            card,
            "card_num card_type name_on_card bank_name open_bank balance credit_limit deposits \
             bills",
        );
        let names =
            [("icbc", "工商银行"), ("ccb", "建设银行"), ("cmb", "招商银行"), ("ceb", "光大银行")];
        let of_bank = names.iter().find(|(bank, _)| entry.starts_with(bank)).expect("a bank");
        assert_eq!(card["bank_name"], of_bank.1);
        let bill = first(card, "bills");
        let keys = "bill_month bill_date new_balance min_payment shopping_sheets installments";
        has_keys(bill, keys);
    }
    assert!(length(data, "cardList") >= 1);
}

/// What a state does not ask for is refused and changes nothing; a login that was taken is not
/// taken again.
#[test]
fn what_a_state_does_not_ask_for_changes_nothing() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let mut qiancheng = Qiancheng::log_in(&server);
        let person = Person::new(1, "5678");
        let (open_id, _) = qiancheng.open_ebank_v2(&person);
        let refused = qiancheng.of(&open_id, "/v2/ebank/collect/captcha", &[("verify_code", CODE)]);
        assert_eq!((refused.code, refused.msg.as_str()), (1001, "当前状态不接受该操作"));
        assert_eq!(qiancheng.state("v2/ebank", &open_id).state(), 0);
        let early = qiancheng.of(&open_id, "/v2/ebank/data/raw-data", &[]);
        assert_eq!((early.code, &early.data), (1003, &Value::Null));

        qiancheng.log_in_v2(&open_id, "icbc-login", "synth03").ok();
        qiancheng.wait_for("v2/ebank", &open_id, &[6]);
        let refused = qiancheng.log_in_v2(&open_id, "icbc-login", "synth03");
        assert_eq!((refused.code, refused.msg.as_str()), (1001, "当前状态不接受该操作"));
        assert_eq!(qiancheng.state("v2/ebank", &open_id).state(), 6);
        qiancheng.of(&open_id, "/v2/ebank/collect/captcha", &[("verify_code", CODE)]).ok();
        qiancheng.wait_for("v2/ebank", &open_id, &[10]);
        let entry = [("entry_id", "icbc-login"), ("login_name", "synth03"), ("password", "x")];
        for (path, form) in [
            ("/v2/ebank/collect/login", &entry[..]),
            ("/v2/ebank/collect/license-upload", &entry[..2]),
            ("/v2/ebank/collect/captcha", &[("verify_code", CODE)]),
        ] {
            let refused = qiancheng.of(&open_id, path, form);
            assert_eq!((refused.code, refused.msg.as_str()), (1001, "采集流程已结束"), "{path}");
        }
        assert_eq!(qiancheng.state("v2/ebank", &open_id).state(), 10);

        let open_id = qiancheng.open_ebank(&person, "icbc-login", "synth03");
        qiancheng.wait_for("ebank", &open_id, &[6]);
        let early = qiancheng.of(&open_id, "/ebank/data/raw-data", &[]);
        assert_eq!((early.code, &early.data), (1003, &Value::Null), "{database:?}");
    }
}

/// While an answer is with the bank, the same one is taken as said, and submitted once.
#[test]
fn the_same_answer_counts_once_while_it_is_submitted() {
    let rows = [("synth03", 6, "code:111111", CODE), ("synth04", 2, "code:111111", "246810")];
    for database in Database::both() {
        let server = Server::start(slow(database, VERY_SLOW_MS));
        let qiancheng = Qiancheng::log_in(&server);
        side_by_side(rows, |(login_name, asked, wrong, right)| {
            let mut qiancheng = qiancheng.at(&server);
            let person = Person::new(asked as u32, "5678");
            let open_id = qiancheng.open_ebank(&person, "icbc-login", login_name);
            let mut walk = Walk::new(&mut qiancheng, "ebank", open_id);
            walk.play(&format!("1 {asked}"));
            let right = format!("code:{right}");
            // Four of five may be wrong: three that counted twice were too many.
            for _ in 0..3 {
                assert_eq!((walk.act(wrong).code, walk.act(wrong).code), (0, 0), "{login_name}");
                assert_eq!((walk.look().state(), walk.act(&right).code), (asked + 1, 1001));
                walk.play("8");
            }
            assert_eq!((walk.act(&right).code, walk.act(&right).code), (0, 0));
            walk.play(&format!("{} 10", asked + 1));
        });
    }
}

#[test]
fn a_licence_covers_its_own_account_and_person_and_merchant() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let mut qiancheng = Qiancheng::log_in(&server);
        let mut lender = server.lender("lender");
        let (person, other) = (Person::new(1, "5678"), Person::new(2, "5678"));
        let upload = |qiancheng: &mut Qiancheng, person: &Person, entry, name| {
            let account = [("entry_id", entry), ("login_name", name)];
            let form = [person.fields().as_slice(), &account].concat();
            qiancheng.with_token("/ebank/collect/license-upload", &form)
        };
        let open = |qiancheng: &mut Qiancheng, person: &Person, entry, name| {
            let account = [("entry_id", entry), ("login_name", name), ("password", "synthetic")];
            let form = [person.fields().as_slice(), &account].concat();
            let answer = qiancheng.with_token("/ebank/collect/open-id", &form);
            (answer.code, answer.msg)
        };
        let missing = (1001, CONSENT_MISSING.to_owned());
        let taken = (0, String::new());
        let (icbc, ccb) = ("icbc-login", "ccb-login");
        assert_eq!(open(&mut qiancheng, &person, icbc, "synth01"), missing);
        upload(&mut qiancheng, &person, icbc, "synth01").ok();
        assert_eq!(open(&mut qiancheng, &person, icbc, "synth03"), missing, "another account");
        assert_eq!(open(&mut qiancheng, &person, ccb, "synth01"), missing, "another bank");
        assert_eq!(open(&mut qiancheng, &other, icbc, "synth01"), missing, "another person");
        assert_eq!(open(&mut lender, &person, icbc, "synth01"), missing, "another merchant");
        assert_eq!(open(&mut qiancheng, &person, icbc, "synth01"), taken);
        assert_eq!(open(&mut qiancheng, &person, icbc, "synth01"), taken, "more than once");
        for entry in ["abc-login", "icbc", ""] {
            let answer = upload(&mut qiancheng, &person, entry, "synth01");
            assert_eq!(answer.code, 1001, "{entry}");
            assert!(answer.msg.starts_with("entry_id: "), "{answer:?}");
        }

        let (open_id, _) = qiancheng.open_ebank_v2(&person);
        let login = [("entry_id", icbc), ("login_name", "synth03"), ("password", "x")];
        let refused = qiancheng.of(&open_id, "/v2/ebank/collect/login", &login);
        assert_eq!((refused.code, refused.msg.as_str()), (1001, CONSENT_MISSING));
        assert_eq!(qiancheng.state("v2/ebank", &open_id).state(), 0);
        let answer = qiancheng.log_in_v2(&open_id, icbc, "synth03");
        assert_eq!((answer.code, answer.state()), (0, 1), "{database:?}");
    }
}

#[test]
fn the_banks_are_listed_as_each_version_prints_them() {
    let server = Server::start(Options::on(Database::Sqlite));
    let mut qiancheng = Qiancheng::log_in(&server);
    let banks = qiancheng.post("/ebank/collect/bank-info", &[]).ok();
    let (open_id, _) = qiancheng.open_ebank_v2(&Person::new(1, "5678"));
    let usable = qiancheng.of(&open_id, "/v2/ebank/collect/bank-list", &[]).ok();
    let of = |bank: &Value, key: &str| bank[key].as_str().expect("text").to_owned();
    let names = |banks: &Value, key: &str| -> Vec<String> {
        banks.as_array().into_iter().flatten().map(|bank| of(bank, key)).collect()
    };
    let codes = ["ICBC", "CCB", "CMB", "CEB", "ABC"];
    assert_eq!(
        (names(&banks, "bankCode"), names(&usable, "bank_code")),
        (codes.map(str::to_owned).to_vec(), codes[..4].iter().map(ToString::to_string).collect())
    );
    let titles = ["登录名登录", "卡号登录", "身份证登录"];
    for (at, bank) in banks.as_array().into_iter().flatten().enumerate() {
        let is_disabled = bank["bankCode"] == "ABC";
        has_keys(bank, "bankName bankCode disable disableReason loginTypes");
        assert_eq!(names(&bank["loginTypes"], "title"), titles);
        for way in [bank].into_iter().chain(bank["loginTypes"].as_array().into_iter().flatten()) {
            assert_eq!(way["disable"], is_disabled, "{way}");
            assert_eq!(of(way, "disableReason").is_empty(), !is_disabled, "{way}");
        }
        for way in bank["loginTypes"].as_array().into_iter().flatten() {
            assert_eq!(way["entryType"], (at % 3) as i64, "{way}");
            let asks = names(&way["inputs"], "name");
            let expected = if bank["bankCode"] == "CEB" { 1 } else { 2 };
            assert_eq!(asks, ["login_name", "password"][..expected], "{way}");
            has_keys(first(way, "inputs"), "name label desc valid");
        }
    }
    for bank in usable.as_array().into_iter().flatten() {
        assert_eq!(bank.as_object().map(serde_json::Map::len), Some(3), "{bank}");
        assert_eq!(names(&bank["login_types"], "title"), titles);
        has_keys(first(bank, "login_types"), "title entry_id entry_type inputs");
    }
}

/// What does not fit an input's `valid` is refused with its name, and begins nothing.
#[test]
fn inputs_are_held_against_their_patterns() {
    let server = Server::start(Options::on(Database::Sqlite));
    let mut qiancheng = Qiancheng::log_in(&server);
    let person = Person::new(1, "5678");
    let rows = [
        ("icbc-login", "abc", "synthetic", "login_name"),
        ("icbc-login", "synth 01", "synthetic", "login_name"),
        ("icbc-login", "合成用户", "synthetic", "login_name"),
        ("icbc-card", "synth01", "synthetic", "login_name"),
        ("icbc-card", "62220000000", "synthetic", "login_name"),
        ("icbc-id", "99000019900101001", "synthetic", "login_name"),
        ("icbc-login", "synth01", "", "password"),
        ("icbc-login", "synth01", "密码", "password"),
        ("icbc-login", "synth01", "with blank", "password"),
        ("abc-login", "synth01", "synthetic", "entry_id"),
        ("icbc-none", "synth01", "synthetic", "entry_id"),
    ];
    for (entry, login_name, password, field) in rows {
        let account = [("entry_id", entry), ("login_name", login_name)];
        let full = [&account[..], &[("password", password)]].concat();
        let form = [person.fields().as_slice(), &account].concat();
        let licence = qiancheng.with_token("/ebank/collect/license-upload", &form);
        assert_eq!(
            (licence.code == 0, licence.msg == ENTRY_UNUSABLE),
            (field != "entry_id", field == "entry_id")
        );
        let form = [person.fields().as_slice(), &full].concat();
        let refused = qiancheng.with_token("/ebank/collect/open-id", &form);
        assert!(refused.code == 1001 && refused.msg.contains(field), "{entry}: {refused:?}");

        let (open_id, _) = qiancheng.open_ebank_v2(&person);
        qiancheng.of(&open_id, "/v2/ebank/collect/license-upload", &account);
        let refused = qiancheng.of(&open_id, "/v2/ebank/collect/login", &full);
        assert!(refused.code == 1001 && refused.msg.contains(field), "{entry}: {refused:?}");
        assert_eq!(qiancheng.state("v2/ebank", &open_id).state(), 0);
    }
    // The bank that wants no password takes none, and takes no offence at one.
    for (at, password) in ["", "synthetic"].into_iter().enumerate() {
        let (open_id, _) = qiancheng.open_ebank_v2(&Person::new(at as u32, "5678"));
        let account = [("entry_id", "ceb-login"), ("login_name", "synth01")];
        qiancheng.of(&open_id, "/v2/ebank/collect/license-upload", &account).ok();
        let form = [&account[..], &[("password", password)]].concat();
        assert_eq!(qiancheng.of(&open_id, "/v2/ebank/collect/login", &form).code, 0);
        qiancheng.wait_for("v2/ebank", &open_id, &[10]);
    }
}

/// By weight on the person: the same one is led to the same provider, unless it failed it, or is
/// out of use.
#[test]
fn providers_are_chosen_by_person_and_health() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let mut qiancheng = Qiancheng::log_in(&server);
        let mut chosen = BTreeSet::new();
        for number in 0..24 {
            let person = Person::new(number, "5678");
            let (_, provider) = qiancheng.open_ebank_v2(&person);
            assert_eq!(qiancheng.open_ebank_v2(&person).1, provider, "{number}");
            chosen.insert(provider);
        }
        assert_eq!(chosen, BTreeSet::from([1, 2, 3]), "each has its share");

        let person = Person::new(99, "5678");
        let (open_id, provider) = qiancheng.open_ebank_v2(&person);
        qiancheng.log_in_v2(&open_id, "icbc-login", "synth07").ok();
        qiancheng.wait_for("v2/ebank", &open_id, &[11]);
        let (_, second) = qiancheng.open_ebank_v2(&person);
        assert_ne!(second, provider, "{database:?}: it was down for this person");

        let sources = server.cli(&["source", "list", "--json"]).expect_success().json();
        let of_provider = |number: i64| {
            let listed = sources.as_array().into_iter().flatten();
            let found =
                listed.clone().find(|one| one["kind"] == "ebank" && one["number"] == number);
            found.unwrap_or_else(|| panic!("{number} in {sources}"))["name"].as_str().expect("text")
        };
        server.cli(&["source", "disable", of_provider(second)]).expect_success();
        std::thread::sleep(tests::server::IN_FORCE);
        let (_, third) = qiancheng.open_ebank_v2(&person);
        assert_ne!(third, second, "{database:?}: it is out of use");
    }
}

/// An entry for one kind of card leads to that kind alone.
#[test]
fn an_entry_leads_to_its_kind_of_card() {
    let server = Server::start(Options::on(Database::Sqlite));
    let mut qiancheng = Qiancheng::log_in(&server);
    let table = [
        ("icbc-login", &["CREDIT", "DEBIT"][..]),
        ("ccb-login", &["CREDIT"]),
        ("cmb-login", &["DEBIT"]),
    ];
    for (entry, wanted) in table {
        let open_id = qiancheng.open_ebank(&Person::new(7, "5678"), entry, "synth01");
        qiancheng.wait_for("ebank", &open_id, &[10]);
        let data = qiancheng.of(&open_id, "/ebank/data/raw-data", &[("openId", &open_id)]).ok();
        let kinds = |list: &Value| -> BTreeSet<String> {
            let cards = list.as_array().expect("cards").iter();
            cards.map(|card| card["card_type"].as_str().expect("a kind").to_owned()).collect()
        };
        let wanted: BTreeSet<String> = wanted.iter().map(ToString::to_string).collect();
        assert_eq!(kinds(&data["cardList"]), wanted, "{entry}");
        assert_eq!(kinds(&data["baseInfo"]["cards"]), wanted, "{entry}");
    }
}

/// A balancer that repeats a request to another node: the answer that is with the source already
/// is not submitted again, and is answered as at the first node.
#[test]
fn an_answer_that_is_repeated_at_another_node_is_taken_as_said() {
    if !Database::both().contains(&Database::Postgres) {
        return;
    }
    let first = Server::start(slow(Database::Postgres, VERY_SLOW_MS));
    let second = Server::join(&first);
    let mut qiancheng = Qiancheng::log_in(&first);
    let (mut slow, mut quick) = (qiancheng.at(&first), qiancheng.at(&second));
    qiancheng = qiancheng.at(&second);
    let open_id = qiancheng.open_ebank(&Person::new(8, "5678"), "icbc-login", "synth03");
    qiancheng.wait_for("ebank", &open_id, &[6]);
    let code = [("verify_code", CODE)];
    // Answered once it is durable; what comes of it is written later.
    slow.of(&open_id, "/ebank/collect/captcha", &code).ok();
    let again = quick.of(&open_id, "/ebank/collect/captcha", &code);
    assert_eq!((again.code, again.state()), (0, 7), "{again:?}");
    qiancheng.wait_for("ebank", &open_id, &[10]);
    assert_eq!(quick.of(&open_id, "/ebank/collect/captcha", &code).code, 1001, "it is over");
}
