//! `telecom_data`: the carrier's calls and messages, counted for each number.

use std::collections::BTreeMap;

use domain::dataset::telecom::{Bill, Call, Direction, Line, Sms, SmsDirection};
use domain::dataset::{Month, local_text};
use domain::time::{Span, Timestamp};
use serde_json::{Value, json};

use super::Rows;

/// What there was with one number.
#[derive(Default)]
struct Talks<'l> {
    calls: Vec<&'l Call>,
    messages: Vec<&'l Sms>,
}

pub(super) fn section(line: &Line, rows: Rows) -> Value {
    let bill = |bill: &Bill| {
        json!({
            "month": Month::of(bill.bill_cycle.shanghai_day()).to_string(),
            "amount": bill.total_amt.to_string(),
        })
    };
    json!({
        "real_name_status": 1, "real_name_time": local_text(line.basic.reg_time),
        "real_name_name": line.basic.real_name, "real_name_id_card": line.basic.idcard,
        "bill_list": line.transactions.iter().map(bill).collect::<Vec<_>>(),
        "contact_list": contacts(line, rows),
    })
}

/// A row for each number, those called most first; then rows of one call each, up to the least.
fn contacts(line: &Line, rows: Rows) -> Vec<Value> {
    let mut talks: BTreeMap<&str, Talks<'_>> = BTreeMap::new();
    for call in &line.calls {
        talks.entry(&call.other_cell_phone).or_default().calls.push(call);
    }
    for message in &line.smses {
        if let Some(talks) = talks.get_mut(message.other_cell_phone.as_str()) {
            talks.messages.push(message);
        }
    }
    let mut talks: Vec<_> = talks.into_iter().collect();
    talks.sort_by_key(|(_, talks)| std::cmp::Reverse(talks.calls.len()));
    let now = line.basic.update_time;
    let kept = talks.iter().take(rows.callers_max);
    let mut contacts: Vec<Value> =
        kept.map(|(number, talks)| contact(number, talks, now)).collect();
    // No province has the number 9x: none of them is an acquaintance's.
    let once = |at: usize| {
        let ago = Span::seconds(86_400 * 40 + at as i64 * 97 % 12_000_000);
        json!({
            "phone": format!("129{at:08}"), "last_contact_date": local_text(now - ago),
            "first_contact_date": local_text(now - ago),
            "talk_seconds": "30", "talk_cnt": "1", "call_seconds": "0", "call_cnt": "0",
            "called_seconds": "30", "called_cnt": "1", "contact_1w": 0, "contact_1m": 0,
        })
    };
    contacts.extend((contacts.len()..rows.call_contacts).map(once));
    contacts
}

fn contact(number: &str, talks: &Talks<'_>, now: Timestamp) -> Value {
    let seconds = |wanted: Direction| -> u32 {
        let calls = talks.calls.iter().filter(|call| call.init_type == wanted);
        calls.map(|call| call.use_time).sum()
    };
    let count = |wanted| talks.calls.iter().filter(|call| call.init_type == wanted).count();
    let times = || {
        let calls = talks.calls.iter().map(|call| call.start_time);
        calls.chain(talks.messages.iter().map(|message| message.start_time))
    };
    let within = |days| times().filter(|at| *at > now - Span::days(days)).count();
    let (out, incoming) = (seconds(Direction::Out), seconds(Direction::In));
    let is_sent = |message: &&&Sms| message.init_type == SmsDirection::Sent;
    let sent = talks.messages.iter().filter(is_sent).count();
    json!({
        "phone": number,
        "last_contact_date": times().max().map(local_text),
        "first_contact_date": times().min().map(local_text),
        // The document has texts here.
        "talk_seconds": (out + incoming).to_string(), "talk_cnt": talks.calls.len().to_string(),
        "call_seconds": out.to_string(), "call_cnt": count(Direction::Out).to_string(),
        "called_seconds": incoming.to_string(), "called_cnt": count(Direction::In).to_string(),
        "msg_cnt": talks.messages.len(), "send_cnt": sent,
        "receive_cnt": talks.messages.len() - sent, "unknown_cnt": 0,
        "contact_1w": within(7), "contact_1m": within(30),
    })
}
