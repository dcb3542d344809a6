//! The risk audit: an encrypted application in, what became of it out.

use domain::call::Answer;
use domain::failure::Failure;
use domain::identity::Person;
use domain::merchant::Product;
use domain::secret::Private;
use engine::{Engine, MerchantEntry, NewApplication, Refused, Undecryptable};
use wire::qiancheng::audit::{self, Unread};
use wire::qiancheng::{Refusal, message};

/// Opens an application and takes it in.
pub(super) async fn open(
    engine: &Engine,
    entry: &MerchantEntry,
    person: Person,
    data: Private<String>,
) -> Result<Answer, Refusal> {
    engine.admit(entry, Product::RiskAudit)?;
    let takes_blocks = entry.merchant.takes_blocks;
    let opened = engine.decrypt(entry.merchant.id, move |keys| {
        match audit::open(data.expose(), takes_blocks, keys) {
            Err(Unread::Syntax) => Err(Undecryptable),
            // It opened; what is wrong with it can be told.
            read => Ok(read),
        }
    });
    let application = opened.await??;
    let open_id = engine.apply(entry, NewApplication { person, application }).await?;
    Ok(message::open_id(&open_id))
}

/// What became of an application of this merchant's.
pub(super) async fn result(
    engine: &Engine,
    entry: &MerchantEntry,
    open_id: &str,
) -> Result<Answer, Failure> {
    let (verdict, refused) = engine.verdict(entry, open_id).await?;
    let rules = match &refused {
        Some(Refused::Rules(rules)) => Some(rules.as_slice()),
        Some(Refused::People) | None => None,
    };
    Ok(message::verdict(verdict, rules))
}
