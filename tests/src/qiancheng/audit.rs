//! Applications for the risk audit: the sandbox's applicants, encrypted and handed in.

use std::time::{Duration, Instant};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::rand;
use aws_lc_rs::rsa::{
    OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, Pkcs1PublicEncryptingKey, PublicEncryptingKey,
};
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, LOOK_PAUSE, Person, Qiancheng, STATE_LIMIT};
use crate::http::{Failure, Response, percent_encode, urlencode};
use crate::server::Server;

pub const OPEN: &str = "/risk-model/audit/open-id";
pub const RESULT: &str = "/risk-model/audit/result";

/// Bytes of a block, and of the text in it.
pub const BLOCK: usize = 256;
pub const BLOCK_TEXT: usize = 245;

/// The state of an application that is still being looked at.
pub const IN_REVIEW: i64 = 2;

/// What is said of all that does not decrypt.
pub const UNREADABLE: &str =
    "data: 无法解密或不是JSON，请核对公钥版本、分段长度、Base64与UTF-8编码";

/// The least that an application can be.
pub fn least(order_id: u64) -> Value {
    json!({
        "order_detail": {
            "order_id": order_id, "amount": 200_000, "loan_term": 30,
            "order_time": "2026-01-31 08:30:00",
        },
        "basic_info": {"user_contact": [{"mobile": "12000000001", "name": "合成甲"}]},
        "user_proof_materia": [{"url": "https://example.invalid/1.jpg", "type": 0}],
        "user_mobile_contacts": [],
        "telecom_data": {"real_name_status": 1, "bill_list": [], "contact_list": []},
    })
}

/// A sandbox's applicant.
#[derive(Clone, Debug, Deserialize)]
pub struct Applicant {
    pub name: String,
    pub phone: String,
    pub id_card: String,
    pub application: Value,
}

impl Applicant {
    /// The applicant of that number, with an application of about 100 KB.
    ///
    /// # Panics
    /// When the command fails.
    pub fn of(number: u32, order_id: u64) -> Self {
        Self::sized(number, order_id, "normal")
    }

    /// # Panics
    /// When the command fails.
    pub fn sized(number: u32, order_id: u64, size: &str) -> Self {
        let (number, order_id) = (number.to_string(), order_id.to_string());
        let who = ["--person", &number, "--order-id", &order_id];
        let what = ["--out", "person", "--size", size];
        let shown = crate::cli::run(&[&["sandbox", "application"][..], &who, &what].concat());
        let mut shown = shown.expect_success().json();
        serde_json::from_value(shown["applicant"].take()).expect("an applicant")
    }

    /// Somebody with an application of the test's own.
    pub fn with(application: Value) -> Self {
        let Person { name, id_card, mobile } = Person::new(77, "0000");
        Self { name, id_card, phone: mobile, application }
    }

    /// The same application of somebody else, with a telephone of its own: hardly anybody applies
    /// to one lender again and again.
    pub fn of_another(&self, number: u32) -> Self {
        let Person { name, id_card, mobile } = Person::new(number, "0000");
        let mut application = self.application.clone();
        application["order_detail"]["order_id"] = json!(number);
        let logins = application["user_login_upload_logs"].as_array_mut();
        for login in logins.into_iter().flatten() {
            login["device_id"] = json!(format!("synthetic-device-{number}"));
        }
        Self { name, id_card, phone: mobile, application }
    }

    pub fn text(&self) -> String {
        self.application.to_string()
    }
}

/// The platform's public key in a client's hands.
#[derive(Debug)]
pub struct Sealer {
    pub pem: String,
    blocks: Pkcs1PublicEncryptingKey,
    keys: OaepPublicEncryptingKey,
}

impl Sealer {
    /// The newest key of a sandbox.
    pub fn of(server: &Server) -> Self {
        let shown = server.cli(&["key", "check", "--json"]).expect_success().json();
        let keys = shown["audit_keys"].as_array().expect("a list");
        let newest = keys.iter().max_by_key(|key| key["version"].as_u64()).expect("a key");
        Self::of_pem(newest["public_key_pem"].as_str().expect("a text"))
    }

    /// # Panics
    /// When it is no RSA key.
    pub fn of_pem(pem: &str) -> Self {
        let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let der = BASE64_STANDARD.decode(body).expect("PEM");
        let key = PublicEncryptingKey::from_der(&der).expect("a key");
        Self {
            pem: pem.to_owned(),
            blocks: Pkcs1PublicEncryptingKey::new(key.clone()).expect("an RSA key"),
            keys: OaepPublicEncryptingKey::new(key).expect("an RSA key"),
        }
    }

    /// The cipher of `text` in blocks.
    pub fn cipher(&self, text: &[u8]) -> Vec<u8> {
        let block = |part: &[u8]| {
            let mut block = [0; BLOCK];
            self.blocks.encrypt(part, &mut block).expect("it fits");
            block
        };
        text.chunks(BLOCK_TEXT).flat_map(block).collect()
    }

    /// `data` in blocks.
    pub fn blocks(&self, text: &[u8]) -> String {
        BASE64_STANDARD.encode(self.cipher(text))
    }

    /// `data` as a compact JWE.
    pub fn jwe(&self, text: &[u8]) -> String {
        self.jwe_headed(r#"{"alg":"RSA-OAEP-256","enc":"A256GCM"}"#, text)
    }

    pub fn jwe_headed(&self, header: &str, text: &[u8]) -> String {
        let header = BASE64_URL_SAFE_NO_PAD.encode(header);
        let mut key = [0; 32];
        rand::fill(&mut key).expect("random bytes");
        let mut wrapped = [0; BLOCK];
        self.keys.encrypt(&OAEP_SHA256_MGF1SHA256, &key, &mut wrapped, None).expect("it fits");
        let nonce = [7; 12];
        let (mut sealed, aad) = (text.to_vec(), Aad::from(header.as_bytes()));
        let tag = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).expect("a key"))
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed)
            .expect("sealed");
        let parts = [&wrapped[..], &nonce, &sealed, tag.as_ref()];
        parts.iter().fold(header, |jwe, part| jwe + "." + &BASE64_URL_SAFE_NO_PAD.encode(part))
    }
}

impl Qiancheng {
    /// Hands `data` in for somebody; the answer as it came.
    ///
    /// # Panics
    /// When there is none.
    pub fn hand_in(&mut self, applicant: &Applicant, data: &str) -> Response {
        answered(self.try_hand_in(applicant, data))
    }

    /// The same, where the server may be gone or going.
    pub fn try_hand_in(&mut self, applicant: &Applicant, data: &str) -> Result<Response, Failure> {
        self.post_form(self.form(applicant, data).as_bytes(), &[])
    }

    /// The same with the body packed as `pack` does.
    ///
    /// # Panics
    /// When there is no answer.
    pub fn hand_in_packed(
        &mut self,
        applicant: &Applicant,
        data: &str,
        pack: impl Fn(&[u8]) -> Vec<u8>,
    ) -> Response {
        let body = pack(self.form(applicant, data).as_bytes());
        answered(self.post_form(&body, &[("Content-Encoding", "gzip")]))
    }

    fn form(&self, applicant: &Applicant, data: &str) -> String {
        let form = [
            ("token", self.token.as_str()),
            ("name", &applicant.name),
            ("phone", &applicant.phone),
            ("id_card", &applicant.id_card),
        ];
        // Base64 as it is but for what a form changes: the text may have millions of letters.
        let data = data.replace('+', "%2B").replace(['\r', '\n'], "%0A");
        urlencode(&form) + "&data=" + &data
    }

    fn post_form(&mut self, body: &[u8], headers: &[(&str, &str)]) -> Result<Response, Failure> {
        let form = [("Content-Type", "application/x-www-form-urlencoded")];
        self.client.request("POST", OPEN, &[&form, headers].concat(), body)
    }

    pub fn apply(&mut self, applicant: &Applicant, data: &str) -> Answer {
        Answer::read(&self.hand_in(applicant, data))
    }

    /// The id of an application that is taken in.
    pub fn applied(&mut self, applicant: &Applicant, data: &str) -> String {
        super::open_id(self.apply(applicant, data))
    }

    /// What became of an application, as it came.
    ///
    /// # Panics
    /// When there is no answer.
    pub fn look_at(&mut self, query: &[(&str, &str)]) -> Response {
        let pairs = query.iter().map(|(name, value)| format!("{name}={}", percent_encode(value)));
        let target = format!("{RESULT}?{}", pairs.collect::<Vec<_>>().join("&"));
        self.client.get(&target, &[]).unwrap_or_else(|failure| panic!("{target}: {failure}"))
    }

    /// What became of an application, once it is final.
    ///
    /// # Panics
    /// When nothing comes of it in time.
    pub fn verdict(&mut self, open_id: &str) -> Value {
        let begun = Instant::now();
        loop {
            let data = Answer::read(&self.look_at(&[("open_id", open_id)])).ok();
            if data["state"] != IN_REVIEW {
                return data;
            }
            assert!(begun.elapsed() < STATE_LIMIT, "{open_id}: nothing comes of it");
            std::thread::sleep(LOOK_PAUSE);
        }
    }

    /// Returns when policies have decided on an application, whatever they came to.
    ///
    /// # Panics
    /// When they do not in time.
    pub fn await_decision(&self, server: &Server, open_id: &str) {
        let begun = Instant::now();
        loop {
            let shown = server.cli(&["decision", "explain", open_id, "--json"]);
            let decisions = shown.expect_success().json()["decisions"].take();
            if decisions.as_array().is_some_and(|decisions| !decisions.is_empty()) {
                return;
            }
            assert!(begun.elapsed() < STATE_LIMIT, "{open_id}: nothing is decided");
            std::thread::sleep(LOOK_PAUSE);
        }
    }

    /// The same merchant over a connection more.
    pub fn another(&self) -> Self {
        let (username, token) = (self.username.clone(), self.token.clone());
        Self { client: self.client.another(), username, token }
    }
}

/// How long `work` takes, with what it gives.
pub fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let begun = Instant::now();
    let done = work();
    (begun.elapsed(), done)
}

fn answered(response: Result<Response, Failure>) -> Response {
    response.unwrap_or_else(|failure| panic!("{OPEN}: {failure}"))
}
