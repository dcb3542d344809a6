//! The engine's use cases on a real SQLite file, with a clock that is moved by hand.

mod blacklist;
mod credentials;
mod credit;
mod providers;
mod rates;
mod repeats;
mod world;
