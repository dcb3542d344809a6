//! Where data comes from: the sources, the sandbox among them. Pure: no I/O, no clock.

pub mod bureau;
pub mod file;
pub mod remote;
pub mod sandbox;
pub mod step;
