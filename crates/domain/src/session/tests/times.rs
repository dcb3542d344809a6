//! What the passing of time does, and what it never does.

use super::*;

const DEADLINE: Timestamp = Timestamp(NOW.0 + 600_000_000);
const FAR: Timestamp = Timestamp(NOW.0 + 100 * 600_000_000);

/// The states whose collection is at its end: the clock has stopped.
fn is_stopped(machine: &str, name: &str) -> bool {
    match machine {
        "telecom" => ["41", "42", "43"].contains(&name),
        "degree" => ["11c", "21", "22"].contains(&name),
        _ => name.ends_with('c') || ["10", "11"].contains(&name),
    }
}

fn each(mut check: impl FnMut(&str, &str, State)) {
    for (machine, _) in MACHINES {
        for state in reachable(machine) {
            check(machine, &name(&state), state);
        }
    }
}

#[test]
fn the_limits_are_those_of_the_document() {
    assert_eq!(NOW + COLLECTION_LIMIT, DEADLINE);
    assert_eq!((REQUEST_DELAY, WRONG_ANSWERS_MAX, RESENDS_MAX), (Span(1_000_000), 5, 3));
}

#[test]
fn the_deadline_ends_what_is_being_collected_and_nothing_else() {
    let failed = |machine: &str| match machine {
        "telecom" => "42",
        "degree" => "22",
        _ => "11",
    };
    each(|machine, name_before, state| {
        let after = state.clone().at(DEADLINE, DEADLINE);
        if is_stopped(machine, name_before) {
            assert_eq!(state.clone().at(FAR, DEADLINE), state);
            assert_eq!(state.next_change(DEADLINE), None);
        } else {
            let why = Phase::Failed(SourceFailure::TimedOut);
            assert_eq!((&*name(&after), after.phase()), (failed(machine), why), "{name_before}");
        }
    });
}

#[test]
fn the_next_change_is_told_to_the_microsecond() {
    let paused = |machine: &str, name: &str| match (machine, name) {
        ("telecom", "1p") => Some("0"),
        ("e-bank", "8p") => Some("4"),
        _ => None,
    };
    each(|machine, name_before, state| {
        let stopped = is_stopped(machine, name_before);
        let pause = paused(machine, name_before);
        let instant = if pause.is_some() { Timestamp(NOW.0 + 1_000_000) } else { DEADLINE };
        assert_eq!(state.next_change(DEADLINE), (!stopped).then_some(instant), "{name_before}");
        if stopped {
            return;
        }
        let at = |us| state.clone().at(Timestamp(instant.0 + us), DEADLINE);
        assert_eq!(at(-1), state, "{machine} {name_before}");
        assert_ne!(at(0), state, "{machine} {name_before}");
        assert_eq!(at(1), at(0), "{machine} {name_before}");
        if let Some(next) = pause {
            assert_eq!(name(&at(0)), next);
            assert_eq!(tries(&at(0)).unwrap_or_default(), tries(&state).unwrap_or_default());
            // A deadline that comes with the pause's end comes first.
            let early = state.clone().at(instant, instant);
            assert_eq!(early.phase(), Phase::Failed(SourceFailure::TimedOut));
        }
    });
}

#[test]
fn looking_more_often_changes_nothing() {
    let second = NOW.0 + 1_000_000;
    let mut instants = vec![NOW.0, second - 1, second, second + 1, FAR.0];
    instants.extend([DEADLINE.0 - 1, DEADLINE.0, DEADLINE.0 + 1]);
    instants.sort_unstable();
    let instants: Vec<Timestamp> = instants.into_iter().map(Timestamp).collect();
    each(|machine, name, state| {
        for (count, first) in instants.iter().enumerate() {
            let once = state.clone().at(*first, DEADLINE);
            for later in &instants[count..] {
                let twice = once.clone().at(*later, DEADLINE);
                assert_eq!(twice, state.clone().at(*later, DEADLINE), "{machine} {name}");
                let phases = [&once, &twice].map(State::phase);
                let is_over = |phase| !matches!(phase, Phase::Collecting);
                assert!(!is_over(phases[0]) || is_over(phases[1]), "{machine} {name}");
            }
        }
    });
}
