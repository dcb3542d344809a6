//! More merchants of face 2, made by the command line.

use std::thread;

use super::Qiancheng;
use crate::server::{IN_FORCE, Server};

/// What face 2 sells.
pub const PRODUCTS: [&str; 6] =
    ["telecom.report", "degree.record", "ebank.data", "ebank.data.v2", "blacklist.search", AUDIT];
/// Whose entitlement names the policy that decides.
const AUDIT: &str = "risk.audit";
const POLICY: &str = "consumer-credit";

/// The price in 分 of each product of a lender.
pub const PRICE_FEN: &str = "7";

impl Server {
    /// Makes a merchant that may ask for `products` and declares consents; gives its password. In
    /// force when it returns.
    ///
    /// # Panics
    /// When a command fails.
    pub fn new_lender(&self, name: &str, products: &[&str]) -> String {
        self.cli(&["merchant", "create", name, "--declares-consent"]).expect_success();
        for product in products {
            self.entitle_lender(name, product, &[]);
        }
        let add = ["merchant", "credential", name, "add", "password", "--json"];
        let made = self.cli(&add).expect_success().json();
        thread::sleep(IN_FORCE);
        made["secret"].as_str().expect("it is shown this once").to_owned()
    }

    /// Says on which terms a lender may ask for a product.
    ///
    /// # Panics
    /// When the command fails.
    pub fn entitle_lender(&self, name: &str, product: &str, terms: &[&str]) {
        let entitle = ["merchant", "entitle", name, "--product", product, "--price", PRICE_FEN];
        let policy = if product == AUDIT { &["--policy", POLICY][..] } else { &[] };
        self.cli(&[&entitle[..], policy, terms].concat()).expect_success();
    }

    /// A lender of all products, logged in.
    pub fn lender(&self, name: &str) -> Qiancheng {
        let password = self.new_lender(name, &PRODUCTS);
        Qiancheng::log_in_as(self, name, &password)
    }
}
