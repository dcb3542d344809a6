//! Face 1: `GET|POST /finplus/score`.

use std::sync::Arc;

use domain::call::Answer;
use domain::failure::Failure;
use domain::ids::AppId;
use domain::merchant::Product;
use engine::{MerchantEntry, Question};
use wire::finplus::{self, Apps, Letter, Presented};

use super::incoming::Incoming;
use super::server::Shared;

/// The applications that a merchant's letter may name.
struct AppsOf<'m>(&'m MerchantEntry);

impl Apps for AppsOf<'_> {
    fn registered(&self, app_id: &str) -> bool {
        self.0.entitlement(Product::FinplusScore, Some(&AppId(app_id.to_owned()))).is_some()
    }
}

pub(crate) async fn score(shared: Arc<Shared>, incoming: Incoming) -> Answer {
    let letter = finplus::read(&incoming.request());
    let biz = shared.engine.new_biz();
    let entry = match authenticate(&shared, &letter) {
        Ok(entry) => entry,
        Err(failure) => return finplus::refuse(&failure, None, biz),
    };
    let opened = letter.open(&AppsOf(&entry));
    let echo = opened.echo.as_deref();
    let question = match opened.question {
        Ok(question) => question,
        Err(failure) => return finplus::refuse(&failure, echo, biz),
    };
    let content = question.content();
    let finplus::Question { app, id, key } = question;
    let question = Question { app, id, key, content };
    let outcome = shared.engine.ask_score(&entry, question, biz, finplus::answer).await;
    outcome.result.unwrap_or_else(|failure| finplus::refuse(&failure, echo, outcome.biz))
}

fn authenticate(shared: &Shared, letter: &Letter) -> Result<Arc<MerchantEntry>, Failure> {
    if !shared.engine.may_serve() {
        return Err(Failure::Overloaded);
    }
    let Presented::AppCode(code) = letter.credential()? else {
        return Err(Failure::CredentialMissing);
    };
    let entry = shared.engine.by_app_code(&code)?;
    shared.engine.admit(&entry, Product::FinplusScore)?;
    Ok(entry)
}
