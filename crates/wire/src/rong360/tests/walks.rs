//! Random walks of a borrower through the domain's machine: whatever a step meets, its method's
//! documented codes have it.

use std::collections::BTreeSet;

use domain::session::credit::{CardKind, Event, Flow, Step, UserStatus};
use domain::time::Span;

use super::*;
use crate::rong360::codes::Code;

const WALKS: u64 = 10_000;
const STEPS: usize = 50;
/// (method, code) pairs that the machine by itself comes to: counted by hand in the tables of
/// `domain::session::credit`.
const PAIRS_LEAST: usize = 45;

/// xorshift64
struct Random(u64);

impl Random {
    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        of[(self.0 >> 16) as usize % of.len()]
    }
}

/// What the platform may make of a step that was admitted.
fn events(step: Step, random: &mut Random) -> Vec<Event> {
    let is_fine = random.pick(&[true, true, true, true, false]);
    match (step, is_fine) {
        (Step::Picture, _) => vec![Event::Pictured],
        (Step::Login, true) => vec![
            Event::PictureTried,
            Event::LoggedIn {
                login_name: random.pick(&["a", "b"]).to_owned(),
                status: random.pick(&UserStatus::ALL),
                is_authenticated: random.pick(&[true, false, false]),
            },
        ],
        (Step::Login | Step::RaiseLevel, false) => vec![Event::PictureTried],
        (Step::Questions, true) => vec![Event::Questioned],
        (Step::Answers, passed) => vec![Event::Answered { passed }],
        (Step::Card, true) => {
            vec![Event::CardKnown { kind: CardKind::Debit, number: "6".to_owned() }]
        }
        (Step::Message, true) => vec![Event::MessageSent],
        (Step::Authenticate | Step::Apply, false) => vec![Event::CodeWrong],
        (Step::Authenticate, true) => vec![Event::CodeIssued],
        (Step::RaiseLevel, true) => vec![Event::PictureTried, Event::LevelRaised],
        (Step::AuthedForm, true) => vec![Event::FormOpened],
        (Step::Apply, true) => vec![Event::Applied],
        (Step::Report, false) => vec![Event::SecretLost],
        _ => Vec::new(),
    }
}

#[test]
fn every_method_in_every_state_is_answered_a_documented_code() {
    // Methods and steps stand in the same order, the document's.
    let documented = Method::ALL.map(Method::documented);
    let places: Vec<usize> = (0..Step::ALL.len()).collect();
    let deep = [6, 7, 7, 8, 0, 9, 11, 0, 2, 4, 5];
    let mut seen = BTreeSet::new();
    for walk in 1..=WALKS {
        let (mut random, mut now) = (Random(walk.wrapping_mul(0x9E37_79B9_7F4A_7C15)), NOW);
        let mut flow = Flow::new(now);
        for _ in 0..STEPS {
            let at =
                if random.pick(&[true, false]) { random.pick(&deep) } else { random.pick(&places) };
            now = now + Span::minutes(random.pick(&[0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 6, 12, 21, 31]));
            let step = Step::ALL[at];
            match flow.admit(step, now) {
                Ok(()) => {
                    for event in events(step, &mut random) {
                        flow = flow.clone().on(event, now).unwrap_or(flow);
                    }
                }
                Err(refusal) => {
                    let code = Code::from(refusal);
                    assert!(documented[at].contains(&code), "{step:?} {code:?} in {flow:?}");
                    seen.insert((at, code.number));
                }
            }
            flow = flow.at(now);
        }
    }
    assert!(seen.len() >= PAIRS_LEAST, "{}: {seen:?}", seen.len());
}
