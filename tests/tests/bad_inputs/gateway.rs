//! Credentials that the gateway refuses, before it looks at anything else: the APPCODE, and each
//! part of a signature (`finplus.md`, Authentication; the order is signature, time, digest, nonce).

use std::collections::BTreeMap;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};

use super::World;
use super::case::{Case, Request, Sent, Wanted};
use super::parameters::question;
use super::way::{Shape, WAYS, Way};

/// GET, form and JSON.
const SIGNED_WAYS: [usize; 3] = [0, 1, 4];
const MINUTE_MS: i64 = 60_000;

const EMPTY: (u16, &str) = (404, "Empty Signature");
const APP_CODE: (u16, &str) = (400, "Invalid AppCode `not exists`");
const APP_KEY: (u16, &str) = (400, "Invalid AppKey");
const EXPIRED: (u16, &str) = (400, "Timestamp Expired");
const NO_STAMP: (u16, &str) = (400, "Invalid Timestamp");
const DIGEST: (u16, &str) = (400, "Invalid Content-MD5");

pub(crate) fn cases(world: &World) -> Vec<Case> {
    let codes = WAYS.iter().flat_map(|way| app_codes(world, way));
    let signed = SIGNED_WAYS.into_iter().flat_map(|way| {
        let way = &WAYS[way];
        tampered(world, way).into_iter().chain(signed_as_such(world, way))
    });
    codes.chain(signed).collect()
}

fn app_codes(world: &World, way: &Way) -> Vec<Case> {
    let code = world.app_code.as_str();
    let headers = [
        ("empty", String::new(), EMPTY),
        ("another scheme", format!("Bearer {code}"), EMPTY),
        ("the scheme Basic", "Basic YTpi".to_owned(), EMPTY),
        ("the code alone", code.to_owned(), EMPTY),
        ("a colon for the space", format!("APPCODE:{code}"), EMPTY),
        ("an equals sign for the space", format!("APPCODE={code}"), EMPTY),
        ("a tab for the space", format!("APPCODE\t{code}"), EMPTY),
        ("no space", format!("APPCODE{code}"), EMPTY),
        ("a space in the scheme", format!("APP CODE {code}"), EMPTY),
        ("the scheme alone", "APPCODE".to_owned(), APP_CODE),
        ("unknown", "APPCODE 0123456789abcdef0123456789abcdef".to_owned(), APP_CODE),
        ("a character less", format!("APPCODE {}", &code[1..]), APP_CODE),
        ("a character more", format!("APPCODE {code}0"), APP_CODE),
        ("in upper case", format!("APPCODE {}", code.to_uppercase()), APP_CODE),
        ("in quotes", format!("APPCODE \"{code}\""), APP_CODE),
        ("two in one", format!("APPCODE {code}, APPCODE {code}"), APP_CODE),
        ("the AppKey", format!("APPCODE {}", world.app_key), APP_CODE),
        ("the AppSecret", format!("APPCODE {}", world.app_secret), APP_CODE),
        ("SQL", "APPCODE ' OR '1'='1".to_owned(), APP_CODE),
        ("of 8,000 characters", format!("APPCODE {}", "a".repeat(8_000)), APP_CODE),
        ("revoked", format!("APPCODE {}", world.revoked_code), APP_CODE),
        ("of a suspended merchant", format!("APPCODE {}", world.suspended_code), APP_CODE),
        (
            "of a merchant without applications",
            format!("APPCODE {}", world.idle_code),
            UNAUTHORIZED,
        ),
    ];
    let request = || way.request(code, &question("code")).without("Authorization");
    let case = |fault: &str, request, wanted| {
        Case::gateway([&way.endpoint(), "Authorization", fault], request, wanted)
    };
    let mut cases: Vec<Case> = headers
        .iter()
        .map(|(fault, value, wanted)| {
            case(fault, request().header("Authorization", value), *wanted)
        })
        .collect();
    let good = format!("APPCODE {code}");
    let twice = request().header("Authorization", "APPCODE 0").header("Authorization", &good);
    cases.push(case("missing", request(), EMPTY));
    cases.push(case("twice, the first unknown", twice, APP_CODE));
    cases.push(case(
        "in Proxy-Authorization",
        request().header("Proxy-Authorization", &good),
        EMPTY,
    ));
    cases
}

const UNAUTHORIZED: (u16, &str) = (403, "Unauthorized");

/// A request before it is signed.
struct Draft {
    request: Request,
    key: String,
    secret: String,
    method: String,
    stamp: String,
    nonce: String,
    /// Names that are signed.
    names: String,
}

impl Draft {
    fn new(world: &World, way: &Way, nonce: &str) -> Self {
        let request = way.request("", &question(super::USED_KEY)).without("Authorization");
        let request = request.header("Accept", "application/json");
        let request = if way.shape == Shape::Json {
            let digest = STANDARD.encode(Md5::digest(&request.body));
            request.header("Content-MD5", &digest)
        } else {
            request
        };
        Self {
            request,
            key: world.app_key.clone(),
            secret: world.app_secret.clone(),
            method: "HmacSHA256".to_owned(),
            stamp: world.now_ms.to_string(),
            nonce: format!("{nonce} {}", way.name),
            names: "X-Ca-Key,X-Ca-Nonce,X-Ca-Signature-Method,X-Ca-Timestamp".to_owned(),
        }
    }

    fn sign(self) -> Request {
        let own = [
            (KEY, &self.key),
            (NONCE, &self.nonce),
            (METHOD, &self.method),
            (STAMP, &self.stamp),
            (LIST, &self.names),
        ];
        let request = own
            .into_iter()
            .fold(self.request, |request, (name, value)| request.header(name, value));
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.secret.as_bytes());
        let tag = hmac::sign(&key, string_to_sign(&request).as_bytes());
        request.header(SIGNATURE, &STANDARD.encode(tag))
    }
}

/// `finplus.md`, Authentication: String to sign. All that is sent here is unreserved, so encoded
/// and decoded are the same.
fn string_to_sign(request: &Request) -> String {
    let header = |name| header(request, name);
    let fixed = ["Accept", "Content-MD5", "Content-Type", "Date"].map(header).join("\n");
    let names = header(LIST).split(',').filter(|name| !name.is_empty());
    let listed: Vec<String> = names.map(|name| format!("{name}:{}\n", header(name))).collect();
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    let is_form = header("Content-Type").starts_with("application/x-www-form-urlencoded");
    let form = if is_form { String::from_utf8_lossy(&request.body) } else { "".into() };
    let mut pairs = BTreeMap::new();
    for piece in query.split('&').chain(form.split('&')).filter(|piece| !piece.is_empty()) {
        let name = piece.split('=').next().unwrap_or_default();
        pairs.entry(name.to_owned()).or_insert(piece.to_owned());
    }
    let pairs = pairs.into_values().collect::<Vec<_>>().join("&");
    let separator = if pairs.is_empty() { "" } else { "?" };
    format!("{}\n{fixed}\n{}{path}{separator}{pairs}", request.method, listed.concat())
}

/// The first of that name, empty when there is none.
fn header<'r>(request: &'r Request, name: &str) -> &'r str {
    let mut found = request.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
    found.next().map_or("", |(_, value)| value)
}

/// What the server is to say.
#[derive(Clone, Copy)]
enum Says {
    /// The string that it signed, since the key is the sandbox's.
    Signed,
    This((u16, &'static str)),
}

enum Tamper {
    Remove,
    Set(&'static str),
    /// The same header once more, before the right one: the first counts.
    Before(&'static str),
    Edit(fn(&str) -> String),
}

use Tamper::{Before, Edit, Remove, Set};

const KEY: &str = "X-Ca-Key";
const SIGNATURE: &str = "X-Ca-Signature";
const LIST: &str = "X-Ca-Signature-Headers";
const METHOD: &str = "X-Ca-Signature-Method";
const STAMP: &str = "X-Ca-Timestamp";
const NONCE: &str = "X-Ca-Nonce";

/// Signed well, then changed on its way.
const TAMPERING: [(&str, &str, Tamper, Says); 27] = [
    (KEY, "missing", Remove, Says::This(APP_KEY)),
    (KEY, "empty", Set(""), Says::This(APP_KEY)),
    (KEY, "unknown", Set("1"), Says::This(APP_KEY)),
    (KEY, "twice, the first unknown", Before("1"), Says::This(APP_KEY)),
    (SIGNATURE, "missing", Remove, Says::This(EMPTY)),
    (SIGNATURE, "empty", Set(""), Says::This(EMPTY)),
    (SIGNATURE, "short zeros", Set("AAAA"), Says::Signed),
    (SIGNATURE, "no Base64", Set("?"), Says::Signed),
    (SIGNATURE, "cut short", Edit(|text| text[..40].to_owned()), Says::Signed),
    (SIGNATURE, "without padding", Edit(|text| text.replace('=', "")), Says::Signed),
    (SIGNATURE, "hexadecimal", Edit(hexadecimal), Says::Signed),
    (SIGNATURE, "twice, the first wrong", Before("AAAA"), Says::Signed),
    (LIST, "missing", Remove, Says::Signed),
    (LIST, "empty", Set(""), Says::Signed),
    (LIST, "one less", Edit(|list| list.replace(",X-Ca-Nonce", "")), Says::Signed),
    (LIST, "one more", Edit(|list| format!("{list},X-Ca-Stage")), Says::Signed),
    (LIST, "in lower case", Edit(str::to_lowercase), Says::Signed),
    (LIST, "backwards", Edit(backwards), Says::Signed),
    (METHOD, "missing", Remove, Says::Signed),
    (METHOD, "another", Set("HmacSHA1"), Says::Signed),
    (STAMP, "missing", Remove, Says::Signed),
    (STAMP, "another", Edit(|stamp| format!("{stamp}0")), Says::Signed),
    (STAMP, "twice, the first another", Before("1"), Says::Signed),
    (NONCE, "missing", Remove, Says::Signed),
    (NONCE, "another", Set("another"), Says::Signed),
    ("Accept", "another", Set("*/*"), Says::Signed),
    ("Date", "added", Set("Sun, 22 Nov 2026 00:00:00 GMT"), Says::Signed),
];

fn hexadecimal(text: &str) -> String {
    hex::encode(STANDARD.decode(text).expect("Base64"))
}

fn backwards(list: &str) -> String {
    list.rsplit(',').collect::<Vec<_>>().join(",")
}

fn tamper(request: Request, name: &str, tamper: &Tamper) -> Request {
    match tamper {
        Remove => request.without(name),
        Set(value) => request.without(name).header(name, value),
        Before(value) => {
            let mut request = request;
            request.headers.insert(0, (name.to_owned(), (*value).to_owned()));
            request
        }
        Edit(edit) => {
            let known = header(&request, name).to_owned();
            request.without(name).header(name, &edit(&known))
        }
    }
}

fn tampered(world: &World, way: &Way) -> Vec<Case> {
    let signed = |nonce: &str| Draft::new(world, way, nonce).sign();
    let headers = TAMPERING.iter().map(|(field, fault, change, says)| {
        let request = tamper(signed(&format!("{field} {fault}")), field, change);
        refused(way, [field, fault], request, *says)
    });
    let mut query = signed("query");
    query.target += if query.target.contains('?') { "&appId=1000002" } else { "?appId=1000002" };
    let mut method = signed("method");
    method.method = if method.method == "GET" { "POST" } else { "GET" };
    let mut body = signed("body");
    // The parameters of a form are signed; of other bodies the digest is.
    body.body.extend(if way.shape == Shape::Form { &b"&appId=1000002"[..] } else { b" " });
    let says = if way.shape == Shape::Form { Says::Signed } else { Says::This(DIGEST) };
    let content_type = signed("type").without("Content-Type").header("Content-Type", "text/plain");
    let others = [
        ("(query)", "a parameter more", query, Says::Signed),
        ("(method)", "another", method, Says::Signed),
        ("Content-Type", "another", content_type, Says::Signed),
        ("(body)", "more than was signed", body, says),
    ];
    let others =
        others.into_iter().filter(|(field, ..)| way.shape != Shape::Query || *field != "(body)");
    let others =
        others.map(|(field, fault, request, says)| refused(way, [field, fault], request, says));
    headers.chain(others).collect()
}

fn refused(way: &Way, [field, fault]: [&str; 2], request: Request, says: Says) -> Case {
    let (status, message) = match says {
        Says::This((status, message)) => (status, message.to_owned()),
        Says::Signed => {
            let signed = string_to_sign(&request).replace('\n', "#");
            (400, format!("Invalid Signature, Server StringToSign:`{signed}`"))
        }
    };
    let name = [&format!("{}, signed", way.endpoint()), field, fault];
    Case::new(name, Sent::Whole(request), Wanted::Gateway { status, message })
}

type Change = Box<dyn Fn(&mut Draft)>;

/// Wrong before it was signed, or signed by another.
fn signed_as_such(world: &World, way: &Way) -> Vec<Case> {
    let secrets = [
        ("of another secret", "secret".to_owned()),
        ("of an empty secret", String::new()),
        ("of the APPCODE", world.app_code.clone()),
        ("of another merchant's secret", world.foreign_secret.clone()),
    ];
    let secrets = secrets.into_iter().map(|(fault, secret)| {
        let change: Change = Box::new(move |draft| draft.secret.clone_from(&secret));
        (SIGNATURE, fault, change, Says::Signed)
    });
    let foreign = [
        ("of another merchant", &world.foreign_key, &world.app_secret, (400, "Invalid Signature")),
        ("the APPCODE", &world.app_code, &world.app_secret, APP_KEY),
        ("of a merchant without applications", &world.idle_key, &world.idle_secret, UNAUTHORIZED),
        ("revoked", &world.revoked_key, &world.revoked_secret, APP_KEY),
    ];
    let foreign = foreign.map(|(fault, key, secret, says)| {
        let (key, secret) = (key.clone(), secret.clone());
        let change: Change = Box::new(move |draft| {
            (draft.key, draft.secret) = (key.clone(), secret.clone());
        });
        (KEY, fault, change, Says::This(says))
    });
    let methods = ["HmacSHA512", "hmacsha256", "HMAC-SHA256", "none", "HmacMD5"].map(|method| {
        let change: Change = Box::new(move |draft| method.clone_into(&mut draft.method));
        (METHOD, method, change, Says::Signed)
    });
    let used: Change = Box::new(|draft| super::USED_NONCE.clone_into(&mut draft.nonce));
    let used = (NONCE, "used", used, Says::This((400, "Nonce Used")));
    let all = secrets.chain(foreign).chain(methods).chain([used]);
    let all = all.chain(stamps(world.now_ms)).chain(digests());
    all.enumerate()
        .map(|(number, (field, fault, change, says))| {
            let mut draft = Draft::new(world, way, &format!("as-such-{number}"));
            change(&mut draft);
            refused(way, [field, fault], draft.sign(), says)
        })
        .collect()
}

type Wrong = (&'static str, &'static str, Change, Says);

fn stamps(now_ms: i64) -> impl Iterator<Item = Wrong> {
    let limit_ms = 15 * MINUTE_MS;
    let stamps = [
        ("a second too old", (now_ms - limit_ms - 1_000).to_string(), EXPIRED),
        ("an hour old", (now_ms - 4 * limit_ms).to_string(), EXPIRED),
        // Signed early enough that the server reads it before it is good.
        ("too early", (now_ms + limit_ms + 5 * MINUTE_MS).to_string(), EXPIRED),
        ("in seconds", (now_ms / 1_000).to_string(), EXPIRED),
        ("zero", "0".to_owned(), EXPIRED),
        ("a word", "now".to_owned(), NO_STAMP),
        ("a date", "2026-11-22T00:00:00Z".to_owned(), NO_STAMP),
        ("negative", format!("-{now_ms}"), NO_STAMP),
        ("with a sign", format!("+{now_ms}"), NO_STAMP),
        ("with decimals", format!("{now_ms}.0"), NO_STAMP),
        ("with an exponent", "1.7e12".to_owned(), NO_STAMP),
        ("hexadecimal", format!("{now_ms:#x}"), NO_STAMP),
        ("two of them", format!("{now_ms},{now_ms}"), NO_STAMP),
        ("of 20 digits", "9".repeat(20), NO_STAMP),
        ("the largest of 64 bits", i64::MAX.to_string(), NO_STAMP),
    ];
    stamps.into_iter().map(|(fault, stamp, says)| {
        let change: Change = Box::new(move |draft| draft.stamp.clone_from(&stamp));
        (STAMP, fault, change, Says::This(says))
    })
}

fn digests() -> impl Iterator<Item = Wrong> {
    let digests = [
        ("of another body", STANDARD.encode(Md5::digest(b"another"))),
        ("hexadecimal", "d41d8cd98f00b204e9800998ecf8427e".to_owned()),
        ("no digest", "?".to_owned()),
        ("cut short", "1B2M2Y8AsgTpgAmY7PhCfg".to_owned()),
    ];
    digests.into_iter().map(|(fault, digest)| {
        let change: Change = Box::new(move |draft| {
            let request = draft.request.clone().without("Content-MD5");
            draft.request = request.header("Content-MD5", &digest);
        });
        ("Content-MD5", fault, change, Says::This(DIGEST))
    })
}

/// A good signed request, which uses up its nonce.
pub(crate) fn signed(world: &World, nonce: &str) -> Request {
    Draft { nonce: nonce.to_owned(), ..Draft::new(world, &WAYS[0], nonce) }.sign()
}
