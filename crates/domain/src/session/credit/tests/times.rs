//! Each period just before, at and just after its end.

use super::*;

/// The code at `span` after [`NOW`], a microsecond before and after it.
fn around(flow: &Flow, step: Step, span: Span) -> [i32; 3] {
    [-1, 0, 1].map(|us| {
        let now = NOW + Span(span.0 + us);
        flow.admit(step, now).map_or_else(Refusal::code, |()| 0)
    })
}

#[test]
fn every_period_ends_when_it_says() {
    let sent = Messages { waiting: Some(NOW), sent: 1, wrong: 0 };
    let long = |state| Flow { seen_at: NOW + Span::hours(1), ..flow(state) };
    let coded = Coded { since: NOW - Span::minutes(5), issued_at: NOW };
    let table = [
        (flow(State::Out(Out::Never)), Step::Login, PICTURE_FORCE, 0, 210_101),
        (flow(Home { code_used: false }), Step::Methods, IDLE_LIMIT, 0, 508_142),
        (flow(verifying(sent)), Step::Authenticate, MESSAGE_FORCE, 0, 211_101),
        (
            flow(Applying { code_used: false, messages: sent }),
            Step::Apply,
            MESSAGE_FORCE,
            0,
            211_101,
        ),
        (long(verifying(sent)), Step::Message, UNIONPAY_LIMIT, 0, 508_110),
        // The steps' own end is past when the code's comes.
        (long(coded.clone()), Step::RaiseLevel, UNIONPAY_CODE_FORCE, 508_110, 508_128),
        (long(coded), Step::RaiseLevel, Span::minutes(25), 210_101, 508_110),
    ];
    for (flow, step, span, before, after) in table {
        assert_eq!(around(&flow, step, span), [before, after, after], "{step:?} {:?}", flow.state);
    }
}

#[test]
fn only_the_limits_of_a_state_end_it() {
    // Idle longer than UnionPay's limit: the answer names the limit that says what to do.
    let idle = flow(verifying(Messages::default()));
    assert_eq!(idle.admit(Step::Methods, NOW + Span::minutes(21)), Err(Refusal::Idle));
    assert_eq!(idle.admit(Step::Methods, NOW + Span::minutes(30)), Err(Refusal::NotLoggedIn));
    let pending = account(Standing::InProgress { applied_at: NOW }, false);
    assert_eq!(pending.gives_up_at(), Some(NOW + REPORT_LIMIT));
}

#[test]
fn codes_are_sent_and_missed_so_often_and_no_more() {
    let mut flow = flow(verifying(Messages::default()));
    for _ in 0..MESSAGES_MAX {
        assert_eq!(flow.admit(Step::Message, NOW), Ok(()));
        flow = flow.on(Event::MessageSent, NOW).expect("a code is on its way");
    }
    assert_eq!(flow.admit(Step::Message, NOW), Err(Refusal::MessagesUsedUp));
    for _ in 0..WRONG_CODES_MAX {
        assert_eq!(flow.admit(Step::Authenticate, NOW), Ok(()));
        flow = flow.on(Event::CodeWrong, NOW).expect("it may be tried again");
    }
    assert_eq!(flow.admit(Step::Authenticate, NOW), Err(Refusal::MessagesUsedUp));
}
