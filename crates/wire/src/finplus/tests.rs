//! Face 1 as a merchant sees it. All ids are those the document prints or synthetic.

use domain::failure::Failure;
use domain::ids::BizId;

use super::{Apps, Letter, Opened, read};
use crate::request::{Headers, Request};

mod answers;
mod clients;
mod gateway;
mod golden;
mod order;
mod own;
mod ways;

const IMEI: &str = "860529038487085";
const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// A merchant with two applications.
struct Mine;

impl Apps for Mine {
    fn registered(&self, app_id: &str) -> bool {
        ["1000001", "1000002"].contains(&app_id)
    }
}

fn letter(query: &str, headers: &[(&str, &str)], body: &[u8]) -> Letter {
    let headers: Vec<_> =
        headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let method = if body.is_empty() { "GET" } else { "POST" };
    let headers = Headers::new(&headers);
    read(&Request { method, path: "/finplus/score", query, headers, body })
}

fn open(query: &str) -> Opened {
    letter(query, &[], b"").open(&Mine)
}

fn refused(reason: &str) -> Failure {
    Failure::Parameter { reason: reason.to_owned() }
}

fn biz() -> BizId {
    BizId::from_slice(&[0x11; 16]).expect("16 bytes are an id")
}
