//! The sandbox: simulated institutions and made-up people, the same every time, offline.

pub mod finplus;
