//! A bank as a borrower meets it: the ways to log in, and what each of them asks for (document
//! 001, sections 5.1.1 and 6.1.2).

/// A bank (or another institution with a page to log in).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bank {
    pub name: String,
    /// `ICBC`
    pub code: String,
    /// In the order in which they are shown.
    pub logins: Vec<Login>,
}

/// One way to log in: an entry of the bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// `卡号登录`
    pub title: String,
    /// What a session names it by; unique over all banks.
    pub entry: String,
    pub entry_type: EntryType,
    /// Why it is out of use.
    pub disabled: Option<String>,
    pub inputs: Vec<Input>,
}

/// Which cards an entry leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
#[derive(Clone, Debug, PartialEq, Eq)]
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
