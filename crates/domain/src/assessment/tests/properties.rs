//! What holds of features whatever the rows are.

use proptest::prelude::*;

use super::data::{bill, calls, entry, loan, login};
use super::*;
use crate::application::{CallContact, LoanState};
use crate::policy::Decimal;

fn number(inputs: &Inputs, name: &str) -> Option<Decimal> {
    inputs.get(name).number()
}

fn contact() -> impl Strategy<Value = CallContact> {
    let numbers =
        prop_oneof!["1390000000[0-9]", "12001000[0-9]{3}", "12002000[0-9]{3}", "955[0-9]{2}"];
    let ago_us = 0..200 * 86_400_000_000_i64;
    (numbers, 0..50_u32, ago_us, proptest::option::of((0..25_u32, 0..25_u32))).prop_map(
        |(number, count, ago_us, ways)| CallContact {
            out_count: ways.map(|ways| ways.0),
            in_count: ways.map(|ways| ways.1),
            ..calls(&number, count, NOW - Span(ago_us))
        },
    )
}

/// An application with rows in each long list.
fn filled(contacts: Vec<CallContact>, turned: bool) -> Case {
    let mut case = Case::least();
    let application = &mut case.application;
    let book = contacts.iter().step_by(2);
    application.contacts = book.map(|one| entry(&one.telephone, "催收")).collect();
    let state = |at: usize| LoanState::ALL[at % 4];
    application.loans =
        (0..8).map(|at| loan(state(at), 9 * (at as u32 % 2), 40 * at as i64)).collect();
    application.logins = (0..9).map(|at| login(&format!("d{}", at % 3), ago(11 * at))).collect();
    application.telecom.bills = (0..14).map(|at| bill(at, i64::from(at * at))).collect();
    application.telecom.contacts = contacts;
    if turned {
        application.contacts.reverse();
        application.loans.reverse();
        application.logins.reverse();
        application.telecom.bills.reverse();
        application.telecom.contacts.reverse();
    }
    case
}

proptest! {
    #[test]
    fn the_order_of_lists_does_not_matter(contacts in proptest::collection::vec(contact(), 0..40)) {
        let (one, other) = (filled(contacts.clone(), false), filled(contacts, true));
        prop_assert!(one.inputs() == other.inputs());
    }

    #[test]
    fn shares_are_shares_and_windows_nest(
        contacts in proptest::collection::vec(contact(), 1..40),
        inquiries in proptest::collection::vec((0..9_u32, 0..200 * 86_400_000_000_i64), 0..40),
    ) {
        let mut case = filled(contacts, false);
        let inquiry = |(lender, ago): (u32, i64)| Inquiry { lender, at: NOW - Span(ago) };
        case.held.inquiries = Some(inquiries.into_iter().map(inquiry).collect());
        let inputs = case.inputs();
        for feature in CATALOGUE.iter().filter(|one| one.name.ends_with("_share")) {
            let Some(share) = number(&inputs, feature.name) else { continue };
            prop_assert!((Decimal::ZERO..=Decimal::ONE).contains(&share), "{}", feature.name);
        }
        for nested in [
            &["lenders.d7", "lenders.d15", "lenders.d30", "lenders.d90", "lenders.d180"][..],
            &["calls.numbers_d7", "calls.numbers_d30", "calls.numbers"],
            &["calls.collection_numbers", "calls.collection_d90", "calls.count"],
            &["loans.refused_d90", "loans.refused", "loans.count"],
        ] {
            let values: Vec<_> = nested.iter().map(|name| number(&inputs, name)).collect();
            // A number with messages alone has no call.
            prop_assert!(values.is_sorted(), "{nested:?} {values:?}");
        }
    }
}

/// An instant is in the window of so many days up to the last microsecond before it is too old.
#[test]
fn windows_end_to_the_microsecond() {
    type Put = fn(&mut Case, Timestamp);
    let asked: Put = |case, at| case.held.inquiries = Some(vec![Inquiry { lender: 0, at }]);
    let called: Put = |case, at| {
        // The first one keeps the list from being empty.
        case.application.telecom.contacts =
            vec![calls("110", 1, ago(170)), calls("12002000001", 1, at)];
    };
    let refused: Put = |case, at| {
        let mut one = loan(LoanState::Refused, 0, 0);
        one.ordered_at = Some(at);
        case.application.loans = vec![one];
    };
    let opened: Put =
        |case, at| case.application.logins = vec![login("a", ago(400)), login("b", at)];
    let table = [
        ("lenders.d7", 7, asked),
        ("lenders.d15", 15, asked),
        ("lenders.d30", 30, asked),
        ("lenders.d90", 90, asked),
        ("lenders.d180", 180, asked),
        ("lenders.inquiries_d30", 30, asked),
        ("calls.numbers_d7", 7, called),
        ("calls.numbers_d30", 30, called),
        ("calls.collection_d90", 90, called),
        ("calls.collection_numbers", 90, called),
        ("loans.refused_d90", 90, refused),
        ("device.logins_d30", 30, opened),
        ("device.devices_d90", 90, opened),
    ];
    for (name, days, put) in table {
        let edge = Span::days(days);
        for (at, expected) in [
            (NOW + Span(1), "0"),
            (NOW, "1"),
            (NOW - edge + Span(1), "1"),
            (NOW - edge, "0"),
            (NOW - edge - Span(1), "0"),
        ] {
            let mut case = Case::least();
            put(&mut case, at);
            assert_eq!(case.shown(name), expected, "{name} {}", (NOW - at).0);
        }
    }
}
