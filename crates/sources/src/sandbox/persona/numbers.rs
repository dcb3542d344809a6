//! The numbers of the sandbox: telephones that nobody has, cards of real banks that nobody holds.
//!
//! No mobile number of China begins with 12, so `12 PP K NNNNNN` (province, kind, serial) can be
//! nobody's; people, lenders and debt collectors of the sandbox have such numbers. Public services
//! (10086, 95588, 12306) are called by their real, public short numbers.

use std::borrow::Cow;

use domain::dataset::ebank::CardType;
use domain::identity::PROVINCES;
use domain::report::numbers::{Kind, Mark, NumberBook, PublicNumbers, UNKNOWN};

/// Kinds in the order of the digit K, with the name that the market's directories would show.
const KINDS: [(Kind, &str); 5] = [
    (Kind::Unknown, UNKNOWN),
    (Kind::Loan, "合成小额贷款"),
    (Kind::Collection, "合成催收公司"),
    (Kind::Courier, "合成快递"),
    (Kind::CreditCard, "合成信用卡中心"),
];

/// A number of the sandbox.
pub(super) fn synthetic(province: &str, kind: Kind, serial: u64) -> String {
    let place = PROVINCES.iter().position(|known| *known == province).unwrap_or_default();
    let digit = KINDS.iter().position(|(known, _)| *known == kind).unwrap_or_default();
    format!("12{place:02}{digit}{:06}", serial % 1_000_000)
}

/// The public directory, with the sandbox's numbers besides.
#[derive(Clone, Copy, Debug)]
pub struct SandboxNumbers;

impl NumberBook for SandboxNumbers {
    fn look_up(&self, number: &str) -> Mark {
        read(number).unwrap_or_else(|| PublicNumbers.look_up(number))
    }
}

fn read(number: &str) -> Option<Mark> {
    let is_ours = number.len() == 11 && number.bytes().all(|byte| byte.is_ascii_digit());
    let rest = number.strip_prefix("12").filter(|_| is_ours)?;
    let place = PROVINCES.get(rest[..2].parse::<usize>().ok()?)?;
    let (kind, name) = *KINDS.get(rest[2..3].parse::<usize>().ok()?)?;
    let name = match kind {
        Kind::Unknown | Kind::Courier => Cow::Borrowed(name),
        _ => Cow::Owned(format!("{name}{}号", rest[3..].trim_start_matches('0'))),
    };
    Some(Mark { name, kind, place })
}

/// Beginnings of a bank's cards and their lengths.
#[derive(Debug)]
pub(super) struct CardBins {
    pub(super) bank_code: &'static str,
    pub(super) bank_name: &'static str,
    debit: (&'static str, usize),
    credit: (&'static str, usize),
}

impl CardBins {
    pub(super) fn of(&self, card_type: CardType) -> (&'static str, usize) {
        match card_type {
            CardType::Debit => self.debit,
            CardType::Credit => self.credit,
        }
    }
}

/// BINs of the table that `domain::identity::BankCard` looks cards up in.
pub(super) const CARD_BINS: [CardBins; 5] = [
    bank("ICBC", "工商银行", ("622202", 19), ("622230", 16)),
    bank("CCB", "建设银行", ("621700", 19), ("625362", 16)),
    bank("CMB", "招商银行", ("621483", 16), ("622575", 16)),
    bank("CEB", "光大银行", ("622660", 16), ("622655", 16)),
    bank("ABC", "农业银行", ("622848", 19), ("622838", 16)),
];

const fn bank(
    bank_code: &'static str,
    bank_name: &'static str,
    debit: (&'static str, usize),
    credit: (&'static str, usize),
) -> CardBins {
    CardBins { bank_code, bank_name, debit, credit }
}

/// Adds the Luhn digit to the digits before it.
pub(in crate::sandbox) fn with_check_digit(mut digits: String) -> String {
    let doubled = |digit: u32| digit * 2 / 10 + digit * 2 % 10;
    let value = |byte: u8| u32::from(byte - b'0');
    let places = digits.bytes().rev().enumerate();
    let sum: u32 =
        places.map(|(at, b)| if at % 2 == 0 { doubled(value(b)) } else { value(b) }).sum();
    digits.push(char::from(b'0' + ((10 - sum % 10) % 10) as u8));
    digits
}
