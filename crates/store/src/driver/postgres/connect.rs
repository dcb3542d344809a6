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

/// A server that is gone without a word is noticed within this.
const SILENCE_MAX: Duration = Duration::from_secs(10);

/// What must not be off where an acknowledged row is to be durable.
const DURABLE: [&str; 3] = ["fsync", "synchronous_commit", "full_page_writes"];

/// A node that hangs inside a transaction must not hold up the others: the server ends it, and
/// who waits for its locks tries again.
const SESSION: &str = "SET idle_in_transaction_session_timeout = '5s'; SET lock_timeout = '4s'";

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
        config.tcp_user_timeout(SILENCE_MAX).keepalives_idle(SILENCE_MAX);
        let tls = ca_file.map(tls_config).transpose()?;
        if tls.is_some() {
            // Whoever names an authority wants it asked: no falling back to plain text.
            config.ssl_mode(SslMode::Require);
        }
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
        let mut connection = PgConnection::new(client);
        check_durable(&mut connection)?;
        connection.client().batch_execute(SESSION)?;
        Ok(connection)
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

    /// Connects for the first time: what is wrong is said for a person.
    pub(crate) fn connect_first(&self) -> Result<PgConnection, StoreError> {
        self.connect().map_err(|error| match error {
            StoreError::Unusable(text) => StoreError::Unusable(text),
            error => StoreError::Unusable(format!(
                "PostgreSQL cannot be reached ({error}); check the URL, the server and its rights"
            )),
        })
    }
}

/// Refuses a server that would acknowledge what it has not written; on every connection, since
/// another server may have taken over.
fn check_durable(connection: &mut PgConnection) -> Result<(), StoreError> {
    let sql = "SELECT current_setting($1), current_setting($2), current_setting($3)";
    let [first, second, third] = DURABLE;
    let row = connection.client().query_one(sql, &[&first, &second, &third])?;
    for (at, setting) in DURABLE.into_iter().enumerate() {
        if row.try_get::<_, &str>(at)? == "off" {
            return Err(StoreError::Unusable(format!(
                "PostgreSQL runs with {setting} = off, so an acknowledged call could be lost; set \
                 it to on"
            )));
        }
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "postgres://probity@127.0.0.1:1/probity";

    #[test]
    fn an_authority_is_asked_or_nothing_is_sent() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let ca_file = folder.path().join("ca.pem");
        std::fs::write(&ca_file, "").expect("is written");
        for url in
            [URL.to_owned(), format!("{URL}?sslmode=prefer"), format!("{URL}?sslmode=disable")]
        {
            let connector = Connector::new(&url, Some(&ca_file)).expect("an authority");
            assert_eq!(connector.config.get_ssl_mode(), SslMode::Require, "{url}");
        }
    }

    #[test]
    fn what_cannot_hold_is_refused_by_name() {
        let missing = Path::new("/nowhere/ca.pem");
        let table = [
            (Connector::new(URL, Some(missing)), "database.ca_file /nowhere/ca.pem"),
            (Connector::new(&format!("{URL}?sslmode=require"), None), "database.ca_file"),
            (Connector::new("postgres://a:b@:c", None), "the database URL"),
        ];
        for (connector, named) in table {
            let error = connector.err().expect(named).to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
