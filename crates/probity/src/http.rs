//! The HTTP side: one table of routes drives the router, authentication, limits and metrics.

mod finplus;
mod incoming;
mod layers;
mod operation;
mod peer;
mod reply;
mod routes;
mod server;
mod tls;

pub(crate) use server::{HttpServer, Serving};
