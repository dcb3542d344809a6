//! Face 1: `GET|POST /finplus/score`.

use std::sync::Arc;

use domain::call::Answer;
use domain::failure::Failure;
use domain::ids::AppId;
use domain::merchant::Product;
use engine::{MerchantEntry, Question};
use wire::finplus::{self, Apps, Letter, Presented, SignedRequest};

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
    let entry = match authenticate(&shared, &letter).await {
        Ok(entry) => entry,
        Err(failure) => return finplus::refuse(&failure, None, biz),
    };
    if let Err(failure) = verify_own(&shared, &letter, &entry) {
        return finplus::refuse(&failure, letter.echo().as_deref(), biz);
    }
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

/// The gateway's part: who asks, and whether it may ask now.
async fn authenticate(shared: &Shared, letter: &Letter) -> Result<Arc<MerchantEntry>, Failure> {
    let engine = &shared.engine;
    if !engine.may_serve() {
        return Err(Failure::Overloaded);
    }
    let entry = match letter.credential()? {
        Presented::AppCode(code) => engine.by_app_code(&code)?,
        Presented::Signed(SignedRequest { key }) => {
            let holder = engine.by_app_key(&key)?;
            let is_sandbox = holder.entry.merchant.sandbox;
            let secret = holder.secret().ok_or(Failure::Internal)?;
            if let Some(nonce) = letter.verify(secret, engine.now(), is_sandbox)? {
                engine.claim_nonce(&key, &nonce.digest, nonce.until).await?;
            }
            holder.entry
        }
    };
    engine.admit(&entry, Product::FinplusScore)?;
    Ok(entry)
}

/// The product's own signature, where the call bears one: of a key of the same merchant.
fn verify_own(shared: &Shared, letter: &Letter, entry: &MerchantEntry) -> Result<(), Failure> {
    let Some(key) = letter.own_key()? else { return Ok(()) };
    let holder = shared.engine.by_app_key(key).map_err(|_| Failure::VerificationFailed)?;
    match holder.secret() {
        Some(secret) if holder.entry.merchant.id == entry.merchant.id => {
            letter.verify_own(secret, shared.engine.now())
        }
        _ => Err(Failure::VerificationFailed),
    }
}
