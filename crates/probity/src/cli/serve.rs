//! `probity serve`: the server.

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use engine::{Engine, IssuedOperator, SandboxAccess};
use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::app::{App, Location, MissingKey};
use crate::config::Config;
use crate::http::{HttpServer, Serving};
use crate::telemetry;

/// How often the metrics fold what they collected; without it they grow for ever.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

#[derive(Args, Debug)]
#[command(after_help = "Examples:
  probity serve --sandbox                      try it: demo merchant, synthetic people
  probity serve --data /var/lib/probity        one machine, SQLite
  probity serve --database postgres://… --key root.key   a node among others")]
pub(crate) struct Serve {
    /// Where to listen [default: 127.0.0.1:8080]; port 0 takes a free one
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Make a demo merchant and synthetic people; writes DIR/sandbox.json
    #[arg(long)]
    sandbox: bool,
}

impl Serve {
    pub(crate) fn run(self, location: &Location) -> anyhow::Result<()> {
        let mut config = Config::read(location.config.as_deref())?;
        config.check()?;
        if let Some(listen) = self.listen {
            config.server.listen = listen;
        }
        telemetry::start_log(&config.log)?;
        // Two providers in one tree make rustls panic when it has to choose.
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        provider.install_default().ok().context("the TLS provider is set already")?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(serve(location, &config, self.sandbox))
    }
}

async fn serve(location: &Location, config: &Config, sandbox: bool) -> anyhow::Result<()> {
    let app = App::open(location, config, MissingKey::Create, sandbox).await?;
    let running = Running::start(&app, config).await?;
    if sandbox {
        let base_url = running.base_url();
        prepare_sandbox(&app.engine, &location.data(), &base_url).await?;
    }
    running.serving.open();
    tracing::info!(address = %running.serving.address, sandbox, "listening");
    running.until_told().await?;
    app.close();
    tracing::info!("stopped");
    Ok(())
}

/// A server with its background work.
pub(crate) struct Running {
    pub(crate) serving: Serving,
    engine: Engine,
    stop: watch::Sender<bool>,
    background: tokio::sync::oneshot::Receiver<()>,
    tls: bool,
}

impl Running {
    pub(crate) async fn start(app: &App, config: &Config) -> anyhow::Result<Self> {
        let engine = app.engine.clone();
        engine.check_clock().await?;
        engine.prepare_jobs().await?;
        engine.beat().await?;
        let metrics = telemetry::start_metrics()?;
        let upkeep = metrics.clone();
        let server = HttpServer { engine: engine.clone(), config: config.server.clone(), metrics };
        let serving = server.start()?;
        let (stop, stopped) = watch::channel(false);
        let (done, background) = tokio::sync::oneshot::channel();
        let (worker, watching) = (engine.clone(), stopped.clone());
        engine::tasks::spawn(async move {
            worker.run_background(watching).await;
            done.send(()).ok();
        });
        engine::tasks::spawn(async move {
            while !*stopped.borrow() {
                tokio::time::timeout(UPKEEP_EVERY, stopped.clone().changed()).await.ok();
                upkeep.run_upkeep();
            }
        });
        Ok(Self { serving, engine, stop, background, tls: config.server.tls.is_some() })
    }

    pub(crate) fn base_url(&self) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        format!("{scheme}://{}", self.serving.address)
    }

    /// Serves until SIGTERM or SIGINT, then stops.
    async fn until_told(mut self) -> anyhow::Result<()> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut hang_up = signal(SignalKind::hangup())?;
        loop {
            tokio::select! {
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                _ = hang_up.recv() => self.serving.reload_tls(),
                () = self.serving.ended() => anyhow::bail!("the server ended by itself"),
            }
        }
        self.stop().await;
        Ok(())
    }

    /// Lets running calls end, signs the last rows and leaves.
    pub(crate) async fn stop(self) {
        tracing::info!("stopping: running calls may end");
        self.serving.stop().await;
        self.stop.send_replace(true);
        drop(self.background.await);
        // Nothing acknowledged hangs on these; the next start signs what was left.
        if let Err(error) = self.engine.checkpoint().await {
            tracing::warn!(%error, "the last rows were not signed");
        }
        self.engine.store().fold_log_on_close();
        if let Err(error) = self.engine.leave().await {
            tracing::warn!(%error, "this node stays listed for a few seconds");
        }
    }
}

/// Makes the sandbox and writes what a developer needs to call it.
pub(crate) async fn prepare_sandbox(
    engine: &Engine,
    data: &Path,
    base_url: &str,
) -> anyhow::Result<Value> {
    let path = data.join("sandbox.json");
    let fresh = engine.prepare_sandbox().await?;
    let mut access = if let Some(access) = &fresh {
        describe(access)
    } else if let Ok(text) = fs::read_to_string(&path) {
        // The secrets were written when the sandbox was made; only the address may be new.
        serde_json::from_str(&text).context("DIR/sandbox.json")?
    } else {
        tracing::info!(
            "the sandbox was made by another node; its sandbox.json has the credentials"
        );
        return Ok(json!({ "base_url": base_url }));
    };
    access["base_url"] = json!(base_url);
    access["platform_public_key_pem"] = json!(engine.platform_public_pem());
    access["audit_public_key_pem"] = json!(engine.audit_public_pem().map(|(_, pem)| pem));
    fs::create_dir_all(data)?;
    write_whole(&path, &(serde_json::to_string_pretty(&access)? + "\n"))
        .with_context(|| format!("{} cannot be written", path.display()))?;
    if fresh.is_some() {
        engine.sandbox_prepared().await?;
    }
    Ok(access)
}

/// Puts a file that only its owner can read in place of what was there, whole or not at all.
fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    let new = path.with_extension("new");
    let mut options = fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(new, path)
}

fn describe(access: &SandboxAccess) -> Value {
    json!({
        "username": access.username,
        "password": access.password.expose(),
        "app_key": access.app_key,
        "app_secret": access.app_secret.expose(),
        "app_code": access.app_code.expose(),
        "score_app_ids": access.score_app_ids,
        "app_id": access.app_id,
        "merchant_private_key_pem": access.private_key_pem.expose(),
        "operators": access.operators.iter().map(describe_operator).collect::<Vec<_>>(),
    })
}

fn describe_operator(issued: &IssuedOperator) -> Value {
    let roles: Vec<&str> = issued.operator.roles.iter().map(|role| role.as_str()).collect();
    json!({
        "name": issued.operator.name,
        "roles": roles,
        // Not `password`: that is the merchant's, and is looked for by its name.
        "sign_in_password": issued.password.expose(),
        "totp_secret": issued.totp.base32().expose(),
    })
}
