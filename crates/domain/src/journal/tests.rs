use proptest::prelude::*;

use super::*;
use crate::ids::{AppId, BizId, CallKey, LaneId, MerchantId};
use crate::merchant::Product;
use crate::money::Amount;
use crate::time::Timestamp;

fn entry(number: i64) -> Entry {
    Entry {
        at: Timestamp(number * 1_000_000),
        phase: Phase::Single,
        merchant: MerchantId(1),
        product: Product::FinplusScore,
        app: AppId("1000001".into()),
        key: CallKey::parse(&format!("key-{number}")).expect("a key"),
        biz: BizId::lower_bound(Timestamp(number * 1_000_000)),
        code: if number % 3 == 0 { 108 } else { 0 },
        bill: (number % 3 != 0).then_some(Amount(350_000)),
    }
}

fn lane(rows: i64) -> (RowHash, Vec<Row>) {
    let genesis = lane_genesis(LaneId(7), "node", Timestamp(1));
    let mut previous = genesis;
    let rows = (1..=rows)
        .map(|seq| {
            let row = Row::chain(LaneId(7), seq, entry(seq), previous);
            previous = row.hash;
            row
        })
        .collect();
    (genesis, rows)
}

fn walk(genesis: RowHash, rows: &[Row]) -> Vec<Fault> {
    let mut walk = LaneWalk::new(LaneId(7), genesis);
    rows.iter().flat_map(|row| walk.step(row)).collect()
}

#[test]
fn a_whole_lane_walks_clean() {
    let (genesis, rows) = lane(50);
    assert_eq!(walk(genesis, &rows), []);
}

proptest! {
    /// One edit, drop or swap anywhere is found.
    #[test]
    fn any_tampering_is_found(at in 0..49_usize, kind in 0..5_u8) {
        let (genesis, mut rows) = lane(50);
        match kind {
            0 => { rows.remove(at); }
            1 => rows.swap(at, at + 1),
            2 => rows[at].entry.code += 1,
            3 => rows[at].entry.bill = Some(Amount(1)),
            _ => rows[at].hash.0[3] ^= 1,
        }
        prop_assert!(!walk(genesis, &rows).is_empty());
    }

    /// A statement is the sum of its rows, in whatever order they come.
    #[test]
    fn a_statement_does_not_depend_on_order(
        mut numbers in proptest::collection::vec(1..100_i64, 0..40),
    ) {
        let sum = |numbers: &[i64]| {
            let mut statement = Statement::default();
            for number in numbers {
                statement.add(&entry(*number));
            }
            statement
        };
        let forwards = sum(&numbers);
        numbers.reverse();
        prop_assert_eq!(&forwards, &sum(&numbers));
        prop_assert_eq!(forwards.total().calls, numbers.len() as i64);
        let billed = numbers.iter().filter(|n| *n % 3 != 0).count() as i64;
        prop_assert_eq!(forwards.total().amount, Amount(billed * 350_000));
    }
}

#[test]
fn a_checkpoint_covers_every_field() {
    let head = Head { lane: LaneId(1), seq: 5, hash: RowHash([1; 32]) };
    let hash = |seq, at, heads: &[Head], version| {
        Checkpoint::hash_of(seq, Timestamp(at), heads, version, Checkpoint::BEFORE_FIRST)
    };
    let base = hash(1, 1, &[head], 1);
    let moved = Head { seq: 6, ..head };
    for other in [
        hash(2, 1, &[head], 1),
        hash(1, 2, &[head], 1),
        hash(1, 1, &[moved], 1),
        hash(1, 1, &[], 1),
        hash(1, 1, &[head], 2),
    ] {
        assert_ne!(base, other);
    }
}

#[test]
fn reconciling_lists_each_difference() {
    let journal: Vec<Entry> = (1..=5).map(entry).collect();
    let row = |key: &str, code| MerchantRow { key: key.into(), biz: None, code };
    let file = [
        row("key-1", Some(0)),
        row("key-2", Some(108)),
        row("key-3", None),
        row("key-5", Some(0)),
        row("key-5", Some(0)),
        row("key-9", Some(0)),
    ];
    let found = reconcile(&file, &journal);
    let expected = [
        Difference::Code { key: "key-2".into(), file: 108, journal: 0 },
        Difference::NotInFile { key: "key-4".into(), code: 0, bill: Some(Amount(350_000)) },
        Difference::Repeated { key: "key-5".into() },
        Difference::NotInJournal { key: "key-9".into() },
    ];
    assert_eq!(found, expected);
}
