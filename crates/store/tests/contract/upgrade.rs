//! From the first schema, with data in it, to the newest.

use std::fmt::Write;
use std::sync::Arc;

use domain::call::{Call, ClaimState, End, Settled};
use domain::ids::{CallKey, LaneId};
use domain::journal::{Checkpoint, Entry, Head, Phase, Row, lane_genesis};
use domain::time::Span;
use store::{calls, checkpoints, loads, merchants, migrations};

use super::database::{Database, on_both};
use super::journal::verify;
use super::parties::merchant;
use super::samples::{START, billed, daily, limited, replay_of, settle, used};

on_both!(the_first_schema_is_brought_up_to_date_with_its_data);

const LANE: LaneId = LaneId(1);
const NODE: &str = "old-node";
const ROWS: i64 = 25;

async fn the_first_schema_is_brought_up_to_date_with_its_data(database: Arc<Database>) {
    let (calls_before, rows, checkpoint) = first_data();
    let first = if database.is_sqlite() {
        include_str!("../../migrations/sqlite/0001_first.sql")
    } else {
        include_str!("../../migrations/postgres/0001_first.sql")
    };
    database.run_sql(&format!(
        "{first}
         CREATE TABLE schema_migrations (version BIGINT NOT NULL PRIMARY KEY,
                                         applied_at BIGINT NOT NULL);
         INSERT INTO schema_migrations (version, applied_at) VALUES (1, 0);"
    ));
    database.run_sql(&inserts(&calls_before, &rows, &checkpoint, database.is_sqlite()));

    assert!(migrations::latest() > 1, "this test needs something to upgrade to");
    let store = database.open("new-node");
    assert_eq!(verify(&store).await, ROWS, "the old rows verify");
    assert_eq!(settle(&store, &billed("key-3")).await, replay_of(&calls_before[2]));
    assert_eq!(settle(&store, &limited(billed("new"), daily(6))).await, Settled::Done);
    assert_eq!(used(&store, "daily").await, 6, "counting goes on");
    assert_eq!(verify(&store).await, ROWS + 1);
    let (merchant_found, last, count, load) = store
        .read("old", |tx| {
            let merchant = merchants::by_name(tx, "old")?;
            let last = checkpoints::last(tx)?;
            Ok((merchant, last, calls::final_count(tx)?, loads::get(tx, "none")?))
        })
        .await
        .expect("reads");
    assert_eq!(merchant_found, Some(merchant(2, "old")));
    assert_eq!((last, count, load), (Some(checkpoint), ROWS + 1, None));
    let opened = store.read("lanes", store::journal::lanes).await.expect("reads");
    assert!(opened.len() == 2 && opened[1].id > LANE, "a new lane beside the old");
}

/// Settled calls, their chained rows and a checkpoint over them.
fn first_data() -> (Vec<Call>, Vec<Row>, Checkpoint) {
    let calls: Vec<Call> = (1..=ROWS).map(|at| billed(&format!("key-{at}"))).collect();
    let mut previous = lane_genesis(LANE, NODE, START);
    let rows: Vec<Row> = calls
        .iter()
        .zip(1..)
        .map(|(call, seq)| {
            let row = Row::chain(LANE, seq, entry(call), previous);
            previous = row.hash;
            row
        })
        .collect();
    let heads = vec![Head { lane: LANE, seq: ROWS, hash: previous }];
    let at = START + Span::seconds(1);
    let checkpoint = Checkpoint {
        seq: 1,
        at,
        hash: Checkpoint::hash_of(1, at, &heads, 1, Checkpoint::BEFORE_FIRST),
        heads,
        key_version: 1,
        signature: vec![5; 64],
    };
    (calls, rows, checkpoint)
}

fn entry(call: &Call) -> Entry {
    let End::Final { code, bill, .. } = &call.end else { panic!("made final") };
    Entry {
        at: call.at,
        phase: Phase::Single,
        merchant: call.name.merchant,
        product: call.name.product,
        app: call.app.clone(),
        key: CallKey::clone(&call.name.key),
        biz: call.biz,
        code: *code,
        bill: *bill,
    }
}

/// The data as statements of the first schema, on purpose without this version's store.
fn inserts(calls: &[Call], rows: &[Row], checkpoint: &Checkpoint, is_sqlite: bool) -> String {
    let bytes = |bytes: &[u8]| {
        let form = if is_sqlite { "X'" } else { "'\\x" };
        format!("{form}{}'", digits(bytes))
    };
    let at = START.0;
    let mut sql = vec![format!(
        "INSERT INTO merchants VALUES (2, 'old', 0, NULL, 1, {at});
         INSERT INTO lanes (node, opened_at) VALUES ('{NODE}', {at});
         INSERT INTO counters VALUES (7, 'finplus.score', '1000001', 'daily', {}, 5);",
        START.shanghai_day().0
    )];
    for (call, row) in calls.iter().zip(rows) {
        let End::Final { answer, .. } = &call.end else { panic!("made final") };
        let (key, biz) = (call.name.key.as_str(), bytes(call.biz.as_bytes()));
        let (state, fingerprint) = (ClaimState::Final.to_db(), bytes(&call.fingerprint.0));
        let amount = row.entry.bill.expect("billed").0;
        sql.push(format!(
            "INSERT INTO calls VALUES (7, 'finplus.score', '{key}', {fingerprint}, {biz},
                                       {state}, 0, {at});
             INSERT INTO journal VALUES (1, {}, {at}, 0, 7, 'finplus.score', '1000001', '{key}',
                                         {biz}, 0, 1, {amount}, {});
             INSERT INTO answers VALUES ({biz}, {});",
            row.seq,
            bytes(&row.hash.0),
            bytes(answer),
        ));
    }
    let head = &checkpoint.heads[0];
    let heads = format!(r#"[{{"lane":1,"seq":{},"hash":"{}"}}]"#, head.seq, digits(&head.hash.0));
    sql.push(format!(
        "INSERT INTO checkpoints VALUES (1, {}, '{heads}', {}, 1, {});",
        checkpoint.at.0,
        bytes(&checkpoint.hash.0),
        bytes(&checkpoint.signature),
    ));
    sql.concat()
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut digits, byte| {
        write!(digits, "{byte:02x}").expect("a String takes everything");
        digits
    })
}
