//! A client of face 3, written from its specification alone: requests are signed by programs in
//! Python and Node (`tests/clients/rong360.{py,js}`), and sent from here.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use crate::clients::{Program, installed, script};
use crate::http::{Client, Failure, Response};
use crate::server::{Sandbox, Server};

pub mod borrower;
pub mod merchant;
pub mod signing;

pub const PATH: &str = "/gateway";
const PREFIX: &str = "crawler.api.zx.";

/// A program that signs.
#[derive(Debug)]
pub struct Signer(Program);

impl Signer {
    /// Node's own crypto needs nothing beside Node.
    ///
    /// # Panics
    /// When Node is not there.
    pub fn node() -> Self {
        Self(Program::start(Command::new("node").arg(script("rong360.js"))))
    }

    /// Nothing where the machine's Python has no `cryptography`.
    ///
    /// # Panics
    /// In the continuous integration, where a gap would go unnoticed.
    pub fn python() -> Option<Self> {
        let packages = installed("python").unwrap_or_default();
        let python = || {
            let mut command = Command::new("python3");
            command.env("PYTHONPATH", &packages).env("PYTHONUTF8", "1");
            command
        };
        let found = python().args(["-c", "import cryptography"]).stderr(Stdio::null()).status();
        if !found.is_ok_and(|status| status.success()) {
            assert!(std::env::var_os("CI").is_none(), "CI without Python's cryptography");
            eprintln!("Python has no package cryptography: its client is left out");
            return None;
        }
        Some(Self(Program::start(python().arg(script("rong360.py")))))
    }

    /// Those that the machine has.
    pub fn all() -> Vec<Self> {
        [Some(Self::node()), Self::python()].into_iter().flatten().collect()
    }

    /// The form of `fields`, in their order, with its signature at the end.
    ///
    /// # Panics
    /// When the program ends.
    pub fn sign(&mut self, private_key: &str, fields: &[(String, String)]) -> String {
        let answer = self.0.ask(&json!({"private_key": private_key, "fields": fields}));
        answer["body"].as_str().expect("a body").to_owned()
    }
}

/// What the gateway answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub code: i64,
    pub msg: String,
    pub request_id: String,
    pub data: Value,
    /// What the sandbox's picture shows.
    pub captcha: Option<String>,
    /// The body as it came: repeats are compared byte for byte.
    pub text: String,
}

impl Answer {
    /// # Panics
    /// When the answer is not the superset that both kinds of client read.
    pub fn read(response: &Response) -> Self {
        let text = response.text();
        let json = response.json();
        let members = json.as_object().unwrap_or_else(|| panic!("{}: {text}", response.status));
        let code = json["code"].as_i64().expect("a code");
        let error = json["error"].as_i64().expect("an error");
        assert!(error == code || (error == 200 && code == 0), "{text}");
        assert_eq!(response.header("x-biz-code"), Some(code.to_string().as_str()));
        assert!(json["data"].is_object(), "{text}");
        for (name, value) in members {
            match name.as_str() {
                "error" | "msg" | "request_id" | "code" | "data" => {}
                name => {
                    let is_response =
                        name.starts_with("crawler_api_zx_") && name.ends_with("_response");
                    assert!(is_response && *value == json["data"], "{text}");
                }
            }
        }
        assert!((5..=6).contains(&members.len()), "{text}");
        Self {
            status: response.status,
            code,
            msg: json["msg"].as_str().expect("a message").to_owned(),
            request_id: json["request_id"].as_str().expect("a request id").to_owned(),
            data: json["data"].clone(),
            captcha: response.header("x-sandbox-captcha").map(str::to_owned),
            text,
        }
    }

    /// The data of a success.
    ///
    /// # Panics
    /// When it is none.
    pub fn ok(self) -> Value {
        assert_eq!((self.status, self.code, self.msg.as_str()), (200, 200, "ok"), "{self:?}");
        self.data
    }
}

/// A merchant's program, for one borrower.
#[derive(Debug)]
pub struct Rong360 {
    pub client: Client,
    pub app_id: String,
    pub private_key: String,
    pub user_id: String,
    pub sign_type: &'static str,
    /// Where it wants to be told.
    pub notice_url: String,
    /// By how much its clock is ahead, as the sandbox's is.
    pub ahead_ms: i64,
}

impl Rong360 {
    /// The demo merchant's.
    pub fn new(server: &Server, user_id: &str) -> Self {
        Self::of(server.client(), &server.sandbox(), user_id)
    }

    pub fn of(client: Client, sandbox: &Sandbox, user_id: &str) -> Self {
        Self {
            client,
            app_id: sandbox.app_id.clone(),
            private_key: sandbox.merchant_private_key_pem.clone(),
            user_id: user_id.to_owned(),
            sign_type: "RSA2",
            notice_url: "http://127.0.0.1:9/notice".to_owned(),
            ahead_ms: 0,
        }
    }

    /// `biz_data` with `members` besides what every call carries.
    ///
    /// # Panics
    /// When `members` are no object.
    pub fn biz_data(&self, members: &Value) -> String {
        let mut all = Map::new();
        for (name, value) in [
            ("merchant_id", self.app_id.as_str()),
            ("app_name", "synthetic"),
            ("app_version", "2.0.0"),
            ("platform", "web"),
            ("notice_url", &self.notice_url),
            ("user_id", &self.user_id),
        ] {
            all.insert(name.to_owned(), json!(value));
        }
        all.extend(members.as_object().expect("an object").clone());
        Value::Object(all).to_string()
    }

    /// The fields of a sound form, now, without its signature.
    pub fn fields(&self, method: &str, members: &Value) -> Vec<(String, String)> {
        [
            ("method", format!("{PREFIX}{method}")),
            ("app_id", self.app_id.clone()),
            ("version", "1.0.0".to_owned()),
            ("sign_type", self.sign_type.to_owned()),
            ("format", "json".to_owned()),
            ("timestamp", (now_ms() + self.ahead_ms).to_string()),
            ("biz_data", self.biz_data(members)),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// Calls `method`, signed by `signer`.
    pub fn call(&mut self, signer: &mut Signer, method: &str, members: &Value) -> Answer {
        let fields = self.fields(method, members);
        let body = signer.sign(&self.private_key, &fields);
        self.send(method, &body)
    }

    /// Sends a form as it is. The query is ignored; real clients name the method there.
    ///
    /// # Panics
    /// When there is no answer.
    pub fn send(&mut self, method: &str, body: &str) -> Answer {
        self.try_send(method, body).unwrap_or_else(|failure| panic!("{method}: {failure}"))
    }

    /// The same, where the server may be gone or going.
    pub fn try_send(&mut self, method: &str, body: &str) -> Result<Answer, Failure> {
        let target = format!("{PATH}?logid=1&orgid={}&func={PREFIX}{method}", self.app_id);
        let headers = [("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")];
        let response = self.client.request("POST", &target, &headers, body.as_bytes());
        response.map(|response| Answer::read(&response))
    }

    /// Sends the document's own JSON with a token.
    ///
    /// # Panics
    /// When there is no answer.
    pub fn send_json(&mut self, method: &str, token: &str, body: &str) -> Answer {
        let authorization = format!("Bearer {token}");
        let headers =
            [("Content-Type", "application/json"), ("Authorization", authorization.as_str())];
        let target = format!("{PATH}?func={PREFIX}{method}");
        let response = self.client.request("POST", &target, &headers, body.as_bytes());
        Answer::read(&response.unwrap_or_else(|failure| panic!("{method}: {failure}")))
    }
}

pub fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_millis()).expect("it fits for long")
}

/// How often the bureau was asked, by what it was asked for: counted where requests leave.
///
/// # Panics
/// When the metrics are not those.
pub fn asked(server: &Server) -> BTreeMap<String, u64> {
    let metrics = server.client().get("/metrics", &[]).expect("an answer").text();
    let counts = metrics.lines().filter_map(|line| {
        let (request, count) =
            line.strip_prefix("probity_bureau_requests_total{request=\"")?.split_once("\"} ")?;
        Some((request.to_owned(), count.parse().expect("a number")))
    });
    counts.collect()
}

/// The methods that need a login, each with what it takes, rightly.
pub fn after_login(me: &borrower::Borrower) -> Vec<(&'static str, Value)> {
    let card = borrower::Card::Debit;
    let code = json!({"message_code": borrower::SMS});
    vec![
        ("getVerifyMethod", json!({})),
        ("getQuestion", json!({})),
        ("submitQuestion", me.answers()),
        ("onlineValidateCard", json!({"bank_card": me.card_number(card)})),
        ("getOnlineMessageCode", json!({"cellphone": me.person.mobile})),
        ("onlineAuthentication", Value::Object(me.holder(card))),
        ("submitOnlineAuth", json!({"unionpay_code": "abcdef", "pic_code": "abcdef"})),
        ("getOnlineAuthedInfo", json!({})),
        ("submitApplyMessageCode", code),
        ("getViewReportInfo", json!({})),
        ("viewReport", json!({"message_code": borrower::IDENTITY_CODE})),
    ]
}
