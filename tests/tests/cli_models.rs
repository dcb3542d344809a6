//! `probity model`: predictions equal to the training libraries', and files that were changed.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tests::cli::{run, scoring_fixture, text};
use tests::database::Database;
use tests::server::{Options, Server};

/// A column of a CSV file.
fn column(file: &Path, name: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_path(file).expect(name);
    let at = reader.headers().expect(name).iter().position(|one| one == name).expect(name);
    reader.records().map(|row| row.expect(name)[at].to_owned()).collect()
}

#[test]
fn predictions_equal_the_reference_to_the_last_bit() {
    let folder = TempDir::new().unwrap();
    let file = |name: &str| scoring_fixture(folder.path(), name);
    let output = folder.path().join("scores.csv");
    for (model, input, reference, raw, probability) in [
        (
            "german_lightgbm.txt",
            "german_test_encoded.csv",
            "german_reference.csv",
            "lightgbm_raw",
            "lightgbm_p",
        ),
        (
            "german_optbinning_card.json",
            "german_test.csv",
            "german_reference_optbinning.csv",
            "optbinning_score",
            "",
        ),
        (
            "taiwan_lightgbm.txt",
            "taiwan_test.csv",
            "taiwan_reference.csv",
            "lightgbm_raw",
            "lightgbm_p",
        ),
        (
            "taiwan_xgboost.json",
            "taiwan_test.csv",
            "taiwan_reference.csv",
            "xgboost_margin",
            "xgboost_p",
        ),
        (
            "german_xgboost_nan.json",
            "german_test_encoded_nan.csv",
            "german_reference_nan.csv",
            "xgboost_nan_margin",
            "xgboost_nan_p",
        ),
    ] {
        let (model, input, reference) = (file(model), file(input), file(reference));
        let files = ["--model", text(&model), "--input", text(&input), "--output", text(&output)];
        run(&[&["model", "predict"], &files[..]].concat()).expect_success();
        assert_eq!(column(&output, "id"), column(&reference, "id"));
        let numbers = |file, name| -> Vec<f64> {
            column(file, name).iter().map(|text| text.parse().expect("a number")).collect()
        };
        assert_eq!(numbers(&output, "raw"), numbers(&reference, raw), "{model:?}");
        let expected = if probability.is_empty() { raw } else { probability };
        let scores = numbers(&output, "score");
        for (found, expected) in scores.iter().zip(numbers(&reference, expected)) {
            assert!((found - expected).abs() <= 1e-12, "{model:?}: {found} {expected}");
        }
    }
}

#[test]
fn wrong_tables_are_explained() {
    let folder = TempDir::new().unwrap();
    let model = scoring_fixture(folder.path(), "german_toad_card.json");
    let input = scoring_fixture(folder.path(), "german_test.csv");
    let whole = fs::read_to_string(&input).unwrap();
    let short = folder.path().join("short.csv");
    let predict = |input: &Path, more: &[&str]| {
        let files = ["--model", text(&model), "--input", text(input), "--output", "-"];
        run(&[&["model", "predict"], &files[..], more].concat())
    };
    fs::write(&short, whole.replacen("credit_amount", "amount", 1)).unwrap();
    let output = predict(&short, &[]);
    assert!(output.code == Some(1) && output.stderr.contains("\"credit_amount\""), "{output:#?}");
    // A category that the card has not seen: the row stays, without a score.
    let lines: Vec<&str> = whole.lines().take(3).collect();
    fs::write(&short, [lines[0], &lines[1].replacen("A12", "A99", 1), lines[2]].join("\n"))
        .unwrap();
    let output = predict(&short, &[]).expect_success();
    assert!(output.stdout.contains("\n2,,\n3,5"), "{output:#?}");
    assert!(output.stderr.contains("row 1: feature status has a category"), "{output:#?}");
    assert_eq!(predict(&short, &["--strict"]).code, Some(1));
}

/// A card and file of the sandbox's LightGBM model under another name.
fn copied(server: &Server, folder: &Path) -> (PathBuf, PathBuf) {
    let shown = server.cli(&["model", "show", "german-lightgbm", "--json"]).expect_success();
    let mut card = shown.json()["card"].clone();
    card["name"] = "copy".into();
    let card_file = folder.join("card.json");
    fs::write(&card_file, card.to_string()).expect("the folder can be written");
    (card_file, scoring_fixture(folder, "german_lightgbm.txt"))
}

#[test]
fn a_model_file_with_one_byte_changed_is_refused() {
    let server = Server::start(Options::on(Database::Sqlite));
    let folder = TempDir::new().unwrap();
    let (card_file, model) = copied(&server, folder.path());
    let add = || server.cli(&["model", "add", "--card", text(&card_file), "--file", text(&model)]);
    add().expect_success();
    let mut bytes = fs::read(&model).unwrap();
    let digit = bytes.iter().rposition(|byte| *byte == b'7').expect("a digit");
    bytes[digit] = b'8';
    fs::write(&model, bytes).unwrap();
    let refused = add();
    assert!(refused.code == Some(1) && refused.stderr.contains("SHA-256"), "{refused:#?}");
    let models = server.cli(&["model", "list", "--json"]).expect_success().json();
    let copy = models.as_array().unwrap().iter().find(|model| model["name"] == "copy").unwrap();
    assert_eq!((&copy["version"], &copy["fault"]), (&1.into(), &serde_json::Value::Null));
    let input = scoring_fixture(folder.path(), "german_test_encoded.csv");
    let files = ["--model", text(&model), "--input", text(&input), "--output", "-"];
    let predicted = run(&[&["model", "predict", "--card", text(&card_file)], &files[..]].concat());
    assert!(predicted.code == Some(1) && predicted.stderr.contains("SHA-256"), "{predicted:#?}");
}

fn states(server: &Server, name: &str) -> Vec<String> {
    let models = server.cli(&["model", "list", "--json"]).expect_success().json();
    let models = models.as_array().expect("a list").iter().filter(|model| model["name"] == name);
    let state = |model: &serde_json::Value| model["state"].as_str().expect("text").to_owned();
    models.map(|model| format!("{} {}", model["version"], state(model))).collect()
}

#[test]
fn a_version_lives_from_draft_to_retired() {
    let server = Server::start(Options::on(Database::Sqlite));
    let folder = TempDir::new().unwrap();
    let (card_file, model) = copied(&server, folder.path());
    let files = ["--card", text(&card_file), "--file", text(&model)];
    let add = |more: &[&str]| server.cli(&[&["model", "add"], &files[..], more].concat());
    for (more, expected) in [
        (&[][..], "version 1 was added; it answers within a second"),
        (&[], "version 2 was added; a draft until `probity model promote copy 2`"),
        (&["--live"], "version 3 was added; it answers within a second"),
    ] {
        let added = add(more).expect_success();
        assert!(added.stdout.contains(expected), "{added:#?}");
    }
    assert_eq!(states(&server, "copy"), ["1 retired", "2 draft", "3 live"]);
    let shown = |more: &[&str]| {
        let show = [&["model", "show", "copy", "--json"], more].concat();
        server.cli(&show).expect_success().json()["version"].clone()
    };
    server.cli(&["model", "promote", "copy", "2"]).expect_success();
    assert_eq!(states(&server, "copy"), ["1 retired", "2 live", "3 retired"]);
    assert_eq!((shown(&[]), shown(&["--version", "1"])), (2.into(), 1.into()));
    let retired = server.cli(&["model", "retire", "copy", "2"]).expect_success();
    assert!(retired.stderr.contains("no model of this name is in use"), "{retired:#?}");
    assert_eq!(states(&server, "copy"), ["1 retired", "2 retired", "3 retired"]);
    assert_eq!(shown(&[]), 3);
    // A name that was in use takes no draft by itself.
    add(&[]).expect_success();
    assert_eq!(states(&server, "copy")[3..], ["4 draft"]);
    for action in ["promote", "retire"] {
        let absent = server.cli(&["model", action, "copy", "9"]);
        let said = absent.stderr.contains("there is no model \"copy\" version 9");
        assert!(absent.code == Some(1) && said, "{absent:#?}");
    }
}
