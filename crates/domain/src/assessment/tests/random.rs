//! A thousand random applications: no panic, and every value is what the default policy declares.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::data::{alipay, bill, calls, card, deal, emergency, entry, loan, login, take_all};
use super::*;
use crate::application::{CardType, LoanState, Relation};

/// Rows made of one list of numbers: lengths, days and amounts, extremes among them.
fn random(numbers: &[i64]) -> Case {
    let mut case = Case::least();
    let application = &mut case.application;
    let at = |number: i64| NOW - Span(number.saturating_mul(977));
    let small = |number: i64| number.rem_euclid(100) as u32;
    let telephone = |number: i64| match number % 4 {
        0 => format!("1{:010}", number.unsigned_abs() % 10_000_000_000),
        1 => format!("+86 12{:09}", number.unsigned_abs() % 1_000_000_000),
        2 => format!("{number}*{number}"),
        _ => "未知号码".to_owned(),
    };
    application.order.amount = Fen(numbers.len() as i64 * 1_000 + 1);
    application.order.term_days = 1 + numbers.len() as u32 * 40;
    for number in numbers {
        let number = *number;
        let state = LoanState::ALL[(number & 3) as usize];
        match number.rem_euclid(9) {
            0 => application.contacts.push(entry(&telephone(number), "讨债的")),
            1 => {
                let relation = Relation::ALL[(number.rem_euclid(5)) as usize];
                application.basic.emergency_contacts.push(emergency(&telephone(number), relation));
            }
            2 | 3 => {
                let one = calls(&telephone(number / 9), number as u32 & 0xffff, at(number));
                application.telecom.contacts.push(one);
            }
            4 => application.telecom.bills.push(bill(number as i32 % 40, number)),
            5 => application.loans.push(loan(state, number as u32 % 40_000, number % 4_000)),
            6 => application.logins.push(login(&small(number).to_string(), at(number))),
            7 => application
                .cards
                .push(card(CardType::ALL[(number & 1) as usize], &number.to_string())),
            _ => {
                let alipay = application.alipay.get_or_insert_with(alipay);
                alipay.deals.push(deal(at(number), number));
            }
        }
    }
    let inquiry = |number: &i64| Inquiry { lender: small(*number), at: at(*number) };
    case.held.inquiries =
        (!numbers.len().is_multiple_of(3)).then(|| numbers.iter().map(inquiry).collect());
    if numbers.len().is_multiple_of(5) {
        take_all(&mut case.held);
    }
    case
}

#[test]
fn a_thousand_random_applications_stay_in_the_policys_ranges() {
    let policy = Policy::read(DEFAULT).expect("whole");
    let (_, model) = scorecard::example();
    let numbers = prop_oneof![-10_000_000_000..20_000_000_000_i64, any::<i64>()];
    let lists = proptest::collection::vec(numbers, 0..45);
    let config = ProptestConfig { cases: 1_000, ..ProptestConfig::default() };
    let run = TestRunner::new(config).run(&lists, |numbers| {
        let case = random(&numbers);
        let inputs = case.inputs();
        let decision = policy.decide(&inputs, NOW);
        prop_assert!(decision.refused.is_empty(), "{:?}", decision.refused);
        prop_assert!(!decision.reasons.is_empty());
        let explained = model.explain(&super::super::numbers(&inputs)).expect("scored");
        prop_assert!((300.0..=850.0).contains(&explained.scored.score));
        let sum: f64 = explained.reasons.iter().map(|one| one.contribution).sum();
        prop_assert!((explained.bias + sum - explained.scored.raw).abs() < 1e-9);
        Ok(())
    });
    run.expect("all of them");
}
