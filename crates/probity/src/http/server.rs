//! The server: a port, what is shared by the handlers, and a graceful end.

use std::net::{SocketAddr, TcpListener};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::extract::connect_info::IntoMakeServiceWithConnectInfo;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use engine::Engine;
use hyper_util::rt::TokioTimer;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::Semaphore;

use super::layers::router;
use super::tls;
use crate::config;

/// At 12 MiB each, of files that persons hand in.
const LARGE_BODIES_MAX: usize = 16;

/// Bodies that may be read at once, for each call that may be worked on.
const READING_SHARE: usize = 4;

/// What handlers share.
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    pub(crate) config: config::Server,
    pub(crate) metrics: PrometheusHandle,
    /// Calls that may be worked on at once.
    pub(super) in_flight: Semaphore,
    /// Bodies that may be read at once; who sends slowly holds one of these and no call's place.
    pub(super) reading: Semaphore,
    /// Bodies beyond `server.body_bytes_max` that may be in memory at once, where a route takes
    /// such; each also holds one of the places to read.
    pub(super) large: Semaphore,
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
    tls: Option<RustlsConfig>,
    ended: tokio::sync::oneshot::Receiver<()>,
}

impl HttpServer {
    /// Binds the port and serves beside the caller.
    pub(crate) fn start(self) -> anyhow::Result<Serving> {
        let Self { engine, config, metrics } = self;
        let listener = TcpListener::bind(config.listen)
            .with_context(|| format!("server.listen: {} cannot be bound", config.listen))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            engine,
            in_flight: Semaphore::new(config.in_flight_max),
            reading: Semaphore::new(config.in_flight_max.saturating_mul(READING_SHARE)),
            large: Semaphore::new(LARGE_BODIES_MAX),
            open: AtomicBool::new(false),
            metrics,
            config,
        });
        let tls =
            shared.config.tls.as_ref().map(tls::load).transpose()?.map(RustlsConfig::from_config);
        let handle = Handle::new();
        let (done, ended) = tokio::sync::oneshot::channel();
        let service = router(&shared).into_make_service_with_connect_info::<SocketAddr>();
        let serving = serve(listener, service, tls.clone(), handle.clone(), &shared.config)?;
        engine::tasks::spawn(async move {
            if let Err(error) = serving.await {
                tracing::error!(%error, "the server ended");
            }
            done.send(()).ok();
        });
        Ok(Serving { address, shared, handle, tls, ended })
    }
}

type Service = IntoMakeServiceWithConnectInfo<Router, SocketAddr>;
type Ending = Pin<Box<dyn Future<Output = std::io::Result<()>> + Send>>;

/// Puts the service on the port, with or without TLS; the future ends when the server does.
fn serve(
    listener: TcpListener,
    service: Service,
    tls: Option<RustlsConfig>,
    handle: Handle<SocketAddr>,
    config: &config::Server,
) -> std::io::Result<Ending> {
    Ok(match tls {
        None => {
            let mut server = axum_server::from_tcp(listener)?.handle(handle).http1_only();
            limit(server.http_builder(), config);
            Box::pin(server.serve(service))
        }
        Some(tls) => {
            let server = axum_server::from_tcp_rustls(listener, tls)?;
            let mut server = server.handle(handle).http1_only();
            limit(server.http_builder(), config);
            Box::pin(server.serve(service))
        }
    })
}

type Builder = hyper_util::server::conn::auto::Builder<hyper_util::rt::TokioExecutor>;

/// Deadlines and sizes for what comes before a handler sees anything. HTTP/1 only: the clients of
/// these protocols speak nothing else, and waiting to tell the versions apart has no deadline.
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
    pub(crate) fn reload_tls(&self) {
        let (Some(tls), Some(files)) = (&self.tls, &self.shared.config.tls) else { return };
        match tls::load(files) {
            Ok(config) => {
                tls.reload_from_config(config);
                tracing::info!("certificate and key were read again");
            }
            Err(error) => {
                tracing::error!(
                    error = format!("{error:#}"),
                    "certificate and key stay as they were"
                );
            }
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
