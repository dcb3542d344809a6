//! The machines, state by state. The states that are tried are not listed by hand: they are all
//! that events reach from the beginning.

mod diagram;
mod sealed;
mod table;
mod times;
mod walks;

use std::collections::BTreeMap;

use super::*;

const NOW: Timestamp = Timestamp(1_800_000_000_000_000);

/// The machines by their names in the document, each with its first state.
const MACHINES: [(&str, State); 3] = [
    ("telecom", State::Telecom(telecom::State::Init)),
    ("degree", State::Degree(degree::State::Init)),
    ("e-bank", State::Ebank(ebank::State::Init)),
];

fn begin(machine: &str) -> State {
    MACHINES.into_iter().find(|(name, _)| *name == machine).expect("a machine").1
}

/// Every event; a picture's bytes are `png`.
fn events(png: u8) -> Vec<Event> {
    let prompt = |kind| match kind {
        PromptKind::Sms => Prompt::Sms,
        PromptKind::QueryPassword => Prompt::QueryPassword,
        PromptKind::Picture => Prompt::Picture(vec![png]),
        PromptKind::DynamicPassword => Prompt::DynamicPassword,
    };
    let mut events = vec![Event::LoggedIn];
    events.extend(PromptKind::ALL.map(Event::Answered));
    events.push(Event::ResendAsked);
    for kind in PromptKind::ALL {
        events.extend(Why::ALL.map(|why| Event::Asked(prompt(kind), why)));
    }
    events.extend([Event::Restarted, Event::Collected, Event::Ready]);
    events.extend([Event::Failed(SourceFailure::Down), Event::DeadlinePassed]);
    events.extend([Event::SecretLost, Event::PauseOver]);
    events
}

/// The head of an event's column: `L`ogin, `a`nswered, `R`esend; `1` asked first, `w`rong,
/// `r`esent of `S`MS, `Q`uery password, `P`icture, `D`ynamic password; `re`started, `co`llected,
/// `ok` ready, `f`ailed, `dl` deadline, `sl` secret lost, `po` pause over.
fn column(event: &Event) -> String {
    let kind = |kind| match kind {
        PromptKind::Sms => 'S',
        PromptKind::QueryPassword => 'Q',
        PromptKind::Picture => 'P',
        PromptKind::DynamicPassword => 'D',
    };
    match event {
        Event::LoggedIn => "L".to_owned(),
        Event::Answered(of) => format!("a{}", kind(*of)),
        Event::ResendAsked => "R".to_owned(),
        Event::Asked(prompt, Why::First) => format!("{}1", kind(prompt.kind())),
        Event::Asked(prompt, Why::Wrong) => format!("{}w", kind(prompt.kind())),
        Event::Asked(prompt, Why::Resent) => format!("{}r", kind(prompt.kind())),
        Event::Restarted => "re".to_owned(),
        Event::Collected => "co".to_owned(),
        Event::Ready => "ok".to_owned(),
        Event::Failed(_) => "f".to_owned(),
        Event::DeadlinePassed => "dl".to_owned(),
        Event::SecretLost => "sl".to_owned(),
        Event::PauseOver => "po".to_owned(),
    }
}

/// The state's number, and a letter where the document shows several states as one: `p` passes by
/// itself, `c` is collected, `s` and `t` wait for an SMS or a token.
fn name(state: &State) -> String {
    let letter = match state {
        State::Telecom(telecom::State::Restart { until: Some(_), .. })
        | State::Ebank(ebank::State::WrongPicture { .. }) => "p",
        State::Degree(degree::State::Submitted { collected: true })
        | State::Ebank(ebank::State::Collected(_)) => "c",
        State::Ebank(ebank::State::Wrong(kind, _) | ebank::State::Resent(kind, _)) => match kind {
            PromptKind::Sms => "s",
            PromptKind::DynamicPassword => "t",
            // No such states are.
            PromptKind::Picture | PromptKind::QueryPassword => "?",
        },
        _ => "",
    };
    format!("{}{letter}", state.number())
}

/// What the state counts, if it counts.
fn tries(state: &State) -> Option<Tries> {
    match state {
        State::Telecom(
            telecom::State::Restart { tries, .. }
            | telecom::State::CaptchaRequired(tries)
            | telecom::State::CaptchaSubmitted(tries)
            | telecom::State::CaptchaWrong(tries)
            | telecom::State::CaptchaResent(tries)
            | telecom::State::QueryPasswordRequired(tries)
            | telecom::State::QueryPasswordSubmitted(tries)
            | telecom::State::QueryPasswordWrong(tries),
        )
        | State::Ebank(
            ebank::State::Required(_, tries)
            | ebank::State::Submitted(_, tries)
            | ebank::State::Wrong(_, tries)
            | ebank::State::WrongPicture { tries, .. }
            | ebank::State::Resent(_, tries),
        ) => Some(*tries),
        _ => None,
    }
}

fn letter(refused: Refused) -> &'static str {
    match refused {
        Refused::NotAsked => "n",
        Refused::AlreadySubmitted => "s",
        Refused::ResendsUsedUp => "r",
        Refused::Over => "o",
        Refused::OutOfTurn => "-",
    }
}

fn sealed(state: &State) -> String {
    serde_json::to_string(state).expect("plain data")
}

/// Every state that events reach, counters included.
fn reachable(machine: &str) -> Vec<State> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![begin(machine)];
    while let Some(state) = waiting.pop() {
        if found.insert(sealed(&state), state.clone()).is_none() {
            let next = events(1).into_iter().filter_map(|event| state.clone().on(event, NOW).ok());
            waiting.extend(next);
        }
    }
    found.into_values().collect()
}
