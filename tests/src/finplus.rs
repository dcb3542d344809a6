//! A client of face 1 (Finplus score) with an APPCODE, as a merchant would write it.

use std::collections::BTreeMap;

use serde_json::{Number, Value};

use crate::http::{Client, Failure, Response, urlencode};

pub const PATH: &str = "/finplus/score";

/// A merchant's program.
#[derive(Debug)]
pub struct Finplus {
    client: Client,
    authorization: String,
}

/// An answer, read without trust: what is missing or of another type is `None` (or false).
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub code: Option<i64>,
    pub success: bool,
    pub message: Option<String>,
    /// `response.tags.credit_score`, when it is a number.
    pub score: Option<Number>,
    pub biz_id: Option<String>,
    pub req_id: Option<String>,
    pub headers: Vec<(String, String)>,
    /// The body as it came: replays are compared byte for byte.
    pub bytes: Vec<u8>,
}

impl Finplus {
    pub fn new(client: Client, app_code: &str) -> Self {
        Self { client, authorization: format!("APPCODE {app_code}") }
    }

    /// Asks for a score by GET. An empty `app_id` is left out: the merchant's default model.
    pub fn score(
        &mut self,
        app_id: &str,
        id_type: &str,
        id_value: &str,
        req_id: &str,
    ) -> Result<Answer, Failure> {
        let pairs = [("appId", app_id), ("idType", id_type), ("idValue", id_value)];
        let mut pairs = pairs.to_vec();
        pairs.push(("reqId", req_id));
        pairs.retain(|pair| *pair != ("appId", ""));
        self.get(&pairs)
    }

    /// GET with these parameters, as they are.
    pub fn get(&mut self, parameters: &[(&str, &str)]) -> Result<Answer, Failure> {
        let path = format!("{PATH}?{}", urlencode(parameters));
        let headers = [("Authorization", self.authorization.as_str())];
        self.client.get(&path, &headers).map(Answer::read)
    }

    /// Asks by imei and gives the answer.
    ///
    /// # Panics
    /// When none comes.
    #[track_caller]
    pub fn ask(&mut self, app_id: &str, imei: &str, req_id: &str) -> Answer {
        self.score(app_id, "imei", imei, req_id).expect("an answer")
    }

    /// POST of a JSON object with these parameters.
    pub fn post_json(&mut self, parameters: &[(&str, &str)]) -> Result<Answer, Failure> {
        let object: BTreeMap<&str, &str> = parameters.iter().copied().collect();
        let body = serde_json::to_vec(&object).expect("texts");
        self.request("POST", "", &[("Content-Type", "application/json")], &body)
    }

    /// Any request to the face's path with the merchant's APPCODE.
    pub fn request(
        &mut self,
        method: &str,
        query: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer, Failure> {
        let own = [("Authorization", self.authorization.as_str())];
        let headers = [&own, headers].concat();
        let path = if query.is_empty() { PATH.to_owned() } else { format!("{PATH}?{query}") };
        self.client.request(method, &path, &headers, body).map(Answer::read)
    }

    /// POST of a form with these parameters, as they are.
    pub fn post(&mut self, parameters: &[(&str, &str)]) -> Result<Answer, Failure> {
        let headers = [("Authorization", self.authorization.as_str())];
        self.client.post_form(PATH, &headers, parameters).map(Answer::read)
    }
}

impl Answer {
    /// The first header of that name (in lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The body as text, for assertions and messages.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub fn read(response: Response) -> Self {
        let body = response.json();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let inner = &body["response"];
        Self {
            status: response.status,
            code: body["code"].as_i64(),
            success: body["success"].as_bool().unwrap_or(false),
            message: text(&body["message"]),
            score: inner["tags"]["credit_score"].as_number().cloned(),
            biz_id: text(&inner["biz_id"]),
            req_id: text(&inner["req_id"]),
            headers: response.headers,
            bytes: response.body,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Answer {
        Answer::read(Response { status: 200, headers: Vec::new(), body: body.into() })
    }

    #[test]
    fn reads_the_documented_answer() {
        let body = r#"{"code":0,"success":true,"message":"OK","response":
            {"tags":{"credit_score":697},"biz_id":"b","req_id":"r"}}"#;
        let answer = read(body);
        assert_eq!((answer.code, answer.success), (Some(0), true));
        assert_eq!(answer.score, Some(697.into()));
        assert_eq!(answer.biz_id.as_deref(), Some("b"));
        assert_eq!(answer.req_id.as_deref(), Some("r"));
        assert_eq!(answer.bytes, body.as_bytes());
    }

    #[test]
    fn reads_what_is_not_there() {
        let refused = r#"{"code":10,"success":false,"response":{"tags":null,"req_id":null}}"#;
        for (body, code) in [("", None), ("<html>", None), (refused, Some(10))] {
            let answer = read(body);
            assert_eq!((answer.code, answer.success, answer.biz_id), (code, false, None));
        }
    }
}
