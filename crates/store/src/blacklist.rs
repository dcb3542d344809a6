//! The blacklist: entries under keyed hashes, numbered in the order in which they were committed,
//! so that every node can follow what was added.

use std::sync::LazyLock;

use domain::blacklist::{KeyKind, ListedHash, Listing, Reason};
use domain::time::Timestamp;

use crate::subjects::{last_of_each, put as put_rows, upserts};
use crate::value::{Row, corrupt};
use crate::{StoreError, Tx, Value, settings};

/// The setting that holds the number of the newest entry. Whoever adds raises it in the same
/// transaction, so additions are committed in the order of their numbers.
const LAST: &str = "blacklist_last";

/// Adds entries, or gives those that a source has under a hash already their new reason and time.
/// What was removed or is disputed stays so.
pub fn put(tx: &mut Tx<'_>, mut listings: Vec<Listing>) -> Result<(), StoreError> {
    static SQL: LazyLock<[String; 2]> = LazyLock::new(|| {
        upserts(
            "INSERT INTO blacklist (seq, hash, source, kind, reason, from_at, until_at, listed_at)
             VALUES",
            8,
            "ON CONFLICT (hash, source) DO UPDATE SET reason = excluded.reason,
                 from_at = excluded.from_at, until_at = excluded.until_at",
        )
    });
    if listings.is_empty() {
        return Ok(());
    }
    listings.sort_by(|a, b| (a.hash, &a.source).cmp(&(b.hash, &b.source)));
    let same = |a: &Listing, b: &Listing| (a.hash, &a.source) == (b.hash, &b.source);
    let rows = last_of_each(&listings, same);
    let first = last(tx)? + 1;
    settings::set(tx, LAST, &(first - 1 + rows.len() as i64).to_string())?;
    let numbered: Vec<(i64, &Listing)> = (first..).zip(rows).collect();
    let numbered: Vec<&(i64, &Listing)> = numbered.iter().collect();
    put_rows(tx, &SQL, &numbered, |(seq, listing)| values(*seq, listing))
}

fn values(seq: i64, listing: &Listing) -> Vec<Value> {
    vec![
        seq.into(),
        (&listing.hash.0).into(),
        listing.source.as_str().into(),
        listing.kind.to_db().into(),
        listing.reason.to_db().into(),
        listing.from.0.into(),
        listing.until.0.into(),
        listing.listed_at.0.into(),
    ]
}

/// The number of the newest entry; 0 when there was none yet.
fn last(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    settings::number(tx, LAST)
}

/// The hashes added after the entry `seq`, in the order of their numbers.
pub fn since(tx: &mut Tx<'_>, seq: i64, limit: i64) -> Result<Vec<(i64, ListedHash)>, StoreError> {
    let sql = "SELECT seq, hash FROM blacklist WHERE seq > ?1 ORDER BY seq LIMIT ?2";
    let rows = tx.query(sql, &[seq.into(), limit.into()])?;
    rows.iter().map(|row| Ok((row.int(0)?, ListedHash(row.array(1)?)))).collect()
}

/// The entries under any of these hashes, whatever they count for now.
pub fn find(tx: &mut Tx<'_>, hashes: &[ListedHash; 3]) -> Result<Vec<Listing>, StoreError> {
    let sql = "SELECT hash, kind, source, reason, from_at, until_at, listed_at, removed_at,
                      disputed_at
               FROM blacklist WHERE hash IN (?1, ?2, ?3) ORDER BY seq";
    let rows = tx.query(sql, &hashes.map(|hash| (&hash.0).into()))?;
    rows.iter().map(read).collect()
}

/// The newest entries, the newest first.
pub fn newest(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Listing>, StoreError> {
    let sql = "SELECT hash, kind, source, reason, from_at, until_at, listed_at, removed_at,
                      disputed_at
               FROM blacklist ORDER BY seq DESC LIMIT ?1";
    tx.query(sql, &[limit.into()])?.iter().map(read).collect()
}

pub fn count(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    let row = tx.first("SELECT COUNT(*) FROM blacklist", &[])?;
    row.ok_or_else(|| corrupt("no count"))?.int(0)
}

/// What keeps an entry from counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Removed,
    Disputed,
}

/// Says since when the entries under a hash have a mark; nothing takes it off. An empty `source`
/// means those of all. Gives how many there are.
pub fn set_mark(
    tx: &mut Tx<'_>,
    mark: Mark,
    hash: &ListedHash,
    source: &str,
    at: Option<Timestamp>,
) -> Result<u64, StoreError> {
    let sql = match mark {
        Mark::Removed => {
            "UPDATE blacklist SET removed_at = ?3 WHERE hash = ?1 AND (?2 = '' OR source = ?2)"
        }
        Mark::Disputed => {
            "UPDATE blacklist SET disputed_at = ?3 WHERE hash = ?1 AND (?2 = '' OR source = ?2)"
        }
    };
    tx.execute(sql, &[(&hash.0).into(), source.into(), at.map(|at| at.0).into()])
}

/// Deletes entries whose time is over; gives how many.
pub fn purge(tx: &mut Tx<'_>, now: Timestamp, limit: i64) -> Result<u64, StoreError> {
    let sql = "DELETE FROM blacklist WHERE seq IN
                   (SELECT seq FROM blacklist WHERE until_at <= ?1 ORDER BY until_at LIMIT ?2)";
    tx.execute(sql, &[now.0.into(), limit.into()])
}

fn read(row: &Row) -> Result<Listing, StoreError> {
    Ok(Listing {
        hash: ListedHash(row.array(0)?),
        kind: KeyKind::from_db(row.int(1)?).ok_or_else(|| corrupt("blacklist.kind"))?,
        source: row.text(2)?.to_owned(),
        reason: Reason::from_db(row.int(3)?).ok_or_else(|| corrupt("blacklist.reason"))?,
        from: Timestamp(row.int(4)?),
        until: Timestamp(row.int(5)?),
        listed_at: Timestamp(row.int(6)?),
        removed_at: row.maybe_int(7)?.map(Timestamp),
        disputed_at: row.maybe_int(8)?.map(Timestamp),
    })
}
