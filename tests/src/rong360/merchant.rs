//! More merchants of face 3, made by the command line.

use std::fs;
use std::thread;

use super::signing::Key;
use crate::cli;
use crate::server::{IN_FORCE, Server};

/// What a merchant of face 3 is told apart by.
#[derive(Clone, Debug)]
pub struct Merchant {
    pub name: String,
    pub app_id: String,
    pub private_key: String,
}

impl Merchant {
    /// The demo merchant.
    pub fn demo(server: &Server) -> Self {
        let sandbox = server.sandbox();
        let (app_id, private_key) = (sandbox.app_id, sandbox.merchant_private_key_pem);
        Self { name: "sandbox".to_owned(), app_id, private_key }
    }

    /// A new one with a price in 分 for each product, in force when it returns; `more` goes to
    /// `merchant create`.
    ///
    /// # Panics
    /// When a command fails.
    pub fn create(
        server: &Server,
        (name, app_id): (&str, &str),
        products: &[(&str, &str)],
        more: &[&str],
    ) -> Self {
        let key = Key::generate();
        let file = server.data_folder().join(format!("{name}.pem"));
        fs::write(&file, key.public_pem()).expect("a file");
        server.cli(&[&["merchant", "create", name], more].concat()).expect_success();
        for (product, price) in products {
            let terms = ["--product", product, "--price", price];
            server.cli(&[&["merchant", "entitle", name], &terms[..]].concat()).expect_success();
        }
        let terms = ["--app-id", app_id, "--public-key", cli::text(&file)];
        server.cli(&[&["merchant", "rong360", name, "set"], &terms[..]].concat()).expect_success();
        thread::sleep(IN_FORCE);
        let (name, app_id) = (name.to_owned(), app_id.to_owned());
        Self { name, app_id, private_key: key.private_pem() }
    }
}
