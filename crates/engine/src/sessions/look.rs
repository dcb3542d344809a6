//! What pollers and readers are given. Nothing here writes.

use std::sync::Arc;

use domain::dataset::ebank::EbankData;
use domain::dataset::telecom::TelecomData;
use domain::failure::Failure;
use domain::ids::MerchantId;
use domain::merchant::{MerchantState, Product};
use domain::report::numbers::{NumberBook, PublicNumbers};
use domain::report::{self, Asked};
use domain::session::{Phase, State};
use domain::time::Timestamp;
use sources::sandbox::bank::Banks;
use sources::sandbox::persona::numbers::SandboxNumbers;

use super::Session;
use super::record::dataset_place;
use crate::Engine;
use crate::directory::MerchantEntry;

impl Engine {
    /// The state of a session now. From this node's memory when it was read within 500 ms.
    pub async fn look(
        &self,
        entry: &MerchantEntry,
        product: Product,
        open_id: &str,
    ) -> Result<State, Failure> {
        let now = self.now();
        let own = (entry.merchant.id, product);
        if let Some(view) = self.inner.sessions.view(open_id, own, self.inner.clock.machine_now()) {
            return Ok(view.state.at(now, view.deadline));
        }
        let session = self.session(entry.merchant.id, product, open_id).await?;
        self.show_session(&session);
        Ok(session.record.state.at(now, session.record.deadline))
    }

    /// The merchant that names itself beside a session. Whether the session is its own is seen
    /// with the session: a name that nobody has is answered as a session that nobody has, after
    /// the same look into the database.
    pub async fn claimed_owner(
        &self,
        username: &str,
        open_id: &str,
    ) -> Result<Arc<MerchantEntry>, Failure> {
        let entry = self.directory().by_name(username).cloned();
        if let Some(entry) = entry.filter(|entry| entry.merchant.state == MerchantState::Active) {
            return Ok(entry);
        }
        let found = self.session(MerchantId(0), Product::Telecom, open_id).await;
        Err(found.err().unwrap_or(Failure::SessionUnknown))
    }

    /// Whose session it is, for the calls that need name nothing but the session; who names
    /// itself is taken at its word, as [`Engine::claimed_owner`] says.
    pub async fn owner(
        &self,
        open_id: &str,
        username: Option<&str>,
    ) -> Result<Arc<MerchantEntry>, Failure> {
        if let Some(username) = username {
            return self.claimed_owner(username, open_id).await;
        }
        let session = self.session_by_id(open_id).await?;
        let entry = self.directory().by_id(session.row.merchant).cloned();
        let is_active = |entry: &Arc<MerchantEntry>| entry.merchant.state == MerchantState::Active;
        entry.filter(is_active).ok_or(Failure::SessionUnknown)
    }

    /// What the sandbox's picture shows, for a session of a bank of the sandbox.
    pub async fn sandbox_captcha(&self, open_id: &str) -> Option<String> {
        if !self.inner.sandbox {
            return None;
        }
        let session = self.session_by_id(open_id).await.ok()?;
        Banks::captcha_text(open_id, session.record.memory.as_ref()?)
    }

    /// What a session collected, as the JSON that its merchant is given.
    pub async fn collected(
        &self,
        entry: &MerchantEntry,
        product: Product,
        open_id: &str,
    ) -> Result<String, Failure> {
        let (_, _, json) = self.session_data(entry, product, open_id).await?;
        String::from_utf8(json).map_err(|_| Failure::Internal)
    }

    /// The report on a carrier's data, derived anew from what was collected.
    pub async fn telecom_report(
        &self,
        entry: &MerchantEntry,
        open_id: &str,
    ) -> Result<String, Failure> {
        let (session, at, json) = self.session_data(entry, Product::Telecom, open_id).await?;
        let data: TelecomData = serde_json::from_slice(&json).map_err(|_| Failure::Internal)?;
        let person = session.person().map_err(Failure::CollectionFailed)?;
        // Who may not ask the blacklist is not told what it says.
        let is_blacklisted = if entry.is_entitled(Product::Blacklist) {
            self.is_blacklisted(&person.name, &person.id_card, &person.mobile).await.ok()
        } else {
            None
        };
        let claims = session.record.claims.claims();
        let asked = Asked { person: &person, claims: &claims, is_blacklisted };
        // The sandbox's people call numbers that no public directory has.
        let book: &dyn NumberBook =
            if self.inner.sandbox { &SandboxNumbers } else { &PublicNumbers };
        let report = report::telecom::derive(&data, asked, book, at);
        serde_json::to_string(&report).map_err(|_| Failure::Internal)
    }

    /// The report on a bank's data, of a session of either version.
    pub async fn ebank_report(
        &self,
        entry: &MerchantEntry,
        open_id: &str,
    ) -> Result<String, Failure> {
        let found = match self.session_data(entry, Product::Ebank, open_id).await {
            Err(Failure::SessionUnknown) => {
                self.session_data(entry, Product::EbankV2, open_id).await
            }
            found => found,
        };
        let (_, at, json) = found?;
        let data: EbankData = serde_json::from_slice(&json).map_err(|_| Failure::Internal)?;
        serde_json::to_string(&report::ebank::derive(&data, at)).map_err(|_| Failure::Internal)
    }

    async fn session_data(
        &self,
        entry: &MerchantEntry,
        product: Product,
        open_id: &str,
    ) -> Result<(Session, Timestamp, Vec<u8>), Failure> {
        let mut session = self.session(entry.merchant.id, product, open_id).await?;
        session.advance(self.now());
        match session.record.state.phase() {
            Phase::Collecting | Phase::Fetching => return Err(Failure::StillCollecting),
            Phase::Failed(failure) => return Err(Failure::CollectionFailed(failure)),
            Phase::Ready => {}
        }
        let wanted = open_id.to_owned();
        let stored = self
            .store()
            .read("dataset", move |tx| store::datasets::get(tx, &wanted))
            .await
            .map_err(|error| self.store_failed(&error))?
            .ok_or(Failure::SessionUnknown)?;
        let json = session.key.unseal(dataset_place(open_id), &stored.sealed).map_err(|error| {
            tracing::error!(open_id, %error, "a dataset does not open");
            Failure::Internal
        })?;
        Ok((session, stored.at, json))
    }
}
