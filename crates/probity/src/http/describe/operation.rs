//! What the operator's tools ask, and these documents.

use super::{Body, Description, Documented, FaceDescription, answer, text};

pub(crate) const FACE: FaceDescription = FaceDescription {
    name: text("Operation", "运维"),
    authentication: text(
        "None. /metrics answers the networks of server.metrics_from only.",
        "无需凭证；/metrics 只对 server.metrics_from 中的网络开放。",
    ),
    schemes: &[],
    headers: &[],
};

const PLAIN: Body = Body::Text("text/plain");

/// What stands before every handler.
const LAYERS: &[Documented] = &[
    answer(400, "Invalid Request Body", "the body broke off", "请求体不完整"),
    answer(405, "Invalid HttpMethod", "another method than those listed", "请求方法错误"),
    answer(408, "Request Timeout", "the body came too slowly", "请求体接收超时"),
    answer(413, "Request Body Too Large", "the body is too large", "请求体过大"),
    answer(503, "503", "too busy to take the request, or not ready", "服务繁忙或未就绪")
        .body(PLAIN),
];

const fn look(summary: super::Text, answers: &'static [&'static [Documented]]) -> Description {
    Description { summary, takes: &[], bodies: &[], answers }
}

pub(crate) const HEALTHZ: Description =
    look(text("Whether the process is alive", "进程是否存活"), &[OK, LAYERS]);
pub(crate) const READYZ: Description =
    look(text("Whether calls can be served", "是否可以提供服务"), &[OK, LAYERS]);
pub(crate) const METRICS: Description =
    look(text("Metrics in Prometheus' text form", "Prometheus 指标"), &[OK, HIDDEN, LAYERS]);
pub(crate) const OPENAPI: Description = look(
    text("All routes as an OpenAPI 3.1 document", "全部接口的 OpenAPI 3.1 文档"),
    &[&[answer(200, "200", "the document", "文档").body(Body::Text("application/json"))], LAYERS],
);
pub(crate) const DOCS: Description = look(
    text("All routes as a page to read", "全部接口的说明页"),
    &[&[answer(200, "200", "the page", "页面").body(Body::Text("text/html"))], LAYERS],
);

const OK: &[Documented] = &[answer(200, "200", "yes", "正常").body(PLAIN)];
const HIDDEN: &[Documented] =
    &[answer(404, "API Not Found", "asked from another network", "来自其他网络")];
