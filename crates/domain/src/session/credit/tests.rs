//! The flow against a hand-written table, its times, and random walks beside a plain model.

mod times;
mod walks;

use super::*;

const NOW: Timestamp = Timestamp(1_780_000_000_000_000);

pub(super) fn account(standing: Standing, is_authenticated: bool) -> Account {
    Account { login_name: "sandbox00".to_owned(), is_authenticated, standing }
}

pub(super) fn flow(state: State) -> Flow {
    let account = match state {
        State::Out(Out::Never) => None,
        _ => Some(account(Standing::NotApplied, false)),
    };
    Flow { picture: Some(NOW), state, seen_at: NOW, account }
}

pub(super) fn verifying(messages: Messages) -> State {
    let number = "6222020200000000000".to_owned();
    Verifying { kind: CardKind::Debit, number, since: NOW, messages }
}

pub(super) fn report(outdated_at: Timestamp) -> LocalReport {
    LocalReport { id: "r".to_owned(), read_at: NOW, updated_at: NOW, outdated_at, is_billed: true }
}

/// The code that a step is turned down with; 0 where it may be taken.
fn code(flow: &Flow, step: Step) -> i32 {
    flow.admit(step, NOW).map_or_else(Refusal::code, |()| 0)
}

/// Each state × each step, for an account that has applied for nothing and is not verified.
/// Columns in the order of `Step::ALL`; the codes without their 508.
#[test]
fn every_state_decides_about_every_step() {
    let sent = Messages { waiting: Some(NOW), sent: 1, wrong: 0 };
    let states: [(State, [i32; 14]); 12] = [
        (State::Out(Out::Never), [0, 0, 0, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110]),
        (State::Out(Out::Idle), [0, 0, 0, 142, 142, 142, 142, 142, 142, 142, 142, 142, 142, 142]),
        (
            State::Out(Out::TooLong),
            [0, 0, 0, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110, 110],
        ),
        (State::Out(Out::Lost), [0, 0, 0, 101, 101, 101, 101, 101, 101, 101, 101, 101, 101, 101]),
        (Home { code_used: false }, [0, 0, 0, 0, 0, 101, 0, 101, 101, 101, 109, 101, 101, 101]),
        (Home { code_used: true }, [0, 0, 0, 0, 0, 101, 0, 101, 101, 129, 109, 101, 101, 101]),
        (Questioned, [0, 0, 0, 0, 0, 0, 0, 101, 101, 101, 109, 101, 101, 101]),
        // No code was sent yet: whatever is given is wrong (211101).
        (verifying(Messages::default()), [0, 0, 0, 0, 0, 101, 0, 0, 211, 101, 109, 101, 101, 101]),
        (verifying(sent), [0, 0, 0, 0, 0, 101, 0, 0, 0, 101, 109, 101, 101, 101]),
        (
            Coded { since: NOW, issued_at: NOW },
            [0, 0, 0, 0, 0, 101, 0, 101, 101, 0, 109, 101, 101, 101],
        ),
        (
            Applying { code_used: true, messages: sent },
            [0, 0, 0, 0, 0, 101, 0, 0, 101, 129, 109, 0, 101, 101],
        ),
        (
            Applying { code_used: false, messages: Messages::default() },
            [0, 0, 0, 0, 0, 101, 0, 0, 101, 101, 109, 211, 101, 101],
        ),
    ];
    for (state, expected) in states {
        let flow = flow(state);
        let found = Step::ALL.map(|step| match code(&flow, step) {
            211_101 => 211,
            0 => 0,
            code => code - 508_000,
        });
        assert_eq!(found, expected, "{:?}", flow.state);
    }
}

/// What an account stands at decides about what it may apply for and read.
#[test]
fn every_standing_decides_about_applying_and_reading() {
    let local = |next| Standing::Local(report(next));
    // Answers and Apply; ReportForm and Report; the document's user_status.
    let standings = [
        (Standing::NotApplied, 0, 101, 0),
        (Standing::InProgress { applied_at: NOW }, 114, 101, 1),
        (Standing::Made, 111, 0, 2),
        (Standing::NotPassed, 0, 101, 3),
        (Standing::NotMade, 0, 132, 6),
        (Standing::Said { is_outdated: false }, 111, 0, 4),
        (Standing::Said { is_outdated: true }, 0, 0, 5),
        (local(NOW + Span::micros(1)), 111, 0, 4),
        (local(NOW), 0, 0, 5),
    ];
    let messages = Messages { waiting: Some(NOW), sent: 1, wrong: 0 };
    for (standing, applying, reading, status) in standings {
        let steps = [
            (Step::Answers, Questioned, applying),
            (Step::Apply, Applying { code_used: false, messages }, applying),
            (Step::ReportForm, Home { code_used: false }, reading),
            (Step::Report, Home { code_used: false }, reading),
        ];
        let account = account(standing, false);
        assert_eq!(account.status(NOW).number(), status, "{account:?}");
        for (step, state, expected) in steps {
            let flow = Flow { account: Some(account.clone()), ..flow(state) };
            let expected = if expected == 0 { 0 } else { 508_000 + expected };
            assert_eq!(code(&flow, step), expected, "{step:?} of {account:?}");
        }
    }
    let verified = Flow {
        account: Some(account(Standing::NotApplied, true)),
        ..flow(Home { code_used: false })
    };
    assert_eq!(code(&verified, Step::Questions), 508_113);
    assert_eq!(code(&verified, Step::AuthedForm), 0);
}

/// What the platform says at a login, beside what is known here.
#[test]
fn a_report_that_was_read_is_known_better_here() {
    let known = Account::logged_in("a".to_owned(), UserStatus::NotApplied, None, NOW);
    let local = Standing::Local(report(NOW + Span::days(30)));
    let known = Account { standing: local.clone(), ..known };
    let table = [
        ("a", UserStatus::Made, local),
        ("a", UserStatus::InProgress, Standing::InProgress { applied_at: NOW }),
        ("a", UserStatus::NotApplied, Standing::NotApplied),
        ("b", UserStatus::Made, Standing::Made),
        ("b", UserStatus::LocalOutdated, Standing::Said { is_outdated: true }),
    ];
    for (login_name, status, standing) in table {
        let account = Account::logged_in(login_name.to_owned(), status, Some(known.clone()), NOW);
        assert_eq!(account.standing, standing, "{login_name} {status:?}");
    }
}
