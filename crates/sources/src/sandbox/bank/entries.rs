//! The banks of the sandbox and their entries, as `sandbox.md` lists them.

use domain::source::bank::{Bank, EntryType, Input, Login};

/// (code, name, whether it asks for a password, why it is out of use)
const BANKS: [(&str, &str, bool, Option<&str>); 5] = [
    ("ICBC", "工商银行", true, None),
    ("CCB", "建设银行", true, None),
    ("CMB", "招商银行", true, None),
    ("CEB", "光大银行", false, None),
    ("ABC", "农业银行", true, Some("银行系统升级，暂停服务")),
];

/// (what an entry's id ends in, title, label, what it is, what it must match)
const LOGINS: [(&str, &str, &str, &str, &str); 3] = [
    (
        "login",
        "登录名登录",
        "登录名",
        "网上银行登录名，4至32位字母、数字或_@.-",
        "^[A-Za-z0-9_@.\\-]{4,32}$",
    ),
    ("card", "卡号登录", "卡号", "银行卡号，12至19位数字", "^[0-9]{12,19}$"),
    ("id", "身份证登录", "身份证号", "18位身份证号", "^[0-9]{17}[0-9Xx]$"),
];

const PASSWORD_VALID: &str = "^[\\x21-\\x7E]{1,64}$";

pub(super) fn banks() -> Vec<Bank> {
    BANKS.iter().enumerate().map(|(at, bank)| self::bank(at, *bank)).collect()
}

fn bank(at: usize, (code, name, asks, disabled): (&str, &str, bool, Option<&str>)) -> Bank {
    let login = |(ending, title, label, desc, valid): &(&str, &str, &str, &str, &str)| {
        let mut inputs = vec![input("login_name", label, desc, valid)];
        if asks {
            inputs.push(input("password", "登录密码", "网上银行登录密码", PASSWORD_VALID));
        }
        Login {
            title: (*title).to_owned(),
            entry: format!("{}-{ending}", code.to_ascii_lowercase()),
            entry_type: EntryType::ALL[at % EntryType::ALL.len()],
            disabled: disabled.map(str::to_owned),
            inputs,
        }
    };
    Bank {
        name: name.to_owned(),
        code: code.to_owned(),
        logins: LOGINS.iter().map(login).collect(),
    }
}

fn input(name: &str, label: &str, desc: &str, valid: &str) -> Input {
    Input {
        name: name.to_owned(),
        label: label.to_owned(),
        desc: desc.to_owned(),
        valid: valid.to_owned(),
    }
}

/// Entries by card or ID number behave all alike.
pub(super) fn is_by_login_name(entry: &str) -> bool {
    entry.ends_with("-login")
}

/// The code of the bank that an entry leads to.
pub(super) fn bank_of(entry: &str) -> Option<&'static str> {
    let (bank, _) = entry.split_once('-')?;
    BANKS.iter().map(|(code, ..)| *code).find(|code| code.eq_ignore_ascii_case(bank))
}

/// Which cards an entry leads to.
pub(super) fn type_of(entry: &str) -> Option<EntryType> {
    let logins = banks().into_iter().flat_map(|bank| bank.logins);
    logins.into_iter().find(|login| login.entry == entry).map(|login| login.entry_type)
}
