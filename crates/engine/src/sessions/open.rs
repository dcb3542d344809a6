//! Beginning a session: entitled, consented, its call held, its row durable.

use domain::call::{Answer, Call, CallName, End, Resolved};
use domain::claims::Claims;
use domain::consent::{Purpose, Scope};
use domain::failure::Failure;
use domain::identity::Person;
use domain::ids::{CallKey, MerchantId};
use domain::keys::SubjectKey;
use domain::merchant::{Entitlement, Product};
use domain::secret::{Private, Secret};
use domain::session::{COLLECTION_LIMIT, Event, State, degree, ebank, telecom};
use domain::source::SourceKind;
use domain::subject::SubjectHash;
use domain::time::Timestamp;
use store::StoreError;
use store::sessions::{Mark, StoredSession};

use super::deliver::SYSTEM_ERROR;
use super::drive::Push;
use super::record::{HeldCall, Record, Session, StoredClaims};
use super::source_of;
use crate::consents::NewConsent;
use crate::directory::MerchantEntry;
use crate::{Engine, Error};

/// `POST /telecom/collect/open-id`.
pub struct TelecomOpening {
    pub person: Person,
    /// Nothing: it comes later, by service-password.
    pub service_password: Option<Secret<String>>,
    pub claims: Claims,
}

/// `POST /degree/collect/open-id`.
pub struct DegreeOpening {
    pub person: Person,
    pub claims: Claims,
}

/// An account at a bank, and its password where the bank wants one.
pub struct BankAccount {
    pub entry: String,
    pub login_name: String,
    pub password: Option<Secret<String>>,
}

/// `POST /ebank/collect/open-id` (with an account) and `/v2/ebank/collect/open-id` (without).
pub struct EbankOpening {
    pub person: Person,
    pub account: Option<BankAccount>,
}

/// What every beginning needs.
struct Opening {
    product: Product,
    person: Person,
    provider: String,
    account: Option<(String, String)>,
    claims: Claims,
    state: State,
    /// The consent that the opening call itself declares.
    declares: bool,
    push: Option<Push>,
}

impl Engine {
    pub async fn open_telecom(
        &self,
        entry: &MerchantEntry,
        opening: TelecomOpening,
    ) -> Result<String, Failure> {
        let TelecomOpening { person, service_password, claims } = opening;
        let subject = self.subject_of(&person.id_card);
        let provider = self.choose(SourceKind::Telecom, subject).await?;
        let session = self.begin(
            entry,
            Opening {
                product: Product::Telecom,
                person,
                provider: provider.provider.name.clone(),
                account: None,
                claims,
                state: State::Telecom(telecom::State::Init),
                declares: true,
                push: service_password.map(|password| Push::Login(Some(password))),
            },
        );
        session.await
    }

    pub async fn open_degree(
        &self,
        entry: &MerchantEntry,
        opening: DegreeOpening,
    ) -> Result<String, Failure> {
        let DegreeOpening { person, claims } = opening;
        let subject = self.subject_of(&person.id_card);
        let provider = self.choose(SourceKind::Degree, subject).await?;
        let session = self.begin(
            entry,
            Opening {
                product: Product::Degree,
                person,
                provider: provider.provider.name.clone(),
                account: None,
                claims,
                state: State::Degree(degree::State::Init),
                declares: true,
                push: None,
            },
        );
        session.await
    }

    /// Gives the session's id and the number of the provider that the routing chose.
    pub async fn open_ebank(
        &self,
        entry: &MerchantEntry,
        opening: EbankOpening,
    ) -> Result<(String, u8), Failure> {
        let EbankOpening { person, account } = opening;
        let product = if account.is_some() { Product::Ebank } else { Product::EbankV2 };
        if !entry.is_entitled(product) {
            return Err(Failure::NotEntitled);
        }
        let subject = self.subject_of(&person.id_card);
        let provider = match &account {
            Some(account) => {
                self.usable_entry(&account.entry)?;
                self.choose_for_entry(subject, &account.entry).await?
            }
            None => self.choose(SourceKind::Ebank, subject).await?,
        };
        let number = u8::try_from(provider.provider.number).unwrap_or_default();
        let (account, push) = match account {
            None => (None, None),
            Some(BankAccount { entry: at, login_name, password }) => {
                self.demand_license(entry, subject, (&at, &login_name)).await?;
                self.check_bank_account(&at, &login_name, password.as_ref())?;
                (Some((at, login_name)), Some(Push::Login(password)))
            }
        };
        let session = self.begin(
            entry,
            Opening {
                product,
                person,
                provider: provider.provider.name.clone(),
                account,
                claims: Claims::default(),
                state: State::Ebank(ebank::State::Init),
                declares: false,
                push,
            },
        );
        Ok((session.await?, number))
    }

    /// The licence for one account of a bank must be in force.
    pub(crate) async fn demand_license(
        &self,
        entry: &MerchantEntry,
        subject: SubjectHash,
        (at, login_name): (&str, &str),
    ) -> Result<(), Failure> {
        let scope = Scope {
            merchant: entry.merchant.id,
            subject,
            source: SourceKind::Ebank,
            purpose: Purpose::CreditAssessment,
            account: Some(self.account_hash(at, login_name)),
        };
        self.demand_consent(scope).await
    }

    /// Begins a session and gives its id. When this returns the session is durable and its call
    /// held; the source is asked beside the caller.
    async fn begin(&self, entry: &MerchantEntry, mut opening: Opening) -> Result<String, Failure> {
        self.admit(entry, opening.product)?;
        let entitlement = entry.entitlement(opening.product, None).ok_or(Failure::NotEntitled)?;
        let now = self.now();
        let subject = self.subject_of(&opening.person.id_card);
        let scope = scope_of(entry.merchant.id, subject, opening.product)?;
        let declares = opening.declares && self.declares(entry, &scope).await?;
        let key = self.subject_key(subject).await.map_err(|error| self.failed(&error))?;
        let open_id = self.random_hex::<16>();
        let held = self.hold(entitlement, &open_id, subject, now).await?;
        let push = opening.push.take();
        let mut session = Session {
            row: StoredSession {
                open_id: open_id.clone(),
                merchant: entry.merchant.id,
                product: opening.product,
                subject,
                state: 0,
                mark: Mark::Held,
                opened_at: now,
                due_at: None,
                lease: None,
                version: 0,
                sealed: Vec::new(),
            },
            key,
            record: record(opening, held, now),
        };
        if let Some(push) = &push {
            session.on(Event::LoggedIn, now).map_err(|_| Failure::Internal)?;
            self.take_off(&mut session, push.effect());
        }
        self.insert(&mut session, declares).await?;
        let product = session.row.product.as_str();
        metrics::counter!("probity_sessions_opened_total", "product" => product).increment(1);
        if let Some(push) = push {
            self.spawn_step(session, push);
        }
        Ok(open_id)
    }

    /// Claims the call's key and its place in the limits.
    async fn hold(
        &self,
        entitlement: &Entitlement,
        open_id: &str,
        subject: SubjectHash,
        at: Timestamp,
    ) -> Result<HeldCall, Failure> {
        let held = HeldCall {
            biz: self.new_biz(),
            app: entitlement.app.clone(),
            price: entitlement.price,
            limits: entitlement.limits,
        };
        let call = Call {
            name: CallName {
                merchant: entitlement.merchant,
                product: entitlement.product,
                key: CallKey::parse(open_id).ok_or(Failure::Internal)?,
            },
            app: held.app.clone(),
            biz: held.biz,
            at,
            fingerprint: self.fingerprint(&Private::new(open_id.to_owned())),
            limits: held.limits,
            end: End::Hold,
            subject: Some(subject),
        };
        // There is no answer yet: what is stored for replay comes with the resolution.
        let none = Answer { status: 0, headers: Vec::new(), body: Vec::new() };
        self.settle(call, none).await.map(|_| held)
    }

    /// Writes the session and the declared consent in one unit.
    async fn insert(&self, session: &mut Session, declares: bool) -> Result<(), Failure> {
        let now = session.row.opened_at;
        let scope = scope_of(session.row.merchant, session.row.subject, session.row.product)?;
        let consent =
            declares.then(|| self.seal_consent(NewConsent::declared(scope, now), &session.key));
        let row = session.next_row(self.entropy());
        let kept = row.clone();
        let inserted = self.store().unit("open_session", move |tx| {
            if let Some((consent, evidence)) = &consent {
                store::consents::declare(tx, consent, evidence)?;
            }
            store::sessions::insert(tx, &row)
        });
        if let Err(error) = inserted.await {
            // Where it cannot be told whether the row is there, the waker finds it.
            if !matches!(error, StoreError::Unknown(_)) {
                self.resolve_session(session, Resolved::Void { code: SYSTEM_ERROR }).await?;
            }
            return Err(self.store_failed(&error));
        }
        session.row = kept;
        self.show_session(session);
        Ok(())
    }

    /// The person's key: the one it has, or a fresh one.
    pub(crate) async fn subject_key(&self, subject: SubjectHash) -> Result<SubjectKey, Error> {
        let fresh = SubjectKey::generate(&self.keys(), &subject, self.entropy());
        let now = self.now();
        let sealed = self
            .store()
            .unit("subject_key", move |tx| store::subject_keys::ensure(tx, &subject, &fresh, now))
            .await?;
        Ok(SubjectKey::open(&self.keys(), &subject, &sealed)?)
    }
}

/// What a session needs a consent for, whatever the account.
pub(crate) fn scope_of(
    merchant: MerchantId,
    subject: SubjectHash,
    product: Product,
) -> Result<Scope, Failure> {
    let source = source_of(product).ok_or(Failure::Internal)?;
    let purpose = Purpose::CreditAssessment;
    Ok(Scope { merchant, subject, source, purpose, account: None })
}

fn record(opening: Opening, call: HeldCall, now: Timestamp) -> Record {
    let Opening { person, provider, account, claims, state, .. } = opening;
    let (entry, account) = account.unzip();
    Record {
        state,
        deadline: now + COLLECTION_LIMIT,
        provider,
        name: person.name.expose().to_owned(),
        id_card: person.id_card.expose().to_owned(),
        mobile: person.mobile.expose().to_owned(),
        entry,
        account,
        claims: StoredClaims::new(&claims),
        memory: None,
        flight: None,
        wake_at: None,
        has_data: false,
        call,
    }
}
