//! A bank card's number (PAN, ISO/IEC 7812): 12 to 19 digits of which the last is Luhn's check
//! digit; the first ones, the BIN, name the bank.

use std::sync::LazyLock;

use super::table::Lines;
use super::{IdentityFault, digits, masked};
use crate::secret::Private;
use crate::subject::luhn_sum;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CardKind {
    /// 借记卡
    Debit,
    /// 贷记卡
    Credit,
    /// 准贷记卡
    SemiCredit,
    /// 预付费卡
    Prepaid,
}

impl CardKind {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "DC" => Some(Self::Debit),
            "CC" => Some(Self::Credit),
            "SCC" => Some(Self::SemiCredit),
            "PC" => Some(Self::Prepaid),
            _ => None,
        }
    }
}

/// Who issued a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bin {
    pub bank: &'static str,
    /// As banks abbreviate it (`ICBC`), where the table knows it.
    pub bank_code: Option<&'static str>,
    pub kind: Option<CardKind>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BankCard(Private<String>);

impl BankCard {
    pub fn parse(text: &str) -> Result<Self, IdentityFault> {
        digits(text, 12..=19)?;
        if luhn_sum(text).is_multiple_of(10) {
            Ok(Self(Private::new(text.to_owned())))
        } else {
            Err(IdentityFault::CheckDigit)
        }
    }

    /// The issuer, by the longest BIN that is known.
    pub fn bin(&self) -> Option<Bin> {
        static BINS: LazyLock<Lines> =
            LazyLock::new(|| Lines::unpack(include_bytes!("../../data/bank_bins.tsv.gz")));
        let line = (3..=10).rev().find_map(|length| BINS.get(&self.expose()[..length]))?;
        let mut columns = line.split('\t').skip(1);
        let kind = CardKind::parse(columns.next()?);
        let bank_code = columns.next().filter(|code| !code.is_empty());
        Some(Bin { kind, bank_code, bank: columns.next()? })
    }

    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// What the keyed look-up hash is made of.
    pub fn canonical(&self) -> Private<String> {
        self.0.clone()
    }

    /// The last four digits, as on a receipt.
    pub fn masked(&self) -> String {
        masked(self.expose(), 0, 4)
    }
}
