//! What the sandbox's carrier has on a persona's number: calls, messages, data, bills, from the
//! first day of the month five months ago until now. Each month's bill is the tariff and what the
//! rows of that month cost.

mod calls;

use domain::dataset::telecom::{Basic, Bill, Call, Line, Net, Sms, SmsDirection, TelecomData};
use domain::dataset::{Fen, Month};
use domain::time::{Day, Span, Timestamp};

use super::acquaintances::{self, Acquaintance};
use super::{Persona, Stream};

/// Months of data, the current one included.
pub(super) const MONTHS: i32 = 6;

/// A tariff: what a month costs, minutes of outgoing calls that it holds, and each further minute.
#[derive(Clone, Copy)]
struct Tariff {
    monthly: Fen,
    minutes: u32,
    further_minute: Fen,
}

const TARIFFS: [Tariff; 5] = [
    Tariff { monthly: Fen(1_900), minutes: 0, further_minute: Fen(10) },
    Tariff { monthly: Fen(3_800), minutes: 50, further_minute: Fen(19) },
    Tariff { monthly: Fen(5_800), minutes: 100, further_minute: Fen(19) },
    Tariff { monthly: Fen(8_800), minutes: 300, further_minute: Fen(15) },
    Tariff { monthly: Fen(12_800), minutes: 800, further_minute: Fen(15) },
];

/// A message beyond the tariff, and what is free.
const SMS_PRICE: Fen = Fen(10);

/// The number's data as of `now`; the contacts that the borrower named are among those called.
pub fn carrier_data(persona: &Persona, contacts: &[String], now: Timestamp) -> TelecomData {
    let mut known = acquaintances::named(persona.line_seed, persona.quality, contacts);
    known.extend(persona.acquaintances.iter().cloned());
    let this_month = Month::of(now.shanghai_day());
    let first = this_month.plus(1 - MONTHS);
    let mut line = empty_line(persona, now);
    for at in 0..MONTHS {
        let month = first.plus(at);
        let days = (month.first_day().0..month.plus(1).first_day().0).map(Day);
        let tariff = tariff(persona);
        let mut spoken_minutes = 0;
        let (mut calls, mut smses, mut nets) = (Vec::new(), Vec::new(), Vec::new());
        for day in days.take_while(|day| day.shanghai_start() <= now) {
            calls.extend(calls::on(persona, &known, day, now));
            smses.extend(messages(persona, &known, day, now));
            nets.push(volume(persona, day, now));
        }
        for call in &mut calls {
            call.subtotal = tariff.charge(call, &mut spoken_minutes);
        }
        let paid_on_top = calls.iter().map(|c| c.subtotal).chain(smses.iter().map(|s| s.subtotal));
        let total_amt = tariff.monthly + paid_on_top.sum();
        line.transactions.push(bill(persona, month, total_amt, now));
        line.calls.extend(calls);
        line.smses.extend(smses);
        line.nets.extend(nets);
    }
    TelecomData { transactions: [line] }
}

/// A number that the carrier knows and that was never used.
pub fn carrier_data_of_nobody(persona: &Persona, now: Timestamp) -> TelecomData {
    TelecomData { transactions: [empty_line(persona, now)] }
}

fn empty_line(persona: &Persona, now: Timestamp) -> Line {
    let mut draws = persona.line_draws("contract", 0);
    let months = 2.0 + 150.0 * (0.25 + 0.75 * persona.quality) * draws.unit();
    let registered = Day(20_089 - (months * 30.0) as i32).min(Day(now.shanghai_day().0 - 200));
    let (calls, smses, nets, transactions) = Default::default();
    Line {
        basic: Basic {
            update_time: now,
            cell_phone: persona.person.mobile.expose().to_owned(),
            real_name: persona.person.name.masked(),
            idcard: persona.person.id_card.masked(),
            reg_time: registered.shanghai_start(),
        },
        calls,
        smses,
        nets,
        transactions,
    }
}

fn tariff(persona: &Persona) -> Tariff {
    let mut draws = persona.line_draws("tariff", 0);
    let at = (persona.quality * 0.6 + draws.unit() * 0.4) * TARIFFS.len() as f64;
    TARIFFS[(at as usize).min(TARIFFS.len() - 1)]
}

impl Tariff {
    /// What a call costs after `spoken` minutes of the month: incoming ones nothing.
    fn charge(&self, call: &Call, spoken: &mut u32) -> Fen {
        if call.init_type == domain::dataset::telecom::Direction::In {
            return Fen(0);
        }
        let minutes = call.use_time.div_ceil(60);
        let before = spoken.saturating_sub(self.minutes);
        *spoken += minutes;
        let further = spoken.saturating_sub(self.minutes) - before;
        Fen(self.further_minute.0 * i64::from(further))
    }
}

/// Messages of a day: services and lenders write, the person seldom does.
fn messages(persona: &Persona, known: &[Acquaintance], day: Day, now: Timestamp) -> Vec<Sms> {
    let mut draws = persona.line_draws("messages", day.0);
    let count = draws.count(1.2 + persona.risk("messages"));
    let message = |_| {
        let is_sent = draws.chance(0.1);
        let writer = if is_sent { &known[0] } else { calls::weighted(known, &mut draws) };
        let at = day.shanghai_start() + Span::seconds(28_800 + draws.below(50_000) as i64);
        Sms {
            update_time: now,
            start_time: at,
            init_type: if is_sent { SmsDirection::Sent } else { SmsDirection::Received },
            place: persona.place_on(day).to_owned(),
            other_cell_phone: writer.number.clone(),
            cell_phone: persona.person.mobile.expose().to_owned(),
            subtotal: if is_sent { SMS_PRICE } else { Fen(0) },
        }
    };
    let mut messages: Vec<Sms> = (0..count).map(message).collect();
    messages.retain(|message| message.start_time <= now);
    messages.sort_by_key(|message| message.start_time);
    messages
}

/// The mobile data of a day in one row.
fn volume(persona: &Persona, day: Day, now: Timestamp) -> Net {
    let mut draws = persona.line_draws("volume", day.0);
    Net {
        update_time: now,
        start_time: day.shanghai_start(),
        use_time: 3_600 + draws.below(36_000) as u32,
        subflow: 20_000 + draws.below(900_000),
        net_type: draws.pick(&["4G", "5G"]).to_owned(),
        place: persona.place_on(day).to_owned(),
        cell_phone: persona.person.mobile.expose().to_owned(),
        subtotal: Fen(0),
    }
}

/// A bad risk leaves some bills unpaid; the running month is not due yet.
fn bill(persona: &Persona, month: Month, total_amt: Fen, now: Timestamp) -> Bill {
    let is_running = month == Month::of(now.shanghai_day());
    let mut draws = persona.line_draws("bill", month.first_day().0);
    let risk = persona.risk("bills");
    let is_paid = !is_running && !draws.chance(0.35 * risk * risk);
    Bill {
        update_time: now,
        bill_cycle: month.first_day().shanghai_start(),
        cell_phone: persona.person.mobile.expose().to_owned(),
        total_amt,
        pay_amt: if is_paid { total_amt } else { Fen(0) },
        plan_amt: tariff(persona).monthly,
    }
}
