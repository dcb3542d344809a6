//! The 300 German test rows through the running server: the stored score is the training
//! library's to the last bit, the answer is its rounding, and the reasons add up to it.

use tests::database::Database;
use tests::explained::{self, Score, reference};
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

#[test]
fn every_row_scores_as_the_training_library_does() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let people = people::all(&server);
        assert_eq!(people.len(), 300);
        let answers: Vec<Vec<Answer>> = APPS.iter().map(|app| ask(&server, app.id)).collect();
        let calls = explained::calls(&server, "sandbox");
        assert_eq!(calls.len(), 600, "{database:?}");
        for (app, answers) in APPS.iter().zip(answers) {
            let [raw, exact] = [1, 2].map(|at| reference(app.reference[0], app.reference[at]));
            for (person, answer) in people.iter().zip(answers) {
                let row = person.row;
                let call = &calls[&key(app.id, row)];
                let place = format!("{database:?}, {}, row {row}", app.id);
                assert_eq!((call.code, call.billed), (0, true), "{place}");
                let score = call.score().expect("a score is explained");
                let Score { raw: got, exact: stored, .. } = *score;
                assert_eq!(got.to_bits(), raw[&row].to_bits(), "{place}: {got} {}", raw[&row]);
                assert_eq!(stored.to_bits(), exact[&row].to_bits(), "{place}: {stored}");
                let tag = format!("\"credit_score\":{}}}", (app.round)(exact[&row]));
                assert!(answer.text().contains(&tag), "{place}: {tag} in {}", answer.text());
                score.assert_adds_up(&place);
            }
        }
    }
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
