//! What each event does to each state, written by hand from document 001, sections 3 to 6 and 8.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// Rows are states as [`name`] calls them, with `w` four answers wrong, with `r` the code sent
/// again three times. Cells are what becomes of them, or why not:
/// `n` not asked for · `s` submitted: the same again is taken as said, else refused · `r` sent
/// again often enough · `o` over · `-` not the source's turn.
const TELECOM: &str = "
     L  aS aQ aP aD R  S1 Sw Sr Q1 Qw Qr P1 Pw Pr D1 Dw Dr re co ok f  dl sl po
0    11 n  n  n  n  n  -  -  -  -  -  -  -  -  -  -  -  -  -  -  -  42 42 -  -
1    n  n  n  n  n  n  21 -  -  31 -  -  -  -  -  -  -  -  -  41 -  42 42 -  -
1p   n  n  n  n  n  n  -  -  -  -  -  -  -  -  -  -  -  -  -  -  -  42 42 -  0
11   s  n  n  n  n  n  21 -  -  31 -  -  -  -  -  -  -  -  1  41 -  42 42 1p -
21   n  22 n  n  n  21 -  -  24 -  -  -  -  -  -  -  -  -  -  -  -  42 42 -  -
21r  n  22 n  n  n  r  -  -  24 -  -  -  -  -  -  -  -  -  -  -  -  42 42 -  -
22   s  s  n  n  n  s  21 23 -  31 -  -  -  -  -  -  -  -  1  41 -  42 42 21 -
22w  s  s  n  n  n  s  21 42 -  31 -  -  -  -  -  -  -  -  1  41 -  42 42 21 -
23   n  22 n  n  n  23 -  -  24 -  -  -  -  -  -  -  -  -  -  -  -  42 42 -  -
23r  n  22 n  n  n  r  -  -  24 -  -  -  -  -  -  -  -  -  -  -  -  42 42 -  -
24   n  22 n  n  n  24 -  -  24 -  -  -  -  -  -  -  -  -  -  -  -  42 42 -  -
24r  n  22 n  n  n  r  -  -  24 -  -  -  -  -  -  -  -  -  -  -  -  42 42 -  -
31   n  n  32 n  n  n  -  -  -  -  -  -  -  -  -  -  -  -  -  -  -  42 42 -  -
32   s  n  s  n  n  n  -  -  -  -  33 -  -  -  -  -  -  -  1  41 -  42 42 31 -
32w  s  n  s  n  n  n  -  -  -  -  42 -  -  -  -  -  -  -  1  41 -  42 42 31 -
33   n  n  32 n  n  n  -  -  -  -  -  -  -  -  -  -  -  -  -  -  -  42 42 -  -
41   o  o  o  o  o  o  -  -  -  -  -  -  -  -  -  -  -  -  -  41 43 42 o  -  -
42   o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o
43   o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o
";

const DEGREE: &str = "
     L  aS aQ aP aD R  S1 Sw Sr Q1 Qw Qr P1 Pw Pr D1 Dw Dr re co  ok f  dl sl po
0    11 n  n  n  n  n  -  -  -  -  -  -  -  -  -  -  -  -  -  -   -  22 22 -  -
11   s  n  n  n  n  n  -  -  -  -  -  -  -  -  -  -  -  -  -  11c -  22 22 0  -
11c  s  n  n  n  n  n  -  -  -  -  -  -  -  -  -  -  -  -  -  11c 21 22 o  -  -
21   o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o   o  o  o  o  o
22   o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o   o  o  o  o  o
";

const EBANK: &str = "
     L  aS aQ aP aD R  S1 Sw Sr Q1 Qw Qr P1 Pw Pr D1 Dw Dr re co ok f  dl sl po
0    1  n  n  n  n  n  -  -  -  -  -  -  -  -  -  -  -  -  -  -  -  11 11 -  -
1    s  n  n  n  n  n  6  -  -  -  -  -  4  -  -  2  -  -  -  1c -  11 11 11 -
2    n  n  n  n  3  n  -  -  -  -  -  -  -  -  -  -  -  9t -  -  -  11 11 -  -
3    s  n  n  n  s  n  6  -  -  -  -  -  4  -  -  2  8t -  -  3c -  11 11 11 -
3w   s  n  n  n  s  n  6  -  -  -  -  -  4  -  -  2  11 -  -  3c -  11 11 11 -
4    n  n  n  5  n  n  -  -  -  -  -  -  -  -  4  -  -  -  -  -  -  11 11 -  -
5    s  n  n  s  n  n  6  -  -  -  -  -  4  8p -  2  -  -  -  5c -  11 11 11 -
5w   s  n  n  s  n  n  6  -  -  -  -  -  4  11 -  2  -  -  -  5c -  11 11 11 -
6    n  7  n  n  n  n  -  -  9s -  -  -  -  -  -  -  -  -  -  -  -  11 11 -  -
7    s  s  n  n  n  n  6  8s -  -  -  -  4  -  -  2  -  -  -  7c -  11 11 11 -
7w   s  s  n  n  n  n  6  11 -  -  -  -  4  -  -  2  -  -  -  7c -  11 11 11 -
8s   n  7  n  n  n  n  -  -  9s -  -  -  -  -  -  -  -  -  -  -  -  11 11 -  -
8t   n  n  n  n  3  n  -  -  -  -  -  -  -  -  -  -  -  9t -  -  -  11 11 -  -
8p   n  n  n  n  n  n  -  -  -  -  -  -  -  -  -  -  -  -  -  -  -  11 11 -  4
9s   n  7  n  n  n  n  -  -  9s -  -  -  -  -  -  -  -  -  -  -  -  11 11 -  -
9t   n  n  n  n  3  n  -  -  -  -  -  -  -  -  -  -  -  9t -  -  -  11 11 -  -
1c   s  n  n  n  n  n  -  -  -  -  -  -  -  -  -  -  -  -  -  1c 10 11 o  -  -
3c   s  n  n  n  s  n  -  -  -  -  -  -  -  -  -  -  -  -  -  3c 10 11 o  -  -
5c   s  n  n  s  n  n  -  -  -  -  -  -  -  -  -  -  -  -  -  5c 10 11 o  -  -
7c   s  s  n  n  n  n  -  -  -  -  -  -  -  -  -  -  -  -  -  7c 10 11 o  -  -
10   o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o
11   o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o  o
";

/// The cells by row and column.
type Cells = BTreeMap<String, BTreeMap<String, String>>;

pub(super) fn read(machine: &str) -> Cells {
    let text = match machine {
        "telecom" => TELECOM,
        "degree" => DEGREE,
        _ => EBANK,
    };
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let mut lines = text.lines().skip(1).map(words);
    let head = lines.next().expect("a head");
    let row = |mut line: Vec<String>| {
        let name = line.remove(0);
        assert_eq!(line.len(), head.len(), "{machine} {name}");
        (name, head.iter().cloned().zip(line).collect())
    };
    lines.map(row).collect()
}

/// The row of a state: that of its counters, where the table has one.
fn row(state: &State, cells: &Cells) -> String {
    let name = name(state);
    let tries = tries(state).unwrap_or_default();
    let used_up = [(tries.wrong == 4, "w"), (tries.resends == 3, "r")];
    let rows = used_up.into_iter().filter(|(is, _)| *is).map(|(_, mark)| format!("{name}{mark}"));
    rows.into_iter().find(|row| cells.contains_key(row)).unwrap_or(name)
}

#[test]
fn each_event_does_to_each_state_what_the_table_says() {
    for (machine, _) in MACHINES {
        let cells = read(machine);
        let mut rows = BTreeSet::new();
        for state in reachable(machine) {
            let row = row(&state, &cells);
            let expected = cells.get(&row).unwrap_or_else(|| panic!("{machine}: no row {row}"));
            let found = events(1).into_iter().map(|event| {
                let column = column(&event);
                let next = state.clone().on(event, NOW);
                (column, next.map_or_else(|refused| letter(refused).to_owned(), |to| name(&to)))
            });
            assert_eq!(&found.collect::<BTreeMap<_, _>>(), expected, "{machine} {row}: {state:?}");
            rows.insert(row);
        }
        assert!(rows.iter().eq(cells.keys()), "{machine}: rows that nothing reaches");
    }
}

#[test]
fn answers_fit_what_is_shown() {
    let prompt = |machine, name: &str| match (machine, name) {
        ("telecom", "21" | "22" | "23" | "24") | ("e-bank", "6" | "7" | "7c" | "8s" | "9s") => {
            Some(PromptKind::Sms)
        }
        ("telecom", "31" | "32" | "33") => Some(PromptKind::QueryPassword),
        ("e-bank", "4" | "5" | "5c") => Some(PromptKind::Picture),
        ("e-bank", "2" | "3" | "3c" | "8t" | "9t") => Some(PromptKind::DynamicPassword),
        _ => None,
    };
    for (machine, _) in MACHINES {
        for state in reachable(machine) {
            let name = name(&state);
            let submitted: &[&str] = match machine {
                "telecom" => &["11", "22", "32"],
                "degree" => &["11"],
                _ => &["1", "3", "5", "7"],
            };
            assert_eq!(state.is_submitted(), submitted.contains(&&*name), "{machine} {name}");
            assert_eq!(state.asked(), prompt(machine, &name), "{machine} {name}");
            let picture = (machine == "e-bank" && name == "4").then_some(&[1][..]);
            assert_eq!(state.picture(), picture, "{machine} {name}");
        }
    }
}
