//! Files that persons hand in, and the reports on bank data.

use domain::merchant::Scope;
use engine::{Bearer, HandedFile, NewFile, NewPage, NotTaken};
use wire::Request;
use wire::v1::{self, Refusal, SentFile, SentPage};

use super::super::server::Shared;
use super::{Served, Unserved};

fn refusal(not_taken: NotTaken) -> Refusal {
    match not_taken {
        NotTaken::Failure(failure) => failure.into(),
        NotTaken::File(reason) => Refusal::File(reason),
    }
}

fn demand_scope(bearer: &Bearer) -> Result<(), Refusal> {
    if bearer.scope == Scope::Files { Ok(()) } else { Err(Refusal::Scope(Scope::Files)) }
}

/// `POST /v1/files`.
pub(crate) async fn hand_in(shared: &Shared, request: Request<'_>, bearer: Bearer) -> Served {
    demand_scope(&bearer)?;
    let today = shared.engine.now().shanghai_day();
    let SentFile { name, id_card, kind, bytes } = v1::file(&request, today)?;
    let new = NewFile { name, id_card, kind, bytes };
    let file = shared.engine.hand_in_file(&bearer.entry, new).await.map_err(refusal)?;
    Ok(v1::file_taken(&file.id, &file.at.to_string(), &file.summary))
}

/// `GET /v1/files/{file_id}`: what was read, and what was not.
pub(crate) async fn summary(shared: &Shared, request: Request<'_>, bearer: Bearer) -> Served {
    let file = find(shared, &request, &bearer).await?;
    Ok(v1::file_taken(&file.id, &file.at.to_string(), &file.summary))
}

/// `GET /v1/files/{file_id}/data`: the dataset.
pub(crate) async fn data(shared: &Shared, request: Request<'_>, bearer: Bearer) -> Served {
    let file = find(shared, &request, &bearer).await?;
    Ok(v1::json(serde_json::to_string(&file.data).expect("plain data")))
}

/// `GET /v1/files/{file_id}/report`: income, spending, balance by month.
pub(crate) async fn report(shared: &Shared, request: Request<'_>, bearer: Bearer) -> Served {
    let file = find(shared, &request, &bearer).await?;
    Ok(v1::json(serde_json::to_string(&file.report()).expect("plain data")))
}

/// `POST /v1/credit-reports`.
pub(crate) async fn hand_in_page(shared: &Shared, request: Request<'_>, bearer: Bearer) -> Served {
    demand_scope(&bearer)?;
    let today = shared.engine.now().shanghai_day();
    let SentPage { name, id_card, bytes } = v1::page(&request, today)?;
    let new = NewPage { name, id_card, bytes };
    let page = shared.engine.hand_in_page(&bearer.entry, new).await.map_err(refusal)?;
    Ok(v1::page_taken(&page.id, &page.at.to_string(), &page.record, &page.report))
}

/// `GET /v1/credit-reports/{report_id}`: what the page says.
pub(crate) async fn page(shared: &Shared, request: Request<'_>, bearer: Bearer) -> Served {
    demand_scope(&bearer)?;
    let page = shared.engine.page(bearer.entry.merchant.id, id(&request)?).await?;
    Ok(v1::page_taken(&page.id, &page.at.to_string(), &page.record, &page.report))
}

/// `GET /v1/ebank/{open_id}/report`: the same of a bank session of either version.
pub(crate) async fn bank_report(shared: &Shared, request: Request<'_>, bearer: Bearer) -> Served {
    let report = shared.engine.ebank_report(&bearer.entry, id(&request)?).await?;
    Ok(v1::json(report))
}

async fn find(
    shared: &Shared,
    request: &Request<'_>,
    bearer: &Bearer,
) -> Result<HandedFile, Unserved> {
    demand_scope(bearer)?;
    Ok(shared.engine.file(bearer.entry.merchant.id, id(request)?).await?)
}

/// What stands in the path in the place of an id: 32 hexadecimal digits.
fn id<'r>(request: &Request<'r>) -> Result<&'r str, Refusal> {
    let is_hex = |id: &&str| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    request.path.split('/').nth(3).filter(is_hex).ok_or(Refusal::Absent)
}
