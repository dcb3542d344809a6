//! A made-up person behind every valid identity: one story that the carrier, CHSI and the banks of
//! the sandbox all tell, and behind it a hidden credit quality that shows in each of them.
//!
//! Everything comes from a keyed hash of the identity, so the same person is the same on every
//! node and every day; the calls of a day stay the same, whichever day they are asked for on. Only
//! exact arithmetic is used (no logarithm, no exponential), so that each machine gives the same.
//! What could be taken for real is marked: employers, schools and lenders are called 合成…, and
//! the people at the other end have numbers of a range that no telephone has ([`numbers`]).

mod acquaintances;
pub mod application;
mod bank;
mod carrier;
pub mod credit;
mod degree;
pub mod numbers;
mod places;
pub(super) mod stream;
mod work;

use aws_lc_rs::hmac;
use domain::dataset::ebank::CardType;
use domain::identity::{Carrier, PROVINCES, Person};
use domain::time::Day;

pub use acquaintances::Acquaintance;
pub use bank::bank_data;
pub use carrier::{carrier_data, carrier_data_of_nobody};
pub use degree::degree_data;
use stream::Stream;
pub use work::Work;

/// A person of the sandbox.
pub struct Persona {
    pub person: Person,
    /// The hidden truth: 0 the worst risk, 1 the best; even over all people.
    pub quality: f64,
    /// In full years, at least 16.
    pub age: i32,
    /// Where the person lives: that of the mobile's segment, or of the ID card.
    pub province: &'static str,
    pub city: &'static str,
    pub carrier: Carrier,
    pub work: Work,
    pub acquaintances: Vec<Acquaintance>,
    /// Of the person, whatever the telephone.
    seed: u64,
    /// Of the person with this telephone.
    line_seed: u64,
}

impl std::fmt::Debug for Persona {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Persona(…)")
    }
}

impl Persona {
    /// The person behind an identity. The name takes no part in the hash: a person is the ID card,
    /// with a telephone.
    pub fn of(seed_key: &[u8], person: &Person, today: Day) -> Self {
        let (id_card, mobile) = (&person.id_card, &person.mobile);
        let key = hmac::Key::new(hmac::HMAC_SHA256, seed_key);
        let hash = |parts: [&str; 2]| {
            let tag = hmac::sign(&key, parts.join("\n").as_bytes());
            let first = tag.as_ref().first_chunk().expect("a tag has 32 bytes");
            u64::from_be_bytes(*first)
        };
        let seed = hash([id_card.expose(), ""]);
        let line_seed = hash([id_card.expose(), mobile.expose()]);
        let quality = Stream::new(seed, "quality", 0).unit();
        let segment = mobile.segment();
        let age = years_between(id_card.birth(), today).max(16);
        let born_in = || {
            let region = id_card.region()?.province;
            PROVINCES.into_iter().find(|province| region.starts_with(province))
        };
        let province = segment.map(|segment| segment.province).or_else(born_in);
        let province =
            province.unwrap_or_else(|| Stream::new(seed, "province", 0).pick(&PROVINCES));
        Self {
            person: person.clone(),
            quality,
            age,
            province,
            city: places::capital(province),
            carrier: segment.map_or(Carrier::Mobile, |segment| segment.carrier),
            work: Work::new(seed, quality, age, places::capital(province)),
            acquaintances: acquaintances::of(line_seed, quality, province),
            seed,
            line_seed,
        }
    }

    /// The risk as it shows in one part of the life, 0 to 1: two thirds of it is the hidden
    /// quality, a third is that part's own.
    fn risk(&self, part: &str) -> f64 {
        blurred(self.seed, 1.0 - self.quality, part)
    }

    /// Draws for one topic of the person's life: a day, a month, a card.
    fn draws(&self, topic: &str, index: i32) -> Stream {
        Stream::new(self.seed, topic, index)
    }

    /// Draws for one topic of the telephone.
    fn line_draws(&self, topic: &str, index: i32) -> Stream {
        Stream::new(self.line_seed, topic, index)
    }

    /// The number of the person's card at a bank: a real BIN, digits of the hash, a Luhn digit.
    fn card_number(&self, bank: &numbers::CardBins, card_type: CardType) -> String {
        let (bin, length) = bank.of(card_type);
        let at = numbers::CARD_BINS.iter().position(|one| one.bank_code == bank.bank_code);
        let topic = if card_type == CardType::Debit { "debit card" } else { "credit card" };
        let mut draws = self.draws(topic, at.unwrap_or_default() as i32);
        let mut digits = bin.to_owned();
        while digits.len() < length - 1 {
            digits.push(char::from(b'0' + draws.below(10) as u8));
        }
        numbers::with_check_digit(digits)
    }
}

fn blurred(seed: u64, risk: f64, part: &str) -> f64 {
    (risk * 2.0 + Stream::new(seed, part, -1).unit()) / 3.0
}

/// Full years from a birthday to a day.
fn years_between(birth: Day, day: Day) -> i32 {
    let (birth, day) = (birth.civil(), day.civil());
    day.0 - birth.0 - i32::from((day.1, day.2) < (birth.1, birth.2))
}

#[cfg(test)]
mod tests;
