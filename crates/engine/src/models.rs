//! Models: added with their card, checked before they are stored.

use domain::scoring::card::ModelCard;
use store::models::StoredModel;
use store::settings;

use crate::{Engine, Error};

/// One model in use.
#[derive(Clone, Debug)]
pub struct ModelSummary {
    pub name: String,
    pub version: i64,
    pub card: ModelCard,
    pub sha256: String,
    /// Why it cannot be used, if it cannot.
    pub fault: Option<String>,
}

impl Engine {
    /// Adds a model as the next version of its name; it is in use within a second. Card and file
    /// are held against each other first.
    pub async fn add_model(&self, card: ModelCard, body: Vec<u8>) -> Result<i64, Error> {
        card.check(&body).map_err(|error| Error::invalid(error.to_string()))?;
        let model = StoredModel {
            name: card.name.clone(),
            version: 0,
            sha256: card.sha256.clone(),
            card: serde_json::to_string(&card).expect("a card is plain data"),
            body,
            created_at: self.now(),
        };
        let version = self
            .store()
            .unit("add_model", move |tx| {
                let version = store::models::insert(tx, &model)?;
                settings::touch_configuration(tx)?;
                Ok(version)
            })
            .await?;
        self.refresh().await?;
        Ok(version)
    }

    /// The newest version of each model, with what is wrong with it.
    pub async fn models(&self) -> Result<Vec<ModelSummary>, Error> {
        let stored = self.store().read("models", store::models::newest).await?;
        let summary = |model: StoredModel| {
            let card: ModelCard = serde_json::from_str(&model.card)
                .map_err(|error| Error::invalid(format!("model {}: {error}", model.name)))?;
            let fault = card.check(&model.body).err().map(|error| error.to_string());
            let StoredModel { name, version, sha256, .. } = model;
            Ok(ModelSummary { name, version, card, sha256, fault })
        };
        stored.into_iter().map(summary).collect()
    }
}
