//! The sandbox's people and magic ids, as `probity sandbox ids --json` lists them.

use serde::Deserialize;

use crate::server::Server;

/// A sample of the document's section 3.2; the sandbox maps it to a person with a score.
pub const SAMPLE: &str = "860529038487085";
/// A valid imei of nobody: code 108.
pub const UNMAPPED: &str = "490154203237518";
/// The imei of a person without behaviours: code 109.
pub const EMPTY: &str = "356938035643809";
/// Code 1 at every attempt.
pub const FAILING: &str = "353918052107063";
/// Code 1 at the first attempt of each key, then a score.
pub const FAILING_ONCE: &str = "353918052107071";
/// Five seconds at the first attempt of each key.
pub const SLOW: &str = "353918052107089";

/// A synthetic person.
#[derive(Clone, Debug, Deserialize)]
pub struct Person {
    /// The row of the German Credit data behind the person.
    pub row: u32,
    pub imei: String,
    pub idfa: String,
    pub mobile_md5: String,
    pub mobile_sha256: String,
}

impl Person {
    /// One of the four ids with its type, in turn.
    pub fn id(&self, turn: usize) -> (&'static str, &str) {
        match turn % 4 {
            0 => ("imei", &self.imei),
            1 => ("idfa", &self.idfa),
            2 => ("mobile_md5", &self.mobile_md5),
            _ => ("mobile_sha256", &self.mobile_sha256),
        }
    }
}

/// All people, in the order of the rows.
///
/// # Panics
/// When the command fails.
pub fn all(server: &Server) -> Vec<Person> {
    #[derive(Deserialize)]
    struct Ids {
        people: Vec<Person>,
    }
    let output = server.cli(&["sandbox", "ids", "--json"]).expect_success();
    let ids: Ids = serde_json::from_str(&output.stdout).expect("the ids as JSON");
    ids.people
}
