//! Taking an application in: kept first, then billed once under its order's number, then told.

use std::collections::BTreeSet;

use aws_lc_rs::digest::{SHA256, digest};
use domain::application::Application;
use domain::application::course::{Course, Event};
use domain::consent::{Purpose, Scope};
use domain::failure::Failure;
use domain::identity::Person;
use domain::merchant::Product;
use domain::secret::Private;
use domain::source::SourceKind;
use store::applications::StoredApplication;

use super::fresh::Fresh;
use super::{Content, Open, content_place, seal_course};
use crate::Engine;
use crate::consents::NewConsent;
use crate::directory::MerchantEntry;
use crate::sessions::Unsaved;

/// The name spaces of the keyed hashes of what was handed in, and of a device.
const CONTENT_SPACE: &str = "application";
pub(super) const DEVICE_SPACE: &str = "device";

/// Devices of one application that are noted.
pub(super) const DEVICES_MAX: usize = 20;

/// An application as its merchant hands it in.
pub struct NewApplication {
    pub person: Person,
    pub application: Application,
}

impl Engine {
    /// Takes an application in and gives its id. The same one again under the same order's number
    /// has the same id and no second bill.
    ///
    /// Errors: [`Failure::KeyReused`] when the number stands for another one; the limits of the
    /// entitlement, and then nothing is kept.
    pub async fn apply(
        &self,
        entry: &MerchantEntry,
        new: NewApplication,
    ) -> Result<String, Failure> {
        let entitlement = entry.entitlement(Product::RiskAudit, None);
        let entitlement = entitlement.ok_or(Failure::NotEntitled)?;
        let NewApplication { person, application } = new;
        let subject = self.subject_of(&person.id_card);
        let content = Content {
            name: person.name.expose().to_owned(),
            id_card: person.id_card.canonical().expose().clone(),
            mobile: person.mobile.canonical().expose().clone(),
            policy: entitlement.model.clone(),
            application,
        };
        let canonical = content.application.canonical();
        let open = self.keep_application(entry, subject, &content, &canonical).await?;
        if open.course != Course::Arriving {
            return Ok(open.row.open_id);
        }
        match self.bill_once(entitlement, &open.row.order_id, subject).await {
            Ok(()) | Err(Failure::AnswerGone) => {}
            // Where the bill's fate cannot be told, a repeat finds application and bill.
            Err(failure @ (Failure::Internal | Failure::Overloaded)) => return Err(failure),
            Err(failure) => {
                let (open_id, version) = (open.row.open_id, open.row.version);
                let removed = self.store().unit("forget_application", move |tx| {
                    store::applications::remove(tx, &open_id, version)
                });
                removed.await.map_err(|error| self.store_failed(&error))?;
                return Err(failure);
            }
        }
        let open_id = open.row.open_id.clone();
        self.make_due(entry, open, content, canonical.len()).await?;
        metrics::counter!("probity_applications_total").increment(1);
        Ok(open_id)
    }

    /// Leaves an application that is billed to the job that decides: of this node where it has a
    /// place, of any node otherwise. What others are told of it is kept now, as it is taken for
    /// good: what the merchant declares with it, and, where the person lets it be counted over
    /// lenders, whose devices these are.
    async fn make_due(
        &self,
        entry: &MerchantEntry,
        mut open: Open,
        content: Content,
        bytes: usize,
    ) -> Result<(), Failure> {
        let memory = &self.inner.applications;
        let devices = self.devices_of(&content.application);
        let scope = inquiries_scope(&open.row);
        let declared = entry.merchant.declares_consent.then(|| {
            self.seal_consent(NewConsent::declared(scope.clone(), open.row.at), &open.key)
        });
        let at = open.row.at;
        open.on(Event::Billed).map_err(|_| Failure::Internal)?;
        let place = memory.place(bytes);
        open.row.lease = place.is_some().then(|| self.session_lease());
        let saved = self.save_application(&mut open, move |tx| {
            if let Some((declared, evidence)) = &declared {
                store::consents::declare(tx, declared, evidence)?;
            }
            if !store::consents::allows_use(tx, &scope, at)? {
                return Ok(());
            }
            let mut note =
                |device| store::applications::note_device(tx, device, &scope.subject, at);
            devices.iter().try_for_each(&mut note)
        });
        match saved.await {
            Ok(()) => match place {
                Some(place) => place.send(Fresh { open, content }),
                None => memory.came.notify_one(),
            },
            // The same call beside this one was faster.
            Err(Unsaved::Moved) => {}
            Err(Unsaved::Failed(failure)) => return Err(failure),
        }
        Ok(())
    }

    /// Keeps an application, or finds it kept.
    async fn keep_application(
        &self,
        entry: &MerchantEntry,
        subject: domain::subject::SubjectHash,
        content: &Content,
        canonical: &[u8],
    ) -> Result<Open, Failure> {
        let merchant = entry.merchant.id;
        let fingerprint = self.application_fingerprint(content, canonical);
        let order_id = content.application.order.id.clone();
        if let Some(open) = self.application_of_order(entry, &order_id).await? {
            return if open.row.fingerprint == fingerprint { Ok(open) } else { reused() };
        }
        let key = self.subject_key(subject).await.map_err(|error| self.failed(&error))?;
        let open_id = self.random_hex::<16>();
        let course = Course::Arriving;
        let mut row = StoredApplication {
            merchant,
            order_id: order_id.clone(),
            subject,
            fingerprint,
            at: self.now(),
            state: 0,
            needs_people: false,
            due_at: None,
            lease: None,
            version: 1,
            sealed: seal_course(self, &key, &open_id, &course),
            open_id,
        };
        row.set_course(&course);
        let place = content_place(&row.open_id);
        let sealed = key.seal(place, &content.to_json(canonical), self.entropy());
        let kept = row.clone();
        let inserted = self
            .store()
            .unit("keep_application", move |tx| store::applications::insert(tx, &kept, &sealed));
        if inserted.await.map_err(|error| self.store_failed(&error))? {
            return Ok(Open { row, key, course });
        }
        // The same number came beside this one.
        match self.application_of_order(entry, &order_id).await? {
            Some(open) if open.row.fingerprint == fingerprint => Ok(open),
            Some(_) => reused(),
            None => Err(Failure::Overloaded),
        }
    }

    async fn application_of_order(
        &self,
        entry: &MerchantEntry,
        order_id: &str,
    ) -> Result<Option<Open>, Failure> {
        let (merchant, wanted) = (entry.merchant.id, order_id.to_owned());
        let found = self.store().read("application_of_order", move |tx| {
            store::applications::by_order(tx, merchant, &wanted)
        });
        match self.open_application(found.await) {
            Ok(open) => Ok(Some(open)),
            Err(Failure::SessionUnknown) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Of person and content: equal for what says the same, however it was written.
    fn application_fingerprint(&self, content: &Content, canonical: &[u8]) -> [u8; 32] {
        let sent = hex::encode(digest(&SHA256, canonical));
        let person = [&content.name, &content.id_card, &content.mobile].map(String::as_str);
        self.keys().index(CONTENT_SPACE, &Private::new(format!("{}\n{sent}", person.join("\n"))))
    }

    /// Keyed hashes of the devices that the borrower used the merchant's app on.
    pub(super) fn devices_of(&self, application: &Application) -> Vec<[u8; 32]> {
        let ids: BTreeSet<&str> =
            application.logins.iter().filter_map(|login| login.device_id.as_deref()).collect();
        let keys = self.keys();
        let hash = |id: &str| keys.index(DEVICE_SPACE, &Private::new(id.to_owned()));
        ids.into_iter().take(DEVICES_MAX).map(hash).collect()
    }
}

/// Of the consent to being counted over all lenders; where the person withdrew it, the store keeps
/// none that a merchant declares. Without it nothing is counted.
fn inquiries_scope(row: &StoredApplication) -> Scope {
    Scope {
        merchant: row.merchant,
        subject: row.subject,
        source: SourceKind::Inquiries,
        purpose: Purpose::CreditAssessment,
        account: None,
    }
}

fn reused<T>() -> Result<T, Failure> {
    Err(Failure::KeyReused)
}
