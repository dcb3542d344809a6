//! HOW MERCHANTS SPEAK. Pure: bytes to domain and back, no I/O, no clock, no HTTP library.
//!
//! Each face (wire protocol) has the same parts: it reads a [`Request`] to a letter, which shows
//! the credential only; opened, the letter yields a question in the words of `domain`; an outcome
//! or a refusal becomes the face's bytes. [`body`] is the one tolerant reader below all faces.

pub mod body;
pub mod finplus;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;
pub mod qiancheng;
mod request;
pub mod rong360;
pub mod table;
pub mod v1;

pub use request::{Headers, Request};
