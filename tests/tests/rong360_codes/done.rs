//! What a borrower can do, or leave undone, to be answered a code of section 2.1.

use serde_json::{Value, json};
use tests::rong360::Answer;
use tests::rong360::borrower::{Card, PASSWORD, SMS, options};

use super::Stage;

/// A way to a code.
pub(crate) struct Done {
    pub(crate) code: i64,
    pub(crate) method: &'static str,
    pub(crate) how: &'static str,
    pub(crate) reach: fn(&mut Stage) -> Answer,
}

const fn done(
    code: i64,
    method: &'static str,
    how: &'static str,
    reach: fn(&mut Stage) -> Answer,
) -> Done {
    Done { code, method, how, reach }
}

/// Those that move the clock stand last.
pub(crate) const DONE: &[Done] = &[
    done(208_101, "login", "a wrong password", |stage| {
        stage.borrower("sandbox14").log_in_with("wrong")
    }),
    done(208_101, "login", "a login name that is not registered", |stage| {
        let mut me = stage.borrower("sandbox14");
        "nobody".clone_into(&mut me.person.login_name);
        me.log_in_with(PASSWORD)
    }),
    done(210_101, "login", "a wrong picture code, or none", |stage| {
        let mut me = stage.borrower("sandbox14");
        let login = json!({"login_name": "sandbox14", "password": PASSWORD});
        assert_eq!(me.code("login", &login), 210_101);
        me.picture();
        let login = me.login(PASSWORD, "zzzzzz");
        me.call("login", &login)
    }),
    done(210_101, "submitOnlineAuth", "a wrong picture code", |stage| {
        let mut me = stage.inside("sandbox14");
        let code = me.authenticate(Card::Debit);
        me.picture();
        me.call("submitOnlineAuth", &json!({"unionpay_code": code, "pic_code": "zzzzzz"}))
    }),
    done(211_101, "onlineAuthentication", "a wrong code by SMS", |stage| {
        authenticate(stage, Card::Debit, &json!({"message_code": "654321"}))
    }),
    done(211_101, "submitApplyMessageCode", "a wrong code by SMS", |stage| {
        let mut me = stage.inside("sandbox60");
        me.call("getOnlineAuthedInfo", &json!({})).ok();
        me.message();
        me.call("submitApplyMessageCode", &json!({"message_code": "654321"}))
    }),
    done(508_101, "submitQuestion", "the questions were not asked for", |stage| {
        let mut me = stage.inside("sandbox14");
        let answers = me.answers();
        me.call("submitQuestion", &answers)
    }),
    done(508_101, "getOnlineMessageCode", "no card was named", |stage| {
        stage.inside("sandbox14").call("getOnlineMessageCode", &json!({}))
    }),
    done(508_101, "onlineAuthentication", "no card was named", |stage| {
        let mut me = stage.inside("sandbox14");
        let holder = Value::Object(me.holder(Card::Debit));
        me.call("onlineAuthentication", &holder)
    }),
    done(508_101, "submitOnlineAuth", "UnionPay gave no code yet", |stage| {
        let mut me = stage.inside("sandbox14");
        let pic_code = me.picture();
        me.call("submitOnlineAuth", &json!({"unionpay_code": "abcdef", "pic_code": pic_code}))
    }),
    done(508_101, "submitApplyMessageCode", "the form that applies is not open", |stage| {
        stage.inside("sandbox14").call("submitApplyMessageCode", &json!({"message_code": SMS}))
    }),
    done(508_101, "getViewReportInfo", "there is no report", |stage| {
        stage.inside("sandbox14").call("getViewReportInfo", &json!({}))
    }),
    done(508_101, "viewReport", "there is no report", |stage| stage.inside("sandbox14").view()),
    done(508_108, "login", "the sixth attempt after five wrong passwords", |stage| {
        let mut me = stage.borrower("sandbox30");
        for _ in 0..5 {
            assert_eq!(me.log_in_with("wrong").code, 208_101);
        }
        me.log_in_with(PASSWORD)
    }),
    done(
        508_109,
        "getOnlineAuthedInfo",
        "the account is not verified (unionpay_auth 0)",
        |stage| stage.inside("sandbox14").call("getOnlineAuthedInfo", &json!({})),
    ),
    done(508_110, "getQuestion", "not logged in; so each method after the login", |stage| {
        stage.borrower("sandbox14").call("getQuestion", &json!({}))
    }),
    done(508_110, "viewReport", "a login name that is not the one logged in", |stage| {
        let mut me = stage.inside("sandbox61");
        me.call("viewReport", &json!({"message_code": "sandbx", "login_name": "sandbox62"}))
    }),
    done(508_111, "submitQuestion", "there is a report (user_status 2 or 4)", |stage| {
        let mut me = stage.inside("sandbox61");
        me.call("getQuestion", &json!({})).ok();
        let answers = me.answers();
        me.call("submitQuestion", &answers)
    }),
    done(508_111, "submitApplyMessageCode", "there is a report (user_status 2 or 4)", |stage| {
        apply(stage, "sandbox62")
    }),
    done(508_112, "getQuestion", "the bureau knows too little, as of `sandbox68`", |stage| {
        stage.inside("sandbox68").call("getQuestion", &json!({}))
    }),
    done(508_113, "getQuestion", "the account is verified, as `sandbox60`", |stage| {
        stage.inside("sandbox60").call("getQuestion", &json!({}))
    }),
    done(508_113, "getQuestion", "a high level, as of `sandbox69`", |stage| {
        stage.inside("sandbox69").call("getQuestion", &json!({}))
    }),
    done(508_114, "submitQuestion", "an application is under way (user_status 1)", |stage| {
        let mut me = stage.inside("sandbox64");
        me.call("getQuestion", &json!({})).ok();
        let answers = me.answers();
        me.call("submitQuestion", &answers)
    }),
    done(508_114, "submitApplyMessageCode", "an application is under way", |stage| {
        apply(stage, "sandbox64")
    }),
    done(508_115, "viewReport", "a wrong identity code", |stage| {
        stage.inside("sandbox61").call("viewReport", &json!({"message_code": "sandby"}))
    }),
    done(508_117, "submitOnlineAuth", "a wrong UnionPay code", |stage| {
        let mut me = stage.inside("sandbox14");
        me.authenticate(Card::Credit);
        let pic_code = me.picture();
        me.call("submitOnlineAuth", &json!({"unionpay_code": "zzzzzz", "pic_code": pic_code}))
    }),
    done(508_119, "onlineAuthentication", "another name than the registered one", |stage| {
        authenticate(stage, Card::Debit, &json!({"real_name": "合成另"}))
    }),
    done(508_120, "onlineAuthentication", "a wrong PIN of the debit card", |stage| {
        authenticate(stage, Card::Debit, &json!({"password": "000000"}))
    }),
    done(508_120, "onlineAuthentication", "a wrong expiry or CVN2 of the credit card", |stage| {
        authenticate(stage, Card::Credit, &json!({"last_three": 7}))
    }),
    done(508_121, "getOnlineMessageCode", "a telephone that the bank does not know", |stage| {
        let mut me = stage.inside("sandbox14");
        me.name_card(Card::Debit);
        me.call("getOnlineMessageCode", &json!({"cellphone": "15400000000"}))
    }),
    done(508_122, "onlineValidateCard", "a number that fails its check digit", |stage| {
        stage
            .inside("sandbox14")
            .call("onlineValidateCard", &json!({"bank_card": "6222021234567890"}))
    }),
    done(508_122, "onlineAuthentication", "the same, sent again", |stage| {
        authenticate(stage, Card::Debit, &json!({"cank_card": "6222021234567890"}))
    }),
    done(508_123, "onlineAuthentication", "an ID number that fails its check digit", |stage| {
        authenticate(stage, Card::Debit, &json!({"id_card": "110101199001010000"}))
    }),
    done(508_124, "onlineAuthentication", "another telephone than the bank's", |stage| {
        authenticate(stage, Card::Debit, &json!({"cellphone": "15400000000"}))
    }),
    done(508_126, "getOnlineMessageCode", "the sixth code for one purpose", |stage| {
        let mut me = stage.inside("sandbox31");
        me.name_card(Card::Debit);
        for _ in 0..5 {
            me.message();
        }
        me.call("getOnlineMessageCode", &json!({}))
    }),
    done(508_126, "onlineAuthentication", "the sixth attempt after five wrong codes", |stage| {
        let mut me = stage.at_card(Card::Debit);
        let mut holder = me.holder(Card::Debit);
        holder.insert("message_code".to_owned(), json!("654321"));
        for _ in 0..5 {
            assert_eq!(me.code("onlineAuthentication", &Value::Object(holder.clone())), 211_101);
        }
        let holder = Value::Object(me.holder(Card::Debit));
        me.call("onlineAuthentication", &holder)
    }),
    done(508_126, "submitApplyMessageCode", "the same", |stage| {
        let mut me = stage.inside("sandbox60");
        me.call("getOnlineAuthedInfo", &json!({})).ok();
        me.message();
        for _ in 0..5 {
            let wrong = json!({"message_code": "654321"});
            assert_eq!(me.code("submitApplyMessageCode", &wrong), 211_101);
        }
        me.call("submitApplyMessageCode", &json!({"message_code": SMS}))
    }),
    done(
        508_127,
        "onlineAuthentication",
        "`card_type` or `bank_card` differ from before",
        |stage| authenticate(stage, Card::Debit, &json!({"card_type": "2"})),
    ),
    done(508_131, "onlineValidateCard", "a card of a bank that UnionPay does not check", |stage| {
        stage
            .inside("sandbox14")
            .call("onlineValidateCard", &json!({"bank_card": "4000000000000002"}))
    }),
    done(508_132, "getViewReportInfo", "no report was made, as of `sandbox66`", |stage| {
        stage.inside("sandbox66").call("getViewReportInfo", &json!({}))
    }),
    done(508_132, "viewReport", "the same", |stage| stage.inside("sandbox66").view()),
    done(508_135, "login", "the account is closed, as `sandbox67`", |stage| {
        stage.borrower("sandbox67").log_in_with(PASSWORD)
    }),
    done(508_200, "onlineAuthentication", "a month of two digits and no year", |stage| {
        authenticate(stage, Card::Credit, &json!({"month": "12"}))
    }),
    done(508_201, "onlineAuthentication", "a year and no month", |stage| {
        authenticate(stage, Card::Credit, &json!({"year": "30", "month": ""}))
    }),
    done(508_202, "onlineAuthentication", "no `last_three`", |stage| {
        authenticate(stage, Card::Credit, &json!({"last_three": ""}))
    }),
    done(508_204, "submitQuestion", "no first answer", |stage| without_answer(stage, 0)),
    done(508_205, "submitQuestion", "no second answer", |stage| without_answer(stage, 1)),
    done(508_206, "submitQuestion", "no third answer", |stage| without_answer(stage, 2)),
    done(508_207, "submitQuestion", "no fourth answer", |stage| without_answer(stage, 3)),
    done(508_209, "submitQuestion", "no fifth answer", |stage| without_answer(stage, 4)),
    done(508_300, "onlineAuthentication", "a year that is not two digits", |stage| {
        authenticate(stage, Card::Credit, &json!({"year": "3x", "month": "12"}))
    }),
    done(508_301, "onlineAuthentication", "a month that is not two digits", |stage| {
        authenticate(stage, Card::Credit, &json!({"year": "30", "month": "1x"}))
    }),
    done(508_302, "onlineAuthentication", "`last_three` that is not three digits", |stage| {
        authenticate(stage, Card::Credit, &json!({"last_three": "8a8"}))
    }),
    done(508_129, "submitOnlineAuth", "a UnionPay code that was used", |stage| {
        let mut me = stage.inside("sandbox32");
        let code = me.authenticate(Card::Credit);
        me.raise(&code);
        let pic_code = me.picture();
        me.call("submitOnlineAuth", &json!({"unionpay_code": code, "pic_code": pic_code}))
    }),
    done(508_128, "submitOnlineAuth", "a UnionPay code of more than 30 minutes", |stage| {
        let mut me = stage.inside("sandbox33");
        let code = me.authenticate(Card::Debit);
        stage.advance(30 * 60);
        me.merchant.ahead_ms = stage.first.merchant.ahead_ms;
        me.call("submitOnlineAuth", &json!({"unionpay_code": code, "pic_code": "zzzzzz"}))
    }),
    done(508_142, "getQuestion", "20 minutes without a call; so each method", |stage| {
        let mut me = stage.inside("sandbox34");
        stage.advance(20 * 60);
        me.merchant.ahead_ms = stage.first.merchant.ahead_ms;
        me.call("getQuestion", &json!({}))
    }),
];

/// What the holder of a card types, with `changes`; an empty text is left out.
fn authenticate(stage: &mut Stage, card: Card, changes: &Value) -> Answer {
    let mut me = stage.at_card(card);
    let mut holder = me.holder(card);
    holder.extend(changes.as_object().expect("an object").clone());
    holder.retain(|_, value| value != "");
    me.call("onlineAuthentication", &Value::Object(holder))
}

/// Applies by a card, for an account that may not now.
fn apply(stage: &mut Stage, login_name: &str) -> Answer {
    let mut me = stage.inside(login_name);
    let code = me.authenticate(Card::Debit);
    me.raise(&code);
    me.message();
    me.call("submitApplyMessageCode", &json!({"message_code": SMS}))
}

fn without_answer(stage: &mut Stage, question: usize) -> Answer {
    let mut me = stage.inside("sandbox14");
    me.call("getQuestion", &json!({})).ok();
    let mut answers = options(me.person.options());
    answers.as_object_mut().expect("an object").remove(&format!("kbaList[{question}].options"));
    me.call("submitQuestion", &answers)
}
