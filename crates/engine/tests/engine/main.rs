//! The engine's use cases on a real SQLite file, with a clock that is moved by hand.

mod credentials;
mod rates;
mod world;
