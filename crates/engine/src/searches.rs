//! The product `blacklist.search`: one look-up, one bill.

use domain::billing::billable;
use domain::call::{Answer, Call, CallName, End};
use domain::failure::Failure;
use domain::identity::Person;
use domain::ids::CallKey;
use domain::merchant::Product;
use domain::secret::Private;

use crate::Engine;
use crate::directory::MerchantEntry;
use crate::explanation::Explained;

impl Engine {
    /// Whether a person is on the blacklist. The protocol gives such a call no key of the
    /// merchant's, so each is a call of its own, named by its number.
    pub async fn search_blacklist(
        &self,
        entry: &MerchantEntry,
        person: &Person,
    ) -> Result<bool, Failure> {
        let product = Product::Blacklist;
        self.admit(entry, product)?;
        let entitlement = entry.entitlement(product, None).ok_or(Failure::NotEntitled)?;
        let (biz, at) = (self.new_biz(), self.now());
        let Person { name, id_card, mobile } = person;
        let is_in = self.is_blacklisted(name, id_card, mobile).await.map_err(|error| {
            tracing::error!(%error, "the blacklist cannot be asked");
            Failure::Internal
        })?;
        let key = CallKey::parse(&biz.to_string()).ok_or(Failure::Internal)?;
        let answer = Answer { status: 200, headers: Vec::new(), body: Vec::new() };
        let explained = Explained {
            merchant: entry.merchant.id,
            app: entitlement.app.0.clone(),
            key: key.as_str().to_owned(),
            code: 0,
            score: None,
        };
        let call = Call {
            name: CallName { merchant: entry.merchant.id, product, key },
            app: entitlement.app.clone(),
            biz,
            at,
            fingerprint: self.fingerprint(&Private::new(biz.to_string())),
            limits: entitlement.limits,
            end: End::Final {
                code: 0,
                bill: billable(product, 0).then_some(entitlement.price),
                answer: self.seal_answer(biz, &answer),
                explanation: self.seal_explanation(biz, &explained),
            },
            subject: Some(self.subject_of(id_card)),
        };
        self.settle(call, answer).await.map(|_| is_in)
    }
}
