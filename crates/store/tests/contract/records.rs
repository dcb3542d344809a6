//! Settings, keys, nodes, models, nonces and loads: what is written is what is read.

use std::sync::Arc;

use domain::keys::{KeyPurpose, SealedKey};
use domain::scoring::card::ModelState::{self, Draft, Live, Retired};
use domain::time::Span;
use store::loads::Load;
use store::models::StoredModel;
use store::{StoreError, keys, loads, models, nodes, nonces, settings};

use super::database::{Database, on_both};
use super::samples::START;

on_both!(
    settings_are_replaced,
    keys_are_resealed_in_place,
    nodes_are_counted_while_they_beat,
    a_model_gets_the_next_version,
    one_version_of_a_model_is_live,
    of_several_live_versions_the_newest_is_in_use,
    a_nonce_is_new_once,
    a_load_is_taken_up_where_it_was_left,
);

async fn settings_are_replaced(database: Arc<Database>) {
    let store = database.open("a");
    store
        .unit("settings", |tx| {
            assert_eq!(settings::get(tx, settings::KEY_CHECK)?, None);
            assert_eq!(settings::number(tx, settings::SANDBOX_CLOCK_OFFSET_US)?, 0);
            settings::set(tx, settings::SANDBOX_CLOCK_OFFSET_US, "600000000")?;
            assert_eq!(settings::number(tx, settings::SANDBOX_CLOCK_OFFSET_US)?, 600_000_000);
            settings::set(tx, settings::KEY_CHECK, "诚信")?;
            settings::touch_configuration(tx)?;
            settings::touch_configuration(tx)
        })
        .await
        .expect("settings are kept");
    store
        .read("settings", |tx| {
            assert_eq!(settings::get(tx, settings::KEY_CHECK)?.as_deref(), Some("诚信"));
            assert_eq!(settings::number(tx, settings::CONFIGURATION_VERSION)?, 2);
            let wrong = settings::number(tx, settings::KEY_CHECK);
            assert!(matches!(wrong, Err(StoreError::Corrupt(_))), "{wrong:?}");
            Ok(())
        })
        .await
        .expect("settings are read");
}

async fn keys_are_resealed_in_place(database: Arc<Database>) {
    let store = database.open("a");
    let key = |purpose, version, byte| SealedKey {
        purpose,
        version,
        sealed: vec![byte; 60],
        created_at: START,
    };
    let found = store
        .unit("keys", move |tx| {
            for (purpose, version) in [(KeyPurpose::Index, 1), (KeyPurpose::Data, 2)] {
                keys::insert(tx, &key(purpose, version, 1), START)?;
            }
            keys::insert(tx, &key(KeyPurpose::Data, 1, 1), START)?;
            keys::reseal(tx, &key(KeyPurpose::Data, 2, 9))?;
            keys::all(tx)
        })
        .await
        .expect("keys are kept");
    let expected =
        [key(KeyPurpose::Data, 1, 1), key(KeyPurpose::Data, 2, 9), key(KeyPurpose::Index, 1, 1)];
    assert_eq!(found, expected);
    let twice = move |tx: &mut store::Tx<'_>| keys::insert(tx, &key(KeyPurpose::Data, 1, 5), START);
    let refused = store.unit("twice", twice).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
}

async fn nodes_are_counted_while_they_beat(database: Arc<Database>) {
    let store = database.open("a");
    let gone_after = Span::seconds(5);
    let beats = [("a", 0, 1), ("b", 1, 2), ("a", 2, 2), ("b", 4, 2), ("b", 8, 1), ("a", 9, 2)];
    for (node, second, live) in beats {
        let now = START + Span::seconds(second);
        let beat = store.unit("beat", move |tx| nodes::beat(tx, node, now, gone_after)).await;
        assert_eq!(beat.expect("beats"), live, "{node} at {second} s");
    }
    let left = store
        .unit("leave", move |tx| {
            nodes::remove(tx, "b")?;
            nodes::beat(tx, "a", START + Span::seconds(9), gone_after)
        })
        .await;
    assert_eq!(left.expect("leaves"), 1);
    let clock = store.read("clock", nodes::database_clock).await.expect("reads");
    assert_eq!(clock.is_none(), database.is_sqlite());
    assert!(clock.is_none_or(|clock| clock.0 > 1_600_000_000_000_000), "microseconds");
}

fn model(name: &str, body: u8, state: ModelState) -> StoredModel {
    StoredModel {
        name: name.to_owned(),
        version: 0,
        state,
        card: "{}".to_owned(),
        body: vec![body; 3],
        sha256: "00".repeat(32),
        created_at: START,
    }
}

async fn a_model_gets_the_next_version(database: Arc<Database>) {
    let store = database.open("a");
    let (live, versions, draft, none) = store
        .unit("models", move |tx| {
            assert_eq!(models::insert(tx, &model("m", 1, Live))?, 1);
            assert_eq!(models::insert(tx, &model("m", 2, Live))?, 2);
            assert_eq!(models::insert(tx, &model("m", 3, Draft))?, 3);
            assert_eq!(models::insert(tx, &model("l", 4, Live))?, 1);
            let (draft, none) = (models::find(tx, "m", 3)?, models::find(tx, "m", 4)?);
            Ok((models::live(tx)?, models::versions(tx)?, draft, none))
        })
        .await
        .expect("models are kept");
    let with = |name, body, version, state| StoredModel { version, ..model(name, body, state) };
    assert_eq!(live, [with("l", 4, 1, Live), with("m", 2, 2, Live)]);
    assert_eq!((draft, none), (Some(with("m", 3, 3, Draft)), None));
    let expected = [("l", 1, Live), ("m", 1, Retired), ("m", 2, Live), ("m", 3, Draft)];
    assert_eq!(versions, expected.map(|(name, version, state)| (name.to_owned(), version, state)));
}

async fn one_version_of_a_model_is_live(database: Arc<Database>) {
    let store = database.open("a");
    store
        .unit("models", |tx| {
            for (name, state) in [("m", Live), ("m", Draft), ("m", Draft), ("other", Live)] {
                models::insert(tx, &model(name, 1, state))?;
            }
            Ok(())
        })
        .await
        .expect("models are kept");
    let states = async |(promote, version): (bool, i64)| {
        let change = move |tx: &mut store::Tx<'_>| {
            let change = if promote { models::promote } else { models::retire };
            assert!(change(tx, "m", version)?);
            Ok(models::versions(tx)?.into_iter().map(|(_, _, state)| state).collect::<Vec<_>>())
        };
        store.unit("change", change).await.expect("changes")
    };
    for (change, expected) in [
        ((true, 3), [Retired, Draft, Live, Live]),
        ((true, 1), [Live, Draft, Retired, Live]),
        ((true, 1), [Live, Draft, Retired, Live]),
        ((false, 2), [Live, Retired, Retired, Live]),
        ((false, 1), [Retired, Retired, Retired, Live]),
    ] {
        assert_eq!(states(change).await, expected, "{change:?}");
    }
    let absent =
        |tx: &mut store::Tx<'_>| Ok((models::promote(tx, "m", 4)?, models::retire(tx, "none", 1)?));
    assert_eq!(store.unit("absent", absent).await.expect("answers"), (false, false));
}

/// Builds without a life cycle stored every version as live, and used the newest.
async fn of_several_live_versions_the_newest_is_in_use(database: Arc<Database>) {
    let store = database.open("a");
    let add = |tx: &mut store::Tx<'_>| {
        for body in 1..=3 {
            models::insert(tx, &model("m", body, Draft))?;
        }
        Ok(())
    };
    store.unit("models", add).await.expect("models are kept");
    database.run_sql("UPDATE models SET state = 'live'");
    let states = |tx: &mut store::Tx<'_>| {
        let live: Vec<i64> = models::live(tx)?.into_iter().map(|model| model.version).collect();
        let all = models::versions(tx)?.into_iter().map(|(_, _, state)| state);
        Ok((live, all.collect::<Vec<_>>()))
    };
    let found = store.read("states", states).await.expect("reads");
    assert_eq!(found, (vec![3], vec![Retired, Retired, Live]));
    let retired = store
        .unit("retire", move |tx| {
            models::retire(tx, "m", 3)?;
            states(tx)
        })
        .await;
    assert_eq!(retired.expect("retires"), (Vec::new(), vec![Retired; 3]));
}

async fn a_nonce_is_new_once(database: Arc<Database>) {
    let store = database.open("a");
    let until = START + Span::minutes(15);
    let claim = |scope: &'static str, until| {
        store.unit("claim", move |tx| nonces::claim(tx, scope, "n-1", until))
    };
    assert!(claim("merchant 7", until).await.expect("answers"));
    assert!(!claim("merchant 7", until).await.expect("answers"));
    assert!(claim("merchant 8", until + Span::hours(1)).await.expect("answers"));
    let purge = |now| store.unit("purge", move |tx| nonces::purge(tx, now, 10));
    assert_eq!(purge(until).await.expect("answers"), 0, "not over yet");
    assert_eq!(purge(until + Span::micros(1)).await.expect("answers"), 1);
    assert!(claim("merchant 7", until).await.expect("answers"));
    assert!(!claim("merchant 8", until).await.expect("answers"));
}

async fn a_load_is_taken_up_where_it_was_left(database: Arc<Database>) {
    let store = database.open("a");
    let load = |rows_done| Load {
        id: "ab12".to_owned(),
        kind: "behaviours".to_owned(),
        file: "behaviours.csv".to_owned(),
        rows_done,
        rows_bad: 3,
        updated_at: START + Span::seconds(rows_done),
    };
    store
        .bulk("load", move |tx| {
            assert_eq!(loads::get(tx, "ab12")?, None);
            loads::put(tx, &load(500))?;
            loads::put(tx, &load(1_000))?;
            assert_eq!(loads::get(tx, "ab12")?, Some(load(1_000)));
            assert!(loads::remove(tx, "ab12")?);
            assert!(!loads::remove(tx, "ab12")?);
            Ok(())
        })
        .await
        .expect("a load is kept");
}
