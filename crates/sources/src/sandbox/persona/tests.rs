use std::collections::BTreeMap;

use domain::claims::Claims;
use domain::dataset::ebank::{BillType, CardType, EbankData};
use domain::dataset::telecom::TelecomData;
use domain::dataset::{self, Fen, Month};
use domain::identity::{BankCard, IdCard, Mobile, PersonName};
use domain::report::telecom::TelecomReport;
use domain::report::{Asked, ebank, telecom};
use domain::time::{Span, Timestamp};

use super::numbers::{CARD_BINS, SandboxNumbers};
use super::work::LEVELS;
use super::*;

const KEY: &[u8] = b"sandbox seed";

/// Somebody with few acquaintances, so that the file stays short.
const GOLDEN: u32 = 43;

fn now() -> Timestamp {
    Day::parse("2026-06-24").expect("a day").shanghai_start() + Span::hours(15)
}

/// The person of a serial number: a valid ID card, a mobile of a real segment.
fn persona(serial: u32) -> Persona {
    let year = 1960 + serial % 45;
    let body =
        format!("110101{year}{:02}{:02}{:03}", 1 + serial % 12, 1 + serial % 28, serial % 1000);
    let cards = ('0'..='9').chain(['X']).map(|check| format!("{body}{check}"));
    let today = now().shanghai_day();
    let id_card = cards.into_iter().find_map(|text| IdCard::parse(&text, today).ok());
    let id_card = id_card.expect("one check character fits");
    let mobile = Mobile::parse(&format!("138{:08}", u64::from(serial) * 7_919)).expect("a mobile");
    let name = PersonName::parse("合成人").expect("a name");
    Persona::of(KEY, &Person { name, id_card, mobile }, today)
}

fn report_on(persona: &Persona, data: &TelecomData) -> TelecomReport {
    let person = &persona.person;
    let asked = Asked { person, claims: &Claims::default(), is_blacklisted: None };
    telecom::derive(data, asked, &SandboxNumbers, now())
}

fn report(persona: &Persona) -> TelecomReport {
    report_on(persona, &carrier_data(persona, &[], now()))
}

/// Ranks, with the mean rank for equal values.
fn ranks(values: &[f64]) -> Vec<f64> {
    let count = |is: &dyn Fn(&&f64) -> bool| values.iter().filter(is).count() as f64;
    let rank = |value| f64::midpoint(count(&|v| **v < value) + 1.0, count(&|v| **v <= value));
    values.iter().copied().map(rank).collect()
}

/// Spearman's rank correlation.
pub(super) fn rank_correlation(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (ranks(a), ranks(b));
    let mean = f64::midpoint(a.len() as f64, 1.0);
    let product = |x: &[f64], y: &[f64]| -> f64 {
        x.iter().zip(y).map(|(x, y)| (x - mean) * (y - mean)).sum()
    };
    product(&a, &b) / (product(&a, &a) * product(&b, &b)).sqrt()
}

/// What the reports of a person say in numbers.
fn features(persona: &Persona) -> [(&'static str, f64); 10] {
    let report = report(persona);
    let kind = |wanted: &str| -> f64 {
        let of_kind = report.contact_list.iter().filter(|one| one.needs_type == wanted);
        of_kind.map(|one| f64::from(one.call_cnt)).sum()
    };
    let digits = |point: &str| -> f64 {
        let check = report.behavior_check.iter().find(|check| check.check_point == point);
        let text = &check.expect(point).evidence;
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        digits.parse().expect("a number")
    };
    let silent = report.behavior_check.iter().find(|check| check.check_point == "phone_silent");
    let silent = silent.expect("a check").result.split("有").nth(1).expect("天内有").to_owned();
    let bank = bank_data(persona, CARD_BINS[0].bank_code, now());
    let bank = ebank::derive(&bank, now());
    let salary = bank.salary.as_ref().map_or(0.0, |salary| salary.monthly.0 as f64);
    let mutual =
        report.contact_list.iter().filter(|one| one.call_in_cnt > 0 && one.call_out_cnt > 0);
    [
        ("lenders", -kind("贷款")),
        ("collectors", -kind("催收")),
        ("night", -digits("contact_night")),
        ("silent days", -silent.split("天").next().expect("天").parse::<f64>().expect("days")),
        ("mutual contacts", mutual.count() as f64),
        ("salary", salary),
        ("overdue bills", -(bank.credit.overdue_bills as f64)),
        ("use of the limit", -(bank.credit.used_percent as f64)),
        ("balance", bank.months.last().map_or(0.0, |month| month.balance.0 as f64)),
        ("education", persona.work.level as f64),
    ]
}

#[test]
fn the_hidden_quality_shows_in_what_the_reports_say() {
    let people: Vec<Persona> = (0..500).map(persona).collect();
    let quality: Vec<f64> = people.iter().map(|one| one.quality).collect();
    let features: Vec<_> = people.iter().map(features).collect();
    for at in 0..features[0].len() {
        let values: Vec<f64> = features.iter().map(|one| one[at].1).collect();
        let rho = rank_correlation(&quality, &values);
        println!("{:<18}{rho:+.3}", features[0][at].0);
        assert!(rho > 0.3, "{}: {rho}", features[0][at].0);
    }
    let low = quality.iter().filter(|quality| **quality < 0.25).count();
    assert!((90..160).contains(&low), "quality is even: {low} of 500 in the lowest quarter");
}

#[test]
fn the_same_identity_is_the_same_person() {
    let text = |persona: &Persona| {
        let telecom = serde_json::to_string(&carrier_data(persona, &[], now())).expect("JSON");
        let bank = serde_json::to_string(&bank_data(persona, CARD_BINS[2].bank_code, now()))
            .expect("JSON");
        let degree = serde_json::to_string(&degree_data(persona, 2, now())).expect("JSON");
        [telecom, bank, degree]
    };
    assert_eq!(text(&persona(7)), text(&persona(7)));
    assert!(text(&persona(7)).iter().zip(&text(&persona(8))).all(|(one, other)| one != other));
    let other = Persona::of(b"other", &persona(7).person, now().shanghai_day());
    assert!(other.quality.to_bits() != persona(7).quality.to_bits());
}

/// A later look at the carrier shows the same calls of the days that both looks cover.
#[test]
fn a_day_that_is_past_does_not_change() {
    let persona = persona(11);
    let early = carrier_data(&persona, &[], now() - Span::days(9));
    let late = carrier_data(&persona, &[], now());
    let key = |data: &TelecomData, until: Timestamp| -> Vec<(Timestamp, String, u32, Fen)> {
        let calls = data.line().calls.iter().filter(|call| call.start_time <= until);
        calls.map(|c| (c.start_time, c.other_cell_phone.clone(), c.use_time, c.subtotal)).collect()
    };
    let until = now() - Span::days(9);
    assert!(
        key(&early, until) == key(&late, until)
            && key(&late, now()).len() > key(&late, until).len()
    );
}

#[test]
fn bills_are_the_sum_of_their_rows_and_data_is_of_a_real_size() {
    for serial in 0..60 {
        let data = carrier_data(&persona(serial), &[], now());
        let line = data.line();
        let month = |at: Timestamp| Month::of(at.shanghai_day());
        let mut rows: BTreeMap<Month, Fen> = BTreeMap::new();
        let calls = line.calls.iter().map(|call| (call.start_time, call.subtotal));
        for (at, cost) in calls.chain(line.smses.iter().map(|sms| (sms.start_time, sms.subtotal))) {
            let sum = rows.entry(month(at)).or_default();
            *sum = *sum + cost;
        }
        assert_eq!(line.transactions.len(), 6);
        for bill in &line.transactions {
            let on_top = rows.get(&month(bill.bill_cycle)).copied().unwrap_or_default();
            assert!(bill.total_amt == bill.plan_amt + on_top, "{serial}");
        }
        assert!((300..2_000).contains(&line.calls.len()), "{serial}: {}", line.calls.len());
        let own = line.calls.iter().filter(|call| call.other_cell_phone.starts_with("12"));
        let public = ["10086", "95588", "12306", "12345"];
        let is_public = |call: &&dataset::telecom::Call| public.contains(&&*call.other_cell_phone);
        assert!(own.count() + line.calls.iter().filter(is_public).count() >= line.calls.len());
        let json = serde_json::to_vec(&data).expect("JSON");
        assert!(dataset::read::<TelecomData>(&json).is_ok_and(|read| read == data), "{serial}");
    }
}

#[test]
fn bank_statements_carry_their_balances_forward() {
    for serial in 0..60 {
        let persona = persona(serial);
        for bank in CARD_BINS {
            let data = bank_data(&persona, bank.bank_code, now());
            data.card_list.iter().for_each(|card| check_card(card, serial));
            let mut credit = data.clone();
            credit.keep(CardType::Credit);
            assert!(credit.card_list.len() == 1 && credit.base_info.cards.len() == 1);
            let json = serde_json::to_vec(&data).expect("JSON");
            assert!(dataset::read::<EbankData>(&json).is_ok_and(|read| read == data), "{serial}");
        }
    }
}

fn check_card(card: &dataset::ebank::Card, serial: u32) {
    let number = BankCard::parse(&card.full_card_num).expect("a card number");
    assert!(number.bin().is_some(), "{}", card.bank_name);
    let mut running = card.bills[0].last_balance;
    for bill in &card.bills {
        assert!(bill.last_balance == running, "{serial}");
        for sheet in &bill.shopping_sheets {
            running = running + sheet.amount_money;
            assert!(
                sheet.balance == running
                    && Month::of(sheet.trans_date.shanghai_day()) == bill.bill_month
            );
            assert!(card.card_type == CardType::Credit || running.0 >= 0, "{serial}: overdrawn");
        }
        running = running + bill.interest;
        assert!(bill.new_balance == running, "{serial}");
        if card.card_type == CardType::Credit {
            let told = bill.last_balance - bill.last_payment + bill.new_charges + bill.interest;
            assert!(bill.new_balance == told && bill.min_payment <= bill.new_balance, "{serial}");
        }
    }
    assert!(card.bills.iter().all(|bill| (bill.bill_type == BillType::Done)
        == (bill.bill_month < Month::of(now().shanghai_day()))));
}

/// Employer and salary of the statement are those of the story; age fits the degree.
#[test]
fn one_person_tells_one_story() {
    for serial in 0..200 {
        let persona = persona(serial);
        let summary = ebank::derive(&bank_data(&persona, CARD_BINS[3].bank_code, now()), now());
        // Somebody without work may get even sums from friends; nothing calls them a salary.
        let seen = summary.salary.filter(|salary| salary.is_named);
        let seen = seen.map(|salary| (salary.employer, salary.monthly));
        let told = persona.work.salary.map(|salary| (persona.work.employer.clone(), salary));
        assert!(seen == told, "{serial}");
        let degrees = degree_data(&persona, 2, now()).education;
        let birth = persona.person.id_card.birth();
        for record in &degrees {
            let begun = record.date_enrollment.expect("a day");
            assert!(begun.0 - birth.0 > 17 * 365, "{serial}");
            assert!(
                record.date_graduation.is_none_or(|end| end > begun && end <= now().shanghai_day()),
                "{serial}"
            );
        }
        assert!(persona.work.level == 0 || degrees[0].academic_level == LEVELS[persona.work.level]);
        assert_eq!((degree_data(&persona, 0, now()).education.len(), degrees.len()), (0, 2));
    }
}

#[test]
fn contacts_that_the_merchant_names_are_on_the_telephone() {
    let named = ["13900000001".to_owned(), "13900000002".to_owned()];
    let mut spoken = [0, 0];
    for serial in 0..100 {
        let persona = persona(serial);
        let data = carrier_data(&persona, &named, now());
        let is_called = |number: &&String| {
            data.line().calls.iter().any(|call| call.other_cell_phone == **number)
        };
        spoken[usize::from(persona.quality > 0.5)] += named.iter().filter(is_called).count();
    }
    assert!(spoken[1] > spoken[0] && spoken[0] > 40, "bad, good: {spoken:?}");
}

#[test]
fn a_line_without_use_is_empty_and_reported_so() {
    let persona = persona(3);
    let data = carrier_data_of_nobody(&persona, now());
    let report = report_on(&persona, &data);
    assert!(report.report.status == "无数据" && report.contact_list.is_empty());
}

/// One persona's reports, whole. Written anew by `cargo test -p sources golden -- --ignored`.
#[test]
fn the_reports_of_one_person_are_the_golden_ones() {
    let golden = include_str!("../../../fixtures/persona/reports.json");
    assert!(reports() == golden, "the reports differ from fixtures/persona/reports.json");
}

#[test]
#[ignore = "writes the golden file anew"]
fn write_the_golden_reports() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/persona/reports.json");
    std::fs::write(path, reports()).expect("the file can be written");
}

fn reports() -> String {
    let persona = persona(GOLDEN);
    let bank = ebank::derive(&bank_data(&persona, "CMB", now()), now());
    let all = serde_json::json!({
        "telecom": report(&persona),
        "ebank": bank,
        "degree": degree_data(&persona, 1, now()),
    });
    serde_json::to_string_pretty(&all).expect("JSON") + "\n"
}
