//! Scoring against the libraries that trained the models, on public data (see
//! `fixtures/scoring/README.md`), and against broken model files.

mod explanations;
mod fixture;
mod hostile;
mod parity;
