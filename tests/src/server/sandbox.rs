//! `sandbox.json`: the credentials of the demo merchant, written by `serve --sandbox`.

use std::fs;
use std::path::Path;

use serde::Deserialize;

/// The fields of `sandbox.json`; those of faces that do not exist yet are empty.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Sandbox {
    pub base_url: String,
    pub username: String,
    pub password: String,
    pub app_key: String,
    pub app_secret: String,
    pub app_code: String,
    /// Face 3's, seven digits.
    pub app_id: String,
    /// Face 1's, each with its model.
    pub score_app_ids: Vec<String>,
    pub merchant_private_key_pem: String,
    pub platform_public_key_pem: String,
    pub audit_public_key_pem: String,
    pub operators: Vec<SandboxOperator>,
}

/// One of the sandbox's operators.
#[derive(Clone, Debug, Deserialize)]
pub struct SandboxOperator {
    pub name: String,
    pub roles: Vec<String>,
    #[serde(alias = "sign_in_password")]
    pub password: String,
    pub totp_secret: String,
}

impl Sandbox {
    /// # Panics
    /// When the file is not there or not what it should be.
    pub(super) fn read(path: &Path) -> Self {
        let text = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}
