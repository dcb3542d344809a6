//! Bodies that are not what they say (`common.md`, Reading requests): all of them code 10, as a
//! malformed parameter is, and never a part of them believed.

use tests::people::SAMPLE;

use super::World;
use super::case::{Case, Echo, Request, Sent, Wanted};
use super::parameters::question;
use super::way::{Shape, WAYS, Way, gzip, part, text};

const REQ_ID: &str = "body";

pub(crate) fn cases(world: &World) -> Vec<Case> {
    let each = WAYS.iter().flat_map(|way| {
        let texts = match way.shape {
            Shape::Query => urlencoded(way),
            Shape::Form => urlencoded(way).into_iter().chain(unlike_a_form(way)).collect(),
            Shape::Json => json(way),
            Shape::Multipart => multipart(way),
        };
        let cases = texts.into_iter().map(|(fault, text, code)| {
            let request = way.carry(&world.app_code, text);
            case([&way.endpoint(), "(body)", fault], request, code, "")
        });
        let packed = if way.is_packed { packed(world, way) } else { Vec::new() };
        cases.chain(packed).chain(types(world, way)).collect::<Vec<_>>()
    });
    each.chain(split(world)).collect()
}

fn case(name: [&str; 3], request: Request, code: i64, named: &str) -> Case {
    let (echo, named) = (Echo::Perhaps(REQ_ID.to_owned()), named.to_owned());
    Case::new(name, Sent::Whole(request), Wanted::Business { code, named, echo })
}

type Texts = Vec<(&'static str, Vec<u8>, i64)>;

/// A good question as `way` writes it.
fn good(way: &Way) -> String {
    String::from_utf8(way.encode(&question(REQ_ID))).expect("texts")
}

fn urlencoded(way: &Way) -> Texts {
    let good = good(way);
    let with = |piece: &str| format!("{good}&{piece}").into_bytes();
    let repeated = |count: usize| with(&vec!["idType=imei"; count].join("&"));
    vec![
        ("nothing", Vec::new(), 105),
        ("separators alone", b"&&&".to_vec(), 105),
        ("names alone", b"reqId&idType&idValue".to_vec(), 105),
        ("a name without value", with("colour"), 10),
        ("a value without name", with("=1"), 10),
        ("a name that is a lone percent sign", with("%=1"), 10),
        ("a name with a bad escape", with("%zz=1"), 10),
        ("a name that is no UTF-8, escaped", with("%ff=1"), 10),
        ("equals signs encoded", good.replace('=', "%3D").into_bytes(), 10),
        ("a fragment", with("%23=1"), 10),
        ("65 parameters", repeated(62), 10),
        ("1,000 parameters", repeated(997), 10),
    ]
}

/// Other texts under a form's name, or under none.
fn unlike_a_form(way: &Way) -> Texts {
    let good = good(way);
    vec![
        ("two byte order marks", format!("\u{feff}\u{feff}{good}").into_bytes(), 10),
        ("UTF-16", utf_16(&good), 10),
        ("XML", b"<idType>imei</idType>".to_vec(), 10),
        ("a byte that is no UTF-8 as a name", [good.as_bytes(), b"&\xff=1"].concat(), 10),
        ("a NUL", b"\0".to_vec(), 10),
    ]
}

fn json(way: &Way) -> Texts {
    let good = good(way);
    let inside = good.trim_matches(['{', '}']);
    let of = |text: String| text.into_bytes();
    let with = |member: &str| of(format!("{{{inside},{member}}}"));
    let many: Vec<String> = (0..62).map(|number| format!(",\"n{number}\":1")).collect();
    let deep = "{\"a\":".repeat(33) + "1" + &"}".repeat(33);
    vec![
        ("an empty object", of("{}".to_owned()), 105),
        ("cut short", of(good[..good.len() - 1].to_owned()), 10),
        ("cut short in a text", of(good[..good.len() - 3].to_owned()), 10),
        ("cut short after a colon", of("{\"reqId\":".to_owned()), 10),
        ("a bracket more", of(format!("{good}}}")), 10),
        ("two objects", of(format!("{good}{good}")), 10),
        ("two objects in lines", of(format!("{good}\n{good}")), 10),
        ("a comma at the end", of(format!("{{{inside},}}")), 10),
        ("two commas", of(good.replacen(',', ",,", 1)), 10),
        ("no comma", of(good.replacen(',', " ", 1)), 10),
        ("no colon", of(good.replacen(':', " ", 1)), 10),
        ("an equals sign for a colon", of(good.replacen(':', "=", 1)), 10),
        ("a list around it", of(format!("[{good}]")), 10),
        ("a text", of(format!("{good:?}")), 10),
        ("a number", of("1".to_owned()), 10),
        ("null", of("null".to_owned()), 10),
        ("true", of("true".to_owned()), 10),
        ("single quotes", of(good.replace('"', "'")), 10),
        ("names without quotes", of(good.replacen("\"reqId\"", "reqId", 1)), 10),
        ("a comment", of(format!("{{/* a */{inside}}}")), 10),
        ("a comment behind it", of(format!("{good}// a")), 10),
        ("NaN", with("\"appId\":NaN"), 10),
        ("Infinity", with("\"appId\":-Infinity"), 10),
        ("a leading zero", with("\"appId\":01000001"), 10),
        ("a plus sign", with("\"appId\":+1000001"), 10),
        ("a hexadecimal number", with("\"appId\":0xF4241"), 10),
        ("a point without digits", with("\"appId\":1000001."), 10),
        ("a raw newline in a text", with("\"appId\":\"1000001\n\""), 10),
        ("an unknown escape", with("\"appId\":\"\\x31\""), 10),
        ("half a surrogate pair", with("\"appId\":\"\\ud83d\""), 10),
        ("a surrogate pair in the wrong order", with("\"appId\":\"\\ude00\\ud83d\""), 10),
        ("an escape cut short", with("\"appId\":\"\\u12\""), 10),
        ("an undefined value", with("\"appId\":undefined"), 10),
        ("a number as a name", with("1:\"1000001\""), 10),
        ("a NUL behind it", of(format!("{good}\0")), 10),
        ("a NUL between", of(format!("{{\0{inside}}}")), 10),
        ("a vertical tab as a space", of(format!("{{\u{b}{inside}}}")), 10),
        ("a no-break space as a space", of(format!("{{\u{a0}{inside}}}")), 10),
        ("two byte order marks", of(format!("\u{feff}\u{feff}{good}")), 10),
        ("a byte order mark inside", of(format!("{{\u{feff}{inside}}}")), 10),
        ("UTF-16", utf_16(&good), 10),
        ("33 levels", of(deep), 10),
        ("65 members", of(format!("{{{inside}{}}}", many.concat())), 10),
        ("the escaped name of another member", with("\"\\u0072eqId\":\"other\""), 10),
        ("a form", b"reqId=body&idType=imei&idValue=1".to_vec(), 10),
    ]
}

fn multipart(way: &Way) -> Texts {
    let whole = good(way);
    let good = whole.strip_suffix("--B--\r\n").expect("its end");
    let with = |more: &str| format!("{good}{more}").into_bytes();
    let own = |head: &str| with(&format!("--B\r\n{head}\r\n\r\n1\r\n--B--\r\n"));
    let app = "Content-Disposition: form-data; name=\"appId\"";
    let again = String::from_utf8(part("idType", b"imei")).expect("text").repeat(62);
    let nine = format!("{app}{}", "\r\nX-A: 1".repeat(8));
    vec![
        ("no end", with(""), 10),
        ("cut short in a header", with("--B\r\nContent-Disposition: form-data; na"), 10),
        ("cut short in a value", with(&format!("--B\r\n{app}\r\n\r\n1")), 10),
        ("something behind its end", with("--B--\r\nidType=imei"), 10),
        ("a second body behind its end", format!("{whole}{whole}").into_bytes(), 10),
        ("a part without name", own("Content-Disposition: form-data"), 10),
        ("a part without disposition", own("Content-Type: text/plain"), 10),
        ("a part with two names", own(&format!("{app}; name=\"colour\"")), 10),
        ("a part with two dispositions", own(&format!("{app}\r\n{app}")), 10),
        ("a part that is no form-data", own(&app.replace("form-data", "attachment")), 10),
        ("a file", own(&format!("{app}; filename=\"a.txt\"")), 10),
        ("a file with an encoded name", own(&format!("{app}; filename*=UTF-8''a.txt")), 10),
        ("a part in Base64", own(&format!("{app}\r\nContent-Transfer-Encoding: base64")), 10),
        ("a header without colon", own(&format!("{app}\r\nnonsense")), 10),
        ("nine headers", own(&nine), 10),
        ("65 parts", with(&format!("{again}--B--\r\n")), 10),
        ("no carriage returns", whole.replace('\r', "").into_bytes(), 10),
    ]
}

/// What `Content-Encoding: gzip` is not: one layer, whole, of a bearable size, and nothing behind.
fn packed(world: &World, way: &Way) -> Vec<Case> {
    let plain = good(way).into_bytes();
    let good = gzip(&plain);
    let large = match way.shape {
        Shape::Json => [&*vec![b' '; 10 << 20], &*plain].concat(),
        _ => [&*plain, b"&appId=", &*vec![b'1'; 10 << 20]].concat(),
    };
    let mut broken = good.clone();
    let middle = broken.len() / 2;
    broken[middle] ^= 0xff;
    let mut wrong_sum = good.clone();
    let sum = wrong_sum.len() - 8;
    wrong_sum[sum] ^= 1;
    let mut wrong_length = good.clone();
    *wrong_length.last_mut().expect("a length") ^= 1;
    let faults: [(&str, Vec<u8>); 14] = [
        ("not packed", plain.clone()),
        ("cut short", good[..good.len() - 9].to_vec()),
        ("without its checksum", good[..good.len() - 8].to_vec()),
        ("the header alone", good[..10].to_vec()),
        ("two bytes", good[..2].to_vec()),
        ("a byte changed", broken),
        ("a wrong checksum", wrong_sum),
        ("a wrong length", wrong_length),
        ("a second member", [&*good, &*gzip(b"&appId=1000002")].concat()),
        ("an empty second member", [&*good, &*gzip(b"")].concat()),
        ("bytes behind it", [&*good, b"&appId=1000002"].concat()),
        ("a NUL behind it", [&*good, b"\0"].concat()),
        ("packed twice", gzip(&good)),
        ("ten megabytes from ten kilobytes", gzip(&large)),
    ];
    let with = |body: Vec<u8>| Request { body, ..way.carry(&world.app_code, plain.clone()) };
    let bodies = faults
        .into_iter()
        .map(|(fault, body)| case([&way.endpoint(), "(gzip)", fault], with(body), 10, ""));
    let encodings =
        ["deflate", "br", "zstd", "compress", "gzip, gzip", "gzip;q=1", "gzip identity"];
    let encodings = encodings.map(|encoding| {
        let request = with(good.clone()).without("Content-Encoding");
        let request = request.header("Content-Encoding", encoding);
        case([&way.endpoint(), "Content-Encoding", encoding], request, 10, "Content-Encoding")
    });
    let twice = with(good.clone()).header("Content-Encoding", "gzip");
    let twice = case([&way.endpoint(), "Content-Encoding", "twice"], twice, 10, "Content-Encoding");
    bodies.chain(encodings).chain([twice]).collect()
}

/// A type that is none of the four.
fn types(world: &World, way: &Way) -> Vec<Case> {
    if way.content_type.is_none() {
        return Vec::new();
    }
    let types =
        ["text/plain", "text/json", "application/xml", "application/octet-stream", "json", "*/*"];
    let types = types.map(|content_type| {
        let request = way.carry(&world.app_code, good(way).into_bytes()).without("Content-Type");
        let request = request.header("Content-Type", content_type);
        case([&way.endpoint(), "Content-Type", content_type], request, 10, "Content-Type")
    });
    let boundary = |fault, boundary: &str| {
        let request = way.carry(&world.app_code, good(way).into_bytes()).without("Content-Type");
        let content_type = format!("multipart/form-data; boundary={boundary}");
        let request = request.header("Content-Type", &content_type);
        case([&way.endpoint(), "boundary", fault], request, 10, "")
    };
    let other = boundary("another than the body's", "C");
    types.into_iter().chain([other]).collect()
}

/// Query and body are one set of parameters: what is in both must be the same.
fn split(world: &World) -> Vec<Case> {
    let contradictions = [
        ("idType", "idfa"),
        ("idValue", "490154203237518"),
        ("reqId", "other"),
        ("id_type", "idfa"),
        ("id_value", "490154203237518"),
        ("req_id", "other"),
        ("colour", "red"),
    ];
    let ways = WAYS.iter().filter(|way| way.shape != Shape::Query);
    let each = ways.flat_map(|way| {
        contradictions.map(|(name, value)| {
            let mut request = way.request(&world.app_code, &question(REQ_ID));
            request.target = format!("{}?{name}={value}", request.target);
            let endpoint = format!("{} and query", way.endpoint());
            let named = match name {
                "id_type" => "idType",
                "id_value" => "idValue",
                "req_id" => "reqId",
                name => name,
            };
            case([&endpoint, name, "not what the body says"], request, 10, named)
        })
    });
    // A GET has no other place: what it carries in a body is read as well.
    let mut get = WAYS[0].request(&world.app_code, &question(REQ_ID));
    get.body = format!("idType=idfa&idValue={SAMPLE}").into_bytes();
    let get = case(
        ["GET /finplus/score and body", "idType", "not what the query says"],
        get,
        10,
        "idType",
    );
    let mut app = WAYS[0].request(&world.app_code, &question(REQ_ID));
    app.body = WAYS[4].encode(&vec![("appId".to_owned(), text("1999999"))]);
    let app =
        case(["GET /finplus/score and body", "appId", "unknown, in the body"], app, 10, "appId");
    each.chain([get, app]).collect()
}

fn utf_16(text: &str) -> Vec<u8> {
    let units = text.bytes().flat_map(|byte| [byte, 0]);
    [0xff, 0xfe].into_iter().chain(units).collect()
}
