//! No id of a person, no hash of one, no credential: not in a log at its chattiest, not in the
//! database, not in the metrics (`common.md`, Personal data).

use std::fs;

use tests::database::Database;
use tests::finplus::{Finplus, PATH};
use tests::people;
use tests::server::{Options, Server};

#[test]
fn nothing_personal_is_written_down() {
    for database in Database::both() {
        let options = Options::on(database).configuration("[log]\nlevel = \"trace\"");
        let mut server = Server::start(options);
        let canaries = canaries(&server);
        assert!(canaries.len() > 40, "{canaries:?}");
        misuse(&server, &canaries);
        let metrics = server.client().get("/metrics", &[]).unwrap().text();
        look("metrics", metrics.as_bytes(), &canaries);
        // Running: the write-ahead log is still there.
        look("the database, running", &stored(&server), &canaries);
        server.cli(&["sandbox", "clock", "advance", "1h"]).expect_success();
        assert!(server.terminate().success());
        look("the database", &stored(&server), &canaries);
        let log = server.log_text();
        assert!(log.len() > 10_000, "the log is chatty: {} bytes", log.len());
        look("the log", log.as_bytes(), &canaries);
    }
}

/// Values that must be nowhere: ids of people in every spelling, credentials, the root key.
fn canaries(server: &Server) -> Vec<String> {
    let people = people::all(server).into_iter().take(8);
    let ids = people.flat_map(|one| [one.imei, one.idfa, one.mobile_md5, one.mobile_sha256]);
    let mut canaries: Vec<String> = ids.collect();
    canaries.extend(canaries.clone().iter().map(|id| id.to_uppercase()));
    canaries.push(people::UNMAPPED.to_owned());
    let sandbox = server.sandbox();
    canaries.extend([sandbox.app_code, sandbox.app_secret, sandbox.password]);
    canaries.push("wrong-code-0815".to_owned());
    canaries
}

/// Calls right and wrong, with ids where they belong and where they do not.
fn misuse(server: &Server, ids: &[String]) {
    let mut finplus = server.finplus();
    let mut stranger = Finplus::new(server.client(), "wrong-code-0815");
    for (number, id) in ids.iter().enumerate() {
        let key = number.to_string();
        let kinds = ["imei", "idfa", "mobile_md5", "mobile_sha256", "fax", id];
        for kind in kinds {
            let key = format!("{key} {}", kind.len());
            finplus.score("1000001", kind, id, &key).expect("an answer");
            stranger.score("1000002", kind, id, &key).expect("an answer");
        }
        finplus.get(&[("idType", "imei"), (id, "imei"), ("reqId", &key)]).expect("an answer");
        finplus
            .get(&[("idType", "imei"), ("idValue", "1"), ("reqId", &key), ("appId", id)])
            .expect("an answer");
        let broken = format!("{{\"idValue\":\"{id}\",");
        let json = [("Content-Type", "application/json")];
        finplus.request("POST", "", &json, broken.as_bytes()).expect("an answer");
        let xml = [("Content-Type", "text/xml")];
        finplus.request("POST", "", &xml, broken.as_bytes()).expect("an answer");
        server
            .client()
            .get(&format!("{PATH}/{id}?{id}"), &[("X-Forwarded-For", id)])
            .expect("an answer");
    }
    for imei in [people::FAILING, people::FAILING_ONCE, people::UNMAPPED] {
        finplus.ask("1000001", imei, &format!("fault {}", &imei[..3]));
    }
}

/// Everything that is stored: the files of SQLite, the rows of PostgreSQL.
fn stored(server: &Server) -> Vec<u8> {
    let Some(database) = server.postgres() else {
        let names = ["probity.db", "probity.db-wal"].map(|name| server.data_folder().join(name));
        return names.iter().flat_map(|path| fs::read(path).unwrap_or_default()).collect();
    };
    let mut client = database.connect();
    let sql = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'";
    let tables: Vec<String> = client
        .query(sql, &[])
        .expect("the statement is legal")
        .iter()
        .map(|row| row.get(0))
        .collect();
    assert!(tables.len() > 10, "{tables:?}");
    let mut text = String::new();
    for table in tables {
        let sql = format!("SELECT t::text FROM {table} t");
        client
            .query(&sql, &[])
            .expect("the statement is legal")
            .iter()
            .for_each(|row| text += row.get::<_, &str>(0));
    }
    text.into_bytes()
}

/// Neither as text, nor as the hexadecimal digits of the text, nor as the bytes that it spells.
#[track_caller]
fn look(place: &str, bytes: &[u8], canaries: &[String]) {
    // A character for each byte: searching a text is fast.
    let text = |bytes: &[u8]| bytes.iter().map(|byte| char::from(*byte)).collect::<String>();
    let hay = text(bytes);
    for canary in canaries {
        let spelled = hex::decode(canary).ok().map(|bytes| text(&bytes));
        for form in [Some(canary.clone()), Some(hex::encode(canary)), spelled].iter().flatten() {
            if let Some(at) = hay.find(form) {
                let around: String = hay[..at].chars().rev().take(80).collect();
                let around: String = around.chars().rev().collect();
                panic!("{canary} is in {place} after {around:?}");
            }
        }
    }
}
