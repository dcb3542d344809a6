//! The configuration: defaults, then the file, then the command line. Strict: a key that is not
//! known is an error that names it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use domain::time::Span;
use engine::OutboundSettings;
use ipnet::IpNet;
use serde::Deserialize;

/// The whole file. `config/example.toml` shows every key with its default.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    pub(crate) server: Server,
    pub(crate) database: Database,
    pub(crate) outbound: Outbound,
    pub(crate) log: Log,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Server {
    pub(crate) listen: SocketAddr,
    pub(crate) tls: Option<Tls>,
    /// Peers whose `X-Forwarded-For` is believed.
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// Who may read `/metrics`.
    pub(crate) metrics_from: Vec<IpNet>,
    /// Calls served at once; beyond it calls are refused with 503.
    pub(crate) in_flight_max: usize,
    pub(crate) header_bytes_max: usize,
    pub(crate) body_bytes_max: usize,
    /// What the bodies of applications may take together, unpacked; a single one takes up to
    /// 64 MiB, and a few times that while it is read.
    pub(crate) large_bytes_max: usize,
    #[serde(deserialize_with = "span")]
    pub(crate) header_timeout: Span,
    #[serde(deserialize_with = "span")]
    pub(crate) body_timeout: Span,
    /// How long calls that run may go on after a signal to stop.
    #[serde(deserialize_with = "span")]
    pub(crate) shutdown_timeout: Span,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tls {
    /// PEM files; read again on SIGHUP.
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Database {
    /// A PostgreSQL URL; without one, SQLite in the data directory.
    pub(crate) url: Option<String>,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) writers: usize,
    pub(crate) pool: usize,
}

/// Connections that the server itself makes: to connectors and to callbacks' addresses.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Outbound {
    /// Networks that may be reached though they are not public, and without TLS.
    pub(crate) allow: Vec<IpNet>,
    /// Authorities that are believed besides the public ones (PEM).
    pub(crate) ca_file: Option<PathBuf>,
    #[serde(deserialize_with = "span")]
    pub(crate) connect_timeout: Span,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Log {
    pub(crate) level: String,
    pub(crate) format: LogFormat,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    Json,
    Text,
}

fn loopback() -> Vec<IpNet> {
    ["127.0.0.0/8", "::1/128"].map(|net| net.parse().expect("a network")).into()
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            tls: None,
            trusted_proxies: Vec::new(),
            metrics_from: loopback(),
            in_flight_max: 2_048,
            header_bytes_max: 16 * 1024,
            body_bytes_max: 1024 * 1024,
            large_bytes_max: 192 * 1024 * 1024,
            header_timeout: Span::seconds(5),
            body_timeout: Span::seconds(10),
            shutdown_timeout: Span::seconds(20),
        }
    }
}

impl Default for Database {
    fn default() -> Self {
        Self { url: None, ca_file: None, writers: 2, pool: 4 }
    }
}

impl Default for Outbound {
    fn default() -> Self {
        let OutboundSettings { allow, connect_timeout, .. } = OutboundSettings::default();
        Self { allow, ca_file: None, connect_timeout }
    }
}

impl Outbound {
    /// The settings, with the file of authorities read.
    pub(crate) fn settings(&self) -> anyhow::Result<OutboundSettings> {
        let read = |path: &PathBuf| {
            std::fs::read(path).with_context(|| format!("outbound.ca_file: {}", path.display()))
        };
        let ca_pem = self.ca_file.as_ref().map(read).transpose()?;
        let Self { allow, connect_timeout, .. } = self.clone();
        Ok(OutboundSettings { allow, ca_pem, connect_timeout })
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".to_owned(), format: LogFormat::Json }
    }
}

fn span<'d, D: serde::Deserializer<'d>>(deserializer: D) -> Result<Span, D::Error> {
    let text = String::deserialize(deserializer)?;
    Span::parse(&text).ok_or_else(|| {
        serde::de::Error::custom(format!("{text:?} is not a time; write it like 5s, 10m or 2h"))
    })
}

impl Config {
    /// Reads a file, or gives the defaults without one.
    pub(crate) fn read(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else { return Ok(Self::default()) };
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("the configuration {} cannot be read", path.display()))?;
        let config: Self = toml::from_str(&text)
            .with_context(|| format!("the configuration {} is not right", path.display()))?;
        config.check()?;
        Ok(config)
    }

    /// What a single value cannot show; each error names the key.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let Server { in_flight_max, header_bytes_max, body_bytes_max, large_bytes_max, .. } =
            self.server;
        for (key, value, least, most) in [
            ("server.in_flight_max", in_flight_max, 1, 1_000_000),
            ("server.header_bytes_max", header_bytes_max, 8 * 1024, 1024 * 1024),
            ("server.body_bytes_max", body_bytes_max, 1024, 64 * 1024 * 1024),
            ("server.large_bytes_max", large_bytes_max, 80 << 20, 64 << 30),
            ("database.writers", self.database.writers, 1, 64),
            ("database.pool", self.database.pool, 1, 256),
        ] {
            if !(least..=most).contains(&value) {
                bail!("{key} is {value}; it must be between {least} and {most}");
            }
        }
        for (key, span) in [
            ("server.header_timeout", self.server.header_timeout),
            ("server.body_timeout", self.server.body_timeout),
            ("server.shutdown_timeout", self.server.shutdown_timeout),
            ("outbound.connect_timeout", self.outbound.connect_timeout),
        ] {
            if span.0 < 100_000 || span.0 > Span::minutes(10).0 {
                bail!("{key} must be between 100ms and 10m");
            }
        }
        if let Some(tls) = &self.server.tls {
            for (key, path) in
                [("server.tls.certificate", &tls.certificate), ("server.tls.key", &tls.key)]
            {
                if let Err(error) = std::fs::metadata(path) {
                    bail!("{key}: {} cannot be read ({error})", path.display());
                }
            }
        }
        self.outbound.settings()?;
        match &self.database.url {
            Some(url) if !url.starts_with("postgres://") && !url.starts_with("postgresql://") => {
                bail!("database.url must begin with postgres:// or postgresql://")
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
