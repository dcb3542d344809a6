//! Random records, printed and read again by the parser of the domain.

use domain::dataset::credit::*;
use domain::dataset::{Dataset, Fen, Month, read as read_dataset};
use domain::report::pboc::page::read;
use domain::time::{Day, Span, Timestamp};

use super::{Charset, of_account, of_guarantee, page};
use crate::sandbox::persona::credit::people;
use crate::sandbox::persona::stream::Stream;

fn random(seed: u64) -> CreditRecord {
    let mut draws = Stream::new(seed, "record", 0);
    let draws = &mut draws;
    let at = Timestamp(0) + Span::seconds(draws.below(2_000_000_000) as i64);
    let mut record = CreditRecord {
        head: Head {
            report_number: format!("{:022}", draws.below(u64::MAX)),
            query_time: at,
            report_time: at + Span::seconds(draws.below(90_000) as i64),
            name: word(draws),
            id_type: word(draws),
            id_number: word(draws),
            marriage: draws.pick(&["已婚", "未婚", "离异", ""]).to_owned(),
        },
        summary: None,
        accounts: (0..draws.below(12)).map(|_| account(draws)).collect(),
        guarantees: (0..draws.below(3)).map(|_| guarantee(draws)).collect(),
        public_records: (0..draws.below(4)).map(|_| public_record(draws)).collect(),
        institution_queries: (0..draws.below(5)).map(|_| query(draws)).collect(),
        personal_queries: (0..draws.below(3)).map(|_| query(draws)).collect(),
        unread: Vec::new(),
    };
    record.accounts.sort_by_key(|one| Group::ALL.iter().position(|group| *group == one.group));
    record.public_records.sort_by_key(|one| PublicKind::ALL.iter().position(|k| *k == one.kind));
    record.summary = draws.chance(0.9).then(|| Summary::count(&record));
    record
}

/// Names with what is awkward in HTML and in GBK; no blank at an end, no colon.
fn word(draws: &mut Stream) -> String {
    let pieces =
        ["合成", "银行", "&", "<b>", "A1", "（中国）", "阿·", "𠮷", "㛃", "é", "\"", "分行", "a b"];
    (0..=draws.below(5)).map(|_| draws.pick(&pieces)).collect::<String>()
}

/// A name in a sentence, whose blanks the grammar drops.
fn bank(draws: &mut Stream) -> String {
    word(draws).replace(' ', "")
}

#[expect(clippy::unnecessary_wraps, reason = "as the fields are")]
fn day(draws: &mut Stream) -> Option<Day> {
    Some(Day(draws.below(20_000) as i32))
}

fn month(draws: &mut Stream) -> Option<Month> {
    day(draws).map(Month::of)
}

#[expect(clippy::unnecessary_wraps, reason = "as the fields are")]
fn yuan(draws: &mut Stream) -> Option<Fen> {
    let whole = draws.pick(&[0, 1, 999, 1_000, 20_000, 1_234_567, 99_999_999_999]);
    Some(Fen(whole * 100 + draws.pick(&[0, 0, 0, 50, 5])))
}

fn account(draws: &mut Stream) -> Account {
    let group = draws.pick(&Group::ALL);
    let is_card = group.column() == Column::Cards;
    let kinds = if is_card { [Kind::Card, Kind::QuasiCard] } else { [Kind::Loan; 2] };
    let kind = if group == Group::CardsOverdrawn { Kind::QuasiCard } else { draws.pick(&kinds) };
    let product = match kind {
        Kind::Card => "贷记卡",
        Kind::QuasiCard => "准贷记卡",
        Kind::Loan => draws.pick(&["个人住房贷款", "个人商用房（包括商住两用）贷款", "农户贷款"]),
    };
    let mut account = Account::new(kind, &bank(draws), product, Day(draws.below(20_000) as i32));
    account.group = group;
    account.is_revolving = !is_card && draws.chance(0.1);
    if !account.is_revolving && draws.chance(0.2) {
        "美元".clone_into(&mut account.currency);
        account.is_converted = true;
    }
    if draws.chance(0.5) {
        account.overdue_months = 1 + draws.below(60) as u32;
        account.overdue_90_months = draws.below(u64::from(account.overdue_months)) as u32;
    }
    let fill = if is_card { card } else { loan };
    fill(&mut account, draws);
    account.text = of_account(&account);
    account
}

fn card(account: &mut Account, draws: &mut Stream) {
    account.state = draws.pick(&[State::Open, State::Inactive, State::Closed, State::BadDebt]);
    if account.state == State::Closed {
        account.ended = month(draws);
        // The sentence of a closed account tells no limit, in no currency.
        account.is_converted = false;
        return;
    }
    (account.as_of, account.limit) = (month(draws), yuan(draws));
    match account.state {
        State::BadDebt => account.balance = yuan(draws),
        State::Open => account.used = yuan(draws),
        _ => {}
    }
    if draws.chance(0.3) {
        account.overdue_amount = yuan(draws);
    }
}

fn loan(account: &mut Account, draws: &mut Stream) {
    account.limit = yuan(draws);
    let states = [State::Open, State::Settled, State::Transferred, State::BadDebt];
    account.state = if account.is_revolving { State::Open } else { draws.pick(&states) };
    if matches!(account.state, State::Settled | State::Transferred) {
        account.ended = month(draws);
    }
    if account.state == State::Settled {
        return;
    }
    (account.due, account.balance) = (day(draws), yuan(draws));
    if account.state == State::BadDebt {
        account.last_paid = day(draws);
        return;
    }
    account.as_of = month(draws);
    if account.is_revolving {
        account.is_overdue_now = Some(draws.chance(0.5));
    } else if draws.chance(0.3) {
        account.overdue_amount = yuan(draws);
    }
}

fn guarantee(draws: &mut Stream) -> Guarantee {
    let is_card = draws.chance(0.3);
    let loan = draws.pick(&["贷款", "个人住房贷款"]);
    let mut guarantee = Guarantee {
        text: String::new(),
        day: day(draws),
        name: bank(draws),
        id_type: "身份证".to_owned(),
        id_number: "1101011980****0000".to_owned(),
        bank: bank(draws),
        product: if is_card { "信用卡" } else { loan }.to_owned(),
        guaranteed: if is_card { Guaranteed::Card } else { Guaranteed::Loan },
        contract: yuan(draws),
        amount: yuan(draws),
        as_of: day(draws),
        balance: yuan(draws),
        unread: Vec::new(),
    };
    guarantee.text = of_guarantee(&guarantee);
    guarantee
}

fn public_record(draws: &mut Stream) -> PublicRecord {
    let kind = draws.pick(&PublicKind::ALL);
    let labels = kind.labels();
    let count = 1 + draws.below(labels.len() as u64) as usize;
    let value = |draws: &mut Stream| if draws.chance(0.2) { String::new() } else { word(draws) };
    let fields = labels[..count].iter();
    let fields =
        fields.map(|label| PublicField { label: (*label).to_owned(), value: value(draws) });
    PublicRecord { kind, fields: fields.collect() }
}

fn query(draws: &mut Stream) -> Query {
    let day = day(draws);
    let (year, month, date) = day.expect("a day").civil();
    let date = if draws.chance(0.5) {
        format!("{year} 年 {month} 月 {date} 日")
    } else {
        format!("{year}.{month:02}.{date:02}")
    };
    let number = draws.below(2_000).to_string();
    Query { number, date, day, operator: word(draws), reason: word(draws) }
}

fn check(record: &CreditRecord, what: &str) {
    for charset in [Charset::Gbk, Charset::Utf8] {
        let bytes = page(record, charset);
        let again = read(&bytes).expect(what);
        for (read, written) in again.accounts.iter().zip(&record.accounts) {
            assert!(read == written, "{what} {charset:?}: {} {:?}", written.text, read.unread);
        }
        assert!(again.head == record.head, "{what}");
        let unread: Vec<&str> = again.unread.iter().map(|one| one.text.as_str()).collect();
        assert!(again == *record, "{what} {charset:?}: {unread:?}");
    }
}

#[test]
fn a_random_record_is_read_back_from_its_page_in_both_charsets() {
    (0..2_000).for_each(|seed| check(&random(seed), &format!("seed {seed}")));
}

#[test]
fn everybody_of_the_bureau_is_read_back() {
    let now = Timestamp::parse("2026-06-24 15:00:00+08:00").expect("a time");
    people().for_each(|one| check(&one.record(now), &one.login_name));
}

/// What is stored of a record gives it back.
#[test]
fn a_record_is_stored_as_json() {
    fn is_dataset<T: Dataset>(_: &T) {}
    for seed in 0..100 {
        let record = random(seed);
        is_dataset(&record);
        let json = serde_json::to_vec(&record).expect("JSON");
        assert!(read_dataset::<CreditRecord>(&json).is_ok_and(|again| again == record), "{seed}");
    }
}
