//! A borrower on its way through face 3, form by form, with the sandbox's right answers
//! (`sandbox.md`, PBoC and UnionPay).

use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::merchant::Merchant;
use super::signing::Key;
use super::{Answer, Rong360, Signer};
use crate::cli;
use crate::http::Failure;
use crate::process::wait_until;
use crate::server::Server;

pub const PASSWORD: &str = "Passw0rd";
/// Of every SMS.
pub const SMS: &str = "123456";
/// The bureau's identity code, which opens a report.
pub const IDENTITY_CODE: &str = "sandbx";
pub const CARD_PIN: &str = "135790";

/// How long a report may take once its time has come.
const REPORT_LIMIT: Duration = Duration::from_secs(30);

/// One of `probity sandbox people`.
#[derive(Clone, Debug, Deserialize)]
pub struct Registered {
    pub login_name: String,
    pub name: String,
    pub id_card: String,
    pub mobile: String,
    pub debit_card: String,
    pub credit_card: String,
}

impl Registered {
    /// All of them.
    ///
    /// # Panics
    /// When the command says something else.
    pub fn all() -> &'static [Self] {
        static ALL: OnceLock<Vec<Registered>> = OnceLock::new();
        ALL.get_or_init(|| {
            let shown = cli::run(&["sandbox", "people", "--json"]).expect_success().json();
            serde_json::from_value(shown["people"].clone()).expect("people")
        })
    }

    /// # Panics
    /// When nobody is registered by that name.
    pub fn find(login_name: &str) -> Self {
        let found = Self::all().iter().find(|one| one.login_name == login_name);
        found.unwrap_or_else(|| panic!("{login_name} is nobody")).clone()
    }

    /// The right options of the five questions.
    pub fn options(&self) -> [u64; 5] {
        let digits: String = self.login_name.chars().filter(char::is_ascii_digit).collect();
        let number: u64 = digits.parse().unwrap_or_default();
        [1, 2, 3, 4, 5].map(|question| (question + number) % 4 + 1)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Card {
    Debit,
    Credit,
}

/// Who signs.
#[derive(Clone, Debug)]
enum Hand {
    /// This process.
    Own(Arc<Key>),
    /// A client of its own, in another language.
    Program(Arc<Mutex<Signer>>),
}

impl Hand {
    fn of(merchant: &Merchant) -> Self {
        Self::Own(Arc::new(Key::of_pem(&merchant.private_key)))
    }
}

/// A merchant's borrower. Its calls differ in their time of signing, so that no two are equal.
#[derive(Debug)]
pub struct Borrower {
    pub merchant: Rong360,
    pub person: Registered,
    hand: Hand,
    stamp_ms: i64,
}

impl Borrower {
    /// Of the demo merchant.
    pub fn new(server: &Server, user_id: &str, login_name: &str) -> Self {
        Self::of(server, &Merchant::demo(server), user_id, login_name)
    }

    pub fn of(server: &Server, merchant: &Merchant, user_id: &str, login_name: &str) -> Self {
        let mut program = Rong360::new(server, user_id);
        program.app_id.clone_from(&merchant.app_id);
        program.private_key.clone_from(&merchant.private_key);
        let (person, hand) = (Registered::find(login_name), Hand::of(merchant));
        Self { merchant: program, person, hand, stamp_ms: 0 }
    }

    /// Whose calls a program signs.
    #[must_use]
    pub fn signed_by(self, signer: Signer, sign_type: &'static str) -> Self {
        let merchant = Rong360 { sign_type, ..self.merchant };
        Self { merchant, hand: Hand::Program(Arc::new(Mutex::new(signer))), ..self }
    }

    /// Another borrower of the same merchant, with the same clock.
    #[must_use]
    pub fn beside(&self, user_id: &str, login_name: &str) -> Self {
        let merchant = Rong360 {
            client: self.merchant.client.another(),
            app_id: self.merchant.app_id.clone(),
            private_key: self.merchant.private_key.clone(),
            user_id: user_id.to_owned(),
            notice_url: self.merchant.notice_url.clone(),
            ..self.merchant
        };
        let person = Registered::find(login_name);
        Self { merchant, person, hand: self.hand.clone(), stamp_ms: 0 }
    }

    /// Goes on at another node, or after a restart.
    pub fn move_to(&mut self, server: &Server) {
        self.merchant.client = server.client();
    }

    /// Moves the sandbox's clock and this one's.
    pub fn advance(&mut self, server: &Server, seconds: i64) {
        server.advance(&format!("{seconds}s"));
        self.merchant.ahead_ms += seconds * 1_000;
    }

    /// Signs with another's key from now on.
    pub fn sign_with(&mut self, merchant: &Merchant) {
        self.hand = Hand::of(merchant);
    }

    /// The form of a call, signed.
    pub fn form(&mut self, method: &str, members: &Value) -> String {
        let biz_data = self.merchant.biz_data(members);
        self.form_of(method, &biz_data)
    }

    /// The same with `biz_data` as it is.
    ///
    /// # Panics
    /// Never.
    pub fn form_of(&mut self, method: &str, biz_data: &str) -> String {
        let mut fields = self.merchant.fields(method, &json!({}));
        let given = fields.iter_mut().find(|(name, _)| name == "biz_data").expect("it is there");
        biz_data.clone_into(&mut given.1);
        let stamp = fields.iter_mut().find(|(name, _)| name == "timestamp").expect("a stamp");
        self.stamp_ms = stamp.1.parse::<i64>().expect("a number").max(self.stamp_ms + 1);
        stamp.1 = self.stamp_ms.to_string();
        match &self.hand {
            Hand::Own(key) => key.sign(&fields),
            Hand::Program(signer) => {
                let mut signer = signer.lock().expect("nobody panics with it");
                signer.sign(&self.merchant.private_key, &fields)
            }
        }
    }

    /// # Panics
    /// When no answer comes.
    #[track_caller]
    pub fn call(&mut self, method: &str, members: &Value) -> Answer {
        let answer = self.try_call(method, members);
        answer.unwrap_or_else(|failure| panic!("{method}: {failure}"))
    }

    /// The same, where the server may be gone or going.
    pub fn try_call(&mut self, method: &str, members: &Value) -> Result<Answer, Failure> {
        let form = self.form(method, members);
        self.merchant.try_send(method, &form)
    }

    /// The code of a call's answer.
    #[track_caller]
    pub fn code(&mut self, method: &str, members: &Value) -> i64 {
        self.call(method, members).code
    }

    /// Has a picture drawn; gives its text.
    #[track_caller]
    pub fn picture(&mut self) -> String {
        let answer = self.call("getPicCode", &json!({"type": 2}));
        let text = answer.captcha.clone();
        answer.ok();
        text.expect("the sandbox tells what its picture shows")
    }

    /// Logs in with a new picture.
    #[track_caller]
    pub fn log_in_with(&mut self, password: &str) -> Answer {
        let pic_code = self.picture();
        let login = self.login(password, &pic_code);
        self.call("login", &login)
    }

    pub fn login(&self, password: &str, pic_code: &str) -> Value {
        let login_name = &self.person.login_name;
        json!({"login_name": login_name, "password": password, "pic_code": pic_code})
    }

    /// Logs in; gives the user status.
    #[track_caller]
    pub fn log_in(&mut self) -> i64 {
        let data = self.log_in_with(PASSWORD).ok();
        data["user_status"].as_i64().expect("a status")
    }

    /// The right answers.
    pub fn answers(&self) -> Value {
        options(self.person.options())
    }

    /// The questions and their right answers.
    #[track_caller]
    pub fn pass_questions(&mut self) {
        self.call("getQuestion", &json!({})).ok();
        let answers = self.answers();
        self.call("submitQuestion", &answers).ok();
    }

    pub fn card_number(&self, card: Card) -> &str {
        match card {
            Card::Debit => &self.person.debit_card,
            Card::Credit => &self.person.credit_card,
        }
    }

    /// Names a card; gives the answer's data.
    #[track_caller]
    pub fn name_card(&mut self, card: Card) -> Value {
        let named = json!({"bank_card": self.card_number(card), "type": 1});
        self.call("onlineValidateCard", &named).ok()
    }

    /// Has a code sent by SMS.
    #[track_caller]
    pub fn message(&mut self) {
        assert_eq!(self.call("getOnlineMessageCode", &json!({})).ok(), json!({}));
    }

    /// What the holder of the card types, rightly.
    pub fn holder(&self, card: Card) -> Map<String, Value> {
        let person = &self.person;
        let mut typed = json!({"real_name": person.name, "id_card": person.id_card,
            "cellphone": person.mobile, "message_code": SMS});
        let secret = match card {
            Card::Debit => json!({"password": CARD_PIN}),
            Card::Credit => json!({"month": "1230", "last_three": "888"}),
        };
        let typed = typed.as_object_mut().expect("an object");
        typed.extend(secret.as_object().expect("an object").clone());
        typed.clone()
    }

    /// Names the card and proves to hold it; gives UnionPay's code.
    #[track_caller]
    pub fn authenticate(&mut self, card: Card) -> String {
        self.name_card(card);
        self.message();
        let holder = Value::Object(self.holder(card));
        unionpay_code(&self.call("onlineAuthentication", &holder).ok())
    }

    /// Has the level of the account raised by UnionPay's code; gives the answer's data.
    #[track_caller]
    pub fn raise(&mut self, unionpay_code: &str) -> Value {
        let pic_code = self.picture();
        let given = json!({"pic_code": pic_code, "unionpay_code": unionpay_code});
        self.call("submitOnlineAuth", &given).ok()
    }

    /// Applies, with the form open.
    #[track_caller]
    pub fn apply(&mut self) {
        self.message();
        let given = json!({"message_code": SMS});
        assert_eq!(self.call("submitApplyMessageCode", &given).ok(), json!({}));
    }

    /// Waits until the report is made; its ten seconds pass on the sandbox's clock.
    ///
    /// # Panics
    /// When it is not made in time.
    #[track_caller]
    pub fn wait_for_report(&mut self, server: &Server) {
        self.advance(server, 11);
        let made =
            wait_until(REPORT_LIMIT, || Ok(self.code("getViewReportInfo", &json!({})) == 200));
        made.expect("the report is made");
    }

    /// The report, as it is shown now.
    pub fn view(&mut self) -> Answer {
        self.call("viewReport", &json!({"message_code": IDENTITY_CODE}))
    }

    /// From nothing to a report, by the five questions.
    #[track_caller]
    pub fn get_report(&mut self, server: &Server) -> Value {
        self.log_in();
        self.pass_questions();
        self.wait_for_report(server);
        self.view().ok()
    }
}

/// As `submitQuestion` takes them.
pub fn options(options: [u64; 5]) -> Value {
    let member = |(at, option): (usize, &u64)| (format!("kbaList[{at}].options"), json!(option));
    Value::Object(options.iter().enumerate().map(member).collect())
}

/// UnionPay's code, as the form U shows it.
///
/// # Panics
/// When it is not that form.
pub fn unionpay_code(data: &Value) -> String {
    let param = &data["next"]["param"][0];
    assert_eq!(param["key"], "unionpay_code", "{data}");
    param["value"].as_str().expect("a code").to_owned()
}
