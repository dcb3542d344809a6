//! The five questions of the bureau: what only the person of a record knows.

use domain::dataset::credit::{Account, Column, CreditRecord, Kind};

use super::accounts::{BANKS, LENDERS};

/// A question with five options, one of which is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub title: String,
    /// The fifth is always 以上都不是.
    pub options: [String; 5],
    /// From 1.
    pub right: u8,
}

/// A title, the right answer, three wrong ones.
type Draft = (String, String, [String; 3]);

/// The first questions are of the person's accounts; those that can be asked of everybody follow.
pub(super) fn of(record: &CreditRecord, number: u64) -> [Question; 5] {
    let of_accounts = [Column::HouseLoans, Column::OtherLoans, Column::Cards];
    let of_accounts = of_accounts.into_iter().filter_map(|column| {
        let account = record.column(column).find(|account| account.limit.is_some())?;
        Some([bank(account, record), limit(account)])
    });
    let counts = Column::ALL.map(|column| {
        let count = record.column(column).count() as u64;
        let title = format!("您的信用报告中，{}的账户数是多少？", column.heading());
        numbers(title, count, |count| format!("{count}个"))
    });
    let others = [birth_year(record), marriage(record)];
    let drafts = of_accounts.flatten().take(4).chain(counts).chain(others);
    let drafts: Vec<Draft> = drafts.take(5).collect();
    std::array::from_fn(|at| {
        let (title, right, wrong) = drafts[at].clone();
        let place = (at as u64 + 1 + number) % 4;
        let mut options: Vec<String> = wrong.into();
        options.insert(place as usize, right);
        options.push("以上都不是".to_owned());
        let options = options.try_into().expect("one right, three wrong, and none of them");
        Question { title, options, right: place as u8 + 1 }
    })
}

fn bank(account: &Account, record: &CreditRecord) -> Draft {
    let opened = account.opened.map_or(0, |day| day.civil().0);
    let title = format!("{opened}年，以下哪家机构向您发放了{}？", account.product);
    let is_foreign = |bank: &&&str| record.accounts.iter().all(|one| one.bank != **bank);
    let mut others = LENDERS.iter().chain(&BANKS).rev().filter(is_foreign);
    // Eleven institutions; a record has nine accounts at most.
    let spare = ["合成信用社", "合成村镇银行", "合成财务公司"];
    let wrong = spare.map(|spare| (*others.next().unwrap_or(&spare)).to_owned());
    (title, account.bank.clone(), wrong)
}

fn limit(account: &Account) -> Draft {
    let what = if account.kind == Kind::Loan { "合同金额" } else { "信用额度" };
    let title = format!("您在{}的{}，{what}是多少元？", account.bank, account.product);
    let yuan = account.limit.map_or(0, |limit| limit.0.unsigned_abs() / 100);
    let wrong = [2, 3, 5].map(|times| (yuan.max(100) * times + 1_000).to_string());
    (title, yuan.to_string(), wrong)
}

fn birth_year(record: &CreditRecord) -> Draft {
    let year = record.head.id_number.get(6..10).and_then(|year| year.parse().ok());
    numbers("您的证件号码中的出生年份是？".to_owned(), year.unwrap_or(1980), |year| {
        format!("{year}年")
    })
}

fn marriage(record: &CreditRecord) -> Draft {
    let title = "您的信用报告中记载的婚姻状况是？".to_owned();
    let known = ["已婚", "未婚", "离异", "丧偶"];
    let mut wrong = known.into_iter().filter(|state| *state != record.head.marriage);
    let wrong = std::array::from_fn(|_| wrong.next().unwrap_or("未说明").to_owned());
    (title, record.head.marriage.clone(), wrong)
}

fn numbers(title: String, right: u64, shown: impl Fn(u64) -> String) -> Draft {
    (title, shown(right), [1, 2, 4].map(|more| shown(right + more)))
}
