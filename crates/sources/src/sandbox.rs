//! The sandbox: simulated institutions and made-up people, the same every time, offline.

pub mod bank;
pub mod blacklist;
mod captcha;
pub mod carrier;
pub mod chsi;
pub mod credit_report;
pub mod finplus;
pub mod pboc;
pub mod persona;
mod stage;
