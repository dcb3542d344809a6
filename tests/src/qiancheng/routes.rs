//! The routes of face 2, from the description that the server gives of itself, and a right
//! request to each of them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Person, Qiancheng};
use crate::server::Server;

/// A route of face 2.
#[derive(Clone, Debug)]
pub struct Route {
    pub path: String,
    pub required: Vec<String>,
    pub fields: Vec<String>,
}

/// Who asks, and for which session.
#[derive(Clone, Debug)]
pub struct Asker<'a> {
    pub token: &'a str,
    pub username: &'a str,
    pub open_id: &'a str,
}

/// The sessions of a merchant, one of each product.
#[derive(Clone, Debug)]
pub struct Sessions {
    /// By what stands in the paths: telecom, degree, ebank, v2/ebank.
    pub open: BTreeMap<&'static str, String>,
}

/// All routes of face 2 but those that are not served by POST.
///
/// # Panics
/// When the server gives no description.
pub fn all(server: &Server) -> Vec<Route> {
    let document = server.client().get("/openapi.json", &[]).expect("an answer").json();
    let paths = document["paths"].as_object().expect("paths");
    let of_face = paths.iter().filter(|(_, item)| item["post"]["tags"][0] == "qiancheng");
    let route = |(path, item): (&String, &Value)| {
        let content = &item["post"]["requestBody"]["content"];
        let name = content["application/json"]["schema"]["$ref"].as_str().unwrap_or_default();
        let schema = document.pointer(name.trim_start_matches('#')).unwrap_or(&Value::Null);
        let text = |value: &Value| value.as_str().expect("a name").to_owned();
        Route {
            path: path.clone(),
            required: schema["required"].as_array().into_iter().flatten().map(text).collect(),
            fields: schema["properties"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(k, _)| k.clone())
                .collect(),
        }
    };
    let routes: Vec<Route> = of_face.map(route).collect();
    assert!(routes.len() >= 29, "{routes:#?}");
    routes
}

impl Route {
    /// Whether it speaks of a session.
    pub fn is_of_session(&self) -> bool {
        self.required.iter().any(|name| is_open_id(name))
    }

    pub fn takes(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field == name)
    }

    /// Of which product its session is.
    pub fn product(&self) -> &'static str {
        let products = ["v2/ebank", "ebank", "degree", "telecom"];
        // The second printed path of the degree's login.
        let is_degree = self.path == "/telecom/collect/login";
        let found = products.into_iter().find(|name| self.path[1..].starts_with(name));
        if is_degree { "degree" } else { found.unwrap_or_default() }
    }

    /// A right request with what it requires.
    pub fn form(&self, asker: &Asker<'_>) -> Vec<(&str, String)> {
        self.required.iter().map(|name| (name.as_str(), value(name, asker))).collect()
    }
}

fn is_open_id(name: &str) -> bool {
    name == "open_id" || name == "openId"
}

/// A right value of a field.
fn value(name: &str, asker: &Asker<'_>) -> String {
    let person = Person::new(42, "0001");
    match name {
        "token" => asker.token,
        "username" => asker.username,
        name if is_open_id(name) => asker.open_id,
        "name" => &person.name,
        "id_card" => &person.id_card,
        "mobile" | "phone" => &person.mobile,
        "entry_id" => "icbc-login",
        "login_name" => "synth03",
        "account" => "synthetic@one",
        "sync" => "1",
        "captcha" | "verify_code" => super::CODE,
        "query_password" => super::QUERY_PASSWORD,
        // An application that does not open; sound ones are sealed to the server's own key.
        "service_password" | "password" | "data" => "synthetic",
        _ => panic!("{name}: a field that this does not know"),
    }
    .to_owned()
}

impl Sessions {
    /// Begins one of each; they wait for the borrower.
    pub fn begin(qiancheng: &mut Qiancheng) -> Self {
        let person = Person::new(7, "0001");
        let ebank = qiancheng.open_ebank(&person, "icbc-login", "synth03");
        let open = BTreeMap::from([
            ("telecom", qiancheng.open_telecom(&person, "synthetic")),
            ("degree", qiancheng.open_degree(&person)),
            ("ebank", ebank),
            ("v2/ebank", qiancheng.open_ebank_v2(&person).0),
        ]);
        qiancheng.wait_for("telecom", &open["telecom"], &[21]);
        qiancheng.wait_for("ebank", &open["ebank"], &[6]);
        Self { open }
    }

    /// The states of all of them.
    pub fn states(&self, qiancheng: &mut Qiancheng) -> Vec<i64> {
        let sessions = self.open.iter();
        sessions.map(|(product, open_id)| qiancheng.state(product, open_id).state()).collect()
    }
}
