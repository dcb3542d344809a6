//! A client of face 2, written from the document alone: it shares no code with the server.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::http::{Client, Response};
use crate::server::Server;

pub mod audit;
pub mod borrower;
pub mod lender;
pub mod many;
pub mod routes;
pub mod shapes;
pub mod walk;

/// How long a state may take to come, and the pause between two looks.
const STATE_LIMIT: Duration = Duration::from_secs(20);
const LOOK_PAUSE: Duration = Duration::from_millis(20);

/// The code of every SMS of the sandbox, its query password, and the number on its tokens.
pub const CODE: &str = "123456";
pub const QUERY_PASSWORD: &str = "654321";
pub const DYNAMIC_PASSWORD: &str = "246810";

/// What an endpoint answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub code: i64,
    pub msg: String,
    pub data: Value,
    /// What the sandbox's picture shows.
    pub captcha: Option<String>,
}

impl Answer {
    /// # Panics
    /// When the answer is not an envelope of exactly the three keys.
    pub fn read(response: &Response) -> Self {
        let json = response.json();
        let keys: Vec<&String> = json.as_object().expect("an envelope").keys().collect();
        assert_eq!(keys.len(), 3, "{json}");
        Self {
            status: response.status,
            code: json["code"].as_i64().expect("a code"),
            msg: json["msg"].as_str().expect("a message").to_owned(),
            data: json.get("data").expect("data, or null").clone(),
            captcha: response.header("x-sandbox-captcha").map(str::to_owned),
        }
    }

    /// The data of a success.
    ///
    /// # Panics
    /// When it is none.
    pub fn ok(self) -> Value {
        assert_eq!((self.status, self.code, self.msg.as_str()), (200, 0, ""), "{self:?}");
        self.data
    }

    pub fn state(&self) -> i64 {
        self.data["state"].as_i64().unwrap_or(-1)
    }
}

/// A synthetic person: an ID card of a region that is not assigned, with a right check digit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub name: String,
    pub id_card: String,
    pub mobile: String,
}

impl Person {
    /// The `number`-th person, with a mobile number of this ending.
    pub fn new(number: u32, mobile_ending: &str) -> Self {
        let serial = number % 1000;
        let day = 1 + number / 1000 % 28;
        let body = format!("990000199001{day:02}{serial:03}");
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        let sum: u32 =
            body.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
        let check = char::from(b"10X98765432"[(sum % 11) as usize]);
        Self {
            name: format!("合成{number}"),
            id_card: format!("{body}{check}"),
            mobile: format!("139{:04}{mobile_ending}", number % 10_000),
        }
    }

    pub fn fields(&self) -> [(&'static str, &str); 3] {
        [("name", &self.name), ("id_card", &self.id_card), ("mobile", &self.mobile)]
    }
}

/// The demo merchant, logged in.
#[derive(Debug)]
pub struct Qiancheng {
    client: Client,
    pub username: String,
    pub token: String,
}

impl Qiancheng {
    /// # Panics
    /// When the demo merchant cannot log in.
    pub fn log_in(server: &Server) -> Self {
        let sandbox = server.sandbox();
        Self::log_in_as(server, &sandbox.username, &sandbox.password)
    }

    /// # Panics
    /// When the merchant cannot log in.
    pub fn log_in_as(server: &Server, username: &str, password: &str) -> Self {
        let mut client = server.client();
        let form = [("username", username), ("password", password)];
        let response = client.post_form("/client/authorize/token", &[], &form).expect("an answer");
        let data = Answer::read(&response).ok();
        let token = data["token"].as_str().expect("a token").to_owned();
        assert!(token.len() == 32 && token.bytes().all(|b| b.is_ascii_hexdigit()), "{token}");
        Self { client, username: username.to_owned(), token }
    }

    /// The same merchant at another node.
    pub fn at(&self, server: &Server) -> Self {
        let (username, token) = (self.username.clone(), self.token.clone());
        Self { client: server.client(), username, token }
    }

    /// Gives up on an answer after that time only.
    #[must_use]
    pub fn patient(self, limit: Duration) -> Self {
        Self { client: self.client.answer_limit(limit), ..self }
    }

    /// Posts a form as it is.
    ///
    /// # Panics
    /// When nothing comes back.
    pub fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
        let response = self.client.post_form(path, &[], form);
        Answer::read(&response.unwrap_or_else(|failure| panic!("{path}: {failure}")))
    }

    /// The same, where the server may be gone or going: nothing when no answer comes.
    pub fn try_post(&mut self, path: &str, form: &[(&str, &str)]) -> Option<Answer> {
        self.client.post_form(path, &[], form).ok().map(|response| Answer::read(&response))
    }

    /// Posts with the token.
    pub fn with_token(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
        let token = self.token.clone();
        self.post(path, &[&[("token", token.as_str())], form].concat())
    }

    /// Posts as the owner of a session.
    pub fn of(&mut self, open_id: &str, path: &str, form: &[(&str, &str)]) -> Answer {
        let username = self.username.clone();
        let owner = [("username", username.as_str()), ("open_id", open_id)];
        self.post(path, &[&owner, form].concat())
    }

    /// Begins a telecom session with a service password; an empty one is asked for later.
    pub fn open_telecom(&mut self, person: &Person, service_password: &str) -> String {
        let password = [("service_password", service_password)];
        let form = [person.fields().as_slice(), &password].concat();
        open_id(self.with_token("/telecom/collect/open-id", &form))
    }

    pub fn open_degree(&mut self, person: &Person) -> String {
        open_id(self.with_token("/degree/collect/open-id", &person.fields()))
    }

    /// Uploads the licence and begins an e-bank session (version 1).
    pub fn open_ebank(&mut self, person: &Person, entry: &str, login_name: &str) -> String {
        let account = [("entry_id", entry), ("login_name", login_name)];
        let form = [person.fields().as_slice(), &account].concat();
        self.with_token("/ebank/collect/license-upload", &form).ok();
        let password = [("password", "synthetic")];
        open_id(self.with_token("/ebank/collect/open-id", &[form.as_slice(), &password].concat()))
    }

    /// Begins an e-bank session of version 2; gives its id and the provider's number.
    pub fn open_ebank_v2(&mut self, person: &Person) -> (String, i64) {
        let data = self.with_token("/v2/ebank/collect/open-id", &person.fields()).ok();
        let provider = data["type"].as_i64().expect("a type");
        (data["open_id"].as_str().expect("an id").to_owned(), provider)
    }

    /// Uploads the licence and logs in (version 2).
    pub fn log_in_v2(&mut self, open_id: &str, entry: &str, login_name: &str) -> Answer {
        let account = [("entry_id", entry), ("login_name", login_name)];
        self.of(open_id, "/v2/ebank/collect/license-upload", &account).ok();
        let form = [account.as_slice(), &[("password", "synthetic")]].concat();
        self.of(open_id, "/v2/ebank/collect/login", &form)
    }

    pub fn state(&mut self, product: &str, open_id: &str) -> Answer {
        self.of(open_id, &format!("/{product}/collect/get-state"), &[])
    }

    /// Looks until the state is one of `wanted`; gives it.
    ///
    /// # Panics
    /// When none of them comes in time.
    pub fn wait_for(&mut self, product: &str, open_id: &str, wanted: &[i64]) -> Answer {
        let begun = Instant::now();
        loop {
            let answer = self.state(product, open_id);
            if wanted.contains(&answer.state()) {
                return answer;
            }
            assert!(
                begun.elapsed() < STATE_LIMIT,
                "{product}: {wanted:?} did not come: {answer:?}"
            );
            std::thread::sleep(LOOK_PAUSE);
        }
    }
}

fn open_id(answer: Answer) -> String {
    let data = answer.ok();
    let open_id = data["open_id"].as_str().expect("an id").to_owned();
    assert!(open_id.len() == 32 && open_id.bytes().all(|b| b.is_ascii_hexdigit()), "{open_id}");
    open_id
}
