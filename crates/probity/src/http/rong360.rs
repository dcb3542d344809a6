//! Face 3: `POST /gateway`, fourteen methods through one door.

use std::sync::Arc;

use domain::call::Answer;
use domain::failure::Failure;
use domain::ids::BizId;
use domain::merchant::{Product, Rong360};
use domain::secret::{Private, Secret};
use domain::session::credit::{Refusal as Printed, UserStatus};
use engine::{
    CardSecretGiven, CardholderGiven, CreditAsk, CreditFailure, CreditReply, CreditShown,
    CreditUser, Keeping, MerchantEntry, SignedRequest,
};
use wire::rong360::codes::Code;
use wire::rong360::{
    self, ApplyType, Ask, Asked, Authentication, Believed, CardAnswer, Login, Method, Opened,
    Presented, Purpose, Refusal, Reply, Sender,
};

use super::incoming::Incoming;
use super::server::Shared;

/// The header by which the sandbox tells what its picture shows.
const CAPTCHA_HEADER: &str = "x-sandbox-captcha";

pub(crate) async fn serve(shared: Arc<Shared>, incoming: Incoming) -> Answer {
    let request_id = shared.engine.new_biz();
    let answered = answer(&shared, &incoming, request_id).await;
    answered.unwrap_or_else(|refusal| rong360::refuse(&refusal, None, request_id))
}

/// What a request that is believed is answered with, and how.
struct Desk {
    shared: Arc<Shared>,
    entry: Arc<MerchantEntry>,
    terms: Rong360,
    request_id: BizId,
}

async fn answer(
    shared: &Arc<Shared>,
    incoming: &Incoming,
    request_id: BizId,
) -> Result<Answer, Refusal> {
    let engine = &shared.engine;
    if !engine.may_serve() {
        return Err(Failure::Overloaded.into());
    }
    let letter = rong360::read(&incoming.request());
    let (entry, is_signed) = match letter.presented()? {
        Presented::Signed { app_id } => (engine.by_app_id(app_id)?, true),
        Presented::Token(token) => (engine.by_token(token).await?.entry, false),
    };
    let terms = entry.rong360.clone().ok_or(Code::APP_ID)?;
    let (believed, signed) = if is_signed {
        let keys = engine.public_keys(&entry);
        let (believed, signature) = letter.verify(&keys, &terms.sign_types, engine.now())?;
        let rong360::Signature { digest, stamp, until } = signature;
        (believed, Some(SignedRequest { merchant: entry.merchant.id, digest, stamp, until }))
    } else {
        let believed = letter.vouched()?;
        (Some(believed).filter(|_| terms.plain_json).ok_or(Code::SIGNATURE)?, None)
    };
    engine.admit(&entry, Product::CreditReport)?;
    // Equal signatures are one request, and are answered as one.
    let request_id = signed.map_or(request_id, |signed| signed.id());
    let desk = Desk { shared: Arc::clone(shared), entry, terms, request_id };
    Ok(desk.take(believed, signed).await)
}

impl Desk {
    /// Answers a request; one that is `signed` is done once. What its bytes alone decide needs no
    /// memory for that: the answer is the same again.
    async fn take(self, believed: Believed, signed: Option<SignedRequest>) -> Answer {
        let today = self.shared.engine.now().shanghai_day();
        let Opened { method, asked } = believed.open(&self.terms, today);
        let asked = match asked {
            Err(refusal) => return rong360::refuse(&refusal, method, self.request_id),
            Ok(Asked { ask: Ask::LoginInfo, method, .. }) => {
                return rong360::answer(method, &Reply::LoginForm, &self.terms, self.request_id);
            }
            Ok(asked) => asked,
        };
        let (desk, method) = (Arc::new(self), asked.method);
        let user_id = asked.sender.user_id.clone();
        let mut answer = match signed {
            None => desk.do_asked(asked).await.0,
            Some(signed) => {
                let worker = Arc::clone(&desk);
                let work = async move { worker.do_asked(asked).await };
                let done = desk.shared.engine.once(signed, work).await;
                done.unwrap_or_else(|failure| {
                    rong360::refuse(&failure.into(), Some(method), desk.request_id)
                })
            }
        };
        // Of what the picture shows nothing is kept.
        if matches!(method, Method::PicCode | Method::Login)
            && let Some(text) =
                desk.shared.engine.sandbox_credit_captcha(&desk.entry, &user_id).await
        {
            answer.headers.push((CAPTCHA_HEADER.to_owned(), text));
        }
        answer
    }

    async fn do_asked(&self, asked: Asked) -> (Answer, Keeping) {
        let method = asked.method;
        let refused = match self.credit(asked).await {
            Ok(answered) => return answered,
            Err(refused) => refused,
        };
        let answer = match &refused {
            Refused { refusal, picture: Some(picture) } => {
                let reply = Reply::LoginRefused { code: refusal.code, picture };
                rong360::answer(method, &reply, &self.terms, self.request_id)
            }
            Refused { refusal, picture: None } => {
                rong360::refuse(refusal, Some(method), self.request_id)
            }
        };
        // The server could not, or the merchant may not now: nothing was done.
        let is_passing = [Code::BUSY, Code::QUOTA].contains(&refused.refusal.code);
        (answer, if is_passing { Keeping::Forgotten } else { Keeping::Kept })
    }

    /// Takes the borrower's step.
    async fn credit(&self, asked: Asked) -> Result<(Answer, Keeping), Refused> {
        let Asked { method, sender, ask } = asked;
        let purpose = purpose(&ask);
        let ask = self.step(&sender, ask).await?;
        let Sender { user_id, notice_url, .. } = sender;
        // Whatever is answered tells of the borrower.
        let merchant = self.entry.merchant.id;
        let subject = self.shared.engine.named_user(merchant, user_id.expose().clone());
        let user = CreditUser { user_id, notice_url };
        let reply = self.shared.engine.credit(&self.entry, user, ask).await;
        let reply = reply.map_err(turned_down)?;
        let shown =
            |reply: &Reply<'_>| rong360::answer(method, reply, &self.terms, self.request_id);
        let answer = match &reply {
            CreditReply::Picture(png) => shown(&Reply::Picture(png)),
            CreditReply::LoggedIn { status, is_authenticated } => shown(&Reply::LoggedIn {
                status: *status,
                is_authenticated: *is_authenticated,
                apply_type: apply_type(*status, *is_authenticated),
            }),
            CreditReply::Methods => shown(&Reply::VerifyMethods),
            CreditReply::Questions(questions) => shown(&Reply::Questions(questions)),
            CreditReply::Card { kind, number } => {
                shown(&Reply::CardForm { kind: *kind, bank_card: number, purpose })
            }
            // The code is the borrower's alone (C3): it is not stored for a repeat.
            CreditReply::Code(code) => {
                return Ok((shown(&Reply::UnionpayForm { code }), Keeping::Withheld));
            }
            CreditReply::ApplyForm => shown(&Reply::ApplyForm),
            CreditReply::ReportForm => shown(&Reply::ViewForm),
            CreditReply::Report(report) => shown(&Reply::Report(&report_json(report))),
            CreditReply::Done => shown(&Reply::Done),
        };
        Ok((answer, Keeping::KeptOf(subject)))
    }

    async fn step(&self, sender: &Sender, ask: Ask) -> Result<CreditAsk, Refused> {
        let name = |name: Option<Private<String>>| name.map(|name| name.expose().clone());
        Ok(match ask {
            // Answered above.
            Ask::LoginInfo => return Err(Failure::Internal.into()),
            Ask::PicCode(_) => CreditAsk::Picture,
            Ask::Login(Login { login_name, password, pic_code }) => CreditAsk::Login {
                login_name: login_name.expose().clone(),
                password,
                picture: pic_code,
            },
            Ask::VerifyMethod { login_name, .. } => {
                CreditAsk::Methods { login_name: name(login_name) }
            }
            Ask::Question => CreditAsk::Questions,
            Ask::SubmitQuestion(answers) => CreditAsk::Answers(answers),
            Ask::ValidateCard { bank_card, .. } => {
                CreditAsk::Card { number: bank_card.expose().to_owned() }
            }
            Ask::MessageCode { cellphone } => {
                CreditAsk::Message { mobile: cellphone.map(|mobile| mobile.expose().to_owned()) }
            }
            Ask::Authentication(sent) => self.cardholder(sender, *sent).await?,
            Ask::SubmitOnlineAuth { unionpay_code, pic_code } => {
                CreditAsk::RaiseLevel { picture: pic_code, code: unionpay_code }
            }
            Ask::AuthedInfo { login_name } => {
                CreditAsk::AuthedForm { login_name: name(login_name) }
            }
            Ask::SubmitApply { message_code } => CreditAsk::Apply { message_code },
            Ask::ViewInfo => CreditAsk::ReportForm,
            Ask::ViewReport { login_name, message_code } => {
                CreditAsk::Report { login_name: name(login_name), identity_code: message_code }
            }
        })
    }

    /// What is needed of a card depends on its kind, which was told when it was named.
    async fn cardholder(
        &self,
        sender: &Sender,
        sent: Authentication,
    ) -> Result<CreditAsk, Refused> {
        let known = self.shared.engine.credit_card_kind(&self.entry, &sender.user_id).await?;
        let secret = match (known, sent.card_kind) {
            (Some(known), Some(told)) if known != told => return Err(Printed::CardKindWrong.into()),
            (Some(known), _) => match sent.secrets.of(known)? {
                CardAnswer::Debit { password } => CardSecretGiven::Debit { password },
                CardAnswer::Credit { year, month, last_three } => {
                    CardSecretGiven::Credit { year, month, last_three }
                }
            },
            // No card was named: the flow refuses the step, whatever was typed.
            (None, _) => CardSecretGiven::Debit { password: Secret::new(String::new()) },
        };
        Ok(CreditAsk::Authenticate(Box::new(CardholderGiven {
            card: sent.bank_card.map(|card| card.expose().to_owned()),
            mobile: sent.cellphone.expose().to_owned(),
            name: sent.real_name.expose().to_owned(),
            id_card: sent.id_card.expose().to_owned(),
            secret,
            message_code: sent.message_code,
        })))
    }
}

/// Why a step is not answered as asked; a refused login may come with a picture.
struct Refused {
    refusal: Refusal,
    picture: Option<Vec<u8>>,
}

impl<R: Into<Refusal>> From<R> for Refused {
    fn from(refusal: R) -> Self {
        Self { refusal: refusal.into(), picture: None }
    }
}

fn turned_down(failure: CreditFailure) -> Refused {
    match failure {
        CreditFailure::Refused { refusal, picture } => Refused { picture, ..refusal.into() },
        CreditFailure::Failed(failure) => failure.into(),
    }
}

/// What the card form is told that it is for.
fn purpose(ask: &Ask) -> Purpose {
    match ask {
        Ask::ValidateCard { purpose, .. } => *purpose,
        _ => Purpose::Apply,
    }
}

/// How the borrower applied for the report, once it did.
fn apply_type(status: UserStatus, is_authenticated: bool) -> ApplyType {
    match status {
        _ if is_authenticated => ApplyType::ByUnionpay,
        UserStatus::NotApplied => ApplyType::Open,
        _ => ApplyType::ByQuestions,
    }
}

fn report_json(shown: &CreditShown) -> String {
    rong360::report::report(&shown.report, &shown.record, &shown.login_name).to_string()
}
