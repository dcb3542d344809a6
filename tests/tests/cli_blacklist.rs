//! `probity blacklist`: entries are loaded, added, disputed, removed and shown, and end in time.

use std::fs;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tempfile::TempDir;
use tests::cli::text;
use tests::database::Database;
use tests::server::{Options, Server};

// Synthetic: made up to pass the checks.
const ID_CARD: &str = "11010119900307803X";
const OTHER_ID_CARD: &str = "110101200002294991";
const MOBILE: &str = "13800138000";

fn is_in(server: &Server, person: &[&str]) -> bool {
    let shown = server.cli(&[&["blacklist", "show", "--json"], person].concat());
    shown.expect_success().json()["is_in"].as_bool().expect("yes or no")
}

#[test]
fn what_an_operator_does_is_in_force_and_shown_without_the_person() {
    for database in Database::both() {
        let server = Server::prepare(Options::on(database).without_sandbox());
        if database == Database::Sqlite {
            server.cli(&["key", "init"]).expect_success();
        }
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("court.csv");
        let table = format!(
            "mobile,note,name,id_card,reason,ended\n{MOBILE},,,,court,2024-05-01\n\
             ,,张伟,{ID_CARD},,2024-05-01\n,,张伟,,,\n,,,{ID_CARD}9,,\n,,,{ID_CARD},gossip,\n"
        );
        fs::write(&file, table).unwrap();
        let load = ["blacklist", "load", text(&file), "--source", "court", "--json"];
        let loaded = server.cli(&load).expect_success().json();
        assert_eq!((&loaded["loaded"], &loaded["bad_count"]), (&2.into(), &3.into()), "{loaded:#}");
        let bad = [(4, "id_card"), (5, "id_card"), (6, "reason")];
        for (at, (row, field)) in bad.into_iter().enumerate() {
            let bad = &loaded["bad"][at];
            assert_eq!((&bad["row"], &bad["field"]), (&row.into(), &field.into()), "{loaded:#}");
        }
        let pair = ["--name", "张 伟", "--id-card", ID_CARD];
        for (person, wanted) in [
            (&["--mobile", MOBILE][..], true),
            (&pair, true),
            (&["--name", "王芳", "--id-card", ID_CARD], false),
            (&["--id-card", ID_CARD], false),
            (&["--name", "张伟", "--id-card", OTHER_ID_CARD], false),
        ] {
            assert_eq!(is_in(&server, person), wanted, "{database:?} {person:?}");
        }
        let act = |action: &[&str]| server.cli(&[&["blacklist"], action].concat());
        let steps: [(&[&str], &str, bool); 7] = [
            (&["dispute"], "1 entry is disputed", false),
            (&["dispute", "--over"], "1 entry is no longer disputed", true),
            (&["remove", "--source", "court"], "1 entry is removed", false),
            (&["add", "--reason", "fraud"], "listed from", true),
            (&["remove", "--source", "operator"], "1 entry is removed", false),
            (&["add", "--source", "court"], "listed from", true),
            (&["remove"], "2 entries are removed", false),
        ];
        for (step, said, wanted) in steps {
            let done = act(&[step, &pair].concat()).expect_success();
            assert!(done.stdout.contains(said), "{done:#?}");
            assert_eq!(is_in(&server, &pair), wanted, "{database:?} after {step:?}");
        }
        let refused: [(&[&str], &str); 4] = [
            (&["add", "--name", "张伟"], "--id-card must be given"),
            (&["add", "--mobile", MOBILE, "--reason", "gossip"], "--reason must be one of"),
            (&["add", "--mobile", MOBILE, "--ended", "2020-01-01"], "--until"),
            (&["remove", "--id-card", OTHER_ID_CARD], "no such entry"),
        ];
        for (action, wanted) in refused {
            let refused = act(action);
            assert!(refused.code == Some(1) && refused.stderr.contains(wanted), "{refused:#?}");
        }
        // What was removed stays so when its file is loaded again.
        server.cli(&load).expect_success();
        assert!(!is_in(&server, &pair));
        let list = act(&["list", "--json"]).expect_success();
        assert_eq!(list.json()["count"], 3, "{list:#?}");
        for private in [MOBILE, ID_CARD, "张伟"] {
            assert!(!list.stdout.contains(private), "{list:#?}");
        }
    }
}

/// Five years after the end of the event, to the second, on the real binary's clock.
#[test]
fn an_entry_is_gone_when_its_five_years_are_over() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let seconds = || SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
        server.cli(&["blacklist", "add", "--mobile", MOBILE]).expect_success();
        let shown = server.cli(&["blacklist", "show", "--mobile", MOBILE, "--json"]).json();
        let until = shown["entries"][0]["until"].as_str().expect("an instant");
        // Midnight in Shanghai is 16:00 UTC; the date is whatever the law makes of today's.
        assert!(until.ends_with("T16:00:00.000000Z"), "{until}");
        let days = days_since_1970(&until[..10]);
        let until = Duration::from_secs(days * 86_400 + 16 * 3_600);
        let ahead = until.saturating_sub(seconds()).as_secs() - 4;
        server.advance(&format!("{ahead}s"));
        let (mut before, mut after) = (0, 0);
        while after == 0 {
            let asked = seconds() + Duration::from_secs(ahead);
            let found = is_in(&server, &["--mobile", MOBILE]);
            let answered = seconds() + Duration::from_secs(ahead);
            if answered < until {
                assert!(found, "{database:?}: gone {:?} too early", until.saturating_sub(answered));
                before += 1;
            } else if asked >= until {
                assert!(!found, "{database:?}: there {:?} too long", asked.saturating_sub(until));
                after += 1;
            }
        }
        assert!(before > 0, "{database:?}: the machine was too slow to see it before");
        // Then the entry itself is deleted.
        let is_deleted = || {
            let list = server.cli(&["blacklist", "list", "--limit", "100", "--json"]);
            !list.stdout.contains("operator")
        };
        assert!((0..200).any(|_| is_deleted() || {
            thread::sleep(Duration::from_millis(100));
            false
        }));
    }
}

fn days_since_1970(date: &str) -> u64 {
    let mut parts = date.split('-').map(|part| part.parse::<u64>().expect("a number"));
    let mut part = || parts.next().expect("a date");
    let (year, month, day) = (part(), part(), part());
    let years = if month > 2 { year } else { year - 1 };
    let months = (month + 9) % 12;
    years * 365 + years / 4 - years / 100 + years / 400 + (months * 306 + 5) / 10 + day - 719_469
}
