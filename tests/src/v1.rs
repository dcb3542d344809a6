//! A client of the native surface.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::http::{Client, Response};
use crate::server::Server;

/// How long a batch of a test may take.
const BATCH_LIMIT: Duration = Duration::from_mins(1);

/// Speaks for whoever holds its token.
#[derive(Debug)]
pub struct V1 {
    client: Client,
    token: String,
}

impl V1 {
    /// A client with a new token of the demo merchant.
    pub fn of(server: &Server, scope: &str) -> Self {
        Self::with(server, &token(server, "sandbox", scope))
    }

    pub fn with(server: &Server, token: &str) -> Self {
        Self { client: server.client(), token: token.to_owned() }
    }

    /// The same over a connection to whichever node.
    pub fn over(client: Client, token: &str) -> Self {
        Self { client, token: token.to_owned() }
    }

    /// The same at another node, or at one that was started again.
    #[must_use]
    pub fn at(&self, server: &Server) -> Self {
        Self { client: server.client(), token: self.token.clone() }
    }

    /// A POST of JSON whose node may go away meanwhile.
    pub fn try_post(&mut self, path: &str, body: &[u8]) -> Option<Response> {
        let bearer = format!("Bearer {}", self.token);
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
        self.client.request("POST", path, &headers, body).ok()
    }

    /// A GET whose node may go away meanwhile.
    pub fn try_get(&mut self, path: &str) -> Option<Response> {
        let bearer = format!("Bearer {}", self.token);
        self.client.get(path, &[("Authorization", bearer.as_str())]).ok()
    }

    /// # Panics
    /// When there is no whole answer.
    #[track_caller]
    pub fn get(&mut self, path: &str) -> Response {
        self.send("GET", path, &[], b"")
    }

    #[track_caller]
    pub fn post(&mut self, path: &str, content_type: &str, body: &[u8]) -> Response {
        self.send("POST", path, &[("Content-Type", content_type)], body)
    }

    /// # Panics
    /// When there is no whole answer.
    #[track_caller]
    pub fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Response {
        let bearer = format!("Bearer {}", self.token);
        let headers = [&[("Authorization", bearer.as_str())], headers].concat();
        self.client.request(method, path, &headers, body).expect("an answer")
    }

    /// Waits until a batch is done; gives its state.
    ///
    /// # Panics
    /// When it takes longer than a minute.
    pub fn done(&mut self, batch: &Value) -> Value {
        let path = format!("/v1/batches/{}", batch["batch_id"].as_str().expect("an id"));
        let start = Instant::now();
        loop {
            let state = self.get(&path).json();
            if state["state"] == "done" {
                return state;
            }
            assert!(start.elapsed() < BATCH_LIMIT, "{state:#}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// A new token of a merchant.
pub fn token(server: &Server, merchant: &str, scope: &str) -> String {
    let token = ["merchant", "credential", merchant, "token", "--scope", scope, "--json"];
    let token = server.cli(&token).expect_success().json();
    token["token"].as_str().expect("a token").to_owned()
}
