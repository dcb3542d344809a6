//! The applications (`app_id`) that the demo merchant may ask in face 1.

use domain::merchant::Limits;

use super::models::{DETAILS, LIGHTGBM, SCORECARD};

/// One application of the demo merchant: which model answers, and up to which limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SandboxApp {
    pub app: &'static str,
    /// The name of one of [`super::models`].
    pub model: &'static str,
    pub limits: Limits,
    /// Whether it answers a call that names no application.
    pub is_default: bool,
}

/// The applications, the default one first.
pub const fn apps() -> [SandboxApp; 6] {
    let free = Limits { package: None, test: None, daily: None };
    [
        SandboxApp { app: "1000001", model: SCORECARD, limits: free, is_default: true },
        limited("1000002", LIGHTGBM, free),
        limited("1000003", DETAILS, free),
        limited("1000007", SCORECARD, Limits { package: Some(3), ..free }),
        limited("1000008", SCORECARD, Limits { daily: Some(3), ..free }),
        limited("1000009", SCORECARD, Limits { test: Some(5), ..free }),
    ]
}

const fn limited(app: &'static str, model: &'static str, limits: Limits) -> SandboxApp {
    SandboxApp { app, model, limits, is_default: false }
}
