//! What is wrong with a field is said by its code before anything else happens: every method ×
//! field × fault, made from a table of the fields (`rong360.md`, Methods).

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use tests::database::Database;
use tests::journal::Journal;
use tests::rong360::borrower::{Borrower, Card};
use tests::rong360::{Rong360, after_login};
use tests::server::{Options, Server};

const OURS: i64 = 100_006;
const CASES_LEAST: usize = 300;

/// What a field must be.
#[derive(Clone, Copy)]
enum Kind {
    /// Of so many characters.
    Text(usize),
    Password,
    Code,
    Digits(usize),
    Month,
    Name,
    IdCard,
    Mobile,
    BankCard,
    OneOf(u8),
}

/// Whether a field must be there: then the code where it is not.
type Missing = Option<i64>;

struct Field {
    key: &'static str,
    kind: Kind,
    missing: Missing,
    malformed: i64,
}

const fn field(key: &'static str, kind: Kind, missing: Missing, malformed: i64) -> Field {
    Field { key, kind, missing, malformed }
}

const COMMON: [Field; 6] = [
    field("merchant_id", Kind::Text(64), Some(OURS), OURS),
    field("app_name", Kind::Text(64), Some(OURS), OURS),
    field("app_version", Kind::Text(64), Some(OURS), OURS),
    field("platform", Kind::Text(64), Some(OURS), OURS),
    field("notice_url", Kind::Text(2048), Some(OURS), OURS),
    field("user_id", Kind::Text(64), Some(OURS), OURS),
];

/// The fields of a method; those of a card are of the kind that was named.
fn own(method: &str, card: Card) -> Vec<Field> {
    let kind = || field("type", Kind::OneOf(2), None, OURS);
    let again = || field("login_name", Kind::Text(64), None, OURS);
    match method {
        "getPicCode" => vec![kind()],
        "login" => vec![
            field("login_name", Kind::Text(64), Some(OURS), OURS),
            field("password", Kind::Password, Some(OURS), OURS),
            field("pic_code", Kind::Code, None, 210_101),
        ],
        "getVerifyMethod" => vec![again(), kind()],
        "submitQuestion" => {
            const KEYS: [(&str, i64); 5] = [
                ("kbaList[0].options", 508_204),
                ("kbaList[1].options", 508_205),
                ("kbaList[2].options", 508_206),
                ("kbaList[3].options", 508_207),
                ("kbaList[4].options", 508_209),
            ];
            KEYS.map(|(key, code)| field(key, Kind::OneOf(5), Some(code), code)).into()
        }
        "onlineValidateCard" => {
            vec![field("bank_card", Kind::BankCard, Some(OURS), 508_122), kind()]
        }
        "getOnlineMessageCode" => vec![field("cellphone", Kind::Mobile, None, OURS)],
        "onlineAuthentication" => {
            let mut all = vec![
                field("real_name", Kind::Name, Some(OURS), 508_124),
                field("id_card", Kind::IdCard, Some(OURS), 508_123),
                field("cellphone", Kind::Mobile, Some(OURS), 508_124),
                field("message_code", Kind::Code, Some(OURS), 211_101),
                field("bank_card", Kind::BankCard, None, 508_122),
                field("card_type", Kind::OneOf(2), None, 508_127),
                kind(),
            ];
            match card {
                Card::Debit => all.push(field("password", Kind::Password, Some(OURS), OURS)),
                Card::Credit => all.extend([
                    field("year", Kind::Digits(2), Some(508_200), 508_300),
                    field("month", Kind::Month, Some(508_201), 508_301),
                    field("last_three", Kind::Digits(3), Some(508_202), 508_302),
                ]),
            }
            all
        }
        "submitOnlineAuth" => vec![
            field("unionpay_code", Kind::Code, Some(OURS), 508_117),
            field("pic_code", Kind::Code, Some(210_101), 210_101),
        ],
        "getOnlineAuthedInfo" => vec![again()],
        "submitApplyMessageCode" => vec![field("message_code", Kind::Code, Some(OURS), 211_101)],
        "viewReport" => vec![
            again(),
            field("message_code", Kind::Code, Some(OURS), 211_101),
            field("version", Kind::OneOf(2), None, OURS),
        ],
        _ => vec![],
    }
}

/// Faults of a value that is there.
fn malformed(kind: Kind) -> Vec<(&'static str, Value)> {
    let text = |name, text: &str| (name, json!(text));
    let mut all = vec![("a list", json!(["1"])), ("an object", json!({"a": "1"}))];
    all.extend(match kind {
        Kind::Text(length) => vec![
            ("too long", json!("a".repeat(length + 1))),
            text("a control character", "a\u{1}b"),
            text("two lines", "a\nb"),
        ],
        Kind::Password => vec![("too long", json!("a".repeat(65)))],
        Kind::Code => vec![("too long", json!("a".repeat(33)))],
        Kind::Digits(length) => vec![
            ("a digit less", json!("1".repeat(length - 1))),
            ("a digit more", json!("1".repeat(length + 1))),
            ("a letter", json!(format!("{}x", "1".repeat(length - 1)))),
            ("wide digits", json!("１".repeat(length))),
        ],
        Kind::Month => vec![
            text("a digit", "1"),
            text("three digits", "123"),
            text("letters", "ab"),
            text("five digits", "12345"),
        ],
        Kind::Name => vec![
            ("much too long", json!("张".repeat(300))),
            text("a control character", "张\u{1}三"),
        ],
        Kind::IdCard => vec![
            text("a wrong check digit", "110101199001010000"),
            text("a digit less", "11010119900101001"),
            text("a thirteenth month", "110101199013010011"),
            text("letters", "abcdefghijklmnopqr"),
        ],
        Kind::Mobile => vec![
            text("a digit less", "1543887100"),
            text("a digit more", "154388710000"),
            text("a letter", "1543887100a"),
            text("of no network", "25438871000"),
        ],
        Kind::BankCard => vec![
            text("a wrong check digit", "6222021234567890"),
            text("letters", "622202123456789a"),
            text("too short", "62220212"),
            ("too long", json!("6".repeat(40))),
        ],
        Kind::OneOf(last) => vec![
            text("zero", "0"),
            ("one more than there are", json!(last + 1)),
            text("a word", "one"),
            text("a fraction", "1.5"),
            text("twice the digit", "11"),
            ("less than zero", json!(-1)),
        ],
    });
    all
}

/// Ways of not being there; nothing: the key is left out.
fn absent(kind: Kind) -> Vec<(&'static str, Option<Value>)> {
    let mut all = vec![("missing", None), ("null", Some(Value::Null)), ("empty", Some(json!("")))];
    // A password is taken as it is typed.
    if !matches!(kind, Kind::Password) {
        all.push(("spaces", Some(json!("  "))));
    }
    all
}

/// All faults of a field, each with its code.
fn faults(field: &Field) -> Vec<(&'static str, Option<Value>, i64)> {
    let there = malformed(field.kind).into_iter();
    let there = there.map(|(name, value)| (name, Some(value), field.malformed));
    let gone = field.missing.into_iter().flat_map(|code| {
        absent(field.kind).into_iter().map(move |(name, value)| (name, value, code))
    });
    there.chain(gone).collect()
}

/// The members of a sound call, all of them.
fn sound(program: &Rong360, given: &Value) -> Map<String, Value> {
    let all = serde_json::from_str::<Value>(&program.biz_data(given)).expect("JSON");
    all.as_object().expect("an object").clone()
}

/// Sends `members` as they are.
fn send(me: &mut Borrower, method: &str, members: &Map<String, Value>) -> tests::rong360::Answer {
    let form = me.form_of(method, &Value::Object(members.clone()).to_string());
    me.merchant.send(method, &form)
}

#[test]
fn each_fault_of_each_field_has_its_code() {
    let server = Server::start(Options::on(Database::Sqlite));
    let mut seen = BTreeSet::new();
    for (card, turn) in [(Card::Debit, "debit"), (Card::Credit, "credit")] {
        let mut me = Borrower::new(&server, turn, "sandbox14");
        me.log_in();
        me.name_card(card);
        me.message();
        let mut holder = me.holder(card);
        if card == Card::Credit {
            holder.extend([("year".to_owned(), json!("30")), ("month".to_owned(), json!("12"))]);
        }
        let mut calls = after_login(&me);
        calls.retain(|(method, _)| *method != "onlineAuthentication");
        calls.push(("onlineAuthentication", Value::Object(holder)));
        calls.extend([
            ("getPicCode", json!({"type": 2})),
            ("getLoginInfo", json!({})),
            ("login", me.login("Passw0rd", "abcdef")),
        ]);
        assert_eq!(calls.len(), 14);
        for (method, given) in calls {
            let sound = sound(&me.merchant, &given);
            for field in COMMON.iter().chain(&own(method, card)) {
                for (fault, value, code) in faults(field) {
                    if !seen.insert(format!("{method} {} {fault}", field.key)) {
                        continue;
                    }
                    let mut members = sound.clone();
                    members.remove(field.key);
                    members.extend(value.map(|value| (field.key.to_owned(), value)));
                    let answer = send(&mut me, method, &members);
                    let about = format!("{method} {} {fault}", field.key);
                    assert_eq!((answer.status, answer.code), (200, code), "{about}: {answer:?}");
                    assert!(code != OURS || answer.msg.contains(field.key), "{about}: {answer:?}");
                }
            }
        }
        // Nothing of it moved the borrower: it holds its card.
        let holder = Value::Object(me.holder(card));
        assert_eq!(me.code("onlineAuthentication", &holder), 200);
    }
    assert!(seen.len() >= CASES_LEAST, "{}", seen.len());
    eprintln!("{} bad inputs", seen.len());
    let journal = Journal::export(&server);
    assert_eq!((journal.rows.len(), journal.verify_exit), (0, 0));
}
