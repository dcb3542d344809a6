//! The sandbox: a demo merchant, synthetic people, the data set's models, and a clock to move.

mod key_pair;

use domain::features::Behaviour;
use domain::ids::AppId;
use domain::load::{LoadKind, LoadRow};
use domain::merchant::{Entitlement, Limits, Merchant, MerchantState, Product, Rong360, TagKey};
use domain::money::Amount;
use domain::operator::{Operator, Role};
use domain::secret::{Private, Secret};
use domain::subject::SubjectRef;
use domain::time::{Span, Timestamp};
use sources::sandbox::finplus;
use store::settings;

use crate::merchants::{NewCredential, NewMerchant};
use crate::operators::{Actor, IssuedOperator, NewOperator};
use crate::{Engine, Error};

/// The demo merchant's name.
const MERCHANT: &str = "sandbox";

/// The demo merchant's price of a score: 35 分.
const SCORE_PRICE: Amount = Amount(350_000);

/// What the demo merchant may ask of faces 2 and 3, and its prices: 10 分 a look into the blacklist,
/// 1 元 a person's data, 2 元 a credit report, 20 分 the same report again, 50 分 a file,
/// 3 元 a decision on an application.
const COLLECTIONS: [(Product, Amount); 9] = [
    (Product::Blacklist, Amount(100_000)),
    (Product::Telecom, Amount(1_000_000)),
    (Product::Degree, Amount(1_000_000)),
    (Product::Ebank, Amount(1_000_000)),
    (Product::EbankV2, Amount(1_000_000)),
    (Product::CreditReport, Amount(2_000_000)),
    (Product::CreditCached, Amount(200_000)),
    (Product::File, Amount(500_000)),
    (Product::RiskAudit, Amount(3_000_000)),
];

/// The policy that decides on the demo merchant's applications.
const POLICY: &str = "consumer-credit";

/// The demo merchant's app id of face 3, and what the document's examples call it.
const APP_ID: &str = "2000001";
const APP_ID_ALIAS: &str = "123124";

/// The sandbox's operators: two, so that one can sign off what the other wrote.
const OPERATORS: [(&str, &[Role]); 2] =
    [("risk-1", &[Role::Risk]), ("risk-2", &[Role::Admin, Role::Risk])];

/// Set once the people and models are loaded and the merchant's access is handed on.
const LOADED: &str = "sandbox_loaded";

/// What a merchant's developer needs to call the sandbox.
pub struct SandboxAccess {
    pub username: String,
    pub password: Secret<String>,
    pub app_key: String,
    pub app_secret: Secret<String>,
    pub app_code: Secret<String>,
    pub score_app_ids: Vec<String>,
    /// Face 3's app id, and the key that its requests are signed with.
    pub app_id: String,
    pub private_key_pem: Secret<String>,
    pub operators: Vec<IssuedOperator>,
}

impl Engine {
    /// Makes what the sandbox needs, where it is not there yet: models, people, the demo merchant
    /// with fresh credentials. Gives the access when it was made now; a secret is shown once. To be
    /// followed by `sandbox_prepared` when the access is in safe hands.
    pub async fn prepare_sandbox(&self) -> Result<Option<SandboxAccess>, Error> {
        // A database of an earlier version has none.
        self.add_sandbox_providers().await?;
        self.add_sandbox_policy().await?;
        let loaded = self.store().read("sandbox_loaded", |tx| settings::get(tx, LOADED)).await?;
        if loaded.is_some() {
            return Ok(None);
        }
        let there = self.models().await?;
        for model in finplus::models() {
            // A start that was cut off may have added some.
            if there.iter().any(|other| other.name == model.card.name) {
                continue;
            }
            self.add_model(model.card, model.body).await?;
        }
        self.add_example_scorecard().await?;
        self.load_people().await?;
        self.load_sample_blacklist().await?;
        let mut access = self.make_merchant().await?;
        access.operators = self.make_operators().await?;
        self.refresh().await?;
        Ok(Some(access))
    }

    /// Says that the access was handed on. Until then every start makes fresh credentials: those of
    /// a start that was cut off are known to nobody.
    pub async fn sandbox_prepared(&self) -> Result<(), Error> {
        Ok(self.store().unit("sandbox_loaded", |tx| settings::set(tx, LOADED, "1")).await?)
    }

    /// The scorecard that the policy which ships names.
    async fn add_example_scorecard(&self) -> Result<(), Error> {
        let (card, _) = domain::assessment::scorecard::example();
        if self.models().await?.iter().any(|model| model.name == card.name) {
            return Ok(());
        }
        self.add_model(card, domain::assessment::scorecard::MODEL.to_vec()).await.map(drop)
    }

    /// Loads the synthetic people through the same door as an operator's files.
    async fn load_people(&self) -> Result<(), Error> {
        let at = self.now() - Span::days(1);
        let (mut ids, mut behaviours) = (Vec::new(), Vec::new());
        for person in finplus::people() {
            let subject = || Private::new(person.subject.clone());
            for (id_type, value) in &person.ids {
                let id = SubjectRef::parse(*id_type, value)
                    .ok_or_else(|| Error::invalid("an id of the sandbox is none"))?;
                ids.push(Ok(LoadRow::Id { id, subject: subject() }));
            }
            for (kind, name, value) in person.behaviours.iter().cloned() {
                let behaviour = Behaviour { at, kind, name, value };
                behaviours.push(Ok(LoadRow::Behaviour { subject: subject(), behaviour }));
            }
        }
        for (kind, rows) in [(LoadKind::Ids, ids), (LoadKind::Behaviours, behaviours)] {
            self.load(kind, None, rows.into_iter(), |_, _| Ok(())).await?;
        }
        Ok(())
    }

    /// Puts the policy that ships into use, as one operator wrote it and the other signed it off.
    async fn add_sandbox_policy(&self) -> Result<(), Error> {
        if self.policies().await?.is_empty() {
            let [author, signer] = OPERATORS.map(|(name, roles)| Operator {
                id: 0,
                name: name.to_owned(),
                roles: roles.to_vec(),
            });
            self.add_default_policy(&author, &signer).await?;
        }
        Ok(())
    }

    /// The operators with fresh credentials, as [`Self::make_merchant`] the merchant.
    async fn make_operators(&self) -> Result<Vec<IssuedOperator>, Error> {
        let (there, actor) = (self.operators().await?, Actor::CommandLine { recovers: true });
        let mut issued = Vec::new();
        for (name, roles) in OPERATORS {
            let known = there.iter().find(|one| one.operator.name == name);
            issued.push(if let Some(known) = known {
                IssuedOperator {
                    operator: known.operator.clone(),
                    password: self.reset_password(actor, name, None).await?,
                    totp: self.reset_totp(actor, name).await?,
                }
            } else {
                let roles = roles.to_vec();
                let new = NewOperator { name: name.to_owned(), roles, password: None };
                self.add_operator(actor, new).await?
            });
        }
        Ok(issued)
    }

    async fn make_merchant(&self) -> Result<SandboxAccess, Error> {
        let new = NewMerchant {
            name: MERCHANT.to_owned(),
            rate_per_second: None,
            sandbox: true,
            declares_consent: true,
            takes_blocks: true,
        };
        let merchant = match self.merchant(MERCHANT).await {
            Ok(merchant) => merchant,
            Err(Error::Absent(_)) => self.create_merchant(new).await?,
            Err(error) => return Err(error),
        };
        debug_assert_eq!(merchant.state, MerchantState::Active);
        self.entitle_merchant(&merchant).await?;
        let terms = Rong360 {
            aliases: vec![APP_ID_ALIAS.to_owned()],
            plain_json: true,
            ..Rong360::new(APP_ID.to_owned())
        };
        self.set_rong360(&merchant, terms).await?;
        let keys = key_pair::make().await?;
        let public = NewCredential::RsaPublicKey { pem: keys.public };
        self.issue_credential(&merchant, public).await?;
        let secret = |secret: Option<Secret<String>>| secret.expect("this kind has a secret");
        let password = NewCredential::Password { password: None };
        let password = self.issue_credential(&merchant, password).await?;
        let code = self.issue_credential(&merchant, NewCredential::AppCode).await?;
        let pair = self.issue_credential(&merchant, NewCredential::AppKey).await?;
        Ok(SandboxAccess {
            username: merchant.name,
            password: secret(password.secret),
            app_key: pair.public.expect("a pair has a key"),
            app_secret: secret(pair.secret),
            app_code: secret(code.secret),
            score_app_ids: finplus::apps().iter().map(|app| app.app.to_owned()).collect(),
            app_id: APP_ID.to_owned(),
            private_key_pem: keys.private,
            operators: Vec::new(),
        })
    }

    async fn entitle_merchant(&self, merchant: &Merchant) -> Result<(), Error> {
        for app in finplus::apps() {
            let entitlement = Entitlement {
                merchant: merchant.id,
                product: Product::FinplusScore,
                app: AppId(app.app.to_owned()),
                is_default: app.is_default,
                model: app.model.to_owned(),
                price: SCORE_PRICE,
                limits: app.limits,
                tag_key: TagKey::Name,
            };
            self.entitle(entitlement).await?;
        }
        for (product, price) in COLLECTIONS {
            let entitlement = Entitlement {
                merchant: merchant.id,
                product,
                app: AppId::default(),
                is_default: true,
                model: if product == Product::RiskAudit { POLICY } else { "" }.to_owned(),
                price,
                limits: Limits::default(),
                tag_key: TagKey::Name,
            };
            self.entitle(entitlement).await?;
        }
        Ok(())
    }

    /// Moves the sandbox's clock ahead, for all nodes; gives the new time. The clock never goes
    /// back: deadlines that passed stay passed.
    pub async fn advance_clock(&self, span: Span) -> Result<Timestamp, Error> {
        if span.0 <= 0 {
            return Err(Error::invalid("the clock can only be moved ahead; give a span like 10m"));
        }
        self.store()
            .unit("advance_clock", move |tx| {
                if settings::get(tx, LOADED)?.is_none() {
                    return Ok(false);
                }
                let name = settings::SANDBOX_CLOCK_OFFSET_US;
                let offset = settings::number(tx, name)?.saturating_add(span.0);
                settings::set(tx, name, &offset.to_string())?;
                Ok(true)
            })
            .await?
            .then_some(())
            .ok_or_else(|| {
                Error::invalid("this database is no sandbox; its clock is the machine's")
            })?;
        self.refresh().await?;
        Ok(self.now())
    }
}
