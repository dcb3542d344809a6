//! The blacklist at its size and on several nodes: a million rows loaded in constant memory (ten
//! with `--long`), additions known to every node within a second, refusals from memory.

use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tests::blacklist::{
    BAD_EVERY, Searcher, count, hashes, id_card, metric, mobile, run_watched, write_entries,
};
use tests::cli::text;
use tests::database::Database;
use tests::figure;
use tests::process;
use tests::server::{IN_FORCE, Options, Server};

const MIB: u64 = 1 << 20;
/// Of the loading process, whatever the length of the file: SQLite's cache takes half of it.
const LOAD_MEMORY_MAX: u64 = 128 * MIB;

#[test]
fn a_load_of_any_length_takes_constant_memory_on_sqlite() {
    load_many(Database::Sqlite, figure(1_000_000, 10_000_000));
}

#[test]
fn a_load_of_any_length_takes_constant_memory_on_postgres() {
    if Database::both().contains(&Database::Postgres) {
        load_many(Database::Postgres, figure(200_000, 10_000_000));
    }
}

/// Beside a server, killed once, gone on with; the server learns of every entry.
fn load_many(database: Database, rows: usize) {
    let server = Server::start(Options::on(database));
    let listed_before = count(&server);
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("entries.csv");
    write_entries(&file, rows).expect("the folder can be written");
    let load = |points: &str| {
        let mut command = server.command(&["blacklist", "load", text(&file), "--json"]);
        let (output, peak) = run_watched(command.env("FAILPOINTS", points));
        assert!(peak < LOAD_MEMORY_MAX, "{database:?}: {} MiB for {rows} rows", peak / MIB);
        output
    };
    assert_eq!(load("unit.committed=100*off->return").code, None, "{database:?}: it was killed");
    let start = Instant::now();
    let done = load("").expect_success().json();
    eprintln!("{database:?}: {rows} rows in {:?}: {}", start.elapsed(), done["rows_per_second"]);
    let bad = rows / BAD_EVERY;
    let counts = ["rows", "loaded", "bad_count"].map(|name| done[name].as_u64());
    assert_eq!(counts, [rows, rows - bad, bad].map(|count| Some(count as u64)), "{done:#}");
    assert!(done["resumed"].as_u64() > Some(10_000), "{done:#}");
    let wanted = listed_before + (rows - bad) as u64;
    assert_eq!(count(&server), wanted, "{database:?}");
    let followed = process::wait_until(Duration::from_mins(1), || Ok(hashes(&server) == wanted));
    assert!(followed.is_ok(), "{} of {wanted}", hashes(&server));
    let bytes = metric(&server, "probity_blacklist_filter_bytes");
    assert!(bytes <= (rows as f64 * 8.0).max(4e6), "{bytes} bytes in memory");
    for (person, wanted) in [
        (["", "", &mobile(2)], true),
        (["", "", &mobile(rows - 2)], true),
        (["张伟", &id_card(rows - 1), ""], true),
        (["王芳", &id_card(rows - 1), ""], false),
        (["", "", &mobile(rows + 2)], false),
    ] {
        let [name, id_card, mobile] = person;
        let show = ["blacklist", "show", "--json", "--name", name, "--id-card", id_card];
        let shown = server.cli(&[&show[..], &["--mobile", mobile]].concat());
        assert_eq!(shown.expect_success().json()["is_in"], wanted, "{database:?}: {person:?}");
    }
}

const NOBODY: [&str; 3] = ["王芳", "110101200002294991", "13800138001"];
const LISTED: [&str; 3] = ["张伟", "11010119900307803X", "13800138000"];

#[test]
fn who_is_not_listed_is_answered_from_memory() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let mut searcher = Searcher::new(&server);
        let decided = |by: &str| {
            metric(&server, &format!("probity_blacklist_lookups_total{{decided=\"{by}\"}}"))
        };
        thread::sleep(IN_FORCE);
        let before = ["in_memory", "in_database"].map(decided);
        assert!((0..50).all(|_| !searcher.is_in(NOBODY)), "{database:?}");
        let after = ["in_memory", "in_database"].map(decided);
        assert!(after[0] - before[0] >= 45.0, "{database:?}: {before:?} {after:?}");
        server.cli(&["blacklist", "add", "--id-card", LISTED[1]]).expect_success();
        thread::sleep(IN_FORCE);
        assert!(searcher.is_in(LISTED), "{database:?}");
        assert!(decided("in_database") > after[1], "{database:?}");
        // The sandbox's own: mobiles that end in 4444, and a list of names and ID cards.
        assert!(searcher.is_in([NOBODY[0], NOBODY[1], "13912344444"]));
        let sample = include_str!("../../crates/sources/src/sandbox/blacklist/sample.csv");
        let (name, id_card) = sample.lines().nth(1).expect("a row").split_once(',').expect("two");
        assert!(searcher.is_in([name, id_card, NOBODY[2]]));
        assert!(!searcher.is_in([NOBODY[0], id_card, NOBODY[2]]), "a part of a pair");
        assert!(!searcher.is_in([name, NOBODY[1], NOBODY[2]]), "a name alone");
    }
}

#[test]
fn what_one_node_is_told_the_other_knows_within_a_second() {
    if !Database::both().contains(&Database::Postgres) {
        return;
    }
    let first = Server::start(Options::on(Database::Postgres));
    let second = Server::join(&first);
    let mut searchers = [&first, &second].map(Searcher::new);
    let mut expect = |wanted: bool, after: &str| {
        thread::sleep(IN_FORCE);
        for (node, searcher) in searchers.iter_mut().enumerate() {
            assert_eq!(searcher.is_in(LISTED), wanted, "node {node}, {after}");
            assert!(!searcher.is_in(NOBODY), "node {node}, {after}");
        }
    };
    let mobile = ["--mobile", LISTED[2]];
    expect(false, "at first");
    let steps: [(&Server, &[&str], bool); 5] = [
        (&first, &["add"], true),
        (&second, &["dispute"], false),
        (&first, &["dispute", "--over"], true),
        (&second, &["remove"], false),
        (&second, &["add"], true),
    ];
    for (node, step, wanted) in steps {
        node.cli(&[&["blacklist"], step, &mobile[..]].concat()).expect_success();
        expect(wanted, step[0]);
    }
}
