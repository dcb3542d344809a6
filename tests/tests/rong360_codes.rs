//! Every code of face 3 with its printed text: met by a login name that stands for it, and by doing
//! what it speaks of where a borrower can (`rong360.md`, Rules). `docs/rong360-codes.md` says how;
//! it is written anew with `PROBITY_TEST_WRITE=1`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tests::database::Database;
use tests::rong360::Answer;
use tests::rong360::borrower::{Borrower, Card, PASSWORD, Registered, SMS};
use tests::rong360::merchant::Merchant;
use tests::server::{Options, Server};

#[path = "rong360_codes/done.rs"]
mod done;

use done::DONE;

/// Section 2.1 as printed.
const PRINTED: &str = include_str!("../../crates/wire/fixtures/rong360/codes.txt");

/// At which step a login name `e508NNN` is answered its code, where that is not the login.
const STEPS: [(&str, &[i64]); 10] = [
    ("getQuestion", &[112, 113]),
    ("submitQuestion", &[204, 205, 206, 207, 209]),
    ("onlineValidateCard", &[116, 122, 130, 131, 138]),
    ("getOnlineMessageCode", &[118, 121, 126, 141]),
    (
        "onlineAuthentication",
        &[119, 120, 123, 124, 125, 127, 134, 136, 139, 140, 200, 201, 202, 300, 301, 302],
    ),
    ("submitOnlineAuth", &[117, 128, 129]),
    ("getOnlineAuthedInfo", &[109]),
    ("submitApplyMessageCode", &[111, 114]),
    ("getViewReportInfo", &[132, 133]),
    ("viewReport", &[115]),
];

/// Ours, which the document does not have: what each says, and how it is met.
const OWN: [(i64, &str, &str); 7] = [
    (100_001, "app_id 未登记", "`app_id` is not registered"),
    (100_002, "签名或令牌验证失败", "the signature does not hold, or the token is not known"),
    (100_003, "timestamp 无效或超出 15 分钟", "signed more than 15 minutes ago or ahead"),
    (100_004, "该签名已使用过", "an equal signature whose first answer is not held"),
    (100_005, "method 不存在", "no such method"),
    (100_006, "参数缺失或格式错误", "a field is missing or malformed; `msg` names it"),
    (
        100_007,
        "未开通该产品或调用量已达上限",
        "the product was not agreed on, a limit is reached, or there is no consent",
    ),
];

/// The 66 errors with their texts.
fn printed() -> BTreeMap<i64, &'static str> {
    let line = |line: &'static str| {
        let (code, text) = line.strip_prefix('(')?.split_once(", \"")?;
        Some((code.parse().ok()?, text.rsplit_once('"')?.0.trim()))
    };
    let mut all: BTreeMap<i64, &str> = PRINTED.lines().filter_map(line).collect();
    all.remove(&0);
    assert_eq!(all.len(), 66);
    all
}

fn spaceless(text: &str) -> String {
    text.chars().filter(|one| !one.is_whitespace()).collect()
}

fn step_of(code: i64) -> &'static str {
    let step = STEPS.iter().find(|(_, codes)| codes.contains(&(code - 508_000)));
    step.map_or("login", |(step, _)| *step)
}

/// A server with borrowers, each of its own.
struct Stage {
    server: Server,
    first: Borrower,
    count: usize,
}

impl Stage {
    fn new() -> Self {
        let server = Server::start(Options::on(Database::Sqlite));
        let first = Borrower::new(&server, "first", "sandbox00");
        Self { server, first, count: 0 }
    }

    fn borrower(&mut self, login_name: &str) -> Borrower {
        self.count += 1;
        self.first.beside(&format!("user {}", self.count), login_name)
    }

    /// One that is logged in.
    fn inside(&mut self, login_name: &str) -> Borrower {
        let mut me = self.borrower(login_name);
        me.log_in();
        me
    }

    /// One that named a card and was sent a code.
    fn at_card(&mut self, card: Card) -> Borrower {
        let mut me = self.inside("sandbox02");
        me.name_card(card);
        me.message();
        me
    }

    fn advance(&mut self, seconds: i64) {
        self.first.advance(&self.server, seconds);
    }
}

/// Does everything rightly up to `step`.
fn walk(me: &mut Borrower, step: &str) -> Answer {
    let login = me.log_in_with(PASSWORD);
    if step == "login" {
        return login;
    }
    login.ok();
    let given = match step {
        "submitQuestion" => {
            me.call("getQuestion", &json!({})).ok();
            me.answers()
        }
        "onlineValidateCard" => json!({"bank_card": me.person.credit_card}),
        "getOnlineMessageCode" => {
            me.name_card(Card::Credit);
            json!({"cellphone": me.person.mobile})
        }
        "onlineAuthentication" => {
            me.name_card(Card::Credit);
            me.message();
            Value::Object(me.holder(Card::Credit))
        }
        "submitOnlineAuth" => {
            let code = me.authenticate(Card::Debit);
            json!({"unionpay_code": code, "pic_code": me.picture()})
        }
        "submitApplyMessageCode" => {
            let code = me.authenticate(Card::Credit);
            me.raise(&code);
            me.message();
            json!({"message_code": SMS})
        }
        "viewReport" => json!({"message_code": "sandbx"}),
        _ => json!({}),
    };
    me.call(step, &given)
}

fn expect(answer: &Answer, code: i64, printed: &BTreeMap<i64, &str>, about: &str) {
    assert_eq!((answer.status, answer.code), (200, code), "{about}: {answer:?}");
    assert_eq!(spaceless(&answer.msg), spaceless(printed[&code]), "{about}");
    let has_picture = matches!(code, 208_101 | 210_101) && answer.data["url"].is_string();
    assert!(has_picture || answer.data == json!({}), "{about}: {answer:?}");
}

#[test]
fn every_code_has_a_login_name_that_meets_it() {
    let (mut stage, printed) = (Stage::new(), printed());
    let mut met = 0;
    for code in printed.keys().copied().filter(|code| *code > 508_000) {
        let mut me = stage.borrower(&format!("e{code}"));
        let answer = walk(&mut me, step_of(code));
        expect(&answer, code, &printed, &format!("e{code}"));
        met += 1;
    }
    assert_eq!(met, 63);
    assert_eq!(Registered::all().len(), 70 + 1 + 63);
}

#[test]
fn what_a_borrower_can_do_is_answered_its_code() {
    let (mut stage, printed) = (Stage::new(), printed());
    for done in DONE {
        let answer = (done.reach)(&mut stage);
        expect(&answer, done.code, &printed, &format!("{}: {}", done.method, done.how));
    }
    let codes = printed.keys().copied();
    let neither: Vec<i64> =
        codes.filter(|code| *code < 508_000 && !DONE.iter().any(|d| d.code == *code)).collect();
    assert_eq!(neither, [0_i64; 0], "met by nothing");
}

#[test]
fn our_own_codes() {
    let mut stage = Stage::new();
    let idle = Merchant::create(&stage.server, ("idle", "3000001"), &[], &[]);
    for (code, text, how) in OWN {
        let mut me = stage.borrower("sandbox04");
        let answer = match code {
            100_001 => {
                me.merchant.app_id = "7654321".to_owned();
                me.call("getPicCode", &json!({}))
            }
            100_002 => {
                me.sign_with(&idle);
                me.call("getPicCode", &json!({}))
            }
            100_003 => {
                me.merchant.ahead_ms -= 16 * 60_000;
                me.call("getPicCode", &json!({}))
            }
            100_004 => {
                // Its answer is a secret of the borrower's, so it is not kept.
                me.log_in();
                me.name_card(Card::Debit);
                me.message();
                let holder = Value::Object(me.holder(Card::Debit));
                let form = me.form("onlineAuthentication", &holder);
                me.merchant.send("onlineAuthentication", &form).ok();
                me.merchant.send("onlineAuthentication", &form)
            }
            100_005 => me.call("register", &json!({})),
            100_006 => me.call("submitApplyMessageCode", &json!({})),
            _ => {
                let mut me = Borrower::of(&stage.server, &idle, "user", "sandbox04");
                me.call("getPicCode", &json!({}))
            }
        };
        assert_eq!((answer.status, answer.code), (200, code), "{how}: {answer:?}");
        assert!(answer.msg.starts_with(text), "{how}: {answer:?}");
    }
}

fn row(code: i64, message: &str, how: &str) -> String {
    format!("| {code} | {message} | {how} |\n")
}

/// The table of all codes.
fn table() -> String {
    let mut text = String::from(HEAD);
    for (code, message) in printed() {
        let done = DONE.iter().filter(|done| done.code == code);
        let mut ways: Vec<String> =
            done.map(|done| format!("{}: {}", done.method, done.how)).collect();
        if code > 508_000 {
            ways.push(format!("{}: as `e{code}`", step_of(code)));
        }
        text.extend([row(code, message, &ways.join("<br>"))]);
    }
    text += OWN_HEAD;
    for (code, message, how) in OWN {
        text.extend([row(code, message, how)]);
    }
    text
}

const HEAD: &str = "# The codes of face 3

Made by `tests/tests/rong360_codes.rs`, which meets each of them in the sandbox. All come with HTTP
status 200. Codes that need a state of the platform that no borrower can bring about are met by
logging in as `e508NNN` (password `Passw0rd`).

## Those of the document, section 2.1

| code | text | how it is met |
|---|---|---|
";
const OWN_HEAD: &str = "
## Ours

| code | text | how it is met |
|---|---|---|
";

#[test]
fn the_table_in_the_documents_is_this_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/rong360-codes.md");
    if std::env::var_os("PROBITY_TEST_WRITE").is_some() {
        fs::write(&path, table()).expect("the table can be written");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == table(), "run with PROBITY_TEST_WRITE=1");
}
