//! The native surface, `/v1`: a status, `error.code` to program by and, where one is wrong,
//! `error.field` (`docs/openapi.json`); a bad row costs no good one and is listed by its field.

use serde_json::Value;
use tests::server::Server;
use tests::v1::{V1, token};

use super::World;
use super::case::{Case, Request, Sent, Wanted};
use super::way::gzip;

const IDS: &str = "/v1/ids";
const BEHAVIOURS: &str = "/v1/behaviours";
const BATCHES: &str = "/v1/batches";
const CALLBACKS: &str = "/v1/callbacks";
const CSV: &str = "text/csv";
const JSON: &str = "application/json";
const LINES: &str = "application/x-ndjson";
/// An id that is no hash of a number.
const ID: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Tokens, and a batch that is done.
pub(crate) struct Native {
    pub(crate) feed: String,
    own: String,
    batch: String,
}

impl Native {
    pub(crate) fn new(server: &Server) -> Self {
        let (feed, own) = (token(server, "sandbox", "ingest"), token(server, "sandbox", "own"));
        let mut client = V1::with(server, &own);
        let rows = format!("id_value,id_type\n{ID},mobile_sha256\n");
        let made = client.post(&format!("{BATCHES}?name=used"), CSV, rows.as_bytes());
        let batch = client.done(&made.json());
        Self {
            feed,
            own,
            batch: format!("{BATCHES}/{}", batch["batch_id"].as_str().expect("an id")),
        }
    }

    /// One good request to each route, by who holds `token`.
    pub(crate) fn good(&self, token: &str) -> Vec<Request> {
        let of = |(method, path): (&'static str, String)| match path.as_str() {
            IDS => post(
                token,
                IDS,
                CSV,
                format!("id_type,id_value,subject\nmobile_sha256,{ID},a\n").as_bytes(),
            ),
            BEHAVIOURS => post(token, BEHAVIOURS, CSV, b"subject,kind,name,at,value\na,k,n,1,1\n"),
            BATCHES => post(token, BATCHES, CSV, format!("id_value\n{ID}\n").as_bytes()),
            _ => request(token, method, &path),
        };
        self.routes().into_iter().map(of).collect()
    }

    /// Each route with a method of its own.
    fn routes(&self) -> [(&'static str, String); 7] {
        let posts = [IDS, BEHAVIOURS, BATCHES].map(|path| ("POST", path.to_owned()));
        let [ids, behaviours, batches] = posts;
        let rows = format!("{}/rows", self.batch);
        let coverage = ("GET", "/v1/coverage".to_owned());
        let callbacks = ("GET", CALLBACKS.to_owned());
        [ids, behaviours, batches, coverage, ("GET", self.batch.clone()), ("GET", rows), callbacks]
    }
}

fn request(token: &str, method: &'static str, target: &str) -> Request {
    let headers = vec![("Authorization".to_owned(), format!("Bearer {token}"))];
    Request { method, target: target.to_owned(), headers, body: Vec::new() }
}

fn post(token: &str, target: &str, content_type: &str, body: &[u8]) -> Request {
    let request = request(token, "POST", target).header("Content-Type", content_type);
    Request { body: body.to_vec(), ..request }
}

fn refused(name: [&str; 3], request: Request, (status, code): (u16, &str), field: &str) -> Case {
    let wanted = Wanted::Native { status, code: code.to_owned(), field: field.to_owned() };
    Case::new(name, Sent::Whole(request), wanted)
}

pub(crate) fn cases(world: &World, native: &Native) -> Vec<Case> {
    let routes = native.routes().into_iter().flat_map(|route| of_route(world, native, route));
    let tables = [IDS, BEHAVIOURS, BATCHES].into_iter().flat_map(|path| bodies(native, path));
    let rows = [CSV, JSON, LINES].into_iter().flat_map(|media| rows(native, media));
    routes.chain(tables).chain(rows).chain(batches(native)).chain(callbacks(native)).collect()
}

fn of_route(world: &World, native: &Native, (method, path): (&'static str, String)) -> Vec<Case> {
    const MISSING: (u16, &str) = (401, "token_missing");
    const UNKNOWN: (u16, &str) = (401, "token_unknown");
    let name = path.replace(&native.batch, "/v1/batches/{batch_id}");
    let endpoint = format!("{method} {name}");
    let credentials = [
        ("empty", String::new(), MISSING),
        ("another scheme", format!("Basic {}", native.feed), MISSING),
        ("an APPCODE", format!("APPCODE {}", world.app_code), MISSING),
        ("the scheme alone", "Bearer".to_owned(), MISSING),
        ("the token alone", native.feed.clone(), MISSING),
        ("no space", format!("Bearer{}", native.feed), MISSING),
        ("unknown", format!("Bearer {}", "0".repeat(64)), UNKNOWN),
        ("a character less", format!("Bearer {}", &native.feed[1..]), UNKNOWN),
        ("a character more", format!("Bearer {}0", native.feed), UNKNOWN),
        ("the APPCODE as a token", format!("Bearer {}", world.app_code), UNKNOWN),
        ("the AppSecret as a token", format!("Bearer {}", world.app_secret), UNKNOWN),
        ("SQL", "Bearer ' OR '1'='1".to_owned(), UNKNOWN),
    ];
    let bare = || request("", method, &path).without("Authorization");
    let mut cases: Vec<Case> = credentials
        .iter()
        .map(|(fault, value, wanted)| {
            let request = bare().header("Authorization", value);
            refused([&endpoint, "Authorization", fault], request, *wanted, "")
        })
        .collect();
    cases.push(refused([&endpoint, "Authorization", "missing"], bare(), MISSING, ""));
    // A HEAD has no body to look at.
    let other = if method == "GET" { "POST" } else { "GET" };
    cases.extend(["PUT", "DELETE", "PATCH", "OPTIONS", other].map(|other| {
        let request = request(&native.feed, other, &path);
        refused([&name, "(method)", other], request, (405, "method_not_allowed"), "")
    }));
    if path == IDS || path == BEHAVIOURS {
        let request = post(&native.own, &path, JSON, b"[]");
        cases.push(refused(
            [&endpoint, "Authorization", "without the scope"],
            request,
            (403, "not_allowed"),
            "",
        ));
    }
    let longer = request(&native.feed, method, &format!("{path}/more/more"));
    let name = [&format!("{endpoint}/more/more"), "(path)", "no route"];
    cases.push(refused(name, longer, (404, "not_found"), ""));
    cases
}

/// Bodies that are no table of rows.
fn bodies(native: &Native, path: &str) -> Vec<Case> {
    const TABLE: (u16, &str) = (422, "invalid_table");
    let columns = match path {
        IDS => "id_type,id_value,subject",
        BEHAVIOURS => "subject,kind,name,at,value",
        _ => "id_value",
    };
    let names: Vec<&str> = columns.split(',').collect();
    let endpoint = format!("POST {path}");
    let of = |media: &str, fault: &str, body: &[u8], wanted| {
        let request = post(&native.feed, path, media, body);
        refused([&endpoint, media, fault], request, wanted, "")
    };
    let missing = names.iter().map(|name| {
        let others: Vec<&str> = names.iter().filter(|other| *other != name).copied().collect();
        of(
            CSV,
            &format!("no column {name}"),
            format!("more,{}\n", others.join(",")).as_bytes(),
            TABLE,
        )
    });
    let twice = names.iter().map(|name| {
        of(CSV, &format!("two columns {name}"), format!("{columns},{name}\n").as_bytes(), TABLE)
    });
    let utf_16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(columns.bytes().flat_map(|b| [b, 0])).collect();
    let crowded = format!("{columns}{}\n", ",a".repeat(256));
    let long = format!("{columns},{}\n", "a".repeat(64 * 1024));
    let (upper, separated) =
        (columns.to_uppercase(), format!("more;{}", columns.replace(',', ";")));
    let tables: [(&str, &str, &[u8]); 17] = [
        (CSV, "nothing", b""),
        (CSV, "UTF-16", &utf_16),
        (CSV, "names in upper case", upper.as_bytes()),
        (CSV, "another separator", separated.as_bytes()),
        (CSV, "more than 256 columns", crowded.as_bytes()),
        (CSV, "JSON", b"[]"),
        (JSON, "nothing", b""),
        (JSON, "an object", b"{}"),
        (JSON, "a text", b"\"a\""),
        (JSON, "null", b"null"),
        (JSON, "cut short", b"[{"),
        (JSON, "a comma at the end", b"[{},]"),
        (JSON, "two lists", b"[][]"),
        (JSON, "a NUL behind it", b"[]\0"),
        (JSON, "a byte that is no UTF-8", b"[\"\xff\"]"),
        (JSON, "nine levels", b"[[[[[[[[[1]]]]]]]]]"),
        (JSON, "CSV", columns.as_bytes()),
    ];
    let tables = tables.map(|(media, fault, body)| of(media, fault, body, TABLE));
    let large = of(CSV, "larger than 64 KiB", long.as_bytes(), (413, "too_large"));
    let all = missing.chain(twice).chain(tables).chain([large]);
    all.chain(unread(native, path, columns)).collect()
}

/// Filters that are none, and callbacks that nobody has.
fn callbacks(native: &Native) -> Vec<Case> {
    const INVALID: (u16, &str) = (400, "invalid");
    let zeros = "0".repeat(32);
    let queries = [
        ("state", "unknown", "state=lost", "state"),
        ("state", "in upper case", "state=DEAD", "state"),
        ("state", "twice, different", "state=dead&state=due", ""),
        ("before", "too short", &format!("before={}", &zeros[1..]), "before"),
        ("before", "in upper case", &format!("before=A{}", &zeros[1..]), "before"),
        ("before", "a bad escape", "before=%zz", ""),
    ];
    let queries = queries.map(|(field, fault, query, named)| {
        let request = request(&native.own, "GET", &format!("{CALLBACKS}?{query}"));
        refused([&format!("GET {CALLBACKS}"), field, fault], request, INVALID, named)
    });
    let ids = ["1", &zeros, &zeros[1..], &format!("{zeros}0"), "..%2f", "%00"].map(|id| {
        let request = post(&native.own, &format!("{CALLBACKS}/{id}/replay"), "", b"");
        let name = [&format!("POST {CALLBACKS}/{{callback_id}}/replay"), "callback_id", id];
        refused(name, request, (404, "not_found"), "")
    });
    queries.into_iter().chain(ids).collect()
}

/// A table of a kind, or packed in a way, that is not read.
fn unread(native: &Native, path: &str, columns: &str) -> Vec<Case> {
    const MEDIA: (u16, &str) = (415, "unsupported_media_type");
    let endpoint = format!("POST {path}");
    let types = [
        "text/plain",
        "text/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=B",
        "application/octet-stream",
        "application/vnd.apache.parquet",
        "csv",
    ];
    let types = types.map(|media| {
        let request = post(&native.feed, path, media, columns.as_bytes());
        refused([&endpoint, "Content-Type", media], request, MEDIA, "")
    });
    let encoded = |fault: &str, encoding: &str, body: &[u8], wanted| {
        let request = post(&native.feed, path, CSV, body).header("Content-Encoding", encoding);
        refused([&endpoint, "Content-Encoding", fault], request, wanted, "")
    };
    let packed = gzip(columns.as_bytes());
    let encodings = ["deflate", "br", "zstd", "gzip, gzip"];
    let encodings = encodings.map(|encoding| encoded(encoding, encoding, &packed, MEDIA));
    let second = [&*packed, &*gzip(b"\n")].concat();
    let faults: [(&str, &[u8]); 4] = [
        ("not packed", columns.as_bytes()),
        ("cut short", &packed[..packed.len() - 9]),
        ("a second member", &second),
        ("a NUL behind it", &[&*packed, b"\0"].concat()),
    ];
    let faults = faults.map(|(fault, body)| encoded(fault, "gzip", body, (400, "invalid")));
    types.into_iter().chain(encodings).chain(faults).collect()
}

/// One bad row beside a good one.
fn rows(native: &Native, media: &'static str) -> Vec<Case> {
    let (long, at) = ("x".repeat(129), "2026-11-21T00:00:00Z");
    let ids = [("id_type", "mobile_sha256"), ("id_value", ID), ("subject", "native")];
    let behaviours =
        [("subject", "native"), ("kind", "k"), ("name", "n"), ("at", at), ("value", "1")];
    let of_ids = [
        ("id_type", "empty", ""),
        ("id_type", "unknown", "mac"),
        ("id_type", "two of them", "imei/idfa"),
        ("id_value", "empty", ""),
        ("id_value", "63 digits", &ID[1..]),
        ("id_value", "a letter beyond f", &ID.replacen('0', "g", 1)),
        ("id_value", "a plain mobile number", "13800138000"),
        ("subject", "empty", ""),
        ("subject", "129 bytes", &long),
    ];
    let of_behaviours = [
        ("subject", "empty", ""),
        ("subject", "129 bytes", &*long),
        ("kind", "empty", ""),
        ("kind", "129 bytes", &long),
        ("name", "empty", ""),
        ("name", "129 bytes", &long),
        ("at", "empty", ""),
        ("at", "a word", "never"),
        ("at", "a date alone", "2026-11-21"),
        ("at", "the 31st of February", "2026-02-31T00:00:00Z"),
        ("at", "25 o'clock", "2026-11-21T25:00:00Z"),
        ("at", "without zone", "2026-11-21T00:00:00"),
        ("at", "negative", "-1"),
        ("value", "empty", ""),
        ("value", "129 bytes", &long),
    ];
    let bad = |path: &str, good: &[(&str, &str)], (field, fault, value): (&str, &str, &str)| {
        let mut changed = good.to_vec();
        for cell in changed.iter_mut().filter(|(name, _)| *name == field) {
            cell.1 = value;
        }
        let body = table(media, good, &changed);
        let wanted =
            Wanted::Rows { row: if media == CSV { 3 } else { 2 }, field: field.to_owned() };
        let request = post(&native.feed, path, media, body.as_bytes());
        Case::new([&format!("POST {path} {media}"), field, fault], Sent::Whole(request), wanted)
    };
    let ids = of_ids.map(|fault| bad(IDS, &ids, fault));
    let behaviours = of_behaviours.map(|fault| bad(BEHAVIOURS, &behaviours, fault));
    ids.into_iter().chain(behaviours).chain(shapes(native, media)).collect()
}

fn table(media: &str, good: &[(&str, &str)], bad: &[(&str, &str)]) -> String {
    if media == CSV {
        let cells = |row: &[(&str, &str)]| {
            row.iter().map(|(_, value)| *value).collect::<Vec<_>>().join(",")
        };
        let header: Vec<&str> = good.iter().map(|(name, _)| *name).collect();
        return format!("{}\n{}\n{}\n", header.join(","), cells(good), cells(bad));
    }
    let object = |row: &[(&str, &str)]| row.iter().copied().collect::<Value>().to_string();
    let (good, bad) = (object(good), object(bad));
    if media == JSON { format!("[{good},{bad}]") } else { format!("{good}\n{bad}\n") }
}

/// Rows that are no rows, and cells that are no texts.
fn shapes(native: &Native, media: &'static str) -> Vec<Case> {
    let good = format!(r#"{{"id_type":"mobile_sha256","id_value":"{ID}","subject":"native"}}"#);
    let cell = |name: &str, value: &str| {
        let known = if name == "subject" { "native" } else { ID };
        good.replace(&format!("\"{name}\":\"{known}\""), &format!("\"{name}\":{value}"))
    };
    let rows: Vec<(&str, &str, String)> = if media == CSV {
        let good = format!("mobile_sha256,{ID},native");
        vec![
            ("", "fewer cells", format!("mobile_sha256,{ID}")),
            ("", "more cells", format!("{good},more")),
        ]
    } else {
        vec![
            ("subject", "missing", good.replace(",\"subject\":\"native\"", "")),
            ("subject", "null", cell("subject", "null")),
            ("subject", "true", cell("subject", "true")),
            ("subject", "a list", cell("subject", "[\"native\"]")),
            ("subject", "an object", cell("subject", "{}")),
            ("subject", "a NUL", cell("subject", "\"a\\u0000b\"")),
            ("id_value", "a number", cell("id_value", "1")),
            ("id_value", "a list", cell("id_value", "[]")),
            ("", "a list for a row", "[1]".to_owned()),
            ("", "a text for a row", "\"a\"".to_owned()),
            ("", "null for a row", "null".to_owned()),
        ]
    };
    rows.into_iter()
        .map(|(field, fault, bad)| {
            let body = match media {
                CSV => format!("id_type,id_value,subject\nmobile_sha256,{ID},native\n{bad}\n"),
                JSON => format!("[{good},{bad}]"),
                _ => format!("{good}\n{bad}\n"),
            };
            let field_shown = if field.is_empty() { "(row)" } else { field };
            let wanted =
                Wanted::Rows { row: if media == CSV { 3 } else { 2 }, field: field.to_owned() };
            let request = post(&native.feed, IDS, media, body.as_bytes());
            Case::new(
                [&format!("POST {IDS} {media}"), field_shown, fault],
                Sent::Whole(request),
                wanted,
            )
        })
        .collect()
}

fn batches(native: &Native) -> Vec<Case> {
    const INVALID: (u16, &str) = (400, "invalid");
    let rows = format!("id_value,id_type\n{ID},mobile_sha256\n");
    let long = format!("name={}", "n".repeat(65));
    let queries = [
        ("name", "65 characters", long.as_str(), INVALID, "name"),
        ("name", "Chinese", "name=%E6%89%B9%E6%AC%A1", INVALID, "name"),
        ("name", "a NUL", "name=a%00", INVALID, "name"),
        ("name", "a newline", "name=a%0Ab", INVALID, "name"),
        ("name", "twice, different", "name=a&name=b", INVALID, ""),
        ("name", "a bad escape", "name=%zz", INVALID, ""),
        ("name", "no UTF-8", "name=%ff", INVALID, ""),
        ("name", "used for other rows", "name=used&app_id=1000002", (409, "name_reused"), ""),
        ("app_id", "unknown", "app_id=1999999", (403, "not_entitled"), ""),
        ("app_id", "of another merchant", "app_id=7000001", (403, "not_entitled"), ""),
        ("app_id", "with a space", "app_id=1000001+", (403, "not_entitled"), ""),
        ("app_id", "twice, different", "app_id=1000001&app_id=1000002", INVALID, ""),
    ];
    let queries = queries.map(|(field, fault, query, wanted, named)| {
        let request = post(&native.own, &format!("{BATCHES}?{query}"), CSV, rows.as_bytes());
        refused([&format!("POST {BATCHES}"), field, fault], request, wanted, named)
    });
    let zeros = "0".repeat(32);
    let ids = [
        "1",
        &zeros,
        &zeros[1..],
        &format!("{zeros}0"),
        "g0000000000000000000000000000000",
        "..%2f",
        "%00",
    ];
    let ids = ids.into_iter().flat_map(|id| {
        ["", "/rows"].map(|end| {
            let request = request(&native.own, "GET", &format!("{BATCHES}/{id}{end}"));
            refused(
                [&format!("GET {BATCHES}/{{batch_id}}{end}"), "batch_id", id],
                request,
                (404, "not_found"),
                "",
            )
        })
    });
    let from = ["0", "-1", "2", "1.5", "x", "1e0", "99999999999999999999"].map(|from| {
        let request = request(&native.own, "GET", &format!("{}/rows?from={from}", native.batch));
        refused(
            [&format!("GET {BATCHES}/{{batch_id}}/rows"), "from", from],
            request,
            INVALID,
            "from",
        )
    });
    queries.into_iter().chain(ids).chain(from).collect()
}
