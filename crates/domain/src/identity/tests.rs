use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::time::Day;

const TODAY: Day = Day(20_000); // 2024-10-04

/// Name, ID card, mobile, bank card of made-up persons.
static SYNTHETIC: LazyLock<Vec<[String; 4]>> = LazyLock::new(|| {
    let packed = include_bytes!("../../fixtures/identity/synthetic_identities.csv.gz");
    let bytes = table::unpack(packed);
    let rows = csv::Reader::from_reader(bytes.as_slice()).into_deserialize();
    rows.collect::<Result<_, _>>().expect("the fixture reads")
});

#[test]
fn every_synthetic_person_is_valid_and_in_the_tables() {
    assert_eq!(SYNTHETIC.len(), 1000);
    for [name, id_card, mobile, card] in &*SYNTHETIC {
        let id_card = IdCard::parse(&id_card.to_lowercase(), TODAY).expect("a valid ID card");
        assert!(id_card.region().is_some_and(|region| region.county.is_some()), "{name}");
        assert!(id_card.birth() > Day::from_civil(1940, 1, 1).unwrap(), "{name}");
        assert!(Mobile::parse(mobile).unwrap().segment().is_some(), "{name}");
        assert!(BankCard::parse(card).unwrap().bin().is_some(), "{name}");
        let said = format!("{id_card:?}{:?}", PersonName::parse(name).unwrap());
        assert!(!said.contains(name) && !said.contains(id_card.expose()), "{said}");
    }
}

#[test]
fn id_cards_are_accepted_or_refused_for_their_first_fault() {
    use IdentityFault as F;
    let table = [
        ("11010119900307803X", None),
        ("11010119900307803x", None),
        ("110101200002294991", None),
        ("", Some(F::Missing)),
        ("11010119900307803", Some(F::Length)),
        ("11010119900307803X ", Some(F::Length)),
        ("1101011990030780X3", Some(F::Character)),
        ("１1010119900307803X", Some(F::Character)),
        ("11010119900307803Ｘ", Some(F::Character)),
        ("110101199002308031", Some(F::Date)),
        ("110101190002290015", Some(F::Date)),
        ("110101199013010010", Some(F::Date)),
        ("110101202410050010", Some(F::Date)), // tomorrow
        ("110101199003078031", Some(F::CheckDigit)),
    ];
    for (text, wanted) in table {
        assert_eq!(IdCard::parse(text, TODAY).err(), wanted, "{text:?}");
    }
    let card = IdCard::parse("11010119900307803x", TODAY).unwrap();
    assert_eq!(card.masked(), "1****************X");
    assert_eq!((card.birth().to_string().as_str(), card.sex()), ("1990-03-07", Sex::Male));
    let region = card.region().unwrap();
    assert_eq!((region.province, region.county), ("北京市", Some("东城区")));
    let born_today = with_check_character("11010120241004001");
    assert!(IdCard::parse(&born_today, TODAY).is_ok());
    assert!(IdCard::parse(&born_today, Day(TODAY.0 - 1)).is_err());
}

#[test]
fn mobiles_and_cards_are_accepted_or_refused_for_their_first_fault() {
    use IdentityFault as F;
    let mobiles = [
        ("13800138000", None),
        ("19912345678", None),
        ("", Some(F::Missing)),
        ("1380013800", Some(F::Length)),
        ("138001380000", Some(F::Length)),
        ("1380013800O", Some(F::Character)),
        ("12800138000", Some(F::Prefix)),
        ("23800138000", Some(F::Prefix)),
    ];
    for (text, wanted) in mobiles {
        assert_eq!(Mobile::parse(text).err(), wanted, "{text:?}");
    }
    let cards = [
        ("6222020200112231", Some(F::CheckDigit)),
        ("622202020013", None),
        ("62220202001", Some(F::Length)),
        ("62220202001122300001", Some(F::Length)),
        ("622202 20011", Some(F::Character)),
        ("6222020200112230", None),
    ];
    for (text, wanted) in cards {
        assert_eq!(BankCard::parse(text).err(), wanted, "{text:?}");
    }
    let mobile = Mobile::parse("13800138000").unwrap();
    assert_eq!(mobile.masked(), "138****8000");
    let segment = mobile.segment().unwrap();
    assert_eq!((segment.carrier, segment.province), (Carrier::Mobile, "北京"));
    let card = BankCard::parse("6222020200112230").unwrap();
    assert_eq!(card.masked(), "************2230");
    assert!(card.bin().unwrap().bank.contains("工商银行"), "{:?}", card.bin());
}

#[test]
fn names_are_compared_as_people_read_them() {
    use IdentityFault as F;
    let same = [
        ("张伟", " 张 伟　"),
        ("阿依古丽·买买提", "阿依古丽•买买提"),
        ("阿依古丽·买买提", "阿依古丽．买买提"),
        ("John Smith", "JOHN  SMITH"),
    ];
    let canonical = |text: &str| PersonName::parse(text).unwrap().canonical();
    for (one, other) in same {
        assert!(canonical(one) == canonical(other), "{one} {other}");
    }
    assert!(canonical("张伟") != canonical("张玮"));
    let refused = [
        ("", F::Missing),
        (" 　", F::Missing),
        ("张\0伟", F::Character),
        ("张\u{200b}伟", F::Character),
    ];
    for (text, fault) in refused {
        assert_eq!(PersonName::parse(text).err(), Some(fault), "{text:?}");
    }
    assert!(PersonName::parse(&"赵".repeat(64)).is_ok());
    assert_eq!(PersonName::parse(&"赵".repeat(65)).err(), Some(F::Length));
    assert_eq!(PersonName::parse("欧阳修").unwrap().masked(), "欧*");
}

fn with_check_character(body: &str) -> String {
    let all = b"0123456789X".iter().map(|check| format!("{body}{}", char::from(*check)));
    let mut valid = all.filter(|number| IdCard::parse(number, Day(i32::MAX)).is_ok());
    let found = valid.next().expect("one of eleven check characters fits");
    assert_eq!(valid.next(), None, "only one fits");
    found
}

proptest! {
    /// MOD 11-2 finds every wrong digit and every swap of neighbours; Luhn every wrong digit.
    #[test]
    fn a_slip_of_the_pen_is_found(day in -25_000..20_000, rest in 0_u32..999, at in 0_usize..18) {
        let (year, month, date) = Day(day).civil();
        let number = with_check_character(&format!("310115{year:04}{month:02}{date:02}{rest:03}"));
        let parsed = IdCard::parse(&number, TODAY).expect("it is valid");
        prop_assert_eq!(parsed.birth(), Day(day));
        for other in '0'..='9' {
            let mut slipped: Vec<char> = number.chars().collect();
            slipped[at] = other;
            let slipped: String = slipped.into_iter().collect();
            prop_assert!(slipped == number || IdCard::parse(&slipped, TODAY).is_err());
        }
        let mut swapped = number.clone().into_bytes();
        swapped.swap(at.min(16), at.min(16) + 1);
        let swapped = String::from_utf8(swapped).unwrap();
        prop_assert!(swapped == number || IdCard::parse(&swapped, TODAY).is_err());
    }

    #[test]
    fn a_wrong_digit_of_a_card_is_found(which in 0_usize..1000, at in 0_usize..15, by in 1_u8..10) {
        let mut card = SYNTHETIC[which][3].clone().into_bytes();
        card[at] = b'0' + (card[at] - b'0' + by) % 10;
        let card = String::from_utf8(card).unwrap();
        prop_assert_eq!(BankCard::parse(&card).err(), Some(IdentityFault::CheckDigit));
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,24}", number in "[0-9Xx１]{0,20}") {
        for text in [text, number] {
            let _ = IdCard::parse(&text, TODAY).map(|card| (card.birth(), card.region()));
            let _ = Mobile::parse(&text).map(|mobile| mobile.segment());
            let _ = BankCard::parse(&text).map(|card| card.bin());
            let _ = PersonName::parse(&text).map(|name| name.canonical());
        }
    }
}
