//! The table of routes as an OpenAPI 3.1 document (<https://spec.openapis.org/oas/v3.1.1>).
//! Beyond the standard: `x-codes` lists what each answer of a status is called and what it means,
//! `x-class` how a value must be kept from eyes, `x-also` another spelling that is read, and every
//! text has its Chinese beside it as `x-zh`.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::Method;
use domain::ids::BizId;
use domain::time::Timestamp;
use serde_json::{Value, json};

use super::{Body, Documented, Field, Kind, Media, Place, Text};
use crate::http::reply;
use crate::http::routes::{Access, Face, ROUTES, Route};

/// The document as text, the same in every build of this version.
pub(crate) fn text() -> String {
    format!("{:#}\n", document())
}

fn document() -> Value {
    let tags = Face::ALL.map(|face| {
        let about = face.describe();
        let name =
            json!({"name": face.as_str(), "x-name": about.name.en, "x-name-zh": about.name.zh});
        said(about.authentication, name)
    });
    json!({
        "openapi": "3.1.1",
        "info": {
            "title": "Probity 诚信网关",
            "version": env!("CARGO_PKG_VERSION"),
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
            "description": "Every route of the gateway; any other path is answered with 404.",
            "x-zh": "网关的全部接口；其他路径一律返回 404。",
        },
        "servers": [{"url": "/"}],
        "tags": tags,
        "paths": ROUTES.iter().map(|route| (route.path, path(route))).collect::<Value>(),
        "components": {
            "headers": Face::ALL.into_iter().flat_map(headers).collect::<Value>(),
            "schemas": ROUTES.iter().flat_map(schemas).collect::<Value>(),
            "securitySchemes": Face::ALL.into_iter().flat_map(schemes).collect::<Value>(),
        },
        "x-other-paths": other_paths(),
    })
}

/// What the faces say of a path that no route has, each way once.
fn other_paths() -> Value {
    let request_id = BizId::lower_bound(Timestamp(0));
    let answers = Face::ALL.map(|face| reply::no_route(face, request_id));
    let ways = answers.iter().map(|answer| (answer.status, reply::code(answer)));
    let ways = ways.collect::<BTreeSet<_>>().into_iter();
    ways.map(|(status, code)| json!({"status": status, "code": code})).collect()
}

fn schemes(face: Face) -> impl Iterator<Item = (String, Value)> {
    face.describe().schemes.iter().flat_map(move |scheme| {
        scheme.headers.iter().map(move |name| {
            let header = json!({"type": "apiKey", "in": "header", "name": name});
            (of_face(face, name), said(scheme.about, header))
        })
    })
}

fn headers(face: Face) -> impl Iterator<Item = (String, Value)> {
    face.describe().headers.iter().map(move |header| {
        let text = json!({"required": header.required, "schema": schema(header)});
        (of_face(face, header.name), said(header.about, text))
    })
}

fn of_face(face: Face, header: &str) -> String {
    format!("{}.{header}", face.as_str())
}

/// The bodies of a route's requests and answers, by name.
fn schemas(route: &Route) -> impl Iterator<Item = (String, Value)> {
    let fields = route.about.takes.iter().filter(|field| field.place == Place::Parameter);
    let request = (!route.about.bodies.is_empty())
        .then(|| (format!("{}.request", name(route)), object(fields)));
    let given = route.about.gives().enumerate();
    let answers = given.map(|(at, fields)| (answer_name(route, at), object(fields)));
    request.into_iter().chain(answers)
}

fn answer_name(route: &Route, at: usize) -> String {
    format!("{}.answer{}", name(route), if at == 0 { String::new() } else { at.to_string() })
}

fn reference(kind: &str, name: &str) -> Value {
    json!({"$ref": format!("#/components/{kind}/{name}")})
}

/// A route's name where only letters and `_` may stand.
pub(crate) fn name(route: &Route) -> String {
    let words = route.path.split(|c: char| !c.is_ascii_alphanumeric());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("_")
}

fn path(route: &Route) -> Value {
    // Where HEAD is answered, it is as GET without the body.
    let methods = route.methods.iter().filter(|method| **method != Method::HEAD);
    let operations = methods.map(|method| {
        let method = method.as_str().to_ascii_lowercase();
        let operation = operation(route, &method);
        (method, operation)
    });
    operations.collect()
}

fn operation(route: &Route, method: &str) -> Value {
    let about = route.about;
    let in_body = method == Method::POST.as_str().to_ascii_lowercase() && !about.bodies.is_empty();
    let is_apart = |field: &&Field| field.place != Place::Parameter || !in_body;
    let parameters: Vec<Value> = about.takes.iter().filter(is_apart).map(parameter).collect();
    let schemes = route.face.describe().schemes.iter();
    let needed = schemes.map(|scheme| -> Value {
        scheme.headers.iter().map(|header| (of_face(route.face, header), json!([]))).collect()
    });
    let is_known = matches!(route.access, Access::Merchant | Access::Operator);
    let needed = if is_known { needed.collect() } else { Vec::new() };
    let mut operation = json!({
        "operationId": format!("{method}_{}", name(route)),
        "tags": [route.face.as_str()],
        "summary": about.summary.en,
        "x-zh": about.summary.zh,
        "security": needed,
        "parameters": parameters,
        "responses": responses(route),
    });
    if in_body {
        let bodies = about.bodies.iter().map(|media| content(*media, route));
        operation["requestBody"] = json!({"required": true, "content": bodies.collect::<Value>()});
    }
    operation
}

fn parameter(field: &Field) -> Value {
    let place = match field.place {
        Place::Parameter | Place::Query => "query",
        Place::Path => "path",
        Place::Header => "header",
    };
    let required = field.required || field.place == Place::Path;
    let schema = schema(field);
    marked(field, json!({"name": field.name, "in": place, "required": required, "schema": schema}))
}

/// A request's body of that media type.
fn content(media: Media, route: &Route) -> (&'static str, Value) {
    let fields = reference("schemas", &format!("{}.request", name(route)));
    let schema = match media {
        Media::Form | Media::Multipart | Media::Json => fields,
        Media::JsonRows => json!({"type": "array", "items": fields}),
        Media::JsonLines | Media::Csv => json!({"type": "string", "x-line": fields}),
    };
    (media.as_str(), json!({"schema": schema}))
}

fn responses(route: &Route) -> Value {
    let mut by_status: BTreeMap<u16, Vec<&Documented>> = BTreeMap::new();
    for documented in route.about.answers() {
        by_status.entry(documented.status).or_default().push(documented);
    }
    let headers = route.face.describe().headers.iter();
    let header =
        |header: &Field| (header.name, reference("headers", &of_face(route.face, header.name)));
    let headers: Value = headers.map(header).collect();
    let of_status = by_status.into_iter().map(|(status, answers)| {
        let words: Vec<&str> = answers.iter().map(|answer| answer.when.en).collect();
        let codes = answers.iter().map(|answer| said(answer.when, json!({"code": answer.code})));
        let response = json!({
            "description": words.join("; "),
            "headers": headers,
            "content": contents(route, &answers),
            "x-codes": codes.collect::<Value>(),
        });
        (status.to_string(), response)
    });
    of_status.collect()
}

/// The bodies that answers of one status may have.
fn contents(route: &Route, answers: &[&Documented]) -> Value {
    let mut schemas: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for answer in answers {
        let (media_type, schema) = match answer.body {
            Body::Empty => continue,
            Body::Text(media_type) => (media_type, json!({})),
            Body::Json(fields) => {
                let at = route.about.gives().position(|given| std::ptr::eq(given, fields));
                let name = answer_name(route, at.unwrap_or_default());
                ("application/json", reference("schemas", &name))
            }
        };
        let known = schemas.entry(media_type).or_default();
        if !known.contains(&schema) {
            known.push(schema);
        }
    }
    let one = |mut of: Vec<Value>| match of.len() {
        1 => json!({"schema": of.remove(0)}),
        _ => json!({"schema": {"anyOf": of}}),
    };
    schemas.into_iter().map(|(media_type, schemas)| (media_type, one(schemas))).collect()
}

fn object<'f>(fields: impl IntoIterator<Item = &'f Field>) -> Value {
    let fields: Vec<&Field> = fields.into_iter().collect();
    let required = fields.iter().filter(|field| field.required).map(|field| field.name);
    let properties = fields.iter().map(|field| (field.name, marked(field, schema(field))));
    json!({
        "type": "object",
        "properties": properties.collect::<Value>(),
        "required": required.collect::<Value>(),
    })
}

/// Type and limits of a value.
fn schema(field: &Field) -> Value {
    let (kind, [fewest, most]) = match field.kind {
        Kind::Text => ("string", ["minLength", "maxLength"]),
        Kind::Integer => ("integer", ["minimum", "maximum"]),
        Kind::Number => ("number", ["minimum", "maximum"]),
        Kind::Boolean => ("boolean", ["minimum", "maximum"]),
        Kind::Texts | Kind::Objects(_) => ("array", ["minItems", "maxItems"]),
        Kind::Object(_) | Kind::Map => ("object", ["minProperties", "maxProperties"]),
    };
    let mut schema = match field.kind {
        Kind::Object(fields) => object(fields),
        Kind::Objects(fields) => json!({"items": object(fields)}),
        Kind::Texts => json!({"items": {"type": "string"}}),
        _ => json!({}),
    };
    schema["type"] = if field.nullable { json!([kind, "null"]) } else { json!(kind) };
    if let Some((least, greatest)) = field.limits {
        schema[fewest] = json!(least);
        schema[most] = json!(greatest);
    }
    if let Some(pattern) = field.pattern {
        schema["pattern"] = json!(pattern);
    }
    // A text stands for itself, anything else is written as JSON.
    let value = |text: &str| match field.kind {
        Kind::Text => json!(text),
        _ => serde_json::from_str(text).expect("a description's values are JSON"),
    };
    if !field.one_of.is_empty() {
        schema["enum"] = field.one_of.iter().copied().map(value).collect();
    }
    if let Some(example) = field.example {
        schema["examples"] = json!([value(example)]);
    }
    schema
}

/// With what is said of the field beyond its type.
fn marked(field: &Field, value: Value) -> Value {
    let mut value = said(field.about, value);
    value["x-class"] = json!(field.class.as_str());
    if let Some(also) = field.also {
        value["x-also"] = json!(also);
    }
    value
}

fn said(text: Text, mut value: Value) -> Value {
    value["description"] = json!(text.en);
    value["x-zh"] = json!(text.zh);
    value
}
