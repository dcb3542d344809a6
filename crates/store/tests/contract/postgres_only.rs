//! What only PostgreSQL has: a COMMIT whose answer never comes.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::call::Settled;
use store::{DatabaseUrl, OpenOptions, Store, StoreError, journal};

use super::database::{Database, blocking, on_postgres};
use super::journal::verify;
use super::samples::{START, billed, replay_of, settle};

#[test]
fn a_commit_that_the_server_refuses_is_not_kept() {
    on_postgres(refused_commit);
}

#[test]
fn a_commit_that_ends_with_its_connection_is_looked_up() {
    on_postgres(dying_commit);
}

#[test]
fn a_commit_whose_answer_is_lost_is_found() {
    on_postgres(lost_answer);
}

/// Makes the COMMIT of every transaction that adds to the journal do `statement`.
fn at_commit(database: &Database, statement: &str) {
    database.run_sql(&format!(
        "CREATE OR REPLACE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN {statement}; RETURN NULL; END $$;
         DROP TRIGGER IF EXISTS at_commit ON journal;
         CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON journal
         DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION at_commit()"
    ));
}

async fn refused_commit(database: Arc<Database>) {
    let store = database.open("a");
    at_commit(&database, "RAISE EXCEPTION 'not today'");
    let refused = store.settle(billed("k")).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    at_commit(&database, "NULL");
    assert_eq!(settle(&store, &billed("k")).await, Settled::Done);
    assert_eq!(verify(&store).await, 1);
}

async fn dying_commit(database: Arc<Database>) {
    let store = database.open("a");
    at_commit(&database, "PERFORM pg_terminate_backend(pg_backend_pid())");
    let lost = store.settle(billed("k")).await;
    assert!(matches!(lost, Err(StoreError::Unavailable(_))), "{lost:?}");
    let unit = store.unit("seven", |tx| {
        tx.execute("INSERT INTO journal VALUES (0, 1, 0, 0, 0, '', '', '', '', 0, 0, 0, '')", &[])
    });
    let unit = unit.await;
    assert!(matches!(unit, Err(StoreError::Unknown(_))), "nobody looks a unit up: {unit:?}");
    at_commit(&database, "NULL");
    assert_eq!(settle(&store, &billed("k")).await, Settled::Done);
    assert_eq!(verify(&store).await, 1);
}

/// The connection goes while the server still works on the COMMIT: looking too early, or with a
/// plain SELECT, would say that the call was lost and bill it nevertheless.
async fn lost_answer(database: Arc<Database>) {
    let cut = Arc::new(AtomicBool::new(false));
    let store = open_through(&database, &cut);
    assert_eq!(settle(&store, &billed("before")).await, Settled::Done);
    at_commit(&database, "PERFORM pg_sleep(0.5)");
    cut.store(true, Ordering::SeqCst);
    let call = billed("k");
    assert_eq!(settle(&store, &call).await, Settled::Done, "it was kept after all");
    assert!(!cut.load(Ordering::SeqCst), "the connection was cut");
    at_commit(&database, "NULL");
    assert_eq!(settle(&store, &billed("k")).await, replay_of(&call));
    assert_eq!(settle(&store, &billed("after")).await, Settled::Done);
    assert_eq!(verify(&store).await, 3);
    let lanes = store.read("lanes", journal::lanes).await.expect("reads");
    assert!(lanes.len() > 1, "the lane in doubt is not used again");
}

/// Opens the store through a relay that, once told, cuts the connection that sends a COMMIT.
fn open_through(database: &Database, cut: &Arc<AtomicBool>) -> Store {
    let DatabaseUrl::Postgres { url, ca_file } = database.url.clone() else {
        panic!("only PostgreSQL has connections")
    };
    let (before, after) = url.split_once('@').expect("the URL names its user");
    let (server, name) = after.split_once('/').expect("the URL names its database");
    let listener = TcpListener::bind("127.0.0.1:0").expect("the loopback has a free port");
    let port = listener.local_addr().expect("it is bound").port();
    let (server, cut) = (server.to_owned(), Arc::clone(cut));
    start(move || {
        while let Ok((client, _)) = listener.accept() {
            let server = TcpStream::connect(&server).expect("the server listens");
            let (from, to) = (copy_of(&server), copy_of(&client));
            start(move || relay(from, to, None));
            let cut = Arc::clone(&cut);
            start(move || relay(client, server, Some(&cut)));
        }
    });
    let url = format!("{before}@127.0.0.1:{port}/{name}");
    let database = DatabaseUrl::Postgres { url, ca_file };
    let node = "a".to_owned();
    let options = OpenOptions { database, node, writers: 1, pool: 2, now: START };
    blocking(|| Store::open(options)).expect("the relay is as good as the server")
}

fn copy_of(stream: &TcpStream) -> TcpStream {
    stream.try_clone().expect("a socket can be shared")
}

fn start(work: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().name("relay".to_owned()).spawn(work);
    thread.expect("a thread can be started");
}

fn relay(mut from: TcpStream, mut to: TcpStream, cut: Option<&AtomicBool>) {
    let mut bytes = [0; 16_384];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        if to.write_all(&bytes[..length]).is_err() {
            break;
        }
        let is_commit = bytes[..length].windows(7).any(|part| part == b"COMMIT\0");
        if is_commit && cut.is_some_and(|cut| cut.swap(false, Ordering::SeqCst)) {
            // Time for the server to begin; it ends half a second later.
            std::thread::park_timeout(Duration::from_millis(100));
            break;
        }
    }
    // The server may have stopped reading or writing already.
    drop(from.shutdown(Shutdown::Both));
    drop(to.shutdown(Shutdown::Both));
}
