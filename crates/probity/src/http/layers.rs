//! The layers around every handler: method, networks, body, admission, count.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::ConnectInfo;
use axum::http::header::CONTENT_ENCODING;
use axum::http::request::Parts;
use axum::http::{Request, Response};
use axum::routing::any;
use domain::call::Answer;
use domain::ids::BizId;
use domain::merchant::Product;
use domain::time::Clock;

use super::incoming::{BodyFault, Incoming, Room, Taken, read_body};
use super::routes::{Access, Face, ROUTES, Route};
use super::server::Shared;
use super::{peer, reply};
use crate::seams::SystemClock;

/// What metrics call a path that no route has: one name, whatever strangers try.
const NO_ROUTE: &str = "none";

pub(super) fn router(shared: &Arc<Shared>) -> Router {
    let router = ROUTES.iter().fold(Router::new(), |router, route| {
        let shared = Arc::clone(shared);
        let handler = move |ConnectInfo(peer): ConnectInfo<SocketAddr>, request: Request<Body>| {
            serve(Arc::clone(&shared), route, peer, request)
        };
        router.route(route.path, any(handler))
    });
    let shared = Arc::clone(shared);
    router.fallback(move |request: Request<Body>| async move {
        let request_id = shared.engine.new_biz();
        let face = Face::of_path(request.uri().path());
        let answer = reply::no_route(face, request_id);
        count((NO_ROUTE, face, None), &answer, request_id, 0.0);
        reply::respond(face, answer, request_id)
    })
}

async fn serve(
    shared: Arc<Shared>,
    route: &'static Route,
    peer: SocketAddr,
    request: Request<Body>,
) -> Response<Body> {
    let started = SystemClock.now();
    let request_id = shared.engine.new_biz();
    let answer = if route.methods.contains(request.method()) {
        take(&shared, route, peer, request, request_id).await
    } else {
        reply::bad_method(route.face, route.methods, request_id)
    };
    let seconds = (SystemClock.now() - started).0 as f64 / 1e6;
    count((route.path, route.face, route.product), &answer, request_id, seconds);
    reply::respond(route.face, answer, request_id)
}

/// Takes a request within the limits and hands it to its handler. The body is read before a place
/// among the calls is taken, so that slow senders cannot hold the places of those who are served.
async fn take(
    shared: &Arc<Shared>,
    route: &'static Route,
    peer: SocketAddr,
    request: Request<Body>,
    request_id: BizId,
) -> Answer {
    let (parts, body) = request.into_parts();
    let client = client_of(shared, &parts, peer);
    if route.access == Access::Networks && !may_look(shared, client) {
        return reply::no_route(route.face, request_id);
    }
    let is_packed = parts.headers.contains_key(CONTENT_ENCODING);
    let Ok(body) = read(shared, route, (body, is_packed)).await else {
        return reply::overloaded(route.face, request_id);
    };
    let (body, _room) = match body {
        Ok(body) => body.apart(),
        Err(fault) => return reply::bad_body(route.face, fault, request_id),
    };
    let place = route.sheds.then(|| shared.in_flight.try_acquire());
    if matches!(place, Some(Err(_))) {
        return reply::overloaded(route.face, request_id);
    }
    (route.handle)(Arc::clone(shared), Incoming::new(&parts, body, client)).await
}

/// Whether the client is of the networks that may see how the server does.
fn may_look(shared: &Shared, client: IpAddr) -> bool {
    shared.config.metrics_from.iter().any(|net| net.contains(&client))
}

/// Who calls, as far as trusted proxies say.
fn client_of(shared: &Shared, parts: &Parts, peer: SocketAddr) -> IpAddr {
    // A proxy may add a line of its own to those the client sent: together they are one list.
    let lines = parts.headers.get_all("x-forwarded-for").iter();
    let forwarded: Vec<&str> = lines.filter_map(|line| line.to_str().ok()).collect();
    let forwarded = forwarded.join(",");
    peer::client(peer.ip(), Some(&forwarded), &shared.config.trusted_proxies)
}

/// Too many bodies are being read; nothing of this one was.
struct Busy;

/// The body, and the room that one of a route for large bodies holds until it is answered.
async fn read<'s>(
    shared: &'s Shared,
    route: &Route,
    (body, is_packed): (Body, bool),
) -> Result<Result<Taken<'s>, BodyFault>, Busy> {
    let config = &shared.config;
    let _place = if body.is_end_stream() {
        None
    } else {
        Some(shared.reading.try_acquire().map_err(|_| Busy)?)
    };
    let is_large = route.body_bytes > config.body_bytes_max;
    let room = Room {
        bytes_max: config.body_bytes_max.max(route.body_bytes),
        timeout: config.body_timeout,
        shared_kib: is_large.then_some(&shared.large_kib),
    };
    Ok(read_body(body, is_packed, room).await)
}

fn count(
    (route, face, product): (&'static str, Face, Option<Product>),
    answer: &Answer,
    request_id: BizId,
    seconds: f64,
) {
    let (code, status) = (reply::code(answer), answer.status);
    metrics::counter!(
        "probity_requests_total",
        "face" => face.as_str(),
        "route" => route,
        "product" => product.map_or("none", Product::as_str),
        "status" => status.to_string(),
        "code" => code.clone().into_owned(),
    )
    .increment(1);
    metrics::histogram!("probity_request_seconds", "route" => route).record(seconds);
    tracing::debug!(
        target: "access",
        request_id = %request_id,
        route,
        status,
        code = &*code,
        seconds,
        "answered"
    );
}
