//! Face 3: Rong360's unified credit interface (document 002): a borrower's PBoC credit report,
//! form by form.
//!
//! [`read`] turns a request into a [`Letter`], which shows who says to have sent it. Only
//! [`Letter::verify`] (a signed form) or [`Letter::vouched`] (the document's JSON, with a token)
//! makes it [`Believed`], and only that can be opened to what is [`Asked`]. [`answer`] and
//! [`refuse`] write what the merchant receives.

mod answer;
pub mod codes;
mod fields;
mod forms;
mod json;
mod message;
mod refusal;
pub mod report;
mod sent;
mod signature;
mod translate;

pub use answer::{ApplyType, Reply, answer, refuse, unreached};
pub use fields::{COMMON, Check, Field, FieldKind, Method, Need, PREFIX};
pub use message::{Believed, Letter, Opened, Presented, read};
pub use refusal::Refusal;
pub use signature::Signature;
pub use translate::{
    Ask, Asked, Authentication, CardAnswer, CardSecrets, Login, PicturePurpose, Purpose, Sender,
};

#[cfg(test)]
mod tests;
