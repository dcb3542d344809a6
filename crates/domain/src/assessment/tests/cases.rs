//! One row for each feature at least: what is changed of the least application, and what the
//! feature then is. Rows of what must not count stand beside those of what does.

use std::collections::BTreeSet;

use super::data::*;
use super::*;
use crate::application::{
    App, BoundCard, CardType, CreditLine, LoanState, Proof, ProofKind, Relation, WatchList, Zhima,
};
use crate::dataset::credit::{
    Account, Kind as AccountKind, PublicKind, PublicRecord, Query, State,
};

type Row = (&'static str, fn(&mut Case), &'static str);

const AREAS: [&[Row]; 9] =
    [&IDENTITY, &CONTACTS, &CALLS, &MONEY, &LOANS, &LENDERS, &DEVICE, &ALIPAY, &HELD];

#[test]
fn every_feature_is_what_its_case_says() {
    let rows: Vec<&Row> = AREAS.into_iter().flatten().collect();
    let mut wrong = Vec::new();
    for (name, change, expected) in &rows {
        let mut case = Case::least();
        change(&mut case);
        let shown = case.shown(name);
        if shown != *expected {
            wrong.push(format!("{name}: {shown}, expected {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let told = rows.iter().filter(|(.., expected)| *expected != "unknown").map(|row| row.0);
    let told: BTreeSet<&str> = told.collect();
    // The model's score is put in after the model was asked.
    let untold = |one: &&Feature| !told.contains(one.name) && one.name != "model.score";
    let untold: Vec<&str> = CATALOGUE.iter().filter(untold).map(|one| one.name).collect();
    assert!(untold.is_empty(), "without a case: {untold:?}");
}

fn real_name(case: &mut Case, name: &str, id_card: &str) {
    case.application.telecom.real_name.name = text(name);
    case.application.telecom.real_name.id_card = text(id_card);
}

const IDENTITY: [Row; 42] = [
    ("identity.id_card_valid", |_| {}, "true"),
    ("identity.id_region_known", |_| {}, "true"),
    ("identity.age_years", |_| {}, "36"),
    ("identity.mobile_is_virtual", |c| c.person = person("合成甲", "17090000000"), "true"),
    ("identity.name_matches", |c| real_name(c, "合*", "1****************1"), "true"),
    ("identity.name_matches", |c| real_name(c, "张三", "110101********0011"), "false"),
    ("identity.name_matches", |c| real_name(c, "张三", "210101********0011"), "unknown"),
    ("identity.name_matches", |c| real_name(c, "**", "110101********0011"), "unknown"),
    ("identity.name_matches", |c| take_degree(&mut c.held, "本科", "合成甲"), "true"),
    ("identity.name_matches", |c| take_degree(&mut c.held, "本科", "张三"), "false"),
    ("identity.birth_matches", |c| take_degree(&mut c.held, "本科", "合成甲"), "false"),
    ("identity.mobile_matches", |c| real_name(c, "*成甲", "1****************1"), "true"),
    ("identity.mobile_matches", |c| real_name(c, "张*", ""), "false"),
    ("identity.mobile_matches", |c| real_name(c, "合*", "2****************1"), "false"),
    ("identity.mobile_matches", |c| c.application.telecom.is_real_name = false, "false"),
    ("identity.mobile_matches", |c| real_name(c, "", ""), "unknown"),
    ("identity.mobile_matches", |c| take_telecom(&mut c.held, &[]), "true"),
    ("mobile.is_real_name", |c| c.application.telecom.is_real_name = false, "false"),
    ("mobile.months_in_use", |c| c.application.telecom.real_name.since = Some(ago(89)), "2"),
    ("mobile.months_in_use", |c| c.application.telecom.real_name.since = Some(ago(-1)), "unknown"),
    ("mobile.months_in_use", |c| take_telecom(&mut c.held, &[]), "13"),
    ("identity.bank_card_matches", |c| take_ebank(&mut c.held), "true"),
    ("identity.bank_card_matches", |c| other_holder(c, "6222021234561116"), "false"),
    ("identity.bank_card_matches", |c| other_holder(c, "6222021234562220"), "true"),
    ("identity.bank_card_matches", |c| other_holder(c, "6222021234569999"), "unknown"),
    ("identity.bank_card_valid", |c| bound(c, CardType::Debit, "6222020000000000019"), "false"),
    ("identity.bank_card_valid", |c| bound(c, CardType::Debit, "6222****0000"), "unknown"),
    (
        "identity.bank_card_kind_agrees",
        |c| bound(c, CardType::Credit, "6222020000000000018"),
        "false",
    ),
    ("cards.issuers", |c| bound(c, CardType::Debit, "6222020000000000018"), "1"),
    ("cards.issuers", |c| bound(c, CardType::Debit, "6222****0018"), "unknown"),
    ("cards.count", |c| bound(c, CardType::Debit, "6222****0000"), "1"),
    ("cards.credit", |c| bound(c, CardType::Debit, "6222****0000"), "0"),
    ("identity.alipay_name_matches", |c| c.application.alipay = Some(alipay()), "true"),
    ("identity.alipay_mobile_matches", |c| c.application.alipay = Some(alipay()), "true"),
    ("identity.proofs", |c| c.application.proofs = proofs(), "2"),
    ("identity.mobile_region_matches", |c| c.person = person("甲", "13902900000"), "false"),
    ("identity.permanent_region_matches", |c| born_in(c, "北京东城"), "true"),
    ("identity.permanent_region_matches", |c| born_in(c, "合成省合成市"), "unknown"),
    ("identity.address_region_matches", |c| live_in(c, "北京市东城区"), "true"),
    ("identity.address_region_matches", |c| live_in(c, "深圳市南山区"), "false"),
    ("identity.region_mismatches", |c| live_in(c, "广东省深圳市南山区"), "1"),
    (
        "identity.region_mismatches",
        |c| {
            live_in(c, "四川省成都市");
            take_ebank(&mut c.held);
        },
        "2",
    ),
];

/// The first card of the bank data is somebody else's; the application names a card.
fn other_holder(case: &mut Case, number: &str) {
    take_ebank(&mut case.held);
    case.held.ebank.as_mut().expect("taken").cards[0].holder = "张三".to_owned();
    bound(case, CardType::Debit, number);
}

fn bound(case: &mut Case, card_type: CardType, number: &str) {
    case.application.cards = vec![card(card_type, number)];
}

fn proofs() -> Vec<Proof> {
    let proof = |kind| Proof { url: "https://example.invalid/1".into(), kind };
    vec![proof(ProofKind::Live), proof(ProofKind::CardFront), proof(ProofKind::Live)]
}

fn live_in(case: &mut Case, address: &str) {
    case.application.basic.current_address = text(address);
}

fn born_in(case: &mut Case, address: &str) {
    case.application.basic.permanent_address = text(address);
}

/// Three entries, two numbers; two of them on the telephone; own number as emergency contact.
fn contacts(case: &mut Case) {
    let application = &mut case.application;
    application.contacts = vec![
        entry("+86 139 0000 0001", "妈妈"),
        entry("13900000001", "母亲"),
        entry("12001000007", "XX贷款"),
        entry("02112345678", "催收电话"),
    ];
    application.basic.emergency_contacts = vec![
        emergency("13900000001", Relation::Mother),
        emergency("139-0000-0002", Relation::Friend),
        emergency("13800138000", Relation::Other),
    ];
    application.telecom.contacts = vec![
        calls("13900000001", 4, ago(1)),
        calls("8613900000001", 6, ago(100)),
        calls("13900000002", 2, ago(20)),
        calls("02112345678", 3, ago(2)),
    ];
}

const CONTACTS: [Row; 11] = [
    ("contacts.book", contacts, "3"),
    ("contacts.lending", contacts, "2"),
    ("contacts.called_share", contacts, "0.6667"),
    ("calls.in_book_share", contacts, "0.6667"),
    ("contacts.emergency", contacts, "3"),
    ("contacts.emergency_family", contacts, "1"),
    ("contacts.emergency_in_book", contacts, "1"),
    ("contacts.emergency_called", contacts, "2"),
    ("contacts.emergency_called", |c| c.application.contacts = vec![entry("110", "x")], "unknown"),
    ("contacts.emergency_is_self", contacts, "true"),
    ("calls.collection_d90", contacts, "1"),
];

/// One number with calls, of which the carrier tells more.
fn told(case: &mut Case, number: &str, more: fn(&mut crate::application::CallContact)) {
    let mut one = calls(number, 10, ago(10));
    more(&mut one);
    case.application.telecom.contacts.push(one);
}

fn ways(case: &mut Case) {
    for (number, out, back) in [("13900000001", 7, 3), ("13900000002", 10, 0)] {
        let mut one = calls(number, 10, ago(10));
        (one.out_count, one.in_count) = (Some(out), Some(back));
        case.application.telecom.contacts.push(one);
    }
}

/// Twelve numbers, each with one call more than the one before: 78 calls.
fn twelve(case: &mut Case) {
    let one = |at: u32| calls(&format!("139000000{at:02}"), at, ago(i64::from(at) * 16));
    case.application.telecom.contacts = (1..=12).map(one).collect();
}

const CALLS: [Row; 34] = [
    ("calls.numbers", twelve, "11"),
    ("calls.numbers_d30", twelve, "1"),
    ("calls.numbers_d7", twelve, "0"),
    ("calls.numbers", |c| told(c, "隐藏号码", |_| {}), "unknown"),
    ("calls.numbers", |c| told(c, "13900000001", |one| one.last_at = ago(-1)), "unknown"),
    ("calls.numbers", |c| take_telecom(&mut c.held, &[("10086", ago(1), true)]), "1"),
    ("calls.count", twelve, "78"),
    ("calls.seconds_mean", twelve, "60"),
    ("calls.days_since", twelve, "16"),
    ("calls.out_share", ways, "0.85"),
    ("calls.out_share", twelve, "unknown"),
    ("calls.mutual_share", ways, "0.5"),
    ("calls.top10_share", twelve, "0.9615"),
    ("calls.home_share", |c| told(c, "13800138001", |_| {}), "1"),
    ("calls.home_share", |c| told(c, "13902900001", |_| {}), "0"),
    ("calls.service_share", |c| told(c, "4001234567", |_| {}), "1"),
    ("calls.service_share", twelve, "0"),
    ("calls.bank_numbers", |c| told(c, "95588", |_| {}), "1"),
    ("calls.lending_numbers", |c| told(c, "12001000007", |_| {}), "1"),
    ("calls.collection_numbers", |c| told(c, "12002000007", |_| {}), "1"),
    ("calls.collection_numbers", |c| told(c, "12002000007", |one| one.last_at = ago(91)), "0"),
    ("calls.collection_d90", |c| told(c, "12002000007", |_| {}), "1"),
    ("calls.collection_d90", |c| told(c, "12002000007", |one| one.last_month = Some(4)), "4"),
    ("calls.collection_d90", |c| told(c, "12002000007", |one| one.last_month = Some(99)), "10"),
    ("calls.collection_d90", |c| told(c, "12002000007", |one| one.first_at = Some(ago(80))), "10"),
    ("calls.collection_d90", |c| told(c, "12002000007", |one| one.first_at = Some(ago(90))), "1"),
    ("calls.collection_d90", |c| told(c, "12002000007", |one| one.last_at = ago(90)), "0"),
    ("calls.collection_d90", |c| told(c, "13900000001", |_| {}), "0"),
    ("calls.collection_d90", collected, "1"),
    ("calls.night_share", at_night, "0.25"),
    ("calls.night_share", twelve, "unknown"),
    ("calls.silent_days", at_night, "28"),
    // The application's own calls are not asked for the hour, so the held ones are.
    (
        "calls.night_share",
        |c| {
            twelve(c);
            at_night(c);
        },
        "0.25",
    ),
    (
        "calls.numbers",
        |c| {
            twelve(c);
            at_night(c);
        },
        "11",
    ),
];

fn collected(case: &mut Case) {
    let calls = [89, 90].map(|days| ("12002000007", ago(days), false));
    take_telecom(&mut case.held, &calls);
}

/// It is 8 in the morning: calls at 8, 22:59:59, 23:00 and 6:00, on two days.
fn at_night(case: &mut Case) {
    let at = |seconds| NOW - Span::seconds(seconds);
    let calls = [0, 9 * 3_600 + 1, 9 * 3_600, 2 * 3_600].map(|one| ("13900000001", at(one), true));
    take_telecom(&mut case.held, &calls);
}

fn bills(case: &mut Case) {
    let amounts = [10_000, 5_000, 6_000, 7_000, 0, 4_000, 5_000];
    case.application.telecom.bills =
        amounts.into_iter().enumerate().map(|(at, fen)| bill(at as i32, fen)).collect();
    // Of one month, and out of the window.
    case.application.telecom.bills.extend([bill(1, 1_000), bill(13, 99_000)]);
}

fn ebank(case: &mut Case) {
    take_ebank(&mut case.held);
}

const MONEY: [Row; 23] = [
    ("bills.months", bills, "6"),
    ("bills.mean", bills, "46.66"),
    ("bills.max", bills, "70"),
    ("bills.last", bills, "60"),
    ("bills.trend", bills, "2.1111"),
    (
        "bills.trend",
        |c| c.application.telecom.bills = (1..6).map(|at| bill(at, 100)).collect(),
        "unknown",
    ),
    ("bills.zero_months", bills, "1"),
    ("bills.last", |c| c.application.telecom.bills = vec![bill(0, 100)], "unknown"),
    ("bills.last", |c| take_telecom(&mut c.held, &[]), "88.5"),
    ("income.monthly", ebank, "8000"),
    ("income.salary_months", ebank, "4"),
    ("income.inflow_monthly", ebank, "8000"),
    ("income.spending_monthly", ebank, "5000"),
    ("income.balance", ebank, "321.5"),
    ("debt.monthly", ebank, "25"),
    ("debt.monthly", |c| take_credit(&mut c.held), "315.2"),
    ("debt.monthly", |c| credit(c, |record| record.accounts.push(mortgage())), "1315.2"),
    ("debt.monthly", |c| credit(c, |record| record.accounts.push(unread_loan())), "unknown"),
    ("cards.utilisation", ebank, "0.25"),
    ("cards.utilisation", |c| take_credit(&mut c.held), "0.0478"),
    ("cards.utilisation", |c| credit(c, |record| record.accounts.clear()), "0"),
    ("cards.overdue_bills", ebank, "1"),
    ("cards.held", ebank, "2"),
];

/// 12,000 yuan that are left, due in twelve months.
fn mortgage() -> Account {
    let (record, at) = sample();
    let today = at.shanghai_day();
    let mut loan = Account::new(AccountKind::Loan, "合成银行", "个人住房贷款", today);
    loan.balance = Some(Fen(1_200_000));
    loan.due = Some(crate::dataset::Month::of(today).plus(12).day(1));
    assert!(record.guarantees.is_empty());
    loan
}

fn unread_loan() -> Account {
    Account { balance: None, ..mortgage() }
}

/// The bureau's sample, changed.
fn credit(case: &mut Case, change: fn(&mut crate::dataset::credit::CreditRecord)) {
    let (mut record, at) = sample();
    change(&mut record);
    case.held.take_credit(&record, at);
}

fn loans(case: &mut Case) {
    case.application.loans = vec![
        loan(LoanState::Repaid, 0, 400),
        loan(LoanState::Repaid, 10, 200),
        loan(LoanState::Running, 0, 5),
        loan(LoanState::Overdue, 40, 100),
        loan(LoanState::Refused, 0, 89),
        loan(LoanState::Refused, 0, 90),
    ];
}

/// A loan that was overdue for so many days until it was paid back.
fn late(case: &mut Case, days: u32, repaid_days_ago: i64) {
    case.application.loans = vec![loan(LoanState::Repaid, days, repaid_days_ago + 30)];
}

const LOANS: [Row; 28] = [
    ("loan.amount", |c| c.application.order.amount = Fen(2_050), "20.5"),
    ("loan.days", |c| c.application.order.term_days = 14, "14"),
    ("loan.months", |c| c.application.order.term_days = 14, "1"),
    ("loan.months", |c| c.application.order.term_days = 46, "2"),
    ("loan.months", |c| c.application.order.term_days = 1_800, "59"),
    ("loan.to_largest_repaid", loans, "20"),
    ("loans.count", loans, "6"),
    ("loans.count", |c| c.application.loans = vec![loan_without_state()], "unknown"),
    ("loans.repaid", loans, "2"),
    ("loans.running", loans, "1"),
    ("loans.overdue", loans, "1"),
    ("loans.refused", loans, "2"),
    ("loans.refused_d90", loans, "1"),
    ("loans.overdue_days_now", loans, "40"),
    ("loans.overdue_days_now", |c| take_credit(&mut c.held), "0"),
    ("loans.overdue_days_now", |c| credit(c, overdue_now), "unknown"),
    (
        "loans.overdue_days_now",
        |c| {
            late(c, 9, 20);
            credit(c, overdue_now);
        },
        "unknown",
    ),
    (
        "loans.overdue_days_now",
        |c| {
            loans(c);
            credit(c, overdue_now);
        },
        "40",
    ),
    ("loans.overdue_days_max", loans, "40"),
    // The 40 days reach from October 12; the 10 days ended on June 4.
    ("loans.overdue_months_24", loans, "4"),
    ("loans.overdue_months_24", |c| take_credit(&mut c.held), "unknown"),
    ("loans.overdue_months_24", |c| credit(c, |r| r.accounts.clear()), "0"),
    ("loans.overdue_months_24", |c| late(c, 0, 20), "0"),
    ("loans.overdue_months_24", |c| late(c, 1, 20), "1"),
    ("loans.overdue_months_24", |c| late(c, 1, 800), "0"),
    ("loans.overdue_months_24", |c| late(c, 36_500, 0), "24"),
    ("loans.on_time_share", loans, "0.5"),
    ("loans.days_since", loans, "5"),
];

fn overdue_now(record: &mut crate::dataset::credit::CreditRecord) {
    record.accounts[0].is_overdue_now = Some(true);
}

fn loan_without_state() -> crate::application::Loan {
    crate::application::Loan { state: None, ..loan(LoanState::Overdue, 9, 9) }
}

/// Days ago and lenders: two asked on a day, one of them again and again.
fn asked(case: &mut Case) {
    let asked = [(0, 0), (6, 1), (6, 1), (14, 2), (29, 3), (30, 4), (89, 4), (179, 5), (180, 6)];
    let inquiry = |(days, lender): (i64, u32)| Inquiry { lender, at: ago(days) };
    case.held.inquiries = Some(asked.map(inquiry).into());
}

const LENDERS: [Row; 8] = [
    ("lenders.d7", asked, "2"),
    ("lenders.d15", asked, "3"),
    ("lenders.d30", asked, "4"),
    ("lenders.d90", asked, "5"),
    ("lenders.d180", asked, "6"),
    ("lenders.inquiries_d30", asked, "5"),
    ("lenders.d7", |c| c.held.inquiries = Some(Vec::new()), "0"),
    ("blacklist.is_listed", |c| c.held.is_listed = Some(false), "false"),
];

fn logins(case: &mut Case) {
    let rows = [("a", 0), ("a", 29), ("b", 30), ("c", 89), ("d", 90)];
    case.application.logins = rows.map(|(device, days)| login(device, ago(days))).into();
    case.application.logins.push(login("b", NOW - Span::hours(4)));
}

fn apps(case: &mut Case) {
    let app = |name: &str, system: &str| App {
        name: text(name),
        market: None,
        client_type: text(system),
        os_version: None,
    };
    case.application.apps = vec![
        app("某某贷", "Android"),
        app("彩票大全", "android "),
        app("地图", "iOS"),
        app("地图", "iOS"),
    ];
}

const DEVICE: [Row; 11] = [
    ("device.persons_m3", |c| c.held.device_persons = Some(2), "2"),
    ("device.devices_d90", logins, "3"),
    ("device.devices_d90", |c| c.application.logins = vec![login("a", ago(-1))], "unknown"),
    ("device.logins_d30", logins, "3"),
    ("device.logins_d30", |c| c.application.logins = vec![login("a", ago(31))], "0"),
    ("device.days_known", logins, "90"),
    ("device.night_share", logins, "0.1667"),
    ("apps.count", apps, "3"),
    ("apps.lending", apps, "1"),
    ("apps.betting", apps, "1"),
    ("apps.systems", apps, "2"),
];

fn of_alipay(case: &mut Case) {
    let line = |yuan: i64| Some(Fen(yuan * 100));
    let card = || BoundCard { bank: text("合成银行"), number: None };
    let account = || crate::application::Account { name: None, account: text("1") };
    case.application.alipay = Some(crate::application::Alipay {
        credit_line: Some(CreditLine {
            total: line(5_000),
            usable: line(3_000),
            owed: line(1_999),
        }),
        bank_cards: vec![card()],
        friends: vec![account(), account()],
        traded_with: vec![account()],
        deals: vec![deal(ago(89), -2_000), deal(ago(1), 900), deal(ago(90), -50)],
        ..alipay()
    });
}

fn zhima(case: &mut Case) {
    let watch_list = Some(WatchList { json: "[{},{}]".into(), entries: 2 });
    case.application.zhima = Some(Zhima { score: Some(655), watch_list });
}

const ALIPAY: [Row; 15] = [
    ("zhima.score", zhima, "655"),
    ("zhima.watch_entries", zhima, "2"),
    ("alipay.credit_line", of_alipay, "5000"),
    ("alipay.credit_used_share", of_alipay, "0.4"),
    ("alipay.credit_owed", of_alipay, "1999"),
    ("alipay.wealth", of_alipay, "1234.56"),
    ("alipay.liquid", of_alipay, "1.5"),
    ("alipay.months", of_alipay, "20"),
    ("alipay.read_days_ago", of_alipay, "3"),
    ("alipay.bank_cards", of_alipay, "1"),
    ("alipay.friends", of_alipay, "2"),
    ("alipay.friends", |c| c.application.alipay = Some(alipay()), "unknown"),
    ("alipay.traded_with", of_alipay, "1"),
    ("alipay.deals_d90", of_alipay, "2"),
    ("alipay.spent_d90", of_alipay, "20"),
];

fn query(days_ago: i64, reason: &str) -> Query {
    let day = (sample().1 - Span::days(days_ago)).shanghai_day();
    let text = String::new;
    Query { number: text(), date: text(), day: Some(day), operator: text(), reason: reason.into() }
}

fn queried(case: &mut Case) {
    credit(case, |record| {
        let rows = [(0, "贷款审批"), (29, "信用卡审批"), (30, "贷款审批"), (89, "贷款审批")];
        record.institution_queries = rows.map(|(days, reason)| query(days, reason)).into();
        record.institution_queries.extend([query(179, "贷款审批"), query(1, "贷后管理")]);
    });
}

const HELD: [Row; 20] = [
    ("credit.accounts", |c| take_credit(&mut c.held), "7"),
    ("credit.open", |c| take_credit(&mut c.held), "5"),
    ("credit.overdue_accounts", |c| take_credit(&mut c.held), "2"),
    ("credit.overdue_90_accounts", |c| take_credit(&mut c.held), "0"),
    ("credit.overdue_months_60", |c| take_credit(&mut c.held), "13"),
    ("credit.is_overdue_now", |c| take_credit(&mut c.held), "false"),
    ("credit.bad_debts", |c| credit(c, |r| r.accounts[0].state = State::BadDebt), "1"),
    ("credit.card_limit", |c| take_credit(&mut c.held), "66000"),
    ("credit.loan_balance", |c| credit(c, |r| r.accounts.push(mortgage())), "12000"),
    ("credit.loan_balance", |c| credit(c, |r| r.accounts.push(unread_loan())), "unknown"),
    ("credit.queries_d30", queried, "2"),
    ("credit.queries_d90", queried, "4"),
    ("credit.queries_d180", queried, "5"),
    (
        "credit.public_records",
        |c| {
            credit(c, |r| {
                r.public_records.push(PublicRecord { kind: PublicKind::Taxes, fields: Vec::new() });
            });
        },
        "1",
    ),
    ("credit.guarantees", |c| take_credit(&mut c.held), "0"),
    ("credit.months", |c| take_credit(&mut c.held), "95"),
    ("degree.level", |c| take_degree(&mut c.held, "硕士研究生", "合成甲"), "3"),
    ("degree.level", |c| take_degree(&mut c.held, "普通", "合成甲"), "unknown"),
    ("degree.is_graduated", |c| take_degree(&mut c.held, "本科", "合成甲"), "true"),
    ("degree.records", |c| take_degree(&mut c.held, "本科", "合成甲"), "1"),
];
