//! The course of an application through the risk audit (document 001, section 7): taken in, decided
//! by the policy, looked at by people where the policy cannot tell, final. What is final stays so;
//! a person who objects to it (PIPL, article 24) has it looked at again beside it.

use serde::{Deserialize, Serialize};

use crate::operator::Permission;
use crate::policy::Outcome;
use crate::time::Timestamp;

/// What becomes of an application in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Approve,
    Reject,
}

impl Verdict {
    pub const ALL: [Self; 2] = [Self::Approve, Self::Reject];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.as_str() == text)
    }
}

/// Who acted: an operator, by its number and its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    pub id: i64,
    pub name: String,
}

/// What one person proposes and another one has to confirm.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    pub by: Actor,
    pub verdict: Verdict,
    /// Why, in the proposer's words; they may speak of the applicant.
    pub reason: String,
    pub at: Timestamp,
}

/// A proposal that was confirmed by a second person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resolution {
    pub proposal: Proposal,
    pub confirmed_by: Actor,
    pub at: Timestamp,
}

/// A person's objection to a final verdict, and what people made of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Appeal {
    pub at: Timestamp,
    /// In the borrower's words, as its merchant handed them in.
    pub words: String,
    pub look: Look,
}

/// Two people looking at a case, one after the other.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// Nobody proposed anything yet, or the proposal was turned down.
    #[default]
    Open,
    Proposed(Proposal),
    Resolved(Resolution),
}

/// Where an application is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Course {
    /// Kept, its bill not yet written: nobody was told of it.
    Arriving,
    /// Waits for the policy.
    Waiting,
    /// The policy wants people to look. Never [`Look::Resolved`]: that is final.
    InReview(Look),
    Final {
        verdict: Verdict,
        /// The people's, where they decided; nothing where the policy did.
        resolution: Option<Resolution>,
        appeal: Option<Appeal>,
    },
}

/// What moves it.
#[derive(Clone, PartialEq, Eq)]
pub enum Event {
    Billed,
    Decided(Outcome),
    Proposed(Proposal),
    /// Another person agrees with the proposal, or turns it down.
    Answered {
        by: Actor,
        agrees: bool,
        at: Timestamp,
    },
    Appealed {
        words: String,
        at: Timestamp,
    },
}

/// Why an event does not move it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmoved {
    /// The policy has not decided yet.
    NotDecided,
    /// It is final, or was appealed already.
    Final,
    /// There is nothing that could be answered.
    NothingProposed,
    /// A proposal is there already.
    Proposed,
    /// Who proposed must not be who confirms.
    SamePerson,
    /// Only a refusal can be appealed.
    NotRefused,
}

impl Look {
    fn propose(self, proposal: Proposal) -> Result<Self, Unmoved> {
        match self {
            Self::Open => Ok(Self::Proposed(proposal)),
            Self::Proposed(_) => Err(Unmoved::Proposed),
            Self::Resolved(_) => Err(Unmoved::Final),
        }
    }

    fn answer(self, by: Actor, agrees: bool, at: Timestamp) -> Result<Self, Unmoved> {
        match self {
            Self::Open => Err(Unmoved::NothingProposed),
            Self::Resolved(_) => Err(Unmoved::Final),
            Self::Proposed(proposal) if proposal.by.id == by.id => Err(Unmoved::SamePerson),
            Self::Proposed(proposal) if agrees => {
                Ok(Self::Resolved(Resolution { proposal, confirmed_by: by, at }))
            }
            Self::Proposed(_) => Ok(Self::Open),
        }
    }
}

impl Course {
    /// The course after `event`, or why it stays as it is.
    pub fn on(self, event: Event) -> Result<Self, Unmoved> {
        match (self, event) {
            (Self::Arriving, Event::Billed) => Ok(Self::Waiting),
            // A repeat of the call that brought it.
            (same @ (Self::Waiting | Self::InReview(_) | Self::Final { .. }), Event::Billed) => {
                Ok(same)
            }
            (Self::Waiting, Event::Decided(outcome)) => Ok(match outcome {
                Outcome::Approve => Self::decided(Verdict::Approve),
                Outcome::Reject => Self::decided(Verdict::Reject),
                Outcome::Review => Self::InReview(Look::Open),
            }),
            (Self::InReview(_) | Self::Final { .. }, Event::Decided(_)) => Err(Unmoved::Final),
            (Self::InReview(look), Event::Proposed(proposal)) => {
                look.propose(proposal).map(Self::InReview)
            }
            (Self::InReview(look), Event::Answered { by, agrees, at }) => {
                look.answer(by, agrees, at).map(Self::reviewed)
            }
            (Self::Final { verdict, resolution, appeal: Some(appeal) }, event) => {
                let Appeal { at, words, look } = appeal;
                let look = match event {
                    Event::Proposed(proposal) => look.propose(proposal)?,
                    Event::Answered { by, agrees, at } => look.answer(by, agrees, at)?,
                    Event::Appealed { .. } | Event::Billed | Event::Decided(_) => {
                        return Err(Unmoved::Final);
                    }
                };
                Ok(Self::Final { verdict, resolution, appeal: Some(Appeal { at, words, look }) })
            }
            (
                Self::Final { verdict: verdict @ Verdict::Reject, resolution, appeal: None },
                Event::Appealed { words, at },
            ) => {
                let appeal = Some(Appeal { at, words, look: Look::Open });
                Ok(Self::Final { verdict, resolution, appeal })
            }
            (Self::Final { verdict: Verdict::Approve, .. }, Event::Appealed { .. }) => {
                Err(Unmoved::NotRefused)
            }
            (Self::Final { appeal: None, .. }, Event::Proposed(_) | Event::Answered { .. }) => {
                Err(Unmoved::Final)
            }
            (Self::InReview(_), Event::Appealed { .. })
            | (
                Self::Arriving | Self::Waiting,
                Event::Decided(_)
                | Event::Proposed(_)
                | Event::Answered { .. }
                | Event::Appealed { .. },
            ) => Err(Unmoved::NotDecided),
        }
    }

    /// What it takes to decide so: an override, where that overturns what the policy refused.
    pub fn takes(&self, verdict: Verdict) -> Permission {
        match self {
            Self::Final { verdict: stands, resolution: None, appeal: Some(_) }
                if *stands != verdict =>
            {
                Permission::Override
            }
            _ => Permission::ResolveReviews,
        }
    }

    /// What waits for a second person.
    pub fn proposal(&self) -> Option<&Proposal> {
        match self {
            Self::InReview(Look::Proposed(proposal))
            | Self::Final { appeal: Some(Appeal { look: Look::Proposed(proposal), .. }), .. } => {
                Some(proposal)
            }
            _ => None,
        }
    }

    /// The same without what people wrote, which may speak of the applicant.
    #[must_use]
    pub fn without_words(mut self) -> Self {
        let look = |look: &mut Look| match look {
            Look::Open => {}
            Look::Proposed(proposal) => proposal.reason.clear(),
            Look::Resolved(resolution) => resolution.proposal.reason.clear(),
        };
        match &mut self {
            Self::Arriving | Self::Waiting => {}
            Self::InReview(one) => look(one),
            Self::Final { resolution, appeal, .. } => {
                if let Some(resolution) = resolution {
                    resolution.proposal.reason.clear();
                }
                if let Some(appeal) = appeal {
                    appeal.words.clear();
                    look(&mut appeal.look);
                }
            }
        }
        self
    }

    fn decided(verdict: Verdict) -> Self {
        Self::Final { verdict, resolution: None, appeal: None }
    }

    fn reviewed(look: Look) -> Self {
        match look {
            Look::Resolved(resolution) => Self::Final {
                verdict: resolution.proposal.verdict,
                resolution: Some(resolution),
                appeal: None,
            },
            open => Self::InReview(open),
        }
    }

    /// The number that lists and the database know it by.
    pub fn number(&self) -> i64 {
        match self {
            Self::Arriving => 0,
            Self::Waiting => 1,
            Self::InReview(_) => 2,
            Self::Final { verdict: Verdict::Approve, .. } => 3,
            Self::Final { verdict: Verdict::Reject, .. } => 4,
        }
    }

    /// Whether people have to look: it is in review, or appealed and not resolved.
    pub fn needs_people(&self) -> bool {
        match self {
            Self::InReview(_) => true,
            Self::Final { appeal: Some(appeal), .. } => !matches!(appeal.look, Look::Resolved(_)),
            Self::Arriving | Self::Waiting | Self::Final { appeal: None, .. } => false,
        }
    }

    pub fn verdict(&self) -> Option<Verdict> {
        match self {
            Self::Final { verdict, .. } => Some(*verdict),
            Self::Arriving | Self::Waiting | Self::InReview(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;
