//! Coverage: shares of 108 and 109 over a day, with an alarm; across nodes and restarts.

use std::time::{Duration, Instant};

use serde_json::Value;
use tests::database::Database;
use tests::people::{EMPTY, SAMPLE, UNMAPPED};
use tests::server::{Options, Server};
use tests::v1::V1;

/// By then what was counted is handed on.
const MEASURED: Duration = Duration::from_secs(10);

fn app(server: &Server) -> Value {
    let coverage = V1::of(server, "own").get("/v1/coverage").json();
    let apps = coverage["apps"].as_array().expect("a list");
    apps.iter().find(|app| app["app_id"] == "1000001").expect("the application").clone()
}

fn metric(server: &Server, name: &str, code: u16) -> Option<f64> {
    let metrics = server.client().get("/metrics", &[]).expect("an answer").text();
    let labels = format!("{name}{{merchant=\"sandbox\",app=\"1000001\",code=\"{code}\"}} ");
    metrics.lines().find_map(|line| line.strip_prefix(&labels)?.parse().ok())
}

#[track_caller]
fn wait_for(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < MEASURED, "{what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn too_many_unknown_ids_raise_an_alarm() {
    for database in Database::both() {
        let mut server = Server::start(Options::on(database));
        let mut finplus = server.finplus();
        for call in 0..100 {
            // Of a hundred, 30 are of nobody and 20 of somebody of whom nothing is known.
            let imei = [UNMAPPED, SAMPLE, EMPTY, UNMAPPED, SAMPLE][call % 5];
            let imei = if call % 10 == 3 { SAMPLE } else { imei };
            let answer = finplus.ask("1000001", imei, &format!("c{call}"));
            assert!(answer.code.is_some(), "{answer:?}");
            if call == 98 {
                let alarm = &app(&server)["codes"][0]["alarm"];
                assert_eq!(alarm, false, "{database:?}: not of fewer than a hundred");
            }
        }
        finplus.ask("1000001", UNMAPPED, "c0");
        let shares = |app: &Value| -> Vec<(Value, Value, Value, Value)> {
            let code = |c: &Value| {
                let of = |name: &str| c[name].clone();
                (of("calls"), of("percent"), of("usual_percent"), of("alarm"))
            };
            app["codes"].as_array().expect("a list").iter().map(code).collect()
        };
        let wanted = vec![
            (30.into(), 30.0.into(), 10.into(), true.into()),
            (20.into(), 20.0.into(), 20.into(), false.into()),
        ];
        assert_eq!(shares(&app(&server)), wanted, "{database:?}: a replay does not count");
        wait_for("the alarm is on", || metric(&server, "probity_coverage_alarm", 108) == Some(1.0));
        assert_eq!(metric(&server, "probity_coverage_alarm", 109), Some(0.0));
        assert_eq!(metric(&server, "probity_coverage_ratio", 108), Some(0.3));
        assert_eq!(metric(&server, "probity_score_answers_total", 0), Some(50.0));
        let warns = server.log_text().lines().filter(|line| line.contains("\"coverage\"")).count();
        assert_eq!(warns, 1, "{database:?}: said once");
        server.restart();
        assert_eq!(shares(&app(&server)), wanted, "{database:?}: after a restart");
        if database == Database::Postgres {
            let second = Server::join(&server);
            wait_for("the other node", || {
                metric(&second, "probity_coverage_ratio", 108) == Some(0.3)
            });
        }
        server.cli(&["sandbox", "clock", "advance", "25h"]).expect_success();
        let off = || metric(&server, "probity_coverage_alarm", 108);
        wait_for("a day later it is over", || {
            app(&server)["calls"] == 0 && off().is_none_or(|alarm| alarm == 0.0)
        });
    }
}
