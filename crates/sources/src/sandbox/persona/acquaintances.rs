//! Whom a person is on the telephone with.

use domain::identity::PROVINCES;
use domain::report::numbers::{Kind, NumberBook, PublicNumbers};

use super::{Stream, blurred, numbers};

/// Somebody at the other end.
#[derive(Clone)]
pub struct Acquaintance {
    pub number: String,
    pub kind: Kind,
    /// Share of the person's calls, against the other acquaintances.
    pub weight: f64,
    /// Share of the calls that the person begins.
    pub outgoing: f64,
    /// The usual length of a call, in seconds.
    pub seconds: f64,
}

/// Family, colleagues and friends; services; for a bad risk lenders and debt collectors.
pub(super) fn of(seed: u64, quality: f64, province: &'static str) -> Vec<Acquaintance> {
    let risk = blurred(seed, 1.0 - quality, "pressure");
    let mut draws = Stream::new(seed, "acquaintances", 0);
    let mut known = Vec::new();
    let friends = 10 + draws.count(12.0 + 36.0 * quality);
    for at in 0..friends {
        let is_near = draws.chance(0.7);
        let home = if is_near { province } else { draws.pick(&PROVINCES) };
        let (weight, seconds) = match at {
            0..4 => (draws.between(6.0, 14.0), 180.0),
            4..10 => (draws.between(2.0, 6.0), 90.0),
            _ => (draws.between(0.2, 1.8), 60.0),
        };
        let number = numbers::synthetic(home, Kind::Unknown, draws.below(1_000_000));
        let outgoing = draws.between(0.3, 0.7);
        known.push(Acquaintance { number, kind: Kind::Unknown, weight, outgoing, seconds });
    }
    // Calls that come once: parcels, sales.
    for _ in 0..20 + draws.count(20.0) {
        let home = draws.pick(&PROVINCES);
        let kind = if draws.chance(0.4) { Kind::Courier } else { Kind::Unknown };
        let number = numbers::synthetic(home, kind, 900_000 + draws.below(100_000));
        known.push(Acquaintance { number, kind, weight: 0.15, outgoing: 0.0, seconds: 25.0 });
    }
    for (number, weight) in [("10086", 0.5), ("95588", 0.4), ("12306", 0.2), ("12345", 0.05)] {
        let (kind, number) = (PublicNumbers.look_up(number).kind, number.to_owned());
        let weight = weight * draws.between(0.3, 1.7);
        known.push(Acquaintance { number, kind, weight, outgoing: 0.8, seconds: 90.0 });
    }
    let all: f64 = known.iter().map(|one| one.weight).sum();
    let mut press = |kind, count: u32, share: f64, known: &mut Vec<Acquaintance>| {
        for _ in 0..count {
            let number = numbers::synthetic(draws.pick(&PROVINCES), kind, draws.below(1_000));
            let weight = all * share / f64::from(count) * draws.between(0.6, 1.4);
            let outgoing = if kind == Kind::Loan { 0.35 } else { 0.02 };
            known.push(Acquaintance { number, kind, weight, outgoing, seconds: 45.0 });
        }
    };
    press(Kind::CreditCard, 1, 0.01, &mut known);
    press(Kind::Loan, 1 + (risk * 8.0) as u32, 0.002 + 0.12 * risk * risk, &mut known);
    if risk > 0.45 {
        press(Kind::Collection, 1 + (risk * 5.0) as u32, 0.14 * (risk - 0.45), &mut known);
    }
    known
}

/// The contacts that the merchant named, the first one closest. A person of bad quality names some
/// who are never on the telephone.
pub(super) fn named(seed: u64, quality: f64, contacts: &[String]) -> Vec<Acquaintance> {
    let mut draws = Stream::new(seed, "named", 0);
    let mut known = Vec::new();
    for (at, number) in contacts.iter().enumerate() {
        let (low, high) = if at == 0 { (10.0, 20.0) } else { (3.0, 9.0) };
        let (weight, outgoing) = (draws.between(low, high), draws.between(0.4, 0.6));
        if draws.chance(0.5 + 0.5 * quality) {
            let (number, kind) = (number.clone(), Kind::Unknown);
            known.push(Acquaintance { number, kind, weight, outgoing, seconds: 120.0 });
        }
    }
    known
}
