//! Operators: signing in and out, who one is, and the audit log.

use domain::call::Answer;
use domain::failure::Failure;
use domain::operator::{Operator, Permission};
use engine::Error;
use wire::Request;
use wire::v1::{self, Refusal};

use super::super::incoming::Incoming;
use super::super::server::Shared;
use super::{Served, Unserved, answered};

/// Notes that one answer lists.
const NOTES_MAX: usize = 100;

/// Answers a request of an operator whose token holds; what it may do is up to `handle`.
pub(crate) async fn serve<'i, F>(
    shared: &'i Shared,
    incoming: &'i Incoming,
    handle: impl FnOnce(&'i Shared, Request<'i>, Operator) -> F,
) -> Answer
where
    F: Future<Output = Served> + Send + 'i,
{
    let request = incoming.request();
    answered(match authenticate(shared, &request).await {
        Ok(operator) => handle(shared, request, operator).await,
        Err(failure) => Err(failure.into()),
    })
}

async fn authenticate(shared: &Shared, request: &Request<'_>) -> Result<Operator, Failure> {
    may_serve(shared)?;
    shared.engine.operator_by_token(&v1::token(request)?).await
}

fn may_serve(shared: &Shared) -> Result<(), Failure> {
    if shared.engine.may_serve() { Ok(()) } else { Err(Failure::Overloaded) }
}

/// Refuses what the operator's roles do not let it.
pub(super) fn demand(operator: &Operator, permission: Permission) -> Result<(), Refusal> {
    if operator.may(permission) { Ok(()) } else { Err(Refusal::NotPermitted) }
}

/// What an operator asked for and cannot have is told; what is our fault is not.
pub(super) fn refused(error: Error) -> Unserved {
    match error {
        Error::NotPermitted(_) => Refusal::NotPermitted.into(),
        Error::Absent(_) => Refusal::Absent.into(),
        Error::Invalid(reason) => Refusal::NotPossible(reason).into(),
        error => Unserved::Failed(error),
    }
}

/// `POST /v1/operators/sign-in`.
pub(crate) async fn sign_in(shared: &Shared, incoming: &Incoming) -> Answer {
    answered(signed_in(shared, incoming).await)
}

async fn signed_in(shared: &Shared, incoming: &Incoming) -> Served {
    may_serve(shared)?;
    let given = v1::sign_in(&incoming.request())?;
    let client = incoming.client();
    let signed_in = shared.engine.sign_in(&given.name, &given.password, &given.code, client).await;
    let signed_in = signed_in.map_err(|failure| match failure {
        Failure::PasswordWrong => Refusal::SignIn,
        other => other.into(),
    })?;
    Ok(v1::signed_in(&signed_in.operator, &signed_in.token, signed_in.ends_at))
}

/// `POST /v1/operators/sign-out`.
pub(crate) async fn sign_out(shared: &Shared, incoming: &Incoming) -> Answer {
    let signed_out = async {
        may_serve(shared)?;
        shared.engine.sign_out(&v1::token(&incoming.request())?).await?;
        Ok(v1::signed_out())
    };
    answered(signed_out.await)
}

/// `GET /v1/operators/me`.
pub(crate) async fn me(_: &Shared, _: Request<'_>, operator: Operator) -> Served {
    Ok(v1::operator(&operator))
}

/// `GET /v1/operators/log`: the newest first, those before `before`.
pub(crate) async fn log(shared: &Shared, request: Request<'_>, operator: Operator) -> Served {
    demand(&operator, Permission::ReadLog)?;
    let before = v1::parameter(&request, "before")?.map(|text| {
        let message = || "must be the number of a note".to_owned();
        text.parse::<i64>().map_err(|_| Refusal::Field { field: "before", message: message() })
    });
    let (before, target) = (before.transpose()?, v1::parameter(&request, "target")?);
    let page = shared.engine.audit_log(target.as_deref(), before, NOTES_MAX as i64).await;
    let page = page.map_err(Unserved::Failed)?;
    let next = page.last().map(|last| last.seq).filter(|_| page.len() == NOTES_MAX);
    Ok(v1::notes(&page, next))
}
