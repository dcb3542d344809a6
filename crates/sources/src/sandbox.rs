//! The sandbox: simulated institutions and made-up people, the same every time, offline.

pub mod blacklist;
pub mod finplus;
pub mod persona;
pub mod bank;
pub mod carrier;
pub mod chsi;
mod stage;
