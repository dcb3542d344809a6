//! Decisions per second of the default policy on one thread, with their records' bytes and without,
//! and searches for the nearest change.

use std::hint::black_box;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use domain::policy::{DEFAULT, Inputs, Outcome, Policy, Value};
use domain::time::Timestamp;
use serde_json::json;

const NOW: Timestamp = Timestamp(1_795_219_200_000_000);
const MEASURED: Duration = Duration::from_secs(2);

fn main() -> io::Result<()> {
    let policy = Policy::read(DEFAULT).expect("the default policy is whole");
    // A synthetic applicant whom the policy approves.
    let inputs = Inputs::from_json(&json!({
        "identity": {
            "id_card_valid": true, "name_matches": true, "mobile_matches": true,
            "bank_card_matches": true, "age_years": 30, "region_mismatches": 0,
        },
        "device.persons_m3": 1, "blacklist.is_listed": false,
        "lenders": {"d7": 0, "d30": 1, "d90": 3},
        "calls": {"collection_d90": 0, "night_share": 0.05, "numbers": 80},
        "mobile.months_in_use": 40,
        "loans": {"overdue_days_now": 0, "overdue_months_24": 0},
        "cards.utilisation": 0.3, "income.monthly": 12000, "debt.monthly": 1500,
        "loan": {"amount": 20000, "months": 12}, "model.score": 680,
    }));
    let decision = policy.decide(&inputs, NOW);
    assert_eq!(decision.outcome, Outcome::Approve);
    let bytes = decision.to_bytes().len();
    writeln!(io::stdout(), "steps {}, record {bytes} bytes", decision.steps)?;
    report("read (policies)", || _ = black_box(Policy::read(black_box(DEFAULT))))?;
    report("decide", || _ = black_box(policy.decide(black_box(&inputs), NOW)))?;
    report("decide, record", || _ = black_box(policy.decide(black_box(&inputs), NOW).to_bytes()))?;
    let low = inputs.clone().with("model.score", Value::Number(590.into()));
    report("nearest, one field", || {
        _ = black_box(policy.nearest(black_box(&low), NOW, &|_| None));
    })?;
    let lost = inputs.with("blacklist.is_listed", Value::Boolean(true));
    report("nearest, none there", || {
        _ = black_box(policy.nearest(black_box(&lost), NOW, &|_| None));
    })
}

fn report(name: &str, mut once: impl FnMut()) -> io::Result<()> {
    let begin = now();
    let mut count = 0_u64;
    while begin.elapsed() < MEASURED {
        once();
        count += 1;
    }
    writeln!(io::stdout(), "{name}: {:.0}/s", count as f64 / begin.elapsed().as_secs_f64())
}

#[expect(clippy::disallowed_methods, reason = "an example that measures")]
fn now() -> Instant {
    Instant::now()
}
