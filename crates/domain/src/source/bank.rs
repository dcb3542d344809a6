//! A bank as a borrower meets it: the ways to log in, and what each of them asks for (document
//! 001, sections 5.1.1 and 6.1.2).

use serde::{Deserialize, Serialize};

/// Banks of one provider, logins of a bank, inputs of a login.
const COUNTS_MAX: [usize; 3] = [500, 10, 10];
const TEXT_LENGTH_MAX: usize = 200;

/// A bank (or another institution with a page to log in).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bank {
    pub name: String,
    /// `ICBC`
    pub code: String,
    /// In the order in which they are shown.
    pub logins: Vec<Login>,
}

/// One way to log in: an entry of the bank.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// `卡号登录`
    pub title: String,
    /// What a session names it by; unique over all banks.
    pub entry: String,
    pub entry_type: EntryType,
    /// Why it is out of use.
    #[serde(default)]
    pub disabled: Option<String>,
    pub inputs: Vec<Input>,
}

/// Which cards an entry leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryType {
    Both,
    CreditCard,
    DebitCard,
}

impl EntryType {
    pub const ALL: [Self; 3] = [Self::Both, Self::CreditCard, Self::DebitCard];

    /// The number that the document gives it.
    pub fn number(self) -> i64 {
        match self {
            Self::Both => 0,
            Self::CreditCard => 1,
            Self::DebitCard => 2,
        }
    }
}

/// One field of the login page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// `login_name`, `password`
    pub name: String,
    pub label: String,
    pub desc: String,
    /// A regular expression that what is typed must match.
    pub valid: String,
}

impl Bank {
    /// Why the bank is out of use, which it is exactly when all its logins are; the first one's
    /// reason.
    pub fn disabled(&self) -> Option<&str> {
        let mut reasons = self.logins.iter().map(|login| login.disabled.as_deref());
        let first = reasons.next().unwrap_or(Some(""))?;
        reasons.all(|reason| reason.is_some()).then_some(first)
    }

    /// The logins that can be used.
    pub fn usable(&self) -> impl Iterator<Item = &Login> {
        self.logins.iter().filter(|login| login.disabled.is_none())
    }
}

/// Whether a provider's list of banks is one: few and short enough, each entry once.
///
/// Errors: what is wrong, in words without what was sent.
pub fn check(banks: &[Bank]) -> Result<(), &'static str> {
    let [banks_max, logins_max, inputs_max] = COUNTS_MAX;
    let logins = || banks.iter().flat_map(|bank| &bank.logins);
    if banks.len() > banks_max
        || banks.iter().any(|bank| bank.logins.len() > logins_max)
        || logins().any(|login| login.inputs.len() > inputs_max)
    {
        return Err("banks: too many of them, or of their logins or inputs");
    }
    let texts = banks.iter().flat_map(|bank| [&bank.name, &bank.code]);
    let texts = texts.chain(logins().flat_map(|login| [&login.title, &login.entry]));
    let inputs = logins().flat_map(|login| &login.inputs);
    let mut texts = texts
        .chain(inputs.flat_map(|input| [&input.name, &input.label, &input.desc, &input.valid]))
        .chain(logins().filter_map(|login| login.disabled.as_ref()));
    if texts.any(|text| text.chars().count() > TEXT_LENGTH_MAX) {
        return Err("banks: a text is too long");
    }
    let mut entries: Vec<&str> = logins().map(|login| login.entry.as_str()).collect();
    let count = entries.len();
    entries.sort_unstable();
    entries.dedup();
    if entries.len() < count || entries.first().is_some_and(|entry| entry.is_empty()) {
        return Err("banks: an entry_id is empty or stands twice");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (why each login is out of use, why the bank is, how many logins can be used)
    type Row = (&'static [Option<&'static str>], Option<&'static str>, usize);

    #[test]
    fn a_bank_is_out_of_use_exactly_when_all_its_logins_are() {
        let login = |disabled: Option<&str>| Login {
            title: "卡号登录".to_owned(),
            entry: "icbc-card".to_owned(),
            entry_type: EntryType::Both,
            disabled: disabled.map(str::to_owned),
            inputs: Vec::new(),
        };
        let table: [Row; 5] = [
            (&[], Some(""), 0),
            (&[None], None, 1),
            (&[Some("维护中"), None], None, 1),
            (&[None, Some("维护中")], None, 1),
            (&[Some("维护中"), Some("已下线")], Some("维护中"), 0),
        ];
        for (logins, disabled, usable) in table {
            let logins = logins.iter().map(|reason| login(*reason)).collect();
            let bank = Bank { name: "工商银行".to_owned(), code: "ICBC".to_owned(), logins };
            assert_eq!((bank.disabled(), bank.usable().count()), (disabled, usable));
        }
    }
}
