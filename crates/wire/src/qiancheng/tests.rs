//! Face 2 as a merchant sees it. All persons and passwords are synthetic.

use std::fmt::Write as _;

use domain::claims::{Claims, Place};
use domain::identity::Person;
use domain::secret::{Private, Secret};
use domain::time::Day;

use super::{
    Asked, BankAccount, BankLogin, Check, Endpoint, Field, Letter, Need, Presented, Proof, Refusal,
    read, refuse,
};
use crate::request::{Headers, Request};

mod answers;
mod bodies;
mod clients;
mod faults;

const OPEN_ID: &str = "fedcba9876543210fedcba9876543210";
const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

fn today() -> Day {
    Day::from_civil(2026, 11, 22).expect("a day")
}

fn letter(endpoint: Endpoint, headers: &[(&str, &str)], body: &[u8]) -> Letter {
    let headers: Vec<_> =
        headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let headers = Headers::new(&headers);
    read(endpoint, &Request { method: "POST", path: "", query: "", headers, body })
}

/// The endpoints that take a body.
fn with_body() -> impl Iterator<Item = Endpoint> {
    Endpoint::ALL.into_iter().filter(|endpoint| !endpoint.is_get())
}

/// All fields of an endpoint, those of its proof first.
fn fields(endpoint: Endpoint) -> Vec<Field> {
    [endpoint.proof().takes().as_slice(), endpoint.takes()].concat()
}

/// A request with each field, nested ones in PHP's brackets, and one that is nobody's.
fn whole(endpoint: Endpoint) -> Vec<(String, String)> {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let nested = |name: &str, members: &[(&str, &str)]| {
        members.iter().map(|(path, value)| pair(&format!("{name}{path}"), value)).collect()
    };
    let field = |Field { name, check, .. }: Field| match check {
        Check::Text => vec![pair(name, &format!("{name} 张"))],
        Check::Secret => vec![pair(name, &format!("{name}=+&\"%20"))],
        Check::OpenId => vec![pair(name, OPEN_ID)],
        Check::Hours => vec![pair(name, "720")],
        Check::Name => vec![pair(name, "张三")],
        Check::IdCard => vec![pair(name, "11010519491231002x")],
        Check::Mobile => vec![pair(name, "13800138000")],
        Check::OneOf(all) => vec![pair(name, all[all.len() - 1])],
        Check::Claims(keys) => {
            let second = format!("[contacts][1][{}]", keys.contact_telephone);
            nested(
                name,
                &[
                    (&format!("[{}]", keys.work_address), "北京市朝阳区"),
                    (&format!("[{}]", keys.work_telephone), "010-12345678"),
                    (&format!("[{}]", keys.home_telephone), "012345678"),
                    ("[contacts][0][contact_type]", "6"),
                    ("[contacts][0][contact_name]", "李四"),
                    (&format!("[contacts][0][{}]", keys.contact_telephone), "13900139000"),
                    (&second, "+86 (10) 1234-5678"),
                ],
            )
        }
        // It is opened later.
        Check::Application => vec![pair(name, "ab+/==")],
        Check::Client => nested(name, &[("[client_type]", "2"), ("[ip]", "192.0.2.1")]),
    };
    fields(endpoint).into_iter().flat_map(field).chain([pair("unknown", "1")]).collect()
}

/// What a letter is read as, its secrets included.
fn reading(letter: Letter) -> String {
    let presented = match letter.credential() {
        Ok(presented) => proof(&presented),
        Err(refusal) => refused(&refusal),
    };
    match letter.open(today()) {
        Ok(asked) => format!("{presented} | {}", question(&asked)),
        Err(refusal) => format!("{presented} | {}", refused(&refusal)),
    }
}

/// The status and the body of a refusal.
fn refused(refusal: &Refusal) -> String {
    let answer = refuse(refusal);
    let body = String::from_utf8(answer.body).expect("a body is UTF-8");
    format!("{} {body}", answer.status)
}

fn proof(presented: &Presented) -> String {
    match presented {
        Presented::Password { username, password, hours } => {
            format!("{username} {} {hours}", password.expose())
        }
        Presented::Token(token) => token.expose().clone(),
        Presented::Owner { username, open_id } => format!("{username} {open_id}"),
        Presented::OpenId { open_id, username } => format!("{open_id} {username:?}"),
        Presented::Nobody => "nobody".to_owned(),
    }
}

fn question(asked: &Asked) -> String {
    match asked {
        Asked::Audit { person, data } => format!("{} {}", who(person), bare(data)),
        Asked::Token
        | Asked::AuditResult
        | Asked::Resend
        | Asked::State
        | Asked::Data
        | Asked::Report
        | Asked::Banks => {
            format!("{asked:?}")
        }
        Asked::IsListed(person) | Asked::OpenEbankV2(person) => who(person),
        Asked::OpenTelecom { person, service_password, claims } => {
            let password = service_password.as_ref().map(Secret::expose);
            format!("{} {password:?}{}", who(person), said(claims))
        }
        Asked::OpenDegree { person, claims } => who(person) + &said(claims),
        Asked::OpenEbank { person, login, client } => {
            let client = client.as_ref().map(|c| (c.client_type, c.ip.as_ref().map(bare)));
            format!("{} {} {client:?}", who(person), logged_in(login))
        }
        Asked::License { name, id_card, account } => {
            format!("{} {} {}", name.expose(), id_card.expose(), at(account))
        }
        Asked::LicenseV2(account) => at(account),
        Asked::ServicePassword(password) => password.expose().clone(),
        Asked::DegreeLogin { account, password, waits } => {
            format!("{} {} {waits}", bare(account), password.expose())
        }
        Asked::EbankLogin(login) => logged_in(login),
        Asked::Answer { prompt, text } => format!("{prompt:?} {}", text.expose()),
    }
}

fn bare(text: &Private<String>) -> &str {
    text.expose()
}

fn who(person: &Person) -> String {
    let Person { name, id_card, mobile } = person;
    format!("{} {} {}", name.expose(), id_card.expose(), mobile.expose())
}

fn at(BankAccount { entry_id, login_name }: &BankAccount) -> String {
    format!("{entry_id} {}", bare(login_name))
}

fn logged_in(BankLogin { account, password }: &BankLogin) -> String {
    format!("{} {:?}", at(account), password.as_ref().map(|password| password.expose().clone()))
}

fn said(claims: &Claims) -> String {
    let mut text = String::new();
    for (name, Place { address, telephone }) in [("work", &claims.work), ("home", &claims.home)] {
        let (address, telephone) = (address.as_ref().map(bare), telephone.as_ref().map(bare));
        let _ = write!(text, "\n  {name} {address:?} {telephone:?}");
    }
    for contact in &claims.contacts {
        let (telephone, name) = (bare(&contact.telephone), contact.name.as_ref().map(bare));
        let _ = write!(text, "\n  {telephone} {name:?} {:?}", contact.relation);
    }
    text
}
