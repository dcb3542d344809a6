use super::*;
use crate::time::Span;

const ID: &str = "11010119900307803X";
const MOBILE: &str = "13800138000";
/// 2026-11-21, noon in Shanghai.
const NOW: Timestamp = Timestamp(1_795_233_600_000_000);

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

#[test]
fn five_years_end_with_the_last_second_of_the_same_date() {
    let table = [
        ("2021-03-10", "2026-03-11"),
        ("2020-12-31", "2026-01-01"),
        ("2020-02-29", "2025-03-01"),
        ("2020-02-28", "2025-03-01"),
        ("2019-03-01", "2024-03-02"),
        ("2019-02-28", "2024-02-29"),
    ];
    for (ended, first_free_day) in table {
        assert_eq!(until_latest(day(ended)), day(first_free_day).shanghai_start(), "{ended}");
    }
}

#[test]
fn an_entry_counts_between_its_instants_unless_removed_or_disputed() {
    let second = Span::seconds(1);
    let entry = Listing {
        hash: ListedHash([1; 16]),
        kind: KeyKind::Mobile,
        source: "court".to_owned(),
        reason: Reason::Court,
        from: NOW,
        until: NOW + Span::days(1),
        listed_at: NOW,
        removed_at: None,
        disputed_at: None,
    };
    let disputed = Listing { disputed_at: Some(NOW), ..entry.clone() };
    let removed = Listing { removed_at: Some(NOW), ..disputed.clone() };
    let table = [
        (&entry, NOW - second, Standing::NotYet),
        (&entry, NOW, Standing::Listed),
        (&entry, entry.until - second, Standing::Listed),
        (&entry, entry.until - Span(1), Standing::Listed),
        (&entry, entry.until, Standing::Expired),
        (&entry, entry.until + second, Standing::Expired),
        (&disputed, NOW, Standing::Disputed),
        (&removed, NOW, Standing::Removed),
        (&removed, entry.until, Standing::Expired),
    ];
    for (entry, at, standing) in table {
        assert_eq!(entry.standing(at), standing, "{at}");
    }
}

/// name, id_card, mobile, source, reason, from, ended, until -> kinds, from, until.
type Good<'t> = ([&'t str; 8], &'t [KeyKind], (Timestamp, Timestamp));

#[test]
fn rows_name_somebody_for_a_time_or_are_refused() {
    use KeyKind::{IdCard, Mobile, NameAndIdCard};
    let whole = |ended: &str| (day(ended).shanghai_start(), until_latest(day(ended)));
    let good: [Good<'_>; 6] = [
        (["", ID, "", "", "", "", "2024-05-01", ""], &[IdCard], whole("2024-05-01")),
        (["张伟", ID, "", "", "", "", "2024-05-01", ""], &[NameAndIdCard], whole("2024-05-01")),
        (
            ["张伟", ID, MOBILE, "c", "court", "2023-01-01", "2024-05-01", "2025-01-01"],
            &[NameAndIdCard, Mobile],
            (day("2023-01-01").shanghai_start(), day("2025-01-01").shanghai_start()),
        ),
        (["张伟", "", MOBILE, "", "", "2024-05-01", "", ""], &[Mobile], whole("2024-05-01")),
        (["", "", MOBILE, "", "", "", "2026-11-21", ""], &[Mobile], whole("2026-11-21")),
        (
            ["", "", MOBILE, "", "", "", "", ""],
            &[Mobile],
            (day("2026-11-21").shanghai_start(), until_latest(day("2026-11-21"))),
        ),
    ];
    let now = day("2024-12-01").shanghai_start();
    for (at, (cells, kinds, (from, until))) in good.into_iter().enumerate() {
        let now = if at < 4 { now } else { NOW };
        let row = read(&cells, "default", now).unwrap_or_else(|fault| panic!("{at}: {fault:?}"));
        let found: Vec<KeyKind> = row.keys.iter().map(|key| key.kind).collect();
        assert_eq!((found.as_slice(), row.from, row.until), (kinds, from, until), "{at}");
    }
    let bad = [
        (["张伟", "", "", "", "", "", "", ""], "id_card"),
        (["", "11010119900307803", "", "", "", "", "", ""], "id_card"),
        (["", ID, "1380013800", "", "", "", "", ""], "mobile"),
        (["张\u{200b}", ID, "", "", "", "", "", ""], "name"),
        (["", ID, "", "", "gossip", "", "", ""], "reason"),
        (["", ID, "", "", "", "soon", "", ""], "from"),
        (["", ID, "", "", "", "", "2024-02-30", ""], "ended"),
        (["", ID, "", "", "", "", "2026-11-22", ""], "ended"),
        (["", ID, "", "", "", "", "2021-11-20", ""], "until"),
        (["", ID, "", "", "", "", "2024-05-01", "2029-05-03"], "until"),
        (["", ID, "", "", "", "", "", "2026-11-21T11:59:59+08:00"], "until"),
        (["", ID, "", "\0", "", "", "", ""], "source"),
    ];
    for (cells, field) in bad {
        let fault = read(&cells, "default", NOW).expect_err(field);
        assert_eq!(fault.field, field, "{cells:?}");
        assert!(!fault.reason.contains(MOBILE) && !fault.reason.contains("1101"), "{fault:?}");
    }
    assert_eq!(read(&["", ID, "", "", "", "", "", ""], "", NOW).unwrap_err().field, "source");
}

#[test]
fn keys_of_one_person_are_found_by_all_spellings_and_by_nobody_elses() {
    let root = crate::keys::RootKey::generate(&Zero);
    let sealed = crate::keys::KeyPurpose::ALL
        .map(|purpose| crate::keys::SealedKey::generate(purpose, 1, &root, &Zero));
    let ring = KeyRing::open(&root, &sealed).unwrap();
    let person = |name: &str, id: &str| {
        let id_card = IdCard::parse(id, day("2026-11-21")).unwrap();
        let name = PersonName::parse(name).unwrap();
        let mobile = Mobile::parse(MOBILE).unwrap();
        ListedKey::of_person(&name, &id_card, &mobile).map(|key| key.hash(&ring))
    };
    let one = person("张伟", ID);
    assert_eq!(one, person(" 张 伟", &ID.to_lowercase()));
    let other = person("张玮", ID);
    assert_eq!((one[0], one[1]), (other[0], other[1]));
    assert_ne!(one[2], other[2]);
    assert!(one[0] != one[1] && one[1] != one[2]);
}

struct Zero;

impl crate::entropy::Entropy for Zero {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}
