//! The hot path on SQLite: each step a prepared statement in a loop.

use domain::call::{Call, CallName, ClaimState, Fingerprint};
use domain::ids::{BizId, LaneId};
use domain::journal::Row;
use domain::time::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use crate::StoreError;
use crate::driver::{Claim, CounterName, Group, Inquiry, Kept, NewState};
use crate::settle::{code_after, state_after};
use crate::value::corrupt;

pub(super) struct SqliteGroup<'c>(pub(super) &'c Connection);

impl Group for SqliteGroup<'_> {
    fn open_lane(&mut self, node: &str, at: Timestamp) -> Result<LaneId, StoreError> {
        let sql = "INSERT INTO lanes (node, opened_at) VALUES (?1, ?2) RETURNING id";
        let id = self.0.prepare_cached(sql)?.query_row(params![node, at.0], |row| row.get(0))?;
        Ok(LaneId(id))
    }

    fn claim(&mut self, calls: &[&Call]) -> Result<Vec<bool>, StoreError> {
        let mut insert = self.0.prepare_cached(
            "INSERT INTO calls (merchant, product, key, fingerprint, biz, state, code, at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
        )?;
        let mut free = Vec::with_capacity(calls.len());
        for call in calls {
            let rows = insert.execute(params![
                call.name.merchant.0,
                call.name.product.as_str(),
                call.name.key.as_str(),
                call.fingerprint.0,
                call.biz.as_bytes(),
                state_after(&call.end).to_db(),
                code_after(&call.end),
                call.at.0,
            ])?;
            free.push(rows == 1);
        }
        Ok(free)
    }

    fn claims(&mut self, names: &[&CallName]) -> Result<Vec<Option<Claim>>, StoreError> {
        let mut select = self.0.prepare_cached(
            "SELECT fingerprint, biz, state FROM calls
             WHERE merchant = ?1 AND product = ?2 AND key = ?3",
        )?;
        let mut claims = Vec::with_capacity(names.len());
        for name in names {
            let values = params![name.merchant.0, name.product.as_str(), name.key.as_str()];
            let row: Option<([u8; 32], [u8; 16], i64)> = select
                .query_row(values, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                .optional()?;
            claims.push(row.map(claim).transpose()?);
        }
        Ok(claims)
    }

    fn restate(&mut self, states: &[NewState<'_>]) -> Result<(), StoreError> {
        let mut update = self.0.prepare_cached(
            "UPDATE calls SET biz = ?4, state = ?5, code = ?6, at = ?7
             WHERE merchant = ?1 AND product = ?2 AND key = ?3",
        )?;
        for NewState { name, biz, state, code, at } in states {
            let (product, key) = (name.product.as_str(), name.key.as_str());
            let (biz, state) = (biz.as_bytes(), state.to_db());
            update.execute(params![name.merchant.0, product, key, biz, state, code, at.0])?;
        }
        Ok(())
    }

    fn release(&mut self, names: &[&CallName]) -> Result<(), StoreError> {
        let mut delete = self.0.prepare_cached(
            "DELETE FROM calls WHERE merchant = ?1 AND product = ?2 AND key = ?3",
        )?;
        for name in names {
            delete.execute(params![name.merchant.0, name.product.as_str(), name.key.as_str()])?;
        }
        Ok(())
    }

    fn counters(&mut self, names: &[CounterName]) -> Result<Vec<i64>, StoreError> {
        let mut select = self.0.prepare_cached(
            "SELECT used FROM counters
             WHERE merchant = ?1 AND product = ?2 AND app = ?3 AND kind = ?4 AND day = ?5",
        )?;
        let mut used = Vec::with_capacity(names.len());
        for name in names {
            let (product, kind) = (name.product.as_str(), name.kind.as_str());
            let values = params![name.merchant.0, product, name.app.0, kind, name.day];
            used.push(select.query_row(values, |row| row.get(0)).optional()?.unwrap_or(0));
        }
        Ok(used)
    }

    fn save_counters(&mut self, counters: &[(CounterName, i64)]) -> Result<(), StoreError> {
        let mut save = self.0.prepare_cached(
            "INSERT INTO counters (merchant, product, app, kind, day, used)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (merchant, product, app, kind, day) DO UPDATE SET used = excluded.used",
        )?;
        for (name, used) in counters {
            let (product, kind) = (name.product.as_str(), name.kind.as_str());
            save.execute(params![name.merchant.0, product, name.app.0, kind, name.day, used])?;
        }
        Ok(())
    }

    fn append(&mut self, rows: &[Row]) -> Result<(), StoreError> {
        let mut insert = self.0.prepare_cached(
            "INSERT INTO journal (lane, seq, at, phase, merchant, product, app, key, biz, code,
                                  billed, amount, hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )?;
        for Row { lane, seq, entry, hash } in rows {
            insert.execute(params![
                lane.0,
                seq,
                entry.at.0,
                entry.phase.to_db(),
                entry.merchant.0,
                entry.product.as_str(),
                entry.app.0,
                entry.key.as_str(),
                entry.biz.as_bytes(),
                entry.code,
                entry.bill.is_some(),
                entry.bill.map_or(0, |amount| amount.0),
                hash.0,
            ])?;
        }
        Ok(())
    }

    fn keep(&mut self, kept: &[Kept<'_>]) -> Result<(), StoreError> {
        let mut answers =
            self.0.prepare_cached("INSERT INTO answers (biz, sealed) VALUES (?1, ?2)")?;
        let mut explanations =
            self.0.prepare_cached("INSERT INTO explanations (biz, sealed) VALUES (?1, ?2)")?;
        for Kept { biz, answer, explanation } in kept {
            answers.execute(params![biz.as_bytes(), answer])?;
            explanations.execute(params![biz.as_bytes(), explanation])?;
        }
        Ok(())
    }

    fn inquire(&mut self, inquiries: &[Inquiry]) -> Result<(), StoreError> {
        let mut insert = self.0.prepare_cached(
            "INSERT INTO inquiries (subject, at, merchant, biz) VALUES (?1, ?2, ?3, ?4)",
        )?;
        for Inquiry { subject, at, merchant, biz } in inquiries {
            insert.execute(params![subject.0, at.0, merchant.0, biz.as_bytes()])?;
        }
        Ok(())
    }

    fn answers(&mut self, biz: &[BizId]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let mut select = self.0.prepare_cached("SELECT sealed FROM answers WHERE biz = ?1")?;
        let mut answers = Vec::with_capacity(biz.len());
        for biz in biz {
            let answer = select.query_row(params![biz.as_bytes()], |row| row.get(0)).optional()?;
            answers.push(answer);
        }
        Ok(answers)
    }

    fn has_row(&mut self, lane: LaneId, seq: i64) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM journal WHERE lane = ?1 AND seq = ?2";
        Ok(self.0.prepare_cached(sql)?.exists(params![lane.0, seq])?)
    }
}

fn claim(row: ([u8; 32], [u8; 16], i64)) -> Result<Claim, StoreError> {
    let (fingerprint, biz, state) = row;
    Ok(Claim {
        fingerprint: Fingerprint(fingerprint),
        biz: BizId::from_slice(&biz).ok_or_else(|| corrupt("calls.biz"))?,
        state: ClaimState::from_db(state).ok_or_else(|| corrupt("calls.state"))?,
    })
}
