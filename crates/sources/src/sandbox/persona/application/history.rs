//! `zm_data`, `user_loan_orders` and `zfb_data`: how the persona paid until now.

use domain::dataset::{Fen, local_text};
use domain::time::{Span, Timestamp};
use serde_json::{Value, json};

use super::Persona;

/// From this risk on, the industries' watch list knows the persona.
const WATCHED_RISK: f64 = 0.85;

pub(super) fn zhima(persona: &Persona) -> Value {
    let watch_info = if persona.risk("watch") > WATCHED_RISK {
        json!([{ "biz_code": "AA", "level": 1, "code": "AA001" }])
    } else {
        json!([])
    };
    let score = 800.0 - 350.0 * persona.risk("zhima");
    json!({ "zm_score": score as u32, "watch_info": watch_info })
}

/// Loans before this one; the worse the risk, the more, and the later they were paid back.
pub(super) fn loans(persona: &Persona, now: Timestamp) -> Value {
    let risk = persona.risk("loans");
    let mut draws = persona.draws("earlier loans", 0);
    let loan = |at: u32| {
        let amount = (5 + draws.below(15)) * 10_000;
        let ordered = now - Span::days(60 + 45 * i64::from(at));
        let (lot, late) = (draws.unit(), draws.below(60) as i64);
        let order_time = local_text(ordered);
        if lot < 0.3 * risk * risk {
            return json!({
                "amount": amount, "state": 2, "order_time": order_time,
                "overdue_day": 1 + late, "repayment_time": 0,
            });
        }
        let late = if lot < 0.6 * risk { late / 6 } else { 0 };
        json!({
            "amount": amount, "state": 0, "order_time": order_time, "overdue_day": late,
            "repayment_time": local_text(ordered + Span::days(14 + late)),
        })
    };
    (0..=(risk * 6.0) as u32).map(loan).collect()
}

/// The account, with `deals` of the last three months.
pub(super) fn alipay(persona: &Persona, deals: usize, now: Timestamp) -> Value {
    let mut draws = persona.draws("alipay", 0);
    let salary = persona.work.salary.unwrap_or(Fen(100_000));
    // 元 with two decimals.
    let part = |share: f64| Fen((salary.0 as f64 * share) as i64).to_string();
    let used = (0.1 + 0.9 * persona.risk("alipay")).min(1.0);
    let (line, saved) = (0.3 + persona.quality, 4.0 * persona.quality * persona.quality);
    let person = &persona.person;
    let deal = |at: usize| {
        let time = now - Span::minutes(90 * 24 * 60 / deals as i64 * at as i64);
        let shop = draws.pick(&["合成外卖", "合成超市", "合成出行", "合成商城", "合成电影"]);
        json!({
            "deal_time": local_text(time), "deal_amount": part(-draws.between(0.000_5, 0.03)),
            "trade_no": format!("synthetic-{at:06}"), "order_no": format!("T{at:08}"),
            "log_no": format!("L{at:08}"), "name": shop, "status": 1, "other_party": shop,
        })
    };
    let deals: Vec<Value> = (0..deals).map(deal).collect();
    let friends =
        (0..10).map(|at| json!({ "name": format!("合成{at}"), "account": "12*******00" }));
    json!({
        "real_name": person.name.masked(), "real_name_status": "已认证",
        "email": "synthetic@example.invalid", "mobile": person.mobile.masked(),
        "taobao_name": "合成会员", "create_time": local_text(now),
        "register_time": local_text(now - Span::days(700 + (persona.quality * 2_000.0) as i64)),
        "ants_lines": {
            "ants_lines_total": part(line), "ants_lines_usable": part(line * (1.0 - used)),
            "ants_arrears": part(line * used),
        },
        "wealth": part(saved), "balance": part(saved * 0.1), "balance_bao": part(saved * 0.6),
        "fortune_bao": "0.00", "deposit_bao": "0.00", "taobao_financial": "0.00",
        "fund": part(saved * 0.3), "bank_cards": [],
        "friends_contact": friends.collect::<Vec<_>>(),
        "trade_contact": [{ "name": "合成超市", "account": "shop@example.invalid" }],
        "deal_record": deals,
    })
}
