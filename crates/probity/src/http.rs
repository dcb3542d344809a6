//! The HTTP side: one table of routes drives the router, authentication, limits and metrics.

mod describe;
mod docs;
mod finplus;
mod incoming;
mod layers;
mod operation;
mod peer;
mod qiancheng;
mod reply;
mod rong360;
mod routes;
mod server;
mod tls;

pub(crate) use describe::openapi;
pub(crate) use server::{HttpServer, Serving};
mod v1;
