//! The server: connections, the layers around every handler, and a graceful end.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response};
use axum::routing::on;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use domain::ids::BizId;
use domain::time::Clock;
use engine::Engine;
use hyper_util::rt::TokioTimer;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::Semaphore;

use super::incoming::{Incoming, read_body};
use super::peer;
use super::reply;
use super::routes::{Access, ROUTES, Route};
use crate::config;
use crate::seams::SystemClock;

/// What handlers share.
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    pub(crate) config: config::Server,
    pub(crate) metrics: PrometheusHandle,
    in_flight: Semaphore,
    /// From the end of the preparations to the signal to stop.
    open: AtomicBool,
}

impl Shared {
    pub(crate) fn is_open(&self) -> bool {
        self.open.load(Ordering::Relaxed)
    }

    /// Sets the gauges that are read, not counted.
    pub(crate) fn measure(&self) {
        let stats = self.engine.store().stats();
        metrics::gauge!("probity_calls_in_flight")
            .set((self.config.in_flight_max - self.in_flight.available_permits()) as f64);
        metrics::gauge!("probity_settle_queue").set(stats.queued.load(Ordering::Relaxed) as f64);
        metrics::counter!("probity_settled_calls_total")
            .absolute(stats.calls.load(Ordering::Relaxed));
        metrics::counter!("probity_settle_commits_total")
            .absolute(stats.groups.load(Ordering::Relaxed));
    }
}

/// A server that is ready to be started.
pub(crate) struct HttpServer {
    pub(crate) engine: Engine,
    pub(crate) config: config::Server,
    pub(crate) metrics: PrometheusHandle,
}

/// A server that serves.
pub(crate) struct Serving {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    handle: Handle<SocketAddr>,
    tls: Option<(RustlsConfig, config::Tls)>,
    ended: tokio::sync::oneshot::Receiver<()>,
}

impl HttpServer {
    /// Binds the port and serves beside the caller.
    pub(crate) async fn start(self) -> anyhow::Result<Serving> {
        let Self { engine, config, metrics } = self;
        let listener = TcpListener::bind(config.listen)
            .with_context(|| format!("server.listen: {} cannot be bound", config.listen))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            engine,
            in_flight: Semaphore::new(config.in_flight_max),
            open: AtomicBool::new(false),
            metrics,
            config,
        });
        let tls = match shared.config.tls.clone() {
            None => None,
            Some(files) => {
                let loaded = RustlsConfig::from_pem_file(&files.certificate, &files.key).await;
                Some((loaded.context("server.tls: certificate and key cannot be used")?, files))
            }
        };
        let handle = Handle::new();
        let (done, ended) = tokio::sync::oneshot::channel();
        let service = router(&shared).into_make_service_with_connect_info::<SocketAddr>();
        let (ended_handle, rustls) = (handle.clone(), tls.as_ref().map(|(tls, _)| tls.clone()));
        let limits = shared.config.clone();
        engine::tasks::spawn(async move {
            let served = match rustls {
                None => {
                    let server = axum_server::from_tcp(listener);
                    match server {
                        Ok(server) => {
                            let mut server = server.handle(ended_handle);
                            limit(server.http_builder(), &limits);
                            server.serve(service).await
                        }
                        Err(error) => Err(error),
                    }
                }
                Some(rustls) => match axum_server::from_tcp_rustls(listener, rustls) {
                    Ok(server) => {
                        let mut server = server.handle(ended_handle);
                        limit(server.http_builder(), &limits);
                        server.serve(service).await
                    }
                    Err(error) => Err(error),
                },
            };
            if let Err(error) = served {
                tracing::error!(%error, "the server ended");
            }
            done.send(()).ok();
        });
        Ok(Serving { address, shared, handle, tls, ended })
    }
}

type Builder = hyper_util::server::conn::auto::Builder<hyper_util::rt::TokioExecutor>;

/// Deadlines and sizes for what comes before a handler sees anything.
fn limit(builder: &mut Builder, config: &config::Server) {
    let header_timeout = Duration::from_micros(config.header_timeout.0 as u64);
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(header_timeout)
        .max_buf_size(config.header_bytes_max.max(8 * 1024));
}

impl Serving {
    /// All is prepared: `/readyz` may say so.
    pub(crate) fn open(&self) {
        self.shared.open.store(true, Ordering::Relaxed);
    }

    /// Reads certificate and key again.
    pub(crate) async fn reload_tls(&self) {
        let Some((tls, files)) = &self.tls else { return };
        match tls.reload_from_pem_file(&files.certificate, &files.key).await {
            Ok(()) => tracing::info!("certificate and key were read again"),
            Err(error) => tracing::error!(%error, "certificate and key stay as they were"),
        }
    }

    /// Takes no new connections, lets running calls end, and waits for it.
    pub(crate) async fn stop(self) {
        self.shared.open.store(false, Ordering::Relaxed);
        let timeout = Duration::from_micros(self.shared.config.shutdown_timeout.0 as u64);
        self.handle.graceful_shutdown(Some(timeout));
        drop(self.ended.await);
    }

    /// Ends when the server does by itself.
    pub(crate) async fn ended(&mut self) {
        drop((&mut self.ended).await);
    }
}

fn router(shared: &Arc<Shared>) -> Router {
    ROUTES.iter().fold(Router::new(), |router, route| {
        let shared = Arc::clone(shared);
        let handler = move |ConnectInfo(peer): ConnectInfo<SocketAddr>, request: Request<Body>| {
            serve(Arc::clone(&shared), route, peer, request)
        };
        router.route(route.path, on(route.methods, handler))
    })
}

/// The layers around a handler: shed, read within limits, handle, count.
async fn serve(
    shared: Arc<Shared>,
    route: &'static Route,
    peer: SocketAddr,
    request: Request<Body>,
) -> Response<Body> {
    let started = SystemClock.now();
    let request_id = shared.engine.new_biz();
    let permit = if route.sheds { Some(shared.in_flight.try_acquire()) } else { None };
    let answer = match permit {
        Some(Err(_)) => reply::overloaded(route.face, request_id),
        _ => handle(&shared, route, peer, request).await,
    };
    let seconds = (SystemClock.now() - started).0 as f64 / 1e6;
    count(route, &answer, request_id, seconds);
    reply::respond(route.face, answer, request_id)
}

async fn handle(
    shared: &Arc<Shared>,
    route: &'static Route,
    peer: SocketAddr,
    request: Request<Body>,
) -> domain::call::Answer {
    let (parts, body) = request.into_parts();
    let forwarded = parts.headers.get("x-forwarded-for").and_then(|value| value.to_str().ok());
    let client = peer::client(peer.ip(), forwarded, &shared.config.trusted_proxies);
    let networks = &shared.config.metrics_from;
    if route.access == Access::Networks && !networks.iter().any(|net| net.contains(&client)) {
        return reply::plain(404, "not found\n");
    }
    match read_body(body, shared.config.body_bytes_max, shared.config.body_timeout).await {
        Ok(body) => {
            let incoming = Incoming::new(&parts, body);
            (route.handle)(Arc::clone(shared), incoming).await
        }
        Err(fault) => reply::bad_body(fault),
    }
}

fn count(route: &Route, answer: &domain::call::Answer, request_id: BizId, seconds: f64) {
    let (code, status) = (reply::code(answer), answer.status);
    metrics::counter!(
        "probity_requests_total",
        "face" => route.face.as_str(),
        "route" => route.path,
        "status" => status.to_string(),
        "code" => code.to_owned(),
    )
    .increment(1);
    metrics::histogram!("probity_request_seconds", "route" => route.path).record(seconds);
    tracing::debug!(
        target: "access",
        request_id = %request_id,
        route = route.path,
        product = route.product.map(domain::merchant::Product::as_str),
        status,
        code,
        seconds,
        "answered"
    );
}
