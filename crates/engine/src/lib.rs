//! WHAT HAPPENS. Use cases: load, decide (by `domain`), save and enqueue.
//!
//! Each surface (a face, the command line, later the console) calls these and nothing below.

mod applications;
mod audit_log;
mod authentication;
pub mod backup;
mod batches;
mod bills;
mod blacklist;
mod callbacks;
mod calls;
mod clock;
mod consents;
mod coverage;
mod credit;
mod decryption;
mod directory;
mod engine;
mod error;
mod explanation;
mod fail_points;
mod files;
mod health;
mod jobs;
mod journal;
mod keys;
mod loads;
mod logins;
mod merchants;
mod models;
mod nodes;
mod operators;
pub mod outbound;
mod policies;
mod providers;
mod repeats;
mod rong360;
mod sandbox;
mod sandbox_bureau;
mod sandbox_people;
mod scores;
mod searches;
mod sessions;
mod subjects;
pub mod tasks;
mod tokens;

pub use applications::{
    ApplicationAccount, ApplicationSummary, Compared, DecisionAccount, Looking, NewApplication,
    NotMoved, Refused, Replayed, masked_record,
};
pub use audit_log::LogVerification;
pub use batches::{CHUNK_ROWS as BATCH_CHUNK_ROWS, NewBatch};
pub use blacklist::LOAD as BLACKLIST_LOAD;
pub use callbacks::{CallbackFilter, NewCallback, Replay};
pub use calls::{CallRecord, Outcome};
pub use clock::EngineClock;
pub use consents::NewConsent;
pub use credit::{
    CardSecretGiven, CardholderGiven, CreditAsk, CreditFailure, CreditReply, CreditShown,
    CreditUser, HandedPage, NewPage,
};
pub use decryption::Undecryptable;
pub use directory::{Directory, KeyHolder, LiveModel, MerchantEntry};
pub use engine::{Engine, Settings};
pub use error::Error;
pub use explanation::{Explained, ScoreExplained};
pub use files::{HandedFile, NewFile, NotTaken};
pub use health::Health;
pub use journal::{Reconciliation, StatementOf, Verification};
pub use keys::{KeyReport, are_there as has_keys, init as init_keys, rotate_root};
pub use loads::{LoadFile, LoadReport};
pub use merchants::{Issued, NewCredential, NewMerchant};
pub use models::ModelSummary;
pub use operators::{Actor, COMMAND_LINE, IssuedOperator, NewOperator, OperatorSummary, SignedIn};
pub use outbound::{Outbound, OutboundSettings};
pub use policies::{LivePolicy, PolicyFaults, PolicySet};
pub use providers::{
    Check, CheckOutcome, Conformance, ConnectorHealth, Courier, CourierFault, Link, LiveProvider,
    NewProvider, SecretFault, read_secret,
};
pub use repeats::{Keeping, SignedRequest};
pub use sandbox::SandboxAccess;
pub use sandbox_bureau::{
    APPLICANTS, Applicant, ApplicationSize, BureauListing, bureau_page, bureau_people,
    sandbox_applicant,
};
pub use sandbox_people::{MagicId, SandboxIds, SandboxPerson, sandbox_ids};
pub use scores::{Question, Render};
pub use sessions::{
    BankAccount, DegreeOpening, EbankOpening, TelecomOpening, UnknownSession, Verdict,
};
pub use store::resolutions::NotedResolution;
pub use subjects::{Erased, View, consent_shown};
pub use tokens::{Bearer, TOKEN_HOURS_MAX};
