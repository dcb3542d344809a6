//! What looks odd and is good (`common.md`, Reading requests): each is code 0, so that nothing
//! above is refused for another reason than its own.

use tests::finplus::PATH;
use tests::people::SAMPLE;

use super::World;
use super::case::Request;
use super::parameters::question;
use super::way::{Content, Parameters, Shape, WAYS, Way, gzip};

/// Name, request, and the `req_id` that it is answered with.
pub(crate) fn requests(world: &World) -> Vec<(String, Request, String)> {
    let each = WAYS.iter().flat_map(|way| {
        let named = |(oddity, request, req_id): (&str, Request, String)| {
            (format!("{}: {oddity}", way.name), request, req_id)
        };
        parameters(world, way).into_iter().chain(bodies(world, way)).map(named)
    });
    each.collect()
}

/// At most 64 characters, and another one for each.
fn key(way: &Way, oddity: &str) -> String {
    format!("{:.20} {oddity}", way.name)
}

fn parameters(world: &World, way: &Way) -> Vec<(&'static str, Request, String)> {
    let oddities: [(&str, Vec<(&str, Content)>); 5] = [
        ("nothing odd", vec![]),
        ("an empty appId", vec![("appId", Content::Text(String::new()))]),
        ("both spellings, the same", vec![("id_type", Content::Text("imei".to_owned()))]),
        ("snake case", vec![("app_id", Content::Text("1000001".to_owned()))]),
        ("64 parameters", vec![("app_id", Content::Text("1000001".to_owned())); 61]),
    ];
    let is_json = way.shape == Shape::Json;
    let fits = |oddity: &str| !(is_json && oddity == "64 parameters");
    let of_all = oddities.into_iter().filter(|(oddity, _)| fits(oddity)).map(|(oddity, more)| {
        let req_id = key(way, oddity);
        let mut parameters: Parameters = question(&req_id);
        parameters.extend(more.into_iter().map(|(name, content)| (name.to_owned(), content)));
        (oddity, way.request(&world.app_code, &parameters), req_id)
    });
    let literals = [("a number as reqId", "reqId", "1.50e3"), ("null as appId", "appId", "null")];
    let literals = literals.into_iter().filter(|_| is_json).map(|(oddity, name, literal)| {
        let mut parameters = question(&key(way, "null"));
        parameters.retain(|(known, _)| known != name);
        parameters.push((name.to_owned(), Content::Json(literal)));
        let req_id = if name == "reqId" { literal.to_owned() } else { key(way, "null") };
        (oddity, way.request(&world.app_code, &parameters), req_id)
    });
    of_all.chain(literals).collect()
}

fn bodies(world: &World, way: &Way) -> Vec<(&'static str, Request, String)> {
    if way.shape == Shape::Query {
        return Vec::new();
    }
    let good = |oddity: &str| {
        let req_id = key(way, oddity);
        (way.encode(&question(&req_id)), req_id)
    };
    let carried = |oddity: &'static str, change: &dyn Fn(Request) -> Request| {
        let (text, req_id) = good(oddity);
        (oddity, change(way.carry(&world.app_code, text)), req_id)
    };
    let (marked, req_id) = good("a byte order mark");
    let marked = way.carry(&world.app_code, [b"\xef\xbb\xbf", &*marked].concat());
    let mut all = vec![
        ("a byte order mark", marked, req_id),
        carried("the same in the query", &|mut request| {
            request.target = format!("{PATH}?idType=imei&idValue={SAMPLE}");
            request
        }),
    ];
    if let Some(content_type) = way.content_type {
        let spelled = content_type.replace("; ", " ;");
        all.push(carried("a space in the type", &|request| {
            request.without("Content-Type").header("Content-Type", &spelled)
        }));
        let upper =
            content_type.replace("application/", "Application/").replace("form-data", "Form-Data");
        all.push(carried("a type in upper case", &|request| {
            request.without("Content-Type").header("Content-Type", &upper)
        }));
    }
    if !way.is_packed {
        all.push(carried("packed by x-gzip", &|request| {
            let body = gzip(&request.body);
            Request { body, ..request }.header("Content-Encoding", "X-GZIP")
        }));
        all.push(carried("the encoding identity", &|request| {
            request.header("Content-Encoding", "identity")
        }));
    }
    all
}

/// A question whose client waits for leave to send the body, and sends it in chunks.
pub(crate) fn expecting(world: &World, req_id: &str) -> [String; 2] {
    let head = format!(
        "POST {PATH} HTTP/1.1\r\nHost: a\r\nAuthorization: APPCODE {}\r\nExpect: 100-continue\r\n\
         Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
        world.app_code
    );
    let body = format!("idType=imei&idValue={SAMPLE}&reqId={req_id}");
    let (first, second) = body.split_at(20);
    let chunk = |text: &str| format!("{:x}\r\n{text}\r\n", text.len());
    [head, format!("{}{}0\r\n\r\n", chunk(first), chunk(second))]
}
