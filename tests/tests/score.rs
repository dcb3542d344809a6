//! The 300 German test rows through the running server: the stored score is the training
//! library's to the last bit, the answer is its rounding, and the reasons add up to it.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use flate2::read::GzDecoder;
use serde::Deserialize;
use tests::database::Database;
use tests::finplus::Answer;
use tests::people;
use tests::server::{Options, Server};

/// An application, the reference of its raw and of its exact score, how it is rounded.
struct App {
    id: &'static str,
    /// File (`crates/domain/fixtures/scoring`, see the README there), column of the raw output,
    /// column of the score.
    reference: [&'static str; 3],
    round: fn(f64) -> String,
}

const APPS: [App; 2] = [
    App {
        id: "1000001",
        reference: ["german_reference_optbinning", "optbinning_score", "optbinning_score"],
        round: |points| format!("{points:.0}"),
    },
    App {
        id: "1000002",
        reference: ["german_reference", "lightgbm_raw", "lightgbm_p"],
        round: |probability| format!("{probability:.4}"),
    },
];

/// What `call list --explained --json` tells of a call, as far as it is looked at here.
#[derive(Deserialize)]
struct Call {
    app: String,
    key: String,
    code: i64,
    billed: bool,
    explanation: Explanation,
}

#[derive(Deserialize)]
struct Explanation {
    score: Score,
}

#[derive(Deserialize)]
struct Score {
    raw: f64,
    exact: f64,
    bias: f64,
    /// Feature, value, contribution.
    reasons: Vec<(String, String, f64)>,
}

#[test]
fn every_row_scores_as_the_training_library_does() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let people = people::all(&server);
        assert_eq!(people.len(), 300);
        let answers: Vec<Vec<Answer>> = APPS.iter().map(|app| ask(&server, app.id)).collect();
        let listed =
            server.cli(&["call", "list", "--merchant", "sandbox", "--explained", "--json"]);
        let calls: Vec<Call> = serde_json::from_str(&listed.expect_success().stdout).unwrap();
        assert_eq!(calls.len(), 600, "{database:?}");
        for (app, answers) in APPS.iter().zip(answers) {
            let calls: BTreeMap<&str, &Call> = calls
                .iter()
                .filter(|call| call.app == app.id)
                .map(|call| (call.key.as_str(), call))
                .collect();
            let [raw, exact] = [1, 2].map(|at| reference(app.reference[0], app.reference[at]));
            for (person, answer) in people.iter().zip(answers) {
                let row = person.row;
                let call = calls[key(app.id, row).as_str()];
                let place = format!("{database:?}, {}, row {row}", app.id);
                assert_eq!((call.code, call.billed), (0, true), "{place}");
                let Score { raw: got, exact: stored, .. } = call.explanation.score;
                assert_eq!(got.to_bits(), raw[&row].to_bits(), "{place}: {got} {}", raw[&row]);
                assert_eq!(stored.to_bits(), exact[&row].to_bits(), "{place}: {stored}");
                let tag = format!("\"credit_score\":{}}}", (app.round)(exact[&row]));
                assert!(answer.text().contains(&tag), "{place}: {tag} in {}", answer.text());
                adds_up(&call.explanation.score, &place);
            }
        }
    }
}

/// The contributions and the bias make the raw score, and the list is in the order of their size.
fn adds_up(score: &Score, place: &str) {
    let parts: Vec<f64> = score.reasons.iter().map(|(_, _, part)| *part).collect();
    let sum = score.bias + parts.iter().sum::<f64>();
    assert!((sum - score.raw).abs() <= 1e-9, "{place}: {sum} is not {}", score.raw);
    assert!(!parts.is_empty(), "{place}: a score without reasons");
    let sorted = parts.iter().is_sorted_by(|a, b| a.abs() >= b.abs());
    assert!(sorted, "{place}: the largest comes first: {:?}", score.reasons);
}

/// Asks for every person, by each kind of id in turn.
fn ask(server: &Server, app: &str) -> Vec<Answer> {
    let mut finplus = server.finplus();
    let people = people::all(server).into_iter().enumerate();
    let answers = people.map(|(turn, person)| {
        let (id_type, id_value) = person.id(turn);
        let answer =
            finplus.score(app, id_type, id_value, &key(app, person.row)).expect("an answer");
        assert_eq!(answer.code, Some(0), "{person:?}: {}", answer.text());
        answer
    });
    answers.collect()
}

fn key(app: &str, row: u32) -> String {
    format!("row-{app}-{row}")
}

/// A column of a reference file by the row's id.
fn reference(file: &str, column: &str) -> BTreeMap<u32, f64> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/domain/fixtures/scoring");
    let file = File::open(folder.join(format!("{file}.csv.gz"))).expect("a fixture");
    let mut reader = csv::Reader::from_reader(GzDecoder::new(file));
    let header = reader.headers().expect("a header");
    let at = header.iter().position(|name| name == column).expect(column);
    let row = |record: csv::StringRecord| {
        Some((record.get(0)?.parse().ok()?, record.get(at)?.parse().ok()?))
    };
    let rows = reader.records().map(|record| row(record.expect("a row")).expect("numbers"));
    rows.collect()
}
