//! The table of all routes. What is not here does not exist.

use std::future::ready;
use std::pin::Pin;
use std::sync::Arc;

use axum::http::Method;
use domain::call::Answer;
use domain::merchant::Product;

use super::incoming::Incoming;
use super::server::Shared;
use super::{finplus, operation};

/// One wire protocol; it decides how a refusal of the HTTP layer looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Face {
    Finplus,
    /// For the operator's own tools: liveness, readiness, metrics.
    Operation,
}

impl Face {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Finplus => "finplus",
            Self::Operation => "operation",
        }
    }
}

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// A merchant that proves itself with a credential of the face.
    Merchant,
    /// Anyone who reaches the port; the answer says nothing that matters.
    Anyone,
    /// Peers of the networks in `server.metrics_from`.
    Networks,
}

pub(crate) type Handling = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// A route: everything that the layers around a handler need to know of it.
pub(crate) struct Route {
    pub(crate) path: &'static str,
    /// Any other is refused; a GET is not also a HEAD, which would be billed and show nothing.
    pub(crate) methods: &'static [Method],
    pub(crate) face: Face,
    pub(crate) access: Access,
    pub(crate) product: Option<Product>,
    /// Whether the route counts against `server.in_flight_max`; an operator must get through.
    pub(crate) sheds: bool,
    pub(crate) handle: fn(Arc<Shared>, Incoming) -> Handling,
}

pub(crate) const ROUTES: &[Route] = &[
    Route {
        path: "/finplus/score",
        methods: &[Method::GET, Method::POST],
        face: Face::Finplus,
        access: Access::Merchant,
        product: Some(Product::FinplusScore),
        sheds: true,
        handle: |shared, incoming| Box::pin(finplus::score(shared, incoming)),
    },
    Route {
        path: "/healthz",
        methods: &[Method::GET, Method::HEAD],
        face: Face::Operation,
        access: Access::Anyone,
        product: None,
        sheds: false,
        handle: |_, _| Box::pin(ready(operation::healthz())),
    },
    Route {
        path: "/readyz",
        methods: &[Method::GET, Method::HEAD],
        face: Face::Operation,
        access: Access::Anyone,
        product: None,
        sheds: false,
        handle: |shared, _| Box::pin(ready(operation::readyz(&shared))),
    },
    Route {
        path: "/metrics",
        methods: &[Method::GET, Method::HEAD],
        face: Face::Operation,
        access: Access::Networks,
        product: None,
        sheds: false,
        handle: |shared, _| Box::pin(ready(operation::metrics(&shared))),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_priced_route_asks_for_a_merchant_and_can_be_shed() {
        for route in ROUTES {
            assert_eq!(route.product.is_some(), route.access == Access::Merchant, "{}", route.path);
            assert_eq!(route.sheds, route.access == Access::Merchant, "{}", route.path);
        }
    }

    #[test]
    fn no_path_stands_twice() {
        let mut paths: Vec<_> = ROUTES.iter().map(|route| route.path).collect();
        paths.sort_unstable();
        paths.dedup();
        assert_eq!(paths.len(), ROUTES.len());
    }
}
