//! From an answer to an HTTP response, and what the HTTP layer itself refuses.

use std::borrow::Cow;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, Response, StatusCode};
use domain::call::Answer;
use domain::failure::Failure;
use domain::ids::BizId;
use wire::v1::Refusal;

use super::incoming::BodyFault;
use super::routes::Face;

/// The header that names this request (not the call) in every answer of face 1.
const REQUEST_ID: &str = "x-ca-request-id";

/// What an answer is called in metrics and in the documented (route, code) pairs: the business
/// code, else the gateway's message without what it shows of the request, else the status.
pub(crate) fn code(answer: &Answer) -> Cow<'_, str> {
    let header = |wanted| answer.headers.iter().find(|(name, _)| name == wanted);
    match header("x-biz-code").or_else(|| header("x-ca-error-message")) {
        Some((_, text)) => Cow::Borrowed(text.split(", Server ").next().unwrap_or(text)),
        None => Cow::Owned(answer.status.to_string()),
    }
}

pub(crate) fn respond(face: Face, answer: Answer, request_id: BizId) -> Response<Body> {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in &answer.headers {
        let parts = (HeaderName::try_from(name.as_str()), HeaderValue::try_from(value.as_str()));
        if let (Ok(name), Ok(value)) = parts {
            headers.insert(name, value);
        }
    }
    if face == Face::Finplus {
        let id = request_id.to_string().to_uppercase();
        if let Ok(id) = HeaderValue::try_from(id) {
            headers.insert(HeaderName::from_static(REQUEST_ID), id);
        }
    }
    headers.insert("cache-control", HeaderValue::from_static("no-store"));
    response
}

/// A refusal before the handler: too much to do.
pub(crate) fn overloaded(face: Face, biz: BizId) -> Answer {
    match face {
        Face::Finplus => wire::finplus::refuse(&Failure::Overloaded, None, biz),
        Face::Qiancheng => wire::qiancheng::refuse(&Failure::Overloaded.into()),
        Face::Rong360 => wire::rong360::refuse(&Failure::Overloaded.into(), None, biz),
        Face::V1 => wire::v1::refuse(&Failure::Overloaded.into()),
        Face::Operation => plain(503, "busy\n"),
    }
}

/// A refusal before the handler: a body that was not taken.
pub(crate) fn bad_body(face: Face, fault: BodyFault, request_id: BizId) -> Answer {
    let (status, message) = match fault {
        BodyFault::TooLarge => (413, "Request Body Too Large"),
        BodyFault::TooSlow => (408, "Request Timeout"),
        BodyFault::Broken => (400, "Invalid Request Body"),
        BodyFault::NoRoom => return overloaded(face, request_id),
    };
    let mut answer = refused((face, request_id), status, message);
    answer.headers.push(("connection".to_owned(), "close".to_owned()));
    answer
}

/// A path that no route has.
pub(crate) fn no_route(face: Face, request_id: BizId) -> Answer {
    refused((face, request_id), 404, "API Not Found")
}

pub(crate) fn bad_method(face: Face, allowed: &[Method], request_id: BizId) -> Answer {
    let allowed: Vec<&str> = allowed.iter().map(Method::as_str).collect();
    let mut answer = refused((face, request_id), 405, "Invalid HttpMethod");
    answer.headers.push(("allow".to_owned(), allowed.join(", ")));
    answer
}

/// A status and a message: without a business body as the gateway has it, or in the face's own way.
fn refused((face, request_id): (Face, BizId), status: u16, message: &str) -> Answer {
    match face {
        Face::Qiancheng => wire::qiancheng::unreached(status),
        Face::Rong360 => wire::rong360::unreached(status, request_id),
        Face::V1 => wire::v1::refuse(&Refusal::Http { status, message: message.to_owned() }),
        Face::Finplus | Face::Operation => {
            let headers = vec![("x-ca-error-message".to_owned(), message.to_owned())];
            Answer { status, headers, body: Vec::new() }
        }
    }
}

pub(crate) fn plain(status: u16, text: &str) -> Answer {
    let content_type = ("content-type".to_owned(), "text/plain; charset=utf-8".to_owned());
    Answer { status, headers: vec![content_type], body: text.as_bytes().to_vec() }
}
