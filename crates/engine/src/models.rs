//! Models: added with their card, checked before they are stored, put into use and taken out of it.

use std::sync::Arc;

use domain::scoring::card::{ModelCard, ModelState, sha256_hex};
use store::models::StoredModel;
use store::settings;

use crate::directory::{self, LiveModel};
use crate::{Engine, Error};

/// One version of a model.
#[derive(Clone, Debug)]
pub struct ModelSummary {
    pub name: String,
    pub version: i64,
    pub state: ModelState,
    pub card: ModelCard,
    pub sha256: String,
    /// Of the card as it is stored: what decisions name.
    pub card_sha256: String,
    /// Why it cannot be used, if it cannot.
    pub fault: Option<String>,
}

impl Engine {
    /// Adds a model as the next version of its name, which is in use within a second. Card and file
    /// are held against each other first.
    pub async fn add_model(&self, card: ModelCard, body: Vec<u8>) -> Result<i64, Error> {
        let (version, _) = self.store_model(card, body, ModelState::Live).await?;
        Ok(version)
    }

    /// Adds a model as the next version of its name, to be put into use by
    /// [`Engine::promote_model`]. The first version of a name takes nobody's place: it is live.
    pub async fn draft_model(
        &self,
        card: ModelCard,
        body: Vec<u8>,
    ) -> Result<(i64, ModelState), Error> {
        self.store_model(card, body, ModelState::Draft).await
    }

    async fn store_model(
        &self,
        card: ModelCard,
        body: Vec<u8>,
        state: ModelState,
    ) -> Result<(i64, ModelState), Error> {
        card.check(&body).map_err(|error| Error::invalid(error.to_string()))?;
        let mut model = StoredModel {
            name: card.name.clone(),
            version: 0,
            state,
            sha256: card.sha256.clone(),
            card: serde_json::to_string(&card).expect("a card is plain data"),
            body,
            created_at: self.now(),
        };
        let added = self
            .store()
            .unit("add_model", move |tx| {
                let versions = store::models::versions(tx)?;
                let is_new = !versions.iter().any(|(name, ..)| *name == model.name);
                // Set anew each time: the unit may be run again after another one's.
                model.state = if is_new { ModelState::Live } else { state };
                let version = store::models::insert(tx, &model)?;
                settings::touch_configuration(tx)?;
                Ok((version, model.state))
            })
            .await?;
        self.refresh().await?;
        Ok(added)
    }

    /// A version of a model, in whatever state: what it decided is decided again with it.
    pub async fn stored_model(
        &self,
        name: &str,
        version: i64,
    ) -> Result<Option<Arc<LiveModel>>, Error> {
        let wanted = name.to_owned();
        let found = self
            .store()
            .read("stored_model", move |tx| store::models::find(tx, &wanted, version))
            .await?;
        found.map(|stored| directory::check(stored).map_err(Error::invalid)).transpose()
    }

    /// Puts a version into use within a second, in the place of the one that was. One that cannot
    /// be used is refused.
    pub async fn promote_model(&self, name: &str, version: i64) -> Result<(), Error> {
        if let Some(fault) = self.model(name, version).await?.fault {
            return Err(Error::invalid(format!("{name}, version {version}: {fault}")));
        }
        self.change_model(name, version, store::models::promote).await
    }

    /// Takes a version out of use. Without a live version, calls that need the model fail.
    pub async fn retire_model(&self, name: &str, version: i64) -> Result<(), Error> {
        self.change_model(name, version, store::models::retire).await
    }

    async fn change_model(
        &self,
        name: &str,
        version: i64,
        change: fn(&mut store::Tx<'_>, &str, i64) -> Result<bool, store::StoreError>,
    ) -> Result<(), Error> {
        let owned = name.to_owned();
        let changed = self
            .store()
            .unit("change_model", move |tx| {
                let changed = change(tx, &owned, version)?;
                if changed {
                    settings::touch_configuration(tx)?;
                }
                Ok(changed)
            })
            .await?;
        if !changed {
            return Err(absent(name, version));
        }
        self.refresh().await
    }

    /// Every version of every model, by name and version, with what is wrong with it.
    pub async fn models(&self) -> Result<Vec<ModelSummary>, Error> {
        let versions = self.store().read("models", store::models::versions).await?;
        let mut models = Vec::with_capacity(versions.len());
        // One by one: the files of all versions together may be large.
        for (name, version, _) in versions {
            models.push(self.model(&name, version).await?);
        }
        Ok(models)
    }

    /// One version of a model.
    pub async fn model(&self, name: &str, version: i64) -> Result<ModelSummary, Error> {
        let owned = name.to_owned();
        let find = move |tx: &mut store::Tx<'_>| store::models::find(tx, &owned, version);
        let found = self.store().read("model", find).await?;
        summary(found.ok_or_else(|| absent(name, version))?)
    }
}

fn absent(name: &str, version: i64) -> Error {
    Error::absent(format!("there is no model {name:?} version {version}; see `probity model list`"))
}

fn summary(stored: StoredModel) -> Result<ModelSummary, Error> {
    let card: ModelCard = serde_json::from_str(&stored.card)
        .map_err(|error| Error::invalid(format!("model {}: {error}", stored.name)))?;
    let fault = card.check(&stored.body).err().map(|error| error.to_string());
    let card_sha256 = sha256_hex(stored.card.as_bytes());
    let StoredModel { name, version, state, sha256, .. } = stored;
    Ok(ModelSummary { name, version, state, card, sha256, card_sha256, fault })
}
