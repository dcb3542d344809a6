//! `probity openapi`: every route of the server as an OpenAPI 3.1 document.

use clap::Args;

use super::output;
use crate::http::openapi;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  probity openapi > openapi.json\n\n\
    A server gives the same at /openapi.json, and as a page at /docs.")]
pub(crate) struct Openapi {}

pub(crate) fn run() -> anyhow::Result<()> {
    output::line(openapi::text().trim_end())
}
