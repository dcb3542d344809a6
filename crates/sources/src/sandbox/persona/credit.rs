//! The people that the sandbox's credit bureau knows (`sandbox.md`, PBoC and UnionPay): who stands
//! behind a login name, with cards, a credit record that fits the rest of the persona's story, and
//! the five questions that follow from it.
//!
//! They are nobody: no ID number ends its sequence in 000, no mobile begins with 154, and the names
//! say 合成.

mod accounts;
mod identity;
mod queries;
mod questions;
mod sample;

use domain::dataset::credit::{CreditRecord, Head, Summary};
use domain::dataset::ebank::CardType;
use domain::identity::{BankCard, Person};
use domain::time::{Span, Timestamp};

pub use questions::Question;

use super::numbers::{CARD_BINS, CardBins};
use super::{Persona, Stream};
use crate::sandbox::stage::SEED_KEY;

/// The login name whose record is that of document 002's sample.
pub const SAMPLE: &str = "xiongwei08";

/// A registered person of the bureau.
#[derive(Clone, Debug)]
pub struct BureauPerson {
    pub login_name: String,
    /// All digits of the login name as a number: it picks the mix of the record and the right
    /// options.
    pub number: u64,
    pub person: Person,
    /// Of the bank that the salary goes to.
    pub debit_card: BankCard,
    pub credit_card: BankCard,
    bank: &'static CardBins,
}

/// The registered person of a login name: `sandbox00` to `sandbox69`, `e508NNN` for each code of
/// document 002, and [`SAMPLE`].
pub fn person(login_name: &str) -> Option<BureauPerson> {
    let suffix = identity::mobile_suffix(login_name)?;
    let mut draws = Stream::new(0, login_name, 0);
    let person = identity::person(login_name, suffix, &mut draws);
    // 农业银行 is out of use at the sandbox's banks, and 招商银行 is not on the document's list of
    // debit cards (1.1.7).
    let banks: Vec<&CardBins> =
        CARD_BINS.iter().filter(|bank| !["ABC", "CMB"].contains(&bank.bank_code)).collect();
    let bank = banks[draws.below(banks.len() as u64) as usize];
    let persona = Persona::of(SEED_KEY, &person, identity::REGISTERED);
    let card = |card_type| {
        let number = persona.card_number(bank, card_type);
        BankCard::parse(&number).expect("cards of the sandbox pass Luhn")
    };
    let digits: String = login_name.chars().filter(char::is_ascii_digit).collect();
    Some(BureauPerson {
        login_name: login_name.to_owned(),
        number: digits.parse().expect("at most six digits"),
        debit_card: card(CardType::Debit),
        credit_card: card(CardType::Credit),
        person,
        bank,
    })
}

/// Everybody registered, in the order of the login names within each kind.
pub fn people() -> impl Iterator<Item = BureauPerson> {
    let known = (0..70).map(|number| format!("sandbox{number:02}"));
    let codes = identity::CODES.into_iter().flatten().map(|code| format!("e508{code}"));
    let names = known.chain([SAMPLE.to_owned()]).chain(codes);
    names.filter_map(|login_name| person(&login_name))
}

impl BureauPerson {
    /// The same person as all institutions of the sandbox know it.
    pub fn persona(&self, now: Timestamp) -> Persona {
        Persona::of(SEED_KEY, &self.person, now.shanghai_day())
    }

    /// Name of the bank of the cards.
    pub fn bank_name(&self) -> &'static str {
        self.bank.bank_name
    }

    /// The record as of `now`, which is its query time and its report time.
    pub fn record(&self, now: Timestamp) -> CreditRecord {
        if self.login_name == SAMPLE {
            return sample::record(&self.person);
        }
        let persona = self.persona(now);
        let mut draws = persona.draws("bureau", 0);
        let at = Timestamp(now.0 - now.0.rem_euclid(Span::seconds(1).0));
        let serial = draws.below(100_000_000_000_000);
        let is_married = draws.chance(f64::from((persona.age - 22).clamp(0, 16)) / 20.0);
        let mix = Mix::of(self.number);
        let mut record = CreditRecord {
            head: Head {
                report_number: format!("{}{serial:014}", at.shanghai_day()).replace('-', ""),
                query_time: at,
                report_time: at,
                name: self.person.name.expose().to_owned(),
                id_type: "身份证".to_owned(),
                id_number: self.person.id_card.expose().to_owned(),
                marriage: if is_married { "已婚" } else { "未婚" }.to_owned(),
            },
            summary: None,
            accounts: accounts::accounts(&persona, self.bank, mix, now),
            guarantees: accounts::guarantees(&persona, mix, now),
            public_records: queries::public_records(&persona, mix, now),
            institution_queries: queries::institutions(&persona, mix, now),
            personal_queries: queries::personal(&persona, mix, now),
            unread: Vec::new(),
        };
        record.summary = Some(Summary::count(&record));
        record
    }

    /// The five questions of the bureau (`getQuestion`). The right option of question i (from 1) is
    /// `((i + n) mod 4) + 1`, n the person's number.
    pub fn questions(&self, now: Timestamp) -> [Question; 5] {
        questions::of(&self.record(now), self.number)
    }
}

/// What a record is made of; the number of the login name picks it, the hidden quality says how
/// well it goes.
#[derive(Clone, Copy, Debug)]
struct Mix {
    /// Nothing is known of every tenth person.
    is_empty: bool,
    number: u64,
}

impl Mix {
    fn of(number: u64) -> Self {
        Self { is_empty: number % 10 == 9 || number == 68, number }
    }

    fn is(self, modulus: u64, rest: u64) -> bool {
        !self.is_empty && self.number % modulus == rest
    }

    fn count(self, modulus: u64) -> u64 {
        if self.is_empty { 0 } else { self.number % modulus }
    }
}

#[cfg(test)]
mod tests;
