//! Policies: added, signed off by another operator, tried, put into use, rolled back.

use domain::operator::{Operator, Permission};
use domain::policy::PolicyStep;
use wire::Request;
use wire::v1::{self, Refusal};

use super::super::server::Shared;
use super::operators::{demand, refused};
use super::{Served, Unserved};

/// `GET /v1/policies`.
pub(crate) async fn list(shared: &Shared, _: Request<'_>, operator: Operator) -> Served {
    demand(&operator, Permission::SeePolicies)?;
    Ok(v1::policies(&shared.engine.policies().await.map_err(Unserved::Failed)?))
}

/// `POST /v1/policies/drafts`.
pub(crate) async fn add(shared: &Shared, request: Request<'_>, operator: Operator) -> Served {
    demand(&operator, Permission::WritePolicies)?;
    let document = v1::policy_document(&request)?;
    let added = shared.engine.add_policy(&operator, &document).await.map_err(refused)?;
    let (name, version) = added.map_err(|faults| Refusal::Policy(faults.0))?;
    Ok(v1::policy_added(&name, version))
}

/// `GET /v1/policies/{name}/{version}`.
pub(crate) async fn show(shared: &Shared, request: Request<'_>, operator: Operator) -> Served {
    demand(&operator, Permission::SeePolicies)?;
    let (name, version) = version(&request)?;
    Ok(v1::policy(&shared.engine.policy(name, version).await.map_err(refused)?))
}

/// `POST /v1/policies/{name}/{version}/{step}`.
pub(crate) async fn step(shared: &Shared, request: Request<'_>, operator: Operator) -> Served {
    let (name, version) = version(&request)?;
    let step = match request.path.split('/').nth(5).unwrap_or_default() {
        "sign-off" => PolicyStep::SignOff,
        "shadow" => PolicyStep::Shadow,
        "challenge" => PolicyStep::Challenge { share: v1::share(&request)? },
        "promote" => PolicyStep::Promote,
        "retire" => PolicyStep::Retire,
        _ => return Err(Refusal::Absent.into()),
    };
    let taken = shared.engine.step_policy(&operator, (name, version), step).await;
    taken.map_err(refused)?;
    Ok(v1::policy(&shared.engine.policy(name, version).await.map_err(refused)?))
}

/// `POST /v1/policies/{name}/rollback`.
pub(crate) async fn roll_back(shared: &Shared, request: Request<'_>, operator: Operator) -> Served {
    let name = request.path.split('/').nth(3).unwrap_or_default();
    let rolled_back = shared.engine.roll_back_policy(&operator, name).await;
    let (_, version) = rolled_back.map_err(refused)?;
    Ok(v1::policy_live(name, version))
}

/// The name and the version that the path speaks of.
fn version<'r>(request: &Request<'r>) -> Result<(&'r str, i64), Refusal> {
    let mut parts = request.path.split('/').skip(3);
    let (name, version) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    version.parse().map(|version| (name, version)).map_err(|_| Refusal::Absent)
}
