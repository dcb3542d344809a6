//! What an application's model makes of a person: tags and their keys, few behaviours, gaps, the
//! window, and a model that is not there (`finplus.md`, Answer and Behind it).

use std::fs;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::cli::{scoring_text, text};
use tests::database::Database;
use tests::finplus::{Answer, Finplus};
use tests::journal::Journal;
use tests::people::{EMPTY, SAMPLE};
use tests::server::{IN_FORCE, Options, Server};

const DAY_S: u64 = 86_400;

/// A behaviour: kind, name, days ago, value.
type Behaviour<'b> = (&'b str, &'b str, u64, &'b str);

/// Loads synthetic persons by their behaviours; `id_value` asks for them.
fn load(server: &Server, persons: &[(&str, Vec<Behaviour<'_>>)]) {
    let now_s = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let (mut ids, mut rows) = (vec!["id_type,id_value,subject".to_owned()], Vec::new());
    rows.push("subject,kind,name,at,value".to_owned());
    for (name, behaviours) in persons {
        ids.push(format!("mobile_sha256,{},{name}", id_value(name)));
        for (kind, behaviour, days, value) in behaviours {
            // An hour earlier, so that whole days are whole.
            let at_s = now_s - days * DAY_S - 3_600;
            rows.push(format!("{name},{kind},{behaviour},{at_s},{value}"));
        }
    }
    let folder = TempDir::new().expect("a temporary directory");
    for (what, lines) in [("load-ids", ids), ("load-behaviours", rows)] {
        let file = folder.path().join(what);
        fs::write(&file, lines.join("\n")).expect("the folder can be written");
        server.cli(&["subject", what, "--strict", text(&file)]).expect_success();
    }
}

/// No hash of a number: the name in hexadecimal.
fn id_value(name: &str) -> String {
    format!("{:0>64}", hex::encode(name))
}

fn ask(finplus: &mut Finplus, app: &str, name: &str) -> Answer {
    let key = format!("{app} {name}");
    finplus.score(app, "mobile_sha256", &id_value(name), &key).expect("an answer")
}

fn tags(answer: &Answer) -> Value {
    serde_json::from_slice::<Value>(&answer.bytes).unwrap_or_default()["response"]["tags"].take()
}

/// Column and value of a row of the German test data, as behaviours of yesterday.
fn german(csv: &str, columns: usize) -> Vec<Behaviour<'_>> {
    let mut lines = csv.lines().map(|line| line.split(','));
    let (header, row) = (lines.next().expect("a header"), lines.next().expect("a row"));
    let cells = header.zip(row).filter(|(name, _)| !["id", "bad"].contains(name));
    cells.take(columns).map(|(name, value)| ("german_credit", name, 1, value)).collect()
}

/// Too few behaviours are code 109; with detail tags only when none of them can be computed.
/// Gaps and infinities are scored by a bin that was declared for them, or not at all.
#[test]
fn what_little_is_known_is_told() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let csv = scoring_text("german_test.csv");
        let mut infinite = german(&csv, 20);
        for behaviour in &mut infinite {
            if behaviour.1 == "duration_months" {
                behaviour.3 = "inf";
            }
        }
        let old: Vec<Behaviour<'_>> = german(&csv, 20)
            .into_iter()
            .map(|(kind, name, _, value)| (kind, name, 181, value))
            .collect();
        load(
            &server,
            &[
                ("whole", german(&csv, 20)),
                ("gaps", german(&csv, 12)),
                ("infinite", infinite),
                ("little", vec![("german_credit", "credit_amount", 1, "1234")]),
                ("unread", vec![("elsewhere", "credit_amount", 1, "1234")]),
                ("old", old),
            ],
        );
        let mut finplus = server.finplus();
        // The scorecard, LightGBM trained without gaps, the scorecard with detail tags.
        let table = [
            ("whole", [0, 0, 0]),
            ("gaps", [0, 109, 0]),
            ("infinite", [109, 109, 0]),
            ("little", [109, 109, 0]),
            ("unread", [109, 109, 109]),
            ("old", [109, 109, 109]),
        ];
        for (name, codes) in table {
            for (app, code) in ["1000001", "1000002", "1000003"].into_iter().zip(codes) {
                let answer = ask(&mut finplus, app, name);
                let place = format!("{database:?} {app} {name}: {}", answer.text());
                assert_eq!((answer.code, answer.success), (Some(code), code == 0), "{place}");
                assert_eq!(tags(&answer).is_null(), code != 0, "{place}");
            }
        }
        let little = tags(&ask(&mut finplus, "1000003", "little"));
        assert_eq!(
            (&little["credit_score"], &little["credit_amount"]),
            (&Value::Null, &json!(1234))
        );
        assert_eq!(little["duration_months"], Value::Null, "its key is there: {little}");
        assert!(little.as_object().is_some_and(|tags| tags.contains_key("duration_months")));
    }
}

/// Last, count, sum and days since, each inside its window; the points say which bin was hit.
#[test]
fn features_are_of_their_window() {
    let server = Server::start(Options::on(Database::Sqlite));
    let features = [
        ("last", "last", 180, [50.0, 100.0], 200),
        ("number", "count", 180, [2.5, 3.5], 100),
        ("total", "sum", 180, [115.0, 116.0], 20),
        ("days", "days_since", 180, [10.0, 11.0], 300),
        ("lately", "count", 15, [0.5, 1.5], 5),
    ];
    let variable = |(name, _, _, splits, points): &(&str, &str, i32, [f64; 2], i32)| {
        json!({"name": name, "kind": "numeric", "splits": splits, "points": [1, points, 2],
            "woe": [-1.0, 0.0, 1.0], "coef": 1.0})
    };
    let file = json!({
        "format": "additive scorecard: score = base + sum(points of the bin of each variable)",
        "bin_rule": "numeric bin i = [splits[i-1], splits[i])", "base": 0.0,
        "variables": features.iter().map(variable).collect::<Vec<_>>(),
    });
    let feature = |(name, aggregate, days, ..): &(&str, &str, i32, [f64; 2], i32)| {
        json!({"name": name, "kind": "account", "behaviour": "balance", "aggregate": aggregate,
            "window_days": days})
    };
    let bytes = file.to_string();
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes.as_bytes());
    let card = json!({
        "name": "balances", "version": "1", "format": "scorecard", "sha256": hex::encode(digest),
        "scale": {"points": {"min": 300, "max": 850}}, "behaviours_needed": 3,
        "features": features.iter().map(feature).collect::<Vec<_>>(),
        "detail_tags": [{"name": "balance_sum", "id": "31", "feature": "total"}],
        "score_tag": {"name": "credit_score", "id": "30"},
        "training_data": "none: points that tell the bins apart", "calibration": "none",
    });
    let folder = TempDir::new().unwrap();
    let (card_file, model) = (folder.path().join("card.json"), folder.path().join("model.json"));
    fs::write(&card_file, card.to_string()).unwrap();
    fs::write(&model, bytes).unwrap();
    server
        .cli(&["model", "add", "--card", text(&card_file), "--file", text(&model)])
        .expect_success();
    let entitle = ["merchant", "entitle", "sandbox", "--model", "balances", "--price", "35"];
    for (app, by) in [("7000001", "name"), ("7000002", "id")] {
        server.cli(&[&entitle[..], &["--app", app, "--tags-by", by]].concat()).expect_success();
    }
    let balance = |days, value| ("account", "balance", days, value);
    let some = vec![balance(40, "5"), balance(20, "20"), balance(10, "90")];
    let mut more = some.clone();
    // Outside the window, or of another name: as if they were not there.
    more.extend([balance(181, "1000"), ("account", "limit", 5, "7"), ("card", "balance", 5, "7")]);
    load(&server, &[("some", some), ("more", more)]);
    thread::sleep(IN_FORCE);
    let mut finplus = server.finplus();
    for name in ["some", "more"] {
        let answer = ask(&mut finplus, "7000001", name);
        let expected = json!({"credit_score": 625, "balance_sum": 115});
        assert_eq!(tags(&answer), expected, "{name}: {}", answer.text());
        // The same tags, keyed as the merchant agreed for this application.
        let by_id = ask(&mut finplus, "7000002", name);
        assert_eq!(tags(&by_id), json!({"30": 625, "31": 115}), "{name}: {}", by_id.text());
    }
}

/// A registered application whose model is not in use is code 1, not billed; the same call is
/// answered once the operator has put it right.
#[test]
fn a_misconfigured_application_is_our_error() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let model = |action: &str| {
            server.cli(&["model", action, "german-lightgbm", "1"]).expect_success();
            thread::sleep(IN_FORCE);
        };
        let mut finplus = server.finplus();
        assert_eq!(finplus.ask("1000002", SAMPLE, "before").code, Some(0));
        model("retire");
        for key in ["before", "new"] {
            let wanted = i64::from(key == "new");
            assert_eq!(finplus.ask("1000002", SAMPLE, key).code, Some(wanted), "{key}");
        }
        let empty = finplus.ask("1000002", EMPTY, "empty");
        assert_eq!((empty.code, empty.message.as_deref()), (Some(1), Some("cplus.error")));
        assert_eq!(finplus.ask("1000001", SAMPLE, "other").code, Some(0), "the others go on");
        model("promote");
        assert_eq!(finplus.ask("1000002", SAMPLE, "new").code, Some(0), "{database:?}");
        let rows = Journal::export(&server).rows;
        assert!(rows.iter().all(|row| row.billed == (row.code == 0)), "{rows:?}");
    }
}
