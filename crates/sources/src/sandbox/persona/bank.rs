//! What a bank of the sandbox has on a persona: a debit card with its statements and a credit card
//! with its bills, from the first day of the month five months ago until now.
//!
//! Whichever bank is asked is the one that the salary goes to: a persona has one story, and it is
//! told where it is asked for. The story of the balances begins anew with the window, so a later
//! month may show other balances; salary, shops and habits of a day stay.

mod credit;
mod life;

use domain::dataset::Fen;
use domain::dataset::ebank::{BaseInfo, BillIndex, Card, CardIndex, CardType, EbankData};
use domain::time::Timestamp;

use super::Persona;
use super::numbers::CARD_BINS;
use super::numbers::CardBins;

/// Months of data, the current one included.
const MONTHS: i32 = 6;

/// The persona's accounts at a bank (`ICBC` …) as of `now`; a code that the sandbox does not know
/// stands for its first bank.
pub fn bank_data(persona: &Persona, bank_code: &str, now: Timestamp) -> EbankData {
    let known = CARD_BINS.iter().find(|bank| bank.bank_code == bank_code);
    let bank = known.unwrap_or(&CARD_BINS[0]);
    let number = |card_type| persona.card_number(bank, card_type);
    let told = life::tell(persona, number(CardType::Debit), number(CardType::Credit), now);
    let cards = vec![
        card(persona, bank, CardType::Debit, &told),
        card(persona, bank, CardType::Credit, &told),
    ];
    let mut draws = persona.draws("bank user", 0);
    EbankData {
        base_info: BaseInfo {
            task_id: format!("sandbox-{}-{}", bank.bank_code, now.shanghai_day()),
            user_id: format!("sandbox-{:08}", draws.below(100_000_000)),
            username: persona.person.name.expose().to_owned(),
            timestamp: now,
            cards: cards.iter().map(index).collect(),
        },
        card_list: cards,
    }
}

fn card(persona: &Persona, bank: &CardBins, card_type: CardType, told: &life::Life) -> Card {
    let is_credit = card_type == CardType::Credit;
    let number = if is_credit { &told.credit_number } else { &told.debit_number };
    let (limit, bills) = if is_credit {
        (told.limit, told.credit_bills.clone())
    } else {
        (Fen(0), told.debit_bills.clone())
    };
    let left = bills.last().map_or(Fen(0), |bill| bill.new_balance);
    let balance = if is_credit { limit - left } else { left };
    let mut draws = persona.draws("card opened", i32::from(is_credit));
    let birth_year = persona.person.id_card.birth().civil().0;
    let open_year = birth_year + 18 + draws.below((persona.age - 15).clamp(1, 12) as u64) as i32;
    let open_time = domain::time::Day::from_civil(open_year, 1 + draws.below(12) as u32, 15);
    let opened = open_time.filter(|day| told.first_day > *day).unwrap_or(told.first_day);
    Card {
        card_id: format!("{}-{}", bank.bank_code, &number[number.len() - 4..]),
        card_num: number.clone(),
        full_card_num: number.clone(),
        card_type,
        name_on_card: persona.person.name.expose().to_owned(),
        bank_name: bank.bank_name.to_owned(),
        open_bank: format!("{}{}合成支行", bank.bank_name, persona.city),
        open_time: Some(opened),
        balance,
        cash_balance: Fen(0),
        cash_limit: Fen(limit.0 / 2),
        credit_limit: limit,
        deposits: Vec::new(),
        bills,
    }
}

fn index(card: &Card) -> CardIndex {
    let bill = |bill: &domain::dataset::ebank::Bill| BillIndex {
        bill_id: bill.bill_id.clone(),
        bill_date: bill.bill_date,
    };
    CardIndex {
        card_id: card.card_id.clone(),
        card_type: card.card_type,
        bills: card.bills.iter().map(bill).collect(),
    }
}
