//! Face 2: the endpoints of `wire::qiancheng::Endpoint`, all through one door.

mod audit;

use std::net::IpAddr;
use std::sync::Arc;

use domain::call::Answer;
use domain::failure::Failure;
use domain::merchant::Product;
use domain::secret::Private;
use engine::{BankAccount, DegreeOpening, EbankOpening, MerchantEntry, TelecomOpening};
use wire::qiancheng::{self, Asked, BankLogin, Endpoint, Presented, Refusal, message};

use super::incoming::Incoming;
use super::server::Shared;

/// The header by which the sandbox tells what its picture shows.
const CAPTCHA_HEADER: &str = "x-sandbox-captcha";

/// Who asks, once it proved itself.
enum Sender {
    Anyone,
    Merchant(Arc<MerchantEntry>),
    /// A merchant and the session that it speaks of; that it is its own is checked with the
    /// session.
    Owner(Arc<MerchantEntry>, String),
}

impl Sender {
    fn merchant(self) -> Result<Arc<MerchantEntry>, Failure> {
        match self {
            Self::Merchant(entry) | Self::Owner(entry, _) => Ok(entry),
            Self::Anyone => Err(Failure::CredentialMissing),
        }
    }

    fn owner(self) -> Result<(Arc<MerchantEntry>, String), Failure> {
        match self {
            Self::Owner(entry, open_id) => Ok((entry, open_id)),
            Self::Merchant(_) | Self::Anyone => Err(Failure::SessionUnknown),
        }
    }
}

pub(crate) async fn serve(shared: Arc<Shared>, incoming: Incoming) -> Answer {
    let Some(endpoint) = Endpoint::at(incoming.path()) else {
        return message::unreached(404);
    };
    let answered = answer(&shared, endpoint, &incoming).await;
    answered.unwrap_or_else(|refusal| message::refuse(&refusal))
}

async fn answer(
    shared: &Shared,
    endpoint: Endpoint,
    incoming: &Incoming,
) -> Result<Answer, Refusal> {
    let engine = &shared.engine;
    if !engine.may_serve() {
        return Err(Failure::Overloaded.into());
    }
    let letter = qiancheng::read(endpoint, &incoming.request());
    let sender = match letter.credential()? {
        Presented::Password { username, password, hours } => {
            let entry = engine.log_in(&username, &password, incoming.client()).await?;
            let token = engine.token_for(&entry, u32::from(hours)).await?;
            return Ok(message::token(&token));
        }
        Presented::Token(token) => Sender::Merchant(engine.by_token(&token).await?.entry),
        Presented::Owner { username, open_id } => {
            Sender::Owner(engine.claimed_owner(&username, &open_id).await?, open_id)
        }
        Presented::OpenId { open_id, username } if endpoint == Endpoint::AuditResult => {
            let username = username.as_deref();
            Sender::Owner(engine.applicant_owner(&open_id, username).await?, open_id)
        }
        Presented::OpenId { open_id, username } => {
            Sender::Owner(engine.owner(&open_id, username.as_deref()).await?, open_id)
        }
        Presented::Nobody => Sender::Anyone,
    };
    let asked = letter.open(engine.now().shanghai_day())?;
    if let Asked::Audit { person, data } = asked {
        return audit::open(engine, &*sender.merchant()?, person, data).await;
    }
    Ok(serve_asked(shared, endpoint, sender, asked, incoming.client()).await?)
}

async fn serve_asked(
    shared: &Shared,
    endpoint: Endpoint,
    sender: Sender,
    asked: Asked,
    client: IpAddr,
) -> Result<Answer, Failure> {
    let engine = &shared.engine;
    match asked {
        Asked::Token | Asked::Audit { .. } => Err(Failure::CredentialMissing),
        Asked::AuditResult => {
            let (entry, open_id) = sender.owner()?;
            audit::result(engine, &entry, &open_id).await
        }
        Asked::Banks => banks(shared, endpoint, sender).await,
        Asked::IsListed(person) => {
            let entry = sender.merchant()?;
            let is_in = engine.search_blacklist(&entry, &person).await?;
            Ok(message::is_listed(endpoint, is_in))
        }
        Asked::OpenTelecom { .. }
        | Asked::OpenDegree { .. }
        | Asked::OpenEbank { .. }
        | Asked::OpenEbankV2(_) => open(shared, sender, asked).await,
        Asked::License { name, id_card, account } => {
            let entry = sender.merchant()?;
            let account = (account.entry_id.as_str(), account.login_name.expose().as_str());
            let subject = engine.subject_of(&id_card);
            let evidence = evidence(endpoint, Some(name.expose()), client);
            engine.upload_license(entry.merchant.id, subject, account, evidence).await?;
            Ok(message::nothing())
        }
        Asked::LicenseV2(account) => {
            let (entry, open_id) = sender.owner()?;
            let account = (account.entry_id.as_str(), account.login_name.expose().as_str());
            let evidence = evidence(endpoint, None, client);
            engine.upload_session_license(&entry, &open_id, account, evidence).await?;
            Ok(message::nothing())
        }
        Asked::ServicePassword(_)
        | Asked::DegreeLogin { .. }
        | Asked::EbankLogin(_)
        | Asked::Answer { .. }
        | Asked::Resend => submit(shared, endpoint, sender, asked).await,
        Asked::State => {
            let (entry, open_id) = sender.owner()?;
            state(shared, endpoint, &entry, &open_id).await
        }
        Asked::Data | Asked::Report => {
            let (entry, open_id) = sender.owner()?;
            let product = product(endpoint)?;
            let json = match asked {
                Asked::Report => engine.telecom_report(&entry, &open_id).await?,
                _ => engine.collected(&entry, product, &open_id).await?,
            };
            Ok(message::raw(&json))
        }
    }
}

/// Begins a session.
async fn open(shared: &Shared, sender: Sender, asked: Asked) -> Result<Answer, Failure> {
    let (engine, entry) = (&shared.engine, sender.merchant()?);
    match asked {
        Asked::OpenTelecom { person, service_password, claims } => {
            let opening = TelecomOpening { person, service_password, claims };
            Ok(message::open_id(&engine.open_telecom(&entry, opening).await?))
        }
        Asked::OpenDegree { person, claims } => {
            let opening = DegreeOpening { person, claims };
            Ok(message::open_id(&engine.open_degree(&entry, opening).await?))
        }
        // Where the borrower is and on what device is not asked of any source.
        Asked::OpenEbank { person, login, client: _ } => {
            let opening = EbankOpening { person, account: Some(bank_account(login)) };
            let (open_id, _) = engine.open_ebank(&entry, opening).await?;
            Ok(message::open_id(&open_id))
        }
        Asked::OpenEbankV2(person) => {
            let opening = EbankOpening { person, account: None };
            let (open_id, provider) = engine.open_ebank(&entry, opening).await?;
            Ok(message::open_id_and_type(&open_id, provider))
        }
        _ => Err(Failure::Internal),
    }
}

/// Takes what the borrower gives.
async fn submit(
    shared: &Shared,
    endpoint: Endpoint,
    sender: Sender,
    asked: Asked,
) -> Result<Answer, Failure> {
    let (engine, (entry, open_id)) = (&shared.engine, sender.owner()?);
    match asked {
        Asked::ServicePassword(password) => {
            engine.submit_service_password(&entry, &open_id, password).await?;
        }
        Asked::DegreeLogin { account, password, waits } => {
            let login = (account.expose().clone(), password);
            engine.submit_degree_login(&entry, &open_id, login, waits).await.map_err(as_login)?;
        }
        Asked::EbankLogin(login) => {
            engine.submit_bank_login(&entry, &open_id, bank_account(login)).await?;
            return state(shared, endpoint, &entry, &open_id).await;
        }
        Asked::Answer { prompt: Some(prompt), text } => {
            engine.submit_prompt(&entry, &open_id, prompt, text).await?;
        }
        Asked::Answer { prompt: None, text } => {
            engine.submit_bank_code(&entry, product(endpoint)?, &open_id, text).await?;
            return state(shared, endpoint, &entry, &open_id).await;
        }
        Asked::Resend => engine.resend_captcha(&entry, &open_id).await?,
        _ => return Err(Failure::Internal),
    }
    Ok(message::nothing())
}

/// A login that waited for the end tells a wrong password as wrong input (`qiancheng.md`).
fn as_login(failure: Failure) -> Failure {
    match failure {
        Failure::CollectionFailed(domain::source::SourceFailure::WrongCredentials) => {
            Failure::PasswordWrong
        }
        other => other,
    }
}

async fn state(
    shared: &Shared,
    endpoint: Endpoint,
    entry: &MerchantEntry,
    open_id: &str,
) -> Result<Answer, Failure> {
    let state = shared.engine.look(entry, product(endpoint)?, open_id).await?;
    let mut answer = message::state(endpoint, &state);
    if state.picture().is_some()
        && let Some(text) = shared.engine.sandbox_captcha(open_id).await
    {
        answer.headers.push((CAPTCHA_HEADER.to_owned(), text));
    }
    Ok(answer)
}

async fn banks(shared: &Shared, endpoint: Endpoint, sender: Sender) -> Result<Answer, Failure> {
    let banks = match sender {
        Sender::Owner(entry, open_id) => shared.engine.banks_of(&entry, &open_id).await?,
        Sender::Anyone | Sender::Merchant(_) => shared.engine.banks(),
    };
    Ok(message::banks(endpoint, &banks))
}

fn bank_account(login: BankLogin) -> BankAccount {
    let BankLogin { account, password } = login;
    let login_name = account.login_name.expose().clone();
    BankAccount { entry: account.entry_id, login_name, password }
}

/// What shows that a licence was uploaded: by which call, for whom, from where.
fn evidence(endpoint: Endpoint, name: Option<&str>, client: IpAddr) -> Private<String> {
    let path = endpoint.paths()[0];
    let text = serde_json::json!({ "path": path, "name": name, "from": client.to_string() });
    Private::new(text.to_string())
}

/// The product whose session an endpoint speaks of.
pub(super) fn product(endpoint: Endpoint) -> Result<Product, Failure> {
    Ok(match endpoint {
        Endpoint::TelecomOpen
        | Endpoint::TelecomServicePassword
        | Endpoint::TelecomQueryPassword
        | Endpoint::TelecomCaptcha
        | Endpoint::TelecomResend
        | Endpoint::TelecomState
        | Endpoint::TelecomData
        | Endpoint::TelecomReport => Product::Telecom,
        Endpoint::DegreeOpen
        | Endpoint::DegreeLogin
        | Endpoint::DegreeState
        | Endpoint::DegreeData => Product::Degree,
        Endpoint::EbankLicense
        | Endpoint::EbankOpen
        | Endpoint::EbankState
        | Endpoint::EbankCaptcha
        | Endpoint::EbankData => Product::Ebank,
        Endpoint::EbankOpenV2
        | Endpoint::EbankBanksV2
        | Endpoint::EbankLicenseV2
        | Endpoint::EbankLoginV2
        | Endpoint::EbankStateV2
        | Endpoint::EbankCaptchaV2
        | Endpoint::EbankDataV2 => Product::EbankV2,
        Endpoint::BlackList | Endpoint::BlackListV2 => Product::Blacklist,
        Endpoint::AuditOpen | Endpoint::AuditResult => Product::RiskAudit,
        Endpoint::Token | Endpoint::EbankBanks => return Err(Failure::Internal),
    })
}
