//! Plays borrowers and merchants with marked secrets, in each way of sending a request.

#[path = "applications.rs"]
mod applications;

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use tests::canary::Canaries;
use tests::http::{Client, urlencode};
use tests::qiancheng::{Answer, CODE, DYNAMIC_PASSWORD, Person, QUERY_PASSWORD, Qiancheng};
use tests::server::Server;
use tests::v1::V1;

/// A carrier's behaviour by the ending of the number, the service password, and what is done:
/// a number is a state to wait for, `verb:value` an answer, `?` a marked secret.
const TELECOM: [(&str, &str, &str); 13] = [
    ("0000", "?", "43 captcha:? query:? service:?"),
    ("0001", "?", "21 captcha:? 23 captcha:? 23 resend 24 captcha:right 43 captcha:?"),
    ("0001", "?", "21 captcha:? 23 captcha:? 23 captcha:? 23 captcha:? 23 captcha:? 42 service:?"),
    ("0002", "?", "21 query:? captcha:right 31 query:? 33 query:? 33 query:right 43"),
    ("0002", "?", "21 captcha:right 31 query:? 33 query:? 33 query:? 33 query:? 33 query:? 42"),
    ("0003", "?", "42 captcha:? service:?"),
    ("0004", "?", "11 captcha:? query:? service:? resend"),
    ("0005", "?", "21 captcha:right 21 captcha:? 23 captcha:right 43"),
    ("0006", "?", "41 captcha:? query:?"),
    ("0007", "?", "21 captcha:? 23 resend 24 captcha:right 43"),
    ("0008", "?", "42"),
    ("0009", "?", "43"),
    ("0001", "", "0 captcha:? service:? 21 captcha:? 23"),
];

/// The same of a connector.
const REMOTE: [(&str, &str, &str); 3] = [
    ("0001", "?", "21 captcha:? 23 captcha:right 43"),
    ("0002", "?", "21 captcha:right 31 query:? 33 query:right 43"),
    ("0003", "?", "42"),
];

/// The same of a connector whose answers cannot be believed.
const REMOTE_FAILS: [(&str, &str, &str); 1] = [("0001", "?", "42 captcha:?")];

/// (ending of the account, its states)
const DEGREE: [(&str, &str); 5] =
    [("@one", "21"), ("@two", "21"), ("@none", "21"), ("@wrong", "22"), ("@down", "22")];

/// (ending of the login name, what is done)
const EBANK: [(&str, &str); 8] = [
    ("01", "10 code:?"),
    ("02", "4 code:? 4 code:picture 10"),
    ("03", "6 code:? 8 code:? 8 code:right 10"),
    ("03", "6 code:? 8 code:? 8 code:? 8 code:? 8 code:? 11"),
    ("04", "2 code:? 8 code:token 10"),
    ("05", "4 code:picture 6 code:? 8 code:right 10"),
    ("06", "11 code:?"),
    ("08", "6 code:? 9 code:right 10"),
];

const ENTRY: &str = "icbc-login";

/// The `number`-th marked secret. Fits wherever a password or a code is taken.
pub(crate) fn mark(number: usize) -> String {
    format!("zQ7mK{number:04}wX")
}

type Form = Vec<(&'static str, String)>;

pub(crate) struct Stage {
    client: Client,
    qiancheng: Qiancheng,
    marks: usize,
    requests: usize,
    persons: u32,
    private: Vec<String>,
    credentials: Vec<String>,
}

impl Stage {
    pub(crate) fn new(server: &Server) -> Self {
        let (client, qiancheng) = (server.client(), Qiancheng::log_in(server));
        let credentials = vec![qiancheng.token.clone(), server.sandbox().password];
        let (marks, requests, persons, private) = (0, 0, 100, Vec::new());
        Self { client, qiancheng, marks, requests, persons, private, credentials }
    }

    /// Goes on at another node, or after a restart.
    pub(crate) fn move_to(&mut self, server: &Server) {
        (self.client, self.qiancheng) = (server.client(), self.qiancheng.at(server));
    }

    /// The secrets that were sent, and persons' data.
    pub(crate) fn canaries(&self) -> (Canaries, Canaries) {
        let secrets = (1..=self.marks).map(mark).chain(self.credentials.clone());
        (Canaries::new(secrets), Canaries::new(self.private.clone()))
    }

    fn secret(&mut self) -> String {
        self.marks += 1;
        mark(self.marks)
    }

    fn value(&mut self, value: &str) -> String {
        if value == "?" { self.secret() } else { value.to_owned() }
    }

    /// The next person.
    fn person(&mut self, ending: &str) -> Form {
        self.persons += 1;
        let Person { name, id_card, mobile } = Person::new(self.persons, ending);
        self.private.extend([name.clone(), id_card.clone(), mobile.clone()]);
        vec![("name", name), ("id_card", id_card), ("mobile", mobile)]
    }

    fn private(&mut self, text: String) -> String {
        self.private.push(text.clone());
        text
    }

    /// Posts in the next of the ways of sending a form.
    fn post(&mut self, path: &str, form: &Form) -> Answer {
        self.requests += 1;
        let pairs: Vec<(&str, &str)> =
            form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let json = || {
            let members = pairs.iter().map(|(name, value)| (name.to_string(), (*value).into()));
            serde_json::Value::Object(members.collect()).to_string().into_bytes()
        };
        let typed = |content| ("Content-Type", content);
        let (headers, body) = match self.requests % 4 {
            0 => (vec![typed("application/x-www-form-urlencoded")], urlencode(&pairs).into_bytes()),
            1 => (vec![typed("application/json")], json()),
            2 => (vec![typed("multipart/form-data; boundary=B")], multipart(&pairs)),
            _ => {
                let packed = ("Content-Encoding", "gzip");
                (vec![typed("application/json"), packed], gzip(&json()))
            }
        };
        self.send(path, &headers, &body)
    }

    fn send(&mut self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let answer = self.client.request("POST", path, headers, body);
        Answer::read(&answer.unwrap_or_else(|failure| panic!("{path}: {failure}")))
    }

    fn with_token(&mut self, path: &str, form: Form) -> Answer {
        let token = ("token", self.qiancheng.token.clone());
        self.post(path, &[vec![token], form].concat())
    }

    fn of(&mut self, open_id: &str, path: &str, form: Form) -> Answer {
        let username = self.qiancheng.username.clone();
        let owner = vec![("username", username), ("open_id", open_id.to_owned())];
        self.post(path, &[owner, form].concat())
    }

    /// Plays a script; see [`TELECOM`].
    fn play(&mut self, product: &str, open_id: &str, script: &str) {
        let mut picture = None;
        for word in script.split(' ') {
            if let Ok(state) = word.parse() {
                picture = self.qiancheng.wait_for(product, open_id, &[state]).captcha;
                continue;
            }
            let (verb, value) = word.split_once(':').unwrap_or((word, ""));
            let (step, field, right) = match verb {
                "captcha" => ("captcha", "captcha", CODE),
                "query" => ("query-password", "query_password", QUERY_PASSWORD),
                "service" => ("service-password", "service_password", ""),
                "code" => ("captcha", "verify_code", CODE),
                _ => ("resend-captcha", "none", ""),
            };
            let value = match value {
                "right" => right.to_owned(),
                "token" => DYNAMIC_PASSWORD.to_owned(),
                "picture" => picture.clone().expect("a picture was shown"),
                other => self.value(other),
            };
            self.of(open_id, &format!("/{product}/collect/{step}"), vec![(field, value)]);
        }
    }

    pub(crate) fn telecom(&mut self) {
        self.carriers(&TELECOM);
    }

    pub(crate) fn remote(&mut self) {
        self.carriers(&REMOTE);
    }

    pub(crate) fn remote_fails(&mut self) {
        self.carriers(&REMOTE_FAILS);
    }

    fn carriers(&mut self, rows: &[(&str, &str, &str)]) {
        for (ending, password, script) in rows {
            let mut form = self.person(ending);
            form.push(("service_password", self.value(password)));
            let contact = self.private(format!("1370000{:04}", self.persons));
            let contacts = format!("[{{\"contact_tel\":\"{contact}\",\"contact_type\":\"0\"}}]");
            form.push(("options", format!("{{\"contacts\":{contacts}}}")));
            let open_id = self.opened("/telecom/collect/open-id", form);
            self.play("telecom", &open_id, script);
            self.of(&open_id, "/telecom/data/raw-data", Form::new());
            self.of(&open_id, "/telecom/data/report", Form::new());
        }
    }

    pub(crate) fn degree(&mut self) {
        for (ending, state) in DEGREE {
            for sync in ["0", "1"] {
                let form = self.person("0000");
                let open_id = self.opened("/degree/collect/open-id", form);
                let account = self.private(format!("student{}{ending}", self.persons));
                for path in ["/degree/collect/login", "/telecom/collect/login"] {
                    let secret = self.secret();
                    let form = vec![
                        ("account", account.clone()),
                        ("password", secret),
                        ("sync", sync.to_owned()),
                    ];
                    self.of(&open_id, path, form);
                }
                self.play("degree", &open_id, state);
                self.of(&open_id, "/degree/data/raw-data", Form::new());
            }
        }
    }

    /// The login at the bank, with a marked password.
    fn account(&mut self, ending: &str) -> (Form, (&'static str, String)) {
        let login_name = self.private(format!("login-{}-{ending}", self.persons));
        let form = vec![("entry_id", ENTRY.to_owned()), ("login_name", login_name)];
        (form, ("password", self.secret()))
    }

    pub(crate) fn ebank(&mut self) {
        for (ending, script) in EBANK {
            let person = self.person("0000");
            let (account, password) = self.account(ending);
            let form = [person, account].concat();
            let opening = [form.clone(), vec![password]].concat();
            let early = self.with_token("/ebank/collect/open-id", opening.clone());
            assert_eq!(early.code, 1001, "without a licence");
            self.with_token("/ebank/collect/license-upload", form).ok();
            let open_id = self.opened("/ebank/collect/open-id", opening);
            self.play("ebank", &open_id, script);
            self.of(&open_id, "/ebank/data/raw-data", Form::new());
        }
    }

    pub(crate) fn ebank_v2(&mut self) {
        for (ending, script) in EBANK {
            let person = self.person("0000");
            let open_id = self.opened("/v2/ebank/collect/open-id", person);
            let (account, password) = self.account(ending);
            let login = [account.clone(), vec![password]].concat();
            self.of(&open_id, "/v2/ebank/collect/login", login.clone());
            self.of(&open_id, "/v2/ebank/collect/license-upload", account).ok();
            self.of(&open_id, "/v2/ebank/collect/login", login).ok();
            self.play("v2/ebank", &open_id, script);
            self.of(&open_id, "/v2/ebank/data/raw-data", Form::new());
        }
    }

    /// Bills that persons hand in, read and refused: what stands in them is theirs.
    pub(crate) fn files(&mut self, server: &Server) {
        let mut v1 = V1::of(server, "files");
        for turn in 0..6 {
            let person = self.person("0000");
            let number = self.persons;
            let account = self.private(format!("6200000000{number:08}"));
            let payee = self.private(format!("合成收款{number:05}"));
            let memo = self.private(format!("memo-{number:05}-rent"));
            let columns = if turn % 2 == 0 {
                "交易日期,摘要,收入,支出,余额,对方户名"
            } else {
                "a,b"
            };
            let file = format!(
                "户名:{},账号:{account}\n{columns}\n2026-10-01,{memo},,88.00,12.00,{payee}\n",
                person[0].1
            );
            let fields: Vec<(&str, &str)> =
                person.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let fields = [&fields[..2], &[("kind", "bank-statement"), ("file", &file)]].concat();
            let content = "multipart/form-data; boundary=B";
            let answer = v1.post("/v1/files", content, &multipart(&fields));
            assert_eq!(answer.status, if turn % 2 == 0 { 200 } else { 422 }, "{}", answer.text());
            if let Some(id) = answer.json()["file_id"].as_str() {
                assert!(v1.get(&format!("/v1/files/{id}/data")).text().contains(&payee));
            }
            // Where no file belongs, and cut off.
            v1.post(&format!("/v1/files/{account}"), content, &multipart(&fields));
            v1.post("/v1/files", "text/csv", file.as_bytes());
            let body = multipart(&fields);
            v1.post("/v1/credit-reports", content, &body);
            v1.post("/v1/files", content, &body[..body.len() - 20]);
        }
    }

    fn opened(&mut self, path: &str, form: Form) -> String {
        let data = self.with_token(path, form).ok();
        data["open_id"].as_str().expect("an id").to_owned()
    }

    /// To sessions that are not there, to fields that are wrong, and where no secret belongs.
    pub(crate) fn without_session(&mut self) {
        let steps = [
            ("/telecom/collect/captcha", "captcha"),
            ("/telecom/collect/query-password", "query_password"),
            ("/telecom/collect/service-password", "service_password"),
            ("/degree/collect/login", "password"),
            ("/ebank/collect/captcha", "verify_code"),
            ("/v2/ebank/collect/login", "password"),
            ("/v2/ebank/collect/captcha", "verify_code"),
        ];
        for (path, field) in steps {
            for open_id in [&"0".repeat(32), "short"] {
                let secret = self.secret();
                self.of(open_id, path, vec![(field, secret)]);
            }
            // As the id, as a stranger's name, under another name, much too long.
            let secret = self.secret();
            self.of(&secret, path, vec![(field, secret.clone())]);
            let secret = self.secret();
            self.post(path, &vec![("username", secret.clone()), (field, secret)]);
            let long = self.secret().repeat(20);
            self.of(&"0".repeat(32), path, vec![(field, long)]);
        }
        for path in
            ["/telecom/collect/open-id", "/ebank/collect/open-id", "/blacklist/search/single"]
        {
            let (secret, person) = (self.secret(), self.person("0000"));
            let token = vec![("token", secret.clone()), ("service_password", secret)];
            self.post(path, &[token, person].concat());
            let secret = self.secret();
            let wrong = [("name", secret.clone()), ("id_card", secret.clone()), ("mobile", secret)];
            self.with_token(path, wrong.into());
        }
    }

    /// Bodies, paths and headers that cannot be read or are read by nobody.
    pub(crate) fn unreadable(&mut self) {
        let path = "/telecom/collect/captcha";
        let json = ("Content-Type", "application/json");
        for turn in 0..12 {
            let secret = self.secret();
            let whole = format!("{{\"username\":\"demo\",\"captcha\":\"{secret}\"}}");
            let cut = &whole[..whole.len() - 2];
            let (headers, body) = match turn {
                0 => (vec![json], cut.as_bytes().to_vec()),
                1 => (vec![json], format!("[{whole}]").into_bytes()),
                2 => (vec![json], format!("{{\"captcha\":[\"{secret}\"]}}").into_bytes()),
                3 => (vec![json], format!("{{\"{secret}\":{{\"{secret}\":1}}}}").into_bytes()),
                4 => (vec![json], format!("{{\"captcha\":\"{secret}\\ud800\"}}").into_bytes()),
                5 => (vec![("Content-Type", "text/xml")], whole.into_bytes()),
                6 => (vec![json, ("Content-Encoding", "gzip")], whole.into_bytes()),
                7 => {
                    let packed = gzip(whole.as_bytes());
                    (vec![json, ("Content-Encoding", "gzip")], packed[..packed.len() - 9].to_vec())
                }
                8 => {
                    let body = multipart(&[("captcha", &secret)]);
                    let content = ("Content-Type", "multipart/form-data; boundary=B");
                    (vec![content], body[..body.len() - 8].to_vec())
                }
                9 => (vec![], format!("captcha={secret}&captcha={secret}x").into_bytes()),
                10 => (vec![], format!("captcha[{secret}]={secret}&%zz={secret}").into_bytes()),
                _ => {
                    let long = secret.repeat(100_000);
                    (vec![json], format!("{{\"captcha\":\"{long}\"}}").into_bytes())
                }
            };
            self.send(path, &headers, &body);
        }
        let [in_path, in_query, in_header] = [(); 3].map(|()| self.secret());
        for (method, target, header) in [
            ("GET", format!("{path}?captcha={in_query}"), "x"),
            ("POST", format!("{path}/{in_path}?{in_query}={in_query}"), in_header.as_str()),
            ("PUT", format!("/{in_path}"), in_header.as_str()),
        ] {
            let headers = [("Authorization", header), ("Cookie", header), ("X-Request-Id", header)];
            self.client.request(method, &target, &headers, b"").expect("an answer");
        }
    }

    /// Sessions whose source has a secret and does not answer.
    pub(crate) fn in_flight(&mut self) {
        for _ in 0..5 {
            let mut form = self.person("0004");
            form.push(("service_password", self.secret()));
            let open_id = self.opened("/telecom/collect/open-id", form);
            self.qiancheng.wait_for("telecom", &open_id, &[11]);
        }
    }

    /// Merchants' passwords and tokens that are wrong: last, for who guesses is locked out.
    pub(crate) fn wrong_merchants(&mut self) {
        for username in ["demo", "nobody", "?"] {
            let (username, password) = (self.value(username), self.secret());
            self.post(
                "/client/authorize/token",
                &vec![("username", username), ("password", password)],
            );
            let bearer = format!("Bearer {}", self.secret());
            let headers = [("Authorization", bearer.as_str())];
            self.client.request("GET", "/v1/batches/1", &headers, b"").expect("an answer");
        }
    }
}

fn multipart(pairs: &[(&str, &str)]) -> Vec<u8> {
    let part = |(name, value): &(&str, &str)| {
        format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let parts: String = pairs.iter().map(part).collect();
    format!("{parts}--B--\r\n").into_bytes()
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain).expect("into memory");
    encoder.finish().expect("into memory")
}
