//! The table of all routes. What is not here does not exist.

use std::future::ready;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};

use axum::http::Method;
use domain::call::Answer;
use domain::load::LoadKind;
use domain::merchant::Product;
use wire::qiancheng::{Endpoint, Proof};

use super::describe::{self as about, Description};
use super::incoming::Incoming;
use super::server::Shared;
use super::{docs, finplus, operation, qiancheng, rong360, v1};

/// One wire protocol; it decides how a refusal of the HTTP layer looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Face {
    Finplus,
    Qiancheng,
    Rong360,
    /// The native surface.
    V1,
    /// For the operator's own tools: liveness, readiness, metrics.
    Operation,
}

impl Face {
    pub(crate) const ALL: [Self; 5] =
        [Self::Finplus, Self::Qiancheng, Self::Rong360, Self::V1, Self::Operation];

    /// Whose answer a path gets that no route has.
    pub(crate) fn of_path(path: &str) -> Self {
        // The beginnings of the documents' paths.
        const OF_QIANCHENG: [&str; 7] =
            ["/client/", "/blacklist/", "/telecom/", "/degree/", "/ebank/", "/v2/", "/risk-model/"];
        let begins = |head: &&str| path.starts_with(*head);
        match path {
            _ if path.starts_with("/v1/") => Self::V1,
            _ if path.starts_with("/gateway/") => Self::Rong360,
            _ if OF_QIANCHENG.iter().any(begins) => Self::Qiancheng,
            _ => Self::Finplus,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Finplus => "finplus",
            Self::Qiancheng => "qiancheng",
            Self::Rong360 => "rong360",
            Self::V1 => "v1",
            Self::Operation => "operation",
        }
    }
}

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// A merchant that proves itself with a credential of the face.
    Merchant,
    /// An operator: by name, password and code, or by the token that these were exchanged for.
    Operator,
    /// Anyone who reaches the port; the answer says nothing that matters.
    Anyone,
    /// Peers of the networks in `server.metrics_from`.
    Networks,
}

pub(crate) type Handling = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// A route: everything that the layers around a handler need to know of it.
#[derive(Clone, Copy)]
pub(crate) struct Route {
    pub(crate) path: &'static str,
    /// Any other is refused; a GET is not also a HEAD, which would be billed and show nothing.
    pub(crate) methods: &'static [Method],
    pub(crate) face: Face,
    pub(crate) access: Access,
    pub(crate) product: Option<Product>,
    /// Whether the route counts against `server.in_flight_max`; an operator must get through.
    pub(crate) sheds: bool,
    /// What a body may have at least, however little `server.body_bytes_max` allows the others.
    pub(crate) body_bytes: usize,
    pub(crate) about: &'static Description,
    pub(crate) handle: Handler,
}

pub(crate) type Handler = fn(Arc<Shared>, Incoming) -> Handling;

/// A file of persons, in a form of parts or as base64 in JSON, with what goes with it.
const FILE_BODY_BYTES: usize = domain::file::BYTES_MAX * 3 / 2;

const GET: &[Method] = &[Method::GET];
const POST: &[Method] = &[Method::POST];

/// All of them: those written here, one for each path of face 2's own table, and face 3's.
pub(crate) static ROUTES: LazyLock<Vec<Route>> = LazyLock::new(|| {
    let qiancheng = Endpoint::ALL.into_iter().flat_map(qiancheng_routes);
    WRITTEN.iter().copied().chain(qiancheng).chain([gateway()]).collect()
});

const WRITTEN: &[Route] = &[
    finplus("/finplus/score", &about::finplus::SCORE, Product::FinplusScore, |shared, incoming| {
        Box::pin(finplus::score(shared, incoming))
    }),
    v1("/v1/ids", POST, &about::v1::IDS, |shared, incoming| {
        Box::pin(async move {
            v1::serve(&shared, &incoming, |s, r, b| v1::load(LoadKind::Ids, s, r, b)).await
        })
    }),
    v1("/v1/behaviours", POST, &about::v1::BEHAVIOURS, |shared, incoming| {
        Box::pin(async move {
            v1::serve(&shared, &incoming, |s, r, b| v1::load(LoadKind::Behaviours, s, r, b)).await
        })
    }),
    v1("/v1/coverage", GET, &about::v1::COVERAGE, |shared, incoming| {
        Box::pin(async move { v1::serve(&shared, &incoming, v1::coverage).await })
    }),
    v1("/v1/batches", POST, &about::v1::BATCHES, |shared, incoming| {
        Box::pin(async move { v1::serve(&shared, &incoming, v1::create_batch).await })
    }),
    v1("/v1/batches/{batch_id}", GET, &about::v1::STATE, |shared, incoming| {
        Box::pin(async move { v1::serve(&shared, &incoming, v1::batch).await })
    }),
    v1("/v1/batches/{batch_id}/rows", GET, &about::v1::RESULT, |shared, incoming| {
        Box::pin(async move { v1::serve(&shared, &incoming, v1::batch_rows).await })
    }),
    v1("/v1/callbacks", GET, &about::v1::CALLBACKS, |shared, incoming| {
        Box::pin(async move { v1::serve(&shared, &incoming, v1::callbacks).await })
    }),
    v1("/v1/callbacks/{callback_id}/replay", POST, &about::v1::REPLAY, |shared, incoming| {
        Box::pin(async move { v1::serve(&shared, &incoming, v1::replay).await })
    }),
    v1("/v1/files", POST, &about::files::HAND_IN, |shared, incoming| {
        Box::pin(async move { v1::serve(&shared, &incoming, v1::files::hand_in).await })
    })
    .taking(FILE_BODY_BYTES),
    v1("/v1/files/{file_id}", GET, &about::files::SUMMARY, |shared, incoming| {
        Box::pin(async move { v1::serve(&shared, &incoming, v1::files::summary).await })
    }),
    v1("/v1/files/{file_id}/data", GET, &about::files::DATA, |shared, incoming| {
        Box::pin(async move { v1::serve(&shared, &incoming, v1::files::data).await })
    }),
    v1("/v1/files/{file_id}/report", GET, &about::files::REPORT, |shared, incoming| {
        Box::pin(async move { v1::serve(&shared, &incoming, v1::files::report).await })
    }),
    v1("/v1/credit-reports", POST, &about::files::HAND_IN_PAGE, |shared, incoming| {
        Box::pin(async move { v1::serve(&shared, &incoming, v1::files::hand_in_page).await })
    })
    .taking(FILE_BODY_BYTES),
    v1("/v1/credit-reports/{report_id}", GET, &about::files::PAGE, |shared, incoming| {
        Box::pin(async move { v1::serve(&shared, &incoming, v1::files::page).await })
    }),
    v1("/v1/ebank/{open_id}/report", GET, &about::files::BANK_REPORT, |shared, incoming| {
        Box::pin(async move { v1::serve(&shared, &incoming, v1::files::bank_report).await })
    }),
    v1("/v1/applications/{open_id}", GET, &about::applications::SHOW, |shared, incoming| {
        Box::pin(async move { v1::serve(&shared, &incoming, v1::applications::show).await })
    }),
    v1(
        "/v1/applications/{open_id}/appeals",
        POST,
        &about::applications::APPEAL,
        |shared, incoming| {
            Box::pin(async move { v1::serve(&shared, &incoming, v1::applications::appeal).await })
        },
    ),
    for_operators("/v1/reviews", GET, &about::applications::REVIEWS, |shared, incoming| {
        Box::pin(async move {
            v1::operators::serve(&shared, &incoming, v1::applications::reviews).await
        })
    }),
    for_operators(
        "/v1/reviews/{open_id}",
        GET,
        &about::applications::REVIEW,
        |shared, incoming| {
            Box::pin(async move {
                v1::operators::serve(&shared, &incoming, v1::applications::review).await
            })
        },
    ),
    for_operators(
        "/v1/reviews/{open_id}/proposal",
        POST,
        &about::applications::PROPOSE,
        |shared, incoming| {
            Box::pin(async move {
                v1::operators::serve(&shared, &incoming, v1::applications::propose).await
            })
        },
    ),
    for_operators(
        "/v1/reviews/{open_id}/answer",
        POST,
        &about::applications::ANSWER,
        |shared, incoming| {
            Box::pin(async move {
                v1::operators::serve(&shared, &incoming, v1::applications::answer).await
            })
        },
    ),
    for_operators("/v1/operators/sign-in", POST, &about::operators::SIGN_IN, |shared, incoming| {
        Box::pin(async move { v1::operators::sign_in(&shared, &incoming).await })
    }),
    for_operators(
        "/v1/operators/sign-out",
        POST,
        &about::operators::SIGN_OUT,
        |shared, incoming| {
            Box::pin(async move { v1::operators::sign_out(&shared, &incoming).await })
        },
    ),
    for_operators("/v1/operators/me", GET, &about::operators::ME, |shared, incoming| {
        Box::pin(async move { v1::operators::serve(&shared, &incoming, v1::operators::me).await })
    }),
    for_operators("/v1/operators/log", GET, &about::operators::LOG, |shared, incoming| {
        Box::pin(async move { v1::operators::serve(&shared, &incoming, v1::operators::log).await })
    }),
    for_operators("/v1/policies", GET, &about::policies::LIST, |shared, incoming| {
        Box::pin(async move { v1::operators::serve(&shared, &incoming, v1::policies::list).await })
    }),
    for_operators("/v1/policies/drafts", POST, &about::policies::ADD, |shared, incoming| {
        Box::pin(async move { v1::operators::serve(&shared, &incoming, v1::policies::add).await })
    }),
    for_operators(
        "/v1/policies/{name}/{version}",
        GET,
        &about::policies::SHOW,
        |shared, incoming| {
            Box::pin(
                async move { v1::operators::serve(&shared, &incoming, v1::policies::show).await },
            )
        },
    ),
    for_operators(
        "/v1/policies/{name}/{version}/{step}",
        POST,
        &about::policies::STEP,
        |shared, incoming| {
            Box::pin(
                async move { v1::operators::serve(&shared, &incoming, v1::policies::step).await },
            )
        },
    ),
    for_operators(
        "/v1/policies/{name}/rollback",
        POST,
        &about::policies::ROLLBACK,
        |shared, incoming| {
            Box::pin(async move {
                v1::operators::serve(&shared, &incoming, v1::policies::roll_back).await
            })
        },
    ),
    open("/healthz", &about::operation::HEALTHZ, |_, _| now(operation::healthz())),
    open("/readyz", &about::operation::READYZ, |shared, _| now(operation::readyz(&shared))),
    Route {
        access: Access::Networks,
        ..open("/metrics", &about::operation::METRICS, |shared, _| now(operation::metrics(&shared)))
    },
    open("/openapi.json", &about::operation::OPENAPI, |_, _| now(docs::document())),
    open("/docs", &about::operation::DOCS, |_, _| now(docs::page())),
];

impl Route {
    /// The same for larger bodies.
    const fn taking(self, body_bytes: usize) -> Self {
        Self { body_bytes, ..self }
    }
}

/// A route of face 1.
const fn finplus(
    path: &'static str,
    about: &'static Description,
    product: Product,
    handle: Handler,
) -> Route {
    Route {
        path,
        methods: &[Method::GET, Method::POST],
        face: Face::Finplus,
        access: Access::Merchant,
        product: Some(product),
        sheds: true,
        body_bytes: 0,
        about,
        handle,
    }
}

/// The routes of an endpoint of face 2. A session's own calls are priced with the session.
fn qiancheng_routes(endpoint: Endpoint) -> impl Iterator<Item = Route> {
    let access = match endpoint.proof() {
        Proof::Nobody => Access::Anyone,
        Proof::Password | Proof::Token | Proof::Owner { .. } | Proof::OpenId => Access::Merchant,
    };
    let route = move |path: &&'static str| Route {
        path,
        methods: if endpoint.is_get() { GET } else { POST },
        face: Face::Qiancheng,
        access,
        product: qiancheng::product(endpoint).ok(),
        sheds: access == Access::Merchant,
        body_bytes: match endpoint {
            Endpoint::AuditOpen => wire::qiancheng::APPLICATION_BODY_BYTES_MAX,
            _ => 0,
        },
        about: about::qiancheng::of(endpoint),
        handle: |shared, incoming| Box::pin(qiancheng::serve(shared, incoming)),
    };
    endpoint.paths().iter().map(route)
}

/// The one route of face 3; a session's own calls are priced with the report.
fn gateway() -> Route {
    Route {
        path: "/gateway",
        methods: POST,
        face: Face::Rong360,
        access: Access::Merchant,
        product: Some(Product::CreditReport),
        sheds: true,
        body_bytes: 0,
        about: &about::rong360::GATEWAY,
        handle: |shared, incoming| Box::pin(rong360::serve(shared, incoming)),
    }
}

/// A route of the native surface.
const fn v1(
    path: &'static str,
    methods: &'static [Method],
    about: &'static Description,
    handle: Handler,
) -> Route {
    Route {
        path,
        methods,
        face: Face::V1,
        access: Access::Merchant,
        product: None,
        sheds: true,
        body_bytes: 0,
        about,
        handle,
    }
}

/// A route of the native surface for operators.
const fn for_operators(
    path: &'static str,
    methods: &'static [Method],
    about: &'static Description,
    handle: Handler,
) -> Route {
    Route { access: Access::Operator, ..v1(path, methods, about, handle) }
}

/// A route to look at, for anyone.
const fn open(path: &'static str, about: &'static Description, handle: Handler) -> Route {
    Route {
        path,
        methods: &[Method::GET, Method::HEAD],
        face: Face::Operation,
        access: Access::Anyone,
        product: None,
        sheds: false,
        body_bytes: 0,
        about,
        handle,
    }
}

fn now(answer: Answer) -> Handling {
    Box::pin(ready(answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_of_somebody_can_be_shed_and_every_price_has_a_payer() {
        for route in ROUTES.iter() {
            let of_merchant = route.access == Access::Merchant;
            assert!(route.product.is_none() || of_merchant, "{}", route.path);
            let of_somebody = of_merchant || route.access == Access::Operator;
            assert_eq!(route.sheds, of_somebody, "{}", route.path);
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
