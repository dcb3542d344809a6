//! Connecting: several hosts, TLS, and the checks that make an acknowledged row durable.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use postgres::config::SslMode;
use postgres::{Config, NoTls};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::PgConnection;
use crate::StoreError;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// What every connection is made with.
#[derive(Clone)]
pub(crate) struct Connector {
    config: Config,
    tls: Option<Arc<ClientConfig>>,
}

impl Connector {
    /// `ca_file` holds the certificates (PEM) that the servers' are checked against.
    pub(crate) fn new(url: &str, ca_file: Option<&Path>) -> Result<Self, StoreError> {
        let unusable = |text: String| StoreError::Unusable(text);
        let mut config: Config =
            url.parse().map_err(|error| unusable(format!("the database URL: {error}")))?;
        config.application_name("probity");
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        // With several hosts, the one that takes writes.
        config.target_session_attrs(postgres::config::TargetSessionAttrs::ReadWrite);
        let tls = ca_file.map(tls_config).transpose()?;
        if tls.is_none() && config.get_ssl_mode() == SslMode::Require {
            return Err(unusable(
                "the database URL asks for sslmode=require: name the certificate authority's \
                 file in database.ca_file"
                    .to_owned(),
            ));
        }
        Ok(Self { config, tls: tls.map(Arc::new) })
    }

    pub(crate) fn connect(&self) -> Result<PgConnection, StoreError> {
        let client = match &self.tls {
            Some(tls) => self.config.connect(MakeRustlsConnect::new(ClientConfig::clone(tls)))?,
            None => self.config.connect(NoTls)?,
        };
        Ok(PgConnection::new(client))
    }

    /// The open connection, or a new one in its place.
    pub(super) fn ensure<'c>(
        &self,
        connection: &'c mut Option<PgConnection>,
    ) -> Result<&'c mut PgConnection, StoreError> {
        if connection.as_ref().is_none_or(PgConnection::is_closed) {
            *connection = None;
            *connection = Some(self.connect()?);
        }
        Ok(connection.as_mut().expect("connected above"))
    }

    /// Connects and refuses a server that would acknowledge what it has not written.
    pub(crate) fn connect_checked(&self) -> Result<PgConnection, StoreError> {
        let mut connection = self.connect().map_err(|error| {
            StoreError::Unusable(format!(
                "PostgreSQL cannot be reached ({error}); check the URL, the server and its rights"
            ))
        })?;
        for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
            let row = connection.client().query_one(&format!("SHOW {setting}"), &[])?;
            let value: &str = row.get(0);
            if value == "off" {
                return Err(StoreError::Unusable(format!(
                    "PostgreSQL runs with {setting} = off, so an acknowledged call could be lost; \
                     set it to on"
                )));
            }
        }
        Ok(connection)
    }
}

fn tls_config(ca_file: &Path) -> Result<ClientConfig, StoreError> {
    let unusable = |error: String| {
        StoreError::Unusable(format!("database.ca_file {}: {error}", ca_file.display()))
    };
    let mut roots = RootCertStore::empty();
    let certificates =
        CertificateDer::pem_file_iter(ca_file).map_err(|error| unusable(error.to_string()))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
        roots.add(certificate).map_err(|error| unusable(error.to_string()))?;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| unusable(error.to_string()))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
