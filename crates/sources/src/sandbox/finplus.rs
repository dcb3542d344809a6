//! What the sandbox loads for face 1 (Finplus score): models, people with ids and behaviours,
//! the applications of the demo merchant, and ids that call up a fault.
//!
//! The people are the 300 rows of the Statlog German Credit data that the models were not trained
//! on, so that scores and defaults can be compared honestly. Their ids are synthetic.

mod apps;
mod faults;
mod german;
mod models;
mod people;

pub use self::apps::{SandboxApp, apps};
pub use self::faults::{FAILING_IMEI, FAILING_ONCE_IMEI, Fault, SLOW_ONCE_IMEI, fault};
pub use self::models::{SandboxModel, models};
pub use self::people::{BEHAVIOUR_KIND, EMPTY_IMEI, Person, SAMPLE_IDS, UNMAPPED_IMEI, people};

#[cfg(test)]
mod tests;
