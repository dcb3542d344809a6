//! `probity config`: what is wrong before a start does, and what is in force.

use std::path::Path;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};

use super::output;
use crate::app::{Location, MissingKey};
use crate::config::{Config as Values, LogFormat};
use crate::telemetry;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  probity config check --config /etc/probity.toml\n  \
    probity config show --json")]
pub(crate) struct Config {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Say what is wrong with the configuration and the files it names; exit code 1 if anything is
    Check,
    /// Show the values in force, defaults included
    Show {
        #[arg(long)]
        json: bool,
    },
}

impl Config {
    pub(crate) fn run(self, location: &Location) -> anyhow::Result<()> {
        let config = Values::read(location.config.as_deref())?;
        match self.action {
            Action::Check => {
                check(location, &config)?;
                let what = location.config.as_ref().map_or_else(
                    || "The defaults (no --config FILE was given)".to_owned(),
                    |path| format!("The configuration {}", path.display()),
                );
                output::line(format_args!("{what}: ok"))
            }
            Action::Show { json } => show(&values(location, &config), json),
        }
    }
}

fn check(location: &Location, config: &Values) -> anyhow::Result<()> {
    config.check()?;
    telemetry::start_log(&config.log)?;
    if let Some(tls) = &config.server.tls {
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_file_iter(&tls.certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let certificates = certificates
            .with_context(|| format!("server.tls.certificate: {}", tls.certificate.display()))?;
        if certificates.is_empty() {
            bail!("server.tls.certificate: {} has no certificate", tls.certificate.display());
        }
        PrivateKeyDer::from_pem_file(&tls.key)
            .with_context(|| format!("server.tls.key: {}", tls.key.display()))?;
    }
    if let Some(file) = &config.database.ca_file {
        readable("database.ca_file", file)?;
    }
    if let Some(url) = &location.database
        && !["postgres://", "postgresql://"].into_iter().any(|scheme| url.starts_with(scheme))
    {
        bail!("--database must begin with postgres:// or postgresql://");
    }
    if location.database(config).is_sqlite() {
        let data = location.data();
        if data.exists() && !data.is_dir() {
            bail!("--data {} is not a directory", data.display());
        }
    }
    // Without a key file a first start makes one; one that is there must be a key.
    if location.key.is_some() || location.key_file().exists() {
        location.root_key(MissingKey::Refuse)?;
    }
    Ok(())
}

fn readable(key: &str, file: &Path) -> anyhow::Result<()> {
    std::fs::File::open(file).with_context(|| format!("{key}: {}", file.display()))?;
    Ok(())
}

fn values(location: &Location, config: &Values) -> Value {
    let Values { server, database, log, outbound } = config;
    let ms = |span: domain::time::Span| format!("{}ms", span.0 / 1_000);
    let list =
        |nets: &[ipnet::IpNet]| -> Vec<String> { nets.iter().map(ToString::to_string).collect() };
    let url = location.database.as_ref().or(database.url.as_ref());
    let tls = server.tls.as_ref();
    json!({
        "server.listen": server.listen.to_string(),
        "server.tls.certificate": tls.map(|tls| &tls.certificate),
        "server.tls.key": tls.map(|tls| &tls.key),
        "server.trusted_proxies": list(&server.trusted_proxies),
        "server.metrics_from": list(&server.metrics_from),
        "server.in_flight_max": server.in_flight_max,
        "server.header_bytes_max": server.header_bytes_max,
        "server.body_bytes_max": server.body_bytes_max,
        "server.large_bytes_max": server.large_bytes_max,
        "server.header_timeout": ms(server.header_timeout),
        "server.body_timeout": ms(server.body_timeout),
        "server.shutdown_timeout": ms(server.shutdown_timeout),
        "database.url": url.map(|url| without_password(url)),
        "database.file": url.is_none().then(|| location.sqlite_file()),
        "database.ca_file": database.ca_file,
        "database.writers": database.writers,
        "database.pool": database.pool,
        "outbound.allow": list(&outbound.allow),
        "outbound.ca_file": outbound.ca_file,
        "outbound.connect_timeout": ms(outbound.connect_timeout),
        "log.level": log.level,
        "log.format": match log.format { LogFormat::Json => "json", LogFormat::Text => "text" },
        "key.file": location.key_file(),
    })
}

/// A URL that may be shown: its password is replaced.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return "…".to_owned() };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    let shown = match authority.rsplit_once('@') {
        Some((user, hosts)) => {
            let user = user.split(':').next().unwrap_or_default();
            format!("{user}:…@{hosts}")
        }
        None => authority.to_owned(),
    };
    format!("{scheme}://{shown}{path}")
}

fn show(values: &Value, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return output::json(values);
    }
    for (key, value) in values.as_object().into_iter().flatten() {
        if !value.is_null() {
            output::line(format_args!("{key} = {value}"))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_not_shown() {
        for (url, shown) in [
            ("postgres://u:secret@a,b:1/p?password=secret", "postgres://u:…@a,b:1/p"),
            ("postgres://u:s@cret@a", "postgres://u:…@a"),
            ("postgres://a/p", "postgres://a/p"),
            ("secret", "…"),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }
}
