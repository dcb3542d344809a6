//! A bill of its own for something that is kept: made once, under the key that names it.

use domain::billing::billable;
use domain::call::{Answer, Call, CallName, End};
use domain::failure::Failure;
use domain::ids::CallKey;
use domain::merchant::Entitlement;
use domain::secret::Private;
use domain::subject::SubjectHash;

use crate::Engine;
use crate::explanation::Explained;

impl Engine {
    /// Puts the call of `key` into the journal, as done and billed; one that stands there already
    /// is not billed again.
    ///
    /// Errors: [`Failure::AnswerGone`] where it was billed so long ago that its answer is no
    /// longer kept; the limits of the entitlement.
    pub(crate) async fn bill_once(
        &self,
        entitlement: &Entitlement,
        key: &str,
        subject: SubjectHash,
    ) -> Result<(), Failure> {
        let (biz, at) = (self.new_biz(), self.now());
        let Entitlement { merchant, product, app, price, limits, .. } = entitlement;
        // What the merchant is answered is read from what is kept, as often as it asks.
        let answer = Answer { status: 200, headers: Vec::new(), body: Vec::new() };
        let explained = Explained {
            merchant: *merchant,
            app: app.0.clone(),
            key: key.to_owned(),
            code: 0,
            score: None,
        };
        let key_of_call = CallKey::parse(key).ok_or(Failure::Internal)?;
        let call = Call {
            name: CallName { merchant: *merchant, product: *product, key: key_of_call },
            app: app.clone(),
            biz,
            at,
            fingerprint: self.fingerprint(&Private::new(key.to_owned())),
            limits: *limits,
            end: End::Final {
                code: 0,
                bill: billable(*product, 0).then_some(*price),
                answer: self.seal_answer(biz, &answer),
                explanation: self.seal_explanation(biz, &explained),
            },
            subject: Some(subject),
        };
        self.settle(call, answer).await.map(drop)
    }
}
