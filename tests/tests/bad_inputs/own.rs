//! Finplus' own signature (document 000, section 5.1; `finplus.md`, Authentication): a wrong one
//! is code 18, parameters that are missing or not in order are code 10.

use aws_lc_rs::hmac::{self, Algorithm, HMAC_SHA1_FOR_LEGACY_USE_ONLY, HMAC_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use tests::http::urlencode;
use tests::people::SAMPLE;

use super::World;
use super::case::{Case, Echo, Sent, Wanted};
use super::way::{Parameters, Shape, WAYS, Way, text};

const MINUTE_MS: i64 = 60_000;

type Pairs = Vec<(String, String)>;

struct Fault {
    field: &'static str,
    name: &'static str,
    /// To the parameters before they are signed.
    before: Box<dyn Fn(&mut Pairs)>,
    secret: String,
    /// To all of them, `sign` the last.
    after: Box<dyn Fn(&mut Pairs)>,
    code: i64,
}

pub(crate) fn cases(world: &World) -> Vec<Case> {
    [0, 1, 4].into_iter().flat_map(|way| of_way(world, &WAYS[way])).collect()
}

fn of_way(world: &World, way: &Way) -> Vec<Case> {
    let mut faults: Vec<Fault> = stamps(world).chain(signers(world)).chain(signs(world)).collect();
    faults.extend(missing(world));
    faults.extend(changed(world));
    if way.shape != Shape::Json {
        // The members of a JSON object have no order, and none may stand there twice.
        faults.extend(orders(world));
    }
    faults.iter().map(|fault| fault.case(world, way)).collect()
}

impl Fault {
    fn new(world: &World, field: &'static str, name: &'static str, code: i64) -> Self {
        let secret = world.app_secret.clone();
        Self { field, name, before: Box::new(|_| ()), secret, after: Box::new(|_| ()), code }
    }

    fn before(self, before: impl Fn(&mut Pairs) + 'static) -> Self {
        Self { before: Box::new(before), ..self }
    }

    fn after(self, after: impl Fn(&mut Pairs) + 'static) -> Self {
        Self { after: Box::new(after), ..self }
    }

    fn case(&self, world: &World, way: &Way) -> Case {
        const REQ_ID: &str = "own a b&c=d";
        let pairs = [
            ("appKey", world.app_key.as_str()),
            ("idType", "imei"),
            ("idValue", SAMPLE),
            ("reqId", REQ_ID),
            ("timestamp", &world.now_ms.to_string()),
        ];
        let mut pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        (self.before)(&mut pairs);
        let sign = hex::encode(tag(HMAC_SHA256, &self.secret, &joined(&pairs)));
        pairs.push(("sign".to_owned(), sign));
        (self.after)(&mut pairs);
        let parameters: Parameters =
            pairs.iter().map(|(name, value)| (name.clone(), text(value))).collect();
        let named = if self.code == 10 { self.field } else { "" };
        let req_id = pairs.iter().find(|(name, _)| name == "reqId").map(|(_, value)| value);
        let wanted = Wanted::Business {
            code: self.code,
            named: named.to_owned(),
            echo: Echo::Is(json!(req_id)),
        };
        let endpoint = format!("{}, with sign", way.endpoint());
        let request = way.request(&world.app_code, &parameters);
        Case::new([&endpoint, self.field, self.name], Sent::Whole(request), wanted)
    }
}

fn tag(algorithm: Algorithm, secret: &str, text: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(algorithm, secret.as_bytes()), text.as_bytes())
}

/// The text that is signed: in dictionary order, url-encoded.
fn joined(pairs: &Pairs) -> String {
    let pairs: Vec<(&str, &str)> =
        pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    urlencode(&pairs)
}

fn set(pairs: &mut Pairs, name: &str, value: &str) {
    for (known, old) in pairs {
        if known == name {
            value.clone_into(old);
        }
    }
}

fn remove(pairs: &mut Pairs, name: &str) {
    pairs.retain(|(known, _)| known != name);
}

fn stamps(world: &World) -> impl Iterator<Item = Fault> {
    let (now_ms, limit_ms) = (world.now_ms, 15 * MINUTE_MS);
    let stamps = [
        ("a second too old", (now_ms - limit_ms - 1_000).to_string()),
        ("too old, in seconds", ((now_ms - limit_ms) / 1_000 - 1).to_string()),
        ("too early", (now_ms + limit_ms + 5 * MINUTE_MS).to_string()),
        ("in microseconds", (now_ms * 1_000).to_string()),
        ("zero", "0".to_owned()),
        ("negative", format!("-{now_ms}")),
        ("with decimals", format!("{now_ms}.0")),
        ("with an exponent", "1.7e12".to_owned()),
        ("a word", "now".to_owned()),
        ("a date", "2026-11-22 00:00:00".to_owned()),
        ("with a space before it", format!(" {now_ms}")),
        ("of 20 digits", "9".repeat(20)),
    ];
    stamps.into_iter().map(|(name, stamp)| {
        Fault::new(world, "timestamp", name, 18)
            .before(move |pairs| set(pairs, "timestamp", &stamp))
    })
}

fn signers(world: &World) -> impl Iterator<Item = Fault> {
    let keys = [
        ("unknown", "1234567", &world.app_secret),
        ("the APPCODE", &world.app_code, &world.app_secret),
        ("of another merchant", &world.foreign_key, &world.foreign_secret),
        ("revoked", &world.revoked_key, &world.revoked_secret),
        ("with a space after it", &format!("{} ", world.app_key), &world.app_secret),
    ];
    let keys = keys.map(|(name, key, secret)| {
        let key = key.to_owned();
        let fault = Fault { secret: secret.clone(), ..Fault::new(world, "appKey", name, 18) };
        fault.before(move |pairs| set(pairs, "appKey", &key))
    });
    let secrets = [
        ("of another secret", "secret"),
        ("of an empty secret", ""),
        ("of the APPCODE", &world.app_code),
        ("of another merchant's secret", &world.foreign_secret),
    ];
    let secrets = secrets.map(|(name, secret)| Fault {
        secret: secret.to_owned(),
        ..Fault::new(world, "sign", name, 18)
    });
    keys.into_iter().chain(secrets)
}

fn signs(world: &World) -> impl Iterator<Item = Fault> {
    let secret = world.app_secret.clone();
    let other = move |algorithm: Algorithm, is_decoded: bool, is_base64: bool| {
        let secret = secret.clone();
        move |pairs: &mut Pairs| {
            let mut others = pairs.clone();
            remove(&mut others, "sign");
            let decoded: Vec<_> =
                others.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let text = if is_decoded { decoded.join("&") } else { joined(&others) };
            let tag = tag(algorithm, &secret, &text);
            let sign = if is_base64 { STANDARD.encode(tag) } else { hex::encode(tag) };
            set(pairs, "sign", &sign);
        }
    };
    let edited = |name, edit: fn(&str) -> String| {
        Fault::new(world, "sign", name, 18).after(move |pairs| {
            let sign = &mut pairs.last_mut().expect("the sign").1;
            *sign = edit(sign);
        })
    };
    [
        edited("zeros", |_| "0".repeat(64)),
        edited("in upper case", str::to_uppercase),
        edited("a digit less", |sign| sign[1..].to_owned()),
        edited("a byte less", |sign| sign[2..].to_owned()),
        edited("a byte more", |sign| format!("{sign}00")),
        edited("no hexadecimal", |_| "sign".to_owned()),
        edited("with a space after it", |sign| format!("{sign} ")),
        Fault::new(world, "sign", "Base64", 18).after(other(HMAC_SHA256, false, true)),
        Fault::new(world, "sign", "by SHA-1", 18).after(other(
            HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            false,
            false,
        )),
        Fault::new(world, "sign", "of text that was not url-encoded", 18).after(other(
            HMAC_SHA256,
            true,
            false,
        )),
    ]
    .into_iter()
}

fn missing(world: &World) -> impl Iterator<Item = Fault> {
    ["appKey", "timestamp", "sign"].into_iter().flat_map(|field| {
        let fault = |name, edit: fn(&mut Pairs, &str)| {
            Fault::new(world, field, name, 10).after(move |pairs| edit(pairs, field))
        };
        [fault("missing", remove), fault("empty", |pairs, field| set(pairs, field, ""))]
    })
}

/// Something else than what was signed.
fn changed(world: &World) -> impl Iterator<Item = Fault> {
    let edited = |field, name, edit: fn(&mut Pairs)| Fault::new(world, field, name, 18).after(edit);
    [
        edited("idType", "changed", |pairs| set(pairs, "idType", "idfa")),
        edited("idValue", "changed", |pairs| set(pairs, "idValue", "490154203237518")),
        edited("reqId", "changed", |pairs| set(pairs, "reqId", "other")),
        edited("idValue", "taken out", |pairs| remove(pairs, "idValue")),
        edited("appId", "added", |pairs| {
            pairs.insert(0, ("appId".to_owned(), "1000002".to_owned()));
        }),
        Fault::new(world, "colour", "an unknown parameter, signed", 10)
            .before(|pairs| pairs.insert(1, ("colour".to_owned(), "red".to_owned()))),
    ]
    .into_iter()
}

fn orders(world: &World) -> impl Iterator<Item = Fault> {
    let order = "order";
    [
        Fault::new(world, order, "neither way", 10).before(|pairs| pairs.swap(1, 3)),
        Fault::new(world, order, "by length", 10)
            .before(|pairs| pairs.sort_by_key(|(name, _)| name.len())),
        Fault::new(world, order, "without regard to case", 10)
            .before(|pairs| pairs.insert(0, ("app_id".to_owned(), "1000001".to_owned()))),
        Fault::new(world, "sign", "twice, different", 10)
            .after(|pairs| pairs.push(("sign".to_owned(), "0".repeat(64)))),
        Fault::new(world, "timestamp", "twice, different", 10)
            .before(|pairs| pairs.push(("timestamp".to_owned(), "1".to_owned()))),
    ]
    .into_iter()
}
