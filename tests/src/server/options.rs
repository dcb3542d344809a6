//! How a server is started: database, arguments, environment, fail points.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::database::Database;

/// How a server is started.
#[derive(Clone, Debug)]
pub struct Options {
    pub(super) database: Database,
    pub(super) sandbox: bool,
    pub(super) data: Option<PathBuf>,
    pub(super) configuration: Option<String>,
    pub(super) free_port: bool,
    pub(super) arguments: Vec<String>,
    pub(super) environment: BTreeMap<String, String>,
}

impl Options {
    /// The sandbox on that database, in a directory of its own.
    pub fn on(database: Database) -> Self {
        let (arguments, environment) = (Vec::new(), BTreeMap::new());
        let (data, configuration) = (None, None);
        let (sandbox, free_port) = (true, true);
        Self { database, sandbox, data, configuration, free_port, arguments, environment }
    }

    /// Without `--sandbox`: no demo merchant, no data.
    #[must_use]
    pub fn without_sandbox(mut self) -> Self {
        self.sandbox = false;
        self
    }

    /// Another data directory, say on a small file system.
    #[must_use]
    pub fn data(mut self, folder: &Path) -> Self {
        self.data = Some(folder.to_owned());
        self
    }

    /// More arguments of `serve`.
    #[must_use]
    pub fn arguments(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(ToString::to_string));
        self
    }

    /// With a configuration file of that text.
    #[must_use]
    pub fn configuration(mut self, text: &str) -> Self {
        self.configuration = Some(text.to_owned());
        self
    }

    /// At the address of the configuration file instead of a free port.
    #[must_use]
    pub fn listen_as_configured(mut self) -> Self {
        self.free_port = false;
        self
    }

    #[must_use]
    pub fn environment(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Fail points in the form `name=action;name=action` (needs the `failpoints` build).
    #[must_use]
    pub fn fail_points(self, points: &str) -> Self {
        self.environment("FAILPOINTS", points)
    }
}
