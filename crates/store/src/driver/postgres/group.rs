//! The hot path on PostgreSQL: each step one statement over arrays, whatever the group's size.

use std::collections::{HashMap, HashSet};

use domain::call::{Call, CallName, ClaimState, Fingerprint};
use domain::ids::{BizId, LaneId};
use domain::journal::Row;
use domain::time::Timestamp;

use super::PgTx;
use crate::StoreError;
use crate::driver::{Claim, CounterName, Group, Inquiry, Kept, NewState};
use crate::settle::{code_after, state_after};
use crate::value::corrupt;

pub(super) struct PgGroup<'c>(pub(super) PgTx<'c>);

/// The columns of a list of names, as arrays.
struct Names<'a> {
    merchants: Vec<i64>,
    products: Vec<&'a str>,
    keys: Vec<&'a str>,
}

impl<'a> Names<'a> {
    fn of(names: impl IntoIterator<Item = &'a CallName>) -> Self {
        let mut columns = Self { merchants: Vec::new(), products: Vec::new(), keys: Vec::new() };
        for name in names {
            columns.merchants.push(name.merchant.0);
            columns.products.push(name.product.as_str());
            columns.keys.push(name.key.as_str());
        }
        columns
    }
}

impl Group for PgGroup<'_> {
    fn open_lane(&mut self, node: &str, at: Timestamp) -> Result<LaneId, StoreError> {
        let sql = "INSERT INTO lanes (node, opened_at) VALUES (?1, ?2) RETURNING id";
        let rows = self.0.rows(sql, &[&node, &at.0])?;
        let row = rows.first().ok_or_else(|| corrupt("lanes gave no id"))?;
        Ok(LaneId(row.try_get(0)?))
    }

    fn claim(&mut self, calls: &[&Call]) -> Result<Vec<bool>, StoreError> {
        let names = Names::of(calls.iter().map(|call| &call.name));
        let fingerprints: Vec<&[u8]> = calls.iter().map(|c| &c.fingerprint.0[..]).collect();
        let biz: Vec<&[u8]> = calls.iter().map(|call| &call.biz.as_bytes()[..]).collect();
        let states: Vec<i64> = calls.iter().map(|call| state_after(&call.end).to_db()).collect();
        let codes: Vec<i64> = calls.iter().map(|call| i64::from(code_after(&call.end))).collect();
        let ats: Vec<i64> = calls.iter().map(|call| call.at.0).collect();
        let rows = self.0.rows(
            "INSERT INTO calls (merchant, product, key, fingerprint, biz, state, code, at)
             SELECT * FROM UNNEST(CAST(?1 AS BIGINT[]), CAST(?2 AS TEXT[]), CAST(?3 AS TEXT[]),
                 CAST(?4 AS BYTEA[]), CAST(?5 AS BYTEA[]), CAST(?6 AS BIGINT[]),
                 CAST(?7 AS BIGINT[]), CAST(?8 AS BIGINT[]))
             ON CONFLICT DO NOTHING RETURNING biz",
            &[
                &names.merchants,
                &names.products,
                &names.keys,
                &fingerprints,
                &biz,
                &states,
                &codes,
                &ats,
            ],
        )?;
        let mut free = HashSet::with_capacity(rows.len());
        for row in &rows {
            free.insert(row.try_get::<_, &[u8]>(0)?);
        }
        Ok(biz.iter().map(|biz| free.contains(biz)).collect())
    }

    fn claims(&mut self, names: &[&CallName]) -> Result<Vec<Option<Claim>>, StoreError> {
        let columns = Names::of(names.iter().copied());
        let rows = self.0.rows(
            "SELECT n.place, c.fingerprint, c.biz, c.state
             FROM UNNEST(CAST(?1 AS BIGINT[]), CAST(?2 AS TEXT[]), CAST(?3 AS TEXT[]))
                  WITH ORDINALITY AS n (merchant, product, key, place)
             JOIN calls c ON c.merchant = n.merchant AND c.product = n.product AND c.key = n.key
             ORDER BY n.place FOR UPDATE OF c",
            &[&columns.merchants, &columns.products, &columns.keys],
        )?;
        let mut claims = vec![None; names.len()];
        for row in &rows {
            let place: i64 = row.try_get(0)?;
            claims[place as usize - 1] = Some(claim(row)?);
        }
        Ok(claims)
    }

    fn restate(&mut self, states: &[NewState<'_>]) -> Result<(), StoreError> {
        let names = Names::of(states.iter().map(|state| state.name));
        let biz: Vec<&[u8]> = states.iter().map(|state| &state.biz.as_bytes()[..]).collect();
        let new: Vec<i64> = states.iter().map(|state| state.state.to_db()).collect();
        let codes: Vec<i64> = states.iter().map(|state| i64::from(state.code)).collect();
        let ats: Vec<i64> = states.iter().map(|state| state.at.0).collect();
        self.0.rows(
            "UPDATE calls c SET biz = n.biz, state = n.state, code = n.code, at = n.at
             FROM UNNEST(CAST(?1 AS BIGINT[]), CAST(?2 AS TEXT[]), CAST(?3 AS TEXT[]),
                         CAST(?4 AS BYTEA[]), CAST(?5 AS BIGINT[]), CAST(?6 AS BIGINT[]),
                         CAST(?7 AS BIGINT[]))
                  AS n (merchant, product, key, biz, state, code, at)
             WHERE c.merchant = n.merchant AND c.product = n.product AND c.key = n.key",
            &[&names.merchants, &names.products, &names.keys, &biz, &new, &codes, &ats],
        )?;
        Ok(())
    }

    fn release(&mut self, names: &[&CallName]) -> Result<(), StoreError> {
        let columns = Names::of(names.iter().copied());
        self.0.rows(
            "DELETE FROM calls c
             USING UNNEST(CAST(?1 AS BIGINT[]), CAST(?2 AS TEXT[]), CAST(?3 AS TEXT[]))
                   AS n (merchant, product, key)
             WHERE c.merchant = n.merchant AND c.product = n.product AND c.key = n.key",
            &[&columns.merchants, &columns.products, &columns.keys],
        )?;
        Ok(())
    }

    fn counters(&mut self, names: &[CounterName]) -> Result<Vec<i64>, StoreError> {
        let (merchants, products, apps, kinds, days) = counter_columns(names.iter());
        // The row must be there to be locked; both in one statement would not see the new row.
        self.0.rows(
            "INSERT INTO counters (merchant, product, app, kind, day, used)
             SELECT n.*, 0 FROM UNNEST(CAST(?1 AS BIGINT[]), CAST(?2 AS TEXT[]),
                 CAST(?3 AS TEXT[]), CAST(?4 AS TEXT[]), CAST(?5 AS BIGINT[])) AS n
             ON CONFLICT DO NOTHING",
            &[&merchants, &products, &apps, &kinds, &days],
        )?;
        let rows = self.0.rows(
            "SELECT n.place, c.used
             FROM UNNEST(CAST(?1 AS BIGINT[]), CAST(?2 AS TEXT[]), CAST(?3 AS TEXT[]),
                         CAST(?4 AS TEXT[]), CAST(?5 AS BIGINT[]))
                  WITH ORDINALITY AS n (merchant, product, app, kind, day, place)
             JOIN counters c ON c.merchant = n.merchant AND c.product = n.product
                  AND c.app = n.app AND c.kind = n.kind AND c.day = n.day
             ORDER BY n.place FOR UPDATE OF c",
            &[&merchants, &products, &apps, &kinds, &days],
        )?;
        let mut used = vec![0; names.len()];
        for row in &rows {
            let place: i64 = row.try_get(0)?;
            used[place as usize - 1] = row.try_get(1)?;
        }
        Ok(used)
    }

    fn save_counters(&mut self, counters: &[(CounterName, i64)]) -> Result<(), StoreError> {
        let (merchants, products, apps, kinds, days) =
            counter_columns(counters.iter().map(|(name, _)| name));
        let used: Vec<i64> = counters.iter().map(|(_, used)| *used).collect();
        self.0.rows(
            "UPDATE counters c SET used = n.used
             FROM UNNEST(CAST(?1 AS BIGINT[]), CAST(?2 AS TEXT[]), CAST(?3 AS TEXT[]),
                         CAST(?4 AS TEXT[]), CAST(?5 AS BIGINT[]), CAST(?6 AS BIGINT[]))
                  AS n (merchant, product, app, kind, day, used)
             WHERE c.merchant = n.merchant AND c.product = n.product AND c.app = n.app
                   AND c.kind = n.kind AND c.day = n.day",
            &[&merchants, &products, &apps, &kinds, &days, &used],
        )?;
        Ok(())
    }

    fn append(&mut self, rows: &[Row]) -> Result<(), StoreError> {
        let entries = || rows.iter().map(|row| &row.entry);
        let numbers = |of: fn(&Row) -> i64| rows.iter().map(of).collect::<Vec<i64>>();
        let products: Vec<&str> = entries().map(|entry| entry.product.as_str()).collect();
        let apps: Vec<&str> = entries().map(|entry| entry.app.0.as_str()).collect();
        let keys: Vec<&str> = entries().map(|entry| entry.key.as_str()).collect();
        let biz: Vec<&[u8]> = entries().map(|entry| &entry.biz.as_bytes()[..]).collect();
        let hashes: Vec<&[u8]> = rows.iter().map(|row| &row.hash.0[..]).collect();
        self.0.rows(
            "INSERT INTO journal (lane, seq, at, phase, merchant, product, app, key, biz, code,
                                  billed, amount, hash)
             SELECT * FROM UNNEST(CAST(?1 AS BIGINT[]), CAST(?2 AS BIGINT[]),
                 CAST(?3 AS BIGINT[]), CAST(?4 AS BIGINT[]), CAST(?5 AS BIGINT[]),
                 CAST(?6 AS TEXT[]), CAST(?7 AS TEXT[]), CAST(?8 AS TEXT[]), CAST(?9 AS BYTEA[]),
                 CAST(?10 AS BIGINT[]), CAST(?11 AS BIGINT[]), CAST(?12 AS BIGINT[]),
                 CAST(?13 AS BYTEA[]))",
            &[
                &numbers(|row| row.lane.0),
                &numbers(|row| row.seq),
                &numbers(|row| row.entry.at.0),
                &numbers(|row| row.entry.phase.to_db()),
                &numbers(|row| row.entry.merchant.0),
                &products,
                &apps,
                &keys,
                &biz,
                &numbers(|row| i64::from(row.entry.code)),
                &numbers(|row| i64::from(row.entry.bill.is_some())),
                &numbers(|row| row.entry.bill.map_or(0, |amount| amount.0)),
                &hashes,
            ],
        )?;
        Ok(())
    }

    fn keep(&mut self, kept: &[Kept<'_>]) -> Result<(), StoreError> {
        let biz: Vec<&[u8]> = kept.iter().map(|kept| &kept.biz.as_bytes()[..]).collect();
        let answers: Vec<&[u8]> = kept.iter().map(|kept| kept.answer).collect();
        let explanations: Vec<&[u8]> = kept.iter().map(|kept| kept.explanation).collect();
        self.0.rows(
            "WITH kept AS (
                 SELECT * FROM UNNEST(CAST(?1 AS BYTEA[]), CAST(?2 AS BYTEA[]),
                                      CAST(?3 AS BYTEA[])) AS k (biz, answer, explanation)),
             answered AS (INSERT INTO answers (biz, sealed) SELECT biz, answer FROM kept)
             INSERT INTO explanations (biz, sealed) SELECT biz, explanation FROM kept",
            &[&biz, &answers, &explanations],
        )?;
        Ok(())
    }

    fn inquire(&mut self, inquiries: &[Inquiry]) -> Result<(), StoreError> {
        let subjects: Vec<&[u8]> = inquiries.iter().map(|i| &i.subject.0[..]).collect();
        let ats: Vec<i64> = inquiries.iter().map(|inquiry| inquiry.at.0).collect();
        let merchants: Vec<i64> = inquiries.iter().map(|inquiry| inquiry.merchant.0).collect();
        let biz: Vec<&[u8]> = inquiries.iter().map(|i| &i.biz.as_bytes()[..]).collect();
        self.0.rows(
            "INSERT INTO inquiries (subject, at, merchant, biz)
             SELECT * FROM UNNEST(CAST(?1 AS BYTEA[]), CAST(?2 AS BIGINT[]),
                                  CAST(?3 AS BIGINT[]), CAST(?4 AS BYTEA[]))",
            &[&subjects, &ats, &merchants, &biz],
        )?;
        Ok(())
    }

    fn answers(&mut self, biz: &[BizId]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let wanted: Vec<&[u8]> = biz.iter().map(|biz| &biz.as_bytes()[..]).collect();
        let sql = "SELECT biz, sealed FROM answers WHERE biz = ANY(CAST(?1 AS BYTEA[]))";
        let rows = self.0.rows(sql, &[&wanted])?;
        let mut found: HashMap<&[u8], Vec<u8>> = HashMap::new();
        for row in &rows {
            found.insert(row.try_get(0)?, row.try_get(1)?);
        }
        Ok(wanted.iter().map(|biz| found.get(biz).cloned()).collect())
    }

    fn has_row(&mut self, lane: LaneId, seq: i64) -> Result<bool, StoreError> {
        // A plain SELECT would not see a COMMIT that is still under way on a lost connection; this
        // waits for it. The caller rolls back, so that the row itself is never added.
        self.0.execute("SET LOCAL lock_timeout = '10s'", &[])?;
        let sql = "INSERT INTO journal (lane, seq, at, phase, merchant, product, app, key, biz,
                                        code, billed, amount, hash)
                   VALUES (?1, ?2, 0, 0, 0, '', '', '', '', 0, 0, 0, '') ON CONFLICT DO NOTHING";
        Ok(self.0.execute(sql, &[lane.0.into(), seq.into()])? == 0)
    }
}

type CounterColumns<'a> = (Vec<i64>, Vec<&'a str>, Vec<&'a str>, Vec<&'a str>, Vec<i64>);

fn counter_columns<'a>(names: impl Iterator<Item = &'a CounterName>) -> CounterColumns<'a> {
    let mut columns: CounterColumns<'a> = Default::default();
    for name in names {
        columns.0.push(name.merchant.0);
        columns.1.push(name.product.as_str());
        columns.2.push(&name.app.0);
        columns.3.push(name.kind.as_str());
        columns.4.push(name.day);
    }
    columns
}

fn claim(row: &postgres::Row) -> Result<Claim, StoreError> {
    let fingerprint: &[u8] = row.try_get(1)?;
    let biz: &[u8] = row.try_get(2)?;
    let fingerprint = fingerprint.try_into().map_err(|_| corrupt("calls.fingerprint"))?;
    Ok(Claim {
        fingerprint: Fingerprint(fingerprint),
        biz: BizId::from_slice(biz).ok_or_else(|| corrupt("calls.biz"))?,
        state: ClaimState::from_db(row.try_get(3)?).ok_or_else(|| corrupt("calls.state"))?,
    })
}
