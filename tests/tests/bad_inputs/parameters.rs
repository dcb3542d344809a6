//! Faults of the parameters, sent in every way that can carry them (`finplus.md`, Endpoint: the
//! values and the order of checks; `common.md`, Reading requests: repeats, charsets, limits).

use serde_json::{Value, json};
use tests::people::SAMPLE;

use super::World;
use super::case::{Case, Echo, Sent, Wanted};
use super::way::{Content, Parameters, Shape, WAYS, Way, text};

const IDFA: &str = "BA05E270-9250-4346-8140-7C0942422FA3";
const MD5: &str = "71f1d9fcb1661cbb1d707521586e7dea";
const SHA256: &str = "14f76535aedeb49465a88363042cd6e4803aac7bc5c152105f1cd2d366c6ce7c";

/// What is done to a good question.
#[derive(Clone)]
enum Edit {
    Remove(&'static str),
    Set(&'static str, Content),
    /// One more parameter, at the end.
    Add(String, Content),
}

pub(super) struct Fault {
    field: &'static str,
    name: String,
    edits: Vec<Edit>,
    code: i64,
    /// What `X-Error-Detail` of a code 10 must name.
    named: &'static str,
    shapes: fn(Shape) -> bool,
}

impl Fault {
    fn new(field: &'static str, name: &str, edits: Vec<Edit>, code: i64) -> Self {
        let named = if code == 10 { field } else { "" };
        Self { field, name: name.to_owned(), edits, code, named, shapes: |_| true }
    }

    fn set(field: &'static str, name: &str, value: &str, code: i64) -> Self {
        Self::new(field, name, vec![Edit::Set(field, text(value))], code)
    }

    fn in_shapes(self, shapes: fn(Shape) -> bool) -> Self {
        Self { shapes, ..self }
    }

    fn case(&self, world: &World, way: &Way, number: usize) -> Case {
        let req_id = format!("bad {} {number}", way.name);
        let mut parameters = question(&req_id);
        for edit in &self.edits {
            match edit.clone() {
                Edit::Remove(name) => parameters.retain(|(known, _)| known != name),
                Edit::Set(name, content) => {
                    parameters.retain(|(known, _)| known != name);
                    parameters.push((name.to_owned(), content));
                }
                Edit::Add(name, content) => parameters.push((name, content)),
            }
        }
        let named = if self.code == 10 { self.named.to_owned() } else { String::new() };
        // How far a JSON text is legible that is none is not said.
        let is_broken = way.shape == Shape::Json && self.named.is_empty() && self.field != "(name)";
        let echo = match echo(&parameters, way.shape) {
            Echo::Is(Value::String(text)) if is_broken && self.code == 10 => Echo::Perhaps(text),
            echo => echo,
        };
        let request = way.request(&world.app_code, &parameters);
        let wanted = Wanted::Business { code: self.code, named, echo };
        Case::new([&way.endpoint(), self.field, &self.name], Sent::Whole(request), wanted)
    }
}

/// A good question; `reqId` comes first, so that it is read before a fault breaks the reading.
pub(super) fn question(req_id: &str) -> Parameters {
    let pairs = [("reqId", req_id), ("idType", "imei"), ("idValue", SAMPLE)];
    pairs.map(|(name, value)| (name.to_owned(), text(value))).to_vec()
}

/// `finplus.md`: echoed when it is text of at most 64 characters, else null; missing: null.
fn echo(parameters: &Parameters, shape: Shape) -> Echo {
    let named = |name: &str| name == "reqId" || name == "req_id";
    let mut sent = parameters.iter().filter(|(name, _)| named(name));
    match (sent.next(), sent.next()) {
        (Some((_, Content::Text(first))), Some(_)) => Echo::Perhaps(first.clone()),
        (Some((_, Content::Text(text))), None) => {
            let is_legible = (1..=64).contains(&text.chars().count());
            Echo::Is(if is_legible { json!(text) } else { Value::Null })
        }
        // A number is a text, everything else is none.
        (Some((_, Content::Json(literal))), None) if shape == Shape::Json => {
            let is_number = literal.starts_with(|first: char| first.is_ascii_digit());
            Echo::Is(if is_number { json!(literal) } else { Value::Null })
        }
        _ => Echo::Is(Value::Null),
    }
}

pub(crate) fn cases(world: &World) -> Vec<Case> {
    let faults = [id_types(world), imeis(), hashes(), keys(), apps(world), names(), repeats()];
    let faults: Vec<Fault> =
        faults.into_iter().flatten().chain(not_text()).chain(not_encoded()).collect();
    let each = WAYS.iter().flat_map(|way| faults.iter().enumerate().map(move |fault| (way, fault)));
    each.filter(|(way, (_, fault))| (fault.shapes)(way.shape))
        .map(|(way, (number, fault))| fault.case(world, way, number))
        .collect()
}

fn missing_and_empty(field: &'static str, code: i64) -> [Fault; 2] {
    [
        Fault::new(field, "missing", vec![Edit::Remove(field)], code),
        Fault::set(field, "empty", "", code),
    ]
}

/// Longer than a value may be, whatever it is of.
fn too_long(field: &'static str) -> Fault {
    Fault::set(field, "longer than 8 KiB", &"1".repeat(8 * 1024 + 1), 10)
}

fn id_types(world: &World) -> Vec<Fault> {
    let unknown = [
        ("unknown", "fax"),
        ("two of them", "imei,idfa"),
        ("a space after it", "imei "),
        ("a space before it", " imei"),
        ("a NUL after it", "imei\0"),
        ("a newline after it", "imei\n"),
        ("a byte order mark before it", "\u{feff}imei"),
        ("full-width letters", "ｉｍｅｉ"),
        ("Chinese", "手机号"),
        ("a Kelvin sign, which is k in lower case", "\u{212a}"),
        ("a plain mobile number", "mobile"),
        ("an application that nobody has", "1999999"),
        ("an application of another merchant", &world.foreign_app),
        ("zero", "0"),
        ("JSON in a text", "{\"idType\":\"imei\"}"),
        ("longer than any", &"imei".repeat(512)),
    ];
    let unknown = unknown.map(|(name, value)| Fault::set("idType", name, value, 22));
    missing_and_empty("idType", 105)
        .into_iter()
        .chain(unknown)
        .chain([too_long("idType")])
        .collect()
}

fn imeis() -> Vec<Fault> {
    let values = [
        ("14 digits", "86052903848708"),
        ("16 digits", "8605290384870850"),
        ("a wrong check digit", "860529038487086"),
        ("two digits exchanged", "806529038487085"),
        ("a letter", "86052903848708a"),
        ("the letter O", "86O529038487085"),
        ("full-width digits", "８６０５２９０３８４８７０８５"),
        ("Arabic digits", "٨٦٠٥٢٩٠٣٨٤٨٧٠٨٥"),
        ("a space before it", " 860529038487085"),
        ("a space after it", "860529038487085 "),
        ("hyphens", "86-052903-848708-5"),
        ("a sign", "+860529038487085"),
        ("a negative number", "-860529038487085"),
        ("decimals", "860529038487085.0"),
        ("an exponent", "8.60529038487085e14"),
        ("a NUL after it", "860529038487085\0"),
        ("a newline after it", "860529038487085\n"),
        ("a tab inside", "860529038487\t085"),
        ("quotes", "\"860529038487085\""),
        ("SQL", "860529038487085' OR '1'='1"),
        ("a placeholder", "null"),
        ("an idfa", IDFA),
        ("a mobile_md5", MD5),
        ("a plain mobile number", "13800138000"),
    ];
    let values = values.map(|(name, value)| Fault::set("idValue", name, value, 10));
    missing_and_empty("idValue", 10)
        .into_iter()
        .chain(values)
        .chain([too_long("idValue")])
        .collect()
}

/// Ids of the other types, and of no type where `idType` is an application.
fn hashes() -> Vec<Fault> {
    let one_off = |value: &str, end: &str| format!("{}{end}", &value[..value.len() - 1]);
    let values = [
        ("idfa", "without hyphens", IDFA.replace('-', "")),
        ("idfa", "in braces", format!("{{{IDFA}}}")),
        ("idfa", "a digit less", one_off(IDFA, "")),
        ("idfa", "a digit more", format!("{IDFA}0")),
        ("idfa", "a letter beyond f", one_off(IDFA, "g")),
        ("idfa", "a hyphen at another place", "BA05E2709-250-4346-8140-7C0942422FA3".to_owned()),
        ("idfa", "an imei", SAMPLE.to_owned()),
        ("mobile_md5", "31 digits", one_off(MD5, "")),
        ("mobile_md5", "33 digits", format!("{MD5}0")),
        ("mobile_md5", "a letter beyond f", one_off(MD5, "g")),
        ("mobile_md5", "a space inside", one_off(MD5, " ")),
        ("mobile_md5", "0x before it", format!("0x{}", &MD5[2..])),
        ("mobile_md5", "Base64", "cfHZ/LFmHLsdcHUhWG596g==".to_owned()),
        ("mobile_md5", "a mobile_sha256", SHA256.to_owned()),
        ("mobile_md5", "a plain mobile number", "13800138000".to_owned()),
        ("mobile_sha256", "63 digits", one_off(SHA256, "")),
        ("mobile_sha256", "65 digits", format!("{SHA256}0")),
        ("mobile_sha256", "a letter beyond f", one_off(SHA256, "g")),
        ("mobile_sha256", "broken in two", format!("{} {}", &SHA256[..32], &SHA256[33..])),
        ("mobile_sha256", "a mobile_md5", MD5.to_owned()),
        ("1000001", "of no type", "12345".to_owned()),
        ("1000001", "a wrong check digit", "860529038487086".to_owned()),
        ("1000001", "33 hexadecimal digits", format!("{MD5}0")),
        ("1000001", "empty", String::new()),
    ];
    let fault = |(id_type, name, value): (&str, &str, String)| {
        let edits =
            vec![Edit::Set("idType", text(id_type)), Edit::Set("idValue", Content::Text(value))];
        Fault::new("idValue", &format!("{id_type}: {name}"), edits, 10)
    };
    values.into_iter().map(fault).collect()
}

fn keys() -> Vec<Fault> {
    let (chinese, too_many) = ("信".repeat(64), "k".repeat(65));
    let values = [
        ("65 characters", too_many.as_str()),
        ("65 Chinese characters", &format!("{chinese}信")),
        ("64 Chinese characters", &chinese),
        ("an accent", "caf\u{e9}"),
        ("an emoji", "\u{1f600}"),
        ("a no-break space", "a\u{a0}b"),
        ("a byte order mark before it", "\u{feff}a"),
        ("a tab", "a\tb"),
        ("a newline", "a\nb"),
        ("a carriage return and a header", "a\r\nX-Biz-Code: 0"),
        ("a NUL", "a\0b"),
        ("an escape", "a\u{1b}[31m"),
        ("DEL", "a\u{7f}"),
        ("a right-to-left override", "\u{202e}a"),
    ];
    let values = values.map(|(name, value)| Fault::set("reqId", name, value, 10));
    let used = |name: &str, edits| Fault { named: "reqId", ..Fault::new("reqId", name, edits, 10) };
    let key = || Edit::Set("reqId", text(super::USED_KEY));
    let used = [
        used(
            "used with another idValue",
            vec![key(), Edit::Set("idValue", text("490154203237518"))],
        ),
        used(
            "used with another appId",
            vec![key(), Edit::Add("appId".to_owned(), text("1000002"))],
        ),
        used(
            "used with another idType",
            vec![key(), Edit::Set("idType", text("idfa")), Edit::Set("idValue", text(IDFA))],
        ),
    ];
    let values = missing_and_empty("reqId", 10).into_iter().chain(values).chain(used);
    values.chain([too_long("reqId")]).collect()
}

fn apps(world: &World) -> Vec<Fault> {
    let values = [
        ("that nobody has", "1999999"),
        ("of another merchant", &world.foreign_app),
        ("a space after it", "1000001 "),
        ("a space before it", " 1000001"),
        ("a leading zero", "01000001"),
        ("decimals", "1000001.0"),
        ("full-width digits", "１０００００１"),
        ("a NUL after it", "1000001\0"),
        ("a newline after it", "1000001\n"),
        ("a wildcard", "*"),
        ("another wildcard", "100000%"),
        ("SQL", "1000001' --"),
        ("a path", "../1000001"),
        ("the name of its model", "german-scorecard"),
    ];
    let values = values.map(|(name, value)| Fault::set("appId", name, value, 10));
    let differs =
        vec![Edit::Set("idType", text("1000001")), Edit::Add("appId".to_owned(), text("1000002"))];
    values
        .into_iter()
        .chain([too_long("appId"), Fault::new("appId", "not the one of idType", differs, 10)])
        .collect()
}

/// Names that no parameter has; one that may be a person's id is not repeated.
fn names() -> Vec<Fault> {
    let plain =
        ["colour", "IDTYPE", "idtype", "ID_TYPE", "id-type", "id_Type", "idType[]", "reqID"];
    let plain = plain.map(|name| Fault { named: name, ..unknown(name, name) });
    let long = "n".repeat(129);
    let others = [
        ("with a space before it", " idType"),
        ("with a space after it", "idType "),
        ("with a NUL", "idType\0"),
        ("in Chinese", "姓名"),
        ("an imei", SAMPLE),
        ("longer than 128 bytes", long.as_str()),
        ("dotted", "response.req_id"),
        ("a prototype", "__proto__"),
    ];
    let others = others.map(|(name, value)| unknown(name, value));
    let unsigned = [("sign", "appKey"), ("timestamp", "appKey"), ("appKey", "timestamp")];
    let unsigned = unsigned.map(|(name, missing)| Fault {
        field: name,
        named: missing,
        ..unknown("without the rest of the signature", name)
    });
    plain.into_iter().chain(others).chain(unsigned).collect()
}

fn unknown(fault: &str, name: &str) -> Fault {
    Fault::new("(name)", fault, vec![Edit::Add(name.to_owned(), text("1"))], 10).unnamed()
}

/// One parameter twice, with different values; in JSON also with the same.
fn repeats() -> Vec<Fault> {
    let fields = [
        ("idType", "id_type", "imei", "idfa"),
        ("idValue", "id_value", SAMPLE, "490154203237518"),
        ("reqId", "req_id", "a", "b"),
        ("appId", "app_id", "1000001", "1000002"),
    ];
    let twice = |field, first: &str, again: &str, value: &str| {
        let again = Edit::Add(again.to_owned(), text(value));
        vec![Edit::Set(field, text(first)), again]
    };
    let each = fields.into_iter().flat_map(|(field, snake, first, second)| {
        [
            Fault::new(field, "twice, different", twice(field, first, field, second), 10),
            Fault::new(field, "both spellings, different", twice(field, first, snake, second), 10),
            Fault::new(field, "twice, once empty", twice(field, first, field, ""), 10),
            Fault::new(field, "twice, the same", twice(field, first, field, first), 10)
                .in_shapes(|shape| shape == Shape::Json),
        ]
    });
    each.collect()
}

/// JSON that is no text: only a number is one as well.
fn not_text() -> impl Iterator<Item = Fault> {
    let fields = [("idType", 22), ("idValue", 10), ("reqId", 0), ("appId", 10)];
    fields.into_iter().flat_map(|(field, number_code)| {
        let deep: &'static str = DEEP;
        let values = [
            "true",
            "false",
            "[]",
            "[\"imei\"]",
            "{}",
            "{\"a\":1}",
            "[[[1]]]",
            "{\"a\":1,\"a\":2}",
            deep,
        ];
        let values = values.map(|value| {
            let name = if value == DEEP { "33 levels" } else { value };
            let fault = Fault::new(field, name, vec![Edit::Set(field, Content::Json(value))], 10);
            // Nested faults are the body's.
            if value == DEEP || value.contains(',') { fault.unnamed() } else { fault }
        });
        let numbers = ["1e999", "-1", "0.5", "123456789012345678901234567890"].map(|value| {
            Fault::new(field, value, vec![Edit::Set(field, Content::Json(value))], number_code)
        });
        let null = if field == "idType" { 105 } else { 10 };
        let null = Fault::new(field, "null", vec![Edit::Set(field, Content::Json("null"))], null);
        let numbers = numbers.into_iter().filter(|fault| fault.code != 0);
        let null = (field != "appId").then_some(null);
        values
            .into_iter()
            .chain(numbers)
            .chain(null)
            .map(|fault| fault.in_shapes(|shape| shape == Shape::Json))
    })
}

/// Lists in lists, one more level with the object around them than may be.
const DEEP: &str = "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]";

/// What is no UTF-8, or not percent-encoded.
fn not_encoded() -> impl Iterator<Item = Fault> {
    ["idType", "idValue", "reqId", "appId"].into_iter().flat_map(|field| {
        let set =
            |name: &str, content| Fault::new(field, name, vec![Edit::Set(field, content)], 10);
        let escapes = [
            ("a lone percent sign", "%"),
            ("half an escape", "a%4"),
            ("an escape that is not hexadecimal", "%zz"),
            ("JavaScript's escape", "%u4f60"),
            ("an escaped byte that is no UTF-8", "%ff"),
            ("half a character, escaped", "%e4%bd"),
            ("a longer form than needed, escaped", "%c0%80"),
            ("half a surrogate pair, escaped", "%ed%a0%80"),
        ];
        let escapes = escapes.map(|(name, value)| {
            set(name, Content::Encoded(value)).in_shapes(Shape::is_urlencoded)
        });
        let bytes: [(&str, &'static [u8]); 3] = [
            ("a byte that is no UTF-8", b"imei\xff"),
            ("GBK", b"\xc4\xe3\xba\xc3"),
            ("half a character", b"\xe4\xbd"),
        ];
        let bytes = bytes.into_iter().flat_map(move |(name, value)| {
            let fault = || set(name, Content::Bytes(value));
            [
                fault().in_shapes(|shape| matches!(shape, Shape::Form | Shape::Multipart)),
                fault().unnamed().in_shapes(|shape| shape == Shape::Json),
            ]
        });
        escapes.into_iter().chain(bytes)
    })
}

impl Fault {
    /// Names nothing that can be told from outside.
    fn unnamed(self) -> Self {
        Self { named: "", ..self }
    }
}
