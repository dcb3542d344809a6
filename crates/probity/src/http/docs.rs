//! `GET /openapi.json` and `GET /docs`: what the table of routes says of itself. The page is whole
//! by itself: it loads nothing, and its policy would stop it if it tried.

use std::fmt::Write as _;
use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use axum::http::Method;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use domain::call::Answer;

use super::describe::{Field, Kind, Place, Text, openapi};
use super::routes::{Face, ROUTES, Route};

const STYLE: &str = include_str!("../../assets/docs.css");

static DOCUMENT: LazyLock<String> = LazyLock::new(openapi::text);
static PAGE: LazyLock<String> = LazyLock::new(write_page);
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let style = BASE64_STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    )
});

pub(crate) fn document() -> Answer {
    whole("application/json", &DOCUMENT, &[])
}

pub(crate) fn page() -> Answer {
    whole("text/html; charset=utf-8", &PAGE, &[("content-security-policy", &POLICY)])
}

fn whole(media_type: &str, text: &str, headers: &[(&str, &str)]) -> Answer {
    let own = [("content-type", media_type), ("x-content-type-options", "nosniff")];
    let headers = own.iter().chain(headers);
    let headers = headers.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Answer { status: 200, headers: headers.collect(), body: text.as_bytes().to_vec() }
}

fn write_page() -> String {
    let index: String = Face::ALL.map(index).concat();
    let faces: String = Face::ALL.map(face).concat();
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>Probity 诚信网关</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <header><h1>Probity 诚信网关 {version}</h1>\n\
         <p>The same for programs: <a href=\"/openapi.json\">OpenAPI 3.1</a></p></header>\n\
         <nav>{index}</nav>\n<main>{faces}</main>\n</body>\n</html>\n"
    )
}

fn routes(face: Face) -> impl Iterator<Item = &'static Route> {
    ROUTES.iter().filter(move |route| route.face == face)
}

fn index(face: Face) -> String {
    let line = |route: &Route| {
        let (path, summary) = (route.path, both(route.about.summary));
        format!(
            "<li><a href=\"#{}\"><code>{path}</code></a> {summary}</li>\n",
            openapi::name(route)
        )
    };
    let lines: String = routes(face).map(line).collect();
    format!("<h2>{}</h2>\n<ul>\n{lines}</ul>\n", both(face.describe().name))
}

fn face(face: Face) -> String {
    let about = face.describe();
    let schemes = about.schemes.iter().map(|scheme| {
        format!("<li><code>{}</code>: {}</li>\n", scheme.headers.join(", "), both(scheme.about))
    });
    format!(
        "<section>\n<h2>{}</h2>\n<p>{}</p>\n<ul>\n{}</ul>\n{}{}</section>\n",
        both(about.name),
        both(about.authentication),
        schemes.collect::<String>(),
        fields("Headers of the answers 返回头", about.headers),
        routes(face).map(route).collect::<String>(),
    )
}

fn route(route: &'static Route) -> String {
    let about = route.about;
    let methods: Vec<&str> = route.methods.iter().map(Method::as_str).collect();
    let answers = about.answers().map(|answer| {
        let (status, code, when) = (answer.status, escape(answer.code), both(answer.when));
        format!("<tr><td>{status}</td><td><code>{code}</code></td><td>{when}</td></tr>\n")
    });
    let bodies: Vec<&str> = about.bodies.iter().map(|media| media.as_str()).collect();
    let bodies = match bodies[..] {
        [] => String::new(),
        _ => format!("<p>Body 请求体: <code>{}</code></p>\n", bodies.join(", ")),
    };
    format!(
        "<article id=\"{}\">\n<h3><code>{} {}</code></h3>\n<p>{}</p>\n{bodies}{}\
         <table>\n<caption>Answers 返回</caption>\n{ANSWERS_HEAD}{}</table>\n{}</article>\n",
        openapi::name(route),
        methods.join(" "),
        route.path,
        both(about.summary),
        fields("Parameters 参数", about.takes),
        answers.collect::<String>(),
        about.gives().map(|given| fields("Body 返回体", given)).collect::<String>(),
    )
}

const ANSWERS_HEAD: &str = "<tr><th>HTTP</th><th>code 返回码</th><th>when 说明</th></tr>\n";
const FIELDS_HEAD: &str =
    "<tr><th>name 名称</th><th>type 类型</th><th>class 分级</th><th>what 说明</th></tr>\n";

fn fields(caption: &str, fields: &[Field]) -> String {
    if fields.is_empty() {
        return String::new();
    }
    let mut rows = String::new();
    write_rows(&mut rows, "", fields);
    format!("<table>\n<caption>{caption}</caption>\n{FIELDS_HEAD}{rows}</table>\n")
}

/// A row for each field, those inside others behind them under their path.
fn write_rows(rows: &mut String, outer: &str, fields: &[Field]) {
    for field in fields {
        let path = format!("{outer}{}", field.name);
        let also = field.also.map(|name| format!(", <code>{name}</code>")).unwrap_or_default();
        let _ = writeln!(
            rows,
            "<tr><td><code>{path}</code>{also}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            kind(field),
            field.class.as_str(),
            both(field.about),
        );
        match field.kind {
            Kind::Object(inner) => write_rows(rows, &format!("{path}."), inner),
            Kind::Objects(inner) => write_rows(rows, &format!("{path}[]."), inner),
            _ => {}
        }
    }
}

/// Type, place and limits of a field in words.
fn kind(field: &Field) -> String {
    let kind = match field.kind {
        Kind::Text => "text 文本",
        Kind::Integer => "whole number 整数",
        Kind::Number => "number 数字",
        Kind::Boolean => "true or false 布尔",
        Kind::Texts => "list of texts 文本列表",
        Kind::Object(_) | Kind::Map => "object 对象",
        Kind::Objects(_) => "list of objects 对象列表",
    };
    let place = match field.place {
        Place::Parameter => "",
        Place::Query => ", in the query 查询串",
        Place::Path => ", in the path 路径",
        Place::Header => ", a header 请求头",
    };
    let optional = if field.required { "" } else { ", optional 可选" };
    let mut text = format!("{kind}{place}{optional}");
    if let Some((least, greatest)) = field.limits {
        let _ = write!(text, ", {least} to {greatest}");
    }
    let codes = [("like", field.pattern), ("e.g.", field.example)];
    for (word, code) in codes.into_iter().filter_map(|(word, code)| Some((word, code?))) {
        let _ = write!(text, ", {word} <code>{}</code>", escape(code));
    }
    if !field.one_of.is_empty() {
        let _ = write!(text, ", one of <code>{}</code>", escape(&field.one_of.join(" ")));
    }
    text
}

fn both(text: Text) -> String {
    if text.en == text.zh {
        return escape(text.en);
    }
    format!("{} <span lang=\"zh-CN\">{}</span>", escape(text.en), escape(text.zh))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
