//! Random walks beside a plain model that knows numbers and counters and nothing of the machines.

use std::cell::RefCell;
use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::*;

const WALKS: u32 = 10_000;
const STEPS: usize = 50;
const DEADLINE: Timestamp = Timestamp(NOW.0 + 600_000_000);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Model {
    machine: &'static str,
    at: &'static str,
    wrong: u8,
    resends: u8,
    /// When `1p` and `8p` are over, in microseconds.
    pause_until: i64,
    picture: u8,
}

impl Model {
    fn new(machine: &'static str) -> Self {
        Self { machine, at: "0", wrong: 0, resends: 0, pause_until: 0, picture: 0 }
    }

    fn failed(&self) -> &'static str {
        match self.machine {
            "telecom" => "42",
            "degree" => "22",
            _ => "11",
        }
    }

    fn is_over(&self) -> bool {
        self.at == self.failed()
            || [("telecom", "43"), ("degree", "21"), ("e-bank", "10")]
                .contains(&(self.machine, self.at))
    }

    fn is_fetching(&self) -> bool {
        self.at.ends_with('c') || self.at == "41"
    }

    fn pass(&mut self, now: Timestamp) {
        if now >= DEADLINE && !self.is_over() && !self.is_fetching() {
            self.at = self.failed();
        } else if self.at.ends_with('p') && now.0 >= self.pause_until {
            self.at = if self.at == "1p" { "0" } else { "4" };
        }
    }

    /// Takes the event of a column, or says the letter of the refusal.
    fn on(&mut self, column: &str, now: Timestamp, png: u8) -> Result<(), &'static str> {
        if self.is_over() {
            return Err("o");
        }
        let to = match (column, self.machine) {
            ("f", _) => Some(self.failed()),
            ("dl", _) => (!self.is_fetching()).then_some(self.failed()),
            ("po", _) => match self.at {
                "1p" => Some("0"),
                "8p" => Some("4"),
                _ => None,
            },
            (_, "telecom") => self.telecom(column),
            (_, "degree") => self.degree(column),
            (_, _) => self.ebank(column),
        };
        let to = to.ok_or_else(|| self.refusal(column))?;
        self.count(column, to, now, png)
    }

    fn count(
        &mut self,
        column: &str,
        to: &'static str,
        now: Timestamp,
        png: u8,
    ) -> Result<(), &'static str> {
        match column {
            "R" if self.resends == 3 => return Err("r"),
            "R" => self.resends += 1,
            "Sw" | "Qw" | "Pw" | "Dw" => self.wrong += 1,
            // What the source asks next is counted by itself, but for a carrier's other code.
            "Q1" if self.at == "22" => self.wrong = 0,
            "S1" | "P1" | "D1" if self.machine == "e-bank" => self.wrong = 0,
            _ => {}
        }
        if column.starts_with('P') {
            self.picture = png;
        }
        self.pause_until = now.0 + 1_000_000;
        self.at = if self.wrong == 5 { self.failed() } else { to };
        Ok(())
    }

    fn telecom(&self, column: &str) -> Option<&'static str> {
        let is_asked = ["21", "23", "24"].contains(&self.at);
        let is_working = ["11", "22", "32"].contains(&self.at);
        match (self.at, column) {
            ("0", "L") => Some("11"),
            (at, "R") if is_asked => Some(at),
            (_, "aS") if is_asked => Some("22"),
            (_, "Sr") if is_asked => Some("24"),
            ("31" | "33", "aQ") => Some("32"),
            ("1" | "11" | "22", "S1") | ("22", "sl") => Some("21"),
            ("1" | "11" | "22", "Q1") | ("32", "sl") => Some("31"),
            ("11", "sl") => Some("1p"),
            ("22", "Sw") => Some("23"),
            ("32", "Qw") => Some("33"),
            (_, "re") if is_working => Some("1"),
            ("1" | "41", "co") => Some("41"),
            (_, "co") if is_working => Some("41"),
            ("41", "ok") => Some("43"),
            _ => None,
        }
    }

    fn degree(&self, column: &str) -> Option<&'static str> {
        match (self.at, column) {
            ("0", "L") => Some("11"),
            ("11", "sl") => Some("0"),
            ("11" | "11c", "co") => Some("11c"),
            ("11c", "ok") => Some("21"),
            _ => None,
        }
    }

    fn ebank(&self, column: &str) -> Option<&'static str> {
        match (self.at, column) {
            ("0", "L") => Some("1"),
            ("2" | "8t" | "9t", "aD") => Some("3"),
            ("4", "aP") => Some("5"),
            ("6" | "8s" | "9s", "aS") => Some("7"),
            ("1" | "3" | "5" | "7", "D1") => Some("2"),
            ("1" | "3" | "5" | "7", "P1") | ("4", "Pr") => Some("4"),
            ("1" | "3" | "5" | "7", "S1") => Some("6"),
            ("3", "Dw") => Some("8t"),
            ("5", "Pw") => Some("8p"),
            ("7", "Sw") => Some("8s"),
            ("2" | "8t" | "9t", "Dr") => Some("9t"),
            ("6" | "8s" | "9s", "Sr") => Some("9s"),
            ("1" | "3" | "5" | "7", "sl") => Some("11"),
            ("1" | "1c", "co") => Some("1c"),
            ("3" | "3c", "co") => Some("3c"),
            ("5" | "5c", "co") => Some("5c"),
            ("7" | "7c", "co") => Some("7c"),
            (_, "ok") if self.is_fetching() => Some("10"),
            _ => None,
        }
    }

    fn refusal(&self, column: &str) -> &'static str {
        let is_borrowers = column == "L" || column == "R" || column.starts_with('a');
        let step = (self.machine, self.at.trim_end_matches('c'), column);
        match step {
            _ if self.at == "41" && (is_borrowers || column == "dl") => "o",
            (_, _, "dl") => "o",
            ("telecom", "11" | "22" | "32", "L")
            | ("telecom", "22", "aS" | "R")
            | ("telecom", "32", "aQ")
            | ("degree", "11", "L")
            | ("e-bank", "1" | "3" | "5" | "7", "L")
            | ("e-bank", "3", "aD")
            | ("e-bank", "5", "aP")
            | ("e-bank", "7", "aS") => "s",
            _ if is_borrowers => "n",
            _ => "-",
        }
    }

    /// Holds `state` against the model.
    fn compare(&self, state: &State) {
        assert_eq!(name(state), self.at);
        if let Some(Tries { wrong, resends }) = tries(state) {
            assert_eq!((wrong, resends), (self.wrong, self.resends));
        }
        let pause = self.at.ends_with('p').then_some(Timestamp(self.pause_until));
        assert_eq!(state.pause_until(), pause);
        let picture = (self.machine == "e-bank" && self.at == "4").then_some([self.picture]);
        assert_eq!(state.picture(), picture.as_ref().map(|png| &png[..]));
    }
}

/// How a step is chosen: what, whether from all events, how much later.
type Choice = (u8, u8, u8);

/// Which event comes next: mostly one that fits, so that walks get far; a clumsy borrower answers
/// wrongly or wants another code whenever it can.
fn choose(model: &Model, (pick, any, _): Choice, (now, clumsy): (Timestamp, bool)) -> Event {
    let mut all = events(pick);
    let fits = |event: &Event| model.clone().on(&column(event), now, pick).is_ok();
    let ends = |event: &Event| matches!(event, Event::Failed(_) | Event::DeadlinePassed);
    if any >= 64 {
        let fitting: Vec<Event> =
            all.iter().filter(|event| fits(event) && !ends(event)).cloned().collect();
        let slips = |event: &Event| matches!(event, Event::Asked(_, Why::Wrong));
        if let Some(slip) = fitting.iter().find(|event| clumsy && any >= 96 && slips(event)) {
            return slip.clone();
        }
        if !fitting.is_empty() {
            all = fitting;
        }
    }
    all.swap_remove(usize::from(pick) % all.len())
}

fn later(now: Timestamp, choice: u8) -> Timestamp {
    const MICROSECONDS: [i64; 7] = [0, 1, 500_000, 999_999, 1_000_000, 3_000_000, 20_000_000];
    match choice {
        0 => now.max(DEADLINE - Span(1)),
        1 => now.max(DEADLINE),
        _ => now + Span(MICROSECONDS[usize::from(choice) % MICROSECONDS.len()]),
    }
}

#[test]
fn walks_agree_with_a_plain_model() {
    let config = Config { cases: WALKS, failure_persistence: None, ..Config::default() };
    let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let walk = (0..6_usize, proptest::collection::vec(any::<Choice>(), STEPS));
    let taken = RefCell::new(BTreeSet::new());
    let outcome = TestRunner::new_with_rng(config, random).run(&walk, |(kind, choices)| {
        let (machine, mut state) = MACHINES[kind / 2].clone();
        let (mut model, mut now) = (Model::new(machine), NOW);
        for choice in choices {
            now = later(now, choice.2);
            state = state.at(now, DEADLINE);
            model.pass(now);
            model.compare(&state);
            let event = choose(&model, choice, (now, kind % 2 == 1));
            let (from, column) = (model.at, column(&event));
            let expected = model.on(&column, now, choice.0);
            match state.clone().on(event, now) {
                Ok(next) => {
                    prop_assert_eq!(Ok(()), expected, "{} {} {}", machine, from, column);
                    state = next;
                    let to = name(&state);
                    taken.borrow_mut().insert(format!("{machine} {from} {column} {to}"));
                }
                Err(refused) => prop_assert_eq!(Err(letter(refused)), expected),
            }
            model.compare(&state);
        }
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(taken.into_inner(), in_tables(), "the walks go every way of the tables");
}

/// Every way that the tables have.
fn in_tables() -> BTreeSet<String> {
    let mut ways = BTreeSet::new();
    for (machine, _) in MACHINES {
        for (row, cells) in table::read(machine) {
            let from = row.trim_end_matches(['w', 'r']);
            let is_taken = |to: &str| to.starts_with(|letter: char| letter.is_ascii_digit());
            let taken = cells.into_iter().filter(|(_, to)| is_taken(to));
            ways.extend(taken.map(|(column, to)| format!("{machine} {from} {column} {to}")));
        }
    }
    ways
}
