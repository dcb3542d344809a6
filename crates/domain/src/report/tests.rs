use proptest::prelude::*;

use super::numbers::{Kind, NumberBook, PublicNumbers, normal};
use super::telecom::{TelecomReport, derive};
use super::*;
use crate::claims::{Contact, Relation};
use crate::dataset::Fen;
use crate::dataset::telecom::{Basic, Bill, Call, Direction, Line, TelecomData};
use crate::identity::{IdCard, Mobile, PersonName};
use crate::secret::Private;
use crate::time::{Day, Span, Timestamp};

mod ebank;

/// A Wednesday.
fn today() -> Day {
    Day::parse("2026-06-24").expect("a day")
}

fn now() -> Timestamp {
    today().shanghai_start() + Span::hours(12)
}

fn person() -> Person {
    let name = PersonName::parse("合成人").expect("a name");
    let mobile = Mobile::parse("13800138000").expect("a mobile");
    Person { name, id_card: any_id_card(), mobile }
}

fn derived(data: &TelecomData) -> TelecomReport {
    let contact = |telephone: &str, relation| Contact {
        telephone: Private::new(telephone.to_owned()),
        name: Some(Private::new("合成联系人".to_owned())),
        relation: Some(relation),
    };
    let contacts = vec![
        contact("+86 12000000001", Relation::Parent),
        contact("12099999999", Relation::Friend),
    ];
    let claims = Claims { contacts, ..Claims::default() };
    let asked = Asked { person: &person(), claims: &claims, is_blacklisted: Some(false) };
    derive(data, asked, &PublicNumbers, now())
}

/// The one check character that fits.
fn any_id_card() -> IdCard {
    let all = ('0'..='9').chain(['X']).map(|check| format!("11010119900307001{check}"));
    all.into_iter().find_map(|text| IdCard::parse(&text, today()).ok()).expect("one of eleven")
}

/// Peer, minutes ago, outgoing, seconds, place.
type Row = (u8, u32, bool, u16, u8);

fn data(rows: &[Row]) -> TelecomData {
    let cell_phone = "13800138000".to_owned();
    let numbers = ["12000000001", "057110086", "110", "008532800", "13800138001", "12000000002"];
    let call = |&(peer, ago, is_out, use_time, place): &Row| Call {
        update_time: now(),
        start_time: now() - Span::minutes(i64::from(ago)),
        init_type: if is_out { Direction::Out } else { Direction::In },
        use_time: use_time.into(),
        place: ["合成市", "合成县", ""][usize::from(place) % 3].to_owned(),
        other_cell_phone: numbers[usize::from(peer) % numbers.len()].to_owned(),
        cell_phone: cell_phone.clone(),
        subtotal: Fen(0),
        call_type: "本地".to_owned(),
    };
    let basic = Basic {
        update_time: now(),
        cell_phone: cell_phone.clone(),
        real_name: "合**".to_owned(),
        idcard: String::new(),
        reg_time: now() - Span::days(800),
    };
    let calls = rows.iter().map(call).collect();
    let (smses, nets, transactions) = (Vec::new(), Vec::new(), Vec::new());
    TelecomData { transactions: [Line { basic, calls, smses, nets, transactions }] }
}

fn report(rows: &[Row]) -> TelecomReport {
    derived(&data(rows))
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (0..6_u8, 0..260_000_u32, any::<bool>(), 0..4_000_u16, 0..3_u8);
    proptest::collection::vec(row, 0..120)
}

proptest! {
    #[test]
    fn each_section_counts_the_same_calls(rows in rows()) {
        let report = report(&rows);
        let out = rows.iter().filter(|row| row.2).count() as u32;
        let seconds = rows.iter().map(|row| u64::from(row.3)).sum::<u64>();
        let all = (rows.len() as u32, out, rows.len() as u32 - out, seconds);
        let list = &report.contact_list;
        let sum = |count: fn(&telecom::Contact) -> u32| list.iter().map(count).sum::<u32>();
        let time = list.iter().map(|one| one.call_len.0).sum::<u64>();
        let contacts = (sum(|c| c.call_cnt), sum(|c| c.call_out_cnt), sum(|c| c.call_in_cnt), time);
        prop_assert_eq!(contacts, all);
        let months: Vec<_> = report.cell_behavior.iter().flat_map(|line| &line.behavior).collect();
        let sum = |count: fn(&telecom::ActivityMonth) -> u32| months.iter().map(|m| count(m)).sum();
        let time = months.iter().map(|m| m.call_out_time.0 + m.call_in_time.0).sum();
        let by_month = (sum(|m| m.call_cnt), sum(|m| m.call_out_cnt), sum(|m| m.call_in_cnt), time);
        prop_assert_eq!(by_month, all);
        let regions = &report.contact_region;
        let counts = |r: &telecom::Region| r.region_call_in_cnt + r.region_call_out_cnt;
        prop_assert_eq!(regions.iter().map(counts).sum::<u32>(), all.0);
        let numbers: u32 = regions.iter().map(|region| region.region_uniq_num_cnt).sum();
        prop_assert_eq!(numbers as usize, list.len());
    }

    #[test]
    fn windows_nest_and_parts_add_up(rows in rows()) {
        for one in report(&rows).contact_list {
            let all = one.call_cnt;
            prop_assert!(one.contact_1w <= one.contact_1m && one.contact_1m <= one.contact_3m);
            prop_assert_eq!(one.contact_3m + one.contact_3m_plus, all);
            prop_assert_eq!(one.call_out_cnt + one.call_in_cnt, all);
            prop_assert_eq!(one.call_out_len.0 + one.call_in_len.0, one.call_len.0);
            prop_assert_eq!(one.contact_weekday + one.contact_weekend, all);
            prop_assert!(one.contact_holiday <= all);
            let parts = [one.contact_early_morning, one.contact_morning, one.contact_noon,
                one.contact_afternoon, one.contact_night];
            prop_assert_eq!(parts.iter().sum::<u32>(), all);
            prop_assert_eq!(one.contact_all_day, !parts.contains(&0));
        }
    }

    #[test]
    fn the_order_of_the_rows_does_not_matter(rows in rows(), turn in 0..120_usize) {
        let text = |rows: &[Row]| serde_json::to_string(&report(rows)).expect("JSON");
        let mut turned: Vec<Row> = rows.iter().rev().copied().collect();
        turned.rotate_left(turn % rows.len().max(1));
        prop_assert_eq!(text(&rows), text(&turned));
    }
}

#[test]
fn a_person_without_data_gets_a_report_that_says_so() {
    let report = serde_json::to_value(report(&[])).expect("JSON");
    assert_eq!(report["report"]["status"], "无数据");
    let lists = [
        "contact_list",
        "contact_region",
        "cell_behavior",
        "main_service",
        "trip_info",
        "deliver_address",
        "ebusiness_expense",
    ];
    for list in lists {
        assert_eq!(report[list], serde_json::json!([]), "{list}");
    }
    for check in report["behavior_check"].as_array().expect("a list") {
        let is_of_the_number = check["check_point"] == "phone_used_time";
        assert_eq!(check["score"], i32::from(is_of_the_number), "{check}");
    }
    assert_eq!(report["application_check"][2]["app_point"], "cell_phone");
}

/// The edges of the windows, in whole days before today.
#[test]
fn windows_are_calendar_days_with_today() {
    let table = [
        (0, [1, 1, 1]),
        (6, [1, 1, 1]),
        (7, [0, 1, 1]),
        (29, [0, 1, 1]),
        (30, [0, 0, 1]),
        (89, [0, 0, 1]),
        (90, [0, 0, 0]),
    ];
    for (days, expected) in table {
        let one = &report(&[(0, days * 1440 + 719, true, 1, 0)]).contact_list[0];
        assert_eq!([one.contact_1w, one.contact_1m, one.contact_3m], expected, "{days}");
    }
}

#[test]
fn each_part_of_the_day_begins_on_its_hour() {
    let table = [
        (0, Part::EarlyMorning),
        (6, Part::Morning),
        (11, Part::Noon),
        (14, Part::Afternoon),
        (18, Part::Night),
        (24, Part::EarlyMorning),
    ];
    for pair in table.windows(2) {
        for (hour, micros) in [(pair[0].0, 0), (pair[1].0, -1)] {
            let at = today().shanghai_start() + Span::hours(hour) + Span::micros(micros);
            assert_eq!(Part::of(at), pair[0].1, "{hour} {micros}");
        }
    }
}

#[test]
fn weekends_and_holidays_are_the_calendars() {
    let table = [
        ("2026-06-20", true, false),
        ("2026-06-19", false, true),
        ("2026-02-16", false, true),
        ("2026-02-15", true, false),
        ("2026-02-19", false, true),
        ("2026-02-20", false, false),
        ("2026-10-03", true, true),
        ("2026-10-04", true, false),
        ("2021-05-01", true, true),
    ];
    for (text, weekend, holiday) in table {
        let day = Day::parse(text).expect("a day");
        assert_eq!((is_weekend(day), is_holiday(day)), (weekend, holiday), "{text}");
    }
}

#[test]
fn numbers_are_known_in_each_spelling() {
    let table = [
        ("10086", Kind::Carrier, "未知"),
        ("057110086", Kind::Carrier, "未知"),
        ("010 95588", Kind::Bank, "未知"),
        ("+853-2880", Kind::Macao, "未知"),
        ("010-12345678", Kind::Unknown, "北京"),
        ("+86 13800138000", Kind::Unknown, "北京"),
        ("12000000001", Kind::Unknown, "未知"),
        ("110", Kind::Police, "未知"),
        ("13800110", Kind::Unknown, "未知"),
        ("", Kind::Unknown, "未知"),
    ];
    for (number, kind, place) in table {
        let mark = PublicNumbers.look_up(&normal(number));
        assert_eq!((mark.kind, mark.place), (kind, place), "{number}");
    }
}

/// Evidence is read by programs: its words are part of the contract.
#[test]
fn the_evidence_is_in_the_markets_words() {
    let rows = [(0, 60, true, 61, 0), (0, 90, false, 59, 0), (2, 7 * 1440, true, 120, 0)];
    let report = report(&rows);
    let table = [
        (
            "phone_silent",
            "8天内有6天无通话记录",
            "根据运营商通话详单数据，连续三天以上无通话记录1次：2026-06-18 - 2026-06-23，6天",
            2,
        ),
        (
            "contact_each_other",
            "数量稀少（10以内，不含10）",
            "互通过电话的号码有1个，比例为50%，其中未被标记号码1个，被标记号码0个",
            2,
        ),
        (
            "contact_110",
            "偶尔通话（3次以内，包括3次）",
            "与110电话通话1次；主叫1次共2分钟；被叫0次共0分钟",
            1,
        ),
        ("contact_loan", "无该类号码记录", "[总计]主叫0次共0分钟；被叫0次共0分钟；号码数0个", 1),
        (
            "phone_call",
            "数量稀少（10以内，不含10）",
            "[总计]号码数2个；主叫2次共3分钟；被叫1次共0分钟",
            2,
        ),
        (
            "contact_claimed",
            "与部分所填联系人有通话记录",
            "申请人填写联系人2个，其中有通话记录的1个",
            1,
        ),
    ];
    for (point, result, evidence, score) in table {
        let check = report.behavior_check.iter().find(|check| check.check_point == point);
        let check = check.expect(point);
        assert_eq!((check.result.as_str(), check.score), (result, score), "{point}");
        assert_eq!(check.evidence, evidence, "{point}");
    }
    let points = &report.application_check[2].check_points;
    assert_eq!(points["check_name"], "用户姓名与运营商提供的姓名[合**]匹配成功");
    assert_eq!(points["check_idcard"], "运营商未提供身份证号码");
    assert_eq!(report.contact_list[0].p_relation, "父母");
}

#[test]
fn a_bill_shows_in_its_month() {
    let mut data = data(&[]);
    let cycle = Day::parse("2026-05-01").expect("a day").shanghai_start();
    let bill = Bill {
        update_time: now(),
        bill_cycle: cycle,
        cell_phone: String::new(),
        total_amt: Fen(5_829),
        pay_amt: Fen(5_829),
        plan_amt: Fen(5_800),
    };
    data.transactions[0].transactions.push(bill);
    let report = serde_json::to_value(derived(&data));
    let report = report.expect("JSON");
    let month = &report["cell_behavior"][0]["behavior"][0];
    assert_eq!((&month["cell_mth"], &month["total_amount"]), (&"2026-05".into(), &58.29.into()));
    assert_eq!(report["report"]["status"], "正常");
}
