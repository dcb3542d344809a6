//! The HTTP side: one table of routes drives the router, authentication, limits and metrics.

mod finplus;
mod incoming;
mod operation;
mod peer;
mod reply;
mod routes;
mod server;

pub(crate) use server::{HttpServer, Serving};
