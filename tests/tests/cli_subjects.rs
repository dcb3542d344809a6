//! `probity subject`: good rows are kept, bad ones named, and what is loaded answers at once.

use std::fs;

use tempfile::TempDir;
use tests::cli::text;
use tests::database::Database;
use tests::server::{Options, Server};

#[test]
fn loaded_beside_the_server_and_answered() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("rows.csv");
        let load = |what: &str, content: &str, more: &[&str]| {
            fs::write(&file, content).unwrap();
            server.cli(&[&["subject", what, text(&file)], more].concat())
        };
        // A synthetic device; the sandbox's behaviours of one of its people are its own.
        let ids = "id_type,id_value,subject\nimei,490154203237518,german-0002\nimei,1,x\n";
        let loaded = load("load-ids", ids, &["--json"]).expect_success().json();
        assert_eq!((&loaded["loaded"], &loaded["bad_count"]), (&1.into(), &1.into()));
        assert_eq!(loaded["bad"][0]["row"], 3);
        let answer = server.finplus().score("1000001", "imei", "490154203237518", "loaded");
        assert_eq!(answer.expect("an answer").code, Some(0), "{database:?}");
        assert_eq!(load("load-ids", ids, &["--strict"]).code, Some(1));
        for (content, wanted) in [
            ("id_type,id_value\nimei,1\n", "no column subject"),
            ("id_type,id_value,subject\nimei,1,x\n", "nothing was loaded"),
        ] {
            let refused = load("load-ids", content, &[]);
            assert!(refused.code == Some(1) && refused.stderr.contains(wanted), "{refused:#?}");
        }
        let behaviours =
            "subject,kind,name,at,value\ns,k,n,2026-11-21T00:00:00Z,1\ns,k,n,never,1\n";
        let loaded = load("load-behaviours", behaviours, &[]).expect_success();
        assert!(loaded.stdout.contains("1 rows loaded, 1 bad"), "{loaded:#?}");
        assert!(loaded.stderr.contains("row 3: at: must be"), "{loaded:#?}");
    }
}

#[test]
fn a_person_can_be_erased() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let mut finplus = server.finplus();
        let sample = "860529038487085";
        assert_eq!(finplus.ask("1000001", sample, "before").code, Some(0));
        let erased = server.cli(&["subject", "erase", "german-0002", "--json"]);
        let erased = erased.expect_success().json();
        assert_eq!((&erased["behaviours"], &erased["inquiries"]), (&20.into(), &1.into()));
        assert_eq!(finplus.ask("1000001", sample, "after").code, Some(108), "{database:?}");
        // The bill stays, and is still proved; the answer to the old call is gone.
        assert_eq!(finplus.ask("1000001", sample, "before").code, Some(10));
        server.cli(&["journal", "verify"]).expect_success();
    }
}
