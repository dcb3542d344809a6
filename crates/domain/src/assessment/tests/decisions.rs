//! From an application to a decision: features, the example score, the default policy.

use serde_json::json;

use super::data::*;
use super::*;
use crate::application::{CardType, LoanState, Relation, Zhima};
use crate::decision::{Facts, Judge, Record, Scored, Scorer};
use crate::policy::{MODEL_SCORE, Outcome};
use crate::scoring::Model;
use crate::scoring::Published;
use crate::scoring::card::ModelCard;

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

/// A policy that may change these inputs, refuses by the rule, and below the score.
fn policy(inputs: &[(&str, &str)], rule: &str, reject_below: i64) -> Policy {
    let words = json!({ "zh": "合成", "en": "synthetic" });
    let input = |(name, change): &(&str, &str)| {
        let (of, zh) = ("integer", "合成");
        json!({ "name": name, "type": of, "change": change, "zh": zh, "en": "x" })
    };
    let score = json!({ "name": MODEL_SCORE, "type": "integer", "zh": "分", "en": "score" });
    let document = json!({
        "format": "probity-policy/1", "name": "synthetic", "version": "1", "title": words,
        "lawful_basis": words, "approval": words, "model": "synthetic",
        "inputs": inputs.iter().map(input).chain([score]).collect::<Vec<_>>(),
        "rules": [{ "id": "R", "when": rule, "then": "reject", "zh": "合成", "en": "x" }],
        "cutoffs": [{ "id": "S", "score": MODEL_SCORE, "reject_below": reject_below,
            "zh": "合成", "en": "x" }],
    });
    Policy::read(&serde_json::to_vec(&document).expect("JSON")).expect("a policy")
}

/// What is told has the score of what is changed: `calls.numbers` from 100 to 9 costs 27 points.
#[test]
fn the_nearest_change_takes_its_score_with_it() {
    let (card, model) = scorecard::example();
    let (sha256, card_sha256) = ("", "");
    let scorer = Scorer { name: "x", version: 1, sha256, card: &card, card_sha256, model: &model };
    let facts = facts(&good());
    let (_, score) = facts.scored(Some(scorer));
    let Some(Scored::Known { score: Value::Number(score), .. }) = score.map(|one| one.result)
    else {
        panic!("a score")
    };
    let score = score.to_f64() as i64;
    let calls = [("calls.numbers", "down")];
    let (few, never) = ("calls.numbers >= 10", "calls.numbers < 0");
    let (never_score, always) = ("model.score < 0", "model.score > 0");
    let none: &[(&str, &str)] = &[];
    let with_score = format!("{MODEL_SCORE} {score} -> {}", score + 5);
    for (inputs, rule, reject_below, told) in [
        (&calls[..], few, score - 27, "calls.numbers 100 -> 9"),
        // It would have been enough by the score as it was.
        (&calls, few, score - 26, "none"),
        (&calls, never, score + 5, with_score.as_str()),
        (none, never_score, score + 5, &with_score),
        (none, always, score + 5, "none"),
    ] {
        let policy = policy(inputs, rule, reject_below);
        let judge = Judge { policy: &policy, version: 1, scorer: Some(scorer) };
        let change = facts.nearest(judge);
        let field =
            |one: &crate::policy::FieldChange| format!("{} {} -> {}", one.name, one.from, one.to);
        let found = change.map_or("none".to_owned(), |change| {
            change.fields.iter().map(field).collect::<Vec<_>>().join(", ")
        });
        assert_eq!(found, told, "{rule}, below {reject_below}");
    }
}
