//! Random walks beside a plain model that keeps one word and some times.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::*;

const WALKS: u32 = 10_000;
const STEPS: usize = 50;

/// A move: a step, how it comes out at the platform, and how long nobody did anything before.
#[derive(Clone, Debug)]
struct Move {
    step: Step,
    is_fine: bool,
    pause_minutes: i64,
}

/// One word for the state, plain minutes for the times (-1: none).
#[derive(Clone, Debug)]
struct Model {
    at: &'static str,
    is_used: bool,
    is_verified: bool,
    status: i64,
    minute: i64,
    seen: i64,
    picture: i64,
    union: i64,
    code: i64,
    message: i64,
    sent: u8,
    wrong: u8,
}

impl Model {
    fn pass(&mut self, minutes: i64) {
        self.minute += minutes;
        let in_union = ["verifying", "coded"].contains(&self.at);
        if in_union && self.minute - self.union >= 30 {
            self.at = "too-long";
        } else if self.is_in() && self.minute - self.seen >= 20 {
            self.at = "idle";
        }
    }

    fn is_in(&self) -> bool {
        ["home", "questioned", "verifying", "coded", "applying"].contains(&self.at)
    }

    fn has(&self, since: i64, minutes: i64) -> bool {
        since >= 0 && self.minute - since < minutes
    }

    fn admit(&self, step: Step) -> i32 {
        let sms = match (self.wrong, self.has(self.message, 5)) {
            (5.., _) => 508_126,
            (_, false) => 211_101,
            _ => 0,
        };
        let applying = match self.status {
            1 => 508_114,
            2 | 4 => 508_111,
            _ => 0,
        };
        let reading = match self.status {
            2 | 4 | 5 => 0,
            6 => 508_132,
            _ => 508_101,
        };
        let picture = i32::from(!self.has(self.picture, 5)) * 210_101;
        let first = |codes: [i32; 2]| codes.into_iter().find(|code| *code != 0).unwrap_or(0);
        match (step, self.at) {
            (Step::Picture | Step::LoginForm, _) => 0,
            (Step::Login, _) | (Step::RaiseLevel, "coded") => picture,
            (_, "idle") => 508_142,
            (_, "lost") => 508_101,
            (_, "never" | "too-long") => 508_110,
            (Step::Methods | Step::Card, _) => 0,
            (Step::Questions, _) => i32::from(self.is_verified) * 508_113,
            (Step::AuthedForm, _) => i32::from(!self.is_verified) * 508_109,
            (Step::Answers, "questioned") => applying,
            (Step::Message, "verifying" | "applying") if self.sent < 5 => 0,
            (Step::Message, "verifying" | "applying") => 508_126,
            (Step::Authenticate, "verifying") => sms,
            (Step::RaiseLevel, "home" | "applying") if self.is_used => 508_129,
            (Step::Apply, "applying") => first([applying, sms]),
            (Step::ReportForm | Step::Report, _) => reading,
            _ => 508_101,
        }
    }

    fn go(&mut self, step: Step, is_fine: bool) {
        self.seen = self.minute;
        let fresh = |model: &mut Self| (model.message, model.sent, model.wrong) = (-1, 0, 0);
        match (step, is_fine) {
            (Step::Picture, _) => self.picture = self.minute,
            (Step::Login, true) => {
                (self.at, self.is_used, self.picture) = ("home", false, -1);
            }
            (Step::Login, false) => self.picture = -1,
            (Step::Questions, true) => self.at = "questioned",
            (Step::Answers, is_right) => {
                (self.at, self.is_used) = ("home", false);
                self.status = if is_right { 1 } else { 3 };
            }
            (Step::Card, true) => {
                (self.at, self.union) = ("verifying", self.minute);
                fresh(self);
            }
            (Step::Message, true) => (self.message, self.sent) = (self.minute, self.sent + 1),
            (Step::Authenticate | Step::Apply, false) => self.wrong += 1,
            (Step::Authenticate, true) => (self.at, self.code) = ("coded", self.minute),
            (Step::RaiseLevel, is_right) => {
                self.picture = -1;
                if is_right {
                    (self.at, self.is_used, self.is_verified) = ("applying", true, true);
                    fresh(self);
                }
            }
            (Step::AuthedForm, true) => {
                self.is_used &= ["home", "applying"].contains(&self.at);
                self.at = "applying";
                fresh(self);
            }
            (Step::Apply, true) => (self.at, self.status) = ("home", 1),
            _ => {}
        }
    }
}

/// What the platform's answer makes happen.
fn events(step: Step, is_fine: bool, status: UserStatus) -> Vec<Event> {
    match (step, is_fine) {
        (Step::Picture, _) => vec![Event::Pictured],
        (Step::Login, true) => vec![
            Event::PictureTried,
            Event::LoggedIn { login_name: "sandbox00".to_owned(), status, is_authenticated: false },
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
        _ => Vec::new(),
    }
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let of = |steps: &[Step]| prop::sample::select(steps.to_vec());
    // The deep states are reached by those that lead there.
    let step = prop_oneof![
        3 => of(&Step::ALL),
        2 => of(&[Step::Picture, Step::Login]),
        5 => of(&[Step::Card, Step::Message, Step::Message, Step::Authenticate]),
        2 => of(&[Step::Picture, Step::RaiseLevel, Step::Apply]),
    ];
    let pause = prop_oneof![20 => Just(0_i64), 4 => 1..6_i64, 1 => 15..32_i64];
    let one = (step, prop::bool::weighted(0.8), pause)
        .prop_map(|(step, is_fine, pause_minutes)| Move { step, is_fine, pause_minutes });
    prop::collection::vec(one, STEPS)
}

fn word(state: &State) -> &'static str {
    match state {
        State::Out(Out::Never) => "never",
        State::Out(Out::Idle) => "idle",
        State::Out(Out::TooLong) => "too-long",
        State::Out(Out::Lost) => "lost",
        Home { .. } => "home",
        Questioned => "questioned",
        Verifying { .. } => "verifying",
        Coded { .. } => "coded",
        Applying { .. } => "applying",
    }
}

#[test]
fn walks_agree_with_the_plain_model() {
    let config = Config { cases: WALKS, failure_persistence: None, ..Config::default() };
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let seen = std::cell::RefCell::new(BTreeSet::new());
    let walked = runner.run(&moves(), |moves| {
        let mut flow = Flow::new(NOW);
        let mut model = Model {
            at: "never",
            is_used: false,
            is_verified: false,
            status: 0,
            minute: 0,
            seen: 0,
            picture: -1,
            union: -1,
            code: -1,
            message: -1,
            sent: 0,
            wrong: 0,
        };
        for Move { step, is_fine, pause_minutes } in moves {
            // The code's own end is seen before the steps' (508128).
            let old_code = step == Step::RaiseLevel
                && model.at == "coded"
                && model.minute + pause_minutes - model.code >= 30;
            model.pass(pause_minutes);
            let now = NOW + Span::minutes(model.minute);
            let expected = if old_code { 508_128 } else { model.admit(step) };
            let found = flow.admit(step, now).map_or_else(Refusal::code, |()| 0);
            prop_assert_eq!(found, expected, "{:?} in {:?}", step, model);
            seen.borrow_mut().insert((step, found));
            flow = flow.at(now);
            if model.is_in() {
                model.seen = model.minute;
                flow = flow.on(Event::Seen, now).expect("somebody is logged in");
            }
            if found == 0 {
                let status = UserStatus::ALL.into_iter().find(|one| one.number() == model.status);
                let (was_verified, status) = (model.is_verified, status.expect("a status"));
                for event in events(step, is_fine, status) {
                    let event = match event {
                        Event::LoggedIn { login_name, status, .. } => {
                            Event::LoggedIn { login_name, status, is_authenticated: was_verified }
                        }
                        other => other,
                    };
                    flow = flow.on(event, now).expect("it was admitted");
                }
                model.go(step, is_fine);
            }
            prop_assert_eq!(word(&flow.state), model.at);
        }
        Ok(())
    });
    walked.expect("the flow is the model");
    // The walks meet what they are there for.
    let codes: BTreeSet<i32> = seen.borrow().iter().map(|(_, code)| *code).collect();
    let wanted = [
        0, 210_101, 211_101, 508_101, 508_109, 508_110, 508_113, 508_114, 508_126, 508_128,
        508_129, 508_142,
    ];
    for code in wanted {
        assert!(codes.contains(&code), "{code} was never met");
    }
    assert!(seen.borrow().len() >= 45, "{}", seen.borrow().len());
}
