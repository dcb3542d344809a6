//! `docs/sessions.md`: the machines as diagrams, drawn from what they do.

use std::fmt::Write as _;

use super::*;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/sessions.md");

#[test]
fn the_diagrams_show_what_the_machines_do() {
    let written = std::fs::read_to_string(PATH).unwrap_or_default();
    assert!(written == document(), "docs/sessions.md is old: cargo xtask gen");
}

#[test]
#[ignore = "writes docs/sessions.md anew, for `cargo xtask gen`"]
fn write_the_diagrams() {
    std::fs::write(PATH, document()).expect("the file can be written");
}

fn document() -> String {
    let minutes = COLLECTION_LIMIT.0 / 60_000_000;
    let mut text = format!(
        "# Collection sessions\n\n\
         Made from the code by `cargo xtask gen`; what is changed here by hand is lost.\n\n\
         The numbers and names of the states are those of document 001, section 8; names with a \
         letter\n(`1p`, `7c`) are ours: merchants see the bare number. A collection that is not at \
         its end\n{minutes} minutes after its beginning fails. The {WRONG_ANSWERS_MAX}th wrong \
         answer to a prompt ends the\nsession. A code may be sent again {RESENDS_MAX} times.\n",
    );
    for (title, machine) in [
        ("Carriers", "telecom"),
        ("The degree register", "degree"),
        ("Banks, versions 1 and 2", "e-bank"),
    ] {
        let _ = write!(text, "\n## {title}\n\n{}", diagram(machine));
    }
    text
}

/// A state as it is sorted and drawn: by its number, then by what tells it from its like.
type Node = (i64, String);

fn node(state: &State) -> Node {
    (state.number(), name(state))
}

fn diagram(machine: &str) -> String {
    let states = reachable(machine);
    let mut nodes = BTreeMap::new();
    let mut arrows: BTreeMap<(Node, Node), Vec<&str>> = BTreeMap::new();
    for state in &states {
        nodes.insert(node(state), state.clone());
        // The pictures are other ones, so that a new picture is seen.
        for event in events(2) {
            let Ok(next) = state.clone().on(event.clone(), NOW) else { continue };
            let Some(words) = words(&event, &next) else { continue };
            let labels = arrows.entry((node(state), node(&next))).or_default();
            if next != *state && !labels.contains(&words) {
                labels.push(words);
            }
        }
    }
    let mut text =
        format!("```mermaid\nstateDiagram-v2\n    [*] --> s{}\n", begin(machine).number());
    for ((number, name), state) in &nodes {
        let title = title(machine, *number);
        let _ = writeln!(text, "    state \"{number} {title}{}\" as s{name}", remark(state));
    }
    for (((_, from), (_, to)), labels) in arrows.iter().filter(|(_, labels)| !labels.is_empty()) {
        let _ = writeln!(text, "    s{from} --> s{to} : {}", labels.join(" / "));
    }
    for ((_, name), _) in nodes.iter().filter(|(_, state)| is_end(state)) {
        let _ = writeln!(text, "    s{name} --> [*]");
    }
    text.push_str("```\n\n");
    text + &endings(&nodes)
}

/// What is not drawn, since nearly every state has it.
fn endings(nodes: &BTreeMap<Node, State>) -> String {
    let taking = |event: Event| {
        let takes = |state: &&State| (*state).clone().on(event.clone(), NOW).is_ok();
        let names = nodes.values().filter(takes).map(|state| format!("`{}`", name(state)));
        names.collect::<Vec<_>>().join(" ")
    };
    let is_failed = |state: &&State| matches!(state.phase(), Phase::Failed(_));
    let failed = nodes.values().find(is_failed).map(|state| format!("`{}`", name(state)));
    format!(
        "Not drawn, and led to {}: what the source gives up, in\n{};\nwhat the deadline ends, in\n\
         {}.\n",
        failed.unwrap_or_default(),
        taking(Event::Failed(SourceFailure::Down)),
        taking(Event::DeadlinePassed),
    )
}

fn is_end(state: &State) -> bool {
    matches!(state.phase(), Phase::Ready | Phase::Failed(_))
}

/// What an arrow to a state says; nothing where it is not drawn.
fn words(event: &Event, to: &State) -> Option<&'static str> {
    match event {
        Event::LoggedIn => Some("login"),
        Event::Answered(_) => Some("answer"),
        Event::ResendAsked => Some("send again"),
        Event::Asked(Prompt::Sms, Why::First) => Some("code by SMS asked"),
        Event::Asked(Prompt::QueryPassword, Why::First) => Some("query password asked"),
        Event::Asked(Prompt::Picture(_), Why::First) => Some("picture asked"),
        Event::Asked(Prompt::DynamicPassword, Why::First) => Some("token asked"),
        Event::Asked(Prompt::Picture(_), Why::Resent) => Some("another picture"),
        Event::Asked(_, Why::Wrong) if is_end(to) => Some("wrong once too often"),
        Event::Asked(_, Why::Wrong) => Some("wrong"),
        Event::Asked(_, Why::Resent) => Some("sent again"),
        Event::Restarted => Some("source begins again"),
        Event::Collected => Some("collected"),
        Event::Ready => Some("stored and billed"),
        Event::SecretLost => Some("secret lost"),
        Event::PauseOver => Some("pause over"),
        Event::Failed(_) | Event::DeadlinePassed => None,
    }
}

/// What the document's number does not tell.
fn remark(state: &State) -> &'static str {
    match name(state).trim_start_matches(|c: char| c.is_ascii_digit()) {
        "p" => " (passes)",
        "c" => " (collected)",
        "s" => " (SMS)",
        "t" => " (token)",
        _ => "",
    }
}

/// The document's name of a state, without its STATE_.
fn title(machine: &str, number: i64) -> &'static str {
    match (machine, number) {
        (_, 0) => "INIT",
        ("telecom", 1) => "RESTART",
        ("telecom", 11) => "SERVICE_PWD_SUBMITTED",
        ("telecom", 21) => "CAPTCHA_REQUIRED",
        ("telecom", 22) => "CAPTCHA_SUBMITTED",
        ("telecom", 23) | ("e-bank", 8) => "CAPTCHA_ERROR",
        ("telecom", 24) | ("e-bank", 9) => "CAPTCHA_RESEND",
        ("telecom", 31) => "QUERY_PWD_REQUIRED",
        ("telecom", 32) => "QUERY_PWD_SUBMITTED",
        ("telecom", 33) => "QUERY_PWD_SUBMITTED_ERROR",
        ("telecom", 41) | ("degree", 21) | ("e-bank", 10) => "COLLECT_FINISHED",
        ("telecom", 42) | ("degree", 22) | ("e-bank", 11) => "COLLECT_FAILED",
        ("telecom", 43) => "DATA_READY",
        ("degree", 11) => "PWD_SUBMITTED",
        ("e-bank", 1) => "ACCOUNT_SUBMITTED",
        ("e-bank", 2) => "DYNAMIC_PWD_REQUIRED",
        ("e-bank", 3) => "DYNAMIC_PWD_SUBMITTED",
        ("e-bank", 4) => "PIC_CAPTCHA_REQUIRED",
        ("e-bank", 5) => "PIC_CAPTCHA_SUBMITTED",
        ("e-bank", 6) => "MSG_CAPTCHA_REQUIRED",
        ("e-bank", 7) => "MSG_CAPTCHA_SUBMITTED",
        _ => panic!("the document has no state {number} of {machine}"),
    }
}
