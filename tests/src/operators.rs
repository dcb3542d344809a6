//! Operators: an authenticator of its own, signing in, commands that act as one.

use std::fs;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::hmac;
use serde_json::{Value, json};

use crate::http::Response;
use crate::server::{Output, SandboxOperator, Server};
use crate::v1::V1;

/// The code that an authenticator shows `steps` of 30 s from now (RFC 6238, SHA-1, 6 digits).
///
/// # Panics
/// When the secret is not base32.
pub fn code(totp_secret: &str, steps: i64) -> String {
    let value = |letter: u8| match letter {
        b'A'..=b'Z' => letter - b'A',
        b'2'..=b'7' => letter - b'2' + 26,
        other => panic!("{other} is no letter of base32"),
    };
    let bits: Vec<u8> = totp_secret
        .bytes()
        .flat_map(|letter| (0..5).rev().map(move |bit| value(letter) >> bit & 1))
        .collect();
    let bytes = bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |sum, bit| sum * 2 + bit));
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &bytes.collect::<Vec<u8>>());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let step = (now / 30).checked_add_signed(steps).expect("a step");
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let at = usize::from(tag.as_ref()[19] & 15);
    let cut = tag.as_ref()[at..at + 4].iter().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte));
    format!("{:06}", (cut & 0x7fff_ffff) % 1_000_000)
}

/// Sends what somebody signs in with.
///
/// # Panics
/// When there is no answer.
pub fn sign_in(server: &Server, name: &str, password: &str, code: &str) -> Response {
    let body = json!({ "name": name, "password": password, "code": code }).to_string();
    let headers = [("Content-Type", "application/json")];
    let path = "/v1/operators/sign-in";
    server.client().request("POST", path, &headers, body.as_bytes()).expect("an answer")
}

/// Signs an operator in who has not yet, with the code of now; gives a file with the token.
///
/// # Panics
/// When it is refused.
pub fn token(server: &Server, operator: &SandboxOperator) -> String {
    let code = code(&operator.totp_secret, 0);
    let answer = sign_in(server, &operator.name, &operator.password, &code);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["token"].as_str().expect("a token").to_owned()
}

/// An operator of the sandbox.
///
/// # Panics
/// When there is none of that name.
pub fn of_sandbox(server: &Server, name: &str) -> SandboxOperator {
    let mut operators = server.sandbox().operators.into_iter();
    operators.find(|operator| operator.name == name).expect("the sandbox has it")
}

/// Makes an operator without an administrator.
///
/// # Panics
/// When the command fails.
pub fn add(server: &Server, name: &str, roles: &[&str]) -> SandboxOperator {
    let roles = roles.iter().flat_map(|role| ["--role", *role]);
    let add = ["operator", "add", name, "--recover", "--json"];
    let arguments: Vec<&str> = add.into_iter().chain(roles).collect();
    let added = server.cli(&arguments).expect_success().json();
    serde_json::from_value(added).expect("what it signs in with")
}

/// An operator who signed in.
#[derive(Debug)]
pub struct Acting<'s> {
    server: &'s Server,
    token_file: PathBuf,
    pub v1: V1,
}

impl<'s> Acting<'s> {
    /// Signs an operator in who has not yet.
    ///
    /// # Panics
    /// When it is refused.
    pub fn new(server: &'s Server, operator: &SandboxOperator) -> Self {
        let token = token(server, operator);
        let token_file = server.data_folder().join(format!("{}.token", operator.name));
        fs::write(&token_file, &token).expect("the folder can be written");
        Self { server, token_file, v1: V1::with(server, &token) }
    }

    /// Runs a command as the operator.
    pub fn cli(&self, command: &str, more: &[&str]) -> Output {
        let mut arguments: Vec<&str> = command.split(' ').chain(more.iter().copied()).collect();
        arguments.extend(["--as", self.token_file.to_str().expect("UTF-8")]);
        self.server.cli(&arguments)
    }
}

/// The notes of the audit log, the oldest first: (actor, action, target).
///
/// # Panics
/// When the command fails.
pub fn notes(server: &Server) -> Vec<(String, String, String)> {
    let list = ["operator", "log", "list", "--limit", "10000", "--json"];
    let notes = server.cli(&list).expect_success().json();
    let text = |note: &Value, name: &str| note[name].as_str().expect(name).to_owned();
    let note = |note: &Value| (text(note, "actor"), text(note, "action"), text(note, "target"));
    notes.as_array().expect("a list").iter().rev().map(note).collect()
}
