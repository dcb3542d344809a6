//! The calls of one day.

use domain::dataset::Fen;
use domain::dataset::telecom::{Call, Direction};
use domain::report::numbers::Kind;
use domain::time::{Day, Span, Timestamp};

use super::{Acquaintance, Persona, Stream};

/// In order of time. Some days are silent, more of them with a bad risk, who also calls at night.
pub(super) fn on(persona: &Persona, known: &[Acquaintance], day: Day, now: Timestamp) -> Vec<Call> {
    let mut habits = persona.line_draws("habits", 0);
    let busy = habits.between(3.0, 8.0);
    let night = 0.01 + 0.16 * persona.risk("night") * habits.between(0.4, 1.6);
    let silent = 0.01 + 0.14 * persona.risk("silence") * habits.between(0.4, 1.6);
    let mut draws = persona.line_draws("calls", day.0);
    if draws.chance(silent) {
        return Vec::new();
    }
    let count = draws.count(busy);
    let one = |_| Call { update_time: now, ..call(persona, known, (day, night), &mut draws) };
    let mut calls: Vec<Call> = (0..count).map(one).collect();
    calls.retain(|call| call.start_time <= now);
    calls.sort_by_key(|call| call.start_time);
    calls
}

/// An acquaintance by weight.
pub(super) fn weighted<'k>(known: &'k [Acquaintance], draws: &mut Stream) -> &'k Acquaintance {
    let all: f64 = known.iter().map(|one| one.weight).sum();
    let mut left = draws.unit() * all;
    let found = known.iter().find(|one| {
        left -= one.weight;
        left < 0.0
    });
    found.unwrap_or(&known[0])
}

fn call(
    persona: &Persona,
    known: &[Acquaintance],
    (day, night): (Day, f64),
    draws: &mut Stream,
) -> Call {
    let peer = weighted(known, draws);
    let is_private = peer.kind == Kind::Unknown && peer.outgoing > 0.0;
    let second_of_day = if is_private && draws.chance(night) {
        // From 23:00 to 5:00.
        (82_800 + draws.below(21_600)) % 86_400
    } else {
        // From 7:30 to 22:30, most in the middle.
        27_000 + draws.below(27_000) + draws.below(27_000)
    };
    let place = persona.place_on(day);
    Call {
        update_time: day.shanghai_start(),
        start_time: day.shanghai_start() + Span::seconds(second_of_day as i64),
        init_type: if draws.chance(peer.outgoing) { Direction::Out } else { Direction::In },
        use_time: 5 + draws.count(peer.seconds),
        place: place.to_owned(),
        other_cell_phone: peer.number.clone(),
        cell_phone: persona.person.mobile.expose().to_owned(),
        subtotal: Fen(0),
        call_type: if place == persona.city { "本地" } else { "国内漫游" }.to_owned(),
    }
}
