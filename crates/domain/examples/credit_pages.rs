//! Pages per second of the credit report's parser on one thread: what `./bench` sets beside its
//! aim.
//!
//!   credit_pages PAGE
//!
//! Prints `pages RATE` (the best of some rounds) and `bytes SIZE`.

use std::error::Error;
use std::hint::black_box;
use std::io::{self, Write as _};
use std::time::Instant;

use domain::report::pboc::page;

const ROUNDS: usize = 5;
const PAGES: usize = 5_000;

#[expect(clippy::disallowed_methods, reason = "it measures time")]
fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: credit_pages PAGE")?;
    let bytes = std::fs::read(path)?;
    page::read(&bytes)?;
    let rate = |_| {
        let begin = Instant::now();
        for _ in 0..PAGES {
            _ = black_box(page::read(black_box(&bytes)));
        }
        PAGES as f64 / begin.elapsed().as_secs_f64()
    };
    let best = (0..ROUNDS).map(rate).fold(0.0, f64::max);
    Ok(writeln!(io::stdout(), "pages {best:.0}\nbytes {}", bytes.len())?)
}
