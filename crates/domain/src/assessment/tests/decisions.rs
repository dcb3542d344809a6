//! From an application to a decision: features, the example score, the default policy.

use super::data::*;
use super::*;
use crate::application::{CardType, LoanState, Relation, Zhima};
use crate::decision::{Facts, Judge, Record, Scorer};
use crate::policy::{MODEL_SCORE, Outcome};
use crate::scoring::card::ModelCard;
use crate::scoring::Model;
use crate::scoring::Published;

/// A synthetic applicant with a salary, paid loans, a hundred acquaintances.
fn good() -> Case {
    let mut case = Case::least();
    let application = &mut case.application;
    let real_name = &mut application.telecom.real_name;
    real_name.since = Some(ago(1_500));
    (real_name.name, real_name.id_card) = (text("合*"), text("1****************1"));
    let number = |at: usize| format!("13900000{at:03}");
    application.telecom.contacts = (0..100).map(|at| calls(&number(at), 5, ago(10))).collect();
    application.contacts = (0..100).map(|at| entry(&number(at), "合成乙")).collect();
    application.basic.emergency_contacts = vec![emergency(&number(0), Relation::Mother)];
    application.telecom.bills = (1..=12).map(|at| bill(at, 8_000)).collect();
    application.loans = [60, 120, 180].map(|ago| loan(LoanState::Repaid, 0, ago)).into();
    application.zhima = Some(Zhima { score: Some(720), watch_list: None });
    application.cards = vec![card(CardType::Debit, "6222****1116")];
    take_telecom(&mut case.held, &[("13900000000", ago(1), true)]);
    take_ebank(&mut case.held);
    take_credit(&mut case.held);
    (case.held.is_listed, case.held.device_persons) = (Some(false), Some(1));
    case.held.inquiries = Some(vec![Inquiry { lender: 0, at: NOW }]);
    case
}

fn decided(case: &Case) -> (Outcome, Vec<String>) {
    let mut inputs = case.inputs();
    let (card, model) = scorecard::example();
    let scored = model.score(&numbers(&inputs)).expect("scored");
    let Ok(Published::Points(points)) = card.published(scored.score) else { panic!("points") };
    inputs.set(MODEL_SCORE, Value::Number(i64::from(points).into()));
    let decision = Policy::read(DEFAULT).expect("whole").decide(&inputs, NOW);
    assert!(decision.refused.is_empty(), "{:?}", decision.refused);
    (decision.outcome, decision.reasons.iter().map(|reason| reason.rule.clone()).collect())
}

/// Decides with the example, whose card may be another one.
fn record(facts: &Facts, (card, model): &(ModelCard, Model)) -> Record {
    let scorer =
        Scorer { name: "m", version: 3, sha256: "s", card, card_sha256: &card.version, model };
    let policy = Policy::read(DEFAULT).expect("whole");
    facts.decide(Judge { policy: &policy, version: 7, scorer: Some(scorer) })
}

fn facts(case: &Case) -> Facts {
    let Case { person, application, held } = case;
    crate::decision::Case { person, application, held, at: NOW }.facts()
}

/// A decision whose features are of another catalogue is made again from those that it recorded:
/// the same bytes, also where features are unknown; and not when a byte of them was changed.
#[test]
fn a_record_of_another_catalogue_is_made_again_from_itself() {
    let example = scorecard::example();
    for case in [good(), Case::least()] {
        let bytes = record(&facts(&case), &example).to_bytes();
        assert!(Facts::of_another_catalogue(&bytes, NOW).is_none(), "it is of this one");
        let text = String::from_utf8(bytes).expect("JSON");
        let ours = format!("\"catalogue\":{CATALOGUE_VERSION},");
        let older = text.replacen(&ours, "\"catalogue\":0,", 1);
        let again = |older: &str| {
            let facts = Facts::of_another_catalogue(older.as_bytes(), NOW).expect("a record");
            assert_eq!(facts.catalogue(), 0);
            String::from_utf8(record(&facts, &example).to_bytes()).expect("JSON")
        };
        assert!(older != text && again(&older) == older, "{older}\n{}", again(&older));
        for (from, to) in [
            (r#""outcome":""#, r#""outcome":"un"#),
            (r#""loan.amount":20000"#, r#""loan.amount":20001"#),
            (r#""raw":"#, r#""raw":1"#),
            (r#""loan.months":12"#, r#""loan.months":13"#),
        ] {
            let changed = older.replacen(from, to, 1);
            assert!(changed != older && again(&changed) != changed, "{from}");
        }
    }
    assert!(Facts::of_another_catalogue(b"{}", NOW).is_none());
}

/// "What if" stands over what is computed, for the policy and for the model.
#[test]
fn what_if_stands_over_what_is_known() {
    let example = scorecard::example();
    let with = |name: &str, value: Value| {
        record(&facts(&good()).with(&[(name.to_owned(), value)]), &example).decision
    };
    assert_eq!(with("blacklist.is_listed", Value::Boolean(true)).outcome, Outcome::Reject);
    assert_eq!(with(MODEL_SCORE, Value::Number(300.into())).outcome, Outcome::Reject);
    assert_eq!(with(MODEL_SCORE, Value::Unknown).outcome, Outcome::Review);
    let used = with("cards.utilisation", Value::Number(1.into())).inputs;
    let score = |inputs: &BTreeMap<String, Value>| inputs[MODEL_SCORE].number();
    assert!(score(&used) < score(&record(&facts(&good()), &example).decision.inputs));
}

/// The good applicant is approved; what one changed thing of it comes to.
#[test]
fn applications_are_decided_by_what_they_say() {
    type Change = fn(&mut Case);
    let table: [(Change, Outcome, &[&str]); 11] = [
        (|_| {}, Outcome::Approve, &["approve"]),
        (|c| c.held.is_listed = Some(true), Outcome::Reject, &["F201"]),
        (|c| c.held.is_listed = None, Outcome::Review, &["F201"]),
        // The bank data fills in for the credit report; for loans, nothing does.
        (|c| c.held.credit = None, Outcome::Approve, &["approve"]),
        (
            |c| {
                c.held.credit = None;
                c.application.loans.clear();
            },
            Outcome::Review,
            &["D501", "D502", "D503", "D504"],
        ),
        (|c| c.held.ebank = None, Outcome::Review, &["I104", "A601", "A602"]),
        (
            |c| c.application.telecom.contacts.push(calls("12002000001", 9, ago(1))),
            Outcome::Review,
            &["T402"],
        ),
        (|c| c.application.order.amount = Fen(9_000_000), Outcome::Reject, &["A601"]),
        (
            |c| c.application.loans.push(loan(LoanState::Overdue, 31, 60)),
            Outcome::Reject,
            &["D501"],
        ),
        (
            |c| {
                let asked = |lender| Inquiry { lender, at: ago(2) };
                c.held.inquiries = Some((0..6).map(asked).collect());
            },
            Outcome::Reject,
            &["M301"],
        ),
        (|c| c.application.telecom.real_name.name = text("张*"), Outcome::Reject, &["I102"]),
    ];
    for (at, (change, outcome, rules)) in table.into_iter().enumerate() {
        let mut case = good();
        change(&mut case);
        let (found, reasons) = decided(&case);
        assert_eq!(found, outcome, "{at}: {reasons:?}");
        let has_all = rules.iter().all(|rule| reasons.iter().any(|reason| reason == rule));
        assert!(has_all, "{at}: {reasons:?}, expected {rules:?}");
    }
}
