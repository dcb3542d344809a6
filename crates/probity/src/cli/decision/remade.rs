//! How decisions came out when they were made again.

use std::collections::BTreeMap;

use engine::Compared;
use serde::Serialize;

use crate::cli::output;

#[derive(Default, Serialize)]
pub(super) struct Remade {
    same: u64,
    /// How many of which catalogue came out the same from the features that were recorded.
    from_record: BTreeMap<u32, u64>,
    /// Application and number of each decision.
    pub(super) different: Vec<String>,
}

impl Remade {
    pub(super) fn note(&mut self, open_id: &str, number: i64, compared: Compared) {
        match compared {
            Compared::Same => self.same += 1,
            Compared::SameFromRecord { catalogue } => {
                *self.from_record.entry(catalogue).or_default() += 1;
            }
            Compared::Different => self.different.push(format!("{open_id} {number}")),
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.same + self.from_record.values().sum::<u64>() + self.different.len() as u64
    }

    pub(super) fn print(&self) -> anyhow::Result<()> {
        output::line(format_args!("{} decisions came out the same, byte for byte", self.same))?;
        for (catalogue, count) in &self.from_record {
            output::line(format_args!(
                "{count} decisions: features by catalogue {catalogue} are not computed any more; \
                 score and policy, made again from the recorded inputs, came out the same"
            ))?;
        }
        for one in &self.different {
            output::line(format_args!("{one}: it comes out otherwise"))?;
        }
        Ok(())
    }
}
