//! What is derived of a record: the sample of document 002, the formula by hand, the calendar.

use super::*;
use crate::time::Day;

const NOW: &str = "2015-11-11 00:00:00+08:00";

/// Document 002 prints these of its sample; nothing in the code knows it.
#[test]
fn the_sample_gives_its_counts_and_texts_back() {
    let report = report(&sample(), NOW);
    let cards = report.counts.cards;
    let counts = [cards.accounts, cards.open, cards.overdue, cards.overdue_90, cards.guarantees];
    assert_eq!(counts, [7, 5, 2, 0, 0]);
    assert_eq!((report.counts.house_loans, report.counts.other_loans), Default::default());
    assert_eq!((report.public_counts, report.query_365), ([0; 5], 1));
    assert_eq!(report.overdue_number, 2);
    assert_eq!(report.overdue_message(), "您有 2 条违约记录");
    assert_eq!(report.interpretation.overdue, "您的信用卡有 2 个账户，累计 13 个月逾期");
    let [detail] = &report.interpretation.details[..] else { panic!("one detail") };
    assert_eq!(detail.number, 5);
    assert_eq!(
        detail.title,
        "您的信用卡存在逾期，继续逾期以致严重逾期，会影响后续信用卡以及贷款的申请与使用，请确保后续账单日前还款。"
    );
    let record = sample();
    let overdue: Vec<&String> =
        record.group(Group::CardsOverdue).map(|account| &account.text).collect();
    assert_eq!(detail.items.iter().collect::<Vec<_>>(), overdue);
    assert_eq!(
        (report.updated.to_string(), report.next_update.to_string()),
        ("2015-11-10".to_owned(), "2015-12-10".to_owned())
    );
}

/// Worked out by hand from docs/credit-report.md.
#[test]
fn the_formula_of_version_1_is_the_documented_one() {
    let sample = report(&sample(), NOW);
    let parts = |report: &CreditReport| report.composition.parts().map(|(part, _)| part);
    // 400 + 7 full years and 2 accounts; 1000 - 160 - 100 / 2; nothing known twice; no record, no
    // application.
    assert_eq!(parts(&sample), [850, 790, 700, 700, 1_000, 1_000]);
    assert_eq!((sample.score, sample.grade, sample.rate_percent), (832, 'B', 17));
    let other = report(&other(), NOW);
    // 400 + 6 years and 2 accounts; no cards; 1000 - 180 - 160 - 150; one public record; one
    // application.
    assert_eq!(parts(&other), [800, 700, 510, 1_000, 700, 1_000]);
    assert_eq!((other.score, other.grade, other.rate_percent), (811, 'B', 19));
    let numbers: Vec<u8> = other.interpretation.details.iter().map(|one| one.number).collect();
    assert_eq!(numbers, [1, 3, 7, 8]);
    let public = &other.interpretation.details[0].items;
    assert_eq!(
        public[..],
        ["强制执行记录：执行法院合成区人民法院，案号（2015）合成字第1号，执行案由借款合同纠纷"]
    );
}

#[test]
fn the_worst_record_comes_to_nothing_and_the_best_to_a_grade_of_a() {
    let mut record = other();
    let bad = record.accounts[0].clone();
    record.accounts.clear();
    for group in [Group::CardsOverdue, Group::HouseOverdue, Group::LoansOverdue] {
        let mut account = bad.clone();
        (account.group, account.state) = (group, State::BadDebt);
        account.overdue_months = 60;
        record.accounts.extend([account.clone(), account]);
    }
    record.public_records = vec![record.public_records[0].clone(); 4];
    record.institution_queries = vec![record.institution_queries[0].clone(); 20];
    let worst = report(&record, NOW);
    assert_eq!((worst.score, worst.grade), (80, 'E'), "what is left is the length of the history");
    record.public_records.clear();
    record.institution_queries.clear();
    for account in &mut record.accounts {
        (account.state, account.overdue_months, account.overdue_90_months) = (State::Open, 0, 0);
        account.overdue_amount = None;
    }
    let best = report(&record, NOW);
    assert_eq!((best.score, best.grade, best.rate_percent), (980, 'A', 2));
}

#[test]
fn a_report_is_updated_a_month_later_and_expires_after_that_day() {
    let table = [
        ("2015-11-10", "2015-12-10"),
        ("2015-12-31", "2016-01-31"),
        ("2016-01-31", "2016-02-29"),
        ("2015-01-29", "2015-02-28"),
        ("2015-03-31", "2015-04-30"),
    ];
    for (updated, next) in table {
        let day = |text: &str| Day::parse(text).expect("a day");
        for (now, is_expired) in [(day(next), false), (day(next).next(), true)] {
            let asked = Asked {
                updated: day(updated).shanghai_start(),
                now: now.shanghai_start(),
                formula: Formula::CURRENT,
            };
            let report = derive(&sample(), asked);
            assert_eq!((report.next_update, report.is_expired), (day(next), is_expired));
        }
    }
}

/// A year back from the day of the query, which counts.
#[test]
fn queries_of_a_year_are_counted() {
    let mut record = sample();
    let today = record.head.query_time.shanghai_day();
    for (days, count) in [(-1, 1), (0, 2), (364, 2), (365, 1), (i32::MIN, 1)] {
        record.institution_queries[0].day = Some(Day(today.0.wrapping_sub(days)));
        assert_eq!(report(&record, NOW).query_365, count, "{days}");
    }
}
