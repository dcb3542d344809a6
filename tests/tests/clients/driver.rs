//! The public clients of the gateway as child processes (`tests/clients`): a call goes in as a
//! line of JSON, its answer comes out as one.

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tests::clients::{Program, installed, script};
use tests::finplus::PATH;
use tests::seen;
use tests::server::Server;

/// A program that calls with a public client.
pub(crate) struct Driver(Program);

/// A client that a merchant's program may be built on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sender {
    /// `Client` of the npm package.
    NodeSigned,
    /// `SimpleClient` of the npm package: sends the APPCODE.
    NodeSimple,
    /// `ApiGatewayClient` of the PyPI package.
    PythonSigned,
    /// `DefaultClient`, the PyPI package's older interface.
    PythonLegacy,
}

impl Sender {
    pub(crate) fn is_node(self) -> bool {
        matches!(self, Self::NodeSigned | Self::NodeSimple)
    }
}

/// How the parameters travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Way {
    Get,
    Form,
    Json,
}

pub(crate) const WAYS: [Way; 3] = [Way::Get, Way::Form, Way::Json];

type Pairs = Vec<(String, String)>;

/// What a client is asked to call, by the demo merchant unless told otherwise.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Call {
    base_url: String,
    path: &'static str,
    pub(crate) key: String,
    pub(crate) secret: String,
    pub(crate) code: String,
    pub(crate) way: Way,
    /// In the query, whatever the way.
    pub(crate) query: Pairs,
    pub(crate) parameters: Pairs,
    pub(crate) nonce: Option<String>,
    /// Milliseconds since 1970; the client's own clock when there is none.
    pub(crate) stamp: Option<String>,
    /// The signature's; the client's default when there is none.
    pub(crate) method: Option<&'static str>,
    /// More headers, signed beside those of the gateway.
    pub(crate) signed_headers: Pairs,
}

impl Call {
    pub(crate) fn new(server: &Server, way: Way, parameters: &[(&str, &str)]) -> Self {
        let sandbox = server.sandbox();
        Self {
            base_url: sandbox.base_url,
            path: PATH,
            key: sandbox.app_key,
            secret: sandbox.app_secret,
            code: sandbox.app_code,
            way,
            query: Vec::new(),
            parameters: owned(parameters),
            nonce: None,
            stamp: None,
            method: None,
            signed_headers: Vec::new(),
        }
    }

    /// A question about that imei.
    pub(crate) fn imei(server: &Server, way: Way, imei: &str, req_id: &str) -> Self {
        Self::new(server, way, &[("idType", "imei"), ("idValue", imei), ("reqId", req_id)])
    }

    /// Signed that long ago; in the future when negative.
    pub(crate) fn aged(mut self, age_ms: i64) -> Self {
        self.stamp = Some((now_ms() - age_ms).to_string());
        self
    }

    pub(crate) fn nonce(mut self, nonce: &str) -> Self {
        self.nonce = Some(nonce.to_owned());
        self
    }

    /// At another node, or where the server listens after its restart.
    pub(crate) fn at(mut self, server: &Server) -> Self {
        self.base_url = server.base_url();
        self
    }
}

pub(crate) fn owned(pairs: &[(&str, &str)]) -> Pairs {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    i64::try_from(since.as_millis()).expect("it fits for long")
}

/// What a client gives to its program.
#[derive(Debug, Deserialize)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    headers: Pairs,
    /// As received; by the Node client read and written again; empty where it never reads it.
    pub(crate) body: String,
    /// The Node client's own words about a failure.
    #[serde(default)]
    pub(crate) error: String,
    #[serde(default)]
    pub(crate) shown: Shown,
}

/// What the Node client prints for its developer when the signature is wrong.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Shown {
    pub(crate) client: Option<String>,
    pub(crate) server: Option<String>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The gateway's word about a failure.
    pub(crate) fn message(&self) -> &str {
        self.header("x-ca-error-message").unwrap_or_default()
    }

    /// The business code: of the body, or of the header for a client that reads no body.
    pub(crate) fn code(&self) -> Option<i64> {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        let header = || self.header("x-biz-code")?.parse().ok();
        body["code"].as_i64().or_else(header)
    }
}

/// A request as a client would send it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Signed {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Pairs,
    pub(crate) body: String,
    pub(crate) string_to_sign: String,
}

/// Finplus' own signature, and the text that it is of.
#[derive(Debug, Deserialize)]
pub(crate) struct Sum {
    pub(crate) text: String,
    pub(crate) sign: String,
}

impl Driver {
    fn node() -> Option<Self> {
        let modules = installed("node")?.join("node_modules");
        let mut command = Command::new("node");
        command.arg(script("call.js")).env("NODE_PATH", modules).env("DEBUG", "api-gateway");
        Some(Self(Program::start(&mut command)))
    }

    fn python() -> Option<Self> {
        let packages = installed("python")?;
        let mut command = Command::new("python3");
        command.arg(script("call.py")).env("PYTHONPATH", packages).env("PYTHONUTF8", "1");
        Some(Self(Program::start(&mut command)))
    }

    fn ask(&mut self, question: &Value) -> Value {
        self.0.ask(question)
    }
}

/// The clients that are installed.
pub(crate) struct Clients {
    node: Option<Driver>,
    python: Option<Driver>,
}

impl Clients {
    /// Those of `./test`, or those that it has installed before.
    ///
    /// # Panics
    /// When `CI` is set and one is missing.
    pub(crate) fn start() -> Self {
        Self { node: Driver::node(), python: Driver::python() }
    }

    pub(crate) fn senders(&self) -> Vec<Sender> {
        let node = [Sender::NodeSigned, Sender::NodeSimple];
        let python = [Sender::PythonSigned, Sender::PythonLegacy];
        let node = self.node.iter().flat_map(|_| node);
        node.chain(self.python.iter().flat_map(|_| python)).collect()
    }

    /// Those that sign as told: with that nonce, at that time.
    pub(crate) fn signers(&self) -> Vec<Sender> {
        let mut senders = self.senders();
        senders.retain(|sender| matches!(sender, Sender::NodeSigned | Sender::PythonSigned));
        senders
    }

    pub(crate) fn send(&mut self, sender: Sender, call: &Call) -> Reply {
        let client = match sender {
            Sender::NodeSigned | Sender::PythonSigned => "signed",
            Sender::NodeSimple => "simple",
            Sender::PythonLegacy => "legacy",
        };
        let driver = if sender.is_node() { &mut self.node } else { &mut self.python };
        let mut question = serde_json::to_value(call).expect("texts");
        question["client"] = json!(client);
        question["command"] = json!("send");
        let reply: Reply = read(&driver.as_mut().expect("one of `senders`").ask(&question));
        seen::note(PATH, reply.status, |name| reply.header(name));
        reply
    }

    pub(crate) fn has_python(&self) -> bool {
        self.python.is_some()
    }

    /// What `ApiGatewayClient` would send.
    pub(crate) fn sign(&mut self, call: &Call) -> Signed {
        let mut question = serde_json::to_value(call).expect("texts");
        question["command"] = json!("sign");
        read(&self.python.as_mut().expect("`has_python`").ask(&question))
    }

    /// Finplus' own signature over `parameters` in this order, encoded as the client's query or
    /// as RFC 3986 says.
    pub(crate) fn own_sum(&mut self, parameters: &Pairs, secret: &str, rfc_3986: bool) -> Sum {
        let question = json!({
            "command": "own_sum", "parameters": parameters, "secret": secret, "rfc_3986": rfc_3986,
        });
        read(&self.python.as_mut().expect("`has_python`").ask(&question))
    }
}

fn read<T: DeserializeOwned>(answer: &Value) -> T {
    T::deserialize(answer).unwrap_or_else(|error| panic!("{error}: {answer}"))
}
